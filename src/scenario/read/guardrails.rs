//! `[incident.guardrails]`, and which of them strategies switch.

use crate::diagnostics::{Code, Span};
use crate::dist::Distribution;
use crate::ids::{IdVec, ServiceId};
use crate::scenario::guardrails::{Guardrails, SoftDelete, StagedRollout};
use crate::scenario::incident::Incident;
use crate::scenario::read::moment::Moments;
use crate::scenario::read::resolver::{Resolver, Unit};
use crate::scenario::read::symbols;
use crate::scenario::site::Service;
use crate::spec::{
    BulkCapSpec, GuardrailSpec, GuardrailsSpec, IdentifierCheckSpec, IncidentSpec, Located,
    SoftDeleteSpec, StagedRolloutSpec, TestedAutomationSpec,
};
use crate::units::{Share, SimDuration};

/// The guardrails as the incident describes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub soft_delete: Switch<SoftDelete>,
    staged_rollout: Switch<StagedRollout>,
    identifier_check: Switch<Share>,
    bulk_cap: Switch<u32>,
    tested_automation: Switch<()>,
    /// Whether a description was written so badly that nobody can say what is there.
    unclear: bool,
}

/// One guardrail as the incident describes it.
#[derive(Clone, Debug)]
pub(crate) struct Switch<T> {
    written: bool,
    /// Whether every strategy has it.
    enabled: bool,
    /// What it is; none where its description has a fault.
    pub what: Option<T>,
}

impl<T> Default for Switch<T> {
    fn default() -> Self {
        Self { written: false, enabled: false, what: None }
    }
}

pub(crate) const MOST_SITES: u32 = 100_000_000;

const USUAL_CATCH: f64 = 0.9;

