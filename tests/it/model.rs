//! Random small scenarios, and an outsider who re-derives from the rules alone what a trace of them
//! may contain.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use blackstart::experiment::{Told, Trace, What};
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
        steps.push(Step {
            per,
            after,
            after_support,
            needs,
            minutes: u64::from(*minutes) % 90 + 1,
            drawn: *drawn,
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

/// What is done again when `finder` sends the work back to `from`.
fn sent_back(steps: &[Step], from: usize, finder: usize) -> Vec<usize> {
    let per = steps[finder].per;
    let on_path = |it: usize| {
        (it == from || reaches(steps, from, it, per))
            && (it == finder || reaches(steps, it, finder, per))
    };
    (0..steps.len()).filter(|it| *it == finder || steps[*it].per == per && on_path(*it)).collect()
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

    fn book(&self, name: &str) -> &Book {
        self.books.iter().find(|book| book.name == name).expect("a track of the model")
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

/// Whose a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Once,
    Batch(u32),
    Site(usize),
}

/// A track, a step and a target.
type Task = (&'static str, usize, Target);

/// Follows a trace and protests.
pub(crate) struct Outsider<'a> {
    model: &'a Model,
    open: BTreeSet<&'static str>,
    closed: BTreeSet<&'static str>,
    /// Batch by track and site, and back.
    batch_of: BTreeMap<(&'static str, usize), u32>,
    members: BTreeMap<u32, (&'static str, Vec<usize>)>,
    given_up: BTreeSet<(&'static str, usize)>,
    claimed: BTreeMap<usize, &'static str>,
    restored: BTreeMap<usize, u64>,
    running: BTreeMap<Task, u64>,
    done: BTreeSet<Task>,
    ever_done: BTreeSet<Task>,
    failures: BTreeMap<Task, u32>,
    in_use: [u32; 3],
    busy: [u64; 3],
    attempts: u64,
}

const MINUTE: u64 = 60_000;

/// Checks every law that a trace of the model must keep.
pub(crate) fn check_laws(model: &Model, trace: &Trace) {
    let mut outsider = Outsider {
        model,
        open: BTreeSet::new(),
        closed: BTreeSet::new(),
        batch_of: BTreeMap::new(),
        members: BTreeMap::new(),
        given_up: BTreeSet::new(),
        claimed: BTreeMap::new(),
        restored: BTreeMap::new(),
        running: BTreeMap::new(),
        done: BTreeSet::new(),
        ever_done: BTreeSet::new(),
        failures: BTreeMap::new(),
        in_use: [0; 3],
        busy: [0; 3],
        attempts: 0,
    };
    let mut now = 0;
    for told in &trace.records {
        let at = told.at.as_millis();
        assert!(now <= at, "the clock went back");
        if now < at {
            outsider.nobody_waits_in_vain(now);
        }
        now = at;
        outsider.follow(told);
    }
    outsider.nobody_waits_in_vain(now);
    outsider.agrees(trace, now);
}

impl Outsider<'_> {
    fn follow(&mut self, told: &Told) {
        let now = told.at.as_millis();
        match told.what {
            What::Milestone | What::Injected | What::InjectEnded => {}
            What::Opened => {
                let book = self.model.book(&told.track);
                assert_eq!(now, book.opens * MINUTE);
                self.open.insert(book.name);
            }
            What::Closed => self.close(self.model.book(&told.track)),
            What::Taken => self.take(told),
            What::Started => self.start(self.task(told), now),
            What::Finished => {
                let task = self.task(told);
                self.end(task, now);
                self.done.insert(task);
                self.ever_done.insert(task);
            }
            What::Failed => self.fail(self.task(told), now),
            What::Aborted => {
                let task = self.task(told);
                assert!(task.2 != Target::Once || self.has_moved(self.model.book(task.0)));
                self.end(task, now);
            }
            What::Restored => self.restore(site(&told.site), now),
            What::Deleted => panic!("nothing is deleted a second time here"),
            What::Paused | What::Resumed => panic!("nobody hands over here"),
            What::Lost | What::Escalated => panic!("nothing can be lost or escalate here"),
            What::Reached => panic!("nobody is told here"),
            What::Unloaded => panic!("nothing is loaded here"),
            _ => assert!(!told.what.is_plain(), "{told:?} is not known"),
        }
    }

    fn task(&self, told: &Told) -> Task {
        let book = self.model.book(&told.track);
        let step: usize = told.step[1..].parse().expect("a letter and a number");
        let target = match book.steps[step].per {
            Per::Once => Target::Once,
            Per::Batch => Target::Batch(self.batch_of[&(book.name, site(&told.site))]),
            Per::Site => Target::Site(site(&told.site)),
            Per::Shard => panic!("nothing is loaded here"),
        };
        (book.name, step, target)
    }

    fn close(&mut self, book: &Book) {
        self.closed.insert(book.name);
        if book.moves {
            for row in 0..self.model.sites {
                if self.claimed.get(&row) == Some(&book.name) && !self.restored.contains_key(&row) {
                    self.given_up.insert((book.name, row));
                    self.claimed.remove(&row);
                }
            }
        }
    }

    /// Whether what a track does once has been given up, unless it was done.
    fn has_moved(&self, book: &Book) -> bool {
        book.moves && self.closed.contains(book.name)
    }

    fn take(&mut self, told: &Told) {
        let (row, now) = (site(&told.site), told.at.as_millis());
        let book = self.model.book(&told.track);
        let batch = told.batch.expect("a batch has a number");
        assert!(self.open.contains(book.name) && !self.closed.contains(book.name));
        assert!(row as u64 * self.model.gap * MINUTE <= now, "taken before it was deleted");
        if book.claims {
            assert_eq!(self.claimed.insert(row, book.name), None, "claimed twice");
        }
        for (index, step) in book.steps.iter().enumerate() {
            let once = (book.name, index, Target::Once);
            assert!(step.per != Per::Once || self.done.contains(&once), "taken too early");
        }
        assert_eq!(self.batch_of.insert((book.name, row), batch), None, "taken twice");
        let members = self.members.entry(batch).or_insert((book.name, Vec::new()));
        members.1.push(row);
        assert!(members.1.len() as u32 <= level(&book.size, now), "a batch too large");
    }

    fn start(&mut self, task: Task, now: u64) {
        assert!(!self.running.contains_key(&task), "{task:?} runs twice at once");
        assert!(!self.done.contains(&task), "{task:?} is done");
        assert!(self.is_eligible(task), "{task:?} starts before what comes before it");
        let given_up = task.2 == Target::Once && self.has_moved(self.model.book(task.0));
        assert!(!given_up, "{task:?} starts although its track has closed");
        let needs = self.model.book(task.0).steps[task.1].needs;
        for (pool, units) in needs.into_iter().enumerate().filter(|(_, units)| *units > 0) {
            self.in_use[pool] += units;
            let capacity = level(&self.model.pools[pool], now);
            assert!(self.in_use[pool] <= capacity, "{task:?} takes more than there is");
        }
        self.running.insert(task, now);
        self.attempts += 1;
    }

    fn end(&mut self, task: Task, now: u64) {
        let since = self.running.remove(&task).expect("only what runs can end");
        let needs = self.model.book(task.0).steps[task.1].needs;
        for (pool, units) in needs.into_iter().enumerate() {
            self.in_use[pool] -= units;
            self.busy[pool] += u64::from(units) * (now - since);
        }
    }

    fn fail(&mut self, task: Task, now: u64) {
        self.end(task, now);
        let book = self.model.book(task.0);
        let (_, attempts, from) = book.steps[task.1].fails.expect("only some steps fail");
        let failures = self.failures.entry(task).or_default();
        *failures += 1;
        assert!(*failures < attempts, "the last attempt cannot fail");
        for again in sent_back(&book.steps, from, task.1) {
            self.done.remove(&(task.0, again, task.2));
        }
    }

    fn restore(&mut self, row: usize, now: u64) {
        let track = self.claimed[&row];
        let book = self.model.book(track);
        assert!(book.opens * MINUTE <= now);
        assert_eq!(self.restored.insert(row, now), None, "restored twice");
        for (index, step) in book.steps.iter().enumerate() {
            let followed = book.steps.iter().any(|other| other.after.contains(&index));
            let own = (track, index, Target::Site(row));
            assert!(step.per != Per::Site || followed || self.ever_done.contains(&own));
        }
    }

    /// Whether everything that comes before a task is done.
    fn is_eligible(&self, (track, index, target): Task) -> bool {
        let book = self.model.book(track);
        let step = &book.steps[index];
        let support = |row: Option<usize>| {
            step.after_support.iter().all(|it| match self.model.book("support").steps[*it].per {
                // What is done once and waits for its like waits for its rework, too.
                Per::Once if target == Target::Once => {
                    self.done.contains(&("support", *it, Target::Once))
                }
                Per::Once => self.ever_done.contains(&("support", *it, Target::Once)),
                _ => self.done.contains(&("support", *it, Target::Site(row.expect("a site")))),
            })
        };
        match target {
            Target::Once => {
                self.open.contains(track)
                    && support(None)
                    && step.after.iter().all(|it| self.done.contains(&(track, *it, target)))
            }
            Target::Batch(batch) => {
                let live: Vec<usize> = self.members[&batch].1.clone();
                let passed = |it: usize, row: usize| {
                    self.given_up.contains(&(track, row))
                        || self.ever_done.contains(&(track, it, Target::Site(row)))
                };
                support(None)
                    && same_kind_before(&book.steps, index)
                        .iter()
                        .all(|it| self.done.contains(&(track, *it, target)))
                    && step
                        .after
                        .iter()
                        .filter(|it| book.steps[**it].per == Per::Site)
                        .all(|it| live.iter().all(|row| passed(*it, *row)))
            }
            Target::Site(row) => {
                let batch = self.batch_of[&(track, row)];
                support(Some(row))
                    && step.after.iter().all(|it| match book.steps[*it].per {
                        Per::Once => true,
                        Per::Batch => self.ever_done.contains(&(track, *it, Target::Batch(batch))),
                        Per::Site => self.done.contains(&(track, *it, target)),
                        Per::Shard => panic!("nothing is loaded here"),
                    })
            }
        }
    }

    /// At the end of an instant nothing that could start waits.
    fn nobody_waits_in_vain(&self, now: u64) {
        if now > self.model.horizon * MINUTE {
            return;
        }
        for book in self.model.books.iter().filter(|book| self.open.contains(book.name)) {
            for (index, step) in book.steps.iter().enumerate() {
                let targets: Vec<Target> = match step.per {
                    Per::Once if self.has_moved(book) => Vec::new(),
                    Per::Once => vec![Target::Once],
                    Per::Batch => self.batches(book).map(Target::Batch).collect(),
                    Per::Site => self.sites(book).map(Target::Site).collect(),
                    Per::Shard => panic!("nothing is loaded here"),
                };
                for task in targets.into_iter().map(|target| (book.name, index, target)) {
                    let fits = (0..3).all(|pool| {
                        let capacity = level(&self.model.pools[pool], now);
                        step.needs[pool] == 0 || self.in_use[pool] + step.needs[pool] <= capacity
                    });
                    assert!(
                        self.done.contains(&task)
                            || self.running.contains_key(&task)
                            || !fits
                            || !self.is_eligible(task),
                        "{task:?} could start at {now} and waits"
                    );
                }
            }
            let free = book.claims && book.in_flight.is_none() && !self.closed.contains(book.name);
            let ready = book.steps.iter().enumerate().all(|(index, step)| {
                step.per != Per::Once || self.done.contains(&(book.name, index, Target::Once))
            });
            for row in (0..self.model.sites).filter(|_| free && ready) {
                let due = row as u64 * self.model.gap * MINUTE <= now;
                assert!(!due || self.claimed.contains_key(&row), "site {row} waits to be taken");
            }
        }
    }

    fn batches<'b>(&'b self, book: &'b Book) -> impl Iterator<Item = u32> + 'b {
        let alive = |row: &usize| !self.given_up.contains(&(book.name, *row));
        let own = self
            .members
            .iter()
            .filter(move |(_, (track, rows))| *track == book.name && rows.iter().any(alive));
        own.map(|(batch, _)| *batch)
    }

    fn sites<'b>(&'b self, book: &'b Book) -> impl Iterator<Item = usize> + 'b {
        let taken = |row: &usize| {
            self.batch_of.contains_key(&(book.name, *row))
                && !self.given_up.contains(&(book.name, *row))
        };
        (0..self.model.sites).filter(taken)
    }

    /// The trace and the outcome tell the same story.
    fn agrees(&mut self, trace: &Trace, last: u64) {
        let outcome = &trace.outcome;
        let horizon = self.model.horizon * MINUTE;
        assert_eq!(outcome.restorations.len(), self.model.sites);
        for (row, restoration) in outcome.restorations.iter().enumerate() {
            let told = self.restored.get(&row).copied();
            assert_eq!(restoration.restored_at().map(|at| at.as_millis()), told);
        }
        let makespan = self.restored.values().max().copied().unwrap_or(0);
        assert_eq!(outcome.makespan.as_millis(), makespan);
        assert_eq!(outcome.attempts, self.attempts);
        assert!(last <= horizon);
        let endless = self.model.horizon == 400_000;
        if endless {
            assert!(self.running.is_empty() && self.restored.len() == self.model.sites);
        }
        for task in self.running.keys().copied().collect::<Vec<_>>() {
            self.end(task, horizon);
        }
        for (pool, busy) in self.busy.into_iter().enumerate() {
            assert_eq!(outcome.pools[pool].busy, u128::from(busy));
        }
    }
}

/// The row of `site-0003` is 2.
fn site(name: &str) -> usize {
    let number: usize = name["site-".len()..].parse().expect("a site has a number");
    number - 1
}

/// The number of a ramp at an instant in milliseconds.
fn level(ramp: &[(u64, u32)], now: u64) -> u32 {
    let present = ramp.iter().rev().find(|(at, _)| at * MINUTE <= now);
    present.map_or(0, |(_, number)| *number)
}

/// The longest chain of a runbook that gives sites back, in milliseconds.
pub(crate) fn critical_path(book: &Book) -> u64 {
    let mut ends: Vec<u64> = Vec::new();
    for step in &book.steps {
        let start = step.after.iter().map(|it| ends[*it]).max().unwrap_or(0);
        ends.push(start + step.minutes * MINUTE);
    }
    ends.into_iter().max().unwrap_or(0)
}
