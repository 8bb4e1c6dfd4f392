//! Everything that is drawn, as numbers: kept beside the view, so that pictures and the page can be
//! made again without simulating.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::compare::{Margin, SideBySide, side_by_side};
use crate::experiment::{Results, StepTally, StrategyResults};
use crate::measure::{
    ContactCurve, Distributions, Measurements, ObservedPoint, RecoveryCurve, Support, Supports,
    contact_curve, distributions, mean_of, observed_points, recovery_curve,
};
use crate::report::about::scenario_view;
use crate::report::words::machine;
use crate::review::{
    Choice, Progress, Replay, SiteLabel, SiteTable, progress, replays, site_labels, site_table,
};
use crate::scenario::Scenario;
use crate::units::{MILLIS_PER_HOUR, Share};

/// The version of the form. It changes when a field changes its meaning or goes away, not when one
/// is added.
pub(crate) const FORMAT: u32 = 2;

/// Sites that are followed one by one; of an estate with more, `sites.csv` tells.
const FOLLOWED: usize = 50_000;

/// The share of the objective by which strategies are told apart, as where `compare` is not told
/// another.
const USUAL_MARGIN: f64 = 0.05;

/// Everything that is drawn. Times are whole milliseconds, instants since T+0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The version of this form: 2.
    pub format: u32,
    /// The fingerprint of the scenario, as the view has it.
    pub digest: String,
    /// The seed of the run.
    pub seed: u64,
    /// The exercises of each strategy.
    pub replications: u64,
    /// Whether sites are followed one by one; not in an estate of very many.
    pub followed: bool,
    /// The sites that the incident aims at; none where they are not followed, or where every exercise
    /// draws its own estate.
    pub sites: Vec<SiteLabel>,
    /// One for each strategy that was run, in the order of the view.
    pub strategies: Vec<StrategySeries>,
    /// The strategies side by side; none where there is only one.
    #[serde(default)]
    pub comparison: Option<SideBySide>,
}

/// What is drawn of one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategySeries {
    /// The names of its tracks.
    pub tracks: Vec<String>,
    /// Shares back over time.
    pub recovery: RecoveryCurve,
    /// Points of that curve that were observed of a real recovery under this strategy.
    #[serde(default)]
    pub observed: Vec<ObservedPoint>,
    /// Customers reached over time; none where nobody reaches any.
    pub contact: Option<ContactCurve>,
    /// Recovery times and data lost.
    pub distributions: Distributions,
    /// Exercises to look at.
    pub replays: Vec<Replay>,
    /// What becomes of each site.
    pub sites: SiteTable,
    /// How the work went on: rework, practice and automation.
    #[serde(default)]
    pub progress: Progress,
    /// What the steps of its runbooks come to, in the order of its tracks.
    pub steps: Vec<StepRow>,
}

/// A mean and the ends of its interval; none where there is too little to tell.
pub type Ends = [Option<f64>; 3];

/// What a step comes to in an exercise: means over all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRow {
    /// Its track.
    pub track: String,
    /// Its id, with the service or product that it was expanded for.
    pub step: String,
    /// Who works on it, joined by `+`; empty where nobody does.
    pub teams: String,
    /// Attempts.
    pub attempts: Ends,
    /// Their share that failed, of the exercises in which there were any.
    pub failed: Ends,
    /// Hours of work, summed over attempts.
    pub work: Ends,
    /// Hours from eligible to started and in pauses, summed over attempts.
    pub waiting: Ends,
}

/// The series of a whole experiment.
#[must_use]
pub fn series(scenario: &Scenario, results: &Results, measurements: &Measurements) -> Series {
    let followed = results.sites(0).len() <= FOLLOWED;
    let each = results.strategies.par_iter().zip(&measurements.strategies);
    let strategies = each.map(|(outcomes, metrics)| {
        let mut replays = replays(scenario, results, outcomes, &metrics.replications);
        let middle = replays.iter().find(|it| it.choice == Choice::Median);
        let middle = middle.expect("one of them is the median").replication;
        if !followed {
            replays.iter_mut().for_each(|it| it.sites.clear());
        }
        StrategySeries {
            tracks: outcomes.tracks.clone(),
            recovery: recovery_curve(scenario, results, outcomes, &metrics.replications),
            observed: observed_points(scenario, results, outcomes.strategy),
            contact: contact_curve(scenario, results, outcomes),
            distributions: distributions(scenario, results, outcomes),
            steps: steps(outcomes, metrics.supports),
            sites: match followed {
                true => site_table(scenario, results, outcomes, middle),
                false => SiteTable { replication: middle, ..SiteTable::default() },
            },
            progress: progress(scenario, results, outcomes),
            replays,
        }
    });
    let margin = Margin::OfObjective(Share::new(USUAL_MARGIN).expect("it is a share"));
    Series {
        format: FORMAT,
        digest: scenario_view(scenario).digest,
        seed: results.seed,
        replications: u64::from(results.replications),
        sites: if followed { site_labels(scenario, results) } else { Vec::new() },
        followed,
        strategies: strategies.collect(),
        comparison: side_by_side(scenario, results, measurements, margin)
            .map(|it| it.mapped(machine)),
    }
}

/// The series as the text of their file.
#[must_use]
pub fn series_json(series: &Series) -> String {
    serde_json::to_string(series).expect("plain data can be written") + "\n"
}

fn steps(outcomes: &StrategyResults, supports: Supports) -> Vec<StepRow> {
    let of_counts = supports.of_other(Support::Open);
    let of_shares = supports.of_other(Support::SHARE);
    let each = outcomes.steps.iter().enumerate();
    each.map(|(place, label)| {
        let mean = |support: Support, of: &dyn Fn(&StepTally) -> Option<f64>| -> Ends {
            let tallies = outcomes.outcomes.iter().filter_map(|it| of(&it.step(place)));
            let estimate = mean_of(&tallies.collect::<Vec<f64>>(), support);
            let interval = estimate.and_then(|it| it.interval);
            [estimate.map(|it| it.mean), interval.map(|it| it.low), interval.map(|it| it.high)]
                .map(|it| it.map(machine))
        };
        let share = |it: &StepTally| match it.attempts {
            0 => None,
            all => Some(it.failures as f64 / all as f64),
        };
        StepRow {
            track: label.track.clone(),
            step: label.step.clone(),
            teams: label.team.clone(),
            attempts: mean(of_counts, &|it| Some(it.attempts as f64)),
            failed: mean(if label.can_fail { of_shares } else { Support::Fixed }, &share),
            work: mean(of_counts, &|it| Some(it.work as f64 / MILLIS_PER_HOUR)),
            waiting: mean(of_counts, &|it| Some(it.wait as f64 / MILLIS_PER_HOUR)),
        }
    })
    .collect()
}
