//! What tables look like in a terminal and in logs.

use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::{Alignment, Style};

/// What tables look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Framed with lines, for a terminal.
    #[default]
    Framed,
    /// Letters and ASCII rules only, for logs.
    Plain,
}

/// A table as text.
pub(crate) fn drawn(table: Builder, look: Look) -> String {
    let mut table = table.build();
    match look {
        Look::Framed => table.with(Style::rounded()),
        Look::Plain => table.with(Style::psql()),
    };
    table.modify(Columns::new(1..), Alignment::right());
    table.modify(Rows::first(), Alignment::left());
    table.to_string()
}
