//! What guardrails buy: soft deletes, staged deletions, a check of identifiers, a cap.

use blackstart::experiment::{Design, Restoration, Results};
use blackstart::measure::{Measurements, ReplicationMetrics};
use blackstart::scenario::Scenario;
use blackstart::{experiment, measure};

use crate::support::{hours, only, read, restored, scenario, scenario_with, starts, timeline};

const MINUTE: u64 = 60_000;

fn measured(scenario: &Scenario, replications: u32) -> (Results, Measurements) {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measurements = measure::measure(scenario, &results);
    (results, measurements)
}

/// The first replication under each strategy.
fn first(scenario: &Scenario) -> Vec<ReplicationMetrics> {
    let (_, measurements) = measured(scenario, 1);
    measurements.strategies.into_iter().map(|mut it| it.replications.remove(0)).collect()
}

fn last_back(it: &ReplicationMetrics) -> u64 {
    it.last_restored.expect("all are back").as_millis()
}

#[test]
fn soft_deletes_buy_what_the_head_of_their_scenario_says() {
    let [hard, soft] = &first(&scenario(&read("scenarios/soft-delete.toml")))[..] else {
        panic!("two strategies");
    };
    assert_eq!(last_back(hard), 13 * hours(1) + 30 * MINUTE);
    assert_eq!(last_back(soft), 90 * MINUTE);
    assert_eq!((hard.site_ms, soft.site_ms), (u128::from(hours(102)), u128::from(hours(13))));
    assert_eq!(hard.user_ms - soft.user_ms, u128::from(hours(890)));
    let lost = |it: &ReplicationMetrics| it.rpa_p95.expect("all are back").as_millis();
    assert_eq!((lost(hard), lost(soft)), (5 * MINUTE, 0));
    assert_eq!((hard.meets(), soft.meets()), (Some(false), Some(true)));
}

#[test]
fn a_staged_deletion_spares_what_the_head_of_its_scenario_says() {
    let all = first(&scenario(&read("scenarios/staged-rollout.toml")));
    let figures: Vec<(u32, u32, u64)> =
        all.iter().map(|it| (it.deleted, it.saved(), last_back(it) / MINUTE)).collect();
    assert_eq!(figures, [(100, 0, 101 * 60 + 20), (21, 79, 22 * 60 + 20), (15, 85, 16 * 60 + 20)]);
    assert_eq!(
        all.iter().map(ReplicationMetrics::meets).collect::<Vec<_>>(),
        [Some(false), Some(true), Some(true)]
    );
}

/// Ten sites of two products, deleted one an hour; one person takes an hour for each.
fn hourly(incident: &str, strategy: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services]
db.backup = {{ full = "24h", log = "continuous" }}
files.backup = {{ full = "24h", log = "continuous" }}
[estate.products]
wiki.services = ["db"]
store.services = ["db", "files"]
[estate.sites]
count = 10
[[incident.deletions]]
over = "10h"
[incident.milestones]
ticket.delay = "150m"
closed = {{ after = "last_deletion", delay = "30m" }}
{incident}
[teams.a]
people = 1
[[runbooks.r.steps]]
id = "restore"
team = "a"
duration = "1h"
[strategies.s]
{strategy}
[[strategies.s.tracks]]
runbook = "r"
"#
    )
}

const STAGES: &str = "[incident.guardrails.staged_rollout]\nstops_at = \"ticket\"\n";

#[test]
fn a_single_stage_is_a_deletion_that_is_stopped_when_somebody_notices() {
    let text = hourly(STAGES, "guardrails = [\"staged_rollout\"]");
    assert_eq!(restored(&text), "1:00 site-0001\n2:00 site-0002\n3:00 site-0003\n");
}

#[test]
fn a_site_whose_turn_is_just_then_is_deleted() {
    let text = hourly(STAGES, "guardrails = [\"staged_rollout\"]").replace("150m", "2h");
    assert_eq!(restored(&text).lines().count(), 3);
}

#[test]
fn a_milestone_after_the_last_deletion_follows_the_last_that_happened() {
    let text = hourly(STAGES, "");
    assert_eq!(only(&timeline(&text), "milestone"), "2:30 ticket\n9:30 closed\n");
    let text = hourly(STAGES, "guardrails = [\"staged_rollout\"]");
    assert_eq!(only(&timeline(&text), "milestone"), "2:30 ticket\n2:30 closed\n");
}

