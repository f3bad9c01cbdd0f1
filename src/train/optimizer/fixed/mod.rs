//! Optimisers of integer layers.

mod in_float;
mod momentum;
mod sgd;

pub use self::in_float::{InFloat, InFloatState};
pub use self::momentum::Momentum;
pub use self::sgd::Sgd;

use crate::matrix::fixed::{
    Numbers, add_scaled, decay, fit_weights, is_finite, magnitude, make_non_finite,
};
use crate::nn::Parameters;
use crate::num::fixed::Factor;

/// No update may bring a weight to 2 to the power of this.
const LARGEST: i32 = 55;

/// Descends every tensor of `net`: `descend(w, n)` adds the step to tensor `n`, if all is finite.
fn update<P: Parameters<Scalar = f32, Tensor = dyn Numbers>>(
    net: &mut P,
    weight_decay: Option<Factor>,
    mut descend: impl FnMut(&mut dyn Numbers, usize) -> Option<()>,
) {
    for n in 0..P::TENSORS {
        let w = net.tensor_mut(n);
        if weight_decay.map(|f| decay(w, f)).and_then(|()| descend(w, n)).is_some() {
            fit_weights(w, true);
        } else {
            make_non_finite(w);
        }
    }
}

/// `w −= rate · g`; `None` if they are not finite.
fn descend(w: &mut dyn Numbers, rate: f32, g: &dyn Numbers) -> Option<()> {
    if !is_finite(g) {
        return None;
    }
    add_scaled(w, Factor::new(-rate)?, g);
    Some(())
}

/// Whether every tensor is finite and below the largest weight, after a factor.
fn is_small<P: Parameters<Tensor = dyn Numbers>>(net: &P, factor: f32) -> bool {
    let small = |factor: Factor| {
        (0..P::TENSORS)
            .map(|n| net.tensor(n))
            .all(|tensor| is_finite(tensor) && magnitude(tensor) + factor.exponent + 15 <= LARGEST)
    };
    Factor::new(factor).is_some_and(small)
}
