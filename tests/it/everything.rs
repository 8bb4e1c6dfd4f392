//! All mechanisms together, on random small scenarios: whatever is combined, every exercise comes to
//! the same again, and whatever tells of it agrees. What exercises owe the auditor knows, who is told
//! of these, too (`laws`).

use std::fmt::Write as _;

use blackstart::experiment::{Design, Outcome};
use blackstart::ids::StrategyId;
use blackstart::review::CauseKind;
use blackstart::scenario::{Scenario, check};
use blackstart::{experiment, review};
use proptest::prelude::*;

use crate::support::scenario;

/// Choices, taken one after the other; what is left out is the plain case.
struct Dice<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl Dice<'_> {
    fn roll(&mut self, sides: u8) -> u8 {
        let byte = self.bytes[self.next % self.bytes.len()];
        self.next += 1;
        byte % sides
    }

    fn pick<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[usize::from(self.roll(u8::try_from(choices.len()).expect("few choices")))]
    }
}

/// A scenario; most of them are such that nothing runs out for ever, so that everybody can be
/// restored in the end.
pub(crate) fn text(bytes: &[u8], twofold: bool) -> String {
    let mut dice = Dice { bytes, next: 0 };
    let mut text = String::new();
    estate(&mut text, &mut dice);
    incident(&mut text, &mut dice, twofold);
    people(&mut text, &mut dice);
    injects(&mut text, &mut dice, twofold);
    main_runbook(&mut text, &mut dice);
    supporting_runbooks(&mut text);
    strategy(&mut text, &mut dice);
    text
}

fn add(text: &mut String, more: std::fmt::Arguments<'_>) {
    text.write_fmt(more).expect("a string takes any text");
}

fn estate(text: &mut String, dice: &mut Dice<'_>) {
    let shards = dice.roll(3) + 1;
    let sites = dice.roll(8) + 2;
    let horizon = dice.pick(&["200d", "200d", "200d", "30h"]);
    let backup = backup(dice);
    let wiki = dice.pick(&["100%", "50%"]);
    let many = "users.lognormal = { p50 = 40, p90 = 400 }";
    let users = dice.pick(&[many, many, many, "users.uniform = { min = 0, max = 2 }"]);
    // A second store of the app: nothing of it is left, or soon.
    let files = dice.pick(&["", "", "", "\"none\"", "{ full = \"24h\", retention = \"26h\" }"]);
    let (files, stores) = match files {
        "" => (String::new(), "\"db\""),
        _ => (
            format!("[estate.services.files]\nbytes_per_shard = \"50 GiB\"\nbackup = {files}"),
            "\"db\", \"files\"",
        ),
    };
    add(
        text,
        format_args!(
            r#"
schema = 1
title = "everything"
[experiment]
horizon = "{horizon}"
[estate.services.db]
class = "primary"
shards = {shards}
bytes_per_shard = "100 GiB"
backup = {backup}
{files}
[estate.services.search]
class = "derived"
[estate.products]
app.services = [{stores}]
wiki.services = ["search"]
[estate.sites]
count = {sites}
customers = {sites}
products = {{ app = "80%", wiki = "{wiki}" }}
{users}
bytes = "8 GiB"
"#
        ),
    );
}

/// How the one store is backed up that is restored from backups.
fn backup(dice: &mut Dice<'_>) -> String {
    let kept = ["\"300d\"", "\"300d\"", "\"300d\"", "\"25h\"", "{ window = \"3h\" }"];
    let keep = ["", "", "", ", keep = \"until restored\""];
    let unreadable = [
        "",
        "",
        ", unreadable = \"30%\"",
        ", unreadable = { each = \"20%\", all = \"10%\", cause = \"ransom\" }, fall_back = \"2h\"",
    ];
    let first = [
        dice.pick(&kept),
        dice.pick(&keep),
        dice.pick(&unreadable),
        dice.pick(&["", "", ", takes = \"1h\"", ", chain_breaks = \"20%\""]),
        dice.pick(&["", ", per_incremental = \"1m\""]),
        dice.pick(&["", "", ", log = \"continuous\", per_log_hour = \"10m\""]),
    ];
    let first =
        format!("{{ full = \"24h\", incremental = \"1h\", retention = {} }}", first.concat());
    let second = dice.pick(&[
        "full = \"8h\", takes = \"3h\"",
        "full = \"7h\", log = \"continuous\"",
        "full = \"168h\", incremental = \"5h\"",
    ]);
    let second = [second, ", retention = ", dice.pick(&kept), dice.pick(&unreadable)].concat();
    let second = format!("{{ id = \"second\", {second} }}");
    match dice.roll(4) {
        0 => format!("[{first}, {second}]"),
        1 => format!("[{second}, {first}]"),
        _ => first,
    }
}

