//! What is lost: which sites, and which parts of them.

use blackstart::experiment::{self, Design};
use blackstart::review;
use blackstart::scenario::{Scenario, check_texts};

use crate::support::{
    fresh_folder, in_process, keeps_every_law, scenario, shipped_scenario, texts, timeline_of,
};

const BASE: &str = r#"
schema = 1
title = "deletions"
teams.a.people = 9
[estate.services]
db.shards = 3
db.backup = { full = "24h" }
files.backup = { full = "24h" }
[estate.products]
wiki.services = ["db"]
tracker.services = ["files"]
[estate.sites]
count = 12
customers = 5
products = { wiki = "60%", tracker = "60%" }
regions = { eu = "50%", us = "50%" }
[[incident.deletions]]
sites = { SELECTION }
[[runbooks.r.steps]]
id = "restore"
team = "a"
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
"#;

/// The names of the sites that a scenario's incident aims at.
fn aimed_at(scenario: &Scenario) -> Vec<&str> {
    let deleted = scenario.incident.deleted.iter();
    deleted.map(|it| scenario.estate.sites[it.site].name.as_str()).collect()
}

fn selected(selection: &str) -> Scenario {
    scenario(&BASE.replace("SELECTION", selection))
}

#[test]
fn sites_are_selected_by_their_names() {
    let scenario = selected("names = [\"site-0007\", \"site-0002\", \"site-0007\"]");
    assert_eq!(aimed_at(&scenario), ["site-0002", "site-0007"]);
}

#[test]
fn sites_are_selected_by_the_numbers_of_their_customers() {
    let scenario = selected("customers = [3, \"0\"]");
    let estate = &scenario.estate;
    let own = estate.sites.iter().filter(|it| [0, 3].contains(&it.customer));
    let own: Vec<&str> = own.map(|it| it.name.as_str()).collect();
    assert!(own.len() >= 2);
    assert_eq!(aimed_at(&scenario), own);
}

#[test]
fn sites_are_selected_by_the_shards_on_which_their_data_lies() {
    let scenario = selected("shards = { service = \"db\", numbers = [1, 2] }");
    let estate = &scenario.estate;
    let (db, service) = estate.services.enumerate().next().expect("a first service");
    let own = estate.sites.enumerate().filter(|(id, site)| {
        estate.has_service(site, db) && [1, 2].contains(&service.shard_of[*id])
    });
    let own: Vec<&str> = own.map(|(_, site)| site.name.as_str()).collect();
    let without = estate.sites.iter().filter(|it| !estate.has_service(it, db)).count();
    assert!(!own.is_empty() && without > 0);
    assert_eq!(aimed_at(&scenario), own, "and none without data in it");
}

#[test]
fn the_keys_of_a_selection_all_count() {
    let all = selected("regions = [\"eu\"], products = [\"wiki\"]");
    let one = selected(&format!(
        "regions = [\"eu\"], products = [\"wiki\"], names = [\"{}\"]",
        aimed_at(&all)[1]
    ));
    assert_eq!(aimed_at(&one), [aimed_at(&all)[1]]);
}

