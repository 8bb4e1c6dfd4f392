//! The command line: flags, files, progress and exit codes; the only module that touches the world.
//!
//! Results go to standard output, messages and progress to standard error.

mod args;
mod audit;
mod backtest;
mod check;
mod command;
mod compare;
mod completions;
mod console;
mod draft;
mod exit;
mod figures;
mod file;
mod folder;
mod formats;
mod init;
mod load;
mod man;
mod merge;
mod next;
mod part;
mod proven;
mod report;
mod run;
mod simulating;
mod trace;
mod validate;
mod why;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;

pub use exit::Exit;

use args::{Arguments, Verb};
use console::Console;

/// Runs the program with its arguments, the program's own name first, and says how it ended.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Exit {
    let mut console = Console::new(stdout, stderr);
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return console.clap(&refusal),
    };
    let ended = match arguments.verb {
        Verb::Run(arguments) => run::run(&arguments, &mut console),
        Verb::Check(arguments) => check::run(&arguments, &mut console),
        Verb::Compare(arguments) => compare::run(&arguments, &mut console),
        Verb::Audit(arguments) => audit::run(&arguments, &mut console),
        Verb::Validate(arguments) => validate::run(&arguments, &mut console),
        Verb::Merge(arguments) => merge::run(&arguments, &mut console),
        Verb::Backtest(arguments) => backtest::run(&arguments, &mut console),
        Verb::Report(arguments) => report::run(&arguments, &mut console),
        Verb::Trace(arguments) => trace::run(&arguments, &mut console),
        Verb::Why(arguments) => why::run(&arguments, &mut console),
        Verb::Init(arguments) => init::run(&arguments, &mut console),
        Verb::Completions(arguments) => completions::run(&arguments, &mut console),
        Verb::Figures(arguments) => figures::run(&arguments, &mut console),
        Verb::Man => man::run(&mut console),
        Verb::Schema => console.print(&format!("{}\n", crate::spec::json_schema())),
    };
    ended.unwrap_or_else(|exit| exit)
}
