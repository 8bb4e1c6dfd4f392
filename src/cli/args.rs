//! What may be typed.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::experiment::Slice;
use crate::report::Grouping;
use crate::scenario::LimitOverride;
use crate::units::{Share, SimDuration, UnitError};

use super::Exit;
use super::draft::{MOST_SITES, MOST_TEAMS, SERVICES};
pub(super) use super::flags::{Overrides, Simulation, WrittenMargin};
pub(super) use super::questions::{
    AdviseArguments, AskedFormat, LedgerArguments, LimitArguments, SweepArguments,
};

/// Simulates the recovery from a mass deletion: how long it takes, how much data is lost, and how
/// sure that is.
#[derive(Debug, Parser)]
#[command(name = "blackstart", version, before_help = EXAMPLES, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub verb: Verb,
}

/// The definition of the command line, with the codes with which the program ends behind every help.
pub(super) fn command() -> Command {
    let codes: Vec<String> =
        Exit::ALL.iter().map(|it| format!("  {:>3}  {}", it.code(), it.meaning())).collect();
    let codes = format!("Exit codes:\n{}", codes.join("\n"));
    let command = Arguments::command().after_help(codes.clone());
    command.mut_subcommands(|it| it.after_help(codes.clone()))
}

const EXAMPLES: &str = "\
Examples:
  blackstart init
  blackstart validate my-estate.toml
  blackstart run my-estate.toml
  blackstart compare my-estate.toml
  blackstart check my-estate.toml";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Write a first scenario of your own estate, with a comment on everything
    Init(InitArguments),
    /// Check scenarios and show every fault
    Validate(ValidateArguments),
    /// Simulate every strategy of a scenario and write a report
    Run(RunArguments),
    /// Say which strategy is best, by how much, and how sure that is
    Compare(CompareArguments),
    /// Judge the budgets of scenarios, for builds
    Check(CheckArguments),
    /// Say where the hours of one site went
    Why(WhyArguments),
    /// Draw the page and the plots of a report again, without simulating
    Report(ReportArguments),
    /// Tell one exercise, event by event, for other programs and for Perfetto
    Trace(TraceArguments),
    /// Tell exercises again from their logs, and say which law they break
    Audit(AuditArguments),
    /// Lay what was observed of a real recovery beside the simulated one
    Backtest(BacktestArguments),
    /// Simulate every value of some inputs, and lay them beside one another
    Sweep(SweepArguments),
    /// Say how much can be lost at once, or how few people are enough, with the promise still kept
    Limit(LimitArguments),
    /// Find the cheapest combination of levers that keeps the promise
    Advise(AdviseArguments),
    /// Say which guess the answer rests on, and what it is worth to know it
    Ledger(LedgerArguments),
    /// Join the parts of a run that was simulated in slices
    Merge(MergeArguments),
    /// Print what each figure of reports, budgets and baselines is
    Figures(FiguresArguments),
    /// Print the JSON Schema of scenario files, for editors
    #[command(before_help = SCHEMA_EXAMPLES)]
    Schema,
    /// Print what a shell needs to complete verbs and flags
    Completions(CompletionsArguments),
    /// Print the manual page
    #[command(before_help = MAN_EXAMPLES)]
    Man,
}

#[derive(Debug, Args)]
#[command(before_help = INIT_EXAMPLES)]
pub(super) struct InitArguments {
    /// The file to write; `-` is standard output
    #[arg(default_value = "my-estate.toml")]
    pub file: PathBuf,
    /// Sites of the estate
    #[arg(long, value_name = "N", default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_SITES)))]
    pub sites: u32,
    /// Services that keep data: how many, or their names, such as `database,files`
    #[arg(long, value_name = "N|A,B", default_value = "2", value_parser = services)]
    pub services: Names,
    /// Teams: how many, or their names in the order of the work, those who restore data first and
    /// those who talk to customers last
    #[arg(long, value_name = "N|A,B", default_value = "3", value_parser = teams)]
    pub teams: Names,
    /// Recovery time objective: within what time a site has to be back
    #[arg(long, value_name = "TIME", default_value = "2d", value_parser = objective)]
    pub rto: SimDuration,
    /// Recovery point objective: how much data a site may lose, as a time
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = objective)]
    pub rpo: SimDuration,
    /// Replace the file if it is there and is a scenario
    #[arg(long)]
    pub force: bool,
    /// Print no messages and no warnings, only errors
    #[arg(long)]
    pub quiet: bool,
}

