//! Trained in integers from the first weight on: as good as in `f32`.

use elman::fixed::{self, InFloat};
use elman::{Adam, Dense, Elman, Loss, Optimizer, Sgd, SquaredError, Stack};

use super::tasks::{Net, TRAINING, arv, series, sunspots};

type Float<const H: usize> = Stack<(Elman<1, H>, Dense<H, 1>)>;
type Fixed<const H: usize> = Stack<(fixed::Elman<1, H>, fixed::Dense<H, 1>)>;

/// The ARV of each seed from 0 on, the smallest first.
fn sunspot_arvs<N, O>(optimizer: O, epochs: usize, seeds: u64) -> Vec<f64>
where
    N: Net<1, 1>,
    O: Optimizer<N>,
    SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
{
    let (z, deviation) = sunspots();
    let mut arvs: Vec<f64> = (0..seeds)
        .map(|seed| {
            let mut trainer = series::trainer::<N, O, 20, 20>(optimizer, seed);
            for _ in 0..epochs {
                series::learn(&mut trainer, &z[..TRAINING]);
            }
            arv(&series::forecast(&trainer.learner.net, &z), &z, deviation)
        })
        .collect();
    arvs.sort_by(f64::total_cmp);
    println!(
        "ARV of {seeds} seeds: {:.4} to {:.4}, median {:.4}",
        arvs[0],
        arvs[arvs.len() - 1],
        median(&arvs)
    );
    arvs
}

fn median(sorted: &[f64]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

#[test]
#[ignore = "takes a minute with optimisation: cargo test --release -- --ignored"]
fn sunspots_are_forecast_as_well_as_in_f32() {
    let float = sunspot_arvs::<Float<12>, _>(Sgd::new(0.02), 600, 20);
    let fixed = sunspot_arvs::<Fixed<12>, _>(fixed::Sgd::new(0.02), 600, 20);
    assert!((median(&fixed) - 0.098).abs() <= 0.001);
    assert!((median(&fixed) - median(&float)).abs() <= 0.001);
}

#[test]
#[ignore = "takes a minute with optimisation: cargo test --release -- --ignored"]
fn adam_on_integer_gradients_forecasts_sunspots() {
    let float = sunspot_arvs::<Float<12>, _>(Adam::new(0.003), 100, 20);
    let fixed = sunspot_arvs::<Fixed<12>, _>(InFloat(Adam::new(0.003)), 100, 20);
    assert!((median(&fixed) - median(&float)).abs() <= 0.001);
}

/// The mean error of three streams of 2·10⁵ samples at a rate at which 16 bits lose the updates.
fn stream_error<N, O>(optimizer: O) -> f64
where
    N: Net<1, 1>,
    O: Optimizer<N>,
    SquaredError: Loss<N::Out, Scalar = f32, Target = [f32; 1]>,
{
    let z = series::mixture(200_000);
    let errors: Vec<f64> = (0..3)
        .map(|seed| series::learn_stream(&mut series::trainer::<N, O, 20, 20>(optimizer, seed), &z))
        .collect();
    println!("errors of the streams {errors:.4?}");
    errors.iter().sum::<f64>() / 3.0
}

#[test]
#[ignore = "takes a minute with optimisation: cargo test --release -- --ignored"]
fn small_steps_are_not_lost() {
    let float = stream_error::<Float<16>, _>(Sgd::new(0.0002));
    let fixed = stream_error::<Fixed<16>, _>(fixed::Sgd::new(0.0002));
    let narrow = stream_error::<Fixed<16>, _>(SixteenBits(fixed::Sgd::new(0.0002)));
    assert!((fixed / float - 1.0).abs() < 0.01);
    assert!(narrow > 2.0 * float, "masters of 16 bits lose them: this test can tell");
}

/// SGD whose weights have no more than the 16 bits of their factors.
#[derive(Clone, Copy)]
struct SixteenBits(fixed::Sgd);

impl Optimizer<Fixed<16>> for SixteenBits {
    type State = ();

    fn update(&self, net: &mut Fixed<16>, gradient: &Fixed<16>, state: &mut ()) {
        use elman::Parameters;
        self.0.update(net, gradient, state);
        for n in 0..Fixed::<16>::TENSORS {
            for w in net.tensor_mut(n).numbers_mut() {
                *w = w.saturating_add(0x8000) >> 16 << 16;
            }
        }
    }

    fn is_safe(&self, net: &Fixed<16>, gradient: &Fixed<16>, state: &()) -> bool {
        self.0.is_safe(net, gradient, state)
    }

    fn with_rate_scaled(self, factor: f32) -> Self {
        Self(Optimizer::<Fixed<16>>::with_rate_scaled(self.0, factor))
    }

    fn reset((): &mut ()) {}
}

/// k1 < k2, and two recurrent layers.
#[test]
#[ignore = "takes a minute with optimisation: cargo test --release -- --ignored"]
fn overlapping_windows_and_two_recurrent_layers() {
    type Float = Stack<(Elman<1, 10>, Elman<10, 8>, Dense<8, 1>)>;
    type Fixed = Stack<(fixed::Elman<1, 10>, fixed::Elman<10, 8>, fixed::Dense<8, 1>)>;
    let z = series::mixture(60_000);
    let mut errors = vec![];
    for seed in 0..5 {
        let float =
            series::learn_stream(&mut series::trainer::<Float, _, 5, 20>(Sgd::new(0.01), seed), &z);
        let fixed = fixed::Sgd::new(0.01);
        let fixed = series::learn_stream(&mut series::trainer::<Fixed, _, 5, 20>(fixed, seed), &z);
        errors.push((float, fixed));
    }
    println!("errors of the streams {errors:.4?}");
    for (float, fixed) in errors {
        assert!((fixed / float - 1.0).abs() < 0.02);
    }
}
