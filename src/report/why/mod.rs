//! Where the hours of one site went.

mod sentences;
mod text;

pub use sentences::Median;
pub use text::{Hours, why_text};
