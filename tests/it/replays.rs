//! Recoveries to look at: what each site went through, who was busy, and what waited.

use blackstart::experiment::Design;
use blackstart::review::{BINS, Choice, Gauge, GaugeKind, Replay, SiteTable, replays, site_table};
use blackstart::units::SimTime;
use blackstart::{experiment, measure};
use proptest::prelude::*;

use crate::model::models;
use crate::support::{scenario, small};

/// The replays of the first strategy.
#[track_caller]
fn replays_of(text: &str, replications: u32) -> Vec<Replay> {
    let scenario = scenario(text);
    let design = Design { replications, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let measured = measure::measure(&scenario, &results);
    replays(&scenario, &results, &results.strategies[0], &measured.strategies[0].replications)
}

/// The only replay of a scenario without chance.
#[track_caller]
fn replay(text: &str) -> Replay {
    let mut replays = replays_of(text, 1);
    assert_eq!(replays.len(), 1, "one exercise is looked at once");
    replays.remove(0)
}

fn hours(at: Option<SimTime>) -> String {
    at.map_or_else(|| "-".to_owned(), |it| it.since_start().as_hours().to_string())
}

/// Each site: deleted, taken, restoring, validating, back, lost, and its batch.
fn stories(replay: &Replay) -> Vec<String> {
    let each = replay.sites.iter().map(|it| {
        let times = [it.deleted, it.taken, it.restoring, it.validating, it.back, it.lost];
        let batch = it.batch.map_or_else(|| "-".to_owned(), |it| it.to_string());
        format!("{} in {batch}", times.map(hours).join(" "))
    });
    each.collect()
}

fn gauge<'a>(replay: &'a Replay, kind: GaugeKind, name: &str) -> &'a Gauge {
    let is_it = |it: &&Gauge| it.kind == kind && it.name == name;
    replay.gauges.iter().find(is_it).expect("there is a gauge of it")
}

/// The mean over the whole of a gauge.
fn mean(values: &[f64]) -> f64 {
    assert_eq!(values.len(), BINS);
    values.iter().sum::<f64>() / BINS as f64
}

const TWO_PEOPLE: &str = r#"
[estate.services]
db.backup = { full = "24h", log = "continuous" }
[teams.db]
people = 2
[[runbooks.r.steps]]
id = "restore"
team = "db"
for_each = { service = "db" }
duration = "3h"
restore_point = { fixed = "5m" }
[[runbooks.r.steps]]
id = "check"
after = ["restore"]
duration = "30m"
[[strategies.s.tracks]]
runbook = "r"
batch = { size = 3, in_flight = 1 }
"#;

#[test]
fn a_site_is_taken_then_restored_then_checked_and_then_back() {
    let replay = replay(&small(4, TWO_PEOPLE));
    assert_eq!(
        stories(&replay),
        [
            "0 0 0 3 3.5 - in 0",
            "0 0 0 3 3.5 - in 0",
            // Two people work on the first two.
            "0 0 3 6 6.5 - in 0",
            // There is one slot, which is free when the last step that needs people is done.
            "0 6 6 9 9.5 - in 1",
        ]
    );
    let batches: Vec<String> = replay
        .batches
        .iter()
        .map(|it| {
            let times = [Some(it.taken), it.started, it.validating, it.first_back, it.last_back];
            format!("{} {}: {} {}", it.track, it.number, it.sites, times.map(hours).join(" "))
        })
        .collect();
    assert_eq!(batches, ["r 0: 3 0 0 6 3.5 6.5", "r 1: 1 6 6 9 9.5 9.5"]);
    assert_eq!(
        (hours(Some(replay.end)), hours(replay.last_restored)),
        ("9.5".into(), "9.5".into())
    );
}

#[test]
fn a_team_is_as_busy_as_its_work_says() {
    let replay = replay(&small(4, TWO_PEOPLE));
    let team = gauge(&replay, GaugeKind::Team, "db");
    // Four times three hours of work in nine and a half; a task that waits three hours.
    assert!((mean(&team.used) - 12.0 / 9.5).abs() < 1e-3, "{}", mean(&team.used));
    assert!((mean(&team.capacity) - 2.0).abs() < 1e-9);
    assert!((mean(&team.waiting) - 3.0 / 9.5).abs() < 1e-3);
    // Both work in the first minutes, one at half-time, nobody while the last site is checked.
    assert_eq!((team.used[0], team.used[119]), (2.0, 0.0));
    assert!((team.used[60] - 1.0).abs() < 1e-3, "levels are kept to 4,095ths of the highest");
    let track = gauge(&replay, GaugeKind::Track, "r");
    assert_eq!((track.capacity[5], track.used[5], track.used[119]), (1.0, 1.0, 0.0));
    assert!((mean(&track.waiting) - 6.0 / 9.5).abs() < 1e-3, "the last site waits six hours");
}

