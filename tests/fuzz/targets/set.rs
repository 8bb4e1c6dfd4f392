//! `--set`: an override on each line, all laid over the first scenario that people meet.

#![no_main]

use blackstart::scenario::{SetOverride, check_texts};
use laws::{assert_plays, assert_told, texts};
use libfuzzer_sys::fuzz_target;

const MAIN: &str = include_str!("../../../scenarios/quickstart.toml");

/// More are laid one over the other in the same way.
const MOST: usize = 8;

fuzz_target!(|text: &str| {
    let mut overrides: Vec<SetOverride> = Vec::new();
    for line in text.lines().take(MOST) {
        let Ok(read) = line.parse::<SetOverride>() else { continue };
        // Parts of a run and the commands in reports have it as it is shown.
        assert_eq!(read.to_string().parse::<SetOverride>().as_ref(), Ok(&read));
        overrides.push(read);
    }
    let checked = check_texts(&texts(MAIN), &overrides);
    assert_told(&checked);
    if let Some(scenario) = &checked.scenario {
        assert_plays(scenario);
    }
});
