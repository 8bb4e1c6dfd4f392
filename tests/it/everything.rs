//! All mechanisms together, on random small scenarios: whatever is combined, every replication
//! ends, every site ends once, and the trace is a possible one.
//!
//! What single mechanisms owe is tested where each of them is; here nothing is known of them but
//! the laws that hold for all. The engine asserts others at every instant of these tests: no pool
//! above its capacity, nobody waiting for what is free.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use blackstart::experiment::{self, Design, Held, Need, Outcome, Restoration, Told, Trace, What};
use blackstart::ids::StrategyId;
use blackstart::scenario::Per;
use blackstart::scenario::{AtShiftEnd, Cut, InjectKind, MomentBase, Ramp, Scenario, check};
use blackstart::units::Share;
use proptest::prelude::*;

use crate::support::scenario;

/// Choices, taken one after the other; what is left out is the plain case.
struct Dice<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl Dice<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        let byte = self.bytes[self.next % self.bytes.len()];
        self.next += 1;
        byte % sides
    }

    fn pick<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[usize::from(self.roll(u8::try_from(choices.len()).expect("few choices")))]
    }
}

/// A scenario; most of them are such that nothing runs out for ever, so that everybody can be
/// restored in the end.
pub(crate) fn text(bytes: &[u8], twofold: bool) -> String {
    let mut dice = Dice { bytes, next: 0 };
    let mut text = String::new();
    estate(&mut text, &mut dice);
    incident(&mut text, &mut dice, twofold);
    people(&mut text, &mut dice);
    injects(&mut text, &mut dice);
    main_runbook(&mut text, &mut dice);
    supporting_runbooks(&mut text);
    strategy(&mut text, &mut dice);
    text
}

fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes any text");
}

fn estate(text: &mut String, dice: &mut Dice<'_>) {
    let shards = dice.roll(3) + 1;
    let sites = dice.roll(8) + 2;
    let horizon = dice.pick(&["200d", "200d", "200d", "30h"]);
    let kept = dice.pick(&["300d", "300d", "300d", "300d", "25h"]);
    let phase = dice.pick(&["", "", ", takes = \"1h\"", ", chain_breaks = \"20%\""]);
    let replay = dice.pick(&["", ", per_incremental = \"1m\""]);
    let wiki = dice.pick(&["100%", "50%"]);
    add(
        text,
        format_args!(
            r#"
schema = 1
title = "everything"
[experiment]
horizon = "{horizon}"
[estate.services.db]
class = "primary"
shards = {shards}
bytes_per_shard = "100 GiB"
backup = {{ full = "24h", incremental = "1h", retention = "{kept}"{phase}{replay} }}
[estate.services.search]
class = "derived"
[estate.products]
app.services = ["db"]
wiki.services = ["search"]
[estate.sites]
count = {sites}
customers = {sites}
products = {{ app = "80%", wiki = "{wiki}" }}
users.lognormal = {{ p50 = 40, p90 = 400 }}
bytes = "8 GiB"
"#
        ),
    );
}

fn incident(text: &mut String, dice: &mut Dice<'_>, twofold: bool) {
    let over = dice.pick(&["0s", "23m", "3h"]);
    let second = dice.pick(&[
        "",
        "",
        "[[incident.deletions]]\nat = \"T+2h\"\nmode = \"soft\"\nsites = { max_users = 60 }",
    ]);
    let second = if twofold { second } else { "" };
    let first = if second.is_empty() { "" } else { "sites = { min_users = 61 }" };
    let undelete = dice.pick(&["190d", "190d", "190d", "8h"]);
    add(
        text,
        format_args!(
            r#"
[incident]
at = "2026-03-02T06:00:00Z"
[[incident.deletions]]
over = "{over}"
{first}
{second}
[incident.milestones.detected]
delay.lognormal = {{ p50 = "20m", p90 = "1h" }}
public = true
[incident.guardrails.soft_delete]
services = ["{}"]
retention = "{undelete}"
[incident.guardrails.staged_rollout]
stages = [1, 2]
soak = "30m"
stops_at = "detected"
[incident.guardrails.identifier_check]
catches = "30%"
[incident.guardrails.bulk_cap]
sites = 4
[uncertainty]
site = 0.2
step = 0.1
team = 0.1
"#,
            dice.pick(&["*", "db", "search"]),
        ),
    );
}

