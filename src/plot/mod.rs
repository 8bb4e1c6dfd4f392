//! The pictures, of the kinds that [`PictureKind`] lists: what they show as plain data, and how it is
//! drawn.
//!
//! Charts are plain data, and only `canvas` knows how an SVG is written.

mod alt;
mod asked;
mod axis;
mod bars;
mod bottlenecks;
mod canvas;
mod caption;
mod chart;
mod compared;
mod curves;
mod forest;
mod frame;
mod gantt;
mod graph;
mod heat;
mod ink;
mod load;
mod map;
mod measure;
mod numbers;
mod overlay;
mod pareto;
mod pen;
mod picture;
mod pictures;
#[cfg(feature = "png")]
mod png;
mod practice;
mod replayed;
pub(crate) mod series;
mod spots;
mod spread;
mod strips;
mod subtitle;
mod svg;
mod table;
mod thin;
mod work;

#[cfg(test)]
mod tests;

pub(crate) use asked::{ledger_plots, limit_plots, sweep_plots};
pub(crate) use compared::compared;
pub use ink::plot_css;
pub(crate) use overlay::overlay;
pub use picture::{Picture, PictureKind};
pub(crate) use pictures::files;
pub use pictures::{DRAWS_PNG, pictures, with_png};
pub use series::{Ends, Series, StepRow, StrategySeries, series, series_json};
