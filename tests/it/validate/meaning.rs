//! What can be read and means nothing: names, selections, circles, what can never happen.

use snapbox::{assert_data_eq, str};

use super::{SOUND, brief, broken, faults, faults_with};
use crate::support::checked;

#[test]
fn a_service_that_does_not_exist() {
    let text = broken(
        "count = 3",
        r#"count = 3
estate.services.database.shards = 2
estate.products.wiki.services = ["databse"]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-service]: there is no service `databse`
 --> test.toml:5:34
  |
5 | estate.products.wiki.services = ["databse"]
  |                                  ^^^^^^^^^
  |
  = help: did you mean `database`?

"#]]
    );
}

#[test]
fn a_product_that_does_not_exist() {
    let text = broken("deletions = [{}]", r#"deletions = [{ sites.products = ["wiki"] }]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-product]: there is no product `wiki`
 --> test.toml:4:43
  |
4 | incident.deletions = [{ sites.products = ["wiki"] }]
  |                                           ^^^^^^
  |
  = help: there is none to choose from

"#]]
    );
}

#[test]
fn a_region_that_does_not_exist() {
    let text = broken("deletions = [{}]", r#"deletions = [{ sites.regions = ["defualt"] }]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-region]: there is no region `defualt`
 --> test.toml:4:42
  |
4 | incident.deletions = [{ sites.regions = ["defualt"] }]
  |                                          ^^^^^^^^^
  |
  = help: did you mean `default`?

"#]]
    );
}

#[test]
fn a_tier_that_does_not_exist() {
    let text = broken(
        r#"runbook = "r" }]"#,
        r#"runbook = "r" }]
[policy]
rto = "6h"
tiers.gold.rto = "4h""#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-tier]: there is no tier `gold` in `estate.sites.tiers`
  --> test.toml:13:7
   |
13 | tiers.gold.rto = "4h"
   |       ^^^^
   |
   = help: choose from `all`

"#]]
    );
}

#[test]
fn a_team_that_does_not_exist() {
    let text = broken(r#"id = "x""#, r#"id = "x", team = "database""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-team]: there is no team `database`
 --> test.toml:8:29
  |
8 | steps = [{ id = "x", team = "database", duration = "1h" }]
  |                             ^^^^^^^^^^
  |
  = help: choose from `a`

"#]]
    );
}

#[test]
fn a_limit_that_does_not_exist() {
    let text = broken(r#"id = "x""#, r#"id = "x", uses = { api = 1 }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-limit]: there is no limit `api`
 --> test.toml:8:31
  |
8 | steps = [{ id = "x", uses = { api = 1 }, duration = "1h" }]
  |                               ^^^
  |
  = help: there is none to choose from

"#]]
    );
}

#[test]
fn a_runbook_that_does_not_exist() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "restore""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-runbook]: there is no runbook `restore`
  --> test.toml:10:23
   |
10 | tracks = [{ runbook = "restore" }]
   |                       ^^^^^^^^^
   |
   = help: choose from `r`

"#]]
    );
}

#[test]
fn a_step_that_does_not_exist() {
    let text = broken(r#"id = "x""#, r#"id = "x", after = ["y"]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-step]: there is no step `y` in this runbook
 --> test.toml:8:31
  |
8 | steps = [{ id = "x", after = ["y"], duration = "1h" }]
  |                               ^^^
  |
  = help: did you mean `x`?

"#]]
    );
}

#[test]
fn a_track_that_does_not_exist() {
    let text = broken(r#"id = "x""#, r#"id = "x", after = ["build.script"]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-track]: there is no track `build` in this strategy
 --> test.toml:8:31
  |
8 | steps = [{ id = "x", after = ["build.script"], duration = "1h" }]
  |                               ^^^^^^^^^^^^^^
  |
  = help: choose from `r`

"#]]
    );
}

#[test]
fn a_step_of_another_track_that_does_not_exist() {
    let text = broken(r#"id = "x""#, r#"id = "x", after = ["r.y"]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-step]: there is no step `y` in the runbook of track `r`
 --> test.toml:8:31
  |
8 | steps = [{ id = "x", after = ["r.y"], duration = "1h" }]
  |                               ^^^^^
  |
  = help: did you mean `x`?

"#]]
    );
}

#[test]
fn a_milestone_that_does_not_exist() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "r", opens = "detected""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-milestone]: there is no milestone `detected`
  --> test.toml:10:36
   |
10 | tracks = [{ runbook = "r", opens = "detected" }]
   |                                    ^^^^^^^^^^
   |
   = help: there is none to choose from

