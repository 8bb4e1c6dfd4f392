//! The report of a run: what each strategy comes to, against the policy.

mod against;
mod assumptions;
pub(crate) mod bottlenecks;
mod build;
mod checklist;
mod groups;
mod injects;
mod json;
pub(crate) mod sentences;
mod strategy;
mod text;
pub mod view;

pub use build::view;
pub use groups::{Grouping, add_groups};
pub use json::{json, schema};
pub use text::text;
pub use view::{GroupView, View};
