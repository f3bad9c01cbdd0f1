//! The mistakes that recurrent nets are known for, one test each.

mod gradient;
mod numerics;
mod tape;

use crate::support::convert::{Testable, random, row};
use elman::{Dense, Elman, Pcg32, Stack, Tape};

/// A net in which layers of every kind lie on top of each other.
pub type Net<T> =
    Stack<(Elman<2, 3, T>, [Elman<3, 3, T>; 2], (Elman<3, 4, T>, Dense<4, 2, T>), Dense<2, 2, T>)>;

/// The bits of all numbers.
pub fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

/// The outputs of some steps, and the gradient of an error of ones at each of them.
pub fn run<N, const K: usize>(net: &N, tape: &mut Tape<N, K>, inputs: &[N::In]) -> (Vec<u64>, N)
where
    N: Testable<Out = [f64; 2]>,
{
    let mut outputs = vec![];
    for x in inputs {
        outputs.extend(row(tape.step(net, x)));
        tape.set_output_gradient(&[1.0, 1.0]);
    }
    let mut gradient = N::ZERO;
    tape.backward(net, &mut gradient);
    (bits(&outputs), gradient)
}

/// Random inputs.
pub fn inputs<const N: usize>(steps: usize, seed: u64) -> Vec<[f64; N]> {
    let mut rng = Pcg32::new(seed, 0);
    (0..steps).map(|_| random(&mut rng)).collect()
}

/// A handful of roundings of numbers below 1.
pub const ROUNDING: f64 = 1e-15;
