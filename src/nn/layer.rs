//! Layers: what a cell is, and the traits through which cells, tuples and arrays compose.

use core::fmt::Debug;
use core::ops::Range;

use super::Activations;
use crate::num::{ConstZero, InRange};

//////////// one layer ////////////

/// One layer whose state is its output: what the author of a layer implements.
///
/// [`layer!`](crate::layer) and an empty [`Reads`] make it a layer of stacks, and
/// [`Parameters`](crate::Parameters), with [`ConstZero`], one that learns. `src/nn/dense.rs` is a
/// layer with weights; here is one without:
///
/// ```
/// use elman::{Cell, ConstZero, Dense, Parameters, Reads, Stack, Window, layer};
///
/// /// `y = max(x, 0)`
/// struct Relu;
/// type Row = [f32; 2];
///
/// impl Cell for Relu {
///     type In = Row;
///     type Out = Row;
///
///     fn step(&self, x: &Row, y: &mut Row) {
///         *y = x.map(|x| x.max(0.0));
///     }
///
///     fn backward(&self, window: Window<'_, Row, Row>, _gradient: Option<&mut Self>) {
///         let Some(d_inputs) = window.d_inputs else { return };
///         for ((d_x, d_y), x) in d_inputs.iter_mut().zip(window.d_outputs).zip(window.inputs) {
///             *d_x = core::array::from_fn(|n| if x[n] > 0.0 { d_y[n] } else { 0.0 });
///         }
///     }
/// }
/// layer!(Relu);
/// impl Reads<Row> for Relu {}
///
/// impl Parameters for Relu {
///     type Scalar = f32;
///     type Tensor = [f32];
///     const TENSORS: usize = 0;
///
///     fn tensor(&self, _: usize) -> &[f32] {
///         &[]
///     }
///     fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
///         &mut []
///     }
/// }
/// impl ConstZero for Relu {
///     const ZERO: Self = Self;
/// }
///
/// let net = Stack::new((Dense { bias: [1.0, -1.0], ..Dense::<3, 2>::ZERO }, Relu));
/// assert_eq!(net.step(&[0.0; 3], &mut Default::default()), &[1.0, 0.0]);
/// ```
pub trait Cell: Sized {
    /// One input: a row, `[T; I]`.
    type In: InRange + Copy + ConstZero + Debug;
    /// One output, which is the state too: a row, `[T; H]`.
    type Out: InRange + Copy + ConstZero + Debug;

    /// One step forward, (1.1): on entry `state` is `h_{t-1}`, on return `h_t`.
    fn step(&self, x: &Self::In, state: &mut Self::Out);

    /// Backpropagation through the steps of `window`, (1.3). Adds ∂L/∂weights to `gradient`, if one
    /// is given, except what [`accumulate`](Self::accumulate) adds.
    ///
    /// The outputs are the recorded ones, the weights those in force now. The recorded steps may come
    /// as several windows, later steps first.
    fn backward(&self, window: Window<'_, Self::In, Self::Out>, gradient: Option<&mut Self>);

    /// The parts that [`accumulate`](Self::accumulate) can be made in, of about the same work. Default: 0.
    const PARTS: usize = 0;

    /// Adds to `gradient` what is faster for many steps at once, (1.3b–c), after
    /// [`backward`](Self::backward) went through all recorded steps. By default nothing.
    ///
    /// It adds the numbers in `parts` of the gradient, a range in `0..PARTS`. The recorded steps may come
    /// as two stretches.
    fn accumulate(
        &self,
        steps: Deltas<'_, Self::In, Self::Out>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let _ = (steps, gradient, parts);
    }
}

/// Consecutive recorded steps of one layer after [`Cell::backward`].
#[derive(Debug)]
pub struct Deltas<'w, X, H> {
    /// `x_t` of each step. Shape: steps × I.
    pub inputs: &'w [X],
    /// `h_{t-1}` of the first step. Shape: H.
    pub before: &'w H,
    /// `h_t` of each step, as it was recorded. Shape: steps × H.
    pub outputs: &'w [H],
    /// What [`Cell::backward`] left in `d_outputs` of each step: `δ_t`. Shape: steps × H.
    pub deltas: &'w [H],
}

