//! Layers that do not learn.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;

use heapless::Vec;

use crate::record::put;
use crate::safetensors::Saved;
use crate::{Init, Layer, Parameters, Pcg32, Reads, Record, Shape, Zeros, saved};

/// A type that names weights that stay as they are, in flash.
pub trait Weights {
    /// The layer, or a stack of layers.
    type Layer: Layer + 'static;

    /// The weights.
    fn weights() -> &'static Self::Layer;
}

/// The lowest layers of a network, with weights that do not learn: what Keras calls a base model.
///
/// It costs nothing but its steps forward: it has no bytes in a network, a gradient, a moment or a
/// snapshot, and no error is computed for it. Its record is one row of outputs per step, which the
/// layer above reads. The error of its own state, which [`Tape::backward`](crate::Tape::backward)
/// returns, is 0. What is below it could not learn, so with a layer below it a stack does not compile.
///
/// ```
/// use elman::{Dense, Elman, FrozenBase, Stack, Weights, Zeros};
///
/// static BODY: Elman<12, 32> = Elman::ZEROS; // trained at a desk
///
/// struct Body;
/// impl Weights for Body {
///     type Layer = Elman<12, 32>;
///     fn weights() -> &'static Self::Layer {
///         &BODY
///     }
/// }
///
/// type Net = Stack<(FrozenBase<Body>, Dense<32, 4>)>;
/// assert_eq!(size_of::<Net>(), size_of::<Dense<32, 4>>()); // in RAM, only what learns
/// ```
///
/// The same by value: step the body by hand, and train the rest on its outputs.
///
/// ```
/// use elman::{Dense, Elman, Layer, Sgd, Zeros, squared_error};
///
/// type Body = Elman<12, 32>;
/// let body = Body::ZEROS;
/// let mut head = Dense::<32, 4>::ZEROS;
/// let mut tape = elman::Tape::<Dense<32, 4>, 1>::new();
/// let (mut h, mut gradient) = (Body::REST, Dense::ZEROS);
///
/// body.step(&[0.5; 12], &mut h);
/// let (_, d_y) = squared_error(tape.step(&head, &h), &[1.0; 4]);
/// tape.error(&d_y);
/// tape.backward(&head, &mut gradient);
/// Sgd::new(0.1).update(&mut head, &gradient);
/// # assert_eq!(head.bias, [0.2; 4]);
/// ```
pub struct FrozenBase<W>(PhantomData<W>);

/// Layers anywhere in a network, with weights that do not learn, while layers below them do.
///
/// Like [`FrozenBase`] it has no bytes in a network, a gradient or a moment, and no ΔW is computed.
/// But errors pass through it: it records as much as the layers it names, and travels back through
/// them by (1.3 a) and (1.3 d). As the lowest layers of a network, a [`FrozenBase`] does the same for
/// less.
///
/// ```
/// use elman::{Dense, Elman, Frozen, Stack, Weights, Zeros};
///
/// static READOUT: Dense<8, 1> = Dense::ZEROS;
///
/// struct Readout;
/// impl Weights for Readout {
///     type Layer = Dense<8, 1>;
///     fn weights() -> &'static Self::Layer {
///         &READOUT
///     }
/// }
///
/// type Net = Stack<(Elman<3, 8>, Frozen<Readout>)>; // the sensors changed, their meaning did not
/// assert_eq!(size_of::<Net>(), size_of::<Elman<3, 8>>());
/// ```
pub struct Frozen<W>(PhantomData<W>);

impl<W: Weights> Shape for FrozenBase<W> {
    type In = <W::Layer as Shape>::In;
    type Out = <W::Layer as Shape>::Out;
    type State = <W::Layer as Shape>::State;
    type Record<const K: usize> = Outputs<W::Layer, K>;
}

