//! Compiles one strategy of a scenario to a [`Plan`]: each part from what it needs, and the whole at
//! the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dist::Distribution;
use crate::ids::{Id, StepId, StrategyId, TeamId};
use crate::rng::{Purpose, StreamKey};
use crate::scenario::{AutomatedAfter, Coordination, Per, PriorityRule, Scenario, Step, Strategy};

use super::capacities::PlanCapacities;
use super::compiled::Plan;
use super::deletions::PlanDeletions;
use super::draws::{Lanes, PlanDraws};
use super::expand::{Graph, Node, expand, to_u16};
use super::failure::{Failures, PlanFailure, finds};
use super::growth::PlanGrowth;
use super::inject::{self, Aimed};
use super::loads::{self, PlanLoads};
use super::moment::{PlanBase, moment_of_step};
use super::needs::{self, Needs, PlanNeeds, Variants};
use super::pool::{PlanPool, TeamStrain, strains, teams_and_limits};
use super::priority::{self, PlanPriority, Ranked};
use super::profile::Precedence;
use super::restore::{Restores, repairs};
use super::site_kind::Kinds;
use super::site_step::{SiteStep, drawn_failures, starts_are_independent};
use super::sites::{Lives, PlanSite};
use super::step::{PlanLearning, PlanStep, StepDetail};
use super::track::tracks;
use super::transfer::{self, MovedShares, PlanTransfers};
use super::ways::{BehindBarriers, Ways};

