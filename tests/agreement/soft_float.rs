//! `sum + x · w` in whole numbers against the processor's floating point, bit for bit.

#[allow(dead_code)] // the entry points, which only the crate uses
#[path = "../../src/num/soft_float.rs"]
mod soft;

use elman::Pcg32;
use soft::MulAcc as _;

const SIGN: u32 = 1 << 31;

/// Significands where rounding, carries and cancellation have their corners.
const SIGNIFICANDS: [u32; 12] = [
    0, 1, 2, 0x7f_ffff, 0x7f_fffe, // powers of two, and what is next to them
    0x40_0000, 0x20_0000, 0x60_0000, // products and sums that are exact, or end in a tie
    0x3f_ffff, 0x40_0001, 0x35_04f3, 0x35_04f4, // products just around 2
];

/// Random triples whose sum and product are about as large.
const RANDOM: u32 = if cfg!(debug_assertions) { 2_000_000 } else { 40_000_000 };

fn check(sum: u32, x: u32, w: u32) {
    let [sum, x, w] = [sum, x, w].map(f32::from_bits);
    let (soft, hard) = (soft::mul_acc_soft(sum, x, w), sum + x * w);
    let equal = soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan();
    assert!(equal, "{sum:e} + {x:e} · {w:e} is {hard:e}, not {soft:e}");
    let running = running_sum(sum, [(x, w)]);
    let equal = running.to_bits() == hard.to_bits() || running.is_nan() && hard.is_nan();
    assert!(equal, "{sum:e} + {x:e} · {w:e} is {hard:e}, not {running:e} as a running sum");
}

fn running_sum<const N: usize>(sum: f32, factors: [(f32, f32); N]) -> f32 {
    f32::accumulated(
        factors.into_iter().fold(sum.accumulator(), |sum, (x, w)| f32::accumulate(sum, x, w)),
    )
}

/// Every exponent with every corner, as a factor of every other corner and of numbers at the ends
/// of what is usual: zeros, subnormals, infinities and NaN among them. The sum is what cancels
/// the product, a neighbour of that, half of it and twice, something small, and 0.
#[test]
fn sums_at_every_exponent_and_corner() {
    let factors = [0, 1, 80, 81, 127, 189, 190, 255];
    for exponent in 0..=255 {
        for x in SIGNIFICANDS.map(|bits| exponent << 23 | bits) {
            for other in factors {
                for w in SIGNIFICANDS.map(|bits| other << 23 | bits) {
                    sums(x, w);
                    sums(x, w | 1 << 31);
                }
            }
        }
    }
}

fn sums(x: u32, w: u32) {
    let product = (f32::from_bits(x) * f32::from_bits(w)).to_bits();
    for exponents in [0, 1, 2, 6, 7, 24, 31, 32] {
        for sum in [product.wrapping_sub(exponents << 23), product.wrapping_add(exponents << 23)] {
            for sum in [sum, sum.wrapping_add(1), sum.wrapping_sub(1)] {
                check(sum, x, w);
                check(sum ^ 1 << 31, x, w);
            }
        }
    }
    check(0, x, w);
    check(1 << 31, x, w);
}

/// Exponents of all sizes for the sum as well, corner by corner.
#[test]
fn sums_of_every_pair_of_exponents() {
    for x in (0..=255).map(|exponent| exponent << 23 | 0x35_04f3) {
        for sum in (0..=255).map(|exponent| exponent << 23) {
            for sum in SIGNIFICANDS.map(|bits| sum | bits) {
                check(sum, x, 0x3f80_0000);
                check(sum, x, 0xbfb5_04f3);
            }
        }
    }
}

#[test]
fn sums_of_random_numbers() {
    let mut rng = Pcg32::new(1, 0);
    for _ in 0..RANDOM {
        // Half of all numbers end in zeros, so that products and sums come to a tie.
        let mut number = |exponent: u32| {
            let bits = rng.next_u32();
            let zeros = if bits >> 30 & 1 == 0 { 0 } else { bits >> 24 & 31 };
            bits & 1 << 31 | exponent << 23 | (bits & 0x7f_ffff) >> zeros << zeros
        };
        let w = number(127);
        let x = number(110 + (w & 31));
        let sum = number((x >> 23 & 255) + (x >> 3 & 63) - 32);
        check(sum, x, w);
    }
}

/// Sums of many products, which stay unpacked from one to the next: numbers of one size, so that they
/// cancel and carry, with a number of any size among them now and then.
#[test]
fn running_sums() {
    let mut rng = Pcg32::new(3, 0);
    for _ in 0..RANDOM / 40 {
        let mut number = || {
            let bits = rng.next_u32();
            let exponent = if bits & 31 == 0 { bits >> 5 & 255 } else { 124 + (bits >> 5 & 3) };
            f32::from_bits(
                bits & SIGN
                    | exponent << 23
                    | rng.next_u32() >> 9 >> (bits >> 7 & 15) << (bits >> 7 & 15),
            )
        };
        let (sum, factors) = (number(), [(); 8].map(|()| (number(), number())));
        let soft = running_sum(sum, factors);
        let hard = factors.iter().fold(sum, |sum, (x, w)| sum + x * w);
        let equal = soft.to_bits() == hard.to_bits() || soft.is_nan() && hard.is_nan();
        assert!(equal, "{sum:e} + {factors:?} is {hard:e}, not {soft:e}");
    }
}

/// The two ways to a product are the same.
#[test]
fn both_ways_to_a_product_agree() {
    let mut rng = Pcg32::new(2, 0);
    for _ in 0..1_000_000 {
        let (x, w) = (rng.next_u32(), rng.next_u32());
        assert_eq!(soft::product_of_halves(x, w), soft::wide_product(x, w), "{x:x} · {w:x}");
    }
    for x in SIGNIFICANDS {
        for w in SIGNIFICANDS {
            assert_eq!(soft::product_of_halves(x, w), soft::wide_product(x, w), "{x:x} · {w:x}");
        }
    }
}
