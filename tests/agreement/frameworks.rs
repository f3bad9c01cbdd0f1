//! The crate against TensorFlow, Keras and PyTorch: what `../data/make_gradients.py` wrote.

use std::fs;

use serde::Deserialize;

use crate::support::convert::{Output, Testable, from_numbers, from_row, numbers, row};
use crate::support::tolerance::{Bound, Worst};
use elman::{
    ConstZero, Dense, Elman, Matrix, Optimizer, Parameters, Sgd, Stack, Tape, clip_grad_norm,
};

/// Both sides compute in `f64` and differ by roundings only: some thousand of 1.1e-16 each.
const BOUND: Bound = Bound { f64: 1e-12, f32: 0.0 };

type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
struct Gradients {
    gradients: Vec<GradientCase>,
}

/// One gradient. Indices are `[sequence][step][unit]`, of states `[sequence][layer][unit]`.
#[derive(Deserialize)]
struct GradientCase {
    name: String,
    net: Net,
    inputs: Vec<Rows>,
    mask: Vec<bool>,
    targets: Vec<Rows>,
    initial_states: Vec<Rows>,
    outputs: Vec<Rows>,
    final_states: Vec<Rows>,
    loss: f64,
    gradient: Net,
    gradient_of_inputs: Vec<Rows>,
    gradient_of_initial_states: Vec<Rows>,
}

#[derive(Deserialize)]
struct Trajectories {
    trajectories: Vec<Trajectory>,
}

/// One training run on one sequence. Indices are `[step][unit]`.
#[derive(Deserialize)]
struct Trajectory {
    name: String,
    k1: usize,
    k2: usize,
    learning_rate: f64,
    clip: Option<f64>,
    loss: String,
    net: Net,
    inputs: Rows,
    targets: Rows,
    mask: Vec<bool>,
    window_ends: Vec<usize>,
    window_losses: Vec<f64>,
    gradient_norms: Vec<f64>,
    predictions: Rows,
    final_net: Net,
}

#[derive(Deserialize)]
struct Net {
    layers: Vec<TanhLayer>,
    dense: Option<Readout>,
}

#[derive(Deserialize)]
struct TanhLayer {
    kernel: Rows,
    recurrent_kernel: Rows,
    bias: Vec<f64>,
    concatenated_kernel: Option<Rows>,
}

#[derive(Deserialize)]
struct Readout {
    kernel: Rows,
    bias: Vec<f64>,
}

impl Net {
    /// All numbers in the order of `Parameters::walk`.
    fn numbers(&self) -> Vec<f64> {
        let mut numbers = vec![];
        for layer in &self.layers {
            numbers.extend(layer.kernel.concat());
            numbers.extend(layer.recurrent_kernel.concat());
            numbers.extend(&layer.bias);
        }
        if let Some(dense) = &self.dense {
            numbers.extend(dense.kernel.concat());
            numbers.extend(&dense.bias);
        }
        numbers
    }
}

