//! The catalogue of backups against a reading of its rules that shares no code with the program, and
//! what follows from the rules whatever is backed up how.

use blackstart::experiment::{self, Design, Outcome, Restoration};
use blackstart::scenario::Scenario;
use blackstart::units::SimDuration;

use crate::net::names;
use crate::support::{results, shipped_scenario, trace};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// How long the step takes that restores, besides what restoring adds.
const STEP: i64 = HOUR;

/// Choices of a fixed seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (word ^ (word >> 31)) % count
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).expect("few choices")]
    }

    fn in_one_of(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    /// So many half hours at most, now and then a millisecond more or less.
    fn half_hours(&mut self, most: u64) -> i64 {
        let length = 30 * MINUTE * i64::try_from(self.below(most + 1)).expect("few half hours");
        (length + self.one_of(&[0, 0, 0, 0, 1, -1])).max(0)
    }
}

/// How long a backup is kept.
#[derive(Clone, Copy, Debug)]
enum Kept {
    Age(i64),
    Window(i64),
}

/// What of a protection cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unreadable {
    Nothing,
    Each,
    All,
}

/// One way in which a store is backed up; lengths in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Way {
    id: usize,
    full: i64,
    incremental: Option<i64>,
    log: bool,
    takes: i64,
    phase: i64,
    kept: Kept,
    until_restored: bool,
    chain_breaks: bool,
    unreadable: Unreadable,
    fall_back: i64,
    per_incremental: i64,
    per_log_hour: i64,
}

impl Way {
    fn drawn(dice: &mut Dice, id: usize) -> Self {
        let full = dice.one_of(&[1, 2, 4, 6, 7, 24]) * HOUR;
        let incremental = dice.one_of(&[30 * MINUTE, 45 * MINUTE, HOUR, 5 * HOUR, full]);
        let length = (dice.half_hours(60) + dice.one_of(&[0, 0, 24 * HOUR, 240 * HOUR])).max(1);
        let takes =
            dice.one_of(&[0, 0, 30 * MINUTE, HOUR, 90 * MINUTE, full]) + dice.one_of(&[0, 1]);
        Self {
            id,
            full,
            incremental: Some(incremental.min(full)).filter(|_| !dice.in_one_of(3)),
            log: dice.in_one_of(3),
            takes: takes.min(full),
            phase: dice.half_hours(48) % full,
            kept: if dice.in_one_of(2) { Kept::Age(length) } else { Kept::Window(length) },
            until_restored: dice.in_one_of(5),
            chain_breaks: dice.in_one_of(4),
            unreadable: dice.one_of(&[
                Unreadable::Nothing,
                Unreadable::Nothing,
                Unreadable::Nothing,
                Unreadable::Each,
                Unreadable::All,
            ]),
            fall_back: dice.one_of(&[0, 20 * MINUTE, 3 * HOUR + 7]),
            per_incremental: dice.one_of(&[0, MINUTE, 7_777]),
            per_log_hour: dice.one_of(&[0, 10 * MINUTE, 1_234]),
        }
    }

    /// As it is written in a scenario; `each` and `all` are what can be unreadable of it.
    fn text(&self, [each, all, breaks]: [&str; 3]) -> String {
        let Self { id, full, takes, phase, fall_back, .. } = self;
        let (per_incremental, per_log_hour) = (self.per_incremental, self.per_log_hour);
        let retention = match self.kept {
            Kept::Age(age) => format!("\"{age}ms\""),
            Kept::Window(window) => format!("{{ window = \"{window}ms\" }}"),
        };
        let mut text = format!(
            "id = \"way-{id}\", full = \"{full}ms\", takes = \"{takes}ms\", phase = \"{phase}ms\", \
             retention = {retention}"
        );
        if let Some(it) = self.incremental {
            text +=
                &format!(", incremental = \"{it}ms\", per_incremental = \"{per_incremental}ms\"");
        }
        if self.incremental.is_some() && self.chain_breaks {
            text += &format!(", chain_breaks = \"{breaks}\"");
        }
        if self.log {
            text += &format!(", log = \"continuous\", per_log_hour = \"{per_log_hour}ms\"");
        }
        if self.until_restored {
            text += ", keep = \"until restored\"";
        }
        let unreadable = match self.unreadable {
            Unreadable::Nothing => return format!("{{ {text} }}"),
            Unreadable::Each => format!("each = \"{each}\""),
            Unreadable::All => format!("all = \"{all}\""),
        };
        format!("{{ {text}, unreadable = {{ {unreadable} }}, fall_back = \"{fall_back}ms\" }}")
    }

