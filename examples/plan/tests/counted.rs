//! The model against counts of networks that it was not fitted to.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::cores::{CORES, Core};
use crate::counts::Count;
use crate::errors::Errors;
use crate::model::Model;
use crate::ram::BOARD;
use crate::table;

const README: &str = include_str!("../README.md");

/// Percent: what the model may be off on a board, in a step, in the mean of all samples, in the sample
/// that learns, in a sample that does not, in the longest slice, and in all slices.
const LIMITS: [(&str, [f64; 6]); 6] = [
    ("cortex-m0", [5.0, 5.0, 5.0, 5.0, 5.0, 5.0]),
    ("mps2-an386", [5.0, 5.0, 5.0, 5.0, 10.5, 6.0]),
    ("mps2-an386-asm", [5.0, 5.0, 5.5, 5.0, 17.0, 6.0]),
    ("mps2-an500", [5.0, 5.0, 6.5, 5.0, 14.0, 7.5]),
    ("rv32imc", [5.0, 5.0, 5.0, 13.0, 6.0, 5.0]),
    ("rv32imafc", [5.0, 6.0, 7.0, 5.0, 13.5, 8.5]),
];
const STACK: f64 = 40.0;

fn counts() -> Vec<Count> {
    Count::all().unwrap()
}

/// Fitted once for all tests.
static MODELS: LazyLock<BTreeMap<&str, Model>> = LazyLock::new(|| {
    LIMITS.iter().map(|(board, _)| (*board, Model::fit(&counts(), board).unwrap())).collect()
});

#[test]
fn held_out_counts_are_met() {
    for (board, limits) in LIMITS {
        let worst = Errors::on(&counts(), board, &MODELS[board]).unwrap();
        println!("{board}: {worst:.1?}");
        let found =
            [worst.step, worst.mean, worst.pause, worst.sample, worst.longest_slice, worst.slices];
        for (found, limit) in found.into_iter().zip(limits) {
            assert!(found <= limit, "{board}: {found:.2} % of at most {limit} %: {worst:.1?}");
        }
        assert!(worst.stack_to_train <= STACK, "{board}: {worst:.1?}");
    }
}

/// The README has the errors as the program prints them.
#[test]
fn the_errors_of_the_documentation() {
    let (models, counts) = (&*MODELS, counts());
    let line = |core: &Core| {
        let errors = Errors::on(&counts, core.counts, &models[core.counts]).unwrap();
        table::of_core(*core, &errors)
    };
    let lines = CORES.iter().map(line).collect::<Vec<_>>().join("\n");
    let documented: Vec<_> = README.lines().map(str::trim).collect();
    assert!(documented.join("\n").contains(&lines), "README.md is to say\n{lines}");
}

/// Within 5 % on every board: the tanh network that the documentation plans.
#[test]
fn the_network_of_the_documentation() {
    let (models, counts) = (&*MODELS, counts());
    let is_it = |count: &&Count| {
        count.training().is_ok_and(|training| training.network.to_string() == "5-12-1")
    };
    let lines: Vec<_> = counts.iter().filter(is_it).collect();
    assert_eq!(lines.len(), LIMITS.len());
    for line in lines {
        assert!(!line.is_fitted());
        let errors = Errors::of(line, &models[line.board.as_str()]).unwrap();
        assert!(
            errors.step.max(errors.mean).max(errors.pause) <= 5.0,
            "{}: {errors:.1?}",
            line.board
        );
    }
}

/// Of every cell, and of every board, something is held out.
#[test]
fn every_board_and_cell_is_checked() {
    let counts = counts();
    for core in CORES {
        let held_out =
            counts.iter().filter(|count| count.board == core.counts && !count.is_fitted());
        let names: Vec<_> =
            held_out.map(|count| count.training().unwrap().network.to_string()).collect();
        for cell in ["leaky", "-gru", "mingru"] {
            assert!(names.iter().any(|name| name.contains(cell)), "{}: {names:?}", core.name);
        }
        assert!(LIMITS.iter().any(|(board, _)| *board == core.counts));
    }
}

/// The bytes of the trainers on the boards, where a `usize` has four.
#[test]
fn bytes_on_the_boards() {
    let counts = counts();
    let trained = counts.iter().filter(|count| count.k1.is_some());
    for count in trained.clone() {
        let training = count.training().unwrap();
        let bytes = [Some(training.trainer(BOARD)), Some(training.sliced(BOARD))];
        assert_eq!(
            bytes,
            [count.trainer_bytes, count.sliced_bytes],
            "{}: {training:?}",
            count.board
        );
    }
    assert!(trained.count() > 100);
}

/// The slices are cut where the crate cuts them.
#[test]
fn as_many_slices() {
    let (models, counts) = (&*MODELS, counts());
    for count in counts.iter().filter(|count| count.k1.is_some()) {
        let model = &models[count.board.as_str()];
        let slices = model.slices(&count.training().unwrap(), count.macs.unwrap());
        assert_eq!(
            Some(slices.count),
            count.slices,
            "{}: {}",
            count.board,
            count.training().unwrap().network
        );
    }
}

/// Percent: the mean of the errors of networks that are left out in turn, in a step and in the sample that
/// learns; on cores without an FPU, and with one. Those at the ends of the range are extrapolated.
const IN_TURN: [[f64; 2]; 2] = [[2.0, 3.5], [8.0, 9.5]];

#[test]
#[cfg_attr(debug_assertions, ignore = "a minute unless it is optimised: cargo test --release")]
fn each_network_is_left_out_in_turn() {
    for (board, _) in LIMITS {
        let fitted = |count: &Count| count.board == board && count.is_fitted();
        let counts: Vec<_> = counts().into_iter().filter(fitted).collect();
        let trained: Vec<_> = (0..counts.len()).filter(|&n| counts[n].k1.is_some()).collect();
        let errors: Vec<_> = trained.iter().map(|&n| without(&counts, n)).collect();
        let mean =
            |error: fn(&Errors) -> f64| errors.iter().map(error).sum::<f64>() / errors.len() as f64;
        let found = [mean(|errors| errors.step), mean(|errors| errors.pause)];
        let has_fpu = !matches!(board, "cortex-m0" | "rv32imc");
        println!("{board}: left out in turn, step and pause {found:.1?}");
        for (found, limit) in found.into_iter().zip(IN_TURN[usize::from(has_fpu)]) {
            assert!(found <= limit, "{board}: {found:.1} % of at most {limit} %");
        }
    }
}

/// The errors on count `n`, of a model that does not know it.
fn without(counts: &[Count], n: usize) -> Errors {
    let mut others = counts.to_vec();
    let left_out = others.remove(n);
    Errors::of(&left_out, &Model::fit(&others, &left_out.board).unwrap()).unwrap()
}
