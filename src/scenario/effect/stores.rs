//! What is said of stores and nothing asks for: shards, their bytes, standbys, backups that are never
//! needed.

use crate::ids::ServiceId;
use crate::scenario::backup::{Protection, Retention};
use crate::scenario::effect::whole::Whole;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::restore_point::RestorePoint;
use crate::scenario::runbook::Step;
use crate::spec::{BackupsSpec, Per, ServiceSpec, TransferBytes};
use crate::units::{Share, SimDuration};

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let services = whole.spec.estate.services.iter();
    for ((_, spec), (id, service)) in services.zip(whole.scenario.estate.services.enumerate()) {
        if let Some(it) = spec.replicas.as_ref().filter(|_| service.replicas > 0) {
            resolver
                .no_effect(
                    it.span,
                    "a standby has what was done to the store too, so it changes nothing",
                )
                .help("leave it out; a `note` may say that there is one");
        }
        if let Some(it) = spec.shards.as_ref().filter(|_| service.shards > 1)
            && !goes_by_shards(whole, id)
        {
            let message = format!("nothing goes by the shards of `{}`", service.name);
            resolver.no_effect(it.span, message).help(
                "load or restore it by shards, count a limit `per = \"shard\"`, or leave it out",
            );
        }
        backups(whole, spec, id, resolver);
        if let Some(it) = spec.bytes_per_shard.as_ref().filter(|_| service.moved().count() > 0)
            && !whole.steps_for(id).any(needs_bytes)
        {
            let message = format!("no step moves, or grows with, the shards of `{}`", service.name);
            resolver
                .no_effect(it.span, message)
                .help("write `transfer = { bytes = \"shard\", ... }` at a step, or leave it out");
        }
    }
}

/// Warns of the first backups that stand behind some which always have what is asked for.
fn backups(whole: &Whole<'_>, spec: &ServiceSpec, id: ServiceId, resolver: &mut Resolver<'_>) {
    let Some(BackupsSpec::Several(written)) = spec.backup.as_ref().map(|it| &it.value) else {
        return;
    };
    let Some(before) = furthest(whole, id) else { return };
    let horizon = whole.scenario.experiment.horizon;
    let protections = whole.scenario.estate.services[id].protections();
    let sure = protections.iter().position(|it| always_has(it, before, horizon));
    if let Some((sure, behind)) = sure.and_then(|it| Some((it, written.get(it + 1)?))) {
        resolver
            .no_effect(
                behind.span,
                "the backup before it can always be restored, so nobody comes to this one",
            )
            .related(
                written[sure].span,
                "nothing of this one is ever unreadable, or expires in time",
            )
            .help("say what may be `unreadable` of the other, or take it out");
    }
}

/// How long before the deletion a moment may lie that the steps which are done for a service ask for;
/// nothing where that has no end.
fn furthest(whole: &Whole<'_>, id: ServiceId) -> Option<SimDuration> {
    let points = whole.steps_for(id).filter_map(|it| it.restore_point.as_ref());
    let before = points.map(|it| match it {
        RestorePoint::Fixed { before, by_hand: None, .. } => Some(*before),
        RestorePoint::Latest { common: false, by_hand: None } => Some(SimDuration::ZERO),
        RestorePoint::Fixed { .. } | RestorePoint::Latest { .. } => None,
    });
    before.collect::<Option<Vec<SimDuration>>>()?.into_iter().max()
}

/// Whether a backup can be read whatever happens, and at the end of an exercise still has a moment of
/// so long before the first deletion.
fn always_has(protection: &Protection, before: SimDuration, horizon: SimDuration) -> bool {
    let length = |it: SimDuration| u128::from(it.as_millis());
    let can_fail =
        protection.unreadable.each > Share::NONE || protection.unreadable.all > Share::NONE;
    let later = if protection.is_kept_until_restored { 0 } else { length(horizon) };
    let kept = match protection.retention {
        Retention::Age(age) => {
            length(age)
                >= length(before) + length(protection.full) + length(protection.takes) + later
        }
        Retention::Window(window) => length(window) >= length(before) + later,
    };
    !can_fail && kept
}

/// Whether how long a step takes depends on the bytes of a shard.
fn needs_bytes(step: &Step) -> bool {
    let moves = step.transfer.is_some_and(|it| it.bytes == TransferBytes::Shard);
    moves || (step.per == Per::Shard && step.growth.bytes != 0.0)
}

/// Whether it matters on which shard of a service the data of a site lies.
fn goes_by_shards(whole: &Whole<'_>, service: ServiceId) -> bool {
    let scenario = whole.scenario;
    let by_step = |it: &Step| {
        let per_shard = |limit: &(crate::ids::LimitId, u32)| scenario.limits[limit.0].per_shard;
        it.per == Per::Shard
            || it.restore_point.is_some()
            || it.limits.iter().chain(&it.holds).any(per_shard)
    };
    whole.steps_for(service).any(by_step) || whole.goes_by_shards_of(service)
}
