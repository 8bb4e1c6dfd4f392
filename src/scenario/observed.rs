//! `[observed]`: what was observed of a real recovery, figure by figure.

use crate::diagnostics::{Code, Span};
use crate::ids::{Id, IdVec, MilestoneId, RunbookId, ServiceId, StrategyId, TrackId};
use crate::scenario::backup::Protection;
use crate::scenario::figures::{FIGURES, Figure, FigureOf, Kind, Scope, figure_named, subject};
use crate::scenario::read::moment::{WallClock, WrittenMoment, read_moment};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::symbols::{self, Symbols};
use crate::scenario::restore_point::RestorePoint;
use crate::scenario::runbook::{Expansion, Runbook};
use crate::scenario::strategy::Strategy;
use crate::spec::{
    Located, ObservedCountSpec, ObservedInstantSpec, ObservedLengthSpec, ObservedPointSpec,
    ObservedSelectSpec, ObservedSpec, Scalar,
};
use crate::units::{Share, SimDuration, SimTime};

/// What was observed of a real recovery.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// The strategy of which it was observed.
    pub strategy: StrategyId,
    /// The figures, in the order of the file.
    pub observations: Vec<Observation>,
}

/// A figure that was observed.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Which figure.
    pub figure: Observable,
    /// Its name; of a figure of a step with the step.
    pub name: String,
    /// What the report calls it; empty where the scenario says nothing.
    pub title: String,
    /// The least that it may have been, in the unit of the figure's [`Measure`].
    pub low: f64,
    /// The most that it may have been.
    pub high: f64,
    /// How far the simulated median may lie from it; none where the band of the exercises decides.
    pub tolerance: Option<f64>,
}

/// A figure of a replication that can be observed of a real recovery too.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observable {
    /// A figure of the catalogue that every exercise has.
    Figure(FigureOf),
    /// When a track gave its first site back.
    TrackFirst(TrackId),
    /// When a track gave its last site back.
    TrackLast(TrackId),
    /// When a milestone was reached.
    Milestone(MilestoneId),
    /// When this share of the sites was back.
    SitesReach(Share),
    /// When the sites of this share of the users were back.
    UsersReach(Share),
    /// Sites that a track gave back.
    TrackSites(TrackId),
    /// Their share of the deleted sites.
    TrackSitesShare(TrackId),
    /// The share of all users whose site a track gave back.
    TrackUsersShare(TrackId),
    /// Customers with a site that lost more data than this at hand-over.
    OlderDataCustomers(SimDuration),
    /// The share of sites that were back by an instant.
    SitesBack(SimTime),
    /// The share of users whose site was back by an instant.
    UsersBack(SimTime),
}

/// What kind of number a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// An instant, in milliseconds since T+0.
    Instant,
    /// A length of time, in milliseconds.
    Length,
    /// A number of things.
    Count,
    /// A number between 0 and 1.
    Share,
}

impl Observable {
    /// What kind of number it is.
    #[must_use]
    pub fn measure(self) -> Measure {
        match self {
            Self::Figure(it) => match it.figure.kind() {
                Kind::Instant => Measure::Instant,
                Kind::Length | Kind::Loss => Measure::Length,
                Kind::Hours | Kind::Count | Kind::Money => Measure::Count,
                Kind::Share => Measure::Share,
            },
            Self::Milestone(_) | Self::TrackFirst(_) | Self::TrackLast(_) => Measure::Instant,
            Self::SitesReach(_) | Self::UsersReach(_) => Measure::Instant,
            Self::TrackSites(_) | Self::OlderDataCustomers(_) => Measure::Count,
            Self::TrackSitesShare(_) | Self::TrackUsersShare(_) => Measure::Share,
            Self::SitesBack(_) | Self::UsersBack(_) => Measure::Share,
        }
    }

    /// The figure of the catalogue that it is, if it is one.
    #[must_use]
    pub fn of_catalogue(self) -> Option<FigureOf> {
        match self {
            Self::Figure(it) => Some(it),
            _ => None,
        }
    }
}

