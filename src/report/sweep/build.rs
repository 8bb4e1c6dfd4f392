//! From a sweep to its view.

use crate::ask::{Cell, Chosen, Sweep};
use crate::compare::Paired;
use crate::measure::MeanEstimate;
use crate::report::asked::{AskedView, KeptView, verdict_words};
use crate::report::differences::{bracket, directed, in_all_of, is_nothing};
use crate::report::figures::{self, unit};
use crate::report::sweep::question::SweepAsked;
use crate::report::sweep::sentences::{notes, sentence};
use crate::report::sweep::view::{SweepCellView, SweepLeverView, SweepView};
use crate::report::words::{Scale, amount, count, interval_of_mean, machine};
use crate::scenario::{Figure, FigureOf};
use crate::stats::Interval;

/// Everything that there is to say about a sweep.
#[must_use]
pub fn sweep_view(asked: &SweepAsked<'_>, sweep: &Sweep) -> SweepView {
    let each = |cells: &[Cell]| -> Vec<SweepCellView> {
        cells.iter().map(|it| cell_view(asked, it)).collect()
    };
    let (base, mut cells) = (each(&sweep.base), each(&sweep.cells));
    mark_dominated(&mut cells);
    let levers = asked.levers.iter().map(|it| SweepLeverView {
        name: it.lever.name.clone(),
        overrides: it.lever.settings.iter().map(ToString::to_string).collect(),
    });
    let mut view = SweepView {
        asked: AskedView::new(
            asked.scenario,
            (asked.seed, asked.replications),
            asked.reproduce,
            String::new(),
            notes(asked, sweep),
        ),
        levers: levers.collect(),
        base,
        cells,
        pair_confidence: machine(sweep.pair_confidence),
        is_race: asked.race.is_some(),
    };
    view.asked.sentence = sentence(asked, &view);
    view
}

fn cell_view(asked: &SweepAsked<'_>, cell: &Cell) -> SweepCellView {
    let (seconds, per) = unit(Figure::RtaP95.kind());
    let (hours, per_hour) = unit(Figure::PersonHours.kind());
    let figure = |figure: Figure, estimate: Option<MeanEstimate>, (unit, per)| {
        let name = &FigureOf::from(figure).name(asked.scenario);
        let none = || figures::unknown(name, unit, u64::from(asked.replications));
        estimate.map_or_else(none, |it| figures::mean(name, unit, &it.scaled(1.0 / per)))
    };
    let mut rta_p95 = figure(Figure::RtaP95, cell.rta_p95, (seconds, per));
    rta_p95.never = cell.never as u64;
    let policy = cell.kept.map(|it| {
        let values = values(asked.levers, &cell.settings).join(", ");
        KeptView::new(values, asked.seed, &it, cell.asked)
    });
    let difference = cell.difference.map(|it| figures::difference("rta_p95", seconds, &it, per));
    let cost = cell.cost.filter(|_| asked.levers.iter().any(|it| it.lever.cost.is_some()));
    let mut view = SweepCellView {
        values: values(asked.levers, &cell.settings),
        strategy: asked.scenario.strategies[cell.strategy].name.clone(),
        rta_p95,
        person_hours: figure(Figure::PersonHours, cell.person_ms, (hours, per_hour)),
        difference,
        policy,
        cost: cost.map(machine),
        dropped_after: cell.dropped.map(|it| it.after as u64),
        dominated: false,
        texts: Vec::new(),
    };
    view.texts = texts(asked, cell, &view);
    view
}

fn values(levers: &[Chosen], settings: &[usize]) -> Vec<String> {
    let each = levers.iter().zip(settings);
    each.map(|(it, setting)| it.lever.value(*setting).to_owned()).collect()
}

/// The cells that another one beats in what was seen: in cost, or where nobody says that in
/// person-hours, and in recovery time.
fn mark_dominated(cells: &mut [SweepCellView]) {
    let known: Vec<Option<(f64, f64)>> = cells
        .iter()
        .map(|it| {
            let time = it.rta_p95.value.filter(|_| it.rta_p95.never == 0)?;
            Some((it.cost.or(it.person_hours.value)?, time))
        })
        .collect();
    for (cell, own) in cells.iter_mut().zip(&known) {
        let beats = |other: &(f64, f64)| {
            own.is_some_and(|own| other.0 <= own.0 && other.1 <= own.1 && *other != own)
        };
        cell.dominated = own.is_none() || known.iter().flatten().any(beats);
    }
}

fn texts(asked: &SweepAsked<'_>, cell: &Cell, view: &SweepCellView) -> Vec<String> {
    let mut texts = Vec::new();
    match cell.rta_p95 {
        None => texts.extend(["never".to_owned(), "-".to_owned()]),
        Some(it) => {
            let ends = it.interval.unwrap_or(Interval { low: it.mean, high: it.mean });
            let scale = Scale::of_times(&[it.mean, ends.low, ends.high]);
            let scale = scale.by_error((ends.high - ends.low) / 4.0);
            let never = match cell.never {
                0 => String::new(),
                never => format!(" (never in {})", count(never as u64)),
            };
            texts.push(format!("{}{never}", scale.text(it.mean)));
            let range = |ends: Interval| scale.range(ends.low, ends.high);
            texts.push(interval_of_mean(&it, |end| scale.text(end), range));
        }
    }
    texts.push(match (asked.race.is_some(), view.dropped_after, &cell.difference) {
        (true, Some(after), _) => format!("dropped after {}", count(after)),
        (true, None, _) => "kept".to_owned(),
        (false, _, Some(paired)) => apart(paired),
        (false, _, None) => "-".to_owned(),
    });
    if asked.scenario.policy.is_some() {
        match &view.policy {
            Some(it) => texts.extend([it.of(), verdict_words(it.verdict).to_owned()]),
            None => texts.extend(["-".to_owned(), "not judged".to_owned()]),
        }
    }
    texts.push(view.person_hours.value.map_or_else(|| "-".to_owned(), amount));
    if asked.levers.iter().any(|it| it.lever.cost.is_some()) {
        texts.push(view.cost.map_or_else(|| "-".to_owned(), amount));
    }
    texts
}

/// "2.1 h less (1.9 to 2.4 h)"
fn apart(paired: &Paired) -> String {
    let Some(estimate) = paired.estimate else { return "never comes".to_owned() };
    let left_out = match paired.left_out {
        0 => String::new(),
        left_out => format!(", without {}", count(left_out as u64)),
    };
    if is_nothing(&estimate) {
        return format!("the same {}{left_out}", in_all_of(estimate.n));
    }
    let ends = estimate.interval.unwrap_or(Interval { low: estimate.mean, high: estimate.mean });
    let scale = Scale::of_times(&[estimate.mean, ends.low, ends.high]);
    let scale = scale.by_error((ends.high - ends.low) / 4.0);
    let way = ["less", "more"];
    format!(
        "{} ({}{left_out})",
        directed(estimate.mean, scale, way),
        bracket(&estimate, scale, way, "")
    )
}
