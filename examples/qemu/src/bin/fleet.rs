//! A board of a fleet: learns a day, sends its network, takes over that of the fleet, saves; again.
//!
//! The serial port is the line to the gateway (`cargo xtask fleet`). The debugger's files stand for
//! flash, since they outlast the emulator: `slot0` and `slot1` are the slots of the checkpoint, and the
//! first byte of `site` says which car park this is.
#![no_std]
#![no_main]

use core::ffi::CStr;
use core::fmt::Error;

use board::uart;
use elman::checkpoint::{load_from, newer, save_to, verify_from};
use fleet::board::Board;
use fleet::device::{Device, Line};
use fleet::flash;
use semihosting::fs::File;
use semihosting::io::{Read, Seek, SeekFrom, Write};
use static_cell::ConstStaticCell;

/// The files of the crate's example that know no host.
#[allow(dead_code, reason = "of their constants, the host needs more")]
#[path = "../../../fleet"]
mod fleet {
    #[path = "board.rs"]
    pub mod board;
    #[path = "device.rs"]
    pub mod device;
    #[path = "flash.rs"]
    pub mod flash;
    #[path = "slip.rs"]
    mod slip;
}

/// In place of a sensor.
const READINGS: &str = include_str!("../../../fleet/parking.csv");
/// The seed of all first networks.
const SEED: u64 = 0;
const SLOTS: [&CStr; 2] = [c"slot0", c"slot1"];
/// Bytes that are written at once.
const CHUNK: usize = 256;

/// In `.bss`: zeros take no flash, and nothing is moved over the stack.
static DEVICE: ConstStaticCell<Device> = ConstStaticCell::new(Device::ZERO);

#[board::entry]
fn main() -> ! {
    board::run(|_| {
        let device = DEVICE.try_take().ok_or(Error)?;
        let site = site().ok_or(Error)?;
        uart::start();
        device.board.start(SEED);
        device.round = resume(&mut device.board);
        while let Some((weekday, today)) = flash::day(READINGS, site, device.round as usize) {
            device.live(today.as_ref(), weekday, &mut Uart);
            save(&device.board, device.round).ok_or(Error)?;
        }
        Ok(true)
    })
}

/// The serial port.
struct Uart;

impl Line for Uart {
    fn send(&mut self, byte: u8) {
        uart::send(byte);
    }
    fn receive(&mut self) -> u8 {
        uart::receive()
    }
}

fn site() -> Option<usize> {
    let mut byte = [0];
    File::open(c"site").ok()?.read_exact(&mut byte).ok()?;
    Some(byte[0].into())
}

/// Loads the newer checkpoint of those that are whole. Returns the round that comes next: 0 if none is.
fn resume(board: &mut Board) -> u32 {
    let mut buffer = [0; CHUNK];
    let mut newest: Option<(u32, &CStr)> = None;
    for slot in SLOTS {
        let Ok(mut file) = File::open(slot) else { continue };
        let Ok(round) = verify_from::<Board, _>(&mut buffer, |at, to| read(&mut file, at, to))
        else {
            continue;
        };
        if newest.is_none_or(|(newest, _)| newer(round, newest)) {
            newest = Some((round, slot));
        }
    }
    let load = |(_, slot)| {
        let mut file = File::open(slot).ok()?;
        load_from(board, &mut buffer, |at, to| read(&mut file, at, to)).ok()
    };
    newest.and_then(load).unwrap_or(0)
}

fn read(file: &mut File, at: usize, to: &mut [u8]) -> semihosting::io::Result<()> {
    file.seek(SeekFrom::Start(at as u64))?;
    file.read_exact(to)
}

/// One write a round, to the slots in turn: over the older checkpoint.
fn save(board: &Board, round: u32) -> Option<()> {
    let slot = if round.is_multiple_of(2) { SLOTS[0] } else { SLOTS[1] };
    let mut file = File::create(slot).ok()?;
    save_to(board, round, &mut [0; CHUNK], |_, chunk| file.write_all(chunk)).ok()?;
    Some(())
}
