//! The scenario as written, whole, and its JSON schema.

use std::sync::OnceLock;

use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::spec::{
    BudgetSpec, EstateSpec, ExperimentSpec, IncidentSpec, InjectSpec, LeverSpec, LimitSpec, List,
    Located, Named, ObservedSpec, PolicySpec, RunbookSpec, StrategySpec, TeamSpec, ThroughputSpec,
    TrustSpec, UncertaintySpec,
};

pub(crate) const SOURCES: [&str; 4] = ["measured", "published", "fitted", "guess"];

/// A Blackstart scenario: an estate, what deletes it, who restores it and how.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Spec {
    /// Version of the scenario format; this program reads 1.
    pub schema: Option<Located<i64>>,
    /// Files that belong to the scenario: their tables are merged with those of this one. Paths
    /// count from the folder of this file.
    #[serde(rename = "use")]
    pub uses: List<Located<String>>,
    /// One line for people.
    pub title: Option<Located<String>>,
    /// What the scenario is about, for people.
    pub description: Option<Located<String>>,
    /// Words to find the scenario by.
    pub tags: List<Located<String>>,
    /// How often and how long to simulate.
    pub experiment: Located<ExperimentSpec>,
    /// All that can be lost: services, products and sites.
    pub estate: Located<EstateSpec>,
    /// What went wrong, and when it was noticed.
    pub incident: Located<IncidentSpec>,
    /// What the exercise throws in during the recovery.
    pub injects: List<Located<InjectSpec>>,
    /// The people.
    pub teams: Named<TeamSpec>,
    /// Concurrent uses of what is not people: an API, scratch databases.
    pub limits: Named<LimitSpec>,
    /// Bandwidth that transfers share.
    pub throughput: Named<ThroughputSpec>,
    /// Procedures: graphs of steps.
    pub runbooks: Named<RunbookSpec>,
    /// What is not known about the durations, beyond each task's own spread.
    pub uncertainty: Option<Located<UncertaintySpec>>,
    /// The alternative ways to run the response.
    pub strategies: Named<StrategySpec>,
    /// The objectives.
    pub policy: Option<Located<PolicySpec>>,
    /// What `blackstart check` asks for. Those of the files that are used come first.
    pub budgets: List<Located<BudgetSpec>>,
    /// What could be chosen otherwise, and what that costs. Those of the files that are used come first.
    pub levers: List<Located<LeverSpec>>,
    /// What answers may rest on.
    pub trust: Option<Located<TrustSpec>>,
    /// What was observed of a real recovery, to lay beside the simulated one.
    pub observed: Option<Located<ObservedSpec>>,
}

/// The JSON Schema of the scenario format, for editors.
#[must_use]
pub(crate) fn json_schema() -> String {
    // As a schema again, for its order of keys: what a table is stands before what is in it.
    let schema = Schema::try_from(schema().clone()).expect("an object is a schema");
    serde_json::to_string_pretty(&schema).expect("a schema is plain JSON")
}

/// All that the format knows, with what every table may say of where its values come from.
pub(crate) fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(whole_schema)
}

fn whole_schema() -> Value {
    let mut schema = schemars::schema_for!(Spec).to_value();
    schema["title"] = "Blackstart scenario".into();
    let sources = json!({
        "description": "Where the values of this table come from.",
        "enum": SOURCES,
    });
    let note = json!({ "description": "Why the values are what they are.", "type": "string" });
    allow(&mut schema, "source", &sources);
    allow(&mut schema, "note", &note);
    let off_by = json!({
        "description": "By what factor the values may be off, 9 times in 10, such as \"2x\". Where it is \
                        left out: 2x for a guess, 1.3x for what was fitted, nothing for the rest.",
        "type": ["string", "number"],
    });
    allow(&mut schema, "off_by", &off_by);
    schema
}

/// Lets every table with known keys have one more: the reader takes it out before it looks at the
/// others, so no structure has it.
pub(crate) fn allow(schema: &mut Value, key: &str, form: &Value) {
    match schema {
        Value::Object(object) => {
            for (_, value) in object.iter_mut() {
                allow(value, key, form);
            }
            let closed = object.get("additionalProperties") == Some(&Value::Bool(false));
            if let Some(Value::Object(keys)) = object.get_mut("properties").filter(|_| closed) {
                keys.insert(key.to_owned(), form.clone());
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|it| allow(it, key, form)),
        _ => {}
    }
}
