//! The logistic function in `f32` against the definition in `f64`.

use core::ops::Range;

use crate::support::all_numbers::{POSITIVE, larger, worst_of_all};
use elman::Scalar;

/// Absolute, in units of 2⁻²⁴, the last place of the numbers from ½ to 1.
const MAX_ERROR: f64 = 1.2;
const UNIT: f64 = 1.0 / 16_777_216.0;

/// Every 4099th number: a prime, so that no bit keeps its value.
#[test]
fn a_sample_of_all_numbers_is_within_the_stated_error() {
    let (error, x) = check(POSITIVE, 4099);
    println!("sigmoid: {error:.3} units of 2^-24 at {x:e}, of a sample");
}

/// All 2³² numbers, on all processors: a minute or two in release.
#[test]
#[ignore = "a minute or two, in release: cargo test --release --test agreement -- sigmoid --ignored"]
fn all_numbers_are_within_the_stated_error() {
    let worst = worst_of_all(check);
    println!("sigmoid: {:.3} units of 2^-24 at {:e}, of all numbers", worst.0, worst.1);
}

/// Checks every `stride`-th number of a range of positive ones and its negative: error, symmetry,
/// monotony. Returns the largest error in units, and where it is.
fn check(bits: Range<u32>, stride: usize) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    let mut before = 0.5;
    for x in bits.step_by(stride).map(f32::from_bits) {
        let (y, mirrored) = (x.sigmoid(), (-x).sigmoid());
        assert_eq!(y + mirrored, 1.0, "symmetric at {x:e}");
        assert_eq!(1.0 - y, mirrored, "exactly at {x:e}");
        assert!(before <= y && y <= 1.0, "monotone and at most 1 at {x:e}: {before:e}, {y:e}");
        before = y;
        for (x, y) in [(x, y), (-x, mirrored)] {
            let reference = 1.0 / (1.0 + libm::exp(-f64::from(x)));
            let error = (f64::from(y) - reference).abs() / UNIT;
            assert!(error <= MAX_ERROR, "{error:.3} units at {x:e}");
            worst = larger(worst, (error, x));
        }
    }
    worst
}

/// From 16.93 on the result is exactly 0 or 1, up to there it is neither.
#[test]
fn a_gate_is_closed_from_16_93_on() {
    assert_eq!([16.93, f32::INFINITY].map(Scalar::sigmoid), [1.0, 1.0]);
    assert_eq!([-16.93, f32::NEG_INFINITY].map(Scalar::sigmoid), [0.0, 0.0]);
    assert!((-16.92_f32).sigmoid() > 0.0 && 16.92_f32.sigmoid() < 1.0);
    assert!(f32::NAN.sigmoid().is_nan() && f64::NAN.sigmoid().is_nan());
}

/// In `f64` the definition, within four roundings.
#[test]
fn in_f64_it_is_the_definition() {
    for k in -4000..=4000 {
        let x = f64::from(k) / 100.0;
        let reference = 1.0 / (1.0 + libm::exp(-x));
        assert!((x.sigmoid() - reference).abs() <= 4.0 * f64::EPSILON, "at {x}");
    }
}
