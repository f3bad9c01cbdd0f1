//! Networks: parameters, layers, the history that backpropagation needs, initial weights, the cells
//! and their stack.
//!
//! Knows [`num`](crate::num), [`safetensors`](crate::safetensors) and [`matrix`](crate::matrix).
//!
//! # When to use which cell
//!
//! Share of unseen sequences that come out right, median of five seeds; every cell at about the same number
//! of parameters, 530 to 1060 by task, and `MinGru` without a tape in the GRU's training RAM. The example
//! `memory` prints the whole table (`examples/memory/results.md`), with the worst seeds and each cell at the
//! GRU's RAM.
//!
//! | task | `Elman` | `LeakyElman` | `Gru` | `MinGru` | `MinGru`, no tape | linear |
//! |---|---:|---:|---:|---:|---:|---:|
//! | recall 50 | 100.0 % | 100.0 % | 100.0 % | 100.0 % | 100.0 % | 24.7 % |
//! | recall 100 | 49.0 % | 100.0 % | 100.0 % | 100.0 % | 100.0 % | 24.7 % |
//! | recall 200 | 47.0 % | 100.0 % | 100.0 % | 100.0 % | 100.0 % | 24.3 % |
//! | adding 50 | 21.3 % | 22.0 % | 100.0 % | 98.0 % | 99.3 % | 20.0 % |
//! | adding 100 | 17.3 % | 17.0 % | 100.0 % | 98.3 % | 98.7 % | 16.0 % |
//! | reber | 85.3 % | 100.0 % | 24.3 % | 57.7 % | 71.7 % | 44.3 % |
//! | digits | 75.1 % | 72.9 % | 76.7 % | 45.8 % | 44.9 % | 91.1 % |
//!
//! Recall is of one of four symbols after so many steps of noise; adding is of two marked numbers among so many;
//! Reber's grammar needs the exact order of symbols; the digits come pixel by pixel.
//!
//! - **A linear layer** over the newest inputs first. Where all that counts lies in a window of known
//!   length, as the 64 pixels of a digit, it is better than every cell of this size.
//! - **`Elman`** for the shape of a signal over some tens of steps. From an orthogonal start it carries a symbol over
//!   50 steps, and over 100 from some seeds. What it does not do is select and integrate.
//! - **`LeakyElman`** for the same at little more cost, over hundreds of steps: set its time constants. It was the
//!   only cell to learn Reber's grammar whole.
//! - **`Gru`** for what must be selected among much else, where RAM and time allow three times the weights.
//!   It needs the most training: after the 8000 strings of Reber's grammar it was last.
//! - **`MinGru`** for selecting and integrating over a hundred steps and more. With [`Rtrl`](crate::Rtrl) it has
//!   no tape: its RAM does not grow with the reach of its gradient. Where a gate would have to see the state, as
//!   for Reber's grammar and the digits, one layer of it learned less than the tanh cells.

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
    Backward, BackwardTypes, Cell, FeedForward, Layer, LayerTypes, Reads, Steps, Window,
};
pub use self::leaky_elman::LeakyElman;
pub use self::min_gru::MinGru;
pub(crate) use self::parameters::max_abs;
pub use self::parameters::{NumberKind, Parameters, Tensor};
pub use self::rng::Pcg32;
pub use self::stack::Stack;
