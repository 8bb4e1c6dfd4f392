//! Tasks at work, and what stands for nobody and for no instant: what every mechanism shares.

use std::collections::BTreeMap;

/// Nobody and nothing.
pub(super) const NONE: u32 = u32::MAX;
/// No instant.
pub(super) const NEVER: u64 = u64::MAX;

/// How far a task has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Something that comes before it is not done.
    Waiting,
    /// It could start if its load stood.
    Loading,
    /// It could start.
    Eligible,
    /// An attempt runs.
    Running,
    /// An attempt has begun and waits for people to go on.
    Paused,
    /// Another step is done in its place.
    TakenOver,
    /// Done; a later failure may send it back.
    Done,
    /// Given up.
    Dropped,
}

/// The phases by their numbers.
const PHASES: [Phase; 8] = [
    Phase::Waiting,
    Phase::Loading,
    Phase::Eligible,
    Phase::Running,
    Phase::Paused,
    Phase::TakenOver,
    Phase::Done,
    Phase::Dropped,
];

/// A task, in a word: from its low end the attempts before the present one, the epoch and the phase.
/// Above them stands for how many others it waits; once it waits for none, since when it is in its phase,
/// in milliseconds.
///
/// The tasks of a site lie side by side, and of the reference case all of them took two megabytes, twice
/// what a core has near it, when each had sixteen bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Task(u64);

const EPOCH: u32 = 14;
const PHASE: u32 = EPOCH + 8;
const ABOVE: u32 = PHASE + 3;
/// So many attempts and more are counted elsewhere.
const MANY: u16 = (1 << EPOCH) - 1;
/// The first instant that is too late for a task: seventeen years after T+0, in milliseconds.
pub(super) const TOO_LATE: u64 = 1 << (64 - ABOVE);

impl Task {
    /// One that waits for so many others.
    #[inline(always)]
    pub(super) fn waiting_for(pending: u32) -> Self {
        Self(u64::from(pending) << ABOVE)
    }

    /// The same task from its beginning, waiting for so many others. Its epoch goes on: what is left of
    /// it on the lists of events and in queues is stale.
    #[inline(always)]
    pub(super) fn begun_anew(self, pending: u32) -> Self {
        Self(self.0 & 0xff << EPOCH | u64::from(pending) << ABOVE)
    }

    #[inline(always)]
    pub(super) fn phase(self) -> Phase {
        PHASES[(self.0 >> PHASE & 7) as usize]
    }

    /// Tells an event or a place in a queue from before the task was given up.
    #[inline(always)]
    pub(super) fn epoch(self) -> u8 {
        (self.0 >> EPOCH) as u8
    }

    /// Attempts before the present one; [`MANY`] where they are counted elsewhere.
    #[inline(always)]
    fn few_attempts(self) -> u16 {
        self.0 as u16 & MANY
    }

    /// Whether there was an attempt before the present one.
    #[inline(always)]
    pub(super) fn is_retried(self) -> bool {
        self.few_attempts() > 0
    }

    /// Since when it is in its phase, in milliseconds, unless it waits for others.
    #[inline(always)]
    pub(super) fn since(self) -> u64 {
        self.0 >> ABOVE
    }

    /// Whether it is in a phase and of an epoch.
    #[inline(always)]
    pub(super) fn is(self, phase: Phase, epoch: u8) -> bool {
        self.0 >> EPOCH & 0x7ff == (phase as u64) << 8 | u64::from(epoch)
    }

    /// Is in another phase from now on.
    #[inline(always)]
    pub(super) fn enter(&mut self, phase: Phase, now: u64) {
        debug_assert!(phase != Phase::Waiting, "it says for how many it waits");
        self.0 = self.0 & ((1 << PHASE) - 1) | (phase as u64) << PHASE | now << ABOVE;
    }

    /// Waits for so many others.
    pub(super) fn wait_for(&mut self, pending: u32) {
        self.0 = self.0 & ((1 << PHASE) - 1) | u64::from(pending) << ABOVE;
    }

    /// Waits for one more, if it waits at all.
    pub(super) fn wait_for_one_more(&mut self) {
        if self.phase() == Phase::Waiting {
            self.0 += 1 << ABOVE;
        }
    }

