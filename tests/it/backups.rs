//! Backups to the letter: cycles, chains, what is complete, what is kept, what fits together.

use blackstart::experiment::{self, DataLoss, Design, Outcome, Restoration};
use blackstart::ids::{Id, StrategyId};
use blackstart::review;
use blackstart::units::SimDuration;

use crate::support::{hours, only, read, results, scenario, shipped_scenario, timeline, trace};

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

/// What a site that came back has lost, as of its hand-over.
fn known(loss: &DataLoss) -> SimDuration {
    loss.at_hand_over.expect("every step names its restore point")
}

/// What the first site has lost at hand-over in the first replication.
#[track_caller]
fn lost(backup: &str, step: &str) -> String {
    known(&trace(&estate(1, backup, step), 0).outcome.data_loss[0]).to_string()
}

/// What every site has lost in many replications, in milliseconds, in order.
fn losses(sites: u32, replications: u32, backup: &str) -> Vec<u64> {
    let results = results(&estate(sites, backup, LATEST), replications);
    let all = results.strategies[0].unpacked().into_iter().flat_map(|it| it.data_loss);
    let mut all: Vec<u64> = all.map(|it| known(&it).as_millis()).collect();
    all.sort_unstable();
    all
}

#[test]
fn the_shipped_points_are_as_their_head_says() {
    let scenario = shipped_scenario("recovery-points");
    let tell = |strategy: usize| {
        let told = review::trace(&scenario, StrategyId::new(strategy), 1, 0);
        let loss = told.outcome.data_loss[0];
        let back = told.outcome.makespan.since_start();
        [known(&loss), loss.inconsistency.expect("it is known"), back].map(|it| it.to_string())
    };
    assert_eq!(tell(0), ["5h", "4h 40m", "1h 18m"]);
    assert_eq!(tell(1), ["5h 20m", "20m", "1h 8m"]);
}

#[test]
fn the_shipped_queue_outlasts_the_retention_as_its_head_says() {
    let scenario = shipped_scenario("retention");
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    for (strategy, restored) in results.strategies.iter().zip([7, 12]) {
        for outcome in &strategy.unpacked() {
            let count = |is: fn(&Restoration) -> bool| {
                outcome.restorations.iter().filter(|it| is(it)).count()
            };
            assert_eq!(count(|it| matches!(it, Restoration::Restored(_))), restored);
            assert_eq!(count(|it| *it == Restoration::Lost), 12 - restored);
        }
    }
    let told = review::timeline(&scenario, StrategyId::new(0), 1, 0);
    assert!(only(&told, "lost").lines().all(|line| line.starts_with("28:00 ")), "{told}");
}

/// How each site of a shipped scenario ended under each strategy in the first exercise, with what it
/// has lost.
fn ends_of(name: &str) -> Vec<Vec<String>> {
    let scenario = shipped_scenario(name);
    let of_strategy = |strategy: StrategyId| {
        let outcome = review::trace(&scenario, strategy, 1, 0).outcome;
        let ends = outcome.restorations.iter().zip(&outcome.data_loss);
        let end = |(end, loss): (&Restoration, &DataLoss)| match end {
            Restoration::Restored(at) => format!("{} {}", at.since_start(), known(loss)),
            other => format!("{other:?}"),
        };
        ends.map(end).collect()
    };
    scenario.strategies.ids().map(of_strategy).collect()
}

#[test]
fn the_shipped_protections_fail_one_after_the_other_as_their_head_says() {
    assert_eq!(ends_of("five-protections"), [["6h 6h", "8h 6h"]]);
}

#[test]
fn the_shipped_store_without_a_backup_costs_the_sites_that_wait_for_it() {
    assert_eq!(ends_of("no-backup"), [["Lost"; 4], ["3h 4h", "5h 4h", "7h 4h", "9h 4h"]]);
}

