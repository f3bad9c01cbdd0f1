//! `tanh` of a number in Q18, in Q15.

/// Pieces of the positive half, each of width 1/32.
const PIECES: usize = 192;
/// An argument counts steps of 2⁻¹⁸, 2¹³ of which are one piece.
const STEPS: u32 = 13;
/// Steps from the middle of a piece to its end.
const HALF: i32 = 1 << (STEPS - 1);

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
    let sign = z >> 31;
    let a = z.unsigned_abs();
    let y = match MIDDLES.get((a >> STEPS) as usize) {
        Some(&middle) => taylor(middle, from_middle(a)),
        None => 32767,
    };
    ((y ^ sign) - sign) as i16
}

/// The lower bits of `a` less half a piece, by the extension of their sign.
#[inline]
const fn from_middle(a: u32) -> i32 {
    ((a + HALF as u32) << (32 - STEPS)) as i32 >> (32 - STEPS)
}

/// `y + y' d + y'' d² / 2` at `d` steps from the middle, where `tanh` and a half are `middle`.
#[inline]
const fn taylor(middle: i32, d: i32) -> i32 {
    // d in Q18
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
        while taylor(middle, -HALF) < end {
            middle += 1;
        }
        while taylor(middle, HALF - 1) > 32767 {
            middle -= 1;
        }
        end = taylor(middle, HALF - 1);
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
