//! The tables for spreadsheets and scripts: sites, replications, teams and steps.
//!
//! Hours have four decimals, shares six; a time that never comes is an empty cell.

use crate::experiment::{Aims, Results, StrategyResults, Yardstick, Yardsticks};
use crate::measure::{Measurements, ReplicationMetrics, figure_of_step, median_time};
use crate::scenario::{FIGURES, Figure, Kind, Parameter, Reading, Scenario, Site};
use crate::stats::{quantile_sorted, rank};
use crate::trace::{DataLoss, Outcome};
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

/// A row for every deleted site under every strategy: what its replications come to.
pub(crate) fn sites(scenario: &Scenario, results: &Results) -> Vec<u8> {
    let yardsticks = Yardsticks::new(scenario, results);
    let parts = scenario.incident.takes_parts();
    // What is lost of a site is told where it may be less than all.
    let columns = SITE_COLUMNS.iter().chain(parts.then_some(&"lost"));
    let mut table = Table::new(&columns.copied().collect::<Vec<&str>>());
    let Aims::Same(sites) = &results.aims else { return table.bytes() };
    for strategy in &results.strategies {
        let name = strategy_name(scenario, strategy);
        for (place, it) in sites.iter().enumerate() {
            let mut cells = vec![name.clone()];
            cells.extend(facts(scenario, &scenario.estate.sites[it.site], it.at));
            cells.extend(site_figures(&yardsticks.of(0), strategy, place));
            cells.extend(parts.then(|| lost(scenario, place)));
            table.push(cells);
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

fn site_figures(yardstick: &Yardstick, strategy: &StrategyResults, site: usize) -> [String; 13] {
    let n = strategy.outcomes.len();
    let deleted = strategy.outcomes.iter().filter(|it| yardstick.deleted_at(it, site).is_some());
    let deleted = deleted.count();
    let mut rta = times(n, strategy.outcomes.iter().filter_map(|it| yardstick.rta(it, site)));
    let back = strategy.outcomes.iter().filter(|it| is_back(it, site));
    // Of the exercises in which it is known.
    let quantile = |mut values: Vec<SimDuration>, p: f64| {
        values.sort_unstable();
        if values.is_empty() { String::new() } else { seconds(quantile_sorted(&values, p)) }
    };
    let loss = |of: fn(&DataLoss) -> Option<SimDuration>, p: f64| {
        quantile(back.clone().filter_map(|it| of(&it.data_loss[site])).collect(), p)
    };
    // Where something was repaired.
    let repair = |it: &&Outcome| {
        let loss = &it.data_loss[site];
        loss.repaired()?;
        Some(loss.repaired_at?.saturating_since(it.restorations[site].restored_at()?))
    };
    let judged = yardstick.rpo(site).filter(|_| yardstick.says_data_loss(strategy.strategy));
    let old_data = judged.map(|objective| {
        let is_old =
            |it: &&Outcome| it.data_loss[site].at_hand_over.is_some_and(|lost| lost > objective);
        back.clone().filter(is_old).count()
    });
    let lost = strategy
        .outcomes
        .iter()
        .filter(|it| it.restorations[site] == crate::trace::Restoration::Lost);
    let (restored, lost) = (rta.len(), lost.count());
    rta.sort_unstable();
    // Ranks are among all replications in which it was deleted: what never came sorts last.
    let rta_at = |p| {
        let value = if deleted == 0 { None } else { rta.get(rank(p, deleted) - 1) };
        value.map_or_else(String::new, |it| hours(it.as_millis() as f64))
    };
    let part = |count: usize| share(count as f64 / n as f64);
    [
        part(restored),
        part(lost),
        part(deleted - restored - lost),
        part(n - deleted),
        rta_at(0.05),
        rta_at(0.5),
        rta_at(0.95),
        loss(|it| it.at_hand_over, 0.5),
        loss(|it| it.after_repair, 0.95),
        loss(|it| it.inconsistency, 0.5),
        old_data.map_or_else(String::new, part),
        quantile(back.clone().filter_map(|it| repair(&it)).collect(), 0.5),
        cell(&restored_by(strategy, site)),
    ]
}

fn times(n: usize, times: impl Iterator<Item = SimDuration>) -> Vec<SimDuration> {
    let mut all = Vec::with_capacity(n);
    all.extend(times);
    all
}

fn is_back(outcome: &Outcome, site: usize) -> bool {
    outcome.restorations[site].restored_at().is_some()
}

/// The tracks that gave the site back and how often, such as `r1 12% r2 88%`.
fn restored_by(strategy: &StrategyResults, site: usize) -> String {
    let n = strategy.outcomes.len() as f64;
    let mut counts = vec![0u32; strategy.tracks.len()];
    for outcome in strategy.outcomes.iter().filter(|it| is_back(it, site)) {
        counts[usize::from(outcome.restored_by[site])] += 1;
    }
    let named = strategy.tracks.iter().zip(counts).filter(|(_, count)| *count > 0);
    let texts = named.map(|(track, count)| format!("{track} {:.0}%", 100.0 * f64::from(count) / n));
    texts.collect::<Vec<String>>().join(" ")
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
fn median(readings: &[Reading]) -> String {
    let times = median_time(readings.iter().map(|it| it.time()));
    times.median.time().map_or_else(String::new, |it| hours(it.as_millis() as f64))
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
        for (place, label) in strategy.steps.iter().enumerate() {
            let n = strategy.outcomes.len() as f64;
            let mean = |of: fn(&crate::trace::StepTally) -> u64| {
                let all = strategy.outcomes.iter().map(|it| u128::from(of(&it.steps[place])));
                all.sum::<u128>() as f64 / n
            };
            let figure =
                |it| median(&figure_of_step(scenario, results, (strategy, metrics), it, place));
            let mut cells = vec![
                name.clone(),
                cell(&label.track),
                cell(&label.step),
                cell(&label.title),
                cell(&label.phase),
                cell(&label.team),
                format!("{:.4}", mean(|it| it.attempts)),
                format!("{:.4}", mean(|it| it.failures)),
                hours(mean(|it| it.work)),
                hours(mean(|it| it.wait)),
                format!("{:.4}", mean(|it| it.escalations)),
            ];
            cells.extend(figures_of_steps().map(figure));
            table.push(cells);
        }
    }
    table.bytes()
}
