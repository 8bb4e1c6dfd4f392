//! People who go: overtime, or work that is handed over and goes on when people are back.

use std::collections::BTreeMap;

use blackstart::review::What;

use crate::support::{hours, restored, small, timeline, trace};

/// The timeline without what opens and who takes.
fn work(text: &str) -> String {
    timeline(text)
        .lines()
        .filter(|it| !it.contains(" open ") && !it.contains(" take "))
        .fold(String::new(), |text, line| text + line.trim_start() + "\n")
}

/// Sites of one step of three hours; of two people one goes after two hours.
fn one_goes(sites: u32, at_shift_end: &str, more: &str) -> String {
    small(
        sites,
        &format!(
            r#"
[teams.db]
people = [{{ at = "T+0", people = 2 }}, {{ at = "T+2h", people = 1 }}]
at_shift_end = "{at_shift_end}"
[[runbooks.r.steps]]
id = "restore"
team = "db"
duration = "3h"
[[strategies.s.tracks]]
runbook = "r"
{more}
"#
        ),
    )
}

#[test]
fn whoever_has_a_task_at_the_end_of_a_shift_finishes_it_in_overtime() {
    let text = one_goes(2, "finish", "");
    assert_eq!(
        work(&text),
        "0:00  start      site-0001/restore
0:00  start      site-0002/restore
3:00  finish     site-0001/restore
3:00  restored   site-0001
3:00  finish     site-0002/restore
3:00  restored   site-0002
"
    );
    let pool = trace(&text, 0).outcome.pools[0];
    assert_eq!(pool.busy, hours(6).into());
    assert_eq!(pool.overtime, hours(1).into());
    assert_eq!(pool.capacity, hours(5).into());
}

#[test]
fn where_the_team_hands_over_the_youngest_attempt_pauses_and_goes_on_first() {
    let text = one_goes(3, "hand_over", "");
    assert_eq!(
        work(&text),
        "0:00  start      site-0001/restore
0:00  start      site-0002/restore
2:00  pause      site-0002/restore
3:00  finish     site-0001/restore
3:00  restored   site-0001
3:00  resume     site-0002/restore
4:00  finish     site-0002/restore
4:00  restored   site-0002
4:00  start      site-0003/restore
7:00  finish     site-0003/restore
7:00  restored   site-0003
"
    );
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.pools[0].busy, hours(9).into());
    assert_eq!(outcome.pools[0].overtime, 0);
    // The third waited four hours to start, the second one to go on.
    assert_eq!((outcome.steps[0].work, outcome.steps[0].wait), (hours(9), hours(5)));
    assert_eq!(outcome.steps[0].attempts, 3);
}

