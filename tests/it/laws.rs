//! The auditor finds nothing wrong with any exercise, and finds what is made wrong in one.

use blackstart::audit::{Breach, Everywhere, Law, audit};
use blackstart::experiment::{self, Design};
use blackstart::ids::StrategyId;
use blackstart::scenario::{Per, Scenario};
use blackstart::trace::{Bound, Link, Piece, Start, TaskRef, Testimony, TraceRecord, Try};
use blackstart::units::SimTime;
use blackstart::{measure, review};
use proptest::prelude::*;

use crate::everything::generated;
use crate::model::models;
use crate::net::names;
use crate::support::{scenario, shipped_scenario};

/// Shows the first exercises of a strategy to somebody, each with its scenario.
fn each<R: Send>(
    scenario: &Scenario,
    strategy: StrategyId,
    replications: u32,
    hear: impl Fn(&Scenario, &Everywhere, &Testimony) -> R + Sync,
) -> Vec<R> {
    let design = Design { strategies: vec![strategy], replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results);
    let told = (&results.strategies[0], &measured.strategies[0].replications[..]);
    let everywhere = Everywhere::new(scenario, 0..u64::from(replications));
    review::testify(scenario, &results, told, 0, |own, told| hear(own, &everywhere, told))
}

/// What is wrong with the first exercises of a strategy.
fn breaches(scenario: &Scenario, strategy: StrategyId, replications: u32) -> Vec<Breach> {
    let found =
        each(scenario, strategy, replications, |own, all, told| audit(own, all, strategy, told));
    found.into_iter().flatten().collect()
}

pub(crate) fn check(name: &str, scenario: &Scenario, replications: u32) {
    for id in scenario.strategies.ids() {
        let found = breaches(scenario, id, replications);
        assert!(found.is_empty(), "{name}, {}: {found:#?}", scenario.strategies[id].name);
    }
}

#[test]
fn every_scenario_keeps_every_law() {
    for name in names() {
        check(&name, &shipped_scenario(&name), 3);
    }
}

/// What of this kind happens first in an exercise of the first strategy is changed; the laws that
/// are broken then.
fn tampered(
    name: &str,
    what: impl Fn(&Scenario, &TraceRecord) -> bool + Sync,
    change: impl Fn(&mut Testimony, usize) + Sync,
) -> Vec<Law> {
    let found = tampered_with(&shipped_scenario(name), what, change);
    let mut laws: Vec<Law> = found.into_iter().map(|it| it.law).collect();
    laws.dedup();
    laws
}

/// The same of any scenario; what is broken then.
fn tampered_with(
    scenario: &Scenario,
    what: impl Fn(&Scenario, &TraceRecord) -> bool + Sync,
    change: impl Fn(&mut Testimony, usize) + Sync,
) -> Vec<Breach> {
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    let found = each(scenario, strategy, 1, |own, all, told| {
        let mut told = told.clone();
        let place = told.records.iter().position(|it| what(own, &it.1));
        change(&mut told, place.expect("it happens"));
        audit(own, all, strategy, &told)
    });
    found.into_iter().flatten().collect()
}

/// Everything from a place on that happens at its instant happens so many milliseconds later.
fn shift(told: &mut Testimony, place: usize, later: i64) {
    let at = told.records[place].0;
    for it in told.records[place..].iter_mut().take_while(|it| it.0 == at) {
        it.0 = SimTime::from_millis(it.0.as_millis().saturating_add_signed(later));
    }
}

#[test]
fn a_capacity_that_is_not_there_is_found() {
    let people = |_: &Scenario, it: &TraceRecord| matches!(it, TraceRecord::Capacity { .. });
    let raised = tampered("injects", people, |told, place| {
        let TraceRecord::Capacity { units, .. } = &mut told.records[place].1 else { return };
        *units += 1;
    });
    assert!(raised.contains(&Law::Capacity), "{raised:?}");
    let untold = tampered("injects", people, |told, place| {
        told.records.remove(place);
    });
    assert!(untold.contains(&Law::Capacity), "{untold:?}");
}

#[test]
fn a_transfer_that_takes_another_time_is_found() {
    let ends = |_: &Scenario, it: &TraceRecord| matches!(it, TraceRecord::Finished(..));
    for later in [-1, 1] {
        let laws = tampered("shared-bandwidth", ends, |told, place| shift(told, place, later));
        assert!(laws.contains(&Law::Throughput), "{later}: {laws:?}");
    }
}

