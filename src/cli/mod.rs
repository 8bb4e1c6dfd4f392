//! The command line: flags, files, progress and exit codes; the only module that touches the world.
//!
//! Results go to standard output, messages and progress to standard error.

mod advise;
mod args;
mod asked;
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
mod flags;
mod formats;
mod init;
mod input;
mod interrupt;
mod keeping;
mod ledger;
mod limit;
mod load;
mod man;
mod merge;
mod next;
mod output;
mod part;
mod pictures;
mod printing;
mod progress;
mod questions;
mod report;
mod run;
mod simulating;
mod sweep;
mod trace;
mod validate;
mod why;

use std::ffi::OsString;
use std::io::Write;

use clap::{ArgMatches, FromArgMatches};

pub use exit::Exit;
pub use interrupt::Signals;

use args::{Arguments, Verb};
use console::Console;

/// Runs the program with its arguments, the program's own name first, and says how it ended.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Exit {
    let mut console = Console::new(stdout, stderr);
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    console.set_called(&arguments);
    let parsed = args::command().try_get_matches_from(arguments).and_then(|matches| {
        let arguments = Arguments::from_arg_matches(&matches)?;
        Ok((arguments, hides_warnings(&matches)))
    });
    let arguments = match parsed {
        Ok((arguments, hides)) => {
            console.hide_warnings(hides);
            arguments
        }
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
        Verb::Sweep(arguments) => sweep::run(&arguments, &mut console),
        Verb::Limit(arguments) => limit::run(&arguments, &mut console),
        Verb::Advise(arguments) => advise::run(&arguments, &mut console),
        Verb::Ledger(arguments) => ledger::run(&arguments, &mut console),
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

/// Whether warnings are messages that nobody wants to read; those that are denied say why the program
/// stops.
fn hides_warnings(matches: &ArgMatches) -> bool {
    let Some((_, of_verb)) = matches.subcommand() else { return false };
    let is_set = |flag| matches!(of_verb.try_get_one::<bool>(flag), Ok(Some(true)));
    is_set("quiet") && !is_set("deny_warnings")
}