#[test]
fn the_youngest_is_the_latest_start_even_if_it_stands_first_in_the_file() {
    let text = small(
        1,
        r#"
[teams.db]
people = [{ at = "T+0", people = 2 }, { at = "T+2h", people = 1 }, { at = "T+10h", people = 2 }]
at_shift_end = "hand_over"
[runbooks.r]
steps = [
  { id = "late", after = ["wait"], team = "db", duration = "5h" },
  { id = "wait", duration = "1h" },
  { id = "early", team = "db", duration = "9h" },
]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    // Paused for seven hours, because the other attempt has the one person who is there until nine.
    assert_eq!(
        work(&text),
        "0:00  start      site-0001/wait
0:00  start      site-0001/early
1:00  finish     site-0001/wait
1:00  start      site-0001/late
2:00  pause      site-0001/late
9:00  finish     site-0001/early
9:00  resume     site-0001/late
13:00  finish     site-0001/late
13:00  restored   site-0001
"
    );
}

/// A step of two teams, of which one goes from the second to the fifth hour, beside others.
fn two_teams(more_steps: &str) -> String {
    small(
        1,
        &format!(
            r#"
[teams.db]
people = [{{ at = "T+0", people = 1 }}, {{ at = "T+2h", people = 0 }}, {{ at = "T+5h", people = 1 }}]
at_shift_end = "hand_over"
[teams.web]
people = 1
[limits.api]
units = 1
[runbooks.r]
steps = [
  {{ id = "both", teams = {{ db = 1, web = 1 }}, uses = {{ api = 1 }}, duration = "3h" }},
  {more_steps}
]
[strategies.s]
priority = "fixed"
tracks = [{{ runbook = "r" }}]
"#
        ),
    )
}

#[test]
fn a_paused_attempt_gives_back_all_its_teams_and_needs_them_all_again() {
    let text = two_teams("{ id = \"site\", team = \"web\", duration = \"4h\" },");
    assert_eq!(
        work(&text),
        "0:00  start      site-0001/both
2:00  pause      site-0001/both
2:00  start      site-0001/site
6:00  finish     site-0001/site
6:00  resume     site-0001/both
7:00  finish     site-0001/both
7:00  restored   site-0001
"
    );
    let pools = trace(&text, 0).outcome.pools;
    let busy: Vec<u128> = pools.iter().map(|it| it.busy).collect();
    // The limit is held all the while.
    assert_eq!(busy, [hours(3), hours(7), hours(7)].map(u128::from));
}

#[test]
fn a_paused_attempt_keeps_its_limits() {
    let text = two_teams("{ id = \"call\", uses = { api = 1 }, duration = \"1h\" },");
    assert_eq!(
        work(&text),
        "0:00  start      site-0001/both
2:00  pause      site-0001/both
5:00  resume     site-0001/both
6:00  finish     site-0001/both
6:00  start      site-0001/call
7:00  finish     site-0001/call
7:00  restored   site-0001
"
    );
}

#[test]
fn a_track_that_closes_gives_paused_attempts_up_and_their_limits_with_them() {
    let text = small(
        2,
        r#"
[teams.db]
people = [{ at = "T+0", people = 2 }, { at = "T+2h", people = 1 }]
at_shift_end = "hand_over"
[limits.api]
units = 2
[runbooks.slow]
steps = [{ id = "slow", team = "db", uses = { api = 1 }, duration = "9h" }]
[runbooks.fast]
steps = [{ id = "fast", uses = { api = 2 }, duration = "1h" }]
[[strategies.s.tracks]]
runbook = "slow"
closes = "T+4h"
on_close = "move"
[[strategies.s.tracks]]
runbook = "fast"
opens = "T+4h"
"#,
    );
    assert_eq!(
        work(&text),
        "0:00  start      site-0001/slow
0:00  start      site-0002/slow
2:00  pause      site-0002/slow
4:00  close      slow
4:00  abort      site-0001/slow
4:00  abort      site-0002/slow
4:00  start      site-0001/fast
5:00  finish     site-0001/fast
5:00  restored   site-0001
5:00  start      site-0002/fast
6:00  finish     site-0002/fast
6:00  restored   site-0002
"
    );
    let outcome = trace(&text, 0).outcome;
    assert_eq!((outcome.steps[0].work, outcome.steps[0].wait), (hours(6), hours(2)));
    assert_eq!(outcome.steps[0].attempts, 2);
    assert_eq!(outcome.pools[0].busy, hours(6).into());
    assert_eq!(outcome.pools[1].busy, hours(8 + 4).into());
}

#[test]
fn an_attempt_that_pauses_for_ever_counts_as_far_as_it_came() {
    let text = small(
        1,
        r#"
[experiment]
horizon = "10h"
[teams.db]
people = [{ at = "T+0", people = 1 }, { at = "T+2h", people = 0 }]
at_shift_end = "hand_over"
[runbooks.r]
steps = [{ id = "a", team = "db", duration = "3h" }, { id = "b", duration = "1d" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let outcome = trace(&text, 0).outcome;
    assert_eq!((outcome.steps[0].work, outcome.steps[0].wait), (hours(2), hours(8)));
    assert_eq!(outcome.steps[0].attempts, 1);
    assert_eq!(outcome.pools[0].busy, hours(2).into());
}

#[test]
fn a_strategy_may_hand_over_what_another_finishes() {
    let text =
        one_goes(2, "finish", "") + "[strategies.s]\nat_shift_end = { db = \"hand_over\" }\n";
    assert!(timeline(&text).contains("2:00  pause      site-0002/restore"), "{text}");
}

/// Random durations, failures, two teams that shrink and grow, a limit and a track that moves.
const MANY: &str = r#"
[teams.db]
people = [
  { at = "T+0", people = 6 }, { at = "T+4h", people = 1 }, { at = "T+9h", people = 5 },
  { at = "T+13h", people = 0 }, { at = "T+20h", people = 6 }, { at = "T+26h", people = 2 },
]
[teams.web]
people = [{ at = "T+0", people = 3 }, { at = "T+7h", people = 1 }, { at = "T+15h", people = 4 }]
[limits.api]
units = 3
[runbooks.r]
steps = [
  { id = "a", team = "db", people = 2, duration.exponential = { mean = "3h" } },
  { id = "b", after = ["a"], teams = { db = 1, web = 1 }, uses = { api = 1 }, duration.exponential = { mean = "2h" }, fails = { probability = "30%", retry_from = "a" } },
  { id = "c", team = "web", duration.exponential = { mean = "1h" } },
]
[strategies.s]
priority = "random"
tracks = [{ runbook = "r", closes = "T+11h", on_close = "move" }, { id = "again", runbook = "r", opens = "T+10h" }]
"#;

#[test]
fn hours_of_people_are_what_the_attempts_ran_and_overtime_is_part_of_them() {
    for (db, web) in [("finish", "finish"), ("hand_over", "finish"), ("hand_over", "hand_over")] {
        let ends = format!("[strategies.s.at_shift_end]\ndb = \"{db}\"\nweb = \"{web}\"\n");
        let text = small(30, &(MANY.to_owned() + &ends));
        let mut overtime = [0, 0];
        for replication in 0..20 {
            let trace = trace(&text, replication);
            let mut since = BTreeMap::new();
            let mut busy = [0u128; 2];
            for it in &trace.records {
                let whose = (it.track.clone(), it.step.clone(), it.site.clone());
                match it.what {
                    What::Started | What::Resumed => {
                        assert!(since.insert(whose, it.at).is_none(), "no task runs twice at once");
                    }
                    What::Finished | What::Failed | What::Paused | What::Aborted => {
                        // What is given up while it pauses does not run.
                        let Some(since) = since.remove(&whose) else { continue };
                        let length = u128::from((it.at - since).as_millis());
                        let people = match it.step.as_str() {
                            "a" => [2, 0],
                            "b" => [1, 1],
                            _ => [0, 1],
                        };
                        busy[0] += people[0] * length;
                        busy[1] += people[1] * length;
                    }
                    _ => {}
                }
            }
            assert!(since.is_empty(), "every attempt ends");
            let pools = &trace.outcome.pools;
            for team in 0..2 {
                assert_eq!(pools[team].busy, busy[team]);
                assert!(pools[team].overtime <= pools[team].busy);
                overtime[team] += pools[team].overtime;
            }
        }
        assert_eq!(overtime.map(|it| it > 0), [db == "finish", web == "finish"]);
    }
}

#[test]
fn work_that_pauses_very_often_still_takes_all_of_its_time() {
    // There is somebody every other hour; 512 of these hours end at 1023:00.
    let people =
        (0..1_100).map(|hour| format!("{{ at = \"T+{hour}h\", people = {} }}", (hour + 1) % 2));
    let people: Vec<String> = people.collect();
    let text = small(
        1,
        &format!(
            r#"
[teams.a]
at_shift_end = "hand_over"
people = [{}]
[runbooks.r]
steps = [{{ id = "x", team = "a", duration = "512h 30m" }}]
[strategies.s]
tracks = [{{ runbook = "r" }}]
"#,
            people.join(", ")
        ),
    );
    assert_eq!(restored(&text), "1024:30 site-0001\n");
}

/// One person until 1:00, then nobody, and one unit of a limit; an exercise stops at 100:00.
fn nobody_comes_back(sites: u32, steps: &str) -> String {
    small(
        sites,
        &format!(
            r#"
[experiment]
horizon = "100h"
[teams.ops]
people = [{{ at = "T+0", people = 1 }}, {{ at = "T+1h", people = 0 }}]
at_shift_end = "hand_over"
[limits.db]
units = 1
[runbooks.r]
sequential = true
steps = [{steps}]
[[strategies.s.tracks]]
runbook = "r"
"#
        ),
    )
}

#[test]
fn an_attempt_that_nobody_goes_on_with_pauses_and_keeps_its_limits_to_the_horizon() {
    let step = "{ id = \"a\", team = \"ops\", uses = { db = 1 }, duration = \"50h\" }";
    let outcome = trace(&nobody_comes_back(1, step), 0).outcome;
    // One hour of work, then a pause; the limit is taken from the start to the horizon.
    let step = outcome.steps[0];
    assert_eq!((step.attempts, step.work, step.wait), (1, hours(1), hours(99)));
    let [ops, db] = &outcome.pools[..] else { panic!("a team and a limit") };
    assert_eq!((ops.busy, ops.capacity), (hours(1).into(), hours(1).into()));
    assert_eq!((db.busy, db.capacity), (hours(100).into(), hours(100).into()));
}

#[test]
fn what_is_held_and_what_never_starts_count_to_the_horizon() {
    let steps = r#"
  { id = "a", holds = { db = 1, until = "b" }, duration = "1h" },
  { id = "b", team = "ops", duration = "1h" },
"#;
    let outcome = trace(&nobody_comes_back(2, steps), 0).outcome;
    // The first site has the unit from 0:00 on and waits for people from 1:00 on, the other for the
    // unit all the time.
    assert_eq!((outcome.steps[0].work, outcome.steps[0].wait), (hours(1), hours(100)));
    assert_eq!((outcome.steps[1].work, outcome.steps[1].wait), (0, hours(99)));
    let [ops, db] = &outcome.pools[..] else { panic!("a team and a limit") };
    assert_eq!((ops.busy, ops.capacity), (0, hours(1).into()));
    assert_eq!((db.busy, db.capacity), (hours(100).into(), hours(100).into()));
}

#[test]
fn what_is_given_up_while_it_pauses_has_kept_its_limits_until_then() {
    let step = "{ id = \"a\", team = \"ops\", uses = { db = 1 }, duration = \"50h\" }";
    let text = nobody_comes_back(1, step)
        .replace("runbook = \"r\"\n", "runbook = \"r\"\ncloses = \"T+5h\"\non_close = \"move\"\n");
    let db = trace(&text, 0).outcome.pools[1];
    assert_eq!((db.busy, db.capacity), (hours(5).into(), hours(5).into()));
}
