//! Mistakes with large, small and non-finite numbers: in `tanh`, in updates and in norms.

use super::{Net, ROUNDING, bits, inputs};
use crate::support::convert::{filled, from_numbers, numbers, random_net, row};
use elman::{
    ConstZero, Dense, Elman, InRange, Layer, Matrix, Optimizer, Pcg32, Scalar, Sgd, Stack, Tape,
    clip_grad_norm, global_norm, squared_error,
};

//////////// tanh ////////////

#[test]
fn tanh_is_one_where_the_exponential_overflows() {
    for x in [354.0, 355.0, 709.0, 710.0, 1e4, 1e300, f64::INFINITY] {
        assert_eq!((Scalar::tanh(x), Scalar::tanh(-x)), (1.0, -1.0), "f64, {x}");
    }
    for x in [44.0_f32, 45.0, 88.0, 89.0, 710.0, 1e4, 1e30, f32::INFINITY] {
        assert_eq!((Scalar::tanh(x), Scalar::tanh(-x)), (1.0, -1.0), "f32, {x}");
    }
    assert!(Scalar::tanh(f64::NAN).is_nan() && Scalar::tanh(f32::NAN).is_nan());
}

/// Pre-activations of ±1e4: the units are at ±1, no error passes, and nothing is NaN.
fn saturated<T: Scalar>(ten_thousand: T) {
    let one = T::ONE;
    let cell = Elman {
        kernel: Matrix([[ten_thousand, -ten_thousand]]),
        recurrent_kernel: Matrix([[one, one], [one, one]]),
        bias: [T::ZERO; 2],
    };
    let mut tape = Tape::<Elman<1, 2, T>, 3>::new();
    for _ in 0..3 {
        assert_eq!(tape.step(&cell, &[one]), &[one, -one]);
        tape.set_output_gradient(&[one, one]);
    }
    let mut gradient = Elman::ZERO;
    let mut d_x = [[one]; 3];
    let d_initial = tape.backward_to_inputs(&cell, &mut gradient, &mut d_x);
    assert_eq!(gradient, Elman::ZERO);
    assert_eq!((d_initial, d_x), ([T::ZERO; 2], [[T::ZERO]; 3]));
}

#[test]
fn a_saturated_unit_passes_no_error() {
    saturated(1e4_f32);
    saturated(1e4_f64);
}

//////////// updates ////////////

#[test]
fn the_learning_rate_is_honoured() {
    let gradient: Net<f64> = random_net(&mut Pcg32::new(16, 0));
    for learning_rate in [0.0, 0.125, 3.0] {
        let before: Net<f64> = random_net(&mut Pcg32::new(17, 0));
        let mut net = before.clone();
        Sgd::new(learning_rate).update(&mut net, &gradient, &mut ());
        for ((after, before), g) in
            numbers(&net).iter().zip(numbers(&before)).zip(numbers(&gradient))
        {
            assert_eq!(*after, before - learning_rate * g);
        }
    }
}

/// A gradient whose numbers in both layers, kernels and biases, are all `g`: 19 numbers.
fn all<T: Scalar>(g: T) -> Stack<(Elman<1, 3, T>, Dense<3, 1, T>)> {
    filled(g)
}

#[test]
fn the_norm_is_that_of_all_tensors() {
    let numbers = 3 + 9 + 3 + 3 + 1;
    assert_eq!(global_norm(&all(2.0_f64)), f64::sqrt(numbers as f64 * 4.0));
}

#[test]
fn clipping_scales_by_limit_over_norm() {
    let mut gradient: Net<f64> = random_net(&mut Pcg32::new(18, 0));
    let before = gradient.clone();
    let norm_before = clip_grad_norm(&mut gradient, 0.5);
    assert_eq!(norm_before, global_norm(&before));
    assert!((global_norm(&gradient) - 0.5).abs() < ROUNDING);
    for (after, before) in numbers(&gradient).iter().zip(numbers(&before)) {
        assert!((after - before * 0.5 / norm_before).abs() < ROUNDING, "one factor for all");
    }
}

