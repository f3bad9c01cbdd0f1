//! Networks: parameters, layers, the history that backpropagation needs, initial weights, the cells
//! and their stack.
//!
//! Knows [`num`](crate::num), [`safetensors`](crate::safetensors) and [`matrix`](crate::matrix).

mod array;
mod dense;
mod elman;
pub mod fixed;
mod frozen;
mod gru;
mod history;
mod import;
mod init;
mod layer;
mod leaky_elman;
mod min_gru;
mod parameters;
mod rng;
mod stack;
mod tuple;

pub use self::dense::Dense;
pub use self::elman::Elman;
pub use self::frozen::{Frozen, FrozenBase, OutputHistory, StaticLayer};
pub use self::gru::Gru;
pub(crate) use self::history::put;
pub use self::history::{Activations, History};
pub use self::init::{Initialize, glorot_uniform, identity, orthogonal, time_constants, uniform};
pub use self::layer::{
    Backward, BackwardTypes, Cell, Deltas, FeedForward, Layer, LayerTypes, Reads, RecordedSteps,
    Steps, Window,
};
pub use self::leaky_elman::LeakyElman;
pub use self::min_gru::MinGru;
pub(crate) use self::parameters::max_abs;
pub use self::parameters::{NumberKind, Parameters, Tensor};
pub use self::rng::Pcg32;
pub use self::stack::Stack;
