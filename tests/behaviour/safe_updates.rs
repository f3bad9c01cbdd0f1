//! `Optimizer::is_safe` is never true before an update that leaves a number that is not finite.

use elman::{
    Adam, AdamState, AdamW, ConstZero, Dense, Matrix, Momentum, MomentumState, Optimizer, Pcg32,
    RmsProp, RmsPropState, Sgd,
};

type Net = Dense<1, 2>;

/// Weights, gradients, states and hyper-parameters from zero to infinity, of both signs, and NaN.
#[test]
fn no_update_that_is_safe_leaves_a_number_that_is_not_finite() {
    let mut rng = Pcg32::new(11, 0);
    let mut cases = Cases::default();
    for _ in 0..300_000 {
        let rng = &mut rng;
        let hard = below(rng, 3) == 0;
        let learning_rate = number(rng, hard);
        let weight_decay = number(rng, hard);
        let decoupled = number(rng, hard);
        let epsilon = number(rng, hard);
        let (beta_1, beta_2, nesterov) = (decay(rng, hard), decay(rng, hard), below(rng, 2) == 0);

        cases.check(rng, hard, Sgd { learning_rate, weight_decay });
        cases.check(
            rng,
            hard,
            Momentum { learning_rate, momentum: beta_1, nesterov, weight_decay },
        );
        cases.check(rng, hard, RmsProp { learning_rate, alpha: beta_2, epsilon, weight_decay });
        let adam = Adam { learning_rate, beta_1, beta_2, epsilon, weight_decay };
        cases.check(rng, hard, adam);
        cases.check(rng, hard, AdamW { adam, weight_decay: decoupled });
    }
    println!("{cases:?}");
    assert!(cases.safe > cases.all / 10); // it does not always say no
    assert!(cases.refused_and_finite < cases.all / 4); // nor much too often
}

/// How often an update was safe, and how often it was refused without need.
#[derive(Debug, Default)]
struct Cases {
    all: u32,
    safe: u32,
    refused_and_finite: u32,
}

impl Cases {
    fn check<O>(&mut self, rng: &mut Pcg32, hard: bool, optimizer: O)
    where
        O: Optimizer<Net, State: Numbers> + core::fmt::Debug,
    {
        let (mut net, mut gradient, mut state) = (Net::ZERO, Net::ZERO, O::State::ZERO);
        net.set(&mut || number(rng, hard));
        gradient.set(&mut || number(rng, hard));
        state.set(&mut || number(rng, hard));

        let safe = optimizer.is_safe(&net, &gradient, &state);
        optimizer.update(&mut net, &gradient, &mut state);
        let finite = net.all_finite() && state.all_finite();
        assert!(finite || !safe, "{optimizer:?}, {gradient:?} leaves {net:?}");
        self.all += 1;
        self.safe += u32::from(safe);
        self.refused_and_finite += u32::from(finite && !safe);
    }
}

/// Mostly a usual number; where it is `hard`, also one of any size, with any bits.
fn number(rng: &mut Pcg32, hard: bool) -> f32 {
    const ENDS: [f32; 12] = [
        0.0,
        1e-45,
        f32::MIN_POSITIVE,
        1e-30,
        1.0,
        1e12,
        1.8e19,
        1.9e19,
        1e30,
        f32::MAX,
        f32::INFINITY,
        f32::NAN,
    ];
    let x = match below(rng, if hard { 8 } else { 4 }) {
        0 => 0.0,
        1..=4 => rng.uniform_symmetric(),
        5 | 6 => ENDS[below(rng, ENDS.len() as u32) as usize],
        _ => f32::from_bits(rng.next_u32()),
    };
    if below(rng, 4) == 0 { -x } else { x.abs() }
}

fn below(rng: &mut Pcg32, n: u32) -> u32 {
    rng.next_u32() % n
}

/// The decay of a mean: mostly below 1; where it is `hard`, any number.
fn decay(rng: &mut Pcg32, hard: bool) -> f32 {
    match below(rng, if hard { 6 } else { 4 }) {
        0..=2 => [0.9, 0.999, 0.99][below(rng, 3) as usize],
        3 => 0.5 + 0.5 * rng.uniform_symmetric::<f32>(),
        4 => [1.0, 1.000_000_1, 2.0, -1.0][below(rng, 4) as usize],
        _ => number(rng, true),
    }
}

