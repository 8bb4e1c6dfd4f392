//! The recovery curve of a back-test with what was observed upon it.

use crate::measure::{ObservedPoint, RecoveryCurve};
use crate::plot::axis::{TimeSpan, beyond, longest};
use crate::plot::chart::{Chart, svg};
use crate::plot::curves::{observed, shares_back};
use crate::plot::frame::WIDE;
use crate::plot::subtitle::{since, subtitle_of};
use crate::report::BacktestView;
use crate::units::SimDuration;

/// The share restored over time under the strategy, with the observed points of that curve.
pub(crate) fn overlay(
    view: &BacktestView,
    curve: &RecoveryCurve,
    points: &[ObservedPoint],
) -> String {
    let end = curve.at.last().map_or(SimDuration::ZERO, |it| it.since_start());
    let seen = points.iter().map(|it| beyond(it.to));
    let across = TimeSpan::Linear { end: longest(seen.chain([end])) };
    let chart = Chart {
        title: format!("Observed beside simulated: {}", view.strategy),
        subtitle: subtitle_of(&view.scenario, &view.experiment),
        across_title: across.title(&since(view.kind)),
        across,
        up_title: "share restored".to_owned(),
        floor: 0,
        lines: shares_back(curve),
        objectives: Vec::new(),
        coverage: None,
        levels: Vec::new(),
        dots: observed(points),
        note: String::new(),
    };
    svg(&chart, &WIDE)
}
