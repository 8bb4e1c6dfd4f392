//! What was in use over time in the recovery in the middle: batches in flight, units of limits,
//! and loads of shards, each against what there was.

use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, BLUE, GREY};
use crate::plot::measure::{fit, fit_name, width};
use crate::plot::pen::{AXIS, Hang, OBJECTIVE, Pen, Point};
use crate::plot::replayed::{Captions, Clock, about, instant};
use crate::report::words::{amount, count, plain};
use crate::review::{BINS, Gauge, GaugeKind, Replay};
use crate::units::SimTime;

/// Panels that are shown; of the others less was in use.
const WIDE_PANELS: usize = 12;
const NARROW_PANELS: usize = 8;

/// A capacity so many times what is in use at most would squeeze that into the lower edge.
const FAR_ABOVE: f64 = 4.0;

/// One thing over time.
#[derive(Clone, Debug, PartialEq)]
struct Panel {
    title: String,
    /// What it comes to at most, in words.
    most: String,
    used: Vec<f64>,
    /// None where it is without bound, or too far above to be drawn.
    capacity: Option<Vec<f64>>,
    /// The upper end of the axis.
    reach: f64,
    /// What is shown first: what is counted against a bound, then what is in use most.
    weight: f64,
}

/// What the picture shows, at most so many panels, and how many more there are.
fn panels(replay: &Replay, shown: usize) -> (Vec<Panel>, usize) {
    let used =
        |gauge: &&Gauge| gauge.kind != GaugeKind::Team && gauge.used.iter().any(|it| *it > 0.0);
    let mut panels: Vec<Panel> = replay.gauges.iter().filter(used).map(panel).collect();
    let more = panels.len().saturating_sub(shown);
    if more > 0 {
        let mut weights: Vec<f64> = panels.iter().map(|it| it.weight).collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        panels.retain(|it| it.weight >= weights[shown - 1]);
        panels.truncate(shown);
    }
    (panels, more)
}

fn panel(gauge: &Gauge) -> Panel {
    let most = |it: &[f64]| it.iter().copied().fold(0.0, f64::max);
    let used = gauge.peaks.used as f64;
    let bound = (!gauge.capacity.is_empty()).then(|| most(&gauge.capacity));
    let name = plain(&gauge.name);
    let (title, who) = match gauge.kind {
        GaugeKind::Track => (format!("batches at work at once in {name}"), "sites not taken yet"),
        GaugeKind::Load => (format!("loads that stand: {name}"), "tasks wait"),
        GaugeKind::Limit | GaugeKind::Team => (format!("{name} in use"), "tasks wait"),
    };
    let mut text = format!("at most {}", count(gauge.peaks.used));
    if let Some(bound) = bound {
        text += &format!(" of {}", about(bound));
    }
    if gauge.peaks.waiting > 0 {
        text += &format!(", up to {} {who}", count(gauge.peaks.waiting));
    }
    let near = bound.filter(|it| *it <= used * FAR_ABOVE);
    Panel {
        title,
        most: text,
        reach: round_up(near.unwrap_or(0.0).max(used)),
        used: gauge.used.clone(),
        capacity: near.map(|_| gauge.capacity.clone()),
        weight: match bound {
            Some(bound) if bound > 0.0 => 1.0 + used / bound,
            // Always below a whole, and more for more.
            _ => used / (1.0 + used),
        },
    }
}

/// The next number that an axis may end with.
fn round_up(number: f64) -> f64 {
    let mut power = 1.0;
    loop {
        let round = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0].into_iter().map(|it| it * power);
        if let Some(round) = round.into_iter().find(|it| number <= *it) {
            return round;
        }
        power *= 10.0;
    }
}

