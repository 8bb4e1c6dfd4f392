//! From a ledger to its view.

use crate::ask::{Doubt, End, Entry, Ledger, Part, Turn};
use crate::report::asked::{AskedView, KeptView, promise_words};
use crate::report::differences::{directed, is_nothing};
use crate::report::figures::{self, unit};
use crate::report::ledger::question::LedgerAsked;
use crate::report::ledger::sentences::{notes, sentence, turn_short, turn_text};
use crate::report::ledger::view::{EntryView, LedgerEndView, LedgerTurnView, LedgerView, PartView};
use crate::report::words::{Scale, amount, machine, share};
use crate::scenario::Figure;
use crate::stats::Interval;
use crate::units::{MILLIS_PER_HOUR, MILLIS_PER_SECOND};

/// Everything that there is to say about a ledger.
#[must_use]
pub fn ledger_view(asked: &LedgerAsked<'_>, ledger: &Ledger) -> LedgerView {
    let mut entries: Vec<EntryView> =
        ledger.entries.iter().map(|it| entry_view(asked, it)).collect();
    // Of equal parts the first address comes first, whatever the order of the file.
    let weight = |it: &EntryView| it.part.as_ref().map_or(0.0, |it| it.value);
    entries.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let together = &ledger.together;
    let mut view = LedgerView {
        asked: AskedView::new(
            asked.scenario,
            (asked.seed, asked.replications),
            asked.reproduce,
            String::new(),
            Vec::new(),
        ),
        strategy: asked.name(asked.strategies[0]),
        promise: asked.promise.map(|it| promise_words(it, asked.scenario)),
        verdict: ledger
            .verdict
            .map(|it| KeptView::new("as it is".to_owned(), asked.seed, &it, asked.of())),
        best: (asked.strategies.len() > 1).then(|| asked.name(ledger.best)),
        best_is_sure: ledger.best_is_sure,
        entries,
        draws: together.draws as u64,
        impossible_draws: together.impossible as u64,
        mean_s: machine(together.mean / MILLIS_PER_SECOND),
        deviation_s: machine(together.deviation / MILLIS_PER_SECOND),
        explained: together.explained.map(machine),
    };
    view.asked.sentence = sentence(asked, &view);
    view.asked.notes = notes(asked, &view);
    view
}

fn entry_view(asked: &LedgerAsked<'_>, entry: &Entry) -> EntryView {
    let doubt = &entry.doubt;
    let [low, high] = [0, 1].map(|side| end_view(asked, doubt, &entry.ends[side]));
    let turns = |of: &[Option<Turn>; 2]| -> Vec<LedgerTurnView> {
        let sides = [false, true].into_iter().zip(of);
        sides.filter_map(|(up, it)| Some(turn_view(doubt, up, it.as_ref()?))).collect()
    };
    let hours =
        |it: Part| Part { value: it.value / MILLIS_PER_HOUR, error: it.error / MILLIS_PER_HOUR };
    let mut view = EntryView {
        address: doubt.address.to_string(),
        source: doubt.source.clone(),
        off_by: machine(doubt.off_by),
        no_effect: entry.has_no_effect(),
        low,
        high,
        verdict_turns: turns(&entry.verdict_turns),
        choice_turns: turns(&entry.choice_turns),
        choice_is_open: entry.choice_is_open,
        part: entry.part.map(part_view),
        worth: entry.worth.map(|it| part_view(hours(it))),
        texts: Vec::new(),
    };
    view.texts = texts(entry, &view);
    view
}

fn end_view(asked: &LedgerAsked<'_>, doubt: &Doubt, end: &End) -> LedgerEndView {
    let (seconds, per) = unit(Figure::RtaP95.kind());
    let set = doubt.set(end.deviations).to_string();
    LedgerEndView {
        impossible: end.impossible.clone(),
        verdict: end.verdict.map(|it| KeptView::new(set.clone(), asked.seed, &it, asked.of())),
        difference: end.difference.map(|it| figures::difference("rta_p95", seconds, &it, per)),
        best: end.best.map(|it| asked.name(it)),
        set,
    }
}

fn turn_view(doubt: &Doubt, up: bool, turn: &Turn) -> LedgerTurnView {
    let factor = |it: f64| machine(doubt.factor(it));
    let (stays, turned) = (factor(turn.stays), turn.turned.map(factor));
    LedgerTurnView { up, stays, turned, text: turn_text(up, stays, turned) }
}

fn part_view(part: Part) -> PartView {
    PartView {
        value: machine(part.value),
        error: part.error.is_finite().then(|| machine(part.error)),
        is_told: part.is_told(),
    }
}

/// Off by, low end, high end, part, verdict, choice, worth.
fn texts(entry: &Entry, view: &EntryView) -> Vec<String> {
    let off_by = format!("{}x", amount(entry.doubt.off_by));
    if view.no_effect {
        let nothing = "no effect".to_owned();
        let mut texts = vec![off_by, nothing.clone(), nothing];
        texts.extend(["-", "-", "-", "-"].map(str::to_owned));
        return texts;
    }
    let [low, high] = [0, 1].map(|side| end_text(&entry.ends[side]));
    let part = match &view.part {
        None => "-".to_owned(),
        Some(it) if !it.is_told => "cannot be told".to_owned(),
        Some(it) => format!("{} +- {}", share(it.value), share(it.error.unwrap_or(0.0))),
    };
    let half_known = entry.ends.iter().any(|it| it.impossible.is_some());
    let turns = |of: &[LedgerTurnView]| match of {
        [] if half_known => "one end unknown".to_owned(),
        [] => "stays".to_owned(),
        some => {
            some.iter().map(|it| turn_short(it.stays, it.turned)).collect::<Vec<_>>().join(", ")
        }
    };
    let choice = match (view.choice_is_open, &view.choice_turns[..]) {
        (true, []) => "open now".to_owned(),
        (_, some) => turns(some),
    };
    let worth = match &view.worth {
        None => "-".to_owned(),
        Some(it) if !it.is_told => "cannot be told".to_owned(),
        Some(it) => {
            let error = it.error.map_or_else(String::new, |it| format!(" +- {}", amount(it)));
            format!("{}{error} site-hours", amount(it.value))
        }
    };
    vec![off_by, low, high, part, turns(&view.verdict_turns), choice, worth]
}

/// "2.1 h less"
fn end_text(end: &End) -> String {
    if end.impossible.is_some() {
        return "impossible".to_owned();
    }
    let estimate = end.difference.and_then(|it| it.estimate);
    let Some(estimate) = estimate else { return "never comes".to_owned() };
    if is_nothing(&estimate) {
        return "the same".to_owned();
    }
    let ends = estimate.interval.unwrap_or(Interval { low: estimate.mean, high: estimate.mean });
    if ends.low < 0.0 && ends.high > 0.0 {
        return "cannot be told".to_owned();
    }
    let scale = Scale::of_times(&[estimate.mean, ends.low, ends.high]);
    directed(estimate.mean, scale.by_error((ends.high - ends.low) / 4.0), ["less", "more"])
}
