//! Which strategy: the view of a comparison, and its JSON.

use schemars::JsonSchema;
use serde::Serialize;

use crate::compare::{
    AssuranceComparison, Compared, Deletions, MetricComparison, MetricMargin, Paired,
    StrategyStanding,
};
use crate::experiment::Results;
use crate::measure::MeanEstimate;
use crate::report::build::{experiment, program, scenario_view};
use crate::report::compare_words::{
    apart, deciding_sentence, list, margin_words, mean_apart, of_hundred, probability,
    standing_words,
};
use crate::report::figures::{self, unit};
use crate::report::selection::SelectionView;
use crate::report::view::{self, ExperimentView, Program, ScenarioView, Statistic, Unit};
use crate::report::words::{
    Scale, alike_in, amount, chosen_share, count, exact, interval_of_mean, length, machine, plain,
    share, share_between,
};
use crate::scenario::{Figure, IncidentKind, Kind, Scenario};
use crate::stats::{Interval, Standing};
use crate::units::SimDuration;

/// The version of the form. It changes when a field changes its meaning or goes away, not when one
/// is added.
const FORMAT: u32 = 1;

/// Below this correlation common random numbers do not help.
const LITTLE_IN_COMMON: f64 = 0.3;

/// A comparison as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CompareView {
    /// The version of this form: 1.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// What was simulated.
    pub scenario: ScenarioView,
    /// How often, and from which seed; of a selection, at most how often.
    pub experiment: ExperimentView,
    /// The command that makes it again.
    pub reproduce: String,
    /// The answer in a sentence.
    pub sentence: String,
    /// The strategies, in the order of the scenario.
    pub strategies: Vec<String>,
    /// The selection, where one was asked for; then there are no comparisons.
    pub selection: Option<SelectionView>,
    /// The comparisons, where there was no selection.
    pub comparison: Option<ComparisonView>,
    /// What the reader should beware of, in sentences.
    pub warnings: Vec<String>,
    /// What the figures are, in sentences.
    pub notes: Vec<String>,
}

/// All strategies side by side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ComparisonView {
    /// The confidence of the interval of each pair, by which all pairs of one metric hold at once
    /// with the experiment's confidence.
    pub pair_confidence: f64,
    /// Whether other sites are deleted under one strategy than under another in any exercise.
    pub deletion_differs: bool,
    /// How many sites are deleted under each strategy.
    pub deleted: Vec<DeletedView>,
    /// The name of the metric that decides.
    pub decides: String,
    /// One for each figure of exercises of which less is better.
    pub metrics: Vec<MetricView>,
    /// The share of exercises that meet the policy; `null` where nothing has an objective.
    pub assurance: Option<AssuranceView>,
    /// `site.rta.p95`, the 95 % quantile of all sites of all exercises, for each pair: one minus
    /// the other. The interval is made by sections of equally many replications.
    pub pooled: Vec<PooledView>,
    /// Time against person-hours, for each strategy.
    pub pareto: Vec<ParetoView>,
}

/// How many sites are deleted under a strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DeletedView {
    /// The strategy.
    pub strategy: String,
    /// The mean over exercises.
    pub sites: f64,
}

/// All strategies side by side by one metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MetricView {
    /// The metric, as the figures of `summary.json` are called.
    pub name: String,
    /// What it is called; less is better.
    pub title: String,
    /// Whether the text for people shows it.
    pub main: bool,
    /// The unit of its numbers.
    pub unit: Unit,
    /// A difference that does not matter.
    pub margin: f64,
    /// What that is, in words.
    pub margin_is: String,
    /// The number of replications from which on, looking back every 50, the same strategies were
    /// best as are now; `null` where none is. This is not a rule to stop by.
    pub known_after: Option<u64>,
    /// One for each strategy.
    pub strategies: Vec<StandingView>,
    /// The strategy with the least mean, among those whose time is missing in the fewest exercises.
    pub leader: String,
    /// Every other strategy against it, a sentence each.
    pub against_leader: Vec<String>,
    /// Every pair once.
    pub pairs: Vec<PairView>,
}

