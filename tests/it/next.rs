//! The next useful command after each verb: it can be copied, is about the same, and works.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Ran, blackstart_in, fresh_folder, names_in, read, words};

/// A folder with a draft in it whose name a shell would take apart.
fn workplace(name: &str) -> PathBuf {
    let folder = fresh_folder(name);
    let flags = ["init", "it's mine.toml", "--sites", "30", "--services", "1", "--quiet"];
    assert_eq!(blackstart_in(&folder, &flags).code, 0);
    let text = fs::read_to_string(folder.join("it's mine.toml")).expect("a file of this test");
    let text = text.replace("replications = 1000", "replications = 40");
    fs::write(folder.join("it's mine.toml"), text).expect("a file of this test");
    folder
}

/// The commands that were suggested.
#[track_caller]
fn suggested(ran: &Ran) -> Vec<String> {
    let lines =
        ran.stderr.lines().filter(|it| it.starts_with("next, to ") || it.starts_with("or, to "));
    let commands =
        lines.map(|it| it[it.find(": blackstart ").expect("a command") + 2..].to_owned());
    let commands: Vec<String> = commands.collect();
    assert!(commands.len() <= 2, "{}", ran.stderr);
    assert!(!ran.stdout.contains("next, to "), "{}", ran.stdout);
    commands
}

#[track_caller]
fn run(folder: &Path, command: &str) -> Ran {
    let words = words(command);
    blackstart_in(folder, &words.iter().map(String::as_str).collect::<Vec<_>>()[1..])
}

/// Runs a command, and every command that it suggests, which has to work.
#[track_caller]
fn follow(folder: &Path, command: &str) -> Vec<String> {
    let commands = suggested(&run(folder, command));
    for command in &commands {
        let ran = run(folder, command);
        assert_eq!(ran.code, 0, "{command}\n{}", ran.stderr);
    }
    commands
}

const MINE: &str = r"'it'\''s mine.toml'";

#[test]
fn a_new_user_is_led_from_a_draft_to_a_baseline() {
    let folder = workplace("next-path");
    let mut command = "blackstart init second.toml --sites 30 --services 1".to_owned();
    let mut verbs = Vec::new();
    loop {
        let verb = words(&command)[1].clone();
        verbs.push(verb);
        let ran = run(&folder, &command);
        assert_eq!(ran.code, 0, "{command}\n{}", ran.stderr);
        let Some(next) = suggested(&ran).into_iter().next() else { break };
        command = next;
    }
    assert_eq!(verbs, ["init", "validate", "run", "compare", "check", "check", "check"]);
    assert!(names_in(&folder).contains(&"second-baseline.json".to_owned()));
}

#[test]
fn every_suggestion_works_and_is_about_the_same() {
    let folder = workplace("next-same");
    let set = "--set teams.support.called=T+3h";
    for (verb, wanted) in [
        ("run", "compare|why"),
        ("compare", "check|run"),
        ("check", "check|"),
        ("trace", "why|"),
        ("why", "trace|"),
        ("run --strategy by-hand", "run|why"),
        ("run --strategy by-hand --levers", "why|"),
    ] {
        let (verb, more) = verb.split_once(' ').unwrap_or((verb, ""));
        let more = match verb {
            "why" => "site-0001 --replication 3".to_owned(),
            "trace" => "--out log --replication 3".to_owned(),
            _ => more.to_owned(),
        };
        let command = format!("blackstart {verb} {MINE} {more} {set} --seed 5");
        let site = words(
            &fs::read_to_string(folder.join("reports/it's mine/sites.csv")).unwrap_or_default(),
        );
        let site = site.iter().skip(1).find_map(|it| it.split(',').nth(1)).unwrap_or("site-0001");
        let commands = follow(&folder, &command.replace("site-0001", site));
        let verbs: Vec<String> = commands.iter().map(|it| words(it)[1].clone()).collect();
        let wanted: Vec<&str> = wanted.split('|').filter(|it| !it.is_empty()).collect();
        assert_eq!(verbs, wanted, "{command}");
        for next in &commands {
            assert!(next.contains(set) && next.contains("--seed 5"), "{next}");
            assert!(next.contains(MINE), "{next}");
        }
    }
}

#[test]
fn after_a_run_the_worst_site_of_the_first_strategy_that_misses_is_named() {
    let folder = workplace("next-worst");
    let ran = run(&folder, &format!("blackstart run {MINE} --set policy.rto=20h"));
    let says = ran.stderr.lines().nth(2).expect("two commands");
    let wanted = "or, to see why site-";
    assert!(says.starts_with(wanted) && says.contains(" is out for longest: "), "{says}");
    // It is the one with the largest median in the table of sites.
    let table = fs::read_to_string(folder.join("reports/it's mine/sites.csv")).unwrap();
    let column = table.lines().next().unwrap().split(',').position(|it| it == "rta_p50_h").unwrap();
    let rows = table.lines().skip(1).map(|it| it.split(',').collect::<Vec<_>>());
    let of = rows.filter(|it| it[0] == "by-hand");
    let worst = of.max_by(|a, b| {
        let hours = |row: &[&str]| row[column].parse::<f64>().unwrap_or(f64::INFINITY);
        hours(a).total_cmp(&hours(b))
    });
    assert!(says.contains(&format!("{} --strategy by-hand", worst.unwrap()[1])), "{says}");
}

