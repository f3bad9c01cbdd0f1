//! Frozen layers: fixed weights in flash.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

use heapless::Vec;

use super::{
    Activations, Backward, BackwardTypes, FeedForward, Initialize, Layer, LayerTypes, NumberKind,
    Parameters, Pcg32, Reads, RecordedSteps, Steps, Tensor, put,
};
use crate::num::ConstZero;
use crate::safetensors::{Reader, Schema, StateDict, Tag, Writer, checksum};
use crate::state_dict;

/// A type that names a layer in a `static`.
pub trait StaticLayer {
    /// The layer, or a stack of layers.
    type Layer: Layer + 'static;

    /// The layer.
    fn layer() -> &'static Self::Layer;
}

/// The frozen lowest layers of a network: Keras's base model.
///
/// It costs its steps forward and nothing else: no bytes in a network, a gradient or an optimiser's
/// state, and no backward pass. Its history is one row of outputs per step, the inputs of the layer
/// above. The gradient of its state, which [`Tape::backward`](crate::Tape::backward) returns, is 0.
/// A layer below it could not learn, so a stack with one does not compile.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, FrozenBase, Stack, StaticLayer};
///
/// static BODY: Elman<12, 32> = Elman::ZERO; // trained at a desk
///
/// struct Body;
/// impl StaticLayer for Body {
///     type Layer = Elman<12, 32>;
///     fn layer() -> &'static Self::Layer {
///         &BODY
///     }
/// }
///
/// type Net = Stack<(FrozenBase<Body>, Dense<32, 4>)>;
/// assert_eq!(size_of::<Net>(), size_of::<Dense<32, 4>>()); // only the readout is in RAM
/// ```
///
/// Without this type: step the body by hand and train the rest on its outputs.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Layer, Optimizer, Sgd, squared_error};
///
/// type Body = Elman<12, 32>;
/// let body = Body::ZERO;
/// let mut head = Dense::<32, 4>::ZERO;
/// let mut tape = elman::Tape::<Dense<32, 4>, 1>::new();
/// let (mut h, mut gradient) = (Body::INITIAL_STATE, Dense::ZERO);
///
/// body.step(&[0.5; 12], &mut h);
/// let (_, d_y) = squared_error(tape.step(&head, &h), &[1.0; 4]);
/// tape.set_output_gradient(&d_y);
/// tape.backward(&head, &mut gradient);
/// Sgd::new(0.1).update(&mut head, &gradient, &mut ());
/// # assert_eq!(head.bias, [0.2; 4]);
/// ```
pub struct FrozenBase<W>(PhantomData<W>);

/// Frozen layers anywhere in a network, above layers that learn.
///
/// Like [`FrozenBase`] it has no bytes in a network, a gradient or an optimiser's state, and no ΔW
/// is computed. Gradients pass through it by (1.3a) and (1.3d), so its history is that of the layers
/// it names. As the lowest layers of a network, a [`FrozenBase`] does the same for less.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Frozen, Stack, StaticLayer};
///
/// static READOUT: Dense<8, 1> = Dense::ZERO;
///
/// struct Readout;
/// impl StaticLayer for Readout {
///     type Layer = Dense<8, 1>;
///     fn layer() -> &'static Self::Layer {
///         &READOUT
///     }
/// }
///
/// type Net = Stack<(Elman<3, 8>, Frozen<Readout>)>; // new sensors below a fixed readout
/// assert_eq!(size_of::<Net>(), size_of::<Elman<3, 8>>());
/// ```
pub struct Frozen<W>(PhantomData<W>);

impl<W: StaticLayer> BackwardTypes for FrozenBase<W> {
    type Activations<const K: usize> = OutputHistory<W::Layer, K>;
}

/// No gradient reaches these layers.
impl<W: StaticLayer> Backward for FrozenBase<W> {
    fn backward<const K: usize>(&self, _steps: Steps<'_, Self, K>, _gradient: Option<&mut Self>) {}
    const PARTS: usize = 0;

    fn accumulate<const K: usize>(
        &self,
        _steps: RecordedSteps<'_, Self, K>,
        _gradient: &mut Self,
        _parts: Range<usize>,
    ) {
    }
}

impl<W: StaticLayer<Layer: Backward>> BackwardTypes for Frozen<W> {
    type Activations<const K: usize> = <W::Layer as BackwardTypes>::Activations<K>;
}

/// (1.3a) and (1.3d); no gradient of the weights.
impl<W: StaticLayer<Layer: Backward>> Backward for Frozen<W> {
    fn backward<const K: usize>(&self, steps: Steps<'_, Self, K>, _gradient: Option<&mut Self>) {
        let Steps { inputs, before, activations, range, d_state, d_inputs } = steps;
        let steps = Steps { inputs, before, activations, range, d_state, d_inputs };
        W::layer().backward::<K>(steps, None);
    }

