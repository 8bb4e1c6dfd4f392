//! The numbers that an exercise draws, by their addresses, and how long attempts take by them.

use std::cell::OnceCell;

use crate::audit::graph::per;
use crate::audit::ground::{Ground, SoftDeletes};
use crate::dist::{Distribution, lognormal_factor};
use crate::ids::Id;
use crate::rng::{Purpose, StreamKey, Streams, uniform};
use crate::scenario::{Escalation, Expansion, Growth, Learning, Per};

/// Longer than any scenario may state, in milliseconds: what is drawn is cut there.
const LONGEST: f64 = 1e13;

/// A length in whole milliseconds, rounded; zero stays zero.
pub(super) fn whole_millis(millis: f64) -> u64 {
    (millis.min(LONGEST) + 0.5) as u64
}

/// One purpose of a step: a number for each site and attempt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    key: StreamKey,
    /// Its place among all lanes.
    place: usize,
}

/// What a step draws, and what its length depends on besides.
pub(super) struct StepDraws {
    duration: Distribution,
    length: Lane,
    pub failure: Lane,
    pub snapshot: Lane,
    pub snapshot_age: Lane,
    pub priority: Lane,
    effect: StreamKey,
    growth: Growth,
    /// The factor of the size of each row; of each row's shard for a load.
    by_row: Vec<f64>,
    learning: Option<Learning>,
    /// What machines leave of the time.
    automated: Option<f64>,
    /// People of each team: by hand, with a machine's help, and when it has escalated.
    crews: [Vec<(usize, u32)>; 3],
}

/// Who does an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Crew {
    Own,
    Automated,
    Escalated,
}

/// The draws of a strategy.
pub(super) struct Draws {
    pub steps: Vec<StepDraws>,
    lanes: usize,
    /// For the order in which tracks take sites.
    pub order: Lane,
    site_effect: StreamKey,
    users: Scale,
    bytes: Scale,
}

/// What one exercise draws.
pub(super) struct Drawn<'g, 'a> {
    ground: &'g Ground<'a>,
    pub streams: Streams,
    /// What it draws once for each site, by row.
    sites: Vec<f64>,
    /// What it draws once for each step and whoever does it.
    steps: Vec<[f64; 3]>,
    /// The numbers of first attempts, by lane, then row, once one was asked for.
    first: Vec<OnceCell<Vec<u64>>>,
}

impl Drawn<'_, '_> {
    /// The number of an attempt for the site of a row, the first attempt being 0.
    pub(super) fn of_row(&self, lane: Lane, row: u32, attempt: u32) -> u64 {
        if attempt > 0 {
            let place = self.ground.rows[row as usize].site.draw;
            return self.streams.word(lane.key, attempt, place);
        }
        self.first[lane.place].get_or_init(|| self.all(lane))[row as usize]
    }

    /// The first numbers of all rows; many at once cost less.
    fn all(&self, lane: Lane) -> Vec<u64> {
        let places = || self.ground.rows.iter().map(|it| it.site.draw);
        let (least, most) = (places().min().unwrap_or(0), places().max().unwrap_or(0));
        if most - least > 8 * self.ground.rows.len() as u64 {
            return self.streams.words(lane.key, 0).all(&places().collect::<Vec<u64>>());
        }
        let mut words = vec![0; usize::try_from(most - least + 1).expect("sites fit in memory")];
        self.streams.fill(lane.key, 0, least, &mut words);
        places().map(|it| words[(it - least) as usize]).collect()
    }

    /// The number of an attempt for what is no site, by its number.
    pub(super) fn of_number(&self, lane: Lane, number: u64, attempt: u32) -> u64 {
        self.streams.word(lane.key, attempt, number)
    }
}

impl Draws {
    pub(super) fn new(ground: &Ground<'_>) -> Self {
        let first =
            || ground.rows.iter().filter(|it| it.deleted.at != crate::units::SimTime::NEVER);
        let users =
            Scale::new(&first().map(|it| (u64::from(it.site.users), 1)).collect::<Vec<_>>());
        let bytes = Scale::new(&first().map(|it| (it.site.bytes.count(), 1)).collect::<Vec<_>>());
        let mut draws = Self {
            steps: Vec::new(),
            lanes: 1,
            order: Lane { key: StreamKey::new(Purpose::Order, &[""]), place: 1 },
            site_effect: StreamKey::new(Purpose::SiteEffect, &[""]),
            users,
            bytes,
        };
        for place in 0..ground.steps.len() {
            let step = draws.step(ground, place);
            draws.steps.push(step);
        }
        draws
    }

    fn lane(&mut self, purpose: Purpose, name: &str) -> Lane {
        self.lanes += 1;
        Lane { key: StreamKey::new(purpose, &[name]), place: self.lanes }
    }

