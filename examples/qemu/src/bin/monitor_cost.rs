//! What monitoring costs, and what the baselines do: instructions of a sample and bytes, as CSV.
//!
//!     ./run.sh mps2-an386 monitor_cost
//!
//! Samples of the usual size, after the warm-up: the mean of 40, which has eight updates of the `Forecaster`'s
//! network, and the longest. Numbers are those of a sample; of recursive least squares the lags.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::recipes::monitor::Monitor;
use board::rls::RecursiveLeastSquares;
use board::{Console, count};
use elman::{Adam, AnomalyDetector, ConstZero, Initialize, PageHinkley, Pcg32, StandardScaler};

const WARM_UP: usize = 600;
const SAMPLES: usize = 40;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("what,numbers,mean,longest,bytes\n")?;
        scaler::<1>(out)?;
        scaler::<4>(out)?;
        detector::<1>(out)?;
        detector::<4>(out)?;
        let mut drift = PageHinkley::<f32>::new();
        report("PageHinkley", 1, size_of_val(&drift), out, |[x]| {
            _ = black_box(drift.update(x.abs()))
        })?;
        forecaster(out)?;
        report("persistence", 1, 0, out, |x: [f32; 1]| _ = black_box(x))?;
        least_squares::<3>(out)?;
        least_squares::<5>(out)?;
        least_squares::<9>(out)?;
        Ok(count::is_exact())
    })
}

fn scaler<const C: usize>(out: &mut Console) -> Result<(), Error> {
    let mut scaler = StandardScaler::<[f32; C]>::new();
    report("StandardScaler", C, size_of_val(&scaler), out, |x| {
        let is_learned = scaler.update(&x).is_ok();
        black_box((is_learned, scaler.transform(&x)));
    })
}

fn detector<const C: usize>(out: &mut Console) -> Result<(), Error> {
    let mut detector = AnomalyDetector::<[f32; C]>::new();
    report("AnomalyDetector", C, size_of_val(&detector), out, |x| {
        _ = black_box(detector.update(&x));
    })
}

/// 2-8-1, Adam, truncated BPTT(5, 20): the network of the program `monitor`.
fn forecaster(out: &mut Console) -> Result<(), Error> {
    let monitor = board::own!(Monitor = Monitor::ZERO)?;
    monitor.trainer.learner.optimizer = Adam::new(0.01);
    monitor.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    report("Forecaster", 1, size_of_val(monitor), out, |x: [f32; 1]| {
        _ = black_box(monitor.observe(&x));
    })
}

/// On the newest N - 1 numbers.
fn least_squares<const N: usize>(out: &mut Console) -> Result<(), Error> {
    let mut rls = RecursiveLeastSquares::<N>::new(0.999, 1000.0);
    report("recursive least squares", N - 1, size_of_val(&rls), out, |[x]| {
        _ = black_box(rls.observe(x));
    })
}

/// Counts samples of `C` numbers behind the warm-up.
#[inline(never)]
fn report<const C: usize>(
    what: &str,
    numbers: usize,
    bytes: usize,
    out: &mut Console,
    mut sample: impl FnMut([f32; C]),
) -> Result<(), Error> {
    let mut rng = Pcg32::new(3, 0);
    let (mut sum, mut longest) = (0, 0);
    for n in 0..WARM_UP + SAMPLES {
        let x: [f32; C] = black_box(core::array::from_fn(|_| rng.approx_normal()));
        let count = count::instructions(|| sample(x)).ok_or(Error)?;
        if n >= WARM_UP {
            (sum, longest) = (sum + count, longest.max(count));
        }
    }
    let mean = sum / SAMPLES as u32;
    writeln!(out, "{what},{numbers},{mean},{longest},{bytes}")
}
