//! The ways through the graphs of steps, for what matters only once something fails: what is done
//! again then, and which barriers go on without a site.
//!
//! That is worked out when it is first asked for. Of a long runbook whose steps all send the work
//! back to its start the lists of all failures would be as long as the square of its steps, and of
//! most failures nobody ever asks.

use std::collections::BTreeSet;
use std::ops::Index;
use std::sync::{Arc, OnceLock};

use crate::scenario::{Per, When};

use super::expand::{Graph, to_u16};
use super::profile::{Gate, Precedence, Profile};

/// The graphs of steps.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    steps: Vec<WayStep>,
    /// The steps, each behind those that come before it.
    order: Vec<u16>,
    /// The place of each step in that order.
    place: Vec<u16>,
    /// For each step those that come right after it, whoever has them.
    after: Vec<Vec<u16>>,
    of_profiles: Vec<OfProfile>,
    of_batches: Apart,
    of_tracks: Apart,
    of_loads: Apart,
}

#[derive(Clone, Copy, Debug)]
struct WayStep {
    per: Per,
    track: usize,
    /// Whether some kinds of deletion do not call for it.
    is_optional: bool,
}

/// The graph of the sites of a profile.
#[derive(Clone, Debug)]
struct OfProfile {
    starts: Arc<[u32]>,
    successors: Arc<[u16]>,
    present: Arc<[bool]>,
    counts_for: Arc<[Gate]>,
    before: OnceLock<Befores>,
}

/// The graph of steps that are not done for sites.
#[derive(Clone, Debug)]
struct Apart {
    successors: Vec<Vec<u16>>,
    before: OnceLock<Befores>,
}

/// For each step those of its kind that come right before it.
type Befores = Vec<Arc<[u16]>>;

/// A step that is done again after a later one failed.
#[derive(Clone, Debug)]
pub(crate) struct SentBack {
    pub step: u16,
    /// The steps of its kind that come right before it.
    pub before: Arc<[u16]>,
}

/// From some steps to others.
pub(super) struct Stretch {
    pub from: Vec<u16>,
    pub to: Vec<u16>,
}

/// Steps that lie on stretches: of some stretches a bit each for those that a step lies on, and for
/// those that end at it.
pub(super) struct OnStretches<'a> {
    pub step: usize,
    /// The numbers of the stretches that the bits stand for.
    pub stretches: &'a [usize],
    pub bits: u64,
    pub ends: u64,
}

