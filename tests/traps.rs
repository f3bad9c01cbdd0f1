//! The mistakes that recurrent nets are known for, one test each.

mod common;

use core::cell::Cell;
use std::sync::Mutex;
use std::thread;

use common::bridge::{Testable, filled, from_numbers, numbers, random, random_net, row};
use elman::{
    Backward, BackwardTypes, ConstZero, Dense, Elman, Layer, LayerTypes, Matrix, Optimizer,
    Parameters, Pcg32, Reads, Scalar, Sgd, Stack, Steps, Tape, Window, clip_grad_norm, global_norm,
    squared_error, uniform,
};

/// A net in which layers of every kind lie on top of each other.
type Net<T> =
    Stack<(Elman<2, 3, T>, [Elman<3, 3, T>; 2], (Elman<3, 4, T>, Dense<4, 2, T>), Dense<2, 2, T>)>;

/// The bits of all numbers.
fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// The outputs of some steps, and the gradient of an error of ones at each of them.
fn run<N, const K: usize>(net: &N, tape: &mut Tape<N, K>, inputs: &[N::In]) -> (Vec<u64>, N)
where
    N: Testable<Out = [f64; 2]>,
{
    let mut outputs = vec![];
    for x in inputs {
        outputs.extend(row(tape.step(net, x)));
        tape.set_output_gradient(&[1.0, 1.0]);
    }
    let mut gradient = N::ZERO;
    tape.backward(net, &mut gradient);
    (bits(&outputs), gradient)
}

/// Random inputs.
fn inputs<const N: usize>(steps: usize, seed: u64) -> Vec<[f64; N]> {
    let mut rng = Pcg32::new(seed, 0);
    (0..steps).map(|_| random(&mut rng)).collect()
}

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

//////////// the cell ////////////

/// Every unit reads the old state of every other: the swap of two units swaps them.
#[test]
fn the_state_is_not_updated_in_place() {
    let swap = Elman::<1, 2, f64> {
        recurrent_kernel: Matrix([[0.0, 1.0], [1.0, 0.0]]),
        ..ConstZero::ZERO
    };
    let mut h = [0.5, -0.25];
    swap.step(&[0.0], &mut h);
    assert_eq!(h, [Scalar::tanh(-0.25), Scalar::tanh(0.5)]);
}

/// Two steps of one unit by hand: ΔW_h = h_0 · δ_1 + h_1 · δ_2, and not h_1 · δ_1 + h_2 · δ_2.
#[test]
fn the_recurrent_gradient_takes_the_state_before() {
    let (w_x, w_h, h_0, x) = (0.5, -0.8, 0.3, 0.7);
    let cell = Elman { kernel: Matrix([[w_x]]), recurrent_kernel: Matrix([[w_h]]), bias: [0.1] };
    let h_1 = f64::tanh(x * w_x + h_0 * w_h + 0.1);
    let h_2 = f64::tanh(x * w_x + h_1 * w_h + 0.1);
    let delta_2 = 1.0 - h_2 * h_2;
    let delta_1 = delta_2 * w_h * (1.0 - h_1 * h_1);

    let mut tape = Tape::<_, 2>::new();
    tape.reset([h_0]);
    tape.step(&cell, &[x]);
    tape.step(&cell, &[x]);
    tape.set_output_gradient(&[1.0]);
    let mut gradient = Elman::ZERO;
    let d_initial = tape.backward(&cell, &mut gradient);

    let near =
        |actual: f64, expected: f64| assert!((actual - expected).abs() < ROUNDING, "{actual}");
    near(gradient.recurrent_kernel.0[0][0], h_0 * delta_1 + h_1 * delta_2);
    near(gradient.kernel.0[0][0], x * delta_1 + x * delta_2);
    near(gradient.bias[0], delta_1 + delta_2);
    near(d_initial[0], delta_1 * w_h); // ∂L/∂h_0, which exists
}

/// A handful of roundings of numbers below 1.
const ROUNDING: f64 = 1e-15;