pub(crate) fn resolve(
    spec: &Located<ObservedSpec>,
    symbols: &Symbols<'_>,
    runbooks: &IdVec<RunbookId, Runbook>,
    strategies: &IdVec<StrategyId, Strategy>,
    resolver: &mut Resolver<'_>,
) -> Option<Observed> {
    let strategy = match &spec.strategy {
        None => strategies.ids().next(),
        Some(name) => symbols::strategy(name, strategies, resolver),
    };
    // Without a strategy nothing can be told of the rest.
    let strategy = strategy?;
    let mut reader =
        Reader { symbols, runbooks, strategy: &strategies[strategy], observations: Vec::new() };
    for it in &spec.instants {
        reader.instant(it, resolver);
    }
    for it in &spec.lengths {
        reader.length(it, resolver);
    }
    for it in &spec.counts {
        reader.count(it, resolver);
    }
    for it in &spec.curve {
        reader.point(it, resolver);
    }
    Some(Observed { strategy, observations: reader.observations })
}

/// Whether a figure of the catalogue may have been observed: one that a recovery has once.
fn is_observed(figure: Figure) -> bool {
    figure.scope() == Scope::Exercise
}

/// The figure that takes a length of time besides its name.
const OLDER: &str = "older_data_customers";

/// A figure of a track.
type OfTrack = fn(TrackId) -> Observable;

/// The figures of a track, behind its name and a dot.
const OF_TRACKS: [(&str, OfTrack); 5] = [
    ("first", Observable::TrackFirst),
    ("last", Observable::TrackLast),
    ("sites", Observable::TrackSites),
    ("sites_share", Observable::TrackSitesShare),
    ("users_share", Observable::TrackUsersShare),
];

struct Reader<'a> {
    symbols: &'a Symbols<'a>,
    runbooks: &'a IdVec<RunbookId, Runbook>,
    strategy: &'a Strategy,
    observations: Vec<Observation>,
}

