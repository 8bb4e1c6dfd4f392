//! From a comparison to its view.

use crate::compare::{
    AssuranceComparison, Compared, Deletions, MetricComparison, Paired, StrategyStanding,
};
use crate::experiment::Results;
use crate::report::about::{ExperimentView, experiment, program, scenario_view};
use crate::report::compare::sentences::{
    apart, deciding_sentence, margin_is, pair_sentence, scale, standing_words,
};
use crate::report::compare::view::{
    AssurancePairView, AssuranceStandingView, AssuranceView, CompareView, ComparisonView,
    DeletedView, MetricView, PairView, ParetoView, PooledView, SelectionView, StandingView,
};
use crate::report::figures::{self, Statistic, Unit, unit};
use crate::report::words::{
    amount, count, interval_of_mean, listed, machine, plain, share_between,
};
use crate::scenario::{Figure, IncidentKind, Scenario};
use crate::stats::Interval;
use crate::units::MILLIS_PER_SECOND;

/// The version of the form. It changes when a field changes its meaning or goes away, not when one
/// is added.
const FORMAT: u32 = 1;

/// Below this correlation common random numbers do not help.
const LITTLE_IN_COMMON: f64 = 0.3;

/// Everything that there is to say about `compared`, which is of `results`. `reproduce` is the
/// command that makes it again.
#[must_use]
pub fn compare_view(
    scenario: &Scenario,
    results: &Results,
    compared: &Compared,
    reproduce: &str,
) -> CompareView {
    let names: Vec<String> =
        results.strategies.iter().map(|it| scenario.strategies[it.strategy].name.clone()).collect();
    let experiment = experiment(scenario, results);
    let sentence =
        deciding_sentence(compared, &names, experiment.replications, scenario.experiment.horizon);
    let pair = |it: (usize, usize)| (names[it.0].clone(), names[it.1].clone());
    let pooled = compared.pooled.iter().map(|pooled| {
        let (first, second) = pair((pooled.first, pooled.second));
        let seconds = |it: f64| machine(it / MILLIS_PER_SECOND);
        PooledView {
            first,
            second,
            difference: pooled.difference.map(seconds),
            low: pooled.interval.map(|it| seconds(it.low)),
            high: pooled.interval.map(|it| seconds(it.high)),
        }
    });
    let pareto = names.iter().zip(&compared.dominated_by).map(|(name, by)| ParetoView {
        strategy: name.clone(),
        dominated_by: by.iter().map(|it| names[*it].clone()).collect(),
    });
    let metric = |it| metric_view(scenario, it, &names);
    let deleted = |(name, mean): (&String, &f64)| DeletedView {
        strategy: name.clone(),
        sites: machine(*mean),
    };
    let comparison = ComparisonView {
        pair_confidence: machine(compared.level),
        deletion_differs: compared.deletions.differ_in > 0,
        deleted: names.iter().zip(&compared.deletions.means).map(deleted).collect(),
        decides: compared.deciding().metric.name(scenario),
        metrics: compared.metrics.iter().map(metric).collect(),
        assurance: compared.assurance.as_ref().map(|it| assurance_view(it, &names)),
        pooled: pooled.collect(),
        pareto: pareto.collect(),
    };
    CompareView {
        format: FORMAT,
        program: program(),
        scenario: scenario_view(scenario),
        reproduce: reproduce.to_owned(),
        sentence,
        selection: None,
        warnings: warnings(compared, &names),
        notes: notes(compared, experiment.replications, &names, scenario.incident.kind),
        strategies: names,
        comparison: Some(comparison),
        experiment,
    }
}

/// The view of a selection, which is the same but for the comparison.
pub(crate) fn around_selection(
    scenario: &Scenario,
    mut experiment: ExperimentView,
    selection: SelectionView,
    strategies: Vec<String>,
    reproduce: &str,
) -> CompareView {
    experiment.replications = selection.most;
    CompareView {
        format: FORMAT,
        program: program(),
        scenario: scenario_view(scenario),
        experiment,
        reproduce: reproduce.to_owned(),
        sentence: selection.sentence.clone(),
        strategies,
        selection: Some(selection),
        comparison: None,
        warnings: Vec::new(),
        notes: vec![CAVEAT.to_owned()],
    }
}

