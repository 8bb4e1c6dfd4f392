//! How the work went on: what failed and was done again, what practice saved, and what machines
//! took over.

use crate::plot::bars::{Bar, Bars, Fill, bars};
use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, BLUE, INKS};
use crate::plot::measure::{width, wrap};
use crate::plot::pen::{AXIS, GRID, Hang, MARKS, Pen, Point};
use crate::plot::replayed::{Captions, Clock};
use crate::report::words::{amount, chosen_share, count, plain, share};
use crate::review::{Mean, Practice, Practised, Progress, Rework, Takeover};

/// Steps that fail, and steps that learn, that are shown.
const FAILING: usize = 12;
const LEARNING: usize = 3;

/// The picture; none where nothing failed, learnt or was taken over.
pub(crate) fn svg(
    title: &str,
    captions: &Captions,
    progress: &Progress,
    frame: &'static Frame,
) -> Option<String> {
    if !has_something(progress) {
        return None;
    }
    Some(draw(frame, |canvas| {
        let mut y = head(canvas, title, &captions.above) + 4;
        if !progress.rework.is_empty() {
            y = rework(canvas, progress, y) + 10;
        }
        if progress.learning.iter().any(has_learnt) {
            y = learning(canvas, progress, y) + 10;
        }
        if let Some(takeover) = &progress.automation {
            y = automation(canvas, progress, takeover, &captions.since, y);
        }
        y
    }))
}

fn has_something(progress: &Progress) -> bool {
    !progress.rework.is_empty()
        || progress.automation.is_some()
        || progress.learning.iter().any(has_learnt)
}

/// Whether more than one attempt was at a step, so that there is something to see.
fn has_learnt(practice: &Practice) -> bool {
    practice.points.len() > 1
}

fn name(step: &str, track: &str) -> String {
    format!("{} ({})", plain(step), plain(track))
}

/// Steps that failed or were done again, a bar each.
fn rework(canvas: &Canvas, progress: &Progress, top: i32) -> i32 {
    let bar = |rework: &Rework| Bar {
        label: name(&rework.step, &rework.track),
        share: rework.failed.value,
        range: rework.failed.low.zip(rework.failed.high).filter(|it| it.0 < it.1),
        text: match canvas.frame.is_narrow() {
            true => format!("{}, {} h", share(rework.failed.value), amount(rework.again_h.value)),
            false => format!(
                "{}, {} h again{}",
                share(rework.failed.value),
                amount(rework.again_h.value),
                between(&rework.again_h)
            ),
        },
        fill: Fill::Solid,
    };
    let (shown, rest) = progress.rework.split_at(progress.rework.len().min(FAILING));
    let group = Bars {
        title: "Failed, and hours of work done again in an exercise".to_owned(),
        bars: shown.iter().map(bar).collect(),
    };
    let of = progress.rework.first().map_or(0, |it| it.failed.n);
    let axis = match of {
        1 => "share of attempts that failed, in one exercise".to_owned(),
        n => format!("share of attempts that failed, over {} exercises", count(n)),
    };
    let y = bars(canvas, top, &[group], &axis);
    let mut remark = format!(
        "Done again: attempts that were not the first at their task, over {} watched; a step that \
         never fails is done again when a later one does.",
        match progress.watched {
            1 => "the one exercise".to_owned(),
            n => format!("the first {} exercises", count(n)),
        }
    );
    if of > 1 {
        remark += " The lines through the bars say where the shares lie, with 95% confidence.";
    }
    if !rest.is_empty() {
        let hours: f64 = rest.iter().map(|it| it.again_h.value).sum();
        remark += &format!(
            " {} more steps have {} h done again together.",
            count(rest.len() as u64),
            amount(hours)
        );
    }
    note(canvas, y, &remark)
}

/// " (2.1 to 2.9)"
fn between(mean: &Mean) -> String {
    match mean.low.zip(mean.high) {
        Some((low, high)) if low < high => format!(" ({} to {})", amount(low), amount(high)),
        _ => String::new(),
    }
}

