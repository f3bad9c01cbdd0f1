//! Tasks that a network of floats and one of integers learn by the same lines.

use elman::fixed::Row;
use elman::{Backward, Initialize, Optimizer, Parameters, Pcg32, Reduction, SquaredError, Trainer};

/// A row of either kind as floats.
pub trait Floats<const N: usize>: Copy {
    fn floats(&self) -> [f32; N];
}

impl<const N: usize> Floats<N> for [f32; N] {
    fn floats(&self) -> [f32; N] {
        *self
    }
}

impl<const N: usize> Floats<N> for Row<N> {
    fn floats(&self) -> [f32; N] {
        self.to_f32()
    }
}

/// A network with `I` inputs and `O` outputs of either kind of number.
pub trait Net<const I: usize, const O: usize>:
    Backward<In: From<[f32; I]>, Out: Floats<O> + elman::OutputRow<f32>>
    + Parameters<Scalar = f32>
    + Initialize
{
}

impl<N, const I: usize, const O: usize> Net<I, O> for N where
    N: Backward<In: From<[f32; I]>, Out: Floats<O> + elman::OutputRow<f32>>
        + Parameters<Scalar = f32>
        + Initialize
{
}

/// A series of one number a step, to be forecast one step ahead.
pub mod series {
    use super::*;
    use elman::Loss;

    pub fn trainer<N, O, const K1: usize, const K2: usize>(
        optimizer: O,
        seed: u64,
    ) -> Box<Trainer<N, O, K1, K2>>
    where
        N: Net<1, 1>,
        O: Optimizer<N>,
        SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
    {
        let mut trainer = Box::new(Trainer::new(optimizer));
        trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
        trainer.learner.max_norm = elman::Limit::At(1.0);
        trainer.learner.reduction = Reduction::Mean;
        trainer
    }

    /// Once through a sequence.
    pub fn learn<N, O, const K1: usize, const K2: usize>(
        trainer: &mut Trainer<N, O, K1, K2>,
        z: &[f32],
    ) where
        N: Net<1, 1>,
        O: Optimizer<N>,
        SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
    {
        for pair in z.windows(2) {
            let _ = trainer.observe(&[pair[0]].into(), &[pair[1]]).unwrap();
        }
        let _ = trainer.flush().unwrap();
        trainer.reset();
    }

    /// The forecast after each number.
    pub fn forecast<N: Net<1, 1>>(net: &N, z: &[f32]) -> Vec<f32> {
        let mut state = N::INITIAL_STATE;
        z.iter().map(|&x| net.step(&[x].into(), &mut state).floats()[0]).collect()
    }

    /// Learns from an endless stream; the mean squared error over its last tenth, by the variance.
    pub fn learn_stream<N, O, const K1: usize, const K2: usize>(
        trainer: &mut Trainer<N, O, K1, K2>,
        z: &[f32],
    ) -> f64
    where
        N: Net<1, 1>,
        O: Optimizer<N>,
        SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
    {
        let mut losses = vec![];
        for pair in z.windows(2) {
            losses.push(trainer.observe(&[pair[0]].into(), &[pair[1]]).unwrap().loss);
        }
        let tail = z.len() / 10 * 9;
        mean(&losses[tail..]) / variance(&z[tail..])
    }

    fn mean(x: &[f32]) -> f64 {
        x.iter().copied().map(f64::from).sum::<f64>() / x.len() as f64
    }

    fn variance(x: &[f32]) -> f64 {
        let mean = mean(x);
        x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / x.len() as f64
    }

    /// A Mackey-Glass series (τ = 17, every 6 units of time) and two sines.
    pub fn mixture(n: usize) -> Vec<f32> {
        let mut x = vec![1.2_f64; 18];
        for _ in 0..(n + 500) * 6 {
            let t = x.len();
            let (now, late) = (x[t - 1], x[t - 18]);
            x.push(now + 0.2 * late / (1.0 + late.powi(10)) - 0.1 * now);
        }
        let sines = |t: f64| 0.7 * (t * 0.3).sin() + 0.4 * (t * 0.113).sin();
        (0..n).map(|t| ((x[(t + 500) * 6] - 0.9) * 3.0 + sines(t as f64)) as f32).collect()
    }
}

/// The sunspot numbers of 1700 to 1955 as z-scores of the first 221, and their deviation.
pub fn sunspots() -> (Vec<f32>, f64) {
    let csv = include_str!("../../../examples/data/sunspots.csv");
    let numbers: Vec<f64> =
        csv.lines().filter_map(|line| line.split_once(',')?.1.parse().ok()).take(256).collect();
    let training = &numbers[..TRAINING];
    let mean = training.iter().sum::<f64>() / TRAINING as f64;
    let squares: f64 = training.iter().map(|x| (x - mean).powi(2)).sum();
    let deviation = (squares / TRAINING as f64).sqrt();
    (numbers.iter().map(|x| ((x - mean) / deviation) as f32).collect(), deviation)
}

/// The years 1700 to 1920.
pub const TRAINING: usize = 221;

/// The error of the forecasts of 1921 to 1955, as the literature has it: by a variance of 1495.6.
pub fn arv(forecasts: &[f32], z: &[f32], deviation: f64) -> f64 {
    let error = |t: usize| f64::from(forecasts[t - 1] - z[t]) * deviation;
    let errors: Vec<f64> = (TRAINING..z.len()).map(|t| error(t).powi(2)).collect();
    errors.iter().sum::<f64>() / errors.len() as f64 / 1495.6
}
