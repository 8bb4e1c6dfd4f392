//! What cannot be read: text that is not TOML, keys, types, quantities.

use snapbox::{assert_data_eq, str};

use super::{SOUND, broken, faults, faults_with};
use crate::support::{blackstart, checked, scenario};

#[test]
fn a_text_that_is_not_toml() {
    let told = faults(
        r#"schema = 1
title = a bad day
"#,
    );
    assert_data_eq!(
        told,
        str![[r#"
error[syntax]: string values must be quoted, expected literal string
 --> test.toml:2:9
  |
2 | title = a bad day
  |         ^^^^^^^^^
  |
  = help: texts stand in quotes, keys and values are separated by `=`

"#]]
    );
}

#[test]
fn an_override_through_something_that_is_no_table() {
    let told = faults_with(SOUND, &["title.short=x"]);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-address]: `title` is `"test"`, which has no keys
 --> --set title.short:1:1
  |
1 | value = "x"
  | ^^^^^^^^^^^
  |
  = help: write `title=VALUE`

"#]]
    );
}

#[test]
fn an_override_of_an_element_of_a_list() {
    let told = faults_with(SOUND, &["runbooks.r.steps.0.id=x"]);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-address]: there is no `runbooks.r.steps.0`
 --> --set runbooks.r.steps.0.id:1:1
  |
1 | value = "x"
  | ^^^^^^^^^^^
  |
  = help: choose from `runbooks.r.steps.x`

"#]]
    );
}

#[test]
fn an_override_that_is_not_toml_stands_for_itself_and_is_checked() {
    let told = faults_with(SOUND, &["runbooks.r.title=[1"]);
    assert_data_eq!(
        told,
        str![[r#"


"#]]
    );
}

#[test]
fn a_schema_of_the_future() {
    let text = broken("schema = 1", "schema = 2");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-schema]: this program reads schema 1, not 2
 --> test.toml:1:10
  |
1 | schema = 2
  |          ^
  |
  = help: write `schema = 1`, or use a newer version of the program

"#]]
    );
}

#[test]
fn a_key_that_does_not_exist() {
    let text = broken("duration", "durtaion");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-key]: unknown key `durtaion`
 --> test.toml:8:22
  |
8 | steps = [{ id = "x", durtaion = "1h" }]
  |                      ^^^^^^^^
  |
  = help: did you mean `duration`?

"#]]
    );
}

#[test]
fn a_word_that_is_no_choice() {
    let text = broken(r#"id = "x""#, r#"id = "x", per = "sites""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-choice]: unknown choice `sites`
 --> test.toml:8:28
  |
8 | steps = [{ id = "x", per = "sites", duration = "1h" }]
  |                            ^^^^^^^
  |
  = help: did you mean `site`?

"#]]
    );
}

#[test]
fn a_number_where_a_table_is_due() {
    let text = broken(
        r#"runbook = "r" }]"#,
        r#"runbook = "r" }]
teams = 3"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[wrong-type]: `3` stands where a table is due
  --> test.toml:11:9
   |
11 | teams = 3
   |         ^

"#]]
    );
}

#[test]
fn a_text_where_a_number_is_due() {
    let text = broken("count = 3", r#"count = "three""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[wrong-type]: `"three"` stands where a whole number is due
 --> test.toml:3:22
  |
3 | estate.sites.count = "three"
  |                      ^^^^^^^

"#]]
    );
}

#[test]
fn a_key_without_which_the_step_means_nothing() {
    let text = broken(r#", duration = "1h""#, "");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: `duration` is missing
 --> test.toml:8:10
  |
8 | steps = [{ id = "x" }]
  |          ^^^^^^^^^^^^
  |
  = help: add `duration = "2h"`

"#]]
    );
}

#[test]
fn an_empty_file() {
    let told = faults("");
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: `schema` is missing
 --> test.toml:1:1
  |
1 |
  | ^
  |
  = help: begin the file with `schema = 1`

error[missing-key]: `title` is missing
 --> test.toml:1:1
  |
1 |
  | ^
  |
  = help: add `title = "..."`: one line for people

error[missing-key]: there is no `[runbooks]`
 --> test.toml:1:1
  |
1 |
  | ^
  |
  = help: add a table `[[runbooks.NAME.steps]]`

error[missing-key]: there is no `[strategies]`
 --> test.toml:1:1
  |
1 |
  | ^
  |
  = help: add a table `[[strategies.NAME.tracks]]`

error[missing-key]: `count` is missing
 --> test.toml:1:1
  |
1 |
  | ^
  |
  = help: add a table `[estate.sites]` with `count = 100`

error[missing-key]: nothing is deleted
 --> test.toml:1:1
  |
1 |
  | ^
  |
  = help: add a table `[[incident.deletions]]` with `count = 10`

"#]]
    );
}

