//! Scenarios in several files: parts that are used, and tables of sites.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use blackstart::ids::{Id, ServiceId, SiteId};
use blackstart::scenario::{Checked, Scenario, SetOverride, Texts, check_texts};
use blackstart::{experiment, measure, review};

use crate::support::{
    Ran, blackstart_in, but_unused, files_in, fresh_folder, only, read, shipped_scenario, texts,
    timeline_of,
};

const MAIN: &str = r#"
schema = 1
title = "test"
use = ["parts/estate.toml", "parts/people.toml"]
[estate.sites]
csv = "sites.csv"
[[incident.deletions]]
[runbooks.r]
steps = [{ id = "x", team = "a", duration = "1h" }]
[strategies.s]
tracks = [{ runbook = "r" }]
"#;

const ESTATE: &str = "
schema = 1
title = \"The estate\"
[estate.services.db]
shards = 4
[estate.services.media]
[estate.products]
wiki.services = [\"db\"]
shop.services = [\"db\", \"media\"]
";

const PEOPLE: &str = "teams.a.people = 2\n";

fn with(main: &str, sites: &str) -> Texts {
    let files =
        [("parts/estate.toml", ESTATE), ("parts/people.toml", PEOPLE), ("sites.csv", sites)];
    texts(main, &files)
}

#[track_caller]
fn sound(texts: &Texts) -> Scenario {
    let checked = check_texts(texts, &[]);
    assert_eq!(told(&checked), "");
    checked.scenario.expect("a scenario without fault")
}

fn told(checked: &Checked) -> String {
    but_unused(&checked.diagnostics.render(&checked.sources, false))
}

/// The faults of a scenario with this table, a line each.
fn faults(sites: &str) -> Vec<String> {
    let checked = check_texts(&with(MAIN, sites), &[]);
    let line = |it: &&blackstart::diagnostics::Diagnostic| {
        let (file, line) = checked.sources.line(it.span.expect("a place"));
        format!("{file}:{line} {}", it.message)
    };
    checked.diagnostics.sorted().iter().map(line).collect()
}

#[test]
fn the_shipped_table_restores_as_its_head_says() {
    let scenario = shipped_scenario("from-files");
    let strategy = scenario.strategies.ids().next().expect("a strategy");
    let told = review::timeline(&scenario, strategy, 1, 0);
    let restored = "3:00 acme-wiki\n3:00 bolt-1\n6:00 acme-shop\n6:00 cray\n9:00 bolt-2\n";
    assert_eq!(only(&told, "restored"), restored);
    let design = experiment::Design::of(&scenario);
    let results = experiment::run(&scenario, &design, &|| ());
    let figures = &measure::measure(&scenario, &results).strategies[0].replications[0];
    assert_eq!(figures.rto.map(|it| (it.sites, it.of_sites)), Some((4, 5)));
    assert_eq!(figures.half_of_users.map(|it| it.to_string()), Some("T+3h".to_owned()));
}

#[test]
fn tables_of_several_files_are_merged_in_the_order_of_their_use() {
    let scenario = sound(&with(MAIN, "site\na\n"));
    let services: Vec<&str> = scenario.estate.services.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(services, ["db", "media"]);
    assert_eq!(scenario.title, "test", "the title of a part is its own");
    assert_eq!(scenario.teams.iter().map(|it| it.people.peak()).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_part_may_use_others_and_a_file_counts_once() {
    let main = MAIN.replace("\"parts/people.toml\"", "\"parts/all.toml\"");
    let files = [
        ("parts/estate.toml", ESTATE),
        ("parts/all.toml", "use = [\"estate.toml\", \"deep/people.toml\"]"),
        ("parts/deep/people.toml", "use = [\"../estate.toml\"]\nteams.a.people = 3"),
        ("sites.csv", "site\na\n"),
    ];
    let scenario = sound(&texts(&main, &files));
    assert_eq!(scenario.teams.iter().map(|it| it.people.peak()).collect::<Vec<_>>(), [3]);
}

#[test]
fn the_path_of_a_table_counts_from_the_file_that_names_it() {
    let main = MAIN.replace("csv = \"sites.csv\"", "placement = \"even\"");
    let estate = format!("{ESTATE}sites.csv = \"../tables/sites.csv\"\n")
        .replace("[estate.products]", "[estate]\nproducts")
        .replace("products\nwiki", "products.wiki")
        .replace("\nshop.", "\nproducts.shop.");
    let files = [
        ("parts/estate.toml", estate.as_str()),
        ("parts/people.toml", PEOPLE),
        ("tables/sites.csv", "site\na\nb\n"),
    ];
    assert_eq!(sound(&texts(&main, &files)).estate.sites.len(), 2);
}

#[test]
fn overrides_lie_on_top_of_every_file() {
    let mut texts = with(MAIN, "site\na\n");
    texts.files.insert("other.csv".to_owned(), Ok("site\na\nb\n".to_owned()));
    let overrides: Vec<SetOverride> =
        ["teams.a.people=7", "estate.sites.csv=other.csv", "estate.services.db.shards=9"]
            .map(|it| it.parse().expect("an override"))
            .to_vec();
    let scenario = check_texts(&texts, &overrides).scenario.expect("no fault");
    assert_eq!(scenario.teams.iter().map(|it| it.people.peak()).collect::<Vec<_>>(), [7]);
    assert_eq!(scenario.estate.sites.len(), 2);
    assert_eq!(scenario.estate.services[ServiceId::new(0)].shards, 9);
}

#[test]
fn the_digest_covers_every_text() {
    let plain = with(MAIN, "site\na\n");
    let mut digests = vec![sound(&plain).digest];
    for (file, text) in [("parts/people.toml", "teams.a.people = 3"), ("sites.csv", "site\nb\n")] {
        let mut other = plain.clone();
        other.files.insert(file.to_owned(), Ok(text.to_owned()));
        digests.push(sound(&other).digest);
    }
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), 3);
    // What nobody uses is not part of the scenario.
    let mut more = plain.clone();
    more.files.insert("notes.csv".to_owned(), Ok(String::new()));
    assert_eq!(sound(&more).digest, sound(&plain).digest);
}

#[test]
fn a_row_says_all_there_is_to_know_of_a_site() {
    let scenario = sound(&with(
        MAIN,
        "site,customer,users,bytes,products,region,tier,active,operator_owned,shard.db\n\
         a,Acme,40,2 GiB,wiki,eu,gold,true,no,3\n\
         b,\"Bolt, \"\"Nut\"\"\",0,77,wiki;shop,us,basic,FALSE,yes,0\n",
    ));
    let estate = &scenario.estate;
    let (a, b) = (&estate.sites[SiteId::new(0)], &estate.sites[SiteId::new(1)]);
    assert_eq!((a.name.as_str(), a.customer, a.users, a.bytes.count()), ("a", 0, 40, 2 << 30));
    assert_eq!((b.name.as_str(), b.customer, b.users, b.bytes.count()), ("b", 1, 0, 77));
    assert_eq!((a.products, b.products), (0b01, 0b11));
    assert_eq!(
        (a.active, a.operator_owned, b.active, b.operator_owned),
        (true, false, false, true)
    );
    assert_eq!(estate.regions.as_slice(), ["eu", "us"]);
    assert_eq!(estate.tiers.as_slice(), ["gold", "basic"]);
    assert_eq!(estate.services[ServiceId::new(0)].shard_of.as_slice(), [3, 0]);
}

#[test]
fn what_a_table_does_not_say_has_a_default() {
    // With the mark that spreadsheets write, lines that end in two characters, and a blank line.
    let scenario =
        sound(&with(MAIN, "\u{feff}customer,site,users\r\n,a,\r\nx,b,5\r\n\r\n x ,c,0\r\n,d,\r\n"));
    let estate = &scenario.estate;
    let of = |it: &blackstart::scenario::Site| (it.customer, it.users, it.products, it.active);
    let sites: Vec<_> = estate.sites.iter().map(of).collect();
    // Of 0 and 5 users the lower median is 0.
    assert_eq!(sites, [(1, 0, 3, true), (0, 5, 3, true), (0, 0, 3, true), (2, 0, 3, true)]);
    assert_eq!(estate.customers, 3);
    assert_eq!(
        (estate.regions.as_slice(), estate.tiers.as_slice()),
        (["default".to_owned()].as_slice(), ["all".to_owned()].as_slice())
    );
}

#[test]
fn a_size_that_a_table_does_not_give_is_the_median_of_those_that_it_does() {
    let rows = "a,10,1 GiB\nb,,\nc,30,4 GiB\nd,0,0 B\n";
    let scenario = sound(&with(MAIN, &format!("site,users,bytes\n{rows}")));
    let sizes: Vec<_> =
        scenario.estate.sites.iter().map(|it| (it.users, it.bytes.count() >> 30)).collect();
    assert_eq!(sizes, [(10, 1), (10, 1), (30, 4), (0, 0)]);
    // Without a column nothing is known: somebody uses a site that is in use, and it has no data.
    let scenario = sound(&with(MAIN, "site,active\na,yes\nb,no\n"));
    let sizes: Vec<_> =
        scenario.estate.sites.iter().map(|it| (it.users, it.bytes.count())).collect();
    assert_eq!(sizes, [(1, 0), (0, 0)]);
}

#[test]
fn work_on_an_empty_site_takes_as_long_as_on_the_smallest_that_is_not() {
    let main = MAIN.replace("duration = \"1h\"", "duration = \"1h\", grows_with.bytes = 1.0");
    let back = |rows: &str| {
        let texts = with(&main, &format!("site,bytes\n{rows}"));
        only(&timeline_of(&texts), "restored")
    };
    // Twice the median, the median, nothing: two people take the first two sites.
    assert_eq!(back("a,4 GiB\nb,2 GiB\nc,0 B\n"), "1:00 b\n2:00 a\n2:00 c\n");
    assert_eq!(back("a,4 GiB\nb,2 GiB\nc,\n"), "1:00 b\n2:00 a\n2:00 c\n");
    assert_eq!(back("a,4 GiB\nb,1 GiB\nc,2 GiB\nd,0 B\n"), "1:00 b\n3:00 c\n4:00 a\n4:00 d\n");
}

#[test]
fn a_site_of_a_table_may_have_no_product() {
    let scenario = sound(&with(MAIN, "site,products\na,none\nb,\nc,wiki\n"));
    let products: Vec<u64> = scenario.estate.sites.iter().map(|it| it.products).collect();
    assert_eq!(products, [0b00, 0b11, 0b01]);
}

/// When the sites of a table are back that all start at once, by name, in two exercises.
fn back_by_name(rows: &[String]) -> BTreeMap<String, [String; 2]> {
    let main = MAIN
        .replace("team = \"a\", duration = \"1h\"", "duration.exponential.mean = \"1h\"")
        .replace("count = 1", "count = 1\norder = \"random\"");
    let scenario = sound(&with(&main, &format!("site,users\n{}", rows.concat())));
    let strategy = scenario.strategies.ids().next().expect("there is a strategy");
    let of = |number| {
        let log = review::timeline(&scenario, strategy, 1, number);
        let back = only(&log, "restored");
        let pair = |it: &str| it.split_once(' ').map(|(at, name)| (name.to_owned(), at.to_owned()));
        back.lines().filter_map(pair).collect::<BTreeMap<String, String>>()
    };
    let (first, second) = (of(0), of(1));
    let both = |(name, at): (String, String)| {
        let other = second[&name].clone();
        (name, [at, other])
    };
    first.into_iter().map(both).collect()
}

#[test]
fn rows_that_are_inserted_or_sorted_move_no_draw_of_other_sites() {
    let rows: Vec<String> = (0..60).map(|it| format!("s{},{it}\n", it * 37 % 60)).collect();
    let before = back_by_name(&rows);
    let mut sorted = rows.clone();
    sorted.sort();
    assert_ne!(sorted, rows);
    assert_eq!(back_by_name(&sorted), before);
    let mut more = vec!["new,7\n".to_owned()];
    more.extend(rows);
    let mut after = back_by_name(&more);
    assert!(after.remove("new").is_some());
    assert_eq!(after, before);
    let different: BTreeSet<&[String; 2]> = before.values().collect();
    assert_eq!(different.len(), 60, "each has numbers of its own");
}

#[test]
fn where_a_table_does_not_place_a_site_its_name_does() {
    let shards = |rows: &str| {
        let scenario = sound(&with(MAIN, &format!("site,shard.db\n{rows}")));
        let shard_of = &scenario.estate.services[ServiceId::new(0)].shard_of;
        let names = scenario.estate.sites.iter().map(|it| it.name.clone());
        names.zip(shard_of.iter().copied()).collect::<BTreeMap<String, u32>>()
    };
    let rows = |names: &[u32]| names.iter().map(|it| format!("s{it},\n")).collect::<String>();
    let all: Vec<u32> = (0..400).collect();
    let (up, down) =
        (shards(&rows(&all)), shards(&rows(&all.iter().rev().copied().collect::<Vec<_>>())));
    assert_eq!(up, down);
    // As likely on each of four: 100 of 400, give or take four standard errors of 8.7.
    for shard in 0..4 {
        let lie_there = up.values().filter(|it| **it == shard).count();
        assert!((66..=134).contains(&lie_there), "{lie_there} on {shard}");
    }
    assert_eq!(shards("a,\nb,2\n")["b"], 2);
}

#[test]
fn rules_give_a_tier_to_sites_without_one() {
    let main = MAIN.replace(
        "csv = \"sites.csv\"",
        "csv = \"sites.csv\"\ntiers = [{ tier = \"gold\", when = { min_users = 100, regions = [\"eu\"] } }, { tier = \"basic\" }]",
    );
    let table = "site,users,region,tier\na,500,eu,\nb,500,us,\nc,1,eu,gold\nd,1,eu,\n";
    let estate = sound(&with(&main, table)).estate;
    let tiers: Vec<&str> = estate.sites.iter().map(|it| estate.tiers[it.tier].as_str()).collect();
    assert_eq!(tiers, ["gold", "basic", "gold", "basic"]);
}

#[test]
fn every_fault_of_a_table_is_told_at_once_each_at_its_line() {
    let told = faults(
        "site,users,bytes,products,shard.db,active\n\
         a,-3,,,,\n\
         b,x,12 apples,wiki;shp,4,maybe\n\
         a,1,,,,\n\
         ,1,,,,\n\
         c,1,,\n\
         d,5,,,,no\n",
    );
    assert_eq!(
        told,
        [
            "sites.csv:2 `-3` is no number of users",
            "sites.csv:3 `x` is no number of users",
            "sites.csv:3 `12 apples` has an unknown unit",
            "sites.csv:3 there is no product `shp`",
            "sites.csv:3 `4` is no shard of `db`",
            "sites.csv:3 `maybe` stands where `true` or `false` is due",
            "sites.csv:4 there are two sites `a`",
            "sites.csv:5 a site without a name",
            "sites.csv:6 a row of 4 cells below a header of 6",
            "sites.csv:7 nobody uses this site, and it has 5 users",
        ]
    );
}

#[test]
fn a_fault_of_a_table_is_not_told_again_where_its_words_are_used() {
    let main = format!("{MAIN}[policy]\nrto = \"1h\"\ntiers.gold.rto = \"2h\"\n");
    let checked = check_texts(&with(&main, "site,teir\na,gold\n"), &[]);
    assert_eq!(checked.diagnostics.summary(), "1 error", "{}", told(&checked));
}

#[test]
fn a_hundred_faults_of_a_table_are_enough() {
    let rows: String = (0..5_000).map(|it| format!("site-{it},-1\n")).collect();
    let told = faults(&format!("site,users\n{rows}"));
    assert_eq!(told.len(), 101);
    assert_eq!(told[0], "sites.csv:1 4900 more faults in this table");
    assert_eq!(told[100], "sites.csv:101 `-1` is no number of users");
}

#[test]
fn a_fault_far_down_a_long_table_shows_its_line() {
    let rows: String = (0..20_000).map(|it| format!("site-{it},1\n")).collect();
    let checked = check_texts(&with(MAIN, &format!("site,users\n{rows}last,-1\n")), &[]);
    let told = told(&checked);
    assert!(told.contains("--> sites.csv:20002:6"), "{told}");
    assert!(told.contains("20002 | last,-1\n      |      ^^"), "{told}");
}

proptest! {
    #[test]
    fn a_mangled_table_never_panics(table in "[a,;\"\n\r\u{feff} ]{0,60}|(site|users|tier|shard.db)(,[a-z.]{0,6}){0,3}\n([a-z0-9\"-]{0,4},?){0,12}") {
        let checked = check_texts(&with(MAIN, &table), &[]);
        prop_assert_eq!(checked.scenario.is_none(), checked.diagnostics.errors() > 0);
        let _ = told(&checked);
    }

    #[test]
    fn a_mangled_part_never_panics(part in "(use|teams|estate|schema|a|\\.|=|\\[|\\]|\"x.toml\"|1|\n| ){0,30}") {
        let mut texts = with(MAIN, "site\na\n");
        texts.files.insert("parts/people.toml".to_owned(), Ok(part));
        let _ = told(&check_texts(&texts, &[]));
    }
}

/// A folder with a scenario in it that uses a part outside of it.
fn outside(name: &str) -> std::path::PathBuf {
    let folder = fresh_folder(name);
    fs::create_dir(folder.join("inside")).expect("a new folder");
    let main = MAIN
        .replace("[\"parts/estate.toml\", \"parts/people.toml\"]", "[\"../people.toml\"]")
        .replace("csv = \"sites.csv\"", "count = 3");
    fs::write(folder.join("inside/main.toml"), main).expect("a new file");
    fs::write(folder.join("people.toml"), PEOPLE).expect("a new file");
    folder
}

#[test]
fn a_file_outside_of_the_folder_is_read_only_with_a_flag() {
    let folder = outside("outside");
    let refused = blackstart_in(&folder, &["validate", "inside/main.toml"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.stderr.contains("error[outside-path]"), "{}", refused.stderr);
    let words = ["validate", "inside/main.toml", "--allow-outside"];
    assert_eq!(blackstart_in(&folder, &words).code, 0);
    let run = ["run", "inside/main.toml", "--allow-outside", "--replications", "3", "--out", "r"];
    let ran: Ran = blackstart_in(&folder, &run);
    assert!(ran.stdout.contains("inside/main.toml --allow-outside --seed 1"), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_out_of_the_folder() {
    let folder = outside("link");
    std::os::unix::fs::symlink("../people.toml", folder.join("inside/link.toml")).expect("a link");
    let text = fs::read_to_string(folder.join("inside/main.toml")).expect("a file");
    let text = text.replace("../people.toml", "link.toml");
    fs::write(folder.join("inside/main.toml"), text).expect("a file");
    let refused = blackstart_in(&folder, &["validate", "inside/main.toml"]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.stderr.contains("leads out of the scenario's folder"), "{}", refused.stderr);
}

#[test]
fn a_run_from_several_files_is_the_same_from_everywhere() {
    let folder = fresh_folder("several-files");
    let scenarios = folder.join("there/scenarios");
    fs::create_dir_all(scenarios.join("parts")).expect("a new folder");
    for file in ["from-files.toml", "parts/platform.toml", "parts/sites.csv"] {
        fs::write(scenarios.join(file), read(&format!("scenarios/{file}"))).expect("a copy");
    }
    let run = |from: &Path, path: &str, out: &str| {
        let ran = blackstart_in(from, &["run", path, "--out", out]);
        assert_eq!(ran.code, 0, "{ran:?}");
        // These have the command, which names the file as it was named, or their fingerprints.
        let named = ["summary.json", "report.html", "manifest.json"];
        let named = |it: &(String, Vec<u8>)| named.contains(&it.0.as_str());
        files_in(&from.join(out)).into_iter().filter(|it| !named(it)).collect()
    };
    let near: Vec<_> = run(&scenarios, "from-files.toml", "../../near");
    let far: Vec<_> = run(&folder, "there/scenarios/from-files.toml", "far");
    assert_eq!(near, far);
}

/// A text as a file in UTF-16, with the mark at its beginning or without.
fn utf_16(text: &str, mark: bool, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
}

#[test]
fn what_is_not_in_utf_8_is_named_with_its_mend() {
    let folder = fresh_folder("encodings");
    let table = "site,customer\na,Caf\u{e9}\n";
    let latin = table.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let unmarked = utf_16(&table.replace('\u{e9}', "e"), false, u16::to_le_bytes);
    let others: [(Vec<u8>, &str, &str); 6] = [
        (utf_16(table, true, u16::to_le_bytes), "it is text in UTF-16, not in UTF-8", "CSV UTF-8"),
        (utf_16(table, true, u16::to_be_bytes), "it is text in UTF-16, not in UTF-8", "CSV UTF-8"),
        (unmarked, "it is text in UTF-16, not in UTF-8", "CSV UTF-8"),
        (latin, "it is not text in UTF-8 but in Latin-1, or the like, at line 2", "CSV UTF-8"),
        (b"PK\x03\x04\x14\x00".to_vec(), "it is a workbook, not text", "export"),
        (b"\x7fELF\x02\x00\xff".to_vec(), "it is not text", "name a text in UTF-8"),
    ];
    let sound = MAIN.replace("[\"parts/estate.toml\", \"parts/people.toml\"]", "[\"p.toml\"]");
    for (bytes, reason, help) in others {
        for file in ["main.toml", "p.toml", "sites.csv"] {
            fs::write(folder.join("main.toml"), &sound).expect("a new file");
            fs::write(folder.join("p.toml"), PEOPLE).expect("a new file");
            fs::write(folder.join("sites.csv"), table).expect("a new file");
            fs::write(folder.join(file), &bytes).expect("a new file");
            let refused = blackstart_in(&folder, &["validate", "main.toml"]);
            assert_eq!(refused.code, 3, "{refused:?}");
            let told = refused.stderr;
            assert!(told.contains(&format!("cannot read `{file}`: {reason}")), "{told}");
            assert!(told.contains(help) && !told.contains("a path counts"), "{told}");
        }
    }
}
