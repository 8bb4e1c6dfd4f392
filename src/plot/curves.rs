//! What comes back, and who is told, over time.

use crate::measure::{ContactCurve, ObservedPoint, RecoveryCurve};
use crate::plot::alt;
use crate::plot::axis::{TimeSpan, beyond, longest};
use crate::plot::chart::{Chart, Dot, Dots, Line};
use crate::plot::ink::{BLUE, ORANGE};
use crate::plot::pen::{DASHED, Mark};
use crate::plot::picture::{Picture, PictureKind, file_stem, picture};
use crate::plot::series::{Series, StrategySeries};
use crate::plot::subtitle::{has, objectives, since, subtitle};
use crate::report::View;
use crate::report::run::sentences::heading;
use crate::report::run::view::StrategyView;
use crate::units::SimDuration;

/// The curves of each strategy.
pub(crate) fn add(view: &View, series: &Series, pictures: &mut Vec<Picture>) {
    let each = || view.strategies.iter().zip(&series.strategies).enumerate();
    for (place, (strategy, it)) in each() {
        let title = format!("Recovery under {}", heading(&strategy.name, &strategy.title));
        let chart = recovery(view, title, it);
        let name = file_stem("recovery", &strategy.name, pictures);
        let alt = alt::recovery(strategy);
        pictures.push(picture(name, PictureKind::Recovery, Some(place), alt, &chart));
    }
    for (place, (strategy, it)) in each() {
        let Some(curve) = &it.contact else { continue };
        let title = format!("Customers reached under {}", heading(&strategy.name, &strategy.title));
        let chart = contact(view, strategy, title, curve);
        let name = file_stem("contact", &strategy.name, pictures);
        let alt = alt::contact(strategy);
        pictures.push(picture(name, PictureKind::Contact, Some(place), alt, &chart));
    }
}

/// The share back over time under one strategy.
fn recovery(view: &View, title: String, series: &StrategySeries) -> Chart {
    let mut objectives = objectives(view, "RTO", |it| it.rto_s);
    let clock = view.policy.as_ref().map(|it| it.clock.as_str());
    let milestone = view.incident.milestones.iter().find(|it| Some(it.name.as_str()) == clock);
    if let Some(start) = milestone.and_then(|it| it.reached.value) {
        for (length, label) in &mut objectives {
            *length = *length + SimDuration::from_seconds(start);
            *label += &format!(", from {} at its median", milestone.map_or("", |it| &it.name));
        }
    }
    let curve = &series.recovery;
    let end = curve.at.last().map_or(SimDuration::ZERO, |it| it.since_start());
    let seen = series.observed.iter().map(|it| beyond(it.to));
    let end = longest(objectives.iter().map(|it| beyond(it.0)).chain(seen).chain([end]));
    let across = TimeSpan::Linear { end };
    Chart {
        title,
        subtitle: subtitle(view),
        across_title: across.title(&since(view.incident.kind)),
        across,
        up_title: "share restored".to_owned(),
        floor: 0,
        lines: shares_back(curve),
        objectives,
        coverage: view
            .policy
            .as_ref()
            .filter(|policy| has(policy, |it| it.rto_s))
            .map(|it| it.coverage),
        levels: Vec::new(),
        dots: observed(&series.observed),
        note: String::new(),
    }
}

/// What was observed, of sites and of users.
pub(crate) fn observed(points: &[ObservedPoint]) -> Vec<Dots> {
    let of = |name: &str, by_users: bool| Dots {
        name: format!("{name}: observed; a bar is the range in which it lies"),
        ink: if by_users { ORANGE } else { BLUE },
        mark: if by_users { Mark::Triangle } else { Mark::Diamond },
        dots: points
            .iter()
            .filter(|it| it.by_users == by_users)
            .map(|it| Dot { from: it.from, to: it.to, low: it.low, high: it.high })
            .collect(),
    };
    let dots = [of("sites", false), of("users", true)];
    dots.into_iter().filter(|it| !it.dots.is_empty()).collect()
}

/// The shares of sites and of users back over time, each with its band.
pub(crate) fn shares_back(curve: &RecoveryCurve) -> Vec<Line> {
    let bands = [(Some(&curve.sites), "sites", false), (curve.users.as_ref(), "users", true)];
    let lines = bands.into_iter().filter_map(|(band, name, users)| {
        let band = band?;
        let at = curve.at.iter().map(|it| it.since_start());
        Some(Line {
            figures: String::new(),
            name: format!("{name}: median of exercises; shaded, 9 of 10 exercises at each moment"),
            points: at.zip(band.median.iter().copied()).collect(),
            steps: false,
            band: Some((band.low.clone(), band.high.clone())),
            ink: if users { ORANGE } else { BLUE },
            dash: if users { DASHED } else { None },
            mark: if users { Mark::Square } else { Mark::Disc },
            hollow: false,
            shift: if users { 0.75 } else { 0.25 },
        })
    });
    lines.collect()
}

/// The share of customers reached over time under one strategy.
fn contact(view: &View, strategy: &StrategyView, title: String, curve: &ContactCurve) -> Chart {
    let word = strategy.figures.iter().find(|it| it.name == "first_word");
    let word = word.and_then(|it| it.value).map(SimDuration::from_seconds);
    let marks: Vec<(SimDuration, String)> =
        word.map(|at| (at, "first word, median".to_owned())).into_iter().collect();
    let end = curve.at.last().map_or(SimDuration::ZERO, |it| it.since_start());
    let end = longest(marks.iter().map(|it| beyond(it.0)).chain([end]));
    let across = TimeSpan::Linear { end };
    let band = &curve.customers;
    let at = curve.at.iter().map(|it| it.since_start());
    let line = Line {
        figures: String::new(),
        name: "customers: median of exercises; shaded, 9 of 10 exercises at each moment".to_owned(),
        points: at.zip(band.median.iter().copied()).collect(),
        steps: false,
        band: Some((band.low.clone(), band.high.clone())),
        ink: BLUE,
        dash: None,
        mark: Mark::Disc,
        hollow: false,
        shift: 0.25,
    };
    Chart {
        title,
        subtitle: subtitle(view),
        across_title: across.title(&since(view.incident.kind)),
        across,
        up_title: "share of customers reached".to_owned(),
        floor: 0,
        lines: vec![line],
        objectives: marks,
        coverage: None,
        levels: Vec::new(),
        dots: Vec::new(),
        note: view.incident.kind.tell(
            "Customers who own a deleted site; one is reached with the first of their sites.",
        ),
    }
}