#[test]
fn what_the_shipped_load_has_is_not_lost_when_its_backup_expires() {
    assert_eq!(
        ends_of("loaded-in-time"),
        [
            ["5h 6h", "8h 6h", "11h 6h", "14h 6h", "17h 6h"],
            ["3h 6h", "6h 6h", "9h 6h", "Lost", "Lost"]
        ]
    );
}

#[test]
fn the_shipped_cause_takes_all_that_it_is_shared_by() {
    let lost = |cause_of_copy: &str| {
        let text = read("scenarios/shared-cause.toml");
        let (first, copy) = text.rsplit_once("the-key").expect("two backups with a cause");
        let scenario = scenario(&format!("{first}{cause_of_copy}{copy}"));
        let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
        let outcomes = &results.strategies[0].unpacked();
        let all = |it: &&Outcome| it.restorations.iter().all(|it| *it == Restoration::Lost);
        let old = |it: &&Outcome| it.data_loss[0].at_hand_over == Some(SimDuration::from_hours(8));
        let share = |count: usize| count as f64 / outcomes.len() as f64;
        let none = outcomes.iter().filter(|it| it.restorations.contains(&Restoration::Lost));
        assert_eq!(none.count(), outcomes.iter().filter(all).count(), "all or none");
        (share(outcomes.iter().filter(all).count()), share(outcomes.iter().filter(old).count()))
    };
    // Four standard errors of 2,000 exercises.
    let near = |found: f64, share: f64| {
        (found - share).abs() < 4.0 * (share * (1.0 - share) / 2_000.0).sqrt()
    };
    let shared = lost("the-key");
    assert!(near(shared.0, 0.2) && shared.1 == 0.0, "{shared:?}");
    let apart = lost("another-key");
    assert!(near(apart.0, 0.04) && near(apart.1, 0.16), "{apart:?}");
}

#[test]
fn a_fixed_point_is_what_the_backups_have_by_then() {
    let fixed = "restore_point.fixed = \"5m\"";
    assert_eq!(lost("full = \"24h\", phase = \"10h\"", fixed), "10h");
    assert_eq!(lost("full = \"24h\", incremental = \"1h\", phase = \"10h\"", fixed), "1h");
    let log = "full = \"24h\", phase = \"10h\", log = \"continuous\"";
    assert_eq!(lost(log, fixed), "5m");
    // The log begins to be of use when a full backup is complete.
    let running = "full = \"24h\", phase = \"2h\", takes = \"1h 58m\", log = \"continuous\"";
    assert_eq!(lost(running, fixed), "5m");
    assert_eq!(lost(running, LATEST), "1ms");
}

#[test]
fn what_is_taken_at_the_instant_of_the_deletion_counts_no_more() {
    let backup = "full = \"24h\", incremental = \"1h\", phase = \"6h\"";
    assert_eq!(lost(backup, LATEST), "1h");
    let of_incident = "restore_point = { fixed = \"0s\", of = \"incident\" }";
    assert_eq!(lost(backup, of_incident), "1h");
    assert_eq!(lost("full = \"6h\", phase = \"0s\"", LATEST), "6h");
    assert_eq!(lost("full = \"6h\", phase = \"0s\", log = \"continuous\"", LATEST), "1ms");
}

#[test]
fn a_moment_in_a_full_backup_that_is_still_being_taken_needs_the_one_before() {
    // The last full one ran from 6 h to 4 h before the deletion.
    let backup = "full = \"24h\", phase = \"6h\", takes = \"2h\"";
    assert_eq!(lost(backup, "restore_point.fixed = \"4h\""), "6h");
    assert_eq!(lost(backup, "restore_point.fixed = \"5h\""), "1d 6h");
    let chain = &format!("{backup}, incremental = \"30m\"");
    assert_eq!(lost(chain, "restore_point.fixed = \"5h\""), "5h");
}