#[test]
fn after_a_missed_budget_comes_what_would_help_and_why_the_worst_site_is_late() {
    let folder = workplace("next-missed");
    let command = format!("blackstart check {MINE} --set policy.rto=1h");
    let text = fs::read_to_string(folder.join("it's mine.toml")).unwrap();
    fs::write(folder.join("it's mine.toml"), text.replace("p(95) <= 2d", "p(95) <= 2h")).unwrap();
    let ran = run(&folder, &command);
    assert_eq!(ran.code, 99, "{}", ran.stderr);
    let commands = suggested(&ran);
    assert!(commands[0].contains("--strategy script-first --levers --out "), "{commands:?}");
    assert!(commands[1].starts_with(&format!("blackstart why {MINE} site-00")), "{commands:?}");
    for command in commands {
        assert_eq!(run(&folder, &command).code, 0, "{command}");
    }
}

#[test]
fn after_an_undecided_budget_comes_how_many_exercises_would_decide() {
    let folder = workplace("next-undecided");
    let command = format!("blackstart check {MINE} --replications 10");
    let ran = run(&folder, &command);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let commands = suggested(&ran);
    assert_eq!(commands.len(), 1);
    assert!(commands[0].contains(" --replications "), "{commands:?}");
    let ran = run(&folder, &commands[0]);
    assert!(ran.stdout.starts_with("All 2 budgets are met."), "{}", ran.stdout);
}

#[test]
fn after_a_baseline_comes_its_use_and_then_nothing() {
    let folder = workplace("next-baseline");
    let accepted = run(&folder, &format!("blackstart check {MINE} --accept-baseline 'a b.json'"));
    let commands = suggested(&accepted);
    assert_eq!(commands, [format!("blackstart check {MINE} --baseline 'a b.json'")]);
    let compared = run(&folder, &commands[0]);
    assert_eq!((compared.code, suggested(&compared)), (0, Vec::new()), "{}", compared.stderr);
}

#[test]
fn after_a_part_comes_the_merge_and_after_that_what_comes_after_a_run() {
    let folder = workplace("next-parts");
    let one = run(&folder, &format!("blackstart run {MINE} --slice 1/2"));
    let two = run(&folder, &format!("blackstart run {MINE} --slice 2/2"));
    assert_eq!(suggested(&one), suggested(&two));
    let merged = run(&folder, &suggested(&one)[0]);
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let commands = suggested(&merged);
    assert!(
        commands[0].starts_with(&format!("blackstart compare {MINE} --seed 1")),
        "{commands:?}"
    );
    // Where only the parts are, no command about the scenario could work.
    let elsewhere = fresh_folder("next-parts-elsewhere");
    let parts = folder.join("reports/it's mine-parts");
    let merged = blackstart_in(&elsewhere, &["merge", &parts.to_string_lossy()]);
    assert_eq!((merged.code, suggested(&merged)), (0, Vec::new()), "{}", merged.stderr);
}

#[test]
fn after_a_report_is_drawn_again_comes_how_to_look_at_it() {
    let folder = workplace("next-report");
    assert_eq!(run(&folder, &format!("blackstart run {MINE}")).code, 0);
    let command = r"blackstart report 'reports/it'\''s mine'";
    assert_eq!(suggested(&run(&folder, command)), [format!("{command} --open")]);
    assert_eq!(run(&folder, &format!("{command} --quiet")).stderr, "");
}

#[test]
fn after_a_backtest_comes_what_it_is_good_for() {
    let folder = fresh_folder("next-backtest");
    fs::write(folder.join("observed.toml"), read("scenarios/observed.toml")).unwrap();
    let commands = follow(&folder, "blackstart backtest observed.toml");
    assert_eq!(commands.len(), 1);
    let text = read("scenarios/observed.toml").replace("within = ", "within = \"1s\" # ");
    fs::write(folder.join("missed.toml"), text).unwrap();
    let missed = run(&folder, "blackstart backtest missed.toml");
    if missed.code == 99 {
        let commands = suggested(&missed);
        assert!(commands[0].starts_with("blackstart trace missed.toml"), "{commands:?}");
        assert_eq!(run(&folder, &commands[0]).code, 0);
    }
}

#[test]
fn where_every_exercise_has_its_own_sites_no_site_is_named() {
    let folder = fresh_folder("next-resampled");
    fs::write(folder.join("resampled.toml"), read("scenarios/resampled.toml")).unwrap();
    for verb in ["run", "compare", "trace --out log"] {
        let (verb, more) = verb.split_once(' ').unwrap_or((verb, ""));
        let commands = follow(&folder, &format!("blackstart {verb} resampled.toml {more}"));
        assert!(!commands.iter().any(|it| it.starts_with("blackstart why")), "{commands:?}");
    }
}

#[test]
fn several_scenarios_have_no_next_command() {
    let folder = workplace("next-several");
    assert_eq!(run(&folder, &format!("blackstart validate {MINE} {MINE}")).stderr, "");
    let ran = run(&folder, &format!("blackstart check {MINE} {MINE}"));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn whoever_wants_quiet_is_told_nothing() {
    let folder = workplace("next-quiet");
    let site = {
        assert_eq!(run(&folder, &format!("blackstart run {MINE} --quiet")).code, 0);
        let table = fs::read_to_string(folder.join("reports/it's mine/sites.csv")).unwrap();
        table.lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned()
    };
    let why = format!("why {MINE} {site}");
    for command in ["validate", "run", "compare", "check", "trace", &why] {
        let (verb, site) = command.split_once(&format!(" {MINE} ")).unwrap_or((command, ""));
        let out = if verb == "trace" { "--out log" } else { "" };
        let ran = run(&folder, &format!("blackstart {verb} {MINE} {site} {out} --quiet"));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{verb}");
    }
}

#[test]
fn no_file_of_a_report_has_a_suggestion_in_it() {
    let folder = workplace("next-files");
    for verb in ["run", "compare"] {
        assert_eq!(run(&folder, &format!("blackstart {verb} {MINE}")).code, 0);
    }
    for (name, bytes) in crate::support::files_in(&folder.join("reports")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("next, to "), "{name}");
    }
}
