//! A picture as the page and the folder take it.

use crate::report::plot::canvas::inline;

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
