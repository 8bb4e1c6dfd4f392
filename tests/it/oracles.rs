//! Cases whose answer is known from paper: schedules, bounds and quantiles; what is known of means
//! stands in the table of `analytic.rs`. Estimates must lie within four standard errors; seeds are
//! fixed and nothing is tried twice.

use blackstart::review::{What, trace};

use crate::support::{hours, results, scenario, small};

/// Hours from T+0 to each restored site, sorted, of every replication.
fn completions(text: &str, replications: u32) -> Vec<Vec<f64>> {
    let results = results(text, replications);
    let sorted = |outcome: &blackstart::experiment::Outcome| {
        let mut hours: Vec<f64> = outcome
            .restorations
            .iter()
            .map(|it| it.restored_at().expect("every site is back").since_start().as_hours())
            .collect();
        hours.sort_unstable_by(f64::total_cmp);
        hours
    };
    results.strategies[0].unpacked().iter().map(sorted).collect()
}

#[track_caller]
fn within_four_errors(values: &[f64], exact: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    assert!((mean - exact).abs() <= 4.0 * error, "{mean} is not {exact} (error {error})");
}

/// A share of `p` of the values lies below the quantile.
#[track_caller]
fn quantile_is(values: &[f64], p: f64, quantile: f64) {
    let n = values.len() as f64;
    let below = values.iter().filter(|it| **it < quantile).count() as f64 / n;
    let error = (p * (1.0 - p) / n).sqrt();
    assert!((below - p).abs() <= 4.0 * error, "{below} of {n} lie below {quantile}, not {p}");
}

fn jobs(people: u32, duration: &str) -> String {
    small(
        883,
        &format!(
            "[teams.x]\npeople = {people}\n[runbooks.r]\n\
             steps = [{{ id = \"x\", team = \"x\", duration = {duration} }}]\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n"
        ),
    )
}

const EXPONENTIAL: &str = "{ exponential = { mean = \"1h\" } }";

#[test]
fn equal_constant_jobs_end_in_rounds() {
    let ends = completions(&jobs(24, "\"1h\""), 1);
    assert_eq!((ends[0][882], ends[0][838]), (37.0, 35.0));
}

/// One site whose steps are all exponential with mean one hour.
fn exponentials(steps: usize, after: impl Fn(usize) -> Option<usize>) -> Vec<f64> {
    let steps: String = (0..steps)
        .map(|step| {
            let after = after(step).map(|it| format!("after = [\"t{it}\"], ")).unwrap_or_default();
            format!("{{ id = \"t{step}\", {after}duration = {EXPONENTIAL} }},\n")
        })
        .collect();
    let text = small(
        1,
        &format!("[runbooks.r]\nsteps = [{steps}]\n[[strategies.s.tracks]]\nrunbook = \"r\"\n"),
    );
    completions(&text, 4_000).into_iter().map(|it| it[0]).collect()
}

#[test]
fn a_chain_of_exponentials_is_an_erlang_distribution() {
    let ends = exponentials(50, |step| step.checked_sub(1));
    quantile_is(&ends, 0.50, 49.667065);
    quantile_is(&ends, 0.95, 62.171057);
    quantile_is(&ends, 0.99, 67.903362);
}

#[test]
fn a_join_ends_with_the_last_of_its_branches() {
    for (branches, at_95) in [(2, 3.676138), (5, 4.584758), (20, 5.967210)] {
        let ends = exponentials(branches, |_| None);
        quantile_is(&ends, 0.95, at_95);
    }
    // Two chains of two.
    let ends = exponentials(4, |step| (step % 2 == 1).then(|| step - 1));
    quantile_is(&ends, 0.95, 5.556612);
}

/// Independent tasks of so many hours, all of one site, in the order of the file or longest first.
fn list(people: u32, rule: &str, durations: &[u32]) -> f64 {
    let steps: String = durations
        .iter()
        .enumerate()
        .map(|(index, hours)| {
            format!("{{ id = \"t{index}\", team = \"x\", duration = \"{hours}h\" }},\n")
        })
        .collect();
    let text = small(
        1,
        &format!(
            "[teams.x]\npeople = {people}\n[runbooks.r]\nsteps = [{steps}]\n\
             [strategies.s]\npriority = \"{rule}\"\ntracks = [{{ runbook = \"r\" }}]\n"
        ),
    );
    completions(&text, 1)[0][0]
}

#[test]
fn longest_first_is_as_bad_as_graham_says_and_no_worse() {
    // R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969: 4/3 - 1/(3c).
    assert_eq!(list(2, "longest_remaining", &[2, 2, 2, 3, 3]), 7.0);
    assert_eq!(list(3, "longest_remaining", &[3, 3, 3, 4, 4, 5, 5]), 11.0);
    assert_eq!(list(4, "longest_remaining", &[4, 4, 4, 5, 5, 6, 6, 7, 7]), 15.0);
}

#[test]
fn a_bad_list_costs_twice_the_optimum_less_one() {
    // c(c-1) unit tasks before one of length c; c hours would do.
    for (people, makespan) in [(2u32, 3.0), (3, 5.0), (4, 7.0), (8, 15.0)] {
        let mut durations = vec![1; (people * (people - 1)) as usize];
        durations.push(people);
        assert_eq!(list(people, "fixed", &durations), makespan);
        assert_eq!(list(people, "longest_remaining", &durations), f64::from(people));
    }
}

