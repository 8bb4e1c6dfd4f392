//! Baselines: what a scenario came to when it was last accepted, exercise by exercise, and how far
//! it has moved since.
//!
//! Replication k of now is paired with replication k of then. They have every random number in
//! common, so an unchanged model differs by exactly nothing, and a changed one by little but the
//! change. All numbers are whole: see [`written_unit`].

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::experiment::Results;
use crate::ids::{Id, StrategyId};
use crate::measure::{Measurements, StrategyMetrics, Support, mean_at, reach};
use crate::rng::{Fingerprint, digest};
use crate::scenario::{
    Better, Clock, Definition, FIGURES, Figure, FigureOf, Input, Kept, Kind, Limits, Needs,
    Reading, RpoAt, Scenario, TooMany, apart, figure_in,
};
use crate::shown::is_unseen;
use crate::stats::Interval;
use crate::verdict::inputs::Inputs;

/// The version of the file's form.
const FORMAT: u32 = 3;

/// Values of all figures of all strategies together.
const MOST_VALUES: usize = 50_000_000;

/// Whether a letter is none that an input of a scenario has: a description may have several lines.
fn is_hidden(letter: char) -> bool {
    is_unseen(letter) && !matches!(letter, '\n' | '\r' | '\t')
}

/// How sure it must be that none of a strategy's metrics is called worse without being so.
const CONFIDENCE: f64 = 0.95;

/// What a scenario came to when it was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The version of this form: 3.
    pub format: u32,
    /// The program that made it, with its version.
    pub program: String,
    /// The scenario's name; for people, it is not compared.
    pub scenario: String,
    /// A fingerprint of its texts; for people, it is not compared.
    pub scenario_digest: String,
    /// Seed of every random number.
    pub seed: u64,
    /// Seed of the estate.
    pub population_seed: u64,
    /// Replications of each strategy.
    pub replications: u32,
    /// When a replication is stopped, in milliseconds since T+0.
    pub horizon: u64,
    /// From when recovery time is measured.
    pub clock: String,
    /// Which data loss recovery points are about.
    pub rpo_at: RpoAt,
    /// What the incident aims at.
    pub deleted: Deleted,
    /// The inputs from which all this followed, as they stood after `use` and `--set`.
    pub inputs: Inputs,
    /// What each strategy came to.
    pub strategies: BTreeMap<String, StrategyBaseline>,
}

/// What an incident aims at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deleted {
    /// Sites, over all estates that were drawn.
    pub sites: u64,
    /// Their users.
    pub users: u64,
    /// A fingerprint of which sites, their customers, users and tiers, when they are deleted, and
    /// which parts of them where that is not all.
    pub fingerprint: String,
}

/// What a strategy came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrategyBaseline {
    /// Figures by replication; nothing where one never comes. A figure that is the same in every
    /// replication is written once.
    pub metrics: BTreeMap<String, Vec<Option<u64>>>,
}

/// The figures that a baseline keeps of a strategy: those of exercises for which there is a better
/// and a worse.
fn kept(scenario: &Scenario, strategy: StrategyId) -> Vec<FigureOf> {
    let mut all = scenario.exercise_figures();
    all.retain(|it| {
        let it = it.figure.definition();
        it.better != Better::Neither && scenario.gives(it.needs, strategy)
    });
    all
}

/// The figures that fail a check where they got worse. Work is told and not judged: a slower step
/// off the binding chain is more work, and nobody waits a minute longer for it.
fn judged() -> impl Iterator<Item = &'static Definition> {
    FIGURES.iter().filter(|it| it.baseline == Kept::Judged)
}

/// What one of a figure of this kind is in a baseline, in which all numbers are whole: times and
/// hours are there in milliseconds, shares in thousandths of a millionth, money in hundredths.
#[must_use]
pub fn written_unit(kind: Kind) -> f64 {
    match kind {
        Kind::Share => 1e9,
        Kind::Money => 100.0,
        Kind::Instant | Kind::Length | Kind::Loss | Kind::Hours | Kind::Count => 1.0,
    }
}

/// A reading as a baseline has it; nothing where the time never comes.
fn written(figure: Reading, kind: Kind) -> Option<u64> {
    match figure {
        Reading::Whole(it) => Some(saturated(it)),
        Reading::Real(it) => Some((it * written_unit(kind)).round() as u64),
        Reading::Never | Reading::Unknown => None,
    }
}

/// Sums in 64 bits, as files have them: half a billion years.
fn saturated(sum: u128) -> u64 {
    u64::try_from(sum).unwrap_or(u64::MAX)
}

