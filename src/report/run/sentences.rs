//! The sentences of a report: what was lost, what is asked, and whether it is met.
//!
//! They are read at three in the morning, so each says who, what and how often in plain words.

use crate::report::run::view::{LostView, ResampledView, TierView};
use crate::report::words::{chosen_share, count, exact, length, listed, plain, share};
use crate::scenario::{IncidentKind, RecoveryPolicy, RpoAt, Words};
use crate::units::SimDuration;
use crate::verdict::{Judgement, StrategyVerdict, Verdict};

/// What the intervals do not say.
pub(crate) const CAVEAT: &str = "The 95% intervals cover sampling error of the simulation only, \
    not error in the inputs.";

/// What the policy asks for, ready to be put into sentences.
pub(crate) struct Asked {
    rto: Option<Clause>,
    rpo: Option<Clause>,
    rpo_at: RpoAt,
    assurance: String,
}

/// What exercises came to of old data, each a mean over those that have it.
pub(crate) struct OutdatedMeans {
    /// Exercises.
    pub n: u64,
    pub sites_back: f64,
    pub users_back: f64,
    pub sites_left: f64,
    pub users_left: f64,
    /// In seconds; none where nothing was repaired in any exercise.
    pub repaired_after_s: Option<f64>,
}

/// Why there is no figure of lost data.
pub(crate) fn data_loss_unknown(strategy: &str) -> String {
    format!("How much data is lost is not known: {}.", silent(strategy))
}

/// Why an objective on lost data is neither met nor missed.
pub(crate) fn rpo_not_judged(strategy: &str) -> String {
    format!("The RPO is not judged: {}.", silent(strategy))
}

fn silent(strategy: &str) -> String {
    format!("no step of {strategy} says to which moment data comes back")
}

/// One kind of objective: which sites, and within what.
struct Clause {
    sites: String,
    limit: Limit,
}

/// Within what: one length for all, or a list of tiers with theirs.
enum Limit {
    Length(String),
    OfTiers(String),
}

impl Asked {
    /// What `policy` asks for of the tiers that have a deleted site.
    pub(crate) fn new(policy: &RecoveryPolicy, tiers: &[TierView]) -> Self {
        let clause = |objective: &dyn Fn(&TierView) -> Option<f64>| {
            Clause::new(tiers, objective, &chosen_share(policy.coverage.fraction()))
        };
        Self {
            rto: clause(&|it| it.rto_s),
            rpo: clause(&|it| it.rpo_s),
            rpo_at: policy.rpo_at,
            assurance: chosen_share(policy.assurance.fraction()),
        }
    }

    /// What the policy asks for; `clock` is from when recovery time is measured.
    pub(crate) fn policy(&self, kind: IncidentKind, clock: &str) -> String {
        let rto = self
            .rto
            .as_ref()
            .map(|it| format!("{} are back {}, measured from {clock}", it.sites, it.in_time()));
        let at = match self.rpo_at {
            RpoAt::HandOver => "counted when they are handed over",
            RpoAt::Repair => "counted in the end, after repair",
        };
        let rpo = self.rpo.as_ref().map(|it| format!("{} lose {}, {at}", it.sites, it.data()));
        let parts: Vec<String> = rto.into_iter().chain(rpo).collect();
        if parts.is_empty() {
            return kind.tell("The policy has no objective for any of the deleted sites.");
        }
        let all = parts.join(", and that ");
        format!("The policy asks that, in {} of exercises, {all}.", self.assurance)
    }

    /// The verdict on recovery time, in a sentence of its own.
    pub(crate) fn on_rto(&self, judgement: &Judgement) -> String {
        format!("The RTO {}: {}.", word(judgement.verdict), self.back(judgement))
    }

    /// The verdict on data loss, in a sentence of its own.
    pub(crate) fn on_rpo(&self, judgement: &Judgement) -> String {
        format!("The RPO {}: {}.", word(judgement.verdict), self.lose(judgement))
    }

    /// "In the mean of 1,000 exercises, 7.4% of the sites (9.1% of the users) came back with data older
    /// than the RPO of 1 h; after repair, 23.0 h later in the mean, none."
    pub(crate) fn on_old_data(&self, means: &OutdatedMeans) -> Option<String> {
        if means.sites_back <= 0.0 {
            return None;
        }
        let than = match &self.rpo.as_ref()?.limit {
            Limit::Length(length) => format!("the RPO of {length}"),
            Limit::OfTiers(list) => format!("their RPO ({list})"),
        };
        let exercises = match means.n {
            1 => "In the one exercise".to_owned(),
            n => format!("In the mean of {} exercises", count(n)),
        };
        let both = |sites: f64, users: f64| {
            format!("{} of the sites ({} of the users)", share(sites), share(users))
        };
        let repaired = means.repaired_after_s.map(|seconds| {
            let after = SimDuration::from_seconds(seconds);
            let left = match means.sites_left > 0.0 {
                true => both(means.sites_left, means.users_left),
                false => "none".to_owned(),
            };
            format!("after repair, {} later in the mean, {left}", length(after))
        });
        Some(format!(
            "{exercises}, {} came back with data older than {than}; {}.",
            both(means.sites_back, means.users_back),
            repaired.unwrap_or_else(|| "nothing of it was repaired".to_owned())
        ))
    }