/// Compiles a strategy. Cost: products of sites times steps, and sites times steps for the ranks.
pub(crate) fn compile(scenario: &Scenario, id: StrategyId) -> Plan {
    let strategy = &scenario.strategies[id];
    let kinds = Kinds::new(scenario, strategy);
    let graph = expand(scenario, strategy, &kinds);
    let mut order = graph.order();
    let Lives { sites, profiles, known, joined, losses } =
        Lives::new(scenario, strategy, &graph, &order, &kinds);
    let precedence = Precedence::new(strategy, &graph, &order);
    let ways = Arc::new(Ways::new(&graph, &order, &profiles, &precedence));
    let aimed = Aimed::new(scenario);
    let asks_for = loads::asks_for(&graph);
    let loads = PlanLoads::new(scenario, &graph, &asks_for);

    let mut pools = teams_and_limits(scenario, strategy);
    let first_gate = pools.len();
    pools.extend(inject::gates(scenario));
    let first_part = pools.len();
    let (mut needs, pools) = Needs::new(scenario, strategy, &aimed, &graph, pools);
    let shifts = inject::shifts(scenario, strategy);
    let (capacities, track_levels) =
        PlanCapacities::new(strategy, &graph, shifts, (first_gate, first_part));
    let deleted = &scenario.incident.deleted;
    let profile_of = |row: usize, lost| known[&kinds.of(&deleted[row], lost)];

    let mut lanes = Lanes::default();
    let site_effect_lane = lanes.lane(Purpose::SiteEffect, "");
    let mut growth = PlanGrowth::new(scenario, &sites);
    let mut restores = Restores::new(scenario, &graph, &kinds, &loads);
    let failures = Failures {
        scenario,
        strategy,
        graph: &graph,
        profiles: &profiles,
        ways: &ways,
        aimed: &aimed,
    };
    let mut own = OwnParts {
        kinds: &kinds,
        failures: &failures,
        sites: &sites,
        restores: &mut restores,
        needs: &mut needs,
        lanes: &mut lanes,
        growth: &mut growth,
        same_work: BTreeMap::new(),
        moved: MovedShares::new(),
    };
    let parts: Vec<OwnPart<'_>> = (0..graph.nodes.len()).map(|node| own.part(node)).collect();

    let of_node: Vec<Option<u16>> = parts.iter().map(|part| part.restore).collect();
    let failing: Vec<Option<&PlanFailure>> = parts.iter().map(|it| it.failure.as_ref()).collect();
    let holds = needs::holds(&graph, &order, &profiles);
    let strains = strains(scenario);
    let (automations, after_runs) = automations(strategy, &graph, &parts);
    let behind = failures.behind_barriers(&failing);
    let mut finds = finds(&failing);
    let mut repairs = repairs(&graph, &of_node);
    let mut opens = loads::opens(&graph, &asks_for);
    let mut ends_holds = needs::ends_of_holds(&holds, graph.nodes.len());
    let mut frees_holds = failures.freed_holds(&holds);
    let recurs = failures.recurring(&failing);
    let held_by: BTreeMap<usize, u16> =
        (0..).zip(&holds).map(|(hold, it)| (usize::from(it.step), hold)).collect();
    let by_pools = parts.iter().map(|part| part.under_pools(&needs, &pools, &strains));
    let by_pools: Vec<UnderPools> = by_pools.collect();
    let stores = restores.into_stores(&of_node, &profiles);
    let among = |index: usize| Among {
        asks_for: asks_for[index],
        repairs: std::mem::take(&mut repairs[index]),
        finds: std::mem::take(&mut finds[index]),
        may_go_on: behind.contains(&index),
        behind: BehindBarriers::new(&ways, to_u16(index)),
        opens: std::mem::take(&mut opens[index]),
        automates: after_runs.get(&to_u16(index)).cloned().unwrap_or_default(),
        hold: held_by.get(&index).copied(),
        ends_holds: std::mem::take(&mut ends_holds[index]),
        frees_holds: std::mem::take(&mut frees_holds[index]),
        recurs: recurs[index],
        under_pools: by_pools[index],
        counts_runs: after_runs.contains_key(&parts[index].learns_as),
    };
    let among: Vec<Among> = (0..graph.nodes.len()).map(among).collect();
    let (steps, details): (Vec<PlanStep>, Vec<StepDetail>) = std::iter::zip(parts, among)
        .zip(&graph.nodes)
        .map(|((part, among), node)| part.step(among, node, sites.len()))
        .unzip();

    let tracks = tracks(scenario, strategy, &graph, &sites, &track_levels, &mut lanes);
    // `once` steps wait for nothing else, so they may stand before all that waits for them.
    order.sort_by_key(|node| graph.per(*node) != Per::Once);
    let ranked = Ranked {
        rule: strategy.priority,
        tracks: &tracks,
        steps: &steps,
        details: &details,
        sites: &sites,
        profiles: &profiles,
        precedence: &precedence,
        loads: &loads,
        growth: &growth,
    };
    let ranks = priority::ranks(&ranked, &order);
    let orders: Vec<&[u32]> = tracks.iter().map(|track| &*track.candidates).collect();
    let starts_are_independent = starts_are_independent(&steps);
    let demands = needs.laid_out(pools.len());
    let needs = PlanNeeds { demands, holds, starts_are_independent };
    let site_steps = SiteStep::all(&steps, &details, &profiles, &needs);
    let failures = drawn_failures(&details);
    let draws = PlanDraws::new(scenario, lanes, failures, site_effect_lane, &sites, &orders);
    Plan {
        precedence,
        capacities,
        needs,
        site_steps,
        transfers: PlanTransfers::new(scenario, strategy, &graph),
        injects: inject::injects(scenario, &graph, first_gate, profile_of),
        deletions: PlanDeletions::new(scenario, strategy, joined, losses, &sites),
        automations,
        priority: PlanPriority { rule: strategy.priority, ranks },
        growth,
        draws,
        stores,
        horizon: scenario.experiment.horizon.as_millis(),
        tracks,
        steps,
        details,
        sites,
        profiles,
        pools,
        strains,
        loads,
    }
}

/// What a step of a plan is by itself, with places in what all steps share.
struct OwnPart<'a> {
    /// The distribution of its duration, in milliseconds.
    duration: &'a Distribution,
    failed_by: Vec<u16>,
    stands_in_for: Option<u16>,
    restore: Option<u16>,
    failure: Option<PlanFailure>,
    transfer: Option<transfer::PlanTransfer>,
    /// The people whom it still needs once it is automated.
    people_left: Vec<(TeamId, u32)>,
    variants: Option<Variants>,
    variants_automated: Option<Variants>,
    demand: u16,
    demand_automated: u16,
    lane: u32,
    lot: u32,
    growth: u16,
    learns_as: u16,
    effect: StreamKey,
}

/// What a step of a plan is among the others.
struct Among {
    asks_for: Option<u16>,
    repairs: Vec<u16>,
    finds: Vec<(u16, u16)>,
    /// Whether barriers may go on without what it has not done.
    may_go_on: bool,
    behind: BehindBarriers,
    opens: Vec<u16>,
    automates: Vec<(u32, u16)>,
    hold: Option<u16>,
    ends_holds: Vec<u16>,
    frees_holds: Vec<u16>,
    recurs: bool,
    under_pools: UnderPools,
    counts_runs: bool,
}

/// What its teams and gates, and whoever may take over, mean to a step.
#[derive(Clone, Copy, Debug, Default)]
struct UnderPools {
    pausable: bool,
    strained: bool,
}

