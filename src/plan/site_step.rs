//! What the loop of the engine needs to know of each step for the sites of each profile, side by side.

use crate::rng::below;
use crate::scenario::Per;

use super::draws::DrawnFailure;
use super::expand::to_u16;
use super::failure::PlanFailure;
use super::needs::PlanNeeds;
use super::profile::{Gate, Profile};
use super::step::{PlanStep, StepDetail};

/// A step for the sites of one profile, in 32 bytes: half a line of cache, where what it is made of
/// lies in five places.
///
/// Most steps only wait for units, take time and let others go on, and may fail. Asking one flag whether
/// this is one of them, instead of twenty what it might be, saves 680 of 1,930 instructions an attempt
/// of a plain chain (70 steps, 12 teams), and 450 of 2,520 of the reference case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(32))]
pub(crate) struct SiteStep {
    /// How many steps wait for it.
    pub successor_count: u16,
    /// The first of them: mostly there is no other.
    pub successor: u16,
    /// What an attempt needs, by its place in [`PlanNeeds::demands`].
    pub demand: u16,
    /// The pool of which it needs units, if that is all that it needs.
    pub pool: u16,
    pub units: u32,
    /// The lane of its durations.
    pub lane: u32,
    /// Its place in [`super::draws::PlanDraws::failures`].
    pub failure: u16,
    /// Its place in [`super::growth::PlanGrowth::kinds`].
    pub growth: u16,
    pub learns_as: u16,
    pub track: u8,
    flags: u16,
}

const _: () = assert!(size_of::<SiteStep>() == 32, "a step takes 32 bytes");

/// An attempt starts, ends or waits otherwise than most.
const SPECIAL: u16 = 1;
/// Its end may come to something else than most.
const JUDGED: u16 = 2;
/// It may fail by itself.
const FAILS: u16 = 4;
/// More follows from its completion than that what waits for it goes on.
const CONSEQUENTIAL: u16 = 8;
/// It counts for handing a site over or for freeing a slot.
const GATE: u16 = 16;
/// Its time falls with repetition.
const LEARNS: u16 = 32;
/// It needs units of one pool and nothing else.
const ONE_POOL: u16 = 64;
/// Nobody else needs that pool.
const ALONE: u16 = 128;
/// Its duration is drawn.
const DRAWN: u16 = 256;

impl SiteStep {
    /// Every step for sites of every profile, profile after profile; of what is not done for sites it
    /// says just that it is special. There is one profile at least, so that every task has its step.
    pub(super) fn all(
        steps: &[PlanStep],
        details: &[StepDetail],
        profiles: &[Profile],
        needs: &PlanNeeds,
    ) -> Vec<Self> {
        let special = Self { flags: SPECIAL, ..Self::default() };
        if profiles.is_empty() {
            return vec![special; steps.len()];
        }
        let failure_of = places_of_failures(details);
        let of = |profile: &Profile, index: usize| match steps[index].per {
            Per::Site => Self::new((steps, details), index, profile, needs, &failure_of),
            Per::Batch | Per::Shard | Per::Once => special,
        };
        let of = &of;
        let all = profiles.iter().flat_map(|it| (0..steps.len()).map(move |step| of(it, step)));
        all.collect()
    }

    fn new(
        (steps, details): (&[PlanStep], &[StepDetail]),
        index: usize,
        profile: &Profile,
        needs: &PlanNeeds,
        failure_of: &[u16],
    ) -> Self {
        let (step, detail) = (&steps[index], &details[index]);
        let successors = profile.successors_of(index);
        let ((pool, units), others) = needs.demands.units(usize::from(step.demand));
        Self {
            successor_count: u16::try_from(successors.len()).expect("at most 4,000 steps"),
            successor: successors.first().copied().unwrap_or(0),
            demand: step.demand,
            pool,
            units,
            lane: step.lane,
            failure: failure_of[index],
            growth: step.growth,
            learns_as: step.learns_as,
            track: step.track,
            flags: [
                (is_special(step), SPECIAL),
                (is_judged(detail), JUDGED),
                (detail.failure.is_some(), FAILS),
                (is_consequential(step, successors, steps), CONSEQUENTIAL),
                (profile.counts_for[index] != Gate::default(), GATE),
                (step.learns, LEARNS),
                (units > 0 && others.is_empty() && !step.varies, ONE_POOL),
                (!step.varies && needs.demands.is_alone(step.demand), ALONE),
                (step.drawn, DRAWN),
            ]
            .into_iter()
            .map(|(is, flag)| if is { flag } else { 0 })
            .sum(),
        }
    }

