//! How far the guesses of a scenario may be off.

use crate::ask::inputs::Inputs;
use crate::dist::normal_quantile;
use crate::rng::{Purpose, StreamKey, Streams};
use crate::scenario::{Address, Assumption, Change, Quantity, Scenario, SetOverride};

/// How far a guess may be off where nobody says so.
const GUESS: f64 = 2.0;

/// The same of what was fitted.
const FITTED: f64 = 1.3;

/// The 95 % quantile of the standard normal distribution: 9 of 10 lie between it and its opposite.
const NINE_OF_TEN: f64 = 1.644_853_626_951_472_2;

/// A quantity that may be off by a lognormal factor; a share by one on its odds.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    /// The quantity.
    pub address: Address,
    /// Where it comes from: "guess", "fitted" and so on.
    pub source: String,
    /// 9 times in 10 it lies between one over so many times and so many times what stands there.
    pub off_by: f64,
    /// As a part of 1, where it is a share of something.
    pub share: Option<f64>,
}

/// The quantities of a scenario that may be off, in the order of their addresses: those of every table
/// that says it is a guess or fitted, and of those that say by how much they may be off.
#[must_use]
pub fn doubts(scenario: &Scenario, inputs: &Inputs) -> Vec<Doubt> {
    let mut doubts: Vec<Doubt> = inputs
        .quantities()
        .into_iter()
        .filter_map(|quantity| doubt(&scenario.assumptions, quantity))
        .collect();
    doubts.sort_by(|a, b| a.address.cmp(&b.address));
    doubts
}

/// The doubt about a quantity, by the innermost table around it that says where its values come from.
fn doubt(assumptions: &[Assumption], quantity: Quantity) -> Option<Doubt> {
    let names = quantity.address.names();
    let around = assumptions.iter().filter(|it| names.starts_with(&it.address.names()));
    let told = around.max_by_key(|it| it.address.names().len())?;
    let usual = match told.source.as_str() {
        "guess" => Some(GUESS),
        "fitted" => Some(FITTED),
        _ => None,
    };
    let off_by = told.off_by.or(usual)?;
    // Of none and of all there are no odds.
    let has_odds = quantity.share.is_none_or(|it| it > 0.0 && it < 1.0);
    has_odds.then(|| Doubt {
        off_by,
        source: told.source.clone(),
        share: quantity.share,
        address: quantity.address.clone(),
    })
}

impl Doubt {
    /// The factor at so many standard deviations.
    #[must_use]
    pub fn factor(&self, deviations: f64) -> f64 {
        libm::exp(libm::log(self.off_by) / NINE_OF_TEN * deviations)
    }

    /// How many standard deviations off nine of ten lie at the most.
    #[must_use]
    pub const fn nine_of_ten() -> f64 {
        NINE_OF_TEN
    }

    /// The override that makes it so many standard deviations larger.
    #[must_use]
    pub fn set(&self, deviations: f64) -> SetOverride {
        let factor = self.factor(deviations);
        let (change, value) = match self.share {
            None => (Change::Times, format!("{factor:.9}")),
            Some(share) => {
                let odds = share / (1.0 - share) * factor;
                (Change::Replace, format!("{:.9}%", 100.0 * odds / (1.0 + odds)))
            }
        };
        SetOverride { address: self.address.clone(), change, value }
    }

    /// How far off it is in each of so many draws, in standard deviations: the middle of each of as many
    /// equally likely parts, in an order of its own (a Latin hypercube; McKay, Beckman and Conover 1979).
    /// Goes by seed and address alone, so nothing else in the scenario changes it.
    #[must_use]
    pub fn draws(&self, seed: u64, number: usize) -> Vec<f64> {
        let streams = Streams::new(seed, 0);
        let key = StreamKey::new(Purpose::Doubt, &[&self.address.to_string()]);
        let mut order = vec![0; number];
        streams.fill(key, 0, 0, &mut order);
        let mut parts: Vec<usize> = (0..number).collect();
        parts.sort_by_key(|part| (order[*part], *part));
        let middle = |part: usize| normal_quantile((part as f64 + 0.5) / number as f64);
        parts.into_iter().map(middle).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(share: Option<f64>) -> Doubt {
        let address = "a.b".parse().expect("an address");
        Doubt { address, source: "guess".to_owned(), off_by: 2.0, share }
    }

    #[test]
    fn nine_times_in_ten_it_lies_between_half_and_twice() {
        let it = doubt(None);
        assert!((it.factor(Doubt::nine_of_ten()) - 2.0).abs() < 1e-12);
        assert!((it.factor(-Doubt::nine_of_ten()) - 0.5).abs() < 1e-12);
        assert_eq!(it.set(0.0).to_string(), "a.b*=1.000000000");
    }

    #[test]
    fn a_share_is_off_by_its_odds_and_stays_one() {
        // Odds of 1 to 3, twice as good: 2 to 3.
        let it = doubt(Some(0.25));
        assert_eq!(it.set(Doubt::nine_of_ten()).to_string(), "a.b=40.000000000%");
        assert_eq!(it.set(0.0).to_string(), "a.b=25.000000000%");
    }

    #[test]
    fn draws_are_spread_evenly_and_differ_by_address_and_seed() {
        let it = doubt(None);
        let mut draws = it.draws(7, 512);
        assert_ne!(draws, it.draws(8, 512));
        assert_eq!(draws, it.draws(7, 512));
        draws.sort_by(f64::total_cmp);
        let mean = draws.iter().sum::<f64>() / 512.0;
        let variance = draws.iter().map(|it| it * it).sum::<f64>() / 512.0;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }
}
