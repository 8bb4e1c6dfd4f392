//! Two levers at once, as a grid of shaded cells: what is shown as plain data, and its layout on
//! the canvas.
//!
//! For a figure over one lever see [`graph`](crate::plot::graph).

use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, across_title, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, BLUE, Ink, WHITE};
use crate::plot::measure::{fit_name, width, wrap};
use crate::plot::pen::{AXIS, GRID, Hang, Pen, Point};
use crate::plot::strips::{AWAY, OPACITIES, Run, runs};

/// The levels of lightness that cells have. The last but one is left out: neither black nor white
/// can be read on it.
const SHADES: [usize; 5] = [0, 1, 2, 3, 5];

/// How high a cell is at least and at most, in pixels.
const HIGH: (i32, i32) = (10, 44);
/// How wide a cell is at most, in pixels.
const WIDEST: i32 = 160;
/// Up to this side a cell is too small for a corner, and a sign stands in its middle.
const TINY: i32 = 16;

/// A figure over two levers.
pub(crate) struct Map {
    pub title: String,
    pub subtitle: String,
    /// The lever from left to right, and its values.
    pub across_title: String,
    pub across: Vec<String>,
    /// The upward lever, and its values, the first at the bottom.
    pub up_title: String,
    pub up: Vec<String>,
    /// Row by row from the bottom; a value that is not known is none.
    pub cells: Vec<Vec<Option<MapCell>>>,
    /// What the shade says, such as "RTA p95, mean, hours: darker is longer".
    pub shade_title: String,
    /// A sentence below the key; may be empty.
    pub note: String,
}

/// What is known at a value of each lever.
pub(crate) struct MapCell {
    /// From 0, none, to 1, full.
    pub shade: f64,
    /// The figure; left out where it does not fit.
    pub text: String,
    pub mark: CellMark,
}

/// A sign in the corner of a cell, for what can be read without its shade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellMark {
    None,
    Met,
    Missed,
    Undecided,
}

/// The marks that have a sign, with what the key says.
const SIGNS: [(CellMark, &str); 3] = [
    (CellMark::Met, "met"),
    (CellMark::Missed, "missed"),
    (CellMark::Undecided, "undecided: the interval has what is asked for in it"),
];

impl Map {
    /// A cell and its place: column and row.
    fn known(&self) -> impl Iterator<Item = ((usize, usize), &MapCell)> {
        let rows = self.cells.iter().take(self.up.len()).enumerate();
        rows.flat_map(|(row, cells)| {
            let cells = cells.iter().take(self.across.len()).enumerate();
            cells.filter_map(move |(column, it)| Some(((column, row), it.as_ref()?)))
        })
    }

    fn has(&self, mark: CellMark) -> bool {
        self.known().any(|it| it.1.mark == mark)
    }

    /// The places of which nothing is known.
    fn unknown(&self) -> impl Iterator<Item = (usize, usize)> {
        let places =
            (0..self.up.len()).flat_map(|row| (0..self.across.len()).map(move |it| (it, row)));
        places.filter(|(column, row)| {
            self.cells.get(*row).and_then(|it| it.get(*column)?.as_ref()).is_none()
        })
    }
}

impl MapCell {
    /// Its place in [`SHADES`].
    fn shade(&self) -> usize {
        let last = (SHADES.len() - 1) as f64;
        (self.shade.clamp(0.0, 1.0) * last).round() as usize
    }

    /// What can be read on it.
    fn ink(&self) -> Ink {
        if self.shade() == SHADES.len() - 1 { WHITE } else { BLACK }
    }
}

/// Where the cells lie.
struct Grid {
    left: i32,
    right: i32,
    top: i32,
    /// The height of a cell.
    high: i32,
    columns: i32,
    rows: i32,
    /// Whether any cell has a sign.
    signs: bool,
}