//////////// the way back ////////////

/// A layer that counts the steps it is sent back through.
#[derive(Clone)]
struct Counted<L>(L);

thread_local! {
    static STEPS_BACK: Cell<usize> = const { Cell::new(0) };
}

impl<L: LayerTypes> LayerTypes for Counted<L> {
    type In = L::In;
    type Out = L::Out;
    type State = L::State;
}

impl<L: Layer> Layer for Counted<L> {
    fn step<'s>(&self, x: &L::In, state: &'s mut L::State) -> &'s L::Out {
        self.0.step(x, state)
    }

    fn output(state: &L::State) -> &L::Out {
        L::output(state)
    }
}

impl<L: BackwardTypes> BackwardTypes for Counted<L> {
    type Activations<const K: usize> = L::Activations<K>;
}

impl<L: Backward> Backward for Counted<L> {
    fn backward<const K: usize>(&self, steps: Steps<'_, Self, K>, gradient: Option<&mut Self>) {
        let Steps { inputs, before, activations, range, d_state, d_inputs } = steps;
        STEPS_BACK.set(STEPS_BACK.get() + range.len());
        let steps = Steps { inputs, before, activations, range, d_state, d_inputs };
        self.0.backward::<K>(steps, gradient.map(|gradient| &mut gradient.0));
    }
}

impl<L: Parameters> Parameters for Counted<L> {
    type Scalar = L::Scalar;
    type Tensor = L::Tensor;
    const TENSORS: usize = L::TENSORS;

    fn tensor(&self, n: usize) -> &L::Tensor {
        self.0.tensor(n)
    }

    fn tensor_mut(&mut self, n: usize) -> &mut L::Tensor {
        self.0.tensor_mut(n)
    }
}

impl<L: ConstZero> ConstZero for Counted<L> {
    const ZERO: Self = Self(L::ZERO);
}

impl<L: Reads<X>, X> Reads<X> for Counted<L> {}

/// However many steps carry an error, every layer goes back through every step once.
///
/// Within a step the work is fixed: the next test shows that a layer can be sent back one step at a
/// time, with nothing but the carried error between them.
#[test]
fn the_way_back_is_one_pass() {
    type Net = Stack<(Counted<Elman<1, 2, f64>>, Counted<Dense<2, 2, f64>>)>;
    let net: Net = random_net(&mut Pcg32::new(1, 0));
    let mut gradient = Net::ZERO;
    for (steps, errors) in [(16, 0), (16, 1), (16, 16), (8, 8), (21, 16)] {
        let mut tape = Tape::<Net, 16>::new();
        for t in 0..steps {
            tape.step(&net, &[1.0]);
            if t + errors >= steps {
                tape.set_output_gradient(&[1.0, 1.0]);
            }
        }
        STEPS_BACK.set(0);
        tape.backward(&net, &mut gradient);
        assert_eq!(STEPS_BACK.get(), 2 * tape.len(), "{errors} errors in {steps} steps");
    }
}

/// Back through 9 steps at once is back through each of them: the errors add up in the carried δ.
#[test]
fn the_way_back_is_made_of_steps() {
    let net: Elman<2, 2, f64> = random_net(&mut Pcg32::new(2, 0));
    let inputs = inputs::<2>(9, 3);
    let mut at_once = Tape::<_, 9>::new();
    let (_, expected) = run(&net, &mut at_once, &inputs);

    let mut states = vec![[0.0; 2]];
    for x in &inputs {
        let mut state = *states.last().unwrap();
        net.step(x, &mut state);
        states.push(state);
    }
    let mut gradient = Elman::ZERO;
    let mut carry = [0.0; 2];
    for t in (0..9).rev() {
        let window = Window {
            inputs: &inputs[t..=t],
            before: &states[t],
            outputs: &states[t + 1..=t + 1],
            d_outputs: &mut [[1.0, 1.0]],
            d_state: &mut carry,
            d_inputs: None,
        };
        elman::Cell::backward(&net, window, Some(&mut gradient));
    }
    for (one, other) in numbers(&gradient).iter().zip(numbers(&expected)) {
        assert!((one - other).abs() < 1e-13, "only the order of the sums differs: {one} {other}");
    }
}

