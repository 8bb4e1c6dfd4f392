//! Work that fails too often and is taken over by others; and what holds whatever goes wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use blackstart::experiment::Restoration;
use blackstart::review::{Trace, What};
use proptest::prelude::*;

use crate::support::{hours, last_back, only, read, restored, small, starts, timeline, trace};

fn sites(sites: u32, rest: &str) -> String {
    small(sites, &format!("{rest}\n[[strategies.s.tracks]]\nrunbook = \"r\"\nbatch.size = 2\n"))
}

#[test]
fn the_one_senior_is_the_bottleneck_that_more_tries_fill_later() {
    let text = read("scenarios/escalation.toml");
    let expected = [("three-tries", 28.0), ("one-try", 20.0), ("rebuild-at-last", 24.0)];
    assert_eq!(last_back(&text), expected.map(|(name, hours)| (name.to_owned(), hours)));
    let three_tries = "16:00 site-0001\n20:00 site-0002\n24:00 site-0003\n28:00 site-0004\n";
    assert_eq!(restored(&text), three_tries);
}

#[test]
fn all_attempts_may_fail_and_then_the_team_does_it_once_more() {
    let text = sites(
        1,
        r#"
[teams.a]
people = 2
[teams.b]
people = 3
[runbooks.r]
steps = [{ id = "x", team = "a", people = 2, duration = "1h", fails = { probability = 1, attempts = 2, escalates_to = { team = "b" } } }]
"#,
    );
    assert_eq!(only(&timeline(&text), "escalate"), "2:00 site-0001/x\n");
    assert_eq!(starts(&text), "0:00 site-0001/x\n1:00 site-0001/x\n2:00 site-0001/x\n");
    let outcome = trace(&text, 0).outcome;
    let step = outcome.steps[0];
    assert_eq!((step.attempts, step.failures, step.escalations), (3, 2, 1));
    // Two people of either team.
    let busy: Vec<u128> = outcome.pools.iter().map(|it| it.busy).collect();
    assert_eq!(busy, [u128::from(hours(4)), u128::from(hours(2))]);
}

#[test]
fn a_step_that_takes_over_is_done_in_no_other_case() {
    let text = |chance: u32| {
        sites(
            1,
            &format!(
                r#"
[runbooks.r]
sequential = true
steps = [
  {{ id = "x", duration = "1h", fails = {{ probability = {chance}, attempts = 1, escalates_to = {{ step = "rebuild" }} }} }},
  {{ id = "rebuild", duration = "5h" }},
  {{ id = "open", duration = "1h" }},
]
"#
            ),
        )
    };
    assert_eq!(starts(&text(0)), "0:00 site-0001/x\n1:00 site-0001/open\n");
    assert_eq!(starts(&text(1)), "0:00 site-0001/x\n1:00 site-0001/rebuild\n6:00 site-0001/open\n");
    assert_eq!(restored(&text(1)), "7:00 site-0001\n");
}

#[test]
fn what_takes_over_may_itself_be_tried_again() {
    let text = sites(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "x", duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "rebuild" } } },
  { id = "rebuild", duration = "5h", fails = { probability = 1, attempts = 2 } },
]
"#,
    );
    assert_eq!(restored(&text), "11:00 site-0001\n");
}

#[test]
fn a_defect_found_too_often_escalates_to_a_step() {
    let text = sites(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "a", duration = "1h" },
  { id = "x", duration = "2h", fails = { probability = 1, attempts = 2, found_by = "check", retry_from = "a", escalates_to = { step = "rebuild" } } },
  { id = "rebuild", duration = "5h" },
  { id = "check", duration = "1h" },
]
"#,
    );
    // Those who take over begin with x itself, wherever the others began again.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/a
1:00 site-0001/x
3:00 site-0001/check
4:00 site-0001/a
5:00 site-0001/x
7:00 site-0001/check
8:00 site-0001/rebuild
13:00 site-0001/check
"
    );
    let steps = trace(&text, 0).outcome.steps;
    assert_eq!((steps[3].failures, steps[1].escalations), (2, 1));
}

#[test]
fn what_was_taken_over_stays_with_those_who_have_it() {
    // check sends back all of it; x is done by the others again.
    let text = sites(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "x", duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "rebuild" } } },
  { id = "rebuild", duration = "5h" },
  { id = "check", duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "x" } },
]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/x
1:00 site-0001/rebuild
6:00 site-0001/check
7:00 site-0001/rebuild
12:00 site-0001/check
"
    );
    assert_eq!(trace(&text, 0).outcome.steps[0].escalations, 1);
}

