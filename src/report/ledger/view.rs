//! The ledger of guesses: the view, and its forms.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::Look;
use crate::report::asked::{AskedView, Grid, KeptView, markdown, text};
use crate::report::figures::Figure;
use crate::report::forms::json::pretty;
use crate::report::words::plain;

/// The ledger as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LedgerView {
    /// What it says of itself.
    #[serde(flatten)]
    pub asked: AskedView,
    /// The strategy whose verdict and recovery time it is about.
    pub strategy: String,
    /// What it is to keep, in words; `null` where there is no promise to judge.
    pub promise: Option<String>,
    /// How it keeps that as everything is.
    pub verdict: Option<KeptView>,
    /// The strategy with the fewest site-hours lost as everything is; `null` where there is only one.
    pub best: Option<String>,
    /// Whether it surely loses fewer than every other.
    pub best_is_sure: bool,
    /// The guesses, those first whose part of the doubt is largest.
    pub entries: Vec<EntryView>,
    /// Draws of all guesses at once.
    pub draws: u64,
    /// Draws that make no valid scenario and were left out.
    pub impossible_draws: u64,
    /// The mean over draws of the recovery time that parts are of, in seconds.
    pub mean_s: f64,
    /// Its standard deviation over draws, in seconds.
    pub deviation_s: f64,
    /// How much of its variance the guesses explain, each by itself; the rest is the chance of single
    /// exercises, and guesses that work together.
    pub explained: Option<f64>,
}

/// What hinges on one guess.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EntryView {
    /// Its address.
    pub address: String,
    /// Where it comes from.
    pub source: String,
    /// By what factor it may be off, 9 times in 10.
    pub off_by: f64,
    /// Whether it changes nothing at either end of its doubt, in any exercise.
    pub no_effect: bool,
    /// At the low end of its doubt, everything else as it is.
    pub low: LedgerEndView,
    /// At the high end.
    pub high: LedgerEndView,
    /// Where the verdict turns, downward and upward.
    pub verdict_turns: Vec<LedgerTurnView>,
    /// Where another strategy becomes best, downward and upward.
    pub choice_turns: Vec<LedgerTurnView>,
    /// Whether another strategy is best at an end that cannot be told from the best one as it is.
    pub choice_is_open: bool,
    /// Its part of the variance of the recovery time over draws.
    pub part: Option<PartView>,
    /// Site-hours that would be saved in the mean by knowing it before choosing among strategies.
    pub worth: Option<PartView>,
    /// Texts for people, as the table has them.
    pub texts: Vec<String>,
}

/// One end of a doubt.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LedgerEndView {
    /// The override that makes it so.
    pub set: String,
    /// Why there is no such scenario; then nothing else is known.
    pub impossible: Option<String>,
    /// How the promise is kept there.
    pub verdict: Option<KeptView>,
    /// RTA p95 of an exercise, minus what it is now, on the same exercises.
    pub difference: Option<Figure>,
    /// The strategy with the fewest site-hours lost.
    pub best: Option<String>,
}

/// How far a guess can be off until something changes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LedgerTurnView {
    /// Whether it is larger values that turn it.
    pub up: bool,
    /// Up to this factor it surely stays, or down to it.
    pub stays: f64,
    /// From this factor on it is surely otherwise; `null` where that cannot be told within the doubt.
    pub turned: Option<f64>,
    /// In words.
    pub text: String,
}

/// A figure with its standard error.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PartView {
    /// The figure.
    pub value: f64,
    /// Its standard error; `null` where it is not known.
    pub error: Option<f64>,
    /// Whether it is above two standard errors.
    pub is_told: bool,
}

fn grid(view: &LedgerView) -> Grid {
    let heads = [
        "guess",
        "off by",
        "low end",
        "high end",
        "part of the doubt",
        "verdict",
        "choice",
        "worth knowing",
    ];
    let row = |it: &EntryView| {
        std::iter::once(plain(&it.address)).chain(it.texts.iter().cloned()).collect()
    };
    Grid {
        title: format!(
            "What hinges on each guess: RTA p95 of an exercise under {}",
            plain(&view.strategy)
        ),
        heads: heads.map(str::to_owned).to_vec(),
        rows: view.entries.iter().map(row).collect(),
    }
}

/// The ledger for the terminal, ending with a line end.
#[must_use]
pub fn ledger_text(view: &LedgerView, look: Look) -> String {
    text(&view.asked, &[grid(view)], look)
}

/// The ledger for a page or a comment.
#[must_use]
pub fn ledger_markdown(view: &LedgerView) -> String {
    markdown(&view.asked, &[grid(view)])
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn ledger_json(view: &LedgerView) -> String {
    pretty(view)
}

/// A row for every guess, its heads first; times in seconds.
#[must_use]
pub fn ledger_rows(view: &LedgerView) -> Vec<Vec<String>> {
    let heads = [
        "guess",
        "source",
        "off_by",
        "no_effect",
        "low_difference_s",
        "high_difference_s",
        "low_verdict",
        "high_verdict",
        "verdict_turns_below",
        "verdict_turns_above",
        "part",
        "part_error",
        "worth_site_hours",
        "worth_error",
    ];
    let number = |it: Option<f64>| it.map_or_else(String::new, |it| it.to_string());
    let row = |it: &EntryView| {
        let difference =
            |end: &LedgerEndView| number(end.difference.as_ref().and_then(|it| it.value));
        let verdict = |end: &LedgerEndView| {
            end.verdict
                .as_ref()
                .map_or_else(String::new, |it| format!("{:?}", it.verdict).to_lowercase())
        };
        let turn = |up: bool| {
            let mut turns = it.verdict_turns.iter().filter(|it| it.up == up);
            number(turns.next().and_then(|it| it.turned))
        };
        vec![
            it.address.clone(),
            it.source.clone(),
            it.off_by.to_string(),
            it.no_effect.to_string(),
            difference(&it.low),
            difference(&it.high),
            verdict(&it.low),
            verdict(&it.high),
            turn(false),
            turn(true),
            number(it.part.as_ref().map(|it| it.value)),
            number(it.part.as_ref().and_then(|it| it.error)),
            number(it.worth.as_ref().map(|it| it.value)),
            number(it.worth.as_ref().and_then(|it| it.error)),
        ]
    };
    std::iter::once(heads.map(str::to_owned).to_vec()).chain(view.entries.iter().map(row)).collect()
}
