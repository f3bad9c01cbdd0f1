//! Real-time recurrent learning of a diagonal cell: the exact gradient without a tape.

use crate::nn::{Backward, BackwardTypes, FeedForward, MinGru, Reads, Stack};
use crate::num::{ConstZero, Scalar};
use crate::safetensors::StateDict;
use crate::state_dict;
use crate::train::Tape;

/// The state of one stream through a [`MinGru`] below layers without memory, and what its exact
/// gradient needs: a second way to train beside the [`Tape`].
///
/// ```text
/// ∂L_t/∂W = ∂L_t/∂h_t ∘ ∂h_t/∂W,   the trace ∂h_t/∂W carried forward
/// ```
///
/// The gradient of each step's loss reaches back to the first step of the stream, with memory and
/// work that do not depend on how far that is. While the weights stand still it is the gradient of
/// full BPTT; when they change on the way, older parts of the trace belong to older weights.
///
/// The traces are one more network of the cell's size; the step has to update each of them. A tape
/// costs less work a step, and memory for each of its K steps.
///
/// ```
/// use elman::{
///     ConstZero, Dense, Initialize, MinGru, Optimizer, Parameters, Pcg32, Rtrl, Sgd, Stack,
///     squared_error,
/// };
///
/// type Head = Dense<8, 1>;
/// type Net = Stack<(MinGru<1, 8>, Head)>;
///
/// let mut net = Net::ZERO;
/// net.init_pytorch(&mut Pcg32::new(1, 0));
/// let mut gradient = Net::ZERO;
/// let mut rtrl = Rtrl::<1, 8, Head>::new();
/// for t in 0..200 {
///     let y = rtrl.step(&net, &[(t % 4) as f32]);
///     let (_loss, d_y) = squared_error(y, &[0.5]);
///     rtrl.backward(&net, &d_y, &mut gradient);
///     Sgd::new(0.02).update(&mut net, &gradient, &mut ());
///     gradient.set_zero();
/// }
/// assert!((rtrl.step(&net, &[0.0])[0] - 0.5).abs() < 0.1);
/// ```
///
/// A layer with memory above the cell does not compile:
///
/// ```compile_fail
/// # use elman::{Elman, Rtrl};
/// let rtrl = Rtrl::<1, 8, Elman<8, 4>>::new();
/// ```
#[derive(Clone, Debug)]
pub struct Rtrl<const I: usize, const H: usize, L: BackwardTypes, T = f32> {
    state: [T; H],
    /// ∂h/∂weights.
    trace: MinGru<I, H, T>,
    /// The newest step of the layers above.
    above: Tape<L, 1>,
}

/// The networks that [`Rtrl`] trains.
type Net<const I: usize, const H: usize, L, T> = Stack<(MinGru<I, H, T>, L)>;

impl<const I: usize, const H: usize, L, T: Scalar> Rtrl<I, H, L, T>
where
    L: Backward<In = [T; H]> + FeedForward + Reads<[T; H]>,
{
    /// A stream before its first step.
    #[must_use]
    pub const fn new() -> Self {
        Self { state: ConstZero::ZERO, trace: ConstZero::ZERO, above: Tape::new() }
    }

    /// One step forward, with its traces. Returns the output.
    pub fn step(&mut self, net: &Net<I, H, L, T>, x: &[T; I]) -> &L::Out {
        let Stack((cell, above)) = net;
        cell.step_with_trace(x, &mut self.state, &mut self.trace);
        self.above.step(above, &self.state)
    }

    /// Adds ∂L/∂weights of a loss at the newest step, whose ∂L/∂y is `d_y`, to `gradient`.
    pub fn backward(
        &mut self,
        net: &Net<I, H, L, T>,
        d_y: &L::Out,
        gradient: &mut Net<I, H, L, T>,
    ) {
        let mut d_h = [[T::ZERO; H]];
        self.above.set_output_gradient(d_y);
        self.above.backward_to_inputs(&net.0.1, &mut gradient.0.1, &mut d_h);
        let [d_h] = d_h;
        gradient.0.0.add_trace(&self.trace, &d_h);
    }

    /// The state of the cell now.
    #[must_use]
    pub const fn state(&self) -> &[T; H] {
        &self.state
    }

    /// Starts a new sequence from `state`, a constant to the gradient.
    pub fn reset(&mut self, state: [T; H]) {
        self.state = state;
        self.trace = ConstZero::ZERO;
        self.above.reset(L::INITIAL_STATE);
    }
}

impl<const I: usize, const H: usize, L, T: Scalar> Default for Rtrl<I, H, L, T>
where
    L: Backward<In = [T; H]> + FeedForward + Reads<[T; H]>,
{
    fn default() -> Self {
        Self::new()
    }
}

state_dict!([const I: usize, const H: usize, L: BackwardTypes, T: Scalar + StateDict]
    Rtrl<I, H, L, T> {
        state: [T; H],
        trace: MinGru<I, H, T>,
        above: Tape<L, 1>,
    } where Tape<L, 1>: StateDict);
