//! Data lost: which recovery point a store is brought back to, and when there is none left.

use crate::support::{only, results, timeline, trace};

use blackstart::experiment::DataLoss;
use blackstart::units::SimDuration;

fn estate(sites: u32, over: &str, rest: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services.db]
backup = {{ full = "1h", log = "continuous", retention = "10h" }}
[estate.services.rows]
backup = {{ full = "24h", incremental = "5h" }}
[estate.services.media]
backup = {{ full = "24h", retention = "30d" }}
[estate.services.files]
backup = {{ full = "24h", phase = "1h", log = "continuous", retention = "30d" }}
[estate.sites]
count = {sites}
[[incident.deletions]]
over = "{over}"
[teams.dba]
people = 1
{rest}
[[strategies.s.tracks]]
runbook = "r"
"#
    )
}

/// At hand-over, after repair and between stores, for each site.
fn losses(text: &str) -> String {
    let outcome = trace(text, 0).outcome;
    let line = |it: &DataLoss| {
        let all = [it.at_hand_over, it.after_repair, it.inconsistency];
        let known = all.map(|it| it.expect("a step says to which moment").to_string());
        known.join(" ") + "\n"
    };
    outcome.data_loss.iter().map(line).collect()
}

#[test]
fn a_fixed_restore_point_counts_from_each_sites_own_deletion() {
    let step = "[runbooks.r]\nsteps = [{ id = \"x\", duration = \"1h\", for_each.service = \"files\", \
                restore_point.fixed = \"5m\" }]";
    assert_eq!(losses(&estate(2, "2h", step)), "5m 5m 0s\n5m 5m 0s\n");
}

#[test]
fn a_fixed_restore_point_may_count_from_the_first_deletion_of_all() {
    let step = "[runbooks.r]\nsteps = [{ id = \"x\", duration = \"1h\", \
                for_each.service = \"files\", \
                restore_point = { fixed = \"5m\", of = \"incident\" } }]";
    assert_eq!(losses(&estate(2, "2h", step)), "5m 5m 0s\n1h 5m 1h 5m 0s\n");
}

#[test]
fn sites_on_one_shard_go_back_to_the_same_backup() {
    let step = "[runbooks.r]\nsteps = [{ id = \"x\", duration = \"1h\", \
                for_each.service = \"media\", restore_point.latest = true }]";
    let day = SimDuration::from_hours(24).as_millis();
    for outcome in &results(&estate(3, "3h", step), 50).strategies[0].unpacked() {
        let lost: Vec<u64> =
            outcome.data_loss.iter().map(|it| it.at_hand_over.unwrap().as_millis()).collect();
        assert!(lost.iter().all(|lost| *lost < day));
        for pair in lost.windows(2) {
            // An hour later an hour more is lost, or a new backup has been taken.
            assert_eq!(pair[1], (pair[0] + SimDuration::from_hours(1).as_millis()) % day);
        }
    }
}

#[test]
fn incremental_backups_bound_the_loss() {
    let step = "[runbooks.r]\nsteps = [{ id = \"x\", duration = \"1h\", \
                for_each.service = \"rows\", restore_point.latest = true }]";
    for outcome in &results(&estate(1, "0s", step), 200).strategies[0].unpacked() {
        let lost = outcome.data_loss[0].at_hand_over;
        assert!(lost.is_none_or(|it| it < SimDuration::from_hours(5)), "lost, or at most that");
    }
}

#[test]
fn an_older_snapshot_picked_by_hand_is_repaired_after_hand_over() {
    let steps = r#"
[runbooks.r]
sequential = true
steps = [
  { id = "load", duration = "1h", hand_over = true, for_each.service = "files",
    restore_point = { fixed = "5m", by_hand = { probability = 1, older = "6h", repaired_by = "audit" } } },
  { id = "audit", duration = "3h" },
]
"#;
    assert_eq!(losses(&estate(1, "0s", steps)), "6h 5m 5m 0s\n");
}

#[test]
fn without_a_repair_an_older_snapshot_stays_lost() {
    let steps = "[runbooks.r]\nsteps = [{ id = \"x\", duration = \"1h\", \
                 for_each.service = \"files\", restore_point = { fixed = \"5m\", by_hand = { probability = 1, older = \"6h\" } } }]";
    assert_eq!(losses(&estate(1, "0s", steps)), "6h 5m 6h 5m 0s\n");
}

#[test]
fn the_worst_store_counts_and_the_spread_between_stores_is_told() {
    let steps = r#"
[runbooks.r]
steps = [
  { id = "files", duration = "1h", for_each.service = "files", restore_point.fixed = "5m" },
  { id = "db", duration = "1h", for_each.service = "db", restore_point.fixed = "1h" },
]
"#;
    assert_eq!(losses(&estate(1, "0s", steps)), "1h 1h 55m\n");
}