/// The picture; none where nothing of the kind was in use.
pub(crate) fn svg(
    title: &str,
    captions: &Captions,
    replay: &Replay,
    frame: &'static Frame,
) -> Option<String> {
    let most = if frame.is_narrow() { NARROW_PANELS } else { WIDE_PANELS };
    let (panels, more) = panels(replay, most);
    if panels.is_empty() {
        return None;
    }
    let columns = if frame.is_narrow() || panels.len() == 1 { 1 } else { 2 };
    let high = if frame.is_narrow() { 54 } else { 66 };
    let pitch = 2 * frame.row + high + 12;
    let reach = panels.iter().map(|it| width(&amount(it.reach), frame.small)).fold(0.0, f64::max);
    Some(draw(frame, |canvas| {
        let top = head(canvas, title, &captions.above) + 4;
        let room = (frame.width - 2 * frame.margin + 24) / columns;
        let rows = panels.len().div_ceil(columns as usize) as i32;
        let bottom = top + rows * pitch - 12;
        let clocks = (0..columns).map(|it| {
            let left = frame.margin + room * it;
            Clock::new(canvas, replay.end, (left + reach as i32 + 6, left + room - 32))
        });
        let clocks: Vec<Clock> = clocks.collect();
        for (place, panel) in panels.iter().enumerate() {
            // Down the columns, so that neighbours stay neighbours on a narrow sheet.
            let (column, row) = (place as i32 / rows, place as i32 % rows);
            let top = top + row * pitch;
            one(canvas, &clocks[column as usize], panel, (frame.margin + room * column, top), high);
        }
        let mut y = bottom;
        for (column, clock) in (0..).zip(&clocks) {
            let in_column = (panels.len() as i32 - column * rows).min(rows);
            y = y.max(ticks(canvas, clock, top + in_column * pitch - 12));
        }
        let title = crate::plot::axis::TimeSpan::Linear { end: replay.end.since_start() };
        let title = title.title(&captions.since);
        y = paragraph(canvas, &[title], (frame.margin, y), frame.small, BLACK) + 4;
        legend(canvas, y, &panels, more)
    }))
}

/// The numbers below a column; returns where the rest may begin.
fn ticks(canvas: &Canvas, clock: &Clock, bottom: i32) -> i32 {
    let frame = canvas.frame;
    for (length, text) in &clock.axis.ticks {
        let at = (clock.axis.place(*length), bottom + 4 + frame.small * 7 / 10);
        canvas.centred(text, at, frame.small, BLACK);
    }
    bottom + 8 + frame.small
}

fn one(canvas: &Canvas, clock: &Clock, panel: &Panel, (left, top): Point, high: i32) {
    let frame = canvas.frame;
    let room = f64::from(clock.right - left);
    let title = fit_name(&panel.title, frame.small, room);
    let middle = top + frame.row / 2;
    canvas.text(&title, (left, middle), frame.small, BLACK, Hang::Left);
    let most = fit(&panel.most, frame.small, room);
    canvas.text(&most, (left, middle + frame.row - 3), frame.small, GREY, Hang::Left);
    let (from, to) = (top + 2 * frame.row + 3, top + 2 * frame.row + high);
    clock.grid(canvas, from, to);
    canvas.line(&[(clock.left, from), (clock.left, to), (clock.right, to)], AXIS);
    for (text, y) in [("0".to_owned(), to), (amount(panel.reach), from)] {
        canvas.text(&text, (clock.left - 4, y), frame.small, BLACK, Hang::Right);
    }
    let height = |it: f64| to - (it / panel.reach * f64::from(high)).round() as i32;
    let line = steps(clock, &panel.used, height);
    let mut outline = line.clone();
    outline.extend([(clock.right, to), (clock.left, to)]);
    canvas.area(&outline, BLUE, 0.2);
    canvas.line(&line, Pen { ink: BLUE, width: 2, dash: None });
    if let Some(capacity) = &panel.capacity {
        canvas.line(&steps(clock, capacity, height), BOUND);
    }
}

/// How what there is is drawn.
const BOUND: Pen = Pen { width: 1, ..OBJECTIVE };

/// Steps of the means over even parts of the time.
fn steps(clock: &Clock, values: &[f64], height: impl Fn(f64) -> i32) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for (part, value) in values.iter().enumerate() {
        let (x, y) = (clock.part(part, BINS), height(*value));
        match points.last().copied() {
            Some(last) if last.1 == y => {}
            Some(last) => points.extend([(x, last.1), (x, y)]),
            None => points.push((x, y)),
        }
    }
    points.extend(points.last().copied().map(|last| (clock.right, last.1)));
    points
}

