//! The leaky cell at its limits: no leak, no learning of the leak, the leak of a time constant.

use elman::{
    Backward, ConstZero, Dense, Elman, Initialize, Layer, LeakyElman, Optimizer, Parameters, Pcg32,
    Sgd, Stack, Tape, squared_error, time_constants,
};

const K: usize = 7;

/// Trains by truncated BPTT(`K1`, 7) on the inputs of a seed; returns every output's bits.
fn train<const K1: usize, N>(net: &mut N, seed: u64) -> Vec<u32>
where
    N: Backward<In = [f32; 2], Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>,
{
    let (mut tape, mut gradient) = (Tape::<N, K>::new(), N::ZERO);
    let mut rng = Pcg32::new(seed, 0);
    (0..300)
        .map(|_| {
            let x = [rng.uniform_symmetric(), rng.uniform_symmetric()];
            let y = *tape.step(net, &x);
            tape.set_output_gradient(&squared_error(&y, &[x[0] * x[1]]).1);
            if tape.due::<K1>() {
                tape.backward(net, &mut gradient);
                Sgd::new(0.05).update(net, &gradient, &mut ());
                gradient.set_zero();
            }
            y[0].to_bits()
        })
        .collect()
}

/// With a = 0 whole runs of training have the bits of the cell without a leak, for every k1 ≤ k2: at each
/// layer of a stack, so that the gradient of inputs has them too.
#[test]
fn without_a_leak_it_is_the_tanh_cell_to_the_bit() {
    for seed in 0..10 {
        without_a_leak::<K>(seed);
        without_a_leak::<3>(seed);
        without_a_leak::<1>(seed);
    }
}

fn without_a_leak<const K1: usize>(seed: u64) {
    let mut plain = Stack::<(Elman<2, 6>, Elman<6, 5>, Dense<5, 1>)>::ZERO;
    plain.init_keras(&mut Pcg32::new(seed, 1));
    let before = plain.clone();
    let mut leaky = Stack::<(LeakyElman<2, 6>, LeakyElman<6, 5>, Dense<5, 1>)>::ZERO;
    leaky.init_keras(&mut Pcg32::new(seed, 1));
    (leaky.0.0.decay_logit, leaky.0.1.decay_logit) = ([-20.0; 6], [-20.0; 5]);

    let outputs = [train::<K1, _>(&mut plain, seed), train::<K1, _>(&mut leaky, seed)];
    assert!(outputs[0] == outputs[1], "k1 = {K1}, seed {seed}");
    let (Stack((first, second, dense)), Stack((leaky_first, leaky_second, leaky_dense))) =
        (&plain, &leaky);
    assert_eq!(first.kernel, leaky_first.kernel);
    assert_eq!(first.recurrent_kernel, leaky_first.recurrent_kernel);
    assert_eq!(second.kernel, leaky_second.kernel);
    assert_eq!(second.recurrent_kernel, leaky_second.recurrent_kernel);
    assert_eq!(dense, leaky_dense);
    assert_eq!(leaky_first.decay_logit, [-20.0; 6], "a closed gate has no slope");
    assert_ne!(plain, before, "trained");
}

#[test]
fn a_fixed_decay_does_not_learn() {
    type Net<const LEARN: bool> = Stack<(LeakyElman<2, 6, f32, LEARN>, Dense<6, 1>)>;
    fn learned<const LEARN: bool>() -> Net<LEARN> {
        let mut net = Net::<LEARN>::ZERO;
        net.init_pytorch(&mut Pcg32::new(1, 0));
        time_constants(&mut net.0.0.decay_logit, 2.0, 20.0);
        train::<K, _>(&mut net, 7);
        net
    }
    let mut logits = [0.0; 6];
    time_constants(&mut logits, 2.0, 20.0);
    let (fixed, free) = (learned::<false>(), learned::<true>());
    assert_eq!(fixed.0.0.decay_logit, logits);
    assert_ne!(free.0.0.decay_logit, logits);
    assert_eq!((Net::<false>::TENSORS, Net::<true>::TENSORS), (3 + 2, 4 + 2));
}

/// Without input a unit falls to 1/e after its time constant, about: (1 − 1/τ)^τ.
#[test]
fn a_state_decays_with_its_time_constant() {
    let mut cell = LeakyElman::<1, 5, f64>::ZERO;
    time_constants(&mut cell.decay_logit, 2.0, 512.0);
    for (unit, steps) in [2, 8, 32, 128, 512].into_iter().enumerate() {
        let mut h = [1.0; 5];
        (0..steps).for_each(|_| _ = cell.step(&[0.0], &mut h));
        let expected = (1.0 - 1.0 / f64::from(steps)).powi(steps);
        assert!((h[unit] - expected).abs() < 1e-9, "{} after {steps} steps", h[unit]);
    }
}
