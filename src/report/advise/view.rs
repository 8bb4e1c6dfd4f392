//! The cheapest combination of levers: the view, and its forms.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::Look;
use crate::report::asked::{AskedView, Grid, KeptView, markdown, text};
use crate::report::forms::json::pretty;
use crate::report::words::{amount, plain};

/// The answer as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AdviceView {
    /// What it says of itself.
    #[serde(flatten)]
    pub asked: AskedView,
    /// What can be chosen.
    pub levers: Vec<String>,
    /// The strategy.
    pub strategy: String,
    /// What is to be kept, in words.
    pub promise: String,
    /// The share of exercises in which it has to be kept.
    pub required: f64,
    /// How sure that has to be.
    pub confidence: f64,
    /// The cheapest combination that is certified to keep it; `null` where none is.
    pub answer: Option<CombinationView>,
    /// Every combination that was simulated, in the order in which that was done.
    pub tried: Vec<CombinationView>,
    /// All combinations.
    pub combinations: u64,
    /// Those that were not simulated, as every lever of theirs is as in one that breaks the promise, or
    /// cheaper.
    pub ruled_out: u64,
    /// Those that were not simulated, as they cannot cost less than the answer; or, where there is none,
    /// as too many certificates had failed before their turn.
    pub left: u64,
}

/// A combination of values.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CombinationView {
    /// The value of each lever, as written.
    pub values: Vec<String>,
    /// The overrides that make it so.
    pub overrides: Vec<String>,
    /// What it costs.
    pub cost: f64,
    /// What the search has seen.
    pub search: KeptView,
    /// What fresh exercises say, where it was asked for a certificate.
    pub certificate: Option<KeptView>,
}

fn grid(view: &AdviceView) -> Grid {
    let mut heads: Vec<String> = view.levers.iter().map(|it| plain(it)).collect();
    heads.extend(["cost", "in the search", "verdict", "fresh", "at least"].map(str::to_owned));
    let row = |it: &CombinationView| {
        let mut row: Vec<String> = it.values.iter().map(|it| plain(it)).collect();
        let search = it.search.texts();
        row.extend([amount(it.cost), search[1].clone(), search[3].clone()]);
        let fresh =
            it.certificate.as_ref().map(|it| [it.of(), crate::report::words::share(it.low)]);
        row.extend(fresh.unwrap_or(["-".to_owned(), "-".to_owned()]));
        row
    };
    Grid {
        title: "What was simulated, in this order".to_owned(),
        heads,
        rows: view.tried.iter().map(row).collect(),
    }
}

/// The answer for the terminal, ending with a line end.
#[must_use]
pub fn advice_text(view: &AdviceView, look: Look) -> String {
    text(&view.asked, &[grid(view)], look)
}

/// The answer for a page or a comment.
#[must_use]
pub fn advice_markdown(view: &AdviceView) -> String {
    markdown(&view.asked, &[grid(view)])
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn advice_json(view: &AdviceView) -> String {
    pretty(view)
}

/// A row for every combination that was simulated, its heads first.
#[must_use]
pub fn advice_rows(view: &AdviceView) -> Vec<Vec<String>> {
    let mut heads = view.levers.clone();
    let more = ["cost", "kept", "n", "verdict", "fresh_kept", "fresh_n", "fresh_low"];
    heads.extend(more.map(str::to_owned));
    let row = |it: &CombinationView| {
        let mut row = it.values.clone();
        row.extend([
            it.cost.to_string(),
            it.search.kept.to_string(),
            it.search.n.to_string(),
            format!("{:?}", it.search.verdict).to_lowercase(),
        ]);
        let fresh = it
            .certificate
            .as_ref()
            .map(|it| [it.kept.to_string(), it.n.to_string(), format!("{:.6}", it.low)]);
        row.extend(fresh.unwrap_or_default());
        row
    };
    std::iter::once(heads).chain(view.tried.iter().map(row)).collect()
}
