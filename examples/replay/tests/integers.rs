//! Integers: a replayed run has the bits of a loop by hand, and its file forecasts the same.

use elman::fixed::{InFloat, Row};
use elman::safetensors::load_prefix;
use elman::{
    Adam, ConstZero, Initialize, Optimizer, Pcg32, Predictor, RmsProp, Stack, StandardScaler,
    Tensor, Trainer, fixed,
};

use super::{args, hours};
use crate::ahead::{Ahead, Target};
use crate::experiment::{Plan, Run, run};
use crate::firmware;
use crate::log::Log;
use crate::score::Scored;

type Net = Stack<(fixed::Elman<2, 8>, fixed::Dense<8, 1>)>;
const SEED: u64 = 1;

/// The run that the command line asks for, and the lines for the firmware.
fn replayed(line: &str, log: &Log) -> (Run, String) {
    let args = args(&format!("--numbers integers {line}"));
    let scored = Scored::new(log, args.horizon, 24).unwrap();
    let plan = Plan { seeds: 1, ..args.plan() };
    let settings = args.settings().unwrap()[0];
    let mut lines = String::new();
    firmware::print("x.safetensors".as_ref(), log, &settings, plan.target, &mut lines).unwrap();
    (run(&scored, plan, &settings, SEED, || {}), lines)
}

/// With the whole log at hand, and so without a queue.
fn by_hand<O: Optimizer<Net>>(rule: O, log: &Log, horizon: usize) -> (Vec<f32>, Net) {
    let x: Vec<f32> = log.rows.iter().map(|row| row[0]).collect();
    let mut trainer = Box::new(Trainer::<Net, O, 8, 24>::new(rule));
    trainer.learner.net.init_pytorch(&mut Pcg32::new(SEED, 0));
    let mut scaler = StandardScaler::<[f32; 2]>::new();
    let mut targets = StandardScaler::<[f32; 1]>::new();
    let (mut inputs, mut forecasts) = (vec![None], vec![x[0]]);
    let mut predictor = Predictor::new();
    for t in 1..x.len() {
        if t >= horizon {
            let target = [x[t] - x[t - horizon]];
            if let Some(input) = &inputs[t - horizon] {
                trainer.observe(input, &targets.transform(&target)).unwrap();
            }
            targets.update(&target).unwrap();
        }
        let raw = [x[t], x[t] - x[t - 1]];
        scaler.update(&raw).unwrap();
        let mut input = scaler.transform(&raw);
        input.clamp(10.0);
        inputs.push((t > 100).then(|| Row::from(input)));
        let y = inputs[t].map(|input| {
            let y = predictor.predict(&trainer.learner.net, &input).unwrap().to_f32();
            targets.inverse_transform(&y)[0]
        });
        forecasts.push(y.map_or(x[t], |y| x[t] + y));
    }
    assert!(trainer.learner.updates() > 100);
    (forecasts, trainer.learner.net.clone())
}

#[test]
fn with_each_optimiser_it_is_the_trainer_by_hand() {
    macro_rules! check {
        ($line:literal, $rule:expr, $horizon:literal) => {
            let log = hours(1200);
            let (forecasts, net) = by_hand($rule, &log, $horizon);
            let (run, _) = replayed($line, &log);
            for (row, (a, b)) in run.forecasts.iter().zip(&forecasts).enumerate() {
                assert_eq!(*a, f64::from(*b), "{}, row {row}", $line);
            }
            let mut saved = Net::ZERO;
            load_prefix(&mut saved, &run.device.file(), "net.").unwrap();
            assert_eq!(saved, net, "{}", $line);
        };
    }
    check!("", InFloat(Adam::new(0.003)), 1);
    check!("--horizon 3 --lr 0.01", InFloat(Adam::new(0.01)), 3);
    check!("--optimizer sgd --lr 0.1", fixed::Sgd::new(0.1), 1);
    check!("--optimizer momentum --lr 0.01", fixed::Momentum::new(0.01), 1);
    check!("--optimizer rms-prop --lr 0.01", InFloat(RmsProp::new(0.01)), 1);
}

/// As the firmware would, without learning on.
fn from_file(file: &[u8], samples: &[f32]) -> Vec<f32> {
    let target = Target { horizon: 1, is_level: false };
    let mut device =
        Ahead::<Net, fixed::InFloat<Adam>, 2, 8, 24>::new(fixed::InFloat(Adam::new(0.003)), target);
    load_prefix(&mut device.target_scaler, file, "target_scaler.").unwrap();
    load_prefix(&mut device.trainer.learner.net, file, "net.").unwrap();
    load_prefix(&mut device.scaler, file, "scaler.").unwrap();
    device.trainer.learner.optimizer = InFloat(Adam::new(0.0));
    device.scaler.freeze();
    device.target_scaler.freeze();
    samples.iter().map(|x| device.observe(&[*x]).unwrap()).collect()
}

