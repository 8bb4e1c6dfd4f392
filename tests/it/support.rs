//! The only place that knows the interface of the library: scenario text in, readable text out.

use blackstart::audit::{Everywhere, audit};
use blackstart::experiment::{Design, Results};
use blackstart::ids::StrategyId;
use blackstart::review::Trace;
use blackstart::scenario::{
    Checked, Scenario, SetOverride, Texts, check, check_texts, missing_files,
};
use blackstart::trace::Testimony;
use blackstart::{experiment, measure, review};

/// The scenario in a text, which must have no fault.
#[track_caller]
pub(crate) fn scenario(text: &str) -> Scenario {
    scenario_with(text, &[])
}

/// The scenario in a text with `--set` overrides, which must have no fault.
#[track_caller]
pub(crate) fn scenario_with(text: &str, overrides: &[&str]) -> Scenario {
    let checked = checked(text, overrides);
    match checked.scenario {
        Some(scenario) => scenario,
        None => panic!("{}", checked.diagnostics.render(&checked.sources, false)),
    }
}

/// What the program says of a text.
pub(crate) fn checked(text: &str, overrides: &[&str]) -> Checked {
    let overrides: Vec<SetOverride> =
        overrides.iter().map(|it| it.parse().expect("an override has a key and a value")).collect();
    check("test", "test.toml", text, &overrides)
}

/// What is told of things that nobody uses. Texts name some for the sake of one key, and
/// `validate/effects.rs` has that.
const UNUSED: [&str; 6] = [
    "no step that is done needs",
    "no step that is done is held up",
    "no step is done for service",
    "no site has product",
    "nothing goes by the shards",
    "no step moves, or grows with, the shards",
];

/// Whether a message is about something that nobody uses.
pub(crate) fn is_unused(message: &str) -> bool {
    UNUSED.iter().any(|it| message.starts_with(it))
}

/// Rendered faults without those about things that nobody uses.
pub(crate) fn but_unused(told: &str) -> String {
    let message = |it: &str| it.split_once("]: ").map(|it| it.1.to_owned()).unwrap_or_default();
    let kept = told.split("\n\n").filter(|it| !is_unused(&message(it)));
    kept.collect::<Vec<&str>>().join("\n\n")
}

/// A scenario in several texts: its own, and the others by their paths from its folder.
pub(crate) fn texts(main: &str, files: &[(&str, &str)]) -> Texts {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), Ok((*text).to_owned())));
    Texts { files: files.collect(), ..Texts::alone("test", "test.toml", main) }
}

/// A scenario's text with all that it uses from a folder of the project.
#[track_caller]
pub(crate) fn texts_beside(folder: &str, name: &str, main: &str) -> Texts {
    let mut texts = Texts::alone(name.trim_end_matches(".toml"), name, main);
    loop {
        let missing = missing_files(&texts, &[]);
        if missing.is_empty() {
            return texts;
        }
        let found = missing.into_iter().map(|it| (it.clone(), Ok(read(&format!("{folder}/{it}")))));
        texts.files.extend(found);
    }
}

/// A scenario that comes with the program, with all that it uses.
#[track_caller]
pub(crate) fn shipped_scenario(name: &str) -> Scenario {
    let text = read(&format!("scenarios/{name}.toml"));
    let checked = check_texts(&texts_beside("scenarios", &format!("{name}.toml"), &text), &[]);
    match checked.scenario {
        Some(scenario) => scenario,
        None => panic!("{}", checked.diagnostics.render(&checked.sources, false)),
    }
}

/// The first replication of the first strategy as text.
#[track_caller]
pub(crate) fn timeline(text: &str) -> String {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    keeps_every_law(&scenario, strategy, 0);
    review::timeline(&scenario, strategy, 1, 0)
}

