//! The kernels of this processor, bit for bit: shapes drawn from 1 × 1 to 9 × 9, as many as the RAM of the
//! smallest board takes, and the square root of the optimisers.
#![no_std]
#![no_main]

mod shape;

use core::fmt::{Error, Write};

use board::Console;
use elman::{ConstZero, Dense, Matrix, Optimizer, Pcg32, RmsProp, RmsPropState, Scalar};
use shape::{Shape, drawn, report_drawn};

const SHAPES: [(usize, usize); 8] = drawn(8, 9);

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        report_drawn!(out: SHAPES 0 1 2 3 4 5 6 7);
        roots(out)
    })
}

/// RMSprop with mean squares of any bits, against its equation with `Scalar::sqrt`.
fn roots(out: &mut Console) -> Result<bool, Error> {
    const NUMBERS: u32 = 2000;
    /// The mean square stays as it is.
    const RULE: RmsProp = RmsProp { alpha: 1.0, ..RmsProp::new(1.0) };
    let mut rng = Pcg32::new(3, 0);
    let mut different = 0;
    for _ in 0..NUMBERS {
        let s = f32::from_bits(rng.next_u32());
        let mean_square = Dense { kernel: Matrix([[s]]), bias: [0.0] };
        let gradient = Dense { kernel: Matrix([[0.5]]), bias: [0.0] };
        let mut net = Dense::<1, 1>::ZERO;
        RULE.update(&mut net, &gradient, &mut RmsPropState { mean_square });

        // A negative mean square and a subnormal one count as 0.
        let s = if s < f32::MIN_POSITIVE { 0.0 } else { s };
        let expected = 0.0 - 0.5 / (Scalar::sqrt(s) + RULE.epsilon);
        let found = net.kernel.0[0][0];
        let is_same = found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan();
        different += u32::from(!is_same);
    }
    writeln!(out, "roots: {NUMBERS} numbers, {different} differ")?;
    Ok(different == 0)
}
