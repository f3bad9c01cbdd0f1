//@ error: E0277
//@ message: `FrozenBase<Base>` cannot read an input of type `[f32; 4]`
//! A layer below a frozen base would never learn.
use elman::{Dense, Elman, FrozenBase, Stack, StaticLayer, ConstZero};

static BASE: Elman<4, 8> = Elman::ZERO;

struct Base;

impl StaticLayer for Base {
    type Layer = Elman<4, 8>;

    fn layer() -> &'static Self::Layer {
        &BASE
    }
}

fn main() {
    let _ = Stack::new((Elman::<3, 4>::ZERO, FrozenBase::<Base>::new(), Dense::<8, 1>::ZERO));
}
