//! A picture as the page and the folder take it, and what a screen reader says of it.

use crate::experiment::{Cumulative, Distributions};
use crate::report::series::Series;
use crate::report::view::{StrategyView, View};
use crate::report::words::{length, plain, share};

/// One picture in both widths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The name of its file without the ending; no other picture has it.
    pub name: String,
    /// What it shows.
    pub kind: PictureKind,
    /// The place of the strategy in the view; none where it shows all of them.
    pub strategy: Option<usize>,
    /// What stands above it.
    pub title: String,
    /// What it shows with its main figures, in a sentence or two.
    pub alt: String,
    /// The SVG file for screens of 640 pixels and more, and for paper: 900 pixels wide.
    pub wide: String,
    /// The SVG file for narrower screens: 360 pixels wide.
    pub narrow: String,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PictureKind {
    /// Shares of sites and users back over time.
    Recovery,
    /// Share of customers reached over time.
    Contact,
    /// Distribution of recovery time.
    Rta,
    /// Distribution of data lost.
    Rpa,
}

impl Picture {
    /// The wide one to stand inside a page.
    #[must_use]
    pub fn wide_inline(&self) -> String {
        crate::report::plot::canvas::inline(&self.wide, &self.alt)
    }

    /// The narrow one to stand inside a page.
    #[must_use]
    pub fn narrow_inline(&self) -> String {
        crate::report::plot::canvas::inline(&self.narrow, &self.alt)
    }
}

/// The value of a row of the strategy's table.
fn value<'a>(strategy: &'a StrategyView, figure: &str) -> Option<&'a str> {
    strategy.rows.iter().find(|it| it.figure == figure).map(|it| it.value.as_str())
}

/// What the recovery curve of a strategy shows.
pub(super) fn recovery(strategy: &StrategyView) -> String {
    let mut text =
        format!("Shares of sites and users back over time under {}", plain(&strategy.name));
    let figures = [
        ("half_of_sites_back", "half of the sites are back at"),
        ("half_of_users_back", "half of the users at"),
        ("last_site_back", "the last site at"),
    ];
    let known = figures.iter().filter_map(|(figure, words)| {
        value(strategy, figure).map(|value| format!("{words} {value}"))
    });
    for (place, words) in known.enumerate() {
        text += if place == 0 { ": in the middle exercise, " } else { ", " };
        text += &words;
    }
    text + "."
}

/// What the curve of customers reached shows.
pub(super) fn contact(strategy: &StrategyView) -> String {
    let mut text = format!("Share of customers reached over time under {}", plain(&strategy.name));
    let figures = [
        ("first_customer_reached", "the first is reached at"),
        ("half_of_customers_reached", "half of them at"),
        ("all_customers_reached", "the last at"),
    ];
    let known = figures.iter().filter_map(|(figure, words)| {
        value(strategy, figure).map(|value| format!("{words} {value}"))
    });
    for (place, words) in known.enumerate() {
        text += if place == 0 { ": in the middle exercise, " } else { ", " };
        text += &words;
    }
    text + "."
}

/// What distributions of all strategies show.
pub(super) fn distributions(
    what: &str,
    view: &View,
    of: fn(&Distributions) -> &Cumulative,
    series: &Series,
) -> String {
    let each = view.strategies.iter().zip(&series.strategies).map(|(strategy, it)| {
        let steps = of(&it.distributions);
        let back = steps.steps.last().map_or(0.0, |it| it.1);
        let at = |p: f64| match steps.quantile(p) {
            Some(it) => length(it),
            None => "never".to_owned(),
        };
        let never = match back < 1.0 {
            true => format!(", and {} never come back", share(1.0 - back)),
            false => String::new(),
        };
        let (half, most) = (at(0.5), at(0.95));
        format!("{}: half at most {half}, 95% at most {most}{never}", plain(&strategy.name))
    });
    let each: Vec<String> = each.collect();
    format!("Distribution of the {what}. {}.", each.join("; "))
}
