//! `run --png`: with the feature every plot has a PNG beside it; without it the program says how to
//! get one that has.

use std::fs;

use blackstart::plot::DRAWS_PNG;

use crate::support::{fresh_folder, in_process, names_in};

#[test]
fn every_plot_has_a_png_beside_it_where_the_program_can_draw_any() {
    let folder = fresh_folder("png");
    let out = folder.join("report");
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quickstart.toml");
    let words = out.to_string_lossy();
    let run = || in_process(&["run", scenario, "--replications", "20", "--png", "--out", &words]);
    let ran = run();
    if !DRAWS_PNG {
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("`cargo install --path . --features png`"), "{}", ran.stderr);
        assert!(!out.exists());
        return;
    }
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let names = names_in(&out);
    let plots: Vec<&str> = names.iter().filter_map(|it| it.strip_suffix(".svg")).collect();
    assert!(plots.len() >= 4, "{names:?}");
    let bytes = |name: &str| fs::read(out.join(format!("{name}.png"))).expect("a PNG");
    let before: Vec<Vec<u8>> = plots.iter().map(|it| bytes(it)).collect();
    assert!(before.iter().all(|it| it.starts_with(b"\x89PNG") && it.len() > 10_000));
    assert_eq!(run().code, 0);
    assert_eq!(plots.iter().map(|it| bytes(it)).collect::<Vec<_>>(), before);
}
