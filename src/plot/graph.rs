//! Numbers over numbers, each with its interval: what is shown as plain data, and its layout on the
//! canvas.
//!
//! For a figure over one lever, and for cost against time. Shares over time are a
//! [`chart`](crate::plot::chart), and two levers at once a [`map`](crate::plot::map).

use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, across_title, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, GREY, INKS, Ink};
use crate::plot::measure::{width, wrap};
use crate::plot::numbers::NumberAxis;
use crate::plot::pen::{AXIS, GRID, Hang, MARKS, Mark, OBJECTIVE, Pen, Point, STAIRS};
use crate::plot::spots::{Area, Spot, Spots};
use crate::report::words::grouped;

/// With more points than this no label is written: they would hide the points.
const MOST_LABELLED: usize = 12;

/// What leads from a point to a label that stands away from it, and from a level to its name.
const LEADER: Pen = Pen { ink: GREY, width: 1, dash: None };

/// Horizontal lines, in their order.
const LEVELS: [Pen; 3] = [
    Pen { ink: BLACK, width: 2, dash: Some((2, 4)) },
    Pen { ink: BLACK, width: 1, dash: Some((12, 4)) },
    Pen { ink: BLACK, width: 1, dash: Some((3, 3)) },
];

/// Points over an axis of numbers.
pub(crate) struct Graph {
    pub title: String,
    pub subtitle: String,
    /// What the axis from left to right shows, with its unit.
    pub across_title: String,
    /// What the upward axis shows, with its unit; it stands above the panel.
    pub up_title: String,
    pub lines: Vec<GraphLine>,
    /// Horizontal lines with their labels, such as what the policy asks for.
    pub levels: Vec<(f64, String)>,
    /// Vertical lines with their labels, such as where the limit lies.
    pub marks: Vec<(f64, String)>,
    /// What one of the numbers upward is at the axis: 100 for shares in percent, else 1.
    pub up_one: f64,
    /// What stands behind each number at the upward axis, such as `%`; may be empty.
    pub up_unit: &'static str,
    /// Ends that the upward axis must show, such as 0 and 1 for shares; none for an axis around the
    /// points.
    pub up_ends: Option<(f64, f64)>,
    /// Whether a staircase leads through the points than which no other is further left and lower.
    pub staircase: bool,
    /// A sentence below the key; may be empty.
    pub note: String,
}

/// Points of one kind.
pub(crate) struct GraphLine {
    /// What the key says; a line without a name is not in it.
    pub name: String,
    pub points: Vec<GraphPoint>,
    /// Whether a line leads from each point to the next, in their order.
    pub joined: bool,
}

/// A figure with its interval.
pub(crate) struct GraphPoint {
    pub across: f64,
    /// The ends of the interval; one that is not known is infinite, and drawn to the panel's edge.
    pub low: f64,
    pub high: f64,
    /// The figure; one that is not known is infinite, and only its interval is drawn.
    pub value: f64,
    /// What stands beside the point where there is room, else in the key under a number; may be
    /// empty. Among more than a dozen points none has a label.
    pub label: String,
    pub hollow: bool,
}

impl Graph {
    fn points(&self) -> impl Iterator<Item = &GraphPoint> {
        self.lines.iter().flat_map(|it| &it.points)
    }

    /// A number as it stands at the upward axis.
    fn up_text(&self, number: f64) -> String {
        let number = number * self.up_one;
        let text = grouped(number, if number.abs() < 1.0 { 4 } else { 2 });
        format!("{}{}", text.trim_end_matches('0').trim_end_matches('.'), self.up_unit)
    }

    /// Whether two lines have points at the same number.
    fn shares_numbers(&self) -> bool {
        let pairs =
            self.lines.iter().enumerate().flat_map(|(place, one)| {
                self.lines[place + 1..].iter().map(move |other| (one, other))
            });
        let mut points = pairs.flat_map(|(one, other)| {
            one.points.iter().flat_map(|it| other.points.iter().map(move |other| (it, other)))
        });
        points.any(|(one, other)| one.across == other.across)
    }
}

/// The rectangle in which points lie.
struct Panel {
    across: NumberAxis,
    up: NumberAxis,
    up_one: f64,
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    /// From one point of a line to the next, in the middle of all.
    pitch: i32,
}

