//! What is wrong with budgets.

use snapbox::{assert_data_eq, str};

use super::{SOUND, brief, broken, faults};

fn with(budgets: &str) -> String {
    faults(&format!("{SOUND}{budgets}\n"))
}

/// The faults of an expectation about a figure, a line each.
fn expecting(metric: &str, expect: &str) -> String {
    let budget = format!("[[budgets]]\nmetric = \"{metric}\"\nexpect = \"{expect}\"\n");
    brief(&format!("{SOUND}{budget}")).join("\n")
}

#[test]
fn an_aggregate_that_is_not_known() {
    assert_data_eq!(
        with("[[budgets]]\nmetric = \"site.rta\"\nexpect = \"share_witin(6h) >= 95%\""),
        str![[r#"
error[unknown-choice]: unknown aggregate `share_witin`
  --> test.toml:13:11
   |
13 | expect = "share_witin(6h) >= 95%"
   |           ^^^^^^^^^^^
   |
   = help: did you mean `share_within`?

"#]]
    );
}

#[test]
fn a_number_without_its_unit_and_a_value_of_the_wrong_kind() {
    assert_data_eq!(
        with(
            "[[budgets]]\nmetric = \"site.rta\"\nexpect = \"p(95) < 14\"\n\
             [[budgets]]\nmetric = \"site.rta\"\nexpect = \"max < 95%\""
        ),
        str![[r#"
error[bare-number]: `14` has no unit
  --> test.toml:13:19
   |
13 | expect = "p(95) < 14"
   |                   ^^
   |
   = help: write a length of time with its unit, such as `14h`

error[bad-expression]: `95%` is compared with `max`, which is a length of time
  --> test.toml:16:17
   |
16 | expect = "max < 95%"
   |                 ^^^
   |
   = help: write a length of time such as `14d`

"#]]
    );
}

#[test]
fn expectations_that_cannot_be_read() {
    let each = [
        ("site.rta", ""),
        ("site.rta", "p(95)"),
        ("site.rta", "p(95) =< 6h"),
        ("site.rta", "p(95) <"),
        ("site.rta", "p(95 < 6h"),
        ("site.rta", "p(0) < 6h"),
        ("site.rta", "p(0.95) < 6h"),
        ("site.rta", "p(-5) < 6h"),
        ("site.rta", "p(inf) < 6h"),
        ("site.rta", "share_within(6h) >= 0.95"),
        ("site.rta", "p < 6h"),
        ("site.rta", "max(3) < 6h"),
        ("site.rta", "value < 6h"),
        ("site.rta", "share_within >= 95%"),
        ("site.rta", "share_within(6) >= 95%"),
        ("site.rta", "share_within(6h) >= 6h"),
        ("site.rta", "share_within(6h) >= 195%"),
        ("site.rta", "count < 6h"),
        ("site.rta", "max < 6 fortnights"),
        ("last_site_back", "p(95) < 6h"),
        ("last_site_back", "value < 3"),
        ("sites_lost", "value < 10%"),
        ("person_hours", "value < 10%"),
    ];
    let told: String = each
        .iter()
        .map(|(metric, expect)| format!("{metric} {expect}: {}\n", expecting(metric, expect)))
        .collect();
    assert_data_eq!(
        told,
        str![[r#"
site.rta : 13: [bad-expression] `` compares nothing
site.rta p(95): 13: [bad-expression] `p(95)` compares nothing
site.rta p(95) =< 6h: 13: [bad-expression] `p(95) =< 6h` is no comparison
site.rta p(95) <: 13: [bad-expression] `p(95)` is compared with nothing
site.rta p(95 < 6h: 13: [bad-expression] `p(95` lacks a `)`
site.rta p(0) < 6h: 13: [bad-expression] `0` is no quantile
site.rta p(0.95) < 6h: 13: [bad-expression] `0.95` is less than one percent
site.rta p(-5) < 6h: 13: [bad-expression] `-5` is no quantile
site.rta p(inf) < 6h: 13: [bad-expression] `inf` is no quantile
site.rta share_within(6h) >= 0.95: 13: [bad-share] `0.95` has no `%`
site.rta p < 6h: 13: [bad-expression] `p` is no quantile
site.rta max(3) < 6h: 13: [bad-expression] `max` takes nothing in brackets
site.rta value < 6h: 13: [bad-expression] every site has a value of its own
site.rta share_within >= 95%: 13: [bad-expression] `share_within` does not say within what
site.rta share_within(6) >= 95%: 13: [bare-number] `6` has no unit
site.rta share_within(6h) >= 6h: 13: [bad-expression] `6h` is compared with `share_within(6h)`, which is a share
site.rta share_within(6h) >= 195%: 13: [bad-share] `195%` is not between 0% and 100%
site.rta count < 6h: 13: [bad-expression] `6h` is compared with `count`, which is a number of things
site.rta max < 6 fortnights: 13: [bad-quantity] `6 fortnights` has an unknown unit
last_site_back p(95) < 6h: 13: [bad-expression] an exercise has this figure once
last_site_back value < 3: 13: [bare-number] `3` has no unit
sites_lost value < 10%: 13: [bad-expression] `10%` is compared with `value`, which is a number of things
person_hours value < 10%: 13: [bad-expression] `10%` is compared with `value`, which is a number of hours

"#]]
    );
}

#[test]
fn names_that_there_are_not() {
    assert_data_eq!(
        with(
            "[[budgets]]\nmetric = \"site.rto\"\nexpect = \"max < 6h\"\n\
             [[budgets]]\nmetric = \"site.rta\"\nexpect = \"max < 6h\"\n\
             select = { strategy = \"t\", tier = \"gold\", region = \"eu\", product = \"wiki\" }"
        ),
        str![[r#"
error[unknown-figure]: there is no figure `site.rto`
  --> test.toml:12:10
   |
12 | metric = "site.rto"
   |          ^^^^^^^^^^
   |
   = help: did you mean `site.rta`?

error[unknown-strategy]: there is no strategy `t`
  --> test.toml:17:23
   |
17 | select = { strategy = "t", tier = "gold", region = "eu", product = "wiki" }
   |                       ^^^
   |
   = help: did you mean `s`?

error[unknown-tier]: there is no tier `gold`
  --> test.toml:17:35
   |
17 | select = { strategy = "t", tier = "gold", region = "eu", product = "wiki" }
   |                                   ^^^^^^
   |
   = help: choose from `all`

error[unknown-region]: there is no region `eu`
  --> test.toml:17:52
   |
17 | select = { strategy = "t", tier = "gold", region = "eu", product = "wiki" }
   |                                                    ^^^^
   |
   = help: choose from `default`

error[unknown-product]: there is no product `wiki`
  --> test.toml:17:68
   |
17 | select = { strategy = "t", tier = "gold", region = "eu", product = "wiki" }
   |                                                                    ^^^^^^
   |
   = help: there is none to choose from

"#]]
    );
}

#[test]
fn a_product_of_which_no_site_loses_anything() {
    let text = SOUND
        .replace(
            "estate.sites.count = 3",
            "estate.sites.count = 3\nestate.services = { db = {}, files = {} }\n\
             estate.products.app.services = [\"db\"]\nestate.products.wiki.services = [\"files\"]",
        )
        .replace("[{}]", "[{ target.service = \"files\" }]");
    let of = |product: &str| {
        text.clone()
            + "[[budgets]]\nmetric = \"site.rta\"\nexpect = \"max < 6h\"\n"
            + &format!("select.product = \"{product}\"\n")
    };
    assert_eq!(faults(&of("wiki")).trim(), "");
    assert_data_eq!(
        faults(&of("app")),
        str![[r#"
error[empty-selection]: no deleted site matches this selection
  --> test.toml:17:1
   |
17 | select.product = "app"
   | ^^^^^^
   |
   = help: widen it, or take the budget out

"#]]
    );
}

#[test]
fn a_selection_that_no_deleted_site_can_match() {
    let tiers = "estate.sites.tiers = [{ tier = \"gold\", when = { min_users = 9 } }, \
                 { tier = \"rest\" }]\nestate.sites.count = 3";
    let text = SOUND.replace("estate.sites.count = 3", tiers)
        + "[[budgets]]\nmetric = \"site.rta\"\nexpect = \"max < 6h\"\n\
           select = { tier = \"gold\" }\n";
    assert_data_eq!(
        faults(&text),
        str![[r#"
error[empty-selection]: no deleted site matches this selection
  --> test.toml:15:10
   |
15 | select = { tier = "gold" }
   |          ^^^^^^^^^^^^^^^^^
   |
   = help: widen it, or take the budget out

"#]]
    );
}

#[test]
fn keys_that_are_missing_or_have_no_sense() {
    assert_data_eq!(
        brief(&format!(
            "{SOUND}[[budgets]]\n[[budgets]]\nmetric = \"last_site_back\"\nexpect = \"value < 6h\"\n\
             by = \"user\"\nassurance = \"100%\"\nconfidence = \"20%\"\nlevel = \"loud\"\n\
             [[budgets]]\nmetric = \"cost\"\nexpect = \"value < 6\"\n\
             [[budgets]]\nmetric = \"sites_within_rto\"\nexpect = \"value > 6%\"\n\
             [[budgets]]\nmetric = \"users_within_rpo\"\nexpect = \"value > 6%\"\n\
             [[budgets]]\nmetric = \"site.rpa\"\nexpect = \"max < 6h\"\n\
             [[budgets]]\nmetric = \"site.rpa\"\nexpect = \"max < 6h\"\n"
        ))
        .join("\n"),
        str![[r#"
11: [missing-key] `metric` is missing
11: [missing-key] `expect` is missing
15: [conflicting-keys] an exercise has `last_site_back` once, for all its sites
16: [out-of-range] an assurance lies between 0% and 100%
17: [out-of-range] a confidence lies between 50% and 99.99%
18: [unknown-choice] unknown choice `loud`
20: [missing-key] no team has a price
23: [missing-key] there is no recovery time objective
26: [missing-key] there is no recovery point objective
33: [duplicate-name] two budgets are `site.rpa max < 6h`
"#]]
    );
}

#[test]
fn a_name_that_a_figure_had_before() {
    assert_data_eq!(
        with(
            "[[budgets]]\nmetric = \"makespan\"\nexpect = \"value < 2d\"\n\
             [[observed.instants]]\nfigure = \"last_restored\"\nat = \"T+9h\""
        ),
        str![[r#"
warning[old-name]: `makespan` is the old name of `last_site_back`
  --> test.toml:12:10
   |
12 | metric = "makespan"
   |          ^^^^^^^^^^
   |
   = help: write `last_site_back`

warning[old-name]: `last_restored` is the old name of `last_site_back`
  --> test.toml:15:10
   |
15 | figure = "last_restored"
   |          ^^^^^^^^^^^^^^^
   |
   = help: write `last_site_back`

"#]]
    );
}

#[test]
fn a_figure_of_a_step_says_which_and_no_other_does() {
    assert_data_eq!(
        with(
            "[[budgets]]\nmetric = \"step_last_end\"\nexpect = \"value < 2d\"\n\
             [[budgets]]\nmetric = \"step_last_end\"\nexpect = \"value < 3d\"\n\
             select = { step = \"r.xx\" }\n\
             [[budgets]]\nmetric = \"last_site_back\"\nexpect = \"value < 4d\"\n\
             select = { step = \"r.x\" }"
        ),
        str![[r#"
error[missing-key]: `step_last_end` does not say of which step
  --> test.toml:12:10
   |
12 | metric = "step_last_end"
   |          ^^^^^^^^^^^^^^^
   |
   = help: add `select = { step = "r.x" }`

error[unknown-step]: there is no step `r.xx`
  --> test.toml:17:19
   |
17 | select = { step = "r.xx" }
   |                   ^^^^^^
   |
   = help: did you mean `r.x`?

error[conflicting-keys]: `last_site_back` is not of a step
  --> test.toml:21:19
   |
21 | select = { step = "r.x" }
   |                   ^^^^^
   |
   = help: leave it out

"#]]
    );
}

#[test]
fn a_policy_that_asks_for_nothing() {
    let of = |key: &str| {
        let policy = format!("runbook = \"r\" }}]\n[policy]\nrto = \"6h\"\n{key} = \"0%\"");
        faults(&broken(r#"runbook = "r" }]"#, &policy))
    };
    assert_data_eq!(
        of("coverage"),
        str![[r#"
error[out-of-range]: a policy that asks for 0% is always met
  --> test.toml:13:12
   |
13 | coverage = "0%"
   |            ^^^^
   |
   = help: write the share that you ask for, such as "95%"

"#]]
    );
    assert!(of("assurance").contains("such as \"90%\""), "{}", of("assurance"));
}
