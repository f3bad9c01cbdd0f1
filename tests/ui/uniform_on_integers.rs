//@ error: E0271
//@ message: <FixedDense<12, 1> as Parameters>
//! uniform fills tensors of floats; integer layers have Initialize.
use elman::{ConstZero, Pcg32, fixed, uniform};

fn main() {
    uniform(&mut fixed::Dense::<12, 1>::ZERO, 0.5, &mut Pcg32::new(1, 0));
}
