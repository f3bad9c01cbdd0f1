//! A trainer does what its pieces do by hand.

use core::num::NonZeroU32;
use std::sync::Mutex;

use elman::{
    Adam, AdamW, ConstZero, Dense, EarlyStopping, Elman, Initialize, Layer, Learner, Limit, Matrix,
    Momentum, Optimizer, Parameters, Pcg32, Reduction, Report, RmsProp, Sgd, SoftmaxCrossEntropy,
    Stack, StreamState, Tape, TrainErrorKind, Trainer, Update, clip_grad_norm,
    softmax_cross_entropy, squared_error,
};

type Net = Stack<(Elman<1, 5>, Dense<5, 1>)>;

fn net() -> Net {
    let mut net = Net::ZERO;
    net.init_pytorch(&mut Pcg32::new(11, 0));
    net
}

fn signal(t: usize) -> f32 {
    (t * t % 13) as f32 / 13.0
}

/// Truncated BPTT(3, 7) by hand, a target at every other step: the same bits.
#[test]
fn observe_and_predict_are_truncated_bptt() {
    let rule = Sgd::new(0.05);
    let mut trainer = Trainer::<Net, Sgd, 3, 7>::new(rule);
    trainer.learner.net = net();
    trainer.learner.max_norm = Limit::At(0.5);
    trainer.learner.reduction = Reduction::Sum;

    let (mut net, mut gradient, mut tape) = (net(), Net::ZERO, Tape::<Net, 7>::new());
    for t in 0..500 {
        let x = [signal(t)];
        let y = *tape.step(&net, &x);
        if t % 2 == 0 {
            let (loss, d_y) = squared_error(&y, &[signal(t + 1)]);
            tape.set_output_gradient(&d_y);
            let report = trainer.observe(&x, &[signal(t + 1)]).unwrap();
            let Report { prediction, loss: reported, update, .. } = report;
            assert_eq!((prediction, reported, update.is_done()), (y, loss, t % 3 == 2));
        } else {
            assert_eq!(trainer.predict(&x), Ok(y));
        }
        if tape.due::<3>() {
            tape.backward(&net, &mut gradient);
            let _ = clip_grad_norm(&mut gradient, 0.5);
            rule.update(&mut net, &gradient, &mut ());
            gradient.set_zero();
        }
        assert_eq!(trainer.learner.net, net);
    }
}

/// A window without a target changes nothing, not even what only time would change.
#[test]
fn a_window_without_a_target_is_no_update() {
    let mut trainer = Trainer::<Net, Momentum, 2, 4>::new(Momentum::new(0.1));
    trainer.learner.net = net();
    for t in 0..4 {
        let _ = trainer.observe(&[signal(t)], &[1.0]).unwrap();
    }
    let learned = trainer.learner.net.clone();
    for t in 0..9 {
        let _ = trainer.predict(&[signal(t)]).unwrap();
    }
    assert_eq!((trainer.learner.updates(), &trainer.learner.net), (2, &learned));
}

/// The end of a sequence: the rest of a window counts, once.
#[test]
fn flush_learns_from_a_partial_window() {
    let mut trainer = Trainer::<Net, Sgd, 5, 5>::new(Sgd::new(0.1));
    trainer.learner.net = net();
    (trainer.learner.reduction, trainer.learner.max_norm) = (Reduction::Sum, Limit::Off);
    let (mut net, mut gradient, mut tape) = (net(), Net::ZERO, Tape::<Net, 5>::new());
    for t in 0..7 {
        let _ = trainer.observe(&[signal(t)], &[0.5]).unwrap();
        let (_, d_y) = squared_error(tape.step(&net, &[signal(t)]), &[0.5]);
        tape.set_output_gradient(&d_y);
        if t == 4 || t == 6 {
            gradient.set_zero();
            tape.backward(&net, &mut gradient);
            Sgd::new(0.1).update(&mut net, &gradient, &mut ());
        }
    }
    assert_eq!(trainer.flush(), Ok(true));
    assert_eq!(trainer.flush(), Ok(false));
    assert_eq!(trainer.learner.net, net);
}

