//! The part of the view that is about one strategy.

use crate::experiment::{
    Attainment, By, CONFIDENCE, MeanEstimate, ReplicationMetrics, Results, StrategyResults,
    TrackMetrics, Yardsticks, mean_of, median_time, quantile_time, recovery_times, share_of,
};
use crate::ids::{Id, TrackId};
use crate::report::build::row;
use crate::report::sentences::Asked;
use crate::report::view::{
    AgainstView, BottlenecksView, Figure, JudgementView, LeverView, Row, StrategyView, TeamView,
    ThroughputView, TrackView, Unit, VerdictView,
};
use crate::report::words::{Cells, amount, machine};
use crate::report::{figures, words};
use crate::scenario::{Runbook, Scenario};
use crate::stats::pooled_quantile;
use crate::units::{SimDuration, SimTime};
use crate::verdict::{Judgement, StrategyVerdict};

const MILLIS_PER_HOUR: f64 = 3_600_000.0;

/// What the report knows of a strategy beside its outcomes.
pub(super) struct Beside {
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
}

/// What one strategy comes to.
pub(super) fn strategy(
    scenario: &Scenario,
    results: &Results,
    outcomes: &StrategyResults,
    replications: &[ReplicationMetrics],
    verdict: Option<(&Asked, StrategyVerdict)>,
    beside: Beside,
) -> StrategyView {
    assert!(!replications.is_empty(), "an experiment has a replication");
    let named = &scenario.strategies[outcomes.strategy];
    let mut sheet = Sheet {
        replications,
        horizon: scenario.experiment.horizon,
        rows: Vec::new(),
        figures: Vec::new(),
    };
    sheet.blast(&beside);
    sheet.times();
    let runbooks = || named.tracks.iter().map(|it| &scenario.runbooks[it.runbook]);
    let speaks = scenario.incident.milestones.iter().any(|it| it.public);
    sheet.contact(speaks, runbooks().any(Runbook::reaches_customers));
    sheet.recovery_times(scenario, results, outcomes);
    sheet.attainments();
    sheet.work();
    sheet.ends();
    if runbooks().any(Runbook::escalates) {
        sheet.escalations();
    }
    sheet.achieved();
    let mut figures = sheet.figures;
    figures.extend(pooled_loss(scenario, results, outcomes));
    StrategyView {
        name: named.name.clone(),
        title: named.title.clone(),
        description: named.description.clone(),
        verdict: verdict.map(|(asked, it)| verdict_view(&words::plain(&named.name), asked, &it)),
        rows: sheet.rows,
        figures,
        tracks: tracks(scenario, outcomes, replications),
        teams: teams(scenario, outcomes),
        throughputs: throughputs(scenario, outcomes),
        groups: Vec::new(),
        against: beside.against,
        bottlenecks: beside.bottlenecks,
        levers: beside.levers,
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
        sentence,
    }
}

/// Rows and figures as they are filled in.
struct Sheet<'a> {
    replications: &'a [ReplicationMetrics],
    horizon: SimDuration,
    rows: Vec<Row>,
    figures: Vec<Figure>,
}