fn incident(text: &mut String, dice: &mut Dice<'_>, twofold: bool) {
    let over = dice.pick(&["0s", "23m", "3h"]);
    let second = dice.pick(&[
        "",
        "",
        "[[incident.deletions]]\nat = \"T+2h\"\nmode = \"soft\"\nsites = { max_users = 60 }",
        "[[incident.deletions]]\nat = \"T+2h\"\ntarget = { product = \"wiki\" }",
        "[[incident.deletions]]\nat = \"T+4h\"\nmode = \"soft\"\ntarget = { service = \"db\" }",
        "[[incident.deletions]]\nat = \"T+1h\"\ntarget = { service = \"db\", shards = [0] }\nover = \"4h\"\n\
         [[incident.deletions]]\nat = \"T+3h\"\nsites = { customers = [0, 1] }",
    ]);
    let target = dice.pick(&[
        "",
        "",
        "target = { service = \"db\" }",
        "target = { product = \"wiki\" }",
        "target = { product = \"app\" }",
        "target = { service = \"db\", shards = [0] }",
    ]);
    let (second, target) = if twofold { (second, target) } else { ("", "") };
    let first = if second.contains("max_users") { "sites = { min_users = 61 }" } else { "" };
    let undelete = dice.pick(&["190d", "190d", "190d", "8h"]);
    add(
        text,
        format_args!(
            r#"
[incident]
at = "2026-03-02T06:00:00Z"
[[incident.deletions]]
over = "{over}"
{first}
{target}
{second}
[incident.milestones.detected]
delay.lognormal = {{ p50 = "20m", p90 = "1h" }}
public = true
[incident.guardrails.soft_delete]
services = ["{}"]
retention = "{undelete}"
[incident.guardrails.staged_rollout]
stages = [1, 2]
soak = "30m"
stops_at = "detected"
[incident.guardrails.identifier_check]
catches = "30%"
[incident.guardrails.bulk_cap]
sites = 4
[uncertainty]
site = 0.2
step = 0.1
team = 0.1
"#,
            dice.pick(&["*", "db", "search"]),
        ),
    );
}

fn people(text: &mut String, dice: &mut Dice<'_>) {
    let ends = dice.pick(&["finish", "hand_over"]);
    let people = dice.pick(&[
        "people = 3",
        "people = [{ at = \"T+0\", people = 2 }, { at = \"T+5h\", people = 0 }, { at = \"T+9h\", people = 2 }]",
        "called = \"detected\"\nroster = [{ zone = \"Europe/Berlin\", from = \"08:00\", to = \"16:00\", people = 2 }, { zone = \"America/Denver\", days = [\"mon\", \"wed\", \"sat\"], from = \"22:00\", to = \"04:30\", people = 3 }]",
    ]);
    let tired = dice.pick(&["", "fatigue = [{ after = \"6h\", factor = 1.5 }]"]);
    let strain =
        dice.pick(&["", "coordination = { per_batch = 0.1, per_track = 0.2, at_most = 2.0 }"]);
    let units = dice.roll(2) + 1;
    let per = dice.pick(&["", "", "per = \"shard\""]);
    let cap = dice.pick(&["", "cap = \"80 GiB/h\""]);
    add(
        text,
        format_args!(
            r#"
[teams.a]
{people}
at_shift_end = "{ends}"
{tired}
{strain}
[teams.b]
people = 2
[limits.slots]
units = 2
[limits.scratch]
units = {units}
[limits.extracts]
units = 2
{per}
[throughput.store]
rate = "100 GiB/h"
{cap}
"#
        ),
    );
}