    const PARTS: usize = 0;

    fn accumulate<const K: usize>(
        &self,
        _steps: RecordedSteps<'_, Self, K>,
        _gradient: &mut Self,
        _parts: Range<usize>,
    ) {
    }
}

impl<W: StaticLayer> Reads<<W::Layer as LayerTypes>::In> for Frozen<W> {}

impl<W: StaticLayer<Layer: FeedForward>> FeedForward for Frozen<W> {}

/// What both have: the steps of their layer, and no parameters.
macro_rules! no_parameters {
    ($Frozen:ident) => {
        impl<W> $Frozen<W> {
            /// The layer; it has no bytes.
            #[must_use]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<W: StaticLayer> LayerTypes for $Frozen<W> {
            type In = <W::Layer as LayerTypes>::In;
            type Out = <W::Layer as LayerTypes>::Out;
            type State = <W::Layer as LayerTypes>::State;
        }

        impl<W: StaticLayer> Layer for $Frozen<W> {
            fn step<'s>(&self, x: &Self::In, state: &'s mut Self::State) -> &'s Self::Out {
                W::layer().step(x, state)
            }

            fn output(state: &Self::State) -> &Self::Out {
                <W::Layer as Layer>::output(state)
            }
        }

        impl<W: StaticLayer<Layer: NumberKind>> Parameters for $Frozen<W> {
            type Scalar = <W::Layer as NumberKind>::Scalar;
            type Tensor = <W::Layer as NumberKind>::Tensor;
            const TENSORS: usize = 0;

            fn tensor(&self, _n: usize) -> &Self::Tensor {
                Tensor::empty()
            }

            fn tensor_mut(&mut self, _n: usize) -> &mut Self::Tensor {
                Tensor::empty()
            }
        }

        /// No numbers: the weights are the program's. A checkpoint has their checksum, and is
        /// refused by a program with others.
        impl<W: StaticLayer<Layer: StateDict>> StateDict for $Frozen<W> {
            const SCHEMA: Schema = Schema::fields(
                const { &[("frozen", const { &Schema::tag(Tag::Checksum(|| checksum(W::layer()))) })] },
            );

            fn write(&self, _writer: &mut Writer<'_>) {}

            fn read(&mut self, _reader: &mut Reader<'_>) {}
        }

        impl<W> ConstZero for $Frozen<W> {
            const ZERO: Self = Self::new();
        }

        impl<W> Default for $Frozen<W> {
            fn default() -> Self {
                Self::new()
            }
        }

        impl<W> Clone for $Frozen<W> {
            fn clone(&self) -> Self {
                Self::new()
            }
        }

        impl<W> PartialEq for $Frozen<W> {
            fn eq(&self, _: &Self) -> bool {
                true
            }
        }

        impl<W> fmt::Debug for $Frozen<W> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($Frozen))
            }
        }

        /// Draws nothing.
        impl<W> Initialize for $Frozen<W> {
            fn init_pytorch(&mut self, _rng: &mut Pcg32) {}
            fn init_keras(&mut self, _rng: &mut Pcg32) {}
        }
    };
}

no_parameters!(FrozenBase);
no_parameters!(Frozen);

/// History of a frozen base: outputs only.
///
/// The layer above gets no `d_inputs`, and computes none.
pub struct OutputHistory<L: Layer, const K: usize> {
    outputs: Vec<L::Out, K>,
}

impl<L: Layer, const K: usize> Activations for OutputHistory<L, K> {
    type State = L::State;
    type Out = L::Out;

    fn write(&mut self, row: usize, state: &L::State) {
        put(&mut self.outputs, row, L::output(state));
    }

    /// A layer without a backward pass does not need the state before a window.
    fn read(&self, _row: usize, _state: &mut L::State) {}

    fn rows(&mut self, steps: Range<usize>) -> (&[L::Out], Option<&mut [L::Out]>) {
        (self.outputs.get(steps).unwrap_or_default(), None)
    }

    fn d_outputs(&self) -> &[L::Out] {
        &[]
    }

    fn clear(&mut self) {
        self.outputs.clear();
    }

    fn clear_gradients(&mut self) {}
}

impl<L: Layer, const K: usize> ConstZero for OutputHistory<L, K> {
    const ZERO: Self = Self { outputs: Vec::new() };
}

impl<L: Layer, const K: usize> Clone for OutputHistory<L, K> {
    fn clone(&self) -> Self {
        Self { outputs: self.outputs.clone() }
    }
}

impl<L: Layer, const K: usize> fmt::Debug for OutputHistory<L, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputHistory").field("outputs", &self.outputs).finish()
    }
}

state_dict!([L: Layer, const K: usize] OutputHistory<L, K> {
    outputs: Vec<L::Out, K>,
} where L::Out: StateDict);
