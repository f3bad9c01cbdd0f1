//! A forecaster: the trainer by hand with the same numbers, bad samples, gaps, holds, checkpoints.

use core::num::NonZeroU32;
use core::ops::Range;

use elman::checkpoint;
use elman::{
    Adam, AnomalyDetector, ConstZero, Dense, Drift, EarlyStopping, Elman, Forecaster, Initialize,
    Limit, Pcg32, Stack, StandardScaler, TrainErrorKind, Trainer,
};

type Net = Stack<(Elman<2, 4>, Dense<4, 1>)>;
type Single = Forecaster<Net, Adam, 3, 7>;

fn forecaster() -> Single {
    let mut forecaster = Single::new(Adam::new(0.01));
    forecaster.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    forecaster.anomaly.warm_up = NonZeroU32::new(300);
    forecaster
}

/// A pressure: a wave of period 16 around 1000, and noise.
fn signal(t: usize) -> f32 {
    let noise: f32 = Pcg32::new(t as u64, 5).approx_normal();
    let wave = libm::sinf(t as f32 % 16.0 * core::f32::consts::TAU / 16.0);
    1000.0 + 20.0 * wave + 0.5 * noise
}

fn observe(run: &mut Single, samples: Range<usize>) {
    for t in samples {
        run.observe(&[signal(t)]).unwrap();
    }
}

fn file(forecaster: &Single) -> Vec<u8> {
    let mut file = vec![0; checkpoint::size::<Single>()];
    checkpoint::save(forecaster, 1, &mut file).unwrap();
    file
}

/// Standardised by hand, in two calls of the trainer's own methods.
#[test]
fn it_is_a_trainer_of_the_standardised_change() {
    let mut ours = forecaster();
    ours.anomaly.threshold = Limit::Off;
    let mut trainer = Trainer::<Net, Adam, 3, 7>::new(Adam::new(0.01));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    let mut scaler = StandardScaler::<[f32; 2]>::new();
    let row = |t: usize| [signal(t), signal(t) - signal(t - 1)];
    for t in 1..=100 {
        scaler.update(&row(t)).unwrap();
    }
    // The first input is that of sample 101, which has no target yet.
    let mut input = None;
    for t in 0..600 {
        let report = ours.observe(&[signal(t)]).unwrap();
        if t <= 100 {
            assert_eq!((report.forecast, report.learned), ([signal(t)], None), "warm-up");
            continue;
        }
        if let Some(input) = input {
            let target = scaler.transform(&row(t))[1];
            let theirs =
                if t == 101 { None } else { Some(trainer.observe(&input, &[target]).unwrap()) };
            assert_eq!(report.learned, theirs);
        }
        scaler.update(&row(t)).unwrap();
        input = Some(scaler.transform(&row(t)));
    }
    assert_eq!(ours.trainer.learner.net, trainer.learner.net);
    assert!(ours.trainer.learner.updates() > 100);
}

#[test]
fn it_learns_in_the_units_of_the_sensor() {
    let mut forecaster = forecaster();
    let mut forecast = [0.0];
    let (mut squares, mut persistence) = (0.0, 0.0);
    for t in 0..8000 {
        let report = forecaster.observe(&[signal(t)]).unwrap();
        if t > 7000 {
            assert_eq!(report.error, Some([signal(t) - forecast[0]]));
            squares += (signal(t) - forecast[0]).powi(2);
            persistence += (signal(t) - signal(t - 1)).powi(2);
        }
        forecast = report.forecast;
    }
    println!("squared error {:.3} of persistence", squares / persistence);
    assert!(squares < 0.05 * persistence);
}

#[test]
fn a_rejected_sample_changes_nothing() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30] {
        for t in [0, 1, 50, 99, 100, 101, 102, 250, 700] {
            let mut run = forecaster();
            observe(&mut run, 0..t);
            let before = format!("{:?} {:?} {:?}", run.trainer, run.scaler, run.anomaly);
            let error = run.observe(&[bad]).unwrap_err();
            let expected = (TrainErrorKind::Input, t as u64);
            assert_eq!((error.kind, error.step), expected, "{bad} at {t}");
            let after = format!("{:?} {:?} {:?}", run.trainer, run.scaler, run.anomaly);
            assert_eq!(before, after, "{bad} at {t}");
        }
    }
}

/// The change across a gap is unknown: one sample without a forecast, one without a target.
#[test]
fn no_pair_across_a_gap_is_learned() {
    let mut run = forecaster();
    observe(&mut run, 0..500);
    let count = run.scaler.count();
    assert!(run.observe(&[f32::NAN]).is_err());
    let first = run.observe(&[signal(501)]).unwrap();
    assert_eq!((first.forecast, first.error, first.learned), ([signal(501)], None, None));
    assert_eq!(run.scaler.count(), count);
    let second = run.observe(&[signal(502)]).unwrap();
    assert_eq!((second.error, second.learned), (None, None));
    assert_eq!(run.scaler.count(), count + 1);
    let third = run.observe(&[signal(503)]).unwrap();
    assert!(third.error.is_some() && third.learned.is_some());
}

