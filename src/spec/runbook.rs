//! `[runbooks]`: steps, their durations, failures and restore points; and `[uncertainty]`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::spec::located::{names_of, one_choice};

use super::{List, Located, Named, Scalar};

/// A procedure: a graph of steps.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RunbookSpec {
    /// One line for people.
    pub title: Option<Located<String>>,
    /// Whether each step waits for the one before it, unless it says otherwise. Default false.
    pub sequential: Option<Located<bool>>,
    /// Whether the runbook only supports others and gives no site back. Default false.
    pub supporting: Option<Located<bool>>,
    /// The steps.
    pub steps: List<Located<StepSpec>>,
}

/// What a step is done for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PerSpec")]
pub enum Per {
    /// Once in a track; its batches wait for it.
    Once,
    /// Once for every batch.
    Batch,
    /// For a shard of a service, whenever sites need it: a load that they share.
    Shard,
    /// Once for every site.
    #[default]
    Site,
}

/// After which kind of deletion a step is there: where what was deleted is gone (hard), or where
/// it is kept and can be un-deleted (soft).
///
/// A step for a service goes by that service, one for a product by all services of the product,
/// any other by all services of the site; one that is not done for sites by all sites that the
/// incident aims at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WhenSpec")]
pub enum When {
    /// After either.
    #[default]
    Always,
    /// Left out where all that it is about is kept.
    Hard,
    /// Left out where anything that it is about is gone.
    Soft,
}

/// One line of a procedure.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StepSpec {
    /// The step's name in its runbook.
    pub id: Option<Located<String>>,
    /// One line for people.
    pub title: Option<Located<String>>,
    /// Steps with one key are the same work and share their random numbers. Default: the id.
    pub key: Option<Located<String>>,
    /// The part of the recovery that it belongs to, for reports.
    pub phase: Option<Located<String>>,
    /// What the step is done for. Default "site".
    pub per: Option<Located<Per>>,
    /// Whether the step is left out where the data is kept ("hard"), or where it is not ("soft").
    /// Default "always".
    pub when: Option<Located<When>>,
    /// Does the step for each service or product that the site has.
    pub for_each: Option<Located<ForEachSpec>>,
    /// Steps that must be done first: "step", or "track.step" of another track.
    pub after: Option<Located<List<Located<String>>>>,
    /// The team that does it. Without one it is a wait that needs nobody.
    pub team: Option<Located<String>>,
    /// How many of the team. Default 1.
    pub people: Option<Located<i64>>,
    /// Several teams at once: people of each.
    #[schemars(extend("propertyNames" = names_of("teams")))]
    pub teams: Named<i64>,
    /// Units of limits that it occupies while it runs.
    #[schemars(extend("propertyNames" = names_of("limits")))]
    pub uses: Named<i64>,
    /// Units of limits that it keeps until a later step is done; of a shard step, until the last
    /// sharer is.
    pub holds: Option<Located<HoldsSpec>>,
    /// How long a load of a shard step stands when nobody needs it any more. Default "0s".
    pub keep: Option<Located<Scalar>>,
    /// How long it takes; instead of `transfer`.
    pub duration: Option<Located<DistributionSpec>>,
    /// What it moves; it takes as long as that takes. Instead of `duration`.
    pub transfer: Option<Located<TransferSpec>>,
    /// How the duration grows with the size of the site: exponents. A size that is not known is the
    /// median, and a known 0 counts as the smallest that is above it.
    pub grows_with: Option<Located<GrowthSpec>>,
    /// How the duration falls with repetition.
    pub learning: Option<Located<LearningSpec>>,
    /// From when on it is automated, and what is left of it then.
    pub automated_after: Option<Located<AutomationSpec>>,
    /// How it goes wrong.
    pub fails: Option<Located<FailsSpec>>,
    /// To which moment it brings a store back.
    pub restore_point: Option<Located<RestorePointSpec>>,
    /// Its end reaches the site's customer: they have been told. Default false.
    pub reaches_customer: Option<Located<bool>>,
    /// Its end gives the site back. Default: of the steps that nothing follows.
    pub hand_over: Option<Located<bool>>,
    /// Its end lets the batch free its slot. Default: of the last steps that need a team.
    pub frees_slot: Option<Located<bool>>,
}

/// Limits that are kept, and until when: `{ scratch-databases = 1, until = "extract" }`.
#[derive(Clone, Debug, Default)]
pub(crate) struct HoldsSpec {
    /// Units of each limit.
    pub units: Named<i64>,
    /// The later step whose end gives them back.
    pub until: Option<Located<String>>,
}

impl<'de> Deserialize<'de> for HoldsSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Holds;
        impl<'de> Visitor<'de> for Holds {
            type Value = HoldsSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HoldsSpec, A::Error> {
                let mut holds = HoldsSpec::default();
                // What does not fit has been told of.
                while let Some(key) = map.next_key::<Located<String>>()? {
                    if key.value == "until" {
                        holds.until = map.next_value().ok();
                    } else if let Ok(units) = map.next_value() {
                        holds.units.entries.push((key, units));
                    }
                }
                Ok(holds)
            }
        }
        deserializer.deserialize_map(Holds)
    }
}

