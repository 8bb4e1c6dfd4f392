//! `[runbooks]`: procedures and their steps.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Code, Span};
use crate::dist::Distribution;
use crate::ids::{Id, IdVec, ServiceId, StepId, TeamId};
use crate::scenario::read::failure::stand_ins;
use crate::scenario::read::graph::order_or_circle;
use crate::scenario::read::resolver::{Resolver, Unit, choice};
use crate::scenario::read::step::{StepReader, demand};
use crate::scenario::read::symbols::Symbols;
use crate::scenario::read::{automation, loads, transfer};
use crate::scenario::runbook::{Expansion, Growth, Learning, Runbook, Step, Uncertainty};
use crate::spec::{
    Address, ForEachSpec, GrowthSpec, LearningSpec, Located, Per, RunbookSpec, ServiceClass,
    StepSpec, UncertaintySpec,
};
use crate::units::Share;

const LARGEST_CV: f64 = 10.0;

pub(crate) fn resolve_uncertainty(
    spec: Option<&Located<UncertaintySpec>>,
    resolver: &mut Resolver<'_>,
) -> Uncertainty {
    let Some(spec) = spec else { return Uncertainty::default() };
    let mut cv =
        |it: &Option<Located<f64>>| resolver.number_or(it, 0.0, 0.0..=LARGEST_CV, "coefficient");
    Uncertainty { site: cv(&spec.site), step: cv(&spec.step), team: cv(&spec.team) }
}

pub(crate) fn resolve(
    name: &Located<String>,
    spec: &Located<RunbookSpec>,
    symbols: &Symbols<'_>,
    resolver: &mut Resolver<'_>,
) -> Runbook {
    if spec.steps.is_empty() && !resolver.parsed.was_cut(spec.span, "steps") {
        resolver
            .error(Code::MissingKey, spec.span, format!("runbook `{}` has no step", name.value))
            .help(format!(
                "add a table `[[{}]]`",
                Address::of(&["runbooks", &name.value, "steps"])
            ));
    }
    let names = step_names(spec, resolver);
    let places = places(&names);
    let stand_ins = stand_ins(spec, &places);
    let reader = StepReader { spec, names, places, stand_ins, symbols };
    let mut steps: IdVec<StepId, Step> =
        (0..spec.steps.len()).map(|index| reader.step(index, resolver)).collect();
    loads::settle(spec, &mut steps, resolver);
    reader.settle_points(&mut steps, resolver);
    if let Some(order) = reader.check_order(&steps, resolver) {
        reader.check_failures(&steps, &order, resolver);
        reader.check_escalations(&steps, resolver);
        reader.check_holds(&steps, resolver);
        let supporting = spec.supporting.as_ref().is_some_and(|it| it.value);
        reader.mark_hand_over(&mut steps, supporting, resolver);
        reader.warn_of_early_hand_over(&steps, resolver);
        reader.mark_frees_slot(&mut steps, &order);
    }
    Runbook {
        name: name.value.clone(),
        title: spec.title.as_ref().unwrap_or(name).value.clone(),
        steps,
    }
}

/// The name of every step; an unnamed one gets a name that nothing refers to.
fn step_names(spec: &Located<RunbookSpec>, resolver: &mut Resolver<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut firsts: BTreeMap<String, usize> = BTreeMap::new();
    for (index, step) in spec.steps.iter().enumerate() {
        let id =
            resolver.required(&step.id, step.span, "id", "name the step, such as `id = \"load\"`");
        let name = match id {
            None => format!("step {}", index + 1),
            Some(id) => {
                if let Some(first) = firsts.get(&id.value).copied() {
                    let place = spec.steps[first].id.as_ref().map_or(id.span, |it| it.span);
                    resolver
                        .error(
                            Code::DuplicateName,
                            id.span,
                            format!("two steps of this runbook are called `{}`", id.value),
                        )
                        .related(place, "the first one");
                }
                if id.value.contains(['.', '/']) {
                    let message = format!("`{}` has a dot or a slash in it", id.value);
                    resolver
                        .error(Code::OutOfRange, id.span, message)
                        .help("`track.step` and `step/service` are how steps are referred to");
                }
                id.value.clone()
            }
        };
        firsts.entry(name.clone()).or_insert(index);
        names.push(name);
    }
    names
}