#[test]
fn clipping_leaves_a_small_gradient_alone() {
    for limit in [19.0_f64.sqrt(), 100.0, f64::INFINITY] {
        let mut gradient = all(1.0);
        assert_eq!(clip_grad_norm(&mut gradient, limit), 19.0_f64.sqrt());
        assert_eq!(gradient, all(1.0));
    }
    let mut gradient = all(0.0);
    assert_eq!(clip_grad_norm(&mut gradient, 1.0), 0.0);
    assert_eq!(gradient, all(0.0), "0/0 is not taken");
}

/// Squares beyond the range of `f32`, at either end, are no obstacle to a norm within it.
#[test]
fn the_norm_neither_overflows_nor_vanishes() {
    for g in [1e-44_f32, 1e-30, 1e-19, 1e18, 1e20, 1e30, 7e37] {
        let expected = f64::from(g) * f64::sqrt(19.0);
        let off = f64::from(global_norm(&all(g))) / expected - 1.0;
        // The smallest numbers are multiples of 1.4e-45; the others have 24 bits.
        let bound = if g < f32::MIN_POSITIVE { 0.05 } else { 1e-6 };
        assert!(off.abs() < bound, "{g}: off by {off}");

        let mut gradient = all(g);
        let limit = global_norm(&gradient) / 4.0;
        let _ = clip_grad_norm(&mut gradient, limit);
        let off = f64::from(global_norm(&gradient)) / f64::from(limit) - 1.0;
        let bound = if g < f32::MIN_POSITIVE * 8.0 { 0.5 } else { 1e-5 };
        assert!(off.abs() < bound, "{g}: clipped to {off} off the limit");
    }
}

/// A gradient that is not finite is reported as it is, and not turned into one that is.
#[test]
fn clipping_reports_what_is_not_finite() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in 0..19 {
            let mut gradient = all(1.0_f32);
            let mut numbers_of_it = numbers(&gradient);
            numbers_of_it[at] = bad.into();
            gradient = from_numbers(&numbers_of_it);
            let before = bits(&numbers(&gradient));
            let norm = clip_grad_norm(&mut gradient, 1.0);
            assert!(if bad.is_nan() { norm.is_nan() } else { norm == f32::INFINITY }, "{norm}");
            assert_eq!(bits(&numbers(&gradient)), before, "left as it was");
        }
    }
}

//////////// numbers that are none ////////////

/// A stream in which one input of step 4 is NaN.
fn poisoned_stream() -> Vec<[f64; 2]> {
    let mut inputs = inputs(9, 19);
    inputs[4][1] = f64::NAN;
    inputs
}

#[test]
fn a_nan_input_makes_all_later_outputs_nan() {
    let net: Net<f64> = random_net(&mut Pcg32::new(20, 0));
    let mut state = Net::<f64>::INITIAL_STATE;
    for (t, x) in poisoned_stream().iter().enumerate() {
        let y = net.step(x, &mut state);
        assert!(y.iter().all(|y| y.is_nan() == (t >= 4)), "step {t}: {y:?}");
        assert!(row(&state).iter().all(|h| h.is_nan() == (t >= 4)), "step {t}");
    }
}

/// One NaN in the window, and no number of the gradient is one.
#[test]
fn a_nan_input_makes_the_gradient_nan() {
    let net: Net<f64> = random_net(&mut Pcg32::new(21, 0));
    let gradient_of_errors_before = |end: usize| {
        let mut tape = Tape::<_, 9>::new();
        for x in &poisoned_stream()[..end.max(5)] {
            let (_, d_y) = squared_error(tape.step(&net, x), &[0.0, 0.0]);
            if tape.len() <= end {
                tape.set_output_gradient(&d_y);
            }
        }
        let mut gradient = Net::ZERO;
        tape.backward(&net, &mut gradient);
        gradient
    };
    assert!(numbers(&gradient_of_errors_before(9)).iter().all(|g| g.is_nan()));
    assert!(numbers(&gradient_of_errors_before(5)).iter().all(|g| g.is_nan()));
    // No error is NaN, but a step after them is: what went wrong is told all the same.
    assert!(numbers(&gradient_of_errors_before(4).0.0).iter().all(|g| g.is_nan()));
}

