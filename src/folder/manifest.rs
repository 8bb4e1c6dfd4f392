//! The manifest of a folder: every file that the program has written into it, with its size and its
//! fingerprint.
//!
//! Only a folder in which nothing is but what its manifest says may be replaced, so nothing that
//! somebody has added to a report or changed in it is ever lost to the next run. The fingerprint
//! tells a changed file from an unchanged one; it is no protection against malice, and need not be:
//! whoever can forge a file can write a manifest for it.

use std::fmt::Write as _;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::rng::Fingerprint;

/// The file of the manifest in every folder.
pub const MANIFEST: &str = "manifest.json";

/// By which a manifest is known as one.
const FORMAT: &str = "blackstart-report";

/// Version of the form; another one is not read.
const VERSION: u32 = 1;

/// What a folder is the report of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// A run, or the merged parts of one.
    Run,
    /// A back-test.
    Backtest,
    /// A comparison of strategies.
    Compare,
    /// The log of one exercise.
    Trace,
    /// What the values of levers bring.
    Sweep,
    /// How far an input can go.
    Limit,
    /// The cheapest combination of levers.
    Advise,
    /// What hinges on each guess.
    Ledger,
}

impl ReportKind {
    /// The file that every folder of this kind has, also one of a version without manifests.
    #[must_use]
    pub const fn main_file(self) -> &'static str {
        match self {
            Self::Run => "summary.json",
            Self::Backtest => "backtest.json",
            Self::Compare => "compare.json",
            Self::Trace => "trace.ndjson",
            Self::Sweep => "sweep.json",
            Self::Limit => "limit.json",
            Self::Advise => "advise.json",
            Self::Ledger => "ledger.json",
        }
    }

    /// What a folder of this kind is, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Run => "the report of a run",
            Self::Backtest => "a back-test",
            Self::Compare => "a comparison",
            Self::Trace => "the log of an exercise",
            Self::Sweep => "a sweep",
            Self::Limit => "a limit",
            Self::Advise => "advice",
            Self::Ledger => "a ledger of guesses",
        }
    }
}

/// What the program has written into a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    version: u32,
    /// Name and version of the program that wrote it.
    pub program: String,
    /// What the folder is the report of.
    pub report: ReportKind,
    files: Vec<ListedFile>,
}

/// One file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Its path in the folder, with `/` between folders.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// The fingerprint of what is in it.
    pub digest: String,
}

impl ListedFile {
    /// A file with these bytes.
    #[must_use]
    pub fn of(path: &str, bytes: &[u8]) -> Self {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(bytes);
        let digest = format!("{:016x}", fingerprint.finish());
        Self { path: path.to_owned(), bytes: bytes.len() as u64, digest }
    }

    /// Whether a text is written as fingerprints are.
    #[must_use]
    pub fn is_digest(text: &str) -> bool {
        text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit())
    }
}

impl Manifest {
    /// The manifest of a folder with these files: paths with `/` between folders, and bytes.
    #[must_use]
    pub fn of(report: ReportKind, files: &[(String, Vec<u8>)]) -> Self {
        let mut files: Vec<ListedFile> =
            files.par_iter().map(|(path, bytes)| ListedFile::of(path, bytes)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: format!("{} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")),
            report,
            files,
        }
    }

    /// The manifest in these bytes, if they are one to the byte: what somebody has changed in it
    /// proves nothing any more.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(bytes).ok()?;
        let ours = manifest.format == FORMAT && manifest.version == VERSION;
        (ours && manifest.json().as_bytes() == bytes).then_some(manifest)
    }

    /// Whether these bytes may be a manifest of which the end was not written any more, or that was
    /// changed since.
    #[must_use]
    pub fn begins(bytes: &[u8]) -> bool {
        let opening = format!("{{\n  \"format\": \"{FORMAT}\",\n");
        bytes.starts_with(opening.as_bytes()) || opening.as_bytes().starts_with(bytes)
    }

    /// The file of this path, if it is listed.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&ListedFile> {
        let place = self.files.binary_search_by(|it| it.path.as_str().cmp(path)).ok()?;
        Some(&self.files[place])
    }

    /// Whether a listed file lies below the folder of this path.
    #[must_use]
    pub fn has_folder(&self, path: &str) -> bool {
        self.files
            .iter()
            .any(|file| file.path.strip_prefix(path).is_some_and(|it| it.starts_with('/')))
    }

    /// Whether a listed file has this fingerprint.
    #[must_use]
    pub fn has_digest(&self, digest: &str) -> bool {
        self.files.iter().any(|it| it.digest == digest)
    }

    /// The manifest as JSON, a line for each file, so that two of them can be compared by eye.
    #[must_use]
    pub fn json(&self) -> String {
        let mut out = String::from("{\n");
        let _ = writeln!(out, "  \"format\": {},", one_line(&self.format));
        let _ = writeln!(out, "  \"version\": {},", one_line(&self.version));
        let _ = writeln!(out, "  \"program\": {},", one_line(&self.program));
        let _ = writeln!(out, "  \"report\": {},", one_line(&self.report));
        let files: Vec<String> =
            self.files.iter().map(|it| format!("    {}", one_line(it))).collect();
        let _ = write!(out, "  \"files\": [\n{}\n  ]\n}}\n", files.join(",\n"));
        out
    }
}

fn one_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a manifest is plain numbers and texts")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let files = [("plots/b \"1\".svg", "<svg/>"), ("a.csv", "")];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        Manifest::of(ReportKind::Compare, &files)
    }

    #[test]
    fn what_was_written_can_be_read() {
        let text = manifest().json();
        assert_eq!(Manifest::read(text.as_bytes()), Some(manifest()));
        assert!(text.contains("\n    {\"path\":\"a.csv\",\"bytes\":0,\"digest\":\""), "{text}");
        assert!(text.ends_with("\n  ]\n}\n"), "{text}");
    }

    #[test]
    fn a_manifest_that_was_changed_in_any_byte_is_none() {
        let text = manifest().json();
        assert!(serde_json::from_str::<Manifest>(&text.replace("a.csv", "A.csv")).is_ok());
        for other in [
            text.clone() + "\n",
            text.replace(": ", ":"),
            text.replace("\"version\": 1", "\"version\": 2"),
        ] {
            assert_eq!(Manifest::read(other.as_bytes()), None, "{other}");
            assert!(Manifest::begins(text.as_bytes()));
        }
        assert_eq!(Manifest::read(b"{\"name\": \"my web page\", \"icons\": []}"), None);
        assert!(!Manifest::begins(b"{\"name\": \"my web page\""));
    }

    #[test]
    fn files_and_folders_are_found_by_their_paths() {
        let manifest = manifest();
        let file = manifest.file("a.csv").expect("it is listed");
        assert_eq!(file, &ListedFile::of("a.csv", b""));
        assert_ne!(file.digest, ListedFile::of("a.csv", b"x").digest);
        assert!(manifest.has_folder("plots") && manifest.has_digest(&file.digest));
        assert!(!manifest.has_folder("plot") && !manifest.has_folder("a.csv"));
        assert_eq!(manifest.file("plots"), None);
    }
}