fn people(text: &mut String, dice: &mut Dice<'_>) {
    let ends = dice.pick(&["finish", "hand_over"]);
    let people = dice.pick(&[
        "people = 3",
        "people = [{ at = \"T+0\", people = 2 }, { at = \"T+5h\", people = 0 }, { at = \"T+9h\", people = 2 }]",
        "called = \"detected\"\nroster = [{ zone = \"Europe/Berlin\", from = \"08:00\", to = \"16:00\", people = 2 }, { zone = \"America/Denver\", days = [\"mon\", \"wed\", \"sat\"], from = \"22:00\", to = \"04:30\", people = 3 }]",
    ]);
    let tired = dice.pick(&["", "fatigue = [{ after = \"6h\", factor = 1.5 }]"]);
    let strain =
        dice.pick(&["", "coordination = { per_batch = 0.1, per_track = 0.2, at_most = 2.0 }"]);
    let units = dice.roll(2) + 1;
    let per = dice.pick(&["", "", "per = \"shard\""]);
    let cap = dice.pick(&["", "cap = \"80 GiB/h\""]);
    add(
        text,
        format_args!(
            r#"
[teams.a]
{people}
at_shift_end = "{ends}"
{tired}
{strain}
[teams.b]
people = 2
[limits.slots]
units = 2
[limits.scratch]
units = {units}
[limits.extracts]
units = 2
{per}
[throughput.store]
rate = "100 GiB/h"
{cap}
"#
        ),
    );
}

fn injects(text: &mut String, dice: &mut Dice<'_>) {
    for _ in 0..dice.roll(5) {
        let (hour, lasts) = (dice.roll(20), dice.roll(9) + 1);
        let what = match dice.roll(11) {
            0 => "people_away = { team = \"a\", people = \"50%\" }",
            // A shift of a team that never changes would be lost for ever.
            1 if text.contains("roster") => "shift_lost = { team = \"a\" }",
            1 => "people_away = { team = \"b\", people = 1 }",
            2 => "attempts_fail = { step = \"extract\", count = 2 }",
            3 => "limit_drops = { limit = \"scratch\", to = 0 }",
            4 => "outage = { service = \"db\" }",
            5 => "freeze = { steps = [\"import\"] }",
            6 => "throughput_drops = { throughput = \"store\", to = \"10%\" }",
            7 => "limit_drops = { limit = \"extracts\", to = 1 }",
            8 => "attempts_fail = { step = \"load\", count = 1 }",
            _ => "deletion = { count = 2 }",
        };
        let ends = !["attempts", "shift", "deletion"].iter().any(|it| what.starts_with(it));
        let lasts = if ends { format!("lasts = \"{lasts}h\"") } else { String::new() };
        add(text, format_args!("[[injects]]\nat = \"T+{hour}h\"\n{lasts}\n{what}\n"));
    }
}

