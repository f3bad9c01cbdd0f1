//! `tanh` over all arguments below saturation and well beyond: 2²² of them.

use elman::fixed::tanh;

/// Arguments count 2⁻¹⁸; from 6 on the value is ±32767.
const ONE: i32 = 1 << 18;
const SATURATED: i32 = 6 * ONE;
const BEYOND: i32 = 8 * ONE;
/// In units of the last place of Q15.
const LARGEST_ERROR: f64 = 0.6;

#[test]
fn the_error_is_below_a_unit_of_the_last_place() {
    let error = |z: i32| {
        let exact = (f64::from(z) / f64::from(ONE)).tanh() * 32768.0;
        (f64::from(tanh(z)) - exact).abs()
    };
    let worst = (0..SATURATED).map(error).fold(0.0, f64::max);
    println!("error at most {worst:.3} units of the last place");
    assert!(worst <= LARGEST_ERROR);
    assert!((SATURATED..BEYOND).map(error).fold(0.0, f64::max) < 1.0);
}

#[test]
fn it_is_monotone() {
    let steps_down = (0..BEYOND).filter(|&z| tanh(z + 1) < tanh(z)).count();
    assert_eq!(steps_down, 0);
}

#[test]
fn it_is_odd() {
    assert!((0..BEYOND).all(|z| tanh(-z) == -tanh(z) && tanh(z) >= 0));
    for z in [i32::MAX, i32::MIN, i32::MIN + 1, BEYOND] {
        assert_eq!(tanh(z), 32767 * z.signum() as i16);
    }
}

/// The arguments that 16 bits can hold, as Q12: the whole range of a 16-bit `tanh`.
#[test]
fn all_arguments_of_16_bits() {
    for z in i16::MIN..=i16::MAX {
        let exact = (f64::from(z) / 4096.0).tanh() * 32768.0;
        assert!((f64::from(tanh(i32::from(z) << 6)) - exact).abs() < 1.0, "tanh of {z} / 4096");
    }
}
