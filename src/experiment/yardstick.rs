//! What replications are measured by: the facts of the sites that an incident aims at, and what
//! became of each of them in an outcome.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::experiment::contacts::Contacts;
use crate::experiment::{AimedAt, Aims, PackedOutcome, Results};
use crate::ids::{Id, IdVec, StrategyId, TierId};
use crate::scenario::{Clock, Needs, Objective, RpoAt, Scenario};
use crate::units::{Share, SimDuration, SimTime};

/// What each of the replications of `results` is measured by.
#[derive(Clone, Debug)]
pub struct Yardsticks<'a> {
    scenario: &'a Scenario,
    results: &'a Results,
    /// The tiers that the incident aims at in any replication.
    tiers: BTreeSet<TierId>,
    /// Whether it aims at any user in any replication.
    somebody: bool,
    /// Under which strategies any step says to which moment data comes back.
    says_data_loss: IdVec<StrategyId, bool>,
    /// The one of all replications, if their estate is the same.
    same: Option<Yardstick>,
}

impl<'a> Yardsticks<'a> {
    /// Those of `results`, which came from `scenario`.
    #[must_use]
    pub fn new(scenario: &'a Scenario, results: &'a Results) -> Self {
        let sites = || results.aims.estates().flatten();
        let says = scenario.strategies.ids().map(|it| scenario.gives(Needs::RestorePoint, it));
        let mut all = Self {
            scenario,
            results,
            tiers: sites().map(|it| it.tier).collect(),
            somebody: sites().any(|it| it.users > 0),
            says_data_loss: says.collect(),
            same: None,
        };
        if let Aims::Same(sites) = &results.aims {
            assert!(!sites.is_empty(), "an incident deletes a site");
            all.same = Some(Yardstick::new(&all, sites));
        }
        all
    }

    /// That of the replication of this number.
    #[must_use]
    pub fn of(&self, replication: usize) -> Cow<'_, Yardstick> {
        match &self.same {
            Some(same) => Cow::Borrowed(same),
            None => Cow::Owned(Yardstick::new(self, self.results.sites(replication))),
        }
    }

    /// Whether the incident aims at any user in any replication.
    #[must_use]
    pub fn somebody(&self) -> bool {
        self.somebody
    }
}

/// What a replication is measured by: the facts of the sites that the incident aims at in it,
/// worked out once for all replications with the same estate.
#[derive(Clone, Debug)]
pub struct Yardstick {
    pub(crate) sites: Vec<SiteFacts>,
    contacts: Contacts,
    pub(crate) users: u64,
    /// Whether there is any user in any replication.
    somebody: bool,
    clock: Clock,
    pub(crate) horizon: SimTime,
    pub(crate) rto: Vec<Group>,
    pub(crate) rpo: Vec<Group>,
    rpo_at: RpoAt,
    /// Under which strategies any step says to which moment data comes back.
    says_data_loss: IdVec<StrategyId, bool>,
}

/// What is known of a site before anything happens to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SiteFacts {
    /// When the incident has it deleted.
    planned: SimTime,
    pub users: u64,
    /// Place of its objectives among the groups.
    pub rto: Option<usize>,
    pub rpo: Option<usize>,
}

/// The sites with the same objective: coverage must hold in each group, so that a small tier with
/// an objective of its own does not drown among the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub objective: SimDuration,
    pub coverage: Share,
}

