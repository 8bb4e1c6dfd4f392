//! One replication as a log for other programs: a JSON object a line, in the order in which things
//! happened.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::report::words::iso8601;
use crate::review::{NamedRecord, Need, Trace, What};
use crate::scenario::{IncidentKind, Per, Scenario};

/// The version of the log's form. It changes when a key changes its meaning or goes away, not when
/// one is added.
const FORMAT: u32 = 2;

/// Which exercise a log is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which<'a> {
    /// The strategy's name.
    pub strategy: &'a str,
    /// Seed of every random number.
    pub seed: u64,
    /// The exercise's number, from 0.
    pub replication: u64,
    /// By what words people read of the incident.
    pub kind: IncidentKind,
}

/// The first line: what the log is of.
#[derive(Serialize)]
struct Head<'a> {
    what: &'static str,
    format: u32,
    program: String,
    scenario: &'a str,
    digest: String,
    strategy: &'a str,
    seed: u64,
    replication: u64,
    /// The wall-clock of T+0 in UTC (RFC 3339), if the scenario states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident_at: Option<String>,
    /// Lines that follow.
    lines: usize,
}

/// Something that happened. A key that has nothing to say is left out.
#[derive(Serialize)]
struct Line<'a> {
    at_ms: u64,
    at: String,
    what: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    milestone: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    inject: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pool: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    track: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    step: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    element: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    per: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    site: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    batch: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    teams: BTreeMap<&'a str, u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<&'a str, u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    practised: Option<f64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_machine: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lasted_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    units: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completions: Option<u32>,
}

/// What a step is done for, in the word of the scenario.
pub(crate) fn per(per: Per) -> &'static str {
    match per {
        Per::Once => "once",
        Per::Batch => "batch",
        Per::Shard => "shard",
        Per::Site => "site",
    }
}

/// The units of each team, or of each limit.
pub(crate) fn units(needs: &[Need], teams: bool) -> BTreeMap<&str, u32> {
    needs.iter().filter(|it| it.is_team == teams).map(|it| (it.pool.as_str(), it.units)).collect()
}

/// The log of an exercise: a line that says what it is of, then a line for everything that
/// happened.
#[must_use]
pub fn ndjson(scenario: &Scenario, which: Which<'_>, trace: &Trace) -> String {
    let head = Head {
        what: "trace",
        format: FORMAT,
        program: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
        scenario: &scenario.name,
        digest: format!("{:016x}", scenario.digest),
        strategy: which.strategy,
        seed: which.seed,
        replication: which.replication,
        incident_at: scenario.incident.at.map(|it| it.to_string()),
        lines: trace.records.len(),
    };
    let mut text = json(&head);
    for told in &trace.records {
        text += &json(&line(told));
    }
    text
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a line is plain JSON") + "\n"
}

fn line(told: &NamedRecord) -> Line<'_> {
    let name = told.track.as_str();
    let (milestone, inject, pool, track) = match told.what {
        What::Milestone => (name, "", "", ""),
        What::Injected | What::InjectEnded => ("", name, "", ""),
        What::Capacity => ("", "", name, ""),
        _ => ("", "", "", name),
    };
    let count_for = |what: What| told.count.filter(|_| told.what == what);
    Line {
        at_ms: told.at.as_millis(),
        at: iso8601(told.at.since_start()),
        what: told.what.to_string(),
        milestone,
        inject,
        pool,
        track,
        step: &told.step,
        key: &told.key,
        element: &told.element,
        per: told.per.map(per),
        site: &told.site,
        batch: told.batch,
        attempt: told.attempt,
        teams: units(&told.needs, true),
        limits: units(&told.needs, false),
        waited_ms: told.waited.map(|it| it.as_millis()),
        length_ms: told.length.map(|it| it.as_millis()),
        practised: told.practised,
        by_machine: told.by_machine,
        lasted_ms: told.lasted.map(|it| it.as_millis()),
        units: count_for(What::Capacity),
        completions: count_for(What::Finished),
    }
}