impl JsonSchema for HoldsSpec {
    fn schema_name() -> Cow<'static, str> {
        "Holds".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Units of limits that are kept, and until which step.",
            "type": "object",
            "properties": {
                "until": {
                    "description": "The later step of the same `per` whose end gives them back.",
                    "type": "string"
                }
            },
            "additionalProperties": { "type": "integer" },
            "propertyNames": names_of("limits")
        })
    }
}

/// Over what a step is expanded; one of the keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ForEachSpec {
    /// Every service of this class that the site has: "primary", "derived", ...
    pub service_class: Option<Located<String>>,
    /// One service by name, or "*" for every service that the site has.
    pub service: Option<Located<String>>,
    /// One product by name, or "*" for every product that the site has.
    pub product: Option<Located<String>>,
}

/// What a transfer moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TransferBytesSpec")]
pub enum TransferBytes {
    /// The data of the site; of a batch step, of all sites of the batch.
    Site,
    /// A whole shard of the service that the step is done for.
    Shard,
}

/// Data that is moved over bandwidth which others use too.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TransferSpec {
    /// Whose bytes are moved.
    pub bytes: Option<Located<TransferBytes>>,
    /// The throughput over which they are moved.
    pub through: Option<Located<String>>,
    /// The part of them that is moved, such as "40%". Default "100%".
    pub share: Option<Located<Scalar>>,
}

/// Exponents on size relative to the median site: 0.4 means that ten times the size takes 2.5
/// times as long.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GrowthSpec {
    /// Exponent on users. Default 0.
    pub users: Option<Located<f64>>,
    /// Exponent on bytes. Default 0.
    pub bytes: Option<Located<f64>>,
}

/// Wright's law: every doubling of repetitions multiplies the time by the rate, down to a floor.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LearningSpec {
    /// What a doubling of repetitions leaves of the time, such as "92%".
    pub rate: Option<Located<Scalar>>,
    /// What is left of the time at the very least. Default "0%".
    pub floor: Option<Located<Scalar>>,
}

/// From when on a step is automated, by one of `milestone`, `step` and `runs`; and what is left of
/// it then.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AutomationSpec {
    /// From this milestone of the incident on.
    pub milestone: Option<Located<String>>,
    /// From the end of this `once` step of another track on: "track.step".
    pub step: Option<Located<String>>,
    /// After so many completions of the same work in its track.
    pub runs: Option<Located<i64>>,
    /// What is left of its time, such as "20%". Default "100%".
    pub factor: Option<Located<Scalar>>,
    /// How many of its team it still needs; 0 is nobody. Default: as many as before.
    pub people: Option<Located<i64>>,
}

/// How a step goes wrong; found at its end, or by a later step.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FailsSpec {
    /// The chance that an attempt fails, such as "5%".
    pub probability: Option<Located<Scalar>>,
    /// Attempts in all; the last cannot fail, unless the work escalates then. Default 10.
    pub attempts: Option<Located<i64>>,
    /// The earlier step from which the work is done again. Default: this step.
    pub retry_from: Option<Located<String>>,
    /// The later step at whose end the failure is found. Default: found at the end of the attempt.
    pub found_by: Option<Located<String>>,
    /// Who takes over when the last attempt has failed. Default: nobody; it cannot fail.
    pub escalates_to: Option<Located<EscalationSpec>>,
}

/// Who takes over what has failed too often; one of the keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EscalationSpec {
    /// A team that does the step once more, with as many people; it cannot fail then.
    pub team: Option<Located<String>>,
    /// Another step of the runbook, done only in this case and in the place of the failed one.
    pub step: Option<Located<String>>,
}

/// From when a fixed restore point is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AnchorSpec")]
pub enum Anchor {
    /// Each site's own deletion.
    #[default]
    Site,
    /// The first deletion of all.
    Incident,
}

/// To which moment a step brings a store back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RestorePointSpec {
    /// A fixed time before the deletion, such as "5m".
    pub fixed: Option<Located<Scalar>>,
    /// Whose deletion a fixed time is counted from. Default "site".
    pub of: Option<Located<Anchor>>,
    /// The latest backup of the site's own shard.
    pub latest: Option<Located<bool>>,
    /// The oldest of the latest backups of all the site's stores that are restored in this way, so
    /// that they fit together.
    pub common: Option<Located<bool>>,
    /// Snapshots picked by hand are sometimes older.
    pub by_hand: Option<Located<ByHandSpec>>,
}

/// Snapshots picked by hand: sometimes an older one than meant.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ByHandSpec {
    /// The chance of picking an older one, such as "7%".
    pub probability: Option<Located<Scalar>>,
    /// How much older than meant.
    pub older: Option<Located<DistributionSpec>>,
    /// The step whose end brings the missing data back.
    pub repaired_by: Option<Located<String>>,
}

