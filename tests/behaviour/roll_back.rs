//! Roll-back, divergence, and what a refused sample or update leaves behind.

use core::num::NonZeroU32;

use elman::{
    ConstZero, Dense, EarlyStopping, Elman, Initialize, Layer, LayerTypes, Learner, Limit, Matrix,
    Momentum, Optimizer, Pcg32, Predictor, RecordedSteps, Reduction, RmsProp, RmsPropState, Sgd,
    SoftmaxCrossEntropy, Stack, StreamState, Tape, TrainErrorKind, Trainer, Update, checkpoint,
};

type Readout = Dense<1, 1>;
type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;

/// The targets that wait in a window are those of the network that was given up.
#[test]
fn a_roll_back_drops_the_targets_that_wait() {
    let mut trainer = Trainer::<Readout, Sgd, 4, 4>::new(Sgd::new(0.1));
    let mut best = EarlyStopping::new();
    best.update(&trainer.learner.net, 0.1);
    trainer.learner.net.bias = [1e6]; // it diverged
    for _ in 0..3 {
        let _ = trainer.observe(&[0.0], &[0.0]).unwrap();
    }
    assert!(trainer.roll_back(&mut best));
    for _ in 0..4 {
        assert_eq!(trainer.observe(&[0.0], &[0.0]).unwrap().loss, 0.0);
    }
    assert_eq!(trainer.learner.net, Readout::ZERO);
}

/// A learner does not know its streams; each of them notices at its next call, whatever that is.
#[test]
fn no_stream_can_be_forgotten() {
    type Call = fn(&mut Learner<Readout, Sgd>, &mut StreamState<Readout, 4, 4>);
    let calls: [Call; 5] = [
        |learner, stream| _ = learner.flush(stream),
        |learner, stream| _ = learner.end_sequence(stream),
        |learner, stream| _ = learner.finish(stream, &[0.0]),
        |learner, stream| (0..4).for_each(|_| _ = learner.predict(stream, &[0.0])),
        |learner, stream| (0..4).for_each(|_| _ = learner.observe(stream, &[0.0], &[0.0])),
    ];
    for call in calls {
        let mut learner = Learner::<Readout, Sgd>::new(Sgd::new(0.1));
        let mut streams = [StreamState::new(), StreamState::new(), StreamState::new()];
        let mut best = EarlyStopping::new();
        best.update(&learner.net, 0.1);
        learner.net.bias = [1e6];
        for stream in &mut streams {
            let _ = learner.observe(stream, &[0.0], &[0.0]).unwrap();
        }
        assert!(learner.roll_back(&mut best));
        streams.iter_mut().for_each(|stream| call(&mut learner, stream));
        assert_eq!(learner.net, Readout::ZERO);
    }
}

/// A roll-back that a stream has not noticed yet survives a power cut.
#[test]
fn a_roll_back_is_saved() {
    type Run = (Learner<Readout, Sgd>, StreamState<Readout, 4, 4>);
    let mut run: Run = (Learner::new(Sgd::new(0.1)), StreamState::new());
    let mut best = EarlyStopping::new();
    best.update(&run.0.net, 0.1);
    run.0.net.bias = [1e6];
    let _ = run.0.observe(&mut run.1, &[0.0], &[0.0]).unwrap();
    assert!(run.0.roll_back(&mut best));
    let mut file = vec![0; checkpoint::size::<Run>()];
    checkpoint::save(&run, 1, &mut file).unwrap();

    let mut run: Run = (Learner::new(Sgd::new(0.1)), StreamState::new());
    checkpoint::load(&mut run, &file).unwrap();
    assert_eq!(run.0.flush(&mut run.1), Ok(false));
    assert_eq!(run.0.net, Readout::ZERO);
}

/// The scratch of a gradient that overflowed is no part of a run.
#[test]
fn a_run_that_skipped_an_update_can_be_saved() {
    type Run = Trainer<Net, Sgd, 4, 8>;
    let mut trainer = Run::new(Sgd::new(0.01));
    trainer.learner.net.0.0.recurrent_kernel = Matrix([[1e18; 4]; 4]);
    trainer.learner.net.0.1.kernel = Matrix([[0.5]; 4]);
    let updates = (0..4).map(|_| trainer.observe(&[0.0], &[1.0]).unwrap().update);
    assert_eq!(updates.last(), Some(Update::Skipped(TrainErrorKind::Gradient)));
    let mut file = vec![0; checkpoint::size::<Run>()];
    assert!(checkpoint::save(&trainer, 1, &mut file).is_ok());
}

