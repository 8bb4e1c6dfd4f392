//! Takes every table and every key of every scenario that comes with the program away in turn:
//! without it the scenario is refused, or some output changes, or a warning says that it does not.
//!
//! What is only for people (titles, notes, where a value comes from), what is switched off, and what
//! is as it would be without it, is aside; that last thing is found out and not listed: what is
//! meant is the same without it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use blackstart::diagnostics::Severity;
use blackstart::experiment::{Design, PoolTally, Results, StepTally};
use blackstart::ids::StrategyId;
use blackstart::measure::Measurements;
use blackstart::report::check::{CheckedScenario, check_json, check_view};
use blackstart::report::{backtest_json, backtest_view};
use blackstart::review::Causes;
use blackstart::scenario::{Checked, Scenario, Texts, check_texts};
use blackstart::verdict::{judge_all, judge_budgets};
use blackstart::{compare, experiment, measure, report};
use rayon::prelude::*;
use serde_json::Value;
use snapbox::{assert_data_eq, str};
use toml::de::{DeTable, DeValue};

use crate::support::{read, texts_beside};

/// A table, a key or an element of a list, as it stands in a text that was written anew.
struct Input {
    /// The names and numbers that lead to it.
    path: Vec<String>,
    /// Its bytes, with the comma or the line break behind it.
    bytes: Range<usize>,
    /// Its lines, from 1.
    lines: Range<usize>,
    /// Whether it is a value, or a list of values.
    is_leaf: bool,
    /// Whether it is a number in a list, and no key.
    is_element: bool,
}

impl Input {
    fn is_in(&self, other: &Self) -> bool {
        other.path.len() < self.path.len() && self.path.starts_with(&other.path)
    }
}

/// A text in which every input stands on lines of its own, so that each can be blanked out without
/// moving another.
#[derive(Default)]
struct Written {
    text: String,
    line: usize,
    inputs: Vec<Input>,
}

impl Written {
    fn anew(text: &str) -> Self {
        let table = DeTable::parse(text).expect("a scenario is TOML");
        let mut written = Self { line: 1, ..Self::default() };
        written.entries(text, table.get_ref(), &[], "");
        written
    }

    fn push(&mut self, text: &str) {
        self.line += text.matches('\n').count();
        self.text += text;
    }

    fn entries(&mut self, source: &str, table: &DeTable<'_>, path: &[String], comma: &str) {
        for (key, value) in table {
            let name = key.get_ref().to_string();
            let head = format!("{} = ", toml::Value::String(name.clone()));
            self.input(source, (&head, value.get_ref(), value.span()), path, &name, comma);
        }
    }