fn main_runbook(text: &mut String, dice: &mut Dice<'_>) {
    let per_shard = text.contains("per = \"shard\"");
    let plan = dice.pick(&[
        "",
        "[[runbooks.main.steps]]\nid = \"plan\"\nper = \"batch\"\nteam = \"b\"\nduration = \"30m\"\nfails = { probability = \"30%\", attempts = 2 }\n",
        "[[runbooks.main.steps]]\nid = \"tools\"\nper = \"once\"\nteam = \"b\"\nduration = \"2h\"\n",
    ]);
    let held = dice.pick(&["", "holds = { slots = 1, until = \"import\" }"]);
    let load = dice.pick(&[
        "transfer = { bytes = \"shard\", through = \"store\" }",
        "transfer = { bytes = \"shard\", through = \"store\" }\nteam = \"a\"",
        "duration = \"2h\"\nteam = \"b\"",
    ]);
    let keep = dice.pick(&["", "keep = \"1h\""]);
    let when = dice.pick(&["", "when = \"hard\""]);
    let uses = dice.pick(&["", "uses = { extracts = 1 }"]);
    let automated = dice.pick(&[
        "",
        "automated_after = { runs = 2, factor = \"50%\", people = 0 }",
        "automated_after = { step = \"build.script\", factor = \"50%\" }",
        "automated_after = { milestone = \"detected\", factor = \"50%\", people = 0 }",
    ]);
    let found = dice.pick(&["", ", found_by = \"check\""]);
    let to_team = ["", ", escalates_to = { team = \"b\" }"];
    // What counts per shard does not escalate to a team.
    let taken = dice.pick(&to_team[..if per_shard && !uses.is_empty() { 1 } else { 2 }]);
    let by_hand = dice.pick(&[
        "",
        ", by_hand = { probability = \"20%\", older.exponential = { mean = \"2h\" }, repaired_by = \"audit\" }",
    ]);
    let point = dice.pick(&["latest = true", "fixed = \"5m\"", "common = true"]);
    let import = dice.pick(&[
        "duration.exponential = { mean = \"1h\" }\ngrows_with = { users = 0.3 }\nlearning = { rate = \"90%\" }",
        "transfer = { bytes = \"site\", through = \"store\" }",
    ]);
    let by_step = dice.pick(&[
        "",
        "fails = { probability = \"60%\", attempts = 2, escalates_to = { step = \"rebuild\" } }",
    ]);
    let rebuild = match by_step {
        "" => "",
        _ => "[[runbooks.main.steps]]\nid = \"rebuild\"\nteam = \"b\"\nduration = \"3h\"\n",
    };
    let barrier = dice.pick(&[
        "",
        "[[runbooks.main.steps]]\nid = \"agree\"\nper = \"batch\"\nduration = \"10m\"\n",
    ]);
    // Work is not sent back across a barrier.
    let fails = match barrier {
        "" => dice.pick(&[
            "fails = { probability = \"30%\", attempts = 3, retry_from = \"extract\" }",
            "fails = { probability = \"50%\", attempts = 2, escalates_to = { team = \"b\" } }",
        ]),
        _ => "fails = { probability = \"50%\", attempts = 2, escalates_to = { team = \"b\" } }",
    };
    let found = if barrier.is_empty() { found } else { "" };
    // The ordinary course goes on behind what takes over.
    let after_import = if barrier.is_empty() { "import" } else { "agree" };
    let after_prepare = if plan.contains("plan") { "after = [\"plan\"]" } else { "" };
    add(
        text,
        format_args!(
            r#"
{plan}
[[runbooks.main.steps]]
id = "prepare"
{after_prepare}
team = "a"
duration.exponential = {{ mean = "30m" }}
{held}
[[runbooks.main.steps]]
id = "load"
per = "shard"
for_each = {{ service = "db" }}
{when}
after = ["prepare"]
{load}
{keep}
holds = {{ scratch = 1 }}
[[runbooks.main.steps]]
id = "extract"
for_each = {{ service = "db" }}
after = ["load", "prepare"]
team = "a"
{uses}
duration.exponential = {{ mean = "1h" }}
{automated}
fails = {{ probability = "30%", attempts = 3{found}{taken} }}
restore_point = {{ {point}{by_hand} }}
[[runbooks.main.steps]]
id = "import"
after = ["extract"]
team = "a"
{import}
{by_step}
{rebuild}
{}
[[runbooks.main.steps]]
id = "check"
after = ["{after_import}"]
team = "b"
duration.exponential = {{ mean = "20m" }}
{fails}
[[runbooks.main.steps]]
id = "confirm"
after = ["check", "contacts.reach"]
duration.exponential = {{ mean = "2h" }}
hand_over = true
[[runbooks.main.steps]]
id = "audit"
after = ["confirm"]
team = "b"
duration = "20m"
"#,
            barrier.replace("per =", "after = [\"import\"]\nper =")
        ),
    );
}

fn supporting_runbooks(text: &mut String) {
    text.push_str(
        r#"
[runbooks.contacts]
supporting = true
sequential = true
[[runbooks.contacts.steps]]
id = "list"
per = "once"
team = "b"
duration = "3h"
[[runbooks.contacts.steps]]
id = "reach"
team = "b"
duration = "20m"
reaches_customer = true
[runbooks.build]
supporting = true
[[runbooks.build.steps]]
id = "script"
per = "once"
team = "a"
duration = "6h"
"#,
    );
}

