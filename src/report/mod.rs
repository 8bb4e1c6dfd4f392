//! What people and other programs read: a folder a document, and in it, as far as the document
//! has them, files of the same names: `view` (all numbers and texts, as plain data), `build` (how it
//! comes about), `sentences`, `text` (for the terminal); and what documents share.
//!
//! Views hold all wording and all rounding; printers arrange them. Nothing here touches a file.

pub(crate) mod about;
mod advise;
mod asked;
mod audit;
mod backtest;
mod catalogue;
pub mod check;
mod compare;
mod differences;
pub mod faults;
pub(crate) mod figures;
mod forms;
mod ledger;
mod limit;
pub mod run;
mod sweep;
mod table;
mod trace;
mod why;
pub(crate) mod words;

pub use about::{ExperimentView, PlaceView, Program, ScenarioView};
pub use advise::{
    AdviceAsked, AdviceView, CombinationView, advice_json, advice_markdown, advice_rows,
    advice_text, advice_view,
};
pub use asked::{AskedView, KeptView};
pub use audit::{
    AuditView, AuditedExercise, AuditedStrategy, AuditedStrategyView, BreachView, BrokenLawView,
    audit_json, audit_text, audit_view,
};
pub use backtest::{BacktestRow, BacktestView, backtest_json, backtest_text, backtest_view};
pub use catalogue::{catalogue_json, catalogue_markdown, catalogue_text};
pub use compare::{
    AssurancePairView, AssuranceStandingView, AssuranceView, CompareView, ComparisonView,
    DeletedView, MetricView, PairView, ParetoView, PooledView, SelectedView, SelectionView,
    StandingView, compare_json, compare_schema, compare_text, compare_view, reached_sentence,
    selection_view,
};
pub use figures::{Figure, IsoFigure, Statistic, Unit};
pub use ledger::{
    EntryView, LedgerAsked, LedgerEndView, LedgerTurnView, LedgerView, PartView, ledger_json,
    ledger_markdown, ledger_rows, ledger_text, ledger_view,
};
pub use limit::{
    LimitAnswer, LimitAnswerView, LimitAsked, LimitView, limit_json, limit_markdown, limit_rows,
    limit_text, limit_view,
};
pub use run::{GroupView, Grouping, View, add_groups, json, schema, text, view};
pub use sweep::{
    SweepAsked, SweepCellView, SweepLeverView, SweepView, sweep_json, sweep_markdown, sweep_rows,
    sweep_text, sweep_view,
};
pub use table::Look;
pub use trace::{Which, chrome, ndjson};
pub use why::{Hours, Median, why_text};
