//! The sentences of the ledger.

use crate::ask::{DRAWS, EXERCISES_OF_A_DRAW};
use crate::report::asked::verdict_words;
use crate::report::ledger::question::LedgerAsked;
use crate::report::ledger::view::{EntryView, LedgerView};
use crate::report::words::{count, listed, plain, share};
use crate::verdict::Verdict;

/// "holds up to 1.4 to 1.6 times", "holds down to 0.70 to 0.65 times"
pub(crate) fn turn_text(up: bool, stays: f64, turned: Option<f64>) -> String {
    let way = if up { "up to" } else { "down to" };
    match turned.map(|it| (times(stays), times(it))) {
        None => format!("holds {way} {} times, beyond cannot be told", times(stays)),
        Some((stays, turned)) if stays == turned => format!("holds {way} {stays} times"),
        Some((stays, turned)) => format!("holds {way} {stays} to {turned} times"),
    }
}

/// "to 1.40-1.60x"
pub(crate) fn turn_short(stays: f64, turned: Option<f64>) -> String {
    match turned.map(|it| (times(stays), times(it))) {
        None => format!("to {}x, then open", times(stays)),
        Some((stays, turned)) if stays == turned => format!("to {stays}x"),
        Some((stays, turned)) => format!("to {stays}-{turned}x"),
    }
}

fn times(factor: f64) -> String {
    format!("{factor:.2}")
}

/// What the answer rests on.
pub(crate) fn sentence(asked: &LedgerAsked<'_>, view: &LedgerView) -> String {
    let mut sentences = vec![verdict(asked, view)];
    if view.entries.is_empty() {
        return sentences.remove(0);
    }
    let told = |it: &&EntryView| it.part.as_ref().is_some_and(|it| it.is_told);
    let parts: Vec<String> = view
        .entries
        .iter()
        .filter(told)
        .take(3)
        .map(|it| {
            let part = it.part.as_ref().map_or(0.0, |it| it.value);
            format!("{} ({})", plain(&it.address), share(part))
        })
        .collect();
    if !parts.is_empty() {
        sentences
            .push(format!("Of the doubt about its RTA p95, most hangs on {}.", listed(&parts)));
    }
    sentences.extend(disagreement(view));
    let chosen: Vec<String> = turning(view, |it| !it.choice_turns.is_empty());
    if let Some(best) = &view.best {
        let best = plain(best);
        sentences.push(match &chosen[..] {
            _ if !view.best_is_sure => format!(
                "Whether {best} or another loses the fewest site-hours cannot be told even as things are."
            ),
            [] => format!(
                "{best} loses the fewest site-hours at both ends of each doubt that can be simulated."
            ),
            some => format!(
                "That {best} loses the fewest site-hours depends on {}.",
                listed(some)
            ),
        });
    }
    let idle = view.entries.iter().filter(|it| it.no_effect).count();
    if idle > 0 {
        let have = if idle == 1 { "has" } else { "have" };
        sentences.push(format!("{} of the guesses {have} no effect.", count(idle as u64)));
    }
    asked.scenario.incident.kind.tell(&sentences.join(" "))
}

fn turning(view: &LedgerView, is: impl Fn(&EntryView) -> bool) -> Vec<String> {
    view.entries.iter().filter(|it| is(it)).map(|it| plain(&it.address)).collect()
}

