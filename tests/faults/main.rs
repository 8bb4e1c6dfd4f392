//! Planted faults: is a small mistake in the engine, the plan or the measures noticed, and by whom?
//!
//! ```text
//! cargo test --test faults                         every fault of the list can be planted
//! cargo test --test faults -- --plant all          builds them, asks the auditor and then the tests
//! cargo test --test faults -- --plant some         those marked `quick`, which the auditor has to catch
//! cargo test --test faults -- --plant ID,ID        only these
//! cargo test --test faults -- --plant all --shown  only whether any output changes
//! ```
//!
//! The list is `list.toml`. All faults of it are planted at once into a copy of the tree, each
//! behind a switch that an environment variable turns, so that one build serves them all; the
//! repository itself has no switches. With every switch off the copy must pass its own audit. Then
//! each fault is turned on by itself: the auditor goes through a fixed set of scenarios
//! (`scenarios/` here, and the small ones of the repository), and where it finds nothing, the tests
//! are run up to the first that fails. Who caught what is written to `caught.md`; whoever asks for
//! all has failed if anybody survives.
//!
//! The copy lies in `BLACKSTART_FAULTS`, or else in a folder of that name among temporary files; it
//! stays there, so that the next build has little to do. For a few faults the crate's dependencies
//! are taken from the folder in which this program was built.

mod copy;
mod judge;
mod list;
mod table;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::copy::Copy;
use crate::judge::{Judge, Verdict};
use crate::list::{Fault, planted, read};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let faults = match read(&root()) {
        Ok(faults) => faults,
        Err(why) => return failed(&why),
    };
    if let Err(why) = planted(&root(), &faults) {
        return failed(&why);
    }
    // Others that `cargo test` runs are told things too, such as a filter: they mean nothing here.
    let asked = arguments.iter().position(|it| it == "--plant");
    let Some(asked) = asked.and_then(|it| arguments.get(it + 1)) else {
        say(&format!("{} faults can be planted", faults.len()));
        return ExitCode::SUCCESS;
    };
    let chosen = match chosen(&faults, asked) {
        Ok(chosen) => chosen,
        Err(why) => return failed(&why),
    };
    let only_shown = arguments.iter().any(|it| it == "--shown");
    match plant(&faults, &chosen, asked == "all", only_shown) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => failed(&why),
    }
}

/// The numbers of the faults that are asked for, counted from 1.
fn chosen(faults: &[Fault], asked: &str) -> Result<Vec<usize>, String> {
    let all = || 1..=faults.len();
    match asked {
        "all" => Ok(all().collect()),
        "some" => Ok(all().filter(|it| faults[it - 1].quick).collect()),
        ids => {
            let number = |id: &str| {
                let place = faults.iter().position(|it| it.id == id);
                place.map(|it| it + 1).ok_or_else(|| format!("no fault is called `{id}`"))
            };
            ids.split(',').map(number).collect()
        }
    }
}

/// Whether every fault that was asked for is caught.
fn plant(faults: &[Fault], chosen: &[usize], all: bool, only_shown: bool) -> Result<bool, String> {
    let quick = !all && !only_shown && chosen.iter().all(|it| faults[it - 1].quick);
    let copy = Copy::new(&root(), quick)?;
    copy.write(&planted(&root(), faults)?)?;
    say(&format!("{} faults are planted in {}", faults.len(), copy.tree().display()));
    let judge = Judge::new(&copy, scenarios(&root())?)?;
    if only_shown {
        let shown = judge.shown(chosen);
        for (number, changed) in &shown {
            let changed = changed.as_deref().unwrap_or("NO OUTPUT CHANGES");
            say(&format!("{:48} {changed}", faults[number - 1].id));
        }
        return Ok(shown.iter().all(|it| it.1.is_some()));
    }
    judge.is_sound()?;
    let mut verdicts = judge.audit(chosen);
    if !quick {
        judge.test(&mut verdicts)?;
    }
    for (number, verdict) in &verdicts {
        say(&format!("{:48} {verdict}", faults[number - 1].id));
    }
    if all {
        let path = root().join("tests/faults/caught.md");
        let text = table::table(faults, &verdicts);
        std::fs::write(&path, text).map_err(|why| format!("{}: {why}", path.display()))?;
    }
    Ok(verdicts.iter().all(|it| it.1 != Verdict::Nobody))
}

/// What the auditor goes through: what was written for it, and the small ones of the repository.
fn scenarios(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for folder in ["tests/faults/scenarios", "scenarios"] {
        let listed =
            std::fs::read_dir(root.join(folder)).map_err(|why| format!("{folder}: {why}"))?;
        let mut files: Vec<PathBuf> = listed.filter_map(|it| Some(it.ok()?.path())).collect();
        // The reference case takes as long as all others together.
        files.retain(|it| it.extension().is_some_and(|it| it == "toml"));
        files.retain(|it| it.file_stem().is_some_and(|it| it != "atlassian-2022"));
        files.sort();
        found.extend(files);
    }
    Ok(found)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn failed(why: &str) -> ExitCode {
    say(why);
    ExitCode::FAILURE
}

#[expect(clippy::print_stdout, reason = "it is what the program is for")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
