//! How busy each team is over time and how many tasks wait for it, in the recovery in the middle.

use crate::plot::canvas::draw as sheet;
use crate::plot::caption::{head, note, paragraph};
use crate::plot::frame::Frame;
use crate::plot::ink::{BLACK, BLUE, GREY, ORANGE};
use crate::plot::measure::{fit_name, width, wrap};
use crate::plot::pen::Hang;
use crate::plot::replayed::{Captions, Clock, instant};
use crate::plot::strips::{
    self, AWAY, BUSY, LEVELS, Run, Sample, Strip, bounds, busy, level, pooled, runs,
};
use crate::report::words::{amount, chosen_share, count, plain, share};
use crate::review::{BINS, Gauge, GaugeKind, Replay};
use crate::units::SimTime;

/// Teams that are shown; the others have less to do.
const SHOWN: usize = 24;

/// A team over time.
#[derive(Clone, Debug, PartialEq)]
struct Team {
    name: String,
    /// Its work as a share of what its people could do up to its last work.
    busy: f64,
    /// When it last worked.
    until: SimTime,
    /// Tasks that wait for it, at most, and when that was.
    queue: u64,
    longest: SimTime,
    work: Vec<Run>,
    away: Vec<Run>,
    waiting: Vec<Run>,
}

/// What the picture shows.
#[derive(Clone, Debug, PartialEq)]
struct Heat {
    teams: Vec<Team>,
    /// Teams that nobody needed, and those with less to do than the ones shown.
    idle: usize,
    others: usize,
    bounds: [f64; LEVELS - 1],
    parts: usize,
}

impl Heat {
    /// With so many neighbouring parts of the time together.
    fn new(replay: &Replay, each: usize) -> Self {
        let all = || replay.gauges.iter().filter(|it| it.kind == GaugeKind::Team);
        let most = |it: &[f64]| it.iter().copied().fold(0.0, f64::max);
        let needed = |it: &&Gauge| most(&it.used) > 0.0 || most(&it.waiting) > 0.0;
        let bounds = bounds(all().map(|it| most(&it.waiting)).fold(0.0, f64::max));
        let mut kept: Vec<&Gauge> = all().filter(needed).collect();
        let idle = all().count() - kept.len();
        let others = kept.len().saturating_sub(SHOWN);
        if others > 0 {
            let work = |it: &Gauge| it.used.iter().sum::<f64>();
            let mut works: Vec<f64> = kept.iter().map(|it| work(it)).collect();
            works.sort_by(|a, b| b.total_cmp(a));
            kept.retain(|it| work(it) >= works[SHOWN - 1]);
            kept.truncate(SHOWN);
        }
        let teams = kept.iter().map(|it| Team::new(it, replay.end, each, &bounds));
        Self { teams: teams.collect(), idle, others, bounds, parts: BINS.div_ceil(each) }
    }
}

impl Team {
    fn new(gauge: &Gauge, end: SimTime, each: usize, bounds: &[f64; LEVELS - 1]) -> Self {
        let last = gauge.used.iter().rposition(|it| *it > 0.0).map_or(0, |it| it + 1);
        let sum = |it: &[f64]| it.iter().take(last).sum::<f64>();
        let (work, there) = (sum(&gauge.used), sum(&gauge.capacity));
        let edge = |part: usize| SimTime::from_millis(end.as_millis() * part as u64 / BINS as u64);
        let used = pooled(&gauge.used, each);
        // Without a bound nobody is away; the most that ever work are taken for all.
        let capacity = match gauge.capacity.is_empty() {
            true => vec![used.iter().copied().fold(0.0, f64::max); used.len()],
            false => pooled(&gauge.capacity, each),
        };
        let both = || used.iter().zip(&capacity);
        let work_levels: Vec<usize> = both().map(|(used, there)| busy(*used, *there)).collect();
        let away: Vec<usize> =
            both().map(|(used, there)| usize::from(*used == 0.0 && *there == 0.0)).collect();
        let waiting: Vec<usize> =
            pooled(&gauge.waiting, each).iter().map(|it| level(*it, bounds)).collect();
        Self {
            name: gauge.name.clone(),
            busy: if there > 0.0 { work / there } else { 0.0 },
            until: edge(last),
            queue: gauge.peaks.waiting,
            longest: gauge.peaks.waiting_at,
            work: runs(&work_levels),
            away: runs(&away),
            waiting: runs(&waiting),
        }
    }
}

/// When each team works, with so many neighbouring parts of the time together, and how many parts
/// there are then.
pub(crate) fn at_work(replay: &Replay, each: usize) -> (Vec<(String, Vec<Run>)>, usize) {
    let heat = Heat::new(replay, each);
    (heat.teams.into_iter().map(|it| (it.name, it.work)).collect(), heat.parts)
}

