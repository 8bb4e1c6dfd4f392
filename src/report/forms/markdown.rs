//! What is the same in every Markdown: tables that end before a page is full, and texts in which
//! nothing is Markdown.

use crate::report::words::{count, plain};

/// A name or sentence longer than this is cut.
const LONGEST: usize = 400;

/// Adds rows until there are enough bytes, and then says how many more there are.
pub(crate) fn push_rows(out: &mut String, rows: impl Iterator<Item = String>, enough: usize) {
    let mut left_out = 0;
    for row in rows {
        match out.len() + row.len() < enough {
            true if left_out == 0 => *out += &row,
            _ => left_out += 1,
        }
    }
    if left_out > 0 {
        *out += &format!("\n{} more.\n", count(left_out));
    }
}

pub(crate) fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A text in which nothing is Markdown or HTML.
pub(crate) fn text(text: &str) -> String {
    let mut out = String::new();
    for c in cut(&plain(text)).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '#' | '@' | '~' => {
                out.push('\\');
                out.push(c);
            }
            other => out.push(other),
        }
    }
    out
}

pub(crate) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_cell() {
        assert_eq!(text("a|b <i> `c`\n*d*"), "a\\|b &lt;i&gt; \\`c\\` \\*d\\*");
    }
}
