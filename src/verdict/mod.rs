//! Whether a strategy meets the recovery policy: met, missed, or not to be told from so few
//! replications; whether budgets are kept, and whether anything got worse since a baseline.

mod baseline;
mod budget;
mod inputs;

pub use baseline::{
    Baseline, Change, MetricChange, StrategyChange, Unlike, Unread, compare, is_baseline,
    written_unit,
};
pub use budget::{
    BudgetVerdict, MOST_REPLICATIONS, WorstSite, judge_budgets, late, needed_strategies,
};
pub use inputs::{InputChange, InputChanges, Inputs, input_changes};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::measure::{Measurements, ReplicationMetrics};
use crate::scenario::{RecoveryPolicy, Scenario};
use crate::stats::{Interval, clopper_pearson_lower, clopper_pearson_upper};

/// Whether an objective is met in as many exercises as the policy asks for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Surely in as many, at the policy's confidence.
    Met,
    /// More replications are needed to tell.
    Undecided,
    /// Surely in fewer, at the policy's confidence.
    Missed,
}

/// A verdict with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Replications in which the objective was met.
    pub holds: u64,
    /// Replications.
    pub n: u64,
    /// Between these lies the share of all exercises in which it would be met; each end holds on
    /// its own with the policy's confidence (Clopper and Pearson).
    pub bounds: Interval,
}

/// The verdicts on one strategy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StrategyVerdict {
    /// On recovery time; `None` where no deleted site has an objective.
    pub rto: Option<Judgement>,
    /// On data loss; `None` where no deleted site has an objective, or where it is not judged.
    pub rpo: Option<Judgement>,
    /// Whether there is an objective on data loss that is not judged, as no step of the strategy says
    /// to which moment data comes back.
    pub rpo_not_judged: bool,
    /// On both together in the same exercise. Where the one on data loss is not judged, nobody knows
    /// of any exercise that it meets the policy, and it does not where the other one is missed: the
    /// verdict is missed or undecided, and more replications do not decide it.
    pub policy: Judgement,
}

/// Judges the replications of one strategy; `None` where there is nothing to judge: no
/// replication, or no deleted site with an objective.
///
/// ```
/// use blackstart::verdict::{Verdict, judge_share};
/// // To be sure of 90 % at 95 % confidence takes 29 successes of 29, or 916 of 1,000.
/// assert_eq!(judge_share(29, 29, 0.9, 0.95).verdict, Verdict::Met);
/// assert_eq!(judge_share(28, 28, 0.9, 0.95).verdict, Verdict::Undecided);
/// ```
#[must_use]
pub fn judge(
    policy: &RecoveryPolicy,
    replications: &[ReplicationMetrics],
) -> Option<StrategyVerdict> {
    let verdict = |met: fn(&ReplicationMetrics) -> Option<bool>| {
        let answers: Option<Vec<bool>> = replications.iter().map(met).collect();
        let answers = answers.filter(|it| !it.is_empty())?;
        let holds = answers.iter().filter(|it| **it).count() as u64;
        let (required, confidence) = (policy.assurance.fraction(), policy.confidence.fraction());
        Some(judge_share(holds, answers.len() as u64, required, confidence))
    };
    let rto = verdict(ReplicationMetrics::meets_rto);
    let rpo_not_judged = replications.iter().any(|it| it.rpo_not_judged);
    Some(StrategyVerdict {
        rto,
        rpo: verdict(ReplicationMetrics::meets_rpo),
        rpo_not_judged,
        policy: match rpo_not_judged {
            true => at_most(rto, replications.len() as u64),
            false => verdict(ReplicationMetrics::meets)?,
        },
    })
}

/// The verdict on a policy of which only a part is judged: it is met in no more exercises than that
/// part is, and perhaps in none.
fn at_most(part: Option<Judgement>, n: u64) -> Judgement {
    let high = part.map_or(1.0, |it| it.bounds.high);
    let missed = part.is_some_and(|it| it.verdict == Verdict::Missed);
    Judgement {
        verdict: if missed { Verdict::Missed } else { Verdict::Undecided },
        holds: 0,
        n,
        bounds: Interval { low: 0.0, high },
    }
}

/// Judges every strategy by the scenario's policy; see [`judge`].
#[must_use]
pub fn judge_all(scenario: &Scenario, measurements: &Measurements) -> Vec<Option<StrategyVerdict>> {
    let judge_one = |replications: &[ReplicationMetrics]| {
        scenario.policy.as_ref().and_then(|policy| judge(policy, replications))
    };
    measurements.strategies.iter().map(|it| judge_one(&it.replications)).collect()
}

/// Judges whether something that held in `holds` of `n` replications holds in at least the share
/// `required` of all exercises, with `confidence` on each side.
#[must_use]
pub fn judge_share(holds: u64, n: u64, required: f64, confidence: f64) -> Judgement {
    let bounds = Interval {
        low: clopper_pearson_lower(holds, n, confidence),
        high: clopper_pearson_upper(holds, n, confidence),
    };
    let verdict = if bounds.low >= required {
        Verdict::Met
    } else if bounds.high < required {
        Verdict::Missed
    } else {
        Verdict::Undecided
    };
    Judgement { verdict, holds, n, bounds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_follow_the_gate_table() {
        // At most f failures among n for an assurance at 95 % confidence.
        let table = [
            (0.9, [(29, 0), (46, 1), (103, 5), (1000, 84)]),
            (0.95, [(59, 0), (93, 1), (208, 5), (1000, 38)]),
        ];
        for (assurance, gates) in table {
            for (n, failures) in gates {
                let verdict = |failures| judge_share(n - failures, n, assurance, 0.95).verdict;
                assert_eq!(verdict(failures), Verdict::Met, "{failures} of {n}");
                assert_eq!(verdict(failures + 1), Verdict::Undecided, "{failures} + 1 of {n}");
            }
        }
    }

    #[test]
    fn a_strategy_that_fails_often_enough_has_missed() {
        assert_eq!(judge_share(0, 1000, 0.9, 0.95).verdict, Verdict::Missed);
        assert_eq!(judge_share(883, 1000, 0.9, 0.95).verdict, Verdict::Missed);
        assert_eq!(judge_share(884, 1000, 0.9, 0.95).verdict, Verdict::Undecided);
        assert_eq!(judge_share(0, 1, 0.9, 0.95).verdict, Verdict::Undecided);
    }
}
