//! Stack of layers, (1.2).

use core::ops::Range;

use super::{
    Backward, BackwardTypes, FeedForward, Initialize, Layer, LayerTypes, Parameters, Pcg32, Reads,
    RecordedSteps, Steps,
};
use crate::num::ConstZero;
use crate::safetensors::{StateDict, state_dict_of_newtype};

/// A network: layers on top of each other, each reading the output of the one before it.
///
/// ```text
/// h^l_t = f(h^{l-1}_t, h^l_{t-1}),   h^0_t = x_t        (1.2)
/// ```
///
/// `L` is a tuple of two to six layers, or an array of equal ones; both nest. The type is the whole
/// architecture:
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Layer, Stack};
///
/// type Net = Stack<(Elman<3, 16>, [Elman<16, 16>; 2], Dense<16, 2>)>;
///
/// let net = Net::ZERO;
/// let mut state = Net::INITIAL_STATE;
/// let y: &[f32; 2] = net.step(&[0.1, 0.2, 0.3], &mut state);
/// # assert_eq!(y, &[0.0, 0.0]);
/// ```
///
/// Layers that do not fit do not compile, and the message names the layer. Access the layers
/// by pattern, `let Stack((elman, _, dense)) = &net`, or by number, `net.0.0.kernel`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack<L>(pub L);

impl<L: LayerTypes> Stack<L> {
    /// The state before the first step: zero.
    pub const INITIAL_STATE: L::State = ConstZero::ZERO;

    /// Stacks layers.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Elman, Stack};
    ///
    /// let net = Stack::new((Elman::<1, 12>::ZERO, Dense::<12, 1>::ZERO));
    /// # let _ = net;
    /// ```
    #[must_use]
    pub const fn new(layers: L) -> Self
    where
        L: Layer,
    {
        Self(layers)
    }

    /// One step forward, [`Layer::step`].
    // Beside the trait's, so that the error for layers that do not fit names the layer.
    pub fn step<'s>(&self, x: &L::In, state: &'s mut L::State) -> &'s L::Out
    where
        L: Layer,
    {
        self.0.step(x, state)
    }
}

impl<L: LayerTypes> LayerTypes for Stack<L> {
    type In = L::In;
    type Out = L::Out;
    type State = L::State;
}

impl<L: Layer> Layer for Stack<L> {
    fn step<'s>(&self, x: &L::In, state: &'s mut L::State) -> &'s L::Out {
        self.0.step(x, state)
    }

    fn output(state: &L::State) -> &L::Out {
        L::output(state)
    }
}

impl<L: Reads<X>, X> Reads<X> for Stack<L> {}

impl<L: FeedForward> FeedForward for Stack<L> {}

impl<L: BackwardTypes> BackwardTypes for Stack<L> {
    type Activations<const K: usize> = L::Activations<K>;
}

impl<L: Backward> Backward for Stack<L> {
    #[inline(always)]
    fn backward<const K: usize>(&self, steps: Steps<'_, Self, K>, gradient: Option<&mut Self>) {
        let Steps { inputs, before, activations, range, d_state, d_inputs } = steps;
        let steps = Steps { inputs, before, activations, range, d_state, d_inputs };
        self.0.backward::<K>(steps, gradient.map(|gradient| &mut gradient.0));
    }

    const PARTS: usize = L::PARTS;

    #[inline(always)]
    fn accumulate<const K: usize>(
        &self,
        steps: RecordedSteps<'_, Self, K>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let RecordedSteps { inputs, before, activations, range } = steps;
        let steps = RecordedSteps { inputs, before, activations, range };
        self.0.accumulate::<K>(steps, &mut gradient.0, parts);
    }
}

impl<L: Parameters> Parameters for Stack<L> {
    type Scalar = L::Scalar;
    type Tensor = L::Tensor;
    const TENSORS: usize = L::TENSORS;

    fn tensor(&self, n: usize) -> &L::Tensor {
        self.0.tensor(n)
    }

    fn tensor_mut(&mut self, n: usize) -> &mut L::Tensor {
        self.0.tensor_mut(n)
    }
}

impl<L: ConstZero> ConstZero for Stack<L> {
    const ZERO: Self = Self(L::ZERO);
}

impl<L: ConstZero> Default for Stack<L> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<L: Initialize> Initialize for Stack<L> {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        self.0.init_pytorch(rng);
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        self.0.init_keras(rng);
    }
}

state_dict_of_newtype!([L: StateDict] Stack<L>: L);
