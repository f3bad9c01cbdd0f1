//! The one trait through which everything composes.

use core::ops::Range;

use crate::{Bounded, Parameters, Record, Zeros};

/// A map from a row of numbers and a state to the next state, a part of which is its output.
///
/// [`Elman`](crate::Elman) and [`Dense`](crate::Dense) are layers, and so are tuples of layers,
/// arrays of equal layers, and [`Stack`](crate::Stack). The weights are `&self`, the state is
/// `&mut`: one network can drive many streams.
///
/// A layer of one's own, without weights (one with weights is in `src/dense.rs`):
///
/// ```
/// use core::ops::Range;
/// use elman::{Dense, History, Layer, Parameters, Reads, Record, Shape, Stack, Zeros};
///
/// /// `y = max(x, 0)`
/// struct Relu;
/// type Row = [f32; 2];
///
/// impl Shape for Relu {
///     type In = Row;
///     type Out = Row;
///     type State = Row; // it remembers nothing but its output
///     type Record<const K: usize> = History<2, K, f32>;
/// }
/// impl Layer for Relu {
///     fn step<'s>(&self, x: &Row, y: &'s mut Row) -> &'s Row {
///         *y = x.map(|x| x.max(0.0));
///         y
///     }
///     fn output(y: &Row) -> &Row {
///         y
///     }
///     fn backward<const K: usize>(
///         &self, x: &[Row], _before: &Row, record: &mut History<2, K, f32>, steps: Range<usize>,
///         _carry: &mut Row, _gradient: Option<&mut Self>, d_x: Option<&mut [Row]>,
///     ) {
///         let (_, d_y) = record.rows(steps);
///         for ((d_x, d_y), x) in d_x.unwrap_or_default().iter_mut().zip(d_y).zip(x) {
///             *d_x = core::array::from_fn(|n| if x[n] > 0.0 { d_y[n] } else { 0.0 });
///         }
///     }
/// }
/// impl Parameters for Relu {
///     type Scalar = f32;
///     fn walk<const M: usize, const N: usize>(
///         _: [&Self; M], _: [&mut Self; N], _: &mut impl FnMut([&[f32]; M], [&mut [f32]; N]),
///     ) {}
/// }
/// impl Zeros for Relu {
///     const ZEROS: Self = Self;
/// }
/// impl Reads<Row> for Relu {}
///
/// let net = Stack::new((Dense { bias: [1.0, -1.0], ..Dense::<3, 2>::ZEROS }, Relu));
/// assert_eq!(net.step(&[0.0; 3], &mut Default::default()), &[1.0, 0.0]);
/// ```
pub trait Layer: Shape {
    /// The state before the first step: zero.
    const REST: Self::State = Self::State::ZEROS;

    /// One step forward, (1.1): reads `x` and the old state, leaves the new one, returns its output.
    fn step<'s>(&self, x: &Self::In, state: &'s mut Self::State) -> &'s Self::Out;

    /// The part of a state that is the output.
    fn output(state: &Self::State) -> &Self::Out;

    /// The way back through consecutive recorded steps, (1.3).
    ///
    /// | argument | on entry | on return |
    /// |---|---|---|
    /// | `x` | the input of each step | |
    /// | `before` | the state that entered the first step | |
    /// | `record`, rows `steps` | outputs, and ∂L/∂output from outside each step | errors spent |
    /// | `carry` | ∂L/∂state that comes from later steps | ∂L/∂`before` |
    /// | `gradient` | | plus ∂L/∂weights, if asked for |
    /// | `d_x` | | ∂L/∂x of each step, if asked for |
    ///
    /// The outputs are the recorded ones, the weights are those in force now.
    #[expect(clippy::too_many_arguments, reason = "each is one term of (1.3)")]
    fn backward<const K: usize>(
        &self,
        x: &[Self::In],
        before: &Self::State,
        record: &mut Self::Record<K>,
        steps: Range<usize>,
        carry: &mut Self::State,
        gradient: Option<&mut Self>,
        d_x: Option<&mut [Self::In]>,
    );
}

/// The types of a layer, or of layers on top of each other whether they fit or not.
///
/// A type is known before it is checked, so that the one error of a misfit is that of [`Reads`].
pub trait Shape: Parameters + Sized {
    /// One input: a row `[T; I]`.
    type In: Bounded + Copy + Zeros;
    /// One output: a row `[T; O]`.
    type Out: Bounded + Copy + Zeros;
    /// What one step hands to the next, and its error: rows, or tuples and arrays of rows.
    type State: Bounded + Copy + Zeros;
    /// What the last `K` steps leave behind for [`backward`](Layer::backward).
    type Record<const K: usize>: Record<State = Self::State, Row = Self::Out>;
}

/// A layer whose input is `X`: how neighbours in a stack are matched.
///
/// Every layer reads exactly its own [`Shape::In`]; the trait exists so that the compiler can name
/// the layer that does not fit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot read an input of type `{X}`",
    label = "this layer does not fit the one before it",
    note = "in a stack, the output size of each layer must be the input size of the next"
)]
pub trait Reads<X>: Layer<In = X> {}
