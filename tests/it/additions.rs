//! What is added to a scenario moves no draw of what is there: numbers are addressed by names, not
//! by places in lists.
//!
//! A scenario in which everything is drawn that can be is simulated, one thing more is written into
//! the front, the middle or the end of a list, such that it cannot stand in anybody's way, and the
//! exercises are simulated again. All that was told before must be told again, to the millisecond.
//! Only a site stands in others' way: of it, the draws themselves are compared.

use std::collections::{BTreeMap, BTreeSet};

use blackstart::experiment::Outcome;
use blackstart::review;
use blackstart::review::{NamedRecord, Trace, What};
use blackstart::scenario::{Per, Scenario};

use crate::support::scenario;

const SEED: u64 = 883;
const EXERCISES: u64 = 40;

/// Every comment marks a place at which something can be added.
const BASE: &str = r#"
schema = 1
title = "additions"
experiment.horizon = "300d"

# service
[estate.services.db]
class = "primary"
shards = 3
bytes_per_shard = "100 GiB"
backup = { full = "24h", incremental = "1h", retention = "250d", takes = "1h", chain_breaks = "20%", per_incremental = "1m" }
# service
[estate.services.index]
class = "derived"
backup = { full = "24h", log = "continuous" }
# service

# product
[estate.products.app]
services = ["db", "index"]
# product
[estate.products.wiki]
services = ["db"]
# product

[estate.sites]
count = 14
customers = 6
users.lognormal = { p50 = 40, p90 = 400 }
bytes.lognormal = { p50 = "5 GiB", p90 = "40 GiB" }
correlation.users_bytes = 0.5
products = { app = "60%", wiki = "70%" }
regions = { eu = "50%", us = "50%" }
tiers = [{ tier = "gold", when.min_users = 60 }, { tier = "standard" }]
inactive = "10%"
operator_owned = "10%"
placement.skewed.exponent = 1.0

[incident]
at = "2026-03-02T06:00:00Z"
[[incident.deletions]]
count = 11
order = "random"
over = "2h"

# milestone
[incident.milestones.detected]
delay.lognormal = { p50 = "20m", p90 = "1h" }
# milestone
[incident.milestones.declared]
after = "detected"
delay.exponential = { mean = "30m" }
[incident.milestones.settled]
after = "last_deletion"
delay.uniform = { min = "1h", max = "9h" }
# milestone
[incident.milestones.never]
delay = "290d"

# guardrail
[incident.guardrails.soft_delete]
services = ["db"]
retention = "280d"
undelete.lognormal = { p50 = "10m", p90 = "1h" }
# guardrail
[incident.guardrails.identifier_check]
enabled = true
catches = "20%"
# guardrail

# inject
[[injects]]
title = "Somebody falls ill"
at = "declared"
delay.exponential = { mean = "3h" }
lasts.lognormal = { p50 = "2h", p90 = "5h" }
chance = "60%"
people_away = { team = "a", people = 1 }
# inject
[[injects]]
delay.exponential = { mean = "9h" }
lasts.exponential = { mean = "1h" }
chance = "60%"
outage.service = "db"
[[injects]]
at = "settled"
delay.exponential = { mean = "2h" }
lasts.exponential = { mean = "3h" }
chance = "60%"
freeze.phases = ["checks"]
[[injects]]
delay.exponential = { mean = "5h" }
chance = "60%"
attempts_fail = { step = "rows", count = 2 }
# inject
[[injects]]
delay.exponential = { mean = "20h" }
chance = "60%"
deletion = { count = 2 }
[[injects]]
delay.exponential = { mean = "30h" }
chance = "60%"
deletion.sites.regions = ["eu"]
# inject

[uncertainty]
site = 0.3
step = 0.3
team = 0.3

# team
[teams.a]
people = 3
# team
[teams.b]
people = 3
[teams.spare]
people = 1
# team

