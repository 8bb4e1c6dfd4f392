//! `blackstart init`: writes a first scenario, to be read and corrected.

use std::path::Path;

use crate::diagnostics::count;
use crate::shown::{is_unseen, path as shown};

use super::args::InitArguments;
use super::command::{portable, quoted};
use super::console::Console;
use super::draft::{Draft, SERVICES, usual_teams};
use super::output::{FileError, FileKind, Target};
use super::{Exit, next};

/// What the scenario is called in its own text when it goes to standard output.
const USUAL_FILE: &str = "my-estate.toml";

pub(super) fn run(arguments: &InitArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let draft = Draft {
        sites: arguments.sites,
        services: arguments.services.names(|number| SERVICES[..number].to_vec()),
        teams: arguments.teams.names(usual_teams),
        rto: arguments.rto,
        rpo: arguments.rpo,
    };
    let target = arguments.file.as_path();
    if target == Path::new("-") {
        return console.print(&draft.text(USUAL_FILE));
    }
    let place = free(arguments).map_err(|(told, exit)| {
        console.error(&told);
        exit
    })?;
    let file = quoted(&portable(target));
    place.write(&draft.text(&file)).map_err(|fault| {
        console.error(&fault.to_string());
        Exit::Failure
    })?;
    if !arguments.quiet {
        console.say(&format!(
            "scenario: {} ({}, {} of them deleted, {}, {}; every number is a guess)",
            shown(target),
            count(draft.sites as usize, "site"),
            draft.deleted(),
            count(draft.services.len(), "service"),
            count(draft.teams.len(), "team"),
        ));
        next::after_init(target, console);
    }
    Ok(Exit::Fine)
}

/// Refuses a place in which something else would be lost, or of which no command could be written.
fn free(arguments: &InitArguments) -> Result<Target, (String, Exit)> {
    let (target, shown) = (&arguments.file, shown(&arguments.file));
    // It would end the comment in which it stands.
    if target.to_string_lossy().contains(is_unseen) {
        return Err((format!("`{shown}` has a character in it that nobody sees"), Exit::Usage));
    }
    let refuse = |fault: FileError| (fault.to_string(), Exit::Failure);
    let place = Target::prepare(target, FileKind::Scenario).map_err(refuse)?;
    if target.exists() && !arguments.force {
        let told = format!("`{shown}` is there; choose another name, or replace it with --force");
        return Err((told, Exit::Failure));
    }
    Ok(place)
}
