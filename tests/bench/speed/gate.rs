//! Whether something has become slower: instructions of an attempt beside the loop written by hand,
//! and how every phase grows. Instructions and no seconds, which differ with what else a machine does.

use std::fmt::Write as _;

use crate::counted::{MISSING, can_count};
use crate::growth::{self, Growth};
use crate::job::Job;
use crate::judge::{fault_of_growth, fault_of_ratio, is_outdone};
use crate::kept::{self, Counts};
use crate::say;

/// Whether nothing has.
pub(crate) fn passes() -> Result<bool, String> {
    if !can_count() {
        return Err(MISSING.to_owned());
    }
    sees_what_is_planted()?;
    let mut faults = faults_of_ratios(&Counts::now()?, &kept::read()?);
    faults.extend(faults_of_growths(&growth::count_all()));
    for fault in &faults {
        say(&format!("TOO SLOW: {fault}"));
    }
    Ok(faults.is_empty())
}

/// A gate that sees no square where there is one, or one where there is none, is none.
fn sees_what_is_planted() -> Result<(), String> {
    let planted = |squared| [1_000, 2_000].map(|size| Job::Planted { squared, size });
    let [line, square] =
        [false, true].map(|it| growth::counts(&planted(it), &[Job::Nothing, Job::Nothing]));
    let (counts, squares) = (line?, square?);
    let [line, square] = [counts, squares].map(|[once, twice]| fault_of_growth(once, twice));
    match (line, square) {
        (None, Some(_)) => Ok(()),
        _ => Err(format!("of a line and a square the gate counts {counts:?} and {squares:?}")),
    }
}

fn faults_of_ratios(counts: &Counts, kept: &[f64]) -> Vec<String> {
    let mut text = format!("{:18} {:>12} {:>12} {:>6}\n", "", "instructions", "to by hand", "kept");
    writeln!(text, "{:18} {:12.0} {:12.2}", "by hand", counts.by_hand, 1.0).expect("text grows");
    let mut faults = Vec::new();
    for (((name, ratio), count), kept) in counts.ratios().zip(&counts.held).zip(kept) {
        writeln!(text, "{name:18} {count:12.0} {ratio:12.2} {kept:6.2}").expect("text grows");
        faults.extend(fault_of_ratio(ratio, *kept).map(|it| format!("an attempt of {name}: {it}")));
        if is_outdone(ratio, *kept) {
            text += "it has become better; keep that: cargo bench --bench speed -- keep\n";
        }
    }
    say(&text);
    faults
}

fn faults_of_growths(all: &[Growth]) -> Vec<String> {
    let fault = |growth: &Growth| {
        let fault = match &growth.counts {
            Ok([once, twice]) => fault_of_growth(*once, *twice)?,
            Err(why) => why.clone(),
        };
        Some(format!("{}: {fault}", growth.name))
    };
    all.iter().filter_map(fault).collect()
}