/// A field in which a baseline and the present scenario are not alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlike {
    /// The field of the baseline.
    pub field: &'static str,
    /// What the baseline has.
    pub then: String,
    /// What the scenario has now.
    pub now: String,
}

/// Why a baseline cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// Another version of the program has written it, in this format.
    #[error("has format {0}, and this program reads format {FORMAT}")]
    OtherFormat(u32),
    /// Its content is another than when it was written, or nothing says what it was.
    #[error("does not fit the digest of its content: it was edited")]
    Edited,
    /// It is none, or not whole.
    #[error("{0}")]
    Broken(String),
}

impl Baseline {
    /// The baseline that these results of these inputs make.
    #[must_use]
    pub fn of(
        scenario: &Scenario,
        inputs: &[Input],
        results: &Results,
        measurements: &Measurements,
    ) -> Self {
        let each = results.strategies.iter().zip(&measurements.strategies);
        let clock = match scenario.policy.as_ref().map(|it| it.clock) {
            Some(Clock::Milestone(id)) => scenario.incident.milestones[id].name.clone(),
            Some(Clock::Deletion) | None => "deletion".to_owned(),
        };
        Self {
            format: FORMAT,
            program: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            scenario: scenario.name.clone(),
            scenario_digest: format!("{:016x}", scenario.digest),
            seed: results.seed,
            population_seed: scenario.experiment.population_seed,
            replications: results.replications,
            horizon: scenario.experiment.horizon.as_millis(),
            clock,
            rpo_at: scenario.rpo_at(),
            deleted: deleted(scenario, results),
            inputs: inputs.iter().map(|it| (it.address.to_string(), it.value.clone())).collect(),
            strategies: each
                .map(|(outcomes, metrics)| {
                    let name = scenario.strategies[outcomes.strategy].name.clone();
                    (name, strategy(scenario, outcomes.strategy, metrics))
                })
                .collect(),
        }
    }

