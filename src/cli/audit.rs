//! `blackstart audit`: tells exercises again from their logs, and says which law they break.

use std::io::IsTerminal as _;
use std::path::Path;
use std::sync::OnceLock;

use crate::audit::{self, Auditor, Everywhere};
use crate::experiment::{self, Design, PackedOutcome, Results, StrategyResults};
use crate::ids::StrategyId;
use crate::measure::{self, Measurements, StrategyMetrics, Together};
use crate::report::{self, AuditView, AuditedExercise, AuditedStrategy, Look};
use crate::review;
use crate::scenario::{Figure, Scenario};
use crate::trace::Testimony;

use super::Exit;
use super::args::{AuditArguments, Format, Overrides};
use super::command::{opening, quoted, reproduce};
use super::console::Console;
use super::load::load;
use super::simulating::{on_threads, strategies, work_out};

/// Exercises of each strategy that are audited where nobody says how many.
pub(super) const USUAL: u32 = 100;

pub(super) fn run(arguments: &AuditArguments, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let checked = load(&arguments.scenario, &arguments.overrides, console)?;
    let scenario = checked.scenario.expect("a loaded scenario has no error");
    let whole = Design::of(&scenario);
    let design = Design {
        strategies: strategies(&arguments.strategy, &scenario, console)?,
        replications: arguments.replications.unwrap_or(whole.replications.min(USUAL)),
        seed: arguments.seed.unwrap_or(whole.seed),
        explained: false,
    };
    let slice = arguments.replication.map_or(0..design.replications, |it| it..it + 1);
    let first = u64::from(slice.start);
    let total = slice.len() as u64 * design.strategies.len() as u64;
    let threads = (arguments.jobs, arguments.quiet);
    let results = on_threads(threads.0, threads.1, total, console, |progress| {
        experiment::run_slice(&scenario, &design, slice, &|| progress.one())
    })?;
    let about = About {
        scenario: &scenario,
        path: &arguments.scenario,
        strategies: &arguments.strategy,
        overrides: &arguments.overrides,
    };
    let command = about.command(&design, arguments.replication);
    let measured = work_out(threads.0, console, || measure::measure(&scenario, &results))?;
    let told = Measured { results: &results, measured: &measured, first };
    let view = about.audit(told, &command, threads, console)?;
    tell(&view, arguments.format, console)
}

fn tell(view: &AuditView, format: Format, console: &mut Console<'_>) -> Result<Exit, Exit> {
    let look = if std::io::stdout().is_terminal() { Look::Framed } else { Look::Plain };
    console.print(&match format {
        Format::Text => report::audit_text(view, look),
        Format::Json => report::audit_json(view),
    })?;
    Ok(if view.ok { Exit::Fine } else { Exit::Failure })
}

/// What is audited, as it was named.
pub(super) struct About<'a> {
    pub scenario: &'a Scenario,
    pub path: &'a Path,
    pub strategies: &'a [String],
    pub overrides: &'a Overrides,
}

/// What the program tells of exercises.
#[derive(Clone, Copy)]
struct Measured<'a> {
    results: &'a Results,
    measured: &'a Measurements,
    /// The number of the first.
    first: u64,
}

impl About<'_> {
    /// Audits the first exercises of a run, at most so many, and refuses it where they break a law.
    pub(super) fn check(
        &self,
        results: &Results,
        most: u32,
        threads: (Option<u16>, bool),
        console: &mut Console<'_>,
    ) -> Result<(), Exit> {
        let results = results.first(most);
        let design = Design {
            strategies: results.strategies.iter().map(|it| it.strategy).collect(),
            replications: results.replications,
            seed: results.seed,
            explained: false,
        };
        let command = self.command(&design, None);
        let measure = || measure::measure(self.scenario, &results);
        let measured = work_out(threads.0, console, measure)?;
        let told = Measured { results: &results, measured: &measured, first: 0 };
        let view = self.audit(told, &command, threads, console)?;
        refuse_if_broken(&view, threads.1, console)
    }

    fn audit(
        &self,
        told: Measured<'_>,
        command: &str,
        (jobs, quiet): (Option<u16>, bool),
        console: &mut Console<'_>,
    ) -> Result<AuditView, Exit> {
        let (scenario, results) = (self.scenario, told.results);
        let total = u64::from(results.replications) * results.strategies.len() as u64;
        let audited = on_threads(jobs, quiet, total, console, |progress| {
            audited(scenario, told, &|| progress.one())
        })?;
        let show = |strategy: StrategyId, number: u64| {
            let strategy = &[scenario.strategies[strategy].name.clone()];
            self.about_one("trace", strategy, results.seed, number)
        };
        Ok(report::audit_view(scenario, results, &audited, command, &show))
    }

    /// The command that audits the same again, or one exercise.
    fn command(&self, design: &Design, one: Option<u32>) -> String {
        match one {
            Some(it) => self.about_one("audit", self.strategies, design.seed, it.into()),
            None => reproduce("audit", self.path, self.strategies, self.overrides, design),
        }
    }

    /// A command about one exercise.
    fn about_one(&self, verb: &str, strategies: &[String], seed: u64, number: u64) -> String {
        let mut words = opening(verb, self.path, self.overrides);
        words.extend(strategies.iter().map(|it| format!("--strategy {}", quoted(it))));
        words.push(format!("--seed {seed} --replication {number}"));
        words.join(" ")
    }
}

