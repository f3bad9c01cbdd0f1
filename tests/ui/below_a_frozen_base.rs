//@ error: E0277
//@ message: `FrozenBase<Base>` cannot read an input of type `[f32; 4]`
//! A layer below a frozen base would never learn.
use elman::{Dense, Elman, FrozenBase, Stack, Weights, Zeros};

static BASE: Elman<4, 8> = Elman::ZEROS;

struct Base;

impl Weights for Base {
    type Layer = Elman<4, 8>;

    fn weights() -> &'static Self::Layer {
        &BASE
    }
}

fn main() {
    let _ = Stack::new((Elman::<3, 4>::ZEROS, FrozenBase::<Base>::new(), Dense::<8, 1>::ZEROS));
}
