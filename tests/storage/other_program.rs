//! A checkpoint of another program is refused by name, and changes nothing.

use elman::checkpoint::{self, load, save};
use elman::safetensors::{self, Reason, StateDict, save as save_file};
use elman::{
    Adam, AdamW, ConstZero, Dense, Elman, Frozen, FrozenBase, Momentum, Optimizer, Pcg32, RmsProp,
    Sgd, Stack, StaticLayer, StreamState, TrainErrorKind, Trainer, Update, orthogonal, state_dict,
};

type Net = Stack<(Elman<1, 3>, Dense<3, 1>)>;
type Run<O, const K1: usize = 2, const K2: usize = 4, N = Net> = Trainer<N, O, K1, K2>;

fn file<S: StateDict>(value: &S) -> Vec<u8> {
    let mut file = vec![0; checkpoint::size::<S>()];
    save(value, 1, &mut file).unwrap();
    file
}

/// The error of `saved`, loaded into `value`, which stays as it was.
fn error<S: StateDict>(mut value: S, saved: &[u8]) -> String {
    let before = file(&value);
    let error = load(&mut value, saved).unwrap_err();
    assert_eq!(file(&value), before, "{error}");
    error.to_string()
}

fn trained<O: Optimizer<Net>>(optimizer: O) -> Run<O> {
    let mut run = Run::new(optimizer);
    for _ in 0..5 {
        run.observe(&[0.5], &[0.7]).unwrap();
    }
    run
}

#[test]
fn of_another_optimizer() {
    let is_another = |saved: &[u8], momentum: bool| {
        let optimizer = "`learner.optimizer` is not as in the program that wrote the checkpoint";
        if momentum {
            assert_eq!(error(Run::<Momentum>::new(Momentum::new(0.01)), saved), optimizer);
        } else {
            assert_eq!(error(Run::<RmsProp>::new(RmsProp::new(0.01)), saved), optimizer);
        }
        assert_eq!(error(Run::<Sgd>::new(Sgd::new(0.01)), saved), optimizer);
        assert_eq!(error(Run::<AdamW>::new(AdamW::new(0.01)), saved), optimizer);
    };
    is_another(&file(&trained(RmsProp::new(0.01))), true);
    is_another(&file(&trained(Momentum::new(0.01))), false);
    is_another(&file(&trained(Adam::new(0.01))), true);
}

/// Without a learner, and so without tags: by the names of the tensors.
#[test]
fn state_of_another_optimizer() {
    let velocity = <Momentum as Optimizer<Net>>::State::ZERO;
    let mean_square = <RmsProp as Optimizer<Net>>::State::ZERO;
    let missing = error(mean_square.clone(), &file(&velocity));
    assert_eq!(missing, "tensor `mean_square.0.kernel`: a checkpoint of something else");
    assert_eq!(
        error(velocity, &file(&mean_square)),
        "tensor `velocity.0.kernel`: a checkpoint of something else"
    );
}

#[test]
fn of_another_window() {
    let saved = file(&trained(Adam::new(0.01)));
    let of =
        |name: &str| format!("`stream.{name}` is not as in the program that wrote the checkpoint");
    assert_eq!(error(Run::<Adam, 1, 4>::new(Adam::new(0.01)), &saved), of("k1"));
    assert_eq!(error(Run::<Adam, 2, 5>::new(Adam::new(0.01)), &saved), of("k2"));
    let stream = file(&StreamState::<Net, 2, 4>::new());
    let k1 = "`k1` is not as in the program that wrote the checkpoint";
    assert_eq!(error(StreamState::<Net, 3, 4>::new(), &stream), k1);
}

#[test]
fn of_another_architecture() {
    let saved = file(&trained(Adam::new(0.01)));
    type Wider = Stack<(Elman<1, 4>, Dense<4, 1>)>;
    type Deeper = Stack<(Elman<1, 3>, Elman<3, 3>, Dense<3, 1>)>;
    type Wide = Stack<(Elman<1, 3, f64>, Dense<3, 1, f64>)>;
    let adam = Adam::new(0.01);
    assert_eq!(
        error(Run::<Adam, 2, 4, Wider>::new(adam), &saved),
        "tensor `learner.net.0.kernel`: a checkpoint of something else"
    );
    assert_eq!(
        error(Run::<Adam, 2, 4, Deeper>::new(adam), &saved),
        "tensor `learner.net.1.kernel`: a checkpoint of something else"
    );
    assert_eq!(
        error(Run::<Adam<f64>, 2, 4, Wide>::new(Adam::new(0.01)), &saved),
        "tensor `learner.net.0.kernel`: a checkpoint of something else"
    );
}

