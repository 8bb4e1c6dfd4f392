//! What holds a strategy up, and what one more of each would bring: the view and its words.

use crate::experiment::StrategyResults;
use crate::measure::MeanEstimate;
use crate::report::differences::{bracket, directed, is_nothing};
use crate::report::figures::{self, Unit};
use crate::report::run::view::{BottlenecksView, LeverView, PartView};
use crate::report::words::{self, Scale, count, machine, plain};
use crate::review::{BottleneckPart, Bottlenecks, CauseKind, LeverEffect, PieceCause};
use crate::scenario::{Candidate, Figure, IncidentKind};
use crate::units::MILLIS_PER_SECOND;

/// Parts that the table for people shows one by one.
const SHOWN: usize = 6;
/// Names in a sentence.
const NAMED: usize = 5;
/// Parts smaller than this are not worth a name in a sentence.
const WORTH_NAMING: f64 = 0.005;

/// What holds a strategy up.
pub(crate) fn bottlenecks_view(
    strategy: &str,
    bottlenecks: &Bottlenecks,
    kind: IncidentKind,
) -> BottlenecksView {
    let scale = Scale::of_times(&[bottlenecks.rta.mean]);
    let exercises = match bottlenecks.n {
        1 => "in one exercise".to_owned(),
        n => format!("mean of {} exercises", count(n as u64)),
    };
    let hidden = match bottlenecks.of_those_back {
        0 => String::new(),
        all if all == bottlenecks.n => {
            "; more than 5% of the sites do not come back, so it is the site at 95% \
                               of those that do"
                .to_owned()
        }
        some => format!(
            "; in {} of them more than 5% of the sites do not come back, there it is the site at 95% \
             of those that do",
            count(some as u64)
        ),
    };
    BottlenecksView {
        sentence: format!(
            "{} is held up by this: where the {} of the site at 95% went, {exercises}{hidden}",
            plain(strategy),
            scale.text(bottlenecks.rta.mean),
        ),
        by_people: by_people(&bottlenecks.parts, kind),
        waited_for: waited_for(&bottlenecks.parts, kind),
        n: bottlenecks.n as u64,
        never: bottlenecks.left_out as u64,
        of_those_back: bottlenecks.of_those_back as u64,
        rta: time("rta", &bottlenecks.rta),
        parts: bottlenecks.parts.iter().map(|part| part_view(part, scale, kind)).collect(),
    }
}

fn time(name: &str, millis: &MeanEstimate) -> crate::report::figures::Figure {
    figures::mean(name, Unit::S, &millis.scaled(1.0 / MILLIS_PER_SECOND))
}

fn part_view(part: &BottleneckPart, scale: Scale, kind: IncidentKind) -> PartView {
    let cells = words::mean(&part.share, "", words::share);
    PartView {
        kind: part.held,
        track: part.track.clone(),
        name: part.name.clone(),
        label: label(part, kind),
        texts: [
            scale.text(part.length.mean),
            cells.value,
            cells.interval,
            words::share(part.share_of_all),
        ],
        time: time("time", &part.length),
        share: figures::mean("share", Unit::Share, &part.share),
        share_of_all: machine(part.share_of_all),
    }
}

fn label(part: &BottleneckPart, kind: IncidentKind) -> String {
    held_label(part.held, &part.track, &part.name, kind)
}

/// What a part of a chain is called.
fn held_label(held: CauseKind, track: &str, name: &str, kind: IncidentKind) -> String {
    let (track, name) = (plain(track), plain(name));
    match held {
        CauseKind::Step | CauseKind::Element => format!("{name} ({track})"),
        CauseKind::Capacity => format!("until more of {name} are there"),
        CauseKind::Inject => format!("until this is over: {name}"),
        CauseKind::Opening => format!("until {track} opens"),
        CauseKind::Slot => format!("until {track} may take more at once"),
        CauseKind::GivenUp => format!("in {track}, which gave it up"),
        CauseKind::Automation => "until machines take over".to_owned(),
        CauseKind::Deletion => format!("until it was {}", kind.words().done),
        CauseKind::Unknown => "something that the log does not tell".to_owned(),
        CauseKind::Crew if name.is_empty() => "no team".to_owned(),
        CauseKind::SlotBound => format!("slots of {track}"),
        CauseKind::Rework => "what failed or was done again".to_owned(),
        CauseKind::Crew | CauseKind::TeamBound | CauseKind::LimitBound | CauseKind::Shard => name,
    }
}

/// The longest parts of the whole with their shares, for one line.
pub(crate) fn longest(
    bottlenecks: &Bottlenecks,
    most: usize,
    kind: IncidentKind,
) -> Vec<(String, f64)> {
    let mut parts: Vec<&BottleneckPart> =
        bottlenecks.parts.iter().filter(|it| it.held.in_whole()).collect();
    parts.sort_by(|a, b| b.share.mean.total_cmp(&a.share.mean));
    parts.iter().take(most).map(|it| (label(it, kind), it.share.mean)).collect()
}

