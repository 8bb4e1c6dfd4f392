//! How often answers about inputs are right: `cargo bench --bench asked -- 20 > reports/asked.txt`. A number
//! behind `--` is how many trials of each kind are made.
//!
//! Every truth is known beforehand: by a closed form, by looking at everything, or as it was put in.
//! Each trial has a seed of its own. Nothing is asserted, so it is no test.

use std::fmt::Write as _;

use blackstart::ask::{
    AdviceQuestion, Direction, Inputs, LedgerQuestion, LimitQuestion, MOST_CERTIFICATES, Promise,
    Variable, advise, chosen, confidence_of, doubts, ledger, limit, sets_of,
};
use blackstart::experiment::{self, Design};
use blackstart::ids::StrategyId;
use blackstart::measure;
use blackstart::rng::{Purpose, StreamKey, Streams, uniform};
use blackstart::scenario::{Scenario, SetOverride, Texts, check_texts};
use blackstart::verdict::{self, Verdict, judge_share};
use rayon::prelude::*;

/// Trials of each kind.
const TRIALS: u64 = 100;

fn main() {
    // `cargo test --benches` runs this too; it is no test.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let trials = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(TRIALS);
    let mut out = String::new();
    limits(trials, &mut out);
    advice(trials, &mut out);
    certificates(10 * trials, &mut out);
    turns(trials, &mut out);
    parts(trials, &mut out);
    idle(trials, &mut out);
    write_out(&out);
}

#[expect(clippy::print_stdout, reason = "it is what the experiment is for")]
fn write_out(report: &str) {
    print!("{report}");
}

fn text(deleted: usize, people: usize, duration: &str, rto: &str, more: &str) -> String {
    format!(
        "schema = 1\ntitle = \"asked\"\n[experiment]\nreplications = 1000\nhorizon = \"10d\"\n\
         [estate.services.s]\nclass = \"primary\"\nbackup = {{ full = \"1h\", retention = \"30d\" }}\n\
         [estate.products.p]\nservices = [\"s\"]\n[estate.sites]\ncount = 60\nusers.fixed = 10\n\
         [incident]\nat = \"2026-03-02T08:00:00Z\"\n[[incident.deletions]]\ncount = {deleted}\n\
         [teams.ops]\npeople = {people}\n[runbooks.r]\nsequential = true\n[[runbooks.r.steps]]\n\
         id = \"one\"\nteam = \"ops\"\n{duration}\nrestore_point = {{ latest = true }}\n\
         for_each = {{ service = \"s\" }}\n[strategies.s]\n[[strategies.s.tracks]]\nrunbook = \"r\"\nopens = \"T+0\"\n\
         [policy]\nrto = \"{rto}\"\ncoverage = \"100%\"\nassurance = \"90%\"\n{more}"
    )
}

fn read(text: &str) -> (Inputs, Scenario, StrategyId) {
    let texts = Texts::alone("asked", "asked.toml", text);
    let checked = check_texts(&texts, &[]);
    let scenario = match checked.scenario {
        Some(scenario) => scenario,
        None => panic!("{}", checked.diagnostics.render(&checked.sources, false)),
    };
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    (Inputs::new(texts, Vec::new()), scenario, strategy)
}

/// Sites that are restored side by side in exponential times of mean one hour: all are back within r
/// hours with (1 - exp(-r))^n.
fn limits(trials: u64, out: &mut String) {
    let _ = writeln!(out, "limit: sites of exponential times of 1 h, all at once; kept in 90%\n");
    for (rto, hours) in [("3h 30m", 3.5f64), ("4h", 4.0), ("4h 30m", 4.5)] {
        let each = 1.0 - libm::exp(-hours);
        let truth = (libm::log(0.9) / libm::log(each)).floor() as i64;
        let duration = "duration.exponential = { mean = \"1h\" }";
        let (inputs, scenario, strategy) = read(&text(10, 60, duration, rto, ""));
        let whole: SetOverride = "incident.deletions.1.count=1".parse().expect("an override");
        let variable = Variable::new(&whole, ["1", "60", "1"], Direction::Most).expect("a ladder");
        let promise = Promise::of(&scenario, strategy, None).expect("a policy");
        let found: Vec<i64> = (0..trials)
            .into_par_iter()
            .map(|seed| {
                let question = LimitQuestion {
                    inputs: &inputs,
                    beside: &[],
                    variable: &variable,
                    start: 9,
                    strategy,
                    promise,
                    seed: 1000 * seed,
                    replications: 10_000,
                    expected: None,
                };
                let found = limit(&question, &|| ()).expect("every value is valid");
                found.rung.map_or(0, |it| it as i64 + 1)
            })
            .collect();
        let share = |is: &dyn Fn(i64) -> bool| found.iter().filter(|it| is(**it)).count();
        let _ = writeln!(
            out,
            "  RTO {rto}: truth {truth}; exact {} of {trials}, within one {}, above {}",
            share(&|it| it == truth),
            share(&|it| (it - truth).abs() <= 1),
            share(&|it| it > truth),
        );
    }
}

