//! What a guardrail or another strategy buys, as the report says it.

use blackstart::compare::{Against, Paired};
use blackstart::experiment::{Design, Results};
use blackstart::measure::{CONFIDENCE, MeanEstimate, Measurements};
use blackstart::report::{self, Look, View};
use blackstart::review::Causes;
use blackstart::scenario::{Figure, Scenario};
use blackstart::stats::Interval;
use blackstart::verdict::judge_all;
use blackstart::{compare, experiment, folder, measure, plot};

use crate::support::{blackstart, read, scenario, shipped_scenario};

struct Run {
    scenario: Scenario,
    results: Results,
    measurements: Measurements,
    view: View,
}

fn run(scenario: Scenario, replications: u32) -> Run {
    let design = Design { replications, ..Design::of(&scenario) };
    simulated(scenario, &design)
}

fn simulated(scenario: Scenario, design: &Design) -> Run {
    let results = experiment::run(&scenario, design, &|| ());
    let measurements = measure::measure(&scenario, &results);
    let verdicts = judge_all(&scenario, &measurements);
    let view = report::view(
        &scenario,
        &results,
        &measurements,
        &verdicts,
        &Causes::default(),
        "blackstart",
    );
    Run { scenario, results, measurements, view }
}

const HOUR: f64 = 3_600_000.0;

impl Run {
    /// The strategy of this place against the first.
    fn against(&self, place: usize) -> Against {
        let strategies = &self.measurements.strategies;
        compare::against(&self.scenario, &strategies[place], &strategies[0], CONFIDENCE)
    }

    /// How far a figure of that strategy lies from that of the first, in hours.
    fn apart(&self, place: usize, figure: Figure) -> Paired {
        let it = self.against(place).by(figure).expect("both have it");
        let both = |it: Interval| Interval { low: it.low / HOUR, high: it.high / HOUR };
        let estimate = it.estimate.map(|it| MeanEstimate {
            mean: it.mean / HOUR,
            interval: it.interval.map(both),
            ..it
        });
        Paired { estimate, ..it }
    }

    /// The sentences of the strategies against the first.
    fn sentences(&self) -> Vec<&str> {
        let against = self.view.strategies.iter().filter_map(|it| it.against.as_ref());
        against.map(|it| it.sentence.as_str()).collect()
    }

    fn text(&self) -> String {
        report::text(&self.view, Look::Plain)
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&report::json(&self.view)).expect("a summary is JSON")
    }

    /// A file of the report's folder.
    fn file(&self, name: &str) -> String {
        let Self { scenario, results, measurements, view } = self;
        let series = plot::series(scenario, results, measurements);
        let files = folder::files(scenario, results, measurements, view, &series);
        let (_, bytes) = files.into_iter().find(|it| it.0 == name).expect("a file of the report");
        String::from_utf8(bytes).expect("a table is text")
    }

    /// The cells of these columns of the first exercise under each strategy.
    fn cells(&self, columns: &[&str]) -> Vec<String> {
        let text = self.file("replications.csv");
        let rows: Vec<Vec<&str>> = text.lines().map(|it| it.split(',').collect()).collect();
        let place = |name: &&str| rows[0].iter().position(|it| it == name).expect("a column");
        let places: Vec<usize> = columns.iter().map(place).collect();
        let first = rows[1..].iter().filter(|row| row[1] == "0");
        first.map(|row| places.iter().map(|it| row[*it]).collect::<Vec<_>>().join(" ")).collect()
    }
}

fn figure<'a>(strategy: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
    let figures = strategy["figures"].as_array().expect("a list of figures");
    figures.iter().find(|it| it["name"] == name).expect("a figure of this name")
}

