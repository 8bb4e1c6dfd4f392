//! Deletions that say what cannot be: sites, customers and shards that there are not.

use snapbox::{assert_data_eq, str};

use super::{brief, broken, faults};

/// Three sites of two customers, on four shards of a service.
fn of(deletion: &str) -> String {
    let estate = "count = 3\nestate.sites.customers = 2\nestate.services.db.shards = 4";
    broken("count = 3", estate).replace("[{}]", &format!("[{deletion}]"))
}

#[test]
fn a_site_that_does_not_exist() {
    let told = faults(&of("{ sites.names = [\"site-0001\", \"site-003\"] }"));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-site]: there is no site `site-003`
 --> test.toml:6:53
  |
6 | incident.deletions = [{ sites.names = ["site-0001", "site-003"] }]
  |                                                     ^^^^^^^^^^
  |
  = help: did you mean `site-0003`?

"#]]
    );
    let told = faults(&of("{ sites.names = [\"everything\"] }"));
    assert!(told.contains("= help: the estate lists `site-0001` to `site-0003`"), "{told}");
}

#[test]
fn a_customer_that_does_not_exist() {
    let told = faults(&of("{ sites.customers = [1, 2] }"));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-customer]: there is no customer `2`
 --> test.toml:6:47
  |
6 | incident.deletions = [{ sites.customers = [1, 2] }]
  |                                               ^
  |
  = help: customers have the numbers 0 to 1

"#]]
    );
}

#[test]
fn a_shard_beyond_those_of_its_service() {
    let told = faults(&of("{ sites.shards = { service = \"db\", numbers = [3, 4] } }"));
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: `4` is no shard of `db`
 --> test.toml:6:72
  |
6 | incident.deletions = [{ sites.shards = { service = "db", numbers = [3, 4] } }]
  |                                                                        ^
  |
  = help: its shards have the numbers 0 to 3

"#]]
    );
    assert_eq!(
        brief(&of("{ sites.shards = { service = \"dv\", numbers = [3] } }")),
        ["6: [unknown-service] there is no service `dv`"]
    );
    assert_eq!(
        brief(&of("{ sites.shards.service = \"db\" }")),
        ["6: [missing-key] which shards it is, is not said"]
    );
    assert_eq!(
        brief(&of("{ sites.shards.numbers = [1] }")),
        ["6: [missing-key] `service` is missing"]
    );
}

