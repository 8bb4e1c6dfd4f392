//! The texts of a scenario: its own file, the parts that it uses and the table of its sites; and
//! which file a path in one of them means. Nothing here opens a file.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Code, Diagnostics, Sources, Span};
use crate::spec::encoding::Unread;
use crate::spec::limits::{Limits, is_too_large};

/// Every text that a scenario is read from.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// The scenario's name: that of its file without the ending.
    pub name: String,
    /// How messages call the scenario's file, such as its path.
    pub path: String,
    /// The text of the scenario's file.
    pub main: String,
    /// The texts of the other files, or why one cannot be read, by their paths from the scenario's
    /// folder, with `/` between the parts.
    pub files: BTreeMap<String, Result<String, Unread>>,
    /// Whether a path may lead out of the scenario's folder.
    pub allow_outside: bool,
    /// How large all that may be.
    pub limits: Limits,
}

impl Texts {
    /// A scenario that is one text.
    #[must_use]
    pub fn alone(name: &str, path: &str, main: &str) -> Self {
        let (name, path, main) = (name.to_owned(), path.to_owned(), main.to_owned());
        Self { name, path, main, ..Self::default() }
    }

    /// How messages call a file: by the way to it from where the program was started.
    fn shown(&self, file: &str) -> String {
        match self.path.rfind(['/', '\\']) {
            Some(end) if !file.starts_with('/') => format!("{}{file}", &self.path[..=end]),
            _ => file.to_owned(),
        }
    }

    /// The path from the scenario's folder of what `written` means in the file `from`; nothing if
    /// it leads out of the folder and may not.
    fn locate(&self, from: &str, written: &str) -> Option<String> {
        if written.starts_with(['/', '\\']) || written.get(1..2) == Some(":") {
            return self.allow_outside.then(|| written.to_owned());
        }
        let folder = from.rfind('/').map_or("", |end| &from[..end]);
        let mut parts: Vec<&str> = folder.split('/').collect();
        // An absolute folder begins with an empty part, which stays; no folder is no part.
        if folder.is_empty() {
            parts.clear();
        }
        for part in written.split('/') {
            match part {
                "" | "." => {}
                ".." if parts.last().is_some_and(|last| *last != "..") => {
                    parts.pop();
                }
                ".." if !self.allow_outside => return None,
                _ => parts.push(part),
            }
        }
        Some(parts.join("/"))
    }
}

/// The files that a scenario is read from, as far as they are there.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// The path of each source that is a TOML file, by its number; the scenario's own file first.
    pub paths: Vec<String>,
    /// What has to be read before more can be said.
    pub missing: Vec<String>,
}

/// Adds the scenario's file and all that it uses, directly or not, to the sources, each once.
pub(crate) fn gather(texts: &Texts, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Files {
    let own = texts.path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let base = sources.add(&texts.path, &texts.main);
    let files = Files { paths: vec![own.clone()], missing: Vec::new() };
    let mut gathering = Gathering { texts, sources, diagnostics, files, open: vec![own] };
    gathering.visit(&texts.main, base);
    gathering.files
}

/// Looks up the file that a key such as `csv` names; a fault is told.
pub(crate) fn look_up<'t>(
    texts: &'t Texts,
    from: &str,
    written: &str,
    span: Span,
    files: &mut Files,
    diagnostics: &mut Diagnostics,
) -> Option<(String, &'t str)> {
    let Some(path) = texts.locate(from, written) else {
        diagnostics
            .error(
                Code::OutsidePath,
                span,
                format!("`{written}` leads out of the scenario's folder"),
            )
            .help(
                "write a path below the folder of the scenario, or allow it with `--allow-outside`",
            );
        return None;
    };
    match texts.files.get(&path) {
        Some(Ok(text)) => Some((path, text)),
        Some(Err(Unread { reason, help })) => {
            let message = format!("cannot read `{}`: {reason}", texts.shown(&path));
            diagnostics.error(Code::Unreadable, span, message).help(help);
            None
        }
        None => {
            let message = format!("the text of `{path}` is not there");
            diagnostics.error(Code::Unreadable, span, message);
            if !files.missing.contains(&path) {
                files.missing.push(path);
            }
            None
        }
    }
}