/// What one metric says of one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StandingView {
    /// The strategy.
    pub strategy: String,
    /// Its mean over the exercises in which the time comes; `never` are the others.
    pub mean: view::Figure,
    /// Its mean minus that of the best of the other strategies is at least this; `null` where that
    /// is not known, or where times that never come make it infinite.
    pub above_best_low: Option<f64>,
    /// And at most this.
    pub above_best_high: Option<f64>,
    /// What that says.
    pub standing: Standing,
    /// Whether the difference is surely within the margin.
    pub equivalent: bool,
    /// Texts for people: mean, its interval, difference to the best of the others, judgement.
    pub texts: [String; 4],
}

/// Two strategies by one metric.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PairView {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// The first minus the second, over the exercises in which the time comes under both; `never`
    /// are the others. Its interval holds at once with those of all other pairs.
    pub difference: view::Figure,
    /// The share of exercises in which the first is less; where both are equal counts half.
    pub first_less: view::Figure,
    /// How far the two rise and fall together; `null` where one of them does not vary.
    pub correlation: Option<f64>,
    /// In a sentence.
    pub sentence: String,
}

/// All strategies side by side by the share of exercises that meet the policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssuranceView {
    /// One for each strategy.
    pub strategies: Vec<AssuranceStandingView>,
    /// Every pair once.
    pub pairs: Vec<AssurancePairView>,
}

/// How often one strategy meets the policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssuranceStandingView {
    /// The strategy.
    pub strategy: String,
    /// The share of exercises.
    pub share: view::Figure,
    /// What that says; here more is better.
    pub standing: Standing,
    /// Texts for people: share, its interval, judgement.
    pub texts: [String; 3],
}

/// How often just one of two strategies meets the policy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AssurancePairView {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// Exercises in which only the first meets it.
    pub only_first: u64,
    /// Exercises in which only the second meets it.
    pub only_second: u64,
    /// How likely so uneven numbers are if both meet it equally often: the exact sign test,
    /// two-sided, for this pair alone.
    pub p: f64,
}

/// Two strategies by the pooled quantile.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PooledView {
    /// One.
    pub first: String,
    /// The other.
    pub second: String,
    /// The first minus the second, in seconds; `null` where the time does not come under one.
    pub difference: Option<f64>,
    /// Lower end of its interval; `null` with too few exercises.
    pub low: Option<f64>,
    /// Upper end of its interval; `null` with too few exercises.
    pub high: Option<f64>,
}

/// One strategy in time and person-hours.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ParetoView {
    /// The strategy.
    pub strategy: String,
    /// Those that are surely better in one of the two and better or equivalent in the other.
    pub dominated_by: Vec<String>,
}

