//! The data in the page: what its script shows in the replay and in the tables.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plot::{Series, StrategySeries};
use crate::report::View;
use crate::report::run::bottlenecks::piece_label;
use crate::report::run::view::StrategyView;
use crate::report::words::{count, length, plain};
use crate::review::{
    BatchStory, ChainTree, Choice, Gauge, Mark, MarkKind, Replay, SiteLabel, SiteRow, SiteStory,
    packed_instants, packed_places,
};
use crate::scenario::RpoAt;
use crate::units::{SimDuration, SimTime};

/// Sites times strategies of which the page tells everything; of more only the first strategy is
/// told, so that the page grows slower than the number of sites.
const TOLD: usize = 20_000;

/// Batches in the table; of more, the first.
const BATCHES: usize = 2_000;

/// What the script needs.
#[derive(Serialize)]
pub(crate) struct Embedded<'a> {
    /// The wall-clock of T+0 (RFC 3339), if the scenario states it.
    at: Option<&'a str>,
    /// Whether there are so many sites that they are not told of one by one.
    many: bool,
    /// What the lost data of sites is called: at which moment it is counted.
    rpa: &'static str,
    sites: Vec<(String, u32, String, String, String, u32)>,
    strategies: Vec<OfStrategy>,
}

#[derive(Serialize)]
struct OfStrategy {
    name: String,
    /// Whether sites and recoveries are told.
    told: bool,
    tracks: Vec<String>,
    replays: Vec<OfReplay>,
    rows: Vec<OfSite>,
    chains: Option<ChainTree>,
    causes: Vec<String>,
    /// Which exercise the pieces are told of.
    replication: u64,
    batches: Vec<OfBatch>,
    /// How many batches there are.
    all_batches: usize,
    steps: Vec<OfStep>,
    teams: Vec<OfTeam>,
}

/// Exercises in which a site was deleted, back and lost; quantiles of RTA and RPA in seconds; track;
/// in the exercise that is told, when its time began, how long it was in milliseconds, and the place
/// of the last piece of its chain.
#[derive(Serialize)]
struct OfSite(
    [u32; 3],
    [Option<u64>; 4],
    Option<u8>,
    Option<SimTime>,
    Option<SimDuration>,
    Option<u32>,
);

/// Track, number, sites, users, then taken, started, data back and last site back in seconds.
#[derive(Serialize)]
struct OfBatch(String, u32, u32, u64, [Option<u64>; 4]);

/// Track, step, teams, then attempts, share that failed, hours of work and hours of waiting, each
/// with the ends of its interval.
#[derive(Serialize)]
struct OfStep(String, String, String, [[Option<f64>; 3]; 4]);

/// Name, title, and the texts of the team.
#[derive(Serialize)]
struct OfTeam(String, String, [String; 4], [Option<f64>; 4]);

#[derive(Serialize)]
struct OfReplay {
    label: String,
    sentence: String,
    /// In milliseconds.
    end: u64,
    /// From when on deleted sites are queued: the first track that gives sites back is open.
    queued: Option<u64>,
    sites: OfSites,
    gauges: Vec<Gauge>,
    marks: Vec<(u64, String)>,
}

/// The sites of a replay: when each was deleted, the place of its batch, when work on it began, when
/// its data was back and when it was handed back or lost; which are lost; and when each batch was
/// taken.
#[derive(Serialize)]
struct OfSites {
    deleted: String,
    batch: String,
    restoring: String,
    validating: String,
    end: String,
    lost: Vec<u32>,
    taken: String,
}

pub(crate) fn embedded<'a>(view: &'a View, series: &Series) -> Embedded<'a> {
    let sites = series.strategies.first().and_then(|it| it.replays.first());
    let all = sites.map_or(0, |it| it.sites.len()) * series.strategies.len();
    let each = view.strategies.iter().zip(&series.strategies).enumerate();
    Embedded {
        at: view.incident.at.as_deref(),
        many: !series.followed,
        rpa: match view.policy.as_ref().map(|it| it.rpo_at) {
            Some(RpoAt::Repair) => "RPA p95, after repair",
            Some(RpoAt::HandOver) | None => "RPA p95, at hand-over",
        },
        sites: series.sites.iter().map(label).collect(),
        strategies: each
            .map(|(place, (strategy, it))| {
                of_strategy(view, strategy, it, series.followed && (place == 0 || all <= TOLD))
            })
            .collect(),
    }
}

fn label(label: &SiteLabel) -> (String, u32, String, String, String, u32) {
    let [name, tier, region, products] =
        [&label.name, &label.tier, &label.region, &label.products].map(|it| plain(it));
    (name, label.customer, tier, region, products, label.users)
}

