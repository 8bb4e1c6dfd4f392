//! One table of cases whose mean is known from paper, and one gate over all of them.
//!
//! Each row is simulated with a seed of its own, so that its error is independent of the others':
//! `z`, the error of its mean in standard errors, is then nearly a standard normal number, and the
//! sum of the squares has the chi-square distribution with as many degrees of freedom as there are
//! rows. It has to lie between the 0.01 % and the 99.99 % point: above, some mean is wrong; below,
//! errors are told greater than they are. Seeds are fixed and nothing is tried twice.
//!
//! Where there is no closed form, the exact mean comes from the Markov chain of the case, which
//! knows nothing of the engine; `markov.rs` solves them all. Times are in hours.

use std::fmt::Write as _;

use blackstart::experiment::{self, Design, Outcome};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::markov::expected;
use crate::support::scenario;

/// A case: what it says, its scenario, the figure that is read of each replication, and its mean.
struct Row {
    says: String,
    text: String,
    replications: u32,
    figure: Box<dyn Fn(&Outcome) -> f64>,
    exact: f64,
}

fn row(says: &str, text: String, figure: impl Fn(&Outcome) -> f64 + 'static, exact: f64) -> Row {
    Row { says: says.to_owned(), text, replications: 4_000, figure: Box::new(figure), exact }
}

