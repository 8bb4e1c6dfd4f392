//! Whatever is handed to the program, by mistake or on purpose, it ends by itself, with the right code,
//! in little memory, and prints nothing that a terminal or a build takes as an order.
//!
//! The inputs are in `tests/hostile/list.toml`, which says how they are written.

// Other systems have other devices, and no limit of what a process may take.
#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use blackstart::rng::Fingerprint;
use serde::Deserialize;

use crate::support::{files_in, fresh_folder, read, words};

/// After so long a run is one that never ends.
const MOST_SECONDS: u64 = 60;

/// Kilobytes of addresses that a run may take. What it uses of them is less than half.
const MOST_KILOBYTES: u32 = 2_000_000;

/// Fewer inputs would be none worth the name.
const LEAST_INPUTS: usize = 300;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct List {
    makes: Vec<String>,
    sound: String,
    from_table: Vec<(String, String)>,
    inputs: Vec<Input>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Input {
    name: String,
    text: Option<Content>,
    files: BTreeMap<String, Content>,
    made: Vec<String>,
    command: String,
    last: Option<Content>,
    stdin: Option<Content>,
    stdout: Option<String>,
    code: i32,
    told: Vec<String>,
    silent: Vec<String>,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            name: String::new(),
            text: None,
            files: BTreeMap::new(),
            made: Vec::new(),
            command: "validate x.toml".to_owned(),
            last: None,
            stdin: None,
            stdout: None,
            code: 3,
            told: Vec::new(),
            silent: Vec::new(),
        }
    }
}

/// What is in a file.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Recipe(Box<Recipe>),
}

/// How a content comes to be.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Recipe {
    text: Option<String>,
    hex: Option<String>,
    repeat: Option<Repeat>,
    size: Option<u64>,
    behind: String,
    change: Vec<(String, Content)>,
    numbers: Vec<(String, String)>,
    add: Option<Content>,
    seal: bool,
    cut: Option<isize>,
    fifo: bool,
    folder: bool,
    socket: bool,
    gone: bool,
    link: Option<String>,
    locked: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Repeat {
    before: String,
    piece: String,
    times: usize,
    middle: String,
    closing: String,
    after: String,
}

impl Content {
    /// The bytes, for a file in which these are already.
    fn bytes(&self, there: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Recipe(recipe) => recipe.bytes(there),
        }
    }

    /// The bytes of what is no file.
    fn alone(&self) -> Vec<u8> {
        self.bytes(Vec::new())
    }

    /// Makes a file of it, or what else it says.
    fn put(&self, path: &Path) {
        let parent = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(parent).expect("a folder can be made");
        let bytes = |it: &Self| it.bytes(fs::read(path).unwrap_or_default());
        match self {
            Self::Recipe(recipe) if recipe.is_no_file() => recipe.put(path),
            _ => fs::write(path, bytes(self)).expect("a file can be written"),
        }
        if let Self::Recipe(recipe) = self
            && recipe.locked
        {
            fs::set_permissions(path, Permissions::from_mode(0o000)).expect("a file can be locked");
        }
    }
}

impl Recipe {
    fn bytes(&self, there: Vec<u8>) -> Vec<u8> {
        let mut bytes = self.beginning().unwrap_or(there);
        let from = place_behind(&bytes, &self.behind);
        for (before, after) in &self.change {
            let end = place_behind(&bytes[from..], before) + from;
            bytes.splice(end - before.len()..end, after.alone());
        }
        for (before, number) in &self.numbers {
            let start = place_behind(&bytes[from..], before) + from;
            let is_number = |it: &&u8| it.is_ascii_digit() || **it == b'-';
            let length = bytes[start..].iter().take_while(is_number).count();
            bytes.splice(start..start + length, number.bytes());
        }
        bytes.extend(self.add.iter().flat_map(Content::alone));
        let bytes = if self.seal { sealed(&bytes) } else { bytes };
        let left = match self.cut {
            Some(cut) if cut < 0 => bytes.len() - cut.unsigned_abs(),
            Some(cut) => cut.unsigned_abs(),
            None => bytes.len(),
        };
        bytes[..left].to_vec()
    }

    fn beginning(&self) -> Option<Vec<u8>> {
        let text = self.text.as_ref().map(|it| it.clone().into_bytes());
        text.or_else(|| self.hex.as_deref().map(unhex))
            .or_else(|| self.repeat.as_ref().map(|it| it.text().into_bytes()))
    }

    fn is_no_file(&self) -> bool {
        let kinds = [self.fifo, self.folder, self.socket, self.gone];
        kinds.contains(&true) || self.link.is_some() || self.size.is_some()
    }

