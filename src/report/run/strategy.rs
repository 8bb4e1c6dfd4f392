//! The part of the view that is about one strategy.

use rayon::prelude::*;

use crate::experiment::{Results, StrategyResults};
use crate::ids::{Id, TrackId};
use crate::measure::{
    Pooled, ReplicationMetrics, StrategyMetrics, Support, Supports, Together, TrackMetrics,
    mean_of, median_time,
};
use crate::report::figures::{self, Figure, Unit};
use crate::report::run::sentences::{self, Asked, OutdatedMeans};
use crate::report::run::view::{
    AgainstView, BottlenecksView, InjectView, JudgementView, LeverView, Row, StrategyView,
    TeamView, ThroughputView, TrackView, VerdictView,
};
use crate::report::words::{self, Cells, amount, machine};
use crate::scenario::{
    FIGURES, Figure as FigureId, FigureOf, Listed, Needs, Over, Reading, Scenario, Scope,
};
use crate::units::{MILLIS_PER_HOUR, SimTime};
use crate::verdict::{Judgement, StrategyVerdict};

/// What the report knows of a strategy beside its outcomes.
pub(crate) struct Explanations {
    /// Whether there are strategies or exercises under which more or fewer sites are deleted.
    pub deletion_varies: bool,
    /// Whether a guardrail may spare sites under this strategy.
    pub may_spare: bool,
    /// How far it lies from the first; none for the first.
    pub against: Option<AgainstView>,
    /// What holds it up.
    pub bottlenecks: Option<BottlenecksView>,
    /// What one more of each would bring.
    pub levers: Option<Vec<LeverView>>,
    /// Whether that is only of those that the binding chains point at.
    pub only_likeliest_levers: bool,
    /// What was thrown in, and what that cost.
    pub injects: Vec<InjectView>,
}

/// What one strategy comes to.
pub(crate) fn strategy(
    scenario: &Scenario,
    results: &Results,
    outcomes: &StrategyResults,
    metrics: &StrategyMetrics,
    (asked, verdict): (Option<&Asked>, Option<StrategyVerdict>),
    beside: Explanations,
) -> StrategyView {
    let replications = &metrics.replications[..];
    assert!(!replications.is_empty(), "an experiment has a replication");
    let named = &scenario.strategies[outcomes.strategy];
    let mut table = FigureTable::default();
    let together = Together { scenario, results, strategy: outcomes, replications };
    table.fill(&together, metrics, &beside);
    let name = words::plain(&named.name);
    StrategyView {
        name: named.name.clone(),
        title: named.title.clone(),
        description: named.description.clone(),
        old_data: asked.and_then(|it| old_data(it, &table.figures)),
        data_loss_unknown: (!scenario.gives(Needs::RestorePoint, outcomes.strategy))
            .then(|| sentences::data_loss_unknown(&name)),
        verdict: asked.zip(verdict).map(|(asked, it)| verdict_view(&name, asked, &it)),
        rows: table.rows,
        more_rows: table.more_rows,
        figures: table.figures,
        tracks: tracks(scenario, outcomes, metrics),
        teams: teams(scenario, outcomes, metrics.supports),
        throughputs: throughputs(scenario, outcomes, metrics.supports),
        groups: Vec::new(),
        against: beside.against,
        bottlenecks: beside.bottlenecks,
        levers: beside.levers,
        only_likeliest_levers: beside.only_likeliest_levers,
        injects: beside.injects,
    }
}

fn verdict_view(name: &str, asked: &Asked, verdict: &StrategyVerdict) -> VerdictView {
    let judgement = |it: &Judgement, sentence: String| JudgementView {
        verdict: it.verdict,
        sentence,
        holds: it.holds,
        n: it.n,
        at_least: machine(it.bounds.low),
        at_most: machine(it.bounds.high),
    };
    let sentence = asked.on_strategy(name, verdict);
    VerdictView {
        policy: judgement(&verdict.policy, sentence.clone()),
        rto: verdict.rto.as_ref().map(|it| judgement(it, asked.on_rto(it))),
        rpo: verdict.rpo.as_ref().map(|it| judgement(it, asked.on_rpo(it))),
        rpo_not_judged: verdict.rpo_not_judged.then(|| sentences::rpo_not_judged(name)),
        sentence,
    }
}

