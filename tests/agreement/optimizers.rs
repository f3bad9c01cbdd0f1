//! Optimisers, clipping and schedules against PyTorch: whole training runs.

use crate::support::pytorch_runs::{Net, Run, goldens};
use elman::{
    Adam, AdamW, ConstZero, Decay, Dense, Layer, Learner, Limit, Matrix, Momentum, MomentumState,
    Optimizer, Parameters, Reduction, RmsProp, RmsPropState, Schedule, Sgd, Stack, StreamState,
    clip_grad_norm, clip_grad_norm_with_epsilon, global_norm,
};

/// The same sums in another order, 16 updates long.
const WEIGHTS: f64 = 1e-12;
/// A norm or a loss is a sum of larger numbers.
const SUMS: f64 = 1e-11;
/// What PyTorch's `clip_grad_norm_` adds to a norm before it divides by it.
const TORCH_EPSILON: f64 = 1e-6;

#[test]
fn every_optimiser_is_pytorchs() {
    let mut worst = 0.0_f64;
    for run in &goldens().runs {
        let off = match run.rule.as_str() {
            "sgd" => {
                replay(run, Sgd { weight_decay: run.weight_decay, ..Sgd::new(run.learning_rate) })
            }
            "momentum" => replay(run, momentum(run, false)),
            "nesterov" => replay(run, momentum(run, true)),
            "rms_prop" => replay(
                run,
                RmsProp { weight_decay: run.weight_decay, ..RmsProp::new(run.learning_rate) },
            ),
            "adam" => {
                replay(run, Adam { weight_decay: run.weight_decay, ..Adam::new(run.learning_rate) })
            }
            "adam_w" => replay(
                run,
                AdamW { weight_decay: run.weight_decay, ..AdamW::new(run.learning_rate) },
            ),
            rule => panic!("{rule} is none of ours"),
        };
        println!("{:9} decay {} off by {off:.1e}", run.rule, run.weight_decay);
        worst = worst.max(off);
    }
    println!("worst weight off by {worst:.1e}");
    assert!(worst < WEIGHTS);
}

fn momentum(run: &Run, nesterov: bool) -> Momentum<f64> {
    Momentum {
        momentum: run.momentum,
        nesterov,
        weight_decay: run.weight_decay,
        ..Momentum::new(run.learning_rate)
    }
}

/// The largest difference of a final weight.
fn replay(run: &Run, optimizer: impl Optimizer<Net>) -> f64 {
    const K: usize = 5;
    let goldens = goldens();
    assert_eq!(goldens.k, K);
    assert!(run.losses.len() >= 12);

    let mut learner = Learner::<Net, _>::new(optimizer);
    learner.net = run.initial_net();
    learner.max_norm = run.max_norm.map_or(Limit::Off, Limit::At);
    learner.max_output_gradient = Limit::Off;
    learner.norm_epsilon = TORCH_EPSILON;
    learner.reduction = Reduction::Sum;
    learner.max_value = run.max_value;
    if run.scheduled {
        learner.schedule = warm_up_and_cosine();
    }
    let mut stream = StreamState::<Net, K, K>::new();

    let mut window = 0.0;
    let mut losses = run.losses.iter();
    for (x, target) in goldens.inputs.iter().zip(&goldens.targets) {
        let report = learner.observe(&mut stream, x, target).unwrap();
        window += report.loss;
        if report.update.is_done() {
            assert!((window - losses.next().unwrap()).abs() < SUMS);
            window = 0.0;
        }
    }
    assert_eq!(losses.next(), None);
    distance(&learner.net, &run.final_net())
}

fn distance<P: Parameters<Tensor = [f64]>>(a: &P, b: &P) -> f64 {
    let mut largest = 0.0_f64;
    for n in 0..P::TENSORS {
        for (a, b) in a.tensor(n).iter().zip(b.tensor(n)) {
            largest = largest.max((a - b).abs());
        }
    }
    largest
}

