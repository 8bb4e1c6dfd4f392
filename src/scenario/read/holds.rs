//! `holds` and `holds_until` of steps, and why nobody waits for ever.

use crate::diagnostics::Code;
use crate::ids::{Id, IdVec, LimitId, RunbookId, StepId};
use crate::scenario::failure::Escalation;
use crate::scenario::holds::Holds;
use crate::scenario::read::resolver::Resolver;
use crate::scenario::read::step::{StepReader, is_before};
use crate::scenario::runbook::{Expansion, Runbook, Step};
use crate::scenario::team::Limit;
use crate::spec::{Located, Named, Per, RunbookSpec, StepSpec};

impl StepReader<'_> {
    /// What a step keeps, and until when.
    pub(crate) fn holds(
        &self,
        spec: &Located<StepSpec>,
        per: Per,
        expansion: &Expansion,
        resolver: &mut Resolver<'_>,
    ) -> Holds {
        let Some(written) = &spec.holds else { return (Vec::new(), None) };
        let holds = self.limits(&written.units, expansion, resolver);
        if written.units.is_empty() && !resolver.parsed.cut_any(&["holds"]) {
            resolver
                .error(Code::MissingKey, written.span, "`holds` names no limit")
                .help("write `holds = { scratch-databases = 1, until = \"extract\" }`");
        }
        match (&written.until, per) {
            (None, Per::Shard) => (holds, None),
            (Some(until), Per::Shard) => {
                let message = "a load keeps what it holds until nobody needs it any more";
                resolver
                    .error(Code::ConflictingKeys, until.span, message)
                    .help("leave out `until`");
                (holds, None)
            }
            (Some(until), _) => (holds, self.find(until, resolver)),
            (None, _) => {
                if !resolver.parsed.was_cut(written.span, "until") {
                    resolver.error(Code::MissingKey, written.span, "`until` is missing").help(
                        "name the later step whose end gives it back; `uses` ends with the step",
                    );
                }
                (holds, None)
            }
        }
    }

    /// What is held must be given back, and by those who took it.
    pub(crate) fn check_holds(&self, steps: &IdVec<StepId, Step>, resolver: &mut Resolver<'_>) {
        for (id, step) in steps.enumerate() {
            self.check_takers(id, step, resolver);
            let Some(until) = step.holds_until else { continue };
            if steps[until].per != step.per || !is_before(steps, id, until, |_| true) {
                let place = self.spec.steps[id.index()].holds.as_ref();
                let place = place.expect("a step that holds something says so");
                let span = place.until.as_ref().map_or(place.span, |it| it.span);
                let message =
                    format!("`{}` cannot hold anything until `{}`", step.id, steps[until].id);
                resolver
                    .error(Code::NeverReached, span, message)
                    .help("`until` names a step after this one, of the same `per`");
            }
        }
    }
}

impl StepReader<'_> {
    /// A team that takes over would need what the task holds or has on its shard.
    fn check_takers(&self, id: StepId, step: &Step, resolver: &mut Resolver<'_>) {
        let Some(escalation) = step.failure.and_then(|it| it.escalates_to) else { return };
        let limits = &self.symbols.limits;
        let per_shard = step.limits.iter().any(|(limit, _)| limits[*limit].per_shard);
        let to_team = matches!(escalation, Escalation::Team(..));
        let fault = if step.per == Per::Shard {
            "a load does not escalate"
        } else if to_team && (per_shard || !step.holds.is_empty()) {
            "a step that holds something, or counts per shard, does not escalate to a team"
        } else {
            return;
        };
        let spec = &self.spec.steps[id.index()];
        let place = spec.fails.as_ref().and_then(|it| it.escalates_to.as_ref());
        resolver
            .error(Code::ConflictingKeys, place.map_or(spec.span, |it| it.span), fault)
            .help("leave out `escalates_to`, or let the work of another step escalate");
    }
}

