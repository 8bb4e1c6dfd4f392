//! Whom the binding chain of a site blames where several things happened at once, where something was
//! kept with nobody at work, and where work was given up.

use blackstart::experiment;
use blackstart::ids::{Id, SiteId};

use crate::support::{scenario, small};

/// The binding chain of a site of the first exercise: hours, kind, track and name, who worked, and
/// what had to become free before.
#[track_caller]
fn check(text: &str, site: usize, expected: &[&str]) {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    let seed = scenario.experiment.seed;
    let why = experiment::why(&scenario, strategy, seed, 0, SiteId::new(site - 1));
    let chain = why.expect("it is deleted").chain;
    let told: Vec<String> = chain
        .iter()
        .map(|it| {
            let [from, to] = [it.from, it.to].map(|at| at.since_start().as_hours());
            let (cause, held) = (&it.cause, it.cause.held);
            let mut line = format!("{from}-{to} {held:?}");
            for (word, name) in [
                ("", &cause.track),
                ("", &cause.name),
                (" by", &cause.teams),
                (" after", &cause.waited_for),
            ] {
                if !name.is_empty() {
                    line += &format!("{word} {name}");
                }
            }
            line
        })
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn a_site_stays_with_a_track_that_finishes_after_its_close() {
    let text = small(
        1,
        r#"
[[injects]]
at = "T+4h"
deletion = {}
[runbooks.slow]
steps = [{ id = "by-hand", duration = "9h" }]
[runbooks.fast]
steps = [{ id = "script", duration = "1h" }]
[strategies.s]
tracks = [
  { runbook = "slow", closes = "T+2h", on_close = "finish" },
  { runbook = "fast" },
]
"#,
    );
    check(&text, 1, &["0-4 GivenUp slow", "4-5 Step fast script"]);
    // With a track that moves it is given up before, and the other one has it until it is deleted.
    let text = text.replace("finish", "move").replace("\"1h\"", "\"3h\"");
    check(&text, 1, &["0-2 GivenUp slow", "2-4 GivenUp fast", "4-7 Step fast script"]);
}
