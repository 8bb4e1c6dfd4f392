//! Compiles one strategy of a scenario to a [`Plan`].

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::{Id, ServiceId, StepId, StrategyId, TeamId, TrackId};
use crate::rng::{Purpose, StreamKey};
use crate::scenario::{
    AtShiftEnd, AutomatedAfter, Batch, Coordination, DeletedSite, GroupBy, Growth, Learning, Lost,
    MilestoneAnchor, Moment, MomentBase, OnClose, Per, PriorityRule, RestorePoint, Scenario,
    SiteOrder, Sizes, Step, Strategy, Team, Track,
};
use crate::units::{Share, SimTime};

use super::backups::Catalogue;
use super::expand::{Graph, Node, expand, to_u16};
use super::inject;
use super::profile::{batch_graph, once_graph, presence, profile};
use super::soft::{Kind, Kinds};
use super::transfer;
use super::{
    Demands, DrawMap, DrawRun, Growths, LevelChange, LevelPoint, Loads, Needs, Plan, PlanAnchor,
    PlanBase, PlanByHand, PlanFailure, PlanLearning, PlanLoss, PlanMeant, PlanMilestone,
    PlanMoment, PlanPool, PlanRestore, PlanRestorePoint, PlanSite, PlanStep, PlanStops, PlanTrack,
    Profile, Shuffle, StepDetail, TeamStrain, Variants, priority,
};

/// Compiles a strategy. Cost: products of sites times steps, and sites times steps for the ranks.
pub(crate) fn compile(scenario: &Scenario, id: StrategyId) -> Plan {
    let strategy = &scenario.strategies[id];
    let kinds = Kinds::new(scenario, strategy);
    let graph = expand(scenario, strategy, &kinds);
    let order = graph.order();
    let laid_out = Lives::new(scenario, strategy, &graph, &order, &kinds);
    let Lives { sites, profiles, known, joined, losses } = laid_out;
    let (batch_successors, batch_predecessors) = batch_graph(&graph, &order);
    let (once_successors, once_predecessors) = once_graph(&graph, &order);
    let milestones = milestones(scenario);
    let mut plan = Plan {
        tracks: Vec::new(),
        steps: Vec::new(),
        details: Vec::new(),
        profiles,
        joined,
        losses,
        batch_successors,
        batch_predecessors,
        once_successors,
        once_predecessors,
        waits_across_tracks: strategy.tracks.iter().any(|track| !track.waits.is_empty()),
        pools: pools(scenario, strategy),
        first_gate: scenario.teams.len() + scenario.limits.len(),
        first_part: 0,
        loads: Loads::default(),
        holds: Vec::new(),
        injects: Vec::new(),
        shifts: inject::shifts(scenario, strategy),
        demands: Demands::default(),
        levels: 0,
        level_points: Vec::new(),
        throughputs: transfer::throughputs(scenario),
        rate_points: transfer::rate_points(strategy, &graph),
        automations: Vec::new(),
        rule: strategy.priority,
        ranks: Vec::new(),
        growths: vec![Growths { users: 0.0, bytes: 0.0, by_row: vec![1.0; sites.len()] }],
        lanes: Vec::new(),
        draws: DrawMap::default(),
        restores: Vec::new(),
        catalogues: Vec::new(),
        common_restores: Vec::new(),
        uncertainty: scenario.uncertainty,
        site_effect_lane: 0,
        strains: scenario.teams.iter().map(strain).collect(),
        team_effects: scenario
            .teams
            .iter()
            .map(|team| StreamKey::new(Purpose::TeamEffect, &[&team.name]))
            .collect(),
        milestones_before_deletions: milestones.iter().filter(|it| !it.1).count(),
        milestones: milestones.into_iter().map(|it| it.0).collect(),
        stops: stops(scenario, strategy),
        horizon: scenario.experiment.horizon.as_millis(),
        users: Sizes::of(aimed_at_first(scenario, &sites).map(|it| (u64::from(it.users), 1))),
        bytes: Sizes::of(aimed_at_first(scenario, &sites).map(|it| (it.bytes, 1))),
        sites,
    };
    let mut builder = Builder {
        plan: &mut plan,
        scenario,
        strategy,
        graph: &graph,
        kinds: &kinds,
        profile_of: known,
        lanes: BTreeMap::new(),
        same_work: BTreeMap::new(),
        needs: Needs::default(),
    };
    builder.plan.site_effect_lane = builder.lane(Purpose::SiteEffect, "");
    // A pool and the level of its capacity have the same number.
    strategy.people.iter().chain(&strategy.units).for_each(|ramp| {
        builder.level(ramp);
    });
    builder.ends_of_shifts();
    builder.gates();
    builder.plan.loads = Loads::new(scenario, &graph);
    builder.plan.first_part = builder.plan.pools.len();
    builder.needs = Needs::new(scenario, &graph, &mut builder.plan.pools);
    for node in 0..graph.nodes.len() {
        let (step, detail) = builder.step(node);
        builder.plan.steps.push(step);
        builder.plan.details.push(detail);
    }
    builder.mark_repairs();
    builder.mark_common();
    builder.mark_opened();
    builder.mark_by_pools();
    builder.mark_finders();
    builder.mark_excusable();
    builder.mark_recurring();
    builder.mark_automation();
    builder.mark_ends_of_holds(&order);
    builder.mark_freed_holds();
    for (id, track) in strategy.tracks.enumerate() {
        let track = builder.track(id.index(), track);
        builder.plan.tracks.push(track);
    }
    builder.plan.demands = builder.needs.laid_out(builder.plan.pools.len());
    plan.draws = draw_map(&plan.sites, slots_in_order(&plan.tracks, plan.sites.len()));
    // `once` steps wait for nothing else, so they may stand before all that waits for them.
    let mut order = order;
    order.sort_by_key(|node| graph.per(*node) != Per::Once);
    plan.ranks = priority::ranks(&plan, &order);
    plan
}

