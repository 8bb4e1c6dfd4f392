//! `restore_point`: to which moment a step brings the data of its services back, how far their
//! backups reach, and which load has what it brings back.

use crate::diagnostics::{Code, Span};
use crate::ids::{Id, IdVec, ServiceId, StepId};
use crate::scenario::backup::{Protection, Retention};
use crate::scenario::estate::Estate;
use crate::scenario::read::resolver::{Resolver, Unit, choice};
use crate::scenario::read::step::{StepReader, is_before};
use crate::scenario::restore_point::{ByHand, RestorePoint};
use crate::scenario::runbook::{Expansion, Step};
use crate::scenario::site::Service;
use crate::spec::{Anchor, ByHandSpec, Located, Per, RestorePointSpec, RunbookSpec, StepSpec};
use crate::units::SimDuration;

impl StepReader<'_> {
    /// Reads to which moment a step brings the data of its services back.
    pub(crate) fn restore_point(
        &self,
        step: &Located<StepSpec>,
        per: Per,
        expansion: &Expansion,
        resolver: &mut Resolver<'_>,
    ) -> Option<RestorePoint> {
        let spec = step.restore_point.as_ref()?;
        if !matches!(per, Per::Site | Per::Shard) {
            let message = "only a site step, or the load of a shard, can bring data back";
            resolver.error(Code::ConflictingKeys, spec.span, message).help("leave out `per`");
            return None;
        }
        let Expansion::Services(services) = expansion else {
            if !resolver.parsed.was_cut(step.span, "for_each") {
                self.ask_for_service(spec, resolver);
            }
            return None;
        };
        if let Some(it) = spec.by_hand.as_ref().filter(|_| per == Per::Shard) {
            let message = "an older snapshot is picked for a site, and this is done for a shard";
            resolver
                .error(Code::ConflictingKeys, it.span, message)
                .help("write `by_hand` at the step that takes the site's data out of the load");
        }
        let by_hand = spec.by_hand.as_ref().and_then(|it| self.by_hand(it, resolver));
        let is = |located: &Option<Located<bool>>| located.as_ref().is_some_and(|it| it.value);
        let (latest, common) = (is(&spec.latest), is(&spec.common));
        if let Some(of) = spec.of.as_ref().filter(|_| spec.fixed.is_none()) {
            resolver
                .error(Code::ConflictingKeys, of.span, "`of` says from when `fixed` is counted")
                .help("leave it out, or write `fixed = \"5m\"` in the place of the other point");
        }
        match (&spec.fixed, latest, common) {
            (Some(fixed), false, false) => {
                let (before, of) = (resolver.duration(fixed)?, choice(&spec.of));
                if before == SimDuration::ZERO && of == Anchor::Site {
                    let message = "at its deletion the data of a site is gone: what is newest \
                                   before it is restored";
                    resolver
                        .diagnostics
                        .warning(Code::Suspicious, fixed.span, message)
                        .help("write `latest = true`, which says so");
                } else {
                    let of_each = |id: &ServiceId| &self.symbols.estate.services[*id];
                    check_reach((before, of), fixed.span, services.iter().map(of_each), resolver);
                }
                Some(RestorePoint::Fixed { before, of, by_hand })
            }
            (None, true, false) | (None, false, true) => {
                Some(RestorePoint::Latest { common, by_hand })
            }
            _ => {
                resolver.error(
                    Code::ConflictingKeys,
                    spec.span,
                    "a restore point is one of `fixed`, `latest` and `common`",
                )
                .help("write `restore_point = { fixed = \"5m\" }`, `{ latest = true }` or `{ common = true }`");
                None
            }
        }
    }

    /// Finds out which load has what each step brings back. A point that is written at the load is that
    /// of the steps that need it first; points on both sides of a load have to be the same.
    pub(crate) fn settle_points(
        &self,
        steps: &mut IdVec<StepId, Step>,
        resolver: &mut Resolver<'_>,
    ) {
        let (spec, estate) = (self.spec, self.symbols.estate);
        let loads: Vec<StepId> =
            steps.enumerate().filter(|(_, it)| it.per == Per::Shard).map(|(id, _)| id).collect();
        for load in loads {
            let of_load = steps[load].restore_point.take();
            let askers: Vec<StepId> =
                steps.ids().filter(|it| steps[*it].asks_for == Some(load)).collect();
            let is_after = |later: StepId, first: StepId| is_before(steps, first, later, |_| true);
            let is_behind = |it: &StepId| {
                steps[*it].restore_point.is_some()
                    && shares_service(&steps[*it], &steps[load])
                    && askers.iter().any(|asker| asker == it || is_after(*it, *asker))
            };
            let mut behind: Vec<StepId> = steps.ids().filter(is_behind).collect();
            let written = of_load.as_ref().map(|it| (load, it.clone()));
            let first = written.or_else(|| {
                behind
                    .first()
                    .map(|it| (*it, steps[*it].restore_point.clone().expect("it has one")))
            });
            let Some((first, point)) = first else { continue };
            for other in &behind {
                let own = steps[*other].restore_point.as_ref().expect("it has one");
                if !own.is_as(&point) {
                    tell_apart(spec, (load, first, *other), steps, resolver);
                }
            }
            if behind.is_empty() {
                let is_first = |it: &&StepId| !askers.iter().any(|other| is_after(**it, *other));
                behind = askers.iter().filter(is_first).copied().collect();
                behind.iter().for_each(|it| steps[*it].restore_point.clone_from(&of_load));
            }
            behind.iter().for_each(|it| steps[*it].loaded_by = Some(load));
            check_transfer(spec, load, steps, estate, resolver);
        }
        for id in steps.ids() {
            if steps[id].restore_point.is_some() && steps[id].loaded_by.is_none() {
                check_transfer(spec, id, steps, estate, resolver);
            }
        }
    }

    /// Warns of sites that are given back while their data is still away.
    pub(crate) fn warn_of_early_hand_over(
        &self,
        steps: &IdVec<StepId, Step>,
        resolver: &mut Resolver<'_>,
    ) {
        if resolver.diagnostics.errors() > 0 {
            return;
        }
        let given: Vec<StepId> = steps.ids().filter(|it| steps[*it].hand_over).collect();
        let first = given.iter().find_map(|it| self.spec.steps[it.index()].hand_over.as_ref());
        let Some(place) = first else { return };
        let is_waited_for = |restore: StepId| {
            given.iter().any(|it| *it == restore || is_before(steps, restore, *it, |_| true))
        };
        let restores = steps.enumerate().filter(|(_, it)| {
            it.restore_point.is_some() && it.per == Per::Site && it.stands_in_for.is_none()
        });
        for (id, step) in restores.filter(|it| !is_waited_for(it.0)) {
            let message = format!("the site is given back without waiting for `{}`", step.id);
            let restore = &self.spec.steps[id.index()];
            resolver
                .diagnostics
                .warning(Code::Suspicious, place.span, message)
                .related(restore.span, "this brings its data back")
                .help("add the step to `after`, or mark a later step with `hand_over = true`");
        }
    }

    fn by_hand(&self, hand: &Located<ByHandSpec>, resolver: &mut Resolver<'_>) -> Option<ByHand> {
        let advice = "add `probability = \"5%\"`";
        let probability = resolver.required(&hand.probability, hand.span, "probability", advice);
        let probability = probability.and_then(|it| resolver.share(it));
        let older = resolver.required(&hand.older, hand.span, "older", "add `older = \"6h\"`");
        let older = older.and_then(|it| {
            let length = resolver.distribution(it, Unit::Duration)?;
            if length.mean() == 0.0 {
                resolver
                    .error(
                        Code::OutOfRange,
                        it.span,
                        "a snapshot that is no older is the right one",
                    )
                    .help("write how much older the wrong one is, such as `older = \"6h\"`");
            }
            Some(length)
        });
        let repaired_by = hand.repaired_by.as_ref().and_then(|name| self.find(name, resolver));
        Some(ByHand { probability: probability?, older: older?, repaired_by })
    }

    /// Without a service nobody knows which backups there are to go back to.
    fn ask_for_service(&self, spec: &Located<RestorePointSpec>, resolver: &mut Resolver<'_>) {
        let message = "the data of which service does it bring back?";
        let services = &self.symbols.estate.services;
        let fault = resolver.error(Code::MissingKey, spec.span, message);
        if services.is_empty() {
            fault.help(
                "add `[estate.services.NAME]` with its `backup`; a restore point is only as good as \
                 the backups that there are",
            );
        }
        fault.help("add `for_each = { service = \"...\" }` or `{ service_class = \"primary\" }`");
    }
}

