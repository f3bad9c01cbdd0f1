//! Time: embassy's driver on the board's timers of 25 MHz.

use core::cell::{Cell, RefCell};
use core::task::Waker;

use critical_section::{CriticalSection, Mutex};
use embassy_time_queue_utils::Queue;

const CYCLES_PER_TICK: u64 = 25_000_000 / embassy_time_driver::TICK_HZ;

/// An alarm is never set further ahead, in cycles.
const FAR: u32 = u32::MAX / 2;

defmt::timestamp!("{=u64:us}", embassy_time::Instant::now().as_micros());

/// A register of a device.
struct Register(*mut u32);

// SAFETY: the board has one core, and each access is one instruction.
unsafe impl Sync for Register {}

impl Register {
    const fn at(address: usize) -> Self {
        Self(address as *mut u32)
    }

    fn read(&self) -> u32 {
        // SAFETY: a register of this board.
        unsafe { self.0.read_volatile() }
    }

    fn write(&self, value: u32) {
        // SAFETY: as above; none of them touches memory.
        unsafe { self.0.write_volatile(value) }
    }
}

/// CMSDK timer 0 counts down to the alarm, and on from `u32::MAX`.
mod alarm {
    use super::Register;
    pub static CONTROL: Register = Register::at(0x4000_0000);
    pub static VALUE: Register = Register::at(0x4000_0004);
    pub static RELOAD: Register = Register::at(0x4000_0008);
    pub static CLEAR: Register = Register::at(0x4000_000C);
    pub const ENABLE: u32 = 1 | 1 << 3; // with its interrupt
}

/// The first of the dual timers counts down for ever.
mod clock {
    use super::Register;
    pub static LOAD: Register = Register::at(0x4000_2000);
    pub static VALUE: Register = Register::at(0x4000_2004);
    pub static CONTROL: Register = Register::at(0x4000_2008);
    pub const ENABLE: u32 = 1 << 7 | 1 << 1; // 32 bits
}

pub fn start() {
    clock::LOAD.write(u32::MAX);
    clock::CONTROL.write(clock::ENABLE);
}

/// From the alarm to its interrupt, the longest so far, in cycles of the timer.
pub fn longest_wait() -> u32 {
    critical_section::with(|cs| DRIVER.longest_wait.borrow(cs).get())
}

pub fn on_interrupt() {
    // Below zero it goes on from the top. A new alarm may have been set meanwhile.
    let wait = Some(u32::MAX - alarm::VALUE.read()).filter(|&wait| wait < FAR).unwrap_or(0);
    critical_section::with(|cs| {
        alarm::CLEAR.write(1);
        let longest = DRIVER.longest_wait.borrow(cs);
        longest.set(longest.get().max(wait));
        DRIVER.set_alarm(cs);
    });
}

struct Driver {
    queue: Mutex<RefCell<Queue>>,
    /// The clock when it was last read, and how often it has begun anew.
    last: Mutex<Cell<u32>>,
    rounds: Mutex<Cell<u64>>,
    longest_wait: Mutex<Cell<u32>>,
}

embassy_time_driver::time_driver_impl!(static DRIVER: Driver = Driver {
    queue: Mutex::new(RefCell::new(Queue::new())),
    last: Mutex::new(Cell::new(0)),
    rounds: Mutex::new(Cell::new(0)),
    longest_wait: Mutex::new(Cell::new(0)),
});

impl Driver {
    /// Read at least once a round, of 171 s: the sampler sees to that.
    fn cycles(&self, cs: CriticalSection<'_>) -> u64 {
        let now = !clock::VALUE.read();
        let rounds = self.rounds.borrow(cs);
        if now < self.last.borrow(cs).replace(now) {
            rounds.set(rounds.get() + 1);
        }
        rounds.get() << 32 | u64::from(now)
    }

    fn set_alarm(&self, cs: CriticalSection<'_>) {
        let mut queue = self.queue.borrow(cs).borrow_mut();
        let now = || self.cycles(cs);
        let mut next = queue.next_expiration(now() / CYCLES_PER_TICK);
        while next <= now() / CYCLES_PER_TICK {
            next = queue.next_expiration(now() / CYCLES_PER_TICK);
        }
        let left = next.saturating_mul(CYCLES_PER_TICK).saturating_sub(now());
        alarm::CONTROL.write(0);
        alarm::CLEAR.write(1);
        alarm::RELOAD.write(u32::MAX);
        alarm::VALUE.write(left.clamp(1, FAR.into()) as u32);
        alarm::CONTROL.write(alarm::ENABLE);
    }
}

impl embassy_time_driver::Driver for Driver {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.cycles(cs)) / CYCLES_PER_TICK
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            if self.queue.borrow(cs).borrow_mut().schedule_wake(at, waker) {
                self.set_alarm(cs);
            }
        });
    }
}