fn pools(scenario: &Scenario, strategy: &Strategy) -> Vec<PlanPool> {
    let teams = scenario.teams.enumerate().map(|(id, team)| PlanPool {
        name: team.name.clone(),
        is_team: true,
        hands_over: strategy.at_shift_end[id] == AtShiftEnd::HandOver,
        cost_per_hour: team.cost_per_hour,
        parts: None,
        part_of: None,
    });
    let limits = scenario.limits.iter().map(|limit| PlanPool {
        name: limit.name.clone(),
        is_team: false,
        hands_over: false,
        cost_per_hour: None,
        parts: None,
        part_of: None,
    });
    teams.chain(limits).chain(inject::gates(scenario)).collect()
}

fn strain(team: &Team) -> TeamStrain {
    let fatigue = team.fatigue.iter().map(|(after, factor)| (after.as_millis(), *factor));
    TeamStrain { coordination: team.coordination, fatigue: fatigue.collect() }
}

/// The sites with their graphs of steps, and how what they lose changes these.
struct Lives {
    sites: Vec<PlanSite>,
    profiles: Vec<Profile>,
    known: BTreeMap<Kind, u16>,
    joined: BTreeMap<(u16, u16), u16>,
    losses: Vec<PlanLoss>,
}

impl Lives {
    fn new(
        scenario: &Scenario,
        strategy: &Strategy,
        graph: &Graph<'_>,
        order: &[usize],
        kinds: &Kinds<'_>,
    ) -> Self {
        let (estate, incident) = (&scenario.estate, &scenario.incident);
        let mut known: BTreeMap<Kind, u16> = BTreeMap::new();
        let mut profiles: Vec<Profile> = Vec::new();
        let mut profile_of = |deleted: &DeletedSite, lost: Lost| {
            let kind = kinds.of(deleted, lost);
            *known.entry(kind).or_insert_with(|| {
                let present = presence(graph, kinds, kind);
                profiles.push(Profile { lost, ..profile(graph, order, present) });
                to_u16(profiles.len() - 1)
            })
        };
        let all = match incident.may_come_again() {
            true => incident.losses(estate, &strategy.guardrails),
            false => Vec::new(),
        };
        let of_row = |row: usize| {
            let first = all.partition_point(|it| it.place < row);
            all[first..].iter().take_while(move |it| it.place == row)
        };
        let deleted_at = incident.deleted_at(&strategy.guardrails);
        let to_u32 = |number: usize| u32::try_from(number).expect("an id holds 32 bits");
        let row = |(row, (deleted, at)): (usize, (&DeletedSite, SimTime))| {
            let site = &estate.sites[deleted.site];
            let at_most = incident.loses_at_most(row);
            let first = of_row(row).next().map_or(at_most, |it| it.lost);
            PlanSite {
                draw: site.draw,
                deleted_at: at.as_millis(),
                users: site.users,
                bytes: site.bytes.count(),
                customer: site.customer,
                tier: to_u32(site.tier.index()),
                profile: profile_of(deleted, first),
                widest: profile_of(deleted, at_most),
            }
        };
        let sites = incident.deleted.iter().zip(deleted_at).enumerate().map(row).collect();
        let (mut joined, mut losses) = (BTreeMap::new(), Vec::new());
        let deleted = incident.deleted.iter().enumerate();
        // Sites alike lose the same by the same: a pair is joined once for all of them.
        let mut alike: BTreeSet<(Kind, &[Lost])> = BTreeSet::new();
        for (row, deleted) in deleted.filter(|_| incident.may_come_again()) {
            let ways = incident.may_lose(row);
            let own = estate.sites[deleted.site].products;
            let is_new = alike.insert((kinds.of(deleted, Lost::Whole), ways));
            let pairs = ways.iter().flat_map(|one| ways.iter().map(move |it| (one, it)));
            for (one, other) in pairs.filter(|_| is_new) {
                let both = estate.lost_together(own, *one, *other);
                let [one, other, both] = [*one, *other, both].map(|it| profile_of(deleted, it));
                joined.insert((one, other), both);
            }
            // Only what something else may have come before has to be looked at when it comes.
            let is_alone = !incident.injects_delete && of_row(row).nth(1).is_none();
            let later = of_row(row).filter(|_| !is_alone);
            losses.extend(later.map(|it| PlanLoss {
                row: to_u32(row),
                at: it.at.as_millis(),
                profile: profile_of(deleted, it.lost),
            }));
        }
        Self { sites, profiles, known, joined, losses }
    }
}

