//! `[[budgets]]`: what a check asks of every exercise, and in how many of them.

mod expression;

use crate::diagnostics::{Code, Place, Sources, Span};
use crate::ids::{IdVec, StrategyId};
use crate::spec::{BudgetSelectSpec, BudgetSpec, CountedBy, Level, Located};
use crate::units::{Share, SimDuration};

use crate::scenario::policy::RecoveryPolicy;
use crate::scenario::quantity::{Desk, choice};
use crate::scenario::resample::Draws;
use crate::scenario::selector::Selector;
use crate::scenario::strategy::Strategy;
use crate::scenario::symbols::{self, Symbols};

/// Something that must hold in most exercises.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// One line for people; no two budgets of a scenario have the same.
    pub name: String,
    /// Which figure.
    pub metric: Metric,
    /// The figure and its selection as messages show them: `site.rta{tier=gold}`.
    pub figure: String,
    /// Under which strategy; under all without one.
    pub strategy: Option<StrategyId>,
    /// Of which sites, of a figure of sites.
    pub sites: Selector,
    /// What is counted, of a figure of sites.
    pub by: CountedBy,
    /// What must hold in an exercise.
    pub expect: Expectation,
    /// In which share of the exercises it must hold.
    pub assurance: Share,
    /// How sure the verdict must be.
    pub confidence: Share,
    /// What a miss is.
    pub level: Level,
    /// Where it is written.
    pub place: Place,
}

/// What a budget is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Recovery time actual of every deleted site, by the policy's clock.
    SiteRta,
    /// Recovery point actual of every deleted site, after repair.
    SiteRpa,
    /// A figure that every exercise has once.
    Exercise(ExerciseFigure),
}

/// What kind of number a budget compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Milliseconds.
    Time,
    /// Hours of work or of missing sites.
    Hours,
    /// A number of things.
    Count,
    /// A number between 0 and 1.
    Share,
    /// Money, in the currency of the scenario.
    Money,
}

macro_rules! exercise_figures {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kind:ident;)*) => {
        /// A figure that every exercise has once.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ExerciseFigure { $($(#[$doc])* $name,)* }

        impl ExerciseFigure {
            /// Every one with its name.
            pub const ALL: &[(&str, Self)] = &[$(($text, Self::$name)),*];

            /// What kind of number it is.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }
        }
    };
}

// The names are those of the figures in summary.json.
exercise_figures! {
    /// When the first site is back.
    FirstSiteBack = "first_site_back", Time;
    /// When half of the sites are back.
    HalfOfSitesBack = "half_of_sites_back", Time;
    /// When the sites of half of the users are back.
    HalfOfUsersBack = "half_of_users_back", Time;
    /// When 95 % of the sites are back.
    P95OfSitesBack = "p95_of_sites_back", Time;
    /// When the last site is back; never if any is not.
    LastSiteBack = "last_site_back", Time;
    /// The same by its other name.
    Makespan = "makespan", Time;
    /// When somebody first hears something.
    FirstWord = "first_word", Time;
    /// When the first customer is reached.
    FirstCustomerReached = "first_customer_reached", Time;
    /// When half of the customers have been reached.
    HalfOfCustomersReached = "half_of_customers_reached", Time;
    /// When the last customer is reached.
    AllCustomersReached = "all_customers_reached", Time;
    /// The share of sites within the recovery time objective.
    SitesWithinRto = "sites_within_rto", Share;
    /// The share of users within it.
    UsersWithinRto = "users_within_rto", Share;
    /// The share of sites within the recovery point objective.
    SitesWithinRpo = "sites_within_rpo", Share;
    /// The share of users within it.
    UsersWithinRpo = "users_within_rpo", Share;
    /// The share of the deleted sites that come back.
    ShareOfSitesRestored = "share_of_sites_restored", Share;
    /// Sites that were deleted.
    SitesDeleted = "sites_deleted", Count;
    /// Users of the deleted sites.
    UsersDeleted = "users_deleted", Count;
    /// Sites that a guardrail has saved.
    SitesSaved = "sites_saved", Count;
    /// Sites lost for good.
    SitesLost = "sites_lost", Count;
    /// Sites not back at the horizon.
    SitesUnfinished = "sites_unfinished", Count;
    /// Tasks that others have taken over.
    Escalations = "escalations", Count;
    /// Work of all teams.
    PersonHours = "person_hours", Hours;
    /// Time without sites, summed over sites.
    SiteHoursLost = "site_hours_lost", Hours;
    /// The same summed over users.
    UserHoursLost = "user_hours_lost", Hours;
    /// What the work costs.
    Cost = "cost", Money;
}

/// What must hold in an exercise: an aggregate, how it is compared, and with what.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As it was written.
    pub written: String,
    /// What becomes of the figure in one exercise.
    pub aggregate: Aggregate,
    /// How it is compared.
    pub operator: Operator,
    /// With what: milliseconds, a number, hours, or a fraction, by its [`Kind`].
    pub threshold: f64,
    /// What kind of number the two are.
    pub kind: Kind,
}