fn injects(text: &mut String, dice: &mut Dice<'_>, twofold: bool) {
    for _ in 0..dice.roll(5) {
        let (hour, lasts) = (dice.roll(20), dice.roll(9) + 1);
        let what = match dice.roll(11) {
            0 => "people_away = { team = \"a\", people = \"50%\" }",
            // A shift of a team that never changes would be lost for ever.
            1 if text.contains("roster") => "shift_lost = { team = \"a\" }",
            1 => "people_away = { team = \"b\", people = 1 }",
            2 => "attempts_fail = { step = \"extract\", count = 2 }",
            3 => "limit_drops = { limit = \"scratch\", to = 0 }",
            4 => "outage = { service = \"db\" }",
            5 => "freeze = { steps = [\"import\"] }",
            6 => "throughput_drops = { throughput = \"store\", to = \"10%\" }",
            7 => "limit_drops = { limit = \"extracts\", to = 1 }",
            8 => "attempts_fail = { step = \"load\", count = 1 }",
            9 if twofold => dice.pick(&[
                "deletion = { target = { service = \"db\" } }",
                "deletion = { target = { product = \"wiki\" }, count = 1 }",
                "deletion = { sites = { names = [\"site-0001\", \"site-0002\"] } }",
                "deletion = { target = { service = \"search\" } }",
                "deletion = { sites = { customers = [1] }, target = { service = \"db\" } }",
                "deletion = { target = { service = \"db\", shards = [0] } }",
            ]),
            _ => "deletion = { count = 2 }",
        };
        let ends = !["attempts", "shift", "deletion"].iter().any(|it| what.starts_with(it));
        let lasts = if ends { format!("lasts = \"{lasts}h\"") } else { String::new() };
        add(text, format_args!("[[injects]]\nat = \"T+{hour}h\"\n{lasts}\n{what}\n"));
    }
}

