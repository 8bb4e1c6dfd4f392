//! One exercise for other programs: as a log, and for viewers of traces.

mod chrome;
mod ndjson;

pub use chrome::chrome;
pub use ndjson::{Which, ndjson};
