//! The sentence of a back-test.

use crate::report::backtest::view::BacktestRow;
use crate::report::words::{count, plain};

/// Whether the strategy reproduces what was observed.
pub(crate) fn sentence(strategy: &str, rows: &[BacktestRow]) -> String {
    let strategy = plain(strategy);
    let off: Vec<String> = rows
        .iter()
        .filter(|it| !it.holds)
        .map(|it| format!("{} ({})", it.label, it.texts[3]))
        .collect();
    let figures = |number: usize| match number {
        1 => "the one figure lies".to_owned(),
        all => format!("all {} figures lie", count(all as u64)),
    };
    if off.is_empty() {
        return format!(
            "{strategy} reproduces what was observed: {} within tolerance, or in the band of 9 of 10 \
             exercises where no tolerance is given.",
            figures(rows.len()),
        );
    }
    format!(
        "{strategy} does not reproduce what was observed: {} of {} {} off: {}.",
        count(off.len() as u64),
        count(rows.len() as u64),
        if off.len() == 1 { "figures is" } else { "figures are" },
        off.join(", "),
    )
}
