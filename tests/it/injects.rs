//! What an exercise throws in: people away, a shift lost, attempts that fail, a limit that drops, a
//! service that is out, a freeze.

use crate::support::{
    checked, hours, only, read, restored, results, scenario, small, starts, timeline, trace,
};

#[test]
fn the_scenario_of_injects_takes_as_long_as_its_head_says() {
    let text = read("scenarios/injects.toml");
    assert_eq!(restored(&text), "1:30 site-0002\n2:30 site-0001\n4:30 site-0003\n4:30 site-0004\n");
    assert_eq!(
        only(&timeline(&text), "inject"),
        "0:00 The first import fails\n0:30 One engineer is called away\n2:45 Nothing may be checked\n"
    );
    assert_eq!(
        only(&timeline(&text), "over"),
        "2:00 One engineer is called away\n4:00 Nothing may be checked\n"
    );
    let disabled = text.replace("[[injects]]", "[[injects]]\nenabled = false");
    assert_eq!(
        restored(&disabled),
        "1:30 site-0001\n1:30 site-0002\n2:30 site-0003\n2:30 site-0004\n"
    );
}

/// Sites that one team imports in an hour each.
pub(crate) fn imports(sites: u32, people: &str, injects: &str) -> String {
    small(
        sites,
        &format!(
            r#"
[teams.a]
{people}
[limits.slots]
units = 4
{injects}
[[runbooks.r.steps]]
id = "import"
phase = "data"
team = "a"
uses = {{ slots = 1 }}
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#
        ),
    )
}

#[test]
fn a_share_of_the_people_away_is_rounded_up() {
    let inject = "[[injects]]\npeople_away = { team = \"a\", people = \"50%\" }\n";
    // One of three is left.
    assert_eq!(
        starts(&imports(3, "people = 3", inject)),
        "0:00 site-0001/import\n1:00 site-0002/import\n2:00 site-0003/import\n"
    );
}

#[test]
fn people_away_at_once_add_up_and_come_back_one_after_the_other() {
    let injects = r#"
[[injects]]
lasts = "2h"
people_away = { team = "a", people = 1 }
[[injects]]
lasts = "1h"
people_away = { team = "a", people = 5 }
"#;
    assert_eq!(
        starts(&imports(3, "people = 2", injects)),
        "1:00 site-0001/import\n2:00 site-0002/import\n2:00 site-0003/import\n"
    );
}

#[test]
fn a_limit_that_drops_stops_nobody_who_has_started() {
    let inject = r#"
[[injects]]
at = "T+30m"
lasts = "2h"
limit_drops = { limit = "slots", to = "25%" }
"#;
    assert_eq!(
        starts(&imports(7, "people = 9", inject)),
        "0:00 site-0001/import\n0:00 site-0002/import\n0:00 site-0003/import\n0:00 site-0004/import\n\
         1:00 site-0005/import\n2:00 site-0006/import\n2:30 site-0007/import\n"
    );
    let to_none = inject.replace("\"25%\"", "0");
    assert_eq!(
        only(&timeline(&imports(5, "people = 9", &to_none)), "start").lines().last(),
        Some("2:30 site-0005/import")
    );
}

#[test]
fn a_shift_lost_is_the_one_that_is_on_or_the_next() {
    let shifts = r#"people = [
  { at = "T+0", people = 1 },
  { at = "T+4h", people = 0 },
  { at = "T+6h", people = 1 },
  { at = "T+10h", people = 0 },
  { at = "T+12h", people = 1 },
]"#;
    let lost_at = |at: &str| {
        let inject = format!("[[injects]]\nat = \"{at}\"\nshift_lost = {{ team = \"a\" }}\n");
        starts(&imports(2, shifts, &inject))
    };
    // What runs is finished; nothing is started before the next shift.
    assert_eq!(lost_at("T+30m"), "0:00 site-0001/import\n6:00 site-0002/import\n");
    // Between shifts it is the next that does not come: nothing is lost of the first one.
    assert_eq!(lost_at("T+5h"), "0:00 site-0001/import\n1:00 site-0002/import\n");
    let all_day = r#"people = [{ at = "T+2h", people = 0 }, { at = "T+6h", people = 1 }, { at = "T+10h", people = 2 }]"#;
    let inject = "[[injects]]\nat = \"T+1h\"\nshift_lost = { team = \"a\" }\n";
    assert_eq!(
        starts(&imports(2, all_day, inject)),
        "10:00 site-0001/import\n10:00 site-0002/import\n"
    );
}

