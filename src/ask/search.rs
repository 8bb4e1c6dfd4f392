//! The largest rung of a ladder on which a promise is kept, found with few looks.
//!
//! That a higher rung is harder is likely and no law (Graham's anomalies): a step more people can make
//! a recovery longer. So the search also looks where it need not, and says what it sees.

use std::collections::BTreeMap;

use crate::verdict::{Judgement, Verdict};

/// Rungs below the answer at which it looks as well.
const BELOW: u64 = 4;

/// What a search has seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Tested {
    /// The rung.
    pub rung: u64,
    /// What its exercises say.
    pub judgement: Judgement,
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The largest rung on which the promise is surely kept, as it is on every smaller one that was
    /// tested; none where it is not kept on the smallest.
    pub candidate: Option<u64>,
    /// The smallest rung above on which it is surely broken, as far as that was looked for.
    pub broken: Option<u64>,
    /// Rungs above a broken one on which it is kept again.
    pub again: Vec<u64>,
    /// Everything that was tested, in ascending order.
    pub tested: Vec<Tested>,
}

/// Searches a ladder of so many rungs, beginning at `start`; `judge` says what becomes of a rung.
///
/// Looks at about twice as many rungs as the number of rungs has binary digits, each once.
pub fn search(rungs: u64, start: u64, judge: &mut dyn FnMut(u64) -> Judgement) -> Found {
    let mut ladder = Ladder { rungs, judge, seen: BTreeMap::new() };
    let kept = ladder.climb(start.min(rungs - 1));
    let candidate = kept.and_then(|it| ladder.checked_below(it));
    let broken = ladder.first_broken(candidate);
    let again = broken.map_or_else(Vec::new, |it| ladder.beyond(it));
    let tested = ladder.seen.into_iter().map(|(rung, judgement)| Tested { rung, judgement });
    Found { candidate, broken, again, tested: tested.collect() }
}

struct Ladder<'a> {
    rungs: u64,
    judge: &'a mut dyn FnMut(u64) -> Judgement,
    seen: BTreeMap<u64, Judgement>,
}

