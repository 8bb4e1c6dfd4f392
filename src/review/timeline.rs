//! One replication told: as records with names, and as text that a person can check by hand.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use crate::engine::Engine;
use crate::ids::StrategyId;
use crate::plan::{PlanPool, StepLabel, compile};
use crate::review::names::Names;
use crate::rng::Streams;
use crate::scenario::{Per, Scenario};
use crate::trace::{End, Log, Outcome, Start, TaskRef, TraceRecord};
use crate::units::{HOUR, MINUTE, SimDuration, SimTime};

/// What happened in one replication, in order, and what it came to.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What happened.
    pub records: Vec<NamedRecord>,
    /// What it came to.
    pub outcome: Outcome,
}

/// A record of what happened, with names in the place of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NamedRecord {
    /// When.
    pub at: SimTime,
    /// What.
    pub what: What,
    /// The milestone, for [`What::Milestone`]; the title of an inject; the team or the limit, for
    /// [`What::Capacity`]; otherwise the track, empty for [`What::Deleted`], [`What::Restored`] and
    /// [`What::Lost`].
    pub track: String,
    /// The step, of what happened to a task.
    pub step: String,
    /// The key by which the step's random numbers are addressed, of what happened to a task.
    pub key: String,
    /// The service or product that the step is done for, if it is done for each of some; for
    /// [`What::Taken`] and [`What::Deleted`] the parts that the site has lost, joined by `+`, if it
    /// has not lost all.
    pub element: String,
    /// The site; of a `batch` step its batch's first one, of a `shard` step the one that asked for
    /// the load, of a `once` step none.
    pub site: String,
    /// What the step is done for, of what happened to a task.
    pub per: Option<Per>,
    /// The number of the batch over all tracks, for [`What::Taken`] and what happened to a task of a
    /// site in a batch.
    pub batch: Option<u32>,
    /// Which attempt at the task it is, counted from 1 as the draws are addressed, of what happened
    /// to an attempt.
    pub attempt: Option<u32>,
    /// The people and units that an attempt has while it runs, besides what it keeps beyond its end;
    /// that, for [`What::Held`] and [`What::Freed`].
    pub needs: Vec<Need>,
    /// How long the attempt had to wait after it could start, of an attempt that starts and of what
    /// still waits at the end.
    pub waited: Option<SimDuration>,
    /// How long it will run if nothing comes between, of an attempt that starts or goes on and is no
    /// transfer.
    pub length: Option<SimDuration>,
    /// What practice has left of its time, of an attempt that starts, where that is not all.
    pub practised: Option<f64>,
    /// Whether a machine does it or helps, of an attempt that starts.
    pub by_machine: bool,
    /// How long people and units were in use, of what ends their use.
    pub lasted: Option<SimDuration>,
    /// How much there is from now on, for [`What::Capacity`]; how often the work has been done, for
    /// [`What::Finished`].
    pub count: Option<u32>,
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A milestone of the incident was reached.
    #[default]
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
    /// An attempt has found out that nothing is left that it could restore from.
    FoundNothing,
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
    /// There is another number of people or units from now on.
    Capacity,
    /// From now on a machine does a step.
    Automated,
    /// A batch has freed its slot.
    SlotFreed,
    /// The task of a batch goes on with another of its sites as its first.
    PassedOn,
    /// A site has done one of the steps for which a step of its batch waits.
    Arrived,
    /// A task could start if its load stood.
    Asked,
    /// A task could start if there were people and units.
    Eligible,
    /// A task still waits when the exercise ends.
    StillWaits,
    /// A task keeps something beyond its end.
    Held,
    /// What a task has kept is free.
    Freed,
    /// An attempt was to start, and nothing is left that it could restore from.
    NothingLeft,
    /// A load that had not begun was given up, because nobody waits for it any more.
    Cancelled,
    /// An attempt at a load has ended, and there is nothing in it for a task that waits for it.
    NotInLoad,
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
            Self::Finished | Self::Failed | Self::Paused => Some(Use::Ends),
            Self::Aborted | Self::FoundNothing => Some(Use::Ends),
            Self::Milestone | Self::Injected | Self::InjectEnded => None,
            Self::Opened | Self::Closed | Self::Taken => None,
            Self::Deleted | Self::Escalated | Self::Reached | Self::Unloaded => None,
            Self::Restored | Self::Lost => None,
            Self::Capacity | Self::Automated | Self::SlotFreed | Self::PassedOn => None,
            Self::Arrived | Self::Asked | Self::Eligible | Self::StillWaits => None,
            Self::Held | Self::Freed | Self::NothingLeft => None,
            Self::Cancelled | Self::NotInLoad => None,
        }
    }

    /// Whether it is among what a person reads first: what happened, and not why it could.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self <= Self::Lost
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
            Self::FoundNothing => "vain",
            Self::Deleted => "deleted",
            Self::Escalated => "escalate",
            Self::Reached => "reached",
            Self::Unloaded => "unload",
            Self::Restored => "restored",
            Self::Lost => "lost",
            Self::Capacity => "capacity",
            Self::Automated => "automate",
            Self::SlotFreed => "slot",
            Self::PassedOn => "pass",
            Self::Arrived => "arrive",
            Self::Asked => "ask",
            Self::Eligible => "eligible",
            Self::StillWaits => "wait",
            Self::Held => "hold",
            Self::Freed => "free",
            Self::NothingLeft => "nothing",
            Self::Cancelled => "cancel",
            Self::NotInLoad => "missing",
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
    let names = Names::new(scenario, strategy, &plan);
    let mut teller = Teller { names, batches: BTreeMap::new(), lost: BTreeMap::new() };
    let records = log.records.iter().map(|(at, record)| teller.told(*at, *record)).collect();
    Trace { records, outcome }
}

