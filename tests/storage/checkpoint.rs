//! A run that is cut and resumed: bit for bit the run that never was.

use core::num::NonZeroU32;

use elman::checkpoint::{self, Verifier, load, load_newest, save, sequence};
use elman::safetensors::{Error, Reason, SafeTensors, StateDict, TensorName};
use elman::{
    Adam, AdamW, ConstZero, Dense, EarlyStopping, Elman, FrozenBase, Initialize, Learner, Limit,
    Matrix, Momentum, Optimizer, Parameters, Pcg32, RmsProp, Schedule, Sgd, Stack, StaticLayer,
    StreamState, Tape, Trainer, squared_error, state_dict, uniform,
};

type Net = Stack<(Elman<1, 4>, [Elman<4, 4>; 2], Dense<4, 1>)>;
const K1: usize = 3;
const K2: usize = 7;

/// Everything that a step of training reads or writes.
struct Run {
    net: Net,
    velocity: Net,
    updates: u32,
    tape: Tape<Net, K2>,
    rng: Pcg32,
}
state_dict!(Run { net: Net, velocity: Net, updates: u32, tape: Tape<Net, K2>, rng: Pcg32 });

const SIZE: usize = checkpoint::size::<Run>();

impl Run {
    fn new() -> Self {
        let mut rng = Pcg32::new(1, 2);
        let mut net = Net::ZERO;
        uniform(&mut net, 0.5, &mut rng);
        Self { net, velocity: Net::ZERO, updates: 0, tape: Tape::new(), rng }
    }

    /// A run of which nothing agrees with [`new`](Self::new).
    fn other() -> Self {
        let mut run = Self::new();
        for n in 0..Net::TENSORS {
            run.net.tensor_mut(n).fill(9.0);
            run.velocity.tensor_mut(n).fill(9.0);
        }
        run.updates = 9;
        run.rng = Pcg32::new(9, 9);
        for _ in 0..K2 + 2 {
            run.tape.step(&run.net, &[9.0]);
            run.tape.set_output_gradient(&[9.0]);
        }
        run
    }

    /// One sample of a noisy stream; after each window, momentum whose step shrinks.
    fn sample(&mut self) {
        let x: f32 = self.rng.uniform_symmetric();
        let y = *self.tape.step(&self.net, &[x]);
        self.tape.set_output_gradient(&squared_error(&y, &[0.5 * x]).1);
        if self.tape.due::<K1>() {
            let mut gradient = Net::ZERO;
            self.tape.backward(&self.net, &mut gradient);
            self.updates += 1;
            let rate = 0.1 / self.updates as f32;
            for n in 0..Net::TENSORS {
                let (v, w) = (self.velocity.tensor_mut(n), self.net.tensor_mut(n));
                for ((v, w), g) in v.iter_mut().zip(w).zip(gradient.tensor(n)) {
                    *v = 0.9 * *v + g;
                    *w -= rate * *v;
                }
            }
        }
    }

    fn file(&self) -> [u8; SIZE] {
        let mut file = [0; SIZE];
        assert_eq!(save(self, 1, &mut file), Ok(SIZE));
        file
    }
}

/// What is done to a run.
type Change = fn(&mut Run);

/// Compared as files: every number of the run, to the bit.
#[test]
fn a_run_cut_at_any_sample_continues_bit_for_bit() {
    const SAMPLES: usize = 4 * K2;
    let mut uncut = Run::new();
    let files: Vec<_> = (0..SAMPLES)
        .map(|_| {
            let before = uncut.file();
            uncut.sample();
            before
        })
        .collect();
    assert!(uncut.updates > 5 && uncut.net != Run::new().net);
    for (cut, before) in files.iter().enumerate() {
        let mut resumed = Run::other();
        load(&mut resumed, before).unwrap();
        (cut..SAMPLES).for_each(|_| resumed.sample());
        assert_eq!(resumed.file(), uncut.file(), "cut before sample {cut}");
    }
}

/// The crate's own trainer, with everything that it remembers; how it learns comes from the program.
#[test]
fn a_trainer_cut_at_any_sample_continues_bit_for_bit() {
    same_after_any_cut::<Adam>(Adam::new(0.01));
    same_after_any_cut::<AdamW>(AdamW::new(0.01));
    same_after_any_cut::<RmsProp>(RmsProp::new(0.01));
    same_after_any_cut::<Momentum>(Momentum::new(0.01));
    same_after_any_cut::<Sgd>(Sgd::new(0.01));
}

