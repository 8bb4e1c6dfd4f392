//! From the bytes of a file to its text. What an editor or a spreadsheet has written in another way
//! than UTF-8 is named, and how to mend it.

/// Why there is no text of a file, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Why, as the end of a sentence that names the file.
    pub reason: String,
    /// What to do.
    pub help: String,
}

const SAVE: &str = "save it as UTF-8; a spreadsheet calls that `CSV UTF-8`";

/// The text that is in the bytes of a file.
///
/// # Errors
/// When they are not text in UTF-8.
pub fn decode(bytes: Vec<u8>) -> Result<String, Unread> {
    let unread =
        |reason: &str, help: &str| Err(Unread { reason: reason.to_owned(), help: help.to_owned() });
    // The marks at the beginning of zipped workbooks and of those before them.
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return unread("it is a workbook, not text", "export its table of sites as `CSV UTF-8`");
    }
    if is_utf_16(&bytes) {
        return unread("it is text in UTF-16, not in UTF-8", SAVE);
    }
    String::from_utf8(bytes).or_else(|fault| {
        let read = fault.utf8_error().valid_up_to();
        let bytes = fault.as_bytes();
        if bytes.contains(&0) {
            return unread("it is not text", "name a text in UTF-8");
        }
        let line = 1 + bytes[..read].iter().filter(|byte| **byte == b'\n').count();
        let reason = format!("it is not text in UTF-8 but in Latin-1, or the like, at line {line}");
        unread(&reason, SAVE)
    })
}

/// How many pairs of bytes tell what the others are.
const ENOUGH: usize = 32;

/// Whether there is a mark of UTF-16, or each of the first pairs of bytes has one that is zero, as
/// letters without accents have there.
fn is_utf_16(bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let mut pairs = bytes.chunks_exact(2).take(ENOUGH);
    marked || (bytes.len() > 1 && pairs.all(|pair| (pair[0] == 0) != (pair[1] == 0)))
}