/// Warns of a moment that the backups do not reach as it is written.
fn check_reach<'a>(
    (before, of): (SimDuration, Anchor),
    place: Span,
    services: impl Iterator<Item = &'a Service>,
    resolver: &mut Resolver<'_>,
) {
    let (from, later) = match of {
        Anchor::Site => ("the deletion", ""),
        Anchor::Incident => ("the first deletion", ", and more by a site that is deleted later"),
    };
    for service in services {
        let Some(first) = service.protections().first() else { continue };
        let name = &service.name;
        if service.protections().iter().all(|it| !it.can_reach(before)) {
            let message = format!("no backup of `{name}` is kept for {before}: its data is lost");
            resolver
                .diagnostics
                .warning(Code::Suspicious, place, message)
                .help("name a later moment, or keep backups for longer");
        } else if before > SimDuration::ZERO && first.longest_gap() > before {
            let most =
                SimDuration::from_millis(before.as_millis() + first.longest_gap().as_millis());
            let message = format!(
                "{before} before {from} the newest backup of `{name}` may be {} old, so up to \
                 {most} are lost{later}",
                first.longest_gap()
            );
            resolver.diagnostics
                .warning(Code::Suspicious, place, message)
                .help("write `latest = true`, or say how the moment is reached: `incremental`, or `log = \"continuous\"`");
        }
    }
}

