//! A list of whole numbers as a part has it: runs of the same number are told once.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// Numbers of one kind, such as one for each site: `[7,[300000,880],9]` is a 7, then 300000 for 880
/// times, then a 9. A number from 2^63 on, such as that of a time that never comes, is written as
/// the negative one with the same bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Column(pub Vec<u64>);

/// Shorter runs are as short when they are written out.
const SHORTEST_RUN: usize = 3;

/// More numbers than any estate has sites or any plan has steps: what has them is no part of ours.
const MOST: usize = 10_000_000;

impl<T: Into<u64>> FromIterator<T> for Column {
    fn from_iter<I: IntoIterator<Item = T>>(numbers: I) -> Self {
        Self(numbers.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for run in self.0.chunk_by(|a, b| a == b) {
            let number = run[0].cast_signed();
            if run.len() < SHORTEST_RUN {
                for _ in run {
                    list.serialize_element(&number)?;
                }
            } else {
                list.serialize_element(&(number, run.len()))?;
            }
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Runs)
    }
}

struct Runs;

impl<'de> Visitor<'de> for Runs {
    type Value = Column;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Column, A::Error> {
        let mut numbers = Vec::new();
        while let Some(Run { number, times }) = list.next_element()? {
            if times > MOST - numbers.len() {
                return Err(A::Error::custom("the list is too long"));
            }
            numbers.extend(std::iter::repeat_n(number, times));
        }
        Ok(Column(numbers))
    }
}

/// A number, and how many of it come after one another.
struct Run {
    number: u64,
    times: usize,
}

impl<'de> Deserialize<'de> for Run {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrRun)
    }
}

struct OneOrRun;

impl<'de> Visitor<'de> for OneOrRun {
    type Value = Run;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number, or a number and how often it comes")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Run, E> {
        Ok(Run { number, times: 1 })
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Run, E> {
        Ok(Run { number: number.cast_unsigned(), times: 1 })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Run, A::Error> {
        let number: Option<i64> = pair.next_element()?;
        let times: Option<usize> = pair.next_element()?;
        match (number, times, pair.next_element::<u64>()?) {
            (Some(number), Some(times), None) => Ok(Run { number: number.cast_unsigned(), times }),
            _ => Err(A::Error::custom("a run has two numbers")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(numbers: &[u64], text: &str) {
        let column = Column(numbers.to_vec());
        assert_eq!(serde_json::to_string(&column).unwrap(), text);
        assert_eq!(serde_json::from_str::<Column>(text).unwrap(), column);
    }

    #[test]
    fn runs_are_told_once() {
        check(&[], "[]");
        check(&[7], "[7]");
        check(&[7, 7, 0], "[7,7,0]");
        check(&[7, 5, 5, 5, 5, 9], "[7,[5,4],9]");
        check(&[u64::MAX; 3], "[[-1,3]]");
        check(&[u64::MAX, 1 << 63, (1 << 63) - 1], &format!("[-1,{},{}]", i64::MIN, i64::MAX));
    }

    #[test]
    fn what_is_no_list_of_numbers_is_refused() {
        for text in ["7", "[1.5]", "[\"7\"]", "[[7]]", "[[7,2,2]]", "[[7,-1]]", "[[7,10000001]]"] {
            assert!(serde_json::from_str::<Column>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Column>("[[7,9999999],8,8]").is_err());
    }
}
