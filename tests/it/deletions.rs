//! What is lost: which sites, and which parts of them.

use blackstart::scenario::{Scenario, check_texts};

use crate::support::{fresh_folder, in_process, scenario, texts};

const BASE: &str = r#"
schema = 1
title = "deletions"
teams.a.people = 9
[estate.services]
db.shards = 3
db.backup = { full = "24h" }
files.backup = { full = "24h" }
[estate.products]
wiki.services = ["db"]
tracker.services = ["files"]
[estate.sites]
count = 12
customers = 5
products = { wiki = "60%", tracker = "60%" }
regions = { eu = "50%", us = "50%" }
[[incident.deletions]]
sites = { SELECTION }
[[runbooks.r.steps]]
id = "restore"
team = "a"
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#;

/// The names of the sites that a scenario's incident aims at.
fn aimed_at(scenario: &Scenario) -> Vec<&str> {
    let deleted = scenario.incident.deleted.iter();
    deleted.map(|it| scenario.estate.sites[it.site].name.as_str()).collect()
}

fn selected(selection: &str) -> Scenario {
    scenario(&BASE.replace("SELECTION", selection))
}

#[test]
fn sites_are_selected_by_their_names() {
    let scenario = selected("names = [\"site-0007\", \"site-0002\", \"site-0007\"]");
    assert_eq!(aimed_at(&scenario), ["site-0002", "site-0007"]);
}

#[test]
fn sites_are_selected_by_the_numbers_of_their_customers() {
    let scenario = selected("customers = [3, \"0\"]");
    let estate = &scenario.estate;
    let own = estate.sites.iter().filter(|it| [0, 3].contains(&it.customer));
    let own: Vec<&str> = own.map(|it| it.name.as_str()).collect();
    assert!(own.len() >= 2);
    assert_eq!(aimed_at(&scenario), own);
}

#[test]
fn sites_are_selected_by_the_shards_on_which_their_data_lies() {
    let scenario = selected("shards = { service = \"db\", numbers = [1, 2] }");
    let estate = &scenario.estate;
    let (db, service) = estate.services.enumerate().next().expect("a first service");
    let own = estate.sites.enumerate().filter(|(id, site)| {
        estate.has_service(site, db) && [1, 2].contains(&service.shard_of[*id])
    });
    let own: Vec<&str> = own.map(|(_, site)| site.name.as_str()).collect();
    let without = estate.sites.iter().filter(|it| !estate.has_service(it, db)).count();
    assert!(!own.is_empty() && without > 0);
    assert_eq!(aimed_at(&scenario), own, "and none without data in it");
}

#[test]
fn the_keys_of_a_selection_all_count() {
    let all = selected("regions = [\"eu\"], products = [\"wiki\"]");
    let one = selected(&format!(
        "regions = [\"eu\"], products = [\"wiki\"], names = [\"{}\"]",
        aimed_at(&all)[1]
    ));
    assert_eq!(aimed_at(&one), [aimed_at(&all)[1]]);
}

