//! The checklist for reporting discrete-event simulations, STRESS-DES (Monks and others 2018,
//! "Strengthening the reporting of empirical simulation studies"), filled in as far as a program
//! can. What only the author knows stays empty.

use crate::experiment::Results;
use crate::report::about::ExperimentView;
use crate::report::run::view::{ChecklistItem, PolicyView, StrategyView};
use crate::report::words::{chosen_share, count, exact, plain};
use crate::scenario::Scenario;
use crate::units::SimDuration;

/// What the answers are about.
pub(crate) struct About<'a> {
    pub scenario: &'a Scenario,
    pub results: &'a Results,
    pub policy: Option<&'a PolicyView>,
    pub experiment: &'a ExperimentView,
    pub strategies: &'a [StrategyView],
    pub version: &'a str,
}

/// The items in the order of the checklist.
pub(crate) fn checklist(about: &About<'_>) -> Vec<ChecklistItem> {
    let told = |text: &str| about.scenario.incident.kind.tell(text);
    let items = [
        ("1.1", "Purpose of the model", plain(&about.scenario.description)),
        ("1.2", "Model outputs", told(OUTPUTS)),
        ("1.3", "Aims of the experiments", aims(about)),
        ("2.1", "Diagram of the base model", String::new()),
        ("2.2", "Logic of the base model", told(LOGIC)),
        ("2.3", "Logic of the scenarios", strategies(about)),
        ("2.4", "Algorithms", ALGORITHMS.to_owned()),
        ("2.5.1", "Entities", entities(about)),
        ("2.5.2", "Activities", activities(about)),
        ("2.5.3", "Resources", resources(about)),
        ("2.5.4", "Queues", QUEUES.to_owned()),
        ("2.5.5", "Points of entry and exit", told(EXITS)),
        ("3.1", "Data sources", String::new()),
        ("3.2", "Input parameters", "The scenario file; the digest above names its texts.".into()),
        ("3.3", "Pre-processing", String::new()),
        ("3.4", "Assumptions", "In the table of inputs above, the guesses first.".to_owned()),
        ("4.1", "Initialisation", told(INITIAL)),
        ("4.2", "Run length", run_length(about)),
        ("4.3", "Estimation", estimation(about)),
        ("5.1", "Software", format!("Blackstart {}, written in Rust.", about.version)),
        ("5.2", "Random sampling", sampling(about)),
        ("5.3", "Execution of the model", EXECUTION.to_owned()),
        ("5.4", "System", "Any: results do not depend on the machine.".to_owned()),
        ("6.1", "Access to the model", String::new()),
    ];
    items
        .into_iter()
        .map(|(number, title, answer)| ChecklistItem {
            number: number.to_owned(),
            title: title.to_owned(),
            answer,
        })
        .collect()
}

const OUTPUTS: &str = "Recovery time of each site (RTA) by the policy's clock, data lost (RPA) as a \
    time span before the deletion, at hand-over and after repair, and inconsistency between stores; of each exercise the share \
    restored over time by site and by user, quantiles of both, hours without a site, work by team, \
    and sites lost for good.";
const LOGIC: &str = "Deleted sites are taken in batches by the tracks of a strategy. Each goes \
    through the steps of the track's runbook, a graph of tasks that need people, limits and \
    bandwidth and may fail and be done again, until it is handed over.";
const ALGORITHMS: &str = "Next-event simulation on whole milliseconds. At each instant: ends of \
    work, milestones, changes of capacity, injects, taking of sites; then tasks that could start are \
    gone through by rank, and each takes all that it needs at once or nothing.";
const QUEUES: &str = "Tasks that could start wait in one order, by the priority rule of the \
    strategy, then track, site and step; one that cannot start does not hold up those behind it.";
const EXITS: &str = "A site enters with its deletion, and leaves restored, lost for good, or \
    unfinished when the exercise stops.";
const INITIAL: &str = "Nothing is under way at T+0, the first deletion; there is no warm-up, as a \
    recovery ends.";
const EXECUTION: &str = "Ties between events of one instant go by kind and then by entity. Exercises \
    run on several threads, and their number never changes a result.";

fn aims(about: &About<'_>) -> String {
    let strategies = match about.strategies {
        [one] => format!("How {} recovers.", plain(&one.name)),
        several => {
            format!("{} strategies side by side, on the same draws.", count(several.len() as u64))
        }
    };
    match about.policy {
        Some(policy) => format!("{strategies} {}", policy.sentence),
        None => strategies,
    }
}

fn strategies(about: &About<'_>) -> String {
    let one = |it: &StrategyView| match (it.description.trim(), it.title.trim()) {
        ("", "") => plain(&it.name),
        ("", title) => format!("{}: {}", plain(&it.name), plain(title)),
        (description, _) => format!("{}: {}", plain(&it.name), plain(description)),
    };
    about.strategies.iter().map(one).collect::<Vec<String>>().join("; ")
}

fn entities(about: &About<'_>) -> String {
    let estate = &about.scenario.estate;
    let sites = count(estate.sites.len() as u64);
    let drawn = if estate.is_redrawn() { ", drawn anew in every exercise" } else { "" };
    format!("{sites} sites{drawn}, with customer, users, bytes, products, region and tier.")
}

fn activities(about: &About<'_>) -> String {
    let books = about.scenario.runbooks.iter();
    let each =
        books.map(|it| format!("{} ({} steps)", plain(&it.name), count(it.steps.len() as u64)));
    format!("The steps of the runbooks: {}.", each.collect::<Vec<String>>().join(", "))
}

fn resources(about: &About<'_>) -> String {
    let names = |names: Vec<String>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let teams = names(about.scenario.teams.iter().map(|it| plain(&it.name)).collect());
    let limits = names(about.scenario.limits.iter().map(|it| plain(&it.name)).collect());
    let throughputs = names(about.scenario.throughputs.iter().map(|it| plain(&it.name)).collect());
    format!("Teams: {teams}. Limits: {limits}. Shared bandwidth: {throughputs}.")
}

fn run_length(about: &About<'_>) -> String {
    let horizon = SimDuration::from_seconds(about.experiment.horizon_s);
    format!("Until nothing is left to be done, {} at most.", exact(horizon))
}

fn estimation(about: &About<'_>) -> String {
    format!(
        "{} independent exercises of each strategy; {} intervals: order statistics for quantiles, \
         Student for means, Gaffke for means of what lies between two ends, Clopper-Pearson for \
         shares, Woodruff for pooled quantiles; differences are paired.",
        count(about.results.replications.into()),
        chosen_share(about.experiment.confidence),
    )
}

fn sampling(about: &About<'_>) -> String {
    format!(
        "ChaCha8 with seed {} (estate: {}). Each draw is addressed by what it is for, so strategies \
         share all draws that they have in common.",
        about.experiment.seed, about.experiment.population_seed
    )
}
