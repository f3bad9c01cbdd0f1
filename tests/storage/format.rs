//! The format stays: a committed checkpoint loads for ever, and is written today byte for byte.

use elman::checkpoint::{load, save, size};
use elman::{Adam, ConstZero, Dense, Elman, InRange, Pcg32, Stack, Trainer, state_dict, uniform};

type Net = Stack<(Elman<2, 3>, Dense<3, 2>)>;

struct Run {
    trainer: Trainer<Net, Adam, 2, 4>,
    rng: Pcg32,
}
state_dict!(Run { trainer: Trainer<Net, Adam, 2, 4>, rng: Pcg32 });

/// Written by version 0.1.0.
const FILE: &[u8] = include_bytes!("../data/checkpoint-2.safetensors");

impl Run {
    fn new() -> Self {
        Self { trainer: Trainer::new(Adam::new(0.01)), rng: Pcg32::new(5, 0) }
    }

    /// In the middle of a window, with an output gradient that waits; made without `tanh`, so that
    /// nothing but the format can change the bytes.
    fn saved() -> Self {
        let mut run = Self::new();
        uniform(&mut run.trainer.learner.net.0.1, 0.5, &mut run.rng);
        for t in 0..7 {
            run.trainer.observe(&[t as f32, 0.5], &[0.25, -0.5]).unwrap();
        }
        run
    }
}

/// `cargo test --test storage -- --ignored write_the_file` writes it; only for a new format, under a
/// new name.
#[test]
#[ignore = "writes a file that must not change"]
fn write_the_file() {
    let mut file = vec![0; size::<Run>()];
    save(&Run::saved(), 12, &mut file).unwrap();
    std::fs::write("tests/data/checkpoint-2.safetensors", file).unwrap();
}

#[test]
fn the_committed_file_loads() {
    let mut run = Run::new();
    assert_eq!(load(&mut run, FILE), Ok(12));
    assert_eq!((run.trainer.stream.steps(), run.trainer.learner.updates()), (7, 3));
    assert!(run.trainer.learner.net.0.1.bias.is_in_range());
    assert_ne!(run.trainer.learner.net, Net::ZERO);
    run.trainer.observe(&[0.5, 0.5], &[0.0, 0.0]).unwrap();
}

#[test]
fn it_is_written_byte_for_byte() {
    let mut run = Run::new();
    load(&mut run, FILE).unwrap();
    let mut file = vec![0; size::<Run>()];
    save(&run, 12, &mut file).unwrap();
    assert!(file == FILE);
}

/// What the official library sees in it.
#[test]
fn its_tensors() {
    let file = safetensors::SafeTensors::deserialize(FILE).unwrap();
    let names = file.tensors().into_iter().map(|(name, tensor)| {
        let shape = tensor.shape().iter().map(|size| size.to_string()).collect::<Vec<_>>();
        format!("{name} {:?} {}", tensor.dtype(), shape.join("x"))
    });
    let mut names: Vec<_> = names.collect();
    names.sort();
    assert_eq!(names, TENSORS);
    let (_, header) = safetensors::SafeTensors::read_metadata(FILE).unwrap();
    let metadata = header.metadata().as_ref().unwrap();
    assert_eq!(metadata["format"], "elman checkpoint 2");
    assert_eq!(metadata["sequence"], "0000000c");
    assert_eq!(metadata["trainer.learner.optimizer"], "Adam");
    assert_eq!((&*metadata["trainer.stream.k1"], &*metadata["trainer.stream.k2"]), ("2", "4"));
}

const TENSORS: [&str; 20] = [
    "rng.increment U64 ",
    "rng.state U64 ",
    "trainer.learner.net.0.bias F32 3",
    "trainer.learner.net.0.kernel F32 2x3",
    "trainer.learner.net.0.recurrent_kernel F32 3x3",
    "trainer.learner.net.1.bias F32 2",
    "trainer.learner.net.1.kernel F32 3x2",
    "trainer.learner.optimizer_state.corrections F32 2",
    "trainer.learner.optimizer_state.mean.0.bias F32 3",
    "trainer.learner.optimizer_state.mean.0.kernel F32 2x3",
    "trainer.learner.optimizer_state.mean.0.recurrent_kernel F32 3x3",
    "trainer.learner.optimizer_state.mean.1.bias F32 2",
    "trainer.learner.optimizer_state.mean.1.kernel F32 3x2",
    "trainer.learner.optimizer_state.mean_square.0.bias F32 3",
    "trainer.learner.optimizer_state.mean_square.0.kernel F32 2x3",
    "trainer.learner.optimizer_state.mean_square.0.recurrent_kernel F32 3x3",
    "trainer.learner.optimizer_state.mean_square.1.bias F32 2",
    "trainer.learner.optimizer_state.mean_square.1.kernel F32 3x2",
    "trainer.learner.packed U8 124",
    "trainer.stream.packed U8 248",
];

/// A header of another format is refused, whatever comes after it; the formats before 2 were in no release.
#[test]
fn another_format_is_refused() {
    for format in ['0', '1', '3', '9'] {
        let mut file = FILE.to_vec();
        let name = b"elman checkpoint ";
        let at = file.windows(name.len()).position(|bytes| bytes == name).unwrap() + name.len();
        file[at] = format as u8;
        let mut run = Run::new();
        let error = load(&mut run, &file).unwrap_err();
        assert_eq!(error.to_string(), "not a checkpoint");
        assert_eq!(run.trainer.learner.net, Net::ZERO);
    }
}