impl Ways {
    /// `order` lists the nodes, each after those that come before it.
    pub(super) fn new(
        graph: &Graph<'_>,
        order: &[usize],
        profiles: &[Profile],
        precedence: &Precedence,
    ) -> Self {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, node)| place[*node] = to_u16(at));
        let steps = graph.nodes.iter().map(|node| WayStep {
            per: node.step.per,
            track: node.track,
            is_optional: node.step.when != When::Always,
        });
        let of_profile = |profile: &Profile| OfProfile {
            starts: Arc::clone(&profile.successor_starts),
            successors: Arc::clone(&profile.successors),
            present: Arc::clone(&profile.present),
            counts_for: Arc::clone(&profile.counts_for),
            before: OnceLock::new(),
        };
        let apart = |successors: Vec<Vec<u16>>| Apart { successors, before: OnceLock::new() };
        Self {
            steps: steps.collect(),
            order: order.iter().map(|node| to_u16(*node)).collect(),
            place,
            after: graph.after(),
            of_profiles: profiles.iter().map(of_profile).collect(),
            of_batches: apart(precedence.batch_successors.clone()),
            of_tracks: apart(precedence.once_successors.clone()),
            // A load waits for nothing, and nothing for it: it is asked for.
            of_loads: apart(vec![Vec::new(); order.len()]),
        }
    }

    /// How many profiles there are; what is not done for sites counts as one.
    pub(super) fn profiles(&self, per: Per) -> usize {
        match per {
            Per::Site => self.of_profiles.len(),
            Per::Batch | Per::Shard | Per::Once => 1,
        }
    }

    /// The steps of a kind that come right after a step of that kind.
    pub(super) fn next(
        &self,
        per: Per,
        profile: usize,
        step: usize,
    ) -> impl Iterator<Item = usize> + '_ {
        let all: &[u16] = match per {
            _ if self.steps[step].per != per => &[],
            Per::Site => self.of_profiles[profile].successors_of(step),
            Per::Batch => &self.of_batches.successors[step],
            Per::Once => &self.of_tracks.successors[step],
            Per::Shard => &self.of_loads.successors[step],
        };
        let alike = all.iter().map(|it| usize::from(*it));
        alike.filter(move |it| self.steps[*it].per == per)
    }

    /// The steps of its track that come right after a step for the sites of a profile.
    pub(super) fn next_in_track(
        &self,
        profile: usize,
        step: usize,
    ) -> impl Iterator<Item = usize> + '_ {
        let of_sites = self.of_profiles[profile].successors_of(step).iter();
        let all = of_sites.chain(&self.of_batches.successors[step]);
        let all = all.chain(&self.of_tracks.successors[step]).map(|it| usize::from(*it));
        all.filter(move |it| self.steps[*it].track == self.steps[step].track)
    }

    fn before(&self, per: Per, profile: usize) -> &Befores {
        let known = match per {
            Per::Site => &self.of_profiles[profile].before,
            Per::Batch => &self.of_batches.before,
            Per::Once => &self.of_tracks.before,
            Per::Shard => &self.of_loads.before,
        };
        known.get_or_init(|| {
            let mut before: Vec<Vec<u16>> = vec![Vec::new(); self.steps.len()];
            for step in 0..self.steps.len() {
                self.next(per, profile, step).for_each(|later| before[later].push(to_u16(step)));
            }
            before.into_iter().map(Arc::from).collect()
        })
    }

    /// Those of these steps that are there for a profile, and in the place of one that the kind of the
    /// deletion does not call for, those that come next.
    pub(super) fn there_or_next(&self, per: Per, profile: usize, steps: &[u16]) -> Vec<u16> {
        let present = match per {
            Per::Site => &self.of_profiles[profile].present,
            Per::Batch | Per::Shard | Per::Once => return steps.to_vec(),
        };
        let (mut there, mut seen) = (Vec::new(), BTreeSet::new());
        let mut open = steps.to_vec();
        while let Some(step) = open.pop() {
            if present[usize::from(step)] {
                there.push(step);
            } else if self.steps[usize::from(step)].is_optional && seen.insert(step) {
                open.extend(&self.after[usize::from(step)]);
            }
        }
        there
    }

    /// What is done again when `finder` fails and the work starts again from `from`: the steps of the
    /// same kind on any path between the two, each with all of its kind that come right before it.
    /// Only what stands between the two in the order is looked at.
    fn sent_back(&self, per: Per, profile: usize, from: &[u16], finder: usize) -> Vec<SentBack> {
        let place = |step: usize| usize::from(self.place[step]);
        let last = place(finder);
        let from = self.there_or_next(per, profile, from).into_iter().map(usize::from);
        let from: Vec<usize> = from.filter(|step| place(*step) <= last).collect();
        let first = from.iter().map(|step| place(*step)).min().unwrap_or(last);
        let between = Between { place: &self.place, first, last };
        let started = between.reached(from, |step| self.next(per, profile, step));
        let before = self.before(per, profile);
        let leads = between.reached(vec![finder], |step| {
            let all = before[step].iter().map(|it| usize::from(*it));
            all.filter(|it| between.at(*it).is_some_and(|at| started[at]))
        });
        let inside = self.order[first..=last].iter().zip(leads).filter(|(_, leads)| *leads);
        let mut inside: Vec<u16> = inside.map(|(step, _)| *step).collect();
        inside.sort_unstable();
        let sent_back = inside
            .into_iter()
            .map(|step| SentBack { step, before: Arc::clone(&before[usize::from(step)]) });
        sent_back.collect()
    }

    /// A site step and those after it in its track, as far as a `batch` step waits for them.
    fn excused(&self, profile: usize, step: usize) -> Vec<u16> {
        let all = self.reached_in_track(profile, vec![to_u16(step)]);
        let excused = (0..all.len()).filter(|it| all[*it] && self.is_before_barrier(profile, *it));
        excused.map(to_u16).collect()
    }

    /// These steps and what comes after them in their track.
    pub(super) fn reached_in_track(&self, profile: usize, from: Vec<u16>) -> Vec<bool> {
        reached(self.steps.len(), from, |step| self.next_in_track(profile, step))
    }

    /// Whether a step is one for sites for which a `batch` step waits.
    pub(super) fn is_before_barrier(&self, profile: usize, step: usize) -> bool {
        let mut after = self.of_profiles[profile].successors_of(step).iter();
        self.steps[step].per == Per::Site
            && after.any(|it| self.steps[usize::from(*it)].per == Per::Batch)
    }

    fn behind(&self, profile: usize, step: usize) -> Behind {
        let graph = &self.of_profiles[profile];
        let mut open = graph.successors_of(step).to_vec();
        let mut barriers: BTreeSet<usize> = BTreeSet::new();
        while let Some(barrier) = open.pop().map(usize::from) {
            if self.steps[barrier].per == Per::Batch && barriers.insert(barrier) {
                open.extend(&self.of_batches.successors[barrier]);
            }
        }
        let after = barriers.iter().flat_map(|it| graph.successors_of(*it));
        let mut steps: Vec<u16> = after.copied().collect();
        steps.sort_unstable();
        steps.dedup();
        let hand_over = barriers.iter().any(|it| graph.counts_for[*it].hand_over);
        Behind { steps, hand_over }
    }

    /// Tells of each step on which stretches it lies, where `next` knows the steps that come right
    /// after one. Stretches are followed 64 at a time, each time only from the first start to the
    /// last end, so that short ones cost what they are long.
    pub(super) fn follow<N: Iterator<Item = usize>>(
        &self,
        stretches: &[Stretch],
        next: impl Fn(usize) -> N,
        mut tell: impl FnMut(OnStretches<'_>),
    ) {
        let place = |step: &u16| usize::from(self.place[usize::from(*step)]);
        let mut numbers: Vec<usize> = (0..stretches.len()).collect();
        numbers.sort_by_key(|it| stretches[*it].to.iter().map(place).max());
        let mut started = vec![0u64; self.steps.len()];
        let (mut ends, mut leads) = (started.clone(), started.clone());
        for together in numbers.chunks(64) {
            let all = |list: fn(&Stretch) -> &Vec<u16>| {
                let each = together.iter().enumerate();
                each.flat_map(move |(bit, it)| {
                    list(&stretches[*it]).iter().map(move |at| (bit, at))
                })
            };
            let Some(first) = all(|it| &it.from).map(|it| place(it.1)).min() else { continue };
            let Some(last) = all(|it| &it.to).map(|it| place(it.1)).max() else { continue };
            all(|it| &it.from).for_each(|(bit, it)| started[usize::from(*it)] |= 1 << bit);
            all(|it| &it.to).for_each(|(bit, it)| ends[usize::from(*it)] |= 1 << bit);
            let between = self.order.get(first..=last).unwrap_or_default();
            for step in between.iter().map(|it| usize::from(*it)) {
                let bits = started[step];
                let later = next(step).filter(|it| usize::from(self.place[*it]) <= last);
                later.for_each(|later| started[later] |= bits);
            }
            for step in between.iter().rev().map(|it| usize::from(*it)) {
                let later = next(step).fold(ends[step], |bits, later| bits | leads[later]);
                let bits = later & started[step];
                leads[step] = bits;
                if bits != 0 {
                    tell(OnStretches { step, stretches: together, bits, ends: ends[step] });
                }
            }
            for step in between.iter().map(|it| usize::from(*it)) {
                (started[step], ends[step], leads[step]) = (0, 0, 0);
            }
            all(|it| &it.from).for_each(|(_, it)| started[usize::from(*it)] = 0);
            all(|it| &it.to).for_each(|(_, it)| ends[usize::from(*it)] = 0);
        }
    }
}

