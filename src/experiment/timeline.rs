//! One replication told: as records with names, and as text that a person can check by hand.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::engine::{Engine, Outcome};
use crate::ids::StrategyId;
use crate::plan::{Plan, PlanPool, StepLabel, compile, step_labels};
use crate::rng::Streams;
use crate::scenario::{Per, Scenario};
use crate::trace::{Log, TaskRef, TraceRecord};
use crate::units::{SimDuration, SimTime};

/// What happened in one replication, in order, and what it came to.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What happened.
    pub records: Vec<Told>,
    /// What it came to.
    pub outcome: Outcome,
}

/// A record of what happened, with names in the place of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: What,
    /// The milestone, for [`What::Milestone`]; the title of an inject; otherwise the track, empty
    /// for [`What::Deleted`], [`What::Restored`] and [`What::Lost`].
    pub track: String,
    /// The step, of what happened to a task.
    pub step: String,
    /// The site; of a `batch` step its batch's first one, of a `shard` step the one that asked for
    /// the load, of a `once` step none.
    pub site: String,
    /// What the step is done for, of what happened to a task.
    pub per: Option<Per>,
    /// The number of the batch over all tracks, for [`What::Taken`] and what happened to a task of a
    /// site in a batch.
    pub batch: Option<u32>,
    /// Which attempt at the task it is, counted from 1, of what happened to a task.
    pub attempt: Option<u32>,
    /// The people and units that the attempt takes, of what happened to a task.
    pub needs: Vec<Need>,
    /// How long the attempt had to wait after it could start, of an attempt that starts.
    pub waited: Option<SimDuration>,
    /// How long people and units were in use, of what ends their use.
    pub lasted: Option<SimDuration>,
}

/// What an attempt takes of one pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The team or the limit.
    pub pool: String,
    /// Whether it is a team; otherwise it is a limit.
    pub is_team: bool,
    /// People, or units.
    pub units: u32,
}

/// The kinds of things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A milestone of the incident was reached.
    Milestone,
    /// An inject was thrown in.
    Injected,
    /// An inject is over.
    InjectEnded,
    /// A track opened.
    Opened,
    /// A track closed.
    Closed,
    /// A track took a site into a batch.
    Taken,
    /// An attempt started.
    Started,
    /// An attempt ended well.
    Finished,
    /// An attempt ended and has to be done again.
    Failed,
    /// An attempt paused: its people have gone.
    Paused,
    /// A paused attempt went on.
    Resumed,
    /// An attempt was given up.
    Aborted,
    /// A site was deleted that was not to be, or that had been deleted before.
    Deleted,
    /// A task failed too often, and others took over.
    Escalated,
    /// The customer of a site has been reached about it.
    Reached,
    /// A load was freed, because nobody needs it any more.
    Unloaded,
    /// A site was handed back.
    Restored,
    /// A site turned out to be lost for good.
    Lost,
}

/// What becomes of the people and units of a task when something happens to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It takes them.
    Begins,
    /// It gives them back.
    Ends,
}

impl What {
    /// What becomes of the people and units of the task that it happens to, if anything.
    #[must_use]
    pub fn turn(self) -> Option<Use> {
        match self {
            Self::Started | Self::Resumed => Some(Use::Begins),
            Self::Finished | Self::Failed | Self::Paused | Self::Aborted => Some(Use::Ends),
            Self::Milestone | Self::Injected | Self::InjectEnded => None,
            Self::Opened | Self::Closed | Self::Taken => None,
            Self::Deleted | Self::Escalated | Self::Reached | Self::Unloaded => None,
            Self::Restored | Self::Lost => None,
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Milestone => "milestone",
            Self::Injected => "inject",
            Self::InjectEnded => "over",
            Self::Opened => "open",
            Self::Closed => "close",
            Self::Taken => "take",
            Self::Started => "start",
            Self::Finished => "finish",
            Self::Failed => "fail",
            Self::Paused => "pause",
            Self::Resumed => "resume",
            Self::Aborted => "abort",
            Self::Deleted => "deleted",
            Self::Escalated => "escalate",
            Self::Reached => "reached",
            Self::Unloaded => "unload",
            Self::Restored => "restored",
            Self::Lost => "lost",
        })
    }
}