"#]]
    );
}

#[test]
fn steps_in_a_circle() {
    let text = broken(
        r#"{ id = "x", duration = "1h" }"#,
        r#"{ id = "a", after = ["b"], duration = "1h" },
  { id = "b", after = ["a"], duration = "1h" },
"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[cycle]: steps wait for each other in a circle: a after b after a
 --> test.toml:8:30
  |
8 | steps = [{ id = "a", after = ["b"], duration = "1h" },
  |                              ^^^^^
  |
  = help: take one of them out of `after`

"#]]
    );
}

#[test]
fn a_step_that_waits_for_itself() {
    let text = broken(r#"id = "x""#, r#"id = "x", after = ["x"]"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[cycle]: steps wait for each other in a circle: x after x
 --> test.toml:8:30
  |
8 | steps = [{ id = "x", after = ["x"], duration = "1h" }]
  |                              ^^^^^
  |
  = help: take one of them out of `after`

"#]]
    );
}

#[test]
fn milestones_in_a_circle() {
    let text = broken(
        "[runbooks.r]",
        r#"[incident.milestones]
detected.after = "declared"
declared.after = "detected"
[runbooks.r]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[cycle]: milestones follow each other in a circle: detected after declared after detected
 --> test.toml:8:1
  |
8 | detected.after = "declared"
  | ^^^^^^^^
  |
  = help: let one of them follow `first_deletion` or `last_deletion`

"#]]
    );
}

#[test]
fn a_step_that_needs_more_people_than_there_are() {
    let text = broken(r#"id = "x""#, r#"id = "x", team = "a", people = 3"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[demand-above-capacity]: the step needs 3 of team `a`, which never has more than 2
 --> test.toml:8:43
  |
8 | steps = [{ id = "x", team = "a", people = 3, duration = "1h" }]
  |                                           ^
  |
  = help: ask for less, or raise the capacity; this step could never start

"#]]
    );
}

#[test]
fn a_strategy_that_has_too_few_people() {
    let told = faults_with(
        SOUND,
        &[
            "teams.a.people=2",
            r#"runbooks.r.steps=[{ id = "x", duration = "1h", team = "a", people = 2 }]"#,
            "strategies.s.teams.a=1",
        ],
    );
    assert_data_eq!(
        told,
        str![[r#"
error[demand-above-capacity]: a step needs 2 of `a`, which never has more than 1
 --> --set strategies.s.teams.a:1:9
  |
1 | value = 1
  |         ^
  |
  = help: raise the capacity; the step could never start

"#]]
    );
}

#[test]
fn a_selection_of_no_site() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "r", takes = { min_users = 1000 }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: no deleted site matches this selection
  --> test.toml:10:36
   |
10 | tracks = [{ runbook = "r", takes = { min_users = 1000 } }]
   |                                    ^^^^^^^^^^^^^^^^^^^^
   |
   = help: widen it, or take the track out

"#]]
    );
}

#[test]
fn a_class_that_no_service_has() {
    let text = broken(r#"id = "x""#, r#"id = "x", for_each = { service_class = "derived" }"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: the estate has no derived service
 --> test.toml:8:51
  |
8 | steps = [{ id = "x", for_each = { service_class = "derived" }, duration = "1h" }]
  |                                                   ^^^^^^^^^

"#]]
    );
}

#[test]
fn a_runbook_that_gives_no_site_back() {
    let text = broken(r#"id = "x""#, r#"id = "x", per = "batch""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: no step gives a site back
 --> test.toml:7:1
  |
7 | [runbooks.r]
  | ^^^^^^^^^^^^
  |
  = help: mark a site step with `hand_over = true`, or the runbook as supporting

"#]]
    );
}

#[test]
fn a_once_step_that_waits_for_sites() {
    let text = broken(
        r#"duration = "1h" }]"#,
        r#"duration = "1h" },
  { id = "y", per = "once", after = ["x"], duration = "1h" },
]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `y` is done once, before any batch, and waits for `x`, which is not
 --> test.toml:9:37
  |
9 |   { id = "y", per = "once", after = ["x"], duration = "1h" },
  |                                     ^^^^^
  |
  = help: a `once` step may only wait for `once` steps

"#]]
    );
}

#[test]
fn rework_from_a_later_step() {
    let text = broken(
        r#"duration = "1h" }]"#,
        r#"duration = "1h", fails = { probability = "5%", retry_from = "y" } },
  { id = "y", after = ["x"], duration = "1h" },
]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `x` cannot be tried again from `y`
 --> test.toml:8:47
  |
8 | steps = [{ id = "x", duration = "1h", fails = { probability = "5%", retry_from = "y" } },
  |                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: `retry_from` names a step before this one, of the same `per`
  = help: work of a site is not sent back across a `batch` step

"#]]
    );
}