/// Every error is spent by the gradient it enters.
#[test]
fn errors_enter_one_gradient_only() {
    let net: Net<f64> = random_net(&mut Pcg32::new(4, 0));
    let mut tape = Tape::<_, 7>::new();
    let (_, first) = run(&net, &mut tape, &inputs(10, 5));
    assert!(global_norm(&first) > 1.0);
    let mut second = Net::ZERO;
    let d_initial = tape.backward(&net, &mut second);
    assert_eq!((second, d_initial), (Net::ZERO, Net::<f64>::INITIAL_STATE));
}

/// Where no weight changes and the window holds the whole sequence, the gradients of the windows add
/// up to that of the sequence: each error enters once, and travels back to the first step.
#[test]
fn gradients_of_windows_add_up() {
    let net: Net<f64> = random_net(&mut Pcg32::new(6, 0));
    let inputs = inputs(17, 7);
    let mut tape = Tape::<_, 20>::new();
    let (_, whole) = run(&net, &mut tape, &inputs);

    tape.reset(Net::<f64>::INITIAL_STATE);
    let mut sum = Net::ZERO;
    for new in inputs.chunks(5) {
        for x in new {
            tape.step(&net, x);
            tape.set_output_gradient(&[1.0, 1.0]);
        }
        tape.backward(&net, &mut sum);
    }
    for (sum, whole) in numbers(&sum).iter().zip(numbers(&whole)) {
        assert!((sum - whole).abs() < 1e-12 * whole.abs().max(1.0), "{sum} {whole}");
    }
}

//////////// the window ////////////

#[test]
fn updates_are_due_every_k1_steps() {
    let net = Elman::<1, 1>::ZERO;
    let mut gradient = Elman::ZERO;
    let mut tape = Tape::<_, 5>::default();
    assert!(tape.is_empty() && !tape.due::<1>());
    let mut due_at = vec![];
    for t in 1..=11 {
        tape.step(&net, &[0.0]);
        assert_eq!(tape.len(), t.min(5));
        if tape.due::<3>() {
            due_at.push(t);
            tape.backward(&net, &mut gradient);
            assert_eq!(tape.steps_since_backward(), 0);
        }
    }
    assert_eq!(due_at, [3, 6, 9]);
    assert_eq!(tape.steps_since_backward(), 2, "a partial window is left to flush");
    for _ in 0..10 {
        tape.step(&net, &[0.0]);
    }
    assert_eq!(tape.steps_since_backward(), 5, "more than the window holds cannot be fresh");
}

#[test]
fn an_error_belongs_to_the_newest_step() {
    let readout = Dense::<1, 1, f64> { kernel: Matrix([[1.0]]), bias: [0.0] };
    let mut tape = Tape::<_, 3>::new();
    tape.set_output_gradient(&[9.0]); // no step yet: nothing to give it to
    for x in [1.0, 10.0, 100.0, 1000.0] {
        tape.step(&readout, &[x]);
        tape.set_output_gradient(&[7.0]);
        tape.set_output_gradient(&[2.0]); // replaces the one before
    }
    tape.step(&readout, &[10000.0]); // has none, though the step whose place it takes had one
    let mut gradient = Dense::ZERO;
    let mut d_x = [[0.0]; 3];
    tape.backward_to_inputs(&readout, &mut gradient, &mut d_x);
    // The first two steps have left the window, and their errors with them.
    assert_eq!(gradient, Dense { kernel: Matrix([[2200.0]]), bias: [4.0] });
    assert_eq!(d_x, [[2.0], [2.0], [0.0]]);
}

