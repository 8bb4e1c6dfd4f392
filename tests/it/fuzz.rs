//! Whatever is written, the program answers with faults or with a scenario that runs. It never
//! panics.

use proptest::prelude::*;
use proptest::sample::Index;

use blackstart::review;

use crate::everything;
use crate::support::{but_unused, checked};

/// A text with every kind of table, small enough to be mangled in every place.
pub(crate) const WHOLE: &str = r#"
schema = 1
title = "A bad day"
description = "Somebody ran the wrong script"
tags = ["example"]

[experiment]
seed = 3
replications = 20
horizon = "30d"
population_seed = 2

[estate.services.db]
title = "Database"
class = "primary"
shards = 4
bytes_per_shard = "1 TiB"
backup = { full = "24h", incremental = "5m", retention = "30d" }
replicas = 0
[estate.services.search]
class = "derived"
[estate.products]
tracker = { services = ["db", "search"] }
wiki = { title = "Wiki", services = ["db"] }

[estate.sites]
count = 12
customers = 9
users = { lognormal = { p50 = 40, p90 = 900 } }
bytes = { uniform = { min = "1 GiB", max = "90 GiB" } }
correlation = { users_bytes = 0.7 }
products = { tracker = "80%", wiki = "50%" }
regions = { eu = "40%", us = "60%" }
tiers = [{ tier = "gold", when = { min_users = 200 } }, { tier = "free" }]
inactive = "10%"
operator_owned = "5%"
placement.skewed = { exponent = 1.1 }

[incident]
at = "2022-04-05T07:38:00Z"
[[incident.deletions]]
count = 8
sites = { regions = ["eu", "us"], active = true }
order = "random"
over = "23m"
[[incident.deletions]]
at = "T+2h"
sites = { tiers = ["gold"] }
[incident.milestones]
detected = { delay = { exponential = { mean = "20m" } } }
declared = { after = "detected", delay = "30m", public = true }

[teams.dba]
title = "Database people"
people = [{ at = "T+0", people = 1 }, { at = "declared + 1h", people = 3 }]
cost_per_hour = 90.5
source = "guess"
note = "ask them"
[teams.support]
called = "detected"
at_shift_end = "hand_over"
coordination = { per_track = 0.1, per_batch = 0.01, at_most = 2.0 }
[[teams.support.roster]]
name = "day"
zone = "Europe/Berlin"
days = ["weekdays", "sat"]
from = "08:00"
to = "20:00"
people = 2
[[teams.support.fatigue]]
after = "72h"
factor = 1.1
[limits.api]
units = 4

[throughput.link]
title = "A link"
rate = [{ at = "T+0", rate = "20 GiB/h" }, { at = "declared", rate = "90 MiB/s" }]
cap = "2 GiB/m"

[[runbooks.build.steps]]
id = "script"
per = "once"
team = "dba"
duration = "9h"
[runbooks.accounts]
supporting = true
[[runbooks.accounts.steps]]
id = "restore"
team = "support"
duration = { gamma = { mean = "20m", cv = 0.5 } }
fails = { probability = "10%", attempts = 2, found_by = "look", escalates_to = { step = "again" } }
[[runbooks.accounts.steps]]
id = "again"
team = "dba"
duration = "1h"
fails = { probability = "10%", escalates_to = { team = "support" } }
[[runbooks.accounts.steps]]
id = "look"
after = ["restore"]
reaches_customer = true
duration = "5m"
[runbooks.manual]
title = "By hand"
sequential = true
[[runbooks.manual.steps]]
id = "load"
phase = "restore"
for_each = { service_class = "primary" }
teams = { dba = 1, support = 1 }
uses = { api = 2 }
duration = { pert = { min = "20m", mode = "1h", max = "4h" } }
grows_with = { users = 0.4, bytes = 0.2 }
learning = { rate = "92%", floor = "40%" }
automated_after = { step = "build.script", factor = "60%" }
restore_point = { latest = true, by_hand = { probability = "7%", older = "6h", repaired_by = "audit" } }
[[runbooks.manual.steps]]
id = "copy"
for_each = { service_class = "primary" }
transfer = { bytes = "shard", through = "link", share = "1%" }
[[runbooks.manual.steps]]
id = "barrier"
per = "batch"
duration = { quantiles = { p10 = "5m", p50 = "10m", p90 = "1h" } }
[[runbooks.manual.steps]]
id = "check"
after = ["barrier", "accounts.restore", "build.script"]
team = "support"
people = 2
duration = { empirical = { values = ["10m", "20m", "50m"] } }
fails = { probability = "5%", attempts = 4, retry_from = "check" }
hand_over = true
frees_slot = true
[[runbooks.manual.steps]]
id = "audit"
key = "audit"
duration = { triangular = { min = "1h", mode = "2h", max = "9h" } }

