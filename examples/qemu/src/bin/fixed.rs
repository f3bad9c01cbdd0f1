//! What integer layers cost on this board, beside [`cost`](cost.rs) of the floats.
//!
//! As CSV. `narrow` is the step of the cell with weights of 16 bits in flash, `cell` with those that
//! learn, `window` is 20 times a recorded step with its loss and error, then backward and an update.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count, stack};
use elman::fixed::{self, Row, Sgd};
use elman::{
    ConstZero, Initialize, Layer, LayerTypes, Loss, Optimizer, Parameters, Pcg32, SquaredError,
    Stack, Tape, clip_grad_norm,
};

const K: usize = 20;

type Net<const I: usize, const H: usize> = Stack<(fixed::Elman<I, H>, fixed::Dense<H, 1>)>;
type State<const I: usize, const H: usize> = <Net<I, H> as LayerTypes>::State;

/// What training owns.
struct Values<const I: usize, const H: usize> {
    net: Net<I, H>,
    gradient: Net<I, H>,
    tape: Tape<Net<I, H>, K>,
    state: State<I, H>,
}

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("size,narrow,cell,step,record,backward,update,window,bytes,state,stack\n")?;
        board::report_sizes!(out: Values (1, 12) (3, 16));
        #[cfg(not(small))]
        board::report_sizes!(out: Values (8, 32) (16, 64));
        Ok(count::is_exact())
    })
}

impl<const I: usize, const H: usize> Values<I, H> {
    const fn new() -> Self {
        Self {
            net: Net::ZERO,
            gradient: Net::ZERO,
            tape: Tape::new(),
            state: Net::<I, H>::INITIAL_STATE,
        }
    }

    /// In flash, made at compile time.
    const NARROW: fixed::Elman<I, H, i16> = {
        let (mut cell, mut r) = (elman::Elman::ZERO, 0);
        while r < H {
            cell.kernel.0[r % I][r] = 0.3;
            cell.recurrent_kernel.0[r][(r * 5 + 1) % H] = -0.2;
            r += 1;
        }
        fixed::Elman::new(&cell).to_i16()
    };

    #[inline(never)]
    fn report(&mut self, out: &mut Console) -> Result<(), Error> {
        self.net.init_pytorch(&mut Pcg32::new(1, 0));
        write!(out, "{I}-{H}-1")?;
        self.instructions(out)?;
        self.bytes(out)?;
        self.stack(out)
    }

    fn instructions(&mut self, out: &mut Console) -> Result<(), Error> {
        let Self { net, gradient, tape, state } = self;
        let narrow = const { &Self::NARROW };
        let x = black_box([0.5; I]);
        let row = Row::from(&x);
        let target = black_box([0.3]);
        for _ in 0..K {
            net.step(&row, state); // no longer at rest: numbers of the usual size
            observe(net, tape, &x, &target);
        }
        let counts = [
            count::instructions(|| _ = black_box(narrow.step(black_box(&row), &mut state.0))),
            count::instructions(|| _ = black_box(net.0.0.step(black_box(&row), &mut state.0))),
            count::instructions(|| {
                _ = black_box(net.step(&Row::from(black_box(&x)), state).to_f32())
            }),
            count::instructions(|| {
                _ = black_box(tape.step(net, &Row::from(black_box(&x))).to_f32())
            }),
            count::instructions(|| _ = tape.backward(net, gradient)),
            count::instructions(|| {
                Sgd::new(0.01).update(net, gradient, &mut ());
                gradient.set_zero();
            }),
            count::instructions(|| {
                for _ in 0..K {
                    observe(net, tape, &x, &target);
                }
                tape.backward(net, gradient);
                Sgd::new(0.01).update(net, gradient, &mut ());
                gradient.set_zero();
            }),
        ];
        for count in counts {
            match count {
                Some(count) => write!(out, ",{count}")?,
                None => out.write_str(",")?,
            }
        }
        Ok(())
    }

    fn bytes(&self, out: &mut Console) -> Result<(), Error> {
        let Self { net, tape, state, .. } = self;
        let training = 2 * size_of_val(net) + size_of_val(tape);
        write!(out, ",{training},{}", size_of_val(state))
    }

    fn stack(&mut self, out: &mut Console) -> Result<(), Error> {
        let Self { net, gradient, tape, .. } = self;
        let x = black_box([0.5; I]);
        let learn = stack::used(|| {
            observe(net, tape, &x, &[0.1]);
            tape.backward(net, gradient);
            if clip_grad_norm(gradient, 1.0).is_finite() {
                Sgd::new(0.01).update(net, gradient, &mut ());
            }
            gradient.set_zero();
        });
        writeln!(out, ",{learn}")
    }
}

/// A recorded step, its loss and its error.
#[inline(always)]
fn observe<const I: usize, const H: usize>(
    net: &Net<I, H>,
    tape: &mut Tape<Net<I, H>, K>,
    x: &[f32; I],
    target: &[f32; 1],
) {
    let y = tape.step(net, &Row::from(x));
    let (_, d_y) = SquaredError::loss(y, target);
    tape.set_output_gradient(&d_y);
}
