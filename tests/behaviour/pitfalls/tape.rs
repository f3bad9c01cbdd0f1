//! Mistakes with the window, the state and values that are large.

use std::sync::Mutex;
use std::thread;

use super::{Net, inputs, run};
use crate::support::convert::{random_net, row};
use elman::{
    ConstZero, Dense, Elman, Matrix, Optimizer, Parameters, Pcg32, Scalar, Sgd, Stack, Tape,
    clip_grad_norm, squared_error, uniform,
};

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
fn only_a_reset_resets_the_state() {
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

//////////// large values ////////////

/// Three layers, 233 KB of weights. Their matrices are too large for the transposed copy that 64-bit
/// targets make on the stack.
type Large = Stack<(Elman<8, 136>, Elman<136, 136>, Dense<136, 8>)>;
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
