//! `[strategies]` and their tracks.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Code, Span};
use crate::ids::{Id, IdVec, LimitId, RunbookId, SiteId, StepId, TeamId, TrackId};
use crate::scenario::automation::{AutomatedAfter, AutomatedBy};
use crate::scenario::estate::Estate;
use crate::scenario::moment::{Moment, MomentBase};
use crate::scenario::read::graph::order_or_circle;
use crate::scenario::read::guardrails::Described;
use crate::scenario::read::moment::{WrittenMoment, read_moment};
use crate::scenario::read::resolver::{Resolver, choice};
use crate::scenario::read::symbols::{self, Symbols};
use crate::scenario::read::team::{RampKey, ramp, ramp_instead_of};
use crate::scenario::read::{selector, throughput};
use crate::scenario::resample::Draws;
use crate::scenario::runbook::Runbook;
use crate::scenario::selector::Selector;
use crate::scenario::strategy::{Batch, CrossWait, GroupBy, Strategy, Track};
use crate::scenario::team::Ramp;
use crate::spec::{
    Address, AtShiftEnd, BatchSpec, GroupBySpec, Located, Per, ServiceClass, StrategySpec,
    TrackSpec, When,
};

/// What reads strategies, with what it knows by then.
pub(crate) struct StrategyReader<'a> {
    pub symbols: &'a Symbols<'a>,
    pub runbooks: &'a IdVec<RunbookId, Runbook>,
    /// The steps of all runbooks by their names.
    pub steps: BTreeMap<(RunbookId, &'a str), StepId>,
    pub runbooks_are_sound: bool,
    pub draws: &'a Draws<'a>,
    pub guardrails: &'a Described,
}

/// The steps of all runbooks by their names.
pub(crate) fn steps_by_name(
    runbooks: &IdVec<RunbookId, Runbook>,
) -> BTreeMap<(RunbookId, &str), StepId> {
    let mut steps = BTreeMap::new();
    for (runbook, own) in runbooks.enumerate() {
        for (id, step) in own.steps.enumerate() {
            steps.entry((runbook, step.id.as_str())).or_insert(id);
        }
    }
    steps
}

/// An id of a task holds twelve bits of step and eight of track.
const MOST_STEPS: usize = 4_000;

const MOST_TRACKS: usize = 200;

pub(crate) fn resolve(
    name: &Located<String>,
    spec: &Located<StrategySpec>,
    reader: &StrategyReader<'_>,
    resolver: &mut Resolver<'_>,
) -> Strategy {
    if spec.tracks.is_empty()
        && spec.based_on.is_none()
        && !resolver.parsed.was_cut(spec.span, "tracks")
    {
        resolver
            .error(Code::MissingKey, spec.span, format!("strategy `{}` has no track", name.value))
            .help(format!(
                "add a table `[[{}]]`",
                Address::of(&["strategies", &name.value, "tracks"])
            ));
    }
    let track_reader = TrackReader { spec, names: track_names(spec, resolver), reader };
    let tracks: Vec<Option<Track>> =
        (0..spec.tracks.len()).map(|index| track_reader.track(index, resolver)).collect();
    // What tracks mean to each other can only be asked when every one of them is known.
    let tracks = match tracks.into_iter().collect::<Option<Vec<Track>>>() {
        Some(tracks) => {
            let mut tracks = IdVec::from(tracks);
            track_reader.link(&mut tracks, resolver);
            track_reader.link_automation(&mut tracks, resolver);
            track_reader.check(&tracks, resolver);
            tracks
        }
        None => IdVec::new(),
    };
    Strategy {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        description: spec.description.as_ref().map(|it| it.value.clone()).unwrap_or_default(),
        priority: choice(&spec.priority),
        guardrails: reader.guardrails.in_force(&spec.guardrails, resolver),
        people: track_reader.people(resolver),
        at_shift_end: track_reader.at_shift_end(resolver),
        units: track_reader.units(resolver),
        rates: throughput::overrides(&spec.throughput, reader.symbols, resolver),
        tracks,
    }
}

