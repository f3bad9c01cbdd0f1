//! Checkpoints with a right checksum and a wrong content: what is refused changes nothing, and what is
//! loaded lives on.

use arbitrary::{Arbitrary, Unstructured};
use crc::{CRC_32_ISO_HDLC, Crc};
use elman::checkpoint::{load, load_from, load_newest, open, verify};
use elman::safetensors::{self, StateDict, load_matching, load_prefix};
use elman::{Adam, Momentum, Optimizer, Pcg32, RmsProp, Sgd, SquaredError};

use super::calls::{Call, Net, Number, Run, SPECIAL};
use super::sound::{Sound, is_finite};

#[derive(Arbitrary, Debug)]
struct Case {
    optimizer: u8,
    /// The samples before the checkpoint.
    samples: u8,
    /// The length of the chunks in which it is loaded too.
    chunk: u8,
    edits: Vec<Edit>,
    life: Vec<Call>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Edit {
    Number {
        at: u16,
        bits: u32,
    },
    Special {
        at: u16,
        n: u8,
    },
    Byte {
        at: u16,
        byte: u8,
    },
    HeaderByte {
        at: u16,
        byte: u8,
    },
    /// The last bytes are counters.
    Counter {
        from_end: u8,
        bits: u32,
    },
}

pub fn run(bytes: &[u8]) {
    let Ok(case) = Case::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    match case.optimizer % 4 {
        0 => case.run(Sgd::new(0.1)),
        1 => case.run(Momentum::new(0.01)),
        2 => case.run(RmsProp::new(0.01)),
        _ => case.run(Adam::new(0.01)),
    }
}

type Saved<O> = Run<O, SquaredError, 2, 5>;
/// The same with a longer memory.
type Migrated<O> = Run<O, SquaredError, 2, 6>;

impl Case {
    fn run<O: Optimizer<Net, State: StateDict + Sound>>(&self, optimizer: O) {
        let good = lived(optimizer, 3, self.samples % 12).save();
        let mut file = good.clone();
        self.edits.iter().for_each(|edit| edit.apply(&mut file));
        seal(&mut file);

        self.is_loaded_or_refused(optimizer, &file, &good);
        self.migrates(optimizer, &file);
    }

    fn is_loaded_or_refused<O: Optimizer<Net, State: StateDict + Sound>>(
        &self,
        optimizer: O,
        file: &[u8],
        good: &[u8],
    ) {
        let new = || lived(optimizer, 4, 3);
        let (mut run, mut in_chunks, mut newest) = (new(), new(), new());
        let before = run.save();
        let result = load(&mut run, file);
        assert_eq!(result, verify::<Saved<O>>(file));
        let chunk = &mut vec![0; 1 + usize::from(self.chunk)];
        let chunks = load_from(&mut in_chunks, chunk, |offset, chunk| {
            chunk.copy_from_slice(file.get(offset..offset + chunk.len()).ok_or(())?);
            Ok::<_, ()>(())
        });
        assert_eq!(result.is_ok(), chunks.is_ok());
        load_newest(&mut newest, [file, good]).expect("one of them is good");
        let saved = run.save();
        assert!(in_chunks.save() == saved, "in chunks it is another one");
        match result {
            Ok(_) => {
                assert!(newest.save() == saved || file != good);
                self.lives_on(run, new(), &saved);
            }
            Err(_) => {
                assert!(saved == before, "a refused load has changed the run");
                assert!(newest.save() == good, "the other slot was not loaded");
            }
        }
    }

    /// What is loaded is what it says it is: a run that loads it again goes the same way.
    fn lives_on<O: Optimizer<Net, State: StateDict + Sound>>(
        &self,
        mut run: Saved<O>,
        mut again: Saved<O>,
        saved: &[u8],
    ) {
        load(&mut again, saved).unwrap();
        let samples = (0..12).map(|n| Call::Observe(Number::Small(n), Number::Small(3)));
        for call in self.life.iter().copied().take(60).chain(samples) {
            assert_eq!(run.answer(call), again.answer(call));
            run.check();
        }
        assert!(run.save() == again.save());
        let mut rng = [0; Pcg32::SIZE];
        let increment = safetensors::save(&run.rng, &mut rng).unwrap() - size_of::<u64>();
        assert!(rng[increment] & 1 == 1, "the generator would repeat itself");
    }

