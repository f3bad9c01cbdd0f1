//! What the planner (`examples/plan`) is fitted to, and what it is checked on: instructions and stack, as CSV.
//!
//! A line with `k1` is one network with one optimiser. `step` is inference, `observe` a sample that a
//! `Trainer` takes without learning, `pause` the longest of the others, and `mean` that of all. Then a
//! `SlicedTrainer`: its `observe`, and the parts of its work, which together are one window. `macs` is the
//! budget of a call of `learn`, a tenth of a window; `slices` the calls, `longest` the longest of them, and
//! `total` all. The stacks are those of inference, of learning at once, and in slices; the bytes those of
//! the two trainers.
//!
//! A line without `k1` is an update alone: mean, limits, check, rule, and the gradient set to zero.
#![no_std]
#![no_main]

mod sliced;
mod train;
mod update;

use core::fmt::{Error, Write};

use board::{Console, count};
use elman::{Adam, AdamW, Dense, Elman, Gru, LeakyElman, MinGru, Momentum, RmsProp, Sgd, Stack};

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("use,net,optimizer,k1,k2,step,observe,mean,pause,sliced observe,back,accumulate,clip,check,rule,commit,macs,slices,longest,total,update,run stack,train stack,sliced stack,trainer bytes,sliced bytes\n")?;
        updates(out)?;
        fitted(out)?;
        checked(out)?;
        Ok(count::is_exact())
    })
}

/// `net!(3 Elman 16, Elman 8; 1)`: cells on top of each other and a readout.
macro_rules! net {
    ($i:literal $A:ident $a:literal; $o:literal) => { Stack<($A<$i, $a>, Dense<$a, $o>)> };
    ($i:literal $A:ident $a:literal $B:ident $b:literal; $o:literal) => {
        Stack<($A<$i, $a>, $B<$a, $b>, Dense<$b, $o>)>
    };
    ($i:literal $A:ident $a:literal $B:ident $b:literal $C:ident $c:literal; $o:literal) => {
        Stack<($A<$i, $a>, $B<$a, $b>, $C<$b, $c>, Dense<$c, $o>)>
    };
}

/// The network's name, as the planner reads it.
macro_rules! name {
    ($i:literal $($A:ident $a:literal)+; $o:literal) => {
        concat!($i, $("-", stringify!($A), $a,)+ "-", $o)
    };
}

macro_rules! updates {
    ($out:ident: $($i:literal $($A:ident $a:literal)+; $o:literal),+) => {
        $(updates!(@each $out, name!($i $($A $a)+; $o), net!($i $($A $a)+; $o): Sgd Momentum RmsProp Adam AdamW);)+
    };
    (@each $out:ident, $name:expr, $Net:ty: $($Rule:ident)+) => {
        $(update::report::<$Net, $Rule>(board::own!(update::Values<$Net, $Rule> = update::Values::ZERO)?, $Rule::new(0.01), concat!("fit,", $name, ",", stringify!($Rule)), $out)?;)+
    };
}

macro_rules! train {
    ($out:ident $use:literal: $($i:literal $($A:ident $a:literal)+; $o:literal, $Rule:ident $k1:literal $k2:literal)+) => {
        $({
            type Net = net!($i $($A $a)+; $o);
            type Values = train::Values<Net, $Rule, $k1, $k2>;
            let name = concat!($use, ",", name!($i $($A $a)+; $o), ",", stringify!($Rule), ",", $k1, ",", $k2);
            board::own!(Values = Values::ZERO)?.report($Rule::new(0.01), name, $out)?;
        })+
    };
}

fn updates(out: &mut Console) -> Result<(), Error> {
    updates!(out: 3 Elman 16; 1, 8 Elman 32; 2);
    Ok(())
}

/// What the model is fitted to.
fn fitted(out: &mut Console) -> Result<(), Error> {
    train!(out "fit":
        1 Elman 12; 1, Sgd 20 20
        2 Elman 8; 1, Adam 5 20
        3 Elman 16; 1, Sgd 10 20
        6 Elman 20; 3, Momentum 4 8
        8 Elman 32; 2, RmsProp 4 8
        4 Elman 28; 1, Sgd 5 10
        1 Elman 20; 1, Sgd 4 8
        12 Elman 16; 4, Sgd 8 8
        2 LeakyElman 8; 1, Sgd 10 10
        3 LeakyElman 16; 1, Sgd 5 10
        4 LeakyElman 12; 2, Sgd 4 8
        6 LeakyElman 24; 2, Sgd 4 8
        2 Gru 8; 1, Sgd 5 10
        3 Gru 16; 1, Sgd 5 5
        4 Gru 12; 2, Sgd 3 6
        6 Gru 20; 2, Sgd 2 4
        2 MinGru 8; 1, Sgd 10 10
        3 MinGru 16; 1, Sgd 5 10
        4 MinGru 12; 2, Sgd 4 8
        6 MinGru 24; 2, Sgd 4 8
        3 Elman 16 Elman 8; 2, Sgd 4 8
        2 Gru 8 Elman 12; 1, Sgd 3 6
    );
    Ok(())
}

/// What it is only compared with.
fn checked(out: &mut Console) -> Result<(), Error> {
    train!(out "check":
        5 Elman 12; 1, Adam 2 18
        7 Elman 24; 2, AdamW 4 8
        2 Elman 20; 1, Sgd 6 12
        5 LeakyElman 12; 1, Sgd 4 12
        5 Gru 12; 1, Sgd 4 8
        5 MinGru 12; 1, Sgd 4 12
        2 Elman 12 Elman 12; 1, Adam 5 10
    );
    Ok(())
}