impl Grid {
    fn new(map: &Map, frame: &Frame, top: i32) -> Self {
        let names = map.up.iter().map(|it| width(it, frame.text)).fold(0.0, f64::max);
        let left = frame.margin + names.min(names_room(frame)).ceil() as i32 + 8;
        let columns = map.across.len().max(1) as i32;
        let rows = map.up.len().max(1) as i32;
        let right = (frame.width - frame.margin).min(left + columns * WIDEST);
        let high = (frame.panel / rows).clamp(HIGH.0, HIGH.1);
        let signs = SIGNS.iter().any(|it| map.has(it.0));
        Self { left, right, top, high, columns, rows, signs }
    }

    fn bottom(&self) -> i32 {
        self.top + self.rows * self.high
    }

    /// The left edge of a column, which is the right one of that before it.
    fn column(&self, place: usize) -> i32 {
        self.left + (self.right - self.left) * place as i32 / self.columns
    }

    /// The lower edge of a row, which is the upper one of that below it.
    fn row(&self, place: usize) -> i32 {
        self.bottom() - self.high * place as i32
    }

    /// The corners of neighbouring cells of a row, the last one left out.
    fn corners(&self, row: usize, from: usize, to: usize) -> [Point; 4] {
        let (left, right) = (self.column(from), self.column(to));
        let (bottom, top) = (self.row(row), self.row(row + 1));
        [(left, top), (right, top), (right, bottom), (left, bottom)]
    }

    /// The width of the narrowest cell.
    fn wide(&self) -> i32 {
        (self.right - self.left) / self.columns
    }

    /// Half of what a sign takes to either side.
    fn sign(&self) -> i32 {
        (self.wide().min(self.high) / 5).clamp(2, 5)
    }

    fn is_tiny(&self) -> bool {
        self.wide().min(self.high) <= TINY
    }

    /// The middle of a sign: in the corner of its cell where there is one.
    fn sign_at(&self, (column, row): (usize, usize)) -> Point {
        let (right, top) = (self.column(column + 1), self.row(row + 1));
        match self.is_tiny() {
            true => (i32::midpoint(self.column(column), right), top + self.high / 2),
            false => (right - self.sign() - 4, top + self.sign() + 4),
        }
    }

    /// How wide a text in a cell may be, and where its middle is below the upper edge: between the
    /// signs where the widest text fits there, else below them if there is room.
    fn text(&self, size: i32, widest: f64) -> Option<(i32, i32)> {
        let of_signs = if self.signs { 2 * self.sign() + 6 } else { 0 };
        let between = self.wide() - 2 * of_signs - 6;
        let has_room_below = self.high >= of_signs + size + 4;
        if has_room_below && widest > f64::from(between) {
            return Some((self.wide() - 6, i32::midpoint(of_signs, self.high)));
        }
        let fits = self.high >= size + 4 && !self.is_tiny();
        fits.then_some((between, self.high / 2))
    }
}

/// What the values of the upward lever may take beside the grid, in pixels.
fn names_room(frame: &Frame) -> f64 {
    0.25 * frame.room()
}

/// Draws the cells; the sheet grows with them.
pub(crate) fn map(map: &Map, frame: &'static Frame) -> String {
    draw(frame, |canvas| {
        let y = head(canvas, &map.title, &map.subtitle);
        let up_title = wrap(&map.up_title, frame.text, frame.room(), frame.lines);
        let y = paragraph(canvas, &up_title, (frame.margin, y), frame.text, BLACK);
        let grid = Grid::new(map, frame, y + 8);
        shades(canvas, map, &grid);
        unknown(canvas, map, &grid);
        edges(canvas, &grid);
        texts(canvas, map, &grid);
        signs(canvas, map, &grid);
        names_up(canvas, map, &grid);
        let y = names_across(canvas, map, &grid);
        let y = across_title(canvas, &map.across_title, (grid.left, grid.right), y + 4);
        legend(canvas, map, y + 10)
    })
}

