//! The names of what records and pieces of chains are about.

use crate::ids::StrategyId;
use crate::plan::{Plan, StepLabel, step_labels};
use crate::review::cause::{CauseKind, PieceCause};
use crate::scenario::Scenario;
use crate::trace::{Bound, Piece, TaskRef, Try};

/// Knows the names of a plan.
pub(crate) struct Names<'a> {
    pub scenario: &'a Scenario,
    pub plan: &'a Plan,
    labels: Vec<StepLabel>,
}

impl<'a> Names<'a> {
    /// Those of the plan of a strategy.
    pub(crate) fn new(scenario: &'a Scenario, strategy: StrategyId, plan: &'a Plan) -> Self {
        Self { scenario, plan, labels: step_labels(scenario, strategy) }
    }

    pub(crate) fn step(&self, step: u16) -> &StepLabel {
        &self.labels[usize::from(step)]
    }

    pub(crate) fn track(&self, track: u8) -> String {
        self.plan.tracks[usize::from(track)].name.clone()
    }

    /// The same; empty for no track.
    pub(crate) fn track_or_none(&self, track: u8) -> String {
        self.plan.tracks.get(usize::from(track)).map(|it| it.name.clone()).unwrap_or_default()
    }

    pub(crate) fn pool(&self, pool: u16) -> String {
        self.plan.pools[usize::from(pool)].name.clone()
    }

    pub(crate) fn is_team(&self, pool: u16) -> bool {
        self.plan.pools[usize::from(pool)].is_team
    }

    pub(crate) fn inject(&self, inject: u32) -> String {
        self.scenario.injects[inject as usize].title.clone()
    }

    /// Who works with a demand, joined by `+`; empty where nobody does.
    pub(crate) fn teams(&self, takes: u16) -> String {
        self.plan.teams(takes).map(|it| self.pool(it)).collect::<Vec<String>>().join("+")
    }

    pub(crate) fn site(&self, row: u32) -> String {
        let site = self.scenario.incident.deleted[row as usize].site;
        self.scenario.estate.sites[site].name.clone()
    }

    /// A load with its shard: "load/content#17".
    pub(crate) fn load(&self, task: TaskRef) -> String {
        let loads = &self.plan.loads;
        let shard = loads.loads[loads.of(task.step, task.row) as usize].shard;
        format!("{}#{shard}", self.step(task.step).step)
    }

    /// What a piece of a binding chain went into.
    pub(crate) fn cause(&self, piece: Piece, bound: Bound) -> PieceCause {
        let bare = |held: CauseKind| PieceCause {
            held,
            track: String::new(),
            name: String::new(),
            teams: String::new(),
            again: false,
            waited_for: match bound {
                Bound::Nothing => String::new(),
                Bound::Pool(it, _) => self.pool(it),
                Bound::Slot(it, _) => self.track(it),
            },
        };
        match piece {
            Piece::Work { task, takes, attempt } => {
                let label = self.step(task.step);
                PieceCause {
                    track: label.track.clone(),
                    name: label.step.clone(),
                    teams: self.teams(takes),
                    again: attempt != Try::First,
                    ..bare(CauseKind::Step)
                }
            }
            Piece::Capacity(it) => PieceCause { name: self.pool(it), ..bare(CauseKind::Capacity) },
            Piece::Inject(it) => PieceCause { name: self.inject(it), ..bare(CauseKind::Inject) },
            Piece::Opening(it) => PieceCause { track: self.track(it), ..bare(CauseKind::Opening) },
            Piece::Slot(it) => PieceCause { track: self.track(it), ..bare(CauseKind::Slot) },
            Piece::GivenUp(it) => PieceCause { track: self.track(it), ..bare(CauseKind::GivenUp) },
            Piece::Automation => bare(CauseKind::Automation),
            Piece::Deletion => bare(CauseKind::Deletion),
            Piece::Unknown => bare(CauseKind::Unknown),
        }
    }
}