impl Panel {
    /// With so much room for the names of levels beside it.
    fn new(graph: &Graph, frame: &Frame, beside: i32, top: i32) -> Self {
        let bottom = top + frame.panel;
        let up = up_axis(graph, (bottom, top));
        let widest = up.ticks.iter().map(|it| width(&it.1, frame.text)).fold(0.0, f64::max);
        let left = frame.margin + widest.ceil() as i32 + 6;
        let right = frame.width - frame.margin - 10 - beside;
        let across = axis_across(graph, (left, right), frame.text);
        let pitch = pitch(graph, &across).unwrap_or(right - left);
        Self { across, up, up_one: graph.up_one, left, right, top, bottom, pitch }
    }

    fn height(&self, number: f64) -> i32 {
        self.up.place(number * self.up_one)
    }

    /// How far the ends of bars reach to either side; nothing where points lie too close for that.
    fn cap(&self) -> i32 {
        match self.pitch / 3 {
            it if it < 3 => 0,
            it => it.min(5),
        }
    }
}

/// From one point of a line to the next, in pixels: half of them are nearer, half of them farther.
/// None where no line has two numbers.
fn pitch(graph: &Graph, across: &NumberAxis) -> Option<i32> {
    let gaps = graph.lines.iter().flat_map(|line| {
        let mut places: Vec<i32> = line.points.iter().map(|it| across.place(it.across)).collect();
        places.sort_unstable();
        places.dedup();
        places.windows(2).map(|it| it[1] - it[0]).collect::<Vec<i32>>()
    });
    let mut gaps: Vec<i32> = gaps.collect();
    gaps.sort_unstable();
    gaps.get(gaps.len() / 2).copied()
}

/// The upward axis, in its own unit.
fn up_axis(graph: &Graph, ends: (i32, i32)) -> NumberAxis {
    let points = graph.points().flat_map(|it| [it.low, it.value, it.high]);
    let all = points.chain(graph.levels.iter().map(|it| it.0)).chain(graph.up_ends.map(|it| it.1));
    let all = all.filter(|it| it.is_finite()).map(|it| it * graph.up_one);
    let mut axis = match graph.up_ends {
        None => NumberAxis::around(all, ends, 8),
        Some((low, _)) => {
            let low = low * graph.up_one;
            let (low, high) = all.fold((low, low), |(low, high), it| (low.min(it), high.max(it)));
            NumberAxis::between((low, if high > low { high } else { low + 1.0 }), ends, 6)
        }
    };
    for (_, text) in &mut axis.ticks {
        text.push_str(graph.up_unit);
    }
    axis
}

/// The axis from left to right. Half a person is no number for a tick where all points have whole
/// ones.
fn axis_across(graph: &Graph, ends: (i32, i32), size: i32) -> NumberAxis {
    let numbers: Vec<f64> = graph.points().map(|it| it.across).collect();
    let is_whole = |it: f64| (it - it.round()).abs() < 1e-6;
    let counts = numbers.iter().all(|it| is_whole(*it));
    let marks = graph.marks.iter().map(|it| it.0);
    let mut axis = NumberAxis::across(numbers.iter().copied().chain(marks).collect(), ends, size);
    if counts && axis.ticks.iter().any(|it| is_whole(it.0)) {
        axis.ticks.retain(|it| is_whole(it.0));
        for (number, text) in &mut axis.ticks {
            *text = grouped(*number, 0);
        }
    }
    axis
}

/// Draws the points; the sheet grows with the labels and the key.
pub(crate) fn graph(graph: &Graph, frame: &'static Frame) -> String {
    draw(frame, |canvas| {
        let y = head(canvas, &graph.title, &graph.subtitle);
        let up_title = wrap(&graph.up_title, frame.text, frame.room(), frame.lines);
        let labels = paragraph(canvas, &up_title, (frame.margin, y), frame.text, BLACK);
        let rows: Vec<Vec<String>> = known(&graph.marks)
            .map(|it| wrap(&it.1, frame.text, frame.room(), frame.lines))
            .collect();
        let high = frame.row * rows.iter().map(Vec::len).sum::<usize>() as i32;
        let names = LevelNames::new(graph, frame);
        let panel = Panel::new(graph, frame, names.wide(frame.small), labels + high + 8);
        let below = axes(canvas, graph, &panel);
        levels(canvas, graph, &names, &panel);
        marks(canvas, graph, &rows, labels, &panel);
        let drawn = drawn(graph, &panel);
        let stairs = stairs(graph, &drawn);
        let labels = Labels::new(&drawn, &stairs, &panel, frame);
        labels.draw(canvas);
        canvas.line(&stairs, STAIRS);
        for line in &drawn {
            bars(canvas, line, &panel);
            stroke(canvas, line);
        }
        for line in &drawn {
            signs(canvas, line, &panel);
        }
        legend(canvas, graph, &names, &labels, below + 10)
    })
}

