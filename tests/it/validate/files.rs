//! Scenarios in several files: every fault names its file and its line.

use blackstart::scenario::{Unread, check_texts};
use snapbox::{assert_data_eq, str};

use super::{SOUND, faults_with};
use crate::support::texts;

/// The faults of the sound text that uses these files.
fn faults(head: &str, files: &[(&str, &str)]) -> String {
    let checked = check_texts(&texts(&format!("{head}\n{SOUND}"), files), &[]);
    checked.diagnostics.render(&checked.sources, false).trim_end().to_owned() + "\n"
}

/// The faults of the sound text with a table of sites.
fn faults_of_table(table: &str) -> String {
    let main = SOUND.replace(
        "estate.sites.count = 3",
        "[estate]\nservices.db.shards = 2\nproducts.wiki.services = [\"db\"]\nsites.csv = \"sites.csv\"\n[incident]",
    );
    let main = main.replace("incident.deletions", "deletions");
    let checked = check_texts(&texts(&main, &[("sites.csv", table)]), &[]);
    checked.diagnostics.render(&checked.sources, false).trim_end().to_owned() + "\n"
}

#[test]
fn the_same_leaf_in_two_files() {
    let part = "# People\n[teams.a]\npeople = 4\n";
    assert_data_eq!(
        faults("use = [\"people.toml\"]", &[("people.toml", part)]),
        str![[r#"
error[duplicate-name]: `teams.a.people` is given twice
 --> test.toml:7:1
  |
7 | people = 2
  | ^^^^^^
  |
 ::: people.toml:3:1
  |
3 | people = 4
  | ------ it is given here too
  |
  = help: leave it out of one of the files; `--set` overrides a value

"#]]
    );
}

#[test]
fn lists_of_two_files_are_not_joined() {
    let part = "[[incident.deletions]]\ncount = 1\n";
    assert_data_eq!(
        faults("use = [\"part.toml\"]", &[("part.toml", part)]),
        str![[r#"
error[duplicate-name]: `incident.deletions` is given twice
 --> test.toml:5:10
  |
5 | incident.deletions = [{}]
  |          ^^^^^^^^^
  |
 ::: part.toml:1:12
  |
1 | [[incident.deletions]]
  |            --------- it is given here too
  |
  = help: leave it out of one of the files; `--set` overrides a value

"#]]
    );
}

#[test]
fn a_fault_in_a_file_that_is_used() {
    let part = "[teams.b]\npoeple = 4\npeople = 2\n";
    assert_data_eq!(
        faults("use = [\"part.toml\"]", &[("part.toml", part)]),
        str![[r#"
error[unknown-key]: unknown key `poeple`
 --> part.toml:2:1
  |
2 | poeple = 4
  | ^^^^^^
  |
  = help: did you mean `people`?

"#]]
    );
}

#[test]
fn a_file_that_is_used_and_is_not_toml() {
    let part = "[teams.b]\npeople = many\n";
    assert_data_eq!(
        faults("use = [\"part.toml\"]", &[("part.toml", part)]),
        str![[r#"
error[syntax]: string values must be quoted, expected literal string
 --> part.toml:2:10
  |
2 | people = many
  |          ^^^^
  |
  = help: texts stand in quotes, keys and values are separated by `=`

"#]]
    );
}

#[test]
fn a_file_of_another_schema() {
    let part = "schema = 2\ntags = 7\n";
    assert_data_eq!(
        faults("use = [\"part.toml\"]", &[("part.toml", part)]),
        str![[r#"
error[unknown-schema]: this program reads schema 1
 --> part.toml:1:10
  |
1 | schema = 2
  |          ^
  |
  = help: write `schema = 1`, or leave it out of a part

"#]]
    );
}

#[test]
fn files_that_use_each_other() {
    let files = [("a.toml", "use = [\"b.toml\"]"), ("b.toml", "\nuse = [\"a.toml\"]")];
    assert_data_eq!(
        faults("use = [\"a.toml\"]", &files),
        str![[r#"
error[cycle]: files use each other in a circle: a.toml uses b.toml uses a.toml
 --> b.toml:2:8
  |
2 | use = ["a.toml"]
  |        ^^^^^^^^
  |
  = help: move what they share into a file of its own

"#]]
    );
}

#[test]
fn a_path_that_leads_out_of_the_folder() {
    assert_data_eq!(
        faults("use = [\"parts/../../a.toml\"]", &[]),
        str![[r#"
error[outside-path]: `parts/../../a.toml` leads out of the scenario's folder
 --> test.toml:1:8
  |
1 | use = ["parts/../../a.toml"]
  |        ^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a path below the folder of the scenario, or allow it with `--allow-outside`

"#]]
    );
}

#[test]
fn a_file_that_cannot_be_read() {
    let mut texts = texts(&format!("use = [\"a.toml\"]\n{SOUND}"), &[]);
    texts.path = "scenarios/test.toml".to_owned();
    let help = "a path counts from the folder of the file that it stands in".to_owned();
    let unread = Unread { reason: "no such file".to_owned(), help };
    texts.files.insert("a.toml".to_owned(), Err(unread));
    let checked = check_texts(&texts, &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    assert_data_eq!(
        told,
        str![[r#"
error[unreadable]: cannot read `scenarios/a.toml`: no such file
 --> scenarios/test.toml:1:8
  |
1 | use = ["a.toml"]
  |        ^^^^^^^^
  |
  = help: a path counts from the folder of the file that it stands in


"#]]
    );
}

#[test]
fn a_list_of_files_of_a_wrong_type() {
    let part = "use = \"b.toml\"\n";
    assert_data_eq!(
        faults("use = [\"a.toml\", 5]", &[("a.toml", part)]),
        str![[r#"
error[wrong-type]: `5` stands where a text is due
 --> test.toml:1:18
  |
1 | use = ["a.toml", 5]
  |                  ^

error[wrong-type]: `use` takes a list of files
 --> a.toml:1:7
  |
1 | use = "b.toml"
  |       ^^^^^^^^
  |
  = help: write a list of texts such as ["estate.toml"]

"#]]
    );
}

#[test]
fn a_list_of_files_cannot_be_overridden() {
    assert_data_eq!(
        faults_with(SOUND, &["use=[\"a.toml\"]"]),
        str![[r#"
error[unreadable]: `use` cannot be overridden
 --> --set use:1:1
  |
1 | value = ["a.toml"]
  | ^^^^^^^^^^^^^^^^^^
  |
  = help: override what the files say, value by value

"#]]
    );
}

#[test]
fn a_table_beside_a_generated_population() {
    let main = SOUND.replace(
        "estate.sites.count = 3",
        "estate.sites = { count = 3, regions.eu = 1, csv = \"sites.csv\" }",
    );
    let checked = check_texts(&texts(&main, &[("sites.csv", "site\na\n")]), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    assert_data_eq!(
        told,
        str![[r#"
error[conflicting-keys]: `count` stands beside `csv`
 --> test.toml:3:26
  |
3 | estate.sites = { count = 3, regions.eu = 1, csv = "sites.csv" }
  |                          ^
  |
  = help: leave it out: the table says it for every site

error[conflicting-keys]: `regions` stands beside `csv`
 --> test.toml:3:37
  |
3 | estate.sites = { count = 3, regions.eu = 1, csv = "sites.csv" }
  |                                     ^^
  |
  = help: leave it out: the table says it for every site


"#]]
    );
}

#[test]
fn a_column_that_does_not_exist() {
    assert_data_eq!(
        faults_of_table("site,usres,shard.bd,site\na,1,1,b\n"),
        str![[r#"
error[unknown-key]: unknown column `usres`
 --> sites.csv:1:6
  |
1 | site,usres,shard.bd,site
  |      ^^^^^
  |
  = help: did you mean `users`?

error[unknown-service]: there is no service `bd`
 --> sites.csv:1:12
  |
1 | site,usres,shard.bd,site
  |            ^^^^^^^^
  |
  = help: did you mean `db`?

error[duplicate-name]: there are two columns `site`
 --> sites.csv:1:21
  |
1 | site,usres,shard.bd,site
  |                     ^^^^

"#]]
    );
}

#[test]
fn a_table_without_names_of_sites() {
    assert_data_eq!(
        faults_of_table("users\n7\n"),
        str![[r#"
error[missing-key]: there is no column `site`
 --> sites.csv:1:1
  |
1 | users
  | ^^^^^
  |
  = help: begin the table with a line that names its columns, such as `site,users`

"#]]
    );
}

#[test]
fn a_table_without_rows() {
    assert_data_eq!(
        faults_of_table(""),
        str![[r#"
error[missing-key]: the table lists no site
 --> sites.csv:1:1
  |
1 |
  | ^
  |
  = help: below a line that names the columns, write a row for each site

"#]]
    );
}

#[test]
fn cells_that_mean_nothing() {
    let table = "site,users,bytes,products,active,shard.db\n\
                 \"a, b\",-4,\"1 \"\"\",\"wiki wkii\",perhaps,2\n";
    assert_data_eq!(
        faults_of_table(table),
        str![[r#"
error[out-of-range]: `-4` is no number of users
 --> sites.csv:2:8
  |
2 | "a, b",-4,"1 ""","wiki wkii",perhaps,2
  |        ^^
  |
  = help: write a whole number from 0 up

error[bad-quantity]: `1 "` has no unit
 --> sites.csv:2:11
  |
2 | "a, b",-4,"1 ""","wiki wkii",perhaps,2
  |           ^^^^^^
  |
  = help: write an amount of data such as `180 GiB`, or a number of bytes

error[unknown-product]: there is no product `wkii`
 --> sites.csv:2:18
  |
2 | "a, b",-4,"1 ""","wiki wkii",perhaps,2
  |                  ^^^^^^^^^^^
  |
  = help: did you mean `wiki`?

error[wrong-type]: `perhaps` stands where `true` or `false` is due
 --> sites.csv:2:30
  |
2 | "a, b",-4,"1 ""","wiki wkii",perhaps,2
  |                              ^^^^^^^

error[out-of-range]: `2` is no shard of `db`
 --> sites.csv:2:38
  |
2 | "a, b",-4,"1 ""","wiki wkii",perhaps,2
  |                                      ^
  |
  = help: its shards have the numbers 0 to 1

"#]]
    );
}

#[test]
fn a_site_with_two_rows() {
    assert_data_eq!(
        faults_of_table("site,users\na,1\nb,1\na,1\n"),
        str![[r#"
error[duplicate-name]: there are two sites `a`
 --> sites.csv:4:1
  |
4 | a,1
  | ^
  |
  = help: every site has one row

"#]]
    );
}

#[test]
fn a_row_with_too_few_cells() {
    assert_data_eq!(
        faults_of_table("site,users,bytes\na,1\n"),
        str![[r#"
error[syntax]: a row of 2 cells below a header of 3
 --> sites.csv:2:1
  |
2 | a,1
  | ^^^
  |
  = help: a cell with a comma in it stands in quotes, and a number has a decimal point

"#]]
    );
}

#[test]
fn users_of_a_site_that_nobody_uses() {
    assert_data_eq!(
        faults_of_table("site,users,active\na,1,no\n"),
        str![[r#"
error[conflicting-keys]: nobody uses this site, and it has 1 user
 --> sites.csv:2:3
  |
2 | a,1,no
  |   ^
  |
  = help: write 0 users

"#]]
    );
}

#[test]
fn a_tier_of_a_table_that_no_rule_has() {
    let main = SOUND.replace(
        "estate.sites.count = 3",
        "estate.sites = { csv = \"sites.csv\", tiers = [{ tier = \"gold\" }] }",
    );
    let checked = check_texts(&texts(&main, &[("sites.csv", "site,tier\na,glod\n")]), &[]);
    let told = checked.diagnostics.render(&checked.sources, false);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-tier]: there is no tier `glod`
 --> sites.csv:2:3
  |
2 | a,glod
  |   ^^^^
  |
  = help: did you mean `gold`?


"#]]
    );
}

#[test]
fn an_override_of_a_milestone_that_is_not_there() {
    let text =
        super::broken("[teams.a]", "[incident.milestones.detected]\ndelay = \"5m\"\n[teams.a]");
    let told = super::faults_with(&text, &["incident.milestones.detectd.delay=9m"]);
    assert_data_eq!(
        told,
        str![[r#"
error[unknown-address]: there is no `incident.milestones.detectd`
 --> --set incident.milestones.detectd.delay:1:1
  |
1 | value = "9m"
  | ^^^^^^^^^^^^
  |
  = help: did you mean `incident.milestones.detected.delay`?

"#]]
    );
}

#[test]
fn a_table_with_semicolons() {
    assert_data_eq!(
        faults_of_table("site;users;products\na;1;wiki\n"),
        str![[r#"
error[syntax]: semicolons stand between the cells, and commas are due
 --> sites.csv:1:1
  |
1 | site;users;products
  | ^^^^^^^^^^^^^^^^^^^
  |
  = help: save the table with commas: a spreadsheet that writes numbers with a comma has to be told so, or its country changed to one with a decimal point

"#]]
    );
}

#[test]
fn a_table_with_tabs() {
    let told = faults_of_table("\u{feff}site\tusers\r\na\t1\r\n");
    assert!(told.starts_with("error[syntax]: tabs stand between the cells"), "{told}");
    assert_eq!(told.matches("error[").count(), 1, "{told}");
}

#[test]
fn a_table_with_decimal_commas() {
    assert_data_eq!(
        faults_of_table("site,users,bytes\na,1,\"1,5 GiB\"\nb,1,1,5 GiB\n"),
        str![[r#"
error[bad-quantity]: `1,5 GiB` has a comma in its number; the decimal sign is a point
 --> sites.csv:2:5
  |
2 | a,1,"1,5 GiB"
  |     ^^^^^^^^^
  |
  = help: write an amount of data such as `180 GiB`, or a number of bytes

error[syntax]: a row of 4 cells below a header of 3
 --> sites.csv:3:1
  |
3 | b,1,1,5 GiB
  | ^^^^^^^^^^^
  |
  = help: a cell with a comma in it stands in quotes, and a number has a decimal point

"#]]
    );
}

#[test]
fn a_part_with_the_mark_of_an_editor_at_its_beginning() {
    let part = "\u{feff}[teams.b]\npeople = 2\npoeple = 2\n";
    let told = faults("use = [\"part.toml\"]", &[("part.toml", part)]);
    assert!(told.starts_with("error[unknown-key]: unknown key `poeple`"), "{told}");
    assert!(told.contains(" --> part.toml:3:1\n"), "{told}");
    assert_eq!(told.matches("error[").count(), 1, "{told}");
}
