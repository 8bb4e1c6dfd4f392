//! What is written and changes nothing. Everything else is known by then, and without fault; what
//! one table alone can tell stands with that table.
//!
//! Whatever is warned of has no effect under any strategy: a warning of what has one would be as bad
//! as none.

mod budgets;
mod deletions;
mod failures;
mod guardrails;
mod horizon;
mod injects;
mod orders;
mod stores;
mod strategies;
mod tiers;
mod unused;
mod whole;

pub(crate) use whole::Whole;

use crate::scenario::read::quantity::Desk;

/// Warns of everything that changes nothing.
pub(crate) fn check(whole: &Whole<'_>, desk: &mut Desk<'_>) {
    unused::check(whole, desk);
    strategies::check(whole, desk);
    stores::check(whole, desk);
    orders::check(whole, desk);
    guardrails::check(whole, desk);
    horizon::check(whole, desk);
    tiers::check(whole, desk);
    deletions::check(whole, desk);
    failures::check(whole, desk);
    injects::check(whole, desk);
    budgets::check(whole, desk);
    // What a strategy has from another is found once more.
    desk.diagnostics.tell_once();
}