impl Reader<'_> {
    /// Every figure of the scenario by its name.
    fn known(&self) -> Vec<(String, Observable)> {
        let plain = FIGURES.iter().filter(|it| is_observed(it.figure));
        let plain = plain.map(|it| (it.id.to_owned(), Observable::Figure(it.figure.into())));
        let tracks = self.strategy.tracks.enumerate().filter(|(_, track)| track.claims);
        let of_tracks = tracks.flat_map(|(id, track)| {
            OF_TRACKS.iter().map(move |(name, it)| (format!("{}.{name}", track.name), it(id)))
        });
        let milestones = self.symbols.moments.milestones.iter().enumerate();
        let milestones = milestones
            .map(|(place, name)| (name.clone(), Observable::Milestone(MilestoneId::new(place))));
        let older = Observable::OlderDataCustomers(self.restore_point());
        plain.chain([(OLDER.to_owned(), older)]).chain(of_tracks).chain(milestones).collect()
    }

    /// The furthest restore point that a step of the strategy aims at.
    fn restore_point(&self) -> SimDuration {
        let services = &self.symbols.estate.services;
        let steps = self
            .strategy
            .tracks
            .iter()
            .flat_map(|track| self.runbooks.as_slice().get(track.runbook.index()).into_iter());
        let of_step = |step: &super::Step| {
            let before = match step.restore_point.as_ref()? {
                RestorePoint::Fixed { before, .. } => before.as_millis(),
                RestorePoint::Latest { .. } => 0,
            };
            let Expansion::Services(list) = &step.expansion else { return None };
            let gap =
                |it: &ServiceId| services[*it].protections().first().map(Protection::longest_gap);
            let gap = list.iter().filter_map(gap).max();
            Some(SimDuration::from_millis(before + gap.unwrap_or_default().as_millis()))
        };
        let points = steps.flat_map(|book| book.steps.iter().filter_map(of_step));
        points.max().unwrap_or_default()
    }

    /// The figure of a table, which takes figures of some measures only, and its name.
    fn figure(
        &self,
        (name, select): (&Option<Located<String>>, &ObservedSelectSpec),
        table: Span,
        takes: &[Measure],
        resolver: &mut Resolver<'_>,
    ) -> Option<(Observable, String)> {
        let known = self.known();
        let fits = |it: &&(String, Observable)| takes.contains(&it.1.measure());
        let example = known.iter().find(fits).map_or("", |it| it.0.as_str());
        let advice = format!("add `figure = \"{example}\"`");
        let name = resolver.required(name, table, "figure", &advice)?;
        let exact = known.iter().find(|it| it.0 == name.value).map(|it| it.1);
        // What is no name of the scenario may be one that a figure had before.
        let found = exact.or_else(|| {
            let figure = Figure::named(&name.value).filter(|it| is_observed(*it))?;
            figure_named(name, is_observed, resolver).map(|_| Observable::Figure(figure.into()))
        });
        let Some(found) = found else {
            let choices = known.iter().filter(fits).map(|it| it.0.as_str());
            let message = format!("there is no figure `{}`", name.value);
            resolver
                .error(Code::UnknownFigure, name.span, message)
                .help_choose(&name.value, choices);
            return None;
        };
        if !takes.contains(&found.measure()) {
            let (is, list) = match found.measure() {
                Measure::Instant => ("an instant", "instants"),
                Measure::Length => ("a length of time", "lengths"),
                Measure::Count => ("a number", "counts"),
                Measure::Share => ("a share", "counts"),
            };
            let message = format!("`{}` is {is}", name.value);
            resolver
                .error(Code::UnknownFigure, name.span, message)
                .help(format!("write it under `[[observed.{list}]]`"));
            return None;
        }
        self.of(found, name, select, resolver)
    }

    /// The figure with the step that is named with it, and its name.
    fn of(
        &self,
        found: Observable,
        name: &Located<String>,
        select: &ObservedSelectSpec,
        resolver: &mut Resolver<'_>,
    ) -> Option<(Observable, String)> {
        let Observable::Figure(FigureOf { figure, .. }) = found else {
            if let Some(it) = &select.step {
                let message = format!("`{}` is not of a step", name.value);
                resolver.error(Code::ConflictingKeys, it.span, message).help("leave it out");
            }
            return Some((found, name.value.clone()));
        };
        let of = subject(figure, &select.step, name.span, self.runbooks, resolver)?;
        let condition = select.step.as_ref().map(|it| format!("{{step={}}}", it.value));
        let name = format!("{}{}", figure.id(), condition.unwrap_or_default());
        Some((Observable::Figure(FigureOf { figure, of }), name))
    }

    fn push(
        &mut self,
        (figure, name): (Observable, String),
        title: &Option<Located<String>>,
        (low, high): (f64, f64),
        tolerance: Option<f64>,
    ) {
        self.observations.push(Observation {
            figure,
            name,
            title: title.as_ref().map(|it| it.value.clone()).unwrap_or_default(),
            low,
            high,
            tolerance,
        });
    }

    fn instant(&mut self, spec: &Located<ObservedInstantSpec>, resolver: &mut Resolver<'_>) {
        let figure = self.figure(
            (&spec.figure, &spec.select.value),
            spec.span,
            &[Measure::Instant],
            resolver,
        );
        let clock = self.symbols.moments.wall_clock;
        let read = |it: &Located<String>, resolver: &mut Resolver<'_>| instant(it, clock, resolver);
        let range = range(&spec.at, &spec.between, (spec.span, "at"), resolver, read);
        let tolerance = tolerance(&spec.within, Measure::Instant, range, resolver);
        if let (Some(figure), Some(range)) = (figure, range) {
            self.push(figure, &spec.title, range, tolerance);
        }
    }

    fn length(&mut self, spec: &Located<ObservedLengthSpec>, resolver: &mut Resolver<'_>) {
        let figure = self.figure(
            (&spec.figure, &spec.select.value),
            spec.span,
            &[Measure::Length],
            resolver,
        );
        let read = |scalar: &Located<Scalar>, resolver: &mut Resolver<'_>| {
            resolver.duration(scalar).map(|it| it.as_millis() as f64)
        };
        let range = range(&spec.value.value, &spec.between, (spec.span, "value"), resolver, read);
        let tolerance = tolerance(&spec.within, Measure::Length, range, resolver);
        if let (Some(figure), Some(range)) = (figure, range) {
            self.push(figure, &spec.title, range, tolerance);
        }
    }

    fn count(&mut self, spec: &Located<ObservedCountSpec>, resolver: &mut Resolver<'_>) {
        let takes = [Measure::Count, Measure::Share];
        let mut figure =
            self.figure((&spec.figure, &spec.select.value), spec.span, &takes, resolver);
        if let Some(it) = &spec.older_than {
            let than = resolver.duration(it);
            match (&mut figure, than) {
                (Some((Observable::OlderDataCustomers(older), _)), Some(than)) => *older = than,
                (Some(_), _) => {
                    let message = format!("`{}` does not depend on this", text(&spec.figure));
                    resolver
                        .error(Code::ConflictingKeys, it.span, message)
                        .help(format!("`older_than` belongs to `{OLDER}`"));
                }
                (None, _) => {}
            }
        }
        let measure = figure.as_ref().map_or(Measure::Count, |it| it.0.measure());
        let read = |it: &Located<Scalar>, resolver: &mut Resolver<'_>| match measure {
            // What it is a figure of is not known, so neither is what it takes.
            _ if figure.is_none() => None,
            Measure::Share => resolver.share(it).map(Share::fraction),
            _ => number(it, resolver),
        };
        let range = range(&spec.value.value, &spec.between, (spec.span, "value"), resolver, read);
        let tolerance = tolerance(&spec.within, measure, range, resolver);
        if let (Some(figure), Some(range)) = (figure, range) {
            self.push(figure, &spec.title, range, tolerance);
        }
    }

    fn point(&mut self, spec: &Located<ObservedPointSpec>, resolver: &mut Resolver<'_>) {
        let at = resolver.required(&spec.at, spec.span, "at", "add `at = \"T+26h\"`");
        let at = at.and_then(|it| instant(it, self.symbols.moments.wall_clock, resolver));
        if spec.users.is_none()
            && spec.sites.is_none()
            && !resolver.parsed.was_cut(spec.span, "users")
            && !resolver.parsed.was_cut(spec.span, "sites")
        {
            resolver
                .error(Code::MissingKey, spec.span, "this point has no share")
                .help("add `users = \"45%\"` or `sites = \"12%\"`");
        }
        if let (Some(_), Some(it)) = (&spec.within, &spec.within_time) {
            resolver
                .error(Code::ConflictingKeys, it.span, "a point has one tolerance")
                .help("keep `within`, in points, or `within_time`");
        }
        let points = tolerance(&spec.within, Measure::Share, None, resolver);
        let length = spec.within_time.as_ref().and_then(|it| resolver.duration(it));
        let shares = [(&spec.sites, "sites"), (&spec.users, "users")];
        for (share, name) in shares {
            let Some(it) = share else { continue };
            let Some(share) = resolver.share(it) else { continue };
            let Some(at) = at else { continue };
            let instant = SimTime::from_millis(at as u64);
            let (figure, range, tolerance) = match (length, name) {
                (Some(length), "sites") => (Observable::SitesReach(share), at, Some(length)),
                (Some(length), _) => (Observable::UsersReach(share), at, Some(length)),
                (None, "sites") => (Observable::SitesBack(instant), share.fraction(), None),
                (None, _) => (Observable::UsersBack(instant), share.fraction(), None),
            };
            let tolerance = tolerance.map(|it| it.as_millis() as f64).or(points);
            let named = (figure, format!("curve.{name}"));
            self.push(named, &spec.title, (range, range), tolerance);
        }
    }
}

