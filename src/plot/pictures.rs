//! All pictures of a report, and their files.

use crate::plot::picture::Picture;
use crate::plot::series::Series;
use crate::plot::{compared, curves, spread, work};
use crate::report::View;

/// All pictures of a report, in the order in which they are shown: kind by kind, and within a kind
/// strategy by strategy.
#[must_use]
pub fn pictures(view: &View, series: &Series) -> Vec<Picture> {
    let mut pictures = Vec::new();
    curves::add(view, series, &mut pictures);
    spread::add(view, series, &mut pictures);
    compared::add(view, series, &mut pictures);
    work::add(view, series, &mut pictures);
    pictures
}

/// The wide pictures with their file names.
pub(crate) fn files(view: &View, series: &Series) -> Vec<(String, String)> {
    let named = |it: Picture| (format!("{}.svg", it.name), it.wide);
    pictures(view, series).into_iter().map(named).collect()
}

/// Whether this program can draw PNG.
pub const DRAWS_PNG: bool = cfg!(feature = "png");

/// The files of a folder, every plot beside its PNG; as they are where this program cannot draw
/// any (see [`DRAWS_PNG`]).
#[must_use]
pub fn with_png(files: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    #[cfg(feature = "png")]
    {
        let painter = crate::plot::png::Painter::new();
        let beside = |(name, bytes): (String, Vec<u8>)| {
            let stem = name.strip_prefix("plots/").and_then(|it| it.strip_suffix(".svg"));
            let svg = std::str::from_utf8(&bytes).ok();
            let drawn = stem.zip(svg);
            let drawn = drawn.map(|(stem, svg)| (format!("plots/{stem}.png"), painter.png(svg)));
            std::iter::once((name, bytes.clone())).chain(drawn)
        };
        files.into_iter().flat_map(beside).collect()
    }
    #[cfg(not(feature = "png"))]
    files
}