impl Yardstick {
    fn new(all: &Yardsticks<'_>, sites: &[AimedAt]) -> Self {
        let scenario = all.scenario;
        let (mut rto, mut rpo) = (Vec::new(), Vec::new());
        let policy = scenario.policy.as_ref();
        let coverage = policy.map_or(Share::NONE, |it| it.coverage);
        let mut groups = |tier: TierId| {
            let none = Objective { rto: None, rpo: None };
            let objective = policy.map_or(none, |it| it.objectives[tier]);
            let rto = objective.rto.map(|it| group_of(&mut rto, it, coverage));
            (rto, objective.rpo.map(|it| group_of(&mut rpo, it, coverage)))
        };
        // An objective that no site of this replication has is met.
        for tier in &all.tiers {
            groups(*tier);
        }
        let facts = |it: &AimedAt| {
            let (rto, rpo) = groups(it.tier);
            SiteFacts { planned: it.at, users: u64::from(it.users), rto, rpo }
        };
        let facts: Vec<SiteFacts> = sites.iter().map(facts).collect();
        Self {
            users: facts.iter().map(|it| it.users).sum(),
            somebody: all.somebody,
            sites: facts,
            contacts: Contacts::new(scenario, sites),
            clock: policy.map_or(Clock::Deletion, |it| it.clock),
            horizon: SimTime::ZERO + scenario.experiment.horizon,
            rto,
            rpo,
            rpo_at: scenario.rpo_at(),
            says_data_loss: all.says_data_loss.clone(),
        }
    }

    /// Recovery point actual of the site at this place of [`Results::sites`], at the moment that the
    /// policy says; `None` when it was not restored, or not known to which moment.
    #[must_use]
    pub fn rpa(&self, outcome: &PackedOutcome, site: usize) -> Option<SimDuration> {
        outcome.restored_at(site)?;
        outcome.data_loss(site).of(self.rpo_at)
    }

    /// The recovery point objective of the site at this place, if it has one.
    #[must_use]
    pub fn rpo(&self, site: usize) -> Option<SimDuration> {
        self.sites[site].rpo.map(|group| self.rpo[group].objective)
    }

    /// Whether any step of a strategy says to which moment data comes back.
    #[must_use]
    pub fn says_data_loss(&self, strategy: StrategyId) -> bool {
        self.says_data_loss[strategy]
    }

    /// Recovery time actual of the site at this place of [`Results::sites`], by the policy's
    /// clock; `None` when it was not restored.
    #[must_use]
    pub fn rta(&self, outcome: &PackedOutcome, site: usize) -> Option<SimDuration> {
        let restored = outcome.restored_at(site)?;
        Some(restored.saturating_since(self.clock_starts(outcome, site)?))
    }

    /// From when the recovery time of the site at this place counts; `None` if it was spared.
    pub(crate) fn clock_starts(&self, outcome: &PackedOutcome, site: usize) -> Option<SimTime> {
        let own = self.deleted_at(outcome, site)?;
        Some(match self.clock {
            Clock::Deletion => own,
            Clock::Milestone(milestone) => own.max(outcome.milestones[milestone.index()]),
        })
    }

    /// When the site at this place of [`Results::sites`] was last deleted; `None` if it was spared.
    #[must_use]
    pub fn deleted_at(&self, outcome: &PackedOutcome, site: usize) -> Option<SimTime> {
        outcome.deleted_at(site, self.sites[site].planned)
    }

    /// Sites that were deleted, and their users.
    #[must_use]
    pub fn deleted(&self, outcome: &PackedOutcome) -> (u32, u64) {
        if outcome.is_deleted_as_planned() {
            let sites = u32::try_from(self.sites.len()).expect("an estate has fewer sites");
            return (sites, self.users);
        }
        let each = self.sites.iter().enumerate();
        let deleted = each.filter(|(place, _)| self.deleted_at(outcome, *place).is_some());
        deleted.fold((0, 0), |(sites, users), (_, site)| (sites + 1, users + site.users))
    }

    /// How many sites the incident aims at.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.sites.len()
    }

    /// Whether there is any user in any replication.
    pub(crate) fn somebody(&self) -> bool {
        self.somebody
    }

    /// When customers heard something.
    pub(crate) fn contacts(&self) -> &Contacts {
        &self.contacts
    }

    /// Users of the site at this place of [`Results::sites`].
    #[must_use]
    pub fn users_of(&self, site: usize) -> u64 {
        self.sites[site].users
    }
}

/// The place of the group of an objective.
fn group_of(groups: &mut Vec<Group>, objective: SimDuration, coverage: Share) -> usize {
    groups.iter().position(|it| it.objective == objective).unwrap_or_else(|| {
        groups.push(Group { objective, coverage });
        groups.len() - 1
    })
}
