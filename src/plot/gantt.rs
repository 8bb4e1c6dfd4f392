//! The recovery in the middle batch by batch: when each was taken, worked on and back, and below
//! when each team worked.
//!
//! Where there are more batches than rows, neighbours in the order of taking are one row, the mean
//! of them.

use crate::plot::canvas::{Canvas, draw};
use crate::plot::caption::{SAMPLE, head, key, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::heat::at_work;
use crate::plot::ink::{BLACK, BLUE, GREY, ORANGE};
use crate::plot::measure::wrap;
use crate::plot::pen::{Pen, Point};
use crate::plot::replayed::{Captions, Clock, instant};
use crate::plot::strips::{self, Strip};
use crate::report::words::{count, plain};
use crate::review::{BatchStory, Replay};
use crate::units::SimTime;

/// Rows of batches at most.
const WIDE_ROWS: usize = 140;
const NARROW_ROWS: usize = 90;

/// The height that rows of batches share, in pixels, and what one of them takes at least and most.
const WIDE_HEIGHT: i32 = 420;
const NARROW_HEIGHT: i32 = 270;
const LEAST: i32 = 3;
const MOST: i32 = 14;

/// The batches of a track.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    track: String,
    batches: usize,
    sites: u64,
    rows: Vec<Row>,
}

/// One batch, or the mean of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    taken: SimTime,
    /// When work on it began; its end where it never did.
    started: SimTime,
    /// When all data was there; its end where it never was.
    validating: SimTime,
    first_back: Option<SimTime>,
    /// When the last of its sites was back or lost, or the recovery ended.
    end: SimTime,
    /// Whether one of its sites was not back then.
    incomplete: bool,
}

/// The blocks of all tracks, in the order of their first batches, and how many batches a row
/// stands for.
fn blocks(replay: &Replay, most: usize) -> (Vec<Block>, usize) {
    let mut tracks: Vec<(&str, Vec<&BatchStory>)> = Vec::new();
    for batch in &replay.batches {
        match tracks.iter_mut().find(|it| it.0 == batch.track) {
            Some(track) => track.1.push(batch),
            None => tracks.push((&batch.track, vec![batch])),
        }
    }
    let ends = ends(replay);
    let rows = |each: usize| tracks.iter().map(|it| it.1.len().div_ceil(each)).sum::<usize>();
    let round = (0..9).flat_map(|power| [1, 2, 5].map(|it| it * 10usize.pow(power)));
    let each = round.into_iter().find(|it| rows(*it) <= most.max(tracks.len())).unwrap_or(1);
    let block = |(track, mut batches): (&str, Vec<&BatchStory>)| {
        batches.sort_by_key(|it| (it.taken, it.number));
        let own: Vec<Row> = batches.iter().map(|it| row(it, ends[it.number as usize])).collect();
        Block {
            track: track.to_owned(),
            batches: batches.len(),
            sites: batches.iter().map(|it| u64::from(it.sites)).sum(),
            rows: own.chunks(each).map(mean).collect(),
        }
    };
    (tracks.into_iter().map(block).collect(), each)
}

/// When the last site of each batch was back or lost, by its number; the end of the recovery where
/// one was neither.
fn ends(replay: &Replay) -> Vec<SimTime> {
    let most = replay.batches.iter().map(|it| it.number as usize + 1).max().unwrap_or(0);
    let mut ends = vec![SimTime::ZERO; most];
    for site in &replay.sites {
        let Some(end) = site.batch.and_then(|it| ends.get_mut(it as usize)) else { continue };
        *end = (*end).max(site.back.or(site.lost).unwrap_or(replay.end).min(replay.end));
    }
    ends
}

fn row(story: &BatchStory, end: SimTime) -> Row {
    let end = story.last_back.unwrap_or(end).max(story.taken);
    let started = story.started.unwrap_or(end).clamp(story.taken, end);
    Row {
        taken: story.taken,
        started,
        validating: story.validating.unwrap_or(end).clamp(started, end),
        first_back: story.first_back,
        end,
        incomplete: story.last_back.is_none(),
    }
}