fn text(name: &Option<Located<String>>) -> &str {
    name.as_ref().map_or("", |it| it.value.as_str())
}

/// An instant that was observed, in milliseconds.
fn instant(
    written: &Located<String>,
    clock: WallClock,
    resolver: &mut Resolver<'_>,
) -> Option<f64> {
    match read_moment(written, clock, resolver)? {
        WrittenMoment::At(at) => Some(at.as_millis() as f64),
        WrittenMoment::After(..) => {
            resolver
                .error(
                    Code::BadQuantity,
                    written.span,
                    format!("`{}` is no instant", written.value),
                )
                .help("write when it was: \"T+26h\", or a time such as \"2022-04-14T12:00:00Z\"");
            None
        }
    }
}

fn number(scalar: &Located<Scalar>, resolver: &mut Resolver<'_>) -> Option<f64> {
    let number = match &scalar.value {
        Scalar::Integer(number) => Some(*number as f64),
        Scalar::Float(number) => Some(*number),
        Scalar::Text(_) => None,
    };
    let number = number.filter(|it| it.is_finite() && *it >= 0.0);
    if number.is_none() {
        resolver
            .error(Code::BadQuantity, scalar.span, "a plain number from 0 up is due here")
            .help("write a number such as 112; the figures that are shares end in `_share`");
    }
    number
}

