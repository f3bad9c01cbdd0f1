//! Real-time recurrent learning against full BPTT.

use std::sync::Mutex;

use elman::{
    ConstZero, Dense, FeedForward, Initialize, LayerTypes, MinGru, Pcg32, Rtrl, Stack, Tape,
    squared_error, time_constants,
};

use crate::support::convert::{Testable, numbers};
use crate::support::tolerance::{Bound, Worst};

/// Relative to the largest derivative: 10 000 roundings of 1.1e-16.
const BOUND: Bound = Bound { f64: 1e-12, f32: 0.0 };

const STEPS: usize = 10_000;

type Shallow = Dense<6, 2, f64>;
type Deep = Stack<(Dense<6, 5, f64>, Dense<5, 4, f64>, Dense<4, 2, f64>)>;
type Net<L> = Stack<(MinGru<3, 6, f64>, L)>;

fn net<L>() -> Net<L>
where
    Net<L>: Testable + Initialize,
{
    let mut net = Net::<L>::ZERO;
    net.init_pytorch(&mut Pcg32::new(3, 0));
    let logits = &mut net.0.0.linear_z.bias;
    time_constants(logits, 2.0, 5000.0); // memory of thousands of steps
    *logits = logits.map(|logit| -logit);
    net
}

/// Inputs and targets; a target only now and then, so that derivatives come from far away.
fn stream() -> impl Iterator<Item = ([f64; 3], Option<[f64; 2]>)> {
    let mut rng = Pcg32::new(5, 0);
    (1..=STEPS).map(move |t| {
        let [a, b, c] = [(); 3].map(|()| rng.uniform_symmetric::<f64>());
        ([a, b, c], (t % 1000 == 0).then_some([0.3, -0.2]))
    })
}

fn agree<L>(tape: &Mutex<Tape<Net<L>, STEPS>>, worst: &mut Worst)
where
    L: FeedForward + LayerTypes<In = [f64; 6], Out = [f64; 2]>,
    L: elman::Backward + elman::Reads<[f64; 6]>,
    Net<L>: Testable + Initialize + LayerTypes<In = [f64; 3], Out = [f64; 2]>,
{
    let net = net::<L>();
    let (mut by_tape, mut by_trace) = (Net::<L>::ZERO, Net::<L>::ZERO);
    let mut tape = tape.lock().unwrap();
    let mut rtrl = Rtrl::<3, 6, L, f64>::new();
    for (x, target) in stream() {
        let y = *tape.step(&net, &x);
        assert_eq!(rtrl.step(&net, &x), &y, "the same steps forward");
        if let Some(target) = target {
            let (_, d_y) = squared_error(&y, &target);
            tape.set_output_gradient(&d_y);
            rtrl.backward(&net, &d_y, &mut by_trace);
        }
    }
    tape.backward(&net, &mut by_tape);
    let expected = numbers(&by_tape);
    let largest = expected.iter().fold(0.0_f64, |largest, g| largest.max(g.abs()));
    assert!(largest > 0.1, "there is something to compare: {largest}");
    let scaled = |numbers: Vec<f64>| numbers.iter().map(|g| g / largest).collect::<Vec<_>>();
    worst.compare::<Net<L>>("∂L/∂weights", &scaled(numbers(&by_trace)), &scaled(expected));
}

#[test]
fn the_gradient_of_ten_thousand_steps_is_that_of_full_bptt() {
    static SHALLOW: Mutex<Tape<Net<Shallow>, STEPS>> = Mutex::new(Tape::new());
    static DEEP: Mutex<Tape<Net<Deep>, STEPS>> = Mutex::new(Tape::new());
    let mut worst = Worst::new("RTRL and full BPTT, 10 000 steps", BOUND);
    agree::<Shallow>(&SHALLOW, &mut worst);
    agree::<Deep>(&DEEP, &mut worst);
}

/// The first input alone, seen by a loss ten thousand steps later: a tape of 100 steps has nothing of it.
#[test]
fn the_first_step_reaches_the_last_loss() {
    let net = net::<Shallow>();
    let (mut by_trace, mut by_tape) = (Net::<Shallow>::ZERO, Net::<Shallow>::ZERO);
    let mut rtrl = Rtrl::<3, 6, Shallow, f64>::new();
    let mut tape = Tape::<Net<Shallow>, 100>::new();
    for t in 0..STEPS {
        let x = if t == 0 { [1.0; 3] } else { [0.0; 3] };
        rtrl.step(&net, &x);
        tape.step(&net, &x);
    }
    rtrl.backward(&net, &[1.0, 1.0], &mut by_trace);
    tape.set_output_gradient(&[1.0, 1.0]);
    tape.backward(&net, &mut by_tape);
    // What multiplies an input is 0 in the tape's window, where all inputs are.
    assert_eq!(by_tape.0.0.linear_h.kernel.as_slice(), [0.0; 18]);
    assert!(by_trace.0.0.linear_h.kernel.0.iter().all(|row| row[5].abs() > 1e-6));
}

#[test]
fn a_reset_forgets_the_traces() {
    let net = net::<Shallow>();
    let gradient_of = |rtrl: &mut Rtrl<3, 6, Shallow, f64>| {
        let mut gradient = Net::<Shallow>::ZERO;
        rtrl.step(&net, &[0.5, -0.5, 1.0]);
        rtrl.backward(&net, &[1.0, -1.0], &mut gradient);
        gradient
    };
    let mut fresh = Rtrl::new();
    let mut used = Rtrl::new();
    (0..10).for_each(|_| _ = gradient_of(&mut used));
    let late = gradient_of(&mut used);
    used.reset([0.0; 6]);
    let first = gradient_of(&mut fresh);
    assert_eq!(gradient_of(&mut used), first);
    assert_ne!(late, first);
}

/// A loss before the first step of a sequence is of no step.
#[test]
fn a_reset_forgets_the_newest_step() {
    let net = net::<Shallow>();
    let mut rtrl = Rtrl::<3, 6, Shallow, f64>::new();
    rtrl.step(&net, &[0.5, -0.5, 1.0]);
    rtrl.reset([0.0; 6]);
    let mut gradient = Net::<Shallow>::ZERO;
    rtrl.backward(&net, &[1.0, -1.0], &mut gradient);
    assert_eq!(gradient, Net::<Shallow>::ZERO);
}

/// The sum by hand: a state, a trace as large as the cell, and one step of the layers above.
#[test]
fn memory_is_one_cell_more_however_far_the_gradient_reaches() {
    const NUMBER: usize = size_of::<f32>();
    const WORD: usize = size_of::<usize>();
    type Head = Dense<24, 4>;
    const CELL: usize = 2 * (3 * 24 + 24) * NUMBER;
    let one_step_above = (2 * 4 + 24 + 2 * 4) * NUMBER + (3 + 2) * WORD;
    assert_eq!(size_of::<MinGru<3, 24>>(), CELL);
    assert_eq!(size_of::<Rtrl<3, 24, Head>>(), 24 * NUMBER + CELL + one_step_above);
    assert!(size_of::<Rtrl<3, 24, Head>>() < size_of::<Tape<Stack<(MinGru<3, 24>, Head)>, 6>>());
}