#[test]
fn the_means_of_all_analytic_cases_pass_one_chi_square_gate() {
    let rows = [
        machines(),
        maxima(),
        barriers(),
        networks(),
        retries(),
        open_queues(),
        closed_loops(),
        priorities(),
        doubts(),
    ];
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let mut told = String::new();
    let mut sum = 0.0;
    for (seed, row) in (1..).zip(&rows) {
        let scenario = scenario(&row.text);
        let design = Design { seed, replications: row.replications, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        let outcomes = &results.strategies[0].unpacked();
        let figures: Vec<f64> = outcomes.iter().map(|it| (row.figure)(it)).collect();
        let n = figures.len() as f64;
        let mean = figures.iter().sum::<f64>() / n;
        let squares: f64 = figures.iter().map(|it| (it - mean) * (it - mean)).sum();
        let z = (mean - row.exact) / (squares / (n - 1.0) / n).sqrt();
        assert!(z.is_finite(), "{}: a case without chance is no row of this table", row.says);
        sum += z * z;
        writeln!(told, "{z:6.2}  {mean:10.5}  {:10.5}  {}", row.exact, row.says).expect("text");
    }
    let gate = ChiSquared::new(rows.len() as f64).expect("there are rows");
    let (low, high) = (gate.inverse_cdf(0.0001), gate.inverse_cdf(0.9999));
    assert!(
        (low..=high).contains(&sum),
        "chi-square of {} rows is {sum:.1}, not between {low:.1} and {high:.1}\n\n{told}",
        rows.len()
    );
}

// ------------------------------------------------------------------------------------- scenarios

/// A scenario with these tables behind its deletions.
fn case(sites: u32, rest: &str) -> String {
    format!(
        "schema = 1\ntitle = \"test\"\nexperiment.horizon = \"3650d\"\n[estate.sites]\n\
         count = {sites}\nusers.uniform = {{ min = 1, max = 100000 }}\n\
         tiers = [{{ tier = \"gold\", when.min_users = 50000 }}, {{ tier = \"plain\" }}]\n\
         [[incident.deletions]]\n{rest}"
    )
}

/// A scenario with one runbook, whose track is this.
fn book(sites: u32, tables: &str, steps: &str, track: &str) -> String {
    case(
        sites,
        &format!(
            "{tables}\n[runbooks.r]\nsteps = [\n{steps}]\n[[strategies.s.tracks]]\n\
             runbook = \"r\"\n{track}\n"
        ),
    )
}

fn team(people: u32) -> String {
    format!("[teams.x]\npeople = {people}\n")
}

/// An exponential duration of so many hours in the mean.
fn exponential(hours: f64) -> String {
    format!("{{ exponential = {{ mean = \"{}s\" }} }}", hours * 3_600.0)
}

/// A step with an exponential duration.
fn step(id: &str, hours: f64, more: &str) -> String {
    format!("{{ id = \"{id}\", duration = {}, {more} }},\n", exponential(hours))
}

// --------------------------------------------------------------------------------------- figures

fn last(outcome: &Outcome) -> f64 {
    outcome.makespan.since_start().as_hours()
}

/// When each site is back.
fn ends(outcome: &Outcome) -> Vec<f64> {
    let back = outcome.restorations.iter().map(|it| it.restored_at().expect("it is back"));
    back.map(|at| at.since_start().as_hours()).collect()
}

fn mean_of(hours: &[f64]) -> f64 {
    hours.iter().sum::<f64>() / hours.len() as f64
}

fn mean_end(outcome: &Outcome) -> f64 {
    mean_of(&ends(outcome))
}

fn all_waits(outcome: &Outcome) -> f64 {
    outcome.steps.iter().map(|it| it.wait).sum::<u64>() as f64 / 3.6e6
}

// ------------------------------------------------------------------------------ jobs on machines

fn harmonic(n: u32) -> f64 {
    (1..=n).map(|it| 1.0 / f64::from(it)).sum()
}

/// The mean end of the k-th of n exponential jobs of mean 1 on c machines: each interval between
/// two ends has the mean 1 / min(c, what remains).
fn kth_of(k: u32, n: u32, c: u32) -> f64 {
    (0..k).map(|done| 1.0 / f64::from(c.min(n - done))).sum()
}

/// That of the last: (n - c)/c + H(c).
fn last_of(n: u32, c: u32) -> f64 {
    f64::from(n - c) / f64::from(c) + harmonic(c)
}

fn machines() -> Vec<Row> {
    let jobs = |n: u32, c: u32| book(n, &team(c), &step("x", 1.0, "team = \"x\""), "");
    let kth = |k: usize| {
        move |outcome: &Outcome| {
            let mut ends = ends(outcome);
            ends.sort_unstable_by(f64::total_cmp);
            ends[k - 1]
        }
    };
    let mut rows =
        vec![row("the last of 30 jobs on 4 machines", jobs(30, 4), last, last_of(30, 4))];
    let mut many = vec![
        row("the last of 883 jobs on one machine", jobs(883, 1), last, 883.0),
        row("the 839th of 883 jobs on one machine", jobs(883, 1), kth(839), 839.0),
    ];
    for c in [8, 24] {
        let mean = (1..=883).map(|k| kth_of(k, 883, c)).sum::<f64>() / 883.0;
        let of = |what: &str| format!("{what} of 883 jobs on {c} machines");
        many.extend([
            row(&of("the last"), jobs(883, c), last, last_of(883, c)),
            row(&of("the 839th"), jobs(883, c), kth(839), kth_of(839, 883, c)),
            row(&of("the mean"), jobs(883, c), mean_end, mean),
        ]);
    }
    rows.extend(many.into_iter().map(|it| Row { replications: 400, ..it }));
    rows
}

// ---------------------------------------------------------------------------------------- maxima

/// One site, whose steps wait for nothing.
fn beside(durations: &[String]) -> String {
    let steps: String = (0..)
        .zip(durations)
        .map(|(index, duration): (u32, &String)| {
            format!("{{ id = \"t{index}\", duration = {duration} }},\n")
        })
        .collect();
    book(1, "", &steps, "")
}

fn maxima() -> Vec<Row> {
    // Of n that are alike H(n); of others by inclusion and exclusion of the rates 1, 1/2 and 1/4.
    let unequal = 7.0 - (1.0 / 1.5 + 1.0 / 1.25 + 1.0 / 0.75) + 1.0 / 1.75;
    let uniform = || "{ uniform = { min = \"1h\", max = \"3h\" } }".to_owned();
    let mut rows: Vec<Row> = [2u32, 5, 20]
        .iter()
        .map(|n| {
            let text = beside(&vec![exponential(1.0); *n as usize]);
            row(&format!("the last of {n} branches"), text, last, harmonic(*n))
        })
        .collect();
    rows.extend([
        row(
            "the last of three unequal branches",
            beside(&[1.0, 2.0, 4.0].map(exponential)),
            last,
            unequal,
        ),
        // The greatest of n uniform numbers is n / (n + 1) of the way.
        row("the last of four uniform branches", beside(&[(); 4].map(|()| uniform())), last, 2.6),
        // E max(1, X) = 1 + E (X - 1)+ = 1 + exp(-1).
        row(
            "the last of a fixed and a drawn branch",
            beside(&["\"1h\"".to_owned(), exponential(1.0)]),
            last,
            1.0 + libm::exp(-1.0),
        ),
    ]);
    rows
}

// -------------------------------------------------------------------------------------- barriers

fn barriers() -> Vec<Row> {
    // Behind the barrier each site is given back in three minutes.
    let join = |hours: f64, more: &str| {
        step("join", hours, &format!("per = \"batch\", after = [\"x\"], {more}"))
            + "{ id = \"back\", after = [\"join\"], duration = \"3m\" },\n"
    };
    let back = 0.05;
    let whole = "batch.size = 6";
    let people = "team = \"x\"";
    let by_turns = "batch = { size = 4, in_flight = 1 }";
    vec![
        row(
            "a barrier after six sites",
            book(6, "", &(step("x", 1.0, "") + &join(2.0, "")), whole),
            last,
            harmonic(6) + 2.0 + back,
        ),
        row(
            "a barrier after six sites on two machines",
            book(6, &team(2), &(step("x", 1.0, people) + &join(2.0, "")), whole),
            last,
            last_of(6, 2) + 2.0 + back,
        ),
        row(
            "two batches of four, one after the other",
            book(8, "", &(step("x", 1.0, "") + &join(0.5, "frees_slot = true")), by_turns),
            last,
            2.0 * (harmonic(4) + 0.5) + back,
        ),
        row(
            "work on both sides of a barrier",
            book(
                6,
                "",
                &(step("x", 1.0, "") + &join(0.5, "") + &step("y", 1.0, "after = [\"back\"]")),
                whole,
            ),
            last,
            harmonic(6) + 0.5 + back + harmonic(6),
        ),
        row(
            "five sites behind what is done once",
            book(
                5,
                "",
                &(step("once", 1.0, "per = \"once\"") + &step("x", 1.0, "after = [\"once\"]")),
                "",
            ),
            last,
            1.0 + harmonic(5),
        ),
    ]
}

// -------------------------------------------------------------------------------------- networks

/// An activity of a project: its mean, what it waits for, and what it takes of a team and a limit.
struct Job {
    mean: f64,
    after: Vec<usize>,
    takes: [u32; 2],
}

fn job(mean: f64, after: &[usize], takes: [u32; 2]) -> Job {
    Job { mean, after: after.to_vec(), takes }
}

/// One site with these activities under a rule.
fn project(jobs: &[Job], units: [u32; 2], rule: &str) -> String {
    let steps = jobs.iter().enumerate().map(|(index, job)| {
        let after: Vec<String> = job.after.iter().map(|it| format!("\"j{it}\"")).collect();
        let takes = |place: usize, name: &str| match job.takes[place] {
            0 => String::new(),
            units => format!("{name} = {units}"),
        };
        let (people, api) = (takes(0, "x"), takes(1, "api"));
        let more =
            format!("after = [{}], teams = {{ {people} }}, uses = {{ {api} }}", after.join(", "));
        step(&format!("j{index}"), job.mean, &more)
    });
    let steps: String = steps.collect();
    let tables = format!("{}[limits.api]\nunits = {}\n", team(units[0]), units[1]);
    book(1, &tables, &steps, "").replace(
        "[[strategies.s.tracks]]",
        &format!("[strategies.s]\npriority = \"{rule}\"\n[[strategies.s.tracks]]"),
    )
}

/// The same as a Markov chain: which activities are done, and which run, a bit each. Those that can
/// start do so in this order. The reward is by the numbers that are done and that run.
fn project_mean(
    jobs: &[Job],
    units: [u32; 2],
    order: &[usize],
    reward: impl Fn(u32, u32) -> f64,
) -> f64 {
    let in_set = |set: u32, it: usize| set >> it & 1 == 1;
    let begin = |done: u32, mut running: u32| {
        let mut free = units;
        for (it, job) in jobs.iter().enumerate().filter(|it| in_set(running, it.0)) {
            assert!(!in_set(done, it));
            free = [free[0] - job.takes[0], free[1] - job.takes[1]];
        }
        for it in order {
            let takes = jobs[*it].takes;
            let can = !in_set(done | running, *it)
                && jobs[*it].after.iter().all(|before| in_set(done, *before))
                && takes[0] <= free[0]
                && takes[1] <= free[1];
            if can {
                running |= 1 << it;
                free = [free[0] - takes[0], free[1] - takes[1]];
            }
        }
        (done, running)
    };
    let moves = |(done, running): &(u32, u32)| {
        let all = jobs.iter().enumerate().filter(|it| in_set(*running, it.0));
        let end = |(it, job): (usize, &Job)| {
            (1.0 / job.mean, begin(done | 1 << it, running & !(1 << it)))
        };
        all.map(end).collect()
    };
    expected(begin(0, 0), moves, |(done, running)| reward(done.count_ones(), running.count_ones()))
}

fn networks() -> Vec<Row> {
    let time = |_: u32, _: u32| 1.0;
    let plenty = [9, 9];
    let chain: Vec<Job> = (0..50usize)
        .map(|it| Job { mean: 1.0, after: it.checked_sub(1).into_iter().collect(), takes: [0; 2] })
        .collect();
    let two_chains: Vec<Job> = [&[][..], &[0], &[], &[2]].map(|it| job(1.0, it, [0; 2])).into();
    // The network with a bridge of V. G. Kulkarni and V. G. Adlakha, "Markov and Markov-regenerative
    // PERT networks", 1986, with other means.
    let bridge = |people: u32| {
        [(1.0, &[][..]), (2.0, &[]), (1.5, &[0]), (3.0, &[0]), (1.0, &[1, 2])]
            .map(|(mean, after)| job(mean, after, [people, 0]))
    };
    let seven = [0.5, 3.0, 1.0, 2.0, 0.25, 1.5, 4.0].map(|mean| job(mean, &[], [1, 0]));
    let wide = [
        job(1.0, &[], [2, 0]),
        job(2.0, &[], [2, 1]),
        job(1.0, &[], [1, 1]),
        job(0.5, &[0], [3, 0]),
        job(1.5, &[2], [1, 1]),
        job(1.0, &[2], [1, 0]),
    ];
    let in_order = [0, 1, 2, 3, 4, 5];
    vec![
        row("a chain of fifty", project(&chain, plenty, "fifo"), last, 50.0),
        // The second moment: the variances 1, 4 and 9, and the square of the mean 6.
        row(
            "the square of a chain of three",
            book(
                1,
                "",
                &(step("a", 1.0, "")
                    + &step("b", 2.0, "after = [\"a\"]")
                    + &step("c", 3.0, "after = [\"b\"]")),
                "",
            ),
            |it| last(it) * last(it),
            14.0 + 36.0,
        ),
        // E max of two Erlang times of two phases: 11/4.
        row("two chains of two", project(&two_chains, plenty, "fifo"), last, 2.75),
        row(
            "a network with a bridge and no teams",
            project(&bridge(0), plenty, "fifo"),
            last,
            project_mean(&bridge(0), plenty, &in_order[..5], time),
        ),
        // Somebody always works: the sum of the means.
        row(
            "a network with a bridge and one person",
            project(&bridge(1), [1, 1], "longest_remaining"),
            last,
            8.5,
        ),
        row(
            "a network with a bridge and two people in the order of the file",
            project(&bridge(1), [2, 1], "fixed"),
            last,
            project_mean(&bridge(1), [2, 1], &in_order[..5], time),
        ),
        row(
            "seven unequal jobs on three machines, the shortest first",
            project(&seven, [3, 1], "shortest"),
            last,
            project_mean(&seven, [3, 1], &[4, 0, 2, 5, 3, 1, 6], time),
        ),
        row(
            "seven unequal jobs on three machines, the longest first",
            project(&seven, [3, 1], "longest_remaining"),
            last,
            project_mean(&seven, [3, 1], &[6, 1, 3, 5, 2, 0, 4], time),
        ),
        row(
            "wide and narrow activities that share people and a limit",
            project(&wide, [3, 1], "fixed"),
            last,
            project_mean(&wide, [3, 1], &in_order, time),
        ),
    ]
}

// --------------------------------------------------------------------------------------- retries

fn retries() -> Vec<Row> {
    // Attempts up to four of which each but the last fails with 0.3.
    let rounds = 1.0 + 0.3 + 0.09 + 0.027;
    let fails = |more: &str| format!("fails = {{ {more} }}");
    let x = |more: &str| step("x", 1.0, more);
    let geometric = "{ id = \"x\", duration = \"1h\", \
                     fails = { probability = \"20%\", attempts = 10 } },\n";
    vec![
        Row {
            replications: 200,
            ..row(
                "attempts of a step that fails with 1/5, up to ten",
                book(200, "", geometric, ""),
                mean_end,
                (1.0 - 1.024e-7) / 0.8,
            )
        },
        row(
            "attempts of a step that fails with 1/2, up to three",
            book(1, "", &x(&fails("probability = \"50%\", attempts = 3")), ""),
            last,
            1.0 + 0.5 + 0.25,
        ),
        row(
            "two steps that are done again from the first",
            book(
                1,
                "",
                &(x("")
                    + &step(
                        "check",
                        0.5,
                        "after = [\"x\"], fails = { probability = \"30%\", attempts = 4, \
                         retry_from = \"x\" }",
                    )),
                "",
            ),
            last,
            rounds * 1.5,
        ),
        row(
            "a defect that the next step finds",
            book(
                1,
                "",
                &(x(&fails("probability = \"30%\", attempts = 4, found_by = \"check\""))
                    + &step("check", 0.5, "after = [\"x\"]")),
                "",
            ),
            last,
            rounds * 1.5,
        ),
        // A geometric number of exponential times is one exponential time; (1/4)^50 is nothing.
        row(
            "five jobs on two machines that fail with 1/4",
            book(
                5,
                &team(2),
                &x(&format!("team = \"x\", {}", fails("probability = \"25%\", attempts = 50"))),
                "",
            ),
            last,
            last_of(5, 2) / 0.75,
        ),
        row(
            "two attempts that fail with 2/5, and others who do it then",
            book(
                1,
                &(team(1) + "[teams.seniors]\npeople = 1\n"),
                &x(&format!(
                    "team = \"x\", {}",
                    fails("probability = \"40%\", attempts = 2, escalates_to.team = \"seniors\"")
                )),
                "",
            ),
            last,
            1.0 + 0.4 + 0.16,
        ),
    ]
}

// ----------------------------------------------------------------------------------- open queues

/// The mean time in a queue D/M/c of each of the first n, of which one comes every hour, from the
/// distribution of how many each finds before it.
fn even_arrivals(n: usize, people: usize, mean: f64) -> f64 {
    let mut found = vec![0.0; n + 1];
    found[0] = 1.0;
    let mut sum = 0.0;
    for _ in 0..n {
        let time = |present: usize| {
            let turns = (present + 1).saturating_sub(people) as f64 / people as f64;
            (1.0 + turns) * mean
        };
        sum += found.iter().enumerate().map(|(it, share)| share * time(it)).sum::<f64>();
        found.rotate_right(1);
        found = after_an_hour(&found, people, mean);
    }
    sum / n as f64
}

/// How many of these are left after an hour. Uniformization (A. Jensen, 1953): as many chances to end
/// as a Poisson number says, each taken with the share of people at work.
fn after_an_hour(present: &[f64], people: usize, mean: f64) -> Vec<f64> {
    let chances = people as f64 / mean;
    let (mut now, mut left) = (present.to_vec(), vec![0.0; present.len()]);
    let mut weight = libm::exp(-chances);
    for chance in 1..100 {
        left.iter_mut().zip(&now).for_each(|(left, now)| *left += weight * now);
        weight *= chances / f64::from(chance);
        let ends = |it: usize| it.min(people) as f64 / people as f64;
        now = (0..now.len())
            .map(|it| {
                let more = now.get(it + 1).map_or(0.0, |above| above * ends(it + 1));
                now[it] * (1.0 - ends(it)) + more
            })
            .collect();
    }
    left
}

/// Work that comes up at milestones, of which each follows the last after an exponential time of
/// mean 1: a Poisson process.
fn poisson_arrivals(n: u32, people: u32, mean: f64) -> String {
    let mut text =
        format!("{}[runbooks.r]\nsteps = [{{ id = \"x\", duration = \"1h\" }}]\n", team(people));
    for it in 1..=n {
        let after = if it == 1 { String::new() } else { format!("after = \"m{}\"\n", it - 1) };
        let delay = exponential(1.0);
        let work = step(&format!("w{it}"), mean, "per = \"once\", team = \"x\"");
        write!(
            text,
            "[incident.milestones.m{it}]\n{after}delay = {delay}\n\
             [runbooks.r{it}]\nsupporting = true\nsteps = [{work}]\n"
        )
        .expect("text");
    }
    text += "[[strategies.s.tracks]]\nrunbook = \"r\"\n";
    for it in 1..=n {
        write!(text, "[[strategies.s.tracks]]\nrunbook = \"r{it}\"\nopens = \"m{it}\"\n")
            .expect("text");
    }
    case(1, &text)
}

/// The mean wait of the first n in a queue M/M/c, by a chain of how many have come and how many are
/// there.
fn poisson_wait(n: u32, people: u32, mean: f64) -> f64 {
    let moves = |(came, there): &(u32, u32)| {
        let mut moves = Vec::new();
        if *came < n {
            moves.push((1.0, (came + 1, there + 1)));
        }
        if *there > 0 {
            moves.push((f64::from(people.min(*there)) / mean, (*came, there - 1)));
        }
        moves
    };
    let waiting = |(_, there): &(u32, u32)| f64::from(there.saturating_sub(people));
    expected((0, 0), moves, waiting) / f64::from(n)
}

fn open_queues() -> Vec<Row> {
    let even = |n: u32, people: u32, mean: f64| {
        let text = book(
            n,
            &format!("over = \"{n}h\"\n{}", team(people)),
            &step("x", mean, "team = \"x\""),
            "",
        );
        let rta = |outcome: &Outcome| {
            let since = |(row, end): (usize, &f64)| end - row as f64;
            mean_of(&ends(outcome).iter().enumerate().map(since).collect::<Vec<f64>>())
        };
        let says = format!("{n} even arrivals at {people} people");
        row(&says, text, rta, even_arrivals(n as usize, people as usize, mean))
    };
    let poisson = |n: u32, people: u32, mean: f64| {
        let text = poisson_arrivals(n, people, mean);
        let wait = move |outcome: &Outcome| all_waits(outcome) / f64::from(n);
        let says = format!("{n} Poisson arrivals at {people} people");
        row(&says, text, wait, poisson_wait(n, people, mean))
    };
    vec![
        even(30, 1, 0.8),
        even(20, 1, 1.25),
        even(25, 2, 1.7),
        poisson(8, 1, 0.8),
        poisson(12, 2, 1.5),
    ]
}

// ---------------------------------------------------------------------------------- closed loops

/// Two stages, of which each has so many people (none: as many as it takes) and a mean.
#[derive(Clone, Copy)]
struct Loop {
    sites: u32,
    slots: Option<u32>,
    people: [Option<u32>; 2],
    means: [f64; 2],
}

impl Loop {
    fn text(self) -> String {
        let mut tables = String::new();
        let mut steps = String::new();
        for (stage, (people, mean)) in std::iter::zip(self.people, self.means).enumerate() {
            let mut more = if stage == 0 { "" } else { "after = [\"s0\"]," }.to_owned();
            if let Some(people) = people {
                write!(tables, "[teams.t{stage}]\npeople = {people}\n").expect("text");
                write!(more, "team = \"t{stage}\"").expect("text");
            }
            steps += &step(&format!("s{stage}"), mean, &more);
        }
        let track = self.slots.map(|it| format!("batch.in_flight = {it}")).unwrap_or_default();
        book(self.sites, &tables, &steps, &track)
    }

    /// A chain of how many have not been taken, and how many are at each stage.
    fn mean(self, reward: impl Fn(u32) -> f64) -> f64 {
        let take = |(left, first, second): (u32, u32, u32)| {
            let room = self.slots.map_or(left, |it| it - first - second);
            let taken = left.min(room);
            (left - taken, first + taken, second)
        };
        let rate = |stage: usize, there: u32| {
            f64::from(self.people[stage].map_or(there, |it| it.min(there))) / self.means[stage]
        };
        let moves = |(left, first, second): &(u32, u32, u32)| {
            let mut moves = Vec::new();
            if *first > 0 {
                moves.push((rate(0, *first), (*left, first - 1, second + 1)));
            }
            if *second > 0 {
                moves.push((rate(1, *second), take((*left, *first, second - 1))));
            }
            moves
        };
        expected(take((self.sites, 0, 0)), moves, |(left, first, second)| {
            reward(left + first + second)
        })
    }
}

fn closed_loops() -> Vec<Row> {
    let one_each =
        Loop { sites: 12, slots: Some(2), people: [Some(1), Some(1)], means: [1.0, 1.5] };
    let makespan = |says: &str, it: Loop| row(says, it.text(), last, it.mean(|_| 1.0));
    let away = |left: u32| f64::from(left) / 12.0;
    vec![
        makespan("two stages and two slots", one_each),
        row("the mean of two stages and two slots", one_each.text(), mean_end, one_each.mean(away)),
        makespan("two stages without a bound", Loop { slots: None, ..one_each }),
        makespan(
            "three slots, two people and then one",
            Loop { slots: Some(3), people: [Some(2), Some(1)], ..one_each },
        ),
        // The machines of a repairman: they run side by side, and he repairs one at a time.
        makespan(
            "four machines and a repairman",
            Loop { sites: 15, slots: Some(4), people: [None, Some(1)], means: [4.0, 1.0] },
        ),
        makespan("one slot", Loop { slots: Some(1), ..one_each }),
    ]
}

// ------------------------------------------------------------------------------------ priorities

/// Gold sites that are taken from a milestone on, and plain ones that are there from T+0 on: one
/// person takes gold first, but leaves nothing half done.
fn gold_comes_later(rule: &str) -> String {
    let team = team(1);
    let delay = exponential(3.0);
    let (plain, gold) = (step("p", 1.0, "team = \"x\""), step("g", 1.5, "team = \"x\""));
    case(
        8,
        &format!(
            "{team}[incident.milestones.later]\ndelay = {delay}\n\
             [runbooks.plain]\nsteps = [{plain}]\n[runbooks.gold]\nsteps = [{gold}]\n\
             [strategies.s]\npriority = \"{rule}\"\n\
             [[strategies.s.tracks]]\nrunbook = \"plain\"\ntakes.tiers = [\"plain\"]\n\
             [[strategies.s.tracks]]\nrunbook = \"gold\"\ntakes.tiers = [\"gold\"]\n\
             opens = \"later\"\n"
        ),
    )
}

/// Whom the one person works for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Serves {
    Nobody,
    Plain,
    Gold,
}

