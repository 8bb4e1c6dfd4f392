//! What holds a strategy up, as a picture: the binding shares by step and by team.

use crate::plot::bars::{Bar, Bars, Fill, bars, fill};
use crate::plot::canvas::draw;
use crate::plot::caption::{SAMPLE, head, key, note};
use crate::plot::frame::Frame;
use crate::plot::ink::BLACK;
use crate::plot::pen::Pen;
use crate::report::figures::Figure;
use crate::report::run::view::{BottlenecksView, PartView};
use crate::report::words::{count, plain, share};
use crate::review::CauseKind;

/// Parts that stand alone; the others are one bar.
const SHOWN: usize = 10;

/// Parts smaller than this are among the others.
const WORTH_A_BAR: f64 = 0.003;

/// The bars of a strategy: what the time went into, then who worked on it.
fn groups(bottlenecks: &BottlenecksView) -> Vec<Bars> {
    let mut whole: Vec<&PartView> =
        bottlenecks.parts.iter().filter(|it| it.kind.in_whole()).collect();
    whole.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let crews: Vec<&PartView> =
        bottlenecks.parts.iter().filter(|it| it.kind == CauseKind::Crew).collect();
    let waits =
        whole.iter().filter(|it| it.kind != CauseKind::Step).map(|it| size(it)).sum::<f64>();
    let mut by_team = group("Who worked on it", &crews, |_| Fill::Solid);
    if waits > 0.0 {
        by_team.bars.push(sum("nobody could work on it yet", waits, Fill::Hatched));
    }
    let fill = |it: &PartView| if it.kind == CauseKind::Step { Fill::Solid } else { Fill::Hatched };
    vec![group("What the time went into", &whole, fill), by_team]
}

fn size(part: &PartView) -> f64 {
    part.share.value.unwrap_or(0.0)
}

/// The largest parts, and the rest in one.
fn group(title: &str, parts: &[&PartView], fill: impl Fn(&PartView) -> Fill) -> Bars {
    let worth = parts.iter().filter(|it| size(it) >= WORTH_A_BAR).count().min(SHOWN);
    // One that would stand alone as the rest is shown itself.
    let shown = if parts.len() <= worth + 1 { parts.len() } else { worth };
    let (first, rest) = parts.split_at(shown);
    let bar = |it: &&PartView| Bar {
        label: match it.kind == CauseKind::Crew && it.name.is_empty() {
            true => "vendors, customers or machines".to_owned(),
            false => it.label.clone(),
        },
        share: size(it),
        range: range(&it.share),
        text: match range(&it.share) {
            Some((low, high)) => format!("{} ({} to {})", it.texts[1], share(low), share(high)),
            None => it.texts[1].clone(),
        },
        fill: fill(it),
    };
    let mut bars: Vec<Bar> = first.iter().map(bar).collect();
    if !rest.is_empty() {
        let label = format!("{} others together", count(rest.len() as u64));
        bars.push(sum(&label, rest.iter().map(|it| size(it)).sum(), Fill::Hollow));
    }
    Bars { title: title.to_owned(), bars }
}

/// A bar of several parts: of a sum of means the interval is not known.
fn sum(label: &str, value: f64, fill: Fill) -> Bar {
    Bar { label: label.to_owned(), share: value, range: None, text: share(value), fill }
}

/// The interval, where it has a width.
fn range(figure: &Figure) -> Option<(f64, f64)> {
    let range = (figure.low?.max(0.0), figure.high?.min(1.0));
    (range.0 < range.1).then_some(range)
}