#[test]
fn what_the_incident_switches_on_every_strategy_has() {
    let text = hourly(STAGES, "");
    let enabled = scenario_with(&text, &["incident.guardrails.staged_rollout.enabled=true"]);
    assert_eq!(first(&enabled)[0].deleted, 3);
    assert_eq!(first(&scenario(&text))[0].deleted, 10);
}

#[test]
fn each_run_is_staged_and_capped_for_itself() {
    let second = "[[incident.deletions]]\nat = \"T+1h\"\n\
                  [incident.guardrails.bulk_cap]\nsites = 4\n\
                  [incident.guardrails.staged_rollout]\nstages = [2]\nsoak = \"90m\"\nstops_at = \"ticket\"\n";
    // The first run deletes two sites by the hour, then soaks until the run is stopped; the
    // second deletes all in hour 1, but four at most: in its order the same and two more, which a
    // soak of 90 min puts off to the very minute of the ticket.
    let both = "guardrails = [\"staged_rollout\", \"bulk_cap\"]";
    let gone = |strategy: &str| first(&scenario(&hourly(second, strategy)))[0].deleted;
    assert_eq!((gone(""), gone("guardrails = [\"bulk_cap\"]"), gone(both)), (10, 4, 4));
    let early = hourly(second, both).replace("150m", "149m");
    assert_eq!(first(&scenario(&early))[0].deleted, 2);
}

#[test]
fn a_check_refuses_the_whole_deletion_in_its_share_of_exercises() {
    let check = "[incident.guardrails.identifier_check]\ncatches = \"70%\"\n";
    let scenario = scenario(&hourly(check, "guardrails = [\"identifier_check\"]"));
    let (results, measurements) = measured(&scenario, 400);
    let replications = &measurements.strategies[0].replications;
    let refused = replications.iter().filter(|it| it.deleted == 0).count();
    assert!((250..=310).contains(&refused), "{refused} of 400");
    for (it, outcome) in replications.iter().zip(&results.strategies[0].unpacked()) {
        if it.deleted > 0 {
            assert_eq!((it.deleted, it.restored), (10, 10));
            continue;
        }
        assert!(outcome.restorations.iter().all(|it| *it == Restoration::Spared));
        assert_eq!((it.person_ms, it.last_restored.map(|it| it.as_millis())), (0, Some(0)));
    }
}

#[test]
fn a_check_that_nobody_describes_catches_nine_of_ten() {
    let scenario = scenario(&hourly("", "guardrails = [\"identifier_check\"]"));
    let refused = scenario.strategies.iter().next().expect("one").guardrails.identifier_check;
    assert_eq!(refused.map(blackstart::units::Share::fraction), Some(0.9));
}

#[test]
fn where_nothing_is_deleted_nobody_is_called() {
    let check = "[incident.guardrails.identifier_check]\ncatches = \"100%\"\n";
    let text = hourly(check, "guardrails = [\"identifier_check\"]");
    assert_eq!(timeline(&text), "    0:30  milestone  closed\n    2:30  milestone  ticket\n");
}

#[test]
fn switching_a_guardrail_on_moves_no_draw() {
    let text = read("scenarios/quickstart.toml");
    let plain = scenario(&text);
    let check = "incident.guardrails.identifier_check.catches=50%";
    let guarded =
        scenario_with(&text, &[check, "incident.guardrails.identifier_check.enabled=true"]);
    let (plain, guarded) = (measured(&plain, 40).1, measured(&guarded, 40).1);
    let mut passed = 0;
    for (one, other) in plain.strategies.iter().zip(&guarded.strategies) {
        for (one, other) in one.replications.iter().zip(&other.replications) {
            if other.deleted > 0 {
                assert_eq!(one, other);
                passed += 1;
            }
        }
    }
    assert!(passed > 0, "some exercises are as they were");
}

