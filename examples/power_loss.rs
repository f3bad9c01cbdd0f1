//! Checkpoints in NOR flash, and a power cut at every byte of every save.
//!
//! Two slots are written alternately, always over the older checkpoint. The power is cut at each byte
//! that is erased or written, one run for each cut. Then the device restarts, and it must find the last
//! complete save or a newer one.
//!
//! Once with the blocking traits of `embedded-storage` and once with those of `embedded-storage-async`,
//! as drivers of real flash have them. Both write and read chunks: the run is never copied.
//!
//!     cargo run --release --example power_loss

use elman::checkpoint::{self, Loader, Saver, Verifier, load_from, newer, save_to, verify_from};
use elman::{
    ConstZero, Dense, Elman, Optimizer, Parameters, Pcg32, Sgd, Stack, Tape, squared_error,
    state_dict, uniform,
};
use embassy_futures::block_on;
use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_write,
};
use embedded_storage_async::nor_flash as asynchronous;

type Net = Stack<(Elman<1, 3>, Dense<3, 1>)>;

/// The state of training: everything that a step reads or writes.
struct Run {
    net: Net,
    tape: Tape<Net, 3>,
    rng: Pcg32,
}
state_dict!(Run { net: Net, tape: Tape<Net, 3>, rng: Pcg32 });

/// Bytes of a checkpoint: whole words of flash.
const SIZE: usize = checkpoint::size::<Run>();
const _: () = assert!(SIZE.is_multiple_of(<Flash as NorFlash>::WRITE_SIZE));
/// Bytes written or read at once.
const CHUNK: usize = 64;
/// Bytes of a slot: whole sectors.
const SLOT: usize = SIZE.next_multiple_of(<Flash as NorFlash>::ERASE_SIZE);
/// Samples from one save to the next.
const SAMPLES: u32 = 4;
const SAVES: u32 = 3;

fn main() {
    println!("checkpoint {SIZE} bytes, slot {SLOT} bytes, {SAVES} saves");
    cut_at_every_byte("blocking", save, restart);
    cut_at_every_byte(
        "asynchronous",
        |run, sequence, flash| block_on(save_async(run, sequence, flash)),
        |flash| block_on(restart_async(flash)),
    );
}

type Save = fn(&Run, u32, &mut Flash) -> Result<(), FlashError>;
type Restart = fn(&mut Flash) -> Option<(Run, u32)>;

fn cut_at_every_byte(how: &str, save: Save, restart: Restart) {
    let device = Device { save, restart };
    let mut flash = Flash::new();
    let whole = device.run(&mut flash, SAVES).expect("unlimited power");
    let bytes = whole.bytes;
    let mut resumed = [0; SAVES as usize + 1];
    for cut in 0..bytes {
        let mut flash = Flash::new();
        flash.power = cut;
        let saves = match device.run(&mut flash, SAVES) {
            Ok(_) => unreachable!("the power lasts for {cut} of {bytes} bytes"),
            Err(saves) => saves,
        };
        flash.power = usize::MAX;
        let found = restart(&mut flash).map_or(0, |(_, sequence)| sequence);
        assert!(found >= saves, "cut at byte {cut}: save {found} found, {saves} were complete");
        let again = device.run(&mut flash, SAVES).expect("unlimited power");
        assert_eq!(again.weights, whole.weights, "cut at byte {cut}: another network");
        resumed[found as usize] += 1;
    }
    println!("{how}: power cut at each of {bytes} bytes erased or written");
    println!("  resumed from save 0, 1, …: {resumed:?} times");
    println!("  nothing lost beyond the last complete save; every run ended with the same weights");
}

struct Device {
    save: Save,
    restart: Restart,
}

/// The result of a run that was not cut.
struct Completed {
    weights: Net,
    /// Bytes of flash erased or written.
    bytes: usize,
}

impl Device {
    /// Restarts the device and trains until `saves` saves have been made.
    ///
    /// # Errors
    ///
    /// The number of the last complete save when the power fails.
    fn run(&self, flash: &mut Flash, saves: u32) -> Result<Completed, u32> {
        let (mut run, mut sequence) = (self.restart)(flash).unwrap_or_else(|| (Run::new(), 0));
        let start = flash.power;
        while sequence < saves {
            (0..SAMPLES).for_each(|_| run.sample());
            (self.save)(&run, sequence + 1, flash).map_err(|_| sequence)?;
            sequence += 1;
        }
        Ok(Completed { weights: run.net, bytes: start - flash.power })
    }
}

/// Saves go to the slots alternately: odd numbers to slot 1, even ones to slot 0.
const fn slot(sequence: u32) -> u32 {
    sequence % 2 * SLOT as u32
}

//////////// blocking ////////////

fn save<F: NorFlash>(run: &Run, sequence: u32, flash: &mut F) -> Result<(), F::Error> {
    let slot = slot(sequence);
    flash.erase(slot, slot + SLOT as u32)?;
    let saved = save_to(run, sequence, &mut [0; CHUNK], |offset, chunk| {
        flash.write(slot + offset as u32, chunk)
    });
    match saved {
        Err(checkpoint::DeviceError::Device(error)) => Err(error),
        saved => Ok(_ = saved.expect("finite weights")),
    }
}