fn of_strategy(
    view: &View,
    strategy: &StrategyView,
    series: &StrategySeries,
    told: bool,
) -> OfStrategy {
    let middle = series.replays.iter().find(|it| it.choice == Choice::Median);
    let batches = middle.map_or(&[][..], |it| &it.batches);
    let kind = view.incident.kind;
    let replays = series.replays.iter().filter(|_| told);
    let rows = series.sites.sites.iter().filter(|_| told);
    OfStrategy {
        name: plain(&strategy.name),
        told,
        tracks: series.tracks.iter().map(|it| plain(it)).collect(),
        replays: replays.map(|it| of_replay(view, it)).collect(),
        rows: rows.map(row).collect(),
        chains: told.then(|| series.sites.chains.clone()),
        causes: series.sites.causes.iter().map(|it| piece_label(it, kind)).collect(),
        replication: series.sites.replication,
        batches: batches.iter().take(BATCHES).map(batch).collect(),
        all_batches: batches.len(),
        steps: series.steps.iter().map(step).collect(),
        teams: strategy.teams.iter().map(team).collect(),
    }
}

fn seconds(length: SimDuration) -> u64 {
    (length.as_millis() + 500) / 1_000
}

fn row(row: &SiteRow) -> OfSite {
    let times = [row.rta_p50, row.rta_p95, row.rpa_p50, row.rpa_p95].map(|it| it.map(seconds));
    OfSite([row.deleted, row.back, row.lost], times, row.track, row.began, row.told, row.last)
}

fn batch(story: &BatchStory) -> OfBatch {
    let times = [Some(story.taken), story.started, story.validating, story.last_back];
    let times = times.map(|time| time.map(|it| seconds(it.since_start())));
    OfBatch(plain(&story.track), story.number, story.sites, story.users, times)
}

fn step(row: &crate::plot::StepRow) -> OfStep {
    let short = |it: Option<f64>| it.map(four_digits);
    let numbers = [row.attempts, row.failed, row.work, row.waiting].map(|it| it.map(short));
    OfStep(plain(&row.track), plain(&row.step), plain(&row.teams), numbers)
}

/// The number to four significant digits.
fn four_digits(number: f64) -> f64 {
    format!("{number:.3e}").parse().expect("a number that was written can be read")
}

fn team(team: &crate::report::run::view::TeamView) -> OfTeam {
    let cost = team.cost.as_ref().and_then(|it| it.value);
    let numbers = [team.person_hours.value, team.utilisation, team.overtime.value, cost];
    OfTeam(plain(&team.name), plain(&team.title), team.texts.clone(), numbers)
}

fn of_replay(view: &View, replay: &Replay) -> OfReplay {
    let n = view.experiment.replications;
    let label = match replay.choice {
        Choice::Best => "best",
        Choice::Median => "median",
        Choice::P95 => "1 in 20 is worse",
        Choice::Worst => "worst",
    };
    let among = match (replay.choice, n) {
        (_, 1) => "the only one".to_owned(),
        (Choice::Best, n) => format!("the best of {}", count(n)),
        (Choice::Median, n) => format!("the median of {}", count(n)),
        (Choice::P95, n) => format!("of {} only one in twenty is worse", count(n)),
        (Choice::Worst, n) => format!("the worst of {}", count(n)),
    };
    let end = match replay.last_restored {
        Some(at) => format!("the last site is back at T+{}", length(at.since_start())),
        None => "not all sites come back".to_owned(),
    };
    let opens = |mark: &&Mark| {
        mark.kind == MarkKind::Opened && replay.batches.iter().any(|it| it.track == mark.name)
    };
    OfReplay {
        label: label.to_owned(),
        sentence: format!(
            "Exercise {}, seed {}: {among}; {end}.",
            replay.replication, view.experiment.seed
        ),
        end: replay.end.as_millis(),
        queued: replay.marks.iter().find(opens).map(|it| it.at.as_millis()),
        sites: of_sites(replay),
        gauges: replay.gauges.clone(),
        marks: marks(replay),
    }
}

fn of_sites(replay: &Replay) -> OfSites {
    let column = |of: &dyn Fn(&SiteStory) -> Option<SimTime>| {
        packed_instants(replay.sites.iter().map(of), replay.end)
    };
    let places: BTreeMap<u32, u64> = replay.batches.iter().map(|it| it.number).zip(0..).collect();
    let batch = |site: &SiteStory| places.get(&site.batch?).copied();
    let lost = (0u32..).zip(&replay.sites).filter(|(_, it)| it.lost.is_some());
    OfSites {
        deleted: column(&|it| it.deleted),
        batch: packed_places(replay.sites.iter().map(batch)),
        restoring: column(&|it| it.restoring),
        validating: column(&|it| it.validating),
        end: column(&|it| it.back.or(it.lost)),
        lost: lost.map(|it| it.0).collect(),
        taken: packed_instants(replay.batches.iter().map(|it| Some(it.taken)), replay.end),
    }
}

/// What happened to all sites at once, up to the end.
fn marks(replay: &Replay) -> Vec<(u64, String)> {
    let text = |mark: &Mark| {
        let name = plain(&mark.name);
        match mark.kind {
            MarkKind::Milestone => name,
            MarkKind::Opened => format!("{name} opens"),
            MarkKind::Closed => format!("{name} closes"),
            MarkKind::Inject => format!("inject: {name}"),
            MarkKind::InjectEnded => format!("over: {name}"),
        }
    };
    let seen = |mark: &&Mark| mark.at <= replay.end && mark.at != SimTime::NEVER;
    replay.marks.iter().filter(seen).map(|it| (it.at.as_millis(), text(it))).collect()
}
