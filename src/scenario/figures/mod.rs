//! The catalogue of figures: every number that a report, a comparison, a baseline, a budget or an
//! observation may be about, with its one name, its definition, its unit, and which way is better.
//!
//! `table` has a row for each; `measure/figures.rs` says how each is read from an outcome.
//! Whatever shows, compares, keeps or judges figures goes through the rows, so that a new figure is
//! a row there and an arm here, and appears everywhere. No name follows what kind of incident the
//! scenario has.

mod ground;
mod reading;
mod select;
mod table;

use crate::ids::{RunbookId, StepId};
use crate::scenario::Scenario;

pub(crate) use ground::Grounds;
pub use reading::{Reading, Readings, apart};
pub(crate) use select::{figure_named, subject};
pub use table::{FIGURES, Figure};

/// What the catalogue says of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Definition {
    /// Which figure.
    pub figure: Figure,
    /// Its name in scenarios, in JSON and, with its unit, in CSV files.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it is, in sentences.
    pub meaning: &'static str,
    /// What kind of number it is.
    pub kind: Kind,
    /// Of what there is one.
    pub scope: Scope,
    /// Which way is better.
    pub better: Better,
    /// What counts once in it.
    pub weight: Weight,
    /// What has to be named with it.
    pub parameter: Option<Parameter>,
    /// What a scenario needs to have it.
    pub needs: Needs,
    /// What is told of the exercises, of a figure that each of them has.
    pub over: Over,
    /// What is told of them besides, under the figure's name with a dot and the statistic's.
    pub also: &'static [Over],
    /// Where the table for people has it.
    pub listed: Listed,
    /// Whether the table for people compares strategies by it.
    pub compared: bool,
    /// What a baseline does with it.
    pub baseline: Kept,
    /// Names that it had before. They are read, with a warning, and never written.
    pub old_names: &'static [&'static str],
}

/// What kind of number a figure is, which says in what unit it is read, written and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instant, in milliseconds since T+0; it may never come.
    Instant,
    /// A length of time, in milliseconds; it may never end.
    Length,
    /// Data lost, as a length of time in milliseconds; never where the site is not back.
    Loss,
    /// Hours of people, sites or users, summed up; kept in milliseconds.
    Hours,
    /// A number of things.
    Count,
    /// A number between 0 and 1.
    Share,
    /// Money, in the currency of the scenario.
    Money,
}

impl Kind {
    /// Whether it is a time, which may never come.
    #[must_use]
    pub fn is_time(self) -> bool {
        matches!(self, Self::Instant | Self::Length | Self::Loss)
    }

    /// The unit, for people.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Instant => "time since T+0",
            Self::Length => "length of time",
            Self::Loss => "length of time of lost data",
            Self::Hours => "hours",
            Self::Count => "number",
            Self::Share => "share",
            Self::Money => "money",
        }
    }
}

/// Of what there is one figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every deleted site of every exercise has one.
    Site,
    /// Every exercise has one.
    Exercise,
    /// All exercises together have one.
    Pooled,
}

/// Which way a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less of it.
    Less,
    /// More of it.
    More,
    /// Neither: it tells how large the incident was.
    Neither,
}

/// What counts once in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Every site.
    Site,
    /// Every user of a site.
    User,
    /// Every customer, by the worst of their sites.
    Customer,
    /// Nothing of the kind: it is about the work.
    Nothing,
}

/// What has to be named with a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A step of a runbook: `restore.load`.
    Step,
}

impl Parameter {
    /// Its key in a selection.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Step => "step",
        }
    }
}

/// What a scenario or a strategy needs to have a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A recovery time objective.
    Rto,
    /// A step that says to which moment data comes back.
    RestorePoint,
    /// A recovery point objective, and a step that says to which moment data comes back.
    Rpo,
    /// A team with a price.
    Price,
    /// A public milestone, or a step that reaches customers.
    Word,
    /// A step that reaches customers.
    Outreach,
    /// A step that others take over where it fails too often.
    Escalation,
}

/// What is told of the exercises, each of which has the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The median of them.
    Median,
    /// What nine of ten stay below.
    P90,
    /// The mean of them; of a time none where it never comes in one of them.
    Mean,
}

impl Over {
    /// What stands behind the figure's name, where it is not the first that is told.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Median => "p50",
            Self::P90 => "p90",
            Self::Mean => "mean",
        }
    }
}

/// Where the table for people has a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Always.
    Always,
    /// Where it differs between strategies or exercises how much is deleted.
    WhereDeletionVaries,
    /// Where a guardrail may spare sites.
    WhereSpared,
    /// Where it is above none in some exercise.
    WhereAny,
    /// Where a deleted site is not back in some exercise.
    WhereSomeAreNotBack,
    /// Where a site comes back with data older than its objective allows in some exercise.
    WhereOldData,
    /// Nowhere: the files have it.
    Nowhere,
}

/// What a baseline does with a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A check fails where it got worse.
    Judged,
    /// A check says how it has moved.
    Told,
    /// The files say so.
    Quietly,
}