/// Rows of `d_x` beyond the recorded steps are left alone.
#[test]
fn inputs_that_were_not_made_have_no_gradient() {
    let net: Elman<1, 2, f64> = random_net(&mut Pcg32::new(8, 0));
    let mut tape = Tape::<_, 4>::new();
    let (_, mut gradient) = run(&net, &mut tape, &[[1.0], [1.0]]);
    let mut d_x = [[7.0]; 4];
    tape.backward_to_inputs(&net, &mut gradient, &mut d_x);
    assert_eq!(d_x, [[0.0], [0.0], [7.0], [7.0]]);
}

/// A sequence after a reset is a sequence on a new tape, wherever in the window the reset falls.
#[test]
fn a_reset_is_complete() {
    let net: Net<f64> = random_net(&mut Pcg32::new(9, 0));
    let second = inputs(8, 11);
    let (outputs, gradient) = run(&net, &mut Tape::<_, 6>::new(), &second);
    for steps_before in 1..=14 {
        let mut tape = Tape::<_, 6>::new();
        for x in &inputs(steps_before, 10) {
            tape.step(&net, x);
            tape.set_output_gradient(&[5.0, 5.0]); // waiting when the reset comes
        }
        tape.reset(Net::<f64>::INITIAL_STATE);
        assert_eq!((tape.len(), tape.steps_since_backward()), (0, 0));
        assert!(row(tape.state()).iter().all(|&h| h == 0.0), "every layer is at rest");
        assert_eq!(run(&net, &mut tape, &second), (outputs.clone(), gradient.clone()));
    }
}

/// Nothing but `reset` touches the state: a step by step run on the tape, with gradients taken now
/// and then, gives the outputs of inference, bit for bit.
#[test]
fn the_state_is_never_reset_uninvited() {
    let net: Net<f64> = random_net(&mut Pcg32::new(12, 0));
    let mut state = Net::<f64>::INITIAL_STATE;
    let mut gradient = Net::ZERO;
    let mut tape = Tape::<_, 4>::new();
    for (t, x) in inputs(50, 13).iter().enumerate() {
        let expected = *net.step(x, &mut state);
        assert_eq!(tape.step(&net, x), &expected);
        assert_eq!(tape.state(), &state);
        if t % 3 == 0 {
            tape.backward(&net, &mut gradient);
        }
    }
}

//////////// stacks ////////////