/// Where everything stands.
struct Layout {
    left: i32,
    right: i32,
    /// What the name takes above the strips; 0 where it stands beside them.
    above: i32,
    strip: i32,
    pitch: i32,
}

impl Layout {
    fn new(frame: &Frame) -> Self {
        let margin = frame.margin;
        match frame.is_narrow() {
            true => Self {
                left: margin,
                right: frame.width - margin - 84,
                above: frame.row,
                strip: 11,
                pitch: frame.row + 32,
            },
            false => Self {
                left: margin + 150,
                right: frame.width - margin - 104,
                above: 0,
                strip: 13,
                pitch: 36,
            },
        }
    }
}

/// The picture; none where no team has anything to do.
pub(crate) fn svg(
    title: &str,
    captions: &Captions,
    replay: &Replay,
    frame: &'static Frame,
) -> Option<String> {
    let heat = Heat::new(replay, if frame.is_narrow() { 2 } else { 1 });
    if heat.teams.is_empty() {
        return None;
    }
    let layout = Layout::new(frame);
    Some(sheet(frame, |canvas| {
        let top = head(canvas, title, &captions.above) + 4;
        let bottom = top + layout.pitch * heat.teams.len() as i32;
        let clock = Clock::new(canvas, replay.end, (layout.left, layout.right));
        clock.grid(canvas, top, bottom);
        let strips = |place: i32, of: fn(&Team) -> &Vec<Run>| -> Vec<Strip> {
            let each = heat.teams.iter().enumerate().map(|(row, team)| {
                let top = top + layout.pitch * row as i32 + layout.above;
                let top = top + place * (layout.strip + 2);
                Strip { top, bottom: top + layout.strip, runs: of(team).clone() }
            });
            each.collect()
        };
        for strip in strips(0, |it| &it.away) {
            let y = (strip.top + strip.bottom) / 2;
            for run in &strip.runs {
                let at = |part: usize| (clock.part(part, heat.parts), y);
                canvas.line(&[at(run.from), at(run.to)], AWAY);
            }
        }
        strips::draw(canvas, &clock, &strips(0, |it| &it.work), heat.parts, BLUE);
        strips::draw(canvas, &clock, &strips(1, |it| &it.waiting), heat.parts, ORANGE);
        texts(canvas, &heat, &layout, top);
        let y = clock.below(canvas, bottom, &captions.since);
        legend(canvas, &heat, y + 4)
    }))
}

/// The names of the teams, and the numbers behind their strips.
fn texts(canvas: &crate::plot::canvas::Canvas, heat: &Heat, layout: &Layout, top: i32) {
    let frame = canvas.frame;
    for (row, team) in heat.teams.iter().enumerate() {
        let top = top + layout.pitch * row as i32;
        let strips = top + layout.above;
        if layout.above > 0 {
            let name = fit_name(&team.name, frame.text, frame.room());
            let at = (frame.margin, top + frame.row / 2);
            canvas.label(&name, at, frame.text, BLACK, Hang::Left);
        } else {
            let room = f64::from(layout.left - frame.margin - 10);
            let lines = wrap(&team.name, frame.text, room, 2);
            let y = strips + layout.strip + 1 - frame.row * lines.len() as i32 / 2;
            paragraph(canvas, &lines, (frame.margin, y), frame.text, BLACK);
        }
        let x = layout.right + 8;
        let busy = format!("{} busy", share(team.busy));
        let queue = match team.queue {
            0 => "none wait".to_owned(),
            most => format!("up to {} wait", count(most)),
        };
        let cut = width(&queue, frame.small) > f64::from(frame.width - x);
        let queue = if cut { queue.replace("up to ", "") } else { queue };
        let y = strips + layout.strip / 2;
        canvas.text(&busy, (x, y), frame.small, BLACK, Hang::Left);
        let y = y + layout.strip + 2;
        canvas.text(&queue, (x, y), frame.small, GREY, Hang::Left);
    }
}

fn legend(canvas: &crate::plot::canvas::Canvas, heat: &Heat, top: i32) -> i32 {
    let up_to = |bounds: &[f64], print: fn(f64) -> String| -> Vec<String> {
        let mut texts: Vec<String> =
            bounds.iter().map(|it| format!("up to {}", print(*it))).collect();
        texts.push("more".to_owned());
        texts
    };
    let mut work = vec![
        (Sample::Line, "nobody there".to_owned()),
        (Sample::Level(BLUE, 0), "none".to_owned()),
    ];
    let levels = up_to(&BUSY, chosen_share).into_iter().enumerate();
    work.extend(levels.map(|(level, text)| (Sample::Level(BLUE, level + 1), text)));
    let mut queue = vec![(Sample::Level(ORANGE, 0), "none".to_owned())];
    let levels = up_to(&heat.bounds, amount).into_iter().enumerate();
    queue.extend(levels.map(|(level, text)| (Sample::Level(ORANGE, level + 1), text)));
    let y = strips::scale(canvas, top, "Upper strip, people at work:", &work);
    let y = strips::scale(canvas, y, "Lower strip, tasks that wait for them:", &queue);
    let mut remark = "Busy: of the hours that its people were there up to its last work, those in \
                      which they worked. Every part of a strip is a mean over its time."
        .to_owned();
    if heat.others > 0 {
        remark += &format!(" {} more teams have less to do.", count(heat.others as u64));
    }
    if heat.idle > 0 {
        remark += &format!(" {} more had nothing to do.", count(heat.idle as u64));
    }
    note(canvas, y + 4, &remark)
}

