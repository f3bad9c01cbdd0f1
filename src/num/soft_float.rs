//! Multiply–accumulate `sum + x · w` in integer arithmetic, for processors without an FPU.
//!
//! There each operator is a function of the compiler's library: it unpacks its operands, tests every
//! special case and packs the result, once for the product and once for the sum. Here both are one
//! function for the frequent case, factors from 2⁻⁴⁶ to 2⁶³ and a sum below 2¹²⁷. Zeros are a second
//! case; everything else is left to the operators. The product and the sum are each rounded to
//! nearest, ties to even, as the operators do, so the bits are the same.

use core::ops::Range;

/// Whether the processor has no FPU for `f32`.
///
/// Stable Rust does not expose RISC-V's extension F. Cores without atomics (A), as the ESP32-C3's,
/// do not have it; cores with A and without F are not detected. A wrong guess costs time and
/// changes no bit.
const SOFT_FLOAT: bool = cfg!(any(
    all(target_arch = "arm", target_abi = "eabi"),
    all(target_arch = "riscv32", not(target_feature = "a")),
));

/// Whether a product of 64 bits takes two instructions. On a Cortex-M0 it is a function call.
const WIDE_PRODUCTS: bool = cfg!(not(target_arch = "arm"));

/// Exponents of the factors in the fast path: the product is neither subnormal nor infinite, and a
/// sum that is 0 or subnormal is too small to change it.
const FACTORS: Range<u32> = 81..190;
/// The largest exponent of a sum in the fast path.
const LARGEST_SUM: u32 = 253;

/// An unpacked `f32`.
#[derive(Clone, Copy)]
struct Unpacked {
    /// Bit 31 is the sign; the other bits are ignored.
    sign: u32,
    /// Biased by 127.
    exponent: u32,
    /// 24 bits, the first in bit 29: two bits above for a carry and a sign, six below the last for
    /// the bits of the smaller summand that decide the rounding.
    significand: u32,
}

const SIGN: u32 = 1 << 31;
const FIRST: u32 = 29;

/// Multiply–accumulate; in integer arithmetic on targets without an FPU.
pub trait MulAcc {
    /// Whether the processor has no FPU for these numbers.
    const SOFT_FLOAT: bool;

    /// `self + x · w`, product and sum rounded: not a fused multiply–add.
    fn mul_acc(self, x: Self, w: Self) -> Self;
}

impl MulAcc for f32 {
    const SOFT_FLOAT: bool = SOFT_FLOAT;

    #[inline(always)]
    fn mul_acc(self, x: Self, w: Self) -> Self {
        if SOFT_FLOAT { mul_acc_soft(self, x, w) } else { self + x * w }
    }
}

impl MulAcc for f64 {
    const SOFT_FLOAT: bool = false;

    fn mul_acc(self, x: Self, w: Self) -> Self {
        self + x * w
    }
}

/// `sum + x · w` outside of loops: one call, so that the integer code is not inlined everywhere.
#[inline(always)]
pub(crate) fn mul_acc(sum: f32, x: f32, w: f32) -> f32 {
    #[inline(never)]
    fn outlined(sum: f32, x: f32, w: f32) -> f32 {
        mul_acc_soft(sum, x, w)
    }
    if SOFT_FLOAT { outlined(sum, x, w) } else { sum + x * w }
}

/// `sum + x · w`
#[inline(always)]
pub(crate) fn mul_acc_soft(sum: f32, x: f32, w: f32) -> f32 {
    fast_path(sum.to_bits(), x.to_bits(), w.to_bits())
        .map_or_else(|| slow_path(sum, x, w), f32::from_bits)
}

#[inline(always)]
fn fast_path(sum: u32, x: u32, w: u32) -> Option<u32> {
    let (e_sum, e_x, e_w) = (exponent(sum), exponent(x), exponent(w));
    if !FACTORS.contains(&e_x) || !FACTORS.contains(&e_w) || e_sum > LARGEST_SUM {
        return None;
    }
    let product = product(x, w);
    add(unpack(sum), product)
}