fn strategy(text: &mut String, dice: &mut Dice<'_>) {
    let rule = dice.pick(&[
        "fifo",
        "most_users",
        "longest_remaining",
        "fixed",
        "random",
        "shortest",
        "least_slack",
    ]);
    let guardrails = dice.pick(&[
        "",
        "",
        "\"soft_delete\"",
        "\"staged_rollout\"",
        "\"identifier_check\", \"bulk_cap\"",
        "\"tested_automation\"",
    ]);
    let group = dice.pick(&["none", "shard", "customer"]);
    let (size, flight) = (dice.roll(3) + 1, dice.roll(3) + 1);
    let closes = match dice.roll(3) {
        0 => format!("closes = \"T+{}h\"\non_close = \"move\"", dice.roll(30) + 1),
        1 => format!("closes = \"T+{}h\"", dice.roll(30) + 1),
        _ => String::new(),
    };
    let second = dice.pick(&["T+20h", "T+0", "build.script"]);
    add(
        text,
        format_args!(
            r#"
[strategies.s]
priority = "{rule}"
guardrails = [{guardrails}]
[[strategies.s.tracks]]
id = "first"
runbook = "main"
opens = "detected"
{closes}
batch = {{ size = {size}, in_flight = {flight}, group_by = "{group}", order = "users_descending" }}
[[strategies.s.tracks]]
runbook = "contacts"
[[strategies.s.tracks]]
runbook = "build"
opens = "detected"
[[strategies.s.tracks]]
id = "second"
runbook = "main"
opens = "{second}"
"#
        ),
    );
}

/// What the trace shows of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Running,
    Paused,
}

/// Track, step and site.
type Whose = (String, String, String);

/// Follows a trace and says where it is not a possible one.
struct Witness<'a> {
    scenario: &'a Scenario,
    strategy: StrategyId,
    text: &'a str,
    milestones: BTreeMap<&'a str, u64>,
    underway: BTreeMap<Whose, (Course, Vec<Need>)>,
    in_use: BTreeMap<String, u32>,
    /// Slots that sites of a track keep.
    slots: BTreeMap<(String, String), ()>,
    /// Loads that keep a scratch database.
    scratch: BTreeMap<String, ()>,
    /// Loads that have failed and keep one.
    between: BTreeMap<String, ()>,
    /// How each site has ended.
    ends: BTreeMap<&'a str, What>,
    /// Sites that were taken or deleted a second time.
    gone: BTreeMap<&'a str, ()>,
    /// Injects that are on.
    on: Vec<bool>,
}

impl<'a> Witness<'a> {
    fn follow(&mut self, told: &'a Told) {
        let whose = (told.track.clone(), told.step.clone(), told.site.clone());
        match told.what {
            What::Milestone => {
                self.milestones.insert(&told.track, told.at.as_millis());
            }
            What::Injected | What::InjectEnded => {
                let begins = told.what == What::Injected;
                // Two that read the same are told apart by which of them is on.
                let place = self.scenario.injects.iter().zip(&self.on);
                let place =
                    place.into_iter().position(|(it, on)| it.title == told.track && *on != begins);
                self.on[place.expect("an inject of the scenario")] = begins;
            }
            What::Started => self.start(told, whose),
            What::Resumed => {
                let (course, needs) = self.underway.get_mut(&whose).expect("it has started");
                assert_eq!(*course, Course::Paused, "{told:?}");
                *course = Course::Running;
                let people: Vec<Need> = needs.iter().filter(|it| it.is_team).cloned().collect();
                self.take(told, &people);
            }
            What::Paused => {
                let (course, needs) = self.underway.get_mut(&whose).expect("it has started");
                assert_eq!(*course, Course::Running, "{told:?}");
                *course = Course::Paused;
                let people: Vec<Need> = needs.iter().filter(|it| it.is_team).cloned().collect();
                self.give_back(&people);
            }
            What::Finished | What::Failed | What::Aborted => self.end(told, &whose),
            What::Unloaded => {
                assert_eq!(self.scratch.remove(&told.step), Some(()), "{told:?} is not loaded");
            }
            What::Taken => {
                self.gone.insert(&told.site, ());
            }
            What::Deleted => {
                self.gone.insert(&told.site, ());
                assert_ne!(self.ends.remove(&*told.site), Some(What::Lost), "{told:?}");
                self.slots.retain(|it, ()| it.1 != told.site);
            }
            What::Restored | What::Lost => {
                assert_eq!(self.ends.insert(&told.site, told.what), None, "{told:?} ended before");
                if told.what == What::Lost {
                    self.slots.retain(|it, ()| it.1 != told.site);
                }
            }
            What::Closed => {
                if self.text.contains("\"move\"") {
                    let ends = &self.ends;
                    self.slots.retain(|it, ()| it.0 != told.track || ends.contains_key(&*it.1));
                }
            }
            What::Escalated => {
                // Both steps come before the end of `import`; what is kept until then is free now.
                if told.step.starts_with("extract") || told.step == "import" {
                    self.slots.remove(&(told.track.clone(), told.site.clone()));
                }
            }
            What::Opened | What::Reached => {}
            _ => assert!(!told.what.is_plain(), "{told:?} is not known"),
        }
    }

