//! What is wrong with scenarios: the view of a fault, which every check has too, and what `validate`
//! says, with printers for people, for builds and for other programs.

mod build;
mod junit;
mod markdown;
mod text;
mod view;

pub use build::{ValidatedScenario, deny_warnings, fault_views, validation_view};
pub(crate) use junit::fault_suites;
pub use junit::validation_junit;
pub(crate) use markdown::fault_table;
pub use markdown::validation_markdown;
pub use text::validation_text;
pub(crate) use text::{counted, fault_line, is_validation_text};
pub use view::{
    FaultView, RelatedView, VALIDATION_FORMAT, ValidatedView, ValidationView, validation_github,
    validation_json, validation_sarif, validation_schema,
};
