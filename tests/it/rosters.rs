//! Shifts by the clock of a place: time zones, weekends, nights, changes of the clock.

use blackstart::review;

use crate::support::{hours, only, read, restored, scenario, small, timeline, trace};

/// When the people of a roster are there: one site with a long piece of work that is handed over.
#[track_caller]
fn there(at: &str, roster: &str) -> String {
    let text = on_roster(at, roster, "at_shift_end = \"hand_over\"");
    let whole = timeline(&text);
    let words = ["start", "pause", "resume", "finish"];
    let lines = whole.lines().filter(|line| words.iter().any(|word| line.contains(word)));
    lines.fold(String::new(), |text, line| {
        text + line.trim_start().split("  site").next().unwrap_or_default().trim_end() + "\n"
    })
}

fn on_roster(at: &str, roster: &str, more: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[experiment]
horizon = "20d"
[estate.sites]
count = 1
[incident]
at = "{at}"
deletions = [{{}}]
[incident.milestones.declared]
delay = "3h"
[runbooks.r]
steps = [{{ id = "restore", team = "t", duration = "20h" }}]
[strategies.s]
tracks = [{{ runbook = "r" }}]
[teams.t]
roster = [{roster}]
{more}
"#
    )
}

#[test]
fn the_scenario_of_rosters_takes_as_long_as_its_head_says() {
    let scenario = scenario(&read("scenarios/rosters.toml"));
    let told: Vec<String> = scenario
        .strategies
        .ids()
        .map(|it| only(&review::timeline(&scenario, it, 1, 0), "restored"))
        .map(|it| it.lines().map(|it| it.replace(" site-000", "/")).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        told,
        [
            "5:00/1 5:00/2 10:00/3 10:00/4 29:00/5 29:00/6",
            "5:00/1 5:00/2 26:00/3 26:00/4 31:00/5 31:00/6",
            "5:00/1 5:00/2 10:00/3 10:00/4 15:00/5 15:00/6",
        ]
    );
    let overtime: Vec<u128> = scenario
        .strategies
        .ids()
        .map(|it| review::trace(&scenario, it, 1, 0).outcome.pools[0].overtime)
        .collect();
    assert_eq!(overtime, [hours(4).into(), 0, 0]);
}

#[test]
fn a_shift_that_is_on_at_the_first_deletion_counts_from_there() {
    let roster = r#"{ zone = "UTC", from = "08:00", to = "16:00", people = 1 }"#;
    assert_eq!(
        there("2026-06-01T10:00:00Z", roster),
        "0:00  start\n6:00  pause\n22:00  resume\n30:00  pause\n46:00  resume\n52:00  finish\n"
    );
}

#[test]
fn a_night_shift_goes_on_past_midnight_and_may_have_begun_the_day_before() {
    let roster = r#"{ zone = "UTC", days = ["mon"], from = "22:00", to = "06:00", people = 1 }"#;
    // Two o'clock on a Tuesday: the shift of Monday is on for four more hours, and comes again in
    // a week.
    assert_eq!(
        there("2026-06-02T02:00:00Z", roster),
        "0:00  start\n4:00  pause\n164:00  resume\n172:00  pause\n332:00  resume\n340:00  finish\n"
    );
}

#[test]
fn nobody_on_weekdays_comes_on_a_weekend() {
    let weekdays =
        r#"{ zone = "UTC", days = ["weekdays"], from = "08:00", to = "16:00", people = 1 }"#;
    // From Friday to Monday.
    assert_eq!(
        there("2026-06-05T08:00:00Z", weekdays),
        "0:00  start\n8:00  pause\n72:00  resume\n80:00  pause\n96:00  resume\n100:00  finish\n"
    );
    let weekend =
        r#"{ zone = "UTC", days = ["weekend"], from = "00:00", to = "24:00", people = 1 }"#;
    assert_eq!(there("2026-06-05T08:00:00Z", weekend), "16:00  start\n36:00  finish\n");
}

#[test]
fn a_night_in_which_the_clock_changes_has_an_hour_less_or_more() {
    let roster = r#"{ zone = "Europe/Berlin", from = "22:00", to = "06:00", people = 1 }"#;
    // At 2:00 on 29 March 2026 it is 3:00 in Berlin, at 3:00 on 25 October it is 2:00 again.
    assert_eq!(
        there("2026-03-28T20:00:00+01:00", roster),
        "2:00  start\n9:00  pause\n25:00  resume\n33:00  pause\n49:00  resume\n54:00  finish\n"
    );
    assert_eq!(
        there("2026-10-24T20:00:00+02:00", roster),
        "2:00  start\n11:00  pause\n27:00  resume\n35:00  pause\n51:00  resume\n54:00  finish\n"
    );
}