/// Those of these lines that have a place.
fn known(lines: &[(f64, String)]) -> impl Iterator<Item = &(f64, String)> {
    lines.iter().filter(|it| it.0.is_finite())
}

/// Draws the axes and what stands at them; returns where the rest may begin.
fn axes(canvas: &Canvas, graph: &Graph, panel: &Panel) -> i32 {
    let (frame, left, right, bottom) = (canvas.frame, panel.left, panel.right, panel.bottom);
    for (number, _) in &panel.up.ticks {
        let y = panel.up.place(*number);
        canvas.line(&[(left, y), (right, y)], GRID);
    }
    for (number, _) in &panel.across.ticks {
        let x = panel.across.place(*number);
        canvas.line(&[(x, panel.top), (x, bottom)], GRID);
    }
    for (number, _) in &panel.across.ticks {
        let x = panel.across.place(*number);
        canvas.line(&[(x, bottom), (x, bottom + 5)], AXIS);
    }
    canvas.line(&[(left, panel.top), (left, bottom), (right, bottom)], AXIS);
    for (number, text) in &panel.up.ticks {
        let at = (left - 6, panel.up.place(*number));
        canvas.text(text, at, frame.text, BLACK, Hang::Right);
    }
    for (number, text) in &panel.across.ticks {
        let at = (panel.across.place(*number), bottom + 6 + frame.row / 2);
        canvas.centred(text, at, frame.text, BLACK);
    }
    across_title(canvas, &graph.across_title, (left, right), bottom + 10 + frame.row)
}

/// What stands beside the panel at horizontal lines.
struct LevelNames {
    /// The lines of each.
    texts: Vec<Vec<String>>,
    /// Whether those are only numbers, and the key says what they are.
    in_key: bool,
}

impl LevelNames {
    /// The labels themselves where they take little room, else numbers.
    fn new(graph: &Graph, frame: &Frame) -> Self {
        let most = 0.2 * frame.room();
        let wrapped = |label: &str| wrap(label, frame.small, most, usize::MAX);
        let texts: Vec<Vec<String>> = known(&graph.levels).map(|it| wrapped(&it.1)).collect();
        let rows = texts.iter().map(Vec::len).sum::<usize>() as i32;
        let is_short = |label: &str| label.split(' ').all(|it| width(it, frame.small) <= most);
        let fit = known(&graph.levels).all(|it| is_short(&it.1))
            && texts.iter().all(|it| it.len() <= 3)
            && rows * frame.row <= frame.panel;
        if fit {
            return Self { texts, in_key: false };
        }
        let numbers = known(&graph.levels).map(|it| vec![graph.up_text(it.0)]).enumerate();
        let room = (frame.panel / frame.row) as usize;
        let texts = numbers.map(|(place, it)| if place < room { it } else { Vec::new() });
        Self { texts: texts.collect(), in_key: true }
    }

    /// How much room they take beside the panel, in pixels.
    fn wide(&self, size: i32) -> i32 {
        let widest = self.texts.iter().flatten().map(|it| width(it, size)).fold(0.0, f64::max);
        if self.texts.is_empty() { 0 } else { widest.ceil() as i32 + 10 }
    }
}

fn level_pen(place: usize) -> Pen {
    LEVELS[place % LEVELS.len()]
}

/// Horizontal lines with what stands beside the panel at each.
fn levels(canvas: &Canvas, graph: &Graph, names: &LevelNames, panel: &Panel) {
    let (frame, right) = (canvas.frame, panel.right);
    let heights: Vec<i32> = known(&graph.levels).map(|it| panel.height(it.0)).collect();
    for (place, y) in heights.iter().enumerate() {
        canvas.line(&[(panel.left, *y), (right, *y)], level_pen(place));
    }
    let high = |it: &Vec<String>| frame.row * it.len() as i32;
    let wanted: Vec<(i32, i32)> =
        heights.iter().copied().zip(names.texts.iter().map(high)).collect();
    let ends = (panel.top - frame.row / 2, panel.bottom + frame.row / 2);
    for (((y, high), top), text) in wanted.iter().zip(spread(&wanted, ends)).zip(&names.texts) {
        let middle = top + high / 2;
        if *high > 0 && (middle - y).abs() > 2 {
            canvas.line(&[(right, *y), (right + 8, middle)], LEADER);
        }
        paragraph(canvas, text, (right + 10, top), frame.small, BLACK);
    }
}