/// Fills the cells, level after level, so that those of one share an element.
fn shades(canvas: &Canvas, map: &Map, grid: &Grid) {
    let rows: Vec<Vec<Run>> = map
        .cells
        .iter()
        .take(map.up.len())
        .map(|row| {
            let level = |it: &Option<MapCell>| it.as_ref().map_or(0, |it| SHADES[it.shade()]);
            runs(&row.iter().take(map.across.len()).map(level).collect::<Vec<usize>>())
        })
        .collect();
    for level in SHADES {
        for (row, runs) in rows.iter().enumerate() {
            for run in runs.iter().filter(|it| it.level == level) {
                canvas.area(&grid.corners(row, run.from, run.to), BLUE, OPACITIES[level]);
            }
        }
    }
}

/// A line through each cell of which nothing is known.
fn unknown(canvas: &Canvas, map: &Map, grid: &Grid) {
    for (column, row) in map.unknown() {
        let [_, right_top, _, left_bottom] = grid.corners(row, column, column + 1);
        canvas.line(&[left_bottom, right_top], AWAY);
    }
}

/// The lines between the cells.
fn edges(canvas: &Canvas, grid: &Grid) {
    let (left, right, top, bottom) = (grid.left, grid.right, grid.top, grid.bottom());
    for row in 1..=grid.rows as usize {
        let y = grid.row(row);
        canvas.line(&[(left, y), (right, y)], GRID);
    }
    for column in 1..=grid.columns as usize {
        let x = grid.column(column);
        canvas.line(&[(x, top), (x, bottom)], GRID);
    }
    canvas.line(&[(left, top), (left, bottom), (right, bottom)], AXIS);
}

/// The figures of the cells, where they fit.
fn texts(canvas: &Canvas, map: &Map, grid: &Grid) {
    let size = canvas.frame.small;
    let widest = map.known().map(|it| width(&it.1.text, size)).fold(0.0, f64::max);
    let Some((wide, below)) = grid.text(size, widest) else { return };
    for ink in [BLACK, WHITE] {
        for ((column, row), cell) in map.known().filter(|it| it.1.ink() == ink) {
            if width(&cell.text, size) <= f64::from(wide) {
                let x = i32::midpoint(grid.column(column), grid.column(column + 1));
                canvas.text(&cell.text, (x, grid.row(row + 1) + below), size, ink, Hang::Centre);
            }
        }
    }
}

/// The signs of the cells, kind after kind, so that those of one share an element.
fn signs(canvas: &Canvas, map: &Map, grid: &Grid) {
    for (mark, _) in SIGNS {
        for ink in [BLACK, WHITE] {
            let cells = map.known().filter(|it| it.1.mark == mark && it.1.ink() == ink);
            for (place, _) in cells {
                sign(canvas, mark, grid.sign_at(place), grid.sign(), ink);
            }
        }
    }
}

/// A tick, a cross or an empty diamond around a point, so far to either side.
fn sign(canvas: &Canvas, mark: CellMark, (x, y): Point, half: i32, ink: Ink) {
    let pen = Pen { ink, width: if half > 2 { 2 } else { 1 }, dash: None };
    let (left, right, top, bottom) = (x - half, x + half, y - half, y + half);
    match mark {
        CellMark::None => {}
        CellMark::Met => canvas.line(&[(left, y), (x - half / 3, bottom), (right, top)], pen),
        CellMark::Missed => {
            canvas.line(&[(left, top), (right, bottom)], pen);
            canvas.line(&[(left, bottom), (right, top)], pen);
        }
        CellMark::Undecided => {
            canvas.line(&[(x, top), (right, y), (x, bottom), (left, y), (x, top)], pen);
        }
    }
}

/// The values of the upward lever beside the rows, as many as there is room for.
fn names_up(canvas: &Canvas, map: &Map, grid: &Grid) {
    let frame = canvas.frame;
    let each = ((frame.text + 2) as usize).div_ceil(grid.high as usize);
    for (row, name) in map.up.iter().enumerate().step_by(each) {
        let at = (grid.left - 6, grid.row(row) - grid.high / 2);
        let name = fit_name(name, frame.text, names_room(frame));
        canvas.text(&name, at, frame.text, BLACK, Hang::Right);
    }
}