    fn put(&self, path: &Path) {
        let was_there = fs::symlink_metadata(path).is_ok();
        if was_there {
            fs::remove_file(path).expect("a file can be removed");
        }
        if self.fifo {
            let made = Command::new("mkfifo").arg(path).status();
            assert!(made.is_ok_and(|it| it.success()), "a pipe can be made");
        } else if self.folder {
            fs::create_dir(path).expect("a folder can be made");
        } else if self.socket {
            UnixListener::bind(path).expect("a socket can be made");
        } else if let Some(target) = &self.link {
            symlink(target, path).expect("a link can be made");
        } else if let Some(size) = self.size {
            let file = File::create(path).expect("a file can be made");
            file.set_len(size).expect("a file can be made larger");
        }
    }
}

impl Repeat {
    fn text(&self) -> String {
        let piece = |number: usize| self.piece.replace("{n}", &number.to_string());
        let pieces: String = (1..=self.times).map(piece).collect();
        let closing = self.closing.repeat(self.times);
        [&self.before, &pieces, &self.middle, &closing, &self.after].map(String::as_str).concat()
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |it: &str| u8::from_str_radix(it, 16).expect("bytes have two digits");
    text.split(' ').map(byte).collect()
}

/// Where the first such text ends.
fn place_behind(bytes: &[u8], text: &str) -> usize {
    if text.is_empty() {
        return 0;
    }
    let found = bytes.windows(text.len()).position(|it| it == text.as_bytes());
    found.unwrap_or_else(|| panic!("`{text}` is not there any more")) + text.len()
}

/// A part or a baseline with the digest of what is in it.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let digest = |lines: &[&[u8]]| {
        let mut fingerprint = Fingerprint::default();
        lines.iter().for_each(|it| fingerprint.add(it));
        format!("{:016x}", fingerprint.finish())
    };
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|it| *it == b'\n').collect();
    if lines[0] == b"{\n" {
        lines.retain(|it| !it.starts_with(b"  \"content_digest\":"));
        let line = format!("  \"content_digest\": \"{}\",\n", digest(&lines));
        lines.insert(3, line.as_bytes());
        return lines.concat();
    }
    lines.pop();
    let line = format!("{{\"lines\":{},\"fingerprint\":\"{}\"}}\n", lines.len(), digest(&lines));
    [lines.concat(), line.into_bytes()].concat()
}

/// How a run ended, and what it printed.
struct Ended {
    /// Nothing where it had to be stopped.
    status: Option<ExitStatus>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// In the folder of an input: where the program is run. What it prints is kept beside that.
const HERE: &str = "here";

fn run(folder: &Path, words: &[OsString], stdin: Option<&[u8]>, stdout: Option<&str>) -> Ended {
    let create = |name: &str| File::create(folder.join(name)).expect("a file can be made");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("ulimit -v {MOST_KILOBYTES}; exec \"$0\" \"$@\""));
    command.arg(env!("CARGO_BIN_EXE_blackstart")).args(words).current_dir(folder.join(HERE));
    // Each thread reserves addresses, and a machine may have a hundred.
    command.env("RAYON_NUM_THREADS", "2").env("MALLOC_ARENA_MAX", "2");
    command.stdin(stdin.map_or_else(Stdio::null, |bytes| {
        let path = folder.join("in");
        fs::write(&path, bytes).expect("a file can be written");
        File::open(path).expect("a file can be read").into()
    }));
    let device = |it: &str| File::options().write(true).open(it).expect("a device is there");
    command.stderr(create("err")).stdout(stdout.map_or_else(|| create("out"), device));
    let status = wait(&mut command.spawn().expect("the program starts"));
    let printed = |name: &str| fs::read(folder.join(name)).unwrap_or_default();
    Ended { status, stdout: printed("out"), stderr: printed("err") }
}

/// Waits for a process, and stops it where it does not end.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let turn = Duration::from_millis(2);
    for _ in 0..MOST_SECONDS * 500 {
        if let Some(status) = child.try_wait().expect("a process can be waited for") {
            return Some(status);
        }
        thread::sleep(turn);
    }
    child.kill().expect("a process can be stopped");
    child.wait().expect("a process can be waited for");
    None
}

/// Makes an input, runs the program on it, and tells what is not as it should be.
fn faults_of(input: &Input, list: &List, base: &Path) -> Vec<String> {
    let folder = base.join(&input.name);
    let here = folder_with_sound(list, &folder);
    for name in &input.made {
        copy(&base.join(MADE).join(HERE).join(name), &here.join(name));
    }
    let text = input.text.iter().map(|it| ("x.toml", it));
    for (name, content) in text.chain(input.files.iter().map(|(name, it)| (name.as_str(), it))) {
        content.put(&here.join(name));
    }
    let mut typed = typed(&input.command);
    typed.extend(input.last.as_ref().map(|it| OsString::from_vec(it.alone())));
    let stdin = input.stdin.as_ref().map(Content::alone);
    let ended = run(&folder, &typed, stdin.as_deref(), input.stdout.as_deref());
    let faults = judge(input, &ended);
    if faults.is_empty() {
        fs::remove_dir_all(&folder).expect("a folder can be removed");
    }
    faults
}

