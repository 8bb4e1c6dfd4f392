//! How often intervals cover the truth: `cargo bench --bench coverage > reports/coverage.txt`. A
//! number behind `--` is how many intervals of each kind are made.
//!
//! The model has a known answer. Forty sites are restored by four people, one site each at a time in
//! the order of the list, each in an exponential time of mean one hour; and how fast the team is
//! differs between exercises, by a lognormal factor of mean one, so that the sites of an exercise
//! lean on each other. Each exercise is really simulated, and each interval is made by the library's
//! own functions of R exercises, again and again with fresh ones. Nothing is asserted, so it is no
//! test.
//!
//! The truth is not simulated. Without the factor the makespan is a sum of exponential times, of
//! rates 4 while there are four sites or more and then 3, 2 and 1; the end of the k-th site in the
//! list is the (k - 4)-th of the moments at which somebody gets free, of rate 4, and an exponential
//! time. Their distributions are chains of linear differential equations, solved step by step; the
//! factor is a sum over its quantiles. The means have closed forms.

use std::fmt::Write as _;

use blackstart::compare::{Margin, StrategyStanding, compare, paired};
use blackstart::experiment::{Design, Results};
use blackstart::measure::{
    By, Measurements, ReplicationMetrics, Support, mean_of, median_time, rta_clusters,
};
use blackstart::scenario::{Figure, Scenario, check};
use blackstart::stats::{
    Standing, clopper_pearson, pooled_quantile, quantile_ranks, select, sign_test,
};
use blackstart::units::SimDuration;
use blackstart::verdict::{self, Baseline, Verdict, judge_share};
use blackstart::{experiment, measure};
use rayon::prelude::*;

const SITES: usize = 40;
const PEOPLE: [usize; 3] = [4, 5, 6];
/// Of the factor by which an exercise slows the team.
const CV: f64 = 0.3;
const CONFIDENCE: f64 = 0.95;
/// Exercises behind an interval.
const REPLICATIONS: [usize; 3] = [50, 200, 1_000];
/// Intervals of each kind: enough to know their coverage with a standard error of half a point.
const TRIALS: usize = 3_000;
/// A difference that just matters, for the selection of the best.
const MARGIN_HOURS: f64 = 0.25;
const MILLIS: f64 = 3_600_000.0;

fn main() {
    // `cargo test --benches` runs this too; it is no test.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let trials = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(TRIALS);
    let scenario = scenario("restore");
    let twin = self::scenario("restore-alike");
    let truth = Truth::of(&scenario);
    let columns = REPLICATIONS.map(|it| coverage([&scenario, &twin], &truth, it, trials));
    write_out(&shown(&columns));
}

#[expect(clippy::print_stdout, reason = "it is what the experiment is for")]
fn write_out(report: &str) {
    print!("{report}");
}