/// Refuses what could wait for ever: see the head of this file.
pub(crate) fn check(
    specs: &Named<RunbookSpec>,
    runbooks: &IdVec<RunbookId, Runbook>,
    limits: &IdVec<LimitId, Limit>,
    resolver: &mut Resolver<'_>,
) {
    let mut held: IdVec<LimitId, bool> = limits.iter().map(|_| false).collect();
    for (limit, _) in runbooks.iter().flat_map(|it| it.steps.iter()).flat_map(|it| &it.holds) {
        held[*limit] = true;
    }
    if !held.iter().any(|it| *it) {
        return;
    }
    check_same_loads(specs, runbooks, resolver);
    for ((_, spec), (_, runbook)) in specs.iter().zip(runbooks.enumerate()) {
        let web = Web::new(runbook);
        let sent_from = web.sent_from(&runbook.steps);
        let guard =
            Guard { spec, steps: &runbook.steps, web: &web, sent_from, limits, held: &held };
        for (id, step) in runbook.steps.enumerate().filter(|(_, it)| !it.holds.is_empty()) {
            match step.per {
                Per::Shard => guard.check_load(id, resolver),
                Per::Once | Per::Batch | Per::Site => guard.check_hold(id, resolver),
            }
        }
    }
}

/// Tracks share the loads of one key, so those must take the same, whoever asks first.
fn check_same_loads(
    specs: &Named<RunbookSpec>,
    runbooks: &IdVec<RunbookId, Runbook>,
    resolver: &mut Resolver<'_>,
) {
    let mut known: Vec<(&Step, crate::diagnostics::Span)> = Vec::new();
    for ((_, spec), runbook) in specs.iter().zip(runbooks.iter()) {
        for (id, step) in runbook.steps.enumerate().filter(|(_, it)| it.per == Per::Shard) {
            let span = spec.steps[id.index()].span;
            let Some((first, place)) = known.iter().find(|(it, _)| it.key == step.key) else {
                known.push((step, span));
                continue;
            };
            if sorted(&first.holds) != sorted(&step.holds)
                || sorted(&first.limits) != sorted(&step.limits)
            {
                let message = format!("loads of the key `{}` take different limits", step.key);
                resolver
                    .error(Code::Deadlock, span, message)
                    .related(*place, "the first one")
                    .help("they are one load, whoever asks for it first")
                    .help("write the same `uses` and `holds`, or give one of them another `key`");
            }
        }
    }
}

fn sorted(units: &[(LimitId, u32)]) -> Vec<(LimitId, u32)> {
    let mut units = units.to_vec();
    units.sort_unstable();
    units
}

/// The steps of a runbook, expanded, and what each waits for.
struct Web {
    /// The step and its place among its elements.
    nodes: Vec<(StepId, usize)>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
}

impl Web {
    fn new(runbook: &Runbook) -> Self {
        let width = |step: &Step| match &step.expansion {
            Expansion::None => 1,
            Expansion::Services(list) => list.len(),
            Expansion::Products(list) => list.len(),
        };
        let of_step = |(id, step)| (0..width(step)).map(move |element| (id, element));
        let nodes: Vec<(StepId, usize)> = runbook.steps.enumerate().flat_map(of_step).collect();
        let before = vec![Vec::new(); nodes.len()];
        let mut web = Self { after: before.clone(), before, nodes };
        for (id, step) in runbook.steps.enumerate() {
            for before in &step.after {
                let alike = runbook.steps[*before].expansion == step.expansion;
                for (element, later) in web.of(id).enumerate() {
                    let earlier = web.of(*before);
                    let earlier = match alike {
                        true => earlier.start + element..earlier.start + element + 1,
                        false => earlier,
                    };
                    web.before[later].extend(earlier);
                }
            }
        }
        for (later, before) in web.before.iter().enumerate() {
            before.iter().for_each(|earlier| web.after[*earlier].push(later));
        }
        web
    }

    /// The nodes of a step.
    fn of(&self, id: StepId) -> std::ops::Range<usize> {
        let first = self.nodes.partition_point(|(it, _)| *it < id);
        first..self.nodes.partition_point(|(it, _)| *it <= id)
    }

    /// The nodes that stand for a step where something is said of one node of another.
    fn meant(&self, steps: &IdVec<StepId, Step>, id: StepId, by: usize) -> Vec<usize> {
        let (all, (step, element)) = (self.of(id), self.nodes[by]);
        match steps[id].expansion == steps[step].expansion {
            true => vec![all.start + element],
            false => all.collect(),
        }
    }

