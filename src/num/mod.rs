//! Numbers: zero as a constant, the range to compute in, `tanh` and the logistic function, and arithmetic without an FPU.
//!
//! Knows `core`, `libm` and `heapless`.

pub mod fixed;
mod in_range;
mod scalar;
mod sigmoid;
mod soft_float;
mod sqrt;
pub(crate) mod tanh;
mod zero;

pub use self::in_range::InRange;
pub use self::scalar::Scalar;
pub use self::zero::ConstZero;
