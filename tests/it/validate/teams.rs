//! Faults in teams: rosters, coordination, fatigue.

use snapbox::{assert_data_eq, str};

use super::{brief, broken, faults};

/// A sound roster, to be broken in one place.
const SHIFT: &str = r#"zone = "Europe/Berlin", from = "08:00", to = "16:00", people = 2"#;

/// The sound text with this team, and T+0 on a clock.
fn team(lines: &str) -> String {
    broken("people = 2", lines).replace(
        "incident.deletions = [{}]",
        "incident = { at = \"2026-06-01T08:00:00Z\", deletions = [{}] }",
    )
}

fn shift(place: &str, other: &str) -> String {
    assert_eq!(SHIFT.matches(place).count(), 1, "{place}");
    team(&format!("roster = [{{ {} }}]", SHIFT.replace(place, other)))
}

#[test]
fn a_sound_roster_has_no_fault() {
    assert_eq!(brief(&shift("2", "3")), [""; 0]);
}

#[test]
fn a_time_zone_that_does_not_exist() {
    let told = faults(&shift("Europe/Berlin", "Europe/Berlim"));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-zone]: there is no time zone `Europe/Berlim`
 --> test.toml:6:20
  |
6 | roster = [{ zone = "Europe/Berlim", from = "08:00", to = "16:00", people = 2 }]
  |                    ^^^^^^^^^^^^^^^
  |
  = help: did you mean `Europe/Berlin`?
  = help: write a name of the IANA database such as "Europe/Berlin" or "UTC"

"#]]
    );
}

#[test]
fn a_time_zone_that_is_like_no_other() {
    let told = faults(&shift("Europe/Berlin", "here"));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-zone]: there is no time zone `here`
 --> test.toml:6:20
  |
6 | roster = [{ zone = "here", from = "08:00", to = "16:00", people = 2 }]
  |                    ^^^^^^
  |
  = help: write a name of the IANA database such as "Europe/Berlin" or "UTC"

"#]]
    );
}

#[test]
fn a_roster_without_the_wall_clock() {
    let told = faults(&broken("people = 2", &format!("roster = [{{ {SHIFT} }}]")));
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: the wall-clock of T+0 is not known
 --> test.toml:6:11
  |
6 | roster = [{ zone = "Europe/Berlin", from = "08:00", to = "16:00", people = 2 }]
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: add `at = "2022-04-05T07:38:00Z"` to `[incident]`: shifts need it

"#]]
    );
}

#[test]
fn a_roster_beside_a_number_of_people() {
    let told = faults(&team(&format!("people = 2\nroster = [{{ {SHIFT} }}]")));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: `people` and `roster` exclude each other
 --> test.toml:6:10
  |
6 | people = 2
  |          ^
  |
  = help: leave one of them out

"#]]
    );
}

#[test]
fn a_roster_with_nobody_on_it() {
    let told = faults(&team("roster = []"));
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: nobody is on the roster
 --> test.toml:5:1
  |
5 | [teams.a]
  | ^^^^^^^^^
  |
  = help: add a shift: { zone = "Europe/Berlin", from = "08:00", to = "16:00", people = 4 }

"#]]
    );
}

#[test]
fn people_who_are_called_without_a_roster() {
    let told = faults(&team("people = 2\ncalled = \"T+2h\""));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: nobody is called without a `roster`
 --> test.toml:7:10
  |
7 | called = "T+2h"
  |          ^^^^^^
  |
  = help: write `people = [{ at = "declared", people = 4 }]`, or add a `roster`

"#]]
    );
}

