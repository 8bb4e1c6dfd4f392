//! `[experiment]`: how often and how long to simulate.

use crate::diagnostics::Code;
use crate::scenario::read::resolver::Resolver;
use crate::spec::{ExperimentSpec, Located, TooMany};
use crate::units::SimDuration;

/// How often and how long to simulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experiment {
    /// Seed of every random number of the replications.
    pub seed: u64,
    /// Recoveries to simulate for each strategy.
    pub replications: u32,
    /// When a replication that has not finished is stopped, counted from T+0.
    pub horizon: SimDuration,
    /// Seed of the generated estate.
    pub population_seed: u64,
}

pub(crate) fn resolve(spec: &ExperimentSpec, resolver: &mut Resolver<'_>) -> Experiment {
    let mut seed = |it: &Option<Located<i64>>| {
        let Some(it) = it else { return 1 };
        u64::try_from(it.value).unwrap_or_else(|_| {
            resolver.error(Code::OutOfRange, it.span, "a seed is a whole number from 0 up");
            1
        })
    };
    let (master, population_seed) = (seed(&spec.seed), seed(&spec.population_seed));
    let horizon = resolver.duration_or(&spec.horizon, SimDuration::from_hours(60 * 24));
    if horizon == SimDuration::ZERO {
        let span = spec.horizon.as_ref().map(|it| it.span).unwrap_or_default();
        resolver.error(Code::OutOfRange, span, "a horizon of no time leaves nothing to simulate");
    }
    let written = spec.replications.as_ref();
    let many = written.and_then(|it| {
        TooMany::replications(u64::try_from(it.value).unwrap_or(0), resolver.limits())
    });
    let refused = resolver.refuse(many, written.map(|it| it.span).unwrap_or_default());
    let written = if refused { &None } else { &spec.replications };
    Experiment {
        seed: master,
        replications: resolver.whole_or(written, 1_000, 1..=10_000_000, "number of exercises"),
        horizon,
        population_seed,
    }
}
