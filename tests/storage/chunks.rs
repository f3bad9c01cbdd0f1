//! Checkpoints in chunks: byte for byte those in one piece, without a second copy.

use elman::checkpoint::{
    self, DeviceError, Loader, Saver, Verifier, load, load_from, save, save_to, verify_from,
};
use elman::safetensors::{Reason, StateDict};
use elman::{
    Adam, ConstZero, Dense, EarlyStopping, Elman, Parameters, Pcg32, Stack, Trainer, state_dict,
    uniform,
};
use heapless::Vec as List;

type Net = Stack<(Elman<1, 3>, [Elman<3, 3>; 2], Dense<3, 1>)>;
type Training = Trainer<Net, Adam, 3, 7>;

/// Numbers of 4 and of 8 bytes, so that chunks cut both; a list, and values that may be missing.
struct Run {
    flags: u32,
    train: Training,
    best: EarlyStopping<Net>,
    wide: [f64; 3],
    list: List<[f32; 2], 3>,
    some: Option<Dense<1, 2>>,
    none: Option<Dense<2, 1>>,
    rng: Pcg32,
}
state_dict!(Run {
    flags: u32,
    train: Training,
    best: EarlyStopping<Net>,
    wide: [f64; 3],
    list: List<[f32; 2], 3>,
    some: Option<Dense<1, 2>>,
    none: Option<Dense<2, 1>>,
    rng: Pcg32,
});

const SIZE: usize = checkpoint::size::<Run>();

impl Run {
    fn new() -> Self {
        let mut train = Training::new(Adam::new(0.01));
        uniform(&mut train.learner.net, 0.5, &mut Pcg32::new(1, 0));
        let mut best = EarlyStopping::new();
        for t in 0..17 {
            let report = train.observe(&[t as f32 * 0.1], &[0.3]).unwrap();
            best.update(&train.learner.net, report.loss);
        }
        let list = List::from_slice(&[[1.0, 2.0], [3.0, 4.0]]).unwrap();
        let some = Some(Dense { bias: [5.0, 6.0], ..ConstZero::ZERO });
        let wide = [0.1, 0.2, 0.3];
        Self { flags: 3, train, best, wide, list, some, none: None, rng: Pcg32::new(3, 3) }
    }

    /// A run of which nothing agrees with [`new`](Self::new).
    fn other() -> Self {
        let mut run = Self::new();
        for n in 0..Net::TENSORS {
            run.train.learner.net.tensor_mut(n).fill(9.0);
        }
        run.train.predict(&[0.5]).unwrap();
        run.best = EarlyStopping::new();
        run.list = List::from_slice(&[[9.0; 2]; 3]).unwrap();
        (run.flags, run.wide, run.some, run.none) = (9, [9.0; 3], None, Some(ConstZero::ZERO));
        run.rng = Pcg32::new(9, 9);
        run
    }

    fn file(&self) -> Vec<u8> {
        let mut file = vec![0; SIZE];
        save(self, 1, &mut file).unwrap();
        file
    }
}

/// The sizes of chunks: all small ones, then some.
fn sizes() -> impl Iterator<Item = usize> {
    (1..70).chain([100, 127, 128, 129, 255, 256, 1000, SIZE - 1, SIZE, SIZE + 1])
}

#[test]
fn saved_in_chunks_of_any_size() {
    let run = Run::new();
    let whole = run.file();
    for size in sizes() {
        let mut buffer = vec![0; size];
        let mut saver = Saver::new(&run, 1).unwrap();
        let mut file = Vec::new();
        while let Some(chunk) = saver.next(&mut buffer) {
            assert!(chunk.len() == size || file.len() + chunk.len() == SIZE);
            file.extend_from_slice(chunk);
            assert_eq!(saver.remaining(), SIZE - file.len());
        }
        assert!(file == whole, "chunks of {size}");
    }
}

#[test]
fn loaded_in_chunks_of_any_size() {
    let file = Run::new().file();
    for size in sizes() {
        let mut verifier = Verifier::<Run>::new();
        let pushed = file.chunks(size).take_while(|chunk| verifier.push(chunk)).count();
        assert_eq!(pushed + 1, SIZE.div_ceil(size), "the last one says that it was");
        assert_eq!(verifier.finish(), Ok(1));
        let mut run = Run::other();
        let mut loader = Loader::new(&mut run);
        let pushed = file.chunks(size).take_while(|chunk| loader.push(chunk)).count();
        assert_eq!(pushed + 1, SIZE.div_ceil(size));
        assert!(run.file() == file, "chunks of {size}");
        assert_eq!((run.list.len(), run.some.is_some(), run.none.is_none()), (2, true, true));
    }
}

/// A verifier says of every file the same in chunks as in one piece.
#[test]
fn refused_in_chunks_as_in_one_piece() {
    let file = Run::new().file();
    let verdict = |file: &[u8], size| {
        let mut verifier = Verifier::<Run>::new();
        file.chunks(size).all(|chunk| verifier.push(chunk));
        verifier.finish()
    };
    /// All of them take long without optimisation.
    const SPARSE: usize = if cfg!(debug_assertions) { 16 } else { 1 };
    let lengths = (0..SIZE).step_by(5 * SPARSE);
    let mut slots: Vec<Vec<u8>> = lengths.map(|len| file[..len].to_vec()).collect();
    slots.extend((0..8 * SIZE).step_by(23 * SPARSE).map(|bit| {
        let mut file = file.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        file
    }));
    for slot in slots {
        let whole = verdict(&slot, SIZE).unwrap_err();
        for size in [1, 7, 64, 256] {
            assert_eq!(verdict(&slot, size), Err(whole));
        }
    }
}

