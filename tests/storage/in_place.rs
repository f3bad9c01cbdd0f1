//! Large values are made, loaded and imported where they are: in a thread whose stack is smaller than
//! they are.

use std::boxed::Box;
use std::sync::Mutex;
use std::thread;

use elman::checkpoint::{self, load, save};
use elman::safetensors::SafeTensors;
use elman::{
    Adam, ConstZero, Dense, EarlyStopping, Elman, Gru, Initialize, Parameters, Pcg32, Stack,
    Trainer,
};
use static_cell::ConstStaticCell;

type Large = Stack<(Elman<32, 128>, Dense<128, 1>)>;
type LargeTrainer = Trainer<Large, Adam, 20, 20>;

/// A copy of the network alone would not fit.
const STACK: usize = 64 * 1024;
/// Half of a network; debug builds put more on the stack.
const SMALL_STACK: usize = if cfg!(debug_assertions) { 48 * 1024 } else { 24 * 1024 };
/// A third of a trainer. On 64-bit targets 64 KB of it are for the transposed `W_h` of a window.
const TRAINING_STACK: usize = 112 * 1024;

/// Runs `f` in a thread; a stack that is too small ends the process.
fn with_stack(bytes: usize, f: impl FnOnce() + Send + 'static) {
    thread::Builder::new().stack_size(bytes).spawn(f).unwrap().join().unwrap();
}

#[test]
fn an_option_of_a_network() {
    assert!(size_of::<Large>() > STACK + STACK / 4);
    let mut net: Box<Option<Large>> = boxed_zero();
    let mut file = vec![0; checkpoint::size::<Option<Large>>()];
    net.as_mut().as_mut().unwrap().tensor_mut(0).fill(0.5);
    save(&*net, 1, &mut file).unwrap();

    with_stack(STACK, move || {
        load(&mut *net, &file).unwrap(); // over a network
        // Over nothing: in a debug build the zero network is moved over the stack.
        if !cfg!(debug_assertions) {
            remove(&mut net);
            load(&mut *net, &file).unwrap();
        }
        assert!(net.as_ref().as_ref().unwrap().tensor(0).iter().all(|w| *w == 0.5));
    });
}

fn boxed_zero() -> Box<Option<Large>> {
    Box::new(const { Some(Large::ZERO) })
}

#[inline(never)]
fn remove(net: &mut Option<Large>) {
    *net = None;
}

/// In a cell, as at `Trainer`: drawn, trained, saved, loaded and rolled back.
#[test]
fn a_trainer_in_a_cell() {
    static TRAINER: ConstStaticCell<LargeTrainer> = ConstStaticCell::new(Trainer::ZERO);
    live_in_a_small_stack(|| TRAINER.take());
}

#[test]
fn a_trainer_in_a_mutex() {
    static TRAINER: Mutex<LargeTrainer> = Mutex::new(Trainer::ZERO);
    live_in_a_small_stack(|| &mut **Box::leak(Box::new(TRAINER.lock().unwrap())));
}

fn live_in_a_small_stack(trainer: fn() -> &'static mut LargeTrainer) {
    let mut file = vec![0; checkpoint::size::<LargeTrainer>()];
    let mut best: Box<EarlyStopping<Large>> = Box::new(ConstZero::ZERO);
    assert!(size_of::<LargeTrainer>() > 3 * TRAINING_STACK);
    with_stack(TRAINING_STACK, move || {
        let trainer = trainer();
        trainer.learner.optimizer = Adam::new(0.01);
        trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
        for _ in 0..45 {
            trainer.observe(&[0.1; 32], &[0.5]).unwrap();
        }
        assert_eq!(trainer.learner.updates(), 2);
        checkpoint::save(trainer, 1, &mut file).unwrap();
        checkpoint::load(trainer, &file).unwrap();
        best.update(&trainer.learner.net, 0.5);
        assert!(trainer.roll_back(&mut best));
    });
}