impl Sheet<'_> {
    /// How much was deleted. Where that varies people read it under every strategy, so that one
    /// without a guardrail can be set beside one with it.
    fn blast(&mut self, beside: &Beside) {
        let deleted = |it: &ReplicationMetrics| Some(f64::from(it.deleted));
        let saved = |it: &ReplicationMetrics| Some(f64::from(it.saved()));
        match beside.deletion_varies {
            true => self.number("sites_deleted", "sites deleted", Unit::Count, deleted),
            false => self.silent("sites_deleted", Unit::Count, deleted),
        }
        match beside.may_spare {
            true => self.number("sites_saved", "sites saved by a guardrail", Unit::Count, saved),
            false => self.silent("sites_saved", Unit::Count, saved),
        }
        self.silent("users_deleted", Unit::Count, |it| Some(it.users as f64));
    }

    fn times(&mut self) {
        self.instant("first_site_back", "first site back", |it| it.first_restored);
        self.instant("half_of_sites_back", "half of the sites back", |it| it.half_of_sites);
        if self.replications.iter().any(|it| it.users_aimed_at > 0) {
            self.instant("half_of_users_back", "half of the users back", |it| it.half_of_users);
        }
        self.instant("p95_of_sites_back", "95% of the sites back", |it| it.p95_of_sites);
        self.instant("last_site_back", "last site back", |it| it.last_restored);
    }

    /// When customers hear something, where anybody speaks to all or reaches them one by one.
    fn contact(&mut self, speaks: bool, reaches: bool) {
        if speaks || reaches {
            self.instant("first_word", "first word", |it| it.contact.first_word);
        }
        if reaches {
            self.instant("first_customer_reached", "first customer reached", |it| {
                it.contact.first_customer_reached
            });
            self.instant("half_of_customers_reached", "half of the customers reached", |it| {
                it.contact.half_of_customers_reached
            });
            self.instant("all_customers_reached", "all customers reached", |it| {
                it.contact.all_customers_reached
            });
        }
    }

    fn instant(
        &mut self,
        name: &str,
        label: &str,
        of: impl Fn(&ReplicationMetrics) -> Option<SimTime>,
    ) {
        let times = self.replications.iter().map(|it| of(it).map(SimTime::since_start));
        let estimate = median_time(times);
        self.rows.push(row(name, label, words::time(&estimate, "T+", self.horizon)));
        self.figures.push(figures::time(name, &estimate));
    }

    fn attainments(&mut self) {
        type Of = fn(&ReplicationMetrics) -> Option<Attainment>;
        let kinds: [(&str, &str, Of); 2] =
            [("rto", "RTO", |it| it.rto), ("rpo", "RPO", |it| it.rpo)];
        for (name, label, of) in kinds {
            let sites = self.mean(|it| of(it).map(|it| it.share_of_sites()));
            let users = self.mean(|it| of(it).map(|it| it.share_of_users()));
            let figure = format!("sites_within_{name}");
            if let Some(estimate) = sites {
                let label = format!("sites within {label}");
                let cells = words::mean(&estimate, "", words::share);
                self.rows.push(row(&figure, &label, cells));
                self.figures.push(figures::mean(&figure, Unit::Share, &estimate));
            }
            if let Some(estimate) = users {
                let figure = format!("users_within_{name}");
                self.figures.push(figures::mean(&figure, Unit::Share, &estimate));
            }
        }
        let replications = self.replications;
        let holds =
            |met: fn(&ReplicationMetrics) -> Option<bool>| share_of(replications.iter().map(met));
        for (figure, met) in [
            ("assurance_rto", ReplicationMetrics::meets_rto as fn(&_) -> _),
            ("assurance_rpo", ReplicationMetrics::meets_rpo),
        ] {
            self.figures.extend(holds(met).map(|it| figures::share(figure, &it)));
        }
        if let Some(estimate) = holds(ReplicationMetrics::meets) {
            let interval = estimate.interval;
            let cells = Cells {
                value: words::share(estimate.share()),
                interval: format!(
                    "{} to {}",
                    words::share(interval.low),
                    words::share(interval.high)
                ),
                spread: format!("{} of {}", words::count(estimate.holds), words::count(estimate.n)),
            };
            self.rows.push(row("assurance", "exercises that meet the policy", cells));
            self.figures.push(figures::share("assurance", &estimate));
        }
    }

    fn work(&mut self) {
        self.number("person_hours", "person-hours", Unit::H, |it| Some(it.person_hours()));
        self.number("cost", "cost", Unit::Currency, |it| it.cost);
    }

    fn ends(&mut self) {
        self.number("sites_lost", "sites lost for good", Unit::Count, |it| {
            Some(f64::from(it.lost))
        });
        let unfinished = |it: &ReplicationMetrics| Some(f64::from(it.unfinished));
        if self.replications.iter().any(|it| it.unfinished > 0) {
            self.number("sites_unfinished", "sites unfinished", Unit::Count, unfinished);
        } else {
            self.silent("sites_unfinished", Unit::Count, unfinished);
        }
        self.silent("share_of_sites_restored", Unit::Share, |it| Some(it.share_restored()));
        self.silent("site_hours_lost", Unit::H, |it| Some(it.site_ms as f64 / MILLIS_PER_HOUR));
        self.silent("user_hours_lost", Unit::H, |it| Some(it.user_ms as f64 / MILLIS_PER_HOUR));
    }

    fn escalations(&mut self) {
        let escalations = |it: &ReplicationMetrics| Some(it.escalations as f64);
        self.number("escalations", "tasks escalated", Unit::Count, escalations);
    }

    /// Recovery times and points actual; instants count from T+0, these by the policy's clock.
    fn achieved(&mut self) {
        let all = self.replications;
        self.figures
            .push(figures::mean_time("site.rta.mean", all.iter().map(|it| it.mean_rta_by_site)));
        if all.iter().any(|it| it.users_aimed_at > 0) {
            self.figures.push(figures::mean_time(
                "user.rta.mean",
                all.iter().map(|it| it.mean_rta_by_user),
            ));
        }
        let rta = median_time(all.iter().map(|it| it.rta_p95));
        let rpa = median_time(all.iter().map(|it| it.rpa_p95));
        self.figures.push(figures::time("exercise.rta.p95", &rta));
        self.figures.push(figures::time("exercise.rpa.p95", &rpa));
    }

    /// The mean of a number that either every replication has or none.
    fn mean(&self, of: impl Fn(&ReplicationMetrics) -> Option<f64>) -> Option<MeanEstimate> {
        let values: Option<Vec<f64>> = self.replications.iter().map(of).collect();
        mean_of(&values?)
    }

    fn number(
        &mut self,
        name: &str,
        label: &str,
        unit: Unit,
        of: impl Fn(&ReplicationMetrics) -> Option<f64>,
    ) {
        if let Some(estimate) = self.mean(of) {
            self.rows.push(row(name, label, words::mean_amount(&estimate)));
            self.figures.push(figures::mean(name, unit, &estimate));
        }
    }

    fn silent(&mut self, name: &str, unit: Unit, of: impl Fn(&ReplicationMetrics) -> Option<f64>) {
        let estimate = self.mean(of);
        self.figures.extend(estimate.map(|it| figures::mean(name, unit, &it)));
    }
}

