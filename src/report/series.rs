//! Everything that is drawn, as numbers: kept beside the view, so that pictures and the page can be
//! made again without simulating.

use serde::{Deserialize, Serialize};

use crate::experiment::{
    Choice, ContactCurve, Distributions, Measurements, Progress, RecoveryCurve, Replay, Results,
    SiteLabel, SiteTable, contact_curve, distributions, progress, recovery_curve, replays,
    site_labels, site_table,
};
use crate::scenario::Scenario;

/// The version of the form. It changes when a field changes its meaning or goes away, not when one
/// is added.
const FORMAT: u32 = 1;

/// Everything that is drawn. Times are whole milliseconds, instants since T+0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The version of this form: 1.
    pub format: u32,
    /// The sites that the incident aims at; none where every exercise draws its own estate.
    pub sites: Vec<SiteLabel>,
    /// One for each strategy that was run, in the order of the view.
    pub strategies: Vec<StrategySeries>,
}

/// What is drawn of one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategySeries {
    /// Shares back over time.
    pub recovery: RecoveryCurve,
    /// Customers reached over time; none where nobody reaches any.
    pub contact: Option<ContactCurve>,
    /// Recovery times and data lost.
    pub distributions: Distributions,
    /// Recoveries to look at.
    pub replays: Vec<Replay>,
    /// What becomes of each site.
    pub sites: SiteTable,
    /// How the work went on: rework, practice and automation.
    #[serde(default)]
    pub progress: Progress,
}

/// The series of a whole experiment.
#[must_use]
pub fn series(scenario: &Scenario, results: &Results, measurements: &Measurements) -> Series {
    let each = results.strategies.iter().zip(&measurements.strategies);
    let strategies = each.map(|(outcomes, metrics)| {
        let replays = replays(scenario, results, outcomes, &metrics.replications);
        let middle = replays.iter().find(|it| it.choice == Choice::Median);
        let middle = middle.expect("one of them is the median").replication;
        StrategySeries {
            recovery: recovery_curve(scenario, results, outcomes, &metrics.replications),
            contact: contact_curve(scenario, results, outcomes),
            distributions: distributions(scenario, results, outcomes),
            sites: site_table(scenario, results, outcomes, middle),
            progress: progress(scenario, results, outcomes),
            replays,
        }
    });
    Series {
        format: FORMAT,
        sites: site_labels(scenario, results),
        strategies: strategies.collect(),
    }
}
