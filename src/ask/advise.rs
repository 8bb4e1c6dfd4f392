//! The cheapest combination of levers that keeps a promise, with its certificate.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::ask::certificate::{Certificate, MOST_CERTIFICATES};
use crate::ask::chosen::{Chosen, NoChoice, mean_hours};
use crate::ask::inputs::{Impossible, Inputs};
use crate::ask::played::Point;
use crate::ask::promise::Promise;
use crate::ask::sweep::{combinations, sets_of, settings_of};
use crate::ids::StrategyId;
use crate::units::MILLIS_PER_HOUR;
use crate::verdict::{Judgement, Verdict};

/// What is asked.
#[derive(Clone, Debug)]
pub struct AdviceQuestion<'a> {
    /// The scenario.
    pub inputs: &'a Inputs,
    /// What can be chosen, each with a cost.
    pub levers: &'a [Chosen],
    /// Under which strategy.
    pub strategy: StrategyId,
    /// What is to be kept.
    pub promise: Promise,
    /// Seed of the search; that of the first certificate is the next.
    pub seed: u64,
    /// Exercises of a certificate, and of each combination in the search at the most.
    pub replications: u32,
}

/// A combination that was simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The place of the value of each lever.
    pub settings: Vec<usize>,
    /// What it costs, in recoveries as long as those that were simulated.
    pub cost: f64,
    /// What the search has seen of it.
    pub judgement: Judgement,
    /// What fresh exercises say, where it was asked for a certificate.
    pub certificate: Option<Certificate>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The place among those that were tried of the one that is certified.
    pub answer: Option<usize>,
    /// Every combination that was simulated, in that order.
    pub tried: Vec<Tried>,
    /// Combinations that were not simulated, as every lever of theirs is as in one which surely breaks
    /// the promise, or cheaper.
    pub ruled_out: u64,
    /// Combinations that were not simulated, as they cannot cost less than the answer; or, where there is
    /// none, as too many certificates had failed before their turn.
    pub left: u64,
    /// All combinations.
    pub combinations: u64,
}

/// The place of the value of each lever.
type Combination = Vec<usize>;

/// Why there is no advice.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoAdvice {
    /// A lever whose cost is not known.
    #[error("{0}")]
    Choice(#[from] NoChoice),
    /// A combination that makes the scenario invalid.
    #[error("{}", .0.reason())]
    Impossible(Box<Impossible>),
}

impl From<Impossible> for NoAdvice {
    fn from(fault: Impossible) -> Self {
        Self::Impossible(Box::new(fault))
    }
}

/// Finds the cheapest combination, on the threads of the present rayon pool.
///
/// `progress` is called once for every exercise that is done, from any thread.
///
/// # Errors
/// When a lever has no cost, or a combination makes the scenario invalid.
pub fn advise(
    question: &AdviceQuestion<'_>,
    progress: &(dyn Fn() + Sync),
) -> Result<Advice, NoAdvice> {
    for it in question.levers {
        it.cost(0, 0.0).ok_or_else(|| NoChoice::NoCost(it.lever.name.clone()))?;
    }
    let scenario = question.inputs.scenario_with(&[])?;
    let most_hours = scenario.experiment.horizon.as_millis() as f64 / MILLIS_PER_HOUR;
    let asking = Asking { question, progress };
    let ranks = ranks(question.levers, most_hours);
    let mut search = Search::new(question.levers, &ranks, &|settings| {
        asking.sum(settings, &|it, own| it.least_cost(own, most_hours))
    });
    let mut certificates = 0;
    while let Some(next) = search.next().filter(|_| certificates < MOST_CERTIFICATES) {
        match next {
            Next::Probe(settings) => {
                let is_first = search.missed.is_empty();
                asking.look(&mut search, settings)?;
                if is_first && !search.missed.is_empty() {
                    asking.look_at_floors(&mut search)?;
                }
            }
            Next::Certify(place) => {
                let settings = search.tried[place].settings.clone();
                search.certified(place, asking.certify(&settings, certificates)?);
                certificates += 1;
            }
        }
    }
    Ok(search.advice())
}

struct Asking<'a> {
    question: &'a AdviceQuestion<'a>,
    progress: &'a (dyn Fn() + Sync),
}

impl Asking<'_> {
    fn at<T>(
        &self,
        settings: &[usize],
        act: impl FnOnce(&Point<'_>) -> T,
    ) -> Result<T, Impossible> {
        let question = self.question;
        let scenario = question.inputs.scenario_with(&sets_of(question.levers, settings))?;
        Ok(act(&Point {
            scenario: &scenario,
            strategy: question.strategy,
            promise: Some(question.promise),
            seed: question.seed,
        }))
    }

    /// Looks at a combination.
    fn look(&self, search: &mut Search<'_>, settings: Combination) -> Result<Verdict, Impossible> {
        let (judgement, cost) = self.probe(&settings)?;
        search.probed(settings, judgement, cost);
        Ok(judgement.verdict)
    }

    /// Looks, lever by lever, from which value on the promise is not surely broken with all others as dear
    /// as they can be. What breaks it there rules out every combination with that value, or a cheaper one.
    fn look_at_floors(&self, search: &mut Search<'_>) -> Result<(), Impossible> {
        for lever in 0..search.ranks.len() {
            for floor in search.floors_of(lever) {
                let known = search.tried.iter().find(|it| it.settings == floor);
                let verdict = match known.map(|it| it.judgement.verdict) {
                    Some(verdict) => verdict,
                    None => self.look(search, floor)?,
                };
                if verdict != Verdict::Missed {
                    break;
                }
            }
        }
        Ok(())
    }

    /// What the search sees of a combination, and what that costs.
    fn probe(&self, settings: &[usize]) -> Result<(Judgement, f64), Impossible> {
        self.at(settings, |point| {
            let (judgement, played) = point.settle(self.question.replications, self.progress);
            let hours = mean_hours(&played.metrics, point.scenario.experiment.horizon);
            (judgement, self.sum(settings, &|it, own| it.cost(own, hours)))
        })
    }

    fn certify(&self, settings: &[usize], number: u32) -> Result<Certificate, Impossible> {
        let (replications, progress) = (self.question.replications, self.progress);
        self.at(settings, |point| Certificate::of(point, (number, replications), progress))
    }

    /// A cost of all levers together.
    fn sum(&self, settings: &[usize], of: &dyn Fn(&Chosen, usize) -> Option<f64>) -> f64 {
        let each = self.question.levers.iter().zip(settings);
        each.map(|(it, setting)| of(it, *setting).expect("every lever has a cost")).sum()
    }
}