#[test]
fn keys_that_exclude_each_other() {
    let text = broken(r#"id = "x""#, r#"id = "x", team = "a", teams = { a = 1 }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: `team` and `teams` exclude each other
 --> test.toml:8:29
  |
8 | steps = [{ id = "x", team = "a", teams = { a = 1 }, duration = "1h" }]
  |                             ^^^
  |
  = help: write `teams = { database = 2, support = 1 }`

"#]]
    );
}

#[test]
fn people_of_no_team() {
    let text = broken(r#"id = "x""#, r#"id = "x", people = 2"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: `people` of which team?
 --> test.toml:8:31
  |
8 | steps = [{ id = "x", people = 2, duration = "1h" }]
  |                               ^
  |
  = help: add `team = "..."`

"#]]
    );
}

#[test]
fn two_steps_of_one_name() {
    let text = broken(
        r#"duration = "1h" }]"#,
        r#"duration = "1h" },
  { id = "x", duration = "2h" },
]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[duplicate-name]: two steps of this runbook are called `x`
 --> test.toml:9:10
  |
8 | steps = [{ id = "x", duration = "1h" },
  |                 --- the first one
9 |   { id = "x", duration = "2h" },
  |          ^^^

"#]]
    );
}

#[test]
fn two_tracks_of_one_name() {
    let text = broken(r#"[{ runbook = "r" }]"#, r#"[{ runbook = "r" }, { runbook = "r" }]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[duplicate-name]: two tracks of this strategy are called `r`
  --> test.toml:10:42
   |
10 | tracks = [{ runbook = "r" }, { runbook = "r" }]
   |                                          ^^^
   |
   = help: give one of them another `id`

"#]]
    );
}

#[test]
fn a_number_without_a_unit() {
    let text = broken(r#""1h""#, "2");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bare-number]: `2` has no unit
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = 2 }]
  |                                 ^
  |
  = help: write a length of time with its unit, such as "2h"

"#]]
    );
}

#[test]
fn a_text_without_a_unit() {
    let text = broken(r#""1h""#, r#""2""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bare-number]: `2` has no unit
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = "2" }]
  |                                 ^^^
  |
  = help: write a length of time such as "2d 4h"

"#]]
    );
}

#[test]
fn a_unit_that_does_not_exist() {
    let text = broken(r#""1h""#, r#""2 parsecs""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-quantity]: `2 parsecs` has an unknown unit
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = "2 parsecs" }]
  |                                 ^^^^^^^^^^^
  |
  = help: write a length of time such as "2d 4h"

"#]]
    );
}

#[test]
fn a_moment_that_is_none() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "r", opens = "T+soon""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-quantity]: `T+soon` is not a number with a unit
  --> test.toml:10:36
   |
10 | tracks = [{ runbook = "r", opens = "T+soon" }]
   |                                    ^^^^^^^^
   |
   = help: write a time after the first deletion such as "T+26h"

"#]]
    );
}

#[test]
fn a_wall_clock_without_t0() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "r", opens = "2022-04-05T08:53:00Z""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[missing-key]: the wall-clock of T+0 is not known
  --> test.toml:10:36
   |
10 | tracks = [{ runbook = "r", opens = "2022-04-05T08:53:00Z" }]
   |                                    ^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: add `at = "2022-04-05T07:38:00Z"` to `[incident]`, or write "T+26h" here

"#]]
    );
}

#[test]
fn a_length_beyond_the_clock() {
    let text = broken(r#""1h""#, r#""4000d""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[time-overflow]: `4000d` is longer than ten years
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = "4000d" }]
  |                                 ^^^^^^^
  |
  = help: the simulated clock ends after ten years

"#]]
    );
}