/// The rows of the table for people: the largest parts of the whole, then the rest in one.
pub(crate) fn rows(view: &BottlenecksView) -> Vec<[String; 5]> {
    let mut whole: Vec<&PartView> = view.parts.iter().filter(|it| it.kind.in_whole()).collect();
    let size = |it: &PartView| it.time.value.unwrap_or(0.0);
    whole.sort_by(|a, b| size(b).total_cmp(&size(a)));
    // One that would stand alone as the rest is shown itself.
    let shown = if whole.len() == SHOWN + 1 { SHOWN + 1 } else { SHOWN.min(whole.len()) };
    let (first, rest) = whole.split_at(shown);
    let mut rows: Vec<[String; 5]> = first
        .iter()
        .map(|it| {
            let [time, share, interval, all] = it.texts.clone();
            [it.label.clone(), time, share, interval, all]
        })
        .collect();
    if !rest.is_empty() {
        let sum = |of: &dyn Fn(&PartView) -> f64| rest.iter().map(|it| of(it)).sum::<f64>();
        let scale = Scale::of_times(&[view.rta.value.unwrap_or(0.0) * MILLIS_PER_SECOND]);
        rows.push([
            format!("{} others", count(rest.len() as u64)),
            scale.text(sum(&size) * MILLIS_PER_SECOND),
            words::share(sum(&|it| it.share.value.unwrap_or(0.0))),
            String::new(),
            words::share(sum(&|it| it.share_of_all)),
        ]);
    }
    rows
}

/// "Work on the way: automation 33.2%, support 17.5%, nobody 2.8%; nobody worked 36.9%."
fn by_people(parts: &[BottleneckPart], kind: IncidentKind) -> String {
    let of = |held: fn(CauseKind) -> bool| parts.iter().filter(move |it| held(it.held));
    let crews: Vec<&BottleneckPart> = of(|it| it == CauseKind::Crew).collect();
    let waits: f64 = of(|it| it.in_whole() && it != CauseKind::Step).map(|it| it.share.mean).sum();
    let mut sentence = format!("Who worked on the way: {}", named(&crews, kind));
    if waits >= WORTH_NAMING {
        sentence += &format!("; nobody could for {}", words::share(waits));
    }
    sentence + "."
}

/// "Others had what was needed: slots of restoration-2 16.0%, support 13.6%."
fn waited_for(parts: &[BottleneckPart], kind: IncidentKind) -> String {
    let is_bound = |it: &&BottleneckPart| {
        matches!(it.held, CauseKind::TeamBound | CauseKind::LimitBound | CauseKind::SlotBound)
    };
    let mut bound: Vec<&BottleneckPart> =
        parts.iter().filter(is_bound).filter(|it| it.share.mean >= WORTH_NAMING).collect();
    bound.sort_by(|a, b| b.share.mean.total_cmp(&a.share.mean));
    match bound.is_empty() {
        true => String::new(),
        false => format!("What others had when it was needed: {}.", named(&bound, kind)),
    }
}

fn named(parts: &[&BottleneckPart], kind: IncidentKind) -> String {
    let worth = parts.iter().filter(|it| it.share.mean >= WORTH_NAMING);
    let names: Vec<String> =
        worth.map(|it| format!("{} {}", label(it, kind), words::share(it.share.mean))).collect();
    let more = names.len().saturating_sub(NAMED);
    let mut shown = names[..names.len() - more].join(", ");
    if more > 0 {
        shown += &format!(" and {more} more");
    }
    if shown.is_empty() { "nobody".to_owned() } else { shown }
}

/// What one more of each would bring under a strategy.
pub(crate) fn levers_view(
    outcomes: &StrategyResults,
    bottlenecks: Option<&Bottlenecks>,
    levers: &[LeverEffect],
) -> Vec<LeverView> {
    let scale = scale_of(levers);
    let each = levers.iter().map(|it| {
        let team = matches!(it.lever, Candidate::People(..)).then_some(it.name.as_str());
        let utilisation = team.and_then(|team| utilisation(outcomes, team));
        let waiting = team.and_then(|team| share_of_waiting(outcomes, team));
        let parts = bottlenecks.map_or(&[][..], |it| &it.parts);
        let chain = match it.lever {
            Candidate::People(..) => Some(share_of_crews(parts, &it.name)),
            Candidate::Faster(..) => Some(share_of_step(parts, &it.name)),
            Candidate::Units(..) | Candidate::Tenth(_) | Candidate::Slot(_) => None,
        };
        let share = |it: Option<f64>| it.map_or_else(|| "-".to_owned(), words::share);
        let [apart, interval] = effect(it, scale);
        let difference = |figure: Figure, paired| {
            let (unit, one) = figures::unit(figure.kind());
            figures::difference(figure.id(), unit, paired, one)
        };
        LeverView {
            lever: lever_key(it.lever).to_owned(),
            name: it.name.clone(),
            label: lever_label(it.lever, &plain(&it.name)),
            texts: [apart, interval, share(utilisation), share(waiting), share(chain)],
            rta_p95: difference(Figure::RtaP95, &it.rta_p95),
            person_hours: difference(Figure::PersonHours, &it.person_ms),
            utilisation: utilisation.map(machine),
            share_of_waiting: waiting.map(machine),
            share_of_chain: chain.map(machine),
        }
    });
    each.collect()
}

