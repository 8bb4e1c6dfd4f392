//! The ledger of guesses: what hinges on each of them, one at a time and all at once.

use rayon::prelude::*;

use crate::ask::doubt::Doubt;
use crate::ask::inputs::{Impossible, Inputs};
use crate::ask::played::{Played, Point};
use crate::ask::promise::Promise;
use crate::compare::{Paired, paired};
use crate::ids::StrategyId;
use crate::measure::{CONFIDENCE, StrategyMetrics};
use crate::scenario::{Figure, Scenario, SetOverride};
use crate::stats::{Interval, Regression, Running, regress, sectioned};
use crate::verdict::{Judgement, Verdict};

/// Draws of all guesses at once.
pub const DRAWS: usize = 512;

/// Exercises of each draw.
pub const EXERCISES_OF_A_DRAW: u32 = 4;

/// How often the way to a break-even is halved.
const HALVINGS: u32 = 7;

/// What is asked.
#[derive(Clone, Debug)]
pub struct LedgerQuestion<'a> {
    /// The scenario.
    pub inputs: &'a Inputs,
    /// What may be off.
    pub doubts: &'a [Doubt],
    /// The strategies among which one is chosen; the first is the one whose verdict is asked about.
    pub strategies: &'a [StrategyId],
    /// What that is to keep; nothing where there is no promise to judge.
    pub promise: Option<Promise>,
    /// Seed of every random number.
    pub seed: u64,
    /// Exercises of each variant at the most.
    pub replications: u32,
}

/// What hinges on the guesses.
#[derive(Clone, Debug, PartialEq)]
pub struct Ledger {
    /// The verdict as it is.
    pub verdict: Option<Judgement>,
    /// The strategy with the fewest hours without sites as it is.
    pub best: StrategyId,
    /// Whether it surely has fewer of them than every other.
    pub best_is_sure: bool,
    /// One for each doubt.
    pub entries: Vec<Entry>,
    /// All at once.
    pub together: Together,
}

/// What hinges on one guess.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The guess.
    pub doubt: Doubt,
    /// At the low end of its doubt and at the high one, everything else as it is.
    pub ends: [End; 2],
    /// How far it can go down and up until the verdict changes.
    pub verdict_turns: [Option<Turn>; 2],
    /// The same until another strategy is best.
    pub choice_turns: [Option<Turn>; 2],
    /// Whether another strategy is best at an end that cannot be told from the best one as it is.
    pub choice_is_open: bool,
    /// Its part of how uncertain the recovery time is.
    pub part: Option<Part>,
    /// The hours without sites that would be saved in the mean by knowing it before choosing.
    pub worth: Option<Part>,
}

impl Entry {
    /// Whether it changes nothing at either end, in any exercise.
    #[must_use]
    pub fn has_no_effect(&self) -> bool {
        self.ends.iter().all(|it| it.changes_nothing)
    }
}

/// What becomes of things at one end of a doubt.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// How far off the guess is.
    pub deviations: f64,
    /// Why it cannot be that far off, where that makes no valid scenario; then nothing else is known.
    pub impossible: Option<String>,
    /// The verdict.
    pub verdict: Option<Judgement>,
    /// The 95 % quantile over the sites of an exercise of recovery time, minus what it is now.
    pub difference: Option<Paired>,
    /// The strategy with the fewest hours without sites.
    pub best: Option<StrategyId>,
    /// Whether every exercise of every strategy comes to the same as now.
    pub changes_nothing: bool,
}

/// How far a guess can be off until something changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// Up to here it surely stays, in standard deviations.
    pub stays: f64,
    /// From here on it is surely otherwise; nothing where that cannot be told within the doubt.
    pub turned: Option<f64>,
}

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The figure.
    pub value: f64,
    /// Its standard error; infinite where it is not known.
    pub error: f64,
}

impl Part {
    /// Whether it can be told from nothing.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.value.abs() > 2.0 * self.error
    }
}

/// What comes of all guesses at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Together {
    /// Draws that make a valid scenario.
    pub draws: usize,
    /// Those that make none.
    pub impossible: usize,
    /// The mean over draws of the recovery time that parts are of, in milliseconds.
    pub mean: f64,
    /// Its standard deviation over draws.
    pub deviation: f64,
    /// How much of its variance the guesses explain, each by itself.
    pub explained: Option<f64>,
}

