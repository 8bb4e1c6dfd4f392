//! The published course of April 2022 against the simulated one, as the README and the head of the
//! scenario have it.

use blackstart::experiment::{self, Design, Results};
use blackstart::scenario::{Scenario, check};
use blackstart::units::SimDuration;

use crate::support::read;

const NAME: &str = "atlassian-2022";

/// Hours from T+0, 07:38 UTC on 5 April, to a time of a later day of that month.
fn until(day: u32, hour: u32, minute: u32) -> f64 {
    f64::from(day - 5) * 24.0 + f64::from(hour) - 7.0 + (f64::from(minute) - 38.0) / 60.0
}

/// The values of one figure, one of each exercise.
struct Values(Vec<f64>);

impl Values {
    fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// The value at or below which the share `p` of exercises lies.
    fn quantile(&self, p: f64) -> f64 {
        self.0[((p * self.0.len() as f64).ceil() as usize).max(1) - 1]
    }

    /// The last cells of a row: the median, and between what 9 of 10 exercises lie.
    fn cells(&self, unit: &Unit) -> String {
        let number = |p| format!("{:.*}", unit.decimals, self.quantile(p) * unit.factor);
        let [low, median, high] = [0.05, 0.5, 0.95].map(number);
        let name = unit.name;
        format!("{median}{name} | {low} to {high}{name}")
    }
}

/// How a figure is printed.
struct Unit {
    name: &'static str,
    factor: f64,
    decimals: usize,
}

const DAYS: Unit = Unit { name: " d", factor: 1.0 / 24.0, decimals: 1 };
const MINUTES: Unit = Unit { name: " min", factor: 60.0, decimals: 0 };
const PERCENT: Unit = Unit { name: " %", factor: 100.0, decimals: 0 };
const NUMBER: Unit = Unit { name: "", factor: 1.0, decimals: 0 };

/// A column of the kept report for one strategy, each cell as a number.
fn kept(strategy: &str, column: &str, number: impl Fn(&str) -> f64) -> Values {
    let text = read(&format!("reports/{NAME}/replications.csv"));
    let mut lines = text.lines().map(|it| it.split(',').collect::<Vec<&str>>());
    let head = lines.next().expect("a table has a head");
    let place = head.iter().position(|it| *it == column).expect("a column of this name");
    Values::new(lines.filter(|it| it[0] == strategy).map(|it| number(it[place])))
}

fn hours(cell: &str) -> f64 {
    // A time that never comes is an empty cell.
    cell.parse().unwrap_or(f64::INFINITY)
}

/// How many sites the first track gave back: `restoration-1 96 restoration-2 787`.
fn by_the_first_track(cell: &str) -> f64 {
    let number = cell.strip_prefix("restoration-1 ").and_then(|it| it.split(' ').next());
    number.map_or(0.0, |it| it.parse().expect("a number of sites"))
}

/// What the kept report does not have: which users are back by when, and whose data was older.
struct AsHappened {
    scenario: Scenario,
    results: Results,
}

