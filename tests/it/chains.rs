//! Whom the binding chain of a site blames where several things happened at once, where something was
//! kept with nobody at work, and where work was given up.

use blackstart::ids::{Id, SiteId};
use blackstart::review;

use crate::support::{scenario, small};

/// The binding chain of a site of the first exercise: hours, kind, track and name, who worked, and
/// what had to become free before.
#[track_caller]
fn check(text: &str, site: usize, expected: &[&str]) {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    let seed = scenario.experiment.seed;
    let why = review::why(&scenario, strategy, seed, 0, SiteId::new(site - 1));
    let chain = why.expect("it is deleted").chain;
    let told: Vec<String> = chain
        .iter()
        .map(|it| {
            let [from, to] = [it.from, it.to].map(|at| at.since_start().as_hours());
            let (cause, held) = (&it.cause, it.cause.held);
            let mut line = format!("{from}-{to} {held:?}");
            for (word, name) in [
                ("", &cause.track),
                ("", &cause.name),
                (" by", &cause.teams),
                (" after", &cause.waited_for),
            ] {
                if !name.is_empty() {
                    line += &format!("{word} {name}");
                }
            }
            line
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn only_what_was_short_is_blamed() {
    // Site 1 frees the person and one of the two slots at 3:00. Site 2 had only waited for the person.
    let text = small(
        2,
        r#"
[teams.a]
people = 1
[limits.slots]
units = 2
[runbooks.r]
sequential = true
steps = [
  { id = "reserve", team = "a", holds = { slots = 1, until = "copy" }, duration = "1h" },
  { id = "copy", team = "a", duration = "2h" },
]
[strategies.s]
priority = "fixed"
tracks = [{ runbook = "r" }]
"#,
    );
    let with = |slots: &str| text.replace("units = 2", slots);
    let expected = |pool: &str| {
        let reserve = format!("3-4 Step r reserve by a after {pool}");
        ["0-1 Step r reserve by a", "1-3 Step r copy by a", &reserve, "4-6 Step r copy by a"]
            .map(str::to_owned)
    };
    check(&with("units = 2"), 2, &expected("a").each_ref().map(String::as_str));
    // With two people the slots are short; with one of each both are, and the person comes first.
    let people = with("units = 1").replace("people = 1", "people = 2");
    check(&people, 2, &expected("slots").each_ref().map(String::as_str));
    check(&with("units = 1"), 2, &expected("a").each_ref().map(String::as_str));
}

#[test]
fn an_inject_that_ends_is_blamed_where_nothing_was_short() {
    let text = small(
        1,
        r#"
[teams.a]
people = 2
[[injects]]
title = "Hands off"
at = "T+0"
lasts = "3h"
freeze = { steps = ["import"] }
[runbooks.r]
steps = [
  { id = "look", team = "a", duration = "3h" },
  { id = "import", team = "a", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    check(&text, 1, &["0-3 Inject Hands off", "3-4 Step r import by a"]);
    // With one person it waits for that, too.
    let text = text.replace("people = 2", "people = 1");
    check(&text, 1, &["0-3 Step r look by a", "3-4 Step r import by a after a"]);
}

/// Site 1 in track `one`, with these steps, site 2 in track `two`, with a step that takes the one
/// database for two hours.
fn one_and_two(steps: &str, more: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.services.db]
shards = 1
backup = {{ full = "1h", retention = "2h" }}
[estate.products]
p.services = ["db"]
[estate.sites]
count = 2
[[incident.deletions]]
[limits.scratch]
units = 1
[runbooks.r]
steps = [{steps}]
[runbooks.q]
steps = [{{ id = "copy", uses = {{ scratch = 1 }}, duration = "2h" }}]
[[strategies.s.tracks]]
id = "one"
runbook = "r"
batch.in_flight = 1
{more}
[[strategies.s.tracks]]
id = "two"
runbook = "q"
"#
    )
}

const LOAD: &str = r#"
  { id = "load", per = "shard", for_each = { service = "db" }, holds = { scratch = 1 }, duration = "3h" },
  { id = "extract", for_each = { service = "db" }, after = ["load"], duration = "1h" },
"#;

#[test]
fn what_waits_for_a_load_that_is_kept_follows_the_last_work_with_it() {
    let text = one_and_two(LOAD, "");
    check(
        &text,
        2,
        &["0-3 Step one load/db", "3-4 Step one extract/db", "4-6 Step two copy after scratch"],
    );
    let text = text.replace("duration = \"3h\"", "duration = \"3h\", keep = \"4h\"");
    check(
        &text,
        2,
        &[
            "0-3 Step one load/db",
            "3-4 Step one extract/db",
            "4-8 Capacity scratch",
            "8-10 Step two copy after scratch",
        ],
    );
}

#[test]
fn a_load_for_which_nothing_is_left_was_no_work() {
    let point = "restore_point = { fixed = \"3h\" }, duration = \"1h\"";
    let text = one_and_two(&LOAD.replace("duration = \"1h\"", point), "");
    check(&text, 2, &["0-2 Step two copy"]);
}

#[test]
fn a_load_that_is_given_up_was_work() {
    let text = one_and_two(LOAD, "closes = \"T+2h\"\non_close = \"move\"");
    check(&text, 2, &["0-2 Step one load/db", "2-4 Step two copy after scratch"]);
}

#[test]
fn what_waits_for_a_hold_of_a_site_that_is_given_up_follows_the_last_work_of_that_site() {
    let steps = r#"
  { id = "reserve", holds = { scratch = 1, until = "finish" }, duration = "1h" },
  { id = "look", after = ["reserve"], duration = "2h" },
  { id = "finish", after = ["look"], team = "late", duration = "1h" },
"#;
    let more = "closes = \"T+5h\"\non_close = \"move\"";
    let team = "[teams.late]\npeople = [{ at = \"T+20h\", people = 1 }]\n[limits.scratch]";
    let text = one_and_two(steps, more).replace("[limits.scratch]", team);
    check(
        &text,
        2,
        &[
            "0-1 Step one reserve",
            "1-3 Step one look",
            "3-5 Capacity scratch",
            "5-7 Step two copy after scratch",
        ],
    );
}

#[test]
fn what_waits_for_units_of_a_paused_attempt_that_is_given_up_follows_that_attempt() {
    let steps = r#"{ id = "import", team = "day", uses = { scratch = 1 }, duration = "4h" }"#;
    let more = "closes = \"T+5h\"\non_close = \"move\"";
    let people = "people = [{ at = \"T+0\", people = 1 }, { at = \"T+2h\", people = 0 }]";
    let team = format!("[teams.day]\n{people}\nat_shift_end = \"hand_over\"\n[limits.scratch]");
    let text = one_and_two(steps, more).replace("[limits.scratch]", &team);
    check(
        &text,
        2,
        &["0-2 Step one import by day", "2-5 Capacity scratch", "5-7 Step two copy after scratch"],
    );
}

#[test]
fn an_attempt_that_pauses_keeps_its_units_and_goes_on_with_them() {
    // Site 1 pauses from 2:00 to 4:00, when site 2 ends and the person is back; site 3 begins as site
    // 2 ends, and ends as site 1 goes on.
    let text = small(
        3,
        r#"
[teams.a]
people = [{ at = "T+0", people = 1 }, { at = "T+2h", people = 0 }, { at = "T+4h", people = 1 }]
at_shift_end = "hand_over"
[limits.slots]
units = 2
[runbooks.r]
steps = [{ id = "import", team = "a", uses = { slots = 1 }, duration = "4h" }]
[runbooks.q]
steps = [{ id = "copy", uses = { slots = 1 }, duration = "2h" }]
[[strategies.s.tracks]]
id = "one"
runbook = "r"
batch.in_flight = 1
[[strategies.s.tracks]]
id = "two"
runbook = "q"
"#,
    );
    check(&text, 3, &["0-2 Step two copy", "2-4 Step two copy after slots"]);
    check(&text, 1, &["0-2 Step one import by a", "2-4 Capacity a", "4-6 Step one import by a"]);
}

#[test]
fn a_site_stays_with_a_track_that_finishes_after_its_close() {
    let text = small(
        1,
        r#"
[[injects]]
at = "T+4h"
deletion = {}
[runbooks.slow]
steps = [{ id = "by-hand", duration = "9h" }]
[runbooks.fast]
steps = [{ id = "script", duration = "1h" }]
[strategies.s]
tracks = [
  { runbook = "slow", closes = "T+2h", on_close = "finish" },
  { runbook = "fast" },
]
"#,
    );
    check(&text, 1, &["0-4 GivenUp slow", "4-5 Step fast script"]);
    // With a track that moves it is given up before, and the other one has it until it is deleted.
    let text = text.replace("finish", "move").replace("\"1h\"", "\"3h\"");
    check(&text, 1, &["0-2 GivenUp slow", "2-4 GivenUp fast", "4-7 Step fast script"]);
}
