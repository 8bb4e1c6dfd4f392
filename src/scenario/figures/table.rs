//! The rows of the catalogue, in the order in which tables and files have them.

use serde::{Deserialize, Serialize};

use crate::scenario::figures::{
    Better, Definition, Kept, Kind, Listed, Needs, Over, Parameter, Scope, Weight,
};

/// A figure. [`Figure::definition`] says what each is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
#[expect(missing_docs, reason = "the rows below say what each is, for people who never see this")]
pub enum Figure {
    SiteRta,
    SiteRpa,
    SitesDeleted,
    UsersDeleted,
    SitesSaved,
    FirstSiteBack,
    HalfOfSitesBack,
    HalfOfUsersBack,
    P95OfSitesBack,
    LastSiteBack,
    LastOfThoseBack,
    FirstWord,
    FirstCustomerReached,
    HalfOfCustomersReached,
    AllCustomersReached,
    PooledRtaP50,
    PooledRtaP95,
    PooledUserRtaP95,
    PooledCustomerRtaP95,
    RtaP95,
    RtaP95OfThoseBack,
    UserRtaP95,
    CustomerRtaP95,
    RtaMean,
    UserRtaMean,
    PooledRpaP95,
    RpaP95,
    RpaMean,
    SitesWithinRto,
    UsersWithinRto,
    CustomersWithinRto,
    SitesWithinRpo,
    UsersWithinRpo,
    SitesBackWithOldData,
    UsersBackWithOldData,
    SitesLeftWithOldData,
    UsersLeftWithOldData,
    OldDataRepairedAfter,
    AssuranceRto,
    AssuranceRtoOfUsers,
    AssuranceRtoOfCustomers,
    AssuranceRpo,
    Assurance,
    SiteHoursLost,
    UserHoursLost,
    SiteHoursBeyondRto,
    PersonHours,
    Cost,
    SitesRestored,
    ShareOfSitesRestored,
    SitesLost,
    SitesUnfinished,
    SitesNotRestored,
    Escalations,
    StepLastEnd,
}

