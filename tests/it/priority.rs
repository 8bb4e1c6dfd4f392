//! The priority rules, each where it decides otherwise than first come, first served.

use crate::support::{scenario, small, starts, trace};

use blackstart::review::What;

/// One person; a site has a leaf `a`, and `b` before the long `c`.
fn branches(rule: &str) -> String {
    starts(&small(
        1,
        &format!(
            r#"
[teams.db]
people = 1
[runbooks.r]
steps = [
  {{ id = "a", team = "db", duration = "2h" }},
  {{ id = "b", team = "db", duration = "1h" }},
  {{ id = "c", team = "db", after = ["b"], duration = "5h" }},
]
[strategies.s]
priority = "{rule}"
tracks = [{{ runbook = "r" }}]
"#
        ),
    ))
}

const IN_ORDER: &str = "0:00 site-0001/a\n2:00 site-0001/b\n3:00 site-0001/c\n";
const LEAF_LAST: &str = "0:00 site-0001/b\n1:00 site-0001/c\n6:00 site-0001/a\n";
const SHORT_FIRST: &str = "0:00 site-0001/b\n1:00 site-0001/a\n3:00 site-0001/c\n";

#[test]
fn rules_of_the_critical_path_put_the_long_branch_first() {
    assert_eq!(branches("fifo"), IN_ORDER);
    assert_eq!(branches("longest_remaining"), LEAF_LAST);
    assert_eq!(branches("least_slack"), LEAF_LAST);
    assert_eq!(branches("rank_positional_weight"), LEAF_LAST);
    assert_eq!(branches("latest_finish"), "0:00 site-0001/b\n1:00 site-0001/a\n3:00 site-0001/c\n");
}

#[test]
fn the_shortest_task_goes_first() {
    assert_eq!(branches("shortest"), SHORT_FIRST);
}

#[test]
fn the_task_that_most_wait_for_goes_first() {
    // b has one successor; then a and c have none, and the file decides.
    assert_eq!(branches("most_successors"), SHORT_FIRST);
}

/// One person; two chains, of which the second has the shorter first step.
fn two_chains(rule: &str) -> String {
    starts(&small(
        1,
        &format!(
            r#"
[teams.db]
people = 1
[runbooks.r]
steps = [
  {{ id = "a", team = "db", duration = "3h" }},
  {{ id = "b", team = "db", duration = "1h" }},
  {{ id = "c", team = "db", after = ["a"], duration = "1h" }},
  {{ id = "d", team = "db", after = ["b"], duration = "1h" }},
]
[strategies.s]
priority = "{rule}"
tracks = [{{ runbook = "r" }}]
"#
        ),
    ))
}

#[test]
fn the_task_that_could_start_first_with_enough_people_goes_first() {
    // With enough people d would start after an hour and c after three.
    let begin = "0:00 site-0001/a\n3:00 site-0001/b\n";
    assert_eq!(
        two_chains("earliest_start"),
        format!("{begin}4:00 site-0001/d\n5:00 site-0001/c\n")
    );
    assert_eq!(two_chains("fifo"), format!("{begin}4:00 site-0001/c\n5:00 site-0001/d\n"));
}

#[test]
fn the_rank_positional_weight_looks_one_task_ahead() {
    // 1 + 2 hours right after x are more than 1 + 1 after y, though eleven follow y in all.
    let text = |rule: &str| {
        small(
            1,
            &format!(
                r#"
[teams.db]
people = 1
[runbooks.r]
steps = [
  {{ id = "y", team = "db", duration = "1h" }},
  {{ id = "y1", team = "db", after = ["y"], duration = "1h" }},
  {{ id = "y2", team = "db", after = ["y1"], duration = "10h" }},
  {{ id = "x", team = "db", duration = "1h" }},
  {{ id = "x1", team = "db", after = ["x"], duration = "2h" }},
]
[strategies.s]
priority = "{rule}"
tracks = [{{ runbook = "r" }}]
"#
            ),
        )
    };
    let first = |rule: &str| starts(&text(rule)).lines().next().map(str::to_owned);
    assert_eq!(first("rank_positional_weight").as_deref(), Some("0:00 site-0001/x"));
    assert_eq!(first("longest_remaining").as_deref(), Some("0:00 site-0001/y"));
}

