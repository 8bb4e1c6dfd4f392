//! Puts parts together, if they are parts of one run, and each replication is there once.

use std::ops::Range;

use rayon::prelude::*;

use crate::experiment::part::{Part, PartError, PartHead, Slice, fingerprint_of, program};
use crate::experiment::results::aimed_at;
use crate::experiment::{Aims, Design, PackedOutcome, Results, run_slice};
use crate::scenario::Scenario;
use crate::trace::Outcome;

/// Why parts do not go together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinFault {
    /// One was simulated by another version of the program.
    #[error("`{file}` cannot be merged: its program is {theirs}, and this is {}", program())]
    OtherProgram {
        /// The part.
        file: String,
        /// The program that wrote it.
        theirs: String,
    },
    /// One is of another run than most.
    #[error("`{file}` is of another run: its {field} is {theirs}, that of `{beside}` is {ours}")]
    Foreign {
        /// The part.
        file: String,
        /// In what it differs.
        field: &'static str,
        /// What it has.
        theirs: String,
        /// One of those that it differs from.
        beside: String,
        /// What they have.
        ours: String,
    },
    /// Two are the same slice.
    #[error("`{file}` and `{other}` are both slice {slice}")]
    Twice {
        /// A part.
        file: String,
        /// Another part.
        other: String,
        /// Their slice.
        slice: Slice,
    },
    /// Two have replications in common.
    #[error(
        "`{file}` (slice {slice}) and `{other}` (slice {other_slice}) both have {}",
        told(numbers)
    )]
    Overlap {
        /// A part.
        file: String,
        /// Its slice.
        slice: Slice,
        /// Another part.
        other: String,
        /// Its slice.
        other_slice: Slice,
        /// What both have.
        numbers: Range<u32>,
    },
    /// Some replications are in no part.
    #[error("{} missing: {}", missing(slices), told(numbers))]
    Missing {
        /// The slices that have them, where all parts are of equally many.
        slices: Vec<Slice>,
        /// The replications.
        numbers: Range<u32>,
    },
    /// The texts in a part are not those that it was simulated from.
    #[error("`{file}` cannot be merged: its scenario has the digest {theirs}, and it says {ours}")]
    OtherScenario {
        /// The part.
        file: String,
        /// The digest of its texts.
        theirs: String,
        /// The digest in its head.
        ours: String,
    },
    /// A part has what this program does not simulate.
    #[error(
        "`{file}` cannot be merged: exercise {number} of `{strategy}` is not what this program \
         simulates; another build of it has written the part"
    )]
    OtherBuild {
        /// The part.
        file: String,
        /// The strategy.
        strategy: String,
        /// The replication.
        number: u32,
    },
    /// A part cannot be read on.
    #[error("`{file}` {fault}")]
    Unreadable {
        /// The part.
        file: String,
        /// What is wrong with it.
        fault: PartError,
    },
}

fn told(numbers: &Range<u32>) -> String {
    match numbers.len() {
        0 => "no exercise".to_owned(),
        1 => format!("exercise {}", numbers.start),
        _ => format!("exercises {} to {}", numbers.start, numbers.end - 1),
    }
}

fn missing(slices: &[Slice]) -> String {
    match slices {
        [] => "something is".to_owned(),
        [one] => format!("slice {one} is"),
        [first, .., last] if slices.len() > 3 => {
            format!("{} slices from {first} to {last} are", slices.len())
        }
        _ => {
            let slices: Vec<String> = slices.iter().map(Slice::to_string).collect();
            format!("slices {} are", slices.join(", "))
        }
    }
}

