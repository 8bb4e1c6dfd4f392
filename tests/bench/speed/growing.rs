//! Scenarios of any size, and what commands do with them: each thing that there can be many of, by
//! itself.

/// Something that there can be many of.
pub(crate) struct Growing {
    pub name: &'static str,
    /// So many that what grows with them outweighs what does not.
    pub size: usize,
    pub text: fn(usize) -> String,
    pub phases: &'static [Phase],
}

/// What is done with a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not printed by itself: what compiling and simulating come after.
    Read,
    /// The whole command, as those below.
    Validate,
    /// Compiled and simulated, and nothing told of it.
    Simulate,
    /// With all files that it writes.
    Run,
    Compare,
}

impl Phase {
    pub(crate) const ALL: [Self; 5] =
        [Self::Read, Self::Validate, Self::Simulate, Self::Run, Self::Compare];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Validate => "validate",
            Self::Simulate => "simulate",
            Self::Run => "run",
            Self::Compare => "compare",
        }
    }
}

use Phase::{Compare, Run, Simulate, Validate};

#[rustfmt::skip]
pub(crate) const GROWING: [Growing; 11] = [
    Growing { name: "sites", size: 1_000, text: sites, phases: &[Validate, Simulate, Run] },
    Growing { name: "steps", size: 400, text: steps, phases: &[Validate, Simulate, Run] },
    Growing { name: "teams", size: 200, text: teams, phases: &[Validate, Simulate, Run] },
    Growing { name: "shards", size: 200, text: shards, phases: &[Validate, Simulate, Run] },
    Growing { name: "batches", size: 300, text: batches, phases: &[Simulate, Run] },
    Growing { name: "strategies", size: 16, text: strategies, phases: &[Validate, Simulate, Run] },
    Growing { name: "exercises", size: 100, text: exercises, phases: &[Simulate, Run, Compare] },
    Growing { name: "pending-by-users", size: 1_000, text: pending_by_users, phases: &[Simulate] },
    Growing { name: "pending-in-order", size: 1_000, text: pending_in_order, phases: &[Simulate] },
    Growing { name: "waiting-for-one", size: 1_000, text: waiting_for_one, phases: &[Run] },
    Growing { name: "faults-of-a-file", size: 200, text: faults_of_a_file, phases: &[Validate] },
];

pub(crate) fn growing(name: &str) -> Option<&'static Growing> {
    GROWING.iter().find(|it| it.name == name)
}

/// A scenario with the rest of its text still to come.
fn estate(sites: usize, exercises: usize) -> String {
    format!(
        "schema = 1\ntitle = \"grown\"\n[experiment]\nhorizon = \"3600d\"\n\
         replications = {exercises}\n[estate.sites]\ncount = {sites}\n\
         users.lognormal = {{ p50 = 50, p90 = 400 }}\n[[incident.deletions]]\n"
    )
}

fn team(name: &str, people: usize) -> String {
    format!("[teams.{name}]\npeople = {people}\n")
}

fn step(id: &str, after: &str, team: &str) -> String {
    format!(
        "[[runbooks.r.steps]]\nid = \"{id}\"\nafter = [{after}]\nteam = \"{team}\"\n\
         duration.lognormal = {{ mean = \"60m\", cv = 0.5 }}\n"
    )
}

/// Steps in sequence, each by the next of so many teams.
fn sequence(steps: usize, teams: usize) -> String {
    let one = |number: usize| {
        let after = match number {
            0 => String::new(),
            _ => format!("\"s{}\"", number - 1),
        };
        step(&format!("s{number}"), &after, &format!("t{}", number % teams))
    };
    (0..steps).map(one).collect()
}

fn teams_of(people: usize, teams: usize) -> String {
    (0..teams).map(|number| team(&format!("t{number}"), people)).collect()
}

const ONE_TRACK: &str = "[[strategies.s.tracks]]\nrunbook = \"r\"\n";

fn sites(count: usize) -> String {
    estate(count, 2) + &teams_of(5, 3) + &sequence(6, 3) + ONE_TRACK
}

fn steps(count: usize) -> String {
    estate(10, 2) + &teams_of(5, 6) + &sequence(count, 6) + ONE_TRACK
}

fn teams(count: usize) -> String {
    estate(10, 2) + &teams_of(2, count) + &sequence(count, count) + ONE_TRACK
}

/// Each with a backup that is loaded for its sites, and a limit of its own.
fn shards(count: usize) -> String {
    let services = format!(
        "[estate.services.db]\nclass = \"primary\"\nshards = {count}\n\
         bytes_per_shard = \"100 GiB\"\n\
         backup = {{ full = \"24h\", incremental = \"5m\", retention = \"30d\" }}\n\
         [estate.products.p]\nservices = [\"db\"]\n\
         [limits.scratch]\nunits = 2\nper = \"shard\"\n\
         [throughput.store]\nrate = \"100 TiB/h\"\n"
    );
    let load = "[[runbooks.r.steps]]\nid = \"load\"\nper = \"shard\"\nfor_each = { service = \"db\" }\n\
                transfer = { bytes = \"shard\", through = \"store\" }\nkeep = \"1h\"\n";
    let restore = step("restore", "\"load\"", "t0")
        + "for_each = { service = \"db\" }\nuses = { scratch = 1 }\n";
    estate(10 * count, 2) + &services + &teams_of(100, 1) + load + &restore + ONE_TRACK
}

fn batches(count: usize) -> String {
    let batch = "batch = { size = 4, in_flight = 8, order = \"users_descending\" }\n";
    estate(4 * count, 2) + &teams_of(5, 3) + &sequence(3, 3) + ONE_TRACK + batch
}

fn strategies(count: usize) -> String {
    let one = |number: usize| {
        let people = number + 1;
        format!(
            "[strategies.with-{people}]\nteams = {{ t0 = {people} }}\n\
             tracks = [{{ runbook = \"r\" }}]\n"
        )
    };
    let strategies: String = (0..count).map(one).collect();
    estate(20, 10) + &teams_of(100, 3) + &sequence(6, 3) + &strategies
}

fn exercises(count: usize) -> String {
    let other = "[strategies.more]\nteams = { t0 = 3 }\ntracks = [{ runbook = \"r\" }]\n";
    estate(40, count) + &teams_of(2, 3) + &sequence(6, 3) + ONE_TRACK + other
}

/// Sites that are taken in another order than they are deleted in.
fn pending_by_users(sites: usize) -> String {
    pending(sites, "users_descending")
}

fn pending_in_order(sites: usize) -> String {
    pending(sites, "deleted")
}

fn pending(sites: usize, order: &str) -> String {
    let text = estate(sites, 2) + "over = \"500h\"\n" + &teams_of(1_000, 1) + &sequence(1, 1);
    text + ONE_TRACK + &format!("batch = {{ order = \"{order}\" }}\n")
}

/// What holds each site up is all that is done before it.
fn waiting_for_one(sites: usize) -> String {
    estate(sites, 1) + &teams_of(1, 1) + &sequence(1, 1) + ONE_TRACK
}

/// Every step is given to a team that is not there.
fn faults_of_a_file(count: usize) -> String {
    let wrong = |number: usize| step(&format!("s{number}"), "", &format!("nobody-{number}"));
    let steps: String = (0..count).map(wrong).collect();
    estate(20, 1) + &teams_of(5, 6) + &steps + ONE_TRACK
}
