//! What is side by side, and under which names.

use crate::compare::{SideBySide, StrategyBars};
use crate::plot::measure::fit_name;
use crate::plot::numbers::DrawnUnit;
use crate::scenario::{Figure, Weight};

/// What is side by side, and under which names.
pub(crate) struct Table<'a> {
    pub names: Vec<String>,
    pub subtitle: String,
    pub numbers: &'a SideBySide,
}

impl Table<'_> {
    /// Each strategy with its name and its place.
    pub(crate) fn each(&self) -> impl Iterator<Item = (usize, &str, &StrategyBars)> {
        let named = self.names.iter().zip(&self.numbers.strategies).enumerate();
        named.map(|(place, (name, it))| (place, name.as_str(), it))
    }
}

/// In which unit a metric is drawn, of which the largest number is this.
pub(crate) fn drawn_unit(metric: Figure, largest: f64) -> DrawnUnit {
    match (metric.kind().is_time(), metric.definition().weight) {
        (true, _) => DrawnUnit::of_times(largest),
        (false, Weight::Site) => DrawnUnit::of_sums("site-hours"),
        (false, Weight::User) => DrawnUnit::of_sums("user-hours"),
        (false, _) => DrawnUnit::of_sums("person-hours"),
    }
}

/// "p95 of RTA over the sites of an exercise, hours"
pub(crate) fn axis_title(metric: Figure, what: &str, unit: DrawnUnit) -> String {
    match metric.title().starts_with(unit.name) {
        true => format!("{what}{}", metric.title()),
        false => format!("{what}{}, {}", metric.title(), unit.name),
    }
}

/// The largest of these numbers, without their signs.
pub(crate) fn largest(numbers: impl IntoIterator<Item = f64>) -> f64 {
    numbers.into_iter().fold(0.0, |most, it| it.abs().max(most))
}

/// A name that leaves room beside it.
pub(crate) fn short(name: &str) -> String {
    fit_name(name, 14, 300.0)
}