    /// Reads the text of a baseline of no more replications than usual.
    ///
    /// # Errors
    /// Says why it cannot be read.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        Self::parse_within(text, &Limits::default())
    }

    /// Reads the text of a baseline of no more replications than may be: each has a number of every
    /// figure.
    ///
    /// # Errors
    /// Says why it cannot be read.
    pub fn parse_within(text: &str, limits: &Limits) -> Result<Self, Unread> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let broken = |fault: serde_json::Error| Unread::Broken(format!("is no baseline: {fault}"));
        let head: Head = serde_json::from_str(text).map_err(broken)?;
        if head.format != FORMAT {
            return Err(Unread::OtherFormat(head.format));
        }
        let content = content_of(text).ok_or(Unread::Edited)?;
        let mut baseline: Self = serde_json::from_str(&content).map_err(broken)?;
        if let Some(many) = TooMany::replications(baseline.replications.into(), limits) {
            return Err(Unread::Broken(format!("has too many exercises: {many}; {}", many.help())));
        }
        let n = baseline.replications as usize;
        let figures: usize = baseline.strategies.values().map(|it| it.metrics.len()).sum();
        if figures.saturating_mul(n) > MOST_VALUES {
            let told = format!("has {figures} figures of {n} exercises; {MOST_VALUES} is the most");
            return Err(Unread::Broken(told));
        }
        let names = baseline.strategies.keys().chain(baseline.inputs.keys());
        if names.chain(baseline.inputs.values()).any(|it| it.contains(is_hidden)) {
            let told = "has something in a name or a value that nobody sees".to_owned();
            return Err(Unread::Broken(told));
        }
        for (strategy, it) in &mut baseline.strategies {
            // What is not there could not get worse, and nobody would see it.
            let is_lost = |judged: &&Definition| {
                judged.needs == Needs::Nothing && !it.metrics.contains_key(judged.id)
            };
            if let Some(lost) = judged().find(is_lost) {
                return Err(Unread::Broken(format!("lacks `{}` under `{strategy}`", lost.id)));
            }
            for (metric, values) in &mut it.metrics {
                if let [only] = values[..] {
                    *values = vec![only; n];
                }
                if values.len() != n {
                    return Err(Unread::Broken(format!(
                        "has {} values of `{metric}` under `{strategy}` and says that it has {n}",
                        values.len()
                    )));
                }
            }
        }
        Ok(baseline)
    }

    /// The baseline as JSON: a line for each input and figure, and a digest of all others.
    #[must_use]
    pub fn json(&self) -> String {
        with_digest(&self.content())
    }

    fn content(&self) -> String {
        let mut out = String::from("{\n");
        let mut line = |key: &str, value: String| {
            let _ = writeln!(out, "  {}: {value},", json(&key));
        };
        line("format", json(&self.format));
        line("program", json(&self.program));
        line("scenario", json(&self.scenario));
        line("scenario_digest", json(&self.scenario_digest));
        line("seed", json(&self.seed));
        line("population_seed", json(&self.population_seed));
        line("replications", json(&self.replications));
        line("horizon", json(&self.horizon));
        line("clock", json(&self.clock));
        line("rpo_at", json(&self.rpo_at));
        line("deleted", json(&self.deleted));
        let inputs = self.inputs.iter().map(|(address, it)| (address, json(it)));
        let _ = writeln!(out, "{},", table("  ", "inputs", inputs));
        let strategies = self.strategies.iter().map(|(name, strategy)| {
            let once = |values: &Vec<Option<u64>>| match values.first() {
                Some(first) if values.iter().all(|it| it == first) => json(&[first]),
                _ => json(values),
            };
            let metrics = strategy.metrics.iter().map(|(key, it)| (key, once(it)));
            format!("    {}: {{\n{}\n    }}", json(name), table("      ", "metrics", metrics))
        });
        let strategies: Vec<String> = strategies.collect();
        let _ = write!(out, "  \"strategies\": {{\n{}\n  }}\n}}\n", strategies.join(",\n"));
        out
    }

    /// The fields in which the present results cannot be laid beside this baseline; those that are
    /// inputs go by their addresses.
    #[must_use]
    pub fn unlike(&self, now: &Self) -> Vec<Unlike> {
        let fields = [
            ("program", self.program.clone(), now.program.clone()),
            ("experiment.seed", self.seed.to_string(), now.seed.to_string()),
            (
                "experiment.population_seed",
                self.population_seed.to_string(),
                now.population_seed.to_string(),
            ),
            (
                "experiment.replications",
                self.replications.to_string(),
                now.replications.to_string(),
            ),
            ("experiment.horizon", self.horizon.to_string(), now.horizon.to_string()),
            ("policy.clock", self.clock.clone(), now.clock.clone()),
            ("policy.rpo_at", choice(&self.rpo_at), choice(&now.rpo_at)),
            ("deleted.sites", self.deleted.sites.to_string(), now.deleted.sites.to_string()),
            ("deleted.users", self.deleted.users.to_string(), now.deleted.users.to_string()),
            (
                "deleted.fingerprint",
                self.deleted.fingerprint.clone(),
                now.deleted.fingerprint.clone(),
            ),
        ];
        let unlike = fields.into_iter().filter(|(_, then, now)| then != now);
        unlike.map(|(field, then, now)| Unlike { field, then, now }).collect()
    }

    /// The strategies that the scenario does not have any more.
    #[must_use]
    pub fn gone(&self, scenario: &Scenario) -> Vec<String> {
        let has = |name: &&String| scenario.strategies.iter().any(|it| it.name == **name);
        self.strategies.keys().filter(|name| !has(name)).cloned().collect()
    }
}

/// Begins the line that has the digest of all others.
const DIGEST: &str = "  \"content_digest\": ";
/// The lines before it: those by which a baseline is known.
const LINES_OF_HEAD: usize = 3;

/// The line that has the digest of some lines. How their ends are written does not count, for some
/// systems write them anew.
fn digest_line(lines: &[&str]) -> String {
    let mut fingerprint = Fingerprint::default();
    for line in lines {
        fingerprint.add(line.as_bytes());
        fingerprint.add(b"\n");
    }
    format!("{DIGEST}\"{:016x}\",", fingerprint.finish())
}

fn with_digest(content: &str) -> String {
    let mut lines: Vec<&str> = content.lines().collect();
    let digest = digest_line(&lines);
    lines.insert(LINES_OF_HEAD, &digest);
    lines.join("\n") + "\n"
}

/// A text without the line that has the digest of all others; nothing where it does not fit them.
fn content_of(text: &str) -> Option<String> {
    let (digests, lines): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with(DIGEST));
    (digests == [digest_line(&lines)]).then(|| lines.join("\n"))
}

