//! The pictures of how the work went on under each strategy: what held it up, teams, batches, loads
//! and practice.

use crate::plot::frame::{Frame, NARROW, WIDE};
use crate::plot::picture::{Picture, PictureKind, file_stem};
use crate::plot::replayed::{self, Captions};
use crate::plot::series::{Series, StrategySeries};
use crate::plot::subtitle::{since, subtitle};
use crate::plot::{bottlenecks as held, gantt, heat, load, practice};
use crate::report::View;
use crate::report::run::sentences::heading;
use crate::report::run::view::StrategyView;

/// A picture before it has a place among the others.
struct Draft {
    title: String,
    alt: String,
    wide: String,
    narrow: String,
}

/// Draws a picture in both widths, if there is one.
fn draft(
    title: String,
    alt: impl FnOnce() -> String,
    svg: impl Fn(&str, &'static Frame) -> Option<String>,
) -> Option<Draft> {
    let (wide, narrow) = (svg(&title, &WIDE)?, svg(&title, &NARROW)?);
    Some(Draft { alt: alt(), title, wide, narrow })
}

/// Draws one kind of picture of a strategy, if there is something to see.
fn drawn(
    kind: PictureKind,
    view: &View,
    strategy: &StrategyView,
    series: &StrategySeries,
) -> Option<Draft> {
    let under = heading(&strategy.name, &strategy.title);
    let name = strategy.name.as_str();
    let captions = |above| Captions { above, since: since(view.incident.kind) };
    let of_all = captions(subtitle(view));
    let replay = replayed::middle(series);
    let of_one = captions(replay.map(|it| replayed::subtitle(view, it)).unwrap_or_default());
    match kind {
        PictureKind::Bottlenecks => {
            let it = strategy.bottlenecks.as_ref()?;
            draft(
                format!("What holds the recovery up under {under}"),
                || held::alt(name, it),
                |title, frame| Some(held::svg(title, &of_all.above, it, frame)),
            )
        }
        PictureKind::Teams => draft(
            format!("Teams at work and what waits for them under {under}"),
            || replay.map(|it| heat::alt(name, it)).unwrap_or_default(),
            |title, frame| heat::svg(title, &of_one, replay?, frame),
        ),
        PictureKind::Batches => draft(
            format!("One exercise batch by batch under {under}"),
            || replay.map(|it| gantt::alt(name, it)).unwrap_or_default(),
            |title, frame| gantt::svg(title, &of_one, replay?, frame),
        ),
        PictureKind::Load => draft(
            format!("Batches, limits and loads in use under {under}"),
            || replay.map(|it| load::alt(name, it)).unwrap_or_default(),
            |title, frame| load::svg(title, &of_one, replay?, frame),
        ),
        PictureKind::Progress => draft(
            format!("Rework, practice and automation under {under}"),
            || practice::alt(name, &series.progress),
            |title, frame| practice::svg(title, &of_all, &series.progress, frame),
        ),
        _ => None,
    }
}

/// Adds the pictures of all strategies, strategy by strategy within each kind.
pub(crate) fn add(view: &View, series: &Series, pictures: &mut Vec<Picture>) {
    let kinds = [
        (PictureKind::Bottlenecks, "held-up"),
        (PictureKind::Teams, "teams"),
        (PictureKind::Batches, "batches"),
        (PictureKind::Load, "load"),
        (PictureKind::Progress, "progress"),
    ];
    for (kind, stem) in kinds {
        let each = view.strategies.iter().zip(&series.strategies).enumerate();
        for (place, (strategy, it)) in each {
            let Some(drawn) = drawn(kind, view, strategy, it) else { continue };
            let Draft { title, alt, wide, narrow } = drawn;
            let name = file_stem(stem, &strategy.name, pictures);
            pictures.push(Picture { name, kind, strategy: Some(place), title, alt, wide, narrow });
        }
    }
}
