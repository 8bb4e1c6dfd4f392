//! When milestones are reached and tracks open and close by them.

use crate::engine::draws::whole_millis;
use crate::engine::events::Event;
use crate::engine::replication::Engine;
use crate::plan::{PlanAnchor, PlanBase, PlanMilestone, PlanMoment};
use crate::rng::uniform;
use crate::trace::{Recorder, TraceRecord};

impl Engine<'_> {
    /// Fixes when each of these is reached, one after the other.
    pub(in crate::engine) fn date_milestones(&mut self, milestones: &[PlanMilestone]) {
        for milestone in milestones {
            let after = match milestone.after {
                PlanAnchor::FirstDeletion => 0,
                PlanAnchor::LastDeletion => self.deletions.last_deletion(),
                PlanAnchor::Milestone(other) => self.milestones.at[other],
            };
            let u = uniform(self.draws.streams().word(milestone.stream, 0, 0));
            let at = after + whole_millis(milestone.delay.quantile(u));
            self.milestones.at[milestone.index] = at;
            let index = u32::try_from(milestone.index).expect("few milestones");
            self.future.push(at, Event::Milestone(index));
        }
    }

    pub(in crate::engine) fn on_milestone(&mut self, index: u32, recorder: &mut impl Recorder) {
        self.tell(recorder, |_| TraceRecord::Milestone(index));
        self.automate_after(PlanBase::Milestone(index as usize), recorder);
    }

    /// Puts the opening of every track whose instant is known on the list of events, at the
    /// earliest now.
    pub(in crate::engine) fn open_tracks(&mut self) {
        for (index, track) in self.plan.tracks.iter().enumerate() {
            let number = u8::try_from(index).expect("a checked strategy has at most 200 tracks");
            if let Some(at) = self.milestones.instant_of(track.opens) {
                self.future.push(at.max(self.now), Event::Open(number));
            }
        }
    }

    /// Puts what has waited for a `once` step on the list of events.
    pub(in crate::engine) fn release_moments(&mut self, step: u16, recorder: &mut impl Recorder) {
        let plan = self.plan;
        self.automate_after(PlanBase::Step(step), recorder);
        let waits = |moment: PlanMoment| moment.base == PlanBase::Step(step);
        for (index, track) in plan.tracks.iter().enumerate() {
            let number = u8::try_from(index).expect("a checked strategy has at most 200 tracks");
            if waits(track.opens) {
                self.future.push(self.now + track.opens.plus, Event::Open(number));
            }
            if let Some(closes) = track.closes.filter(|it| waits(*it)) {
                self.future.push(self.now + closes.plus, Event::Close(number));
            }
        }
    }
}