/// Sites of a wiki (a database) and a store (a database and files), each with a step for every
/// service and some that only one kind of deletion calls for.
fn softly(guardrail: &str, deletions: &str, strategy: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services]
db.backup = {{ full = "24h", log = "continuous" }}
files.backup = {{ full = "24h", log = "continuous" }}
[estate.products]
wiki.services = ["db"]
store.services = ["db", "files"]
[estate.sites]
count = 2
users = 10
[incident]
{deletions}
[incident.guardrails.soft_delete]
retention = "14d"
{guardrail}
[teams.a]
people = 4
[runbooks.r]
sequential = true
[[runbooks.r.steps]]
id = "tools"
per = "once"
duration = "3h"
when = "hard"
[[runbooks.r.steps]]
id = "plan"
per = "batch"
duration = "1h"
when = "hard"
[[runbooks.r.steps]]
id = "load"
for_each = {{ service = "*" }}
team = "a"
people = 2
duration = "2h"
restore_point = {{ fixed = "5m" }}
fails = {{ probability = "100%", attempts = 2 }}
[[runbooks.r.steps]]
id = "reindex"
for_each = {{ service = "*" }}
duration = "1h"
when = "hard"
[[runbooks.r.steps]]
id = "thank"
duration = "15m"
when = "soft"
[strategies.s]
{strategy}
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#
    )
}

const SOFT: &str = "guardrails = [\"soft_delete\"]";

#[test]
fn with_soft_deletes_stores_are_undeleted_and_steps_for_hard_deletes_are_left_out() {
    let text = softly("", "deletions = [{}]", SOFT);
    assert_eq!(
        starts(&text),
        "0:00 site-0001/load/db (undelete)\n0:00 site-0001/load/files (undelete)\n\
         0:10 site-0001/thank\n0:10 site-0002/load/db (undelete)\n\
         0:10 site-0002/load/files (undelete)\n0:20 site-0002/thank\n"
    );
    assert_eq!(restored(&text), "0:25 site-0001\n0:35 site-0002\n");
}

#[test]
fn without_them_nothing_is_undeleted() {
    let text = softly("", "deletions = [{ count = 1 }]", "");
    let site = only(&timeline(&text), "restored");
    // Tools for 3 h, a plan for 1 h, two attempts of 2 h, an index for 1 h.
    assert!(site.starts_with("9:00 site-"), "{site}");
    assert!(!timeline(&text).contains("undelete"));
}

#[test]
fn a_service_that_keeps_nothing_is_restored_as_before() {
    let text = softly("services = [\"files\"]", "deletions = [{ count = 1 }]", SOFT);
    let story = starts(&text);
    // The site is not wholly kept, so the tools are made and the plan is; only files come back at
    // once, and only the database needs its index.
    for line in
        ["4:00 SITE/load/db\n", "4:00 SITE/load/files (undelete)\n", "8:00 SITE/reindex/db\n"]
    {
        let name = story.split("site-").nth(1).expect("a site").get(..4).expect("a number");
        assert!(story.contains(&line.replace("SITE", &format!("site-{name}"))), "{story}");
    }
    assert!(!story.contains("reindex/files") && !story.contains("thank"), "{story}");
}

#[test]
fn one_run_may_be_soft_and_another_hard() {
    let all = softly("", "deletions = [{ mode = \"soft\" }]", "");
    assert_eq!(restored(&all), "0:25 site-0001\n0:35 site-0002\n", "as with the guardrail");
    let one = softly("", "deletions = [{ mode = \"soft\" }, { count = 1 }]", "");
    let story = restored(&one.replace("people = 4", "people = 8"));
    // The tools are made and the plan is, as one site is gone for good; then the other is back in
    // 10 and 15 min, the hard one after two attempts of 2 h and an hour.
    let times: Vec<&str> = story.lines().filter_map(|it| it.split(' ').next()).collect();
    assert_eq!(times, ["4:25", "9:00"], "{story}");
}

#[test]
fn what_was_kept_too_short_is_lost() {
    let text = softly("", "deletions = [{}]", SOFT)
        .replace("retention = \"14d\"", "retention = \"5m\"")
        .replace("people = 4", "people = 2");
    // Each site needs two people for each of its two stores, one after the other, 10 min each.
    assert_eq!(only(&timeline(&text), "lost").lines().count(), 2, "{}", timeline(&text));
}

#[test]
fn automation_that_was_tested_before_works_from_the_first_hour() {
    let automated =
        "duration = \"1h\"\nautomated_after = { milestone = \"ticket\", factor = \"10%\" }";
    let plain =
        hourly("", "").replace("over = \"10h\"", "").replace("duration = \"1h\"", automated);
    let tested =
        plain.replace("[strategies.s]", "[strategies.s]\nguardrails = [\"tested_automation\"]");
    assert_eq!(restored(&plain).lines().next(), Some("1:00 site-0001"));
    assert_eq!(restored(&tested).lines().next(), Some("0:06 site-0001"));
}