    /// When every full backup began that is complete by an instant and kept at another.
    fn fulls(&self, by: i64, now: i64) -> Vec<i64> {
        let now = if self.until_restored { now.min(0) } else { now };
        let is_kept = |begun: i64| match self.kept {
            Kept::Age(age) => now - begun <= age,
            Kept::Window(window) => begun + self.full + self.takes > now - window,
        };
        let all = (-500..500).map(|number| number * self.full - self.phase);
        all.filter(|begun| begun + self.takes <= by && is_kept(*begun)).collect()
    }

    /// The incremental backups on a full one, readable or not.
    fn on(&self, begun: i64) -> Vec<i64> {
        let Some(incremental) = self.incremental else { return Vec::new() };
        let complete = begun + self.takes;
        let instants = (1..2_000).map(|place| begun + place * incremental);
        instants.filter(|at| complete <= *at && *at < complete + self.full).collect()
    }

    /// Every point that a full backup reaches by an instant, and how long it takes to replay it.
    fn points(&self, begun: i64, by: i64) -> Vec<(i64, i64)> {
        let mut points = vec![(begun, 0)];
        if !self.chain_breaks {
            let taken = self.on(begun).into_iter().filter(|at| *at <= by);
            let count = 1..;
            points.extend(taken.zip(count).map(|(at, count)| (at, count * self.per_incremental)));
        }
        if self.log {
            let (last, replay) = *points.last().expect("the full one is there");
            points.push((by, replay + (by - last) * self.per_log_hour / HOUR));
        }
        points
    }
}

/// What a site loses that is deleted at an instant and asks at another for a moment, and how long it
/// takes to find it and to replay it; nothing where the site is lost.
fn reading(ways: &[Way], moment: i64, deleted: i64, now: i64) -> Option<(i64, i64)> {
    let by = moment.min(deleted - 1);
    let mut paid = 0;
    for way in ways {
        let fulls = way.fulls(by, now);
        match way.unreadable {
            _ if fulls.is_empty() => {}
            Unreadable::All => paid += way.fall_back,
            Unreadable::Each => paid += way.fall_back * fulls.len() as i64,
            Unreadable::Nothing => {
                let of = |begun: i64| {
                    way.points(begun, by).into_iter().map(move |it| (it.0, begun, it.1))
                };
                let best =
                    fulls.into_iter().flat_map(of).max_by_key(|(point, begun, _)| (*point, *begun));
                let (point, _, replay) = best.expect("a full backup is a point");
                return Some((deleted - point, paid + replay));
            }
        }
    }
    None
}

/// Two sites on one shard whose stores begin to be restored at one instant.
struct Case {
    ways: Vec<Way>,
    /// The second site is deleted so long after the first.
    apart: i64,
    now: i64,
}

impl Case {
    fn drawn(dice: &mut Dice) -> Self {
        let count = usize::try_from(dice.below(3) + 1).expect("few");
        let apart = dice.half_hours(14);
        let most = dice.one_of(&[0, 10, 80]);
        let now = apart + dice.half_hours(most);
        Self { ways: (0..count).map(|id| Way::drawn(dice, id)).collect(), apart, now }
    }

    fn text(&self, point: &str, chances: [&str; 3]) -> String {
        let ways: Vec<String> = self.ways.iter().map(|it| it.text(chances)).collect();
        format!(
            r#"
schema = 1
title = "test"
experiment.horizon = "1000d"
estate.services.db.backup = [{}]
estate.sites.count = 2
incident.deletions = [{{ over = "{}ms" }}]
runbooks.r.steps = [{{ id = "x", duration = "{STEP}ms", for_each.service = "db", restore_point = {{ {point} }} }}]
strategies.s.tracks = [{{ runbook = "r", opens = "T+{}ms", batch.size = 2 }}]
"#,
            ways.join(", "),
            2 * self.apart,
            self.now
        )
    }

    /// What becomes of both sites, as the program has it where nothing is left to chance.
    fn told(&self, point: &str) -> [Option<(i64, i64)>; 2] {
        let outcome = trace(&self.text(point, ["100%"; 3]), 0).outcome;
        let ends = self.losses(&outcome);
        [0, 1].map(|site| {
            let back = outcome.restorations[site].restored_at()?.as_millis();
            Some((ends[site]?, i64::try_from(back).expect("it fits") - self.now - STEP))
        })
    }