/// Boxes of 5 x 5 x 5 with costs drawn at random: the cheapest by looking at every combination with as
/// many fresh exercises, against advice.
fn advice(trials: u64, out: &mut String) {
    let same: Vec<(bool, bool)> = (0..trials)
        .into_par_iter()
        .map(|seed| {
            let streams = Streams::new(seed, 0);
            let key = StreamKey::new(Purpose::Doubt, &["cost"]);
            let cost = |it: u64| 1.0 + (99.0 * uniform(streams.word(key, 0, it))).floor();
            let lever = |address: &str, values: &str, it: u64| {
                format!(
                    "[[levers]]\naddress = \"{address}\"\nvalues = {values}\ncost = {{ each = {} }}\n",
                    cost(it)
                )
            };
            let more = lever("teams.ops.people", "[2, 3, 4, 5, 6]", 0)
                + &lever("teams.more.people", "[1, 2, 3, 4, 5]", 1)
                + &lever("strategies.s.tracks.1.batch.in_flight", "[4, 5, 6, 7, 8]", 2)
                + "[teams.more]\npeople = 1\n[[runbooks.r.steps]]\nid = \"two\"\nteam = \"more\"\n\
                   duration.lognormal = { p50 = \"15m\", p90 = \"30m\" }\n";
            let duration = "duration.lognormal = { p50 = \"30m\", p90 = \"1h\" }";
            let text = text(24, 2, duration, "4h 30m", &more)
                .replace("opens = \"T+0\"", "opens = \"T+0\"\nbatch = { in_flight = 4 }");
            let (inputs, scenario, strategy) = read(&text);
            let levers = chosen(&scenario.levers, &inputs).expect("costs are known");
            let question = AdviceQuestion {
                inputs: &inputs,
                levers: &levers,
                strategy,
                promise: Promise::of(&scenario, strategy, None).expect("a policy"),
                seed: 1000 * seed,
                replications: 400,
            };
            let advice = advise(&question, &|| ()).expect("every combination is valid");
            let found = advice.answer.map(|it| advice.tried[it].cost);
            let mut least: Option<f64> = None;
            for number in 0..125usize {
                let settings = [number / 25, number / 5 % 5, number % 5];
                let own = inputs.scenario_with(&sets_of(&levers, &settings)).expect("valid");
                let design = Design {
                    strategies: vec![strategy],
                    replications: 400,
                    seed: 1000 * seed + 1,
                    explained: false,
                };
                let results = experiment::run(&own, &design, &|| ());
                let measured = measure::measure(&own, &results);
                let verdicts = verdict::judge_all(&own, &measured);
                let met = verdicts[0].is_some_and(|it| it.policy.verdict == Verdict::Met);
                let cost: f64 = levers
                    .iter()
                    .zip(settings)
                    .map(|(it, own)| it.cost(own, 0.0).expect("a cost"))
                    .sum();
                if met && least.is_none_or(|least| cost < least) {
                    least = Some(cost);
                }
            }
            (found == least, found.is_some())
        })
        .collect();
    let _ = writeln!(
        out,
        "\nadvise: boxes of 5 x 5 x 5 with random costs, against a look at all 125\n\n  \
         the same cost {} of {trials}, an answer {} of {trials}",
        same.iter().filter(|it| it.0).count(),
        same.iter().filter(|it| it.1).count()
    );
}

/// A promise that is kept in exactly 90 % of exercises, or in a little less, and certificates one after
/// the other as long as they fail.
fn certificates(trials: u64, out: &mut String) {
    let _ = writeln!(out, "\ncertificates at the boundary, retries counted, 95% confidence\n");
    for share in [0.9, 0.89] {
        let n = 300u64;
        let wrong = (0..trials)
            .into_par_iter()
            .filter(|trial| {
                (0..MOST_CERTIFICATES).any(|number| {
                    let streams = Streams::new(*trial, u64::from(number));
                    let key = StreamKey::new(Purpose::Doubt, &["kept"]);
                    let kept =
                        (0..n).filter(|it| uniform(streams.word(key, 0, *it)) < share).count();
                    let confidence = confidence_of(0.95, number);
                    let judged = judge_share(kept as u64, n, 0.9 + 1e-12, confidence);
                    judged.verdict == Verdict::Met
                })
            })
            .count();
        let _ = writeln!(out, "  kept in {share}: {wrong} of {trials} certified wrongly");
    }
}

