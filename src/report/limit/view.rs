//! How far an input can go: the view, and its forms.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::Look;
use crate::report::asked::{AskedView, Grid, KeptView, markdown, text};
use crate::report::forms::json::pretty;
use crate::report::words::plain;

/// The answer as data.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LimitView {
    /// What it says of itself.
    #[serde(flatten)]
    pub asked: AskedView,
    /// The input, as an override names it.
    pub input: String,
    /// Whether the largest value was asked for, and not the smallest.
    pub is_most: bool,
    /// The strategy.
    pub strategy: String,
    /// What is to be kept, in words.
    pub promise: String,
    /// The share of exercises in which it has to be kept.
    pub required: f64,
    /// How sure that has to be.
    pub confidence: f64,
    /// The other input that the question was asked across, as an override names it.
    pub across: Option<String>,
    /// One, or one for each value of the other input.
    pub answers: Vec<LimitAnswerView>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LimitAnswerView {
    /// The value of the other input.
    pub across: Option<String>,
    /// The last value at which the promise is kept, as written; `null` where none is certified.
    pub limit: Option<String>,
    /// The same without its unit.
    pub limit_number: Option<f64>,
    /// Whether that is the last value that was asked about.
    pub is_end: bool,
    /// What fresh exercises say of the limit.
    pub certificate: Option<KeptView>,
    /// Certificates that were asked for before and did not hold.
    pub refused: Vec<KeptView>,
    /// What the same fresh exercises say of values beyond.
    pub beyond: Vec<KeptView>,
    /// What fresh exercises say of the value that a build expects.
    pub expected: Option<KeptView>,
    /// Values beyond one that breaks the promise at which the search has seen it kept again.
    pub again: Vec<String>,
    /// Everything that the search has seen, from where the promise is kept most easily.
    pub tested: Vec<KeptView>,
    /// The answer in sentences.
    pub sentence: String,
}

impl LimitAnswerView {
    /// Everything that fresh exercises have said.
    pub(crate) fn fresh(&self) -> impl Iterator<Item = &KeptView> {
        let certificates = self.refused.iter().chain(&self.certificate);
        certificates.chain(&self.beyond).chain(&self.expected)
    }
}

fn grids(view: &LimitView) -> Vec<Grid> {
    let input = plain(&view.input);
    let heads = |first: &str| -> Vec<String> {
        [first, "keep it", "of all exercises", "verdict"].map(str::to_owned).to_vec()
    };
    if let Some(across) = &view.across {
        let row = |it: &LimitAnswerView| {
            let other = it.across.clone().unwrap_or_default();
            let limit = it.limit.clone().unwrap_or_else(|| "none".to_owned());
            let certificate = it.certificate.as_ref().map(KeptView::texts);
            let [kept, share] = certificate
                .map_or(["-".to_owned(), "-".to_owned()], |it| [it[1].clone(), it[2].clone()]);
            vec![plain(&other), plain(&limit), kept, share]
        };
        let word = if view.is_most { "at most" } else { "at least" };
        return vec![Grid {
            title: format!("{input} across {}", plain(across)),
            heads: vec![
                plain(across),
                word.to_owned(),
                "keep it".to_owned(),
                "of all exercises".to_owned(),
            ],
            rows: view.answers.iter().map(row).collect(),
        }];
    }
    let answer = &view.answers[0];
    let fresh = answer.fresh();
    vec![
        Grid {
            title: "On fresh exercises".to_owned(),
            heads: heads(&input),
            rows: fresh.map(KeptView::texts).collect(),
        },
        Grid {
            title: format!("In the search, seed {}", view.asked.seed),
            heads: heads(&input),
            rows: answer.tested.iter().map(KeptView::texts).collect(),
        },
    ]
}

/// The answer for the terminal, ending with a line end.
#[must_use]
pub fn limit_text(view: &LimitView, look: Look) -> String {
    text(&view.asked, &grids(view), look)
}

/// The answer for a page or a comment.
#[must_use]
pub fn limit_markdown(view: &LimitView) -> String {
    markdown(&view.asked, &grids(view))
}

/// The view as indented JSON with a line end.
#[must_use]
pub fn limit_json(view: &LimitView) -> String {
    pretty(view)
}

/// A row for everything that was simulated, its heads first.
#[must_use]
pub fn limit_rows(view: &LimitView) -> Vec<Vec<String>> {
    let heads = ["across", "value", "exercises", "seed", "kept", "n", "low", "high", "verdict"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    for answer in &view.answers {
        let fresh = answer.fresh();
        let fresh = fresh.map(|it| ("fresh", it));
        let tested = answer.tested.iter().map(|it| ("search", it));
        rows.extend(fresh.chain(tested).map(|(whose, it)| {
            vec![
                answer.across.clone().unwrap_or_default(),
                it.value.clone(),
                whose.to_owned(),
                it.seed.to_string(),
                it.kept.to_string(),
                it.n.to_string(),
                format!("{:.6}", it.low),
                format!("{:.6}", it.high),
                format!("{:?}", it.verdict).to_lowercase(),
            ]
        }));
    }
    rows
}
