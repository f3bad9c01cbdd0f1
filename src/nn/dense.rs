//! The linear readout.

use core::ops::Range;

use crate::matrix::{add_rows, affine};
use crate::record::History;
use crate::{Layer, Matrix, Parameters, Reads, Record, Scalar, Shape, Zeros};

/// A linear layer from `I` numbers to `O`, Keras's `Dense` without activation.
///
/// ```text
/// y_t = x_t · kernel + bias
/// ```
///
/// It remembers nothing: its state is its last output, and no error travels through time.
///
/// ```
/// use elman::{Dense, Layer, Matrix};
///
/// let readout = Dense { kernel: Matrix([[2.0], [3.0]]), bias: [1.0] };
/// assert_eq!(readout.step(&[10.0, 1.0], &mut Dense::<2, 1>::REST), &[24.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dense<const I: usize, const O: usize, T = f32> {
    /// `W`, `I × O`
    pub kernel: Matrix<I, O, T>,
    /// `b`, `O`
    pub bias: [T; O],
}

impl<const I: usize, const O: usize, T: Scalar> Shape for Dense<I, O, T> {
    type In = [T; I];
    type Out = [T; O];
    type State = [T; O];
    type Record<const K: usize> = History<O, K, T>;
}

impl<const I: usize, const O: usize, T: Scalar> Layer for Dense<I, O, T> {
    fn step<'s>(&self, x: &[T; I], y: &'s mut [T; O]) -> &'s [T; O] {
        affine(&self.bias, [(x, &self.kernel.0)], y);
        y
    }

    fn output(y: &[T; O]) -> &[T; O] {
        y
    }

    /// (1.3 b–d) with δ_t = ∂L/∂y_t.
    fn backward<const K: usize>(
        &self,
        x: &[[T; I]],
        _before: &[T; O],
        record: &mut History<O, K, T>,
        steps: Range<usize>,
        _carry: &mut [T; O],
        gradient: Option<&mut Self>,
        d_x: Option<&mut [[T; I]]>,
    ) {
        let (_, delta) = record.rows(steps);
        if let Some(d_x) = d_x {
            self.kernel.products_transposed(delta, d_x);
        }
        let Some(gradient) = gradient else { return };
        gradient.kernel.add_outer_products(x, delta);
        add_rows(&mut gradient.bias, delta);
    }
}

impl<const I: usize, const O: usize, T: Scalar> Parameters for Dense<I, O, T> {
    type Scalar = T;

    fn walk<const M: usize, const N: usize>(
        read: [&Self; M],
        mut write: [&mut Self; N],
        f: &mut impl FnMut([&[T]; M], [&mut [T]; N]),
    ) {
        f(
            read.map(|dense| dense.kernel.as_slice()),
            write.each_mut().map(|dense| dense.kernel.as_mut_slice()),
        );
        f(
            read.map(|dense| dense.bias.as_slice()),
            write.each_mut().map(|dense| dense.bias.as_mut_slice()),
        );
    }
}

impl<const I: usize, const O: usize, T: Zeros> Zeros for Dense<I, O, T> {
    const ZEROS: Self = Self { kernel: Zeros::ZEROS, bias: Zeros::ZEROS };
}

impl<const I: usize, const O: usize, T: Scalar> Reads<[T; I]> for Dense<I, O, T> {}