#[test]
fn soft_deletes_save_the_hours_that_the_head_of_their_scenario_says() {
    let run = run(shipped_scenario("soft-delete"), 100);
    assert_eq!(
        run.sentences(),
        ["soft-delete against as-happened: 89 fewer site-hours (in every exercise), 890 fewer \
           user-hours (in every exercise), last site back 12.0 h earlier (in every exercise)."]
    );
    assert!(read("reports/README.md").contains(run.sentences()[0]), "the page shows this sentence");
    for (figure, mean) in [
        (Figure::SiteHoursLost, -89.0),
        (Figure::UserHoursLost, -890.0),
        (Figure::LastSiteBack, -12.0),
    ] {
        let paired = run.apart(1, figure);
        let estimate = paired.estimate.expect("all are back in every exercise");
        let interval = estimate.interval.expect("there are enough exercises");
        assert!(estimate.mean == mean && estimate.is_always_the_same(), "{estimate:?}");
        assert!(interval.contains(mean) && interval.high < 0.0, "{estimate:?}");
        assert_eq!((estimate.n, paired.left_out), (100, 0));
    }
}

#[test]
fn a_soft_delete_spares_no_site_and_nothing_is_said_of_sparing() {
    let run = run(shipped_scenario("soft-delete"), 40);
    let text = run.text();
    assert!(text.contains("were deleted at T+0"), "{text}");
    assert!(!text.contains("sites deleted") && !text.contains("guardrail"), "{text}");
    assert_eq!(run.cells(&["sites_deleted", "sites_saved"]), ["12 0", "12 0"]);
}

/// Sites are away from their own deletion on: as it happened, site k of 100 from minute k to
/// 80 min + (k + 1) h. In stages, 10 are deleted in minutes 0 to 9 and 11 in minutes 70 to 80.
fn staged_hours() -> [f64; 3] {
    let away = |minutes: &[u32]| {
        let back = (1..).map(|turn| 80 + 60 * turn);
        f64::from(minutes.iter().zip(back).map(|(gone, back)| back - gone).sum::<u32>()) / 60.0
    };
    let first: Vec<u32> = (0..100).collect();
    let stages: Vec<u32> = (0..10).chain(70..81).collect();
    [away(&first), away(&stages), away(&first[..15])]
}

#[test]
fn staged_deletions_save_the_sites_and_the_hours_that_can_be_counted() {
    let run = run(shipped_scenario("staged-rollout"), 40);
    let [first, stages, capped] = staged_hours();
    for (place, hours) in [(1, stages), (2, capped)] {
        let it = run.apart(place, Figure::SiteHoursLost).estimate.expect("hours");
        assert!(it.is_always_the_same(), "{it:?}");
        assert!((it.mean - (hours - first)).abs() < 1e-9, "{it:?}, {hours} - {first}");
    }
    assert_eq!(run.cells(&["sites_deleted", "sites_saved"]), ["100 0", "21 79", "15 85"]);
    let json = run.json();
    let strategies = json["strategies"].as_array().expect("a list of strategies");
    let of = |name: &str| -> Vec<f64> {
        strategies.iter().map(|it| figure(it, name)["value"].as_f64().expect("a mean")).collect()
    };
    assert_eq!(of("sites_deleted"), [100.0, 21.0, 15.0]);
    assert_eq!(of("sites_saved"), [0.0, 79.0, 85.0]);
    assert_eq!(of("users_deleted").len(), 3);
}

#[test]
fn the_terminal_says_what_is_deleted_and_what_is_saved() {
    let run = run(shipped_scenario("staged-rollout"), 40);
    let text = run.text();
    let lines = |words: &[&str]| -> String {
        let wanted = text.lines().filter(|line| words.iter().any(|it| line.contains(it)));
        wanted.map(|it| format!("{it}\n")).collect()
    };
    assert_eq!(lines(&["aims at", " deleted ", "saved", " against "]), EXPECTED, "{text}");
}

const EXPECTED: &str = "\
The incident aims at 100 sites of 100 customers, with 100 users, and would delete them between T+0 \
and T+99 min; the estate has 100 sites. Under in-stages and capped, a guardrail may spare some or \
all of them.
 sites deleted                  |      100 |            100 |                  100
 sites deleted                  |       21 |             21 |                   21
 sites saved by a guardrail     |       79 |             79 |                   79
 sites deleted                  |       15 |             15 |                   15
 sites saved by a guardrail     |       85 |             85 |                   85
