//! Flash: NOR flash in a file of the emulator's host, with the times of an nRF52840's.

use embassy_time::{Duration, Timer};
use embedded_storage_async::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use semihosting::fs::File;
use semihosting::io::{Read, Seek, SeekFrom, Write};

const PAGE: usize = 4096;
const CAPACITY: usize = 16 * PAGE;
const WORD: usize = 4;
/// Written at once.
const BLOCK: usize = 256;
/// Of a page and of a word.
const ERASE_TIME: Duration = Duration::from_millis(85);
const WRITE_TIME: Duration = Duration::from_micros(41);

/// What is written can only clear bits, what is erased has all of them set.
pub struct FileFlash(Option<File>);

/// When the power is to fail, if it is.
pub fn power() -> Option<Duration> {
    let mut digits = [0; 8];
    let len = File::open(c"power").ok()?.read(&mut digits).ok()?;
    let milliseconds = core::str::from_utf8(&digits[..len]).ok()?.trim().parse().ok()?;
    Some(Duration::from_millis(milliseconds))
}

impl FileFlash {
    /// A new flash if there is no file.
    pub fn open() -> Self {
        Self(existing().or_else(|| {
            let mut file = File::create(c"flash.bin").ok()?;
            (0..CAPACITY / BLOCK).try_for_each(|_| file.write_all(&[0xff; BLOCK])).ok()?;
            drop(file);
            existing()
        }))
    }

    fn at(&mut self, offset: u32) -> Result<&mut File, NorFlashErrorKind> {
        let file = self.0.as_mut().ok_or(NorFlashErrorKind::Other)?;
        file.seek(SeekFrom::Start(offset.into())).map_err(|_| NorFlashErrorKind::Other)?;
        Ok(file)
    }

    fn read_at(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        self.at(offset)?.read_exact(bytes).map_err(|_| NorFlashErrorKind::OutOfBounds)
    }

    fn write_at(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        self.at(offset)?.write_all(bytes).map_err(|_| NorFlashErrorKind::Other)
    }

    fn clear_bits(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        let mut block = [0; BLOCK];
        let block = &mut block[..bytes.len()];
        self.read_at(offset, block)?;
        block.iter_mut().zip(bytes).for_each(|(old, new)| *old &= new);
        self.write_at(offset, block)
    }
}

fn existing() -> Option<File> {
    File::options().read(true).write(true).open(c"flash.bin").ok()
}

impl ErrorType for FileFlash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for FileFlash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.read_at(offset, bytes)
    }

    fn capacity(&self) -> usize {
        CAPACITY
    }
}

impl NorFlash for FileFlash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        for page in (from..to).step_by(PAGE) {
            Timer::after(ERASE_TIME).await;
            for block in (page..page + PAGE as u32).step_by(BLOCK) {
                self.write_at(block, &[0xff; BLOCK])?;
            }
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        if !(offset as usize).is_multiple_of(WORD) || !bytes.len().is_multiple_of(WORD) {
            return Err(NorFlashErrorKind::NotAligned);
        }
        for (n, block) in bytes.chunks(BLOCK).enumerate() {
            Timer::after(WRITE_TIME * (block.len() / WORD) as u32).await;
            self.clear_bits(offset + (n * BLOCK) as u32, block)?;
        }
        Ok(())
    }
}