    fn start(&mut self, told: &Told, whose: Whose) {
        if told.per == Some(Per::Site) && ["first", "second"].contains(&&*told.track) {
            let elsewhere = self.underway.keys().find(|it| {
                it.2 == told.site
                    && it.0 != told.track
                    && ["first", "second"].contains(&&*it.0)
                    && ["prepare", "extract", "import", "check"].contains(&&*it.1)
            });
            assert_eq!(elsewhere, None, "{told:?} while it is restored elsewhere");
        }
        if told.step == "prepare" && self.text.contains("slots = 1") {
            self.slots.insert((told.track.clone(), told.site.clone()), ());
            let kept = u32::try_from(self.slots.len()).expect("few sites");
            assert!(kept <= 2, "{told:?}: more slots are kept than there are");
        }
        let again = self.between.remove(&told.step).is_some();
        let shard = told.per == Some(Per::Shard);
        if shard && self.scratch.insert(told.step.clone(), ()).is_none() && !again {
            let kept = u32::try_from(self.scratch.len()).expect("few shards");
            assert!(
                kept <= self.capacity("scratch", told.at.as_millis()),
                "{told:?}: {kept} loads"
            );
        }
        self.take(told, &told.needs);
        let before = self.underway.insert(whose, (Course::Running, told.needs.clone()));
        assert!(before.is_none(), "{told:?} runs already");
    }

    fn end(&mut self, told: &Told, whose: &Whose) {
        let (course, needs) = self.underway.remove(whose).expect("it has started");
        assert!(course == Course::Running || told.what == What::Aborted, "{told:?} pauses");
        // Who pauses has given back the people already.
        let kept = |it: &&Need| course == Course::Running || !it.is_team;
        let needs: Vec<Need> = needs.iter().filter(kept).cloned().collect();
        self.give_back(&needs);
        if told.what == What::Finished && ["import", "rebuild"].contains(&&*told.step) {
            self.slots.remove(&(told.track.clone(), told.site.clone()));
        }
        // What a load keeps between two attempts is not told when it is given up there.
        if told.what != What::Finished && told.per == Some(Per::Shard) {
            self.scratch.remove(&told.step);
            if told.what == What::Failed {
                self.between.insert(told.step.clone(), ());
            }
        }
    }

    fn take(&mut self, told: &Told, needs: &[Need]) {
        for Need { pool, units, .. } in needs.iter().filter(|it| it.units > 0) {
            *self.in_use.entry(pool.clone()).or_default() += units;
            let (in_use, there) = (self.in_use[pool], self.capacity(pool, told.at.as_millis()));
            assert!(in_use <= there, "{told:?}: {in_use} of {there} of {pool}");
        }
    }

    fn give_back(&mut self, needs: &[Need]) {
        for Need { pool, units, .. } in needs {
            *self.in_use.get_mut(pool).expect("it was taken") -= units;
        }
    }

    /// What there is of a pool, as the scenario and the injects that are on have it; a shift that
    /// is lost is left to the engine.
    fn capacity(&self, pool: &str, now: u64) -> u32 {
        let (scenario, strategy) = (self.scenario, &self.scenario.strategies[self.strategy]);
        let team = scenario.teams.enumerate().find(|it| it.1.name == pool).map(|it| it.0);
        let limit = scenario.limits.enumerate().find(|it| it.1.name == pool).map(|it| it.0);
        let ramp = match (team, limit) {
            (Some(team), _) => &strategy.people[team],
            (_, limit) => &strategy.units[limit.expect("a team or a limit")],
        };
        let mut left = self.level(ramp, now);
        for (inject, _) in scenario.injects.iter().zip(&self.on).filter(|it| *it.1) {
            let share = |share: Share| f64::from(left) * share.fraction();
            left = match inject.what {
                InjectKind::PeopleAway(it, Cut::Units(away)) if team == Some(it) => {
                    left.saturating_sub(away)
                }
                InjectKind::PeopleAway(it, Cut::Share(away)) if team == Some(it) => {
                    left - share(away).ceil() as u32
                }
                InjectKind::LimitDrops(it, Cut::Units(to)) if limit == Some(it) => left.min(to),
                _ => left,
            };
        }
        let shards = match limit {
            Some(it) if scenario.limits[it].per_shard => 3,
            _ => 1,
        };
        left * shards
    }

