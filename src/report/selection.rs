//! What a selection among strategies comes to: the view and its sentence.

use schemars::JsonSchema;
use serde::Serialize;

use crate::compare::Selection;
use crate::experiment::Design;
use crate::report::compare::{CompareView, around_selection, margin_is, scale};
use crate::report::compare_words::list;
use crate::report::figures::unit;
use crate::report::view::{ExperimentView, Unit};
use crate::report::words::{count, exact, iso8601, machine, plain};
use crate::scenario::Scenario;

/// A selection among strategies, which ends as soon as it is known who is best.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SelectionView {
    /// The procedure.
    pub procedure: String,
    /// The metric, as the figures of `summary.json` are called; its mean is to be least.
    pub metric: String,
    /// The unit of its numbers.
    pub unit: Unit,
    /// A difference that does not matter.
    pub margin: f64,
    /// What that is, in words.
    pub margin_is: String,
    /// The answer in a sentence.
    pub sentence: String,
    /// Replications of each strategy at which it would have ended at the latest.
    pub most: u64,
    /// Replications of all strategies together that it took.
    pub runs: u64,
    /// One for each strategy.
    pub strategies: Vec<SelectedView>,
}

/// How one strategy fared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SelectedView {
    /// The strategy.
    pub strategy: String,
    /// Whether it was kept to the end.
    pub kept: bool,
    /// The replications that it took part in.
    pub replications: u64,
    /// Its mean over them, where a time that never comes counts as the horizon.
    pub mean: f64,
    /// Replications in which the time never came.
    pub never: u64,
    /// Texts for people: replications, mean, judgement.
    pub texts: [String; 3],
}

/// Everything that there is to say about a selection among the strategies of `design`.
#[must_use]
pub fn selection_view(
    scenario: &Scenario,
    design: &Design,
    it: &Selection,
    reproduce: &str,
) -> CompareView {
    let names: Vec<String> =
        design.strategies.iter().map(|it| scenario.strategies[*it].name.clone()).collect();
    let horizon = scenario.experiment.horizon;
    let (unit, one) = unit(it.metric.kind());
    let strategies = names.iter().enumerate().map(|(place, name)| {
        let dropped = it.selected.dropped_after[place];
        let replications = dropped.unwrap_or(it.selected.replications) as u64;
        let (mean, never) = (it.selected.means[place], it.never[place] as u64);
        let text = scale(it.metric, &[mean], it.margin.value).text(mean);
        let word = match dropped {
            None => "kept".to_owned(),
            Some(after) => format!("dropped after {}", count(after as u64)),
        };
        let missing =
            if never > 0 { format!(" (never in {})", count(never)) } else { String::new() };
        SelectedView {
            strategy: name.clone(),
            kept: dropped.is_none(),
            replications,
            mean: machine(mean / one),
            never,
            texts: [count(replications), text + &missing, word],
        }
    });
    let selection = SelectionView {
        procedure: "Kim and Nelson, fully sequential, first stage of 20".to_owned(),
        metric: it.metric.id().to_owned(),
        unit,
        margin: machine(it.margin.value / one),
        margin_is: margin_is(scenario, it.metric, &it.margin),
        sentence: sentence(scenario, it, &names),
        most: u64::from(design.replications),
        runs: it.selected.runs() as u64,
        strategies: strategies.collect(),
    };
    let experiment = ExperimentView {
        seed: design.seed,
        population_seed: scenario.experiment.population_seed,
        replications: u64::from(design.replications),
        horizon_s: horizon.as_millis() as f64 / 1_000.0,
        horizon: iso8601(horizon),
        confidence: crate::measure::CONFIDENCE,
    };
    around_selection(scenario, experiment, selection, names, reproduce)
}

fn sentence(scenario: &Scenario, it: &Selection, names: &[String]) -> String {
    let kept: Vec<String> = it.selected.kept.iter().map(|it| plain(&names[*it])).collect();
    let margin = margin_is(scenario, it.metric, &it.margin);
    let cost = format!(
        "{} exercises of all strategies together, {} of those that were kept",
        count(it.selected.runs() as u64),
        count(it.selected.replications as u64)
    );
    let capped = match it.never.iter().any(|it| *it > 0) {
        true => format!(
            " A time that did not come counts as {}, when an exercise stops.",
            exact(scenario.experiment.horizon)
        ),
        false => String::new(),
    };
    match &kept[..] {
        [one] => format!(
            "{one} is selected by {}: with 95% confidence none of the others is better by {margin} \
             or more. That took {cost}.{capped}",
            it.metric.title(),
        ),
        _ => format!(
            "{} are left by {}: they are equal, or more exercises are needed to tell them apart by \
             {margin}. That took {cost}.{capped}",
            list(&kept),
            it.metric.title(),
        ),
    }
}