#[test]
fn customers_keep_the_names_that_a_table_of_sites_gives_them() {
    let main = BASE
        .replace("count = 12\ncustomers = 5\nproducts = { wiki = \"60%\", tracker = \"60%\" }\nregions = { eu = \"50%\", us = \"50%\" }", "csv = \"sites.csv\"")
        .replace("SELECTION", "customers = [\"acme\", 17]");
    let table = "site,customer\na,17\nb,zeta\nc,acme\nd,\ne,acme\n";
    let checked = check_texts(&texts(&main, &[("sites.csv", table)]), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    let scenario = checked.scenario.unwrap_or_else(|| panic!("{told}"));
    assert_eq!(aimed_at(&scenario), ["a", "c", "e"]);
    let wrong = main.replace("acme", "akme");
    let checked = check_texts(&texts(&wrong, &[("sites.csv", table)]), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    assert!(told.contains("there is no customer `akme`"), "{told}");
    assert!(told.contains("did you mean `acme`?"), "{told}");
}

#[test]
fn tracks_and_injects_and_budgets_select_alike() {
    let more = r#"
[[strategies.s.tracks]]
id = "own"
runbook = "r"
takes = { names = ["site-0001"] }
[[injects]]
at = "T+3h"
deletion.sites = { shards = { service = "db", numbers = [0] } }
[[budgets]]
metric = "site.rta"
select = { customer = 0, shards = { service = "db", numbers = [0, 1, 2] } }
expect = "max < 9h"
"#;
    let text = BASE.replace("sites = { SELECTION }", "") + more;
    let scenario = scenario(&text);
    assert_eq!(scenario.budgets[0].figure, "site.rta{customer=0,shards=db:0+1+2}");
}

/// A scenario with much to tell: guardrails, a policy, customers who are reached, an inject.
const TOLD: &str = r#"
schema = 1
title = "told"
[experiment]
replications = 12
[estate.services]
db.backup = { full = "24h", retention = "30d" }
[estate.sites]
count = 12
users = 20
[incident]
kind = "KIND"
deletions = [{ over = "3h" }]
milestones.detected.delay = "30m"
[incident.guardrails.staged_rollout]
stops_at = "detected"
soak = "1m"
[[injects]]
at = "T+9h"
deletion.count = 2
[policy]
rto = "8h"
rpo = "30h"
[[budgets]]
metric = "site.rta"
expect = "p(95) < 9h"
[teams.a]
people = 2
[runbooks.r]
sequential = true
steps = [
  { id = "restore", team = "a", duration.exponential.mean = "1h", restore_point.latest = true, for_each.service = "db" },
  { id = "call", team = "a", duration = "10m", reaches_customer = true },
]
[[strategies.first.tracks]]
runbook = "r"
batch.size = 3
batch.in_flight = 2
[strategies.staged]
guardrails = ["staged_rollout"]
tracks = [{ runbook = "r" }]
"#;

/// What people see of a page: neither its script nor what stands in tags.
fn visible(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let ends = ["script", "style"].iter().find(|it| tag.starts_with(**it));
        let end = ends.map_or(">".to_owned(), |it| format!("</{it}>"));
        rest = tag.split_once(end.as_str()).map_or("", |it| it.1);
    }
    text + rest
}

/// The keys of all objects of a JSON text, in its order.
fn keys(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                found.push(key.clone());
                if key == "name" || key == "figure" {
                    found.push(value.to_string());
                }
                keys(value, found);
            }
        }
        serde_json::Value::Array(list) => list.iter().for_each(|it| keys(it, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_people_read_of_a_fire_speaks_of_deletions_and_no_name_follows_the_words() {
    let files = |kind: &str| {
        let folder = fresh_folder(&format!("told-{kind}"));
        let path = folder.join("told.toml");
        std::fs::write(&path, TOLD.replace("KIND", kind)).expect("a folder to write to");
        let path = path.to_string_lossy().into_owned();
        let out = folder.join("report");
        let ran = in_process(&["run", &path, "--out", &out.to_string_lossy()]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let mut printed = ran.stdout;
        let compared = folder.join("compared").to_string_lossy().into_owned();
        for words in [
            &["compare", &path, "--out", &compared][..],
            &["check", &path],
            &["check", &path, "--format", "markdown"],
            &["validate", &path],
            &["why", &path, "site-0003"],
            &["why", &path, "site-0012", "--strategy", "staged", "--replication", "1"],
        ] {
            let ran = in_process(words);
            assert!(ran.code == 0 || words[0] == "check", "{words:?}: {}", ran.stderr);
            printed += &ran.stdout;
        }
        // Where the files lie is no word of the program.
        (out, printed.replace(env!("CARGO_MANIFEST_DIR"), ""))
    };
    let (fire, printed) = files("fire");
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("a file of a report");
    let own = |text: &str| !text.to_lowercase().contains("delet");
    let told = |text: &str| {
        let lines = text.lines().filter(|it| !own(it));
        lines.map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(told(&printed), [""; 0]);
    assert!(printed.contains("would destroy them between T+0 and"), "{printed}");
    assert!(printed.contains("something stopped the fire first"), "{printed}");
    assert_eq!(told(&visible(&read(&fire.join("report.html")))), [""; 0]);
    let mut pictures = 0;
    for entry in std::fs::read_dir(fire.join("plots")).expect("a folder of pictures") {
        let path = entry.expect("an entry").path();
        assert_eq!(told(&read(&path)), [""; 0], "{}", path.display());
        pictures += 1;
    }
    assert!(pictures > 8);
    let script = read(&fire.join("report.html"));
    for label in [
        "[\"not destroyed (yet)\", \"up\"]",
        "[\"destroyed\", \"deleted\"]",
        "or was not destroyed.",
    ] {
        assert!(script.contains(label), "{label}");
    }
    let (plain, _) = files("deletion");
    for name in ["sites.csv", "replications.csv", "steps.csv", "teams.csv"] {
        let head =
            |folder: &std::path::Path| read(&folder.join(name)).lines().next().map(str::to_owned);
        assert_eq!(head(&fire), head(&plain), "{name}");
    }
    let all_keys = |folder: &std::path::Path| {
        let mut found = Vec::new();
        keys(&serde_json::from_str(&read(&folder.join("summary.json"))).expect("JSON"), &mut found);
        found.retain(|it| it != "kind");
        found
    };
    assert_eq!(all_keys(&fire), all_keys(&plain));
}

#[test]
fn every_kind_of_incident_has_words_that_are_not_those_of_another_trade() {
    use blackstart::scenario::IncidentKind;
    let text =
        "Deleted sites, 3 deletions, the first deletion, a deleted site, it deletes, to delete";
    assert_eq!(IncidentKind::Deletion.tell(text), text);
    assert_eq!(
        IncidentKind::Flood.tell(text),
        "Destroyed sites, 3 destructions, the first destruction, a destroyed site, it destroys, to destroy"
    );
    assert_eq!(
        IncidentKind::Other.tell(text),
        "Affected sites, 3 losses, the first loss, an affected site, it affects, to affect"
    );
    for kind in IncidentKind::ALL.into_iter().filter(|it| !it.is_deletion()) {
        assert!(!kind.tell(text).contains("elet"), "{kind:?}");
    }
}

/// Sites `a` with both products, `b` with the wiki, `c` with the tracker. The wiki needs
/// pages, the tracker issues, both accounts.
const PARTS: &str = r#"
schema = 1
title = "parts"
teams.a.people = 1
DELETIONS
[estate.services]
pages.backup = { full = "24h" }
issues.backup = { full = "24h" }
accounts.backup = { full = "24h" }
[estate.products]
wiki.services = ["pages", "accounts"]
tracker.services = ["issues", "accounts"]
[estate.sites]
csv = "sites.csv"
[[runbooks.r.steps]]
id = "plan"
duration = "10m"
[[runbooks.r.steps]]
id = "restore"
after = ["plan"]
for_each.service_class = "primary"
duration = "1h"
[[runbooks.r.steps]]
id = "switch-on"
after = ["restore"]
for_each.product = "*"
duration = "30m"
[[strategies.s.tracks]]
runbook = "r"
"#;

const SITES: &str = "site,products\na,wiki tracker\nb,wiki\nc,tracker\n";

/// What happens in the first exercise when this is lost; everything is audited.
#[track_caller]
fn told(deletions: &str) -> String {
    told_of(&PARTS.replace("DELETIONS", deletions))
}

#[track_caller]
fn told_of(text: &str) -> String {
    timeline_of(&texts(text, &[("sites.csv", SITES)]))
}

/// The lines of a timeline with one of these words, without what they have in common.
fn lines(timeline: &str, words: &[&str]) -> Vec<String> {
    let own = timeline.lines().map(|it| it.split_whitespace().collect::<Vec<&str>>().join(" "));
    own.filter(|it| words.contains(&it.split(' ').nth(1).unwrap_or_default())).collect()
}

#[test]
fn a_service_that_is_lost_is_restored_and_nothing_else() {
    let timeline = told("incident.deletions = [{ target = { service = \"issues\" } }]");
    assert_eq!(
        lines(&timeline, &["take", "start", "restored"]),
        [
            "0:00 take a (issues) by r",
            "0:00 take c (issues) by r",
            "0:00 start a/plan",
            "0:00 start c/plan",
            "0:10 start a/restore/issues",
            "0:10 start c/restore/issues",
            "1:10 start a/switch-on/tracker",
            "1:10 start c/switch-on/tracker",
            "1:40 restored a",
            "1:40 restored c",
        ]
    );
}

#[test]
fn a_product_goes_with_what_no_other_product_of_the_site_uses() {
    let timeline = told("incident.deletions = [{ target = { product = \"wiki\" } }]");
    let starts = lines(&timeline, &["start"]);
    let of = |site: &str| {
        let own = starts.iter().filter_map(|it| it.split_once(&format!("start {site}/")));
        own.map(|it| it.1.to_owned()).collect::<Vec<String>>()
    };
    assert_eq!(of("a"), ["plan", "restore/pages", "switch-on/wiki"]);
    assert_eq!(of("b"), ["plan", "restore/pages", "restore/accounts", "switch-on/wiki"]);
    assert_eq!(of("c"), [""; 0]);
}

#[test]
fn what_is_lost_at_one_instant_is_lost_together() {
    // Accounts go with the last product that uses them.
    let both =
        "incident.deletions = [{ target.product = \"wiki\" }, { target.product = \"tracker\" }]";
    let timeline = told(both);
    let starts = lines(&timeline, &["start"]);
    let of_a = starts.iter().filter(|it| it.contains("start a/")).count();
    assert_eq!(of_a, 1 + 3 + 2, "{timeline}");
    assert_eq!(lines(&timeline, &["deleted"]), [""; 0]);
    assert_eq!(lines(&timeline, &["take"])[0], "0:00 take a (wiki+tracker) by r");
}

#[test]
fn another_part_that_is_lost_while_the_site_is_away_is_a_new_restore_of_both() {
    let timeline = told(
        "incident.deletions = [{ target.service = \"issues\" }, { at = \"T+30m\", target.service = \"pages\" }]",
    );
    let of_a: Vec<String> = lines(&timeline, &["start", "abort", "deleted", "restored", "take"])
        .into_iter()
        .filter(|it| it.split(' ').nth(2).is_some_and(|it| it.starts_with('a')))
        .collect();
    assert_eq!(
        of_a,
        [
            "0:00 take a (issues) by r",
            "0:00 start a/plan",
            "0:10 start a/restore/issues",
            "0:30 deleted a (pages+issues)",
            "0:30 abort a/restore/issues",
            "0:30 take a (pages+issues) by r",
            "0:30 start a/plan",
            "0:40 start a/restore/pages",
            "0:40 start a/restore/issues",
            "1:40 start a/switch-on/wiki",
            "1:40 start a/switch-on/tracker",
            "2:10 restored a",
        ]
    );
}

#[test]
fn another_part_that_is_lost_when_the_site_is_back_makes_it_away_again() {
    let timeline = told(
        "incident.deletions = [{ target.service = \"issues\" }, { at = \"T+3h\", target.service = \"pages\" }]",
    );
    let words = ["deleted", "restored"];
    assert_eq!(
        lines(&timeline, &words),
        [
            "1:40 restored a",
            "1:40 restored c",
            "3:00 deleted a (pages)",
            "4:40 restored a",
            "4:40 restored b",
        ],
        "{timeline}"
    );
}

#[test]
fn what_is_lost_already_is_not_lost_again_by_another_run() {
    let timeline = told(
        "incident.deletions = [{ target.product = \"tracker\" }, { at = \"T+30m\", target.service = \"issues\" }]",
    );
    assert_eq!(lines(&timeline, &["deleted"]), [""; 0], "{timeline}");
}

#[test]
fn an_inject_takes_another_part_or_takes_it_before_its_turn() {
    let inject = |at: &str, target: &str, sites: &str| {
        format!(
            "[[incident.deletions]]\ntarget.service = \"issues\"\nsites.names = [\"a\"]\n\
             [[incident.deletions]]\nat = \"T+2h\"\ntarget.service = \"pages\"\nsites.names = [\"b\"]\n\
             [[injects]]\nat = \"{at}\"\ndeletion = {{ target.service = \"{target}\", sites.names = [\"{sites}\"] }}\n"
        )
    };
    let timeline = told(&inject("T+1h", "accounts", "b"));
    let words = ["deleted", "restored", "inject"];
    assert_eq!(
        lines(&timeline, &words),
        [
            "1:00 inject 1 site deleted (accounts)",
            "1:00 deleted b (accounts)",
            "1:40 restored a",
            "2:00 deleted b (pages+accounts)",
            "3:40 restored b",
        ],
        "{timeline}"
    );
    let timeline = told(&inject("T+1h", "pages", "b"));
    assert_eq!(
        lines(&timeline, &words),
        [
            "1:00 inject 1 site deleted (pages)",
            "1:00 deleted b (pages)",
            "1:40 restored a",
            "2:40 restored b",
        ],
        "what comes at T+2h is gone already: {timeline}"
    );
}

#[test]
fn a_site_counts_once_and_says_what_it_lost() {
    let text = PARTS.replace(
        "DELETIONS",
        "incident.deletions = [{ target.service = \"issues\" }, { at = \"T+1h\", target.service = \"pages\" }]",
    );
    let folder = fresh_folder("parts-lost");
    std::fs::write(folder.join("parts.toml"), text).expect("a folder to write to");
    std::fs::write(folder.join("sites.csv"), SITES).expect("a folder to write to");
    let path = folder.join("parts.toml").to_string_lossy().into_owned();
    let out = folder.join("report");
    let ran = in_process(&["run", &path, "--replications", "2", "--out", &out.to_string_lossy()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("3 sites of 3 customers"), "{}", ran.stdout);
    let flat = ran.stdout.split_whitespace().collect::<Vec<&str>>().join(" ");
    let lost = "They lose issues (1 site), pages (1 site), pages and issues (1 site).";
    assert!(flat.contains(lost), "{}", ran.stdout);
    let table = std::fs::read_to_string(out.join("sites.csv")).expect("a table of sites");
    let last = |it: &str| it.rsplit(',').next().map(str::to_owned).unwrap_or_default();
    let column: Vec<String> = table.lines().map(last).collect();
    assert_eq!(column, ["lost", "pages+issues", "pages", "issues"], "{table}");
    let ran = in_process(&[
        "run",
        &path,
        "--replications",
        "2",
        "--by",
        "product",
        "--quiet",
        "--out",
        &out.to_string_lossy(),
    ]);
    let rows: Vec<String> = ran
        .stdout
        .lines()
        .filter(|it| it.trim_start().starts_with("wiki") || it.trim_start().starts_with("tracker"))
        .map(|it| {
            it.split('|')
                .take(2)
                .collect::<String>()
                .split_whitespace()
                .collect::<Vec<&str>>()
                .join(" ")
        })
        .collect();
    assert_eq!(rows, ["wiki 2", "tracker 2"], "of a both, of b and c one: {}", ran.stdout);
    let budget = "[[budgets]]\nmetric = \"site.rta\"\nexpect = \"count == 2\"\n\
                  select.product = \"wiki\"\n";
    let text = std::fs::read_to_string(&path).expect("a scenario");
    std::fs::write(&path, text + budget).expect("a folder to write to");
    let ran = in_process(&["check", &path, "--replications", "100"]);
    assert_eq!(ran.code, 0, "the same two of the wiki: {}{}", ran.stdout, ran.stderr);
    let why = |site: &str| in_process(&["why", &path, site]).stdout;
    assert!(why("a").contains("What it lost: pages, issues."), "{}", why("a"));
    assert!(why("c").contains("What it lost: issues."), "{}", why("c"));
    let ran = in_process(&["audit", &path, "--replications", "2"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn who_loses_whole_sites_is_told_nothing_of_parts() {
    let timeline = told("incident.deletions = [{ target = \"site\" }]");
    assert_eq!(timeline, told("incident.deletions = [{}]"));
    assert_eq!(lines(&timeline, &["take"])[0], "0:00 take a by r");
}

#[test]
fn sites_that_are_drawn_in_every_exercise_lose_parts_too() {
    let text = PARTS
        .replace("csv = \"sites.csv\"", "count = 9\nresample = true\nproducts = { wiki = \"60%\", tracker = \"60%\" }")
        .replace(
            "DELETIONS",
            "[[incident.deletions]]\ntarget.product = \"wiki\"\n[[incident.deletions]]\nat = \"T+20m\"\ntarget.service = \"issues\"",
        )
        + "[incident.guardrails.soft_delete]\nenabled = true\nservices = [\"pages\"]\nretention = \"9d\"\n";
    let text = text.replace(
        "for_each.service_class = \"primary\"",
        "for_each.service_class = \"primary\"\nrestore_point.latest = true",
    );
    let scenario = scenario(&text);
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    for number in 0..12 {
        keeps_every_law(&scenario, strategy, number);
    }
}

/// The lines of the first exercise of a shipped scenario that say who is back when.
fn back(name: &str, strategy: usize) -> Vec<String> {
    let scenario = shipped_scenario(name);
    let strategy = scenario.strategies.ids().nth(strategy).expect("a strategy");
    keeps_every_law(&scenario, strategy, 0);
    lines(&review::timeline(&scenario, strategy, 1, 0), &["restored"])
}

/// What was done of a step of a shipped scenario, over all that was done.
fn done(name: &str, step: &str) -> usize {
    let scenario = shipped_scenario(name);
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    let timeline = review::timeline(&scenario, strategy, 1, 0);
    lines(&timeline, &["finish"]).iter().filter(|it| it.contains(step)).count()
}

#[test]
fn one_database_is_lost_with_all_sites_on_it() {
    let one =
        ["5:30 restored birch", "6:30 restored doug", "7:30 restored fir", "8:30 restored hazel"];
    assert_eq!(back("one-database", 0), one);
    let two =
        ["5:30 restored birch", "5:30 restored doug", "6:30 restored fir", "6:30 restored hazel"];
    assert_eq!(back("one-database", 1), two);
    assert_eq!(done("one-database", "load"), 1);
    assert_eq!(done("one-database", "restore-files"), 0);
    assert_eq!(data_lost("one-database"), [6.0; 4]);
}

#[test]
fn one_product_is_lost_for_everybody() {
    let all = ["2:30 restored ash", "4:30 restored birch", "6:30 restored doug"];
    assert_eq!(back("one-product", 0), all);
    assert_eq!(done("one-product", "restore/issues"), 0);
    assert_eq!(done("one-product", "restore-accounts"), 1);
}

#[test]
fn three_customers_are_called_by_name() {
    let all = [
        "2:00 restored ash",
        "2:00 restored cedar",
        "4:00 restored doug",
        "4:00 restored elm",
        "6:00 restored gum",
    ];
    assert_eq!(back("three-customers", 0), all);
    assert_eq!(data_lost("three-customers"), [6.0; 5]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/three-customers.toml");
    let ran = in_process(&["check", path]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

/// The data lost by each site in the first exercise, in hours.
fn data_lost(name: &str) -> Vec<f64> {
    let scenario = shipped_scenario(name);
    let design = Design { replications: 1, ..Design::of(&scenario) };
    let results = experiment::run(&scenario, &design, &|| ());
    let losses = &results.strategies[0].unpacked()[0].data_loss;
    losses.iter().map(|it| it.at_hand_over.expect("known").as_millis() as f64 / 3.6e6).collect()
}

#[test]
fn the_auditor_finds_nothing_wrong_with_what_is_lost_in_parts() {
    for name in ["one-database", "one-product", "three-customers"] {
        let path = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let ran = in_process(&["audit", &path]);
        assert_eq!(ran.code, 0, "{name}: {}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn what_needs_no_work_is_back_as_it_is_lost_and_can_be_lost_again() {
    let timeline = told_of(
        &PARTS
            .replace(
                "DELETIONS",
                "incident.deletions = [{ target.service = \"accounts\" }, { at = \"T+2h\", target.service = \"accounts\" }]",
            )
            .replace("for_each.service_class = \"primary\"", "for_each.service = \"pages\"")
            .replace("id = \"plan\"\nduration = \"10m\"", "id = \"plan\"\nfor_each.service = \"pages\"\nduration = \"10m\"")
            .replace("for_each.product = \"*\"", "for_each.service = \"issues\""),
    );
    let words = ["deleted", "restored"];
    let back: Vec<String> = lines(&timeline, &words);
    assert!(back.iter().any(|it| it.starts_with("0:00 restored a")), "{timeline}");
    assert!(back.iter().any(|it| it.starts_with("2:00 deleted a")), "{timeline}");
}
