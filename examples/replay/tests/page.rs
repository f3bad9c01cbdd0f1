//! What the pages beside this example say is what it prints.

use std::{env, fs};

use super::args;
use super::file::FILE;
use crate::baselines::BaselineRun;
use crate::replay;
use crate::settings::Settings;
use crate::table::verdict;

const RESULTS: &str = include_str!("../results.md");
/// Printed with `SWEEP_LINE`.
const SWEEP: &str = include_str!("../sweep.md");
const SWEEP_LINE: &str = "--lags 168 --cell elman,leaky,gru,mingru --units 8,16 --lr 0.003,0.01";
/// Printed with `INTEGERS_LINE`.
const INTEGERS: &str = include_str!("../integers.md");
const INTEGERS_LINE: &str = "--numbers f32,integers --units 8,16 --lr 0.003,0.01";
const PAGE: &str = include_str!("../README.md");

/// The report of a command line, and the network, whose files go into a folder of the test.
fn report(line: &str, folder: &str) -> (String, Vec<u8>) {
    let folder = env::temp_dir().join(format!("elman-replay-{}-{folder}", std::process::id()));
    let files = ["replay.svg", "replay.safetensors"].map(|name| folder.join(name));
    let [svg, net] = files.each_ref().map(|file| file.display());
    let args = args(&format!("{line} --out {svg} --net {net}"));
    let report = replay(&args, &args.settings().unwrap()).unwrap();
    assert!(fs::read_to_string(&files[0]).unwrap().contains("<svg"));
    let net = fs::read(&files[1]).unwrap();
    fs::remove_dir_all(folder).unwrap();
    (report, net)
}

fn assert_same(printed: &str, committed: &str) {
    for (printed, committed) in printed.lines().zip(committed.lines()) {
        assert_eq!(printed, committed);
    }
    assert_eq!(printed.lines().count(), committed.lines().count());
}

#[test]
fn the_committed_report_and_file_are_what_is_written() {
    let (report, net) = report("", "plain");
    assert_same(&report, RESULTS);
    assert!(net == FILE, "write examples/replay/replay.safetensors anew");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "a minute without optimisation: cargo test --release")]
fn the_committed_sweep_is_what_is_printed() {
    assert_same(&report(SWEEP_LINE, "sweep").0, SWEEP);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "a minute without optimisation: cargo test --release")]
fn the_committed_integers_are_what_is_printed() {
    assert_same(&report(INTEGERS_LINE, "integers").0, INTEGERS);
}

#[test]
fn every_row_of_the_page_is_one_of_the_results() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 5);
    for row in rows {
        assert!(
            RESULTS.lines().chain(SWEEP.lines()).chain(INTEGERS.lines()).any(|line| line == row),
            "{row}"
        );
    }
    assert!(PAGE.contains(SWEEP_LINE) && PAGE.contains(INTEGERS_LINE));
}

/// A log with gaps and other columns, several rows ahead.
#[test]
fn a_log_with_gaps_is_reported_whole() {
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/fleet/parking.csv");
    let line = "--target 4 --inputs half_hour --missing skip --horizon 2 --seeds 1";
    let (report, _) = report(&format!("{log} {line}"), "gaps");
    assert!(report.contains("2 ahead: 1314 rows, 36 of them gaps, 0 held."), "{report}");
    assert!(report.contains("Networks read `half_hour` too"), "{report}");
    assert!(report.contains("load_prefix(&mut device.target_scaler, FILE"), "{report}");
    let refused = replay(&args(&format!("{log} --target 4")), &[]).unwrap_err().to_string();
    assert!(refused.contains("(`BHMBCCPST01:317`): the cell is empty"), "{refused}");
}

#[test]
fn the_verdict_names_the_better_one() {
    let baseline = |name: &str, last| BaselineRun {
        name: name.into(),
        forecasts: Vec::new(),
        middle: None,
        last,
        ram: 0,
        operations: 0,
    };
    let baselines = [baseline("persistence", 1.0), baseline("filter", 0.5)];
    let settings: Settings = args("").settings().unwrap()[0];
    let outcome =
        |last| crate::experiment::Outcome { settings, middle: vec![0.1], last: vec![last], ram: 0 };
    let better = verdict(&[outcome(0.4)], &baselines);
    assert_eq!(
        better,
        "The network is best: 20.0 % less squared error than filter. The baseline takes 0 bytes of RAM, the network 0."
    );
    let worse = verdict(&[outcome(0.75)], &baselines);
    assert!(worse.starts_with("A baseline is best: filter. The network has 1.50 times"), "{worse}");
}

/// But for the file's folder and what happens to errors.
#[test]
fn the_lines_for_firmware_are_those_that_the_test_of_the_file_compiles() {
    let dense = |text: &str| text.replace([' ', '\n', ','], "");
    let compiled = dense(include_str!("file.rs"));
    let lines = RESULTS.lines().map(str::trim).filter(|line| {
        ["load_prefix", "checked!(Elman", "checked!(Dense", "type Net", "static NET"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    for line in lines.clone() {
        let line = dense(line.trim_end_matches("?;"));
        assert!(compiled.contains(&line), "{line}");
    }
    assert_eq!(lines.count(), 6);
}
