//! The products, tanh and (1.3) of this processor against the loops of their equations, bit for bit.
//!
//! A number is now and then a special one: ±0, subnormal, huge, infinite, NaN. One NaN is as good as
//! another.

use core::fmt::{Error, Write};
use core::iter::once;

use board::Console;
use elman::{ConstZero, Elman, Layer, Matrix, Parameters, Pcg32, Scalar, Tape};

/// `N` shapes, each number from 1 to `largest`.
pub const fn drawn<const N: usize>(seed: u64, largest: usize) -> [(usize, usize); N] {
    let (mut shapes, mut rng, mut n) = ([(0, 0); N], Pcg32::new(seed, 0), 0);
    while n < N {
        let (i, h) = (rng.next_u32() as usize, rng.next_u32() as usize);
        shapes[n] = (1 + i % largest, 1 + h % largest);
        n += 1;
    }
    shapes
}

/// `report_drawn!(out: SHAPES 0 1 2)`: the shapes of these numbers, each in a static of its own.
macro_rules! report_drawn {
    ($out:ident: $SHAPES:ident $($n:literal)+) => {
        board::report_sizes!($out: Shape $(({ $SHAPES[$n].0 }, { $SHAPES[$n].1 }))+)
    };
}
pub(crate) use report_drawn;

/// Steps of the sums over time.
const T: usize = 5;
/// In the first draw of a shape no number is special.
const DRAWS: u32 = 6;
const SPECIAL: [f32; 8] =
    [0.0, -0.0, 1e-40, -1e-38, 3e38, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];

/// Numbers of a cell of `I` inputs and `H` units, and what is compared.
pub struct Shape<const I: usize, const H: usize> {
    x: [[f32; I]; T],
    y: [[f32; H]; T],
    cell: Elman<I, H>,
    tape: Tape<Elman<I, H>, T>,
    ours: Elman<I, H>,
    expected: Elman<I, H>,
    compared: u32,
    different: u32,
}

impl<const I: usize, const H: usize> Shape<I, H> {
    pub const fn new() -> Self {
        Self {
            x: ConstZero::ZERO,
            y: ConstZero::ZERO,
            cell: Elman::ZERO,
            tape: Tape::new(),
            ours: Elman::ZERO,
            expected: Elman::ZERO,
            compared: 0,
            different: 0,
        }
    }

    #[inline(never)]
    pub fn report(&mut self, out: &mut Console) -> Result<(), Error> {
        let mut rng = Pcg32::new(I as u64, H as u64);
        for draw in 0..DRAWS {
            self.draw(draw, &mut rng);
            self.affine();
            self.dots();
            self.outer();
            self.step();
            self.backward();
        }
        let Self { compared, different, .. } = self;
        writeln!(out, "{I} x {H}: {compared} numbers, {different} differ")?;
        if *different == 0 { Ok(()) } else { Err(Error) }
    }

    /// The later the draw, the more special numbers, but never so many that all sums are NaN.
    fn draw(&mut self, draw: u32, rng: &mut Pcg32) {
        let mut fill = |numbers: &mut [f32]| {
            numbers.fill_with(|| {
                let number = rng.uniform_symmetric();
                let special = SPECIAL.get(rng.next_u32() as usize & (2047 >> draw));
                *special.filter(|_| draw > 0).unwrap_or(&number)
            });
        };
        fill(self.x.as_flattened_mut());
        fill(self.y.as_flattened_mut());
        for n in 0..<Elman<I, H> as Parameters>::TENSORS {
            fill(self.cell.tensor_mut(n));
        }
    }

    fn compare(&mut self, ours: &[f32], expected: &[f32]) {
        self.compared += expected.len() as u32;
        self.different += different(ours, expected);
    }

    fn compare_tensor(&mut self, n: usize) {
        let (ours, expected) = (self.ours.tensor(n), self.expected.tensor(n));
        self.compared += expected.len() as u32;
        self.different += different(ours, expected);
    }

    /// `y + x · W`
    fn affine(&mut self) {
        let (x, y) = (self.x[0], self.y[0]);
        let mut ours = y;
        self.cell.kernel.add_product(&x, &mut ours);
        self.compare(&ours, &affine(&y, &x, &self.cell.kernel));
    }

