//! From results to the view.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::experiment::{AimedAt, Results};
use crate::ids::{Id, StrategyId, TierId};
use crate::measure::{FEWEST_FOR_WEIGHTED, Measurements, StrategyMetrics, median_time};
use crate::report::about::{experiment, program, scenario_view};
use crate::report::figures;
use crate::report::run::against::against_view;
use crate::report::run::assumptions::assumptions;
use crate::report::run::bottlenecks::{bottlenecks_view, levers_view};
use crate::report::run::checklist::{About, checklist};
use crate::report::run::injects::injects_view;
use crate::report::run::sentences::{self, Guarded};
use crate::report::run::strategy::{Explanations, row, strategy};
use crate::report::run::view::{
    FORMAT, IncidentView, LostView, MilestoneView, PolicyView, ResampledView, StrategyView,
    TierView, View,
};
use crate::report::words::{self, clock};
use crate::review::Causes;
use crate::scenario::{Clock, RecoveryPolicy, Scenario};
use crate::stats::quantile_sorted;
use crate::units::{SimDuration, SimTime};
use crate::verdict::StrategyVerdict;

/// Everything that a report says about `results`.
///
/// `measurements` and `verdicts` are of the same results, one for each strategy, and so are `causes`
/// where they are known; `reproduce` is the command that makes the report again.
#[must_use]
pub fn view(
    scenario: &Scenario,
    results: &Results,
    measurements: &Measurements,
    verdicts: &[Option<StrategyVerdict>],
    causes: &Causes,
    reproduce: &str,
) -> View {
    let tiers = tiers(scenario, results);
    let policy = scenario.policy.as_ref();
    let asked = policy.map(|it| sentences::Asked::new(it, &tiers));
    let each = results.strategies.par_iter().zip(&measurements.strategies);
    let name_of = |it: &StrategyMetrics| scenario.strategies[it.strategy].name.as_str();
    let first = measurements.strategies.first();
    let deletion_varies = deletion_varies(scenario, measurements);
    let policy = policy
        .zip(asked.as_ref())
        .map(|(policy, asked)| policy_view(scenario, policy, asked, tiers));
    let strategies: Vec<StrategyView> = each
        .zip(verdicts)
        .enumerate()
        .map(|(place, ((outcomes, metrics), verdict))| {
            let bottlenecks = causes.bottlenecks.get(place).and_then(Option::as_ref);
            let levers = causes.levers.get(place).filter(|it| !it.is_empty());
            let beside = Explanations {
                bottlenecks: bottlenecks
                    .map(|it| bottlenecks_view(name_of(metrics), it, scenario.incident.kind)),
                levers: levers.map(|it| levers_view(outcomes, bottlenecks, it)),
                only_likeliest_levers: levers.is_some() && causes.only_likeliest,
                injects: causes
                    .injects
                    .get(place)
                    .map_or_else(Vec::new, |it| injects_view(scenario, it)),
                deletion_varies,
                may_spare: may_spare(scenario, metrics.strategy),
                against: first.filter(|it| it.strategy != metrics.strategy).map(|first| {
                    against_view(scenario, (name_of(metrics), metrics), (name_of(first), first))
                }),
            };
            let asked = (asked.as_ref(), *verdict);
            strategy(scenario, results, outcomes, metrics, asked, beside)
        })
        .collect();
    let (program, experiment) = (program(), experiment(scenario, results));
    let about = About {
        scenario,
        results,
        policy: policy.as_ref(),
        experiment: &experiment,
        strategies: &strategies,
        version: &program.version,
    };
    View {
        format: FORMAT,
        checklist: checklist(&about),
        assumptions: assumptions(scenario, &strategies),
        scenario: scenario_view(scenario),
        reproduce: reproduce.to_owned(),
        incident: incident(scenario, results),
        program,
        experiment,
        policy,
        strategies,
        caveat: sentences::CAVEAT.to_owned(),
        warnings: warnings(results),
    }
}

/// Whether people need to be told how many sites were deleted, as it is not just what the incident
/// aims at: under some strategy or in some exercise there are more or fewer.
fn deletion_varies(scenario: &Scenario, measurements: &Measurements) -> bool {
    let spared = |it: &StrategyMetrics| {
        may_spare(scenario, it.strategy) || it.replications.iter().any(|it| it.saved() > 0)
    };
    scenario.estate.is_redrawn() || measurements.strategies.iter().any(spared)
}

/// Whether a guardrail may spare a site under a strategy. One that happens to spare none still
/// may.
fn may_spare(scenario: &Scenario, strategy: StrategyId) -> bool {
    scenario.strategies[strategy].guardrails.may_spare()
}

/// The strategies that were run under which a guardrail may spare sites.
fn guarded(scenario: &Scenario, results: &Results) -> Guarded {
    let run = results.strategies.iter().map(|it| it.strategy);
    let names: Vec<String> = run
        .filter(|it| may_spare(scenario, *it))
        .map(|it| words::plain(&scenario.strategies[it].name))
        .collect();
    match names.len() {
        0 => Guarded::None,
        all if all == results.strategies.len() => Guarded::All,
        _ => Guarded::Some(names),
    }
}

/// Which intervals are a little too narrow.
fn warnings(results: &Results) -> Vec<String> {
    let few = results.replications < FEWEST_FOR_WEIGHTED;
    let text = format!(
        "user.rta.p95: with fewer than {FEWEST_FOR_WEIGHTED} exercises the interval of a pooled \
         figure by user is a little too narrow."
    );
    few.then_some(text).into_iter().collect()
}

