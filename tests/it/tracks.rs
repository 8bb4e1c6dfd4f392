//! Batches, slots and tracks: who takes which site when, and what becomes of it.

use crate::support::{hours, only, restored, scenario, small, starts, takes, timeline, trace};

use blackstart::review::What;

#[test]
fn a_batch_step_waits_for_all_sites_of_its_batch_and_their_next_steps_for_it() {
    let text = small(
        3,
        r#"
[teams.db]
people = 1
[runbooks.r]
sequential = true
steps = [
  { id = "load", team = "db", duration = "1h" },
  { id = "check", per = "batch", duration = "30m" },
  { id = "release", duration = "15m" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/load
1:00 site-0002/load
2:00 site-0001.../check
2:00 site-0003/load
2:30 site-0001/release
2:30 site-0002/release
3:00 site-0003.../check
3:30 site-0003/release
"
    );
    assert_eq!(restored(&text), "2:45 site-0001\n2:45 site-0002\n3:45 site-0003\n");
}

fn waits(batch: &str) -> String {
    small(
        6,
        &format!(
            "[runbooks.r]\nsteps = [{{ id = \"x\", duration = \"1h\" }}]\n\
             [[strategies.s.tracks]]\nrunbook = \"r\"\n{batch}"
        ),
    )
}

#[test]
fn a_track_takes_the_next_batch_when_a_slot_is_free() {
    assert_eq!(
        takes(&waits("batch = { size = 4, in_flight = 1 }")),
        "0:00 site-0001 by r
0:00 site-0002 by r
0:00 site-0003 by r
0:00 site-0004 by r
1:00 site-0005 by r
1:00 site-0006 by r
"
    );
}

#[test]
fn the_size_of_batches_may_change_over_time() {
    let size = "batch.size = [{ at = \"T+0\", count = 1 }, { at = \"T+90m\", count = 3 }]\n\
                batch.in_flight = 1";
    assert_eq!(
        takes(&waits(size)),
        "0:00 site-0001 by r
1:00 site-0002 by r
2:00 site-0003 by r
2:00 site-0004 by r
2:00 site-0005 by r
3:00 site-0006 by r
"
    );
}

#[test]
fn the_batches_in_flight_may_change_over_time() {
    let slots = "batch.in_flight = [{ at = \"T+0\", count = 1 }, { at = \"T+90m\", count = 3 }]";
    assert_eq!(
        takes(&waits(slots)),
        "0:00 site-0001 by r
1:00 site-0002 by r
1:30 site-0003 by r
1:30 site-0004 by r
2:00 site-0005 by r
2:30 site-0006 by r
"
    );
}

#[test]
fn a_slot_is_free_after_the_last_step_that_needs_a_team() {
    let text = small(
        2,
        r#"
[teams.db]
people = 9
[runbooks.r]
sequential = true
steps = [
  { id = "restore", team = "db", duration = "2h" },
  { id = "settle", duration = "5h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.in_flight = 1
"#,
    );
    assert_eq!(takes(&text), "0:00 site-0001 by r\n2:00 site-0002 by r\n");
}

#[test]
fn a_slot_is_free_after_the_step_that_says_so() {
    let text = small(
        2,
        r#"
[teams.db]
people = 9
[runbooks.r]
sequential = true
steps = [
  { id = "prepare", team = "db", duration = "1h", frees_slot = true },
  { id = "restore", team = "db", duration = "2h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.in_flight = 1
"#,
    );
    assert_eq!(takes(&text), "0:00 site-0001 by r\n1:00 site-0002 by r\n");
}

#[test]
fn batches_wait_for_the_once_steps_of_their_track() {
    let text = small(
        1,
        r#"
[runbooks.r]
steps = [
  { id = "plan", per = "once", duration = "2h" },
  { id = "brief", per = "once", after = ["plan"], duration = "10m" },
  { id = "restore", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
opens = "T+1h"
"#,
    );
    assert_eq!(
        timeline(&text),
        "    1:00  open       r
    1:00  start      r.plan
    3:00  finish     r.plan
    3:00  start      r.brief
    3:10  finish     r.brief
    3:10  take       site-0001 by r
    3:10  start      site-0001/restore
    4:10  finish     site-0001/restore
    4:10  restored   site-0001
"
    );
}

#[test]
fn a_step_may_wait_for_a_once_step_of_another_track() {
    let text = small(
        1,
        r#"
[runbooks.build]
steps = [{ id = "script", per = "once", duration = "4h" }]
[runbooks.r]
steps = [
  { id = "prepare", duration = "1h" },
  { id = "restore", after = ["prepare", "build.script"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "build" }, { runbook = "r" }]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 build.script\n0:00 site-0001/prepare\n4:00 site-0001/restore\n"
    );
}

#[test]
fn a_batch_step_may_wait_for_a_once_step_of_another_track() {
    let text = small(
        2,
        r#"
[runbooks.build]
steps = [{ id = "script", per = "once", duration = "4h" }]
[runbooks.r]
steps = [
  { id = "load", per = "batch", after = ["build.script"], duration = "1h" },
  { id = "restore", after = ["load"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "build" }, { runbook = "r", batch.in_flight = 1 }]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 build.script
4:00 site-0001.../load
5:00 site-0001/restore
6:00 site-0002.../load
7:00 site-0002/restore
"
    );
}

#[test]
fn a_site_step_waits_for_the_same_site_in_a_supporting_track() {
    let text = small(
        2,
        r#"
[teams.identity]
people = 1
[runbooks.accounts]
supporting = true
steps = [{ id = "restore", team = "identity", duration = "3h" }]
[runbooks.r]
steps = [
  { id = "load", duration = "1h" },
  { id = "open", after = ["load", "accounts.restore"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }, { runbook = "accounts" }]
"#,
    );
    assert_eq!(restored(&text), "4:00 site-0001\n7:00 site-0002\n");
}

#[test]
fn a_batch_step_does_not_wait_for_a_batch_step_of_another_track() {
    let text = small(
        2,
        r#"
[runbooks.data]
supporting = true
steps = [
  { id = "load", per = "batch", duration = "2h" },
  { id = "extract", after = ["load"], duration = "1h" },
]
[runbooks.r]
steps = [
  { id = "restore", after = ["data.extract"], duration = "1h" },
  { id = "check", per = "batch", after = ["restore"], duration = "1h" },
  { id = "open", after = ["check"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "data", batch.size = 2 }, { runbook = "r" }]
"#,
    );
    assert_eq!(restored(&text), "6:00 site-0001\n6:00 site-0002\n");
}

#[test]
fn a_batch_step_does_not_wait_for_what_a_site_without_the_product_waits_for_elsewhere() {
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
[estate.products]
tracker.services = ["db"]
wiki.services = ["db"]
[estate.sites]
count = 4
products = { tracker = "100%", wiki = "50%" }
[[incident.deletions]]
[runbooks.data]
supporting = true
steps = [{ id = "extract", duration = "1h" }]
[runbooks.r]
steps = [
  { id = "index", for_each = { product = "wiki" }, after = ["data.extract"], duration = "1h" },
  { id = "check", per = "batch", after = ["index"], duration = "1h" },
  { id = "open", after = ["check"], duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "data" }, { runbook = "r", opens = "T+5h" }]
"#;
    let outcome = trace(text, 0).outcome;
    assert!(outcome.restorations.iter().all(|it| it.restored_at().is_some()), "{outcome:?}");
}

#[test]
fn a_track_opens_and_closes_with_milestones() {
    let text = small(
        3,
        r#"
[incident.milestones]
detected.delay = "30m"
declared = { after = "detected", delay = "90m" }
[runbooks.manual]
steps = [{ id = "restore", duration = "1h" }]
[runbooks.script]
steps = [{ id = "run", duration = "10m" }]
[strategies.s]
tracks = [
  { runbook = "manual", opens = "detected", closes = "declared", batch.in_flight = 1 },
  { runbook = "script", opens = "declared + 2h" },
]
"#,
    );
    assert_eq!(
        timeline(&text),
        "    0:30  milestone  detected
    0:30  open       manual
    0:30  take       site-0001 by manual
    0:30  start      site-0001/restore
    1:30  finish     site-0001/restore
    1:30  restored   site-0001
    1:30  take       site-0002 by manual
    1:30  start      site-0002/restore
    2:00  milestone  declared
    2:00  close      manual
    2:30  finish     site-0002/restore
    2:30  restored   site-0002
    4:00  open       script
    4:00  take       site-0003 by script
    4:00  start      site-0003/run
    4:10  finish     site-0003/run
    4:10  restored   site-0003
"
    );
}

fn switch(on_close: &str) -> String {
    small(
        3,
        &format!(
            r#"
[teams.db]
people = 1
[runbooks.build]
steps = [{{ id = "script", per = "once", duration = "2h 30m" }}]
[runbooks.manual]
steps = [{{ id = "restore", team = "db", duration = "2h" }}]
[runbooks.auto]
steps = [{{ id = "run", team = "db", duration = "1h" }}]
[strategies.s]
tracks = [
  {{ runbook = "build" }},
  {{ runbook = "manual", closes = "build.script", on_close = "{on_close}", batch.in_flight = 1 }},
  {{ runbook = "auto", opens = "build.script" }},
]
"#
        ),
    )
}

#[test]
fn a_track_that_closes_finishes_its_batches_in_flight() {
    assert_eq!(
        timeline(&switch("finish")),
        "    0:00  open       build
    0:00  open       manual
    0:00  take       site-0001 by manual
    0:00  start      build.script
    0:00  start      site-0001/restore
    2:00  finish     site-0001/restore
    2:00  restored   site-0001
    2:00  take       site-0002 by manual
    2:00  start      site-0002/restore
    2:30  finish     build.script
    2:30  open       auto
    2:30  close      manual
    2:30  take       site-0003 by auto
    4:00  finish     site-0002/restore
    4:00  restored   site-0002
    4:00  start      site-0003/run
    5:00  finish     site-0003/run
    5:00  restored   site-0003
"
    );
}

#[test]
fn a_track_that_moves_gives_its_sites_back_and_its_hours_count() {
    let text = switch("move");
    assert_eq!(
        timeline(&text),
        "    0:00  open       build
    0:00  open       manual
    0:00  take       site-0001 by manual
    0:00  start      build.script
    0:00  start      site-0001/restore
    2:00  finish     site-0001/restore
    2:00  restored   site-0001
    2:00  take       site-0002 by manual
    2:00  start      site-0002/restore
    2:30  finish     build.script
    2:30  open       auto
    2:30  close      manual
    2:30  abort      site-0002/restore
    2:30  take       site-0002 by auto
    2:30  take       site-0003 by auto
    2:30  start      site-0002/run
    3:30  finish     site-0002/run
    3:30  restored   site-0002
    3:30  start      site-0003/run
    4:30  finish     site-0003/run
    4:30  restored   site-0003
"
    );
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.restored_by, [1, 2, 2]);
    assert_eq!((outcome.steps[1].attempts, outcome.steps[1].work), (2, hours(2) + hours(1) / 2));
    assert_eq!(outcome.pools[0].busy, u128::from(hours(4) + hours(1) / 2));
}

#[test]
fn a_track_that_moves_stops_what_it_does_once() {
    let text = |build: &str| {
        small(
            2,
            &format!(
                r#"
[teams]
ops.people = 1
[limits]
tool.units = 1
[runbooks.r]
sequential = true
steps = [
  {{ id = "build", per = "once", team = "ops", holds = {{ tool = 1, until = "test" }}, duration = "{build}" }},
  {{ id = "test", per = "once", team = "ops", duration = "10h" }},
  {{ id = "b", team = "ops", duration = "1h" }},
]
[runbooks.q]
steps = [{{ id = "hand", team = "ops", uses = {{ tool = 1 }}, duration = "1h" }}]
[strategies.s]
tracks = [
  {{ runbook = "r", closes = "T+2h", on_close = "move" }},
  {{ runbook = "q", opens = "T+2h" }},
]
"#
            ),
        )
    };
    let build = text("10h");
    assert_eq!(restored(&build), "3:00 site-0001\n4:00 site-0002\n");
    assert_eq!(only(&timeline(&build), "abort"), "2:00 r.build\n");
    // What is kept between two such steps is given back too.
    let test = text("1h");
    assert_eq!(only(&timeline(&test), "abort"), "2:00 r.test\n");
    assert_eq!(restored(&test), "3:00 site-0001\n4:00 site-0002\n");
}

#[test]
fn what_waits_for_a_once_step_that_was_given_up_is_never_done() {
    let text = small(
        2,
        r#"
[runbooks]
r.supporting = true
r.steps = [{ id = "build", per = "once", duration = "10h" }]
q.sequential = true
q.steps = [
  { id = "one", duration = "1h" },
  { id = "two", duration = "1h", after = ["one", "r.build"] },
]
late.steps = [{ id = "hand", duration = "1h" }]
[strategies.s]
tracks = [
  { runbook = "r", closes = "T+2h", on_close = "move" },
  { runbook = "q", batch = { size = 1, in_flight = 1 } },
  { runbook = "late", opens = "r.build" },
]
"#,
    );
    assert_eq!(restored(&text), "");
    assert_eq!(only(&timeline(&text), "abort"), "2:00 r.build\n");
    assert_eq!(starts(&text), "0:00 r.build\n0:00 site-0001/one\n");
}

#[test]
fn a_moved_site_leaves_the_barrier_of_its_batch() {
    // The first site is handed over before the barrier; the second is moved away from it.
    let text = small(
        2,
        r#"
[teams.db]
people = 1
[runbooks.manual]
sequential = true
steps = [
  { id = "restore", team = "db", duration = "2h", hand_over = true },
  { id = "report", per = "batch", duration = "1h" },
]
[runbooks.auto]
steps = [{ id = "run", team = "db", duration = "1h" }]
[strategies.s]
tracks = [
  { runbook = "manual", closes = "T+3h", on_close = "move", batch.size = 2 },
  { runbook = "auto", opens = "T+3h" },
]
"#,
    );
    assert_eq!(
        starts(&text),
        "0:00 site-0001/restore
2:00 site-0002/restore
3:00 site-0001.../report
3:00 site-0002/run
"
    );
}

#[test]
fn sites_are_taken_as_they_are_deleted() {
    let text = small(
        3,
        r#"
[runbooks.r]
steps = [{ id = "restore", duration = "30m" }]
[[strategies.s.tracks]]
runbook = "r"
"#,
    )
    .replace("[[incident.deletions]]", "[[incident.deletions]]\nover = \"3h\"");
    assert_eq!(takes(&text), "0:00 site-0001 by r\n1:00 site-0002 by r\n2:00 site-0003 by r\n");
}

#[test]
fn a_track_whose_sites_are_deleted_late_does_not_make_another_wait() {
    let text = r#"
schema = 1
title = "test"
[estate.sites]
count = 12
regions = { eu = "50%", us = "50%" }
[[incident.deletions]]
sites.regions = ["eu"]
over = "4h"
[[incident.deletions]]
sites.regions = ["us"]
at = "T+10h"
[runbooks.r]
steps = [{ id = "restore", duration = "30m" }]
[strategies.s]
tracks = [
  { id = "late", runbook = "r", takes.regions = ["us"] },
  { id = "early", runbook = "r", takes.regions = ["eu"] },
]
"#;
    let estate = scenario(text).estate;
    let deleted = scenario(text).incident.deleted;
    let taken: Vec<_> = trace(text, 0).records;
    for it in taken.iter().filter(|it| it.what == What::Taken) {
        let own = deleted.iter().find(|known| estate.sites[known.site].name == it.site);
        assert_eq!(Some(it.at), own.map(|own| own.at), "{}", it.site);
    }
}

#[test]
fn the_sites_of_one_customer_are_taken_one_after_the_other() {
    let text = r#"
schema = 1
title = "test"
[estate.sites]
count = 12
customers = 4
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "restore", duration = "30m" }]
[[strategies.s.tracks]]
runbook = "r"
batch.group_by = "customer"
"#;
    let estate = scenario(text).estate;
    let customer = |name: &str| {
        estate.sites.iter().find(|site| site.name == name).expect("a site that exists").customer
    };
    let mut customers: Vec<u32> = trace(text, 0)
        .records
        .iter()
        .filter(|it| it.what == What::Taken)
        .map(|it| customer(&it.site))
        .collect();
    assert_eq!(customers.len(), 12);
    customers.dedup();
    assert_eq!(customers, [0, 1, 2, 3]);
}

#[test]
fn sites_are_taken_in_the_order_of_the_track() {
    let text = |order: &str| {
        format!(
            r#"
schema = 1
title = "test"
[estate.sites]
count = 8
users = {{ uniform = {{ min = 1, max = 100000 }} }}
bytes = {{ uniform = {{ min = "1 GiB", max = "9 TiB" }} }}
tiers = [{{ tier = "gold", when.min_users = 50000 }}, {{ tier = "free" }}]
[[incident.deletions]]
order = "random"
over = "1h"
[runbooks.r]
steps = [{{ id = "restore", duration = "30m" }}]
[[strategies.s.tracks]]
runbook = "r"
opens = "T+2h"
batch.order = "{order}"
"#
        )
    };
    let order = |order: &str| -> String { takes(&text(order)).replace("2:00 ", "") };
    let known = scenario(&text("list"));
    let sites = known.estate.sites.as_slice();
    let deleted = known.incident.deleted.as_slice();
    let sorted = |key: &dyn Fn(usize) -> i128| -> String {
        let mut rows: Vec<usize> = (0..sites.len()).collect();
        rows.sort_by_key(|row| key(*row));
        rows.iter().map(|row| format!("{} by r\n", sites[*row].name)).collect()
    };
    let users = |row: usize| i128::from(sites[row].users);
    let bytes = |row: usize| i128::from(sites[row].bytes.count());
    assert_eq!(order("list"), sorted(&|_| 0));
    assert_eq!(order("deleted"), sorted(&|row| i128::from(deleted[row].at.as_millis())));
    assert_eq!(order("users_descending"), sorted(&|row| -users(row)));
    assert_eq!(order("users_ascending"), sorted(&users));
    assert_eq!(order("bytes_descending"), sorted(&|row| -bytes(row)));
    assert_eq!(order("bytes_ascending"), sorted(&bytes));
    let gold = |row: usize| i128::from(sites[row].users >= 50_000);
    assert_eq!(order("tier"), sorted(&|row| -gold(row) * 1_000_000 - users(row)));
    assert_ne!(order("random"), order("list"));
}

#[test]
fn a_lost_site_leaves_the_barrier_of_its_batch() {
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "1h", retention = "5h" }
[estate.sites]
count = 2
[[incident.deletions]]
[teams.db]
people = 1
[runbooks.r]
steps = [
  { id = "restore", for_each = { service = "db" }, team = "db", duration = "6h", restore_point.fixed = "1h" },
  { id = "check", per = "batch", after = ["restore"], duration = "1h" },
  { id = "open", after = ["check"], duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch.size = 2
"#;
    let told = timeline(text);
    assert_eq!(only(&told, "lost"), "6:00 site-0002\n");
    assert_eq!(only(&told, "restored"), "8:00 site-0001\n");
}

#[test]
fn a_supporting_track_takes_a_site_once_whatever_becomes_of_it() {
    // What is audited at 20:00 has no backup left; at 21:00 another track moves its sites.
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "1h", retention = "5h" }
[estate.sites]
count = 2
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "restore", duration = "1h" }]
[runbooks.audit]
supporting = true
steps = [{ id = "check", for_each.service = "db", duration = "1h", restore_point.fixed = "1h" }]
[strategies.s]
tracks = [
  { runbook = "r", closes = "T+21h", on_close = "move" },
  { runbook = "audit", opens = "T+20h" },
]
"#;
    assert_eq!(
        takes(text),
        "0:00 site-0001 by r
0:00 site-0002 by r
20:00 site-0001 by audit
20:00 site-0002 by audit
"
    );
    assert_eq!(restored(text), "1:00 site-0001\n1:00 site-0002\n");
}

#[test]
fn a_site_that_a_supporting_track_has_lost_is_claimed_by_nobody() {
    let text = r#"
schema = 1
title = "test"
[estate.services.db]
backup = { full = "1h", retention = "2h" }
[estate.sites]
count = 2
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "restore", duration = "1h" }]
[runbooks.side]
supporting = true
steps = [{ id = "media", for_each.service = "db", duration = "1h", restore_point.fixed = "1h" }]
[strategies.s]
tracks = [{ runbook = "side", opens = "T+5h" }, { runbook = "r", opens = "T+6h" }]
"#;
    let told = timeline(text);
    assert_eq!(only(&told, "lost"), "5:00 site-0001\n5:00 site-0002\n");
    assert_eq!(only(&told, "restored"), "");
}

#[test]
fn a_batch_step_that_needs_a_team_may_be_what_holds_the_slot() {
    let text = small(
        3,
        r#"
[teams.t]
people = 50
[runbooks.r]
steps = [
  { id = "restore", team = "t", duration = "1h", hand_over = true },
  { id = "validate", per = "batch", after = ["restore"], team = "t", duration = "1h" },
]
[[strategies.s.tracks]]
runbook = "r"
batch = { size = 1, in_flight = 1 }
"#,
    );
    assert_eq!(restored(&text), "1:00 site-0001\n3:00 site-0002\n5:00 site-0003\n");
}
