//! A replayed run has the bits of a loop that is written by hand with the crate's types.
//!
//! On boards these types have the bits of the host: `tests/boards`, and the firmware `monitor`.

use elman::safetensors::{StateDict, load_prefix};
use elman::{
    Adam, Backward, Dense, Elman, Forecaster, Gru, Initialize, Limit, Momentum, Optimizer,
    Parameters, Pcg32, Predictor, RmsProp, Sgd, Stack, StandardScaler, Tensor, Trainer,
};

use super::{args, hours, with_gaps};
use crate::ahead::{Ahead, Target};
use crate::experiment::{Plan, Run, run};
use crate::log::Log;
use crate::score::Scored;

const ROWS: usize = 1200;
const SEED: u64 = 1;
type Net = Stack<(Elman<2, 8>, Dense<8, 1>)>;

/// The run that the command line asks for.
fn replayed(line: &str, log: &Log) -> Run {
    let args = args(line);
    let scored = Scored::new(log, args.horizon, 24).unwrap();
    let plan = Plan { seeds: 1, ..args.plan() };
    run(&scored, plan, &args.settings().unwrap()[0], SEED, || {})
}

/// Asserts that a run has these forecasts and left these weights, bit by bit.
fn assert_same<N: Parameters<Tensor = [f32]> + StateDict>(
    run: &Run,
    forecasts: &[Option<f32>],
    net: &N,
    what: &str,
) {
    let mut replayed = N::ZERO;
    load_prefix(&mut replayed, &run.device.file(), "net.").unwrap();
    for n in 0..N::TENSORS {
        let bits = |net: &N| net.tensor(n).iter().map(|w| w.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&replayed), bits(net), "{what}, tensor {n}");
    }
    for (row, (a, b)) in run.forecasts.iter().zip(forecasts).enumerate() {
        assert!(b.is_none_or(|b| *a == f64::from(b)), "{what}, row {row}: {a} and {b:?}");
    }
    let made = forecasts.iter().flatten().count();
    assert!(made > forecasts.len() / 2, "{what}: {made} forecasts");
}

/// A loop with the crate's forecaster, as in its documentation.
fn by_hand<N, O, const I: usize, const K1: usize, const K2: usize>(
    optimizer: O,
    log: &Log,
) -> (Vec<Option<f32>>, Box<Forecaster<N, O, K1, K2>>)
where
    N: Backward<In = [f32; I], Out = [f32; 1]> + Parameters<Scalar = f32> + Initialize,
    O: Optimizer<N>,
{
    let mut forecaster = Box::new(Forecaster::<N, O, K1, K2>::new(optimizer));
    forecaster.trainer.learner.net.init_pytorch(&mut Pcg32::new(SEED, 0));
    let mut forecasts = Vec::new();
    for row in &log.rows {
        let report = forecaster.observe(&[row[0]]);
        forecasts.push(report.ok().map(|report| report.forecast[0]));
    }
    (forecasts, forecaster)
}

#[test]
fn with_each_optimiser_it_is_the_forecaster_by_hand() {
    macro_rules! check {
        ($line:literal, $rule:expr) => {
            let log = with_gaps(ROWS);
            let (forecasts, device) = by_hand::<Net, _, 2, 8, 24>($rule, &log);
            assert!(device.trainer.learner.updates() > 100);
            let run = replayed($line, &log);
            assert_same(&run, &forecasts, &device.trainer.learner.net, $line);
        };
    }
    check!("", Adam::new(0.003));
    check!("--optimizer adam --lr 0.02", Adam::new(0.02));
    check!("--optimizer sgd --lr 0.1", Sgd::new(0.1));
    check!("--optimizer momentum --lr 0.01", Momentum::new(0.01));
    check!("--optimizer rms-prop --lr 0.01", RmsProp::new(0.01));
}

