//! Instructions, counted by callgrind.
//!
//! A job is done by a program of its own under valgrind, and what is counted is the whole of it. What
//! an attempt costs is the difference between two numbers of exercises, so that neither what comes
//! before the first exercise matters nor where a function begins and ends.
//!
//! How many instructions something takes depends on the compiler, and on what of the processor
//! valgrind knows. So they are only compared with others that were counted beside them.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::job::{Done, Job};

/// What to install where it is missing.
pub(crate) const MISSING: &str = "instructions are not counted, as there is no valgrind: `apt-get install valgrind`, or what your \
     system calls it";

pub(crate) fn can_count() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|it| it.success())
}

/// Instructions of a job with the beginning and the end of the program.
pub(crate) fn instructions(job: &Job) -> Result<(u64, Done), String> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own_path()?);
    let (told, done) = done_by(valgrind, job)?;
    let counted = told.lines().find_map(|it| it.split_once("Collected : ")?.1.trim().parse().ok());
    let counted = counted.ok_or_else(|| format!("valgrind tells of no instructions:\n{told}"))?;
    Ok((counted, done))
}

/// Seconds of a job that is done by a program of its own.
pub(crate) fn seconds(job: &Job) -> Result<f64, String> {
    Ok(done_by(Command::new(own_path()?), job)?.1.seconds)
}

/// Instructions of an attempt, from so many exercises and from so many.
pub(crate) fn an_attempt(exercises: [u32; 2], job: &dyn Fn(u32) -> Job) -> Result<f64, String> {
    let [few, many] = exercises.map(|it| instructions(&job(it)));
    let ((few, done_few), (many, done_many)) = (few?, many?);
    Ok((many - few) as f64 / (done_many.attempts - done_few.attempts) as f64)
}

fn own_path() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|why| format!("where this program lies: {why}"))
}

/// What a program told while it did a job.
fn done_by(mut program: Command, job: &Job) -> Result<(String, Done), String> {
    let output = program
        .args(["--bench", "work"])
        .args(job.words())
        // What several threads do in turns differs from time to time.
        .env("RAYON_NUM_THREADS", "1")
        .output()
        .map_err(|why| format!("{}: {why}", program.get_program().display()))?;
    let [said, told] = [output.stdout, output.stderr];
    let [said, told] = [said, told].map(|it| String::from_utf8_lossy(&it).into_owned());
    match Done::of_words(&said).filter(|_| output.status.success()) {
        Some(done) => Ok((told, done)),
        None => Err(format!("`{}` is not done:\n{told}", job.words().join(" "))),
    }
}

/// Does something with each, as many at a time as there are cores; in their order.
pub(crate) fn side_by_side<A: Sync, T: Send>(all: &[A], act: impl Fn(&A) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let cores = std::thread::available_parallelism().map_or(1, |it| it.get());
    let work = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = all.get(place) else { return done };
            done.push((place, act(one)));
        }
    };
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|it| it.join().expect("nobody panics here")).collect()
    });
    done.sort_by_key(|it| it.0);
    done.into_iter().map(|it| it.1).collect()
}
