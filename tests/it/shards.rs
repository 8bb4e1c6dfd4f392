//! Loads that sites of one shard share, what steps hold, and limits that count per shard.

use blackstart::experiment::Design;
use blackstart::review::What;
use blackstart::scenario::{Scenario, check};
use blackstart::{experiment, measure, review};

use crate::support::{hours, only, read, restored, results, starts, timeline, trace};

/// Six sites, by turns on shard 0 and shard 1 of `db`.
fn on_two_shards(sites: u32, rest: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"
[experiment]
population_seed = 184
[estate.services.db]
shards = 2
[estate.sites]
count = {sites}
[[incident.deletions]]
{rest}
"#
    )
}

/// Loads of three hours, each in a scratch database, and extracts of one hour.
fn shared(sites: u32, batch: &str, databases: u32, load: &str) -> String {
    on_two_shards(
        sites,
        &format!(
            r#"
[limits.scratch]
units = {databases}
[teams.dba]
people = 1
[[runbooks.r.steps]]
id = "load"
per = "shard"
for_each = {{ service = "db" }}
holds = {{ scratch = 1 }}
duration = "3h"
{load}
[[runbooks.r.steps]]
id = "extract"
after = ["load"]
for_each = {{ service = "db" }}
team = "dba"
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
batch = {{ {batch} }}
"#
        ),
    )
}

#[test]
fn sites_of_one_shard_share_a_load_from_the_first_extract_to_the_last() {
    assert_eq!(
        timeline(&shared(4, "size = 4", 1, "")),
        "    0:00  open       r
    0:00  take       site-0001 by r
    0:00  take       site-0002 by r
    0:00  take       site-0003 by r
    0:00  take       site-0004 by r
    0:00  start      load/db#0
    3:00  finish     load/db#0
    3:00  start      site-0001/extract/db
    4:00  finish     site-0001/extract/db
    4:00  restored   site-0001
    4:00  start      site-0003/extract/db
    5:00  finish     site-0003/extract/db
    5:00  restored   site-0003
    5:00  unload     load/db#0
    5:00  start      load/db#1
    8:00  finish     load/db#1
    8:00  start      site-0002/extract/db
    9:00  finish     site-0002/extract/db
    9:00  restored   site-0002
    9:00  start      site-0004/extract/db
   10:00  finish     site-0004/extract/db
   10:00  restored   site-0004
   10:00  unload     load/db#1
"
    );
}

#[test]
fn a_site_that_is_taken_as_another_ends_finds_the_load_standing() {
    // One site at a time: 1 and 3 lie on shard 0, 2 on shard 1. With the sites of a shard together
    // 3 follows 1 in the same instant, so nothing is loaded twice.
    let apart = shared(3, "in_flight = 1", 1, "");
    assert_eq!(
        starts(&apart),
        "0:00 load/db#0\n3:00 site-0001/extract/db\n4:00 load/db#1\n7:00 site-0002/extract/db\n\
         8:00 load/db#0\n11:00 site-0003/extract/db\n"
    );
    let together = shared(3, "in_flight = 1, group_by = \"shard\"", 1, "");
    assert_eq!(
        starts(&together),
        "0:00 load/db#0\n3:00 site-0001/extract/db\n4:00 site-0003/extract/db\n5:00 load/db#1\n\
         8:00 site-0002/extract/db\n"
    );
}

#[test]
fn a_load_that_is_kept_waits_for_who_comes_later() {
    // Site 2 is at work from 4:00 to 8:00; the load of site 1 is kept until 8:00, when site 3 needs
    // it again.
    let kept = shared(3, "in_flight = 1", 2, "keep = \"4h\"");
    assert_eq!(
        starts(&kept),
        "0:00 load/db#0\n3:00 site-0001/extract/db\n4:00 load/db#1\n7:00 site-0002/extract/db\n\
         8:00 site-0003/extract/db\n"
    );
    assert_eq!(only(&timeline(&kept), "unload"), "12:00 load/db#1\n13:00 load/db#0\n");
    // A minute less, and it is gone.
    let gone = shared(3, "in_flight = 1", 2, "keep = \"239m\"");
    assert_eq!(restored(&gone), "4:00 site-0001\n8:00 site-0002\n12:00 site-0003\n");
    // It keeps its database meanwhile: with only one the next load waits.
    let one = shared(3, "in_flight = 1", 1, "keep = \"4h\"");
    assert_eq!(
        starts(&one),
        "0:00 load/db#0\n3:00 site-0001/extract/db\n8:00 load/db#1\n11:00 site-0002/extract/db\n\
         16:00 load/db#0\n19:00 site-0003/extract/db\n"
    );
}