/// A rectangle with shares upwards from none.
struct Panel {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    reach: f64,
}

impl Panel {
    fn new(frame: &Frame, top: i32, reach: f64) -> Self {
        let left = frame.margin + width("200%", frame.small) as i32 + 6;
        let right = frame.width - frame.margin - 8;
        Self { left, right, top, bottom: top + frame.panel / 2, reach }
    }

    fn height(&self, share: f64) -> i32 {
        let part = (share / self.reach).clamp(0.0, 1.0);
        self.bottom - (part * f64::from(self.bottom - self.top)).round() as i32
    }

    /// Lines and numbers of the shares, and the edges.
    fn axes(&self, canvas: &Canvas) {
        let step = if canvas.frame.is_narrow() && self.reach > 1.25 { 0.5 } else { 0.25 };
        let parts = (0..).map(|it| f64::from(it) * step).take_while(|it| *it <= self.reach + 1e-9);
        for part in parts.clone() {
            canvas.line(&[(self.left, self.height(part)), (self.right, self.height(part))], GRID);
        }
        for part in parts {
            let at = (self.left - 5, self.height(part));
            canvas.text(&chosen_share(part), at, canvas.frame.small, BLACK, Hang::Right);
        }
        let edge = [(self.left, self.top), (self.left, self.bottom), (self.right, self.bottom)];
        canvas.line(&edge, AXIS);
    }
}

/// Where the repetitions of a number lie: each as far from the next as it is more.
struct Repetitions<'a> {
    panel: &'a Panel,
    most: f64,
}

impl Repetitions<'_> {
    fn at(&self, number: f64) -> i32 {
        let part = libm::log(number) / libm::log(self.most.max(2.0));
        let wide = f64::from(self.panel.right - self.panel.left);
        self.panel.left + (part.clamp(0.0, 1.0) * wide).round() as i32
    }

    fn place(&self, practised: &Practised, of: fn(&Practised) -> f64) -> Point {
        let middle = libm::sqrt(f64::from(practised.from) * f64::from(practised.to));
        (self.at(middle), self.panel.height(of(practised)))
    }

    /// Round numbers that keep apart.
    fn ticks(&self, canvas: &Canvas) {
        let size = canvas.frame.small;
        let mut free = i32::MIN;
        for number in (0..10).flat_map(|power| [1u64, 2, 5].map(|it| it * 10u64.pow(power))) {
            let (x, text) = (self.at(number as f64), count(number));
            let half = width(&text, size) as i32 / 2 + 4;
            if number as f64 > self.most || x - half < free {
                continue;
            }
            canvas.line(&[(x, self.panel.bottom), (x, self.panel.bottom + 4)], AXIS);
            canvas.text(
                &text,
                (x, self.panel.bottom + 5 + size * 7 / 10),
                size,
                BLACK,
                Hang::Centre,
            );
            free = x + half;
        }
    }
}