    /// What both sites have lost; nothing of one that is lost itself.
    fn losses(&self, outcome: &Outcome) -> [Option<i64>; 2] {
        [0, 1].map(|site| match outcome.restorations[site] {
            Restoration::Restored(_) => {
                let lost = outcome.data_loss[site].at_hand_over.expect("known").as_millis();
                Some(i64::try_from(lost).expect("it fits"))
            }
            Restoration::Lost => None,
            other => panic!("{other:?}"),
        })
    }

    /// The same by the rules, where each site asks for a moment.
    fn read(&self, moment: impl Fn(i64) -> i64) -> [Option<(i64, i64)>; 2] {
        [0, self.apart].map(|deleted| reading(&self.ways, moment(deleted), deleted, self.now))
    }
}

#[test]
fn two_hundred_schedules_give_what_the_rules_give() {
    let mut dice = Dice(1);
    let (mut lost, mut later, mut paid) = (0, 0, 0);
    for number in 0..200 {
        let case = Case::drawn(&mut dice);
        let most = dice.one_of(&[3, 40, 400]);
        let before = dice.half_hours(most);
        let [latest, of_site, of_incident] = [
            "latest = true".to_owned(),
            format!("fixed = \"{before}ms\""),
            format!("fixed = \"{before}ms\", of = \"incident\""),
        ];
        for (point, read) in [
            (latest, case.read(|deleted| deleted)),
            (of_site, case.read(|deleted| deleted - before)),
            (of_incident, case.read(|deleted| deleted.min(-before))),
        ] {
            let told = case.told(&point);
            assert_eq!(told, read, "{number}: {point}\n{}", case.text(&point, ["100%"; 3]));
            lost += read.iter().filter(|it| it.is_none()).count();
            paid += read.iter().flatten().filter(|it| it.1 > 0).count();
            let readable = case.ways[0].unreadable == Unreadable::Nothing;
            later += read.iter().flatten().filter(|_| !readable).count();
        }
    }
    // All of it happens, and often.
    assert!(lost > 150 && paid > 300 && later > 100, "{lost} {paid} {later}");
}

#[test]
fn a_fixed_point_is_the_latest_where_nothing_comes_between() {
    let mut dice = Dice(2);
    for number in 0..80 {
        let mut case = Case::drawn(&mut dice);
        case.apart = 0;
        let latest = case.told("latest = true");
        // The last instant before the deletion at which anything is there that was not before.
        let changes = |way: &Way| {
            let fulls = (-500..500).map(|number| number * way.full - way.phase);
            let complete = fulls.clone().map(|it| it + way.takes).filter(|it| *it < 0).max();
            let last = fulls.flat_map(|it| way.on(it)).filter(|it| *it < 0).max();
            let of_log = way.log.then_some(-1);
            [complete, last, of_log].into_iter().flatten().max()
        };
        let quiet = -case.ways.iter().filter_map(changes).max().expect("some backup was taken");
        for before in [1, quiet] {
            for of in ["site", "incident"] {
                let point = format!("fixed = \"{before}ms\", of = \"{of}\"");
                assert_eq!(
                    case.told(&point),
                    latest,
                    "{number}: {}",
                    case.text(&point, ["100%"; 3])
                );
            }
        }
        assert_eq!(
            case.told("fixed = \"0ms\", of = \"incident\""),
            latest,
            "{number}: at the deletion itself"
        );
    }
}

/// What each site has lost in each of some exercises.
fn drawn_losses(case: &Case) -> Vec<[Option<i64>; 2]> {
    let results = results(&case.text("latest = true", ["40%", "50%", "20%"]), 20);
    results.strategies[0].unpacked().iter().map(|it| case.losses(it)).collect()
}

/// Whether nobody has lost less than before.
fn is_nowhere_less(before: &[[Option<i64>; 2]], after: &[[Option<i64>; 2]]) -> bool {
    let lost = |it: &Option<i64>| it.unwrap_or(i64::MAX);
    let flat = |all: &[[Option<i64>; 2]]| all.iter().flatten().map(lost).collect::<Vec<_>>();
    flat(before).iter().zip(flat(after)).all(|(before, after)| *before <= after)
}

