//! From the scenario as written to the scenario as meant, a file per table: names become ids, texts
//! become units, and every fault is told at once.

pub(crate) mod aim;
pub(crate) mod automation;
pub(crate) mod estate;
pub(crate) mod failure;
pub(crate) mod graph;
pub(crate) mod guardrails;
pub(crate) mod holds;
pub(crate) mod incident;
pub(crate) mod inheritance;
pub(crate) mod inject;
pub(crate) mod lever;
pub(crate) mod loads;
pub(crate) mod moment;
pub(crate) mod names;
pub(crate) mod population;
pub(crate) mod resolve;
pub(crate) mod resolver;
pub(crate) mod restoring;
pub(crate) mod roster;
pub(crate) mod runbook;
pub(crate) mod said;
pub(crate) mod selector;
pub(crate) mod sites_csv;
pub(crate) mod step;
pub(crate) mod strategy;
pub(crate) mod symbols;
pub(crate) mod team;
pub(crate) mod throughput;
pub(crate) mod transfer;
