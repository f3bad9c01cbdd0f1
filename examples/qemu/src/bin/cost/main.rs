//! What the crate costs on this board: instructions, bytes of RAM, bytes of stack.
//!
//! Nets I-H-1 with a window of 20. `cell` is one step of the recurrent layer alone, `step` one of
//! the net; `tape` the same, recorded; `backward` the way back through the whole window; `update`
//! is SGD and the gradient set back to zero. The stack of `learn` is that of a sample that brings an
//! update: step, backward, clipping, update.
#![no_std]
#![no_main]

mod optimizers;

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count, stack};
use elman::{
    ConstZero, Dense, Elman, Layer, LayerTypes, Optimizer, Parameters, Pcg32, Sgd, Stack, Tape,
    clip_grad_norm, uniform,
};

const K: usize = 20;

type Net<const I: usize, const H: usize> = Stack<(Elman<I, H>, Dense<H, 1>)>;
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
        writeln!(out, "opt-level {}", env!("OPT_LEVEL"))?;
        out.write_str("net    |   cell    step    tape backward  update |")?;
        out.write_str("   net    tape  sgd  state | step learn\n")?;
        board::report_sizes!(out: Values (1, 12) (3, 16));
        #[cfg(not(small))]
        board::report_sizes!(out: Values (8, 32) (16, 64) (32, 128));
        optimizers::report(out)?;
        Ok(count::is_exact())
    })
}

impl<const I: usize, const H: usize> Values<I, H> {
    const fn new() -> Self {
        let zeros = Net::ZERO;
        Self {
            net: zeros,
            gradient: Net::ZERO,
            tape: Tape::new(),
            state: Net::<I, H>::INITIAL_STATE,
        }
    }

    #[inline(never)]
    fn report(&mut self, out: &mut Console) -> Result<(), Error> {
        uniform(&mut self.net, 0.25, &mut Pcg32::new(1, 0));
        write!(out, "{I}-{H}-1")?;
        self.instructions(out)?;
        self.bytes(out)?;
        self.stack(out)
    }

    fn instructions(&mut self, out: &mut Console) -> Result<(), Error> {
        let Self { net, gradient, tape, state } = self;
        let x = black_box([0.5; I]);
        for _ in 0..K {
            net.step(&x, state); // no longer at rest: numbers of the usual size
            tape.step(net, &x);
            tape.set_output_gradient(&[0.1]);
        }
        let counts = [
            count::instructions(|| _ = net.0.0.step(&x, &mut state.0)),
            count::instructions(|| _ = net.step(&x, state)),
            count::instructions(|| _ = tape.step(net, &x)),
            count::instructions(|| _ = tape.backward(net, gradient)),
            count::instructions(|| {
                Sgd::new(0.01).update(net, gradient, &mut ());
                gradient.set_zero();
            }),
        ];
        for count in counts {
            match count {
                Some(count) => write!(out, " {count:8}")?,
                None => out.write_str("        -")?,
            }
        }
        Ok(())
    }

    fn bytes(&self, out: &mut Console) -> Result<(), Error> {
        const { Self::hand_sums() };
        let Self { net, tape, state, .. } = self;
        let bytes = [size_of_val(net), size_of_val(tape), size_of::<Sgd>(), size_of_val(state)];
        bytes.iter().try_for_each(|bytes| write!(out, " {bytes:6}"))
    }

    /// Every number and every length has 4 bytes, and there is nothing else.
    const fn hand_sums() {
        let weights = I * H + H * H + H + H + 1;
        let state = H + 1;
        let inputs = K * I + 1;
        let record = 2 * (K * H + 1) + 2 * (K + 1);
        let position = 2;
        assert!(size_of::<Net<I, H>>() == 4 * weights);
        assert!(size_of::<State<I, H>>() == 4 * state);
        assert!(size_of::<Tape<Net<I, H>, K>>() == 4 * (2 * state + inputs + record + position));
    }

    fn stack(&mut self, out: &mut Console) -> Result<(), Error> {
        let Self { net, gradient, tape, state } = self;
        let x = black_box([0.5; I]);
        let step = stack::used(|| _ = net.step(&x, state));
        let learn = stack::used(|| {
            tape.step(net, &x);
            tape.set_output_gradient(&[0.1]);
            tape.backward(net, gradient);
            if clip_grad_norm(gradient, 1.0).is_finite() {
                Sgd::new(0.01).update(net, gradient, &mut ());
            }
            gradient.set_zero();
        });
        writeln!(out, " {step:6} {learn:6}")
    }
}
