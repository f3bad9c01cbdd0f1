#![doc = include_str!("../README.md")]
//!
//! # The map
//!
//! Values live at run time, shapes live in types, composition lives in tuples. Modules are listed
//! bottom-up: each imports only from rows above its own.
//!
//! | module | |
//! |---|---|
//! | `num` | [`Scalar`], [`ConstZero`], [`InRange`]: floats, zero as a constant, the range to compute in |
//! | [`safetensors`] | the file format: [`checked!`], [`state_dict!`], [`safetensors::save`], [`safetensors::load`] |
//! | `matrix` | [`Matrix`] and the three products of the equations |
//! | `nn` | the cells [`Elman`], [`LeakyElman`], [`Gru`], [`MinGru`], the readout [`Dense`], [`Stack`], [`Frozen`] and [`FrozenBase`], initial weights ([`Initialize`], [`Pcg32`]); for the author of a layer [`Cell`], [`Window`], [`Deltas`], [`layer!`], [`Reads`], [`Parameters`] |
//! | `train` | [`Trainer`], in slices [`SlicedTrainer`], or a [`Learner`] with several [`StreamState`]s; by hand [`Tape`] or [`Rtrl`], [losses](Loss), [`clip_grad_norm`], [`Optimizer`], [`Schedule`], [`EarlyStopping`]; of several devices [`FedAvg`] |
//! | `monitor` | [`Forecaster`], a trainer of a stream's next sample, with [`StandardScaler`], [`AnomalyDetector`] and [`PageHinkley`] |
//! | [`checkpoint`] | whole runs in a file |
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
//!
//! # Features
//!
//! Off by default. Neither changes a bit.
//!
//! `cortex-m4`: the products and tanh in assembly, the only `unsafe` code of the crate, all of it in
//! `src/matrix/cortex_m4.rs`. Fewer cycles and half the code; `PERFORMANCE.md` has both forms.
//! - Cortex-M4F and M33: switch it on, and build with `-Ctarget-cpu`.
//! - Cortex-M7: measure. There the compiler's own multiply–accumulate is fast.
//! - Layers gain most whose units are a multiple of 16, in `f32`.
//! - Other targets ignore it.
//!
//! `soft-float`: products in integer arithmetic, on a core without an FPU that the crate does not
//! recognise: RISC-V with atomics and without F (RV32IMAC, as the ESP32-C6). Cortex-M0, M0+ and M3 and
//! RISC-V without atomics (ESP32-C3) need no feature. On a core with an FPU it makes all slower.
//!
//! From a log to a network that learns on a board: [`first_hour`]. Which cell when: [`which_cell`].
#![no_std]
#![cfg_attr(not(feature = "cortex-m4"), forbid(unsafe_code))]

mod num;
pub use self::num::{ConstZero, InRange, Scalar};

pub mod safetensors;

mod matrix;
pub use self::matrix::Matrix;

mod nn;
pub use self::nn::{
    Activations, Backward, BackwardTypes, Cell, Deltas, Dense, Elman, FeedForward, Frozen,
    FrozenBase, Gru, History, Initialize, Layer, LayerTypes, LeakyElman, MinGru, NumberKind,
    OutputHistory, Parameters, Pcg32, Reads, RecordedSteps, Stack, StaticLayer, Steps, Tensor,
    Window, glorot_uniform, identity, orthogonal, time_constants, uniform,
};

#[doc = include_str!("nn/which_cell.md")]
pub mod which_cell {}

mod train;
pub use self::train::{
    Adam, AdamState, AdamW, BinaryCrossEntropyWithLogits, ClientError, ClientUpdate, Decay,
    EarlyStopping, FedAvg, Huber, HyperParameters, Learned, Learner, Limit, Loss, MeanSquaredError,
    Momentum, MomentumState, Optimizer, OutputRow, Predictor, Reduction, Report, RmsProp,
    RmsPropState, Rtrl, Schedule, Sgd, SlicedOptimizer, SlicedTrainer, SoftmaxCrossEntropy,
    SquaredError, StreamState, Tape, TrainError, TrainErrorKind, Trainer, Update, argmax,
    binary_cross_entropy_with_logits, check_weights, clip_grad_norm, clip_grad_norm_with_epsilon,
    clip_grad_value, f64, global_norm, huber, mean_squared_error, soft_target_cross_entropy,
    softmax_cross_entropy, squared_error,
};

mod monitor;
pub use self::monitor::{
    AnomalyDetector, AnomalyScore, Drift, ForecastReport, Forecaster, PageHinkley, StandardScaler,
    gaussian_threshold,
};

#[doc = include_str!("nn/fixed/fixed.md")]
pub mod fixed {
    pub use crate::nn::fixed::{
        Dense, Elman, Empty, FixedDense, FixedElman, FixedMatrix, Matrix, Numbers, Quantize, Row,
        Vector, Weight, tanh,
    };
    pub use crate::train::fixed::{FixedMomentum, FixedSgd, InFloat, InFloatState, Momentum, Sgd};
}

pub mod checkpoint;

#[doc = include_str!("first_hour.md")]
pub mod first_hour {}
