//! Which strategy: a comparison of all, or a selection among them.

mod build;
mod selection;
mod sentences;
mod text;
mod view;

pub use build::compare_view;
pub use selection::selection_view;
pub use sentences::reached_sentence;
pub use text::compare_text;
pub use view::{
    AssurancePairView, AssuranceStandingView, AssuranceView, CompareView, ComparisonView,
    DeletedView, MetricView, PairView, ParetoView, PooledView, SelectedView, SelectionView,
    StandingView, compare_json, compare_schema,
};
