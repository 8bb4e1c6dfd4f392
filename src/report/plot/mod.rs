//! The pictures: recovery curves, customers reached, the distributions of recovery time and of data
//! loss, and strategies side by side.
//!
//! Series come from `experiment`, charts are plain data, and only `canvas` knows how an SVG is
//! written.

mod alt;
mod axis;
mod bars;
mod canvas;
mod chart;
mod compared;
mod curves;
mod forest;
mod frame;
mod gantt;
mod heat;
mod held;
mod ink;
mod load;
mod measure;
mod numbers;
mod overlay;
mod pareto;
mod picture;
#[cfg(feature = "png")]
mod png;
mod practice;
mod replayed;
mod sheet;
mod spread;
mod strips;
mod thin;
mod work;

#[cfg(test)]
mod tests;

pub(super) use compared::compared;
pub use ink::plot_css;
pub(super) use overlay::overlay;
pub use picture::{Picture, PictureKind};

use crate::report::about::{ExperimentView, ScenarioView};
use crate::report::plot::chart::{Chart, svg};
use crate::report::plot::frame::{Frame, NARROW, WIDE};
use crate::report::series::Series;
use crate::report::view::{PolicyView, TierView, View};
use crate::report::words::{count, exact, plain};
use crate::scenario::IncidentKind;
use crate::units::SimDuration;

const DASHED: Option<(u32, u32)> = Some((10, 5));

/// What stands below an axis of instants.
fn since(kind: IncidentKind) -> String {
    format!("time since the first {} (T+0)", kind.words().event)
}

/// All pictures of a report, in the order in which they are shown: kind by kind, and within a kind
/// strategy by strategy.
#[must_use]
pub fn pictures(view: &View, series: &Series) -> Vec<Picture> {
    let mut pictures = Vec::new();
    curves::add(view, series, &mut pictures);
    spread::add(view, series, &mut pictures);
    compared::add(view, series, &mut pictures);
    work::add(view, series, &mut pictures);
    pictures
}

/// A chart in both widths.
fn picture(
    name: String,
    kind: PictureKind,
    strategy: Option<usize>,
    alt: String,
    chart: &Chart,
) -> Picture {
    drawn(name, kind, strategy, (chart.title.clone(), alt), |frame| svg(chart, frame))
}

/// Whatever `draw` draws, in both widths, with its title and what it shows in words.
fn drawn(
    name: String,
    kind: PictureKind,
    strategy: Option<usize>,
    (title, alt): (String, String),
    draw: impl Fn(&'static Frame) -> String,
) -> Picture {
    Picture { name, kind, strategy, title, alt, wide: draw(&WIDE), narrow: draw(&NARROW) }
}

/// The wide pictures with their file names.
pub(super) fn files(view: &View, series: &Series) -> Vec<(String, String)> {
    let named = |it: Picture| (format!("{}.svg", it.name), it.wide);
    pictures(view, series).into_iter().map(named).collect()
}

/// Whether this program can draw PNG.
pub const DRAWS_PNG: bool = cfg!(feature = "png");

/// The files of a folder, every plot beside its PNG; as they are where this program cannot draw
/// any (see [`DRAWS_PNG`]).
#[must_use]
pub fn with_png(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    #[cfg(feature = "png")]
    {
        let painter = png::Painter::new();
        let beside = |(name, bytes): (String, Vec<u8>)| {
            let stem = name.strip_prefix("plots/").and_then(|it| it.strip_suffix(".svg"));
            let svg = std::str::from_utf8(&bytes).ok();
            let drawn = stem.zip(svg);
            let drawn = drawn.map(|(stem, svg)| (format!("plots/{stem}.png"), painter.png(svg)));
            std::iter::once((name, bytes.clone())).chain(drawn)
        };
        files.into_iter().flat_map(beside).collect()
    }
    #[cfg(not(feature = "png"))]
    files
}

/// `KIND-NAME`, with letters that every file system takes and unlike the names in use.
fn file_stem(kind: &str, strategy: &str, used: &[Picture]) -> String {
    let letter = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let stem: String = strategy.chars().take(80).map(letter).collect();
    let taken = |name: &String| used.iter().any(|it| it.name.to_lowercase() == name.to_lowercase());
    let numbered = (2..).map(|it| format!("{kind}-{stem}-{it}"));
    let mut names = std::iter::once(format!("{kind}-{stem}")).chain(numbered);
    names.find(|name| !taken(name)).expect("there is always another number")
}

fn subtitle(view: &View) -> String {
    subtitle_of(&view.scenario, &view.experiment)
}

/// Which scenario, how often, and from which seed.
fn subtitle_of(scenario: &ScenarioView, experiment: &ExperimentView) -> String {
    let n = experiment.replications;
    format!(
        "{}: {} simulated {}, seed {}, scenario {}",
        plain(&scenario.name),
        count(n),
        if n == 1 { "exercise" } else { "exercises" },
        experiment.seed,
        scenario.digest,
    )
}

/// The distinct objectives of one kind with their labels, the shortest first.
fn objectives(
    view: &View,
    word: &str,
    of: fn(&TierView) -> Option<f64>,
) -> Vec<(SimDuration, String)> {
    let tiers = view.policy.as_ref().map_or(&[][..], |it| &it.tiers);
    let mut lengths: Vec<SimDuration> =
        tiers.iter().filter_map(of).map(|it| SimDuration::from_millis((it * 1e3) as u64)).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let asked = |length: &SimDuration| {
        let has = |it: &&TierView| of(it) == Some(length.as_millis() as f64 / 1e3);
        let names: Vec<&str> = tiers.iter().filter(has).map(|it| it.tier.as_str()).collect();
        names.join(", ")
    };
    let alone = lengths.len() == 1;
    let label = |length: SimDuration| {
        let whose = if alone { String::new() } else { format!(" for {}", asked(&length)) };
        (length, format!("{word} {}{whose}", exact(length)))
    };
    lengths.iter().map(|it| label(*it)).collect()
}

fn longest(lengths: impl IntoIterator<Item = SimDuration>) -> SimDuration {
    lengths.into_iter().max().unwrap_or_default()
}

/// A little more than a length, so that a line there is not the edge.
fn beyond(length: SimDuration) -> SimDuration {
    SimDuration::from_millis(length.as_millis() / 20 * 21)
}

fn has(policy: &PolicyView, of: fn(&TierView) -> Option<f64>) -> bool {
    policy.tiers.iter().any(|it| of(it).is_some())
}