/// Every figure, each at its place.
pub const FIGURES: [Definition; 55] = [
    row(Figure::SiteRta, "site.rta", "RTA of a site", Kind::Length)
        .means(
            "Recovery time actual of each deleted site, by the policy's clock; never where it is \
             not restored.",
        )
        .of(Scope::Site),
    row(Figure::SiteRpa, "site.rpa", "RPA of a site", Kind::Loss)
        .means(
            "Recovery point actual of each deleted site: data lost, as a length of time, the worst \
             of its stores, at hand-over unless rpo_at of the policy says after repair; never where \
             it is not restored, or nothing says to which moment.",
        )
        .of(Scope::Site)
        .needs(Needs::RestorePoint),
    row(Figure::SitesDeleted, "sites_deleted", "sites deleted", Kind::Count)
        .means("Sites that were deleted.")
        .better(Better::Neither)
        .listed(Listed::WhereDeletionVaries),
    row(Figure::UsersDeleted, "users_deleted", "users of the deleted sites", Kind::Count)
        .means("Users of the sites that were deleted.")
        .by(Weight::User)
        .better(Better::Neither),
    row(Figure::SitesSaved, "sites_saved", "sites saved by a guardrail", Kind::Count)
        .means("Sites at which the incident aims and that were not deleted.")
        .better(Better::Neither)
        .listed(Listed::WhereSpared),
    row(Figure::FirstSiteBack, "first_site_back", "first site back", Kind::Instant)
        .means("When the first deleted site is back; never where none is.")
        .listed(Listed::Always)
        .was(&["first_restored"]),
    row(Figure::HalfOfSitesBack, "half_of_sites_back", "half of the sites back", Kind::Instant)
        .means("When half of the deleted sites are back; never where fewer are.")
        .listed(Listed::Always)
        .was(&["half_of_sites"]),
    row(Figure::HalfOfUsersBack, "half_of_users_back", "half of the users back", Kind::Instant)
        .means(
            "When the sites of half of the users of the deleted sites are back; never where fewer \
             are.",
        )
        .by(Weight::User)
        .listed(Listed::Always)
        .was(&["half_of_users"]),
    row(Figure::P95OfSitesBack, "p95_of_sites_back", "95% of the sites back", Kind::Instant)
        .means("When 95% of the deleted sites are back; never where fewer are.")
        .listed(Listed::Always)
        .was(&["p95_of_sites"]),
    row(Figure::LastSiteBack, "last_site_back", "last site back", Kind::Instant)
        .means("When the last deleted site is back: the makespan; never where any is not.")
        .listed(Listed::Always)
        .compared()
        .baseline(Kept::Judged)
        .was(&["last_restored", "makespan"]),
    row(
        Figure::LastOfThoseBack,
        "last_of_those_back",
        "last of those that come back",
        Kind::Instant,
    )
    .means(
        "When the last of the deleted sites that come back at all is back; never where none does. \
         How many do not is sites_not_restored.",
    )
    .better(Better::Neither)
    .listed(Listed::WhereSomeAreNotBack),
    row(Figure::FirstWord, "first_word", "first word", Kind::Instant)
        .means(
            "When anybody first hears something: a public milestone, or the first customer \
             reached; never where nobody does.",
        )
        .by(Weight::Customer)
        .needs(Needs::Word)
        .listed(Listed::Always),
    row(
        Figure::FirstCustomerReached,
        "first_customer_reached",
        "first customer reached",
        Kind::Instant,
    )
    .means("When the first customer with a deleted site is reached; never where none is.")
    .by(Weight::Customer)
    .needs(Needs::Outreach)
    .listed(Listed::Always),
    row(
        Figure::HalfOfCustomersReached,
        "half_of_customers_reached",
        "half of the customers reached",
        Kind::Instant,
    )
    .means("When half of the customers with a deleted site are reached; never where fewer are.")
    .by(Weight::Customer)
    .needs(Needs::Outreach)
    .listed(Listed::Always),
    row(
        Figure::AllCustomersReached,
        "all_customers_reached",
        "all customers reached",
        Kind::Instant,
    )
    .means("When the last customer with a deleted site is reached; never where any is not.")
    .by(Weight::Customer)
    .needs(Needs::Outreach)
    .listed(Listed::Always),
    row(Figure::PooledRtaP50, "site.rta.p50", "RTA p50, all sites pooled", Kind::Length)
        .means("The 50% quantile of site.rta, all sites of all exercises together.")
        .of(Scope::Pooled),
    row(Figure::PooledRtaP95, "site.rta.p95", "RTA p95, all sites pooled", Kind::Length)
        .means("The 95% quantile of site.rta, all sites of all exercises together.")
        .of(Scope::Pooled)
        .listed(Listed::Always),
    row(Figure::PooledUserRtaP95, "user.rta.p95", "RTA p95, all users pooled", Kind::Length)
        .means(
            "The 95% quantile of site.rta, all sites of all exercises together, each as often as \
             it has users.",
        )
        .of(Scope::Pooled)
        .by(Weight::User),
    row(
        Figure::PooledCustomerRtaP95,
        "customer.rta.p95",
        "RTA p95, all customers pooled",
        Kind::Length,
    )
    .means(
        "The 95% quantile over the customers of all exercises together of the RTA of the last of \
         their sites.",
    )
    .of(Scope::Pooled)
    .by(Weight::Customer),
    row(Figure::RtaP95, "exercise.rta.p95", "RTA p95 of an exercise", Kind::Length)
        .means("The 95% quantile of site.rta over the deleted sites of an exercise.")
        .also(&[Over::Mean, Over::P90])
        .listed(Listed::Always)
        .compared()
        .baseline(Kept::Judged)
        .was(&["rta_p95"]),
    row(
        Figure::RtaP95OfThoseBack,
        "exercise.rta.p95.of_those_back",
        "RTA p95 of those that come back",
        Kind::Length,
    )
    .means(
        "The 95% quantile of site.rta over the deleted sites of an exercise that come back at all; \
         never where none does. How many do not is sites_not_restored.",
    )
    .better(Better::Neither)
    .listed(Listed::WhereSomeAreNotBack),
    row(
        Figure::UserRtaP95,
        "exercise.user.rta.p95",
        "RTA p95 of the users of an exercise",
        Kind::Length,
    )
    .means(
        "The 95% quantile of site.rta over the deleted sites of an exercise, each as often as it \
         has users.",
    )
    .by(Weight::User)
    .also(&[Over::Mean, Over::P90]),
    row(
        Figure::CustomerRtaP95,
        "exercise.customer.rta.p95",
        "RTA p95 of the customers of an exercise",
        Kind::Length,
    )
    .means(
        "The 95% quantile over the customers of an exercise of the RTA of the last of their sites.",
    )
    .by(Weight::Customer)
    .also(&[Over::Mean, Over::P90]),
    row(Figure::RtaMean, "exercise.rta.mean", "mean RTA of an exercise", Kind::Length)
        .means(
            "The mean of site.rta over the deleted sites of an exercise; never where any is not \
             restored.",
        )
        .over(Over::Mean)
        .compared()
        .was(&["site.rta.mean", "rta_mean_by_site"]),
    row(
        Figure::UserRtaMean,
        "exercise.user.rta.mean",
        "mean RTA of the users of an exercise",
        Kind::Length,
    )
    .means(
        "The mean of site.rta over the deleted sites of an exercise, each as often as it has \
         users; never where any is not restored.",
    )
    .by(Weight::User)
    .over(Over::Mean)
    .was(&["user.rta.mean", "rta_mean_by_user"]),
    row(Figure::PooledRpaP95, "site.rpa.p95", "RPA p95, all sites pooled", Kind::Loss)
        .means("The 95% quantile of site.rpa, all sites of all exercises together.")
        .of(Scope::Pooled)
        .needs(Needs::RestorePoint),
    row(Figure::RpaP95, "exercise.rpa.p95", "RPA p95 of an exercise", Kind::Loss)
        .means("The 95% quantile of site.rpa over the deleted sites of an exercise.")
        .needs(Needs::RestorePoint)
        .baseline(Kept::Judged)
        .was(&["rpa_p95"]),
    row(Figure::RpaMean, "exercise.rpa.mean", "mean RPA of an exercise", Kind::Loss)
        .means(
            "The mean of site.rpa over the deleted sites of an exercise; never where any is not \
             restored, or nothing says to which moment.",
        )
        .needs(Needs::RestorePoint)
        .over(Over::Mean)
        .listed(Listed::Always),
    row(Figure::SitesWithinRto, "sites_within_rto", "sites within RTO", Kind::Share)
        .means(
            "Of the deleted sites with a recovery time objective, the share that is restored \
             within it; all where none was deleted.",
        )
        .better(Better::More)
        .needs(Needs::Rto)
        .listed(Listed::Always),
    row(Figure::UsersWithinRto, "users_within_rto", "users within RTO", Kind::Share)
        .means(
            "Of the users of the deleted sites with a recovery time objective, the share whose \
             site is restored within it.",
        )
        .by(Weight::User)
        .better(Better::More)
        .needs(Needs::Rto)
        .was(&["users_within_rto.share"]),
    row(Figure::CustomersWithinRto, "customers_within_rto", "customers within RTO", Kind::Share)
        .means(
            "Of the customers of the deleted sites with a recovery time objective, the share of \
             whom every such site is restored within it.",
        )
        .by(Weight::Customer)
        .better(Better::More)
        .needs(Needs::Rto)
        .was(&["customers_within_rto.share"]),
    row(Figure::SitesWithinRpo, "sites_within_rpo", "sites within RPO", Kind::Share)
        .means(
            "Of the deleted sites with a recovery point objective, the share whose site.rpa is \
             within it; all where none was deleted.",
        )
        .better(Better::More)
        .needs(Needs::Rpo)
        .listed(Listed::Always),
    row(Figure::UsersWithinRpo, "users_within_rpo", "users within RPO", Kind::Share)
        .means(
            "Of the users of the deleted sites with a recovery point objective, the share whose \
             site has a site.rpa within it.",
        )
        .by(Weight::User)
        .better(Better::More)
        .needs(Needs::Rpo),
    row(
        Figure::SitesBackWithOldData,
        "sites_back_with_old_data",
        "sites back with old data",
        Kind::Share,
    )
    .means(
        "Of the deleted sites with a recovery point objective, the share that is handed over with \
         data older than it allows, whether that is repaired or not; none where none was deleted.",
    )
    .needs(Needs::Rpo)
    .listed(Listed::WhereOldData),
    row(
        Figure::UsersBackWithOldData,
        "users_back_with_old_data",
        "users back with old data",
        Kind::Share,
    )
    .means(
        "Of the users of the deleted sites with a recovery point objective, the share whose site \
         is handed over with data older than it allows.",
    )
    .by(Weight::User)
    .needs(Needs::Rpo)
    .listed(Listed::WhereOldData),
    row(
        Figure::SitesLeftWithOldData,
        "sites_left_with_old_data",
        "sites left with old data",
        Kind::Share,
    )
    .means(
        "Of the deleted sites with a recovery point objective, the share that is restored and has \
         data older than it allows in the end, after repair; none where none was deleted.",
    )
    .needs(Needs::Rpo)
    .listed(Listed::WhereOldData),
    row(
        Figure::UsersLeftWithOldData,
        "users_left_with_old_data",
        "users left with old data",
        Kind::Share,
    )
    .means(
        "Of the users of the deleted sites with a recovery point objective, the share whose site \
         is restored and has data older than it allows in the end, after repair.",
    )
    .by(Weight::User)
    .needs(Needs::Rpo)
    .listed(Listed::WhereOldData),
    row(
        Figure::OldDataRepairedAfter,
        "old_data_repaired_after",
        "mean time until repaired",
        Kind::Length,
    )
    .means(
        "The mean time from hand-over until repair of the sites that are handed over with data \
         older than their recovery point objective allows and have none in the end; an exercise \
         without such a site has no such time.",
    )
    .needs(Needs::Rpo)
    .over(Over::Mean)
    .listed(Listed::WhereOldData),
    row(
        Figure::AssuranceRto,
        "assurance_rto",
        "exercises that meet the recovery time objective",
        Kind::Share,
    )
    .means(
        "The share of exercises in which enough sites of every recovery time objective are within \
         it.",
    )
    .of(Scope::Pooled)
    .better(Better::More)
    .needs(Needs::Rto),
    row(
        Figure::AssuranceRtoOfUsers,
        "assurance_rto.users",
        "exercises that meet the recovery time objective, by user",
        Kind::Share,
    )
    .means(
        "The share of exercises in which sites with enough of the users of every recovery time \
         objective are within it.",
    )
    .of(Scope::Pooled)
    .by(Weight::User)
    .better(Better::More)
    .needs(Needs::Rto),
    row(
        Figure::AssuranceRtoOfCustomers,
        "assurance_rto.customers",
        "exercises that meet the recovery time objective, by customer",
        Kind::Share,
    )
    .means(
        "The share of exercises in which enough of the customers with a recovery time objective \
         are within it with all their sites.",
    )
    .of(Scope::Pooled)
    .by(Weight::Customer)
    .better(Better::More)
    .needs(Needs::Rto),
    row(
        Figure::AssuranceRpo,
        "assurance_rpo",
        "exercises that meet the recovery point objective",
        Kind::Share,
    )
    .means(
        "The share of exercises in which enough sites of every recovery point objective are within \
         it.",
    )
    .of(Scope::Pooled)
    .better(Better::More)
    .needs(Needs::Rpo),
    row(Figure::Assurance, "assurance", "exercises that meet the policy", Kind::Share)
        .means("The share of exercises that meet every objective of the policy.")
        .of(Scope::Pooled)
        .better(Better::More)
        .listed(Listed::Always),
    row(Figure::SiteHoursLost, "site_hours_lost", "site-hours lost", Kind::Hours)
        .means(
            "Time without the site, summed over the deleted sites; what never comes back counts to \
             the horizon, what was deleted twice counts both times.",
        )
        .compared()
        .baseline(Kept::Judged)
        .was(&["site_hours"]),
    row(Figure::UserHoursLost, "user_hours_lost", "user-hours lost", Kind::Hours)
        .means(
            "Time without the site, summed over the users of the deleted sites; what never comes \
             back counts to the horizon.",
        )
        .by(Weight::User)
        .compared()
        .baseline(Kept::Judged)
        .was(&["user_hours"]),
    row(
        Figure::SiteHoursBeyondRto,
        "site_hours_beyond_rto",
        "site-hours beyond the RTO",
        Kind::Hours,
    )
    .means(
        "Time by which the deleted sites are back later than their recovery time objective, by the \
         policy's clock, summed over them; what never comes back counts to the horizon, and of what \
         was deleted twice only the last time.",
    )
    .needs(Needs::Rto),
    row(Figure::PersonHours, "person_hours", "person-hours", Kind::Hours)
        .means("Work of all teams, with what is overtime.")
        .by(Weight::Nothing)
        .listed(Listed::Always)
        .compared()
        .baseline(Kept::Told),
    row(Figure::Cost, "cost", "cost", Kind::Money)
        .means("What the work of the teams with a price costs.")
        .by(Weight::Nothing)
        .needs(Needs::Price)
        .listed(Listed::Always)
        .compared(),
    row(Figure::SitesRestored, "sites_restored", "sites restored", Kind::Count)
        .means("Deleted sites that are back at the end.")
        .better(Better::Neither)
        .was(&["restored"]),
    row(
        Figure::ShareOfSitesRestored,
        "share_of_sites_restored",
        "share of the sites restored",
        Kind::Share,
    )
    .means("The share of the deleted sites that are back at the end; all where none was deleted.")
    .better(Better::More)
    .was(&["share_restored"]),
    row(Figure::SitesLost, "sites_lost", "sites lost for good", Kind::Count)
        .means("Deleted sites of which there was nothing left to restore.")
        .listed(Listed::Always)
        .was(&["lost"]),
    row(Figure::SitesUnfinished, "sites_unfinished", "sites unfinished", Kind::Count)
        .means("Deleted sites that are neither back nor lost at the horizon.")
        .listed(Listed::WhereAny)
        .was(&["unfinished"]),
    row(Figure::SitesNotRestored, "sites_not_restored", "sites not restored", Kind::Count)
        .means("Deleted sites that are lost or unfinished.")
        .listed(Listed::WhereSomeAreNotBack)
        .baseline(Kept::Judged),
    row(Figure::Escalations, "escalations", "tasks escalated", Kind::Count)
        .means("Tasks that others have taken over, because they failed too often.")
        .by(Weight::Nothing)
        .needs(Needs::Escalation)
        .listed(Listed::Always),
    row(Figure::StepLastEnd, "step_last_end", "last end of", Kind::Instant)
        .means(
            "When the last attempt at a step ended; never where there was more to come: where none \
             has ended, where a site was unfinished at the horizon, or where work was under way or \
             waiting in its track or in one that its track waits for.",
        )
        .by(Weight::Nothing)
        .named_with(Parameter::Step)
        .listed(Listed::Always),
];

