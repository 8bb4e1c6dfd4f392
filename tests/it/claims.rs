//! Sentences that compare or give causes, read back and held against the numbers: of random
//! scenarios, what they say is what the exercises did.

use blackstart::compare::{Compared, Margin, compare};
use blackstart::experiment::{Design, Results};
use blackstart::measure::{Measurements, StrategyMetrics, measure};
use blackstart::report::View;
use blackstart::report::run::view::{BottlenecksView, JudgementView, StrategyView};
use blackstart::review::{CauseKind, Causes, Pulled, causes};
use blackstart::scenario::{Figure, Reading, Scenario};
use blackstart::stats::{clopper_pearson_lower, clopper_pearson_upper};
use blackstart::units::Share;
use blackstart::verdict::judge_all;
use blackstart::{experiment, measure, page, plot, report};
use proptest::prelude::*;

use crate::everything;
use crate::support::{blackstart_in, fresh_folder, scenario, scenario_with};

const EXERCISES: u32 = 40;

/// A scenario of two strategies, simulated, measured, compared and told.
struct Said {
    scenario: Scenario,
    measurements: Measurements,
    results: Results,
    compared: Compared,
    view: View,
}

/// The scenario of some bytes with a second strategy, which takes sites in another order, one at a
/// time and without guardrails.
fn two_strategies(bytes: &[u8]) -> String {
    let (text, ..) = everything::generated(bytes);
    let own = text.find("[strategies.s]").expect("it has a strategy");
    let mut second = text[own..].replace("strategies.s", "strategies.t");
    for (key, value) in [("priority", "\"fifo\""), ("guardrails", "[]")] {
        let line = second.lines().find(|line| line.starts_with(key)).expect("a line").to_owned();
        second = second.replace(&line, &format!("{key} = {value}"));
    }
    format!("{text}\n{second}")
}

fn told(text: &str, with_levers: bool) -> Said {
    let scenario = scenario(text);
    let design = Design { replications: EXERCISES, seed: 1, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let measurements = measure(&scenario, &results);
    let margin = Margin::OfObjective(Share::new(0.05).expect("a share"));
    let compared = compare(&scenario, &results, &measurements, margin);
    let verdicts = judge_all(&scenario, &measurements);
    let pulled = if with_levers { Pulled::All } else { Pulled::Likeliest };
    let found: Causes = causes(&scenario, &results, &measurements, pulled, &|| ());
    let view = report::view(&scenario, &results, &measurements, &verdicts, &found, "command");
    Said { scenario, measurements, results, compared, view }
}

/// The number at the beginning of a text, with its groups of thousands.
fn number(text: &str) -> Option<f64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && !",.".contains(c)).unwrap_or(text.len());
    text[..end].trim_end_matches(['.', ',']).replace(',', "").parse().ok()
}

/// A length such as "1.2 h" in milliseconds.
fn length(text: &str) -> f64 {
    let unit = match text.split_whitespace().nth(1).expect("a unit").trim_matches([',', ';', ')']) {
        "s" => 1_000.0,
        "min" => 60_000.0,
        "h" => 3_600_000.0,
        _ => 86_400_000.0,
    };
    number(text).expect("a number") * unit
}

/// In how many of the exercises a sentence says that something was so.
fn said_to_hold(sentence: &str) -> u64 {
    let all = u64::from(EXERCISES);
    let (_, claim) = sentence.split_once(": ").expect("a claim");
    if claim.starts_with("in none of") {
        return 0;
    }
    if claim.starts_with("in all") {
        return all;
    }
    let claim = claim.strip_prefix("in ").expect("a number of exercises");
    number(claim.strip_prefix("only ").unwrap_or(claim)).expect("a number") as u64
}

/// "The RTO is met: in all 40 exercises, ..."
fn check_verdict(scenario: &Scenario, said: &JudgementView, held: u64) {
    let policy = scenario.policy.as_ref().expect("there is something to judge");
    assert_eq!(said_to_hold(&said.sentence), held, "{}", said.sentence);
    let (asked, sure) = (policy.assurance.fraction(), policy.confidence.fraction());
    let low = clopper_pearson_lower(held, EXERCISES.into(), sure);
    let high = clopper_pearson_upper(held, EXERCISES.into(), sure);
    let word = if low >= asked {
        " is met: "
    } else if high < asked {
        " is missed: "
    } else {
        " may or may not be met: "
    };
    assert!(said.sentence.contains(word), "{}: {low} to {high}, {asked} asked", said.sentence);
}