/// The first step of each name.
fn places(names: &[String]) -> BTreeMap<String, StepId> {
    let mut places = BTreeMap::new();
    for (index, name) in names.iter().enumerate() {
        places.entry(name.clone()).or_insert_with(|| StepId::new(index));
    }
    places
}

fn reaches_customer(spec: Option<&Located<bool>>, per: Per, resolver: &mut Resolver<'_>) -> bool {
    let Some(spec) = spec.filter(|it| it.value) else { return false };
    if per == Per::Once {
        let message = "a `once` step is done for no site, so it reaches no customer";
        resolver
            .error(Code::ConflictingKeys, spec.span, message)
            .help("write `per = \"site\"`, or a milestone with `public = true` for a word to all");
    }
    true
}

fn growth(spec: Option<&Located<GrowthSpec>>, per: Per, resolver: &mut Resolver<'_>) -> Growth {
    let Some(spec) = spec else { return Growth::default() };
    if per == Per::Once {
        let message = "a `once` step has no site to grow with";
        resolver.error(Code::ConflictingKeys, spec.span, message).help("leave out `grows_with`");
    }
    if let (Per::Shard, Some(users)) = (per, &spec.users) {
        let message = "a load grows with the bytes of its shard, not with users";
        resolver.error(Code::ConflictingKeys, users.span, message).help("write `{ bytes = 0.5 }`");
    }
    let mut exponent = |it| resolver.number_or(it, 0.0, -3.0..=3.0, "exponent");
    Growth { users: exponent(&spec.users), bytes: exponent(&spec.bytes) }
}

fn learning(spec: &Located<LearningSpec>, resolver: &mut Resolver<'_>) -> Learning {
    let rate = resolver.required(&spec.rate, spec.span, "rate", "add `rate = \"90%\"`");
    let rate = rate.and_then(|it| {
        let share = resolver.share(it)?;
        if share.fraction() < 0.1 {
            below_a_tenth(it.span, resolver);
        }
        Some(share)
    });
    Learning { rate: rate.unwrap_or(Share::ALL), floor: resolver.share_or(&spec.floor, 0.0) }
}

fn below_a_tenth(span: Span, resolver: &mut Resolver<'_>) {
    resolver
        .error(Code::OutOfRange, span, "a doubling that saves over 90% is no learning")
        .help("a rate of \"90%\" means that every doubling of repetitions leaves 90% of the time");
}

