//! Optimisers of integer layers.

mod in_float;
mod momentum;
mod sgd;

pub use self::in_float::{InFloat, InFloatState};
pub use self::momentum::{FixedMomentum, Momentum};
pub use self::sgd::{FixedSgd, Sgd};

use crate::matrix::fixed::{Numbers, add_scaled, decay, fit_weights, is_finite, make_non_finite};
use crate::nn::Parameters;
use crate::num::fixed::Factor;

/// No checked update brings a weight or a velocity above this, 2⁵⁵.
const LARGEST: f32 = (1_u64 << 55) as f32;

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
