//! The text of a first scenario: what `init` writes.
//!
//! It is one file that people read from top to bottom and correct, so the text stands here as they
//! will see it. Names go into it as they are: they are checked to be plain words before.

use crate::units::SimDuration;

/// What somebody knows of their estate without asking anybody.
pub(super) struct Draft {
    /// Sites of the estate.
    pub sites: u32,
    /// Services that keep data.
    pub services: Vec<String>,
    /// Teams in the order of the work: who restores data first, who talks to customers last.
    pub teams: Vec<String>,
    /// Within what time a site has to be back.
    pub rto: SimDuration,
    /// How much data a site may lose.
    pub rpo: SimDuration,
}

/// The most sites of a draft.
pub(super) const MOST_SITES: u32 = 20_000;
/// The most teams of a draft: one for each kind of work.
pub(super) const MOST_TEAMS: usize = 8;
/// Names of services where only their number is given.
pub(super) const SERVICES: [&str; 12] = [
    "database", "files", "accounts", "mail", "billing", "media", "chat", "calendar", "reports",
    "settings", "audit", "archive",
];
/// Names of teams where only their number is given: in the order of the work, each with the number
/// of teams from which on there is one for it.
const TEAMS: [(&str, usize); MOST_TEAMS] = [
    ("incident", 7),
    ("database", 3),
    ("storage", 6),
    ("platform", 4),
    ("identity", 8),
    ("operations", 1),
    ("quality", 5),
    ("support", 2),
];

/// The usual names of so many teams.
pub(super) fn usual_teams(number: usize) -> Vec<&'static str> {
    TEAMS.iter().filter(|it| it.1 <= number).map(|it| it.0).collect()
}

impl Draft {
    /// The sites that the incident deletes: a fifth of a small estate, less of a large one.
    pub(super) fn deleted(&self) -> u32 {
        if self.sites <= 500 { self.sites.div_ceil(5) } else { 100 + (self.sites - 500) / 20 }
    }

    /// Shards of each service.
    fn shards(&self) -> u32 {
        self.sites.div_ceil(25).min(40)
    }

    /// People of a team by day: a larger company has more of them, though not in proportion.
    fn by_day(&self) -> u32 {
        let enough = |people: &u32| people * people * 5 >= self.deleted() * 2;
        (2..).find(enough).expect("the squares of numbers grow without end")
    }

    /// As many exercises as take some seconds.
    fn replications(&self) -> u32 {
        let tasks = self.deleted() as usize * (2 * self.services.len() + 5);
        let fitting = u32::try_from(4_000_000 / tasks).expect("a number of exercises");
        (fitting / 100 * 100).clamp(100, 1000)
    }

    /// The team that does this one of the eight kinds of work.
    fn team(&self, work: usize) -> &str {
        &self.teams[work * self.teams.len() / MOST_TEAMS]
    }

    /// The whole text; `file` is what the scenario is called on a command line.
    pub(super) fn text(&self, file: &str) -> String {
        let mut parts = vec![self.head(file), self.estate(), self.incident(file)];
        parts.extend([self.teams(), self.runbook(), self.strategies(), self.policy(file)]);
        parts.concat()
    }

    fn head(&self, file: &str) -> String {
        let (deleted, sites, replications) = (self.deleted(), self.sites, self.replications());
        format!(
            r#"# A first draft: your estate, a mass deletion in it, and two ways back. It runs as it is.
#
#   Is it sound?              blackstart validate {file}
#   How long does it take?    blackstart run {file}
#   Which way is better?      blackstart compare {file}
#
# Every number below is made up, and says so: `source = "guess"`. The `note` beside it says what to
# ask, and whom. Whoever knows better changes the number and writes "measured" in the place of
# "guess"; the report counts the guesses that are left. Try a number before you ask for it:
#
#   blackstart run {file} --set teams.{first}.called=T+4h --out reports/called-late
#
# Lengths of time are texts with units: "90m", "2d 4h". Most of them vary: p50 is the usual one, and
# half of the cases take longer; p90 is a bad one, and one case in ten takes longer still.

schema = 1
title = "A clean-up job deletes {deleted} of {sites} sites"
description = "Restore them by hand, or write a script first?"
tags = ["draft"]

# How many exercises of each strategy are played, each with luck of its own. More of them make the
# answer surer and take longer.
[experiment]
replications = {replications}
"#,
            first = self.teams[0],
        )
    }