[uncertainty]
site = 0.3
step = 0.2
team = 0.1

[strategies.slow]
title = "Slow"
priority = "most_users"
teams = { support = 3 }
limits = { api = [{ at = "T+0", units = 4 }] }
throughput = { link = "20 GiB/h" }
[[strategies.slow.tracks]]
runbook = "build"
opens = "detected"
[[strategies.slow.tracks]]
runbook = "accounts"
batch = { size = 2 }
[[strategies.slow.tracks]]
id = "first"
runbook = "manual"
opens = "declared"
closes = "build.script + 2d"
takes = { products = ["tracker"], max_users = 999999, operator_owned = false }
batch = { size = 3, in_flight = 2, group_by = "customer", order = "users_descending", noise = 0.3 }
on_close = "move"
[[strategies.slow.tracks]]
id = "rest"
runbook = "manual"
opens = "2022-04-05T19:00:00Z"

[policy]
rto = "6h"
rpo = "1h"
coverage = "95%"
assurance = "90%"
confidence = "95%"
clock = "detected"
tiers = { gold = { rto = "4h" } }

[[budgets]]
name = "Gold is back"
metric = "site.rta"
select = { strategy = "slow", tier = "gold" }
by = "customer"
expect = "share_within(6h) >= 95%"
assurance = "80%"
level = "warn"
[[budgets]]
metric = "last_site_back"
expect = "value < 14d"

[observed]
strategy = "slow"
[[observed.instants]]
figure = "first.last"
title = "The first ones"
between = ["T+9h", "2022-04-08T00:00:00Z"]
within = "12h"
[[observed.instants]]
figure = "declared"
at = "T+2h"
[[observed.lengths]]
figure = "exercise.rta.p95"
value = "9h"
within = "10%"
[[observed.counts]]
figure = "older_data_customers"
value = 3
older_than = "1h"
[[observed.counts]]
figure = "rest.users_share"
between = ["1%", 0.5]
within = "5%"
[[observed.curve]]
at = "T+30h"
users = "40%"
sites = "30%"
within_time = "9h"
"#;

/// Checks a text; what is without fault must also run. Everything else must be told.
fn survives(text: &str, overrides: &[&str]) {
    let checked = checked(text, overrides);
    let told = checked.diagnostics.render(&checked.sources, false);
    match &checked.scenario {
        None => assert!(told.contains("error"), "refused without a reason"),
        Some(scenario) => {
            for strategy in scenario.strategies.ids() {
                let outcome = review::trace(scenario, strategy, 1, 0).outcome;
                assert_eq!(outcome.restorations.len(), scenario.incident.deleted.len());
            }
        }
    }
}

/// Words, numbers, texts and marks, with what is between them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let kind = |c: char| match c {
        c if c.is_alphanumeric() || c == '_' => 0,
        ' ' => 1,
        _ => 2,
    };
    for c in text.chars() {
        match tokens.last_mut() {
            Some(last) if kind(c) != 2 && last.chars().all(|other| kind(other) == kind(c)) => {
                last.push(c);
            }
            _ => tokens.push(c.to_string()),
        }
    }
    tokens
}

const ODD: [&str; 40] = [
    "",
    "0",
    "-1",
    "nan",
    "inf",
    "-inf",
    "1e300",
    "1e-300",
    "9223372036854775807",
    "-9223372036854775808",
    "true",
    "\"\"",
    "\"x\"",
    "[]",
    "{}",
    "[[]]",
    "{ a = 1 }",
    "\"T+0\"",
    "\"T+3649d\"",
    "\"3650d\"",
    "\"99999999999h\"",
    "\"0s\"",
    "\"1ms\"",
    "\"100%\"",
    "\"0%\"",
    "\"é\"",
    "日本",
    "\"a.b.c\"",
    "\"*\"",
    "once",
    "batch",
    "1979-05-27",
    "1979-05-27T07:32:00Z",
    "\"\\u0000\"",
    "=",
    "]",
    "\n",
    "#",
    "\"16383 PiB\"",
    "\"9999-12-31T23:59:59Z\"",
];

/// A text with some of its words left out, replaced or written once more.
fn mangled(text: &str, edits: Vec<(Index, usize, Index, Index)>) -> String {
    let mut tokens = tokens(text);
    for (place, kind, other, odd) in edits {
        let place = place.index(tokens.len());
        match kind {
            0 => drop(tokens.remove(place)),
            1 => tokens[place] = (*odd.get(&ODD)).to_owned(),
            2 => tokens[place] = tokens[other.index(tokens.len())].clone(),
            _ => tokens.insert(place, tokens[other.index(tokens.len())].clone()),
        }
    }
    tokens.concat()
}

