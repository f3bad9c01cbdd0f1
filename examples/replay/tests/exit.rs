//! Exit codes: 0, 1 for what is wrong with a log, 2 for what is wrong with the command line.

use std::process::ExitCode;

use clap::Parser;

use super::args;
use crate::args::Args;
use crate::settings::Numbers;
use crate::{end, read};

#[test]
fn a_log_that_cannot_be_read_ends_with_1_and_is_named() {
    let error = read(&args("no/such/log.csv")).unwrap_err();
    assert!(error.to_string().starts_with("no/such/log.csv: "), "{error}");
    assert_eq!(end(Err(error)), ExitCode::FAILURE);
    assert_eq!(end(Ok(String::new())), ExitCode::SUCCESS);
}

/// The message of a command line, which ends with 2.
fn refused(line: &str) -> String {
    let line = core::iter::once("replay").chain(line.split_whitespace());
    let error = Args::try_parse_from(line).and_then(|args| args.settings()).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    error.to_string()
}

#[test]
fn sizes_that_are_not_compiled_are_named_with_those_that_are() {
    for (line, expected) in [
        ("--units 8,12", "--units 12 is not compiled; there are [8, 16]."),
        (
            "--k1 8,5",
            "--k1 5, of (k1, k2), is not compiled; there are [(1, 8), (8, 8), (1, 24), (8, 24)].",
        ),
        ("--k2 20", "--k2 20, of (k1, k2), is not compiled"),
        ("--inputs 2,3,4", "a network that reads 4 columns is not compiled; there are [1, 2, 3]."),
    ] {
        let message = refused(line);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("examples/replay/sizes.rs"), "{message}");
    }
}

#[test]
fn what_is_not_compiled_of_integers_is_named() {
    for (line, expected) in [
        ("--cell gru", "there is no Gru of integers, only Elman"),
        ("--cell elman,leaky --sweep", "there is no LeakyElman of integers"),
        ("--k1 1", "with such (k1, k2) is not compiled; there are [(8, 24)]."),
    ] {
        for numbers in ["integers", "f32,integers"] {
            let message = refused(&format!("--numbers {numbers} {line}"));
            assert!(message.contains(expected), "{message}");
        }
    }
    let of_floats = args("--sweep --cell gru").settings().unwrap();
    assert!(of_floats.iter().all(|settings| settings.numbers == Numbers::F32));
}

#[test]
fn other_options_out_of_range_are_refused() {
    for line in [
        "--horizon 0",
        "--horizon 65",
        "--lr 0",
        "--lr -1",
        "--lr nan",
        "--seeds 0",
        "--passes 0",
        "--lags 0",
        "--forgetting 1.5",
        "--delimiter ab",
        "--numbers f64",
        "--cell lstm",
    ] {
        assert!(refused(line).starts_with("error: "), "{line}");
    }
}

#[test]
fn lists_are_tried_with_each_other_and_a_sweep_tries_all() {
    let settings = |line| args(line).settings().unwrap();
    assert_eq!(settings("").len(), 1);
    assert_eq!(settings("--lr 0.001,0.01 --cell elman,gru --k1 1,8 --k2 8,24").len(), 16);
    assert_eq!(settings("--sweep").len(), 4 * 2 * 4 * 4 + 2 * 4);
    assert_eq!(settings("--sweep --units 8 --k2 24").len(), 4 * 2 * 4 + 4);
    assert_eq!(settings("--sweep --numbers f32").len(), 4 * 2 * 4 * 4);
    assert_eq!(settings("--numbers f32,integers --units 8,16").len(), 4);
    assert!(settings("--sweep --k1 1").iter().all(|settings| settings.k1 == 1));
}

#[test]
fn every_compiled_size_runs() {
    for columns in ["", "--inputs 2", "--inputs 2,3"] {
        let args = args(&format!("--sweep --lr 0.01 {columns}"));
        for settings in args.settings().unwrap() {
            let row = [1.0, 2.0, 3.0];
            let row = &row[..=args.format.inputs.len()];
            let device = crate::sizes::build(&settings, row.len(), args.plan().target, 0);
            assert_eq!(device.unwrap().observe(row), Ok(1.0), "{settings:?}");
        }
    }
}