const INIT_EXAMPLES: &str = "\
Examples:
  blackstart init
  blackstart init checkout.toml --sites 1200 --services orders,payments,files --rto 8h --rpo 15m
  blackstart init small.toml --sites 30 --services 1 --teams sre,support
  blackstart init - --teams 1";

/// Names of things, or how many of them there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// So many, with names that are usual.
    Number(usize),
    /// These.
    Given(Vec<String>),
}

/// Characters of a name at most.
const LONGEST_NAME: usize = 40;

impl Names {
    /// The names, for a number those that are usual.
    pub(super) fn names(&self, usual: impl Fn(usize) -> Vec<&'static str>) -> Vec<String> {
        match self {
            Self::Number(number) => usual(*number).into_iter().map(str::to_owned).collect(),
            Self::Given(names) => names.clone(),
        }
    }

    fn parse(text: &str, most: usize) -> Result<Self, String> {
        let refused = || format!("write a number from 1 to {most}, or so many names: `a,b,c`");
        if text.trim().chars().all(|c| c.is_ascii_digit()) {
            let number = text.trim().parse().ok().filter(|it| (1..=most).contains(it));
            return number.map(Self::Number).ok_or_else(refused);
        }
        let names: Vec<String> = text.split(',').map(|it| it.trim().to_owned()).collect();
        for (place, name) in names.iter().enumerate() {
            // Whatever else TOML allows would need quotes there, and on every command line.
            let sound = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
            if !begins || !name.chars().all(sound) || name.len() > LONGEST_NAME {
                return Err(format!(
                    "{name:?} is no name: it begins with a letter from a to z, letters, digits, \
                     `-` and `_` follow, and it has at most {LONGEST_NAME} of them"
                ));
            }
            if names[..place].contains(name) {
                return Err(format!("`{name}` stands there twice"));
            }
        }
        if names.len() > most { Err(refused()) } else { Ok(Self::Given(names)) }
    }
}

fn services(text: &str) -> Result<Names, String> {
    Names::parse(text, SERVICES.len())
}

fn teams(text: &str) -> Result<Names, String> {
    Names::parse(text, MOST_TEAMS)
}

/// An objective that an exercise can tell.
fn objective(text: &str) -> Result<SimDuration, String> {
    let day = 24 * 60 * 60 * 1_000;
    let time = text.parse().ok();
    time.filter(|it: &SimDuration| (1..=60 * day).contains(&it.as_millis()))
        .ok_or_else(|| "write a time above 0, of at most 60 days, such as `8h`".to_owned())
}

