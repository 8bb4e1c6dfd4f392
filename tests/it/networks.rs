//! Generated project networks, each scheduled twice under every priority rule: by the engine, and by
//! a serial reading of the parallel scheme that knows nothing of it.
//!
//! The published libraries of such networks may not be copied; these are of their kind, from few
//! constraints to many in the three measures by which those are made: order strength, how many
//! resources an activity takes, and how scarce they are. (R. Kolisch, A. Sprecher and A. Drexl,
//! "Characterization and generation of a general class of resource-constrained project scheduling
//! problems", 1995.)

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use blackstart::review;
use blackstart::review::{NamedRecord, What};
use blackstart::rng::{Purpose, StreamKey, Streams};
use blackstart::scenario::Scenario;

use crate::model::RULES;
use crate::support::scenario;

const NETWORKS: u64 = 600;
const SEED: u64 = 1;
const MINUTE: u64 = 60_000;

/// A project: the same activities for each site, which share the resources.
struct Network {
    sites: usize,
    /// Those of all tracks, track after track, each after its predecessors.
    activities: Vec<Activity>,
    resources: Vec<Resource>,
}

struct Activity {
    track: usize,
    minutes: u64,
    predecessors: Vec<usize>,
    /// Units of each resource.
    demand: Vec<u32>,
}

struct Resource {
    is_team: bool,
    capacity: u32,
}

/// Numbers for making networks: SplitMix64, from a seed.
struct Dice(u64);

impl Dice {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A whole number of a range, both ends included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.word() % (high - low + 1)
    }

    fn percent(&mut self, chance: u64) -> bool {
        self.between(1, 100) <= chance
    }
}

const TRACKS: [&str; 2] = ["first", "second"];

impl Network {
    /// Three in five are one project alone; the others are several that share resources, and every
    /// other of those has a second track that nobody is given back by.
    fn generate(number: u64) -> Self {
        let mut dice = Dice(number);
        let alone = number % 5 < 3;
        let sites = if alone { 1 } else { dice.between(2, 6) as usize };
        let tracks = if !alone && number.is_multiple_of(2) { 2 } else { 1 };
        let resources: Vec<Resource> = (0..dice.between(1, 4))
            .map(|_| Resource { is_team: dice.percent(60), capacity: dice.between(1, 8) as u32 })
            .collect();
        let order = [3, 8, 15, 30, 60][dice.between(0, 4) as usize];
        let use_of_resources = [25, 50, 75, 100][dice.between(0, 3) as usize];
        let most = [1, 2, 8][dice.between(0, 2) as usize];
        let longest = [3, 10, 60][dice.between(0, 2) as usize];
        let mut activities: Vec<Activity> = Vec::new();
        for track in 0..tracks {
            let first = activities.len();
            for _ in 0..if alone { dice.between(5, 60) } else { dice.between(3, 12) } {
                let index = activities.len();
                let of_track = (first..index).filter(|_| dice.percent(order));
                let mut predecessors: Vec<usize> = of_track.collect();
                // Site by site, the second track also waits for the first.
                predecessors.extend((0..first).filter(|_| dice.percent(order / 3)));
                predecessors.sort_unstable();
                let taken = resources.iter().map(|it| match dice.percent(use_of_resources) {
                    true => dice.between(1, u64::from(it.capacity).min(most)) as u32,
                    false => 0,
                });
                let demand = taken.collect();
                activities.push(Activity {
                    track,
                    minutes: dice.between(1, longest),
                    demand,
                    predecessors,
                });
            }
        }
        Self { sites, activities, resources }
    }

    /// A scenario with a strategy for each rule.
    fn text(&self) -> String {
        let mut text = format!(
            "schema = 1\ntitle = \"network\"\n[estate.sites]\ncount = {}\n\
             users = {{ uniform = {{ min = 1, max = 1000 }} }}\n\
             tiers = [{{ tier = \"gold\", when.min_users = 500 }}, {{ tier = \"free\" }}]\n\
             [[incident.deletions]]\n",
            self.sites
        );
        let mut line = |line: String| writeln!(text, "{line}").expect("a string takes any text");
        for (index, resource) in self.resources.iter().enumerate() {
            line(match resource.is_team {
                true => format!("[teams.r{index}]\npeople = {}", resource.capacity),
                false => format!("[limits.r{index}]\nunits = {}", resource.capacity),
            });
        }
        for (track, name) in self.tracks().enumerate() {
            let claims = track + 1 == self.tracks().count();
            line(format!("[runbooks.{name}]\nsupporting = {}\nsteps = [", !claims));
            let own = self.activities.iter().enumerate().filter(|it| it.1.track == track);
            own.for_each(|(index, activity)| line(self.step(index, activity)));
            line("]".to_owned());
        }
        for rule in RULES {
            let tracks: Vec<String> =
                self.tracks().map(|it| format!("{{ runbook = \"{it}\" }}")).collect();
            let tracks = tracks.join(", ");
            line(format!("[strategies.{rule}]\npriority = \"{rule}\"\ntracks = [{tracks}]"));
        }
        text
    }

