//! What steps hold, limits that count per shard, and that nobody waits for ever: random small
//! scenarios with loads and holds, of which whatever is not refused must come to its end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use blackstart::diagnostics::Code;
use blackstart::review;
use blackstart::review::What;
use proptest::prelude::*;

use crate::support::{checked, hours, only, restored, results, small, starts, timeline};

#[test]
fn a_hold_lasts_over_failures_until_the_named_step_is_done() {
    let text = small(
        2,
        r#"
[limits.slots]
units = 1
[runbooks.r]
sequential = true
[[runbooks.r.steps]]
id = "reserve"
holds = { slots = 1, until = "copy" }
duration = "1h"
[[runbooks.r.steps]]
id = "copy"
duration = "2h"
fails = { probability = "100%", attempts = 2, retry_from = "reserve" }
[[runbooks.r.steps]]
id = "check"
duration = "4h"
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    // The second site reserves when the first has copied for the second time, not when it checks.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/reserve\n1:00 site-0001/copy\n3:00 site-0001/reserve\n4:00 site-0001/copy\n\
         6:00 site-0001/check\n6:00 site-0002/reserve\n7:00 site-0002/copy\n9:00 site-0002/reserve\n\
         10:00 site-0002/copy\n12:00 site-0002/check\n"
    );
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(12)));
}

#[test]
fn what_is_sent_back_after_the_hold_takes_it_again() {
    let text = small(
        1,
        r#"
[limits.slots]
units = 1
[runbooks.r]
sequential = true
steps = [
  { id = "reserve", holds = { slots = 1, until = "copy" }, duration = "1h" },
  { id = "copy", duration = "1h" },
  { id = "check", duration = "2h", fails = { probability = "100%", attempts = 2, retry_from = "reserve" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(4)));
}

#[test]
fn a_site_that_moves_gives_back_what_it_holds() {
    let text = small(
        1,
        r#"
[limits.slots]
units = 1
[runbooks.r]
sequential = true
steps = [
  { id = "reserve", holds = { slots = 1, until = "copy" }, duration = "1h" },
  { id = "copy", duration = "9h" },
]
[[strategies.s.tracks]]
id = "one"
runbook = "r"
closes = "T+3h"
on_close = "move"
[[strategies.s.tracks]]
id = "two"
runbook = "r"
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/reserve\n1:00 site-0001/copy\n3:00 site-0001/reserve\n4:00 site-0001/copy\n"
    );
}

/// A site holds the one slot from `reserve` to `check`; `copy` fails twice and then escalates.
fn escalating(per: &str, holder: &str, copy: &str) -> String {
    small(
        2,
        &format!(
            r#"
[limits.slots]
units = 1
[runbooks.r]
sequential = true
steps = [
  {{ id = "reserve", {per} {holder} holds = {{ slots = 1, until = "check" }}, duration = "1h" }},
  {{ id = "copy", {per} {copy} duration = "1h" }},
  {{ id = "check", {per} duration = "1h", hand_over = true }},
  {{ id = "rescue", {per} duration = "20h" }},
]
[[strategies.s.tracks]]
runbook = "r"
"#
        ),
    )
}

const FAILS: &str =
    "fails = { probability = \"100%\", attempts = 2, RETRY escalates_to = { step = \"rescue\" } },";

#[test]
fn what_is_held_is_free_when_others_take_over() {
    // Held from 0 to 4, when the second attempt at `copy` has failed, then by the other site.
    let fails = FAILS.replace("RETRY", "retry_from = \"reserve\",");
    let text = escalating("", "", &fails);
    assert_eq!(restored(&text), "25:00 site-0001\n29:00 site-0002\n");
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(8)));
    // Held from 0 to 2, when the second attempt at `reserve` itself has failed.
    let text = escalating("", &FAILS.replace("RETRY", ""), "");
    assert_eq!(restored(&text), "24:00 site-0001\n26:00 site-0002\n");
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(4)));
    // The same for batches of one site each.
    let open = "duration = \"1h\" },\n  { id = \"open\", duration = \"1h\", hand_over = true";
    let text = escalating("per = \"batch\",", "", &fails)
        .replace("duration = \"1h\", hand_over = true", open);
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(8)));
    assert_eq!(restored(&text), "26:00 site-0001\n30:00 site-0002\n");
}

