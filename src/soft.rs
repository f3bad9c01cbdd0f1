//! `sum + x · w` in whole numbers, for processors without floating point.
//!
//! There an operator is a function of the compiler's library. It takes numbers apart, looks for every
//! special case, and puts the result together: once for the product and once for the sum. Here
//! the usual case is done in one go: factors from 2⁻⁴⁶ to 2⁶³ and a sum below 2¹²⁷. Zeros come next,
//! and all else is left to the operators. As with them, the product is rounded and the sum is
//! rounded, to nearest and ties to even. So this changes how long it takes, and no bit.

use core::ops::Range;

/// Whether the processor has no floating point in `f32`.
///
/// Stable Rust does not show RISC-V's extension F. Cores without atomics (A), as the ESP32-C3's,
/// do not have it. For those with A and without F, as the ESP32-C6's, there is the feature
/// `soft-float`. A wrong guess costs time, and no bit.
const SOFT: bool = cfg!(any(
    feature = "soft-float",
    all(target_arch = "arm", target_abi = "eabi"),
    all(target_arch = "riscv32", not(target_feature = "a")),
));

/// Whether a product of 64 bits takes two instructions, and not a function, as on a Cortex-M0.
const WIDE_PRODUCTS: bool = cfg!(not(target_arch = "arm"));

/// The exponents of usual factors: their product is neither subnormal nor infinite, and a sum that
/// is 0 or subnormal is nothing beside it.
const FACTORS: Range<u32> = 81..190;
/// The exponent of the largest usual sum.
const LARGEST_SUM: u32 = 253;

/// A number apart.
#[derive(Clone, Copy)]
pub struct Apart {
    /// In the first bit. What the others are does not matter.
    sign: u32,
    /// With its bias of 127.
    exponent: u32,
    /// 24 bits, the first in bit `FIRST`: above it there is room for a carry and a sign, below the last
    /// for the five bits of a smaller summand that rounding looks at. What was rounded up to the next
    /// power of two stays 2^(FIRST + 1).
    significand: u32,
}

const SIGN: u32 = 1 << 31;
const FIRST: u32 = 28;
/// The bits below the last.
const BELOW: u32 = FIRST - 23;
const MASK: u32 = (1 << BELOW) - 1;

/// Multiply-accumulate: in integers on targets without an FPU.
pub trait Soft: Copy {
    /// Whether the processor has no floating point for these numbers, and no registers for them.
    const SOFT: bool;

    /// A running sum.
    type Sum: Copy;

    /// `self` as a running sum.
    fn unpack(self) -> Self::Sum;

    /// The number that a running sum is.
    fn pack(sum: Self::Sum) -> Self;

    /// `sum + x · w`, the product rounded and the sum rounded.
    fn accumulate(sum: Self::Sum, x: Self, w: Self) -> Self::Sum;

    /// `self + x · w`, the product rounded and the sum rounded.
    fn plus_product(self, x: Self, w: Self) -> Self;
}

impl Soft for f32 {
    const SOFT: bool = SOFT;

    type Sum = Running;

    #[inline(always)]
    fn unpack(self) -> Running {
        Running::unpack(self.to_bits())
    }

    #[inline(always)]
    fn pack(sum: Running) -> Self {
        Self::from_bits(sum.pack())
    }

    #[inline(always)]
    fn accumulate(sum: Running, x: Self, w: Self) -> Running {
        match running(sum, x.to_bits(), w.to_bits()) {
            Some(sum) => sum,
            None => unusual(Self::pack(sum), x, w).unpack(),
        }
    }

    #[inline(always)]
    fn plus_product(self, x: Self, w: Self) -> Self {
        if SOFT { in_integers(self, x, w) } else { self + x * w }
    }
}

impl Soft for f64 {
    const SOFT: bool = false;

    type Sum = Self;

    fn unpack(self) -> Self {
        self
    }

    fn pack(sum: Self) -> Self {
        sum
    }