    fn estate(&self) -> String {
        let mut text = r#"
# --------------------------------------------------------------------------- what can be lost

# A service keeps data of its own and is backed up for itself. Its data lies on shards, and each
# shard has the data of many sites. What is newer than the last `incremental` backup is lost, and a
# backup older than `retention` is gone. "primary" are services that are restored from backups.
"#
        .to_owned();
        for service in &self.services {
            text += &format!(
                r#"[estate.services.{service}]
class = "primary"
shards = {shards}
backup = {{ full = "24h", incremental = "15m", retention = "30d" }}
source = "guess"
note = "Ask who backs up `{service}`: how often, kept for how long, on how many shards? When was one last restored?"

"#,
                shards = self.shards(),
            );
        }
        let services: Vec<String> = self.services.iter().map(|it| format!("{it:?}")).collect();
        text + &format!(
            r#"# What a site has bought decides which services have data of it. Here all sites have the same.
[estate.products.app]
services = [{services}]

# A site is the data of one customer. How many users it has decides how long some steps take, and in
# which tier it is; `run --by tier` tells the tiers apart. A real list of sites is better than these
# numbers: `csv = "sites.csv"` in the place of `count` and `users`, with columns `site` and `users`.
[estate.sites]
count = {count}
users.lognormal = {{ p50 = 50, p90 = 400 }}
tiers = [{{ tier = "gold", when = {{ min_users = 200 }} }}, {{ tier = "standard" }}]
source = "guess"
note = "Ask product analytics: how many sites, and how many users has the middle one and the largest of ten?"
"#,
            services = services.join(", "),
            count = self.sites,
        )
    }

    fn incident(&self, file: &str) -> String {
        format!(
            r#"
# ---------------------------------------------------------------------------- what goes wrong

# T+0, the moment of the first deletion; shifts go by this clock. It is a Monday morning. For a
# Friday evening:
#
#   blackstart run {file} --set incident.at=2026-03-06T18:30:00Z --out reports/friday
[incident]
at = "2026-03-02T09:30:00Z"

# What is deleted: so many sites, picked at random, one after the other.
[[incident.deletions]]
count = {deleted}
order = "random"
over = "15m"
source = "guess"
note = "Ask who runs bulk jobs: how many sites can the worst of them delete before somebody stops it?"

# The moments at which somebody notices, and at which all teams are called.
[incident.milestones.detected]
delay.lognormal = {{ p50 = "20m", p90 = "1h" }}
source = "guess"
note = "Look at the last three incidents: how long from the first harm to the first alarm?"

[incident.milestones.declared]
after = "detected"
delay.lognormal = {{ p50 = "30m", p90 = "2h" }}
source = "guess"
note = "Look at the last three incidents: how long from the alarm until everybody was called?"
"#,
            deleted = self.deleted(),
        )
    }