/// How many came back with old data, in a sentence, if any did.
fn old_data(asked: &Asked, figures: &[Figure]) -> Option<String> {
    let figure = |it: FigureId| figures.iter().find(|figure| figure.name == it.id());
    let value = |it: FigureId| figure(it)?.value;
    let sites = figure(FigureId::SitesBackWithOldData)?;
    asked.on_old_data(&OutdatedMeans {
        n: sites.n,
        sites_back: sites.value?,
        users_back: value(FigureId::UsersBackWithOldData)?,
        sites_left: value(FigureId::SitesLeftWithOldData)?,
        users_left: value(FigureId::UsersLeftWithOldData)?,
        repaired_after_s: value(FigureId::OldDataRepairedAfter),
    })
}

/// Rows and figures as they are filled in.
#[derive(Default)]
struct FigureTable {
    rows: Vec<Row>,
    more_rows: Vec<Row>,
    figures: Vec<Figure>,
}

impl FigureTable {
    /// Every figure of the catalogue that the strategy has, and, of those that something is named
    /// with, what the scenario names.
    fn fill(&mut self, together: &Together<'_>, metrics: &StrategyMetrics, beside: &Explanations) {
        let scenario = together.scenario;
        let pooled = together.pooled();
        let whole = FIGURES.iter().filter(|it| it.parameter.is_none());
        let asked = scenario.exercise_figures().into_iter();
        let asked = asked.filter(|it| it.figure.definition().parameter.is_some());
        let figures = whole.map(|it| FigureOf::from(it.figure)).chain(asked);
        let figures: Vec<FigureOf> = figures
            .filter(|it| scenario.gives(it.figure.definition().needs, together.strategy.strategy))
            .collect();
        let told = figures.par_iter().map(|it| match it.figure.definition().scope {
            Scope::Site => Vec::new(),
            Scope::Exercise => Told::of_exercises(scenario, metrics, *it, beside),
            Scope::Pooled => vec![Told::of_all(scenario, &pooled, *it)],
        });
        told.collect::<Vec<_>>().into_iter().flatten().for_each(|it| self.add(it));
    }

    /// A figure that there is, with its row where people read it first, or behind that.
    fn add(&mut self, Told { told, title, listed }: Told) {
        let Some((figure, cells)) = told else { return };
        let rows = if listed { &mut self.rows } else { &mut self.more_rows };
        rows.push(row(&figure.name, &title, cells));
        self.figures.push(figure);
    }
}

/// A figure in one of the ways in which it is told.
struct Told {
    told: Option<(Figure, Cells)>,
    title: String,
    /// Whether people read it first.
    listed: bool,
}

impl Told {
    /// A figure that all exercises together have.
    fn of_all(scenario: &Scenario, pooled: &[(FigureId, Pooled)], figure: FigureOf) -> Self {
        let definition = figure.figure.definition();
        let known = pooled.iter().find(|it| it.0 == figure.figure);
        let horizon = scenario.experiment.horizon;
        Self {
            told: known.map(|it| figures::of_all(definition.id, &it.1, horizon)),
            title: figure.title(scenario),
            listed: definition.listed == Listed::Always,
        }
    }

