//@ error: E0080
//@ message: tensor `rnn.weight_ih_l2`: missing
//! A layer that is not in the file.

use elman::safetensors::SafeTensors;
use elman::{Elman, checked};

const FILE: SafeTensors<'_> =
    checked!(SafeTensors::parse(include_bytes!("../data/torch.safetensors")));

static CELL: Elman<4, 4> = checked!(Elman::from_pytorch(&FILE, "rnn.", 2));

fn main() {}
