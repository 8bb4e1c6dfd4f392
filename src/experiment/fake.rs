//! A small scenario and results made by hand, for tests of what stands on results.

use crate::chain::Heard;
use crate::experiment::results::aimed_at;
use crate::experiment::{Aims, PackedOutcome, PoolLabel, Results, StepLabel, StrategyResults};
use crate::ids::{Id, SiteId, StrategyId};
use crate::scenario::{Scenario, check};
use crate::trace::{DataLoss, Outcome, PoolTally, Restoration, StepTally};
use crate::units::{HOUR, MINUTE, SimDuration, SimTime};

/// Four sites of 10, 20, 30 and 40 users, deleted an hour after each other from T+0.
pub(crate) const TEXT: &str = r#"
schema = 1
title = "Four sites"
description = "A scenario to count on fingers."

[experiment]
seed = 7
horizon = "100h"

[estate.services.db]
backup = { full = "24h", incremental = "5m" }
[estate.products.wiki]
services = ["db"]
[estate.sites]
count = 4
customers = 2

[incident]
[[incident.deletions]]
over = "4h"
[incident.milestones.detected]
delay.fixed = "2h"

[teams.ops]
people = 2
cost_per_hour = 100.0
source = "guess"

[[runbooks.restore.steps]]
id = "restore"
team = "ops"
duration.fixed = "2h"
for_each = { service = "db" }
restore_point = { latest = true }
hand_over = true

[[strategies.manual.tracks]]
id = "r1"
runbook = "restore"
[[strategies.manual.tracks]]
id = "r2"
runbook = "restore"

[policy]
rto = "6h"
rpo = "1h"
rpo_at = "repair"
coverage = "75%"
assurance = "50%"
"#;

/// The scenario of [`TEXT`].
pub(crate) fn scenario() -> Scenario {
    let checked = check("four", "four.toml", TEXT, &[]);
    assert_eq!(checked.diagnostics.errors(), 0, "{:?}", checked.diagnostics);
    let mut scenario = checked.scenario.expect("a scenario without fault");
    for site in 0..4 {
        scenario.estate.sites[SiteId::new(site)].users = 10 * (site as u32 + 1);
    }
    scenario
}

/// Results of the strategy `manual`.
pub(crate) fn results(scenario: &Scenario, outcomes: Vec<Outcome>) -> Results {
    Results {
        seed: scenario.experiment.seed,
        replications: outcomes.len() as u32,
        aims: Aims::Same(aimed_at(scenario)),
        strategies: vec![StrategyResults {
            heard: Heard::default(),
            strategy: StrategyId::new(0),
            tracks: vec!["r1".to_owned(), "r2".to_owned()],
            steps: vec![StepLabel {
                key: String::new(),
                element: String::new(),
                id: "restore".to_owned(),
                track: "r1".to_owned(),
                step: "restore".to_owned(),
                title: "=restore".to_owned(),
                phase: String::new(),
                team: "ops".to_owned(),
                once: false,
                can_fail: true,
            }],
            pools: vec![PoolLabel {
                name: "ops".to_owned(),
                is_team: true,
                cost_per_hour: Some(100.0),
            }],
            throughputs: Vec::new(),
            outcomes: outcomes.iter().map(PackedOutcome::from).collect(),
        }],
    }
}

pub(crate) fn hours(hours: u64) -> SimTime {
    SimTime::from_millis(hours * HOUR)
}

/// All four back, at hours 4, 5, 10 and 20: recovery takes 4, 4, 8 and 17 hours. The last two
/// sites lose 3 and 2 hours of data at hand-over; those 3 hours are repaired at hour 16.
pub(crate) fn slow() -> Outcome {
    let minutes = |it: u64| SimDuration::from_millis(it * MINUTE);
    let loss = |hand_over, repair, repaired_at| DataLoss {
        at_hand_over: Some(minutes(hand_over)),
        after_repair: Some(minutes(repair)),
        inconsistency: Some(minutes(hand_over - 5)),
        repaired_at: Some(hours(repaired_at)),
    };
    Outcome {
        restorations: [4, 5, 10, 20].map(|it| Restoration::Restored(hours(it))).to_vec(),
        restored_by: vec![0, 0, 1, 1],
        data_loss: vec![loss(5, 5, 4), loss(5, 5, 5), loss(180, 5, 16), loss(120, 120, 20)],
        steps: vec![StepTally {
            attempts: 5,
            failures: 1,
            escalations: 0,
            work: 36_000_000,
            wait: 7_200_000,
            last_end: hours(20),
        }],
        pools: vec![PoolTally { busy: 36_000_000, overtime: 0, capacity: 144_000_000 }],
        deleted_at: Vec::new(),
        earlier_outage: Vec::new(),
        throughputs: Vec::new(),
        reached: Vec::new(),
        milestones: vec![hours(2)],
        makespan: hours(20),
        attempts: 5,
    }
}

/// Three back, at hours 4, 5 and 8: recovery takes 4, 4 and 6 hours. The fourth is lost.
pub(crate) fn lossy() -> Outcome {
    let mut outcome = slow();
    outcome.restorations[2] = Restoration::Restored(hours(8));
    outcome.restorations[3] = Restoration::Lost;
    outcome.data_loss[3] = DataLoss::default();
    outcome.restored_by = vec![0, 0, 0, u8::MAX];
    outcome.makespan = hours(8);
    outcome
}
