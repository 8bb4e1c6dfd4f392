//! The pictures of how the work went on: there where there is something to see, no text of them
//! outside of the sheet, and none of them large.

use blackstart::experiment::{self, Design};
use blackstart::plot::{Picture, PictureKind};
use blackstart::scenario::Scenario;
use blackstart::verdict::judge_all;
use blackstart::{measure, plot, report, review};
use proptest::prelude::*;

use crate::model::models;
use crate::support::{scenario, shipped_scenario, small};

fn pictures(scenario: &Scenario, replications: u32) -> Vec<Picture> {
    let design = Design { replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let measured = measure::measure(scenario, &results);
    let verdicts = judge_all(scenario, &measured);
    let causes = review::causes(scenario, &results, &measured, review::Pulled::Likeliest, &|| ());
    let view = report::view(scenario, &results, &measured, &verdicts, &causes, "run it");
    let series = plot::series(scenario, &results, &measured);
    plot::pictures(&view, &series)
}

const KINDS: [PictureKind; 5] = [
    PictureKind::Bottlenecks,
    PictureKind::Teams,
    PictureKind::Batches,
    PictureKind::Load,
    PictureKind::Progress,
];

/// The kinds that there are of the first strategy.
fn kinds(pictures: &[Picture]) -> Vec<PictureKind> {
    let own = pictures.iter().filter(|it| it.strategy == Some(0) && KINDS.contains(&it.kind));
    own.map(|it| it.kind).collect()
}

/// The text of an element between its tags.
fn inside<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = text.split_once(from)?.1;
    Some(rest.split_once(to)?.0)
}

fn number(element: &str, name: &str) -> Option<i32> {
    inside(element, &format!("{name}=\""), "\"")?.parse().ok()
}

/// Texts that reach over the left, right or lower edge, with letters of a usual width.
fn outside(svg: &str) -> Vec<String> {
    let (wide, high) =
        (number(svg, "width").expect("a width"), number(svg, "height").expect("a height"));
    let usual = number(svg, "font-size").expect("a size");
    let mut outside = Vec::new();
    for group in svg.lines().filter(|it| it.starts_with("<g ")) {
        let head = group.split('>').next().expect("an attribute");
        let size = number(head, "font-size").unwrap_or(usual);
        for text in group.split("<text ").skip(1) {
            let (x, y) = (
                number(text, "x").expect("an attribute"),
                number(text, "y").expect("an attribute"),
            );
            let words = inside(text, ">", "<").expect("an attribute");
            // A character that is written as `&lt;` is one all the same.
            let letters =
                words.split('&').map(|it| it.split(';').next_back().expect("an attribute"));
            let letters: usize = letters.map(|it| it.chars().count()).sum();
            let long = (letters + words.matches('&').count()) as i32 * size / 2;
            let left = match inside(head, "text-anchor=\"", "\"") {
                Some("middle") => x - long / 2,
                Some("end") => x - long,
                _ => x,
            };
            if left < 0 || left + long > wide || y > high || y < size / 2 {
                outside
                    .push(format!("{words} at {left} to {} of {wide}, {y} of {high}", left + long));
            }
        }
    }
    outside
}

#[track_caller]
fn check(pictures: &[Picture]) {
    for it in pictures.iter().filter(|it| KINDS.contains(&it.kind)) {
        for svg in [&it.wide, &it.narrow] {
            assert_eq!(outside(svg), [""; 0], "{}", it.name);
            let starts = svg.matches("<g ").count();
            assert_eq!((starts, svg.ends_with("</svg>\n")), (svg.matches("</g>").count(), true));
        }
        assert!(it.alt.ends_with('.') && !it.alt.contains('\n'), "{}", it.alt);
    }
}

