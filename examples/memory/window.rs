//! The newest inputs in a row: what a linear layer above sees of the past.

use elman::{Cell, ConstZero, Initialize, Parameters, Pcg32, Reads, Window, layer};

use crate::learn::Start;

/// The newest `W` inputs of `I` numbers each, `D = W · I` in all, oldest first. It has no weights.
pub struct Newest<const I: usize, const W: usize, const D: usize>;

impl<const I: usize, const W: usize, const D: usize> Cell for Newest<I, W, D> {
    type In = [f32; I];
    type Out = [f32; D];

    fn step(&self, x: &[f32; I], newest: &mut [f32; D]) {
        const { assert!(D == W * I) };
        newest.copy_within(I.., 0);
        newest[D - I..].copy_from_slice(x);
    }

    /// Nothing below it learns.
    fn backward(&self, _window: Window<'_, [f32; I], [f32; D]>, _gradient: Option<&mut Self>) {}
}

layer!([const I: usize, const W: usize, const D: usize] Newest<I, W, D>);
impl<const I: usize, const W: usize, const D: usize> Reads<[f32; I]> for Newest<I, W, D> {}

impl<const I: usize, const W: usize, const D: usize> Parameters for Newest<I, W, D> {
    type Scalar = f32;
    type Tensor = [f32];
    const TENSORS: usize = 0;

    fn tensor(&self, _: usize) -> &[f32] {
        &[]
    }
    fn tensor_mut(&mut self, _: usize) -> &mut [f32] {
        &mut []
    }
}

impl<const I: usize, const W: usize, const D: usize> ConstZero for Newest<I, W, D> {
    const ZERO: Self = Self;
}

impl<const I: usize, const W: usize, const D: usize> Initialize for Newest<I, W, D> {
    fn init_pytorch(&mut self, _: &mut Pcg32) {}
    fn init_keras(&mut self, _: &mut Pcg32) {}
}

impl<const I: usize, const W: usize, const D: usize> Start for Newest<I, W, D> {}
