//! An estate that every replication draws anew.

use blackstart::experiment::{AimedAt, Design, Outcome, Results};
use blackstart::ids::{Id, SiteId, StrategyId};
use blackstart::measure::{Measurements, ReplicationMetrics};
use blackstart::scenario::Scenario;
use blackstart::units::SimTime;
use blackstart::{compare, experiment, measure, review};

use crate::support::{
    files_in, fresh_folder, hours, in_process, only, read, scenario, scenario_with,
};

fn measured(scenario: &Scenario, replications: u32) -> (Results, Measurements) {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measurements = measure::measure(scenario, &results);
    (results, measurements)
}

fn makespans(replications: &[ReplicationMetrics]) -> Vec<u64> {
    let each = replications.iter().map(|it| it.last_restored.expect("all are back").as_millis());
    each.collect()
}

#[test]
fn the_time_to_recover_an_unknown_estate_is_what_the_head_of_its_scenario_says() {
    let scenario = scenario(&read("scenarios/resampled.toml"));
    let (results, measurements) = measured(&scenario, 1_000);
    let [by_hand, by_script] = &measurements.strategies[..] else { panic!("two strategies") };
    let spans = makespans(&by_hand.replications);
    let sites: Vec<f64> = (0..spans.len()).map(|it| results.sites(it).len() as f64).collect();
    assert_eq!(spans, sites.iter().map(|it| *it as u64 * hours(1)).collect::<Vec<_>>());
    // Binomial, n = 36 and p = 1/2: four standard errors of each estimate, with 1,000 exercises.
    let n = sites.len() as f64;
    let mean = sites.iter().sum::<f64>() / n;
    let variance = sites.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0);
    assert!((mean - 18.0).abs() < 4.0 * (9.0 / n).sqrt(), "{mean}");
    // The fourth moment is 3 * 81 + 9 * (1 - 6/4) = 238.5.
    assert!((variance - 9.0).abs() < 4.0 * ((238.5 - 81.0) / n).sqrt(), "{variance}");
    let met = by_hand.replications.iter().filter(|it| it.meets() == Some(true)).count() as f64 / n;
    let expected: f64 = 0.933_751;
    assert!((met - expected).abs() < 4.0 * (expected * (1.0 - expected) / n).sqrt(), "{met}");
    let half: Vec<u64> = makespans(&by_script.replications).iter().map(|it| it * 2).collect();
    assert_eq!(half, spans, "both strategies recover the same sites");
}

#[test]
fn an_estate_that_is_known_takes_the_same_time_in_every_exercise() {
    let text = read("scenarios/resampled.toml");
    let known = scenario_with(&text, &["estate.sites.resample=false"]);
    let (_, fixed) = measured(&known, 50);
    let spans = makespans(&fixed.strategies[0].replications);
    assert!(spans.iter().all(|it| *it == spans[0]), "{spans:?}");
    assert_eq!(spans[0], known.incident.deleted.len() as u64 * hours(1));
    let (_, redrawn) = measured(&scenario(&text), 1);
    assert_eq!(fixed.strategies[0].replications[0], redrawn.strategies[0].replications[0]);
}

#[test]
fn a_key_that_is_false_changes_nothing() {
    let text = read("scenarios/resampled.toml");
    let without = scenario(&text.replace("resample = true\n", ""));
    let off = scenario(&text.replace("resample = true\n", "resample = false\n"));
    let (without, off) = (measured(&without, 20), measured(&off, 20));
    assert_eq!(without.0.aims, off.0.aims);
    assert_eq!(without.1, off.1);
}

#[test]
fn an_estate_depends_on_the_population_seed_and_the_number_alone() {
    let text = read("scenarios/resampled.toml");
    let estate = |overrides: &[&str], replication| {
        let scenario = scenario_with(&text, overrides);
        format!("{:?}", scenario.in_replication(replication).estate)
    };
    let own = estate(&[], 7);
    assert_eq!(estate(&["experiment.seed=99", "experiment.replications=8"], 7), own);
    assert_ne!(estate(&["experiment.population_seed=99"], 7), own);
    assert_ne!(estate(&[], 8), own);
    assert_eq!(estate(&[], 0), format!("{:?}", scenario(&text).estate));
}

