//! `tanh` of a number in Q18, in Q15.

/// Pieces of the positive half, each of width 1/32.
const PIECES: usize = 192;
/// An argument counts steps of 2⁻¹⁸, 2¹³ of which are one piece.
const STEPS: u32 = 13;

/// `tanh` at the middle of each piece, in Q20, and a half of Q15 for rounding; computed at compile time.
static MIDDLES: [i32; PIECES] = middles();

/// Hyperbolic tangent in fixed point: of `z · 2⁻¹⁸`, as `y · 2⁻¹⁵`.
///
/// Odd, monotone, within ±32767. The error is at most 0.6 units of the last place, below 1 where
/// `|tanh z|` rounds to 32768, which 16 bits cannot hold (`tests/agreement/fixed/tanh.rs`, over all arguments).
///
/// The value at the middle of a piece and two terms of Taylor's series, whose derivatives follow from
/// the value: `y' = 1 − y²`, `y'' = −2 y y'`.
///
/// ```
/// use elman::fixed::tanh;
///
/// assert_eq!(tanh(1 << 18), 24956); // tanh(1) · 32768 = 24956.3
/// assert_eq!(tanh(i32::MIN), -32767);
/// ```
#[must_use]
#[inline]
pub fn tanh(z: i32) -> i16 {
    let a = z.unsigned_abs();
    let y = match MIDDLES.get((a >> STEPS) as usize) {
        Some(&middle) => taylor(middle, (a & ((1 << STEPS) - 1)) as i32),
        None => 32767,
    };
    (if z < 0 { -y } else { y }) as i16
}

/// `y + y' d + y'' d² / 2` for `d = step − 2¹²` steps from the middle, where `tanh` and a half are
/// `middle`.
#[inline]
const fn taylor(middle: i32, step: i32) -> i32 {
    let d = step - (1 << (STEPS - 1)); // Q18
    let y = middle >> 5; // Q15
    let slope = (1 << 15) - ((y * y) >> 15); // Q15
    let first = slope * d; // Q33
    let second = ((y * d) >> 12) * (first >> 12); // Q21 · Q21
    (middle + ((first - (second >> 9)) >> 13)) >> 5
}

/// Each piece begins where the one before it ended or above, so that the whole is monotone: where
/// rounding would step down, the middle is raised by a few units of Q20.
const fn middles() -> [i32; PIECES] {
    let mut middles = [0; PIECES];
    let step = exp(1.0 / 16.0); // e^{2/32}
    let mut power = exp(1.0 / 32.0); // e^{2z} at the middle of the first piece
    let (mut n, mut end) = (0, 0);
    while n < PIECES {
        let mut middle = ((power - 1.0) / (power + 1.0) * 1_048_576.0 + 16.5) as i32;
        while taylor(middle, 0) < end {
            middle += 1;
        }
        while taylor(middle, (1 << STEPS) - 1) > 32767 {
            middle -= 1;
        }
        end = taylor(middle, (1 << STEPS) - 1);
        middles[n] = middle;
        power *= step;
        n += 1;
    }
    middles
}

/// `eˣ` for small `x`, at compile time.
const fn exp(x: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while n < 20.0 {
        term *= x / n;
        sum += term;
        n += 1.0;
    }
    sum
}