/// Finds out what hinges on each guess, on the threads of the present rayon pool.
///
/// `progress` is called once for every exercise that is done, from any thread.
///
/// # Errors
/// When the scenario is invalid as it is.
pub fn ledger(
    question: &LedgerQuestion<'_>,
    progress: &(dyn Fn() + Sync),
) -> Result<Ledger, Impossible> {
    let scenario = question.inputs.scenario_with(&[])?;
    let asking = Asking { question, progress };
    let base = asking.play(&scenario, question.replications);
    let now = asking.now(&scenario, &base);
    let mut entries: Vec<Entry> =
        question.doubts.iter().map(|it| asking.entry(it, &base, &now)).collect();
    let together = asking.together(&scenario, &mut entries);
    let best_is_sure = now.surely_before.len() + 1 == question.strategies.len();
    let Now { verdict, best, .. } = now;
    Ok(Ledger { verdict, best, best_is_sure, entries, together })
}

/// How things stand now.
struct Now {
    verdict: Option<Judgement>,
    best: StrategyId,
    /// The strategies that it surely has fewer hours without sites than.
    surely_before: Vec<StrategyId>,
}

/// The strategy with the fewest hours without sites in the mean; of equals the first.
fn best(played: &[Played], question: &LedgerQuestion<'_>) -> StrategyId {
    let sums = played.iter().map(|it| it.values(Figure::SiteHoursLost).iter().sum::<f64>());
    let best = sums.zip(question.strategies).min_by(|a, b| a.0.total_cmp(&b.0));
    *best.expect("there is a strategy").1
}

/// Whether the one has surely fewer hours without sites than the other (met), or surely more (missed).
fn nearer(own: &StrategyMetrics, other: &StrategyMetrics) -> Verdict {
    let apart = paired(own, other, Figure::SiteHoursLost, CONFIDENCE);
    match apart.estimate.and_then(|it| it.interval) {
        Some(Interval { high, .. }) if high < 0.0 => Verdict::Met,
        Some(Interval { low, .. }) if low > 0.0 => Verdict::Missed,
        _ => Verdict::Undecided,
    }
}

struct Asking<'a> {
    question: &'a LedgerQuestion<'a>,
    progress: &'a (dyn Fn() + Sync),
}

