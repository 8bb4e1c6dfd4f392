//! From texts to a [`Scenario`]: parses, resolves every table in the order in which they need each
//! other, and reports all faults at once.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity, Sources};
use crate::ids::IdVec;
use crate::rng::digest;
use crate::scenario::budget::{self, BudgetReader};
use crate::scenario::read::moment::Moments;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::roster::Calendar;
use crate::scenario::read::said::{self, Asked};
use crate::scenario::read::sites_csv::SitesText;
use crate::scenario::read::strategy::{self, StrategyReader};
use crate::scenario::read::symbols::Symbols;
use crate::scenario::read::{
    automation, estate, holds, incident, inheritance, inject, lever, runbook, team, throughput,
};
use crate::scenario::resample::Draws;
use crate::scenario::{Scenario, effect, experiment, observed, policy, size, unjudged, unrestored};
use crate::spec::{
    Address, Assumption, Files, Input, Level, LeverSpec, List, Located, Named, Override, Parsed,
    Quantity, SetOverride, Spec, Texts, check_directions, decisive_inputs_of, gather, inputs_of,
    look_up, parse, quantities_of, shown,
};

/// What became of a scenario's texts.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The texts, for showing the faults in them.
    pub sources: Sources,
    /// Every fault.
    pub diagnostics: Diagnostics,
    /// The scenario, if there was no error.
    pub scenario: Option<Scenario>,
    /// What could be chosen otherwise, as it is written.
    levers: Option<List<Located<LeverSpec>>>,
}

/// Reads the text of a scenario that is one file, with overrides on top.
///
/// `name` is the scenario's name, `path` is how messages call the text. All faults are in the
/// answer's diagnostics; there is a scenario if none of them is an error.
#[must_use]
pub fn check(name: &str, path: &str, text: &str, overrides: &[SetOverride]) -> Checked {
    check_texts(&Texts::alone(name, path, text), overrides)
}

/// Reads a scenario from all its texts: its own, those of the files that it uses and the table of
/// its sites. [`missing_files`] says which ones it needs.
#[must_use]
pub fn check_texts(texts: &Texts, overrides: &[SetOverride]) -> Checked {
    let mut checked = check_variant(texts, overrides);
    let (Some(scenario), Some(levers)) = (&checked.scenario, &checked.levers) else {
        return checked;
    };
    let refused = |more: &[&SetOverride]| refusals(texts, overrides, more);
    lever::check_addresses(levers, &scenario.levers, &refused, &mut checked.diagnostics);
    if checked.diagnostics.errors() > 0 {
        checked.scenario = None;
    }
    checked
}

/// As [`check_texts`], of a scenario that was read before: what could be chosen otherwise in it is not
/// looked up again.
#[must_use]
pub(crate) fn check_variant(texts: &Texts, overrides: &[SetOverride]) -> Checked {
    let Reading { mut sources, mut diagnostics, parsed, files, table, overrides } =
        Reading::of(texts, overrides);
    let form = diagnostics.errors();
    let mut digested = digest(&texts.main);
    let mut mix = |name: &str, text: &str| {
        digested = digested.rotate_left(1) ^ digest(&format!("{name}\n{text}"));
    };
    for (path, (_, text)) in files.paths.iter().zip(sources.texts()).skip(1) {
        mix(path, text);
    }
    for it in &overrides {
        let (_, text) = sources.texts().nth(it.source).expect("an override has a source");
        mix(&it.set.address.to_string(), text);
    }
    let table = table.map(|(path, text)| {
        mix(&path, text);
        SitesText { text, base: sources.add(&shown(texts, &path), text) }
    });
    let lacks_table = parsed.spec.estate.sites.csv.is_some() && table.is_none();
    let scenario = (!parsed.unreadable && !lacks_table)
        .then(|| {
            resolve(&texts.name, digested, &parsed, table.as_ref(), &sources, &mut diagnostics)
        })
        .filter(|_| diagnostics.errors() == 0);
    let levers = scenario.is_some().then(|| parsed.spec.levers.clone());
    if form > 0 {
        diagnostics.retain(|it| !follows_from_a_hole(it, &parsed));
    }
    if let Some(table) = table {
        let of_table = |it: &Diagnostic| it.span.is_some_and(|span| span.start >= table.base);
        // A name that is not known or a selection that matches nothing may be a fault of a cell.
        if diagnostics.iter().any(of_table) {
            let follows = [
                Code::UnknownTier,
                Code::UnknownRegion,
                Code::UnknownSite,
                Code::UnknownCustomer,
                Code::EmptySelection,
            ];
            diagnostics.retain(|it| of_table(it) || !follows.contains(&it.code));
        }
    }
    Checked { sources, diagnostics, scenario, levers }
}

