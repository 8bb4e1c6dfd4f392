//! What a long run keeps of itself, so that it can be taken up again: slices of its exercises, each a
//! part as `run --slice` writes them, in a folder beside the report that is not there yet.
//!
//! The folder has the fingerprint of everything that the exercises follow from in its name, so that a
//! run finds only what is its own.

use std::fs::{self, DirEntry};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::chain::Heard;
use crate::diagnostics::count;
use crate::experiment::{
    Design, Part, PartHead, Results, Slice, results_of, run_slice, write_part,
};
use crate::scenario::{Limits, Scenario};
use crate::shown;

use super::output::{FileKind, Target};
use super::progress::Progress;
use super::{input, interrupt};

/// What has been simulated before is soon simulated again; from then on slices are kept.
const KEEPS_AFTER: Duration = Duration::from_secs(5);

/// More slices than that, and plans would be compiled more than exercises simulated.
const MOST_SLICES: u32 = 32;

/// Exercises of a slice for each thread, so that none waits long for the others at its end.
const FOR_EACH_THREAD: u32 = 8;

/// As large as a slice may be.
const MOST_BYTES: u64 = 8 << 30;

/// The slices of a run.
pub(super) struct Keeping<'a> {
    scenario: &'a Scenario,
    design: Design,
    /// What every part has in front, but for the number of its slice.
    head: PartHead,
    folder: PathBuf,
    /// Whether what is there is used.
    resumes: bool,
    /// The command that goes on.
    goes_on: String,
    /// How many slices are there.
    kept: u32,
    /// How many of them were there before.
    taken: u32,
    /// What was not as it should be.
    notes: Vec<String>,
    /// Whether nothing more is kept, as it cannot be.
    gave_up: bool,
}

/// How a run that keeps its slices was called.
pub(super) struct How {
    /// Whether it goes on with what is kept.
    pub resumes: bool,
    /// The command that goes on with what it keeps.
    pub goes_on: String,
}

impl<'a> Keeping<'a> {
    /// Of a run whose report goes to `report`. `whole` is the head of a part of the whole run.
    pub(super) fn new(
        scenario: &'a Scenario,
        (design, whole): (&Design, PartHead),
        report: &Path,
        How { resumes, goes_on }: How,
    ) -> Self {
        let mut name = report.file_name().unwrap_or_default().to_owned();
        name.push(format!(".unfinished-{}", whole.fingerprint()));
        let mut keeping = Self {
            scenario,
            design: design.clone(),
            head: whole,
            folder: report.with_file_name(name),
            resumes,
            goes_on,
            kept: 0,
            taken: 0,
            notes: Vec::new(),
            gave_up: false,
        };
        if keeping.resumes {
            keeping.kept = keeping.there().count() as u32;
            keeping.tell();
        }
        keeping
    }

    /// The slices that are there.
    fn there(&self) -> impl Iterator<Item = Slice> {
        fs::read_dir(&self.folder).into_iter().flatten().flatten().filter_map(|it| slice_in(&it))
    }

    /// The numbers of the exercises of each slice, on so many threads. What was begun with other slices
    /// goes on with them.
    pub(super) fn slices(&self, replications: u32, threads: usize) -> Vec<Range<u32>> {
        let at_once = u32::try_from(threads).unwrap_or(u32::MAX).saturating_mul(FOR_EACH_THREAD);
        let usual = (replications / at_once).clamp(1, MOST_SLICES);
        let of = if self.resumes { self.slices_there().unwrap_or(usual) } else { usual };
        (1..=of).map(|number| slice(number, of).of_replications(replications)).collect()
    }

    /// That something is kept of this very run, where it begins anew all the same.
    pub(super) fn hint(&self) -> Option<String> {
        let slices = count(self.there().count(), "slice");
        let hint = format!("{slices} of this very run are kept; `--resume` would go on with them");
        (!self.resumes && self.folder.exists()).then_some(hint)
    }

    /// How many slices those that are there are of.
    fn slices_there(&self) -> Option<u32> {
        // So that whatever lies there, the same is taken.
        self.there().map(Slice::of).filter(|it| *it <= MOST_SLICES).max()
    }

