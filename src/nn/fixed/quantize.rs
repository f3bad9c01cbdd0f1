//! From a network of floats to one of integers, and back.

use super::Numbers;
use crate::matrix::fixed::{dequantize, put_bits, quantize_in};
use crate::nn::{Frozen, FrozenBase, NumberKind, Parameters, Stack, StaticLayer};
use crate::num::ConstZero;

/// A network of integers that has the form of one of floats.
///
/// ```
/// use elman::fixed::{self, Quantize};
/// use elman::{ConstZero, Dense, Elman, Initialize, Pcg32, Stack};
///
/// type Float = Stack<(Elman<1, 4>, Dense<4, 1>)>;
/// type Net = Stack<(fixed::Elman<1, 4>, fixed::Dense<4, 1>)>;
///
/// let (mut float, mut net) = (Float::ZERO, Net::ZERO);
/// float.init_pytorch(&mut Pcg32::new(1, 0));
/// net.quantize(&float);
/// let mut again = Float::ZERO;
/// net.dequantize(&mut again);
/// assert_eq!(again, float); // 32 bits hold those of an f32 here
/// ```
pub trait Quantize: Parameters<Scalar = f32, Tensor = dyn Numbers> {
    /// The network of floats.
    type Float: Parameters<Scalar = f32, Tensor = [f32]>;

    /// Rounds every number of `float`, tensor by tensor, in place.
    fn quantize(&mut self, float: &Self::Float) {
        for n in 0..Self::TENSORS {
            let tensor = self.tensor_mut(n);
            put_bits(float.tensor(n), tensor.numbers_mut());
            quantize_in(tensor);
        }
    }

    /// Writes every number to `float`, as the nearest `f32`.
    fn dequantize(&self, float: &mut Self::Float) {
        for n in 0..Self::TENSORS {
            dequantize(self.tensor(n), float.tensor_mut(n));
        }
    }
}

impl<L: Quantize> Quantize for Stack<L> {
    type Float = Stack<L::Float>;
}

impl<L: Quantize, const N: usize> Quantize for [L; N] {
    type Float = [L::Float; N];
}

impl<W> Quantize for Frozen<W>
where
    W: StaticLayer<Layer: NumberKind<Scalar = f32, Tensor = dyn Numbers>>,
{
    type Float = Empty;
}

impl<W> Quantize for FrozenBase<W>
where
    W: StaticLayer<Layer: NumberKind<Scalar = f32, Tensor = dyn Numbers>>,
{
    type Float = Empty;
}

/// The floats of a frozen layer: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Empty;

impl ConstZero for Empty {
    const ZERO: Self = Self;
}

impl Parameters for Empty {
    type Scalar = f32;
    type Tensor = [f32];
    const TENSORS: usize = 0;

    fn tensor(&self, _: usize) -> &[f32] {
        &[]
    }

    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        &mut []
    }
}