/// As a network of another size has it, whichever chunk that is noticed in.
#[test]
fn of_another_size_in_chunks() {
    type Small = Stack<(Elman<1, 3>, Dense<3, 1>)>;
    let mut file = vec![0; checkpoint::size::<Small>()];
    save(&Small::ZERO, 1, &mut file).unwrap();
    for size in [16, 50, 200] {
        let mut verifier = Verifier::<Stack<(Elman<1, 3>, Dense<3, 2>)>>::new();
        file.chunks(size).all(|chunk| verifier.push(chunk));
        let error = verifier.finish().unwrap_err();
        assert_eq!(error.tensor.as_str(), "1.kernel", "{error}");
    }
}

/// 100 KB through a buffer of 256 bytes.
#[test]
fn a_large_network_through_a_small_buffer() {
    type Large = Stack<(Elman<8, 150>, Dense<150, 8>)>;
    let mut net = Large::ZERO;
    uniform(&mut net, 0.5, &mut Pcg32::new(1, 0));
    let mut flash = vec![0xff; checkpoint::size::<Large>()];
    assert!(size_of::<Large>() > 100_000);
    let mut chunks = 0;
    let saved = save_to(&net, 7, &mut [0; 256], |offset, chunk| {
        flash[offset..][..chunk.len()].copy_from_slice(chunk);
        chunks += 1;
        Ok::<_, ()>(())
    });
    assert_eq!(saved, Ok(flash.len()));
    assert_eq!(chunks, flash.len().div_ceil(256));
    let mut whole = vec![0; flash.len()];
    save(&net, 7, &mut whole).unwrap();
    assert!(flash == whole);

    let mut again = Large::ZERO;
    let read = |offset: usize, chunk: &mut [u8]| {
        chunk.copy_from_slice(&flash[offset..][..chunk.len()]);
        Ok::<_, ()>(())
    };
    assert_eq!(load_from(&mut again, &mut [0; 256], read), Ok(7));
    assert!(again == net);
}

#[test]
fn a_device_that_fails() {
    let run = Run::new();
    let file = run.file();
    for fails_at in [0, 256, 1024] {
        let write = |offset, _: &[u8]| if offset < fails_at { Ok(()) } else { Err("worn out") };
        let saved = save_to(&run, 1, &mut [0; 256], write);
        assert_eq!(saved, Err(DeviceError::Device("worn out")));
        let read = |offset: usize, chunk: &mut [u8]| {
            chunk.copy_from_slice(&file[offset..][..chunk.len()]);
            if offset < fails_at { Ok(()) } else { Err("unplugged") }
        };
        let mut other = Run::other();
        let before = other.file();
        let loaded = load_from(&mut other, &mut [0; 256], read);
        assert_eq!(loaded, Err(DeviceError::Device("unplugged")));
        assert!(other.file() == before);
    }
}

#[test]
fn what_is_refused_is_not_begun() {
    let mut run = Run::new();
    run.wide[2] = f64::NAN;
    let mut writes = 0;
    let saved = save_to(&run, 1, &mut [0; 256], |_, _| {
        writes += 1;
        Ok::<_, ()>(())
    });
    let Err(DeviceError::Checkpoint(error)) = saved else { panic!("{saved:?}") };
    assert_eq!((error.tensor.as_str(), error.reason), ("wide", Reason::NonFinite));
    assert_eq!(writes, 0);

    let mut torn = Run::new().file();
    torn[SIZE - 1] ^= 1;
    let mut other = Run::other();
    let before = other.file();
    let read = |offset: usize, chunk: &mut [u8]| {
        chunk.copy_from_slice(&torn[offset..][..chunk.len()]);
        Ok::<_, ()>(())
    };
    let loaded = load_from(&mut other, &mut [0; 100], read);
    let Err(DeviceError::Checkpoint(error)) = loaded else { panic!("{loaded:?}") };
    assert_eq!(error.reason, Reason::Torn);
    assert_eq!(verify_from::<Run, ()>(&mut [0; 100], read), Err(DeviceError::Checkpoint(error)));
    assert!(other.file() == before);
}

/// A value is loaded over whatever was there, by both ways, to the same bits.
#[test]
fn in_one_piece() {
    let file = Run::new().file();
    let mut run = Run::other();
    assert_eq!(load(&mut run, &file), Ok(1));
    assert!(run.file() == file);
    assert_eq!(<Run as StateDict>::SCHEMA.bytes() % 4, 0);
}

/// A buffer that holds nothing reads nothing.
#[test]
fn an_empty_buffer() {
    let file = Run::new().file();
    let mut reads = 0;
    let read = |offset: usize, chunk: &mut [u8]| {
        chunk.copy_from_slice(&file[offset..][..chunk.len()]);
        reads += 1;
        if reads < 10 { Ok(()) } else { Err("read without end") }
    };
    let loaded = load_from(&mut Run::other(), &mut [], read);
    let Err(DeviceError::Checkpoint(error)) = loaded else { panic!("{loaded:?}") };
    assert_eq!((error.reason, reads), (Reason::NotACheckpoint, 0));
}

/// Of a number behind the first chunk it is not a tensor in that chunk that is named.
#[test]
fn what_is_refused_is_named() {
    struct Numbers {
        many: [f32; 100],
        single: f32,
        double: f64,
        count: usize,
    }
    state_dict!(Numbers { many: [f32; 100], single: f32, double: f64, count: usize });
    let error = |single, double, count| {
        let numbers = Numbers { many: [0.0; 100], single, double, count };
        Saver::new(&numbers, 1).map(drop).unwrap_err().tensor
    };
    assert_eq!(error(f32::NAN, 0.0, 0).as_str(), "single");
    assert_eq!(error(0.0, f64::NAN, 0).as_str(), "double");
    assert_eq!(error(0.0, 0.0, usize::MAX).as_str(), "count");
}