    /// The same, taken for one that is special.
    #[cfg(test)]
    pub(crate) fn as_special(self) -> Self {
        Self { flags: self.flags | SPECIAL, ..self }
    }

    /// Whether it becomes eligible, starts or ends otherwise than most.
    #[inline(always)]
    pub(crate) fn is_special(self) -> bool {
        self.flags & SPECIAL != 0
    }

    /// Whether its end is always looked at.
    #[inline(always)]
    pub(crate) fn is_judged(self) -> bool {
        self.flags & JUDGED != 0
    }

    /// Whether it can fail by itself.
    #[inline(always)]
    pub(crate) fn fails(self) -> bool {
        self.flags & FAILS != 0
    }

    /// Whether more follows from its completion than that the steps of its site that wait for it go on.
    #[inline(always)]
    pub(crate) fn is_consequential(self) -> bool {
        self.flags & CONSEQUENTIAL != 0
    }

    /// Whether it counts for handing a site over or for freeing a slot.
    #[inline(always)]
    pub(crate) fn is_gate(self) -> bool {
        self.flags & GATE != 0
    }

    /// Whether its time falls with repetition.
    #[inline(always)]
    pub(crate) fn learns(self) -> bool {
        self.flags & LEARNS != 0
    }

    /// Whether it needs units of one pool, always the same, and nothing else.
    #[inline(always)]
    pub(crate) fn needs_one_pool(self) -> bool {
        self.flags & ONE_POOL != 0
    }

    /// Whether nobody else needs that pool.
    #[inline(always)]
    pub(crate) fn is_alone(self) -> bool {
        self.flags & ALONE != 0
    }

    /// Whether its duration is drawn at all.
    #[inline(always)]
    pub(crate) fn is_drawn(self) -> bool {
        self.flags & DRAWN != 0
    }
}

/// How the failures of all steps that can fail are drawn, in their order.
pub(super) fn drawn_failures(details: &[StepDetail]) -> Vec<DrawnFailure> {
    let failing = details.iter().filter_map(|it| it.failure.as_ref());
    let drawn = |it: &PlanFailure| DrawnFailure { lane: it.lane, threshold: below(it.probability) };
    failing.map(drawn).collect()
}

/// How many steps that can fail stand before each.
fn places_of_failures(details: &[StepDetail]) -> Vec<u16> {
    let before = details.iter().scan(0, |failing, it| {
        let place = *failing;
        *failing += usize::from(it.failure.is_some());
        Some(to_u16(place))
    });
    before.collect()
}

/// Whether no start changes what another of the same instant comes to. It does where attempts find out
/// for others what cannot be read, or where so many of the first to start fail; so no step may be
/// special at all.
pub(super) fn starts_are_independent(steps: &[PlanStep]) -> bool {
    steps.iter().all(|it| it.per == Per::Site && !is_special(it))
}

fn is_special(step: &PlanStep) -> bool {
    step.extracts
        || step.restores
        || step.opens
        || step.varies
        || step.can_be_failed
        || step.transfers
        || step.pausable
        || step.strained
        || step.automatable
        || step.escalates
}

/// Whether there is more to judge than whether it has failed by itself.
fn is_judged(detail: &StepDetail) -> bool {
    !detail.finds.is_empty() || detail.stands_in_for.is_some() || detail.may_go_on
}

fn is_consequential(step: &PlanStep, successors: &[u16], steps: &[PlanStep]) -> bool {
    step.counts_runs
        || step.repairs
        || step.restores
        || step.recurs
        || step.ends_holds
        || step.reaches
        || successors.iter().any(|it| steps[usize::from(*it)].per != Per::Site)
}
