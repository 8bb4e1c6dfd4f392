//! Where mechanisms meet: what one does while another is at it.

use blackstart::experiment::Restoration;

use crate::support::{hours, last_back, only, restored, small, starts, timeline, trace};

/// Sites of a database on one shard, loaded over a link in an hour; a site can be un-deleted.
fn loaded(sites: u32, deletions: &str, strategy: &str) -> String {
    small(
        sites,
        &format!(
            r#"
[estate.services.db]
bytes_per_shard = "100 GiB"
backup = {{ full = "24h", log = "continuous" }}
[estate.products]
app.services = ["db"]
[incident.guardrails.soft_delete]
retention = "14d"
[throughput.link]
rate = "100 GiB/h"
[limits.scratch]
units = 1
[limits.slots]
units = 1
[runbooks.r]
sequential = true
[[runbooks.r.steps]]
id = "load"
per = "shard"
for_each = {{ service = "db" }}
when = "hard"
transfer = {{ bytes = "shard", through = "link" }}
holds = {{ scratch = 1 }}
[[runbooks.r.steps]]
id = "extract"
for_each = {{ service = "db" }}
duration = "30m"
holds = {{ slots = 1, until = "import" }}
restore_point = {{ fixed = "5m" }}
[[runbooks.r.steps]]
id = "import"
duration = "1h"
[strategies.s]
{strategy}
tracks = [{{ runbook = "r" }}]
"#
        ),
    )
    .replace("[[incident.deletions]]", deletions)
}

#[test]
fn who_is_undeleted_asks_for_no_load_holds_nothing_and_moves_nothing() {
    let hard = loaded(2, "[[incident.deletions]]", "");
    assert_eq!(
        starts(&hard),
        "0:00 load/db#0\n1:00 site-0001/extract/db\n1:30 site-0001/import\n\
         2:30 site-0002/extract/db\n3:00 site-0002/import\n"
    );
    let soft = loaded(2, "[[incident.deletions]]", "guardrails = [\"soft_delete\"]");
    assert_eq!(restored(&soft), "1:10 site-0001\n1:10 site-0002\n");
    let outcome = trace(&soft, 0).outcome;
    assert!(outcome.pools.iter().all(|it| it.busy == 0), "{:?}", outcome.pools);
    assert_eq!(outcome.throughputs[0].moved, 0);
}

#[test]
fn only_those_whose_data_is_gone_wait_for_the_load() {
    let deletions = "[[incident.deletions]]\ncount = 1\n[[incident.deletions]]\nmode = \"soft\"";
    assert_eq!(restored(&loaded(2, deletions, "")), "1:10 site-0002\n2:30 site-0001\n");
}