/// Simulates one replication and tells what happened.
#[must_use]
pub fn trace(scenario: &Scenario, strategy: StrategyId, seed: u64, replication: u64) -> Trace {
    let scenario = &*scenario.in_replication(replication);
    let plan = compile(scenario, strategy);
    let mut log = Log::default();
    let outcome = Engine::new(&plan).simulate(Streams::new(seed, replication), &mut log);
    Trace { records: tell(scenario, strategy, &plan, &log), outcome }
}

/// The records of a log, with names.
fn tell(scenario: &Scenario, strategy: StrategyId, plan: &Plan, log: &Log) -> Vec<Told> {
    let labels = step_labels(scenario, strategy);
    let mut teller = Teller {
        scenario,
        plan,
        labels: &labels,
        batches: BTreeMap::new(),
        tasks: BTreeMap::new(),
        taken: BTreeMap::new(),
        waited: None,
    };
    log.records.iter().filter_map(|(at, record)| teller.told(*at, *record)).collect()
}

/// Simulates one replication and tells what happened, a line each: the time since T+0 in hours and
/// minutes, what, and whose.
#[must_use]
pub fn timeline(scenario: &Scenario, strategy: StrategyId, seed: u64, replication: u64) -> String {
    let mut text = String::new();
    for it in trace(scenario, strategy, seed, replication).records {
        writeln!(text, "{:>8}  {:<9}  {}", clock(it.at), it.what, it.whose())
            .expect("a string takes any text");
    }
    text
}

impl Told {
    /// Whose it is: `site/step`, `site.../step` of a batch, `track.step` of a `once` step, and so on.
    #[must_use]
    pub fn whose(&self) -> String {
        let Self { what, track, step, site, per, .. } = self;
        match what {
            What::Milestone | What::Injected | What::InjectEnded | What::Opened | What::Closed => {
                track.clone()
            }
            What::Taken => format!("{site} by {track}"),
            What::Deleted | What::Reached | What::Restored | What::Lost => site.clone(),
            What::Started
            | What::Finished
            | What::Failed
            | What::Paused
            | What::Resumed
            | What::Aborted
            | What::Escalated
            | What::Unloaded => match per {
                Some(Per::Once) | None => format!("{track}.{step}"),
                Some(Per::Shard) => step.clone(),
                Some(Per::Batch) => format!("{site}.../{step}"),
                Some(Per::Site) => format!("{site}/{step}"),
            },
        }
    }
}

/// Knows the names of what records are about, and what has happened so far.
struct Teller<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    labels: &'a [StepLabel],
    /// The batch of each site by track and row.
    batches: BTreeMap<(u8, u32), u32>,
    /// Attempts of each task so far, and since when the last of them has had its people, if it has.
    tasks: BTreeMap<TaskRef, (u32, Option<SimTime>)>,
    /// What the last attempt at each task takes, a place in the plan's demands, where that is not
    /// always the same.
    taken: BTreeMap<TaskRef, u16>,
    /// How long the attempt had to wait that starts or goes on next.
    waited: Option<SimDuration>,
}