/// The names of figures by site, by user and by customer, with what an exercise's have.
const NAMES: [(By, &str, &str); 3] = [
    (By::Site, "site", "exercise.rta.p95"),
    (By::User, "user", "exercise.user.rta.p95"),
    (By::Customer, "customer", "exercise.customer.rta.p95"),
];

impl Sheet<'_> {
    /// Recovery times pooled and of each exercise, by site, by user and by customer. Three figures
    /// that differ by half: people read those by site.
    fn recovery_times(
        &mut self,
        scenario: &Scenario,
        results: &Results,
        outcomes: &StrategyResults,
    ) {
        for (by, name, exercise) in NAMES {
            let times = recovery_times(scenario, results, outcomes, by, &|_| true);
            let Some(times) = times else { continue };
            self.figures.push(figures::pooled(&format!("{name}.rta.p95"), &times.p95));
            let each = || times.exercise_p95.iter().copied();
            let (median, p90) = (median_time(each()), quantile_time(each(), 0.9));
            self.figures.push(figures::mean_time(&format!("{exercise}.mean"), each()));
            self.figures.push(figures::time(&format!("{exercise}.p50"), &median));
            self.figures.push(figures::p90_time(&format!("{exercise}.p90"), &p90));
            if by == By::Site {
                let cells = words::pooled(&times.p95, self.horizon);
                self.rows.push(row("site.rta.p95", "RTA p95, all sites pooled", cells));
                let cells = words::time(&median, "", self.horizon);
                self.rows.push(row("exercise.rta.p95.p50", "RTA p95 of an exercise", cells));
                let cells = Cells { spread: String::new(), ..words::time(&p90, "", self.horizon) };
                self.rows.push(row("exercise.rta.p95.p90", "RTA p95 in 9 of 10 exercises", cells));
                continue;
            }
            let within = times
                .within
                .map(|it| figures::mean(&format!("{name}s_within_rto.share"), Unit::Share, &it));
            self.figures.extend(within);
            let assurance = times.assurance;
            let figure = |it| figures::share(&format!("assurance_rto.{name}s"), it);
            self.figures.extend(assurance.as_ref().map(figure));
        }
    }
}