/// Makes what each step is by itself, and collects what they share.
struct OwnParts<'a, 'f, 'c> {
    kinds: &'c Kinds<'a>,
    failures: &'c Failures<'f>,
    sites: &'c [PlanSite],
    restores: &'c mut Restores<'a>,
    needs: &'c mut Needs<'a>,
    lanes: &'c mut Lanes,
    growth: &'c mut PlanGrowth,
    /// The first step of each track with each key.
    same_work: BTreeMap<(usize, String), u16>,
    moved: MovedShares,
}

impl<'a: 'f, 'f> OwnParts<'a, 'f, '_> {
    fn part(&mut self, index: usize) -> OwnPart<'f> {
        let Failures { scenario, strategy, graph, aimed, .. } = *self.failures;
        let node = &graph.nodes[index];
        let step = node.step;
        let key = node.name(&step.key, scenario);
        // Un-deleting is other work: it takes as long as it takes, and nothing can go wrong.
        let own = !node.undeletes;
        let duration = if own { &step.duration } else { &self.kinds.table().undelete };
        let purpose = if own { Purpose::Duration } else { Purpose::Undelete };
        let left = if own { people_left(step) } else { step.teams.clone() };
        let is_automated = own && step.automation.is_some();
        let to_u32 = |lane: usize| u32::try_from(lane).expect("few lanes");
        let point = step.restore_point.as_ref();
        let restore = point.map(|point| self.restores.add(node, point, &key, self.lanes));
        let failure = self.failures.failure(index, &key, self.needs, self.lanes);
        let transfer = step.transfer.filter(|_| own);
        let variants = self.needs.variants(node, &step.teams);
        let variants_automated = if is_automated { self.needs.variants(node, &left) } else { None };
        let lane = to_u32(self.lanes.lane(purpose, &key));
        let lot = match strategy.priority {
            PriorityRule::Random => to_u32(self.lanes.lane(Purpose::Priority, &key)),
            _ => 0,
        };
        // What varies is looked up.
        let [demand, demand_automated] = match variants {
            Some(_) => [0, 0],
            None => [&step.teams, &left].map(|people| self.needs.demand(node, people)),
        };
        let growth = match step.per {
            // It grows with the shard, which its load knows.
            Per::Shard => 0,
            _ if !own => 0,
            Per::Once | Per::Batch | Per::Site => self.growth.kind(step.growth, self.sites),
        };
        OwnPart {
            duration,
            failed_by: aimed.failing(node, strategy).to_vec(),
            stands_in_for: self.failures.failing_node(index),
            restore,
            failure,
            transfer: transfer.map(|it| {
                transfer::transfer(scenario, strategy, node, it, self.sites, &mut self.moved)
            }),
            people_left: left,
            variants,
            variants_automated,
            demand,
            demand_automated,
            lane,
            lot,
            growth,
            effect: StreamKey::new(Purpose::StepEffect, &[&key]),
            learns_as: *self.same_work.entry((node.track, key)).or_insert_with(|| to_u16(index)),
        }
    }
}

