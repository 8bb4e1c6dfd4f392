//! The sentences of a sweep.

use std::collections::BTreeMap;

use crate::ask::Sweep;
use crate::report::asked::sure;
use crate::report::sweep::question::SweepAsked;
use crate::report::sweep::view::{SweepCellView, SweepLeverView, SweepView};
use crate::report::words::{amount, count, length, listed, plain};
use crate::units::SimDuration;
use crate::verdict::Verdict;

/// Which combinations stand out.
pub(crate) fn sentence(asked: &SweepAsked<'_>, view: &SweepView) -> String {
    let several = asked.scenario.strategies.len() > 1;
    let name = |cell: &SweepCellView| {
        let under =
            if several { format!(" under {}", plain(&cell.strategy)) } else { String::new() };
        format!("{}{under}", called(&view.levers, cell))
    };
    let time = |cell: &SweepCellView| cell.rta_p95.value.unwrap_or(f64::INFINITY);
    let in_race = || view.cells.iter().filter(|it| it.dropped_after.is_none());
    let fewest = in_race().map(|it| it.rta_p95.never).min().unwrap_or(0);
    let shortest = in_race()
        .filter(|it| it.rta_p95.never == fewest && it.rta_p95.value.is_some())
        .min_by(|a, b| time(a).total_cmp(&time(b)));
    let mut sentences = Vec::new();
    match shortest {
        None => sentences.push("No combination brings 95% of the sites back.".to_owned()),
        Some(cell) => {
            let time = length(SimDuration::from_seconds(time(cell)));
            let of = count(view.cells.len() as u64);
            let kept = in_race().count();
            sentences.push(match view.is_race {
                true if kept > 1 => format!(
                    "{} of {of} cells are left in the race; the shortest RTA p95 of them, {time}, has {}.",
                    count(kept as u64),
                    name(cell)
                ),
                _ => format!("Of {of} cells, the shortest RTA p95, {time}, has {}.", name(cell)),
            });
        }
    }
    sentences.extend(policy(view, &name));
    sentences.extend(idle(view));
    asked.scenario.incident.kind.tell(&sentences.join(" "))
}

/// The levers whose values all come to the same, whatever the others are.
fn idle(view: &SweepView) -> Option<String> {
    if view.is_race {
        return None;
    }
    let idle = (0..view.levers.len()).filter(|it| changes_nothing(view, *it));
    let idle: Vec<String> = idle.map(|it| plain(&view.levers[it].name)).collect();
    match &idle[..] {
        [] => None,
        [one] => Some(format!("{one} has no effect: nothing waits for it.")),
        some => Some(format!("{} have no effect: nothing waits for them.", listed(some))),
    }
}

/// Whether cells that differ in this lever alone come to the same.
fn changes_nothing(view: &SweepView, lever: usize) -> bool {
    let others = |cell: &SweepCellView| {
        let mut others = cell.values.clone();
        others.remove(lever);
        (others, cell.strategy.clone())
    };
    let comes_to = |cell: &SweepCellView| {
        let kept = cell.policy.as_ref().map(|it| it.kept);
        (cell.rta_p95.clone(), cell.person_hours.clone(), kept)
    };
    let first = view.cells.first().map(|it| &it.values[lever]);
    let several = view.cells.iter().any(|it| Some(&it.values[lever]) != first);
    let mut firsts: BTreeMap<_, &SweepCellView> = BTreeMap::new();
    several
        && view.cells.iter().all(|cell| {
            let first = *firsts.entry(others(cell)).or_insert(cell);
            comes_to(first) == comes_to(cell)
        })
}

/// How many keep the policy, and the cheapest of them.
fn policy(view: &SweepView, name: &dyn Fn(&SweepCellView) -> String) -> Option<String> {
    let judged = view.cells.iter().filter_map(|it| Some((it, it.policy.as_ref()?)));
    let of = |verdict| judged.clone().filter(|it| it.1.verdict == verdict).count() as u64;
    let [kept, open, broken] = [Verdict::Met, Verdict::Undecided, Verdict::Missed].map(of);
    if kept + open + broken == 0 {
        return None;
    }
    let mut text = format!(
        "Kept is the policy in {}, broken in {}, and of {} it cannot be told.",
        count(kept),
        count(broken),
        count(open)
    );
    let met = judged.filter(|it| it.1.verdict == Verdict::Met).map(|it| it.0);
    let priced = met.filter_map(|it| Some((it, it.cost?)));
    if let Some((cell, cost)) = priced.min_by(|a, b| a.1.total_cmp(&b.1)) {
        text += &format!(
            " The cheapest that keeps it, for {}, has {}; `advise` certifies such a choice.",
            amount(cost),
            name(cell)
        );
    }
    Some(text)
}

pub(crate) fn notes(asked: &SweepAsked<'_>, sweep: &Sweep) -> Vec<String> {
    let n = count(asked.replications.into());
    let mut notes = vec![match asked.race {
        Some(margin) => format!(
            "Cells run side by side on the same exercises, at most {n}; whoever surely lies above another \
             in mean RTA p95 is dropped (Kim and Nelson 2001, 95%). Differences of less than {} do not \
             count: one that is so little better may be dropped, and those that are left are equal so far, \
             or more exercises are needed to tell them apart.",
            length(SimDuration::from_millis(margin.round() as u64))
        ),
        None => format!(
            "Every cell has gone through the same {n} exercises. Differences are to the scenario as it \
             is, exercise by exercise; their intervals hold for all {} cells at once with 95%, each with \
             {}.",
            count(sweep.cells.len() as u64),
            sure(sweep.pair_confidence)
        ),
    }];
    if asked.scenario.policy.is_some() {
        notes.push(
            "Whether the policy is kept is judged for each cell by itself, and the best of many looks \
             better than it is: on fresh exercises it would be a little worse."
                .to_owned(),
        );
    }
    notes.push("All of it holds in this model; error in its inputs comes on top.".to_owned());
    notes
}

/// What a combination is called: `teams.database.people = 4, tracks = 8`.
fn called(levers: &[SweepLeverView], cell: &SweepCellView) -> String {
    let each = levers.iter().zip(&cell.values);
    let each: Vec<String> =
        each.map(|(lever, value)| format!("{} = {}", plain(&lever.name), plain(value))).collect();
    each.join(", ")
}
