//! A net under every change: what the program says of every scenario that it comes with, through
//! every verb and format, compared with kept digests.
//!
//! A change that means to change an output changes its line in `net.txt`, and is seen in review;
//! every other line stays. To keep what the program says now: `SNAPSHOTS=overwrite cargo test --test
//! it net::`.

use std::fmt::Write as _;
use std::path::Path;

use blackstart::rng::digest;

use crate::support::{Ran, files_in, fresh_folder, in_process, shipped_scenario};

/// The scenarios that come with the program, by name.
pub(crate) fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = files_in(&folder).into_iter().map(|it| it.0);
    files
        .filter_map(|it| it.strip_suffix(".toml").map(str::to_owned))
        .filter(|it| !it.contains('/'))
        .collect()
}

/// The formats for builds.
const FORMATS: [&str; 6] = ["text", "json", "markdown", "junit", "github", "sarif"];

/// Those that questions about inputs are asked of.
const ASKED: [&str; 4] = ["levers", "quickstart", "resampled", "budgets"];

/// Asks every question about inputs, in every form.
fn ask(said: &mut Said, out: &str) {
    let few = ["--replications", "60", "--quiet"];
    for verb in ["limit", "ledger", "sweep", "advise"] {
        let more = match (verb, said.scenario.as_str()) {
            ("sweep" | "advise", "levers") => &[][..],
            ("sweep", _) => &["--vary", "policy.rto*=0.5,1,2", "--vary", "experiment.horizon*=1,2"],
            ("advise", _) => continue,
            _ => &[],
        };
        for format in ["text", "json", "markdown", "csv"] {
            let out = format!("{out}-{verb}");
            said.verb(verb, &[more, &few[..], &["--format", format, "--out", &out]].concat());
        }
        let folder = format!("{out}-{verb}");
        if Path::new(&folder).exists() {
            said.files(verb, Path::new(&folder));
        }
    }
}

/// What the program said and wrote, a line each.
struct Said {
    lines: String,
    scenario: String,
}

impl Said {
    fn line(&mut self, what: &str, text: &str) {
        writeln!(self.lines, "{} {what}: {:016x}", self.scenario, digest(text))
            .expect("a string takes any text");
    }

    /// Runs a verb on the scenario; what it tells people on the way has paths of this machine in it.
    fn verb(&mut self, verb: &str, more: &[&str]) -> Ran {
        let path = format!("scenarios/{}.toml", self.scenario);
        self.words(&[&[verb, &path], more].concat(), &[&[verb], more].concat())
    }

    /// Runs these words, which are told as others.
    fn words(&mut self, words: &[&str], told: &[&str]) -> Ran {
        let ran = in_process(words);
        let out = told.iter().position(|it| *it == "--out");
        let told = &told[..out.unwrap_or(told.len())];
        self.line(&format!("{} ended with {}", told.join(" "), ran.code), &ran.stdout);
        ran
    }

    /// The files below a folder; all plots are one.
    fn files(&mut self, verb: &str, folder: &Path) {
        let mut plots = String::new();
        for (name, bytes) in files_in(folder) {
            let text = String::from_utf8(bytes).expect("what is written is UTF-8");
            if name.starts_with("plots/") {
                writeln!(plots, "{name}\n{text}").expect("a string takes any text");
            } else {
                self.line(&format!("{verb} wrote {name}"), &text);
            }
        }
        self.line(&format!("{verb} wrote plots"), &plots);
    }
}

