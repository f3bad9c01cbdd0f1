//! Learning in slices beside learning at once: instructions and bytes, as CSV.
//!
//!     ./run.sh mps2-an386 slices
//!
//! Truncated BPTT(20, 20). `macs` is the budget of one call of `learn`, two, five and ten times the
//! weights. `at once` is the twentieth
//! `Trainer::observe`, and `backward` its way back through the window. `observe` is the twentieth
//! `SlicedTrainer::observe`, `slices` the calls of `learn` that follow, `longest` the longest of them,
//! and `total` all of these together. `bytes` are those of the two trainers.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{
    Adam, Backward, Dense, Elman, Parameters, Pcg32, Sgd, SlicedOptimizer, SlicedTrainer, Stack,
    Tape, Trainer, uniform,
};

const K: usize = 20;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("net,optimizer,macs,backward,at once,observe,slices,longest,total,bytes at once,bytes\n")?;
        macro_rules! report {
            ($I:literal $H:literal $O:ident) => {{
                type Net = Stack<(Elman<$I, $H>, Dense<$H, 1>)>;
                let name = concat!(stringify!($I), "-", stringify!($H), "-1,", stringify!($O));
                let values = board::own!(Values<Net, $O> = Values::new($O::new(0.01)))?;
                values.report(name, &[0.25; $I], out)?;
            }};
        }
        report!(3 16 Sgd);
        report!(3 16 Adam);
        report!(16 64 Sgd);
        report!(16 64 Adam);
        Ok(count::is_exact())
    })
}

struct Values<N: Backward + Parameters, O: SlicedOptimizer<N>> {
    at_once: Trainer<N, O, K, K>,
    sliced: SlicedTrainer<N, O, K, K>,
    tape: Tape<N, K>,
    gradient: N,
}

impl<N, O> Values<N, O>
where
    N: Backward<Out = [f32; 1]> + Parameters<Scalar = f32, Tensor = [f32]>,
    O: SlicedOptimizer<N>,
{
    const fn new(optimizer: O) -> Self {
        Self {
            at_once: Trainer::new(optimizer),
            sliced: SlicedTrainer::new(optimizer),
            tape: Tape::new(),
            gradient: N::ZERO,
        }
    }

    #[inline(never)]
    fn report(&mut self, name: &str, x: &N::In, out: &mut Console) -> Result<(), Error> {
        let Self { at_once, sliced, tape, gradient } = self;
        let net = &mut at_once.learner.net;
        uniform(net, 0.2, &mut Pcg32::new(1, 0));
        sliced.complete().learner.net.copy_from(net);
        for _ in 0..K {
            tape.step(net, x);
            tape.set_output_gradient(&[0.1]);
        }
        let backward = count::instructions(|| _ = black_box(tape.backward(net, gradient)));
        let backward = backward.ok_or(Error)?;

        for weights in [2, 5, 10] {
            let macs = weights * size_of::<N>() / 4;
            for _ in 1..K {
                at_once.observe(x, &[0.5]).map_err(|_| Error)?;
                sliced.observe(x, &[0.5]).map_err(|_| Error)?;
            }
            let whole = count::instructions(|| _ = black_box(at_once.observe(x, &[0.5])));
            let whole = whole.ok_or(Error)?;
            let observe = count::instructions(|| _ = black_box(sliced.observe(x, &[0.5])));
            let observe = observe.ok_or(Error)?;

            let (mut slices, mut longest, mut total) = (0, 0, observe);
            while sliced.is_pending() {
                let slice = count::instructions(|| _ = black_box(sliced.learn(macs)));
                let slice = slice.ok_or(Error)?;
                (slices, longest, total) = (slices + 1, longest.max(slice), total + slice);
            }
            write!(out, "{name},{macs},{backward},{whole},{observe},{slices},{longest},{total}")?;
            let bytes = size_of::<SlicedTrainer<N, O, K, K>>();
            writeln!(out, ",{},{bytes}", size_of::<Trainer<N, O, K, K>>())?;
        }
        Ok(())
    }
}