#[derive(Debug, Args)]
#[command(before_help = RUN_EXAMPLES)]
pub(super) struct RunArguments {
    /// The scenario file
    pub scenario: PathBuf,
    /// Simulate only this strategy; may be given several times
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    /// Simulate more of each team, limit and slot, and faster steps, to see what helps: all of them, and
    /// not only the likeliest
    #[arg(long, conflicts_with = "slice")]
    pub levers: bool,
    #[command(flatten)]
    pub simulation: Simulation,
    /// End with 3, and simulate nothing, where the scenario has a warning
    #[arg(long)]
    pub deny_warnings: bool,
    /// Go on until half of the interval of every strategy's p95 of RTA is at most this share of it;
    /// --replications is then the most [default: 100000]
    #[arg(long, value_name = "2%", value_parser = precision, conflicts_with = "slice")]
    pub until: Option<Share>,
    /// Show recovery times by tier, region or product as well
    #[arg(long, value_enum, conflicts_with = "slice")]
    pub by: Option<GroupedBy>,
    /// Audit the exercises too, 100 of each strategy or as many as --replications says; write no
    /// report if they break a law
    #[arg(long, conflicts_with = "slice")]
    pub audit: bool,
    /// Simulate only the I-th of N slices of the exercises, and write a part of the run for `merge`
    #[arg(long, alias = "shard", value_name = "I/N", conflicts_with = "format")]
    pub slice: Option<Slice>,
    /// Folder for the report, replaced as a whole [default: reports/SCENARIO]; with --slice a file
    /// that ends in .ndjson, or a folder for it [default: reports/SCENARIO-parts]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Go on with what an interrupted run has kept of the same exercises, to the same report
    ///
    /// A run that takes long keeps its exercises, slice by slice, in a folder beside the report until
    /// that is there. Whoever interrupts it is told where, and how to go on.
    #[arg(long, conflicts_with = "slice")]
    pub resume: bool,
    /// Open the page of the report when it is written
    #[arg(long, conflicts_with = "slice")]
    pub open: bool,
    /// Write every plot as PNG too; needs a program that was built with the feature `png`
    #[arg(long, conflicts_with = "slice")]
    pub png: bool,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const RUN_EXAMPLES: &str = "\
Examples:
  blackstart run scenarios/quickstart.toml
  blackstart run scenarios/quickstart.toml --strategy site-by-site --replications 200
  blackstart run scenarios/quickstart.toml --until 1% --by tier
  blackstart run my-estate.toml --set 'teams.database*=1.5' --set policy.rto+=6h --out half-more";

#[derive(Debug, Args)]
#[command(before_help = MERGE_EXAMPLES)]
pub(super) struct MergeArguments {
    /// The parts that `run --slice` has written, all of them, in any order, or folders of them
    #[arg(required = true, value_name = "PART")]
    pub parts: Vec<PathBuf>,
    /// Folder for the report, replaced as a whole [default: reports/SCENARIO]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Also simulate levers, as `run --levers` does
    #[arg(long)]
    pub levers: bool,
    /// Threads to simulate on what is simulated again; never changes a result [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub jobs: Option<u16>,
    /// Read more than usual of something, as `run --limit` does
    #[arg(long, value_name = "NAME=NUMBER")]
    pub limit: Vec<LimitOverride>,
    /// Print no messages and no warnings, only results and errors
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
#[command(before_help = FIGURES_EXAMPLES)]
pub(super) struct FiguresArguments {
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = CatalogueFormat::Text)]
    pub format: CatalogueFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CatalogueFormat {
    /// For people
    Text,
    /// For other programs
    Json,
    /// For a page about your budgets
    Markdown,
}

const FIGURES_EXAMPLES: &str = "\
Examples:
  blackstart figures
  blackstart figures --format markdown > figures.md";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  blackstart schema
  blackstart schema > scenario.schema.json";

#[derive(Debug, Args)]
#[command(before_help = COMPLETIONS_EXAMPLES)]
pub(super) struct CompletionsArguments {
    /// The shell
    pub shell: clap_complete::Shell,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  blackstart completions bash
  blackstart completions fish > ~/.config/fish/completions/blackstart.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  blackstart man
  blackstart man > blackstart.1";

const MERGE_EXAMPLES: &str = "\
Examples:
  blackstart run scenarios/quickstart.toml --slice 1/2
  blackstart run scenarios/quickstart.toml --slice 2/2
  blackstart merge reports/quickstart-parts";

#[derive(Debug, Args)]
#[command(before_help = COMPARE_EXAMPLES)]
pub(super) struct CompareArguments {
    /// The scenario file
    pub scenario: PathBuf,
    /// Compare only these strategies; give it at least twice
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// Go on until half of the interval of every strategy's p95 of RTA is at most this share of it;
    /// --replications is then the most [default: 100000]
    #[arg(long, conflicts_with = "select", value_name = "2%", value_parser = precision)]
    pub until: Option<Share>,
    /// A difference that does not matter: a share of the objective, or a time [default: 5%]
    #[arg(long, value_name = "5%|2h")]
    pub margin: Option<WrittenMargin>,
    /// Drop strategies one by one until the best is known, instead of comparing all of them
    #[arg(long)]
    pub select: bool,
    /// Folder for compare.json and the plots, replaced as a whole [default:
    /// reports/SCENARIO-compare]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  blackstart compare scenarios/quickstart.toml
  blackstart compare scenarios/quickstart.toml --margin 30m
  blackstart compare scenarios/atlassian-2022.toml --strategy as-happened --strategy soft-delete
  blackstart compare scenarios/atlassian-2022.toml --select";

fn share(text: &str) -> Result<Share, String> {
    text.parse().map_err(|fault| match fault {
        UnitError::NoPercent => {
            format!("{fault}: write `{}%`, or as many percent as you mean", text.trim())
        }
        _ => format!("{fault}: write a share such as `0.25%`"),
    })
}

/// How precise figures shall be.
fn precision(text: &str) -> Result<Share, String> {
    let share = text.parse().ok();
    share
        .filter(|it: &Share| it.fraction() > 0.0)
        .ok_or_else(|| "write a share above 0%, such as `2%`".to_owned())
}

#[derive(Debug, Args)]
#[command(before_help = VALIDATE_EXAMPLES)]
pub(super) struct ValidateArguments {
    /// The scenario files
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub overrides: Overrides,
    /// End with 3 where there is a warning
    #[arg(long)]
    pub deny_warnings: bool,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    /// Also write a file, by its ending .txt, .json, .md, .xml (JUnit) or .sarif; may be given
    /// several times
    #[arg(long, value_name = "FILE")]
    pub out: Vec<PathBuf>,
    /// Print no messages and no warnings, only results and errors
    #[arg(long)]
    pub quiet: bool,
}

const VALIDATE_EXAMPLES: &str = "\
Examples:
  blackstart validate scenarios/quickstart.toml
  blackstart validate scenarios/quickstart.toml scenarios/budgets.toml
  blackstart validate my-estate.toml --set 'runbooks.restore.steps.extract.duration*=2'
  blackstart validate scenarios/quickstart.toml --deny-warnings --format github";

#[derive(Debug, Args)]
#[command(before_help = CHECK_EXAMPLES)]
pub(super) struct CheckArguments {
    /// The scenario files
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// Check only this strategy; may be given several times
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    /// Also write a file, by its ending .txt, .json, .md, .xml (JUnit) or .sarif; may be given
    /// several times
    #[arg(long, value_name = "FILE")]
    pub out: Vec<PathBuf>,
    /// End with 3, and check nothing, where a scenario has a warning
    #[arg(long)]
    pub deny_warnings: bool,
    /// End with 97 where a budget is neither met nor missed
    #[arg(long)]
    pub fail_on_undecided: bool,
    /// Compare with an accepted baseline, exercise by exercise; end with 98 where it got worse or a
    /// strategy is gone
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the present results as a baseline and say what has changed since the one before
    #[arg(long, value_name = "FILE")]
    pub accept_baseline: Option<PathBuf>,
    /// The share of a figure's mean that does not matter
    #[arg(long, value_name = "SHARE", default_value = "0.25%", value_parser = share)]
    pub practical: Share,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  blackstart check scenarios/budgets.toml
  blackstart check scenarios/budgets.toml --strategy three-people --out check.xml
  blackstart check scenarios/budgets.toml --strategy three-people --accept-baseline budgets.json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people
    Text,
    /// For other programs
    Json,
    /// For the summary of a build or a comment
    Markdown,
    /// JUnit XML
    Junit,
    /// Annotations of a GitHub workflow
    Github,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
}

#[derive(Debug, Args)]
#[command(before_help = BACKTEST_EXAMPLES)]
pub(super) struct BacktestArguments {
    /// The scenario file, with a table [observed]
    pub scenario: PathBuf,
    /// The strategy to compare with [default: as [observed] says]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// Folder for backtest.json and the plot, replaced as a whole [default:
    /// reports/SCENARIO-backtest]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const BACKTEST_EXAMPLES: &str = "\
Examples:
  blackstart backtest scenarios/observed.toml
  blackstart backtest scenarios/observed.toml --replications 200 --format json
  blackstart backtest scenarios/observed.toml --set observed.source=published --out /tmp/again";

#[derive(Debug, Args)]
#[command(before_help = REPORT_EXAMPLES)]
pub(super) struct ReportArguments {
    /// The folder that `run` or `merge` has written
    pub folder: PathBuf,
    /// Write every plot as PNG too; needs a program that was built with the feature `png`
    #[arg(long)]
    pub png: bool,
    /// Open the page when it is drawn
    #[arg(long)]
    pub open: bool,
    /// Print no messages and no warnings, only errors
    #[arg(long)]
    pub quiet: bool,
}

const REPORT_EXAMPLES: &str = "\
Examples:
  blackstart report reports/quickstart
  blackstart report reports/quickstart --open";

#[derive(Debug, Args)]
#[command(before_help = TRACE_EXAMPLES)]
pub(super) struct TraceArguments {
    #[command(flatten)]
    pub which: Replication,
    /// The exercise's number, from 0, as in replications.csv
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub replication: u64,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = TraceFormat::Ndjson, conflicts_with = "out")]
    pub format: TraceFormat,
    /// Folder for trace.ndjson and trace.json, replaced as a whole; nothing is printed then
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

const TRACE_EXAMPLES: &str = "\
Examples:
  blackstart trace scenarios/quickstart.toml
  blackstart trace scenarios/quickstart.toml --strategy site-by-site --replication 17
  blackstart trace scenarios/quickstart.toml --out /tmp/trace";

#[derive(Debug, Args)]
#[command(before_help = AUDIT_EXAMPLES)]
pub(super) struct AuditArguments {
    /// The scenario file
    pub scenario: PathBuf,
    /// Audit only this strategy; may be given several times
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    /// Exercises to audit of each strategy [default: as the scenario says, at most 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub replications: Option<u32>,
    /// Audit only the exercise of this number, from 0, as in replications.csv
    #[arg(long, value_name = "K", conflicts_with = "replications",
        value_parser = clap::value_parser!(u32).range(..10_000_000))]
    pub replication: Option<u32>,
    /// Seed of every random number [default: as the scenario says]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads to simulate and audit on; never changes a result [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub overrides: Overrides,
    /// Print no progress and no warnings, only results and errors
    #[arg(long)]
    pub quiet: bool,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

const AUDIT_EXAMPLES: &str = "\
Examples:
  blackstart audit scenarios/quickstart.toml
  blackstart audit scenarios/quickstart.toml --strategy site-by-site --replication 17
  blackstart audit scenarios/template.toml --replications 20 --format json";

#[derive(Debug, Args)]
#[command(before_help = WHY_EXAMPLES)]
pub(super) struct WhyArguments {
    #[command(flatten)]
    pub which: Replication,
    /// The site, as in sites.csv
    pub site: String,
    /// Tell the binding chain, which follows whoever held the site up, instead of its own hours
    #[arg(long)]
    pub chain: bool,
    /// The exercise's number, from 0 [default: the one in which the site's outage is the median]
    #[arg(long, value_name = "K")]
    pub replication: Option<u64>,
    /// Exercises among which the median is looked for, at most as many as the scenario says
    #[arg(long, value_name = "N", default_value_t = 200,
        value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub replications: u32,
}

const WHY_EXAMPLES: &str = "\
Examples:
  blackstart why scenarios/quickstart.toml site-0003
  blackstart why scenarios/quickstart.toml site-0003 --strategy five-at-a-time
  blackstart why scenarios/quickstart.toml site-0003 --replication 17";

/// One exercise of one strategy.
#[derive(Debug, Args)]
pub(super) struct Replication {
    /// The scenario file
    pub scenario: PathBuf,
    /// The strategy [default: the first of the scenario]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// Seed of every random number [default: as the scenario says]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub overrides: Overrides,
    /// Print no messages and no warnings, only results and errors
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TraceFormat {
    /// An event log: a JSON object a line
    Ndjson,
    /// The JSON Trace Event Format, which Perfetto and Chrome open
    Chrome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum GroupedBy {
    /// The tiers, which say what objective holds
    Tier,
    /// Where sites live
    Region,
    /// What sites have licensed
    Product,
}

impl GroupedBy {
    /// The word on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Region => "region",
            Self::Product => "product",
        }
    }

