//! When customers hear something.

use blackstart::experiment::Design;
use blackstart::measure::metrics;
use blackstart::{experiment, measure};

use crate::support::{
    fresh_folder, hours, in_process, names_in, only, read, scenario, small, timeline,
};

/// First word, and the first, half and last of the customers reached, in hours, by strategy.
fn heard(text: &str) -> Vec<[Option<u64>; 4]> {
    let scenario = scenario(text);
    let design = Design { replications: 1, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let each = results.strategies.iter().map(|it| {
        let contact = metrics(&scenario, &results, it)[0].contact;
        [
            contact.first_word,
            contact.first_customer_reached,
            contact.half_of_customers_reached,
            contact.all_customers_reached,
        ]
        .map(|at| at.map(|it| it.as_millis() / hours(1)))
    });
    each.collect()
}

fn reached(text: &str) -> String {
    only(&timeline(text), "reached")
}

#[test]
fn sites_that_are_ready_stay_closed_while_nobody_can_be_asked_to_look() {
    let text = read("scenarios/contacts.toml");
    let expected = [[1, 25, 26, 27], [1, 1, 2, 3]];
    assert_eq!(heard(&text), expected.map(|it| it.map(Some)));
    let expected = [("list-deleted-too", 29.0), ("list-kept-elsewhere", 6.0)];
    let expected = expected.map(|(name, hours)| (name.to_owned(), hours));
    assert_eq!(crate::support::last_back(&text), expected);
}

#[test]
fn a_customer_is_reached_when_the_first_of_its_sites_is() {
    let text = small(
        4,
        r#"
[teams.support]
people = 1
[runbooks.r]
steps = [{ id = "call", team = "support", duration = "1h", reaches_customer = true }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    )
    .replace("count = 4", "count = 4\ncustomers = 1");
    assert_eq!(heard(&text), [[Some(1); 4]]);
    assert_eq!(reached(&text), "1:00 site-0001\n2:00 site-0002\n3:00 site-0003\n4:00 site-0004\n");
}

#[test]
fn a_batch_step_reaches_the_customers_of_the_batch() {
    let text = small(
        3,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "write", per = "batch", duration = "1h", reaches_customer = true },
  { id = "open", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch = { size = 2, in_flight = 1 }
"#,
    );
    assert_eq!(reached(&text), "1:00 site-0001\n1:00 site-0002\n3:00 site-0003\n");
}

#[test]
fn who_was_reached_once_stays_so_when_the_call_is_made_again() {
    let text = small(
        1,
        r#"
[runbooks.r]
sequential = true
steps = [
  { id = "call", duration = "1h", reaches_customer = true },
  { id = "check", duration = "1h", fails = { probability = 1, attempts = 2, retry_from = "call" } },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(reached(&text), "1:00 site-0001\n");
}

#[test]
fn who_takes_over_may_reach_the_customer() {
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "mail", duration = "1h", reaches_customer = false, fails = { probability = 1, attempts = 1, escalates_to = { step = "visit" } } },
  { id = "visit", duration = "5h", reaches_customer = true },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(reached(&text), "6:00 site-0001\n");
}

#[test]
fn a_public_milestone_is_the_first_word_where_it_comes_first() {
    let text = |delay: &str| {
        small(
            2,
            &format!(
                r#"
[incident.milestones.told]
delay = "{delay}"
public = true
[runbooks.r]
steps = [{{ id = "call", duration = "3h", reaches_customer = true }}]
[[strategies.s.tracks]]
runbook = "r"
"#
            ),
        )
    };
    assert_eq!(heard(&text("1h"))[0][0], Some(1));
    assert_eq!(heard(&text("5h"))[0][0], Some(3));
}

#[test]
fn nobody_hears_anything_where_nobody_says_anything() {
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [{ id = "x", duration = "3h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(heard(&text), [[None; 4]]);
}

#[test]
fn what_comes_after_the_horizon_is_not_heard() {
    let text = small(
        2,
        r#"
[incident.milestones.told]
delay = "9h"
public = true
[teams.support]
people = 1
[runbooks.r]
steps = [{ id = "call", team = "support", duration = "3h", reaches_customer = true }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    )
    .replace("title = \"test\"", "title = \"test\"\nexperiment.horizon = \"4h\"")
    .replace("count = 2", "count = 2\ncustomers = 2");
    assert_eq!(heard(&text), [[Some(3), Some(3), Some(3), None]]);
}

#[test]
fn the_report_tells_of_contacts_only_where_there_are_any() {
    let folder = fresh_folder("contacts");
    let run = |name: &str| {
        let out = folder.join(name);
        let scenario = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let words = ["run", &scenario, "--replications", "20", "--out", &out.to_string_lossy()];
        let ran = in_process(&words);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let mut plots = names_in(&out);
        plots.retain(|it| it.starts_with("plots/contact-"));
        (ran.stdout, plots)
    };
    let (told, plots) = run("contacts");
    for label in [" first word ", " first customer reached ", " all customers reached "] {
        assert_eq!(told.matches(label).count(), 2, "{told}");
    }
    let expected = ["plots/contact-list-deleted-too.svg", "plots/contact-list-kept-elsewhere.svg"];
    assert_eq!(plots, expected);
    let (told, plots) = run("graham");
    assert!(!told.contains("first word") && !told.contains("customers reached"), "{told}");
    assert_eq!(plots, [""; 0]);
}

#[test]
fn the_curve_of_contacts_rises_with_each_round_of_calls() {
    let scenario = scenario(&read("scenarios/contacts.toml"));
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    let curve = measure::contact_curve(&scenario, &results, &results.strategies[1]);
    let curve = curve.expect("somebody is reached");
    // It ends at 4 h, so an hour has sixty points.
    assert_eq!((curve.at.len(), curve.at[60].as_millis()), (241, hours(1)));
    let share = |at: usize| (curve.customers.median[at] * 6.0).round();
    assert_eq!([59, 60, 119, 120, 179, 180, 240].map(share), [0.0, 2.0, 2.0, 4.0, 4.0, 6.0, 6.0]);
}
