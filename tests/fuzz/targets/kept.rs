//! A report that was kept: `summary.json`, a zero byte, and `series.json`.
//!
//! It is read and not drawn: before the program draws from a folder its manifest has to prove that
//! nobody has changed what is in it.

#![no_main]

use blackstart::folder::read;
use blackstart::plot::series_json;
use blackstart::report::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // Neither file has a zero byte.
    let (summary, series) = text.split_once('\0').unwrap_or((text, ""));
    let (view, series) = match read(summary, series) {
        Ok(kept) => kept,
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            return;
        }
    };
    // What the program has written it reads, and writes again so that it is read as the same. The
    // first time around, levels may be rounded.
    let kept = read(&json(&view), &series_json(&series)).expect("it was just written");
    let again = read(&json(&kept.0), &series_json(&kept.1)).expect("it was just written");
    assert_eq!(again, kept);
});
