//! A network that learns in slices: the parts of the work, and the longest slice.

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{Backward, Parameters, SlicedOptimizer, SlicedTrainer};

use crate::train::Signal;

/// Slices for a window at the budget that is measured, about.
const SLICES: usize = 10;

pub fn report<N, O, const I: usize, const C: usize, const K1: usize, const K2: usize>(
    trainer: &mut SlicedTrainer<N, O, K1, K2>,
    out: &mut Console,
) -> Result<(), Error>
where
    N: Backward<In = [f32; I], Out = [f32; C]> + Parameters<Scalar = f32, Tensor = [f32]>,
    O: SlicedOptimizer<N>,
{
    let mut signal = Signal::new();
    for _ in 0..2 * K2 / K1 {
        window(trainer, &mut signal).ok_or(Error)?;
        trainer.complete();
    }
    let observe = window(trainer, &mut signal).ok_or(Error)?;
    write!(out, ",{observe}")?;

    // Of each kind of work as many slices as it has smallest pieces; of the rule, all weights at once.
    let weights = size_of::<N>() / size_of::<f32>();
    let each = [K2, N::PARTS, 1, 2 + O::STATES, 1, 1];
    for (n, &slices) in each.iter().enumerate() {
        let macs = if n == 4 { weights * O::MACS_PER_WEIGHT } else { 1 };
        let mut sum = 0;
        for _ in 0..slices {
            sum += count::instructions(|| _ = black_box(trainer.learn(macs))).ok_or(Error)?;
        }
        write!(out, ",{sum}")?;
    }
    if trainer.is_pending() {
        return Err(Error);
    }

    let macs = SlicedTrainer::<N, O, K1, K2>::MACS / SLICES;
    window(trainer, &mut signal).ok_or(Error)?;
    let (mut slices, mut longest, mut total) = (0, 0, 0);
    while trainer.is_pending() {
        let slice = count::instructions(|| _ = black_box(trainer.learn(macs))).ok_or(Error)?;
        (slices, longest, total) = (slices + 1, longest.max(slice), total + slice);
    }
    write!(out, ",{macs},{slices},{longest},{total}")
}

/// The samples of a window, so that work is pending: the instructions of the last.
fn window<N, O, const I: usize, const C: usize, const K1: usize, const K2: usize>(
    trainer: &mut SlicedTrainer<N, O, K1, K2>,
    signal: &mut Signal,
) -> Option<u32>
where
    N: Backward<In = [f32; I], Out = [f32; C]> + Parameters<Scalar = f32, Tensor = [f32]>,
    O: SlicedOptimizer<N>,
{
    let mut last = 0;
    for _ in 0..K1 {
        let (x, target) = (signal.next(), signal.next());
        let mut is_ok = false;
        last = count::instructions(|| is_ok = trainer.observe(&x, &target).is_ok())
            .filter(|_| is_ok)?;
    }
    trainer.is_pending().then_some(last)
}