/// Two sites of which the first escalates, with a barrier after the work.
fn barrier(steps: &str) -> String {
    r#"
schema = 1
title = "test"
[estate.services]
plain = {}
odd = {}
[estate.products]
main = { services = ["plain"] }
rare = { services = ["odd"] }
[estate.sites]
count = 2
products = { main = "100%", rare = "50%" }
[experiment]
population_seed = SEED
[[incident.deletions]]
[runbooks.r]
steps = [
STEPS]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#
    .replace("STEPS", steps)
}

/// The text with an estate in which the first site alone has the rare product.
fn with_an_odd_first_site(text: &str) -> String {
    let is_odd = |seed: &u32| {
        let estate = crate::support::scenario(&text.replace("SEED", &seed.to_string())).estate;
        let has: Vec<bool> = estate.sites.iter().map(|it| it.products.count_ones() == 2).collect();
        has == [true, false]
    };
    let seed = (0..200).find(is_odd).expect("one estate in four is so");
    text.replace("SEED", &seed.to_string())
}

#[test]
fn a_barrier_goes_on_without_a_site_that_has_escalated() {
    let text = with_an_odd_first_site(&barrier(
        r#"
  { id = "load", for_each = { service = "odd" }, duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "rebuild" } } },
  { id = "rebuild", for_each = { service = "odd" }, duration = "9h" },
  { id = "prepare", duration = "2h" },
  { id = "agree", per = "batch", after = ["load", "prepare"], duration = "1h" },
  { id = "open", after = ["agree"], duration = "1h" },
"#,
    ));
    // The other site opens at once; its own opening waits for the rebuild.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/load/odd
0:00 site-0001/prepare
0:00 site-0002/prepare
1:00 site-0001/rebuild/odd
2:00 site-0001.../agree
3:00 site-0002/open
10:00 site-0001/open
"
    );
    assert_eq!(restored(&text), "4:00 site-0002\n11:00 site-0001\n");
}

#[test]
fn later_barriers_do_not_wait_for_it_either() {
    let text = with_an_odd_first_site(&barrier(
        r#"
  { id = "load", for_each = { service = "odd" }, duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "rebuild" } } },
  { id = "rebuild", for_each = { service = "odd" }, duration = "9h" },
  { id = "prepare", after = ["load"], duration = "2h" },
  { id = "agree", per = "batch", after = ["prepare"], duration = "1h" },
  { id = "try", after = ["agree"], duration = "1h" },
  { id = "tell", per = "batch", after = ["try"], duration = "1h" },
  { id = "open", after = ["tell"], duration = "1h" },
"#,
    ));
    assert_eq!(
        starts(&text),
        "0:00 site-0001/load/odd
0:00 site-0002/prepare
1:00 site-0001/rebuild/odd
2:00 site-0001.../agree
3:00 site-0002/try
4:00 site-0001.../tell
5:00 site-0002/open
10:00 site-0001/prepare
12:00 site-0001/try
13:00 site-0001/open
"
    );
}

#[test]
fn a_batch_step_and_a_once_step_escalate_too() {
    let text = sites(
        2,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "build", per = "once", duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "buy" } } },
  { id = "buy", per = "once", duration = "3h" },
  { id = "load", per = "batch", duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "copy" } } },
  { id = "copy", per = "batch", duration = "3h" },
  { id = "open", duration = "1h" },
]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 r.build
1:00 r.buy
4:00 site-0001.../load
5:00 site-0001.../copy
8:00 site-0001/open
8:00 site-0002/open
"
    );
}

#[test]
fn a_track_that_closes_takes_back_what_others_have_taken_over() {
    let text = small(
        1,
        r#"
[teams.a]
people = 1
[runbooks.r]
steps = [
  { id = "x", duration = "1h", fails = { probability = 1, attempts = 1, escalates_to = { step = "rebuild" } } },
  { id = "rebuild", team = "a", duration = "5h" },
]
[runbooks.q]
steps = [{ id = "y", team = "a", duration = "1h" }]
[strategies.s]
tracks = [{ runbook = "r", closes = "T+3h", on_close = "move" }, { runbook = "q" }]
"#,
    );
    assert_eq!(only(&timeline(&text), "abort"), "3:00 site-0001/rebuild\n");
    assert_eq!(restored(&text), "4:00 site-0001\n");
}

