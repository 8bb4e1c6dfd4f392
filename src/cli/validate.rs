//! `blackstart validate`: every fault of every file.

use crate::report::faults::{
    ValidatedScenario, ValidationView, deny_warnings, validation_github, validation_json,
    validation_junit, validation_markdown, validation_sarif, validation_text, validation_view,
};

use super::args::{CheckFormat, ValidateArguments};
use super::command::portable;
use super::console::Console;
use super::formats::{free, outputs, publish};
use super::load::load_sound;
use super::output::FileKind;
use super::{Exit, next};

pub(super) fn run(arguments: &ValidateArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let files = outputs(&arguments.out, console)?;
    free(
        files.iter().map(|(path, format)| (path.to_path_buf(), FileKind::Check(*format))),
        console,
    )?;
    let mut ended = Exit::Fine;
    let mut each = Vec::new();
    for path in &arguments.scenarios {
        let loaded = load_sound(path, &arguments.overrides, arguments.deny_warnings, console);
        ended = ended.worse(loaded.as_ref().err().copied().unwrap_or(Exit::Fine));
        let scenario = loaded.ok().map(|(scenario, _)| scenario);
        let mut faults = console.take_faults();
        if arguments.deny_warnings {
            deny_warnings(&mut faults);
        }
        each.push(ValidatedScenario { file: portable(path), scenario, faults });
    }
    let view = validation_view(&each, ended.code());
    publish(&|format| printed(&view, format), &files, arguments.format, console)?;
    if let ([one], Exit::Fine, false) = (&arguments.scenarios[..], ended, arguments.quiet) {
        next::after_validate(one, &arguments.overrides, console);
    }
    Ok(ended)
}

fn printed(view: &ValidationView, format: CheckFormat) -> String {
    match format {
        CheckFormat::Text => validation_text(view),
        CheckFormat::Json => validation_json(view),
        CheckFormat::Markdown => validation_markdown(view),
        CheckFormat::Junit => validation_junit(view),
        CheckFormat::Github => validation_github(view),
        CheckFormat::Sarif => validation_sarif(view),
    }
}
