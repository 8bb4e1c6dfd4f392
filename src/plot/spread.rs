//! The distributions of recovery time and of data lost, over all sites of all exercises.

use crate::measure::{Cumulative, Distributions, Quantiles, TierTimes};
use crate::plot::alt;
use crate::plot::axis::{TimeSpan, beyond, longest};
use crate::plot::chart::{Chart, Line};
use crate::plot::ink::INKS;
use crate::plot::pen::{DASHED, MARKS};
use crate::plot::picture::{Picture, PictureKind, file_stem, picture};
use crate::plot::series::Series;
use crate::plot::subtitle::{has, objectives, subtitle};
use crate::report::View;
use crate::report::run::sentences::heading;
use crate::report::run::view::TierView;
use crate::report::words::{length, plain};
use crate::scenario::RpoAt;
use crate::units::{MINUTE, SimDuration};

/// On an axis that must show lengths this many times as long as others, an even scale hides the
/// short ones.
const LOGARITHMIC_FROM: f64 = 40.0;

/// The lines of strategies after the first, in their order: where one lies upon another, both are
/// seen.
const DASHES: [(u32, u32); 3] = [(9, 4), (4, 3), (14, 4)];

/// The shares of sites at which recovery times are read.
const LEVELS: [(f64, &str); 3] = [(0.5, "P50"), (0.8, "P80"), (0.95, "P95")];

const REMARK: &str = "All deleted sites of all exercises together; a line that ends below \
                            100% leaves sites that never came back.";

/// The distributions: recovery times of all strategies, and of the tiers under each; data lost, and
/// how far stores are apart.
pub(crate) fn add(view: &View, series: &Series, pictures: &mut Vec<Picture>) {
    let alt = alt::distributions("recovery time of a site", view, |it| &it.rta, series);
    pictures.push(picture("rta".to_owned(), PictureKind::Rta, None, alt, &rta(view, series)));
    for (place, (strategy, it)) in view.strategies.iter().zip(&series.strategies).enumerate() {
        if it.distributions.tiers.is_empty() {
            continue;
        }
        let name = file_stem("rta-by-tier", &strategy.name, pictures);
        let heading = heading(&strategy.name, &strategy.title);
        let chart = rta_by_tier(view, &heading, &it.distributions.tiers);
        let alt = alt::tiers(strategy, &it.distributions.tiers);
        pictures.push(picture(name, PictureKind::RtaByTier, Some(place), alt, &chart));
    }
    // What nobody knows of any strategy is no picture.
    if series.strategies.iter().any(|it| is_known(&it.distributions)) {
        let alt = match rpo_at(view) {
            RpoAt::HandOver => alt::losses(
                "data lost by a site at hand-over",
                view,
                |it| &it.rpa_at_hand_over,
                series,
            ),
            RpoAt::Repair => alt::losses(
                "data lost by a site after repair",
                view,
                |it| &it.rpa_after_repair,
                series,
            ),
        };
        pictures.push(picture("rpa".to_owned(), PictureKind::Rpa, None, alt, &rpa(view, series)));
    }
    let spreads =
        |cumulative: &Cumulative| cumulative.longest().is_some_and(|it| it > SimDuration::ZERO);
    if series.strategies.iter().any(|it| spreads(&it.distributions.inconsistency)) {
        let (name, kind) = ("inconsistency".to_owned(), PictureKind::Inconsistency);
        let what = "spread between the stores of a site";
        let alt = alt::losses(what, view, |it| &it.inconsistency, series);
        pictures.push(picture(name, kind, None, alt, &inconsistency(view, series)));
    }
}

/// An axis for these distributions and objectives: even where one can read all of them on it.
fn axis_for(all: &[&Cumulative], objectives: &[(SimDuration, String)]) -> TimeSpan {
    let objectives = || objectives.iter().map(|it| it.0);
    let long = longest(all.iter().filter_map(|it| it.longest()).chain(objectives()));
    // An axis on which nothing is has some length too.
    let long = if long == SimDuration::ZERO { SimDuration::from_millis(MINUTE) } else { long };
    // The tail of a distribution may be one site in a million; what nearly all do must be legible,
    // and where that is nothing, what comes next.
    let some = |it: &SimDuration| *it > SimDuration::ZERO;
    let quantiles = |it: &&Cumulative| {
        let each = [0.05, 0.5, 0.8, 0.95].into_iter();
        each.filter_map(|p| it.quantile(p)).find(some)
    };
    let typical = all.iter().filter_map(quantiles);
    let short = typical.chain(objectives()).filter(some).min().unwrap_or(long);
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
    let first = all.iter().map(|it| it.steps.first().map_or(0.0, |it| it.1));
    let least = first.fold(1.0, f64::min);
    if least < 0.7 { 0 } else { ((least * 10.0) as u32 - 1).min(8) * 10 }
}