/// One value, or the two ends of `between`.
fn range<T>(
    one: &Option<Located<T>>,
    between: &[Located<T>],
    (table, key): (Span, &str),
    resolver: &mut Resolver<'_>,
    read: impl Fn(&Located<T>, &mut Resolver<'_>) -> Option<f64>,
) -> Option<(f64, f64)> {
    let was_cut = |resolver: &Resolver<'_>, key| resolver.parsed.was_cut(table, key);
    match (one, between) {
        (Some(one), []) => read(one, resolver).map(|it| (it, it)),
        (None, [low, high]) => {
            let (at_least, at_most) = (read(low, resolver), read(high, resolver));
            let range = (at_least?, at_most?);
            if range.0 <= range.1 {
                return Some(range);
            }
            resolver
                .error(Code::OutOfRange, low.span, "the first of the two is the greater one")
                .help("write the least and then the most that it may have been");
            None
        }
        (Some(_), [first, ..]) => {
            resolver
                .error(Code::ConflictingKeys, first.span, format!("there is `{key}` already"))
                .help(format!("keep `{key}` or `between`"));
            None
        }
        (None, list) => {
            if !was_cut(resolver, key) && !was_cut(resolver, "between") {
                let (code, place, message) = match list {
                    [] => (Code::MissingKey, table, "nothing was observed".to_owned()),
                    [first, ..] => {
                        (Code::OutOfRange, first.span, "`between` takes two values".to_owned())
                    }
                };
                resolver
                    .error(code, place, message)
                    .help(format!("add `{key}`, or `between` with the least and the most"));
            }
            None
        }
    }
}

/// How far the simulated median may lie from what was observed.
fn tolerance(
    within: &Option<Located<Scalar>>,
    measure: Measure,
    range: Option<(f64, f64)>,
    resolver: &mut Resolver<'_>,
) -> Option<f64> {
    let it = within.as_ref()?;
    let percent = matches!(&it.value, Scalar::Text(text) if text.trim().ends_with('%'));
    match measure {
        Measure::Share => resolver.share(it).map(Share::fraction),
        _ if percent => {
            let share = resolver.share(it)?.fraction();
            range.map(|(low, high)| share * (low + high) / 2.0)
        }
        Measure::Count => number(it, resolver),
        Measure::Instant | Measure::Length => resolver.duration(it).map(|it| it.as_millis() as f64),
    }
}