/// Two tapes of the same size: only the checksum of their parts tells them apart.
#[test]
fn packed_from_other_parts() {
    #[derive(Default)]
    struct Old {
        a: [f32; 2],
        b: u32,
    }
    state_dict!(Old {} packed { a: [f32; 2], b: u32 });
    #[derive(Default)]
    struct New {
        a: [u32; 2],
        b: f32,
    }
    state_dict!(New {} packed { a: [u32; 2], b: f32 });
    let old = Old { a: [1.0, 2.0], b: 3 };
    assert_eq!(error(New::default(), &file(&old)), "tensor `packed`: packed from other parts");
    let mut saved = vec![0; Old::SIZE];
    save_file(&old, &mut saved).unwrap();
    let mut new = New::default();
    let error = safetensors::load(&mut new, &saved).unwrap_err();
    assert_eq!(error.reason, Reason::OtherParts);
    assert_eq!((new.a, new.b), ([0, 0], 0.0));
}

//////////// frozen weights ////////////

macro_rules! body {
    ($Body:ident $bias:literal) => {
        struct $Body;
        impl StaticLayer for $Body {
            type Layer = Elman<1, 3>;
            fn layer() -> &'static Elman<1, 3> {
                static BODY: Elman<1, 3> = Elman { bias: [0.1, 0.2, $bias], ..Elman::ZERO };
                &BODY
            }
        }
    };
}
body!(Body 0.3);
body!(Retrained 0.4);

#[test]
fn on_another_base() {
    type On<B> = Run<Adam, 2, 4, Stack<(FrozenBase<B>, Dense<3, 1>)>>;
    let saved = file(&On::<Body>::new(Adam::new(0.01)));
    load(&mut On::<Body>::new(Adam::new(0.01)), &saved).unwrap();
    let frozen = "`learner.net.0.frozen` is not as in the program that wrote the checkpoint";
    assert_eq!(error(On::<Retrained>::new(Adam::new(0.01)), &saved), frozen);

    type Within<B> = Stack<(Elman<1, 1>, Frozen<B>)>;
    let frozen = "`1.frozen` is not as in the program that wrote the checkpoint";
    let saved = file(&<Within<Body>>::ZERO);
    load(&mut { <Within<Body>>::ZERO }, &saved).unwrap();
    assert_eq!(error(<Within<Retrained>>::ZERO, &saved), frozen);
}

/// The checksum is the CRC-32 of the frozen numbers, in the order of their tensors.
#[test]
fn the_checksum_of_frozen_weights() {
    let saved = file(&<Stack<(FrozenBase<Body>, Dense<3, 1>)>>::ZERO);
    let (_, header) = ::safetensors::SafeTensors::read_metadata(&saved).unwrap();
    let numbers = [&[0.0_f32; 12][..], &[0.1, 0.2, 0.3]].concat();
    let bytes: Vec<_> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes);
    assert_eq!(header.metadata().as_ref().unwrap()["0.frozen"], format!("{crc:08x}"));

    // Through more than one buffer of 64 bytes, the last of them not full.
    struct Larger;
    impl StaticLayer for Larger {
        type Layer = Dense<1, 10>;
        fn layer() -> &'static Dense<1, 10> {
            static LARGER: Dense<1, 10> = Dense { bias: [0.5; 10], ..Dense::ZERO };
            &LARGER
        }
    }
    let saved = file(&<Stack<(FrozenBase<Larger>, Dense<10, 1>)>>::ZERO);
    let (_, header) = ::safetensors::SafeTensors::read_metadata(&saved).unwrap();
    let numbers = [[0.0_f32; 10], [0.5; 10]].concat();
    let bytes: Vec<_> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&bytes);
    assert_eq!(header.metadata().as_ref().unwrap()["0.frozen"], format!("{crc:08x}"));
}

//////////// values that cannot be ////////////

/// An even increment repeats: of a generator of zeros, the same number for good.
#[test]
fn a_generator_that_is_loaded_generates() {
    let mut saved = [0; Pcg32::SIZE];
    save_file(&Pcg32::new(1, 0), &mut saved).unwrap();
    let numbers = saved.len() - 16;
    saved[numbers..].fill(0);
    let mut rng = Pcg32::new(1, 0);
    safetensors::load(&mut rng, &saved).unwrap();
    let first = rng.next_u32();
    assert!((0..100).any(|_| rng.next_u32() != first));
}

