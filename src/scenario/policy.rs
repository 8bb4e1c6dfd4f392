//! `[policy]`: the objectives that a recovery is judged by.

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, MilestoneId, TierId};
use crate::scenario::read::resolver::{Resolver, choice};
use crate::spec::{Located, PolicySpec, RpoAt, Scalar};
use crate::units::{Share, SimDuration};

/// What a recovery must achieve, for which share of sites, in which share of exercises.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveryPolicy {
    /// The objective of each tier.
    pub objectives: IdVec<TierId, Objective>,
    /// The share of sites that must meet their objectives.
    pub coverage: Share,
    /// The share of exercises in which that must hold.
    pub assurance: Share,
    /// How sure the verdict must be.
    pub confidence: Share,
    /// From when recovery time is measured.
    pub clock: Clock,
    /// Which data loss the recovery point objectives are about.
    pub rpo_at: RpoAt,
}

/// Objectives; a measured time is an RTA or an RPA, never one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objective {
    /// Recovery time objective.
    pub rto: Option<SimDuration>,
    /// Recovery point objective: data lost, as a time span.
    pub rpo: Option<SimDuration>,
}

/// From when recovery time is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// The site's own deletion.
    Deletion,
    /// The later of this milestone and the site's own deletion.
    Milestone(MilestoneId),
}

pub(crate) fn resolve(
    spec: &Located<PolicySpec>,
    tiers: &[String],
    milestones: &[String],
    resolver: &mut Resolver<'_>,
) -> RecoveryPolicy {
    if spec.rto.is_none() && spec.rpo.is_none() && spec.tiers.is_empty() {
        resolver
            .error(Code::MissingKey, spec.span, "the policy has no objective")
            .help("add `rto = \"6h\"` or `rpo = \"1h\"`");
    }
    let everywhere = objective(&spec.rto, &spec.rpo, resolver);
    let mut objectives: IdVec<TierId, Objective> = tiers.iter().map(|_| everywhere).collect();
    for (name, tier) in &spec.tiers {
        let own = objective(&tier.rto, &tier.rpo, resolver);
        match tiers.iter().position(|it| *it == name.value) {
            Some(index) => {
                objectives[TierId::new(index)] =
                    Objective { rto: own.rto.or(everywhere.rto), rpo: own.rpo.or(everywhere.rpo) };
            }
            None => {
                resolver
                    .error(
                        Code::UnknownTier,
                        name.span,
                        format!("there is no tier `{}` in `estate.sites.tiers`", name.value),
                    )
                    .help_choose(&name.value, tiers.iter().map(String::as_str));
            }
        }
    }
    RecoveryPolicy {
        objectives,
        coverage: some_share(&spec.coverage, 0.95, resolver),
        assurance: assurance(spec, resolver),
        confidence: confidence(spec, resolver),
        clock: clock(spec, milestones, resolver),
        rpo_at: choice(&spec.rpo_at),
    }
}

fn objective(
    rto: &Option<Located<Scalar>>,
    rpo: &Option<Located<Scalar>>,
    resolver: &mut Resolver<'_>,
) -> Objective {
    let mut read = |it: &Option<Located<Scalar>>| {
        let it = it.as_ref()?;
        let length = resolver.duration(it)?;
        if length == SimDuration::ZERO {
            resolver
                .error(Code::OutOfRange, it.span, "an objective of no time cannot be met")
                .help("a zone that fails over is no recovery; state the time that people accept");
        }
        Some(length)
    };
    Objective { rto: read(rto), rpo: read(rpo) }
}

/// A share of sites or exercises: who asks for none of them asks for nothing.
fn some_share(spec: &Option<Located<Scalar>>, default: f64, resolver: &mut Resolver<'_>) -> Share {
    let share = resolver.share_or(spec, default);
    if let Some(it) = spec.as_ref().filter(|_| share == Share::NONE) {
        resolver
            .error(Code::OutOfRange, it.span, "a policy that asks for 0% is always met")
            .help(format!("write the share that you ask for, such as \"{}%\"", 100.0 * default));
    }
    share
}

fn assurance(spec: &PolicySpec, resolver: &mut Resolver<'_>) -> Share {
    let share = some_share(&spec.assurance, 0.9, resolver);
    if let Some(it) = spec.assurance.as_ref().filter(|_| share == Share::ALL) {
        let message = "no number of exercises shows that something always holds";
        resolver
            .diagnostics
            .warning(Code::Suspicious, it.span, message)
            .help("write \"99%\": a policy that asks for 100% is never met");
    }
    share
}

fn confidence(spec: &PolicySpec, resolver: &mut Resolver<'_>) -> Share {
    let share = resolver.share_or(&spec.confidence, 0.95);
    if (0.5..=0.9999).contains(&share.fraction()) {
        return share;
    }
    let span = spec.confidence.as_ref().map(|it| it.span).unwrap_or_default();
    resolver.error(Code::OutOfRange, span, "a confidence lies between 50% and 99.99%");
    share
}

fn clock(spec: &PolicySpec, milestones: &[String], resolver: &mut Resolver<'_>) -> Clock {
    let Some(name) = &spec.clock else { return Clock::Deletion };
    if name.value == "deletion" {
        return Clock::Deletion;
    }
    match milestones.iter().position(|it| *it == name.value) {
        Some(index) => Clock::Milestone(MilestoneId::new(index)),
        None => {
            let choices = std::iter::once("deletion").chain(milestones.iter().map(String::as_str));
            resolver
                .error(
                    Code::UnknownMilestone,
                    name.span,
                    format!("there is no milestone `{}`", name.value),
                )
                .help_choose(&name.value, choices);
            Clock::Deletion
        }
    }
}
