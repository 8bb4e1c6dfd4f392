//! What waits for what: steps that a site does not have are left out, and what waited for those waits
//! for what they waited for.

use std::collections::BTreeSet;

use crate::audit::ground::{Ground, StepFacts};
use crate::ids::{StepId, TrackId};
use crate::scenario::{Per, When};

/// The order of the steps of a strategy.
pub(super) struct Graph {
    /// What each step comes right after, as written.
    written: Vec<Vec<usize>>,
    /// For each kind of site.
    pub shapes: Vec<Shape>,
    /// The batch steps of its track that each batch step waits for, and those that wait for it.
    pub batches: Vec<Around>,
    /// The `once` steps that each `once` or batch step waits for; what waits for each `once` step.
    pub onces: Vec<Around>,
    /// The first step of the track that is the same work.
    pub work: Vec<usize>,
}

/// What is right before a step, and what is right after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub before: Vec<usize>,
    pub after: Vec<usize>,
}

/// The order of the steps of a kind of site.
pub(super) struct Shape {
    /// Of site steps: what each waits for. Of batch steps: the site steps of its track that it waits
    /// for. `after` has the same edges the other way round.
    pub around: Vec<Around>,
    /// Whether a site step begins when its track takes the site.
    pub is_first: Vec<bool>,
    /// Whether the end of a step counts for giving the site back.
    pub hands_over: Vec<bool>,
    /// Whether the end of a step counts for freeing the site's part of the slot.
    pub frees_slot: Vec<bool>,
    /// For each track how many steps count for giving the site back.
    pub hand_overs: Vec<u32>,
    /// For each track how many steps count for freeing the slot.
    pub slot_frees: Vec<u32>,
}

impl Graph {
    pub(super) fn new(ground: &Ground<'_>) -> Self {
        let steps = ground.steps.len();
        let mut graph = Self {
            written: written(ground),
            shapes: Vec::new(),
            batches: vec![Around::default(); steps],
            onces: vec![Around::default(); steps],
            work: (0..steps).map(|step| same_work(ground, step)).collect(),
        };
        graph.order_batches(ground);
        graph.order_onces(ground);
        graph.shapes = (0..ground.kinds.len()).map(|kind| graph.shape(ground, kind)).collect();
        graph
    }

    /// What each step comes right after when those that are not there are left out.
    fn without(&self, is_there: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
        let mut known: Vec<Option<Vec<usize>>> = vec![None; self.written.len()];
        (0..self.written.len()).for_each(|step| {
            self.nearest(step, &is_there, &mut known);
        });
        known.into_iter().flatten().collect()
    }

    fn nearest(
        &self,
        step: usize,
        is_there: &impl Fn(usize) -> bool,
        known: &mut Vec<Option<Vec<usize>>>,
    ) {
        if known[step].is_some() {
            return;
        }
        let mut before = BTreeSet::new();
        for earlier in &self.written[step] {
            if is_there(*earlier) {
                before.insert(*earlier);
                continue;
            }
            self.nearest(*earlier, is_there, known);
            before.extend(known[*earlier].iter().flatten());
        }
        known[step] = Some(before.into_iter().collect());
    }

    fn order_batches(&mut self, ground: &Ground<'_>) {
        let is_batch = |it: usize| per(ground, it) == Per::Batch && !ground.steps[it].absent;
        let before = self.without(is_batch);
        for step in (0..before.len()).filter(|it| is_batch(*it)) {
            for earlier in &before[step] {
                if ground.steps[*earlier].track == ground.steps[step].track {
                    self.batches[step].before.push(*earlier);
                    self.batches[*earlier].after.push(step);
                }
            }
        }
    }

    fn order_onces(&mut self, ground: &Ground<'_>) {
        let before = self.without(|it| !ground.steps[it].absent);
        for step in (0..before.len()).filter(|it| !ground.steps[*it].absent) {
            for earlier in before[step].iter().filter(|it| per(ground, **it) == Per::Once) {
                let same_track = ground.steps[*earlier].track == ground.steps[step].track;
                let waits = match per(ground, step) {
                    Per::Once => true,
                    // No batch is taken before all that is done once in its track.
                    Per::Batch => !same_track,
                    Per::Site | Per::Shard => false,
                };
                if waits {
                    self.onces[step].before.push(*earlier);
                    self.onces[*earlier].after.push(step);
                }
            }
        }
    }