#[test]
fn a_reset_starts_a_sequence_and_keeps_what_was_learned() {
    let mut run = forecaster();
    observe(&mut run, 0..500);
    let (net, count) = (run.trainer.learner.net.clone(), run.scaler.count());
    run.reset();
    assert!(run.trainer.stream.is_empty());
    let report = run.observe(&[0.0]).unwrap();
    assert_eq!((report.forecast, report.error, report.learned), ([0.0], None, None));
    assert_eq!((run.trainer.learner.net, run.scaler.count()), (net, count));
}

#[test]
fn a_network_that_diverged_is_named_and_rolled_back() {
    let mut run = forecaster();
    observe(&mut run, 0..500);
    let mut best = EarlyStopping::new();
    best.update(&run.trainer.learner.net, 0.1);
    run.trainer.learner.net.0.1.bias = [1e25];
    for t in 500..520 {
        // The trainer's step, or the forecast: every other sample only gives the level again.
        let error = run.observe(&[signal(t)]).err();
        assert!(error.is_none_or(|error| error.kind == TrainErrorKind::Diverged));
        assert!(t == 500 || error.is_some() || run.observe(&[signal(t)]).is_err());
    }
    assert!(run.trainer.roll_back(&mut best));
    run.reset();
    observe(&mut run, 600..700);
    assert!(run.observe(&[signal(700)]).unwrap().learned.is_some());
}

/// An anomaly leaves weights, scaler and median as they are, for so many samples in a row.
#[test]
fn an_anomaly_is_not_learned() {
    let mut run = forecaster();
    run.anomaly.max_hold = NonZeroU32::new(5);
    observe(&mut run, 0..2000);
    let (count, median) = (run.scaler.count(), *run.anomaly.median());
    for n in 0..8 {
        // Back and forth, so that each change is an anomaly.
        let report = run.observe(&[1000.0 + [500.0, -500.0][n % 2]]).unwrap();
        assert!(report.anomaly.is_anomaly, "{n}");
        assert_eq!(report.anomaly.is_held, n < 5);
        assert_eq!(report.learned.is_none(), n < 5);
        if n < 5 {
            assert_eq!((run.scaler.count(), *run.anomaly.median()), (count, median));
        }
    }
    assert_eq!(run.scaler.count(), count + 3);
    assert!(run.anomaly.median()[0] > median[0]);
}

#[test]
fn a_run_cut_at_any_sample_continues_bit_for_bit() {
    const SAMPLES: usize = 420;
    let sample = |run: &mut Single, t: usize| {
        let x = match t {
            130 | 131 | 340 => f32::NAN,
            350 => 5000.0,
            _ => signal(t),
        };
        let report = run.observe(&[x]);
        assert_eq!(report.is_err(), x.is_nan());
        assert!(t != 350 || report.unwrap().anomaly.is_held);
        if t == 380 {
            run.scaler.freeze();
        }
    };
    let start = || {
        let mut run = forecaster();
        run.anomaly.warm_up = NonZeroU32::new(200);
        run
    };
    let mut uncut = start();
    let files: Vec<_> = (0..SAMPLES)
        .map(|t| {
            let before = file(&uncut);
            sample(&mut uncut, t);
            before
        })
        .collect();
    assert!(uncut.scaler.is_frozen());
    for (cut, before) in files.iter().enumerate().filter(|(cut, _)| cut % 7 == 0 || *cut > 330) {
        let mut resumed = start();
        checkpoint::load(&mut resumed, before).unwrap();
        (cut..SAMPLES).for_each(|t| sample(&mut resumed, t));
        assert!(file(&resumed) == file(&uncut), "cut before sample {cut}");
    }
}

/// Three numbers in, of which two are forecast; the third only helps.
#[test]
fn a_sample_may_have_numbers_that_are_not_forecast() {
    type Wide = Stack<(Elman<5, 6>, Dense<6, 2>)>;
    let mut run = Forecaster::<Wide, Adam, 5, 20>::new(Adam::new(0.01));
    run.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    // The third number says which way the first will go.
    let mut rng = Pcg32::new(3, 0);
    let (mut level, mut squares) = (0.0_f32, 0.0_f32);
    let mut forecast = [0.0_f32; 2];
    for t in 0..6000 {
        let step = [1.0, -1.0][rng.below(2) as usize];
        let sample = [level, 7.0, step];
        if t > 5000 {
            squares += (level - forecast[0]).powi(2);
            assert_eq!(forecast[1], 7.0, "a constant channel");
        }
        forecast = run.observe(&sample).unwrap().forecast;
        level = 0.9 * level + step;
    }
    println!("squared error {:.4}", squares / 1000.0);
    assert!(squares / 1000.0 < 0.1);
}

