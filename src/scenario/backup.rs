//! How stores are backed up: what is taken when, how long it is kept, and what of it may turn out to
//! be unreadable.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, Span};
use crate::scenario::read::resolver::Resolver;
use crate::spec::{BackupSpec, BackupsSpec, Located, Scalar, ScalarOr, UnreadableSpec, WindowSpec};
use crate::units::{Share, SimDuration};

/// One way in which a store is backed up: every shard of it alike, each with its own phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Protection {
    /// What it is called, among several.
    pub id: Option<String>,
    /// Time between the beginnings of full backups.
    pub full: SimDuration,
    /// Time between incremental backups, which go on until the next full one is complete; `None`
    /// where only full ones are taken.
    pub incremental: Option<SimDuration>,
    /// Whether an archived log of changes reaches every moment from a complete full backup on.
    pub is_continuous: bool,
    /// How long a backup is kept.
    pub retention: Retention,
    /// Whether nothing expires from T+0 on.
    pub is_kept_until_restored: bool,
    /// How long before T+0 the last full backup began; drawn for each shard where it is not known.
    pub phase: Option<SimDuration>,
    /// How long a full backup takes, before which it cannot be restored.
    pub takes: SimDuration,
    /// The chance that an incremental backup cannot be read, and none that builds on it.
    pub chain_breaks: Share,
    /// What may turn out to be unreadable altogether.
    pub unreadable: Unreadable,
    /// How long it takes to find out that a backup is unreadable, and to fall back to the next.
    pub fall_back: SimDuration,
    /// Time that restoring takes for each incremental backup.
    pub per_incremental: SimDuration,
    /// Time that restoring takes for each hour of the log.
    pub per_log_hour: SimDuration,
}

/// How long a backup is kept; incremental ones and the log go with the full one that they need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// So long after it began.
    Age(SimDuration),
    /// So long after the next one was complete: every moment of this window can be reached.
    Window(SimDuration),
}

/// How likely it is that backups cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// The chance of each full backup of a shard, which takes with it all that builds on it.
    pub each: Share,
    /// The chance of all at once, whatever the shard.
    pub all: Share,
    /// What strikes all at once, where it is named: it strikes all protections that name it together.
    pub cause: Option<String>,
}

impl Protection {
    /// The names by which its draws are addressed.
    #[must_use]
    pub fn names<'a>(&'a self, service: &'a str) -> Vec<&'a str> {
        std::iter::once(service).chain(self.id.as_deref()).collect()
    }

    /// The names by which the draw of a cause that strikes all at once is addressed.
    #[must_use]
    pub fn names_of_cause<'a>(&'a self, service: &'a str) -> Vec<&'a str> {
        match &self.unreadable.cause {
            Some(cause) => vec!["", cause],
            None => self.names(service),
        }
    }

    /// How far the newest point at or before a moment may lie behind it, when all can be read.
    #[must_use]
    pub fn longest_gap(&self) -> SimDuration {
        if self.is_continuous {
            return SimDuration::ZERO;
        }
        let full = SimDuration::from_millis(self.full.as_millis() + self.takes.as_millis());
        self.incremental.map_or(full, |it| it.min(full))
    }
}

/// Reads how a store is backed up, in order of preference.
pub(crate) fn resolve(spec: &Located<BackupsSpec>, resolver: &mut Resolver<'_>) -> Vec<Protection> {
    if let BackupsSpec::Several(list) = &spec.value {
        check_ids(spec, list, resolver);
    }
    let written = each(spec);
    let protections: Vec<Protection> = written.iter().map(|it| protection(it, resolver)).collect();
    warn_of_gaps(&written, &protections, resolver);
    protections
}

/// What a store's backups are written as, a table each.
fn each(spec: &Located<BackupsSpec>) -> Vec<Located<&BackupSpec>> {
    match &spec.value {
        BackupsSpec::None => Vec::new(),
        BackupsSpec::One(it) => vec![spec.with(it.as_ref())],
        BackupsSpec::Several(list) => list.iter().map(|it| it.with(&it.value)).collect(),
    }
}