/// The mean of several, in which everything still follows what it followed.
fn mean(rows: &[Row]) -> Row {
    let mean = |times: &mut dyn Iterator<Item = SimTime>| {
        let all: Vec<u128> = times.map(|it| u128::from(it.as_millis())).collect();
        let sum: u128 = all.iter().sum();
        let mean = sum / all.len().max(1) as u128;
        SimTime::from_millis(u64::try_from(mean).expect("a mean is not above the greatest"))
    };
    let of = |of: fn(&Row) -> SimTime| mean(&mut rows.iter().map(of));
    let first = || rows.iter().filter_map(|it| it.first_back);
    Row {
        taken: of(|it| it.taken),
        started: of(|it| it.started),
        validating: of(|it| it.validating),
        first_back: first().next().map(|_| mean(&mut first())),
        end: of(|it| it.end),
        incomplete: rows.iter().any(|it| it.incomplete),
    }
}

/// A row on the sheet.
struct Bar {
    top: i32,
    bottom: i32,
    row: Row,
}

impl Bar {
    fn corners(&self, clock: &Clock, from: SimTime, to: SimTime) -> [Point; 4] {
        let (left, right) = (clock.at(from), clock.at(to).max(clock.at(from) + 1));
        [(left, self.top), (right, self.top), (right, self.bottom), (left, self.bottom)]
    }
}

/// The picture; none where no batch was taken.
pub(crate) fn svg(
    title: &str,
    captions: &Captions,
    replay: &Replay,
    frame: &'static Frame,
) -> Option<String> {
    if replay.batches.is_empty() {
        return None;
    }
    let narrow = frame.is_narrow();
    let (most, high) = if narrow { (NARROW_ROWS, NARROW_HEIGHT) } else { (WIDE_ROWS, WIDE_HEIGHT) };
    let (blocks, each) = blocks(replay, most);
    let rows: usize = blocks.iter().map(|it| it.rows.len()).sum();
    let pitch = (high / rows as i32).clamp(LEAST, MOST);
    let left = frame.margin + if narrow { 100 } else { 150 };
    Some(draw(frame, |canvas| {
        let top = head(canvas, title, &captions.above) + 4;
        let clock = Clock::new(canvas, replay.end, (left, frame.width - frame.margin - 8));
        let (bars, y) = place(canvas, &blocks, pitch, top, left);
        let (teams, parts) = at_work(replay, if narrow { 2 } else { 1 });
        let names: Vec<String> = teams.iter().map(|it| it.0.clone()).collect();
        let (strips, bottom) = place_teams(canvas, &names, y, left);
        clock.grid(canvas, top, bottom);
        batches(canvas, &clock, &bars);
        let strips: Vec<Strip> = strips
            .into_iter()
            .zip(teams)
            .map(|((top, bottom), (_, runs))| Strip { top, bottom, runs })
            .collect();
        strips::draw(canvas, &clock, &strips, parts, BLUE);
        let y = clock.below(canvas, bottom, &captions.since);
        legend(canvas, y + 2, &bars, each, !strips.is_empty())
    }))
}

/// Places the rows of all blocks, each block at least as high as what stands beside it; returns
/// where the rest may begin.
fn place(canvas: &Canvas, blocks: &[Block], pitch: i32, top: i32, left: i32) -> (Vec<Bar>, i32) {
    let frame = canvas.frame;
    let room = f64::from(left - frame.margin - 8);
    let gap = if pitch < 6 { 1 } else { 2 };
    let (mut bars, mut y) = (Vec::new(), top);
    for block in blocks {
        let of = |number: u64, one: &str, many: &str| match number {
            1 => format!("1 {one}"),
            n => format!("{} {many}", count(n)),
        };
        let batches = of(block.batches as u64, "batch", "batches");
        let sites = of(block.sites, "site", "sites");
        let name = wrap(&block.track, frame.small, room, 2);
        let below = wrap(&format!("{batches}, {sites}"), frame.small, room, 2);
        let names = paragraph(canvas, &name, (frame.margin, y), frame.small, BLACK);
        let beside = paragraph(canvas, &below, (frame.margin, names), frame.small, GREY);
        for (place, row) in block.rows.iter().enumerate() {
            let top = y + 2 + pitch * place as i32;
            bars.push(Bar { top, bottom: top + pitch - gap, row: *row });
        }
        y = beside.max(y + 4 + pitch * block.rows.len() as i32) + 6;
    }
    (bars, y)
}