#[test]
fn a_selection_that_lists_nothing() {
    for key in ["names", "customers", "tiers", "regions", "products"] {
        let told = |line: u32| [format!("{line}: [empty-selection] `{key}` lists nothing")];
        assert_eq!(brief(&of(&format!("{{ sites.{key} = [] }}"))), told(6));
        let track = broken(r#"runbook = "r""#, &format!("runbook = \"r\", takes.{key} = []"));
        assert_eq!(brief(&track), told(10));
    }
    assert_data_eq!(
        faults(&broken("[{}]", "[{ sites.names = [] }]")),
        str![[r#"
error[empty-selection]: `names` lists nothing
 --> test.toml:4:39
  |
4 | incident.deletions = [{ sites.names = [] }]
  |                                       ^^
  |
  = help: leave it out where it does not matter, or name at least one

"#]]
    );
}

#[test]
fn a_selection_of_sites_that_is_no_site() {
    // All three lie elsewhere, or are not of that customer.
    let empty = ["6: [empty-selection] no site of the estate matches this selection"];
    let both = "{ sites = { names = [\"site-0001\"], customers = [1] } }";
    assert_eq!(brief(&of(both)), empty);
    let without_data = of("{ sites.shards = { service = \"db\", numbers = [0, 1, 2, 3] } }")
        .replace(
            "[teams.a]",
            "[estate]\nservices.web = {}\nproducts.p.services = [\"web\"]\n[teams.a]",
        )
        .replace(
            "estate.sites.count = 3\nestate.sites.customers = 2\nestate.services.db.shards = 4\n",
            "",
        )
        .replace("services.web = {}", "services.web = {}\nservices.db.shards = 4\nsites.count = 3");
    let told = brief(&without_data);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("no site of the estate matches"), "{told:?}");
}

#[test]
fn names_where_every_exercise_draws_its_own_sites() {
    let redrawn = |deletion: &str| {
        of(deletion).replace("customers = 2", "customers = 2\nestate.sites.resample = true")
    };
    let told = faults(&redrawn("{ sites.names = [\"site-0001\"] }"));
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: a site by its name is another one in every exercise
 --> test.toml:7:40
  |
7 | incident.deletions = [{ sites.names = ["site-0001"] }]
  |                                        ^^^^^^^^^^^
  |
  = help: every exercise draws its own sites: leave out `resample`, or select by a tier, a region, a product or a shard

"#]]
    );
    assert_eq!(
        brief(&redrawn("{ sites.customers = [0] }")),
        ["7: [conflicting-keys] a customer is another one in every exercise"]
    );
    assert_eq!(
        brief(&redrawn("{ sites.shards = { service = \"db\", numbers = [3] } }")),
        [""; 0],
        "shards are the same in every exercise"
    );
}

#[test]
fn names_in_the_rule_of_a_tier() {
    let ruled = |when: &str| {
        of("{}").replace("customers = 2", &format!("customers = 2\nestate.sites.tiers = [{{ tier = \"gold\", when = {{ {when} }} }}, {{ tier = \"rest\" }}]"))
    };
    assert_eq!(
        brief(&ruled("names = [\"site-0001\"]")),
        ["5: [conflicting-keys] a tier's rule cannot name a site by its name"]
    );
    assert_eq!(
        brief(&ruled("customers = [1]")),
        ["5: [conflicting-keys] a tier's rule cannot name a customer"]
    );
    assert_eq!(
        brief(&ruled("shards = { service = \"db\", numbers = [1] }")),
        ["5: [conflicting-keys] a tier's rule cannot name a shard"]
    );
}

#[test]
fn a_budget_or_a_track_for_a_site_that_stays() {
    let text = of("{ sites.names = [\"site-0001\"] }");
    let budget = |select: &str| {
        let text = format!(
            "{text}[[budgets]]\nmetric = \"site.rta\"\nexpect = \"max < 9h\"\nselect = {{ {select} }}\n"
        );
        brief(&text)
    };
    let empty = ["16: [empty-selection] no deleted site matches this selection"];
    assert_eq!(budget("site = \"site-0001\""), [""; 0]);
    assert_eq!(budget("site = \"site-0002\""), empty);
    assert_eq!(budget("customer = 1"), empty);
    assert_eq!(budget("site = \"site-0009\""), ["16: [unknown-site] there is no site `site-0009`"]);
    let track = text.replace("runbook = \"r\"", "runbook = \"r\", takes.customers = [1]");
    assert_eq!(brief(&track), ["12: [empty-selection] no deleted site matches this selection"]);
    let once = format!(
        "{text}[[budgets]]\nmetric = \"last_site_back\"\nexpect = \"value < 9h\"\nselect = {{ customer = 0 }}\n"
    );
    assert_eq!(
        brief(&once),
        ["16: [conflicting-keys] an exercise has `last_site_back` once, for all its sites"]
    );
}

/// What is lost of three sites with one product of two, on four shards.
fn of_parts(deletion: &str) -> String {
    let estate = "count = 3\nestate.services.db.shards = 4\nestate.services.db.backup = { full = \"24h\" }\n\
                  estate.services.web.backup = { full = \"24h\" }\n\
                  estate.products.p.services = [\"db\"]\nestate.products.q.services = [\"web\"]\n\
                  estate.sites.products = { p = \"100%\", q = \"0%\" }";
    broken("count = 3", estate).replace("[{}]", &format!("[{deletion}]"))
}

#[test]
fn a_target_that_no_site_has() {
    let told = faults(&of_parts("{ target = { product = \"q\" } }"));
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: no site that is selected has what this takes
  --> test.toml:10:34
   |
10 | incident.deletions = [{ target = { product = "q" } }]
   |                                  ^^^^^^^^^^^^^^^^^
   |
   = help: name what some of them have, or select others

"#]]
    );
    assert_eq!(
        brief(&of_parts("{ target = { service = \"web\" } }")),
        ["10: [empty-selection] no site that is selected has what this takes"]
    );
}

