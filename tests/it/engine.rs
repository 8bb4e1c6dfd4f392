//! Tiny scenarios whose course a reader can check by hand.

use crate::support::{hours, only, restored, results, scenario, small, starts, timeline, trace};

#[test]
fn two_people_restore_three_sites_in_two_rounds() {
    let text = small(
        3,
        r#"
[teams.db]
people = 2
[[runbooks.r.steps]]
id = "restore"
team = "db"
duration = "3h"
[[runbooks.r.steps]]
id = "check"
after = ["restore"]
duration = "30m"
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        timeline(&text),
        "    0:00  open       r
    0:00  take       site-0001 by r
    0:00  take       site-0002 by r
    0:00  take       site-0003 by r
    0:00  start      site-0001/restore
    0:00  start      site-0002/restore
    3:00  finish     site-0001/restore
    3:00  finish     site-0002/restore
    3:00  start      site-0001/check
    3:00  start      site-0002/check
    3:00  start      site-0003/restore
    3:30  finish     site-0001/check
    3:30  restored   site-0001
    3:30  finish     site-0002/check
    3:30  restored   site-0002
    6:00  finish     site-0003/restore
    6:00  start      site-0003/check
    6:30  finish     site-0003/check
    6:30  restored   site-0003
"
    );
}

fn graham(people: u32, minutes_less: u32, more: &str) -> String {
    let durations = [3, 2, 2, 2, 4, 4, 4, 4, 9].map(|hours| hours - minutes_less);
    let steps: String = durations
        .iter()
        .enumerate()
        .map(|(index, hours)| {
            let after = match index + 1 {
                5..=8 => "after = [\"t4\"]\n",
                9 => "after = [\"t1\"]\n",
                _ => "",
            };
            format!(
                "[[runbooks.r.steps]]\nid = \"t{}\"\n{after}team = \"x\"\nduration = \"{hours}h\"\n",
                index + 1
            )
        })
        .collect();
    small(
        1,
        &format!(
            "[teams.x]\npeople = {people}\n{steps}[strategies.s]\npriority = \"fixed\"\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n{more}"
        ),
    )
}

#[test]
fn a_fourth_person_can_delay_recovery() {
    // R. L. Graham's nine tasks: more people, and shorter tasks, make it later.
    assert_eq!(only(&timeline(&graham(3, 0, "")), "restored"), "12:00 site-0001\n");
    assert_eq!(only(&timeline(&graham(4, 0, "")), "restored"), "15:00 site-0001\n");
    assert_eq!(only(&timeline(&graham(3, 1, "")), "restored"), "13:00 site-0001\n");
}