    fn accumulate(sum: Self, x: Self, w: Self) -> Self {
        sum + x * w
    }

    fn plus_product(self, x: Self, w: Self) -> Self {
        self + x * w
    }
}

/// `sum + x · w` outside of loops, where it is not worth while to inline so much.
#[inline(always)]
pub(crate) fn plus_product(sum: f32, x: f32, w: f32) -> f32 {
    #[inline(never)]
    fn called(sum: f32, x: f32, w: f32) -> f32 {
        in_integers(sum, x, w)
    }
    if SOFT { called(sum, x, w) } else { sum + x * w }
}

/// `sum + x · w`
#[inline(always)]
pub(crate) fn in_integers(sum: f32, x: f32, w: f32) -> f32 {
    usual(apart(sum.to_bits()), x.to_bits(), w.to_bits())
        .map_or_else(|| unusual(sum, x, w), f32::from_bits)
}

#[inline(always)]
fn usual(sum: Apart, x: u32, w: u32) -> Option<u32> {
    let (e_x, e_w) = (exponent(x), exponent(w));
    if !FACTORS.contains(&e_x) || !FACTORS.contains(&e_w) || sum.exponent > LARGEST_SUM {
        return None;
    }
    add(sum, product(x, w))
}

#[inline(always)]
fn running(sum: Running, x: u32, w: u32) -> Option<Running> {
    let (e_x, e_w) = (exponent(x), exponent(w));
    if !FACTORS.contains(&e_x) || !FACTORS.contains(&e_w) || sum.exponent > LARGEST_SUM {
        return None;
    }
    sum.plus(product(x, w).into())
}

/// A running sum: as [`Apart`], with its sign in its significand, so that it takes two registers.
#[derive(Clone, Copy)]
pub struct Running {
    exponent: u32,
    significand: i32,
}

impl From<Apart> for Running {
    #[inline(always)]
    fn from(Apart { sign, exponent, significand }: Apart) -> Self {
        let sign = sign as i32 >> 31; // 0 or -1
        Self { exponent, significand: (significand as i32 ^ sign) - sign }
    }
}

impl Running {
    #[inline(always)]
    fn unpack(number: u32) -> Self {
        apart(number).into()
    }

    /// The first bit of the significand is not stored.
    #[inline(always)]
    fn pack(self) -> u32 {
        let Self { exponent, significand } = self;
        let magnitude = significand.unsigned_abs() >> BELOW;
        (significand as u32 & SIGN) + (exponent << 23) + magnitude - (1 << 23)
    }

    /// `self + b`, rounded; nothing if it is 0.
    #[inline(always)]
    fn plus(self, b: Self) -> Option<Self> {
        let by = self.exponent.wrapping_sub(b.exponent) as i32;
        let (large, small, by) = if by >= 0 { (self, b, by) } else { (b, self, -by) };
        let sum = large.significand + shifted(small.significand, by as u32);
        Self { exponent: large.exponent, significand: sum }.rounded()
    }

    /// With a significand that may be too large by a bit, or too small by any number of them.
    #[inline(always)]
    fn rounded(self) -> Option<Self> {
        let Self { mut exponent, significand: mut sum } = self;
        match size(sum) >> FIRST {
            1 => {}
            0 => {
                if sum == 0 {
                    return None;
                }
                while size(sum) >> FIRST == 0 {
                    sum <<= 1;
                    exponent -= 1;
                }
            }
            _ => {
                sum = sum >> 1 | sum & 1;
                exponent += 1;
            }
        }
        // Half a unit, less what takes a tie to the even one.
        let half = (1 << (BELOW - 1)) - 1 + (sum >> BELOW & 1);
        Some(Self { exponent, significand: (sum + half) & !(MASK as i32) })
    }
}

/// `|n|`, or one less if `n` is negative: a negative power of two counts as the largest number
/// below. That is exact either way.
#[inline(always)]
fn size(n: i32) -> u32 {
    (n ^ (n >> 31)) as u32
}