/// Places a row for each team; returns where the rest may begin.
fn place_teams(canvas: &Canvas, names: &[String], top: i32, left: i32) -> (Vec<(i32, i32)>, i32) {
    let frame = canvas.frame;
    let room = f64::from(left - frame.margin - 8);
    let mut y = top;
    let mut strips = Vec::new();
    for name in names {
        let name = wrap(name, frame.small, room, 1);
        paragraph(canvas, &name, (frame.margin, y), frame.small, BLACK);
        strips.push((y + 3, y + frame.row - 4));
        y += frame.row;
    }
    (strips, y + 2)
}

/// Draws the rows, kind after kind, so that those of one look share an element.
fn batches(canvas: &Canvas, clock: &Clock, bars: &[Bar]) {
    for it in bars {
        let y = (it.top + it.bottom) / 2;
        let (from, to) = (clock.at(it.row.taken), clock.at(it.row.started));
        if from < to {
            canvas.line(&[(from, y), (to, y)], WAITS);
        }
    }
    for it in bars.iter().filter(|it| it.row.started < it.row.validating) {
        canvas.area(&it.corners(clock, it.row.started, it.row.validating), BLUE, 1.0);
    }
    for it in bars.iter().filter(|it| it.row.validating < it.row.end) {
        canvas.area(&it.corners(clock, it.row.validating, it.row.end), BLUE, CHECKS);
    }
    for it in bars {
        // The first of a batch of one is its last, too.
        let Some(at) = it.row.first_back.filter(|at| *at < it.row.end) else { continue };
        let x = clock.at(at);
        canvas.rectangle((x - 1, it.top), (x + 1, it.bottom), BLACK);
    }
    for it in bars.iter().filter(|it| it.row.incomplete) {
        missing(canvas, (clock.at(it.row.end), (it.top + it.bottom) / 2), it.bottom - it.top);
    }
}

/// How waiting in a batch is drawn.
const WAITS: Pen = Pen { ink: GREY, width: 1, dash: None };
/// How much ink validation has.
const CHECKS: f64 = 0.4;

/// The cross of a batch that is not complete.
fn missing(canvas: &Canvas, (x, y): Point, high: i32) {
    let pen = Pen { ink: ORANGE, width: 2, dash: None };
    let r = (high / 2).clamp(2, 5);
    canvas.line(&[(x - r, y - r), (x + r, y + r)], pen);
    canvas.line(&[(x - r, y + r), (x + r, y - r)], pen);
}

fn legend(canvas: &Canvas, top: i32, bars: &[Bar], each: usize, teams: bool) -> i32 {
    let any = |of: fn(&Row) -> bool| bars.iter().any(|it| of(&it.row));
    let bar = |opacity: f64| {
        move |canvas: &Canvas, (x, y): Point| {
            let corners = [(x, y - 5), (x + SAMPLE, y - 5), (x + SAMPLE, y + 5), (x, y + 5)];
            canvas.area(&corners, BLUE, opacity);
        }
    };
    let mut y = top;
    if any(|it| it.taken < it.started) {
        y = key(canvas, y, "taken, waiting for work on it to begin", |canvas, (x, y)| {
            canvas.line(&[(x, y), (x + SAMPLE, y)], WAITS);
        });
    }
    let restoring = match any(|it| it.validating < it.end) {
        true => "restoring, until the data of all its sites is there",
        false => "restoring, until its last site is back",
    };
    if any(|it| it.started < it.validating) {
        y = key(canvas, y, restoring, bar(1.0));
    }
    if any(|it| it.validating < it.end) {
        y = key(canvas, y, "validating, until its last site is back", bar(CHECKS));
    }
    if any(|it| it.first_back.is_some_and(|at| at < it.end)) {
        y = key(canvas, y, "its first site is back", |canvas, (x, y)| {
            let x = x + SAMPLE / 2;
            canvas.rectangle((x - 1, y - 5), (x + 1, y + 5), BLACK);
        });
    }
    if any(|it| it.incomplete) {
        let text = "one of its sites was lost for good, or was not back at the end";
        y = key(canvas, y, text, |canvas, (x, y)| missing(canvas, (x + SAMPLE / 2, y), 10));
    }
    let mut remark = match each {
        1 => "Every row is a batch.".to_owned(),
        n => format!("Every row is the mean of up to {} batches.", count(n as u64)),
    };
    remark += " They stand in the order in which their track took them.";
    if teams {
        remark += " Below, when each team works: the stronger, the more of its people, as in the \
                   picture of the teams.";
    }
    note(canvas, y, &remark)
}

