//! When things come that nobody has to wait for: milestones, deletions, injects.

use crate::audit::draws::whole_millis;
use crate::audit::ground::Ground;
use crate::ids::Id;
use crate::rng::{Purpose, StreamKey, Streams, uniform};
use crate::scenario::{Lost, MilestoneAnchor, Moment, MomentBase};

/// Never.
pub(super) const NEVER: u64 = u64::MAX;

/// The dates of an exercise, in milliseconds since T+0.
pub(super) struct Dates {
    /// By milestone.
    pub milestones: Vec<u64>,
    /// By row; never where a guardrail spares the site, or only an inject deletes it.
    pub deleted_at: Vec<u64>,
    /// By row: what is taken of the site first, or may ever be where nothing is by itself.
    pub first_lost: Vec<Lost>,
    /// What is taken when, where some of a site may go before the rest.
    pub losses: Vec<(u64, u32, Lost)>,
    /// By inject: when it is thrown in; never where chance does not have it.
    pub injects: Vec<u64>,
    /// By inject: how long it lasts, where it ends.
    pub lasts: Vec<Option<u64>>,
}

impl Dates {
    pub(super) fn new(ground: &Ground<'_>, streams: &Streams) -> Self {
        let incident = &ground.scenario.incident;
        let mut dates = Self {
            milestones: vec![NEVER; incident.milestones.len()],
            deleted_at: Vec::new(),
            first_lost: Vec::new(),
            losses: Vec::new(),
            injects: Vec::new(),
            lasts: Vec::new(),
        };
        // A guardrail stops the deletion at a milestone; others follow the last deletion.
        dates.date_milestones(ground, streams, false);
        dates.date_deletions(ground, streams);
        dates.date_milestones(ground, streams, true);
        dates.date_injects(ground, streams);
        dates
    }

    fn date_milestones(&mut self, ground: &Ground<'_>, streams: &Streams, after_last: bool) {
        let incident = &ground.scenario.incident;
        for id in &incident.milestone_order {
            if incident.follows_last_deletion(*id) != after_last {
                continue;
            }
            let it = &incident.milestones[*id];
            let since = match it.after {
                MilestoneAnchor::FirstDeletion => 0,
                MilestoneAnchor::LastDeletion => {
                    let more = self.losses.iter().map(|it| &it.0);
                    let gone = self.deleted_at.iter().chain(more).filter(|at| **at != NEVER);
                    gone.max().copied().unwrap_or(0)
                }
                MilestoneAnchor::Milestone(other) => self.milestones[other.index()],
            };
            let key = StreamKey::new(Purpose::Milestone, &[&it.name]);
            let delay = it.delay.quantile(uniform(streams.word(key, 0, 0)));
            self.milestones[id.index()] = since + whole_millis(delay);
        }
    }

    fn date_deletions(&mut self, ground: &Ground<'_>, streams: &Streams) {
        let guardrails = &ground.strategy.guardrails;
        let refusal = StreamKey::new(Purpose::Refusal, &[]);
        let is_refused = guardrails
            .identifier_check
            .is_some_and(|it| uniform(streams.word(refusal, 0, 0)) < it.fraction());
        let stopped = guardrails.staged_rollout.as_ref();
        let stopped = stopped.map_or(NEVER, |it| self.milestones[it.stops_at.index()]);
        let planned = ground.scenario.incident.deleted_at(guardrails);
        let date = |at: crate::units::SimTime| match at.as_millis() {
            at if is_refused || at > stopped => NEVER,
            at => at,
        };
        self.deleted_at = planned.into_iter().map(date).collect();
        let incident = &ground.scenario.incident;
        let rows = 0..incident.deleted.len();
        self.first_lost = rows.map(|row| incident.loses_at_most(row)).collect();
        if !incident.may_come_again() {
            return;
        }
        let losses = incident.losses(&ground.scenario.estate, guardrails);
        for it in losses.iter().rev() {
            self.first_lost[it.place] = it.lost;
        }
        let row = |it: usize| u32::try_from(it).expect("fewer than 2^32 sites");
        let dated = losses.iter().map(|it| (date(it.at), row(it.place), it.lost));
        self.losses = dated.filter(|it| it.0 != NEVER).collect();
    }

    fn date_injects(&mut self, ground: &Ground<'_>, streams: &Streams) {
        let injects = &ground.scenario.injects;
        for (place, it) in injects.iter().enumerate() {
            let same = injects[..=place].iter().filter(|other| other.key == it.key).count();
            let key = StreamKey::new(Purpose::Inject, &[&it.key, &same.to_string()]);
            let [chance, delay, length] = [0, 1, 2].map(|it| uniform(streams.word(key, 0, it)));
            let at = self.instant(it.at).expect("an inject waits for no step");
            let comes = chance < it.chance.fraction();
            let at = at.saturating_add(whole_millis(it.delay.quantile(delay)));
            self.injects.push(if comes { at } else { NEVER });
            let lasts = it.lasts.as_ref().map(|it| whole_millis(it.quantile(length)).max(1));
            self.lasts.push(lasts);
        }
    }

    /// When a moment comes that waits for no step.
    pub(super) fn instant(&self, moment: Moment) -> Option<u64> {
        match moment.base {
            MomentBase::Start => Some(moment.plus.as_millis()),
            MomentBase::Milestone(id) => {
                Some(self.milestones[id.index()].saturating_add(moment.plus.as_millis()))
            }
            MomentBase::Step(..) => None,
        }
    }
}
