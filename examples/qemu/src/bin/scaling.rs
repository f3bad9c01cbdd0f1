//! How the cost grows with the units H, the window K and the depth: instructions and bytes, as CSV.
//!
//!     ./run.sh mps2-an386 scaling
//!
//! One of the three varies in each part, the units in integers too. The recorded step, the way back through the window, and
//! SGD with the gradient set back to zero; the bytes of network and tape.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count};
use elman::{
    Backward, ConstZero, Elman, Initialize, Optimizer, Parameters, Pcg32, Sgd, Stack, Tape, fixed,
};

/// Of the parts where they do not vary.
const K: usize = 8;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("part,value,step,backward,update,net,tape\n")?;
        units(out)?;
        units_in_integers(out)?;
        window(out)?;
        depth(out)?;
        Ok(count::is_exact())
    })
}

macro_rules! measure {
    ($out:ident, $part:literal, $value:expr, $net:ty, $k:expr) => {
        measure!($out, $part, $value, $net, $k, Sgd::new(0.01))
    };
    ($out:ident, $part:literal, $value:expr, $net:ty, $k:expr, $sgd:expr) => {{
        write!($out, "{},{}", $part, $value)?;
        black_box(board::own!(Values<$net, { $k }> = Values::new())?).report($out, &$sgd)?;
    }};
}

fn units(out: &mut Console) -> Result<(), Error> {
    macro_rules! each {
        ($($h:literal)+) => { $(measure!(out, "H", $h, Elman<4, $h>, K);)+ };
    }
    each!(8 12 16 24 32 48 64 96 128 192 256);
    Ok(())
}

/// Up to what the timer of the board can count.
fn units_in_integers(out: &mut Console) -> Result<(), Error> {
    macro_rules! each {
        ($($h:literal)+) => {
            $(measure!(out, "H in integers", $h, fixed::Elman<4, $h>, K, fixed::Sgd::new(0.01));)+
        };
    }
    each!(8 12 16 24 32 48 64 96 128 192);
    Ok(())
}

fn window(out: &mut Console) -> Result<(), Error> {
    macro_rules! each {
        ($($k:literal)+) => { $(measure!(out, "K", $k, Elman<8, 32>, $k);)+ };
    }
    each!(5 10 20 40 80);
    Ok(())
}

fn depth(out: &mut Console) -> Result<(), Error> {
    type L = Elman<32, 32>;
    measure!(out, "depth", 1, L, K);
    measure!(out, "depth", 2, Stack<(L, L)>, K);
    measure!(out, "depth", 3, Stack<(L, L, L)>, K);
    measure!(out, "depth", 4, Stack<(L, L, L, L)>, K);
    measure!(out, "depth", 5, Stack<(L, L, L, L, L)>, K);
    measure!(out, "depth", 6, Stack<(L, L, L, L, L, L)>, K);
    Ok(())
}

/// What training owns.
struct Values<L: Backward, const K: usize> {
    net: L,
    gradient: L,
    tape: Tape<L, K>,
}

impl<L: Backward + Parameters + Initialize, const K: usize> Values<L, K> {
    const fn new() -> Self {
        Self { net: L::ZERO, gradient: L::ZERO, tape: Tape::new() }
    }

    #[inline(never)]
    fn report(
        &mut self,
        out: &mut Console,
        sgd: &impl Optimizer<L, State = ()>,
    ) -> Result<(), Error> {
        let Self { net, gradient, tape } = self;
        net.init_pytorch(&mut Pcg32::new(1, 0));
        let x = L::In::ZERO;
        for _ in 0..K + 1 {
            tape.step(net, &x);
        }
        let counts = [
            count::instructions(|| _ = tape.step(net, &x)),
            count::instructions(|| _ = tape.backward(net, gradient)),
            count::instructions(|| {
                sgd.update(net, gradient, &mut ());
                gradient.set_zero();
            }),
        ];
        for count in counts {
            write!(out, ",{}", count.ok_or(Error)?)?;
        }
        writeln!(out, ",{},{}", size_of::<L>(), size_of::<Tape<L, K>>())
    }
}
