//! Reports of results made by hand, compared with texts that a person can check.

use crate::experiment::{Results, fake};
use crate::folder::files;
use crate::ids::{Id, SiteId};
use crate::measure::measure;
use crate::plot::series;
use crate::report::run::{json, text};
use crate::report::{Look, View, schema, view};
use crate::review::Causes;
use crate::scenario::{Assumption, Objective, Scenario};
use crate::trace::Outcome;
use crate::units::SimDuration;
use crate::verdict::judge_all;

fn report(scenario: &Scenario, outcomes: Vec<Outcome>) -> (Results, View) {
    let results = fake::results(scenario, outcomes);
    let measurements = measure(scenario, &results);
    let verdicts = judge_all(scenario, &measurements);
    let command = "blackstart run four.toml --seed 7";
    let view = view(scenario, &results, &measurements, &verdicts, &Causes::default(), command);
    (results, view)
}

/// Thirty exercises, of which the first ten lose a site.
fn thirty() -> Vec<Outcome> {
    (0..30).map(|it| if it < 10 { fake::lossy() } else { fake::slow() }).collect()
}

/// Every file by its name.
fn folder(scenario: &Scenario) -> Vec<(String, String)> {
    let (results, view) = report(scenario, thirty());
    let measurements = measure(scenario, &results);
    let series = series(scenario, &results, &measurements);
    files(scenario, &results, &measurements, &view, &series)
        .into_iter()
        .map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// Ten exercises of thirty lose a site and are otherwise fast; see [`fake`] for their times.
const EXPECTED: &str = r#"manual misses the policy: in only 10 of 30 exercises were 75% of the sites back within 6 h; the policy asks for 50% of exercises.
  The RPO is met: in all 30 exercises, 75% of the sites lost at most 1 h of data after repair.
  In the mean of 30 exercises, 41.7% of the sites (56.7% of the users) came back with data older than the RPO of 1 h; after repair, 6.7 h later in the mean, 16.7% of the sites (26.7% of the users).

four: Four sites
4 sites of 2 customers, with 100 users, were deleted between T+0 and T+3.0 h; the estate has 4 sites.
Milestones, median: detected T+2.0 h.
The policy asks that, in 50% of exercises, 75% of the sites are back within 6 h, measured from each site's own deletion, and that 75% of the sites lose at most 1 h of data, counted in the end, after repair.
30 simulated exercises of each strategy, seed 7, stopped 4 d 4 h after the first deletion.

manual
                                 | value              | 95% interval      | in 9 of 10 exercises
---------------------------------+--------------------+-------------------+----------------------
 first site back                 |            T+4.0 h |      4.0 to 4.0 h |         4.0 to 4.0 h
 half of the sites back          |            T+5.0 h |      5.0 to 5.0 h |         5.0 to 5.0 h
 half of the users back          |           T+10.0 h |     8.0 to 10.0 h |        8.0 to 10.0 h
 95% of the sites back           |           T+20.0 h |   20.0 h to never |      20.0 h to never
 last site back                  |           T+20.0 h |   20.0 h to never |      20.0 h to never
 last of those that come back    |             T+20 h |         8 to 20 h |            8 to 20 h
 RTA p95, all sites pooled       | not within 4 d 4 h |             never |
 RTA p95 of an exercise          |             17.0 h |   17.0 h to never |      17.0 h to never
 RTA p95 in 9 of 10 exercises    |  too few exercises | too few exercises |
 RTA p95 of those that come back |               17 h |         6 to 17 h |            6 to 17 h
 mean RPA of an exercise         |  not of every site |                   |
 sites within RTO                |              58.3% |    50.6% to 64.8% |       50.0% to 75.0%
 sites within RPO                |              75.0% |    66.3% to 77.9% |                75.0%
 sites back with old data        |              41.7% |    35.2% to 49.4% |       25.0% to 50.0%
 users back with old data        |              56.7% |    47.1% to 64.6% |       30.0% to 70.0%
 sites left with old data        |              16.7% |    11.8% to 27.0% |        0.0% to 25.0%
 users left with old data        |              26.7% |    18.9% to 37.1% |        0.0% to 40.0%
 mean time until repaired        |              6.7 h |      6.3 to 7.1 h |         6.0 to 8.0 h
 exercises that meet the policy  |              33.3% |    17.3% to 52.8% |             10 of 30
 person-hours                    |                 10 | alike in 30 of 30 |                   10
 cost                            |              1,000 | alike in 30 of 30 |                1,000
 sites lost for good             |                0.3 |        0.2 to 0.8 |               0 to 1
 sites not restored              |                0.3 |        0.2 to 0.8 |               0 to 1

 gave back | sites       | of users | first    | last
-----------+-------------+----------+----------+----------
 r1        | 2.3 (58.3%) |    40.0% |  T+4.0 h |  T+5.0 h
 r2        | 1.3 (33.3%) |    46.7% | T+10.0 h | T+20.0 h

 team | person-hours | busy  | cost
------+--------------+-------+-------
 ops  |           10 | 25.0% | 1,000

T+ counts from the first deletion. Times are medians over exercises unless their row says otherwise, other figures are means.
The 95% intervals cover sampling error of the simulation only, not error in the inputs.
Of the tables that say where their values come from, 1 is guessed.

Reproduce with: blackstart run four.toml --seed 7
"#;

#[test]
fn the_terminal_report_begins_with_the_verdict() {
    let (_, view) = report(&fake::scenario(), thirty());
    let actual = text(&view, Look::Plain);
    assert_eq!(actual, EXPECTED, "\n{actual}");
}

#[test]
fn a_verdict_in_a_sentence() {
    let sentence = |outcomes| {
        let (_, view) = report(&fake::scenario(), outcomes);
        view.strategies[0].verdict.as_ref().unwrap().sentence.clone()
    };
    assert_eq!(
        sentence(vec![fake::slow(); 1_000]),
        "manual misses the policy: in none of 1,000 exercises were 75% of the sites back within \
         6 h."
    );
    assert_eq!(
        sentence(vec![fake::lossy(); 1_000]),
        "manual meets the policy: in all 1,000 exercises, 75% of the sites were back within 6 h; \
         in all 1,000 exercises, 75% of the sites lost at most 1 h of data after repair."
    );
    assert_eq!(
        sentence(vec![fake::slow(), fake::lossy(), fake::slow()]),
        "manual may or may not meet the policy: in 1 of 3 exercises, 75% of the sites were back \
         within 6 h; in all 3 exercises, 75% of the sites lost at most 1 h of data after repair; 3 \
         exercises are too few to tell whether that is so in 50% of all."
    );
}

#[test]
fn objectives_of_several_tiers_are_named() {
    let mut scenario = fake::scenario();
    let gold = scenario.estate.tiers.push("gold".to_owned());
    scenario.estate.sites[SiteId::new(0)].tier = gold;
    let objective = Objective { rto: Some(SimDuration::from_hours(1)), rpo: None };
    scenario.policy.as_mut().unwrap().objectives.push(objective);
    let (_, view) = report(&scenario, vec![fake::slow(); 1_000]);
    assert_eq!(
        view.policy.as_ref().unwrap().sentence,
        "The policy asks that, in 50% of exercises, 75% of the sites under each objective are back \
         in time (all 6 h, gold 1 h), measured from each site's own deletion, and that 75% of \
         the sites with an objective lose at most 1 h of data, counted in the end, after repair."
    );
    assert_eq!(
        view.strategies[0].verdict.as_ref().unwrap().sentence,
        "manual misses the policy: in none of 1,000 exercises were 75% of the sites under each \
         objective back in time (all 6 h, gold 1 h); in none of 1,000 exercises did 75% of the \
         sites with an objective lose at most 1 h of data after repair."
    );
}

#[test]
fn without_a_policy_the_report_says_so() {
    let mut scenario = fake::scenario();
    scenario.policy = None;
    let (_, view) = report(&scenario, thirty());
    assert!(text(&view, Look::Framed).starts_with("Nothing was judged"));
    assert_eq!((view.policy, view.strategies[0].verdict.clone()), (None, None));
}

#[test]
fn one_exercise_makes_a_report_without_intervals() {
    let (_, view) = report(&fake::scenario(), vec![fake::slow()]);
    let last = view.strategies[0].figures.iter().find(|it| it.name == "last_site_back").unwrap();
    assert_eq!((last.value, last.low, last.n), (Some(72_000.0), None, 1));
    assert!(text(&view, Look::Plain).contains("too few exercises"));
}

#[test]
fn the_report_counts_only_the_kinds_of_sources_that_there_are() {
    let of = |sources: &[&str]| {
        let mut scenario = fake::scenario();
        let first = scenario.assumptions[0].clone();
        scenario.assumptions = sources
            .iter()
            .map(|it| Assumption { source: (*it).to_owned(), ..first.clone() })
            .collect();
        report(&scenario, thirty()).1.assumptions.sentence
    };
    let head = "Of the tables that say where their values come from, ";
    assert_eq!(of(&["fitted", "guess", "fitted"]), format!("{head}2 are fitted and 1 guessed."));
    assert_eq!(
        of(&["measured", "published", "guess"]),
        format!("{head}1 is measured, 1 published and 1 guessed.")
    );
    assert_eq!(of(&[]), "The scenario does not say where its values come from.");
}

#[test]
fn the_summary_is_json_with_full_numbers_in_a_stable_order() {
    let (_, view) = report(&fake::scenario(), thirty());
    let text = json(&view);
    assert!(text.starts_with("{\n  \"format\": 2,\n  \"program\": {"), "{text}");
    assert!(text.ends_with("}\n"));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let figures = value["strategies"][0]["figures"].as_array().unwrap();
    let figure = |name: &str| figures.iter().find(|it| it["name"] == name).unwrap();
    let half = figure("half_of_users_back");
    assert_eq!(half["value"], 36_000.0);
    assert_eq!(half["iso8601"]["value"], "PT10H");
    assert_eq!((&half["n"], &half["never"]), (&30.into(), &0.into()));
    assert_eq!(figure("last_site_back")["never"], 10);
    assert_eq!(figure("exercise.rta.mean")["value"], serde_json::Value::Null);
    assert_eq!(figure("assurance")["value"], 0.3333333333);
    assert!(schema().contains("\"IsoFigure\""));
}

#[test]
fn tables_are_safe_to_open_and_can_be_checked_by_hand() {
    let files = folder(&fake::scenario());
    let file = |name: &str| &files.iter().find(|it| it.0 == name).unwrap().1;
    assert_eq!(
        file("steps.csv"),
        "strategy,track,step,title,phase,team,attempts_mean,failures_mean,work_hours_mean,\
         wait_hours_mean,escalations_mean,step_last_end_p50_h\n\
         manual,r1,restore,'=restore,,ops,5.0000,1.0000,10.0000,2.0000,0.0000,20.0000\n"
    );
    assert_eq!(
        file("teams.csv"),
        "strategy,pool,kind,unit_hours_mean,utilisation,overtime_h,cost_mean,bytes_mean\n\
         manual,ops,team,10.0000,0.250000,0.0000,1000.00,\n"
    );
    let sites: Vec<&str> = file("sites.csv").lines().collect();
    assert_eq!(
        sites[3],
        "manual,site-0003,1,all,default,wiki,30,0,7200.000,1.000000,0.000000,0.000000,0.000000,6.0000,\
         8.0000,8.0000,10800.000,300.000,10500.000,1.000000,21600.000,r1 33% r2 67%"
    );
    assert!(
        sites[4].contains(",0.666667,0.333333,0.000000,0.000000,17.0000,17.0000,,"),
        "{}",
        sites[4]
    );
    let replications: Vec<&str> = file("replications.csv").lines().collect();
    assert_eq!(
        replications[11],
        "manual,10,4,100,0,4.0000,5.0000,10.0000,20.0000,20.0000,20.0000,,,,,17.0000,17.0000,17.0000,17.0000,8.2500,\
         10.4000,2.0000,0.5625,0.500000,0.300000,0.000000,0.750000,0.600000,0.500000,0.700000,\
         0.250000,0.400000,6.0000,33.0000,1040.0000,13.0000,10.0000,1000.00,4,1.000000,0,0,0,0,false,\
         true,false,r1 2 r2 2"
    );
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let scenario = fake::scenario();
    let names: Vec<String> = folder(&scenario).into_iter().map(|it| it.0).collect();
    assert_eq!(
        names,
        [
            "summary.json",
            "series.json",
            "sites.csv",
            "replications.csv",
            "teams.csv",
            "steps.csv",
            "report.html",
            "plots/recovery-manual.svg",
            "plots/rta.svg",
            "plots/rpa.svg",
            "plots/inconsistency.svg",
            "plots/teams-manual.svg",
            "plots/batches-manual.svg",
            "plots/load-manual.svg",
            "plots/progress-manual.svg",
        ]
    );
    assert_eq!(folder(&scenario), folder(&scenario));
}
