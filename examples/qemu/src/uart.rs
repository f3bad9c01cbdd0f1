//! The serial port of each emulated board, polled.

/// Its first register.
const BASE: usize = match usize::from_str_radix(env!("UART"), 10) {
    Ok(base) => base,
    Err(_) => 0,
};

fn read<T>(offset: usize) -> T {
    // SAFETY: a register of the serial port, which only this file touches.
    unsafe { ((BASE + offset) as *const T).read_volatile() }
}

fn write<T>(offset: usize, value: T) {
    // SAFETY: as above.
    unsafe { ((BASE + offset) as *mut T).write_volatile(value) }
}

pub use port::{receive, send, start};

/// nRF51, of the micro:bit.
#[cfg(uart = "nrf51")]
mod port {
    use super::{read, write};

    const START_RECEIVER: usize = 0x000;
    const START_TRANSMITTER: usize = 0x008;
    const RECEIVED: usize = 0x108;
    const SENT: usize = 0x11C;
    const ENABLE: usize = 0x500;
    const RECEIVED_BYTE: usize = 0x518;
    const BYTE_TO_SEND: usize = 0x51C;

    pub fn start() {
        write(ENABLE, 4_u32);
        write(START_RECEIVER, 1_u32);
        write(START_TRANSMITTER, 1_u32);
    }

    pub fn send(byte: u8) {
        write(SENT, 0_u32);
        write(BYTE_TO_SEND, u32::from(byte));
        while read::<u32>(SENT) == 0 {}
    }

    pub fn receive() -> u8 {
        while read::<u32>(RECEIVED) == 0 {}
        write(RECEIVED, 0_u32);
        read::<u32>(RECEIVED_BYTE) as u8
    }
}

/// CMSDK, of Arm's MPS2.
#[cfg(uart = "cmsdk")]
mod port {
    use super::{read, write};

    const DATA: usize = 0x0;
    const STATE: usize = 0x4;
    const CONTROL: usize = 0x8;
    const DIVISOR: usize = 0x10;
    const TRANSMITTER_FULL: u32 = 1 << 0;
    const RECEIVER_FULL: u32 = 1 << 1;

    pub fn start() {
        write(DIVISOR, 16_u32);
        write(CONTROL, 0b11_u32); // transmitter and receiver
    }

    pub fn send(byte: u8) {
        while read::<u32>(STATE) & TRANSMITTER_FULL != 0 {}
        write(DATA, u32::from(byte));
    }

    pub fn receive() -> u8 {
        while read::<u32>(STATE) & RECEIVER_FULL == 0 {}
        read::<u32>(DATA) as u8
    }
}

/// 16550, of QEMU's virt. Its registers are bytes.
#[cfg(uart = "16550")]
mod port {
    use super::{read, write};

    const DATA: usize = 0;
    const FIFO_CONTROL: usize = 2;
    const STATUS: usize = 5;
    const RECEIVED: u8 = 1 << 0;
    const TRANSMITTER_EMPTY: u8 = 1 << 5;

    pub fn start() {
        write(FIFO_CONTROL, 1_u8);
    }

    pub fn send(byte: u8) {
        while read::<u8>(STATUS) & TRANSMITTER_EMPTY == 0 {}
        write(DATA, byte);
    }

    pub fn receive() -> u8 {
        while read::<u8>(STATUS) & RECEIVED == 0 {}
        read(DATA)
    }
}