    /// The verdict on a strategy in a sentence.
    pub(crate) fn on_strategy(&self, name: &str, verdict: &StrategyVerdict) -> String {
        let policy = &verdict.policy;
        let same = |it: &&Judgement| it.verdict == policy.verdict;
        let rto = verdict.rto.as_ref().filter(same).map(|it| self.back(it));
        let rpo = verdict.rpo.as_ref().filter(same).map(|it| self.lose(it));
        let parts: Vec<String> = rto.into_iter().chain(rpo).collect();
        if verdict.rpo_not_judged && policy.verdict == Verdict::Undecided {
            return format!(
                "{name} may or may not meet the policy: the RPO is not judged, as {}.",
                silent(name)
            );
        }
        let because = if parts.is_empty() {
            let exercises = in_exercises(policy);
            match inverts(policy) {
                true => format!("{exercises} were both objectives met at once"),
                false => format!("{exercises}, both objectives were met at once"),
            }
        } else {
            parts.join("; ")
        };
        let asked = &self.assurance;
        match policy.verdict {
            Verdict::Met => format!("{name} meets the policy: {because}."),
            Verdict::Missed if policy.holds == 0 => {
                format!("{name} misses the policy: {because}.")
            }
            Verdict::Missed => format!(
                "{name} misses the policy: {because}; the policy asks for {asked} of exercises."
            ),
            Verdict::Undecided => format!(
                "{name} may or may not meet the policy: {because}; {} {} too few to tell whether \
                 that is so in {asked} of all.",
                count(policy.n),
                if policy.n == 1 { "exercise is" } else { "exercises are" },
            ),
        }
    }

    /// "in none of 1,000 exercises were 95% of the sites back within 6 h", or
    /// "in all 1,000 exercises, 95% of the sites were back within 6 h"
    fn back(&self, judgement: &Judgement) -> String {
        let it = self.rto.as_ref().expect("what is judged was asked for");
        let exercises = in_exercises(judgement);
        match inverts(judgement) {
            true => format!("{exercises} were {} back {}", it.sites, it.in_time()),
            false => format!("{exercises}, {} were back {}", it.sites, it.in_time()),
        }
    }

    /// "in none of 1,000 exercises did 95% of the sites lose at most 1 h of data"
    fn lose(&self, judgement: &Judgement) -> String {
        let it = self.rpo.as_ref().expect("what is judged was asked for");
        // When they were handed over goes without saying.
        let at = match self.rpo_at {
            RpoAt::HandOver => "",
            RpoAt::Repair => " after repair",
        };
        let exercises = in_exercises(judgement);
        match inverts(judgement) {
            true => format!("{exercises} did {} lose {}{at}", it.sites, it.data()),
            false => format!("{exercises}, {} lost {}{at}", it.sites, it.data()),
        }
    }
}

impl Clause {
    fn new(
        tiers: &[TierView],
        objective: &dyn Fn(&TierView) -> Option<f64>,
        coverage: &str,
    ) -> Option<Self> {
        let asked: Vec<(&str, f64)> =
            tiers.iter().filter_map(|it| Some((it.tier.as_str(), objective(it)?))).collect();
        let (_, first) = *asked.first()?;
        let of_tiers = asked.iter().any(|(_, it)| *it != first);
        let limit = |seconds: f64| exact(SimDuration::from_seconds(seconds));
        let sites = match (of_tiers, asked.len() == tiers.len()) {
            (true, _) => "of the sites under each objective",
            (false, true) => "of the sites",
            (false, false) => "of the sites with an objective",
        };
        let limit = if of_tiers {
            let each: Vec<String> =
                asked.iter().map(|(tier, it)| format!("{tier} {}", limit(*it))).collect();
            Limit::OfTiers(each.join(", "))
        } else {
            Limit::Length(limit(first))
        };
        Some(Self { sites: format!("{coverage} {sites}"), limit })
    }

    /// After "back".
    fn in_time(&self) -> String {
        match &self.limit {
            Limit::Length(length) => format!("within {length}"),
            Limit::OfTiers(list) => format!("in time ({list})"),
        }
    }

    /// After "lose".
    fn data(&self) -> String {
        match &self.limit {
            Limit::Length(length) => format!("at most {length} of data"),
            Limit::OfTiers(list) => format!("no more data than allowed ({list})"),
        }
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "is met",
        Verdict::Missed => "is missed",
        Verdict::Undecided => "is undecided",
    }
}