/// Zeros are frequent: inputs that are off, saturated units, states at rest. A product of 0 leaves
/// a sum as it is, and a sum of zeros is -0 if both are.
#[inline(never)]
fn unusual(sum: f32, x: f32, w: f32) -> f32 {
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
fn product(x: u32, w: u32) -> Apart {
    let product = if WIDE_PRODUCTS { wide_product(x, w) } else { product_of_halves(x, w) };
    let carry = product >> (FIRST + 1);
    let mut significand = (product >> carry) + (1 << (BELOW - 1));
    // Half a unit at least, but nothing of the 18 bits (and the carry) that `product` lacks: a tie.
    if significand & MASK == 0 && x.wrapping_mul(w) << (14 - carry) == 0 {
        significand &= !(1 << BELOW);
    }
    Apart {
        sign: x ^ w,
        exponent: exponent(x) + exponent(w) + carry - 127,
        significand: significand & !MASK,
    }
}

/// `a + b`, rounded; nothing if it is 0.
#[inline(always)]
fn add(a: Apart, b: Apart) -> Option<u32> {
    let by = a.exponent.wrapping_sub(b.exponent) as i32;
    let (large, small, by) = if by >= 0 { (a, b, by) } else { (b, a, -by) };
    let opposite = (a.sign ^ b.sign) as i32 >> 31; // 0 or -1
    let summand = (small.significand as i32 ^ opposite) - opposite;
    let mut sum = large.significand as i32 + shifted(summand, by as u32);
    let mut sign = large.sign & SIGN;
    if sum <= 0 {
        if sum == 0 {
            return None; // its sign has a rule of its own
        }
        (sum, sign) = (-sum, sign ^ SIGN);
    }
    Some(rounded(sign, large.exponent, sum))
}

/// `n · 2^-by`, rounded down; its last bit is set if that takes something away.
#[inline(always)]
fn shifted(n: i32, by: u32) -> i32 {
    if by <= BELOW {
        return n >> by; // nothing: these bits are free
    }
    let by = by.min(31);
    let down = n >> by;
    down | i32::from(down << by != n)
}

/// The number of a significand that is not yet rounded, and has its first bit anywhere.
#[inline(always)]
fn rounded(sign: u32, mut exponent: u32, mut significand: i32) -> u32 {
    while significand < 1 << (FIRST + 1) {
        significand <<= 1;
        exponent -= 1;
    }
    let mut sum = significand as u32 + (1 << BELOW);
    if sum & (MASK << 1 | 1) == 0 {
        sum &= !(2 << BELOW); // a tie
    }
    // The first bit of the significand, or its carry, adds to the exponent.
    sign + (exponent << 23) + (sum >> (BELOW + 1))
}

#[inline(always)]
fn apart(number: u32) -> Apart {
    Apart {
        sign: number,
        exponent: exponent(number),
        significand: (number << 8 | SIGN) >> (31 - FIRST),
    }
}

#[inline(always)]
fn exponent(number: u32) -> u32 {
    number << 1 >> 24
}

/// The product of two significands of 24 bits without its last 18 bits.
#[inline(always)]
pub(crate) fn wide_product(x: u32, w: u32) -> u32 {
    let (x, w) = (u64::from(x << 8 | SIGN), u64::from((w << 8 | SIGN) >> 2));
    ((x * w) >> 32) as u32
}

/// The same from products of 32 bits.
#[inline(always)]
pub(crate) fn product_of_halves(x: u32, w: u32) -> u32 {
    let (x, w) = ((x << 8 | SIGN) >> 8, (w << 8 | SIGN) >> 8);
    let (high, low) = (x >> 16, x & 0xffff);
    let (w_high, w_low) = (w >> 16, w & 0xffff);
    (high * w + low * w_high + ((low * w_low) >> 16)) >> 2
}
