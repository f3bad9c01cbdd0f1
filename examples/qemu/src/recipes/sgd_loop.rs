//! SGD training loop: network, gradient and tape in one value that can be a `static`.

use elman::{Backward, Optimizer, Parameters, Sgd, Tape, clip_grad_norm, squared_error};

/// A network trained by truncated BPTT and SGD to forecast, one sample at a time.
pub struct SgdLoop<Net: Backward, const K: usize> {
    pub net: Net,
    gradient: Net,
    tape: Tape<Net, K>,
}

impl<Net, const K: usize> SgdLoop<Net, K>
where
    Net: Backward<In = [f32; 1], Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>,
{
    /// All zero.
    pub const fn new() -> Self {
        Self { net: Net::ZERO, gradient: Net::ZERO, tape: Tape::new() }
    }

    /// Resets the state and the tape; the weights stay.
    pub fn reset(&mut self) {
        self.tape.reset(Net::INITIAL_STATE);
    }

    /// Forecasts `next` from `now` and trains on it; returns the squared error.
    ///
    /// Every `K1` steps there is an update; its loss is the mean over these steps.
    pub fn observe<const K1: usize>(&mut self, now: f32, next: f32, rate: f32) -> f32 {
        let y = self.tape.step(&self.net, &[now]);
        let (loss, d_y) = squared_error(y, &[next]);
        self.tape.set_output_gradient(&d_y.map(|d| d / K1 as f32));
        if self.tape.due::<K1>() {
            self.update(rate);
        }
        loss
    }

    /// One update, with the gradient's norm clipped at 1.
    fn update(&mut self, rate: f32) {
        self.tape.backward(&self.net, &mut self.gradient);
        if clip_grad_norm(&mut self.gradient, 1.0).is_finite() {
            Sgd::new(rate).update(&mut self.net, &self.gradient, &mut ());
        }
        self.gradient.set_zero();
    }
}

impl<Net, const K: usize> Default for SgdLoop<Net, K>
where
    Net: Backward<In = [f32; 1], Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>,
{
    fn default() -> Self {
        Self::new()
    }
}
