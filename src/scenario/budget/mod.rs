//! `[[budgets]]`: what a check asks of every exercise, and in how many of them.

mod asked;
mod expression;
mod read;

pub use asked::{Aggregate, Budget, BudgetSites, Expectation, Operator};
pub(crate) use read::{BudgetReader, resolve};