/// The chain of that: whether gold has come, whom somebody works for, and how many wait of each. The
/// reward is by how many of both are not back.
fn gold_first(plain: u32, gold: u32, reward: impl Fn(u32, u32) -> f64) -> f64 {
    type Queue = (bool, Serves, u32, u32);
    let serve = |it: Queue| match it {
        (true, Serves::Nobody, plain, gold) if gold > 0 => (true, Serves::Gold, plain, gold - 1),
        (came, Serves::Nobody, plain, gold) if plain > 0 => (came, Serves::Plain, plain - 1, gold),
        other => other,
    };
    let moves = |(came, serves, plain, gold): &Queue| {
        let mut moves = Vec::new();
        if !came {
            moves.push((1.0 / 3.0, serve((true, *serves, *plain, *gold))));
        }
        let rate = match serves {
            Serves::Nobody => return moves,
            Serves::Plain => 1.0,
            Serves::Gold => 1.0 / 1.5,
        };
        moves.push((rate, serve((*came, Serves::Nobody, *plain, *gold))));
        moves
    };
    expected(serve((false, Serves::Nobody, plain, gold)), moves, |(_, serves, plain, gold)| {
        let served = |who: Serves| u32::from(*serves == who);
        reward(plain + served(Serves::Plain), gold + served(Serves::Gold))
    })
}

