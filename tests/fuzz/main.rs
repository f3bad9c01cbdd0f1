//! The seeds of the fuzz targets, without a fuzzer. This folder is not in the package.

mod targets;

use std::fs;
use std::path::Path;

#[test]
fn parser() {
    replay("parser", targets::parser::run);
}

#[test]
fn checkpoint() {
    replay("checkpoint", targets::checkpoint::run);
}

#[test]
fn program() {
    replay("program", targets::program::run);
}

/// Runs a target with each of its seeds, and with every beginning of them.
fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(target);
    let mut seeds = 0;
    for file in fs::read_dir(folder).unwrap() {
        let seed = fs::read(file.unwrap().path()).unwrap();
        run(&seed);
        for end in (0..seed.len()).step_by(1 + seed.len() / 4) {
            run(&seed[..end]);
        }
        seeds += 1;
    }
    assert!(seeds >= 10, "{seeds} seeds");
}
