//! Blackstart, a simulator for disaster-recovery game days: how long recovery from a mass deletion
//! takes under alternative strategies, how much data is lost, and how sure that is.
//!
//! (A black start is how a power grid brings itself back from nothing.)
//!
//! # The pipeline
//!
//! ```text
//! scenario.toml
//!   | spec::parse          text -> Spec             form only: no machine, no clock
//!   | scenario::check      Spec -> Scenario         names to ids, units to numbers; every fault
//!   | plan::compile        (Scenario, StrategyId) -> Plan         flat arrays; cannot fail
//!   | engine::simulate     (Plan, Streams, Recorder) -> Outcome   cannot fail
//!   | experiment::run      (Scenario, Design) -> Results          on threads, in index order
//!   | measure::measure     Results -> Measurements                figures of each exercise
//!   | compare, review      strategies beside one another; why it took so long
//!   | verdict::judge       (RecoveryPolicy, figures) -> Verdicts; budgets and baselines too
//!   | report::view         all wording and rounding, once -> View
//!   v report::{text, json}, plot, page, folder      View -> bytes
//! ```
//!
//! Each arrow is a function from one set of types to the next, and nothing flows back.
//!
//! # The floors
//!
//! A module may use modules on lower floors, and to its left on its own floor; no files inside a
//! module use each other in a circle; no module has more than 18 of a hundred lines. Tests keep it so.
//!
//! ```text
//! 9  cli
//! 8  folder
//! 7  report   plot   page
//! 6  verdict   ask
//! 5  compare   review   audit
//! 4  experiment   measure
//! 3  trace   engine   chain
//! 2  scenario   plan
//! 1  dist   spec
//! 0  units   ids   rng   stats   shown   diagnostics
//! ```
//!
//! | module | in one sentence |
//! |---|---|
//! | `spec` | the scenario as written, a file for each top-level table |
//! | [`scenario`] | the scenario as meant; `scenario/read/` makes it from the spec, `scenario/effect/` warns of what changes nothing |
//! | `plan` | one strategy compiled to flat arrays, built whole |
//! | [`trace`] | the log: what an outsider needs to tell an outcome again |
//! | [`engine`] | one exercise; every mechanism owns a private struct in a folder of its own |
//! | [`chain`] | follows what a recovery went through while it is simulated, and sums it up |
//! | [`experiment`] | strategies times exercises on threads; slices of them, and how slices are joined |
//! | [`measure`] | figures of each exercise, and of all together with their intervals |
//! | [`compare`] | pairs, selection, stopping, back-test |
//! | [`review`] | simulates again to explain: bottlenecks, levers, injects, replays, tables of sites |
//! | [`audit`] | the second opinion, from log and scenario alone |
//! | [`verdict`] | figures against the policy, budgets and baselines |
//! | [`ask`] | changes inputs and simulates again: sweep, limit, advice, the ledger of guesses |
//! | [`report`] | a folder a document with files of the same names in it; words and figures shared |
//! | [`plot`] | series to pictures |
//! | [`page`] | the report as one page |
//! | [`folder`] | what the folder of a report holds, and what proves it ours |
//! | [`cli`] | flags, files, progress, exit codes: the only module that touches the world |
//!
//! # What holds everywhere
//!
//! 1. Only [`cli`] touches files, the environment or the terminal, and only `cli` prints. No module
//!    knows what time it is.
//! 2. The outcome of replication *k* is a function of plan, seed and *k*: not of threads, of other
//!    replications or of the order of anything in memory. The same scenario and seed give the same
//!    bytes in every output file.
//! 3. Simulated time is whole milliseconds. Floating point lives in distributions and statistics,
//!    with logarithms and exponentials from one pure-Rust library.
//! 4. Events of one instant are ordered by kind, then by track, site and step: finish, milestone,
//!    change of capacity, opening, closing, deletion; then tracks take sites, then one dispatch.
//! 5. A draw is addressed by what it is for: seed, replication, purpose, key of the step, site and
//!    attempt. Strategies share every draw that they have in common.
//! 6. A [`scenario::Scenario`] has no unresolved name, no cycle, no demand above a pool's largest
//!    capacity. A task takes all that it needs at once or nothing, and nobody keeps people while
//!    waiting; limits that are kept over steps have ranks, by which no circle of waits can close.
//!    Therefore plans and replications cannot fail.
//! 7. Every deleted site ends as exactly one of restored, lost for good, or unfinished at the
//!    horizon; deleted and spared sites are together what the incident aimed at.
//! 8. Every number in a report carries its interval, the number of replications, the seed, and the
//!    command that makes it again.
//! 9. Nothing is removed or overwritten that the program has not written itself and can prove so;
//!    whatever it writes is there whole or not at all, wherever it ends.
//! 10. One concept has one implementation. [`audit`] alone is a second opinion on purpose: it works
//!     from the log and the scenario.
//!
//! # Where to find what
//!
//! | I want to ... | I open |
//! |---|---|
//! | add a key to the scenario | `spec/<table>.rs`, its meaning in `scenario/<table>.rs`, how it is read in `scenario/read/<table>.rs`, then `scenarios/template.toml` and `scenarios/README.md` |
//! | reject a bad scenario | `scenario/read/<table>.rs`, a code in `diagnostics.rs`, a case in `tests/it/validate/` |
//! | change how inputs are named, or what `--set` may do | `spec/address/` |
//! | add a distribution | `dist/`, its parameters in `spec/runbook.rs`, its units in `scenario/read/resolver.rs` |
//! | add a priority rule | `plan/priority.rs` |
//! | change how a step fails or is tried again | `plan/failure.rs`, `engine/rework/` |
//! | change who gets a free engineer first | `engine/dispatch/` |
//! | change what becomes of work at a shift's end | `engine/shifts/` |
//! | change how rosters are read | `scenario/read/roster.rs` |
//! | change what sites of one shard share | `scenario/read/loads.rs`, `engine/loads/` |
//! | change what may be kept over steps, and why nobody waits for ever | `scenario/read/holds.rs`, `engine/holds/` |
//! | change what transfers share | `scenario/throughput.rs`, `engine/throughput/` |
//! | change how a name is looked up, or how a moment is written | `scenario/read/symbols.rs`, `scenario/read/moment.rs` |
//! | change how large a scenario may be | `scenario/size.rs` |
//! | change what makes work longer for a team | `engine/factors/` |
//! | change how tracks take sites, close or give up | `engine/tracks/` |
//! | change which sites are deleted, and when | `engine/deletions/` |
//! | select sites by something else | `spec/strategy.rs`, then `scenario/selector.rs` and `scenario/read/selector.rs` |
//! | change which parts of a site can be lost, and what goes with them | `scenario/lost.rs`, `scenario/estate.rs`, then `plan/site_kind.rs` and, by its definition alone, `audit/ground.rs` |
//! | call an incident something else | `scenario/incident_kind.rs` |
//! | change what every replication draws anew | `scenario/resample.rs` |
//! | change what a recovery point is | `engine/recovery/`, `engine/backups.rs` |
//! | change what is back with old data, or what is not judged for want of a restore point | `measure/outdated.rs`, `scenario/unjudged.rs`, then `verdict/mod.rs` |
//! | warn of what is lost and not brought back | `scenario/unrestored.rs` |
//! | warn of what changes nothing | `scenario/effect/`, a file for each kind; what one table alone can tell, beside that table |
//! | change a number that changes over time | `plan/capacities.rs`, `engine/capacities/` |
//! | let a mechanism of the engine remember something | the private struct in its `engine/<mechanism>/mod.rs`; its rules beside it |
//! | add something that happens | a variant in `engine/events.rs`; the compiler lists the rest |
//! | add a figure | a row in `scenario/figures/table.rs`, then how it is read in `measure/figures.rs` and, by its definition alone, in `audit/figures.rs`; nothing else |
//! | change a law that the auditor holds exercises to | `audit/breach.rs` (what each says), then the file of `audit/` that tells that part again; how they are told of in `report/audit/` |
//! | change what proves that a folder may be replaced | `folder/manifest.rs`, `cli/output/proven.rs`, `cli/output/folder.rs` |
//! | change how anything is written, or what is left of a run that died | `cli/output/` |
//! | change what a long run keeps, and what is said when it is interrupted | `cli/keeping.rs`, `cli/interrupt.rs` |
//! | change what may be read, and how much | `cli/input.rs`, `spec/limits.rs`, `spec/words.rs` |
//! | change how an outcome is kept | `experiment/packed.rs`, its lists in `experiment/column.rs` |
//! | change what a slice of a run writes, and how slices are joined | `experiment/part/` |
//! | give figures another parameter | `scenario/figures/mod.rs` and `select.rs`, `spec/budget.rs`, `spec/observed.rs` |
//! | change what a budget may say | `scenario/budget/`, then `verdict/budget.rs` |
//! | change when something got worse | `verdict/baseline.rs` |
//! | change which inputs a baseline keeps and tells of | `spec/address/decisive.rs`, `verdict/inputs.rs` |
//! | change what builds are told | `report/check/`, of faults `report/faults/`; of both `report/forms/` |
//! | change how strategies are compared | `compare/pairs.rs`, `stats/best.rs`, then `report/compare/` |
//! | change when a run stops by itself | `compare/until.rs`, `compare/select.rs` |
//! | change what an outsider is told | a variant in `trace/mod.rs`, told where it happens in `engine/`, named in `review/timeline.rs` |
//! | change what a recovery is held up by | `chain/walk.rs` (the pieces), `chain/shortage.rs` (what was short), `chain/sums.rs` (their sums), `review/bottlenecks.rs` |
//! | change which exercises are listened to, and for what | `chain/heard.rs`, `experiment/listener.rs` |
//! | change what is measured of rework, practice and automation | `review/progress.rs`, `chain/repeats.rs` |
//! | add something that would perhaps help | `scenario/candidate.rs`, `review/levers.rs` |
//! | change what a lever may say, or what it costs | `spec/lever.rs`, `scenario/read/lever.rs`, then `ask/chosen.rs` |
//! | change what is asked of inputs | `ask/`, a file for each question; how the answer reads in `report/<question>/`, its picture in `plot/asked.rs` |
//! | change what is in doubt, and how far | `spec/address/quantity.rs`, `ask/doubt.rs` |
//! | change what is told of what injects cost | `review/injects.rs`, `report/run/injects.rs` |
//! | change a sentence | `report/<document>/sentences.rs` |
//! | change what the replay or the story of a site shows | `review/recorder.rs`, `review/site_table.rs`, then `page/embedded.rs` and `page/page.js` |
//! | change the page | words in `page/story.rs`, arrangement in `page/page.html`; then `tests/browser/run.sh` |
//! | plant a mistake and see who notices | `tests/faults/list.toml`; `tests/faults/main.rs` says how to ask |
//! | change a plot | its numbers in `measure/` or `review/`, kept in `plot/series.rs`, then a file in `plot/` and a line in `plot/pictures.rs` |
//! | change a colour, or the two widths of pictures | `plot/ink.rs`, `plot/frame.rs` |
//! | add a flag or a verb | `cli/args.rs`, `cli/<verb>.rs` |
//! | change what a first scenario says | `cli/draft.rs` |
//! | change what is suggested next | `cli/next.rs` |
//!
//! A good order to read in: [`scenario`], `plan/mod.rs`, `plan/compiled.rs`, `engine/mod.rs`,
//! `engine/replication.rs`, `engine/instants.rs`, [`experiment`], [`report`].
//!
//! # Example
//!
//! ```
//! use blackstart::experiment::{self, Design};
//! use blackstart::scenario::check;
//!
//! let text = r#"
//!     schema = 1
//!     title = "Ten sites, two people"
//!     [estate.sites]
//!     count = 10
//!     [[incident.deletions]]
//!     [teams.database]
//!     people = 2
//!     [[runbooks.restore.steps]]
//!     id = "restore"
//!     team = "database"
//!     duration = "3h"
//!     [[strategies.by-hand.tracks]]
//!     runbook = "restore"
//! "#;
//! let scenario = check("ten", "ten.toml", text, &[]).scenario.expect("the text has no fault");
//! let design = Design { replications: 1, ..Design::of(&scenario) };
//! let results = experiment::run(&scenario, &design, &|| ());
//! let last = results.strategies[0].outcomes[0].makespan;
//! assert_eq!(last.to_string(), "T+15h"); // five rounds of three hours
//! ```

pub mod ask;
pub mod audit;
pub mod chain;
pub mod cli;
pub mod compare;
pub mod diagnostics;
pub mod dist;
pub mod engine;
pub mod experiment;
pub mod folder;
pub mod ids;
pub mod measure;
pub mod page;
mod plan;
pub mod plot;
pub mod report;
pub mod review;
pub mod rng;
pub mod scenario;
pub mod shown;
mod spec;
pub mod stats;
pub mod trace;
pub mod units;
pub mod verdict;
