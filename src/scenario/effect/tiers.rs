//! Tiers that no site has: rules that nothing reaches, and objectives for nobody.

use crate::scenario::effect::whole::Whole;
use crate::scenario::read::resolver::{Resolver, Unit};
use crate::scenario::read::selector;
use crate::scenario::selector::Selector;
use crate::scenario::site::Site;
use crate::spec::TierRuleSpec;

pub(crate) fn check(whole: &Whole<'_>, resolver: &mut Resolver<'_>) {
    let rules = Rules::new(whole, resolver);
    rules.warn(resolver);
    rules.warn_of_objectives(resolver);
}

/// The rules by which sites have their tiers.
struct Rules<'a> {
    whole: &'a Whole<'a>,
    written: Vec<&'a TierRuleSpec>,
    /// Which sites each of them matches.
    when: Vec<Selector>,
    /// Whether the sites are drawn, so that it is by chance that one of them matches.
    is_drawn: bool,
    /// The most users that a site may have.
    most_users: f64,
}

impl<'a> Rules<'a> {
    fn new(whole: &'a Whole<'a>, resolver: &mut Resolver<'_>) -> Self {
        let sites = &whole.spec.estate.sites;
        let words = whole.scenario.estate.vocabulary();
        let written: Vec<&TierRuleSpec> = sites.tiers.iter().map(|it| &it.value).collect();
        let mut when = |rule: &&TierRuleSpec| {
            let when = rule.when.as_ref();
            when.map_or_else(Selector::default, |it| selector::resolve(it, &words, resolver))
        };
        let when: Vec<Selector> = written.iter().map(&mut when).collect();
        let users = sites.users.as_ref().and_then(|it| resolver.distribution(it, Unit::Users));
        let most_users = users.map_or(1.0, |it| it.most());
        Self { whole, written, when, is_drawn: sites.csv.is_none(), most_users }
    }

    fn name(&self, place: usize) -> Option<&'a str> {
        self.written[place].tier.as_ref().map(|it| it.value.as_str())
    }

    /// The first rule that takes every site.
    fn takes_all(&self) -> Option<usize> {
        self.when.iter().position(|it| *it == Selector::default())
    }

    /// Whether a site may have its tier by a rule.
    fn is_reached(&self, place: usize) -> bool {
        if self.takes_all().is_some_and(|first| first < place) {
            return false;
        }
        let is_possible = f64::from(self.when[place].min_users) <= self.most_users;
        let by_this = |it: &Site| self.place_of(it) == Some(place);
        (self.is_drawn && is_possible) || self.whole.scenario.estate.sites.iter().any(by_this)
    }

    /// The rule by which a site has its tier: the first that it matches; where it matches none, the
    /// first of the tier that is listed last.
    fn place_of(&self, site: &Site) -> Option<usize> {
        let last = self.whole.scenario.estate.tiers.iter().next_back().map(String::as_str);
        let matched = self.when.iter().position(|it| it.fits(site));
        matched.or_else(|| (0..self.written.len()).find(|it| self.name(*it) == last))
    }

    /// Whether a table of sites names the tier of a rule, which makes it known.
    fn is_named_in_table(&self, place: usize) -> bool {
        let is_first = (0..place).all(|it| self.name(it) != self.name(place));
        !self.is_drawn && is_first && self.name(place).is_some_and(|it| self.is_had(it))
    }

    /// Whether some site is of a tier.
    fn is_had(&self, tier: &str) -> bool {
        let estate = &self.whole.scenario.estate;
        estate.sites.iter().any(|it| estate.tiers[it.tier] == tier)
    }

    fn warn(&self, resolver: &mut Resolver<'_>) {
        let rules = self.whole.spec.estate.sites.tiers.iter().enumerate();
        for (place, rule) in rules {
            if self.is_reached(place) || self.is_named_in_table(place) {
                continue;
            }
            match self.takes_all().filter(|first| *first < place) {
                Some(first) => {
                    let all = self.whole.spec.estate.sites.tiers[first].span;
                    resolver
                        .no_effect(rule.span, "a rule further up takes every site that comes here")
                        .related(all, "this one has no `when`")
                        .help("put the rule for all the rest last");
                }
                None => {
                    resolver
                        .no_effect(rule.span, "no site has its tier by this rule")
                        .help("widen its `when`, or take it out");
                }
            }
        }
    }

    /// An objective of a tier of which no site is deleted, not even by chance, is one of nothing.
    fn warn_of_objectives(&self, resolver: &mut Resolver<'_>) {
        let scenario = self.whole.scenario;
        let tiers = self.whole.spec.policy.iter().flat_map(|it| &it.tiers);
        for (name, _) in tiers {
            let is_possible = |place: usize| {
                self.name(place) == Some(name.value.as_str()) && self.is_reached(place)
            };
            let by_chance = self.is_drawn && (0..self.written.len()).any(is_possible);
            let is_meant = |site: &Site| scenario.estate.tiers[site.tier] == name.value;
            let mut deleted = scenario.incident.deleted.iter();
            if !by_chance && !deleted.any(|it| is_meant(&scenario.estate.sites[it.site])) {
                let told = scenario.incident.kind.tell("no deleted site is of this tier");
                resolver
                    .no_effect(name.span, told)
                    .help("take it out, or look at `estate.sites.tiers`");
            }
        }
    }
}