    fn shape(&self, ground: &Ground<'_>, kind: usize) -> Shape {
        let steps = ground.steps.len();
        let has = |step: usize| ground.has(kind, step);
        let before = self.without(has);
        let tracks = ground.strategy.tracks.len();
        let mut shape = Shape {
            around: vec![Around::default(); steps],
            is_first: vec![false; steps],
            hands_over: vec![false; steps],
            frees_slot: vec![false; steps],
            hand_overs: vec![0; tracks],
            slot_frees: vec![0; tracks],
        };
        for step in (0..steps).filter(|it| has(*it)) {
            let own = |it: &usize| ground.steps[*it].track == ground.steps[step].track;
            let waits: Vec<usize> = match per(ground, step) {
                Per::Site if ground.steps[step].step.stands_in_for.is_some() => continue,
                Per::Site => {
                    let once = |it: &usize| per(ground, *it) == Per::Once && own(it);
                    before[step].iter().copied().filter(|it| !once(it)).collect()
                }
                Per::Batch => {
                    let site = |it: &usize| per(ground, *it) == Per::Site && own(it);
                    before[step].iter().copied().filter(site).collect()
                }
                Per::Once | Per::Shard => continue,
            };
            shape.is_first[step] = per(ground, step) == Per::Site && !waits.iter().any(own);
            for earlier in &waits {
                shape.around[*earlier].after.push(step);
            }
            shape.around[step].before = waits;
        }
        for (step, it) in ground.steps.iter().enumerate() {
            let counted = if has(step) { vec![step] } else { before[step].clone() };
            for counts in counted {
                if per(ground, counts) != Per::Once && ground.steps[counts].track == it.track {
                    shape.hands_over[counts] |= it.step.hand_over;
                    shape.frees_slot[counts] |= it.step.frees_slot;
                }
            }
        }
        for (step, it) in ground.steps.iter().enumerate() {
            shape.hand_overs[it.track] += u32::from(shape.hands_over[step]);
            shape.slot_frees[it.track] += u32::from(shape.frees_slot[step]);
        }
        shape
    }

