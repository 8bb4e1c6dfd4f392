//! One replication in the JSON Trace Event Format, which Perfetto and Chrome open.
//!
//! A team is a process, what its people do lies on lanes: a piece of work goes on the lowest lane
//! that is free, so that pieces of one lane never overlap. Waiting is a piece of its own kind,
//! milestones, openings and sites that are back are marks. Times are in microseconds since T+0.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::report::trace::ndjson::{Which, per, units};
use crate::review::{NamedRecord, Trace, Use, What};
use crate::scenario::Scenario;
use crate::units::SimTime;

const MICROS_PER_MILLI: u64 = 1_000;
/// The process of milestones, tracks and sites.
const COURSE: usize = 1;
/// The process of what needs no team.
const NOBODY: usize = 2;
/// The process of the first team; the others follow.
const TEAMS: usize = 3;

/// An exercise for Perfetto, with a line end.
#[must_use]
pub fn chrome(scenario: &Scenario, which: Which<'_>, trace: &Trace) -> String {
    let mut drawn = TraceEvents::new(scenario);
    for told in &trace.records {
        drawn.follow(told);
    }
    drawn.close(SimTime::ZERO + scenario.experiment.horizon);
    let mut events = drawn.names(scenario);
    events.append(&mut drawn.events);
    let whole = json!({
        "displayTimeUnit": "ms",
        "otherData": {
            "program": format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            "scenario": scenario.name,
            "digest": format!("{:016x}", scenario.digest),
            "strategy": which.strategy,
            "seed": which.seed,
            "replication": which.replication,
        },
        "traceEvents": events,
    });
    format!("{whole}\n")
}

/// Work that goes on: since when, and on which lane of each process.
struct Piece {
    since: SimTime,
    lanes: Vec<(usize, usize)>,
    told: NamedRecord,
}

/// The events so far.
struct TraceEvents {
    events: Vec<Value>,
    /// The process of each team by its name.
    teams: BTreeMap<String, usize>,
    /// For each process whether each lane is taken.
    lanes: Vec<Vec<bool>>,
    /// By track, step and site, which only one piece of work has at a time.
    running: BTreeMap<[String; 3], Piece>,
    waits: u64,
}

impl TraceEvents {
    fn new(scenario: &Scenario) -> Self {
        let teams = scenario.teams.iter().enumerate();
        Self {
            events: Vec::new(),
            teams: teams.map(|(place, team)| (team.name.clone(), TEAMS + place)).collect(),
            lanes: vec![Vec::new(); TEAMS + scenario.teams.len()],
            running: BTreeMap::new(),
            waits: 0,
        }
    }

    fn follow(&mut self, told: &NamedRecord) {
        match told.what.turn() {
            Some(Use::Begins) => self.begin(told),
            Some(Use::Ends) => {
                let key = key(told);
                if let Some(piece) = self.running.remove(&key) {
                    self.end(piece, told.at, &told.what.to_string());
                }
            }
            None if told.what == What::Capacity => self.count(told),
            // What only tells why something could happen would hide what did.
            None if !told.what.is_plain() => {}
            None => self.mark(told),
        }
    }

    /// The processes of the teams that an attempt takes.
    fn processes(&self, told: &NamedRecord) -> Vec<usize> {
        let teams = told.needs.iter().filter(|it| it.is_team);
        let known: Vec<usize> = teams.filter_map(|it| self.teams.get(&it.pool).copied()).collect();
        if known.is_empty() { vec![NOBODY] } else { known }
    }

    fn begin(&mut self, told: &NamedRecord) {
        let processes = self.processes(told);
        if let Some(waited) = told.waited.filter(|it| it.as_millis() > 0) {
            let since = told.at.as_millis() - waited.as_millis();
            self.waited(told, processes[0], since);
        }
        let lane = |process: &usize| {
            let lanes = &mut self.lanes[*process];
            let free = lanes.iter().position(|taken| !taken).unwrap_or(lanes.len());
            lanes.resize(lanes.len().max(free + 1), false);
            lanes[free] = true;
            (*process, free)
        };
        let lanes = processes.iter().map(lane).collect();
        self.running.insert(key(told), Piece { since: told.at, lanes, told: told.clone() });
    }