/// The content of a file of goldens.
fn read<T: for<'a> Deserialize<'a>>(file: &str) -> T {
    let path = format!("{}/tests/data/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The one gradient of a file that has this name.
fn gradient_case(file: &str, name: &str) -> GradientCase {
    let Gradients { gradients } = read(file);
    gradients.into_iter().find(|case| case.name == name).expect(name)
}

/// A state with these rows, and zeros where a readout's output is: no framework calls that a state.
fn state<N: Testable>(rows: &Rows) -> N::State {
    let mut numbers = rows.concat();
    numbers.resize(row(&N::INITIAL_STATE).len(), 0.0);
    from_row(&numbers)
}

/// Everything a case says about `net`.
fn check<N: Testable, const K: usize>(net: &N, case: &GradientCase, worst: &mut Worst) {
    let mut tape = Tape::<N, K>::new();
    let mut gradient = N::ZERO;
    let mut loss = 0.0;
    for (s, (inputs, targets)) in case.inputs.iter().zip(&case.targets).enumerate() {
        assert_eq!(inputs.len(), K, "the tape is as long as the sequence");
        tape.reset(state::<N>(&case.initial_states[s]));
        for t in 0..K {
            let y = tape.step(net, &from_row(&inputs[t]));
            worst.compare::<N>("outputs", &row(y), &case.outputs[s][t]);
            if case.mask[t] {
                let (loss_t, d_y) = y.squared_error(&from_row(&targets[t]));
                loss += loss_t;
                tape.set_output_gradient(&d_y);
            }
        }
        let last = case.final_states[s].concat();
        worst.compare::<N>("final states", &row(tape.state())[..last.len()], &last);

        let mut d_x = <[N::In; K]>::ZERO;
        let d_initial = tape.backward_to_inputs(net, &mut gradient, &mut d_x);
        let expected = state::<N>(&case.gradient_of_initial_states[s]);
        worst.compare::<N>("∂L/∂initial", &row(&d_initial), &row(&expected));
        let expected = case.gradient_of_inputs[s].concat();
        worst.compare::<N>("∂L/∂inputs", &row(&d_x), &expected);
    }
    worst.compare::<N>("loss", &[loss], &[case.loss]);
    worst.compare::<N>("∂L/∂weights", &numbers(&gradient), &case.gradient.numbers());
}

/// The net of a case, checked.
fn check_case<N: Testable, const K: usize>(file: &str, name: &str, worst: &mut Worst) {
    let case = gradient_case(file, name);
    check::<N, K>(&from_numbers::<N>(&case.net.numbers()), &case, worst);
}

const TENSORFLOW: &str = "BasicRNNCell, two layers, ten steps of ones";

#[test]
fn gradients_are_tensorflows() {
    let mut worst = Worst::new("TensorFlow", BOUND);
    check_case::<Stack<[Elman<3, 3, f64>; 2]>, 10>("tensorflow.json", TENSORFLOW, &mut worst);
}

/// The cell built as TensorFlow stores it, and its gradient read back as TensorFlow gives it.
#[test]
fn a_concatenated_kernel_has_tensorflows_gradients() {
    let case = gradient_case("tensorflow.json", TENSORFLOW);
    let cell = |l: usize| {
        let layer = &case.net.layers[l];
        let kernel = from_row(&layer.concatenated_kernel.as_ref().unwrap().concat());
        Elman::<3, 3, f64>::from_concatenated::<6>(&Matrix(kernel), from_row(&layer.bias))
    };
    let mut worst = Worst::new("TensorFlow, one kernel for concat[x, h]", BOUND);
    check::<_, 10>(&Stack::new((cell(0), cell(1))), &case, &mut worst);

    for layer in &case.gradient.layers {
        let split = [layer.kernel.concat(), layer.recurrent_kernel.concat()].concat();
        assert_eq!(split, layer.concatenated_kernel.as_ref().unwrap().concat());
    }
}

#[test]
fn gradients_are_kerass() {
    type Net = Stack<(Elman<3, 5, f64>, Elman<5, 4, f64>, Dense<4, 2, f64>)>;
    let mut worst = Worst::new("Keras", BOUND);
    check_case::<Net, 7>("keras.json", "SimpleRNN, SimpleRNN, Dense", &mut worst);
}

#[test]
fn gradients_are_pytorchs() {
    type Readout<const I: usize, const H: usize, const L: usize, const O: usize> =
        Stack<(Elman<I, H, f64>, [Elman<H, H, f64>; L], Dense<H, O, f64>)>;
    let mut worst = Worst::new("PyTorch", BOUND);
    let file = "pytorch.json";
    check_case::<Elman<2, 5, f64>, 7>(file, "every step, no readout", &mut worst);
    check_case::<Readout<3, 8, 1, 2>, 12>(file, "every third step", &mut worst);
    check_case::<Stack<(Elman<4, 6, f64>, [Elman<6, 6, f64>; 2])>, 9>(
        file,
        "last step, three sequences",
        &mut worst,
    );
    check_case::<Stack<(Elman<1, 12, f64>, Dense<12, 1, f64>)>, 30>(
        file,
        "thirty steps",
        &mut worst,
    );
    check_case::<Readout<2, 4, 1, 3>, 10>(file, "one step in the middle", &mut worst);
    assert_eq!(read::<Gradients>(file).gradients.len(), 5, "no case is left out");
}

/// A whole run by truncated BPTT(`K1`, `K`): every output, every window's loss and norm, the last net.
fn follow<N, const K1: usize, const K: usize>(name: &str, worst: &mut Worst)
where
    N: Testable + Parameters<Scalar = f64>,
{
    let Trajectories { trajectories } = read("trajectories.json");
    let case = trajectories.into_iter().find(|case| case.name == name).expect(name);
    assert_eq!((case.k1, case.k2), (K1, K));

    let mut net: N = from_numbers(&case.net.numbers());
    let mut gradient = N::ZERO;
    let mut tape = Tape::<N, K>::new();
    let mut start = 0;
    for (w, &end) in case.window_ends.iter().enumerate() {
        let factor = loss_factor(&case, start..end);
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
        worst.compare::<N>("window losses", &[loss * factor], &[case.window_losses[w]]);

        assert_eq!(tape.due::<K1>(), end - start == K1, "the last window may be shorter");
        gradient.set_zero();
        tape.backward(&net, &mut gradient);
        gradient.scale(factor);
        let norm = clip_grad_norm(&mut gradient, case.clip.unwrap_or(f64::INFINITY));
        worst.compare::<N>("norms", &[norm], &[case.gradient_norms[w]]);
        Sgd::new(case.learning_rate).update(&mut net, &gradient, &mut ());
        start = end;
    }
    assert_eq!(start, case.inputs.len());
    worst.compare::<N>("weights", &numbers(&net), &case.final_net.numbers());
}

/// What the sum of a window's squared errors is multiplied by.
fn loss_factor(case: &Trajectory, window: core::ops::Range<usize>) -> f64 {
    let errors = case.mask[window].iter().filter(|&&masked_in| masked_in).count();
    match case.loss.as_str() {
        "sum" => 1.0,
        "mean" => 1.0 / (errors * case.targets[0].len()) as f64,
        other => panic!("a loss that is {other}"),
    }
}

#[test]
fn training_runs_are_pytorchs() {
    let mut worst = Worst::new("training in PyTorch", BOUND);
    follow::<Stack<(Elman<1, 12, f64>, Dense<12, 1, f64>)>, 20, 20>(
        "chunks, mean, clipped",
        &mut worst,
    );
    follow::<Stack<(Elman<2, 6, f64>, Elman<6, 5, f64>, Dense<5, 2, f64>)>, 5, 20>(
        "overlapping windows, layers of two sizes",
        &mut worst,
    );
    follow::<Stack<(Elman<3, 4, f64>, Elman<4, 4, f64>)>, 3, 7>(
        "an error every fourth step, no readout, clipped",
        &mut worst,
    );
    follow::<Stack<(Elman<2, 7, f64>, Dense<7, 1, f64>)>, 8, 8>(
        "chunks that do not divide the stream",
        &mut worst,
    );
    follow::<Stack<(Elman<1, 5, f64>, Dense<5, 1, f64>)>, 1, 10>(
        "an update every step",
        &mut worst,
    );
    let Trajectories { trajectories } = read("trajectories.json");
    assert_eq!(trajectories.len(), 5, "no case is left out");
}
