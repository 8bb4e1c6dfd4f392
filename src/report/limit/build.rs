//! From a limit to its view.

use crate::ask::{Direction, Tested};
use crate::report::asked::{AskedView, KeptView, promise_words};
use crate::report::limit::question::{LimitAnswer, LimitAsked};
use crate::report::limit::sentences::{answer_sentence, frontier_sentence, notes};
use crate::report::limit::view::{LimitAnswerView, LimitView};
use crate::report::words::machine;

/// Everything that there is to say about one or several answers to the same question.
///
/// # Panics
/// When there is no answer.
#[must_use]
pub fn limit_view(asked: &LimitAsked<'_>, answers: &[LimitAnswer<'_>]) -> LimitView {
    let variable = answers[0].variable;
    let LimitAsked { scenario, promise, .. } = asked;
    let views: Vec<LimitAnswerView> = answers.iter().map(|it| answer(asked, it)).collect();
    let sentence = match asked.across {
        Some(across) => frontier_sentence(asked, across, &views),
        None => views[0].sentence.clone(),
    };
    LimitView {
        asked: AskedView::new(
            scenario,
            (asked.seed, asked.replications),
            asked.reproduce,
            sentence,
            notes(asked, variable),
        ),
        input: variable.name(),
        is_most: variable.direction == Direction::Most,
        strategy: scenario.strategies[asked.strategy].name.clone(),
        promise: promise_words(*promise, scenario),
        required: machine(promise.required(scenario)),
        confidence: machine(promise.confidence(scenario)),
        across: asked.across.map(str::to_owned),
        answers: views,
    }
}

fn answer(asked: &LimitAsked<'_>, answer: &LimitAnswer<'_>) -> LimitAnswerView {
    let LimitAnswer { variable, limit, .. } = answer;
    let value = |rung: u64| variable.value(rung).to_string();
    let of = (asked.promise.required(asked.scenario), asked.promise.confidence(asked.scenario));
    let tested = |it: &Tested| KeptView::tested(value(it.rung), asked.seed, it, of);
    let mut fresh: Vec<KeptView> =
        limit.certificates.iter().map(|(rung, it)| KeptView::certified(value(*rung), it)).collect();
    let certificate = limit.rung.and_then(|_| fresh.pop());
    let mut view = LimitAnswerView {
        across: answer.across.map(str::to_owned),
        limit: limit.rung.map(value),
        limit_number: limit.rung.map(|it| machine(variable.value(it).number())),
        is_end: limit.rung == Some(variable.rungs() - 1),
        certificate,
        refused: fresh,
        beyond: limit
            .beyond
            .iter()
            .map(|(rung, it)| KeptView::certified(value(*rung), it))
            .collect(),
        expected: limit
            .expected
            .as_ref()
            .zip(asked.expected)
            .map(|(it, value)| KeptView::certified(value.to_owned(), it)),
        again: limit.found.again.iter().map(|it| value(*it)).collect(),
        tested: limit.found.tested.iter().map(tested).collect(),
        sentence: String::new(),
    };
    view.sentence = answer_sentence(asked, variable, &view);
    view
}
