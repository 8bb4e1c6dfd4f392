//! Which sites a deletion aims at.

use crate::diagnostics::{Code, Span};
use crate::ids::SiteId;
use crate::scenario::aim::Aim;
use crate::scenario::estate::Estate;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::selector;
use crate::spec::{Located, SelectorSpec, TargetSpec};

/// Which sites a deletion says it deletes.
pub(crate) struct Choice<'a> {
    pub sites: &'a Option<Located<SelectorSpec>>,
    pub count: &'a Option<Located<i64>>,
    pub target: &'a Option<Located<TargetSpec>>,
    pub table: Span,
}

/// What a deletion of this name aims at.
pub(crate) fn aim(
    choice: &Choice<'_>,
    name: &str,
    estate: &Estate,
    resolver: &mut Resolver<'_>,
) -> Aim {
    let before = resolver.diagnostics.errors();
    let which = choice
        .sites
        .as_ref()
        .map(|it| selector::resolve(it, &estate.vocabulary(), resolver))
        .unwrap_or_default();
    let target = selector::target(choice.target.as_ref(), estate, resolver);
    let selected = |estate: &Estate, it: SiteId| which.matches(estate, it);
    let matching = |estate: &Estate| {
        let hit = |it: &SiteId| selected(estate, *it) && target.hits(estate, *it);
        estate.sites.ids().filter(hit).count()
    };
    // Another draw of the estate may have more that match: all of it at most.
    let most = match estate.is_redrawn() {
        true => estate.sites.len(),
        false => matching(estate),
    };
    let mut count = None;
    let nothing = || matching(estate) == 0 && estate.more_draws().all(|it| matching(&it) == 0);
    if resolver.diagnostics.errors() > before {
        // What the selection means is not known.
    } else if nothing() {
        let span = choice.sites.as_ref().map_or(choice.table, |it| it.span);
        let any = |estate: &Estate| estate.sites.ids().any(|it| selected(estate, it));
        let is_there = any(estate) || estate.more_draws().any(|it| any(&it));
        match choice.target.as_ref().filter(|_| is_there) {
            Some(target) => {
                let message = "no site that is selected has what this takes";
                resolver
                    .error(Code::EmptySelection, target.span, message)
                    .help("name what some of them have, or select others");
            }
            None => {
                let message = "no site of the estate matches this selection";
                resolver
                    .error(Code::EmptySelection, span, message)
                    .help("widen it; all its keys have to hold for one site");
            }
        }
    } else if let Some(it) = choice.count {
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        count = resolver.whole(it, 1..=most, "number of sites to delete");
    }
    Aim { which, count, target, lot: name.to_owned() }
}
