//! The tables for spreadsheets and scripts: sites, replications, teams and steps.
//!
//! Hours have four decimals, shares six; a time that never comes is an empty cell.

use rayon::prelude::*;

use crate::experiment::{Aims, PackedOutcome, Results, StrategyResults, Yardstick, Yardsticks};
use crate::measure::{Measurements, ReplicationMetrics, median_time, times_of_steps};
use crate::scenario::{FIGURES, Figure, Kind, Parameter, Reading, Scenario, Site};
use crate::stats::{quantile_sorted, rank};
use crate::trace::{Restoration, StepTally};
use crate::units::{MILLIS_PER_HOUR, SimDuration, SimTime};

/// A table as it is filled in.
struct Table(::csv::Writer<Vec<u8>>);

impl Table {
    fn new(columns: &[impl AsRef<[u8]>]) -> Self {
        let mut table = Self(::csv::Writer::from_writer(Vec::new()));
        table.push(columns);
        table
    }

    fn push(&mut self, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) {
        self.0.write_record(cells).expect("a row in memory has as many cells as the head");
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("a table in memory can be written")
    }
}

/// A table of texts, its heads first.
#[must_use]
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<u8> {
    let (heads, rows) = rows.split_first().expect("a table has heads");
    let mut table = Table::new(heads);
    rows.iter().for_each(|row| table.push(row.iter().map(|it| number_or_text(it))));
    table.bytes()
}

/// A number as it is, also one below zero; anything else as a text that is no formula.
fn number_or_text(text: &str) -> String {
    if text.parse::<f64>().is_ok() { text.to_owned() } else { cell(text) }
}

/// A text of the scenario as a cell. A spreadsheet takes a text with one of these beginnings for
/// a formula and runs it; an apostrophe keeps it a text.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn hours(millis: f64) -> String {
    format!("{:.4}", millis / MILLIS_PER_HOUR)
}

fn seconds(length: SimDuration) -> String {
    let millis = length.as_millis();
    format!("{}.{:03}", millis / 1_000, millis % 1_000)
}

fn share(share: f64) -> String {
    format!("{share:.6}")
}

fn strategy_name(scenario: &Scenario, strategy: &StrategyResults) -> String {
    cell(&scenario.strategies[strategy.strategy].name)
}

const SITE_COLUMNS: [&str; 22] = [
    "strategy",
    "site",
    "customer",
    "tier",
    "region",
    "products",
    "users",
    "bytes",
    "deleted_at_s",
    "share_restored",
    "share_lost",
    "share_unfinished",
    "share_spared",
    "rta_p05_h",
    "rta_p50_h",
    "rta_p95_h",
    "rpa_at_hand_over_p50_s",
    "rpa_after_repair_p95_s",
    "inconsistency_p50_s",
    "share_back_with_old_data",
    "repaired_after_p50_s",
    "restored_by",
];

/// Rows that are made at once, on all threads: few enough to fit beside everything else.
const ROWS: usize = 4_096;

/// A row for every deleted site under every strategy: what its replications come to.
pub(crate) fn sites(scenario: &Scenario, results: &Results) -> Vec<u8> {
    let yardsticks = Yardsticks::new(scenario, results);
    let parts = scenario.incident.takes_parts();
    // What is lost of a site is told where it may be less than all.
    let columns = SITE_COLUMNS.iter().chain(parts.then_some(&"lost"));
    let mut table = Table::new(&columns.copied().collect::<Vec<&str>>());
    let Aims::Same(sites) = &results.aims else { return table.bytes() };
    let yardstick = &*yardsticks.of(0);
    for strategy in &results.strategies {
        let name = strategy_name(scenario, strategy);
        let row = |place: usize| {
            let it = &sites[place];
            let mut cells = vec![name.clone()];
            cells.extend(facts(scenario, &scenario.estate.sites[it.site], it.at));
            cells.extend(SiteTimes::new(yardstick, strategy, place).cells(strategy));
            cells.extend(parts.then(|| lost(scenario, place)));
            cells
        };
        for first in (0..sites.len()).step_by(ROWS) {
            let places = first..sites.len().min(first + ROWS);
            let rows: Vec<Vec<String>> = places.into_par_iter().map(row).collect();
            rows.into_iter().for_each(|it| table.push(it));
        }
    }
    table.bytes()
}

/// The parts that a site may lose, joined by `+`; `site` where that is all of it.
fn lost(scenario: &Scenario, place: usize) -> String {
    let names = scenario.estate.lost_parts(scenario.incident.loses_at_most(place));
    if names.is_empty() { "site".to_owned() } else { cell(&names.join("+")) }
}

