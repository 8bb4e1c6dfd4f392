//! What was observed beside what is simulated.

mod build;
mod sentences;
mod text;
mod view;

pub use build::backtest_view;
pub use text::backtest_text;
pub use view::{BacktestRow, BacktestView, backtest_json};
