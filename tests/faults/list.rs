//! The list of faults, and what the sources look like with all of them behind switches.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// A mistake that somebody could make.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// What it is called.
    pub id: String,
    /// What it breaks, in a sentence.
    pub says: String,
    /// The file in which it is planted.
    pub file: String,
    /// The function in which it is planted, where the text stands elsewhere in the file too.
    #[serde(rename = "in")]
    pub function: Option<String>,
    /// The text as it is: it stands there once.
    pub before: String,
    /// The text with the fault.
    pub after: String,
    /// What kind of text it is.
    #[serde(default)]
    pub form: Form,
    /// Whether it is among the few that every build plants.
    #[serde(default)]
    pub quick: bool,
}

/// What a planted text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// A value.
    #[default]
    Expression,
    /// Statements that bind no name; nothing at all is one too.
    Statement,
    /// Any text; its fault has the switch in it.
    Woven,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    faults: Vec<Fault>,
}

/// The list, in its order: a fault's number is its place, counted from 1.
pub(crate) fn read(root: &Path) -> Result<Vec<Fault>, String> {
    let path = root.join("tests/faults/list.toml");
    let text =
        std::fs::read_to_string(&path).map_err(|why| format!("{}: {why}", path.display()))?;
    let list: List = toml::from_str(&text).map_err(|why| format!("{}: {why}", path.display()))?;
    for (number, fault) in list.faults.iter().enumerate() {
        if list.faults[..number].iter().any(|it| it.id == fault.id) {
            return Err(format!("two faults are called `{}`", fault.id));
        }
    }
    Ok(list.faults)
}

/// The files that change, by path, with every fault behind its switch.
pub(crate) fn planted(root: &Path, faults: &[Fault]) -> Result<BTreeMap<String, String>, String> {
    let mut places: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (index, fault) in faults.iter().enumerate() {
        if !files.contains_key(&fault.file) {
            let text = std::fs::read_to_string(root.join(&fault.file));
            let text = text.map_err(|why| format!("{}: {why}", fault.file))?;
            files.insert(fault.file.clone(), text);
        }
        let at = place(fault, &files[&fault.file])?;
        places.entry(&fault.file).or_default().push((at, index));
    }
    for (file, places) in &mut places {
        places.sort_unstable();
        for pair in places.windows(2) {
            let (first, second) = (&faults[pair[0].1], &faults[pair[1].1]);
            if pair[0].0 + first.before.len() > pair[1].0 {
                return Err(format!("`{}` and `{}` overlap in {file}", first.id, second.id));
            }
        }
        let text = files.get_mut(*file).expect("a file with a fault was read");
        for (at, index) in places.iter().rev() {
            let fault = &faults[*index];
            text.replace_range(*at..at + fault.before.len(), &switch(fault, index + 1));
        }
    }
    let top = root.join("src/lib.rs");
    let top = std::fs::read_to_string(&top).map_err(|why| format!("{}: {why}", top.display()))?;
    // What switches do to the style of the sources is nobody's business.
    files.insert("src/lib.rs".to_owned(), format!("#![allow(warnings)]\n{top}\nmod planted;\n"));
    files.insert("src/planted.rs".to_owned(), SWITCHES.to_owned());
    Ok(files)
}

/// Where the text of a fault begins.
fn place(fault: &Fault, text: &str) -> Result<usize, String> {
    let (from, within) = match &fault.function {
        None => (0, text),
        Some(name) => {
            body(name, text).ok_or_else(|| format!("`{}`: no function {name}", fault.id))?
        }
    };
    let found: Vec<usize> = within.match_indices(&fault.before).map(|it| it.0).collect();
    match found[..] {
        [at] => Ok(from + at),
        _ => Err(format!(
            "`{}`: the text before stands {} times in {}{}:\n{}",
            fault.id,
            found.len(),
            fault.file,
            fault.function.as_ref().map_or(String::new(), |it| format!(", in {it}")),
            fault.before
        )),
    }
}

/// The text of a function, from its name to the line that closes it, and where it begins.
fn body<'a>(name: &str, text: &'a str) -> Option<(usize, &'a str)> {
    let starts = [format!("fn {name}("), format!("fn {name}<")];
    let at = starts.iter().find_map(|it| text.find(it.as_str()))?;
    let line = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let indent = text[line..].len() - text[line..].trim_start_matches(' ').len();
    let close = format!("\n{}}}\n", " ".repeat(indent));
    let end = at + text[at..].find(&close)?;
    Some((at, &text[at..end]))
}

fn switch(fault: &Fault, number: usize) -> String {
    let (before, after) = (&fault.before, &fault.after);
    let is_on = format!("crate::planted::is({number})");
    match fault.form {
        Form::Expression => format!("(if {is_on} {{ {after} }} else {{ {before} }})"),
        Form::Statement => format!("if {is_on} {{ {after} }} else {{ {before} }}"),
        Form::Woven => after.replace("PLANTED", &is_on),
    }
}

const SWITCHES: &str = r#"//! Which of the planted faults is there.

use std::sync::OnceLock;

static PLANTED: OnceLock<u32> = OnceLock::new();

/// Whether the fault of this number is there.
#[inline]
pub(crate) fn is(number: u32) -> bool {
    let read = || std::env::var("BLACKSTART_FAULT").map_or(0, |it| it.parse().expect("a number"));
    *PLANTED.get_or_init(read) == number
}
"#;
