//! The plots: recovery curves, customers reached, and the distributions of recovery time and of
//! data loss.
//!
//! Series come from `experiment`, charts are plain data, and only `canvas` knows how an SVG is
//! written.

mod axis;
mod canvas;
mod chart;
mod compared;
mod forest;
mod frame;
mod ink;
mod measure;
mod numbers;
mod overlay;
mod picture;
mod sheet;
mod thin;

pub(super) use compared::compared;
pub use ink::plot_css;
pub(super) use overlay::overlay;
pub use picture::{Picture, PictureKind};

use crate::experiment::{ContactCurve, Cumulative, RecoveryCurve};
use crate::report::plot::axis::TimeSpan;
use crate::report::plot::canvas::{MARKS, Mark};
use crate::report::plot::chart::{Chart, Line, svg};
use crate::report::plot::frame::{NARROW, WIDE};
use crate::report::plot::ink::{BLUE, INKS, ORANGE};
use crate::report::sentences::heading;
use crate::report::series::Series;
use crate::report::view::{ExperimentView, ScenarioView, StrategyView, TierView, View};
use crate::report::words::{count, exact, plain};
use crate::units::SimDuration;

/// On an axis that must show lengths this many times as long as others, an even scale hides the
/// short ones.
const LOGARITHMIC_FROM: f64 = 40.0;

const DASHED: Option<(u32, u32)> = Some((10, 5));

/// What stands below an axis of instants.
const SINCE: &str = "time since the first deletion (T+0)";

/// All pictures of a report, in the order in which they are shown: those of one strategy, strategy
/// by strategy within each kind, then those of all.
#[must_use]
pub fn pictures(view: &View, series: &Series) -> Vec<Picture> {
    let mut pictures = Vec::new();
    let each = || view.strategies.iter().zip(&series.strategies).enumerate();
    for (place, (strategy, it)) in each() {
        let title = format!("Recovery under {}", heading(&strategy.name, &strategy.title));
        let chart = recovery(view, title, &it.recovery);
        let name = file_stem("recovery", &strategy.name, &pictures);
        let alt = picture::recovery(strategy);
        pictures.push(picture(name, PictureKind::Recovery, Some(place), alt, &chart));
    }
    for (place, (strategy, it)) in each() {
        let Some(curve) = &it.contact else { continue };
        let title = format!("Customers reached under {}", heading(&strategy.name, &strategy.title));
        let chart = contact(view, strategy, title, curve);
        let name = file_stem("contact", &strategy.name, &pictures);
        let alt = picture::contact(strategy);
        pictures.push(picture(name, PictureKind::Contact, Some(place), alt, &chart));
    }
    let alt = picture::distributions("recovery time of a site", view, |it| &it.rta, series);
    pictures.push(picture("rta".to_owned(), PictureKind::Rta, None, alt, &rta(view, series)));
    let alt =
        picture::distributions("data lost by a site", view, |it| &it.rpa_after_repair, series);
    pictures.push(picture("rpa".to_owned(), PictureKind::Rpa, None, alt, &rpa(view, series)));
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
    let (wide, narrow) = (svg(chart, &WIDE), svg(chart, &NARROW));
    Picture { name, kind, strategy, title: chart.title.clone(), alt, wide, narrow }
}