/// Line number `place` of `of`, a distribution.
fn cumulative_line(name: String, steps: &Cumulative, place: usize, shift: f64) -> Line {
    Line {
        name,
        figures: String::new(),
        points: steps.steps.clone(),
        steps: true,
        band: None,
        ink: INKS[place % INKS.len()],
        dash: place.checked_sub(1).map(|it| DASHES[it % DASHES.len()]),
        mark: MARKS[place % MARKS.len()],
        hollow: false,
        shift,
    }
}

/// "P50 5.1 d, P80 8.0 d, P95 never"
fn figures(quantiles: &Quantiles) -> String {
    let each = [quantiles.p50, quantiles.p80, quantiles.p95].into_iter().zip(LEVELS);
    let texts = each.map(|(at, (_, name))| match at {
        Some(at) => format!("{name} {}", length(at)),
        None => format!("{name} never"),
    });
    // A figure stays on one line with its name and its unit.
    texts.map(|it| it.replace(' ', "\u{a0}")).collect::<Vec<String>>().join(", ")
}

/// A chart of recovery times, with the objectives that hold for them.
fn times(view: &View, title: String, lines: Vec<Line>, all: &[&Cumulative]) -> Chart {
    let objectives = objectives(view, "RTO", |it| it.rto_s);
    let across = axis_for(all, &objectives);
    let from = match view.policy.as_ref().map(|it| it.clock.as_str()) {
        None | Some("deletion") => format!("its {}", view.incident.kind.words().event),
        Some(milestone) => format!("`{}`", plain(milestone)),
    };
    Chart {
        title,
        subtitle: subtitle(view),
        across_title: across.title(&format!("time from {from} until the site is back")),
        across,
        up_title: "share of sites back by then".to_owned(),
        floor: 0,
        lines,
        objectives,
        coverage: asked(view, |it| it.rto_s),
        levels: LEVELS.to_vec(),
        dots: Vec::new(),
        note: remark(view, across),
    }
}

/// The remark under a chart: that its lines are of all sites of all exercises, and what becomes of
/// those that are shorter than its axis.
fn remark(view: &View, across: TimeSpan) -> String {
    let remark = view.incident.kind.tell(REMARK);
    match across {
        TimeSpan::Linear { .. } => remark,
        TimeSpan::Logarithmic { .. } => {
            format!("{remark} What is shorter than the axis shows stands at its left edge.")
        }
    }
}

/// The share of sites of which the policy asks something of this kind.
fn asked(view: &View, of: fn(&TierView) -> Option<f64>) -> Option<f64> {
    view.policy.as_ref().filter(|it| has(it, of)).map(|it| it.coverage)
}

/// The distribution of recovery time actual.
fn rta(view: &View, series: &Series) -> Chart {
    let pooled = || series.strategies.iter().map(|it| &it.distributions);
    let each = view.strategies.iter().zip(pooled()).enumerate();
    let lines = each.map(|(place, (strategy, it))| {
        let name = heading(&strategy.name, &strategy.title);
        Line { figures: figures(&it.rta_at), ..cumulative_line(name, &it.rta, place, 0.0) }
    });
    let all: Vec<&Cumulative> = pooled().map(|it| &it.rta).collect();
    times(view, "Recovery time of a site (RTA)".to_owned(), lines.collect(), &all)
}

/// The distributions of recovery time actual of each tier under one strategy.
fn rta_by_tier(view: &View, heading: &str, tiers: &[TierTimes]) -> Chart {
    let lines = tiers.iter().enumerate().map(|(place, it)| {
        let line = cumulative_line(plain(&it.tier), &it.rta, place, 0.0);
        Line { figures: figures(&it.rta_at), ..line }
    });
    let all: Vec<&Cumulative> = tiers.iter().map(|it| &it.rta).collect();
    let title = format!("Recovery time by tier under {heading}");
    times(view, title, lines.collect(), &all)
}