/// What becomes of a figure in one exercise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// The quantile of this share: an observed value, the ceil(p n)-th of n.
    Quantile(Share),
    /// The largest.
    Max,
    /// The smallest.
    Min,
    /// The mean.
    Mean,
    /// How many there are.
    Count,
    /// The share that is at most so long.
    ShareWithin(SimDuration),
    /// The figure itself, of one that an exercise has once.
    Value,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

impl Expectation {
    /// Whether a number is as expected; what never comes is infinite.
    ///
    /// Means and percentages are rounded in their last bit, so two numbers within a millionth of a
    /// millionth of each other are equal.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        let scale = value.abs().max(self.threshold.abs());
        let equal = value.is_finite() && (value - self.threshold).abs() <= 1e-12 * scale;
        match self.operator {
            Operator::Less => !equal && value < self.threshold,
            Operator::AtMost => equal || value < self.threshold,
            Operator::More => !equal && value > self.threshold,
            Operator::AtLeast => equal || value > self.threshold,
            Operator::Equal => equal,
            Operator::Unequal => !equal,
        }
    }
}

/// What reads budgets, with what it knows by then.
pub(super) struct BudgetReader<'a> {
    pub symbols: &'a Symbols<'a>,
    pub draws: &'a Draws<'a>,
    pub strategies: &'a IdVec<StrategyId, Strategy>,
    pub policy: Option<&'a RecoveryPolicy>,
    pub sources: &'a Sources,
}

pub(super) fn resolve(
    specs: &[Located<BudgetSpec>],
    reader: &BudgetReader<'_>,
    desk: &mut Desk<'_>,
) -> Vec<Budget> {
    let mut budgets: Vec<(Budget, Span)> = Vec::new();
    for spec in specs {
        let Some(budget) = reader.budget(spec, desk) else { continue };
        let span = spec.name.as_ref().or(spec.expect.as_ref()).map_or(spec.span, |it| it.span);
        if let Some((_, first)) = budgets.iter().find(|it| it.0.name == budget.name) {
            desk.error(Code::DuplicateName, span, format!("two budgets are `{}`", budget.name))
                .related(*first, "the first is here")
                .help("give one of them another `name`");
        }
        budgets.push((budget, span));
    }
    budgets.into_iter().map(|it| it.0).collect()
}

const METRIC_ADVICE: &str = "add `metric = \"site.rta\"`";
const EXPECT_ADVICE: &str = "add `expect = \"p(95) < 6h\"`";