/// Why each of some overrides cannot be laid over a scenario that has no fault, with what to do.
fn refusals(
    texts: &Texts,
    before: &[SetOverride],
    more: &[&SetOverride],
) -> Vec<Option<Diagnostic>> {
    let all: Vec<SetOverride> = before.iter().chain(more.iter().copied()).cloned().collect();
    let Reading { sources, diagnostics, overrides, .. } = Reading::of(texts, &all);
    let mut refusals = vec![None; more.len()];
    for fault in diagnostics.iter().filter(|it| it.severity == Severity::Error) {
        let source = fault.span.map(|it| sources.number(it));
        let place = overrides.iter().position(|it| Some(it.source) == source);
        let place = place.and_then(|it| it.checked_sub(before.len()));
        if let Some(place) = place {
            refusals[place].get_or_insert_with(|| fault.clone());
        }
    }
    refusals
}

/// Whether a text is a scenario at all, however many faults it may have.
#[must_use]
pub fn is_scenario(text: &str) -> bool {
    let table: Result<toml::Table, _> = text.parse();
    table.is_ok_and(|it| it.get("schema").is_some_and(toml::Value::is_integer))
}

/// The files that a scenario needs and that are not among its texts yet, by their paths from its
/// folder. Those that are read may need others: ask until there is none.
#[must_use]
pub fn missing_files(texts: &Texts, overrides: &[SetOverride]) -> Vec<String> {
    Reading::of(texts, overrides).files.missing
}

/// Everything that can be overridden in a scenario, each with its address and what stands there, in
/// the order of the file; behind what the files say, overrides.
#[must_use]
pub fn inputs(texts: &Texts, overrides: &[SetOverride]) -> Vec<Input> {
    let Gathered { sources, files, overrides, .. } = Gathered::of(texts, overrides);
    inputs_of(&sources, files.paths.len(), &overrides)
}

/// Every quantity of a scenario that a factor can change, in the order of the file: a distribution or
/// a number over time as a whole, anything else by itself.
#[must_use]
pub fn quantities(texts: &Texts, overrides: &[SetOverride]) -> Vec<Quantity> {
    let Gathered { sources, files, overrides, .. } = Gathered::of(texts, overrides);
    quantities_of(&sources, files.paths.len(), &overrides)
}

/// Those of [`inputs`] from which results follow: all but words for people and what was observed.
/// The table of sites is a file of its own, so what names it has the digest of its text beside it. A
/// top-level table may stand anywhere in its file, so they are in the order of their names.
#[must_use]
pub fn decisive_inputs(texts: &Texts, overrides: &[SetOverride]) -> Vec<Input> {
    let Reading { sources, files, table, overrides, .. } = Reading::of(texts, overrides);
    let mut inputs = decisive_inputs_of(&sources, files.paths.len(), &overrides);
    let file = Address::of(&["estate", "sites", "csv"]);
    if let Some((_, text)) = table {
        for input in inputs.iter_mut().filter(|it| it.address == file) {
            input.value += &format!(" with the digest {:016x}", digest(text));
        }
    }
    inputs.sort_by(|a, b| a.address.names().first().cmp(&b.address.names().first()));
    inputs
}

/// A scenario as written, before anything is known about its meaning.
struct Reading<'t> {
    sources: Sources,
    diagnostics: Diagnostics,
    parsed: Parsed,
    files: Files,
    /// The path and the text of the table of sites.
    table: Option<(String, &'t str)>,
    overrides: Vec<Override>,
}

/// Every text that a scenario is read from, before it is read.
struct Gathered {
    sources: Sources,
    diagnostics: Diagnostics,
    files: Files,
    overrides: Vec<Override>,
}

impl Gathered {
    fn of(texts: &Texts, overrides: &[SetOverride]) -> Self {
        let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
        let files = gather(texts, &mut sources, &mut diagnostics);
        let numbered = overrides.iter().zip(files.paths.len()..);
        let overrides =
            numbered.map(|(it, source)| Override::new(it.clone(), source, &mut sources)).collect();
        Self { sources, diagnostics, files, overrides }
    }
}

impl<'t> Reading<'t> {
    fn of(texts: &'t Texts, overrides: &[SetOverride]) -> Self {
        let Gathered { sources, mut diagnostics, mut files, overrides } =
            Gathered::of(texts, overrides);
        let parsed = parse(&sources, files.paths.len(), &overrides, texts.limits, &mut diagnostics);
        check_directions(&sources, &mut diagnostics);
        let table = parsed.spec.estate.sites.csv.as_ref().and_then(|it| {
            // A path of an override counts from the scenario's folder, as in the scenario itself.
            let from = files.paths.get(sources.number(it.span)).unwrap_or(&files.paths[0]).clone();
            look_up(texts, &from, &it.value, it.span, &mut files, &mut diagnostics)
        });
        Self { sources, diagnostics, parsed, files, table, overrides }
    }
}

