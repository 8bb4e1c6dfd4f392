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
//!   | scenario::resolve    Spec -> Scenario         names to ids, units to numbers; every fault
//!   | plan::compile        (Scenario, StrategyId) -> Plan         flat arrays; cannot fail
//!   | engine::simulate     (Plan, Streams, Recorder) -> Outcome   cannot fail
//!   | experiment::run      (Scenario, Design) -> Results          threads live only here
//!   | measure::measure  Results -> Measurements                figures of each replication
//!   | verdict::judge       (RecoveryPolicy, figures) -> Verdicts; budgets and baselines too
//!   | report::view         all wording and rounding, once -> View
//!   v report::{text, json, csv, plot}     View -> bytes
//! ```
//!
//! Each arrow is a function from one set of types to the next, and nothing flows back.
//!
//! # The floors
//!
//! A module may use modules on lower floors, and to its left on its own floor; a test keeps it so.
//!
//! ```text
//! 7  cli
//! 6  report
//! 5  audit   verdict
//! 4  experiment
//! 3  trace   engine
//! 2  scenario   plan
//! 1  dist   spec
//! 0  units   ids   rng   stats   diagnostics
//! ```
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
//! 9. Nothing is removed or overwritten that the program has not written itself and can prove so.
//! 10. One concept has one implementation. [`audit`] alone is a second opinion on purpose: it works
//!     from the log and the scenario.
//!
//! # Where to find what
//!
//! | I want to ... | I open |
//! |---|---|
//! | add a key to the scenario | `spec/<table>.rs`, then `scenario/<table>.rs`, then `scenarios/template.toml` |
//! | reject a bad scenario | `scenario/<table>.rs`, a code in `diagnostics.rs`, a case in `tests/it/validate/` |
//! | change how inputs are named, or what `--set` may do | `spec/address/` |
//! | add a distribution | `dist/`, its parameters in `spec/runbook.rs`, its units in `scenario/quantity.rs` |
//! | add a priority rule | `plan/priority.rs` |
//! | change how a step fails or is tried again | `plan/failure.rs`, `engine/rework.rs` |
//! | change who gets a free engineer first | `engine/dispatch.rs` |
//! | change what becomes of work at a shift's end | `engine/shifts.rs` |
//! | change how rosters are read | `scenario/roster.rs` |
//! | change what sites of one shard share | `scenario/loads.rs`, `engine/loads.rs` |
//! | change what may be kept over steps, and why nobody waits for ever | `scenario/holds.rs`, `engine/holds.rs` |
//! | change what transfers share | `scenario/throughput.rs`, `engine/throughput.rs` |
//! | change how a name is looked up, or how a moment is written | `scenario/symbols.rs`, `scenario/moment.rs` |
//! | change how large a scenario may be | `scenario/size.rs` |
//! | change what makes work longer for a team | `engine/strain.rs` |
//! | change how tracks take sites, close or give up | `engine/tracks.rs` |
//! | change which sites are deleted, and when | `engine/deletions.rs` |
//! | select sites by something else | `spec/strategy.rs`, then `scenario/selector.rs` |
//! | change which parts of a site can be lost, and what goes with them | `scenario/lost.rs`, `scenario/estate.rs`, then `plan/soft.rs` and, by its definition alone, `audit/ground.rs` |
//! | call an incident something else | `scenario/incident_kind.rs` |
//! | change what every replication draws anew | `scenario/resample.rs` |
//! | change what a recovery point is | `engine/recovery.rs` |
//! | change what is back with old data, or what is not judged for want of a restore point | `experiment/outdated.rs`, `scenario/unjudged.rs`, then `verdict/mod.rs` |
//! | warn of what is lost and not brought back | `scenario/unrestored.rs` |
//! | warn of what changes nothing | `scenario/effect/`, a file for each kind; what one table alone can tell, beside that table |
//! | add something that happens | a variant in `engine/events.rs`; the compiler lists the rest |
//! | add a figure | a row in `scenario/figures/table.rs`, then how it is read in `experiment/figures.rs` and, by its definition alone, in `audit/figures.rs`; nothing else |
//! | change a law that the auditor holds exercises to | `audit/breach.rs` (what each says), then the file of `audit/` that tells that part again; how they are told of in `report/audit.rs` |
//! | change what proves that a folder may be replaced | `report/manifest.rs`, `cli/proven.rs`, `cli/folder.rs` |
//! | change what a shard of a run writes, and how shards are joined | `experiment/part/` |
//! | give figures another parameter | `scenario/figures/mod.rs` and `select.rs`, `spec/budget.rs`, `spec/observed.rs` |
//! | change what a budget may say | `scenario/budget/`, then `verdict/budget.rs` |
//! | change when something got worse | `verdict/baseline.rs` |
//! | change which inputs a baseline keeps and tells of | `spec/address/decisive.rs`, `verdict/inputs.rs` |
//! | change what builds are told | `report/check/`, of faults `report/faults/`; of both `report/annotations.rs` and `report/sarif.rs` |
//! | change how strategies are compared | `experiment/compare.rs`, `stats/best.rs`, then `report/compare.rs` |
//! | change when a run stops by itself | `experiment/until.rs`, `experiment/select.rs` |
//! | change what an outsider is told | a variant in `trace.rs`, told where it happens in `engine/`, named in `experiment/timeline.rs` |
//! | change what a recovery is held up by | `experiment/chain.rs` (the pieces), `experiment/shortage.rs` (what was short), `experiment/sums.rs` (their sums), `experiment/bottlenecks.rs` |
//! | change which exercises are listened to, and for what | `experiment/heard.rs`, `experiment/listener.rs` |
//! | change what is measured of rework, practice and automation | `experiment/progress.rs`, `experiment/repeats.rs` |
//! | add a lever | `scenario/lever.rs`, `experiment/levers.rs` |
//! | change what is told of what injects cost | `experiment/injects.rs`, `report/injects.rs` |
//! | change a sentence | `report/sentences.rs` |
//! | change what the replay or the story of a site shows | `experiment/watch.rs`, `experiment/site_table.rs`, then `report/html/embedded.rs` and `page.js` |
//! | change the page | words in `report/html/story.rs`, arrangement in `report/html/page.html`; then `tests/browser/run.sh` |
//! | plant a mistake and see who notices | `tests/faults/list.toml`; `tests/faults/main.rs` says how to ask |
//! | change a plot | its numbers in `experiment/` and `report/series.rs`, then `report/plot/` |
//! | change a colour, or the two widths of pictures | `report/plot/ink.rs`, `report/plot/frame.rs` |
//! | add a flag or a verb | `cli/args.rs`, `cli/<verb>.rs` |
//! | change what a first scenario says | `cli/draft.rs` |
//! | change what is suggested next | `cli/next.rs` |
//!
//! A good order to read in: [`scenario`], `plan/mod.rs`, `engine/mod.rs`, [`experiment`],
//! [`report`].
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
mod spec;
pub mod stats;
pub mod trace;
pub mod units;
pub mod verdict;