pub(crate) fn resolve(
    spec: &Located<IncidentSpec>,
    services: &IdVec<ServiceId, Service>,
    incident: &Incident,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Described {
    let none = GuardrailsSpec::default();
    let it = spec.guardrails.as_ref().map_or(&none, |it| &it.value);
    let words = ["guardrails", "soft_delete", "staged_rollout", "identifier_check", "bulk_cap"];
    Described {
        soft_delete: switch(
            it.soft_delete.as_ref(),
            |it| &it.enabled,
            resolver,
            |it, resolver| soft_delete(it, services, resolver),
        ),
        staged_rollout: switch(
            it.staged_rollout.as_ref(),
            |it| &it.enabled,
            resolver,
            |it, resolver| staged_rollout(it, incident, moments, resolver),
        ),
        identifier_check: switch(
            it.identifier_check.as_ref(),
            |it| &it.enabled,
            resolver,
            |it: &Located<IdentifierCheckSpec>, resolver| {
                Some(resolver.share_or(&it.catches, USUAL_CATCH))
            },
        ),
        bulk_cap: switch(it.bulk_cap.as_ref(), |it| &it.enabled, resolver, bulk_cap),
        tested_automation: switch(
            it.tested_automation.as_ref(),
            |it| &it.enabled,
            resolver,
            |_: &Located<TestedAutomationSpec>, _| Some(()),
        ),
        unclear: resolver.parsed.cut_any(&words),
    }
}

fn switch<S, T>(
    spec: Option<&Located<S>>,
    enabled: impl Fn(&S) -> &Option<Located<bool>>,
    resolver: &mut Resolver<'_>,
    read: impl Fn(&Located<S>, &mut Resolver<'_>) -> Option<T>,
) -> Switch<T> {
    spec.map_or_else(Switch::default, |spec| Switch {
        written: true,
        enabled: enabled(spec).as_ref().is_some_and(|it| it.value),
        // One that is switched off is checked all the same: it may be switched on tomorrow.
        what: read(spec, resolver),
    })
}

fn soft_delete(
    spec: &Located<SoftDeleteSpec>,
    known: &IdVec<ServiceId, Service>,
    resolver: &mut Resolver<'_>,
) -> Option<SoftDelete> {
    let advice = "say how long what is deleted is kept, such as `retention = \"14d\"`";
    let retention = resolver.required(&spec.retention, spec.span, "retention", advice);
    let retention = retention.and_then(|it| {
        let length = resolver.duration(it)?;
        if length == SimDuration::ZERO {
            resolver
                .error(Code::OutOfRange, it.span, "what is kept for no time cannot be un-deleted")
                .help("write how long it is kept, such as \"14d\", or leave out the table");
        }
        Some(length)
    });
    let undelete = match &spec.undelete {
        Some(it) => resolver.distribution(it, Unit::Duration),
        None => Distribution::fixed(SimDuration::from_millis(600_000).as_millis() as f64).ok(),
    };
    let mut services = None;
    if let Some(written) =
        spec.services.as_ref().filter(|services| services.iter().all(|it| it.value != "*"))
    {
        if written.is_empty() {
            resolver
                .error(Code::EmptySelection, written.span, "no service keeps what is deleted")
                .help("leave out `services` for all of them, or leave out the table");
        }
        services =
            Some(written.iter().filter_map(|it| symbols::service(it, known, resolver)).collect());
    }
    Some(SoftDelete { services, retention: retention?, undelete: undelete? })
}

fn staged_rollout(
    spec: &Located<StagedRolloutSpec>,
    incident: &Incident,
    moments: &Moments<'_>,
    resolver: &mut Resolver<'_>,
) -> Option<StagedRollout> {
    let stages: &[Located<i64>] = spec.stages.as_ref().map_or(&[], |it| &it.value);
    let stages: Vec<u32> = stages
        .iter()
        .filter_map(|it| resolver.whole(it, 1..=MOST_SITES, "number of sites of a stage"))
        .collect();
    let soak = resolver.duration_or(&spec.soak, SimDuration::from_hours(1));
    let advice = "name the milestone at which the run is stopped";
    let name = resolver.required(&spec.stops_at, spec.span, "stops_at", advice)?;
    let stops_at = moments.milestone(&name.value, name.span, resolver)?;
    if incident.follows_last_deletion(stops_at) {
        let message =
            format!("`{}` follows the last deletion, so it stops none of them", name.value);
        resolver
            .error(Code::Cycle, name.span, message)
            .help("name a milestone that follows `first_deletion`, such as the first ticket");
        return None;
    }
    Some(StagedRollout { stages, soak, stops_at })
}

fn bulk_cap(spec: &Located<BulkCapSpec>, resolver: &mut Resolver<'_>) -> Option<u32> {
    let advice = "say how many sites one run may delete, such as `sites = 50`";
    let sites = resolver.required(&spec.sites, spec.span, "sites", advice)?;
    resolver.whole(sites, 1..=MOST_SITES, "number of sites that a run deletes")
}

impl Described {
    /// What is in force under a strategy that names these.
    pub(crate) fn in_force(
        &self,
        named: &[Located<GuardrailSpec>],
        resolver: &mut Resolver<'_>,
    ) -> Guardrails {
        let place = |kind| named.iter().find(|it| it.value == kind).map(|it| it.span);
        let missing = |kind, written: bool| place(kind).filter(|_| !written && !self.unclear);
        let described = [
            (
                "soft_delete",
                missing(GuardrailSpec::SoftDelete, self.soft_delete.written),
                "retention = \"14d\"",
            ),
            (
                "staged_rollout",
                missing(GuardrailSpec::StagedRollout, self.staged_rollout.written),
                "stops_at = \"MILESTONE\"",
            ),
            ("bulk_cap", missing(GuardrailSpec::BulkCap, self.bulk_cap.written), "sites = 50"),
        ];
        for (name, span, key) in described {
            if let Some(span) = span {
                undescribed(name, span, key, resolver);
            }
        }
        let mut check =
            self.identifier_check.in_force(place(GuardrailSpec::IdentifierCheck).is_some());
        if !self.identifier_check.written && place(GuardrailSpec::IdentifierCheck).is_some() {
            check = Share::new(USUAL_CATCH).ok();
        }
        Guardrails {
            soft_delete: self.soft_delete.in_force(place(GuardrailSpec::SoftDelete).is_some()),
            staged_rollout: self
                .staged_rollout
                .in_force(place(GuardrailSpec::StagedRollout).is_some()),
            identifier_check: check,
            bulk_cap: self.bulk_cap.in_force(place(GuardrailSpec::BulkCap).is_some()),
            tested_automation: place(GuardrailSpec::TestedAutomation).is_some()
                || self.tested_automation.in_force(false).is_some(),
        }
    }

    /// Reports that something needs a guardrail that nobody has described.
    pub(crate) fn soft_delete_for(&self, span: Span, resolver: &mut Resolver<'_>) {
        if !self.soft_delete.written && !self.unclear {
            undescribed("soft_delete", span, "retention = \"14d\"", resolver);
        }
    }
}

impl<T: Clone> Switch<T> {
    fn in_force(&self, named: bool) -> Option<T> {
        self.what.clone().filter(|_| self.enabled || named)
    }
}

fn undescribed(name: &str, span: Span, key: &str, resolver: &mut Resolver<'_>) {
    let message = format!("the incident does not describe the guardrail `{name}`");
    resolver
        .error(Code::MissingKey, span, message)
        .help(format!("add a table `[incident.guardrails.{name}]` with `{key}`"));
}