fn main_runbook(text: &mut String, dice: &mut Dice<'_>) {
    let per_shard = text.contains("per = \"shard\"");
    let stores = match text.contains("services.files") {
        true => "service_class = \"primary\"",
        false => "service = \"db\"",
    };
    let plan = dice.pick(&[
        "",
        "[[runbooks.main.steps]]\nid = \"plan\"\nper = \"batch\"\nteam = \"b\"\nduration = \"30m\"\nfails = { probability = \"30%\", attempts = 2 }\n",
        "[[runbooks.main.steps]]\nid = \"tools\"\nper = \"once\"\nteam = \"b\"\nduration = \"2h\"\n",
    ]);
    let held = dice.pick(&["", "holds = { slots = 1, until = \"import\" }"]);
    let nothing = ["", "", "", "duration = \"0s\""];
    let or_nothing = |dice: &mut Dice<'_>, it: &'static str| match dice.pick(&nothing) {
        "" => it,
        none => none,
    };
    let prepare = or_nothing(dice, "duration.exponential = { mean = \"30m\" }");
    let extract = or_nothing(dice, "duration.exponential = { mean = \"1h\" }");
    let audit = or_nothing(dice, "duration = \"20m\"");
    let loads = [
        or_nothing(dice, "duration = \"2h\"\nteam = \"b\""),
        "transfer = { bytes = \"shard\", through = \"store\" }",
        "transfer = { bytes = \"shard\", through = \"store\" }\nteam = \"a\"",
    ];
    // A transfer takes no longer for what restoring costs.
    let costs = ["per_incremental", "per_log_hour", "fall_back"].iter().any(|it| text.contains(it));
    let load = dice.pick(&loads[..if costs { 1 } else { 3 }]);
    let keep = dice.pick(&["", "keep = \"1h\""]);
    let when = dice.pick(&["", "when = \"hard\""]);
    let uses = dice.pick(&["", "uses = { extracts = 1 }"]);
    let automated = dice.pick(&[
        "",
        "automated_after = { runs = 2, factor = \"50%\", people = 0 }",
        "automated_after = { step = \"build.script\", factor = \"50%\" }",
        "automated_after = { milestone = \"detected\", factor = \"50%\", people = 0 }",
    ]);
    let found = dice.pick(&["", ", found_by = \"check\""]);
    let to_team = ["", ", escalates_to = { team = \"b\" }"];
    // What counts per shard does not escalate to a team.
    let taken = dice.pick(&to_team[..if per_shard && !uses.is_empty() { 1 } else { 2 }]);
    let by_hand = dice.pick(&[
        "",
        ", by_hand = { probability = \"20%\", older.exponential = { mean = \"2h\" }, repaired_by = \"audit\" }",
    ]);
    let point = dice.pick(&["latest = true", "fixed = \"5m\"", "common = true", "fixed = \"2h\""]);
    // At the load, at the step that needs it, or at one behind that; nobody picks a load by hand.
    let place = usize::from(dice.roll(3));
    let by_hand = if place == 0 { "" } else { by_hand };
    let point = format!("restore_point = {{ {point}{by_hand} }}");
    let mut points = [""; 3];
    points[place] = &point;
    let [of_load, of_extract, of_adopt] = points;
    let adopt = match of_adopt {
        "" => String::new(),
        _ => format!(
            "[[runbooks.main.steps]]\nid = \"adopt\"\nfor_each = {{ {stores} }}\n\
             after = [\"extract\"]\nduration = \"20m\"\n{of_adopt}\n"
        ),
    };
    let after_extract = if adopt.is_empty() { "extract" } else { "adopt" };
    let import = dice.pick(&[
        "duration.exponential = { mean = \"1h\" }\ngrows_with = { users = 0.3 }\nlearning = { rate = \"90%\" }",
        "transfer = { bytes = \"site\", through = \"store\" }",
    ]);
    let by_step = dice.pick(&[
        "",
        "fails = { probability = \"60%\", attempts = 2, escalates_to = { step = \"rebuild\" } }",
    ]);
    let rebuild = match by_step {
        "" => "",
        _ => "[[runbooks.main.steps]]\nid = \"rebuild\"\nteam = \"b\"\nduration = \"3h\"\n",
    };
    let barrier = dice.pick(&[
        "",
        "[[runbooks.main.steps]]\nid = \"agree\"\nper = \"batch\"\nduration = \"10m\"\n",
    ]);
    // Work is not sent back across a barrier.
    let fails = match barrier {
        "" => dice.pick(&[
            "fails = { probability = \"30%\", attempts = 3, retry_from = \"extract\" }",
            "fails = { probability = \"50%\", attempts = 2, escalates_to = { team = \"b\" } }",
        ]),
        _ => "fails = { probability = \"50%\", attempts = 2, escalates_to = { team = \"b\" } }",
    };
    let found = if barrier.is_empty() { found } else { "" };
    // The ordinary course goes on behind what takes over.
    let after_import = if barrier.is_empty() { "import" } else { "agree" };
    let after_prepare = if plan.contains("plan") { "after = [\"plan\"]" } else { "" };
    add(
        text,
        format_args!(
            r#"
{plan}
[[runbooks.main.steps]]
id = "prepare"
{after_prepare}
team = "a"
{prepare}
{held}
[[runbooks.main.steps]]
id = "load"
per = "shard"
for_each = {{ {stores} }}
{when}
after = ["prepare"]
{load}
{keep}
{of_load}
holds = {{ scratch = 1 }}
[[runbooks.main.steps]]
id = "extract"
for_each = {{ {stores} }}
after = ["load", "prepare"]
team = "a"
{uses}
{extract}
{automated}
fails = {{ probability = "30%", attempts = 3{found}{taken} }}
{of_extract}
{adopt}
[[runbooks.main.steps]]
id = "import"
after = ["{after_extract}"]
team = "a"
{import}
{by_step}
{rebuild}
{}
[[runbooks.main.steps]]
id = "check"
after = ["{after_import}"]
team = "b"
duration.exponential = {{ mean = "20m" }}
{fails}
[[runbooks.main.steps]]
id = "confirm"
after = ["check", "contacts.reach"]
duration.exponential = {{ mean = "2h" }}
hand_over = true
[[runbooks.main.steps]]
id = "audit"
after = ["confirm"]
team = "b"
{audit}
"#,
            barrier.replace("per =", "after = [\"import\"]\nper =")
        ),
    );
}

fn supporting_runbooks(text: &mut String) {
    text.push_str(
        r#"
[runbooks.contacts]
supporting = true
sequential = true
[[runbooks.contacts.steps]]
id = "list"
per = "once"
team = "b"
duration = "3h"
[[runbooks.contacts.steps]]
id = "reach"
team = "b"
duration = "20m"
reaches_customer = true
[runbooks.build]
supporting = true
[[runbooks.build.steps]]
id = "script"
per = "once"
team = "a"
duration = "6h"
"#,
    );
}

