//! `[[budgets]]`: what a check asks for, as it is written.

use crate::diagnostics::{Code, Sources, Span};
use crate::ids::{IdVec, RunbookId, StrategyId};
use crate::scenario::budget::asked::{Budget, BudgetSites};
use crate::scenario::budget::expression;
use crate::scenario::figures::{Figure, FigureOf, Grounds, Scope, figure_named, subject};
use crate::scenario::policy::RecoveryPolicy;
use crate::scenario::read::resolver::{Resolver, choice};
use crate::scenario::read::selector;
use crate::scenario::read::symbols::{self, Symbols};
use crate::scenario::resample::Draws;
use crate::scenario::runbook::Runbook;
use crate::scenario::selector::Selector;
use crate::scenario::strategy::Strategy;
use crate::spec::{BudgetSelectSpec, BudgetSpec, CountedBy, Located, ShardsSpec};
use crate::units::Share;

/// What reads budgets, with what it knows by then.
pub(crate) struct BudgetReader<'a> {
    pub symbols: &'a Symbols<'a>,
    pub draws: &'a Draws<'a>,
    pub runbooks: &'a IdVec<RunbookId, Runbook>,
    pub strategies: &'a IdVec<StrategyId, Strategy>,
    pub policy: Option<&'a RecoveryPolicy>,
    pub sources: &'a Sources,
}

