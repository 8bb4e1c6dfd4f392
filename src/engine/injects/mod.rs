//! What the exercise throws in: capacities are cut and come back, gates close and open, attempts
//! are marked to fail.

mod rules;

use crate::engine::draws::whole_millis;
use crate::plan::{InjectDraw, Plan, PlanInject};
use crate::rng::{Streams, uniform};
use crate::units::SimTime;

/// A rate is cut in parts of a million.
const WHOLE: u32 = 1_000_000;

/// What injects are doing at the moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Injected {
    /// Which of them are on.
    on: Vec<bool>,
    /// How many more attempts each fails.
    to_fail: Vec<u32>,
    /// Whether the running attempt of a task will fail, by its place; only there if some inject
    /// fails attempts.
    marked: Vec<bool>,
    /// How each pool's shift is lost; only there if some inject takes one away.
    shifts: Vec<LostShift>,
    /// Of pools on a roster, the instants whose shifts are lost: all that were on then.
    lost: Vec<(usize, u64)>,
}

/// Whether the shift of a team comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LostShift {
    #[default]
    Comes,
    /// There is nobody now; the next shift will not come.
    NextIsLost,
    /// It does not come.
    Lost,
}

/// The injects that chance has come in an exercise, by their places in the plan, and when, in
/// milliseconds, given when milestones come. One that comes after the horizon is not thrown in.
pub(crate) fn dated_injects<'a>(
    plan: &'a Plan,
    streams: &'a Streams,
    milestones: &'a [SimTime],
) -> impl Iterator<Item = (usize, u64)> + 'a {
    let comes = |it: &PlanInject| inject_draw(it, streams, InjectDraw::Chance) < it.chance;
    let at = move |it: &PlanInject| {
        let since = it.at.instant(|milestone| milestones[milestone].as_millis());
        let delay = it.delay.quantile(inject_draw(it, streams, InjectDraw::Delay));
        since.expect("an inject waits for no step") + whole_millis(delay)
    };
    let coming = plan.injects.iter().enumerate().filter(move |(_, it)| comes(it));
    coming.map(move |(place, it)| (place, at(it)))
}

fn inject_draw(inject: &PlanInject, streams: &Streams, draw: InjectDraw) -> f64 {
    uniform(streams.word(inject.stream, 0, draw as u64))
}

fn refill<T: Clone + Default>(list: &mut Vec<T>, length: usize) {
    list.clear();
    list.resize(length, T::default());
}
