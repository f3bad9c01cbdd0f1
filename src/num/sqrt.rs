//! Square root in `f32`, correctly rounded, in integer arithmetic.
//!
//! `core` has no square root on stable Rust, not even on processors that have the instruction, and
//! `libm`'s costs a third more. Here every product has at most 32 bits, so it is fast on small
//! processors too.
//!
//! ```text
//! r  ≈ 1 / √m                        8 bits, from a table
//! d  = 1 − m · r²                    |d| < 0.0126
//! s₁ = m · r · (1 + d / 2)           s₁ and r₁ to 2⁻¹⁴: their errors are 3/8 · d²
//! r₁ = r · (1 + d / 2)
//! s₂ = s₁ + (m − s₁²) · r₁ / 2       at most 1.16 units of the last place below √m
//! ```
//!
//! A remainder then tells whether the nearest number is `s₂` or the next one. Comments give the
//! number of bits behind the point.

/// Square root: NaN below 0, −0 at −0.
#[inline]
pub(crate) fn sqrtf(x: f32) -> f32 {
    let bits = x.to_bits();
    if bits.wrapping_sub(MIN_POSITIVE) < INFINITY - MIN_POSITIVE {
        f32::from_bits(sqrt_normal(bits))
    } else {
        special(x)
    }
}

const MIN_POSITIVE: u32 = f32::MIN_POSITIVE.to_bits();
const INFINITY: u32 = f32::INFINITY.to_bits();

/// What is not normal and positive.
#[cold]
#[inline(never)]
fn special(x: f32) -> f32 {
    let bits = x.to_bits();
    if bits << 1 == 0 || bits == INFINITY {
        x
    } else if bits > INFINITY {
        f32::NAN
    } else {
        // Subnormal: 2²⁴ times as much is normal.
        f32::from_bits(sqrt_normal((x * 16_777_216.0).to_bits()) - (12 << 23))
    }
}

/// The bits of the root from those of a number that is normal and positive.
#[inline(always)]
fn sqrt_normal(bits: u32) -> u32 {
    // m is in 1..4: the significand where the exponent is even, and its biased form odd, else twice it.
    let exponent = bits >> 23;
    let m = (bits << 8 | 1 << 31) >> (exponent & 1); // .30

    let r = u32::from(RECIPROCAL_ROOTS[(bits >> 17) as usize % 128]); // .8
    let s = (m >> 8) * r; // .30
    let d = (1 << 30) - ((s >> 8) * r) as i32; // .30
    let s = s.wrapping_add_signed(((s >> 16) as i32 * (d >> 10)) >> 5) >> 11; // .19
    let r = (r << 8).wrapping_add_signed((r as i32 * (d >> 8)) >> 15); // .16

    // The upper bits of a small difference need not be known.
    let d = (m << 8).wrapping_sub(s.wrapping_mul(s)) as i32; // .38
    let s = (s << 4).wrapping_add_signed(((d >> 13) * r as i32) >> 19); // .23
    let remainder = (m << 16).wrapping_sub(s.wrapping_mul(s)); // .46

    // One more if m > (s + ½)², in units of 2⁻⁴⁶: the half squared cannot decide.
    let s = s + (s.wrapping_sub(remainder) >> 31);
    s + ((exponent + (exponent & 1)) << 22) + (62 << 23)
}

/// `1 / √m` in the middle of 128 intervals: the last bit of the exponent, six of the significand.
static RECIPROCAL_ROOTS: [u8; 128] = {
    let mut roots = [0; 128];
    let mut n = 0;
    while n < 128 {
        let middle = (2 * (n as u64 % 64) + 129) << (n < 64) as u32; // 128 · m
        let root = ((1 << 41) / middle).isqrt(); // 2¹⁷ / √m
        roots[n] = ((root + 256) >> 9) as u8; // 2⁸ / √m
        n += 1;
    }
    roots
};
