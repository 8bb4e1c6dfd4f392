//! What a selection among strategies comes to: the view and its sentence.

use crate::compare::Selection;
use crate::experiment::Design;
use crate::report::about::ExperimentView;
use crate::report::compare::build::around_selection;
use crate::report::compare::sentences::{margin_is, scale};
use crate::report::compare::view::{CompareView, SelectedView, SelectionView};
use crate::report::figures::unit;
use crate::report::words::{count, exact, iso8601, listed, machine, plain};
use crate::scenario::Scenario;

/// Everything that there is to say about a selection among the strategies of `design`.
#[must_use]
pub fn selection_view(
    scenario: &Scenario,
    design: &Design,
    ended: &Selection,
    reproduce: &str,
) -> CompareView {
    let names: Vec<String> =
        design.strategies.iter().map(|it| scenario.strategies[*it].name.clone()).collect();
    let horizon = scenario.experiment.horizon;
    let (unit, one) = unit(ended.metric.kind());
    let strategies = names.iter().enumerate().map(|(place, name)| {
        let dropped = ended.selected.dropped_after[place];
        let replications = dropped.unwrap_or(ended.selected.replications) as u64;
        let (mean, never) = (ended.selected.means[place], ended.never[place] as u64);
        let text = scale(ended.metric, &[mean], ended.margin.value).text(mean);
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
        metric: ended.metric.id().to_owned(),
        unit,
        margin: machine(ended.margin.value / one),
        margin_is: margin_is(scenario, ended.metric, &ended.margin),
        sentence: sentence(scenario, ended, &names),
        most: u64::from(design.replications),
        runs: ended.selected.runs() as u64,
        strategies: strategies.collect(),
    };
    let experiment = ExperimentView {
        seed: design.seed,
        population_seed: scenario.experiment.population_seed,
        replications: u64::from(design.replications),
        horizon_s: horizon.as_seconds(),
        horizon: iso8601(horizon),
        confidence: crate::measure::CONFIDENCE,
    };
    around_selection(scenario, experiment, selection, names, reproduce)
}

pub(crate) fn sentence(scenario: &Scenario, selection: &Selection, names: &[String]) -> String {
    let kept: Vec<String> = selection.selected.kept.iter().map(|it| plain(&names[*it])).collect();
    let margin = margin_is(scenario, selection.metric, &selection.margin);
    let cost = format!(
        "{} exercises of all strategies together, {} of those that were kept",
        count(selection.selected.runs() as u64),
        count(selection.selected.replications as u64)
    );
    let capped = match selection.never.iter().any(|it| *it > 0) {
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
            selection.metric.title(),
        ),
        _ => format!(
            "{} are left by {}: they are equal, or more exercises are needed to tell them apart by \
             {margin}. That took {cost}.{capped}",
            listed(&kept),
            selection.metric.title(),
        ),
    }
}
