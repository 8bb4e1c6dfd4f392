//! Addresses: every input has one, and `--set` changes what it names and nothing else.

mod changes;

use std::collections::BTreeSet;
use std::fs;

use blackstart::diagnostics::Place;
use blackstart::scenario::{Checked, Input, SetOverride, Texts, check_texts, inputs};
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

use crate::fuzz::WHOLE;
use crate::support::{
    blackstart_in, checked, files_in, fresh_folder, in_process, read, scenario_with, texts,
    texts_beside,
};

/// Every scenario that comes with the program, with all that it uses.
fn shipped() -> Vec<(String, Texts)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder of scenarios")
        .map(|it| it.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|it| it.ends_with(".toml"))
        .collect();
    names.sort();
    let whole = |name: String| {
        let texts = texts_beside("scenarios", &name, &read(&format!("scenarios/{name}")));
        (name, texts)
    };
    names.into_iter().map(whole).collect()
}

fn set(text: &str) -> SetOverride {
    text.parse().unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// All that a scenario says, but for the fingerprint of its texts and the places in them.
fn meaning(checked: &Checked) -> String {
    let told = checked.diagnostics.render(&checked.sources, false);
    let mut scenario = checked.scenario.clone().unwrap_or_else(|| panic!("{told}"));
    scenario.digest = 0;
    scenario.budgets.iter_mut().for_each(|it| it.place = Place::default());
    let said = format!("{scenario:?}");
    let parts = said.split("Span {").enumerate();
    let without = parts.map(|(place, it)| match place {
        0 => it,
        _ => it.split_once('}').expect("a span has an end").1,
    });
    without.collect()
}

/// The leaves of a TOML value, with all the tables and lists on the way to each.
fn leaves(value: &toml::Value) -> usize {
    match value {
        toml::Value::Table(table) if !table.is_empty() => table.values().map(leaves).sum(),
        toml::Value::Array(list) if !list.is_empty() => list.iter().map(leaves).sum(),
        _ => 1,
    }
}

#[test]
fn every_leaf_of_every_scenario_has_one_address_and_its_own_value_changes_nothing() {
    let mut walked = 0;
    for (name, texts) in shipped() {
        let own = check_texts(&texts, &[]);
        let (meant, faults) = (meaning(&own), own.diagnostics.render(&own.sources, false));
        let listed = inputs(&texts, &[]);
        let addresses: BTreeSet<String> = listed.iter().map(|it| it.address.to_string()).collect();
        assert_eq!(addresses.len(), listed.len(), "{name}: two inputs have one address");
        // `use` says which files there are, before there is anything to override.
        let settable: Vec<_> = listed.iter().filter(|it| it.address.names()[0] != "use").collect();
        for it in &settable {
            let over = set(&format!("{}={}", it.address, it.value));
            assert_eq!(over.address, it.address, "{name}");
            assert_eq!(inputs(&texts, &[over]), listed, "{name}: {}", it.address);
        }
        let all: Vec<SetOverride> =
            settable.iter().map(|it| set(&format!("{}={}", it.address, it.value))).collect();
        let again = check_texts(&texts, &all);
        assert_eq!(again.diagnostics.render(&again.sources, false), faults, "{name}");
        assert!(meaning(&again) == meant, "{name} means something else");
        walked += settable.len();
    }
    assert!(walked > 2_500, "{walked}");
}

#[test]
fn the_addresses_are_those_of_all_leaves_that_a_toml_reader_finds() {
    for (name, texts) in shipped() {
        let table: toml::Table = texts.main.parse().expect("a shipped scenario is TOML");
        if table.contains_key("use") {
            continue;
        }
        assert_eq!(inputs(&texts, &[]).len(), leaves(&toml::Value::Table(table)), "{name}");
    }
}

#[test]
fn each_leaf_alone_set_to_its_own_value_is_no_fault() {
    for name in ["template", "quickstart", "from-files", "injects", "five-protections"] {
        let file = format!("{name}.toml");
        let texts = texts_beside("scenarios", &file, &read(&format!("scenarios/{file}")));
        let own = check_texts(&texts, &[]);
        let (meant, faults) = (meaning(&own), own.diagnostics.render(&own.sources, false));
        for it in inputs(&texts, &[]).iter().filter(|it| it.address.names()[0] != "use") {
            let again = check_texts(&texts, &[set(&format!("{}={}", it.address, it.value))]);
            let told = again.diagnostics.render(&again.sources, false);
            // A warning that points to the value points to the override then.
            assert_eq!(again.diagnostics.errors(), 0, "{name}: {}\n{told}", it.address);
            assert_eq!(again.diagnostics.warnings(), own.diagnostics.warnings(), "{faults}{told}");
            assert!(meaning(&again) == meant, "{name}: {} means something else", it.address);
        }
    }
}

/// Everything that can be overridden and says something, one a line.
fn said(text: &str, overrides: &[&str], begins: &str) -> String {
    let checked = checked(text, overrides);
    assert!(checked.scenario.is_some(), "{}", checked.diagnostics.render(&checked.sources, false));
    let overrides: Vec<SetOverride> = overrides.iter().map(|it| set(it)).collect();
    let all = inputs(&texts(text, &[]), &overrides);
    let lines = all.iter().map(|it| format!("{} = {}\n", it.address, it.value));
    lines.filter(|it| it.starts_with(begins)).collect()
}

/// What else is said with an override.
#[track_caller]
fn changed(text: &str, overrides: &[&str]) -> String {
    let (before, after) = (said(text, &[], ""), said(text, overrides, ""));
    let before: BTreeSet<&str> = before.lines().collect();
    let lines = after.lines().filter(|it| !before.contains(it));
    lines.map(|it| format!("{it}\n")).collect()
}

#[track_caller]
fn faults(text: &str, overrides: &[&str]) -> String {
    let checked = checked(text, overrides);
    assert!(checked.scenario.is_none(), "{overrides:?} is no fault");
    checked.diagnostics.render(&checked.sources, false).trim_end().to_owned() + "\n"
}

/// The fault of each override by itself: what it says, and what to do.
#[track_caller]
fn brief(text: &str, overrides: &[&str]) -> String {
    let each = overrides.iter().map(|it| {
        let told = faults(text, &[it]);
        let lines = told.lines().filter_map(|line| {
            let line = line.trim_start();
            line.strip_prefix("error").or_else(|| line.strip_prefix("= help"))
        });
        format!(
            "{it}\n{}",
            lines
                .map(|it| format!("  {}\n", it.trim_start_matches(':').trim_start()))
                .collect::<String>()
        )
    });
    each.collect()
}

#[test]
fn an_address_reaches_into_lists_by_id_and_by_number() {
    let overrides = [
        "runbooks.manual.steps.barrier.duration.quantiles.p50=12m",
        "incident.deletions.1.count=7",
        "strategies.slow.tracks.first.batch.size=4",
        "strategies.slow.tracks.1.opens=T+1h",
        "estate.services.db.backup.full=12h",
        "budgets.1.expect=share_within(9h) >= 95%",
        "teams.support.roster.1.people=5",
        "teams.dba.people.2.people=4",
        "estate.sites.tiers.1.tier=gold",
        "tags.1=other",
        "observed.curve.1.users=41%",
        "runbooks.manual.steps.check.after.1=barrier",
    ];
    assert_data_eq!(
        changed(WHOLE, &overrides),
        str![[r#"
tags.1 = "other"
estate.services.db.backup.full = "12h"
incident.deletions.1.count = 7
teams.dba.people.2.people = 4
teams.support.roster.1.people = 5
runbooks.manual.steps.barrier.duration.quantiles.p50 = "12m"
strategies.slow.tracks.1.opens = "T+1h"
strategies.slow.tracks.first.batch.size = 4
budgets.1.expect = "share_within(9h) >= 95%"
observed.curve.1.users = "41%"

"#]]
    );
}

#[test]
fn names_with_dots_and_ids_of_digits_are_quoted() {
    let text = WHOLE
        .replace("[limits.api]", "[limits.\"a.p i\"]")
        .replace("api = ", "\"a.p i\" = ")
        .replace("id = \"barrier\"", "id = \"2\"")
        .replace("after = [\"barrier\"", "after = [\"2\"");
    assert_data_eq!(
        changed(
            &text,
            &[
                "limits.\"a.p i\".units=5",
                "limits.'a.p i'.units+=1",
                "runbooks.manual.steps.\"2\".per=batch"
            ]
        ),
        str![[r#"
limits."a.p i".units = 6

"#]]
    );
    assert_data_eq!(
        brief(&text, &["runbooks.manual.steps.2.per=site", "runbooks.manual.steps.02.per=site"]),
        str![[r#"
runbooks.manual.steps.2.per=site
  [unknown-address]: there is no `runbooks.manual.steps.2`
  did you mean `runbooks.manual.steps."2".per`?
runbooks.manual.steps.02.per=site
  [unknown-address]: there is no `runbooks.manual.steps.02`
  did you mean `runbooks.manual.steps."2".per`?

"#]]
    );
}

#[test]
fn of_two_elements_with_one_id_the_second_goes_by_its_number() {
    let text = WHOLE.replace("id = \"again\"", "id = \"look\"");
    let all = inputs(&texts(&text, &[]), &[]);
    let of = |value: &str| {
        let named = all.iter().filter(|it| it.value == value && it.address.names().contains(&"id"));
        named.map(|it| it.address.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(of("\"look\""), ["runbooks.accounts.steps.look.id", "runbooks.accounts.steps.3.id"]);
}

#[test]
fn what_is_there_and_what_the_format_knows_can_be_set() {
    let bare = "schema = 1\ntitle = \"x\"\nestate.sites.count = 3\nincident.deletions = [{}]\n[teams.a]\npeople = 2\n[limits.l]\nunits = 2\n[runbooks.r]\nsteps = [{ id = \"x\", team = \"a\", duration = \"1h\" }]\n[strategies.s]\ntracks = [{ runbook = \"r\" }]\n";
    assert_data_eq!(
        changed(
            bare,
            &[
                "experiment.replications=20",
                "policy.rto=6h",
                "runbooks.r.steps.x.fails.probability=5%",
                "runbooks.r.steps.x.uses.l=1",
                "strategies.s.teams.a=150%",
                "strategies.s.tracks.1.batch={ size = 2 }",
                "incident.guardrails.bulk_cap={ enabled = true, sites = 2 }",
                "incident.guardrails.bulk_cap.sites=1",
                "budgets=[{ metric = \"site.rta\", expect = \"max < 5h\" }]",
                "budgets.1.level=warn",
                "teams.a.source=guess",
                "teams.a.note=ask",
            ]
        ),
        str![[r#"
incident.guardrails.bulk_cap.enabled = true
incident.guardrails.bulk_cap.sites = 1
teams.a.source = "guess"
teams.a.note = "ask"
runbooks.r.steps.x.fails.probability = "5%"
runbooks.r.steps.x.uses.l = 1
strategies.s.tracks.1.batch.size = 2
strategies.s.teams.a = "150%"
experiment.replications = 20
policy.rto = "6h"
budgets.1.metric = "site.rta"
budgets.1.expect = "max < 5h"
budgets.1.level = "warn"

"#]]
    );
}

#[test]
fn what_is_not_there_gets_the_nearest_address() {
    assert_data_eq!(
        brief(
            WHOLE,
            &[
                "teams.databse.people=3",
                "teams.suport.called=T+1h",
                "teams.dba.poeple=3",
                "people=8",
                "steps.load.duration=2h",
                "manual.load.duration=2h",
                "load.duration=2h",
                "rto=6h",
                "replicatoins=5",
                "incident.guardrail.soft_delete.enabled=true",
                "runbooks.manual.steps.1.title=x",
                "strategies.slow.tracks.build.opens=T+1h",
                "teams.support.roster.day.people=1",
                "incident.deletions.0.count=1",
                "incident.deletions.3.count=1",
                "estate.regions.eu=3%",
                "nothing.like.it=1",
                "title.short=x",
                "runbooks.manual.steps.audit.duration.pert.mode=2h",
                "runbooks.build.steps.script.duration.pert.mode=2h",
                "limits.scratch={ units = 1 }",
                "incident.milestones.confirmed.delay=1h",
                "use=[\"a.toml\"]",
            ]
        ),
        str![[r#"
teams.databse.people=3
  [unknown-address]: there is no `teams.databse`
  choose from `teams.dba` or `teams.support`
teams.suport.called=T+1h
  [unknown-address]: there is no `teams.suport`
  did you mean `teams.support.called`?
teams.dba.poeple=3
  [unknown-address]: there is no `teams.dba.poeple`
  did you mean `teams.dba.people`?
people=8
  [unknown-address]: there is no `people`
  did you mean `teams.dba.people`?
steps.load.duration=2h
  [unknown-address]: there is no `steps`
  did you mean `runbooks.manual.steps.load.duration`?
manual.load.duration=2h
  [unknown-address]: there is no `manual`
  did you mean `runbooks.manual.steps.load.duration`?
load.duration=2h
  [unknown-address]: there is no `load`
  did you mean `runbooks.manual.steps.load.duration`?
rto=6h
  [unknown-address]: there is no `rto`
  did you mean `policy.rto`?
replicatoins=5
  [unknown-address]: there is no `replicatoins`
  did you mean `experiment.replications`?
incident.guardrail.soft_delete.enabled=true
  [unknown-address]: there is no `incident.guardrail`
  did you mean `incident.guardrails.soft_delete.enabled`?
runbooks.manual.steps.1.title=x
  [unknown-address]: there is no `runbooks.manual.steps.1`
  did you mean `runbooks.manual.steps.load.title`?
strategies.slow.tracks.build.opens=T+1h
  [unknown-address]: there is no `strategies.slow.tracks.build`
  did you mean `strategies.slow.tracks.1.opens`?
teams.support.roster.day.people=1
  [unknown-address]: there is no `teams.support.roster.day`
  did you mean `teams.support.roster.1.people`?
incident.deletions.0.count=1
  [unknown-address]: there is no `incident.deletions.0`
  choose from `incident.deletions.1` or `incident.deletions.2`
incident.deletions.3.count=1
  [unknown-address]: there is no `incident.deletions.3`
  choose from `incident.deletions.1` or `incident.deletions.2`
estate.regions.eu=3%
  [unknown-address]: there is no `estate.regions`
  did you mean `estate.sites.regions.eu`?
nothing.like.it=1
  [unknown-address]: there is no `nothing`
  choose from `schema`, `title`, `description`, `tags`, `experiment`, `estate`, `incident`, `teams`, `limits`, `throughput`, `runbooks`, `uncertainty`, `strategies`, `policy`, `budgets`, `observed`, `injects`, `levers`, `trust` or `use`
title.short=x
  [unknown-address]: `title` is `"A bad day"`, which has no keys
  write `title=VALUE`
runbooks.manual.steps.audit.duration.pert.mode=2h
  [unknown-address]: `runbooks.manual.steps.audit.duration.pert` cannot stand beside `triangular`
  to put another in its place, write `runbooks.manual.steps.audit.duration={ pert = { mode = "2h" } }`
runbooks.build.steps.script.duration.pert.mode=2h
  [unknown-address]: `runbooks.build.steps.script.duration` is `"9h"`, which has no keys
  to put another in its place, write `runbooks.build.steps.script.duration={ pert = { mode = "2h" } }`
limits.scratch={ units = 1 }
  [unknown-address]: there is no `limits.scratch`
  choose from `limits.api`
incident.milestones.confirmed.delay=1h
  [unknown-address]: there is no `incident.milestones.confirmed`
  choose from `incident.milestones.detected` or `incident.milestones.declared`
use=["a.toml"]
  [unreadable]: `use` cannot be overridden
  override what the files say, value by value

"#]]
    );
}

#[test]
fn a_name_of_something_that_stands_elsewhere_has_to_stand_there() {
    assert_data_eq!(
        brief(
            WHOLE,
            &[
                "strategies.slow.teams.dab=2",
                "strategies.slow.at_shift_end.dab=finish",
                "strategies.slow.limits.apu=2",
                "strategies.slow.throughput.lnik=1 GiB/h",
                "runbooks.build.steps.script.uses.apu=1",
                "runbooks.build.steps.script.holds={ apu = 1, until = \"script\" }",
                "runbooks.manual.steps.load.teams.dab=1",
                "estate.sites.products.wikki=5%",
                "policy.tiers.glod.rto=2h",
            ]
        ),
        str![[r#"
strategies.slow.teams.dab=2
  [unknown-team]: there is no team `dab`
  did you mean `dba`?
strategies.slow.at_shift_end.dab=finish
  [unknown-team]: there is no team `dab`
  did you mean `dba`?
strategies.slow.limits.apu=2
  [unknown-limit]: there is no limit `apu`
  did you mean `api`?
strategies.slow.throughput.lnik=1 GiB/h
  [unknown-throughput]: there is no throughput `lnik`
  did you mean `link`?
runbooks.build.steps.script.uses.apu=1
  [unknown-limit]: there is no limit `apu`
  did you mean `api`?
runbooks.build.steps.script.holds={ apu = 1, until = "script" }
  [unknown-limit]: there is no limit `apu`
  did you mean `api`?
  [never-reached]: `script` cannot hold anything until `script`
  `until` names a step after this one, of the same `per`
runbooks.manual.steps.load.teams.dab=1
  [unknown-team]: there is no team `dab`
  did you mean `dba`?
estate.sites.products.wikki=5%
  [unknown-product]: there is no product `wikki`
  did you mean `wiki`?
policy.tiers.glod.rto=2h
  [unknown-tier]: there is no tier `glod` in `estate.sites.tiers`
  did you mean `gold`?

"#]]
    );
}

#[test]
fn a_key_that_the_file_has_wrong_is_no_fault_of_an_override_beside_it() {
    let text = WHOLE.replace("cost_per_hour = 90.5", "cost_per_huor = 90.5");
    assert_eq!(
        brief(&text, &["teams.dba.cost_per_hour=80"]),
        "teams.dba.cost_per_hour=80\n  [unknown-key]: unknown key `cost_per_huor`\n  \
         did you mean `cost_per_hour`?\n"
    );
}

#[test]
fn all_faults_of_all_overrides_are_told_at_once() {
    assert_data_eq!(
        faults(WHOLE, &["teams.x.people=3", "policy.rto*=none", "title*=2", "experiment.sed=1"]),
        str![[r#"
error[unknown-address]: there is no `teams.x`
 --> --set teams.x.people:1:1
  |
1 | value = 3
  | ^^^^^^^^^
  |
  = help: choose from `teams.dba` or `teams.support`

error[bad-quantity]: `none` is nothing to change a value by
 --> --set policy.rto:1:1
  |
1 | --set policy.rto*=none
  | ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a number above 0, such as `*=1.5`, or a share, such as `*=150%`

error[wrong-type]: `title` is a text, of which there is neither a multiple nor a sum
 --> --set title:1:1
  |
1 | --set title*=2
  | ^^^^^^^^^^^^^^
  |
  = help: write `title=VALUE`

error[unknown-address]: there is no `experiment.sed`
 --> --set experiment.sed:1:1
  |
1 | value = 1
  | ^^^^^^^^^
  |
  = help: did you mean `experiment.seed`?

"#]]
    );
}

#[test]
fn an_unknown_address_ends_with_3_and_writes_nothing() {
    let folder = fresh_folder("unknown-address");
    fs::write(folder.join("x.toml"), WHOLE).unwrap();
    let before = files_in(&folder);
    for verb in ["run", "compare", "check", "audit", "validate", "trace", "backtest"] {
        let ran = blackstart_in(&folder, &[verb, "x.toml", "--set", "teams.dab.people=2"]);
        assert_eq!(ran.code, 3, "{verb}: {}", ran.stderr);
        assert!(ran.stderr.contains("did you mean `teams.dba.people`?"), "{verb}: {}", ran.stderr);
        assert_eq!(files_in(&folder), before, "{verb}");
    }
}

#[test]
fn what_is_no_override_ends_with_2() {
    for text in [
        "teams",
        "=3",
        "teams..people=3",
        "teams.\"a.people=3",
        "policy.rto*=",
        "a b=3",
        "a+=",
        "*=2",
    ] {
        let ran = in_process(&["validate", "scenarios/quickstart.toml", "--set", text]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn garbage_never_panics_and_never_changes_a_scenario_without_a_fault(
        parts in prop::collection::vec(
            prop_oneof![
                "(teams|estate|runbooks|strategies|incident|policy|budgets|observed|injects)",
                "(dba|people|sites|count|steps|manual|load|duration|slow|tracks|first|rto|tiers|gold)",
                "[0-9]{1,2}",
                "\"[a-z. ]{0,3}\"",
                "[a-zé]{1,8}",
            ],
            1..6
        ),
        change in "(=|\\*=|\\+=)",
        value in prop_oneof!["[0-9.]{1,5}", "-?[0-9]{1,3}(h|m|%| GiB|)", "\\PC{0,6}", "\\{ [a-z]{1,3} = 1 \\}"],
    ) {
        let text = format!("{}{change}{value}", parts.join("."));
        if let Ok(over) = text.parse::<SetOverride>() {
            let (whole, at) = (texts(WHOLE, &[]), over.address.to_string());
            let lies_there = |it: &Input| it.address.to_string().starts_with(&at);
            let (own, now) = (inputs(&whole, &[]), inputs(&whole, std::slice::from_ref(&over)));
            let checked = check_texts(&whole, std::slice::from_ref(&over));
            let told = checked.diagnostics.render(&checked.sources, false);
            if told.contains("[unknown-address]") {
                prop_assert_eq!(now, own);
            } else if own.iter().any(lies_there) {
                let elsewhere = |all: Vec<Input>| -> Vec<Input> {
                    all.into_iter().filter(|it| !lies_there(it)).collect()
                };
                prop_assert_eq!(elsewhere(now), elsewhere(own));
            } else if change == "=" {
                // What was not there came to be, and nothing else has changed.
                prop_assert!(now.iter().any(lies_there), "{}: {}", text, told);
                prop_assert!(own.iter().all(|it| now.contains(it)));
            }
            prop_assert_eq!(over.to_string().parse::<SetOverride>(), Ok(over));
        }
    }
}

#[test]
fn a_report_names_its_inputs_by_addresses_that_can_be_set() {
    for name in ["atlassian-2022", "quickstart", "template"] {
        let file = format!("{name}.toml");
        let texts = texts_beside("scenarios", &file, &read(&format!("scenarios/{file}")));
        let scenario = check_texts(&texts, &[]).scenario.expect("a shipped scenario is sound");
        assert!(!scenario.assumptions.is_empty());
        for it in &scenario.assumptions {
            let note = set(&format!("{}.note=\"another note\"", it.address));
            let again = check_texts(&texts, &[note]).scenario.expect("a note is no fault");
            let noted = again.assumptions.iter().find(|other| other.address == it.address);
            let note = noted.expect("the same addresses").note.clone();
            assert_eq!(note.as_deref(), Some("another note"), "{}", it.address);
        }
    }
}

#[test]
fn a_step_with_for_each_is_its_template() {
    let scenario = scenario_with(WHOLE, &["runbooks.manual.steps.load.duration=2h"]);
    let (_, runbook) = scenario.runbooks.enumerate().nth(2).expect("the third runbook");
    let load = runbook.steps.iter().find(|it| it.id == "load").expect("the step");
    assert_eq!(load.duration.mean(), 7_200_000.0);
}
