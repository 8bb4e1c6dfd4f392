//! Sites that a run deletes when they are gone already, at the very same instant. What is deleted once
//! more at a later instant is restored once more.

use crate::scenario::Scenario;
use crate::scenario::effect::whole::Whole;
use crate::scenario::guardrails::Guardrails;
use crate::scenario::incident::Incident;
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
    if runs.len() < 2 {
        return;
    }
    let mut guardrails: Vec<&Guardrails> = Vec::new();
    for strategy in scenario.strategies.iter() {
        if !guardrails.contains(&&strategy.guardrails) {
            guardrails.push(&strategy.guardrails);
        }
    }
    let taken: Vec<(&Guardrails, Vec<Taken>)> =
        guardrails.into_iter().map(|it| (it, all_taken(scenario, it))).collect();
    let mut counted = vec![false; runs.len()];
    for (number, run) in runs.iter().enumerate() {
        let adds_nothing = |(guardrails, taken): &(&Guardrails, Vec<Taken>)| {
            (0..run.sites.len()).all(|place| {
                let own = Taken::of(scenario, number, place, guardrails);
                own.before(taken).any(|it| {
                    let counts =
                        counted[it.run] && (runs[it.run].soft == run.soft || !runs[it.run].soft);
                    counts && it.lost.covers(own.lost)
                })
            })
        };
        if run.sites.is_empty() || !taken.iter().all(adds_nothing) {
            counted[number] = true;
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

/// What a run takes of a site. Of one site and one instant, those of earlier runs come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Taken {
    /// The place of the site among those that the incident aims at.
    site: usize,
    at: SimTime,
    run: usize,
    lost: Lost,
}

impl Taken {
    /// What a run takes of the site at this place of it.
    fn of(scenario: &Scenario, run: usize, place: usize, guardrails: &Guardrails) -> Self {
        let own = &scenario.incident.runs[run];
        let site = own.sites[place];
        Self {
            site: site_place(&scenario.incident, site),
            at: own.at(place, guardrails),
            run,
            lost: own.aim.target.takes(&scenario.estate, site),
        }
    }

    /// What earlier runs take of the same site at the same instant.
    fn before(self, all: &[Self]) -> impl Iterator<Item = &Self> {
        let same = move |it: &Self| (it.site, it.at) == (self.site, self.at);
        let first = all.partition_point(|it| (it.site, it.at) < (self.site, self.at));
        all[first..].iter().take_while(move |it| same(it) && it.run < self.run)
    }
}

/// All that all runs take.
fn all_taken(scenario: &Scenario, guardrails: &Guardrails) -> Vec<Taken> {
    let runs = scenario.incident.runs.iter().enumerate();
    let places = runs.flat_map(|(run, own)| (0..own.sites.len()).map(move |place| (run, place)));
    let all = places.map(|(run, place)| Taken::of(scenario, run, place, guardrails));
    let mut all: Vec<Taken> = all.collect();
    all.sort_unstable();
    all
}

fn site_place(incident: &Incident, site: crate::ids::SiteId) -> usize {
    let place = incident.deleted.binary_search_by_key(&site, |it| it.site);
    place.expect("the incident aims at the sites of its runs")
}
