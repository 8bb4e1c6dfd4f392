//! How far an input can go while a promise is still kept: how many sites can be lost at once, or how
//! few people are enough.

use crate::ask::certificate::{Certificate, MOST_CERTIFICATES};
use crate::ask::inputs::{Impossible, Inputs};
use crate::ask::played::Point;
use crate::ask::promise::Promise;
use crate::ask::search::{Found, search};
use crate::ask::variable::Variable;
use crate::ids::StrategyId;
use crate::scenario::SetOverride;
use crate::verdict::{Judgement, Verdict, judge_share};

/// Fresh looks for a value at which the promise is surely broken.
const LOOKS_BEYOND: u32 = 5;

/// What is asked.
#[derive(Clone, Debug)]
pub struct LimitQuestion<'a> {
    /// The scenario.
    pub inputs: &'a Inputs,
    /// What else is changed, whatever the value.
    pub beside: &'a [SetOverride],
    /// The input.
    pub variable: &'a Variable,
    /// The rung at which the search begins.
    pub start: u64,
    /// Under which strategy.
    pub strategy: StrategyId,
    /// What is to be kept.
    pub promise: Promise,
    /// Seed of the search; that of the first certificate is the next.
    pub seed: u64,
    /// Exercises of a certificate, and of each value in the search at the most.
    pub replications: u32,
    /// The rung that it is expected to reach, if any is.
    pub expected: Option<u64>,
}

/// How far it can go.
#[derive(Clone, Debug)]
pub struct Limit {
    /// The last rung that is certified.
    pub rung: Option<u64>,
    /// Every certificate that was asked for, the last one for the rung, if there is one.
    pub certificates: Vec<(u64, Certificate)>,
    /// What the exercises of the last certificate say of rungs beyond it.
    pub beyond: Vec<(u64, Certificate)>,
    /// What fresh exercises say of the rung that it is expected to reach, at the confidence of the
    /// promise: nothing but that rung is looked at for it.
    pub expected: Option<Certificate>,
    /// What the search has seen.
    pub found: Found,
}

impl Limit {
    /// The certificate of the rung.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.rung.and(self.certificates.last()).map(|it| &it.1)
    }

    /// The smallest rung beyond that is surely broken on fresh exercises.
    #[must_use]
    pub fn broken(&self) -> Option<u64> {
        let broken = self.beyond.iter().filter(|it| it.1.judgement.verdict == Verdict::Missed);
        broken.map(|it| it.0).min()
    }
}

/// Answers the question on the threads of the present rayon pool.
///
/// `progress` is called once for every exercise that is done, from any thread.
///
/// # Errors
/// When a value makes the scenario invalid.
pub fn limit(
    question: &LimitQuestion<'_>,
    progress: &(dyn Fn() + Sync),
) -> Result<Limit, Impossible> {
    let mut asking = Asking { question, progress, impossible: None };
    // Both ends are valid, or the ladder is too long.
    for rung in [0, question.variable.rungs() - 1] {
        question.inputs.scenario_with(&asking.sets(rung))?;
    }
    let rungs = question.variable.rungs();
    let found = search(rungs, question.start, &mut |rung| asking.settle(rung));
    let (certificates, beyond) = (Vec::new(), Vec::new());
    let mut limit = Limit { rung: None, certificates, beyond, expected: None, found };
    asking.certify(&mut limit);
    asking.look_beyond(&mut limit);
    limit.expected = question.expected.and_then(|it| asking.plain(it, MOST_CERTIFICATES));
    match asking.impossible {
        Some(impossible) => Err(impossible),
        None => Ok(limit),
    }
}

struct Asking<'a> {
    question: &'a LimitQuestion<'a>,
    progress: &'a (dyn Fn() + Sync),
    impossible: Option<Impossible>,
}

impl Asking<'_> {
    fn sets(&self, rung: u64) -> Vec<SetOverride> {
        [self.question.beside, &[self.question.variable.set(rung)]].concat()
    }

    /// Does something with a rung; nothing where the scenario is invalid there, which is remembered.
    fn at<T>(&mut self, rung: u64, act: impl FnOnce(&Point<'_>) -> T) -> Option<T> {
        let question = self.question;
        match question.inputs.scenario_with(&self.sets(rung)) {
            Ok(scenario) => Some(act(&Point {
                scenario: &scenario,
                strategy: question.strategy,
                promise: Some(question.promise),
                seed: question.seed,
            })),
            Err(impossible) => {
                self.impossible.get_or_insert(impossible);
                None
            }
        }
    }

    fn settle(&mut self, rung: u64) -> Judgement {
        let (most, progress) = (self.question.replications, self.progress);
        let judgement = self.at(rung, |point| point.settle(most, progress).0);
        judgement.unwrap_or_else(|| judge_share(0, 0, 1.0, 0.95))
    }

    fn fresh(&mut self, rung: u64, number: u32) -> Option<Certificate> {
        let (replications, progress) = (self.question.replications, self.progress);
        self.at(rung, |point| Certificate::of(point, (number, replications), progress))
    }

    /// What the fresh exercises of this number say, at the confidence of the promise.
    fn plain(&mut self, rung: u64, number: u32) -> Option<Certificate> {
        let (replications, progress) = (self.question.replications, self.progress);
        self.at(rung, |point| {
            let promise = point.promise.expect("it is asked about");
            let confidence = promise.confidence(point.scenario);
            Certificate::at(point, (number, confidence), replications, progress)
        })
    }

    /// Certifies the candidate, or else lower and lower rungs, in growing strides.
    fn certify(&mut self, limit: &mut Limit) {
        let Some(mut rung) = limit.found.candidate else { return };
        let mut stride = (rung / 64).max(1);
        for number in 0..MOST_CERTIFICATES {
            let Some(certificate) = self.fresh(rung, number) else { return };
            limit.certificates.push((rung, certificate));
            if certificate.judgement.verdict == Verdict::Met {
                limit.rung = Some(rung);
                return;
            }
            if rung == 0 {
                return;
            }
            rung = rung.saturating_sub(stride);
            stride = stride.saturating_mul(2);
        }
    }

    /// Looks at the next rung and at one that is surely broken, on the exercises of the last
    /// certificate, each at the confidence of the promise.
    fn look_beyond(&mut self, limit: &mut Limit) {
        let last = self.question.variable.rungs() - 1;
        let number = u32::try_from(limit.certificates.len().saturating_sub(1)).unwrap_or(0);
        let next = limit.rung.map_or(0, |it| it + 1);
        if next > last {
            return;
        }
        let mut rung = next;
        let mut stride = 1;
        for _ in 0..LOOKS_BEYOND {
            let Some(look) = self.plain(rung, number) else { return };
            limit.beyond.push((rung, look));
            if look.judgement.verdict == Verdict::Missed || rung == last {
                return;
            }
            let broken = limit.found.broken.filter(|it| *it > rung);
            rung = broken.unwrap_or_else(|| last.min(rung + stride));
            stride *= 2;
        }
    }
}