#[test]
fn past_the_retention_a_site_is_lost_and_nobody_works_on_it() {
    // One person, four hours a site: the fourth site's backup would be 13 hours old, of 10.
    let step = "[runbooks.r]\nsteps = [{ id = \"x\", team = \"dba\", duration = \"4h\", \
                for_each.service = \"db\", restore_point.fixed = \"1h\" }]";
    let text = estate(4, "0s", step);
    let told = timeline(&text);
    assert_eq!(only(&told, "lost"), "12:00 site-0004\n");
    assert_eq!(only(&told, "restored"), "4:00 site-0001\n8:00 site-0002\n12:00 site-0003\n");
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.pools[0].busy, u128::from(SimDuration::from_hours(12).as_millis()));
}

#[test]
fn a_lost_site_frees_its_slot() {
    let step = "[runbooks.r]\nsequential = true\nsteps = [{ id = \"wait\", duration = \"11h\" }, \
                { id = \"x\", duration = \"4h\", for_each.service = \"db\", restore_point.fixed = \"1h\" }]";
    let text =
        estate(2, "0s", step).replace("runbook = \"r\"", "runbook = \"r\"\nbatch.in_flight = 1");
    assert_eq!(only(&timeline(&text), "take"), "0:00 site-0001 by r\n11:00 site-0002 by r\n");
    assert_eq!(only(&timeline(&text), "lost"), "11:00 site-0001\n22:00 site-0002\n");
}

#[test]
fn a_store_of_another_service_keeps_its_own_retention() {
    let step = "[runbooks.r]\nsteps = [{ id = \"x\", team = \"dba\", duration = \"40h\", \
                for_each.service = \"media\", restore_point.fixed = \"1h\" }]";
    assert_eq!(only(&timeline(&estate(3, "0s", step)), "lost"), "");
}

#[test]
fn what_a_supporting_track_has_restored_counts_when_a_site_moves_to_another_track() {
    let text = r#"
schema = 1
title = "test"
[estate.services]
media.backup = { full = "24h", log = "continuous" }
db.backup = { full = "24h", log = "continuous" }
[estate.sites]
count = 1
[[incident.deletions]]
[runbooks.media]
supporting = true
steps = [{ id = "media", for_each.service = "media", duration = "1h", restore_point.fixed = "9h" }]
[runbooks.first]
steps = [{ id = "db", for_each.service = "db", duration = "5h", restore_point.fixed = "7h" }]
[runbooks.again]
steps = [{ id = "db", for_each.service = "db", duration = "5h", restore_point.fixed = "5m" }]
[strategies.s]
tracks = [
  { runbook = "media" },
  { runbook = "first", closes = "T+3h", on_close = "move" },
  { runbook = "again", opens = "T+3h" },
]
"#;
    let loss = trace(text, 0).outcome.data_loss[0];
    assert_eq!(loss.at_hand_over.unwrap().to_string(), "9h");
    // The seven hours of the track that gave the site up are forgotten, so the spread is full.
    assert_eq!(loss.inconsistency.unwrap().to_string(), "8h 55m");
}

#[test]
fn nobody_picks_by_hand_what_is_no_longer_kept() {
    // Backups of the files are kept for 30 days, and the step begins at T+20d.
    let losses_with = |older: &str| {
        losses(&estate(
            1,
            "0s",
            &format!(
                "[runbooks.r]\nsteps = [{{ id = \"w\", duration = \"20d\" }}, {{ id = \"x\", after = [\"w\"], \
                 duration = \"1h\", for_each.service = \"files\", restore_point = {{ fixed = \"5m\", \
                 by_hand = {{ probability = \"100%\", older.fixed = \"{older}\" }} }} }}]"
            ),
        ))
    };
    assert_eq!(losses_with("9d"), "9d 5m 9d 5m 0s\n");
    assert_eq!(losses_with("11d"), "5m 5m 0s\n");
}

#[test]
fn a_store_that_cannot_come_back_after_hand_over_makes_the_site_lost_after_all() {
    let step = |restored_before: &str| {
        format!(
            r#"
[runbooks.r]
sequential = true
steps = [
  {restored_before}
  {{ id = "quick", duration = "20h", hand_over = true }},
  {{ id = "x", for_each = {{ service = "db" }}, restore_point = {{ fixed = "5m" }}, duration = "1h" }},
]"#
        )
    };
    let ends = |text: &str| {
        let outcome = trace(text, 0).outcome;
        format!("{:?} {:?}", outcome.restorations[0], outcome.makespan)
    };
    // Backups of the database are kept for ten hours.
    assert_eq!(ends(&estate(1, "0s", &step(""))), "Lost SimTime(0)");
    let before = "{ id = \"y\", for_each = { service = \"db\" }, restore_point = { fixed = \"5m\" }, duration = \"1h\" },";
    let hours = 21 * 3_600_000;
    assert_eq!(
        ends(&estate(1, "0s", &step(before))),
        format!("Restored(SimTime({hours})) SimTime({hours})")
    );
}
