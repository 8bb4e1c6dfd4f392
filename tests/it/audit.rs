//! The outsider: what he tells again is what the program says, and what was tampered with he finds.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use blackstart::audit::{self, Breach, Everywhere};
use blackstart::experiment::{Design, Restoration};
use blackstart::ids::StrategyId;
use blackstart::measure::Together;
use blackstart::scenario::{Figure, Reading, Scenario};
use blackstart::trace::Testimony;
use blackstart::units::{SimDuration, SimTime};
use blackstart::{experiment, measure, review};
use proptest::prelude::*;
use serde_json::json;

use crate::everything;
use crate::net::names;
use crate::support::{
    blackstart, blackstart_in, checked, files_in, fresh_folder, names_in, read, scenario,
    shipped_scenario,
};

/// What is wrong with so many exercises of each strategy, as they are told after tampering.
fn broken_when(
    scenario: &Scenario,
    replications: u32,
    tamper: &(dyn Fn(&mut Testimony) + Sync),
) -> Vec<Breach> {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results);
    let everywhere = Everywhere::new(scenario, 0..u64::from(replications));
    let mut broken = Vec::new();
    for (strategy, metrics) in results.strategies.iter().zip(&measured.strategies) {
        let (id, replications) = (strategy.strategy, &metrics.replications[..]);
        let hear = |own: &Scenario, told: &Testimony| {
            let mut told = told.clone();
            tamper(&mut told);
            audit::audit(own, &everywhere, id, &told)
        };
        let each = review::testify(scenario, &results, (strategy, replications), 0, hear);
        broken.extend(each.into_iter().flatten());
        let together = Together { scenario, results: &results, strategy, replications };
        let claims: Vec<(Figure, f64)> =
            together.pooled().into_iter().map(|(figure, it)| (figure, it.value())).collect();
        let outcomes = (0, strategy.unpacked().into_iter());
        broken.extend(audit::pooled(scenario, &everywhere, id, outcomes, &claims));
    }
    broken
}

#[track_caller]
fn is_clean(scenario: &Scenario, replications: u32, text: &str) {
    let broken = broken_when(scenario, replications, &|_| ());
    assert!(broken.is_empty(), "{text}\n{broken:#?}");
}

#[test]
fn nothing_is_wrong_with_the_scenarios_that_come_with_the_program() {
    for name in names() {
        let scenario = shipped_scenario(&name);
        let replications = if scenario.estate.sites.len() > 500 { 2 } else { 12 };
        is_clean(&scenario, replications, &name);
    }
}

#[test]
fn nothing_is_wrong_with_the_scenarios_into_which_faults_are_planted() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/scenarios");
    for file in names_in(Path::new(folder)) {
        let text = read(&format!("tests/faults/scenarios/{file}"));
        is_clean(&scenario(&text), 20, &text);
    }
}

/// A scenario's text with tiers, prices, objectives and a budget on every step, so that it has every
/// figure. Not every draw of it is valid.
fn with_every_figure((text, bare, _): (String, Scenario, StrategyId), choice: u16) -> String {
    let pick = |bit: u16, words: &'static str| if choice >> bit & 1 == 1 { words } else { "" };
    let tiers = "tiers = [{ tier = \"gold\", when = { min_users = 50 } }, { tier = \"basic\" }]";
    let sites = [pick(0, "inactive = \"40%\""), pick(1, "resample = true"), pick(2, tiers)];
    let sites = format!("bytes = \"8 GiB\"\n{}", sites.join("\n"));
    let team = format!("[teams.b]\n{}", pick(3, "cost_per_hour = 31.7"));
    let coverage = ["50%", "95%", "100%", "33.3%"][usize::from(choice >> 4 & 3)];
    let objectives = [
        pick(6, "rto = \"14h\""),
        pick(7, "rpo = \"30m\""),
        pick(8, "clock = \"detected\""),
        if choice & 4 == 4 { "tiers.gold = { rto = \"9h\" }" } else { "" },
    ];
    let mut text = text.replace("bytes = \"8 GiB\"", &sites).replace("[teams.b]", &team);
    if choice >> 6 & 3 > 0 {
        text += &format!("[policy]\ncoverage = \"{coverage}\"\n{}\n", objectives.join("\n"));
    }
    for runbook in &bare.runbooks {
        for step in &runbook.steps {
            write!(
                text,
                "[[budgets]]\nmetric = \"step_last_end\"\nexpect = \"value >= 0h\"\n\
                 select = {{ step = \"{}.{}\" }}\n",
                runbook.name, step.id
            )
            .expect("a string takes any text");
        }
    }
    text
}