#[test]
fn a_time_of_day_that_no_clock_shows() {
    let told = faults(&shift("08:00", "8 am"));
    assert_data_eq!(
        told,
        str![[r#"
error[bad-quantity]: `8 am` is no time of day
 --> test.toml:6:44
  |
6 | roster = [{ zone = "Europe/Berlin", from = "8 am", to = "16:00", people = 2 }]
  |                                            ^^^^^^
  |
  = help: write hours and minutes such as "08:00"

"#]]
    );
    for odd in ["25:00", "24:01", "08:60", "8:00", "+8:00", "08:00:00", "", ":"] {
        let told = brief(&shift("08:00", odd));
        assert_eq!(told, [format!("6: [bad-quantity] `{odd}` is no time of day")]);
    }
}

#[test]
fn a_shift_on_no_day_and_on_a_day_that_no_week_has() {
    let told = faults(&shift("people = 2", "people = 2, days = [], name = \"late\""));
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: shift `late` comes on no day
 --> test.toml:6:11
  |
6 | roster = [{ zone = "Europe/Berlin", from = "08:00", to = "16:00", people = 2, days = [], name = "late" }]
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: leave `days` out for every day, or write `days = ["weekdays"]`

"#]]
    );
    // What cannot be read is no shift without a day, whose team would never have anybody.
    let told = faults(&shift("people = 2", "people = 2, days = [\"Mon-Fri\"]"));
    assert_eq!(told.matches("error[").count(), 1, "{told}");
    let told = faults(&shift("people = 2", "people = 2, days = [\"monday\"]"));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-choice]: unknown choice `monday`
 --> test.toml:6:87
  |
6 | roster = [{ zone = "Europe/Berlin", from = "08:00", to = "16:00", people = 2, days = ["monday"] }]
  |                                                                                       ^^^^^^^^
  |
  = help: choose from `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`, `weekdays` or `weekend`

"#]]
    );
}

#[test]
fn a_shift_without_what_makes_it_one() {
    let told = brief(&team("roster = [{}]"));
    assert_eq!(
        told,
        ["zone", "from", "to", "people"].map(|it| format!("6: [missing-key] `{it}` is missing"))
    );
}

#[test]
fn a_step_that_needs_more_people_than_ever_are_on_the_roster() {
    let text = shift(
        "people = 2",
        "people = 2 }, { zone = \"UTC\", from = \"09:00\", to = \"10:00\", people = 3",
    )
    .replace("id = \"x\"", "id = \"x\", team = \"a\", people = 6");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[demand-above-capacity]: the step needs 6 of team `a`, which never has more than 5
 --> test.toml:8:43
  |
8 | steps = [{ id = "x", team = "a", people = 6, duration = "1h" }]
  |                                           ^
  |
  = help: ask for less, or raise the capacity; this step could never start

"#]]
    );
    assert_eq!(brief(&text.replace("people = 6", "people = 5")), [""; 0]);
}

#[test]
fn people_who_are_called_at_a_milestone_that_does_not_exist() {
    let told = faults(&team(&format!("roster = [{{ {SHIFT} }}]\ncalled = \"declared\"")));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-milestone]: there is no milestone `declared`
 --> test.toml:7:10
  |
7 | called = "declared"
  |          ^^^^^^^^^^
  |
  = help: there is none to choose from

"#]]
    );
}

#[test]
fn what_happens_at_a_shift_end_to_a_team_that_does_not_exist() {
    let text = broken("[strategies.s]", "[strategies.s]\nat_shift_end = { b = \"hand_over\" }");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-team]: there is no team `b`
  --> test.toml:10:18
   |
10 | at_shift_end = { b = "hand_over" }
   |                  ^
   |
   = help: did you mean `a`?

"#]]
    );
}

#[test]
fn coordination_that_makes_work_shorter() {
    let told = faults(&team("people = 2\ncoordination = { per_batch = -0.1, at_most = 0.5 }"));
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: `-0.1` is no possible part of the time that a batch adds; it lies between 0 and 10
 --> test.toml:7:30
  |
7 | coordination = { per_batch = -0.1, at_most = 0.5 }
  |                              ^^^^

error[out-of-range]: `0.5` is no possible factor on durations; it lies between 1 and 1000
 --> test.toml:7:46
  |
7 | coordination = { per_batch = -0.1, at_most = 0.5 }
  |                                              ^^^

"#]]
    );
}

#[test]
fn fatigue_that_does_not_say_when_or_how_much() {
    let told = brief(&team(
        "people = 2\nfatigue = [{ factor = 1.2 }, { after = \"3d\" }, { after = 3, factor = 0 }]",
    ));
    assert_eq!(
        told,
        [
            "7: [missing-key] `after` is missing",
            "7: [missing-key] `factor` is missing",
            "7: [bare-number] `3` has no unit",
            "7: [out-of-range] `0` is no possible factor on durations; it lies between 1 and 100",
        ]
    );
}