/// Zeros, which are frequent (inputs that are off, initial states), and all other numbers.
///
/// A product of 0 leaves the sum as it is; a sum of two zeros is -0 if both are.
#[inline(never)]
fn slow_path(sum: f32, x: f32, w: f32) -> f32 {
    if !(is_zero(x) && is_finite(w) || is_zero(w) && is_finite(x)) {
        sum + x * w
    } else if is_zero(sum) {
        f32::from_bits(sum.to_bits() & (x.to_bits() ^ w.to_bits()))
    } else {
        sum
    }
}

fn is_zero(number: f32) -> bool {
    number.to_bits() << 1 == 0 // `==` would be a call
}

fn is_finite(number: f32) -> bool {
    exponent(number.to_bits()) < 255
}

/// `x · w`, rounded.
#[inline(always)]
fn product(x: u32, w: u32) -> Unpacked {
    let product = if WIDE_PRODUCTS { wide_product(x, w) } else { product_of_halves(x, w) };
    let carry = product >> (FIRST + 1);
    let mut significand = (product >> carry) + 0x20;
    // Half a unit at least, but nothing of the 17 bits (and the carry) that `product` lacks: a tie.
    if significand & 0x3f == 0 && x.wrapping_mul(w) << (15 - carry) == 0 {
        significand &= !0x40;
    }
    Unpacked {
        sign: x ^ w,
        exponent: exponent(x) + exponent(w) + carry - 127,
        significand: significand & !0x3f,
    }
}

/// `a + b`, rounded; nothing if it is 0.
#[inline(always)]
fn add(a: Unpacked, b: Unpacked) -> Option<u32> {
    let by = a.exponent.wrapping_sub(b.exponent) as i32;
    let (large, small, by) = if by >= 0 { (a, b, by) } else { (b, a, -by) };
    let opposite = (a.sign ^ b.sign) as i32 >> 31; // 0 or -1
    let summand = (small.significand as i32 ^ opposite) - opposite;
    let mut sum = large.significand as i32 + shift_right_jam(summand, by as u32);
    let mut sign = large.sign & SIGN;
    if sum <= 0 {
        if sum == 0 {
            return None; // its sign has a rule of its own
        }
        (sum, sign) = (-sum, sign ^ SIGN);
    }
    Some(round_pack(sign, large.exponent, sum))
}

/// `n · 2^-by`, rounded down; its last bit is set if that takes something away.
#[inline(always)]
fn shift_right_jam(n: i32, by: u32) -> i32 {
    if by <= 6 {
        return n >> by; // nothing: six bits are free
    }
    let by = by.min(31);
    let down = n >> by;
    down | i32::from(down << by != n)
}

/// The number of a significand that is not yet rounded, and has its first bit anywhere.
#[inline(always)]
fn round_pack(sign: u32, mut exponent: u32, mut significand: i32) -> u32 {
    while significand < 1 << (FIRST + 1) {
        significand <<= 1;
        exponent -= 1;
    }
    let mut sum = significand as u32 + 0x40;
    if sum & 0x7f == 0 {
        sum &= !0x80; // a tie
    }
    // The first bit of the significand, or its carry, adds to the exponent.
    sign + (exponent << 23) + (sum >> 7)
}

#[inline(always)]
fn unpack(number: u32) -> Unpacked {
    Unpacked {
        sign: number,
        exponent: exponent(number),
        significand: (number << 8 | SIGN) >> (31 - FIRST),
    }
}

#[inline(always)]
fn exponent(number: u32) -> u32 {
    number << 1 >> 24
}

/// The product of two significands of 24 bits without its last 17 bits.
#[inline(always)]
pub(crate) fn wide_product(x: u32, w: u32) -> u32 {
    let (x, w) = (u64::from(x << 8 | SIGN), u64::from((w << 8 | SIGN) >> 1));
    ((x * w) >> 32) as u32
}

/// The same from products of 32 bits.
#[inline(always)]
pub(crate) fn product_of_halves(x: u32, w: u32) -> u32 {
    let (x, w) = ((x << 8 | SIGN) >> 8, (w << 8 | SIGN) >> 8);
    let (high, low) = (x >> 16, x & 0xffff);
    let (w_high, w_low) = (w >> 16, w & 0xffff);
    (high * w + low * w_high + ((low * w_low) >> 16)) >> 1
}