/// How messages call a file of the scenario.
pub(crate) fn shown(texts: &Texts, path: &str) -> String {
    texts.shown(path)
}

/// More than any scenario uses one behind the other, and few enough for the stack.
const LONGEST_CHAIN: usize = 32;

struct Gathering<'a> {
    texts: &'a Texts,
    sources: &'a mut Sources,
    diagnostics: &'a mut Diagnostics,
    files: Files,
    /// The file that is being looked at, behind those that led to it.
    open: Vec<String>,
}

impl Gathering<'_> {
    fn visit(&mut self, text: &str, base: usize) {
        // That it is too large is told when it is read for good.
        let too_large = is_too_large(text, &self.texts.limits).is_some();
        let uses = if too_large { Vec::new() } else { uses(text, base) };
        for (written, span) in uses {
            let from = self.open.last().expect("the scenario's own file is always open").clone();
            let located = self.texts.locate(&from, &written);
            if let Some(start) = self.open.iter().position(|it| Some(it) == located.as_ref()) {
                let mut names = self.open[start..].to_vec();
                names.extend(located);
                let message = format!("files use each other in a circle: {}", names.join(" uses "));
                self.diagnostics
                    .error(Code::Cycle, span, message)
                    .help("move what they share into a file of its own");
                continue;
            }
            if located.is_some_and(|it| self.files.paths.contains(&it)) {
                continue;
            }
            let found =
                look_up(self.texts, &from, &written, span, &mut self.files, self.diagnostics);
            let Some((path, text)) = found else { continue };
            if self.open.len() > LONGEST_CHAIN {
                let message = format!("over {LONGEST_CHAIN} files use each other in a row");
                self.diagnostics.error(Code::Unreadable, span, message);
                continue;
            }
            let base = self.sources.add(&self.texts.shown(&path), text);
            self.files.paths.push(path.clone());
            self.open.push(path);
            self.visit(text, base);
            self.open.pop();
        }
    }
}

/// What a file uses, each with its place. Faults of form are told when the file is read for good.
fn uses(text: &str, base: usize) -> Vec<(String, Span)> {
    let (tree, _) = DeTable::parse_recoverable(text);
    let Some(DeValue::Array(list)) = tree.get_ref().get("use").map(toml::Spanned::get_ref) else {
        return Vec::new();
    };
    let named = list.iter().filter_map(|it| {
        let span = Span::new(base + it.span().start, base + it.span().end);
        Some((it.get_ref().as_str()?.to_owned(), span))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_from_the_file_that_it_stands_in() {
        let texts = Texts::alone("x", "scenarios/x.toml", "");
        let locate = |from: &str, written: &str| texts.locate(from, written);
        assert_eq!(locate("x.toml", "parts/a.toml").as_deref(), Some("parts/a.toml"));
        assert_eq!(locate("parts/a.toml", "b.toml").as_deref(), Some("parts/b.toml"));
        assert_eq!(locate("parts/a.toml", "../c.toml").as_deref(), Some("c.toml"));
        assert_eq!(locate("parts/a.toml", "./b//c.toml").as_deref(), Some("parts/b/c.toml"));
        assert_eq!(texts.shown("parts/a.toml"), "scenarios/parts/a.toml");
    }

    #[test]
    fn a_path_stays_in_the_folder_unless_it_may_leave() {
        let mut texts = Texts::alone("x", "x.toml", "");
        for written in ["../a.toml", "parts/../../a.toml", "/etc/passwd", "C:/a.toml"] {
            assert_eq!(texts.locate("x.toml", written), None, "{written}");
        }
        texts.allow_outside = true;
        assert_eq!(texts.locate("x.toml", "parts/../../a.toml").as_deref(), Some("../a.toml"));
        assert_eq!(texts.locate("../a.toml", "../b.toml").as_deref(), Some("../../b.toml"));
        assert_eq!(texts.locate("x.toml", "/srv/a.toml").as_deref(), Some("/srv/a.toml"));
        assert_eq!(texts.locate("/srv/a.toml", "b.toml").as_deref(), Some("/srv/b.toml"));
        assert_eq!(texts.shown("/srv/b.toml"), "/srv/b.toml");
    }
}