fn shown(columns: &[Vec<(&'static str, Share)>]) -> String {
    let mut text = format!("{:66}", "coverage in %, of exercises:");
    for replications in REPLICATIONS {
        write!(text, " | {replications:>10}").expect("text grows");
    }
    text.push('\n');
    text += &"-".repeat(text.len() - 1);
    text.push('\n');
    for (row, (kind, _)) in columns[0].iter().enumerate() {
        write!(text, "{kind:66}").expect("text grows");
        for column in columns {
            write!(text, " | {:>10}", column[row].1.shown()).expect("text grows");
        }
        text.push('\n');
    }
    text
}

/// The model; by the name of its step another draws other numbers of the same distributions.
fn scenario(step: &str) -> Scenario {
    let mut text = format!(
        "schema = 1\ntitle = \"coverage\"\n[experiment]\nseed = 95\nhorizon = \"3650d\"\n\
         [estate.sites]\ncount = {SITES}\nusers.lognormal = {{ p50 = 40, p90 = 400 }}\n\
         [[incident.deletions]]\n[uncertainty]\nteam = {CV}\n[teams.engineers]\npeople = 1\n\
         [[runbooks.restore.steps]]\nid = \"{step}\"\nteam = \"engineers\"\n\
         duration.exponential = {{ mean = \"1h\" }}\n"
    );
    for people in PEOPLE {
        write!(
            text,
            "[strategies.with-{people}]\nteams = {{ engineers = {people} }}\n\
             tracks = [{{ runbook = \"restore\" }}]\n"
        )
        .expect("text grows");
    }
    let checked = check("coverage", "coverage", &text, &[]);
    let faults = checked.diagnostics.render(&checked.sources, false);
    checked.scenario.unwrap_or_else(|| panic!("{faults}"))
}

/// What is true, in milliseconds; of the first strategy, but for the means.
struct Truth {
    /// Mean time of the last site under each strategy.
    means: [f64; PEOPLE.len()],
    median: u64,
    p90: u64,
    /// By when the last site is back in [`SHARES`] of exercises.
    of_exercises: [u64; SHARES.len()],
    /// By when a site picked at random is back with the chances [`OF_SITES`].
    of_sites: [u64; OF_SITES.len()],
    /// By when the last site is back in [`NONE_BEYOND`] of exercises, and the hours by which sites are
    /// later than that, all together, in an exercise.
    beyond: [(u64, f64); NONE_BEYOND.len()],
    /// The same median under the second strategy.
    other_median: u64,
    /// The 95 % quantile of a site picked at random, under each strategy.
    p95_by_site: [u64; PEOPLE.len()],
    /// That of a user picked at random.
    p95_by_user: u64,
}

impl Truth {
    fn of(scenario: &Scenario) -> Self {
        let users: Vec<f64> = scenario.estate.sites.iter().map(|it| f64::from(it.users)).collect();
        let all = PEOPLE.map(distributions);
        let (last, ends) = &all[0];
        let all_sites = mixture(ends, &[1.0; SITES]);
        let mean = |people: usize| {
            let alone: f64 = (1..=people).map(|it| 1.0 / it as f64).sum();
            MILLIS * ((SITES - people) as f64 / people as f64 + alone)
        };
        Self {
            means: PEOPLE.map(mean),
            median: last.quantile(0.5),
            p90: last.quantile(0.9),
            of_exercises: SHARES.map(|(share, _)| last.quantile(share)),
            of_sites: OF_SITES.map(|(share, _)| all_sites.quantile(share)),
            beyond: NONE_BEYOND.map(|(share, _)| {
                let limit = last.quantile(share);
                (limit, SITES as f64 * all_sites.mean_beyond(limit as f64 / MILLIS))
            }),
            other_median: all[1].0.quantile(0.5),
            p95_by_site: [0, 1, 2].map(|it| mixture(&all[it].1, &[1.0; SITES]).quantile(0.95)),
            p95_by_user: mixture(ends, &users).quantile(0.95),
        }
    }
}

/// The distribution of a time in hours before the factor, on a grid.
struct Distribution(Vec<f64>);

/// Steps of the grid in an hour, and its hours: nothing of note lies beyond.
const STEPS: usize = 500;
const HOURS: usize = 60;

impl Distribution {
    fn plain(&self, hours: f64) -> f64 {
        let place = hours * STEPS as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        match self.0.get(below..below + 2) {
            Some(it) => it[0] + part * (it[1] - it[0]),
            None => 1.0,
        }
    }

    /// The chance that factor times time is at most so many hours.
    fn share_within(&self, hours: f64) -> f64 {
        let sigma = libm::log(1.0 + CV * CV).sqrt();
        let (mut sum, mut weights) = (0.0, 0.0);
        for step in -400..=400 {
            let z = f64::from(step) / 50.0;
            let weight = libm::exp(-z * z / 2.0);
            weights += weight;
            sum += weight * self.plain(hours / libm::exp(sigma * z - sigma * sigma / 2.0));
        }
        sum / weights
    }

    /// The mean of the hours beyond so many, by Simpson's rule.
    fn mean_beyond(&self, hours: f64) -> f64 {
        const PARTS: usize = 4_000;
        let width = (4.0 * HOURS as f64 - hours) / PARTS as f64;
        let beyond = |part: usize| 1.0 - self.share_within(hours + width * part as f64);
        let weight = |part: usize| match part {
            0 | PARTS => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (0..=PARTS).map(|part| weight(part) * beyond(part)).sum::<f64>() * width / 3.0
    }

    /// The quantile in milliseconds.
    fn quantile(&self, p: f64) -> u64 {
        let (mut low, mut high) = (0.0, HOURS as f64);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.share_within(middle) < p { low = middle } else { high = middle }
        }
        (high * MILLIS).round() as u64
    }
}

fn mixture(parts: &[Distribution], weights: &[f64]) -> Distribution {
    let all: f64 = weights.iter().sum();
    let at = |place: usize| {
        let each = parts.iter().zip(weights);
        each.map(|(it, weight)| weight * it.0[place]).sum::<f64>() / all
    };
    Distribution((0..parts[0].0.len()).map(at).collect())
}

/// Of the makespan, and of the end of each site, by the method of Runge and Kutta.
fn distributions(people: usize) -> (Distribution, Vec<Distribution>) {
    // First the stages of the makespan, then the moments at which somebody gets free, then the ends.
    let free = SITES - people;
    let count = SITES + free + SITES;
    let slope = |it: &[f64]| -> Vec<f64> {
        let before = |place: usize, first: usize| if place == first { 1.0 } else { it[place - 1] };
        let one = |place: usize| {
            if place < SITES {
                let rate = people.min(SITES - place) as f64;
                rate * (before(place, 0) - it[place])
            } else if place < SITES + free {
                people as f64 * (before(place, SITES) - it[place])
            } else {
                let site = place - SITES - free;
                let begun = if site < people { 1.0 } else { it[SITES + site - people] };
                begun - it[place]
            }
        };
        (0..count).map(one).collect()
    };
    let ahead = |it: &[f64], by: &[f64], step: f64| -> Vec<f64> {
        it.iter().zip(by).map(|(it, by)| it + step * by).collect()
    };
    let step = 1.0 / STEPS as f64;
    let mut now = vec![0.0; count];
    let mut grid = vec![vec![0.0]; count];
    for _ in 0..STEPS * HOURS {
        let first = slope(&now);
        let second = slope(&ahead(&now, &first, step / 2.0));
        let third = slope(&ahead(&now, &second, step / 2.0));
        let last = slope(&ahead(&now, &third, step));
        for place in 0..count {
            let sum = first[place] + 2.0 * (second[place] + third[place]) + last[place];
            now[place] += step / 6.0 * sum;
            grid[place].push(now[place]);
        }
    }
    let ends = grid.split_off(SITES + free).into_iter().map(Distribution).collect();
    (Distribution(grid.swap_remove(SITES - 1)), ends)
}

/// In how many trials an interval covered.
#[derive(Clone, Copy, Default)]
struct Share {
    covered: usize,
    trials: usize,
}

impl Share {
    /// Percent, and the half-width of the 95 % interval of it.
    fn shown(self) -> String {
        if self.trials == 0 {
            return "-".to_owned();
        }
        let interval = clopper_pearson(self.covered as u64, self.trials as u64, CONFIDENCE);
        let percent = 100.0 * self.covered as f64 / self.trials as f64;
        format!("{percent:.1} ± {:.1}", 50.0 * (interval.high - interval.low))
    }
}

/// One experiment of as many exercises as an interval is made of.
struct Trial<'a> {
    scenario: &'a Scenario,
    /// The first strategy with other draws of the same distributions.
    twin: &'a Results,
    results: &'a Results,
    measured: &'a Measurements,
    /// The figures of each exercise under each strategy.
    figures: [&'a [ReplicationMetrics]; PEOPLE.len()],
}

/// How often each kind of interval covers when it is made of so many exercises.
fn coverage(
    scenarios: [&Scenario; 2],
    truth: &Truth,
    replications: usize,
    trials: usize,
) -> Vec<(&'static str, Share)> {
    let each = (0..trials).into_par_iter().map(|it| answers(scenarios, truth, replications, it));
    let answers: Vec<Answers> = each.collect();
    let share = |row: usize| {
        let known = || answers.iter().filter_map(|it| it[row].1);
        Share { covered: known().filter(|it| *it).count(), trials: known().count() }
    };
    (0..answers[0].len()).map(|row| (answers[0][row].0, share(row))).collect()
}

/// Of each kind of interval whether it covers; `None` where there are too few exercises for it.
type Answers = Vec<(&'static str, Option<bool>)>;

/// The answers of a trial, of exercises that no other trial has.
fn answers(
    [scenario, twin]: [&Scenario; 2],
    truth: &Truth,
    replications: usize,
    trial: usize,
) -> Answers {
    let number = |trial: usize| u32::try_from(trial * replications).expect("few enough");
    let design = Design {
        replications: number(trial + 1),
        // Another seed for each size, so that the sizes have no exercise in common.
        seed: scenario.experiment.seed + replications as u64,
        ..Design::of(scenario)
    };
    let slice = number(trial)..number(trial + 1);
    let results = experiment::run_slice(scenario, &design, slice.clone(), &|| ());
    let first = Design { strategies: design.strategies[..1].to_vec(), ..design.clone() };
    let twin = experiment::run_slice(twin, &first, slice, &|| ());
    let measured = measure::measure(scenario, &results);
    let trial = Trial {
        scenario,
        twin: &twin,
        results: &results,
        measured: &measured,
        figures: std::array::from_fn(|it| &measured.strategies[it].replications[..]),
    };
    let mut told = Vec::new();
    let covers: Covers<'_> = &mut |kind, it| told.push((kind, it));
    one_number_an_exercise(truth, &trial, covers);
    pooled(truth, &trial, covers);
    shares(truth, &trial, covers);
    bounded(truth, &trial, covers);
    differences(truth, &trial, covers);
    best(truth, &trial, covers);
    twins(&trial, covers);
    told
}

/// When the last site of an exercise is back.
fn last(it: &ReplicationMetrics) -> SimDuration {
    it.last_restored.expect("all come back").since_start()
}

fn millis(it: &ReplicationMetrics) -> f64 {
    last(it).as_millis() as f64
}

type Covers<'a> = &'a mut dyn FnMut(&'static str, Option<bool>);

fn one_number_an_exercise(truth: &Truth, trial: &Trial<'_>, covers: Covers<'_>) {
    let lasts: Vec<f64> = trial.figures[0].iter().map(millis).collect();
    let support = trial.measured.strategies[0].supports.of(Figure::LastSiteBack);
    let mean = mean_of(&lasts, support).and_then(|it| it.interval);
    covers("mean (Student)", mean.map(|it| it.contains(truth.means[0])));
    let median = median_time(trial.figures[0].iter().map(|it| Some(last(it))));
    let ends = median.low.time().zip(median.high.time());
    let within = |(low, high): (SimDuration, SimDuration)| {
        (low.as_millis()..=high.as_millis()).contains(&truth.median)
    };
    covers("median over exercises (order statistics)", ends.map(within));
    let mut sorted = lasts;
    sorted.sort_unstable_by(f64::total_cmp);
    let p90 = by_rank(&sorted, 0.9, truth.p90 as f64);
    covers("p90 over exercises (order statistics)", p90);
}

/// Whether the interval by order statistics covers.
fn by_rank(sorted: &[f64], p: f64, truth: f64) -> Option<bool> {
    let (low, high) = quantile_ranks(sorted.len(), p, CONFIDENCE);
    Some((sorted[low? - 1]..=sorted[high? - 1]).contains(&truth))
}

fn pooled(truth: &Truth, trial: &Trial<'_>, covers: Covers<'_>) {
    let p95 = |clusters: &[Vec<(u64, f64)>], truth: u64| {
        let estimate = pooled_quantile(clusters, 0.95, CONFIDENCE);
        estimate.map(|it| it.interval.contains(truth as f64))
    };
    let clusters = |by: By| {
        let first = &trial.results.strategies[0];
        rta_clusters(trial.scenario, trial.results, first, by, &|_| true)
    };
    let (sites, users) = (clusters(By::Site), clusters(By::User));
    covers("p95 of all sites, by site (Woodruff)", p95(&sites, truth.p95_by_site[0]));
    covers("p95 of all sites, by user (Woodruff)", p95(&users, truth.p95_by_user));
    let mut all: Vec<f64> = sites.iter().flatten().map(|it| it.0 as f64).collect();
    all.sort_unstable_by(f64::total_cmp);
    let wrong = by_rank(&all, 0.95, truth.p95_by_site[0] as f64);
    covers("  the same as if sites were independent: wrong", wrong);
}

/// The shares of exercises for which intervals of shares and gates are tried.
const SHARES: [(f64, [&str; 2]); 5] = [
    (
        0.5,
        ["share of 50 % (Clopper-Pearson): at least 95", "gate at 50 % (one-sided): at least 95"],
    ),
    (
        0.9,
        ["share of 90 % (Clopper-Pearson): at least 95", "gate at 90 % (one-sided): at least 95"],
    ),
    (
        0.95,
        ["share of 95 % (Clopper-Pearson): at least 95", "gate at 95 % (one-sided): at least 95"],
    ),
    (
        0.99,
        ["share of 99 % (Clopper-Pearson): at least 95", "gate at 99 % (one-sided): at least 95"],
    ),
    (
        0.999,
        [
            "share of 99.9 % (Clopper-Pearson): at least 95",
            "gate at 99.9 % (one-sided): at least 95",
        ],
    ),
];

/// Of exercises that are over in time, for limits that such a share of them truly keeps.
fn shares(truth: &Truth, trial: &Trial<'_>, covers: Covers<'_>) {
    let n = trial.figures[0].len() as u64;
    let in_time = |limit: u64| {
        trial.figures[0].iter().filter(|it| last(it).as_millis() <= limit).count() as u64
    };
    let each = || SHARES.into_iter().zip(truth.of_exercises);
    for ((share, [exact, _]), limit) in each() {
        covers(exact, Some(clopper_pearson(in_time(limit), n, CONFIDENCE).contains(share)));
    }
    for ((share, [.., gate]), limit) in each() {
        // The hardest case: the share is just what is asked for, and by a hair less it would not be.
        let judged = judge_share(in_time(limit), n, share, CONFIDENCE);
        covers(gate, Some(judged.verdict != Verdict::Met));
    }
}

/// The mean shares of sites for which intervals are tried.
const OF_SITES: [(f64, &str); 6] = [
    (0.5, "mean share of the sites in time, 50 % (Gaffke)"),
    (0.75, "mean share of the sites in time, 75 % (Gaffke)"),
    (0.9, "mean share of the sites in time, 90 % (Gaffke)"),
    (0.95, "mean share of the sites in time, 95 % (Gaffke)"),
    (0.99, "mean share of the sites in time, 99 % (Gaffke)"),
    (0.999, "mean share of the sites in time, 99.9 % (Gaffke)"),
];

/// The shares of exercises in which no site is later than the limit behind which hours are summed.
const NONE_BEYOND: [(f64, &str); 3] = [
    (0.5, "site-hours beyond a limit, none in 50 % of exercises"),
    (0.9, "site-hours beyond a limit, none in 90 % of exercises"),
    (0.99, "site-hours beyond a limit, none in 99 % of exercises"),
];

/// The recovery times of an exercise in milliseconds, each with its weight.
type Exercise = [(u64, f64)];

/// Means of what lies between two ends, or is the same in most exercises.
fn bounded(truth: &Truth, trial: &Trial<'_>, covers: Covers<'_>) {
    let first = &trial.results.strategies[0];
    let times = rta_clusters(trial.scenario, trial.results, first, By::Site, &|_| true);
    let mean_over = |support: Support, of: &dyn Fn(&Exercise) -> f64| {
        let values: Vec<f64> = times.iter().map(|exercise| of(exercise)).collect();
        mean_of(&values, support).and_then(|it| it.interval)
    };
    for ((share, kind), limit) in OF_SITES.into_iter().zip(truth.of_sites) {
        let in_time = |exercise: &Exercise| {
            exercise.iter().filter(|(time, _)| *time <= limit).count() as f64 / SITES as f64
        };
        let interval = mean_over(Support::SHARE, &in_time);
        covers(kind, interval.map(|it| it.contains(share)));
    }
    let support = trial.measured.strategies[0].supports.of(Figure::SiteHoursLost);
    for ((_, kind), (limit, hours)) in NONE_BEYOND.into_iter().zip(truth.beyond) {
        let beyond = |exercise: &Exercise| {
            exercise.iter().map(|(time, _)| time.saturating_sub(limit) as f64).sum::<f64>()
        };
        covers(kind, mean_over(support, &beyond).map(|it| it.contains(hours * MILLIS)));
    }
}

/// Of strategies on the same exercises.
fn differences(truth: &Truth, trial: &Trial<'_>, covers: Covers<'_>) {
    let last = Figure::LastSiteBack;
    let difference =
        paired(&trial.measured.strategies[1], &trial.measured.strategies[0], last, CONFIDENCE);
    let interval = difference.estimate.and_then(|it| it.interval);
    let covered = interval.map(|it| it.contains(truth.means[1] - truth.means[0]));
    covers("mean difference of two strategies (paired, Student)", covered);
    let margin = Margin::Time(SimDuration::from_hours(1));
    let compared = compare(trial.scenario, trial.results, trial.measured, margin);
    let last = compared.by(last).expect("it is compared");
    let means = last.pairs.iter().map(|it| {
        let interval = it.difference.and_then(|it| it.interval)?;
        Some(interval.contains(truth.means[it.first] - truth.means[it.second]))
    });
    covers("mean differences of three, all at once: at least 95", all(means));
    let from_best = last.strategies.iter().enumerate().map(|(own, it)| {
        let others = (0..PEOPLE.len()).filter(|it| *it != own).map(|it| truth.means[it]);
        let best = others.fold(f64::INFINITY, f64::min);
        Some(it.from_best.interval.contains(truth.means[own] - best))
    });
    covers("distances of three from the best: at least 95", all(from_best));
    let p95 = truth.p95_by_site.map(|it| it as f64);
    let pooled = compared
        .pooled
        .iter()
        .map(|it| Some(it.interval?.contains(p95[it.first] - p95[it.second])));
    covers("differences of p95 of all sites, all at once (sections)", all(pooled));
}

/// Whether all hold; `None` where one is not known.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    answers.collect::<Option<Vec<bool>>>().map(|it| it.iter().all(|it| *it))
}

fn best(truth: &Truth, trial: &Trial<'_>, covers: Covers<'_>) {
    // Each strategy with a limit that half of its exercises keep.
    let in_time = |strategy: usize, limit: u64| {
        trial.figures[strategy].iter().map(move |it| last(it).as_millis() <= limit)
    };
    let both = || in_time(0, truth.median).zip(in_time(1, truth.other_median));
    let only_first = both().filter(|it| *it == (true, false)).count() as u64;
    let only_second = both().filter(|it| *it == (false, true)).count() as u64;
    let equal = sign_test(only_first, only_second) >= 1.0 - CONFIDENCE;
    covers("two equal shares are not told apart (sign): at least 95", Some(equal));
    // The hardest case: the others are just by the margin worse than the best, which is the last.
    let margin = MARGIN_HOURS * MILLIS;
    let count = PEOPLE.len();
    let value = |own: usize, exercise: usize| {
        let worse = if own + 1 == count { 0.0 } else { margin };
        millis(&trial.figures[own][exercise]) - truth.means[own] + worse
    };
    let most = trial.figures[0].len();
    let selected = select(count, CONFIDENCE, margin, most, value);
    let ended = selected.kept.len() == 1;
    let known = (most == REPLICATIONS[2]).then(|| ended && selected.kept == [count - 1]);
    covers("the best of three is selected (Kim and Nelson): at least 95", known);
}

/// Of two that are the same but for their draws, none is better and nothing has got worse.
fn twins(trial: &Trial<'_>, covers: Covers<'_>) {
    let alone = |of: &Results| Results {
        seed: of.seed,
        replications: of.replications,
        aims: of.aims.clone(),
        strategies: vec![of.strategies[0].clone()],
    };
    let (own, twin) = (alone(trial.results), alone(trial.twin));
    let mut both = alone(trial.results);
    both.strategies.extend(twin.strategies.clone());
    let measured = measure::measure(trial.scenario, &both);
    let margin = Margin::Time(SimDuration::from_hours(1));
    let compared = compare(trial.scenario, &both, &measured, margin);
    let is_best = |it: &StrategyStanding| it.from_best.standing == Standing::Best;
    let said = compared.deciding().strategies.iter().any(is_best);
    covers("none of two alike is called best (compare): at least 95", Some(!said));
    let baseline = |results: &Results| {
        let measured = measure::measure(trial.scenario, results);
        Baseline::of(trial.scenario, &[], results, &measured)
    };
    let changes = verdict::compare(&baseline(&own), &baseline(&twin), 0.0);
    let worse = changes.iter().any(|it| it.regressions().next().is_some());
    covers("nothing is called worse of what is alike (check): at least 95", Some(!worse));
}
