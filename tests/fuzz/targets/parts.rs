//! A part of a run, with its last line put right, joined where it is a whole run.

#![no_main]

use blackstart::experiment::{
    Design, JoinFault, Part, PartHead, Results, is_part, join, misfits, write_part,
};
use blackstart::rng::Fingerprint;
use blackstart::scenario::Scenario;
use laws::{assert_told, is_small, limits};
use libfuzzer_sys::fuzz_target;

/// A part without strategies has no lines, of however many exercises it says that it is.
const MOST_EXERCISES: u32 = 4;

const END: &[u8] = b"{\"lines\":";

fuzz_target!(|bytes: &[u8]| {
    let _ = Part::head_of(bytes);
    // Nearly every file is one that was cut short.
    let _ = Part::open(bytes.to_vec());
    let bytes = sealed(bytes);
    let Ok(part) = Part::open(bytes.clone()) else { return };
    assert!(is_part(&bytes));
    assert_eq!(Part::head_of(&bytes).as_ref(), Some(&part.head));
    let head = part.head.clone();
    let checked = head.check(limits());
    assert_told(&checked);
    let Some(scenario) = checked.scenario.filter(is_small) else { return };
    let Some(design) = design(&head, &scenario) else { return };
    let Some(results) = joined(&scenario, &design, part) else { return };
    // What was joined is written as a part that gives the same.
    let written = written(&head, &results);
    let part = Part::open(written.clone()).expect("it was just written");
    let again = joined(&scenario, &design, part).expect("it was just written");
    assert_eq!(String::from_utf8(written), String::from_utf8(self::written(&head, &again)));
});

/// Bytes with a last line that fits those before it: what lies behind that check is worth more than
/// the check.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.split_inclusive(|it| *it == b'\n').filter(|it| !it.starts_with(END));
    let mut sealed: Vec<u8> = lines.flatten().copied().collect();
    if sealed.last() != Some(&b'\n') {
        sealed.push(b'\n');
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.add(&sealed);
    let lines = sealed.iter().filter(|it| **it == b'\n').count();
    let fingerprint = fingerprint.finish();
    let end = format!("{{\"lines\":{lines},\"fingerprint\":\"{fingerprint:016x}\"}}\n");
    sealed.extend(end.as_bytes());
    sealed
}

/// What was simulated, if the part has all of it and that is little.
fn design(head: &PartHead, scenario: &Scenario) -> Option<Design> {
    let faults = misfits(&[("fuzzed".to_owned(), head.clone())]);
    // The seeds may be of an older version.
    let is_whole = faults.iter().all(|it| matches!(it, JoinFault::OtherProgram { .. }));
    let strategies: Option<Vec<_>> =
        head.strategies.iter().map(|name| scenario.strategy(name)).collect();
    let replications = head.replications;
    let (strategies, seed) = (strategies?, head.seed);
    let design = Design { strategies, replications, seed, ..Design::of(scenario) };
    (is_whole && replications <= MOST_EXERCISES).then_some(design)
}

fn joined(scenario: &Scenario, design: &Design, part: Part) -> Option<Results> {
    match join(scenario, design, vec![("fuzzed".to_owned(), part)]) {
        Ok(results) => Some(results),
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            None
        }
    }
}

fn written(head: &PartHead, results: &Results) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_part(head, results, &mut bytes).expect("memory takes what is written to it");
    bytes
}