/// The quantile of data lost over all sites of all replications.
fn pooled_loss(
    scenario: &Scenario,
    results: &Results,
    outcomes: &StrategyResults,
) -> Option<Figure> {
    let yardsticks = Yardsticks::new(scenario, results);
    let cluster = |(number, outcome): (usize, &crate::engine::Outcome)| -> Vec<(u64, f64)> {
        let yardstick = yardsticks.of(number);
        let value = |site: usize| match outcome.restorations[site].restored_at() {
            Some(_) => outcome.data_loss[site].after_repair.as_millis(),
            None => SimTime::NEVER.as_millis(),
        };
        let sites = 0..yardstick.sites();
        let deleted = sites.filter(|it| yardstick.deleted_at(outcome, *it).is_some());
        deleted.map(|site| (value(site), 1.0)).collect()
    };
    let clusters: Vec<Vec<(u64, f64)>> =
        outcomes.outcomes.iter().enumerate().map(cluster).collect();
    pooled_quantile(&clusters, 0.95, CONFIDENCE).map(|it| figures::pooled("site.rpa.p95", &it))
}

/// The tracks that claim sites.
fn tracks(
    scenario: &Scenario,
    outcomes: &StrategyResults,
    replications: &[ReplicationMetrics],
) -> Vec<TrackView> {
    let planned = &scenario.strategies[outcomes.strategy].tracks;
    let claims = |place: usize| place >= planned.len() || planned[TrackId::new(place)].claims;
    let names = outcomes.tracks.iter().enumerate().filter(|(place, _)| claims(*place));
    names.map(|(place, name)| track(scenario, replications, place, name)).collect()
}

fn track(
    scenario: &Scenario,
    replications: &[ReplicationMetrics],
    place: usize,
    name: &str,
) -> TrackView {
    let horizon = scenario.experiment.horizon;
    let mean = |of: &dyn Fn(&ReplicationMetrics, &TrackMetrics) -> f64| {
        let values: Vec<f64> = replications.iter().map(|it| of(it, &it.tracks[place])).collect();
        mean_of(&values).expect("an experiment has a replication")
    };
    // A track has given back nothing of nothing.
    let part = |part: f64, all: f64| if all == 0.0 { 0.0 } else { part / all };
    let sites = mean(&|_, it| f64::from(it.sites));
    let share = mean(&|all, it| part(f64::from(it.sites), f64::from(all.deleted)));
    let somebody = replications.iter().any(|it| it.users > 0);
    let users = somebody.then(|| mean(&|all, it| part(it.users as f64, all.users as f64)));
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
        first_restored: figures::time("first_restored", &first),
        last_restored: figures::time("last_restored", &last),
    }
}

fn teams(scenario: &Scenario, outcomes: &StrategyResults) -> Vec<TeamView> {
    let teams = outcomes.pools.iter().enumerate().filter(|(_, label)| label.is_team);
    let each = teams.map(|(place, label)| {
        let pools = || outcomes.outcomes.iter().map(|it| it.pools[place]);
        let hours: Vec<f64> = pools().map(|it| it.busy as f64 / MILLIS_PER_HOUR).collect();
        let busy: u128 = pools().map(|it| it.busy).sum();
        let capacity: u128 = pools().map(|it| it.capacity).sum();
        let utilisation = (capacity > 0).then(|| busy as f64 / capacity as f64);
        let over: Vec<f64> = pools().map(|it| it.overtime as f64 / MILLIS_PER_HOUR).collect();
        let overtime = mean_of(&over).expect("an experiment has a replication");
        let person_hours = mean_of(&hours).expect("an experiment has a replication");
        let cost = label
            .cost_per_hour
            .and_then(|price| mean_of(&hours.iter().map(|it| it * price).collect::<Vec<f64>>()));
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

fn throughputs(scenario: &Scenario, outcomes: &StrategyResults) -> Vec<ThroughputView> {
    let each = outcomes.throughputs.iter().enumerate().map(|(place, name)| {
        let tallies = || outcomes.outcomes.iter().map(|it| it.throughputs[place]);
        let bytes: Vec<f64> = tallies().map(|it| it.moved as f64).collect();
        let bytes = mean_of(&bytes).expect("an experiment has a replication");
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
