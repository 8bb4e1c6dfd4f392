//! Where the hours of one site went, in sentences.

use std::collections::BTreeMap;

use tabled::builder::Builder;

use crate::engine::Restoration;
use crate::experiment::{Cause, Link, Why};
use crate::report::text::drawn;
use crate::report::words::{count, exact, length, plain, share};
use crate::report::{Look, Which};
use crate::units::{SimDuration, SimTime};

/// How the replication was chosen: the outage in the median of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Median {
    /// The replications.
    pub of: u32,
    /// The outage; none where the site was not back.
    pub outage: Option<SimDuration>,
}

/// The story of a site for the terminal, ending with a line end.
#[must_use]
pub fn why_text(
    which: Which<'_>,
    site: &str,
    why: &Why,
    median: Option<Median>,
    horizon: SimDuration,
    reproduce: &str,
    look: Look,
) -> String {
    let mut parts = vec![heading(which, site, why, horizon)];
    parts.extend(median.map(|it| chosen(which, it)));
    if !why.links.is_empty() {
        parts.push(totals(&why.links, look));
        parts.push(story(&why.links));
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
        return format!("{site} was not deleted {exercise}: something stopped the deletion first.");
    };
    match why.end {
        Restoration::Restored(at) => format!(
            "{site} was away for {} {exercise}: deleted at {}, given back at {} by {}.",
            length(at.saturating_since(deleted)),
            instant(deleted),
            instant(at),
            plain(&why.restored_by),
        ),
        Restoration::Lost => format!(
            "{site} was lost for good {exercise}: when its turn came, nothing was left that it could \
             be restored from."
        ),
        Restoration::Unfinished => format!(
            "{site} was not back {exercise}, deleted at {}: the exercise stops {} after the first \
             deletion.",
            instant(deleted),
            exact(horizon),
        ),
        Restoration::Spared => {
            format!("{site} was not deleted {exercise}: something stopped the deletion first.")
        }
    }
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
fn words(link: &Link) -> String {
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
        Cause::Automation => "waiting until machines did it".to_owned(),
        Cause::Deletion => "before its own deletion".to_owned(),
        Cause::Unknown => "waiting for something that the log does not tell".to_owned(),
    }
}

fn lasted(link: &Link) -> SimDuration {
    link.to.saturating_since(link.from)
}

/// A row for each cause, the longest first.
fn totals(links: &[Link], look: Look) -> String {
    let mut sums: BTreeMap<String, SimDuration> = BTreeMap::new();
    for link in links {
        let sum = sums.entry(words(link)).or_default();
        *sum = *sum + lasted(link);
    }
    let whole: SimDuration = links.iter().map(lasted).sum();
    let mut rows: Vec<(String, SimDuration)> = sums.into_iter().collect();
    rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut table = Builder::default();
    table.push_record(["where the time went", "hours", "share"]);
    rows.push(("in all".to_owned(), whole));
    for (what, sum) in rows {
        let part = sum.as_millis() as f64 / whole.as_millis().max(1) as f64;
        table.push_record([what, format!("{:.1}", sum.as_hours()), share(part)]);
    }
    drawn(table, look)
}

/// A line for each link; links of one kind that follow each other are one line.
fn story(links: &[Link]) -> String {
    let mut lines: Vec<(SimTime, SimTime, String, Vec<String>)> = Vec::new();
    for link in links {
        let what = words(link);
        // What is waited for names its step already.
        let named = link.step.is_empty() || link.cause == Cause::Batch;
        let step = match link.cause {
            Cause::People | Cause::Limit | Cause::Inject | Cause::Load => {
                format!("before {}", link.step)
            }
            _ => link.step.clone(),
        };
        let step = (!named).then(|| plain(&step));
        match lines.last_mut() {
            Some((_, to, last, steps)) if *last == what => {
                *to = link.to;
                steps.extend(step.filter(|it| !steps.contains(it)));
            }
            _ => lines.push((link.from, link.to, what, step.into_iter().collect())),
        }
    }
    let line = |(from, to, what, steps): &(SimTime, SimTime, String, Vec<String>)| {
        let steps =
            if steps.is_empty() { String::new() } else { format!(": {}", steps.join(", ")) };
        let span = format!("{} to {}", instant(*from), instant(*to));
        format!("{span:<24} {:>8}  {what}{steps}.", length(to.saturating_since(*from)))
    };
    let lines: Vec<String> = lines.iter().map(line).collect();
    format!("How it went, back to back:\n{}", lines.join("\n"))
}