    fn step(&mut self, ground: &Ground<'_>, place: usize) -> StepDraws {
        let it = &ground.steps[place];
        let (step, own) = (it.step, !it.place.undeletes);
        let soft = SoftDeletes::of(ground.scenario, ground.strategy);
        let undelete =
            || soft.table.expect("who un-deletes says how long it takes").undelete.clone();
        let growth = if own { step.growth } else { Growth::default() };
        let crew = |people: &[(crate::ids::TeamId, u32)]| -> Vec<(usize, u32)> {
            people.iter().map(|(team, people)| (team.index(), *people)).collect()
        };
        let left = step.automation.as_ref().filter(|_| own).and_then(|it| it.people);
        let automated: Vec<_> = step.teams.iter().map(|it| (it.0, left.unwrap_or(it.1))).collect();
        let escalated = match step.failure.filter(|_| own).and_then(|it| it.escalates_to) {
            Some(Escalation::Team(team, people)) => vec![(team, people)],
            _ => step.teams.clone(),
        };
        StepDraws {
            duration: if own { step.duration.clone() } else { undelete() },
            length: self.lane(if own { Purpose::Duration } else { Purpose::Undelete }, &it.key),
            failure: self.lane(Purpose::Failure, &it.key),
            snapshot: self.lane(Purpose::Snapshot, &it.key),
            snapshot_age: self.lane(Purpose::SnapshotAge, &it.key),
            priority: self.lane(Purpose::Priority, &it.key),
            effect: StreamKey::new(Purpose::StepEffect, &[&it.key]),
            growth,
            by_row: self.sizes(ground, place, growth),
            learning: step.learning.filter(|_| own),
            automated: step.automation.as_ref().filter(|_| own).map(|it| it.factor.fraction()),
            crews: [crew(&step.teams), crew(&automated), crew(&escalated)],
        }
    }

    /// The factor of each row's size on the time of a step.
    fn sizes(&self, ground: &Ground<'_>, place: usize, growth: Growth) -> Vec<f64> {
        let step = ground.steps[place].step;
        let of_row = |it: &crate::audit::ground::RowFacts<'_>| match step.per {
            Per::Site | Per::Batch => {
                grown(self.users.of_one(it.site.users.into()), growth.users)
                    * grown(self.bytes.of_one(it.site.bytes.count()), growth.bytes)
            }
            Per::Shard => match ground.service(place) {
                Some((_, service)) => service.bytes_per_shard.map_or(1.0, |own| {
                    grown(of_shards(ground, &step.expansion).of_one(own.count()), growth.bytes)
                }),
                None => 1.0,
            },
            Per::Once => 1.0,
        };
        ground.rows.iter().map(of_row).collect()
    }

    /// The factor of the size of a batch of these rows on the time of a step.
    pub(super) fn of_batch(&self, ground: &Ground<'_>, step: usize, rows: &[u32]) -> f64 {
        let growth = self.steps[step].growth;
        if growth.users == 0.0 && growth.bytes == 0.0 {
            return 1.0;
        }
        let sites = || rows.iter().map(|row| ground.rows[*row as usize].site);
        let users = sites().map(|it| self.users.counted(it.users.into())).sum();
        let bytes = sites().map(|it| self.bytes.counted(it.bytes.count())).sum();
        let count = rows.len() as f64;
        grown(self.users.of(users, count), growth.users)
            * grown(self.bytes.of(bytes, count), growth.bytes)
    }

    /// What an exercise draws.
    pub(super) fn begin<'g, 'a>(&self, ground: &'g Ground<'a>, streams: Streams) -> Drawn<'g, 'a> {
        let spread = ground.scenario.uncertainty;
        let once = |cv: f64, key: StreamKey| match cv {
            0.0 => 1.0,
            cv => lognormal_factor(cv, uniform(streams.word(key, 0, 0))),
        };
        let teams = ground.scenario.teams.iter();
        let team_key = |name: &str| StreamKey::new(Purpose::TeamEffect, &[name]);
        let teams: Vec<f64> = teams.map(|it| once(spread.team, team_key(&it.name))).collect();
        // Each team counts by the people that it sends; where nobody works, no team slows the work.
        let of_crew = |crew: &[(usize, u32)]| {
            let people: u32 = crew.iter().map(|it| it.1).sum();
            let sum: f64 = crew.iter().map(|it| teams[it.0] * f64::from(it.1)).sum();
            if people == 0 { 1.0 } else { sum / f64::from(people) }
        };
        let of_step = |it: &StepDraws| {
            let own = once(spread.step, it.effect);
            [0, 1, 2].map(|crew| own * of_crew(&it.crews[crew]))
        };
        let steps = self.steps.iter().map(of_step).collect();
        let first = (0..=self.lanes).map(|_| OnceCell::new()).collect();
        let mut drawn =
            Drawn { ground, streams, sites: vec![1.0; ground.rows.len()], steps, first };
        if spread.site > 0.0 {
            let lane = Lane { key: self.site_effect, place: 0 };
            let of_row = |row| lognormal_factor(spread.site, uniform(drawn.of_row(lane, row, 0)));
            drawn.sites = (0u32..).take(ground.rows.len()).map(of_row).collect();
        }
        drawn
    }
}