#[test]
fn rework_across_a_barrier() {
    let text = broken(
        r#"duration = "1h" }]"#,
        r#"duration = "1h" },
  { id = "b", per = "batch", after = ["x"], duration = "1h" },
  { id = "y", after = ["b"], duration = "1h", fails = { probability = "5%", retry_from = "x" } },
]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[never-reached]: `y` cannot be tried again from `x`
  --> test.toml:10:55
   |
10 |   { id = "y", after = ["b"], duration = "1h", fails = { probability = "5%", retry_from = "x" } },
   |                                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: `retry_from` names a step before this one, of the same `per`
   = help: work of a site is not sent back across a `batch` step

"#]]
    );
}

#[test]
fn sites_that_may_be_left_to_nobody() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "r", closes = "T+2d""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
warning[suspicious]: 3 deleted sites, such as `site-0001`, may be left to nobody
 --> test.toml:9:1
  |
9 | [strategies.s]
  | ^^^^^^^^^^^^^^
  |
  = help: no track takes them, or every one that does closes; widen `takes` or leave out `closes`

"#]]
    );
}

#[test]
fn a_value_of_an_unknown_source() {
    let text = broken(
        "[strategies.s]",
        r#"source = "hearsay"
[strategies.s]"#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-choice]: `hearsay` is not a source of values
 --> test.toml:9:10
  |
9 | source = "hearsay"
  |          ^^^^^^^^^
  |
  = help: choose from `measured`, `published`, `fitted` or `guess`

"#]]
    );
}

#[test]
fn an_objective_of_no_time() {
    let text = broken(
        r#"runbook = "r" }]"#,
        r#"runbook = "r" }]
[policy]
rto = "0s""#,
    );
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: an objective of no time cannot be met
  --> test.toml:12:7
   |
12 | rto = "0s"
   |       ^^^^
   |
   = help: a zone that fails over is no recovery; state the time that people accept

"#]]
    );
}

#[test]
fn a_track_that_takes_nothing() {
    let text = broken(r#"runbook = "r""#, r#"runbook = "r", batch.size = 0"#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: a track that takes nothing never ends
  --> test.toml:10:41
   |
10 | tracks = [{ runbook = "r", batch.size = 0 }]
   |                                         ^
   |
   = help: write 1 or more

"#]]
    );
}

#[test]
fn an_id_with_a_dot() {
    let text = broken(r#"id = "x""#, r#"id = "x.y""#);
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[out-of-range]: `x.y` has a dot or a slash in it
 --> test.toml:8:17
  |
8 | steps = [{ id = "x.y", duration = "1h" }]
  |                 ^^^^^
  |
  = help: `track.step` and `step/service` are how steps are referred to

"#]]
    );
}