    /// A figure that every exercise has, in each way in which it is told.
    fn of_exercises(
        scenario: &Scenario,
        metrics: &StrategyMetrics,
        figure: FigureOf,
        beside: &Explanations,
    ) -> Vec<Self> {
        let definition = figure.figure.definition();
        let readings = metrics.readings(figure);
        let known = (&readings[..], metrics.supports.of(figure));
        let horizon = scenario.experiment.horizon;
        let told = |name: &str, over: Over| {
            figures::of_exercises(name, definition.kind, over, known, horizon)
        };
        let listed = is_listed(definition.listed, &readings, metrics, beside);
        let (name, title) = (figure.name(scenario), figure.title(scenario));
        let mut all =
            vec![Self { told: told(&name, definition.over), title: title.clone(), listed }];
        all.extend(definition.also.iter().map(|over| {
            let name = format!("{name}.{}", over.suffix());
            let title = match over {
                Over::P90 => in_nine_of_ten(&title),
                Over::Mean => format!("{title}, mean"),
                Over::Median => format!("{title}, median"),
            };
            Self { told: told(&name, *over), title, listed: listed && *over == Over::P90 }
        }));
        all
    }
}

/// Whether people read a figure first that came to this in the exercises.
fn is_listed(
    listed: Listed,
    readings: &[Reading],
    metrics: &StrategyMetrics,
    beside: &Explanations,
) -> bool {
    let is_any = |reading: Reading| reading.plain().is_some_and(|it| it > 0.0);
    let replications = &metrics.replications;
    match listed {
        Listed::Always => true,
        Listed::WhereDeletionVaries => beside.deletion_varies,
        Listed::WhereSpared => beside.may_spare,
        Listed::WhereOldData => {
            replications.iter().any(|it| is_any(it.figures.of(FigureId::SitesBackWithOldData)))
        }
        Listed::WhereSomeAreNotBack => replications.iter().any(|it| it.restored < it.deleted),
        Listed::WhereAny => readings.iter().copied().any(is_any),
        Listed::Nowhere => false,
    }
}

/// "RTA p95 of an exercise" as "RTA p95 in 9 of 10 exercises".
fn in_nine_of_ten(title: &str) -> String {
    format!("{} in 9 of 10 exercises", title.strip_suffix(" of an exercise").unwrap_or(title))
}

/// The tracks that claim sites.
fn tracks(
    scenario: &Scenario,
    outcomes: &StrategyResults,
    metrics: &StrategyMetrics,
) -> Vec<TrackView> {
    let planned = &scenario.strategies[outcomes.strategy].tracks;
    let claims = |place: usize| place >= planned.len() || planned[TrackId::new(place)].claims;
    let names = outcomes.tracks.iter().enumerate().filter(|(place, _)| claims(*place));
    names.map(|(place, name)| track(scenario, metrics, place, name)).collect()
}

fn track(scenario: &Scenario, metrics: &StrategyMetrics, place: usize, name: &str) -> TrackView {
    let horizon = scenario.experiment.horizon;
    let (replications, supports) = (&metrics.replications, metrics.supports);
    let mean = |support: Support, of: &dyn Fn(&ReplicationMetrics, &TrackMetrics) -> f64| {
        let values: Vec<f64> = replications.iter().map(|it| of(it, &it.tracks[place])).collect();
        mean_of(&values, support).expect("an experiment has a replication")
    };
    let of_shares = supports.of_other(Support::SHARE);
    // A track has given back nothing of nothing.
    let part = |part: f64, all: f64| if all == 0.0 { 0.0 } else { part / all };
    let sites = mean(supports.of_sites(), &|_, it| f64::from(it.sites));
    let share = mean(of_shares, &|all, it| part(f64::from(it.sites), f64::from(all.deleted)));
    let somebody = replications.iter().any(|it| it.users > 0);
    let users =
        somebody.then(|| mean(of_shares, &|all, it| part(it.users as f64, all.users as f64)));
    let time = |of: fn(&TrackMetrics) -> Option<SimTime>| {
        median_time(replications.iter().map(|it| of(&it.tracks[place]).map(SimTime::since_start)))
    };
    let (first, last) = (time(|it| it.first), time(|it| it.last));
    let user_text = users.as_ref().map_or_else(|| "-".to_owned(), |it| words::share(it.mean));
    let idle = replications.iter().all(|it| it.tracks[place].sites == 0);
    let when = |estimate| {
        let cells: Cells = words::time(estimate, "T+", horizon);
        if idle { "-".to_owned() } else { cells.value }
    };
    let site_text = format!("{} ({})", amount(sites.mean), words::share(share.mean));
    TrackView {
        name: name.to_owned(),
        texts: [site_text, user_text, when(&first), when(&last)],
        sites: figures::mean("sites", Unit::Count, &sites),
        share_of_sites: figures::mean("share_of_sites", Unit::Share, &share),
        share_of_users: users.map(|it| figures::mean("share_of_users", Unit::Share, &it)),
        first_site_back: figures::time("first_site_back", &first),
        last_site_back: figures::time("last_site_back", &last),
    }
}

