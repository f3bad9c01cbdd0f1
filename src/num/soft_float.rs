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
/// do not have it. For cores with A and without F, as the ESP32-C6's, there is the feature
/// `soft-float`. A wrong guess costs time and changes no bit.
const SOFT_FLOAT: bool = cfg!(any(
    feature = "soft-float",
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
    /// 24 bits, the first in bit `FIRST`: three bits above for two carries and a sign, five below the
    /// last for the bits of the smaller summand that decide the rounding.
    significand: u32,
}

const SIGN: u32 = 1 << 31;
const FIRST: u32 = 28;
/// How many bits there are below the last.
const BELOW: u32 = FIRST - 23;
/// These bits.
const MASK: u32 = (1 << BELOW) - 1;

/// Multiply–accumulate; in integer arithmetic on targets without an FPU.
pub trait MulAcc: Copy {
    /// Whether the processor has no FPU for these numbers.
    const SOFT_FLOAT: bool;

    /// A running sum, which in integer arithmetic stays unpacked from one product to the next.
    type Accumulator: Copy;

    /// `self` as the start of a running sum.
    fn accumulator(self) -> Self::Accumulator;

    /// `sum + x · w`, product and sum rounded.
    fn accumulate(sum: Self::Accumulator, x: Self, w: Self) -> Self::Accumulator;

    /// The number that a running sum has become.
    fn accumulated(sum: Self::Accumulator) -> Self;

    /// `self + x · w`, product and sum rounded: not a fused multiply–add.
    fn mul_acc(self, x: Self, w: Self) -> Self;
}

impl MulAcc for f32 {
    const SOFT_FLOAT: bool = SOFT_FLOAT;

    type Accumulator = Accumulator;

    #[inline(always)]
    fn accumulator(self) -> Accumulator {
        unpack(self.to_bits()).into()
    }

    #[inline(always)]
    fn accumulate(sum: Accumulator, x: Self, w: Self) -> Accumulator {
        match sum.fast_path(x.to_bits(), w.to_bits()) {
            Some(sum) => sum,
            None => slow_path(Self::accumulated(sum), x, w).accumulator(),
        }
    }

    #[inline(always)]
    fn accumulated(sum: Accumulator) -> Self {
        Self::from_bits(sum.pack())
    }

    #[inline(always)]
    fn mul_acc(self, x: Self, w: Self) -> Self {
        if SOFT_FLOAT { mul_acc_soft(self, x, w) } else { self + x * w }
    }
}

impl MulAcc for f64 {
    const SOFT_FLOAT: bool = false;

    type Accumulator = Self;

    fn accumulator(self) -> Self {
        self
    }

    fn accumulate(sum: Self, x: Self, w: Self) -> Self {
        sum + x * w
    }

    fn accumulated(sum: Self) -> Self {
        sum
    }

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
    if !is_frequent(exponent(sum), x, w) {
        return None;
    }
    add(unpack(sum), product(x, w))
}

/// Whether this is for the fast path.
#[inline(always)]
fn is_frequent(e_sum: u32, x: u32, w: u32) -> bool {
    FACTORS.contains(&exponent(x)) && FACTORS.contains(&exponent(w)) && e_sum <= LARGEST_SUM
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
    let mut significand = (product >> carry) + (1 << (BELOW - 1));
    // Half a unit at least, but nothing of the 18 bits (and the carry) that `product` lacks: a tie.
    if significand & MASK == 0 && x.wrapping_mul(w) << (14 - carry) == 0 {
        significand &= !(1 << BELOW);
    }
    Unpacked {
        sign: x ^ w,
        exponent: exponent(x) + exponent(w) + carry - 127,
        significand: significand & !MASK,
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
    if by <= BELOW {
        return n >> by; // nothing: these bits are free
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
    let mut sum = significand as u32 + (1 << BELOW);
    if sum & (2 * MASK + 1) == 0 {
        sum &= !(2 << BELOW); // a tie
    }
    // The first bit of the significand, or its carry, adds to the exponent.
    sign + (exponent << 23) + (sum >> (BELOW + 1))
}

/// A running sum: an [`Unpacked`] whose significand has the sign, so that it takes two registers.
///
/// Its significand goes up to 2^(FIRST + 1) inclusive: what is rounded up to a power of two stays so.
#[derive(Clone, Copy, Debug)]
pub struct Accumulator {
    exponent: u32,
    significand: i32,
}

impl From<Unpacked> for Accumulator {
    #[inline(always)]
    fn from(Unpacked { sign, exponent, significand }: Unpacked) -> Self {
        let sign = sign as i32 >> 31; // 0 or -1
        Self { exponent, significand: (significand as i32 ^ sign) - sign }
    }
}

impl Accumulator {
    #[inline(always)]
    fn fast_path(self, x: u32, w: u32) -> Option<Self> {
        if !is_frequent(self.exponent, x, w) {
            return None;
        }
        self.add(product(x, w).into())
    }

    /// `self + b`, rounded; nothing if it is 0.
    #[inline(always)]
    fn add(self, b: Self) -> Option<Self> {
        let by = self.exponent.wrapping_sub(b.exponent) as i32;
        let (large, small, by) = if by >= 0 { (self, b, by) } else { (b, self, -by) };
        let sum = large.significand + shift_right_jam(small.significand, by as u32);
        Self { exponent: large.exponent, significand: sum }.round()
    }

    /// Of a sum that may be too large by a bit, or too small by any number of them.
    #[inline(always)]
    fn round(mut self) -> Option<Self> {
        match self.size() {
            1 => {}
            0 => {
                if self.significand == 0 {
                    return None;
                }
                while self.size() == 0 {
                    self.significand <<= 1;
                    self.exponent -= 1;
                }
            }
            _ => {
                self.significand = self.significand >> 1 | self.significand & 1;
                self.exponent += 1;
            }
        }
        // Half a unit, or less by one bit where a tie goes down to an even number.
        let half = (1 << (BELOW - 1)) - 1 + (self.significand >> BELOW & 1);
        self.significand = (self.significand + half) & !(MASK as i32);
        Some(self)
    }

    /// 1 if the first bit is where it belongs, less if further down, more if further up. A negative
    /// power of two counts as the number next to it towards 0; both are exact.
    #[inline(always)]
    fn size(self) -> u32 {
        (self.significand ^ (self.significand >> 31)) as u32 >> FIRST
    }

    /// The first bit of the significand is not stored.
    #[inline(always)]
    fn pack(self) -> u32 {
        let sign = self.significand as u32 & SIGN;
        let significand = self.significand.unsigned_abs() >> BELOW;
        sign + (self.exponent << 23) + (significand - (1 << 23))
    }
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
