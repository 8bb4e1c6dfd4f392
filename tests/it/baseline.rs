//! Baselines: what has changed since a scenario was accepted, exercise by exercise.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use blackstart::experiment::{self, Design};
use blackstart::measure;
use blackstart::report::check::{check_schema, inputs_sentence};
use blackstart::scenario::{SetOverride, Texts, check_texts, decisive_inputs};
use blackstart::verdict::{Baseline, Change, StrategyChange, Unread, compare, input_changes};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::check_outputs::assert_described;
use crate::formats::refused_by_jenkins;
use crate::support::{Ran, blackstart_in, fresh_folder, texts};

/// Twelve sites wait for two people who load them; everybody else has time.
const LOADS: &str = r#"schema = 1
title = "test"
[experiment]
replications = 60
seed = 3
[estate.sites]
count = 12
users = 10
[[incident.deletions]]
[incident.milestones.detected]
delay = "1h"
[teams.loaders]
people = 2
[teams.callers]
people = 40
[[runbooks.r.steps]]
id = "load"
team = "loaders"
duration.lognormal = { mean = "4h", cv = 0.4 }
[[runbooks.r.steps]]
id = "validate"
after = ["load"]
team = "callers"
duration.lognormal = { mean = "2h", cv = 0.4 }
hand_over = true
[[runbooks.r.steps]]
id = "call"
team = "callers"
duration.lognormal = { mean = "20m", cv = 0.4 }
[strategies.s]
tracks = [{ runbook = "r", opens = "detected" }]
"#;

/// The same with the loads slowed by 5 %.
fn slow_loads() -> String {
    LOADS.replace("mean = \"4h\"", "mean = \"252m\"")
}

/// The same with the calls, for which nobody waits, slowed by 5 %.
fn slow_calls() -> String {
    LOADS.replace("mean = \"20m\"", "mean = \"21m\"")
}

