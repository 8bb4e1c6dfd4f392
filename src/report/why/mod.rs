//! Where the hours of one site went.

mod text;

pub use text::{Hours, Median, why_text};
