//! The sentences about one site: how long it was away, and why.

use crate::report::trace::Which;
use crate::report::words::{count, exact, length, plain};
use crate::review::{Cause, Link, Why};
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

pub(crate) fn instant(at: SimTime) -> String {
    format!("T+{}", length(at.since_start()))
}

pub(crate) fn heading(which: Which<'_>, site: &str, why: &Why, horizon: SimDuration) -> String {
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
pub(crate) fn lost(why: &Why) -> String {
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

pub(crate) fn chosen(which: Which<'_>, median: Median) -> String {
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
pub(crate) fn words(link: &Link, kind: IncidentKind) -> String {
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
