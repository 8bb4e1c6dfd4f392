//! `[[injects]]`: what the exercise throws in.

use crate::diagnostics::{Code, Span};
use crate::dist::Distribution;
use crate::ids::{IdVec, RunbookId, StepId, StrategyId, TeamId};
use crate::rng::Streams;
use crate::scenario::aim::Aim;
use crate::scenario::incident_kind::IncidentKind;
use crate::scenario::inject::{Cut, Inject, InjectKind};
use crate::scenario::lost::Target;
use crate::scenario::moment::Moment;
use crate::scenario::read::aim::{Choice, aim};
use crate::scenario::read::resolver::{Resolver, Unit};
use crate::scenario::read::symbols::Symbols;
use crate::scenario::runbook::Runbook;
use crate::scenario::strategy::Strategy;
use crate::scenario::team::Team;
use crate::spec::{FreezeSpec, InjectSpec, Located, Scalar};

/// The keys of what an inject can do.
const KINDS: [&str; 8] = [
    "people_away",
    "shift_lost",
    "attempts_fail",
    "limit_drops",
    "throughput_drops",
    "outage",
    "deletion",
    "freeze",
];

const MOST_UNITS: u32 = 1_000_000;

pub(crate) fn resolve(
    spec: &[Located<InjectSpec>],
    symbols: &Symbols<'_>,
    runbooks: &IdVec<RunbookId, Runbook>,
    kind: IncidentKind,
    seed: u64,
    resolver: &mut Resolver<'_>,
) -> Vec<Inject> {
    let reader = InjectReader { symbols, runbooks, kind, seed };
    let enabled = |inject: &&Located<InjectSpec>| inject.enabled.as_ref().is_none_or(|it| it.value);
    // One that is switched off is checked all the same: it may be switched on tomorrow.
    let all: Vec<(bool, Option<Inject>)> =
        spec.iter().map(|it| (enabled(&it), reader.inject(it, resolver))).collect();
    all.into_iter().filter(|(enabled, _)| *enabled).filter_map(|(_, it)| it).collect()
}

/// A team whose people never change has no shift that another would follow.
pub(crate) fn check_shifts(
    specs: &[Located<InjectSpec>],
    teams: &IdVec<TeamId, Team>,
    strategies: &IdVec<StrategyId, Strategy>,
    resolver: &mut Resolver<'_>,
) {
    for spec in specs.iter().filter_map(|it| it.shift_lost.as_ref()) {
        let Some(name) = &spec.team else { continue };
        let Some((team, _)) = teams.enumerate().find(|(_, it)| it.name == name.value) else {
            continue;
        };
        for strategy in strategies.iter().filter(|it| it.people[team].is_one_shift()) {
            resolver
                .diagnostics
                .warning(
                    Code::Suspicious,
                    name.span,
                    format!(
                        "under `{}`, `{}` is one shift without end: once lost, nobody comes back",
                        strategy.name, name.value
                    ),
                )
                .help("give the team a `roster` or a ramp, or write `people_away` with `lasts`");
        }
    }
}

struct InjectReader<'a> {
    symbols: &'a Symbols<'a>,
    runbooks: &'a IdVec<RunbookId, Runbook>,
    /// By what words people read of sites that are deleted.
    kind: IncidentKind,
    /// Seed of what belongs to the estate rather than to a replication.
    seed: u64,
}

