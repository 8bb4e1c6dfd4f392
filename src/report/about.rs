//! What every document says of itself: the program that made it, the scenario, and how it was
//! simulated.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::experiment::Results;
use crate::measure::CONFIDENCE;
use crate::report::words::iso8601;
use crate::scenario::Scenario;

/// A program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Program {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlaceView {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
}

/// What was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioView {
    /// The name of its file without the ending.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it is about; may have several lines.
    pub description: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// A fingerprint of its texts, overrides included: 16 hexadecimal digits.
    pub digest: String,
}

/// How often and how long was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExperimentView {
    /// Seed of every random number of the exercises.
    pub seed: u64,
    /// Seed of the generated estate.
    pub population_seed: u64,
    /// Exercises of each strategy.
    pub replications: u64,
    /// When an exercise that has not finished is stopped, in seconds since T+0.
    pub horizon_s: f64,
    /// The same as an ISO 8601 duration.
    pub horizon: String,
    /// The confidence of every interval.
    pub confidence: f64,
}

/// This program.
pub(crate) fn program() -> Program {
    Program {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

pub(crate) fn scenario_view(scenario: &Scenario) -> ScenarioView {
    ScenarioView {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        description: scenario.description.clone(),
        tags: scenario.tags.clone(),
        digest: format!("{:016x}", scenario.digest),
    }
}

pub(crate) fn experiment(scenario: &Scenario, results: &Results) -> ExperimentView {
    let horizon = scenario.experiment.horizon;
    ExperimentView {
        seed: results.seed,
        population_seed: scenario.experiment.population_seed,
        replications: u64::from(results.replications),
        horizon_s: horizon.as_seconds(),
        horizon: iso8601(horizon),
        confidence: CONFIDENCE,
    }
}
