//! Every kind of picture, in both widths, with names that no page was made for.

use crate::experiment::{Results, fake};
use crate::ids::{Id, SiteId};
use crate::measure::{ContactCurve, ObservedPoint, measure};
use crate::plot::measure::width;
use crate::plot::picture::{Picture, PictureKind, file_stem};
use crate::plot::pictures::pictures;
use crate::plot::series::{Series, series};
use crate::report::View;
use crate::review::Causes;
use crate::scenario::{Objective, Scenario};
use crate::units::SimDuration;
use crate::verdict::judge_all;

const NAMES: [&str; 4] =
    ["<script>alert(1)</script>", "אסטרטגיה איטית עם שם ארוך", "日本語の名前の戦略", "manual"];

/// Four strategies, of which one never gets all sites back, with two tiers and all that can be
/// drawn of them.
fn awkward() -> (View, Series) {
    let mut scenario: Scenario = fake::scenario();
    let tier = scenario.estate.tiers.push("a tier with a name that does not end ".repeat(8));
    scenario.estate.sites[SiteId::new(3)].tier = tier;
    let objective =
        Objective { rto: Some(SimDuration::from_hours(7)), rpo: Some(SimDuration::from_hours(2)) };
    scenario.policy.as_mut().unwrap().objectives.push(objective);
    let mut results: Results = fake::results(&scenario, vec![fake::slow(); 30]);
    let others = [fake::lossy(), fake::slow(), fake::lossy()];
    for it in others {
        results.strategies.extend(fake::results(&scenario, vec![it; 30]).strategies);
    }
    let measurements = measure(&scenario, &results);
    let verdicts = judge_all(&scenario, &measurements);
    let causes = Causes::default();
    let mut view = crate::report::run::view(
        &scenario,
        &results,
        &measurements,
        &verdicts,
        &causes,
        "blackstart",
    );
    let mut series = series(&scenario, &results, &measurements);
    for (place, (strategy, it)) in
        view.strategies.iter_mut().zip(&mut series.strategies).enumerate()
    {
        strategy.name = NAMES[place].to_owned();
        strategy.title = "and a title of the same kind ".repeat(if place == 3 { 10 } else { 0 });
        it.contact =
            Some(ContactCurve { at: it.recovery.at.clone(), customers: it.recovery.sites.clone() });
        let hours = SimDuration::from_hours;
        let point =
            ObservedPoint { by_users: true, from: hours(5), to: hours(9), low: 0.5, high: 0.5 };
        it.observed = vec![point];
    }
    (view, series)
}

/// A text as it stands on the sheet: left, right, middle of its height, size, and what it says.
type Placed = (f64, f64, f64, f64, String);

/// Every text of an SVG, by estimate.
fn texts(svg: &str) -> Vec<Placed> {
    let attribute = |tag: &str, name: &str| -> Option<String> {
        let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[from..].split('"').next()?.to_owned())
    };
    let usual = attribute(svg.lines().next().unwrap(), "font-size").unwrap();
    let mut found = Vec::new();
    for group in svg.split("<g").skip(1) {
        let tag = format!(" {}", group.split('>').next().unwrap());
        let size: i32 = attribute(&tag, "font-size").unwrap_or(usual.clone()).parse().unwrap();
        for text in group.split("<text").skip(1) {
            let (head, rest) = text.split_once('>').unwrap();
            let said = rest.split("</text>").next().unwrap();
            let said = said.replace("&lt;", "<").replace("&gt;", ">");
            let number = |name: &str| attribute(head, name).unwrap().parse::<f64>().unwrap();
            let (x, y, wide) = (number("x"), number("y"), width(&said, size));
            let left = match attribute(&tag, "text-anchor").as_deref() {
                Some("middle") => x - wide / 2.0,
                Some("end") => x - wide,
                _ => x,
            };
            let size = f64::from(size);
            found.push((left, left + wide, y - 0.35 * size, size, said));
        }
    }
    found
}

/// Every corner of the lines, areas and marks of an SVG.
fn corners(svg: &str) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for path in svg.split(" d=\"").skip(1) {
        let path = path.split('"').next().unwrap();
        let apart: String = path
            .chars()
            .flat_map(|c| match c {
                '-' => vec![' ', '-'],
                c if c.is_alphabetic() => vec![' ', c, ' '],
                c => vec![c],
            })
            .collect();
        let (mut at, mut command, mut numbers) = ((0.0, 0.0), "", Vec::new());
        for token in apart.split_whitespace() {
            match token.parse::<f64>() {
                Ok(number) => numbers.push(number),
                Err(_) => command = token,
            }
            at = match (command, &numbers[..]) {
                ("M", [x, y]) => (*x, *y),
                ("h", [dx]) => (at.0 + dx, at.1),
                ("v", [dy]) => (at.0, at.1 + dy),
                ("l", [dx, dy]) | ("a", [_, _, _, _, _, dx, dy]) => (at.0 + dx, at.1 + dy),
                _ => continue,
            };
            found.push(at);
            numbers.clear();
        }
    }
    found
}

