//! Where the inputs come from, and how much hinges on each.

use crate::report::run::view::{AssumptionsView, GuessView, InputView, PartView, StrategyView};
use crate::report::words::{count, listed, plain, share};
use crate::review::CauseKind;
use crate::scenario::{Address, Assumption, Scenario};

/// The order in which sources are listed: what is known least comes first.
const SOURCES: [&str; 4] = ["guess", "fitted", "published", "measured"];

/// Where the inputs of a scenario come from.
pub(crate) fn assumptions(scenario: &Scenario, strategies: &[StrategyView]) -> AssumptionsView {
    let all = &scenario.assumptions;
    let of = |source: &str| all.iter().filter(|it| it.source == source).count() as u64;
    let (measured, published) = (of("measured"), of("published"));
    let (fitted, guess) = (of("fitted"), of("guess"));
    let guesses = all
        .iter()
        .filter(|it| it.source == "guess")
        .map(|it| GuessView { path: it.address.to_string(), note: it.note.clone() });
    let sentence = if all.is_empty() {
        "The scenario does not say where its values come from.".to_owned()
    } else {
        let kinds = [
            (measured, "measured"),
            (published, "published"),
            (fitted, "fitted"),
            (guess, "guessed"),
        ];
        format!("Of the tables that say where their values come from, {}.", tally(kinds))
    };
    AssumptionsView {
        sentence,
        measured,
        published,
        fitted,
        guess,
        guesses: guesses.collect(),
        inputs: inputs(scenario, strategies),
    }
}

/// "16 are published, 15 fitted and 29 guessed": the kinds of which there is one.
fn tally(kinds: [(u64, &str); 4]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (number, kind) in kinds.into_iter().filter(|it| it.0 > 0) {
        let verb = match (parts.is_empty(), number) {
            (true, 1) => "is ",
            (true, _) => "are ",
            (false, _) => "",
        };
        parts.push(format!("{} {verb}{kind}", count(number)));
    }
    if parts.is_empty() { "none has a known kind".to_owned() } else { listed(&parts) }
}

fn inputs(scenario: &Scenario, strategies: &[StrategyView]) -> Vec<InputView> {
    let mut inputs: Vec<InputView> =
        scenario.assumptions.iter().map(|it| input(scenario, strategies, it)).collect();
    let rank = |it: &InputView| SOURCES.iter().position(|source| *source == it.source);
    // What cannot be told comes last, in the order of the file.
    inputs.sort_by(|a, b| {
        let weight = |it: &InputView| it.share.unwrap_or(-1.0);
        rank(a).cmp(&rank(b)).then(weight(b).total_cmp(&weight(a)))
    });
    inputs
}

fn input(scenario: &Scenario, strategies: &[StrategyView], assumption: &Assumption) -> InputView {
    let shares = strategies.iter().filter_map(|strategy| {
        let parts = &strategy.bottlenecks.as_ref()?.parts;
        Some((share_of(scenario, strategy, parts, &assumption.address)?, &strategy.name))
    });
    // The first of those on which it has the same share.
    let most = shares.reduce(|most, other| if other.0 > most.0 { other } else { most });
    InputView {
        path: assumption.address.to_string(),
        source: assumption.source.clone(),
        note: assumption.note.clone(),
        share: most.map(|it| it.0),
        hinges: match most {
            None => String::new(),
            Some((most, _)) if most < 0.0005 => "nothing seen".to_owned(),
            Some((most, strategy)) => format!("{} under {}", share(most), plain(strategy)),
        },
    }
}

/// The share of a table in the recovery time of the site at 95 %: of a step or a runbook its work,
/// of a team its work or what waited for it, of a limit what waited for it.
fn share_of(
    scenario: &Scenario,
    strategy: &StrategyView,
    parts: &[PartView],
    address: &Address,
) -> Option<f64> {
    let sum = |is: &dyn Fn(&PartView) -> bool| -> f64 {
        parts.iter().filter(|it| is(it)).filter_map(|it| it.share.value).sum()
    };
    let names = address.names();
    match names[..] {
        ["runbooks", runbook, ..] => {
            let id = scenario.strategy(&strategy.name)?;
            let tracks = &scenario.strategies[id].tracks;
            let of_book = |name: &str| {
                let track = tracks.iter().find(|it| it.name == name);
                track.is_some_and(|it| scenario.runbooks[it.runbook].name == runbook)
            };
            let step = (names.get(2) == Some(&"steps")).then(|| names.get(3)).flatten();
            Some(sum(&|it| {
                it.kind == CauseKind::Step
                    && of_book(&it.track)
                    && step.is_none_or(|step| it.name == **step)
            }))
        }
        ["teams", team, ..] => {
            let works = sum(&|part| {
                part.kind == CauseKind::Crew && part.name.split('+').any(|it| it == team)
            });
            Some(works.max(sum(&|it| it.kind == CauseKind::TeamBound && it.name == team)))
        }
        ["limits", limit, ..] => {
            Some(sum(&|it| it.kind == CauseKind::LimitBound && it.name == limit))
        }
        _ => None,
    }
}