    /// For each node those from which the work starts again when it finds a failure.
    fn sent_from(&self, steps: &IdVec<StepId, Step>) -> Vec<Vec<usize>> {
        let mut sent_from: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (failing, (id, _)) in self.nodes.iter().enumerate() {
            let Some(failure) = steps[*id].failure else { continue };
            let mut from = self.meant(steps, failure.retry_from, failing);
            from.push(failing);
            let found_by = failure.found_by.map(|by| self.meant(steps, by, failing));
            let others = found_by.into_iter().flatten().filter(|finder| *finder != failing);
            for finder in others.chain([failing]) {
                sent_from[finder].extend(&from);
            }
        }
        sent_from
    }

    /// The given nodes and all that come before them.
    fn and_before(&self, nodes: &[usize]) -> Vec<bool> {
        reached(nodes, &self.before)
    }

    /// The nodes on any path between the given ones, both ends included.
    fn between(&self, first: &[usize], last: usize) -> Vec<usize> {
        let (before, after) = (self.and_before(&[last]), reached(first, &self.after));
        (0..self.nodes.len()).filter(|node| before[*node] && after[*node]).collect()
    }
}

/// The given nodes and all that is reached from them.
fn reached(nodes: &[usize], next: &[Vec<usize>]) -> Vec<bool> {
    let mut found = vec![false; next.len()];
    let mut open = nodes.to_vec();
    while let Some(node) = open.pop() {
        if !std::mem::replace(&mut found[node], true) {
            open.extend(&next[node]);
        }
    }
    found
}

struct Guard<'a> {
    spec: &'a Located<RunbookSpec>,
    steps: &'a IdVec<StepId, Step>,
    web: &'a Web,
    /// For each node those from which the work starts again when it finds a failure.
    sent_from: Vec<Vec<usize>>,
    limits: &'a IdVec<LimitId, Limit>,
    held: &'a IdVec<LimitId, bool>,
}

/// What a task takes when it starts.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    /// All that it says.
    All,
    /// What it uses, because it still holds what it holds.
    Uses,
}