pub(crate) fn resolve(
    specs: &[Located<BudgetSpec>],
    reader: &BudgetReader<'_>,
    resolver: &mut Resolver<'_>,
) -> Vec<Budget> {
    let mut budgets: Vec<(Budget, Span)> = Vec::new();
    for spec in specs {
        let Some(budget) = reader.budget(spec, resolver) else { continue };
        let span = spec.name.as_ref().or(spec.expect.as_ref()).map_or(spec.span, |it| it.span);
        if let Some((_, first)) = budgets.iter().find(|it| it.0.name == budget.name) {
            resolver
                .error(Code::DuplicateName, span, format!("two budgets are `{}`", budget.name))
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
    fn budget(&self, spec: &Located<BudgetSpec>, resolver: &mut Resolver<'_>) -> Option<Budget> {
        let metric = resolver.required(&spec.metric, spec.span, "metric", METRIC_ADVICE);
        let metric = metric.and_then(|it| Some((it, figure_named(it, is_budgeted, resolver)?)));
        let expect = resolver.required(&spec.expect, spec.span, "expect", EXPECT_ADVICE);
        let nothing = BudgetSelectSpec::default();
        let select = spec.select.as_ref().map_or(&nothing, |it| &it.value);
        let strategy =
            select.strategy.as_ref().map(|it| symbols::strategy(it, self.strategies, resolver));
        let sites = self.sites(select, spec.select.as_ref().map(|it| it.span), resolver);
        let confidence = self.confidence(spec, resolver);
        let assurance = self.assurance(spec, resolver);
        let (written, metric) = metric?;
        self.check_ground(metric, written.span, resolver);
        check_once(metric, spec, select, resolver);
        let of = subject(metric, &select.step, written.span, self.runbooks, resolver);
        let expect = expect?;
        let expectation = expression::read(expect, metric, self.sources, resolver)?;
        let figure = figure(metric.id(), select, choice(&spec.by));
        Some(Budget {
            name: match &spec.name {
                Some(name) => name.value.clone(),
                None => format!("{figure} {}", expectation.written),
            },
            metric: FigureOf { figure: metric, of: of? },
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
        resolver: &mut Resolver<'_>,
    ) -> Option<BudgetSites> {
        let words = self.symbols.estate.vocabulary();
        let before = resolver.diagnostics.errors();
        let which = Selector {
            tiers: select.tier.iter().filter_map(|it| words.tier(it, resolver)).collect(),
            regions: select.region.iter().filter_map(|it| words.region(it, resolver)).collect(),
            sites: selector::sites(&select.site, &words, resolver),
            customers: selector::customers(&select.customer, &words, resolver),
            shards: select.shards.as_ref().and_then(|it| selector::shards(it, &words, resolver)),
            ..Selector::default()
        };
        let losing = select.product.as_ref().and_then(|it| words.product(it, resolver));
        if resolver.diagnostics.errors() > before {
            return None;
        }
        let sites = BudgetSites { which, losing };
        let nothing = self.draws.never(|estate, incident, site| sites.has(estate, incident, site));
        if let Some(span) = span.filter(|_| nothing) {
            let kind = self.draws.incident.kind;
            let told = kind.tell("no deleted site matches this selection");
            resolver
                .error(Code::EmptySelection, span, told)
                .help("widen it, or take the budget out");
        }
        Some(sites)
    }

    fn confidence(&self, spec: &BudgetSpec, resolver: &mut Resolver<'_>) -> Share {
        let default = self.policy.map_or(0.95, |it| it.confidence.fraction());
        let share = resolver.share_or(&spec.confidence, default);
        let Some(it) = &spec.confidence else { return share };
        if !(0.5..=0.9999).contains(&share.fraction()) {
            resolver.error(Code::OutOfRange, it.span, "a confidence lies between 50% and 99.99%");
        }
        share
    }

    fn assurance(&self, spec: &BudgetSpec, resolver: &mut Resolver<'_>) -> Share {
        let default = self.policy.map_or(0.9, |it| it.assurance.fraction());
        let share = resolver.share_or(&spec.assurance, default);
        let Some(it) = &spec.assurance else { return share };
        if !(share.fraction() > 0.0 && share.fraction() < 1.0) {
            resolver
                .error(Code::OutOfRange, it.span, "an assurance lies between 0% and 100%")
                .help("no number of exercises shows that something always holds; write \"99%\"");
        }
        share
    }

    /// A figure that this scenario cannot have is never within its budget.
    fn check_ground(&self, metric: Figure, span: Span, resolver: &mut Resolver<'_>) {
        let grounds = Grounds { teams: self.symbols.teams, policy: self.policy };
        if let Some([missing, help]) = grounds.missing(metric.definition().needs) {
            resolver.error(Code::MissingKey, span, missing).help(help);
        }
    }
}

/// Whether a budget may be about a figure. Of what all exercises together have once, there is no
/// share of exercises in which it holds.
fn is_budgeted(figure: Figure) -> bool {
    figure.scope() != Scope::Pooled
}

/// What an exercise has once is not of some of its sites.
fn check_once(
    metric: Figure,
    spec: &BudgetSpec,
    select: &BudgetSelectSpec,
    resolver: &mut Resolver<'_>,
) {
    if metric.scope() != Scope::Exercise {
        return;
    }
    let names = [&select.tier, &select.region, &select.product, &select.site];
    let customer = select.customer.as_ref().map(|it| it.span);
    let shards = select.shards.as_ref().map(|it| it.span);
    let of_sites = names.into_iter().flatten().map(|it| it.span).chain(customer).chain(shards);
    let by = spec.by.as_ref().map(|it| it.span);
    for span in of_sites.chain(by) {
        let message = format!("an exercise has `{}` once, for all its sites", metric.id());
        resolver
            .error(Code::ConflictingKeys, span, message)
            .help("leave it out, or take `site.rta` or `site.rpa`");
    }
}

/// `site.rta{tier=gold,by=user}`
pub(crate) fn figure(metric: &str, select: &BudgetSelectSpec, by: CountedBy) -> String {
    let by = match by {
        CountedBy::Site => None,
        CountedBy::User => Some("user"),
        CountedBy::Customer => Some("customer"),
    };
    let name = |located: &Option<Located<String>>| located.as_ref().map(|it| it.value.clone());
    let shards = |shards: &Located<ShardsSpec>| {
        let numbers: Vec<String> = shards.numbers.iter().map(|it| it.value.to_string()).collect();
        format!("{}:{}", name(&shards.service).unwrap_or_default(), numbers.join("+"))
    };
    let keys = [
        ("strategy", name(&select.strategy)),
        ("tier", name(&select.tier)),
        ("region", name(&select.region)),
        ("product", name(&select.product)),
        ("site", name(&select.site)),
        ("customer", select.customer.as_ref().map(|it| selector::customer_name(it))),
        ("shards", select.shards.as_ref().map(shards)),
        ("step", name(&select.step)),
        ("by", by.map(str::to_owned)),
    ];
    let conditions: Vec<String> =
        keys.into_iter().filter_map(|(key, it)| Some(format!("{key}={}", it?))).collect();
    match conditions.is_empty() {
        true => metric.to_owned(),
        false => format!("{metric}{{{}}}", conditions.join(",")),
    }
}