#[track_caller]
fn baseline_of(texts: &Texts, set: &[&str], seed: u64, replications: u32) -> Baseline {
    let set: Vec<SetOverride> = set.iter().map(|it| it.parse().expect("an override")).collect();
    let checked = check_texts(texts, &set);
    let told = checked.diagnostics.render(&checked.sources, false);
    let scenario = checked.scenario.unwrap_or_else(|| panic!("{told}"));
    let design = Design { seed, replications, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let inputs = decisive_inputs(texts, &set);
    Baseline::of(&scenario, &inputs, &results, &measure::measure(&scenario, &results))
}

#[track_caller]
fn changed(then: &str, now: &str) -> StrategyChange {
    let [then, now] = [then, now].map(|it| baseline_of(&texts(it, &[]), &[], 3, 60));
    assert_eq!(then.unlike(&now), []);
    compare(&then, &now, 0.0025).remove(0)
}

/// Which inputs have changed from a text to another.
#[track_caller]
fn inputs_changed(then: &str, now: &str) -> String {
    let [then, now] = [then, now].map(|it| baseline_of(&texts(it, &[]), &[], 3, 1));
    inputs_sentence(&input_changes(&then.inputs, &now.inputs))
}

#[test]
fn an_unchanged_scenario_differs_by_exactly_nothing_a_hundred_times_out_of_a_hundred() {
    let texts = texts(LOADS, &[]);
    for seed in 1..=100 {
        let text = baseline_of(&texts, &[], seed, 10).json();
        let then = Baseline::parse(&text).expect("what was written can be read");
        let now = baseline_of(&texts, &[], seed, 10);
        assert_eq!((&then, text), (&now, now.json()), "seed {seed}");
        assert_eq!(inputs_sentence(&input_changes(&then.inputs, &now.inputs)), "no input changed");
        let change = compare(&then, &now, 0.0).remove(0);
        assert_eq!(change.differing, 0, "seed {seed}");
        for it in change.metrics {
            let nothing = it.difference == 0.0 && it.is_always_the_same;
            assert!(nothing && it.change == Change::Same, "{it:?}");
        }
    }
}

#[test]
fn a_slower_step_that_all_wait_for_is_worse_and_its_duration_is_named() {
    let change = changed(LOADS, &slow_loads());
    let worse: Vec<&str> = change.regressions().map(|it| it.metric.as_str()).collect();
    assert_eq!(worse, ["last_site_back", "exercise.rta.p95", "site_hours_lost", "user_hours_lost"]);
    assert_eq!(
        inputs_changed(LOADS, &slow_loads()),
        "1 input changed: runbooks.r.steps.load.duration.lognormal.mean \"4h\" -> \"252m\""
    );
}

#[test]
fn a_slower_step_that_nobody_waits_for_is_more_work_and_no_regression() {
    let change = changed(LOADS, &slow_calls());
    assert_eq!(change.regressions().count(), 0);
    assert!(change.differing > 0);
    let of = |metric: &str| change.metrics.iter().find(|it| it.metric == metric).unwrap().change;
    // Work is told and fails nothing.
    assert_eq!((of("last_site_back"), of("person_hours")), (Change::Same, Change::More));
}

#[test]
fn fewer_people_and_a_tighter_limit_are_named_by_their_addresses() {
    assert_eq!(
        inputs_changed(LOADS, &LOADS.replace("people = 2", "people = 1")),
        "1 input changed: teams.loaders.people 2 -> 1"
    );
    let limited = |units: u32| {
        let text = LOADS.replace("team = \"loaders\"", "uses = { loads = 1 }");
        text.replace("[teams.loaders]\npeople = 2", &format!("[limits.loads]\nunits = {units}"))
    };
    assert_eq!(
        inputs_changed(&limited(3), &limited(2)),
        "1 input changed: limits.loads.units 3 -> 2"
    );
    let both = LOADS.replace("people = 2", "people = 3").replace("mean = \"20m\"", "mean = \"1h\"");
    assert_eq!(
        inputs_changed(LOADS, &both),
        "2 inputs changed: runbooks.r.steps.call.duration.lognormal.mean \"20m\" -> \"1h\"; \
         teams.loaders.people 2 -> 3"
    );
}

#[test]
fn what_is_added_or_taken_away_is_named_key_by_key() {
    let failing =
        LOADS.replace("id = \"load\"", "id = \"load\"\nfails = { probability = \"20%\" }");
    let named = "runbooks.r.steps.load.fails.probability";
    assert_eq!(inputs_changed(LOADS, &failing), format!("1 input changed: {named} added: \"20%\""));
    assert_eq!(
        inputs_changed(&failing, LOADS),
        format!("1 input changed: {named} taken away: \"20%\"")
    );
    let more = "hand_over = true\n[[runbooks.r.steps]]\nid = \"sign\"\nduration = \"3h\"\n";
    assert_eq!(
        inputs_changed(LOADS, &LOADS.replace("hand_over = true\n", more)),
        "2 inputs changed: runbooks.r.steps.sign.duration added: \"3h\"; runbooks.r.steps.sign.id \
         added: \"sign\""
    );
}

#[test]
fn words_for_people_and_what_was_observed_are_no_inputs_and_things_of_such_names_are() {
    let words = LOADS
        .replace("title = \"test\"", "title = \"other\"\ndescription = \"x\"\ntags = [\"a\"]")
        .replace("people = 2", "people = 2\ntitle = \"Two\"\nsource = \"guess\"\nnote = \"why\"")
        .replace("id = \"load\"", "id = \"load\"\ntitle = \"Load\"")
        .replace("[strategies.s]", "[strategies.s]\ntitle = \"S\"\ndescription = \"x\"");
    let seen = "[observed]\n[[observed.instants]]\nfigure = \"last_site_back\"\nat = \"T+30h\"\n";
    let words = words + seen + "within = \"100%\"\n";
    assert_eq!(inputs_changed(LOADS, &words), "no input changed");
    let named = |share: &str| {
        let text = "[estate.products.title]\nservices = [\"db\"]\n[estate.services.db]\n\
                    class = \"primary\"\nbackup = \"none\"\n[estate.sites]\n";
        LOADS.replace("[estate.sites]\n", &format!("{text}products = {{ title = \"{share}\" }}\n"))
    };
    assert_eq!(
        inputs_changed(&named("50%"), &named("70%")),
        "1 input changed: estate.sites.products.title \"50%\" -> \"70%\""
    );
    let inject = |title: &str| {
        let what = "at = \"T+1h\"\npeople_away = { team = \"loaders\", people = 1 }\n";
        format!("{LOADS}[[injects]]\ntitle = \"{title}\"\nlasts = \"1h\"\n{what}")
    };
    assert_eq!(
        inputs_changed(&inject("a"), &inject("b")),
        "1 input changed: injects.1.title \"a\" -> \"b\"",
        "its random numbers go by that"
    );
}

#[test]
fn inputs_are_as_they_stand_after_use_and_set_and_a_table_of_sites_goes_by_its_text() {
    let uses = LOADS.replace("[teams.loaders]\npeople = 2\n", "");
    let uses = uses.replace("schema = 1", "schema = 1\nuse = [\"teams.toml\"]");
    let used = |people: u32| {
        texts(&uses, &[("teams.toml", &format!("[teams.loaders]\npeople = {people}\n"))])
    };
    let whole = baseline_of(&texts(LOADS, &[]), &[], 3, 1);
    let since = |now: &Baseline| inputs_sentence(&input_changes(&whole.inputs, &now.inputs));
    assert_eq!(since(&baseline_of(&used(2), &[], 3, 1)), "no input changed");
    let set = baseline_of(&used(2), &["teams.loaders.people*=2"], 3, 1);
    assert!(
        since(&set).starts_with("1 input changed: teams.loaders.people 2 -> 4"),
        "{}",
        since(&set)
    );
    let listed = LOADS.replace("count = 12\nusers = 10", "csv = \"sites.csv\"");
    let table = |users: u32| {
        let rows = format!("site,users\na,{users}\nb,10\n");
        baseline_of(&texts(&listed, &[("sites.csv", &rows)]), &[], 3, 1)
    };
    let told = inputs_sentence(&input_changes(&table(10).inputs, &table(11).inputs));
    let begins = "1 input changed: estate.sites.csv \"sites.csv\" with the digest ";
    assert!(told.starts_with(begins), "{told}");
    assert_eq!(table(10).json(), table(10).json());
}

/// One person does two steps for each of six sites; only when the first is done is a site back.
const ONE_PERSON: &str = r#"schema = 1
title = "test"
[experiment]
replications = 20
[estate.sites]
count = 6
users = 10
[[incident.deletions]]
[teams.a]
people = 1
[[runbooks.r.steps]]
id = "load"
team = "a"
duration = "1h"
hand_over = true
[[runbooks.r.steps]]
id = "clean"
team = "a"
duration = "3h"
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

#[test]
fn what_is_written_first_is_done_first_so_another_order_is_told_though_no_value_changed() {
    let step = "[[runbooks.r.steps]]\n";
    let (head, steps) = ONE_PERSON.split_once(step).expect("steps");
    let (load, rest) = steps.split_once(step).expect("two steps");
    let (clean, end) = rest.split_once("[strategies.s]").expect("a strategy");
    let other = format!("{head}{step}{clean}{step}{load}[strategies.s]{end}");
    let folder = fresh_folder("baseline-order");
    fs::write(folder.join("x.toml"), ONE_PERSON).expect("a file can be written");
    assert_eq!(check(&folder, &["--accept-baseline", "x.json"]).code, 0);
    fs::write(folder.join("x.toml"), &other).expect("a file can be written");
    let told = check(&folder, &["--baseline", "x.json"]).stdout;
    let head: Vec<&str> = told.lines().take(5).collect();
    assert_data_eq!(
        head.join("\n") + "\n",
        str![[r#"
1 of 1 strategy got worse; inputs stand in another order.

input   no input has another value  against x.json
input   inputs stand in another order, first runbooks.r.steps.clean.id  against x.json
change  s  last_site_back  WORSE  21.0 h -> 24.0 h  +3.0 h (in every exercise, n=20)  against x.json

"#]]
    );
    assert_eq!(
        inputs_changed(ONE_PERSON, &other),
        "no input has another value; inputs stand in another order, first runbooks.r.steps.clean.id"
    );
    let (before, after) = ONE_PERSON.split_once("[teams.a]\npeople = 1\n").expect("a team");
    let moved = format!("{before}{after}[teams.a]\npeople = 1\n");
    assert_eq!(inputs_changed(ONE_PERSON, &moved), "no input changed", "a top-level table");
}

#[test]
fn what_comes_back_sooner_is_better_and_what_is_found_later_is_worse() {
    let change = changed(&slow_loads(), LOADS);
    assert_eq!(change.regressions().count(), 0);
    assert!(change.metrics.iter().any(|it| it.change == Change::Better));
    let change = changed(LOADS, &LOADS.replace("delay = \"1h\"", "delay = \"5h\""));
    assert!(change.regressions().count() > 0);
}

#[test]
fn a_site_that_is_no_longer_restored_counts_to_the_horizon() {
    let short = |text: &str| text.replace("seed = 3", "seed = 3\nhorizon = \"36h\"");
    let change = changed(&short(LOADS), &short(&LOADS.replace("people = 2", "people = 1")));
    let last = change.metrics.iter().find(|it| it.metric == "last_site_back").unwrap();
    assert!(last.newly_never > 0 && last.change == Change::Worse, "{last:?}");
    let left = change.metrics.iter().find(|it| it.metric == "sites_not_restored").unwrap();
    assert!(left.change == Change::Worse && left.difference > 1.0, "{left:?}");
}

/// A folder with the scenario and its accepted baseline.
fn accepted(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    fs::write(folder.join("x.toml"), LOADS).expect("a file can be written");
    let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("note    there was no baseline before\n"), "{}", ran.stdout);
    folder
}

#[track_caller]
fn check(folder: &std::path::Path, more: &[&str]) -> Ran {
    blackstart_in(folder, &[&["check", "x.toml"], more].concat())
}

#[test]
fn a_build_fails_where_it_got_worse_and_only_there() {
    let folder = accepted("baseline-build");
    let against = ["--baseline", "base/x.json"];
    let ran = check(&folder, &against);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
Nothing has changed since the baseline.

input   no input changed  against base/x.json
change  s: +0.0 h, no exercise differs (paired, n=60), against base/x.json
reproduce: blackstart check x.toml --seed 3 --replications 60 --baseline base/x.json --practical 0.25%
exit 0

"#]]
    );
    fs::write(folder.join("x.toml"), slow_calls()).expect("a file can be written");
    assert_eq!(check(&folder, &against).code, 0);
    fs::write(folder.join("x.toml"), slow_loads()).expect("a file can be written");
    let ran = check(&folder, &against);
    assert_eq!(ran.code, 98);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
1 of 1 strategy got worse; 1 input changed.

input   runbooks.r.steps.load.duration.lognormal.mean "4h" -> "252m"  against base/x.json
change  s  last_site_back  WORSE  28.3 h -> 29.5 h  +75 min (95% interval +72 min to +78 min, paired, n=60)  against base/x.json
change  s  exercise.rta.p95  WORSE  28.3 h -> 29.5 h  +75 min (95% interval +72 min to +78 min, paired, n=60)  against base/x.json
change  s  site_hours_lost  WORSE  202 h -> 210 h  +8.3 h (95% interval +8.0 h to +8.6 h, paired, n=60)  against base/x.json
change  s  user_hours_lost  WORSE  2,019 h -> 2,102 h  +82.8 h (95% interval +79.7 h to +86.4 h, paired, n=60)  against base/x.json
change  s  person_hours  more  76.3 h -> 78.7 h  +2.4 h (95% interval +2.3 h to +2.5 h, paired, n=60)  against base/x.json
late    s is late because of load (r) 89.2%, validate (r) 7.4%, until r opens 3.4% (of the site at 95%, 60 exercises)
reproduce: blackstart check x.toml --seed 3 --replications 60 --baseline base/x.json --practical 0.25%
exit 98

"#]]
    );
    assert_eq!(check(&folder, &["--baseline", "base/x.json", "--practical", "10%"]).code, 0);
}

