//! The report as one page: no network, no file beside it, and of the same bytes for the same
//! results.
//!
//! `page.html` arranges, `page.css` gives it its looks in light, dark and print, and `page.js` adds
//! what needs a script: the replay, tables that sort and filter, and why for each site.

use askama::Template;

use crate::page::embedded::embedded;
use crate::page::story::{StrategyStory, told};
use crate::plot::{Picture, PictureKind, Series, pictures, plot_css};
use crate::report::View;
use crate::report::run::view::StrategyView;
use crate::report::words::{count, plain};
use crate::scenario::IncidentKind;

#[derive(Template)]
#[template(path = "page.html", config = "src/page/askama.toml")]
struct Page<'a> {
    view: &'a View,
    title: String,
    subtitle: String,
    story: Vec<StrategyStory>,
    groups: Vec<Group>,
    strategies: Vec<Rows<'a>>,
    style: String,
    script: String,
    data: String,
}

/// The pictures of one chapter.
struct Group {
    id: &'static str,
    /// What it is called among the chapters.
    short: &'static str,
    title: &'static str,
    text: String,
    parts: Vec<Part>,
}

/// Pictures of all strategies, or of one; those of all but the first are folded away.
struct Part {
    title: String,
    folded: bool,
    pictures: Vec<Picture>,
}

/// The table of figures of one strategy.
struct Rows<'a> {
    name: String,
    open: bool,
    view: &'a StrategyView,
}

/// The page of a report.
///
/// Costs the drawing of every picture in two widths; its size is that of the pictures, and about
/// 100 bytes for each site, strategy and replay.
#[must_use]
pub fn html(view: &View, series: &Series) -> String {
    let strategies = view.strategies.iter().enumerate();
    let page = Page {
        view,
        title: plain(&view.scenario.title),
        subtitle: subtitle(view),
        story: told(view),
        groups: groups(view, pictures(view, series)),
        strategies: strategies
            .map(|(place, it)| Rows { name: plain(&it.name), open: place == 0, view: it })
            .collect(),
        style: format!("{}{}", include_str!("page.css"), plot_css()),
        script: script(view.incident.kind),
        data: script_text(&embedded(view, series)),
    };
    page.render().expect("a template writes to memory")
}

fn subtitle(view: &View) -> String {
    let n = view.experiment.replications;
    format!(
        "{}: {} simulated {}, seed {}, scenario {}, Blackstart {}",
        plain(&view.scenario.name),
        count(n),
        if n == 1 { "exercise" } else { "exercises" },
        view.experiment.seed,
        view.scenario.digest,
        view.program.version,
    )
}

/// What the script says of sites.
const LABELS: [&str; 3] = ["[\"not deleted (yet)\", ", "[\"deleted\", ", "or was not deleted."];

/// The script, with the words for this kind of incident.
fn script(kind: IncidentKind) -> String {
    let script = include_str!("page.js").to_owned();
    LABELS.iter().fold(script, |script, label| script.replace(label, &kind.tell(label)))
}

/// JSON that cannot end the script element that it stands in.
fn script_text(data: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(data).expect("plain data can be written");
    text.replace('<', "\\u003c")
}

/// The pictures by chapter and strategy, in the order in which one reads.
fn groups(view: &View, pictures: Vec<Picture>) -> Vec<Group> {
    let mut all: Vec<(usize, Picture)> = pictures
        .into_iter()
        .map(|it| {
            let chapter = CHAPTERS.iter().position(|chapter| chapter.4.contains(&it.kind));
            (chapter.expect("every kind of picture has its chapter"), it)
        })
        .collect();
    let mut groups = Vec::new();
    for (chapter, (id, short, title, text, _)) in CHAPTERS.iter().enumerate() {
        let (own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.0 == chapter);
        all = others;
        let parts = parts(view, own.into_iter().map(|it| it.1).collect());
        if !parts.is_empty() {
            let text = view.incident.kind.tell(text);
            groups.push(Group { id, short, title, text, parts });
        }
    }
    groups
}

/// First what is about all strategies and about the first, then the others one by one.
fn parts(view: &View, pictures: Vec<Picture>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for picture in pictures {
        let strategy = picture.strategy.filter(|it| *it > 0);
        let title = strategy.map_or_else(String::new, |it| plain(&view.strategies[it].name));
        let folded = strategy.is_some();
        match parts.iter_mut().find(|it| it.folded == folded && it.title == title) {
            Some(part) => part.pictures.push(picture),
            None => parts.push(Part { title, folded, pictures: vec![picture] }),
        }
    }
    parts.sort_by_key(|it| it.folded);
    parts
}

/// The chapters with pictures: identifier, short name, title, what one sees there, and the kinds of
/// pictures.
type Chapter = (&'static str, &'static str, &'static str, &'static str, &'static [PictureKind]);
const CHAPTERS: [Chapter; 6] = [
    (
        "recovery",
        "Recovery",
        "When are they back?",
        "A line is what the exercises did in the middle; the shaded band holds 9 of 10 of them.",
        &[PictureKind::Recovery, PictureKind::Contact, PictureKind::Rta, PictureKind::RtaByTier],
    ),
    (
        "data-loss",
        "Data lost",
        "How much data is lost?",
        "Data lost is counted as time before the deletion: what was written in it is gone.",
        &[PictureKind::Rpa, PictureKind::Inconsistency],
    ),
    (
        "side-by-side",
        "Side by side",
        "Which strategy is best?",
        "Exercise by exercise, all strategies have their luck in common: what differs is what the \
         strategy changes.",
        &[PictureKind::Risk, PictureKind::Differences, PictureKind::Pareto],
    ),
    (
        "held-up",
        "Held up",
        "What holds the recovery up?",
        "Where the time went until 95% of the sites were back: into which work, and by whom.",
        &[PictureKind::Bottlenecks],
    ),
    (
        "work",
        "The work",
        "How did one exercise go?",
        "All of these show the exercise in the middle by when the last site was back.",
        &[PictureKind::Batches, PictureKind::Teams, PictureKind::Load],
    ),
    (
        "practice",
        "Rework",
        "What was done again, and what got faster?",
        "What failed and what that cost, what practice saved, and when machines took over.",
        &[PictureKind::Progress],
    ),
];