fn teams(scenario: &Scenario, outcomes: &StrategyResults, supports: Supports) -> Vec<TeamView> {
    let mean = |values: &[f64]| mean_of(values, supports.of_other(Support::Open));
    let teams = outcomes.pools.iter().enumerate().filter(|(_, label)| label.is_team);
    let each = teams.map(|(place, label)| {
        let pools = || outcomes.outcomes.iter().map(|it| it.pools[place]);
        let hours: Vec<f64> = pools().map(|it| it.busy as f64 / MILLIS_PER_HOUR).collect();
        let busy: u128 = pools().map(|it| it.busy).sum();
        let capacity: u128 = pools().map(|it| it.capacity).sum();
        let utilisation = (capacity > 0).then(|| busy as f64 / capacity as f64);
        let over: Vec<f64> = pools().map(|it| it.overtime as f64 / MILLIS_PER_HOUR).collect();
        let overtime = mean(&over).expect("an experiment has a replication");
        let person_hours = mean(&hours).expect("an experiment has a replication");
        let cost = label
            .cost_per_hour
            .and_then(|price| mean(&hours.iter().map(|it| it * price).collect::<Vec<f64>>()));
        let missing = || "-".to_owned();
        TeamView {
            name: label.name.clone(),
            title: scenario
                .teams
                .iter()
                .find(|it| it.name == label.name)
                .map_or_else(String::new, |it| it.title.clone()),
            texts: [
                words::mean_amount(&person_hours).value,
                utilisation.map_or_else(missing, words::share),
                words::mean_amount(&overtime).value,
                cost.as_ref().map_or_else(missing, |it| words::mean_amount(it).value),
            ],
            person_hours: figures::mean("person_hours", Unit::H, &person_hours),
            utilisation: utilisation.map(machine),
            overtime: figures::mean("overtime", Unit::H, &overtime),
            cost: cost.map(|it| figures::mean("cost", Unit::Currency, &it)),
        }
    });
    each.collect()
}

fn throughputs(
    scenario: &Scenario,
    outcomes: &StrategyResults,
    supports: Supports,
) -> Vec<ThroughputView> {
    let each = outcomes.throughputs.iter().enumerate().map(|(place, name)| {
        let tallies = || outcomes.outcomes.iter().map(|it| it.throughputs[place]);
        let bytes: Vec<f64> = tallies().map(|it| it.moved as f64).collect();
        let bytes = mean_of(&bytes, supports.of_other(Support::Open));
        let bytes = bytes.expect("an experiment has a replication");
        let moved: u128 = tallies().map(|it| it.moved).sum();
        let capacity: u128 = tallies().map(|it| it.capacity).sum();
        let planned = scenario.throughputs.iter().find(|it| it.name == *name);
        ThroughputView {
            name: name.clone(),
            title: planned.map_or_else(String::new, |it| it.title.clone()),
            bytes: figures::mean("bytes", Unit::Bytes, &bytes),
            utilisation: (capacity > 0).then(|| machine(moved as f64 / capacity as f64)),
        }
    });
    each.collect()
}

/// A line of a table.
pub(crate) fn row(figure: &str, label: &str, cells: Cells) -> Row {
    Row {
        figure: figure.to_owned(),
        label: words::plain(label),
        value: cells.value,
        interval: cells.interval,
        spread: cells.spread,
    }
}