/// What practice saved, a line for each of the steps with the most work.
fn learning(canvas: &Canvas, progress: &Progress, top: i32) -> i32 {
    let frame = canvas.frame;
    let all: Vec<&Practice> = progress.learning.iter().filter(|it| has_learnt(it)).collect();
    let shown = &all[..all.len().min(LEARNING)];
    let title = wrap(
        "Time that an attempt takes, as a share of that of the first",
        frame.text,
        frame.room(),
        frame.lines,
    );
    let y = paragraph(canvas, &title, (frame.margin, top), frame.text, BLACK) + 8;
    let points = || shown.iter().flat_map(|it| &it.points);
    let longest = points().map(|it| it.length).fold(1.0, f64::max);
    let reach = [1.0, 1.25, 1.5].into_iter().find(|it| longest <= it + 0.02).unwrap_or(2.0);
    let panel = Panel::new(frame, y, reach);
    panel.axes(canvas);
    let most = points().map(|it| f64::from(it.to)).fold(1.0, f64::max);
    let across = Repetitions { panel: &panel, most };
    across.ticks(canvas);
    for (place, step) in shown.iter().enumerate() {
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        let lengths: Vec<Point> =
            step.points.iter().map(|point| across.place(point, |it| it.length)).collect();
        canvas.marks(&lengths, mark, ink, true);
    }
    for (place, step) in shown.iter().enumerate() {
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        let left: Vec<Point> =
            step.points.iter().map(|point| across.place(point, |it| it.left)).collect();
        canvas.line(&left, Pen { ink, width: frame.pen, dash: None });
        // Not all at the same places, as lines may lie upon each other.
        let some: Vec<Point> = left.iter().skip(place).step_by(4).copied().collect();
        canvas.marks(&some, mark, ink, false);
    }
    let y = panel.bottom + 8 + frame.small;
    let axis = "number of the completed attempt at the same work in an exercise, logarithmic";
    let axis = wrap(axis, frame.small, frame.room(), frame.lines);
    let mut y = paragraph(canvas, &axis, (frame.margin, y), frame.small, BLACK) + 4;
    for (place, step) in shown.iter().enumerate() {
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        y = key(canvas, y, &name(&step.step, &step.track), |canvas, (x, y)| {
            canvas.line(&[(x, y), (x + SAMPLE, y)], Pen { ink, width: frame.pen, dash: None });
            canvas.mark((x + SAMPLE / 2, y), mark, ink, false);
        });
    }
    note(canvas, y, &learning_note(progress, all.len() - shown.len(), longest > reach))
}

fn learning_note(progress: &Progress, rest: usize, clipped: bool) -> String {
    let mut remark = format!(
        "Lines: what practice leaves of the time. Hollow marks: how long attempts really took, as \
         a part of the first ones, with chance and the size of sites in it. Means over {}.",
        match progress.watched {
            1 => "one exercise".to_owned(),
            n => format!("the first {} exercises", count(n)),
        }
    );
    if clipped {
        remark += " What took more than the axis shows stands at its upper edge.";
    }
    if rest > 0 {
        remark += &format!(" {} more steps learn and have less work.", count(rest as u64));
    }
    remark
}

/// The share of attempts that machines made, over time.
fn automation(
    canvas: &Canvas,
    progress: &Progress,
    takeover: &Takeover,
    since: &str,
    top: i32,
) -> i32 {
    let frame = canvas.frame;
    let title =
        wrap("Share of attempts that machines begin", frame.text, frame.room(), frame.lines);
    let y = paragraph(canvas, &title, (frame.margin, top), frame.text, BLACK) + 8;
    let panel = Panel::new(frame, y, 1.0);
    let clock = Clock::new(canvas, takeover.until, (panel.left, panel.right));
    clock.grid(canvas, panel.top, panel.bottom);
    panel.axes(canvas);
    for line in lines(takeover, &clock, &panel) {
        canvas.line(&line, Pen { ink: BLUE, width: frame.pen, dash: None });
    }
    let y = clock.below(canvas, panel.bottom, since);
    let steps: Vec<String> = takeover.steps.iter().take(6).map(|it| name(&it.1, &it.0)).collect();
    let more = match takeover.steps.len().saturating_sub(6) {
        0 => String::new(),
        n => format!(" and {} more", count(n as u64)),
    };
    let remark = format!(
        "Of the attempts at {}{more} that begin at a time, over {}; without a line, none begins.",
        steps.join(", "),
        match progress.watched {
            1 => "one exercise".to_owned(),
            n => format!("the first {} exercises", count(n)),
        },
    );
    note(canvas, y, &remark)
}

