//! By what the pieces of chains are summed up: kinds of things, and where the sum of each thing of a
//! kind stands.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::plan::{Plan, StepLabel};
use crate::scenario::Per;
use crate::trace::{Bound, Piece, Try};

/// A kind of thing that time goes into. Those up to [`Self::Unknown`] make up the whole; the others
/// are other cuts through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Step,
    Capacity,
    Inject,
    Opening,
    Slot,
    GivenUp,
    Automation,
    Deletion,
    Unknown,
    Crew,
    BoundPool,
    BoundSlot,
    Shard,
    Rework,
    Element,
}

impl Kind {
    const ALL: [Self; 15] = [
        Self::Step,
        Self::Capacity,
        Self::Inject,
        Self::Opening,
        Self::Slot,
        Self::GivenUp,
        Self::Automation,
        Self::Deletion,
        Self::Unknown,
        Self::Crew,
        Self::BoundPool,
        Self::BoundSlot,
        Self::Shard,
        Self::Rework,
        Self::Element,
    ];
}

/// Where each sum stands: kind after kind.
pub(crate) struct Layout {
    lengths: [usize; Kind::ALL.len()],
    starts: [usize; Kind::ALL.len()],
    /// The teams of each crew, by pool.
    crews: Vec<Vec<u16>>,
    /// The first step of the plan that comes from the same step of the same track.
    step_of: Vec<usize>,
    /// Whether others come from the same.
    is_expanded: Vec<bool>,
    /// The crew of each demand.
    crew_of: Vec<usize>,
}

impl Layout {
    /// Shards are summed one by one only where every exercise has the same.
    pub(crate) fn new(plan: &Plan, labels: &[StepLabel], shards: bool) -> Self {
        let (step_of, is_expanded) = templates(labels);
        let (crews, crew_of) = crews(plan);
        let length = |kind: Kind| match kind {
            Kind::Step | Kind::Element => plan.steps.len(),
            Kind::Capacity | Kind::BoundPool => plan.named_pools().len(),
            Kind::Inject => plan.injects.len(),
            Kind::Opening | Kind::Slot | Kind::GivenUp | Kind::BoundSlot => plan.tracks.len(),
            Kind::Crew => crews.len(),
            Kind::Shard if shards => plan.loads.loads.len(),
            Kind::Shard => 0,
            Kind::Automation | Kind::Deletion | Kind::Unknown | Kind::Rework => 1,
        };
        let lengths = Kind::ALL.map(length);
        let mut starts = [0; Kind::ALL.len()];
        for kind in 1..starts.len() {
            starts[kind] = starts[kind - 1] + lengths[kind - 1];
        }
        Self { lengths, starts, crews, step_of, is_expanded, crew_of }
    }

    fn length(&self, kind: Kind) -> usize {
        self.lengths[kind as usize]
    }

    fn at(&self, kind: Kind, number: usize) -> usize {
        assert!(number < self.length(kind), "a part has a place in the layout");
        self.starts[kind as usize] + number
    }

    /// How many sums there are.
    pub(crate) fn count(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// What each sum is of, in order.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Kind, usize)> {
        Kind::ALL.into_iter().flat_map(|kind| (0..self.length(kind)).map(move |it| (kind, it)))
    }

    /// The places of the parts that make up the whole.
    pub(crate) fn whole(&self) -> Range<usize> {
        0..self.starts[Kind::Crew as usize]
    }

    /// The teams of a crew, by pool.
    pub(crate) fn crew(&self, number: usize) -> &[u16] {
        &self.crews[number]
    }

    /// Shows the places of the sums to which a piece belongs.
    pub(crate) fn each_of(&self, plan: &Plan, piece: Piece, mut show: impl FnMut(usize)) {
        let at = |kind: Kind, number: usize| self.at(kind, number);
        match piece {
            Piece::Work { task, takes, attempt } => {
                let step = usize::from(task.step);
                show(at(Kind::Step, self.step_of[step]));
                if self.is_expanded[step] {
                    show(at(Kind::Element, step));
                }
                show(at(Kind::Crew, self.crew_of[usize::from(takes)]));
                if attempt != Try::First {
                    show(at(Kind::Rework, 0));
                }
                if plan.steps[step].per == Per::Shard && self.length(Kind::Shard) > 0 {
                    show(at(Kind::Shard, plan.loads.of(task.step, task.row) as usize));
                }
            }
            Piece::Capacity(pool) => show(at(Kind::Capacity, usize::from(plan.whole(pool)))),
            Piece::Inject(inject) => show(at(Kind::Inject, inject as usize)),
            Piece::Opening(track) => show(at(Kind::Opening, usize::from(track))),
            Piece::Slot(track) => show(at(Kind::Slot, usize::from(track))),
            Piece::GivenUp(track) => show(at(Kind::GivenUp, usize::from(track))),
            Piece::Automation => show(at(Kind::Automation, 0)),
            Piece::Deletion => show(at(Kind::Deletion, 0)),
            Piece::Unknown => show(at(Kind::Unknown, 0)),
        }
    }

    /// What had to become free, with since when it had been taken.
    pub(crate) fn bound(&self, plan: &Plan, bound: Bound) -> Option<(usize, u64)> {
        match bound {
            Bound::Nothing => None,
            Bound::Pool(pool, since) => {
                Some((self.at(Kind::BoundPool, usize::from(plan.whole(pool))), since))
            }
            Bound::Slot(track, since) => {
                Some((self.at(Kind::BoundSlot, usize::from(track)), since))
            }
        }
    }
}

/// For each step the first that comes from the same step of the same track, and whether there are
/// others.
fn templates(labels: &[StepLabel]) -> (Vec<usize>, Vec<bool>) {
    let mut first: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for (place, label) in labels.iter().enumerate() {
        first.entry((&label.track, &label.id)).or_insert((place, 0)).1 += 1;
    }
    let of = |label: &StepLabel| first[&(&*label.track, &*label.id)];
    labels.iter().map(|it| (of(it).0, of(it).1 > 1)).unzip()
}

/// The teams that work together, each combination once, by pool; and that of each demand.
fn crews(plan: &Plan) -> (Vec<Vec<u16>>, Vec<usize>) {
    let mut crews: Vec<Vec<u16>> = vec![Vec::new()];
    let mut known: BTreeMap<Vec<u16>, usize> = BTreeMap::from([(Vec::new(), 0)]);
    let crew_of = plan.every_demand().map(|demand| {
        let teams: Vec<u16> = plan.teams(demand).collect();
        *known.entry(teams).or_insert_with_key(|teams| {
            crews.push(teams.clone());
            crews.len() - 1
        })
    });
    let crew_of = crew_of.collect();
    (crews, crew_of)
}