/// The wide pictures with their file names.
pub(super) fn files(view: &View, series: &Series) -> Vec<(String, String)> {
    let named = |it: Picture| (format!("{}.svg", it.name), it.wide);
    pictures(view, series).into_iter().map(named).collect()
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

/// The share back over time under one strategy.
fn recovery(view: &View, title: String, curve: &RecoveryCurve) -> Chart {
    let mut objectives = objectives(view, "RTO", |it| it.rto_s);
    let clock = view.policy.as_ref().map(|it| it.clock.as_str());
    let milestone = view.incident.milestones.iter().find(|it| Some(it.name.as_str()) == clock);
    if let Some(start) = milestone.and_then(|it| it.reached.value) {
        for (length, label) in &mut objectives {
            *length = *length + SimDuration::from_millis((start * 1e3) as u64);
            *label += &format!(", from {} at its median", milestone.map_or("", |it| &it.name));
        }
    }
    let end = curve.at.last().map_or(SimDuration::ZERO, |it| it.since_start());
    let end = longest(objectives.iter().map(|it| beyond(it.0)).chain([end]));
    let across = TimeSpan::Linear { end };
    Chart {
        title,
        subtitle: subtitle(view),
        across_title: across.title(SINCE),
        across,
        up_title: "share restored".to_owned(),
        floor: 0,
        lines: shares_back(curve),
        objectives,
        coverage: view.policy.as_ref().filter(|it| has(it, |it| it.rto_s)).map(|it| it.coverage),
        dots: Vec::new(),
        note: String::new(),
    }
}

/// The shares of sites and of users back over time, each with its band.
fn shares_back(curve: &RecoveryCurve) -> Vec<Line> {
    let bands = [(Some(&curve.sites), "sites", false), (curve.users.as_ref(), "users", true)];
    let lines = bands.into_iter().filter_map(|(band, name, users)| {
        let band = band?;
        let at = curve.at.iter().map(|it| it.since_start());
        Some(Line {
            name: format!("{name}: median of exercises; shaded, 9 of 10 exercises at each moment"),
            points: at.zip(band.median.iter().copied()).collect(),
            steps: false,
            band: Some((band.low.clone(), band.high.clone())),
            ink: if users { ORANGE } else { BLUE },
            dash: if users { DASHED } else { None },
            mark: if users { Mark::Square } else { Mark::Disc },
            hollow: false,
            shift: if users { 0.75 } else { 0.25 },
        })
    });
    lines.collect()
}

/// The share of customers reached over time under one strategy.
fn contact(view: &View, strategy: &StrategyView, title: String, curve: &ContactCurve) -> Chart {
    let word = strategy.figures.iter().find(|it| it.name == "first_word");
    let word = word.and_then(|it| it.value).map(|it| SimDuration::from_millis((it * 1e3) as u64));
    let marks: Vec<(SimDuration, String)> =
        word.map(|at| (at, "first word, median".to_owned())).into_iter().collect();
    let end = curve.at.last().map_or(SimDuration::ZERO, |it| it.since_start());
    let end = longest(marks.iter().map(|it| beyond(it.0)).chain([end]));
    let across = TimeSpan::Linear { end };
    let band = &curve.customers;
    let at = curve.at.iter().map(|it| it.since_start());
    let line = Line {
        name: "customers: median of exercises; shaded, 9 of 10 exercises at each moment".to_owned(),
        points: at.zip(band.median.iter().copied()).collect(),
        steps: false,
        band: Some((band.low.clone(), band.high.clone())),
        ink: BLUE,
        dash: None,
        mark: Mark::Disc,
        hollow: false,
        shift: 0.25,
    };
    Chart {
        title,
        subtitle: subtitle(view),
        across_title: across.title(SINCE),
        across,
        up_title: "share of customers reached".to_owned(),
        floor: 0,
        lines: vec![line],
        objectives: marks,
        coverage: None,
        dots: Vec::new(),
        note: "Customers who own a deleted site; one is reached with the first of their sites."
            .to_owned(),
    }
}

fn has(policy: &crate::report::view::PolicyView, of: fn(&TierView) -> Option<f64>) -> bool {
    policy.tiers.iter().any(|it| of(it).is_some())
}

/// An axis for these distributions and objectives: even where one can read all of them on it.
fn axis_for(all: &[&Cumulative], objectives: &[(SimDuration, String)]) -> TimeSpan {
    let objectives = || objectives.iter().map(|it| it.0);
    let long = longest(all.iter().filter_map(|it| it.longest()).chain(objectives()));
    // The tail of a distribution may be one site in a million; what nearly all do must be legible.
    let typical = all.iter().filter_map(|it| it.quantile(0.05));
    let positive = typical.chain(objectives()).filter(|it| *it > SimDuration::ZERO);
    let short = positive.min().unwrap_or(long);
    let (long, short) = (beyond(long), SimDuration::from_millis(short.as_millis() / 2));
    if long.as_millis() as f64 / 2.0 > short.as_millis() as f64 * LOGARITHMIC_FROM {
        TimeSpan::Logarithmic { start: short, end: long }
    } else {
        TimeSpan::Linear { end: long }
    }
}

/// Where the upward axis begins, in percent. When most sites share the same small loss, the tail
/// is what matters, and an axis from zero would squeeze it into the upper edge.
fn floor_for(all: &[&Cumulative]) -> u32 {
    let first = all.iter().filter_map(|it| it.steps.first()).map(|it| it.1);
    let least = first.fold(1.0, f64::min);
    if least < 0.7 { 0 } else { ((least * 10.0) as u32 - 1).min(8) * 10 }
}

/// Line number `place` of `of`, a distribution.
fn cumulative_line(name: String, steps: &Cumulative, place: usize, shift: f64) -> Line {
    Line {
        name,
        points: steps.steps.clone(),
        steps: true,
        band: None,
        ink: INKS[place % INKS.len()],
        dash: None,
        mark: MARKS[place % MARKS.len()],
        hollow: false,
        shift,
    }
}

/// The distribution of recovery time actual.
fn rta(view: &View, series: &Series) -> Chart {
    let pooled: Vec<_> = series.strategies.iter().map(|it| &it.distributions).collect();
    let objectives = objectives(view, "RTO", |it| it.rto_s);
    let across = axis_for(&pooled.iter().map(|it| &it.rta).collect::<Vec<_>>(), &objectives);
    let each = view.strategies.iter().zip(&pooled).enumerate();
    let lines = each.map(|(place, (strategy, it))| {
        let shift = (place as f64 + 0.5) / pooled.len() as f64;
        cumulative_line(heading(&strategy.name, &strategy.title), &it.rta, place, shift)
    });
    let from = match view.policy.as_ref().map(|it| it.clock.as_str()) {
        None | Some("deletion") => "its deletion".to_owned(),
        Some(milestone) => format!("`{}`", plain(milestone)),
    };
    Chart {
        title: "Recovery time of a site (RTA)".to_owned(),
        subtitle: subtitle(view),
        across_title: across.title(&format!("time from {from} until the site is back")),
        across,
        up_title: "share of sites back by then".to_owned(),
        floor: 0,
        lines: lines.collect(),
        objectives,
        coverage: view.policy.as_ref().filter(|it| has(it, |it| it.rto_s)).map(|it| it.coverage),
        dots: Vec::new(),
        note: "All deleted sites of all exercises together; a line that ends below 100% leaves \
               sites that never came back."
            .to_owned(),
    }
}

/// The distribution of recovery point actual, at hand-over and after repair.
fn rpa(view: &View, series: &Series) -> Chart {
    let pooled: Vec<_> = series.strategies.iter().map(|it| &it.distributions).collect();
    let objectives = objectives(view, "RPO", |it| it.rpo_s);
    let all: Vec<&Cumulative> =
        pooled.iter().flat_map(|it| [&it.rpa_at_hand_over, &it.rpa_after_repair]).collect();
    let across = axis_for(&all, &objectives);
    let floor = floor_for(&all);
    let each = view.strategies.iter().zip(&pooled).enumerate();
    let lines = each.flat_map(|(place, (strategy, it))| {
        let name = plain(&strategy.name);
        let shift = |second: f64| (place as f64 + second) / pooled.len() as f64;
        let at_hand_over = format!("at hand-over, {name}");
        let after_repair = format!("after repair, {name}");
        let first = cumulative_line(at_hand_over, &it.rpa_at_hand_over, place, shift(0.25));
        let second = cumulative_line(after_repair, &it.rpa_after_repair, place, shift(0.75));
        [Line { dash: DASHED, hollow: true, ..first }, second]
    });
    Chart {
        title: "Data lost by a site (RPA)".to_owned(),
        subtitle: subtitle(view),
        across_title: across.title("data lost, as time before the deletion"),
        across,
        up_title: match floor {
            0 => "share of sites that lose at most this".to_owned(),
            percent => format!("share of sites that lose at most this, from {percent}%"),
        },
        floor,
        lines: lines.collect(),
        objectives,
        coverage: view.policy.as_ref().filter(|it| has(it, |it| it.rpo_s)).map(|it| it.coverage),
        dots: Vec::new(),
        note: "All deleted sites of all exercises together; a line that ends below 100% leaves \
               sites that never came back."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_has_a_file_of_its_own() {
        let used = [Picture {
            name: "recovery-a_b".to_owned(),
            kind: PictureKind::Recovery,
            strategy: None,
            title: String::new(),
            alt: String::new(),
            wide: String::new(),
            narrow: String::new(),
        }];
        assert_eq!(file_stem("recovery", "a/b", &used), "recovery-a_b-2");
        assert_eq!(file_stem("recovery", "A b", &used), "recovery-A_b-2");
        assert_eq!(file_stem("recovery", "manual-first", &used), "recovery-manual-first");
    }

    #[test]
    fn the_axis_of_shares_begins_where_there_is_something_to_see() {
        let of = |first: f64| Cumulative { steps: vec![(SimDuration::ZERO, first)] };
        assert_eq!(floor_for(&[&of(0.5), &of(0.9)]), 0);
        assert_eq!(floor_for(&[&of(0.936), &of(0.99)]), 80);
        assert_eq!(floor_for(&[&of(1.0)]), 80);
        assert_eq!(floor_for(&[&Cumulative::default()]), 80);
        assert_eq!(floor_for(&[&of(0.75)]), 60);
    }

    #[test]
    fn an_axis_is_logarithmic_only_where_an_even_one_hides_something() {
        let of = |hours: &[u64]| {
            let values: Vec<SimDuration> =
                hours.iter().map(|it| SimDuration::from_hours(*it)).collect();
            Cumulative::of(values.clone(), values.len())
        };
        let (close, far) = (of(&[100, 200, 300]), of(&[1, 200, 300]));
        assert_eq!(axis_for(&[&close], &[]).unit().map(|it| it.0), Some("days"));
        assert_eq!(axis_for(&[&far], &[]).unit(), None);
    }
}