impl Guard<'_> {
    fn step(&self, node: usize) -> &Step {
        &self.steps[self.web.nodes[node].0]
    }

    /// Whoever holds something between two steps may only take what ranks higher.
    fn check_hold(&self, id: StepId, resolver: &mut Resolver<'_>) {
        let own = &self.steps[id];
        let Some(until) = own.holds_until else { return };
        for node in self.web.of(id) {
            // When it is tried again it has already what it holds. Its load still stands, unless
            // somebody else has sent the work back.
            let load_stands = !(0..self.web.nodes.len()).any(|finder| {
                let again = self.sent_back(finder);
                let itself = finder == node && again.len() == 1;
                !itself && again.iter().any(|(it, _)| *it == node)
            });
            let again = match load_stands {
                true => self.first_conflict(own, own.limits.iter().map(|(limit, _)| *limit)),
                false => self.conflict(own, own, Takes::Uses),
            };
            let again = again.or_else(|| self.conflict_of_stand_in(own));
            if let Some((mine, other)) = again {
                self.refuse_own(id, mine, other, resolver);
                return;
            }
            let ends = self.web.meant(self.steps, until, node);
            for (task, takes) in self.while_held(node, &ends) {
                let step = self.step(task);
                if own.per == Per::Site && step.per == Per::Batch {
                    let why = format!("`{}` waits for other sites, which may want it too", step.id);
                    self.refuse(id, task, &ends, &why, resolver)
                        .help("end the hold before the `batch` step, or begin it after");
                    return;
                }
                if !step.after_elsewhere.is_empty() {
                    let why =
                        format!("`{}` waits for another track, which may want it too", step.id);
                    self.refuse(id, task, &ends, &why, resolver)
                        .help("wait for the other track before the hold begins");
                    return;
                }
                if let Some((mine, other)) = self.conflict(own, step, takes) {
                    let why = self.why(node, task, other);
                    let advice = self.advice(mine, other);
                    let fault = self.refuse(id, task, &ends, &why, resolver).help(advice);
                    if self.is_sent_back(node, task) {
                        fault.help(format!(
                            "if that is refused too, let nothing be sent back further than `{}`, \
                             or end the hold before the step that sends it back",
                            own.id
                        ));
                    }
                    return;
                }
            }
        }
    }

    /// Whoever needs a load may only take what ranks higher than what the load holds.
    fn check_load(&self, id: StepId, resolver: &mut Resolver<'_>) {
        let own = &self.steps[id];
        if let Some((mine, other)) = self.conflict(own, own, Takes::Uses) {
            self.refuse_own(id, mine, other, resolver);
            return;
        }
        for user in self.steps.iter().filter(|it| it.asks_for == Some(id)) {
            // What stands in for it does not need the load.
            let taken = user.limits.iter().chain(&user.holds).map(|(limit, _)| *limit);
            let Some((mine, other)) = self.first_conflict(own, taken) else { continue };
            let message = format!(
                "the load of `{}` holds `{}` as long as `{}` needs it, which takes `{}`",
                own.id, self.limits[mine].name, user.id, self.limits[other].name
            );
            let advice = match mine == other {
                true => format!("the load has it for `{}`, which needs none of its own", user.id),
                false => self.advice(mine, other),
            };
            resolver.error(Code::Deadlock, self.place(id), message).help(advice);
            return;
        }
    }

    /// All that may start while a node holds something, and what of it they take: what must be done
    /// before the ends and is not done yet, and what failures may send back meanwhile.
    fn while_held(&self, node: usize, ends: &[usize]) -> Vec<(usize, Takes)> {
        let done = self.web.and_before(&[node]);
        let needed = self.web.and_before(ends);
        // The `once` steps of a track are done before its batches begin.
        let waits =
            |it: &usize| self.step(node).per == Per::Once || self.step(*it).per != Per::Once;
        let mut found: Vec<(usize, Takes)> = (0..needed.len())
            .filter(|it| needed[*it] && !done[*it])
            .filter(waits)
            .map(|it| (it, Takes::All))
            .collect();
        let mut places: Vec<Option<usize>> = vec![None; done.len()];
        found.iter().enumerate().for_each(|(place, (it, _))| places[*it] = Some(place));
        // Whatever may run meanwhile may fail, also the holder, and what lies beside the way to the
        // end.
        let mut finders: Vec<usize> =
            (0..done.len()).filter(|it| !done[*it] || *it == node).collect();
        let mut next = 0;
        while let Some(finder) = finders.get(next).copied() {
            next += 1;
            for (again, takes) in self.sent_back(finder) {
                if again == node || !needed[again] {
                    continue;
                }
                match places[again] {
                    Some(known) if takes == Takes::All => found[known].1 = Takes::All,
                    Some(_) => {}
                    None => {
                        places[again] = Some(found.len());
                        found.push((again, takes));
                        finders.push(again);
                    }
                }
            }
        }
        found
    }

    /// What is done again when a node fails, and what of it that takes.
    fn sent_back(&self, finder: usize) -> Vec<(usize, Takes)> {
        let from = &self.sent_from[finder];
        if from.is_empty() {
            return Vec::new();
        }
        let alike = |it: &usize| self.step(*it).per == self.step(finder).per;
        let takes = |it: usize| match self.still_holds(it, finder) {
            true => (it, Takes::Uses),
            false => (it, Takes::All),
        };
        self.web.between(from, finder).into_iter().filter(alike).map(takes).collect()
    }

    /// Whether a task that `finder` sends back still has what it holds, because that ends with
    /// `finder` or after it, and nothing has given it back by escalating meanwhile.
    fn still_holds(&self, node: usize, finder: usize) -> bool {
        let Some(until) = self.step(node).holds_until else { return false };
        let escalates =
            |place: usize| self.step(place).failure.is_some_and(|it| it.escalates_to.is_some());
        let ends = self.web.meant(self.steps, until, node);
        ends.iter().any(|end| {
            let on_way = self.web.between(&[node], *end);
            let gives_back = |it: &usize| *it != node && escalates(*it);
            self.web.and_before(&[*end])[finder] && !on_way.into_iter().any(|it| gives_back(&it))
        })
    }

    /// A limit that the holder holds, and one that the taker takes although its rank is not higher.
    fn conflict(&self, holder: &Step, taker: &Step, takes: Takes) -> Option<(LimitId, LimitId)> {
        let load = taker.asks_for.map(|it| &self.steps[it]);
        let of_load = load.into_iter().flat_map(|it| it.limits.iter().chain(&it.holds));
        let own = taker.holds.iter().filter(|_| takes == Takes::All);
        // What is done in its place when it fails too often.
        let stand_in = match taker.failure.and_then(|it| it.escalates_to) {
            Some(Escalation::Step(id)) => self.steps[id].limits.as_slice(),
            _ => &[],
        };
        let taken = taker.limits.iter().chain(own).chain(of_load).chain(stand_in);
        self.first_conflict(holder, taken.map(|(limit, _)| *limit))
    }

    /// What stands in for a step that holds something runs while it does.
    fn conflict_of_stand_in(&self, own: &Step) -> Option<(LimitId, LimitId)> {
        let Some(Escalation::Step(id)) = own.failure.and_then(|it| it.escalates_to) else {
            return None;
        };
        self.first_conflict(own, self.steps[id].limits.iter().map(|(limit, _)| *limit))
    }

    fn first_conflict(
        &self,
        holder: &Step,
        taken: impl Iterator<Item = LimitId>,
    ) -> Option<(LimitId, LimitId)> {
        let highest = holder.holds.iter().map(|(limit, _)| *limit).max()?;
        let other = taken.filter(|it| self.held[*it] && *it <= highest).min()?;
        // The same limit is the clearer story where there is one.
        let same = holder.holds.iter().map(|(limit, _)| *limit).find(|it| *it == other);
        Some((same.unwrap_or(highest), other))
    }

    /// Whether what runs while `holder` holds something comes before it, and so runs again.
    fn is_sent_back(&self, holder: usize, task: usize) -> bool {
        self.web.nodes[holder].0 != self.web.nodes[task].0 && self.web.and_before(&[holder])[task]
    }

    /// What a task takes, and how it comes to take it.
    fn why(&self, holder: usize, task: usize, other: LimitId) -> String {
        let step = self.step(task);
        let when = if self.web.nodes[holder].0 == self.web.nodes[task].0 {
            ", done for something else of the site, takes"
        } else if self.is_sent_back(holder, task) {
            ", sent back meanwhile, takes"
        } else {
            " takes"
        };
        let how = match step.asks_for {
            Some(load) if !takes_itself(step, other) => {
                format!(" through the load of `{}`", self.steps[load].id)
            }
            _ => String::new(),
        };
        format!("`{}`{when} `{}`{how}", step.id, self.limits[other].name)
    }

    fn place(&self, id: StepId) -> crate::diagnostics::Span {
        let spec = &self.spec.steps[id.index()];
        spec.holds.as_ref().map_or(spec.span, |it| it.span)
    }

    fn advice(&self, mine: LimitId, other: LimitId) -> String {
        let (mine, other) = (&self.limits[mine].name, &self.limits[other].name);
        if mine == other {
            format!("take all units of `{mine}` at once where the hold begins, or end it before")
        } else {
            format!("what is taken later stands later: list `{other}` after `{mine}` in `[limits]`")
        }
    }

    fn refuse_own(&self, id: StepId, mine: LimitId, other: LimitId, resolver: &mut Resolver<'_>) {
        let message = format!(
            "`{}` holds `{}` and would take `{}` while it does, when it is tried again",
            self.steps[id].id, self.limits[mine].name, self.limits[other].name
        );
        let advice = self.advice(mine, other);
        resolver.error(Code::Deadlock, self.place(id), message).help(advice);
    }

    fn refuse<'d>(
        &self,
        id: StepId,
        task: usize,
        ends: &[usize],
        why: &str,
        resolver: &'d mut Resolver<'_>,
    ) -> &'d mut crate::diagnostics::Diagnostic {
        let names: Vec<&str> = self.steps[id]
            .holds
            .iter()
            .map(|(limit, _)| self.limits[*limit].name.as_str())
            .collect();
        let own = &self.steps[id].id;
        let last = &self.step(ends[0]).id;
        let between = &self.step(task).id;
        let message = format!("`{own}` holds `{}` until `{last}`, and {why}", names.join("`, `"));
        let mut chain: Vec<&str> = vec![own, between, last];
        chain.dedup();
        let chain = chain.join(", then ");
        let fault = resolver.error(Code::Deadlock, self.place(id), message);
        fault.help(format!("the chain: {chain}"))
    }
}

fn takes_itself(step: &Step, limit: LimitId) -> bool {
    step.limits.iter().chain(&step.holds).any(|(own, _)| *own == limit)
}