/// A gradient that overflows in the second of a thousand windows is dropped there.
#[test]
fn a_batch_that_is_lost_is_dropped_at_once() {
    let mut learner = Learner::<Readout, Sgd>::new(Sgd::new(0.1));
    learner.batch = NonZeroU32::new(1000);
    learner.max_output_gradient = Limit::Off;
    let mut stream = StreamState::<Readout, 2, 2>::new();
    let _ = learner.observe(&mut stream, &[1.8e19], &[9e18]).unwrap();
    let update = learner.observe(&mut stream, &[1.8e19], &[9e18]).unwrap().update;
    assert_eq!(update, Update::Skipped(TrainErrorKind::Gradient));
    let mut file = vec![0; checkpoint::size::<Learner<Readout, Sgd>>()];
    for _ in 0..2000 {
        let _ = learner.observe(&mut stream, &[1.0], &[0.5]).unwrap();
        checkpoint::save(&learner, 1, &mut file).unwrap();
    }
    assert_eq!(learner.updates(), 1); // the thousand windows after it are one batch
}

/// A partial batch is closed by a flush, with the mean over what it holds.
#[test]
fn a_flush_closes_the_batch() {
    let mut learner = Learner::<Readout, Sgd>::new(Sgd::new(0.5));
    learner.batch = NonZeroU32::new(5);
    let mut stream = StreamState::<Readout, 1, 1>::new();
    for target in [0.25, 0.75] {
        assert_eq!(learner.observe(&mut stream, &[0.0], &[target]).unwrap().update, Update::NotDue);
    }
    assert_eq!(learner.flush(&mut stream), Ok(true));
    assert_eq!(learner.net.bias, [0.5]); // 0.5 · 2 · (0.25 + 0.75) / 2
    assert_eq!(learner.flush(&mut stream), Ok(false));
    assert_eq!(NonZeroU32::new(0), None); // a batch of 0 is none
}

#[test]
fn a_prediction_is_not_lost_with_an_update() {
    let mut learner = Learner::<Readout, Sgd>::new(Sgd::new(f32::MAX));
    learner.max_norm = Limit::Off;
    learner.net.bias = [0.25];
    let mut stream = StreamState::<_, 2, 2>::new();
    let _ = learner.observe(&mut stream, &[1.0], &[1e3]).unwrap();
    assert_eq!(learner.predict(&mut stream, &[1.0]), Ok([0.25]));
    assert_eq!(*learner.last_update(), Update::Skipped(TrainErrorKind::Update));
    assert_eq!(learner.predict(&mut stream, &[1.0]), Ok([0.25]));
    assert_eq!(*learner.last_update(), Update::NotDue);
}

/// The label replaces the target that the step had, and the mean is over one target.
#[test]
fn a_step_is_one_target() {
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let mut learner = Learner::<Readout, Sgd>::new(Sgd::new(0.5));
        learner.reduction = reduction;
        let mut stream = StreamState::<Readout, 4, 4>::new();
        let _ = learner.observe(&mut stream, &[0.0], &[-0.5]).unwrap();
        let _ = learner.finish(&mut stream, &[0.25]).unwrap();
        assert_eq!(learner.net.bias, [0.25]);
    }
}

#[test]
fn a_sequence_without_a_step_is_an_error() {
    let mut trainer = Trainer::<Readout, Sgd, 4, 4>::new(Sgd::new(0.1));
    assert_eq!(trainer.finish(&[1.0]).unwrap_err().kind, TrainErrorKind::NoStep);
    assert_eq!(trainer.finish_with_mean(&[1.0]).unwrap_err().kind, TrainErrorKind::NoStep);
    assert_eq!(trainer.learner.net, Readout::ZERO);
}

#[test]
fn a_class_that_does_not_exist() {
    type Classifier = Trainer<Dense<1, 2>, Sgd, 4, 4, SoftmaxCrossEntropy>;
    let mut trainer = Classifier::new(Sgd::new(0.1));
    assert_eq!(trainer.observe(&[0.5], &2).unwrap_err().kind, TrainErrorKind::Class);
    assert!(trainer.stream.is_empty());
}