#[test]
fn a_load_that_fails_is_tried_again_and_keeps_its_database() {
    let text = shared(2, "size = 2", 1, "fails = { probability = \"100%\", attempts = 2 }");
    assert_eq!(
        starts(&text),
        "0:00 load/db#0\n3:00 load/db#0\n6:00 site-0001/extract/db\n7:00 load/db#1\n\
         10:00 load/db#1\n13:00 site-0002/extract/db\n"
    );
    // Held from the first attempt to the last extract.
    let pools = &results(&text, 1).strategies[0].unpacked()[0].pools;
    assert_eq!(pools[1].busy, u128::from(hours(14)));
    assert_eq!(pools[1].capacity, u128::from(hours(14)));
}

#[test]
fn an_extract_that_is_sent_back_lets_go_of_its_load() {
    let text = on_two_shards(
        1,
        r#"
[limits.scratch]
units = 1
[runbooks.r]
sequential = true
[[runbooks.r.steps]]
id = "prepare"
duration = "2h"
[[runbooks.r.steps]]
id = "load"
per = "shard"
for_each = { service = "db" }
holds = { scratch = 1 }
duration = "3h"
[[runbooks.r.steps]]
id = "extract"
for_each = { service = "db" }
duration = "1h"
fails = { probability = "100%", attempts = 2, retry_from = "prepare" }
[[strategies.s.tracks]]
runbook = "r"
"#,
    );
    // In a sequential runbook the site is prepared first, and then the load is asked for.
    assert_eq!(
        starts(&text),
        "0:00 site-0001/prepare\n2:00 load/db#0\n5:00 site-0001/extract/db\n\
         6:00 site-0001/prepare\n8:00 load/db#0\n11:00 site-0001/extract/db\n"
    );
    assert_eq!(only(&timeline(&text), "unload"), "6:00 load/db#0\n12:00 load/db#0\n");
}

/// Two tracks of which the first closes in the midst of its load.
fn moving(key: &str) -> String {
    let book = |name: &str, key: &str| {
        format!(
            r#"
[[runbooks.{name}.steps]]
id = "load"
key = "{key}"
per = "shard"
for_each = {{ service = "db" }}
holds = {{ scratch = 1 }}
duration = "3h"
[[runbooks.{name}.steps]]
id = "extract"
after = ["load"]
for_each = {{ service = "db" }}
duration = "1h"
"#
        )
    };
    on_two_shards(
        3,
        &format!(
            r#"
[limits.scratch]
units = 1
{}{}
[[strategies.s.tracks]]
runbook = "one"
closes = "T+2h"
on_close = "move"
batch = {{ in_flight = 1 }}
[[strategies.s.tracks]]
runbook = "two"
opens = "T+1h"
batch = {{ group_by = "shard", in_flight = 2 }}
"#,
            book("one", "load"),
            book("two", key)
        ),
    )
}

#[test]
fn a_load_outlives_the_site_that_asked_for_it_first() {
    // Track `one` has site 1 at work when it closes, and track `two` site 3 of the same shard and
    // site 2. The load runs on for site 3, and site 1 comes back to it,
    // because track `two` takes it in the instant in which site 3 is done.
    let told = timeline(&moving("load"));
    assert_eq!(
        only(&told, "start"),
        "0:00 load/db#0\n3:00 site-0003/extract/db\n4:00 site-0001/extract/db\n5:00 load/db#1\n\
         8:00 site-0002/extract/db\n",
        "{told}"
    );
    assert_eq!(only(&told, "abort"), "");
}

