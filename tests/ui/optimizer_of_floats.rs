//@ error: E0271
//@ message: <Integers as Parameters>::Tensor == [f32]
//! An optimiser of floats does not update tensors of another kind of number.
use elman::{ConstZero, Optimizer, Parameters, Sgd, Tensor};

struct Q15([i16; 2]);

impl Tensor for Q15 {
    type Scalar = f32;

    fn empty<'a>() -> &'a mut Self {
        unimplemented!()
    }
    fn set_zero(&mut self) {
        self.0 = [0; 2];
    }
    fn copy_from(&mut self, other: &Self) {
        self.0 = other.0;
    }
    fn lerp(&mut self, _: &Self, _: f32) {}
    fn scale(&mut self, _: f32) {}
    fn clamp(&mut self, _: f32) {}
    fn max_abs(&self) -> f32 {
        0.0
    }
    fn add_squares(&self, sum: f32, _: f32) -> f32 {
        sum
    }
}

struct Integers(Q15);

impl ConstZero for Integers {
    const ZERO: Self = Self(Q15([0; 2]));
}

impl Parameters for Integers {
    type Scalar = f32;
    type Tensor = Q15;
    const TENSORS: usize = 1;

    fn tensor(&self, _: usize) -> &Q15 {
        &self.0
    }
    fn tensor_mut(&mut self, _: usize) -> &mut Q15 {
        &mut self.0
    }
}

fn main() {
    let mut net = Integers::ZERO;
    Optimizer::update(&Sgd::new(0.1_f32), &mut net, &Integers::ZERO, &mut ());
}