/// The picture.
pub(crate) fn svg(
    title: &str,
    subtitle: &str,
    bottlenecks: &BottlenecksView,
    frame: &'static Frame,
) -> String {
    let groups = groups(bottlenecks);
    let of = match bottlenecks.n {
        1 => "in one exercise".to_owned(),
        n => format!("mean of {} exercises", count(n)),
    };
    let axis = format!("share of the recovery time of the site at 95%, {of}");
    let has = |fill: Fill| groups.iter().flat_map(|it| &it.bars).any(|it| it.fill == fill);
    let (waits, rest) = (has(Fill::Hatched), has(Fill::Hollow));
    draw(frame, |canvas| {
        let y = head(canvas, title, subtitle);
        let mut y = bars(canvas, y + 4, &groups, &axis) + 4;
        let sample = |kind: Fill| {
            move |canvas: &crate::plot::canvas::Canvas, (x, y): (i32, i32)| {
                fill(canvas, (x, y - 5), (x + SAMPLE, y + 5), kind);
            }
        };
        y = key(canvas, y, "work", sample(Fill::Solid));
        if waits {
            y = key(canvas, y, "waiting that no work of others explains", sample(Fill::Hatched));
        }
        if rest {
            y = key(canvas, y, "the smaller ones together", sample(Fill::Hollow));
        }
        if groups.iter().flat_map(|it| &it.bars).any(|it| it.range.is_some()) {
            y = key(canvas, y, "where the mean lies, with 95% confidence", |canvas, (x, y)| {
                let pen = Pen { ink: BLACK, width: 2, dash: None };
                canvas.line(&[(x, y), (x + SAMPLE, y)], pen);
                for end in [x, x + SAMPLE] {
                    canvas.line(&[(end, y - 3), (end, y + 3)], pen);
                }
            });
        }
        note(canvas, y, REMARK)
    })
}

const REMARK: &str = "What had to wait for people or units follows the work at whose end they \
                      became free, whosever site that was for.";

/// What the picture shows.
pub(crate) fn alt(strategy: &str, bottlenecks: &BottlenecksView) -> String {
    let groups = groups(bottlenecks);
    let named = |bars: &Bars| -> String {
        let largest = bars.bars.iter().filter(|it| it.fill != Fill::Hollow).take(3);
        let each: Vec<String> =
            largest.map(|it| format!("{} {}", plain(&it.label), share(it.share))).collect();
        each.join(", ")
    };
    format!(
        "Where the recovery time of the site at 95% went under {}. Most of it went into: {}. Who \
         worked on it: {}.",
        plain(strategy),
        named(&groups[0]),
        named(&groups[1]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::figures::{Statistic, Unit};

    fn figure(value: f64) -> Figure {
        Figure {
            name: "share".to_owned(),
            statistic: Statistic::Mean,
            unit: Unit::Share,
            value: Some(value),
            low: Some(value - 0.01),
            high: Some(value + 0.01),
            p05: None,
            p95: None,
            n: 10,
            never: 0,
            iso8601: None,
        }
    }

    fn part(kind: CauseKind, label: &str, value: f64) -> PartView {
        PartView {
            kind,
            track: String::new(),
            name: label.to_owned(),
            label: label.to_owned(),
            texts: [String::new(), share(value), "-".to_owned(), String::new()],
            time: figure(value),
            share: figure(value),
            share_of_all: value,
        }
    }

    fn view(parts: Vec<PartView>) -> BottlenecksView {
        BottlenecksView {
            sentence: String::new(),
            by_people: String::new(),
            waited_for: String::new(),
            n: 10,
            never: 0,
            of_those_back: 0,
            rta: figure(1.0),
            parts,
        }
    }

    #[test]
    fn the_smaller_parts_are_one_bar_and_the_waits_are_nobodys() {
        let mut parts: Vec<PartView> = (0..12)
            .map(|it| part(CauseKind::Step, &format!("s{it}"), 0.01 * f64::from(it)))
            .collect();
        parts.push(part(CauseKind::Opening, "until r opens", 0.34));
        parts.push(part(CauseKind::Crew, "ops", 0.66));
        parts.push(part(CauseKind::TeamBound, "ops", 0.5));
        let groups = groups(&view(parts));
        let told = |bars: &Bars| -> Vec<String> {
            bars.bars.iter().map(|it| format!("{} {}", it.label, share(it.share))).collect()
        };
        let steps = told(&groups[0]);
        assert_eq!((steps.len(), steps[0].as_str()), (11, "until r opens 34.0%"));
        assert_eq!(
            (steps[1].as_str(), steps[10].as_str()),
            ("s11 11.0%", "3 others together 3.0%")
        );
        assert_eq!(told(&groups[1]), ["ops 66.0%", "nobody could work on it yet 34.0%"]);
        assert_eq!(groups[0].bars[0].fill, Fill::Hatched);
    }

    #[test]
    fn one_that_would_stand_for_the_rest_alone_stands_for_itself() {
        let parts = (0..11).map(|it| part(CauseKind::Step, &format!("s{it}"), 0.09)).collect();
        let groups = groups(&view(parts));
        assert_eq!((groups[0].bars.len(), groups[1].bars.len()), (11, 0));
    }
}
