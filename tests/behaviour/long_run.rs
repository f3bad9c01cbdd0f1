//! Ten million samples, as a device that learns for years sees them: `cargo test --release --test
//! behaviour -- long_run --ignored --nocapture`, about half a minute.
//!
//! A signal that changes its period, a sensor that is off for a long time (everything is exactly zero,
//! so gradients die out), a broken one now and then. At the end the network must predict as well as at
//! the beginning, nothing may be infinite, NaN or subnormal, and a sample must cost what it did.

use core::time::Duration;
use std::time::Instant;

use elman::{
    Adam, AdamW, Dense, Elman, Initialize, Momentum, Optimizer, Parameters, Pcg32, Reduction,
    RmsProp, Sgd, Stack, Trainer,
};

type Net = Stack<(Elman<1, 12>, Dense<12, 1>)>;

const SAMPLES: usize = 10_000_000;
/// The signal is the same in every round: a period, silence, another period.
const ROUND: usize = 500_000;
/// The share of the error of always predicting the present value that is left, after learning.
const LEARNED: f32 = 0.1;
/// A subnormal number costs a hundred times a normal one. This allows for a busy machine.
const SLOWER: f64 = 2.0;

#[test]
#[ignore = "ten million samples"]
fn sgd() {
    long_run(Sgd::new(0.02));
}

#[test]
#[ignore = "ten million samples"]
fn momentum() {
    long_run(Momentum::new(0.002));
}

#[test]
#[ignore = "ten million samples"]
fn rms_prop() {
    long_run(RmsProp::new(0.0003));
}

#[test]
#[ignore = "ten million samples"]
fn adam() {
    long_run(Adam::new(0.001));
}

#[test]
#[ignore = "ten million samples"]
fn adam_w() {
    long_run(AdamW::new(0.001));
}

fn long_run<O: Optimizer<Net>>(optimizer: O) {
    let mut trainer = Trainer::<Net, O, 5, 20>::new(optimizer);
    trainer.learner.reduction = Reduction::Sum;
    trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    let signal = signal();
    let mut rng = Pcg32::new(2, 0);

    let mut rounds = Vec::new();
    for n in 0..SAMPLES / ROUND {
        let round = round(&mut trainer, &signal, &mut rng);
        println!("{:9} samples: error left {:.4}, {:?}", (n + 1) * ROUND, round.0, round.1);
        assert!(all_normal(&trainer.learner.net));
        rounds.push(round);
    }
    assert_eq!(trainer.stream.steps(), SAMPLES as u64);

    let (last, _) = rounds[rounds.len() - 1];
    assert!(last < LEARNED, "{last} of the error is left");
    let fastest = |rounds: &[(f32, Duration)]| rounds.iter().map(|round| round.1).min().unwrap();
    let slower = fastest(&rounds[10..]).as_secs_f64() / fastest(&rounds[..10]).as_secs_f64();
    println!("the second half takes {slower:.2} times as long as the first");
    assert!(slower < SLOWER);
}

/// One round of samples, one in a thousand broken. The error left at the end of each period, and the time.
fn round<O: Optimizer<Net>>(
    trainer: &mut Trainer<Net, O, 5, 20>,
    signal: &[f32],
    rng: &mut Pcg32,
) -> (f32, Duration) {
    let start = Instant::now();
    let (mut error, mut error_of_the_present) = (0.0, 0.0);
    for (t, (x, target)) in signal.iter().zip(&signal[1..]).enumerate() {
        if rng.next_u32().is_multiple_of(1000) {
            assert!(trainer.observe(&[f32::NAN], &[*target]).is_err());
            continue;
        }
        let report = trainer.observe(&[*x], &[*target]).unwrap();
        if t % (ROUND / 5) > ROUND / 10 {
            error += report.loss;
            error_of_the_present += (x - target) * (x - target);
        }
    }
    (error / error_of_the_present, start.elapsed())
}

/// A sine, three times as long silence, and a faster sine.
fn signal() -> Vec<f32> {
    let sine =
        |t: usize, period: f64| (2.0 * core::f64::consts::PI * t as f64 / period).sin() as f32;
    (0..=ROUND)
        .map(|t| match t * 5 / ROUND {
            0 => 0.8 * sine(t, 17.0),
            1..=3 => 0.0,
            _ => 0.6 * sine(t, 9.0),
        })
        .collect()
}

fn all_normal(net: &Net) -> bool {
    (0..Net::TENSORS).all(|n| net.tensor(n).iter().all(|w| w.is_normal()))
}
