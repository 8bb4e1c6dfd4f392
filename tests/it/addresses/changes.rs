//! `*=` and `+=`: what stands there is changed, exactly, or it is said why it cannot be.

use snapbox::{assert_data_eq, str};

use crate::fuzz::WHOLE;
use crate::support::{but_unused, checked};

use super::{brief, changed, faults, said};

#[test]
fn a_factor_and_an_amount_change_what_stands_there() {
    assert_data_eq!(
        changed(
            WHOLE,
            &[
                "experiment.horizon*=1.5",
                "experiment.seed+=1",
                "policy.rto+=30m",
                "policy.rpo+=-15m",
                "policy.coverage+=-5%",
                "policy.assurance*=50%",
                "estate.services.db.bytes_per_shard*=1.5",
                "estate.sites.count*=1.3",
                "estate.sites.inactive*=1.25",
                "throughput.link.cap+=1 GiB/m",
                "limits.api.units+=2",
                "uncertainty.site*=1.5",
                "uncertainty.step+=0.1",
                "teams.dba.cost_per_hour*=1.1",
                "incident.deletions.2.at+=30m",
                "incident.deletions.1.over*=0.1",
                "strategies.slow.tracks.first.batch.noise*=2",
            ]
        ),
        str![[r#"
experiment.seed = 4
experiment.horizon = "45d"
estate.services.db.bytes_per_shard = "1.5 TiB"
estate.sites.count = 16
estate.sites.inactive = "12.5%"
incident.deletions.1.over = "2m 18s"
incident.deletions.2.at = "T+2h 30m"
teams.dba.cost_per_hour = 99.55
limits.api.units = 6
throughput.link.cap = "3 GiB/m"
uncertainty.site = 0.45
uncertainty.step = 0.3
strategies.slow.tracks.first.batch.noise = 0.6
policy.rto = "6h 30m"
policy.rpo = "45m"
policy.coverage = "90%"
policy.assurance = "45%"

"#]]
    );
}

#[test]
fn a_team_as_a_whole_is_its_people_at_all_times_and_in_all_shifts() {
    let half = ["teams.dba*=0.5", "teams.support*=1.5"];
    assert_data_eq!(
        changed(WHOLE, &half),
        str![[r#"
teams.dba.people.2.people = 2
teams.support.roster.1.people = 3

"#]]
    );
    assert_eq!(
        changed(WHOLE, &["teams.dba.people*=0.5", "teams.support.people*=150%"]),
        changed(WHOLE, &half)
    );
    assert_data_eq!(
        changed(WHOLE, &["teams.dba+=1", "teams.support+=3", "teams.dba*=0.1"]),
        str![[r#"
teams.dba.people.2.people = 1
teams.support.roster.1.people = 5

"#]]
    );
    // Nobody at a time stays nobody; a number by itself is a number.
    let later = WHOLE.replace("{ at = \"T+0\", people = 1 }", "{ at = \"T+0\", people = 0 }");
    assert_data_eq!(
        changed(&later, &["teams.dba+=2"]),
        str![[r#"
teams.dba.people.2.people = 5

"#]]
    );
    assert_data_eq!(
        changed(&later, &["teams.dba.people.1.people+=2"]),
        str![[r#"
teams.dba.people.1.people = 2

"#]]
    );
}

#[test]
fn ramps_of_limits_batches_and_throughputs_change_as_a_whole() {
    let text = WHOLE
        .replace(
            "[limits.api]\nunits = 4",
            "[limits.api]\nunits = [{ at = \"T+0\", units = 3 }, { at = \"T+9h\", units = 5 }]",
        )
        .replace(
            "size = 3, in_flight = 2",
            "size = [{ at = \"T+0\", count = 3 }, { at = \"T+9h\", count = 5 }], in_flight = 2",
        );
    assert_data_eq!(
        changed(
            &text,
            &[
                "limits.api.units*=1.5",
                "throughput.link.rate*=1.5",
                "strategies.slow.tracks.first.batch.size*=0.3",
                "strategies.slow.tracks.first.batch.in_flight+=1",
                "strategies.slow.teams.support*=1.5",
                "strategies.slow.limits.api*=2",
                "strategies.slow.throughput.link*=2",
            ]
        ),
        str![[r#"
limits.api.units.1.units = 5
limits.api.units.2.units = 8
throughput.link.rate.1.rate = "30 GiB/h"
throughput.link.rate.2.rate = "135 MiB/s"
strategies.slow.teams.support = 5
strategies.slow.limits.api.1.units = 8
strategies.slow.throughput.link = "40 GiB/h"
strategies.slow.tracks.first.batch.size.1.count = 1
strategies.slow.tracks.first.batch.size.2.count = 2
strategies.slow.tracks.first.batch.in_flight = 3

"#]]
    );
}

#[test]
fn a_distribution_is_scaled_with_its_shape() {
    assert_data_eq!(
        changed(
            WHOLE,
            &[
                "runbooks.build.steps.script.duration*=1.5",
                "runbooks.accounts.steps.restore.duration*=1.5",
                "runbooks.manual.steps.load.duration*=0.5",
                "runbooks.manual.steps.barrier.duration*=2",
                "runbooks.manual.steps.check.duration*=1.1",
                "runbooks.manual.steps.audit.duration.triangular*=2",
                "estate.sites.users*=1.01",
                "estate.sites.bytes*=2",
                "incident.milestones.detected.delay*=2",
            ]
        ),
        str![[r#"
estate.sites.users.lognormal.p50 = 40.4
estate.sites.users.lognormal.p90 = 909
estate.sites.bytes.uniform.min = "2 GiB"
estate.sites.bytes.uniform.max = "180 GiB"
incident.milestones.detected.delay.exponential.mean = "40m"
runbooks.build.steps.script.duration = "13h 30m"
runbooks.accounts.steps.restore.duration.gamma.mean = "30m"
runbooks.manual.steps.load.duration.pert.min = "10m"
runbooks.manual.steps.load.duration.pert.mode = "30m"
runbooks.manual.steps.load.duration.pert.max = "2h"
runbooks.manual.steps.barrier.duration.quantiles.p10 = "10m"
runbooks.manual.steps.barrier.duration.quantiles.p50 = "20m"
runbooks.manual.steps.barrier.duration.quantiles.p90 = "2h"
runbooks.manual.steps.check.duration.empirical.values.1 = "11m"
runbooks.manual.steps.check.duration.empirical.values.2 = "22m"
runbooks.manual.steps.check.duration.empirical.values.3 = "55m"
runbooks.manual.steps.audit.duration.triangular.min = "2h"
runbooks.manual.steps.audit.duration.triangular.mode = "4h"
runbooks.manual.steps.audit.duration.triangular.max = "18h"

"#]]
    );
}

#[test]
fn a_distribution_is_moved_where_it_has_a_place() {
    assert_data_eq!(
        changed(
            WHOLE,
            &[
                "runbooks.build.steps.script.duration+=1h",
                "runbooks.manual.steps.load.duration+=10m",
                "runbooks.manual.steps.check.duration+=-5m",
                "runbooks.manual.steps.audit.duration.triangular+=1h",
                "runbooks.accounts.steps.restore.duration.gamma.mean+=5m",
                "estate.sites.bytes+=1 GiB",
            ]
        ),
        str![[r#"
estate.sites.bytes.uniform.min = "2 GiB"
estate.sites.bytes.uniform.max = "91 GiB"
runbooks.build.steps.script.duration = "10h"
runbooks.accounts.steps.restore.duration.gamma.mean = "25m"
runbooks.manual.steps.load.duration.pert.min = "30m"
runbooks.manual.steps.load.duration.pert.mode = "1h 10m"
runbooks.manual.steps.load.duration.pert.max = "4h 10m"
runbooks.manual.steps.check.duration.empirical.values.1 = "5m"
runbooks.manual.steps.check.duration.empirical.values.2 = "15m"
runbooks.manual.steps.check.duration.empirical.values.3 = "45m"
runbooks.manual.steps.audit.duration.triangular.min = "2h"
runbooks.manual.steps.audit.duration.triangular.mode = "3h"
runbooks.manual.steps.audit.duration.triangular.max = "10h"

"#]]
    );
    assert_data_eq!(
        brief(
            WHOLE,
            &[
                "runbooks.accounts.steps.restore.duration+=5m",
                "runbooks.manual.steps.barrier.duration.quantiles+=5m",
                "estate.sites.users+=5",
                "incident.milestones.detected.delay+=5m",
            ]
        ),
        str![[r#"
runbooks.accounts.steps.restore.duration+=5m
  [wrong-type]: `runbooks.accounts.steps.restore.duration` is of the family `gamma`, which no amount moves
  write `runbooks.accounts.steps.restore.duration.gamma.mean+=5m`, or `runbooks.accounts.steps.restore.duration*=1.5`
runbooks.manual.steps.barrier.duration.quantiles+=5m
  [wrong-type]: `runbooks.manual.steps.barrier.duration.quantiles` is of the family `quantiles`, which no amount moves
  write `runbooks.manual.steps.barrier.duration.quantiles.p50+=5m`, or `runbooks.manual.steps.barrier.duration.quantiles*=1.5`
estate.sites.users+=5
  [wrong-type]: `estate.sites.users` is of the family `lognormal`, which no amount moves
  write `estate.sites.users.lognormal.p50+=5`, or `estate.sites.users*=1.5`
incident.milestones.detected.delay+=5m
  [wrong-type]: `incident.milestones.detected.delay` is of the family `exponential`, which no amount moves
  write `incident.milestones.detected.delay.exponential.mean+=5m`, or `incident.milestones.detected.delay*=1.5`

"#]]
    );
}

#[test]
fn a_change_that_is_rounded_away_is_warned_of() {
    let checked = checked(WHOLE, &["teams.dba*=1.1", "limits.api.units*=1.1", "policy.rto*=1.1"]);
    assert_data_eq!(
        but_unused(&checked.diagnostics.render(&checked.sources, false)),
        str![[r#"
warning[suspicious]: `--set teams.dba*=1.1` changes nothing
 --> --set teams.dba:1:1
  |
1 | --set teams.dba*=1.1
  | ^^^^^^^^^^^^^^^^^^^^
  |
  = help: whole numbers are rounded, and stay at least 1 where they were above 0

warning[suspicious]: `--set limits.api.units*=1.1` changes nothing
 --> --set limits.api.units:1:1
  |
1 | --set limits.api.units*=1.1
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: whole numbers are rounded, and stay at least 1 where they were above 0


"#]]
    );
}

#[test]
fn several_overrides_apply_in_order() {
    let rto = |overrides: &[&str]| said(WHOLE, overrides, "policy.rto");
    assert_eq!(
        rto(&["policy.rto=8h", "policy.rto*=2", "policy.rto+=1h"]),
        "policy.rto = \"17h\"\n"
    );
    assert_eq!(rto(&["policy.rto+=1h", "policy.rto*=2"]), "policy.rto = \"14h\"\n");
    assert_eq!(rto(&["policy.rto*=2", "policy.rto=1h"]), "policy.rto = \"1h\"\n");
    assert_eq!(rto(&["policy={ rto = \"3h\" }", "policy.rto*=3"]), "policy.rto = \"9h\"\n");
}

#[test]
fn what_is_no_quantity_cannot_be_changed_by_an_amount() {
    assert_data_eq!(
        brief(
            WHOLE,
            &[
                "title*=2",
                "runbooks.accounts.supporting*=2",
                "tags*=2",
                "estate*=2",
                "incident.at+=1h",
                "incident.deletions.2.at*=2",
                "teams.support.roster.1.from+=1h",
                "budgets.2.expect*=2",
                "policy.tiers.gold.rpo*=2",
                "experiment.seed+=1h",
                "experiment.seed+=0.5",
                "experiment.horizon+=5",
                "experiment.horizon+=-60d",
                "experiment.horizon*=0",
                "experiment.horizon*=-1",
                "experiment.horizon*=2h",
                "policy.coverage+=0.05",
                "estate.services.db.bytes_per_shard+=1h",
                "throughput.link.cap+=1 GiB",
                "experiment.seed*=9999999999999999999",
                "teams.support.coordination.per_track+=5%",
            ]
        ),
        str![[r#"
title*=2
  [wrong-type]: `title` is a text, of which there is neither a multiple nor a sum
  write `title=VALUE`
runbooks.accounts.supporting*=2
  [wrong-type]: `runbooks.accounts.supporting` is a switch, of which there is neither a multiple nor a sum
  write `runbooks.accounts.supporting=VALUE`
tags*=2
  [wrong-type]: `tags` is a list, of which there is neither a multiple nor a sum
  name what stands in it, such as `tags.1`
estate*=2
  [wrong-type]: `estate` is a table, of which there is neither a multiple nor a sum
  name what stands in it, such as `estate.services`
incident.at+=1h
  [wrong-type]: `incident.at` is a text, of which there is neither a multiple nor a sum
  write `incident.at=VALUE`
incident.deletions.2.at*=2
  [wrong-type]: `incident.deletions.2.at` is a moment, of which there is no multiple
  move it: `incident.deletions.2.at+=2h`; or write `incident.deletions.2.at=VALUE`
teams.support.roster.1.from+=1h
  [wrong-type]: `teams.support.roster.1.from` is a text, of which there is neither a multiple nor a sum
  write `teams.support.roster.1.from=VALUE`
budgets.2.expect*=2
  [wrong-type]: `budgets.2.expect` is a text, of which there is neither a multiple nor a sum
  write `budgets.2.expect=VALUE`
policy.tiers.gold.rpo*=2
  [missing-key]: nothing stands at `policy.tiers.gold.rpo` to be changed
  write `policy.tiers.gold.rpo=VALUE`
experiment.seed+=1h
  [bad-quantity]: `1h` cannot be added to `experiment.seed`, which is `3`
  write a whole number, such as `+=1`; `*=` takes a factor
experiment.seed+=0.5
  [bad-quantity]: `0.5` cannot be added to `experiment.seed`, which is `3`
  write a whole number, such as `+=1`; `*=` takes a factor
experiment.horizon+=5
  [bad-quantity]: `5` cannot be added to `experiment.horizon`, which is `30d`
  write a time, such as `+=30m`; `*=` takes a factor
experiment.horizon+=-60d
  [out-of-range]: `30d` less `60d` is below zero
  write `experiment.horizon=VALUE`
experiment.horizon*=0
  [bad-quantity]: `0` is nothing to change a value by
  write a number above 0, such as `*=1.5`, or a share, such as `*=150%`
experiment.horizon*=-1
  [bad-quantity]: `-1` is nothing to change a value by
  write a number above 0, such as `*=1.5`, or a share, such as `*=150%`
experiment.horizon*=2h
  [bad-quantity]: `2h` is nothing to change a value by
  write a number above 0, such as `*=1.5`, or a share, such as `*=150%`
policy.coverage+=0.05
  [bad-quantity]: `0.05` cannot be added to `policy.coverage`, which is `95%`
  write a share, such as `+=5%`, or `+=-5%`; `*=` takes a factor
estate.services.db.bytes_per_shard+=1h
  [bad-quantity]: `1h` cannot be added to `estate.services.db.bytes_per_shard`, which is `1 TiB`
  write an amount of data, such as `+=10 GiB`; `*=` takes a factor
throughput.link.cap+=1 GiB
  [bad-quantity]: `1 GiB` cannot be added to `throughput.link.cap`, which is `2 GiB/m`
  write a rate, such as `+=10 GiB/h`; `*=` takes a factor
experiment.seed*=9999999999999999999
  [out-of-range]: `experiment.seed` would be too large or too fine a number
  write `experiment.seed=VALUE`
teams.support.coordination.per_track+=5%
  [bad-quantity]: `5%` cannot be added to `teams.support.coordination.per_track`, which is `0.1`
  write a number; `*=` takes a factor

"#]]
    );
}

#[test]
fn a_changed_value_that_is_out_of_range_is_told_at_the_override() {
    assert_data_eq!(
        faults(
            WHOLE,
            &["policy.coverage*=1.5", "experiment.horizon*=1000", "experiment.replications*=-1"]
        ),
        str![[r#"
error[bad-share]: `142.5%` is not between 0% and 100%
 --> --set policy.coverage:1:1
  |
1 | --set policy.coverage*=1.5
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a share such as "95%", or the number 0.95

error[time-overflow]: `30000d` is longer than ten years
 --> --set experiment.horizon:1:1
  |
1 | --set experiment.horizon*=1000
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: the simulated clock ends after ten years

error[bad-quantity]: `-1` is nothing to change a value by
 --> --set experiment.replications:1:1
  |
1 | --set experiment.replications*=-1
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a number above 0, such as `*=1.5`, or a share, such as `*=150%`

"#]]
    );
}

#[test]
fn changes_are_exact() {
    // What is read is what was meant, to the millisecond and to the byte.
    let text = WHOLE
        .replace("\"1 TiB\"", "\"1.2 TiB\"")
        .replace("horizon = \"30d\"", "horizon = \"29d 23h 59m 59s 999ms\"");
    assert_data_eq!(
        changed(
            &text,
            &[
                "estate.services.db.bytes_per_shard*=1.5",
                "experiment.horizon*=1.5",
                "throughput.link.cap*=0.333333333",
                "policy.coverage*=1.01",
            ]
        ),
        str![[r#"
experiment.horizon = "44d 23h 59m 59s 999ms"
estate.services.db.bytes_per_shard = "1.8 TiB"
throughput.link.cap = "0.666666666 GiB/m"
policy.coverage = "95.95%"

"#]]
    );
    let twice =
        said(&text, &["experiment.horizon*=0.1", "experiment.horizon*=10"], "experiment.horizon");
    assert_eq!(twice, "experiment.horizon = \"30d\"\n", "299 days and a bit are rounded half up");
}
