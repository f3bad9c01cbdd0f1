//! `tests/data/training.json`: what PyTorch computes.

use elman::{Dense, Elman, Matrix, Stack};
use serde::Deserialize;

/// The network of the training runs.
pub type Net = Stack<(Elman<2, 5, f64>, Elman<5, 4, f64>, Dense<4, 2, f64>)>;

#[derive(Deserialize)]
pub struct Goldens {
    pub k: usize,
    pub inputs: Vec<[f64; 2]>,
    pub targets: Vec<[f64; 2]>,
    pub runs: Vec<Run>,
    pub schedules: Vec<Factors>,
    pub losses: Vec<LossCase>,
}

#[derive(Deserialize)]
pub struct Run {
    pub rule: String,
    pub learning_rate: f64,
    pub momentum: f64,
    pub weight_decay: f64,
    pub max_norm: Option<f64>,
    pub max_value: Option<f64>,
    pub scheduled: bool,
    pub losses: Vec<f64>,
    pub gradient_norms: Vec<f64>,
    initial_net: Layers,
    final_net: Layers,
}

#[derive(Deserialize)]
pub struct Factors {
    pub name: String,
    pub factors: Vec<f64>,
}

#[derive(Deserialize)]
pub struct LossCase {
    pub name: String,
    pub y: [f64; 4],
    pub target: [f64; 4],
    pub loss: f64,
    pub gradient: [f64; 4],
}

#[derive(Deserialize)]
struct Layers {
    layers: Vec<Tensors>,
    dense: Tensors,
}

#[derive(Deserialize)]
struct Tensors {
    kernel: Vec<Vec<f64>>,
    recurrent_kernel: Option<Vec<Vec<f64>>>,
    bias: Vec<f64>,
}

pub fn goldens() -> Goldens {
    serde_json::from_str(include_str!("../data/training.json")).unwrap()
}

impl Run {
    pub fn initial_net(&self) -> Net {
        self.initial_net.net()
    }

    pub fn final_net(&self) -> Net {
        self.final_net.net()
    }
}

impl Layers {
    fn net(&self) -> Net {
        let [first, second] = self.layers.as_slice() else { panic!("two layers") };
        Stack((first.elman(), second.elman(), self.dense.dense()))
    }
}

impl Tensors {
    fn elman<const I: usize, const H: usize>(&self) -> Elman<I, H, f64> {
        Elman {
            kernel: matrix(&self.kernel),
            recurrent_kernel: matrix(self.recurrent_kernel.as_ref().unwrap()),
            bias: row(&self.bias),
        }
    }

    fn dense<const I: usize, const O: usize>(&self) -> Dense<I, O, f64> {
        Dense { kernel: matrix(&self.kernel), bias: row(&self.bias) }
    }
}

fn matrix<const R: usize, const C: usize>(rows: &[Vec<f64>]) -> Matrix<R, C, f64> {
    assert_eq!(rows.len(), R);
    Matrix(core::array::from_fn(|r| row(&rows[r])))
}

fn row<const N: usize>(numbers: &[f64]) -> [f64; N] {
    numbers.try_into().unwrap()
}