impl OnStretches<'_> {
    /// The numbers of the stretches on which the step lies.
    pub(super) fn lies_on(&self) -> impl Iterator<Item = usize> + '_ {
        let each = self.stretches.iter().enumerate();
        each.filter(|(bit, _)| self.bits >> bit & 1 == 1).map(|(_, number)| *number)
    }
}

impl OfProfile {
    fn successors_of(&self, step: usize) -> &[u16] {
        &self.successors[self.starts[step] as usize..self.starts[step + 1] as usize]
    }
}

/// The steps between two places of the order.
struct Between<'a> {
    place: &'a [u16],
    first: usize,
    last: usize,
}

impl Between<'_> {
    /// The place of a step among them.
    fn at(&self, step: usize) -> Option<usize> {
        let place = usize::from(self.place[step]);
        (self.first..=self.last).contains(&place).then(|| place - self.first)
    }

    /// Which of them are some steps or come after these, in their order.
    fn reached<N: Iterator<Item = usize>>(
        &self,
        from: Vec<usize>,
        next: impl Fn(usize) -> N,
    ) -> Vec<bool> {
        let mut seen = vec![false; self.last - self.first + 1];
        let mut open = from;
        while let Some(step) = open.pop() {
            let Some(at) = self.at(step) else { continue };
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(next(step));
            }
        }
        seen
    }
}

