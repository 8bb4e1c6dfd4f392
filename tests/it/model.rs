//! Random small scenarios: tracks that wait for each other, batches, rework and ramps. What their
//! exercises owe the auditor knows.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use blackstart::scenario::Per;
use proptest::prelude::*;

/// A scenario in minutes.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub sites: usize,
    /// Between two deletions.
    pub gap: u64,
    pub horizon: u64,
    pub rule: usize,
    /// Capacity over time: from a minute on, so many; the teams, then the limit.
    pub pools: [Vec<(u64, u32)>; 3],
    pub books: Vec<Book>,
}

/// A runbook and the track that follows it.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    pub name: &'static str,
    pub claims: bool,
    pub steps: Vec<Step>,
    pub opens: u64,
    pub closes: Option<u64>,
    pub moves: bool,
    pub size: Vec<(u64, u32)>,
    pub in_flight: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub per: Per,
    pub after: Vec<usize>,
    /// Steps of the supporting track.
    pub after_support: Vec<usize>,
    /// Units of each pool.
    pub needs: [u32; 3],
    pub minutes: u64,
    pub drawn: bool,
    /// The chance in percent, attempts, and from where.
    pub fails: Option<(u32, u32, usize)>,
}

pub(crate) const RULES: [&str; 12] = [
    "fifo",
    "most_users",
    "tier",
    "shortest",
    "longest_remaining",
    "least_slack",
    "latest_finish",
    "most_successors",
    "rank_positional_weight",
    "earliest_start",
    "fixed",
    "random",
];

/// What a step is made from; what does not fit is left out.
type Gene = (u8, u8, u8, u8, u8, u8, bool);

fn genes(most: usize) -> impl Strategy<Value = Vec<Gene>> {
    prop::collection::vec(any::<Gene>(), 1..most)
}

fn steps(genes: &[Gene], support: Option<&[Step]>, supporting: bool) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (index, (per, after, support_mask, needs, minutes, fails, drawn)) in
        genes.iter().enumerate()
    {
        let last = index + 1 == genes.len();
        // The last step is always a site step, so that somebody gives the site back.
        let per = match per % 6 {
            0 if !last || supporting => Per::Once,
            1 if !last => Per::Batch,
            _ => Per::Site,
        };
        let after: Vec<usize> = (0..index)
            .filter(|it| after >> (it % 8) & 1 == 1 || last && !supporting)
            .filter(|it| per != Per::Once || steps[*it].per == Per::Once)
            .collect();
        let after_support = support.into_iter().flatten().enumerate().filter(|(it, theirs)| {
            support_mask >> (it % 8) & 1 == 1
                && support_mask & 0x80 != 0
                && (theirs.per == Per::Once || (theirs.per == Per::Site && per == Per::Site))
        });
        let after_support = after_support.map(|(it, _)| it).collect();
        let needs = [
            u32::from(needs & 3).min(2),
            u32::from(needs >> 2 & 3) / 2,
            u32::from(needs >> 4 & 3) / 3,
        ];
        // One step in eight takes no time; there is no drawing that.
        let minutes = u64::from(minutes.saturating_sub(32)) % 90;
        steps.push(Step {
            per,
            after,
            after_support,
            needs,
            minutes,
            drawn: *drawn && minutes > 0,
            fails: None,
        });
        if fails % 3 == 0 {
            let from: Vec<usize> = (0..index)
                .filter(|it| steps[*it].per == per && reaches(&steps, *it, index, per))
                .chain([index])
                .collect();
            let from = from[usize::from(fails / 3) % from.len()];
            let chance = [30, 60, 100][usize::from(fails / 3) % 3];
            steps[index].fails = Some((chance, 2 + u32::from(fails % 2), from));
        }
    }
    steps
}

/// The steps before each, with those of another kind left out and their own in their place; only
/// `batch` steps see each other through others.
fn same_kind_before(steps: &[Step], index: usize) -> Vec<usize> {
    let per = steps[index].per;
    let mut open = steps[index].after.clone();
    let mut found = BTreeSet::new();
    while let Some(it) = open.pop() {
        if steps[it].per == per {
            found.insert(it);
        } else if per == Per::Batch {
            open.extend(&steps[it].after);
        }
    }
    found.into_iter().collect()
}

