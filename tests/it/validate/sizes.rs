//! What is too large for a plan is a fault like any other, and nothing of it panics.

use super::{SOUND, broken, faults};

/// The sound text with so many sites on so many shards, and a limit that counts per shard.
fn sharded(sites: u32, shards: u32) -> String {
    let estate = format!(
        "estate.services.db.shards = {shards}\nestate.sites.count = {sites}\n\
         limits.extracts = {{ units = 2, per = \"shard\" }}"
    );
    broken("estate.sites.count = 3", &estate).replace(
        "{ id = \"x\", duration = \"1h\" }",
        "{ id = \"x\", for_each.service = \"db\", uses.extracts = 1, duration = \"1h\" }",
    )
}

#[test]
fn a_limit_that_counts_per_shard_of_very_many() {
    assert_eq!(faults(&sharded(3, 1_000_000)), "\n");
    let told = faults(&sharded(70_000, 1_000_000));
    let of = |number: &str, what: &str| {
        assert!(
            told.contains(&format!("error[out-of-range]: the strategy has {number}")),
            "{told}"
        );
        assert!(told.contains(what), "{told}");
    };
    of(
        "67",
        "teams, limits and injects, limits that count per shard once for each shard; 60000 is the most",
    );
    of("67", "combinations of people and units that tasks need; 60000 is the most");
    assert!(told.contains("leave out `per = \"shard\"` of a limit"), "{told}");
}

#[test]
fn more_tasks_than_fit_in_memory() {
    let steps = |it: usize| format!("{{ id = \"s{it}\", duration = \"1h\" }}");
    let steps: Vec<String> = (0..2_001).map(steps).collect();
    let text = broken("estate.sites.count = 3", "estate.sites.count = 200000")
        .replace("{ id = \"x\", duration = \"1h\" }", &steps.join(", "));
    let told = faults(&text);
    let expected = "the strategy has 400200000 tasks, steps times sites; 400000000 is the most";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn more_combinations_of_products_than_a_plan_can_tell_apart() {
    let products: String = (0..40).map(|it| format!("estate.products.p{it} = {{}}\n")).collect();
    let mix: Vec<String> = (0..40).map(|it| format!("p{it} = \"50%\"")).collect();
    let estate = format!(
        "{products}estate.sites.count = 70000\nestate.sites.products = {{ {} }}",
        mix.join(", ")
    );
    let told = faults(&broken("estate.sites.count = 3", &estate));
    let expected = "combinations of products; 60000 is the most";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn more_products_than_sites_can_have() {
    let products: String = (0..66).map(|it| format!("estate.products.p{it} = {{}}\n")).collect();
    let estate =
        format!("{products}estate.sites.count = 3\nestate.sites.products = {{ p65 = \"100%\" }}");
    let text = broken("estate.sites.count = 3", &estate)
        .replace("[{}]", "[{ sites = { products = [\"p65\"] } }]");
    assert!(faults(&text).contains("an estate has at most 64 products"));
}

#[test]
fn longer_lists_than_a_plan_can_number() {
    let inject = "[[injects]]\npeople_away = { team = \"a\", people = 1 }\nlasts = \"1h\"\n";
    let text = format!("{SOUND}{}", inject.repeat(10_001));
    assert!(faults(&text).contains("a scenario has at most 10000 injects"));
    let teams: String = (0..10_001).map(|it| format!("[teams.t{it}]\npeople = 1\n")).collect();
    assert!(faults(&format!("{SOUND}{teams}")).contains("a scenario has at most 10000 teams"));
}

#[test]
fn more_than_there_may_be_unless_it_is_allowed() {
    let steps = |it: usize| format!("{{ id = \"s{it}\", duration = \"1h\" }}");
    let steps: Vec<String> = (0..10_001).map(steps).collect();
    let strategies = |it: usize| format!("[strategies.s{it}]\ntracks = [{{ runbook = \"r\" }}]\n");
    let strategies: String = (0..1_000).map(strategies).collect();
    let many = "experiment.replications = 100001\nestate.sites.count = 1000001";
    let text = broken("estate.sites.count = 3", many)
        .replace("{ id = \"x\", duration = \"1h\" }", &steps.join(", "))
        + &strategies;
    let told = faults(&text);
    for (many, limit) in [
        ("1000001 sites are more than the limit of 1000000", "sites=1000001"),
        ("10001 steps are more than the limit of 10000", "steps=10001"),
        ("1001 strategies are more than the limit of 1000", "strategies=1001"),
        ("100001 exercises are more than the limit of 100000", "replications=100001"),
    ] {
        assert!(told.contains(&format!("error[too-many]: {many}\n")), "{told}");
        let help = format!("if so many are meant, raise the limit with `--limit {limit}`");
        assert!(told.contains(&help), "{told}");
    }
    let large = broken("people = 2\n", &format!("people = 2\nx = [{}]\n", "1,".repeat(200_000)));
    assert!(faults(&large).starts_with("error[too-many]: this file is too large: "));
}
