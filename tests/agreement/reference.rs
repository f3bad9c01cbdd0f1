//! The crate against the equations written once more: gradients, and whole runs of training.

use crate::support::convert::{
    Kind, Kind::Dense as D, Kind::Elman as E, Number, Output, Testable, from_numbers, numbers,
    random, random_net, random_stream, row, stream_to_reference, to_reference, train,
};
use crate::support::reference::{self, Gradient, Recorded, Training};
use crate::support::tolerance::{Bound, Worst};
use elman::{ConstZero, Dense, Elman, Pcg32, Stack, Tape};

/// In `f64` the crate and the reference differ by roundings only: some thousand of 1.1e-16 each.
///
/// In `f32` a number is the sum of about a hundred products that matter, units times steps, with a
/// rounding of 6e-8 each: 6e-6 if all of them fell to one side.
const BOUND: Bound = Bound { f64: 1e-12, f32: 1e-5 };

/// The nets of these tests: each is a type for a scalar, and its layers in plain words.
macro_rules! nets {
    ($($name:ident = $net:ty, [$($layer:expr),+];)+) => {$(
        type $name<T> = $net;
        impl Known for $name<f64> {
            const LAYERS: &[Kind] = &[$($layer),+];
        }
        impl Known for $name<f32> {
            const LAYERS: &[Kind] = &[$($layer),+];
        }
    )+};
}

/// A net that knows its layers.
trait Known: Testable {
    const LAYERS: &[Kind];
}

nets! {
    Cell = Elman<3, 5, T>, [E(3, 5)];
    Small = Elman<1, 1, T>, [E(1, 1)];
    Readout = Dense<3, 2, T>, [D(3, 2)];
    Shallow = Stack<(Elman<2, 7, T>, Dense<7, 3, T>)>, [E(2, 7), D(7, 3)];
    Deep = Stack<(Elman<3, 6, T>, Elman<6, 2, T>, Elman<2, 5, T>, Dense<5, 1, T>)>,
        [E(3, 6), E(6, 2), E(2, 5), D(5, 1)];
    Deepest = Stack<(
        Elman<1, 2, T>, Elman<2, 3, T>, Elman<3, 4, T>, Elman<4, 3, T>, Elman<3, 2, T>, Dense<2, 2, T>,
    )>, [E(1, 2), E(2, 3), E(3, 4), E(4, 3), E(3, 2), D(2, 2)];
    Array = Stack<[Elman<4, 4, T>; 3]>, [E(4, 4), E(4, 4), E(4, 4)];
    ArrayOfOne = Stack<[Elman<2, 2, T>; 1]>, [E(2, 2)];
    ArrayInTuple = Stack<(Elman<1, 3, T>, [Elman<3, 3, T>; 2], Dense<3, 2, T>)>,
        [E(1, 3), E(3, 3), E(3, 3), D(3, 2)];
    ArrayBelow = Stack<([Elman<3, 3, T>; 2], Dense<3, 1, T>)>, [E(3, 3), E(3, 3), D(3, 1)];
    TupleInArray = Stack<[(Elman<2, 3, T>, Elman<3, 2, T>); 2]>,
        [E(2, 3), E(3, 2), E(2, 3), E(3, 2)];
    StackInStack = Stack<(
        Stack<(Elman<2, 4, T>, Dense<4, 3, T>)>,
        Stack<[Stack<(Elman<3, 5, T>, Elman<5, 3, T>)>; 2]>,
        (Elman<3, 2, T>, Dense<2, 2, T>),
    )>, [E(2, 4), D(4, 3), E(3, 5), E(5, 3), E(3, 5), E(5, 3), E(3, 2), D(2, 2)];
}

/// Calls a function for every net in both scalars.
macro_rules! for_every_net {
    ($function:ident::<$($K:literal),+>($($argument:expr),*)) => {
        for_every_net!($function::<$($K),+>($($argument),*)
            Cell Small Readout Shallow Deep Deepest Array ArrayOfOne ArrayInTuple ArrayBelow
            TupleInArray StackInStack);
    };
    ($function:ident::<$K1:literal, $K:literal>($a:expr, $b:expr, $c:expr) $($net:ident)+) => {
        $($function::<$net<f64>, $K1, $K>($a, $b, $c);
        $function::<$net<f32>, $K1, $K>($a, $b, $c);)+
    };
    ($function:ident::<$K:literal>($a:expr, $b:expr, $c:expr) $($net:ident)+) => {
        $($function::<$net<f64>, $K>($a, $b, $c);
        $function::<$net<f32>, $K>($a, $b, $c);)+
    };
}

