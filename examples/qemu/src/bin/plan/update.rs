//! An update alone.

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{ConstZero, Optimizer, Parameters, Pcg32, clip_grad_norm, uniform};

pub struct Values<N: Parameters, O: Optimizer<N>> {
    net: N,
    gradient: N,
    state: O::State,
}

impl<N: Parameters, O: Optimizer<N>> Values<N, O> {
    pub const ZERO: Self = Self { net: N::ZERO, gradient: N::ZERO, state: ConstZero::ZERO };
}

/// What a learner does with a gradient.
#[inline(never)]
pub fn report<N: Parameters<Scalar = f32, Tensor = [f32]>, O: Optimizer<N>>(
    values: &mut Values<N, O>,
    rule: O,
    name: &str,
    out: &mut Console,
) -> Result<(), Error> {
    let Values { net, gradient, state } = black_box(values);
    let rule = black_box(rule);
    uniform(net, 0.25, &mut Pcg32::new(1, 0));
    let mut total = 0;
    for seed in 2..4 {
        uniform(gradient, 0.5, &mut Pcg32::new(seed, 0));
        let mut safe = false;
        let update = count::instructions(|| {
            gradient.scale(black_box(0.2));
            let norm = clip_grad_norm(gradient, 1.0);
            safe = norm.is_finite() && rule.is_safe(net, gradient, state);
            if safe {
                rule.update(net, gradient, state);
            }
            gradient.set_zero();
        });
        total = update.filter(|_| safe).ok_or(Error)?; // the second: the state is no longer zero
    }
    writeln!(out, "{name},,,,,,,,,,,,,,,,,,{total},,,,,")
}