#[test]
fn a_distribution_beyond_the_clock() {
    let text = broken(r#""1h""#, r#"{ exponential = { mean = "300d" } }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[time-overflow]: one draw in a million is over ten years
 --> test.toml:8:49
  |
8 | steps = [{ id = "x", duration = { exponential = { mean = "300d" } } }]
  |                                                 ^^^^^^^^^^^^^^^^^
  |
  = help: shorten it or make it less spread out

"#]]
    );
}

#[test]
fn a_size_beyond_what_can_be_counted() {
    let text = broken(
        "count = 3",
        r#"count = 3
estate.sites.bytes = "20000 PiB""#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: `20000 PiB` is more than 16 EiB
 --> test.toml:4:22
  |
4 | estate.sites.bytes = "20000 PiB"
  |                      ^^^^^^^^^^^
  |
  = help: write an amount that a store can hold

"#]]
    );
}

#[test]
fn a_number_outside_of_its_range() {
    let text = broken("count = 3", "count = 0");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: `0` is no possible number of sites; it lies between 1 and 10000000
 --> test.toml:3:22
  |
3 | estate.sites.count = 0
  |                      ^

"#]]
    );
}

#[test]
fn an_exponent_that_is_not_a_number() {
    let text = broken(r#"id = "x""#, r#"id = "x", grows_with = { users = nan }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: `NaN` is no possible exponent; it lies between -3 and 3
 --> test.toml:8:45
  |
8 | steps = [{ id = "x", grows_with = { users = nan }, duration = "1h" }]
  |                                             ^^^

"#]]
    );
}

#[test]
fn a_share_above_all() {
    let text = broken(r#"id = "x""#, r#"id = "x", fails = { probability = "120%" }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-share]: `120%` is not between 0% and 100%
 --> test.toml:8:46
  |
8 | steps = [{ id = "x", fails = { probability = "120%" }, duration = "1h" }]
  |                                              ^^^^^^
  |
  = help: write a share such as "95%", or the number 0.95

"#]]
    );
}

#[test]
fn a_share_in_a_text_without_its_sign() {
    let text = broken(r#"id = "x""#, r#"id = "x", fails = { probability = "0.25" }"#);
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[bad-share]: `0.25` has no `%`
 --> test.toml:8:46
  |
8 | steps = [{ id = "x", fails = { probability = "0.25" }, duration = "1h" }]
  |                                              ^^^^^^
  |
  = help: write as many percent as you mean: is it "0.25%"?

"#]]
    );
    let text = broken(r#"id = "x""#, r#"id = "x", fails = { probability = 25 }"#);
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[bad-share]: `25` is not between 0% and 100%
 --> test.toml:8:46
  |
8 | steps = [{ id = "x", fails = { probability = 25 }, duration = "1h" }]
  |                                              ^^
  |
  = help: write "25%"

"#]]
    );
}

#[test]
fn a_share_has_one_reader_in_files_and_flags() {
    let text = broken(r#"id = "x""#, r#"id = "x", fails = { probability = 0.25 }"#);
    let share = |text: &str| {
        let scenario = scenario(text);
        let step = &scenario.runbooks.as_slice()[0].steps.as_slice()[0];
        step.failure.expect("it fails").probability.fraction()
    };
    assert_eq!(share(&text), 0.25);
    assert_eq!(share(&text.replace("= 0.25 }", "= \"0.25%\" }")), 0.0025);
    let practical =
        |it: &str| blackstart(&["check", "x.toml", &format!("--practical={it}")]).stderr;
    for refused in ["0.25", "25", "nan", "a quarter", "0,25%", "101%", "-1%"] {
        let told = practical(refused);
        assert!(told.starts_with("error: invalid value"), "{refused}: {told}");
    }
    assert!(practical("0.25").contains("has no `%`: write `0.25%`"), "{}", practical("0.25"));
    assert!(!practical("0.25%").contains("invalid value"));
}

#[test]
fn regions_that_do_not_add_up() {
    let text = broken(
        "count = 3",
        r#"count = 3
estate.sites.regions = { eu = "50%", us = "40%" }"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-share]: the shares of the regions add up to 90.0%
 --> test.toml:4:26
  |
4 | estate.sites.regions = { eu = "50%", us = "40%" }
  |                          ^^
  |
  = help: they must add up to 100%

"#]]
    );
}

#[test]
fn parameters_that_describe_no_distribution() {
    let text = broken(r#""1h""#, r#"{ pert = { min = "2h", mode = "1h", max = "3h" } }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-distribution]: mode must be between min and max
 --> test.toml:8:42
  |
8 | steps = [{ id = "x", duration = { pert = { min = "2h", mode = "1h", max = "3h" } } }]
  |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]]
    );
}