/// The tops of things, each with its height as near to its middle as can be, so that none lies upon
/// another or beyond the ends.
fn spread(wanted: &[(i32, i32)], (top, bottom): (i32, i32)) -> Vec<i32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|it| wanted[*it].0);
    let mut tops = vec![top; wanted.len()];
    let mut free = top;
    for place in &order {
        let (middle, high) = wanted[*place];
        tops[*place] = (middle - high / 2).max(free);
        free = tops[*place] + high;
    }
    let mut free = bottom;
    for place in order.iter().rev() {
        tops[*place] = tops[*place].min(free - wanted[*place].1);
        free = tops[*place];
    }
    tops
}

/// Vertical lines, each with its label above the panel on rows of its own.
fn marks(canvas: &Canvas, graph: &Graph, rows: &[Vec<String>], top: i32, panel: &Panel) {
    let frame = canvas.frame;
    let mut y = top;
    for ((number, _), lines) in known(&graph.marks).zip(rows) {
        y += frame.row * lines.len() as i32;
        let x = panel.across.place(*number);
        canvas.line(&[(x, y - 2), (x, panel.bottom)], OBJECTIVE);
    }
    // Behind all lines, so that none runs through a label.
    let mut y = top;
    for ((number, _), lines) in known(&graph.marks).zip(rows) {
        for line in lines {
            let half = width(line, frame.text) as i32 / 2 + frame.margin;
            let x = panel.across.place(*number).min(frame.width - half).max(half);
            canvas.label(line, (x, y + frame.row / 2), frame.text, BLACK, Hang::Centre);
            y += frame.row;
        }
    }
}

/// A line with its points where they are drawn.
struct DrawnLine<'a> {
    line: &'a GraphLine,
    ink: Ink,
    mark: Mark,
    points: Vec<DrawnPoint<'a>>,
}

/// A point in pixels.
struct DrawnPoint<'a> {
    point: &'a GraphPoint,
    x: i32,
    /// None where the figure is not known.
    y: Option<i32>,
    top: i32,
    bottom: i32,
}

impl DrawnPoint<'_> {
    fn at(&self) -> Option<Point> {
        Some((self.x, self.y?))
    }
}

/// Where all points lie. Lines that share numbers stand a little beside each other there, so that
/// their bars do not lie upon each other.
fn drawn<'a>(graph: &'a Graph, panel: &Panel) -> Vec<DrawnLine<'a>> {
    let lines = graph.lines.len() as i32;
    let step = match graph.shares_numbers() && !graph.staircase {
        true => (panel.pitch / (lines + 1)).min(6),
        false => 0,
    };
    let each = graph.lines.iter().enumerate().map(|(place, line)| {
        let shift = (2 * place as i32 - (lines - 1)) * step / 2;
        let points = line.points.iter().filter(|it| it.across.is_finite());
        let points = points.map(|point| DrawnPoint {
            point,
            x: (panel.across.place(point.across) + shift).clamp(panel.left, panel.right),
            y: point.value.is_finite().then(|| panel.height(point.value)),
            top: panel.height(point.high),
            bottom: panel.height(point.low),
        });
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        DrawnLine { line, ink, mark, points: points.collect() }
    });
    each.collect()
}