    fn tracks(&self) -> impl Iterator<Item = &'static str> {
        let last = self.activities.iter().map(|it| it.track).max().unwrap_or(0);
        TRACKS.into_iter().take(last + 1)
    }

    fn step(&self, index: usize, activity: &Activity) -> String {
        let after = activity.predecessors.iter().map(|it| match self.activities[*it].track {
            track if track == activity.track => format!("\"a{it}\""),
            track => format!("\"{}.a{it}\"", TRACKS[track]),
        });
        let after: Vec<String> = after.collect();
        let units = |is_team: bool| {
            let own = std::iter::zip(&self.resources, &activity.demand).enumerate();
            let own = own.filter(|(_, (it, units))| it.is_team == is_team && **units > 0);
            own.map(|(index, (_, units))| format!("r{index} = {units}")).collect::<Vec<_>>()
        };
        format!(
            "{{ id = \"a{index}\", key = \"work {index}\", after = [{}], duration = \"{}m\", \
             teams = {{ {} }}, uses = {{ {} }} }},",
            after.join(", "),
            activity.minutes,
            units(true).join(", "),
            units(false).join(", ")
        )
    }

    fn successors(&self, index: usize) -> impl Iterator<Item = usize> {
        let all = self.activities.iter().enumerate();
        all.filter(move |(_, it)| it.predecessors.contains(&index)).map(|it| it.0)
    }

    /// All that come after each, directly or not.
    fn all_successors(&self) -> Vec<BTreeSet<usize>> {
        let mut all = vec![BTreeSet::new(); self.activities.len()];
        for index in (0..self.activities.len()).rev() {
            for next in self.successors(index) {
                let further = all[next].clone();
                all[index].extend(further);
                all[index].insert(next);
            }
        }
        all
    }

    /// When each activity can start if there is enough of everything: the forward pass.
    fn earliest_starts(&self) -> Vec<u64> {
        let mut starts: Vec<u64> = Vec::new();
        for activity in &self.activities {
            let ends = activity.predecessors.iter().map(|it| starts[*it] + self.length(*it));
            starts.push(ends.max().unwrap_or(0));
        }
        starts
    }

    /// The longest path from the start of each activity to the end: the backward pass.
    fn tails(&self) -> Vec<u64> {
        let mut tails = vec![0; self.activities.len()];
        for index in (0..self.activities.len()).rev() {
            let after = self.successors(index).map(|it| tails[it]).max().unwrap_or(0);
            tails[index] = self.length(index) + after;
        }
        tails
    }

    fn critical_path(&self) -> u64 {
        self.tails().into_iter().max().unwrap_or(0)
    }

    /// No schedule is shorter than the work for any resource over its capacity.
    fn resource_bound(&self) -> u64 {
        let of_resource = |(index, resource): (usize, &Resource)| {
            let work = self.activities.iter().enumerate();
            let work: u64 =
                work.map(|(it, own)| self.length(it) * u64::from(own.demand[index])).sum();
            (work * self.sites as u64).div_ceil(u64::from(resource.capacity))
        };
        self.resources.iter().enumerate().map(of_resource).max().unwrap_or(0)
    }

    fn length(&self, index: usize) -> u64 {
        self.activities[index].minutes * MINUTE
    }

    /// The rank of an activity of a site under a rule, smaller first; of first come, first served
    /// there is none before it is eligible.
    fn ranks(&self, rule: &str, users: &[u64]) -> impl Fn(usize, usize) -> u64 {
        let (starts, tails) = (self.earliest_starts(), self.tails());
        let critical = self.critical_path();
        let streams = Streams::new(SEED, 0);
        let weight = |it: usize| {
            self.length(it) + self.successors(it).map(|it| self.length(it)).sum::<u64>()
        };
        let successors = self.all_successors();
        let of = |site: usize, it: usize| match rule {
            "fifo" | "fixed" => 0,
            "most_users" => u64::MAX - users[site],
            "tier" => u64::from(users[site] < 500),
            "shortest" => self.length(it),
            "longest_remaining" => u64::MAX - tails[it],
            "least_slack" => critical - starts[it] - tails[it],
            "latest_finish" => critical - (tails[it] - self.length(it)),
            "most_successors" => u64::MAX - successors[it].len() as u64,
            "rank_positional_weight" => u64::MAX - weight(it),
            "earliest_start" => starts[it],
            "random" => {
                let key = StreamKey::new(Purpose::Priority, &[&format!("work {it}")]);
                streams.word(key, 0, site as u64)
            }
            other => panic!("nobody has said here how `{other}` ranks"),
        };
        let all: Vec<Vec<u64>> = (0..self.sites)
            .map(|site| (0..self.activities.len()).map(|it| of(site, it)).collect())
            .collect();
        move |site, it| all[site][it]
    }

    /// The parallel scheme: at each instant at which something ends, whatever is eligible starts in
    /// the order of its rank if enough is free. Start and end by site and activity.
    fn schedule(&self, rule: &str, users: &[u64]) -> BTreeMap<(usize, usize), (u64, u64)> {
        let rank = self.ranks(rule, users);
        let mut done: BTreeMap<(usize, usize), (u64, u64)> = BTreeMap::new();
        let mut free: Vec<u32> = self.resources.iter().map(|it| it.capacity).collect();
        let mut now = 0;
        loop {
            let mut eligible = Vec::new();
            for site in 0..self.sites {
                for (it, activity) in self.activities.iter().enumerate() {
                    let before = activity.predecessors.iter();
                    let ends: Option<Vec<u64>> =
                        before.map(|it| done.get(&(site, *it)).map(|it| it.1)).collect();
                    let since = ends.map(|ends| ends.into_iter().max().unwrap_or(0));
                    match since {
                        Some(since) if since <= now && !done.contains_key(&(site, it)) => {
                            let first = if rule == "fifo" { since } else { rank(site, it) };
                            eligible.push((first, activity.track, site, it));
                        }
                        _ => {}
                    }
                }
            }
            eligible.sort_unstable();
            for (_, _, site, it) in eligible {
                let demand = &self.activities[it].demand;
                if std::iter::zip(&free, demand).all(|(free, units)| free >= units) {
                    std::iter::zip(&mut free, demand).for_each(|(free, units)| *free -= units);
                    done.insert((site, it), (now, now + self.length(it)));
                }
            }
            let Some(next) = done.values().map(|it| it.1).filter(|end| *end > now).min() else {
                assert_eq!(done.len(), self.sites * self.activities.len(), "all is done once");
                return done;
            };
            now = next;
            for ((_, it), _) in done.iter().filter(|(_, (_, end))| *end == now) {
                let demand = &self.activities[*it].demand;
                std::iter::zip(&mut free, demand).for_each(|(free, units)| *free += units);
            }
        }
    }
}

