//! What an audit found.

mod build;
mod sentences;
mod text;
mod view;

pub use build::{AuditedExercise, AuditedStrategy, audit_view};
pub use text::audit_text;
pub use view::{AuditView, AuditedStrategyView, BreachView, BrokenLawView, audit_json};
