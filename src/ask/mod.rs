//! Experiments about inputs: what each value of a lever brings, how much can be lost at once, what is
//! the cheapest change that keeps the promise, and which guess decides the answer.
//!
//! All of them change a scenario by overrides, the one name that every input has, and simulate every
//! variant with the same random numbers. A search is led by whatever it finds; what is promised comes
//! from a [`Certificate`], on exercises that no search has seen.

mod advise;
mod certificate;
mod chosen;
mod doubt;
mod inputs;
mod ledger;
mod limit;
mod played;
mod promise;
mod search;
mod sweep;
mod variable;

pub use advise::{Advice, AdviceQuestion, NoAdvice, Tried, advise};
pub use certificate::{Certificate, MOST_CERTIFICATES, confidence_of, fewest, fresh_seed};
pub use chosen::{Chosen, NoChoice, Unit, chosen};
pub use doubt::{Doubt, doubts};
pub use inputs::{Impossible, Inputs};
pub use ledger::{
    DRAWS, EXERCISES_OF_A_DRAW, End, Entry, Ledger, LedgerQuestion, Part, Together, Turn, ledger,
};
pub use limit::{Limit, LimitQuestion, limit};
pub use played::{Played, Point, settle};
pub use promise::{NoPromise, Promise};
pub use search::{Found, Tested, search};
pub use sweep::{Cell, Dropped, MOST_CELLS, Sweep, SweepQuestion, sets_of, sweep, sweep_best};
pub use variable::{Direction, NoVariable, Variable};
