//! What holds of every text that was read, whichever target has read it.

use blackstart::audit::{Everywhere, audit};
use blackstart::experiment::{self, Design};
use blackstart::scenario::{Checked, Limits, Scenario, Step, Texts};
use blackstart::trace::Testimony;
use blackstart::{measure, review};

/// What may have more attempts is read and not played: an input is to take milliseconds.
const MOST_ATTEMPTS: usize = 20_000;

/// The usual limits, but estates are drawn in next to no time.
#[must_use]
pub fn limits() -> Limits {
    Limits { sites: 1_000, ..Limits::default() }
}

/// A scenario that is one text, under these limits.
#[must_use]
pub fn texts(main: &str) -> Texts {
    Texts { limits: limits(), ..Texts::alone("fuzzed", "fuzzed.toml", main) }
}

/// A text is a scenario, or it is refused with a reason; every fault can be shown.
pub fn assert_told(checked: &Checked) {
    let (found, told) = (&checked.diagnostics, checked.diagnostics.render(&checked.sources, false));
    assert_eq!(checked.scenario.is_none(), found.errors() > 0, "{told}");
    assert_eq!(told.is_empty(), found.errors() + found.warnings() == 0, "{told}");
}

/// An exercise of every strategy can be played, and the auditor finds that it breaks no law.
pub fn assert_plays(scenario: &Scenario) {
    if !is_small(scenario) {
        return;
    }
    let design = Design { replications: 1, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results);
    let everywhere = Everywhere::new(scenario, 0..1);
    for (outcomes, metrics) in results.strategies.iter().zip(&measured.strategies) {
        let strategy = outcomes.strategy;
        let hear = |own: &Scenario, told: &Testimony| audit(own, &everywhere, strategy, told);
        let told = (outcomes, &metrics.replications[..]);
        let found = review::testify(scenario, &results, told, 0, hear);
        assert!(found.iter().all(Vec::is_empty), "{found:#?}");
    }
}

/// Whether playing it, or writing it out whole, takes next to no time.
#[must_use]
pub fn is_small(scenario: &Scenario) -> bool {
    let of_step = |step: &Step| {
        let attempts = step.failure.map_or(1, |it| it.attempts as usize + 1);
        attempts * step.expansion.elements().len()
    };
    let tracks = scenario.strategies.iter().flat_map(|it| it.tracks.iter());
    let steps = tracks.flat_map(|it| scenario.runbooks[it.runbook].steps.iter());
    let of_site: usize = steps.map(of_step).sum();
    of_site.saturating_mul(scenario.incident.deleted.len()) <= MOST_ATTEMPTS
}

/// All that a scenario says, apart from the fingerprint of its texts.
#[must_use]
pub fn said(scenario: &Scenario) -> String {
    format!("{:?}", Scenario { digest: 0, ..scenario.clone() })
}