fn in_exercises(judgement: &Judgement) -> String {
    let n = count(judgement.n);
    let exercises = if judgement.n == 1 { "exercise" } else { "exercises" };
    match judgement.holds {
        0 if judgement.n == 1 => "not in the one exercise".to_owned(),
        1 if judgement.n == 1 => "in the one exercise".to_owned(),
        0 => format!("in none of {n} {exercises}"),
        all if all == judgement.n => format!("in all {n} {exercises}"),
        some => {
            let only = if inverts(judgement) { "only " } else { "" };
            format!("in {only}{} of {n} {exercises}", count(some))
        }
    }
}

/// "In none ... were they back", "in only ten ... were they back", but "in ten ..., they were back".
fn inverts(judgement: &Judgement) -> bool {
    judgement.holds == 0 || judgement.holds < judgement.n && judgement.verdict == Verdict::Missed
}

/// What the incident aims at.
pub(crate) struct Aim {
    pub kind: IncidentKind,
    pub sites: u64,
    pub of_estate: u64,
    pub customers: u64,
    pub users: u64,
    /// From the first to the last deletion that nothing stops or puts off.
    pub span: SimDuration,
    /// The strategies under which a guardrail may spare some of it.
    pub guarded: Guarded,
}

/// The strategies under which a guardrail may spare sites.
pub(crate) enum Guarded {
    None,
    /// Those of these names.
    Some(Vec<String>),
    All,
}

impl Aim {
    /// "4 sites of 2 customers, with 100 users"
    fn what(&self) -> String {
        format!(
            "{} of {}, with {}",
            plural(self.sites, "site"),
            plural(self.customers, "customer"),
            plural(self.users, "user"),
        )
    }

    /// "between T+0 and T+3.0 h"
    fn when(&self) -> String {
        if self.span == SimDuration::ZERO {
            return "at T+0".to_owned();
        }
        format!("between T+0 and T+{}", length(self.span))
    }

    /// " Under staged, a guardrail may spare some or all of them.", if any may.
    fn unless(&self) -> String {
        let them = if self.sites == 1 { "it" } else { "some or all of them" };
        match &self.guarded {
            Guarded::None => String::new(),
            Guarded::Some(names) => {
                format!(" Under {}, a guardrail may spare {them}.", listed(names))
            }
            Guarded::All => format!(" A guardrail may spare {them}."),
        }
    }
}

/// What was lost, in a sentence; where a guardrail may spare some of it, what may be lost.
pub(crate) fn incident(aim: &Aim) -> String {
    let (what, when, unless) = (aim.what(), aim.when(), aim.unless());
    let estate = plural(aim.of_estate, "site");
    let (were, them) = if aim.sites == 1 { ("was", "it") } else { ("were", "them") };
    let Words { done, by, verb, .. } = aim.kind.words();
    match aim.guarded {
        Guarded::None => format!("{what}, {were} {done}{by} {when}; the estate has {estate}."),
        Guarded::Some(_) | Guarded::All => format!(
            "The incident aims at {what}, and would {verb} {them} {when}; the estate has \
             {estate}.{unless}"
        ),
    }
}

/// " They lose db (4 sites), wiki and files (1 site).", if that is not all of them.
pub(crate) fn lost(lost: &[LostView], redrawn: bool) -> String {
    let each = lost.iter().map(|group| {
        let names: Vec<String> = group.parts.iter().map(|it| plain(it)).collect();
        let what = if names.is_empty() { "all they have".to_owned() } else { listed(&names) };
        if redrawn { what } else { format!("{what} ({})", plural(group.sites, "site")) }
    });
    match lost {
        [] => String::new(),
        [one] if !redrawn && one.sites == 1 && !one.parts.is_empty() => {
            let names: Vec<String> = one.parts.iter().map(|it| plain(it)).collect();
            format!(" It loses {}.", listed(&names))
        }
        _ => format!(" They lose {}.", each.collect::<Vec<String>>().join(", ")),
    }
}

/// The same where every exercise draws its own estate; the numbers are medians.
pub(crate) fn resampled(aim: &Aim, spread: &ResampledView) -> String {
    let range = |low: u64, high: u64| format!("{} to {}", count(low), count(high));
    let (when, unless) = (aim.when(), aim.unless());
    let Words { done, by, .. } = aim.kind.words();
    let were = match aim.guarded {
        Guarded::None => "were",
        Guarded::Some(_) | Guarded::All => "would be",
    };
    format!(
        "Every exercise draws its own estate of {}: in nine of ten, {} of them, with {} users, \
         {were} {done}{by} {when} (medians: {} sites, {} users).{unless}",
        plural(aim.of_estate, "site"),
        range(spread.sites_p05, spread.sites_p95),
        range(spread.users_p05, spread.users_p95),
        count(aim.sites),
        count(aim.users),
    )
}

fn plural(number: u64, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A name with its title, where the title says more.
pub(crate) fn heading(name: &str, title: &str) -> String {
    let (name, title) = (plain(name), plain(title));
    if title.is_empty() || title == name { name } else { format!("{name}: {title}") }
}
