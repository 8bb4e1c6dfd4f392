//! The cheapest combination of levers that keeps a promise.

mod build;
mod question;
mod sentences;
mod view;

pub use build::advice_view;
pub use question::AdviceAsked;
pub use view::{
    AdviceView, CombinationView, advice_json, advice_markdown, advice_rows, advice_text,
};