/// What the picture shows.
pub(crate) fn alt(strategy: &str, replay: &Replay) -> String {
    let (blocks, _) = blocks(replay, usize::MAX);
    let mut text = format!("One exercise under {}, batch by batch.", plain(strategy));
    for block in &blocks {
        let first = block.rows.iter().map(|it| it.taken).min().unwrap_or_default();
        let last = block.rows.iter().map(|it| it.end).max().unwrap_or_default();
        let missing = block.rows.iter().filter(|it| it.incomplete).count();
        let of = match block.batches {
            1 => "one batch".to_owned(),
            n => format!("{} batches", count(n as u64)),
        };
        text += &format!(
            " {} takes {of} from {} on and is done at {}",
            plain(&block.track),
            instant(first),
            instant(last)
        );
        text += &match missing {
            0 => ".".to_owned(),
            n => format!("; {} of them do not get all their sites back.", count(n as u64)),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Choice, SiteStory};
    use crate::units::HOUR;

    fn hours(number: u64) -> SimTime {
        SimTime::from_millis(number * HOUR)
    }

    /// A batch of one site, taken at an hour, and so many hours until each of the next.
    fn batch(number: u32, taken: u64, hours_after: [u64; 3]) -> BatchStory {
        let [started, validating, back] = hours_after;
        BatchStory {
            track: "r".to_owned(),
            number,
            sites: 1,
            users: 1,
            taken: hours(taken),
            started: Some(hours(taken + started)),
            validating: Some(hours(taken + validating)),
            first_back: Some(hours(taken + back)),
            last_back: Some(hours(taken + back)),
        }
    }

    fn replay(batches: Vec<BatchStory>, sites: Vec<SiteStory>) -> Replay {
        Replay {
            choice: Choice::Median,
            replication: 0,
            end: hours(100),
            last_restored: None,
            sites,
            batches,
            gauges: Vec::new(),
            marks: Vec::new(),
        }
    }

    #[test]
    fn neighbours_are_one_row_where_there_are_more_batches_than_rows() {
        let batches = (0..5).map(|it| batch(it, 2 * u64::from(it), [1, 2, 4])).collect();
        let replay = replay(batches, Vec::new());
        let (all, each) = blocks(&replay, 5);
        assert_eq!((all[0].rows.len(), each, all[0].sites), (5, 1, 5));
        let (few, each) = blocks(&replay, 3);
        let times: Vec<u64> = few[0].rows.iter().map(|it| it.end.as_millis() / HOUR).collect();
        // Ends at 4, 6, 8, 10 and 12 hours, in pairs.
        assert_eq!((times, each), (vec![5, 9, 12], 2));
        assert_eq!(few[0].rows[0].taken, hours(1));
    }

    #[test]
    fn a_batch_that_is_never_complete_ends_with_its_last_site() {
        let site = |back: Option<u64>, lost: Option<u64>| SiteStory {
            back: back.map(hours),
            lost: lost.map(hours),
            batch: Some(0),
            ..SiteStory::default()
        };
        let open = BatchStory { validating: None, last_back: None, ..batch(0, 1, [2, 3, 4]) };
        let lost = replay(vec![open.clone()], vec![site(Some(5), None), site(None, Some(9))]);
        let row = blocks(&lost, 9).0[0].rows[0];
        assert_eq!((row.end, row.validating, row.incomplete), (hours(9), hours(9), true));
        let never = replay(vec![open], vec![site(Some(5), None), site(None, None)]);
        assert_eq!(blocks(&never, 9).0[0].rows[0].end, hours(100));
    }
}
