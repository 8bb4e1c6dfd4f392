//! The report for the terminal: the verdict first, then the numbers behind it.

use tabled::builder::Builder;

use crate::report::run::bottlenecks::rows;
use crate::report::run::sentences::heading;
use crate::report::run::view::{
    AgainstView, BottlenecksView, JudgementView, LeverView, MilestoneView, StrategyView, View,
};
use crate::report::table::{Look, drawn};
use crate::report::words::{count, plain};
use crate::verdict::Verdict;

/// The report for the terminal, ending with a line end.
#[must_use]
pub fn text(view: &View, look: Look) -> String {
    let mut out = Vec::new();
    out.extend(verdicts(view));
    out.push(story(view));
    for strategy in &view.strategies {
        out.push(strategy_table(strategy, look));
        if !strategy.tracks.is_empty() {
            out.push(track_table(strategy, look));
        }
        if !strategy.groups.is_empty() {
            out.push(group_table(strategy, look));
        }
        if !strategy.teams.is_empty() {
            out.push(team_table(strategy, look));
        }
        out.extend(strategy.bottlenecks.as_ref().map(|it| bottlenecks_table(it, look)));
        out.extend(strategy.levers.as_ref().map(|it| lever_table(strategy, it, look)));
        if !strategy.injects.is_empty() {
            out.push(injects(strategy));
        }
    }
    let against: Vec<&str> = against(view).map(|it| it.sentence.as_str()).collect();
    if !against.is_empty() {
        out.push(against.join("\n"));
    }
    out.push(notes(view));
    out.push(format!("Reproduce with: {}", plain(&view.reproduce)));
    let whole = out.join("\n\n") + "\n";
    whole.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A paragraph for each verdict; an objective of which the verdict is another than the whole has a
/// line of its own.
fn verdicts(view: &View) -> Vec<String> {
    let each = view.strategies.iter().filter_map(|it| Some((it, it.verdict.as_ref()?)));
    let paragraphs: Vec<String> = each
        .map(|(strategy, verdict)| {
            let mut lines = vec![verdict.sentence.clone()];
            let parts = [&verdict.rto, &verdict.rpo].into_iter().flatten();
            let differs = |it: &JudgementView| it.verdict != verdict.policy.verdict;
            // Of a policy of which a part is not judged, the sentence says nothing of the others.
            let is_open = verdict.rpo_not_judged.is_some() && !has_missed(&verdict.policy);
            let others = parts.filter(|it| differs(it) || is_open).map(|it| &it.sentence);
            // That it is not judged stands in the sentence of a policy that is open for that.
            let not_judged = verdict.rpo_not_judged.as_ref().filter(|_| !is_open);
            let more = others.chain(not_judged).chain(&strategy.old_data);
            lines.extend(more.map(|it| format!("  {it}")));
            lines.join("\n")
        })
        .collect();
    if paragraphs.is_empty() {
        let nothing = "Nothing was judged: no deleted site has an objective.";
        return vec![view.incident.kind.tell(nothing)];
    }
    paragraphs
}

fn has_missed(judgement: &JudgementView) -> bool {
    judgement.verdict == Verdict::Missed
}

fn story(view: &View) -> String {
    let policy = view.policy.as_ref().map(|it| it.sentence.clone());
    let exercises = format!(
        "{} simulated {} of each strategy, seed {}, stopped {} after the first {}.",
        count(view.experiment.replications),
        if view.experiment.replications == 1 { "exercise" } else { "exercises" },
        view.experiment.seed,
        crate::report::words::exact(crate::units::SimDuration::from_seconds(
            view.experiment.horizon_s
        )),
        view.incident.kind.words().event,
    );
    let head = heading(&view.scenario.name, &view.scenario.title);
    let mut lines = vec![head, view.incident.sentence.clone()];
    let mut milestones: Vec<&MilestoneView> = view.incident.milestones.iter().collect();
    // What is never reached stands last.
    let instant = |it: &MilestoneView| it.reached.value.unwrap_or(f64::INFINITY);
    milestones.sort_by(|a, b| instant(a).total_cmp(&instant(b)));
    let milestones: Vec<String> =
        milestones.iter().map(|it| format!("{} {}", plain(&it.name), it.row.value)).collect();
    if !milestones.is_empty() {
        lines.push(format!("Milestones, median: {}.", milestones.join(", ")));
    }
    lines.extend(policy);
    lines.push(exercises);
    lines.join("\n")
}

fn strategy_table(strategy: &StrategyView, look: Look) -> String {
    let mut table = Builder::default();
    table.push_record(["", "value", "95% interval", "in 9 of 10 exercises"]);
    for row in &strategy.rows {
        table.push_record([&row.label, &row.value, &row.interval, &row.spread]);
    }
    let mut lines = vec![heading(&strategy.name, &strategy.title), drawn(table, look)];
    lines.extend(strategy.data_loss_unknown.clone());
    lines.join("\n")
}

fn track_table(strategy: &StrategyView, look: Look) -> String {
    let mut table = Builder::default();
    table.push_record(["gave back", "sites", "of users", "first", "last"]);
    for track in &strategy.tracks {
        let texts = track.texts.iter().cloned();
        table.push_record(std::iter::once(plain(&track.name)).chain(texts));
    }
    drawn(table, look)
}

/// Recovery times by tier, region or product.
fn group_table(strategy: &StrategyView, look: Look) -> String {
    let mut table = Builder::default();
    let by = strategy.groups.first().map_or("", |it| it.by.as_str());
    let heads = ["sites", "RTA p50", "RTA p95", "95% interval", "within RTO", "assurance"];
    table.push_record(std::iter::once(by).chain(heads));
    for group in &strategy.groups {
        let texts = group.texts.iter().cloned();
        table.push_record(std::iter::once(plain(&group.name)).chain(texts));
    }
    drawn(table, look)
}

fn team_table(strategy: &StrategyView, look: Look) -> String {
    let mut table = Builder::default();
    let priced = strategy.teams.iter().any(|it| it.cost.is_some());
    // A column that says nothing of any team is left out.
    let overtime = strategy.teams.iter().any(|team| team.overtime.value.is_some_and(|it| it > 0.0));
    let columns =
        [("person-hours", true), ("busy", true), ("overtime", overtime), ("cost", priced)];
    let shown = || columns.iter().enumerate().filter(|(_, (_, shown))| *shown);
    let heads = shown().map(|(_, (head, _))| *head);
    table.push_record(std::iter::once("team").chain(heads));
    for team in &strategy.teams {
        let texts = shown().map(|(place, _)| team.texts[place].clone());
        table.push_record(std::iter::once(plain(&team.name)).chain(texts));
    }
    drawn(table, look)
}

fn bottlenecks_table(bottlenecks: &BottlenecksView, look: Look) -> String {
    let mut table = Builder::default();
    table.push_record(["", "time", "share", "95% interval", "of all sites"]);
    for row in rows(bottlenecks) {
        table.push_record(row);
    }
    let mut lines = vec![
        bottlenecks.sentence.clone(),
        drawn(table, look),
        bottlenecks.by_people.clone(),
        bottlenecks.waited_for.clone(),
    ];
    lines.retain(|it| !it.is_empty());
    lines.join("\n")
}

fn lever_table(strategy: &StrategyView, levers: &[LeverView], look: Look) -> String {
    let mut table = Builder::default();
    let heads = ["lever", "95% back", "95% interval", "busy", "of waiting", "of the way"];
    table.push_record(heads);
    for lever in levers {
        table.push_record(std::iter::once(&lever.label).chain(&lever.texts));
    }
    let n = levers.first().map_or(0, |it| it.rta_p95.n + it.rta_p95.never);
    let which = match strategy.only_likeliest_levers {
        true => "the likeliest levers, each alone (`--levers` simulates all)",
        false => "each lever alone",
    };
    format!(
        "What would help {}: {which}, in {} exercises with the same random numbers\n{}",
        plain(&strategy.name),
        count(n),
        drawn(table, look)
    )
}

/// What was thrown in, an inject a line.
fn injects(strategy: &StrategyView) -> String {
    let head = format!(
        "What was thrown in under {}, and what each cost: the same exercises with it against those \
         without it alone",
        plain(&strategy.name)
    );
    let lines = strategy.injects.iter().map(|it| format!("  {}", it.sentence));
    std::iter::once(head).chain(lines).collect::<Vec<String>>().join("\n")
}

/// How the later strategies lie from the first.
fn against(view: &View) -> impl Iterator<Item = &AgainstView> {
    view.strategies.iter().filter_map(|it| it.against.as_ref())
}

fn notes(view: &View) -> String {
    let counted = view.incident.kind.tell(
        "T+ counts from the first deletion. Times are medians over exercises unless their row says \
         otherwise, other figures are means.",
    );
    let mut notes = vec![counted.as_str()];
    if against(view).next().is_some() {
        notes.push(
            "One strategy against another is the mean difference between the same exercises, \
             which have their random numbers in common; a site that never comes back counts until \
             the exercise stops.",
        );
    }
    notes.extend([view.caveat.as_str(), &view.assumptions.sentence]);
    notes.join("\n")
}
