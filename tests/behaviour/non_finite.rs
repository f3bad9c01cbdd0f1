//! Nothing that is not finite reaches the network, and what was refused leaves no trace.

use elman::{
    Adam, AdamW, BinaryCrossEntropyWithLogits, Dense, Elman, Initialize, Learner, Momentum,
    NonFinite, Optimizer, Parameters, Pcg32, RmsProp, Sgd, Stack, StreamState, TrainError, Trainer,
};

type Net = Stack<(Elman<2, 6>, Elman<6, 5>, Dense<5, 2>)>;
type Guarded<O> = Trainer<Net, O, 3, 10>;

/// NaN, infinities, and numbers whose squares are infinite.
const BAD: [f32; 6] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e38, -1e38, f32::MAX];

#[test]
fn bad_samples_leave_no_trace() {
    leaves_no_trace(Sgd::new(0.02));
    leaves_no_trace(Momentum { nesterov: true, ..Momentum::new(0.005) });
    leaves_no_trace(RmsProp::new(0.001));
    leaves_no_trace(Adam::new(0.003));
    leaves_no_trace(AdamW::new(0.003));
}

/// Two trainers on one stream; one also gets bad samples, at random moments and many in a row.
fn leaves_no_trace<O: Optimizer<Net, State: PartialEq + core::fmt::Debug>>(optimizer: O) {
    let mut rng = Pcg32::new(3, 0);
    let (mut clean, mut struck) = (trainer(optimizer), trainer(optimizer));
    let mut refused = 0;
    for t in 0..5_000 {
        let (x, target) = sample(t);
        if rng.next_u32().is_multiple_of(20) {
            for _ in 0..=rng.next_u32() % 30 {
                strike(&mut struck, &mut rng, x, target);
                refused += 1;
            }
        }
        assert_eq!(struck.observe(&x, &target), clean.observe(&x, &target), "sample {t}");
    }
    println!("{refused} bad samples");
    assert_eq!(struck.learner.net, clean.learner.net);
    assert_eq!(struck.learner.optimizer_state(), clean.learner.optimizer_state());
    assert_eq!(struck.stream.state(), clean.stream.state());
    assert_eq!(struck.stream.steps(), clean.stream.steps() + refused);
    assert!(clean.learner.net != trainer(optimizer).learner.net); // it learned
}

fn trainer<O: Optimizer<Net>>(optimizer: O) -> Guarded<O> {
    let mut trainer = Trainer::new(optimizer);
    trainer.learner.net.init_pytorch(&mut Pcg32::new(7, 0));
    trainer.learner.max_norm = Some(1.0);
    trainer
}

fn sample(t: u32) -> ([f32; 2], [f32; 2]) {
    let at = |t: u32, period: u32| (t % period) as f32 / period as f32 - 0.5;
    ([at(t, 7), at(t, 11)], [at(t + 1, 7), at(t + 1, 11)])
}

/// A sample with one bad number in it, in a random place; the error says where and when.
fn strike<O: Optimizer<Net>>(
    trainer: &mut Guarded<O>,
    rng: &mut Pcg32,
    mut x: [f32; 2],
    mut target: [f32; 2],
) {
    let step = trainer.stream.steps();
    let bad = BAD[rng.next_u32() as usize % BAD.len()];
    let place = rng.next_u32() as usize % 5;
    let what = match place {
        0 | 1 => {
            x[place] = bad;
            NonFinite::Input
        }
        2 | 3 => {
            target[place - 2] = bad;
            NonFinite::Target
        }
        _ => {
            x[0] = bad;
            assert_eq!(trainer.predict(&x), Err(TrainError { what: NonFinite::Input, step }));
            return;
        }
    };
    assert_eq!(trainer.observe(&x, &target), Err(TrainError { what, step }));
}