/// These steps and all that come after them.
fn reached<N: Iterator<Item = usize>>(
    steps: usize,
    from: Vec<u16>,
    next: impl Fn(usize) -> N,
) -> Vec<bool> {
    let mut seen = vec![false; steps];
    let mut open: Vec<usize> = from.into_iter().map(usize::from).collect();
    while let Some(step) = open.pop() {
        if !std::mem::replace(&mut seen[step], true) {
            open.extend(next(step));
        }
    }
    seen
}

/// Something of each profile, worked out when it is first asked for.
#[derive(Clone, Debug)]
struct ByProfile<T>(OnceLock<Box<[OnceLock<T>]>>);

impl<T> ByProfile<T> {
    fn unknown() -> Self {
        Self(OnceLock::new())
    }

    fn of(&self, profile: usize, profiles: usize, work_out: impl FnOnce() -> T) -> &T {
        let all = self.0.get_or_init(|| (0..profiles).map(|_| OnceLock::new()).collect());
        all[profile].get_or_init(work_out)
    }
}

/// For each profile what is done again when something is found; for a step of another kind than
/// `site` there is one list.
#[derive(Clone, Debug)]
pub(crate) struct DoneAgain {
    ways: Arc<Ways>,
    per: Per,
    from: Vec<u16>,
    finder: u16,
    lists: ByProfile<Vec<SentBack>>,
}

impl DoneAgain {
    /// What lies between some steps and a finder of this kind.
    pub(super) fn new(ways: &Arc<Ways>, per: Per, from: Vec<u16>, finder: u16) -> Self {
        Self { ways: Arc::clone(ways), per, from, finder, lists: ByProfile::unknown() }
    }

    /// The stretch of a profile on which it lies.
    pub(super) fn stretch(&self, profile: usize) -> Stretch {
        let from = self.ways.there_or_next(self.per, profile, &self.from);
        Stretch { from, to: vec![self.finder] }
    }
}

impl Index<usize> for DoneAgain {
    type Output = [SentBack];

    fn index(&self, profile: usize) -> &[SentBack] {
        let finder = usize::from(self.finder);
        let list = || self.ways.sent_back(self.per, profile, &self.from, finder);
        self.lists.of(profile, self.ways.profiles(self.per), list)
    }
}