    fn teams(&self) -> String {
        let (day, night) = (self.by_day(), self.by_day().div_ceil(2));
        let mut text = r#"
# ------------------------------------------------------------------------------- who restores

# Who is there when, by the clock of the team's place: `zone` is a name such as "Europe/Berlin".
# Nobody comes before the team is `called`. Work that is begun before a shift ends is finished.
"#
        .to_owned();
        for team in &self.teams {
            text += &format!(
                r#"[teams.{team}]
called = "declared"
roster = [
  {{ name = "day", zone = "UTC", days = ["weekdays"], from = "08:00", to = "18:00", people = {day} }},
  {{ name = "night", zone = "UTC", from = "18:00", to = "08:00", people = {night} }},
  {{ name = "weekend", zone = "UTC", days = ["weekend"], from = "08:00", to = "18:00", people = {night} }},
]
source = "guess"
note = "Ask the lead of the {team} team: how many can work on a recovery by day, by night, on a weekend? Where?"

"#
            );
        }
        text + &format!(
            r#"# What is scarce beside people: room to load backups into, so many at once.
[limits.scratch-databases]
units = {units}
source = "guess"
note = "Ask who owns the storage: how many backups can be loaded at once without harm to production?"
"#,
            units = 3 * self.services.len(),
        )
    }

    fn runbook(&self) -> String {
        let [prepare, extract, import, rebuild, configure, connect, verify, tell] =
            [0, 1, 2, 3, 4, 5, 6, 7].map(|work| self.team(work));
        format!(
            r#"
# ------------------------------------------------------------------------------ how they do it

# The steps for one site, one after the other. A step takes one person of its team unless `people`
# says more; where nobody is free it waits. Put your own runbook here: its steps, and their teams.
[runbooks.restore]
sequential = true

[[runbooks.restore.steps]]
id = "prepare"
title = "Stop what deletes, and agree on who does what"
per = "once"                               # not for each site
team = "{prepare}"
people = 2
duration.lognormal = {{ p50 = "1h", p90 = "3h" }}
source = "guess"
note = "Look at the last three incidents: how long until the work itself began?"

[[runbooks.restore.steps]]
id = "load"
title = "Load the shard's backup into a scratch database"
per = "shard"                              # sites that need it at the same time share it
for_each = {{ service_class = "primary" }}   # for each service of the site
holds = {{ scratch-databases = 1 }}          # until no site needs it; nobody has to sit beside it
duration.lognormal = {{ p50 = "90m", p90 = "4h" }}
source = "guess"
note = "Load the backup of the largest shard once, and use a stop-watch."

[[runbooks.restore.steps]]
id = "extract"
title = "Extract the site's data"
for_each = {{ service_class = "primary" }}
team = "{extract}"
duration.lognormal = {{ p50 = "20m", p90 = "1h" }}
grows_with = {{ users = 0.3 }}               # a site with ten times the users takes twice as long
restore_point = {{ latest = true }}          # what is newer than the latest backup is lost
automated_after = {{ step = "script.write", factor = "25%", people = 0 }}  # a script needs a quarter of the time and nobody
source = "guess"
note = "Ask the {extract} team: how long for a usual site, and for the worst of ten? Better: do it once."

[[runbooks.restore.steps]]
id = "import"
title = "Import it into production"
for_each = {{ service_class = "primary" }}
team = "{import}"
duration.lognormal = {{ p50 = "15m", p90 = "45m" }}
grows_with = {{ users = 0.3 }}
automated_after = {{ step = "script.write", factor = "25%", people = 0 }}
fails = {{ probability = "5%", found_by = "verify", retry_from = "extract" }}
source = "guess"
note = "Ask the {import} team: how long, and how often does something turn out to be missing?"

[[runbooks.restore.steps]]
id = "rebuild"
title = "Rebuild what is derived from the data: search, caches"
team = "{rebuild}"
duration.lognormal = {{ p50 = "30m", p90 = "90m" }}
automated_after = {{ step = "script.write", factor = "25%", people = 0 }}
source = "guess"
note = "Ask the {rebuild} team: how long does a new index of one site take?"

[[runbooks.restore.steps]]
id = "configure"
title = "Domains, sign-in, permissions"
team = "{configure}"
duration.lognormal = {{ p50 = "15m", p90 = "45m" }}
automated_after = {{ step = "script.write", factor = "25%", people = 0 }}
source = "guess"
note = "Ask the {configure} team: what is set by hand for a site, and how long does that take?"

[[runbooks.restore.steps]]
id = "connect"
title = "Connect apps and other systems again"
team = "{connect}"
duration.lognormal = {{ p50 = "15m", p90 = "1h" }}
source = "guess"
note = "Ask the {connect} team: what does a site hang on that the backups do not have?"

[[runbooks.restore.steps]]
id = "verify"
title = "Look whether everything is there"
team = "{verify}"
duration.lognormal = {{ p50 = "20m", p90 = "1h" }}
source = "guess"
note = "Ask the {verify} team: what has to be looked at before a customer sees it, and how long is that?"

[[runbooks.restore.steps]]
id = "hand-over"
title = "Tell the customer, and look at it together"
team = "{tell}"
duration.lognormal = {{ p50 = "15m", p90 = "1h" }}
reaches_customer = true
source = "guess"
note = "Ask the {tell} team: how long is a call, and how many customers are hard to reach?"

# What makes the steps above faster, and costs people until it is there.
[runbooks.script]
supporting = true

[[runbooks.script.steps]]
id = "write"
title = "Write a script, and try it"
per = "once"
team = "{rebuild}"
people = 2
duration.lognormal = {{ p50 = "8h", p90 = "20h" }}
source = "guess"
note = "Ask the {rebuild} team: how long until you would let a script loose on production?"

# How far off the guesses may be. Leave this out, and the forecast is surer than you are.
[uncertainty]
site = 0.2                                 # some sites are simply harder: by a fifth, more or less
step = 0.2                                 # and so far off may the usual time of a step be
source = "guess"
note = "Nobody knows before the first exercise. Repeat one step on five sites, and see."
"#
        )
    }