impl Asking<'_> {
    fn point<'s>(&self, scenario: &'s Scenario, strategy: StrategyId) -> Point<'s> {
        let question = self.question;
        let promise = question.promise.filter(|_| strategy == question.strategies[0]);
        Point { scenario, strategy, promise, seed: question.seed }
    }

    /// So many exercises of every strategy.
    fn play(&self, scenario: &Scenario, replications: u32) -> Vec<Played> {
        let each = self.question.strategies.iter();
        each.map(|it| self.point(scenario, *it).play(replications, self.progress)).collect()
    }

    fn now(&self, scenario: &Scenario, base: &[Played]) -> Now {
        let best = best(base, self.question);
        let each = || self.question.strategies.iter().zip(base);
        let own = each().find(|it| *it.0 == best).expect("the best is one of them").1;
        let before = each().filter(|(id, other)| {
            **id != best && nearer(&own.metrics, &other.metrics) == Verdict::Met
        });
        let surely_before = before.map(|it| *it.0).collect();
        Now { verdict: self.verdict(scenario, base), best, surely_before }
    }

    fn verdict(&self, scenario: &Scenario, played: &[Played]) -> Option<Judgement> {
        let point = self.point(scenario, self.question.strategies[0]);
        point.promise.map(|_| point.judge(&played[0]))
    }

    fn entry(&self, doubt: &Doubt, base: &[Played], now: &Now) -> Entry {
        let far = Doubt::nine_of_ten();
        let ends = [-far, far].map(|it| self.end(doubt, it, base));
        let verdict_turns = [0, 1].map(|side| self.verdict_turn(doubt, &ends[side], now));
        let rivals = ends.each_ref().map(|it| it.best.filter(|it| *it != now.best));
        let [choice_is_open, is_told] = [false, true]
            .map(|told| rivals.iter().flatten().any(|it| now.surely_before.contains(it) == told));
        let choice_turns = [0, 1].map(|side| {
            let rival = rivals[side].filter(|it| is_told && now.surely_before.contains(it))?;
            self.choice_turn(doubt, &ends[side], (now.best, rival))
        });
        let doubt = doubt.clone();
        let (part, worth) = (None, None);
        Entry { doubt, ends, verdict_turns, choice_turns, choice_is_open, part, worth }
    }

    fn end(&self, doubt: &Doubt, deviations: f64, base: &[Played]) -> End {
        let scenario = match self.question.inputs.scenario_with(&[doubt.set(deviations)]) {
            Ok(scenario) => scenario,
            Err(fault) => return End::impossible(deviations, fault.reason()),
        };
        let played = self.play(&scenario, self.question.replications);
        let same =
            |(own, base): (&Played, &Played)| own.metrics.replications == base.metrics.replications;
        End {
            deviations,
            impossible: None,
            verdict: self.verdict(&scenario, &played),
            difference: Some(paired(
                &played[0].metrics,
                &base[0].metrics,
                Figure::RtaP95,
                CONFIDENCE,
            )),
            best: Some(best(&played, self.question)),
            changes_nothing: played.iter().zip(base).all(same),
        }
    }

    /// Where the verdict turns between what is now and an end, if it does.
    fn verdict_turn(&self, doubt: &Doubt, end: &End, now: &Now) -> Option<Turn> {
        let (was, ends) = (now.verdict?.verdict, end.verdict?.verdict);
        if was == Verdict::Undecided || ends == was {
            return None;
        }
        // What is now counts as kept, whichever it is.
        let seen = |verdict: Verdict| match verdict {
            Verdict::Undecided => Verdict::Undecided,
            it if it == was => Verdict::Met,
            _ => Verdict::Missed,
        };
        let mut judge = |deviations: f64| {
            let scenario = self.question.inputs.scenario_with(&[doubt.set(deviations)]).ok();
            scenario.map_or(Verdict::Undecided, |scenario| {
                let point = self.point(&scenario, self.question.strategies[0]);
                seen(point.judge(&point.play(self.question.replications, self.progress)).verdict)
            })
        };
        Some(turn(end.deviations, seen(ends), &mut judge))
    }

    /// Where another strategy becomes best between what is now and an end, if one does.
    fn choice_turn(
        &self,
        doubt: &Doubt,
        end: &End,
        (best, rival): (StrategyId, StrategyId),
    ) -> Option<Turn> {
        let mut judge = |deviations: f64| {
            let scenario = self.question.inputs.scenario_with(&[doubt.set(deviations)]).ok();
            scenario.map_or(Verdict::Undecided, |it| self.nearer(&it, best, rival))
        };
        let ends = judge(end.deviations);
        (ends != Verdict::Met).then(|| turn(end.deviations, ends, &mut judge))
    }

    /// The same of a variant; see [`nearer`].
    fn nearer(&self, scenario: &Scenario, own: StrategyId, other: StrategyId) -> Verdict {
        let play =
            |id| self.point(scenario, id).play(self.question.replications, self.progress).metrics;
        nearer(&play(own), &play(other))
    }

    /// Draws all guesses at once, and tells each entry its part.
    fn together(&self, scenario: &Scenario, entries: &mut [Entry]) -> Together {
        if entries.is_empty() {
            return Together::default();
        }
        let draws: Vec<Vec<f64>> =
            entries.iter().map(|it| it.doubt.draws(self.question.seed, DRAWS)).collect();
        let horizon = scenario.experiment.horizon.as_millis() as f64;
        let seen: Vec<Option<Seen>> = (0..DRAWS)
            .into_par_iter()
            .map(|draw| self.draw(entries, &draws, draw, horizon))
            .collect();
        let known: Vec<usize> = (0..DRAWS).filter(|it| seen[*it].is_some()).collect();
        let all: Vec<&Seen> = seen.iter().flatten().collect();
        let times: Vec<f64> = all.iter().map(|it| it.time).collect();
        // The factors themselves, so that a sum of steps is linear in them.
        let rows: Vec<Vec<f64>> = known
            .iter()
            .map(|draw| {
                entries.iter().zip(&draws).map(|(it, own)| it.doubt.factor(own[*draw])).collect()
            })
            .collect();
        let (mean, variance) = mean_and_variance(times.iter().copied());
        let mut together = Together {
            draws: all.len(),
            impossible: DRAWS - all.len(),
            mean,
            deviation: variance.sqrt(),
            explained: None,
        };
        if let Some(found) = regress(&rows, &times).filter(|_| variance > 0.0) {
            together.explained = Some(tell_parts(entries, &rows, &found));
        }
        for (place, entry) in entries.iter_mut().enumerate() {
            let own: Vec<f64> = rows.iter().map(|row| row[place]).collect();
            entry.worth = worth(&own, &all);
        }
        together
    }

    /// What one draw of all guesses comes to; nothing where it makes no valid scenario.
    fn draw(
        &self,
        entries: &[Entry],
        draws: &[Vec<f64>],
        draw: usize,
        horizon: f64,
    ) -> Option<Seen> {
        let sets: Vec<SetOverride> =
            entries.iter().zip(draws).map(|(it, own)| it.doubt.set(own[draw])).collect();
        let scenario = self.question.inputs.scenario_with(&sets).ok()?;
        let exercises = EXERCISES_OF_A_DRAW.min(self.question.replications);
        let played = self.play(&scenario, exercises);
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let capped = played[0].values(Figure::RtaP95).into_iter().map(|it| it.min(horizon));
        Some(Seen {
            time: mean(capped.collect()),
            hours: played.iter().map(|it| mean(it.values(Figure::SiteHoursLost))).collect(),
        })
    }
}