#[test]
fn reset_starts_a_sequence_from_nothing() {
    let mut used = Trainer::<Net, Sgd, 3, 6>::new(Sgd::new(0.1));
    used.learner.net = net();
    used.learner.reduction = Reduction::Mean;
    for t in 0..8 {
        let _ = used.observe(&[signal(t)], &[0.5]).unwrap(); // two steps wait in an open window
    }
    used.reset();
    let mut fresh = Trainer::<Net, Sgd, 3, 6>::new(Sgd::new(0.1));
    fresh.learner.net = used.learner.net.clone();
    fresh.learner.reduction = Reduction::Mean;
    for t in 0..20 {
        let (x, target) = ([signal(t + 3)], [signal(t)]);
        assert_eq!(used.observe(&x, &target), fresh.observe(&x, &target));
    }
    assert_eq!(used.learner.net, fresh.learner.net);
}

type Classifier = Stack<(Elman<2, 4>, Dense<4, 3>)>;

/// Sequences of 1 to 12 steps with a label at the end, three to an update, through 8 steps at most.
#[test]
fn sequences_with_a_label_at_the_end() {
    let mut trainer = Trainer::<Classifier, Sgd, 8, 8, SoftmaxCrossEntropy>::new(Sgd::new(0.2));
    trainer.learner.net.init_keras(&mut Pcg32::new(5, 0));
    trainer.learner.batch = NonZeroU32::new(3);
    trainer.learner.reduction = Reduction::Mean;

    let mut net = trainer.learner.net.clone();
    let (mut gradient, mut tape) = (Classifier::ZERO, Tape::<Classifier, 8>::new());
    for sequence in 0..30 {
        let label = sequence % 3;
        for t in 0..1 + sequence % 12 {
            let x = [signal(t + label), signal(t)];
            let _ = trainer.predict(&x).unwrap();
            let _ = tape.step(&net, &x);
        }
        let report = trainer.finish(&label).unwrap();

        let (loss, d_y) = softmax_cross_entropy(&report.prediction, label);
        assert_eq!((report.loss, report.update.is_done()), (loss, sequence % 3 == 2));
        tape.set_output_gradient(&d_y);
        tape.backward(&net, &mut gradient);
        tape.reset(Classifier::INITIAL_STATE);
        if sequence % 3 == 2 {
            gradient.scale(1.0 / 3.0);
            Sgd::new(0.2).update(&mut net, &gradient, &mut ());
            gradient.set_zero();
        }
        assert_eq!(trainer.learner.net, net);
    }
}

/// A bad label ends the sequence as well, and is not learned.
#[test]
fn a_label_that_does_not_exist() {
    let mut trainer = Trainer::<Classifier, Sgd, 8, 8, SoftmaxCrossEntropy>::new(Sgd::new(0.2));
    trainer.learner.net.init_keras(&mut Pcg32::new(5, 0));
    let before = trainer.learner.net.clone();
    let _ = trainer.predict(&[0.1, 0.2]).unwrap();
    assert!(trainer.finish(&3).is_err());
    assert_eq!(trainer.learner.net, before);
    assert_eq!(*trainer.stream.state(), Classifier::INITIAL_STATE);
}

/// Without a step there is nothing to learn from: a label alone is no update.
#[test]
fn a_label_without_a_sequence() {
    let mut trainer =
        Trainer::<Classifier, Momentum, 8, 8, SoftmaxCrossEntropy>::new(Momentum::new(0.2));
    trainer.learner.net.init_keras(&mut Pcg32::new(5, 0));
    let before = trainer.learner.net.clone();
    let error = trainer.finish(&1).unwrap_err();
    assert_eq!(error.kind, TrainErrorKind::NoStep);
    assert_eq!(trainer.learner.updates(), 0);
    assert_eq!(trainer.learner.net, before);
}

