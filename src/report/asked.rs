//! What answers about inputs have in common: what each says of itself, and tables that print in every
//! form.

use schemars::JsonSchema;
use serde::Serialize;
use tabled::builder::Builder;

use crate::ask::{Certificate, Promise, Tested};
use crate::report::Look;
use crate::report::about::{Program, ScenarioView, program, scenario_view};
use crate::report::forms::markdown;
use crate::report::table::drawn;
use crate::report::words::{chosen_share, count, machine, plain, share_between};
use crate::scenario::Scenario;
use crate::verdict::{Judgement, Verdict};

/// Rows of a table that are printed; a file has all of them.
const MOST_ROWS: usize = 200;

/// Bytes of a table in Markdown, which has to fit into a comment.
const MOST_MARKDOWN: usize = 40_000;

/// What an answer says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AskedView {
    /// The version of this form: 1.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// What was asked about.
    pub scenario: ScenarioView,
    /// Seed of the exercises; those of a certificate have a seed of their own.
    pub seed: u64,
    /// Exercises of each variant, at the most.
    pub replications: u64,
    /// The command that makes it again.
    pub reproduce: String,
    /// The answer in sentences.
    pub sentence: String,
    /// What the numbers are and are not, in sentences.
    pub notes: Vec<String>,
}

impl AskedView {
    pub(crate) fn new(
        scenario: &Scenario,
        (seed, replications): (u64, u32),
        reproduce: &str,
        sentence: String,
        notes: Vec<String>,
    ) -> Self {
        Self {
            format: 1,
            program: program(),
            scenario: scenario_view(scenario),
            seed,
            replications: replications.into(),
            reproduce: reproduce.to_owned(),
            sentence,
            notes,
        }
    }
}

/// How many exercises of a variant keep a promise, and what that says.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct KeptView {
    /// The value of the input; of several, one behind the other.
    pub value: String,
    /// Seed of the exercises.
    pub seed: u64,
    /// Exercises that keep it.
    pub kept: u64,
    /// Exercises.
    pub n: u64,
    /// The share of all exercises that keep it is at least this, with `confidence` on this side.
    pub low: f64,
    /// And at most this, with `confidence` on this side.
    pub high: f64,
    /// The confidence of each side.
    pub confidence: f64,
    /// The share of exercises that is asked for.
    pub required: f64,
    /// What that says.
    pub verdict: Verdict,
}

impl KeptView {
    pub(crate) fn new(
        value: String,
        seed: u64,
        judgement: &Judgement,
        (required, confidence): (f64, f64),
    ) -> Self {
        Self {
            value,
            seed,
            kept: judgement.holds,
            n: judgement.n,
            low: machine(judgement.bounds.low),
            high: machine(judgement.bounds.high),
            confidence: machine(confidence),
            required: machine(required),
            verdict: judgement.verdict,
        }
    }

    pub(crate) fn certified(value: String, certificate: &Certificate) -> Self {
        let Certificate { seed, confidence, required, judgement } = certificate;
        Self::new(value, *seed, judgement, (*required, *confidence))
    }

    pub(crate) fn tested(value: String, seed: u64, tested: &Tested, asked: (f64, f64)) -> Self {
        Self::new(value, seed, &tested.judgement, asked)
    }

    /// `922 of 1,000`
    pub(crate) fn of(&self) -> String {
        format!("{} of {}", count(self.kept), count(self.n))
    }

    /// Value, exercises, share and verdict, for people.
    pub(crate) fn texts(&self) -> Vec<String> {
        let ends = crate::stats::Interval { low: self.low, high: self.high };
        vec![
            plain(&self.value),
            self.of(),
            share_between(self.kept, self.n, ends),
            verdict_words(self.verdict).to_owned(),
        ]
    }
}

/// What a verdict on a promise is called.
pub(crate) fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "kept",
        Verdict::Undecided => "cannot be told",
        Verdict::Missed => "broken",
    }
}

/// "the policy", or "the budget NAME"
pub(crate) fn promise_words(promise: Promise, scenario: &Scenario) -> String {
    match promise {
        Promise::Policy => "the policy".to_owned(),
        Promise::Budget(place) => {
            format!("the budget \"{}\"", plain(&scenario.budgets[place].name))
        }
    }
}

/// A confidence as people write it.
pub(crate) fn sure(confidence: f64) -> String {
    chosen_share(confidence)
}

/// A table of texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid {
    /// What stands above it.
    pub title: String,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Grid {
    fn text(&self, look: Look) -> String {
        let mut table = Builder::default();
        table.push_record(self.heads.clone());
        for row in self.rows.iter().take(MOST_ROWS) {
            table.push_record(row.clone());
        }
        let more = match self.rows.len().saturating_sub(MOST_ROWS) {
            0 => String::new(),
            more => format!("\n{} more are in the files.", count(more as u64)),
        };
        format!("{}\n{}{more}", self.title, drawn(table, look))
    }

    fn markdown(&self) -> String {
        let cells =
            |row: &[String]| -> Vec<String> { row.iter().map(|it| markdown::text(it)).collect() };
        let mut out = format!("**{}**\n\n", markdown::text(&self.title));
        out += &markdown::row(&cells(&self.heads));
        out += &markdown::row(&vec!["---".to_owned(); self.heads.len()]);
        let rows = self.rows.iter().map(|it| markdown::row(&cells(it)));
        markdown::push_rows(&mut out, rows, MOST_MARKDOWN);
        out
    }
}

/// An answer for the terminal, ending with a line end.
pub(crate) fn text(asked: &AskedView, grids: &[Grid], look: Look) -> String {
    let mut parts = vec![asked.sentence.clone()];
    parts.extend(grids.iter().filter(|it| !it.rows.is_empty()).map(|it| it.text(look)));
    parts.push(asked.notes.join("\n"));
    parts.push(format!("Reproduce with: {}", plain(&asked.reproduce)));
    let whole = parts.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// An answer for a page or a comment, ending with a line end.
pub(crate) fn markdown(asked: &AskedView, grids: &[Grid]) -> String {
    let mut parts = vec![markdown::text(&asked.sentence)];
    parts.extend(
        grids.iter().filter(|it| !it.rows.is_empty()).map(|it| it.markdown().trim_end().to_owned()),
    );
    parts.push(
        asked
            .notes
            .iter()
            .map(|it| format!("- {}", markdown::text(it)))
            .collect::<Vec<_>>()
            .join("\n"),
    );
    parts.push(format!("```\n{}\n```", plain(&asked.reproduce)));
    parts.join("\n\n") + "\n"
}
