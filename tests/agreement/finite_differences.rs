//! The crate against itself: gradients against central finite differences of the loss.

use crate::support::convert::{
    Output, StreamState, Testable, from_numbers, from_row, numbers, random, random_net,
    random_stream, row,
};
use crate::support::tolerance::{Bound, Worst};
use elman::{ConstZero, Dense, Elman, Gru, Layer, LeakyElman, MinGru, Pcg32, Stack, Tape};

/// The step on either side. What the difference leaves out grows with its square, what rounding
/// puts in with its inverse: the two meet near the cube root of 1.1e-16.
const STEP: f64 = 1e-5;

/// The loss is about 10 and its third derivative not much larger: STEP² · 10 / 6 left out, and
/// 10 · 1.1e-16 / STEP put in, are both about 1e-10; some tens of terms add up.
const BOUND: Bound = Bound { f64: 2e-9, f32: 0.0 };

/// Steps of each sequence; the tape is longer.
const STEPS: usize = 9;

type Net = Stack<(Elman<2, 4, f64>, Elman<4, 3, f64>, Dense<3, 2, f64>)>;
type Arrays = Stack<(Elman<1, 3, f64>, [Elman<3, 3, f64>; 3], Dense<3, 1, f64>)>;
type Nested = Stack<[(Elman<2, 3, f64>, Dense<3, 2, f64>); 2]>;

type Gated = Stack<(Gru<2, 4, f64>, Gru<4, 3, f64, false>, MinGru<3, 3, f64>, Dense<3, 2, f64>)>;
type Leaky = Stack<(LeakyElman<2, 4, f64>, LeakyElman<4, 3, f64, false>, Dense<3, 2, f64>)>;

/// The squared error of the steps that have a target, by the forward pass alone.
fn loss<N: Testable>(net: &N, mut state: N::State, stream: &StreamState<N>) -> f64 {
    let mut loss = 0.0;
    for (x, target) in stream {
        let y = net.step(x, &mut state);
        loss += target.as_ref().map_or(0.0, |target| y.squared_error(target).0);
    }
    loss
}

/// The slope of `f` along each of `numbers`.
fn slopes(numbers: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let at = |i: usize, step: f64| {
        let mut moved = numbers.to_vec();
        moved[i] += step;
        f(&moved)
    };
    (0..numbers.len()).map(|i| (at(i, STEP) - at(i, -STEP)) / (2.0 * STEP)).collect()
}

/// Every derivative of the loss against its slope.
fn gradient_is_the_slope<N: Testable>(has_error: impl Fn(usize) -> bool, worst: &mut Worst) {
    let mut rng = Pcg32::new(1990, 3);
    let net: N = random_net(&mut rng);
    let initial: N::State = random(&mut rng);
    let stream = random_stream::<N>(STEPS, has_error, &mut rng);

    let mut tape = Tape::<N, 12>::new();
    tape.reset(initial);
    for (x, target) in &stream {
        let y = tape.step(&net, x);
        if let Some(target) = target {
            let (_, d_y) = y.squared_error(target);
            tape.set_output_gradient(&d_y);
        }
    }
    let mut gradient = N::ZERO;
    let mut d_x = <[N::In; 12]>::ZERO;
    let d_initial = tape.backward_to_inputs(&net, &mut gradient, &mut d_x);

    let by_weights = slopes(&numbers(&net), |w| loss::<N>(&from_numbers(w), initial, &stream));
    let by_state = slopes(&row(&initial), |state| loss(&net, from_row(state), &stream));
    let inputs: Vec<f64> = stream.iter().flat_map(|(x, _)| row(x)).collect();
    let by_inputs = slopes(&inputs, |inputs| {
        let inputs = inputs.chunks(inputs.len() / STEPS).map(from_row);
        let moved = inputs.zip(&stream).map(|(x, (_, target))| (x, *target)).collect();
        loss(&net, initial, &moved)
    });

    worst.compare::<N>("∂L/∂weights", &numbers(&gradient), &by_weights);
    worst.compare::<N>("∂L/∂initial", &row(&d_initial), &by_state);
    let d_x: Vec<f64> = d_x[..STEPS].iter().flat_map(row).collect();
    worst.compare::<N>("∂L/∂inputs", &d_x, &by_inputs);
}