in-stages against as-happened: 4,856 fewer site-hours (in every exercise), 4,856 fewer user-hours \
(in every exercise), last site back 3.3 d earlier (in every exercise).
capped against as-happened: 4,963 fewer site-hours (in every exercise), 4,963 fewer user-hours (in \
every exercise), last site back 3.5 d earlier (in every exercise).
One strategy against another is the mean difference between the same exercises, which have their \
random numbers in common; a site that never comes back counts until the exercise stops.
";

#[test]
fn a_strategy_does_not_differ_from_itself() {
    let text = read("scenarios/quickstart.toml");
    let twin = scenario(&twin_of_the_first(&text));
    let run = run(twin, 60);
    let place = run.view.strategies.iter().position(|it| it.name == "twin").expect("a twin");
    let differences = run.against(place).differences;
    assert!(differences.len() > 20, "every figure with a better and a worse is compared");
    for (figure, paired) in differences {
        let Some(estimate) = paired.estimate else { continue };
        assert!(estimate.mean == 0.0 && estimate.is_always_the_same(), "{figure:?}: {estimate:?}");
        // That no other exercise differs, sixty do not show.
        assert!(estimate.interval.is_none_or(|it| it.contains(0.0)), "{figure:?}: {estimate:?}");
    }
    assert_eq!(
        run.view.strategies[place].against.as_ref().expect("it is not the first").sentence,
        "twin against site-by-site: as many site-hours (in every exercise), as many user-hours (in \
         every exercise), last site back at the same time (in every exercise)."
    );
}

/// The scenario with its first strategy a second time, under the name `twin`.
fn twin_of_the_first(text: &str) -> String {
    let mut table: toml::Table = text.parse().expect("a scenario is TOML");
    let strategies = table["strategies"].as_table_mut().expect("a table of strategies");
    let (_, first) = strategies.iter().next().expect("a scenario has a strategy");
    let first = first.clone();
    strategies.insert("twin".to_owned(), first);
    toml::to_string(&table).expect("a table can be written")
}

#[test]
fn the_summary_has_the_differences_of_all_but_the_first() {
    let json = run(shipped_scenario("soft-delete"), 40).json();
    let (first, second) = (&json["strategies"][0]["against"], &json["strategies"][1]["against"]);
    assert!(first.is_null());
    assert_eq!((&second["strategy"], &second["n"]), (&"as-happened".into(), &40.into()));
    for (name, unit, value) in [
        ("site_hours_lost", "h", -89.0),
        ("user_hours_lost", "h", -890.0),
        ("last_site_back", "s", -43_200.0),
    ] {
        let it = figure(second, name);
        assert_eq!(it["unit"], unit);
        assert_eq!(it["statistic"], "mean_difference");
        for end in ["value", "p05", "p95"] {
            assert_eq!(it[end], value, "{name} {end}");
        }
        let [low, high] = ["low", "high"].map(|end| it[end].as_f64().expect("an end"));
        assert!(low <= value && value <= high && high < 0.0, "{name}: {low} to {high}");
        assert_eq!((&it["n"], &it["never"]), (&40.into(), &0.into()));
    }
}

#[test]
fn one_strategy_alone_is_set_against_none() {
    let text = read("scenarios/graham.toml");
    let scenario = scenario(&text);
    let first = scenario.strategies.ids().next().expect("a strategy");
    let design = Design { strategies: vec![first], replications: 5, ..Design::of(&scenario) };
    let view = simulated(scenario, &design).view;
    assert_eq!(view.strategies[0].against, None);
    assert!(!report::text(&view, Look::Plain).contains("against"));
}

#[test]
fn validation_says_at_how_many_sites_a_guarded_incident_aims() {
    let ran =
        blackstart(&["validate", "scenarios/staged-rollout.toml", "scenarios/soft-delete.toml"]);
    assert_eq!(
        ran.stdout,
        "scenarios/staged-rollout.toml: valid; aims at 100 of 100 sites, 3 strategies, 100 \
         exercises each\n\
         scenarios/soft-delete.toml: valid; 12 deleted of 12 sites, 2 strategies, 100 exercises \
         each\n"
    );
}