/// Two streams, one network, one update for both.
#[test]
fn several_streams_with_one_network() {
    let mut learner = Learner::<Net, Sgd>::new(Sgd::new(0.02));
    learner.net = net();
    learner.batch = NonZeroU32::new(2);
    (learner.reduction, learner.max_norm) = (Reduction::Sum, Limit::Off);
    let mut streams = [StreamState::<Net, 4, 8>::new(), StreamState::new()];

    let (mut net, mut gradient) = (net(), Net::ZERO);
    let mut tapes = [Tape::<Net, 8>::new(), Tape::new()];
    for t in 0..200 {
        for (n, (stream, tape)) in streams.iter_mut().zip(&mut tapes).enumerate() {
            let (x, target) = ([signal(t + 5 * n)], [signal(t)]);
            let report = learner.observe(stream, &x, &target).unwrap();
            let (_, d_y) = squared_error(tape.step(&net, &x), &target);
            tape.set_output_gradient(&d_y);
            assert_eq!(&report.prediction, Net::output(tape.state()));
        }
        if tapes[0].due::<4>() {
            for tape in &mut tapes {
                tape.backward(&net, &mut gradient);
            }
            Sgd::new(0.02).update(&mut net, &gradient, &mut ());
            gradient.set_zero();
        }
        assert_eq!(learner.net, net);
    }
}

/// A learning rate far too high makes the error rise: back to the best, with a lower one.
#[test]
fn rolls_back_when_the_validation_error_rises() {
    let mut trainer = Trainer::<Net, Momentum, 5, 10>::new(Momentum::new(0.01));
    trainer.learner.net = net();
    let mut best = EarlyStopping::new();
    assert!(!trainer.roll_back(&mut best)); // nothing to go back to

    let mut rolled_back = 0;
    for round in 0..60 {
        if round == 30 {
            trainer.learner.optimizer = Momentum::new(1.0); // a mistake in the field
        }
        for t in 0..100 {
            let _ = trainer.observe(&[signal(t)], &[signal(t + 1)]);
        }
        best.update(&trainer.learner.net, validation_error(&trainer.learner.net));
        if best.wait() >= 3 && round >= 30 {
            assert!(trainer.roll_back(&mut best));
            assert_eq!(
                *trainer.learner.optimizer_state(),
                elman::MomentumState { velocity: Net::ZERO }
            );
            trainer.learner.optimizer = Momentum::new(0.001);
            rolled_back += 1;
        }
    }
    let error = validation_error(&trainer.learner.net);
    println!("rolled back {rolled_back} times, error {error}, best {:?}", best.error());
    assert!(rolled_back >= 1 && error < 1.5 * best.error().unwrap());
}

fn validation_error(net: &Net) -> f32 {
    let mut state = Net::INITIAL_STATE;
    (0..130).map(|t| squared_error(net.step(&[signal(t)], &mut state), &[signal(t + 1)]).0).sum()
}

#[test]
fn an_error_that_is_not_a_number_is_never_the_best() {
    let mut best = EarlyStopping::new();
    assert!(!best.update(&net(), f32::NAN));
    assert!(!best.update(&net(), f32::INFINITY));
    assert!(!best.restore_best(&mut net()));
    assert!(best.update(&net(), 1.0) && !best.update(&net(), 1.0) && best.update(&net(), 0.5));
    assert_eq!((best.wait(), best.error()), (0, Some(0.5)));
}

static TRAINER: Mutex<Trainer<Net, Adam, 5, 20>> = Mutex::new(Trainer::ZERO);
static OTHER: Mutex<Trainer<Net, Adam, 5, 20>> = Mutex::new(Trainer::new(Adam::new(0.01)));

#[test]
fn trainers_are_statics() {
    let mut trainer = TRAINER.lock().unwrap();
    trainer.learner.optimizer = Adam::new(0.01);
    let mut other = OTHER.lock().unwrap();
    for trainer in [&mut *trainer, &mut *other] {
        trainer.learner.net.copy_from(&net());
        for t in 0..100 {
            let _ = trainer.observe(&[signal(t)], &[signal(t + 1)]).unwrap();
        }
    }
    assert_eq!(trainer.learner.net, other.learner.net);
}