/// What is told of the chains of an exercise is changed; the laws that are broken then.
fn with_chains(name: &str, change: impl Fn(&mut Testimony) + Sync) -> Vec<Law> {
    tampered(name, |_, _| true, |told, _| change(told))
}

/// The places of the pieces on the chains of sites that are back.
fn on_chains(told: &Testimony) -> Vec<usize> {
    let mut places = Vec::new();
    for (_, end) in &told.chains.ends {
        let mut next = *end;
        while let Some(place) = next {
            places.push(place as usize);
            next = told.chains.links[place as usize].after;
        }
    }
    places
}

fn first(told: &Testimony, is: impl Fn(&Link) -> bool) -> usize {
    let mut places = on_chains(told).into_iter();
    places.find(|it| is(&told.chains.links[*it])).expect("there is such a piece")
}

#[test]
fn a_wait_that_is_blamed_on_others_is_found() {
    let laws = with_chains("injects", |told| {
        let place = first(told, |it| matches!(it.bound, Bound::Pool(..)));
        let Bound::Pool(pool, _) = &mut told.chains.links[place].bound else { return };
        *pool += 1;
    });
    assert_eq!(laws, [Law::Chain]);
    let laws = with_chains("injects", |told| {
        let place = first(told, |it| matches!(it.bound, Bound::Pool(..)));
        told.chains.links[place].bound = Bound::Nothing;
    });
    assert_eq!(laws, [Law::Chain]);
    let laws = with_chains("injects", |told| {
        let place = first(told, |it| matches!(it.bound, Bound::Pool(..)));
        let Bound::Pool(_, since) = &mut told.chains.links[place].bound else { return };
        *since += 1;
    });
    assert_eq!(laws, [Law::Chain]);
}

#[test]
fn a_chain_that_does_not_tile_is_found() {
    let laws = with_chains("quickstart", |told| {
        let place = first(told, |it| it.after.is_some());
        let from = &mut told.chains.links[place].from;
        *from = SimTime::from_millis(from.as_millis() + 1);
    });
    assert_eq!(laws, [Law::Chain]);
    let laws = with_chains("quickstart", |told| {
        let place = first(told, |it| it.after.is_some());
        told.chains.links[place].after = None;
    });
    assert_eq!(laws, [Law::Chain]);
    let laws = with_chains("quickstart", |told| {
        told.chains.ends.pop();
    });
    assert_eq!(laws, [Law::Chain]);
}

#[test]
fn work_of_another_kind_or_by_others_is_found() {
    let laws = with_chains("rework", |told| {
        let is_first = |it: &Link| matches!(it.piece, Piece::Work { attempt: Try::First, .. });
        let place = first(told, is_first);
        let Piece::Work { attempt, .. } = &mut told.chains.links[place].piece else { return };
        *attempt = Try::Again;
    });
    assert_eq!(laws, [Law::Chain]);
    let laws = with_chains("rework", |told| {
        let place = first(told, |it| matches!(it.piece, Piece::Work { .. }));
        let Piece::Work { takes, .. } = &mut told.chains.links[place].piece else { return };
        *takes += 1;
    });
    assert_eq!(laws, [Law::Chain]);
    // The piece of another site that ended at the same instant was not what let it go.
    let laws = with_chains("quickstart", |told| {
        let Some((_, end)) = told.chains.ends.first().copied() else { return };
        told.chains.ends.last_mut().expect("there is one").1 = end;
    });
    assert_eq!(laws, [Law::Chain]);
}

/// The shard is loaded at T+10h for the first site, which finds out in two hours that the first
/// backups cannot be read, and at T+20h for the second; at T+30h the others are gone.
const LOADED: &str = r#"
schema = 1
title = "test"
[estate.services.db]
backup = [
  { full = "24h", phase = "2h", unreadable = { all = 1.0 }, fall_back = "2h" },
  { id = "second", full = "24h", phase = "6h", retention = "32h" },
]
[estate.sites]
count = 3
[[incident.deletions]]
[teams.a]
people = 1
[[runbooks.r.steps]]
id = "prepare"
team = "a"
duration = "10h"
[[runbooks.r.steps]]
id = "load"
per = "shard"
for_each.service = "db"
duration = "1h"
[[runbooks.r.steps]]
id = "extract"
for_each.service = "db"
after = ["prepare", "load"]
duration = "1h"
restore_point.latest = true
[strategies.s]
tracks = [{ runbook = "r", batch.size = 3 }]
"#;

