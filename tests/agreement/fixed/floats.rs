//! What integers compute is what floats compute, to a bound that is stated.

use elman::fixed::{self, Quantize, Row};
use elman::{
    ConstZero, Dense, Elman, Initialize, Layer, Matrix, MomentumState, Parameters, Pcg32, Stack,
    Tape, Tensor, clip_grad_norm, clip_grad_value, global_norm,
};

type Float = Stack<(Elman<2, 6>, Elman<6, 5>, Dense<5, 2>)>;
type Net = Stack<(fixed::Elman<2, 6>, fixed::Elman<6, 5>, fixed::Dense<5, 2>)>;

fn nets() -> (Float, Net) {
    let (mut float, mut net) = (Float::ZERO, Net::ZERO);
    float.init_keras(&mut Pcg32::new(3, 0));
    net.init_keras(&mut Pcg32::new(3, 0));
    (float, net)
}

#[test]
fn weights_are_drawn_as_those_of_floats() {
    let (float, net) = nets();
    let mut quantized = Net::ZERO;
    quantized.quantize(&float);
    assert_eq!(net, quantized);
    let mut again = Float::ZERO;
    net.dequantize(&mut again);
    for n in 0..Float::TENSORS {
        for (w, again) in float.tensor(n).iter().zip(again.tensor(n)) {
            assert!((w - again).abs() < 1e-8);
        }
    }
}

/// Gradients of windows of `f64` and of integers, at inputs and errors of the usual size, relative
/// to the largest number of each tensor.
const GRADIENT_ERROR: f32 = 4e-3;

#[test]
fn gradients_are_those_of_f64() {
    type Exact = Stack<(Elman<2, 6, f64>, Elman<6, 5, f64>, Dense<5, 2, f64>)>;
    let (float, net) = nets();
    let mut exact = Exact::ZERO;
    for n in 0..Float::TENSORS {
        for (to, from) in exact.tensor_mut(n).iter_mut().zip(float.tensor(n)) {
            *to = f64::from(*from);
        }
    }
    let mut rng = Pcg32::new(4, 0);
    let mut worst = 0.0_f32;
    for _ in 0..50 {
        let (mut exact_tape, mut tape) = (Tape::<Exact, 20>::new(), Tape::<Net, 20>::new());
        for _ in 0..27 {
            let x = [(); 2].map(|()| rng.uniform_symmetric::<f32>());
            let d_y = [(); 2].map(|()| rng.uniform_symmetric::<f32>());
            exact_tape.step(&exact, &x.map(f64::from));
            exact_tape.set_output_gradient(&d_y.map(f64::from));
            tape.step(&net, &Row::from(x));
            tape.set_output_gradient(&Row::from(d_y));
        }
        let (mut exact_gradient, mut gradient) = (Exact::ZERO, Net::ZERO);
        let mut d_x = ([[0.0; 2]; 20], [Row::ZERO; 20]);
        exact_tape.backward_to_inputs(&exact, &mut exact_gradient, &mut d_x.0);
        tape.backward_to_inputs(&net, &mut gradient, &mut d_x.1);
        let mut as_float = Float::ZERO;
        gradient.dequantize(&mut as_float);
        for n in 0..Float::TENSORS {
            let exact: Vec<f32> = exact_gradient.tensor(n).iter().map(|&g| g as f32).collect();
            worst = worst.max(difference(&exact, as_float.tensor(n)));
        }
        let rows = d_x.1.map(|row| row.to_f32());
        let exact = d_x.0.map(|row| row.map(|d| d as f32));
        worst = worst.max(difference(exact.as_flattened(), rows.as_flattened()));
        assert!(
            (f64::from(global_norm(&gradient)) / global_norm(&exact_gradient) - 1.0).abs() < 1e-3
        );
    }
    println!("gradients differ by {worst:.1e} of the largest number");
    assert!(worst < GRADIENT_ERROR);
}

fn difference(a: &[f32], b: &[f32]) -> f32 {
    let largest = a.iter().fold(0.0_f32, |largest, a| largest.max(a.abs()));
    a.iter().zip(b).fold(0.0_f32, |worst, (a, b)| worst.max((a - b).abs())) / largest
}

