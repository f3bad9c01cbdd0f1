//! The SGD training loop of integer layers: the same as [`SgdLoop`](super::sgd_loop::SgdLoop).

use elman::fixed::{Numbers, Quantize, Row, Sgd};
use elman::{
    Backward, ConstZero, Loss, Optimizer, Parameters, Pcg32, SquaredError, Tape, clip_grad_norm,
    uniform,
};

/// A network of integers trained by truncated BPTT and SGD to forecast, one sample at a time.
pub struct FixedLoop<Net: Backward, const K: usize> {
    pub net: Net,
    gradient: Net,
    tape: Tape<Net, K>,
}

impl<Net, const K: usize> FixedLoop<Net, K>
where
    Net: Backward<In = Row<1>, Out = Row<1>> + Parameters<Scalar = f32, Tensor = dyn Numbers>,
{
    /// All zero.
    pub const fn new() -> Self {
        Self { net: Net::ZERO, gradient: Net::ZERO, tape: Tape::new() }
    }

    /// Draws the weights that [`uniform`] draws for the net of floats.
    pub fn initialize(&mut self, limit: f32)
    where
        Net: Quantize<Float: ConstZero>,
    {
        let mut float = Net::Float::ZERO;
        uniform(&mut float, limit, &mut Pcg32::new(1, 0));
        self.net.quantize(&float);
    }

    /// Resets the state and the tape; the weights stay.
    pub fn reset(&mut self) {
        self.tape.reset(Net::INITIAL_STATE);
    }

    /// Forecasts `next` from `now` and trains on it; returns the squared error.
    ///
    /// Every `K1` steps there is an update; its loss is the mean over these steps.
    pub fn observe<const K1: usize>(&mut self, now: f32, next: f32, rate: f32) -> f32 {
        let y = self.tape.step(&self.net, &Row::from([now]));
        let (loss, d_y) = SquaredError::loss(y, &[next]);
        self.tape.set_output_gradient(&d_y);
        if self.tape.due::<K1>() {
            self.update(K1, rate);
        }
        loss
    }

    /// One update of the gradient over `steps`, with the mean's norm clipped at 1.
    fn update(&mut self, steps: usize, rate: f32) {
        self.tape.backward(&self.net, &mut self.gradient);
        self.gradient.scale(1.0 / steps as f32);
        if clip_grad_norm(&mut self.gradient, 1.0).is_finite() {
            Sgd::new(rate).update(&mut self.net, &self.gradient, &mut ());
        }
        self.gradient.set_zero();
    }
}

impl<Net, const K: usize> Default for FixedLoop<Net, K>
where
    Net: Backward<In = Row<1>, Out = Row<1>> + Parameters<Scalar = f32, Tensor = dyn Numbers>,
{
    fn default() -> Self {
        Self::new()
    }
}