impl Figure {
    /// What the catalogue says of it.
    #[must_use]
    pub fn definition(self) -> &'static Definition {
        &FIGURES[self as usize]
    }

    /// Its name.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.definition().id
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.definition().title
    }

    /// What kind of number it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        self.definition().kind
    }

    /// Of what there is one.
    #[must_use]
    pub fn scope(self) -> Scope {
        self.definition().scope
    }

    /// Its name as the head of a column: with `_` for dots, and `_h` behind a time, which is in
    /// hours there.
    #[must_use]
    pub fn column(self) -> String {
        let unit = if self.kind().is_time() { "_h" } else { "" };
        format!("{}{unit}", self.id().replace('.', "_"))
    }

    /// The figure with this name, which it has or had.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is = |it: &&Definition| it.id == name;
        let was = |it: &&Definition| it.old_names.contains(&name);
        let found = FIGURES.iter().find(is).or_else(|| FIGURES.iter().find(was));
        found.map(|it| it.figure)
    }

    /// The figures that every exercise has once, but for those that something has to be named with.
    pub fn of_exercises() -> impl Iterator<Item = Self> {
        let each = FIGURES.iter().filter(|it| it.scope == Scope::Exercise);
        each.filter(|it| it.parameter.is_none()).map(|it| it.figure)
    }
}

impl From<Figure> for &'static str {
    fn from(figure: Figure) -> Self {
        figure.id()
    }
}

impl TryFrom<String> for Figure {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| format!("there is no figure `{name}`"))
    }
}

/// What a figure is asked of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The whole exercise.
    #[default]
    Whole,
    /// A step of a runbook, under whichever tracks have it.
    Step(RunbookId, StepId),
}

/// A figure with what it is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FigureOf {
    /// The figure.
    pub figure: Figure,
    /// Of what.
    pub of: Subject,
}

impl From<Figure> for FigureOf {
    fn from(figure: Figure) -> Self {
        Self { figure, of: Subject::Whole }
    }
}

impl FigureOf {
    /// The figure's name, with what it is asked of: `step_last_end{step=restore.load}`.
    #[must_use]
    pub fn name(self, scenario: &Scenario) -> String {
        format!("{}{}", self.figure.id(), self.condition(scenario))
    }

    /// The head of its column: `step_last_end_h{step=restore.load}`.
    #[must_use]
    pub fn column(self, scenario: &Scenario) -> String {
        format!("{}{}", self.figure.column(), self.condition(scenario))
    }

    /// What people call it.
    #[must_use]
    pub fn title(self, scenario: &Scenario) -> String {
        let title = scenario.incident.kind.tell(self.figure.title());
        match self.of {
            Subject::Whole => title,
            Subject::Step(..) => format!("{title} {}", self.subject(scenario)),
        }
    }

    fn condition(self, scenario: &Scenario) -> String {
        let key = self.figure.definition().parameter.map(Parameter::key);
        key.map_or_else(String::new, |key| format!("{{{key}={}}}", self.subject(scenario)))
    }

    fn subject(self, scenario: &Scenario) -> String {
        match self.of {
            Subject::Whole => String::new(),
            Subject::Step(runbook, step) => {
                let runbook = &scenario.runbooks[runbook];
                format!("{}.{}", runbook.name, runbook.steps[step].id)
            }
        }
    }
}

/// The figure in a name that [`FigureOf::name`] has made.
#[must_use]
pub fn figure_in(name: &str) -> Option<Figure> {
    Figure::named(name.split('{').next().unwrap_or_default())
}

impl Scenario {
    /// The figures that every exercise has once: those of the catalogue, and, of those that
    /// something has to be named with, what budgets and observations name.
    #[must_use]
    pub fn exercise_figures(&self) -> Vec<FigureOf> {
        let mut all: Vec<FigureOf> = Figure::of_exercises().map(FigureOf::from).collect();
        let budgets = self.budgets.iter().map(|it| it.metric);
        let observed = self.observed.iter().flat_map(|it| &it.observations);
        let observed = observed.filter_map(|it| it.figure.of_catalogue());
        for it in budgets.chain(observed).filter(|it| it.figure.scope() == Scope::Exercise) {
            if !all.contains(&it) {
                all.push(it);
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_has_its_row() {
        for (place, it) in FIGURES.iter().enumerate() {
            assert_eq!(it.figure as usize, place, "the row of `{}` stands elsewhere", it.id);
            assert_eq!(it.figure.definition().id, it.id);
        }
    }

    #[test]
    fn no_name_is_that_of_two_figures() {
        let mut seen = BTreeSet::new();
        for it in &FIGURES {
            for name in std::iter::once(&it.id).chain(it.old_names) {
                assert!(seen.insert(*name), "`{name}` is the name of two figures");
            }
        }
    }

    #[test]
    fn a_row_says_what_it_is() {
        for it in &FIGURES {
            assert!(it.meaning.ends_with('.') && it.meaning.len() > 20, "{}", it.id);
            assert!(!it.title.is_empty() && !it.title.ends_with('.'), "{}", it.id);
            let hours = it.id.contains("hours");
            assert_eq!(hours, it.kind == Kind::Hours, "`{}`: hours are in the name", it.id);
        }
    }

    #[test]
    fn a_column_has_the_name_and_the_unit() {
        assert_eq!(Figure::LastSiteBack.column(), "last_site_back_h");
        assert_eq!(Figure::RtaP95.column(), "exercise_rta_p95_h");
        assert_eq!(Figure::SiteHoursLost.column(), "site_hours_lost");
        assert_eq!(figure_in("step_last_end{step=a.b}"), Figure::named("step_last_end"));
    }
}