/// A layer that begins at 1 is not given a gradient of 1.
#[test]
fn an_initial_state_is_no_gradient() {
    struct BeginsAtOne(Elman<1, 1>);
    impl LayerTypes for BeginsAtOne {
        type In = [f32; 1];
        type Out = [f32; 1];
        type State = [f32; 1];
    }
    impl Layer for BeginsAtOne {
        const INITIAL_STATE: [f32; 1] = [1.0];
        fn step<'s>(&self, x: &[f32; 1], state: &'s mut [f32; 1]) -> &'s [f32; 1] {
            self.0.step(x, state)
        }
        fn output(state: &[f32; 1]) -> &[f32; 1] {
            state
        }
    }
    impl elman::BackwardTypes for BeginsAtOne {
        type Activations<const K: usize> = elman::History<[f32; 1], K>;
    }
    impl elman::Backward for BeginsAtOne {
        fn backward<const K: usize>(
            &self,
            steps: elman::Steps<'_, Self, K>,
            gradient: Option<&mut Self>,
        ) {
            let elman::Steps { inputs, before, activations, range, d_state, d_inputs } = steps;
            let steps = elman::Steps { inputs, before, activations, range, d_state, d_inputs };
            self.0.backward::<K>(steps, gradient.map(|gradient| &mut gradient.0));
        }
        const PARTS: usize = 0;
        fn accumulate<const K: usize>(
            &self,
            _: RecordedSteps<'_, Self, K>,
            _: &mut Self,
            _: core::ops::Range<usize>,
        ) {
        }
    }

    let net = BeginsAtOne(Elman { recurrent_kernel: Matrix([[0.5]]), ..ConstZero::ZERO });
    let mut gradient = BeginsAtOne(Elman::ZERO);
    let mut tape = Tape::<BeginsAtOne, 4>::new();
    tape.step(&net, &[0.5]);
    assert_eq!(tape.backward(&net, &mut gradient), [0.0]); // no output gradient was set
    assert_eq!(gradient.0, Elman::ZERO);
}

/// A learning rate that is too high, and no limits: the network is to blame, and says so.
#[test]
fn divergence_is_named_and_left_by_a_roll_back() {
    diverges(Sgd::new(0.5), Sgd::new(0.05));
    diverges(Momentum::new(0.5), Momentum::new(0.01));
}

fn diverges<O: Optimizer<Net> + core::fmt::Debug>(too_fast: O, sane: O) {
    let mut trainer = Trainer::<Net, O, 1, 8>::new(too_fast);
    trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    trainer.learner.max_norm = Limit::Off;
    trainer.learner.max_output_gradient = Limit::Off;
    let mut best = EarlyStopping::new();
    best.update(&trainer.learner.net, 1.0);

    let mut errors = 0;
    for t in 0..10_000 {
        match trainer.observe(&[signal(t)], &[signal(t + 1)]) {
            Err(error) => {
                assert_eq!(error.kind, TrainErrorKind::Diverged);
                errors += 1;
            }
            Ok(_) => assert_eq!(errors, 0),
        }
    }
    println!("{too_fast:?}: {errors} of 10000 samples find the network diverged");
    assert!(errors > 5000);

    assert!(trainer.roll_back(&mut best));
    trainer.learner.optimizer = sane;
    let losses = (0..20_000).map(|t| trainer.observe(&[signal(t)], &[signal(t + 1)]).unwrap().loss);
    let last = losses.skip(19_300).sum::<f32>() / 700.0;
    println!("{sane:?}: loss {last:.1e} after the roll-back");
    assert!(last < 0.02);
}

/// A large input is to blame itself, though the state or the loss is what overflows.
#[test]
fn a_sample_that_is_to_blame() {
    let mut trainer = Trainer::<Readout, Sgd, 1, 1>::new(Sgd::new(0.1));
    trainer.learner.net.kernel = Matrix([[100.0]]);
    trainer.learner.max_output_gradient = Limit::Off;
    let mut kind = |x, target| trainer.observe(&[x], &[target]).unwrap_err().kind;
    assert_eq!(kind(1e18, 0.0), TrainErrorKind::State);
    assert_eq!(kind(1.2e17, 0.0), TrainErrorKind::Loss);
    assert_eq!(kind(0.0, 1.2e19), TrainErrorKind::Loss);
}

/// Where a sample of zeros predicts something large, the network is to blame for a loss that overflows.
#[test]
fn a_network_that_is_to_blame() {
    let mut trainer = Trainer::<Readout, Sgd, 1, 1>::new(Sgd::new(0.1));
    trainer.learner.net = Dense { kernel: Matrix([[100.0]]), bias: [1e17] };
    trainer.learner.max_output_gradient = Limit::Off;
    let error = trainer.observe(&[1.2e17], &[0.0]).unwrap_err();
    assert_eq!(error.kind, TrainErrorKind::Diverged);
}

