//! What was thrown in, and what each inject cost: the view and its sentences.

use crate::compare::Paired;
use crate::measure::MeanEstimate;
use crate::report::differences::{bracket, directed, ends, in_all_of, in_hours, is_nothing, lost};
use crate::report::figures::{difference, unit};
use crate::report::run::view::InjectView;
use crate::report::words::{Scale, count, plain};
use crate::review::{InjectCost, InjectEffect, LaterBack};
use crate::scenario::{Figure, IncidentKind, Scenario};

/// What became of each inject under a strategy.
pub(crate) fn injects_view(scenario: &Scenario, effects: &[InjectEffect]) -> Vec<InjectView> {
    effects.iter().map(|it| inject_view(scenario, it)).collect()
}

fn inject_view(scenario: &Scenario, effect: &InjectEffect) -> InjectView {
    let title = &scenario.injects[effect.inject].title;
    let cost = effect.cost.as_ref();
    let later = cost.and_then(|it| it.rta_p95.as_ref());
    let figure = |figure: Figure, paired| {
        let (unit, one) = unit(figure.kind());
        difference(figure.id(), unit, paired, one)
    };
    InjectView {
        title: title.clone(),
        sentence: sentence(title, effect, scenario.incident.kind),
        thrown_in: effect.thrown_in as u64,
        n: effect.of as u64,
        compared: cost.map_or(0, |it| it.n as u64),
        unchanged: cost.map_or(0, |it| it.unchanged as u64),
        rta_p95: later.map(|it| figure(Figure::RtaP95, &it.paired)),
        only_without: later.map(|it| it.only_without as u64),
        only_with: later.map(|it| it.only_with as u64),
        site_hours: cost.map(|it| figure(Figure::SiteHoursLost, &it.site_ms)),
        person_hours: cost.map(|it| figure(Figure::PersonHours, &it.person_ms)),
    }
}

/// "Checks are frozen: thrown into 49 of 200 exercises. What it cost there: 95% of the sites back 1.2 h
/// later (95% interval 0.9 to 1.5 h), 12 more site-hours (10 to 14), as many person-hours (in every
/// exercise)."
fn sentence(title: &str, effect: &InjectEffect, kind: IncidentKind) -> String {
    let often = format!("{}: {}.", plain(title), how_often(effect));
    let Some(cost) = &effect.cost else { return often };
    let compared = match cost.n < effect.thrown_in {
        true => format!("in the first {} of those", count(cost.n as u64)),
        false => "there".to_owned(),
    };
    let is_mixed = (1..cost.n).contains(&cost.unchanged);
    let unchanged = match is_mixed {
        true => format!(
            " In {} of these {} exercises it changed none of that.",
            count(cost.unchanged as u64),
            count(cost.n as u64)
        ),
        false => String::new(),
    };
    format!("{often} What it cost {compared}: {}{unchanged}", cost_words(cost, kind))
}

fn how_often(effect: &InjectEffect) -> String {
    let (thrown_in, of) = (count(effect.thrown_in as u64), count(effect.of as u64));
    match (effect.thrown_in, effect.of) {
        (0, 1) => "not thrown into the only exercise".to_owned(),
        (0, _) => format!("thrown into none of {of} exercises"),
        (1, 1) => "thrown into the only exercise".to_owned(),
        (some, all) if some == all => format!("thrown into all {of} exercises"),
        _ => format!("thrown into {thrown_in} of {of} exercises"),
    }
}

fn cost_words(cost: &InjectCost, kind: IncidentKind) -> String {
    let (site, person) = (hours(&cost.site_ms), hours(&cost.person_ms));
    let is_in_hours = !(is_nothing(&site) && is_nothing(&person));
    let people = lost(&person, "person-hours", false);
    let Some(later) = &cost.rta_p95 else {
        let why = kind.tell(
            "As it deletes sites, recovery times with it are of other deletions than without it, \
             and are not compared.",
        );
        return match is_in_hours {
            true => format!("{}, {people}. {why}", lost(&site, "site-hours", true)),
            false => format!("no site-hours and no person-hours. {why}"),
        };
    };
    if is_in_hours || !is_as_soon(later) {
        let sites = lost(&site, "site-hours", false);
        return format!("95% of the sites {}, {sites}, {people}.", back(later, cost.n));
    }
    "nothing; 95% of the sites were back at the same time, with as many site-hours and \
     person-hours."
        .to_owned()
}

/// A difference in hours, which every exercise has.
fn hours(paired: &Paired) -> MeanEstimate {
    as_shown(in_hours(&paired.estimate.expect("every exercise has its hours")))
}

/// Without an interval where all are alike, as none is shown there and it must set no digits.
fn as_shown(estimate: MeanEstimate) -> MeanEstimate {
    match estimate.is_always_the_same() {
        true => MeanEstimate { interval: None, ..estimate },
        false => estimate,
    }
}

/// Whether 95 % of the sites come back in every exercise, and at the same time without the inject.
fn is_as_soon(later: &LaterBack) -> bool {
    let paired = &later.paired;
    paired.left_out == 0 && paired.estimate.as_ref().is_some_and(is_nothing)
}

/// "back 1.2 h later (95% interval 0.9 to 1.5 h)"
fn back(later: &LaterBack, n: usize) -> String {
    let neither = later.paired.left_out - later.only_without - later.only_with;
    let Some(estimate) = later.paired.estimate else {
        return match (later.only_without, later.only_with, neither) {
            (_, 0, 0) => "back only without it".to_owned(),
            (0, _, 0) => "back only with it".to_owned(),
            (0, 0, _) => "back neither with it nor without it".to_owned(),
            _ => format!("never back both ways ({})", one_way(later, neither)),
        };
    };
    let (difference, interval) = difference_words(&as_shown(estimate));
    if later.paired.left_out == 0 {
        return format!("back {difference} ({interval})");
    }
    format!(
        "back {difference} in the {} of {} in which they are back both ways ({interval}; {})",
        count(estimate.n as u64),
        count(n as u64),
        one_way(later, neither)
    )
}

/// "1.2 h later" and "95% interval 0.9 to 1.5 h".
fn difference_words(estimate: &MeanEstimate) -> (String, String) {
    if is_nothing(estimate) {
        return ("at the same time".to_owned(), in_all_of(estimate.n).to_owned());
    }
    let scale = Scale::of_times(&ends(estimate));
    let way = ["earlier", "later"];
    (directed(estimate.mean, scale, way), bracket(estimate, scale, way, "95% interval "))
}

/// "in 4 they are back only without it, in 3 neither way"
fn one_way(later: &LaterBack, neither: usize) -> String {
    let ways = [
        (later.only_without, "only without it"),
        (later.only_with, "only with it"),
        (neither, "neither way"),
    ];
    let told = ways.iter().filter(|it| it.0 > 0).enumerate().map(|(place, (number, way))| {
        let are = if place == 0 { "they are back " } else { "" };
        format!("in {} {are}{way}", count(*number as u64))
    });
    told.collect::<Vec<String>>().join(", ")
}
