//! Calls [`blackstart::cli::run`] and exits with its code.

use std::io;
use std::process::ExitCode;

use blackstart::cli::Signals;

fn main() -> ExitCode {
    let signals = Signals::listen();
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    let exit = blackstart::cli::run(std::env::args_os(), &mut stdout, &mut stderr);
    signals.done();
    exit.into()
}