/// Which of `steps` steps carry an error.
#[derive(Clone, Copy, Debug)]
enum Errors {
    None,
    LastTwo,
    EveryOne,
    Random,
}

impl Errors {
    fn at(self, t: usize, steps: usize) -> bool {
        match self {
            Self::None => false,
            Self::LastTwo => t + 2 >= steps,
            Self::EveryOne => true,
            Self::Random => Pcg32::new(t as u64, steps as u64).next_u32().is_multiple_of(3),
        }
    }
}

const EVERY_PATTERN: [Errors; 4] =
    [Errors::None, Errors::LastTwo, Errors::EveryOne, Errors::Random];

/// The gradient of a window of `K` steps at the end of a stream that is `steps` long.
///
/// The stream starts from a random state; the errors are those of the steps in the window. A ring
/// that is `steps` steps old has its oldest step at row `steps % K`.
fn gradient_agrees<N: Known, const K: usize>(steps: usize, pattern: Errors, worst: &mut Worst) {
    let mut rng = Pcg32::new(steps as u64, K as u64);
    let net: N = random_net(&mut rng);
    let initial: N::State = random(&mut rng);
    let stream = random_stream::<N>(steps, |t| t + K >= steps && pattern.at(t, steps), &mut rng);

    let reference = to_reference(&net, N::LAYERS);
    let mut recorded = Recorded::from(reference::states(&reference, &row(&initial)));
    let mut tape = Tape::<N, K>::new();
    tape.reset(initial);
    let mut errors = vec![];
    for (x, target) in stream {
        let y = tape.step(&net, &x);
        worst.compare::<N>("output", &row(y), &recorded.step(&reference, &row(&x)));
        let d_y = target.map(|target| y.squared_error(&target).1);
        errors.push(d_y.as_ref().map(row));
        if let Some(d_y) = d_y {
            tape.set_output_gradient(&d_y);
        }
    }
    worst.compare::<N>("state", &row(tape.state()), &recorded.states[steps].concat());

    let window = recorded.newest(K);
    let errors = &errors[steps - window.inputs.len()..];
    compare_gradient(&net, &mut tape, &reference::backward(&reference, &window, errors), worst);
}

/// What is on the tape against the reference's gradient.
fn compare_gradient<N: Testable, const K: usize>(
    net: &N,
    tape: &mut Tape<N, K>,
    expected: &Gradient,
    worst: &mut Worst,
) {
    let mut gradient = N::ZERO;
    let mut d_x = <[N::In; K]>::ZERO;
    let d_initial = tape.backward_to_inputs(net, &mut gradient, &mut d_x);
    let d_x: Vec<f64> = d_x[..tape.len()].iter().flat_map(row).collect();
    worst.compare::<N>("∂L/∂weights", &numbers(&gradient), &reference::numbers(&expected.net));
    worst.compare::<N>("∂L/∂initial", &row(&d_initial), &expected.initial_states.concat());
    worst.compare::<N>("∂L/∂inputs", &d_x, &expected.inputs.concat());
}

#[test]
fn gradients_of_a_whole_sequence() {
    let mut worst = Worst::new("gradients of a whole sequence", BOUND);
    for pattern in EVERY_PATTERN {
        for steps in [1, 2, 7, 12] {
            for_every_net!(gradient_agrees::<12>(steps, pattern, &mut worst));
        }
    }
}

#[test]
fn gradients_of_a_ring_that_wraps_at_every_row() {
    let mut worst = Worst::new("gradients of a ring that wraps at every row", BOUND);
    for pattern in EVERY_PATTERN {
        for steps in 0..=16 {
            gradient_agrees::<Cell<f64>, 5>(steps, pattern, &mut worst);
            gradient_agrees::<StackInStack<f64>, 5>(steps, pattern, &mut worst);
            gradient_agrees::<ArrayInTuple<f32>, 5>(steps, pattern, &mut worst);
        }
        for steps in 0..=3 {
            for_every_net!(gradient_agrees::<1>(steps, pattern, &mut worst));
            for_every_net!(gradient_agrees::<2>(steps, pattern, &mut worst));
        }
    }
}

#[test]
fn gradients_of_forty_steps() {
    let mut worst = Worst::new("gradients of forty steps", BOUND);
    for_every_net!(gradient_agrees::<40>(40, Errors::EveryOne, &mut worst));
    for_every_net!(gradient_agrees::<40>(57, Errors::Random, &mut worst));
}

