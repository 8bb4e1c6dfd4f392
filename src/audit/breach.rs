//! What the auditor finds: which law was broken, when, and by whom.

use std::fmt;

use crate::units::SimTime;

/// A law that every exercise keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// Time never goes back, and nothing happens behind the horizon.
    Clock,
    /// The log speaks of the steps, sites, teams and limits of the scenario.
    Names,
    /// Milestones, injects and openings come when the scenario and the draws have them come.
    Moments,
    /// Sites are deleted when the incident, its guardrails and its injects delete them.
    Deletions,
    /// Of teams and limits there is what rosters, ramps and injects leave.
    Capacity,
    /// Nobody takes what is not there.
    Taking,
    /// An attempt takes, keeps and frees what its step says, and frees it when it ends.
    Needs,
    /// Nothing starts before what comes before it.
    Precedence,
    /// What can start is let go at once.
    Release,
    /// Nothing starts while a better-ranked task waits that could.
    Rank,
    /// What could start does.
    Idleness,
    /// An attempt takes as long as its draw and its factors say.
    Length,
    /// Transfers share their bandwidth equally, and all of it.
    Throughput,
    /// Work pauses when its people go, the youngest first, and goes on when they are back.
    Pausing,
    /// Attempts fail as they are drawn, and what failed is done again as the runbook says.
    Rework,
    /// What fails too often is taken over.
    Escalation,
    /// Loads are asked for, shared and freed.
    Loads,
    /// What is kept beyond the end of a step is freed when it is to be.
    Holds,
    /// Tracks take sites in their order, as many as they may.
    Taken,
    /// A slot is free when all sites of its batch have passed.
    Slots,
    /// A site is back when all is done that gives it back.
    HandOver,
    /// Every deleted site ends exactly once.
    Ends,
    /// Machines take over when they are to.
    Automation,
    /// Practice is counted.
    Practice,
    /// Customers are reached by the steps that reach them.
    Reaching,
    /// A store goes back to the point that its backups have.
    DataLoss,
    /// Hours, waits and counts are those of the log.
    Tallies,
    /// Figures are what their definition says.
    Figures,
    /// The chain of a site tells what it really was held up by.
    Chain,
}

impl Law {
    /// Its name, for people and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Names => "names",
            Self::Moments => "moments",
            Self::Deletions => "deletions",
            Self::Capacity => "capacity",
            Self::Taking => "taking",
            Self::Needs => "needs",
            Self::Precedence => "precedence",
            Self::Release => "release",
            Self::Rank => "rank",
            Self::Idleness => "idleness",
            Self::Length => "length",
            Self::Throughput => "throughput",
            Self::Pausing => "pausing",
            Self::Rework => "rework",
            Self::Escalation => "escalation",
            Self::Loads => "loads",
            Self::Holds => "holds",
            Self::Taken => "taken",
            Self::Slots => "slots",
            Self::HandOver => "hand-over",
            Self::Ends => "ends",
            Self::Automation => "automation",
            Self::Practice => "practice",
            Self::Reaching => "reaching",
            Self::DataLoss => "data-loss",
            Self::Tallies => "tallies",
            Self::Figures => "figures",
            Self::Chain => "chain",
        }
    }

    /// What it says.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Clock => "time never goes back, and nothing happens behind the horizon",
            Self::Names => "the log speaks of what the scenario has",
            Self::Moments => "milestones, injects and openings come when they are to",
            Self::Deletions => "sites are deleted when the incident and its injects delete them",
            Self::Capacity => "of teams and limits there is what rosters, ramps and injects leave",
            Self::Taking => "nobody takes what is not there",
            Self::Needs => "an attempt takes, keeps and frees what its step says",
            Self::Precedence => "nothing starts before what comes before it is done",
            Self::Release => "what can start is let go at once",
            Self::Rank => "nothing starts while a better-ranked task waits that could",
            Self::Idleness => "what could start does",
            Self::Length => "an attempt takes as long as its draw and its factors say",
            Self::Throughput => "transfers share their bandwidth equally, and all of it",
            Self::Pausing => "work pauses when its people go, and goes on when they are back",
            Self::Rework => "attempts fail as drawn, and what failed is done again as written",
            Self::Escalation => "what fails too often is taken over",
            Self::Loads => "loads are asked for, shared and freed",
            Self::Holds => "what is kept beyond a step's end is freed when it is to be",
            Self::Taken => "tracks take sites in their order, as many as they may",
            Self::Slots => "a slot is free when all sites of its batch have passed",
            Self::HandOver => "a site is back when all is done that gives it back",
            Self::Ends => "every deleted site ends exactly once",
            Self::Automation => "machines take over when they are to",
            Self::Practice => "practice is counted",
            Self::Reaching => "customers are reached by the steps that reach them",
            Self::DataLoss => "a store goes back to the point that its backups have",
            Self::Tallies => "hours, waits and counts are those of the log",
            Self::Figures => "figures are what their definition says",
            Self::Chain => "the chain of a site tells what it was really held up by",
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Which.
    pub law: Law,
    /// When; none of what is said of the exercise as a whole.
    pub at: Option<SimTime>,
    /// By whom and how, in words.
    pub how: String,
}

/// What has been found in one exercise.
#[derive(Debug, Default)]
pub(super) struct Breaches {
    found: Vec<Breach>,
    /// The present instant.
    pub now: u64,
}

/// Where one law is broken others follow; so many are told of one exercise.
const MOST: usize = 20;

impl Breaches {
    /// Notes that a law is broken now.
    #[cold]
    pub(super) fn now(&mut self, law: Law, how: String) {
        let at = Some(SimTime::from_millis(self.now));
        self.add(Breach { law, at, how });
    }

    /// Notes that a law is broken by the exercise as a whole.
    #[cold]
    pub(super) fn whole(&mut self, law: Law, how: String) {
        self.add(Breach { law, at: None, how });
    }

    fn add(&mut self, breach: Breach) {
        if self.found.len() < MOST {
            self.found.push(breach);
        }
    }

    /// Whether so much is wrong already that nothing more would be told.
    pub(super) fn are_enough(&self) -> bool {
        self.found.len() >= MOST
    }

    pub(super) fn into_list(self) -> Vec<Breach> {
        self.found
    }
}