/// An attempt whose length is asked for.
pub(super) struct Asked<'a> {
    pub step: usize,
    pub row: u32,
    /// Attempts before it, of a load those of all the times before too.
    pub attempt: u32,
    /// The number of its batch in its track, or of its shard.
    pub number: u64,
    /// The rows of its batch.
    pub batch: &'a [u32],
    pub crew: Crew,
    /// Completions of the same work before it.
    pub completions: u32,
    /// What its teams lose to what else goes on and to long hours, as a factor.
    pub strain: f64,
}

impl Draws {
    /// How long a task takes on the average, with the growth by size, in milliseconds.
    pub(super) fn mean(&self, step: usize, row: usize) -> f64 {
        self.steps[step].duration.mean() * self.steps[step].by_row[row]
    }

    /// The people of each team whom an attempt takes.
    pub(super) fn people(&self, step: usize, crew: Crew) -> &[(usize, u32)] {
        &self.steps[step].crews[crew as usize]
    }

    /// What practice leaves of the time.
    pub(super) fn practised(&self, step: usize, completions: u32) -> f64 {
        self.steps[step].learning.map_or(1.0, |it| {
            let exponent = libm::log2(it.rate.fraction());
            libm::pow(f64::from(completions) + 1.0, exponent).max(it.floor.fraction())
        })
    }

    /// How long an attempt takes, in milliseconds, at least one unless its stated length is nothing;
    /// what it replays comes on top.
    pub(super) fn length(&self, drawn: &Drawn<'_, '_>, asked: &Asked<'_>) -> u64 {
        let (step, it, ground) = (asked.step, &self.steps[asked.step], drawn.ground);
        let word = match per(ground, step) {
            _ if it.duration.is_fixed() => 0,
            Per::Site => drawn.of_row(it.length, asked.row, asked.attempt),
            Per::Batch | Per::Shard | Per::Once => {
                drawn.of_number(it.length, asked.number, asked.attempt)
            }
        };
        let size = match per(ground, step) {
            Per::Site => it.by_row[asked.row as usize] * drawn.sites[asked.row as usize],
            Per::Batch => self.of_batch(ground, step, asked.batch),
            Per::Shard => it.by_row[asked.row as usize],
            Per::Once => 1.0,
        };
        let practised = self.practised(step, asked.completions);
        // What a machine saves and what practice saves do not add up.
        let left = match (asked.crew, it.automated) {
            (Crew::Automated, Some(automated)) => automated.min(practised),
            _ => practised,
        };
        let effect = drawn.steps[step][asked.crew as usize];
        let length = it.duration.quantile(uniform(word)) * (size * left * effect * asked.strain);
        whole_millis(length).max(u64::from(!it.duration.is_zero()))
    }
}

/// How much longer work takes for what is so many times as large as the median.
fn grown(times: f64, exponent: f64) -> f64 {
    if exponent == 0.0 { 1.0 } else { libm::pow(times, exponent) }
}

/// By what sizes are measured. Something empty is as large as the smallest that is not.
#[derive(Clone, Copy, Debug)]
struct Scale {
    smallest: f64,
    median: f64,
}

impl Scale {
    /// Of sizes, each with how many have it.
    fn new(sizes: &[(u64, u64)]) -> Self {
        let smallest = sizes.iter().map(|it| it.0).filter(|it| *it > 0).min().unwrap_or(1);
        let mut sizes: Vec<(u64, u64)> =
            sizes.iter().map(|it| (it.0.max(smallest), it.1)).collect();
        sizes.sort_unstable();
        let middle = sizes.iter().map(|it| it.1).sum::<u64>().saturating_sub(1) / 2;
        let mut seen = 0;
        let median = sizes.iter().find(|it| {
            seen += it.1;
            middle < seen
        });
        Self { smallest: smallest as f64, median: median.map_or(smallest, |it| it.0) as f64 }
    }

    /// A size, or what something empty counts as.
    fn counted(self, size: u64) -> f64 {
        if size == 0 { self.smallest } else { size as f64 }
    }

    /// How many times as large as so many of the median together something is.
    fn of(self, size: f64, count: f64) -> f64 {
        size / (count * self.median)
    }

    fn of_one(self, size: u64) -> f64 {
        self.of(self.counted(size), 1.0)
    }
}

/// The sizes of all shards of all services that a step loads, as far as anybody says them.
fn of_shards(ground: &Ground<'_>, expansion: &Expansion) -> Scale {
    let Expansion::Services(list) = expansion else { return Scale::new(&[]) };
    let services = list.iter().map(|it| &ground.scenario.estate.services[*it]);
    let sizes = services.filter_map(|it| Some((it.bytes_per_shard?.count(), it.shards.into())));
    Scale::new(&sizes.collect::<Vec<_>>())
}