/// What is known about a site before anything is simulated.
fn facts(scenario: &Scenario, site: &Site, deleted_at: SimTime) -> [String; 8] {
    let estate = &scenario.estate;
    let products: Vec<&str> = estate
        .products
        .enumerate()
        .filter(|(id, _)| site.has(*id))
        .map(|(_, product)| product.name.as_str())
        .collect();
    [
        cell(&site.name),
        site.customer.to_string(),
        cell(&estate.tiers[site.tier]),
        cell(&estate.regions[site.region]),
        cell(&products.join("+")),
        site.users.to_string(),
        site.bytes.count().to_string(),
        seconds(deleted_at.since_start()),
    ]
}

/// What becomes of a site in the exercises of a strategy.
#[derive(Default)]
struct SiteTimes {
    exercises: usize,
    deleted: usize,
    lost: usize,
    rta: Vec<SimDuration>,
    at_hand_over: Vec<SimDuration>,
    after_repair: Vec<SimDuration>,
    inconsistency: Vec<SimDuration>,
    /// Where something was repaired: how long after the hand-over.
    repaired_after: Vec<SimDuration>,
    /// Exercises in which it came back with old data; `None` where that is not judged.
    old_data: Option<usize>,
    /// How often each track gave it back.
    restored_by: Vec<u32>,
}

impl SiteTimes {
    fn new(yardstick: &Yardstick, strategy: &StrategyResults, site: usize) -> Self {
        let objective = yardstick.rpo(site);
        let objective = objective.filter(|_| yardstick.says_data_loss(strategy.strategy));
        let mut times = Self {
            exercises: strategy.outcomes.len(),
            rta: Vec::with_capacity(strategy.outcomes.len()),
            old_data: objective.map(|_| 0),
            restored_by: vec![0; strategy.tracks.len()],
            ..Self::default()
        };
        for outcome in &strategy.outcomes {
            times.add(yardstick, outcome, site, objective);
        }
        let Self { rta, at_hand_over, after_repair, inconsistency, repaired_after, .. } =
            &mut times;
        for all in [rta, at_hand_over, after_repair, inconsistency, repaired_after] {
            all.sort_unstable();
        }
        times
    }

    /// Adds what becomes of it in one exercise.
    fn add(
        &mut self,
        yardstick: &Yardstick,
        outcome: &PackedOutcome,
        site: usize,
        objective: Option<SimDuration>,
    ) {
        self.deleted += usize::from(yardstick.deleted_at(outcome, site).is_some());
        self.rta.extend(yardstick.rta(outcome, site));
        let end = outcome.restoration(site);
        self.lost += usize::from(end == Restoration::Lost);
        let Some(back) = end.restored_at() else { return };
        let loss = outcome.data_loss(site);
        self.at_hand_over.extend(loss.at_hand_over);
        self.after_repair.extend(loss.after_repair);
        self.inconsistency.extend(loss.inconsistency);
        let repaired_at = loss.repaired().and(loss.repaired_at);
        self.repaired_after.extend(repaired_at.map(|it| it.saturating_since(back)));
        if let (Some(old), Some(objective)) = (&mut self.old_data, objective) {
            *old += usize::from(loss.at_hand_over.is_some_and(|lost| lost > objective));
        }
        self.restored_by[usize::from(outcome.restored_by(site))] += 1;
    }

    fn cells(&self, strategy: &StrategyResults) -> [String; 13] {
        let part = |count: usize| share(count as f64 / self.exercises as f64);
        let restored = self.rta.len();
        [
            part(restored),
            part(self.lost),
            part(self.deleted - restored - self.lost),
            part(self.exercises - self.deleted),
            self.rta_at(0.05),
            self.rta_at(0.5),
            self.rta_at(0.95),
            known_at(&self.at_hand_over, 0.5),
            known_at(&self.after_repair, 0.95),
            known_at(&self.inconsistency, 0.5),
            self.old_data.map_or_else(String::new, part),
            known_at(&self.repaired_after, 0.5),
            cell(&self.tracks(strategy)),
        ]
    }

    /// A quantile among all replications in which it was deleted: what never came sorts last.
    fn rta_at(&self, p: f64) -> String {
        let value = match self.deleted {
            0 => None,
            deleted => self.rta.get(rank(p, deleted) - 1),
        };
        value.map_or_else(String::new, |it| hours(it.as_millis() as f64))
    }