/// On how many guesses the verdict rests.
fn verdict(asked: &LedgerAsked<'_>, view: &LedgerView) -> String {
    let strategy = plain(&view.strategy);
    if view.entries.is_empty() {
        return "Nothing in the scenario says that it is a guess or fitted, so nothing is in doubt: add \
                `source = \"guess\"` to the tables that are."
            .to_owned();
    }
    let (Some(verdict), Some(promise)) = (&view.verdict, &view.promise) else {
        return match asked.no_promise {
            Some(why) => format!("There is no verdict to turn: {why}."),
            None => format!("There is no promise to judge under {strategy}."),
        };
    };
    let is = format!("{promise} is {} under {strategy}", verdict_words(verdict.verdict));
    if verdict.verdict == Verdict::Undecided {
        let is = format!("whether {promise} is kept under {strategy} cannot be told");
        return format!("As things are, {is} ({}), so nothing can turn it.", verdict.of());
    }
    let turning = turning(view, |it| !it.verdict_turns.is_empty());
    match &turning[..] {
        [] => {
            let known =
                |it: &&EntryView| it.low.impossible.is_none() && it.high.impossible.is_none();
            let half = view.entries.len() - view.entries.iter().filter(known).count();
            let but = match half {
                0 => String::new(),
                half => format!("; of {} an end makes no valid scenario", count(half as u64)),
            };
            format!("That {is} holds at both ends of the doubt of each guess, one at a time{but}.")
        }
        [one] => format!("That {is} rests on one guess: {one}, which {}.", turns(view, one)),
        some => format!(
            "That {is} rests on {} guesses: {}.",
            count(some.len() as u64),
            listed(
                &some.iter().map(|it| format!("{it} ({})", turns(view, it))).collect::<Vec<_>>()
            )
        ),
    }
}

fn turns(view: &LedgerView, address: &str) -> String {
    let entry = view.entries.iter().find(|it| plain(&it.address) == address);
    let turns = entry.into_iter().flat_map(|it| &it.verdict_turns);
    turns.map(|it| it.text.clone()).collect::<Vec<_>>().join("; ")
}

/// The pair that is in another order one at a time than all at once.
fn disagreement(view: &LedgerView) -> Option<String> {
    let swing = |it: &EntryView| {
        let ends = [&it.low, &it.high].map(|end| end.difference.as_ref().and_then(|it| it.value));
        match ends {
            [Some(low), Some(high)] => (high - low).abs(),
            // It never comes there, which is as far as it can be.
            _ => f64::INFINITY,
        }
    };
    let alone = view.entries.iter().max_by(|a, b| swing(a).total_cmp(&swing(b)))?;
    let together = view.entries.first()?;
    let told = together.part.as_ref().is_some_and(|it| it.is_told);
    let differ = told
        && swing(alone).is_finite()
        && alone.address != together.address
        && swing(together) < 0.8 * swing(alone);
    differ.then(|| {
        format!(
            "One at a time {} moves it further than {}, all at once it is the other way round: they work \
             together with others.",
            plain(&alone.address),
            plain(&together.address)
        )
    })
}

pub(crate) fn notes(asked: &LedgerAsked<'_>, view: &LedgerView) -> Vec<String> {
    if view.entries.is_empty() {
        return Vec::new();
    }
    let n = count(asked.replications.into());
    let mut notes = vec![
        "Off by 2x: 9 times in 10 the value lies between half and twice what stands there (lognormal; \
             shares by their odds). Where nobody says `off_by`, that is 2x for a guess, 1.3x for what was \
             fitted, and nothing for what was measured or published."
            .to_owned(),
        format!(
            "The ends are {n} exercises each with everything else as it is, the same as now. Up to the \
             first number a verdict surely stays, from the second on it is surely another, at the \
             confidence of the policy and each look for itself; between them it cannot be told from {n} \
             exercises."
        ),
        format!(
            "The part of the doubt is from {} draws of all guesses at once (of {DRAWS}; {} make no valid \
             scenario), {EXERCISES_OF_A_DRAW} exercises each: how much of the variance of RTA p95 goes \
             with it by linear regression, with its standard error. Below two of these it cannot be told.",
            count(view.draws),
            count(view.impossible_draws),
        ),
    ];
    if let Some(explained) = view.explained {
        notes.push(format!(
            "All parts together are {}; the rest is the chance of single exercises, guesses that work \
             together, and what does not go up with a guess in a straight line.",
            share(explained.clamp(0.0, 1.0))
        ));
    }
    if view.best.is_some() {
        notes.push(
            "Worth knowing: site-hours saved in the mean if it were known before a strategy is chosen, \
             with its standard error."
                .to_owned(),
        );
    }
    notes
}
