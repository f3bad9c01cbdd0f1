//! What is finite.

use elman::{AdamState, MomentumState, Parameters, RmsPropState};

/// Values whose numbers can be looked at.
pub trait Sound {
    fn is_sound(&self) -> bool;
}

pub fn is_finite<P: Parameters<Scalar = f32, Tensor = [f32]>>(net: &P) -> bool {
    (0..P::TENSORS).all(|n| net.tensor(n).iter().all(|w| w.is_finite()))
}

impl Sound for () {
    fn is_sound(&self) -> bool {
        true
    }
}

impl<P: Parameters<Scalar = f32, Tensor = [f32]>> Sound for MomentumState<P> {
    fn is_sound(&self) -> bool {
        is_finite(&self.velocity)
    }
}

impl<P: Parameters<Scalar = f32, Tensor = [f32]>> Sound for RmsPropState<P> {
    fn is_sound(&self) -> bool {
        is_finite(&self.mean_square)
    }
}

impl<P: Parameters<Scalar = f32, Tensor = [f32]>> Sound for AdamState<P> {
    fn is_sound(&self) -> bool {
        is_finite(&self.mean) && is_finite(&self.mean_square)
    }
}