/// Loads the newest checkpoint, if there is one: what the device does when it starts.
fn restart<F: ReadNorFlash>(flash: &mut F) -> Option<(Run, u32)> {
    let mut buffer = [0; CHUNK];
    let found = [0, 1].map(|n| {
        verify_from::<Run, _>(&mut buffer, |offset, chunk| {
            flash.read(slot(n) + offset as u32, chunk)
        })
        .ok()
    });
    let n = newest(found)?;
    let mut run = Run::new();
    let sequence = load_from(&mut run, &mut buffer, |offset, chunk| {
        flash.read(slot(n) + offset as u32, chunk)
    });
    Some((run, sequence.ok()?))
}

/// Which of two slots has the newer checkpoint.
fn newest(found: [Option<u32>; 2]) -> Option<u32> {
    match found {
        [Some(a), Some(b)] => Some(u32::from(newer(b, a))),
        [a, b] => a.map(|_| 0).or(b.map(|_| 1)),
    }
}

//////////// asynchronous ////////////

async fn save_async<F: asynchronous::NorFlash>(
    run: &Run,
    sequence: u32,
    flash: &mut F,
) -> Result<(), F::Error> {
    let mut offset = slot(sequence);
    flash.erase(offset, offset + SLOT as u32).await?;
    let mut saver = Saver::new(run, sequence).expect("finite weights");
    let mut buffer = [0; CHUNK];
    while let Some(chunk) = saver.next(&mut buffer) {
        flash.write(offset, chunk).await?;
        offset += chunk.len() as u32;
    }
    Ok(())
}

async fn restart_async<F: asynchronous::ReadNorFlash>(flash: &mut F) -> Option<(Run, u32)> {
    let mut found = [None; 2];
    for (n, found) in (0..).zip(&mut found) {
        let mut verifier = Verifier::<Run>::new();
        for_each_chunk(flash, slot(n), |chunk| verifier.push(chunk)).await.ok()?;
        *found = verifier.finish().ok();
    }
    let n = newest(found)?;
    let mut run = Run::new();
    let mut loader = Loader::new(&mut run);
    for_each_chunk(flash, slot(n), |chunk| loader.push(chunk)).await.ok()?;
    Some((run, found[n as usize]?))
}

/// Passes the bytes of a slot to `push`, until it wants no more.
async fn for_each_chunk<F: asynchronous::ReadNorFlash>(
    flash: &mut F,
    slot: u32,
    mut push: impl FnMut(&[u8]) -> bool,
) -> Result<(), F::Error> {
    let mut buffer = [0; CHUNK];
    for offset in (slot..slot + SLOT as u32).step_by(CHUNK) {
        flash.read(offset, &mut buffer).await?;
        if !push(&buffer) {
            break;
        }
    }
    Ok(())
}

//////////// the run ////////////

impl Run {
    fn new() -> Self {
        let mut run = Self { net: Net::ZERO, tape: Tape::new(), rng: Pcg32::new(1, 0) };
        uniform(&mut run.net, 0.5, &mut run.rng);
        run
    }

    /// One sample; the target is the input of the step before.
    fn sample(&mut self) {
        let target = self.tape.state().1;
        let x = [self.rng.uniform_symmetric()];
        let y = *self.tape.step(&self.net, &x);
        self.tape.set_output_gradient(&squared_error(&y, &target).1);
        if self.tape.due::<3>() {
            let mut gradient = Net::ZERO;
            self.tape.backward(&self.net, &mut gradient);
            Sgd::new(0.05).update(&mut self.net, &gradient, &mut ());
            gradient.set_zero();
        }
    }
}

//////////// the flash ////////////

/// Simulated NOR flash: erasing sets every bit of a sector to 1, writing can only set bits to 0.
struct Flash {
    memory: [u8; 2 * SLOT],
    /// Bytes that can be erased or written before the power fails.
    power: usize,
}

#[derive(Debug)]
enum FlashError {
    /// Seen by the simulation only: the device is off.
    PowerLost,
    Misuse(NorFlashErrorKind),
}

impl Flash {
    fn new() -> Self {
        Self { memory: [0xff; 2 * SLOT], power: usize::MAX }
    }

    /// Changes the bytes from `offset` on, one by one, while there is power.
    fn change(&mut self, offset: u32, bytes: impl Iterator<Item = u8>) -> Result<(), FlashError> {
        for (cell, byte) in self.memory.iter_mut().skip(offset as usize).zip(bytes) {
            self.power = self.power.checked_sub(1).ok_or(FlashError::PowerLost)?;
            *cell = byte;
        }
        Ok(())
    }
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::PowerLost => NorFlashErrorKind::Other,
            Self::Misuse(kind) => *kind,
        }
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        let offset = offset as usize;
        let cells = self.memory.get(offset..offset + bytes.len());
        bytes.copy_from_slice(cells.ok_or(FlashError::Misuse(NorFlashErrorKind::OutOfBounds))?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.memory.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 512;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check_erase(self, from, to).map_err(FlashError::Misuse)?;
        self.change(from, (from..to).map(|_| 0xff))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check_write(self, offset, bytes.len()).map_err(FlashError::Misuse)?;
        let old = self.memory;
        let old = old.iter().skip(offset as usize);
        self.change(offset, bytes.iter().zip(old).map(|(new, old)| new & old))
    }
}

impl asynchronous::ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        ReadNorFlash::read(self, offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.memory.len()
    }
}

impl asynchronous::NorFlash for Flash {
    const WRITE_SIZE: usize = <Self as NorFlash>::WRITE_SIZE;
    const ERASE_SIZE: usize = <Self as NorFlash>::ERASE_SIZE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        NorFlash::erase(self, from, to)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        NorFlash::write(self, offset, bytes)
    }
}