    /// What comes right after a step for a kind of site, whatever it is done for.
    fn after(&self, kind: usize, step: usize) -> impl Iterator<Item = usize> + '_ {
        let of_site = self.shapes[kind].around[step].after.iter();
        of_site.chain(&self.batches[step].after).chain(&self.onces[step].after).copied()
    }

    /// Steps and all that comes after them in their track, for a kind of site.
    pub(super) fn reached(
        &self,
        ground: &Ground<'_>,
        kind: usize,
        from: Vec<usize>,
    ) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open = from;
        while let Some(step) = open.pop() {
            if seen.insert(step) {
                let own = |it: &usize| ground.steps[*it].track == ground.steps[step].track;
                open.extend(self.after(kind, step).filter(own));
            }
        }
        seen
    }

    /// The steps of the same kind that are done again when `finder` sends the work back to `from`:
    /// all on a way from one to the other, and the finder.
    pub(super) fn again(
        &self,
        ground: &Ground<'_>,
        kind: usize,
        from: &[usize],
        finder: usize,
    ) -> Vec<usize> {
        let what = per(ground, finder);
        let next = |step: usize| -> Vec<usize> {
            let after: Vec<usize> = match what {
                Per::Shard => Vec::new(),
                Per::Site => self.shapes[kind].around[step].after.clone(),
                Per::Batch => self.batches[step].after.clone(),
                Per::Once => self.onces[step].after.clone(),
            };
            after.into_iter().filter(|it| per(ground, *it) == what).collect()
        };
        let mut from: Vec<usize> = from.to_vec();
        if what == Per::Site {
            from = self.there_or_next(ground, kind, &from);
        }
        let mut found = BTreeSet::from([finder]);
        let leads = |step: usize| {
            let (mut open, mut seen) = (vec![step], BTreeSet::new());
            while let Some(it) = open.pop() {
                if it == finder {
                    return true;
                }
                if seen.insert(it) {
                    open.extend(next(it));
                }
            }
            false
        };
        let mut seen = BTreeSet::new();
        while let Some(step) = from.pop() {
            if seen.insert(step) {
                from.extend(next(step));
                if leads(step) {
                    found.insert(step);
                }
            }
        }
        found.into_iter().collect()
    }

    /// These steps where a site has them; in the place of what its kind of deletion does not call
    /// for, what comes next.
    fn there_or_next(&self, ground: &Ground<'_>, kind: usize, steps: &[usize]) -> Vec<usize> {
        let mut there = Vec::new();
        for step in steps {
            if ground.has(kind, *step) {
                there.push(*step);
            } else if ground.steps[*step].step.when != When::Always {
                let follows = |it: &usize| self.written[*it].contains(step);
                let next: Vec<usize> = (0..self.written.len()).filter(follows).collect();
                there.extend(self.there_or_next(ground, kind, &next));
            }
        }
        there
    }

    /// The barriers that wait for a step of a site, directly or one behind the other.
    fn barriers(&self, ground: &Ground<'_>, kind: usize, step: usize) -> BTreeSet<usize> {
        let batch = |it: &usize| per(ground, *it) == Per::Batch;
        let after = self.shapes[kind].around[step].after.iter().copied();
        let mut open: Vec<usize> = after.filter(batch).collect();
        let mut found = BTreeSet::new();
        while let Some(barrier) = open.pop() {
            if found.insert(barrier) {
                open.extend(&self.batches[barrier].after);
            }
        }
        found
    }

    /// What is behind the barriers that may go on without a step of a site: its site steps, and
    /// whether any barrier counts for giving the site back.
    pub(super) fn behind(
        &self,
        ground: &Ground<'_>,
        kind: usize,
        step: usize,
    ) -> (Vec<usize>, bool) {
        let barriers = self.barriers(ground, kind, step);
        let shape = &self.shapes[kind];
        let after = barriers.iter().flat_map(|it| &shape.around[*it].after);
        let behind: BTreeSet<usize> = after.copied().collect();
        (behind.into_iter().collect(), barriers.iter().any(|it| shape.hands_over[*it]))
    }

    /// The steps of a site for which no barrier waits once it has escalated at a step.
    pub(super) fn excused(&self, ground: &Ground<'_>, kind: usize, step: usize) -> Vec<usize> {
        let waited_for = |place: &usize| {
            let mut after = self.shapes[kind].around[*place].after.iter();
            per(ground, *place) == Per::Site && after.any(|it| per(ground, *it) == Per::Batch)
        };
        self.reached(ground, kind, vec![step]).into_iter().filter(waited_for).collect()
    }

    /// For a kind of site: the steps at whose end is given back what a step keeps until another.
    pub(super) fn ends_of_hold(
        &self,
        ground: &Ground<'_>,
        kind: usize,
        holder: usize,
        until: StepId,
    ) -> Vec<usize> {
        let ends = alike(ground, holder, until);
        if per(ground, holder) != Per::Site {
            return ends.into_iter().filter(|it| !ground.steps[*it].absent).collect();
        }
        if ends.iter().all(|it| ground.has(kind, *it)) {
            return ends;
        }
        let before = self.without(|it| ground.has(kind, it));
        let counted = |it: &usize| match ground.has(kind, *it) {
            true => vec![*it],
            false => before[*it].clone(),
        };
        let own = |it: &usize| {
            per(ground, *it) == Per::Site && ground.steps[*it].track == ground.steps[holder].track
        };
        ends.iter().flat_map(counted).filter(own).collect()
    }
}

/// What a step is done for.
pub(super) fn per(ground: &Ground<'_>, step: usize) -> Per {
    ground.steps[step].step.per
}

/// The places of a step of a track.
pub(super) fn places<'g>(
    ground: &'g Ground<'_>,
    track: TrackId,
    step: StepId,
) -> impl Iterator<Item = usize> + 'g {
    let places = ground.steps.iter().enumerate();
    places.filter(move |(_, it)| it.place.track == track && it.place.step == step).map(|it| it.0)
}

/// The places of another step of the track of a step: of its own element where both are expanded
/// over the same.
pub(super) fn alike(ground: &Ground<'_>, step: usize, other: StepId) -> Vec<usize> {
    let own = &ground.steps[step];
    let theirs: Vec<usize> = places(ground, own.place.track, other).collect();
    let same =
        theirs.first().is_some_and(|it| ground.steps[*it].step.expansion == own.step.expansion);
    let fits = |it: &usize| !same || ground.steps[*it].place.element == own.place.element;
    theirs.into_iter().filter(fits).collect()
}

