//! Layers of integers, for cores without an FPU; `fixed.md` is the page of the documentation.

mod dense;
mod elman;
mod parameters;
mod quantize;

pub use self::dense::{Dense, FixedDense};
pub use self::elman::{Elman, FixedElman};
pub use self::quantize::{Empty, Quantize};
pub use crate::matrix::fixed::{FixedMatrix, Matrix, Numbers, Row, Vector, Weight};
pub use crate::num::fixed::tanh;

/// Implements [`LayerTypes`](crate::LayerTypes) and [`Layer`](crate::Layer) for weights that only run.
macro_rules! inference_layer {
    ([$($parameters:tt)*] $Layer:ty: $In:ty => $Out:ty) => {
        impl<$($parameters)*> crate::LayerTypes for $Layer {
            type In = $In;
            type Out = $Out;
            type State = $Out;
        }

        impl<$($parameters)*> crate::Layer for $Layer {
            fn step<'s>(&self, x: &$In, state: &'s mut $Out) -> &'s $Out {
                self.forward(x, state);
                state
            }

            fn output(state: &$Out) -> &$Out {
                state
            }
        }

        impl<$($parameters)*> crate::Reads<$In> for $Layer {}

        impl<$($parameters)*> crate::NumberKind for $Layer {
            type Scalar = f32;
            type Tensor = dyn super::Numbers;
        }
    };
}
use inference_layer;
