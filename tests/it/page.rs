//! The report as a page: what it says, that it can be drawn again, and that nothing in it can break
//! it. How it looks and works in a browser is tested by `tests/browser/run.sh`.

use std::fs;
use std::path::Path;

use serde_json::Value;
use snapbox::IntoData as _;

use crate::support::{Ran, files_in, fresh_folder, in_process, read, small};

/// Runs a scenario into a new folder and returns that.
#[track_caller]
fn run(test: &str, text: &str) -> std::path::PathBuf {
    let folder = fresh_folder(test);
    let scenario = folder.join("x.toml");
    fs::write(&scenario, text).expect("a file can be written");
    let out = folder.join("r");
    let ran = in_process(&["run", path(&scenario), "--quiet", "--out", path(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    out
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path of the test is text")
}

fn page(folder: &Path) -> String {
    fs::read_to_string(folder.join("report.html")).expect("there is a page")
}

/// The data that the page's script reads.
fn data(page: &str) -> Value {
    let start = page.split_once("id=\"data\">").expect("the page has data").1;
    let text = start.split_once("</script>").expect("the data ends").0;
    serde_json::from_str(text).expect("the data is JSON")
}

fn awkward(name: &str) -> String {
    read(&format!("tests/browser/awkward/{name}.toml"))
}

/// The texts of a page from one mark to another, without its elements.
fn text_between(page: &str, from: &str, to: &str) -> String {
    let part = page.split_once(from).expect("it begins").1.split_once(to).expect("it ends").0;
    let mut text = String::new();
    let mut inside = true;
    for letter in part.chars() {
        match letter {
            '<' => inside = false,
            '>' => inside = true,
            _ if inside => text.push(letter),
            _ => {}
        }
    }
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    lines.map(|it| format!("{it}\n")).collect()
}

#[test]
fn the_first_screen_answers_in_ranges() {
    let out = run("page-answer", &read("scenarios/quickstart.toml"));
    let text = text_between(&page(&out), "<section id=\"answer\"", "</article>");
    snapbox::assert_data_eq!(text, snapbox::str![[r#"
aria-labelledby="answer-title"
A clean-up job deletes 20 of 40 sites
x: 1,000 simulated exercises, seed 1, scenario a4f790d64628ffd4, Blackstart 0.1.0
What was lost
20 sites of 20 customers, with 1,344 users, were deleted between T+0 and T+5 min; the estate has 40 sites.
The policy asks that, in 90% of exercises, 95% of the sites under each objective are back in time (gold 8 h, standard 12 h), measured from each site&#39;s own deletion, and that 95% of the sites lose at most 30 min of data, counted when they are handed over.
Strategy site-by-site
✗ misses the policy
Each site on its own
Chance and time
site-by-site misses the policy: in only 510 of 1,000 exercises were 95% of the sites under each objective back in time (gold 8 h, standard 12 h); the policy asks for 90% of exercises.
The chance of meeting it: 47.9% to 54.1% (95% interval).
Half of the sites are back between 5 and 9.7 hours after the first deletion in 9 of 10 exercises.
Half of the users have their sites back between 2.8 and 6.6 hours after the first deletion in 9 of 10 exercises.
The last site is back between 8.8 and 16.4 hours after the first deletion in 9 of 10 exercises.
Data lost
No site is lost for good in any of 1,000 exercises.
When they are handed over, 95% of the sites have lost at most the last 5 to 15 minutes before their deletion, in 9 of 10 exercises.
What would help most
one more in support: 95% of the sites are back 56 min earlier (45 to 68 min, with 95% confidence).
one more slot of by-hand: 95% of the sites are back 30 min earlier (23 to 38 min, with 95% confidence).
10% off load (by-hand): 95% of the sites are back 26 min earlier (23 to 29 min, with 95% confidence).
Each of the likeliest was simulated alone, with the same exercises: --levers simulates all of them, and longer.

"#]].raw());
}

#[test]
fn what_never_comes_is_said_to_never_come() {
    let out = run("page-never", &awkward("never"));
    let text = text_between(&page(&out), "<h3>Chance and time</h3>", "</article>");
    snapbox::assert_data_eq!(text, snapbox::str![[r#"
nobody misses the policy: in none of 40 exercises were 95% of the sites back within 1 d; in none of 40 exercises did 95% of the sites lose at most 1 h of data.
The chance of meeting it: at most 8.8% (95% interval).
Half of the sites are not back within 5 d, where exercises stop, in any of 40 exercises.
Half of the users do not have their sites back within 5 d, where exercises stop, in any of 40 exercises.
The last site is not back within 5 d, where exercises stop, in any of 40 exercises.
Data lost
No site is lost for good in any of 40 exercises.
More than 5% of the sites do not come back, so there is no age of data that 95% of them have.
Where the time goes
Nothing can be told: no site ever comes back.

"#]].raw());
}

#[test]
fn where_all_is_lost_the_page_says_so() {
    let out = run("page-lost", &awkward("all-lost"));
    let text = text_between(&page(&out), "<h3>Chance and time</h3>", "</article>");
    snapbox::assert_data_eq!(text, snapbox::str![[r#"
too-late misses the policy: in none of 40 exercises were 95% of the sites back within 1 d; in none of 40 exercises did 95% of the sites lose at most 1 h of data.
The chance of meeting it: at most 8.8% (95% interval).
Half of the sites are not back within 60 d, where exercises stop, in any of 40 exercises.
Half of the users do not have their sites back within 60 d, where exercises stop, in any of 40 exercises.
The last site is not back within 60 d, where exercises stop, in any of 40 exercises.
Data lost
25 sites are lost for good in 9 of 10 exercises.
More than 5% of the sites do not come back, so there is no age of data that 95% of them have.
Where the time goes
Nothing can be told: no site ever comes back.

"#]].raw());
}

#[test]
fn a_report_is_drawn_again_to_the_byte() {
    for name in ["hostile", "never", "all-lost", "one-site"] {
        let out = run(&format!("page-again-{name}"), &awkward(name));
        let before = files_in(&out);
        fs::remove_file(out.join("report.html")).expect("there is a page");
        fs::remove_dir_all(out.join("plots")).expect("there are plots");
        let ran = in_process(&["report", path(&out)]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        assert!(files_in(&out) == before, "{name} is drawn differently");
    }
}

#[track_caller]
fn refused(ran: &Ran, code: i32, told: &str) {
    assert_eq!(ran.code, code, "{}", ran.stderr);
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_drawn_is_refused_and_stays_as_it_is() {
    let out = run("page-refused", &awkward("one-site"));
    refused(&in_process(&["report", path(out.parent().unwrap())]), 3, "not the report of a run");
    let series = fs::read_to_string(out.join("series.json")).unwrap();
    let write = |text: &str| fs::write(out.join("series.json"), text).unwrap();
    let page = page(&out);
    write(&series.replacen("\"format\":2", "\"format\":9", 1));
    refused(&in_process(&["report", path(&out)]), 3, "has form 9, and this program reads form 2");
    write(&series.replacen("\"seed\":1", "\"seed\":2", 1));
    refused(&in_process(&["report", path(&out)]), 3, "is of another run than summary.json");
    write(&series[..series.len() / 2]);
    refused(&in_process(&["report", path(&out)]), 3, "cannot be read: EOF");
    fs::remove_file(out.join("series.json")).unwrap();
    refused(&in_process(&["report", path(&out)]), 3, "cannot read");
    assert_eq!(self::page(&out), page);
}

#[test]
fn texts_of_the_scenario_are_texts_in_every_file() {
    let out = run("page-hostile", &awkward("hostile"));
    let page = page(&out);
    // Two scripts of its own: the data and the program.
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script>").count(), 2);
    for raw in ["<script>alert", "<img", "<b>", "<i>eu", "<u>noticed", "</title><script"] {
        assert!(!page.contains(raw), "{raw} stands in the page as it is");
    }
    let data = data(&page);
    assert_eq!(data["strategies"][0]["name"], "</title><script>alert('strategy')</script>");
    for (name, bytes) in files_in(&out) {
        let text = String::from_utf8(bytes).expect("every file is text");
        if name.ends_with(".svg") {
            assert!(!text.contains("<script"), "{name}");
        }
        if name.ends_with(".csv") {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            for row in reader.records() {
                for cell in &row.expect("a row can be read") {
                    let number = cell.parse::<f64>().is_ok();
                    assert!(number || !cell.starts_with(['=', '+', '-', '@']), "{name}: {cell}");
                }
            }
        }
    }
}

#[test]
fn a_page_asks_nobody_for_anything() {
    let page = page(&run("page-alone", &awkward("never")));
    for asks in ["http://", "https://", "url(", "@import", "src=", "fetch(", "import("] {
        assert!(!page.contains(asks), "{asks}");
    }
}

#[test]
fn a_page_grows_slower_than_the_number_of_sites() {
    let text = awkward("many").replace("replications = 20", "replications = 3");
    let size = |sites: &str| {
        let text = text.replace("count = 20000", &format!("count = {sites}"));
        page(&run(&format!("page-grows-{sites}"), &text)).len()
    };
    let (few, many) = (size("500"), size("5000"));
    assert!(many < 7 * few, "{few} bytes for 500 sites, {many} for ten times as many");
}

#[test]
fn sites_of_a_very_large_estate_are_not_followed_one_by_one() {
    let text = small(
        50_001,
        r#"
[experiment]
replications = 1
[[runbooks.r.steps]]
id = "restore"
duration = "1h"
[[strategies.s.tracks]]
runbook = "r"
batch = { size = 50001 }
"#,
    );
    let out = run("page-very-many", &text);
    let page = page(&out);
    let data = data(&page);
    assert_eq!((&data["many"], &data["sites"]), (&Value::Bool(true), &serde_json::json!([])));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn the_kept_page_is_what_its_kept_files_say() {
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/reports/atlassian-2022");
    let out = fresh_folder("page-kept").join("r");
    for (name, bytes) in files_in(Path::new(kept)) {
        let file = out.join(&name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
        fs::write(file, bytes).expect("a file can be written");
    }
    let ran = in_process(&["report", path(&out)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for ((name, kept), (_, drawn)) in files_in(Path::new(kept)).iter().zip(&files_in(&out)) {
        let remedy = "cargo run --release -- run scenarios/atlassian-2022.toml";
        assert!(kept == drawn, "{name} is drawn differently; make it again: {remedy}");
    }
}