/// What the picture shows.
pub(crate) fn alt(strategy: &str, replay: &Replay) -> String {
    let heat = Heat::new(replay, 1);
    let mut teams: Vec<&Team> = heat.teams.iter().collect();
    teams.sort_by(|a, b| b.busy.total_cmp(&a.busy));
    let busy = teams.iter().take(3).map(|it| {
        format!(
            "{} is busy {} of the time up to {}",
            plain(&it.name),
            share(it.busy),
            instant(it.until)
        )
    });
    let busy: Vec<String> = busy.collect();
    let mut text = format!(
        "How busy teams are over time under {}, in one exercise. {}.",
        plain(strategy),
        busy.join("; "),
    );
    let longest = heat.teams.iter().filter(|it| it.queue > 0);
    match longest.max_by_key(|it| it.queue) {
        Some(it) => {
            let (queue, at) = (count(it.queue), instant(it.longest));
            text += &format!(" Most tasks, {queue}, wait for {} at {at}.", plain(&it.name));
        }
        None => text += " No task ever waits for people.",
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Choice, Peaks};
    use crate::units::HOUR;

    /// Hours from T+0, one a part.
    fn replay(gauges: Vec<Gauge>) -> Replay {
        Replay {
            choice: Choice::Median,
            replication: 0,
            end: SimTime::from_millis(BINS as u64 * HOUR),
            last_restored: None,
            sites: Vec::new(),
            batches: Vec::new(),
            gauges,
            marks: Vec::new(),
        }
    }

    fn course(of: fn(usize) -> f64) -> Vec<f64> {
        (0..BINS).map(of).collect()
    }

    fn team(name: &str, capacity: Vec<f64>, used: Vec<f64>, waiting: Vec<f64>) -> Gauge {
        let (part, most) = waiting
            .iter()
            .enumerate()
            .fold((0, 0.0), |most, (part, it)| if *it > most.1 { (part, *it) } else { most });
        let peaks = Peaks {
            used: 0,
            waiting: most as u64,
            waiting_at: SimTime::from_millis(part as u64 * HOUR),
        };
        Gauge { kind: GaugeKind::Team, name: name.to_owned(), capacity, used, waiting, peaks }
    }

    #[test]
    fn a_team_that_is_away_is_not_idle() {
        // There for the first ten hours, at work in the first five; six wait in hour 2.
        let ops = team(
            "ops",
            course(|it| if it < 10 { 4.0 } else { 0.0 }),
            course(|it| if it < 5 { 2.0 } else { 0.0 }),
            course(|it| if it == 2 { 6.0 } else { 0.0 }),
        );
        let never = team("never", course(|_| 1.0), course(|_| 0.0), course(|_| 0.0));
        let heat = Heat::new(&replay(vec![ops, never]), 1);
        let run = |from, to, level| Run { from, to, level };
        let it = &heat.teams[0];
        assert_eq!((heat.teams.len(), heat.idle, heat.others), (1, 1, 0));
        assert_eq!((&it.work, &it.away), (&vec![run(0, 5, 2)], &vec![run(10, BINS, 1)]));
        assert_eq!((it.waiting.clone(), it.queue), (vec![run(2, 3, 5)], 6));
        assert_eq!(
            (it.busy, instant(it.until), instant(it.longest)),
            (0.5, "T+5.0 h".to_owned(), "T+2.0 h".to_owned())
        );
    }

    #[test]
    fn the_sentence_names_the_busiest_and_the_longest_queue() {
        let one = team("a", course(|_| 1.0), course(|it| f64::from(it < 24)), course(|_| 0.0));
        let two = team(
            "b",
            course(|_| 2.0),
            course(|_| 1.0),
            course(|it| if it == 60 { 9.0 } else { 1.0 }),
        );
        assert_eq!(
            alt("s", &replay(vec![two, one])),
            "How busy teams are over time under s, in one exercise. a is busy 100.0% of the time \
             up to T+24.0 h; b is busy 50.0% of the time up to T+5.0 d. Most tasks, 9, wait for b \
             at T+60.0 h."
        );
    }
}