#[test]
fn a_list_schedule_keeps_grahams_bounds_in_every_replication() {
    let text = small(
        60,
        r#"
[teams.x]
people = 7
[runbooks.r]
steps = [{ id = "x", team = "x", duration.lognormal = { mean = "3h", cv = 1.5 } }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let scenario = scenario(&text);
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    for replication in 0..200 {
        let told = trace(&scenario, strategy, 1, replication);
        let mut started = std::collections::BTreeMap::new();
        let mut longest = 0;
        for it in &told.records {
            match it.what {
                What::Started => drop(started.insert(it.site.clone(), it.at)),
                What::Finished => longest = longest.max((it.at - started[&it.site]).as_millis()),
                _ => {}
            }
        }
        let work = told.outcome.steps[0].work as f64 / 7.0;
        let (makespan, longest) = (told.outcome.makespan.as_millis() as f64, longest as f64);
        assert!(work <= makespan && longest <= makespan);
        assert!(makespan <= work + (1.0 - 1.0 / 7.0) * longest + 1.0);
    }
}

#[test]
fn an_unlimited_graph_ends_with_its_critical_path() {
    let text = small(
        3,
        r#"
[runbooks.r]
steps = [
  { id = "a", duration = "3h" },
  { id = "b", duration = "2h" },
  { id = "c", after = ["a", "b"], duration = "4h" },
  { id = "d", after = ["b"], duration = "6h" },
  { id = "e", after = ["c", "d"], duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(completions(&text, 1)[0], [9.0, 9.0, 9.0]);
}

#[test]
fn a_daily_backup_loses_a_uniform_part_of_a_day() {
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "24h" }
[estate.sites]
count = 1
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "x", for_each.service = "db", duration = "1h", restore_point.latest = true }]
[[strategies.s.tracks]]
runbook = "r"
"#;
    let results = results(text, 4_000);
    let lost: Vec<f64> = results.strategies[0]
        .unpacked()
        .iter()
        .map(|outcome| outcome.data_loss[0].at_hand_over.unwrap().as_hours())
        .collect();
    within_four_errors(&lost, 12.0);
    for p in [0.05, 0.25, 0.5, 0.75, 0.95] {
        quantile_is(&lost, p, 24.0 * p);
    }
    assert!(lost.iter().all(|lost| (0.0..24.0).contains(lost)));
}

#[test]
fn a_mass_restore_with_rework_agrees_with_eleven_other_engines() {
    // 883 sites of 70 steps in sequence, step s by team s mod 12 of ten people, 5 % rework:
    // 35,910 minutes, found with Ciw, salabim, SimPy, simmer, nexosim, simcore and others.
    let teams: String = (0..12).map(|team| format!("t{team}.people = 10\n")).collect();
    let steps: String = (0..70)
        .map(|step| {
            format!(
                "{{ id = \"s{step}\", team = \"t{}\", fails.probability = \"5%\", \
                 duration.lognormal = {{ mean = \"60m\", cv = 0.5 }} }},\n",
                step % 12
            )
        })
        .collect();
    let text = small(
        883,
        &format!(
            "[teams]\n{teams}[runbooks.r]\nsequential = true\nsteps = [{steps}]\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n"
        ),
    );
    let ends = completions(&text, 24);
    let minutes = |hours: f64| hours * 60.0;
    within_four_errors(&ends.iter().map(|it| minutes(it[882])).collect::<Vec<_>>(), 35_910.0);
    let mean = |it: &Vec<f64>| minutes(it.iter().sum::<f64>() / 883.0);
    within_four_errors(&ends.iter().map(mean).collect::<Vec<_>>(), 32_034.0);
}

#[test]
fn waiting_adds_up_to_the_queue_over_time() {
    // Little's law, exact in integers: the sum of all waits is the area under the queue.
    let text = small(
        40,
        r#"
[teams.x]
people = 3
[runbooks.r]
sequential = true
steps = [
  { id = "x", team = "x", duration.exponential = { mean = "1h" } },
  { id = "y", team = "x", duration.exponential = { mean = "2h" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let scenario = scenario(&text);
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    for replication in 0..20 {
        let told = trace(&scenario, strategy, 7, replication);
        // Everyone waits for x from T+0; for y from the end of x.
        let (mut queue, mut area, mut last) = (40u64, 0u64, 0u64);
        for it in &told.records {
            let now = it.at.as_millis();
            area += queue * (now - last);
            last = now;
            match (it.what, it.step.as_str()) {
                (What::Started, _) => queue -= 1,
                (What::Finished, "x") => queue += 1,
                _ => {}
            }
        }
        let waits: u64 = told.outcome.steps.iter().map(|step| step.wait).sum();
        assert_eq!(waits, area);
        let pool = told.outcome.pools[0];
        assert!(pool.busy <= pool.capacity);
        assert_eq!(pool.capacity, 3 * u128::from(last));
        assert!(hours(1) < last);
    }
}