fn check_verdicts(told: &Said) {
    for (view, metrics) in told.view.strategies.iter().zip(&told.measurements.strategies) {
        let Some(verdict) = &view.verdict else { continue };
        let held = |met: fn(&measure::ReplicationMetrics) -> Option<bool>| {
            metrics.replications.iter().filter(|it| met(it) == Some(true)).count() as u64
        };
        if let Some(rto) = &verdict.rto {
            check_verdict(&told.scenario, rto, held(measure::ReplicationMetrics::meets_rto));
        }
        if let Some(rpo) = &verdict.rpo {
            check_verdict(&told.scenario, rpo, held(measure::ReplicationMetrics::meets_rpo));
        }
    }
}

/// One strategy minus another in each exercise in which both have the figure.
fn differences(ours: &StrategyMetrics, theirs: &StrategyMetrics, figure: Figure) -> Vec<f64> {
    let both = ours.readings(figure).into_iter().zip(theirs.readings(figure));
    both.filter_map(|(our, their)| our.minus(their)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// "... 12.3 fewer site-hours (95% interval 1.2 to 23.4), ..., last site back 1.2 h later (...)"
fn check_against(told: &Said) {
    let [first, second] = &told.measurements.strategies[..] else { panic!("two strategies") };
    let sentence = &told.view.strategies[1].against.as_ref().expect("it is the second").sentence;
    let claim = sentence.split_once(": ").expect("a claim").1;
    let hours = differences(second, first, Figure::SiteHoursLost);
    if claim.starts_with("as many site-hours") {
        assert!(hours.iter().all(|it| *it == 0.0), "{sentence}");
    } else {
        let said = number(claim).expect("a number of hours");
        let hours: Vec<f64> = hours.iter().map(|it| it / 3_600_000.0).collect();
        let more = claim.split_whitespace().nth(1) == Some("more");
        let (mean, signed) = (mean(&hours), if more { said } else { -said });
        assert!(mean * signed >= 0.0, "{sentence}: {mean}");
        // Digits that its error hides are rounded away.
        let spread = hours.iter().map(|it| (it - mean).abs()).fold(0.0, f64::max);
        assert!((mean - signed).abs() <= 0.06 + spread, "{sentence}: {mean}");
        let always = claim.split(", ").next().expect("a part").contains("in every exercise");
        assert_eq!(always, hours.iter().all(|it| *it == hours[0]), "{sentence}");
    }
    let last = differences(second, first, Figure::LastSiteBack);
    let Some((_, when)) = claim.split_once("last site back ") else {
        assert!(last.is_empty(), "{sentence}");
        return;
    };
    if when.starts_with("at the same time") {
        assert!(last.iter().all(|it| *it == 0.0), "{sentence}");
        return;
    }
    let later = when.split_whitespace().nth(2).expect("a way").starts_with("later");
    let (mean, said) = (mean(&last), length(when));
    assert!(mean * if later { said } else { -said } >= 0.0, "{sentence}: {mean}");
    if let Some((_, some)) = when.split_once("; in the ") {
        assert_eq!(number(some), Some(last.len() as f64), "{sentence}");
    }
}

/// "s is best by ...", "... cannot tell which strategy is best by ...", and where they differ instead.
fn check_best(told: &Said) {
    let margin = &told.compared;
    let view = report::compare_view(&told.scenario, &told.results, margin, "command");
    let [s, t] = &told.measurements.strategies[..] else { panic!("two strategies") };
    let figure = told.compared.deciding().metric.figure;
    let apart = differences(s, t, figure);
    let never = |of: &StrategyMetrics| {
        of.readings(figure).iter().filter(|it| **it == Reading::Never).count()
    };
    let sentence = &view.sentence;
    if sentence.contains(" cannot tell which strategy is best by ") {
        assert!(sentence.contains(": s and t may be best."), "{sentence}");
    } else if let Some((best, _)) = sentence.split_once(" is best by ") {
        let (sign, own, other) = if best == "s" { (-1.0, s, t) } else { (1.0, t, s) };
        assert!(never(own) <= never(other), "{sentence}");
        let is_less = !apart.is_empty() && sign * mean(&apart) > 0.0;
        assert!(is_less || never(own) < never(other), "{sentence}: {apart:?}");
    } else {
        assert!(sentence.contains(" are equal and best by "), "{sentence}");
        assert!(apart.iter().all(|it| *it == 0.0) && never(s) == never(t), "{sentence}");
    }
    if sentence.contains("They do not differ in any of") {
        assert!(apart.iter().all(|it| *it == 0.0) && apart.len() == 40, "{sentence}");
    }
    for elsewhere in sentence.split(" But they differ in ").skip(1) {
        check_difference(told, elsewhere);
    }
    check_deletions(told, &view);
    for pair in &view.comparison.as_ref().expect("no selection").metrics {
        pair.pairs.iter().for_each(|it| check_pair(told, &it.sentence, &pair.name));
    }
}

/// "user-hours lost: s against t, 12.3 less (1.2 to 23.4)."
fn check_difference(told: &Said, claim: &str) {
    let (title, who) = claim.split_once(": ").expect("a figure");
    let metric = told.compared.metrics.iter().find(|it| it.metric.figure.title() == title);
    let metric = metric.unwrap_or_else(|| panic!("no figure {title}"));
    let least = if who.starts_with("s against t") { (0, 1) } else { (1, 0) };
    let bounds = metric.bounds(least.0, least.1);
    assert!(bounds.high < 0.0, "{claim}: {bounds:?}");
    let [own, other] = [least.0, least.1].map(|it| &told.measurements.strategies[it]);
    let apart = differences(own, other, metric.metric.figure);
    assert!(apart.is_empty() || mean(&apart) < 0.0 || bounds.high.is_infinite(), "{claim}");
}

/// "In 3 of 40 exercises not the same sites are deleted under every strategy (in the mean ...)"
fn check_deletions(told: &Said, view: &report::CompareView) {
    let [s, t] = &told.results.strategies[..] else { panic!("two strategies") };
    let gone = |outcome: &experiment::Outcome| -> Vec<bool> {
        let ends = outcome.restorations.iter();
        ends.map(|it| *it != experiment::Restoration::Spared).collect()
    };
    let pairs = s.unpacked().into_iter().zip(t.unpacked());
    let differ = pairs.filter(|(one, other)| gone(one) != gone(other)).count();
    let said = view.notes.iter().find(|it| it.contains("not the same sites are"));
    let said = said.map_or(0.0, |it| number(&it["In ".len()..]).expect("a number"));
    assert_eq!(said, differ as f64, "{:?}", view.notes);
}

/// "s against t: 1.2 h more (...); t is faster in 60 of 100 exercises (...); ..."
fn check_pair(told: &Said, sentence: &str, name: &str) {
    let Some(figure) =
        told.scenario.exercise_figures().into_iter().find(|it| {
            it.name(&told.scenario) == name && it.figure.definition().parameter.is_none()
        })
    else {
        return;
    };
    let (who, claim) = sentence.split_once(": ").expect("a claim");
    let own = if who.starts_with("s ") { 0 } else { 1 };
    let [own, other] = [own, 1 - own].map(|it| &told.measurements.strategies[it]);
    let apart = differences(own, other, figure.figure);
    if let Some(way) = claim.split([';', ',', '(']).next().map(str::trim) {
        if way.contains(" more") {
            assert!(mean(&apart) >= 0.0, "{sentence}");
        } else if way.contains(" less") {
            assert!(mean(&apart) <= 0.0, "{sentence}");
        }
        let always = way.ends_with("in every exercise");
        assert!(!always || apart.iter().all(|it| *it == apart[0]), "{sentence}");
    }
    let plain = |of: &StrategyMetrics| -> Vec<f64> {
        of.readings(figure).iter().filter_map(|it| it.plain()).collect()
    };
    let (ours, theirs) = (plain(own), plain(other));
    let ahead = |one: &[f64], two: &[f64]| -> f64 {
        let each = one.iter().zip(two);
        each.map(|(one, two)| {
            if one < two {
                1.0
            } else if one == two {
                0.5
            } else {
                0.0
            }
        })
        .sum()
    };
    let (less, more) = (ahead(&ours, &theirs), ahead(&theirs, &ours));
    let often = claim.split("; ").nth(1).expect("how often");
    if often.starts_with("neither is ahead") {
        assert_eq!(less, more, "{sentence}");
    } else {
        let names_own = often.starts_with(&who[..2]);
        let (said, unsaid) = if names_own { (less, more) } else { (more, less) };
        assert!(said >= unsaid, "{sentence}: {less} and {more}");
        let share = said / ours.len() as f64;
        let read = match often.split_once(" in ").expect("in how many").1 {
            every if every.starts_with("every exercise") => 1.0,
            most if most.starts_with("more than 99") => 0.995,
            some => number(some).expect("a number") / 100.0,
        };
        assert!((share - read).abs() <= 0.005 + 1e-9, "{sentence}: {share}");
    }
}

/// What holds a strategy up: its parts make up the whole of what the sentence says.
fn check_bottlenecks(view: &StrategyView) {
    let Some(BottlenecksView { sentence, parts, rta, n, .. }) = &view.bottlenecks else { return };
    let whole: f64 = parts
        .iter()
        .filter(|it| it.kind.in_whole() && it.kind != CauseKind::Crew)
        .filter_map(|it| it.time.value)
        .sum();
    let mean = rta.value.expect("a mean");
    assert!((whole - mean).abs() <= 1e-6 * mean.max(1.0), "{sentence}: {whole} of {mean}");
    let (_, claim) = sentence.split_once("where the ").expect("a time");
    let said = length(claim) / 1_000.0;
    assert!((said - mean).abs() <= 0.06 * mean.max(60.0), "{sentence}: {mean}");
    assert!(*n == 1 || sentence.contains(&format!("mean of {n} exercises")), "{sentence}");
}

/// What would help stands only where it was simulated, and only what surely does.
fn check_page(view: &View, page: &str, with_levers: bool) {
    assert_eq!(page.contains("<h3>What would help most</h3>"), with_levers);
    assert_eq!(page.contains("<h3>Where the time goes</h3>"), !with_levers);
    for lever in view.strategies.iter().filter_map(|it| it.levers.as_ref()).flatten() {
        let said = format!(": 95% of the sites are back {}", lever.texts[0]);
        let label = lever.label.replace('&', "&amp;");
        if page.contains(&format!("{label}{said}")) {
            let helps =
                view.strategies.iter().filter_map(|it| it.levers.as_ref()).flatten().any(|it| {
                    it.label == lever.label && it.rta_p95.high.is_some_and(|high| high < 0.0)
                });
            assert!(helps && lever.texts[0].contains("earlier"), "{label}{said}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_said_of_random_scenarios_is_what_their_exercises_did(
        bytes in prop::collection::vec(any::<u8>(), 96)
    ) {
        let told = told(&two_strategies(&bytes), false);
        check_verdicts(&told);
        check_against(&told);
        check_best(&told);
        told.view.strategies.iter().for_each(check_bottlenecks);
        check_injects(&told);
    }

    /// Other exercises, of another seed, have the very number that an interval without width says.
    #[test]
    fn only_what_cannot_vary_has_an_interval_without_width(
        bytes in prop::collection::vec(any::<u8>(), 96)
    ) {
        let told = told(&two_strategies(&bytes), false);
        let design = Design { replications: 60, seed: 2, ..Design::of(&told.scenario) };
        let others = experiment::run(&told.scenario, &design, &|| ());
        let others = measure(&told.scenario, &others);
        for (view, metrics) in told.view.strategies.iter().zip(&others.strategies) {
            let means = view.figures.iter().filter(|it| {
                it.statistic == report::Statistic::Mean && it.low.is_some() && it.low == it.high
            });
            for mean in means {
                let named = |it: &&blackstart::scenario::FigureOf| it.name(&told.scenario) == mean.name;
                let all = told.scenario.exercise_figures();
                let Some(figure) = all.iter().find(named) else { continue };
                let per = figure.figure.kind().reading_per_number();
                let of = metrics.readings(*figure).into_iter().filter_map(|it| it.plain());
                let seconds = if figure.figure.kind().is_time() { 1_000.0 } else { per };
                for number in of {
                    let (number, said) = (number / seconds, mean.value.expect("a mean"));
                    prop_assert!((number - said).abs() <= 1e-9 * said.abs().max(1.0), "{}: {number}, not {said}", mean.name);
                }
            }
        }
    }
}

#[test]
fn a_page_says_what_would_help_only_where_that_was_simulated() {
    let bytes: Vec<u8> = (0..96).collect();
    for with_levers in [false, true] {
        let text = two_strategies(&bytes);
        let told = told(&text, with_levers);
        let series = plot::series(&told.scenario, &told.results, &told.measurements);
        let page = page::html(&told.view, &series);
        check_page(&told.view, &page, with_levers);
    }
}

/// "...: thrown into 3 of 40 exercises. What it cost there: 95% of the sites back 1.2 h later (...)"
fn check_injects(told: &Said) {
    for strategy in &told.view.strategies {
        for inject in &strategy.injects {
            let sentence = &inject.sentence;
            let often = sentence.split_once("thrown into ").expect("how often").1;
            let said = match often {
                none if none.starts_with("none of") => 0.0,
                all if all.starts_with("all ") => f64::from(EXERCISES),
                some => number(some).expect("a number"),
            };
            assert_eq!(said, inject.thrown_in as f64, "{sentence}");
            let later = inject.rta_p95.as_ref().and_then(|it| it.value).unwrap_or(0.0);
            for (word, sign) in [(" later", 1.0), (" earlier", -1.0)] {
                let back = sentence.split_once("of the sites back ").map(|it| it.1);
                let first = back.and_then(|it| it.split(" (").next()).unwrap_or("");
                assert!(!first.contains(word) || later * sign > 0.0, "{sentence}: {later}");
            }
            let hours = inject.site_hours.as_ref().and_then(|it| it.value).unwrap_or(0.0);
            assert!(!sentence.contains(" fewer site-hour") || hours < 0.0, "{sentence}: {hours}");
            assert!(!sentence.contains(" more site-hour") || hours > 0.0, "{sentence}: {hours}");
        }
    }
}

/// What a figure comes to in the mean, where a time that never comes counts as the horizon.
fn capped_mean(scenario: &Scenario, metrics: &StrategyMetrics, name: &str) -> Option<f64> {
    let horizon = scenario.experiment.horizon.as_millis() as f64;
    let all = scenario.exercise_figures();
    let figure = all.iter().find(|it| it.name(scenario) == name)?;
    let plain: Option<Vec<f64>> = metrics.readings(*figure).iter().map(|it| it.plain()).collect();
    let capped = |it: &f64| if it.is_finite() { *it } else { horizon };
    Some(mean(&plain?.iter().map(capped).collect::<Vec<f64>>()))
}

/// What `check` says against a baseline of the same scenario with one more person, read from its JSON.
fn check_changes(text: &str, number: usize) {
    let folder = fresh_folder(&format!("claims-{number}"));
    std::fs::write(folder.join("x.toml"), text).expect("a file can be written");
    let words = ["check", "x.toml", "--strategy", "s", "--replications", "20", "--seed", "1"];
    let more = "teams.b.people+=1";
    let accepted = blackstart_in(&folder, &[&words[..], &["--accept-baseline", "b.json"]].concat());
    assert!(matches!(accepted.code, 0 | 4 | 97..=99), "{}", accepted.stderr);
    let judged = ["--set", more, "--baseline", "b.json", "--format", "json"];
    let told = blackstart_in(&folder, &[&words[..], &judged].concat());
    let view: serde_json::Value = serde_json::from_str(&told.stdout).expect("it is JSON");
    let baseline = &view["scenarios"][0]["baseline"];
    assert!(baseline.to_string().contains("teams.b.people"), "{baseline}");
    let measured = |overrides: &[&str]| {
        let scenario = scenario_with(text, overrides);
        let strategies = vec![scenario.strategies.ids().next().expect("a strategy")];
        let design = Design { replications: 20, seed: 1, strategies, explained: false };
        let results = experiment::run(&scenario, &design, &|| ());
        (measure(&scenario, &results).strategies.remove(0), scenario)
    };
    let ((then, scenario), (now, other)) = (measured(&[]), measured(&[more]));
    let change = &baseline["strategies"][0];
    let sentence = change["sentence"].as_str().expect("a sentence");
    let listed = sentence.split_once("got worse: ").map_or("", |it| it.1);
    for metric in change["metrics"].as_array().expect("a list") {
        let name = metric["metric"].as_str().expect("a name");
        let is_worse = metric["change"] == "worse";
        let told = metric["told"] == true;
        assert_eq!(listed.contains(&format!("{name} +")), is_worse && told, "{sentence}: {metric}");
        let means = capped_mean(&scenario, &then, name).zip(capped_mean(&other, &now, name));
        let Some((before, after)) = means else { continue };
        let less_is_better = !name.contains("within") && !name.contains("share_of_sites_restored");
        let worse = if less_is_better { after > before } else { after < before };
        assert!(!is_worse || worse, "{metric}: {before} to {after}");
        let better = metric["change"] == "better";
        assert!(!better || !worse, "{metric}: {before} to {after}");
    }
}

#[test]
fn what_is_called_worse_than_a_baseline_is_more_in_the_mean() {
    for number in 0..24usize {
        let bytes: Vec<u8> = (0..96).map(|it| (it * 37 + number * 101 % 251) as u8).collect();
        check_changes(&everything::generated(&bytes).0, number);
    }
}