fn refuse_if_broken(view: &AuditView, quiet: bool, console: &mut Console<'_>) -> Result<(), Exit> {
    if view.ok {
        if !quiet {
            console.say(&format!("audit: {}", view.sentence));
        }
        return Ok(());
    }
    console.say(report::audit_text(view, Look::Plain).trim_end());
    console.error("the exercises break laws that every exercise keeps; no report was written");
    Err(Exit::Failure)
}

/// What the auditor says of exercises.
fn audited(
    scenario: &Scenario,
    Measured { results, measured, first }: Measured<'_>,
    progress: &(dyn Fn() + Sync),
) -> Vec<AuditedStrategy> {
    let everywhere = Everywhere::new(scenario, first..first + u64::from(results.replications));
    let one = |(strategy, metrics): (&StrategyResults, &StrategyMetrics)| {
        let (id, replications) = (strategy.strategy, &metrics.replications[..]);
        // Where all exercises have the same estate, one auditor hears them all.
        let auditor: OnceLock<Auditor<'_>> = OnceLock::new();
        let hear = |own: &Scenario, told: &Testimony| {
            let breaches = match scenario.estate.is_redrawn() {
                true => audit::audit(own, &everywhere, id, told),
                false => auditor
                    .get_or_init(|| Auditor::new(scenario, id, &told.legend))
                    .audit(&everywhere, told),
            };
            progress();
            let (number, records) = (told.replication, told.records.len() as u64);
            AuditedExercise { number, records, breaches }
        };
        let told = (strategy, replications);
        let exercises = review::testify(scenario, results, told, first, hear);
        let together = Together { scenario, results, strategy, replications };
        let claims = together.pooled().into_iter().map(|(figure, it)| (figure, it.value()));
        let claims: Vec<(Figure, f64)> = claims.collect();
        let outcomes = (first, strategy.outcomes.iter().map(PackedOutcome::unpacked));
        let together = audit::pooled(scenario, &everywhere, strategy.strategy, outcomes, &claims);
        AuditedStrategy { strategy: id, exercises, together }
    };
    results.strategies.iter().zip(&measured.strategies).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{FigureOf, Reading, check};

    const TEXT: &str = r#"
        schema = 1
        title = "test"
        [estate.sites]
        count = 4
        [[incident.deletions]]
        [teams.ops]
        people = 1
        [[runbooks.restore.steps]]
        id = "restore"
        team = "ops"
        duration = "3h"
        [strategies."by hand"]
        tracks = [{ runbook = "restore" }]
    "#;

    const BROKEN: &str = "\
3 exercises of 1 strategy told again from the log: 1 breach of a law, in 1 of them

 strategy | exercises | things in their logs | breaches of laws
----------+-----------+----------------------+------------------
 by hand  |         3 |                   78 |        figures 1

by hand
  exercise 2: blackstart trace 'a folder/test.toml' --strategy 'by hand' --seed 1 --replication 2
    figures: `last_site_back` is told as T+12h 1ms and comes to T+12h

figures: figures are what their definition says

reproduce: blackstart audit 'a folder/test.toml' --seed 1 --replications 3
";

    /// Without the blanks at the ends of lines.
    fn trimmed(bytes: Vec<u8>) -> String {
        let text = String::from_utf8(bytes).unwrap();
        text.lines().flat_map(|it| [it.trim_end(), "\n"]).collect()
    }

    #[test]
    fn who_breaks_a_law_ends_with_one_and_writes_no_report() {
        let scenario = check("test", "test.toml", TEXT, &[]).scenario.expect("a sound text");
        let design = Design { replications: 3, ..Design::of(&scenario) };
        let results = experiment::run(&scenario, &design, &|| ());
        let mut measured = measure::measure(&scenario, &results);
        let overrides = Overrides { set: Vec::new(), limit: Vec::new(), allow_outside: false };
        let path = Path::new("a folder/test.toml");
        let about = About { scenario: &scenario, path, strategies: &[], overrides: &overrides };
        let audit = |measured: &Measurements, console: &mut Console<'_>| {
            let told = Measured { results: &results, measured, first: 0 };
            about.audit(told, &about.command(&design, None), (Some(1), true), console).unwrap()
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut stdout, &mut stderr);
        let sound = audit(&measured, &mut console);
        assert_eq!(refuse_if_broken(&sound, true, &mut console), Ok(()));
        assert_eq!(tell(&sound, Format::Json, &mut console), Ok(Exit::Fine));

        let figures = &mut measured.strategies[0].replications[2].figures;
        let late = |(of, it): (FigureOf, Reading)| match of.figure {
            Figure::LastSiteBack => (of, Reading::Whole(43_200_001)),
            _ => (of, it),
        };
        *figures = figures.each().map(late).collect();
        let broken = audit(&measured, &mut console);
        assert_eq!(refuse_if_broken(&broken, true, &mut console), Err(Exit::Failure));
        assert_eq!(tell(&broken, Format::Text, &mut console), Ok(Exit::Failure));
        let said = trimmed(stdout);
        let (json, text) = said.split_once("\n}\n").unwrap();
        assert!(json.contains("\"ok\": true"), "{json}");
        assert_eq!(text, BROKEN);
        let refused = "error: the exercises break laws that every exercise keeps; no report was \
                       written\n";
        assert_eq!(trimmed(stderr), format!("{BROKEN}{refused}"));
    }
}