/// The trainer's own stream notices at once.
#[test]
fn a_roll_back_of_a_trainer_drops_its_steps() {
    let mut trainer = Trainer::<Net, Sgd, 4, 8>::new(Sgd::new(0.1));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    let mut best = EarlyStopping::new();
    best.update(&trainer.learner.net, 0.5);
    trainer.observe(&[0.5], &[0.25]).unwrap();
    let state = *trainer.stream.state();
    assert!(trainer.roll_back(&mut best));
    assert!(trainer.stream.is_empty());
    assert_eq!(*trainer.stream.state(), state);
}

fn signal(t: u32) -> f32 {
    (t % 7) as f32 / 7.0
}

/// A predictor and a network stepped by hand; the one gets bad samples too.
#[test]
fn a_predictor_rejects_what_would_stay() {
    let mut net = Net::ZERO;
    net.init_pytorch(&mut Pcg32::new(1, 0));
    let (mut predictor, mut state) = (Predictor::new(), Net::INITIAL_STATE);
    for t in 0..100 {
        let bad = [f32::NAN, f32::INFINITY, 1e20][t as usize % 3];
        assert_eq!(predictor.predict(&net, &[bad]), Err(TrainErrorKind::Input));
        assert_eq!(predictor.predict(&net, &[signal(t)]), Ok(net.step(&[signal(t)], &mut state)));
    }
    net.0.1.bias = [f32::INFINITY];
    assert_eq!(predictor.predict(&net, &[0.5]), Err(TrainErrorKind::Diverged));
    assert_eq!(predictor.state(), &state);
}

/// The recorded outputs are those of the network that was given up.
#[test]
fn a_mean_is_not_of_outputs_before_a_roll_back() {
    let mut learner = Learner::<Readout, Sgd>::new(Sgd::new(0.1));
    let mut best = EarlyStopping::new();
    best.update(&learner.net, 0.1);
    let mut stream = StreamState::<_, 4, 4>::new();
    let _ = learner.predict(&mut stream, &[1.0]).unwrap();
    assert!(learner.roll_back(&mut best));
    let error = learner.finish_with_mean(&mut stream, &[0.0]).unwrap_err();
    assert_eq!(error.kind, TrainErrorKind::NoStep);

    for len in [1, 2, 3] {
        let _ = learner.predict(&mut stream, &[1.0]).unwrap(); // dropped once, not at every call
        assert_eq!(stream.len(), len);
    }
}

#[test]
fn a_predictor_starts_a_sequence_in_a_given_state() {
    let mut net = Net::ZERO;
    net.init_pytorch(&mut Pcg32::new(2, 0));
    let mut predictor = Predictor::new();
    predictor.predict(&net, &[0.5]).unwrap();
    let mut state = ([0.1, 0.2, 0.3, 0.4], [0.0]);
    predictor.reset(state);
    assert_eq!(predictor.predict(&net, &[-0.5]), Ok(net.step(&[-0.5], &mut state)));
}

/// The mean of the outputs, and the gradient of its loss, by hand on a tape.
#[test]
fn mean_pooling_is_that_of_a_tape() {
    type Run = Trainer<Net, RmsProp, 8, 8>;
    let mut trainer = Run::new(RmsProp::new(0.01));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    trainer.learner.max_norm = Limit::Off;
    let (mut net, mut state) = (trainer.learner.net.clone(), RmsPropState::ZERO);
    let mut tape = Tape::<Net, 8>::new();
    for sequence in 0..20 {
        let steps = 1 + sequence % 12; // up to 8 of them recorded
        tape.reset(([0.1; 4], [0.0]));
        trainer.reset_to(&([0.1; 4], [0.0]));
        for t in 0..steps {
            tape.step(&net, &[signal(t)]);
            let _ = trainer.predict(&[signal(t)]).unwrap();
        }
        let recorded = steps.min(8) as usize;
        let outputs = (0..recorded).rev().map(|ago| tape.output(ago).unwrap()[0]);
        let mean = outputs.reduce(|a, b| a + b).unwrap() / recorded as f32;
        let d_y = 2.0 * (mean - 0.5) / recorded as f32;
        (0..recorded).for_each(|ago| assert!(tape.set_output_gradient_at(ago, &[d_y])));
        let mut gradient = Net::ZERO;
        tape.backward(&net, &mut gradient);
        RmsProp::new(0.01).update(&mut net, &gradient, &mut state);

        assert_eq!(trainer.finish_with_mean(&[0.5]).unwrap().prediction, [mean]);
        assert_eq!(trainer.learner.net, net);
    }
}
