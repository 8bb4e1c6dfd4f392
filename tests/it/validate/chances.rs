//! Chances, lengths and numbers by which nothing happens, or always the same; beside each the nearest
//! that changes something.

use snapbox::{assert_data_eq, str};

use super::effects::{STRATEGY, and, faults, is_silent, with};

#[test]
fn attempts_that_never_fail_or_always() {
    let fails = |probability: &str| {
        with(&format!("fails = {{ probability = \"{probability}\", attempts = 4 }}\n{STRATEGY}"))
    };
    assert_data_eq!(
        faults(&fails("0%")),
        str![[r#"
warning[no-effect]: what fails in 0% of its attempts never does
  --> test.toml:18:9
   |
18 | fails = { probability = "0%", attempts = 4 }
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write how likely it is, such as `probability = "5%"`, or leave `fails` out

"#]]
    );
    is_silent(&fails("99%"));
    // Who says how many attempts there are knows what comes of it.
    is_silent(&fails("100%"));
    assert_data_eq!(
        faults(&fails("100%").replace(", attempts = 4", "")),
        str![[r#"
warning[suspicious]: every attempt fails but number 10, the last, which cannot
  --> test.toml:18:9
   |
18 | fails = { probability = "100%" }
   |         ^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write how likely it is that an attempt fails, or how many `attempts` there are

"#]]
    );
    let escalates = ", escalates_to = { team = \"a\" }";
    assert_data_eq!(
        faults(&fails("100%").replace(", attempts = 4", escalates)),
        str![[r#"
warning[suspicious]: every attempt fails, so others take over after 10
  --> test.toml:18:9
   |
18 | fails = { probability = "100%", escalates_to = { team = "a" } }
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write how likely it is that an attempt fails, or how many `attempts` there are

"#]]
    );
    // An inject fails them whatever chance they have.
    is_silent(&(fails("0%") + "[[injects]]\nattempts_fail = { step = \"x\" }\n"));
}

#[test]
fn a_policy_that_asks_for_every_exercise() {
    let text = and("[policy]\nrto = \"6h\"\nassurance = \"100%\"\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[suspicious]: no number of exercises shows that something always holds
  --> test.toml:22:13
   |
22 | assurance = "100%"
   |             ^^^^^^
   |
   = help: write "99%": a policy that asks for 100% is never met

"#]]
    );
    is_silent(&text.replace("100%", "99%").replace("rto", "coverage = \"100%\"\nrto"));
}

#[test]
fn budgets_that_hold_or_are_missed_whatever_happens() {
    let budget = |metric: &str, expect: &str| {
        format!("[[budgets]]\nmetric = \"{metric}\"\nexpect = \"{expect}\"\n")
    };
    let decided = [
        budget("site.rta", "p(95) >= 0h"),
        budget("site.rta", "share_within(6h) <= 100%"),
        budget("sites_within_rto", "value > 100%"),
        budget("sites_lost", "value <= 10"),
        budget("sites_lost", "value == 0.5"),
        budget("person_hours", "value < 0"),
    ];
    let policy = "[policy]\nrto = \"6h\"\n";
    assert_data_eq!(
        faults(&and(&format!("{policy}{}", decided.concat()))),
        str![[r#"
warning[no-effect]: this holds whatever happens
  --> test.toml:24:10
   |
24 | expect = "p(95) >= 0h"
   |          ^^^^^^^^^^^^^
   |
   = help: write what could be missed, or take the budget out

warning[no-effect]: this holds whatever happens
  --> test.toml:27:10
   |
27 | expect = "share_within(6h) <= 100%"
   |          ^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: write what could be missed, or take the budget out

warning[no-effect]: this is missed whatever happens
  --> test.toml:30:10
   |
30 | expect = "value > 100%"
   |          ^^^^^^^^^^^^^^
   |
   = help: write what could be met, or take the budget out

warning[no-effect]: this holds whatever happens
  --> test.toml:33:10
   |
33 | expect = "value <= 10"
   |          ^^^^^^^^^^^^^
   |
   = help: write what could be missed, or take the budget out

warning[no-effect]: this is missed whatever happens
  --> test.toml:36:10
   |
36 | expect = "value == 0.5"
   |          ^^^^^^^^^^^^^^
   |
   = help: write what could be met, or take the budget out

warning[no-effect]: this is missed whatever happens
  --> test.toml:39:10
   |
39 | expect = "value < 0"
   |          ^^^^^^^^^^^
   |
   = help: write what could be met, or take the budget out

"#]]
    );
    let open = [
        budget("site.rta", "p(95) > 0h"),
        budget("site.rta", "share_within(6h) < 100%"),
        budget("sites_within_rto", "value >= 100%"),
        budget("sites_lost", "value <= 9"),
        budget("sites_lost", "value == 0"),
        budget("person_hours", "value <= 0"),
        budget("site.rpa", "p(95) < 20d"),
        budget("site.rta", "mean != 0h"),
    ];
    is_silent(&and(&format!("{policy}{}", open.concat())));
}

#[test]
fn a_budget_that_is_over_when_every_exercise_is() {
    let budget =
        |expect: &str| and(&format!("[[budgets]]\nmetric = \"site.rta\"\nexpect = \"{expect}\"\n"));
    assert_data_eq!(
        faults(&budget("p(95) < 11d")),
        str![[r#"
warning[suspicious]: every exercise stops 10d after T+0, before this is over
  --> test.toml:22:10
   |
22 | expect = "p(95) < 11d"
   |          ^^^^^^^^^^^^^
   |
   = help: give `experiment.horizon` a later end: what is not back by then is late

"#]]
    );
    assert_data_eq!(
        faults(&budget("share_within(11d) >= 95%")),
        str![[r#"
warning[suspicious]: every exercise stops 10d after T+0, before this is over
  --> test.toml:22:10
   |
22 | expect = "share_within(11d) >= 95%"
   |          ^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: give `experiment.horizon` a later end: what is not back by then is late

"#]]
    );
    is_silent(&budget("p(95) < 10d"));
}

#[test]
fn injects_that_take_more_than_there_is_or_nothing() {
    let injects = r#"injects = [
  { people_away = { team = "a", people = 3 } },
  { people_away = { team = "a", people = "0%" } },
  { limit_drops = { limit = "l", to = 2 } },
  { throughput_drops = { throughput = "t", to = "100%" } },
  { freeze = { steps = ["x"] }, chance = "0%" },
  { freeze = { steps = ["x"] }, lasts = "0s" },
]
"#;
    let others = "[limits.l]\nunits = 2\n[throughput.t]\nrate = \"1 TiB/h\"\n[[runbooks.r.steps]]\nid = \"y\"\nuses = { l = 1 }\n\
                  transfer = { bytes = \"site\", through = \"t\" }\n";
    let text = |injects: &str, strategy: &str| {
        let text = with(&format!("{others}{STRATEGY}{strategy}"));
        text.replace("count = 10", "count = 10\nbytes = \"1 GiB\"")
            .replace("[experiment]", &format!("{injects}[experiment]"))
    };
    assert_data_eq!(
        faults(&text(injects, "")),
        str![[r#"
warning[no-effect]: 3 of `a` are away, which never has more than 2
 --> test.toml:4:42
  |
4 |   { people_away = { team = "a", people = 3 } },
  |                                          ^
  |
  = help: write 2, or "100%" for all who would be there

warning[no-effect]: nobody is away
 --> test.toml:5:42
  |
5 |   { people_away = { team = "a", people = "0%" } },
  |                                          ^^^^
  |
  = help: write how many are, or take it out

warning[no-effect]: `l` never has more than 2, so nothing drops
 --> test.toml:6:39
  |
6 |   { limit_drops = { limit = "l", to = 2 } },
  |                                       ^
  |
  = help: write how many are left, or a share such as "50%"

warning[no-effect]: all of its rate is left
 --> test.toml:7:49
  |
7 |   { throughput_drops = { throughput = "t", to = "100%" } },
  |                                                 ^^^^^^
  |
  = help: write the share that is left, such as "40%"

warning[no-effect]: this never happens
 --> test.toml:8:42
  |
8 |   { freeze = { steps = ["x"] }, chance = "0%" },
  |                                          ^^^^
  |
  = help: write how likely it is, such as "20%", or switch it off with `enabled = false`

warning[no-effect]: this is over when it begins
 --> test.toml:9:41
  |
9 |   { freeze = { steps = ["x"] }, lasts = "0s" },
  |                                         ^^^^
  |
  = help: write how long it lasts, such as "4h"; without `lasts` it goes on to the end

"#]]
    );
    let near = injects
        .replace("\"0%\" } }", "1 } }")
        .replace("to = 2", "to = 1")
        .replace("100%", "99%")
        .replace("0%", "1%")
        .replace("0s", "1s");
    // Of one strategy there are three.
    is_silent(&text(&near, "[strategies.u]\nbased_on = \"s\"\nteams = { a = 3 }\n"));
}

#[test]
fn injects_into_what_nobody_does() {
    let text =
        and("[teams.b]\npeople = 1\n[[injects]]\npeople_away = { team = \"b\", people = 1 }\n");
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[no-effect]: no step that is done needs team `b`
  --> test.toml:20:8
   |
20 | [teams.b]
   |        ^
   |
   = help: name it in a step, or take it out

warning[no-effect]: no step that is done is held up by this
  --> test.toml:22:1
   |
22 | [[injects]]
   | ^^^^^^^^^^^
   |
   = help: name what a step needs, or take it out

"#]]
    );
    is_silent(&and("[[injects]]\npeople_away = { team = \"a\", people = 1 }\n"));
}

#[test]
fn a_shift_in_the_hour_that_a_change_of_the_clock_leaves_out() {
    let text = |from: &str, to: &str, at: &str| {
        and(&format!("[incident]\nat = \"{at}T08:00:00Z\"\n")).replace("[[incident.deletions]]", "").replace(
            "people = 2",
            &format!("roster = [\n  {{ zone = \"Europe/Berlin\", from = \"{from}\", to = \"{to}\", people = 2 }},\n]"),
        ) + "deletions = [{}]\n"
    };
    let (spring, summer) = ("2026-03-25", "2026-06-25");
    assert_data_eq!(
        faults(&text("02:30", "10:00", spring)),
        str![[r#"
warning[suspicious]: on 2026-03-29 the clock of Europe/Berlin leaves 02:30 out: it is 03:30 instead
  --> test.toml:12:36
   |
12 |   { zone = "Europe/Berlin", from = "02:30", to = "10:00", people = 2 },
   |                                    ^^^^^^^
   |
   = help: write a time that every day has

"#]]
    );
    assert_data_eq!(
        faults(&text("22:00", "02:30", spring)),
        str![[r#"
warning[suspicious]: on 2026-03-29 the clock of Europe/Berlin leaves 02:30 out: it is 03:30 instead
  --> test.toml:12:50
   |
12 |   { zone = "Europe/Berlin", from = "22:00", to = "02:30", people = 2 },
   |                                                  ^^^^^^^
   |
   = help: write a time that every day has

"#]]
    );
    assert_data_eq!(
        faults(&text("02:00", "03:00", spring)),
        str![[r#"
warning[suspicious]: on 2026-03-29 the clock of Europe/Berlin leaves this shift out
  --> test.toml:12:3
   |
12 |   { zone = "Europe/Berlin", from = "02:00", to = "03:00", people = 2 },
   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: let it begin before that hour, or end after it

"#]]
    );
    // The clock goes on at the very moment at which they come or go.
    is_silent(&text("02:00", "10:00", spring));
    is_silent(&text("22:00", "02:00", spring));
    is_silent(&text("02:30", "10:00", summer));
}

#[test]
fn backups_that_nobody_comes_to_or_that_add_nothing() {
    let text = |backup: &str| {
        and("").replace(
            "backup = { full = \"24h\", retention = \"30d\" }",
            &format!("backup = {backup}"),
        )
    };
    let cause = |rest: &str| {
        text(&format!(
            "{{ unreadable = {{ all = \"5%\", cause = \"fire\" }}, fall_back = \"2h\" }}{rest}"
        ))
    };
    assert_data_eq!(
        faults(&cause("")),
        str![[r#"
warning[no-effect]: `fire` strikes these backups alone, as it would without a name
 --> test.toml:6:47
  |
6 | backup = { unreadable = { all = "5%", cause = "fire" }, fall_back = "2h" }
  |                                               ^^^^^^
  |
  = help: name it at the others that it strikes too, or leave `cause` out

"#]]
    );
    let both = "[{ id = \"a\", unreadable = { all = \"5%\", cause = \"fire\" }, fall_back = \"2h\" }, { unreadable = { all = \"5%\", cause = \"fire\" }, fall_back = \"2h\" }]";
    is_silent(&text(both));
    let behind =
        |first: &str| text(&format!("[\n  {{ id = \"a\", {first} }},\n  {{ full = \"7d\" }},\n]"));
    assert_data_eq!(
        faults(&behind("retention = \"11d\"")),
        str![[r#"
warning[no-effect]: the backup before it can always be restored, so nobody comes to this one
 --> test.toml:8:3
  |
7 |   { id = "a", retention = "11d" },
  |   ------------------------------- nothing of this one is ever unreadable, or expires in time
8 |   { full = "7d" },
  |   ^^^^^^^^^^^^^^^
  |
  = help: say what may be `unreadable` of the other, or take it out

"#]]
    );
    is_silent(&behind("retention = \"10d\""));
    is_silent(&behind("unreadable = \"1%\", fall_back = \"2h\""));
    assert_data_eq!(
        faults(&text("{ incremental = \"24h\" }")),
        str![[r#"
warning[no-effect]: whenever an incremental backup is due there is a full one
 --> test.toml:6:26
  |
6 | backup = { incremental = "24h" }
  |                          ^^^^^
  |
  = help: make `incremental` shorter than `full`, or leave it out

"#]]
    );
    is_silent(&text("{ incremental = \"12h\" }"));
    let log = "{ incremental = \"5m\", log = \"continuous\" }";
    assert_data_eq!(
        faults(&text(log)),
        str![[r#"
warning[no-effect]: the log reaches every moment, and it takes no time to replay it
 --> test.toml:6:26
  |
6 | backup = { incremental = "5m", log = "continuous" }
  |                          ^^^^
  |
  = help: say how long that takes with `per_log_hour`, or leave `incremental` out

"#]]
    );
    is_silent(&text(&log.replace(" }", ", per_log_hour = \"1m\" }")));
    is_silent(&text("{ incremental = \"24h\", takes = \"6h\" }"));
}

#[test]
fn a_site_that_is_given_back_before_it_is_restored() {
    let text = with(&format!(
        "[[runbooks.r.steps]]\nid = \"tell\"\nduration = \"1h\"\nhand_over = true\n{STRATEGY}"
    ));
    assert_data_eq!(
        faults(&text),
        str![[r#"
warning[suspicious]: the site is given back without waiting for `x`
  --> test.toml:21:13
   |
12 | [[runbooks.r.steps]]
   | -------------------- this brings its data back
...
21 | hand_over = true
   |             ^^^^
   |
   = help: add the step to `after`, or mark a later step with `hand_over = true`

"#]]
    );
    is_silent(&text.replace("id = \"tell\"", "id = \"tell\"\nafter = [\"x\"]"));
}
