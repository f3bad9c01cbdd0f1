//! The cells beside each other: instructions and bytes, as CSV.
//!
//!     ./run.sh mps2-an386 cells_cost
//!
//! Networks of 8 inputs, one cell of 24 units and 4 outputs, a tape of 20 steps. `step` is inference,
//! `record` the same step recorded, `backward` the way back through the 20, `update` SGD with the gradient
//! set back to zero. For `rtrl` there is no tape: `record` is the step with its traces, `backward` what
//! one loss adds to the gradient. `training` is what a recorded step costs with its share of a backward
//! and an update every 20 steps, a loss at each. `bytes` are those of network, gradient and tape or
//! traces.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{
    Backward, ConstZero, Dense, Elman, Gru, LeakyElman, MinGru, Optimizer, Parameters, Pcg32, Rtrl,
    Sgd, Stack, Tape, uniform,
};

const I: usize = 8;
const H: usize = 24;
const O: usize = 4;
const K: usize = 20;

type Head = Dense<H, O>;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("cell,parameters,step,record,backward,update,training,bytes\n")?;
        macro_rules! report {
            ($name:literal, $C:ty) => {
                black_box(board::own!(OnTape<Stack<($C, Head)>> = OnTape::new())?).report($name, out)?
            };
        }
        report!("Elman", Elman<I, H>);
        report!("LeakyElman", LeakyElman<I, H>);
        report!("Gru", Gru<I, H>);
        report!("Gru reset before", Gru<I, H, f32, false>);
        report!("MinGru", MinGru<I, H>);
        black_box(board::own!(ByTraces = ByTraces::new())?).report("MinGru rtrl", out)?;
        Ok(count::is_exact())
    })
}

/// What training owns.
struct OnTape<N: Backward> {
    net: N,
    gradient: N,
    tape: Tape<N, K>,
}

impl<N> OnTape<N>
where
    N: Backward<In = [f32; I], Out = [f32; O]> + Parameters<Scalar = f32, Tensor = [f32]>,
{
    const fn new() -> Self {
        Self { net: N::ZERO, gradient: N::ZERO, tape: Tape::new() }
    }

    #[inline(never)]
    fn report(&mut self, name: &str, out: &mut Console) -> Result<(), Error> {
        let Self { net, gradient, tape } = self;
        uniform(net, 0.2, &mut Pcg32::new(1, 0));
        let x = black_box([0.5; I]);
        let mut state = N::INITIAL_STATE;
        for _ in 0..K {
            net.step(&x, &mut state); // no longer at rest: numbers of the usual size
            tape.step(net, &x);
            tape.set_output_gradient(&[0.1; O]);
        }
        let counts = [
            count::instructions(|| _ = black_box(net.step(&x, &mut state))),
            count::instructions(|| _ = black_box(tape.step(net, &x))),
            count::instructions(|| _ = black_box(tape.backward(net, gradient))),
            update(net, gradient),
        ];
        print(name, size_of::<N>() / 4, counts, K, size_of::<Self>(), out)
    }
}

type One = Stack<(MinGru<I, H>, Head)>;

/// The same without a tape.
struct ByTraces {
    net: One,
    gradient: One,
    rtrl: Rtrl<I, H, Head>,
}

impl ByTraces {
    const fn new() -> Self {
        Self { net: One::ZERO, gradient: One::ZERO, rtrl: Rtrl::new() }
    }

    #[inline(never)]
    fn report(&mut self, name: &str, out: &mut Console) -> Result<(), Error> {
        let Self { net, gradient, rtrl } = self;
        uniform(net, 0.2, &mut Pcg32::new(1, 0));
        let x = black_box([0.5; I]);
        let mut state = One::INITIAL_STATE;
        for _ in 0..K {
            net.step(&x, &mut state);
            rtrl.step(net, &x);
        }
        let counts = [
            count::instructions(|| _ = black_box(net.step(&x, &mut state))),
            count::instructions(|| _ = black_box(rtrl.step(net, &x))),
            count::instructions(|| rtrl.backward(net, &black_box([0.1; O]), gradient)),
            update(net, gradient),
        ];
        print(name, size_of::<One>() / 4, counts, 1, size_of::<Self>(), out)
    }
}

fn update<N: Parameters<Scalar = f32, Tensor = [f32]>>(
    net: &mut N,
    gradient: &mut N,
) -> Option<u32> {
    count::instructions(|| {
        Sgd::new(0.01).update(net, gradient, &mut ());
        gradient.set_zero();
    })
}

/// `steps` are those that one backward goes through.
fn print(
    name: &str,
    parameters: usize,
    counts: [Option<u32>; 4],
    steps: usize,
    bytes: usize,
    out: &mut Console,
) -> Result<(), Error> {
    let [Some(step), Some(record), Some(backward), Some(update)] = counts else {
        return Err(Error);
    };
    let training = record + backward / steps as u32 + update / K as u32;
    writeln!(out, "{name},{parameters},{step},{record},{backward},{update},{training},{bytes}")
}