fn legend(canvas: &Canvas, top: i32, panels: &[Panel], more: usize) -> i32 {
    let mut y = key(canvas, top, "in use, a mean over each step", |canvas, (x, y)| {
        canvas.area(&[(x, y - 3), (x + SAMPLE, y - 3), (x + SAMPLE, y + 5), (x, y + 5)], BLUE, 0.2);
        canvas.line(&[(x, y - 3), (x + SAMPLE, y - 3)], Pen { ink: BLUE, width: 2, dash: None });
    });
    if panels.iter().any(|it| it.capacity.is_some()) {
        y = key(canvas, y, "what there is", |canvas, (x, y)| {
            canvas.line(&[(x, y), (x + SAMPLE, y)], BOUND);
        });
    }
    match more {
        0 => y,
        n => note(
            canvas,
            y,
            &format!("{} more are left out, of which less was in use.", count(n as u64)),
        ),
    }
}

/// What the picture shows.
pub(crate) fn alt(strategy: &str, replay: &Replay) -> String {
    let (panels, _) = panels(replay, WIDE_PANELS);
    let mut text = format!("What was in use over time under {}, in one exercise.", plain(strategy));
    for panel in panels.iter().take(4) {
        let full = panel.capacity.as_ref().and_then(|there| {
            let full = |it: &(f64, f64)| it.1 > 0.0 && it.0 >= it.1 * 0.95;
            let all: Vec<(f64, f64)> =
                panel.used.iter().copied().zip(there.iter().copied()).collect();
            let last = all.iter().rposition(full)?;
            let parts = all.iter().filter(|it| full(it)).count();
            // Full now and then is not worth a word.
            (parts * 20 >= BINS).then_some(last + 1)
        });
        text += &format!(" {}: {}", panel.title, panel.most);
        text += &match full {
            Some(part) => {
                let until = replay.end.as_millis() * part as u64 / BINS as u64;
                format!(", full as late as {}.", instant(SimTime::from_millis(until)))
            }
            None => ".".to_owned(),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Choice, Peaks};

    fn gauge(kind: GaugeKind, name: &str, capacity: f64, used: f64, waiting: f64) -> Gauge {
        let all = |it: f64| vec![it; BINS];
        Gauge {
            kind,
            name: name.to_owned(),
            capacity: all(capacity),
            used: all(used),
            waiting: all(waiting),
            peaks: Peaks {
                used: used.ceil() as u64,
                waiting: waiting.ceil() as u64,
                ..Peaks::default()
            },
        }
    }

    fn replay(gauges: Vec<Gauge>) -> Replay {
        Replay {
            choice: Choice::Median,
            replication: 0,
            end: SimTime::from_millis(36_000_000),
            last_restored: None,
            sites: Vec::new(),
            batches: Vec::new(),
            gauges,
            marks: Vec::new(),
        }
    }

    #[test]
    fn what_is_far_from_full_fills_its_panel_all_the_same() {
        let gauges = vec![
            gauge(GaugeKind::Team, "ops", 1.0, 1.0, 0.0),
            gauge(GaugeKind::Limit, "api", 500.0, 30.0, 0.0),
            gauge(GaugeKind::Track, "r", 8.0, 7.5, 120.0),
            gauge(GaugeKind::Limit, "unused", 8.0, 0.0, 0.0),
        ];
        let (panels, more) = panels(&replay(gauges), 12);
        assert_eq!((panels.len(), more), (2, 0));
        assert_eq!((panels[0].reach, &panels[0].capacity), (30.0, &None));
        assert_eq!((panels[1].reach, panels[1].capacity.is_some()), (8.0, true));
        assert_eq!(panels[0].most, "at most 30 of 500");
        assert_eq!(panels[1].most, "at most 8 of 8, up to 120 sites not taken yet");
    }

    #[test]
    fn the_fullest_are_shown() {
        let gauges: Vec<Gauge> = (1..=20)
            .map(|it| gauge(GaugeKind::Limit, &format!("l{it}"), 20.0, f64::from(it), 0.0))
            .collect();
        let (panels, more) = panels(&replay(gauges), 12);
        assert_eq!((panels.len(), more, panels[0].title.as_str()), (12, 8, "l9 in use"));
    }

    #[test]
    fn an_axis_ends_with_a_round_number() {
        assert_eq!([0.3, 1.0, 7.0, 9.0, 118.0].map(round_up), [1.0, 1.0, 8.0, 10.0, 200.0]);
    }
}