/// Whether a fault may only be there because something that was written badly has been cut out: the
/// name that is not known may stand there. Better told at the next run than told wrongly.
fn follows_from_a_hole(fault: &Diagnostic, parsed: &Parsed) -> bool {
    // A figure is named after a track, which any fault of its strategy may have left out.
    if fault.code == Code::UnknownFigure {
        return true;
    }
    let holes: &[&str] = match fault.code {
        Code::UnknownService => &["services", "estate"],
        Code::UnknownProduct => &["products", "estate"],
        Code::UnknownRegion => &["regions", "sites", "estate"],
        Code::UnknownTier => &["tiers", "tier", "sites", "estate"],
        Code::UnknownSite | Code::UnknownCustomer => {
            &["count", "customers", "csv", "sites", "estate"]
        }
        Code::UnknownTeam => &["teams"],
        Code::UnknownLimit => &["limits"],
        Code::UnknownThroughput => &["throughput"],
        Code::UnknownRunbook => &["runbooks"],
        Code::UnknownStep => &["id", "steps"],
        Code::UnknownTrack => &["id", "runbook", "tracks"],
        Code::UnknownStrategy => &["strategies"],
        Code::UnknownMilestone => &["milestones", "incident"],
        Code::MissingKey if fault.message.ends_with("is missing") => &[],
        Code::MissingKey => &["at", "for_each"],
        Code::EmptySelection => &[
            "estate", "sites", "users", "active", "inactive", "regions", "tiers", "products",
            "class", "services",
        ],
        Code::NeverReached => &[
            "per",
            "supporting",
            "sequential",
            "after",
            "id",
            "hand_over",
            "steps",
            "takes",
            "for_each",
        ],
        Code::Deadlock => &["per", "after", "id", "steps", "for_each", "uses", "holds", "limits"],
        _ => &[],
    };
    // The name of a thing that was cut out as a whole, which the message quotes.
    let quoted: Vec<&str> = match fault.code.as_str().starts_with("unknown-") {
        true => fault.message.split('`').skip(1).step_by(2).collect(),
        false => Vec::new(),
    };
    let later = !matches!(fault.code, Code::UnknownKey | Code::UnknownChoice | Code::UnknownSchema);
    later && (parsed.cut_any(holes) || parsed.cut_any(&quoted))
}

const SCHEMA: i64 = 1;