/// A cause strikes all that name it together, so it has one chance.
pub(crate) fn check_causes<'a>(
    stores: impl Iterator<Item = &'a Located<BackupsSpec>>,
    resolver: &mut Resolver<'_>,
) {
    let mut first: BTreeMap<&str, (Share, Span)> = BTreeMap::new();
    let mut named: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for it in stores.flat_map(each) {
        let Some(ScalarOr::Table(it)) = it.value.unreadable.as_ref().map(|it| &it.value) else {
            continue;
        };
        let (Some(cause), Some(all)) = (&it.cause, &it.all) else { continue };
        named.entry(&cause.value).or_default().push(cause.span);
        let Some(chance) = resolver.share(all) else { continue };
        let (other, place) = *first.entry(&cause.value).or_insert((chance, all.span));
        if other != chance {
            let message = format!("`{}` strikes with another chance elsewhere", cause.value);
            resolver.error(Code::ConflictingKeys, all.span, message)
                .related(place, "the chance that it has there")
                .help("write the same `all`, or give it a `cause` of its own: a cause strikes all that name it at once");
        }
    }
    for (cause, places) in named {
        if let [only] = places[..] {
            resolver
                .no_effect(
                    only,
                    format!("`{cause}` strikes these backups alone, as it would without a name"),
                )
                .help("name it at the others that it strikes too, or leave `cause` out");
        }
    }
}

fn check_ids(
    spec: &Located<BackupsSpec>,
    list: &[Located<BackupSpec>],
    resolver: &mut Resolver<'_>,
) {
    if list.is_empty() {
        resolver
            .error(Code::MissingKey, spec.span, "a list of no backups")
            .help("write `backup = \"none\"` if the store is not backed up");
    }
    let is_same = |one: &BackupSpec, other: &BackupSpec| {
        one.id.as_ref().map(|it| &it.value) == other.id.as_ref().map(|it| &it.value)
    };
    for (place, it) in list.iter().enumerate() {
        if list[..place].iter().any(|other| is_same(other, it)) {
            let (span, message) = match &it.id {
                Some(id) => (id.span, format!("there are two backups `{}`", id.value)),
                None => (it.span, "which of the backups of this store is it?".to_owned()),
            };
            resolver
                .error(Code::DuplicateName, span, message)
                .help("give each an `id` of its own; one of them may do without");
        }
    }
}

fn protection(spec: &Located<&BackupSpec>, resolver: &mut Resolver<'_>) -> Protection {
    let (day, month) = (SimDuration::from_hours(24), SimDuration::from_hours(24 * 30));
    let it = Protection {
        id: spec.id.as_ref().map(|it| it.value.clone()),
        full: resolver.duration_or(&spec.full, day),
        incremental: spec.incremental.as_ref().and_then(|it| resolver.duration(it)),
        is_continuous: spec.log.is_some(),
        retention: spec
            .retention
            .as_ref()
            .map_or(Retention::Age(month), |it| retention(it, resolver)),
        is_kept_until_restored: spec.keep.is_some(),
        phase: spec.phase.as_ref().and_then(|it| resolver.duration(it)),
        takes: resolver.duration_or(&spec.takes, SimDuration::ZERO),
        chain_breaks: resolver.share_or(&spec.chain_breaks, 0.0),
        unreadable: unreadable(&spec.unreadable, resolver),
        fall_back: resolver.duration_or(&spec.fall_back, SimDuration::ZERO),
        per_incremental: resolver.duration_or(&spec.per_incremental, SimDuration::ZERO),
        per_log_hour: resolver.duration_or(&spec.per_log_hour, SimDuration::ZERO),
    };
    check(spec, &it, resolver);
    it
}