    fn level(&self, ramp: &Ramp, now: u64) -> u32 {
        let instant = |it: blackstart::scenario::Moment| match it.base {
            MomentBase::Start => Some(it.plus.as_millis()),
            MomentBase::Milestone(id) => {
                let name = &*self.scenario.incident.milestones[id].name;
                self.milestones.get(name).map(|at| at + it.plus.as_millis())
            }
            MomentBase::Step(..) => None,
        };
        if instant(ramp.begins).is_none_or(|at| at > now) {
            return 0;
        }
        let begun = ramp.points.iter().filter_map(|(at, number)| Some((instant(*at)?, *number)));
        begun.filter(|it| it.0 <= now).max_by_key(|it| it.0).map_or(0, |it| it.1)
    }

    /// Where people hand over, nobody works who is not there.
    fn check_instant(&self, now: u64) {
        let strategy = &self.scenario.strategies[self.strategy];
        for (team, it) in self.scenario.teams.enumerate() {
            let in_use = self.in_use.get(&it.name).copied().unwrap_or(0);
            if strategy.at_shift_end[team] == AtShiftEnd::HandOver {
                assert!(in_use <= self.capacity(&it.name, now), "{in_use} of {} at {now}", it.name);
            }
        }
    }
}

/// Checks what any trace owes, whatever is in it.
fn check_trace(text: &str, scenario: &Scenario, strategy: StrategyId, trace: &Trace) {
    let mut witness = Witness {
        scenario,
        strategy,
        text,
        milestones: BTreeMap::new(),
        underway: BTreeMap::new(),
        in_use: BTreeMap::new(),
        slots: BTreeMap::new(),
        scratch: BTreeMap::new(),
        between: BTreeMap::new(),
        ends: BTreeMap::new(),
        gone: BTreeMap::new(),
        on: vec![false; scenario.injects.len()],
    };
    let horizon = scenario.experiment.horizon.as_millis();
    for (place, told) in trace.records.iter().enumerate() {
        witness.follow(told);
        match trace.records.get(place + 1).map(|it| it.at) {
            Some(next) if next == told.at => {}
            next => {
                assert!(next.is_none_or(|next| next > told.at), "the clock went back");
                witness.check_instant(told.at.as_millis());
            }
        }
        assert!(told.at.as_millis() <= horizon, "{told:?} is beyond the horizon");
    }
    check_ends(text, &witness, &trace.outcome);
    check_transfers(text, &trace.records);
    for moved in &trace.outcome.throughputs {
        assert!(moved.moved <= moved.capacity, "{moved:?}");
    }
}

fn check_ends(text: &str, witness: &Witness<'_>, outcome: &Outcome) {
    let aimed_at = &witness.scenario.incident.deleted;
    assert_eq!(outcome.restorations.len(), aimed_at.len());
    let mut unfinished = 0;
    for (end, aim) in outcome.restorations.iter().zip(aimed_at) {
        let name = &*witness.scenario.estate.sites[aim.site].name;
        let told = witness.ends.get(name).copied();
        let expected = match end {
            Restoration::Restored(_) => Some(What::Restored),
            Restoration::Lost => Some(What::Lost),
            Restoration::Unfinished => None,
            Restoration::Spared => {
                assert!(!witness.gone.contains_key(name), "{name} is spared and was deleted");
                None
            }
        };
        assert_eq!(told, expected, "{name}");
        unfinished += usize::from(*end == Restoration::Unfinished);
        let can_be_lost = text.contains("\"25h\"") || text.contains("\"8h\"");
        assert!(*end != Restoration::Lost || can_be_lost, "every backup is kept long enough");
    }
    if !text.contains("horizon = \"30h\"") {
        assert_eq!(unfinished, 0, "nobody is left behind");
        assert!(witness.underway.is_empty(), "{:?} never ended", witness.underway);
        assert!(
            witness.scratch.is_empty() && witness.slots.is_empty(),
            "something is kept for ever"
        );
        assert!(witness.in_use.values().all(|it| *it == 0), "{:?}", witness.in_use);
    }
}