const CAVEAT: &str =
    "The intervals cover sampling error of the simulation only, not error in the inputs.";

fn metric_view(scenario: &Scenario, comparison: &MetricComparison, names: &[String]) -> MetricView {
    let (name, figure) = (comparison.metric.name(scenario), comparison.metric.figure);
    let (unit, one) = unit(figure.kind());
    let standing = |(place, standing): (usize, &StrategyStanding)| StandingView {
        strategy: names[place].clone(),
        mean: mean_figure(&name, figure, standing),
        above_best_low: finite(standing.from_best.interval.low / one),
        above_best_high: finite(standing.from_best.interval.high / one),
        standing: standing.from_best.standing,
        equivalent: standing.equivalent,
        texts: texts(figure, standing),
    };
    let pairs = comparison.pairs.iter().map(|pair| {
        let paired = Paired { estimate: pair.difference, left_out: pair.left_out };
        let (first, second) = (&names[pair.first], &names[pair.second]);
        let n = pair.difference.map_or(0, |it| it.n) + pair.left_out;
        let share = pair.halves as f64 / 2.0 / n as f64;
        PairView {
            first: first.clone(),
            second: second.clone(),
            difference: figures::difference(&name, unit, &paired, one),
            first_less: figures::Figure {
                name: format!("{name}.less"),
                statistic: Statistic::Share,
                unit: Unit::Share,
                value: Some(machine(share)),
                low: Some(machine(pair.less.low)),
                high: Some(machine(pair.less.high)),
                p05: None,
                p95: None,
                n: n as u64,
                never: 0,
                iso8601: None,
            },
            correlation: pair.correlation.map(machine),
            sentence: pair_sentence(comparison, (pair.first, pair.second), names),
        }
    });
    MetricView {
        name: name.clone(),
        title: comparison.metric.title(scenario),
        main: figure.definition().compared,
        unit,
        margin: machine(comparison.margin.value / one),
        margin_is: margin_is(scenario, figure, &comparison.margin),
        known_after: comparison.known_after.map(|it| it as u64),
        strategies: comparison.strategies.iter().enumerate().map(standing).collect(),
        leader: names[comparison.leader].clone(),
        against_leader: (0..names.len())
            .filter(|own| *own != comparison.leader)
            .map(|own| pair_sentence(comparison, (own, comparison.leader), names))
            .collect(),
        pairs: pairs.collect(),
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then(|| machine(value))
}

fn mean_figure(name: &str, figure: Figure, standing: &StrategyStanding) -> figures::Figure {
    let (unit, one) = unit(figure.kind());
    let number = |it: f64| machine(it / one);
    let interval = standing.mean.and_then(|it| it.interval);
    let spread = standing.mean.and_then(|it| it.spread);
    figures::Figure {
        name: name.to_owned(),
        statistic: Statistic::Mean,
        unit,
        value: standing.mean.map(|it| number(it.mean)),
        low: interval.map(|it| number(it.low)),
        high: interval.map(|it| number(it.high)),
        p05: spread.map(|it| number(it.low)),
        p95: spread.map(|it| number(it.high)),
        n: standing.mean.map_or(0, |it| it.n as u64),
        never: standing.never as u64,
        iso8601: None,
    }
}

fn texts(figure: Figure, standing: &StrategyStanding) -> [String; 4] {
    let missing = || "-".to_owned();
    let (mean, interval) = match standing.mean {
        None => ("never".to_owned(), missing()),
        Some(estimate) => {
            let mean = estimate.mean;
            let ends = estimate.interval.unwrap_or(Interval { low: mean, high: mean });
            let scale = scale(figure, &[mean, ends.low, ends.high], ends.high - ends.low);
            let range = |ends: Interval| scale.range(ends.low, ends.high);
            (scale.text(mean), interval_of_mean(&estimate, |end| scale.text(end), range))
        }
    };
    let mean = match (standing.never, standing.mean) {
        (0, _) | (_, None) => mean,
        (never, _) => format!("{mean} (never in {})", count(never as u64)),
    };
    let word = standing_words(standing.from_best.standing, standing.equivalent);
    [mean, interval, apart(figure, standing.from_best.interval), word]
}

fn assurance_view(comparison: &AssuranceComparison, names: &[String]) -> AssuranceView {
    let strategies = comparison.strategies.iter().zip(names).map(|((estimate, standing), name)| {
        AssuranceStandingView {
            strategy: name.clone(),
            share: figures::share("assurance", estimate),
            standing: *standing,
            texts: [
                format!("{} of {}", count(estimate.holds), count(estimate.n)),
                share_between(estimate.holds, estimate.n, estimate.interval),
                standing_words(*standing, false),
            ],
        }
    });
    let pairs = comparison.pairs.iter().map(|it| AssurancePairView {
        first: names[it.first].clone(),
        second: names[it.second].clone(),
        only_first: it.only_first,
        only_second: it.only_second,
        p: machine(it.p),
    });
    AssuranceView { strategies: strategies.collect(), pairs: pairs.collect() }
}

/// The strategies that do not lean on each other as they should.
fn warnings(compared: &Compared, names: &[String]) -> Vec<String> {
    let it = compared.deciding();
    let poor = it.pairs.iter().filter_map(|pair| {
        let correlation = pair.correlation.filter(|it| *it < LITTLE_IN_COMMON)?;
        let (first, second) = (plain(&names[pair.first]), plain(&names[pair.second]));
        Some(format!("{first} and {second} ({correlation:.2})"))
    });
    let poor: Vec<String> = poor.collect();
    if poor.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "Common random numbers do not help where two strategies have a correlation below \
         {LITTLE_IN_COMMON}, only more exercises do: {}.",
        poor.join(", ")
    )]
}

