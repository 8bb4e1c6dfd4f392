//! Questions about inputs whose answers can be worked out on paper: `sweep`, `limit`, `advise` and
//! `ledger`.

use blackstart::ask::{
    AdviceQuestion, Direction, Inputs, LedgerQuestion, Limit, LimitQuestion, Promise,
    SweepQuestion, Variable, advise, chosen, doubts, ledger, limit, sets_of, sweep, sweep_best,
};
use blackstart::ids::StrategyId;
use blackstart::scenario::{Lever, Scenario, SetOverride, Texts, check_texts};
use blackstart::verdict::Verdict;

use crate::support::{but_unused, checked, fresh_folder, in_process, names_in, read};

/// Sites of one hour each, and so many people who restore them within so long.
fn hours(people: u32, rto: &str) -> String {
    let text = read("scenarios/levers.toml");
    text.replace("people = 2\n", &format!("people = {people}\n"))
        .replace("rto = \"3h\"", &format!("rto = \"{rto}\""))
}

fn inputs(text: &str) -> (Inputs, Scenario) {
    let texts = Texts::alone("test", "test.toml", text);
    let checked = check_texts(&texts, &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    (Inputs::new(texts, Vec::new()), checked.scenario.unwrap_or_else(|| panic!("{told}")))
}

fn first(scenario: &Scenario) -> StrategyId {
    scenario.strategies.ids().next().expect("there is a strategy")
}

/// How far an input can go: the limit and what is told of the next value.
fn limit_of(text: &str, of: &str, values: [&str; 3], direction: Direction) -> (String, Limit) {
    let (inputs, scenario) = inputs(text);
    let whole: SetOverride = format!("{of}=1").parse().expect("an address");
    let variable = Variable::new(&whole, values, direction).expect("a ladder");
    let strategy = first(&scenario);
    let question = LimitQuestion {
        inputs: &inputs,
        beside: &[],
        variable: &variable,
        start: variable.next_to(3.0),
        strategy,
        promise: Promise::of(&scenario, strategy, None).expect("there is a policy"),
        seed: 1,
        replications: 100,
        expected: None,
    };
    let found = limit(&question, &|| ()).expect("every value is valid");
    let limit = found.rung.map_or("none".to_owned(), |it| variable.value(it).to_string());
    (limit, found)
}

const COUNT: &str = "incident.deletions.1.count";

#[test]
fn people_who_take_an_hour_a_site_restore_people_times_whole_hours() {
    for (people, rto, whole) in [(1, "6h", 6), (2, "6h", 12), (3, "2h 30m", 6), (4, "1h", 4)] {
        let (limit, found) =
            limit_of(&hours(people, rto), COUNT, ["1", "60", "1"], Direction::Most);
        assert_eq!(limit, whole.to_string(), "{people} people, {rto}");
        let next = &found.beyond[0];
        assert_eq!((next.0, next.1.judgement.verdict), (whole, Verdict::Missed));
    }
}

#[test]
fn nobody_is_back_within_half_an_hour_and_everybody_within_ten_days() {
    let (limit, found) = limit_of(&hours(2, "30m"), COUNT, ["1", "60", "1"], Direction::Most);
    assert_eq!((limit.as_str(), found.certificates.len()), ("none", 0));
    let (limit, found) = limit_of(&hours(2, "10d"), COUNT, ["1", "60", "1"], Direction::Most);
    assert_eq!((limit.as_str(), found.beyond.len()), ("60", 0));
}

#[test]
fn the_fewest_people_for_twelve_sites_in_three_hours_are_four() {
    let text = hours(2, "3h");
    let values = ["1", "20", "1"];
    let (limit, found) = limit_of(&text, "teams.operators.people", values, Direction::Least);
    assert_eq!(limit, "4");
    assert_eq!(found.beyond[0].1.judgement.holds, 0);
}

#[test]
fn a_step_may_take_as_long_as_the_objective_leaves() {
    // Twelve sites by two people are six rounds, which six hours allow an hour each.
    let of = "runbooks.by-hand.steps.restore.duration*";
    let (limit, _) = limit_of(&hours(2, "6h"), of, ["0.1", "3", "0.1"], Direction::Most);
    assert_eq!(limit, "1");
}

#[test]
fn the_deleted_sites_of_a_smaller_number_are_among_those_of_a_larger_one() {
    let taken = |count: u32| {
        let text = read("scenarios/levers.toml").replace("count = 12", &format!("count = {count}"));
        let (_, scenario) = inputs(&text);
        scenario.incident.runs[0].sites.clone()
    };
    let mut before = taken(1);
    for count in 2..60 {
        let now = taken(count);
        assert!(before.iter().all(|it| now.contains(it)), "{count}");
        before = now;
    }
}

#[test]
fn a_sweep_shows_what_each_number_of_people_brings() {
    let (inputs, scenario) = inputs(&hours(2, "6h"));
    let lever = Lever::read("teams.operators.people=1,2,3,4").expect("a lever");
    let levers = chosen(&[lever], &inputs).expect("no cost");
    let strategies = [first(&scenario)];
    let question = SweepQuestion {
        inputs: &inputs,
        levers: &levers,
        strategies: &strategies,
        seed: 1,
        replications: 40,
    };
    let swept = sweep(&question, &|| ()).expect("every cell is valid");
    // Twelve sites: the one at 95 % is the last, after 12, 6, 4 and 3 hours.
    let hours = |it: f64| it / 3_600_000.0;
    let times: Vec<f64> =
        swept.cells.iter().map(|it| hours(it.rta_p95.expect("all come back").mean)).collect();
    assert_eq!(times, [12.0, 6.0, 4.0, 3.0]);
    let differences: Vec<f64> = swept
        .cells
        .iter()
        .map(|it| hours(it.difference.and_then(|it| it.estimate).expect("a difference").mean))
        .collect();
    assert_eq!(differences, [6.0, 0.0, -2.0, -3.0]);
    let verdicts: Vec<Verdict> =
        swept.cells.iter().map(|it| it.kept.expect("a policy").verdict).collect();
    use Verdict::{Met, Missed};
    assert_eq!(verdicts, [Missed, Met, Met, Met]);
    assert!((swept.pair_confidence - 0.9875).abs() < 1e-12);
}

#[test]
fn a_race_keeps_the_shortest_and_drops_the_others_early() {
    let (inputs, scenario) = inputs(&hours(2, "6h"));
    let lever = Lever::read("teams.operators.people=1,2,4").expect("a lever");
    let levers = chosen(&[lever], &inputs).expect("no cost");
    let strategies = [first(&scenario)];
    let question = SweepQuestion {
        inputs: &inputs,
        levers: &levers,
        strategies: &strategies,
        seed: 1,
        replications: 200,
    };
    let swept = sweep_best(&question, 60_000.0, &|| ()).expect("every cell is valid");
    let dropped: Vec<Option<usize>> =
        swept.cells.iter().map(|it| it.dropped.map(|it| it.after)).collect();
    assert_eq!(dropped, [Some(20), Some(20), None]);
}

/// The advice on a text: values and cost of the answer, and how many were simulated.
fn advice(text: &str) -> (String, usize, u64) {
    let (inputs, scenario) = inputs(text);
    let levers = chosen(&scenario.levers, &inputs).expect("costs are known");
    let strategy = first(&scenario);
    let question = AdviceQuestion {
        inputs: &inputs,
        levers: &levers,
        strategy,
        promise: Promise::of(&scenario, strategy, None).expect("there is a policy"),
        seed: 1,
        replications: 100,
    };
    let advice = advise(&question, &|| ()).expect("every combination is valid");
    let all = advice.tried.len() as u64 + advice.ruled_out + advice.left;
    assert_eq!(all, advice.combinations, "every combination is accounted for");
    let answer = advice.answer.map_or("none".to_owned(), |it| {
        let it = &advice.tried[it];
        let sets: Vec<String> =
            sets_of(&levers, &it.settings).iter().map(ToString::to_string).collect();
        format!("{} for {}", sets.join(" "), it.cost)
    });
    (answer, advice.tried.len(), advice.ruled_out)
}

#[test]
fn what_is_met_as_it_is_costs_nothing() {
    let (answer, tried, _) = advice(&hours(2, "6h"));
    let restore = "runbooks.by-hand.steps.restore.duration*=1";
    assert_eq!(answer, format!("teams.operators.people=2 {restore} for 0"));
    assert_eq!(tried, 1);
}

#[test]
fn a_tool_is_taken_where_people_cost_more() {
    // Twelve sites within three hours: four people for 1,600, or two with a tool that halves the step
    // for 1,500.
    let (answer, ..) = advice(&hours(2, "3h"));
    let restore = "runbooks.by-hand.steps.restore.duration*=0.5";
    assert_eq!(answer, format!("teams.operators.people=2 {restore} for 1500"));
}

#[test]
fn people_are_taken_where_the_tool_costs_more() {
    let dear = hours(2, "3h").replace("fixed = 1500", "fixed = 1700");
    let (answer, ..) = advice(&dear);
    let restore = "runbooks.by-hand.steps.restore.duration*=1";
    assert_eq!(answer, format!("teams.operators.people=4 {restore} for 1600"));
}

#[test]
fn what_nothing_brings_about_is_not_advised() {
    let (answer, tried, ruled_out) = advice(&hours(2, "20m"));
    assert_eq!((answer.as_str(), tried as u64 + ruled_out), ("none", 15));
}

#[test]
fn a_cost_by_the_hour_counts_to_the_last_site() {
    // A third person for the four hours that the recovery then takes.
    let text = hours(2, "4h")
        .replace("cost = { each = 800 }", "cost = { each_hour = 50 }")
        .replace("fixed = 1500", "fixed = 5000");
    let (answer, ..) = advice(&text);
    let restore = "runbooks.by-hand.steps.restore.duration*=1";
    assert_eq!(answer, format!("teams.operators.people=3 {restore} for 200"));
}

/// Two steps of fixed lengths, one after the other, both of which are guesses.
fn chain(first: &str, second: &str, rto: &str) -> String {
    let text = hours(1, rto).replace("count = 12", "count = 1").replace(
        "duration.fixed = \"1h\"\nrestore_point = { latest = true }\nfor_each = { service = \"store\" }",
        &format!(
            "duration.fixed = \"{first}\"\nrestore_point = {{ latest = true }}\n\
             for_each = {{ service = \"store\" }}\nsource = \"guess\"\n\n\
             [[runbooks.by-hand.steps]]\nid = \"check\"\nteam = \"operators\"\n\
             duration.fixed = \"{second}\"\nsource = \"guess\"\noff_by = \"3x\""
        ),
    );
    text.replace("values = [1, 0.75, 0.5]", "values = [1, 0.5]")
}

fn ledger_of(text: &str, seed: u64) -> blackstart::ask::Ledger {
    let (inputs, scenario) = inputs(text);
    let doubts = doubts(&scenario, &inputs);
    let strategies: Vec<StrategyId> = scenario.strategies.ids().collect();
    let question = LedgerQuestion {
        inputs: &inputs,
        doubts: &doubts,
        strategies: &strategies,
        promise: Promise::of(&scenario, strategies[0], None).ok(),
        seed,
        replications: 50,
    };
    ledger(&question, &|| ()).expect("the scenario is valid")
}

#[test]
fn a_verdict_turns_where_the_chain_comes_to_the_objective() {
    // 3 h and 2 h within 6 h: the first may grow by a third, the second by half.
    let found = ledger_of(&chain("3h", "2h", "6h"), 1);
    let names: Vec<String> = found.entries.iter().map(|it| it.doubt.address.to_string()).collect();
    let steps = "runbooks.by-hand.steps";
    assert_eq!(names, [format!("{steps}.check.duration"), format!("{steps}.restore.duration")]);
    for (entry, due, off_by) in [(&found.entries[0], 1.5, 3.0), (&found.entries[1], 4.0 / 3.0, 2.0)]
    {
        assert_eq!(entry.doubt.off_by, off_by);
        assert_eq!(entry.verdict_turns[0], None, "less time breaks nothing");
        let turn = entry.verdict_turns[1].expect("more time does");
        let [low, high] = [turn.stays, turn.turned.expect("nothing is in doubt")]
            .map(|it| entry.doubt.factor(it));
        assert!(low <= due && due <= high && high - low < 0.02, "{low} to {high}, due {due}");
    }
}

#[test]
fn the_parts_of_a_sum_are_those_of_its_terms() {
    // Of a lognormal factor with 9 of 10 within x: s = ln x / 1.645, variance e^(s2) (e^(s2) - 1).
    let variance = |off_by: f64, hours: f64| {
        let s = libm::log(off_by) / 1.644_853_627;
        let s2 = s * s;
        hours * hours * libm::exp(s2) * (libm::exp(s2) - 1.0)
    };
    let due = [variance(3.0, 2.0), variance(2.0, 3.0)];
    let whole: f64 = due.iter().sum();
    let found = ledger_of(&chain("3h", "2h", "6h"), 1);
    for (entry, due) in found.entries.iter().zip(due) {
        let part = entry.part.expect("it has a part").value;
        assert!((part - due / whole).abs() < 0.02, "{part} against {}", due / whole);
    }
}

#[test]
fn a_guess_that_nothing_waits_for_has_no_effect() {
    let idle = "[teams.idle]\npeople = 3\nsource = \"guess\"\n\n[teams.operators]";
    let text = chain("3h", "2h", "6h").replace("[teams.operators]", idle);
    for seed in [1, 2, 3] {
        let found = ledger_of(&text, seed);
        let entry = found
            .entries
            .iter()
            .find(|it| it.doubt.address.to_string() == "teams.idle.people")
            .or_else(|| {
                found.entries.iter().find(|it| it.doubt.address.to_string() == "teams.idle")
            });
        assert!(entry.expect("it is a guess").has_no_effect());
    }
}

#[test]
fn the_order_of_the_file_changes_nothing_in_the_ledger() {
    let text = chain("3h", "2h", "6h");
    let guess = "[uncertainty]\nsite = 0.1\nsource = \"guess\"\n\n";
    let one = format!("{text}\n{guess}");
    let other = text.replace("[teams.operators]", &format!("{guess}[teams.operators]"));
    assert_eq!(ledger_of(&one, 1), ledger_of(&other, 1));
}

#[test]
fn every_printed_command_makes_the_same_bytes_again() {
    let ground = ["--replications", "60", "--quiet", "--format", "json"];
    for verb in [
        &["sweep", "scenarios/levers.toml"][..],
        &["sweep", "scenarios/levers.toml", "--vary", "teams.operators*=1,2", "--best"],
        &["limit", "scenarios/levers.toml"],
        &["limit", "scenarios/levers.toml", "--of", "teams.operators.people", "--least"],
        &["advise", "scenarios/levers.toml"],
        &["ledger", "scenarios/levers.toml"],
    ] {
        let folder =
            fresh_folder(&format!("asking-{}", verb.join("-").replace(['/', '*', '.'], "-")));
        let out = folder.to_string_lossy().into_owned();
        let ran = in_process(&[verb, &ground[..], &["--out", &out]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let json: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let command = json["reproduce"].as_str().expect("a command").replace('\'', "");
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        let more = ["--quiet", "--format", "json", "--out", &out];
        let again = in_process(&[&words[..], &more].concat());
        assert_eq!(ran.stdout, again.stdout, "{command}");
        assert!(names_in(&folder).len() >= 3, "{:?}", names_in(&folder));
    }
}

#[test]
fn a_build_fails_where_the_limit_lies_short_of_what_it_expects() {
    let folder = fresh_folder("asking-expect");
    let out = folder.to_string_lossy().into_owned();
    let ends = |more: &[&str]| {
        let words = ["limit", "scenarios/levers.toml", "--replications", "60", "--out", &out];
        in_process(&[&words[..], more].concat())
    };
    assert_eq!(ends(&["--expect", "6"]).code, 0);
    let short = ends(&["--expect", "7"]);
    assert_eq!(short.code, 99);
    assert!(short.stderr.contains("at 7 the promise is surely broken"), "{}", short.stderr);
    // 85% of forty exercises may be 90% of all.
    let open = |more: &[&str]| {
        let of = ["limit", "scenarios/quickstart.toml", "--strategy", "five-at-a-time"];
        let words = ["--replications", "40", "--expect", "11", "--out", &out];
        in_process(&[&of[..], &words, more].concat()).code
    };
    assert_eq!((open(&[]), open(&["--fail-on-undecided"])), (0, 97));
    // Where all of twenty keep it, they would have to be 36.
    let few = in_process(&["limit", "scenarios/levers.toml", "--replications", "20"]);
    assert_eq!(few.code, 2);
    assert!(few.stderr.contains("20 exercises certify nothing"), "{}", few.stderr);
    assert!(few.stderr.contains("give `--replications 36` or more"), "{}", few.stderr);
    let never = ends(&["--expect", "61"]);
    assert_eq!(never.code, 2);
    assert!(never.stderr.contains("is none of the values that are looked at, 1 to 60"));
}

/// Writes a text into a file of a folder of its own and asks about it.
fn asked(name: &str, text: &str, words: &[&str]) -> crate::support::Ran {
    let folder = fresh_folder(name);
    let file = folder.join("asked.toml");
    std::fs::write(&file, text).expect("a file can be written");
    let (file, out) = (file.to_string_lossy().into_owned(), folder.join("out"));
    let out = out.to_string_lossy().into_owned();
    in_process(&[&[words[0], &file], &words[1..], &["--out", &out]].concat())
}

#[test]
fn a_lever_that_nothing_waits_for_is_told_to_have_no_effect() {
    let idle = "[teams.idle]\npeople = 3\n\n[teams.operators]";
    let text = hours(2, "6h").replace("[teams.operators]", idle);
    let words =
        ["sweep", "--vary", "teams.idle.people=1,3,9", "--vary", "teams.operators.people=2,3"];
    let ran = asked("asking-idle", &text, &words);
    let told = "teams.idle.people has no effect: nothing waits for it.";
    assert!(ran.stdout.contains(told), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn no_guess_decides_where_the_scenario_says_so() {
    let with = |level: &str| {
        let text =
            chain("3h", "2h", "6h") + &format!("\n[trust]\nno_guess_decides = \"{level}\"\n");
        asked("asking-trust", &text, &["ledger", "--replications", "50"])
    };
    let told = "the verdict turns within the doubt of runbooks.by-hand.steps.check.duration, \
                runbooks.by-hand.steps.restore.duration";
    let failed = with("error");
    assert_eq!(failed.code, 99, "{}", failed.stderr);
    assert!(failed.stderr.contains(told), "{}", failed.stderr);
    let warned = with("warn");
    assert_eq!(warned.code, 0);
    assert!(warned.stderr.contains(&format!("warning: {told}")), "{}", warned.stderr);
    let off = with("off");
    assert!(off.code == 0 && !off.stderr.contains("turns"), "{}", off.stderr);
}

#[test]
fn questions_that_make_no_sense_are_refused_with_a_sentence() {
    let levers = "scenarios/levers.toml";
    let cases: [(&[&str], i32, &str); 10] = [
        (
            &["sweep", levers, "--vary", "teams.operators.people=2"],
            2,
            "every value is what stands there now",
        ),
        (&["sweep", "scenarios/quickstart.toml"], 2, "there is nothing to vary"),
        (
            &["sweep", levers, "--vary", "teams.operators.people=1..20000 step 1"],
            2,
            "more than 10000",
        ),
        (&["sweep", levers, "--vary", "teams.nobody*=1,2"], 3, "there is no `teams.nobody`"),
        (
            &["sweep", levers, "--vary", "teams.operators.people=0,2"],
            3,
            "there is no such scenario",
        ),
        (&["sweep", levers, "--vary", "teams.operators.people=2,2"], 2, "stands there twice"),
        (&["limit", levers, "--deletion", "4"], 2, "there is no number 4"),
        (&["limit", levers, "--budget", "late"], 3, "there is no budget `late`"),
        (&["limit", levers, "--of", "policy.rto", "--to", "3"], 2, "of different units"),
        (&["advise", "scenarios/quickstart.toml"], 3, "the scenario has no levers"),
    ];
    for (words, code, told) in cases {
        let ran = in_process(words);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{words:?} {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn inputs_on_which_no_exercise_hangs_are_not_varied() {
    let levers = "scenarios/levers.toml";
    let people = ["--vary", "teams.operators.people=2,3"];
    let cases: [(&[&str], &str); 5] = [
        (
            &["sweep", levers, "--vary", "experiment.seed=1,2"],
            "no exercise hangs on `experiment.seed`",
        ),
        (&["sweep", levers, "--vary", "title=a,b"], "no exercise hangs on `title`"),
        (
            &["sweep", levers, people[0], people[1], people[0], "teams.operators.people=4,5"],
            "`teams.operators.people` is varied twice",
        ),
        (&["limit", levers, "--of", "teams.operators.people=3"], "name the address alone"),
        (&["limit", levers, "--of", "policy.rto", "--deletion", "1"], "asks of something else"),
    ];
    for (words, told) in cases {
        let ran = in_process(words);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words:?} {}", ran.stderr);
        assert!(ran.stderr.contains(told), "{words:?}: {}", ran.stderr);
    }
}

#[test]
fn a_limit_looks_up_to_all_sites_that_a_deletion_can_take() {
    let text = read("scenarios/levers.toml")
        .replace("count = 12", "count = 3\nsites = { max_users = 10 }")
        .replace("users.fixed = 10", "users.quantiles = { p10 = 5, p50 = 10, p90 = 20 }");
    let ran = asked("asking-some", &text, &["limit", "--set", "policy.rto=9d"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("That is the last value that was asked about."), "{}", ran.stdout);
}

#[test]
fn a_race_of_one_is_none() {
    let words = ["sweep", "scenarios/levers.toml", "--vary", "teams.operators.people=3", "--best"];
    let ran = in_process(&words);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("a race takes two cells"), "{}", ran.stderr);
}

#[test]
fn a_lever_that_makes_no_sense_says_so_where_it_stands() {
    let text = read("scenarios/levers.toml");
    let told = |from: &str, to: &str| {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        let checked = checked(&changed, &[]);
        but_unused(&checked.diagnostics.render(&checked.sources, false))
    };
    let cases = [
        ("address = \"teams.operators.people\"\n", "", "`address` is missing"),
        ("teams.operators.people\"", "teams.nobody.people\"", "there is no `teams.nobody`"),
        ("teams.operators.people\"", "teams..people\"", "is no address"),
        ("values = [1, 0.75, 0.5]\n", "", "a lever has no values"),
        ("values = [1, 0.75, 0.5]", "values = [1, 1]", "stands there twice"),
        ("values = [1, 0.75, 0.5]", "values = [1, -2]", "is nothing to change a value by"),
        ("step = 1\n", "", "`from` is there, and `step` is not"),
        ("step = 1\n", "step = 1\nmax = 4\n", "is above `max`"),
        ("step = 1\n", "step = 1\nvalues = [2]\n", "exclude each other"),
        ("each = 800", "each = -800", "a cost is a number, and not below 0"),
        (
            "\"runbooks.by-hand.steps.restore.duration*\"",
            "\"teams.operators.people*\"",
            "two levers move `teams.operators.people`",
        ),
    ];
    for (from, to, due) in cases {
        let seen = told(from, to);
        assert!(seen.contains(due), "{due}: {seen}");
    }
}

#[test]
fn how_far_a_guess_is_off_is_a_factor_beside_its_source() {
    let text = read("scenarios/levers.toml");
    let with = |keys: &str| {
        let changed = text.replace("[teams.operators]\n", &format!("[teams.operators]\n{keys}\n"));
        let checked = checked(&changed, &[]);
        checked.diagnostics.render(&checked.sources, false)
    };
    assert_eq!(with("source = \"guess\"\noff_by = \"1.5x\""), "");
    assert!(with("off_by = 2").contains("`off_by` stands there without `source`"));
    for wrong in ["\"2\"", "1", "\"x\"", "0.5", "5000", "true"] {
        let seen = with(&format!("source = \"guess\"\noff_by = {wrong}"));
        assert!(seen.contains("`off_by` is a factor above 1"), "{wrong}: {seen}");
    }
}
