//! The leaky cell, GRU and minGRU against what `tests/data/make_cells.py` wrote: gradients and whole training runs in `f64`.

use elman::{
    ConstZero, Dense, Gru, LeakyElman, MinGru, Optimizer, Parameters, Sgd, Stack, Tape,
    clip_grad_norm,
};
use serde::Deserialize;

use crate::support::convert::{Output, Testable, from_numbers, from_row, numbers, row};
use crate::support::tolerance::{Bound, Worst};

/// Both sides compute in `f64` and differ by roundings only: some thousand of 1.1e-16 each.
const BOUND: Bound = Bound { f64: 1e-12, f32: 0.0 };

type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
struct Cases<C> {
    cases: Vec<C>,
}

/// One gradient. Indices are `[sequence][step][unit]`, of states `[sequence][number]`.
#[derive(Deserialize)]
struct GradientCase {
    name: String,
    net: Vec<f64>,
    inputs: Vec<Rows>,
    mask: Vec<bool>,
    targets: Vec<Rows>,
    initial_states: Rows,
    outputs: Vec<Rows>,
    final_states: Rows,
    loss: f64,
    gradient: Vec<f64>,
    gradient_of_inputs: Vec<Rows>,
    gradient_of_initial_states: Rows,
}

/// One training run on one sequence. Indices are `[step][unit]`.
#[derive(Deserialize)]
struct Trajectory {
    name: String,
    k1: usize,
    k2: usize,
    learning_rate: f64,
    clip: Option<f64>,
    net: Vec<f64>,
    inputs: Rows,
    targets: Rows,
    mask: Vec<bool>,
    window_ends: Vec<usize>,
    losses: Vec<f64>,
    norms: Vec<f64>,
    predictions: Rows,
    final_net: Vec<f64>,
}

fn gradients() -> Vec<GradientCase> {
    let Cases { cases } = serde_json::from_str(include_str!("../data/cells.json")).unwrap();
    cases
}

fn trajectories() -> Vec<Trajectory> {
    let Cases { cases } =
        serde_json::from_str(include_str!("../data/cells_trajectories.json")).unwrap();
    cases
}

/// A state of these numbers, and zeros for a readout's output: no framework calls that a state.
fn state<N: Testable>(numbers: &[f64]) -> N::State {
    let mut numbers = numbers.to_vec();
    numbers.resize(row(&N::INITIAL_STATE).len(), 0.0);
    from_row(&numbers)
}

/// Every number of a case, on a tape of `K` steps that are the whole sequence.
fn check<N: Testable, const K: usize>(name: &str, worst: &mut Worst) {
    let case = gradients().into_iter().find(|case| case.name == name).expect(name);
    let net: N = from_numbers(&case.net);
    let mut tape = Tape::<N, K>::new();
    let mut gradient = N::ZERO;
    let mut loss = 0.0;
    for (s, (inputs, targets)) in case.inputs.iter().zip(&case.targets).enumerate() {
        assert_eq!(inputs.len(), K, "the tape is as long as the sequence");
        tape.reset(state::<N>(&case.initial_states[s]));
        for t in 0..K {
            let y = tape.step(&net, &from_row(&inputs[t]));
            worst.compare::<N>("outputs", &row(y), &case.outputs[s][t]);
            if case.mask[t] {
                let (loss_t, d_y) = y.squared_error(&from_row(&targets[t]));
                loss += loss_t;
                tape.set_output_gradient(&d_y);
            }
        }
        let last = &case.final_states[s];
        worst.compare::<N>("final states", &row(tape.state())[..last.len()], last);

        let mut d_x = <[N::In; K]>::ZERO;
        let d_initial = tape.backward_to_inputs(&net, &mut gradient, &mut d_x);
        let expected = state::<N>(&case.gradient_of_initial_states[s]);
        worst.compare::<N>("∂L/∂initial", &row(&d_initial), &row(&expected));
        let expected = case.gradient_of_inputs[s].concat();
        worst.compare::<N>("∂L/∂inputs", &row(&d_x), &expected);
    }
    worst.compare::<N>("loss", &[loss], &[case.loss]);
    worst.compare::<N>("∂L/∂weights", &numbers(&gradient), &case.gradient);
}

type Before<const I: usize, const H: usize> = Gru<I, H, f64, false>;
type Head<const H: usize, const O: usize> = Dense<H, O, f64>;