/// Neighbours share a run of draws; a gap costs less than a new run up to here.
const LONGEST_GAP: u64 = 32;

fn draw_map(sites: &[PlanSite], slot: Vec<u32>) -> DrawMap {
    let mut runs: Vec<DrawRun> = Vec::new();
    let mut draws: Vec<(u64, u32)> =
        sites.iter().map(|it| it.draw).zip(slot.iter().copied()).collect();
    draws.sort_unstable();
    for (place, slot) in draws {
        let behind = |run: &&mut DrawRun| place - run.first < run.count as u64 + LONGEST_GAP;
        match runs.last_mut().filter(behind) {
            Some(run) => {
                let at = place - run.first;
                run.count = usize::try_from(at + 1).expect("a run fits in memory");
                run.places.push((slot, u32::try_from(at).expect("a run fits in memory")));
            }
            None => runs.push(DrawRun { first: place, count: 1, places: vec![(slot, 0)] }),
        }
    }
    runs.iter_mut().for_each(|run| run.places.sort_unstable());
    let longest = runs.iter().map(|run| run.count).max().unwrap_or(0);
    DrawMap { runs, slot, longest }
}

/// The places of rows in the order of the track that takes most of them.
fn slots_in_order(tracks: &[PlanTrack], rows: usize) -> Vec<u32> {
    let order = tracks.iter().map(|track| &track.candidates).max_by_key(|order| order.len());
    let mut slots = vec![u32::MAX; rows];
    let mut next = 0;
    let all = 0..u32::try_from(rows).expect("fewer than 2^32 sites");
    for row in order.into_iter().flatten().copied().chain(all) {
        let slot = &mut slots[row as usize];
        if *slot == u32::MAX {
            *slot = next;
            next += 1;
        }
    }
    slots
}

/// The milestones, each with whether it follows the last deletion, directly or through others;
/// those that do come last.
fn milestones(scenario: &Scenario) -> Vec<(PlanMilestone, bool)> {
    let incident = &scenario.incident;
    let dated = incident.milestone_order.iter().map(|id| {
        let it = &incident.milestones[*id];
        let milestone = PlanMilestone {
            index: id.index(),
            after: match it.after {
                MilestoneAnchor::FirstDeletion => PlanAnchor::FirstDeletion,
                MilestoneAnchor::LastDeletion => PlanAnchor::LastDeletion,
                MilestoneAnchor::Milestone(other) => PlanAnchor::Milestone(other.index()),
            },
            delay: it.delay.clone(),
            stream: StreamKey::new(Purpose::Milestone, &[&it.name]),
        };
        (milestone, incident.follows_last_deletion(*id))
    });
    let mut dated: Vec<(PlanMilestone, bool)> = dated.collect();
    dated.sort_by_key(|it| it.1);
    dated
}

