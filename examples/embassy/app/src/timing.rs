//! Timing: how late the sampler was, and what it waited for.

use core::cell::Cell;

use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_time::{Duration, Instant};

/// The worst so far, in ticks of the timer.
#[derive(Clone, Copy, defmt::Format)]
pub struct Timing {
    pub samples: u32,
    /// From the moment a sample was due to the moment it was taken.
    pub late: u32,
    /// The interrupt's part: guard, score, forecast.
    pub sampler: u32,
    /// A slice of the learner, with interrupts masked.
    pub slice: u32,
    /// Slices that ended between a sample's due moment and its taking.
    pub slices_waited_for: u32,
    /// Samples that waited for the learner.
    pub backlog: u32,
    /// Samples that the learner never saw.
    pub dropped: u32,
}

static WORST: Mutex<CriticalSectionRawMutex, Cell<Timing>> = Mutex::new(Cell::new(Timing::ZERO));
/// The ends of the two newest slices.
static ENDS: Mutex<CriticalSectionRawMutex, Cell<[Option<Instant>; 2]>> =
    Mutex::new(Cell::new([None; 2]));

pub fn timing() -> Timing {
    WORST.lock(Cell::get)
}

impl Timing {
    const ZERO: Self = Self {
        samples: 0,
        late: 0,
        sampler: 0,
        slice: 0,
        slices_waited_for: 0,
        backlog: 0,
        dropped: 0,
    };

    /// Whether every sample was taken in time, waited for one slice at most, and was learned from.
    pub fn holds(&self, latest: Duration) -> bool {
        u64::from(self.late) <= latest.as_ticks()
            && self.slices_waited_for <= 1
            && self.dropped == 0
    }
}

/// A slice was done.
pub fn slice(start: Instant, end: Instant) {
    ENDS.lock(|ends| ends.set([ends.get()[1], Some(end)]));
    update(|worst| worst.slice = worst.slice.max(ticks(end - start)));
}

/// A sample that was due at `due` was taken at `start`, and done at `end`.
pub fn sample(due: Instant, start: Instant, end: Instant) {
    let waited =
        ENDS.lock(Cell::get).iter().flatten().filter(|end| **end > due && **end <= start).count();
    update(|worst| {
        worst.samples += 1;
        worst.late = worst.late.max(ticks(start - due));
        worst.sampler = worst.sampler.max(ticks(end - start));
        worst.slices_waited_for = worst.slices_waited_for.max(waited as u32);
    });
}

/// A sample was given to the learner, with those that waited, or could not be.
pub fn queued(backlog: Option<usize>) {
    update(|worst| match backlog {
        Some(backlog) => worst.backlog = worst.backlog.max(backlog as u32),
        None => worst.dropped += 1,
    });
}

fn update(change: impl FnOnce(&mut Timing)) {
    WORST.lock(|worst| {
        let mut new = worst.get();
        change(&mut new);
        worst.set(new);
    });
}

fn ticks(duration: Duration) -> u32 {
    duration.as_ticks() as u32
}