/// The name of every track: its own, or that of its runbook.
fn track_names(spec: &Located<StrategySpec>, resolver: &mut Resolver<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for track in &spec.tracks {
        let written = track.id.as_ref().or(track.runbook.as_ref());
        let name = written.map(|it| it.value.clone()).unwrap_or_default();
        if let Some(place) = written.filter(|_| names.contains(&name)) {
            resolver
                .error(
                    Code::DuplicateName,
                    place.span,
                    format!("two tracks of this strategy are called `{name}`"),
                )
                .help("give one of them another `id`");
        }
        names.push(name);
    }
    if let Some(track) = spec.tracks.get(MOST_TRACKS) {
        resolver.error(Code::OutOfRange, track.span, "a strategy has at most 200 tracks");
    }
    names
}

/// The first site that one track takes and another leaves out, if there is one.
type LeftOut = BTreeMap<(TrackId, TrackId), Option<String>>;

struct TrackReader<'a> {
    spec: &'a Located<StrategySpec>,
    names: Vec<String>,
    reader: &'a StrategyReader<'a>,
}

impl TrackReader<'_> {
    /// Another number of people than `[teams]` says must still do for every step.
    fn people(&self, resolver: &mut Resolver<'_>) -> IdVec<TeamId, Ramp> {
        let symbols = self.reader.symbols;
        let mut people: IdVec<TeamId, Ramp> =
            symbols.teams.iter().map(|team| team.people.clone()).collect();
        let demands = match self.spec.teams.is_empty() {
            true => BTreeMap::new(),
            false => self.largest_demands(crate::scenario::runbook::Step::team_demands),
        };
        for (name, spec) in &self.spec.teams {
            let Some(id) = self.reader.symbols.team(name, resolver) else { continue };
            people[id] = ramp_instead_of(
                &symbols.teams[id].people,
                spec,
                RampKey::People,
                &symbols.moments,
                resolver,
            );
            let most = demands.get(&id).copied().unwrap_or(0);
            below_demand(most, &people[id], spec.span, &name.value, resolver);
        }
        people
    }

    fn at_shift_end(&self, resolver: &mut Resolver<'_>) -> IdVec<TeamId, AtShiftEnd> {
        let mut all: IdVec<TeamId, AtShiftEnd> =
            self.reader.symbols.teams.iter().map(|team| team.at_shift_end).collect();
        for (name, spec) in &self.spec.at_shift_end {
            if let Some(id) = self.reader.symbols.team(name, resolver) {
                all[id] = spec.value;
            }
        }
        all
    }

    fn units(&self, resolver: &mut Resolver<'_>) -> IdVec<LimitId, Ramp> {
        let symbols = self.reader.symbols;
        let mut units: IdVec<LimitId, Ramp> =
            symbols.limits.iter().map(|limit| limit.units.clone()).collect();
        let of_step = |step: &crate::scenario::runbook::Step| {
            step.limits.iter().chain(&step.holds).copied().collect()
        };
        let demands = match self.spec.limits.is_empty() {
            true => BTreeMap::new(),
            false => self.largest_demands(of_step),
        };
        for (name, spec) in &self.spec.limits {
            let Some(id) = symbols.limit(name, resolver) else { continue };
            units[id] = ramp_instead_of(
                &symbols.limits[id].units,
                spec,
                RampKey::Units,
                &symbols.moments,
                resolver,
            );
            let most = demands.get(&id).copied().unwrap_or(0);
            below_demand(most, &units[id], spec.span, &name.value, resolver);
        }
        units
    }

    /// The most that any step of the strategy needs of each pool.
    fn largest_demands<I: Id>(
        &self,
        of: impl Fn(&crate::scenario::runbook::Step) -> Vec<(I, u32)>,
    ) -> BTreeMap<I, u32> {
        let named = self.spec.tracks.iter().filter_map(|track| track.runbook.as_ref());
        let named: BTreeSet<&str> = named.map(|it| it.value.as_str()).collect();
        let runbooks = self.reader.runbooks.iter().filter(|it| named.contains(it.name.as_str()));
        let mut largest: BTreeMap<I, u32> = BTreeMap::new();
        for (pool, units) in runbooks.flat_map(|it| it.steps.iter()).flat_map(of) {
            let known = largest.entry(pool).or_default();
            *known = units.max(*known);
        }
        largest
    }

    fn track(&self, index: usize, resolver: &mut Resolver<'_>) -> Option<Track> {
        let spec = &self.spec.tracks[index];
        let advice = "name the runbook that the track follows";
        let runbook = resolver.required(&spec.runbook, spec.span, "runbook", advice);
        let runbook =
            runbook.and_then(|name| symbols::runbook(name, self.reader.runbooks, resolver));
        let opens = match &spec.opens {
            None => Some(Moment::START),
            Some(it) => self.moment(it, index, resolver),
        };
        let closes = match &spec.closes {
            None => Some(None),
            Some(it) => self.moment(it, index, resolver).map(Some),
        };
        let takes = self.takes(spec, resolver);
        let batch = self.batch(spec.batch.as_ref(), resolver);
        let runbook = runbook?;
        Some(Track {
            name: self.names[index].clone(),
            runbook,
            claims: self.reader.runbooks[runbook].hands_over(),
            opens: opens?,
            closes: closes?,
            takes,
            batch,
            on_close: choice(&spec.on_close),
            waits: Vec::new(),
            automations: Vec::new(),
        })
    }

    /// A moment, which may be the end of a `once` step of another track.
    fn moment(
        &self,
        written: &Located<String>,
        own: usize,
        resolver: &mut Resolver<'_>,
    ) -> Option<Moment> {
        let moments = &self.reader.symbols.moments;
        let (name, plus) = match read_moment(written, moments.wall_clock, resolver)? {
            WrittenMoment::At(at) => {
                return Some(Moment { base: MomentBase::Start, plus: at.since_start() });
            }
            WrittenMoment::After(name, plus) => (name, plus),
        };
        let Some((track, step)) = name.split_once('.') else {
            let milestone = moments.milestone(name, written.span, resolver)?;
            return Some(Moment { base: MomentBase::Milestone(milestone), plus });
        };
        let runbooks = self.reader.runbooks;
        let (track, step) = self.find_step(track, step, written.span, resolver)?;
        let base = MomentBase::Step(track, step);
        let runbook = self.runbook_of(track)?;
        if runbooks[runbook].steps[step].per != Per::Once {
            let message = format!("`{name}` has no one end: it is done for many sites");
            resolver
                .error(Code::NeverReached, written.span, message)
                .help("wait for a `once` step, a milestone, or a time such as \"T+26h\"");
            return None;
        }
        if runbooks[runbook].steps[step].stands_in_for.is_some() {
            let message = format!("`{name}` is done only if another step fails too often");
            resolver
                .error(Code::NeverReached, written.span, message)
                .help("wait for the step that it takes over from");
            return None;
        }
        if runbooks[runbook].steps[step].when != When::Always {
            let message = format!("`{name}` has no end where it is left out");
            resolver
                .error(Code::NeverReached, written.span, message)
                .help("wait for a step without `when`, a milestone, or a time such as \"T+26h\"");
            return None;
        }
        if track.index() == own {
            let message = format!("the track cannot wait for its own step `{name}`");
            resolver.error(Code::Cycle, written.span, message);
            return None;
        }
        Some(Moment { base, plus })
    }

    fn runbook_of(&self, track: TrackId) -> Option<RunbookId> {
        let name = self.spec.tracks[track.index()].runbook.as_ref()?;
        let known = self.reader.runbooks.enumerate().find(|(_, it)| it.name == name.value);
        known.map(|(id, _)| id)
    }

    fn find_step(
        &self,
        track: &str,
        step: &str,
        span: Span,
        resolver: &mut Resolver<'_>,
    ) -> Option<(TrackId, StepId)> {
        let Some(index) = self.names.iter().position(|it| it == track) else {
            resolver
                .error(
                    Code::UnknownTrack,
                    span,
                    format!("there is no track `{track}` in this strategy"),
                )
                .help_choose(track, self.names.iter().map(String::as_str));
            return None;
        };
        let track = TrackId::new(index);
        let runbook = self.runbook_of(track)?;
        let steps = &self.reader.runbooks[runbook].steps;
        let known = self.reader.steps.get(&(runbook, step)).copied();
        if known.is_none() {
            resolver
                .error(
                    Code::UnknownStep,
                    span,
                    format!(
                        "there is no step `{step}` in the runbook of track `{}`",
                        self.names[index]
                    ),
                )
                .help_choose(step, steps.iter().map(|it| it.id.as_str()));
        }
        known.map(|step| (track, step))
    }

    /// A text of the program in the words for this incident.
    fn tell(&self, text: &str) -> String {
        self.reader.draws.incident.kind.tell(text)
    }

    fn takes(&self, spec: &TrackSpec, resolver: &mut Resolver<'_>) -> Selector {
        let Some(takes) = &spec.takes else { return Selector::default() };
        let before = resolver.diagnostics.errors();
        let selector = selector::resolve(takes, &self.reader.symbols.estate.vocabulary(), resolver);
        let nothing = self.reader.draws.never(|estate, _, site| selector.matches(estate, site));
        if resolver.diagnostics.errors() == before && nothing {
            let told = self.tell("no deleted site matches this selection");
            resolver
                .error(Code::EmptySelection, takes.span, told)
                .help("widen it, or take the track out");
        }
        selector
    }

    fn batch(&self, spec: Option<&Located<BatchSpec>>, resolver: &mut Resolver<'_>) -> Batch {
        let whole = BatchSpec::default();
        let spec = spec.map_or(&whole, |it| &it.value);
        let mut read = |it: &Located<crate::spec::RampSpec>| {
            let numbers = ramp(it, RampKey::Count, &self.reader.symbols.moments, resolver);
            if numbers.peak() == 0 {
                resolver
                    .error(Code::OutOfRange, it.span, "a track that takes nothing never ends")
                    .help("write 1 or more");
            }
            numbers
        };
        let size = spec.size.as_ref().map(&mut read);
        let in_flight = spec.in_flight.as_ref().map(&mut read);
        Batch {
            size: size.unwrap_or_else(|| Ramp::constant(1)),
            in_flight,
            group_by: self.group_by(spec, resolver),
            order: choice(&spec.order),
            noise: resolver.number_or(&spec.noise, 0.0, 0.0..=10.0, "coefficient of variation"),
        }
    }

    fn group_by(&self, spec: &BatchSpec, resolver: &mut Resolver<'_>) -> GroupBy {
        let services = &self.reader.symbols.estate.services;
        let by_shard = match &spec.group_by {
            None => false,
            Some(it) => match it.value {
                GroupBySpec::None => false,
                GroupBySpec::Customer => return GroupBy::Customer,
                GroupBySpec::Shard => true,
            },
        };
        let Some(name) = &spec.shard_of else {
            let Some(place) = spec.group_by.as_ref().filter(|_| by_shard) else {
                return GroupBy::None;
            };
            let primary = services.enumerate().find(|(_, it)| it.class == ServiceClass::Primary);
            if primary.is_none() {
                resolver
                    .error(Code::EmptySelection, place.span, "the estate has no primary service")
                    .help("add `shard_of = \"...\"`: the service whose shards group the sites");
            }
            return primary.map_or(GroupBy::None, |(id, _)| GroupBy::Shard(id));
        };
        if !by_shard {
            resolver
                .error(Code::ConflictingKeys, name.span, "`shard_of` groups nothing by itself")
                .help("add `group_by = \"shard\"`");
        }
        self.reader.symbols.service(name, resolver).map_or(GroupBy::None, GroupBy::Shard)
    }

    /// Looks up the steps of other tracks that steps wait for.
    fn link(&self, tracks: &mut IdVec<TrackId, Track>, resolver: &mut Resolver<'_>) {
        let mut left_out = LeftOut::new();
        for id in tracks.ids() {
            let runbook = &self.reader.runbooks[tracks[id].runbook];
            for (step, it) in runbook.steps.enumerate() {
                for written in &it.after_elsewhere {
                    let (track, name) = &written.value;
                    let found = self.find_step(track, name, written.span, resolver);
                    if let Some((track, for_step)) = found {
                        let wait = CrossWait { step, track, for_step };
                        let place = written.span;
                        if self.check_wait(id, wait, (tracks, &mut left_out), place, resolver) {
                            tracks[id].waits.push(wait);
                        }
                    }
                }
            }
        }
    }

    /// Looks up the steps of other tracks that automate steps; without the track nobody does.
    fn link_automation(&self, tracks: &mut IdVec<TrackId, Track>, resolver: &mut Resolver<'_>) {
        for id in tracks.ids() {
            let steps = &self.reader.runbooks[tracks[id].runbook].steps;
            for (step, it) in steps.enumerate() {
                let Some(AutomatedAfter::Step(by)) = it.automation.as_ref().map(|it| &it.after)
                else {
                    continue;
                };
                if !self.names.contains(&by.track) {
                    continue;
                }
                let found = self.find_step(&by.track, &by.step, by.span, resolver);
                let Some((track, by_step)) = found else { continue };
                let theirs = &self.reader.runbooks[tracks[track].runbook].steps[by_step];
                let mut refuse = |message: String, advice: &str| {
                    resolver.error(Code::NeverReached, by.span, message).help(advice);
                };
                if track == id {
                    let message = format!("`{}` is this track itself", by.track);
                    refuse(message, "automation is built in a track of its own");
                } else if theirs.per != Per::Once {
                    let message = format!("`{}` has no one end: it is not done once", theirs.id);
                    refuse(message, "name a step with `per = \"once\"`");
                } else {
                    tracks[id].automations.push(AutomatedBy { step, track, by: by_step });
                }
            }
        }
    }

    /// Refuses to wait for something that may never come.
    fn check_wait(
        &self,
        own: TrackId,
        wait: CrossWait,
        (tracks, left_out): (&IdVec<TrackId, Track>, &mut LeftOut),
        span: Span,
        resolver: &mut Resolver<'_>,
    ) -> bool {
        let (mine, other) = (&tracks[own], &tracks[wait.track]);
        let steps = &self.reader.runbooks[mine.runbook].steps;
        let theirs = &self.reader.runbooks[other.runbook].steps[wait.for_step];
        let mut refuse = |message: String, advice: &str| {
            resolver.error(Code::NeverReached, span, message).help(advice);
            false
        };
        if own == wait.track {
            return refuse(format!("`{}` is this track itself", other.name), "name the step alone");
        }
        if theirs.stands_in_for.is_some() {
            return refuse(
                format!("`{}` is done only if another step fails too often", theirs.id),
                "wait for the step that it takes over from",
            );
        }
        match (steps[wait.step].per, theirs.per) {
            (_, Per::Once) => return true,
            (Per::Site, Per::Site) => {}
            (_, Per::Shard) => {
                return refuse(
                    format!("`{}` is a load, which comes and goes", theirs.id),
                    "wait for the step that needs the load",
                );
            }
            _ => {
                return refuse(
                    format!("`{}` is done for each site, this step is not", theirs.id),
                    "only a site step can wait for a site step of another track",
                );
            }
        }
        if other.claims {
            return refuse(
                format!("track `{}` claims its sites, so none of them comes here", other.name),
                "mark its runbook with `supporting = true`, or wait for a `once` step",
            );
        }
        if other.closes.is_some() {
            return refuse(
                format!("track `{}` may close before it has taken the site", other.name),
                "leave out its `closes`",
            );
        }
        let left_out = left_out.entry((own, wait.track)).or_insert_with(|| {
            let mut sites = self.reader.draws.aimed_at().flatten();
            let left_out = sites.find(|(estate, site)| {
                mine.takes.matches(estate, *site) && !other.takes.matches(estate, *site)
            });
            left_out.map(|(estate, site)| estate.sites[site].name.clone())
        });
        match left_out {
            Some(site) => refuse(
                format!("track `{}` does not take `{site}`, which this track takes", other.name),
                "widen its `takes`",
            ),
            None => true,
        }
    }

    /// Checks what only the tracks together can get wrong.
    fn check(&self, tracks: &IdVec<TrackId, Track>, resolver: &mut Resolver<'_>) {
        let on_other = |track: &Track| {
            let opens = match track.opens.base {
                MomentBase::Step(other, _) => Some(other.index()),
                _ => None,
            };
            track.waits.iter().map(|it| it.track.index()).chain(opens).collect()
        };
        let before: Vec<Vec<usize>> = tracks.iter().map(on_other).collect();
        if let Err(circle) = order_or_circle(&before) {
            let names: Vec<&str> = circle.iter().map(|it| self.names[*it].as_str()).collect();
            let place = self.spec.tracks[circle[0]].span;
            resolver
                .error(
                    Code::Cycle,
                    place,
                    format!(
                        "tracks wait for each other in a circle: {}",
                        names.join(" waits for ")
                    ),
                )
                .help("open one of them at a milestone or at a time");
        }
        let runbooks = self.reader.runbooks;
        let soft_deletes = self.reader.draws.incident.soft_delete.is_some();
        let elements = |runbook: &Runbook| -> usize {
            let width = |step: &crate::scenario::runbook::Step| {
                let elements = match &step.expansion {
                    crate::scenario::runbook::Expansion::None => 1,
                    crate::scenario::runbook::Expansion::Services(list) => list.len(),
                    crate::scenario::runbook::Expansion::Products(list) => list.len(),
                };
                // Some sites may need it as it is while others are un-deleted.
                let twice = step.restore_point.is_some() && soft_deletes;
                elements * if twice { 2 } else { 1 }
            };
            runbook.steps.iter().map(width).sum()
        };
        let steps: usize = tracks.iter().map(|track| elements(&runbooks[track.runbook])).sum();
        if steps > MOST_STEPS {
            resolver.error(
                Code::OutOfRange,
                self.spec.span,
                format!("the strategy has {steps} steps, expanded; {MOST_STEPS} is the most"),
            );
        }
        self.check_claims(tracks, resolver);
    }

    /// Somebody must be there to claim every deleted site.
    fn check_claims(&self, tracks: &IdVec<TrackId, Track>, resolver: &mut Resolver<'_>) {
        let claiming: Vec<&Track> = tracks.iter().filter(|it| it.claims).collect();
        if claiming.is_empty() && !tracks.is_empty() {
            if self.reader.runbooks_are_sound {
                resolver
                    .error(Code::NeverReached, self.spec.span, "no track gives any site back")
                    .help("add a track whose runbook has a step with `hand_over = true`");
            }
            return;
        }
        let taken = |estate: &Estate, site: SiteId| {
            let mut open = claiming.iter().filter(|track| track.closes.is_none());
            open.any(|track| track.takes.matches(estate, site))
        };
        let mut draws = self.reader.draws.aimed_at().map(|mut sites| {
            sites.retain(|(estate, site)| !taken(estate, *site));
            sites
        });
        // Before a fault is mended nobody can say what is left.
        if resolver.diagnostics.errors() == 0
            && let Some(left) = draws.find(|it| !it.is_empty())
        {
            let (count, (estate, first)) = (left.len(), left[0]);
            let first = &estate.sites[first].name;
            resolver.diagnostics
                .warning(
                    Code::Suspicious,
                    self.spec.span,
                    format!(
                        "{count} {}, such as `{first}`, may be left to nobody",
                        self.tell("deleted sites")
                    ),
                )
                .help("no track takes them, or every one that does closes; widen `takes` or leave out `closes`");
        }
    }
}

fn below_demand(most: u32, ramp: &Ramp, span: Span, name: &str, resolver: &mut Resolver<'_>) {
    if most > ramp.peak() {
        resolver
            .error(
                Code::DemandAboveCapacity,
                span,
                format!(
                    "a step needs {most} of `{name}`, which never has more than {}",
                    ramp.peak()
                ),
            )
            .help("raise the capacity; the step could never start");
    }
}
