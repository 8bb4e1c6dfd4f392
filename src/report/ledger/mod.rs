//! The ledger of guesses.

mod build;
mod question;
mod sentences;
mod view;

pub use build::ledger_view;
pub use question::LedgerAsked;
pub use view::{
    EntryView, LedgerEndView, LedgerTurnView, LedgerView, PartView, ledger_json, ledger_markdown,
    ledger_rows, ledger_text,
};
