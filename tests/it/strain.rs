//! What makes the same work longer: much that goes on at once, and long hours.

use blackstart::review;

use crate::support::{only, read, restored, scenario, small};

#[test]
fn the_scenario_of_coordination_takes_as_long_as_its_head_says() {
    let scenario = scenario(&read("scenarios/coordination.toml"));
    let told: Vec<Vec<String>> = scenario
        .strategies
        .ids()
        .map(|it| only(&review::timeline(&scenario, it, 1, 0), "restored"))
        .map(|it| it.lines().map(|it| it.replace(" site-000", "/")).collect())
        .collect();
    let rounds = |first: &str, second: &str| -> Vec<String> {
        (1..=8).map(|site| format!("{}/{site}", if site <= 4 { first } else { second })).collect()
    };
    assert_eq!(told[0], rounds("10:00", "20:00"));
    assert_eq!(told[1], rounds("13:00", "26:00"));
    assert_eq!(told[2], rounds("13:00", "23:00"));
}

/// Sites of an hour each, on their own, with this team.
fn alone(sites: u32, team: &str) -> String {
    small(
        sites,
        &format!(
            "[teams.t]\n{team}\n[runbooks.r]\nsteps = [{{ id = \"x\", team = \"t\", duration = \"1h\" }}]\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n"
        ),
    )
}

#[test]
fn the_loss_never_passes_what_it_may_be_at_most() {
    let team = "people = 5\ncoordination = { per_batch = 0.5, at_most = 1.5 }";
    // Five batches at once would make it three hours.
    assert_eq!(restored(&alone(5, team)).lines().next(), Some("1:30 site-0001"));
    assert_eq!(restored(&alone(2, team)).lines().next(), Some("1:30 site-0001"));
    assert_eq!(restored(&alone(1, team)).lines().next(), Some("1:00 site-0001"));
}

#[test]
fn a_loss_is_fixed_when_the_attempt_starts() {
    let team = "people = 1\ncoordination = { per_batch = 1.0 }";
    // Three batches are in flight, then two, then one: three hours, two, and one.
    assert_eq!(restored(&alone(3, team)), "3:00 site-0001\n5:00 site-0002\n6:00 site-0003\n");
}

#[test]
fn a_track_is_at_work_while_its_once_steps_are() {
    let text = small(
        1,
        r#"
[teams.t]
people = 2
coordination = { per_track = 0.5 }
[runbooks.build]
supporting = true
steps = [{ id = "script", per = "once", duration = "2h" }]
[runbooks.r]
steps = [
  { id = "a", team = "t", duration = "2h" },
  { id = "b", after = ["a"], team = "t", duration = "2h" },
]
[strategies.s]
tracks = [{ runbook = "build" }, { runbook = "r" }]
"#,
    );
    // Three hours beside the building, two alone.
    assert_eq!(restored(&text), "5:00 site-0001\n");
}

#[test]
fn people_get_slower_from_so_long_after_the_first_of_them_came() {
    let team = "people = [{ at = \"T+4h\", people = 1 }]\n\
                fatigue = [{ after = \"3h\", factor = 2.0 }, { after = \"90m\", factor = 1.5 }]";
    // They come at 4:00. What starts at 6:00, two hours later, takes one and a half times as long,
    // what starts at 7:30 twice as long.
    assert_eq!(
        restored(&alone(4, team)),
        "5:00 site-0001\n6:00 site-0002\n7:30 site-0003\n9:30 site-0004\n"
    );
}

#[test]
fn of_several_teams_the_one_that_loses_most_counts() {
    let text = small(
        1,
        r#"
[teams.a]
people = 1
coordination = { per_track = 0.5 }
fatigue = [{ after = "0s", factor = 1.2 }]
[teams.b]
people = 1
fatigue = [{ after = "0s", factor = 1.5 }]
[runbooks.r]
steps = [{ id = "x", teams = { a = 1, b = 1 }, duration = "10h" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(restored(&text), "15:00 site-0001\n");
}