#[test]
fn shifts_of_a_roster_that_take_turns_all_day_are_not_one_without_end() {
    let shift = |from: &str, to: &str| {
        format!("{{ zone = \"UTC\", from = \"{from}\", to = \"{to}\", people = 1 }}")
    };
    let roster = shift("08:00", "20:00") + ", " + &shift("20:00", "08:00");
    let checked = checked(&imports_on_roster(1, &roster, "T+1h"), &[]);
    assert_eq!(checked.diagnostics.render(&checked.sources, false), "");
}

/// Sites that a team on this roster imports in an hour each, when it loses a shift at a time.
fn imports_on_roster(sites: u32, roster: &str, lost_at: &str) -> String {
    let team = format!("at_shift_end = \"hand_over\"\nroster = [{roster}]");
    let inject = format!("[[injects]]\nat = \"{lost_at}\"\nshift_lost = {{ team = \"a\" }}\n");
    imports(sites, &team, &inject).replace(
        "[[incident.deletions]]",
        "[incident]\nat = \"2026-03-02T06:00:00Z\"\n[[incident.deletions]]",
    )
}

#[test]
fn a_shift_lost_of_a_team_that_is_always_there_comes_back_with_the_next() {
    // Two shifts of one person each take turns, from 08:00 and from 20:00; it is 06:00.
    let roster = r#"{ zone = "UTC", from = "08:00", to = "20:00", people = 1 }, { zone = "UTC", from = "20:00", to = "08:00", people = 1 }"#;
    let told = timeline(&imports_on_roster(30, roster, "T+5h 30m"));
    assert_eq!(only(&told, "pause"), "5:30 site-0006/import\n");
    assert_eq!(only(&told, "resume"), "14:00 site-0006/import\n");
    assert_eq!(only(&told, "restored").lines().last(), Some("38:30 site-0030"));
}

#[test]
fn of_shifts_that_overlap_only_those_that_are_on_are_lost_each_to_its_own_end() {
    // From 06:00 to 14:00 three people, from 10:00 to 18:00 another one.
    let roster = r#"{ zone = "UTC", from = "06:00", to = "14:00", people = 3 }, { zone = "UTC", from = "10:00", to = "18:00", people = 1 }"#;
    let starts_if_lost = |at| starts(&imports_on_roster(12, roster, at));
    let early = starts_if_lost("T+1h");
    let at = |hour: &str| early.lines().filter(|it| it.starts_with(hour)).count();
    assert_eq!((at("0:00"), at("1:00"), at("4:00"), at("8:00"), at("11:00")), (3, 0, 1, 1, 1));
    assert_eq!(early.lines().count(), 12);
    // At 11:00 all four are away; whoever is there until 18:00 does not come back at 14:00.
    let both = timeline(&imports_on_roster(20, roster, "T+5h"));
    let started = only(&both, "start");
    let last: Vec<&str> = started.lines().skip(15).collect();
    assert_eq!(
        last,
        [
            "4:00 site-0016/import",
            "24:00 site-0017/import",
            "24:00 site-0018/import",
            "24:00 site-0019/import",
            "25:00 site-0020/import"
        ]
    );
}

#[test]
fn of_a_part_of_a_roster_the_shifts_that_are_lost_are_the_same_part() {
    let roster = r#"{ zone = "UTC", from = "06:00", to = "14:00", people = 2 }, { zone = "UTC", from = "10:00", to = "18:00", people = 1 }"#;
    let text = imports_on_roster(8, roster, "T+1h").replace(
        "[[strategies.s.tracks]]",
        "[strategies.s]\nteams.a = \"200%\"\n[[strategies.s.tracks]]",
    );
    let told = starts(&text);
    let at = |hour: &str| told.lines().filter(|it| it.starts_with(hour)).count();
    assert_eq!((at("0:00"), at("4:00"), at("5:00")), (4, 2, 2));
}

#[test]
fn attempts_that_fail_are_the_next_that_start_whoever_makes_them() {
    let inject = r#"
[[injects]]
at = "T+30m"
attempts_fail = { step = "import", count = 3 }
"#;
    let told = timeline(&imports(3, "people = 2", inject));
    // Two have started before it; the third fails three times.
    assert_eq!(
        only(&told, "fail"),
        "2:00 site-0003/import\n3:00 site-0003/import\n4:00 site-0003/import\n"
    );
    assert_eq!(only(&told, "restored"), "1:00 site-0001\n1:00 site-0002\n5:00 site-0003\n");
}

