//! Weights that are whole numbers.

use elman::safetensors::SafeTensors;
use elman::{Dense, checked};

const FILE: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/integers.safetensors")));

static HEAD: Dense<1, 1> = checked!(Dense::from_keras(&FILE, ""));

fn main() {}