/// Draw by draw. A protection that is preferred hides what comes behind it, however old its points
/// are; so to take away any but the last may well lower a loss, and what holds is this.
#[test]
fn several_protections_give_what_the_first_gives_that_has_any() {
    let mut dice = Dice(3);
    let (mut changed, mut fresher) = (0, 0);
    for number in 0..60 {
        let case = Case::drawn(&mut dice);
        let with = |ways: Vec<Way>| drawn_losses(&Case { ways, ..case });
        let all = with(case.ways.clone());
        let alone: Vec<_> = case.ways.iter().map(|it| with(vec![*it])).collect();
        for (place, found) in all.iter().enumerate() {
            let first = |site: usize| alone.iter().find_map(|it| it[place][site]);
            assert_eq!(
                *found,
                [0, 1].map(first),
                "{number}: {}",
                case.text("latest = true", ["?"; 3])
            );
        }
        for place in 0..case.ways.len() {
            let mut ways = case.ways.clone();
            ways.remove(place);
            if ways.is_empty() {
                continue;
            }
            let is_last = place == ways.len();
            let fewer = with(ways);
            assert!(!is_last || is_nowhere_less(&all, &fewer), "{number}: without the last");
            changed += usize::from(fewer != all);
            fresher += usize::from(!is_nowhere_less(&all, &fewer));
        }
    }
    assert!(changed > 20 && fresher > 0, "{changed} {fresher}");
}

/// The phases are written: where they are drawn, they are drawn otherwise without incremental ones.
#[test]
fn nobody_loses_less_without_a_log_or_incremental_backups() {
    let mut dice = Dice(4);
    let mut more = 0;
    for number in 0..60 {
        let case = Case::drawn(&mut dice);
        let all = drawn_losses(&case);
        for place in 0..case.ways.len() {
            for (log, incremental) in
                [(false, case.ways[place].incremental), (case.ways[place].log, None)]
            {
                let mut ways = case.ways.clone();
                ways[place] = Way { log, incremental, ..ways[place] };
                let fewer = drawn_losses(&Case { ways, ..case });
                let is_lost = |all: &[[Option<i64>; 2]]| {
                    all.iter().flatten().map(Option::is_none).collect::<Vec<_>>()
                };
                assert_eq!(is_lost(&all), is_lost(&fewer), "{number}: nobody is lost for that");
                assert!(is_nowhere_less(&all, &fewer), "{number}");
                more += usize::from(fewer != all);
            }
        }
    }
    assert!(more > 30, "{more}");
}

/// A scenario whose phases are known and where restoring costs nothing, so that whatever happens does
/// so at the same instants with fewer backups.
fn untimed(mut scenario: Scenario) -> Scenario {
    for service in scenario.estate.services.as_mut_slice() {
        for it in service.backup.iter_mut().flatten() {
            let phase = SimDuration::from_millis(it.full.as_millis() * 7 / 31);
            it.phase = Some(it.phase.unwrap_or(phase));
            for cost in [&mut it.per_incremental, &mut it.per_log_hour, &mut it.fall_back] {
                *cost = SimDuration::ZERO;
            }
        }
    }
    scenario
}

#[test]
fn no_site_of_a_shipped_scenario_loses_less_without_incremental_backups() {
    let mut more = 0;
    for name in names() {
        let all = untimed(shipped_scenario(&name));
        let services = || all.estate.services.iter();
        if !services().flat_map(|it| it.protections()).any(|it| it.incremental.is_some()) {
            continue;
        }
        let mut fewer = all.clone();
        for service in fewer.estate.services.as_mut_slice() {
            for it in service.backup.iter_mut().flatten() {
                (it.incremental, it.is_continuous) = (None, false);
            }
        }
        let run = |scenario: &Scenario| {
            let design = Design { replications: 3, ..Design::of(scenario) };
            experiment::run(scenario, &design, &|| ()).strategies
        };
        for (all, fewer) in run(&all).iter().zip(run(&fewer)) {
            for (all, fewer) in all.unpacked().iter().zip(&fewer.unpacked()) {
                assert_eq!(all.restorations, fewer.restorations, "{name}");
                for (all, fewer) in all.data_loss.iter().zip(&fewer.data_loss) {
                    assert!(all.at_hand_over <= fewer.at_hand_over, "{name}");
                    more += usize::from(all.at_hand_over < fewer.at_hand_over);
                }
            }
        }
    }
    assert!(more > 100, "{more}");
}
