//! Levers as they are chosen: what each setting costs.

use thiserror::Error;

use crate::ask::inputs::Inputs;
use crate::measure::StrategyMetrics;
use crate::scenario::{Amount, Change, Lever, LeverCost, SetOverride};
use crate::units::{MILLIS_PER_HOUR, SimDuration};

/// A lever, and how far each of its settings lies from what is there now.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The lever.
    pub lever: Lever,
    /// One for each setting.
    pub units: Vec<Unit>,
}

/// How far a setting lies from what is there now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unit {
    /// It is what is there now.
    Now,
    /// So many units more, less where it is below zero.
    More(f64),
    /// Another one; by how much cannot be told.
    Other,
}

/// Why the cost of a lever cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoChoice {
    /// Nothing to count units from.
    #[error(
        "`{0}` has a cost for each unit, and what stands there now is no number of the same unit: \
         write the address with `*` behind it, and factors as values"
    )]
    NoNumber(String),
    /// Nobody says what it costs.
    #[error("`{0}` has no cost: add `cost = {{ each = 1000 }}` to the lever")]
    NoCost(String),
}

/// Lays levers beside what is there now.
///
/// # Errors
/// When a cost counts units of what is no number.
pub fn chosen(levers: &[Lever], inputs: &Inputs) -> Result<Vec<Chosen>, NoChoice> {
    levers.iter().map(|it| choose(it, inputs)).collect()
}

fn choose(lever: &Lever, inputs: &Inputs) -> Result<Chosen, NoChoice> {
    let first = &lever.settings[0];
    let now = match first.change {
        Change::Replace => inputs.now(&first.address),
        Change::Times => Amount::read("1"),
        Change::Plus => {
            let unit = Amount::read(&first.value).map(|it| it.unit().to_owned());
            unit.and_then(|it| Amount::read(&format!("0{it}")))
        }
    };
    let text = inputs.all().into_iter().find(|it| it.address == first.address).map(|it| it.value);
    let unit = |setting: &SetOverride| {
        let number = Amount::read(&setting.value).zip(now.clone());
        match number.filter(|(value, now)| value.unit() == now.unit()) {
            Some((value, now)) if value.number() == now.number() => Unit::Now,
            Some((value, now)) => Unit::More(value.number() - now.number()),
            None if text.as_deref().map(|it| it.trim_matches('"')) == Some(&*setting.value) => {
                Unit::Now
            }
            None => Unit::Other,
        }
    };
    let units: Vec<Unit> = lever.settings.iter().map(unit).collect();
    let counts = lever.cost.is_some_and(|it| it.counts());
    if counts && units.contains(&Unit::Other) {
        return Err(NoChoice::NoNumber(lever.name.clone()));
    }
    Ok(Chosen { lever: lever.clone(), units })
}

impl Chosen {
    /// What a setting costs in a recovery of so many hours; nothing is known of a lever without cost.
    #[must_use]
    pub fn cost(&self, setting: usize, hours: f64) -> Option<f64> {
        let LeverCost { fixed, each, each_hour } = self.lever.cost?;
        Some(match self.units[setting] {
            Unit::Now => 0.0,
            Unit::More(units) => fixed + units * (each + each_hour * hours),
            Unit::Other => fixed,
        })
    }

    /// The least that a setting can cost, in whichever recovery of at most so many hours.
    #[must_use]
    pub fn least_cost(&self, setting: usize, most_hours: f64) -> Option<f64> {
        let (none, most) = (self.cost(setting, 0.0)?, self.cost(setting, most_hours)?);
        Some(none.min(most))
    }
}

/// Hours until the last site is back, on average; what never comes counts as the horizon.
pub(super) fn mean_hours(metrics: &StrategyMetrics, horizon: SimDuration) -> f64 {
    let millis = metrics.replications.iter().map(|it| {
        let back = it.last_restored.map_or(horizon, |it| it.since_start());
        u128::from(back.as_millis())
    });
    let (sum, n) = millis.fold((0, 0), |(sum, n): (u128, u32), it| (sum + it, n + 1));
    sum as f64 / f64::from(n.max(1)) / MILLIS_PER_HOUR
}
