//! What is wrong with what was observed.

use snapbox::{assert_data_eq, str};

use super::{SOUND, faults};

fn with(observed: &str) -> String {
    faults(&format!("{SOUND}[observed]\n{observed}\n"))
}

#[test]
fn figures_that_do_not_exist_or_stand_in_another_list() {
    assert_data_eq!(
        with(
            "[[observed.instants]]\nfigure = \"last_site_bak\"\nat = \"T+1h\"\n\
             [[observed.counts]]\nfigure = \"last_site_back\"\nvalue = 3\n\
             [[observed.lengths]]\nvalue = \"3h\""
        ),
        str![[r#"
error[unknown-figure]: there is no figure `last_site_bak`
  --> test.toml:13:10
   |
13 | figure = "last_site_bak"
   |          ^^^^^^^^^^^^^^^
   |
   = help: did you mean `last_site_back`?

error[unknown-figure]: `last_site_back` is an instant
  --> test.toml:16:10
   |
16 | figure = "last_site_back"
   |          ^^^^^^^^^^^^^^^^
   |
   = help: write it under `[[observed.instants]]`

error[missing-key]: `figure` is missing
  --> test.toml:18:1
   |
18 | [[observed.lengths]]
   | ^^^^^^^^^^^^^^^^^^^^
   |
   = help: add `figure = "exercise.rta.p95"`

"#]]
    );
}

#[test]
fn a_strategy_that_was_not_simulated() {
    assert_data_eq!(
        with("strategy = \"t\""),
        str![[r#"
error[unknown-strategy]: there is no strategy `t`
  --> test.toml:12:12
   |
12 | strategy = "t"
   |            ^^^
   |
   = help: did you mean `s`?

"#]]
    );
}

#[test]
fn one_value_or_two_in_order() {
    assert_data_eq!(
        with(
            "[[observed.instants]]\nfigure = \"first_site_back\"\n\
             [[observed.instants]]\nfigure = \"first_site_back\"\nat = \"T+1h\"\nbetween = [\"T+1h\", \"T+2h\"]\n\
             [[observed.lengths]]\nfigure = \"exercise.rta.p95\"\nbetween = [\"2h\", \"1h\"]\n\
             [[observed.counts]]\nfigure = \"sites_lost\"\nbetween = [1]"
        ),
        str![[r#"
error[missing-key]: nothing was observed
  --> test.toml:12:1
   |
12 | [[observed.instants]]
   | ^^^^^^^^^^^^^^^^^^^^^
   |
   = help: add `at`, or `between` with the least and the most

error[conflicting-keys]: there is `at` already
  --> test.toml:17:12
   |
17 | between = ["T+1h", "T+2h"]
   |            ^^^^^^
   |
   = help: keep `at` or `between`

error[out-of-range]: the first of the two is the greater one
  --> test.toml:20:12
   |
20 | between = ["2h", "1h"]
   |            ^^^^
   |
   = help: write the least and then the most that it may have been

error[out-of-range]: `between` takes two values
  --> test.toml:23:12
   |
23 | between = [1]
   |            ^
   |
   = help: add `value`, or `between` with the least and the most

"#]]
    );
}

#[test]
fn quantities_of_the_wrong_kind() {
    assert_data_eq!(
        with(
            "[[observed.instants]]\nfigure = \"first_site_back\"\nat = \"detected\"\n\
             [[observed.counts]]\nfigure = \"sites_restored\"\nvalue = \"50%\"\n\
             [[observed.counts]]\nfigure = \"r.users_share\"\nvalue = 50\n\
             [[observed.counts]]\nfigure = \"sites_lost\"\nvalue = 1\nolder_than = \"1h\""
        ),
        str![[r#"
error[bad-quantity]: `detected` is no instant
  --> test.toml:14:6
   |
14 | at = "detected"
   |      ^^^^^^^^^^
   |
   = help: write when it was: "T+26h", or a time such as "2022-04-14T12:00:00Z"

error[bad-quantity]: a plain number from 0 up is due here
  --> test.toml:17:9
   |
17 | value = "50%"
   |         ^^^^^
   |
   = help: write a number such as 112; the figures that are shares end in `_share`

error[bad-share]: `50` is not between 0% and 100%
  --> test.toml:20:9
   |
20 | value = 50
   |         ^^
   |
   = help: write "50%"

error[conflicting-keys]: `sites_lost` does not depend on this
  --> test.toml:24:14
   |
24 | older_than = "1h"
   |              ^^^^
   |
   = help: `older_than` belongs to `older_data_customers`

"#]]
    );
}

#[test]
fn points_of_the_curve_need_a_share_and_one_tolerance() {
    assert_data_eq!(
        with(
            "[[observed.curve]]\nat = \"T+1h\"\n\
             [[observed.curve]]\nat = \"T+1h\"\nusers = \"5%\"\nwithin = \"5%\"\nwithin_time = \"2h\"\n\
             [[observed.curve]]\nusers = \"5%\""
        ),
        str![[r#"
error[missing-key]: this point has no share
  --> test.toml:12:1
   |
12 | [[observed.curve]]
   | ^^^^^^^^^^^^^^^^^^
   |
   = help: add `users = "45%"` or `sites = "12%"`

error[conflicting-keys]: a point has one tolerance
  --> test.toml:18:15
   |
18 | within_time = "2h"
   |               ^^^^
   |
   = help: keep `within`, in points, or `within_time`

error[missing-key]: `at` is missing
  --> test.toml:19:1
   |
19 | [[observed.curve]]
   | ^^^^^^^^^^^^^^^^^^
   |
   = help: add `at = "T+26h"`

"#]]
    );
}