#[test]
fn keys_that_make_no_lognormal() {
    let text = broken(r#""1h""#, r#"{ lognormal = { p50 = "1h" } }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-distribution]: these keys do not make a lognormal distribution
 --> test.toml:8:47
  |
8 | steps = [{ id = "x", duration = { lognormal = { p50 = "1h" } } }]
  |                                               ^^^^^^^^^^^^^^
  |
  = help: give `mean` and `cv`, or two of `p10`, `p50`, `p90`, or `p50` and `sigma`

"#]]
    );
}

#[test]
fn values_of_no_number() {
    let text = broken(r#""1h""#, "{ empirical = { values = [] } }");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-distribution]: at least one value is needed
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = { empirical = { values = [] } } }]
  |                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

"#]]
    );
}

#[test]
fn a_date_without_quotes() {
    let text =
        broken("incident.deletions", "incident.at = 2026-03-02T14:00:00Z\nincident.deletions");
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[wrong-type]: `2026-03-02T14:00:00Z` stands where a text is due
 --> test.toml:4:15
  |
4 | incident.at = 2026-03-02T14:00:00Z
  |               ^^^^^^^^^^^^^^^^^^^^
  |
  = help: write it in quotes: "2026-03-02T14:00:00Z"

"#]]
    );
}

#[test]
fn a_time_of_day_without_quotes() {
    let shift = "{ zone = \"UTC\", from = 08:00, to = \"16:00\", people = 1 }";
    let text = broken("people = 2", &format!("roster = [{shift}]"));
    let text = text.replace("incident.del", "incident.at = \"2026-03-02T14:00:00Z\"\nincident.del");
    let told = faults(&text);
    assert!(told.contains("= help: write it in quotes: \"08:00\""), "{told}");
    assert_eq!(told.matches("error[").count(), 1, "{told}");
}

#[test]
fn a_decimal_comma() {
    assert_data_eq!(
        faults(&broken("\"1h\"", "\"1,5h\"")),
        str![[r#"
error[bad-quantity]: `1,5h` has a comma in its number; the decimal sign is a point
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = "1,5h" }]
  |                                 ^^^^^^
  |
  = help: write a length of time such as "2d 4h"

"#]]
    );
    for (place, other) in [
        ("\"r\" }", "\"r\", closes = \"T+1,5h\" }"),
        ("count = 3", "inactive = \"2,5%\"\nestate.sites.count = 3"),
        ("count = 3", "bytes = \"1,5 GiB\"\nestate.sites.count = 3"),
    ] {
        let told = faults(&broken(place, other));
        assert!(told.contains(" has a comma in its number; the decimal sign is a point"), "{told}");
    }
}