/// What a trainer takes, spelled out.
#[test]
fn the_size_of_a_trainer_is_the_sum_of_its_parts() {
    const NET: usize = 4 * (5 + 25 + 5 + 5 + 1);
    const STATE: usize = 4 * (5 + 1);
    const TAPE: usize = 20 * 4 + 2 * 20 * STATE + 2 * STATE + (1 + 2 * 2 + 2) * size_of::<usize>();
    assert_eq!(size_of::<Tape<Net, 20>>(), TAPE);
    assert_eq!(size_of::<StreamState<Net, 5, 20>>(), TAPE + 8 + 2 * size_of::<usize>() + 8); // places and counts

    const RULE: usize = 5 * 4;
    const SCHEDULE: usize = 4 + 3 * 4;
    const LIMITS: usize = 3 * 8 + 4;
    const COUNTS: usize = 5 * 4 + 4 + 8; // updates, windows, targets, batch, roll-backs; the reduction; the last update
    assert_eq!(size_of::<Learner<Net, Sgd>>(), 2 * NET + 2 * 4 + SCHEDULE + LIMITS + COUNTS);
    assert_eq!(
        size_of::<Learner<Net, Adam>>(),
        2 * NET + (2 * NET + 8) + RULE + SCHEDULE + LIMITS + COUNTS
    );
}

/// The moments that were gathered on the way to worse weights go with them.
#[test]
fn a_roll_back_resets_the_moments() {
    fn check<O: Optimizer<Dense<1, 1>, State: PartialEq + core::fmt::Debug>>(optimizer: O) {
        let mut learner = Learner::<Dense<1, 1>, O>::new(optimizer);
        let mut best = EarlyStopping::new();
        best.update(&learner.net, 0.5);
        let mut stream = StreamState::<_, 1, 1>::new();
        let _ = learner.observe(&mut stream, &[1.0], &[1.0]).unwrap();
        assert_ne!(*learner.optimizer_state(), ConstZero::ZERO);
        assert!(learner.roll_back(&mut best));
        assert_eq!(*learner.optimizer_state(), ConstZero::ZERO);
    }
    check(Momentum::new(0.1));
    check(RmsProp::new(0.1));
    check(Adam::new(0.1));
    check(AdamW::new(0.1));
}

/// Half a batch holds gradients of the network that is given up.
#[test]
fn a_roll_back_drops_the_batch() {
    let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    learner.batch = NonZeroU32::new(2);
    let mut best = EarlyStopping::new();
    best.update(&learner.net, 0.5);
    let mut stream = StreamState::<_, 1, 1>::new();
    let _ = learner.observe(&mut stream, &[0.0], &[100.0]).unwrap();
    assert!(learner.roll_back(&mut best));
    for _ in 0..2 {
        let _ = learner.observe(&mut stream, &[0.0], &[0.0]).unwrap();
    }
    assert_eq!(learner.net.bias, [0.0]);
}

#[test]
fn a_roll_back_restarts_the_count_of_worse_errors() {
    let mut net = Dense::<1, 1>::ZERO;
    let mut best = EarlyStopping::new();
    best.update(&net, 0.5);
    best.update(&net, 0.6);
    assert_eq!(best.wait(), 1);
    assert!(best.restore_best(&mut net));
    assert_eq!(best.wait(), 0);
}

/// A sum of 1.6 is a mean of 0.8, which is below the limit.
#[test]
fn a_mean_is_taken_before_the_norm_is_clipped() {
    let mut trainer = Trainer::<Dense<1, 1>, Sgd, 2, 2>::new(Sgd::new(1.0));
    assert_eq!(trainer.learner.reduction, Reduction::Mean);
    for _ in 0..2 {
        let _ = trainer.observe(&[0.0], &[0.4]).unwrap();
    }
    assert_eq!(trainer.learner.net.bias, [0.8]);
}

