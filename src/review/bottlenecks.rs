//! What holds a recovery up: the binding chains of many recoveries, summed by what their pieces
//! went into.
//!
//! A share says how much of the outage the chain went through something. It is close to what would
//! be gained by a little less of it, but it is an attribution, not a promise: what one more of each
//! would bring is simulated in `levers`.

use crate::chain::layout::{Kind, Layout};
use crate::chain::sums::Sums;
use crate::experiment::listener::heard;
use crate::experiment::{PackedOutcome, Results, StrategyResults};
use crate::measure::{MeanEstimate, Support, Supports, mean_of};
use crate::plan::{Plan, compile};
use crate::review::cause::CauseKind;
use crate::scenario::{Per, Scenario};
use crate::stats::rank;
use crate::trace::Restoration;

/// What holds the recovery of one strategy up.
#[derive(Clone, Debug, PartialEq)]
pub struct Bottlenecks {
    /// Recoveries whose chains were summed.
    pub n: usize,
    /// Recoveries that were looked at in which no site was back.
    pub left_out: usize,
    /// Those of the `n` in which the site at 95 % was not back; there it is the site at 95 % of those
    /// that were.
    pub of_those_back: usize,
    /// Recovery time actual of the site at 95 %, in milliseconds.
    pub rta: MeanEstimate,
    /// What the pieces of the chains went into, the largest first within each kind. Those of
    /// [`CauseKind::in_whole`] make up the whole; those of the other kinds are other cuts through it.
    pub parts: Vec<BottleneckPart>,
}

/// A part of the outage.
#[derive(Clone, Debug, PartialEq)]
pub struct BottleneckPart {
    /// What kind of thing it went into.
    pub held: CauseKind,
    /// The track; empty where it is about none.
    pub track: String,
    /// The name of the thing, in the words of the scenario; empty where there is no more to say.
    pub name: String,
    /// Its length in the chain of the site at 95 %, in milliseconds: the mean over recoveries.
    pub length: MeanEstimate,
    /// Its share of that site's recovery time: the mean over recoveries.
    pub share: MeanEstimate,
    /// Its share of the recovery times of all sites that came back.
    pub share_of_all: f64,
}

/// What holds a strategy up in the first exercises, at most [`CHAINS`](crate::chain::CHAINS) of them: their
/// binding chains, summed up; `None` where no site is back in any of them. Where the site at 95 % is not
/// back, it is the site at 95 % of those that are.
///
/// The chain of a site begins when its recovery time does, by the policy's clock. Costs nothing
/// where the exercises were listened to as they were simulated; otherwise they are simulated again.
#[must_use]
pub fn bottlenecks(
    scenario: &Scenario,
    results: &Results,
    strategy: &StrategyResults,
) -> Option<Bottlenecks> {
    let plan = compile(scenario, strategy.strategy);
    let layout = Layout::new(&plan, &strategy.steps, !scenario.estate.is_redrawn());
    let heard = heard(scenario, results, strategy);
    let left_out = heard.chains.iter().filter(|it| it.is_none()).count();
    let known: Vec<&Sums> = heard.chains.iter().flatten().collect();
    let supports = Supports::new(scenario, results, strategy);
    let times: Vec<f64> = known.iter().map(|it| it.rta as f64).collect();
    let rta = mean_of(&times, supports.of_length())?;
    let names = names(scenario, strategy, &plan, &layout);
    let heard = strategy.outcomes.iter().take(heard.chains.len());
    let of_those_back = heard.filter(|outcome| hides_the_site_at_p95(outcome)).count();
    Some(Bottlenecks {
        n: known.len(),
        left_out,
        of_those_back,
        rta,
        parts: parts(&names, &known, supports),
    })
}

/// Whether some sites are back, and so many are not that the one at 95 % is among these.
fn hides_the_site_at_p95(outcome: &PackedOutcome) -> bool {
    let ends = || outcome.restorations();
    let deleted = ends().filter(|end| *end != Restoration::Spared).count();
    let back = ends().filter(|end| end.restored_at().is_some()).count();
    back > 0 && back < rank(0.95, deleted)
}

