//! Figures that are often mistaken for one another, each under a name of its own; and groups of
//! sites.

use serde_json::Value;

use crate::support::{fresh_folder, in_process};

fn run(folder: &str, words: &[&str]) -> (String, Value) {
    let out = fresh_folder(folder).join("out");
    let out = out.to_str().expect("a name in UTF-8");
    let ran = in_process(&[&["run"], words, &["--quiet", "--out", out]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json = std::fs::read_to_string(format!("{out}/summary.json")).expect("a summary");
    (ran.stdout, serde_json::from_str(&json).expect("a summary is JSON"))
}

/// The value of a figure of the first strategy with the ends of its interval.
fn figure<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let figures = summary["strategies"][0]["figures"].as_array().expect("figures");
    let mut found = figures.iter().filter(|it| it["name"] == name);
    let figure = found.next().unwrap_or_else(|| panic!("no figure {name}"));
    assert!(found.next().is_none(), "{name} is there twice");
    figure
}

fn lines<'a>(text: &'a str, wanted: &str) -> Vec<&'a str> {
    text.lines().filter(|it| it.contains(wanted)).collect()
}

#[test]
fn pooled_exercise_and_assurance_are_three_figures() {
    // Half of the exercises are 2 h later: sites are back after 2, 2, 2, 4, 4 and 4 h, or after
    // 4, 4, 4, 6, 6 and 6 h.
    let words = ["scenarios/compare.toml", "--strategy", "by-hand", "--replications", "400"];
    let (text, summary) = run("estimates", &words);
    let value = |name: &str| figure(&summary, name)["value"].as_f64().expect("a number");
    let hours = |name: &str| value(name) / 3_600.0;
    // Of all sites a quarter is back after 6 h, so that the pooled quantile is 6 h too.
    assert_eq!(hours("site.rta.p95"), 6.0);
    assert_eq!((hours("user.rta.p95"), hours("customer.rta.p95")), (6.0, 6.0));
    let late = (hours("exercise.rta.p95.mean") - 4.0) / 2.0;
    assert!((0.4..0.6).contains(&late), "{late}");
    assert_eq!(hours("exercise.rta.p95.p90"), 6.0);
    assert_eq!(figure(&summary, "exercise.rta.p95.p90")["statistic"], "p90");
    assert_eq!((value("assurance"), value("assurance_rto.users")), (1.0, 1.0));
    assert_eq!(value("customers_within_rto"), 1.0);
    assert_eq!(lines(&text, "RTA p95, all sites pooled").len(), 1, "{text}");
    assert!(lines(&text, "RTA p95, all sites pooled")[0].contains(" 6.0 h |"), "{text}");
    assert_eq!(summary.get("warnings"), None);
}

#[test]
fn what_few_exercises_cannot_tell_is_not_told() {
    let words = ["scenarios/compare.toml", "--strategy", "by-hand", "--replications", "20"];
    let (text, summary) = run("estimates-few", &words);
    assert_eq!(figure(&summary, "exercise.rta.p95.p90")["value"], Value::Null);
    assert_eq!(figure(&summary, "site.rta.p95")["high"], Value::Null);
    assert_eq!(lines(&text, "too few exercises").len(), 2, "{text}");
    assert!(lines(&text, "RTA p95 in 9 of 10")[0].contains("too few exercises |"), "{text}");
    let warning = summary["warnings"][0].as_str().expect("a warning");
    assert!(warning.starts_with("user.rta.p95: with fewer than 200 exercises"), "{warning}");
}

#[test]
fn what_is_not_back_by_the_horizon_has_no_quantile_but_a_share() {
    let words = ["scenarios/compare.toml", "--strategy", "by-hand", "--replications", "100"];
    let words = [&words[..], &["--set", "experiment.horizon=5h"]].concat();
    let (text, summary) = run("estimates-never", &words);
    assert_eq!(figure(&summary, "site.rta.p95")["value"], Value::Null);
    assert_eq!(figure(&summary, "exercise.rta.p95.mean")["value"], Value::Null);
    assert!(lines(&text, "RTA p95, all sites pooled")[0].contains("not within 5 h"), "{text}");
    assert_eq!(lines(&text, "sites unfinished").len(), 1, "{text}");
    let restored = figure(&summary, "share_of_sites_restored")["value"].as_f64().expect("a share");
    assert!((0.6..0.9).contains(&restored), "{restored}");
}

#[test]
fn groups_of_sites_are_shown_where_asked() {
    let words = ["scenarios/quickstart.toml", "--replications", "200", "--by", "tier"];
    let (text, summary) = run("estimates-tier", &words);
    let groups = summary["strategies"][0]["groups"].as_array().expect("groups");
    let names: Vec<&str> = groups.iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(names, ["gold", "standard"]);
    let sites: f64 = groups.iter().filter_map(|it| it["sites"].as_f64()).sum();
    assert_eq!(sites, 20.0);
    for group in groups {
        assert_eq!(group["by"], "tier");
        let figures = group["figures"].as_array().expect("figures");
        let names: Vec<&str> = figures.iter().filter_map(|it| it["name"].as_str()).collect();
        let expected = ["site.rta.p50", "site.rta.p95", "sites_within_rto", "assurance_rto"];
        assert_eq!(names, expected);
        assert_eq!(figures[0]["statistic"], "pooled_p50");
        assert!(figures[0]["value"].as_f64() < figures[1]["value"].as_f64());
    }
    let head = lines(&text, "RTA p50");
    assert_eq!(head.len(), 2, "a table for each strategy: {text}");
    assert!(head[0].trim_start().starts_with("tier"), "{text}");
    assert!(text.ends_with("--seed 1 --replications 200 --by tier\n"), "{text}");
    let (plain, summary) = run("estimates-plain", &words[..3]);
    assert!(!plain.contains("RTA p50"), "{plain}");
    assert_eq!(summary["strategies"][0].get("groups"), None);
}

#[test]
fn sites_are_grouped_by_product_and_region_too() {
    let base = ["scenarios/quickstart.toml", "--replications", "40", "--by"];
    for (by, name) in [("product", "app"), ("region", "")] {
        let (_, summary) = run("estimates-by", &[&base[..], &[by]].concat());
        let groups = summary["strategies"][0]["groups"].as_array().expect("groups");
        assert_eq!(groups.len(), 1, "{by}");
        assert_eq!((&groups[0]["by"], &groups[0]["sites"]), (&by.into(), &20.0.into()));
        assert!(name.is_empty() || groups[0]["name"] == name);
    }
}