/// From one point to the next that is further right and lower, in pixels; none where the graph has
/// no staircase.
fn stairs(graph: &Graph, drawn: &[DrawnLine<'_>]) -> Vec<Point> {
    let points = drawn.iter().flat_map(|it| &it.points);
    let mut points: Vec<(&GraphPoint, Point)> =
        points.filter_map(|it| Some((it.point, it.at()?))).filter(|_| graph.staircase).collect();
    points.sort_by(|(one, _), (other, _)| {
        one.across.total_cmp(&other.across).then(one.value.total_cmp(&other.value))
    });
    let (mut stairs, mut least): (Vec<Point>, f64) = (Vec::new(), f64::INFINITY);
    for (point, (x, y)) in points {
        if point.value < least {
            least = point.value;
            stairs.extend(stairs.last().map(|(_, before)| (x, *before)));
            stairs.push((x, y));
        }
    }
    stairs
}

/// The intervals of a line; an end that is not known has no cap.
fn bars(canvas: &Canvas, line: &DrawnLine<'_>, panel: &Panel) {
    let cap = panel.cap();
    let pen = Pen { ink: line.ink, width: if cap == 0 { 1 } else { 2 }, dash: None };
    for it in &line.points {
        canvas.line(&[(it.x, it.bottom), (it.x, it.top)], pen);
        for (number, y) in [(it.point.low, it.bottom), (it.point.high, it.top)] {
            if cap > 0 && number.is_finite() {
                canvas.line(&[(it.x - cap, y), (it.x + cap, y)], pen);
            }
        }
    }
}

/// The parts of a joined line between points that are not known.
fn parts(line: &DrawnLine<'_>) -> Vec<Vec<Point>> {
    let parts = line.points.split(|it| it.y.is_none() || !line.line.joined);
    let parts = parts.map(|it| it.iter().filter_map(DrawnPoint::at).collect());
    parts.filter(|it: &Vec<Point>| it.len() > 1).collect()
}

fn stroke(canvas: &Canvas, line: &DrawnLine<'_>) {
    let pen = Pen { ink: line.ink, width: canvas.frame.pen, dash: None };
    for part in parts(line) {
        canvas.line(&part, pen);
    }
}

/// The marks of a line: at every point, unless it is joined and they would cover it.
fn signs(canvas: &Canvas, line: &DrawnLine<'_>, panel: &Panel) {
    let each = match line.line.joined {
        true => (4 * canvas.frame.mark as usize).div_ceil(panel.pitch.max(1) as usize),
        false => 1,
    };
    for hollow in [false, true] {
        let kept = line.points.iter().step_by(each).filter(|it| it.point.hollow == hollow);
        let at: Vec<Point> = kept.filter_map(DrawnPoint::at).collect();
        canvas.marks(&at, line.mark, line.ink, hollow);
    }
}

/// The labels of points.
struct Labels<'a> {
    spots: Vec<Spot>,
    /// Those for which there is a number only.
    told: Vec<&'a str>,
}