/// What is finite and of usual size is not refused.
#[test]
fn updates_with_usual_numbers_are_safe() {
    for learning_rate in [1e-5, 1e-3, 1.0] {
        for weight_decay in [0.0, 0.01, 1.0] {
            accepted(Sgd { learning_rate, weight_decay });
            for nesterov in [false, true] {
                accepted(Momentum { weight_decay, nesterov, ..Momentum::new(learning_rate) });
            }
            accepted(RmsProp { weight_decay, ..RmsProp::new(learning_rate) });
            accepted(Adam { weight_decay, ..Adam::new(learning_rate) });
            accepted(AdamW { weight_decay, ..AdamW::new(learning_rate) });
        }
    }
}

/// Thirty updates, with gradients up to those that the documentation names.
fn accepted<O: Optimizer<Net> + core::fmt::Debug>(optimizer: O) {
    for size in [0.0, 1e-40, 1e-20, 1.0, 1e6, 9.9e17] {
        let mut net = Dense { kernel: Matrix([[size, -size]]), bias: [0.5, 0.0] };
        let mut state = O::State::ZERO;
        for n in 0..30 {
            let g = if n % 3 == 0 { size } else { -size };
            let gradient = Dense { kernel: Matrix([[g, 0.0]]), bias: [1e-3 * g, g] };
            assert!(optimizer.is_safe(&net, &gradient, &state), "{optimizer:?}, {size}, {n}");
            optimizer.update(&mut net, &gradient, &mut state);
        }
    }
}

/// The cases in which `is_safe` may be false before a finite update, as the documentation has them.
#[test]
fn refused_updates() {
    let refused = |w: [f32; 2], g: [f32; 2], rate| {
        let net = Dense { kernel: Matrix([w]), bias: [0.0; 2] };
        let gradient = Dense { kernel: Matrix([g]), bias: [0.0; 2] };
        !Sgd::new(rate).is_safe(&net, &gradient, &())
    };
    assert!(refused([3e38, 0.0], [0.0, 3e38], 1.0)); // the largest are at different weights
    assert!(refused([3e38, 0.0], [3e38, 0.0], 1.0)); // the step has the other sign
    assert!(!refused([3e38, 0.0], [0.0, 3e37], 1.0));

    let gradient = Dense { kernel: Matrix([[1.0, 1.0]]), bias: [1.0, 1.0] };
    let large = Dense { kernel: Matrix([[3.38e38, 0.0]]), bias: [0.0; 2] };
    let adam = Adam { epsilon: 1.0, ..Adam::new(1e37) };
    assert!(!adam.is_safe(&large, &gradient, &AdamState::ZERO)); // weight and step, but neither alone
    assert!(adam.is_safe(&Net::ZERO, &gradient, &AdamState::ZERO));
    for epsilon in [0.0, -1e-8, f32::NAN, 1e-39] {
        let adam = Adam { epsilon, ..Adam::new(1.0) };
        assert!(!adam.is_safe(&Net::ZERO, &gradient, &AdamState::ZERO), "epsilon {epsilon}");
    }
}

/// The state of an optimiser, number by number.
trait Numbers {
    fn set(&mut self, next: &mut dyn FnMut() -> f32);
    fn all_finite(&self) -> bool;
}

impl Numbers for () {
    fn set(&mut self, _: &mut dyn FnMut() -> f32) {}
    fn all_finite(&self) -> bool {
        true
    }
}

impl Numbers for Net {
    fn set(&mut self, next: &mut dyn FnMut() -> f32) {
        self.kernel.as_mut_slice().iter_mut().chain(&mut self.bias).for_each(|x| *x = next());
    }
    fn all_finite(&self) -> bool {
        self.kernel.as_slice().iter().chain(&self.bias).all(|x| x.is_finite())
    }
}

impl Numbers for MomentumState<Net> {
    fn set(&mut self, next: &mut dyn FnMut() -> f32) {
        self.velocity.set(next);
    }
    fn all_finite(&self) -> bool {
        self.velocity.all_finite()
    }
}

impl Numbers for RmsPropState<Net> {
    fn set(&mut self, next: &mut dyn FnMut() -> f32) {
        self.mean_square.set(next);
    }
    fn all_finite(&self) -> bool {
        self.mean_square.all_finite()
    }
}

impl Numbers for AdamState<Net> {
    fn set(&mut self, next: &mut dyn FnMut() -> f32) {
        self.mean.set(next);
        self.mean_square.set(next);
        self.corrections = [next(), next()];
    }
    fn all_finite(&self) -> bool {
        let corrections = self.corrections.iter().all(|x| x.is_finite());
        corrections && self.mean.all_finite() && self.mean_square.all_finite()
    }
}