#[test]
fn gradients_are_those_of_pytorch_and_keras() {
    let mut worst = Worst::new("gradients of the cells", BOUND);
    check::<Stack<(Gru<3, 5, f64>, Head<5, 2>)>, 9>("nn.GRU", &mut worst);
    check::<Stack<(Gru<2, 4, f64>, Gru<4, 4, f64>, Head<4, 2>)>, 9>(
        "nn.GRU, two layers, batch of three",
        &mut worst,
    );
    check::<Stack<(Gru<3, 5, f64>, Gru<5, 4, f64>, Head<4, 2>)>, 9>("Keras GRU", &mut worst);
    check::<Stack<(Before<3, 5>, Before<5, 4>, Head<4, 2>)>, 9>(
        "Keras GRU, reset before",
        &mut worst,
    );
    check::<Stack<(LeakyElman<3, 5, f64>, LeakyElman<5, 4, f64>, Head<4, 2>)>, 9>(
        "leaky", &mut worst,
    );
    check::<Stack<(MinGru<3, 5, f64>, MinGru<5, 4, f64>, Head<4, 2>)>, 9>("minGRU", &mut worst);
    assert_eq!(gradients().len(), 6, "no case is left out");
}

/// A whole run by truncated BPTT(`K1`, `K`): every output, every window's loss and norm, the last net.
fn follow<N, const K1: usize, const K: usize>(name: &str, worst: &mut Worst)
where
    N: Testable + Parameters<Scalar = f64>,
{
    let case = trajectories().into_iter().find(|case| case.name == name).expect(name);
    assert_eq!((case.k1, case.k2), (K1, K));

    let mut net: N = from_numbers(&case.net);
    let mut gradient = N::ZERO;
    let mut tape = Tape::<N, K>::new();
    let mut start = 0;
    for (w, &end) in case.window_ends.iter().enumerate() {
        let mut loss = 0.0;
        for t in start..end {
            let y = tape.step(&net, &from_row(&case.inputs[t]));
            worst.compare::<N>("predictions", &row(y), &case.predictions[t]);
            if case.mask[t] {
                let (loss_t, d_y) = y.squared_error(&from_row(&case.targets[t]));
                loss += loss_t;
                tape.set_output_gradient(&d_y);
            }
        }
        worst.compare::<N>("window losses", &[loss], &[case.losses[w]]);
        gradient.set_zero();
        tape.backward(&net, &mut gradient);
        let norm = clip_grad_norm(&mut gradient, case.clip.unwrap_or(f64::INFINITY));
        worst.compare::<N>("norms", &[norm], &[case.norms[w]]);
        Sgd::new(case.learning_rate).update(&mut net, &gradient, &mut ());
        start = end;
    }
    assert_eq!(start, case.inputs.len());
    worst.compare::<N>("weights", &numbers(&net), &case.final_net);
}

#[test]
fn training_runs_are_those_of_pytorch_and_keras() {
    let mut worst = Worst::new("training runs of the cells", BOUND);
    let worst = &mut worst;
    let overlapping = |cell: &str| format!("{cell}, overlapping windows, two layers, clipped");
    follow::<Stack<(Gru<1, 6, f64>, Head<6, 1>)>, 10, 10>("GRU, chunks", worst);
    follow::<Stack<(Gru<2, 5, f64>, Gru<5, 4, f64>, Head<4, 2>)>, 5, 20>(
        &overlapping("GRU"),
        worst,
    );
    follow::<Stack<(LeakyElman<1, 6, f64>, Head<6, 1>)>, 10, 10>("leaky, chunks", worst);
    follow::<Stack<(LeakyElman<2, 5, f64>, LeakyElman<5, 4, f64>, Head<4, 2>)>, 5, 20>(
        &overlapping("leaky"),
        worst,
    );
    follow::<Stack<(MinGru<1, 6, f64>, Head<6, 1>)>, 10, 10>("minGRU, chunks", worst);
    follow::<Stack<(MinGru<2, 5, f64>, MinGru<5, 4, f64>, Head<4, 2>)>, 5, 20>(
        &overlapping("minGRU"),
        worst,
    );
    follow::<Stack<(Gru<2, 5, f64>, Head<5, 1>)>, 3, 8>(
        "Keras GRUCell, overlapping windows",
        worst,
    );
    follow::<Stack<(Before<2, 5>, Head<5, 1>)>, 8, 8>("Keras GRUCell, reset before, chunks", worst);
    follow::<Stack<(Before<2, 5>, Head<5, 1>)>, 3, 8>(
        "Keras GRUCell, reset before, overlapping windows",
        worst,
    );
    assert_eq!(trajectories().len(), 9, "no case is left out");
}