    fn strategies(&self) -> String {
        let (in_flight, team) = (4 * self.by_day(), self.team(1));
        format!(
            r#"
# ---------------------------------------------------------------------- two ways back to compare

# A strategy says which runbooks are at work, from when on, and which sites come first. These two
# differ in one thing, the script. `in_flight` is how many sites are in work at once; it is a choice
# and no guess, so try others.
[strategies.by-hand]
title = "By hand, largest sites first"

[[strategies.by-hand.tracks]]
runbook = "restore"
opens = "declared"
batch = {{ in_flight = {in_flight}, order = "users_descending" }}

[strategies.script-first]
title = "By hand until a script is written, then by script"

[[strategies.script-first.tracks]]
runbook = "script"
opens = "declared"

[[strategies.script-first.tracks]]
runbook = "restore"
opens = "declared"
batch = {{ in_flight = {in_flight}, order = "users_descending" }}

# Another way back is often one thing changed. Take away the `# ` to have a third one:
# [strategies.more-people]
# based_on = "script-first"
# teams = {{ {team} = "150%" }}
"#
        )
    }

    fn policy(&self, file: &str) -> String {
        format!(
            r#"
# -------------------------------------------------------------------------- what was promised

# The policy is met if, in 90% of the exercises (`assurance`), 95% of the deleted sites (`coverage`)
# are back within the recovery time objective, counted from the deletion of each, and have lost no
# more than the recovery point objective.
[policy]
rto = "{rto}"
rpo = "{rpo}"
coverage = "95%"
assurance = "90%"
source = "guess"
note = "Ask who signs the contracts: what has been promised, to whom, and is an outage like this one left out?"

# What a build can hold you to: `blackstart check {file}` ends with 99 where one is missed.
# These two are asked of the way back that you would choose.
[[budgets]]
name = "Nearly all sites are back in time"
metric = "site.rta"
select = {{ strategy = "script-first" }}
expect = "p(95) <= {rto}"

[[budgets]]
name = "No site loses more than was promised"
metric = "site.rpa"
select = {{ strategy = "script-first" }}
expect = "max <= {rpo}"
"#,
            rto = self.rto,
            rpo = self.rpo,
        )
    }
}