/// Whether this is a baseline that [`Baseline::json`] has written, in whatever version and however
/// edited, or what was left of one when it was cut short or merged: then a new one may take its
/// place.
#[must_use]
pub fn is_baseline(text: &str) -> bool {
    if serde_json::from_str(text).is_ok_and(|json| is_baseline_json(&json)) {
        return true;
    }
    // The first lines are the same in all of them; in between may be the marks of a merge.
    let marks = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let is_ours = |it: &&str| !marks.iter().any(|mark| it.starts_with(mark));
    let mut lines = text.lines().filter(is_ours);
    let program = format!("  \"program\": \"{} ", env!("CARGO_PKG_NAME"));
    lines.next() == Some("{")
        && lines.next().is_some_and(|it| it.starts_with("  \"format\": "))
        && lines.next().is_some_and(|it| it.starts_with(&program))
}

fn is_baseline_json(json: &serde_json::Value) -> bool {
    let program = json["program"].as_str().and_then(|it| it.split_once(' '));
    program.is_some_and(|(name, _)| name == env!("CARGO_PKG_NAME"))
        && json["format"].is_u64()
        && json["deleted"].is_object()
        && json["strategies"].is_object()
}

/// A value as JSON on one line.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a baseline is plain numbers and texts")
}

/// A choice as scenarios have it.
fn choice(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

fn table<'a>(
    indent: &str,
    name: &str,
    lines: impl Iterator<Item = (&'a String, String)>,
) -> String {
    let lines: Vec<String> =
        lines.map(|(key, value)| format!("{indent}  {}: {value}", json(key))).collect();
    match lines.is_empty() {
        true => format!("{indent}{}: {{}}", json(&name)),
        false => format!("{indent}{}: {{\n{}\n{indent}}}", json(&name), lines.join(",\n")),
    }
}

fn deleted(scenario: &Scenario, results: &Results) -> Deleted {
    let (mut sites, mut users, mut mixed) = (0, 0, 0u64);
    for estate in results.aims.estates() {
        for it in estate {
            sites += 1;
            users += u64::from(it.users);
            let (site, tier) = (it.site.index(), it.tier.index());
            let facts = format!("{site} {} {} {tier} {}", it.customer, it.users, it.at.as_millis());
            mixed = mixed.rotate_left(1) ^ digest(&facts);
        }
        mixed = mixed.rotate_left(1) ^ digest("estate");
    }
    if scenario.incident.takes_parts() {
        for place in 0..scenario.incident.deleted.len() {
            let lost = scenario.incident.loses_at_most(place);
            mixed = mixed.rotate_left(1) ^ digest(&scenario.estate.lost_parts(lost).join("+"));
        }
    }
    Deleted { sites, users, fingerprint: format!("{mixed:016x}") }
}

fn strategy(
    scenario: &Scenario,
    strategy: StrategyId,
    metrics: &StrategyMetrics,
) -> StrategyBaseline {
    let figure = |of: FigureOf| {
        let readings = || metrics.replications.iter().map(|metrics| metrics.figures.of(of));
        if readings().any(|it| it == Reading::Unknown) {
            return None;
        }
        let values = readings().map(|reading| written(reading, of.figure.kind())).collect();
        Some((of.name(scenario), values))
    };
    StrategyBaseline { metrics: kept(scenario, strategy).into_iter().filter_map(figure).collect() }
}

/// How a strategy has moved.
#[derive(Clone, Debug, PartialEq)]
pub struct StrategyChange {
    /// Its name.
    pub strategy: String,
    /// Each figure.
    pub metrics: Vec<MetricChange>,
    /// Exercises in which any figure differs.
    pub differing: u64,
}

impl StrategyChange {
    /// The figures that got worse.
    pub fn regressions(&self) -> impl Iterator<Item = &MetricChange> {
        self.metrics.iter().filter(|it| it.change == Change::Worse)
    }
}

/// How a figure has moved: now minus then, in the unit of the baseline: see [`written_unit`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetricChange {
    /// The figure, with what it is asked of.
    pub metric: String,
    /// What kind of number it is.
    pub kind: Kind,
    /// Whether a check fails where it got worse.
    pub judged: bool,
    /// Whether people read how it has moved.
    pub told: bool,
    /// The mean then; what never comes counts as the horizon.
    pub before: f64,
    /// The mean difference between the same exercises.
    pub difference: f64,
    /// Where the true one lies, all judged figures of the strategy together; none of one exercise.
    pub interval: Option<Interval>,
    /// Whether it is the same in every exercise.
    pub is_always_the_same: bool,
    /// Exercises.
    pub n: u64,
    /// Those of them in which it differs.
    pub differing: u64,
    /// Those of them in which it came then and does not come now, less those the other way round.
    pub newly_never: i64,
    /// The most that does not matter.
    pub practical: f64,
    /// What that says.
    pub change: Change,
}