impl<'a> Labels<'a> {
    fn new(drawn: &[DrawnLine<'a>], stairs: &[Point], panel: &Panel, frame: &Frame) -> Self {
        let points: Vec<&DrawnPoint<'a>> = drawn.iter().flat_map(|it| &it.points).collect();
        if points.len() > MOST_LABELLED {
            return Self { spots: Vec::new(), told: Vec::new() };
        }
        let mut room = room(drawn, stairs, panel, frame);
        let labelled = points.into_iter().filter(|it| !it.point.label.is_empty());
        // The figure that is not known lies beyond the panel.
        let at = |it: &DrawnPoint<'_>| (it.x, it.y.unwrap_or(panel.top));
        let (mut spots, mut left_out) = (Vec::new(), Vec::new());
        for it in labelled {
            match room.beside(&it.point.label, at(it)) {
                Some(spot) => spots.push(spot),
                None => left_out.push(it),
            }
        }
        for (place, it) in left_out.iter().enumerate() {
            spots.extend(room.near(&(place + 1).to_string(), at(it)));
        }
        Self { spots, told: left_out.into_iter().map(|it| it.point.label.as_str()).collect() }
    }

    fn draw(&self, canvas: &Canvas) {
        for spot in &self.spots {
            if let Some(from) = spot.from {
                canvas.line(&[from, spot.at], LEADER);
            }
        }
        for spot in &self.spots {
            canvas.label(&spot.text, spot.at, canvas.frame.small, BLACK, Hang::Centre);
        }
    }
}

/// What labels must leave free.
fn room(drawn: &[DrawnLine<'_>], stairs: &[Point], panel: &Panel, frame: &Frame) -> Spots {
    let (left, top) = (panel.left + 2, panel.top);
    let inside = Area { left, top, right: panel.right, bottom: panel.bottom - 2 };
    let mut room = Spots::new(inside, frame.small, frame.mark);
    room.pass(stairs);
    for line in drawn {
        for it in &line.points {
            room.pass(&[(it.x, it.top), (it.x, it.bottom)]);
            if let Some(at) = it.at() {
                room.take(Area::around(at, frame.mark + 2, frame.mark + 2));
            }
        }
        for part in parts(line) {
            room.pass(&part);
        }
    }
    room
}

/// What everything is, one entry for each; returns how high the sheet is.
fn legend(
    canvas: &Canvas,
    graph: &Graph,
    names: &LevelNames,
    labels: &Labels<'_>,
    top: i32,
) -> i32 {
    let frame = canvas.frame;
    let mut y = top;
    for (place, line) in graph.lines.iter().enumerate().filter(|it| !it.1.name.is_empty()) {
        let (ink, mark) = (INKS[place % INKS.len()], MARKS[place % MARKS.len()]);
        y = key(canvas, y, &line.name, |canvas, (x, y)| {
            if line.joined {
                let pen = Pen { ink, width: frame.pen, dash: None };
                canvas.line(&[(x, y), (x + SAMPLE, y)], pen);
            }
            canvas.mark((x + SAMPLE / 2, y), mark, ink, false);
        });
    }
    if graph.staircase {
        let text = "through the points that no other dominates";
        y = key(canvas, y, text, |canvas, (x, y)| canvas.line(&[(x, y), (x + SAMPLE, y)], STAIRS));
    }
    for (place, (number, label)) in known(&graph.levels).enumerate().filter(|_| names.in_key) {
        let text = format!("{}: {label}", graph.up_text(*number));
        y = key(canvas, y, &text, |canvas, (x, y)| {
            canvas.line(&[(x, y), (x + SAMPLE, y)], level_pen(place));
        });
    }
    for (place, label) in labels.told.iter().enumerate() {
        y = key(canvas, y, label, |canvas, (x, y)| {
            let number = (place + 1).to_string();
            canvas.text(&number, (x + SAMPLE / 2, y), frame.small, BLACK, Hang::Centre);
        });
    }
    if !graph.note.is_empty() {
        y = note(canvas, y, &graph.note);
    }
    y + 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::frame::{NARROW, WIDE};
    use crate::plot::tests::{faults, said};

    fn point(across: f64, value: f64, label: &str) -> GraphPoint {
        let label = label.to_owned();
        GraphPoint { across, low: value - 0.05, value, high: value + 0.05, label, hollow: false }
    }

    fn line(name: &str, joined: bool, points: Vec<GraphPoint>) -> GraphLine {
        GraphLine { name: name.to_owned(), points, joined }
    }

    /// Shares over hours.
    fn shares(lines: Vec<GraphLine>) -> Graph {
        Graph {
            title: "Share in time over the hours of a restore".to_owned(),
            subtitle: "A scenario; 200 exercises of each".to_owned(),
            across_title: "median of a restore, hours".to_owned(),
            up_title: "share of sites back in time, %".to_owned(),
            lines,
            levels: vec![(0.95, "asked for: 95%".to_owned())],
            marks: vec![(6.0, "the limit: 6.0 h".to_owned())],
            up_one: 100.0,
            up_unit: "%",
            up_ends: Some((0.0, 1.0)),
            staircase: false,
            note: "Bars are 95% intervals.".to_owned(),
        }
    }

    /// Numbers that go up, so many, beginning with this one.
    fn many(count: u32, first: f64) -> Vec<GraphPoint> {
        let each = (0..count).map(|it| {
            let part = f64::from(it) / f64::from(count);
            let hollow = it % 7 == 0;
            GraphPoint { hollow, ..point(1.0 + f64::from(it), first + 0.5 * part, "label") }
        });
        each.collect()
    }

    /// Points of cost against time that lie close together, with long labels.
    fn crowd() -> Graph {
        let points = (0..12).map(|it| {
            let label = format!("a strategy with a name that does not end soon, number {it}");
            let label = if it % 3 == 0 { label } else { format!("strategy {it}") };
            let beside = f64::from(it);
            GraphPoint { high: 9.0, ..point(4.0 + 0.05 * beside, 6.0 - 0.1 * beside, &label) }
        });
        Graph {
            up_one: 1.0,
            up_unit: "",
            up_ends: None,
            staircase: true,
            levels: Vec::new(),
            ..shares(vec![line("strategies", false, points.collect())])
        }
    }

    /// Every kind of graph that no page was made for.
    fn awkward() -> Vec<(&'static str, Graph)> {
        let long = "a name that does not end ".repeat(12);
        let one = || vec![point(3.0, 0.5, "the only one")];
        let lines = |joined: bool, count: u32| {
            let names = ["first", "second", "third"].into_iter().enumerate();
            let each = names
                .map(|(place, name)| line(name, joined, many(count, 0.1 + 0.15 * place as f64)));
            each.collect::<Vec<GraphLine>>()
        };
        let equal = (0..4).map(|it| point(5.0, 0.0, &format!("point {it}"))).collect();
        let named = Graph {
            title: long.clone(),
            subtitle: long.clone(),
            across_title: long.clone(),
            up_title: long.clone(),
            note: long.clone(),
            levels: (0..5).map(|it| (0.9 + 0.01 * f64::from(it), long.clone())).collect(),
            marks: (0..5).map(|it| (2.0 + 0.01 * f64::from(it), long.clone())).collect(),
            ..shares(vec![
                line(&long, true, vec![point(1.0, 0.2, &long), point(2.5, 0.9, "short")]),
                line(&"x".repeat(300), true, vec![point(1.0, 0.3, &"y".repeat(300))]),
            ])
        };
        let close = (0..6).map(|it| (0.95 + 0.005 * f64::from(it), format!("level {it}")));
        let thirty = (0..30).map(|it| (0.03 * f64::from(it), "one of thirty levels".to_owned()));
        let open =
            GraphPoint { low: f64::NEG_INFINITY, high: f64::INFINITY, ..point(2.0, 0.5, "") };
        let never =
            GraphPoint { value: f64::INFINITY, high: f64::INFINITY, ..point(3.0, 0.8, "?") };
        let swept = vec![point(1.0, 0.3, ""), open, never, point(4.0, 0.6, "now")];
        vec![
            ("one", shares(vec![line("alone", true, one())])),
            ("bare", Graph { levels: Vec::new(), up_ends: None, ..shares(vec![]) }),
            ("equal", shares(vec![line("equal", false, equal)])),
            ("around", Graph { up_ends: None, up_unit: "", ..shares(lines(true, 10)) }),
            ("few", shares(lines(true, 4))),
            ("hundred", shares(lines(true, 100))),
            ("scatter", shares(lines(false, 100))),
            ("open", shares(vec![line("swept", true, swept)])),
            ("long", named),
            ("close", Graph { levels: close.collect(), ..shares(lines(true, 5)) }),
            ("thirty", Graph { levels: thirty.collect(), ..shares(lines(true, 5)) }),
            ("crowd", crowd()),
        ]
    }

    #[test]
    fn no_graph_leaves_its_sheet_and_no_text_lies_upon_another() {
        for (name, it) in awkward() {
            for frame in [&WIDE, &NARROW] {
                let svg = graph(&it, frame);
                assert_eq!(faults(&svg), [""; 0], "{name}, {}", frame.width);
            }
        }
    }

    /// The panel and the lines of a graph without anything above the panel.
    fn laid(graph: &Graph) -> (Panel, Vec<DrawnLine<'_>>) {
        let panel = Panel::new(graph, &WIDE, 0, 100);
        let drawn = drawn(graph, &panel);
        (panel, drawn)
    }

    #[test]
    fn an_end_that_is_not_known_is_drawn_open_to_the_edge_of_the_panel() {
        let of = |value: f64, high: f64| {
            let point = GraphPoint { value, high, ..point(2.0, 0.5, "") };
            shares(vec![line("swept", true, vec![point])])
        };
        let unknown = f64::INFINITY;
        let (known, open, never) = (of(0.5, 0.55), of(0.5, unknown), of(unknown, unknown));
        let (panel, lines) = laid(&open);
        let it = &lines[0].points[0];
        assert_eq!((it.top, it.bottom), (panel.top, panel.height(0.45)));
        assert_eq!((it.y, laid(&never).1[0].points[0].y), (Some(panel.height(0.5)), None));
        // A bar has caps at those ends that are known.
        let bar = |of: &Graph| {
            let (panel, lines) = laid(of);
            let svg = draw(&WIDE, |canvas| {
                bars(canvas, &lines[0], &panel);
                500
            });
            svg.matches('M').count()
        };
        assert_eq!((bar(&known), bar(&open)), (3, 2));
    }

    #[test]
    fn a_line_breaks_where_its_figure_is_not_known() {
        let mut points = many(5, 0.2);
        points[2].value = f64::INFINITY;
        let (joined, apart) = (shares(vec![line("a", true, points)]), many(5, 0.2));
        let lengths: Vec<usize> = parts(&laid(&joined).1[0]).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 2]);
        assert!(parts(&laid(&shares(vec![line("b", false, apart)])).1[0]).is_empty());
    }