impl OwnPart<'_> {
    /// What the teams and gates of all that may work on it mean to it.
    fn under_pools(
        &self,
        needs: &Needs<'_>,
        pools: &[PlanPool],
        strains: &[TeamStrain],
    ) -> UnderPools {
        let strained = |pool: u16| {
            let strain = strains.get(usize::from(pool));
            strain.is_some_and(|it| it.coordination != Coordination::FREE || !it.fatigue.is_empty())
        };
        let escalated = self.failure.as_ref().and_then(PlanFailure::demand);
        // Teams and gates are the same for every row.
        let running = |variants: &Option<Variants>, plain| {
            variants.as_ref().map_or(plain, |it| it.of(0).running)
        };
        let own = running(&self.variants, self.demand);
        let automated = running(&self.variants_automated, self.demand_automated);
        let demands = [own, automated].into_iter().chain(escalated);
        let mut under = UnderPools::default();
        for (pool, _) in demands.flat_map(|demand| needs.units(demand)) {
            under.pausable |= pools[usize::from(*pool)].hands_over;
            under.strained |= strained(*pool);
        }
        under
    }

    /// The step in a plan, and what only some steps have.
    fn step(self, among: Among, node: &Node<'_>, sites: usize) -> (PlanStep, StepDetail) {
        let step = node.step;
        let own = !node.undeletes;
        let learning = step.learning.filter(|_| own);
        let automation = step.automation.as_ref().filter(|_| own);
        let compiled = PlanStep {
            lane: self.lane,
            lot: self.lot,
            demand: self.demand,
            demand_automated: self.demand_automated,
            automatable: automation.is_some(),
            counts_runs: among.counts_runs,
            varies: self.variants.is_some(),
            ends_holds: !among.ends_holds.is_empty(),
            extracts: among.asks_for.is_some(),
            growth: self.growth,
            track: u8::try_from(node.track).expect("a checked strategy has at most 200 tracks"),
            per: step.per,
            drawn: !self.duration.is_fixed(),
            instant: self.duration.is_zero(),
            transfers: self.transfer.is_some(),
            restores: self.restore.is_some(),
            opens: step.per == Per::Shard,
            repairs: !among.repairs.is_empty(),
            reaches: step.reaches_customer,
            can_be_failed: !self.failed_by.is_empty(),
            judged: self.failure.is_some()
                || step.stands_in_for.is_some()
                || !among.finds.is_empty()
                || among.may_go_on,
            escalates: node.escalates(),
            stands_in: step.stands_in_for.is_some(),
            recurs: among.recurs,
            pausable: among.under_pools.pausable,
            strained: among.under_pools.strained,
            learns: learning.is_some(),
            learns_as: self.learns_as,
            duration: self.duration.clone(),
        };
        let detail = StepDetail {
            restore: self.restore,
            repairs: among.repairs,
            failure: self.failure,
            failed_by: self.failed_by,
            finds: among.finds,
            stands_in_for: self.stands_in_for,
            may_go_on: among.may_go_on,
            behind: among.behind,
            transfer: self.transfer,
            automated: automation.map_or(1.0, |it| it.factor.fraction()),
            teams_automated: by_pool(&self.people_left),
            automates: among.automates,
            learning: learning.map(|it| PlanLearning::new(it, sites)),
            effect: self.effect,
            teams: by_pool(&step.teams),
            variants: self.variants.map(|variants| variants.held_as(among.hold)),
            variants_automated: self.variants_automated,
            ends_holds: among.ends_holds,
            frees_holds: among.frees_holds,
            asks_for: among.asks_for,
            opens: among.opens,
            mean: self.duration.mean(),
        };
        (compiled, detail)
    }
}

/// Steps with the number of completions of the same work after which each is automated, by the first
/// step that is that work.
type AfterRuns = BTreeMap<u16, Vec<(u32, u16)>>;

/// When each step is automated: from a moment on, or after so many completions of the same work.
fn automations(
    strategy: &Strategy,
    graph: &Graph<'_>,
    parts: &[OwnPart<'_>],
) -> (Vec<(u16, PlanBase)>, AfterRuns) {
    let (mut from_moments, mut after_runs) = (Vec::new(), AfterRuns::new());
    let mut by_steps: BTreeMap<(usize, StepId), PlanBase> = BTreeMap::new();
    for (track, own) in strategy.tracks.iter().enumerate() {
        for it in &own.automations {
            by_steps.insert((track, it.step), moment_of_step(it.track, it.by, graph));
        }
    }
    for ((index, node), part) in (0u16..).zip(&graph.nodes).zip(parts) {
        let automation = node.step.automation.as_ref().filter(|_| !node.undeletes);
        let Some(automation) = automation else { continue };
        let base = match &automation.after {
            _ if strategy.guardrails.tested_automation => Some(PlanBase::Start),
            AutomatedAfter::Milestone(id) => Some(PlanBase::Milestone(id.index())),
            AutomatedAfter::Step(_) => by_steps.get(&(node.track, node.id)).copied(),
            AutomatedAfter::Runs(runs) => {
                after_runs.entry(part.learns_as).or_default().push((*runs, index));
                None
            }
        };
        from_moments.extend(base.map(|base| (index, base)));
    }
    (from_moments, after_runs)
}

/// The people whom a step still needs once it is automated.
fn people_left(step: &Step) -> Vec<(TeamId, u32)> {
    let left = step.automation.as_ref().and_then(|it| it.people);
    let of_team = step.teams.iter().map(|(team, people)| (*team, left.unwrap_or(*people)));
    of_team.filter(|(_, people)| *people > 0).collect()
}

/// The people of teams, by the pools of these.
fn by_pool(teams: &[(TeamId, u32)]) -> Vec<(u16, u32)> {
    teams.iter().map(|(team, people)| (to_u16(team.index()), *people)).collect()
}