#[test]
fn accepting_says_what_has_changed_and_replaces_the_file() {
    let folder = accepted("baseline-accept");
    let before = fs::read(folder.join("base/x.json")).expect("a baseline");
    let again = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(again.code, 0);
    assert_eq!(fs::read(folder.join("base/x.json")).expect("a baseline"), before);
    fs::write(folder.join("x.toml"), slow_loads()).expect("a file can be written");
    let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("steps.load.duration.lognormal.mean \"4h\" -> \"252m\""),
        "{}",
        ran.stdout
    );
    assert_eq!(check(&folder, &["--baseline", "base/x.json"]).code, 0);
    assert_eq!(crate::support::names_in(&folder), ["base/x.json", "x.toml"]);
}

#[test]
fn a_baseline_of_something_else_is_refused_with_the_field_that_differs() {
    let folder = accepted("baseline-else");
    let against = |text: &str, more: &[&str]| {
        fs::write(folder.join("x.toml"), text).expect("a file can be written");
        let ran = check(&folder, &[&["--baseline", "base/x.json"], more].concat());
        assert_eq!(ran.code, 3, "{}", ran.stdout);
        ran.stderr
    };
    assert_data_eq!(
        against(LOADS, &["--seed", "4"]),
        str![[r#"
error[incompatible]: `base/x.json` cannot be compared: `experiment.seed` was 3 and is 4
 |
 = help: no input changed
 = help: undo the change, or accept it and write a new one with `--accept-baseline base/x.json`


"#]]
    );
    let fields = [
        ("experiment.replications", LOADS, ["--replications", "20"]),
        ("experiment.horizon", LOADS, ["--set", "experiment.horizon=90d"]),
        ("experiment.population_seed", LOADS, ["--set", "experiment.population_seed=2"]),
        ("deleted.users", LOADS, ["--set", "estate.sites.users=11"]),
        ("deleted.fingerprint", LOADS, ["--set", "incident.deletions=[{ over = \"1h\" }]"]),
        ("policy.clock", LOADS, ["--set", "policy={ rto = \"6h\", clock = \"detected\" }"]),
    ];
    for (field, text, more) in fields {
        let told = against(text, &more);
        assert!(told.contains(&format!("cannot be compared: `{field}` was ")), "{field}\n{told}");
    }
    let told = against(LOADS, &["--set", "estate.sites.users=11"]);
    assert!(told.contains("= help: 1 input changed: estate.sites.users 10 -> 11\n"), "{told}");
    let another = format!("{LOADS}[strategies.t]\ntracks = [{{ runbook = \"r\" }}]\n");
    assert!(against(&another, &["--strategy", "t"]).contains("has none of the strategies"));
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = accepted("baseline-broken");
    let whole = fs::read_to_string(folder.join("base/x.json")).expect("a baseline");
    let with = |text: &str| {
        fs::write(folder.join("base/x.json"), text).expect("a file can be written");
        let ran = check(&folder, &["--baseline", "base/x.json"]);
        assert_eq!(ran.code, 3);
        assert!(ran.stdout.starts_with("1 error; nothing was checked.\n"), "{}", ran.stdout);
        ran.stderr
    };
    assert!(with("{").contains("`base/x.json` is no baseline: "));
    let old = with(&whole.replace("\"format\": 3", "\"format\": 2"));
    assert_data_eq!(
        old,
        str![[r#"
error[incompatible]: `base/x.json` has format 2, and this program reads format 3
 |
 = help: make a new one with `blackstart check x.toml --accept-baseline base/x.json`


"#]]
    );
    assert_data_eq!(
        with(&whole.replace("\"replications\": 60", "\"replications\": 61")),
        str![[r#"
error[unreadable]: `base/x.json` does not fit the digest of its content: it was edited
 |
 = help: undo the edit, or make a new one with `blackstart check x.toml --accept-baseline base/x.json`


"#]]
    );
    let digest = whole.lines().find(|it| it.contains("content_digest")).expect("a digest");
    assert!(with(&whole.replace(&format!("{digest}\n"), "")).contains("the digest of its content"));
    let baseline = Baseline::parse(&whole).expect("it was written just now");
    let more = Baseline { replications: 61, ..baseline.clone() };
    assert!(with(&more.json()).contains("has 60 values of `exercise.customer.rta.p95` under `s`"));
    let many = Baseline { replications: 4_000_000_000, ..baseline.clone() };
    assert!(with(&many.json()).contains("4000000000 exercises are more than the limit of 100000"));
    let mut lacks = baseline;
    lacks.strategies.values_mut().for_each(|it| drop(it.metrics.remove("last_site_back")));
    assert!(with(&lacks.json()).contains("lacks `last_site_back` under `s`"));
    fs::remove_file(folder.join("base/x.json")).expect("a file can be removed");
    let ran = check(&folder, &["--baseline", "base/x.json"]);
    assert!(ran.code == 3 && ran.stderr.contains("cannot read `base/x.json`"), "{}", ran.stderr);
}

#[test]
fn a_baseline_is_of_one_scenario() {
    let folder = accepted("baseline-two");
    let ran = check(&folder, &["x.toml", "--baseline", "base/x.json"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn the_file_has_a_line_for_each_input_and_each_figure() {
    let text = baseline_of(&texts(LOADS, &[]), &[], 3, 2).json();
    let inputs: String = text
        .lines()
        .filter(|it| it.starts_with("    \"teams."))
        .map(|it| format!("{it}\n"))
        .collect();
    assert_eq!(
        inputs,
        "    \"teams.loaders.people\": \"2\",\n    \"teams.callers.people\": \"40\"\n"
    );
    let once = text.lines().find(|it| it.contains("sites_not_restored")).expect("a line");
    assert_eq!(once.trim(), "\"sites_not_restored\": [0],");
    assert!(text.lines().count() < 80 && text.ends_with("}\n"), "{text}");
}

#[test]
fn a_missed_budget_counts_more_than_a_regression_and_that_more_than_what_is_undecided() {
    let folder = accepted("baseline-both");
    let against = |budget: &str| {
        let budget = format!("[[budgets]]\nmetric = \"site.rta\"\nexpect = \"{budget}\"\n");
        fs::write(folder.join("x.toml"), slow_loads() + &budget).expect("a file can be written");
        let ran = check(&folder, &["--baseline", "base/x.json", "--fail-on-undecided"]);
        (ran.code, ran.stdout.lines().next().unwrap_or_default().to_owned())
    };
    assert_eq!(
        against("max < 3h"),
        (99, "1 of 1 budget missed; 1 of 1 strategy got worse; 3 inputs changed.".to_owned())
    );
    let (code, verdict) = against("max < 33h");
    assert_eq!(
        (code, verdict.as_str()),
        (98, "1 of 1 budget undecided; 1 of 1 strategy got worse; 3 inputs changed.")
    );
    assert_eq!(
        against("max < 90h"),
        (98, "The budget is met; 1 of 1 strategy got worse; 3 inputs changed.".to_owned())
    );
}

#[test]
fn accepting_in_the_place_of_something_else_says_what_differs() {
    let folder = accepted("baseline-other");
    let ran = check(&folder, &["--accept-baseline", "base/x.json", "--seed", "4"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("A baseline was written.\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("note    `experiment.seed` was 3 and is 4\n"), "{}", ran.stdout);
    let whole = fs::read_to_string(folder.join("base/x.json")).expect("a baseline");
    let replaced = |text: &str, told: &str| {
        fs::write(folder.join("base/x.json"), text).expect("a file can be written");
        let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
        assert!(ran.code == 0 && ran.stdout.contains(told), "{}\n{}", ran.stdout, ran.stderr);
        assert_eq!(check(&folder, &["--baseline", "base/x.json"]).code, 0);
    };
    replaced(&whole[..whole.len() / 2], "is no baseline: ");
    replaced(&whole.replace("\"format\": 3", "\"format\": 0"), "has format 0");
    let merging = whole.replacen("  \"program\"", "<<<<<<< HEAD\n  \"program\"", 1);
    replaced(&merging, "is no baseline: ");
    replaced(&whole.replace('\n', ""), "does not fit the digest of its content");
}

/// Numbers that are the same each time, from the one before.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).expect("31 bits")
}

/// A text with an edit: a byte replaced, a digit changed, a line taken out, doubled or swapped, or
/// a byte taken out or put in.
fn edited(text: &str, kind: usize, seed: &mut u64) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut lines: Vec<&str> = text.lines().collect();
    let line = next(seed) % (lines.len() - 1);
    let at = next(seed) % bytes.len();
    let digits: Vec<usize> =
        (0..bytes.len()).filter(|place| bytes[*place].is_ascii_digit()).collect();
    match kind {
        0 => bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' },
        1 => {
            let place = digits[next(seed) % digits.len()];
            bytes[place] = b'0' + (bytes[place] - b'0' + 1) % 10;
        }
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, b'7'),
        4 => drop(lines.remove(line)),
        5 => lines.insert(line, lines[line]),
        _ => lines.swap(line, line + 1),
    }
    match kind {
        0..=3 => String::from_utf8(bytes).expect("a baseline is ASCII here"),
        _ => lines.join("\n") + "\n",
    }
}

#[test]
fn of_seven_hundred_edited_baselines_none_passes_that_says_something_else() {
    let text = baseline_of(&texts(LOADS, &[]), &[], 3, 5).json();
    let whole = Baseline::parse(&text).expect("it was written just now");
    let (mut seed, mut refused, mut same) = (1, 0, 0);
    for number in 0..700 {
        let edited = edited(&text, number % 7, &mut seed);
        match Baseline::parse(&edited) {
            Err(_) => refused += 1,
            Ok(read) => {
                assert_eq!((&read, read.json()), (&whole, text.clone()), "{number}\n{edited}");
                same += 1;
            }
        }
    }
    assert!(refused + same == 700 && same < 10, "{refused} refused, {same} say the same");
}

#[test]
fn every_line_of_a_baseline_counts_and_how_it_ends_does_not() {
    let text = baseline_of(&texts(LOADS, &[]), &[], 3, 5).json();
    let lines: Vec<&str> = text.lines().collect();
    for place in 0..lines.len() {
        let rest = [&lines[..place], &lines[place + 1..]].concat().join("\n");
        assert!(Baseline::parse(&rest).is_err(), "without {}", lines[place]);
        let mut spaced: Vec<String> = lines.iter().map(|it| (*it).to_owned()).collect();
        spaced[place].push(' ');
        assert_eq!(Baseline::parse(&spaced.join("\n")), Err(Unread::Edited), "{}", lines[place]);
    }
    let whole = Baseline::parse(&text);
    assert!(whole.is_ok());
    assert_eq!(Baseline::parse(&text.replace('\n', "\r\n")), whole);
    assert_eq!(Baseline::parse(text.trim_end()), whole);
}

/// Two strategies, of which one may have another name.
fn two(second: &str) -> String {
    format!(
        "{LOADS}[strategies.{second}]\ntracks = [{{ runbook = \"r\", opens = \"detected\" }}]\n"
    )
}

/// A folder with two strategies in a scenario and its accepted baseline.
fn accepted_two(name: &str) -> PathBuf {
    let folder = accepted(name);
    fs::write(folder.join("x.toml"), two("t")).expect("a file can be written");
    assert_eq!(check(&folder, &["--accept-baseline", "base/x.json"]).code, 0);
    folder
}

#[test]
fn a_strategy_that_is_gone_fails_the_comparison_and_a_new_one_is_only_said() {
    let folder = accepted_two("baseline-gone");
    let against = |text: &str, more: &[&str]| {
        fs::write(folder.join("x.toml"), text).expect("a file can be written");
        check(&folder, &[&["--baseline", "base/x.json"], more].concat())
    };
    let ran = against(&two("u"), &[]);
    assert_eq!(ran.code, 98, "{}", ran.stderr);
    assert_data_eq!(
        ran.stdout,
        str![[r#"
1 strategy of the baseline gone; 4 inputs changed.

input   strategies.t.tracks.1.opens taken away: "detected"  against base/x.json
input   strategies.t.tracks.1.runbook taken away: "r"  against base/x.json
input   strategies.u.tracks.1.opens added: "detected"  against base/x.json
input   strategies.u.tracks.1.runbook added: "r"  against base/x.json
change  s: +0.0 h, no exercise differs (paired, n=60), against base/x.json
gone    strategy t is in base/x.json and not in the scenario any more, so nobody can tell whether it got worse; give it its name back, or accept a new baseline with `--accept-baseline`
note    strategy `u` is not in the baseline
reproduce: blackstart check x.toml --seed 3 --replications 60 --baseline base/x.json --practical 0.25%
exit 98

"#]]
    );
    // It is gone whichever strategies are checked.
    assert_eq!(against(LOADS, &[]).code, 98);
    assert_eq!(against(LOADS, &["--strategy", "s"]).code, 98);
    assert_eq!(against(&two("t"), &["--strategy", "s"]).code, 0);
    let none_left = two("u").replace("[strategies.s]", "[strategies.v]");
    let ran = against(&none_left, &[]);
    assert_eq!(ran.code, 98, "{}", ran.stderr);
    assert!(ran.stdout.contains("gone    strategy s is in base/x.json"), "{}", ran.stdout);
    let added = two("t") + "[strategies.u]\ntracks = [{ runbook = \"r\" }]\n";
    let ran = against(&added, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("note    strategy `u` is not in the baseline\n"), "{}", ran.stdout);
    let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    fs::write(folder.join("x.toml"), LOADS).expect("a file can be written");
    let ran = check(&folder, &["--accept-baseline", "base/x.json"]);
    let gone = "gone    strategy t was in base/x.json and is not in the scenario any more\n";
    assert!(ran.code == 0 && ran.stdout.contains(gone), "{}", ran.stdout);
    assert_eq!(check(&folder, &["--baseline", "base/x.json"]).code, 0);
}

#[test]
fn every_format_says_which_inputs_changed_and_which_strategy_is_gone() {
    let folder = accepted_two("baseline-formats");
    let formats = ["text", "markdown", "junit", "json", "github", "sarif"];
    let told = |text: &str, format: &str| {
        fs::write(folder.join("x.toml"), text).expect("a file can be written");
        check(&folder, &["--baseline", "base/x.json", "--format", format]).stdout
    };
    for format in ["text", "markdown", "junit", "json"] {
        let told = told(&two("t"), format);
        assert!(told.contains("no input changed"), "{format}: {told}");
    }
    let slow = slow_loads() + &two("u")[LOADS.len()..];
    for format in formats {
        // In Markdown what could be a mark has a `\` before it.
        let told = told(&slow, format).replace("&quot;", "\"").replace("&gt;", ">");
        let told = told.replace(['\\', '"'], "");
        let input = "runbooks.r.steps.load.duration.lognormal.mean 4h -> 252m";
        assert!(told.contains(input), "{format}: {told}");
        assert!(told.contains("strategy t is in base/x.json and not in"), "{format}: {told}");
    }
    assert_eq!(refused_by_jenkins(&told(&slow, "junit")), BTreeSet::new());
    let view: Value = serde_json::from_str(&told(&slow, "json")).expect("it is JSON");
    let schema: Value = serde_json::from_str(&check_schema()).expect("it is JSON");
    assert_described(&view, &schema, &schema, "");
}

#[test]
fn people_are_told_of_ten_inputs_and_programs_of_all() {
    let folder = accepted("baseline-many");
    let mut more = LOADS.to_owned();
    for number in 1..=14 {
        more += &format!("[teams.t{number}]\npeople = 1\n");
    }
    fs::write(folder.join("x.toml"), more).expect("a file can be written");
    let ran =
        |format: &str| check(&folder, &["--baseline", "base/x.json", "--format", format]).stdout;
    let text = ran("text");
    assert!(
        text.starts_with("No figure has changed since the baseline; 14 inputs changed.\n"),
        "{text}"
    );
    let lines: Vec<&str> = text.lines().filter(|it| it.starts_with("input ")).collect();
    assert_eq!(lines.len(), 11);
    assert_eq!(lines[0], "input   teams.t1.people added: 1  against base/x.json");
    assert_eq!(lines[10], "input   and 4 more  against base/x.json");
    assert!(ran("markdown").contains("\n- and 4 more\n"));
    let view: Value = serde_json::from_str(&ran("json")).expect("it is JSON");
    let inputs = &view["scenarios"][0]["baseline"]["inputs"];
    assert_eq!(inputs["changes"].as_array().expect("a list").len(), 14);
    assert_eq!(
        inputs["changes"][0],
        serde_json::json!({
            "address": "teams.t1.people", "before": null, "after": "1",
            "text": "teams.t1.people added: 1",
        })
    );
    let sentence = inputs["sentence"].as_str().expect("a text");
    assert!(sentence.starts_with("14 inputs changed: teams.t1.people added: 1; "), "{sentence}");
    assert!(sentence.ends_with("; and 4 more"), "{sentence}");
}
