//! From the crate's values to the reference's and back, and the same training run on the crate.

use elman::{
    Backward, ConstZero, LayerTypes, Optimizer, Parameters, Pcg32, Scalar, Sgd, Tape,
    clip_grad_norm, squared_error, uniform,
};

use super::reference::{self, Row, Training};

/// A scalar of the crate that has an f64 value.
pub trait Number: elman::Scalar {
    fn to_f64(self) -> f64;
    fn from_f64(value: f64) -> Self;
}

impl Number for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

impl Number for f32 {
    fn to_f64(self) -> f64 {
        self.into()
    }
    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

/// Numbers in arrays and tuples: an input, an output, a state.
pub trait Flat {
    /// Appends every number.
    fn push(&self, numbers: &mut Row);
    /// Takes every number, in the order of [`push`](Self::push).
    fn take(&mut self, numbers: &mut impl Iterator<Item = f64>);
}

macro_rules! flat_number {
    ($($T:ident),+) => {$(
        impl Flat for $T {
            fn push(&self, numbers: &mut Row) {
                numbers.push(self.to_f64());
            }
            fn take(&mut self, numbers: &mut impl Iterator<Item = f64>) {
                *self = Number::from_f64(numbers.next().expect("enough numbers"));
            }
        }
    )+};
}
flat_number!(f32, f64);

impl<A: Flat, const N: usize> Flat for [A; N] {
    fn push(&self, numbers: &mut Row) {
        self.iter().for_each(|part| part.push(numbers));
    }
    fn take(&mut self, numbers: &mut impl Iterator<Item = f64>) {
        self.iter_mut().for_each(|part| part.take(numbers));
    }
}

macro_rules! flat_tuple {
    ($($L:ident $l:tt),+) => {
        impl<$($L: Flat),+> Flat for ($($L,)+) {
            fn push(&self, numbers: &mut Row) {
                $(self.$l.push(numbers);)+
            }
            fn take(&mut self, numbers: &mut impl Iterator<Item = f64>) {
                $(self.$l.take(numbers);)+
            }
        }
    };
}
flat_tuple!(A 0, B 1);
flat_tuple!(A 0, B 1, C 2);
flat_tuple!(A 0, B 1, C 2, D 3);
flat_tuple!(A 0, B 1, C 2, D 3, E 4);
flat_tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

/// A net of the crate that the tests can look into.
pub trait Testable:
    Backward<In: Flat, Out: Flat + Output, State: Flat>
    + Parameters<Scalar: Number, Tensor = [<Self as Parameters>::Scalar]>
    + Clone
{
}
impl<N> Testable for N where
    N: Backward<In: Flat, Out: Flat + Output, State: Flat>
        + Parameters<Scalar: Number, Tensor = [<N as Parameters>::Scalar]>
        + Clone
{
}

/// The numbers of an input, an output or a state.
pub fn row(flat: &impl Flat) -> Row {
    let mut numbers = vec![];
    flat.push(&mut numbers);
    numbers
}

/// An input, an output or a state made of these numbers.
pub fn from_row<F: Flat + ConstZero>(numbers: &[f64]) -> F {
    let mut value = F::ZERO;
    let mut numbers = numbers.iter().copied();
    value.take(&mut numbers);
    assert!(numbers.next().is_none(), "too many numbers");
    value
}

/// A net or gradient in which every number is `value`.
pub fn filled<T: Scalar, P: Parameters<Scalar = T, Tensor = [T]>>(value: T) -> P {
    let mut all = P::ZERO;
    for n in 0..P::TENSORS {
        all.tensor_mut(n).fill(value);
    }
    all
}

/// All numbers of a net or a gradient, tensor by tensor.
pub fn numbers<T: Number, P: Parameters<Tensor = [T]>>(net: &P) -> Row {
    (0..P::TENSORS).flat_map(|n| net.tensor(n)).map(|w| w.to_f64()).collect()
}

/// A net of the crate made of these numbers.
pub fn from_numbers<P: Parameters<Scalar: Number, Tensor = [<P as Parameters>::Scalar]>>(
    numbers: &[f64],
) -> P {
    let mut net = P::ZERO;
    let mut numbers = numbers.iter();
    for n in 0..P::TENSORS {
        net.tensor_mut(n).fill_with(|| Number::from_f64(*numbers.next().expect("enough numbers")));
    }
    assert!(numbers.next().is_none(), "too many numbers");
    net
}

/// The kind and size of a layer, for the reference to be told.
#[derive(Clone, Copy)]
pub enum Kind {
    Elman(usize, usize),
    Dense(usize, usize),
}

/// The reference's copy of a net.
pub fn to_reference<T: Number, P: Parameters<Tensor = [T]>>(
    net: &P,
    layers: &[Kind],
) -> reference::Net {
    let matrix = |r, c| vec![vec![0.0; c]; r];
    let layer = |kind: &Kind| match *kind {
        Kind::Elman(i, h) => (matrix(i, h), Some(matrix(h, h)), vec![0.0; h]),
        Kind::Dense(i, o) => (matrix(i, o), None, vec![0.0; o]),
    };
    let layers = layers.iter().map(layer).map(|(kernel, recurrent_kernel, bias)| {
        reference::Layer { kernel, recurrent_kernel, bias }
    });
    reference::with_numbers(&reference::Net(layers.collect()), &numbers(net))
}

/// A net with weights uniform in ±0.7: large enough that errors travel far, and that `tanh` bends.
pub fn random_net<P: Parameters<Scalar: Number, Tensor = [<P as Parameters>::Scalar]>>(
    rng: &mut Pcg32,
) -> P {
    let mut net = P::ZERO;
    uniform(&mut net, Number::from_f64(0.7), rng);
    net
}

/// An input, an output or a state with numbers in [−1, 1).
pub fn random<F: Flat + ConstZero>(rng: &mut Pcg32) -> F {
    let mut value = F::ZERO;
    value.take(&mut core::iter::repeat_with(|| rng.uniform_symmetric()));
    value
}

/// A stream of inputs and, where there is an error, targets.
pub type StreamState<N> = Vec<(<N as LayerTypes>::In, Option<<N as LayerTypes>::Out>)>;

/// A random stream; a step has a target if `has_error` says so.
pub fn random_stream<N: Testable>(
    steps: usize,
    has_error: impl Fn(usize) -> bool,
    rng: &mut Pcg32,
) -> StreamState<N> {
    (0..steps).map(|t| (random(rng), has_error(t).then(|| random(rng)))).collect()
}

/// The reference's copy of a stream.
pub fn stream_to_reference<N: Testable>(stream: &StreamState<N>) -> Vec<(Row, Option<Row>)> {
    stream.iter().map(|(x, target)| (row(x), target.as_ref().map(row))).collect()
}

/// An output that the crate's loss can be taken of: a row.
pub trait Output: Sized {
    /// The loss, and its gradient.
    fn squared_error(&self, target: &Self) -> (f64, Self);
}

impl<T: Number, const O: usize> Output for [T; O] {
    fn squared_error(&self, target: &Self) -> (f64, Self) {
        let (loss, d_y) = squared_error(self, target);
        (loss.to_f64(), d_y)
    }
}

/// [`reference::train`] on the crate: one pass over a stream by truncated BPTT(k1, k2 = `K`).
pub fn train<N: Testable, const K1: usize, const K: usize>(
    net: &mut N,
    stream: &StreamState<N>,
    training: Training,
) -> Row {
    assert_eq!((training.k1, training.k2), (K1, K));
    let mut tape = Tape::<N, K>::new();
    let mut gradient = N::ZERO;
    let mut losses = vec![];
    for (x, target) in stream {
        let y = *tape.step(net, x);
        if let Some(target) = target {
            let (loss, d_y) = y.squared_error(target);
            tape.set_output_gradient(&d_y);
            losses.push(loss);
        }
        if tape.due::<K1>() {
            update(net, &mut tape, &mut gradient, training);
        }
    }
    if tape.steps_since_backward() > 0 {
        update(net, &mut tape, &mut gradient, training);
    }
    losses
}

/// One update from what the tape holds.
pub fn update<N: Testable, const K: usize>(
    net: &mut N,
    tape: &mut Tape<N, K>,
    gradient: &mut N,
    training: Training,
) {
    gradient.set_zero();
    tape.backward(net, gradient);
    if let Some(limit) = training.limit {
        let norm = clip_grad_norm(gradient, Number::from_f64(limit));
        assert!(norm.to_f64().is_finite());
    }
    Sgd::new(N::Scalar::from_f64(training.learning_rate)).update(net, gradient, &mut ());
}
