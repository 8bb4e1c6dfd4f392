//! Sites that a run deletes when they are gone already, at the very same instant. What is deleted once
//! more at a later instant is restored once more.

use crate::scenario::Scenario;
use crate::scenario::effect::whole::Whole;
use crate::scenario::incident::{DeletionRun, Incident};
use crate::scenario::lost::Lost;
use crate::scenario::read::resolver::Resolver;
use crate::units::SimTime;

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let scenario = whole.scenario;
    let runs = &scenario.incident.runs;
    // Each run has its own chance of being refused, and other sites in other estates.
    let is_refused = scenario.strategies.iter().any(|it| it.guardrails.identifier_check.is_some());
    if is_refused || scenario.estate.is_redrawn() {
        return;
    }
    let mut counted: Vec<usize> = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let before: Vec<&DeletionRun> = counted.iter().map(|it| &runs[*it]).collect();
        if run.sites.is_empty() || !adds_nothing(scenario, run, &before) {
            counted.push(number);
            continue;
        }
        let told = scenario
            .incident
            .kind
            .tell("every one of these sites is deleted at that instant anyway");
        resolver.no_effect(whole.spec.incident.deletions[number].span, told)
            .help("take it out, select others, or give it another `at`: sites that are deleted later are restored once more");
    }
}

/// Whether every site of a run loses at that instant, under every strategy, what it takes, by runs
/// further up of the same kind.
fn adds_nothing(scenario: &Scenario, run: &DeletionRun, before: &[&DeletionRun]) -> bool {
    scenario.strategies.iter().all(|strategy| {
        let at = |it: &DeletionRun, place: usize| it.at(place, &strategy.guardrails);
        let all = before.iter().filter(|it| it.soft == run.soft || !it.soft);
        let mut taken: Vec<(usize, SimTime, Lost)> = all
            .flat_map(|it| it.sites.iter().enumerate().map(move |(place, site)| (*it, place, site)))
            .map(|(it, place, site)| {
                (
                    site_place(&scenario.incident, *site),
                    at(it, place),
                    it.aim.target.takes(&scenario.estate, *site),
                )
            })
            .collect();
        taken.sort_unstable();
        run.sites.iter().enumerate().all(|(place, site)| {
            let own = (site_place(&scenario.incident, *site), at(run, place));
            let lost = run.aim.target.takes(&scenario.estate, *site);
            let first = taken.partition_point(|it| (it.0, it.1) < own);
            let mut same = taken[first..].iter().take_while(|it| (it.0, it.1) == own);
            same.any(|it| it.2.covers(lost))
        })
    })
}

/// The place of a site among those that the incident aims at.
fn site_place(incident: &Incident, site: crate::ids::SiteId) -> usize {
    let place = incident.deleted.binary_search_by_key(&site, |it| it.site);
    place.expect("the incident aims at the sites of its runs")
}