/// The largest numbers that are let in do no harm either.
#[test]
fn the_largest_numbers_that_are_let_in() {
    let mut rng = Pcg32::new(4, 0);
    let mut trainer = trainer(Adam::new(0.003));
    let mut errors = 0;
    for t in 0..20_000 {
        let (mut x, mut target) = sample(t);
        if rng.next_u32().is_multiple_of(50) {
            let huge = if rng.next_u32().is_multiple_of(2) { 1.8e19 } else { -1e12 };
            if rng.next_u32().is_multiple_of(2) { x[0] = huge } else { target[1] = huge }
        }
        errors += u32::from(trainer.observe(&x, &target).is_err());
        assert!(finite(&trainer.learner.net));
    }
    let loss: f32 = (0..77)
        .map(|t| {
            let (x, target) = sample(t);
            trainer.observe(&x, &target).unwrap().loss
        })
        .sum::<f32>()
        / 77.0;
    println!("{errors} samples or updates refused; loss after it all {loss}");
    assert!(loss < 0.2); // a constant prediction has 0.167
}

fn finite<P: Parameters>(net: &P) -> bool {
    elman::global_norm(net) - elman::global_norm(net) == <P::Scalar as elman::ConstZero>::ZERO
}

type Tiny = Stack<(Elman<1, 1>, Dense<1, 1>)>;

fn tiny<O: Optimizer<Tiny>>(optimizer: O) -> Trainer<Tiny, O, 20, 20> {
    let mut trainer = Trainer::new(optimizer);
    trainer.learner.net.0.0.kernel.0[0][0] = 1.0;
    trainer.learner.net.0.0.recurrent_kernel.0[0][0] = 0.5;
    trainer.learner.net.0.1.kernel.0[0][0] = 1.0;
    trainer
}

/// An error that grows ten million times a step is infinite after a few.
#[test]
fn a_gradient_that_overflows() {
    for max_value in [None, Some(1.0)] {
        let mut trainer = tiny(Adam::new(0.01));
        trainer.learner.max_value = max_value;
        trainer.learner.net.0.0.recurrent_kernel.0[0][0] = 1e7;
        let before = trainer.learner.net.clone();

        for step in 0..60 {
            let result = trainer.observe(&[0.0], &[1.0]);
            if step % 20 == 19 {
                assert_eq!(result, Err(TrainError { what: NonFinite::Gradient, step }));
            } else {
                assert_eq!(result.map(|report| report.updated), Ok(false));
            }
        }
        assert_eq!(trainer.learner.net, before);
        assert_eq!(*trainer.learner.optimizer_state(), elman::ConstZero::ZERO);
        assert_eq!(trainer.learner.updates(), 0);

        trainer.learner.net.0.0.recurrent_kernel.0[0][0] = 0.5; // repaired, it learns at once
        for _ in 0..20 {
            let _ = trainer.observe(&[0.0], &[1.0]).unwrap();
        }
        assert_eq!(trainer.learner.updates(), 1);
        assert!(trainer.learner.net.0.1.bias[0] > 0.0);
    }
}

/// Two gradients that are finite and whose sum is infinite; clipped by value it would look sound.
#[test]
fn a_gradient_that_overflows_by_adding_up() {
    let mut trainer = Trainer::<Dense<1, 1>, Sgd, 2, 2>::new(Sgd::new(0.1));
    trainer.learner.max_value = Some(1.0);
    assert!(trainer.observe(&[1.8e19], &[9e18]).is_ok());
    let refused = Err(TrainError { what: NonFinite::Gradient, step: 1 });
    assert_eq!(trainer.observe(&[1.8e19], &[9e18]), refused);
    assert_eq!(trainer.learner.net, elman::ConstZero::ZERO);
}

#[test]
fn an_update_that_overflows() {
    let mut trainer = tiny(Sgd::new(f32::MAX));
    let before = trainer.learner.net.clone();
    for step in 0..20 {
        let result = trainer.observe(&[1.0], &[1e3]);
        assert!(step < 19 || result == Err(TrainError { what: NonFinite::Update, step }));
    }
    assert_eq!(trainer.learner.net, before);
}