#[test]
fn customers_keep_the_names_that_a_table_of_sites_gives_them() {
    let main = BASE
        .replace("count = 12\ncustomers = 5\nproducts = { wiki = \"60%\", tracker = \"60%\" }\nregions = { eu = \"50%\", us = \"50%\" }", "csv = \"sites.csv\"")
        .replace("SELECTION", "customers = [\"acme\", 17]");
    let table = "site,customer\na,17\nb,zeta\nc,acme\nd,\ne,acme\n";
    let checked = check_texts(&texts(&main, &[("sites.csv", table)]), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    let scenario = checked.scenario.unwrap_or_else(|| panic!("{told}"));
    assert_eq!(aimed_at(&scenario), ["a", "c", "e"]);
    let wrong = main.replace("acme", "akme");
    let checked = check_texts(&texts(&wrong, &[("sites.csv", table)]), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    assert!(told.contains("there is no customer `akme`"), "{told}");
    assert!(told.contains("did you mean `acme`?"), "{told}");
}

#[test]
fn tracks_and_injects_and_budgets_select_alike() {
    let more = r#"
[[strategies.s.tracks]]
id = "own"
runbook = "r"
takes = { names = ["site-0001"] }
[[injects]]
at = "T+3h"
deletion.sites = { shards = { service = "db", numbers = [0] } }
[[budgets]]
metric = "site.rta"
select = { customer = 0, shards = { service = "db", numbers = [0, 1, 2] } }
expect = "max < 9h"
"#;
    let text = BASE.replace("sites = { SELECTION }", "") + more;
    let scenario = scenario(&text);
    assert_eq!(scenario.budgets[0].figure, "site.rta{customer=0,shards=db:0+1+2}");
}

/// A scenario with much to tell: guardrails, a policy, customers who are reached, an inject.
const TOLD: &str = r#"
schema = 1
title = "told"
[experiment]
replications = 12
[estate.services]
db.backup = { full = "24h", retention = "30d" }
[estate.sites]
count = 12
users = 20
[incident]
kind = "KIND"
deletions = [{ over = "3h" }]
milestones.detected.delay = "30m"
[incident.guardrails.staged_rollout]
stops_at = "detected"
soak = "1m"
[[injects]]
at = "T+9h"
deletion.count = 2
[policy]
rto = "8h"
rpo = "30h"
[[budgets]]
metric = "site.rta"
expect = "p(95) < 9h"
[teams.a]
people = 2
[runbooks.r]
sequential = true
steps = [
  { id = "restore", team = "a", duration.exponential.mean = "1h", restore_point.latest = true, for_each.service = "db" },
  { id = "call", team = "a", duration = "10m", reaches_customer = true },
]
[[strategies.first.tracks]]
runbook = "r"
batch.size = 3
batch.in_flight = 2
[strategies.staged]
guardrails = ["staged_rollout"]
tracks = [{ runbook = "r" }]
"#;

/// What people see of a page: neither its script nor what stands in tags.
fn visible(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let ends = ["script", "style"].iter().find(|it| tag.starts_with(**it));
        let end = ends.map_or(">".to_owned(), |it| format!("</{it}>"));
        rest = tag.split_once(end.as_str()).map_or("", |it| it.1);
    }
    text + rest
}

/// The keys of all objects of a JSON text, in its order.
fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                found.push(key.clone());
                if key == "name" || key == "figure" {
                    found.push(value.to_string());
                }
                keys(value, found);
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|it| keys(it, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_people_read_of_a_fire_speaks_of_deletions_and_no_name_follows_the_words() {
    let files = |kind: &str| {
        let folder = fresh_folder(&format!("told-{kind}"));
        let path = folder.join("told.toml");
        std::fs::write(&path, TOLD.replace("KIND", kind)).expect("a folder to write to");
        let path = path.to_string_lossy().into_owned();
        let out = folder.join("report");
        let ran = in_process(&["run", &path, "--out", &out.to_string_lossy()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let mut printed = ran.stdout;
        for words in [
            &["compare", &path][..],
            &["check", &path],
            &["check", &path, "--format", "markdown"],
            &["validate", &path],
            &["why", &path, "site-0003"],
            &["why", &path, "site-0012", "--strategy", "staged", "--replication", "1"],
        ] {
            let ran = in_process(words);
            assert!(ran.code == 0 || words[0] == "check", "{words:?}: {}", ran.stderr);
            printed += &ran.stdout;
        }
        (out, printed)
    };
    let (fire, printed) = files("fire");
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("a file of a report");
    let own = |text: &str| !text.to_lowercase().contains("delet");
    let told = |text: &str| {
        let lines = text.lines().filter(|it| !own(it));
        lines.map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(told(&printed), [""; 0]);
    assert!(printed.contains("were destroyed by the fire between T+0 and"), "{printed}");
    assert!(printed.contains("something stopped the fire first"), "{printed}");
    assert_eq!(told(&visible(&read(&fire.join("report.html")))), [""; 0]);
    let mut pictures = 0;
    for entry in std::fs::read_dir(fire.join("plots")).expect("a folder of pictures") {
        let path = entry.expect("an entry").path();
        assert_eq!(told(&read(&path)), [""; 0], "{}", path.display());
        pictures += 1;
    }
    assert!(pictures > 8);
    let script = read(&fire.join("report.html"));
    for label in [
        "[\"not destroyed (yet)\", \"up\"]",
        "[\"destroyed\", \"deleted\"]",
        "or was not destroyed.",
    ] {
        assert!(script.contains(label), "{label}");
    }
    let (plain, _) = files("deletion");
    for name in ["sites.csv", "replications.csv", "steps.csv", "teams.csv"] {
        let head =
            |folder: &std::path::Path| read(&folder.join(name)).lines().next().map(str::to_owned);
        assert_eq!(head(&fire), head(&plain), "{name}");
    }
    let all_keys = |folder: &std::path::Path| {
        let mut found = Vec::new();
        keys(&serde_json::from_str(&read(&folder.join("summary.json"))).expect("JSON"), &mut found);
        found.retain(|it| it != "kind");
        found
    };
    assert_eq!(all_keys(&fire), all_keys(&plain));
}

#[test]
fn every_kind_of_incident_has_words_that_are_not_those_of_another_trade() {
    use blackstart::scenario::IncidentKind;
    let text =
        "Deleted sites, 3 deletions, the first deletion, a deleted site, it deletes, to delete";
    assert_eq!(IncidentKind::Deletion.tell(text), text);
    assert_eq!(
        IncidentKind::Flood.tell(text),
        "Destroyed sites, 3 destructions, the first destruction, a destroyed site, it destroys, to destroy"
    );
    assert_eq!(
        IncidentKind::Other.tell(text),
        "Affected sites, 3 losses, the first loss, an affected site, it affects, to affect"
    );
    for kind in IncidentKind::ALL.into_iter().filter(|it| !it.is_deletion()) {
        assert!(!kind.tell(text).contains("elet"), "{kind:?}");
    }
}