/// Simulates one replication and tells what happened, a line each: the time since T+0 in hours and
/// minutes, what, and whose.
#[must_use]
pub fn timeline(scenario: &Scenario, strategy: StrategyId, seed: u64, replication: u64) -> String {
    let mut text = String::new();
    let records = trace(scenario, strategy, seed, replication).records;
    for it in records.into_iter().filter(|it| it.what.is_plain()) {
        writeln!(text, "{:>8}  {:<9}  {}", clock(it.at), it.what, it.whose())
            .expect("a string takes any text");
    }
    text
}

impl NamedRecord {
    /// Whose it is: `site/step`, `site.../step` of a batch, `track.step` of a `once` step, and so on.
    #[must_use]
    pub fn whose(&self) -> String {
        let Self { what, track, step, site, per, .. } = self;
        let lost = match self.element.as_str() {
            "" => String::new(),
            parts => format!(" ({parts})"),
        };
        match what {
            What::Milestone | What::Injected | What::InjectEnded => track.clone(),
            What::Opened | What::Closed | What::Capacity | What::SlotFreed => track.clone(),
            What::Taken => format!("{site}{lost} by {track}"),
            What::Deleted => format!("{site}{lost}"),
            What::Reached | What::Restored | What::Lost => site.clone(),
            What::Started
            | What::Finished
            | What::Failed
            | What::Paused
            | What::Resumed
            | What::Aborted
            | What::FoundNothing
            | What::Escalated
            | What::Unloaded
            | What::Automated
            | What::PassedOn
            | What::Arrived
            | What::Asked
            | What::Eligible
            | What::StillWaits
            | What::Held
            | What::Freed
            | What::NothingLeft
            | What::Cancelled
            | What::NotInLoad => match per {
                Some(Per::Once) | None => format!("{track}.{step}"),
                Some(Per::Shard) => step.clone(),
                Some(Per::Batch) => format!("{site}.../{step}"),
                Some(Per::Site) => format!("{site}/{step}"),
            },
        }
    }
}

