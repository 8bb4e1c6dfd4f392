//! Flags that several verbs have.

use clap::Args;

use crate::compare::Margin;
use crate::scenario::{LimitOverride, SetOverride};
use crate::units::{Share, SimDuration};

/// A margin with the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WrittenMargin {
    pub margin: Margin,
    pub text: String,
}

impl std::str::FromStr for WrittenMargin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "write a share above 0%, such as `5%`, or a time, such as `2h`".to_owned();
        let share = text.parse().ok().filter(|it: &Share| it.fraction() > 0.0);
        let time = || text.parse().ok().filter(|it: &SimDuration| it.as_millis() > 0);
        let margin = share.map(Margin::OfObjective).or_else(|| time().map(Margin::Time));
        Ok(Self { margin: margin.ok_or_else(refused)?, text: text.to_owned() })
    }
}

/// What to simulate, and how; the same for every verb that simulates many exercises.
#[derive(Debug, Args)]
pub(super) struct Simulation {
    /// Exercises to simulate for each strategy [default: as the scenario says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub replications: Option<u32>,
    /// Seed of every random number [default: as the scenario says]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads to simulate on; never changes a result [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub jobs: Option<u16>,
    #[command(flatten)]
    pub overrides: Overrides,
    /// Print no progress, no messages and no warnings, only results and errors
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Clone, Debug, Args)]
pub(super) struct Overrides {
    /// Override one value of the scenario: teams.database.people=8; may be given several times
    ///
    /// An address is the path of keys; inside a list an element goes by its `id` where it has one,
    /// runbooks.restore.steps.load.duration=2h, else by its number from 1, incident.deletions.1.count=50,
    /// and a name that is no bare key is quoted, teams."a.b".people=8. `*=` multiplies what stands there,
    /// policy.rto*=1.5 or *=150%, and `+=` adds to it, policy.rto+=30m, policy.coverage+=-5%. A team as a
    /// whole, teams.database*=1.5, means its people at all times and in all shifts, and a distribution as
    /// a whole keeps its shape; whole numbers are rounded, half up, and stay at least 1 where they were
    /// above 0. What is not there can be set where the format has such a key; no new team, step or other
    /// thing with a name comes to be.
    #[arg(long, value_name = "ADDRESS=VALUE")]
    pub set: Vec<SetOverride>,
    /// Read more than usual of something: sites=2000000; may be given several times
    ///
    /// There are limits of `bytes` of a file (8388608), `table_bytes` of a table of sites (67108864),
    /// `items` of a file, which are keys, tables and elements of lists (200000), `sites` (1000000), `steps` (10000), `strategies` (1000) and
    /// `replications` (100000), so that no file takes all memory or all day.
    #[arg(long, value_name = "NAME=NUMBER")]
    pub limit: Vec<LimitOverride>,
    /// Let `use` and `csv` name files outside of the scenario's folder
    #[arg(long)]
    pub allow_outside: bool,
}
