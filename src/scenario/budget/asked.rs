//! What a check asks for.

use crate::diagnostics::Place;
use crate::ids::{ProductId, SiteId, StrategyId};
use crate::scenario::estate::Estate;
use crate::scenario::figures::{FigureOf, Kind};
use crate::scenario::incident::Incident;
use crate::scenario::selector::Selector;
use crate::spec::{CountedBy, Level};
use crate::units::{Share, SimDuration};

/// Something that must hold in most exercises.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// One line for people; no two budgets of a scenario have the same.
    pub name: String,
    /// Which figure, of sites or of an exercise.
    pub metric: FigureOf,
    /// The figure and its selection as messages show them: `site.rta{tier=gold}`.
    pub figure: String,
    /// Under which strategy; under all without one.
    pub strategy: Option<StrategyId>,
    /// Of which sites, of a figure of sites.
    pub sites: BudgetSites,
    /// What is counted, of a figure of sites.
    pub by: CountedBy,
    /// What must hold in an exercise.
    pub expect: Expectation,
    /// In which share of the exercises it must hold.
    pub assurance: Share,
    /// How sure the verdict must be.
    pub confidence: Share,
    /// What a miss is.
    pub level: Level,
    /// Where it is written.
    pub place: Place,
}

/// The sites that a budget is about, of those that the incident aims at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BudgetSites {
    /// Those that match.
    pub which: Selector,
    /// Of them, those that may lose something of this product.
    pub losing: Option<ProductId>,
}

impl BudgetSites {
    /// Whether a site is one of them.
    #[must_use]
    pub fn has(&self, estate: &Estate, incident: &Incident, site: SiteId) -> bool {
        let loses = |product| incident.takes_of(product, estate, site);
        self.which.matches(estate, site) && self.losing.is_none_or(loses)
    }
}

/// What must hold in an exercise: an aggregate, how it is compared, and with what.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As it was written.
    pub written: String,
    /// What becomes of the figure in one exercise.
    pub aggregate: Aggregate,
    /// How it is compared.
    pub operator: Operator,
    /// With what: milliseconds, a number, hours, or a fraction, by its [`Kind`].
    pub threshold: f64,
    /// What kind of number the two are.
    pub kind: Kind,
}

/// What becomes of a figure in one exercise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// The quantile of this share: an observed value, the ceil(p n)-th of n.
    Quantile(Share),
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// The mean.
    Mean,
    /// How many there are.
    Count,
    /// The share that is at most so long.
    ShareWithin(SimDuration),
    /// The figure itself, of one that an exercise has once.
    Value,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Expectation {
    /// Whether a number is as expected; what never comes is infinite.
    ///
    /// Means and percentages are rounded in their last bit, so two numbers within a millionth of a
    /// millionth of each other are equal.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        let scale = value.abs().max(self.threshold.abs());
        let equal = value.is_finite() && (value - self.threshold).abs() <= 1e-12 * scale;
        match self.operator {
            Operator::Less => !equal && value < self.threshold,
            Operator::AtMost => equal || value < self.threshold,
            Operator::More => !equal && value > self.threshold,
            Operator::AtLeast => equal || value > self.threshold,
            Operator::Equal => equal,
            Operator::Unequal => !equal,
        }
    }
}