/// A few sites with everything that a plan is made of, of which a deletion often finds none: in a
/// quarter of the replications there is no site in `eu`.
const EVERYTHING: &str = r#"
schema = 1
title = "test"
[experiment]
horizon = "20d"
[estate.services.db]
shards = 3
bytes_per_shard = "40 GiB"
backup = { full = "24h" }
[estate.services.index]
class = "derived"
backup = { full = "24h", log = "continuous" }
[estate.products.wiki]
services = ["db", "index"]
[estate.products.desk]
services = ["index"]
[estate.sites]
count = 2
customers = 2
users.lognormal = { p50 = 40, p90 = 900 }
bytes.lognormal = { p50 = "5 GiB", p90 = "40 GiB" }
products = { wiki = "60%", desk = "60%" }
regions = { eu = "50%", us = "50%" }
tiers = [{ tier = "gold", when = { min_users = 60 } }, { tier = "standard" }]
resample = true
[[incident.deletions]]
sites = { regions = ["eu"] }
order = "random"
mode = "soft"
[[incident.deletions]]
at = "T+1h"
sites = { regions = ["eu"], products = ["wiki"] }
over = "30m"
[incident.milestones.detected]
delay.exponential = { mean = "20m" }
[incident.milestones.over]
after = "last_deletion"
delay = "1h"
[incident.guardrails.soft_delete]
retention = "14d"
services = ["db"]
[incident.guardrails.staged_rollout]
stages = [1]
stops_at = "detected"
[[injects]]
at = "detected + 3h"
deletion.sites = { regions = ["eu"], tiers = ["gold"] }
[[injects]]
at = "T+2h"
lasts = "1h"
outage.service = "db"
[uncertainty]
site = 0.3
step = 0.2
[limits.scratch]
units = 1
per = "shard"
[limits.slots]
units = 2
[teams.a]
people = [{ at = "T+0", people = 2 }, { at = "T+8h", people = 1 }]
at_shift_end = "hand_over"
[throughput.net]
rate = "100 GiB/h"
[runbooks.r]
steps = [
  { id = "prepare", per = "once", team = "a", duration = "1h" },
  { id = "load", per = "shard", for_each.service = "db", holds = { scratch = 1 }, transfer = { bytes = "shard", through = "net" } },
  { id = "rows", after = ["load"], team = "a", for_each.service = "db", restore_point.latest = true,
    duration.lognormal = { p50 = "1h", p90 = "3h" }, grows_with = { users = 0.3 }, uses = { slots = 1 } },
  { id = "index", after = ["rows"], team = "a", for_each.service = "index", restore_point.fixed = "5m", duration = "1h" },
  { id = "check", after = ["index"], team = "a", hand_over = true, duration = "20m", learning = { rate = 0.8 },
    fails = { probability = "30%", retry_from = "index" } },
  { id = "report", per = "batch", after = ["check"], team = "a", duration = "1h" },
]
[runbooks.words]
supporting = true
steps = [{ id = "script", per = "once", team = "a", duration = "1h" }, { id = "call", team = "a", reaches_customer = true, duration = "10m" }]
[strategies.one]
priority = "latest_finish"
tracks = [
  { runbook = "r", takes.tiers = ["gold"], batch = { size = 2, group_by = "customer" } },
  { id = "later", runbook = "r", takes.tiers = ["standard"], opens = "detected" },
  { runbook = "words", opens = "over" },
]
[strategies.two]
guardrails = ["soft_delete", "staged_rollout"]
tracks = [{ runbook = "r", batch = { size = 1, in_flight = 1, order = "users_descending" } }]
[policy]
rto = "8h"
rpo = "1h"
"#;

const REPLICATIONS: u32 = 60;

/// The outcomes of both strategies.
fn outcomes(threads: usize) -> (Results, Vec<Vec<Outcome>>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let (results, _) =
        pool.expect("a pool of threads").install(|| measured(&scenario(EVERYTHING), REPLICATIONS));
    let outcomes = results.strategies.iter().map(|it| it.unpacked()).collect();
    (results, outcomes)
}

#[test]
fn a_replication_that_deletes_nobody_ends() {
    let scenario = scenario(EVERYTHING);
    let (results, measurements) = measured(&scenario, REPLICATIONS);
    let nobody = |it: &usize| results.sites(*it).is_empty();
    let empty: Vec<usize> = (0..REPLICATIONS as usize).filter(nobody).collect();
    assert!((4..=26).contains(&empty.len()), "15 are likely: {empty:?}");
    let now = Some(SimTime::ZERO);
    for strategy in &measurements.strategies {
        for it in empty.iter().map(|it| &strategy.replications[*it]) {
            assert_eq!((it.aimed_at, it.deleted, it.users, it.person_ms), (0, 0, 0, 0));
            assert_eq!((it.first_restored, it.last_restored, it.half_of_users), (now, now, now));
            assert_eq!((it.contact.first_word, it.meets()), (now, Some(true)));
        }
        for it in &strategy.replications {
            assert_eq!(it.restored + it.lost + it.unfinished, it.deleted);
            assert!(it.rto.is_some() && it.rpo.is_some(), "every exercise is judged");
        }
    }
    let told = review::timeline(&scenario, StrategyId::new(0), 1, empty[0] as u64);
    assert_eq!(only(&told, "start"), "", "there is nothing to do:\n{told}");
}

