//! A picture as the page and the folder take it.

use crate::plot::canvas::inline;
use crate::plot::chart::{Chart, svg};
use crate::plot::frame::{Frame, NARROW, WIDE};

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
    /// The same by tier, under one strategy.
    RtaByTier,
    /// Distribution of data lost.
    Rpa,
    /// Distribution of the spread between a site's stores.
    Inconsistency,
    /// Strategies side by side: spread over exercises, and how well that is known (MORE).
    Risk,
    /// Strategies side by side: paired differences to the best.
    Differences,
    /// Strategies side by side: time against work.
    Pareto,
    /// What the recovery time went into, by step and by team.
    Bottlenecks,
    /// How busy teams are over time, and how many tasks wait for them, in one exercise.
    Teams,
    /// One exercise batch by batch.
    Batches,
    /// Batches in flight, units of limits and loads in use over time, in one exercise.
    Load,
    /// What was done again, what practice saved, and what machines took over.
    Progress,
}

impl Picture {
    /// The wide one to stand inside a page.
    #[must_use]
    pub fn wide_inline(&self) -> String {
        inline(&self.wide, &self.alt)
    }

    /// The narrow one to stand inside a page.
    #[must_use]
    pub fn narrow_inline(&self) -> String {
        inline(&self.narrow, &self.alt)
    }
}

/// A chart in both widths.
pub(crate) fn picture(
    name: String,
    kind: PictureKind,
    strategy: Option<usize>,
    alt: String,
    chart: &Chart,
) -> Picture {
    drawn(name, kind, strategy, (chart.title.clone(), alt), |frame| svg(chart, frame))
}

/// Whatever `draw` draws, in both widths, with its title and what it shows in words.
pub(crate) fn drawn(
    name: String,
    kind: PictureKind,
    strategy: Option<usize>,
    (title, alt): (String, String),
    draw: impl Fn(&'static Frame) -> String,
) -> Picture {
    Picture { name, kind, strategy, title, alt, wide: draw(&WIDE), narrow: draw(&NARROW) }
}

/// `KIND-NAME`, with letters that every file system takes and unlike the names in use.
pub(crate) fn file_stem(kind: &str, strategy: &str, used: &[Picture]) -> String {
    let letter = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let stem: String = strategy.chars().take(80).map(letter).collect();
    let taken = |name: &String| used.iter().any(|it| it.name.to_lowercase() == name.to_lowercase());
    let numbered = (2..).map(|it| format!("{kind}-{stem}-{it}"));
    let mut names = std::iter::once(format!("{kind}-{stem}")).chain(numbered);
    names.find(|name| !taken(name)).expect("there is always another number")
}
