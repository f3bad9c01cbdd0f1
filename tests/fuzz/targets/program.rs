//! Random programs of calls: of two runs one gets every call, the other only those that were not
//! rejected. They must agree bit for bit, after a power cut of the first one too.

use arbitrary::{Arbitrary, Unstructured};
use core::fmt::Debug;
use elman::safetensors::StateDict;
use elman::{
    Adam, AdamW, BinaryCrossEntropyWithLogits, Huber, Loss, Momentum, Optimizer, RmsProp, Sgd,
    SoftmaxCrossEntropy, SquaredError, TrainError, checkpoint,
};

use super::calls::{Call, Net, Number, Run, Target, is_rejected};
use super::sound::Sound;

#[derive(Arbitrary, Debug)]
struct Program {
    kind: u8,
    /// Is not always a good one.
    learning_rate: Number,
    seed: u8,
    calls: Vec<Call>,
}

/// So long a program finds what a longer one would.
const CALLS: usize = 200;

pub fn run(bytes: &[u8]) {
    let Ok(program) = Program::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let rate = program.learning_rate.float();
    match program.kind % 6 {
        0 => program.run::<_, SquaredError, 2, 5>(Sgd::new(rate)),
        1 => program.run::<_, Huber, 1, 1>(Momentum { nesterov: true, ..Momentum::new(rate) }),
        2 => program.run::<_, SquaredError, 3, 3>(Momentum::new(rate)),
        3 => program.run::<_, SquaredError, 2, 4>(RmsProp::new(rate)),
        4 => program.run::<_, BinaryCrossEntropyWithLogits, 1, 4>(AdamW::new(rate)),
        _ => program.run::<_, SoftmaxCrossEntropy, 2, 4>(Adam::new(rate)),
    }
}

impl Program {
    fn run<O, L, const K1: usize, const K2: usize>(&self, optimizer: O)
    where
        O: Optimizer<Net, State: StateDict + Sound + PartialEq + Debug>,
        L: Loss<[f32; 1], Scalar = f32, Target: Target>,
    {
        let new = || Run::<O, L, K1, K2>::new(optimizer, self.seed.into());
        let (mut all, mut accepted) = (new(), new());
        for call in self.calls.iter().take(CALLS) {
            match call {
                Call::PowerCut => power_cut(&mut all, new()),
                call => both(&mut all, &mut accepted, *call),
            }
            compare(&all, &accepted);
        }
        // What could not be seen is seen in what follows.
        for n in 0..3 * K2 {
            let sample = Call::Observe(Number::Small(n as i8), Number::Small(5));
            both(&mut all, &mut accepted, sample);
            compare(&all, &accepted);
        }
    }
}

/// A call for both, unless it is rejected.
fn both<O, L, const K1: usize, const K2: usize>(
    all: &mut Run<O, L, K1, K2>,
    accepted: &mut Run<O, L, K1, K2>,
    call: Call,
) where
    O: Optimizer<Net, State: StateDict + Sound>,
    L: Loss<[f32; 1], Scalar = f32, Target: Target>,
{
    let answer = all.answer(call);
    if !is_rejected(call, &answer) {
        // A rejected sample counts as a step, so the numbers of the steps differ.
        let kind = |error: TrainError| error.kind;
        assert_eq!(answer.map_err(kind), accepted.answer(call).map_err(kind));
    } else if matches!(call, Call::Finish(_) | Call::FinishWithMean(_)) {
        accepted.trainer.reset();
    }
}

fn compare<O, L, const K1: usize, const K2: usize>(
    all: &Run<O, L, K1, K2>,
    accepted: &Run<O, L, K1, K2>,
) where
    O: Optimizer<Net, State: StateDict + Sound + PartialEq + Debug>,
    L: Loss<[f32; 1], Scalar = f32, Target: Target>,
{
    all.check();
    let (a, b) = (&all.trainer, &accepted.trainer);
    assert_eq!(a.learner.net, b.learner.net);
    assert_eq!(a.learner.optimizer_state(), b.learner.optimizer_state());
    assert_eq!(a.learner.updates(), b.learner.updates());
    assert_eq!(a.stream.state(), b.stream.state());
    assert_eq!(a.stream.len(), b.stream.len());
}

/// Everything is lost but the file and the settings, which are the program's.
fn power_cut<O, L, const K1: usize, const K2: usize>(
    run: &mut Run<O, L, K1, K2>,
    mut fresh: Run<O, L, K1, K2>,
) where
    O: Optimizer<Net, State: StateDict + Sound>,
    L: Loss<[f32; 1], Scalar = f32, Target: Target>,
{
    let file = run.save();
    checkpoint::load(&mut fresh, &file).unwrap();
    assert!(fresh.save() == file, "not everything is loaded");
    let (to, from) = (&mut fresh.trainer.learner, &run.trainer.learner);
    to.max_norm = from.max_norm;
    to.max_output_gradient = from.max_output_gradient;
    to.max_value = from.max_value;
    to.batch = from.batch;
    to.reduction = from.reduction;
    fresh.predictor = run.predictor.clone();
    *run = fresh;
}
