//! `blackstart man`: the manual page, one for all verbs, from the definitions that `--help` has.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::Exit;
use super::args;
use super::console::Console;

pub(super) fn run(console: &mut Console<'_>) -> Result<Exit, Exit> {
    console.print(&page())
}

fn page() -> String {
    let mut command = args::command().disable_help_subcommand(true);
    command.build();
    let man = Man::new(command.clone());
    let mut page = Roff::new().render();
    // Without the day on which it was made, which would be another one for each build.
    let version = format!("{} {}", command.get_name(), env!("CARGO_PKG_VERSION"));
    page += &format!(".TH {} 1 \"\" \"{version}\"\n", command.get_name().to_uppercase());
    page += &whole(|to| man.render_name_section(to));
    page += &heading("SH", "SYNOPSIS");
    page += &usage(&command);
    page += &whole(|to| man.render_description_section(to));
    page += &verbs(&command);
    page += &heading("SH", "EXAMPLES");
    page += &examples(&command);
    page += &exit_status();
    page += &whole(|to| man.render_options_section(to));
    for verb in command.get_subcommands() {
        let man = Man::new(verb.clone());
        page += &heading("SH", &format!("blackstart {}", verb.get_name()).to_uppercase());
        page += &body(&whole(|to| man.render_description_section(to)));
        page += &heading("PP", "");
        page += &usage(verb);
        page += &heading("PP", "");
        page += &examples(verb);
        page += &body(&whole(|to| man.render_options_section(to)));
    }
    page
}

/// What there is, in the order of `--help`.
fn verbs(command: &Command) -> String {
    let mut text = heading("SH", "VERBS");
    for verb in command.get_subcommands() {
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        let mut roff = Roff::new();
        roff.control("TP", []).text([clap_mangen::roff::bold(verb.get_name())]);
        text += &roff.text([roman(about)]).to_roff();
    }
    text
}

/// How it ends.
fn exit_status() -> String {
    let mut text = heading("SH", "EXIT STATUS");
    for exit in Exit::ALL {
        let mut roff = Roff::new();
        roff.control("TP", []).text([clap_mangen::roff::bold(exit.code().to_string())]);
        text += &roff.text([roman(exit.meaning())]).to_roff();
    }
    text
}

/// How it is called.
fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    let words = usage.trim_start_matches("Usage: ").to_owned();
    Roff::new().text([roman(words)]).to_roff()
}

/// The lines in front of the help, as they stand there.
fn examples(command: &Command) -> String {
    let lines = command.get_before_help().map(ToString::to_string).unwrap_or_default();
    let mut roff = Roff::new();
    roff.control("nf", []);
    for line in lines.lines().filter(|it| it.starts_with(' ')) {
        roff.text([roman(line)]);
    }
    roff.control("fi", []).to_roff()
}

fn heading(request: &str, text: &str) -> String {
    let text = Some(text).filter(|it| !it.is_empty());
    Roff::new().control(request, text).to_roff()
}

/// A section as the generator writes it, without what it repeats in front of each: how to write
/// apostrophes.
fn whole(section: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    section(&mut bytes).expect("memory takes what is written to it");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let preamble = Roff::new().render();
    let bare = text.strip_prefix(&preamble).unwrap_or(&text);
    // A line that is left empty is a break by itself.
    bare.replace("\n.br\n\n.br\n", "\n.sp\n")
}

/// A section without its headings.
fn body(section: &str) -> String {
    let lines = section.lines().filter(|it| !it.starts_with(".SH"));
    lines.flat_map(|it| [it, "\n"]).collect()
}