    fn input(
        &mut self,
        source: &str,
        (head, value, span): (&str, &DeValue<'_>, Range<usize>),
        path: &[String],
        name: &str,
        comma: &str,
    ) {
        let path: Vec<String> = path.iter().cloned().chain([name.to_owned()]).collect();
        let (start, line, place) = (self.text.len(), self.line, self.inputs.len());
        let is_plain = |it: &DeValue<'_>| !matches!(it, DeValue::Table(_) | DeValue::Array(_));
        let is_leaf = match value {
            DeValue::Array(list) => list.iter().all(|it| is_plain(it.get_ref())),
            it => is_plain(it),
        };
        self.inputs.push(Input {
            path: path.clone(),
            bytes: start..start,
            lines: line..line,
            is_leaf,
            is_element: head.is_empty(),
        });
        self.push(head);
        match value {
            DeValue::Table(table) => {
                self.push("{\n");
                self.entries(source, table, &path, ",");
                self.push("}");
            }
            DeValue::Array(list) => {
                self.push("[\n");
                for (number, it) in list.iter().enumerate() {
                    let name = (number + 1).to_string();
                    self.input(source, ("", it.get_ref(), it.span()), &path, &name, ",");
                }
                self.push("]");
            }
            _ => self.push(&source[span]),
        }
        self.push(&format!("{comma}\n"));
        self.inputs[place].bytes.end = self.text.len();
        self.inputs[place].lines.end = self.line;
    }

    /// The text without one of its inputs, every other at its old place.
    fn without(&self, input: &Input) -> String {
        let bytes = input.bytes.clone();
        let blank: String = self.text[bytes.clone()]
            .bytes()
            .map(|it| if it == b'\n' { '\n' } else { ' ' })
            .collect();
        format!("{}{blank}{}", &self.text[..bytes.start], &self.text[bytes.end..])
    }
}

/// A scenario of which every text in TOML was written anew.
struct Whole {
    texts: Texts,
    /// By the names of the files; that of the scenario has none.
    written: BTreeMap<String, Written>,
    /// What is meant, and how much of that is simulated.
    meant: String,
    simulated: String,
    /// The files and lines of which something is warned.
    warned: Vec<(String, usize)>,
    /// What is said there.
    warnings: Vec<String>,
    /// What is simulated how often, in the order in which it is tried.
    exercises: &'static [u32],
    outputs: Vec<Outputs>,
}

impl Whole {
    fn new(mut texts: Texts, exercises: &'static [u32]) -> Self {
        let mut written = BTreeMap::from([(String::new(), Written::anew(&texts.main))]);
        texts.main.clone_from(&written[""].text);
        for (path, text) in texts.files.iter_mut().filter(|it| it.0.ends_with(".toml")) {
            let text = text.as_mut().expect("a part that can be read");
            let anew = Written::anew(text);
            text.clone_from(&anew.text);
            written.insert(path.clone(), anew);
        }
        let checked = check_texts(&texts, &[]);
        let warned = checked
            .diagnostics
            .sorted()
            .iter()
            .filter(|it| it.severity == Severity::Warning)
            .filter_map(|it| it.span)
            .map(|it| checked.sources.place(it))
            .map(|it| (it.file, it.line))
            .collect();
        let warnings = warnings(&checked);
        let scenario = sound(checked);
        let outputs = exercises.iter().map(|n| Outputs::of(&scenario, *n)).collect();
        let (meant, simulated) = (meant(&scenario), simulated(&scenario));
        Self { texts, written, meant, simulated, warned, warnings, exercises, outputs }
    }

    /// Every input with the file in which it stands.
    fn inputs(&self) -> impl Iterator<Item = (&str, &Input)> {
        let each = self.written.iter();
        each.flat_map(|(file, it)| it.inputs.iter().map(move |input| (file.as_str(), input)))
    }

    fn without(&self, file: &str, input: &Input) -> Checked {
        let text = self.written[file].without(input);
        let mut texts = self.texts.clone();
        match file {
            "" => texts.main = text,
            _ => _ = texts.files.insert(file.to_owned(), Ok(text)),
        }
        check_texts(&texts, &[])
    }

    fn is_warned_of(&self, file: &str, input: &Input) -> bool {
        let name = if file.is_empty() { &self.texts.path } else { file };
        let around = self.written[file].inputs.iter().filter(|it| input.is_in(it));
        let heads: Vec<usize> = around.map(|it| it.lines.start).collect();
        let tells = |line: &usize| input.lines.contains(line) || heads.contains(line);
        self.warned.iter().any(|(own, line)| own == name && tells(line))
    }

    /// Whether an input stands in a table that is switched off.
    fn is_switched_off(&self, file: &str, input: &Input) -> bool {
        let text = &self.written[file];
        let tables: Vec<&Input> =
            text.inputs.iter().filter(|it| it.path == input.path || input.is_in(it)).collect();
        let says = |table: &Input, value: &str| {
            let mut own = text.inputs.iter().filter(|it| it.is_in(table));
            own.any(|it| {
                it.path.len() == table.path.len() + 1
                    && it.path.last().is_some_and(|it| it == "enabled")
                    && text.text[it.bytes.clone()].contains(value)
            })
        };
        let is_unused_guardrail = |table: &Input| match table.path.as_slice() {
            [incident, guardrails, name]
                if incident == "incident" && guardrails == "guardrails" =>
            {
                !says(table, "true") && !self.is_named(name)
            }
            _ => false,
        };
        tables.iter().any(|it| says(it, "false") || is_unused_guardrail(it))
    }