impl AsHappened {
    fn simulate() -> Self {
        let text = read(&format!("scenarios/{NAME}.toml"));
        let scenario = check(NAME, NAME, &text, &[]).scenario.expect("a valid scenario");
        let strategies = vec![scenario.strategy("as-happened").expect("a strategy")];
        let design = Design { strategies, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        Self { scenario, results }
    }

    fn users_of(&self, place: usize) -> f64 {
        f64::from(self.scenario.estate.sites[self.results.sites(0)[place].site].users)
    }

    /// The share of users whose sites `is` picks in an exercise.
    fn users(&self, is: impl Fn(&experiment::Outcome, usize) -> bool) -> Values {
        let sites = || 0..self.results.sites(0).len();
        let all: f64 = sites().map(|it| self.users_of(it)).sum();
        let of = |outcome| -> f64 {
            sites().filter(|it| is(outcome, *it)).map(|it| self.users_of(it)).sum()
        };
        Values::new(self.results.strategies[0].outcomes.iter().map(|it| of(it) / all))
    }

    fn users_back(&self, hours: f64) -> Values {
        self.users(|outcome, place| {
            let at = outcome.restorations[place].restored_at();
            at.is_some_and(|at| at.as_millis() as f64 <= hours * 3.6e6)
        })
    }

    fn customers_with_older_data(&self) -> Values {
        let meant = SimDuration::from_millis(5 * 60_000);
        let customers = |outcome: &experiment::Outcome| {
            let older = |it: &usize| outcome.data_loss[*it].at_hand_over > meant;
            let mut customers: Vec<u32> = (0..self.results.sites(0).len())
                .filter(older)
                .map(|it| self.scenario.estate.sites[self.results.sites(0)[it].site].customer)
                .collect();
            customers.sort_unstable();
            customers.dedup();
            customers.len() as f64
        };
        Values::new(self.results.strategies[0].outcomes.iter().map(customers))
    }
}

/// The rows: figure, published, simulated, in 9 of 10 exercises.
fn table() -> Vec<String> {
    let run = AsHappened::simulate();
    let happened = |column: &str| kept("as-happened", column, hours);
    let first_track = kept("as-happened", "restored_by", by_the_first_track);
    let r1_users = run.users(|outcome, place| outcome.restored_by[place] == 0);
    let back = |day, hour, minute| run.users_back(until(day, hour, minute));
    let older = run.customers_with_older_data();
    let alone = kept("restoration-1-only", "last_restored_h", hours);
    let rows = [
        ("first site back", "2.7 to 3.7 d", happened("first_restored_h"), DAYS),
        ("sites by restoration 1", "112", first_track, NUMBER),
        ("users by restoration 1", "53 %", r1_users, PERCENT),
        ("users back on 13 April, 03:37 UTC", "45 %", back(13, 3, 37), PERCENT),
        ("users back on 14 April", "55 %", back(14, 12, 0), PERCENT),
        ("users back on 15 April", "78 %", back(15, 12, 0), PERCENT),
        ("users back on 16 April", "99 %", back(16, 12, 0), PERCENT),
        ("half of the users back", "about 8.5 d", happened("half_of_users_h"), DAYS),
        ("last site back", "12.7 to 13.7 d", happened("last_restored_h"), DAYS),
        ("mean outage of a site", "10 to 10.6 d", happened("rta_mean_by_site_h"), DAYS),
        ("mean outage of a user", "about 7.9 d", happened("rta_mean_by_user_h"), DAYS),
        ("customers with older data at first", "57", older, NUMBER),
        ("data lost in the end, p95 of sites", "at most 5 min", happened("rpa_p95_h"), MINUTES),
        ("last site back by restoration 1 alone", "three weeks", alone, DAYS),
    ];
    let text = |(figure, published, values, unit): (&str, &str, Values, Unit)| {
        format!("| {figure} | {published} | {} |", values.cells(&unit))
    };
    rows.into_iter().map(text).collect()
}

const HEAD: &str = "| figure | published | simulated | in 9 of 10 exercises |";

/// The rows below the head of the table in a text, without what stands before each line.
fn rows<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    let lines = text.lines().filter_map(|it| it.strip_prefix(before));
    let below = lines.skip_while(|it| *it != HEAD).skip(2);
    below.take_while(|it| it.starts_with('|')).collect()
}

#[test]
fn the_published_course_stands_beside_the_simulated_one() {
    let table = table();
    let text = table.join("\n");
    let as_it_should = |text: &str, before: &str| rows(text, before) == table;
    let scenario = read(&format!("scenarios/{NAME}.toml"));
    assert!(as_it_should(&read("README.md"), ""), "the rows in README.md should be\n{text}\n");
    assert!(as_it_should(&scenario, "# "), "the rows in {NAME}.toml should be\n{text}\n");
}

#[test]
fn the_simulated_course_lies_near_the_published_one() {
    let near = |claim: &str, values: &Values, range: std::ops::RangeInclusive<f64>| {
        let median = values.quantile(0.5);
        assert!(range.contains(&median), "{claim}: {median} is not in {range:?}");
    };
    let day = 24.0;
    let last = |strategy| kept(strategy, "last_restored_h", hours);
    near("first site back, h", &kept("as-happened", "first_restored_h", hours), 60.0..=92.0);
    let first_track = kept("as-happened", "restored_by", by_the_first_track);
    near("sites by restoration 1", &first_track, 95.0..=130.0);
    let users = AsHappened::simulate().users(|outcome, place| outcome.restored_by[place] == 0);
    near("share of users by restoration 1", &users, 0.48..=0.58);
    near("last site back, h", &last("as-happened"), 12.0 * day..=14.5 * day);
    near("restoration 1 alone, h", &last("restoration-1-only"), 16.0 * day..=26.0 * day);
    near("restoration 2 at once, h", &last("restoration-2-from-start"), 0.0..=8.0 * day);
}
