//! Which sites a deletion takes, and what of them.

use crate::ids::{Id, SiteId};
use crate::rng::{Purpose, Streams};
use crate::scenario::estate::Estate;
use crate::scenario::lost::Target;
use crate::scenario::selector::Selector;

/// Which sites of an estate a deletion takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// Those that match.
    pub which: Selector,
    /// So many of them, by lot; all where there are no more.
    pub count: Option<u32>,
    /// What is taken of them; those that do not have it are left alone.
    pub target: Target,
    /// The name that the lots are drawn for.
    pub(crate) lot: String,
}

impl Aim {
    /// The sites of this estate, in its order. Lots are a part of the draw of the estate.
    pub(crate) fn sites(&self, estate: &Estate, streams: &Streams) -> Vec<SiteId> {
        let matches =
            |it: &SiteId| self.which.matches(estate, *it) && self.target.hits(estate, *it);
        // Of those that are named nobody else has to be asked.
        let mut sites: Vec<SiteId> = match self.which.sites.as_slice() {
            [] => estate.sites.ids().filter(matches).collect(),
            named => named.iter().copied().filter(matches).collect(),
        };
        sites.dedup();
        if let Some(count) = self.count {
            // Those with the smallest numbers, so that a site more moves at most one of the others.
            let chosen = estate.words(Purpose::DeletionChoice, &self.lot, streams);
            sites.sort_by_key(|site| (chosen[site.index()], *site));
            sites.truncate(count as usize);
            sites.sort_unstable();
        }
        sites
    }
}