/// A batch of sequences, one after the other, adds into one gradient.
fn batch_adds_up<N: Known, const K: usize>(batch: usize, pattern: Errors, worst: &mut Worst) {
    let mut rng = Pcg32::new(batch as u64, 7);
    let net: N = random_net(&mut rng);
    let reference = to_reference(&net, N::LAYERS);
    let mut tape = Tape::<N, K>::new();
    let mut gradient = N::ZERO;
    let mut expected = vec![0.0; numbers(&net).len()];

    for sequence in 0..batch {
        let steps = K - sequence % 3; // not all of one length
        let initial: N::State = random(&mut rng);
        let mut recorded = Recorded::from(reference::states(&reference, &row(&initial)));
        let mut errors = vec![];
        tape.reset(initial);
        for (x, d_y) in random_stream::<N>(steps, |t| pattern.at(t, steps), &mut rng) {
            recorded.step(&reference, &row(&x));
            errors.push(d_y.as_ref().map(row));
            tape.step(&net, &x);
            if let Some(d_y) = d_y {
                tape.set_output_gradient(&d_y);
            }
        }
        tape.backward(&net, &mut gradient);
        let of_one = reference::backward(&reference, &recorded, &errors).net;
        for (sum, g) in expected.iter_mut().zip(reference::numbers(&of_one)) {
            *sum += g;
        }
    }
    worst.compare::<N>("∂L/∂weights", &numbers(&gradient), &expected);
}

#[test]
fn gradients_of_batches() {
    let mut worst = Worst::new("gradients of batches", BOUND);
    for batch in [1, 2, 5] {
        for_every_net!(batch_adds_up::<9>(batch, Errors::Random, &mut worst));
    }
}

/// The losses and the last weights of a whole run by truncated BPTT(`K1`, `K`).
fn training_agrees<N: Known, const K1: usize, const K: usize>(
    steps: usize,
    limit: Option<f64>,
    worst: &mut Worst,
) {
    let training = Training { k1: K1, k2: K, learning_rate: LEARNING_RATE, limit };
    let mut rng = Pcg32::new(steps as u64, K1 as u64);
    let mut net: N = random_net(&mut rng);
    let before = numbers(&net);
    let stream = random_stream::<N>(steps, |t| !t.is_multiple_of(4), &mut rng);

    let mut expected = to_reference(&net, N::LAYERS);
    let losses = reference::train(&mut expected, &stream_to_reference::<N>(&stream), training);

    worst.compare::<N>("losses", &train::<N, K1, K>(&mut net, &stream, training), &losses);
    worst.compare::<N>("weights", &numbers(&net), &reference::numbers(&expected));
    assert_ne!(numbers(&net), before, "trained");
}

/// A power of two, the same in `f32` and `f64`; small enough that a run does not become chaotic,
/// which would magnify roundings beyond any bound.
const LEARNING_RATE: f64 = 1.0 / 64.0;

#[test]
fn training_by_chunks() {
    let mut worst = Worst::new("training by chunks", BOUND);
    for_every_net!(training_agrees::<8, 8>(64, None, &mut worst));
    for_every_net!(training_agrees::<8, 8>(61, Some(0.5), &mut worst)); // 8 does not divide 61
}

#[test]
fn training_by_overlapping_windows() {
    let mut worst = Worst::new("training by overlapping windows", BOUND);
    for_every_net!(training_agrees::<1, 10>(50, None, &mut worst));
    for_every_net!(training_agrees::<3, 7>(50, Some(0.5), &mut worst)); // 3 does not divide 7, nor 50
    for_every_net!(training_agrees::<5, 20>(100, None, &mut worst));
}

#[test]
fn training_by_windows_of_one_step() {
    let mut worst = Worst::new("training by windows of one step", BOUND);
    for_every_net!(training_agrees::<1, 1>(30, None, &mut worst));
}

#[test]
fn training_on_the_whole_sequence() {
    let mut worst = Worst::new("training on the whole sequence", BOUND);
    for_every_net!(training_agrees::<30, 30>(30, None, &mut worst)); // one update
    for_every_net!(training_agrees::<40, 40>(30, None, &mut worst)); // one flush
    for_every_net!(training_agrees::<6, 40>(30, None, &mut worst)); // the window is never full
}

/// The conversion itself.
#[test]
fn a_net_is_converted_and_back_without_loss() {
    let net: StackInStack<f32> = random_net(&mut Pcg32::new(1, 1));
    let there = to_reference(&net, StackInStack::<f32>::LAYERS);
    let back: StackInStack<f32> = from_numbers(&reference::numbers(&there));
    assert_eq!(back, net);
    assert_eq!(there.0.len(), 8);
    assert_eq!(there.0[1].kernel[3][2], net.0.0.0.1.kernel.0[3][2].to_f64());
    assert_eq!(there.0[1].bias[2], net.0.0.0.1.bias[2].to_f64());
}
