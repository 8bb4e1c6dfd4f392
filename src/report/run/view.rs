//! The view: every number and sentence of a report, once, as plain data.
//!
//! Printers only arrange it, so the terminal, the JSON and whatever comes later cannot disagree.
//! Texts are rounded for people; numbers are not (they have ten significant digits).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::about::{ExperimentView, Program, ScenarioView};
use crate::report::figures::Figure;
use crate::review::CauseKind;
use crate::scenario::{IncidentKind, RpoAt};
use crate::verdict::Verdict;

/// The version of the view's form. It changes when a field changes its meaning or goes away, not
/// when one is added.
pub const FORMAT: u32 = 2;

/// A report as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct View {
    /// The version of this form: 2.
    pub format: u32,
    /// The program that made it.
    pub program: Program,
    /// What was simulated.
    pub scenario: ScenarioView,
    /// How often, and from which seed.
    pub experiment: ExperimentView,
    /// The command that makes the same report again.
    pub reproduce: String,
    /// What went wrong.
    pub incident: IncidentView,
    /// The objectives, if the scenario has any.
    pub policy: Option<PolicyView>,
    /// One for each strategy that was run, in the order of the scenario.
    pub strategies: Vec<StrategyView>,
    /// Where the inputs come from.
    pub assumptions: AssumptionsView,
    /// The checklist for reporting simulations, as far as a program can fill it in.
    pub checklist: Vec<ChecklistItem>,
    /// What the intervals do not say.
    pub caveat: String,
    /// Which intervals are not quite what they say, for want of exercises.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentView {
    /// One sentence.
    pub sentence: String,
    /// What kind of incident it is, where it is another than a deletion. Names of figures and keys
    /// do not follow it, titles and sentences do.
    #[serde(default, skip_serializing_if = "IncidentKind::is_deletion")]
    pub kind: IncidentKind,
    /// The wall-clock of T+0 in UTC (RFC 3339), if the scenario states it.
    pub at: Option<String>,
    /// Sites that the incident aims at. Without a guardrail all of them are deleted; how many are
    /// under a strategy is its figure `sites_deleted`. Where every exercise draws its own estate,
    /// this number and those of customers and users are medians over exercises.
    pub sites: u64,
    /// Sites of the whole estate.
    pub sites_of_estate: u64,
    /// Customers who own one of these sites.
    pub customers: u64,
    /// Users of these sites.
    pub users: u64,
    /// What sites lose, where that is not all of every one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<LostView>,
    /// How far that differs between exercises that draw an estate each; absent where all have the
    /// same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resampled: Option<ResampledView>,
    /// The first deletion, in seconds since T+0.
    pub first_deletion_s: f64,
    /// The last deletion that no guardrail stops or puts off, in seconds since T+0.
    pub last_deletion_s: f64,
    /// The moments of the response, in the order of the scenario.
    pub milestones: Vec<MilestoneView>,
}

/// What some sites lose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LostView {
    /// The names of the parts; none where it is all of the site.
    pub parts: Vec<String>,
    /// How many sites may lose just that; where every exercise draws its own estate, in the first.
    pub sites: u64,
}

/// What the incident aims at in nine of ten exercises, each with its own estate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResampledView {
    /// The 5 % quantile of the number of sites.
    pub sites_p05: u64,
    /// The 95 % quantile of the number of sites.
    pub sites_p95: u64,
    /// The 5 % quantile of the number of their users.
    pub users_p05: u64,
    /// The 95 % quantile of the number of their users.
    pub users_p95: u64,
}

/// A moment of the response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneView {
    /// Its name in the scenario.
    pub name: String,
    /// One line.
    pub title: String,
    /// When it is reached.
    pub row: Row,
    /// When it is reached, since T+0.
    pub reached: Figure,
}

/// The objectives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyView {
    /// What the policy asks for, in a sentence.
    pub sentence: String,
    /// The share of the sites under an objective that must meet it.
    pub coverage: f64,
    /// The share of exercises in which that must hold.
    pub assurance: f64,
    /// How sure a verdict must be.
    pub confidence: f64,
    /// From when recovery time is measured: `deletion`, or the name of a milestone.
    pub clock: String,
    /// Which data loss recovery point objectives are about. A view in which nothing stands was written
    /// when that was the loss after repair.
    #[serde(default = "RpoAt::unsaid")]
    pub rpo_at: RpoAt,
    /// The objectives of each tier that has a site at which the incident aims.
    pub tiers: Vec<TierView>,
}