#[test]
fn a_hold_beside_the_step_that_escalates_goes_on() {
    // From 0 to 3, the end of `check`; `work` escalates at 1.
    let text = small(
        1,
        r#"
[limits.slots]
units = 1
[runbooks.r]
steps = [
  { id = "reserve", holds = { slots = 1, until = "check" }, duration = "1h" },
  { id = "check", after = ["reserve"], duration = "2h" },
  { id = "work", fails = { probability = "100%", attempts = 1, escalates_to = { step = "rescue" } }, duration = "1h" },
  { id = "rescue", duration = "20h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(3)));
    assert_eq!(restored(&text), "21:00 site-0001\n");
}

/// Two limits; what `one` holds is given back when `copy` escalates, and `check` sends all back.
fn retaken(escalates: &str) -> String {
    small(
        2,
        &format!(
            r#"
[limits]
low.units = 1
high.units = 1
[runbooks.r]
sequential = true
steps = [
  {{ id = "one", holds = {{ low = 1, until = "check" }}, duration = "1h" }},
  {{ id = "copy", fails = {{ probability = "50%", attempts = 2 {escalates} }}, duration = "1h" }},
  {{ id = "two", holds = {{ high = 1, until = "last" }}, duration = "1h" }},
  {{ id = "check", fails = {{ probability = "50%", attempts = 2, retry_from = "one" }}, duration = "1h" }},
  {{ id = "last", hand_over = true, duration = "1h" }},
  {{ id = "rescue", duration = "20h" }},
]
[[strategies.s.tracks]]
runbook = "r"
"#
        ),
    )
}

#[test]
fn what_is_taken_again_after_an_escalation_must_rank_higher_than_what_is_held_then() {
    // `two` still holds `high` when `check` sends back `one`, which has `low` only if nobody has
    // taken over in between.
    assert!(checked(&retaken(""), &[]).scenario.is_some());
    let checked = checked(&retaken(", escalates_to = { step = \"rescue\" }"), &[]);
    assert!(checked.scenario.is_none());
    let faults = checked.diagnostics.render(&checked.sources, false);
    assert!(faults.contains("`two` holds `high` until `last`, and `one`, sent back"), "{faults}");
}

#[test]
fn what_has_been_given_back_may_be_taken_again() {
    // When `check` sends all back after the escalation, `reserve` takes the slot once more: 0 to 3
    // (`copy` failed at 2 and 3), then from 24, when `check` has failed, to 46.
    let text = escalating("", "", &FAILS.replace("RETRY", ""))
        .replace("count = 2", "count = 1")
        .replace(
            "duration = \"1h\", hand_over = true",
            "duration = \"1h\", hand_over = true, fails = { probability = \"100%\", attempts = 2, retry_from = \"reserve\" }",
        );
    assert_eq!(restored(&text), "46:00 site-0001\n");
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[0].busy, u128::from(hours(3 + 22)));
}

#[test]
fn a_batch_holds_until_its_later_step() {
    let text = small(
        3,
        r#"
[limits.windows]
units = 1
[[runbooks.r.steps]]
id = "open"
per = "batch"
holds = { windows = 1, until = "close" }
duration = "1h"
[[runbooks.r.steps]]
id = "work"
after = ["open"]
duration = "2h"
[[runbooks.r.steps]]
id = "close"
per = "batch"
after = ["work"]
duration = "1h"
[[runbooks.r.steps]]
id = "announce"
after = ["close"]
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001.../open\n1:00 site-0001/work\n1:00 site-0002/work\n3:00 site-0001.../close\n\
         4:00 site-0001/announce\n4:00 site-0002/announce\n4:00 site-0003.../open\n5:00 site-0003/work\n\
         7:00 site-0003.../close\n8:00 site-0003/announce\n"
    );
}

#[test]
fn a_track_holds_between_steps_that_are_done_once() {
    let text = small(
        1,
        r#"
[limits.slots]
units = 1
[runbooks.r]
sequential = true
steps = [
  { id = "freeze", per = "once", holds = { slots = 1, until = "thaw" }, duration = "1h" },
  { id = "build", per = "once", duration = "2h" },
  { id = "thaw", per = "once", duration = "1h" },
  { id = "restore", uses.slots = 1, duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(starts(&text), "0:00 r.freeze\n1:00 r.build\n3:00 r.thaw\n4:00 site-0001/restore\n");
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!((pools[0].busy, pools[0].capacity), (u128::from(hours(5)), u128::from(hours(5))));
}

#[test]
fn a_site_without_the_last_step_gives_back_what_it_holds_before_it() {
    // Nobody has the product `wiki`, so what waits for its step waits for what comes before it.
    let text = r#"
schema = 1
title = "test"
estate.products = { app = {}, wiki = {} }
estate.sites = { count = 2, products = { app = "100%", wiki = "0%" } }
incident.deletions = [{}]
limits.slots.units = 1
[runbooks.r]
sequential = true
steps = [
  { id = "reserve", holds = { slots = 1, until = "wiki" }, duration = "1h" },
  { id = "copy", duration = "2h" },
  { id = "wiki", for_each.product = "wiki", duration = "8h" },
  { id = "check", duration = "4h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#;
    assert_eq!(
        starts(text),
        "0:00 site-0001/reserve\n1:00 site-0001/copy\n3:00 site-0001/check\n3:00 site-0002/reserve\n\
         4:00 site-0002/copy\n6:00 site-0002/check\n"
    );
}

#[test]
fn what_is_held_at_the_horizon_counts_to_the_horizon() {
    let text = r#"
schema = 1
title = "test"
experiment.horizon = "10h"
estate.sites.count = 1
incident.deletions = [{}]
limits.slots.units = 1
[runbooks.r]
sequential = true
steps = [
  { id = "reserve", holds = { slots = 1, until = "copy" }, duration = "1h" },
  { id = "copy", duration = "100h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#;
    let pools = &results(text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!((pools[0].busy, pools[0].capacity), (u128::from(hours(10)), u128::from(hours(10))));
}

/// Sites by turns on two shards, one extract at a time on each.
fn per_shard(more: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[experiment]
population_seed = 184
[estate.services.db]
shards = 2
[estate.sites]
count = 4
[[incident.deletions]]
[limits.extracts]
units = 1
per = "shard"
[[runbooks.r.steps]]
id = "extract"
for_each = {{ service = "db" }}
uses = {{ extracts = 1 }}
duration = "1h"
[strategies.s]
{more}
[[strategies.s.tracks]]
runbook = "r"
"#
    )
}

#[test]
fn a_limit_per_shard_has_its_units_for_every_shard() {
    let text = per_shard("");
    assert_eq!(
        starts(&text),
        "0:00 site-0001/extract/db\n0:00 site-0002/extract/db\n1:00 site-0003/extract/db\n\
         1:00 site-0004/extract/db\n"
    );
    // One line for the limit: two shards for two hours.
    let results = results(&text, 1);
    assert_eq!(results.strategies[0].pools.len(), 1);
    let pools = &results.strategies[0].unpacked()[0].pools;
    assert_eq!(pools.len(), 1);
    assert_eq!((pools[0].busy, pools[0].capacity), (u128::from(hours(4)), u128::from(hours(4))));
    // A strategy gives every shard other units.
    let two = starts(&per_shard("limits = { extracts = 2 }"));
    assert!(two.lines().all(|it| it.starts_with("0:00")), "{two}");
}

#[test]
fn a_limit_per_shard_is_held_on_its_shard() {
    let text = per_shard("")
        .replace("uses = { extracts = 1 }", "holds = { extracts = 1, until = \"import\" }")
        .replace(
            "[strategies.s]",
            "[[runbooks.r.steps]]\nid = \"import\"\nafter = [\"extract\"]\nduration = \"2h\"\n[strategies.s]",
        );
    assert_eq!(
        only(&timeline(&text), "start"),
        "0:00 site-0001/extract/db\n0:00 site-0002/extract/db\n1:00 site-0001/import\n\
         1:00 site-0002/import\n3:00 site-0003/extract/db\n3:00 site-0004/extract/db\n\
         4:00 site-0003/import\n4:00 site-0004/import\n"
    );
}

/// A step of a random runbook: what it comes after, what it uses, holds and until when, how it fails.
#[derive(Clone, Debug)]
struct Gene {
    after: u8,
    uses: u8,
    holds: u8,
    until: u8,
    fails: u8,
    minutes: u8,
}

fn genes() -> impl Strategy<Value = Vec<Gene>> {
    let one = any::<(u8, u8, u8, u8, u8, u8)>().prop_map(|it| Gene {
        after: it.0,
        uses: it.1,
        holds: it.2,
        until: it.3,
        fails: it.4,
        minutes: it.5,
    });
    prop::collection::vec(one, 3..8)
}

/// The kinds of steps of a random runbook, by place: a load and who needs it among site steps.
fn runbook(name: &str, genes: &[Gene], load: usize) -> String {
    let mut text = format!("[runbooks.{name}]\nsteps = [\n");
    let last = genes.len() - 1;
    let load = load % last;
    for (index, gene) in genes.iter().enumerate() {
        let mut after: Vec<usize> =
            (0..index).filter(|it| gene.after >> it & 1 == 1 || index == last).collect();
        // Only the step right after the load needs it; the others wait for that.
        if index != load + 1 {
            after.retain(|it| *it != load);
        } else if !after.contains(&load) {
            after.push(load);
        }
        let over = index == load || index == load + 1;
        let limit = |bits: u8| ["low", "mid", "top", "each"][usize::from(bits) % 4];
        let fitting = |bits: u8| match limit(bits) {
            "each" if !over => "top",
            name => name,
        };
        let names: Vec<String> = after.iter().map(|it| format!("\"{name}{it}\"")).collect();
        write!(
            text,
            "  {{ id = \"{name}{index}\", key = \"k{index}\", after = [{}]",
            names.join(", ")
        )
        .expect("text");
        write!(text, ", duration = \"{}m\"", 1 + gene.minutes % 90).expect("text");
        if over {
            text.push_str(", for_each.service = \"db\"");
        }
        if index == load {
            write!(text, ", per = \"shard\", keep = \"{}m\"", gene.until % 3 * 20).expect("text");
        }
        if gene.uses % 3 == 0 {
            write!(text, ", uses.{} = 1", fitting(gene.uses / 3)).expect("text");
        } else if gene.uses % 3 == 1 {
            text.push_str(", team = \"a\"");
        }
        let until = index + 1 + usize::from(gene.until) % (genes.len() - index);
        if index == load && gene.holds % 2 == 0 {
            write!(text, ", holds.{} = 1", fitting(gene.holds / 2)).expect("text");
        } else if gene.holds % 2 == 0 && until <= last && until != load && index != load {
            let limit = fitting(gene.holds / 2);
            write!(text, ", holds = {{ {limit} = 1, until = \"{name}{until}\" }}").expect("text");
        }
        if gene.fails % 3 == 0 {
            let from = match usize::from(gene.fails / 3) % (index + 1) {
                from if from != load && index != load => from,
                _ => index,
            };
            write!(
                text,
                ", fails = {{ probability = \"50%\", attempts = 3, retry_from = \"{name}{from}\""
            )
            .expect("text");
            if gene.minutes % 3 == 0 && until <= last {
                write!(text, ", found_by = \"{name}{until}\"").expect("text");
            }
            if gene.minutes % 5 == 0 {
                text.push_str(", escalates_to.team = \"a\"");
            }
            text.push_str(" }");
        }
        text.push_str(" },\n");
    }
    text.push_str("]\n");
    text
}

/// How tracks take sites, and how much there is of everything.
type Shape = (u8, u8, u8, u8, u8);

fn scenario(books: &(Vec<Gene>, Vec<Gene>), loads: (usize, usize), shape: Shape) -> String {
    let (sites, shards, seed, batch, units) = shape;
    let at_least_one = |it: u8| 1 + it % 2;
    let group = ["none", "shard"][usize::from(batch % 2)];
    format!(
        r#"schema = 1
title = "test"
experiment.population_seed = {seed}
estate.services.db.shards = {}
estate.sites.count = {}
incident.deletions = [{{ over = "{}m" }}]
teams.a = {{ people = [{{ at = "T+0", people = 2 }}, {{ at = "T+100m", people = 0 }}, {{ at = "T+160m", people = 1 }}], at_shift_end = "hand_over" }}
limits.low.units = {}
limits.mid.units = {}
limits.top.units = {}
limits.each = {{ units = {}, per = "shard" }}
{}{}[[strategies.s.tracks]]
runbook = "x"
closes = "T+{}m"
on_close = "move"
batch = {{ size = {}, in_flight = {}, group_by = "{group}" }}
[[strategies.s.tracks]]
runbook = "y"
opens = "T+{}m"
batch = {{ size = {}, group_by = "{group}" }}
"#,
        1 + shards % 4,
        1 + sites % 8,
        shards % 50,
        at_least_one(units),
        at_least_one(units / 2),
        at_least_one(units / 4),
        at_least_one(units / 8),
        runbook("x", &books.0, loads.0),
        runbook("y", &books.1, loads.1),
        30 + u32::from(batch) * 2,
        1 + batch % 3,
        1 + batch / 3 % 3,
        u32::from(units),
        1 + units % 3,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_is_not_refused_comes_to_its_end(
        books in (genes(), genes()),
        loads in (0..8usize, 0..8usize),
        shape in any::<Shape>(),
    ) {
        let text = scenario(&books, loads, shape);
        let checked = checked(&text, &[]);
        let Some(scenario) = checked.scenario else {
            let told = checked.diagnostics.sorted();
            // What is refused is refused for what this test is about, or because a failure is found
            // or mended where it cannot be.
            let known = [Code::Deadlock, Code::NeverReached, Code::ConflictingKeys];
            prop_assert!(
                told.iter().all(|it| known.contains(&it.code)),
                "{}", checked.diagnostics.render(&checked.sources, false)
            );
            return Ok(());
        };
        let strategy = scenario.strategies.ids().next().expect("there is a strategy");
        for replication in 0..3 {
            let trace = review::trace(&scenario, strategy, 1, replication);
            let back = trace.outcome.restorations.iter().filter(|it| it.restored_at().is_some());
            prop_assert_eq!(back.count(), trace.outcome.restorations.len(), "{}", text);
            let mut underway: BTreeMap<String, i32> = BTreeMap::new();
            let mut standing: BTreeMap<String, bool> = BTreeMap::new();
            for told in &trace.records {
                let turn = match told.what {
                    What::Started => 1,
                    What::Finished | What::Failed | What::Aborted => -1,
                    _ => 0,
                };
                let open = underway.entry(format!("{}.{}", told.track, told.whose())).or_default();
                *open += turn;
                prop_assert!((0..=1).contains(open), "{:?}\n{}", told, text);
                // A load comes once at a time, whoever has asked for it.
                if told.step.contains('#') {
                    let load = told.step.replace(['x', 'y'], "");
                    let stands = standing.entry(load).or_default();
                    match told.what {
                        What::Started => prop_assert!(!*stands, "{:?}\n{}", told, text),
                        What::Finished => *stands = true,
                        What::Unloaded => prop_assert!(std::mem::take(stands)),
                        _ => {}
                    }
                }
            }
            prop_assert!(underway.values().all(|it| *it == 0));
            prop_assert!(standing.values().all(|it| !*it), "a load stands at the end\n{}", text);
            for pool in &trace.outcome.pools[1..] {
                prop_assert!(pool.busy <= pool.capacity, "{:?}\n{}", pool, text);
            }
        }
    }
}

#[test]
fn enough_of_the_random_scenarios_are_not_refused() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let all = ((genes(), genes()), (0..8usize, 0..8usize), any::<Shape>());
    let sound = (0..300).filter(|_| {
        let (books, loads, shape) = all.new_tree(&mut runner).expect("a tree").current();
        checked(&scenario(&books, loads, shape), &[]).scenario.is_some()
    });
    let sound = sound.count();
    assert!((20..280).contains(&sound), "{sound} of 300");
}
