//! What is wrong with injects.

use snapbox::{assert_data_eq, str};

use super::{broken, faults, faults_with};

fn with(injects: &str) -> String {
    faults(&broken("[teams.a]", &format!("{injects}\n[teams.a]")))
}

#[test]
fn an_inject_that_does_nothing_or_two_things() {
    assert_data_eq!(
        with(
            "[[injects]]\nat = \"T+1h\"\n[[injects]]\npeople_away = { team = \"a\", people = 1 }\nshift_lost = { team = \"a\" }"
        ),
        str![[r#"
error[missing-key]: this inject does nothing
 --> test.toml:5:1
  |
5 | [[injects]]
  | ^^^^^^^^^^^
  |
  = help: add `people_away`, `shift_lost`, `attempts_fail`, `limit_drops`, `throughput_drops`, `outage`, `deletion` or `freeze`

error[conflicting-keys]: an inject does one thing
 --> test.toml:9:14
  |
9 | shift_lost = { team = "a" }
  |              ^^^^^^^^^^^^^^
  |
  = help: write `shift_lost` as an inject of its own

"#]]
    );
}

#[test]
fn names_in_injects_that_do_not_exist() {
    assert_data_eq!(
        with(
            r#"injects = [
  { people_away = { team = "b", people = 1 } },
  { shift_lost = {} },
  { attempts_fail = { step = "y" } },
  { limit_drops = { limit = "l", to = 1 } },
  { outage = { service = "s" } },
  { freeze = { phases = ["data"] } },
  { freeze = {} },
  { at = "decleared", freeze = { steps = ["z"] } },
]"#
        ),
        str![[r#"
error[unknown-team]: there is no team `b`
 --> test.toml:6:28
  |
6 |   { people_away = { team = "b", people = 1 } },
  |                            ^^^
  |
  = help: did you mean `a`?

error[missing-key]: `team` is missing
 --> test.toml:7:18
  |
7 |   { shift_lost = {} },
  |                  ^^
  |
  = help: name the team

error[unknown-step]: no runbook has a step `y`
 --> test.toml:8:30
  |
8 |   { attempts_fail = { step = "y" } },
  |                              ^^^
  |
  = help: did you mean `x`?

error[unknown-limit]: there is no limit `l`
 --> test.toml:9:29
  |
9 |   { limit_drops = { limit = "l", to = 1 } },
  |                             ^^^
  |
  = help: there is none to choose from

error[unknown-service]: there is no service `s`
  --> test.toml:10:26
   |
10 |   { outage = { service = "s" } },
   |                          ^^^
   |
   = help: there is none to choose from

error[empty-selection]: no step belongs to phase `data`
  --> test.toml:11:26
   |
11 |   { freeze = { phases = ["data"] } },
   |                          ^^^^^^
   |
   = help: there is none to choose from

error[missing-key]: nothing is frozen
  --> test.toml:12:14
   |
12 |   { freeze = {} },
   |              ^^
   |
   = help: add `steps = ["import"]` or `phases = ["databases"]`

error[unknown-milestone]: there is no milestone `decleared`
  --> test.toml:13:10
   |
13 |   { at = "decleared", freeze = { steps = ["z"] } },
   |          ^^^^^^^^^^^
   |
   = help: there is none to choose from

error[unknown-step]: no runbook has a step `z`
  --> test.toml:13:43
   |
13 |   { at = "decleared", freeze = { steps = ["z"] } },
   |                                           ^^^
   |
   = help: did you mean `x`?

"#]]
    );
}

#[test]
fn quantities_of_injects_that_make_no_sense() {
    assert_data_eq!(
        with(
            r#"injects = [
  { chance = "120%", shift_lost = { team = "a" } },
  { lasts = "1h", shift_lost = { team = "a" } },
  { lasts = 3, people_away = { team = "a", people = "1.5" } },
  { people_away = { team = "a", people = -1 } },
  { attempts_fail = { step = "x", count = 0 } },
]"#
        ),
        str![[r#"
error[bad-share]: `120%` is not between 0% and 100%
 --> test.toml:6:14
  |
6 |   { chance = "120%", shift_lost = { team = "a" } },
  |              ^^^^^^
  |
  = help: write a share such as "95%", or the number 0.95

error[conflicting-keys]: `shift_lost` ends by itself
 --> test.toml:7:13
  |
7 |   { lasts = "1h", shift_lost = { team = "a" } },
  |             ^^^^
  |
  = help: leave out `lasts`

error[bare-number]: `3` has no unit
 --> test.toml:8:13
  |
8 |   { lasts = 3, people_away = { team = "a", people = "1.5" } },
  |             ^
  |
  = help: write a length of time with its unit, such as "3h"

error[bad-share]: `1.5` has no `%`
 --> test.toml:8:53
  |
8 |   { lasts = 3, people_away = { team = "a", people = "1.5" } },
  |                                                     ^^^^^
  |
  = help: write as many percent as you mean: is it "1.5%"?

error[out-of-range]: `-1` is no possible number; it lies between 0 and 1000000
 --> test.toml:9:42
  |
9 |   { people_away = { team = "a", people = -1 } },
  |                                          ^^

error[out-of-range]: `0` is no possible number of attempts; it lies between 1 and 1000000
  --> test.toml:10:43
   |
10 |   { attempts_fail = { step = "x", count = 0 } },
   |                                           ^

"#]]
    );
}

#[test]
fn a_shift_lost_of_a_team_that_never_changes() {
    let text = broken(
        "[runbooks.r]",
        "[[injects]]\nat = \"T+1h\"\nshift_lost = { team = \"a\" }\n[runbooks.r]",
    );
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[suspicious]: under `s`, `a` is one shift without end: once lost, nobody comes back
 --> test.toml:9:23
  |
9 | shift_lost = { team = "a" }
  |                       ^^^
  |
  = help: give the team a `roster` or a ramp, or write `people_away` with `lasts`

"#]]
    );
    let ramp = r#"teams.a.people=[{ at = "T+0", people = 1 }, { at = "T+2h", people = 2 }]"#;
    assert_eq!(faults_with(&text, &[ramp]), "\n");
}
