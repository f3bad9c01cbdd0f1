//! The leaky cell at its limits: no leak, no learning of the leak, the leak of a time constant.

use elman::{
    Backward, ConstZero, Dense, Elman, Initialize, Layer, LeakyElman, Optimizer, Parameters, Pcg32,
    Sgd, Stack, Tape, squared_error, time_constants,
};

const K: usize = 7;

/// Trains by truncated BPTT(7, 7), from initial weights of one seed; returns every output's bits.
fn train<N>(net: &mut N) -> Vec<u32>
where
    N: Backward<In = [f32; 2], Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>,
{
    let (mut tape, mut gradient) = (Tape::<N, K>::new(), N::ZERO);
    let mut rng = Pcg32::new(7, 0);
    (0..300)
        .map(|_| {
            let x = [rng.uniform_symmetric(), rng.uniform_symmetric()];
            let y = *tape.step(net, &x);
            tape.set_output_gradient(&squared_error(&y, &[x[0] * x[1]]).1);
            if tape.due::<K>() {
                tape.backward(net, &mut gradient);
                Sgd::new(0.05).update(net, &gradient, &mut ());
                gradient.set_zero();
            }
            y[0].to_bits()
        })
        .collect()
}

/// With a = 0 a whole run of training has the bits of the cell without a leak.
#[test]
fn without_a_leak_it_is_the_tanh_cell_to_the_bit() {
    let mut plain = Stack::<(Elman<2, 6>, Dense<6, 1>)>::ZERO;
    plain.init_keras(&mut Pcg32::new(1, 0));
    let before = plain.clone();
    let mut leaky = Stack::<(LeakyElman<2, 6>, Dense<6, 1>)>::ZERO;
    leaky.init_keras(&mut Pcg32::new(1, 0));
    leaky.0.0.decay_logit = [-20.0; 6];

    assert_eq!(train(&mut plain), train(&mut leaky));
    assert_eq!((&plain.0.0.kernel, &plain.0.1), (&leaky.0.0.kernel, &leaky.0.1));
    assert_eq!(plain.0.0.recurrent_kernel, leaky.0.0.recurrent_kernel);
    assert_eq!(leaky.0.0.decay_logit, [-20.0; 6], "a closed gate has no slope");
    assert_ne!(plain, before, "trained");
}

#[test]
fn a_fixed_decay_does_not_learn() {
    type Net<const LEARN: bool> = Stack<(LeakyElman<2, 6, f32, LEARN>, Dense<6, 1>)>;
    fn learned<const LEARN: bool>() -> Net<LEARN> {
        let mut net = Net::<LEARN>::ZERO;
        net.init_pytorch(&mut Pcg32::new(1, 0));
        time_constants(&mut net.0.0.decay_logit, 2.0, 20.0);
        train(&mut net);
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