    /// `x + y · Wᵀ` and `Y · Wᵀ`
    fn dots(&mut self) {
        let (x, y) = (self.x, self.y);
        let mut ours = x[0];
        self.cell.kernel.add_product_transposed(&y[0], &mut ours);
        self.compare(&ours, &dots(&x[0], &y[0], &self.cell.kernel));
        let mut ours = x;
        self.cell.kernel.products_transposed(&y, &mut ours);
        for (ours, y) in ours.iter().zip(&y) {
            self.compare(ours, &dots(&[0.0; I], y, &self.cell.kernel));
        }
    }

    /// `W + Σ_t x_tᵀ · y_t`, over fewer steps too
    fn outer(&mut self) {
        for steps in [0, 1, T] {
            let (x, y) = (self.x, self.y);
            let (ours, expected) = (&mut self.ours.kernel, &mut self.expected.kernel);
            ours.0 = self.cell.kernel.0;
            expected.0 = self.cell.kernel.0;
            ours.add_outer_products(x.get(..steps).unwrap_or_default(), &y);
            x.iter().zip(&y).take(steps).for_each(|(x, y)| add_outer(expected, x, y));
            self.compare_tensor(0);
        }
    }

    /// (1.1)
    fn step(&mut self) {
        let mut ours = self.y[0];
        self.cell.step(&self.x[0], &mut ours);
        self.compare(&ours, &forward(&self.cell, &self.x[0], &self.y[0]));
    }

    /// (1.3), with an error at every step
    fn backward(&mut self) {
        self.ours.set_zero();
        self.expected.set_zero();
        self.tape.reset([0.0; H]);
        let (x, mut delta) = (self.x, self.y);
        let (mut h, mut before) = ([[0.0; H]; T], [0.0; H]);
        for ((x, d_h), h) in x.iter().zip(&delta).zip(&mut h) {
            self.tape.step(&self.cell, x);
            self.tape.set_output_gradient(d_h);
            *h = forward(&self.cell, x, &before);
            before = *h;
        }
        let d_h = self.tape.backward(&self.cell, &mut self.ours);

        let mut carry = [0.0; H];
        for (delta, h) in delta.iter_mut().zip(&h).rev() {
            for ((delta, carry), h) in delta.iter_mut().zip(carry).zip(h) {
                *delta = (*delta + carry) * (1.0 - h * h);
            }
            carry = dots(&[0.0; H], delta, &self.cell.recurrent_kernel);
        }
        let expected = &mut self.expected;
        for ((x, before), delta) in x.iter().zip(once(&[0.0; H]).chain(&h)).zip(&delta) {
            add_outer(&mut expected.kernel, x, delta);
            add_outer(&mut expected.recurrent_kernel, before, delta);
            expected.bias.iter_mut().zip(delta).for_each(|(bias, delta)| *bias += delta);
        }
        self.compare(&d_h, &carry);
        (0..<Elman<I, H> as Parameters>::TENSORS).for_each(|n| self.compare_tensor(n));
    }
}

fn different(ours: &[f32], expected: &[f32]) -> u32 {
    let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    ours.iter().zip(expected).filter(|&pair| !same(pair)).count() as u32
}

/// `y + x · W`
fn affine<const R: usize, const C: usize>(
    y: &[f32; C],
    x: &[f32; R],
    w: &Matrix<R, C>,
) -> [f32; C] {
    let mut sums = *y;
    for (x, row) in x.iter().zip(&w.0) {
        sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * w);
    }
    sums
}

/// `x + y · Wᵀ`
fn dots<const R: usize, const C: usize>(x: &[f32; R], y: &[f32; C], w: &Matrix<R, C>) -> [f32; R] {
    let mut sums = *x;
    for (sum, row) in sums.iter_mut().zip(&w.0) {
        y.iter().zip(row).for_each(|(y, w)| *sum += y * w);
    }
    sums
}

/// `W += xᵀ · y`
fn add_outer<const R: usize, const C: usize>(w: &mut Matrix<R, C>, x: &[f32; R], y: &[f32; C]) {
    for (x, row) in x.iter().zip(&mut w.0) {
        row.iter_mut().zip(y).for_each(|(w, y)| *w += x * y);
    }
}

/// (1.1)
fn forward<const I: usize, const H: usize>(
    cell: &Elman<I, H>,
    x: &[f32; I],
    h: &[f32; H],
) -> [f32; H] {
    let z = affine(&affine(&cell.bias, x, &cell.kernel), h, &cell.recurrent_kernel);
    z.map(Scalar::tanh)
}