#[test]
fn a_step_for_every_product_of_none() {
    let told = faults(&broken(r#"id = "x","#, r#"id = "x", for_each.product = "*","#));
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: the estate has no product
 --> test.toml:8:41
  |
8 | steps = [{ id = "x", for_each.product = "*", duration = "1h" }]
  |                                         ^^^

"#]]
    );
}

#[test]
fn a_service_that_no_product_uses() {
    let text = broken(r#"id = "x","#, r#"id = "x", for_each.service = "search","#)
        + "[estate.services.search]\n[estate.services.db]\n[estate.products.app]\nservices = [\"db\"]\n";
    let told = faults(&text);
    assert_data_eq!(
        told,
        str![[r#"
error[empty-selection]: no product uses any of these services, so no site has this step
 --> test.toml:8:22
  |
8 | steps = [{ id = "x", for_each.service = "search", duration = "1h" }]
  |                      ^^^^^^^^
  |
  = help: add the service to `services` of a product

"#]]
    );
}

#[test]
fn a_spread_below_zero() {
    let told = faults(&broken(
        r#"duration = "1h""#,
        r#"duration.lognormal = { p50 = "1h", sigma = -1.2 }"#,
    ));
    assert_data_eq!(
        told,
        str![[r#"
error[bad-distribution]: sigma must be between 0 and 3
 --> test.toml:8:65
  |
8 | steps = [{ id = "x", duration.lognormal = { p50 = "1h", sigma = -1.2 } }]
  |                                                                 ^^^^

"#]]
    );
}

#[test]
fn overrides_of_different_keys_make_different_scenarios() {
    let digest = |set: &str| checked(SOUND, &[set]).scenario.expect("it is sound").digest;
    assert_ne!(digest("experiment.seed=3"), digest("experiment.population_seed=3"));
}

/// The sound text with sites of a GiB, a link of this table and this in its step.
fn transferring(link: &str, step: &str) -> String {
    broken(
        "count = 3",
        &format!("count = 3\nestate.sites.bytes = \"1 GiB\"\nthroughput.wan = {link}"),
    )
    .replace("duration = \"1h\"", step)
}

#[test]
fn a_throughput_that_does_not_exist() {
    let told = faults(&transferring(
        r#"{ rate = "1 GiB/h" }"#,
        r#"transfer = { bytes = "site", through = "wam" }"#,
    ));
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-throughput]: there is no throughput `wam`
  --> test.toml:10:61
   |
10 | steps = [{ id = "x", transfer = { bytes = "site", through = "wam" } }]
   |                                                             ^^^^^
   |
   = help: did you mean `wan`?

"#]]
    );
    let told = brief(&SOUND.replace("tracks =", "throughput = { lan = \"1 GiB/h\" }\ntracks ="));
    assert_eq!(told, ["10: [unknown-throughput] there is no throughput `lan`"]);
}

#[test]
fn a_rate_that_is_none() {
    let step = r#"transfer = { bytes = "site", through = "wan" }"#;
    for (rate, fault) in [
        ("20", "[bare-number] `20` has no unit"),
        ("\"20 TiB\"", "[bad-quantity] `20 TiB` does not say in what time"),
        ("\"20/h\"", "[bare-number] `20/h` has no unit"),
        ("\"20 TiB/week\"", "[bad-quantity] `20 TiB/week` has an unknown unit"),
        ("\"9 PiB/s\"", "[out-of-range] `9 PiB/s` is more than 16 EiB an hour"),
        ("\"0 B/h\"", "[out-of-range] a throughput that moves nothing never ends"),
        ("[]", "[out-of-range] a throughput that moves nothing never ends"),
        ("[{ at = \"T+0\" }]", "[missing-key] `rate` is missing"),
        ("[{ rate = \"1 GiB/h\" }]", "[missing-key] `at` is missing"),
        (
            "[{ at = \"now\", rate = \"1 GiB/h\" }]",
            "[unknown-milestone] there is no milestone `now`",
        ),
        (
            "\"1 GiB/h\", cap = \"0 B/h\"",
            "[out-of-range] a transfer that may use nothing never ends",
        ),
    ] {
        let told = brief(&transferring(&format!("{{ rate = {rate} }}"), step));
        assert_eq!(told, [format!("5: {fault}")], "{rate}");
    }
}

#[test]
fn a_transfer_that_is_half_written_or_has_another_length_too() {
    let site = r#"transfer = { bytes = "site", through = "wan" }"#;
    let found = [
        (r#"transfer = { through = "wan" }"#.to_owned(), "[missing-key] `bytes` is missing"),
        (r#"transfer = { bytes = "site" }"#.to_owned(), "[missing-key] `through` is missing"),
        (
            r#"transfer = { bytes = "shard", through = "wan" }"#.to_owned(),
            "[missing-key] a shard of which service?",
        ),
        (
            r#"transfer = { bytes = "site", through = "wan", share = "200%" }"#.to_owned(),
            "[bad-share] `200%` is not between 0% and 100%",
        ),
        (
            format!("{site}, duration = \"1h\""),
            "[conflicting-keys] `duration` and `transfer` exclude each other",
        ),
        (
            format!("{site}, grows_with = {{ bytes = 1.0 }}"),
            "[conflicting-keys] a transfer grows with its bytes alone",
        ),
        (
            format!("{site}, learning = {{ rate = \"90%\" }}"),
            "[conflicting-keys] a transfer does not get faster with repetition",
        ),
        (
            "duration = \"1h\" }, { id = \"o\", per = \"once\", ".to_owned() + site,
            "[conflicting-keys] a `once` step has no site to move",
        ),
    ];
    for (step, fault) in found {
        let told = brief(&transferring("{ rate = \"1 GiB/h\" }", &step));
        assert_eq!(told, [format!("10: {fault}")], "{step}");
    }
    let empty = transferring("{ rate = \"1 GiB/h\" }", site).replace("1 GiB\"\n", "0 B\"\n");
    assert_eq!(brief(&empty), ["10: [no-effect] the transfer has nothing to move of any site"]);
}

#[test]
fn automation_that_says_too_little_or_too_much_or_what_cannot_be() {
    let automated = |after: &str| {
        broken("duration = \"1h\"", &format!("duration = \"1h\", {after}"))
            .replace("deletions = [{}]", "deletions = [{}]\nincident.milestones.m.delay = \"1h\"")
    };
    let runs = "runs = 2";
    for (after, fault) in [
        ("automated_after = {}", "[missing-key] automated after what?"),
        (
            "automated_after = { runs = 2, milestone = \"m\" }",
            "[conflicting-keys] automated after which of these?",
        ),
        (
            "automated_after = { runs = 0 }",
            "[out-of-range] `0` is no possible number of runs; it lies between 1 and 1000000",
        ),
        (
            "automated_after = { milestone = \"n\" }",
            "[unknown-milestone] there is no milestone `n`",
        ),
        ("automated_after = { step = \"build\" }", "[unknown-track] `build` names no track"),
        (
            "automated_after = { step = \"tools.build\" }",
            "[unknown-track] no strategy has both this step and a track `tools`",
        ),
        (
            "automated_after = { step = \"r.y\" }",
            "[unknown-step] there is no step `y` in the runbook of track `r`",
        ),
        ("automated_after = { step = \"r.x\" }", "[never-reached] `r` is this track itself"),
        (
            "automated_after = { RUNS, factor = \"300%\" }",
            "[bad-share] `300%` is not between 0% and 100%",
        ),
        ("automated_after = { RUNS, people = 0 }", "[conflicting-keys] `people` of which team?"),
        (
            "team = \"a\", automated_after = { RUNS, people = 2 }",
            "[out-of-range] `2` is no possible number of people who are left; it lies between 0 and 1",
        ),
    ] {
        let told = brief(&automated(&after.replace("RUNS", runs)));
        assert_eq!(told, [format!("9: {fault}")], "{after}");
    }
    let two = automated("automated_after = { step = \"o.y\" }")
        .replace("runbook = \"r\" }]", "runbook = \"r\" }, { runbook = \"o\" }]")
        .replace(
            "[strategies.s]",
            "[runbooks.o]\nsteps = [{ id = \"y\", duration = \"1h\" }]\n[strategies.s]",
        );
    assert_eq!(brief(&two), ["9: [never-reached] `y` has no one end: it is not done once"]);
    let transfer = transferring(
        "{ rate = \"1 GiB/h\" }",
        "transfer = { bytes = \"site\", through = \"wan\" }, automated_after = { runs = 2, factor = \"50%\" }",
    );
    assert_eq!(brief(&transfer), ["10: [conflicting-keys] automation makes no transfer shorter"]);
}

#[test]
fn a_strategy_based_on_one_that_does_not_stand_above() {
    let told = faults_with(SOUND, &["strategies.s.based_on=\"t\""]);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-strategy]: no strategy above this one is called `t`
 --> --set strategies.s.based_on:1:9
  |
1 | value = "t"
  |         ^^^
  |
  = help: there is none to choose from

"#]]
    );
}

#[test]
fn a_number_of_people_that_is_a_word() {
    let told = faults_with(SOUND, &["teams.a.people=\"many\""]);
    assert_data_eq!(
        told,
        str![[r#"
error[wrong-type]: `many` stands where a whole number, or a list such as [{ at = "T+0", people = 4 }] is due
 --> --set teams.a.people:1:9
  |
1 | value = "many"
  |         ^^^^^^

"#]]
    );
}

#[test]
fn percentages_of_nothing_and_percentages_that_are_none() {
    let told = faults_with(SOUND, &["teams.a.people=\"200%\"", "strategies.s.teams.a=\"twice\""]);
    assert_data_eq!(
        told,
        str![[r#"
error[bad-quantity]: `200%` is given where there is nothing to take a part of
 --> --set teams.a.people:1:9
  |
1 | value = "200%"
  |         ^^^^^^
  |
  = help: write a number, or [{ at = "T+0", people = 4 }]

error[bad-quantity]: `twice` is no whole percentage up to 10000%
 --> --set strategies.s.teams.a:1:9
  |
1 | value = "twice"
  |         ^^^^^^^
  |
  = help: write a percentage such as "200%", a number, or [{ at = "T+0", people = 4 }]

"#]]
    );
}

#[test]
fn two_steps_of_one_name_are_one_choice() {
    let text = broken(
        "{ id = \"x\", duration = \"1h\" }",
        "{ id = \"x\", duration = \"1h\" }, { id = \"x\", after = [\"far\"], duration = \"1h\" }",
    );
    assert!(faults(&text).contains("= help: choose from `x`\n"), "{}", faults(&text));
}