/// A row, as most are: of every exercise, by site, the less the better, and in the files alone. Of
/// a time the median of the exercises is told, of another number the mean.
const fn row(figure: Figure, id: &'static str, title: &'static str, kind: Kind) -> Definition {
    Definition {
        figure,
        id,
        title,
        meaning: "",
        kind,
        scope: Scope::Exercise,
        better: Better::Less,
        weight: Weight::Site,
        parameter: None,
        needs: Needs::Nothing,
        over: match kind {
            Kind::Instant | Kind::Length | Kind::Loss => Over::Median,
            Kind::Hours | Kind::Count | Kind::Share | Kind::Money => Over::Mean,
        },
        also: &[],
        listed: Listed::Nowhere,
        compared: false,
        baseline: Kept::Quietly,
        old_names: &[],
    }
}

impl Definition {
    const fn means(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    const fn of(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    const fn by(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    const fn better(self, better: Better) -> Self {
        Self { better, ..self }
    }

    const fn named_with(self, parameter: Parameter) -> Self {
        Self { parameter: Some(parameter), ..self }
    }

    const fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    const fn over(self, over: Over) -> Self {
        Self { over, ..self }
    }

    const fn also(self, also: &'static [Over]) -> Self {
        Self { also, ..self }
    }

    const fn listed(self, listed: Listed) -> Self {
        Self { listed, ..self }
    }

    const fn compared(self) -> Self {
        Self { compared: true, ..self }
    }

    const fn baseline(self, baseline: Kept) -> Self {
        Self { baseline, ..self }
    }

    const fn was(self, old_names: &'static [&'static str]) -> Self {
        Self { old_names, ..self }
    }
}
