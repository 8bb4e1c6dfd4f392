//! What pictures say of the whole they are part of: the exercises, the axis of instants, and the
//! objectives.

use crate::report::View;
use crate::report::about::{ExperimentView, ScenarioView};
use crate::report::run::view::{PolicyView, TierView};
use crate::report::words::{count, exact, plain};
use crate::scenario::IncidentKind;
use crate::units::SimDuration;

/// What stands below an axis of instants.
pub(crate) fn since(kind: IncidentKind) -> String {
    format!("time since the first {} (T+0)", kind.words().event)
}

pub(crate) fn subtitle(view: &View) -> String {
    subtitle_of(&view.scenario, &view.experiment)
}

/// Which scenario, how often, and from which seed.
pub(crate) fn subtitle_of(scenario: &ScenarioView, experiment: &ExperimentView) -> String {
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
pub(crate) fn objectives(
    view: &View,
    word: &str,
    of: fn(&TierView) -> Option<f64>,
) -> Vec<(SimDuration, String)> {
    let tiers = view.policy.as_ref().map_or(&[][..], |it| &it.tiers);
    let mut lengths: Vec<SimDuration> =
        tiers.iter().filter_map(of).map(SimDuration::from_seconds).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let asked = |length: &SimDuration| {
        let has = |it: &&TierView| of(it) == Some(length.as_seconds());
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

pub(crate) fn has(policy: &PolicyView, of: fn(&TierView) -> Option<f64>) -> bool {
    policy.tiers.iter().any(|it| of(it).is_some())
}