#[test]
fn what_has_escalated_pauses_with_its_new_team_and_no_machine_takes_it() {
    let text = small(
        2,
        r#"
[incident.milestones.built]
delay = "2h"
[teams.a]
people = 1
[teams.b]
people = [
  { at = "T+0", people = 1 }, { at = "T+1h 30m", people = 0 }, { at = "T+3h", people = 1 },
]
at_shift_end = "hand_over"
[[runbooks.r.steps]]
id = "x"
team = "a"
duration = "1h"
fails = { probability = 1, attempts = 1, escalates_to = { team = "b" } }
automated_after = { milestone = "built", people = 0 }
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let all = timeline(&text);
    assert_eq!(only(&all, "pause"), "1:30 site-0001/x\n");
    assert_eq!(only(&all, "resume"), "3:00 site-0001/x\n");
    assert_eq!(restored(&text), "3:30 site-0001\n4:30 site-0002\n");
}

#[test]
fn a_site_that_is_lost_while_its_work_pauses_gives_back_what_that_has_kept() {
    let text = small(
        1,
        r#"
[estate.services]
db.backup = { full = "24h", log = "continuous" }
files.backup = { full = "1h", retention = "4h" }
[estate.products]
app.services = ["db", "files"]
[teams.a]
people = [{ at = "T+0", people = 1 }, { at = "T+1h", people = 0 }, { at = "T+9h", people = 1 }]
at_shift_end = "hand_over"
[limits.slots]
units = 1
[limits.api]
units = 1
[[runbooks.r.steps]]
id = "db"
for_each = { service = "db" }
team = "a"
uses = { api = 1 }
holds = { slots = 1, until = "check" }
duration = "3h"
restore_point = { fixed = "5m" }
[[runbooks.r.steps]]
id = "wait"
duration = "5h"
[[runbooks.r.steps]]
id = "files"
for_each = { service = "files" }
after = ["wait"]
duration = "1h"
restore_point = { fixed = "5m" }
[[runbooks.r.steps]]
id = "check"
after = ["db", "files"]
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    let all = timeline(&text);
    assert_eq!(only(&all, "pause"), "1:00 site-0001/db/db\n");
    assert_eq!(only(&all, "lost"), "5:00 site-0001\n");
    assert_eq!(only(&all, "abort"), "5:00 site-0001/db/db\n");
    let outcome = trace(&text, 0).outcome;
    assert_eq!(outcome.restorations[..], [Restoration::Lost]);
    let busy: Vec<u128> = outcome.pools.iter().map(|it| it.busy).collect();
    assert_eq!(busy, [hours(1), hours(5), hours(5)].map(u128::from));
}

#[test]
fn sites_that_are_deleted_again_while_work_pauses_give_back_what_they_hold() {
    let text = small(
        2,
        r#"
[teams.a]
people = [{ at = "T+0", people = 1 }, { at = "T+1h", people = 0 }, { at = "T+4h", people = 1 }]
at_shift_end = "hand_over"
[limits.slots]
units = 1
[runbooks.r]
sequential = true
steps = [
  { id = "x", team = "a", duration = "2h", holds = { slots = 1, until = "y" } },
  { id = "y", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
[[injects]]
at = "T+2h"
deletion = { count = 2 }
"#,
    );
    assert_eq!(only(&timeline(&text), "abort"), "2:00 site-0001/x\n");
    assert_eq!(restored(&text), "7:00 site-0001\n10:00 site-0002\n");
    let busy: Vec<u128> = trace(&text, 0).outcome.pools.iter().map(|it| it.busy).collect();
    // The slot from 0:00 to 2:00 and from 4:00 to 10:00.
    assert_eq!(busy, [hours(5), hours(8)].map(u128::from));
}

#[test]
fn a_track_that_closes_gives_back_what_its_sites_hold_and_stops_what_they_move() {
    let text = loaded(2, "[[incident.deletions]]", "").replace(
        "tracks = [{ runbook = \"r\" }]",
        "tracks = [\n{ id = \"one\", runbook = \"r\", closes = \"T+2h\", on_close = \"move\" },\n\
         { id = \"two\", runbook = \"r\", opens = \"T+3h\" } ]",
    );
    // At 2:00 the first is being imported and holds the slot, the second waits for that.
    let all = timeline(&text);
    assert_eq!(only(&all, "abort"), "2:00 site-0001/import\n");
    assert_eq!(only(&all, "unload"), "2:00 load/db#0\n6:00 load/db#0\n");
    assert_eq!(restored(&text), "5:30 site-0001\n7:00 site-0002\n");
    let outcome = trace(&text, 0).outcome;
    // The load from 0:00 to 2:00 and from 3:00 to 6:00; the slot from 1:00 to 2:00, 4:00 to 7:00.
    let busy: Vec<u128> = outcome.pools.iter().map(|it| it.busy).collect();
    assert_eq!(busy, [hours(5), hours(4)].map(u128::from));
    let early = text.replace("closes = \"T+2h\"", "closes = \"T+30m\"");
    assert_eq!(only(&timeline(&early), "abort"), "0:30 load/db#0\n");
    // Half of it was moved for nothing.
    assert_eq!(trace(&early, 0).outcome.throughputs[0].moved, 150 << 30);
}

#[test]
fn what_an_outage_pauses_leaves_its_share_of_the_bandwidth_to_others() {
    let text = small(
        1,
        r#"
[estate.services]
db = {}
files = {}
[estate.products]
app.services = ["db", "files"]
[throughput.link]
rate = "100 GiB/h"
[[runbooks.r.steps]]
id = "fetch"
for_each = { service = "*" }
transfer = { bytes = "site", through = "link" }
[[strategies.s.tracks]]
runbook = "r"
[[injects]]
at = "T+30m"
lasts = "2h"
outage = { service = "db" }
"#,
    )
    .replace("count = 1", "count = 1\nbytes = \"100 GiB\"");
    // 25 GiB each in half an hour; then 75 alone, and from 2:30 on 75 alone.
    let all = timeline(&text);
    assert_eq!(only(&all, "pause"), "0:30 site-0001/fetch/db\n");
    assert_eq!(only(&all, "finish"), "1:15 site-0001/fetch/files\n3:15 site-0001/fetch/db\n");
}

#[test]
fn what_a_later_step_finds_is_done_again_by_the_machine_that_is_there_by_then() {
    let text = small(
        1,
        r#"
[incident.milestones.built]
delay = "1h"
[teams.a]
people = 1
[runbooks.r]
sequential = true
steps = [
  { id = "load", team = "a", duration = "2h",
    automated_after = { milestone = "built", factor = "50%", people = 0 },
    fails = { probability = 1, attempts = 2, found_by = "check" } },
  { id = "check", team = "a", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    let starts = starts(&text);
    let expected = "0:00 site-0001/load\n2:00 site-0001/check\n\
                    3:00 site-0001/load\n4:00 site-0001/check\n";
    assert_eq!(starts, expected);
    // Two hours of loading and two of checking.
    assert_eq!(trace(&text, 0).outcome.pools[0].busy, u128::from(hours(4)));
}

#[test]
fn what_only_an_absent_step_could_find_is_found_at_once() {
    let text = small(
        1,
        r#"
[incident.guardrails.soft_delete]
retention = "14d"
[runbooks.r]
sequential = true
steps = [
  { id = "switch", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "compare" } },
  { id = "compare", when = "hard", duration = "2h" },
  { id = "open", duration = "1h" },
]
[strategies]
hard.tracks = [{ runbook = "r" }]
soft.guardrails = ["soft_delete"]
soft.tracks = [{ runbook = "r" }]
"#,
    );
    let expected = [("hard", 7.0), ("soft", 3.0)];
    assert_eq!(last_back(&text), expected.map(|(name, hours)| (name.to_owned(), hours)));
}

#[test]
fn what_a_step_for_a_product_finds_is_found_at_once_where_the_site_has_it_not() {
    let text = small(
        1,
        r#"
[estate.products]
app = {}
wiki = {}
[runbooks.r]
sequential = true
steps = [
  { id = "load", duration = "1h", fails = { probability = 1, attempts = 2, found_by = "compare" } },
  { id = "compare", for_each.product = "wiki", duration = "2h" },
  { id = "open", duration = "1h" },
]
[strategies.s]
tracks = [{ runbook = "r" }]
"#,
    );
    let with = |share: &str| {
        let mix = format!("count = 1\nproducts = {{ app = \"100%\", wiki = \"{share}\" }}");
        restored(&text.replace("count = 1", &mix))
    };
    assert_eq!(with("100%"), "7:00 site-0001\n");
    assert_eq!(with("0%"), "3:00 site-0001\n");
}