/// What each step comes right after, as the runbooks and the waits across tracks have it.
fn written(ground: &Ground<'_>) -> Vec<Vec<usize>> {
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); ground.steps.len()];
    let mut link = |earlier: (TrackId, StepId), later: (TrackId, StepId)| {
        for second in places(ground, later.0, later.1) {
            for first in places(ground, earlier.0, earlier.1) {
                let (one, other) = (&ground.steps[first], &ground.steps[second]);
                let same = one.step.expansion == other.step.expansion;
                if !same || one.place.element == other.place.element {
                    before[second].push(first);
                }
            }
        }
    };
    for (id, track) in ground.strategy.tracks.enumerate() {
        let steps = &ground.scenario.runbooks[track.runbook].steps;
        for (step, it) in steps.enumerate() {
            for earlier in &it.after {
                link((id, *earlier), (id, step));
            }
        }
        for wait in &track.waits {
            link((wait.track, wait.for_step), (id, wait.step));
        }
    }
    before
}

/// The first step of its track with the key of a step.
fn same_work(ground: &Ground<'_>, step: usize) -> usize {
    let own = &ground.steps[step];
    let same = |it: &usize| {
        let other = &ground.steps[*it];
        other.track == own.track && other.key == own.key
    };
    (0..=step).find(same).expect("a step is the same work as itself")
}

/// The step whose load a step needs.
pub(super) fn load_of(ground: &Ground<'_>, step: usize) -> Option<usize> {
    let facts = &ground.steps[step];
    let id = facts.step.asks_for.filter(|_| !facts.place.undeletes)?;
    let mut loads = places(ground, facts.place.track, id);
    loads.find(|it| ground.steps[*it].place.element == facts.place.element)
}

/// The step whose load has what a step brings back.
pub(super) fn loaded_by(ground: &Ground<'_>, step: usize) -> Option<usize> {
    let facts = &ground.steps[step];
    let id = facts.step.loaded_by.filter(|_| !facts.place.undeletes)?;
    let mut loads = places(ground, facts.place.track, id);
    loads.find(|it| ground.steps[*it].place.element == facts.place.element)
}

/// The steps that bring back what the load of a step has, in the order of the runbook.
pub(super) fn behind_load(ground: &Ground<'_>, load: usize) -> Vec<usize> {
    let is_behind = |it: &usize| {
        ground.steps[*it].step.restore_point.is_some() && loaded_by(ground, *it) == Some(load)
    };
    let mut behind: Vec<usize> = (0..ground.steps.len()).filter(is_behind).collect();
    behind.sort_by_key(|it| ground.steps[*it].place.step);
    behind
}

/// For each step where its loads begin in a list of all, and how long that is. Steps of one key and
/// service are the same load, whatever their tracks.
pub(super) fn numbered_loads(ground: &Ground<'_>) -> (Vec<Option<usize>>, usize) {
    let mut first = vec![None; ground.steps.len()];
    let mut count = 0;
    let is_load = |it: &StepFacts<'_>| it.step.per == Per::Shard;
    for (step, it) in ground.steps.iter().enumerate().filter(|it| is_load(it.1)) {
        let before =
            ground.steps[..step].iter().position(|other| is_load(other) && other.key == it.key);
        first[step] = before.and_then(|it| first[it]).or(Some(count));
        if before.is_none() {
            let shards = ground.service(step).map(|(_, it)| it.shard_of.iter().max());
            count += shards.flatten().map_or(1, |most| *most as usize + 1);
        }
        for (other, needing) in ground.steps.iter().enumerate() {
            let asks = needing.step.asks_for == Some(it.place.step) && !needing.place.undeletes;
            let same = (needing.track, needing.place.element) == (it.track, it.place.element);
            if asks && same {
                first[other] = first[step];
            }
        }
    }
    (first, count)
}

/// The step in whose place a step is done.
pub(super) fn stands_in_for(ground: &Ground<'_>, step: usize) -> Option<u16> {
    let id = ground.steps[step].step.stands_in_for?;
    alike(ground, step, id).first().map(|it| number_of(*it))
}

/// A step as the log knows it.
pub(super) fn number_of(step: usize) -> u16 {
    u16::try_from(step).expect("a strategy has at most 4,000 steps")
}
