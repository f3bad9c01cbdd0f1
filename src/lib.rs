#![doc = include_str!("../README.md")]
//!
//! # The map
//!
//! Values live at run time, shapes live in types, composition lives in tuples. Each room uses those
//! above it; [`Bounded`] and [`Saved`](safetensors::Saved), which every value is, are known to all.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Scalar`], [`Zeros`] | the numbers, and zero as a constant |
//! | [`Matrix`] | the three products the equations need |
//! | [`Layer`] with [`Shape`] and [`Reads`], [`Parameters`], [`Record`], [`History`] | what a layer does, what it is made of, what it leaves behind |
//! | [`Elman`], [`Dense`] | the tanh cell, (1.1) and (1.3), and the linear readout |
//! | [`Stack`] | layers on top of each other, (1.2) |
//! | [`Tape`] | the last K steps of a stream, and the way back through them |
//! | [`squared_error`] and other [losses](Loss), [`clip_norm`], [`clip_value`], [`Init`] and [`Pcg32`], [`Optimizer`], [`Schedule`] | what training needs |
//! | [`Frozen`], [`FrozenBase`], [`Weights`] | layers that do not learn |
//! | [`Trainer`]: a [`Learner`] and its [`Stream`]; [`Report`], [`Error`], [`Snapshot`] | learning unattended: every sample is looked at before it counts |
//! | [`safetensors`] with [`checked!`] and [`saved!`], [`checkpoint`] | weights in and out, and whole runs |
//!
//! # The equations
//!
//! Rows multiply matrices from the left: `W_x` is `I × H`, `W_h` is `H × H`. `∘` is the product
//! number by number.
//!
//! ```text
//! h_t    = tanh(x_t · W_x + h_{t-1} · W_h + b)                                  (1.1)
//! h^l_t  = f(h^{l-1}_t, h^l_{t-1}),  h^0_t = x_t                                (1.2)
//! δ_t    = (∂L/∂h_t from the loss and the layer above + δ_{t+1} · W_hᵀ) ∘ (1 − h_t²)   (1.3a)
//! ΔW_x   = Σ_t x_tᵀ · δ_t                                                       (1.3b)
//! ΔW_h   = Σ_t h_{t-1}ᵀ · δ_t,   Δb = Σ_t δ_t                                   (1.3c)
//! ∂L/∂x_t = δ_t · W_xᵀ                                                          (1.3d)
//! ```
#![no_std]
#![cfg_attr(not(feature = "cortex-m4"), forbid(unsafe_code))]

mod bounded;
pub mod checkpoint;
mod clip;
mod dense;
mod elman;
mod error;
mod frozen;
mod init;
mod layer;
mod learner;
mod loss;
mod matrix;
mod optimizer;
mod parameters;
mod record;
pub mod safetensors;
mod scalar;
mod schedule;
mod snapshot;
mod soft;
mod stack;
mod stream;
mod tanh;
mod tape;
mod trainer;
mod zeros;

pub use self::bounded::Bounded;
pub use self::clip::{clip_norm, clip_value, norm};
pub use self::dense::Dense;
pub use self::elman::Elman;
pub use self::error::{Error, NonFinite};
pub use self::frozen::{Frozen, FrozenBase, Outputs, Weights};
pub use self::init::{Init, Pcg32, glorot_uniform, identity, orthogonal, uniform};
pub use self::layer::{Layer, Reads, Shape};
pub use self::learner::{Learner, Reduction, Report};
pub use self::loss::{
    BinaryCrossEntropyWithLogits, Huber, Loss, MeanSquaredError, SoftmaxCrossEntropy, SquaredError,
    binary_cross_entropy_with_logits, huber, mean_squared_error, softmax_cross_entropy,
    softmax_cross_entropy_of, squared_error,
};
pub use self::matrix::Matrix;
pub use self::optimizer::{Adam, AdamMoments, AdamW, Momentum, Optimizer, RmsProp, Sgd};
pub use self::parameters::Parameters;
pub use self::record::{History, Record};
pub use self::scalar::Scalar;
pub use self::schedule::{Decay, Schedule};
pub use self::snapshot::Snapshot;
pub use self::stack::Stack;
pub use self::stream::Stream;
pub use self::tape::Tape;
pub use self::trainer::Trainer;
pub use self::zeros::Zeros;