/// The same, by hand: what a `Learner` does is what the pieces do.
#[test]
fn by_hand_is_the_same() {
    let goldens = goldens();
    let run = goldens.runs.iter().find(|run| run.rule == "adam" && run.scheduled).unwrap();
    let adam = Adam { weight_decay: run.weight_decay, ..Adam::new(run.learning_rate) };

    let mut net = run.initial_net();
    let mut gradient = Net::ZERO;
    let mut moments = <Adam<f64> as Optimizer<Net>>::State::ZERO;
    let mut tape = elman::Tape::<Net, 5>::new();
    let mut updates = 0;
    for (x, target) in goldens.inputs.iter().zip(&goldens.targets) {
        let (_, d_y) = elman::squared_error(tape.step(&net, x), target);
        tape.set_output_gradient(&d_y);
        if tape.due::<5>() {
            tape.backward(&net, &mut gradient);
            let limit = run.max_norm.unwrap();
            let norm = clip_grad_norm_with_epsilon(&mut gradient, limit, TORCH_EPSILON);
            assert!((norm - run.gradient_norms[updates as usize]).abs() < SUMS);
            let rate = warm_up_and_cosine().factor(updates);
            Optimizer::<Net>::with_rate_scaled(adam, rate).update(
                &mut net,
                &gradient,
                &mut moments,
            );
            gradient.set_zero();
            updates += 1;
        }
    }
    assert!(distance(&net, &run.final_net()) < WEIGHTS);
}

fn warm_up_and_cosine() -> Schedule<f64> {
    Schedule::cosine(12, 0.1).after_warm_up(4)
}

#[test]
fn every_schedule_is_pytorchs() {
    let mut worst = 0.0_f64;
    for golden in goldens().schedules {
        let schedule = match golden.name.as_str() {
            "step" => Schedule::step(7, 0.5),
            "exponential" => Schedule::exponential(0.97),
            "cosine" => Schedule::cosine(30, 0.1),
            "warm-up and cosine" => warm_up_and_cosine(),
            name => panic!("{name} is none of ours"),
        };
        for (n, expected) in (0..).zip(&golden.factors) {
            worst = worst.max((schedule.factor(n) - expected).abs());
        }
    }
    println!("worst factor off by {worst:.1e}");
    assert!(worst < 1e-14); // PyTorch multiplies its rates up, so its own rounding adds up
}

/// In `f32`: the last place of a factor, over a long cosine.
#[test]
fn a_cosine_in_f32() {
    const LENGTH: u32 = 100_000;
    let (short, long) = (Schedule::cosine(LENGTH, 0.0_f32), Schedule::cosine(LENGTH, 0.0_f64));
    let mut worst = 0.0_f64;
    for n in 0..=LENGTH + 1 {
        let exact = (1.0
            + (core::f64::consts::PI * f64::from(n.min(LENGTH)) / f64::from(LENGTH)).cos())
            / 2.0;
        assert!((long.factor(n) - exact).abs() < 1e-15);
        worst = worst.max((f64::from(short.factor(n)) - exact).abs());
        assert!((0.0..=1.0).contains(&short.factor(n)));
    }
    println!("worst factor off by {worst:.1e}");
    assert!(worst < 4e-7); // a few roundings near 1
}

#[test]
fn a_schedule_has_no_end() {
    assert_eq!(Schedule::<f32>::constant().factor(u32::MAX), 1.0);
    assert_eq!(Schedule::step(0, 0.5_f32).factor(9), 1.0); // never due
    assert_eq!(Schedule::exponential(0.5_f32).factor(u32::MAX), 0.0);
    assert_eq!(Schedule::cosine(0, 0.25_f32).factor(0), 0.25);
    let warm_up = Schedule { warm_up: u32::MAX, decay: Decay::<f64>::Constant };
    assert_eq!(warm_up.factor(u32::MAX), 1.0);
    assert!(warm_up.factor(u32::MAX - 1) <= 1.0);
}

