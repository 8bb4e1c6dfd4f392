//! Budgets that hold, or are missed, whatever happens.

use crate::diagnostics::Span;
use crate::scenario::Scenario;
use crate::scenario::budget::{Aggregate, Budget, Expectation, Operator};
use crate::scenario::effect::horizon::check_length;
use crate::scenario::effect::whole::Whole;
use crate::scenario::figures::{Kind, Scope, Weight};
use crate::scenario::read::resolver::Resolver;
use crate::spec::{CountedBy, Level};

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let budgets = whole.spec.budgets.iter().zip(&whole.scenario.budgets);
    for (spec, budget) in budgets.filter(|it| it.1.level != Level::Off) {
        let Some(place) = spec.expect.as_ref().map(|it| it.span) else { continue };
        match decided(&budget.expect, range(budget, whole.scenario)) {
            Some(true) => {
                resolver
                    .no_effect(place, "this holds whatever happens")
                    .help("write what could be missed, or take the budget out");
            }
            Some(false) => {
                resolver
                    .no_effect(place, "this is missed whatever happens")
                    .help("write what could be met, or take the budget out");
            }
            None => beyond_horizon(budget, place, whole.scenario, resolver),
        }
    }
}

/// The least and the most that a number can be; a time that never comes is infinite.
fn range(budget: &Budget, scenario: &Scenario) -> (f64, f64) {
    let most = match budget.expect.kind {
        Kind::Share => 1.0,
        Kind::Count => most_things(budget, scenario),
        Kind::Instant | Kind::Length | Kind::Loss | Kind::Hours | Kind::Money => f64::INFINITY,
    };
    (0.0, most)
}

/// How many of what a budget counts there can be.
fn most_things(budget: &Budget, scenario: &Scenario) -> f64 {
    let figure = budget.metric.figure;
    let weight = match (figure.scope(), budget.by) {
        (Scope::Exercise | Scope::Pooled, _) => figure.definition().weight,
        (Scope::Site, CountedBy::Site) => Weight::Site,
        (Scope::Site, CountedBy::User) => Weight::User,
        (Scope::Site, CountedBy::Customer) => Weight::Customer,
    };
    let (estate, incident) = (&scenario.estate, &scenario.incident);
    if estate.is_redrawn() {
        return f64::INFINITY;
    }
    let is_meant = |site| budget.sites.has(estate, incident, site);
    let sites = incident.deleted.iter().map(|it| it.site).filter(|it| is_meant(*it));
    match weight {
        Weight::Site | Weight::Customer => sites.count() as f64,
        Weight::User => sites.map(|it| f64::from(estate.sites[it].users)).sum(),
        Weight::Nothing => f64::INFINITY,
    }
}

/// Whether it holds for every number in a range, or for none.
fn decided(expectation: &Expectation, (least, most): (f64, f64)) -> Option<bool> {
    let threshold = expectation.threshold;
    let is_outside = threshold < least || threshold > most || is_broken(expectation);
    let (always, never) = match expectation.operator {
        Operator::Less => (most < threshold, threshold <= least),
        Operator::AtMost => (most <= threshold, threshold < least),
        Operator::More => (threshold < least, most <= threshold),
        Operator::AtLeast => (threshold <= least, most < threshold),
        Operator::Equal => (false, is_outside),
        Operator::Unequal => (is_outside, false),
    };
    match (always, never) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Whether a whole number is compared with a broken one; a mean may be broken.
fn is_broken(expectation: &Expectation) -> bool {
    expectation.kind == Kind::Count
        && expectation.aggregate != Aggregate::Mean
        && expectation.threshold.fract() != 0.0
}

/// What is not over when exercises stop is never over: a longer time asks for no more than that.
fn beyond_horizon(budget: &Budget, place: Span, scenario: &Scenario, resolver: &mut Resolver<'_>) {
    let asked = match (budget.expect.aggregate, budget.expect.kind) {
        (Aggregate::ShareWithin(length), _) if budget.metric.figure.kind() != Kind::Loss => {
            length.as_millis() as f64
        }
        (_, Kind::Instant | Kind::Length) => budget.expect.threshold,
        _ => return,
    };
    check_length(asked, place, scenario.experiment.horizon, resolver);
}