#[test]
fn an_inject_fails_attempts_that_cannot_fail_by_themselves_any_more() {
    let text = imports(
        1,
        "people = 1",
        "[[injects]]\nat = \"T+30m\"\nattempts_fail = { step = \"import\" }\n",
    )
    .replace(
        "duration = \"1h\"",
        "duration = \"1h\"\nfails = { probability = \"100%\", attempts = 2 }",
    );
    // The first attempt fails by chance, the second and last by the inject, the third ends well.
    assert_eq!(only(&timeline(&text), "fail"), "1:00 site-0001/import\n2:00 site-0001/import\n");
    assert_eq!(restored(&text), "3:00 site-0001\n");
}

#[test]
fn a_freeze_keeps_what_is_frozen_from_starting_and_nothing_else() {
    let text = small(
        2,
        r#"
[teams.a]
people = 1
[[injects]]
lasts = "90m"
freeze = { steps = ["first"] }
[runbooks.r]
steps = [
  { id = "first", team = "a", duration = "1h" },
  { id = "second", team = "a", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/second\n1:00 site-0002/second\n2:00 site-0001/first\n3:00 site-0002/first\n"
    );
}

#[test]
fn a_random_inject_comes_at_another_time_in_every_exercise_and_not_in_all() {
    let text = imports(
        1,
        "people = 1",
        r#"
[[injects]]
title = "gone"
chance = "50%"
delay.uniform = { min = "0h", max = "2h" }
lasts.exponential = { mean = "1h" }
people_away = { team = "a", people = 1 }
"#,
    );
    let times = |word: &str| -> Vec<String> {
        (0..40)
            .map(|replication| {
                let trace = crate::support::trace(&text, replication);
                let found = trace.records.iter().find(|it| it.what.to_string() == word);
                found.map_or_else(|| "never".to_owned(), |it| it.at.to_string())
            })
            .collect()
    };
    let begins = times("inject");
    let never = begins.iter().filter(|it| *it == "never").count();
    assert!((10..30).contains(&never), "{never} of 40 without");
    let mut distinct = begins.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 40 - never + 1);
    assert_eq!(begins, times("inject"), "the same again");
}

#[test]
fn one_more_inject_moves_no_draw_of_the_others() {
    let random = r#"
[[injects]]
title = "gone"
delay.uniform = { min = "0h", max = "2h" }
people_away = { team = "a", people = 0 }
"#;
    let other = "[[injects]]\ntitle = \"other\"\npeople_away = { team = \"a\", people = 0 }\n";
    let of = |injects: &str| {
        let told = timeline(&imports(1, "people = 1", injects));
        let gone = told.lines().find(|it| it.contains("gone")).map(str::to_owned);
        gone.expect("an inject is told")
    };
    assert_eq!(of(random), of(&format!("{other}{random}")));
}

#[test]
fn a_second_deletion_takes_back_what_was_done_and_reaches_sites_that_were_spared() {
    let text = small(
        3,
        r#"
[teams.a]
people = 1
[[injects]]
title = "The script runs again"
at = "T+90m"
deletion = {}
[[runbooks.r.steps]]
id = "import"
team = "a"
duration = "1h"
[strategies.s]
priority = "fixed"
[[strategies.s.tracks]]
runbook = "r"
"#,
    )
    .replace("[[incident.deletions]]", "[[incident.deletions]]\ncount = 2");
    let told = timeline(&text);
    // The first site was back, the third half done, the second is gone for the first time.
    assert_eq!(only(&told, "deleted"), "1:30 site-0001\n1:30 site-0002\n1:30 site-0003\n");
    assert_eq!(only(&told, "abort"), "1:30 site-0003/import\n");
    assert_eq!(
        only(&told, "restored"),
        "1:00 site-0001\n2:30 site-0001\n3:30 site-0002\n4:30 site-0003\n"
    );
}

#[test]
fn a_second_deletion_of_a_site_that_is_away_makes_its_outage_longer_and_not_shorter() {
    let text = small(
        1,
        r#"
[policy]
rto = "55h"
[[injects]]
at = "T+40h"
deletion = {}
[[runbooks.r.steps]]
id = "import"
duration = "50h"
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let metrics = blackstart::measure::measure(&scenario(&text), &results(&text, 1));
    let metrics = &metrics.strategies[0].replications[0];
    assert_eq!(metrics.mean_rta_by_site.map(|it| it.to_string()).as_deref(), Some("3d 18h"));
    assert_eq!(metrics.site_ms, u128::from(hours(90)));
    assert_eq!(metrics.meets_rto(), Some(false));
}

#[test]
fn sites_that_only_an_inject_deletes_are_spared_where_it_does_not_come() {
    let text = small(
        4,
        r#"
[[injects]]
at = "T+2h"
chance = "50%"
deletion = {}
[[runbooks.r.steps]]
id = "import"
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#,
    )
    .replace("[[incident.deletions]]", "[[incident.deletions]]\ncount = 1");
    let results = results(&text, 40);
    let metrics = blackstart::measure::measure(&scenario(&text), &results);
    let mut deleted: Vec<u32> =
        metrics.strategies[0].replications.iter().map(|it| it.deleted).collect();
    deleted.sort_unstable();
    deleted.dedup();
    assert_eq!(deleted, [1, 4]);
    assert!(metrics.strategies[0].replications.iter().all(|it| it.restored == it.deleted));
}

#[test]
fn an_outage_pauses_what_is_done_for_the_service_and_gives_its_people_back() {
    let text = r#"
schema = 1
title = "test"
estate.services.db.class = "primary"
estate.services.web.class = "platform"
estate.products.app.services = ["db", "web"]
estate.sites.count = 1
incident.deletions = [{}]
[teams.a]
people = 1
[limits.slots]
units = 1
[[injects]]
at = "T+30m"
lasts = "4h"
outage = { service = "db" }
[[runbooks.r.steps]]
id = "load"
for_each = { service = "db" }
team = "a"
uses = { slots = 1 }
duration = "1h"
[[runbooks.r.steps]]
id = "build"
for_each = { service = "web" }
team = "a"
duration = "2h"
[[runbooks.r.steps]]
id = "check"
for_each = { service = "web" }
after = ["build"]
uses = { slots = 1 }
duration = "10m"
[strategies.s]
priority = "fixed"
tracks = [{ runbook = "r" }]
"#;
    // The load gives its engineer back and keeps its slot, and has half an hour left at the end.
    assert_eq!(
        timeline(text),
        "    0:00  open       r
    0:00  take       site-0001 by r
    0:00  start      site-0001/load/db
    0:30  inject     db is out
    0:30  pause      site-0001/load/db
    0:30  start      site-0001/build/web
    2:30  finish     site-0001/build/web
    4:30  over       db is out
    4:30  resume     site-0001/load/db
    5:00  finish     site-0001/load/db
    5:00  start      site-0001/check/web
    5:10  finish     site-0001/check/web
    5:10  restored   site-0001
"
    );
}

#[test]
fn a_lost_shift_of_a_team_that_hands_over_pauses_its_work() {
    let shifts = "people = [{ at = \"T+0\", people = 1 }, { at = \"T+4h\", people = 1 }]\nat_shift_end = \"hand_over\"";
    let inject = "[[injects]]\nat = \"T+15m\"\nshift_lost = { team = \"a\" }\n";
    let told = timeline(&imports(1, shifts, inject));
    assert_eq!(only(&told, "pause"), "0:15 site-0001/import\n");
    assert_eq!(only(&told, "resume"), "4:00 site-0001/import\n");
    assert_eq!(only(&told, "restored"), "4:45 site-0001\n");
}

#[test]
fn a_throughput_that_drops_slows_what_is_under_way() {
    let text = small(
        2,
        r#"
[throughput.link]
rate = "2 TiB/h"
[[injects]]
at = "T+1h"
lasts = "2h"
throughput_drops = { throughput = "link", to = "50%" }
[[injects]]
at = "T+2h"
lasts = "1h"
throughput_drops = { throughput = "link", to = "0%" }
[[runbooks.r.steps]]
id = "copy"
transfer = { bytes = "site", through = "link" }
[[strategies.s.tracks]]
runbook = "r"
"#,
    )
    .replace("count = 2", "count = 2\nbytes = \"2 TiB\"");
    // 2 TiB in the first hour, 1 in the second, none in the third, and the last in half an hour.
    assert_eq!(restored(&text), "3:30 site-0001\n3:30 site-0002\n");
}

#[test]
fn what_a_batch_does_at_the_horizon_counts_once_though_its_site_was_in_another_before() {
    let text = small(
        1,
        r#"
[experiment]
horizon = "3h"
[teams.a]
people = 1
[runbooks.r]
sequential = true
steps = [
  { id = "agree", per = "batch", team = "a", duration = "5h" },
  { id = "restore", team = "a", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
[[injects]]
at = "T+1h"
deletion = { count = 1 }
"#,
    );
    let outcome = trace(&text, 0).outcome;
    // An hour for nothing, then two of five.
    assert_eq!(outcome.pools[0].busy, u128::from(hours(3)));
}