type Small = Stack<(Elman<1, 3>, Dense<3, 1>)>;
type Training<O> = (Trainer<Small, O, 3, 7>, EarlyStopping<Small>);

fn same_after_any_cut<O: Optimizer<Small, State: StateDict>>(optimizer: O) {
    let start = || -> Training<O> {
        let mut trainer = Trainer::new(optimizer);
        trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
        trainer.learner.schedule = Schedule::exponential(0.9);
        trainer.learner.max_norm = Limit::At(0.5);
        trainer.learner.batch = NonZeroU32::new(2);
        (trainer, EarlyStopping::new())
    };
    let sample = |(trainer, snapshot): &mut Training<O>, t: usize| {
        let report = trainer.observe(&[(t % 5) as f32 * 0.2], &[(t % 3) as f32 * 0.3]).unwrap();
        snapshot.update(&trainer.learner.net, report.loss);
    };
    let file = |training: &Training<O>| {
        let mut file = vec![0; checkpoint::size::<Training<O>>()];
        save(training, 1, &mut file).unwrap();
        file
    };
    const SAMPLES: usize = 21;
    let mut uncut = start();
    let files: Vec<_> = (0..SAMPLES)
        .map(|t| {
            let before = file(&uncut);
            sample(&mut uncut, t);
            before
        })
        .collect();
    assert!(uncut.0.learner.updates() > 2);
    for (cut, before) in files.iter().enumerate() {
        let mut resumed = start();
        load(&mut resumed, before).unwrap();
        for t in cut..SAMPLES {
            sample(&mut resumed, t);
        }
        assert_eq!(file(&resumed), file(&uncut), "cut before sample {cut}");
        assert_eq!(resumed.1.wait(), uncut.1.wait(), "cut before sample {cut}");
    }
    assert!(uncut.1.wait() > 0);
}

/// Frozen weights are not saved; what goes through them is.
#[test]
fn a_network_with_frozen_layers_is_saved_and_resumed() {
    static BODY: Elman<1, 3> = Elman { bias: [0.1, 0.2, 0.3], ..Elman::ZERO };
    struct Body;
    impl StaticLayer for Body {
        type Layer = Elman<1, 3>;
        fn layer() -> &'static Elman<1, 3> {
            &BODY
        }
    }
    type Frozen = Stack<(FrozenBase<Body>, Dense<3, 1>)>;
    let mut trainer = Trainer::<Frozen, Adam, 2, 4>::new(Adam::new(0.1));
    for _ in 0..5 {
        trainer.observe(&[0.5], &[0.7]).unwrap();
    }
    let mut file = vec![0; checkpoint::size::<Trainer<Frozen, Adam, 2, 4>>()];
    save(&trainer, 1, &mut file).unwrap();
    let mut again = Trainer::<Frozen, Adam, 2, 4>::new(Adam::new(0.1));
    load(&mut again, &file).unwrap();
    for _ in 0..5 {
        let report = again.observe(&[0.5], &[0.7]).unwrap();
        assert_eq!(report, trainer.observe(&[0.5], &[0.7]).unwrap());
    }
    assert_eq!(again.learner.net, trainer.learner.net);
}

/// Of each part of the run, that without it the run goes another way.
#[test]
fn every_part_of_the_run_is_needed() {
    let mut run = Run::new();
    for _ in 0..K2 + 1 {
        run.sample(); // in the middle of a window, the tape full
    }
    let file = run.file();
    let spoil: [(&str, Change); 5] = [
        ("weights", |run| run.net.0.0.bias[0] += 0.1),
        ("moments", |run| run.velocity.set_zero()),
        ("count", |run| run.updates = 0),
        ("tape", |run| run.tape.reset(*run.tape.state())),
        ("generator", |run| run.rng = Pcg32::new(1, 2)),
    ];
    for _ in 0..2 * K2 {
        run.sample();
    }
    for (part, spoil) in spoil {
        let mut resumed = Run::other();
        load(&mut resumed, &file).unwrap();
        spoil(&mut resumed);
        for _ in 0..2 * K2 {
            resumed.sample();
        }
        assert_ne!(resumed.net, run.net, "{part}");
    }
}

