//! `[strategies]`: tracks, batches and priority rules.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::located::names_of;

use super::{AtShiftEnd, GuardrailSpec, List, Located, Named, RampSpec, RateRampSpec, Scalar};

/// How the response is run.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StrategySpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// What it is, for people.
    pub description: Option<Located<String>>,
    /// A strategy further up, whose tracks and changes it has wherever it does not state its own.
    pub based_on: Option<Located<String>>,
    /// The order among tasks that could start. Default "fifo".
    pub priority: Option<Located<PriorityRule>>,
    /// The guardrails that it has, beside those that every strategy has.
    pub guardrails: List<Located<GuardrailSpec>>,
    /// Other numbers of people than `[teams]` says.
    #[schemars(extend("propertyNames" = names_of("teams")))]
    pub teams: Named<RampSpec>,
    /// What becomes of work under way when people go, where it is another than `[teams]` says.
    #[schemars(extend("propertyNames" = names_of("teams")))]
    pub at_shift_end: Named<AtShiftEnd>,
    /// Other numbers of units than `[limits]` says.
    #[schemars(extend("propertyNames" = names_of("limits")))]
    pub limits: Named<RampSpec>,
    /// Other rates than `[throughput]` says.
    #[schemars(extend("propertyNames" = names_of("throughputs")))]
    pub throughput: Named<RateRampSpec>,
    /// The runbooks that run side by side.
    pub tracks: List<Located<TrackSpec>>,
}

/// The order among tasks that could start; ties go by track, site and step in the order of the
/// file. A batch ranks as its first site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PrioritySpec")]
pub enum PriorityRule {
    /// Whoever has been waiting longest.
    #[default]
    Fifo,
    /// The site with most users.
    MostUsers,
    /// The tier that is listed first.
    Tier,
    /// The task with the shortest mean time.
    Shortest,
    /// The task with the longest path of work from its start to its site's end.
    LongestRemaining,
    /// The task with the least room to move on its site's critical path.
    LeastSlack,
    /// The task with the earliest latest finish time, from the critical path (LFT).
    LatestFinish,
    /// The task that most other tasks of its site wait for.
    MostSuccessors,
    /// The task that has, with those that come right after it, the longest mean time in sum (GRPW).
    RankPositionalWeight,
    /// The task that could start first if there were enough of everything (EST).
    EarliestStart,
    /// Only the order of the file: track, site, step.
    Fixed,
    /// Drawn by lot.
    Random,
}

/// One runbook at work.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TrackSpec {
    /// The track's name in its strategy. Default: the runbook's name.
    pub id: Option<Located<String>>,
    /// The runbook that it follows.
    pub runbook: Option<Located<String>>,
    /// When it begins: a milestone, "T+26h", or "track.step". Default "T+0".
    pub opens: Option<Located<String>>,
    /// When it takes no further batch: a milestone, "T+26h", or "track.step". Default: never.
    pub closes: Option<Located<String>>,
    /// Which sites it takes. Default: any that no track has taken.
    pub takes: Option<Located<SelectorSpec>>,
    /// How it takes them.
    pub batch: Option<Located<BatchSpec>>,
    /// What becomes of batches in flight when it closes. Default "finish".
    pub on_close: Option<Located<OnClose>>,
}

/// How a track takes sites.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BatchSpec {
    /// Sites a batch, constant or a ramp. Default 1.
    pub size: Option<Located<RampSpec>>,
    /// Batches at work at once, constant or a ramp. Default: as many as there are.
    pub in_flight: Option<Located<RampSpec>>,
    /// Keeps the sites of one customer or of one shard together. Default "none".
    pub group_by: Option<Located<GroupBySpec>>,
    /// The service whose shards group the sites. Default: the first primary service.
    pub shard_of: Option<Located<String>>,
    /// Which sites first. Default "list".
    pub order: Option<Located<SiteOrder>>,
    /// How roughly the order is kept: the coefficient of variation of a lognormal factor on each
    /// site's size, drawn anew in every exercise. Default 0.
    pub noise: Option<Located<f64>>,
}

/// What a batch keeps together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GroupBySpec {
    /// Nothing.
    None,
    /// The sites of one customer.
    Customer,
    /// The sites whose data lies on one shard.
    Shard,
}

/// Which sites first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SiteOrderSpec")]
pub enum SiteOrder {
    /// As the estate lists them.
    #[default]
    List,
    /// As they were deleted.
    Deleted,
    /// Most users first.
    UsersDescending,
    /// Fewest users first.
    UsersAscending,
    /// Most bytes first.
    BytesDescending,
    /// Fewest bytes first.
    BytesAscending,
    /// The tier that is listed first, then most users.
    Tier,
    /// Drawn by lot in every exercise.
    Random,
}

/// What becomes of batches in flight when a track closes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OnCloseSpec")]
pub enum OnClose {
    /// They run on.
    #[default]
    Finish,
    /// Their work stops, and sites not handed over go back to the takers.
    Move,
}

/// Sites that match every key that is given.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SelectorSpec {
    /// With one of these names.
    pub names: Option<Located<List<Located<String>>>>,
    /// Of one of these tiers.
    pub tiers: Option<Located<List<Located<String>>>>,
    /// In one of these regions.
    pub regions: Option<Located<List<Located<String>>>>,
    /// With one of these products.
    pub products: Option<Located<List<Located<String>>>>,
    /// Of one of these customers: by the names that a table of sites gives them, else by their
    /// numbers from 0, as `sites.csv` has them.
    pub customers: Option<Located<List<Located<Scalar>>>>,
    /// With data on one of these shards of a service.
    pub shards: Option<Located<ShardsSpec>>,
    /// With so many users or more.
    pub min_users: Option<Located<i64>>,
    /// With so many users or fewer.
    pub max_users: Option<Located<i64>>,
    /// In use or not.
    pub active: Option<Located<bool>>,
    /// Owned by the operator itself or not.
    pub operator_owned: Option<Located<bool>>,
}

/// Shards of a service.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ShardsSpec {
    /// The service.
    pub service: Option<Located<String>>,
    /// The numbers of its shards, from 0.
    pub numbers: List<Located<i64>>,
}