fn resolve(
    name: &str,
    digest: u64,
    parsed: &Parsed,
    table: Option<&SitesText<'_>>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Scenario {
    let spec = &parsed.spec;
    let mut resolver = Resolver { parsed, diagnostics };
    let resolver = &mut resolver;
    check_head(spec, resolver);
    size::check_lists(spec, resolver);
    let experiment = experiment::resolve(&spec.experiment, resolver);
    let seed = experiment.population_seed;
    let estate = estate::resolve(&spec.estate, table, seed, resolver);
    let milestones: Vec<String> =
        spec.incident.milestones.iter().map(|(name, _)| name.value.clone()).collect();
    let at = incident::wall_clock(&spec.incident, resolver);
    let moments = Moments { milestones: &milestones, wall_clock: at };
    let (mut incident, guardrails) =
        incident::resolve(&spec.incident, &estate, seed, &moments, resolver);
    let calendar = Calendar { at, horizon: experiment.horizon };
    let teams: IdVec<_, _> = spec
        .teams
        .iter()
        .map(|(name, it)| team::resolve_team(name, it, &moments, calendar, resolver))
        .collect();
    let limits: IdVec<_, _> = spec
        .limits
        .iter()
        .map(|(name, it)| team::resolve_limit(name, it, &moments, resolver))
        .collect();
    let throughputs: IdVec<_, _> = spec
        .throughput
        .iter()
        .map(|(name, it)| throughput::resolve(name, it, &moments, resolver))
        .collect();
    let symbols = Symbols {
        estate: &estate,
        moments,
        teams: &teams,
        limits: &limits,
        throughputs: &throughputs,
    };
    let before = resolver.diagnostics.errors();
    let runbooks: IdVec<_, _> = spec
        .runbooks
        .iter()
        .map(|(name, it)| runbook::resolve(name, it, &symbols, resolver))
        .collect();
    if resolver.diagnostics.errors() == before {
        holds::check(&spec.runbooks, &runbooks, &limits, resolver);
    }
    let runbooks_are_sound = resolver.diagnostics.errors() == before;
    let injects =
        inject::resolve(&spec.injects, &symbols, &runbooks, incident.kind, seed, resolver);
    let parts = incident.aim_at_later(&injects, &estate);
    incident::check_parts(parts, &spec.incident, resolver);
    let uncertainty = runbook::resolve_uncertainty(spec.uncertainty.as_ref(), resolver);
    let draws = Draws::of(&estate, &incident, &injects);
    let reader = StrategyReader {
        symbols: &symbols,
        runbooks: &runbooks,
        steps: strategy::steps_by_name(&runbooks),
        runbooks_are_sound,
        draws: &draws,
        guardrails: &guardrails,
    };
    let whole = inheritance::with_inheritance(&spec.strategies, resolver);
    let strategies: IdVec<_, _> =
        whole.iter().map(|(name, it)| strategy::resolve(name, it, &reader, resolver)).collect();
    if resolver.diagnostics.errors() == 0 {
        for ((_, spec), strategy) in whole.iter().zip(strategies.iter()) {
            unrestored::check(spec, strategy, &runbooks, &draws, resolver);
        }
    }
    // What a strategy has from another is read, and found faulty, a second time.
    resolver.diagnostics.tell_once();
    if resolver.diagnostics.errors() == before {
        automation::check_tracks(&runbooks, &strategies, resolver.diagnostics);
        inject::check_shifts(&spec.injects, &teams, &strategies, resolver);
        let sizes = size::Sizes {
            estate: &estate,
            incident: &incident,
            injects: &injects,
            teams: teams.len(),
            limits: &limits,
            runbooks: &runbooks,
        };
        for ((_, spec), strategy) in spec.strategies.iter().zip(strategies.iter()) {
            sizes.check(spec, strategy, resolver);
        }
    }
    let policy = spec
        .policy
        .as_ref()
        .map(|it| policy::resolve(it, estate.tiers.as_slice(), &milestones, resolver));
    said::check_said(
        spec,
        &Asked {
            estate: &estate,
            incident: &incident,
            runbooks: &runbooks,
            policy: policy.as_ref(),
        },
        resolver,
    );
    let reader = BudgetReader {
        symbols: &symbols,
        draws: &draws,
        runbooks: &runbooks,
        strategies: &strategies,
        policy: policy.as_ref(),
        sources,
    };
    let budgets = budget::resolve(&spec.budgets, &reader, resolver);
    if resolver.diagnostics.errors() == 0 {
        unjudged::check(spec, &budgets, &strategies, &runbooks, resolver);
    }
    let observed = spec
        .observed
        .as_ref()
        .and_then(|it| observed::resolve(it, &symbols, &runbooks, &strategies, resolver));
    let text = |located: &Option<crate::spec::Located<String>>| {
        located.as_ref().map(|it| it.value.clone()).unwrap_or_default()
    };
    let scenario = Scenario {
        name: name.to_owned(),
        title: text(&spec.title),
        description: text(&spec.description),
        tags: spec.tags.iter().map(|it| it.value.clone()).collect(),
        digest,
        experiment,
        estate,
        incident,
        injects,
        teams,
        limits,
        throughputs,
        runbooks,
        uncertainty,
        strategies,
        policy,
        budgets,
        levers: lever::resolve(&spec.levers, resolver),
        no_guess_decides: spec
            .trust
            .as_ref()
            .and_then(|it| it.no_guess_decides.as_ref())
            .map_or(Level::Off, |it| it.value),
        observed,
        assumptions: sources_of_inputs(&parsed.assumptions),
    };
    if resolver.diagnostics.errors() == 0 {
        let written = effect::Whole { spec, strategies: &whole, moments, scenario: &scenario };
        effect::check(&written, resolver);
    }
    scenario
}

/// Where the inputs come from: what was observed is none.
fn sources_of_inputs(assumptions: &[Assumption]) -> Vec<Assumption> {
    let observed = |it: &&Assumption| it.address.names().first() == Some(&"observed");
    assumptions.iter().filter(|it| !observed(it)).cloned().collect()
}

/// The keys that every scenario begins with, and the tables without which it means nothing.
fn check_head(spec: &Spec, resolver: &mut Resolver<'_>) {
    let top = crate::diagnostics::Span::default();
    let advice = "begin the file with `schema = 1`";
    if let Some(version) = resolver.required(&spec.schema, top, "schema", advice)
        && version.value != SCHEMA
    {
        let message = format!("this program reads schema {SCHEMA}, not {}", version.value);
        resolver
            .error(Code::UnknownSchema, version.span, message)
            .help("write `schema = 1`, or use a newer version of the program");
    }
    resolver.required(&spec.title, top, "title", "add `title = \"...\"`: one line for people");
    let mut needed = |empty: bool, key: &str, advice: &str| {
        if empty && !resolver.parsed.was_cut(top, key) {
            resolver.error(Code::MissingKey, top, format!("there is no `[{key}]`")).help(advice);
        }
    };
    needed(is_empty(&spec.runbooks), "runbooks", "add a table `[[runbooks.NAME.steps]]`");
    needed(is_empty(&spec.strategies), "strategies", "add a table `[[strategies.NAME.tracks]]`");
}

fn is_empty<T>(table: &Named<T>) -> bool {
    table.is_empty()
}