/// That each of these files is refused for its reason, and all of them leave the run as it was.
fn refused<'a>(files: impl IntoIterator<Item = (&'a [u8], Reason)>) {
    let mut run = Run::other();
    let before = run.file();
    for (file, reason) in files {
        assert_eq!(load(&mut run, file), Err(Error { tensor: TensorName::ROOT, reason }));
    }
    assert_eq!(run.file(), before, "a refused checkpoint changed the run");
}

/// Where the mark by which a checkpoint is known ends: the length of the header, and this.
const MARK: usize = 8 + r#"{"__metadata__":{"format":"elman checkpoint 2","bytes":""#.len();

#[test]
fn a_torn_checkpoint_is_refused() {
    let file = Run::new().file();
    let reason = |len| if len < MARK { Reason::NotACheckpoint } else { Reason::Torn };
    refused((0..SIZE).map(|len| (&file[..len], reason(len))));

    // The rest of the slot is still erased.
    let torn = |len: usize| [&file[..len], &vec![0xff; SIZE - len]].concat();
    let slots: Vec<_> = (0..SIZE).step_by(7).map(|len| (torn(len), reason(len))).collect();
    refused(slots.iter().map(|(slot, reason)| (slot.as_slice(), *reason)));

    // The rest is what was there before, whole and of the same size.
    let old = Run::other().file();
    let torn = |len: usize| [&file[..len], &old[len..]].concat();
    let slots: Vec<_> = (MARK..SIZE).step_by(7).map(torn).collect();
    let mixed = slots.iter().filter(|slot| **slot != old && **slot != file);
    refused(mixed.map(|slot| (slot.as_slice(), Reason::Torn)));
}

