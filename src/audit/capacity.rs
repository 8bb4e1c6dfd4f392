//! How much there is of every team and limit, told again from ramps, rosters and injects.

use crate::audit::breach::{Breaches, Law};
use crate::audit::ground::Ground;
use crate::ids::{Id, ServiceId};
use crate::scenario::{Cut, Inject, InjectKind, Moment, MomentBase, Ramp, Shift};
use crate::trace::{Resource, Testimony, TraceRecord};
use crate::units::SimTime;

/// What there is of everything, over time.
pub(super) struct Capacity<'a> {
    stocks: Vec<Stock<'a>>,
    teams: usize,
    /// When ramps change, the earliest first.
    changes: Vec<Change>,
    /// Those before this one have been made.
    next: usize,
    injects: &'a [Inject],
    on: Vec<bool>,
    /// An inject has just been told, and the capacity that it leaves is still to be.
    due: Option<Resource>,
    /// What the pools of the log are.
    pools: Vec<Option<Resource>>,
}

/// A team or a limit.
struct Stock<'a> {
    name: &'a str,
    /// What its ramp says.
    number: u32,
    /// Whether anybody has been called.
    begun: bool,
    /// Its roster; empty without one.
    roster: &'a [Shift],
    /// Whether the next shift does not come.
    next_is_lost: bool,
    /// Whether nobody of a team without a roster is there until its ramp changes.
    is_lost: bool,
    /// The instants at which shifts of a roster were lost: all that were on then.
    lost_at: Vec<u64>,
    /// What is left of it now.
    left: u32,
    /// What the log said last.
    told: u32,
}

/// A change of a ramp.
#[derive(Clone, Copy, Debug)]
struct Change {
    at: u64,
    /// Whether it counts from T+0 and not from a milestone: then it is there from the beginning.
    is_first: bool,
    stock: usize,
    what: Turn,
}

#[derive(Clone, Copy, Debug)]
enum Turn {
    /// From now on the ramp says so many.
    To(u32),
    /// From now on what the ramp says counts.
    Called,
    /// A shift ends, even if as many people take over.
    ShiftEnds,
}

impl<'a> Capacity<'a> {
    pub(super) fn new(ground: &Ground<'a>, told: &Testimony) -> Self {
        let (scenario, strategy) = (ground.scenario, ground.strategy);
        let people = strategy.people.iter().zip(scenario.teams.iter().map(|it| &*it.name));
        let units = strategy.units.iter().zip(scenario.limits.iter().map(|it| &*it.name));
        let ramps: Vec<(&Ramp, &str)> = people.chain(units).collect();
        let stocks = ramps.iter().map(|(ramp, name)| Stock::new(ramp, name)).collect();
        let teams = scenario.teams.len();
        let loses = |stock: usize| {
            let of_team = |it: &Inject| matches!(it.what, InjectKind::ShiftLost(team) if team.index() == stock);
            stock < teams && scenario.injects.iter().any(of_team)
        };
        let horizon = scenario.experiment.horizon.as_millis();
        let ramps = ramps.iter().enumerate().flat_map(|(stock, (ramp, _))| {
            of_ramp(ramp, stock, loses(stock), &told.outcome.milestones)
        });
        let mut changes: Vec<Change> = ramps.filter(|it| it.at <= horizon).collect();
        // What is there from the beginning comes first; else the later in the file overrules.
        changes.sort_by_key(|it| (it.at, !(it.is_first && it.at == 0)));
        Self {
            stocks,
            teams,
            changes,
            next: 0,
            injects: &scenario.injects,
            on: vec![false; scenario.injects.len()],
            due: None,
            pools: told.legend.pools.clone(),
        }
    }

    /// Hears what happens.
    pub(super) fn hear(&mut self, at: u64, record: &TraceRecord, breaches: &mut Breaches) {
        match *record {
            TraceRecord::Capacity { pool, units } => {
                self.pass(at, breaches);
                self.check_told(at, (usize::from(pool), units), breaches);
            }
            TraceRecord::Injected(inject) => self.turn(at, inject as usize, true, breaches),
            TraceRecord::InjectEnded(inject) => {
                self.turn(at, inject as usize, false, breaches);
            }
            _ => {}
        }
    }

    /// Everything that happens at an instant has been heard: there is as much as was told.
    pub(super) fn settle(&mut self, at: u64, breaches: &mut Breaches) {
        if self.next == self.changes.len() || self.changes[self.next].at > at {
            if self.due.take().is_none() {
                return;
            }
        } else {
            self.pass(at + 1, breaches);
        }
        self.compare(breaches);
    }

    /// The log has ended.
    pub(super) fn finish(&mut self, breaches: &mut Breaches) {
        self.pass(u64::MAX, breaches);
    }