/// Consecutive recorded steps of one layer, and the gradients that travel back through them.
#[derive(Debug)]
pub struct Window<'w, X, H> {
    /// `x_t` of each step. Shape: steps × I.
    pub inputs: &'w [X],
    /// `h_{t-1}` of the first step. Shape: H.
    pub before: &'w H,
    /// `h_t` of each step, as it was recorded. Shape: steps × H.
    pub outputs: &'w [H],
    /// On entry ∂L/∂h_t of each step, from the loss and the layer above; on return the numbers that
    /// [`Deltas::deltas`] are.
    pub d_outputs: &'w mut [H],
    /// On entry ∂L/∂h of the last step from later steps; on return ∂L/∂`before`.
    pub d_state: &'w mut H,
    /// On return ∂L/∂x_t of each step, written over. `None` if the layer below needs none.
    pub d_inputs: Option<&'w mut [X]>,
}

/// `h_{t-1}`: the state before step `t` of a window.
pub(super) fn state_before<'w, H>(before: &'w H, outputs: &'w [H], t: usize) -> &'w H {
    outputs.get(t.wrapping_sub(1)).unwrap_or(before)
}

/// Makes a [`Cell`] a [`Layer`] that stacks and trains: `layer!([const I: usize] MyCell<I>);`
///
/// A macro and not a blanket implementation, under which the compiler could no longer name the
/// layer that does not fit.
#[macro_export]
macro_rules! layer {
    ([$($parameters:tt)*] $Cell:ty) => {
        impl<$($parameters)*> $crate::LayerTypes for $Cell {
            type In = <Self as $crate::Cell>::In;
            type Out = <Self as $crate::Cell>::Out;
            type State = <Self as $crate::Cell>::Out;
        }

        impl<$($parameters)*> $crate::Layer for $Cell {
            fn step<'s>(&self, x: &Self::In, state: &'s mut Self::Out) -> &'s Self::Out {
                $crate::Cell::step(self, x, state);
                state
            }

            fn output(state: &Self::Out) -> &Self::Out {
                state
            }
        }

        impl<$($parameters)*> $crate::BackwardTypes for $Cell {
            type Activations<const K: usize> = $crate::History<Self::Out, K>;
        }

        impl<$($parameters)*> $crate::Backward for $Cell {
            #[inline(always)]
            fn backward<const K: usize>(
                &self,
                steps: $crate::Steps<'_, Self, K>,
                gradient: Option<&mut Self>,
            ) {
                let $crate::Steps { inputs, before, activations, range, d_state, d_inputs } = steps;
                let (outputs, d_outputs) = $crate::Activations::rows(activations, range);
                let d_outputs = d_outputs.unwrap_or_default();
                let window =
                    $crate::Window { inputs, before, outputs, d_outputs, d_state, d_inputs };
                $crate::Cell::backward(self, window, gradient);
            }

            const PARTS: usize = <Self as $crate::Cell>::PARTS;

            #[inline(always)]
            fn accumulate<const K: usize>(
                &self,
                steps: $crate::RecordedSteps<'_, Self, K>,
                gradient: &mut Self,
                parts: ::core::ops::Range<usize>,
            ) {
                if parts.is_empty() {
                    return;
                }
                let $crate::RecordedSteps { inputs, before, activations, range } = steps;
                let (outputs, deltas) = $crate::Activations::rows(activations, range);
                let deltas = deltas.unwrap_or_default();
                let deltas = $crate::Deltas { inputs, before, outputs, deltas };
                $crate::Cell::accumulate(self, deltas, gradient, parts);
            }
        }
    };
    ($Cell:ty) => { $crate::layer!([] $Cell); };
}

//////////// layers, and layers on top of each other ////////////

/// A map from an input and a state to the next state, a part of which is the output.
///
/// [`Elman`](crate::Elman) and [`Dense`](crate::Dense) are layers, and so are tuples of layers,
/// arrays of equal layers, and [`Stack`](crate::Stack). The weights are `&self`, the state is
/// `&mut`: one network serves many streams. A layer need not be trainable; [`Backward`] is.
pub trait Layer: LayerTypes {
    /// The state before the first step: zero.
    const INITIAL_STATE: Self::State = Self::State::ZERO;

    /// One step forward, (1.1): reads `x` and the old state, leaves the new one, returns its output.
    fn step<'s>(&self, x: &Self::In, state: &'s mut Self::State) -> &'s Self::Out;

    /// The part of a state that is the output.
    fn output(state: &Self::State) -> &Self::Out;
}