/// For each profile the steps, an escalating one and later ones, for which no barrier waits once the
/// site has escalated.
#[derive(Clone, Debug)]
pub(crate) struct Excused {
    ways: Arc<Ways>,
    step: u16,
    lists: ByProfile<Vec<u16>>,
}

impl Excused {
    pub(super) fn new(ways: &Arc<Ways>, step: u16) -> Self {
        Self { ways: Arc::clone(ways), step, lists: ByProfile::unknown() }
    }

    /// Those of a profile; none where the step is not one for sites.
    pub(crate) fn get(&self, profile: usize) -> Option<&[u16]> {
        let step = usize::from(self.step);
        let list = || self.ways.excused(profile, step);
        let is_for_sites = self.ways.steps[step].per == Per::Site;
        is_for_sites.then(|| self.lists.of(profile, self.ways.of_profiles.len(), list).as_slice())
    }
}

/// What must not begin without a site for which a barrier did not wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behind {
    /// The site steps behind the barriers: those of the site wait for it themselves.
    pub steps: Vec<u16>,
    /// Whether the end of such a barrier counts for handing the site over.
    pub hand_over: bool,
}

/// For each profile what is behind the barriers that may go on without what a step has not done.
#[derive(Clone, Debug)]
pub(crate) struct BehindBarriers {
    ways: Arc<Ways>,
    step: u16,
    of: ByProfile<Behind>,
}

impl BehindBarriers {
    pub(super) fn new(ways: &Arc<Ways>, step: u16) -> Self {
        Self { ways: Arc::clone(ways), step, of: ByProfile::unknown() }
    }
}

impl Index<usize> for BehindBarriers {
    type Output = Behind;

    fn index(&self, profile: usize) -> &Behind {
        let behind = || self.ways.behind(profile, usize::from(self.step));
        self.of.of(profile, self.ways.of_profiles.len(), behind)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::plan::compile;
    use crate::scenario::check;

    /// Steps that wait for some of those before them, and most of which fail: some are found by a
    /// later one, and some start again from an earlier one.
    fn rough(mut state: u64) -> String {
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut text = String::from(
            "schema = 1\ntitle = \"rough\"\n[estate.sites]\ncount = 2\n[[incident.deletions]]\n\
             [teams.t]\npeople = 1\n[[strategies.s.tracks]]\nrunbook = \"r\"\n",
        );
        for step in 0..90 {
            let after: Vec<String> = (0..step.min(2))
                .map(|_| format!("\"s{}\"", step - 1 - draw(step.min(9))))
                .collect();
            let _ = write!(
                text,
                "[[runbooks.r.steps]]\nid = \"s{step}\"\nteam = \"t\"\nduration = \"1h\"\n\
                 after = [{}]\nfails = {{ probability = \"5%\"",
                after.join(", ")
            );
            if let Some(from) = after.first() {
                let _ = write!(text, ", retry_from = {from}");
            }
            text.push_str(" }\n");
        }
        text
    }

    #[test]
    fn a_step_recurs_just_if_a_failure_sends_it_back() {
        for seed in 0..20 {
            let checked = check("rough", "rough.toml", &rough(seed), &[]);
            let faults = checked.diagnostics.render(&checked.sources, false);
            let scenario = checked.scenario.unwrap_or_else(|| panic!("{faults}"));
            let first = scenario.strategies.ids().next().expect("there is a strategy");
            let plan = compile(&scenario, first);
            let mut sent_back = BTreeSet::new();
            for failure in plan.details.iter().filter_map(|it| it.failure.as_ref()) {
                for finder in &failure.finders {
                    let again = finder.again[0].iter().map(|it| it.step);
                    sent_back.extend(again.filter(|step| *step != finder.step));
                }
            }
            let steps = (0u16..).zip(&plan.steps);
            let recurring: BTreeSet<u16> =
                steps.filter(|(_, it)| it.recurs).map(|(step, _)| step).collect();
            assert_eq!(recurring, sent_back, "{seed}");
        }
    }
}
