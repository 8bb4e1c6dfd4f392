//! The copy of the tree into which faults are planted, and its build.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What every copy has beside its tree, so that nothing else is ever written over.
const MARK: &str = "planted-faults-of-blackstart";

/// A copy of the tree.
pub(crate) struct Copy {
    root: PathBuf,
    /// In which the tree lies, and what becomes of it.
    pub folder: PathBuf,
    /// Only the program is built, as a package of another name in the folder of this program.
    quick: bool,
}

impl Copy {
    pub(crate) fn new(root: &Path, quick: bool) -> Result<Self, String> {
        let folder = std::env::var_os("BLACKSTART_FAULTS").map(PathBuf::from);
        let folder = folder.unwrap_or_else(|| std::env::temp_dir().join("blackstart-faults"));
        let mark = folder.join(MARK);
        if folder.exists() && !mark.exists() {
            return Err(format!("{} is there and holds something else", folder.display()));
        }
        fs::create_dir_all(&folder).map_err(|why| failed(&folder, &why))?;
        fs::write(&mark, "").map_err(|why| failed(&mark, &why))?;
        Ok(Self { root: root.to_owned(), folder, quick })
    }

    pub(crate) fn tree(&self) -> PathBuf {
        self.folder.join(if self.quick { "quick" } else { "tree" })
    }

    /// Writes the tree with these files changed. What is there already as it should be is left
    /// alone, so that only what has changed is built again.
    pub(crate) fn write(&self, changed: &BTreeMap<String, String>) -> Result<(), String> {
        let mut wanted: BTreeSet<PathBuf> = BTreeSet::new();
        for top in ["src", "tests", "scenarios", "reports", ".ci"] {
            files(&self.root.join(top), &mut wanted)?;
        }
        for top in ["Cargo.toml", "Cargo.lock", "README.md", ".clippy.toml", ".rustfmt.toml"] {
            wanted.insert(self.root.join(top));
        }
        let mut kept = BTreeSet::new();
        for from in wanted {
            let path = from.strip_prefix(&self.root).expect("it lies in the tree").to_owned();
            let name = path.to_string_lossy().replace('\\', "/");
            let mut bytes = match changed.get(&name) {
                Some(text) => text.clone().into_bytes(),
                None => fs::read(&from).map_err(|why| failed(&from, &why))?,
            };
            if name == "Cargo.toml" || name == "Cargo.lock" {
                let text = String::from_utf8(bytes).map_err(|_| format!("{name} is no text"))?;
                bytes = self.package(&name, text).into_bytes();
            }
            put(&self.tree().join(&path), &bytes)?;
            kept.insert(path);
        }
        for (name, text) in changed {
            put(&self.tree().join(name), text.as_bytes())?;
            kept.insert(PathBuf::from(name));
        }
        let mut there = BTreeSet::new();
        files(&self.tree(), &mut there)?;
        for path in there {
            if !kept.contains(path.strip_prefix(self.tree()).expect("it lies in the copy")) {
                fs::remove_file(&path).map_err(|why| failed(&path, &why))?;
            }
        }
        Ok(())
    }

    /// The package of the copy: without the assertions that a release has not either. A quick one is
    /// not optimised, as building it takes longer than all that it does; and it has names of its own,
    /// as what it becomes lies beside what the tree itself becomes.
    fn package(&self, name: &str, text: String) -> String {
        let own = if self.quick { "planted-blackstart" } else { "blackstart" };
        let text = text.replacen("name = \"blackstart\"", &format!("name = \"{own}\""), 1);
        if name == "Cargo.lock" {
            return text;
        }
        let profile = format!(
            "\n[profile.test.package.{own}]\ndebug-assertions = false\noverflow-checks = false\n"
        );
        match self.quick {
            false => text + &profile,
            true => {
                let named = "[lib]\nname = \"blackstart\"\n\n[[bin]]\nname = \"planted\"";
                let text = text.replacen("[[bin]]\nname = \"blackstart\"", named, 1);
                text + &profile + "opt-level = 0\n"
            }
        }
    }

    /// Builds the program; where it lies.
    pub(crate) fn program(&self) -> Result<PathBuf, String> {
        let name = if self.quick { "planted" } else { "blackstart" };
        // The profile of tests, so that nothing but the crate itself has to be built.
        let built = self.cargo(&["build", "--profile", "test", "--bin", name])?;
        let program = built.into_iter().find(|it| it.0 == name && !it.2);
        program.map(|it| it.1).ok_or_else(|| "cargo tells of no program".to_owned())
    }

    /// Builds the tests; where they lie.
    pub(crate) fn tests(&self) -> Result<Vec<PathBuf>, String> {
        let built = self.cargo(&["test", "--no-run", "--lib", "--test", "it"])?;
        Ok(built.into_iter().filter(|it| it.2).map(|it| it.1).collect())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Vec<(String, PathBuf, bool)>, String> {
        let target = match self.quick {
            true => own_target()?,
            false => self.folder.join("target"),
        };
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .args(["--message-format", "json-render-diagnostics"])
            .current_dir(self.tree())
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("BLACKSTART_FAULT")
            .stderr(Stdio::inherit())
            .output()
            .map_err(|why| format!("cargo: {why}"))?;
        match output.status.success() {
            true => Ok(executables(&String::from_utf8_lossy(&output.stdout))),
            false => Err("the copy with the planted faults cannot be built".to_owned()),
        }
    }
}

/// What cargo says that it has built: the name, where it lies, and whether it is a test.
fn executables(messages: &str) -> Vec<(String, PathBuf, bool)> {
    let lines = messages.lines().filter_map(|it| serde_json::from_str(it).ok());
    let executable = |it: serde_json::Value| {
        let path = PathBuf::from(it["executable"].as_str()?);
        let name = it["target"]["name"].as_str()?.to_owned();
        Some((name, path, it["profile"]["test"] == true))
    };
    lines.filter_map(executable).collect()
}

/// The folder in which this program was built: `target/debug/deps/faults-...` lies three deep in it.
fn own_target() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|why| format!("where this program lies: {why}"))?;
    own.ancestors().nth(3).map(Path::to_owned).ok_or_else(|| "no target folder".to_owned())
}

/// All files below a folder; none if it is not there.
fn files(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|why| failed(folder, &why))?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.insert(path);
        }
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if fs::read(path).is_ok_and(|it| it == bytes) {
        return Ok(());
    }
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).map_err(|why| failed(folder, &why))?;
    fs::write(path, bytes).map_err(|why| failed(path, &why))
}

fn failed(path: &Path, why: &std::io::Error) -> String {
    format!("{}: {why}", path.display())
}
