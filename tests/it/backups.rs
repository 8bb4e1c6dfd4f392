//! Backups to the letter: cycles, chains, what is complete, what is kept, what fits together.

use blackstart::experiment::{self, Design, Restoration};
use blackstart::ids::{Id, StrategyId};
use blackstart::units::SimDuration;

use crate::support::{hours, only, results, shipped_scenario, timeline, trace};

const MINUTE: u64 = 60_000;

/// One service with these keys of its backup, one step with this restore point and these keys.
fn estate(sites: u32, backup: &str, step: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services.db]
shards = {sites}
backup = {{ {backup} }}
[estate.sites]
count = {sites}
[[incident.deletions]]
[teams.dba]
people = 1
[runbooks.r]
steps = [{{ id = "x", duration = "1h", for_each.service = "db", {step} }}]
[[strategies.s.tracks]]
runbook = "r"
"#
    )
}

const LATEST: &str = "restore_point.latest = true";

/// What the first site has lost at hand-over in the first replication.
#[track_caller]
fn lost(backup: &str, step: &str) -> String {
    trace(&estate(1, backup, step), 0).outcome.data_loss[0].at_hand_over.unwrap().to_string()
}

/// What every site has lost in many replications, in milliseconds, in order.
fn losses(sites: u32, replications: u32, backup: &str) -> Vec<u64> {
    let results = results(&estate(sites, backup, LATEST), replications);
    let all = results.strategies[0].outcomes.iter().flat_map(|it| &it.data_loss);
    let mut all: Vec<u64> = all.map(|it| it.at_hand_over.unwrap().as_millis()).collect();
    all.sort_unstable();
    all
}

#[test]
fn the_shipped_points_are_as_their_head_says() {
    let scenario = shipped_scenario("recovery-points");
    let tell = |strategy: usize| {
        let told = experiment::trace(&scenario, StrategyId::new(strategy), 1, 0);
        let loss = told.outcome.data_loss[0];
        let back = told.outcome.makespan.since_start();
        [loss.at_hand_over.unwrap(), loss.inconsistency.unwrap(), back].map(|it| it.to_string())
    };
    assert_eq!(tell(0), ["5h", "4h 40m", "1h 18m"]);
    assert_eq!(tell(1), ["5h", "0s", "1h 8m"]);
}

#[test]
fn the_shipped_queue_outlasts_the_retention_as_its_head_says() {
    let scenario = shipped_scenario("retention");
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    for (strategy, restored) in results.strategies.iter().zip([7, 12]) {
        for outcome in &strategy.outcomes {
            let count = |is: fn(&Restoration) -> bool| {
                outcome.restorations.iter().filter(|it| is(it)).count()
            };
            assert_eq!(count(|it| matches!(it, Restoration::Restored(_))), restored);
            assert_eq!(count(|it| *it == Restoration::Lost), 12 - restored);
        }
    }
    let told = experiment::timeline(&scenario, StrategyId::new(0), 1, 0);
    assert!(only(&told, "lost").lines().all(|line| line.starts_with("28:00 ")), "{told}");
}

#[test]
fn a_backup_every_day_that_takes_two_hours_loses_fourteen_in_the_mean() {
    // The last complete one began between 2 and 26 hours ago, each as likely.
    let lost = losses(200, 200, "full = \"24h\", takes = \"2h\"");
    assert!(*lost.first().expect("a site") >= hours(2));
    assert!(*lost.last().expect("a site") < hours(26));
    let mean = lost.iter().sum::<u64>() as f64 / lost.len() as f64 / hours(1) as f64;
    // Some 25,000 shards are different; four standard errors of sqrt(24^2 / 12) hours.
    assert!((mean - 14.0).abs() < 4.0 * 6.93 / 25_000f64.sqrt(), "{mean}");
    let p95 = lost[lost.len() * 95 / 100] as f64 / hours(1) as f64;
    assert!((p95 - 24.8).abs() < 0.15, "{p95}");
}