/// A NaN in any one weight comes out, and so does one in an error, past saturated units too.
#[test]
fn a_nan_weight_or_error_is_seen_at_the_output() {
    let sizes = numbers(&Net::<f64>::ZERO).len();
    for i in 0..sizes {
        let mut weights = numbers(&random_net::<Net<f64>>(&mut Pcg32::new(22, 0)));
        weights[i] = f64::NAN;
        let net: Net<f64> = from_numbers(&weights);
        let mut state = Net::<f64>::INITIAL_STATE;
        let y = net.step(&[0.0, 1.0], &mut state);
        assert!(y.iter().any(|y| y.is_nan()), "weight {i}: {y:?}");
    }
    let cell = Elman::<1, 1, f64> { bias: [1e4], ..ConstZero::ZERO };
    let mut tape = Tape::<_, 2>::new();
    tape.step(&cell, &[1.0]);
    tape.set_output_gradient(&[f64::NAN]);
    let mut gradient = Elman::ZERO;
    assert!(tape.backward(&cell, &mut gradient)[0].is_nan());
    assert!(numbers(&gradient).iter().all(|g| g.is_nan()));
}

/// An infinite input saturates the units; what multiplies it in the gradient is 0, and ∞ · 0 is NaN.
#[test]
fn an_infinite_input_saturates() {
    let cell = Elman::<1, 2, f32> { kernel: Matrix([[0.5, -0.5]]), ..ConstZero::ZERO };
    let mut tape = Tape::<_, 2>::new();
    assert_eq!(tape.step(&cell, &[f32::INFINITY]), &[1.0, -1.0]);
    tape.set_output_gradient(&[1.0, 1.0]);
    let mut gradient = Elman::ZERO;
    tape.backward(&cell, &mut gradient);
    assert_eq!(gradient.bias, [0.0, 0.0]);
    assert!(gradient.kernel.0[0].iter().all(|g| g.is_nan()));
    // Infinities of both signs meet: ∞ − ∞ is NaN.
    let cell = Elman::<2, 1, f32> { kernel: Matrix([[0.5], [-0.5]]), ..ConstZero::ZERO };
    assert!(cell.step(&[f32::INFINITY; 2], &mut [0.0])[0].is_nan());
}

#[test]
fn the_loss_of_nan_is_nan() {
    let (loss, d_y) = squared_error(&[1.0, f64::NAN], &[0.0, 0.0]);
    assert!(loss.is_nan() && d_y[1].is_nan());
    assert_eq!(d_y[0], 2.0);
}

/// The squares, 1e-43, are subnormal and have two digits.
#[test]
fn a_small_norm_has_all_its_digits() {
    let gradient = Dense { kernel: Matrix([[3e-22_f32]]), bias: [4e-22] };
    assert!((global_norm(&gradient) / 5e-22 - 1.0).abs() < 1e-6);
}

#[test]
fn the_norm_of_nan_is_nan() {
    assert!(global_norm(&Dense { kernel: Matrix([[f32::NAN]]), bias: [0.0] }).is_nan());
}

/// In `f32` up to 1.8446743e19, in `f64` up to 1.34e154.
#[test]
fn in_range_is_what_has_a_finite_square() {
    fn check<T: Scalar + InRange>(in_range: [T; 3], out_of_range: [T; 4]) {
        assert!(in_range.is_in_range());
        for bad in out_of_range {
            assert!(!bad.is_in_range());
            assert!(![in_range[0], bad].is_in_range() && ![bad, in_range[0]].is_in_range());
        }
    }
    check([0.0, 1.8446743e19, -1e-45_f32], [1.8446746e19, -1e20, f32::INFINITY, f32::NAN]);
    check([0.0, 1.34e154, -1e-320_f64], [1.35e154, -1e200, f64::NEG_INFINITY, f64::NAN]);
}