/// Tells records with names.
struct Teller<'a> {
    names: Names<'a>,
    /// The batch of each site by track and row.
    batches: BTreeMap<(u8, u32), u32>,
    /// The graph of steps of each site of which something more was taken than at first, by row.
    lost: BTreeMap<u32, u16>,
}

impl Teller<'_> {
    fn told(&mut self, at: SimTime, record: TraceRecord) -> NamedRecord {
        let bare = |what: What| NamedRecord { at, what, ..NamedRecord::default() };
        let inject = |it: u32| self.names.inject(it);
        let track = |it: u8| self.names.track(it);
        let site = |it: u32| self.names.site(it);
        match record {
            TraceRecord::Milestone(index) => {
                let milestones = self.names.scenario.incident.milestones.as_slice();
                let track = milestones[index as usize].name.clone();
                NamedRecord { track, ..bare(What::Milestone) }
            }
            TraceRecord::Injected(it) => NamedRecord { track: inject(it), ..bare(What::Injected) },
            TraceRecord::InjectEnded(it) => {
                NamedRecord { track: inject(it), ..bare(What::InjectEnded) }
            }
            TraceRecord::Capacity { pool, units } => {
                let track = self.names.pool(pool);
                NamedRecord { track, count: Some(units), ..bare(What::Capacity) }
            }
            TraceRecord::Automated(step) => self.step(step, bare(What::Automated)),
            TraceRecord::Opened(it) => NamedRecord { track: track(it), ..bare(What::Opened) },
            TraceRecord::Closed(it) => NamedRecord { track: track(it), ..bare(What::Closed) },
            TraceRecord::Taken { row, track, batch } => {
                self.batches.insert((track, row), batch);
                let (track, site) = (self.names.track(track), self.names.site(row));
                let element = self.lost(row);
                NamedRecord { track, site, element, batch: Some(batch), ..bare(What::Taken) }
            }
            TraceRecord::SlotFreed { track, batch } => {
                let track = self.names.track(track);
                NamedRecord { track, batch: Some(batch), ..bare(What::SlotFreed) }
            }
            TraceRecord::PassedOn { task, row } => {
                self.task(TaskRef { row, ..task }, bare(What::PassedOn))
            }
            TraceRecord::Arrived(it) => self.task(it, bare(What::Arrived)),
            TraceRecord::Asked(it) => self.task(it, bare(What::Asked)),
            TraceRecord::Eligible(it) => self.task(it, bare(What::Eligible)),
            TraceRecord::Started(it) => self.start(&it, bare(What::Started)),
            TraceRecord::Resumed(it) => self.start(&it, bare(What::Resumed)),
            TraceRecord::NothingLeft(it) => {
                NamedRecord { needs: Vec::new(), ..self.start(&it, bare(What::NothingLeft)) }
            }
            TraceRecord::Finished(it, practice) => NamedRecord {
                count: Some(practice.completions),
                ..self.end(it, bare(What::Finished))
            },
            TraceRecord::Failed(it) => self.end(it, bare(What::Failed)),
            TraceRecord::Paused(it) => self.end(it, bare(What::Paused)),
            TraceRecord::Aborted(it) => self.end(it, bare(What::Aborted)),
            TraceRecord::FoundNothing(it) => self.end(it, bare(What::FoundNothing)),
            TraceRecord::NotInLoad(it) => self.task(it, bare(What::NotInLoad)),
            TraceRecord::StillWaits { task, waited, .. } => {
                let waited = Some(SimDuration::from_millis(waited));
                NamedRecord { waited, ..self.task(task, bare(What::StillWaits)) }
            }
            TraceRecord::Held { task, keeps } => {
                NamedRecord { needs: self.needs(keeps), ..self.task(task, bare(What::Held)) }
            }
            TraceRecord::Freed { task, frees, held } => {
                let lasted = Some(SimDuration::from_millis(held));
                NamedRecord {
                    needs: self.needs(frees),
                    lasted,
                    ..self.task(task, bare(What::Freed))
                }
            }
            TraceRecord::Deleted { row, profile } => {
                self.lost.insert(row, profile);
                NamedRecord { site: site(row), element: self.lost(row), ..bare(What::Deleted) }
            }
            TraceRecord::Escalated(it) => self.task(it, bare(What::Escalated)),
            TraceRecord::Reached(row) => NamedRecord { site: site(row), ..bare(What::Reached) },
            TraceRecord::Unloaded(it) => self.task(it, bare(What::Unloaded)),
            TraceRecord::Cancelled(it) => self.task(it, bare(What::Cancelled)),
            TraceRecord::Restored(row) => NamedRecord { site: site(row), ..bare(What::Restored) },
            TraceRecord::Lost(row) => NamedRecord { site: site(row), ..bare(What::Lost) },
        }
    }

    /// What a site has lost, joined by `+`, where it is not all.
    fn lost(&self, row: u32) -> String {
        let plan = self.names.plan;
        let first = plan.sites[row as usize].profile;
        let profile = self.lost.get(&row).copied().unwrap_or(first);
        let lost = plan.profiles[usize::from(profile)].lost;
        self.names.scenario.estate.lost_parts(lost).join("+")
    }

    fn start(&self, start: &Start, bare: NamedRecord) -> NamedRecord {
        let millis = SimDuration::from_millis;
        NamedRecord {
            attempt: Some(start.attempt),
            needs: self.needs(start.has),
            waited: Some(millis(start.waited)),
            length: start.length.map(millis),
            practised: Some(start.practised).filter(|it| *it < 1.0),
            by_machine: start.by_machine,
            ..self.task(start.task, bare)
        }
    }

    fn end(&self, end: End, bare: NamedRecord) -> NamedRecord {
        NamedRecord {
            attempt: Some(end.attempt),
            needs: self.needs(end.frees),
            lasted: end.ran.map(SimDuration::from_millis),
            ..self.task(end.task, bare)
        }
    }

    /// What is told of a step for all that it is done for.
    fn step(&self, step: u16, bare: NamedRecord) -> NamedRecord {
        let StepLabel { track, step, key, element, .. } = self.names.step(step);
        let [track, step, key, element] = [track, step, key, element].map(String::clone);
        NamedRecord { track, step, key, element, ..bare }
    }

    fn task(&self, task: TaskRef, bare: NamedRecord) -> NamedRecord {
        let step = &self.names.plan.steps[usize::from(task.step)];
        let told = self.step(task.step, bare);
        let batch = || self.batches.get(&(step.track, task.row)).copied();
        NamedRecord {
            step: if step.per == Per::Shard { self.names.load(task) } else { told.step },
            site: if step.per == Per::Once { String::new() } else { self.names.site(task.row) },
            per: Some(step.per),
            batch: if step.per == Per::Once { None } else { batch() },
            ..told
        }
    }

    fn needs(&self, demand: u16) -> Vec<Need> {
        let need = |(pool, units): (u16, u32)| {
            let PlanPool { name, is_team, .. } = &self.names.plan.pools[usize::from(pool)];
            Need { pool: name.clone(), is_team: *is_team, units }
        };
        self.names.plan.units(demand).map(need).collect()
    }
}

/// Hours and minutes, and what is finer only where there is something.
fn clock(at: SimTime) -> String {
    let millis = at.as_millis();
    let (hours, minutes) = (millis / HOUR, millis / MINUTE % 60);
    match millis % MINUTE {
        0 => format!("{hours}:{minutes:02}"),
        rest if rest % 1_000 == 0 => format!("{hours}:{minutes:02}:{:02}", rest / 1_000),
        rest => format!("{hours}:{minutes:02}:{:02}.{:03}", rest / 1_000, rest % 1_000),
    }
}