#[test]
fn a_phase_says_where_the_cycle_stands() {
    assert_eq!(lost("full = \"24h\", phase = \"7h\"", LATEST), "7h");
    assert_eq!(lost("full = \"24h\", incremental = \"2h\", phase = \"7h\"", LATEST), "1h");
    // Those that do not fit into a day begin anew with each full one.
    assert_eq!(lost("full = \"24h\", incremental = \"5h\", phase = \"23h\"", LATEST), "3h");
}

#[test]
fn a_full_backup_that_is_still_being_taken_is_none() {
    assert_eq!(lost("full = \"24h\", phase = \"1h\", takes = \"2h\"", LATEST), "1d 1h");
    assert_eq!(lost("full = \"24h\", phase = \"2h\", takes = \"2h\"", LATEST), "2h");
    // The chain of the one before it goes on.
    let chain = "full = \"24h\", incremental = \"2h\", phase = \"1h\", takes = \"2h\"";
    assert_eq!(lost(chain, LATEST), "1h");
}

#[test]
fn a_chain_that_always_breaks_leaves_the_full_backup() {
    let backup = "full = \"24h\", incremental = \"1h\", phase = \"9h\", chain_breaks = 1.0";
    assert_eq!(lost(backup, LATEST), "9h");
}

#[test]
fn a_chain_breaks_at_each_link_alike() {
    // Four links, each unreadable in one case of two.
    let backup = "full = \"24h\", incremental = \"1h\", phase = \"4h 10m\", chain_breaks = \"50%\"";
    let lost = losses(100, 200, backup);
    // A shard breaks for all of its sites alike; about 12,600 of them are in use.
    let shards = 12_000f64;
    for (links, share) in [(4u64, 0.0625), (3, 0.0625), (2, 0.125), (1, 0.25), (0, 0.5)] {
        let at = hours(4 - links) + 10 * MINUTE;
        let found = lost.iter().filter(|it| **it == at).count() as f64 / lost.len() as f64;
        // Unevenly filled shards count for twice as much at most.
        let error = (2.0 * share * (1.0 - share) / shards).sqrt();
        assert!((found - share).abs() < 4.0 * error, "{links} links: {found}");
    }
}

