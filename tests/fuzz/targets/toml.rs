//! The text of a scenario.

#![no_main]

use blackstart::scenario::check_texts;
use laws::{assert_plays, assert_told, is_small, said, texts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let checked = check_texts(&texts(text), &[]);
    assert_told(&checked);
    let Some(scenario) = checked.scenario.filter(is_small) else { return };
    assert_plays(&scenario);
    // A comment behind it all changes nothing but the fingerprint.
    let longer = check_texts(&texts(&format!("{text}\n# end\n")), &[]);
    let longer = longer.scenario.expect("a comment is no fault");
    assert_eq!(said(&longer), said(&scenario));
});
