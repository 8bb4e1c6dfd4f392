//! Whether the scenario says how stores are backed up, where anything asks for it.

use crate::diagnostics::{Code, Span};
use crate::ids::{IdVec, RunbookId, ServiceId};
use crate::scenario::estate::Estate;
use crate::scenario::incident::{DeletedSite, Incident};
use crate::scenario::policy::RecoveryPolicy;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::runbook::{Expansion, Runbook};
use crate::spec::{ServiceClass, Spec};

/// What may ask how a store is backed up.
pub(crate) struct Asked<'a> {
    pub estate: &'a Estate,
    pub incident: &'a Incident,
    pub runbooks: &'a IdVec<RunbookId, Runbook>,
    pub policy: Option<&'a RecoveryPolicy>,
}

/// Reports stores of which nobody says how they are backed up, where a restore point or a recovery
/// point objective asks for it: neither "as usual" nor "not at all" is a safe guess.
pub(crate) fn check_said(spec: &Spec, asked: &Asked<'_>, resolver: &mut Resolver<'_>) {
    let services = spec.estate.services.iter().zip(asked.estate.services.enumerate());
    for ((name, table), (id, service)) in services {
        if service.backup.is_some() || table_was_cut(table.span, resolver) {
            continue;
        }
        let point = asked.point_of(spec, id).map(|it| (it, "brings its data back"));
        let objective = || asked.objective_on(spec, id).map(|it| (it, "asks how much is lost"));
        let Some((place, what)) = point.or_else(objective) else { continue };
        let message = format!("nothing says how `{}` is backed up", service.name);
        resolver
            .error(Code::MissingKey, name.span, message)
            .related(place, format!("this {what}"))
            .help("add what is taken, such as `backup = { full = \"24h\", retention = \"30d\" }`")
            .help("or `backup = \"none\"`: then its data is lost for good");
    }
}

/// Whether it may have been said, or the store may be of another class, and was written badly.
fn table_was_cut(table: Span, resolver: &Resolver<'_>) -> bool {
    ["backup", "class"].iter().any(|it| resolver.parsed.was_cut(table, it))
}

impl Asked<'_> {
    /// Where a step brings the data of a service back.
    fn point_of(&self, spec: &Spec, id: ServiceId) -> Option<Span> {
        let runbooks = spec.runbooks.iter().zip(self.runbooks.iter());
        let mut steps =
            runbooks.flat_map(|((_, written), it)| written.steps.iter().zip(it.steps.iter()));
        steps.find_map(|(written, step)| {
            let is_over =
                matches!(&step.expansion, Expansion::Services(list) if list.contains(&id));
            written.restore_point.as_ref().filter(|_| is_over).map(|it| it.span)
        })
    }

    /// Where an objective asks how much of the data of a service is lost: of a store that is restored
    /// from backups, where a deleted site has data in it.
    fn objective_on(&self, spec: &Spec, id: ServiceId) -> Option<Span> {
        let policy = spec.policy.as_ref()?;
        let of_a_tier = || policy.tiers.iter().find_map(|(_, it)| it.rpo.as_ref());
        let objective = policy.rpo.as_ref().or_else(of_a_tier)?;
        let is_primary = self.estate.services[id].class == ServiceClass::Primary;
        let has_data = |deleted_site: &DeletedSite| {
            let site = &self.estate.sites[deleted_site.site];
            let has_objective =
                self.policy.is_some_and(|it| it.objectives[site.tier].rpo.is_some());
            has_objective && self.estate.has_service(site, id)
        };
        (is_primary && self.incident.deleted.iter().any(has_data)).then_some(objective.span)
    }
}