fn chains(rule: &str) -> String {
    starts(&small(
        2,
        &format!(
            r#"
[teams.db]
people = 1
[runbooks.r]
sequential = true
steps = [
  {{ id = "x", team = "db", duration = "1h" }},
  {{ id = "y", team = "db", duration = "1h" }},
]
[strategies.s]
priority = "{rule}"
tracks = [{{ runbook = "r" }}]
"#
        ),
    ))
}

#[test]
fn first_come_first_served_alternates_and_the_order_of_the_file_does_not() {
    assert_eq!(
        chains("fifo"),
        "0:00 site-0001/x\n1:00 site-0002/x\n2:00 site-0001/y\n3:00 site-0002/y\n"
    );
    assert_eq!(
        chains("fixed"),
        "0:00 site-0001/x\n1:00 site-0001/y\n2:00 site-0002/x\n3:00 site-0002/y\n"
    );
}

fn mixed(rule: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[estate.sites]
count = 8
users = {{ uniform = {{ min = 1, max = 100000 }} }}
tiers = [{{ tier = "gold", when.min_users = 50000 }}, {{ tier = "free" }}]
[[incident.deletions]]
[teams.db]
people = 1
[runbooks.r]
steps = [{{ id = "x", team = "db", duration = "1h" }}]
[strategies.s]
priority = "{rule}"
tracks = [{{ runbook = "r" }}]
"#
    )
}

fn order(rule: &str, replication: u64) -> Vec<String> {
    let records = trace(&mixed(rule), replication).records;
    records.into_iter().filter(|it| it.what == What::Started).map(|it| it.site).collect()
}

#[test]
fn the_site_with_most_users_goes_first() {
    let estate = scenario(&mixed("fifo")).estate;
    let mut sites: Vec<_> = estate.sites.iter().collect();
    sites.sort_by_key(|site| std::cmp::Reverse(site.users));
    let expected: Vec<String> = sites.iter().map(|site| site.name.clone()).collect();
    assert_eq!(order("most_users", 0), expected);
    assert_ne!(order("fifo", 0), expected);
}

#[test]
fn the_tier_that_is_listed_first_goes_first() {
    let estate = scenario(&mixed("fifo")).estate;
    let mut sites: Vec<_> = estate.sites.iter().collect();
    sites.sort_by_key(|site| site.users < 50_000);
    let expected: Vec<String> = sites.iter().map(|site| site.name.clone()).collect();
    assert_eq!(order("tier", 0), expected);
    assert_ne!(order("fifo", 0), expected);
}

#[test]
fn lots_are_drawn_anew_in_every_replication_and_alike_in_the_same() {
    assert_eq!(order("random", 0), order("random", 0));
    assert_ne!(order("random", 0), order("random", 1));
    let mut sorted = order("random", 2);
    sorted.sort();
    assert_eq!(sorted, order("fifo", 2));
}

#[test]
fn what_all_batches_wait_for_is_on_the_longest_path() {
    // One person: an hour of preparation lets ten hours of waiting begin; a call takes two hours.
    let text = |rule: &str| {
        format!(
            r#"
schema = 1
title = "test"
[estate.sites]
count = 2
[[incident.deletions]]
[teams.x]
people = 1
[runbooks.call]
supporting = true
steps = [{{ id = "call", team = "x", duration = "2h" }}]
[runbooks.r]
steps = [{{ id = "prepare", per = "once", team = "x", duration = "1h" }}, {{ id = "wait", duration = "10h" }}]
[strategies.s]
priority = "{rule}"
tracks = [{{ runbook = "call" }}, {{ runbook = "r" }}]
"#
        )
    };
    let last = |rule: &str| trace(&text(rule), 0).outcome.makespan.to_string();
    assert_eq!(last("fifo"), "T+15h");
    let rules = ["longest_remaining", "most_successors", "latest_finish", "rank_positional_weight"];
    for rule in rules {
        assert_eq!(last(rule), "T+11h", "{rule}");
    }
}
