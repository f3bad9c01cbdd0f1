//! Integer gradients, an optimiser of floats.

use crate::nn::fixed::Quantize;
use crate::nn::max_abs;
use crate::num::ConstZero;
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::{Optimizer, SlicedOptimizer};

/// Any optimiser of floats on integer layers: the gradient is computed in integers, the update in
/// `f32`.
///
/// The weights stay the integers; for an update they and the gradient are written out as floats, and
/// the new weights are rounded to 32 bits again. So Adam costs what it costs on floats, and 4 bytes
/// per weight twice besides its own state.
///
/// ```
/// use elman::{Adam, Initialize, Pcg32, Stack, Trainer, fixed};
///
/// type Net = Stack<(fixed::Elman<1, 8>, fixed::Dense<8, 1>)>;
/// let mut trainer = Trainer::<Net, fixed::InFloat<Adam>, 5, 20>::new(fixed::InFloat(Adam::new(0.01)));
/// trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
/// let mut loss = 1.0;
/// for _ in 0..1000 {
///     loss = trainer.observe(&fixed::Row::from([0.5]), &[0.25])?.loss;
/// }
/// assert!(loss < 1e-4);
/// # Ok::<(), elman::TrainError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InFloat<O>(pub O);

/// The state of [`InFloat`].
#[derive(Clone, Debug)]
pub struct InFloatState<F, S> {
    /// The optimiser's own.
    pub state: S,
    /// Weights and gradient of one update, written anew in each.
    net: F,
    gradient: F,
}

impl<P: Quantize, O: SlicedOptimizer<P::Float>> Optimizer<P> for InFloat<O> {
    type State = InFloatState<P::Float, O::State>;

    fn update(&self, net: &mut P, gradient: &P, scratch: &mut Self::State) {
        net.dequantize(&mut scratch.net);
        gradient.dequantize(&mut scratch.gradient);
        self.0.update(&mut scratch.net, &scratch.gradient, &mut scratch.state);
        net.quantize(&scratch.net);
    }

    fn is_safe(&self, net: &P, gradient: &P, InFloatState { state, .. }: &Self::State) -> bool {
        let [first, second] = [O::max_abs(state, 0), O::max_abs(state, 1)];
        self.0.is_safe_within([max_abs(net), max_abs(gradient), first, second], state)
    }

    fn with_rate_scaled(self, factor: f32) -> Self {
        Self(self.0.with_rate_scaled(factor))
    }

    fn reset(scratch: &mut Self::State) {
        O::reset(&mut scratch.state);
    }
}

impl<O: ConstZero> ConstZero for InFloat<O> {
    const ZERO: Self = Self(O::ZERO);
}

impl<F: ConstZero, S: ConstZero> ConstZero for InFloatState<F, S> {
    const ZERO: Self = Self { state: S::ZERO, net: F::ZERO, gradient: F::ZERO };
}

// The scratch holds nothing between updates.
state_dict!([F, S: StateDict] InFloatState<F, S> { state: S });