/// What leaves the sheet of an SVG, and which texts lie upon each other.
pub(crate) fn faults(svg: &str) -> Vec<String> {
    let size = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split('"').next().unwrap();
    let (wide, high) = size.split_once(' ').unwrap();
    let (wide, high): (f64, f64) = (wide.parse().unwrap(), high.parse().unwrap());
    let outside = |x: f64, y: f64| x < 0.0 || x > wide || y < 0.0 || y > high;
    let corners = corners(svg).into_iter().filter(|it| outside(it.0, it.1));
    let mut faults: Vec<String> = corners.map(|it| format!("{it:?} is off the sheet")).collect();
    let texts = texts(svg);
    for (place, one) in texts.iter().enumerate() {
        if outside(one.0, one.2 - one.3 / 2.0) || outside(one.1, one.2 + one.3 / 2.0) {
            faults.push(format!("{one:?} is off the sheet"));
        }
        for other in &texts[place + 1..] {
            let beside = one.1 <= other.0 || other.1 <= one.0;
            let apart = (one.2 - other.2).abs() >= 0.45 * (one.3 + other.3);
            if !beside && !apart {
                faults.push(format!("{one:?} lies upon {other:?}"));
            }
        }
    }
    faults
}

/// What the texts of an SVG say.
pub(crate) fn said(svg: &str) -> Vec<String> {
    texts(svg).into_iter().map(|it| it.4).collect()
}

fn both(picture: &Picture) -> [(f64, &str); 2] {
    [(900.0, &picture.wide), (360.0, &picture.narrow)]
}

#[test]
fn every_kind_of_picture_is_there() {
    let (view, series) = awkward();
    let pictures = pictures(&view, &series);
    let mut kinds: Vec<PictureKind> = pictures.iter().map(|it| it.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let first = [
        PictureKind::Recovery,
        PictureKind::Contact,
        PictureKind::Rta,
        PictureKind::RtaByTier,
        PictureKind::Rpa,
        PictureKind::Inconsistency,
        PictureKind::Risk,
        PictureKind::Differences,
        PictureKind::Pareto,
    ];
    assert!(first.iter().all(|it| kinds.contains(it)), "{kinds:?}");
    let mut names: Vec<&str> = pictures.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), pictures.len());
    assert!(pictures.iter().all(|it| it.alt.ends_with('.') && !it.alt.contains("..")));
}

#[test]
fn no_text_leaves_its_sheet_and_none_lies_upon_another() {
    let (view, series) = awkward();
    for picture in pictures(&view, &series) {
        for (sheet, svg) in both(&picture) {
            assert!(texts(svg).len() > 8, "{}", picture.name);
            assert_eq!(faults(svg), [""; 0], "{}, {sheet}", picture.name);
        }
    }
}

#[test]
fn texts_of_the_scenario_stay_texts() {
    let (view, series) = awkward();
    for picture in pictures(&view, &series) {
        for (_, svg) in both(&picture) {
            assert!(!svg.contains("<script"), "{}", picture.name);
        }
        let inlined = [picture.wide_inline(), picture.narrow_inline()];
        assert!(inlined.iter().all(|it| !it.contains("<script") && it.starts_with("<svg class=")));
    }
}

#[test]
fn pictures_are_small_enough_for_a_page_of_a_hundred() {
    let (view, series) = awkward();
    for it in pictures(&view, &series) {
        let (wide, narrow) = (it.wide_inline().len(), it.narrow_inline().len());
        assert!(wide < 14_000 && narrow < 11_000, "{}: {wide}, {narrow}", it.name);
    }
}

#[test]
fn every_strategy_has_a_file_of_its_own() {
    let used = [Picture {
        name: "recovery-a_b".to_owned(),
        kind: PictureKind::Recovery,
        strategy: None,
        title: String::new(),
        alt: String::new(),
        wide: String::new(),
        narrow: String::new(),
    }];
    assert_eq!(file_stem("recovery", "a/b", &used), "recovery-a_b-2");
    assert_eq!(file_stem("recovery", "A b", &used), "recovery-A_b-2");
    assert_eq!(file_stem("recovery", "manual-first", &used), "recovery-manual-first");
}