#[test]
fn a_store_that_is_rebuilt_has_the_recovery_point_of_the_rebuild() {
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "24h", log = "continuous" }
[estate.sites]
count = 1
[[incident.deletions]]
[runbooks.r]
steps = [
  { id = "load", for_each = { service = "db" }, duration = "1h", restore_point = { fixed = "5m" }, fails = { probability = 1, attempts = 1, escalates_to = { step = "old" } } },
  { id = "old", for_each = { service = "db" }, duration = "1h", restore_point = { fixed = "1d" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#;
    let loss = trace(text, 0).outcome.data_loss[0];
    let millis = [loss.at_hand_over, loss.inconsistency].map(|it| it.unwrap().as_millis());
    assert_eq!(millis, [hours(24), 0]);
}

#[test]
fn the_report_counts_escalations_where_there_may_be_some() {
    let folder = crate::support::fresh_folder("escalations");
    let out = folder.join("report");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/escalation.toml");
    let words = ["run", scenario, "--replications", "20", "--out", &out.to_string_lossy()];
    let ran = crate::support::in_process(&words);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stdout.matches(" tasks escalated ").count(), 3, "{}", ran.stdout);
    let steps = std::fs::read_to_string(out.join("steps.csv")).expect("a file of the report");
    let counted: Vec<&str> =
        steps.lines().map(|it| it.rsplit(',').nth(1).expect("a last column but one")).collect();
    assert_eq!(counted, ["escalations_mean", "4.0000", "4.0000", "4.0000", "0.0000"]);
}

/// What a random step is made from; what does not fit is left out.
type Gene = (u8, u8, u8, u8, u8);

/// A step as the generator has it.
struct Made {
    batch: bool,
    after: Vec<usize>,
}

/// Whether a step comes before another on a path of steps that count.
fn is_before(steps: &[Made], first: usize, second: usize, sites_only: bool) -> bool {
    steps[second].after.iter().any(|it| {
        *it == first
            || ((!sites_only || !steps[*it].batch) && is_before(steps, first, *it, sites_only))
    })
}

/// Random steps of a runbook, in which much goes wrong.
fn steps(genes: &[Gene]) -> (String, Vec<Made>) {
    let mut made: Vec<Made> = Vec::new();
    for (index, (kind, after, ..)) in genes.iter().enumerate() {
        let last = index + 1 == genes.len();
        made.push(Made {
            batch: kind % 4 == 0 && !last,
            after: (0..index).filter(|it| last || after >> (it % 8) & 1 == 1).collect(),
        });
    }
    let mut text = String::new();
    for (index, (kind, _, people, minutes, fails)) in genes.iter().enumerate() {
        let own = &made[index];
        let names: Vec<String> = own.after.iter().map(|it| format!("\"s{it}\"")).collect();
        let per = if own.batch { "batch" } else { "site" };
        write!(
            text,
            "  {{ id = \"s{index}\", per = \"{per}\", after = [{}], duration = \"{}m\"",
            names.join(", "),
            minutes % 50 + 1
        )
        .expect("a string takes any text");
        if people % 3 > 0 {
            write!(text, ", team = \"a\", people = {}", people % 3).expect("a string");
        }
        let mut takes_over = false;
        if fails % 4 > 0 {
            let chance = [30, 70, 100][usize::from(fails % 4) - 1];
            let attempts = 1 + u32::from(kind / 4 % 3);
            write!(text, ", fails = {{ probability = \"{chance}%\", attempts = {attempts}")
                .expect("a string");
            let alike = |it: usize| made[it].batch == own.batch;
            let later: Vec<usize> = (index + 1..genes.len())
                .filter(|it| alike(*it) && is_before(&made, index, *it, !own.batch))
                .collect();
            if fails & 0x10 != 0 && !later.is_empty() {
                let finder = later[usize::from(fails >> 5) % later.len()];
                write!(text, ", found_by = \"s{finder}\"").expect("a string");
            }
            let earlier: Vec<usize> = (0..index)
                .filter(|it| alike(*it) && is_before(&made, *it, index, !own.batch))
                .collect();
            if fails & 0x08 != 0 && !earlier.is_empty() {
                let from = earlier[usize::from(fails >> 5) % earlier.len()];
                write!(text, ", retry_from = \"s{from}\"").expect("a string");
            }
            takes_over = minutes & 0x40 != 0;
            if takes_over {
                write!(text, ", escalates_to = {{ step = \"t{index}\" }}").expect("a string");
            } else if minutes & 0x80 != 0 {
                text += ", escalates_to = { team = \"b\" }";
            }
            text += " }";
        }
        text += " },\n";
        if takes_over {
            writeln!(
                text,
                "  {{ id = \"t{index}\", per = \"{per}\", team = \"b\", duration = \"20m\" }},"
            )
            .expect("a string");
        }
    }
    (text, made)
}

fn is_site_step(step: &str, made: &[Made]) -> Option<usize> {
    let index: usize = step[1..].parse().expect("a letter and a number");
    (!made[index].batch).then_some(index)
}

/// What must hold of a replication of the first runbook's steps.
fn check(trace: &Trace, made: &[Made], sites: usize) {
    let mut running: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut done: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut back: BTreeSet<String> = BTreeSet::new();
    for it in &trace.records {
        let task = (it.track.clone(), it.step.clone(), it.site.clone());
        match it.what {
            What::Started => {
                assert!(running.insert(task), "{it:?} runs already");
                if it.track == "r"
                    && it.step.starts_with('s')
                    && let Some(index) = is_site_step(&it.step, made)
                {
                    // All that comes before it has been done for the site, also behind a barrier.
                    for before in (0..made.len()).filter(|before| {
                        !made[*before].batch && is_before(made, *before, index, false)
                    }) {
                        assert!(
                            done.contains(&(it.site.clone(), before)),
                            "{it:?} before s{before}"
                        );
                    }
                }
            }
            What::Finished | What::Failed | What::Aborted => {
                assert!(running.remove(&task), "{it:?} does not run");
                if it.what == What::Finished
                    && it.track == "r"
                    && let Some(index) = is_site_step(&it.step, made)
                {
                    // The end of t1 is the end of s1, in the place of which it is done.
                    done.insert((it.site.clone(), index));
                }
            }
            What::Restored => assert!(back.insert(it.site.clone()), "{it:?} is back already"),
            _ => {}
        }
    }
    assert!(running.is_empty(), "{running:?}");
    assert_eq!(back.len(), sites);
    let outcome = &trace.outcome;
    assert!(outcome.restorations.iter().all(|it| matches!(it, Restoration::Restored(_))));
    for pool in &outcome.pools {
        assert!(pool.busy <= pool.capacity);
    }
    assert_eq!(
        outcome.steps.iter().map(|it| it.escalations).sum::<u64>(),
        trace.records.iter().filter(|it| it.what == What::Escalated).count() as u64
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_goes_wrong_every_site_is_back_once_and_nothing_starts_too_early(
        genes in prop::collection::vec(any::<Gene>(), 1..8),
        sites in 1..5usize,
        size in 1..4u32,
        closes in prop::option::of(1..300u32),
    ) {
        let (steps, made) = steps(&genes);
        let closing = closes.map_or(String::new(), |at| {
            format!(", closes = \"T+{at}m\", on_close = \"move\"")
        });
        let later = closes.map_or("", |_| "{ runbook = \"q\", opens = \"T+300m\" }");
        let text = format!(
            r#"
schema = 1
title = "test"
experiment.horizon = "3000d"
estate.sites.count = {sites}
incident.deletions = [{{}}]
[teams.a]
people = 2
[teams.b]
people = 2
[runbooks.r]
steps = [
{steps}]
[runbooks.q]
steps = [{{ id = "y", team = "a", duration = "10m" }}]
[strategies.s]
tracks = [{{ runbook = "r", batch.size = {size}{closing} }}, {later}]
"#
        );
        for replication in 0..3 {
            check(&trace(&text, replication), &made, sites);
        }
    }
}

#[test]
fn an_escalated_attempt_pauses_when_the_people_who_took_over_go() {
    let text = small(
        1,
        r#"
[teams.a]
people = 1
[teams.b]
people = [{ at = "T+0", people = 1 }, { at = "T+2h", people = 0 }, { at = "T+8h", people = 1 }]
at_shift_end = "hand_over"
[runbooks.r]
steps = [{ id = "x", team = "a", duration = "90m", fails = { probability = 1, attempts = 1, escalates_to = { team = "b" } } }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let told = timeline(&text);
    assert_eq!(only(&told, "pause"), "2:00 site-0001/x\n");
    assert_eq!(only(&told, "resume"), "8:00 site-0001/x\n");
    assert_eq!(restored(&text), "9:00 site-0001\n");
}