/// The word for a lever in the JSON, which readers rely on.
fn lever_key(lever: Candidate) -> &'static str {
    match lever {
        Candidate::People(..) => "people",
        Candidate::Units(..) => "units",
        Candidate::Tenth(_) => "tenth",
        Candidate::Slot(_) => "slot",
        Candidate::Faster(..) => "faster",
    }
}

/// "4 more in support"
fn lever_label(lever: Candidate, name: &str) -> String {
    let more = |n: u32| match n {
        1 => "one more".to_owned(),
        n => format!("{} more", count(n.into())),
    };
    match lever {
        Candidate::People(_, n) => format!("{} in {name}", more(n)),
        Candidate::Units(_, n) => format!("{} of {name}", more(n)),
        Candidate::Tenth(_) => format!("10% more of {name}"),
        Candidate::Slot(_) => format!("one more slot of {name}"),
        Candidate::Faster(..) => format!("10% off {name}"),
    }
}

/// One unit for the differences of all levers, so that they can be compared at a glance.
fn scale_of(levers: &[LeverEffect]) -> Scale {
    let estimates = levers.iter().filter_map(|it| it.rta_p95.estimate);
    let ends = estimates.flat_map(|estimate| {
        let interval = estimate.interval.map(|it| [it.low, it.high]);
        std::iter::once(estimate.mean).chain(interval.into_iter().flatten())
    });
    Scale::of_times(&ends.collect::<Vec<f64>>())
}

/// "7.1 h earlier" and "6.2 to 8.0 h".
fn effect(lever: &LeverEffect, scale: Scale) -> [String; 2] {
    let Some(estimate) = lever.rta_p95.estimate else {
        return ["never back".to_owned(), String::new()];
    };
    if is_nothing(&estimate) {
        return ["no effect".to_owned(), "in every exercise".to_owned()];
    }
    let way = ["earlier", "later"];
    let seen = estimate.interval.is_none_or(|it| it.low > 0.0 || it.high < 0.0);
    let difference = match seen {
        true => directed(estimate.mean, scale, way),
        false => "no effect seen".to_owned(),
    };
    [difference, bracket(&estimate, scale, way, "")]
}

fn utilisation(outcomes: &StrategyResults, team: &str) -> Option<f64> {
    let place = outcomes.pools.iter().position(|it| it.is_team && it.name == team)?;
    let pools = || outcomes.outcomes.iter().map(|it| it.pools[place]);
    let (busy, capacity) =
        (pools().map(|it| it.busy).sum::<u128>(), pools().map(|it| it.capacity).sum::<u128>());
    (capacity > 0).then(|| busy as f64 / capacity as f64)
}

/// The waiting before a team's steps, as a share of that before those of all teams.
fn share_of_waiting(outcomes: &StrategyResults, team: &str) -> Option<f64> {
    let (mut own, mut all) = (0u128, 0u128);
    for (place, label) in outcomes.steps.iter().enumerate().filter(|it| !it.1.team.is_empty()) {
        let wait = outcomes.outcomes.iter().map(|it| u128::from(it.step(place).wait)).sum::<u128>();
        all += wait;
        if label.team.split('+').any(|it| it == team) {
            own += wait;
        }
    }
    (all > 0).then(|| own as f64 / all as f64)
}

/// The share of the chain in which people of a team worked.
fn share_of_crews(parts: &[BottleneckPart], team: &str) -> f64 {
    let crews = parts.iter().filter(|it| it.held == CauseKind::Crew);
    crews.filter(|part| part.name.split('+').any(|it| it == team)).map(|it| it.share.mean).sum()
}

/// The share of the chain in a step; the name is that of a lever, with the track in brackets.
fn share_of_step(parts: &[BottleneckPart], name: &str) -> f64 {
    let mut steps = parts.iter().filter(|it| it.held == CauseKind::Step);
    let own = steps.find(|it| format!("{} ({})", it.name, it.track) == name);
    own.map_or(0.0, |it| it.share.mean)
}

/// What a piece of a binding chain went into: "validate-2 (restoration-2): work of support, begun when
/// support was free".
pub(crate) fn piece_label(cause: &PieceCause, kind: IncidentKind) -> String {
    let step = match cause.track.is_empty() {
        true => plain(&cause.name),
        false => format!("{} ({})", plain(&cause.name), plain(&cause.track)),
    };
    let text = match cause.held {
        CauseKind::Step if cause.teams.is_empty() => format!("{step}: a step that needs nobody"),
        CauseKind::Step => format!("{step}: work of {}", plain(&cause.teams)),
        other => format!("waiting {}", held_label(other, &cause.track, &cause.name, kind)),
    };
    let again = if cause.again { ", which failed or was done again" } else { "" };
    let freed = match cause.waited_for.is_empty() {
        true => String::new(),
        false => format!(", begun when {} was free", plain(&cause.waited_for)),
    };
    format!("{text}{again}{freed}")
}