/// What one draw comes to.
struct Seen {
    /// The recovery time of the first strategy, in milliseconds.
    time: f64,
    /// Site-milliseconds without sites, of every strategy.
    hours: Vec<f64>,
}

impl End {
    fn impossible(deviations: f64, reason: String) -> Self {
        Self {
            deviations,
            impossible: Some(reason),
            verdict: None,
            difference: None,
            best: None,
            changes_nothing: false,
        }
    }
}

/// Between nothing off, where it is met, and an end, where it is `ends`: how far it stays met, and from
/// where on it is surely missed.
fn turn(end: f64, ends: Verdict, judge: &mut dyn FnMut(f64) -> Verdict) -> Turn {
    let mut halve = |from: f64, to: f64, stays: &dyn Fn(Verdict) -> bool| {
        let (mut low, mut high) = (from, to);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            match stays(judge(middle)) {
                true => low = middle,
                false => high = middle,
            }
        }
        (low, high)
    };
    let (stays, not) = halve(0.0, end, &|it| it == Verdict::Met);
    if ends != Verdict::Missed {
        return Turn { stays, turned: None };
    }
    if judge(not) == Verdict::Missed {
        return Turn { stays, turned: Some(not) };
    }
    let mut halve = |from: f64, to: f64| {
        let (mut low, mut high) = (from, to);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            match judge(middle) {
                Verdict::Missed => high = middle,
                _ => low = middle,
            }
        }
        high
    };
    Turn { stays, turned: Some(halve(not, end)) }
}

fn mean_and_variance(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let running = Running::of(values);
    (running.mean(), running.variance())
}

/// Tells each guess its part of the variance, and says what they come to together. `factors` are those
/// of every draw.
fn tell_parts(entries: &mut [Entry], factors: &[Vec<f64>], found: &Regression) -> f64 {
    let spread = |place: usize| mean_and_variance(factors.iter().map(|row| row[place])).1;
    let spreads: Vec<f64> = (0..entries.len()).map(spread).collect();
    let squares = found.coefficients.iter().zip(&spreads);
    let linear: f64 = squares.map(|(it, spread)| it.value * it.value * spread).sum();
    let whole = linear + found.residual;
    for (entry, (it, spread)) in entries.iter_mut().zip(found.coefficients.iter().zip(&spreads)) {
        let error = 2.0 * it.value.abs() * it.error * spread / whole;
        // Of a coefficient that is not told from nothing the square is its error at best.
        let noise = it.error * it.error * spread / whole;
        let value = it.value * it.value * spread / whole;
        entry.part = Some(Part { value, error: error.max(noise) });
    }
    linear / whole
}

/// What it is worth to know a guess before choosing: the hours of the strategy that is best in the mean,
/// minus the mean over its values of the hours of the one that is best there, where the mean hours of a
/// strategy are a straight line in the guess. (Strong and Oakley 2013 have it with smoother curves.)
fn worth(factors: &[f64], all: &[&Seen]) -> Option<Part> {
    let strategies = all.first().map_or(0, |it| it.hours.len());
    if strategies < 2 {
        return None;
    }
    let of = |range: std::ops::Range<usize>| worth_of(&factors[range.clone()], &all[range]);
    let value = of(0..all.len());
    let interval = sectioned(all.len(), value, of, 0.682_689_492);
    let error = interval.map_or(f64::INFINITY, |it| (it.high - it.low) / 2.0);
    // By chance two lines never have quite the same slope, and whatever they differ by is worth
    // something: unless the slopes surely differ, nothing is known of that.
    let error = if slopes_differ(factors, all) { error } else { f64::INFINITY };
    Some(Part { value, error })
}