[runbooks.r]
steps = [
  # step
  { id = "prepare", per = "once", team = "a", duration.gamma = { mean = "1h", cv = 0.5 } },
  { id = "agree", per = "batch", team = "a", duration.pert = { min = "5m", mode = "20m", max = "2h" } },
  # step
  { id = "load", per = "shard", for_each.service = "db", team = "b", duration.weibull = { shape = 1.5, scale = "1h" }, fails = { probability = "20%", attempts = 4 } },
  { id = "rows", after = ["agree", "load"], teams = { a = 1, b = 2 }, for_each.service = "db", duration.lognormal = { p50 = "1h", p90 = "3h" },
    fails = { probability = "30%", attempts = 3 } },
  { id = "index", after = ["rows"], team = "b", for_each.service_class = "derived", duration.lognormal = { p50 = "1h", p90 = "3h" },
    restore_point = { fixed = "5m", by_hand = { probability = "30%", older.lognormal = { p50 = "6h", p90 = "30h" } } } },
  { id = "words", after = ["agree"], for_each.product = "*", duration.triangular = { min = "1m", mode = "2m", max = "9m" } },
  # step
  { id = "check", phase = "checks", after = ["index", "words"], team = "a", duration.exponential = { mean = "20m" }, hand_over = true, frees_slot = true,
    fails = { probability = "40%", attempts = 2, escalates_to.team = "b" } },
  { id = "report", per = "batch", after = ["check"], team = "b", duration.uniform = { min = "1h", max = "2h" } },
  # step
]

[runbooks.from-backups]
sequential = true
steps = [
  { id = "restore", team = "b", for_each.service = "db", duration.quantiles = { p10 = "20m", p50 = "1h", p90 = "4h" },
    restore_point = { latest = true, by_hand = { probability = "30%", older = "50h" } } },
  { id = "hand", phase = "checks", team = "a", duration.empirical = { values = ["10m", "20m", "1h"] } },
]

[runbooks.new-idea]
supporting = true
steps = [{ id = "new-tool", per = "once", team = "spare", duration.exponential = { mean = "9h" } }]

# strategy
[strategies.by-lot]
priority = "random"
tracks = [
  # track
  { runbook = "r", opens = "detected", takes.tiers = ["gold"], batch = { size = 2, in_flight = 3, order = "random" } },
  # track
  { id = "others", runbook = "r", opens = "declared", takes.tiers = ["standard"], batch = { size = 2, order = "users_descending", noise = 0.5 } },
  # track
]
# strategy
[strategies.soft]
guardrails = ["soft_delete"]
priority = "shortest"
tracks = [{ runbook = "from-backups", opens = "settled" }]
[strategies.hard]
based_on = "soft"
guardrails = []
# strategy
"#;

const STRATEGIES: [&str; 3] = ["by-lot", "soft", "hard"];

/// What is added at each place of its kind, one after the other.
const ADDITIONS: [(&str, &[&str]); 8] = [
    (
        "service",
        &[
            "[estate.services.new-a]\nclass = \"derived\"\nbackup.full = \"24h\"\nshards = 5\n",
            "[estate.services.new-b]\nbackup.full = \"24h\"\nshards = 2\n",
        ],
    ),
    ("product", &["[estate.products.new-product]\nservices = [\"index\"]\n"]),
    (
        "milestone",
        &[
            "[incident.milestones.new-word]\nafter = \"detected\"\ndelay.exponential.mean = \"1h\"\n",
        ],
    ),
    (
        "guardrail",
        &[
            "[incident.guardrails.bulk_cap]\nenabled = true\nsites = 11\n",
            "[incident.guardrails.staged_rollout]\nenabled = true\nstages = [11]\nsoak = \"1h\"\nstops_at = \"never\"\n",
            "[incident.guardrails.tested_automation]\nenabled = true\n",
        ],
    ),
    (
        "inject",
        &[
            "[[injects]]\ntitle = \"new\"\nchance = \"50%\"\ndelay.exponential.mean = \"1h\"\nlasts.exponential.mean = \"1h\"\npeople_away = { team = \"spare\", people = 1 }\n",
            "[[injects]]\ndelay.exponential.mean = \"1h\"\npeople_away = { team = \"spare\", people = 1 }\n",
        ],
    ),
    ("team", &["[teams.new-team]\npeople = 2\n"]),
    (
        "step",
        &[
            "{ id = \"new-step\", phase = \"checks\", duration.exponential.mean = \"1h\", fails.probability = \"50%\" },\n",
            "{ id = \"new-talk\", per = \"batch\", duration.exponential.mean = \"1h\" },\n",
            "{ id = \"new-word\", for_each.product = \"*\", duration.exponential.mean = \"1h\" },\n",
        ],
    ),
    ("track", &["{ id = \"new-track\", runbook = \"new-idea\", opens = \"declared\" },\n"]),
];

