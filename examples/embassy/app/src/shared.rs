//! Shared: a value that one task changes and interrupts read.

use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use embassy_time::Instant;

use crate::timing;

/// Readers never wait: the value is changed with interrupts masked, for the time of a slice. So a reader
/// in an interrupt comes before or after a slice, and a reader in the thread may read across an `await`,
/// as a saver does; meanwhile nothing is changed.
pub struct Shared<T>(RwLock<CriticalSectionRawMutex, T>);

impl<T> Shared<T> {
    pub const fn new(value: T) -> Self {
        Self(RwLock::new(value))
    }

    /// All of it, before there is any reader.
    pub fn set_up(&self) -> Option<RwLockWriteGuard<'_, CriticalSectionRawMutex, T>> {
        self.0.try_write().ok()
    }

    /// Changes the value. An interrupt waits that long; `timing` notes it. `None` while it is read: a
    /// saver reads only while the learner waits for it.
    pub fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        critical_section::with(|_| {
            let start = Instant::now();
            let result = self.0.try_write().ok().map(|mut value| change(&mut value));
            timing::slice(start, Instant::now());
            result
        })
    }

    /// `None` only within a [`change`](Self::change).
    pub fn read(&self) -> Option<RwLockReadGuard<'_, CriticalSectionRawMutex, T>> {
        self.0.try_read().ok()
    }
}
