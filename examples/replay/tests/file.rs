//! The file of the best network, in a device: the forecasts are those of the file's numbers.

use elman::safetensors::{SafeTensors, load_prefix};
use elman::{
    ConstZero, Dense, Elman, Forecaster, Predictor, Sgd, Stack, StandardScaler, Tensor, checked,
};

use super::hours;

/// What `cargo run --release --example replay` writes.
pub const FILE: &[u8] = include_bytes!("../replay.safetensors");

type Net = Stack<(Elman<2, 8>, Dense<8, 1>)>;
const TENSORS: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../replay.safetensors")));
static NET: Net = Stack::new((
    checked!(Elman::from_keras(&TENSORS, "net.0.")),
    checked!(Dense::from_keras(&TENSORS, "net.1.")),
));

/// As the firmware would, the weights in flash.
fn from_flash(samples: &[f32]) -> Vec<f32> {
    let mut scaler = StandardScaler::<[f32; 2]>::ZERO;
    load_prefix(&mut scaler, FILE, "scaler.").unwrap();
    let mut predictor = Predictor::new();
    let forecast = |pair: &[f32]| {
        let raw = [pair[1], pair[1] - pair[0]];
        let mut input = scaler.transform(&raw);
        input.clamp(10.0);
        let [y] = *predictor.predict(&NET, &input).unwrap();
        pair[1] + scaler.inverse_transform(&[0.0, y])[1]
    };
    samples.windows(2).map(forecast).collect()
}

#[test]
fn a_forecaster_with_the_file_forecasts_as_the_weights_in_flash() {
    let samples: Vec<f32> = hours(400).rows.iter().map(|row| row[0]).collect();
    let mut device = Forecaster::<Net, Sgd, 8, 24>::new(Sgd::new(0.0)); // so that weights stay
    load_prefix(&mut device.trainer.learner.net, FILE, "net.").unwrap();
    load_prefix(&mut device.scaler, FILE, "scaler.").unwrap();
    device.scaler.freeze();
    let forecasts: Vec<f32> =
        samples.iter().map(|x| device.observe(&[*x]).unwrap().forecast[0]).collect();
    assert_eq!(forecasts[1..], from_flash(&samples));
}

/// The numbers of a tensor, read by the library of the format.
fn tensor(name: &str) -> Vec<f64> {
    let file = safetensors::SafeTensors::deserialize(FILE).unwrap();
    let tensor = file.tensor(name).unwrap();
    assert_eq!(tensor.dtype(), safetensors::Dtype::F32);
    let numbers = tensor.data().as_chunks().0.iter();
    numbers.map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
}

/// (1.1) and the readout in `f64`, from the numbers that the `safetensors` crate reads.
#[test]
fn the_formulas_forecast_the_same_from_the_file() {
    /// Of the deviation of the changes.
    const TOLERANCE: f64 = 1e-4;
    let [w_x, w_h, b] =
        ["kernel", "recurrent_kernel", "bias"].map(|name| tensor(&format!("net.0.{name}")));
    let (w_y, b_y) = (tensor("net.1.kernel"), tensor("net.1.bias"));
    let (mean, variance) = (tensor("scaler.mean"), tensor("scaler.variance"));
    let samples: Vec<f32> = hours(400).rows.iter().map(|row| row[0]).collect();
    let (mut h, mut worst) = (vec![0.0; 8], 0.0_f64);
    for (pair, forecast) in samples.windows(2).zip(from_flash(&samples)) {
        let (before, now) = (f64::from(pair[0]), f64::from(pair[1]));
        let x: Vec<f64> = [now, now - before]
            .iter()
            .enumerate()
            .map(|(i, x)| ((x - mean[i]) / variance[i].sqrt()).clamp(-10.0, 10.0))
            .collect();
        let unit = |j: usize| {
            let from_x: f64 = x.iter().enumerate().map(|(i, x)| x * w_x[8 * i + j]).sum();
            let from_h: f64 = h.iter().enumerate().map(|(i, h)| h * w_h[8 * i + j]).sum();
            (from_x + from_h + b[j]).tanh()
        };
        h = (0..8).map(unit).collect();
        let y: f64 = h.iter().zip(&w_y).map(|(h, w)| h * w).sum::<f64>() + b_y[0];
        let expected = now + mean[1] + variance[1].sqrt() * y;
        worst = worst.max((expected - f64::from(forecast)).abs() / variance[1].sqrt());
    }
    println!("worst difference: {worst:.1e} deviations");
    assert!(worst < TOLERANCE, "{worst}");
}