    fn place(&self, resource: Resource) -> usize {
        match resource {
            Resource::Team(team) => team.index(),
            Resource::Limit(limit) => self.teams + limit.index(),
        }
    }

    /// Makes the changes of ramps that were due before an instant; each should have been told.
    fn pass(&mut self, at: u64, breaches: &mut Breaches) {
        while let Some(it) = self.changes.get(self.next).copied().filter(|it| it.at < at) {
            self.next += 1;
            self.make(it);
            let last = self.changes.get(self.next).is_none_or(|next| next.at > it.at);
            if last {
                self.compare(breaches);
            }
        }
    }

    fn make(&mut self, change: Change) {
        self.stocks[change.stock].change(change.what, change.at);
        self.leave(change.stock, change.at);
    }

    /// Says again what is left of a stock.
    fn leave(&mut self, stock: usize, at: u64) {
        let left = self.left_of(stock, at);
        let it = &mut self.stocks[stock];
        it.left = left;
    }

    /// What shifts and injects leave of what the ramp says: lost shifts first, then one inject after
    /// the other in the order of the file.
    fn left_of(&self, stock: usize, at: u64) -> u32 {
        let it = &self.stocks[stock];
        let mut left = it.present(at);
        for (inject, _) in self.injects.iter().zip(&self.on).filter(|it| *it.1) {
            left = match inject.what {
                InjectKind::PeopleAway(team, away) if team.index() == stock => match away {
                    Cut::Units(people) => left.saturating_sub(people),
                    Cut::Share(share) => {
                        let away = (f64::from(left) * share.fraction()).ceil();
                        left.saturating_sub(away as u32)
                    }
                },
                InjectKind::LimitDrops(limit, to) if self.teams + limit.index() == stock => {
                    match to {
                        Cut::Units(units) => left.min(units),
                        Cut::Share(share) => (f64::from(left) * share.fraction()).floor() as u32,
                    }
                }
                _ => left,
            };
        }
        left
    }

    /// An inject begins or is over.
    fn turn(&mut self, at: u64, inject: usize, begins: bool, breaches: &mut Breaches) {
        self.pass(at + 1, breaches);
        let Some(it) = self.injects.get(inject) else {
            return breaches.now(Law::Names, format!("there is no inject {inject}"));
        };
        self.on[inject] = begins;
        let resource = match &it.what {
            InjectKind::PeopleAway(team, _) => Resource::Team(*team),
            InjectKind::ShiftLost(team) => {
                self.stocks[team.index()].lose_shift(at);
                Resource::Team(*team)
            }
            InjectKind::LimitDrops(limit, _) => Resource::Limit(*limit),
            _ => return,
        };
        self.leave(self.place(resource), at);
        self.due = Some(resource);
    }

    /// The log says how much there is of a pool: the next change of its ramp, or what an inject
    /// leaves of it.
    fn check_told(&mut self, at: u64, (pool, units): (usize, u32), breaches: &mut Breaches) {
        let resource = self.pools.get(pool).copied().flatten();
        let Some(resource) = resource.filter(|it| self.place(*it) == pool) else {
            let how = format!("a capacity is told of pool {pool}, which is no team and no limit");
            return breaches.now(Law::Names, how);
        };
        if self.due == Some(resource) {
            self.due = None;
        } else {
            let ahead = self.changes[self.next..].iter().take_while(|it| it.at == at);
            if let Some(place) = ahead.clone().position(|it| it.stock == pool) {
                // Ramps of one instant follow one another in the order of the file, and of what was
                // there from the beginning before milestones.
                self.changes[self.next..=self.next + place].rotate_right(1);
                let change = self.changes[self.next];
                self.next += 1;
                self.make(change);
            }
        }
        let it = &mut self.stocks[pool];
        it.told = units;
        if units != it.left {
            let how = format!("of `{}` there are {}, not {units}", it.name, it.left);
            breaches.now(Law::Capacity, how);
        }
    }

    fn compare(&mut self, breaches: &mut Breaches) {
        self.due = None;
        for it in &mut self.stocks {
            if it.told != it.left {
                let how = format!(
                    "of `{}` there are {}, and the log has left it at {}",
                    it.name, it.left, it.told
                );
                it.told = it.left;
                breaches.now(Law::Capacity, how);
            }
        }
    }
}

impl<'a> Stock<'a> {
    fn new(ramp: &'a Ramp, name: &'a str) -> Self {
        Self {
            name,
            number: 0,
            begun: ramp.begins == Moment::START,
            roster: &ramp.shifts,
            next_is_lost: false,
            is_lost: false,
            lost_at: Vec::new(),
            left: 0,
            told: 0,
        }
    }