    /// The tracks that gave the site back and how often, such as `r1 12% r2 88%`.
    fn tracks(&self, strategy: &StrategyResults) -> String {
        let n = self.exercises as f64;
        let named = strategy.tracks.iter().zip(&self.restored_by).filter(|(_, it)| **it > 0);
        let texts =
            named.map(|(track, count)| format!("{track} {:.0}%", 100.0 * f64::from(*count) / n));
        texts.collect::<Vec<String>>().join(" ")
    }
}

/// A quantile of the exercises in which something is known.
fn known_at(sorted: &[SimDuration], p: f64) -> String {
    if sorted.is_empty() { String::new() } else { seconds(quantile_sorted(sorted, p)) }
}

/// A row for every replication of every strategy: every figure that an exercise has once, those that
/// something is named with where the scenario names it, whether the objectives are met, and which
/// track gave back how many sites.
pub(crate) fn replications(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
) -> Vec<u8> {
    let figures = scenario.exercise_figures();
    let mut heads = vec!["strategy".to_owned(), "replication".to_owned()];
    heads.extend(figures.iter().map(|it| it.column(scenario)));
    heads.extend(["meets_rto", "meets_rpo", "meets_policy", "restored_by"].map(str::to_owned));
    let mut table = Table::new(&heads);
    for (strategy, metrics) in results.strategies.iter().zip(&measurements.strategies) {
        let name = strategy_name(scenario, strategy);
        for (number, it) in metrics.replications.iter().enumerate() {
            let mut cells = vec![name.clone(), number.to_string()];
            cells.extend(figures.iter().map(|of| reading(it.figures.of(*of), of.figure.kind())));
            let open = |met: Option<bool>| match met {
                Some(met) => met.to_string(),
                None if it.rpo_not_judged => "not judged".to_owned(),
                None => String::new(),
            };
            let rto = it.meets_rto();
            cells.push(rto.map_or_else(String::new, |it| it.to_string()));
            // One objective that is missed is enough to miss the policy.
            let missed = it.meets().or(rto.filter(|met| !met));
            cells.extend([open(it.meets_rpo()), open(missed)]);
            cells.push(cell(&tracks(strategy, it)));
            table.push(cells);
        }
    }
    table.bytes()
}

/// A figure of an exercise: times and hours in hours; empty where the time never comes, or there is
/// no such figure.
fn reading(figure: Reading, kind: Kind) -> String {
    match figure {
        Reading::Never | Reading::Unknown => String::new(),
        Reading::Whole(it) if kind.is_time() || kind == Kind::Hours => hours(it as f64),
        Reading::Whole(it) => it.to_string(),
        Reading::Real(it) if kind == Kind::Money => format!("{it:.2}"),
        Reading::Real(it) => share(it),
    }
}

/// How many sites each track gave back, such as `r1 70 r2 813`.
fn tracks(strategy: &StrategyResults, replication: &ReplicationMetrics) -> String {
    let each = strategy.tracks.iter().zip(&replication.tracks).filter(|(_, it)| it.sites > 0);
    let texts = each.map(|(name, it)| format!("{name} {}", it.sites));
    texts.collect::<Vec<String>>().join(" ")
}

/// A row for every team, limit and throughput of every strategy: means over replications. A unit
/// of a throughput is a transfer under way.
pub(crate) fn teams(scenario: &Scenario, results: &Results) -> Vec<u8> {
    let mut table = Table::new(&[
        "strategy",
        "pool",
        "kind",
        "unit_hours_mean",
        "utilisation",
        "overtime_h",
        "cost_mean",
        "bytes_mean",
    ]);
    for strategy in &results.strategies {
        let name = strategy_name(scenario, strategy);
        for (place, label) in strategy.pools.iter().enumerate() {
            let pools = || strategy.outcomes.iter().map(|it| it.pools[place]);
            let busy: u128 = pools().map(|it| it.busy).sum();
            let capacity: u128 = pools().map(|it| it.capacity).sum();
            let mean = busy as f64 / MILLIS_PER_HOUR / strategy.outcomes.len() as f64;
            let over: u128 = pools().map(|it| it.overtime).sum();
            let overtime = over as f64 / MILLIS_PER_HOUR / strategy.outcomes.len() as f64;
            let utilisation = (capacity > 0).then(|| share(busy as f64 / capacity as f64));
            let cost = label.cost_per_hour.filter(|_| label.is_team);
            table.push([
                name.clone(),
                cell(&label.name),
                if label.is_team { "team" } else { "limit" }.to_owned(),
                format!("{mean:.4}"),
                utilisation.unwrap_or_default(),
                format!("{overtime:.4}"),
                cost.map_or_else(String::new, |price| format!("{:.2}", mean * price)),
                String::new(),
            ]);
        }
        for (place, throughput) in strategy.throughputs.iter().enumerate() {
            let tallies = || strategy.outcomes.iter().map(|it| it.throughputs[place]);
            let moved: u128 = tallies().map(|it| it.moved).sum();
            let capacity: u128 = tallies().map(|it| it.capacity).sum();
            let transfer_ms: u128 = tallies().map(|it| it.transfer_ms).sum();
            let n = strategy.outcomes.len() as f64;
            let utilisation = (capacity > 0).then(|| share(moved as f64 / capacity as f64));
            table.push([
                name.clone(),
                cell(throughput),
                "throughput".to_owned(),
                hours(transfer_ms as f64 / n),
                utilisation.unwrap_or_default(),
                String::new(),
                String::new(),
                format!("{:.0}", moved as f64 / n),
            ]);
        }
    }
    table.bytes()
}