const NEW_STRATEGY: &str = "[strategies.new-strategy]\npriority = \"random\"\ntracks = \
                            [{ runbook = \"from-backups\" }]\n";

/// The base with something at one of the places of its kind.
fn with(kind: &str, place: usize, text: &str) -> String {
    let mark = format!("# {kind}\n");
    let parts: Vec<&str> = BASE.split(&mark).collect();
    let (front, back) = parts.split_at(place + 1);
    format!("{}{text}{}", front.join(""), back.join(""))
}

fn places(kind: &str) -> usize {
    BASE.matches(&format!("# {kind}\n")).count()
}

fn trace(scenario: &Scenario, strategy: &str, replication: u64) -> Trace {
    let mut all = scenario.strategies.enumerate();
    let id = all.find(|it| it.1.name == strategy).expect("a strategy of the base").0;
    review::trace(scenario, id, SEED, replication)
}

/// Whether it is about something that the base does not have, or about nobody's team.
fn is_new(told: &NamedRecord) -> bool {
    let names = [&told.track, &told.step, &told.element];
    names.into_iter().any(|it| it.starts_with("new") || it.contains("spare"))
}

/// What people read of an inject without a title says which steps and how many sites it found, of
/// which there may be more.
fn retitle(told: &mut NamedRecord) {
    for title in ["freeze of", "sites deleted"] {
        if told.track.contains(title) && !told.track.starts_with("2 sites") {
            title.clone_into(&mut told.track);
        }
    }
}

/// What is told of the sites: how each ended, and what it has lost.
fn ends(outcome: &Outcome) -> String {
    format!("{:?} {:?} {:?}", outcome.restorations, outcome.data_loss, outcome.earlier_outage)
}

/// The estate as far as the base has it, by names.
fn estate(scenario: &Scenario) -> Vec<String> {
    let estate = &scenario.estate;
    let sites = estate.sites.enumerate().map(|(id, site)| {
        let products = estate.products.enumerate().filter(|it| site.has(it.0));
        let products = products.map(|it| it.1.name.as_str()).filter(|it| !it.starts_with("new"));
        let services = estate.services.iter().filter(|it| !it.name.starts_with("new"));
        let shards = services.map(|it| (it.name.as_str(), it.shard_of[id]));
        format!(
            "{} {} {} {} {} {} {} {:?} {:?}",
            site.name,
            site.customer,
            site.users,
            site.bytes,
            estate.regions[site.region],
            site.active,
            site.operator_owned,
            products.collect::<Vec<_>>(),
            shards.collect::<BTreeMap<_, _>>(),
        )
    });
    sites.collect()
}

/// All exercises of a text, as far as the base has what they tell of.
fn told(scenario: &Scenario) -> Vec<(String, Vec<NamedRecord>, String)> {
    let mut all = Vec::new();
    for strategy in STRATEGIES {
        for replication in 0..EXERCISES {
            let Trace { mut records, outcome } = trace(scenario, strategy, replication);
            records.iter_mut().for_each(retitle);
            records.retain(|it| !is_new(it));
            all.push((format!("{strategy} {replication}"), records, ends(&outcome)));
        }
    }
    all
}

#[track_caller]
fn assert_same(what: &str, before: &[(String, Vec<NamedRecord>, String)], scenario: &Scenario) {
    for ((exercise, old, old_ends), (_, new, new_ends)) in before.iter().zip(told(scenario)) {
        for (old, new) in old.iter().zip(&new) {
            assert_eq!(old, new, "{what}: {exercise}");
        }
        assert_eq!(old.len(), new.len(), "{what}: {exercise}");
        assert_eq!(*old_ends, new_ends, "{what}: {exercise}");
    }
}

#[test]
fn nothing_that_is_added_anywhere_moves_a_draw_of_what_was_there() {
    let base = scenario(BASE);
    let (before, sites) = (told(&base), estate(&base));
    let strategies = [("strategy", &[NEW_STRATEGY][..])];
    for (kind, texts) in ADDITIONS.into_iter().chain(strategies) {
        assert!(places(kind) >= 3, "front, middle and end of the list of each {kind}");
        for place in 0..places(kind) {
            for text in texts {
                let more = scenario(&with(kind, place, text));
                let what = format!("{kind} {place}: {text}");
                assert_eq!(sites, estate(&more), "{what}");
                assert_same(&what, &before, &more);
            }
        }
    }
}

