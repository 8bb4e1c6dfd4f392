//! Where there is room for texts beside points.

use crate::plot::measure::width;
use crate::plot::pen::Point;

/// How far from its point a text that needs a line to it may stand, in heights of a text.
const FARTHEST: i32 = 12;

/// From a point to the texts beside it: first to the right, then where people look next.
const DIRECTIONS: [Point; 8] =
    [(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)];

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Area {
    /// So far to each side of a point.
    pub(crate) fn around((x, y): Point, wide: i32, high: i32) -> Self {
        Self { left: x - wide, top: y - high, right: x + wide, bottom: y + high }
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn holds(&self, other: &Self) -> bool {
        self.left <= other.left
            && self.top <= other.top
            && self.right >= other.right
            && self.bottom >= other.bottom
    }
}

/// A text that found room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub text: String,
    /// The middle of the text.
    pub at: Point,
    /// Its point, where it stands so far away that a line must lead there.
    pub from: Option<Point>,
}

/// A panel and what lies in it already.
pub(crate) struct Spots {
    panel: Area,
    /// The size of texts.
    size: i32,
    /// From a point to the nearest text beside it.
    gap: i32,
    /// Texts and marks, upon which nothing may lie.
    taken: Vec<Area>,
    /// Lines, which a text had better not lie upon.
    passed: Vec<Area>,
}

impl Spots {
    /// A panel for texts of this size beside marks of this radius.
    pub(crate) fn new(panel: Area, size: i32, mark: i32) -> Self {
        Self { panel, size, gap: mark + 4, taken: Vec::new(), passed: Vec::new() }
    }

    /// Nothing may lie there any more.
    pub(crate) fn take(&mut self, area: Area) {
        self.taken.push(area);
    }

    /// A line runs along these points.
    pub(crate) fn pass(&mut self, points: &[Point]) {
        for pair in points.windows(2) {
            let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
            // So dense that no text slips through.
            let steps = ((to_x - x).abs().max((to_y - y).abs()) / 4).max(1);
            let step = |it: i32| (x + (to_x - x) * it / steps, y + (to_y - y) * it / steps);
            self.passed.extend((0..=steps).map(|it| Area::around(step(it), 2, 2)));
        }
    }

    /// Where the text stands right beside its point, if there is room for it.
    pub(crate) fn beside(&mut self, text: &str, point: Point) -> Option<Spot> {
        self.within(text, point, 0..=0)
    }

    /// As [`beside`](Self::beside), or as near to that as there is room.
    pub(crate) fn near(&mut self, text: &str, point: Point) -> Option<Spot> {
        if let Some(spot) = self.within(text, point, 0..=FARTHEST) {
            return Some(spot);
        }
        // Better upon a line than nowhere.
        let passed = std::mem::take(&mut self.passed);
        let spot = self.within(text, point, 0..=FARTHEST);
        self.passed = passed;
        spot
    }

    /// Takes the nearest room that is so many heights of a text away from the point.
    fn within(
        &mut self,
        text: &str,
        point: Point,
        away: std::ops::RangeInclusive<i32>,
    ) -> Option<Spot> {
        let half = ((width(text, self.size) / 2.0).ceil() as i32 + 2, self.size * 3 / 5 + 1);
        let places = away.flat_map(|away| DIRECTIONS.map(|it| (away, it)));
        let mut areas = places.map(|(away, (dx, dy))| {
            let gap = self.gap + away * self.size;
            // What stands neither straight beside nor straight above is nearer by that.
            let (gap_x, gap_y) = if dx != 0 && dy != 0 { (gap - 2, gap / 2) } else { (gap, gap) };
            let at = (point.0 + dx * (gap_x + half.0), point.1 + dy * (gap_y + half.1));
            (away, at, Area::around(at, half.0, half.1))
        });
        let free = |it: &Area| {
            self.panel.holds(it) && !self.taken.iter().chain(&self.passed).any(|one| one.meets(it))
        };
        let (away, at, area) = areas.find(|it| free(&it.2))?;
        self.taken.push(area);
        Some(Spot { text: text.to_owned(), at, from: (away > 0).then_some(point) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PANEL: Area = Area { left: 0, top: 0, right: 200, bottom: 100 };

    #[test]
    fn a_text_stands_to_the_right_where_it_can_and_on_another_side_where_it_must() {
        let mut spots = Spots::new(PANEL, 10, 4);
        let first = spots.beside("a", (50, 50)).unwrap();
        assert!(first.at.0 > 50 && first.at.1 == 50 && first.from.is_none(), "{first:?}");
        let second = spots.beside("a", (50, 50)).unwrap();
        assert!(second.at.1 < 50, "{second:?}");
        let at_the_edge = spots.beside("a", (198, 50)).unwrap();
        assert!(at_the_edge.at.0 < 198, "{at_the_edge:?}");
    }

    #[test]
    fn a_text_that_fits_nowhere_beside_its_point_is_led_to_it_from_afar() {
        let mut spots = Spots::new(PANEL, 10, 4);
        spots.take(Area::around((50, 50), 30, 30));
        assert_eq!(spots.beside("1", (50, 50)), None);
        let far = spots.near("1", (50, 50)).unwrap();
        assert_eq!(far.from, Some((50, 50)));
        assert!((far.at.0 - 50).abs().max((far.at.1 - 50).abs()) > 30, "{far:?}");
    }

    #[test]
    fn a_line_is_avoided_but_better_than_nowhere() {
        let mut spots = Spots::new(Area { left: 0, top: 0, right: 60, bottom: 60 }, 10, 4);
        spots.pass(&[(0, 30), (60, 30)]);
        let first = spots.near("1", (5, 30)).unwrap();
        assert!(first.at.1 != 30, "{first:?}");
        for y in 0..60 {
            spots.pass(&[(0, y), (60, y)]);
        }
        assert_eq!(spots.beside("1", (5, 30)), None);
        assert!(spots.near("1", (5, 30)).is_some());
        assert_eq!(spots.near(&"long ".repeat(20), (5, 30)), None);
    }
}
