//! A network that learns at once.

use core::array::from_fn;
use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count, stack};
use elman::{
    Backward, ConstZero, Optimizer, Parameters, Pcg32, SlicedOptimizer, SlicedTrainer, Trainer,
    uniform,
};

use crate::sliced;

pub struct Values<N, O, const K1: usize, const K2: usize>
where
    N: Backward + Parameters,
    O: SlicedOptimizer<N>,
{
    at_once: Trainer<N, O, K1, K2>,
    sliced: SlicedTrainer<N, O, K1, K2>,
}

impl<N, O, const K1: usize, const K2: usize> Values<N, O, K1, K2>
where
    N: Backward + Parameters,
    O: SlicedOptimizer<N> + ConstZero,
{
    pub const ZERO: Self = Self { at_once: ConstZero::ZERO, sliced: ConstZero::ZERO };
}

impl<N, O, const I: usize, const C: usize, const K1: usize, const K2: usize> Values<N, O, K1, K2>
where
    N: Backward<In = [f32; I], Out = [f32; C]> + Parameters<Scalar = f32, Tensor = [f32]>,
    O: SlicedOptimizer<N>,
{
    #[inline(never)]
    pub fn report(&mut self, rule: O, name: &str, out: &mut Console) -> Result<(), Error> {
        let Self { at_once, sliced } = black_box(self);
        at_once.learner.optimizer = rule;
        sliced.complete().learner.optimizer = rule;
        uniform(&mut at_once.learner.net, 0.2, &mut Pcg32::new(1, 0));
        sliced.complete().learner.net.copy_from(&at_once.learner.net);

        let step = step(&at_once.learner.net).ok_or(Error)?;
        let [observe, mean, pause] = learn(at_once).ok_or(Error)?;
        write!(out, "{name},{step},{observe},{mean},{pause}")?;
        sliced::report(sliced, out)?;

        let mut signal = Signal::new();
        let mut state = N::INITIAL_STATE;
        let run =
            stack::used(|| _ = black_box(at_once.learner.net.step(&signal.next(), &mut state)));
        let train = stack::used(|| signal.observe(at_once, K1));
        let slices = stack::used(|| {
            for _ in 0..K1 {
                _ = black_box(sliced.observe(&signal.next(), &signal.next()));
            }
            while sliced.is_pending() {
                _ = black_box(sliced.learn(1000));
            }
        });
        let bytes = [size_of_val(at_once), size_of_val(sliced)];
        writeln!(out, ",,{run},{train},{slices},{},{}", bytes[0], bytes[1])
    }
}

/// Numbers of the usual size: what is computed without an FPU depends on them.
pub struct Signal(Pcg32);

impl Signal {
    pub fn new() -> Self {
        Self(Pcg32::new(5, 0))
    }

    pub fn next<const N: usize>(&mut self) -> [f32; N] {
        black_box(from_fn(|_| self.0.uniform_symmetric()))
    }

    #[inline(never)]
    fn observe<N, O, const I: usize, const C: usize, const K1: usize, const K2: usize>(
        &mut self,
        trainer: &mut Trainer<N, O, K1, K2>,
        samples: usize,
    ) where
        N: Backward<In = [f32; I], Out = [f32; C]> + Parameters<Scalar = f32, Tensor = [f32]>,
        O: Optimizer<N>,
    {
        for _ in 0..samples {
            _ = black_box(trainer.observe(&self.next(), &self.next()));
        }
    }
}

const STEPS: u32 = 8;

/// The mean of some steps.
fn step<N: Backward<In = [f32; I]>, const I: usize>(net: &N) -> Option<u32> {
    let (mut signal, mut state, mut sum) = (Signal::new(), N::INITIAL_STATE, 0);
    for _ in 0..STEPS {
        let x = signal.next();
        sum += count::instructions(|| _ = black_box(net.step(&x, &mut state)))?;
    }
    Some(sum / STEPS)
}

/// Of samples without learning the mean, of all the mean, and the longest.
fn learn<N, O, const I: usize, const C: usize, const K1: usize, const K2: usize>(
    trainer: &mut Trainer<N, O, K1, K2>,
) -> Option<[u32; 3]>
where
    N: Backward<In = [f32; I], Out = [f32; C]> + Parameters<Scalar = f32, Tensor = [f32]>,
    O: Optimizer<N>,
{
    const { assert!(K2.is_multiple_of(K1), "every place of the ring once in K2 samples") };
    let mut signal = Signal::new();
    signal.observe(trainer, 2 * K2); // the tape is full
    let (mut plain, mut all, mut pause, mut updates) = (0, 0, 0, 0);
    for _ in 0..K2 {
        let (x, target) = (signal.next(), signal.next());
        let mut update = None;
        let count = count::instructions(|| update = Some(trainer.observe(&x, &target)))?;
        let is_done = update?.ok()?.update.is_done();
        all += count;
        if is_done {
            updates += 1;
            pause = pause.max(count);
        } else {
            plain += count;
        }
    }
    let samples = K2 as u32;
    (updates == samples / K1 as u32)
        .then(|| [plain / (samples - updates).max(1), all / samples, pause])
}