fn said_of(name: &str) -> String {
    let mut said = Said { lines: String::new(), scenario: name.to_owned() };
    let scenario = shipped_scenario(name);
    // The more sites, the fewer exercises.
    let sites = scenario.estate.sites.len();
    let n = if sites > 500 { "3" } else { "24" };
    let few = ["--replications", n, "--quiet"];
    let top = fresh_folder(&format!("net-{name}"));
    let place = |it: &str| top.join(it).to_str().expect("a path that is UTF-8").to_owned();

    said.verb("validate", &[]);
    for format in &FORMATS[1..] {
        said.verb("validate", &["--format", format]);
    }
    for (verb, formats) in [
        ("run", &["text", "json"][..]),
        ("compare", &["text", "json"]),
        ("backtest", &["text", "json"]),
    ] {
        let out = place(verb);
        for format in formats {
            said.verb(verb, &[&few[..], &["--format", format, "--out", &out]].concat());
        }
        if Path::new(&out).exists() {
            said.files(verb, Path::new(&out));
        }
    }
    let run = place("run");
    in_process(&["report", &run, "--quiet"]);
    said.files("report", Path::new(&run));
    let by = place("by");
    said.verb("run", &[&few[..], &["--by", "tier", "--out", &by]].concat());
    if sites < 500 {
        said.verb("run", &["--replications", "60", "--until", "5%", "--quiet", "--out", &by]);
        said.verb("run", &[&few[..], &["--levers", "--out", &by]].concat());
        said.verb(
            "compare",
            &["--select", "--replications", "40", "--quiet", "--out", &place("by")],
        );
    }
    for format in FORMATS {
        said.verb("check", &[&few[..], &["--format", format]].concat());
    }
    let (baseline, path) = (place("baseline.json"), format!("scenarios/{name}.toml"));
    let accept = [&["check", &path][..], &few, &["--accept-baseline", &baseline]].concat();
    in_process(&accept);
    let kept = std::fs::read_to_string(&baseline).expect("a baseline was written");
    said.line("check wrote a baseline", &kept);

    for format in ["text", "json"] {
        said.verb("audit", &["--replications", "3", "--quiet", "--format", format]);
    }

    if ASKED.contains(&name) {
        ask(&mut said, &place("asked"));
    }

    let parts = place("parts");
    for slice in ["1/2", "2/2"] {
        said.verb("run", &[&few[..], &["--slice", slice, "--out", &parts]].concat());
    }
    said.files("run --slice", Path::new(&parts));
    let merged = place("merged");
    said.words(&["merge", &parts, "--quiet", "--out", &merged], &["merge"]);
    said.files("merge", Path::new(&merged));

    for strategy in &scenario.strategies {
        let strategy = ["--strategy", &strategy.name];
        for format in ["ndjson", "chrome"] {
            said.verb("trace", &[&strategy[..], &["--format", format]].concat());
        }
        let aimed_at = &scenario.incident.deleted;
        for place in [0, aimed_at.len() / 2, aimed_at.len() - 1] {
            let site = &scenario.estate.sites[aimed_at[place].site].name;
            let path = format!("scenarios/{name}.toml");
            let why = [&["why", &path, site][..], &strategy, &["--replication", "1"]].concat();
            said.words(&why, &[&["why", site][..], &strategy, &["--replication", "1"]].concat());
        }
    }
    said.lines
}

/// What the program says without a scenario.
fn said_of_none() -> String {
    let mut said = Said { lines: String::new(), scenario: "none".to_owned() };
    let verbs = [
        "init",
        "validate",
        "run",
        "check",
        "compare",
        "merge",
        "backtest",
        "report",
        "trace",
        "why",
        "audit",
        "schema",
        "completions",
        "man",
    ];
    for verb in verbs {
        said.words(&["help", verb], &["help", verb]);
    }
    for words in [&["--help"][..], &["schema"], &["man"], &["init", "-"], &["completions", "bash"]]
    {
        said.words(words, words);
    }
    said.lines
}

#[test]
fn what_is_said_of_every_shipped_scenario_is_what_it_was() {
    let names = names();
    let each: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = names.iter().map(|it| scope.spawn(|| said_of(it))).collect();
        threads.into_iter().map(|it| it.join().expect("no scenario panics")).collect()
    });
    let all = said_of_none() + &each.concat();
    snapbox::assert_data_eq!(all, snapbox::file!["net.txt": Text].raw());
}
