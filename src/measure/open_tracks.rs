//! In which tracks work was left when an exercise ended, and which other tracks wait for that: by
//! this it is known whether the last end of a step that was seen is the last of all.

use crate::experiment::{PackedOutcome, StrategyResults};
use crate::ids::{Id, RunbookId, StepId, TrackId};
use crate::scenario::{FigureOf, MomentBase, Scenario, Subject};
use crate::units::SimTime;

/// What is known of the steps of a strategy before any exercise.
pub(crate) struct TrackOrder<'a> {
    scenario: &'a Scenario,
    strategy: &'a StrategyResults,
    /// By step: the place of its track.
    track_of: Vec<Option<usize>>,
    /// By track: itself and those that it waits for, directly or through others.
    waits_for: Vec<Vec<usize>>,
}

impl<'a> TrackOrder<'a> {
    pub(crate) fn new(scenario: &'a Scenario, strategy: &'a StrategyResults) -> Self {
        let tracks = &scenario.strategies[strategy.strategy].tracks;
        let place = |name: &str| tracks.iter().position(|it| it.name == name);
        let mut order = Self {
            scenario,
            strategy,
            track_of: strategy.steps.iter().map(|it| place(&it.track)).collect(),
            waits_for: Vec::new(),
        };
        order.waits_for = tracks.ids().map(|it| order.waited_for(it)).collect();
        order
    }

    /// A track itself and those that it waits for, directly or through others.
    fn waited_for(&self, track: TrackId) -> Vec<usize> {
        let tracks = &self.scenario.strategies[self.strategy.strategy].tracks;
        let (mut open, mut seen) = (vec![track], vec![false; tracks.len()]);
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id.index()], true) {
                continue;
            }
            let it = &tracks[id];
            open.extend(it.waits.iter().map(|it| it.track));
            if let MomentBase::Step(by, _) = it.opens.base {
                open.push(by);
            }
        }
        (0..seen.len()).filter(|it| seen[*it]).collect()
    }

    /// The places of the steps that a figure is asked of.
    pub(crate) fn places(&self, figure: FigureOf) -> Vec<usize> {
        match figure.of {
            Subject::Whole => Vec::new(),
            Subject::Step(runbook, step) => self.expansions(runbook, step),
        }
    }

    /// The places of the expansions of a step among those of the strategy; none where it has no such
    /// step.
    fn expansions(&self, runbook: RunbookId, step: StepId) -> Vec<usize> {
        let id = &self.scenario.runbooks[runbook].steps[step].id;
        let tracks = &self.scenario.strategies[self.strategy.strategy].tracks;
        let follows = |place: usize| {
            let track = self.track_of[place];
            track.is_some_and(|it| tracks[TrackId::new(it)].runbook == runbook)
        };
        let labels = self.strategy.steps.iter().enumerate();
        let own = labels.filter(|(place, label)| label.id == *id && follows(*place));
        own.map(|(place, _)| place).collect()
    }

    /// Where work was left when an exercise ended.
    pub(crate) fn open(&self, outcome: &PackedOutcome) -> OpenTracks<'_> {
        let mut open = OpenTracks {
            order: self,
            any: vec![false; self.waits_for.len()],
            once: vec![false; self.waits_for.len()],
        };
        for (place, tally) in outcome.steps().enumerate() {
            if let (SimTime::NEVER, Some(track)) = (tally.last_end, self.track_of[place]) {
                open.any[track] = true;
                open.once[track] |= self.strategy.steps[place].once;
            }
        }
        open
    }
}

/// The tracks in which work was left when an exercise ended.
pub(crate) struct OpenTracks<'a> {
    order: &'a TrackOrder<'a>,
    /// By track: whether any work was.
    any: Vec<bool>,
    /// By track: whether work was that is done once.
    once: Vec<bool>,
}

impl OpenTracks<'_> {
    /// Whether work that is done once was left in the track of a step.
    pub(crate) fn once_in(&self, step: usize) -> bool {
        self.order.track_of[step].is_some_and(|it| self.once[it])
    }

    /// Whether work was left in the track of a step, or in one that it waits for.
    pub(crate) fn before(&self, step: usize) -> bool {
        let track = self.order.track_of[step];
        track.is_some_and(|it| self.order.waits_for[it].iter().any(|other| self.any[*other]))
    }
}
