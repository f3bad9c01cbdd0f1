//@ error: E0080
//@ message: tensor `rnn.weight_ih_l1`: truncated: the file ends before it does
//! A file that lost its last byte.

use elman::safetensors::SafeTensors;
use elman::{Dense, checked};

const BYTES: &[u8] = include_bytes!("../data/torch.safetensors");
const FILE: SafeTensors<'_> = checked!(SafeTensors::parse(BYTES.split_at(BYTES.len() - 1).0));

static HEAD: Dense<4, 2> = checked!(Dense::from_pytorch(&FILE, "head."));

fn main() {}