#[test]
fn the_number_of_threads_does_not_show_in_redrawn_estates() {
    let (results, one) = outcomes(1);
    let (others, four) = outcomes(4);
    assert_eq!(results.aims, others.aims);
    assert_eq!(one, four);
}

#[test]
fn both_strategies_see_the_same_sites_and_the_same_steps() {
    let (results, outcomes) = outcomes(2);
    for (own, strategy) in outcomes.iter().zip(&results.strategies) {
        for (number, outcome) in own.iter().enumerate() {
            assert_eq!(outcome.restorations.len(), results.sites(number).len());
            assert_eq!(outcome.steps.len(), strategy.steps.len(), "labels hold for every estate");
            assert_eq!(outcome.pools.len(), strategy.pools.len());
        }
    }
}

#[test]
fn a_redrawn_replication_alone_is_that_replication_of_a_run() {
    let (results, outcomes) = outcomes(2);
    let scenario = scenario(EVERYTHING);
    for (id, outcomes) in scenario.strategies.ids().zip(outcomes) {
        for (number, outcome) in outcomes.iter().enumerate().take(10) {
            let alone = review::trace(&scenario, id, 1, number as u64).outcome;
            assert_eq!(alone, *outcome, "replication {number}");
            let own = scenario.in_replication(number as u64);
            let sites: Vec<SiteId> = results.sites(number).iter().map(|it| it.site).collect();
            assert_eq!(sites, own.incident.deleted.iter().map(|it| it.site).collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_was_observed_is_compared_with_the_estate_of_each_exercise() {
    let observed = "[observed]\ncurve = [{ at = \"T+9h\", users = \"50%\" }]\n";
    let scenario = scenario(&(read("scenarios/resampled.toml") + observed));
    let (results, measurements) = measured(&scenario, 200);
    let (strategy, replications) =
        (&results.strategies[0], &measurements.strategies[0].replications);
    let compared = compare::backtest(&scenario, &results, strategy, replications);
    let share =
        |it: usize| 9.0_f64.min(results.sites(it).len() as f64) / results.sites(it).len() as f64;
    let mut shares: Vec<f64> = (0..200).map(share).collect();
    shares.sort_unstable_by(f64::total_cmp);
    assert_eq!((compared[0].median, compared[0].p05), (shares[99], shares[9]));
}

#[test]
fn every_scenario_runs_with_redrawn_estates() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut ran = 0;
    for entry in std::fs::read_dir(folder).expect("a folder that can be read") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name in UTF-8");
        let Some(name) = name.strip_suffix(".toml") else { continue };
        let text = read(&format!("scenarios/{name}.toml"));
        let names = |key: &str| text.lines().any(|it| it.starts_with(key));
        if names("use = [\"") || names("csv = \"") {
            continue; // its sites stand in a table
        }
        let scenario = scenario_with(&text, &["estate.sites.resample=true"]);
        let (results, measurements) = measured(&scenario, 2);
        let all = || measurements.strategies.iter().flat_map(|it| &it.replications);
        // Some show how everything is lost under one strategy or in some exercises.
        assert!(all().any(|it| it.restored > 0) || all().all(|it| it.deleted == 0), "{name}");
        assert_eq!(results.sites(0).len(), scenario.incident.deleted.len(), "{name}");
        ran += 1;
    }
    assert!(ran > 10, "{ran} scenarios");
}

/// Sites of which about half are in `eu`.
fn in_two_regions(deletion: &str, more: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.sites]
count = 20
users.lognormal = {{ p50 = 40, p90 = 900 }}
regions = {{ eu = "50%", us = "50%" }}
resample = true
[[incident.deletions]]
sites = {{ regions = ["eu"] }}
{deletion}
[teams.a]
people = 1
[runbooks.r]
steps = [{{ id = "x", team = "a", duration = "1h"{more} }}]
[[strategies.s.tracks]]
runbook = "r"
"#
    )
}

