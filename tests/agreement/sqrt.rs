//! The square root in `f32` against that of the processor.

use std::thread;

use elman::Scalar;

/// Every 4099th number, of both signs, and the ends of every kind.
#[test]
fn a_sample_of_all_numbers() {
    (0..=u32::MAX).step_by(4099).for_each(check);
    for end in [0.0, f32::MIN_POSITIVE, 1.0, 2.0, 4.0, f32::MAX, f32::INFINITY, f32::NAN] {
        for bits in [end.to_bits(), (-end).to_bits()] {
            (-40..=40).for_each(|near| check(bits.wrapping_add_signed(near)));
        }
    }
}

/// All 2³² numbers, on all processors.
#[test]
#[ignore = "half a minute, in release: cargo test --release --test agreement -- sqrt --ignored"]
fn all_numbers() {
    let threads = thread::available_parallelism().map_or(1, |n| n.get() as u32);
    thread::scope(|scope| {
        for worker in 0..threads {
            scope.spawn(move || (worker..=u32::MAX).step_by(threads as usize).for_each(check));
        }
    });
}

/// The same bits as the processor's, and one NaN for all.
fn check(bits: u32) {
    let x = f32::from_bits(bits);
    let (root, expected) = (<f32 as Scalar>::sqrt(x), f32::sqrt(x));
    let right = if expected.is_nan() {
        root.to_bits() == 0x7fc0_0000
    } else {
        root.to_bits() == expected.to_bits()
    };
    assert!(right, "the root of {x:e} ({bits:#x}) is {root:e}, not {expected:e}");
}