#[test]
fn a_window_keeps_the_last_full_backup_before_it_and_an_age_does_not() {
    let ended = |retention: &str| {
        let backup = "full = \"7d\", incremental = \"1h\", phase = \"5d 30m\"";
        let text = estate(1, &format!("{backup}, retention = {retention}"), LATEST);
        trace(&text, 0).outcome.restorations[0]
    };
    assert_eq!(ended("\"3d\""), Restoration::Lost);
    assert!(matches!(ended("{ window = \"3d\" }"), Restoration::Restored(_)));
}

#[test]
fn nothing_expires_that_is_kept_until_restored() {
    let ended = |keep: &str| {
        let backup = format!("full = \"24h\", phase = \"6h\", retention = \"30h\"{keep}");
        let text = estate(1, &backup, LATEST).replace("count = 1\n", "count = 1\nusers = 1\n");
        let waits = "steps = [{ id = \"wait\", duration = \"25h\" }, ";
        let text = text
            .replace("steps = [", waits)
            .replace("id = \"x\"", "id = \"x\", after = [\"wait\"]");
        trace(&text, 0).outcome.restorations[0]
    };
    assert_eq!(ended(""), Restoration::Lost);
    assert!(matches!(ended(", keep = \"until restored\""), Restoration::Restored(_)));
}

#[test]
fn whoever_begins_before_a_backup_is_known_to_be_unreadable_finds_it_out_too() {
    // Two people begin at once and both lose an hour; the third site comes when all is known.
    let text = estate(
        3,
        "full = \"24h\", phase = \"6h\", retention = \"5d\", unreadable.all = 1, fall_back = \"1h\"",
        "team = \"dba\", restore_point.latest = true",
    );
    let list = text
        .replace("backup = { ", "backup = [{ id = \"a\", ")
        .replace("\"1h\" }\n", "\"1h\" }, { id = \"b\", full = \"24h\", phase = \"9h\" }]\n")
        .replace("shards = 3", "shards = 1")
        .replace("people = 1", "people = 2");
    assert_eq!(
        only(&timeline(&list), "restored"),
        "2:00 site-0001\n2:00 site-0002\n3:00 site-0003\n"
    );
    assert_eq!(only(&timeline(&text), "restored"), "", "nothing is left");
}

#[test]
fn to_find_out_that_nothing_is_left_takes_the_time_of_every_backup_that_is_tried() {
    // Of the last 50 hours there are two backups, each of which costs an hour. Two people begin at
    // once and give up at 2:00; the third site is lost without anybody's work, as all is known.
    let backup = "full = \"24h\", phase = \"6h\", retention = \"50h\", unreadable = \"100%\", fall_back = \"1h\"";
    let text = estate(3, backup, "team = \"dba\", restore_point.latest = true")
        .replace("shards = 3", "shards = 1")
        .replace("people = 1", "people = 2");
    let told = timeline(&text);
    assert_eq!(only(&told, "lost"), "2:00 site-0001\n2:00 site-0002\n2:00 site-0003\n");
    assert_eq!(only(&told, "vain"), "2:00 site-0001/x/db\n2:00 site-0002/x/db\n");
    assert_eq!(trace(&text, 0).outcome.pools[0].busy, u128::from(hours(4)));
    // What has merely expired costs nothing.
    let expired = timeline(&text.replace("50h", "5h"));
    assert_eq!(only(&expired, "lost"), "0:00 site-0001\n0:00 site-0002\n0:00 site-0003\n");
}

