//! Block floating point: rows and tensors of integers with one exponent, and their products.

mod lerp;
mod numbers;
mod product;
mod row;
mod tensor;

pub(crate) use self::lerp::lerp;
pub use self::numbers::Numbers;
pub(crate) use self::numbers::{
    add_scaled, clamp, copy, decay, dequantize, fit_sums, fit_weights, is_finite, largest,
    make_non_finite, put_bits, quantize_in, scale, sum_of_squares,
};
pub use self::row::Row;
pub(crate) use self::row::{CHUNK, align, fold_exponents};
pub use self::tensor::{FixedMatrix, Matrix, Vector, Weight};

/// What is added to an exponent to store it: 0 is left for a row or tensor of zeros, so that zero is
/// a value of zero bytes.
const BIAS: i32 = 1024;
/// The stored exponent of numbers that are not finite.
const NON_FINITE: i32 = 2 * BIAS - 1;
/// Numbers with a larger exponent count as not finite.
const LARGEST: i32 = BIAS / 2;

/// The stored form of an exponent; 0 if it is too small, where the numbers must become zero.
const fn stored(exponent: i32) -> i32 {
    if exponent > LARGEST {
        NON_FINITE
    } else if exponent <= -BIAS {
        0
    } else {
        exponent + BIAS
    }
}
