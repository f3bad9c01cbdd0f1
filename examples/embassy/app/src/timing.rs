//! Timing: how late the sampler was, and what it waited for.

use core::cell::Cell;

use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_time::{Duration, Instant};

/// The worst so far; times are in ticks of the timer: of a microsecond, but on the nRF52840.
#[derive(Clone, Copy, defmt::Format)]
pub struct Timing {
    pub samples: u32,
    pub interrupts: u32,
    /// From the moment an interrupt was due to its coming.
    pub late: u32,
    /// The interrupt's part: guard, score, forecast.
    pub sampler: u32,
    /// A slice of the learner, with interrupts masked.
    pub slice: u32,
    /// Slices that ended between the moment an interrupt was due and its coming.
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

pub fn worst() -> Timing {
    WORST.lock(Cell::get)
}

impl Timing {
    const ZERO: Self = Self {
        samples: 0,
        interrupts: 0,
        late: 0,
        sampler: 0,
        slice: 0,
        slices_waited_for: 0,
        backlog: 0,
        dropped: 0,
    };

    /// Whether every interrupt came in time, having waited for one slice at most, and every sample was
    /// learned from.
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

/// An interrupt that was due at `due` came at `start`.
pub fn interrupt(due: Instant, start: Instant) {
    let ends = ENDS.lock(Cell::get);
    let waited = ends.iter().flatten().filter(|end| **end > due && **end <= start).count();
    update(|worst| {
        worst.interrupts += 1;
        worst.late = worst.late.max(ticks(start - due));
        worst.slices_waited_for = worst.slices_waited_for.max(waited as u32);
    });
}

/// A sample was taken at `start`, and done at `end`.
pub fn sample(start: Instant, end: Instant) {
    update(|worst| {
        worst.samples += 1;
        worst.sampler = worst.sampler.max(ticks(end - start));
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