#[test]
fn a_load_that_nobody_waits_for_any_more_is_given_up() {
    // Under another key track `two` does not share it.
    let told = timeline(&moving("another"));
    assert_eq!(only(&told, "abort"), "2:00 load/db#0\n", "{told}");
    assert_eq!(only(&told, "start").lines().nth(1), Some("2:00 load/db#1"), "{told}");
}

#[test]
fn sites_for_which_nothing_is_left_when_their_load_is_to_begin_are_lost() {
    // The backup is kept for four hours and is up to one hour old at T+0. Shard 1 could be loaded
    // when shard 0 is done with, at 5:00: then there is nothing left to load. What was loaded in time
    // is not lost, though its backup is gone by 5:00 too.
    let text = shared(4, "size = 4", 1, "")
        .replace("shards = 2", "shards = 2\nbackup = { full = \"1h\", retention = \"4h\" }");
    let text = text.replace("team = \"dba\"", "team = \"dba\"\nrestore_point = { latest = true }");
    let told = timeline(&text);
    assert_eq!(only(&told, "restored"), "4:00 site-0001\n5:00 site-0003\n", "{told}");
    assert_eq!(only(&told, "lost"), "5:00 site-0002\n5:00 site-0004\n", "{told}");
    assert_eq!(only(&told, "unload"), "5:00 load/db#0\n", "{told}");
    assert!(!told.contains("load/db#1"), "{told}");
}

#[test]
fn a_load_grows_with_its_shard_over_the_median_shard() {
    // Three shards of 100 GiB and one of 400: the median is 100.
    let text = r#"
schema = 1
title = "test"
[estate.services.small]
shards = 3
bytes_per_shard = "100 GiB"
[estate.services.large]
bytes_per_shard = "400 GiB"
[estate.sites]
count = 1
[[incident.deletions]]
[[runbooks.r.steps]]
id = "load"
per = "shard"
for_each = { service_class = "primary" }
duration = "1h"
grows_with = { bytes = 0.5 }
[[runbooks.r.steps]]
id = "extract"
after = ["load"]
for_each = { service_class = "primary" }
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#;
    let extracts = starts(text);
    assert!(extracts.contains("1:00 site-0001/extract/small\n"), "{extracts}");
    assert!(extracts.contains("2:00 site-0001/extract/large\n"), "{extracts}");
}

/// Who asked for each load of shard 0 under this order, and how long it took, in milliseconds.
fn loads_of_first_shard(order: &str) -> Vec<(String, u64)> {
    let drawn = "duration.exponential = { mean = \"3h\" }";
    let batch = format!("in_flight = 1, order = \"{order}\"");
    let text = shared(16, &batch, 1, "")
        .replacen("duration = \"3h\"", drawn, 1)
        .replace("count = 16", "count = 16\nusers.lognormal = { p50 = 50, p90 = 500 }");
    let told = trace(&text, 0).records;
    let of = |what: What| told.iter().filter(move |it| it.what == what && it.step == "load/db#0");
    let lengths = of(What::Started).zip(of(What::Finished));
    lengths.map(|(from, to)| (from.site.clone(), to.at.as_millis() - from.at.as_millis())).collect()
}

#[test]
fn a_load_takes_the_same_time_whoever_asks_for_it_and_another_time_when_it_is_asked_for_again() {
    // The load is gone whenever the next site is one of the other shard.
    let [forth, back] = ["users_ascending", "users_descending"].map(loads_of_first_shard);
    assert!(forth.len() > 1 && back.len() > 1);
    assert_ne!(forth[0].0, back[0].0);
    for (one, other) in forth.iter().zip(&back) {
        assert_eq!(one.1, other.1);
    }
    assert_ne!(forth[0].1, forth[1].1);
    assert_ne!(forth[0].1, hours(3));
}