/// What the interval of a difference says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// No exercise differs.
    Same,
    /// Surely less, or more where that is better, by more than what does not matter.
    Better,
    /// Surely no more than what does not matter either way.
    Equal,
    /// It cannot be told from so few exercises whether it matters.
    Unclear,
    /// Surely more, by more than what does not matter, of a figure that is not judged and of which
    /// less is better.
    More,
    /// Surely less, of a figure that is not judged and of which more is better.
    Less,
    /// Surely more, or less where more is better, by more than what does not matter.
    Worse,
}

/// How far every strategy that both know has moved. `practical` is the share of a figure's mean
/// that does not matter.
#[must_use]
pub fn compare(then: &Baseline, now: &Baseline, practical: f64) -> Vec<StrategyChange> {
    let both =
        now.strategies.iter().filter_map(|(name, it)| Some((name, then.strategies.get(name)?, it)));
    let one = |(name, before, after): (&String, &StrategyBaseline, &StrategyBaseline)| {
        change(name, before, after, then.horizon, practical)
    };
    both.map(one).collect()
}

fn change(
    name: &str,
    before: &StrategyBaseline,
    after: &StrategyBaseline,
    horizon: u64,
    practical: f64,
) -> StrategyChange {
    let known = after.metrics.iter().filter_map(|(name, now)| {
        Some((figure_in(name)?, name.as_str(), before.metrics.get(name)?, now))
    });
    let mut known: Vec<_> = known.collect();
    // In the order of the catalogue.
    known.sort_by_key(|it| (it.0, it.1));
    // Bonferroni: the intervals hold all at once.
    let confidence = 1.0 - (1.0 - CONFIDENCE) / judged().count() as f64;
    let metrics: Vec<MetricChange> = known
        .iter()
        .map(|(figure, name, then, now)| {
            metric_change((*figure, name), then, now, (horizon, practical, confidence))
        })
        .collect();
    let n = known.first().map_or(0, |it| it.3.len());
    let differs = |k: &usize| known.iter().any(|(_, _, then, now)| then[*k] != now[*k]);
    StrategyChange {
        strategy: name.to_owned(),
        metrics,
        differing: (0..n).filter(differs).count() as u64,
    }
}

fn metric_change(
    (figure, name): (Figure, &str),
    then: &[Option<u64>],
    now: &[Option<u64>],
    (horizon, practical, confidence): (u64, f64, f64),
) -> MetricChange {
    let number = |it: &Option<u64>| it.unwrap_or(horizon);
    let pairs = || then.iter().zip(now);
    let differences: Vec<f64> =
        pairs().map(|(then, now)| apart(number(now).into(), number(then).into())).collect();
    let n = differences.len().max(1) as f64;
    let before = then.iter().map(|it| u128::from(number(it))).sum::<u128>() as f64 / n;
    let seen = reach(then.iter().chain(now).map(|it| number(it) as f64));
    let support = Support::Open.of_difference(Support::Open, seen);
    let estimate = mean_at(&differences, support, confidence);
    let difference = estimate.map_or(0.0, |it| it.mean);
    let interval = estimate.and_then(|it| it.interval);
    let differing = pairs().filter(|(then, now)| then != now).count() as u64;
    let practical = practical * before;
    let newly = |(then, now): (&Option<u64>, &Option<u64>)| {
        i64::from(now.is_none()) - i64::from(then.is_none())
    };
    let definition = figure.definition();
    let (judged, more_is_better) =
        (definition.baseline == Kept::Judged, definition.better == Better::More);
    let change = match interval {
        _ if differing == 0 => Change::Same,
        None => Change::Unclear,
        Some(it) if it.low > practical => match (judged, more_is_better) {
            (_, true) => Change::Better,
            (true, false) => Change::Worse,
            (false, false) => Change::More,
        },
        Some(it) if it.high < -practical => match (judged, more_is_better) {
            (_, false) => Change::Better,
            (true, true) => Change::Worse,
            (false, true) => Change::Less,
        },
        Some(it) if it.low >= -practical && it.high <= practical => Change::Equal,
        Some(_) => Change::Unclear,
    };
    MetricChange {
        metric: name.to_owned(),
        kind: definition.kind,
        judged,
        told: definition.baseline != Kept::Quietly || definition.parameter.is_some(),
        before,
        difference,
        interval,
        is_always_the_same: estimate.is_some_and(|it| it.is_always_the_same()),
        n: differences.len() as u64,
        differing,
        newly_never: pairs().map(newly).sum(),
        practical,
        change,
    }
}
