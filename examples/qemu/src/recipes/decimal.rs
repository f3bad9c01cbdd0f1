//! A number printed without the float formatting of `core`, which takes 20 KB of flash and `f64`.

use core::fmt::{Display, Formatter, Result};

/// An `f32` between ±4000 with six digits after the point.
pub struct Decimal(pub f32);

impl Display for Decimal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        const MILLION: u32 = 1_000_000;
        let millionths = (self.0.abs() * MILLION as f32 + 0.5) as u32;
        let sign = if self.0 < 0.0 { "-" } else { "" };
        write!(f, "{sign}{}.{:06}", millionths / MILLION, millionths % MILLION)
    }
}