#[test]
fn a_time_that_the_clock_leaves_out_comes_an_hour_later_and_one_that_it_repeats_the_first_time() {
    let roster = r#"{ zone = "Europe/Berlin", from = "02:30", to = "04:00", people = 1 }"#;
    // From 3:30 to 4:00 by the new clock, which is 1:30 to 2:00 UTC.
    let spring = there("2026-03-29T00:00:00Z", roster);
    assert_eq!(&spring[..24], "1:30  start\n2:00  pause\n");
    // From 2:30 by the old clock, 0:30 UTC, to 4:00 by the new one, 3:00 UTC.
    let autumn = there("2026-10-25T00:00:00Z", roster);
    assert_eq!(&autumn[..24], "0:30  start\n3:00  pause\n");
}

#[test]
fn nobody_comes_on_a_day_that_a_place_left_out() {
    // Samoa went from 29 to 31 December 2011: 22:00 UTC of the 29th was 8:00 of the 31st there.
    let roster = r#"{ zone = "Pacific/Apia", from = "08:00", to = "16:00", people = 1 }"#;
    assert_eq!(
        there("2011-12-29T10:30:00Z", roster),
        "7:30  start\n15:30  pause\n31:30  resume\n39:30  pause\n55:30  resume\n59:30  finish\n"
    );
    let friday =
        r#"{ zone = "Pacific/Apia", days = ["fri"], from = "08:00", to = "16:00", people = 1 }"#;
    // That day was the Friday; the next one is 6 January.
    assert_eq!(&there("2011-12-29T10:30:00Z", friday)[..28], "175:30  start\n183:30  pause\n");
    // The shift of the 29th lasts eight hours all the same, and ends in the morning of the 31st.
    let night = r#"{ zone = "Pacific/Apia", from = "20:00", to = "04:00", people = 1 }"#;
    let told = there("2011-12-29T10:30:00Z", night);
    assert!(told.contains("19:30  resume\n27:30  pause\n43:30  resume\n"), "{told}");
}

#[test]
fn where_one_shift_takes_over_from_another_nothing_pauses() {
    let roster = r#"
  { zone = "Europe/Berlin", from = "08:00", to = "16:00", people = 1 },
  { zone = "America/New_York", from = "10:00", to = "18:00", people = 1 },
"#;
    // 6:00 to 14:00 UTC and 14:00 to 22:00 UTC.
    assert_eq!(
        there("2026-06-01T06:00:00Z", roster),
        "0:00  start\n16:00  pause\n24:00  resume\n28:00  finish\n"
    );
}

#[test]
fn the_people_of_shifts_that_overlap_add_up() {
    let text = on_roster(
        "2026-06-01T06:00:00Z",
        r#"{ zone = "UTC", from = "06:00", to = "12:00", people = 2 },
           { zone = "UTC", from = "10:00", to = "18:00", people = 3 }"#,
        "",
    )
    .replace("count = 1", "count = 8")
    .replace("\"20h\"", "\"2h\"");
    // Two at a time until 10:00 UTC, then five, from 12:00 on three.
    let back = restored(&text);
    let times: Vec<&str> = back.lines().filter_map(|it| it.split(' ').next()).collect();
    assert_eq!(times, ["2:00", "2:00", "4:00", "4:00", "6:00", "6:00", "6:00", "6:00"]);
    assert_eq!(trace(&text, 0).outcome.pools[0].capacity, hours(4 * 2 + 2 * 5).into());
}

#[test]
fn nobody_comes_before_the_team_is_called() {
    let roster = r#"{ zone = "UTC", from = "08:00", to = "16:00", people = 1 }"#;
    let called = |called: &str| {
        let more = format!("called = \"{called}\"\nat_shift_end = \"hand_over\"");
        let told = timeline(&on_roster("2026-06-01T06:00:00Z", roster, &more));
        only(&told, "start")
    };
    // Between shifts, in a shift, after a shift, and by a milestone.
    assert_eq!(called("T+1h"), "2:00 site-0001/restore\n");
    assert_eq!(called("T+4h"), "4:00 site-0001/restore\n");
    assert_eq!(called("T+11h"), "26:00 site-0001/restore\n");
    assert_eq!(called("declared"), "3:00 site-0001/restore\n");
    assert_eq!(called("2026-06-01T11:00:00Z"), "5:00 site-0001/restore\n");
}

#[test]
fn a_strategy_with_other_people_has_no_roster() {
    let roster = r#"{ zone = "UTC", from = "08:00", to = "16:00", people = 1 }"#;
    let text = on_roster("2026-06-01T18:00:00Z", roster, "called = \"declared\"")
        + "[strategies.s.teams]\nt = 2\n";
    assert_eq!(only(&timeline(&text), "start"), "0:00 site-0001/restore\n");
}

#[test]
fn a_team_on_a_ramp_needs_no_clock() {
    let text = small(
        1,
        "[teams.t]\npeople = 1\n[runbooks.r]\nsteps = [{ id = \"x\", team = \"t\", duration = \"1h\" }]\n\
         [[strategies.s.tracks]]\nrunbook = \"r\"\n",
    );
    assert_eq!(restored(&text), "1:00 site-0001\n");
}