fn priorities() -> Vec<Row> {
    let three = [3.0, 1.0, 2.0].map(|mean| job(mean, &[], [1, 0]));
    let five = [3.0, 1.0, 2.0, 0.5, 1.5].map(|mean| job(mean, &[], [1, 0]));
    let waits = |rule: &str, exact: f64| {
        let says = format!("all waits for one person, {rule}");
        row(&says, project(&three, [1, 1], rule), all_waits, exact)
    };
    let two_sites = |rule: &str, exact: f64| {
        let steps =
            step("a", 1.0, "team = \"x\"") + &step("b", 1.0, "team = \"x\", after = [\"a\"]");
        let text = book(2, &team(1), &steps, "").replace(
            "[[strategies.s.tracks]]",
            &format!("[strategies.s]\npriority = \"{rule}\"\n[[strategies.s.tracks]]"),
        );
        row(&format!("the mean of two sites of two steps, {rule}"), text, mean_end, exact)
    };
    let waiting = |done: u32, running: u32| f64::from(5 - done - running);

    let text = gold_comes_later("tier");
    let estate = scenario(&text).estate;
    let is_gold: Vec<bool> = estate.sites.iter().map(|it| it.users >= 50_000).collect();
    let gold = is_gold.iter().filter(|it| **it).count();
    let plain = is_gold.len() - gold;
    assert!(gold > 1 && plain > 1, "both kinds of site are there");
    let mean_of_kind = move |kind: bool| {
        let is_gold = is_gold.clone();
        move |outcome: &Outcome| {
            let all = ends(outcome).into_iter().zip(&is_gold);
            mean_of(&all.filter(|it| *it.1 == kind).map(|it| it.0).collect::<Vec<f64>>())
        }
    };
    let exact = |reward: &dyn Fn(u32, u32) -> f64| gold_first(plain as u32, gold as u32, reward);
    let gold_away = exact(&|_, left| f64::from(left) / gold as f64);
    let plain_away = exact(&|left, _| f64::from(left) / plain as f64);

    let by_users = book(6, &team(1), &step("x", 1.0, "team = \"x\""), "").replace(
        "[[strategies.s.tracks]]",
        "[strategies.s]\npriority = \"most_users\"\n[[strategies.s.tracks]]",
    );
    let users: Vec<u32> = scenario(&by_users).estate.sites.iter().map(|it| it.users).collect();
    let mut by_size: Vec<usize> = (0..users.len()).collect();
    by_size.sort_unstable_by_key(|it| std::cmp::Reverse(users[*it]));
    let second = by_size[1];
    vec![
        // Who comes later waits for the means of all before.
        waits("shortest", 0.0 + 1.0 + 3.0),
        waits("longest_remaining", 0.0 + 3.0 + 5.0),
        waits("fixed", 0.0 + 3.0 + 4.0),
        // Of each pair either is first in every other replication.
        waits("random", (3.0 + 1.0) / 2.0 + (3.0 + 2.0) / 2.0 + (1.0 + 2.0) / 2.0),
        row(
            "all waits for two people, shortest",
            project(&five, [2, 1], "shortest"),
            all_waits,
            project_mean(&five, [2, 1], &[3, 1, 4, 2, 0], waiting),
        ),
        two_sites("fifo", f64::midpoint(3.0, 4.0)),
        two_sites("fixed", f64::midpoint(2.0, 4.0)),
        row("the site with the second most users", by_users, move |it| ends(it)[second], 2.0),
        row("gold that comes later and goes first", text.clone(), mean_of_kind(true), gold_away),
        row("what gold goes before", text, mean_of_kind(false), plain_away),
    ]
}