/// A text in which a key has an odd value.
fn with_odd_value(text: &str, line: Index, odd: Index) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let keyed: Vec<usize> = (0..lines.len()).filter(|it| lines[*it].contains(" = ")).collect();
    let place = *line.get(&keyed);
    let key = lines[place].split(" = ").next().unwrap_or_default().to_owned();
    lines[place] = format!("{key} = {}", odd.get(&ODD));
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_mangled_scenario_never_panics(
        edits in prop::collection::vec((any::<Index>(), 0..4usize, any::<Index>(), any::<Index>()), 1..5)
    ) {
        survives(&mangled(WHOLE, edits), &[]);
    }

    #[test]
    fn a_mangled_mixture_of_all_mechanisms_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 96),
        edits in prop::collection::vec((any::<Index>(), 0..4usize, any::<Index>(), any::<Index>()), 1..4)
    ) {
        survives(&mangled(&everything::text(&bytes, true), edits), &[]);
    }

    #[test]
    fn a_mixture_of_all_mechanisms_with_a_value_of_another_kind_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 96), line in any::<Index>(), odd in any::<Index>()
    ) {
        survives(&with_odd_value(&everything::text(&bytes, true), line, odd), &[]);
    }

    #[test]
    fn a_scenario_without_some_of_its_lines_never_panics(
        gone in prop::collection::vec(any::<Index>(), 1..6)
    ) {
        let mut lines: Vec<&str> = WHOLE.lines().collect();
        for place in gone {
            lines.remove(place.index(lines.len()));
        }
        survives(&lines.join("\n"), &[]);
    }

    #[test]
    fn a_value_of_another_kind_never_panics(line in any::<Index>(), odd in any::<Index>()) {
        survives(&with_odd_value(WHOLE, line, odd), &[]);
    }

    #[test]
    fn random_text_never_panics(text in "\\PC*") {
        survives(&text, &[]);
    }

    #[test]
    fn random_toml_never_panics(
        text in "((\\[{1,2}(teams|limits|runbooks|strategies|estate|incident|policy|a)(\\.[a-z]{1,3}){0,3}\\]{1,2})|([a-z.]{1,8} ?= ?(\"[a-zT+0-9hd%.]{0,6}\"|[0-9.-]{1,20}|\\[\\]|\\{\\}))\n){0,9}"
    ) {
        survives(&text, &[]);
    }

    #[test]
    fn random_overrides_never_panic(
        path in "(teams|estate|runbooks|strategies|incident|policy|x)(\\.(dba|people|sites|count|steps|0|slow|tracks|rto)){0,4}",
        odd in any::<Index>()
    ) {
        survives(WHOLE, &[&format!("{path}={}", odd.get(&ODD))]);
    }
}

#[test]
fn the_whole_text_has_no_fault() {
    let checked = checked(WHOLE, &[]);
    assert_eq!(but_unused(&checked.diagnostics.render(&checked.sources, false)), "");
    survives(WHOLE, &[]);
}

#[test]
fn odd_texts_are_refused_without_a_panic() {
    let deep =
        |open: &str, close: &str| format!("a = {}{}", open.repeat(5_000), close.repeat(5_000));
    let texts = [
        String::new(),
        "\u{feff}".to_owned(),
        "\0".to_owned(),
        "\r\r\r".to_owned(),
        "=".repeat(3_000),
        "schema = 1\nschema = 1\n[a]\n[a]\n".to_owned(),
        "[[estate.services]]\n[estate.services]\n".to_owned(),
        deep("[", "]"),
        deep("{ a = ", "}"),
        format!("a{} = 1", ".a".repeat(5_000)),
        format!("[a{}]\nb = 1", ".a".repeat(5_000)),
        "title = '''\n".to_owned(),
        "title = \"日本\n".to_owned(),
        "estate = 3\nincident = []\nteams = \"x\"\nrunbooks = 1.5\nstrategies = true\npolicy = 1979-05-27".to_owned(),
    ];
    for text in texts {
        survives(&text, &[]);
    }
    survives(WHOLE, &[&format!("a{}=1", ".a".repeat(5_000))]);
    survives(WHOLE, &["runbooks.manual.steps.0.id=\"x\"", "teams.dba.people.at=1", "title=[[["]);
    survives(WHOLE, &["estate.sites.count=0", "schema=-9223372036854775808"]);
}