    #[test]
    fn stairs_lead_through_what_nothing_dominates() {
        let numbers = [(1.0, 0.9), (2.0, 0.5), (2.0, 0.7), (3.0, 0.6), (4.0, 0.5), (5.0, 0.1)];
        let points = numbers.map(|it| point(it.0, it.1, "")).into_iter().collect();
        let graph = Graph { staircase: true, ..shares(vec![line("a", false, points)]) };
        let (panel, drawn) = laid(&graph);
        let at = |across: f64, up: f64| (panel.across.place(across), panel.height(up));
        let corners = [at(1.0, 0.9), at(2.0, 0.9), at(2.0, 0.5), at(5.0, 0.5), at(5.0, 0.1)];
        assert_eq!(stairs(&graph, &drawn), corners);
        assert!(stairs(&Graph { staircase: false, ..shares(vec![]) }, &drawn).is_empty());
    }

    #[test]
    fn lines_at_the_same_numbers_stand_beside_each_other() {
        let two = |other: f64| {
            let of = |across: f64| vec![point(across, 0.5, ""), point(9.0 + across, 0.5, "")];
            shares(vec![line("a", true, of(1.0)), line("b", true, of(other))])
        };
        let (same, other) = (two(1.0), two(2.0));
        let x = |it: &Graph| [0, 1].map(|line| laid(it).1[line].points[0].x);
        assert_eq!(x(&same)[1] - x(&same)[0], 6);
        let (panel, _) = laid(&other);
        assert_eq!(x(&other), [1.0, 2.0].map(|it| panel.across.place(it)));
    }

