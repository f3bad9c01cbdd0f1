//! Losses and their gradients against PyTorch, and where they could break.

use crate::support::pytorch_runs::goldens;
use elman::{
    Huber, Loss, binary_cross_entropy_with_logits, huber, mean_squared_error,
    soft_target_cross_entropy, softmax_cross_entropy, squared_error,
};

/// Relative to 1 or to the loss, whichever is larger: the last places of `exp` and `ln`.
const TIGHT: f64 = 1e-14;
/// The same in `f32`.
const TIGHT_F32: f64 = 1e-6;

#[test]
fn every_loss_is_pytorchs() {
    let mut worst = (0.0_f64, 0.0_f64);
    for case in goldens().losses {
        let f64s = loss(&case.name, &case.y, &case.target);
        let f32s = loss_f32(&case.name, &case.y.map(narrow), &case.target.map(narrow));
        let scale = case.loss.abs().max(1.0);
        worst.0 = worst.0.max((f64s.0 - case.loss).abs() / scale);
        worst.1 = worst.1.max((f32s.0 - case.loss).abs() / scale);
        for ((a, b), expected) in f64s.1.iter().zip(f32s.1).zip(case.gradient) {
            let scale = expected.abs().max(1.0);
            worst.0 = worst.0.max((a - expected).abs() / scale);
            worst.1 = worst.1.max((b - expected).abs() / scale);
        }
    }
    println!("worst off by {:.1e} in f64, {:.1e} in f32", worst.0, worst.1);
    assert!(worst.0 < TIGHT && worst.1 < TIGHT_F32);
}

macro_rules! losses {
    ($name:ident, $float:ident) => {
        fn $name(name: &str, y: &[$float; 4], target: &[$float; 4]) -> (f64, [f64; 4]) {
            let (loss, d_y) = match name {
                "squared_error" => squared_error(y, target),
                "mean_squared_error" => mean_squared_error(y, target),
                "huber" => huber(y, target, 0.7),
                "softmax_cross_entropy" => {
                    softmax_cross_entropy(y, target.iter().position(|&t| t == 1.0).unwrap())
                }
                "soft_target_cross_entropy" => soft_target_cross_entropy(y, target),
                "binary_cross_entropy_with_logits" => binary_cross_entropy_with_logits(y, target),
                name => panic!("{name} is none of ours"),
            };
            (loss.into(), d_y.map(f64::from))
        }
    };
}

losses!(loss, f64);
losses!(loss_f32, f32);

fn narrow(x: f64) -> f32 {
    x as f32
}

/// The gradients are the slopes of the losses: central differences.
#[test]
fn gradients_are_slopes() {
    const STEP: f64 = 1e-6;
    let mut worst = 0.0_f64;
    for case in goldens().losses {
        if case.y.iter().any(|y| y.abs() > 100.0) {
            continue; // differences of large losses lose the digits
        }
        for o in 0..4 {
            let mut y = case.y;
            y[o] += STEP;
            let above = loss(&case.name, &y, &case.target).0;
            y[o] -= 2.0 * STEP;
            let below = loss(&case.name, &y, &case.target).0;
            let slope = (above - below) / (2.0 * STEP);
            worst = worst.max((slope - loss(&case.name, &case.y, &case.target).1[o]).abs());
        }
    }
    println!("worst slope off by {worst:.1e}");
    assert!(worst < 1e-6);
}

#[test]
fn outputs_of_ten_thousand_are_as_good_as_small_ones() {
    for far in [1e4_f32, 1e10, 1e38] {
        let (right, d_y) = softmax_cross_entropy(&[far, -far, 0.0], 0);
        assert_eq!((right, d_y), (0.0, [0.0; 3]));
        let (loss, d_y) = softmax_cross_entropy(&[far, 0.0], 1);
        assert_eq!((loss, d_y), (far, [1.0, -1.0]));

        let (loss, d_y) = binary_cross_entropy_with_logits(&[far, -far], &[1.0, 0.0]);
        assert_eq!((loss, d_y), (0.0, [0.0, 0.0]));
        let (loss, d_y) = binary_cross_entropy_with_logits(&[far], &[0.0]);
        assert_eq!((loss, d_y), (far, [1.0]));
    }
}

#[test]
fn a_loss_of_nan_or_infinity_is_not_finite() {
    for bad in [f64::NAN, f64::INFINITY] {
        for name in [
            "squared_error",
            "mean_squared_error",
            "soft_target_cross_entropy",
            "binary_cross_entropy_with_logits",
        ] {
            assert!(
                !loss(name, &[0.0, bad, 0.0, 0.0], &[0.0, 0.0, 1.0, 0.0]).0.is_finite(),
                "{name}"
            );
        }
    }
    assert!(huber(&[f64::NAN], &[0.0], 1.0).0.is_nan());
    assert!(softmax_cross_entropy(&[0.0_f32; 3], 3).0.is_nan()); // there is no such class
}

/// `ln(1 + e⁻⁴⁰)` is `e⁻⁴⁰` to all digits, and not 0.
#[test]
fn a_confident_prediction_has_a_loss() {
    let (loss, _) = binary_cross_entropy_with_logits(&[40.0_f64], &[1.0]);
    assert!((loss / (-40.0_f64).exp() - 1.0).abs() < 1e-12);
}

#[test]
fn the_type_huber_has_its_corner_at_1() {
    assert_eq!(<Huber as Loss<[f32; 1]>>::loss(&[1.5], &[0.0]).1, [1.0]);
}

/// Against the standard library's search, which takes the last of equals and knows no NaN.
#[test]
fn the_largest_output_is_the_first_of_equals() {
    let values = [-1.0_f32, 0.5, 2.0, f32::NAN];
    for n in 0..256 {
        let y = [0, 2, 4, 6].map(|shift| values[n >> shift & 3]);
        let numbers = (0..4).rev().filter(|&class| !y[class].is_nan());
        let largest = numbers.max_by(|&a, &b| y[a].total_cmp(&y[b]));
        assert_eq!(elman::argmax(&y), largest.unwrap_or(0), "{y:?}");
    }
}