#[test]
fn a_decimal_comma_without_quotes() {
    assert_data_eq!(
        faults(&broken("\"1h\"", "1,5h")),
        str![[r#"
error[unknown-key]: unknown key `5h`
 --> test.toml:8:35
  |
8 | steps = [{ id = "x", duration = 1,5h }]
  |                                   ^^
  |
  = help: choose from `id`, `title`, `key`, `phase`, `per`, `when`, `for_each`, `after`, `team`, `people`, `teams`, `uses`, `holds`, `keep`, `duration`, `transfer`, `grows_with`, `learning`, `automated_after`, `fails`, `restore_point`, `reaches_customer`, `hand_over` or `frees_slot`

error[syntax]: invalid literal string, expected `'`
 --> test.toml:8:38
  |
8 | steps = [{ id = "x", duration = 1,5h }]
  |                                      ^
  |
  = help: the decimal sign is a point: `1.5`, or with a unit and in quotes "1.5h"

"#]]
    );
}

#[test]
fn quotes_of_a_word_processor() {
    let told = faults(&broken("\"1h\"", "\u{201c}1h\u{201d}"));
    assert!(told.contains("= help: texts stand in straight quotes"), "{told}");
}

#[test]
fn a_date_where_a_table_or_a_list_of_something_is_due() {
    let list = faults(&broken("[{}]", "2022-04-05"));
    assert!(
        list.starts_with("error[wrong-type]: `2022-04-05` stands where a list is due"),
        "{list}"
    );
    let named = faults(&broken("[teams.a]\npeople = 2", "teams = 2022-04-05"));
    assert_data_eq!(
        named,
        str![[r#"
error[wrong-type]: `2022-04-05` stands where a table is due
 --> test.toml:5:9
  |
5 | teams = 2022-04-05
  |         ^^^^^^^^^^
  |
  = help: write it in quotes: "2022-04-05"

"#]]
    );
}

#[test]
fn thousands_of_unknown_keys_and_wrong_values_are_told_of_each_once() {
    let keys: String = (0..3_000).map(|it| format!("x{it} = {it}\n")).collect();
    let steps: Vec<String> =
        (0..1_000).map(|it| format!("{{ id = \"s{it}\", duration = {{ typo = 1 }} }}")).collect();
    let text = broken("people = 2\n", &format!("people = 2\n{keys}"))
        .replace("{ id = \"x\", duration = \"1h\" }", &steps.join(", "));
    let checked = checked(&text, &[]);
    let messages: Vec<&str> =
        checked.diagnostics.sorted().iter().map(|it| it.message.as_str()).collect();
    let told = |message: &str| messages.iter().filter(|it| **it == message).count();
    for number in 0..3_000 {
        assert_eq!(told(&format!("unknown key `x{number}`")), 1, "x{number}");
    }
    assert_eq!((told("unknown choice `typo`"), messages.len()), (1_000, 4_000));
    // Nobody reads them all.
    let shown = faults(&text);
    assert_eq!(shown.matches("error[").count(), 100);
    assert!(shown.ends_with("\n\nand 3900 errors more; mend these first\n"), "{shown}");
}

#[test]
fn names_that_are_empty_or_that_nobody_sees() {
    let text = r#"
schema = 1
title = "test"
description = "two\nlines"
estate.sites.count = 3
[[incident.deletions]]
[teams.""]
people = 2
[teams."a\u001b[31m"]
people = 2
# <turn> turned, <turn> twice
[runbooks.r]
steps = [
  { id = "", duration = "1h", note = "two\nlines" },
  { id = "x\ny", duration = "1h" },
  { id = "z<turn>", duration = "1h", title = "\u202e" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    assert_data_eq!(
        faults(&text.replace("<turn>", "\u{202e}")),
        str![[r#"
error[bad-name]: the name is empty
 --> test.toml:7:8
  |
7 | [teams.""]
  |        ^^
  |
  = help: write one, such as `database`

error[bad-name]: nobody sees `/u{1b}`, which is in this text
 --> test.toml:9:8
  |
9 | [teams."a/u001b[31m"]
  |        ^^^^^^^^^^^^^
  |
  = help: take it out

error[bad-name]: `/u{202e}` has what stands behind it read in another order
  --> test.toml:11:3
   |
11 | # � turned, � twice
   |   ^
   |
   = help: take it out

error[bad-name]: the name is empty
  --> test.toml:14:10
   |
14 |   { id = "", duration = "1h", note = "two/nlines" },
   |          ^^
   |
   = help: write one, such as `database`

error[bad-name]: nobody sees `/n`, which is in this text
  --> test.toml:15:10
   |
15 |   { id = "x/ny", duration = "1h" },
   |          ^^^^^^
   |
   = help: take it out

error[bad-name]: `/u{202e}` has what stands behind it read in another order
  --> test.toml:16:12
   |
16 |   { id = "z�", duration = "1h", title = "/u202e" },
   |            ^
   |
   = help: take it out

error[bad-name]: nobody sees `/u{202e}`, which is in this text
  --> test.toml:16:41
   |
16 |   { id = "z�", duration = "1h", title = "/u202e" },
   |                                         ^^^^^^^^
   |
   = help: take it out

"#]]
    );
}

#[test]
fn a_table_without_any_of_the_keys_of_which_it_takes_one() {
    assert_data_eq!(
        faults(&broken("\"1h\"", "{}")),
        str![[r#"
error[wrong-type]: `{}` stands where a table with one key is due
 --> test.toml:8:33
  |
8 | steps = [{ id = "x", duration = {} }]
  |                                 ^^

"#]]
    );
}