/// Its track has closed: the first site of its batch was given up, the other had been handed over.
#[test]
fn a_batch_goes_on_where_another_stands_when_its_first_is_deleted_after_it_was_given_up() {
    let text = r#"
schema = 1
title = "test"
experiment.population_seed = 1
estate.sites = { count = 2, users.uniform = { min = 1, max = 1000 } }
incident.deletions = [{}]
injects = [{ at = "T+7h", deletion = { count = 1 } }]
teams.a.people = 1
[runbooks.r]
sequential = true
steps = [
  { id = "agree", per = "batch", duration = "1h" },
  { id = "restore", team = "a", duration = "3h" },
]
[strategies.s]
priority = "most_users"
tracks = [{ runbook = "r", closes = "T+5h", on_close = "move", batch.size = 2 }]
"#;
    is_clean(&scenario(text), 1, text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_is_wrong_whatever_is_combined(
        bytes in prop::collection::vec(any::<u8>(), 96),
        choice in any::<u16>(),
    ) {
        let text = with_every_figure(everything::generated(&bytes), choice);
        let checked = checked(&text, &[]);
        // With other sites some selection may match none of them, or not always the same.
        let faults = checked.diagnostics.render(&checked.sources, false);
        let of_selection = ["empty-selection", "is another one in every exercise"];
        let is_of_selection = of_selection.iter().any(|it| faults.contains(it));
        prop_assert!(checked.scenario.is_some() || is_of_selection, "{faults}");
        if let Some(scenario) = checked.scenario {
            is_clean(&scenario, 6, &text);
        }
    }
}

/// Four sites, one person, three hours.
const PLAIN: &str = r#"schema = 1
title = "test"
[estate.sites]
count = 4
[[incident.deletions]]
[teams.ops]
people = 1
[[runbooks.restore.steps]]
id = "restore"
team = "ops"
duration = "3h"
[strategies.by-hand]
tracks = [{ runbook = "restore" }]
[strategies.two]
teams = { ops = "200%" }
tracks = [{ runbook = "restore" }]
[policy]
rto = "9h"
"#;

fn hows(broken: &[Breach]) -> Vec<String> {
    broken.iter().map(|it| format!("{}: {}", it.law, it.how)).collect()
}

#[test]
fn a_figure_that_is_told_wrongly_is_told_of_with_what_it_comes_to() {
    let told = |figure: Figure, reading: Reading| {
        let tamper = move |told: &mut Testimony| {
            let it = told.figures.iter_mut().find(|it| it.0 == figure.into());
            it.expect("every figure is told").1 = reading;
        };
        hows(&broken_when(&scenario(PLAIN), 1, &tamper))[0].clone()
    };
    let one_late = Reading::Whole(43_200_001);
    for (figure, reading, how) in [
        (Figure::LastSiteBack, one_late, "T+12h 1ms and comes to T+12h"),
        (Figure::LastSiteBack, Reading::Never, "never and comes to T+12h"),
        (Figure::RtaMean, one_late, "12h 1ms and comes to 7h 30m"),
        (Figure::PersonHours, Reading::Whole(270_000_000), "75 hours and comes to 12 hours"),
        (Figure::SitesRestored, Reading::Whole(3), "3 and comes to 4"),
        (Figure::SitesWithinRto, Reading::Real(0.7), "70% and comes to 75%"),
        (Figure::SitesWithinRto, Reading::Unknown, "no figure at all and comes to 75%"),
        (Figure::Cost, Reading::Real(7.5), "7.5 and comes to no figure at all"),
    ] {
        assert_eq!(told(figure, reading), format!("figures: `{}` is told as {how}", figure.id()));
    }
}

#[test]
fn a_figure_that_is_not_told_is_missed() {
    let tamper = |told: &mut Testimony| told.figures.retain(|it| it.0.figure != Figure::SitesLost);
    let broken = hows(&broken_when(&scenario(PLAIN), 1, &tamper));
    let how = "figures: `sites_lost` is told as no figure at all and comes to 0";
    assert_eq!(broken, [how, how], "under both strategies");
}

#[test]
fn an_outcome_that_was_tampered_with_breaks_a_law() {
    let tampers: [&(dyn Fn(&mut Testimony) + Sync); 7] = [
        &|told| told.outcome.pools[0].busy += 1,
        &|told| told.outcome.restorations[1] = Restoration::Lost,
        &|told| told.outcome.restorations.truncate(2),
        &|told| told.outcome.deleted_at = vec![SimTime::from_millis(1); 4],
        &|told| told.outcome.pools.clear(),
        &|told| told.outcome.data_loss[0].at_hand_over = Some(SimDuration::ZERO),
        &|told| told.outcome.data_loss[0].repaired_at = Some(SimTime::ZERO),
    ];
    for (place, tamper) in tampers.iter().enumerate() {
        assert!(!broken_when(&scenario(PLAIN), 1, *tamper).is_empty(), "{place}");
    }
}

#[test]
fn figures_of_all_exercises_together_are_told_again_too() {
    let scenario = scenario(PLAIN);
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    let outcomes = &results.strategies[0].unpacked()[..3];
    let everywhere = Everywhere::new(&scenario, 0..3);
    let said = |claims: &[(Figure, f64)]| {
        let first = results.strategies[0].strategy;
        let outcomes = (0, outcomes.iter().cloned());
        hows(&audit::pooled(&scenario, &everywhere, first, outcomes, claims))
    };
    let hour = 3_600_000.0;
    let sound = [
        (Figure::PooledRtaP50, 6.0 * hour),
        (Figure::PooledRtaP95, 12.0 * hour),
        (Figure::PooledUserRtaP95, 12.0 * hour),
        (Figure::PooledCustomerRtaP95, 12.0 * hour),
        (Figure::AssuranceRto, 0.0),
        (Figure::AssuranceRtoOfUsers, 0.0),
        (Figure::AssuranceRtoOfCustomers, 0.0),
        (Figure::Assurance, 0.0),
    ];
    assert_eq!(said(&sound), [""; 0]);
    let mut wrong = sound;
    wrong[0].1 = 7.0 * hour;
    wrong[1].1 = f64::INFINITY;
    wrong[7] = (Figure::AssuranceRpo, 0.5);
    let how = [
        "figures: `site.rta.p50` is told as 7h and comes to 6h",
        "figures: `site.rta.p95` is told as never and comes to 12h",
        "figures: `assurance_rpo` is told as 50% and comes to no figure at all",
        "figures: `assurance` is told as no figure at all and comes to 0%",
    ];
    assert_eq!(said(&wrong), how);
}

fn folder_with_plain(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    std::fs::write(folder.join("plain.toml"), PLAIN).expect("a file can be written");
    folder
}

#[test]
fn the_verb_says_how_much_was_told_again() {
    let folder = folder_with_plain("audit-verb");
    let ran = blackstart_in(&folder, &["audit", "plain.toml", "--replications", "5"]);
    let expected = "\
10 exercises of 2 strategies told again from the log: no law is broken

 strategy | exercises | things in their logs | breaches of laws
----------+-----------+----------------------+------------------
 by-hand  |         5 |                  130 |             none
 two      |         5 |                  130 |             none

reproduce: blackstart audit plain.toml --seed 1 --replications 5
";
    let lines = ran.stdout.lines().flat_map(|it| [it.trim_end(), "\n"]);
    assert_eq!((ran.code, lines.collect::<String>().as_str()), (0, expected));
    assert_eq!(ran.stderr, "");
    assert_eq!(names_in(&folder), ["plain.toml"], "nothing is written");
}

#[test]
fn one_exercise_is_audited_by_its_number() {
    let folder = folder_with_plain("audit-one");
    let words = ["audit", "plain.toml", "--replication", "7", "--strategy", "two"];
    let ran = blackstart_in(&folder, &[&words[..], &["--set", "teams.ops.people=2"]].concat());
    let first = "1 exercise of 1 strategy told again from the log: no law is broken\n";
    let last = "reproduce: blackstart audit plain.toml --set teams.ops.people=2 --strategy two \
                --seed 1 --replication 7\n";
    assert!(ran.stdout.starts_with(first) && ran.stdout.ends_with(last), "{}", ran.stdout);
    let both = blackstart_in(&folder, &[&words[..], &["--replications", "3"]].concat());
    assert_eq!(both.code, 2);
}

#[test]
fn json_has_what_the_text_has() {
    let folder = folder_with_plain("audit-json");
    let ran = blackstart_in(&folder, &["audit", "plain.toml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((json["format"].as_u64(), json["ok"].as_bool()), (Some(1), Some(true)));
    let strategy = &json["strategies"][1];
    assert_eq!((&strategy["strategy"], &strategy["exercises"]), (&"two".into(), &100.into()));
    assert_eq!((&strategy["broken_in"], &strategy["breaches"]), (&0.into(), &json!([])));
    let again = blackstart_in(&folder, &["audit", "plain.toml", "--format", "json", "--jobs", "1"]);
    assert_eq!(again.stdout, ran.stdout, "on one thread as on all");
}

#[test]
fn a_run_may_be_audited_before_it_is_reported() {
    let folder = folder_with_plain("audit-run");
    let run = |more: &[&str]| {
        blackstart_in(&folder, &[&["run", "plain.toml", "--replications", "7"], more].concat())
    };
    let plain = run(&["--out", "plain"]);
    let audited = run(&["--out", "audited", "--audit"]);
    assert_eq!((audited.code, &audited.stdout), (0, &plain.stdout));
    let said = "audit: 14 exercises of 2 strategies told again from the log: no law is broken\n";
    assert!(audited.stderr.starts_with(said), "{}", audited.stderr);
    assert_eq!(files_in(&folder.join("plain")), files_in(&folder.join("audited")));
    // Of as many as the scenario says, only the first.
    let whole = blackstart_in(&folder, &["run", "plain.toml", "--audit"]);
    assert!(whole.stderr.starts_with("audit: 200 exercises of 2 strategies"), "{}", whole.stderr);
    assert_eq!(run(&["--audit", "--quiet"]).stderr, "");
    assert_eq!(run(&["--audit", "--slice", "1/2"]).code, 2);
}

#[test]
fn the_excerpt_beside_the_reports_is_what_it_prints() {
    let printed = blackstart(&["audit", "scenarios/quickstart.toml"]).stdout;
    let page = read("reports/README.md");
    let shown = page.split("```text\n").find(|it| it.contains("told again from the log"));
    let shown = shown.and_then(|it| it.split("```").next()).expect("an excerpt");
    let lines = |text: &str| text.lines().map(|it| it.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(lines(shown), lines(&printed));
}