    #[test]
    fn labels_that_find_no_room_are_told_in_the_key() {
        let svg = graph(&crowd(), &NARROW);
        let said = said(&svg);
        let told =
            (1..=4).all(|it| said.iter().filter(|text| **text == it.to_string()).count() > 1);
        assert!(told, "{said:?}");
        // Beside the point in full, as there is room.
        let alone = graph(&shares(vec![line("a", false, vec![point(3.0, 0.5, "now")])]), &NARROW);
        assert_eq!(alone.matches(">now</text>").count(), 1);
    }

    #[test]
    fn more_than_a_dozen_points_have_no_labels() {
        let svg = |count: u32| graph(&shares(vec![line("a", true, many(count, 0.1))]), &WIDE);
        assert_eq!(svg(12).matches(">label</text>").count(), 12);
        assert_eq!(svg(13).matches(">label</text>").count(), 0);
    }

    #[test]
    fn whole_numbers_have_whole_ticks_and_shares_are_in_percent() {
        let people = [2.0, 3.0, 4.0].map(|it| point(it, 0.5, "")).into_iter().collect();
        let graph = Graph { marks: Vec::new(), ..shares(vec![line("a", true, people)]) };
        let panel = Panel::new(&graph, &WIDE, 0, 100);
        let texts = |axis: &NumberAxis| -> Vec<String> {
            axis.ticks.iter().map(|it| it.1.clone()).collect()
        };
        assert_eq!(texts(&panel.across), ["2", "3", "4"]);
        assert_eq!(texts(&panel.up), ["0%", "20%", "40%", "60%", "80%", "100%"]);
        assert_eq!((panel.height(1.0), panel.height(0.0)), (panel.top, panel.bottom));
        assert_eq!((graph.up_text(0.955), graph.up_text(0.9)), ("95.5%".into(), "90%".into()));
    }

    #[test]
    fn names_of_levels_keep_apart_and_inside() {
        assert_eq!(spread(&[(50, 20), (52, 20), (90, 20)], (0, 100)), [40, 60, 80]);
        assert_eq!(spread(&[(99, 20), (98, 20), (2, 10)], (0, 100)), [80, 60, 0]);
        let short = LevelNames::new(&shares(vec![]), &WIDE);
        assert_eq!((short.texts, short.in_key), (vec![vec!["asked for: 95%".to_owned()]], false));
        let long = Graph { levels: vec![(0.95, "long ".repeat(40))], ..shares(vec![]) };
        let long = LevelNames::new(&long, &WIDE);
        assert_eq!((long.texts, long.in_key), (vec![vec!["95%".to_owned()]], true));
    }
}
