//! Where the hours of one site went, in sentences.

use std::collections::BTreeMap;

use tabled::builder::Builder;

use crate::report::Look;
use crate::report::run::bottlenecks::piece_label;
use crate::report::table::drawn;
use crate::report::trace::Which;
use crate::report::words::{count, exact, length, plain, share};
use crate::review::{Cause, ChainLink, Link, Why};
use crate::scenario::{IncidentKind, Words};
use crate::trace::Restoration;
use crate::units::{SimDuration, SimTime};

/// How the exercise was chosen: the outage in the median of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Median {
    /// The exercises.
    pub of: u32,
    /// The outage; none where the site was not back.
    pub outage: Option<SimDuration>,
}

/// Which of the two stories of a site is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hours {
    /// Its own work and waiting.
    Own,
    /// The binding chain: what held it up, whosever work that was.
    Chain,
}

/// The story of a site for the terminal, ending with a line end.
#[must_use]
pub fn why_text(
    (which, hours): (Which<'_>, Hours),
    site: &str,
    why: &Why,
    median: Option<Median>,
    horizon: SimDuration,
    reproduce: &str,
    look: Look,
) -> String {
    let mut parts = vec![heading(which, site, why, horizon) + &lost(why)];
    parts.extend(median.map(|it| chosen(which, it)));
    let rows: Vec<Row> = match hours {
        Hours::Own => why.links.iter().map(|it| own_row(it, which.kind)).collect(),
        Hours::Chain => why.chain.iter().map(|it| chain_row(it, which.kind)).collect(),
    };
    if !rows.is_empty() {
        parts.push(totals(&rows, hours, look));
        parts.push(story(&rows, hours));
    }
    parts.push(format!("Reproduce with: {}", plain(reproduce)));
    let whole = parts.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn instant(at: SimTime) -> String {
    format!("T+{}", length(at.since_start()))
}

fn heading(which: Which<'_>, site: &str, why: &Why, horizon: SimDuration) -> String {
    let (site, strategy) = (plain(site), plain(which.strategy));
    let exercise = format!("in exercise {} of {strategy}, seed {}", which.replication, which.seed);
    let Some(deleted) = why.deleted_at else {
        return spared(&site, &exercise, which.kind);
    };
    let it = which.kind.words();
    match why.end {
        Restoration::Restored(at) => format!(
            "{site} was away for {} {exercise}: {} at {}, given back at {} by {}.",
            length(at.saturating_since(deleted)),
            it.done,
            instant(deleted),
            instant(at),
            plain(&why.restored_by),
        ),
        Restoration::Lost => format!(
            "{site} was lost for good {exercise}: when its turn came, nothing was left that it could \
             be restored from."
        ),
        Restoration::Unfinished => format!(
            "{site} was not back {exercise}, {} at {}: the exercise stops {} after the first {}.",
            it.done,
            instant(deleted),
            exact(horizon),
            it.event,
        ),
        Restoration::Spared => spared(&site, &exercise, which.kind),
    }
}

/// " What it lost: db.", where that was not all of it.
fn lost(why: &Why) -> String {
    let names: Vec<String> = why.lost.iter().map(|it| plain(it)).collect();
    match names.is_empty() || why.deleted_at.is_none() {
        true => String::new(),
        false => format!(" What it lost: {}.", names.join(", ")),
    }
}

fn spared(site: &str, exercise: &str, kind: IncidentKind) -> String {
    let Words { incident, done, .. } = kind.words();
    format!("{site} was not {done} {exercise}: something stopped the {incident} first.")
}

fn chosen(which: Which<'_>, median: Median) -> String {
    let outage = median.outage.map_or_else(|| "no end".to_owned(), length);
    let of = match median.of {
        1 => "the only one".to_owned(),
        all => {
            format!("the middle one of {} exercises by this site's outage", count(u64::from(all)))
        }
    };
    format!("Exercise {} is {of}: {outage}. Choose another with --replication.", which.replication)
}

/// What the time went into, in words that go on after "3.0 h: ".
fn words(link: &Link, kind: IncidentKind) -> String {
    let (track, step, who) = (plain(&link.track), plain(&link.step), plain(&link.who));
    let by = match who.is_empty() {
        true => "a step that needs nobody".to_owned(),
        false => format!("work of {who}"),
    };
    match link.cause {
        Cause::Work => by,
        Cause::Rework => format!("{by}, again after a failure"),
        Cause::Failed => format!("{by}, which failed"),
        Cause::People => format!("waiting for people of {who}"),
        Cause::Limit => format!("waiting for {who} to be free"),
        Cause::Inject => format!("waiting until an inject was over ({who})"),
        Cause::Pause => format!("pausing until people of {who} were back"),
        Cause::Slot => format!("waiting for a slot in {track}"),
        Cause::Batch => format!("waiting for the others of its batch before {step}"),
        Cause::Load => format!("waiting until {who} was loaded"),
        Cause::Opening if who.is_empty() => format!("waiting for {track} to open"),
        Cause::Opening => format!("waiting for {track} to open, which follows {who}"),
        Cause::GivenUp => format!("in {track}, which closed and gave it up"),
        Cause::Superseded => {
            format!("in {track}, which gave it up at another {}", kind.words().event)
        }
        Cause::Automation => "waiting until machines did it".to_owned(),
        Cause::Deletion => format!("before its own {}", kind.words().event),
        Cause::Unknown => "waiting for something that the log does not tell".to_owned(),
    }
}

/// A piece of a story, in words.
struct Row {
    from: SimTime,
    to: SimTime,
    what: String,
    /// The step that it is about, where the words do not name it.
    step: Option<String>,
}

fn own_row(link: &Link, kind: IncidentKind) -> Row {
    // What is waited for names its step already.
    let named = link.step.is_empty() || link.cause == Cause::Batch;
    let step = match link.cause {
        Cause::People | Cause::Limit | Cause::Inject | Cause::Load => {
            format!("before {}", link.step)
        }
        _ => link.step.clone(),
    };
    let step = (!named).then(|| plain(&step));
    Row { from: link.from, to: link.to, what: words(link, kind), step }
}

fn chain_row(link: &ChainLink, kind: IncidentKind) -> Row {
    Row { from: link.from, to: link.to, what: piece_label(&link.cause, kind), step: None }
}

/// A row for each cause, the longest first.
fn totals(rows: &[Row], hours: Hours, look: Look) -> String {
    let lasted = |it: &Row| it.to.saturating_since(it.from);
    let mut sums: BTreeMap<&str, SimDuration> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(&row.what).or_default();
        *sum = *sum + lasted(row);
    }
    let whole: SimDuration = rows.iter().map(lasted).sum();
    let mut sums: Vec<(&str, SimDuration)> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    sums.push(("in all", whole));
    let mut table = Builder::default();
    let title = match hours {
        Hours::Own => "where the time went",
        Hours::Chain => "what its binding chain went through",
    };
    table.push_record([title, "hours", "share"]);
    for (what, sum) in sums {
        let part = sum.as_millis() as f64 / whole.as_millis().max(1) as f64;
        table.push_record([what.to_owned(), format!("{:.1}", sum.as_hours()), share(part)]);
    }
    drawn(table, look)
}

/// A line for each piece; pieces of one kind that follow each other are one line.
fn story(rows: &[Row], hours: Hours) -> String {
    let mut lines: Vec<(SimTime, SimTime, &str, Vec<&str>)> = Vec::new();
    for row in rows {
        match lines.last_mut() {
            Some((_, to, last, steps)) if *last == row.what => {
                *to = row.to;
                steps.extend(row.step.as_deref().filter(|it| !steps.contains(it)));
            }
            _ => {
                lines.push((row.from, row.to, &row.what, row.step.as_deref().into_iter().collect()))
            }
        }
    }
    let line = |(from, to, what, steps): &(SimTime, SimTime, &str, Vec<&str>)| {
        let steps =
            if steps.is_empty() { String::new() } else { format!(": {}", steps.join(", ")) };
        let span = format!("{} to {}", instant(*from), instant(*to));
        format!("{span:<24} {:>8}  {what}{steps}.", length(to.saturating_since(*from)))
    };
    let lines: Vec<String> = lines.iter().map(line).collect();
    let title = match hours {
        Hours::Own => "How it went, back to back:",
        Hours::Chain => {
            "The binding chain, back to back: each piece begins when what made it possible ended, \
             whosever work that was.\nWithout --chain: the hours of the site itself."
        }
    };
    format!("{title}\n{}", lines.join("\n"))
}
