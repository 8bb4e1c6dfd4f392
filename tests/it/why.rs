//! Where the hours of one site went.

use blackstart::experiment::Restoration;
use blackstart::ids::{Id, SiteId};
use blackstart::review;
use blackstart::review::{Cause, Why};
use blackstart::scenario::{Scenario, check_texts};
use proptest::prelude::*;

use crate::model::models;
use crate::support::{in_process, read, scenario, small, texts};

fn why_of(scenario: &Scenario, replication: u64, site: usize) -> Why {
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    let seed = scenario.experiment.seed;
    review::why(scenario, strategy, seed, replication, SiteId::new(site)).expect("it is deleted")
}

/// The links of a site of the first replication: hours, cause, track, step, and who.
#[track_caller]
fn chain(text: &str, site: usize) -> Vec<String> {
    let why = why_of(&scenario(text), 0, site - 1);
    check_tiling(&why);
    let hours = |at: blackstart::units::SimTime| at.since_start().as_hours();
    let links = why.links.iter().map(|it| {
        let names = [&it.track, &it.step, &it.who].map(String::as_str).join(" ");
        format!("{}-{} {:?} {}", hours(it.from), hours(it.to), it.cause, names.trim())
    });
    links.collect()
}

#[track_caller]
fn check_tiling(why: &Why) {
    let (Some(deleted), Restoration::Restored(at)) = (why.deleted_at, why.end) else {
        assert_eq!(why.links, []);
        return;
    };
    let mut reached = deleted;
    for link in &why.links {
        assert_eq!(link.from, reached, "{:#?}", why.links);
        assert!(link.from < link.to, "{link:?}");
        reached = link.to;
    }
    assert_eq!(reached, at, "{:#?}", why.links);
}

const TWO_PEOPLE: &str = r#"
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
"#;

#[test]
fn a_site_that_waits_for_people_says_for_whom() {
    let text = small(3, TWO_PEOPLE);
    assert_eq!(chain(&text, 1), ["0-3 Work r restore db", "3-3.5 Work r check"]);
    assert_eq!(
        chain(&text, 3),
        ["0-3 People r restore db", "3-6 Work r restore db", "6-6.5 Work r check"]
    );
}

