//! Checkpoints spread over the pages of a flash by `sequential-storage`.
//!
//! Flash wears out by erasing. Here a checkpoint larger than a page of 4 KB is cut into items of 1 KB in
//! a map over eight pages, whose key is its slot and the number of the chunk. Two slots are written
//! alternately. The map writes where there is space, and erases a page only when all are full.
//!
//!     cargo run --release --example pages

use elman::checkpoint::{self, Loader, Saver, Verifier, newer};
use elman::{Adam, Dense, Elman, Initialize, Pcg32, Stack, Trainer};
use embassy_futures::block_on;
use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashErrorKind, ReadNorFlash,
};
use sequential_storage::cache::{Cache, CacheImpl};
use sequential_storage::map::{MapConfig, MapStorage};

type Net = Stack<(Elman<3, 16>, Dense<16, 3>)>;
type Run = Trainer<Net, Adam, 5, 20>;
type Map<C> = MapStorage<u16, Pages, C>;
type Failed = sequential_storage::Error<NorFlashErrorKind>;

const PAGE: usize = 4096;
const PAGES: usize = 8;
/// Bytes of an item.
const CHUNK: usize = 1024;
const CHUNKS: usize = checkpoint::size::<Run>().div_ceil(CHUNK);
const SAVES: u32 = 100;

fn main() -> Result<(), Failed> {
    let pages = Pages { cells: vec![0xff; PAGES * PAGE], erases: [0; PAGES] };
    let range = 0..(PAGES * PAGE) as u32;
    let mut map = MapStorage::new(pages, MapConfig::new(range), Cache::new_uncached());

    let mut run = Run::new(Adam::new(0.01));
    run.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    for sequence in 1..=SAVES {
        for t in 0..7 {
            let x = (sequence * 7 + t) as f32 * 0.1;
            run.observe(&[x.sin(); 3], &[x.cos(); 3]).expect("finite samples");
        }
        block_on(save(&run, sequence, &mut map))?;
    }

    let mut resumed = Run::new(Adam::new(0.01));
    let sequence = block_on(load(&mut resumed, &mut map))?.expect("a whole checkpoint");
    assert_eq!((sequence, &resumed.learner.net), (SAVES, &run.learner.net));
    let (pages, _) = map.destroy();
    let (bytes, erases) = (checkpoint::size::<Run>(), pages.erases.iter().sum::<u32>());
    println!(
        "{SAVES} saves of {bytes} bytes in {CHUNKS} items; erases of each page: {:?}",
        pages.erases
    );
    println!("{erases} erases in all; in two fixed slots each of their pages has {}", SAVES / 2);
    Ok(())
}

/// Odd numbers go to slot 1, even ones to slot 0.
async fn save<C: CacheImpl<u16>>(run: &Run, sequence: u32, map: &mut Map<C>) -> Result<(), Failed> {
    let mut saver = Saver::new(run, sequence).expect("finite weights");
    let (mut chunk, mut item) = ([0; CHUNK], [0; CHUNK + 64]);
    let mut key = (sequence % 2) as u16 * CHUNKS as u16;
    while let Some(bytes) = saver.next(&mut chunk) {
        map.store_item(&mut item, &key, &bytes).await?;
        key += 1;
    }
    Ok(())
}

/// Loads the newer of the slots that are whole.
async fn load<C: CacheImpl<u16>>(run: &mut Run, map: &mut Map<C>) -> Result<Option<u32>, Failed> {
    let mut newest: Option<(u16, u32)> = None;
    for slot in 0..2 {
        let mut verifier = Verifier::<Run>::new();
        for_each_chunk(slot, map, |chunk| verifier.push(chunk)).await?;
        if let Ok(sequence) = verifier.finish()
            && newest.is_none_or(|(_, other)| newer(sequence, other))
        {
            newest = Some((slot, sequence));
        }
    }
    let Some((slot, sequence)) = newest else { return Ok(None) };
    let mut loader = Loader::new(run);
    for_each_chunk(slot, map, |chunk| loader.push(chunk)).await?;
    Ok(Some(sequence))
}

/// Passes the chunks of a slot to `push`, until it wants no more.
async fn for_each_chunk<C: CacheImpl<u16>>(
    slot: u16,
    map: &mut Map<C>,
    mut push: impl FnMut(&[u8]) -> bool,
) -> Result<(), Failed> {
    let mut item = [0; CHUNK + 64];
    let first = slot * CHUNKS as u16;
    for key in first..first + CHUNKS as u16 {
        match map.fetch_item::<&[u8]>(&mut item, &key).await? {
            Some(chunk) if push(chunk) => {}
            _ => break,
        }
    }
    Ok(())
}

//////////// the flash ////////////

struct Pages {
    cells: Vec<u8>,
    erases: [u32; PAGES],
}

impl ErrorType for Pages {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Pages {
    const READ_SIZE: usize = 4;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        let cells = self.cells.get(offset as usize..).and_then(|cells| cells.get(..bytes.len()));
        bytes.copy_from_slice(cells.ok_or(NorFlashErrorKind::OutOfBounds)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.cells.len()
    }
}

impl NorFlash for Pages {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        for page in (from..to).step_by(PAGE) {
            self.erases[page as usize / PAGE] += 1;
        }
        self.cells[from as usize..to as usize].fill(0xff);
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        for (cell, byte) in self.cells[offset as usize..].iter_mut().zip(bytes) {
            *cell &= byte;
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Pages {}