    /// Whether a strategy switches a guardrail on, or a deletion is soft.
    fn is_named(&self, guardrail: &str) -> bool {
        let all = self.written.values().flat_map(|it| it.inputs.iter().map(move |own| (it, own)));
        all.filter(|(_, it)| it.is_leaf).any(|(text, it)| {
            let value = &text.text[it.bytes.clone()];
            let named = it.path.iter().any(|it| it == "guardrails")
                && it.path[0] == "strategies"
                && value.contains(&format!("\"{guardrail}\""));
            let soft = guardrail == "soft_delete" && value.contains("\"mode\" = \"soft\"");
            named || soft
        })
    }
}

/// What is warned of.
fn warnings(checked: &Checked) -> Vec<String> {
    let faults = checked.diagnostics.sorted();
    let warnings = faults.iter().filter(|it| it.severity == Severity::Warning);
    warnings.map(|it| it.message.clone()).collect()
}

#[track_caller]
fn sound(checked: Checked) -> Scenario {
    let told = checked.diagnostics.render(&checked.sources, false);
    checked.scenario.unwrap_or_else(|| panic!("{told}"))
}

/// What became of taking an input away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    /// It is a word for people.
    ForPeople,
    /// It is switched off.
    SwitchedOff,
    /// What is meant is the same without it.
    AsWithoutIt,
    /// The scenario is refused without it.
    Needed,
    /// Some output is another.
    Changes,
    /// Some output of a variant that the scenario speaks of is another.
    ChangesElsewhere,
    /// It changes what is asked about inputs, and no exercise; `asking` looks at that.
    Asked,
    /// A warning says that it has no effect.
    Warned,
    /// It has no effect, and nobody says so.
    Nothing,
}

/// The keys of what is for people, and changes no figure.
const FOR_PEOPLE: [&str; 5] = ["title", "description", "tags", "note", "source"];

/// Tables that questions about inputs read.
const ASKED: [&str; 2] = ["levers", "trust"];

/// What is called by a `name` that only people read.
const NAMED: [&str; 3] = ["budgets", "levers", "roster"];

fn is_for_people(input: &Input) -> bool {
    let has = |key: &str| input.path.iter().any(|it| it == key);
    let is_name = input.path.last().is_some_and(|it| it == "name");
    // A user may give a table any name.
    FOR_PEOPLE.iter().any(|it| has(it)) || (is_name && NAMED.iter().any(|it| has(it)))
}

/// What is meant, in words, without what it is called by.
fn meant(scenario: &Scenario) -> String {
    format!("{:?}", Scenario { digest: 0, assumptions: Vec::new(), ..scenario.clone() })
}

/// The same as far as it is simulated.
fn simulated(scenario: &Scenario) -> String {
    meant(&Scenario { policy: None, budgets: Vec::new(), observed: None, ..scenario.clone() })
}

fn find(whole: &Whole, variants: &[Whole], file: &str, input: &Input) -> Found {
    if is_for_people(input) {
        return Found::ForPeople;
    }
    if input.path.first().is_some_and(|it| ASKED.contains(&it.as_str())) {
        return Found::Asked;
    }
    if whole.is_switched_off(file, input) {
        return Found::SwitchedOff;
    }
    let checked = whole.without(file, input);
    let says_more = warnings(&checked).iter().any(|it| !whole.warnings.contains(it));
    let Some(other) = checked.scenario else { return Found::Needed };
    let is_same = meant(&other) == whole.meant;
    // A table is none of its defaults: it is as what is in it.
    if is_same && input.is_leaf && !input.is_element {
        return Found::AsWithoutIt;
    }
    if says_more || (!is_same && changes(whole, &other, input, 0..1)) {
        return Found::Changes;
    }
    if variants.iter().any(|it| changes_variant(it, file, input)) {
        return Found::ChangesElsewhere;
    }
    if !is_same && changes(whole, &other, input, 1..whole.exercises.len()) {
        return Found::Changes;
    }
    match whole.is_warned_of(file, input) {
        true => Found::Warned,
        false => Found::Nothing,
    }
}

/// Whether a variant comes out otherwise without what stands at the same place.
fn changes_variant(variant: &Whole, file: &str, input: &Input) -> bool {
    let mut inputs = variant.written[file].inputs.iter();
    let Some(own) = inputs.find(|it| it.path == input.path) else { return false };
    let checked = variant.without(file, own);
    let says_more = warnings(&checked).iter().any(|it| !variant.warnings.contains(it));
    let other = checked.scenario;
    other.is_some_and(|it| says_more || changes(variant, &it, own, 0..variant.exercises.len()))
}

