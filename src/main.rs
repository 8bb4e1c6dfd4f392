//! Calls [`blackstart::cli::run`] and exits with its code.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut stdout, mut stderr) = (io::stdout(), io::stderr());
    blackstart::cli::run(std::env::args_os(), &mut stdout, &mut stderr).into()
}