#[test]
fn tensors_do_what_those_of_floats_do() {
    let (float, net) = nets();
    let (mut scaled, mut expected) = (net.clone(), float.clone());
    for limit in [0.9, 0.1, 1e-6] {
        clip_grad_value(&mut scaled, limit);
        clip_grad_value(&mut expected, limit);
        assert_close(&scaled, &expected);
        let norms = (clip_grad_norm(&mut scaled, limit), clip_grad_norm(&mut expected, limit));
        assert!((norms.0 / norms.1 - 1.0).abs() < 1e-4, "{norms:?}");
        assert_close(&scaled, &expected);
        scaled.scale(1.7e5);
        expected.scale(1.7e5);
        assert_close(&scaled, &expected);
        assert!((scaled.tensor(1).max_abs() / expected.tensor(1).max_abs() - 1.0).abs() < 1e-4);
    }
    for factor in [1e25, 1e-30] {
        scaled.scale(factor);
        expected.scale(factor);
        assert!((global_norm(&scaled) / global_norm(&expected) - 1.0).abs() < 1e-4);
    }
    scaled.copy_from(&net);
    assert_eq!(scaled, net);
    scaled.set_zero();
    assert_eq!((&scaled, global_norm(&scaled)), (&Net::ZERO, 0.0));
    scaled.scale(f32::NAN);
    assert!(!global_norm(&scaled).is_finite());
}

fn assert_close(net: &Net, float: &Float) {
    assert_within(1e-4, net, float);
}

fn assert_within(tolerance: f32, net: &Net, float: &Float) {
    let mut as_float = Float::ZERO;
    net.dequantize(&mut as_float);
    for n in 0..Float::TENSORS {
        if float.tensor(n).iter().any(|w| *w != 0.0) {
            assert!(difference(float.tensor(n), as_float.tensor(n)) < tolerance);
        }
    }
}

/// Momentum and decay in integers, step by step beside those in floats.
#[test]
fn momentum_is_that_of_floats() {
    for (nesterov, weight_decay) in [(false, 0.0), (true, 0.0), (false, 0.01), (true, 0.02)] {
        let (mut float, mut net) = nets();
        let (mut float_velocity, mut velocity) = (MomentumState::ZERO, Net::ZERO);
        let mut rng = Pcg32::new(5, 0);
        for _ in 0..300 {
            let mut float_gradient = Float::ZERO;
            elman::uniform(&mut float_gradient, 0.5, &mut rng);
            let mut gradient = Net::ZERO;
            gradient.quantize(&float_gradient);
            use elman::Optimizer;
            let rule = elman::Momentum { nesterov, weight_decay, ..elman::Momentum::new(0.01) };
            rule.update(&mut float, &float_gradient, &mut float_velocity);
            let rule = fixed::Momentum { nesterov, weight_decay, ..fixed::Momentum::new(0.01) };
            assert!(rule.is_safe(&net, &gradient, &velocity));
            rule.update(&mut net, &gradient, &mut velocity);
        }
        // A momentum of 0.9 has 15 bits here, and 1 / (1 − 0.9) makes its error ten times larger.
        assert_within(5e-4, &net, &float);
        assert_within(5e-4, &velocity, &float_velocity.velocity);
    }
}

/// Two large inputs that nearly cancel: their terms are limited, the sum of the state is not.
#[test]
fn inputs_so_large_that_terms_are_limited() {
    let float = Elman {
        kernel: Matrix([[10.0, -8.0], [10.0, -8.0]]),
        recurrent_kernel: Matrix([[0.0, 0.9], [0.7, 0.0]]),
        bias: [0.4, -0.3],
    };
    let cell = fixed::Elman::new(&float);
    let (mut state, mut exact) = (fixed::Elman::<2, 2>::INITIAL_STATE, [0.0_f64; 2]);
    let mut worst = 0.0_f64;
    for n in 0..200 {
        let x = 100.0 + n as f32 * 0.37;
        let row = Row::from([x, 0.03 - x + (n % 7) as f32 * 0.02]);
        cell.step(&row, &mut state);
        let sum = row.to_f32().map(f64::from).iter().sum::<f64>();
        exact = [
            (10.0 * sum + 0.7 * exact[1] + 0.4).tanh(),
            (-8.0 * sum + 0.9 * exact[0] - 0.3).tanh(),
        ];
        for (state, exact) in state.to_f32().into_iter().zip(exact) {
            worst = worst.max((f64::from(state) - exact).abs());
        }
    }
    println!("at most {worst:e}");
    assert!(worst < 5e-4);
}