/// Whether an output is another without an input, after some of the numbers of exercises.
fn changes(whole: &Whole, other: &Scenario, input: &Input, numbers: Range<usize>) -> bool {
    let is_simulated = simulated(other) != whole.simulated;
    let each = whole.exercises[numbers.clone()].iter().zip(&whole.outputs[numbers]);
    each.into_iter().any(|(n, outputs)| {
        if is_simulated && outputs.differ_in_outcome(other, *n, input) {
            return true;
        }
        let results = match is_simulated {
            true => run(other, &Design::of(other).strategies, *n),
            false => outputs.results.clone(),
        };
        outputs.told != told(other, &results)
    })
}

/// What the verbs of the program tell of a scenario after so many exercises.
struct Outputs {
    results: Results,
    outcomes: Vec<String>,
    told: Vec<String>,
}

impl Outputs {
    fn of(scenario: &Scenario, n: u32) -> Self {
        let results = run(scenario, &Design::of(scenario).strategies, n);
        let told = told(scenario, &results);
        let outcomes = results.strategies.iter().map(outcomes).collect();
        Self { results, outcomes, told }
    }

    /// Whether some exercise comes out otherwise, strategy by strategy; first those that the input
    /// belongs to.
    fn differ_in_outcome(&self, other: &Scenario, n: u32, input: &Input) -> bool {
        if other.strategies.len() != self.results.strategies.len() {
            return true;
        }
        let mut order: Vec<StrategyId> = other.strategies.ids().collect();
        order.sort_by_key(|it| !input.path.contains(&other.strategies[*it].name));
        order.into_iter().any(|id| {
            let theirs = run(other, &[id], n);
            let own = self.results.strategies.iter().position(|it| it.strategy == id);
            let own = &self.outcomes[own.expect("as many strategies")];
            theirs.aims != self.results.aims || outcomes(&theirs.strategies[0]) != *own
        })
    }
}

fn run(scenario: &Scenario, strategies: &[StrategyId], n: u32) -> Results {
    let strategies = strategies.to_vec();
    let design = Design { strategies, replications: n, ..Design::of(scenario) };
    experiment::run(scenario, &design, &|| ())
}

/// How exercises came out, but for what nobody used.
fn outcomes(strategy: &experiment::StrategyResults) -> String {
    let mut told = format!("{:?}", strategy.tracks);
    for it in &strategy.unpacked() {
        let steps = strategy.steps.iter().zip(&it.steps);
        let pools = strategy.pools.iter().zip(&it.pools);
        let throughputs = strategy.throughputs.iter().zip(&it.throughputs);
        let used = |it: &PoolTally| it.busy > 0;
        let done = |it: &StepTally| *it != StepTally::default();
        for it in steps.filter(|it| done(it.1)) {
            let _ = write!(told, "{it:?}");
        }
        for it in pools.filter(|it| used(it.1)) {
            let _ = write!(told, "{it:?}");
        }
        for it in throughputs.filter(|it| it.1.moved > 0) {
            let _ = write!(told, "{it:?}");
        }
        let rest = experiment::Outcome {
            steps: Vec::new(),
            pools: Vec::new(),
            throughputs: Vec::new(),
            ..it.clone()
        };
        let _ = writeln!(told, "{rest:?}");
    }
    told
}

/// The report, the check, the back-test and the tables, but for what nobody used and what is for
/// people.
fn told(scenario: &Scenario, results: &Results) -> Vec<String> {
    let measurements = measure::measure(scenario, results);
    let mut all = vec![view(scenario, results, &measurements)];
    all.push(check(scenario, results, &measurements));
    all.extend(backtest(scenario, results, &measurements));
    all.push(format!("{:?} {:?}", scenario.experiment, scenario.strategies.len()));
    all
}

fn view(scenario: &Scenario, results: &Results, measurements: &Measurements) -> String {
    let verdicts = judge_all(scenario, measurements);
    let causes = Causes::default();
    let view = report::view(scenario, results, measurements, &verdicts, &causes, "");
    let mut view: Value = serde_json::from_str(&report::json(&view)).expect("a view is JSON");
    for key in ["scenario", "assumptions", "checklist"] {
        view[key] = Value::Null;
    }
    for strategy in view["strategies"].as_array_mut().expect("a view has strategies") {
        for key in ["teams", "throughputs"] {
            let idle = |it: &Value| {
                let busy = it.get("person_hours").or_else(|| it.get("bytes"));
                busy.is_some_and(|it| it["value"] == 0.0)
            };
            strategy[key].as_array_mut().expect("a list").retain(|it| !idle(it));
        }
    }
    format!("{view}\n{}", facts(scenario))
}

