//! Training: tape, losses, clipping, schedules, optimisers, and the learner that combines them.
//!
//! Knows [`num`](crate::num), [`safetensors`](crate::safetensors), [`matrix`](crate::matrix) and
//! [`nn`](crate::nn).

mod clip;
mod early_stopping;
mod error;
pub mod f64;
mod fed_avg;
mod guard;
mod learned;
mod learner;
mod limit;
mod loss;
mod optimizer;
mod output_row;
mod predictor;
mod report;
mod rtrl;
mod schedule;
mod sliced_trainer;
mod stream_state;
mod tape;
mod trainer;

pub use self::clip::{clip_grad_norm, clip_grad_norm_with_epsilon, clip_grad_value, global_norm};
pub use self::early_stopping::EarlyStopping;
pub use self::error::{TrainError, TrainErrorKind};
pub use self::fed_avg::{ClientError, ClientUpdate, FedAvg, check_weights};
pub use self::learned::Learned;
pub use self::learner::Learner;
pub use self::limit::Limit;
pub use self::loss::{
    BinaryCrossEntropyWithLogits, Huber, Loss, MeanSquaredError, SoftmaxCrossEntropy, SquaredError,
    argmax, binary_cross_entropy_with_logits, huber, mean_squared_error, soft_target_cross_entropy,
    softmax_cross_entropy, squared_error,
};
pub use self::optimizer::fixed;
pub use self::optimizer::{
    Adam, AdamState, AdamW, HyperParameters, Momentum, MomentumState, Optimizer, RmsProp,
    RmsPropState, Sgd, SlicedOptimizer,
};
pub use self::output_row::OutputRow;
pub use self::predictor::Predictor;
pub use self::report::{Reduction, Report, Update};
pub use self::rtrl::Rtrl;
pub use self::schedule::{Decay, Schedule};
pub use self::sliced_trainer::SlicedTrainer;
pub use self::stream_state::StreamState;
pub use self::tape::Tape;
pub use self::trainer::Trainer;
