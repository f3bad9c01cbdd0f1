//! What saving and loading cost on this board: instructions, bytes of stack, bytes of the file; as CSV.
//!
//! Whole trainers of nets I-H-O with Adam, k1 = 5 and k2 = 20, and networks of 10 to 200 tensors.
//! `save_to` and `load_from` go through a buffer of 256 bytes; `other` loads a `safetensors` file
//! whose header is not the crate's own: of the network, with one space more.
#![no_std]
#![no_main]

use core::fmt::{Error, Write};
use core::hint::black_box;

use board::{Console, count, stack};
use elman::safetensors::{self, StateDict};
use elman::{Adam, ConstZero, Dense, Elman, Stack, Trainer, checkpoint};

/// The bytes that a chunk has.
const CHUNK: usize = 256;

type Run<const I: usize, const H: usize, const O: usize> =
    Trainer<Stack<(Elman<I, H>, Dense<H, O>)>, Adam, 5, 20>;

#[board::entry]
fn main() -> ! {
    board::run(|out| {
        out.write_str("value,bytes,save,load,save_to,load_from,other")?;
        out.write_str(",save stack,load stack,save_to stack,load_from stack\n")?;
        trainers(out)?;
        tensors(out)?;
        Ok(count::is_exact())
    })
}

macro_rules! measure {
    ($out:ident, $name:literal, $Value:ty) => {{
        const SIZE: usize = checkpoint::size::<$Value>();
        // One space more than its own file has.
        const OTHER: usize = <$Value as StateDict>::SIZE + 8;
        let value = board::own!($Value = ConstZero::ZERO)?;
        let slot = board::own!([u8; SIZE] = [0; SIZE])?;
        let other = board::own!([u8; OTHER] = [0; OTHER])?;
        write!($out, "{}", $name)?;
        measure(black_box(value), black_box(slot), black_box(other), $out)?;
    }};
}

fn trainers(out: &mut Console) -> Result<(), Error> {
    measure!(out, "1-4-1", Run<1, 4, 1>);
    #[cfg(feature = "large")]
    {
        measure!(out, "3-16-3", Run<3, 16, 3>);
        measure!(out, "3-64-3", Run<3, 64, 3>);
    }
    Ok(())
}

#[cfg(not(feature = "large"))]
fn tensors(_out: &mut Console) -> Result<(), Error> {
    Ok(())
}

#[cfg(feature = "large")]
fn tensors(out: &mut Console) -> Result<(), Error> {
    measure!(out, "10 tensors", [Dense<1, 1>; 5]);
    measure!(out, "20 tensors", [Dense<1, 1>; 10]);
    measure!(out, "50 tensors", [Dense<1, 1>; 25]);
    measure!(out, "100 tensors", [Dense<1, 1>; 50]);
    measure!(out, "200 tensors", [Dense<1, 1>; 100]);
    Ok(())
}

#[inline(never)]
fn measure<S: StateDict>(
    value: &mut S,
    slot: &mut [u8],
    other: &mut [u8],
    out: &mut Console,
) -> Result<(), Error> {
    write!(out, ",{}", slot.len())?;
    let mut ok = true;
    let counts = [
        count::instructions(|| ok &= checkpoint::save(value, 1, slot).is_ok()),
        count::instructions(|| ok &= checkpoint::load(value, slot) == Ok(1)),
        count::instructions(|| ok &= chunks_out(value, slot)),
        count::instructions(|| ok &= chunks_in(value, slot)),
        {
            one_space_more(value, other)?;
            count::instructions(|| ok &= safetensors::load(value, other).is_ok())
        },
    ];
    for count in counts {
        match count {
            Some(count) => write!(out, ",{count}")?,
            None => out.write_str(",")?,
        }
    }
    // The buffers that chunks go through are the caller's.
    let stacks = [
        stack::used(|| ok &= checkpoint::save(value, 2, slot).is_ok()),
        stack::used(|| ok &= checkpoint::load(value, slot) == Ok(2)),
        stack::used(|| ok &= chunks_out(value, slot)).saturating_sub(CHUNK),
        stack::used(|| ok &= chunks_in(value, slot)).saturating_sub(CHUNK),
    ];
    stacks.iter().try_for_each(|stack| write!(out, ",{stack}"))?;
    out.write_str("\n")?;
    if ok { Ok(()) } else { Err(Error) }
}

#[inline(never)]
fn chunks_out<S: StateDict>(value: &S, slot: &mut [u8]) -> bool {
    let mut buffer = [0; CHUNK];
    let saved = checkpoint::save_to(value, 1, &mut buffer, |offset, chunk| {
        let place = slot.get_mut(offset..).and_then(|slot| slot.get_mut(..chunk.len())).ok_or(())?;
        place.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
        Ok::<_, ()>(())
    });
    saved == Ok(slot.len())
}

#[inline(never)]
fn chunks_in<S: StateDict>(value: &mut S, slot: &[u8]) -> bool {
    let mut buffer = [0; CHUNK];
    let loaded = checkpoint::load_from(value, &mut buffer, |offset, chunk| {
        let place = slot.get(offset..).and_then(|slot| slot.get(..chunk.len())).ok_or(())?;
        chunk.iter_mut().zip(place).for_each(|(byte, place)| *byte = *place);
        Ok::<_, ()>(())
    });
    loaded == Ok(1)
}

/// The value's own file, its header eight spaces longer.
fn one_space_more<S: StateDict>(value: &S, other: &mut [u8]) -> Result<(), Error> {
    let size = safetensors::save(value, other).map_err(|_| Error)?;
    let length = other.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
    let data = 8 + length as usize;
    other.copy_within(data..size, data + 8);
    other.get_mut(data..data + 8).unwrap_or_default().fill(b' ');
    let length = other.first_chunk_mut().ok_or(Error)?;
    *length = (u64::from_le_bytes(*length) + 8).to_le_bytes();
    Ok(())
}
