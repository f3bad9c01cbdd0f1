//! One finite outlier among ordinary samples: with the default limits every optimiser recovers.

use elman::{
    Adam, AdamW, Dense, Elman, Initialize, Limit, Momentum, Optimizer, Pcg32, RmsProp, Sgd, Stack,
    Trainer, Update,
};

type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;

/// Ordinary samples after an outlier, at most, until the loss is again below twice what it was.
const RECOVERED: usize = 2100;
/// The samples over which a loss is averaged: a hundred periods of the signal.
const MEAN: usize = 700;

#[test]
fn every_optimizer_recovers() {
    recovers("SGD", Sgd::new(0.05));
    recovers("momentum", Momentum::new(0.005));
    recovers("RMSprop", RmsProp::new(0.003));
    recovers("Adam", Adam::new(0.003));
    recovers("AdamW", AdamW::new(0.003));
}

fn recovers<O: Optimizer<Net, State: Clone>>(name: &str, optimizer: O) {
    let mut learned = Trainer::<Net, O, 4, 8>::new(optimizer);
    learned.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    for t in 0..20_000 {
        loss(&mut learned, t);
    }
    let before = mean(&mut learned);
    let mut worst = 0;
    for size in [1e2, 1e3, 1e4, 1e6, 1e9, 1e12, 1e15, 1e18, 1e19] {
        for (x, target) in [(0.1, size), (0.1, -size), (size, 0.5), (-size, 0.5), (size, size)] {
            worst = worst.max(recovery(&learned, before, (x, target)));
        }
    }
    println!("{name}: loss {before:.1e}, recovered within {worst} samples");
    assert!(worst <= RECOVERED);
}

/// The samples until the loss is below twice `before`.
fn recovery<O: Optimizer<Net, State: Clone>>(
    learned: &Trainer<Net, O, 4, 8>,
    before: f32,
    (x, target): (f32, f32),
) -> usize {
    let mut trainer = Trainer { learner: learned.learner.clone(), stream: learned.stream.clone() };
    let _ = trainer.observe(&[x], &[target]); // taken or refused
    let mut samples = MEAN;
    while mean(&mut trainer) >= 2.0 * before && samples < 10 * RECOVERED {
        samples += MEAN;
    }
    samples
}

fn mean<O: Optimizer<Net>>(trainer: &mut Trainer<Net, O, 4, 8>) -> f32 {
    (0..MEAN).map(|t| loss(trainer, t)).sum::<f32>() / MEAN as f32
}

fn loss<O: Optimizer<Net>>(trainer: &mut Trainer<Net, O, 4, 8>, t: usize) -> f32 {
    let signal = |t| (t % 7) as f32 / 7.0;
    trainer.observe(&[signal(t)], &[signal(t + 1)]).unwrap().loss
}

/// The limits are what does it: without them one target of 10⁶ costs SGD more than ten times that.
#[test]
fn without_limits_it_is_lost() {
    let mut trainer = Trainer::<Net, Sgd, 4, 8>::new(Sgd::new(0.05));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    trainer.learner.max_norm = Limit::Off;
    trainer.learner.max_output_gradient = Limit::Off;
    for t in 0..20_000 {
        loss(&mut trainer, t);
    }
    let before = mean(&mut trainer);
    let samples = recovery(&trainer, before, (0.1, 1e6));
    println!("SGD without limits: {samples} samples and more");
    assert!(samples >= 10 * RECOVERED);
}

/// ∂L/∂y is limited first, then the norm of the gradient; the report has the norm in between.
#[test]
fn the_limits_act_as_said() {
    type Readout = Dense<1, 1>;
    for (max_output_gradient, max_norm, norm, bias) in [
        (Limit::Default, Limit::Default, 10.0, 1.0),
        (Limit::Default, Limit::Off, 10.0, 10.0),
        (Limit::At(4.0), Limit::At(2.0), 4.0, 2.0),
        (Limit::Off, Limit::Default, 200.0, 1.0),
        (Limit::Off, Limit::Off, 200.0, 200.0),
    ] {
        let mut trainer = Trainer::<Readout, Sgd, 1, 1>::new(Sgd::new(1.0));
        trainer.learner.max_output_gradient = max_output_gradient;
        trainer.learner.max_norm = max_norm;
        let report = trainer.observe(&[0.0], &[100.0]).unwrap();
        let clipped = max_norm.or(1.0).is_some();
        assert_eq!(report.update, Update::Done { gradient_norm: norm, clipped });
        assert_eq!((report.loss, trainer.learner.net.bias), (1e4, [bias]));
    }
}
