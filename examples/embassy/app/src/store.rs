//! Store: two checkpoints in flash, of which one is whole at any moment.

use elman::checkpoint::{self, Loader, Saver, Verifier, newer};
use embedded_storage_async::nor_flash::NorFlash;

use crate::model::Model;

/// Bytes that are written at once.
pub const CHUNK: usize = 256;
pub const SIZE: usize = checkpoint::size::<Model>();

/// Two slots, from `start` on; save `n` goes to slot `n % 2`.
pub struct Store<F> {
    flash: F,
    start: u32,
    newest: Option<u32>,
}

/// Aligned, as some flashes ask for.
#[repr(align(4))]
struct Buffer([u8; CHUNK]);

/// Why nothing was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, defmt::Format)]
pub enum Error {
    Flash,
    /// A number is not finite: the checkpoint before is worth more.
    Model,
}

impl<F: NorFlash> Store<F> {
    const SLOT: u32 = SIZE.next_multiple_of(F::ERASE_SIZE) as u32;

    pub const fn new(flash: F, start: u32) -> Self {
        const { assert!(CHUNK.is_multiple_of(F::WRITE_SIZE)) }
        Self { flash, start, newest: None }
    }

    /// Loads the newer checkpoint of those that are whole. Returns its number.
    pub async fn resume(&mut self, model: &mut Model) -> Option<u32> {
        self.newest = None;
        for slot in 0..2 {
            let Some(number) = self.verify(slot).await else { continue };
            if self.newest.is_none_or(|newest| newer(number, newest)) {
                self.newest = Some(number);
            }
        }
        let slot = self.newest? % 2;
        let mut loader = Loader::new(model);
        self.read(slot, |chunk| loader.push(chunk)).await?;
        self.newest
    }

    async fn verify(&mut self, slot: u32) -> Option<u32> {
        let mut verifier = Verifier::<Model>::new();
        self.read(slot, |chunk| verifier.push(chunk)).await?;
        verifier.finish().ok().filter(|number| number % 2 == slot)
    }

    async fn read(&mut self, slot: u32, mut push: impl FnMut(&[u8]) -> bool) -> Option<()> {
        let mut buffer = Buffer([0; CHUNK]);
        for at in (0..SIZE as u32).step_by(CHUNK) {
            self.flash.read(self.start + slot * Self::SLOT + at, &mut buffer.0).await.ok()?;
            if !push(&buffer.0) {
                break;
            }
        }
        Some(())
    }

    /// Erases the slot of the next save. The newest checkpoint is in the other one.
    pub async fn erase(&mut self) -> Result<(), Error> {
        let at = self.next_slot();
        self.flash.erase(at, at + Self::SLOT).await.map_err(|_| Error::Flash)
    }

    /// Writes the next checkpoint, to an erased slot. Returns its number.
    pub async fn save(&mut self, model: &Model) -> Result<u32, Error> {
        let number = self.next();
        let mut at = self.next_slot();
        let mut saver = Saver::new(model, number).map_err(|_| Error::Model)?;
        let mut buffer = Buffer([0xff; CHUNK]);
        while let Some(chunk) = saver.next(&mut buffer.0) {
            let len = chunk.len().next_multiple_of(F::WRITE_SIZE);
            self.flash.write(at, &buffer.0[..len]).await.map_err(|_| Error::Flash)?;
            at += CHUNK as u32;
        }
        self.newest = Some(number);
        Ok(number)
    }

    fn next(&self) -> u32 {
        self.newest.map_or(1, |newest| newest.wrapping_add(1))
    }

    fn next_slot(&self) -> u32 {
        self.start + self.next() % 2 * Self::SLOT
    }
}