#[test]
fn sites_on_one_shard_share_its_broken_chain() {
    let text = estate(8, "full = \"24h\", incremental = \"1h\", chain_breaks = \"10%\"", LATEST)
        .replace("shards = 8", "shards = 1");
    for outcome in &results(&text, 30).strategies[0].outcomes {
        assert!(outcome.data_loss.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

#[test]
fn each_incremental_backup_takes_time_to_replay() {
    let text = |more: &str| {
        let backup =
            "full = \"24h\", incremental = \"1h\", phase = \"9h 20m\", per_incremental = \"2m\"";
        estate(1, &format!("{backup}{more}"), LATEST)
    };
    assert_eq!(only(&timeline(&text("")), "restored"), "1:18 site-0001\n");
    // Nothing is replayed of a chain that breaks at once.
    assert_eq!(only(&timeline(&text(", chain_breaks = 1")), "restored"), "1:00 site-0001\n");
}

#[test]
fn a_chain_is_as_old_as_its_full_backup() {
    let backup = |retention: &str| {
        format!(
            "full = \"24h\", incremental = \"1h\", phase = \"20h\", retention = \"{retention}\""
        )
    };
    let ended =
        |retention: &str| trace(&estate(1, &backup(retention), LATEST), 0).outcome.restorations[0];
    assert_eq!(ended("19h"), Restoration::Lost);
    assert!(matches!(ended("20h"), Restoration::Restored(_)));
}

#[test]
fn retention_is_judged_when_the_successful_attempt_starts() {
    // Every attempt but the last fails: they start at T+0h, 1h and 2h.
    let ended = |retention: &str| {
        let backup = format!("full = \"24h\", phase = \"6h\", retention = \"{retention}\"");
        let step = format!("{LATEST}, fails = {{ probability = 1, attempts = 3 }}");
        timeline(&estate(1, &backup, &step))
    };
    assert_eq!(only(&ended("8h"), "restored"), "3:00 site-0001\n");
    assert_eq!(only(&ended("7h"), "lost"), "2:00 site-0001\n");
}

#[test]
fn an_older_snapshot_needs_an_older_full_backup() {
    // Meant is one hour ago; picked is 30 hours before that, which the full one of 3 + 48 h covers
    // as long as it is kept. What is not kept cannot be picked.
    let step = "restore_point = { latest = true, by_hand = { probability = 1, older = \"30h\" } }";
    let lost = |retention: &str| {
        let backup = format!(
            "full = \"24h\", incremental = \"2h\", phase = \"3h\", retention = \"{retention}\""
        );
        trace(&estate(1, &backup, step), 0).outcome.data_loss[0].at_hand_over.unwrap().to_string()
    };
    assert_eq!(lost("50h"), "1h");
    assert_eq!(lost("51h"), "1d 7h");
}

#[test]
fn a_common_point_is_that_of_the_stores_of_the_site() {
    let text = r#"
schema = 1
title = "test"
[estate]
services.db.backup = { full = "24h", phase = "2h" }
services.files.backup = { full = "24h", phase = "9h" }
services.search.backup = { full = "24h", phase = "20h" }
products.wiki.services = ["db"]
products.shop.services = ["db", "files"]
sites = { count = 40, products = { wiki = "100%", shop = "50%" } }
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "x", duration = "1h", for_each.service = "*", restore_point.common = true }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    let scenario = crate::support::scenario(text);
    let told = experiment::trace(&scenario, StrategyId::new(0), 1, 0);
    let mut seen = [false; 2];
    for (site, loss) in scenario.estate.sites.iter().zip(&told.outcome.data_loss) {
        let has_files = site.products >> 1 & 1 == 1;
        seen[usize::from(has_files)] = true;
        let expected = SimDuration::from_hours(if has_files { 9 } else { 2 });
        assert_eq!(
            (loss.at_hand_over, loss.inconsistency),
            (Some(expected), Some(SimDuration::ZERO))
        );
    }
    assert_eq!(seen, [true; 2]);
}

#[test]
fn stores_are_repaired_one_by_one_after_hand_over() {
    let text = r#"
schema = 1
title = "test"
[estate.services.a]
[estate.services.b]
[estate.sites]
count = 1
[[incident.deletions]]
[[runbooks.r.steps]]
id = "a"
duration = "1h"
restore_point = { fixed = "5m", by_hand = { probability = 1, older = "6h", repaired_by = "mend-a" } }
[[runbooks.r.steps]]
id = "b"
duration = "1h"
restore_point = { fixed = "20m", by_hand = { probability = 1, older = "2h", repaired_by = "mend-b" } }
[[runbooks.r.steps]]
id = "check"
after = ["a", "b"]
duration = "1h"
hand_over = true
[[runbooks.r.steps]]
id = "mend-a"
after = ["check"]
duration = "3h"
[[runbooks.r.steps]]
id = "mend-b"
after = ["check"]
duration = "9h"
[[strategies.s.tracks]]
runbook = "r"
"#;
    let after = |horizon: &str| {
        let text = text.replace(
            "[estate.services.a]",
            &format!("[experiment]\nhorizon = \"{horizon}\"\n[estate.services.a]"),
        );
        let loss = trace(&text, 0).outcome.data_loss[0];
        [loss.at_hand_over, loss.after_repair, loss.inconsistency].map(|it| it.unwrap().to_string())
    };
    assert_eq!(after("4h"), ["6h 5m", "6h 5m", "3h 45m"]);
    // The first store is mended, the second one is now the worst.
    assert_eq!(after("6h"), ["6h 5m", "2h 20m", "3h 45m"]);
    assert_eq!(after("20h"), ["6h 5m", "20m", "3h 45m"]);
}