/// Whatever the generator draws, it ends, with an orthogonal matrix.
#[test]
fn orthogonal_ends() {
    let mut saved = [0; Pcg32::SIZE];
    save_file(&Pcg32::new(1, 0), &mut saved).unwrap();
    let numbers = saved.len() - 16;
    for state in [0_u64, 1, 2, u64::MAX, 0x8000_0000_0000_0000] {
        for increment in [0_u64, 2, u64::MAX - 1] {
            saved[numbers..numbers + 8].copy_from_slice(&state.to_le_bytes());
            saved[numbers + 8..].copy_from_slice(&increment.to_le_bytes());
            let mut rng = Pcg32::new(1, 0);
            safetensors::load(&mut rng, &saved).unwrap();
            let mut kernel = elman::Matrix([[0.0_f64; 8]; 8]);
            orthogonal(&mut kernel, &mut rng);
            for (a, row) in kernel.0.iter().enumerate() {
                for (b, other) in kernel.0.iter().enumerate() {
                    let product: f64 = row.iter().zip(other).map(|(x, y)| x * y).sum();
                    assert!((product - f64::from(a == b)).abs() < 1e-12, "{a} {b}: {product}");
                }
            }
        }
    }
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_count_that_is_too_large_is_not_saved() {
    let mut buffer = [0; <usize as StateDict>::SIZE];
    for count in [(1_usize << 32) + 5, 1 << 31, usize::MAX] {
        assert_eq!(save_file(&count, &mut buffer).unwrap_err().reason, Reason::Count, "{count}");
        let any = safetensors::save_any(&count, &mut buffer).unwrap_err();
        assert_eq!(any.reason, Reason::Count, "{count}");
    }
    let mut again = 0_usize;
    save_file(&((1_usize << 31) - 1), &mut buffer).unwrap();
    safetensors::load(&mut again, &buffer).unwrap();
    assert_eq!(again, (1 << 31) - 1);
}

/// A tensor of a shape with more than four sizes, of which the last differs.
#[test]
fn a_fifth_size() {
    #[derive(Debug, Default, PartialEq)]
    struct Four {
        a: [[[[f32; 4]; 1]; 1]; 1],
        b: [f32; 1],
    }
    state_dict!(Four { a: [[[[f32; 4]; 1]; 1]; 1], b: [f32; 1] });
    let header = r#"{"a":{"dtype":"F32","shape":[1,1,1,4,1],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}"#;
    let mut saved = (header.len() as u64).to_le_bytes().to_vec();
    saved.extend(header.bytes());
    saved.extend([0; 20]);
    let mut four = Four::default();
    let error = safetensors::load(&mut four, &saved).unwrap_err();
    assert_eq!(error.to_string(), "tensor `a`: its shape is [1, 1, 1, 4], not [1, 1, 1, 4]");
}

#[test]
fn the_sequence_counts_around() {
    let slot = |sequence| {
        let mut file = vec![0; checkpoint::size::<Dense<1, 1>>()];
        save(&Dense::<1, 1>::ZERO, sequence, &mut file).unwrap();
        file
    };
    let newest = |a, b| {
        let slots = [slot(a), slot(b)];
        checkpoint::load_newest(&mut { Dense::<1, 1>::ZERO }, [&slots[0], &slots[1]])
    };
    assert_eq!(newest(u32::MAX, 0), Ok((1, 0)));
    assert_eq!(newest(0, u32::MAX), Ok((0, 0)));
    assert_eq!(newest(u32::MAX, u32::MAX - 1), Ok((0, u32::MAX)));
    assert_eq!(newest(1, u32::MAX - 1), Ok((0, 1)));
    assert_eq!(newest(7, 8), Ok((1, 8)));
    assert_eq!(newest(7, 7), Ok((0, 7)));
}

/// A refused gradient leaves numbers that are none in the rows of the lower layers: they are scratch.
#[test]
fn a_run_that_refused_an_update_can_be_saved() {
    type Scaled = Stack<(Elman<1, 4>, Dense<4, 1>)>;
    let mut run = Trainer::<Scaled, Sgd, 4, 8>::new(Sgd::new(0.01));
    run.learner.net.0.0.recurrent_kernel = elman::Matrix([[1e18; 4]; 4]);
    run.learner.net.0.1.kernel = elman::Matrix([[0.5]; 4]);
    for step in 0..4 {
        let update = run.observe(&[0.0], &[1.0]).unwrap().update;
        let skipped = Update::Skipped(TrainErrorKind::Gradient);
        assert_eq!(update, if step == 3 { skipped } else { Update::NotDue });
    }
    let saved = file(&run);
    let mut again = Trainer::<Scaled, Sgd, 4, 8>::new(Sgd::new(0.01));
    load(&mut again, &saved).unwrap();
    assert_eq!(file(&again), saved);
}
