//! Fixed-point arithmetic for cores without an FPU: rounding shifts, factors, `tanh`, and `f32` taken
//! apart into integers.

mod factor;
mod round;
mod tanh;
mod unroll;

pub(crate) use self::factor::{Factor, times};
pub(crate) use self::round::{bits, outlined_shift, shift, to_f32};
pub use self::tanh::tanh;
pub(crate) use self::unroll::{ARMV6M, keep_rolled, opaque};
