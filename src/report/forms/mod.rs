//! What is the same in every document of a form: JSON, JUnit, Markdown, SARIF, annotations.

pub(crate) mod annotations;
pub(crate) mod finding;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