/// The sites that the incident itself deletes, without those that only injects do.
fn aimed_at_first<'a>(
    scenario: &'a Scenario,
    sites: &'a [PlanSite],
) -> impl Iterator<Item = &'a PlanSite> {
    let deleted = scenario.incident.deleted.iter().zip(sites);
    deleted.filter(|(it, _)| it.at != SimTime::NEVER).map(|(_, site)| site)
}

fn stops(scenario: &Scenario, strategy: &Strategy) -> PlanStops {
    let guardrails = &strategy.guardrails;
    let all = scenario.incident.deleted.iter().all(|it| it.at != SimTime::NEVER);
    PlanStops {
        as_planned: all && !guardrails.may_spare(),
        refused: guardrails.identifier_check.map_or(0.0, Share::fraction),
        refusal: StreamKey::new(Purpose::Refusal, &[]),
        milestone: guardrails.staged_rollout.as_ref().map(|it| it.stops_at.index()),
    }
}

pub(super) fn moment(it: Moment, graph: &Graph<'_>) -> PlanMoment {
    let base = match it.base {
        MomentBase::Start => PlanBase::Start,
        MomentBase::Milestone(id) => PlanBase::Milestone(id.index()),
        MomentBase::Step(track, step) => moment_of_step(track, step, graph),
    };
    PlanMoment { base, plus: it.plus.as_millis() }
}

fn moment_of_step(track: TrackId, step: StepId, graph: &Graph<'_>) -> PlanBase {
    let node = graph.nodes_of(track, step).next();
    PlanBase::Step(to_u16(node.expect("a `once` step has one node")))
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

pub(super) struct Builder<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) scenario: &'a Scenario,
    pub(super) strategy: &'a Strategy,
    pub(super) graph: &'a Graph<'a>,
    kinds: &'a Kinds<'a>,
    /// The graph of steps of each kind of site.
    profile_of: BTreeMap<Kind, u16>,
    /// Steps with one key share their lanes.
    lanes: BTreeMap<(Purpose, String), usize>,
    /// The first step of each track with each key.
    same_work: BTreeMap<(usize, String), u16>,
    /// What steps need, each combination once.
    needs: Needs,
}