/// The types of a layer, whether the layers in it fit or not.
///
/// Separate from [`Layer`] so that rustc can name these types before it knows whether the layers
/// fit. A mismatch is then one error, on [`Reads`].
pub trait LayerTypes: Sized {
    /// One input: a row `[T; I]`.
    type In: InRange + Copy + ConstZero + Debug;
    /// One output: a row `[T; O]`.
    type Out: InRange + Copy + ConstZero + Debug;
    /// The numbers that one step hands to the next: rows, or tuples and arrays of rows.
    type State: InRange + Copy + ConstZero + Debug;
}

/// A layer whose input is `X`: how neighbours in a stack are matched.
///
/// Every layer reads exactly its own [`LayerTypes::In`]; the trait exists so that the compiler can
/// name the layer that does not fit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot read an input of type `{X}`",
    label = "this layer does not fit the one before it",
    note = "in a stack, the output size of each layer must be the input size of the next"
)]
pub trait Reads<X>: Layer<In = X> {}

/// A layer without memory: its output depends on the input of the same step alone.
///
/// ```
/// use elman::{Dense, FeedForward, Stack};
///
/// fn check<L: FeedForward>() {}
/// check::<Stack<(Dense<8, 4>, Dense<4, 1>)>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has a memory",
    label = "this layer carries a state from step to step",
    note = "the layers above a cell trained by `Rtrl` must be feed-forward, as `Dense` is"
)]
pub trait FeedForward: Layer {}

//////////// backpropagation ////////////

/// A layer that gradients can travel back through, (1.3).
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no backward pass",
    label = "this layer can run, but cannot be trained"
)]
pub trait Backward: Layer + BackwardTypes {
    /// Backpropagation through `steps`, as [`Cell::backward`].
    fn backward<const K: usize>(&self, steps: Steps<'_, Self, K>, gradient: Option<&mut Self>);

    /// The parts that [`accumulate`](Self::accumulate) can be made in: those of all layers.
    const PARTS: usize;

    /// Adds to some parts of `gradient` what [`backward`](Self::backward) left out, as
    /// [`Cell::accumulate`].
    fn accumulate<const K: usize>(
        &self,
        steps: RecordedSteps<'_, Self, K>,
        gradient: &mut Self,
        parts: Range<usize>,
    );
}

/// Of `parts` those that are `n` parts from `first` on, counted from there.
pub(super) fn within(parts: &Range<usize>, first: usize, n: usize) -> Range<usize> {
    parts.start.saturating_sub(first).min(n)..parts.end.saturating_sub(first).min(n)
}

/// The type of a layer's recorded steps, whether the layers in it fit or not; see [`LayerTypes`].
pub trait BackwardTypes: LayerTypes {
    /// The recorded outputs of the last `K` steps, and their gradients.
    type Activations<const K: usize>: Activations<State = Self::State, Out = Self::Out>;
}

/// Consecutive recorded steps of a layer or network, and the gradients that travel back through
/// them. For one cell it becomes a [`Window`].
#[derive(Debug)]
pub struct Steps<'w, L: BackwardTypes, const K: usize> {
    /// The input of each step.
    pub inputs: &'w [L::In],
    /// The state before the first step.
    pub before: &'w L::State,
    /// The recorded outputs of all layers, and ∂L/∂output of each; the gradients are scratch.
    pub activations: &'w mut L::Activations<K>,
    /// The rows of `activations` that are these steps.
    pub range: Range<usize>,
    /// On entry ∂L/∂state from later steps; on return ∂L/∂`before`.
    pub d_state: &'w mut L::State,
    /// On return ∂L/∂input of each step, written over. `None` if the layer below needs none.
    pub d_inputs: Option<&'w mut [L::In]>,
}

/// Consecutive recorded steps of a layer or network after [`Backward::backward`]. For one cell it
/// becomes [`Deltas`].
#[derive(Debug)]
pub struct RecordedSteps<'w, L: BackwardTypes, const K: usize> {
    /// The input of each step.
    pub inputs: &'w [L::In],
    /// The state before the first step.
    pub before: &'w L::State,
    /// The recorded outputs of all layers, and what the backward pass left in the place of their
    /// gradients.
    pub activations: &'w mut L::Activations<K>,
    /// The rows of `activations` that are these steps.
    pub range: Range<usize>,
}
