//@ error: E0080
//@ message: tensor `rnn.weight_ih_l0`: its shape is [4, 2], not [4, 3]
//! A layer that reads more than the one in the file.

use elman::safetensors::SafeTensors;
use elman::{Elman, checked};

const FILE: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/torch.safetensors")));

static CELL: Elman<3, 4> = checked!(Elman::from_pytorch(&FILE, "rnn.", 0));

fn main() {}