fn reaches(steps: &[Step], from: usize, to: usize, _: Per) -> bool {
    let before = same_kind_before(steps, to);
    before.contains(&from) || before.iter().any(|it| reaches(steps, from, *it, steps[to].per))
}

fn ramp(bytes: (u8, u8, u8, u8)) -> Vec<(u64, u32)> {
    let (first, kind, at, second) = bytes;
    let mut ramp = vec![(0, u32::from(first) % 3 + 2)];
    match kind % 4 {
        0 => ramp.push((u64::from(at) + 1, u32::from(second) % 4 + 2)),
        // Nobody for a while.
        1 => ramp.extend([(u64::from(at) + 1, u32::from(second) % 2), (u64::from(at) + 200, 2)]),
        _ => {}
    }
    ramp
}

pub(crate) fn models() -> impl Strategy<Value = Model> {
    let bytes = any::<(u8, u8, u8, u8)>();
    let pools = (bytes, bytes, bytes);
    let books = (genes(7), prop::option::of(genes(4)), prop::option::of(genes(5)));
    let turns = prop::collection::vec(any::<(u8, u8, u8, u8, bool)>(), 3);
    let head = (1..9usize, 0..40u64, 0..RULES.len(), any::<u8>());
    (head, pools, books, turns).prop_map(|(head, pools, books, turns)| {
        let (sites, gap, rule, short) = head;
        let (main, support, late) = books;
        let support = support.map(|genes| steps(&genes, None, true));
        let shape = |index: usize, name, claims, steps: Vec<Step>| {
            let (size, in_flight, opens, change, _) = turns[index];
            let mut sizes = vec![(0, u32::from(size) % 4 + 1)];
            if change % 4 == 0 {
                sizes.push((u64::from(change) * 2 + 1, u32::from(change / 4) % 3 + 1));
            }
            Book {
                name,
                claims,
                steps,
                opens: if opens % 2 == 0 { 0 } else { u64::from(opens) },
                closes: None,
                moves: false,
                size: sizes,
                in_flight: (in_flight % 2 == 1).then_some(u32::from(in_flight / 2) % 3 + 1),
            }
        };
        let mut all = vec![shape(0, "main", true, steps(&main, support.as_deref(), false))];
        if let Some(late) = &late {
            let (_, _, _, closes, moves) = turns[0];
            all[0].closes = Some(u64::from(closes) * 2 + 1);
            all[0].moves = moves;
            all.push(shape(1, "late", true, steps(late, support.as_deref(), false)));
        }
        if let Some(support) = support {
            all.insert(
                usize::from(turns[2].0) % (all.len() + 1),
                shape(2, "support", false, support),
            );
        }
        Model {
            sites,
            gap,
            horizon: if short % 5 == 0 { u64::from(short) * 3 + 60 } else { 400_000 },
            rule,
            pools: [ramp(pools.0), ramp(pools.1), ramp(pools.2)],
            books: all,
        }
    })
}

impl Model {
    /// Every time doubled; only for fixed durations.
    pub(crate) fn doubled(&self) -> Self {
        let mut model = self.clone();
        let double = |ramp: &mut Vec<(u64, u32)>| ramp.iter_mut().for_each(|point| point.0 *= 2);
        model.gap *= 2;
        model.horizon *= 2;
        model.pools.iter_mut().for_each(double);
        for book in &mut model.books {
            book.opens *= 2;
            book.closes = book.closes.map(|at| at * 2);
            double(&mut book.size);
            book.steps.iter_mut().for_each(|step| step.minutes *= 2);
        }
        model
    }

    /// The same with every duration fixed.
    pub(crate) fn fixed(&self) -> Self {
        let mut model = self.clone();
        for book in &mut model.books {
            book.steps.iter_mut().for_each(|step| step.drawn = false);
        }
        model
    }

    pub(crate) fn text(&self) -> String {
        format!("{}\n{}", self.head("m"), self.strategy("s"))
    }