    pub(super) fn grouping(self) -> Grouping {
        match self {
            Self::Tier => Grouping::Tier,
            Self::Region => Grouping::Region,
            Self::Product => Grouping::Product,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// The same as summary.json, backtest.json or compare.json
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(command: &Command) -> Vec<String> {
        let lines = command.get_before_help().map(ToString::to_string).unwrap_or_default();
        lines.lines().skip(1).map(|it| it.trim().to_owned()).collect()
    }

    /// The words of a command as a shell takes them.
    fn words(command: &str) -> Vec<String> {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in command.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                other => words.last_mut().expect("there is a word").push(other),
            }
        }
        words
    }

    #[test]
    fn every_example_is_a_command_line() {
        let command = Arguments::command();
        let all = std::iter::once(&command).chain(command.get_subcommands());
        for of in all {
            let examples = examples(of);
            assert!(examples.len() >= 2, "{}", of.get_name());
            for example in examples {
                // What stands behind is for the shell.
                let command = example.split(" > ").next().unwrap_or(&example);
                let parsed = Arguments::try_parse_from(words(command));
                assert!(parsed.is_ok(), "{example}: {:?}", parsed.err());
            }
        }
    }

    #[test]
    fn the_definitions_contradict_themselves_nowhere() {
        Arguments::command().debug_assert();
    }
}