fn judge(input: &Input, ended: &Ended) -> Vec<String> {
    let mut faults = Vec::new();
    match ended.status {
        None => faults.push(format!("it has not ended after {MOST_SECONDS} s")),
        Some(status) if status.code() == Some(input.code) => {}
        Some(status) => faults.push(format!("{status} in the place of {}", input.code)),
    }
    let mut texts = Vec::new();
    for (bytes, name) in [(&ended.stdout, "standard output"), (&ended.stderr, "standard error")] {
        let text = String::from_utf8_lossy(bytes);
        if text.contains(char::REPLACEMENT_CHARACTER) && std::str::from_utf8(bytes).is_err() {
            faults.push(format!("{name} is no text"));
        }
        if let Some(it) = text.chars().find(|it| is_order(*it)) {
            faults.push(format!("{name} has {}", it.escape_unicode()));
        }
        texts.push(text);
    }
    // Where the snippet of another file begins there are three colons, which are none.
    let orders = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("##[") || line.starts_with("::") && !line.starts_with(":::")
    };
    faults.extend(texts[1].lines().filter(orders).map(|it| format!("a build obeys `{it}`")));
    let printed = texts.concat();
    let missing = input.told.iter().filter(|it| !printed.contains(*it));
    faults.extend(missing.map(|it| format!("`{it}` is not told")));
    let unasked = input.silent.iter().map(String::as_str).chain(["panicked"]);
    let unasked = unasked.filter(|it| printed.contains(*it));
    faults.extend(unasked.map(|it| format!("{} is told", it.escape_debug())));
    faults
}

/// Whether a terminal obeys a character, or shows what is behind it in another order.
fn is_order(it: char) -> bool {
    let turns = matches!(it, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    it.is_control() && it != '\n' && it != '\t' || matches!(it, '\u{2028}' | '\u{2029}') || turns
}

/// The name of the folder in which is what was made once.
const MADE: &str = "made";

/// A new folder with one in it that has the sound scenario, and the same with its sites in a table.
fn folder_with_sound(list: &List, folder: &Path) -> PathBuf {
    let here = folder.join(HERE);
    fs::create_dir_all(&here).expect("a folder can be made");
    fs::write(here.join("x.toml"), &list.sound).expect("a file can be written");
    let mut text = list.sound.clone();
    for (before, after) in &list.from_table {
        text = text.replacen(before, after, 1);
    }
    fs::write(here.join("from-table.toml"), text).expect("a file can be written");
    here
}

fn typed(command: &str) -> Vec<OsString> {
    words(command).into_iter().map(Into::into).collect()
}

fn copy(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).expect("a file can be copied");
        return;
    }
    for (name, bytes) in files_in(from) {
        let to = to.join(name);
        fs::create_dir_all(to.parent().expect("a file lies in a folder")).expect("a folder");
        fs::write(to, bytes).expect("a file can be written");
    }
}

fn list() -> List {
    toml::from_str(&read("tests/hostile/list.toml")).expect("a list of inputs")
}

/// Runs the commands that make what some inputs are made of.
fn make(list: &List, base: &Path) {
    let folder = base.join(MADE);
    folder_with_sound(list, &folder);
    for command in &list.makes {
        let ended = run(&folder, &typed(command), None, None);
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.is_some_and(|it| it.success()), "{command}: {told}");
    }
}

#[test]
fn every_hostile_input_is_answered_and_none_takes_the_machine() {
    let (list, base) = (list(), fresh_folder("hostile"));
    make(&list, &base);
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(input) = list.inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let faults = catch_unwind(AssertUnwindSafe(|| faults_of(input, &list, &base)));
            let faults = faults.unwrap_or_else(|_| vec!["it cannot be made any more".to_owned()]);
            let faults = faults.iter().map(|it| format!("{}: {it}", input.name));
            found.lock().expect("nobody panics with it").extend(faults);
        }
    };
    let threads = thread::available_parallelism().map_or(2, |it| it.get().clamp(2, 4));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().expect("nobody panics with it");
    found.sort();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_list_of_hostile_inputs_is_long_and_each_has_a_name_of_its_own() {
    let list = list();
    assert!(list.inputs.len() >= LEAST_INPUTS, "{}", list.inputs.len());
    let is_sentence = |it: &str| it.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let odd: Vec<&str> =
        list.inputs.iter().map(|it| it.name.as_str()).filter(|it| !is_sentence(it)).collect();
    assert_eq!(odd, Vec::<&str>::new());
    let mut names = BTreeSet::new();
    let twice: Vec<&str> =
        list.inputs.iter().map(|it| it.name.as_str()).filter(|it| !names.insert(*it)).collect();
    assert_eq!(twice, Vec::<&str>::new());
}
