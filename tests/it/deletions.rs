//! What is lost: which sites, and which parts of them.

use blackstart::scenario::{Scenario, check_texts};

use crate::support::{scenario, texts};

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
