//! From advice to its view.

use crate::ask::{Advice, Tried, sets_of};
use crate::report::advise::question::AdviceAsked;
use crate::report::advise::sentences::{notes, sentence};
use crate::report::advise::view::{AdviceView, CombinationView};
use crate::report::asked::{AskedView, KeptView, promise_words};
use crate::report::words::machine;

/// Everything that there is to say about advice.
#[must_use]
pub fn advice_view(asked: &AdviceAsked<'_>, advice: &Advice) -> AdviceView {
    let AdviceAsked { scenario, promise, .. } = asked;
    let tried: Vec<CombinationView> =
        advice.tried.iter().map(|it| combination(asked, it)).collect();
    let mut view = AdviceView {
        asked: AskedView::new(
            scenario,
            (asked.seed, asked.replications),
            asked.reproduce,
            String::new(),
            notes(asked, advice),
        ),
        levers: asked.levers.iter().map(|it| it.lever.name.clone()).collect(),
        strategy: scenario.strategies[asked.strategy].name.clone(),
        promise: promise_words(*promise, scenario),
        required: machine(promise.required(scenario)),
        confidence: machine(promise.confidence(scenario)),
        answer: advice.answer.map(|it| tried[it].clone()),
        tried,
        combinations: advice.combinations,
        ruled_out: advice.ruled_out,
        left: advice.left,
    };
    view.asked.sentence = sentence(asked, &view);
    view
}

fn combination(asked: &AdviceAsked<'_>, tried: &Tried) -> CombinationView {
    let each = asked.levers.iter().zip(&tried.settings);
    let values: Vec<String> =
        each.map(|(it, setting)| it.lever.value(*setting).to_owned()).collect();
    let of = (asked.promise.required(asked.scenario), asked.promise.confidence(asked.scenario));
    let whole = values.join(", ");
    CombinationView {
        overrides: sets_of(asked.levers, &tried.settings).iter().map(ToString::to_string).collect(),
        cost: machine(tried.cost),
        search: KeptView::new(whole.clone(), asked.seed, &tried.judgement, of),
        certificate: tried.certificate.as_ref().map(|it| KeptView::certified(whole, it)),
        values,
    }
}