/// The first replication of the first strategy of a scenario in several texts.
#[track_caller]
pub(crate) fn timeline_of(texts: &Texts) -> String {
    let checked = check_texts(texts, &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    let scenario = checked.scenario.unwrap_or_else(|| panic!("{told}"));
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    keeps_every_law(&scenario, strategy, 0);
    review::timeline(&scenario, strategy, 1, 0)
}

/// Has the auditor told an exercise that a test looks at.
#[track_caller]
pub(crate) fn keeps_every_law(scenario: &Scenario, strategy: StrategyId, replication: u64) {
    let strategies = vec![strategy];
    let design = Design { strategies, seed: 1, ..Design::of(scenario) };
    let number = u32::try_from(replication).expect("few exercises");
    let results = experiment::run_slice(scenario, &design, number..number + 1, &|| ());
    let measured = measure::measure(scenario, &results);
    let told = (&results.strategies[0], &measured.strategies[0].replications[..]);
    let everywhere = Everywhere::new(scenario, replication..replication + 1);
    let hear = |own: &Scenario, told: &Testimony| audit(own, &everywhere, strategy, told);
    let found = review::testify(scenario, &results, told, replication, hear);
    assert!(found.iter().all(Vec::is_empty), "{found:#?}");
}

/// A replication of the first strategy, told with names.
#[track_caller]
pub(crate) fn trace(text: &str, replication: u64) -> Trace {
    let scenario = scenario(text);
    let strategy = scenario.strategies.ids().next().expect("a scenario has a strategy");
    keeps_every_law(&scenario, strategy, replication);
    review::trace(&scenario, strategy, 1, replication)
}

/// When sites were handed back in the first replication.
#[track_caller]
pub(crate) fn restored(text: &str) -> String {
    only(&timeline(text), "restored")
}

/// When tasks started in the first replication.
#[track_caller]
pub(crate) fn starts(text: &str) -> String {
    only(&timeline(text), "start")
}

/// When sites were taken in the first replication.
#[track_caller]
pub(crate) fn takes(text: &str) -> String {
    only(&timeline(text), "take")
}

/// When the last site is back under each strategy, in hours, in a scenario without chance.
#[track_caller]
pub(crate) fn last_back(text: &str) -> Vec<(String, f64)> {
    let scenario = scenario(text);
    let results = experiment::run(&scenario, &Design::of(&scenario), &|| ());
    let each = results.strategies.iter().map(|strategy| {
        let spans: Vec<u64> =
            strategy.unpacked().iter().map(|it| it.makespan.as_millis()).collect();
        assert!(spans.iter().all(|it| *it == spans[0]), "{spans:?}");
        (scenario.strategies[strategy.strategy].name.clone(), spans[0] as f64 / 3.6e6)
    });
    each.collect()
}

/// Hours as milliseconds, for figures that are exact.
pub(crate) const fn hours(hours: u64) -> u64 {
    hours * 3_600_000
}

/// The lines of a timeline that tell of one kind of thing, without that word.
pub(crate) fn only(timeline: &str, what: &str) -> String {
    timeline
        .lines()
        .filter_map(|line| {
            let (at, rest) = line.trim_start().split_once(' ')?;
            let whose = rest.trim_start().strip_prefix(what)?;
            Some(format!("{at} {}\n", whose.trim()))
        })
        .collect()
}

/// The results of every strategy of a scenario.
#[track_caller]
pub(crate) fn results(text: &str, replications: u32) -> Results {
    let scenario = scenario(text);
    let design = Design { replications, ..Design::of(&scenario) };
    experiment::run(&scenario, &design, &|| ())
}

/// A scenario with these tables behind a head, one product-less estate and one strategy.
pub(crate) fn small(sites: u32, rest: &str) -> String {
    format!(
        r#"
schema = 1
title = "test"

[estate.sites]
count = {sites}

[[incident.deletions]]

{rest}
"#
    )
}

/// A file of the project as text.
#[track_caller]
pub(crate) fn read(path: &str) -> String {
    let whole = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    match std::fs::read_to_string(&whole) {
        Ok(text) => text,
        Err(fault) => panic!("{path}: {fault}"),
    }
}

/// What a run of the program did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the real program in a folder.
#[track_caller]
pub(crate) fn blackstart_in(folder: &std::path::Path, words: &[&str]) -> Ran {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_blackstart"));
    let output = command.args(words).current_dir(folder).output().expect("the program starts");
    Ran {
        code: output.status.code().expect("the program ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("results are UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    }
}

/// Runs the real program at the top of the project.
#[track_caller]
pub(crate) fn blackstart(words: &[&str]) -> Ran {
    blackstart_in(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), words)
}

/// Runs the program without a process of its own.
#[track_caller]
pub(crate) fn in_process(words: &[&str]) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let words = std::iter::once("blackstart").chain(words.iter().copied());
    let exit = blackstart::cli::run(words.map(Into::into), &mut stdout, &mut stderr);
    Ran {
        code: exit.code().into(),
        stdout: String::from_utf8(stdout).expect("results are UTF-8"),
        stderr: String::from_utf8(stderr).expect("messages are UTF-8"),
    }
}

/// A new empty folder for one test, told by its name.
#[track_caller]
pub(crate) fn fresh_folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("an old folder can be removed");
    }
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Every file below a folder, by its path in it with `/`, in order.
#[track_caller]
pub(crate) fn files_in(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder that can be read") {
            let path = entry.expect("an entry that can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder");
                let name = name.to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read(&path).expect("a file that can be read")));
            }
        }
    }
    found.sort();
    found
}

/// The names of every file below a folder.
#[track_caller]
pub(crate) fn names_in(folder: &std::path::Path) -> Vec<String> {
    files_in(folder).into_iter().map(|it| it.0).collect()
}

/// The words of a command as a shell takes them: quotes, and `\` outside of them.
pub(crate) fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut begun) = (Vec::new(), String::new(), None, false);
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match quote {
            Some(mark) if c == mark => quote = None,
            None if c == '\'' || c == '"' => (quote, begun) = (Some(c), true),
            None if c.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None if c == '\\' => {
                // Before the end of a line it joins two lines.
                let next = rest.next().filter(|it| *it != '\n');
                word.extend(next);
                begun |= next.is_some();
            }
            _ => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}
