//! The trace, `why` and the page tell of the same work, by the same people, for as long.

use std::collections::{BTreeMap, BTreeSet};

use blackstart::experiment::{Design, Restoration};
use blackstart::ids::{SiteId, StrategyId};
use blackstart::review::{Cause, CauseKind, ChainLink, Need, Trace, Use, What, Why};
use blackstart::scenario::{Per, Scenario};
use blackstart::units::{SimDuration, SimTime};
use blackstart::{experiment, review};

use crate::net::names;
use crate::support::shipped_scenario;

/// An attempt, or a part of one up to or after a pause: track, step, who worked, and its end.
type Attempt = (String, String, String, SimTime);
/// When it began, and its site and batch as far as it is for one alone.
type Of = (SimTime, Option<String>, Option<u32>);

/// Everything that anybody worked on in a recovery, as the trace has it.
fn attempts(trace: &Trace) -> BTreeMap<Attempt, Vec<Of>> {
    let mut attempts: BTreeMap<Attempt, Vec<Of>> = BTreeMap::new();
    for it in trace.records.iter().filter(|it| it.what.turn() == Some(Use::Ends)) {
        let Some(lasted) = it.lasted else { continue };
        let began = SimTime::from_millis(it.at.as_millis() - lasted.as_millis());
        let step = match it.per {
            // The step of a load has its shard behind its name.
            Some(Per::Shard) => it.step.split('#').next().unwrap_or_default().to_owned(),
            _ => it.step.clone(),
        };
        let site = (it.per == Some(Per::Site)).then(|| it.site.clone());
        let batch = it.batch.filter(|_| it.per == Some(Per::Batch));
        let attempt = (it.track.clone(), step, teams(&it.needs), it.at);
        attempts.entry(attempt).or_default().push((began, site, batch));
    }
    attempts
}

/// Teams as a set joined by `+`: lists of them differ in their order.
fn teams(needs: &[Need]) -> String {
    let teams: BTreeSet<&str> =
        needs.iter().filter(|it| it.is_team).map(|it| it.pool.as_str()).collect();
    teams.into_iter().collect::<Vec<&str>>().join("+")
}

fn in_order(teams: &str) -> String {
    teams.split('+').collect::<BTreeSet<&str>>().into_iter().collect::<Vec<&str>>().join("+")
}

/// What is compared with everything: one exercise of one strategy.
struct Witness<'a> {
    scenario: &'a Scenario,
    attempts: BTreeMap<Attempt, Vec<Of>>,
    /// The batches that ever took each site.
    batches: BTreeSet<(String, u32)>,
}

impl Witness<'_> {
    /// A piece of work that is told of a site is in the trace; its own only if it was done for it.
    fn check_work(&self, piece: (&str, &str, &str), span: (SimTime, SimTime), own: Option<&str>) {
        let (track, step, who) = piece;
        let key = (track.to_owned(), step.to_owned(), in_order(who), span.1);
        let found = self.attempts.get(&key).into_iter().flatten().any(|(began, site, batch)| {
            let its_own = own.is_none_or(|own| {
                let in_batch = |batch: &u32| self.batches.contains(&(own.to_owned(), *batch));
                site.as_deref().is_none_or(|it| it == own) && batch.as_ref().is_none_or(in_batch)
            });
            *began <= span.0 && its_own
        });
        assert!(found, "{piece:?} from {} to {} is not in the trace", span.0, span.1);
    }

    fn check(&self, site: SiteId, why: &Why) {
        let name = &self.scenario.estate.sites[site].name;
        let (Restoration::Restored(back), Some(deleted)) = (why.end, why.deleted_at) else {
            assert!(why.links.is_empty() && why.chain.is_empty(), "{why:?}");
            return;
        };
        let own: Vec<(SimTime, SimTime)> = why.links.iter().map(|it| (it.from, it.to)).collect();
        let chain: Vec<(SimTime, SimTime)> = why.chain.iter().map(|it| (it.from, it.to)).collect();
        for spans in [own, chain] {
            let mut reached = deleted;
            for (from, to) in spans {
                assert_eq!(from, reached, "{name}: {why:#?}");
                reached = to;
            }
            assert_eq!(reached, back, "{name}: {why:#?}");
        }
        for it in &why.links {
            assert_ne!(it.cause, Cause::Unknown, "{name}: {why:#?}");
            if [Cause::Work, Cause::Rework, Cause::Failed].contains(&it.cause) {
                self.check_work((&it.track, &it.step, &it.who), (it.from, it.to), Some(name));
            }
        }
        for it in &why.chain {
            assert_ne!(it.cause.held, CauseKind::Unknown, "{name}: {why:#?}");
            if it.cause.held == CauseKind::Step {
                let piece = (&*it.cause.track, &*it.cause.name, &*it.cause.teams);
                self.check_work(piece, (it.from, it.to), None);
            }
        }
    }
}

/// The pieces of a chain from an instant on, with how long each is.
fn since(chain: &[ChainLink], began: SimTime) -> Vec<(&review::PieceCause, SimDuration)> {
    let later = chain.iter().filter(|it| it.to > began);
    later.map(|it| (&it.cause, it.to.saturating_since(it.from.max(began)))).collect()
}

/// That the three tell the same of every site in an exercise of a strategy. Says of how many sites.
pub(crate) fn check(
    scenario: &Scenario,
    strategy: StrategyId,
    seed: u64,
    replication: u64,
) -> usize {
    let trace = review::trace(scenario, strategy, seed, replication);
    let taken = trace.records.iter().filter(|it| it.what == What::Taken);
    let batches = taken.filter_map(|it| Some((it.site.clone(), it.batch?))).collect();
    let own = scenario.in_replication(replication);
    let witness = Witness { scenario: &own, attempts: attempts(&trace), batches };
    let whys = review::whys(scenario, strategy, seed, replication, &|_| true);
    for (site, why) in &whys {
        witness.check(*site, why);
    }
    let replications = u32::try_from(replication).expect("a small number") + 1;
    let strategies = vec![strategy];
    let design = Design { strategies, seed, replications, ..Design::of(scenario) };
    let results = experiment::run(scenario, &design, &|| ());
    let table = review::site_table(scenario, &results, &results.strategies[0], replication);
    for (place, row) in table.sites.iter().enumerate() {
        let Some(began) = row.began else { continue };
        let pieces = table.pieces(place);
        let pieces = pieces.iter().filter(|it| it.1 > SimDuration::ZERO);
        let page: Vec<_> =
            pieces.map(|(cause, length)| (&table.causes[usize::from(*cause)], *length)).collect();
        assert_eq!(page, since(&whys[place].1.chain, began), "site {place}");
    }
    whys.len()
}

#[test]
fn the_trace_and_why_and_the_page_agree_on_who_worked_for_every_site() {
    let sites: usize = names()
        .iter()
        .map(|name| {
            let scenario = shipped_scenario(name);
            let large = scenario.estate.sites.len() > 500;
            let replications = if large { 0..1 } else { 0..3 };
            let each =
                replications.flat_map(|it| scenario.strategies.ids().map(move |id| (it, id)));
            each.map(|(it, id)| check(&scenario, id, scenario.experiment.seed, it)).sum::<usize>()
        })
        .sum();
    assert!(sites > 5_000, "{sites} sites were compared");
}
