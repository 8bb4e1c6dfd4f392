//! Which of many strategies is best, with as few replications as it takes.

use crate::compare::pairs::{Margin, MetricMargin, margin_of};
use crate::experiment::{Design, run_slice};
use crate::measure::{CONFIDENCE, ReplicationMetrics, metrics};
use crate::scenario::{Figure, Scenario};
use crate::stats::{FIRST_STAGE, Running, Selected, select};

/// Replications that are simulated at once. They are looked at one by one, so this shows nowhere
/// but in the work that is done for nothing.
const SLICE: u32 = 50;

/// How a selection among strategies went.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    /// By which metric.
    pub metric: Figure,
    /// A difference that does not matter.
    pub margin: MetricMargin,
    /// Who is left, and when the others went out; places are those of the design.
    pub selected: Selected,
    /// For each strategy, in how many of its replications the time never came and counts as the
    /// horizon.
    pub never: Vec<usize>,
}

/// Selects the best strategies of a design with at most its replications; see [`select`].
///
/// The metric is the 95 % quantile over sites of recovery time, where a time that never comes
/// counts as the horizon, for a mean has to be finite; and the hours without a site where a
/// guardrail may spare sites under one of the strategies.
///
/// `progress` is called once for every replication that is done, from any thread.
pub fn select_best(
    scenario: &Scenario,
    design: &Design,
    margin: Margin,
    progress: &(dyn Fn() + Sync),
) -> Selection {
    let spares = |it: &crate::ids::StrategyId| scenario.strategies[*it].guardrails.may_spare();
    let metric =
        if design.strategies.iter().any(spares) { Figure::SiteHoursLost } else { Figure::RtaP95 };
    let horizon = scenario.experiment.horizon.as_millis() as f64;
    let count = design.strategies.len();
    let mut seen: Vec<Vec<f64>> = vec![Vec::new(); count];
    let more = |own: usize, seen: &mut Vec<Vec<f64>>| {
        let one = Design { strategies: vec![design.strategies[own]], ..design.clone() };
        let start = u32::try_from(seen[own].len()).expect("a design counts in 32 bits");
        let end = design.replications.min(start + SLICE);
        let results = run_slice(scenario, &one, start..end, progress);
        let figures = metrics(scenario, &results, &results.strategies[0]);
        let number =
            |it: &ReplicationMetrics| it.figures.of(metric).plain().expect("every exercise has it");
        seen[own].extend(figures.iter().map(number));
        results
    };
    let mut first = None;
    for own in 0..count {
        first = Some(more(own, &mut seen));
    }
    let first = first.expect("a selection has a strategy");
    let capped = |it: f64| if it.is_finite() { it } else { horizon };
    let stage = |values: &Vec<f64>| {
        Running::of(values.iter().take(FIRST_STAGE).map(|it| capped(*it))).mean()
    };
    let least = seen.iter().map(stage).fold(f64::INFINITY, f64::min);
    let mut margin = margin_of(scenario, &first, metric, margin, least);
    // A difference of less than a millisecond cannot be seen.
    margin.value = margin.value.max(1.0);
    let most = design.replications as usize;
    let selected = select(count, CONFIDENCE, margin.value, most, |own, replication| {
        while seen[own].len() <= replication {
            more(own, &mut seen);
        }
        capped(seen[own][replication])
    });
    let took_part = |own: usize| selected.dropped_after[own].unwrap_or(selected.replications);
    let never = (0..count)
        .map(|own| seen[own][..took_part(own)].iter().filter(|it| !it.is_finite()).count());
    Selection { metric, margin, never: never.collect(), selected }
}