/// How many sites are deleted under each strategy, where these are not the same.
fn deletions_sentence(deletions: &Deletions, n: u64, names: &[String]) -> String {
    let each = names.iter().zip(&deletions.means);
    let means: Vec<String> =
        each.map(|(name, mean)| format!("{} of {}", amount(*mean), plain(name))).collect();
    format!(
        "In {} of {} exercises not the same sites are deleted under every strategy (in the mean {}), \
         so that recovery times are of different sites; the hours lost are of the whole estate.",
        count(deletions.differ_in as u64),
        count(n),
        listed(&means)
    )
}

fn notes(compared: &Compared, n: u64, names: &[String], kind: IncidentKind) -> Vec<String> {
    let mut notes = vec![format!(
        "Every strategy has gone through the same {} exercises with their random numbers in \
         common. Intervals of differences hold for all pairs of one figure at once with 95% \
         confidence, each with {}%.",
        count(n),
        digits(100.0 * compared.level),
    )];
    notes.push(
        "Best: surely not above any other. May be best: not to be told from the best. Not best: \
         surely above another. Equivalent in practice: surely within the margin of the best of the \
         others."
            .to_owned(),
    );
    if compared.deciding().known_after.is_some() {
        notes.push(
            "From how many exercises on the answer was the same is a look back at every 50th, not \
             a rule to stop by."
                .to_owned(),
        );
    }
    let mut shown = compared.metrics.iter().filter(|it| it.metric.figure.definition().compared);
    if shown.any(|metric| metric.strategies.iter().any(|it| it.never > 0)) {
        notes.push(
            "Where a time never comes there is no mean: it is over the exercises in which the time \
             comes, differences over those in which it comes under both. A strategy is better only \
             if its time is never missing in more exercises, and worse in any case if that is so \
             in surely more."
                .to_owned(),
        );
    }
    if compared.deletions.differ_in > 0 {
        notes.push(kind.tell(&deletions_sentence(&compared.deletions, n, names)));
    }
    notes.push(CAVEAT.to_owned());
    notes
}

/// A percentage with as many decimals as it takes to tell it from all.
fn digits(percent: f64) -> String {
    let text = format!("{percent:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