impl<W: Weights> Layer for FrozenBase<W> {
    fn step<'s>(&self, x: &Self::In, state: &'s mut Self::State) -> &'s Self::Out {
        W::weights().step(x, state)
    }

    fn output(state: &Self::State) -> &Self::Out {
        <W::Layer as Layer>::output(state)
    }

    /// Nothing learns here, and nothing below.
    fn backward<const K: usize>(
        &self,
        _x: &[Self::In],
        _before: &Self::State,
        _record: &mut Outputs<W::Layer, K>,
        _steps: Range<usize>,
        _carry: &mut Self::State,
        _gradient: Option<&mut Self>,
        _d_x: Option<&mut [Self::In]>,
    ) {
    }
}

impl<W: Weights> Shape for Frozen<W> {
    type In = <W::Layer as Shape>::In;
    type Out = <W::Layer as Shape>::Out;
    type State = <W::Layer as Shape>::State;
    type Record<const K: usize> = <W::Layer as Shape>::Record<K>;
}

impl<W: Weights> Layer for Frozen<W> {
    fn step<'s>(&self, x: &Self::In, state: &'s mut Self::State) -> &'s Self::Out {
        W::weights().step(x, state)
    }

    fn output(state: &Self::State) -> &Self::Out {
        <W::Layer as Layer>::output(state)
    }

    /// (1.3 a) and (1.3 d), and no gradient.
    fn backward<const K: usize>(
        &self,
        x: &[Self::In],
        before: &Self::State,
        record: &mut Self::Record<K>,
        steps: Range<usize>,
        carry: &mut Self::State,
        _gradient: Option<&mut Self>,
        d_x: Option<&mut [Self::In]>,
    ) {
        W::weights().backward::<K>(x, before, record, steps, carry, None, d_x);
    }
}

impl<W: Weights> Reads<<W::Layer as Shape>::In> for Frozen<W> {}

macro_rules! no_parameters {
    ($Frozen:ident) => {
        impl<W> $Frozen<W> {
            /// The layer; it has no bytes.
            #[must_use]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<W: Weights> Parameters for $Frozen<W> {
            type Scalar = <W::Layer as Parameters>::Scalar;

            /// There are no tensors.
            fn walk<const M: usize, const N: usize>(
                _read: [&Self; M],
                _write: [&mut Self; N],
                _f: &mut impl FnMut([&[Self::Scalar]; M], [&mut [Self::Scalar]; N]),
            ) {
            }
        }

        saved!([W] $Frozen<W> {});

        impl<W> Zeros for $Frozen<W> {
            const ZEROS: Self = Self::new();
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

        /// There is nothing to draw.
        impl<W> Init for $Frozen<W> {
            fn pytorch(&mut self, _rng: &mut Pcg32) {}
            fn keras(&mut self, _rng: &mut Pcg32) {}
        }
    };
}

no_parameters!(FrozenBase);
no_parameters!(Frozen);

/// The record of a layer that passes no error on: its outputs, and no room for their errors.
///
/// The layer above finds no rows to leave its error in, and computes none.
pub struct Outputs<L: Layer, const K: usize> {
    outputs: Vec<L::Out, K>,
}

impl<L: Layer, const K: usize> Record for Outputs<L, K> {
    type State = L::State;
    type Row = L::Out;

    fn write(&mut self, row: usize, state: &L::State) {
        put(&mut self.outputs, row, L::output(state));
    }

    /// The state before a window is of no use to a layer that does not go back.
    fn read(&self, _row: usize, _state: &mut L::State) {}

    fn rows(&mut self, steps: Range<usize>) -> (&[L::Out], &mut [L::Out]) {
        (self.outputs.get(steps).unwrap_or_default(), &mut [])
    }

    fn clear(&mut self) {
        self.outputs.clear();
    }
}

impl<L: Layer, const K: usize> Zeros for Outputs<L, K> {
    const ZEROS: Self = Self { outputs: Vec::new() };
}

saved!([L: Layer, const K: usize] Outputs<L, K> { outputs: Vec<L::Out, K> } where L::Out: Saved);
