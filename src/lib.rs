//! elman
#![no_std]

pub mod checkpoint;
mod clip;
mod dense;
mod elman;
mod init;
mod layer;
mod loss;
mod matrix;
mod optimizer;
mod parameters;
mod record;
pub mod safetensors;
mod scalar;
mod stack;
mod tanh;
mod tape;
mod zeros;

pub use self::clip::{clip_norm, norm};
pub use self::dense::Dense;
pub use self::elman::Elman;
pub use self::init::{Pcg32, uniform};
pub use self::layer::{Layer, Reads};
pub use self::loss::squared_error;
pub use self::matrix::Matrix;
pub use self::optimizer::Sgd;
pub use self::parameters::Parameters;
pub use self::record::{History, Record};
pub use self::scalar::Scalar;
pub use self::stack::Stack;
pub use self::tape::Tape;
pub use self::zeros::Zeros;