/// The values of the lever from left to right below the columns: on several lines where all fit so,
/// else as many as there is room for; returns where the rest may begin.
fn names_across(canvas: &Canvas, map: &Map, grid: &Grid) -> i32 {
    let frame = canvas.frame;
    let top = grid.bottom() + 6;
    let middle = |it: usize| i32::midpoint(grid.column(it), grid.column(it + 1));
    let line = |text: &str, place: usize, line: usize| {
        let at = (middle(place), top + frame.row * line as i32 + frame.row / 2);
        canvas.centred(text, at, frame.text, BLACK);
    };
    let names: Vec<String> =
        map.across.iter().map(|it| fit_name(it, frame.text, 0.4 * frame.room())).collect();
    let each = every(&names, grid, frame);
    if let Some(wrapped) = wrapped(&map.across, grid, frame).filter(|_| each > 1) {
        for (place, lines) in wrapped.iter().enumerate() {
            for (row, text) in lines.iter().enumerate() {
                line(text, place, row);
            }
        }
        return top + frame.row * wrapped.iter().map(Vec::len).max().unwrap_or(0) as i32;
    }
    for (place, name) in names.iter().enumerate().step_by(each) {
        line(name, place, 0);
    }
    top + frame.row
}

/// Of how many columns one has its name, so that no name lies upon the next.
fn every(names: &[String], grid: &Grid, frame: &Frame) -> usize {
    let ends = |place: usize| {
        let half = (width(&names[place], frame.text) / 2.0).ceil() as i32 + 1;
        let middle = i32::midpoint(grid.column(place), grid.column(place + 1));
        let middle = middle.min(frame.width - half).max(half);
        (middle - half, middle + half)
    };
    let fits = |each: &usize| {
        let places: Vec<usize> = (0..names.len()).step_by(*each).collect();
        places.windows(2).all(|it| ends(it[0]).1 + 4 <= ends(it[1]).0)
    };
    (1..names.len()).find(fits).unwrap_or(names.len().max(1))
}

/// The names, each on up to three lines as wide as its column, if no word has to be broken for
/// that.
fn wrapped(names: &[String], grid: &Grid, frame: &Frame) -> Option<Vec<Vec<String>>> {
    let most = f64::from(grid.wide() - 6);
    let is_short = |name: &String| name.split(' ').all(|it| width(it, frame.text) <= most);
    let lines = |name: &String| wrap(name, frame.text, most, usize::MAX);
    let wrapped: Vec<Vec<String>> = names.iter().filter(|it| is_short(it)).map(lines).collect();
    let fit = wrapped.len() == names.len() && wrapped.iter().all(|it| it.len() <= 3);
    fit.then_some(wrapped)
}