#[test]
fn a_load_finds_out_for_all_that_wait_for_it_and_those_it_has_nothing_for_are_lost_at_its_end() {
    let backup = |list: &str| {
        LOADED
            .replace("backup = { full = \"24h\", incremental = \"1h\", phase = \"9h 20m\", per_incremental = \"10m\" }", list)
            .replace("duration = \"2h\"", "restore_point = { latest = true }, duration = \"2h\"")
    };
    // Two backups, an hour each; the load itself never comes.
    let none = backup(
        "backup = { full = \"24h\", phase = \"9h\", retention = \"50h\", unreadable = \"100%\", fall_back = \"1h\" }",
    );
    let told = timeline(&none);
    assert_eq!(only(&told, "lost"), "2:00 site-0001\n2:00 site-0002\n2:00 site-0003\n");
    assert_eq!(trace(&none, 0).outcome.pools[1].busy, u128::from(hours(2)));
    // Of the second protection there is a backup of 3:00, which only the second site can use. The load
    // begins at 5:00 and takes 2 h and the hour in which it finds the first protection unreadable.
    let some = backup(
        "backup = [{ id = \"a\", full = \"24h\", unreadable = { all = \"100%\" }, fall_back = \"1h\" }, \
         { id = \"b\", full = \"24h\", phase = \"21h\", retention = \"20h\" }]",
    )
    .replace("count = 3", "count = 2")
    .replace(
        "[[incident.deletions]]",
        "[[incident.deletions]]\nsites = { names = [\"site-0001\"] }\n\
         [[incident.deletions]]\nat = \"T+4h\"\nsites = { names = [\"site-0002\"] }",
    )
    .replace("runbook = \"r\"", "runbook = \"r\"\nopens = \"T+5h\"");
    let told = timeline(&some);
    assert_eq!(only(&told, "lost"), "8:00 site-0001\n");
    assert_eq!(only(&told, "restored"), "8:40 site-0002\n");
    assert_eq!(known(&trace(&some, 0).outcome.data_loss[1]).to_string(), "1h");
}

#[test]
fn trying_again_does_not_make_a_backup_readable() {
    // Half of the full backups cannot be read. Whatever the number of attempts, a site goes back to
    // the newest that can, and each is as likely as the draw of its backup says.
    let backup = "full = \"24h\", phase = \"6h\", retention = \"30d\", unreadable = \"50%\", fall_back = \"1m\"";
    let loss = |step: &str| -> Vec<u64> {
        let results = results(&estate(1, backup, step), 200);
        let all = results.strategies[0].unpacked().into_iter();
        all.map(|it| known(&it.data_loss[0]).as_millis()).collect()
    };
    let once = loss(LATEST);
    assert_eq!(once, loss(&format!("{LATEST}, fails = {{ probability = \"80%\", attempts = 9 }}")));
    let newest = once.iter().filter(|it| **it == hours(6)).count() as f64 / 200.0;
    assert!((newest - 0.5).abs() < 4.0 * (0.25f64 / 200.0).sqrt(), "{newest}");
}

const LOADED: &str = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "24h", incremental = "1h", phase = "9h 20m", per_incremental = "10m" }
[estate.products.app]
services = ["db"]
[estate.sites]
count = 3
[[incident.deletions]]
[limits.scratch]
units = 1
[teams.a]
people = 1
[runbooks.r]
sequential = true
steps = [
  { id = "load", per = "shard", for_each = { service = "db" }, holds = { scratch = 1 }, duration = "2h" },
  { id = "extract", for_each = { service = "db" }, team = "a", duration = "30m" },
  { id = "import", for_each = { service = "db" }, duration = "10m" },
]
[[strategies.s.tracks]]
runbook = "r"
"#;

#[test]
fn a_load_replays_once_for_all_that_share_it_wherever_its_point_is_written() {
    // Nine incremental backups of ten minutes each: the load takes 3 h 30 min.
    let point = "restore_point = { latest = true }, duration";
    for duration in ["duration = \"2h\"", "duration = \"30m\"", "duration = \"10m\""] {
        let text = LOADED.replace(duration, &duration.replace("duration", point));
        let told = timeline(&text);
        assert_eq!(
            only(&told, "restored"),
            "4:10 site-0001\n4:40 site-0002\n5:10 site-0003\n",
            "{duration}"
        );
        let loss = trace(&text, 0).outcome.data_loss;
        assert!(loss.iter().all(|it| known(it).to_string() == "20m"), "{duration}");
    }
}

