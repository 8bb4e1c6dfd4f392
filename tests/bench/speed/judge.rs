//! From which numbers on something has become worse.

/// A ratio may be as much above the one that is kept.
const MOST_ABOVE: f64 = 1.05;
/// What doubles may cost as many times as much: n log n, and a little that no input is free of.
const MOST_TIMES: f64 = 2.3;

/// Why a ratio to the loop written by hand is not as it was.
pub(crate) fn fault_of_ratio(ratio: f64, kept: f64) -> Option<String> {
    let most = MOST_ABOVE * kept;
    (ratio > most).then(|| format!("{ratio:.2} times the loop by hand; {most:.2} is the most"))
}

/// Whether a ratio has become so much better that what is kept would let it become worse again.
pub(crate) fn is_outdone(ratio: f64, kept: f64) -> bool {
    ratio * MOST_ABOVE < kept
}

/// Why something grows faster than what it is done for, from what it costs at a size and at twice
/// that size, without what it costs at none.
pub(crate) fn fault_of_growth(once: u64, twice: u64) -> Option<String> {
    let times = times(once, twice);
    (times > MOST_TIMES)
        .then(|| format!("{times:.2} times for twice as many; {MOST_TIMES} is the most"))
}

fn times(once: u64, twice: u64) -> f64 {
    twice as f64 / once as f64
}

/// Judges numbers whose verdict is known.
pub(crate) fn check_itself() {
    let growth = |cost: fn(f64) -> f64| {
        let [once, twice] = [1e3, 2e3].map(|size| cost(size) as u64);
        fault_of_growth(once, twice)
    };
    assert_eq!(growth(|size| 7.0 * size), None);
    assert_eq!(growth(|size| 1e6 + 7.0 * size), None);
    assert_eq!(growth(|size| size * libm::log2(size)), None);
    let squared = "4.00 times for twice as many; 2.3 is the most";
    assert_eq!(growth(|size| size * size).as_deref(), Some(squared));
    assert!(growth(|size| size * size.sqrt()).is_some());
    assert!(growth(|size| 1e3 * size + size * size).is_some());
    assert_eq!(fault_of_ratio(8.4, 8.0), None);
    let slower = "8.41 times the loop by hand; 8.40 is the most";
    assert_eq!(fault_of_ratio(8.41, 8.0).as_deref(), Some(slower));
    assert_eq!(fault_of_ratio(2.0, 8.0), None);
    assert!(is_outdone(7.6, 8.0) && !is_outdone(7.7, 8.0));
}
