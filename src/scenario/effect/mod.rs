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

use crate::scenario::read::resolver::Resolver;

/// Warns of everything that changes nothing.
pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    unused::check(whole, resolver);
    strategies::check(whole, resolver);
    stores::check(whole, resolver);
    orders::check(whole, resolver);
    guardrails::check(whole, resolver);
    horizon::check(whole, resolver);
    tiers::check(whole, resolver);
    deletions::check(whole, resolver);
    failures::check(whole, resolver);
    injects::check(whole, resolver);
    budgets::check(whole, resolver);
    // What a strategy has from another is found once more.
    resolver.diagnostics.tell_once();
}