/// The steps of the share, broken where no attempt begins.
fn lines(takeover: &Takeover, clock: &Clock, panel: &Panel) -> Vec<Vec<Point>> {
    let parts = takeover.people.len();
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut open = false;
    for (part, (people, machines)) in takeover.people.iter().zip(&takeover.machines).enumerate() {
        let all = people + machines;
        if all <= 0.0 {
            open = false;
            continue;
        }
        let y = panel.height(machines / all);
        let ends = [(clock.part(part, parts), y), (clock.part(part + 1, parts), y)];
        match lines.last_mut().filter(|_| open) {
            Some(line) => line.extend(ends),
            None => lines.push(ends.to_vec()),
        }
        open = true;
    }
    lines
}

/// What the picture shows.
pub(crate) fn alt(strategy: &str, progress: &Progress) -> String {
    let mut text = format!("How the work went on under {}.", plain(strategy));
    for it in progress.rework.iter().take(3) {
        let (step, failed) = (name(&it.step, &it.track), share(it.failed.value));
        let hours = amount(it.again_h.value);
        text += &format!(" {step}: {failed} of the attempts fail, {hours} h are done again.");
    }
    for it in progress.learning.iter().filter(|it| has_learnt(it)).take(LEARNING) {
        let Some(last) = it.points.last() else { continue };
        let (step, left) = (name(&it.step, &it.track), share(last.left));
        let number = count(last.from.into());
        text += &format!(" {step}: practice leaves {left} of the time from attempt {number} on.");
    }
    if let Some(it) = &progress.automation {
        let sum = |it: &[f64]| it.iter().sum::<f64>();
        let (people, machines) = (sum(&it.people), sum(&it.machines));
        let part = share(machines / (people + machines));
        text += &format!(" Machines make {part} of the attempts at the steps that they take over.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::frame::{NARROW, WIDE};
    use crate::units::SimTime;

    fn practised(from: u32, left: f64, length: f64) -> Practised {
        Practised { from, to: from, left, length }
    }

    fn progress() -> Progress {
        Progress {
            watched: 5,
            rework: vec![Rework {
                track: "r".to_owned(),
                step: "<load>".to_owned(),
                failed: Mean { value: 0.5, low: Some(0.4), high: Some(0.6), n: 50 },
                again_h: Mean { value: 30.0, low: Some(28.0), high: Some(32.0), n: 5 },
            }],
            learning: vec![Practice {
                track: "r".to_owned(),
                step: "load".to_owned(),
                work_h: 31.0,
                points: vec![practised(1, 1.0, 1.0), practised(2, 0.5, 3.5)],
            }],
            automation: Some(Takeover {
                steps: vec![("r".to_owned(), "load".to_owned())],
                until: SimTime::from_millis(36_000_000),
                people: vec![3.0, 0.0, 1.0],
                machines: vec![0.0, 0.0, 3.0],
            }),
        }
    }

    #[test]
    fn the_sentence_has_the_main_figures() {
        assert_eq!(
            alt("s", &progress()),
            "How the work went on under s. <load> (r): 50.0% of the attempts fail, 30 h are done \
             again. load (r): practice leaves 50.0% of the time from attempt 2 on. Machines make \
             42.9% of the attempts at the steps that they take over."
        );
    }

    #[test]
    fn there_is_no_picture_where_there_is_nothing_to_see() {
        let captions = Captions { above: "s".to_owned(), since: "time".to_owned() };
        assert_eq!(svg("t", &captions, &Progress::default(), &WIDE), None);
        let once =
            Practice { points: vec![practised(1, 1.0, 1.0)], ..progress().learning[0].clone() };
        let once = Progress { learning: vec![once], ..Progress::default() };
        assert_eq!(svg("t", &captions, &once, &NARROW), None);
    }

    #[test]
    fn a_line_breaks_where_nothing_begins() {
        draw(&WIDE, |canvas| {
            let panel = Panel::new(&WIDE, 0, 1.0);
            let it = progress().automation.expect("machines take over");
            let clock = Clock::new(canvas, it.until, (0, 300));
            let (none, most) = (panel.height(0.0), panel.height(0.75));
            let expected = [vec![(0, none), (100, none)], vec![(200, most), (300, most)]];
            assert_eq!(lines(&it, &clock, &panel), expected);
            0
        });
    }
}
