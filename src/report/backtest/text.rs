//! A back-test for the terminal.

use tabled::builder::Builder;

use crate::report::Look;
use crate::report::backtest::view::BacktestView;
use crate::report::table::drawn;
use crate::report::words::{count, plain};

/// The back-test for the terminal, ending with a line end.
#[must_use]
pub fn backtest_text(view: &BacktestView, look: Look) -> String {
    let mut table = Builder::default();
    let heads = ["", "observed", "simulated", "in 9 of 10 exercises", "residual", "it lies"];
    table.push_record(heads);
    for row in &view.rows {
        table.push_record(std::iter::once(&row.label).chain(&row.texts));
    }
    let n = view.experiment.replications;
    let story = format!(
        "What was observed, beside {} simulated {} of {}, seed {}.",
        count(n),
        if n == 1 { "exercise" } else { "exercises" },
        plain(&view.strategy),
        view.experiment.seed,
    );
    let notes = format!(
        "T+ counts from the first {}. Simulated figures are medians over exercises; the \
         residual is simulated minus observed.\n{}",
        view.kind.words().event,
        view.caveat
    );
    let parts = [
        view.sentence.clone(),
        story,
        drawn(table, look),
        notes,
        format!("Reproduce with: {}", plain(&view.reproduce)),
    ];
    let whole = parts.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