/// What the engine has done: start and end by site and activity.
fn simulated(scenario: &Scenario, rule: &str) -> BTreeMap<(usize, usize), (u64, u64)> {
    let mut strategies = scenario.strategies.enumerate();
    let strategy = strategies.find(|it| it.1.name == rule).expect("a strategy for each rule").0;
    let told = review::trace(scenario, strategy, SEED, 0);
    let task = |it: &NamedRecord| -> (usize, usize) {
        let number = |text: &str| text.parse::<usize>().expect("a number");
        (number(&it.site["site-".len()..]) - 1, number(&it.step[1..]))
    };
    let mut schedule = BTreeMap::new();
    for it in &told.records {
        let at = it.at.as_millis();
        match it.what {
            What::Started => {
                let before = schedule.insert(task(it), (at, 0));
                assert_eq!(before, None, "an activity is done once");
            }
            What::Finished => schedule.get_mut(&task(it)).expect("it has started").1 = at,
            _ => {}
        }
    }
    schedule
}

#[test]
fn every_rule_makes_the_schedule_of_the_parallel_scheme_on_six_hundred_networks() {
    let mut order_strengths: Vec<f64> = Vec::new();
    // In how many networks a rule does not do what first come, first served does.
    let mut otherwise = [0; RULES.len()];
    for number in 0..NETWORKS {
        let network = Network::generate(number);
        let text = network.text();
        let scenario = scenario(&text);
        let users: Vec<u64> = scenario.estate.sites.iter().map(|it| u64::from(it.users)).collect();
        let serial: u64 = (0..network.activities.len()).map(|it| network.length(it)).sum();
        let bound = network.critical_path().max(network.resource_bound());
        let first_come = network.schedule(RULES[0], &users);
        for (rule, otherwise) in RULES.iter().zip(&mut otherwise) {
            let expected = network.schedule(rule, &users);
            let simulated = simulated(&scenario, rule);
            assert_eq!(simulated, expected, "network {number}, {rule}:\n{text}");
            let makespan = simulated.values().map(|it| it.1).max().unwrap_or(0);
            // Somebody always works, so that no schedule is longer than one activity at a time.
            assert!(bound <= makespan && makespan <= serial * network.sites as u64);
            *otherwise += u32::from(expected != first_come);
        }
        let pairs = network.activities.len() * (network.activities.len() - 1) / 2;
        let ordered: usize = network.all_successors().iter().map(BTreeSet::len).sum();
        order_strengths.push(ordered as f64 / pairs as f64);
    }
    // The networks are from loose to strict, and every rule but the first has its say in many.
    order_strengths.sort_unstable_by(f64::total_cmp);
    let tenth = order_strengths.len() / 10;
    assert!(order_strengths[tenth] < 0.15 && order_strengths[9 * tenth] > 0.85);
    for (rule, networks) in RULES.iter().zip(otherwise).skip(1) {
        assert!(networks >= 60, "{rule} differs from {} in {networks} networks", RULES[0]);
    }
}