/// What shades and signs say; returns how high the sheet is.
fn legend(canvas: &Canvas, map: &Map, top: i32) -> i32 {
    let mut y = key(canvas, top, &map.shade_title, |canvas, (x, y)| {
        let wide = SAMPLE / SHADES.len() as i32;
        for (place, level) in SHADES.into_iter().enumerate() {
            let (left, right) = (x + wide * place as i32, x + wide * (place as i32 + 1));
            let corners = [(left, y - 6), (right, y - 6), (right, y + 6), (left, y + 6)];
            if level > 0 {
                canvas.area(&corners, BLUE, OPACITIES[level]);
            }
        }
        let right = x + wide * SHADES.len() as i32;
        canvas.line(&[(x, y - 6), (right, y - 6), (right, y + 6), (x, y + 6), (x, y - 6)], AWAY);
    });
    for (mark, text) in SIGNS.into_iter().filter(|it| map.has(it.0)) {
        y = key(canvas, y, text, |canvas, (x, y)| {
            sign(canvas, mark, (x + SAMPLE / 2, y), 4, BLACK);
        });
    }
    if map.unknown().next().is_some() {
        y = key(canvas, y, "not known", |canvas, (x, y)| {
            let (left, right) = (x + SAMPLE / 2 - 8, x + SAMPLE / 2 + 8);
            canvas.line(&[(left, y + 6), (right, y - 6)], AWAY);
        });
    }
    if !map.note.is_empty() {
        y = note(canvas, y, &map.note);
    }
    y + 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::frame::{NARROW, WIDE};
    use crate::plot::tests::{faults, said};

    /// A map of so many columns and rows, each cell with a text that is this long.
    fn sample(columns: usize, rows: usize, text: &str) -> Map {
        let marks = [CellMark::None, CellMark::Met, CellMark::Missed, CellMark::Undecided];
        let cell = |column: usize, row: usize| {
            let shade = (column + row) as f64 / (columns + rows).saturating_sub(2).max(1) as f64;
            let mark = marks[(column / 2 + row) % marks.len()];
            let is_known = (column * 7 + row * 3) % 11 != 5;
            is_known.then(|| MapCell { shade, text: text.to_owned(), mark })
        };
        let row = |row: usize| (0..columns).map(|it| cell(it, row)).collect();
        Map {
            title: "RTA p95 over people and concurrent restores".to_owned(),
            subtitle: "A scenario; 100 exercises in each cell".to_owned(),
            across_title: "people on call".to_owned(),
            across: (1..=columns).map(|it| (10 * it).to_string()).collect(),
            up_title: "restores at once".to_owned(),
            up: (1..=rows).map(|it| it.to_string()).collect(),
            cells: (0..rows).map(row).collect(),
            shade_title: "RTA p95, mean: from 3.2 h, the lightest, to 31 h, the darkest".to_owned(),
            note: "The signs are those of an objective of 24 h.".to_owned(),
        }
    }

    /// Every kind of map that no page was made for.
    fn awkward() -> Vec<(&'static str, Map)> {
        let long = "a name that does not end ".repeat(12);
        let words = |map: Map, name: &str| {
            let named = |it: usize| format!("{name} {it}");
            let across = (0..map.across.len()).map(named).collect();
            Map { across, up: (0..map.up.len()).map(named).collect(), ..map }
        };
        let all = Map {
            title: long.clone(),
            subtitle: long.clone(),
            across_title: long.clone(),
            up_title: long.clone(),
            shade_title: long.clone(),
            note: long.clone(),
            ..words(sample(4, 3, &long), &long)
        };
        let ragged = Map { cells: vec![Vec::new()], ..sample(3, 2, "4 h") };
        let empty = Map { across: Vec::new(), up: Vec::new(), ..sample(1, 1, "") };
        vec![
            ("one", sample(1, 1, "12.5 h")),
            ("few", sample(5, 4, "12.5 h")),
            ("ten", sample(10, 10, "12.5 h")),
            ("forty", sample(40, 40, "12.5 h")),
            ("flat", sample(40, 1, "9")),
            ("tall", sample(1, 40, "12.5 h")),
            ("words", words(sample(4, 4, "99.9%"), "priority by tier")),
            ("unbroken", words(sample(6, 4, "99.9%"), "manual-first-with-checks")),
            ("long", all),
            ("ragged", ragged),
            ("empty", empty),
        ]
    }

    #[test]
    fn no_map_leaves_its_sheet_and_no_text_lies_upon_another() {
        for (name, it) in awkward() {
            for frame in [&WIDE, &NARROW] {
                let svg = map(&it, frame);
                assert_eq!(faults(&svg), [""; 0], "{name}, {}", frame.width);
            }
        }
    }

    #[test]
    fn shades_go_from_none_to_all_in_equal_steps() {
        let shade =
            |shade: f64| MapCell { shade, text: String::new(), mark: CellMark::None }.shade();
        assert_eq!([0.0, 0.1, 0.2, 0.5, 0.8, 0.9, 1.0].map(shade), [0, 0, 1, 2, 3, 4, 4]);
        assert_eq!([-1.0, 7.0, f64::NAN].map(shade), [0, 4, 0]);
    }

    #[test]
    fn the_first_row_is_at_the_bottom() {
        let map = sample(4, 3, "");
        let grid = Grid::new(&map, &WIDE, 100);
        assert_eq!((grid.row(0), grid.row(3)), (grid.bottom(), 100));
        assert_eq!((grid.column(0), grid.column(4)), (grid.left, grid.right));
        let svg = super::map(&map, &WIDE);
        let place = |text: &str| svg.find(&format!(">{text}</text>")).unwrap();
        assert!(place("1") < place("2") && place("2") < place("3"));
    }

    #[test]
    fn a_text_is_left_out_where_it_does_not_fit_and_the_sign_stays() {
        let texts =
            |it: &Map, frame| said(&map(it, frame)).iter().filter(|it| *it == "12.5 h").count();
        let (few, many) = (sample(3, 3, "12.5 h"), sample(40, 40, "12.5 h"));
        assert_eq!(texts(&few, &WIDE), few.known().count());
        assert_eq!((texts(&many, &WIDE), texts(&many, &NARROW)), (0, 0));
        let long = sample(3, 3, &"long ".repeat(50));
        assert!(!map(&long, &WIDE).contains("long"));
    }

    #[test]
    fn no_text_runs_into_the_sign_of_its_cell() {
        for (columns, rows) in [(1, 1), (3, 3), (8, 10), (8, 20), (14, 16), (20, 25), (40, 40)] {
            for (frame, widest) in [(&WIDE, 10.0), (&WIDE, 99.0), (&NARROW, 10.0), (&NARROW, 99.0)]
            {
                let mut map = sample(columns, rows, "");
                map.cells[rows - 1][0] =
                    Some(MapCell { shade: 0.5, text: String::new(), mark: CellMark::Missed });
                let grid = Grid::new(&map, frame, 0);
                let Some((wide, below)) = grid.text(frame.small, widest) else { continue };
                let (x, y) = grid.sign_at((0, rows - 1));
                let (left, bottom) = (x - grid.sign(), y + grid.sign());
                let middle = i32::midpoint(grid.column(0), grid.column(1));
                let beside = middle + wide / 2 <= left;
                let half = frame.small / 2;
                let under = below - half >= bottom && below + half < grid.high;
                assert!(beside || under, "{columns} x {rows}, {}", frame.width);
            }
        }
    }

    #[test]
    fn the_key_says_what_is_there_and_nothing_else() {
        let mut map = sample(2, 1, "");
        let key = |map: &Map| {
            let said = said(&super::map(map, &WIDE));
            ["met", "missed", "not known"].map(|it| said.iter().any(|text| text == it))
        };
        assert_eq!(key(&map), [false, false, false]);
        map.cells[0][1] = Some(MapCell { shade: 1.0, text: String::new(), mark: CellMark::Met });
        assert_eq!(key(&map), [true, false, false]);
        map.cells[0][0] = None;
        assert_eq!(key(&map), [true, false, true]);
    }

    #[test]
    fn names_of_columns_are_thinned_or_wrapped_where_they_would_lie_upon_each_other() {
        let below = |it: &Map, frame: &Frame| {
            let names: Vec<String> = it.across.clone();
            every(&names, &Grid::new(it, frame, 0), frame)
        };
        let (few, many) = (sample(5, 2, ""), sample(40, 2, ""));
        assert_eq!((below(&few, &WIDE), below(&few, &NARROW)), (1, 1));
        assert!(below(&many, &WIDE) > 1 && below(&many, &NARROW) > below(&many, &WIDE));
        let grid = Grid::new(&few, &NARROW, 0);
        let wraps = |name: &str| wrapped(&[name.to_owned()], &grid, &NARROW);
        assert_eq!(wraps("by tier first").map(|it| it[0].len()), Some(2));
        assert_eq!((wraps("1,000,000,000,000"), wraps(&"by tier ".repeat(9))), (None, None));
    }
}
