//! Integer layers, for cores without an FPU.

pub use crate::nn::fixed::{
    Dense, Elman, Empty, Matrix, Numbers, Quantize, Row, Vector, Weight, tanh,
};
pub use crate::train::fixed::{InFloat, InFloatState, Momentum, Sgd};