/// PyTorch's, Keras's and TensorFlow's weights, read into a network that is there.
#[test]
fn weights_of_other_programs() {
    type Cells = (Elman<32, 128>, Gru<32, 64>, Gru<32, 64, f32, false>, Dense<128, 100>);
    let mut cells: Box<Cells> =
        Box::new(const { (ConstZero::ZERO, ConstZero::ZERO, ConstZero::ZERO, ConstZero::ZERO) });
    let file = recipes();
    with_stack(SMALL_STACK, move || {
        let file = SafeTensors::parse(&file).unwrap();
        let (elman, gru, reset_before, dense) = &mut *cells;
        elman.load_pytorch(&file, "torch.", 0).unwrap();
        elman.load_keras(&file, "keras.").unwrap();
        elman.load_tensorflow(&file, "tf.").unwrap();
        gru.load_pytorch(&file, "gru.", 0).unwrap();
        gru.load_keras(&file, "keras_gru.").unwrap();
        reset_before.load_keras(&file, "before.").unwrap();
        dense.load_pytorch(&file, "linear.").unwrap();
        dense.load_keras(&file, "dense.").unwrap();
        assert!(elman.tensor(1).iter().chain(dense.tensor(0)).all(|w| *w == 1.0));
    });
}

/// What is refused changes nothing: the last tensor that is looked at has a NaN, or is missing.
#[test]
fn an_import_that_is_refused_changes_nothing() {
    let file = include_bytes!("../data/torch.safetensors");
    let file = SafeTensors::parse(file).unwrap();
    let mut cell = Elman::<2, 4> { bias: [0.5; 4], ..ConstZero::ZERO };
    let before = cell.clone();
    assert!(cell.load_pytorch(&file, "rnn.", 7).is_err());
    assert!(cell.load_keras(&file, "rnn.").is_err());
    assert_eq!(cell, before);

    let mut bytes = recipes();
    let end = bytes.len();
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes()); // the last of dense.kernel
    let file = SafeTensors::parse(&bytes).unwrap();
    let mut dense = Dense::<128, 100>::ZERO;
    assert!(dense.load_keras(&file, "dense.").is_err());
    assert_eq!(dense, Dense::ZERO);
}

/// A file of ones with the tensors of every recipe.
fn recipes() -> Vec<u8> {
    let tensors: [(&str, &[usize]); 22] = [
        ("torch.weight_ih_l0", &[128, 32]),
        ("torch.weight_hh_l0", &[128, 128]),
        ("torch.bias_ih_l0", &[128]),
        ("torch.bias_hh_l0", &[128]),
        ("keras.kernel", &[32, 128]),
        ("keras.recurrent_kernel", &[128, 128]),
        ("keras.bias", &[128]),
        ("tf.kernel", &[160, 128]),
        ("tf.bias", &[128]),
        ("gru.weight_ih_l0", &[192, 32]),
        ("gru.weight_hh_l0", &[192, 64]),
        ("gru.bias_ih_l0", &[192]),
        ("gru.bias_hh_l0", &[192]),
        ("keras_gru.kernel", &[32, 192]),
        ("keras_gru.recurrent_kernel", &[64, 192]),
        ("keras_gru.bias", &[2, 192]),
        ("before.kernel", &[32, 192]),
        ("before.recurrent_kernel", &[64, 192]),
        ("before.bias", &[192]),
        ("linear.weight", &[100, 128]),
        ("linear.bias", &[100]),
        ("dense.bias", &[100]),
    ];
    let tensors = tensors.into_iter().chain([("dense.kernel", &[128, 100][..])]);
    let (mut entries, mut end) = (Vec::new(), 0);
    for (name, shape) in tensors {
        let start = end;
        end += 4 * shape.iter().product::<usize>();
        entries.push(format!(
            r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
        ));
    }
    let header = format!("{{{}}}", entries.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.extend((0..end / 4).flat_map(|_| 1.0_f32.to_le_bytes()));
    file
}
