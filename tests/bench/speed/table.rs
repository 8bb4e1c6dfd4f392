//! What an attempt takes: nanoseconds on one core, and instructions where they can be counted.
//!
//! Each time is the median of several rounds, with the fastest beside it: other work on the machine
//! only ever makes a round slower. Rounds go through all that is timed in turns.

use std::sync::OnceLock;
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
use std::time::Instant;

use blackstart::audit::{Auditor, Everywhere};
use blackstart::experiment::{self, Design};
use blackstart::scenario::Scenario;
use blackstart::trace::Testimony;
use blackstart::{measure, review};

use crate::counted::{MISSING, an_attempt, can_count, side_by_side};
use crate::job::Job;
use crate::say;
use crate::workloads::{EVERYTHING, PLAIN, Workload, strategies_of_the_reference};

const ROUNDS: usize = 5;
/// In a round.
const EXERCISES: u32 = 50;

pub(crate) fn show() -> Result<(), String> {
    show_attempts()?;
    let strategies = strategies_of_the_reference();
    say("\naudits over simulations of as many exercises, one core");
    for strategy in &strategies {
        show_rounds(strategy, audits(&Workload::named(strategy)));
    }
    say("\nseconds for 1,000 exercises, two cores");
    for strategy in &strategies {
        let workload = Workload::named(strategy);
        show_rounds(strategy, (0..3).map(|_| workload.simulate(1_000, 2).seconds).collect());
    }
    Ok(())
}

fn show_attempts() -> Result<(), String> {
    let rows = rows();
    let times = times(&rows);
    let counts = match can_count() {
        true => side_by_side(&rows, |row| an_attempt([2, 4], &|it| row.job(it)).map(Some)),
        false => rows.iter().map(|_| Ok(None)).collect(),
    };
    say("an attempt on one core         median ns    fastest  instructions");
    for ((row, times), count) in rows.iter().zip(times).zip(counts) {
        let (median, fastest) = median_and_least(times);
        let count = count?.map_or_else(|| "-".to_owned(), |it| format!("{it:.0}"));
        say(&format!("  {:28} {median:9.1} {fastest:10.1} {count:>13}", row.name()));
    }
    if !can_count() {
        say(MISSING);
    }
    Ok(())
}

/// What attempts are timed and counted of.
struct Row {
    workload: String,
    by_hand: bool,
}

fn rows() -> Vec<Row> {
    let by_hand = ["W1", "W2"].map(|it| Row { workload: it.to_owned(), by_hand: true });
    let names = ["W1", "W2"].map(str::to_owned).into_iter().chain(strategies_of_the_reference());
    let names = names.chain([PLAIN, EVERYTHING].map(str::to_owned));
    let simulated = names.map(|workload| Row { workload, by_hand: false });
    by_hand.into_iter().chain(simulated).collect()
}

impl Row {
    fn name(&self) -> String {
        format!("{}{}", self.workload, if self.by_hand { " by hand" } else { "" })
    }

    fn job(&self, exercises: u32) -> Job {
        let workload = self.workload.clone();
        match self.by_hand {
            true => Job::ByHand { workload, exercises },
            false => Job::Simulate { workload, exercises },
        }
    }
}

/// Nanoseconds of an attempt, in each round but a first one that nobody looks at.
fn times(rows: &[Row]) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); rows.len()];
    for round in 0..=ROUNDS {
        for (row, times) in rows.iter().zip(&mut times) {
            let done = row.job(EXERCISES).done();
            times.extend((round > 0).then(|| done.seconds * 1e9 / done.attempts as f64));
        }
    }
    times
}

fn show_rounds(name: &str, rounds: Vec<f64>) {
    let (median, least) = median_and_least(rounds);
    say(&format!("  {name:28} {median:9.2}   fastest {least:9.2}"));
}

fn median_and_least(mut rounds: Vec<f64>) -> (f64, f64) {
    rounds.sort_by(f64::total_cmp);
    (rounds[rounds.len() / 2], rounds[0])
}

/// What telling exercises again from their logs costs, the simulating with a log included, as often as
/// simulating them alone.
#[expect(clippy::disallowed_types, reason = "a benchmark is about the time on the wall")]
fn audits(workload: &Workload) -> Vec<f64> {
    const EXERCISES: u32 = 40;
    let Workload { scenario, strategy } = workload;
    let design = Design {
        strategies: vec![*strategy],
        replications: EXERCISES,
        seed: 1,
        ..Design::of(scenario)
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let everywhere = Everywhere::new(scenario, 0..u64::from(EXERCISES));
    let round = |_| {
        let start = Instant::now();
        let results = one.install(|| experiment::run(scenario, &design, &|| ()));
        let simulated = start.elapsed().as_secs_f64();
        let measured = measure::measure(scenario, &results);
        let told = (&results.strategies[0], &measured.strategies[0].replications[..]);
        let auditor = OnceLock::new();
        let hear = |_: &Scenario, told: &Testimony| {
            let auditor = auditor.get_or_init(|| Auditor::new(scenario, *strategy, &told.legend));
            auditor.audit(&everywhere, told).len()
        };
        let start = Instant::now();
        let found = one.install(|| review::testify(scenario, &results, told, 0, hear));
        assert!(found.iter().all(|it| *it == 0), "an exercise keeps every law");
        start.elapsed().as_secs_f64() / simulated
    };
    (0..ROUNDS).map(round).collect()
}