/// For every setting of every lever, how many settings of that lever are cheaper.
fn ranks(levers: &[Chosen], most_hours: f64) -> Vec<Vec<usize>> {
    let of = |it: &Chosen| {
        let costs: Vec<f64> = (0..it.lever.settings.len())
            .map(|own| it.cost(own, most_hours).expect("every lever has a cost"))
            .collect();
        costs.iter().map(|own| costs.iter().filter(|other| *other < own).count()).collect()
    };
    levers.iter().map(of).collect()
}

/// What to do next.
enum Next {
    Probe(Combination),
    Certify(usize),
}

/// Combinations in the order of what they cost, as far as that is known.
struct Search<'a> {
    ranks: &'a [Vec<usize>],
    /// The cheapest first; of equal ones the first in the order of the levers. What was tried comes with
    /// its place and its own cost, all else with the least that it can cost.
    heap: BinaryHeap<Reverse<(Money, usize, Option<usize>)>>,
    levers: &'a [Chosen],
    tried: Vec<Tried>,
    missed: Vec<Combination>,
    ruled_out: u64,
    answer: Option<usize>,
}

/// A cost that can be sorted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Money(f64);

impl Eq for Money {}

impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Money {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl<'a> Search<'a> {
    fn new(levers: &'a [Chosen], ranks: &'a [Vec<usize>], least: &dyn Fn(&[usize]) -> f64) -> Self {
        let each = 0..combinations(levers);
        let heap = each.map(|it| Reverse((Money(least(&settings_of(levers, it))), it, None)));
        let heap = heap.collect();
        let (tried, missed) = (Vec::new(), Vec::new());
        Self { ranks, heap, levers, tried, missed, ruled_out: 0, answer: None }
    }

    fn next(&mut self) -> Option<Next> {
        if self.answer.is_some() {
            return None;
        }
        while let Some(Reverse((_, number, tried))) = self.heap.pop() {
            if let Some(place) = tried {
                return Some(Next::Certify(place));
            }
            let settings = settings_of(self.levers, number);
            // One that was tried before its turn comes with its own cost, where it may be the answer.
            if self.tried.iter().any(|it| it.settings == settings) {
                continue;
            }
            match self.missed.iter().any(|it| self.is_below(&settings, it)) {
                true => self.ruled_out += 1,
                false => return Some(Next::Probe(settings)),
            }
        }
        None
    }

    /// A lever at each of its values, the cheapest first, with all others as dear as they can be.
    fn floors_of(&self, lever: usize) -> Vec<Combination> {
        let dearest = |ranks: &Vec<usize>| {
            let last = (0..ranks.len()).max_by_key(|it| ranks[*it]);
            last.expect("a lever has a value")
        };
        let top: Combination = self.ranks.iter().map(dearest).collect();
        let ranks = &self.ranks[lever];
        let mut values: Vec<usize> = (0..ranks.len()).collect();
        values.sort_by_key(|it| (ranks[*it], *it));
        let floor = |value: usize| {
            let mut floor = top.clone();
            floor[lever] = value;
            floor
        };
        values.into_iter().map(floor).collect()
    }

    /// Whether every lever is as in the other, or cheaper. Of two values that cost the same neither is
    /// less than the other.
    fn is_below(&self, own: &[usize], other: &[usize]) -> bool {
        let mut each = self.ranks.iter().zip(own.iter().zip(other));
        each.all(|(ranks, (own, other))| own == other || ranks[*own] < ranks[*other])
    }

    fn probed(&mut self, settings: Combination, judgement: Judgement, cost: f64) {
        let place = self.tried.len();
        match judgement.verdict {
            Verdict::Missed => self.missed.push(settings.clone()),
            Verdict::Met => {
                // It is its turn once nothing that is left can be cheaper.
                self.heap.push(Reverse((
                    Money(cost),
                    number_of(self.levers, &settings),
                    Some(place),
                )));
            }
            Verdict::Undecided => {}
        }
        self.tried.push(Tried { settings, cost, judgement, certificate: None });
    }

    fn certified(&mut self, place: usize, certificate: Certificate) {
        self.tried[place].certificate = Some(certificate);
        if certificate.judgement.verdict == Verdict::Met {
            self.answer = Some(place);
        }
    }

    fn advice(self) -> Advice {
        let combinations = combinations(self.levers) as u64;
        let left = combinations - self.tried.len() as u64 - self.ruled_out;
        let Self { answer, tried, ruled_out, .. } = self;
        Advice { answer, tried, ruled_out, left, combinations }
    }
}

/// The number of a combination; see [`settings_of`].
fn number_of(levers: &[Chosen], settings: &[usize]) -> usize {
    let each = levers.iter().zip(settings);
    each.fold(0, |number, (it, setting)| number * it.lever.settings.len() + setting)
}
