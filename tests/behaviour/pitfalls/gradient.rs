//! Mistakes in the cell, and on the way back through layers and time.

use core::cell::Cell;
use core::ops::Range;

use super::{Net, ROUNDING, bits, inputs, run};
use crate::support::convert::{Testable, numbers, random_net};
use elman::{
    Backward, BackwardTypes, ConstZero, Deltas, Dense, Elman, Layer, LayerTypes, Matrix,
    Parameters, Pcg32, Reads, RecordedSteps, Scalar, Stack, Steps, Tape, Window, global_norm,
};

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

    const PARTS: usize = L::PARTS;

    fn accumulate<const K: usize>(
        &self,
        steps: RecordedSteps<'_, Self, K>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let RecordedSteps { inputs, before, activations, range } = steps;
        let steps = RecordedSteps { inputs, before, activations, range };
        self.0.accumulate::<K>(steps, &mut gradient.0, parts);
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
    let (mut carry, mut deltas) = ([0.0; 2], [[1.0; 2]; 9]);
    for t in (0..9).rev() {
        let window = Window {
            inputs: &inputs[t..=t],
            before: &states[t],
            outputs: &states[t + 1..=t + 1],
            d_outputs: &mut deltas[t..=t],
            d_state: &mut carry,
            d_inputs: None,
        };
        elman::Cell::backward(&net, window, Some(&mut gradient));
    }
    for t in 0..9 {
        let (inputs, outputs) = (&inputs[t..=t], &states[t + 1..=t + 1]);
        let steps = Deltas { inputs, before: &states[t], outputs, deltas: &deltas[t..=t] };
        elman::Cell::accumulate(
            &net,
            steps,
            &mut gradient,
            0..<Elman<2, 2, f64> as elman::Cell>::PARTS,
        );
    }
    assert_eq!(numbers(&gradient), numbers(&expected));
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
