//! What is to be kept: the recovery policy, or a budget.

use thiserror::Error;

use crate::experiment::Results;
use crate::ids::StrategyId;
use crate::measure::{Measurements, ReplicationMetrics, StrategyMetrics};
use crate::scenario::{DeletedSite, Level, Needs, Objective, RecoveryPolicy, Scenario};
use crate::verdict::{Judgement, judge_budgets, judge_share};

/// What an exercise keeps or breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// Every objective of the recovery policy.
    Policy,
    /// The expectation of the budget at this place.
    Budget(usize),
}

/// Why there is nothing to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoPromise {
    /// There is neither a policy nor the name of a budget.
    #[error("the scenario has no `[policy]`: there is no promise to keep")]
    NoPolicy,
    /// The policy says nothing about a site that is deleted.
    #[error("no deleted site has an objective: there is no promise to keep")]
    NoObjective,
    /// The policy has an objective on data loss, and the strategy says nothing about it.
    #[error(
        "the policy cannot be judged under `{0}`: it has an RPO, and no step says to which moment \
         data comes back"
    )]
    NotJudged(String),
    /// No budget has this name.
    #[error("there is no budget `{0}`")]
    UnknownBudget(String),
    /// The budget is about another strategy.
    #[error("the budget `{0}` is not about `{1}`")]
    OtherStrategy(String, String),
    /// The budget is off.
    #[error("the budget `{0}` is off")]
    Off(String),
}

impl Promise {
    /// The promise of a strategy: the budget of this name, or else the policy.
    ///
    /// # Errors
    /// When the scenario does not have it.
    pub fn of(
        scenario: &Scenario,
        strategy: StrategyId,
        budget: Option<&str>,
    ) -> Result<Self, NoPromise> {
        let own = || scenario.strategies[strategy].name.clone();
        let Some(name) = budget else {
            let policy = scenario.policy.as_ref().ok_or(NoPromise::NoPolicy)?;
            let asks = |it: &Objective| it.rto.is_some() || it.rpo.is_some();
            let of_site =
                |it: &DeletedSite| &policy.objectives[scenario.estate.sites[it.site].tier];
            if !scenario.incident.deleted.iter().any(|it| asks(of_site(it))) {
                return Err(NoPromise::NoObjective);
            }
            let says_rpo = policy.objectives.iter().any(|it| it.rpo.is_some());
            return match says_rpo && !scenario.gives(Needs::RestorePoint, strategy) {
                true => Err(NoPromise::NotJudged(own())),
                false => Ok(Self::Policy),
            };
        };
        let place = scenario.budgets.iter().position(|it| it.name == name);
        let place = place.ok_or_else(|| NoPromise::UnknownBudget(name.to_owned()))?;
        let it = &scenario.budgets[place];
        if it.level == Level::Off {
            return Err(NoPromise::Off(name.to_owned()));
        }
        match it.strategy.is_none_or(|it| it == strategy) {
            true => Ok(Self::Budget(place)),
            false => Err(NoPromise::OtherStrategy(name.to_owned(), own())),
        }
    }

    /// The share of exercises in which it has to be kept.
    #[must_use]
    pub fn required(self, scenario: &Scenario) -> f64 {
        match self {
            Self::Policy => self.policy(scenario).assurance.fraction(),
            Self::Budget(place) => scenario.budgets[place].assurance.fraction(),
        }
    }

    /// How sure one has to be of that.
    #[must_use]
    pub fn confidence(self, scenario: &Scenario) -> f64 {
        match self {
            Self::Policy => self.policy(scenario).confidence.fraction(),
            Self::Budget(place) => scenario.budgets[place].confidence.fraction(),
        }
    }

    fn policy(self, scenario: &Scenario) -> &RecoveryPolicy {
        scenario.policy.as_ref().expect("a promise of a policy has one")
    }

    /// What so many exercises that keep it say.
    #[must_use]
    pub fn judge(self, scenario: &Scenario, kept: u64, n: u64) -> Judgement {
        judge_share(kept, n, self.required(scenario), self.confidence(scenario))
    }

    /// Which exercises keep it; of a budget those that have its figure.
    pub(super) fn kept(
        self,
        scenario: &Scenario,
        results: &Results,
        metrics: &StrategyMetrics,
    ) -> Vec<bool> {
        let Self::Budget(place) = self else {
            // An exercise in which nothing with an objective was deleted has nothing to break.
            let keeps = |it: &ReplicationMetrics| it.meets().unwrap_or(true);
            return metrics.replications.iter().map(keeps).collect();
        };
        let measured = Measurements { strategies: vec![metrics.clone()] };
        let verdicts = judge_budgets(scenario, results, &measured);
        let verdict = verdicts.into_iter().find(|it| it.budget == place);
        // A variant may have turned the budget off, or made it one of another strategy.
        let Some(verdict) = verdict else { return vec![false; metrics.replications.len()] };
        let expect = &scenario.budgets[place].expect;
        verdict.values.iter().map(|it| expect.holds(*it)).collect()
    }
}
