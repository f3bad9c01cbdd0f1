//@ error: E0080
//@ message: tensor `kernel`: its dtype is I32, which cannot be read here
//! Weights that are whole numbers.

use elman::safetensors::SafeTensors;
use elman::{Dense, checked};

const FILE: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/integers.safetensors")));

static HEAD: Dense<1, 1> = checked!(Dense::from_keras(&FILE, ""));

fn main() {}