#[test]
fn every_flipped_bit_is_found() {
    type Pair = (Dense<2, 1>, Pcg32);
    let mut value: Pair = (Dense::ZERO, Pcg32::new(1, 1));
    let mut file = vec![0; checkpoint::size::<Pair>()];
    save(&value, 1, &mut file).unwrap();
    value.1.next_u32();
    let before = value.clone();
    for bit in 0..8 * file.len() {
        file[bit / 8] ^= 1 << (bit % 8);
        load(&mut value, &file).unwrap_err();
        file[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(value, before);
    load(&mut value, &file).unwrap();
    assert_ne!(value, before);
}

#[test]
fn a_foreign_checkpoint_is_refused_by_tensor_and_reason() {
    fn error<S: StateDict>(mut value: S) -> String {
        load(&mut value, &Run::new().file()).unwrap_err().to_string()
    }
    struct Other {
        net: Small,
    }
    state_dict!(Other { net: Small });
    struct Less {
        net: Net,
    }
    state_dict!(Less { net: Net });
    let shape = "tensor `net.0.kernel`: a checkpoint of something else";
    assert_eq!(error(Other { net: Small::ZERO }), shape);
    assert_eq!(error(Less { net: Net::ZERO }), "a checkpoint of something else");
    assert_eq!(error(Pcg32::new(0, 0)), "tensor `state`: a checkpoint of something else");

    let mut weights = [0; Net::SIZE];
    elman::safetensors::save(&Run::new().net, &mut weights).unwrap();
    refused([&weights[..], &[0xff; SIZE]].map(|file| (file, Reason::NotACheckpoint)));
}

#[test]
fn a_run_with_nan_or_infinity_is_not_saved() {
    let mut run = Run::new();
    run.velocity.0.1[1].bias[2] = f32::NAN;
    let error = save(&run, 1, &mut [0; SIZE]).unwrap_err();
    assert_eq!(error.to_string(), "tensor `velocity.1.1.bias`: a number is infinite or NaN");
    assert_eq!(
        save(&Run::new(), 1, &mut [0; SIZE - 1]).unwrap_err().reason,
        Reason::BufferTooSmall { needed: SIZE }
    );
}

/// Counts of a tape, changed by somebody who can make the checksum right again.
#[test]
fn a_count_beyond_its_limit_is_refused() {
    let mut file = vec![0; checkpoint::size::<Tape<Net, K2>>()];
    let mut tape = Tape::<Net, K2>::new();
    tape.step(&Run::new().net, &[1.0]);
    save(&tape, 1, &mut file).unwrap();
    let end = file.len();
    for (from_end, name) in [(4, "packed.steps_since_backward"), (8, "packed.next")] {
        let mut file = file.clone();
        file[end - from_end..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
        let error = elman::safetensors::load(&mut tape, &file).unwrap_err();
        assert_eq!(error, Error { tensor: TensorName::new(name), reason: Reason::Count });
    }
}

#[test]
fn the_newest_whole_one_of_two_slots_is_chosen() {
    let slot = |samples: usize, number: u32| {
        let mut run = Run::new();
        (0..samples).for_each(|_| run.sample());
        let mut file = [0; SIZE];
        save(&run, number, &mut file).unwrap();
        file
    };
    let (old, new) = (slot(1, u32::MAX - 1), slot(2, u32::MAX));
    let blank = [0xff; SIZE];
    let mut torn = new;
    torn[SIZE - 1] ^= 1;

    let newest = |slots| {
        let mut run = Run::other();
        load_newest(&mut run, slots).map(|found| (found, run.tape.len()))
    };
    assert_eq!(newest([&old, &new]), Ok(((1, u32::MAX), 2)));
    assert_eq!(newest([&new, &old]), Ok(((0, u32::MAX), 2)));
    assert_eq!(newest([&old, &torn]), Ok(((0, u32::MAX - 1), 1)));
    assert_eq!(newest([&torn, &old]), Ok(((1, u32::MAX - 1), 1)));
    assert_eq!(newest([&blank, &old]), Ok(((1, u32::MAX - 1), 1)));
    assert_eq!(newest([&blank, &torn]).unwrap_err().reason, Reason::NotACheckpoint);
    assert_eq!(sequence(&new), Ok(u32::MAX));
    assert_eq!(sequence(&torn).unwrap_err().reason, Reason::Torn);

    // Whole and newer, but of another network: the older one.
    let mut foreign = [0; SIZE];
    let small = Dense::<1, 1> { kernel: Matrix([[1.0]]), bias: [0.0] };
    save(&small, u32::MAX, &mut foreign).unwrap();
    assert_eq!(newest([&foreign, &old]), Ok(((1, u32::MAX - 1), 1)));
}

/// The sum is that of everybody's CRC-32, over all bytes but its own digits; and the whole is a
/// file that the official library reads.
#[test]
fn the_checksum_and_the_metadata_are_what_they_say() {
    let mut file = [0; SIZE];
    save(&Run::new(), 0x1234_abcd, &mut file).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&file).unwrap();
    let metadata = header.metadata().clone().unwrap();
    assert_eq!(metadata["format"], "elman checkpoint 2");
    assert_eq!(metadata["sequence"], "1234abcd");
    assert_eq!(metadata["bytes"], format!("{SIZE:08x}"));

    let digits = metadata["crc32"].as_bytes();
    let at = file.windows(8).position(|window| window == digits).unwrap();
    assert_eq!(metadata["crc32"], crc32(&file, at));
}

/// The CRC-32 of a file but for the eight digits at `digits`.
fn crc32(file: &[u8], digits: usize) -> String {
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    digest.update(&file[..digits]);
    digest.update(&file[digits + 8..]);
    format!("{:08x}", digest.finalize())
}

/// Parts that lie in different places are saved as one.
#[test]
fn a_tuple_of_references_is_saved_as_one() {
    let (mut net, mut rng) = (Run::new().net, Pcg32::new(4, 4));
    let mut file = vec![0; checkpoint::size::<(&mut Net, &mut Pcg32)>()];
    save(&(&mut net, &mut rng), 1, &mut file).unwrap();
    let (mut net_again, mut rng_again) = (Net::ZERO, Pcg32::new(0, 0));
    load(&mut (&mut net_again, &mut rng_again), &file).unwrap();
    assert_eq!((net_again, rng_again), (net, rng));
    assert!(SafeTensors::parse(&file).unwrap().tensor(TensorName::new("0.1.1.kernel")).is_ok());
}

/// A checksum says that a file is as it was written, not that it holds a network.
#[test]
fn nan_with_a_right_checksum_is_not_loaded() {
    type Net = Dense<1, 1>;
    let mut file = vec![0; checkpoint::size::<Net>()];
    save(&Net { bias: [1.0], ..ConstZero::ZERO }, 1, &mut file).unwrap();
    let bias = file.len() - 4;
    file[bias..].copy_from_slice(&f32::NAN.to_le_bytes());
    set_numbers(&mut file);
    let mut net = Net::ZERO;
    let error = load(&mut net, &file).unwrap_err();
    assert!(matches!(error.reason, Reason::NonFinite), "{error}");
}

/// Nor is it in chunks, whatever follows the NaN.
#[test]
fn nan_in_an_early_chunk_is_not_loaded() {
    type Net = Dense<1, 4>;
    let mut file = vec![0; checkpoint::size::<Net>()];
    save(&Net { bias: [1.0; 4], ..ConstZero::ZERO }, 1, &mut file).unwrap();
    let first = file.len() - size_of::<Net>();
    file[first..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    set_numbers(&mut file);
    for size in [1, 4, first + 4] {
        let mut verifier = Verifier::<Net>::new();
        file.chunks(size).for_each(|chunk| _ = verifier.push(chunk));
        let error = verifier.finish().unwrap_err();
        assert!(matches!(error.reason, Reason::NonFinite), "{error}");
    }
}

/// Writes the size and the checksum of a changed file into its metadata.
fn set_numbers(file: &mut [u8]) {
    let digits_of = |file: &[u8], key: &str| {
        key.len() + file.windows(key.len()).position(|bytes| bytes == key.as_bytes()).unwrap()
    };
    let bytes = digits_of(file, "\"bytes\":\"");
    let size = format!("{:08x}", file.len());
    file[bytes..][..8].copy_from_slice(size.as_bytes());
    let digits = digits_of(file, "\"crc32\":\"");
    let sum = crc32(file, digits);
    file[digits..][..8].copy_from_slice(sum.as_bytes());
}

/// Whole by their checksums, and with the right header, but not the same files.
#[test]
fn a_file_that_is_longer_or_says_so() {
    type Net = Dense<1, 1>;
    let mut file = vec![0; checkpoint::size::<Net>()];
    save(&Net::ZERO, 1, &mut file).unwrap();
    let other = Error { tensor: TensorName::ROOT, reason: Reason::OtherSchema };

    let mut longer = file.clone();
    longer.extend(f32::NAN.to_le_bytes()); // a number of no tensor
    set_numbers(&mut longer);
    assert_eq!(load(&mut { Net::ZERO }, &longer), Err(other));

    let mut longer_header = file.clone();
    longer_header[0] += 8; // the data would begin in its middle
    set_numbers(&mut longer_header);
    assert_eq!(load(&mut { Net::ZERO }, &longer_header), Err(other));
    set_numbers(&mut file);
    assert_eq!(load(&mut { Net::ZERO }, &file), Ok(1));
}

/// Nothing is saved of a value without numbers, but its file is one.
#[test]
fn a_value_without_tensors() {
    let mut file = vec![0; checkpoint::size::<()>()];
    save(&(), 3, &mut file).unwrap();
    assert_eq!(load(&mut (), &file), Ok(3));
    assert!(safetensors::SafeTensors::deserialize(&file).unwrap().is_empty());
}

/// A run that is cut in the middle of a batch goes on with half a batch.
#[test]
fn the_counts_of_a_batch_are_saved() {
    type Net = Dense<1, 1>;
    let learner = || {
        let mut learner = Learner::<Net, Sgd>::new(Sgd::new(0.1));
        learner.batch = NonZeroU32::new(2);
        learner
    };
    let (mut whole, mut stream) = (learner(), StreamState::<Net, 1, 1>::new());
    let _ = whole.observe(&mut stream, &[0.0], &[1.0]).unwrap();
    let mut file =
        vec![0; checkpoint::size::<(&mut Learner<Net, Sgd>, &mut StreamState<Net, 1, 1>)>()];
    save(&(&mut whole, &mut stream), 1, &mut file).unwrap();

    let (mut resumed, mut resumed_stream) = (learner(), StreamState::<Net, 1, 1>::new());
    load(&mut (&mut resumed, &mut resumed_stream), &file).unwrap();
    assert_eq!(resumed_stream.steps(), 1);
    let _ = whole.observe(&mut stream, &[0.0], &[1.0]).unwrap();
    let _ = resumed.observe(&mut resumed_stream, &[0.0], &[1.0]).unwrap();
    assert_eq!(resumed.net, whole.net);
}
