//! The sentences of advice.

use crate::ask::{Advice, MOST_CERTIFICATES};
use crate::report::advise::question::AdviceAsked;
use crate::report::advise::view::{AdviceView, CombinationView};
use crate::report::asked::{promise_words, sure};
use crate::report::words::{amount, chosen_share, count, plain, share};
use crate::verdict::Verdict;

/// What to do, and how sure that is.
pub(crate) fn sentence(asked: &AdviceAsked<'_>, view: &AdviceView) -> String {
    let strategy = plain(&view.strategy);
    let promise = promise_words(asked.promise, asked.scenario);
    let Some(answer) = &view.answer else { return none(asked, view, (&strategy, &promise)) };
    let it = answer.certificate.as_ref().expect("an answer is certified");
    let mut text = format!(
        "The cheapest combination found that keeps {promise} under {strategy} costs {}: {}. {} fresh \
         exercises keep it, so at least {} of all do ({} sure), and {} are asked for.",
        amount(answer.cost),
        called(view, answer),
        it.of(),
        share(it.low),
        sure(it.confidence),
        chosen_share(it.required),
    );
    let cheaper = |it: &&CombinationView| it.cost < answer.cost;
    let of = |verdict| {
        view.tried.iter().filter(cheaper).filter(|it| it.search.verdict == verdict).count() as u64
    };
    let refused = view.tried.iter().filter(cheaper);
    let refused = refused.filter(|it| it.certificate.is_some()).count() as u64;
    let [broken, open] = [of(Verdict::Missed), of(Verdict::Undecided)];
    text += &match broken + open + refused {
        0 => " Nothing that costs less was there to try.".to_owned(),
        _ => format!(
            " Of those that cost less and were simulated, {} broke it in the search, of {} it could not be \
             told, and {} were not certified by fresh exercises.",
            count(broken),
            count(open),
            count(refused)
        ),
    };
    asked.scenario.incident.kind.tell(&text)
}

fn none(asked: &AdviceAsked<'_>, view: &AdviceView, (strategy, promise): (&str, &str)) -> String {
    let refused = view.tried.iter().filter(|it| it.certificate.is_some()).count();
    let text = match refused {
        0 => format!(
            "No combination of these levers was found that keeps {promise} under {strategy}: {} of {} \
             were simulated.",
            count(view.tried.len() as u64),
            count(view.combinations)
        ),
        refused => format!(
            "No combination of these levers could be certified to keep {promise} under {strategy}: \
             fresh exercises did not certify the {} that looked sound.",
            count(refused as u64)
        ),
    };
    asked.scenario.incident.kind.tell(&text)
}

fn called(view: &AdviceView, combination: &CombinationView) -> String {
    let each = view.levers.iter().zip(&combination.values);
    let each: Vec<String> =
        each.map(|(lever, value)| format!("{} = {}", plain(lever), plain(value))).collect();
    each.join(", ")
}

pub(crate) fn notes(asked: &AdviceAsked<'_>, advice: &Advice) -> Vec<String> {
    let n = count(asked.replications.into());
    let tried = advice.tried.len() as u64;
    let mut notes = vec![format!(
        "Of {} combinations {} simulated: the cheapest first and, once one has broken the promise, lever \
         by lever with all others as dear as can be.",
        count(advice.combinations),
        were(tried),
    )];
    if advice.left > 0 {
        notes.push(match advice.answer {
            Some(_) => format!("{} not simulated, as they cannot cost less.", were(advice.left)),
            None => format!(
                "{} left untried when {MOST_CERTIFICATES} certificates had not held.",
                were(advice.left)
            ),
        });
    }
    if advice.ruled_out > 0 {
        notes.push(format!(
            "{} not simulated, as every lever of theirs is as in one that breaks the promise, or cheaper. \
             More is not always better (Graham's anomalies), so one of them might keep it all the same.",
            were(advice.ruled_out)
        ));
    }
    notes.push(format!(
        "The search looks at 50, 100, 200 and so on up to {n} exercises, all with seed {}, and promises \
         nothing. A certificate is {n} fresh exercises; there are at most {MOST_CERTIFICATES}, and each \
         spends half of the error that is left, so that all together err no more often than the promise \
         allows.",
        asked.seed
    ));
    if asked.levers.iter().any(|it| it.lever.cost.is_some_and(|it| it.each_hour > 0.0)) {
        notes.push(
            "What a lever costs by the hour is counted to the hour at which the last site is back, in the \
             mean of the exercises that the search has seen."
                .to_owned(),
        );
    }
    notes.push("All of it holds in this model; error in its inputs comes on top.".to_owned());
    notes
}

/// "12 were", "1 was"
fn were(number: u64) -> String {
    format!("{} {}", count(number), if number == 1 { "was" } else { "were" })
}
