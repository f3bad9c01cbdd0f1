//! Tests: gradients against those of TensorFlow, the double loop against one pass.

use crate::loops::{by_loops, walk_back, walk_back_for_each_error};
use crate::{Gradients, HasError, LAST_TWO, STEPS, by_elman, tensorflow};

/// All sides compute in `f64`, and differ by the order of their sums.
const BOUND: f64 = 1e-12;
const EVERY_STEP: HasError = |_| true;

/// The bound is absolute, or relative to the largest number of a tensor where that is above 1.
#[track_caller]
fn assert_agree(actual: &Gradients, expected: &Gradients) {
    let tensors = expected.tensors().into_iter().zip(actual.differences(expected));
    for ((name, .., rows), difference) in tensors {
        let largest = rows.as_flattened().iter().fold(1.0_f64, |max, x| max.max(x.abs()));
        assert!(difference <= BOUND * largest, "{name}: off by {difference:e}");
    }
}

#[test]
fn gradients_are_those_of_tensorflow() {
    let (net, tensorflow) = tensorflow::read();
    let (elman, _) = by_elman::<STEPS>(&net, LAST_TWO);
    let differences = elman.differences(&tensorflow);
    assert!(differences.iter().all(|difference| *difference <= BOUND), "{differences:?}");
    for walk in [walk_back_for_each_error, walk_back] {
        assert_agree(&by_loops(&net, STEPS, LAST_TWO, walk).0, &tensorflow);
    }
}

#[test]
fn the_double_loop_and_one_pass_agree_on_100_errors() {
    let (net, _) = tensorflow::read();
    let (elman, _) = by_elman::<100>(&net, EVERY_STEP);
    for walk in [walk_back_for_each_error, walk_back] {
        assert_agree(&by_loops(&net, 100, EVERY_STEP, walk).0, &elman);
    }
}

/// Two layers, and 1 + 2 + … + 100 steps or 100.
#[test]
fn the_double_loop_is_quadratic_and_one_walk_linear() {
    let (net, _) = tensorflow::read();
    let steps = |walk| by_loops(&net, 100, EVERY_STEP, walk).2;
    assert_eq!(steps(walk_back_for_each_error), 2 * (100 * 101 / 2));
    assert_eq!(steps(walk_back), 2 * 100);
}