    /// A program that has changed takes what fits.
    fn migrates<O: Optimizer<Net, State: StateDict + Sound>>(&self, optimizer: O, file: &[u8]) {
        let mut run = Migrated::new(optimizer, 5);
        let before = run.save();
        assert!(load(&mut run, file).is_err(), "its K2 is another one");
        let Ok((file, _)) = open(file) else { return };
        if load_matching(&mut run, file, "", |_| ()).is_err() {
            assert!(run.save() == before, "a refused load has changed the run");
        }
        run.check();
        let net = run.trainer.learner.net.clone();
        if load_prefix(&mut run.trainer.learner.net, file, "trainer.learner.net.").is_err() {
            assert_eq!(run.trainer.learner.net, net);
        }
        assert!(is_finite(&run.trainer.learner.net));
        for call in self.life.iter().copied().take(20) {
            let _ = run.answer(call);
            run.check();
        }
        run.save();
    }
}

/// A run after some samples.
fn lived<O: Optimizer<Net, State: StateDict + Sound>>(optimizer: O, seed: u64, n: u8) -> Saved<O> {
    let mut run = Saved::new(optimizer, seed);
    run.answer(Call::Best(Number::Small(8))).unwrap();
    for n in 0..n {
        run.answer(Call::Observe(Number::Small(n as i8), Number::Small(5))).unwrap();
    }
    run
}

impl Edit {
    /// The places are those of the data, but for `HeaderByte`.
    fn apply(self, file: &mut [u8]) {
        let (length, _) = file.split_first_chunk().unwrap();
        let start = 8 + u64::from_le_bytes(*length) as usize;
        let (header, data) = file.split_at_mut(start);
        let place = |at: u16, len: usize| usize::from(at) % len;
        match self {
            Self::Number { at, bits } => put(data, place(at, data.len()) & !3, bits),
            Self::Special { at, n } => {
                let special = SPECIAL[usize::from(n) % SPECIAL.len()];
                put(data, place(at, data.len()) & !3, special.to_bits());
            }
            Self::Byte { at, byte } => data[place(at, data.len())] = byte,
            // The length of the header stays, or this would find another one.
            Self::HeaderByte { at, byte } => header[8 + place(at, start - 8)] = byte,
            Self::Counter { from_end, bits } => {
                put(data, data.len().saturating_sub(from_end.into()), bits);
            }
        }
    }
}

fn put(data: &mut [u8], at: usize, bits: u32) {
    data[at..].iter_mut().zip(bits.to_le_bytes()).for_each(|(place, byte)| *place = byte);
}

/// Makes the checksum right, if its place is still there.
fn seal(file: &mut [u8]) {
    const NAME: &[u8] = b"\"crc32\":\"";
    let Some(at) = file.windows(NAME.len()).position(|bytes| bytes == NAME) else { return };
    let at = at + NAME.len();
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    digest.update(&file[..at]);
    digest.update(&file[at + 8..]);
    let digits = format!("{:08x}", digest.finalize());
    file[at..at + 8].copy_from_slice(digits.as_bytes());
}

/// That a file is not refused for another reason than its content.
#[cfg(test)]
mod tests {
    #[test]
    fn a_sealed_file_is_whole() {
        let run = super::lived(elman::Sgd::new(0.1), 1, 7);
        let good = run.save();
        let mut file = good.clone();
        super::Edit::Byte { at: 400, byte: 1 }.apply(&mut file);
        assert!(elman::checkpoint::open(&file).is_err());
        super::seal(&mut file);
        assert!(elman::checkpoint::open(&file).is_ok());
        let mut again = good.clone();
        super::seal(&mut again);
        assert_eq!(again, good);
    }
}