#[test]
fn an_error_at_every_step() {
    let mut worst = Worst::new("an error at every step", BOUND);
    gradient_is_the_slope::<Elman<2, 3, f64>>(|_| true, &mut worst);
    gradient_is_the_slope::<Dense<2, 3, f64>>(|_| true, &mut worst);
    gradient_is_the_slope::<Net>(|_| true, &mut worst);
    gradient_is_the_slope::<Arrays>(|_| true, &mut worst);
    gradient_is_the_slope::<Nested>(|_| true, &mut worst);
    gradient_is_the_slope::<LeakyElman<2, 3, f64>>(|_| true, &mut worst);
    gradient_is_the_slope::<Gru<2, 3, f64>>(|_| true, &mut worst);
    gradient_is_the_slope::<Gru<2, 3, f64, false>>(|_| true, &mut worst);
    gradient_is_the_slope::<MinGru<2, 3, f64>>(|_| true, &mut worst);
    gradient_is_the_slope::<Gated>(|_| true, &mut worst);
    gradient_is_the_slope::<Leaky>(|_| true, &mut worst);
}

#[test]
fn an_error_at_some_steps() {
    let mut worst = Worst::new("an error at some steps", BOUND);
    gradient_is_the_slope::<Net>(|t| t % 3 == 1, &mut worst);
    gradient_is_the_slope::<Arrays>(|t| t % 3 == 1, &mut worst);
    gradient_is_the_slope::<Nested>(|t| t % 3 == 1, &mut worst);
    gradient_is_the_slope::<Gated>(|t| t % 3 == 1, &mut worst);
    gradient_is_the_slope::<Leaky>(|t| t % 3 == 1, &mut worst);
}

#[test]
fn an_error_at_the_last_step_only() {
    let mut worst = Worst::new("an error at the last step only", BOUND);
    gradient_is_the_slope::<Net>(|t| t == STEPS - 1, &mut worst);
    gradient_is_the_slope::<Arrays>(|t| t == STEPS - 1, &mut worst);
    gradient_is_the_slope::<Nested>(|t| t == STEPS - 1, &mut worst);
    gradient_is_the_slope::<Gated>(|t| t == STEPS - 1, &mut worst);
    gradient_is_the_slope::<Leaky>(|t| t == STEPS - 1, &mut worst);
}

/// The error of the top layer at the last step reaches every number of every layer: no derivative
/// above is zero, so none of them agrees with its slope by accident.
#[test]
fn the_last_error_reaches_everything() {
    let mut rng = Pcg32::new(1990, 3);
    let net: Net = random_net(&mut rng);
    let mut tape = Tape::<Net, STEPS>::new();
    tape.reset(random(&mut rng));
    for (x, _) in random_stream::<Net>(STEPS, |_| false, &mut rng) {
        tape.step(&net, &x);
    }
    tape.set_output_gradient(&[1.0, 1.0]);
    let mut gradient = Net::ZERO;
    let mut d_x = [ConstZero::ZERO; STEPS];
    let (d_lower, d_upper, d_readout) = tape.backward_to_inputs(&net, &mut gradient, &mut d_x);

    let reached = |numbers: &[f64]| numbers.iter().all(|g| g.abs() > 1e-9);
    assert!(reached(&numbers(&gradient)), "every weight of every layer");
    assert!(reached(&d_lower) && reached(&d_upper), "the initial state of both tanh layers");
    assert!(reached(d_x.as_flattened()), "every input");
    assert_eq!(d_readout, Dense::<3, 2, f64>::INITIAL_STATE, "a readout remembers nothing");
}
