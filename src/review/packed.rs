//! Numbers as short texts, for series that would be megabytes as lists.
//!
//! A number is written as three letters, or four where a list may be long: eighteen bits of 64 letters each, the high ones first; one
//! that is missing as `***`. Times are counted in steps of a whole, so fine that no picture shows
//! them. What was read back is written as the same text.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::units::SimTime;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Letters of a number.
const WIDTH: usize = 3;
/// Letters of a place in a list that may be long.
pub(crate) const WIDE: usize = 4;
/// Numbers are less than this.
const END: u64 = 1 << 18;
const MISSING: char = '*';
/// Steps in which a whole is counted at most.
const STEPS: u64 = END - 1;
/// Steps in which levels are counted, of the highest.
const LEVELS: f64 = 4_095.0;

fn push(text: &mut String, number: Option<u64>, letters: usize) {
    let Some(number) = number else {
        text.extend(std::iter::repeat_n(MISSING, letters));
        return;
    };
    assert!(number >> (6 * letters) == 0, "a packed number has six bits a letter");
    for place in (0..letters).rev() {
        text.push(char::from(LETTERS[(number >> (6 * place) & 63) as usize]));
    }
}

/// The numbers of a text; none where it is not one of them.
pub(crate) fn numbers(text: &str, letters: usize) -> Option<Vec<Option<u64>>> {
    let letter = |it: &u8| LETTERS.iter().position(|other| other == it).map(|it| it as u64);
    let one = |word: &[u8]| -> Option<Option<u64>> {
        if word.iter().all(|it| char::from(*it) == MISSING) && word.len() == letters {
            return Some(None);
        }
        let digits: Option<Vec<u64>> = word.iter().map(letter).collect();
        let digits = digits.filter(|it| it.len() == letters)?;
        Some(Some(digits.iter().fold(0, |number, it| number << 6 | it)))
    };
    text.as_bytes().chunks(letters).map(one).collect()
}

/// A part of a whole in steps, to the nearest; in milliseconds where the whole has fewer of them
/// than steps.
fn to_steps(part: u64, whole: u64) -> u64 {
    if whole <= STEPS {
        return part;
    }
    let steps = (u128::from(part) * u128::from(STEPS) + u128::from(whole) / 2) / u128::from(whole);
    u64::try_from(steps).expect("a part is at most the whole")
}

fn from_steps(steps: u64, whole: u64) -> u64 {
    if whole <= STEPS {
        return steps;
    }
    let part = (u128::from(steps) * u128::from(whole) + u128::from(STEPS) / 2) / u128::from(STEPS);
    u64::try_from(part).expect("a part is at most the whole")
}

/// Instants as a text, in steps of the time up to an end; those that never come or come later are
/// missing.
pub fn packed_instants(at: impl Iterator<Item = Option<SimTime>>, end: SimTime) -> String {
    let whole = end.as_millis();
    let mut text = String::new();
    for at in at {
        let seen = at.map(SimTime::as_millis).filter(|it| *it <= whole);
        push(&mut text, seen.map(|it| to_steps(it, whole)), WIDTH);
    }
    text
}

/// Places in a list as a text, four letters each.
pub fn packed_places(places: impl Iterator<Item = Option<u64>>) -> String {
    let mut text = String::new();
    places.for_each(|it| push(&mut text, it, WIDE));
    text
}

pub(crate) fn instants(text: &str, end: SimTime) -> Option<Vec<Option<SimTime>>> {
    let at = |it: u64| SimTime::from_millis(from_steps(it, end.as_millis()));
    Some(numbers(text, WIDTH)?.into_iter().map(|it| it.map(at)).collect())
}

/// The nearest numbers that can be packed: 4,095ths of the highest.
pub(crate) fn snapped(values: &[f64]) -> Vec<f64> {
    let most = values.iter().copied().fold(0.0, f64::max);
    let snap =
        |it: &f64| if most > 0.0 { most * ((it / most * LEVELS).round() / LEVELS) } else { 0.0 };
    values.iter().map(snap).collect()
}

/// Levels as a text: the highest, then each in 4,095ths of it, in two letters; or `=` and how many
/// there are where all are the same.
pub(crate) mod levels {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        let most = values.iter().copied().fold(0.0, f64::max);
        if values.iter().all(|it| *it == most) {
            return (most, format!("={}", values.len())).serialize(to);
        }
        let mut text = String::with_capacity(values.len() * 2);
        for it in values {
            let level = if most > 0.0 { (it / most * LEVELS).round() as u64 } else { 0 };
            for shift in [6, 0] {
                text.push(char::from(LETTERS[(level >> shift & 63) as usize]));
            }
        }
        (most, text).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let (most, text) = <(f64, String)>::deserialize(from)?;
        if let Some(count) = text.strip_prefix('=').and_then(|it| it.parse::<u16>().ok()) {
            return Ok(vec![most; count.into()]);
        }
        let letter = |it: u8| LETTERS.iter().position(|other| *other == it);
        let level = |it: &[u8]| match it {
            [high, low] => Some((letter(*high)? * 64 + letter(*low)?) as f64 / LEVELS * most),
            _ => None,
        };
        let levels: Option<Vec<f64>> = text.as_bytes().chunks(2).map(level).collect();
        levels.ok_or_else(|| serde::de::Error::custom("not a text of levels"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_read_back_is_written_as_the_same_text(
            whole in 0u64..10_000_000_000,
            parts in proptest::collection::vec(proptest::option::of(0.0f64..=1.0), 0..20),
        ) {
            let end = SimTime::from_millis(whole);
            let at = |part: f64| SimTime::from_millis((whole as f64 * part) as u64);
            let own: Vec<Option<SimTime>> = parts.iter().map(|it| it.map(at)).collect();
            let text = packed_instants(own.iter().copied(), end);
            let read = instants(&text, end).expect("it can be read");
            for (own, read) in own.iter().zip(&read) {
                let millis = |it: &Option<SimTime>| it.map_or(0, SimTime::as_millis);
                prop_assert!(millis(own).abs_diff(millis(read)) <= whole / STEPS + 1);
            }
            prop_assert_eq!(packed_instants(read.into_iter(), end), text);
        }

        #[test]
        fn snapped_levels_survive_being_written(
            values in proptest::collection::vec(0.0f64..1e6, 0..50),
        ) {
            #[derive(Serialize, Deserialize)]
            struct Held(#[serde(with = "levels")] Vec<f64>);
            let held = Held(snapped(&values));
            let text = serde_json::to_string(&held).expect("it can be written");
            let read: Held = serde_json::from_str(&text).expect("it can be read");
            prop_assert_eq!(read.0, held.0);
        }
    }

    #[test]
    fn numbers_are_three_letters_and_missing_ones_are_stars() {
        let mut text = String::new();
        for it in [Some(0), Some(1), Some(64), Some(END - 1), None] {
            push(&mut text, it, WIDTH);
        }
        assert_eq!(text, "AAAAABABA___***");
        let all = [Some(0), Some(1), Some(64), Some(END - 1), None];
        assert_eq!(numbers(&text, WIDTH), Some(all.to_vec()));
        assert_eq!((numbers("AA", WIDTH), numbers("A A", WIDTH)), (None, None));
    }
}