#[test]
fn a_site_gets_nothing_younger_than_what_was_loaded() {
    // The first site is back at 4:10 and deleted again at 5:00, when the second is being extracted. It
    // shares what stands for that one, with all up to the backup of 20 minutes before T+0.
    let point = "restore_point = { latest = true }, duration";
    let text = LOADED
        .replace("duration = \"2h\"", &"duration = \"2h\"".replace("duration", point))
        .replace("duration = \"30m\"", "duration = \"2h\"")
        .replace("count = 3", "count = 2")
        .replace("incremental = \"1h\"", "incremental = \"20m\"")
        .replace(", per_incremental = \"10m\"", "")
        .replace(
            "[limits.scratch]",
            "[[injects]]\nat = \"T+5h\"\ndeletion = { count = 1 }\n[limits.scratch]",
        );
    let loss = trace(&text, 0).outcome.data_loss;
    let mut lost: Vec<String> = loss.iter().map(|it| known(it).to_string()).collect();
    lost.sort();
    assert_eq!(lost, ["20m", "5h 20m"]);
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
    // What is complete at the very deletion counts no more than what comes after it.
    assert_eq!(lost("full = \"24h\", phase = \"2h\", takes = \"2h\"", LATEST), "1d 2h");
    assert_eq!(lost("full = \"24h\", phase = \"2h 1ms\", takes = \"2h\"", LATEST), "2h 1ms");
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
    for outcome in &results(&text, 30).strategies[0].unpacked() {
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
        known(&trace(&estate(1, &backup, step), 0).outcome.data_loss[0]).to_string()
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
services.db.backup = { full = "24h", phase = "2h", log = "continuous" }
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
    let told = review::trace(&scenario, StrategyId::new(0), 1, 0);
    let mut seen = [false; 2];
    for (site, loss) in scenario.estate.sites.iter().zip(&told.outcome.data_loss) {
        let has_files = site.products >> 1 & 1 == 1;
        seen[usize::from(has_files)] = true;
        let expected = match has_files {
            true => SimDuration::from_hours(9),
            false => SimDuration::from_millis(1),
        };
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
backup = { full = "24h", log = "continuous" }
[estate.services.b]
backup = { full = "24h", log = "continuous" }
[estate.sites]
count = 1
[[incident.deletions]]
[[runbooks.r.steps]]
id = "a"
for_each = { service = "a" }
duration = "1h"
restore_point = { fixed = "5m", by_hand = { probability = 1, older = "6h", repaired_by = "mend-a" } }
[[runbooks.r.steps]]
id = "b"
for_each = { service = "b" }
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
        [loss.at_hand_over, loss.after_repair, loss.inconsistency]
            .map(|it| it.expect("it is known").to_string())
    };
    assert_eq!(after("4h"), ["6h 5m", "6h 5m", "3h 45m"]);
    // The first store is mended, the second one is now the worst.
    assert_eq!(after("6h"), ["6h 5m", "2h 20m", "3h 45m"]);
    assert_eq!(after("20h"), ["6h 5m", "20m", "3h 45m"]);
}

/// Two stores of two sites, backed up every day an hour before T+0; what is lost when is to follow.
const TWO_STORES: &str = r#"
schema = 1
title = "test"
[estate.services.database]
backup = { full = "24h", phase = "1h" }
[estate.services.files]
backup = { full = "24h", phase = "1h" }
[estate.products]
app.services = ["database"]
wiki.services = ["files"]
[estate.sites]
count = 2
[teams.db]
people = 2
[[runbooks.r.steps]]
id = "files"
team = "db"
for_each = { service = "files" }
duration = "FILES"
restore_point = { latest = true }
[[runbooks.r.steps]]
id = "database"
team = "db"
for_each = { service = "database" }
duration = "1h"
restore_point = { latest = true }
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

/// When the first site is back, and what it has lost.
fn ends(text: &str) -> String {
    let outcome = trace(text, 0).outcome;
    let back = outcome.restorations[0].restored_at().expect("all are back");
    format!("{} {}", back.since_start(), known(&outcome.data_loss[0]))
}

#[test]
fn each_store_has_lost_what_came_after_its_backup_and_before_its_own_loss() {
    let told = |files: &str| {
        let later = "[[incident.deletions]]\nat = \"T+20h\"\ntarget = { service = \"database\" }\n";
        let first = "[[incident.deletions]]\ntarget = { service = \"files\" }\n";
        ends(&format!("{}{first}{later}", TWO_STORES.replace("FILES", files)))
    };
    // The backup of the database began 21 h before it was lost, whether or not the site was away.
    assert_eq!(told("19h"), "21h 21h", "only the database is restored: the files are there");
    assert_eq!(told("21h"), "1d 17h 21h", "all is restored from the start");
}

#[test]
fn what_was_given_back_can_be_lost_once_more() {
    let told = |first: &str, then: &str, inject: bool| {
        let target = |what: &str| match what {
            "site" => String::new(),
            service => format!("target = {{ service = \"{service}\" }}"),
        };
        let then = target(then);
        let second = match inject {
            false => format!("[[incident.deletions]]\nat = \"T+20h\"\n{then}\n"),
            true => {
                let comma = if then.is_empty() { "" } else { ", " };
                format!("[[injects]]\nat = \"T+20h\"\ndeletion = {{ count = 2{comma}{then} }}\n")
            }
        };
        let first = format!("[[incident.deletions]]\n{}\n", target(first));
        ends(&format!("{}{first}{second}", TWO_STORES.replace("FILES", "1h")))
    };
    // Back at T+1h; the one backup since T+0 is of T+23h.
    for inject in [false, true] {
        assert_eq!(told("files", "files", inject), "21h 21h");
        assert_eq!(told("site", "files", inject), "21h 21h");
        assert_eq!(told("site", "site", inject), "21h 21h");
    }
}

#[test]
fn a_store_that_was_brought_back_in_time_loses_nobody_when_its_backup_expires() {
    // The files are restored at once, the database 30 h later, when no backup of the files is left.
    let text = r#"
schema = 1
title = "test"
[estate.services.database]
backup = { full = "24h", phase = "6h" }
[estate.services.files]
backup = { full = "24h", phase = "9h", retention = "24h" }
[estate.products.app]
services = ["database", "files"]
[estate.sites]
count = 1
[[incident.deletions]]
[[runbooks.r.steps]]
id = "files"
for_each = { service = "files" }
duration = "30h"
restore_point = { common = true }
[[runbooks.r.steps]]
id = "database"
after = ["files"]
for_each = { service = "database" }
duration = "1h"
restore_point = { common = true }
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    // The files go back to nine hours before; so does the database, by its backup of the day before.
    assert_eq!(ends(text), "1d 7h 1d 6h");
}

#[test]
fn whoever_joins_a_load_gets_what_the_load_has_replayed() {
    // The load is asked for at T+10m and replays what there was before T+0: the backup of an hour
    // before. The second site is deleted at T+10h and shares it, so it has lost 11 hours.
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "24h", incremental = "1h", per_incremental = "30m", phase = "2h" }
[estate.products.app]
services = ["db"]
[estate.sites]
count = 2
[[incident.deletions]]
sites = { names = ["site-0001"] }
[[incident.deletions]]
at = "T+10h"
sites = { names = ["site-0002"] }
[[runbooks.r.steps]]
id = "wait"
duration = "10m"
[[runbooks.r.steps]]
id = "load"
per = "shard"
for_each = { service = "db" }
duration = "12h"
restore_point = { latest = true }
[[runbooks.r.steps]]
id = "extract"
after = ["wait", "load"]
for_each = { service = "db" }
duration = "1h"
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    let told = |text: &str| {
        let outcome = trace(text, 0).outcome;
        let lost: Vec<String> = outcome.data_loss.iter().map(|it| known(it).to_string()).collect();
        lost.join(" ")
    };
    assert_eq!(told(text), "1h 11h");
    let log = text.replace("per_incremental", "log = \"continuous\", per_incremental");
    assert_eq!(told(&log), "1ms 10h 1ms");
}