#[test]
fn a_constant_channel_is_centred_and_not_scaled() {
    let mut scaler = StandardScaler::<[f32; 2]>::new();
    for t in 0..10_000 {
        scaler.update(&[0.1, 1e6 + 0.0625 * (t % 2) as f32]).unwrap(); // a unit in its last place
    }
    for last_place in [0.0, 0.0625] {
        let [constant, rounded] = scaler.transform(&[0.1, 1e6 + last_place]);
        assert!(constant.abs() < 1e-6 && rounded.abs() < 0.1, "{constant} {rounded}");
    }
    let [moved, _] = scaler.transform(&[5.1, 1e6]);
    assert!((moved - 5.0).abs() < 1e-5);
}

#[test]
fn a_scaler_takes_all_of_a_row_or_nothing() {
    let mut scaler = StandardScaler::<[f32; 2]>::new();
    scaler.update(&[1.0, 2.0]).unwrap();
    scaler.update(&[3.0, 2.0]).unwrap();
    let before = format!("{scaler:?}");
    for bad in [[f32::NAN, 1.0], [1.0, f32::INFINITY], [1e20, 1.0], [1.0, 1.8e19]] {
        let refused = scaler.update(&bad);
        // A number that can be squared, but not its distance squared, is refused as well.
        assert!(refused.is_err() || bad == [1.0, 1.8e19]);
        if refused.is_err() {
            assert_eq!(format!("{scaler:?}"), before);
        }
    }
}

#[test]
fn a_frozen_scaler_does_not_change() {
    let mut scaler = StandardScaler::<[f32; 1]>::new();
    (0..200).for_each(|t| scaler.update(&[t as f32]).unwrap());
    scaler.freeze();
    let (mean, variance) = (*scaler.mean(), *scaler.variance());
    scaler.update(&[1e6]).unwrap();
    assert_eq!((*scaler.mean(), *scaler.variance(), scaler.count()), (mean, variance, 200));
    assert!(scaler.update(&[f32::NAN]).is_err(), "refused all the same");
    scaler.unfreeze();
    scaler.update(&[1e6]).unwrap();
    assert!(scaler.mean()[0] > mean[0]);
}

/// Within a memory after a change of level, the mean is the new one.
#[test]
fn a_scaler_with_a_memory_follows() {
    let mut scaler = StandardScaler::<[f32; 1]>::new();
    scaler.memory = NonZeroU32::new(100);
    (0..10_000).for_each(|_| scaler.update(&[0.0]).unwrap());
    (0..500).for_each(|_| scaler.update(&[10.0]).unwrap());
    assert!((scaler.mean()[0] - 10.0).abs() < 0.1);
}

#[test]
fn a_detector_refuses_what_is_no_number() {
    let mut detector = AnomalyDetector::<[f32; 1]>::ZERO;
    detector.update(&[1.0]).unwrap();
    let before = format!("{detector:?}");
    for bad in [f32::NAN, f32::INFINITY, 1e20] {
        assert_eq!(detector.update(&[bad]), Err(TrainErrorKind::Input));
        assert_eq!(format!("{detector:?}"), before);
    }
    assert_eq!(detector.score(&[f32::NAN]).score, 0.0);
}

/// Errors that are exactly 0 are no scale; the first that is not becomes one.
#[test]
fn errors_of_zero_raise_no_alarm() {
    let mut detector = AnomalyDetector::<[f32; 1]>::new();
    for _ in 0..5000 {
        let anomaly = detector.update(&[0.0]).unwrap();
        assert_eq!((anomaly.score, anomaly.is_anomaly), (0.0, false));
    }
    assert!(!detector.update(&[1e-3]).unwrap().is_anomaly);
    assert_eq!(detector.median(), &[1e-3]);
}

#[test]
fn drift_starts_over_after_an_alarm_and_ignores_what_is_no_number() {
    let mut test = elman::PageHinkley::<f32>::new();
    (0..100).for_each(|_| assert_eq!(test.update(1.0), Drift::None));
    let before = format!("{test:?}");
    assert_eq!(test.update(f32::NAN), Drift::None);
    assert_eq!(test.update(1e30), Drift::None);
    assert_eq!(format!("{test:?}"), before);
    let alarms = (0..200).filter(|_| test.update(3.0) == Drift::Up).count();
    assert_eq!(alarms, 1);
    let alarms = (0..200).filter(|_| test.update(1.0) == Drift::Down).count();
    assert_eq!(alarms, 1);
}
