//! Reads back what a run has kept.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::folder::files::{SERIES, SUMMARY};
use crate::plot::{Series, series};
use crate::report::View;
use crate::report::run::view;

/// What is wrong with a file that a run has kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFault {
    /// The file's name in its folder.
    pub file: &'static str,
    /// What is wrong and what to do, in words that go on after the name.
    pub why: String,
}

/// The view and the series in the texts of their files.
///
/// # Errors
/// Every fault of both: a text that is no JSON, that another version has written, that lacks
/// something, or that is of another run.
pub fn read(summary: &str, series: &str) -> Result<(View, Series), Vec<KeptFault>> {
    let view = parse::<View>(SUMMARY, summary, view::FORMAT);
    let series = parse::<Series>(SERIES, series, series::FORMAT);
    match (view, series) {
        (Ok(view), Ok(series)) if fits(&view, &series) => Ok((view, series)),
        (Ok(_), Ok(_)) => {
            let why =
                format!("is of another run than {SUMMARY}; simulate again with `blackstart run`");
            Err(vec![KeptFault { file: SERIES, why }])
        }
        (view, series) => Err([view.err(), series.err()].into_iter().flatten().collect()),
    }
}

fn parse<T: DeserializeOwned>(file: &'static str, text: &str, format: u32) -> Result<T, KeptFault> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let head: Result<Head, _> = serde_json::from_str(text);
    if let Ok(head) = &head
        && head.format != format
    {
        let why = format!(
            "has form {}, and this program reads form {format}; simulate again with `blackstart run`",
            head.format
        );
        return Err(KeptFault { file, why });
    }
    serde_json::from_str(text).map_err(|fault| {
        let why = format!("cannot be read: {fault}; simulate again with `blackstart run`");
        KeptFault { file, why }
    })
}

/// Whether both are of the same run.
fn fits(view: &View, series: &Series) -> bool {
    let experiment = (view.experiment.seed, view.experiment.replications);
    (series.seed, series.replications) == experiment
        && series.digest == view.scenario.digest
        && series.strategies.len() == view.strategies.len()
}
