//! What makes work longer or shorter: what is drawn once for sites, steps and teams, how often the
//! same work was done before, and the strain of teams.

mod rules;
mod strain;

use crate::plan::Plan;

/// The factors on durations.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    /// Completions of each kind of work, by its first step, for learning.
    completions: Vec<u32>,
    /// The factor of each step on durations, that of its teams included.
    of_step: Vec<f64>,
    /// The same when the step is automated.
    automated: Vec<f64>,
    /// The same when the step has escalated to a team.
    escalated: Vec<f64>,
    /// The factor of each row on durations, by kind of growth, then row.
    of_site: Vec<f64>,
    rows: usize,
}

impl Factors {
    pub(super) fn new(plan: &Plan) -> Self {
        let (rows, steps) = (plan.sites.len(), plan.steps.len());
        Self {
            completions: vec![0; steps],
            of_step: vec![1.0; steps],
            automated: vec![1.0; steps],
            escalated: vec![1.0; steps],
            of_site: vec![1.0; rows * plan.growth.kinds.len()],
            rows,
        }
    }

    /// Nothing has been done yet.
    pub(super) fn clear(&mut self) {
        self.completions.fill(0);
    }

    /// How often a kind of work has been done, by its first step.
    #[inline(always)]
    pub(super) fn completions(&self, work: u16) -> u32 {
        self.completions[usize::from(work)]
    }

    /// A kind of work has been done once more.
    #[inline(always)]
    pub(super) fn count_completion(&mut self, work: u16) {
        self.completions[usize::from(work)] += 1;
    }

    #[inline(always)]
    pub(super) fn of_step(&self, step: u16) -> f64 {
        self.of_step[usize::from(step)]
    }

    #[inline(always)]
    pub(super) fn automated(&self, step: u16) -> f64 {
        self.automated[usize::from(step)]
    }

    pub(super) fn escalated(&self, step: u16) -> f64 {
        self.escalated[usize::from(step)]
    }

    /// The factor of a row under a kind of growth.
    #[inline(always)]
    pub(super) fn of_site(&self, growth: u16, row: u32) -> f64 {
        self.of_site[usize::from(growth) * self.rows + row as usize]
    }
}
