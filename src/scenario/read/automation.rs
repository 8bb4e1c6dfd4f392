//! `automated_after` of a step.

use crate::diagnostics::{Code, Diagnostics};
use crate::ids::{IdVec, RunbookId, StrategyId, TeamId};
use crate::scenario::automation::{AutomatedAfter, Automation, StepElsewhere};
use crate::scenario::read::moment::Moments;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::Runbook;
use crate::scenario::strategy::Strategy;
use crate::spec::{AutomationSpec, Located, StepSpec};

pub(crate) fn resolve(
    step: &Located<StepSpec>,
    teams: &[(TeamId, u32)],
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<Automation> {
    let spec = step.automated_after.as_ref()?;
    if let (Some(it), Some(_)) = (&spec.factor, &step.transfer) {
        resolver
            .error(Code::ConflictingKeys, it.span, "automation makes no transfer shorter")
            .help("leave out `factor`; bandwidth says how long a transfer takes");
    }
    let people = spec.people.as_ref().and_then(|it| {
        let [(_, before)] = teams else {
            if !resolver.parsed.cut_any(&["team", "teams", "people"]) {
                resolver
                    .error(Code::ConflictingKeys, it.span, "`people` of which team?")
                    .help("a step with `team` and `people` can do with fewer of them");
            }
            return None;
        };
        resolver.whole(it, 0..=*before, "number of people who are left")
    });
    let after = after(spec, moments, resolver);
    Some(Automation { after: after?, factor: resolver.share_or(&spec.factor, 1.0), people })
}

pub(crate) fn after(
    spec: &Located<AutomationSpec>,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<AutomatedAfter> {
    match (&spec.milestone, &spec.step, &spec.runs) {
        (Some(name), None, None) => {
            moments.milestone(&name.value, name.span, resolver).map(AutomatedAfter::Milestone)
        }
        (None, Some(name), None) => {
            let Some((track, step)) = name.value.split_once('.') else {
                let message = format!("`{}` names no track", name.value);
                resolver
                    .error(Code::UnknownTrack, name.span, message)
                    .help("write \"track.step\": a `once` step of another track");
                return None;
            };
            let (track, step) = (track.to_owned(), step.to_owned());
            Some(AutomatedAfter::Step(StepElsewhere { span: name.span, track, step }))
        }
        (None, None, Some(runs)) => {
            resolver.whole(runs, 1..=1_000_000, "number of runs").map(AutomatedAfter::Runs)
        }
        (None, None, None) => {
            let keys = ["milestone", "step", "runs"];
            if !keys.iter().any(|key| resolver.parsed.was_cut(spec.span, key)) {
                resolver
                    .error(Code::MissingKey, spec.span, "automated after what?")
                    .help("add `milestone = \"...\"`, `step = \"track.step\"` or `runs = 20`");
            }
            None
        }
        _ => {
            resolver
                .error(Code::ConflictingKeys, spec.span, "automated after which of these?")
                .help("choose one of `milestone`, `step` and `runs`");
            None
        }
    }
}

/// Reports automation by a track that no strategy with the step has: nobody would ever build it.
pub(crate) fn check_tracks(
    runbooks: &IdVec<RunbookId, Runbook>,
    strategies: &IdVec<StrategyId, Strategy>,
    diagnostics: &mut Diagnostics,
) {
    for (id, runbook) in runbooks.enumerate() {
        let used = || {
            strategies.iter().filter(|strategy| strategy.tracks.iter().any(|it| it.runbook == id))
        };
        if used().next().is_none() {
            continue;
        }
        for step in runbook.steps.iter() {
            let Some(AutomatedAfter::Step(by)) = step.automation.as_ref().map(|it| &it.after)
            else {
                continue;
            };
            let tracks =
                || used().flat_map(|strategy| strategy.tracks.iter().map(|it| it.name.as_str()));
            if !tracks().any(|name| name == by.track) {
                let message = format!("no strategy has both this step and a track `{}`", by.track);
                let mut names: Vec<&str> = tracks().collect();
                names.sort_unstable();
                names.dedup();
                diagnostics
                    .error(Code::UnknownTrack, by.span, message)
                    .help_choose(&by.track, names);
            }
        }
    }
}