    /// The results of these exercises, the slice of a number of so many: those that are kept, or else
    /// what is simulated now, which is kept if the run has taken so long already.
    pub(super) fn slice(
        &mut self,
        (number, of): (u32, u32),
        numbers: &Range<u32>,
        progress: &Progress,
    ) -> Results {
        let slice = slice(number, of);
        // The last batch of a run that ends at the latest now may be shorter than a slice.
        let is_whole = self.head_of(slice).numbers() == *numbers;
        if self.resumes
            && is_whole
            && let Some(results) = self.take(slice)
        {
            self.taken += 1;
            progress.many(numbers.len() as u64 * self.design.strategies.len() as u64);
            return results;
        }
        let results = run_slice(self.scenario, &self.design, numbers.clone(), &|| progress.one());
        let is_long = self.resumes || progress.elapsed() >= KEEPS_AFTER;
        if is_whole && is_long && !self.gave_up {
            self.keep(slice, &results);
        }
        results
    }

    fn head_of(&self, slice: Slice) -> PartHead {
        self.head.of_slice(slice)
    }

    /// What is kept of a slice, if it is what this run would simulate.
    fn take(&mut self, slice: Slice) -> Option<Results> {
        let path = self.folder.join(slice.file_name());
        let limits = Limits { bytes: MOST_BYTES, ..Limits::default() };
        let bytes = match input::read(&path, &limits) {
            Err(input::InputError::Io(fault)) if fault.kind() == std::io::ErrorKind::NotFound => {
                return None;
            }
            bytes => bytes,
        };
        let file = shown::path(&path);
        let unread = |why: &dyn std::fmt::Display| format!("`{file}` {why}");
        let part = bytes.map_err(|it| format!("cannot read `{file}`: {it}")).and_then(|bytes| {
            let part = Part::open(bytes).map_err(|it| unread(&it))?;
            let ours = part.head == self.head_of(slice);
            if ours { Ok(part) } else { Err(unread(&"is of another run")) }
        });
        let results = part.and_then(|part| {
            results_of(self.scenario, &self.design, &file, &part).map_err(|it| it.to_string())
        });
        results
            .map_err(|why| {
                self.kept = self.kept.saturating_sub(1);
                self.notes.push(format!("{why}; it is simulated again"));
            })
            .ok()
    }

    fn keep(&mut self, slice: Slice, results: &Results) {
        let path = self.folder.join(slice.file_name());
        let head = self.head_of(slice);
        let kept = Target::prepare(&path, FileKind::Part)
            .and_then(|it| it.write_with(|out| write_part(&head, results, out)));
        match kept {
            Ok(()) => {
                self.kept += 1;
                self.tell();
            }
            Err(fault) => {
                self.gave_up = true;
                self.notes.push(format!("no more is kept of this run: {fault}"));
            }
        }
    }

    /// Has whoever interrupts the run be told of what is kept.
    fn tell(&self) {
        interrupt::set_kept(self.told());
    }

    /// What is kept, and how to go on; nothing if nothing is.
    pub(super) fn told(&self) -> Option<String> {
        let (slices, folder) = (count(self.kept as usize, "slice"), shown::path(&self.folder));
        let are = if self.kept == 1 { "is" } else { "are" };
        let goes_on = &self.goes_on;
        (self.kept > 0).then(|| format!("{slices} {are} kept in `{folder}`; to go on: {goes_on}"))
    }

    /// What was taken from before, or that there was nothing, and what was not as it should be.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        if self.resumes {
            notes.insert(
                0,
                match self.taken {
                    0 => "nothing is kept of this very run; it began anew".to_owned(),
                    1 => "1 slice was kept from before".to_owned(),
                    taken => format!("{taken} slices were kept from before"),
                },
            );
        }
        notes
    }

    /// The results of all slices. What was heard of exercises is in no part, so that it counts only
    /// where none was taken.
    pub(super) fn whole(&self, mut results: Results) -> Results {
        if self.taken > 0 {
            results.strategies.iter_mut().for_each(|it| it.heard = Heard::default());
        }
        results
    }

    /// Removes what is kept: the report is there.
    pub(super) fn remove(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_part = slice_in(&entry).is_some() && is_a_part(&entry.path());
            // What cannot be removed does no harm.
            let _ = if is_part { fs::remove_file(entry.path()) } else { Ok(()) };
        }
        let _ = fs::remove_dir(&self.folder);
    }
}

/// The slice that is in a file, as its name says.
fn slice_in(file: &DirEntry) -> Option<Slice> {
    Slice::of_file(file.file_name().to_str()?)
}

fn is_a_part(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|it| it.is_file());
    is_file && Target::prepare(path, FileKind::Part).is_ok()
}

fn slice(number: u32, of: u32) -> Slice {
    Slice::new(number, of).expect("slices count from 1 to how many there are")
}