impl BudgetReader<'_> {
    fn budget(&self, spec: &Located<BudgetSpec>, desk: &mut Desk<'_>) -> Option<Budget> {
        let metric = desk.required(&spec.metric, spec.span, "metric", METRIC_ADVICE);
        let metric = metric.and_then(|it| Some((it, find_metric(it, desk)?)));
        let expect = desk.required(&spec.expect, spec.span, "expect", EXPECT_ADVICE);
        let nothing = BudgetSelectSpec::default();
        let select = spec.select.as_ref().map_or(&nothing, |it| &it.value);
        let strategy =
            select.strategy.as_ref().map(|it| symbols::strategy(it, self.strategies, desk));
        let sites = self.sites(select, spec.select.as_ref().map(|it| it.span), desk);
        let confidence = self.confidence(spec, desk);
        let assurance = self.assurance(spec, desk);
        let (written, metric) = metric?;
        self.check_ground(metric, written.span, desk);
        check_once(metric, spec, select, desk);
        let expect = expect?;
        let expectation = expression::read(expect, metric, self.sources, desk)?;
        let figure = figure(&written.value, select, choice(&spec.by));
        Some(Budget {
            name: match &spec.name {
                Some(name) => name.value.clone(),
                None => format!("{figure} {}", expectation.written),
            },
            metric,
            figure,
            // A name that is not known has been told.
            strategy: match strategy {
                Some(found) => Some(found?),
                None => None,
            },
            sites: sites?,
            by: choice(&spec.by),
            expect: expectation,
            assurance,
            confidence,
            level: choice(&spec.level),
            place: self.sources.place(expect.span),
        })
    }

    /// The sites of a selection, if the incident may delete any of them.
    fn sites(
        &self,
        select: &BudgetSelectSpec,
        span: Option<Span>,
        desk: &mut Desk<'_>,
    ) -> Option<Selector> {
        let words = self.symbols.estate.vocabulary();
        let before = desk.diagnostics.errors();
        let selector = Selector {
            tiers: select.tier.iter().filter_map(|it| words.tier(it, desk)).collect(),
            regions: select.region.iter().filter_map(|it| words.region(it, desk)).collect(),
            products: select.product.iter().filter_map(|it| words.product(it, desk)).collect(),
            ..Selector::default()
        };
        if desk.diagnostics.errors() > before {
            return None;
        }
        let nothing = self.draws.never_match(&selector);
        if let Some(span) = span.filter(|_| nothing) {
            desk.error(Code::EmptySelection, span, "no deleted site matches this selection")
                .help("widen it, or take the budget out");
        }
        Some(selector)
    }

    fn confidence(&self, spec: &BudgetSpec, desk: &mut Desk<'_>) -> Share {
        let default = self.policy.map_or(0.95, |it| it.confidence.fraction());
        let share = desk.share_or(&spec.confidence, default);
        let Some(it) = &spec.confidence else { return share };
        if !(0.5..=0.9999).contains(&share.fraction()) {
            desk.error(Code::OutOfRange, it.span, "a confidence lies between 50% and 99.99%");
        }
        share
    }

    fn assurance(&self, spec: &BudgetSpec, desk: &mut Desk<'_>) -> Share {
        let default = self.policy.map_or(0.9, |it| it.assurance.fraction());
        let share = desk.share_or(&spec.assurance, default);
        let Some(it) = &spec.assurance else { return share };
        if !(share.fraction() > 0.0 && share.fraction() < 1.0) {
            desk.error(Code::OutOfRange, it.span, "an assurance lies between 0% and 100%")
                .help("no number of exercises shows that something always holds; write \"99%\"");
        }
        share
    }

    /// A figure that this scenario cannot have is never within its budget.
    fn check_ground(&self, metric: Metric, span: Span, desk: &mut Desk<'_>) {
        use ExerciseFigure::{
            Cost, SitesWithinRpo, SitesWithinRto, UsersWithinRpo, UsersWithinRto,
        };
        let objective = |has: fn(&crate::scenario::Objective) -> bool| {
            self.policy.is_some_and(|it| it.objectives.iter().any(has))
        };
        let (missing, help) = match metric {
            Metric::Exercise(Cost) => (
                !self.symbols.teams.iter().any(|it| it.cost_per_hour.is_some()),
                ("no team has a price", "add `cost_per_hour` to a team"),
            ),
            Metric::Exercise(SitesWithinRto | UsersWithinRto) => (
                !objective(|it| it.rto.is_some()),
                ("there is no recovery time objective", "add `rto = \"6h\"` to `[policy]`"),
            ),
            Metric::Exercise(SitesWithinRpo | UsersWithinRpo) => (
                !objective(|it| it.rpo.is_some()),
                ("there is no recovery point objective", "add `rpo = \"1h\"` to `[policy]`"),
            ),
            _ => return,
        };
        if missing {
            desk.error(Code::MissingKey, span, help.0).help(help.1);
        }
    }
}

fn find_metric(name: &Located<String>, desk: &mut Desk<'_>) -> Option<Metric> {
    let of_sites = [("site.rta", Metric::SiteRta), ("site.rpa", Metric::SiteRpa)];
    let of_exercises = ExerciseFigure::ALL.iter().map(|(name, it)| (*name, Metric::Exercise(*it)));
    let known: Vec<(&str, Metric)> = of_sites.into_iter().chain(of_exercises).collect();
    let found = known.iter().find(|it| it.0 == name.value).map(|it| it.1);
    if found.is_none() {
        let message = format!("there is no figure `{}`", name.value);
        let names = known.iter().map(|it| it.0);
        desk.error(Code::UnknownFigure, name.span, message).help_choose(&name.value, names);
    }
    found
}

/// What an exercise has once is not of some of its sites.
fn check_once(metric: Metric, spec: &BudgetSpec, select: &BudgetSelectSpec, desk: &mut Desk<'_>) {
    let (Metric::Exercise(_), Some(name)) = (metric, &spec.metric) else { return };
    let of_sites = [&select.tier, &select.region, &select.product].into_iter().flatten();
    let by = spec.by.as_ref().map(|it| it.span);
    for span in of_sites.map(|it| it.span).chain(by) {
        let message = format!("an exercise has `{}` once, for all its sites", name.value);
        desk.error(Code::ConflictingKeys, span, message)
            .help("leave it out, or take `site.rta` or `site.rpa`");
    }
}

/// `site.rta{tier=gold,by=user}`
fn figure(metric: &str, select: &BudgetSelectSpec, by: CountedBy) -> String {
    let by = match by {
        CountedBy::Site => None,
        CountedBy::User => Some("user"),
        CountedBy::Customer => Some("customer"),
    };
    let keys = [
        ("strategy", &select.strategy),
        ("tier", &select.tier),
        ("region", &select.region),
        ("product", &select.product),
    ];
    let keys = keys.iter().filter_map(|(key, it)| Some((*key, it.as_ref()?.value.as_str())));
    let conditions: Vec<String> =
        keys.chain(by.map(|it| ("by", it))).map(|(key, it)| format!("{key}={it}")).collect();
    match conditions.is_empty() {
        true => metric.to_owned(),
        false => format!("{metric}{{{}}}", conditions.join(",")),
    }
}