impl InjectReader<'_> {
    /// One inject; a fault in one of its keys does not hide those in others.
    fn inject(&self, spec: &Located<InjectSpec>, resolver: &mut Resolver<'_>) -> Option<Inject> {
        let at = match &spec.at {
            None => Some(Moment::START),
            Some(it) => self.symbols.moments.moment(it, resolver),
        };
        let no_delay =
            || Distribution::fixed(0.0).expect("a fixed value of zero is a distribution");
        let delay = match &spec.delay {
            None => Some(no_delay()),
            Some(it) => resolver.distribution(it, Unit::Duration),
        };
        let lasts = match &spec.lasts {
            None => Some(None),
            Some(it) => resolver.distribution(it, Unit::Duration).map(Some),
        };
        let chance = resolver.share_or(&spec.chance, 1.0);
        let (written_as, what) = self.what(spec, resolver)?;
        use InjectKind::{AttemptsFail, Deletion, ShiftLost};
        let ends_by_itself = matches!(what, AttemptsFail(..) | Deletion(..) | ShiftLost(_));
        if let Some(it) = spec.lasts.as_ref().filter(|_| ends_by_itself) {
            resolver
                .error(Code::ConflictingKeys, it.span, format!("`{written_as}` ends by itself"))
                .help("leave out `lasts`");
        }
        let stated = spec.title.as_ref().map(|it| it.value.clone());
        // Draws are addressed by it, so it does not change with the estate.
        let key = stated.clone().unwrap_or_else(|| self.written(spec, &what));
        let title = stated.unwrap_or_else(|| self.describe(&what));
        Some(Inject { title, key, at: at?, delay: delay?, lasts: lasts?, chance, what })
    }

    /// The one kind that is written, and its key.
    fn what(
        &self,
        spec: &Located<InjectSpec>,
        resolver: &mut Resolver<'_>,
    ) -> Option<(&'static str, InjectKind)> {
        let written: Vec<(&'static str, Span)> = [
            ("people_away", spec.people_away.as_ref().map(|it| it.span)),
            ("shift_lost", spec.shift_lost.as_ref().map(|it| it.span)),
            ("attempts_fail", spec.attempts_fail.as_ref().map(|it| it.span)),
            ("limit_drops", spec.limit_drops.as_ref().map(|it| it.span)),
            ("throughput_drops", spec.throughput_drops.as_ref().map(|it| it.span)),
            ("outage", spec.outage.as_ref().map(|it| it.span)),
            ("deletion", spec.deletion.as_ref().map(|it| it.span)),
            ("freeze", spec.freeze.as_ref().map(|it| it.span)),
        ]
        .into_iter()
        .filter_map(|(key, span)| Some((key, span?)))
        .collect();
        let key = match written.as_slice() {
            [(key, _)] => *key,
            [] => {
                if !KINDS.iter().any(|key| resolver.parsed.was_cut(spec.span, key)) {
                    resolver
                        .error(Code::MissingKey, spec.span, "this inject does nothing")
                        .help(format!("add {}", crate::diagnostics::list(&KINDS)));
                }
                return None;
            }
            [_, (second, span), ..] => {
                resolver
                    .error(Code::ConflictingKeys, *span, "an inject does one thing")
                    .help(format!("write `{second}` as an inject of its own"));
                return None;
            }
        };
        let what = match key {
            "people_away" => self.people_away(spec.people_away.as_ref()?, resolver),
            "shift_lost" => {
                let it = spec.shift_lost.as_ref()?;
                self.team(&it.team, it.span, resolver).map(InjectKind::ShiftLost)
            }
            "attempts_fail" => self.attempts_fail(spec.attempts_fail.as_ref()?, resolver),
            "limit_drops" => self.limit_drops(spec.limit_drops.as_ref()?, resolver),
            "throughput_drops" => self.throughput_drops(spec.throughput_drops.as_ref()?, resolver),
            "outage" => {
                let it = spec.outage.as_ref()?;
                self.outage(&it.service, it.span, resolver)
            }
            "deletion" => {
                let it = spec.deletion.as_ref()?;
                let choice = Choice {
                    sites: &it.sites,
                    count: &it.count,
                    target: &it.target,
                    table: it.span,
                };
                let name = spec.title.as_ref().map_or("inject", |it| it.as_str());
                let aim = aim(&choice, name, self.symbols.estate, resolver);
                let sites = aim.sites(self.symbols.estate, &Streams::new(self.seed, 0));
                Some(InjectKind::Deletion(sites, Box::new(aim)))
            }
            _ => self.freeze(spec.freeze.as_ref()?, resolver),
        };
        what.map(|what| (key, what))
    }

    fn people_away(
        &self,
        spec: &Located<crate::spec::PeopleAwaySpec>,
        resolver: &mut Resolver<'_>,
    ) -> Option<InjectKind> {
        let team = self.team(&spec.team, spec.span, resolver);
        let people =
            resolver.required(&spec.people, spec.span, "people", "add `people = 2` or \"50%\"")?;
        let cut = cut(people, resolver);
        Some(InjectKind::PeopleAway(team?, cut?))
    }

    fn limit_drops(
        &self,
        spec: &Located<crate::spec::LimitDropsSpec>,
        resolver: &mut Resolver<'_>,
    ) -> Option<InjectKind> {
        let name = resolver.required(&spec.limit, spec.span, "limit", "name the limit that drops");
        let limit = name.and_then(|name| self.symbols.limit(name, resolver));
        let to = resolver.required(&spec.to, spec.span, "to", "add `to = 2` or \"50%\"")?;
        let cut = cut(to, resolver);
        Some(InjectKind::LimitDrops(limit?, cut?))
    }

    fn throughput_drops(
        &self,
        spec: &Located<crate::spec::ThroughputDropsSpec>,
        resolver: &mut Resolver<'_>,
    ) -> Option<InjectKind> {
        let advice = "name the throughput that drops";
        let name = resolver.required(&spec.throughput, spec.span, "throughput", advice);
        let throughput = name.and_then(|name| self.symbols.throughput(name, resolver));
        let to = resolver.required(&spec.to, spec.span, "to", "add `to = \"40%\"`")?;
        let share = resolver.share(to);
        Some(InjectKind::ThroughputDrops(throughput?, share?))
    }

    fn team(
        &self,
        name: &Option<Located<String>>,
        table: Span,
        resolver: &mut Resolver<'_>,
    ) -> Option<TeamId> {
        let name = resolver.required(name, table, "team", "name the team")?;
        self.symbols.team(name, resolver)
    }

    fn outage(
        &self,
        name: &Option<Located<String>>,
        table: Span,
        resolver: &mut Resolver<'_>,
    ) -> Option<InjectKind> {
        let name = resolver.required(name, table, "service", "name the service that is out")?;
        let id = self.symbols.service(name, resolver)?;
        let done_for = |step: &crate::scenario::runbook::Step| step.expansion.has_service(id);
        if !self.runbooks.iter().any(|it| it.steps.iter().any(done_for)) {
            let message =
                format!("no step is done for `{}`, so its outage stops nothing", name.value);
            resolver
                .error(Code::EmptySelection, name.span, message)
                .help("give the steps that need it `for_each = { service = \"...\" }`");
        }
        Some(InjectKind::Outage(id))
    }

    fn attempts_fail(
        &self,
        spec: &Located<crate::spec::AttemptsFailSpec>,
        resolver: &mut Resolver<'_>,
    ) -> Option<InjectKind> {
        let name = resolver.required(&spec.step, spec.span, "step", "name the step that fails")?;
        let steps = self.steps_called(name, resolver);
        let count = resolver.whole_or(&spec.count, 1, 1..=MOST_UNITS, "number of attempts");
        Some(InjectKind::AttemptsFail(steps, count))
    }

    fn freeze(
        &self,
        spec: &Located<FreezeSpec>,
        resolver: &mut Resolver<'_>,
    ) -> Option<InjectKind> {
        if spec.steps.is_empty() && spec.phases.is_empty() {
            resolver
                .error(Code::MissingKey, spec.span, "nothing is frozen")
                .help("add `steps = [\"import\"]` or `phases = [\"databases\"]`");
            return None;
        }
        let mut frozen: Vec<(RunbookId, StepId)> =
            spec.steps.iter().flat_map(|name| self.steps_called(name, resolver)).collect();
        for phase in &spec.phases {
            let of_phase = self.steps_where(|step| step.phase == phase.value);
            if of_phase.is_empty() {
                let mut phases: Vec<&str> = self
                    .runbooks
                    .iter()
                    .flat_map(|it| it.steps.iter().map(|step| step.phase.as_str()))
                    .filter(|it| !it.is_empty())
                    .collect();
                phases.sort_unstable();
                phases.dedup();
                let message = format!("no step belongs to phase `{}`", phase.value);
                resolver
                    .error(Code::EmptySelection, phase.span, message)
                    .help_choose(&phase.value, phases);
            }
            frozen.extend(of_phase);
        }
        frozen.sort_unstable();
        frozen.dedup();
        Some(InjectKind::Freeze(frozen))
    }

    /// The steps of this name in all runbooks.
    fn steps_called(
        &self,
        name: &Located<String>,
        resolver: &mut Resolver<'_>,
    ) -> Vec<(RunbookId, StepId)> {
        let found = self.steps_where(|step| step.id == name.value);
        if found.is_empty() {
            let known = self.runbooks.iter().flat_map(|it| it.steps.iter());
            let message = format!("no runbook has a step `{}`", name.value);
            resolver
                .error(Code::UnknownStep, name.span, message)
                .help_choose(&name.value, known.map(|it| it.id.as_str()));
        }
        found
    }

    fn steps_where(
        &self,
        wanted: impl Fn(&crate::scenario::runbook::Step) -> bool,
    ) -> Vec<(RunbookId, StepId)> {
        let mut found = Vec::new();
        for (runbook, it) in self.runbooks.enumerate() {
            let steps = it.steps.enumerate().filter(|(_, step)| wanted(step));
            found.extend(steps.map(|(step, _)| (runbook, step)));
        }
        found
    }

    /// What it does, for people, where the scenario has no title.
    fn describe(&self, what: &InjectKind) -> String {
        let step = |steps: &[(RunbookId, StepId)]| {
            let mut names: Vec<&str> = steps
                .iter()
                .map(|(runbook, step)| self.runbooks[*runbook].steps[*step].id.as_str())
                .collect();
            names.dedup();
            names.join(", ")
        };
        match what {
            InjectKind::PeopleAway(team, Cut::Units(people)) => {
                format!("{people} of team {} away", self.symbols.teams[*team].name)
            }
            InjectKind::PeopleAway(team, Cut::Share(share)) => {
                format!("{share} of team {} away", self.symbols.teams[*team].name)
            }
            InjectKind::ShiftLost(team) => {
                format!("a shift of {} lost", self.symbols.teams[*team].name)
            }
            InjectKind::AttemptsFail(steps, count) => {
                format!("next {count} attempts of {} fail", step(steps))
            }
            InjectKind::LimitDrops(limit, Cut::Units(units)) => {
                format!("{} down to {units}", self.symbols.limits[*limit].name)
            }
            InjectKind::LimitDrops(limit, Cut::Share(share)) => {
                format!("{} down to {share}", self.symbols.limits[*limit].name)
            }
            InjectKind::ThroughputDrops(throughput, share) => {
                format!("{} down to {share}", self.symbols.throughputs[*throughput].name)
            }
            InjectKind::Outage(service) => {
                format!("{} is out", self.symbols.estate.services[*service].name)
            }
            InjectKind::Deletion(sites, aim) => {
                // Elsewhere there may be more or fewer.
                let count = match self.symbols.estate.is_redrawn() {
                    true => aim.count,
                    false => u32::try_from(sites.len()).ok(),
                };
                self.kind.tell(&sites_deleted(count)) + &self.of_them(aim)
            }
            InjectKind::Freeze(steps) => format!("freeze of {}", step(steps)),
        }
    }

    /// What is taken of the sites, where it is not all: " (db)".
    fn of_them(&self, aim: &Aim) -> String {
        let estate = self.symbols.estate;
        let numbers =
            |shards: &[u32]| shards.iter().map(u32::to_string).collect::<Vec<String>>().join(", ");
        match &aim.target {
            Target::Site => String::new(),
            Target::Product(id) => format!(" ({})", estate.products[*id].name),
            Target::Service(id) => format!(" ({})", estate.services[*id].name),
            Target::Shards(id, shards) => {
                format!(" ({} on {})", estate.services[*id].name, numbers(shards))
            }
        }
    }

    /// By what draws are addressed where there is no title: the description without what depends on the
    /// estate.
    fn written(&self, spec: &InjectSpec, what: &InjectKind) -> String {
        match what {
            InjectKind::Deletion(_, aim) => sites_deleted(aim.count) + &self.of_them(aim),
            InjectKind::Freeze(_) => {
                let freeze = spec.freeze.iter().flat_map(|it| it.steps.iter().chain(&it.phases));
                let names: Vec<&str> = freeze.map(|it| it.as_str()).collect();
                format!("freeze of {}", names.join(", "))
            }
            _ => self.describe(what),
        }
    }
}

fn sites_deleted(count: Option<u32>) -> String {
    match count {
        None => "sites deleted".to_owned(),
        Some(1) => "1 site deleted".to_owned(),
        Some(more) => format!("{more} sites deleted"),
    }
}

/// A number of units, or a share.
fn cut(scalar: &Located<Scalar>, resolver: &mut Resolver<'_>) -> Option<Cut> {
    match &scalar.value {
        Scalar::Integer(number) => {
            resolver.whole(&scalar.with(*number), 0..=MOST_UNITS, "number").map(Cut::Units)
        }
        Scalar::Text(_) | Scalar::Float(_) => resolver.share(scalar).map(Cut::Share),
    }
}
