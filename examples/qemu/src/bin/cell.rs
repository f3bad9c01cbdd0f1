//! A bare cell of I inputs and H units in the units in which others are measured: instructions, as CSV.
//!
//!     ./run.sh mps2-an386 cell
//!
//! `step` is one step, `tanh` its activations alone; `training` is 20 recorded steps with an error at
//! each and the way back through all of them; `sgd` is one update. The line `tanh` has 256 calls from
//! −2.5 to 2.5. `cargo xtask costs` adds estimated cycles and bytes of code.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{ConstZero, Elman, Layer, Optimizer, Pcg32, Scalar, Sgd, Tape, uniform};

const K: usize = 20;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("size,step,tanh,training,sgd,parameters\n")?;
        board::report_sizes!(out: Values (3, 16) (8, 32) (16, 64) (32, 128));
        let z = core::array::from_fn(|i| i as f32 * (5.0 / 255.0) - 2.5);
        writeln!(out, "tanh,,{},,,", tanh::<256>(&z).ok_or(Error)?)?;
        Ok(count::is_exact())
    })
}

/// What training owns, and a sequence.
struct Values<const I: usize, const H: usize> {
    cell: Elman<I, H>,
    gradient: Elman<I, H>,
    tape: Tape<Elman<I, H>, K>,
    x: [[f32; I]; K],
    d_h: [[f32; H]; K],
}

impl<const I: usize, const H: usize> Values<I, H> {
    const fn new() -> Self {
        let (cell, gradient) = (Elman::ZERO, Elman::ZERO);
        Self { cell, gradient, tape: Tape::new(), x: ConstZero::ZERO, d_h: ConstZero::ZERO }
    }

    #[inline(never)]
    fn report(&mut self, out: &mut Console) -> Result<(), Error> {
        self.draw();
        let Self { cell, gradient, tape, x, d_h } = self;
        let mut h = Elman::<I, H>::INITIAL_STATE;
        for x in &*x {
            cell.step(x, &mut h); // no longer at rest: numbers of the usual size
        }
        let tanh = tanh(&pre_activation(cell, &x[0], &h));
        let step = count::instructions(|| _ = black_box(cell.step(&x[0], &mut h)));
        let training = count::instructions(|| train(cell, gradient, tape, x, d_h));
        let sgd = count::instructions(|| Sgd::new(0.01).update(cell, gradient, &mut ()));

        write!(out, "{I}-{H}")?;
        for count in [step, tanh, training, sgd] {
            write!(out, ",{}", count.ok_or(Error)?)?;
        }
        writeln!(out, ",{}", size_of::<Elman<I, H>>() / 4)
    }

    fn draw(&mut self) {
        let mut rng = Pcg32::new(1, 0);
        uniform(&mut self.cell, 1.0 / Scalar::sqrt(H as f32), &mut rng);
        self.x.as_flattened_mut().fill_with(|| rng.uniform_symmetric());
        self.d_h.as_flattened_mut().fill_with(|| rng.uniform_symmetric());
    }
}

fn train<const I: usize, const H: usize>(
    cell: &Elman<I, H>,
    gradient: &mut Elman<I, H>,
    tape: &mut Tape<Elman<I, H>, K>,
    x: &[[f32; I]; K],
    d_h: &[[f32; H]; K],
) {
    for (x, d_h) in x.iter().zip(d_h) {
        tape.step(cell, x);
        tape.set_output_gradient(d_h);
    }
    tape.backward(cell, gradient);
}

/// What (1.1) takes the tanh of.
fn pre_activation<const I: usize, const H: usize>(
    cell: &Elman<I, H>,
    x: &[f32; I],
    h: &[f32; H],
) -> [f32; H] {
    let mut z = cell.bias;
    cell.kernel.add_product(x, &mut z);
    cell.recurrent_kernel.add_product(h, &mut z);
    z
}

fn tanh<const N: usize>(z: &[f32; N]) -> Option<u32> {
    let mut h = [0.0; N];
    count::instructions(|| {
        for (h, z) in h.iter_mut().zip(black_box(z)) {
            *h = z.tanh();
        }
        black_box(&mut h);
    })
}