/// The distribution of recovery point actual, at hand-over and after repair.
fn rpa(view: &View, series: &Series) -> Chart {
    let pooled: Vec<_> = series.strategies.iter().map(|it| &it.distributions).collect();
    let each = view.strategies.iter().zip(&pooled).enumerate();
    let lines = each.flat_map(|(place, (strategy, it))| {
        let name = plain(&strategy.name);
        let shift = |second: f64| (place as f64 + second) / pooled.len() as f64;
        if !is_known(it) {
            return Vec::new();
        }
        if it.rpa_at_hand_over == it.rpa_after_repair {
            let name = format!("{name}, at hand-over and after repair");
            return vec![cumulative_line(name, &it.rpa_after_repair, place, shift(0.5))];
        }
        let at_hand_over = format!("{name}, at hand-over");
        let after_repair = format!("{name}, after repair");
        let first = cumulative_line(at_hand_over, &it.rpa_at_hand_over, place, shift(0.25));
        let second = cumulative_line(after_repair, &it.rpa_after_repair, place, shift(0.75));
        vec![Line { dash: DASHED, hollow: true, ..first }, Line { dash: None, ..second }]
    });
    let all: Vec<&Cumulative> =
        pooled.iter().flat_map(|it| [&it.rpa_at_hand_over, &it.rpa_after_repair]).collect();
    let objectives = objectives(view, "RPO", |it| it.rpo_s);
    let across = axis_for(&all, &objectives);
    Chart {
        title: "Data lost by a site (RPA)".to_owned(),
        across_title: across
            .title(&view.incident.kind.tell("data lost, as time before the deletion")),
        objectives,
        coverage: asked(view, |it| it.rpo_s),
        note: about_losses(view, across),
        ..losses(view, across, lines.collect(), "lose at most this", floor_for(&all))
    }
}

/// The distribution of the spread between the stores of a site.
fn inconsistency(view: &View, series: &Series) -> Chart {
    let all: Vec<&Cumulative> =
        series.strategies.iter().map(|it| &it.distributions.inconsistency).collect();
    let each = view.strategies.iter().zip(&all).enumerate();
    let each = each.filter(|(_, (_, it))| !it.steps.is_empty());
    let lines = each.map(|(place, (strategy, it))| {
        let shift = (place as f64 + 0.5) / all.len() as f64;
        cumulative_line(heading(&strategy.name, &strategy.title), it, place, shift)
    });
    let across = axis_for(&all, &[]);
    Chart {
        title: "Inconsistency: how far the stores of a site are apart".to_owned(),
        across_title: across.title("from the oldest to the newest store, at hand-over"),
        ..losses(view, across, lines.collect(), "are apart by at most this", floor_for(&all))
    }
}

/// Whether anything is known of the data that is lost under a strategy.
fn is_known(distributions: &Distributions) -> bool {
    !distributions.rpa_at_hand_over.steps.is_empty()
        || !distributions.rpa_after_repair.steps.is_empty()
}

/// Which data loss objectives are about.
fn rpo_at(view: &View) -> RpoAt {
    view.policy.as_ref().map_or_else(RpoAt::default, |it| it.rpo_at)
}

/// What stands below lines of lost data: what they leave out, and which of them the RPO is about.
fn about_losses(view: &View, across: TimeSpan) -> String {
    let mut sentences = vec![remark(view, across)];
    if has_rpo(view) {
        sentences.push(match rpo_at(view) {
            RpoAt::HandOver => "The RPO is about the data at hand-over.".to_owned(),
            RpoAt::Repair => "The RPO is about the data after repair.".to_owned(),
        });
    }
    let unknown = view.strategies.iter().filter(|it| it.data_loss_unknown.is_some());
    let unknown: Vec<String> = unknown.map(|it| plain(&it.name)).collect();
    if !unknown.is_empty() {
        sentences.push(format!("Not known: {}.", unknown.join(", ")));
    }
    sentences.join(" ")
}

fn has_rpo(view: &View) -> bool {
    view.policy.as_ref().is_some_and(|policy| has(policy, |it| it.rpo_s))
}

/// A chart of data lost, upwards from a share in percent.
fn losses(view: &View, across: TimeSpan, lines: Vec<Line>, what: &str, floor: u32) -> Chart {
    Chart {
        title: String::new(),
        subtitle: subtitle(view),
        across,
        across_title: String::new(),
        up_title: match floor {
            0 => format!("share of sites that {what}"),
            percent => format!("share of sites that {what}, from {percent}%"),
        },
        floor,
        lines,
        objectives: Vec::new(),
        coverage: None,
        levels: Vec::new(),
        dots: Vec::new(),
        note: remark(view, across),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_of_shares_begins_where_there_is_something_to_see() {
        let of = |first: f64| Cumulative { steps: vec![(SimDuration::ZERO, first)] };
        assert_eq!(floor_for(&[&of(0.5), &of(0.9)]), 0);
        assert_eq!(floor_for(&[&of(0.936), &of(0.99)]), 80);
        assert_eq!(floor_for(&[&of(1.0)]), 80);
        assert_eq!(floor_for(&[&of(0.9), &Cumulative::default()]), 0);
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
