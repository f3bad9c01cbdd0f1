//! The types of number a file may hold, and how those that are weights become `f32`.

macro_rules! dtypes {
    ($($name:ident $bits:literal),+) => {
        /// A type of number, by the name that the format gives it.
        ///
        /// F64, F32, F16 and BF16 can be weights; a file may hold the others too.
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Dtype { $($name),+ }

        impl Dtype {
            pub(super) const ALL: &[Self] = &[$(Self::$name),+];

            /// As it stands in the header.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// The size of one number, in bits.
            #[must_use]
            pub const fn bits(self) -> usize {
                match self { $(Self::$name => $bits),+ }
            }
        }
    };
}

dtypes!(
    BOOL 8, F4 4, F6_E2M3 6, F6_E3M2 6, U8 8, I8 8, F8_E5M2 8, F8_E4M3 8, F8_E8M0 8,
    F8_E4M3FNUZ 8, F8_E5M2FNUZ 8, I16 16, U16 16, F16 16, BF16 16, I32 32, U32 32, F32 32,
    C64 64, F64 64, I64 64, U64 64
);

/// A type of number that a value has. Of these alone a program for its own files needs the names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F32,
    F64,
    U32,
    U64,
    U8,
    I32,
    I16,
    I8,
}

/// In the order of [`Element`]. As an array they take less code than as a `match`.
const NAMES: [&str; 8] = ["F32", "F64", "U32", "U64", "U8", "I32", "I16", "I8"];

impl Element {
    pub(super) const fn name(self) -> &'static str {
        NAMES[self as usize]
    }

    pub(super) const fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F64 => Dtype::F64,
            Self::U32 => Dtype::U32,
            Self::U64 => Dtype::U64,
            Self::U8 => Dtype::U8,
            Self::I32 => Dtype::I32,
            Self::I16 => Dtype::I16,
            Self::I8 => Dtype::I8,
        }
    }

    /// The size of one number.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::F32 | Self::U32 | Self::I32 => 4,
            Self::F64 | Self::U64 => 8,
        }
    }

    pub(super) const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl Dtype {
    /// Whether it can be read as a weight.
    pub(super) const fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32 | Self::F16 | Self::BF16)
    }
}

/// IEEE half precision: every number is one of `f32`.
pub(super) const fn from_f16(bits: u16) -> f32 {
    let sign = ((bits & 0x8000) as u32) << 16;
    let magnitude = (bits & 0x7fff) as u32;
    let magnitude = match magnitude {
        0..0x0400 => (magnitude as f32 / (1 << 24) as f32).to_bits(), // subnormal: in units of 2⁻²⁴
        0x0400..0x7c00 => (magnitude << 13) + ((127 - 15) << 23),
        _ => (magnitude << 13) | 0x7f80_0000, // ±∞, NaN
    };
    f32::from_bits(sign | magnitude)
}

/// The upper half of an `f32`.
pub(super) const fn from_bf16(bits: u16) -> f32 {
    f32::from_bits((bits as u32) << 16)
}

/// The `f32` nearest to an `f64`, ties to even, in whole numbers: a device need not link `f64`
/// arithmetic for it.
pub(super) const fn from_f64(bits: u64) -> f32 {
    const INFINITY: u64 = 0x7ff << 52;
    let sign = (bits >> 63 << 31) as u32;
    let magnitude = bits & (u64::MAX >> 1);
    let exponent = (magnitude >> 52) as u32;
    let significand = magnitude & ((1 << 52) - 1) | 1 << 52;
    let magnitude = match exponent {
        0x7ff if magnitude > INFINITY => 0x7fc0_0000,
        // A carry out of the fraction goes into the exponent, as it should, up to infinity.
        897..1151 => halve(magnitude - (896 << 52), 29) as u32,
        1151.. => 0x7f80_0000,
        // Subnormal in f32: in units of 2⁻¹⁴⁹.
        873..897 => halve(significand, 926 - exponent) as u32,
        _ => 0,
    };
    f32::from_bits(sign | magnitude)
}

/// `n / 2^times`, to the nearest whole number, ties to even.
const fn halve(n: u64, times: u32) -> u64 {
    let odd = n >> times & 1;
    (n + (1 << (times - 1)) - 1 + odd) >> times
}