/// How long backups are kept; for ever behind a fault, so that no other follows from it.
fn retention(spec: &Located<ScalarOr<WindowSpec>>, resolver: &mut Resolver<'_>) -> Retention {
    match &spec.value {
        ScalarOr::Scalar(it) => {
            Retention::Age(resolver.duration(&spec.with(it.clone())).unwrap_or(SimDuration::MAX))
        }
        ScalarOr::Table(it) => {
            let window =
                resolver.required(&it.window, spec.span, "window", "add `window = \"30d\"`");
            let window = window.and_then(|it| resolver.duration(it));
            Retention::Window(window.unwrap_or(SimDuration::MAX))
        }
    }
}

fn unreadable(
    spec: &Option<Located<ScalarOr<UnreadableSpec>>>,
    resolver: &mut Resolver<'_>,
) -> Unreadable {
    let none = Unreadable { each: Share::NONE, all: Share::NONE, cause: None };
    let Some(spec) = spec else { return none };
    match &spec.value {
        ScalarOr::Scalar(it) => {
            let each = resolver.share(&spec.with(it.clone())).unwrap_or(Share::NONE);
            Unreadable { each, ..none }
        }
        ScalarOr::Table(it) => {
            if let (Some(cause), None) = (&it.cause, &it.all) {
                resolver
                    .error(Code::MissingKey, cause.span, "a cause strikes all backups at once")
                    .help("add how likely that is, such as `all = \"5%\"`");
            }
            if it.each.is_none() && it.all.is_none() && it.cause.is_none() {
                resolver
                    .error(Code::MissingKey, spec.span, "what of the backups is unreadable?")
                    .help("add `each = \"2%\"` or `all = \"5%\"`");
            }
            Unreadable {
                each: resolver.share_or(&it.each, 0.0),
                all: resolver.share_or(&it.all, 0.0),
                cause: it.cause.as_ref().map(|it| it.value.clone()),
            }
        }
    }
}

fn check(spec: &Located<&BackupSpec>, written: &Protection, resolver: &mut Resolver<'_>) {
    let Protection { full, takes, .. } = *written;
    let interval = written.incremental.unwrap_or(full);
    if interval == SimDuration::ZERO || full == SimDuration::ZERO {
        resolver.error(Code::OutOfRange, spec.span, "the time between backups must not be zero")
            .help("write how often one is taken, such as `full = \"24h\"`, or `log = \"continuous\"` where every change is archived");
    }
    if interval > full {
        let message =
            format!("incremental backups every {interval} come after the next full one ({full})");
        resolver
            .error(Code::OutOfRange, spec.span, message)
            .help("make `incremental` shorter than `full`");
    }
    if let Some(it) =
        spec.incremental.as_ref().filter(|_| interval == full && takes == SimDuration::ZERO)
    {
        resolver
            .no_effect(it.span, "whenever an incremental backup is due there is a full one")
            .help("make `incremental` shorter than `full`, or leave it out");
    }
    let is_free =
        written.per_incremental == SimDuration::ZERO && written.per_log_hour == SimDuration::ZERO;
    if let Some(it) = spec.incremental.as_ref().filter(|_| written.is_continuous && is_free) {
        resolver
            .no_effect(it.span, "the log reaches every moment, and it takes no time to replay it")
            .help("say how long that takes with `per_log_hour`, or leave `incremental` out");
    }
    if let Some(it) = spec.takes.as_ref().filter(|_| takes > full) {
        let message = format!("a backup every {full} cannot take {takes}");
        resolver
            .error(Code::OutOfRange, it.span, message)
            .help("make `takes` at most as long as `full`");
    }
    let phase = written.phase.filter(|phase| *phase >= full && full > SimDuration::ZERO);
    if let (Some(phase), Some(it)) = (phase, &spec.phase) {
        let message = format!("with a backup every {full} the last one did not begin {phase} ago");
        resolver.error(Code::OutOfRange, it.span, message).help("make `phase` shorter than `full`");
    }
    let kept = match written.retention {
        Retention::Age(age) => age,
        Retention::Window(_) => SimDuration::MAX,
    };
    if let Some(it) = spec.retention.as_ref().filter(|_| kept == SimDuration::ZERO) {
        resolver
            .error(Code::OutOfRange, it.span, "what is kept for no time is no backup")
            .help("write how long one is kept, such as \"30d\", or `backup = \"none\"`");
    }
    check_company(spec, written, resolver);
}