// ---------------------------------------------------------------------------------------- doubts

fn doubts() -> Vec<Row> {
    let doubt = "[uncertainty]\nsite = 0.3\nstep = 0.3\nteam = 0.3\n\
                 [incident.milestones.at-once]\ndelay = \"0h\"\n\
                 [teams]\nx.people = 9\ny.people = 9\nz.people = 9\n";
    let ten_hours = |says: &str, more: &str, exact: f64| {
        let step = format!("{{ id = \"x\", duration = \"10h\", {more} }},\n");
        row(says, book(1, doubt, &step, ""), last, exact)
    };
    let chain = step("a", 1.0, "") + &step("b", 2.0, "after = [\"a\"]");
    vec![
        ten_hours("a doubtful step of one team", "teams = { x = 2 }", 10.0),
        ten_hours("a doubtful step of two teams", "teams = { x = 1, y = 3 }", 10.0),
        ten_hours("a doubtful step of three teams", "teams = { x = 5, y = 1, z = 2 }", 10.0),
        ten_hours(
            "a doubtful step that is automated",
            "team = \"x\", people = 3, automated_after = { milestone = \"at-once\", people = 1 }",
            10.0,
        ),
        ten_hours(
            "a doubtful step of two teams and then a third",
            "teams = { x = 1, y = 3 }, fails = { probability = \"100%\", attempts = 1, \
             escalates_to.team = \"z\" }",
            20.0,
        ),
        row("a chain of doubtful steps", book(1, doubt, &chain, ""), last, 3.0),
        // The factor of the team is that of the whole: it stretches all intervals alike.
        row(
            "ten jobs on three machines that are doubtful",
            book(
                10,
                &format!("[uncertainty]\nteam = 0.3\n{}", team(3)),
                &step("x", 1.0, "team = \"x\""),
                "",
            ),
            last,
            last_of(10, 3),
        ),
    ]
}
