//! Reads what is named on the command line or in a scenario: files, pipes and standard input, never more
//! bytes than there may be, and nothing that never ends or never begins.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::Path;

use crate::scenario::{Limits, TooMany};

/// In the place of a path: what comes by standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// Why something cannot be read, in words that follow its name.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// It is one of the system's own, some of which never end.
    #[error("it is a device; a file, a pipe or `-` for standard input can be read")]
    Device,
    /// There are files in it.
    #[error("it is a folder")]
    Folder,
    /// A pipe with nobody at its other end.
    #[error("it is a pipe, and nobody writes into it")]
    Silent,
    /// More bytes than there may be.
    #[error("it is too large: {0}")]
    TooLarge(TooMany),
    /// The system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl InputError {
    /// What to do about it, where that follows from what it is.
    pub(super) fn help(&self) -> Option<String> {
        match self {
            Self::TooLarge(many) => Some(many.help()),
            _ => None,
        }
    }
}

/// How large an input may be: tells of one that is larger.
pub(super) type Bound<'a> = &'a dyn Fn(u64) -> Option<TooMany>;

/// All bytes of a file, of a pipe until its other end is closed, or of standard input.
pub(super) fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, InputError> {
    read_within(path, limits.bytes, &|number| TooMany::bytes(number, limits))
}

/// The same of what a scenario names, which may be a table.
pub(super) fn read_named(path: &Path, limits: &Limits) -> Result<Vec<u8>, InputError> {
    let most = limits.table_bytes.max(limits.bytes);
    read_within(path, most, &|number| TooMany::table_bytes(number, limits))
}

fn read_within(path: &Path, most: u64, bound: Bound<'_>) -> Result<Vec<u8>, InputError> {
    if path == Path::new(STANDARD_INPUT) {
        return whole(io::stdin().lock(), most, bound);
    }
    // Merely to open a device may change something.
    refuse_kind(fs::metadata(path)?.file_type())?;
    let file = open(path)?;
    let metadata = file.metadata()?;
    refuse_kind(metadata.file_type())?;
    if metadata.is_file() {
        bound(metadata.len()).map_or(Ok(()), |it| Err(InputError::TooLarge(it)))?;
        return whole(file, most, bound);
    }
    read_pipe(file, most, bound)
}

/// As [`read`], of a file that begins as is due; of any other only the beginning.
pub(super) fn read_if(
    path: &Path,
    limits: &Limits,
    is_due: fn(&[u8]) -> bool,
) -> Result<Vec<u8>, InputError> {
    if fs::metadata(path)?.is_file() {
        let mut first = Vec::new();
        File::open(path)?.take(64).read_to_end(&mut first)?;
        if !is_due(&first) {
            return Ok(first);
        }
    }
    read(path, limits)
}

/// The text of a file that a program has written.
pub(super) fn read_text(path: &Path, limits: &Limits) -> Result<String, InputError> {
    let text = String::from_utf8(read(path, limits)?);
    text.map_err(|it| InputError::Io(io::Error::new(io::ErrorKind::InvalidData, it)))
}

fn whole(input: impl Read, most: u64, bound: Bound<'_>) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    input.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    // Of a stream nobody knows how long it would have been.
    match bound(bytes.len() as u64) {
        Some(many) => Err(InputError::TooLarge(many)),
        None => Ok(bytes),
    }
}

#[cfg(unix)]
fn refuse_kind(kind: FileType) -> Result<(), InputError> {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_dir() {
        Err(InputError::Folder)
    } else if kind.is_char_device() || kind.is_block_device() || kind.is_socket() {
        Err(InputError::Device)
    } else {
        Ok(())
    }
}

#[cfg(not(unix))]
fn refuse_kind(kind: FileType) -> Result<(), InputError> {
    if kind.is_dir() { Err(InputError::Folder) } else { Ok(()) }
}

/// Opens a file, or a pipe without waiting for somebody at its other end.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let at_once = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    fs::OpenOptions::new().read(true).custom_flags(at_once).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(not(unix))]
fn read_pipe(file: File, most: u64, bound: Bound<'_>) -> Result<Vec<u8>, InputError> {
    whole(file, most, bound)
}

#[cfg(unix)]
fn read_pipe(file: File, most: u64, bound: Bound<'_>) -> Result<Vec<u8>, InputError> {
    let mut pipe = Pipe(file);
    let mut first = vec![0];
    let begun = match pipe.0.read(&mut first) {
        Ok(1) => true,
        // Nobody is at its other end yet, or any more.
        Ok(_) => {
            first.clear();
            pipe.wait(Some(&SECOND))?
        }
        Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => {
            first.clear();
            true
        }
        Err(fault) => return Err(fault.into()),
    };
    if begun { whole(first.as_slice().chain(pipe), most, bound) } else { Err(InputError::Silent) }
}

/// As long as somebody may take to come to the other end of a pipe.
#[cfg(unix)]
const SECOND: rustix::event::Timespec = rustix::event::Timespec { tv_sec: 1, tv_nsec: 0 };

/// A pipe that was opened without waiting.
#[cfg(unix)]
struct Pipe(File);

#[cfg(unix)]
impl Pipe {
    /// Waits until something can be read or the other end is closed.
    fn wait(&self, most: Option<&rustix::event::Timespec>) -> io::Result<bool> {
        use rustix::event::{PollFd, PollFlags, poll};
        let mut waiting = [PollFd::new(&self.0, PollFlags::IN)];
        Ok(poll(&mut waiting, most)? > 0)
    }
}

#[cfg(unix)]
impl Read for Pipe {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.0.read(bytes) {
                Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => self.wait(None)?,
                read => return read,
            };
        }
    }
}