#[test]
fn a_wide_task_does_not_hold_up_a_narrow_one_behind_it() {
    let text = small(
        1,
        r#"
[teams.db]
people = 3
[runbooks.r]
steps = [
  { id = "a", team = "db", duration = "2h" },
  { id = "wide", team = "db", people = 3, duration = "1h" },
  { id = "narrow", team = "db", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(starts(&text), "0:00 site-0001/a\n0:00 site-0001/narrow\n2:00 site-0001/wide\n");
}

#[test]
fn a_step_of_two_teams_takes_both_at_once_or_neither() {
    let text = small(
        2,
        r#"
[teams]
db.people = 1
web.people = 1
[runbooks.r]
steps = [
  { id = "both", teams = { db = 1, web = 1 }, duration = "1h" },
  { id = "web", team = "web", duration = "30m" },
]
[strategies.s]
priority = "fixed"
tracks = [{ runbook = "r" }]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/both\n1:00 site-0001/web\n1:30 site-0002/both\n2:30 site-0002/web\n"
    );
}

#[test]
fn a_limit_holds_back_what_needs_no_people() {
    let text = small(
        3,
        r#"
[limits.api]
units = 2
[runbooks.r]
steps = [{ id = "call", uses = { api = 1 }, duration = "1h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(starts(&text), "0:00 site-0001/call\n0:00 site-0002/call\n1:00 site-0003/call\n");
}

#[test]
fn people_who_leave_finish_first_and_people_who_come_start_at_once() {
    let text = small(
        6,
        r#"
[teams.db]
people = [{ at = "T+0", people = 2 }, { at = "T+1h", people = 1 }, { at = "T+5h", people = 3 }]
[runbooks.r]
steps = [{ id = "restore", team = "db", duration = "2h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        only(&timeline(&text), "start"),
        "0:00 site-0001/restore
0:00 site-0002/restore
2:00 site-0003/restore
4:00 site-0004/restore
5:00 site-0005/restore
5:00 site-0006/restore
"
    );
    // Six tasks of two hours; two people for one hour, one for four, three for two.
    let pool = trace(&text, 0).outcome.pools[0];
    assert_eq!((pool.busy, pool.capacity), (u128::from(hours(12)), u128::from(hours(12))));
}

#[test]
fn people_may_come_with_a_milestone() {
    let text = small(
        2,
        r#"
[incident.milestones.declared]
delay = "90m"
[teams.db]
people = [{ at = "T+0", people = 1 }, { at = "declared + 15m", people = 2 }]
[runbooks.r]
steps = [{ id = "restore", team = "db", duration = "3h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(starts(&text), "0:00 site-0001/restore\n1:45 site-0002/restore\n");
}

#[test]
fn repetition_halves_the_time_down_to_the_floor() {
    // A rate of 50% makes repetition n take 1/n of the time: 6 h, 3 h, 2 h; then 30% of it.
    let text = small(
        4,
        r#"
[teams.db]
people = 1
[runbooks.r]
steps = [{ id = "x", team = "db", duration = "6h", learning = { rate = "50%", floor = "30%" } }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        restored(&text),
        "6:00 site-0001\n9:00 site-0002\n11:00 site-0003\n12:48 site-0004\n"
    );
}

#[test]
fn a_step_grows_with_the_users_of_the_site_over_the_median() {
    let text = r#"
schema = 1
title = "test"
[estate.sites]
count = 5
users = { uniform = { min = 10, max = 1000 } }
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "x", duration = "1h", grows_with = { users = 1.0 } }]
[[strategies.s.tracks]]
runbook = "r"
"#;
    let estate = scenario(text).estate;
    let mut users: Vec<u32> = estate.sites.iter().map(|site| site.users).collect();
    let outcome = trace(text, 0).outcome;
    let took: Vec<f64> = outcome
        .restorations
        .iter()
        .map(|it| it.restored_at().expect("restored").since_start().as_hours())
        .collect();
    let expected: Vec<f64> = users.iter().map(|users| f64::from(*users)).collect();
    users.sort_unstable();
    for (took, expected) in took.iter().zip(expected) {
        assert!((took - expected / f64::from(users[2])).abs() < 1e-6, "{took}");
    }
}

#[test]
fn what_is_not_back_at_the_horizon_is_unfinished_and_its_hours_count() {
    let text = small(
        2,
        r#"
[experiment]
horizon = "5h"
[teams.db]
people = 1
[runbooks.r]
steps = [{ id = "restore", team = "db", duration = "3h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let outcome = trace(&text, 0).outcome;
    let told = format!("{:?} {:?}", outcome.restorations, outcome.steps);
    assert_eq!(
        told,
        "[Restored(SimTime(10800000)), Unfinished] \
         [StepTally { attempts: 2, failures: 0, escalations: 0, work: 18000000, wait: 10800000, \
         last_end: SimTime(18446744073709551615) }]"
    );
    assert_eq!(outcome.pools[0].busy, u128::from(hours(5)));
    assert_eq!(outcome.pools[0].capacity, u128::from(hours(5)));
}

#[test]
fn what_ends_at_the_horizon_has_ended() {
    let text = small(
        1,
        r#"
[experiment]
horizon = "3h"
[runbooks.r]
steps = [{ id = "restore", duration = "3h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(restored(&text), "3:00 site-0001\n");
}

#[test]
fn the_hand_over_gives_the_site_back_and_later_steps_run_on() {
    let text = small(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "prepare", duration = "1h" },
  { id = "restore", duration = "2h", hand_over = true },
  { id = "audit", duration = "3h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        timeline(&text),
        "    0:00  open       r
    0:00  take       site-0001 by r
    0:00  start      site-0001/prepare
    1:00  finish     site-0001/prepare
    1:00  start      site-0001/restore
    3:00  finish     site-0001/restore
    3:00  restored   site-0001
    3:00  start      site-0001/audit
    6:00  finish     site-0001/audit
"
    );
    let results = results(&text, 1);
    assert_eq!(results.strategies[0].unpacked()[0].makespan.as_millis(), hours(3));
}

/// Two products on three services, of which the second product is on half of the sites.
fn products(rest: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services.tracker-db]
[estate.services.media]
class = "derived"
[estate.services.wiki-db]
[estate.products]
tracker.services = ["tracker-db", "media"]
wiki.services = ["wiki-db"]
[estate.sites]
count = 12
products = {{ tracker = "100%", wiki = "50%" }}
[[incident.deletions]]
{rest}
[[strategies.s.tracks]]
runbook = "r"
"#
    )
}

/// The lines of the first site with the second product, or of the first without.
fn of_site(text: &str, with_wiki: bool, what: &str) -> String {
    let estate = scenario(text).estate;
    let wiki = estate.products.ids().nth(1).expect("there are two products");
    let site = estate.sites.iter().find(|site| site.has(wiki) == with_wiki).expect("half have it");
    only(&timeline(text), what)
        .lines()
        .filter(|line| line.contains(&site.name))
        .map(|line| line.replace(&site.name, "site") + "\n")
        .collect()
}

#[test]
fn steps_for_the_same_services_follow_each_other_service_by_service() {
    let text = products(
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "load", for_each = { service_class = "primary" }, duration = "1h" },
  { id = "check", for_each = { service_class = "primary" }, duration = "30m" },
  { id = "index", for_each = { product = "wiki" }, duration = "4h" },
  { id = "open", duration = "15m" },
]
"#,
    );
    assert_eq!(
        of_site(&text, true, "start"),
        "0:00 site/load/tracker-db
0:00 site/load/wiki-db
1:00 site/check/tracker-db
1:00 site/check/wiki-db
1:30 site/index/wiki
5:30 site/open
"
    );
    // A site without the product passes over its steps: opening follows checking.
    assert_eq!(
        of_site(&text, false, "start"),
        "0:00 site/load/tracker-db\n1:00 site/check/tracker-db\n1:30 site/open\n"
    );
}

#[test]
fn a_step_for_one_service_does_not_wait_for_the_others() {
    let text = products(
        r#"
[limits.loads]
units = 1
[runbooks.r]
steps = [
  { id = "load", for_each = { service = "*" }, duration = "1m", uses = { loads = 1 } },
  { id = "check", after = ["load"], for_each = { service = "*" }, duration = "1h" },
]
"#,
    )
    .replace(
        "[[strategies.s.tracks]]",
        "[strategies.s]\npriority = \"fixed\"\n[[strategies.s.tracks]]",
    );
    let told = of_site(&text, true, "start");
    let at = |step: &str| {
        let line = told.lines().find(|line| line.ends_with(step)).expect("the step starts");
        line.split_once(' ').expect("a line has a time").0.to_owned()
    };
    assert_ne!(at("check/tracker-db"), at("check/wiki-db"));
    assert_ne!(at("check/tracker-db"), at("check/media"));
}

#[test]
fn a_hand_over_that_a_site_does_not_have_falls_to_the_step_before_it() {
    let text = products(
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "load", duration = "1h" },
  { id = "index", for_each = { product = "wiki" }, duration = "4h", hand_over = true },
  { id = "audit", duration = "1h" },
]
"#,
    );
    assert_eq!(of_site(&text, true, "restored"), "5:00 site\n");
    assert_eq!(of_site(&text, false, "restored"), "1:00 site\n");
}

fn one_step(duration: &str) -> String {
    small(
        1,
        &format!(
            r#"
[runbooks.r]
steps = [{{ id = "x", duration = {duration} }}]
[[strategies.s.tracks]]
runbook = "r"
"#
        ),
    )
}

#[test]
fn a_step_of_no_time_ends_when_it_starts() {
    assert_eq!(restored(&one_step("\"0s\"")), "0:00 site-0001\n");
    assert_eq!(restored(&one_step("{ fixed = \"0h\" }")), "0:00 site-0001\n");
}

#[test]
fn what_is_drawn_takes_at_least_a_millisecond() {
    let text = one_step("{ uniform = { min = \"0s\", max = \"1ms\" } }");
    let text = text.replace("count = 1\n", "count = 40\n");
    let back = restored(&text);
    let at_once = |it: &&str| it.starts_with("0:00:00.001 ");
    assert_eq!((back.lines().count(), back.lines().filter(at_once).count()), (40, 40), "{back}");
}

#[test]
fn what_becomes_possible_when_no_time_has_passed_happens_at_the_same_instant() {
    let text = small(
        2,
        r#"
[teams.a]
people = 1
[runbooks.r]
steps = [
  { id = "restore", team = "a", duration = "1h" },
  { id = "sign", after = ["restore"], team = "a", duration = "0s", fails = { probability = 1, attempts = 3 } },
  { id = "agree", per = "batch", after = ["sign"], duration = "0s" },
  { id = "open", after = ["agree"], duration = "0s" },
]
[strategies.s]
priority = "longest_remaining"
tracks = [{ runbook = "r", batch = { size = 1, in_flight = 1 } }]
"#,
    );
    assert_eq!(
        timeline(&text),
        "    0:00  open       r
    0:00  take       site-0001 by r
    0:00  start      site-0001/restore
    1:00  finish     site-0001/restore
    1:00  start      site-0001/sign
    1:00  fail       site-0001/sign
    1:00  start      site-0001/sign
    1:00  fail       site-0001/sign
    1:00  start      site-0001/sign
    1:00  finish     site-0001/sign
    1:00  take       site-0002 by r
    1:00  start      site-0001.../agree
    1:00  start      site-0002/restore
    1:00  finish     site-0001.../agree
    1:00  start      site-0001/open
    1:00  finish     site-0001/open
    1:00  restored   site-0001
    2:00  finish     site-0002/restore
    2:00  start      site-0002/sign
    2:00  fail       site-0002/sign
    2:00  start      site-0002/sign
    2:00  fail       site-0002/sign
    2:00  start      site-0002/sign
    2:00  finish     site-0002/sign
    2:00  start      site-0002.../agree
    2:00  finish     site-0002.../agree
    2:00  start      site-0002/open
    2:00  finish     site-0002/open
    2:00  restored   site-0002
"
    );
}

#[test]
fn steps_of_one_key_teach_each_other() {
    let text = small(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "a", key = "load", duration = "4h", learning = { rate = "50%" } },
  { id = "b", key = "load", duration = "4h", learning = { rate = "50%" } },
  { id = "c", duration = "4h", learning = { rate = "50%" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    // Four hours, half of that for the second repetition, and four for another kind of work.
    assert_eq!(only(&timeline(&text), "restored"), "10:00 site-0001\n");
}
