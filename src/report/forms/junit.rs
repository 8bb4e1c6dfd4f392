//! What is the same in every JUnit XML: the dialect of Jenkins, as its strictest reader takes it.
//!
//! That is the schema `junit-10.xsd` of the xUnit plugin; a reader that keeps to it drops a whole
//! file for one attribute more.

use quick_junit::Report;

/// A report as XML, ending with a line end.
pub(crate) fn written(report: &Report) -> String {
    let text = report.to_string().expect("a report in memory can be written");
    let root = text.find("<testsuites").expect("a report has a root");
    let end = root + text[root..].find('>').expect("the root has an end");
    // The schema has no such attribute here, and readers count for themselves.
    let head = match text[..end].rfind(" skipped=\"") {
        Some(start) => {
            let value = start + " skipped=\"".len();
            let after = value + text[value..].find('"').expect("the attribute has an end") + 1;
            text[..start].to_owned() + &text[after..end]
        }
        None => text[..end].to_owned(),
    };
    head + text[end..].trim_end() + "\n"
}

/// A text without what XML cannot hold. The crate takes most of that out itself.
pub(crate) fn legal(text: &str) -> String {
    let allowed = |c: &char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(allowed).collect()
}
