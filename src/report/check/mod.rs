//! What a check found: the view, and its printers for people, for builds and for other programs.

mod build;
mod findings;
mod junit;
mod known;
mod markdown;
mod sentences;
mod text;
mod view;

pub use build::{CheckedScenario, Compared, check_view};
pub use findings::{check_sarif, github};
pub use junit::junit;
pub use known::{is_check_json, is_check_junit, is_check_markdown, is_check_sarif, is_check_text};
pub use markdown::markdown;
pub use sentences::inputs_sentence;
pub use text::check_text;
pub use view::{
    BaselineView, BudgetOutcome, BudgetView, CHECK_FORMAT, CheckView, GoneStrategyView,
    InputChangeView, InputChangesView, LatePartView, LateView, MetricChangeView, ScenarioCheckView,
    StrategyChangeView, WorstSiteView, check_json, check_schema,
};