#[test]
fn a_strategy_has_the_pictures_for_which_there_is_something_to_see() {
    let all = pictures(&shipped_scenario("rework"), 20);
    assert_eq!(kinds(&all), KINDS);
    check(&all);
    let all = pictures(&shipped_scenario("graham"), 20);
    assert_eq!(kinds(&all), KINDS[..4]);
    check(&all);
    let progress = |name: &str, place: usize| {
        let all = pictures(&shipped_scenario(name), 20);
        check(&all);
        let own = |it: &&Picture| it.kind == PictureKind::Progress && it.strategy == Some(place);
        all.iter().find(own).map(|it| it.alt.clone())
    };
    assert_eq!(
        progress("learning", 1).expect("an attribute"),
        "How the work went on under two-people. restore (restore): practice leaves 25.0% of the \
         time from attempt 6 on."
    );
    assert_eq!(progress("automation", 0), None);
    assert_eq!(
        progress("automation", 1).expect("an attribute"),
        "How the work went on under build-first. Machines make 75.0% of the attempts at the steps \
         that they take over."
    );
}

/// Forty sites, ten of them at a time, by one team that goes home and one that never comes.
fn awkward(name: &str) -> String {
    small(
        40,
        &format!(
            r#"
[teams.{name}]
people = [{{ at = "T+0", people = 2 }}, {{ at = "T+9h", people = 0 }}, {{ at = "T+2d", people = 9 }}]
[teams.late]
people = [{{ at = "T+0", people = 0 }}, {{ at = "T+300d", people = 9 }}]
[runbooks.restore]
sequential = true
[[runbooks.restore.steps]]
id = "restore"
team = {name}
duration.lognormal = {{ p50 = "1h", p90 = "3h" }}
learning = {{ rate = "80%" }}
fails = {{ probability = "20%", attempts = 3 }}
[[runbooks.restore.steps]]
id = "sign-off"
team = "late"
per = "batch"
duration = "1h"
[[runbooks.restore.steps]]
id = "open"
duration = "10m"
[[strategies.{name}.tracks]]
id = {name}
runbook = "restore"
batch = {{ size = 10, in_flight = 2 }}
"#
        ),
    )
}

#[test]
fn a_strategy_that_never_finishes_has_pictures_all_the_same() {
    let all = pictures(&scenario(&awkward("\"s\"")), 3);
    check(&all);
    assert_eq!(kinds(&all), KINDS[1..]);
    let batches = all.iter().find(|it| it.kind == PictureKind::Batches).expect("an attribute");
    assert!(batches.alt.contains("2 of them do not get all their sites back."), "{}", batches.alt);
}

#[test]
fn names_of_any_length_and_script_stay_inside() {
    let long = "<script>alert(1)</script>&'".replace('/', "") + &"long-name-".repeat(27);
    for name in [long.as_str(), "שלום עולם", "🔥💾", "<b>gnp.exe"] {
        let all = pictures(&scenario(&awkward(&format!("\"{name}\""))), 3);
        check(&all);
        for it in &all {
            for text in [&it.wide, &it.narrow, &it.wide_inline()] {
                assert!(!text.contains("<script") && !text.contains("<b>"), "{}", it.name);
            }
        }
    }
}

#[test]
fn pictures_of_many_batches_stay_small() {
    let text = small(
        3_000,
        r#"
[teams.ops]
people = 60
[[runbooks.restore.steps]]
id = "restore"
team = "ops"
duration.lognormal = { p50 = "1h", p90 = "3h" }
[[strategies.s.tracks]]
runbook = "restore"
batch = { size = 2, in_flight = 40 }
"#,
    );
    let all = pictures(&scenario(&text), 1);
    check(&all);
    for it in all.iter().filter(|it| KINDS.contains(&it.kind)) {
        let (wide, narrow) = (it.wide.len(), it.narrow.len());
        assert!(wide < 25_000 && narrow < 15_000, "{}: {wide} and {narrow}", it.name);
        assert!(number(&it.wide, "height").expect("an attribute") < 900, "{}", it.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_scenario_can_be_drawn(model in models()) {
        check(&pictures(&scenario(&model.text()), 2));
    }
}
