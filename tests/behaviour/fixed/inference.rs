//! Nets trained in `f32`, run in integers for 10⁵ steps whose state is never reset: nothing drifts.

use elman::fixed::{self, Quantize, Row};
use elman::{ConstZero, Dense, Elman, Layer, Sgd, Stack};

use super::tasks::series;

type Float = Stack<(Elman<1, 16>, Dense<16, 1>)>;
type Fixed = Stack<(fixed::Elman<1, 16>, fixed::Dense<16, 1>)>;

const STEPS: usize = 100_000;
/// Root mean square of the states' error, with weights of 32 and of 16 bits.
const STATE_ERROR: f64 = 2e-4;
/// With 8 bits.
const NARROW_ERROR: f64 = 2e-2;

#[test]
#[ignore = "takes a minute with optimisation: cargo test --release -- --ignored"]
fn states_stay_as_near_to_those_of_f32_as_at_the_start() {
    for seed in 0..3 {
        let z = series::mixture(STEPS);
        let mut trainer = series::trainer::<Float, _, 20, 20>(Sgd::new(0.02), seed);
        series::learn(&mut trainer, &z[..20_000]);
        let float = &trainer.learner.net;
        let mut net = Fixed::ZERO;
        net.quantize(float);
        let (narrow, narrowest) = (net.0.0.to_i16(), net.0.0.to_i8());

        let mut exact = Float::INITIAL_STATE;
        let mut states = [Row::ZERO; 3];
        let mut errors = vec![];
        for &x in &z {
            float.step(&[x], &mut exact);
            let x = Row::from([x]);
            net.0.0.step(&x, &mut states[0]);
            narrow.step(&x, &mut states[1]);
            narrowest.step(&x, &mut states[2]);
            errors.push(states.map(|state| square_error(&state.to_f32(), &exact.0)));
        }
        for (n, limit) in [STATE_ERROR, STATE_ERROR, NARROW_ERROR].into_iter().enumerate() {
            let rms = |errors: &[[f64; 3]]| {
                (errors.iter().map(|error| error[n]).sum::<f64>() / errors.len() as f64).sqrt()
            };
            let (first, last) = (rms(&errors[..1000]), rms(&errors[STEPS - 10_000..]));
            println!(
                "seed {seed}, {} bits: {first:.1e} at the start, {last:.1e} at the end",
                [32, 16, 8][n]
            );
            assert!(first < limit && last < limit);
            assert!(last < 1.5 * first, "no larger at the end than at the start");
        }
    }
}

fn square_error(a: &[f32; 16], b: &[f32; 16]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / 16.0
}
