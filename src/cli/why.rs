//! `blackstart why`: where the hours of one site went.

use std::io::IsTerminal as _;

use crate::diagnostics::{Code, Diagnostics, Sources};
use crate::ids::SiteId;
use crate::report::{self, Hours, Look, Median, Which};
use crate::review;
use crate::scenario::Scenario;

use super::args::WhyArguments;
use super::command::{opening, quoted};
use super::console::Console;
use super::load::load;
use super::trace::{called, one_strategy};
use super::{Exit, next};

pub(super) fn run(arguments: &WhyArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let which = &arguments.which;
    let checked = load(&which.scenario, &which.overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let strategy = one_strategy(which.strategy.as_deref(), &scenario, console)?;
    let site = find_site(&arguments.site, &scenario, console)?;
    let redrawn = scenario.estate.is_redrawn();
    if redrawn && arguments.replication.is_none() {
        console.error(
            "each exercise draws its own sites, so no exercise is the middle one for this site: \
             choose one with --replication",
        );
        return Err(Exit::Usage);
    }
    let seed = which.seed.unwrap_or(scenario.experiment.seed);
    let replications = scenario.experiment.replications.min(arguments.replications);
    let middle = || review::median_replication(&scenario, strategy, seed, replications, site);
    let (replication, median) = match arguments.replication {
        Some(number) => (number, None),
        None => match middle() {
            Some((number, outage)) => (number, Some(Median { of: replications, outage })),
            None => (0, None),
        },
    };
    let (name, kind) = (scenario.strategies[strategy].name.clone(), scenario.incident.kind);
    let Some(why) = review::why(&scenario, strategy, seed, replication, site) else {
        let place = match redrawn {
            true => format!("exercise {replication}, which has its own sites"),
            false => "this scenario".to_owned(),
        };
        let done = kind.words().done;
        return console.print(&format!("{} is not {done} in {place}.\n", arguments.site));
    };
    let shown = Which { strategy: &name, seed, replication, kind };
    let command = reproduce(arguments, &name, seed, replication);
    let look = if std::io::stdout().is_terminal() { Look::Framed } else { Look::Plain };
    let horizon = scenario.experiment.horizon;
    let hours = if arguments.chain { Hours::Chain } else { Hours::Own };
    console.print(&report::why_text(
        (shown, hours),
        &arguments.site,
        &why,
        median,
        horizon,
        &command,
        look,
    ))?;
    if !which.quiet {
        next::after_why(&called(which), &scenario, (strategy, replication), console);
    }
    Ok(Exit::Fine)
}

/// The command that tells the same story again.
fn reproduce(arguments: &WhyArguments, strategy: &str, seed: u64, replication: u64) -> String {
    let which = &arguments.which;
    let more = [
        format!("--strategy {}", quoted(strategy)),
        format!("--seed {seed}"),
        format!("--replication {replication}"),
    ];
    let mut words = opening("why", &which.scenario, &which.overrides);
    words.insert(3, quoted(&arguments.site));
    words.extend(more);
    words.extend(arguments.chain.then(|| "--chain".to_owned()));
    words.join(" ")
}

fn find_site(name: &str, scenario: &Scenario, console: &mut Console<'_>) -> Result<SiteId, Exit> {
    let sites = &scenario.estate.sites;
    if let Some((id, _)) = sites.enumerate().find(|(_, it)| it.name == name) {
        return Ok(id);
    }
    let names: Vec<&str> = sites.iter().map(|it| it.name.as_str()).collect();
    let mut diagnostics = Diagnostics::default();
    let fault =
        diagnostics.error_without_place(Code::UnknownSite, format!("there is no site `{name}`"));
    match crate::diagnostics::closest(name, &names) {
        Some(close) => fault.help(format!("did you mean `{close}`?")),
        None => fault.help("sites.csv in the report of a run lists the deleted sites"),
    };
    console.faults(&diagnostics, &Sources::default());
    Err(Exit::Invalid)
}