impl Ladder<'_> {
    fn verdict(&mut self, rung: u64) -> Verdict {
        let Self { judge, seen, .. } = self;
        seen.entry(rung).or_insert_with(|| judge(rung)).verdict
    }

    fn is_kept(&mut self, rung: u64) -> bool {
        self.verdict(rung) == Verdict::Met
    }

    /// From `start` up or down in growing strides, and then by halves, to a kept rung whose next one
    /// is not kept.
    fn climb(&mut self, start: u64) -> Option<u64> {
        let last = self.rungs - 1;
        let (mut kept, mut not) = (None, None);
        let (mut rung, mut stride) = (start, 1);
        loop {
            match self.is_kept(rung) {
                true => kept = Some(rung),
                false => not = Some(rung),
            }
            rung = match (kept, not) {
                (Some(_), None) if rung == last => return Some(last),
                (Some(it), None) => last.min(it.saturating_add(stride)),
                (None, Some(0)) => return None,
                (None, Some(it)) => it.saturating_sub(stride),
                (_, _) => break,
            };
            stride = stride.saturating_mul(2);
        }
        let (mut kept, mut not) = (kept.expect("both are known"), not.expect("both are known"));
        while not - kept > 1 {
            let middle = u64::midpoint(kept, not);
            match self.is_kept(middle) {
                true => kept = middle,
                false => not = middle,
            }
        }
        Some(kept)
    }

    /// The largest kept rung up to this one that has only kept ones among the tested below it: looks at
    /// the one before it, at its parts, and at the lowest.
    fn checked_below(&mut self, kept: u64) -> Option<u64> {
        let mut kept = kept;
        loop {
            let mut looks: Vec<u64> = (0..BELOW).map(|part| kept * part / BELOW).collect();
            looks.extend(kept.checked_sub(1));
            looks.iter().for_each(|rung| {
                self.verdict(*rung);
            });
            let below = self.seen.range(..kept);
            let Some(bad) = below.filter(|it| it.1.verdict != Verdict::Met).map(|it| *it.0).min()
            else {
                return Some(kept);
            };
            // Down to the rung before the first that is not kept, from the last kept one below it.
            let mut not = bad;
            kept = *self.seen.range(..bad).next_back()?.0;
            while not - kept > 1 {
                let middle = u64::midpoint(kept, not);
                match self.is_kept(middle) {
                    true => kept = middle,
                    false => not = middle,
                }
            }
        }
    }

    /// The smallest rung above that is surely broken: in growing strides, and then by halves.
    fn first_broken(&mut self, kept: Option<u64>) -> Option<u64> {
        let last = self.rungs - 1;
        let (mut low, mut rung, mut stride) = (kept, kept.map_or(0, |it| it + 1), 1);
        if rung > last {
            return None;
        }
        let mut broken = loop {
            if self.verdict(rung) == Verdict::Missed {
                break rung;
            }
            if rung == last {
                return None;
            }
            low = Some(rung);
            rung = last.min(rung.saturating_add(stride));
            stride = stride.saturating_mul(2);
        };
        while broken > low.map_or(0, |it| it + 1) {
            let middle = u64::midpoint(low.map_or(0, |it| it + 1), broken - 1);
            match self.verdict(middle) == Verdict::Missed {
                true => broken = middle,
                false => low = Some(middle),
            }
        }
        Some(broken)
    }

    /// Rungs beyond a broken one on which it is not broken: looks a tenth, a half and as much again
    /// further.
    fn beyond(&mut self, broken: u64) -> Vec<u64> {
        let last = self.rungs - 1;
        let further = [broken + 1, broken + broken / 10, broken + broken / 2, 2 * broken];
        let mut looks: Vec<u64> =
            further.into_iter().filter(|it| *it > broken && *it <= last).collect();
        looks.dedup();
        looks.retain(|it| self.is_kept(*it));
        looks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::judge_share;

    /// Kept in this share of exercises on each rung.
    fn found(rungs: u64, start: u64, share: impl Fn(u64) -> f64) -> (Found, usize) {
        let mut looks = 0;
        let found = search(rungs, start, &mut |rung| {
            looks += 1;
            judge_share((1000.0 * share(rung)) as u64, 1000, 0.9, 0.95)
        });
        (found, looks)
    }

    #[test]
    fn it_finds_the_last_rung_that_is_kept_from_wherever_it_begins() {
        for rungs in [1, 2, 3, 10, 97] {
            for limit in 0..=rungs {
                for start in 0..rungs {
                    let (found, _) = found(rungs, start, |it| if it < limit { 1.0 } else { 0.0 });
                    assert_eq!(found.candidate, limit.checked_sub(1), "{limit} of {rungs}");
                    assert_eq!(found.broken, (limit < rungs).then_some(limit));
                    assert!(found.again.is_empty());
                }
            }
        }
    }

    #[test]
    fn it_looks_at_few_rungs() {
        let (found, looks) = found(1_000_000, 20, |it| if it < 123_456 { 1.0 } else { 0.0 });
        assert_eq!(found.candidate, Some(123_455));
        assert!(looks < 60, "{looks}");
    }

    #[test]
    fn between_kept_and_broken_lies_what_cannot_be_told() {
        // 0.93 is kept surely, 0.90 cannot be told, 0.87 is broken.
        let (found, _) = found(50, 3, |it| 0.99 - 0.01 * it as f64);
        assert_eq!((found.candidate, found.broken), (Some(7), Some(11)));
    }

    #[test]
    fn a_rung_below_that_is_broken_ends_the_answer_there() {
        // A fourth person makes it longer.
        let (found, _) = found(40, 20, |it| if it == 10 || it > 30 { 0.0 } else { 1.0 });
        let below: Vec<u64> = found.tested.iter().map(|it| it.rung).collect();
        match below.contains(&10) {
            true => assert_eq!(found.candidate, Some(9)),
            false => assert_eq!(found.candidate, Some(30)),
        }
    }

    #[test]
    fn what_is_kept_again_beyond_is_told() {
        let (found, _) = found(100, 0, |it| if it < 20 || it == 30 { 1.0 } else { 0.0 });
        assert_eq!((found.candidate, found.broken, found.again), (Some(19), Some(20), vec![30]));
    }
}
