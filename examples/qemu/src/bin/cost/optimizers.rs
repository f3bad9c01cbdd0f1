//! What an update costs: of each optimiser the check, the update, and a sample that brings both.
//!
//! `observe` is the mean over the samples of a `Trainer` with k1 = 5 and k2 = 20, `k1-th` the sample
//! that brings the backward pass and the update. Of `clip` it is the whole of it, of `sqrt` one call.

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{
    Adam, AdamW, ConstZero, Dense, Elman, Momentum, Optimizer, Pcg32, RmsProp, Scalar, Sgd, Stack,
    Trainer, clip_grad_norm, clip_grad_value, uniform,
};

#[cfg(not(small))]
type Net = Stack<(Elman<3, 16>, Dense<16, 3>)>;
#[cfg(not(small))]
const X: [f32; 3] = [0.5, -0.25, 0.1];
#[cfg(small)]
type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
#[cfg(small)]
const X: [f32; 1] = [0.5];

const K1: usize = 5;
const K2: usize = 20;

/// What an update by hand owns, and a trainer.
struct Values<O: Optimizer<Net>> {
    net: Net,
    gradient: Net,
    state: O::State,
    trainer: Trainer<Net, O, K1, K2>,
}

pub fn report(out: &mut Console) -> Result<(), Error> {
    writeln!(out, "{} weights   check  update observe   k1-th", size_of::<Net>() / 4)?;
    macro_rules! optimizers {
        ($($name:literal $Rule:ty = $rule:expr;)+) => {
            $(board::own!(Values<$Rule> = Values::ZERO)?.report(out, $name, $rule)?;)+
        };
    }
    optimizers! {
        "sgd" Sgd = Sgd::new(0.01);
        "momentum" Momentum = Momentum::new(0.01);
        "rms_prop" RmsProp = RmsProp::new(0.001);
        "adam" Adam = Adam::new(0.001);
        "adam_w" AdamW = AdamW::new(0.001);
    }
    clipping(board::own!(Net = Net::ZERO)?, out)?;
    square_root(out)
}

impl<O: Optimizer<Net> + ConstZero> Values<O> {
    const ZERO: Self =
        Self { net: Net::ZERO, gradient: Net::ZERO, state: O::State::ZERO, trainer: Trainer::ZERO };

    #[inline(never)]
    fn report(&mut self, out: &mut Console, name: &str, rule: O) -> Result<(), Error> {
        let Self { net, gradient, state, trainer } = black_box(self);
        let rule = black_box(rule);
        uniform(net, 0.25, &mut Pcg32::new(1, 0));
        uniform(gradient, 0.1, &mut Pcg32::new(2, 0));
        rule.update(net, gradient, state);
        let mut safe = false;
        let check = count::instructions(|| safe = rule.is_safe(net, gradient, state));
        let update = count::instructions(|| rule.update(net, gradient, state));
        if !safe {
            return Err(Error);
        }
        let (observe, longest) = observe(trainer, rule).ok_or(Error)?;
        write!(out, "{name:<12}")?;
        row(out, &[check, update, Some(observe), Some(longest)])
    }
}

/// The mean over two windows of k2 samples, and the sample that takes longest.
fn observe<O: Optimizer<Net>>(
    trainer: &mut Trainer<Net, O, K1, K2>,
    rule: O,
) -> Option<(u32, u32)> {
    trainer.learner.optimizer = rule;
    uniform(&mut trainer.learner.net, 0.25, &mut Pcg32::new(1, 0));
    for _ in 0..K2 {
        trainer.observe(&X, &X).ok()?;
    }
    let (mut sum, mut longest) = (0, 0);
    for _ in 0..2 * K2 {
        let mut learned = false;
        let count = count::instructions(|| learned = trainer.observe(&X, &X).is_ok())?;
        if !learned {
            return None;
        }
        sum += count;
        longest = longest.max(count);
    }
    Some((sum / (2 * K2) as u32, longest))
}

fn clipping(gradient: &mut Net, out: &mut Console) -> Result<(), Error> {
    uniform(gradient, 1.0, &mut Pcg32::new(2, 0));
    let by_norm = count::instructions(|| _ = clip_grad_norm(gradient, 1e-3));
    let by_value = count::instructions(|| clip_grad_value(gradient, 1e-5));
    write!(out, "clip_norm   ")?;
    row(out, &[by_norm])?;
    write!(out, "clip_value  ")?;
    row(out, &[by_value])
}

fn square_root(out: &mut Console) -> Result<(), Error> {
    let numbers: [f32; 64] = core::array::from_fn(|n| (n * n) as f32 * 1.37e-5 + 1e-6);
    let mut roots = [0.0; 64];
    let all = count::instructions(|| {
        for (root, &x) in roots.iter_mut().zip(&black_box(numbers)) {
            *root = x.sqrt();
        }
    });
    black_box(roots);
    write!(out, "sqrt        ")?;
    row(out, &[all.map(|all| all / 64)])
}

fn row(out: &mut Console, counts: &[Option<u32>]) -> Result<(), Error> {
    for count in counts {
        match count {
            Some(count) => write!(out, " {count:7}")?,
            None => out.write_str("       -")?,
        }
    }
    out.write_str("\n")
}