/// How often the interval of a break-even has the true one in it: a step that varies, whose share of
/// exercises within the objective is known.
fn turns(trials: u64, out: &mut String) {
    // Lognormal with median 3 h and 90 % below 4 h: of a factor f, P(within 6 h) = Phi(ln(2 / f) / s).
    let s = libm::log(4.0 / 3.0) / 1.281_551_565_5;
    let truth = 2.0 * libm::exp(-1.281_551_565_5 * s);
    let duration = "duration.lognormal = { p50 = \"3h\", p90 = \"4h\" }\nsource = \"guess\"";
    let (inputs, scenario, strategy) = read(&text(1, 1, duration, "6h", ""));
    let doubts = doubts(&scenario, &inputs);
    let found: Vec<Option<(f64, f64)>> = (0..trials)
        .into_par_iter()
        .map(|seed| {
            let question = LedgerQuestion {
                inputs: &inputs,
                doubts: &doubts,
                strategies: &[strategy],
                promise: Promise::of(&scenario, strategy, None).ok(),
                seed,
                replications: 400,
            };
            let found = ledger(&question, &|| ()).expect("valid");
            let turn = found.entries[0].verdict_turns[1]?;
            let factor = |it| found.entries[0].doubt.factor(it);
            Some((factor(turn.stays), turn.turned.map_or(f64::INFINITY, factor)))
        })
        .collect();
    let has = |it: &&Option<(f64, f64)>| it.is_some_and(|it| it.0 <= truth && truth <= it.1);
    let _ = writeln!(
        out,
        "\nbreak-even of a step that varies: truth {truth:.3}, in the interval {} of {trials}",
        found.iter().filter(has).count()
    );
}

/// The parts of a sum of five steps of fixed lengths.
fn parts(trials: u64, out: &mut String) {
    let hours = [1.0, 2.0, 3.0, 4.0, 5.0];
    let step = |(place, hours): (usize, &f64)| {
        format!(
            "[[runbooks.r.steps]]\nid = \"s{place}\"\nteam = \"ops\"\nduration.fixed = \"{hours}h\"\n\
             source = \"guess\"\n"
        )
    };
    let more: String = hours.iter().enumerate().map(step).collect();
    let (inputs, scenario, strategy) = read(&text(1, 1, "duration.fixed = \"1m\"", "20h", &more));
    let doubts = doubts(&scenario, &inputs);
    let whole: f64 = hours.iter().map(|it| it * it).sum();
    let worst = (0..trials)
        .into_par_iter()
        .map(|seed| {
            let question = LedgerQuestion {
                inputs: &inputs,
                doubts: &doubts,
                strategies: &[strategy],
                promise: None,
                seed,
                replications: 1,
            };
            let found = ledger(&question, &|| ()).expect("valid");
            let each =
                found.entries.iter().zip(hours).map(|(entry, own)| {
                    (entry.part.expect("a part").value - own * own / whole).abs()
                });
            each.fold(0.0, f64::max)
        })
        .collect::<Vec<f64>>();
    let within = worst.iter().filter(|it| **it <= 0.02).count();
    let _ = writeln!(
        out,
        "\nparts of a sum of five steps: all within 2 points {within} of {trials}, the worst {:.1} points",
        100.0 * worst.iter().copied().fold(0.0, f64::max)
    );
}

/// A guess that nothing waits for.
fn idle(trials: u64, out: &mut String) {
    let duration = "duration.lognormal = { p50 = \"1h\", p90 = \"2h\" }";
    let more = "[teams.idle]\npeople = 3\nsource = \"guess\"\n";
    let (inputs, scenario, strategy) = read(&text(6, 2, duration, "8h", more));
    let doubts = doubts(&scenario, &inputs);
    let without = (0..trials)
        .into_par_iter()
        .filter(|seed| {
            let question = LedgerQuestion {
                inputs: &inputs,
                doubts: &doubts,
                strategies: &[strategy],
                promise: Promise::of(&scenario, strategy, None).ok(),
                seed: *seed,
                replications: 50,
            };
            ledger(&question, &|| ()).expect("valid").entries[0].has_no_effect()
        })
        .count();
    let _ = writeln!(out, "\na guess that nothing waits for: no effect {without} of {trials}");
}
