//! Tiny scenarios whose course a reader can check by hand.

use crate::support::{only, small, timeline};

#[test]
fn two_people_restore_three_sites_in_two_rounds() {
    let text = small(
        3,
        r#"
[teams.db]
people = 2
[[runbooks.r.steps]]
id = "restore"
team = "db"
duration = "3h"
[[runbooks.r.steps]]
id = "check"
after = ["restore"]
duration = "30m"
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    assert_eq!(
        timeline(&text),
        "    0:00  open       r
    0:00  take       site-0001 by r
    0:00  take       site-0002 by r
    0:00  take       site-0003 by r
    0:00  start      site-0001/restore
    0:00  start      site-0002/restore
    3:00  finish     site-0001/restore
    3:00  finish     site-0002/restore
    3:00  start      site-0001/check
    3:00  start      site-0002/check
    3:00  start      site-0003/restore
    3:30  finish     site-0001/check
    3:30  restored   site-0001
    3:30  finish     site-0002/check
    3:30  restored   site-0002
    6:00  finish     site-0003/restore
    6:00  start      site-0003/check
    6:30  finish     site-0003/check
    6:30  restored   site-0003
"
    );
}

fn graham(people: u32, minutes_less: u32, more: &str) -> String {
    let durations = [3, 2, 2, 2, 4, 4, 4, 4, 9].map(|hours| hours - minutes_less);
    let steps: String = durations
        .iter()
        .enumerate()
        .map(|(index, hours)| {
            let after = match index + 1 {
                5..=8 => "after = [\"t4\"]\n",
                9 => "after = [\"t1\"]\n",
                _ => "",
            };
            format!(
                "[[runbooks.r.steps]]\nid = \"t{}\"\n{after}team = \"x\"\nduration = \"{hours}h\"\n",
                index + 1
            )
        })
        .collect();
    small(
        1,
        &format!(
            "[teams.x]\npeople = {people}\n{steps}[strategies.s]\npriority = \"fixed\"\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n{more}"
        ),
    )
}

#[test]
fn a_fourth_person_can_delay_recovery() {
    // R. L. Graham's nine tasks: more people, and shorter tasks, make it later.
    assert_eq!(only(&timeline(&graham(3, 0, "")), "restored"), "12:00 site-0001\n");
    assert_eq!(only(&timeline(&graham(4, 0, "")), "restored"), "15:00 site-0001\n");
    assert_eq!(only(&timeline(&graham(3, 1, "")), "restored"), "13:00 site-0001\n");
}