/// What each optimiser costs in RAM, as a constant: the table of the documentation.
#[test]
fn each_optimiser_takes_the_ram_of_the_documentation() {
    type Small = Stack<(elman::Elman<3, 16>, Dense<16, 2>)>;
    const NET: usize = 4 * (3 * 16 + 16 * 16 + 16 + 16 * 2 + 2);
    assert_eq!(size_of::<Small>(), NET);
    assert_eq!(<Sgd as Optimizer<Small>>::RAM, 0);
    assert_eq!(<Momentum as Optimizer<Small>>::RAM, NET);
    assert_eq!(<RmsProp as Optimizer<Small>>::RAM, NET);
    assert_eq!(<Adam as Optimizer<Small>>::RAM, 2 * NET + 2 * 4);
    assert_eq!(<AdamW as Optimizer<Small>>::RAM, 2 * NET + 2 * 4);
}

/// No moment stays a subnormal number when the gradient is zero for good.
#[test]
fn moments_end_at_zero() {
    let gradient = Dense { kernel: Matrix([[1e-15, 1.0_f32]]), bias: [1e-30, -1.0] };
    let still = Dense::ZERO;
    let mut net = Dense::<1, 2>::ZERO;

    let mut velocity = MomentumState { velocity: Dense::ZERO };
    let mut square = RmsPropState { mean_square: Dense::ZERO };
    let mut moments = <Adam as Optimizer<Dense<1, 2>>>::State::ZERO;
    for n in 0..150_000 {
        let gradient = if n == 0 { &gradient } else { &still };
        Momentum::new(1e-3).update(&mut net, gradient, &mut velocity);
        RmsProp::new(1e-3).update(&mut net, gradient, &mut square);
        Adam::new(1e-3).update(&mut net, gradient, &mut moments);
    }
    for moment in [velocity.velocity, square.mean_square, moments.mean, moments.mean_square] {
        assert_eq!(moment, still);
    }
}

/// The smallest normal number is not too small.
#[test]
fn the_smallest_moment_stays() {
    const SMALLEST: f32 = f32::MIN_POSITIVE;
    let gradient = |bias| Dense::<1, 1> { bias: [bias], ..ConstZero::ZERO };
    let mut net = Dense::<1, 1>::ZERO;
    let mut velocity = MomentumState { velocity: Dense::ZERO };
    Momentum::new(1.0).update(&mut net, &gradient(SMALLEST), &mut velocity);
    assert_eq!((velocity.velocity.bias, net.bias), ([SMALLEST], [-SMALLEST]));

    let mut square = RmsPropState { mean_square: Dense::ZERO };
    let root = 2_f32.powi(-63);
    let whole = RmsProp { alpha: 0.0, ..RmsProp::new(1e-3) };
    whole.update(&mut net, &gradient(root), &mut square);
    assert_eq!(square.mean_square.bias, [SMALLEST]);
}

#[test]
fn clipping_by_norm() {
    let mut gradient = Dense { kernel: Matrix([[3e30_f32, 0.0]]), bias: [-4e30, 0.0] };
    assert_eq!(clip_grad_norm(&mut gradient, 1.0), 5e30); // the squares would overflow
    assert!((global_norm(&gradient) - 1.0).abs() < 1e-6);
    assert!((gradient.kernel.0[0][0] - 0.6).abs() < 1e-6);

    let unclipped = gradient.clone();
    let _ = clip_grad_norm(&mut gradient, 2.0);
    assert_eq!(gradient, unclipped);

    gradient.bias[1] = f32::NAN;
    assert!(clip_grad_norm(&mut gradient, 1.0).is_nan());
    assert_eq!(gradient.kernel, unclipped.kernel);
}

/// A layer as a network, so that `Layer` is enough for a learner.
#[test]
fn a_single_layer_learns() {
    let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    let mut stream = StreamState::<_, 1, 1>::new();
    for n in 0..200 {
        let x = (n % 5) as f32 / 5.0;
        learner.observe(&mut stream, &[x], &[2.0 * x - 1.0]).unwrap();
    }
    assert!((learner.net.step(&[0.5], &mut [0.0])[0] - 0.0).abs() < 1e-2);
}