    /// What the ramp says, whoever is away.
    fn stated(&self) -> u32 {
        if self.begun { self.number } else { 0 }
    }

    fn change(&mut self, turn: Turn, at: u64) {
        match turn {
            Turn::To(number) => self.number = number,
            Turn::Called => self.begun = true,
            Turn::ShiftEnds => {}
        }
        // The number of people changes: those who come now are another shift.
        self.is_lost = false;
        if self.next_is_lost && self.stated() > 0 {
            self.lose(at);
        }
    }

    /// The shift that is on does not go on, or if there is none the next does not come.
    fn lose_shift(&mut self, at: u64) {
        self.is_lost = false;
        self.next_is_lost = true;
        if self.stated() > 0 {
            self.lose(at);
        }
    }

    fn lose(&mut self, at: u64) {
        self.next_is_lost = false;
        match self.roster {
            [] => self.is_lost = true,
            _ => self.lost_at.push(at),
        }
    }

    /// Who is there when no shift that has been lost comes.
    fn present(&self, at: u64) -> u32 {
        if self.is_lost {
            return 0;
        }
        if self.lost_at.is_empty() {
            return self.stated();
        }
        let on = |it: &Shift, at: u64| it.from.as_millis() <= at && at < it.to.as_millis();
        let comes = |it: &&Shift| !self.lost_at.iter().any(|lost| on(it, *lost));
        let there = self.roster.iter().filter(|it| on(it, at)).filter(comes);
        let people: u64 = there.map(|it| u64::from(it.people)).sum();
        self.stated().min(u32::try_from(people).unwrap_or(u32::MAX))
    }
}

/// The changes of a ramp, in its order; of one whose shifts can be lost also where they end.
fn of_ramp<'a>(
    ramp: &'a Ramp,
    stock: usize,
    loses: bool,
    milestones: &'a [SimTime],
) -> impl Iterator<Item = Change> + 'a {
    let change = move |moment: Moment, what: Turn| {
        let is_first = moment.base == MomentBase::Start;
        instant(moment, milestones).map(|at| Change { at, is_first, stock, what })
    };
    let points = ramp.points.iter().filter_map(move |(at, it)| change(*at, Turn::To(*it)));
    let called = Some(ramp.begins).filter(|it| *it != Moment::START);
    let called = called.and_then(|it| change(it, Turn::Called));
    let shifts = if loses { &ramp.shifts[..] } else { &[] };
    let end = |it: &Shift| Moment { base: MomentBase::Start, plus: it.to };
    let mut ends: Vec<Moment> = shifts.iter().map(end).collect();
    ends.sort_by_key(|it| it.plus);
    ends.dedup();
    let ends = ends.into_iter().filter_map(move |it| change(it, Turn::ShiftEnds));
    points.chain(called).chain(ends)
}

/// Whether an inject lets nothing of a step start: an outage of the service that it is done for, or a
/// freeze.
pub(super) fn stops(what: &InjectKind, step: usize, ground: &Ground<'_>) -> bool {
    let place = ground.steps[step].place;
    match what {
        InjectKind::Outage(service) => place.element.service() == Some(*service),
        InjectKind::Freeze(steps) => {
            steps.contains(&(ground.strategy.tracks[place.track].runbook, place.step))
        }
        _ => false,
    }
}

/// How often there is a limit: of one that counts per shard, for every shard with deleted sites of the
/// services whose steps take it; one shard where no site is deleted.
pub(super) fn count(resource: Resource, ground: &Ground<'_>) -> usize {
    let Resource::Limit(limit) = resource else { return 1 };
    if !ground.scenario.limits[limit].per_shard {
        return 1;
    }
    let takes = |service: ServiceId| {
        ground.steps.iter().any(|it| {
            let mut units = it.step.limits.iter().chain(&it.step.holds);
            it.place.element.service() == Some(service) && units.any(|(own, _)| *own == limit)
        })
    };
    let shards = |service: ServiceId| {
        let mut shards: Vec<u32> =
            (0u32..).zip(&ground.rows).map(|(row, _)| ground.shard(service, row)).collect();
        shards.sort_unstable();
        shards.dedup();
        shards.len().max(1)
    };
    let services = ground.scenario.estate.services.ids();
    services.filter(|it| takes(*it)).map(shards).sum()
}

/// When a moment comes, counted from T+0 or from a milestone.
pub(super) fn instant(moment: Moment, milestones: &[SimTime]) -> Option<u64> {
    let plus = moment.plus.as_millis();
    match moment.base {
        MomentBase::Start => Some(plus),
        MomentBase::Milestone(id) => Some(milestones.get(id.index())?.as_millis() + plus),
        MomentBase::Step(..) => None,
    }
}
