//! What a scenario needs to have a figure at all.

use crate::ids::{IdVec, StrategyId, TeamId};
use crate::scenario::policy::{Objective, RecoveryPolicy};
use crate::scenario::runbook::Runbook;
use crate::scenario::team::Team;
use crate::scenario::{Needs, Scenario};

/// What figures may stand on in a whole scenario.
pub(crate) struct Grounds<'a> {
    pub teams: &'a IdVec<TeamId, Team>,
    pub policy: Option<&'a RecoveryPolicy>,
}

impl Grounds<'_> {
    /// What is missing for a figure, and what to do about it.
    pub(crate) fn missing(&self, needs: Needs) -> Option<[&'static str; 2]> {
        let objective = |has: fn(&Objective) -> bool| {
            self.policy.is_some_and(|it| it.objectives.iter().any(has))
        };
        let (given, words) = match needs {
            Needs::Price => (
                self.teams.iter().any(|it| it.cost_per_hour.is_some()),
                ["no team has a price", "add `cost_per_hour` to a team"],
            ),
            Needs::Rto => (
                objective(|it| it.rto.is_some()),
                ["there is no recovery time objective", "add `rto = \"6h\"` to `[policy]`"],
            ),
            Needs::Rpo => (
                objective(|it| it.rpo.is_some()),
                ["there is no recovery point objective", "add `rpo = \"1h\"` to `[policy]`"],
            ),
            Needs::Nothing
            | Needs::RestorePoint
            | Needs::Word
            | Needs::Outreach
            | Needs::Escalation => return None,
        };
        (!given).then_some(words)
    }
}

impl Scenario {
    /// Whether a strategy has what a figure needs, so that it is worth showing.
    #[must_use]
    pub fn gives(&self, needs: Needs, strategy: StrategyId) -> bool {
        let strategy = &self.strategies[strategy];
        let any = |is: fn(&Runbook) -> bool| strategy.runbooks(&self.runbooks).any(is);
        let grounds = Grounds { teams: &self.teams, policy: self.policy.as_ref() };
        match needs {
            Needs::Word => {
                any(Runbook::reaches_customers)
                    || self.incident.milestones.iter().any(|it| it.public)
            }
            Needs::RestorePoint => any(Runbook::says_data_loss),
            Needs::Rpo => any(Runbook::says_data_loss) && grounds.missing(needs).is_none(),
            Needs::Outreach => any(Runbook::reaches_customers),
            Needs::Escalation => any(Runbook::escalates),
            other => grounds.missing(other).is_none(),
        }
    }
}