impl Builder<'_> {
    /// The gates that injects close, open at first.
    fn gates(&mut self) {
        let first = self.plan.first_gate;
        for _ in first..self.plan.pools.len() {
            self.level(&crate::scenario::Ramp::constant(inject::OPEN));
        }
        let deleted = &self.scenario.incident.deleted;
        let profile_of = |row: usize, lost| self.profile_of[&self.kinds.of(&deleted[row], lost)];
        self.plan.injects = inject::injects(self.scenario, self.graph, first, profile_of);
    }

    pub(super) fn lane(&mut self, purpose: Purpose, key: &str) -> usize {
        let lanes = &mut self.plan.lanes;
        *self.lanes.entry((purpose, key.to_owned())).or_insert_with(|| {
            lanes.push(StreamKey::new(purpose, &[key]));
            lanes.len() - 1
        })
    }

    fn step(&mut self, index: usize) -> (PlanStep, StepDetail) {
        let graph = self.graph;
        let node = &graph.nodes[index];
        let step = node.step;
        let key = node.name(&step.key, self.scenario);
        // Un-deleting is other work: it takes as long as it takes, and nothing can go wrong.
        let own = !node.undeletes;
        let duration = if own { &step.duration } else { &self.kinds.table().undelete };
        let purpose = if own { Purpose::Duration } else { Purpose::Undelete };
        let learning = step.learning.filter(|_| own);
        let automation = step.automation.as_ref().filter(|_| own);
        let left = if own { people_left(step) } else { step.teams.clone() };
        let to_u32 = |lane: usize| u32::try_from(lane).expect("few lanes");
        let detail = StepDetail {
            restore: step.restore_point.as_ref().map(|point| self.restore(node, point, &key)),
            repairs: Vec::new(),
            failure: self.failure(index, &key),
            failed_by: inject::failing(node, self.scenario, self.strategy),
            finds: Vec::new(),
            stands_in_for: self.failing_node(index),
            behind: Vec::new(),
            transfer: step.transfer.filter(|_| own).map(|it| {
                transfer::transfer(self.scenario, self.strategy, node, it, &self.plan.sites)
            }),
            automated: automation.map_or(1.0, |it| it.factor.fraction()),
            teams_automated: by_pool(&left),
            automates: Vec::new(),
            learning: learning.map(|it| self.learning(it)),
            effect: StreamKey::new(Purpose::StepEffect, &[&key]),
            teams: by_pool(&step.teams),
            variants: self.variants(node, &step.teams),
            variants_automated: automation.and_then(|_| self.variants(node, &left)),
            ends_holds: Vec::new(),
            frees_holds: Vec::new(),
            asks_for: graph.load_of(index).filter(|_| own).map(to_u16),
            opens: Vec::new(),
            mean: duration.mean(),
        };
        let step = PlanStep {
            lane: to_u32(self.lane(purpose, &key)),
            lot: match self.plan.rule {
                PriorityRule::Random => to_u32(self.lane(Purpose::Priority, &key)),
                _ => 0,
            },
            // What varies is looked up.
            demand: match detail.variants {
                Some(_) => 0,
                None => self.demand(node, &step.teams),
            },
            demand_automated: match detail.variants {
                Some(_) => 0,
                None => self.demand(node, &left),
            },
            automatable: automation.is_some(),
            counts_runs: false,
            varies: detail.variants.is_some(),
            ends_holds: false,
            extracts: detail.asks_for.is_some(),
            growth: match step.per {
                // It grows with the shard, which its load knows.
                Per::Shard => 0,
                _ if !own => 0,
                Per::Once | Per::Batch | Per::Site => self.growth(step.growth),
            },
            track: u8::try_from(node.track).expect("a checked strategy has at most 200 tracks"),
            per: step.per,
            drawn: !duration.is_fixed(),
            instant: duration.is_zero(),
            transfers: detail.transfer.is_some(),
            restores: detail.restore.is_some(),
            opens: step.per == Per::Shard,
            repairs: false,
            reaches: step.reaches_customer,
            can_be_failed: !detail.failed_by.is_empty(),
            judged: detail.failure.is_some() || step.stands_in_for.is_some(),
            escalates: own && step.failure.is_some_and(|it| it.escalates_to.is_some()),
            excusable: false,
            stands_in: step.stands_in_for.is_some(),
            recurs: false,
            pausable: false,
            strained: false,
            learns: detail.learning.is_some(),
            learns_as: *self.same_work.entry((node.track, key)).or_insert_with(|| to_u16(index)),
            duration: duration.clone(),
        };
        (step, detail)
    }

    /// What every task of a step needs when these people work on it.
    pub(super) fn demand(&mut self, node: &Node<'_>, people: &[(TeamId, u32)]) -> u16 {
        let units = self.units(node, people);
        self.needs.place(units)
    }

    /// What a step needs while these people work on it, limits that count per shard by their whole.
    fn units(&self, node: &Node<'_>, people: &[(TeamId, u32)]) -> BTreeMap<u16, u32> {
        let teams = self.scenario.teams.len();
        let step = node.step;
        let mut units: BTreeMap<u16, u32> = BTreeMap::new();
        for (team, people) in people {
            *units.entry(to_u16(team.index())).or_default() += people;
        }
        for (limit, number) in step.limits.iter().filter(|_| !node.undeletes) {
            *units.entry(to_u16(teams + limit.index())).or_default() += number;
        }
        for gate in inject::gates_of(node, self.scenario, self.strategy) {
            units.insert(to_u16(self.plan.first_gate + gate), 1);
        }
        units
    }

    /// What the tasks of a step need, if that depends on the row or on what they hold.
    fn variants(&mut self, node: &Node<'_>, people: &[(TeamId, u32)]) -> Option<Variants> {
        let teams = self.scenario.teams.len();
        let running = self.units(node, people);
        let held: BTreeMap<u16, u32> = node
            .step
            .holds
            .iter()
            .filter(|_| !node.undeletes)
            .map(|(limit, units)| (to_u16(teams + limit.index()), *units))
            .collect();
        self.needs.variants(node, &running, &held)
    }

    /// Notes what steps hold, and whose end gives it back.
    fn mark_ends_of_holds(&mut self, order: &[usize]) {
        for hold in super::needs::holds(self.graph, order, &self.plan.profiles) {
            let place = to_u16(self.plan.holds.len());
            let variants = self.plan.details[usize::from(hold.step)].variants.as_mut();
            variants.expect("what a step holds is a need that varies").hold = Some(place);
            let mut ends: Vec<u16> = hold.until.iter().flatten().copied().collect();
            ends.push(hold.step);
            ends.sort_unstable();
            ends.dedup();
            for step in ends.into_iter().map(usize::from) {
                self.plan.steps[step].ends_holds = true;
                self.plan.details[step].ends_holds.push(place);
            }
            self.plan.holds.push(hold);
        }
    }

    fn growth(&mut self, growth: Growth) -> u16 {
        let plan = &mut *self.plan;
        let known =
            plan.growths.iter().position(|it| it.users == growth.users && it.bytes == growth.bytes);
        let place = known.unwrap_or_else(|| {
            let (users, bytes) = (plan.users, plan.bytes);
            let factor = |site: &PlanSite| {
                users.factor_of_one(f64::from(site.users), growth.users)
                    * bytes.factor_of_one(site.bytes as f64, growth.bytes)
            };
            let by_row = plan.sites.iter().map(factor).collect();
            plan.growths.push(Growths { users: growth.users, bytes: growth.bytes, by_row });
            plan.growths.len() - 1
        });
        to_u16(place)
    }

    /// What is left of the time after so many completions, up to where nothing changes any more or
    /// each site has been through it once.
    fn learning(&self, learning: Learning) -> PlanLearning {
        let exponent = libm::log2(learning.rate.fraction());
        let mut it =
            PlanLearning { factors: Vec::new(), exponent, floor: learning.floor.fraction() };
        for repetition in 1..=self.plan.sites.len() + 1 {
            let factor = it.factor(repetition as f64);
            it.factors.push(factor);
            if factor <= it.floor {
                break;
            }
        }
        it
    }

    fn restore(&mut self, node: &Node<'_>, point: &RestorePoint, key: &str) -> u16 {
        let it = match node.undeletes {
            true => PlanRestore {
                point: PlanRestorePoint::Undelete(self.kinds.table().retention.as_millis()),
                store: node.element.service(),
                load: None,
                by_hand: None,
            },
            false => self.restore_from_backup(node, point, key),
        };
        self.plan.restores.push(it);
        to_u16(self.plan.restores.len() - 1)
    }

    fn restore_from_backup(
        &mut self,
        node: &Node<'_>,
        point: &RestorePoint,
        key: &str,
    ) -> PlanRestore {
        let service = node.element.service();
        let catalogue = self.catalogue(service.expect("checked: a point is that of a service"));
        let meant = match point {
            RestorePoint::Fixed { before, of, .. } => PlanMeant::Fixed(before.as_millis(), *of),
            RestorePoint::Latest { common: false, .. } => PlanMeant::Latest,
            RestorePoint::Latest { common: true, .. } => PlanMeant::Common,
        };
        let load = self.graph.loaded_by(node).map(|it| self.plan.loads.kind(to_u16(it)));
        let by_hand = point.by_hand().map(|it| PlanByHand {
            probability: it.probability.fraction(),
            older: it.older.clone(),
            chance_lane: self.lane(Purpose::Snapshot, key),
            age_lane: self.lane(Purpose::SnapshotAge, key),
        });
        let point = PlanRestorePoint::Backup(catalogue, meant);
        PlanRestore { point, store: service, load, by_hand }
    }

    /// The place of the backups of a service, each once.
    fn catalogue(&mut self, id: ServiceId) -> u16 {
        let known = self.plan.catalogues.iter().position(|it| it.service == id);
        to_u16(known.unwrap_or_else(|| {
            let first = self.plan.catalogues.last().map_or(0, Catalogue::end);
            self.plan.catalogues.push(Catalogue::new(self.scenario, id, first));
            self.plan.catalogues.len() - 1
        }))
    }

    /// Tells each step that needs a load what of the load is brought back behind it.
    fn mark_opened(&mut self) {
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let Some(load) = self.graph.loaded_by(node) else { continue };
            for asker in self.graph.tracks[node.track].clone() {
                let detail = &mut self.plan.details[asker];
                if detail.asks_for == Some(to_u16(load)) {
                    detail.opens.push(to_u16(index));
                    self.plan.loads.add_asker(to_u16(load), to_u16(asker));
                }
            }
        }
    }

    /// Tells each step what its teams and gates, and whoever may take over, mean to it.
    fn mark_by_pools(&mut self) {
        let plan = &mut *self.plan;
        let strained = |pool: u16| {
            let strain = plan.strains.get(usize::from(pool));
            strain.is_some_and(|it| it.coordination != Coordination::FREE || !it.fatigue.is_empty())
        };
        for (step, detail) in std::iter::zip(&mut plan.steps, &plan.details) {
            let escalated = detail.failure.as_ref().and_then(PlanFailure::demand);
            // Teams and gates are the same for every row.
            let running =
                |it: &Option<Variants>, plain| it.as_ref().map_or(plain, |it| it.of(0).running);
            let own = running(&detail.variants, step.demand);
            let automated = running(&detail.variants_automated, step.demand_automated);
            let needs = [own, automated].into_iter().chain(escalated);
            for (pool, _) in needs.flat_map(|it| self.needs.units(it)) {
                step.pausable |= plan.pools[usize::from(*pool)].hands_over;
                step.strained |= strained(*pool);
            }
        }
    }

    /// Says when each step is automated.
    fn mark_automation(&mut self) {
        let tracks = self.strategy.tracks.as_slice();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let automation = node.step.automation.as_ref().filter(|_| !node.undeletes);
            let Some(automation) = automation else { continue };
            let own = to_u16(index);
            let base = match &automation.after {
                _ if self.strategy.guardrails.tested_automation => Some(PlanBase::Start),
                AutomatedAfter::Milestone(id) => Some(PlanBase::Milestone(id.index())),
                AutomatedAfter::Step(_) => {
                    let by = tracks[node.track].automations.iter().find(|it| it.step == node.id);
                    by.map(|by| moment_of_step(by.track, by.by, self.graph))
                }
                AutomatedAfter::Runs(runs) => {
                    let first = self.plan.steps[index].learns_as;
                    self.plan.details[usize::from(first)].automates.push((*runs, own));
                    let same = self.plan.steps.iter_mut().filter(|it| it.learns_as == first);
                    same.for_each(|it| it.counts_runs = true);
                    None
                }
            };
            self.plan.automations.extend(base.map(|base| (own, base)));
        }
    }

    /// Finds the stores of each profile that go back to a common point.
    fn mark_common(&mut self) {
        let plan = &mut *self.plan;
        let is_common = |it: u16| {
            let point = &plan.restores[usize::from(it)].point;
            matches!(point, PlanRestorePoint::Backup(_, PlanMeant::Common))
        };
        if !(0..to_u16(plan.restores.len())).any(is_common) {
            return;
        }
        let of_profile = |profile: &Profile| {
            let present =
                plan.details.iter().enumerate().filter(|(node, _)| profile.present[*node]);
            let restores = present.filter_map(|(_, detail)| detail.restore);
            restores.filter(|it| is_common(*it)).collect()
        };
        plan.common_restores = plan.profiles.iter().map(of_profile).collect();
    }

    /// Tells each step what it repairs.
    fn mark_repairs(&mut self) {
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let repair = node
                .step
                .restore_point
                .as_ref()
                .and_then(RestorePoint::by_hand)
                .and_then(|it| it.repaired_by);
            let (Some(repair), Some(restore)) = (repair, self.plan.details[index].restore) else {
                continue;
            };
            let track = crate::ids::TrackId::new(node.track);
            for repairing in self.graph.nodes_of(track, repair) {
                let other = &self.graph.nodes[repairing];
                if other.step.expansion != node.step.expansion || other.element == node.element {
                    self.plan.steps[repairing].repairs = true;
                    self.plan.details[repairing].repairs.push(restore);
                }
            }
        }
    }

    fn track(&mut self, index: usize, track: &Track) -> PlanTrack {
        let nodes = self.graph.tracks[index].clone();
        let of_kind = |per: Per| {
            let there =
                |node: &usize| self.graph.per(*node) == per && !self.graph.nodes[*node].absent;
            nodes.clone().filter(there).map(to_u16).collect()
        };
        let (once_steps, batch_steps) = (of_kind(Per::Once), of_kind(Per::Batch));
        let size = self.level(&track.batch.size);
        let in_flight = track.batch.in_flight.as_ref().map(|ramp| self.level(ramp));
        PlanTrack {
            name: track.name.clone(),
            claims: track.claims,
            takes_sites: self.scenario.runbooks[track.runbook].takes_sites(),
            opens: moment(track.opens, self.graph),
            closes: track.closes.map(|it| moment(it, self.graph)),
            moves_on_close: track.on_close == OnClose::Move,
            candidates: self.candidates(track),
            shuffle: self.shuffle(&track.batch),
            groups: self.groups(track.batch.group_by),
            size,
            in_flight,
            steps: nodes,
            once_steps,
            batch_steps,
        }
    }

    fn level(&mut self, ramp: &crate::scenario::Ramp) -> usize {
        let level = self.plan.levels;
        for (at, number) in &ramp.points {
            let at = moment(*at, self.graph);
            let change = LevelChange::To(*number);
            self.plan.level_points.push(LevelPoint { level, at, change });
        }
        if ramp.begins != Moment::START {
            let at = moment(ramp.begins, self.graph);
            self.plan.level_points.push(LevelPoint { level, at, change: LevelChange::Begins });
        }
        self.plan.levels += 1;
        level
    }

    /// Where shifts can be lost, the end of each matters also if as many people take over.
    fn ends_of_shifts(&mut self) {
        let plan = &mut *self.plan;
        for (level, shifts) in plan.shifts.iter().enumerate() {
            let mut ends: Vec<u64> = shifts.iter().map(|it| it.to).collect();
            ends.sort_unstable();
            ends.dedup();
            let at = |plus| PlanMoment { base: PlanBase::Start, plus };
            let change = LevelChange::Stays;
            plan.level_points.extend(ends.into_iter().map(|it| LevelPoint {
                level,
                at: at(it),
                change,
            }));
        }
    }

    fn shuffle(&mut self, batch: &Batch) -> Option<Shuffle> {
        let sized = !matches!(batch.order, SiteOrder::List | SiteOrder::Deleted);
        let drawn = batch.order == SiteOrder::Random || (sized && batch.noise > 0.0);
        drawn.then(|| Shuffle {
            order: batch.order,
            noise: batch.noise,
            lane: self.lane(Purpose::Order, ""),
        })
    }

    /// The rows that a track may take, in its order.
    fn candidates(&self, track: &Track) -> Vec<u32> {
        let scenario = self.scenario;
        let takes = |row: &usize| {
            let site = scenario.incident.deleted[*row].site;
            track.takes.matches(&scenario.estate, site)
        };
        let mut rows: Vec<u32> = (0..self.plan.sites.len())
            .filter(takes)
            .map(|row| u32::try_from(row).expect("fewer than 2^32 sites"))
            .collect();
        let size = |row: &u32| &self.plan.sites[*row as usize];
        use std::cmp::Reverse;
        match track.batch.order {
            SiteOrder::List | SiteOrder::Random => {}
            SiteOrder::Deleted => rows.sort_by_key(|row| (size(row).deleted_at, *row)),
            SiteOrder::UsersDescending => rows.sort_by_key(|row| (Reverse(size(row).users), *row)),
            SiteOrder::UsersAscending => rows.sort_by_key(|row| (size(row).users, *row)),
            SiteOrder::BytesDescending => rows.sort_by_key(|row| (Reverse(size(row).bytes), *row)),
            SiteOrder::BytesAscending => rows.sort_by_key(|row| (size(row).bytes, *row)),
            SiteOrder::Tier => {
                rows.sort_by_key(|row| (size(row).tier, Reverse(size(row).users), *row));
            }
        }
        if let Some(groups) = self.groups(track.batch.group_by) {
            keep_together(&mut rows, &groups);
        }
        rows
    }

    /// The group of each row.
    fn groups(&self, group_by: GroupBy) -> Option<Vec<u32>> {
        let estate = &self.scenario.estate;
        match group_by {
            GroupBy::None => None,
            GroupBy::Customer => Some(self.plan.sites.iter().map(|site| site.customer).collect()),
            GroupBy::Shard(id) => {
                let service = &estate.services[id];
                let group = |(row, deleted): (u32, &DeletedSite)| {
                    // A site without data of the service is a group of its own.
                    match estate.has_service(&estate.sites[deleted.site], id) {
                        true => service.shard_of[deleted.site],
                        false => service.shards + row,
                    }
                };
                Some((0u32..).zip(&self.scenario.incident.deleted).map(group).collect())
            }
        }
    }
}

/// Moves the rows of each group behind the first of them, in their order.
pub(crate) fn keep_together(rows: &mut [u32], groups: &[u32]) {
    let mut first: BTreeMap<u32, usize> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        first.entry(groups[*row as usize]).or_insert(place);
    }
    rows.sort_by_key(|row| first[&groups[*row as usize]]);
}