/// The objectives of a tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TierView {
    /// The tier.
    pub tier: String,
    /// Its sites at which the incident aims.
    pub sites: u64,
    /// Recovery time objective in seconds.
    pub rto_s: Option<f64>,
    /// Recovery point objective in seconds: data lost, as a time span.
    pub rpo_s: Option<f64>,
}

/// What one strategy comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StrategyView {
    /// Its name in the scenario.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Whether it meets the policy; `null` where there is nothing to judge.
    pub verdict: Option<VerdictView>,
    /// How many sites came back with data older than their objective allows, and what became of it,
    /// in a sentence; absent where none did, or where there is no objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_data: Option<String>,
    /// Why nothing is known of how much data is lost, and no figure of it is there, in a sentence;
    /// absent where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_loss_unknown: Option<String>,
    /// The table for people: texts only.
    pub rows: Vec<Row>,
    /// The figures that it leaves out, which the page has behind it.
    pub more_rows: Vec<Row>,
    /// Every estimate, with full numbers.
    pub figures: Vec<Figure>,
    /// What each track gave back.
    pub tracks: Vec<TrackView>,
    /// The people.
    pub teams: Vec<TeamView>,
    /// Bandwidth that transfers share.
    pub throughputs: Vec<ThroughputView>,
    /// Recovery times by tier, region or product; absent where nobody asked for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupView>,
    /// How far it lies from the first strategy of the report; `null` for the first itself.
    pub against: Option<AgainstView>,
    /// What holds it up; `null` where no site is ever back.
    pub bottlenecks: Option<BottlenecksView>,
    /// What each lever would bring, the most helpful first; absent where none was simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levers: Option<Vec<LeverView>>,
    /// Whether only those levers were simulated that the binding chains point at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_likeliest_levers: bool,
    /// What was thrown in and what each inject cost, in the order of the scenario; absent where it
    /// has none that is switched on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub injects: Vec<InjectView>,
}

/// What holds a strategy up: where the recovery time of the site at which 95 % of the sites are back
/// went, by its binding chain.
///
/// What had to wait for people or units follows the work at whose end they became free, whosever
/// site that was for; so the chain goes back to the deletion without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BottlenecksView {
    /// In a sentence: whose time, and of how many exercises.
    pub sentence: String,
    /// Who worked on it, in a sentence.
    pub by_people: String,
    /// What was had by others when it was needed, in a sentence; empty where nothing was.
    pub waited_for: String,
    /// The exercises whose chains were summed: the first of all.
    pub n: u64,
    /// Those of the first exercises in which no site was back.
    pub never: u64,
    /// Those of the `n` in which more than 5 % of the sites are not back; there it is the site at 95 %
    /// of those that are.
    #[serde(default)]
    pub of_those_back: u64,
    /// The mean of that site's recovery time.
    pub rta: Figure,
    /// What the time went into, the largest first within each kind. Those of the kinds `step` to
    /// `unknown` make up the whole; `crew` with the waits among those does so too; `team_bound`,
    /// `limit_bound` and `slot_bound` say how long what the chain followed had what somebody waited
    /// for, and overlap; `shard`, `rework` and `element` are parts of
    /// the work.
    pub parts: Vec<PartView>,
}

/// A part of where the time went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartView {
    /// The kind of thing.
    pub kind: CauseKind,
    /// Its track; empty where it is about none.
    pub track: String,
    /// Its name in the scenario; empty where the kind says it all, or nobody works.
    pub name: String,
    /// What it is called in the table for people.
    pub label: String,
    /// Texts for people: time, share, the share's interval, share of all sites, in this order.
    pub texts: [String; 4],
    /// Its time.
    pub time: Figure,
    /// Its share.
    pub share: Figure,
    /// Its share of the recovery times of all sites that came back, over all those exercises.
    pub share_of_all: f64,
}

