//! The boards' programs on the host: what they report is the same to the letter, and with it the
//! hash of all weights after thousands of updates.
//!
//! The expected reports are those of the boards, `examples/qemu/src/bin/*.out`, which
//! `examples/qemu/run.sh --bless` writes. Run this in debug, in release and at opt-level "s".

#[path = "../../examples/qemu/src/recipes/mod.rs"]
mod recipes;

use core::array::from_fn;

use elman::safetensors::load;
use elman::{
    ConstZero, Pcg32, binary_cross_entropy_with_logits, soft_target_cross_entropy,
    softmax_cross_entropy, state_dict,
};
use recipes::resume::{self, Next};
use recipes::{cells, fixed_stream, fixed_sunspots, infer, monitor, sliced, stream, sunspots};

/// 200 epochs of 11 updates.
#[test]
fn sunspots_train_to_the_bits_of_the_boards() {
    let mut report = String::new();
    sunspots::run(&mut sunspots::SgdLoop::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/sunspots.out"));
}

/// 8000 steps with an update every 5, through the newest 20.
#[test]
fn a_stream_is_learned_to_the_bits_of_the_boards() {
    let mut report = String::new();
    let errors = stream::run(&mut stream::SgdLoop::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/stream.out"));
    assert!(stream::adapted(&errors), "falling, rising at the change, falling again");
}

/// The other cells, by a tape and by traces.
#[test]
fn every_cell_learns_to_the_bits_of_the_boards() {
    let mut report = String::new();
    let learned = cells::run(&mut cells::Learner::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/cells.out"));
    assert!(learned, "{report}");
}

/// In slices between samples, in time with the bits of learning at once.
#[test]
fn slices_are_learned_to_the_bits_of_the_boards() {
    let mut report = String::new();
    let learned = sliced::run(&mut sliced::Learners::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/sliced.out"));
    assert!(learned, "{report}");
}

#[test]
fn a_stream_is_monitored_to_the_bits_of_the_boards() {
    let mut report = String::new();
    let mut learner = monitor::Monitor::ZERO;
    let found = monitor::run(&mut learner, &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/monitor.out"));
    assert!(found, "{report}");
}

/// The sunspots and the stream in integers.
#[test]
fn integers_train_to_the_bits_of_the_boards() {
    let mut report = String::new();
    fixed_sunspots::run(&mut fixed_sunspots::Training::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/fixed_sunspots.out"));

    report.clear();
    let errors = fixed_stream::run(&mut fixed_stream::Training::new(), &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/fixed_stream.out"));
    assert!(stream::adapted(&errors), "falling, rising at the change, falling again");
}

#[test]
fn a_net_in_flash_answers_with_the_bits_of_the_boards() {
    let mut report = String::new();
    let independent = infer::run(&infer::NET, &mut report).unwrap();
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/infer.out"));
    assert!(independent);
}

/// Largest distance of a forecast from PyTorch's. They are z-scores up to 4, whose last place is
/// 2.4e-7: this is eight of these, after up to 255 steps in `f32`.
const SAME_FORECAST: f32 = 2e-6;

#[test]
fn the_net_in_flash_forecasts_what_pytorch_does() {
    let file = include_bytes!("../../examples/qemu/src/recipes/trained.expected.safetensors");
    let mut theirs = Expected { y: [0.0; 35] };
    load(&mut theirs, file).unwrap();
    let scale = sunspots::Scale::training();
    let ours = sunspots::forecasts(&infer::NET, &scale).map(|(y, _)| y);
    let distances = ours.zip(theirs.y).map(|(ours, theirs)| (ours - theirs).abs());
    let worst = distances.fold(0.0, f32::max);
    println!("largest distance {worst:.2e}");
    assert!(worst <= SAME_FORECAST);
}

/// PyTorch's forecasts for 1921-1955, from `examples/qemu/src/recipes/trained.py`.
struct Expected {
    y: [f32; 35],
}
state_dict!(Expected { y: [f32; 35] });

/// The board resets itself three times; here everything is dropped but what outlasts a reset.
#[test]
fn a_run_cut_by_resets_ends_as_one_that_was_not() {
    let mut kept = resume::Kept::POWER_ON;
    let mut report = String::new();
    let same = loop {
        let mut trainer = resume::AdamTrainer::ZERO;
        match resume::start(&mut trainer, &mut kept, &mut report).unwrap() {
            Next::Reset => (),
            Next::End(same) => break same,
        }
    };
    assert_eq!(report, include_str!("../../examples/qemu/src/bin/resume.out"));
    assert!(same);
}

/// The bits of `exp` and `ln` are in the losses: the same on every platform and with every version of `libm`
/// that is allowed.
#[test]
fn losses_have_these_bits_everywhere() {
    let mut rng = Pcg32::new(3, 0);
    let mut bits = 0x811c_9dc5_u32;
    let mut add = |number: f32| bits = (bits ^ number.to_bits()).wrapping_mul(0x0100_0193);
    for n in 0..20_000_u32 {
        let y: [f32; 3] = from_fn(|_| (n % 40) as f32 * rng.uniform_symmetric::<f32>());
        let target = from_fn(|_| 0.5 + 0.5 * rng.uniform_symmetric::<f32>());
        for (loss, d_y) in [
            softmax_cross_entropy(&y, n as usize % 3),
            soft_target_cross_entropy(&y, &target),
            binary_cross_entropy_with_logits(&y, &target),
        ] {
            [loss].into_iter().chain(d_y).for_each(&mut add);
        }
    }
    assert_eq!(bits, 0xac11_e3a1, "{bits:#x}");
}
