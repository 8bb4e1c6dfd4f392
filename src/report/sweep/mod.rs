//! What every value of some levers brings.

mod build;
mod question;
mod sentences;
mod view;

pub use build::sweep_view;
pub use question::SweepAsked;
pub use view::{
    SweepCellView, SweepLeverView, SweepView, sweep_json, sweep_markdown, sweep_rows, sweep_text,
};