/// Tuples, arrays and nests of the same layers are the same net, bit for bit.
#[test]
fn nesting_changes_nothing() {
    type Cell = Elman<2, 2, f64>;
    fn all<N: Testable<In = [f64; 2], Out = [f64; 2]>>() -> (Vec<u64>, Vec<u64>) {
        let net: N = random_net(&mut Pcg32::new(14, 0));
        let (outputs, gradient) = run(&net, &mut Tape::<N, 6>::new(), &inputs(9, 15));
        (outputs, bits(&numbers(&gradient)))
    }
    let flat = all::<(Cell, Cell, Cell, Cell)>();
    assert_eq!(flat, all::<Stack<(Cell, Cell, Cell, Cell)>>());
    assert_eq!(flat, all::<[Cell; 4]>());
    assert_eq!(flat, all::<Stack<(Cell, [Cell; 2], Cell)>>());
    assert_eq!(flat, all::<Stack<([Cell; 1], (Cell, Stack<[Cell; 2]>))>>());
    assert_eq!(flat, all::<[[Cell; 2]; 2]>());
    assert_eq!(flat, all::<[(Cell, Cell); 2]>());
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
fn nan_in_is_nan_out() {
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
fn nan_in_is_nan_in_the_gradient() {
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
fn nan_weights_and_errors_come_out() {
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
fn infinity_saturates() {
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
fn nan_has_no_plausible_loss() {
    let (loss, d_y) = squared_error(&[1.0, f64::NAN], &[0.0, 0.0]);
    assert!(loss.is_nan() && d_y[1].is_nan());
    assert_eq!(d_y[0], 2.0);
}

//////////// first weights ////////////

/// The outputs that PCG's own demonstration prints for seed 42, stream 54.
const PCG32_DEMO: [u32; 6] =
    [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e];

#[test]
fn the_generator_is_pcg32() {
    let mut rng = Pcg32::new(42, 54);
    assert_eq!([(); 6].map(|()| rng.next_u32()), PCG32_DEMO);
}

/// The 24 highest bits of every output, from −1 to 1, tensor by tensor, row by row.
#[test]
fn weights_are_drawn_in_order() {
    let drawn = PCG32_DEMO.map(|bits| f64::from(bits >> 8) / f64::from(1 << 23) - 1.0);
    let mut cell = Elman::<1, 1, f64>::ZERO;
    uniform(&mut cell, 0.5, &mut Pcg32::new(42, 54));
    assert_eq!(numbers(&cell), [0.5 * drawn[0], 0.5 * drawn[1], 0.5 * drawn[2]]);
    let mut readout = Dense::<2, 2, f64>::ZERO;
    uniform(&mut readout, 1.0, &mut Pcg32::new(42, 54));
    assert_eq!(numbers(&readout), drawn);
}

#[test]
fn one_seed_gives_the_same_weights_in_both_scalars() {
    let mut single = Net::<f32>::ZERO;
    let mut double = Net::<f64>::ZERO;
    uniform(&mut single, 0.3, &mut Pcg32::new(23, 1));
    uniform(&mut double, 0.3, &mut Pcg32::new(23, 1));
    let off = f64::from(f32::EPSILON); // the limit is rounded, and the product
    for (single, double) in numbers(&single).iter().zip(numbers(&double)) {
        assert!((single - double).abs() <= off * double.abs(), "{single} {double}");
        assert!((-0.3..0.3).contains(&double));
    }
}

//////////// large values ////////////

/// Three layers, 117 KB of weights.
type Large = Stack<(Elman<8, 96>, Elman<96, 96>, Dense<96, 8>)>;
const LARGE: usize = 80 * 1024;
const _: () = assert!(size_of::<Large>() > LARGE && size_of::<Tape<Large, 64>>() > LARGE);

static NET: Mutex<Large> = Mutex::new(Large::ZERO);
static GRADIENT: Mutex<Large> = Mutex::new(Large::ZERO);
static TAPE: Mutex<Tape<Large, 64>> = Mutex::new(Tape::new());

/// A network in flash.
static IN_FLASH: Stack<(Elman<1, 1>, Dense<1, 1>)> = Stack::new((
    Elman { kernel: Matrix([[1.0]]), recurrent_kernel: Matrix([[0.5]]), bias: [0.0] },
    Dense { kernel: Matrix([[2.0]]), bias: [1.0] },
));

/// Statics are trained by a thread whose stack is smaller than any of them: nothing large is moved
/// through it, not even in a debug build.
#[test]
fn large_values_stay_where_they_are() {
    let trained = thread::Builder::new().stack_size(LARGE * 3 / 4).spawn(|| {
        let (net, gradient) = (&mut NET.lock().unwrap(), &mut GRADIENT.lock().unwrap());
        let tape = &mut TAPE.lock().unwrap();
        uniform(&mut **net, 0.1, &mut Pcg32::new(1, 1));
        for _ in 0..70 {
            let y = tape.step(net, &[1.0; 8]);
            let (_, d_y) = squared_error(y, &[1.0; 8]);
            tape.set_output_gradient(&d_y);
        }
        gradient.set_zero();
        tape.backward(net, gradient);
        let norm = clip_grad_norm(&mut **gradient, 1.0);
        Sgd::new(0.1).update(&mut **net, gradient, &mut ());
        tape.reset(Large::INITIAL_STATE);
        norm
    });
    assert!(trained.unwrap().join().unwrap() > 0.0);
}

#[test]
fn a_constant_net_runs() {
    let mut state = ([0.0], [0.0]);
    assert_eq!(IN_FLASH.step(&[20.0], &mut state), &[3.0]);
    assert_eq!(IN_FLASH.step(&[0.0], &mut state), &[2.0 * Scalar::tanh(0.5_f32) + 1.0]);
}
