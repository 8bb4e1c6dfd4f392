//! `blackstart completions`: what a shell needs to complete verbs and flags.

use super::Exit;
use super::args::{self, CompletionsArguments};
use super::console::Console;

pub(super) fn run(
    arguments: &CompletionsArguments,
    console: &mut Console<'_>,
) -> Result<Exit, Exit> {
    let mut command = args::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    console.print(&String::from_utf8_lossy(&script))
}