impl StepReader<'_> {
    fn step(&self, index: usize, resolver: &mut Resolver<'_>) -> Step {
        let spec = &self.spec.steps[index];
        let id = self.names[index].clone();
        let per = choice(&spec.per);
        let takes_time = spec.transfer.is_some() || resolver.parsed.was_cut(spec.span, "transfer");
        if !takes_time {
            resolver.required(&spec.duration, spec.span, "duration", "add `duration = \"2h\"`");
        }
        let duration = spec.duration.as_ref();
        let duration = duration.and_then(|it| resolver.distribution(it, Unit::Duration));
        let (after, after_elsewhere) = self.after(index, resolver);
        let expansion = self.expansion(spec.for_each.as_ref(), per, resolver);
        if let Some(for_each) = &spec.for_each {
            self.check_used(&expansion, for_each.span, resolver);
        }
        let teams = self.teams(spec, resolver);
        let transfer = transfer::transfer(spec, per, &expansion, self.symbols, resolver);
        let automation = automation::resolve(spec, &teams, &self.symbols.moments, resolver);
        let (holds, holds_until) = self.holds(spec, per, &expansion, resolver);
        Step {
            title: spec.title.as_ref().map_or_else(|| id.clone(), |it| it.value.clone()),
            key: spec.key.as_ref().map_or_else(|| id.clone(), |it| it.value.clone()),
            phase: spec.phase.as_ref().map(|it| it.value.clone()).unwrap_or_default(),
            per,
            when: choice(&spec.when),
            after,
            asks_for: None,
            after_elsewhere,
            limits: self.limits(&spec.uses, &expansion, resolver),
            holds,
            holds_until,
            keep: loads::keep(spec, per, resolver),
            duration: duration.unwrap_or_else(|| {
                Distribution::fixed(1.0).expect("a fixed value is a distribution")
            }),
            transfer,
            growth: growth(spec.grows_with.as_ref(), per, resolver),
            learning: spec.learning.as_ref().map(|it| learning(it, resolver)),
            automation,
            failure: spec.fails.as_ref().and_then(|it| self.failure(it, index, &teams, resolver)),
            stands_in_for: self.stand_ins[index],
            teams,
            restore_point: self.restore_point(spec, per, &expansion, resolver),
            loaded_by: None,
            reaches_customer: reaches_customer(spec.reaches_customer.as_ref(), per, resolver),
            hand_over: spec.hand_over.as_ref().is_some_and(|it| it.value),
            frees_slot: spec.frees_slot.as_ref().is_some_and(|it| it.value),
            expansion,
            id,
        }
    }

    fn after(
        &self,
        index: usize,
        resolver: &mut Resolver<'_>,
    ) -> (Vec<StepId>, Vec<Located<(String, String)>>) {
        let spec = &self.spec.steps[index];
        let sequential = self.spec.sequential.as_ref().is_some_and(|it| it.value);
        let Some(written) = &spec.after else {
            // What takes over from another step is not part of the sequence.
            let in_turn = |index: &usize| self.stand_ins[*index].is_none();
            let waits = sequential && in_turn(&index);
            let before = (0..index).rev().find(in_turn).filter(|_| waits);
            return (before.map(StepId::new).into_iter().collect(), Vec::new());
        };
        let (mut here, mut elsewhere) = (Vec::new(), Vec::new());
        let mut known = BTreeSet::new();
        for name in &written.value {
            if let Some((track, step)) = name.value.split_once('.') {
                elsewhere.push(name.with((track.to_owned(), step.to_owned())));
            } else if let Some(step) = self.find(name, resolver)
                && known.insert(step)
            {
                here.push(step);
            }
        }
        (here, elsewhere)
    }

    fn expansion(
        &self,
        spec: Option<&Located<ForEachSpec>>,
        per: Per,
        resolver: &mut Resolver<'_>,
    ) -> Expansion {
        let Some(spec) = spec else { return Expansion::None };
        if !matches!(per, Per::Site | Per::Shard) {
            let message = "`for_each` expands site steps and shard steps only";
            resolver
                .error(Code::ConflictingKeys, spec.span, message)
                .help("leave out `per`, or leave out `for_each`");
            return Expansion::None;
        }
        let estate = self.symbols.estate;
        match (&spec.service_class, &spec.service, &spec.product) {
            (Some(class), None, None) => {
                let classes = [
                    ("primary", ServiceClass::Primary),
                    ("derived", ServiceClass::Derived),
                    ("platform", ServiceClass::Platform),
                    ("external", ServiceClass::External),
                ];
                let Some((_, wanted)) = classes.iter().find(|(name, _)| *name == class.value)
                else {
                    let message = format!("there is no class of services `{}`", class.value);
                    resolver
                        .error(Code::UnknownChoice, class.span, message)
                        .help_choose(&class.value, classes.iter().map(|(name, _)| *name));
                    return Expansion::None;
                };
                let services = estate.services.enumerate().filter(|(_, it)| it.class == *wanted);
                let services: Vec<ServiceId> = services.map(|(id, _)| id).collect();
                if services.is_empty() {
                    let message = format!("the estate has no {} service", class.value);
                    resolver.error(Code::EmptySelection, class.span, message);
                }
                Expansion::Services(services)
            }
            (None, Some(name), None) if name.value == "*" => {
                if estate.services.is_empty() {
                    resolver.error(Code::EmptySelection, name.span, "the estate has no service");
                }
                Expansion::Services(estate.services.ids().collect())
            }
            (None, Some(name), None) => {
                Expansion::Services(self.symbols.service(name, resolver).into_iter().collect())
            }
            (None, None, Some(name)) if name.value == "*" => {
                if estate.products.is_empty() {
                    resolver.error(Code::EmptySelection, name.span, "the estate has no product");
                }
                Expansion::Products(estate.products.ids().collect())
            }
            (None, None, Some(name)) => {
                let product = estate.vocabulary().product(name, resolver);
                Expansion::Products(product.into_iter().collect())
            }
            _ => {
                resolver
                    .error(Code::ConflictingKeys, spec.span, "`for_each` takes exactly one key")
                    .help("choose from `service_class`, `service` or `product`");
                Expansion::None
            }
        }
    }

    /// Somebody must have what a step is done for, or the step is done for nobody.
    fn check_used(&self, expansion: &Expansion, span: Span, resolver: &mut Resolver<'_>) {
        let Expansion::Services(list) = expansion else { return };
        let products = &self.symbols.estate.products;
        let used = |id: &ServiceId| products.iter().any(|it| it.services.contains(id));
        if !products.is_empty() && !list.is_empty() && !list.iter().any(used) {
            resolver
                .error(
                    Code::EmptySelection,
                    span,
                    "no product uses any of these services, so no site has this step",
                )
                .help("add the service to `services` of a product");
        }
    }

    fn teams(&self, spec: &Located<StepSpec>, resolver: &mut Resolver<'_>) -> Vec<(TeamId, u32)> {
        let mut written: Vec<(&Located<String>, Located<i64>)> = Vec::new();
        match (&spec.team, spec.teams.is_empty()) {
            (Some(team), true) => {
                let one = team.with(1);
                written.push((team, spec.people.clone().unwrap_or(one)));
            }
            (Some(team), false) => {
                resolver
                    .error(
                        Code::ConflictingKeys,
                        team.span,
                        "`team` and `teams` exclude each other",
                    )
                    .help("write `teams = { database = 2, support = 1 }`");
            }
            (None, _) => {
                if let Some(people) = &spec.people
                    && !resolver.parsed.was_cut(spec.span, "team")
                {
                    resolver
                        .error(Code::ConflictingKeys, people.span, "`people` of which team?")
                        .help("add `team = \"...\"`");
                }
                written.extend(spec.teams.iter().map(|(team, people)| (team, people.clone())));
            }
        }
        let mut teams = Vec::new();
        for (name, people) in written {
            let Some(id) = self.symbols.team(name, resolver) else { continue };
            let team = &self.symbols.teams[id];
            let people = demand(&people, team.people.peak(), "team", &team.name, resolver);
            teams.extend(people.map(|people| (id, people)));
        }
        teams
    }

    /// Reports steps that could never start, a circle as the path that closes it; otherwise the steps
    /// in an order in which they can be done.
    fn check_order(
        &self,
        steps: &IdVec<StepId, Step>,
        resolver: &mut Resolver<'_>,
    ) -> Option<Vec<StepId>> {
        let before: Vec<Vec<usize>> =
            steps.iter().map(|it| it.after.iter().map(|step| step.index()).collect()).collect();
        let order = match order_or_circle(&before) {
            Ok(order) => order,
            Err(circle) => {
                let names: Vec<&str> = circle.iter().map(|it| self.names[*it].as_str()).collect();
                let first = &self.spec.steps[circle[0]];
                let place = first.after.as_ref().map_or(first.span, |it| it.span);
                resolver
                    .error(
                        Code::Cycle,
                        place,
                        format!("steps wait for each other in a circle: {}", names.join(" after ")),
                    )
                    .help("take one of them out of `after`");
                return None;
            }
        };
        let mut sound = true;
        for (id, step) in steps.enumerate().filter(|(_, step)| step.per == Per::Once) {
            if let Some(wide) = step.after.iter().find(|it| steps[**it].per != Per::Once) {
                let spec = &self.spec.steps[id.index()];
                let place = spec.after.as_ref().map_or(spec.span, |it| it.span);
                resolver
                    .error(
                        Code::NeverReached,
                        place,
                        format!(
                            "`{}` is done once, before any batch, and waits for `{}`, which is not",
                            step.id, steps[*wide].id
                        ),
                    )
                    .help("a `once` step may only wait for `once` steps");
                sound = false;
            }
        }
        sound.then(|| order.into_iter().map(StepId::new).collect())
    }

    /// By default the steps that nothing follows give the site back.
    fn mark_hand_over(
        &self,
        steps: &mut IdVec<StepId, Step>,
        supporting: bool,
        resolver: &mut Resolver<'_>,
    ) {
        for (id, step) in steps.enumerate().filter(|(_, step)| step.hand_over) {
            let spec = &self.spec.steps[id.index()];
            let place = spec.hand_over.as_ref().map_or(spec.span, |it| it.span);
            if step.per != Per::Site {
                resolver
                    .error(Code::ConflictingKeys, place, "only a site step can give a site back")
                    .help("leave out `per`, or mark another step");
            } else if supporting {
                let message = "a supporting runbook gives no site back";
                resolver
                    .error(Code::ConflictingKeys, place, message)
                    .help("leave out `hand_over`, or `supporting`");
            }
        }
        if supporting || steps.iter().any(|step| step.hand_over) {
            return;
        }
        let followed = followed(steps);
        for id in steps.ids() {
            let apart = steps[id].stands_in_for.is_some();
            if steps[id].per == Per::Site && !apart && !followed.contains(&id) {
                steps[id].hand_over = true;
            }
        }
        if steps.iter().any(|it| it.per != Per::Once) && !steps.iter().any(|it| it.hand_over) {
            resolver
                .error(Code::NeverReached, self.spec.span, "no step gives a site back")
                .help("mark a site step with `hand_over = true`, or the runbook as supporting");
        }
    }

    /// By default the last steps that need a team let the batch free its slot.
    fn mark_frees_slot(&self, steps: &mut IdVec<StepId, Step>, order: &[StepId]) {
        if steps.iter().any(|step| step.frees_slot) {
            return;
        }
        let of_batch = |step: &Step| {
            matches!(step.per, Per::Batch | Per::Site) && step.stands_in_for.is_none()
        };
        // Whether work for a team comes after the step, seen from the end of the order.
        let mut work_follows = vec![false; steps.len()];
        let needs_team = |step: &Step| {
            let load = step.asks_for.map(|load| &steps[load]);
            !step.teams.is_empty() || load.is_some_and(|load| !load.teams.is_empty())
        };
        for id in order.iter().rev() {
            let busy = work_follows[id.index()] || needs_team(&steps[*id]);
            for before in &steps[*id].after {
                work_follows[before.index()] |= busy;
            }
        }
        let last = |step: &Step, follows: bool| of_batch(step) && needs_team(step) && !follows;
        let frees: Vec<bool> =
            steps.enumerate().map(|(id, it)| last(it, work_follows[id.index()])).collect();
        for (step, frees) in steps.as_mut_slice().iter_mut().zip(frees) {
            step.frees_slot = frees;
        }
        if !steps.iter().any(|step| step.frees_slot) {
            // Nobody works on sites at all: the slot is free when the site is back.
            let followed = followed(steps);
            for id in steps.ids() {
                steps[id].frees_slot = of_batch(&steps[id]) && !followed.contains(&id);
            }
        }
    }
}

/// The steps that others wait for.
fn followed(steps: &IdVec<StepId, Step>) -> BTreeSet<StepId> {
    steps.iter().flat_map(|it| it.after.iter().copied()).collect()
}