/// What a lever would bring: the same exercises with it minus those without.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LeverView {
    /// What it is: more `people` in a team or `units` of a limit, as many as one task needs at most;
    /// one more `slot` of a track, a `tenth` more of a throughput, or a step `faster` by a tenth.
    pub lever: String,
    /// The name of the team, limit, throughput or track in the scenario, or the step with its track.
    pub name: String,
    /// What it is called in the table for people.
    pub label: String,
    /// Texts for people: the difference, its interval, how busy it is, its share of all waiting,
    /// its share of the binding chain, in this order.
    pub texts: [String; 5],
    /// How much later 95 % of the sites are back; less than zero is earlier.
    pub rta_p95: Figure,
    /// How many more hours people work.
    pub person_hours: Figure,
    /// Of a team: how busy it is without one more, between 0 and 1.
    pub utilisation: Option<f64>,
    /// Of a team: the waiting before its steps, as a share of that before those of all teams.
    pub share_of_waiting: Option<f64>,
    /// Of a team or a step: its share of the binding chain.
    pub share_of_chain: Option<f64>,
}

/// What became of an inject, and what it cost: the same exercises with it minus those without it
/// alone, over exercises in which it was thrown in. What several cost together is not the sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InjectView {
    /// Its title, or what it does.
    pub title: String,
    /// In how many exercises it was thrown in and what it cost there, in a sentence.
    pub sentence: String,
    /// Exercises in which it was thrown in.
    pub thrown_in: u64,
    /// All exercises.
    pub n: u64,
    /// Exercises that were simulated again without it: of those in which it was thrown in the first,
    /// at most 200. The figures are over these.
    pub compared: u64,
    /// Of these, exercises in which none of the figures differs.
    pub unchanged: u64,
    /// How much later 95 % of the sites are back with it; less than zero is earlier. It is over the
    /// exercises in which they come back both with it and without it; `never` are the others. `null`
    /// where it was never thrown in, and of an inject that deletes sites: recovery times with it are
    /// of other deletions than without it.
    pub rta_p95: Option<Figure>,
    /// Of `compared`, exercises in which 95 % of the sites come back only without it; `null` as for
    /// `rta_p95`.
    pub only_without: Option<u64>,
    /// Of `compared`, exercises in which 95 % of the sites come back only with it; `null` as for
    /// `rta_p95`.
    pub only_with: Option<u64>,
    /// How many more site-hours are lost with it; `null` where it was never thrown in.
    pub site_hours: Option<Figure>,
    /// How many more hours people work with it; `null` where it was never thrown in.
    pub person_hours: Option<Figure>,
}

/// How far a strategy lies from another: the means over exercises of its own figure minus that
/// of the other in the same exercise. Less than zero is less, or earlier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgainstView {
    /// The other strategy.
    pub strategy: String,
    /// In a sentence.
    pub sentence: String,
    /// Exercises that were laid side by side.
    pub n: u64,
    /// The mean difference of every figure that both have and for which there is a better and a
    /// worse. Of a time it is over the `n` exercises in which it comes under both strategies;
    /// `never` are the others.
    pub figures: Vec<Figure>,
}

/// Whether a strategy meets the policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VerdictView {
    /// The answer in a sentence.
    pub sentence: String,
    /// On recovery time and data loss together, in the same exercise.
    pub policy: JudgementView,
    /// On recovery time; `null` without an objective.
    pub rto: Option<JudgementView>,
    /// On data loss; `null` without an objective, or where it is not judged.
    pub rpo: Option<JudgementView>,
    /// That the objective on data loss is not judged and why, in a sentence; absent where it is, or
    /// where there is none. Then the verdict on the policy says in how many exercises it may be met
    /// at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpo_not_judged: Option<String>,
}

/// One verdict with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JudgementView {
    /// The verdict.
    pub verdict: Verdict,
    /// In a sentence.
    pub sentence: String,
    /// Exercises in which the objective was met.
    pub holds: u64,
    /// Exercises.
    pub n: u64,
    /// The share of exercises is at least this, at the policy's confidence (Clopper and Pearson).
    pub at_least: f64,
    /// The share of exercises is at most this, at the policy's confidence.
    pub at_most: f64,
}