/// But for what happens to errors.
#[test]
fn the_lines_for_firmware_are_those_of_the_test_of_the_file() {
    let dense = |text: &str| text.replace([' ', '\n', ','], "").replace("FILE", "file");
    let compiled = dense(include_str!("integers.rs"));
    let (_, lines) = replayed("", &hours(400));
    let starts = ["type Net", "let target", "let mut device", "load_prefix"];
    let is_code = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    for line in lines.lines().filter(is_code) {
        assert!(compiled.contains(&dense(line.trim_end_matches("?;"))), "{line}");
    }
    assert_eq!(lines.lines().filter(is_code).count(), 6);
    assert!(!lines.contains("flash"), "{lines}");
}

#[test]
fn the_lines_for_firmware_name_the_optimiser_of_integers() {
    for (rule, code) in [
        ("sgd", "Ahead::<Net, fixed::Sgd, 2, 8, 24>::new(fixed::Sgd::new(0.003), target)"),
        ("momentum", "fixed::Momentum, 2, 8, 24>::new(fixed::Momentum::new(0.003), target)"),
        ("rms-prop", "fixed::InFloat<RmsProp>, 2, 8, 24>::new(fixed::InFloat(RmsProp::new(0.003))"),
    ] {
        let (_, lines) = replayed(&format!("--optimizer {rule}"), &hours(400));
        assert!(lines.contains(code), "{lines}");
    }
}

/// The numbers of a tensor, read by the library of the format: integers times a power of two.
fn tensor(file: &[u8], name: &str) -> Vec<f64> {
    let file = safetensors::SafeTensors::deserialize(file).unwrap();
    let integers = |name: String| -> Vec<i32> {
        let tensor = file.tensor(&name).unwrap();
        assert_eq!(tensor.dtype(), safetensors::Dtype::I32);
        tensor.data().as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect()
    };
    let exponent = integers(format!("{name}.exponent"))[0];
    let numbers = integers(format!("{name}.numbers"));
    numbers.into_iter().map(|n| f64::from(n) * 2.0_f64.powi(exponent)).collect()
}

/// (1.1) and the readout in `f64`, from the numbers that the `safetensors` crate reads.
#[test]
fn the_formulas_forecast_the_same_from_the_file() {
    /// Of the deviation of the changes.
    const TOLERANCE: f64 = 2e-3;
    let samples: Vec<f32> = hours(1200).rows.iter().map(|row| row[0]).collect();
    let file = replayed("", &hours(1200)).0.device.file();
    let [w_x, w_h, b] =
        ["kernel", "recurrent_kernel", "bias"].map(|name| tensor(&file, &format!("net.0.{name}")));
    let (w_y, b_y) = (tensor(&file, "net.1.kernel"), tensor(&file, "net.1.bias"));
    let mut scaler = StandardScaler::<[f32; 2]>::ZERO;
    let mut targets = StandardScaler::<[f32; 1]>::ZERO;
    load_prefix(&mut scaler, &file, "scaler.").unwrap();
    load_prefix(&mut targets, &file, "target_scaler.").unwrap();
    let deviation = f64::from(targets.variance()[0]).sqrt();
    let forecasts = from_file(&file, &samples);
    let (mut h, mut worst) = (vec![0.0; 8], 0.0_f64);
    for (pair, forecast) in samples.windows(2).zip(&forecasts[1..]) {
        let mut x = scaler.transform(&[pair[1], pair[1] - pair[0]]);
        x.clamp(10.0);
        let unit = |j: usize| {
            let from_x: f64 =
                x.iter().enumerate().map(|(i, x)| f64::from(*x) * w_x[8 * i + j]).sum();
            let from_h: f64 = h.iter().enumerate().map(|(i, h)| h * w_h[8 * i + j]).sum();
            (from_x + from_h + b[j]).tanh()
        };
        h = (0..8).map(unit).collect();
        let y: f64 = h.iter().zip(&w_y).map(|(h, w)| h * w).sum::<f64>() + b_y[0];
        let expected = f64::from(pair[1]) + f64::from(targets.mean()[0]) + deviation * y;
        worst = worst.max((expected - f64::from(*forecast)).abs() / deviation);
    }
    println!("worst difference: {worst:.1e} deviations");
    assert!(worst > 0.0 && worst < TOLERANCE, "{worst}");
}