#[test]
fn a_load_that_two_tracks_share_is_kept_as_long_as_either_wants_whoever_asks_first() {
    let freed = |first: &str, second: &str| {
        let runbook = |name: &str, keep: &str| {
            format!(
                r#"
[runbooks.{name}]
steps = [
  {{ id = "load", per = "shard", for_each = {{ service = "db" }}, duration = "3h", keep = "{keep}" }},
  {{ id = "extract", after = ["load"], for_each = {{ service = "db" }}, duration = "1h" }},
]
"#
            )
        };
        let tracks = "[[strategies.s.tracks]]\nrunbook = \"r\"\ncloses = \"T+2h\"\non_close = \"move\"\n\
                      [[strategies.s.tracks]]\nrunbook = \"q\"\nopens = \"T+2h\"\n";
        let text = on_two_shards(1, &(runbook("r", first) + &runbook("q", second) + tracks));
        only(&timeline(&text), "unload")
    };
    assert_eq!(freed("10h", "0s"), "14:00 load/db#0\n");
    assert_eq!(freed("0s", "10h"), "14:00 load/db#0\n");
    assert_eq!(freed("0s", "0s"), "4:00 load/db#0\n");
}

#[test]
fn a_load_that_is_given_up_before_it_starts_has_drawn_nothing() {
    // There is no database while the first track asks; the second loads it after all.
    let drawn = "duration.exponential = { mean = \"3h\" }";
    let at = |closes: &str| {
        let text = shared(1, "in_flight = 1", 1, "").replacen("duration = \"3h\"", drawn, 1)
            + &format!("on_close = \"move\"\ncloses = \"{closes}\"\n")
            + "[[strategies.s.tracks]]\nrunbook = \"r\"\nid = \"second\"\nopens = \"T+6h\"\n";
        let text = text.replace(
            "units = 1",
            "units = [{ at = \"T+0\", units = 0 }, { at = \"T+5h\", units = 1 }]",
        );
        let told = trace(&text, 0).records;
        let load = |what: What| {
            let mut own = told.iter().filter(|it| it.what == what && it.step == "load/db#0");
            own.next_back().expect("it is loaded").at.as_millis()
        };
        load(What::Finished) - load(What::Started)
    };
    assert_eq!(at("T+1h"), at("T+1000h"));
}

fn shipped(overrides: &[&str]) -> Scenario {
    let overrides: Vec<_> =
        overrides.iter().map(|it| it.parse().expect("a key and a value")).collect();
    let text = read("scenarios/shared-shards.toml");
    check("shared-shards", "shared-shards.toml", &text, &overrides).scenario.expect("a sound file")
}

/// The mean recovery time by site under each strategy, and when each site is back.
fn means(scenario: &Scenario) -> Vec<(String, String)> {
    let design = Design { replications: 2, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results);
    let mean = |it: &measure::StrategyMetrics| {
        let told = review::timeline(scenario, it.strategy, 1, 0);
        let mean = it.replications[0].mean_rta_by_site.expect("every site is back");
        (mean.to_string(), only(&told, "restored"))
    };
    measured.strategies.iter().map(mean).collect()
}

#[test]
fn the_better_order_depends_on_the_number_of_scratch_databases() {
    let by_shard = "4:00 site-0001\n4:00 site-0002\n8:00 site-0003\n8:00 site-0004\n\
                    12:00 site-0005\n12:00 site-0006\n";
    let one = means(&shipped(&[]));
    assert_eq!(one[0].0, "14h");
    assert_eq!(
        one[0].1,
        "4:00 site-0002\n8:00 site-0003\n12:00 site-0006\n16:00 site-0001\n20:00 site-0004\n\
         24:00 site-0005\n"
    );
    assert_eq!(one[1], ("8h".to_owned(), by_shard.to_owned()));
    let two = means(&shipped(&["limits.scratch-databases.units=2"]));
    assert_eq!(two[0].0, "6h 30m");
    assert_eq!(
        two[0].1,
        "4:00 site-0002\n4:00 site-0003\n5:00 site-0001\n8:00 site-0006\n9:00 site-0004\n\
         9:00 site-0005\n"
    );
    assert_eq!(two[1], one[1]);
}
