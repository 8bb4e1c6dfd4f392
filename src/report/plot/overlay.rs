//! The recovery curve of a back-test with what was observed upon it.

use crate::experiment::{Comparison, RecoveryCurve};
use crate::report::BacktestView;
use crate::report::plot::axis::TimeSpan;
use crate::report::plot::canvas::Mark;
use crate::report::plot::chart::{Chart, Dot, Dots, svg};
use crate::report::plot::frame::WIDE;
use crate::report::plot::ink::{BLUE, ORANGE};
use crate::report::plot::{SINCE, beyond, longest, shares_back, subtitle_of};
use crate::scenario::Observable;
use crate::units::SimDuration;

/// The share restored over time under the strategy, with the observed points of that curve.
pub(crate) fn overlay(
    view: &BacktestView,
    curve: &RecoveryCurve,
    comparisons: &[Comparison],
    sites: usize,
) -> String {
    let dots = |by_users: bool| -> Vec<Dot> {
        comparisons.iter().filter_map(|it| dot(it, by_users, sites)).collect()
    };
    let (sites, users) = (dots(false), dots(true));
    let end = curve.at.last().map_or(SimDuration::ZERO, |it| it.since_start());
    let seen = sites.iter().chain(&users).map(|it| beyond(it.to));
    let across = TimeSpan::Linear { end: longest(seen.chain([end])) };
    let of = |name: &str, dots: Vec<Dot>, users: bool| Dots {
        name: format!("{name}: observed; a bar is the range in which it lies"),
        ink: if users { ORANGE } else { BLUE },
        mark: if users { Mark::Triangle } else { Mark::Diamond },
        dots,
    };
    let dots = [of("sites", sites, false), of("users", users, true)];
    let chart = Chart {
        title: format!("Observed beside simulated: {}", view.strategy),
        subtitle: subtitle_of(&view.scenario, &view.experiment),
        across_title: across.title(SINCE),
        across,
        up_title: "share restored".to_owned(),
        floor: 0,
        lines: shares_back(curve),
        objectives: Vec::new(),
        coverage: None,
        dots: dots.into_iter().filter(|it| !it.dots.is_empty()).collect(),
        note: String::new(),
    };
    svg(&chart, &WIDE)
}

/// Where an observed figure lies on the curve, if it is a point of it.
fn dot(it: &Comparison, by_users: bool, sites: usize) -> Option<Dot> {
    let (low, high) = (it.observed.low, it.observed.high);
    let length = |millis: f64| SimDuration::from_millis(millis as u64);
    let instant =
        |share: f64| Some(Dot { from: length(low), to: length(high), low: share, high: share });
    match (it.observed.figure, by_users) {
        (Observable::FirstRestored, false) => instant(1.0 / sites.max(1) as f64),
        (Observable::HalfOfSites, false) | (Observable::HalfOfUsers, true) => instant(0.5),
        (Observable::P95OfSites, false) => instant(0.95),
        (Observable::LastRestored, false) => instant(1.0),
        (Observable::SitesReach(share), false) | (Observable::UsersReach(share), true) => {
            instant(share.fraction())
        }
        (Observable::SitesBack(at), false) | (Observable::UsersBack(at), true) => {
            Some(Dot { from: at.since_start(), to: at.since_start(), low, high })
        }
        _ => None,
    }
}
