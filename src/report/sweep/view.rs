//! What every value of some levers brings: the view, and its forms.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::Look;
use crate::report::asked::{AskedView, Grid, KeptView, markdown, text};
use crate::report::figures::Figure;
use crate::report::forms::json::pretty;
use crate::report::words::plain;

/// The answer as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SweepView {
    /// What it says of itself.
    #[serde(flatten)]
    pub asked: AskedView,
    /// What was varied.
    pub levers: Vec<SweepLeverView>,
    /// The scenario as it is, under each strategy; empty in a race for the best.
    pub base: Vec<SweepCellView>,
    /// Every combination of values under every strategy.
    pub cells: Vec<SweepCellView>,
    /// The confidence of the interval of each difference, by which all of them hold at once with 95 %.
    pub pair_confidence: f64,
    /// Whether cells that cannot be best were dropped early.
    pub is_race: bool,
}

/// A lever.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SweepLeverView {
    /// What it is called.
    pub name: String,
    /// Its overrides, one for each value.
    pub overrides: Vec<String>,
}

/// One combination of values under one strategy.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SweepCellView {
    /// The value of each lever, as written; empty of the scenario as it is.
    pub values: Vec<String>,
    /// The strategy.
    pub strategy: String,
    /// The 95 % quantile over the sites of an exercise of recovery time: the mean over the exercises in
    /// which it comes; `never` are the others.
    pub rta_p95: Figure,
    /// Work of all teams.
    pub person_hours: Figure,
    /// `rta_p95` minus that of the scenario as it is, on the same exercises.
    pub difference: Option<Figure>,
    /// How many exercises keep the policy.
    pub policy: Option<KeptView>,
    /// What the levers cost, where all of them say so.
    pub cost: Option<f64>,
    /// In a race, after how many exercises it was dropped; `null` of those that were kept.
    pub dropped_after: Option<u64>,
    /// Whether another cell is surely no longer and costs less, or costs no more and is shorter: in the
    /// means that were seen.
    pub dominated: bool,
    /// Texts for people, as the table has them.
    pub texts: Vec<String>,
}

fn grid(view: &SweepView) -> Grid {
    let mut heads: Vec<String> = view.levers.iter().map(|it| plain(&it.name)).collect();
    let several = {
        let mut names: Vec<&str> = view.cells.iter().map(|it| it.strategy.as_str()).collect();
        names.dedup();
        names.len() > 1
    };
    if several {
        heads.push("strategy".to_owned());
    }
    heads.extend(view.heads());
    let row = |cell: &SweepCellView| {
        let mut row: Vec<String> = match cell.values.is_empty() {
            true => view.levers.iter().map(|_| "as it is".to_owned()).collect(),
            false => cell.values.iter().map(|it| plain(it)).collect(),
        };
        if several {
            row.push(plain(&cell.strategy));
        }
        row.extend(cell.texts.iter().cloned());
        row
    };
    Grid {
        title: "RTA p95 over the sites of an exercise, mean over exercises".to_owned(),
        heads,
        rows: view.base.iter().chain(&view.cells).map(row).collect(),
    }
}

impl SweepView {
    /// What stands above the texts of cells.
    pub(super) fn heads(&self) -> Vec<String> {
        let mut heads = vec!["RTA p95", "95% interval"];
        heads.push(if self.is_race { "in the race" } else { "to as it is" });
        if self.cells.iter().any(|it| it.policy.is_some()) {
            heads.extend(["keep the policy", "verdict"]);
        }
        heads.push("person-hours");
        if self.cells.iter().any(|it| it.cost.is_some()) {
            heads.push("levers cost");
        }
        heads.into_iter().map(str::to_owned).collect()
    }
}

/// The answer for the terminal, ending with a line end.
#[must_use]
pub fn sweep_text(view: &SweepView, look: Look) -> String {
    text(&view.asked, &[grid(view)], look)
}

/// The answer for a page or a comment.
#[must_use]
pub fn sweep_markdown(view: &SweepView) -> String {
    markdown(&view.asked, &[grid(view)])
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn sweep_json(view: &SweepView) -> String {
    pretty(view)
}

/// A row for every cell, its heads first; times in seconds.
#[must_use]
pub fn sweep_rows(view: &SweepView) -> Vec<Vec<String>> {
    let mut heads: Vec<String> = view.levers.iter().map(|it| it.name.clone()).collect();
    heads.extend(
        [
            "strategy",
            "rta_p95_s",
            "low_s",
            "high_s",
            "never",
            "n",
            "difference_s",
            "difference_low_s",
            "difference_high_s",
            "kept",
            "kept_of",
            "person_hours",
            "cost",
            "dropped_after",
        ]
        .map(str::to_owned),
    );
    let number = |it: Option<f64>| it.map_or_else(String::new, |it| it.to_string());
    let row = |cell: &SweepCellView| {
        let mut row = cell.values.clone();
        row.resize(view.levers.len(), "as it is".to_owned());
        let difference = cell.difference.as_ref();
        let policy = cell.policy.as_ref();
        row.extend([
            cell.strategy.clone(),
            number(cell.rta_p95.value),
            number(cell.rta_p95.low),
            number(cell.rta_p95.high),
            cell.rta_p95.never.to_string(),
            cell.rta_p95.n.to_string(),
            number(difference.and_then(|it| it.value)),
            number(difference.and_then(|it| it.low)),
            number(difference.and_then(|it| it.high)),
            policy.map_or_else(String::new, |it| it.kept.to_string()),
            policy.map_or_else(String::new, |it| it.n.to_string()),
            number(cell.person_hours.value),
            number(cell.cost),
            cell.dropped_after.map_or_else(String::new, |it| it.to_string()),
        ]);
        row
    };
    let rows = view.base.iter().chain(&view.cells).map(row);
    std::iter::once(heads).chain(rows).collect()
}