/// The gradient is 0.8 for the bias and 0 for the kernel.
#[test]
fn an_update_says_whether_a_limit_was_exceeded() {
    for (max_norm, max_value, step) in [
        (Limit::Off, None, 0.8),
        (Limit::Off, Some(0.5), 0.5),
        (Limit::Off, Some(0.8), 0.8),
        (Limit::At(0.5), None, 0.5),
        (Limit::At(0.8), None, 0.8),
        (Limit::At(0.5), Some(0.6), 0.5),
    ] {
        let mut trainer = Trainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(1.0));
        (trainer.learner.max_norm, trainer.learner.max_value) = (max_norm, max_value);
        let report = trainer.observe(&[0.0], &[0.4]).unwrap();
        assert_eq!(report.update, Update::Done { gradient_norm: 0.8, clipped: step < 0.8 });
        assert_eq!(trainer.learner.net.bias, [step]);
    }

    let mut trainer = Trainer::<Dense<1, 1>, Sgd, 1, 1>::new(Sgd::new(1.0));
    (trainer.learner.max_norm, trainer.learner.max_value) = (Limit::Off, Some(1.0));
    let report = trainer.observe(&[2.0], &[0.4]).unwrap(); // 1.6 for the kernel, 0.8 for the bias
    assert!(matches!(report.update, Update::Done { clipped: true, .. }));
    assert_eq!(trainer.learner.net, Dense { kernel: Matrix([[1.0]]), bias: [0.8] });
}

/// A flush closes a batch of one window too.
#[test]
fn flush_learns_from_a_batch_of_one_window() {
    let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(1.0));
    learner.batch = NonZeroU32::new(8);
    let mut stream = StreamState::<_, 1, 1>::new();
    let _ = learner.observe(&mut stream, &[0.0], &[0.4]).unwrap();
    assert_eq!(learner.flush(&mut stream), Ok(true));
    assert_eq!(learner.net.bias, [0.8]);
}

#[test]
fn defaults_are_those_of_pytorch() {
    assert!(!Momentum::new(0.1_f32).nesterov);
    assert_eq!(EarlyStopping::<Dense<1, 1>>::new().wait(), 0);
}

#[test]
fn a_sequence_that_ends_leaves_nothing_in_its_stream() {
    let mut learner = Learner::<Net, Sgd>::new(Sgd::new(0.1));
    learner.net = net();
    let mut stream = StreamState::<Net, 5, 5>::new();
    let _ = learner.observe(&mut stream, &[0.5], &[0.5]).unwrap();
    assert!(!stream.is_empty());
    assert_ne!(*stream.state(), Net::INITIAL_STATE);
    assert_eq!(learner.end_sequence(&mut stream), Ok(true));
    assert!(stream.is_empty());
    assert_eq!(*stream.state(), Net::INITIAL_STATE);

    let _ = learner.predict(&mut stream, &[0.5]).unwrap();
    let _ = learner.finish_with_mean(&mut stream, &[0.5]).unwrap();
    assert!(stream.is_empty());
    assert_eq!(*stream.state(), Net::INITIAL_STATE);
}

/// Without a best network there is nothing to roll back to, and nothing is given up.
#[test]
fn a_roll_back_to_nothing_changes_nothing() {
    let mut learner = Learner::<Dense<1, 1>, Momentum>::new(Momentum::new(0.1));
    let mut stream = StreamState::<_, 1, 2>::new();
    let _ = learner.observe(&mut stream, &[1.0], &[1.0]).unwrap();
    let (net, velocity) = (learner.net.clone(), learner.optimizer_state().clone());
    assert!(!learner.roll_back(&mut EarlyStopping::new()));
    assert_eq!(learner.net, net);
    assert_eq!(*learner.optimizer_state(), velocity);
    let _ = learner.predict(&mut stream, &[1.0]).unwrap();
    assert_eq!(stream.len(), 2);
}
