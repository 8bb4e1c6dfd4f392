//! The page: a report as one file that needs no network and no other file.

mod embedded;
mod html;
mod story;

pub use html::html;