#[test]
fn what_waits_until_the_exercise_stops_is_seen_to_wait() {
    let text =
        small(2, TWO_PEOPLE).replace("people = 2", "people = [{ at = \"T+40h\", people = 2 }]");
    let text = text.replace("[teams.db]", "[experiment]\nhorizon = \"20h\"\n[teams.db]");
    let replay = replay(&text);
    assert_eq!(stories(&replay), ["0 0 - - - - in 0", "0 0 - - - - in 0"]);
    let team = gauge(&replay, GaugeKind::Team, "db");
    assert_eq!((hours(Some(replay.end)), replay.last_restored), ("20".into(), None));
    assert_eq!((team.capacity[0], team.used[0], team.waiting[60]), (0.0, 0.0, 2.0));
}

const CHANCE: &str = r#"
[teams.db]
people = 2
[[runbooks.r.steps]]
id = "restore"
team = "db"
duration.lognormal = { p50 = "2h", p90 = "6h" }
[[strategies.s.tracks]]
runbook = "r"
"#;

#[test]
fn the_best_the_median_a_bad_one_and_the_worst_are_looked_at() {
    let replays = replays_of(&small(6, CHANCE), 40);
    let choices: Vec<Choice> = replays.iter().map(|it| it.choice).collect();
    assert_eq!(choices, Choice::ALL);
    let ends: Vec<_> = replays.iter().map(|it| it.last_restored.expect("all come back")).collect();
    assert!(ends.is_sorted(), "{ends:?}");
    let two: Vec<Choice> = replays_of(&small(6, CHANCE), 2).iter().map(|it| it.choice).collect();
    assert_eq!(two, [Choice::Median, Choice::P95], "of two the first is the median");
}

fn table(text: &str) -> SiteTable {
    let scenario = scenario(text);
    let design = Design { replications: 1, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    site_table(&scenario, &results, &results.strategies[0], 0)
}

#[test]
fn the_pieces_of_a_site_say_who_worked_and_what_it_waited_for() {
    let table = table(&small(4, TWO_PEOPLE));
    let told = |site: usize| -> Vec<String> {
        let pieces = table.pieces(site).into_iter().map(|(cause, length)| {
            let it = &table.causes[usize::from(cause)];
            let text = format!("{} {} {} {}", it.track, it.name, it.teams, it.waited_for);
            format!("{} h {}", length.as_hours(), text.trim())
        });
        pieces.collect()
    };
    assert_eq!(told(0), ["3 h r restore/db db", "0.5 h r check"]);
    // It follows one of the first two, whose people it needs.
    assert_eq!(told(2), ["3 h r restore/db db", "3 h r restore/db db db", "0.5 h r check"]);
    assert_eq!(table.sites[3].rta_p50, table.sites[3].told);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_a_replay_shows_is_what_happened(model in models()) {
        let scenario = scenario(&model.text());
        let design = Design { replications: 3, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        let measured = measure::measure(&scenario, &results);
        for (outcomes, metrics) in results.strategies.iter().zip(&measured.strategies) {
            for replay in replays(&scenario, &results, outcomes, &metrics.replications) {
                let own = &outcomes.unpacked()[replay.replication as usize];
                for (story, end) in replay.sites.iter().zip(&own.restorations) {
                    prop_assert_eq!(story.back, end.restored_at());
                    let times = [story.deleted, story.taken, story.restoring, story.validating,
                        story.back.or(story.lost)];
                    let times: Vec<SimTime> = times.into_iter().flatten().collect();
                    prop_assert!(times.is_sorted(), "{:?}", story);
                }
                for it in &replay.gauges {
                    prop_assert_eq!(it.used.len(), BINS);
                    prop_assert!(it.used.iter().chain(&it.waiting).all(|it| *it >= 0.0));
                }
            }
            let table = site_table(&scenario, &results, outcomes, 0);
            for (site, row) in table.sites.iter().enumerate() {
                let sum: u64 = table.pieces(site).iter().map(|it| it.1.as_millis()).sum();
                prop_assert_eq!(sum, row.told.map_or(0, |it| it.as_millis()));
            }
        }
    }
}