#[test]
fn with_another_size_cell_and_window_it_is_the_forecaster_by_hand() {
    let log = hours(ROWS);
    let (forecasts, device) =
        by_hand::<Stack<(Gru<2, 16>, Dense<16, 1>)>, _, 2, 1, 8>(Adam::new(0.003), &log);
    let line = "--cell gru --units 16 --k1 1 --k2 8";
    assert_same(&replayed(line, &log), &forecasts, &device.trainer.learner.net, line);
}

/// Without anomalies, which `Ahead` does not hold.
#[test]
fn one_step_ahead_is_the_forecaster() {
    let log = with_gaps(ROWS);
    let mut forecaster = Box::new(Forecaster::<Net, Adam, 8, 24>::new(Adam::new(0.003)));
    forecaster.anomaly.threshold = Limit::Off;
    let mut ahead =
        Box::new(Ahead::<Net, Adam, 2, 8, 24>::new(Adam::new(0.003), Target::NEXT_CHANGE));
    forecaster.trainer.learner.net.init_pytorch(&mut Pcg32::new(SEED, 0));
    ahead.trainer.learner.net.init_pytorch(&mut Pcg32::new(SEED, 0));
    for (t, row) in log.rows.iter().enumerate() {
        let (a, b) = (forecaster.observe(&[row[0]]), ahead.observe(&[row[0]]));
        assert_eq!(a.ok().map(|report| report.forecast[0]), b.ok(), "row {t}");
    }
    assert_eq!(forecaster.trainer.learner.net, ahead.trainer.learner.net);
    assert!(ahead.trainer.learner.updates() > 100);
}

#[test]
fn further_ahead_and_of_levels_it_is_the_trainer_by_hand() {
    let log = hours(ROWS);
    for (line, horizon, is_level) in [
        ("--horizon 3", 3, false),
        ("--forecast level", 1, true),
        ("--horizon 24 --forecast level", 24, true),
    ] {
        let (forecasts, net, targets) = trainer_by_hand(&log, horizon, is_level);
        let run = replayed(line, &log);
        assert_same(&run, &forecasts, &net, line);
        let mut saved = StandardScaler::<[f32; 1]>::new();
        load_prefix(&mut saved, &run.device.file(), "target_scaler.").unwrap();
        assert_eq!((saved.mean(), saved.variance()), (targets.mean(), targets.variance()));
    }
}

/// With the whole log at hand, and so without a queue.
fn trainer_by_hand(
    log: &Log,
    horizon: usize,
    is_level: bool,
) -> (Vec<Option<f32>>, Net, StandardScaler<[f32; 1]>) {
    let x: Vec<f32> = log.rows.iter().map(|row| row[0]).collect();
    let base = |t: usize| if is_level { 0.0 } else { x[t] };
    let mut trainer = Box::new(Trainer::<Net, Adam, 8, 24>::new(Adam::new(0.003)));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(SEED, 0));
    let (mut scaler, mut targets) =
        (StandardScaler::<[f32; 2]>::new(), StandardScaler::<[f32; 1]>::new());
    let (mut inputs, mut forecasts) = (vec![None], vec![None]);
    let mut predictor = Predictor::new();
    for t in 1..x.len() {
        if t >= horizon {
            let target = [x[t] - base(t - horizon)];
            if let Some(input) = &inputs[t - horizon] {
                trainer.observe(input, &targets.transform(&target)).unwrap();
            }
            targets.update(&target).unwrap();
        }
        let raw = [x[t], x[t] - x[t - 1]];
        scaler.update(&raw).unwrap();
        inputs.push((t > 100).then(|| {
            let mut input = scaler.transform(&raw);
            input.clamp(10.0);
            input
        }));
        forecasts.push(inputs[t].map(|input| {
            let y = *predictor.predict(&trainer.learner.net, &input).unwrap();
            base(t) + targets.inverse_transform(&y)[0]
        }));
    }
    (forecasts, trainer.learner.net.clone(), targets)
}
