//! Strips of steps of lightness over time: how busy somebody is, and how many wait.

use crate::plot::canvas::Canvas;
use crate::plot::ink::{BLACK, GREY, Ink};
use crate::plot::measure::width;
use crate::plot::pen::{Hang, Pen};
use crate::plot::replayed::Clock;

/// Steps of lightness; level 0 is left empty.
pub(crate) const LEVELS: usize = 5;

/// How much ink each level has.
pub(crate) const OPACITIES: [f64; LEVELS + 1] = [0.0, 0.18, 0.36, 0.56, 0.78, 1.0];

/// Shares of people at work with which the levels from the second on begin.
pub(crate) const BUSY: [f64; LEVELS - 1] = [0.25, 0.5, 0.75, 0.95];

/// Less than this is a rounding error.
const NOTHING: f64 = 0.000_5;

/// Neighbouring parts of the time of one level, the last one left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub from: usize,
    pub to: usize,
    pub level: usize,
}

/// Neighbours of one level as one; those of level 0 are left out.
pub(crate) fn runs(levels: &[usize]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (part, level) in levels.iter().copied().enumerate().filter(|it| it.1 > 0) {
        match runs.last_mut().filter(|it| it.to == part && it.level == level) {
            Some(last) => last.to = part + 1,
            None => runs.push(Run { from: part, to: part + 1, level }),
        }
    }
    runs
}

/// Means of neighbours, so many together.
pub(crate) fn pooled(values: &[f64], each: usize) -> Vec<f64> {
    values.chunks(each).map(|it| it.iter().sum::<f64>() / it.len() as f64).collect()
}

/// How busy people are, as a level. Those who work when none should be there are as busy as can be.
pub(crate) fn busy(used: f64, there: f64) -> usize {
    match used {
        it if it < NOTHING => 0,
        it => level(it / there.max(NOTHING), &BUSY),
    }
}

/// A number as a level by where the levels from the second on begin, which count to the one below.
pub(crate) fn level(number: f64, bounds: &[f64; LEVELS - 1]) -> usize {
    match number {
        it if it < NOTHING => 0,
        it => 1 + bounds.iter().filter(|bound| it > **bound).count(),
    }
}

/// Round numbers up to which the levels of a queue reach, when at most so many wait.
pub(crate) fn bounds(most: f64) -> [f64; LEVELS - 1] {
    const ALL: [[f64; LEVELS - 1]; 7] = [
        [1.0, 2.0, 3.0, 5.0],
        [1.0, 2.0, 5.0, 10.0],
        [1.0, 3.0, 10.0, 30.0],
        [1.0, 5.0, 20.0, 100.0],
        [1.0, 10.0, 50.0, 300.0],
        [1.0, 10.0, 100.0, 1_000.0],
        [10.0, 100.0, 1_000.0, 10_000.0],
    ];
    ALL.into_iter().find(|it| most <= it[LEVELS - 2] * 2.0).unwrap_or(ALL[ALL.len() - 1])
}

/// A strip: its place in height, and what is drawn there.
pub(crate) struct Strip {
    pub top: i32,
    pub bottom: i32,
    pub runs: Vec<Run>,
}

/// Draws strips of so many parts, level after level, so that those of one share an element.
pub(crate) fn draw(canvas: &Canvas, clock: &Clock, strips: &[Strip], parts: usize, ink: Ink) {
    for (level, opacity) in OPACITIES.into_iter().enumerate().skip(1) {
        for strip in strips {
            for run in strip.runs.iter().filter(|it| it.level == level) {
                let (left, right) = (clock.part(run.from, parts), clock.part(run.to, parts));
                let (top, bottom) = (strip.top, strip.bottom);
                let outline = [(left, top), (right, top), (right, bottom), (left, bottom)];
                canvas.area(&outline, ink, opacity);
            }
        }
    }
}

/// A sample in a scale, and what it means.
pub(crate) enum Sample {
    /// A level of this ink.
    Level(Ink, usize),
    /// A thin line: nobody is there.
    Line,
}

/// A line for those who are not there.
pub(crate) const AWAY: Pen = Pen { ink: GREY, width: 1, dash: None };

/// Writes a heading and samples behind each other, on as many lines as they need; returns where the
/// rest may begin.
pub(crate) fn scale(canvas: &Canvas, top: i32, heading: &str, samples: &[(Sample, String)]) -> i32 {
    const WIDE: i32 = 18;
    let frame = canvas.frame;
    let row = frame.row;
    let (mut x, mut y) = (frame.margin, top + row / 2);
    canvas.text(heading, (x, y), frame.small, BLACK, Hang::Left);
    match frame.is_narrow() {
        true => y += row,
        false => x += width(heading, frame.small) as i32 + 12,
    }
    for (sample, text) in samples {
        let long = WIDE + 5 + width(text, frame.small) as i32;
        if x + long > frame.width - frame.margin && x > frame.margin {
            (x, y) = (frame.margin, y + row);
        }
        let corners = [(x, y - 5), (x + WIDE, y - 5), (x + WIDE, y + 5), (x, y + 5)];
        match sample {
            Sample::Line => canvas.line(&[(x, y), (x + WIDE, y)], AWAY),
            Sample::Level(ink, level) => {
                if *level > 0 {
                    canvas.area(&corners, *ink, OPACITIES[*level]);
                }
                let closed = [corners[0], corners[1], corners[2], corners[3], corners[0]];
                canvas.line(&closed, AWAY);
            }
        }
        canvas.text(text, (x + WIDE + 5, y), frame.small, BLACK, Hang::Left);
        x += long + 12;
    }
    y + row / 2 + 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_level_are_one_cell() {
        let run = |from, to, level| Run { from, to, level };
        assert_eq!(runs(&[0, 2, 2, 1, 0, 0, 1]), [run(1, 3, 2), run(3, 4, 1), run(6, 7, 1)]);
        assert_eq!(runs(&[0, 0]), []);
    }

    #[test]
    fn a_level_is_where_a_share_lies() {
        let of = |used: f64, there: f64| busy(used, there);
        assert_eq!((of(0.0, 4.0), of(0.0001, 4.0)), (0, 0));
        assert_eq!([of(1.0, 4.0), of(1.1, 4.0), of(3.0, 4.0), of(3.8, 4.0)], [1, 2, 3, 4]);
        assert_eq!((of(4.0, 4.0), of(9.0, 4.0), of(1.0, 0.0)), (5, 5, 5));
    }

    #[test]
    fn the_scale_of_a_queue_suits_its_length() {
        assert_eq!(bounds(0.0)[3], 5.0);
        assert_eq!(bounds(10.0)[3], 5.0);
        assert_eq!(bounds(11.0)[3], 10.0);
        assert_eq!(bounds(118.0)[3], 100.0);
        assert_eq!(bounds(1e9)[3], 10_000.0);
        assert_eq!([0.0, 0.4, 1.0, 1.2, 99.0].map(|it| level(it, &bounds(5.0))), [0, 1, 1, 2, 5]);
    }

    #[test]
    fn pooling_keeps_the_mean() {
        assert_eq!(pooled(&[1.0, 3.0, 5.0, 7.0, 9.0], 2), [2.0, 6.0, 9.0]);
    }
}