/// Whether the hours of some strategy surely rise otherwise with a guess than those of the one that is
/// best in the mean: by three standard errors.
fn slopes_differ(factors: &[f64], all: &[&Seen]) -> bool {
    let strategies = all[0].hours.len();
    let sum = |strategy: usize| all.iter().map(|it| it.hours[strategy]).sum::<f64>();
    let best = (0..strategies).min_by(|a, b| sum(*a).total_cmp(&sum(*b))).unwrap_or(0);
    let rows: Vec<Vec<f64>> = factors.iter().map(|it| vec![*it]).collect();
    (0..strategies).filter(|it| *it != best).any(|other| {
        let apart: Vec<f64> = all.iter().map(|it| it.hours[other] - it.hours[best]).collect();
        let slope = regress(&rows, &apart).map(|it| it.coefficients[0]);
        slope.is_some_and(|it| it.value.abs() > 3.0 * it.error && it.value != 0.0)
    })
}

fn worth_of(factors: &[f64], all: &[&Seen]) -> f64 {
    let n = all.len() as f64;
    let (middle, spread) = mean_and_variance(factors.iter().copied());
    let lines: Vec<(f64, f64)> = (0..all[0].hours.len())
        .map(|strategy| {
            let mean = all.iter().map(|it| it.hours[strategy]).sum::<f64>() / n;
            let products = factors.iter().zip(all);
            let products = products.map(|(own, it)| (own - middle) * (it.hours[strategy] - mean));
            let covariance = products.sum::<f64>() / (n - 1.0).max(1.0);
            (mean, if spread > 0.0 { covariance / spread } else { 0.0 })
        })
        .collect();
    let chosen_now = lines.iter().map(|it| it.0).fold(f64::INFINITY, f64::min);
    let at = |own: &f64| {
        let hours = lines.iter().map(|(mean, slope)| mean + slope * (own - middle));
        hours.fold(f64::INFINITY, f64::min)
    };
    chosen_now - factors.iter().map(at).sum::<f64>() / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_lies_between_the_last_that_stays_and_the_first_that_is_otherwise() {
        let mut judge = |it: f64| match it {
            it if it < 0.4 => Verdict::Met,
            it if it < 0.7 => Verdict::Undecided,
            _ => Verdict::Missed,
        };
        let found = turn(1.6, Verdict::Missed, &mut judge);
        assert!(found.stays <= 0.4 && found.stays > 0.38, "{found:?}");
        assert!(found.turned.is_some_and(|it| (0.7..0.72).contains(&it)), "{found:?}");
        let open = turn(0.6, Verdict::Undecided, &mut judge);
        assert_eq!(open.turned, None);
    }

    #[test]
    fn a_turn_without_doubt_is_as_narrow_as_the_halvings() {
        let mut judge = |it: f64| if it > -0.8 { Verdict::Met } else { Verdict::Missed };
        let found = turn(-1.6, Verdict::Missed, &mut judge);
        let turned = found.turned.expect("it is otherwise at the end");
        assert!(turned <= -0.8 && found.stays > -0.8 && found.stays - turned < 0.02, "{found:?}");
    }

    #[test]
    fn to_know_which_of_two_is_better_is_worth_what_the_textbook_says() {
        // The difference of two strategies is normal with mean 0 and deviation 1 in the guess alone:
        // the mean of the lesser one is lower by 1 / sqrt(2 pi) = 0.39894.
        let seen: Vec<Seen> = (0..512)
            .map(|it| {
                let own = crate::dist::normal_quantile((f64::from(it) + 0.5) / 512.0);
                Seen { time: 0.0, hours: vec![100.0, 100.0 + own] }
            })
            .collect();
        let all: Vec<&Seen> = seen.iter().collect();
        let factors: Vec<f64> = seen.iter().map(|it| it.hours[1]).collect();
        assert!((worth_of(&factors, &all) - 0.398_94).abs() < 0.002);
        // Of what changes both alike it is worth nothing.
        let alike: Vec<Seen> =
            factors.iter().map(|it| Seen { time: 0.0, hours: vec![*it, *it] }).collect();
        let alike: Vec<&Seen> = alike.iter().collect();
        assert!(worth_of(&factors, &alike).abs() < 1e-9);
    }
}
