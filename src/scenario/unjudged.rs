//! What cannot be judged because nothing says how much data is lost: where no step of a strategy has
//! a restore point, that is not known, and neither met nor missed.

use crate::diagnostics::{Code, Span};
use crate::ids::{IdVec, RunbookId, StrategyId};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::Runbook;
use crate::scenario::strategy::Strategy;
use crate::scenario::{Budget, Needs};
use crate::spec::{Level, Located, PolicySpec, Spec};

const HELP: &str = "add a `restore_point` to the step that brings data back, such as \
                    `{ latest = true }` with a `for_each` over services";

/// Warns of objectives and budgets about lost data that are not judged under some strategy.
pub(crate) fn check(
    spec: &Spec,
    budgets: &[Budget],
    strategies: &IdVec<StrategyId, Strategy>,
    runbooks: &IdVec<RunbookId, Runbook>,
    resolver: &mut Resolver<'_>,
) {
    let silent: Vec<(StrategyId, &str)> = strategies
        .enumerate()
        .filter(|(_, it)| !it.runbooks(runbooks).any(Runbook::says_data_loss))
        .map(|(id, it)| (id, it.name.as_str()))
        .collect();
    let mut warn = |span: Span, names: &[&str], what: &str| {
        if names.is_empty() {
            return;
        }
        let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
        let message = format!(
            "no step of {} says to which moment data comes back, so {what} is not judged",
            names.join(" or ")
        );
        resolver.diagnostics.warning(Code::Suspicious, span, message).help(HELP);
    };
    let objective = spec.policy.as_ref().and_then(first_objective);
    if let Some(span) = objective {
        let names: Vec<&str> = silent.iter().map(|it| it.1).collect();
        warn(span, &names, "the RPO");
    }
    // Of a policy that is warned of, its share of sites is no second thing to mend.
    let is_about = |it: &Budget| match it.metric.figure.definition().needs {
        Needs::RestorePoint => true,
        Needs::Rpo => objective.is_none(),
        _ => false,
    };
    for (spec, budget) in spec.budgets.iter().zip(budgets).filter(|it| is_about(it.1)) {
        let meant = |id: StrategyId| budget.strategy.is_none_or(|it| it == id);
        let names = silent.iter().filter(|it| meant(it.0)).map(|it| it.1);
        let names: Vec<&str> = names.filter(|_| budget.level != Level::Off).collect();
        let span = spec.metric.as_ref().map_or(spec.span, |it| it.span);
        warn(span, &names, &format!("`{}`", budget.metric.figure.id()));
    }
}

/// Where the first recovery point objective is written.
fn first_objective(policy: &Located<PolicySpec>) -> Option<Span> {
    let tiers = policy.tiers.iter().filter_map(|(_, it)| it.rpo.as_ref());
    policy.rpo.as_ref().into_iter().chain(tiers).map(|it| it.span).next()
}