/// How numbers of a figure read that are known to within half of `width`; times and hours are in
/// milliseconds.
pub(super) fn scale(figure: Figure, values: &[f64], width: f64) -> Scale {
    let scale = match unit(figure.kind()).0 {
        Unit::S => Scale::of_times(values),
        Unit::H => Scale::of_hours(),
        Unit::Share => Scale::of_shares(),
        Unit::Count | Unit::Bytes | Unit::Currency => Scale::of_counts(),
    };
    scale.by_error(width / 4.0)
}

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
    let pooled = compared.pooled.iter().map(|it| {
        let (first, second) = pair((it.first, it.second));
        let seconds = |it: f64| machine(it / 1_000.0);
        PooledView {
            first,
            second,
            difference: it.difference.map(seconds),
            low: it.interval.map(|it| seconds(it.low)),
            high: it.interval.map(|it| seconds(it.high)),
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
pub(super) fn around_selection(
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

fn metric_view(scenario: &Scenario, it: &MetricComparison, names: &[String]) -> MetricView {
    let (name, figure) = (it.metric.name(scenario), it.metric.figure);
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
    let pairs = it.pairs.iter().map(|pair| {
        let paired = Paired { estimate: pair.difference, left_out: pair.left_out };
        let (first, second) = (&names[pair.first], &names[pair.second]);
        let n = pair.difference.map_or(0, |it| it.n) + pair.left_out;
        let share = pair.halves as f64 / 2.0 / n as f64;
        PairView {
            first: first.clone(),
            second: second.clone(),
            difference: figures::difference(&name, unit, &paired, one),
            first_less: view::Figure {
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
            sentence: pair_sentence(it, (pair.first, pair.second), names),
        }
    });
    MetricView {
        name: name.clone(),
        title: it.metric.title(scenario),
        main: figure.definition().compared,
        unit,
        margin: machine(it.margin.value / one),
        margin_is: margin_is(scenario, figure, &it.margin),
        known_after: it.known_after.map(|it| it as u64),
        strategies: it.strategies.iter().enumerate().map(standing).collect(),
        leader: names[it.leader].clone(),
        against_leader: (0..names.len())
            .filter(|own| *own != it.leader)
            .map(|own| pair_sentence(it, (own, it.leader), names))
            .collect(),
        pairs: pairs.collect(),
    }
}

fn finite(it: f64) -> Option<f64> {
    it.is_finite().then(|| machine(it))
}

fn mean_figure(name: &str, figure: Figure, it: &StrategyStanding) -> view::Figure {
    let (unit, one) = unit(figure.kind());
    let number = |it: f64| machine(it / one);
    let interval = it.mean.and_then(|it| it.interval);
    let spread = it.mean.and_then(|it| it.spread);
    view::Figure {
        name: name.to_owned(),
        statistic: Statistic::Mean,
        unit,
        value: it.mean.map(|it| number(it.mean)),
        low: interval.map(|it| number(it.low)),
        high: interval.map(|it| number(it.high)),
        p05: spread.map(|it| number(it.low)),
        p95: spread.map(|it| number(it.high)),
        n: it.mean.map_or(0, |it| it.n as u64),
        never: it.never as u64,
        iso8601: None,
    }
}

/// What a margin is, in words: "18 min (5% of the RTO of 6 h)".
pub(super) fn margin_is(scenario: &Scenario, figure: Figure, it: &MetricMargin) -> String {
    let (unit, one) = unit(figure.kind());
    let size = match unit {
        Unit::S => length(SimDuration::from_millis(it.value.max(0.0).round() as u64)),
        _ => amount(it.value / one),
    };
    let why = match (it.share, it.of_objective) {
        (None, _) => "as asked for".to_owned(),
        (Some(share), true) => {
            let policy = scenario.policy.as_ref();
            let shortest = policy.and_then(|it| it.objectives.iter().filter_map(|it| it.rto).min());
            let rto = shortest.map_or_else(String::new, |it| format!(" of {}", exact(it)));
            format!("{} of {}", chosen_share(share), margin_words(figure, &rto))
        }
        (Some(share), false) => format!("{} of the least mean", chosen_share(share)),
    };
    format!("{size} ({why})")
}

fn texts(figure: Figure, it: &StrategyStanding) -> [String; 4] {
    let missing = || "-".to_owned();
    let (mean, interval) = match it.mean {
        None => ("never".to_owned(), missing()),
        Some(estimate) => {
            let mean = estimate.mean;
            let ends = estimate.interval.unwrap_or(Interval { low: mean, high: mean });
            let scale = scale(figure, &[mean, ends.low, ends.high], ends.high - ends.low);
            let range = |ends: Interval| scale.range(ends.low, ends.high);
            (scale.text(mean), interval_of_mean(&estimate, |end| scale.text(end), range))
        }
    };
    let mean = match (it.never, it.mean) {
        (0, _) | (_, None) => mean,
        (never, _) => format!("{mean} (never in {})", count(never as u64)),
    };
    let word = standing_words(it.from_best.standing, it.equivalent);
    [mean, interval, apart(figure, it.from_best.interval), word]
}

/// "a against b: 2.1 h more (1.9 to 2.4 h); b is faster in 97 of 100 exercises (95% interval 96% to
/// 98%); correlation 0.82"
pub(super) fn pair_sentence(
    it: &MetricComparison,
    (own, other): (usize, usize),
    names: &[String],
) -> String {
    let (pair, turned) = it.pair(own, other);
    let sign = if turned { -1.0 } else { 1.0 };
    let n = pair.difference.map_or(0, |it| it.n) + pair.left_out;
    let alone = |mean| apart(it.metric.figure, Interval { low: mean, high: mean });
    let difference = match pair.difference {
        None => "does not come under both in any exercise".to_owned(),
        Some(estimate) if estimate.is_always_the_same() && estimate.n > 1 => {
            format!("{} in every exercise", alone(sign * estimate.mean))
        }
        Some(MeanEstimate { mean, interval: None, n: 1, .. }) => {
            format!("{} (too few exercises)", alone(sign * mean))
        }
        Some(MeanEstimate { mean, interval: None, n, alike, .. }) => {
            format!("{} ({})", alone(sign * mean), alike_in(alike, n))
        }
        Some(MeanEstimate { mean, interval: Some(ends), .. }) => {
            let (low, high) = (sign * ends.low, sign * ends.high);
            let ends = Interval { low: low.min(high), high: low.max(high) };
            let mean = sign * mean;
            mean_apart(it.metric.figure, mean, ends)
        }
    };
    let only = match pair.left_out {
        0 => String::new(),
        _ => format!(
            ", over the {} of {} exercises in which both come",
            count((n - pair.left_out) as u64),
            count(n as u64)
        ),
    };
    // Who is ahead more often is said to be.
    let less = pair.halves as f64 / 2.0 / n as f64;
    let (ahead, often, low, high) = match less >= 0.5 {
        true => (pair.first, less, pair.less.low, pair.less.high),
        false => (pair.second, 1.0 - less, 1.0 - pair.less.high, 1.0 - pair.less.low),
    };
    let how = match it.metric.figure.kind() {
        Kind::Instant | Kind::Length => "is faster",
        Kind::Loss => "loses less",
        Kind::Money => "costs less",
        Kind::Hours | Kind::Count | Kind::Share => "has fewer",
    };
    let often = match often == 0.5 {
        true => "neither is ahead more often".to_owned(),
        false => format!(
            "{} {how} in {} (95% interval {} to {})",
            plain(&names[ahead]),
            of_hundred(often),
            share(low),
            share(high)
        ),
    };
    let correlation = match pair.correlation {
        Some(it) => format!("; correlation {it:.2}"),
        None => String::new(),
    };
    format!(
        "{} against {}: {difference}{only}; {often}{correlation}.",
        plain(&names[own]),
        plain(&names[other])
    )
}

fn assurance_view(it: &AssuranceComparison, names: &[String]) -> AssuranceView {
    let strategies =
        it.strategies.iter().zip(names).map(|((estimate, standing), name)| AssuranceStandingView {
            strategy: name.clone(),
            share: figures::share("assurance", estimate),
            standing: *standing,
            texts: [
                format!("{} of {}", count(estimate.holds), count(estimate.n)),
                share_between(estimate.holds, estimate.n, estimate.interval),
                standing_words(*standing, false),
            ],
        });
    let pairs = it.pairs.iter().map(|it| AssurancePairView {
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
        list(&means)
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
    if shown.any(|it| it.strategies.iter().any(|it| it.never > 0)) {
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

/// "p = 0.012"
pub(super) fn p_words(p: f64) -> String {
    probability(p)
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn compare_json(view: &CompareView) -> String {
    let text = serde_json::to_string_pretty(view).expect("a view is plain data");
    text + "\n"
}

/// The JSON Schema of [`compare_json`]'s text.
#[must_use]
pub fn compare_schema() -> String {
    let schema = schemars::schema_for!(CompareView);
    serde_json::to_string_pretty(&schema).expect("a schema is plain data") + "\n"
}
