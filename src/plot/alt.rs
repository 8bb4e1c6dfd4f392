//! What pictures show in words, for those who hear them: each with its main figures.

use crate::measure::{Cumulative, Distributions, TierTimes};
use crate::plot::measure::fit_name;
use crate::plot::series::{Series, StrategySeries};
use crate::plot::table::Table;
use crate::report::View;
use crate::report::run::view::StrategyView;
use crate::report::words::{amount, length, plain, share};
use crate::scenario::Figure;
use crate::units::{MILLIS_PER_HOUR, SimDuration};

/// A name of the scenario, short enough to be listened to.
fn spoken(name: &str) -> String {
    fit_name(&plain(name), 10, 400.0)
}

/// "one: this; other: that."
pub(crate) fn listed(head: &str, each: impl Iterator<Item = String>) -> String {
    format!("{head}. {}.", each.collect::<Vec<String>>().join("; "))
}

/// ". Medians over the exercises: half of the sites T+5.0 h, the last site never."
fn medians(strategy: &StrategyView, figures: &[(&str, &str)]) -> String {
    let value = |figure: &str| strategy.rows.iter().find(|it| it.figure == figure);
    let known = figures
        .iter()
        .filter_map(|(figure, words)| value(figure).map(|row| format!("{words} {}", row.value)));
    let known: Vec<String> = known.collect();
    match known.is_empty() {
        true => ".".to_owned(),
        false => format!(". Medians over the exercises: {}.", known.join(", ")),
    }
}

/// What the recovery curve of a strategy shows.
pub(crate) fn recovery(strategy: &StrategyView) -> String {
    let figures = [
        ("half_of_sites_back", "half of the sites"),
        ("half_of_users_back", "half of the users"),
        ("last_site_back", "the last site"),
    ];
    let name = spoken(&strategy.name);
    let what = format!("Shares of sites and users back over time under {name}");
    what + &medians(strategy, &figures)
}

/// What the curve of customers reached shows.
pub(crate) fn contact(strategy: &StrategyView) -> String {
    let figures = [
        ("first_customer_reached", "the first"),
        ("half_of_customers_reached", "half of them"),
        ("all_customers_reached", "the last"),
    ];
    let name = spoken(&strategy.name);
    let what = format!("Share of customers reached over time under {name}");
    what + &medians(strategy, &figures)
}

fn at_most(longest: Option<SimDuration>) -> String {
    longest.map_or_else(|| "never".to_owned(), |it| format!("at most {}", length(it)))
}

/// What distributions of all strategies show.
pub(crate) fn distributions(
    what: &str,
    view: &View,
    of: fn(&Distributions) -> &Cumulative,
    series: &Series,
) -> String {
    let each = view.strategies.iter().zip(&series.strategies);
    let each = each.map(|(strategy, it)| distribution(strategy, of(&it.distributions)));
    listed(&format!("Distribution of the {what}"), each)
}

/// What the distribution of one strategy shows.
fn distribution(strategy: &StrategyView, steps: &Cumulative) -> String {
    let back = steps.steps.last().map_or(0.0, |it| it.1);
    let never = match back < 1.0 {
        true => format!(", {} never come back", share(1.0 - back)),
        false => String::new(),
    };
    let (half, most) = (at_most(steps.quantile(0.5)), at_most(steps.quantile(0.95)));
    format!("{}: half {half}, 95% {most}{never}", spoken(&strategy.name))
}

/// The same of data lost, of which nothing may be known.
pub(crate) fn losses(
    what: &str,
    view: &View,
    of: fn(&Distributions) -> &Cumulative,
    series: &Series,
) -> String {
    let each = view.strategies.iter().zip(&series.strategies);
    let known = |it: &(&StrategyView, &StrategySeries)| !of(&it.1.distributions).steps.is_empty();
    let each = each.map(|it| match known(&it) {
        true => distribution(it.0, of(&it.1.distributions)),
        false => format!("{}: not known", spoken(&it.0.name)),
    });
    listed(&format!("Distribution of the {what}"), each)
}

/// What the recovery times of the tiers show.
pub(crate) fn tiers(strategy: &StrategyView, tiers: &[TierTimes]) -> String {
    let each = tiers.iter().map(|it| {
        let [half, most] = [it.rta_at.p50, it.rta_at.p95].map(at_most);
        format!("{}: half {half}, 95% {most}", spoken(&it.tier))
    });
    let name = spoken(&strategy.name);
    listed(&format!("Distribution of the recovery time of a site by tier under {name}"), each)
}

/// A number of a metric in milliseconds, in words.
fn worded(metric: Figure, number: f64) -> String {
    match metric.kind().is_time() {
        true => length(SimDuration::from_millis(number.abs().round() as u64)),
        false => format!("{} hours", amount(number.abs() / MILLIS_PER_HOUR)),
    }
}

/// What the spread of each strategy shows.
pub(crate) fn risk(table: &Table<'_>) -> String {
    let when = |it: Option<f64>| match it {
        Some(it) => worded(Figure::RtaP95, it),
        None => "never".to_owned(),
    };
    let each = table.each().map(|(_, name, it)| {
        let (low, high) = (when(it.risk.low), when(it.risk.high));
        format!("{}: {low} to {high}", spoken(name))
    });
    listed("The RTA p95 in 9 of 10 exercises", each)
}

/// What the differences show.
pub(crate) fn differences(table: &Table<'_>) -> String {
    let numbers = table.numbers;
    let others = table.each().filter(|it| it.0 != numbers.leader);
    let each = others.map(|(_, name, it)| {
        let difference = match it.difference {
            None => "not known".to_owned(),
            Some(it) => {
                let word = if it.value < 0.0 { "less" } else { "more" };
                format!("{} {word}", worded(numbers.metric, it.value))
            }
        };
        format!("{}: {difference}", spoken(name))
    });
    let (what, best) = (numbers.metric.title(), spoken(&table.names[numbers.leader]));
    listed(&format!("Mean difference to {best} in {what}"), each)
}

/// What time against work shows.
pub(crate) fn pareto(table: &Table<'_>) -> String {
    let metric = table.numbers.metric;
    let each = table.each().map(|(_, name, it)| {
        let figures = match it.time.zip(it.work) {
            None => "never".to_owned(),
            Some((time, work)) => {
                let work = amount(work.value / MILLIS_PER_HOUR);
                format!("{}, {work} person-hours", worded(metric, time.value))
            }
        };
        let dominated = if it.dominated_by.is_empty() { "" } else { ", dominated" };
        format!("{}: {figures}{dominated}", spoken(name))
    });
    listed(&format!("Mean {} against work", metric.title()), each)
}