fn incident(scenario: &Scenario, results: &Results) -> IncidentView {
    let sites = Spread::of(results, |it| it.len() as u64);
    let customers = Spread::of(results, |sites| {
        sites.iter().map(|it| it.customer).collect::<BTreeSet<u32>>().len() as u64
    });
    let users = Spread::of(results, |sites| sites.iter().map(|it| u64::from(it.users)).sum());
    // What only injects delete has no time of its own.
    let timed = |it: &&AimedAt| it.at != SimTime::NEVER;
    let aims = || results.aims.estates().flatten();
    let at = || aims().filter(timed).map(|it| it.at.since_start());
    let (first, last) = (at().min().unwrap_or_default(), at().max().unwrap_or_default());
    let of_estate = scenario.estate.sites.len() as u64;
    let resampled = scenario.estate.is_redrawn().then_some(ResampledView {
        sites_p05: sites.p05,
        sites_p95: sites.p95,
        users_p05: users.p05,
        users_p95: users.p95,
    });
    let (sites, customers, users) = (sites.median, customers.median, users.median);
    let guarded = guarded(scenario, results);
    let kind = scenario.incident.kind;
    let aim = sentences::Aim { kind, sites, of_estate, customers, users, span: last, guarded };
    let lost = lost(scenario);
    let sentence = match &resampled {
        Some(it) => sentences::resampled(&aim, it),
        None => sentences::incident(&aim),
    };
    IncidentView {
        sentence: sentence + &sentences::lost(&lost, scenario.estate.is_redrawn()),
        lost,
        kind,
        resampled,
        at: scenario.incident.at.map(|it| it.to_string()),
        sites,
        sites_of_estate: of_estate,
        customers,
        users,
        first_deletion_s: first.as_seconds(),
        last_deletion_s: last.as_seconds(),
        milestones: milestones(scenario, results),
    }
}

/// What sites lose, in the order of their numbers; nothing where all lose everything.
fn lost(scenario: &Scenario) -> Vec<LostView> {
    let incident = &scenario.incident;
    if !incident.takes_parts() {
        return Vec::new();
    }
    let mut counted: BTreeMap<Vec<&str>, u64> = BTreeMap::new();
    for place in 0..incident.deleted.len() {
        let parts = scenario.estate.lost_parts(incident.loses_at_most(place));
        *counted.entry(parts).or_default() += 1;
    }
    let view = |(parts, sites): (Vec<&str>, u64)| LostView {
        parts: parts.into_iter().map(str::to_owned).collect(),
        sites,
    };
    let mut lost: Vec<LostView> = counted.into_iter().map(view).collect();
    lost.sort_by_key(|it| std::cmp::Reverse(it.sites));
    lost
}

/// A number over all estates that were drawn.
struct Spread {
    p05: u64,
    median: u64,
    p95: u64,
}

impl Spread {
    fn of(results: &Results, number: impl Fn(&[AimedAt]) -> u64) -> Self {
        let mut all: Vec<u64> = results.aims.estates().map(number).collect();
        all.sort_unstable();
        let [p05, median, p95] = [0.05, 0.5, 0.95].map(|p| quantile_sorted(&all, p));
        Self { p05, median, p95 }
    }
}

/// The milestones; their draws are the same under every strategy, so the first one tells.
fn milestones(scenario: &Scenario, results: &Results) -> Vec<MilestoneView> {
    let Some(strategy) = results.strategies.first().filter(|it| !it.outcomes.is_empty()) else {
        return Vec::new();
    };
    let each = scenario.incident.milestones.enumerate().map(|(id, milestone)| {
        let times = strategy
            .outcomes
            .iter()
            .map(|it| it.milestones.get(id.index()).map(|at| at.since_start()));
        let estimate = median_time(times);
        let figure = format!("milestone.{}", milestone.name);
        let cells = words::time(&estimate, "T+", scenario.experiment.horizon);
        MilestoneView {
            name: milestone.name.clone(),
            title: milestone.title.clone(),
            reached: figures::time(&figure, &estimate),
            row: row(&figure, &milestone.title, cells),
        }
    });
    each.collect()
}

/// The tiers that have a site at which the incident aims, with their objectives. Where every
/// exercise draws its own estate, in any of them, and the number is the mean, rounded up.
fn tiers(scenario: &Scenario, results: &Results) -> Vec<TierView> {
    let estates = results.aims.estates().count();
    let of = |tier: TierId| {
        let sites = results.aims.estates().flatten().filter(|it| it.tier == tier).count();
        sites.div_ceil(estates)
    };
    let objective = |tier: TierId| scenario.policy.as_ref().map(|it| it.objectives[tier]);
    let tiers = scenario.estate.tiers.enumerate().map(|(id, name)| TierView {
        tier: name.clone(),
        sites: of(id) as u64,
        rto_s: objective(id).and_then(|it| it.rto).map(SimDuration::as_seconds),
        rpo_s: objective(id).and_then(|it| it.rpo).map(SimDuration::as_seconds),
    });
    tiers.filter(|it| it.sites > 0).collect()
}

fn policy_view(
    scenario: &Scenario,
    policy: &RecoveryPolicy,
    asked: &sentences::Asked,
    tiers: Vec<TierView>,
) -> PolicyView {
    let milestone = match policy.clock {
        Clock::Deletion => "deletion",
        Clock::Milestone(id) => &scenario.incident.milestones[id].name,
    };
    PolicyView {
        sentence: asked.policy(
            scenario.incident.kind,
            &clock(policy.clock, milestone, scenario.incident.kind),
        ),
        coverage: policy.coverage.fraction(),
        assurance: policy.assurance.fraction(),
        confidence: policy.confidence.fraction(),
        clock: milestone.to_owned(),
        rpo_at: policy.rpo_at,
        tiers,
    }
}
