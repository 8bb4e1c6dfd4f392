//! Words of somebody else in texts of ours: names, paths, and what was typed.
//!
//! A terminal takes some characters as orders, a build takes lines that begin in a certain way as
//! orders, and some characters have a text read in another order than it is written in (Boucher and
//! Anderson 2021, "Trojan Source"). [`Shown`] is how a word of somebody else is written into a line;
//! [`guarded`] is what a whole message goes through at the end.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::path::Path;

/// A word of somebody else: what nobody would see of it is written as `\u{..}`, a line's end as `\n`.
#[derive(Clone, Copy, Debug)]
pub struct Shown<T>(pub T);

impl<T: AsRef<str>> fmt::Display for Shown<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().chars().try_for_each(|it| escaped(it, formatter))
    }
}

fn escaped(letter: char, out: &mut dyn fmt::Write) -> fmt::Result {
    if is_unseen(letter) {
        write!(out, "{}", letter.escape_debug())
    } else {
        out.write_char(letter)
    }
}

/// A path as a message shows it.
#[must_use]
pub fn path(path: &Path) -> String {
    Shown(path.to_string_lossy()).to_string()
}

/// Whether a character gives orders instead of being read: control characters, line and paragraph
/// separators, and the marks that turn the direction of a text.
#[must_use]
pub const fn is_unseen(letter: char) -> bool {
    let control = matches!(letter, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}');
    control || turns_direction(letter)
}

/// Whether a character is a mark that turns the direction of the text behind it.
#[must_use]
pub const fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What begins an order to a build when it begins a line.
const ORDERS: [&str; 2] = ["::", "##["];

/// A message of one or more lines in which nothing is an order any more.
#[must_use]
pub fn guarded(message: &str) -> Cow<'_, str> {
    let orders = |line: &str| ORDERS.iter().any(|it| line.trim_start().starts_with(it));
    let unseen = |it: char| it != '\n' && is_unseen(it);
    if !message.contains(unseen) && !message.split('\n').any(orders) {
        return Cow::Borrowed(message);
    }
    let mut text = String::new();
    for (place, line) in message.split('\n').enumerate() {
        text += if place == 0 { "" } else { "\n" };
        text += if orders(line) { "\\" } else { "" };
        let _ = write!(text, "{}", Shown(line));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_orders_is_spelled_out() {
        let shown = |it: &str| Shown(it).to_string();
        assert_eq!(shown("a\u{1b}[31m\n\u{202e}b"), "a\\u{1b}[31m\\n\\u{202e}b");
        assert_eq!(shown("Größe 1 “x” 日本"), "Größe 1 “x” 日本");
        assert_eq!(path(Path::new("a\tb")), "a\\tb");
    }

    #[test]
    fn no_line_of_a_message_is_an_order_to_a_build() {
        let message = "error: `x`\n::error::pwned\n  ##[group]\nplain ::\n";
        let guarded = "error: `x`\n\\::error::pwned\n\\  ##[group]\nplain ::\n";
        assert_eq!(super::guarded(message), guarded);
        assert!(matches!(super::guarded("two\nlines"), Cow::Borrowed(_)));
    }
}