/// What each place of a layout is about: its kind, the track and the name.
fn names(
    scenario: &Scenario,
    strategy: &StrategyResults,
    plan: &Plan,
    layout: &Layout,
) -> Vec<(CauseKind, String, String)> {
    let pool = |it: usize| plan.pools[it].name.clone();
    let track = |it: usize| strategy.tracks[it].clone();
    let loads = load_names(strategy, plan);
    let one = |kind: Kind, number: usize| {
        let none = String::new;
        match kind {
            Kind::Step => {
                let label = &strategy.steps[number];
                (CauseKind::Step, label.track.clone(), label.id.clone())
            }
            Kind::Element => {
                let label = &strategy.steps[number];
                (CauseKind::Element, label.track.clone(), label.step.clone())
            }
            Kind::Capacity => (CauseKind::Capacity, none(), pool(number)),
            Kind::Inject => (CauseKind::Inject, none(), scenario.injects[number].title.clone()),
            Kind::Opening => (CauseKind::Opening, track(number), none()),
            Kind::Slot => (CauseKind::Slot, track(number), none()),
            Kind::GivenUp => (CauseKind::GivenUp, track(number), none()),
            Kind::Automation => (CauseKind::Automation, none(), none()),
            Kind::Deletion => (CauseKind::Deletion, none(), none()),
            Kind::Unknown => (CauseKind::Unknown, none(), none()),
            Kind::Crew => {
                let teams = layout.crew(number).iter().map(|it| pool(usize::from(*it)));
                (CauseKind::Crew, none(), teams.collect::<Vec<String>>().join("+"))
            }
            Kind::BoundPool if plan.pools[number].is_team => {
                (CauseKind::TeamBound, none(), pool(number))
            }
            Kind::BoundPool => (CauseKind::LimitBound, none(), pool(number)),
            Kind::BoundSlot => (CauseKind::SlotBound, track(number), none()),
            Kind::Shard => (CauseKind::Shard, none(), loads[number].clone()),
            Kind::Rework => (CauseKind::Rework, none(), none()),
        }
    };
    layout.places().map(|(kind, number)| one(kind, number)).collect()
}

/// What each load is called: "load/content#17".
fn load_names(strategy: &StrategyResults, plan: &Plan) -> Vec<String> {
    let mut names = vec![String::new(); plan.loads.loads.len()];
    for (step, _) in (0u16..).zip(&plan.steps).filter(|it| it.1.per == Per::Shard) {
        for row in 0..u32::try_from(plan.sites.len()).expect("fewer than 2^32 sites") {
            let load = plan.loads.of(step, row) as usize;
            if names[load].is_empty() {
                let label = &strategy.steps[usize::from(step)].step;
                names[load] = format!("{label}#{}", plan.loads.loads[load].shard);
            }
        }
    }
    names
}

/// The parts of which there is anything, the largest first within each kind.
fn parts(
    names: &[(CauseKind, String, String)],
    known: &[&Sums],
    supports: Supports,
) -> Vec<BottleneckPart> {
    let all: u64 = known.iter().map(|it| it.all).sum();
    let part = |(place, (held, track, name)): (usize, &(CauseKind, String, String))| {
        let of_all: u64 = known.iter().map(|it| it.of_all[place]).sum();
        if of_all == 0 {
            return None;
        }
        let share = |it: &&Sums| match it.rta {
            0 => 0.0,
            rta => it.of_site[place] as f64 / rta as f64,
        };
        let lengths: Vec<f64> = known.iter().map(|it| it.of_site[place] as f64).collect();
        let shares: Vec<f64> = known.iter().map(share).collect();
        Some(BottleneckPart {
            held: *held,
            track: track.clone(),
            name: name.clone(),
            length: mean_of(&lengths, supports.of_length())?,
            share: mean_of(&shares, supports.of_other(Support::SHARE))?,
            share_of_all: of_all as f64 / all as f64,
        })
    };
    let mut parts: Vec<BottleneckPart> = names.iter().enumerate().filter_map(part).collect();
    // The order of the layout settles what is equal.
    parts.sort_by(|a, b| a.held.cmp(&b.held).then(b.length.mean.total_cmp(&a.length.mean)));
    parts
}