fn shares_service(one: &Step, other: &Step) -> bool {
    match (&one.expansion, &other.expansion) {
        (Expansion::Services(one), Expansion::Services(other)) => {
            one.iter().any(|it| other.contains(it))
        }
        _ => false,
    }
}

/// Two restore points that have to be one are not.
fn tell_apart(
    spec: &Located<RunbookSpec>,
    (load, first, other): (StepId, StepId, StepId),
    steps: &IdVec<StepId, Step>,
    resolver: &mut Resolver<'_>,
) {
    let place = |id: StepId| {
        let step = &spec.steps[id.index()];
        step.restore_point.as_ref().map_or(step.span, |it| it.span)
    };
    let message = format!(
        "`{}` brings back what the load of `{}` has, and names another moment",
        steps[other].id, steps[load].id
    );
    resolver
        .error(Code::ConflictingKeys, place(other), message)
        .related(place(first), "the moment of the load")
        .help("what is loaded has one restore point: write the same, or write it only once");
}

/// Refuses a transfer that would have to take longer for what else restoring costs.
fn check_transfer(
    spec: &Located<RunbookSpec>,
    id: StepId,
    steps: &IdVec<StepId, Step>,
    estate: &Estate,
    resolver: &mut Resolver<'_>,
) {
    let (step, Expansion::Services(services)) = (&steps[id], &steps[id].expansion) else { return };
    let mut protections = services.iter().flat_map(|it| estate.services[*it].protections());
    let Some(transfer) =
        spec.steps[id.index()].transfer.as_ref().filter(|_| step.transfer.is_some())
    else {
        return;
    };
    if let Some(key) = protections.find_map(Protection::costs) {
        let message =
            format!("a transfer takes as long as its bytes take, and `{key}` takes time too");
        resolver.error(Code::ConflictingKeys, transfer.span, message).help(match step.per {
            Per::Shard => "give the load a `duration` in the place of the transfer",
            _ => "put the `restore_point` on a step of its own behind the transfer",
        });
    }
}

impl Protection {
    /// Whether what it keeps may ever be as old as so long before a deletion.
    fn can_reach(&self, before: SimDuration) -> bool {
        let oldest = match self.retention {
            Retention::Age(age) => u128::from(age.as_millis()),
            Retention::Window(window) => {
                u128::from(window.as_millis()) + u128::from(self.full.as_millis())
            }
        };
        u128::from(before.as_millis()) + u128::from(self.takes.as_millis()) <= oldest
    }

    /// A key by which restoring from it takes time of its own.
    fn costs(&self) -> Option<&'static str> {
        let keys = [
            ("per_incremental", self.per_incremental),
            ("per_log_hour", self.per_log_hour),
            ("fall_back", self.fall_back),
        ];
        keys.into_iter().find(|it| it.1 > SimDuration::ZERO).map(|it| it.0)
    }
}