#[test]
fn a_loss_that_overflows() {
    let mut trainer = tiny(Sgd::new(0.1));
    let before = trainer.learner.net.clone();
    for (step, target) in (0..).zip([1.2e19, -1.2e19]) {
        let result = trainer.observe(&[1.0], &[target]); // its square is finite, twice it squared is not
        assert_eq!(result, Err(TrainError { what: NonFinite::Loss, step }));
    }
    assert_eq!(trainer.flush(), Ok(false));
    assert_eq!(trainer.learner.net, before);
    assert_eq!(*trainer.stream.state(), ([0.0], [0.0]));
}

/// A network that was broken by someone else: the samples are refused, the state stays sound.
#[test]
fn a_weight_that_is_not_finite() {
    for bad in BAD {
        let mut trainer = tiny(Sgd::new(0.1));
        let _ = trainer.observe(&[0.3], &[0.1]).unwrap();
        let state = *trainer.stream.state();
        trainer.learner.net.0.1.kernel.0[0][0] = bad;
        let refused = Err(TrainError { what: NonFinite::State, step: 1 });
        assert_eq!(trainer.observe(&[0.3], &[0.1]), refused);
        assert_eq!(*trainer.stream.state(), state);

        trainer.learner.net.0.1.kernel.0[0][0] = 1.0;
        assert!(trainer.observe(&[0.3], &[0.1]).is_ok());
    }
}

/// A rule that was never set moves nothing.
#[test]
fn an_optimizer_of_zeros_moves_nothing() {
    let mut adam = tiny(<Adam as elman::ConstZero>::ZERO);
    let before = adam.learner.net.clone();
    for _ in 0..100 {
        let _ = adam.observe(&[0.1], &[1.0]);
    }
    assert_eq!(adam.learner.net, before);
}

/// `flush` comes after the newest step, and its error has the number of the next.
#[test]
fn flush_names_the_next_step() {
    let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(f32::MAX));
    let mut stream = StreamState::<_, 5, 5>::new();
    for _ in 0..3 {
        let _ = learner.observe(&mut stream, &[1.0], &[1e3]).unwrap();
    }
    assert_eq!(learner.flush(&mut stream), Err(TrainError { what: NonFinite::Update, step: 3 }));
}

/// Two terms of 3.2e38 each, whose slopes are 1.8e19.
#[test]
fn a_loss_that_overflows_where_its_gradient_does_not() {
    type Logits = Trainer<Dense<1, 2>, Sgd, 1, 1, BinaryCrossEntropyWithLogits>;
    let mut trainer = Logits::new(Sgd::new(0.0));
    trainer.learner.net.bias = [1.8e19, 1.8e19];
    let result = trainer.observe(&[0.0], &[-1.8e19, -1.8e19]);
    assert_eq!(result, Err(TrainError { what: NonFinite::Loss, step: 0 }));
}

/// Numbers that are finite and whose norm is not cannot be clipped to a norm.
#[test]
fn a_norm_that_overflows() {
    let mut trainer = Trainer::<Dense<1, 2>, Sgd, 1, 1>::new(Sgd::new(0.1));
    trainer.learner.max_norm = Some(1.0);
    let result = trainer.observe(&[1.8e19], &[9e18, 9e18]);
    assert_eq!(result, Err(TrainError { what: NonFinite::Gradient, step: 0 }));
    assert_eq!(trainer.learner.net, elman::ConstZero::ZERO);
}

#[test]
fn an_update_with_moments_that_overflows() {
    fn check<O: Optimizer<Dense<1, 1>>>(optimizer: O) {
        let mut trainer = Trainer::<_, O, 1, 1>::new(optimizer);
        let refused = (0..40).filter(|_| trainer.observe(&[1e-3], &[1e9]).is_err()).count();
        assert!(refused > 0 && finite(&trainer.learner.net));
    }
    check(RmsProp::new(f32::MAX));
    check(Adam::new(f32::MAX));
}
