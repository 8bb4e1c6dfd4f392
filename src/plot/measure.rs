//! How wide texts are, by estimate, and what to do with those that are too wide.

/// An estimate of a text's width in pixels, as in the widest of common fonts (DejaVu Sans), which
/// is also the one of the PNG.
pub(crate) fn width(text: &str, size: i32) -> f64 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | 'J' => 0.3,
        ' ' | '\u{a0}' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '/' | '-' | 'f' | 't' => 0.38,
        'r' | '(' | ')' | '[' | ']' | '"' => 0.45,
        'c' | 's' | 'z' | 'k' | 'v' | 'x' | 'y' => 0.58,
        'w' => 0.82,
        'm' | 'M' | 'W' | '%' | '@' => 1.0,
        'A'..='Z' => 0.74,
        c if c.is_ascii() => 0.64,
        // No width of their own: marks upon letters, and marks of direction.
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' => 0.0,
        c if (c as u32) < 0x1100 => 0.75,
        _ => 1.1,
    };
    text.chars().map(letter).sum::<f64>() * f64::from(size)
}

/// The text, cut to fit, with an ellipsis where something is missing.
pub(crate) fn fit(text: &str, size: i32, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if width(&kept, size) + f64::from(size) > most {
            kept.pop();
            break;
        }
    }
    kept.trim_end().to_owned() + "…"
}

/// The text, cut in its middle to fit, for names that may differ at their ends only.
pub(crate) fn fit_name(text: &str, size: i32, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let half = |letters: &mut dyn Iterator<Item = char>| {
        let mut kept = String::new();
        for letter in letters {
            if width(&kept, size) + width(&letter.to_string(), size)
                > (most - f64::from(size)) / 2.0
            {
                break;
            }
            kept.push(letter);
        }
        kept
    };
    let head = half(&mut text.chars());
    let tail: String = half(&mut text.chars().rev()).chars().rev().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// The text on lines that are no wider than `most`, broken between words where there are any; what
/// does not fit on `lines` of them is cut.
pub(crate) fn wrap(text: &str, size: i32, most: f64, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    // Not between what a no-break space keeps together.
    let mut words = text.split(' ').filter(|it| !it.is_empty());
    while let Some(word) = words.next() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width(&longer, size) <= most {
            line = longer;
            continue;
        }
        if done.len() + 1 == lines {
            let rest: Vec<&str> = std::iter::once(longer.as_str()).chain(words).collect();
            line = fit(&rest.join(" "), size, most);
            break;
        }
        if !line.is_empty() {
            done.push(std::mem::take(&mut line));
        }
        line = break_word(word, size, most, lines, &mut done);
    }
    if !line.is_empty() {
        done.push(line);
    }
    done
}

/// Breaks a word that is wider than a line anywhere; returns its end, for the next words to follow.
fn break_word(word: &str, size: i32, most: f64, lines: usize, done: &mut Vec<String>) -> String {
    let mut line = String::new();
    for (place, letter) in word.char_indices() {
        line.push(letter);
        if width(&line, size) <= most {
            continue;
        }
        line.pop();
        if done.len() + 1 == lines {
            return fit(&(line + &word[place..]), size, most);
        }
        done.push(std::mem::take(&mut line));
        line.push(letter);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        assert_eq!(fit("short", 10, 100.0), "short");
        let cut = fit(&"long".repeat(100), 10, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 10) <= 105.0, "{cut}");
        assert_eq!(fit("日本語日本語", 10, 40.0), "日本…");
    }

    #[test]
    fn names_that_differ_at_their_ends_are_told_apart() {
        assert_eq!(fit_name("short", 10, 100.0), "short");
        let name = |number: u32| fit_name(&format!("a-strategy-of-number-{number}"), 10, 100.0);
        assert!(name(1).starts_with("a-stra") && name(1).ends_with("ber-1"), "{}", name(1));
        assert!(name(1) != name(2) && width(&name(1), 10) <= 105.0);
    }

    #[test]
    fn a_text_goes_on_on_the_next_line() {
        assert_eq!(wrap("one two three", 10, 50.0, 3), ["one two", "three"]);
        assert_eq!(wrap("", 10, 50.0, 3), [""; 0]);
        let lines = wrap(&"abc ".repeat(50), 10, 50.0, 2);
        assert_eq!(lines, ["abc abc", "abc ab…"]);
        let lines = wrap(&"z".repeat(20), 10, 50.0, 2);
        assert_eq!(lines, ["zzzzzzzz", "zzzzzz…"]);
        assert!(wrap("ab cdefghijklmnopq rs", 10, 50.0, 9).iter().all(|it| width(it, 10) <= 50.0));
    }
}