    /// All but the strategies; the ids of steps begin with `prefix`, their keys do not.
    pub(crate) fn head(&self, prefix: &str) -> String {
        let mut text = format!(
            "schema = 1\ntitle = \"random\"\nexperiment.horizon = \"{}m\"\n\
             [estate.sites]\ncount = {}\nusers = {{ uniform = {{ min = 1, max = 1000 }} }}\n\
             tiers = [{{ tier = \"gold\", when.min_users = 500 }}, {{ tier = \"free\" }}]\n\
             [[incident.deletions]]\nover = \"{}m\"\n",
            self.horizon,
            self.sites,
            self.gap * self.sites as u64,
        );
        for (name, key, ramp) in [
            ("teams.red", "people", &self.pools[0]),
            ("teams.blue", "people", &self.pools[1]),
            ("limits.api", "units", &self.pools[2]),
        ] {
            writeln!(text, "[{name}]\n{key} = {}", ramp_text(key, ramp)).expect("text");
        }
        for book in &self.books {
            writeln!(text, "[runbooks.{}]\nsupporting = {}\nsteps = [", book.name, !book.claims)
                .expect("text");
            for (index, step) in book.steps.iter().enumerate() {
                text.push_str(&step_text(book.name, index, step, prefix));
            }
            text.push_str("]\n");
        }
        text
    }

    pub(crate) fn strategy(&self, name: &str) -> String {
        let mut text =
            format!("[strategies.{name}]\npriority = \"{}\"\ntracks = [\n", RULES[self.rule]);
        for book in &self.books {
            write!(text, "{{ runbook = \"{}\", opens = \"T+{}m\"", book.name, book.opens)
                .expect("text");
            if let Some(closes) = book.closes {
                let on_close = if book.moves { "move" } else { "finish" };
                write!(text, ", closes = \"T+{closes}m\", on_close = \"{on_close}\"")
                    .expect("text");
            }
            write!(text, ", batch = {{ size = {}", ramp_text("count", &book.size)).expect("text");
            if let Some(slots) = book.in_flight {
                write!(text, ", in_flight = {slots}").expect("text");
            }
            text.push_str(" } },\n");
        }
        text.push_str("]\n");
        text
    }
}

fn ramp_text(key: &str, ramp: &[(u64, u32)]) -> String {
    let points: Vec<String> = ramp
        .iter()
        .map(|(at, number)| format!("{{ at = \"T+{at}m\", {key} = {number} }}"))
        .collect();
    format!("[{}]", points.join(", "))
}

fn step_text(book: &str, index: usize, step: &Step, prefix: &str) -> String {
    let per = match step.per {
        Per::Once => "once",
        Per::Batch => "batch",
        Per::Site => "site",
        Per::Shard => panic!("nothing is loaded here"),
    };
    let mut after: Vec<String> = step.after.iter().map(|it| format!("\"{prefix}{it}\"")).collect();
    after.extend(step.after_support.iter().map(|it| format!("\"support.{prefix}{it}\"")));
    let duration = match step.drawn {
        true => format!("{{ exponential = {{ mean = \"{}m\" }} }}", step.minutes),
        false => format!("\"{}m\"", step.minutes),
    };
    let mut text = format!(
        "{{ id = \"{prefix}{index}\", key = \"{book}{index}\", per = \"{per}\", \
         after = [{}], duration = {duration}",
        after.join(", ")
    );
    let named = |names: [&str; 2], needs: &[u32]| {
        let units: Vec<String> = names
            .iter()
            .zip(needs)
            .filter(|(_, units)| **units > 0)
            .map(|(name, units)| format!("{name} = {units}"))
            .collect();
        units.join(", ")
    };
    write!(text, ", teams = {{ {} }}", named(["red", "blue"], &step.needs[..2])).expect("text");
    write!(text, ", uses = {{ {} }}", named(["api", ""], &step.needs[2..])).expect("text");
    if let Some((chance, attempts, from)) = step.fails {
        write!(
            text,
            ", fails = {{ probability = \"{chance}%\", attempts = {attempts}, \
             retry_from = \"{prefix}{from}\" }}"
        )
        .expect("text");
    }
    text.push_str(" },\n");
    text
}

const MINUTE: u64 = 60_000;

/// The longest chain of a runbook that gives sites back, in milliseconds.
pub(crate) fn critical_path(book: &Book) -> u64 {
    let mut ends: Vec<u64> = Vec::new();
    for step in &book.steps {
        let start = step.after.iter().map(|it| ends[*it]).max().unwrap_or(0);
        ends.push(start + step.minutes * MINUTE);
    }
    ends.into_iter().max().unwrap_or(0)
}
