//! The places of the ring in which a tape keeps its steps: every program of calls up to a length, beside a list
//! that forgets nothing.

use std::collections::VecDeque;

use elman::{ConstZero, Dense, Matrix, Tape};

type Net = Dense<1, 1>;

#[derive(Clone, Copy, Debug)]
enum Call {
    Step,
    StepWithTarget,
    Backward,
    Detach,
    Reset,
}

const CALLS: [Call; 5] =
    [Call::Step, Call::StepWithTarget, Call::Backward, Call::Detach, Call::Reset];
/// 5⁷ programs for each `K`, of which each beginning is checked too.
const LENGTH: u32 = 7;

#[test]
fn every_program_of_seven_calls() {
    let programs = 5_u32.pow(LENGTH);
    for program in 0..programs {
        play::<1>(program);
        play::<2>(program);
        play::<3>(program);
        play::<4>(program);
    }
    println!("{} programs", 4 * programs);
}

/// The ring goes around with what waits in it.
#[test]
fn long_programs() {
    let mut rng = elman::Pcg32::new(1, 0);
    for _ in 0..20_000 {
        let (mut tape, mut model) = (Tape::<Net, 5>::new(), Model::default());
        for _ in 0..24 {
            // Most are steps, or there would be nothing in the ring.
            let call = CALLS[[0, 0, 0, 1, 1, 1, 1, 2, 3, 4][rng.below(10) as usize]];
            call_both(&mut tape, &mut model, call);
        }
    }
}

/// The digits of `program` in base 5 are its calls.
fn play<const K: usize>(mut program: u32) {
    let (mut tape, mut model) = (Tape::<Net, K>::new(), Model::default());
    for _ in 0..LENGTH {
        call_both(&mut tape, &mut model, CALLS[program as usize % 5]);
        program /= 5;
    }
}

/// The newest steps: each input, and whether a target waits in it.
#[derive(Default)]
struct Model {
    steps: VecDeque<(u32, bool)>,
    /// Every step has another input, a power of two: a sum tells which are in it.
    next: u32,
}

impl Model {
    fn input(n: u32) -> f32 {
        (1_u32 << (n % 24)) as f32
    }
}

fn call_both<const K: usize>(tape: &mut Tape<Net, K>, model: &mut Model, call: Call) {
    let net = Net { kernel: Matrix([[1.0]]), bias: [0.0] };
    match call {
        Call::Step | Call::StepWithTarget => {
            tape.step(&net, &[Model::input(model.next)]);
            let has_target = matches!(call, Call::StepWithTarget);
            if has_target {
                tape.set_output_gradient(&[1.0]);
            }
            model.steps.push_front((model.next, has_target));
            model.steps.truncate(K);
            model.next += 1;
        }
        Call::Backward => {
            let mut gradient = Net::ZERO;
            tape.backward(&net, &mut gradient);
            let waiting = model.steps.iter().filter(|step| step.1);
            let sum: f32 = waiting.map(|step| Model::input(step.0)).sum();
            assert_eq!(gradient.kernel.0, [[sum]]);
            model.steps.iter_mut().for_each(|step| step.1 = false);
        }
        Call::Detach => {
            tape.detach();
            model.steps.clear();
        }
        Call::Reset => {
            tape.reset([0.0]);
            model.steps.clear();
        }
    }
    assert_eq!((tape.len(), tape.is_empty()), (model.steps.len(), model.steps.is_empty()));
    assert!(!tape.set_output_gradient_at(tape.len(), &[1.0]), "a step that is not recorded");
    for ago in 0..K + 1 {
        let output = model.steps.get(ago).map(|step| [Model::input(step.0)]);
        assert_eq!(tape.output(ago), output, "{ago} steps ago");
    }
}