/// Keys that mean something only beside others.
fn check_company(spec: &Located<&BackupSpec>, written: &Protection, resolver: &mut Resolver<'_>) {
    let mut needs =
        |key: &str, it: &Option<Located<Scalar>>, there: bool, what: &str, help: &str| {
            if let Some(it) = it.as_ref().filter(|_| !there) {
                resolver
                    .error(Code::MissingKey, it.span, format!("`{key}` without {what}"))
                    .help(help);
            }
        };
    let (links, log) = (spec.incremental.is_some(), spec.log.is_some());
    let add_links = "add `incremental = \"5m\"`";
    needs("chain_breaks", &spec.chain_breaks, links, "incremental backups", add_links);
    needs("per_incremental", &spec.per_incremental, links, "incremental backups", add_links);
    needs("per_log_hour", &spec.per_log_hour, log, "a log", "add `log = \"continuous\"`");
    let advice = "add `unreadable = \"2%\"`";
    let fails = spec.unreadable.is_some();
    needs("fall_back", &spec.fall_back, fails, "anything that may be unreadable", advice);
    let may_fail = written.unreadable.each > Share::NONE || written.unreadable.all > Share::NONE;
    if let Some(place) = spec.unreadable.as_ref().filter(|_| may_fail && spec.fall_back.is_none()) {
        let message = "it takes no time here to find out that a backup cannot be read";
        resolver
            .diagnostics
            .warning(Code::Suspicious, place.span, message)
            .help("add how long it takes, such as `fall_back = \"2h\"`");
    }
}

/// Where a backup expires before the next one is there, there are moments without any, unless
/// another way of backing up has none of them.
fn warn_of_gaps(
    written: &[Located<&BackupSpec>],
    read: &[Protection],
    resolver: &mut Resolver<'_>,
) {
    let gaps: Option<Vec<Gap>> = read.iter().map(Protection::gap).collect();
    for ((spec, it), gap) in written.iter().zip(read).zip(gaps.into_iter().flatten()) {
        let Some(place) = spec.retention.as_ref().filter(|_| gap.age > SimDuration::ZERO) else {
            continue;
        };
        let Gap { age, next } = gap;
        let what = match &it.id {
            Some(id) => format!("a full backup of `{id}`"),
            None => "a full backup".to_owned(),
        };
        let whose = if read.len() > 1 { "it has nothing" } else { "there is nothing" };
        let message = match age > it.takes {
            true => {
                let without = SimDuration::from_millis(next.as_millis() - age.as_millis());
                format!(
                    "{what} is gone after {age}, and the next one is there after {next}: for \
                     {without} of every {} {whose} to restore from",
                    it.full
                )
            }
            false => format!(
                "{what} is gone after {age}, and takes {}: {whose} to restore from at any time",
                it.takes
            ),
        };
        resolver.diagnostics.warning(Code::Suspicious, place.span, message).help(
            "keep them longer, or write `retention = { window = ... }` if the last one before the \
             window is kept",
        );
    }
}

/// A backup is kept for less time than it takes until the next one is there.
struct Gap {
    age: SimDuration,
    next: SimDuration,
}

impl Protection {
    fn gap(&self) -> Option<Gap> {
        let Retention::Age(age) = self.retention else { return None };
        let next = SimDuration::from_millis(self.full.as_millis() + self.takes.as_millis());
        (age < next).then_some(Gap { age, next })
    }
}
