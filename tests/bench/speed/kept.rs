//! The ratios that are kept: instructions of an attempt over those of the loop written by hand.

use std::fs;
use std::path::PathBuf;

use crate::counted::{an_attempt, side_by_side};
use crate::job::Job;
use crate::workloads::AS_HAPPENED;

/// What is held against the loop by hand.
pub(crate) const HELD: [&str; 2] = ["W1", AS_HAPPENED];

const HEAD: &str = "\
# Instructions of an attempt over those of the loop written by hand, both of one build.
# Written by `cargo bench --bench speed -- keep`; `cargo bench --bench speed -- gate` fails where one
# is more than 5 % above what stands here.
";

/// Instructions of an attempt.
pub(crate) struct Counts {
    pub by_hand: f64,
    /// In the order of [`HELD`].
    pub held: Vec<f64>,
}

impl Counts {
    pub(crate) fn now() -> Result<Self, String> {
        let all = [None].into_iter().chain(HELD.map(Some)).collect::<Vec<Option<&str>>>();
        let mut counts = side_by_side(&all, |workload| count(*workload)).into_iter();
        let by_hand = counts.next().expect("it is the first of them")?;
        Ok(Self { by_hand, held: counts.collect::<Result<_, _>>()? })
    }

    pub(crate) fn ratios(&self) -> impl Iterator<Item = (&'static str, f64)> {
        HELD.into_iter().zip(&self.held).map(|(name, count)| (name, count / self.by_hand))
    }
}

/// Of this workload, or else of the loop by hand.
fn count(workload: Option<&str>) -> Result<f64, String> {
    match workload {
        Some(name) => {
            let workload = name.to_owned();
            an_attempt([2, 4], &|exercises| Job::Simulate { workload: workload.clone(), exercises })
        }
        None => {
            an_attempt([2, 12], &|exercises| Job::ByHand { workload: "W1".to_owned(), exercises })
        }
    }
}

/// The kept ratios, in the order of [`HELD`].
pub(crate) fn read() -> Result<Vec<f64>, String> {
    let path = path();
    let text = fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    let kept: toml::Table = text.parse().map_err(|why| format!("{}: {why}", path.display()))?;
    let ratio = |name: &str| kept.get(name).and_then(toml::Value::as_float);
    let one = |name| ratio(name).ok_or_else(|| format!("{}: no ratio of {name}", path.display()));
    HELD.into_iter().map(one).collect()
}

pub(crate) fn write(counts: &Counts) -> Result<String, String> {
    let lines = counts.ratios().map(|(name, ratio)| format!("{name} = {ratio:.2}\n"));
    let text = HEAD.to_owned() + &lines.collect::<String>();
    fs::write(path(), &text).map_err(|why| format!("{}: {why}", path().display()))?;
    Ok(text)
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bench/speed/kept.toml")
}
