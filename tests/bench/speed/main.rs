//! How fast the program is, and whether it has become slower.
//!
//! ```text
//! cargo bench --bench speed            nanoseconds and instructions of an attempt, and what audits cost
//! cargo bench --bench speed -- growth  every phase at a size and at twice that size
//! cargo bench --bench speed -- peers   other engines beside ours; `peers.rs` says where they are
//! cargo bench --bench speed -- gate    fails where an attempt takes more instructions than is kept, or
//!                                      a phase grows faster than what it is done for
//! cargo bench --bench speed -- keep    keeps the ratios that the gate holds others against
//! ```
//!
//! `cargo test` has the judge judge numbers whose verdict is known, and does the least of every job.

mod by_hand;
mod counted;
mod gate;
mod growing;
mod growth;
mod job;
mod judge;
mod kept;
mod peers;
mod table;
mod trial;
mod workloads;

use std::process::ExitCode;

use crate::job::Job;
use crate::kept::Counts;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // What cargo says to benches; `cargo test` says nothing of the kind.
    if !arguments.iter().any(|it| it == "--bench") {
        trial::hold();
        say("the gate judges as it should, and every job can be done");
        return ExitCode::SUCCESS;
    }
    let words: Vec<String> = arguments.into_iter().filter(|it| it != "--bench").collect();
    match asked(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

/// Whether what was asked for is as it should be.
fn asked(words: &[String]) -> Result<bool, String> {
    match words.first().map(String::as_str) {
        None => table::show()?,
        Some("growth") => growth::show()?,
        Some("peers") => peers::show()?,
        Some("gate") => return gate::passes(),
        Some("keep") => say(&kept::write(&Counts::now()?)?),
        Some("work") => work(&words[1..])?,
        Some(other) => return Err(format!("`{other}` is none of growth, peers, gate and keep")),
    }
    Ok(true)
}

/// Does a job for the program that counts what it takes.
fn work(words: &[String]) -> Result<(), String> {
    let job = Job::of_words(words).ok_or_else(|| format!("no job: {}", words.join(" ")))?;
    say(&job.done().words());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "it is what the program is for")]
fn say(line: &str) {
    println!("{line}");
}