/// A line of the table for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// The name of the figure that it shows.
    pub figure: String,
    /// What it is called.
    pub label: String,
    /// The figure: a median of times, a mean of numbers.
    pub value: String,
    /// Where the true figure lies, with 95 % confidence.
    pub interval: String,
    /// Between which values 9 of 10 exercises lie.
    pub spread: String,
}

/// What one track gave back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackView {
    /// Its name in the strategy.
    pub name: String,
    /// Texts for people: sites, users, first and last restore, in this order.
    pub texts: [String; 4],
    /// Sites that it gave back.
    pub sites: Figure,
    /// Their share of the deleted sites.
    pub share_of_sites: Figure,
    /// Their users' share of the users of the deleted sites; `null` where there is no user.
    pub share_of_users: Option<Figure>,
    /// When its first site was back, since T+0.
    pub first_site_back: Figure,
    /// When its last site was back, since T+0.
    pub last_site_back: Figure,
}

/// The people of one team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TeamView {
    /// Its name in the scenario.
    pub name: String,
    /// One line.
    pub title: String,
    /// Texts for people: person-hours, utilisation, overtime, cost, in this order.
    pub texts: [String; 4],
    /// Its work.
    pub person_hours: Figure,
    /// Its work over all exercises, as a share of the hours that its people were there up to
    /// the last site back; above 1 with overtime, `null` when nobody was there.
    pub utilisation: Option<f64>,
    /// Of its work, what was done after a shift's end, with more people than the team then had.
    pub overtime: Figure,
    /// What the work costs; `null` without a price.
    pub cost: Option<Figure>,
}

/// Bandwidth that transfers share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThroughputView {
    /// Its name in the scenario.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it moved.
    pub bytes: Figure,
    /// What it moved in all exercises, as a share of what it could have moved up to the end of
    /// the last attempt; `null` where it could not have moved anything.
    pub utilisation: Option<f64>,
}

/// Where the inputs come from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AssumptionsView {
    /// One sentence.
    pub sentence: String,
    /// Tables whose values were measured.
    pub measured: u64,
    /// Tables whose values were published.
    pub published: u64,
    /// Tables whose values were fitted.
    pub fitted: u64,
    /// Tables whose values are guesses.
    pub guess: u64,
    /// The guesses.
    pub guesses: Vec<GuessView>,
    /// Every table that says where its values come from: the guesses on which most hinges first,
    /// then what was fitted, published and measured.
    pub inputs: Vec<InputView>,
}

/// A table with where its values come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputView {
    /// The table, such as `teams.database`.
    pub path: String,
    /// `measured`, `published`, `fitted` or `guess`.
    pub source: String,
    /// Why the values are what they are.
    pub note: Option<String>,
    /// How much hinges on it: the largest share, over strategies, that it has in the recovery time
    /// of the site at 95 %; `null` where that cannot be told of such a table.
    pub share: Option<f64>,
    /// The same for people; empty where it cannot be told.
    pub hinges: String,
}

/// A line of the checklist for reporting simulations (STRESS-DES).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChecklistItem {
    /// Its number in the checklist.
    pub number: String,
    /// What it asks for.
    pub title: String,
    /// What the program can say; empty where that is for the author.
    pub answer: String,
}

/// A table of which the values are guesses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GuessView {
    /// The table, such as `teams.database`.
    pub path: String,
    /// Why the values are what they are.
    pub note: Option<String>,
}

/// What the recovery times of a group of sites come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupView {
    /// What the sites are grouped by: `tier`, `region` or `product`.
    pub by: String,
    /// The group.
    pub name: String,
    /// Deleted sites of the group, mean over exercises.
    pub sites: f64,
    /// `site.rta.p50` and `site.rta.p95` of the group's sites, all exercises together; and, where
    /// they have an objective, `sites_within_rto` and `assurance_rto`.
    pub figures: Vec<Figure>,
    /// Texts for people: sites, median and 95 % quantile of RTA with its interval, share within
    /// the RTO, exercises in which enough of the group are, in this order.
    pub texts: [String; 6],
}