impl Teller<'_> {
    fn told(&mut self, at: SimTime, record: TraceRecord) -> Option<Told> {
        let bare = |what| Told {
            at,
            what,
            track: String::new(),
            step: String::new(),
            site: String::new(),
            per: None,
            batch: None,
            attempt: None,
            needs: Vec::new(),
            waited: None,
            lasted: None,
        };
        Some(match record {
            TraceRecord::Milestone(index) => {
                let milestone = &self.scenario.incident.milestones.as_slice()[index as usize];
                Told { track: milestone.name.clone(), ..bare(What::Milestone) }
            }
            TraceRecord::Injected(it) => Told { track: self.inject(it), ..bare(What::Injected) },
            TraceRecord::InjectEnded(it) => {
                Told { track: self.inject(it), ..bare(What::InjectEnded) }
            }
            TraceRecord::Opened(it) => Told { track: self.track(it), ..bare(What::Opened) },
            TraceRecord::Closed(it) => Told { track: self.track(it), ..bare(What::Closed) },
            TraceRecord::Taken { row, track, batch } => {
                self.batches.insert((track, row), batch);
                Told {
                    track: self.track(track),
                    site: self.site(row),
                    batch: Some(batch),
                    ..bare(What::Taken)
                }
            }
            TraceRecord::PassedOn { .. } => return None,
            TraceRecord::Waited(_, millis) => {
                self.waited = Some(SimDuration::from_millis(millis));
                return None;
            }
            TraceRecord::Takes(task, demand) => {
                self.taken.insert(task, demand);
                return None;
            }
            TraceRecord::Started(it) => self.task(it, bare(What::Started)),
            TraceRecord::Finished(it) => self.task(it, bare(What::Finished)),
            TraceRecord::Failed(it) => self.task(it, bare(What::Failed)),
            TraceRecord::Paused(it) => self.task(it, bare(What::Paused)),
            TraceRecord::Resumed(it) => self.task(it, bare(What::Resumed)),
            TraceRecord::Aborted(it) => self.task(it, bare(What::Aborted)),
            TraceRecord::Deleted(row) => Told { site: self.site(row), ..bare(What::Deleted) },
            TraceRecord::Escalated(it) => self.task(it, bare(What::Escalated)),
            TraceRecord::Reached(row) => Told { site: self.site(row), ..bare(What::Reached) },
            TraceRecord::Unloaded(it) => self.task(it, bare(What::Unloaded)),
            TraceRecord::Restored(row) => Told { site: self.site(row), ..bare(What::Restored) },
            TraceRecord::Lost(row) => Told { site: self.site(row), ..bare(What::Lost) },
        })
    }

    fn task(&mut self, task: TaskRef, bare: Told) -> Told {
        let plan_step = &self.plan.steps[usize::from(task.step)];
        let (attempts, since) = self.tasks.entry(task).or_insert((0, None));
        let turn = bare.what.turn();
        // What is given up while it pauses has nobody to give back.
        let lasted = match turn {
            Some(Use::Begins) => since.replace(bare.at).and(None),
            Some(Use::Ends) => since.take().map(|since| bare.at.saturating_since(since)),
            None => None,
        };
        if bare.what == What::Started {
            *attempts += 1;
        }
        let attempt = Some(*attempts);
        let waited = (turn == Some(Use::Begins)).then(|| self.waited.take().unwrap_or_default());
        let batch = (plan_step.per != Per::Once)
            .then(|| self.batches.get(&(plan_step.track, task.row)).copied());
        let StepLabel { track, step, .. } = &self.labels[usize::from(task.step)];
        let step = match plan_step.per {
            Per::Shard => format!("{step}#{}", self.shard(task)),
            Per::Once | Per::Batch | Per::Site => step.clone(),
        };
        // What it holds beyond its end is not told.
        let variants = self.plan.details[usize::from(task.step)].variants.as_ref();
        let usual = variants.map_or(plan_step.demand, |it| it.of(task.row).running);
        let demand = self.taken.get(&task).copied().unwrap_or(usual);
        Told {
            track: track.clone(),
            step,
            site: if plan_step.per == Per::Once { String::new() } else { self.site(task.row) },
            per: Some(plan_step.per),
            batch: batch.flatten(),
            attempt,
            needs: self.needs(demand),
            waited,
            lasted,
            ..bare
        }
    }

    fn inject(&self, index: u32) -> String {
        self.scenario.injects[index as usize].title.clone()
    }

    fn shard(&self, task: TaskRef) -> u32 {
        let loads = &self.plan.loads;
        loads.loads[loads.of(task.step, task.row) as usize].shard
    }

    fn needs(&self, demand: u16) -> Vec<Need> {
        if demand == 0 {
            return Vec::new();
        }
        let plan = self.plan;
        let (first, others) = plan.demands.units(usize::from(demand));
        // The gates of injects have no name: nobody takes anything of them.
        let need = |(pool, units): (u16, u32)| {
            let gate = (plan.first_gate..plan.first_part).contains(&usize::from(pool));
            let PlanPool { name, is_team, .. } = &plan.pools[usize::from(pool)];
            (!gate).then(|| Need { pool: name.clone(), is_team: *is_team, units })
        };
        std::iter::once(first).chain(others.iter().copied()).filter_map(need).collect()
    }

    fn track(&self, track: u8) -> String {
        self.plan.tracks[usize::from(track)].name.clone()
    }

    fn site(&self, row: u32) -> String {
        let site = self.scenario.incident.deleted[row as usize].site;
        self.scenario.estate.sites[site].name.clone()
    }
}

/// Hours and minutes, and what is finer only where there is something.
fn clock(at: SimTime) -> String {
    let millis = at.as_millis();
    let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
    match millis % 60_000 {
        0 => format!("{hours}:{minutes:02}"),
        rest if rest % 1_000 == 0 => format!("{hours}:{minutes:02}:{:02}", rest / 1_000),
        rest => format!("{hours}:{minutes:02}:{:02}.{:03}", rest / 1_000, rest % 1_000),
    }
}
