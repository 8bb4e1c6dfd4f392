//! What is wrong with an estate that is drawn anew.

use snapbox::{assert_data_eq, str};

use super::{SOUND, broken, faults};
use crate::support::{but_unused, checked, texts};

fn redrawn(sites: &str, rest: (&str, &str)) -> String {
    let estate = format!("estate.sites = {{ resample = true, {sites} }}");
    faults(&SOUND.replace("estate.sites.count = 3", &estate).replace(rest.0, rest.1))
}

#[test]
fn a_table_of_sites_that_is_to_be_drawn_again() {
    let sites = "estate.sites = { csv = \"sites.csv\", resample = true }";
    let files = [("sites.csv", "site\na\n")];
    let told = |main: &str| {
        let checked = blackstart::scenario::check_texts(&texts(main, &files), &[]);
        but_unused(&checked.diagnostics.render(&checked.sources, false))
    };
    let main = broken("estate.sites.count = 3", sites);
    assert_eq!(told(&main.replace("true }", "false }")), "");
    assert_data_eq!(
        told(&main),
        str![[r#"
error[conflicting-keys]: `resample` stands beside `csv`
 --> test.toml:3:48
  |
3 | estate.sites = { csv = "sites.csv", resample = true }
  |                                                ^^^^
  |
  = help: leave it out: a table of sites is one estate, which is not drawn


"#]]
    );
}

#[test]
fn a_selection_that_no_draw_matches() {
    let never = ("[{}]", "[{ sites = { min_users = 9 } }]");
    assert_data_eq!(
        redrawn("count = 3", never),
        str![[r#"
error[empty-selection]: no site of the estate matches this selection
 --> test.toml:4:33
  |
4 | incident.deletions = [{ sites = { min_users = 9 } }]
  |                                 ^^^^^^^^^^^^^^^^^
  |
  = help: widen it; all its keys have to hold for one site

"#]]
    );
}

#[test]
fn a_selection_that_only_some_draws_match() {
    let rare = ("[{}]", "[{ sites = { regions = [\"eu\"] } }]");
    for seed in 1..=10 {
        let sites = "count = 1, regions = { eu = \"20%\", us = \"80%\" }";
        let text = SOUND
            .replace(
                "estate.sites.count = 3",
                &format!("estate.sites = {{ resample = true, {sites} }}"),
            )
            .replace(rare.0, rare.1);
        let overrides = format!("experiment.population_seed={seed}");
        let checked = checked(&text, &[&overrides]);
        assert_eq!(
            but_unused(&checked.diagnostics.render(&checked.sources, false)),
            "",
            "seed {seed}"
        );
    }
}

#[test]
fn a_count_beyond_the_whole_estate() {
    let many = ("[{}]", "[{ count = 4, sites = { min_users = 1 } }]");
    assert_data_eq!(
        redrawn("count = 3", many),
        str![[r#"
error[out-of-range]: `4` is no possible number of sites to delete; it lies between 1 and 3
 --> test.toml:4:33
  |
4 | incident.deletions = [{ count = 4, sites = { min_users = 1 } }]
  |                                 ^

"#]]
    );
}

#[test]
fn a_first_deletion_that_is_late_in_every_draw() {
    let late = ("[{}]", "[{ at = \"T+1h\" }]");
    assert_data_eq!(
        redrawn("count = 3", late),
        str![[r#"
error[out-of-range]: the first deletion is at T+1h
 --> test.toml:4:23
  |
4 | incident.deletions = [{ at = "T+1h" }]
  |                       ^^^^^^^^^^^^^^^
  |
  = help: T+0 is the first deletion; leave out `at` of the first run

"#]]
    );
}

#[test]
fn a_run_that_finds_nobody_in_one_draw_is_no_late_first_deletion() {
    let sites = "count = 2, regions = { eu = \"50%\", us = \"50%\" }";
    let runs = "[{ sites = { regions = [\"eu\"] } }, { at = \"T+1h\" }]";
    for seed in 1..=10 {
        let text = SOUND
            .replace(
                "estate.sites.count = 3",
                &format!("estate.sites = {{ resample = true, {sites} }}"),
            )
            .replace("[{}]", runs);
        let checked = checked(&text, &[&format!("experiment.population_seed={seed}")]);
        assert_eq!(
            but_unused(&checked.diagnostics.render(&checked.sources, false)),
            "",
            "seed {seed}"
        );
    }
}

/// Three sites of which exercise 0 has none in `eu`, and others have some.
fn mostly_american(tracks: &str) -> String {
    let sites =
        "estate.sites = { resample = true, count = 3, regions = { eu = \"20%\", us = \"80%\" } }";
    SOUND
        .replace("estate.sites.count = 3", &format!("experiment.population_seed = 2\n{sites}"))
        .replace("[{ runbook = \"r\" }]", tracks)
}

#[test]
fn a_track_may_take_what_only_other_draws_have() {
    let tracks =
        "[{ runbook = \"r\" }, { id = \"eu\", runbook = \"r\", takes.regions = [\"eu\"] }]";
    let text = mostly_american(tracks);
    assert_eq!(faults(&text), "\n");
    assert!(faults(&text.replace("resample = true, ", "")).contains("error[empty-selection]"));
}

#[test]
fn a_step_that_waits_for_a_track_that_leaves_out_sites_of_other_draws() {
    let text =
        mostly_american("[{ runbook = \"first\", takes.regions = [\"us\"] }, { runbook = \"r\" }]");
    let text = text.replace("id = \"x\", ", "id = \"x\", after = [\"first.y\"], ").replace(
        "[runbooks.r]",
        "[runbooks.first]\nsupporting = true\nsteps = [{ id = \"y\", duration = \"1h\" }]\n[runbooks.r]",
    );
    assert_eq!(faults(&text.replace("resample = true, ", "")), "\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[never-reached]: track `first` does not take `site-0001`, which this track takes
  --> test.toml:12:31
   |
12 | steps = [{ id = "x", after = ["first.y"], duration = "1h" }]
   |                               ^^^^^^^^^
   |
   = help: widen its `takes`

"#]]
    );
}

#[test]
fn a_site_of_another_draw_that_is_left_to_nobody() {
    let text = mostly_american("[{ runbook = \"r\", takes.regions = [\"us\"] }]");
    assert_eq!(faults(&text.replace("resample = true, ", "")), "\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[suspicious]: 2 deleted sites, such as `site-0001`, may be left to nobody
  --> test.toml:10:1
   |
10 | [strategies.s]
   | ^^^^^^^^^^^^^^
   |
   = help: no track takes them, or every one that does closes; widen `takes` or leave out `closes`

"#]]
    );
}