#[test]
fn the_base_draws_everything_that_can_be_drawn() {
    let base = scenario(BASE);
    let all = told(&base);
    let count = |wanted: &dyn Fn(&NamedRecord) -> bool| {
        all.iter().filter(|it| it.1.iter().any(wanted)).count()
    };
    let exercises = all.len();
    // What may happen does so in some exercises and not in others.
    for what in [What::Failed, What::Escalated, What::Paused, What::Deleted] {
        let some = count(&|it| it.what == what);
        assert!(some > 5 && some < exercises, "{what} in {some} of {exercises}");
    }
    let injects =
        ["Somebody falls ill", "db is out", "freeze of", "next 2", "2 sites", "sites deleted"];
    for inject in injects {
        let some = count(&|it| it.what == What::Injected && it.track.starts_with(inject));
        assert!(some > 10 && some < exercises, "{inject} in {some} of {exercises}");
    }
    // Three of fourteen are spared unless an inject deletes them.
    let refused = all.iter().filter(|it| it.2.matches("Spared").count() > 3).count();
    assert!(refused > 5 && refused < exercises / 2, "{refused} of {exercises} are refused");
    for per in [Per::Once, Per::Batch, Per::Shard, Per::Site] {
        let lengths: BTreeSet<u64> = all
            .iter()
            .flat_map(|it| &it.1)
            .filter(|it| it.per == Some(per))
            .filter_map(|it| Some(it.length?.as_millis()))
            .collect();
        assert!(lengths.len() > 30, "{per:?} takes {} different times", lengths.len());
    }
    let milestones: BTreeSet<u64> = all
        .iter()
        .flat_map(|it| &it.1)
        .filter(|it| it.what == What::Milestone && it.track == "settled")
        .map(|it| it.at.as_millis())
        .collect();
    assert_eq!(milestones.len() as u64, EXERCISES, "each exercise has its own milestones");
}

/// Draws by their addresses: how long attempts take and which fail, when milestones and injects are.
fn draws(records: &[NamedRecord]) -> BTreeMap<String, String> {
    let mut draws = BTreeMap::new();
    for it in records {
        let task = || format!("{} {} {} {:?}", it.site, it.key, it.element, it.attempt);
        let (address, drawn) = match it.what {
            What::Milestone => (it.track.clone(), format!("{}", it.at)),
            What::Injected => (format!("{} begins", it.track), format!("{}", it.at)),
            What::InjectEnded => (format!("{} ends", it.track), format!("{}", it.at)),
            // The sites of a batch, and who asks for a load first, may be others now.
            _ if !matches!(it.per, Some(Per::Once | Per::Site)) => continue,
            What::Started => (format!("{} takes", task()), format!("{:?}", it.length)),
            What::Finished | What::Failed => (format!("{} ends", task()), format!("{}", it.what)),
            _ => continue,
        };
        draws.insert(address, drawn);
    }
    draws
}

#[test]
fn sites_at_the_end_of_a_generated_estate_move_no_draw_of_the_others() {
    // All sites at once, so that none changes when another is deleted. That attempts fail by an
    // inject depends on who is next.
    let text = BASE.replace("count = 11\norder = \"random\"\nover = \"2h\"\n", "").replace(
        "attempts_fail = { step = \"rows\", count = 2 }",
        "people_away = { team = \"b\", people = 1 }",
    );
    let few = scenario(&text);
    let many = scenario(&text.replace("count = 14\n", "count = 20\n"));
    assert_eq!(estate(&few)[..], estate(&many)[..14]);
    let (mut both, mut all) = (0, 0);
    for ((exercise, old, _), (_, new, _)) in told(&few).iter().zip(told(&many)) {
        let (old, new) = (draws(old), draws(&new));
        all += old.len();
        for (address, drawn) in &old {
            match new.get(address) {
                Some(now) => {
                    assert_eq!(drawn, now, "{exercise}: {address}");
                    both += 1;
                }
                // Whom the lot of an inject hits, and who is still at work then, may be others.
                None => assert!(address.starts_with("site-"), "{exercise}: {address} is gone"),
            }
        }
    }
    assert!(both * 10 >= all * 9, "{both} of {all} draws are there still");
}