/// What is not known, as coefficients of variation of lognormal factors with mean 1.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UncertaintySpec {
    /// Of a site: some are simply harder. Default 0.
    pub site: Option<Located<f64>>,
    /// Of a step, in a whole exercise: its true mean is not known. Default 0.
    pub step: Option<Located<f64>>,
    /// Of a team, in a whole exercise; a step of several teams has the mean of their factors,
    /// weighted by the people that it takes of each. Default 0.
    pub team: Option<Located<f64>>,
}

/// A distribution as written: one quantity for a fixed value, or a family by its name.
#[derive(Clone, Debug)]
pub(crate) enum DistributionSpec {
    Fixed(Scalar),
    Family(Box<FamilySpec>),
}

/// A family of distributions with its parameters.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FamilySpec {
    /// Always the same.
    Fixed(Located<Scalar>),
    /// Lognormal: mean and cv, two of p10, p50 and p90, or p50 and sigma.
    Lognormal(Located<LognormalSpec>),
    /// PERT: a beta distribution by least, likeliest and most.
    Pert(Located<ThreePointSpec>),
    /// Triangular by least, likeliest and most.
    Triangular(Located<ThreePointSpec>),
    /// Every value between two as likely.
    Uniform(Located<UniformSpec>),
    /// Exponential by its mean.
    Exponential(Located<ExponentialSpec>),
    /// Gamma by mean and cv.
    Gamma(Located<GammaSpec>),
    /// Weibull by shape and scale.
    Weibull(Located<WeibullSpec>),
    /// A two-piece lognormal through p10, p50 and p90.
    Quantiles(Located<QuantilesSpec>),
    /// Measured values; in between by linear interpolation.
    Empirical(Located<EmpiricalSpec>),
}

/// Parameters of a lognormal distribution.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LognormalSpec {
    /// The mean, with `cv`.
    pub mean: Option<Located<Scalar>>,
    /// Standard deviation over mean, with `mean`.
    pub cv: Option<Located<f64>>,
    /// One in ten is shorter.
    pub p10: Option<Located<Scalar>>,
    /// Half are shorter.
    pub p50: Option<Located<Scalar>>,
    /// One in ten is longer.
    pub p90: Option<Located<Scalar>>,
    /// Standard deviation of the logarithm, with `p50`.
    pub sigma: Option<Located<f64>>,
}

/// Least, likeliest and most.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ThreePointSpec {
    /// The least that is possible.
    pub min: Option<Located<Scalar>>,
    /// The likeliest.
    pub mode: Option<Located<Scalar>>,
    /// The most that is possible.
    pub max: Option<Located<Scalar>>,
}

/// Parameters of a uniform distribution.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UniformSpec {
    /// The least.
    pub min: Option<Located<Scalar>>,
    /// The most.
    pub max: Option<Located<Scalar>>,
}

/// Parameters of an exponential distribution.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExponentialSpec {
    /// The mean.
    pub mean: Option<Located<Scalar>>,
}

/// Parameters of a gamma distribution.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GammaSpec {
    /// The mean.
    pub mean: Option<Located<Scalar>>,
    /// Standard deviation over mean.
    pub cv: Option<Located<f64>>,
}

/// Parameters of a Weibull distribution.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WeibullSpec {
    /// The shape: below 1 early ends are likelier, above 1 late ones.
    pub shape: Option<Located<f64>>,
    /// The scale: 63.2 % are shorter.
    pub scale: Option<Located<Scalar>>,
}

/// Three quantiles, as an expert gives them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuantilesSpec {
    /// One in ten is shorter.
    pub p10: Option<Located<Scalar>>,
    /// Half are shorter.
    pub p50: Option<Located<Scalar>>,
    /// One in ten is longer.
    pub p90: Option<Located<Scalar>>,
}

/// Measured values.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct EmpiricalSpec {
    /// The values, in any order.
    pub values: List<Located<Scalar>>,
}

impl<'de> Deserialize<'de> for DistributionSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Distribution;
        impl<'de> Visitor<'de> for Distribution {
            type Value = DistributionSpec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as \"2h\", or a distribution such as { lognormal = { p50 = \"2h\", p90 = \"5h\" } }")
            }
            fn visit_str<E>(self, text: &str) -> Result<DistributionSpec, E> {
                Ok(DistributionSpec::Fixed(Scalar::Text(text.to_owned())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<DistributionSpec, E> {
                Ok(DistributionSpec::Fixed(Scalar::Integer(number)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<DistributionSpec, E> {
                Ok(DistributionSpec::Fixed(Scalar::Float(number)))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DistributionSpec, A::Error> {
                one_choice::<FamilySpec, A>(map).map(|it| DistributionSpec::Family(Box::new(it)))
            }
        }
        deserializer.deserialize_any(Distribution)
    }
}

impl JsonSchema for DistributionSpec {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let family = generator.subschema_for::<FamilySpec>();
        json_schema!({
            "description": "A quantity for a fixed value, or a family of distributions.",
            "anyOf": [{ "type": ["string", "number"] }, family]
        })
    }
}
