//! `blackstart validate`: every fault of every file.

use crate::diagnostics::count;

use super::Exit;
use super::args::ValidateArguments;
use super::console::Console;
use super::load::load;
use super::next;

pub(super) fn run(arguments: &ValidateArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let mut ended = Exit::Fine;
    for path in &arguments.scenarios {
        let checked = match load(path, &arguments.overrides, console) {
            Ok(checked) => checked,
            Err(exit) => {
                ended = exit;
                continue;
            }
        };
        let scenario = checked.scenario.expect("a loaded scenario has no error");
        let warnings = match checked.diagnostics.warnings() {
            0 => String::new(),
            warnings => format!(", {}", count(warnings, "warning")),
        };
        let strategies = match scenario.strategies.len() {
            1 => "1 strategy".to_owned(),
            more => format!("{more} strategies"),
        };
        // How many sites a guardrail spares is known only after a simulation.
        let (aimed_at, all) = (scenario.incident.deleted.len(), scenario.estate.sites.len());
        let all = count(all, "site");
        let deleted = match scenario.strategies.iter().any(|it| it.guardrails.may_spare()) {
            true => format!("aims at {aimed_at} of {all}"),
            false => format!("{aimed_at} {} of {all}", scenario.incident.kind.words().done),
        };
        let redrawn = match scenario.estate.is_redrawn() {
            true => " in exercise 0, others in the next",
            false => "",
        };
        console.print(&format!(
            "{}: valid{warnings}; {deleted}{redrawn}, {strategies}, {} each\n",
            path.display(),
            count(scenario.experiment.replications as usize, "replication"),
        ))?;
    }
    if let ([one], Exit::Fine, false) = (&arguments.scenarios[..], ended, arguments.quiet) {
        next::after_validate(one, &arguments.overrides, console);
    }
    Ok(ended)
}