    /// Waits for one less; says whether it waits for none any more.
    #[inline(always)]
    pub(super) fn wait_for_one_less(&mut self) -> bool {
        self.0 -= 1 << ABOVE;
        self.0 >> PHASE == 0
    }

    /// What is on the lists of events and in queues of it is not true any more.
    pub(super) fn begin_epoch(&mut self) {
        let epoch = u64::from(self.epoch().wrapping_add(1));
        self.0 = self.0 & !(0xff << EPOCH) | epoch << EPOCH;
    }

    /// Is of the epoch of another.
    pub(super) fn take_epoch_of(&mut self, other: Self) {
        self.0 = self.0 & !(0xff << EPOCH) | other.0 & 0xff << EPOCH;
    }
}

/// The attempts of the few tasks that have had so many that a task has no room for their number, by the
/// places of the tasks.
#[derive(Clone, Debug, Default)]
pub(super) struct ManyAttempts {
    of: BTreeMap<usize, u16>,
}

impl ManyAttempts {
    pub(super) fn clear(&mut self) {
        self.of.clear();
    }

    /// Attempts of the task at a place before the present one.
    #[inline(always)]
    pub(super) fn before(&self, tasks: &[Task], place: usize) -> u16 {
        match tasks[place].few_attempts() {
            MANY => self.of[&place],
            few => few,
        }
    }

    /// The task at a place has had one attempt more.
    pub(super) fn count(&mut self, tasks: &mut [Task], place: usize) {
        let before = self.before(tasks, place);
        if before < MANY {
            tasks[place].0 += 1;
        }
        let now = before.saturating_add(1);
        if now >= MANY {
            self.of.insert(place, now);
        }
    }

    /// The task at a place is that of another.
    pub(super) fn pass_on(&mut self, from: usize, to: usize) {
        if let Some(many) = self.of.get(&from).copied() {
            self.of.insert(to, many);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_keeps_each_of_what_it_is_told_apart_from_the_rest() {
        let mut task = Task::waiting_for(u32::MAX);
        for _ in 0..300 {
            task.begin_epoch();
        }
        assert!(task.is(Phase::Waiting, 44) && !task.is(Phase::Waiting, 45));
        assert!(!task.is_retried());
        task.0 += 1;
        assert_eq!((task.few_attempts(), task.epoch()), (1, 44));
        assert!(!task.wait_for_one_less());
        task.wait_for(2);
        assert!(!task.wait_for_one_less());
        task.wait_for_one_more();
        assert!(!task.wait_for_one_less());
        assert!(task.wait_for_one_less());
        for phase in PHASES.into_iter().filter(|it| *it != Phase::Waiting) {
            task.enter(phase, TOO_LATE - 1);
            assert_eq!((task.phase(), task.since()), (phase, TOO_LATE - 1));
            assert!(task.is(phase, 44) && !task.is(Phase::Waiting, 44));
            task.wait_for_one_more();
            assert_eq!((task.since(), task.few_attempts(), task.epoch()), (TOO_LATE - 1, 1, 44));
        }
        assert_eq!((PHASES[2], PHASES[7]), (Phase::Eligible, Phase::Dropped));
        let anew = task.begun_anew(3);
        assert!(anew.is(Phase::Waiting, 44));
        assert_eq!((anew.few_attempts(), anew.begun_anew(0)), (0, task.begun_anew(0)));
    }

    #[test]
    fn attempts_are_counted_as_long_as_they_have_a_number() {
        let (mut tasks, mut many) = ([Task::waiting_for(7); 3], ManyAttempts::default());
        for before in 0..=u16::MAX {
            assert_eq!(many.before(&tasks, 1), before);
            assert_eq!(tasks[1].is_retried(), before > 0);
            many.count(&mut tasks, 1);
        }
        tasks[2] = tasks[1];
        many.pass_on(1, 2);
        tasks[1] = tasks[1].begun_anew(7);
        assert_eq!([0, 1, 2].map(|it| many.before(&tasks, it)), [0, 0, u16::MAX]);
        for _ in 0..20_000 {
            many.count(&mut tasks, 1);
        }
        assert_eq!(many.before(&tasks, 1), 20_000);
        assert!(tasks.iter().all(|it| it.is(Phase::Waiting, 0) && it.since() == 7));
    }
}
