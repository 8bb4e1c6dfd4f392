//! What may be typed to ask about inputs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::scenario::Lever;

use super::flags::{Simulation, WrittenMargin};

#[derive(Debug, Args)]
#[command(before_help = SWEEP_EXAMPLES)]
pub(super) struct SweepArguments {
    /// The scenario file
    pub scenario: PathBuf,
    /// What to vary: an address with a list of values or a range of them; may be given several times
    /// [default: the `[[levers]]` of the scenario]
    ///
    /// teams.database.people=3,4,6 and teams.database.people=3..6 step 1 put values there;
    /// teams.database*=1,1.25,1.5 multiplies what stands there, and policy.rto+=0h,2h,4h adds to it.
    /// All combinations are simulated, at most 10000.
    #[arg(long, value_name = "ADDRESS=VALUES", value_parser = varied)]
    pub vary: Vec<Lever>,
    /// Sweep only this strategy; may be given several times
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// Drop cells that surely do not have the shortest recovery, instead of simulating all of them to
    /// the end
    #[arg(long)]
    pub best: bool,
    /// With --best, a difference that does not matter: a share of the shortest RTO, or a time
    /// [default: 5%]
    #[arg(long, value_name = "5%|2h", requires = "best")]
    pub margin: Option<WrittenMargin>,
    /// Folder for sweep.json, sweep.csv and the plots, replaced as a whole [default:
    /// reports/SCENARIO-sweep]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = AskedFormat::Text)]
    pub format: AskedFormat,
}

const SWEEP_EXAMPLES: &str = "\
Examples:
  blackstart sweep scenarios/levers.toml
  blackstart sweep scenarios/quickstart.toml --vary 'teams.database*=1,1.5,2'
  blackstart sweep scenarios/quickstart.toml --vary 'incident.deletions.1.count=10..40 step 10' --best";

/// What an answer about inputs is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AskedFormat {
    /// For people
    Text,
    /// For other programs
    Json,
    /// For a page or a comment
    Markdown,
    /// For spreadsheets
    Csv,
}

fn varied(text: &str) -> Result<Lever, String> {
    Lever::read(text)
}

#[derive(Debug, Args)]
#[command(before_help = LIMIT_EXAMPLES)]
pub(super) struct LimitArguments {
    /// The scenario file
    pub scenario: PathBuf,
    /// What goes up: `sites` that one deletion takes, or an address, followed by `*` for factors
    #[arg(long, value_name = "sites|ADDRESS", default_value = "sites")]
    pub of: String,
    /// Look for the smallest value that keeps the promise, such as the fewest people
    #[arg(long)]
    pub least: bool,
    /// The strategy [default: the first of the scenario]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// The budget that is to be kept, by its name [default: the policy]
    #[arg(long, value_name = "NAME")]
    pub budget: Option<String>,
    /// With `--of sites`, which of the deletions, by its number from 1 [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub deletion: Option<u32>,
    /// The smallest value to look at [default: one step]
    #[arg(long, value_name = "VALUE")]
    pub from: Option<String>,
    /// The largest value to look at [default: all sites that the deletion can take, or ten times what
    /// stands there now]
    #[arg(long, value_name = "VALUE")]
    pub to: Option<String>,
    /// How far values are apart [default: 1, of factors 0.05]
    #[arg(long, value_name = "VALUE")]
    pub step: Option<String>,
    /// For builds: end with 99 where the promise is surely broken at this value, such as 30 sites
    #[arg(long, value_name = "VALUE")]
    pub expect: Option<String>,
    /// With --expect, end with 97 where that cannot be told
    #[arg(long, requires = "expect")]
    pub fail_on_undecided: bool,
    /// Ask again for each of these values of another input, for a curve
    #[arg(long, value_name = "ADDRESS=VALUES", value_parser = varied)]
    pub across: Option<Lever>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// Folder for limit.json, limit.csv and the plot, replaced as a whole [default:
    /// reports/SCENARIO-limit]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = AskedFormat::Text)]
    pub format: AskedFormat,
}

const LIMIT_EXAMPLES: &str = "\
Examples:
  blackstart limit scenarios/quickstart.toml
  blackstart limit scenarios/levers.toml --expect 6
  blackstart limit scenarios/levers.toml --of teams.operators.people --least
  blackstart limit scenarios/levers.toml --of sites --across 'teams.operators.people=2..6 step 1'";

#[derive(Debug, Args)]
#[command(before_help = ADVISE_EXAMPLES)]
pub(super) struct AdviseArguments {
    /// The scenario file, with `[[levers]]` that have a cost each
    pub scenario: PathBuf,
    /// The strategy [default: the first of the scenario]
    #[arg(long, value_name = "NAME")]
    pub strategy: Option<String>,
    /// The budget that is to be kept, by its name [default: the policy]
    #[arg(long, value_name = "NAME")]
    pub budget: Option<String>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// Folder for advise.json and advise.csv, replaced as a whole [default: reports/SCENARIO-advise]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = AskedFormat::Text)]
    pub format: AskedFormat,
}

const ADVISE_EXAMPLES: &str = "\
Examples:
  blackstart advise scenarios/levers.toml
  blackstart advise scenarios/levers.toml --strategy by-hand --replications 2000";

#[derive(Debug, Args)]
#[command(before_help = LEDGER_EXAMPLES)]
pub(super) struct LedgerArguments {
    /// The scenario file, in which `source = "guess"` or `"fitted"` says what is in doubt
    pub scenario: PathBuf,
    /// The strategy whose verdict it is about, and after it others to choose among; may be given several
    /// times [default: all, the first of the scenario first]
    #[arg(long, value_name = "NAME")]
    pub strategy: Vec<String>,
    /// The budget that is to be kept, by its name [default: the policy]
    #[arg(long, value_name = "NAME")]
    pub budget: Option<String>,
    #[command(flatten)]
    pub simulation: Simulation,
    /// Folder for ledger.json, ledger.csv and the plot, replaced as a whole [default:
    /// reports/SCENARIO-ledger]
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// What to print on standard output
    #[arg(long, value_enum, default_value_t = AskedFormat::Text)]
    pub format: AskedFormat,
}

const LEDGER_EXAMPLES: &str = "\
Examples:
  blackstart ledger scenarios/quickstart.toml
  blackstart ledger scenarios/quickstart.toml --strategy five-at-a-time --replications 200";
