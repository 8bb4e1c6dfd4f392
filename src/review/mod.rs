//! Simulates again to explain: what held recoveries up, what one more of each thing would bring, what
//! injects cost, how one exercise went, and what became of each site.

mod bottlenecks;
mod cause;
mod injects;
mod levers;
mod names;
mod packed;
mod progress;
mod recorder;
mod replay;
mod replays;
mod site_table;
mod testimony;
mod timeline;
mod why;
pub use bottlenecks::{BottleneckPart, Bottlenecks, bottlenecks};
pub use cause::{CauseKind, PieceCause};
pub use injects::{
    InjectCost, InjectEffect, LaterBack, inject_effects, recoveries_without_injects,
};
pub use levers::{
    Causes, LeverEffect, Pulled, causes, levers, recoveries_of_levers, worth_pulling,
};
pub use packed::{packed_instants, packed_places};
pub use progress::{Mean, Practice, Practised, Progress, Rework, Takeover, progress};
pub use replay::{
    BINS, BatchStory, Choice, Gauge, GaugeKind, Mark, MarkKind, Peaks, Replay, SiteStory,
};
pub use replays::replays;
pub use site_table::{
    ChainPiece, ChainTree, SiteLabel, SiteRow, SiteTable, site_labels, site_table,
};
pub use testimony::testify;
pub use timeline::{NamedRecord, Need, Trace, Use, What, timeline, trace};
pub use why::{Cause, ChainLink, Link, Why, median_replication, out_longest, why, whys};
