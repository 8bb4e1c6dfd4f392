//! The sentences on how far an input can go.

use crate::ask::{Direction, Variable};
use crate::report::asked::{KeptView, promise_words, sure};
use crate::report::limit::question::LimitAsked;
use crate::report::limit::view::LimitAnswerView;
use crate::report::words::{chosen_share, count, listed, plain, share};
use crate::verdict::Verdict;

/// The value with what it counts: `35 sites deleted`, or `teams.database.people = 3`.
fn counted(asked: &LimitAsked<'_>, variable: &Variable, value: &str) -> String {
    match (asked.counts_sites, value) {
        (false, _) => format!("{} = {}", plain(&variable.name()), plain(value)),
        (true, "1") => "1 site deleted".to_owned(),
        (true, _) => format!("{} sites deleted", plain(value)),
    }
}

/// How far it can go, and what lies beyond.
pub(crate) fn answer_sentence(
    asked: &LimitAsked<'_>,
    variable: &Variable,
    view: &LimitAnswerView,
) -> String {
    let strategy = plain(&asked.scenario.strategies[asked.strategy].name);
    let promise = promise_words(asked.promise, asked.scenario);
    let mut sentences = Vec::new();
    match (&view.limit, &view.certificate) {
        (Some(limit), Some(it)) => {
            let far = match variable.direction {
                Direction::Most => "up to",
                Direction::Least => "down to",
            };
            sentences.push(format!(
                "Under {strategy}, {promise} is kept {far} {}: {} fresh exercises keep it there, so at \
                 least {} of all do ({} sure), and {} are asked for.",
                counted(asked, variable, limit),
                it.of(),
                share(it.low),
                sure(it.confidence),
                chosen_share(it.required),
            ));
        }
        _ => sentences.push(none(asked, variable, view, (&strategy, &promise))),
    }
    if view.is_end {
        sentences.push("That is the last value that was asked about.".to_owned());
    }
    sentences.extend(view.beyond.iter().map(|it| beyond(asked, variable, it)));
    if !view.again.is_empty() {
        let again: Vec<String> = view.again.iter().map(|it| plain(it)).collect();
        sentences.push(format!(
            "It goes back and forth: the search has seen it kept again at {}.",
            listed(&again)
        ));
    }
    asked.scenario.incident.kind.tell(&sentences.join(" "))
}

fn none(
    asked: &LimitAsked<'_>,
    variable: &Variable,
    view: &LimitAnswerView,
    (strategy, promise): (&str, &str),
) -> String {
    let first = counted(asked, variable, &variable.value(0).to_string());
    match view.refused.last() {
        None => format!("Under {strategy}, {promise} is not surely kept even with {first}."),
        Some(last) => format!(
            "Under {strategy}, no value could be certified at which {promise} is kept: fresh exercises \
             did not certify {} in the end ({} keep it).",
            counted(asked, variable, &last.value),
            last.of()
        ),
    }
}

fn beyond(asked: &LimitAsked<'_>, variable: &Variable, seen: &KeptView) -> String {
    let at = counted(asked, variable, &seen.value);
    match seen.verdict {
        Verdict::Met => format!(
            "With {at} it is kept in {} of the same exercises, which no certificate stands for.",
            seen.of()
        ),
        Verdict::Undecided => format!("With {at} it cannot be told ({}).", seen.of()),
        Verdict::Missed => format!("With {at} it is broken ({} keep it).", seen.of()),
    }
}

/// What the curve says.
pub(crate) fn frontier_sentence(
    asked: &LimitAsked<'_>,
    across: &str,
    views: &[LimitAnswerView],
) -> String {
    let strategy = plain(&asked.scenario.strategies[asked.strategy].name);
    let promise = promise_words(asked.promise, asked.scenario);
    let certified = views.iter().filter(|it| it.limit.is_some()).count();
    format!(
        "How far one input can go under {strategy} with {promise} kept, at {} values of {}: certified at \
         {}.",
        count(views.len() as u64),
        plain(across),
        count(certified as u64),
    )
}

pub(crate) fn notes(asked: &LimitAsked<'_>, variable: &Variable) -> Vec<String> {
    let n = count(asked.replications.into());
    let harder = match variable.direction {
        Direction::Most => "larger",
        Direction::Least => "smaller",
    };
    vec![
        format!(
            "The search looks at 50, 100, 200 and so on up to {n} exercises of a value, all with seed {}, \
             and stops where that decides; it promises nothing. The limit is the last value at which the \
             promise is kept, as it is at every easier one that was tested.",
            asked.seed
        ),
        format!(
            "A certificate is {n} fresh exercises. One that does not hold is followed by another, and \
             each spends half of the error that is left, so that all of them together err no more often \
             than the promise allows{}. Values beyond are each judged for themselves.",
            match asked.across {
                Some(_) => ", for each value of the other input by itself",
                None => "",
            }
        ),
        format!(
            "That {harder} values are harder is likely, and no law (Graham's anomalies): values between \
             those that were tested may differ."
        ),
        "All of it holds in this model; error in its inputs comes on top.".to_owned(),
    ]
}
