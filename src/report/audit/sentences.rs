//! The sentence of an audit.

use crate::report::audit::view::AuditedStrategyView;
use crate::report::words::count;

pub(crate) fn sentence(strategies: &[AuditedStrategyView]) -> String {
    let sum = |of: fn(&AuditedStrategyView) -> u64| strategies.iter().map(of).sum::<u64>();
    let number = |number: u64, one: &str, more: &str| match number {
        1 => format!("1 {one}"),
        _ => format!("{} {more}", count(number)),
    };
    let exercises = number(sum(|it| it.exercises), "exercise", "exercises");
    let told = format!(
        "{exercises} of {} told again from the log",
        number(strategies.len() as u64, "strategy", "strategies")
    );
    let breaches = sum(|strategy| strategy.laws.iter().map(|it| it.breaches).sum());
    match (breaches, sum(|it| it.broken_in)) {
        (0, _) => format!("{told}: no law is broken"),
        (_, 0) => format!(
            "{told}: {}, of figures of all exercises together",
            number(breaches, "breach of a law", "breaches of laws")
        ),
        (_, broken) => format!(
            "{told}: {}, in {} of them",
            number(breaches, "breach of a law", "breaches of laws"),
            count(broken)
        ),
    }
}