#[test]
fn what_was_done_before_another_deletion_is_not_said_to_have_closed() {
    let text = r#"
schema = 1
title = "a second loss"
estate.services = { files = {}, db = {} }
estate.sites.count = 1
incident.deletions = [{ target.service = "files" }, { at = "T+2h", target.service = "db" }]
[runbooks.r]
steps = [
  { id = "files", for_each.service = "files", duration = "3h" },
  { id = "db", for_each.service = "db", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    assert_eq!(chain(text, 1), ["0-2 Superseded r", "2-5 Work r files/files"]);
    let folder = crate::support::fresh_folder("why-superseded");
    let path = folder.join("two.toml").to_string_lossy().into_owned();
    std::fs::write(&path, text).expect("a folder to write to");
    let told = in_process(&["why", &path, "site-0001"]).stdout;
    assert!(told.contains("in r, which gave it up at another deletion"), "{told}");
}

#[test]
fn a_site_whose_work_pauses_says_until_who_was_back() {
    let text = r#"
[teams.a]
people = [{ at = "T+0", people = 1 }, { at = "T+2h", people = 0 }, { at = "T+5h", people = 1 }]
at_shift_end = "hand_over"
[runbooks.r]
steps = [{ id = "restore", team = "a", duration = "3h" }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    assert_eq!(
        chain(&small(1, text), 1),
        ["0-2 Work r restore a", "2-5 Pause r restore a", "5-6 Work r restore a"]
    );
}

const STANDS_IN: &str = r#"
[teams.a]
people = 1
[teams.b]
people = 1
[[runbooks.r.steps]]
id = "import"
team = "a"
duration = "1h"
fails = { probability = "100%", attempts = 2, escalates_to = { step = "rebuild" } }
[[runbooks.r.steps]]
id = "rebuild"
team = "b"
duration = "3h"
[[runbooks.r.steps]]
id = "agree"
after = ["import"]
per = "batch"
duration = "1h"
[[runbooks.r.steps]]
id = "check"
after = ["agree"]
team = "b"
duration = "2h"
[[strategies.s.tracks]]
runbook = "r"
"#;

#[test]
fn what_stands_in_for_a_step_is_waited_for_behind_a_barrier_that_did_not() {
    assert_eq!(
        chain(&small(1, STANDS_IN), 1),
        [
            "0-1 Failed r import a",
            "1-2 Failed r import a",
            "2-5 Work r rebuild b",
            "5-7 Work r check b"
        ]
    );
}

#[test]
fn a_site_that_is_taken_late_waited_for_its_track_and_then_for_a_slot() {
    let text = small(2, TWO_PEOPLE)
        + "opens = \"detected + 1h\"\nbatch = { in_flight = 1 }\n\
           [incident.milestones.detected]\ndelay = \"2h\"\n";
    assert_eq!(
        chain(&text, 2),
        ["0-3 Opening r  detected", "3-6 Slot r", "6-9 Work r restore db", "9-9.5 Work r check"]
    );
}

#[test]
fn a_track_that_follows_a_once_step_hands_the_chain_on_to_it() {
    let text = small(
        1,
        r#"
[teams.db]
people = 1
[runbooks.build]
supporting = true
steps = [{ id = "write", per = "once", team = "db", duration = "5h" }]
[runbooks.r]
steps = [
  { id = "learn", per = "once", duration = "1h" },
  { id = "run", team = "db", duration = "2h" },
]
[strategies.s]
tracks = [{ runbook = "build" }, { runbook = "r", opens = "build.write" }]
"#,
    );
    assert_eq!(
        chain(&text, 1),
        ["0-5 Work build write db", "5-6 Work r learn", "6-8 Work r run db"]
    );
}

#[test]
fn a_barrier_is_a_wait_for_the_others_of_the_batch() {
    let text = small(
        2,
        r#"
[teams.db]
people = 1
[runbooks.r]
steps = [
  { id = "load", team = "db", duration = "2h" },
  { id = "agree", per = "batch", after = ["load"], duration = "1h" },
  { id = "open", after = ["agree"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r", batch = { size = 2 } }]
"#,
    );
    let rest = ["4-5 Work r agree", "5-6 Work r open"];
    assert_eq!(chain(&text, 1), [&["0-2 Work r load db", "2-4 Batch r agree"][..], &rest].concat());
    assert_eq!(
        chain(&text, 2),
        [&["0-2 People r load db", "2-4 Work r load db"][..], &rest].concat()
    );
}

#[test]
fn failed_attempts_and_what_is_done_again_are_told_apart() {
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "load", duration = "2h" },
  { id = "check", after = ["load"], duration = "1h", fails = { probability = "100%", attempts = 2, retry_from = "load" } },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    assert_eq!(
        chain(&text, 1),
        ["0-2 Work r load", "2-3 Failed r check", "3-5 Rework r load", "5-6 Rework r check",]
    );
}

#[test]
fn a_site_that_its_track_gives_up_lost_the_time_there() {
    let text = small(
        1,
        r#"
[runbooks.slow]
steps = [{ id = "by-hand", duration = "9h" }]
[runbooks.fast]
steps = [{ id = "script", duration = "1h" }]
[strategies.s]
tracks = [
  { runbook = "slow", closes = "T+4h", on_close = "move" },
  { runbook = "fast", opens = "T+6h" },
]
"#,
    );
    assert_eq!(chain(&text, 1), ["0-6 Opening fast", "6-7 Work fast script"]);
    let text = text.replace("T+6h", "T+2h").replace("tracks = [", "tracks = [\n");
    assert_eq!(chain(&text, 1), ["0-4 GivenUp slow", "4-5 Work fast script"]);
}

/// The first of two sites is deleted again at 1:00, while its batch agrees; the batch goes on with
/// the other.
fn passed_on(batch: &str) -> Vec<Vec<String>> {
    let text = format!(
        r#"
schema = 1
title = "test"
[estate]
sites = {{ csv = "sites.csv", tiers = [{{ tier = "x" }}, {{ tier = "y" }}] }}
[[incident.deletions]]
[teams]
a.people = 2
[runbooks.r]
sequential = true
steps = [
  {{ id = "agree", per = "batch", team = "a", duration = "2h" }},
  {{ id = "restore", team = "a", duration = "1h" }},
]
[[strategies.s.tracks]]
runbook = "r"
batch = {batch}
[[injects]]
at = "T+1h"
deletion = {{ sites = {{ tiers = ["x"] }} }}
"#
    );
    let texts = texts(&text, &[("sites.csv", "site,tier\na,x\nb,y\n")]);
    let checked = check_texts(&texts, &[]);
    let faults = checked.diagnostics.render(&checked.sources, false);
    let scenario = checked.scenario.unwrap_or_else(|| panic!("{faults}"));
    let links = |site: usize| {
        let why = why_of(&scenario, 0, site);
        check_tiling(&why);
        let hours = |at: blackstart::units::SimTime| at.since_start().as_hours();
        let link = |it: &review::Link| {
            format!("{}-{} {:?} {}", hours(it.from), hours(it.to), it.cause, it.step)
        };
        why.links.iter().map(link).collect()
    };
    vec![links(0), links(1)]
}

#[test]
fn a_batch_that_another_site_stands_for_is_still_known() {
    // Both batches agree from 1:00 to 3:00, for the first time.
    let both = passed_on("{ size = 2 }");
    assert_eq!(both[0], ["0-1 Superseded ", "1-3 Work agree", "3-4 Work restore"]);
    assert_eq!(both[1], ["0-1 Batch agree", "1-3 Work agree", "3-4 Work restore"]);
    // With one batch at a time the first site waits for the other to be done at 4:00.
    let in_turn = passed_on("{ size = 2, in_flight = 1 }");
    assert_eq!(in_turn[0], ["0-1 Superseded ", "1-4 Slot ", "4-6 Work agree", "6-7 Work restore"]);
    assert_eq!(in_turn[1], both[1]);
}

#[test]
fn a_site_that_is_lost_or_not_back_has_no_chain() {
    let text = small(1, TWO_PEOPLE).replace("title", "experiment.horizon = \"2h\"\ntitle");
    let why = why_of(&scenario(&text), 0, 0);
    assert_eq!((why.end, why.links.len()), (Restoration::Unfinished, 0));
}

#[test]
fn a_site_that_waits_for_its_shard_says_for_which_load() {
    let text = read("scenarios/shared-shards.toml");
    let scenario = scenario(&text);
    for deleted in &scenario.incident.deleted {
        let why = why_of(&scenario, 0, deleted.site.index());
        check_tiling(&why);
        assert!(why.links.iter().any(|it| it.cause == Cause::Load), "{:#?}", why.links);
        assert!(why.links.iter().all(|it| it.cause != Cause::Unknown), "{:#?}", why.links);
    }
    // The first of all: three hours of loading, one of extracting.
    let first = chain(&text, 2);
    assert!(first[0].starts_with("0-3 Load ") && first[1].starts_with("3-4 Work "), "{first:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_chain_of_every_site_tiles_its_outage_and_is_known(model in models()) {
        let scenario = scenario(&model.text());
        for site in 0..model.sites {
            let why = why_of(&scenario, 0, site);
            check_tiling(&why);
            prop_assert!(why.links.iter().all(|it| it.cause != Cause::Unknown), "{:#?}", why.links);
        }
    }
}

const QUICKSTART: &str = "scenarios/quickstart.toml";

#[test]
fn every_site_of_the_shipped_scenarios_has_a_chain_without_a_gap() {
    for name in ["quickstart", "graham", "template", "injects", "rework", "rosters", "escalation"] {
        let scenario = scenario(&read(&format!("scenarios/{name}.toml")));
        for deleted in &scenario.incident.deleted {
            check_tiling(&why_of(&scenario, 1, deleted.site.index()));
        }
    }
}

#[test]
fn the_story_is_told_in_sentences_that_add_up() {
    let site = read("scenarios/quickstart.toml");
    let deleted = scenario(&site).incident.deleted[2].site.index() + 1;
    let name = format!("site-{deleted:04}");
    let ran = in_process(&["why", QUICKSTART, &name, "--replications", "21"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with(&format!("{name} was away for ")), "{}", ran.stdout);
    assert!(ran.stdout.contains("is the middle one of 21 exercises"), "{}", ran.stdout);
    assert!(ran.stdout.contains("| 100.0%\n"), "{}", ran.stdout);
    let (_, command) = ran.stdout.rsplit_once("Reproduce with: blackstart ").expect("a command");
    let words: Vec<&str> = command.split_whitespace().collect();
    let again = in_process(&words);
    let story = |text: &str| text.split_once("How it went").map(|it| it.1.to_owned());
    assert_eq!(story(&again.stdout), story(&ran.stdout));
}

#[test]
fn a_site_that_does_not_exist_ends_with_3_and_a_suggestion() {
    let ran = in_process(&["why", QUICKSTART, "site-003"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("there is no site `site-003`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("did you mean `site-"), "{}", ran.stderr);
}
