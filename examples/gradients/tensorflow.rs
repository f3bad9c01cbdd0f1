//! The same network in TensorFlow: its weights, its outputs and its automatic gradients.

use elman::{Elman, Matrix, Stack};
use serde::Deserialize;
use serde_json::Value;

use crate::{Gradients, Net};

/// Written by `tests/data/make_gradients.py`.
const FILE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tensorflow.json"));

pub fn read() -> (Net, Gradients) {
    let file: Value = serde_json::from_str(FILE).expect("JSON");
    let case = &file["gradients"][0];
    let gradients = Gradients {
        outputs: numbers(&case["outputs"][0]),
        net: net(&case["gradient"]),
        inputs: numbers(&case["gradient_of_inputs"][0]),
        initial_state: numbers(&case["gradient_of_initial_states"][0]),
    };
    (net(&case["net"]), gradients)
}

fn net(net: &Value) -> Net {
    Stack([0, 1].map(|l| &net["layers"][l]).map(|layer| Elman {
        kernel: Matrix(numbers(&layer["kernel"])),
        recurrent_kernel: Matrix(numbers(&layer["recurrent_kernel"])),
        bias: numbers(&layer["bias"]),
    }))
}

fn numbers<'a, T: Deserialize<'a>>(value: &'a Value) -> T {
    T::deserialize(value).expect("rows of 3 numbers")
}