/// Whatever part of the time one looks at: what was moved then as a whole fits through.
fn check_transfers(text: &str, records: &[Told]) {
    const GIB_AN_HOUR: u64 = 100;
    let mut begun: BTreeMap<Whose, u64> = BTreeMap::new();
    let mut done: Vec<(u64, u64, u64)> = Vec::new();
    for told in records {
        let bytes = match &*told.step {
            step if step.starts_with("load") && text.contains("bytes = \"shard\"") => 100,
            "import" if text.contains("bytes = \"site\"") => 8,
            _ => continue,
        };
        let whose = (told.track.clone(), told.step.clone(), told.site.clone());
        let now = told.at.as_millis();
        match told.what {
            What::Started => drop(begun.insert(whose, now)),
            What::Finished | What::Failed => done.push((begun[&whose], now, bytes)),
            _ => {}
        }
    }
    for from in done.iter().map(|it| it.0) {
        for to in done.iter().map(|it| it.1).filter(|to| *to > from) {
            let inside = done.iter().filter(|it| it.0 >= from && it.1 <= to);
            let moved: u64 = inside.map(|it| it.2).sum();
            assert!(
                moved * 3_600_000 <= (to - from) * GIB_AN_HOUR,
                "{moved} GiB from {from} to {to}"
            );
        }
    }
}

/// The scenario of some bytes. What the generator writes is always valid.
pub(crate) fn generated(bytes: &[u8]) -> (String, Scenario, StrategyId) {
    let one = |twofold: bool| {
        let text = text(bytes, twofold);
        (check("test", "test.toml", &text, &[]), text)
    };
    // All sites may happen to be as large as only one of two deletions has them.
    let (checked, text) = match one(true) {
        (it, _) if it.diagnostics.render(&it.sources, false).contains("empty-selection") => {
            one(false)
        }
        it => it,
    };
    if checked.scenario.is_none() {
        panic!("{text}\n{}", checked.diagnostics.render(&checked.sources, false));
    }
    let scenario = scenario(&text);
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    (text, scenario, strategy)
}

fn outcomes(scenario: &Scenario, threads: usize, replications: u32) -> Vec<Outcome> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let design = Design { replications, seed: 1, ..Design::of(scenario) };
    let run = || experiment::run(scenario, &design, &|| ());
    let results = pool.expect("threads can be made").install(run);
    results.strategies.into_iter().next().expect("there is a strategy").outcomes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_combination_keeps_the_laws(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (text, scenario, strategy) = generated(&bytes);
        for replication in 0..3 {
            let trace = experiment::trace(&scenario, strategy, 1, replication);
            let laws = || check_trace(&text, &scenario, strategy, &trace);
            let kept = std::panic::catch_unwind(std::panic::AssertUnwindSafe(laws));
            assert!(kept.is_ok(), "{text}\nreplication {replication} breaks a law, see above");
        }
    }

    #[test]
    fn every_combination_comes_to_the_same_again(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (_, scenario, strategy) = generated(&bytes);
        // One engine does all on one thread; each trace has an engine of its own.
        let one = outcomes(&scenario, 1, 4);
        prop_assert_eq!(&one, &outcomes(&scenario, 3, 4));
        for (number, outcome) in (0u64..).zip(&one) {
            prop_assert_eq!(outcome, &experiment::trace(&scenario, strategy, 1, number).outcome);
        }
    }

    #[test]
    fn the_trace_and_why_and_the_page_agree(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (_, scenario, strategy) = generated(&bytes);
        for replication in 0..2 {
            crate::agreement::check(&scenario, strategy, 1, replication);
        }
    }

    /// That the pieces have no gap is asserted where they are summed up.
    #[test]
    fn every_way_back_is_known(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (text, scenario, strategy) = generated(&bytes);
        let strategies = vec![strategy];
        let design = Design { strategies, replications: 3, seed: 1, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        let found = experiment::bottlenecks(&scenario, &results, &results.strategies[0]);
        let parts = found.iter().flat_map(|it| &it.parts);
        let unknown: f64 =
            parts.filter(|it| it.held == Held::Unknown).map(|it| it.share_of_all).sum();
        prop_assert!(unknown == 0.0, "{}\n{}", text, unknown);
    }
}