/// What the table of sites tells of them before anything is simulated.
fn facts(scenario: &Scenario) -> String {
    let deleted = scenario.incident.deleted.iter();
    let facts = deleted.map(|it| {
        let site = &scenario.estate.sites[it.site];
        let (tier, region) =
            (&scenario.estate.tiers[site.tier], &scenario.estate.regions[site.region]);
        format!("{site:?} {tier} {region}\n")
    });
    facts.collect()
}

fn check(scenario: &Scenario, results: &Results, measurements: &Measurements) -> String {
    let verdicts = judge_budgets(scenario, results, measurements);
    let checked = CheckedScenario {
        file: String::new(),
        scenario,
        results,
        verdicts: &verdicts,
        late: &[],
        compared: None,
        reproduce: String::new(),
    };
    let text = check_json(&check_view(&[checked], Vec::new(), 0, true));
    let mut view: Value = serde_json::from_str(&text).expect("a check is JSON");
    view["scenarios"][0]["scenario"] = Value::Null;
    view.to_string()
}

fn backtest(scenario: &Scenario, results: &Results, measurements: &Measurements) -> Option<String> {
    let observed = scenario.observed.as_ref().filter(|it| !it.observations.is_empty())?;
    let place = results.strategies.iter().position(|it| it.strategy == observed.strategy)?;
    let (strategy, metrics) = (&results.strategies[place], &measurements.strategies[place]);
    let alone = Results { strategies: vec![strategy.clone()], ..results.clone() };
    let compared = compare::backtest(scenario, &alone, strategy, &metrics.replications);
    let view = backtest_view(scenario, &alone, &compared, "");
    let mut view: Value = serde_json::from_str(&backtest_json(&view)).expect("it is JSON");
    view["scenario"] = Value::Null;
    let points = measure::observed_points(scenario, &alone, observed.strategy);
    Some(format!("{view}{points:?}"))
}

/// A scenario with its variants.
struct Tried {
    name: String,
    whole: Whole,
    variants: Vec<Whole>,
}

/// Everything that was found of some scenarios, with the inputs.
fn find_all(scenarios: &[Tried]) -> Vec<(Found, String)> {
    let inputs: Vec<(&Tried, &str, &Input)> = scenarios
        .iter()
        .flat_map(|it| it.whole.inputs().map(move |(file, input)| (it, file, input)))
        .collect();
    let found: Vec<Found> = inputs
        .par_iter()
        .map(|(it, file, input)| find(&it.whole, &it.variants, file, input))
        .collect();
    let same = |one: usize, other: usize| {
        inputs[one].0.name == inputs[other].0.name && inputs[one].1 == inputs[other].1
    };
    let is_aside =
        |it: &Found| matches!(it, Found::AsWithoutIt | Found::ForPeople | Found::SwitchedOff);
    // A table is as without it where all that is in it is, and what is in a list where that is.
    let is_as_without_it = |place: usize| {
        let input = inputs[place].2;
        let mut around =
            (0..found.len()).filter(|it| same(*it, place) && input.is_in(inputs[*it].2));
        let mut inside = (0..found.len())
            .filter(|it| same(*it, place) && inputs[*it].2.is_in(input) && inputs[*it].2.is_leaf);
        around.any(|it| found[it] == Found::AsWithoutIt)
            || (!input.is_leaf && !input.is_element && inside.all(|it| is_aside(&found[it])))
    };
    let settled = (0..found.len()).map(|place| {
        let (it, file, input) = inputs[place];
        let found = match found[place] {
            Found::Nothing if is_as_without_it(place) => Found::AsWithoutIt,
            found => found,
        };
        let part = if file.is_empty() { String::new() } else { format!("{file}: ") };
        (found, format!("{}: {part}{}", it.name, input.path.join(".")))
    });
    settled.collect()
}

fn shipped(name: &str) -> Tried {
    let exercises: &[u32] = match name {
        "atlassian-2022.toml" => &[1, 6],
        _ => &[2, 20, 200],
    };
    let text = read(&format!("scenarios/{name}"));
    let whole =
        |text: &str, exercises| Whole::new(texts_beside("scenarios", name, text), exercises);
    let own = VARIANTS.iter().filter(|it| it.0 == name);
    let variants = own.map(|(_, changed)| {
        let each = changed.iter().fold(text.clone(), |text, (from, to)| {
            assert!(text.contains(from), "{name} has no {from}");
            text.replace(from, to)
        });
        whole(&each, if name == "atlassian-2022.toml" { &exercises[..1] } else { exercises })
    });
    Tried { name: name.to_owned(), whole: whole(&text, exercises), variants: variants.collect() }
}

