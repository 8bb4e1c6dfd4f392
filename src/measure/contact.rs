//! When customers hear something: the first word to anybody, and when customers are reached.

use crate::experiment::PackedOutcome;
use crate::experiment::contacts::Contacts;
use crate::stats::rank;
use crate::units::SimTime;

/// When customers heard something in one replication; an instant is `None` when it never comes.
///
/// Customers are those with a deleted site; where none was deleted the instants are T+0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContactMetrics {
    /// The first word to anybody: a public milestone, or the first customer who was reached.
    pub first_word: Option<SimTime>,
    /// When the first customer was reached.
    pub first_customer_reached: Option<SimTime>,
    /// When half of the customers had been reached.
    pub half_of_customers_reached: Option<SimTime>,
    /// When the last customer was reached; `None` if any was not.
    pub all_customers_reached: Option<SimTime>,
}

impl ContactMetrics {
    /// What one outcome comes to.
    pub(crate) fn of(contacts: &Contacts, outcome: &PackedOutcome) -> Self {
        let (reached, all) = contacts.reached(outcome);
        let nth = |place: usize| match all {
            0 => Some(SimTime::ZERO),
            _ => reached.get(place - 1).copied(),
        };
        let first = nth(1);
        Self {
            first_word: contacts.first_public_word(outcome).into_iter().chain(first).min(),
            first_customer_reached: first,
            half_of_customers_reached: nth(rank(0.5, all.max(1))),
            all_customers_reached: nth(all),
        }
    }
}
