//! Layers of integers in files.

use core::num::NonZeroU32;

use elman::checkpoint::{self, Loader};
use elman::fixed::{self, Row};
use elman::{
    ConstZero, Dense, Initialize, Layer, Matrix, Parameters, Pcg32, Stack, Trainer, state_dict,
};

type Net = Stack<(fixed::Elman<2, 6>, fixed::Elman<6, 5>, fixed::Dense<5, 2>)>;

fn net() -> Net {
    let mut net = Net::ZERO;
    net.init_keras(&mut Pcg32::new(3, 0));
    net
}

/// A run cut anywhere and resumed from its checkpoint goes on to the bit.
#[test]
fn a_run_in_integers_is_resumed_to_the_bit() {
    type Run = Trainer<Net, fixed::Momentum, 3, 8>;
    struct Saved {
        run: Run,
    }
    state_dict!(Saved { run: Run });
    let start = || {
        let mut run = Run::new(fixed::Momentum::new(0.02));
        run.learner.net = net();
        run.learner.batch = NonZeroU32::new(2);
        Saved { run }
    };
    let observe = |saved: &mut Saved, t: usize| {
        let x = [(t as f32 * 0.3).sin(), 0.5];
        saved.run.observe(&x.into(), &[x[0], 0.1]).unwrap().loss
    };
    for cut in [0, 1, 7, 20, 23] {
        let (mut whole, mut resumed) = (start(), start());
        let mut slot = vec![0; checkpoint::size::<Saved>()];
        for t in 0..60 {
            if t == cut {
                checkpoint::save(&whole, 1, &mut slot).unwrap();
            }
            observe(&mut whole, t);
        }
        resumed.run.learner.net.set_zero();
        checkpoint::load(&mut resumed, &slot).unwrap();
        for t in cut..60 {
            observe(&mut resumed, t);
        }
        assert_eq!(resumed.run.learner.net, whole.run.learner.net, "cut at {cut}");
    }
}

/// 16 and 8 bits from a file, as from the network that they were made of.
#[test]
fn narrow_weights_are_saved_and_read_back() {
    use elman::safetensors::{StateDict, load, save};
    let narrow = net().0.0.to_i16();
    let mut file = [0; fixed::Elman::<2, 6, i16>::SIZE];
    save(&narrow, &mut file).unwrap();
    let mut again = fixed::Elman::<2, 6, i16>::ZERO;
    load(&mut again, &file).unwrap();
    assert_eq!(again, narrow);

    // Numbers whose sums could wrap are not taken for finite.
    let header = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    file[header + 4..header + 4 + 2 * 6 * 2].fill(0x7f); // the kernel, after its exponent
    load(&mut again, &file).unwrap();
    let mut h = Row::ZERO;
    assert!(again.step(&Row::from([0.5; 2]), &mut h).to_f32()[0].is_nan());

    let narrow = net().0.2.to_i8();
    let mut file = [0; fixed::Dense::<5, 2, i8>::SIZE];
    save(&narrow, &mut file).unwrap();
    let mut again = fixed::Dense::<5, 2, i8>::ZERO;
    load(&mut again, &file).unwrap();
    assert_eq!(again, narrow);
}

/// Halfway the numbers are partly those of before, and together too large: nothing is made of them until all
/// are there.
#[test]
fn weights_are_loaded_in_chunks_of_any_size() {
    type Readout = fixed::Dense<1, 2>;
    let readout = |weights| Readout::new(&Dense { kernel: Matrix([weights]), bias: [0.5, 0.25] });
    let new = readout([1.0, 0.1]);
    let mut file = [0; checkpoint::size::<Readout>()];
    checkpoint::save(&new, 1, &mut file).unwrap();
    for size in 1..=file.len() {
        let mut loaded = readout([0.1, 1.0]);
        let mut loader = Loader::new(&mut loaded);
        file.chunks(size).for_each(|chunk| _ = loader.push(chunk));
        assert_eq!(loaded, new, "in chunks of {size}");
    }
}

/// Numbers that could wrap are brought within reach, wherever a chunk ends.
#[test]
fn wild_weights_in_chunks_are_brought_within_reach() {
    type Readout = fixed::Dense<1, 2>;
    let mut file = [0; checkpoint::size::<Readout>()];
    checkpoint::save(&Readout::ZERO, 1, &mut file).unwrap();
    let wild = [i32::MAX.to_le_bytes(), i32::MIN.to_le_bytes()].concat();
    let bias = file.len() - wild.len();
    let kernel = bias - size_of::<i32>() - wild.len(); // before the exponent of the bias
    for at in [bias, kernel] {
        file[at..][..wild.len()].copy_from_slice(&wild);
    }
    for size in 1..=file.len() {
        let mut loaded = Readout::ZERO;
        let mut loader = Loader::new(&mut loaded);
        file.chunks(size).for_each(|chunk| _ = loader.push(chunk));
        let [numbers] = loaded.kernel.numbers();
        let sum: u32 = numbers.iter().map(|n| n.unsigned_abs() >> 16).sum();
        assert!(0 < sum && sum <= 3 << 13, "in chunks of {size}: {numbers:?}");
        let bias = loaded.bias.numbers().map(i32::unsigned_abs);
        assert!(bias.iter().all(|n| (1..1 << 30).contains(n)), "in chunks of {size}: {bias:?}");
    }
}
