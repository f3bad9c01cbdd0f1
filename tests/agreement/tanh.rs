//! The activation in `f32` against `libm`'s in `f64`.

use core::ops::Range;

use crate::support::all_numbers::{POSITIVE, larger, worst_of_all};
use elman::Scalar;

/// In units in the last place of the rounded reference: 1.565 over all of `f32`. Most of it is the
/// rounding of `e^{2a}` and of the quotient just above 0.6875. (`libm::tanhf` has 2.14.)
const MAX_ULP: f64 = 1.57;

/// Every 4099th number: a prime, so that no bit keeps its value.
#[test]
fn a_sample_of_all_numbers() {
    let (ulp, x) = check(POSITIVE, 4099);
    println!("tanh: {ulp:.3} ulp at {x:e}, of a sample");
}

/// All 2³² numbers, on all processors: a minute or two in release.
#[test]
#[ignore = "a minute or two, in release: cargo test --release --test agreement -- tanh --ignored"]
fn all_numbers() {
    let worst = worst_of_all(check);
    println!("tanh: {:.3} ulp at {:e}, of all numbers", worst.0, worst.1);
}

/// Checks every `stride`-th number of a range of positive ones and its negative: error, oddness,
/// monotony, `|y| ≤ 1`. Returns the largest error in ulp, and where it is.
fn check(bits: Range<u32>, stride: usize) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    let mut before = 0.0;
    for x in bits.step_by(stride).map(f32::from_bits) {
        let y = x.tanh_();
        assert_eq!((-x).tanh_().to_bits(), (-y).to_bits(), "odd at {x:e}");
        assert!(before <= y && y <= 1.0, "monotone and at most 1 at {x:e}: {before:e}, {y:e}");
        before = y;
        let reference = libm::tanh(f64::from(x));
        let ulp = (f64::from(y) - reference).abs() / spacing(reference as f32);
        assert!(ulp <= MAX_ULP, "{ulp:.3} ulp at {x:e}");
        worst = larger(worst, (ulp, x));
    }
    worst
}

/// The distance from `|y|` to the next larger number.
fn spacing(y: f32) -> f64 {
    f64::from(f32::from_bits(y.to_bits() + 1)) - f64::from(y)
}

#[test]
fn tanh_saturates_at_one() {
    assert_eq!(f32::INFINITY.tanh_(), 1.0);
    assert_eq!(f32::NEG_INFINITY.tanh_(), -1.0);
    assert_eq!(0.0_f32.tanh_().to_bits(), 0.0_f32.to_bits());
    assert_eq!((-0.0_f32).tanh_().to_bits(), (-0.0_f32).to_bits());
}

/// Subnormals come back unchanged, in every bit.
#[test]
fn tanh_of_subnormals_is_right() {
    for x in (0..f32::MIN_POSITIVE.to_bits()).step_by(97).map(f32::from_bits) {
        assert_eq!(x.tanh_().to_bits(), x.to_bits());
    }
}

/// Every kind of NaN stays a NaN.
#[test]
fn tanh_of_nan_is_nan() {
    for nan in (f32::INFINITY.to_bits() + 1..1 << 31).step_by(997) {
        for x in [nan, nan | 1 << 31].map(f32::from_bits) {
            assert!(x.tanh_().is_nan(), "{:x}", x.to_bits());
        }
    }
}

/// `x.tanh()` on a concrete `f32` would be the standard library's.
trait Tanh: Scalar {
    fn tanh_(self) -> Self {
        Scalar::tanh(self)
    }
}

impl Tanh for f32 {}