/// Variants in which something comes to bear that in the scenario as it stands does not: a second way
/// to fail behind one that is enough, a stage behind the one in which somebody notices, services that
/// two products share where every site has the first. Most are those of which its head speaks.
const VARIANTS: &[(&str, &[(&str, &str)])] = &[
    ("atlassian-2022.toml", &[("jira = \"100%\"", "jira = \"50%\"")]),
    ("atlassian-2022.toml", &[("delay = \"7m\"\npublic", "delay = \"3h\"\npublic")]),
    ("atlassian-2022.toml", &[("delay = \"8m\"", "delay = \"3h\"")]),
    (
        "atlassian-2022.toml",
        &[
            ("probability = \"3%\"", "probability = \"70%\""),
            ("probability = \"4%\"", "probability = \"70%\""),
            ("probability = \"5%\"", "probability = \"70%\""),
            ("probability = \"6%\"", "probability = \"70%\""),
        ],
    ),
    (
        "atlassian-2022.toml",
        &[("guardrails.soft_delete]\n", "guardrails.soft_delete]\nenabled = true\n")],
    ),
    ("coordination.toml", &[("per_batch = 0.1", "per_batch = 0.9")]),
    ("coordination.toml", &[("count = 8", "count = 16")]),
    ("five-protections.toml", &[("= \"100%\"", "= \"50%\"")]),
    (
        "five-protections.toml",
        &[
            ("phase = \"4h\", ", ""),
            ("phase = \"3h\", ", ""),
            ("phase = \"5h\", ", ""),
            ("phase = \"9h\", ", ""),
            (", phase = \"6h\"", ""),
            ("= \"100%\"", "= \"50%\""),
        ],
    ),
    ("one-database.toml", &[("target = { service = \"database\", shards = [2] }\n", "")]),
    ("one-product.toml", &[("target = { product = \"wiki\" }\n", "")]),
    (
        "one-database.toml",
        &[
            ("target = { service = \"database\", shards = [2] }\n", ""),
            ("teams = { database = 2 }", "priority = \"fixed\"\nteams = { database = 2 }"),
        ],
    ),
    ("one-product.toml", &[("duration = \"3h\"", "duration = \"30h\"")]),
    (
        "one-product.toml",
        &[(
            "platform\"\nbackup = { full = \"24h\", phase = \"6h\"",
            "platform\"\nbackup = { full = \"24h\", phase = \"9h\"",
        )],
    ),
    ("quickstart.toml", &[("opens = \"detected\"", "opens = \"T+20d\"")]),
    ("rosters.toml", &[("2026-06-01T08", "2026-06-05T08")]),
    ("rosters.toml", &[("count = 6", "count = 20")]),
    ("rosters.toml", &[("from = \"10:00\"", "from = \"11:00\"")]),
    (
        "shared-cause.toml",
        &[(
            "cause = \"the-key\" }, fall_back = \"1h\" },\n]",
            "cause = \"another-key\" }, fall_back = \"1h\" },\n]",
        )],
    ),
    (
        "shared-cause.toml",
        &[
            ("phase = \"2h\", ", ""),
            ("phase = \"8h\", ", ""),
            (
                "cause = \"the-key\" }, fall_back = \"1h\" },\n]",
                "cause = \"another-key\" }, fall_back = \"1h\" },\n]",
            ),
        ],
    ),
    ("shared-shards.toml", &[("population_seed = 157", "population_seed = 158")]),
    ("staged-rollout.toml", &[("delay = \"80m\"", "delay = \"300m\"")]),
];

fn names() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let entries = std::fs::read_dir(folder).expect("a folder that can be read");
    let names = entries.map(|it| it.expect("an entry").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> =
        names.filter(|it| it.ends_with(".toml") && it != "template.toml").collect();
    names.sort();
    names
}

/// How many there are of each, and the inputs without effect.
fn summed(found: &[(Found, String)]) -> (BTreeMap<Found, usize>, Vec<&str>) {
    let mut counts: BTreeMap<Found, usize> = BTreeMap::new();
    for (it, _) in found {
        *counts.entry(*it).or_default() += 1;
    }
    let left = found.iter().filter(|it| it.0 == Found::Nothing).map(|it| it.1.as_str());
    (counts, left.collect())
}