#[test]
fn a_count_is_exact_and_takes_other_sites_each_time() {
    let (results, _) = measured(&scenario(&in_two_regions("count = 3", "")), 40);
    let sites = |it: usize| results.sites(it).iter().map(|it| it.site).collect::<Vec<_>>();
    assert!((0..40).all(|it| results.sites(it).len() == 3));
    assert!((1..40).any(|it| sites(it) != sites(0)));
}

#[test]
fn a_count_that_an_estate_cannot_fill_takes_all_that_match() {
    let (limited, _) = measured(&scenario(&in_two_regions("count = 10", "")), 40);
    let (whole, _) = measured(&scenario(&in_two_regions("", "")), 40);
    for number in 0..40 {
        assert_eq!(limited.sites(number).len(), whole.sites(number).len().min(10));
    }
    assert!((0..40).any(|it| limited.sites(it).len() < 10));
}

#[test]
fn growth_compares_a_site_with_the_median_of_its_own_draw() {
    let scenario = scenario(&in_two_regions("", ", grows_with.users = 1.0"));
    let (results, measurements) = measured(&scenario, 20);
    for (number, it) in measurements.strategies[0].replications.iter().enumerate() {
        let mut users: Vec<u64> =
            results.sites(number).iter().map(|it: &AimedAt| u64::from(it.users)).collect();
        // A site without any user counts as the smallest that has some.
        let least = users.iter().copied().filter(|it| *it > 0).min().unwrap_or(1);
        users.iter_mut().for_each(|it| *it = least.max(*it));
        users.sort_unstable();
        let median = users[(users.len() - 1) / 2] as f64;
        let sum: u64 = users.iter().sum();
        let took = it.last_restored.expect("all are back").as_millis() as f64 / hours(1) as f64;
        assert!((took - sum as f64 / median).abs() < 1e-4, "{took} h, {sum} over {median}");
    }
}

#[test]
fn a_report_on_redrawn_estates_says_how_far_they_differ() {
    let run = |name: &str, jobs: &str| {
        let folder = fresh_folder(name);
        let out = folder.join("report");
        let path = out.to_str().expect("a path in UTF-8");
        let words = ["run", "scenarios/resampled.toml", "--replications", "200", "--jobs", jobs];
        let ran = in_process(&[&words[..], &["--out", path]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        (ran.stdout, files_in(&out))
    };
    let (text, files) = run("resampled-1", "1");
    assert_eq!(run("resampled-4", "4"), (text.clone(), files.clone()));
    let sentence = "Every exercise draws its own estate of 36 sites: in nine of ten, 13 to 24 of \
                    them, with 13 to 24 users, were deleted at T+0 (medians: 18 sites, 18 users).";
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(sentence), "{text}");
    let file = |name: &str| {
        let (_, bytes) = files.iter().find(|it| it.0 == name).expect("a file of the report");
        String::from_utf8(bytes.clone()).expect("tables are UTF-8")
    };
    assert_eq!(file("sites.csv").lines().count(), 1, "no site is there in every exercise");
    assert_eq!(file("replications.csv").lines().count(), 401);
}

#[test]
fn a_site_of_a_redrawn_estate_is_asked_about_in_one_exercise() {
    let why = |more: &[&str]| {
        in_process(&[&["why", "scenarios/resampled.toml", "site-0001"], more].concat())
    };
    let refused = why(&[]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("choose one with --replication"), "{}", refused.stderr);
    let scenario = scenario(&read("scenarios/resampled.toml"));
    let hit = |it: &u64| {
        let own = scenario.in_replication(*it);
        own.incident.deleted.iter().any(|it| it.site == SiteId::new(0))
    };
    let (one, other) = ((1..50).find(hit), (1..50).find(|it| !hit(it)));
    let (one, other) = (one.expect("likely").to_string(), other.expect("likely").to_string());
    let told = why(&["--replication", &one]);
    assert!(told.stdout.contains(&format!("in exercise {one} of by-hand")), "{}", told.stdout);
    let told = why(&["--replication", &other]);
    assert!(
        told.stdout.contains(&format!("is not deleted in exercise {other}")),
        "{}",
        told.stdout
    );
}

#[test]
fn a_check_says_that_its_numbers_are_those_of_the_first_exercise() {
    let told = in_process(&["validate", "scenarios/resampled.toml"]).stdout;
    assert!(told.contains("deleted of 36 sites in exercise 0, others in the next"), "{told}");
}