/// What all parts of one run have in common, each with its name.
fn fields(head: &PartHead) -> [(&'static str, String); 9] {
    let it = &head.scenario;
    let list = |names: &[String]| match names {
        [] => "all".to_owned(),
        _ => names.join(", "),
    };
    let set: Vec<String> = it.set.iter().map(ToString::to_string).collect();
    [
        ("scenario's name", it.name.clone()),
        ("scenario's path", it.path.clone()),
        ("scenario's digest", head.digest.clone()),
        ("list of --set", if set.is_empty() { "empty".to_owned() } else { set.join(" ") }),
        ("--allow-outside", if it.allow_outside { "given" } else { "not given" }.to_owned()),
        ("list of --strategy", list(&head.asked)),
        ("list of strategies", list(&head.strategies)),
        ("seed", head.seed.to_string()),
        ("number of exercises", head.replications.to_string()),
    ]
}

/// Everything that keeps parts, each with the name of its file, from being put together, as far as
/// their heads tell. What is wrong is what differs from most of the others; among equally many, from
/// the first.
#[must_use]
pub fn misfits(parts: &[(String, PartHead)]) -> Vec<JoinFault> {
    let mut faults = Vec::new();
    let all: Vec<_> = parts.iter().map(|(_, head)| fields(head)).collect();
    let usual: Vec<usize> = (0..fields_of(&all)).map(|field| most_common(&all, field)).collect();
    let mut alike = Vec::new();
    for ((file, head), own) in parts.iter().zip(&all) {
        if head.program != program() {
            faults
                .push(JoinFault::OtherProgram { file: file.clone(), theirs: head.program.clone() });
        }
        for ((field, theirs), beside) in own.iter().zip(&usual) {
            let ours = usual_of(&all, *beside, field);
            if *theirs != ours {
                faults.push(JoinFault::Foreign {
                    file: file.clone(),
                    field,
                    theirs: theirs.clone(),
                    beside: parts[*beside].0.clone(),
                    ours,
                });
            }
        }
        let whole = usual.last().map(|it| parts[*it].1.replications);
        if whole == Some(head.replications) {
            alike.push((file, head));
        }
    }
    faults.extend(gaps(&alike));
    faults
}

type Fields = [(&'static str, String); 9];

fn fields_of(all: &[Fields]) -> usize {
    all.first().map_or(0, |it| it.len())
}

/// The first part that has what most have in a field.
fn most_common(all: &[Fields], field: usize) -> usize {
    let alike = |one: usize| all.iter().filter(|it| it[field].1 == all[one][field].1).count();
    (0..all.len()).rev().max_by_key(|it| alike(*it)).expect("there is a part")
}

fn usual_of(all: &[Fields], part: usize, field: &str) -> String {
    let found = all[part].iter().find(|it| it.0 == field);
    found.expect("all parts have the same fields").1.clone()
}

/// What is there twice or not at all, among parts of equally many replications.
fn gaps(parts: &[(&String, &PartHead)]) -> Vec<JoinFault> {
    let mut sorted = parts.to_vec();
    // The file's name decides among equals, so that the order given does not show.
    sorted
        .sort_by_key(|(file, head)| (head.numbers().start, head.numbers().end, head.slice, *file));
    let Some((_, first)) = sorted.first() else { return Vec::new() };
    let of = sorted.iter().all(|(_, it)| it.slice.of() == first.slice.of());
    let of = of.then_some(first.slice.of());
    let gap = |numbers: Range<u32>| JoinFault::Missing {
        slices: of.map_or(Vec::new(), |of| slices_with(&numbers, of, first.replications)),
        numbers,
    };
    let (mut faults, mut so_far) = (Vec::new(), 0);
    // The part that reaches farthest of those before.
    let mut before: Option<(&String, &PartHead)> = None;
    for (place, (file, head)) in sorted.iter().copied().enumerate() {
        let numbers = head.numbers();
        if let Some((other, same)) = sorted[..place].last()
            && same.slice == head.slice
        {
            let (file, other) = (file.clone(), (*other).clone());
            faults.push(JoinFault::Twice { file, other, slice: head.slice });
            continue;
        }
        if numbers.is_empty() {
            continue;
        }
        if numbers.start > so_far {
            faults.push(gap(so_far..numbers.start));
        }
        if let Some((other, it)) = before.filter(|_| numbers.start < so_far) {
            faults.push(JoinFault::Overlap {
                file: file.clone(),
                slice: head.slice,
                other: other.clone(),
                other_slice: it.slice,
                numbers: numbers.start..numbers.end.min(so_far),
            });
        }
        if numbers.end > so_far {
            (so_far, before) = (numbers.end, Some((file, head)));
        }
    }
    if so_far < first.replications {
        faults.push(gap(so_far..first.replications));
    }
    faults
}

/// The slices, of so many, that have some of these replications.
fn slices_with(numbers: &Range<u32>, of: u32, replications: u32) -> Vec<Slice> {
    let has_some = |it: &Slice| {
        let own = it.of_replications(replications);
        own.start.max(numbers.start) < own.end.min(numbers.end)
    };
    (1..=of).map(|number| Slice { number, of }).filter(has_some).collect()
}

/// The results of all parts, which fit together, and the scenario that they are of.
///
/// One replication of each part is simulated again, under every strategy, to see that the part was
/// written by a program that simulates the same.
///
/// # Errors
/// When a part has what the scenario cannot have given.
pub fn join(
    scenario: &Scenario,
    design: &Design,
    mut parts: Vec<(String, Part)>,
) -> Result<Results, Vec<JoinFault>> {
    parts.sort_by_key(|(_, part)| part.head.numbers().start);
    let mut whole = nothing(scenario, design, 0..0);
    let mut faults = Vec::new();
    for (file, part) in parts {
        match results_of(scenario, design, &file, &part) {
            Ok(results) => whole.append(results),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(whole) } else { Err(faults) }
}

/// The results of one part alone, which [`Results::append`] puts behind those of the parts before it.
///
/// # Errors
/// When the part has what the scenario cannot have given.
pub fn results_of(
    scenario: &Scenario,
    design: &Design,
    file: &str,
    part: &Part,
) -> Result<Results, JoinFault> {
    let theirs = fingerprint_of(scenario.digest);
    if part.head.digest != theirs {
        let (file, ours) = (file.to_owned(), part.head.digest.clone());
        return Err(JoinFault::OtherScenario { file, theirs, ours });
    }
    let mut results = nothing(scenario, design, part.head.numbers());
    add(scenario, design, file, part, &mut results)?;
    Ok(results)
}

/// The results of these replications, without their outcomes.
fn nothing(scenario: &Scenario, design: &Design, numbers: Range<u32>) -> Results {
    let mut results = run_slice(scenario, design, 0..0, &|| ());
    results.replications = numbers.end - numbers.start;
    if let Aims::Redrawn(each) = &mut results.aims {
        let numbers = numbers.into_par_iter();
        *each = numbers.map(|it| aimed_at(&scenario.in_replication(u64::from(it)))).collect();
    }
    results
}

/// Adds the outcomes of a part to results that have none yet.
fn add(
    scenario: &Scenario,
    design: &Design,
    file: &str,
    part: &Part,
    results: &mut Results,
) -> Result<(), JoinFault> {
    let numbers = part.head.numbers();
    if numbers.is_empty() {
        return Ok(());
    }
    let again = run_slice(scenario, design, numbers.start..numbers.start + 1, &|| ());
    let mut lines = part.lines();
    for place in 0..results.strategies.len() {
        let like = &again.strategies[place].outcomes[0].unpacked();
        for number in numbers.clone() {
            let malformed = |line: usize, reason: &str| JoinFault::Unreadable {
                file: file.to_owned(),
                fault: PartError::Malformed(line, reason.to_owned()),
            };
            let (at, line) = lines.next().expect("a part has a line for each of its replications");
            let line =
                line.map_err(|fault| JoinFault::Unreadable { file: file.to_owned(), fault })?;
            if (line.strategy, line.replication) != (place, number) {
                return Err(malformed(at, "another exercise was due"));
            }
            let sites = results.sites((number - numbers.start) as usize).len();
            let strategy = &mut results.strategies[place];
            let outcome: Outcome =
                line.outcome(sites, strategy.tracks.len(), like).ok_or_else(|| {
                    malformed(at, "it has not as many numbers as the scenario asks for")
                })?;
            if number == numbers.start && outcome != *like {
                return Err(JoinFault::OtherBuild {
                    file: file.to_owned(),
                    strategy: scenario.strategies[strategy.strategy].name.clone(),
                    number,
                });
            }
            strategy.outcomes.push(PackedOutcome::from(&outcome));
        }
    }
    Ok(())
}