/// Whether it is the start of an attempt of a load.
fn starts_load(own: &Scenario, it: &TraceRecord) -> Option<Start> {
    let TraceRecord::Started(start) = *it else { return None };
    let id = own.strategies.ids().next().expect("a strategy");
    let runbook = &own.runbooks[own.strategies[id].tracks.as_slice()[0].runbook];
    let step = &runbook.steps.as_slice()[usize::from(start.task.step)];
    (step.per == Per::Shard).then_some(start)
}

#[test]
fn a_load_that_pays_again_for_what_is_known_is_found() {
    let scenario = scenario(LOADED);
    check("loaded", &scenario, 1);
    let second = |own: &Scenario, it: &TraceRecord| {
        starts_load(own, it).is_some_and(|it| it.length == Some(3_600_000))
    };
    let broken = tampered_with(&scenario, second, |told, place| {
        let TraceRecord::Started(start) = &mut told.records[place].1 else { return };
        start.length = Some(3 * 3_600_000);
    });
    assert_eq!(broken[0].law, Law::Length);
    assert!(broken[0].how.contains("takes 3h; its draw and its factors say 1h"), "{broken:?}");
}

#[test]
fn a_site_that_is_lost_as_its_load_starts_is_lost_for_a_reason() {
    let scenario = scenario(LOADED);
    let second = |own: &Scenario, it: &TraceRecord| {
        starts_load(own, it).is_some_and(|it| it.length == Some(3_600_000))
    };
    // The second site, for which a backup is left.
    let broken = tampered_with(&scenario, second, |told, place| {
        let lost = |it: &(SimTime, TraceRecord)| matches!(it.1, TraceRecord::NothingLeft(_));
        let (_, nothing) = *told.records.iter().find(|it| lost(it)).expect("one is lost");
        let TraceRecord::NothingLeft(nothing) = nothing else { return };
        let (at, TraceRecord::Started(start)) = told.records[place] else { return };
        let task = TaskRef { row: start.task.row, ..nothing.task };
        let told_so = TraceRecord::NothingLeft(Start { task, waited: 0, ..nothing });
        told.records[place] = (at, told_so);
        told.records.insert(place + 1, (at, TraceRecord::Lost(task.row)));
    });
    assert_eq!(broken[0].law, Law::DataLoss);
    assert!(broken[0].how.ends_with("is given up as its load starts, and a backup is left"));
}

#[test]
fn a_load_that_starts_with_nothing_left_is_found() {
    let scenario = scenario(LOADED);
    let is_lost = |_: &Scenario, it: &TraceRecord| matches!(it, TraceRecord::NothingLeft(_));
    let broken = tampered_with(&scenario, is_lost, |told, place| {
        let TraceRecord::NothingLeft(nothing) = told.records[place].1 else { return };
        let of_load = |it: &(SimTime, TraceRecord)| match it.1 {
            TraceRecord::Started(it) if it.length == Some(3_600_000) => Some(it),
            _ => None,
        };
        let mut starts = told.records[..place].iter().filter_map(of_load);
        let load = starts.find(|it| it.task.step != nothing.task.step);
        let load = load.expect("it is loaded before");
        let task = TaskRef { row: nothing.task.row, ..load.task };
        let start = Start { task, attempt: 3, ..load };
        told.records[place].1 = TraceRecord::Started(start);
        told.records.remove(place + 1);
    });
    let how = "`r.load/db` for `site-0003` starts, and nothing is left to restore from for \
               `r.extract/db` of `site-0003`";
    assert_eq!((broken[0].law, broken[0].how.as_str()), (Law::DataLoss, how));
}

#[test]
fn an_attempt_that_starts_while_an_inject_stops_it_is_found() {
    let text = r#"
schema = 1
title = "test"
[estate.sites]
count = 1
[[incident.deletions]]
[[injects]]
at = "T+0"
lasts = "1h"
freeze = { steps = ["restore"] }
[runbooks.r]
steps = [{ id = "restore", duration = "2h" }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    check("frozen", &scenario, 1);
    let laws = each(&scenario, strategy, 1, |own, all, told| {
        let mut told = told.clone();
        told.records.retain(|it| !matches!(it.1, TraceRecord::InjectEnded(_)));
        audit(own, all, strategy, &told).iter().map(|it| it.law).collect::<Vec<Law>>()
    });
    assert!(laws[0].contains(&Law::Taking), "{laws:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_combination_keeps_every_law(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (text, scenario, _) = generated(&bytes);
        check(&text, &scenario, 3);
    }

    #[test]
    fn every_model_keeps_every_law(model in models()) {
        let text = model.text();
        check(&text, &scenario(&text), 2);
    }
}
