//! Lines with no more corners than one can see.

use crate::plot::pen::Point;

/// How far, in pixels, a line that is drawn may lie beside the one that is meant.
const TOLERANCE: f64 = 0.75;

/// The line with fewer corners: every corner left out lies within [`TOLERANCE`] of it. (Ramer 1972;
/// Douglas and Peucker 1973.)
pub(crate) fn thinned(mut points: Vec<Point>) -> Vec<Point> {
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut stays = vec![false; points.len()];
    let last = points.len() - 1;
    (stays[0], stays[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let apart = |it: usize| (distance(points[it], points[from], points[to]), it);
        let inside = (from + 1..to).map(apart);
        // Of several that lie equally far the first stays.
        let farthest = inside.reduce(|most, it| if it.0 > most.0 { it } else { most });
        if let Some((_, it)) = farthest.filter(|it| it.0 > TOLERANCE) {
            stays[it] = true;
            open.push((from, it));
            open.push((it, to));
        }
    }
    points.into_iter().zip(stays).filter_map(|(point, stays)| stays.then_some(point)).collect()
}

/// How far a point lies from the line between two others.
fn distance(point: Point, from: Point, to: Point) -> f64 {
    let at = |it: Point| (f64::from(it.0), f64::from(it.1));
    let ((x, y), (x1, y1), (x2, y2)) = (at(point), at(from), at(to));
    let (dx, dy) = (x2 - x1, y2 - y1);
    let square = dx * dx + dy * dy;
    let part = match square > 0.0 {
        true => (((x - x1) * dx + (y - y1) * dy) / square).clamp(0.0, 1.0),
        false => 0.0,
    };
    let (x, y) = (x - x1 - part * dx, y - y1 - part * dy);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_that_nobody_sees_are_left_out() {
        let line: Vec<Point> = (0..100).map(|it| (it, it / 2)).collect();
        assert_eq!(thinned(line), [(0, 0), (99, 49)]);
        let corner = vec![(0, 0), (5, 0), (5, 0), (9, 0), (9, 7), (9, 9)];
        assert_eq!(thinned(corner), [(0, 0), (9, 0), (9, 9)]);
        let there_and_back = vec![(0, 0), (50, 0), (0, 0)];
        assert_eq!(thinned(there_and_back.clone()), there_and_back);
    }
}
