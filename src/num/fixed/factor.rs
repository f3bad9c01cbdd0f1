//! A factor of 16 bits, as a learning rate.

/// `mantissa · 2^exponent`, `|mantissa| ≤ 2¹⁵`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub(crate) mantissa: i32,
    pub(crate) exponent: i32,
}

impl Factor {
    /// `f` to 15 bits. Zero for a number too small to be normal; `None` for one that is not finite.
    pub(crate) const fn new(f: f32) -> Option<Self> {
        let bits = f.to_bits();
        let exponent = (bits >> 23 & 0xff) as i32;
        if exponent == 0xff {
            return None;
        }
        if exponent == 0 {
            return Some(Self { mantissa: 0, exponent: 0 });
        }
        let mantissa = (((bits & 0x7f_ffff | 0x80_0000) + 0x100) >> 9) as i32;
        let mantissa = if f.is_sign_negative() { -mantissa } else { mantissa };
        Some(Self { mantissa, exponent: exponent - 127 - 14 })
    }
}

/// `(n · mantissa) >> 16`, of all 32 bits of `n` and 15 of the mantissa.
#[inline]
pub(crate) const fn times(n: i32, mantissa: i32) -> i32 {
    (n >> 16) * mantissa + (((n & 0xffff) * mantissa) >> 16)
}