/// The figures of steps, in the order of the catalogue.
fn figures_of_steps() -> impl Iterator<Item = Figure> {
    let of_steps = FIGURES.iter().filter(|it| it.parameter == Some(Parameter::Step));
    of_steps.map(|it| it.figure)
}

/// The head of a column with the median over exercises: `step_last_end_p50_h`.
fn median_column(figure: Figure) -> String {
    let column = figure.column();
    match column.strip_suffix("_h") {
        Some(name) => format!("{name}_p50_h"),
        None => format!("{column}_p50"),
    }
}

/// The median of a time over exercises; empty where it never comes.
fn median(times: &[Option<SimDuration>]) -> String {
    let times = median_time(times.iter().copied());
    times.median.time().map_or_else(String::new, |it| hours(it.as_millis() as f64))
}

/// Work and waiting of a step, summed over exercises.
#[derive(Clone, Copy, Default)]
struct StepSums {
    attempts: u128,
    failures: u128,
    escalations: u128,
    work: u128,
    wait: u128,
}

impl StepSums {
    /// Of each step of a strategy.
    fn of(strategy: &StrategyResults) -> Vec<Self> {
        let mut sums = vec![Self::default(); strategy.steps.len()];
        for outcome in &strategy.outcomes {
            sums.iter_mut().zip(outcome.steps()).for_each(|(sum, it)| sum.add(it));
        }
        sums
    }

    fn add(&mut self, tally: StepTally) {
        let StepTally { attempts, failures, escalations, work, wait, .. } = tally;
        self.attempts += u128::from(attempts);
        self.failures += u128::from(failures);
        self.escalations += u128::from(escalations);
        self.work += u128::from(work);
        self.wait += u128::from(wait);
    }
}

/// A row for every step of every strategy: means over replications, and the medians of the figures
/// of steps.
pub(crate) fn steps(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
) -> Vec<u8> {
    let mut heads: Vec<String> = [
        "strategy",
        "track",
        "step",
        "title",
        "phase",
        "team",
        "attempts_mean",
        "failures_mean",
        "work_hours_mean",
        "wait_hours_mean",
        "escalations_mean",
    ]
    .map(str::to_owned)
    .to_vec();
    heads.extend(figures_of_steps().map(median_column));
    let mut table = Table::new(&heads);
    for (strategy, metrics) in results.strategies.iter().zip(&measurements.strategies) {
        let name = strategy_name(scenario, strategy);
        let sums = StepSums::of(strategy);
        let times: Vec<Vec<Vec<Option<SimDuration>>>> = figures_of_steps()
            .map(|it| times_of_steps(scenario, results, (strategy, metrics), it))
            .collect();
        for (place, label) in strategy.steps.iter().enumerate() {
            let n = strategy.outcomes.len() as f64;
            let StepSums { attempts, failures, escalations, work, wait } = sums[place];
            let mean = |sum: u128| sum as f64 / n;
            let mut cells = vec![
                name.clone(),
                cell(&label.track),
                cell(&label.step),
                cell(&label.title),
                cell(&label.phase),
                cell(&label.team),
                format!("{:.4}", mean(attempts)),
                format!("{:.4}", mean(failures)),
                hours(mean(work)),
                hours(mean(wait)),
                format!("{:.4}", mean(escalations)),
            ];
            cells.extend(times.iter().map(|it| median(&it[place])));
            table.push(cells);
        }
    }
    table.bytes()
}
