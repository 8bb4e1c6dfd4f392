//! Transfers that share bandwidth.

use blackstart::experiment::{self, Design, Outcome};
use blackstart::review;
use blackstart::scenario::check_texts;

use crate::support::{
    fresh_folder, hours, in_process, only, read, restored, results, scenario, starts, texts,
    timeline, trace,
};

const TIB: u128 = 1 << 40;

/// Sites of 6 GiB over a link of 6 GiB/h: alone each takes an hour.
fn link(sites: u32, rest: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.sites]
count = {sites}
bytes = "6 GiB"
[[incident.deletions]]
{rest}
"#
    )
}

const COPY: &str = r#"
[throughput.link]
rate = "6 GiB/h"
[runbooks.r]
steps = [{ id = "copy", transfer = { bytes = "site", through = "link" } }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

fn rtas(outcome: &Outcome) -> Vec<f64> {
    let hours = |row: usize| {
        let back = outcome.restorations[row].restored_at().expect("it is back");
        back.since_start().as_hours() - row as f64
    };
    (0..outcome.restorations.len()).map(hours).collect()
}

#[test]
fn the_scenario_comes_to_what_its_head_calculates() {
    let scenario = scenario(&read("scenarios/shared-bandwidth.toml"));
    let design = Design { replications: 2, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let told: Vec<Vec<f64>> = results.strategies.iter().map(|it| rtas(&it.unpacked()[1])).collect();
    assert_eq!(told, [[3.5, 4.5, 4.0], [2.0, 3.0, 4.0], [1.0, 1.0, 1.0]]);
    for strategy in &results.strategies {
        let tally = strategy.unpacked()[0].throughputs[0];
        assert_eq!(tally.moved, 12 * TIB);
        assert_eq!(tally.capacity, 12 * TIB, "it is never idle");
        let work: u64 = strategy.unpacked()[0].steps.iter().map(|it| it.work).sum();
        assert_eq!(u128::from(work), tally.transfer_ms);
    }
    let verdicts: Vec<bool> = told.iter().map(|it| it.iter().all(|rta| *rta <= 4.0)).collect();
    assert_eq!(verdicts, [false, true, true]);
}

#[test]
fn equal_transfers_end_together_when_all_is_moved() {
    assert_eq!(restored(&link(3, COPY)), "3:00 site-0001\n3:00 site-0002\n3:00 site-0003\n");
    // As many as do not divide the unit of work end within the millisecond.
    let outcome = trace(&link(17, COPY), 0).outcome;
    assert!((hours(17)..=hours(17) + 1).contains(&outcome.makespan.as_millis()));
    assert_eq!(outcome.throughputs[0].moved, 17 * 6 * TIB / 1024);
}

#[test]
fn an_end_slows_nobody_and_speeds_up_the_rest() {
    // A person hands the sites to the link one after the other, every 20 minutes.
    let text = link(
        3,
        r#"
[teams.ops]
people = 1
[throughput.link]
rate = "6 GiB/h"
[runbooks.r]
sequential = true
steps = [
  { id = "ask", team = "ops", duration = "20m" },
  { id = "copy", transfer = { bytes = "site", through = "link" } },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    // At 0:40 the first has 2 GiB; at 1:00 it has 3 and the second 1. Three at 2 GiB/h: the first is
    // done at 2:30, with 4 and 3. Two at 3: the second at 3:10, with 5. The third at 3:20.
    assert_eq!(
        only(&timeline(&text), "finish"),
        "0:20 site-0001/ask\n0:40 site-0002/ask\n1:00 site-0003/ask\n\
         2:30 site-0001/copy\n3:10 site-0002/copy\n3:20 site-0003/copy\n"
    );
}

#[test]
fn a_cap_keeps_one_transfer_from_using_all() {
    let text =
        link(2, &COPY.replace("rate = \"6 GiB/h\"", "rate = \"6 GiB/h\"\ncap = \"1 GiB/h\""));
    assert_eq!(restored(&text), "6:00 site-0001\n6:00 site-0002\n");
    let tally = trace(&text, 0).outcome.throughputs[0];
    assert_eq!((tally.moved, tally.capacity), (12 << 30, 36 << 30));
}

#[test]
fn a_rate_may_change_and_stop_for_a_while() {
    let ramp = r#"rate = [
  { at = "T+0", rate = "6 GiB/h" },
  { at = "detected", rate = "0 B/h" },
  { at = "detected + 2h", rate = "3 MiB/s" },
]
"#;
    let text = link(1, &COPY.replace("rate = \"6 GiB/h\"\n", ramp));
    let text = format!("{text}\n[incident.milestones.detected]\ndelay = \"30m\"\n");
    // Half an hour moves 3 GiB; 3 GiB at 3 MiB/s take 1024 seconds from 2:30.
    assert_eq!(restored(&text), "2:47:04 site-0001\n");
    assert_eq!(trace(&text, 0).outcome.throughputs[0].moved, 6 << 30);
}

#[test]
fn a_link_that_stands_still_for_good_leaves_sites_unfinished_and_counts_the_hours() {
    let ramp =
        "rate = [{ at = \"T+0\", rate = \"6 GiB/h\" }, { at = \"T+30m\", rate = \"0 B/h\" }]";
    let text = link(1, &COPY.replace("rate = \"6 GiB/h\"", ramp));
    let outcome = trace(&format!("{text}\n[experiment]\nhorizon = \"10h\"\n"), 0).outcome;
    assert_eq!(outcome.restorations[0].restored_at(), None);
    assert_eq!(outcome.steps[0].work, hours(10));
    assert_eq!((outcome.throughputs[0].moved, outcome.throughputs[0].capacity), (3 << 30, 3 << 30));
}

#[test]
fn a_transfer_may_need_people_too() {
    let text = link(3, &COPY.replace("id = \"copy\",", "id = \"copy\", team = \"ops\","))
        + "[teams.ops]\npeople = 2\n";
    assert_eq!(restored(&text), "2:00 site-0001\n2:00 site-0002\n3:00 site-0003\n");
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.pools[0].busy, u128::from(hours(5)));
}

#[test]
fn nothing_but_bytes_says_how_long_a_transfer_takes() {
    let certain = results(&link(4, COPY), 3);
    let doubtful = format!("{}[uncertainty]\nsite = 0.5\nstep = 0.5\nteam = 0.5\n", link(4, COPY));
    let doubtful = results(&doubtful, 3);
    for (one, other) in
        certain.strategies[0].unpacked().iter().zip(&doubtful.strategies[0].unpacked())
    {
        assert_eq!(one.restorations, other.restorations);
    }
}

#[test]
fn a_batch_moves_the_bytes_of_its_sites_and_a_share_a_part_of_them() {
    let text = link(
        3,
        r#"
[throughput.link]
rate = "6 GiB/h"
[runbooks.r]
sequential = true
steps = [
  { id = "fetch", per = "batch", transfer = { bytes = "site", through = "link", share = "25%" } },
  { id = "open", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r", batch = { size = 2, in_flight = 1 } }]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001.../fetch\n0:30 site-0001/open\n0:30 site-0002/open\n\
         1:30 site-0003.../fetch\n1:45 site-0003/open\n"
    );
}

#[test]
fn a_batch_moves_and_grows_with_the_sites_that_are_still_in_it() {
    // When `restore` could begin after 3 h, nothing is left to restore the first site from, and the
    // other goes on alone: 12 GiB at 6 GiB/h until 5, and a step of three hours that takes as long
    // as 12 GiB over a median of 6, so 6 h.
    let text = r#"
schema = 1
title = "test"
[estate]
services.db.backup = { full = "1h", retention = "2h" }
products.p.services = ["db"]
products.q.services = []
sites.csv = "sites.csv"
[[incident.deletions]]
[throughput.link]
rate = "6 GiB/h"
[runbooks.r]
sequential = true
steps = [
  { id = "wait", duration = "3h" },
  { id = "restore", for_each = { service = "db" }, restore_point = { fixed = "5m" }, duration = "1h" },
  { id = "copy", per = "batch", transfer = { bytes = "site", through = "link" } },
  { id = "sort", per = "batch", duration = "3h", grows_with = { bytes = 1.0 } },
  { id = "open", duration = "1m" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#;
    let gib = |number: u64| number << 30;
    let csv = format!("site,products,bytes\na,p,{}\nb,q,{}\n", gib(6), gib(12));
    let texts = texts(text, &[("sites.csv", &csv)]);
    let checked = check_texts(&texts, &[]);
    let scenario = checked.scenario.expect("a scenario without a fault");
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    let timeline = review::timeline(&scenario, strategy, 1, 0);
    assert_eq!(only(&timeline, "lost"), "3:00 a\n");
    assert_eq!(only(&timeline, "restored"), "11:01 b\n");
}

#[test]
fn a_shard_is_moved_whole_for_each_service() {
    let text = r#"
schema = 1
title = "test"
[estate.services]
db = { class = "primary", bytes_per_shard = "12 GiB" }
files = { class = "primary", bytes_per_shard = "6 GiB" }
search = { class = "derived" }
[estate.products.app]
services = ["db", "files", "search"]
[estate.sites]
count = 1
[[incident.deletions]]
[throughput.link]
rate = "6 GiB/h"
[runbooks.r]
sequential = true
steps = [
  { id = "load", for_each = { service_class = "primary" }, transfer = { bytes = "shard", through = "link" } },
  { id = "open", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    // Both at 3 GiB/h until the smaller is there, then the rest of the larger alone.
    assert_eq!(
        only(&timeline(text), "finish"),
        "2:00 site-0001/load/files\n3:00 site-0001/load/db\n4:00 site-0001/open\n"
    );
}

#[test]
fn nothing_to_move_takes_no_time_and_no_bandwidth() {
    let text = link(
        2,
        r#"
[throughput.link]
rate = [{ at = "T+1h", rate = "6 GiB/h" }]
[runbooks.r]
steps = [{ id = "copy", transfer = { bytes = "site", through = "link", share = 0 } }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    assert_eq!(restored(&text), "0:00 site-0001\n0:00 site-0002\n");
}

#[test]
fn a_transfer_that_is_given_up_leaves_its_share_to_others() {
    let text = link(
        2,
        r#"
[throughput.link]
rate = "6 GiB/h"
[runbooks.slow]
steps = [{ id = "copy", transfer = { bytes = "site", through = "link" } }]
[runbooks.other]
steps = [{ id = "copy", transfer = { bytes = "site", through = "link", share = "50%" } }]
[strategies.s]
tracks = [
  { id = "a", runbook = "slow", closes = "T+1h", on_close = "move", batch.in_flight = 1 },
  { id = "b", runbook = "other", batch.in_flight = 1 },
]
"#,
    );
    // Until 1:00 each has 3 GiB: the second site is back. The first is moved and begins again.
    assert_eq!(restored(&text), "1:00 site-0002\n1:30 site-0001\n");
    let tally = trace(&text, 0).outcome.throughputs[0];
    assert_eq!((tally.moved, tally.capacity), (9 << 30, 9 << 30));
}

#[test]
fn a_transfer_that_fails_moves_everything_again() {
    let fails = "through = \"link\" }, fails = { probability = 1, attempts = 3 }";
    let text = link(1, &COPY.replace("through = \"link\" }", fails));
    assert_eq!(restored(&text), "3:00 site-0001\n");
    assert_eq!(trace(&text, 0).outcome.throughputs[0].moved, 18 << 30);
}

#[test]
fn ends_of_one_instant_come_by_task_whatever_they_are() {
    // The first and the third step are transfers of an hour, the second a wait of an hour.
    let text = link(
        1,
        r#"
[throughput.one]
rate = "6 GiB/h"
[throughput.two]
rate = "6 GiB/h"
[runbooks.r]
steps = [
  { id = "a", transfer = { bytes = "site", through = "two" } },
  { id = "b", duration = "1h" },
  { id = "c", transfer = { bytes = "site", through = "one" } },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    assert_eq!(
        only(&timeline(&text), "finish"),
        "1:00 site-0001/a\n1:00 site-0001/b\n1:00 site-0001/c\n"
    );
}

#[test]
fn ranks_count_a_transfer_as_if_it_were_alone() {
    // The person does what is longest first: a copy of two hours at the cap, before one of 90 min.
    let text = r#"
schema = 1
title = "test"
[estate.sites]
count = 1
bytes = "6 GiB"
[[incident.deletions]]
[teams.ops]
people = 1
[throughput.link]
rate = "60 GiB/h"
cap = "3 GiB/h"
[runbooks.r]
steps = [
  { id = "short", team = "ops", duration = "90m" },
  { id = "copy", team = "ops", transfer = { bytes = "site", through = "link" } },
]
[strategies.s]
priority = "longest_remaining"
tracks = [{ runbook = "r" }]
"#;
    assert_eq!(starts(text), "0:00 site-0001/copy\n2:00 site-0001/short\n");
}

#[test]
fn reports_say_what_was_moved_and_how_busy_the_link_was() {
    let out = fresh_folder("throughput").join("report");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/shared-bandwidth.toml");
    let capped = "throughput.backup-link.cap=1 TiB/h";
    let words = ["run", scenario, "--set", capped, "--out", &out.to_string_lossy()];
    let ran = in_process(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let file = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file of the report");
    // Each alone takes 4 hours, of which the link could have moved 2 TiB each: 12 of 24.
    let row = "one-after-another,backup-link,throughput,12.0000,0.500000,,,13194139533312\n";
    assert!(file("teams.csv").contains(row), "{}", file("teams.csv"));
    let summary: serde_json::Value = serde_json::from_str(&file("summary.json")).expect("JSON");
    let link = &summary["strategies"][1]["throughputs"][0];
    assert_eq!(link["title"], "The link to the backup store");
    // Ten digits.
    assert_eq!(link["bytes"]["value"], 13194139530000.0);
    assert_eq!(link["bytes"]["unit"], "bytes");
    assert_eq!(link["utilisation"], 0.5);
}

#[test]
fn a_transfer_whose_people_go_leaves_the_link_and_goes_on_with_the_rest() {
    let text = link(
        1,
        r#"
[teams.ops]
people = [{ at = "T+0", people = 1 }, { at = "T+30m", people = 0 }, { at = "T+2h", people = 1 }]
at_shift_end = "hand_over"
[throughput.link]
rate = "6 GiB/h"
[runbooks.r]
steps = [
  { id = "watched", team = "ops", transfer = { bytes = "site", through = "link" } },
  { id = "alone", transfer = { bytes = "site", through = "link" } },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    // At 0:30 each has 1.5 GiB. The other has the link to itself, and is done at 1:15.
    assert_eq!(only(&timeline(&text), "finish"), "1:15 site-0001/alone\n2:45 site-0001/watched\n");
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.steps[0].work, hours(1) + hours(1) / 4);
    assert_eq!(outcome.throughputs[0].moved, 12 << 30);
}
