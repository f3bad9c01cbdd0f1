//! Networks: parameters, layers, the history that backpropagation needs, initial weights, the cells
//! and their stack.
//!
//! Knows [`num`](crate::num), [`safetensors`](crate::safetensors) and [`matrix`](crate::matrix).

mod array;
mod dense;
mod elman;
pub mod fixed;
mod frozen;
mod history;
mod import;
mod init;
mod layer;
mod parameters;
mod rng;
mod stack;
mod tuple;

pub use self::dense::Dense;
pub use self::elman::Elman;
pub use self::frozen::{Frozen, FrozenBase, OutputHistory, StaticLayer};
pub(crate) use self::history::put;
pub use self::history::{Activations, History};
pub use self::init::{Initialize, glorot_uniform, identity, orthogonal, uniform};
pub use self::layer::{Backward, BackwardTypes, Cell, Layer, LayerTypes, Reads, Steps, Window};
pub(crate) use self::parameters::max_abs;
pub use self::parameters::{Parameters, Tensor};
pub use self::rng::Pcg32;
pub use self::stack::Stack;