#[test]
fn a_target_that_says_nothing_or_too_much() {
    let told = |target: &str| brief(&of_parts(&format!("{{ target = {target} }}")));
    assert_eq!(told("{ service = \"dv\" }"), ["10: [unknown-service] there is no service `dv`"]);
    assert_eq!(told("{ product = \"r\" }"), ["10: [unknown-product] there is no product `r`"]);
    assert_eq!(told("{}"), ["10: [missing-key] what is lost is not said"]);
    assert_eq!(
        told("{ product = \"p\", service = \"db\" }"),
        ["10: [conflicting-keys] a deletion takes a product or a service"]
    );
    assert_eq!(
        told("{ product = \"p\", shards = [1] }"),
        ["10: [conflicting-keys] a product has no shards"]
    );
    assert_eq!(
        told("{ service = \"db\", shards = [] }"),
        ["10: [missing-key] which shards it is, is not said"]
    );
    assert_eq!(
        told("{ service = \"db\", shards = [9] }"),
        ["10: [out-of-range] `9` is no shard of `db`"]
    );
    assert_eq!(told("{ servce = \"db\" }").len(), 1);
    assert!(told("{ servce = \"db\" }")[0].contains("[unknown-key]"));
    assert!(told("\"shard\"")[0].contains("[unknown-choice]"), "{:?}", told("\"shard\""));
    assert!(told("7")[0].contains("[wrong-type]"), "{:?}", told("7"));
    assert_eq!(told("\"site\""), [""; 0]);
    assert_eq!(told("{ service = \"db\" }"), [""; 0], "a runbook that knows no parts restores all");
}

#[test]
fn a_part_that_no_step_brings_back() {
    let text = of_parts("{ target = { service = \"db\" } }")
        .replace("{ id = \"x\", duration = \"1h\" }", "{ id = \"x\", duration = \"1h\", for_each.service = \"web\" }, { id = \"y\", duration = \"1h\" }");
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
warning[suspicious]: runbook `r` has no step for `db`, which 3 sites lose
  --> test.toml:16:11
   |
16 | tracks = [{ runbook = "r" }]
   |           ^^^^^^^^^^^^^^^^^
   |
   = help: sites come back without it: add a step with `for_each`

"#]]
    );
}

#[test]
fn a_kind_of_incident_that_there_is_not() {
    let told = faults(&broken(
        "incident.deletions = [{}]",
        "incident.kind = \"fyre\"\nincident.deletions = [{}]",
    ));
    assert!(told.starts_with("error[unknown-choice]"), "{told}");
    assert!(told.contains("did you mean `fire`?"), "{told}");
}

#[test]
fn more_parts_than_one_site_may_lose() {
    let names: Vec<String> = (1..=9).map(|it| format!("s{it}")).collect();
    let services: String =
        names.iter().map(|it| format!("estate.services.{it} = {{}}\n")).collect();
    let runs = |count: usize| {
        let run = |(hour, it): (usize, &String)| {
            format!("{{ at = \"T+{hour}h\", target.service = \"{it}\" }}")
        };
        let runs: Vec<String> = names.iter().take(count).enumerate().map(run).collect();
        let estate = format!("count = 3\n{services}");
        broken("count = 3", &estate).replace("[{}]", &format!("[{}]", runs.join(", ")))
    };
    assert_eq!(brief(&runs(8)), [""; 0]);
    assert_eq!(
        brief(&runs(9)),
        ["14: [out-of-range] a site may lose 9 different parts; 8 is the most"]
    );
}

#[test]
fn what_is_later_than_the_end_of_every_exercise() {
    let text = broken("[{}]", "[{}, { at = \"T+3d\" }]\n[experiment]\nhorizon = \"2d\"")
        + "[policy]\nrto = \"3d\"\n";
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: every exercise stops 2d after T+0, before this
 --> test.toml:4:34
  |
4 | incident.deletions = [{}, { at = "T+3d" }]
  |                                  ^^^^^^
  |
  = help: give `experiment.horizon` a later end, or take it out

warning[suspicious]: every exercise stops 2d after T+0, before this is over
  --> test.toml:14:7
   |
14 | rto = "3d"
   |       ^^^^
   |
   = help: give `experiment.horizon` a later end: what is not back by then is late

"#]]
    );
}