#[test]
fn every_input_of_every_scenario_has_an_effect_or_a_warning() {
    let scenarios: Vec<Tried> = names().par_iter().map(|it| shipped(it)).collect();
    let found = find_all(&scenarios);
    let (counts, left) = summed(&found);
    assert!(left.is_empty(), "{counts:?}\n{}", left.join("\n"));
    let elsewhere =
        found.iter().filter(|it| it.0 == Found::ChangesElsewhere).map(|it| it.1.as_str());
    let elsewhere: Vec<&str> = elsewhere.collect();
    assert_data_eq!(
        format!("{counts:#?}\n{}", elsewhere.join("\n")),
        str![[r#"
{
    ForPeople: 465,
    SwitchedOff: 4,
    AsWithoutIt: 90,
    Needed: 2094,
    Changes: 1219,
    ChangesElsewhere: 67,
    Asked: 16,
}
atlassian-2022.toml: estate.products.confluence.services.2
atlassian-2022.toml: estate.products.confluence.services.3
atlassian-2022.toml: estate.products.confluence.services.4
atlassian-2022.toml: estate.products.confluence.services.5
atlassian-2022.toml: estate.products.confluence.services.6
atlassian-2022.toml: estate.products.confluence.services.7
atlassian-2022.toml: estate.products.confluence.services.8
atlassian-2022.toml: estate.products.confluence.services.9
atlassian-2022.toml: estate.products.confluence.services.10
atlassian-2022.toml: estate.products.access.services.2
atlassian-2022.toml: estate.products.access.services.3
atlassian-2022.toml: estate.products.access.services.4
atlassian-2022.toml: estate.products.access.services.5
atlassian-2022.toml: estate.products.opsgenie.services.2
atlassian-2022.toml: estate.products.opsgenie.services.3
atlassian-2022.toml: estate.products.opsgenie.services.4
atlassian-2022.toml: estate.products.opsgenie.services.5
atlassian-2022.toml: estate.products.opsgenie.services.6
atlassian-2022.toml: estate.products.statuspage.services.2
atlassian-2022.toml: estate.products.statuspage.services.3
atlassian-2022.toml: estate.products.statuspage.services.4
atlassian-2022.toml: estate.products.statuspage.services.5
atlassian-2022.toml: incident.milestones.status_page.public
atlassian-2022.toml: incident.guardrails.staged_rollout.stages.2
atlassian-2022.toml: incident.guardrails.staged_rollout.stages.3
atlassian-2022.toml: runbooks.restoration-1.steps.3.fails.attempts
atlassian-2022.toml: runbooks.restoration-1.steps.15.fails.attempts
atlassian-2022.toml: runbooks.restoration-1.steps.19.fails.attempts
atlassian-2022.toml: runbooks.restoration-2.steps.6.fails.attempts
atlassian-2022.toml: runbooks.restoration-2.steps.13.fails.attempts
atlassian-2022.toml: runbooks.restoration-2.steps.14.fails.attempts
atlassian-2022.toml: runbooks.front-load.steps.1.when
atlassian-2022.toml: runbooks.front-load.steps.3.fails.attempts
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.1.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.2.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.4.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.6.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.6.after.2
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.7.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.7.after.2
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.8.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.8.after.2
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.9.fails.attempts
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.10.when
atlassian-2022.toml: runbooks.restoration-2-front-loaded.steps.10.fails.attempts
coordination.toml: teams.engineers.coordination.at_most
coordination.toml: strategies.two-tracks.tracks.2.batch.in_flight
five-protections.toml: estate.services.database.backup.1.id
five-protections.toml: estate.services.database.backup.2.id
five-protections.toml: estate.services.database.backup.2.full
five-protections.toml: estate.services.database.backup.3.id
five-protections.toml: estate.services.database.backup.4.id
five-protections.toml: estate.services.database.backup.5.id
one-database.toml: runbooks.restore.steps.3.team
one-database.toml: runbooks.restore.steps.3.restore_point
one-database.toml: runbooks.restore.steps.4.after.2
one-product.toml: runbooks.restore.steps.2.restore_point
one-product.toml: runbooks.restore.steps.3.after.2
quickstart.toml: estate.services.database.backup.retention
rosters.toml: teams.by-day.roster.1.days
rosters.toml: teams.around-the-clock.roster.3
rosters.toml: teams.around-the-clock.at_shift_end
shared-cause.toml: estate.services.database.backup.1.id
shared-cause.toml: estate.services.database.backup.2.id
shared-cause.toml: estate.services.database.backup.2.phase
shared-shards.toml: strategies.by-shard.tracks.1.batch.order
staged-rollout.toml: incident.guardrails.staged_rollout.stages.2
"#]]
    );
}

/// A line of each kind that changes nothing.
const IDLE: &str = r#"
schema = 1
title = "Lines without effect"

[experiment]
horizon = "5d"

[estate.services.db]
backup = [{ id = "a", full = "24h", incremental = "24h" }, { full = "7d" }]
bytes_per_shard = "1 TiB"
replicas = 2

[estate.services.files]
class = "derived"

[estate.products.app]
services = ["db"]

[estate.products.wiki]
services = ["db"]

[estate.sites]
count = 8
products = { app = "100%", wiki = "0%" }
tiers = [{ tier = "gold", when = { min_users = 5 } }, { tier = "rest" }]

[[incident.deletions]]

[[incident.deletions]]
count = 3

[incident.guardrails.bulk_cap]
sites = 8

[incident.guardrails.tested_automation]

[teams.a]
people = [{ at = "T+0", people = 2 }, { at = "T+6d", people = 9 }]

[teams.b]
people = 1

[limits.l]
units = 1

[throughput.t]
rate = "1 TiB/h"

[[runbooks.r.steps]]
id = "x"
team = "a"
for_each = { service = "db" }
duration.exponential.mean = "10h"
restore_point = { latest = true }
fails = { probability = "0%", attempts = 4 }
frees_slot = true

[[runbooks.q.steps]]
id = "y"
duration = "1h"

[strategies.s]
guardrails = ["bulk_cap", "tested_automation"]

[[strategies.s.tracks]]
runbook = "r"
on_close = "move"
batch = { size = 2, order = "users_descending", group_by = "customer", noise = 0.5 }

[strategies.t]
based_on = "s"
teams = { b = 4 }

[policy]
rto = "10h"
tiers.gold.rto = "2h"

[[injects]]
at = "T+6d"
freeze = { steps = ["x"] }

[[injects]]
people_away = { team = "b", people = 1 }

[[injects]]
chance = "0%"
freeze = { steps = ["x"] }
"#;

#[test]
fn what_has_no_effect_is_what_is_warned_of() {
    let whole = Whole::new(Texts::alone("test", "test.toml", IDLE), &[2, 20]);
    let idle = Tried { name: "idle".to_owned(), whole, variants: Vec::new() };
    let warned = idle.whole.warned.len();
    let found = find_all(&[idle]);
    let (counts, left) = summed(&found);
    assert!(left.is_empty(), "{counts:?}\n{}", left.join("\n"));
    let told = found.iter().filter(|it| it.0 == Found::Warned).map(|it| it.1.as_str());
    let told: Vec<&str> = told.collect();
    assert_data_eq!(
        format!("{warned} warnings\n{}", told.join("\n")),
        str![[r#"
27 warnings
idle: estate.services.db.backup.1.incremental
idle: estate.services.db.backup.2
idle: estate.services.db.backup.2.full
idle: estate.services.db.bytes_per_shard
idle: estate.services.db.replicas
idle: estate.services.files
idle: estate.services.files.class
idle: estate.products.wiki.services
idle: estate.products.wiki.services.1
idle: incident.deletions.2
idle: incident.deletions.2.count
idle: teams.a.people.2
idle: limits
idle: limits.l
idle: throughput
idle: throughput.t
idle: runbooks.r.steps.1.fails
idle: runbooks.r.steps.1.fails.attempts
idle: runbooks.q
idle: strategies.s.guardrails.2
idle: strategies.s.tracks.1.on_close
idle: strategies.s.tracks.1.batch
idle: strategies.s.tracks.1.batch.size
idle: strategies.s.tracks.1.batch.order
idle: strategies.s.tracks.1.batch.group_by
idle: strategies.s.tracks.1.batch.noise
idle: strategies.t.teams
idle: strategies.t.teams.b
idle: policy.tiers
idle: policy.tiers.gold
idle: policy.tiers.gold.rto
idle: injects
idle: injects.1
idle: injects.2
idle: injects.3
"#]]
    );
}
