//! What can be held against all this without counting anything: that the judge judges right, that the
//! loop by hand simulates what the engine does, and that every job can be done.

use crate::by_hand::courses;
use crate::growing::GROWING;
use crate::job::Job;
use crate::judge;
use crate::kept;
use crate::workloads::{AS_HAPPENED, EVERYTHING, PLAIN, Workload};

pub(crate) fn hold() {
    judge::check_itself();
    kept::read().expect("ratios are kept");
    for workload in ["W1", "W2"] {
        simulates_the_same(workload);
    }
    for workload in [AS_HAPPENED, PLAIN, EVERYTHING] {
        Workload::named(workload);
    }
    for growing in &GROWING {
        for phase in growing.phases {
            can_be_done(&Job::Grown { growing, phase: *phase, size: 4 });
        }
    }
}

/// By hand and by the engine the last site is back after as long, but for what chance does.
fn simulates_the_same(workload: &str) {
    const EXERCISES: u32 = 20;
    let by_hand: f64 =
        courses(workload, EXERCISES).iter().map(|it| it.makespan_millis as f64).sum();
    let (results, _) = Workload::named(workload).results(EXERCISES, 1);
    let outcomes = results.strategies[0].outcomes.iter();
    let ours: f64 = outcomes.map(|it| it.makespan.since_start().as_millis() as f64).sum();
    let ratio = by_hand / ours;
    // Four standard errors of the difference of two means.
    assert!((ratio - 1.0).abs() < 0.01, "{workload}: by hand {ratio} times as long");
}

/// In this program, and told as words.
fn can_be_done(job: &Job) {
    let words = job.words();
    let told = Job::of_words(&words).expect("a job is known by its words");
    assert_eq!(told.words(), words);
    job.done();
}