    fn end(&mut self, piece: Piece, at: SimTime, ended: &str) {
        for (process, lane) in piece.lanes {
            self.lanes[process][lane] = false;
            let mut args = args(&piece.told);
            args.insert("ended".to_owned(), ended.into());
            self.events.push(json!({
                "ph": "X",
                "cat": "work",
                "name": name(&piece.told),
                "pid": process,
                "tid": lane + 1,
                "ts": micros(piece.since.as_millis()),
                "dur": micros(at.saturating_since(piece.since).as_millis()),
                "args": args,
            }));
        }
    }

    /// Waits lie beside the lanes, as many as there are at once.
    fn waited(&mut self, told: &NamedRecord, process: usize, since: u64) {
        self.waits += 1;
        for (phase, at) in [("b", since), ("e", told.at.as_millis())] {
            self.events.push(json!({
                "ph": phase,
                "cat": "wait",
                "id": self.waits,
                "name": format!("wait for {}", told.step),
                "pid": process,
                "tid": 0,
                "ts": micros(at),
                "args": args(told),
            }));
        }
    }

    /// How much there is of a team or a limit, as a curve.
    fn count(&mut self, told: &NamedRecord) {
        let process = self.teams.get(&told.track).copied().unwrap_or(COURSE);
        self.events.push(json!({
            "ph": "C",
            "name": format!("{} there", told.track),
            "pid": process,
            "ts": micros(told.at.as_millis()),
            "args": { "there": told.count },
        }));
    }

    fn mark(&mut self, told: &NamedRecord) {
        let lane = match told.what {
            What::Milestone | What::Injected | What::InjectEnded => 1,
            What::Opened | What::Closed => 2,
            What::Taken => 3,
            _ => 4,
        };
        let mark = json!({
            "ph": "i",
            "cat": "course",
            "name": format!("{} {}", told.what, told.whose()),
            "pid": COURSE,
            "tid": lane,
            "ts": micros(told.at.as_millis()),
            "s": "t",
            "args": args(told),
        });
        self.events.push(mark);
    }

    /// Work that goes on at the horizon ends there.
    fn close(&mut self, horizon: SimTime) {
        for (_, piece) in std::mem::take(&mut self.running) {
            self.end(piece, horizon, "horizon");
        }
    }

    /// What processes and lanes are called.
    fn names(&self, scenario: &Scenario) -> Vec<Value> {
        let mut names = Vec::new();
        let process = |pid: usize, name: &str| json!({ "ph": "M", "name": "process_name", "pid": pid, "args": { "name": name } });
        let thread = |pid: usize, tid: usize, name: &str| {
            let args = json!({ "name": name });
            json!({ "ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": args })
        };
        names.push(process(COURSE, "course of the recovery"));
        for (tid, name) in
            ["milestones and injects", "tracks", "sites taken", "sites"].iter().enumerate()
        {
            names.push(thread(COURSE, tid + 1, name));
        }
        names.push(process(NOBODY, "needs no team"));
        for (place, team) in scenario.teams.iter().enumerate() {
            names.push(process(TEAMS + place, &format!("team {}", team.name)));
        }
        for (pid, lanes) in self.lanes.iter().enumerate() {
            let lanes = 1..=lanes.len();
            names.extend(lanes.map(|lane| thread(pid, lane, &format!("lane {lane}"))));
        }
        names
    }
}

fn micros(millis: u64) -> u64 {
    millis * MICROS_PER_MILLI
}

fn key(told: &NamedRecord) -> [String; 3] {
    [told.track.clone(), told.step.clone(), told.site.clone()]
}

/// What stands on a piece of work: the step, and for whom it is done.
fn name(told: &NamedRecord) -> String {
    match told.site.is_empty() {
        true => told.step.clone(),
        false => format!("{} {}", told.step, told.site),
    }
}

fn args(told: &NamedRecord) -> Map<String, Value> {
    let mut args = Map::new();
    for (key, text) in [("track", &told.track), ("step", &told.step), ("site", &told.site)] {
        if !text.is_empty() {
            args.insert(key.to_owned(), text.as_str().into());
        }
    }
    if let Some(it) = told.per {
        args.insert("per".to_owned(), per(it).into());
    }
    for (key, number) in [("batch", told.batch), ("attempt", told.attempt)] {
        if let Some(number) = number {
            args.insert(key.to_owned(), number.into());
        }
    }
    for (key, teams) in [("people", true), ("units", false)] {
        let units = units(&told.needs, teams);
        if !units.is_empty() {
            args.insert(key.to_owned(), json!(units));
        }
    }
    args
}