fn strategy(text: &mut String, dice: &mut Dice<'_>) {
    let rule = dice.pick(&[
        "fifo",
        "most_users",
        "longest_remaining",
        "fixed",
        "random",
        "shortest",
        "least_slack",
    ]);
    let guardrails = dice.pick(&[
        "",
        "",
        "\"soft_delete\"",
        "\"staged_rollout\"",
        "\"identifier_check\", \"bulk_cap\"",
        "\"tested_automation\"",
    ]);
    let group = dice.pick(&["none", "shard", "customer"]);
    let (size, flight) = (dice.roll(3) + 1, dice.roll(3) + 1);
    let closes = match dice.roll(3) {
        0 => format!("closes = \"T+{}h\"\non_close = \"move\"", dice.roll(30) + 1),
        1 => format!("closes = \"T+{}h\"", dice.roll(30) + 1),
        _ => String::new(),
    };
    let second = dice.pick(&["T+20h", "T+0", "build.script"]);
    add(
        text,
        format_args!(
            r#"
[strategies.s]
priority = "{rule}"
guardrails = [{guardrails}]
[[strategies.s.tracks]]
id = "first"
runbook = "main"
opens = "detected"
{closes}
batch = {{ size = {size}, in_flight = {flight}, group_by = "{group}", order = "users_descending" }}
[[strategies.s.tracks]]
runbook = "contacts"
[[strategies.s.tracks]]
runbook = "build"
opens = "detected"
[[strategies.s.tracks]]
id = "second"
runbook = "main"
opens = "{second}"
"#
        ),
    );
}

/// The scenario of some bytes. What the generator writes is always valid.
pub(crate) fn generated(bytes: &[u8]) -> (String, Scenario, StrategyId) {
    let one = |twofold: bool| {
        let text = text(bytes, twofold);
        (check("test", "test.toml", &text, &[]), text)
    };
    // All sites may happen to be as large as only one of two deletions has them.
    let (checked, text) = match one(true) {
        (it, _) if it.diagnostics.render(&it.sources, false).contains("empty-selection") => {
            one(false)
        }
        it => it,
    };
    if checked.scenario.is_none() {
        panic!("{text}\n{}", checked.diagnostics.render(&checked.sources, false));
    }
    let scenario = scenario(&text);
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    (text, scenario, strategy)
}

fn outcomes(scenario: &Scenario, threads: usize, replications: u32) -> Vec<Outcome> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let design = Design { replications, seed: 1, ..Design::of(scenario) };
    let run = || experiment::run(scenario, &design, &|| ());
    let results = pool.expect("threads can be made").install(run);
    results.strategies.into_iter().next().expect("there is a strategy").unpacked()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_combination_comes_to_the_same_again(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (_, scenario, strategy) = generated(&bytes);
        // One engine does all on one thread; each trace has an engine of its own.
        let one = outcomes(&scenario, 1, 4);
        prop_assert_eq!(&one, &outcomes(&scenario, 3, 4));
        for (number, outcome) in (0u64..).zip(&one) {
            prop_assert_eq!(outcome, &review::trace(&scenario, strategy, 1, number).outcome);
        }
    }

    #[test]
    fn the_trace_and_why_and_the_page_agree(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (_, scenario, strategy) = generated(&bytes);
        for replication in 0..2 {
            crate::agreement::check(&scenario, strategy, 1, replication);
        }
    }

    /// That the pieces have no gap is asserted where they are summed up.
    #[test]
    fn every_way_back_is_known(bytes in prop::collection::vec(any::<u8>(), 96)) {
        let (text, scenario, strategy) = generated(&bytes);
        let strategies = vec![strategy];
        let design = Design { strategies, replications: 3, seed: 1, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        let found = review::bottlenecks(&scenario, &results, &results.strategies[0]);
        let parts = found.iter().flat_map(|it| &it.parts);
        let unknown: f64 =
            parts.filter(|it| it.held == CauseKind::Unknown).map(|it| it.share_of_all).sum();
        prop_assert!(unknown == 0.0, "{}\n{}", text, unknown);
    }
}
