//! How far an input can go while a promise is still kept.

mod build;
mod question;
mod sentences;
mod view;

pub use build::limit_view;
pub use question::{LimitAnswer, LimitAsked};
pub use view::{LimitAnswerView, LimitView, limit_json, limit_markdown, limit_rows, limit_text};
