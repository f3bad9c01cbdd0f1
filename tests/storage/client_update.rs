//! The frame of a device in a fleet: whatever is not whole, or not of this network, changes nothing.

use elman::{ClientUpdate, ConstZero, Dense, Elman, Initialize, Pcg32, Stack, checkpoint};

type Net = Stack<(Elman<5, 12>, Dense<12, 1>)>;
type Update<'n> = ClientUpdate<'n, Net>;
const FRAME: usize = checkpoint::size::<Update<'_>>();

fn net(seed: u64) -> Net {
    let mut net = Net::ZERO;
    net.init_pytorch(&mut Pcg32::new(seed, 0));
    net
}

fn frame() -> [u8; FRAME] {
    let mut frame = [0; FRAME];
    let size = checkpoint::save(&Update { net: &mut net(1), num_examples: 126 }, 7, &mut frame);
    assert_eq!(size, Ok(FRAME));
    frame
}

/// Whether the bytes are refused; if so, that they changed nothing.
fn is_refused(bytes: &[u8]) -> bool {
    let mut held = net(2);
    let mut update = Update { net: &mut held, num_examples: 3 };
    let refused = checkpoint::load(&mut update, bytes).is_err();
    let untouched = update.num_examples == 3 && *update.net == net(2);
    assert_eq!(refused, untouched);
    refused
}

#[test]
fn a_whole_frame_is_what_was_sent() {
    let mut received = Net::ZERO;
    let mut update = Update { net: &mut received, num_examples: 0 };
    assert_eq!(checkpoint::load(&mut update, &frame()), Ok(7));
    assert_eq!(update.num_examples, 126);
    assert_eq!(received, net(1));
}

#[test]
fn torn_frames_are_refused_at_every_byte() {
    let whole = frame();
    for cut in 0..FRAME {
        assert!(is_refused(&whole[..cut]), "{cut} bytes");
        let mut erased = whole;
        erased[cut..].fill(0xff);
        assert!(is_refused(&erased) || erased == whole, "erased from {cut}");
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let whole = frame();
    for bit in 0..8 * FRAME {
        let mut flipped = whole;
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(is_refused(&flipped), "bit {bit}");
    }
    assert!(!is_refused(&whole));
}

#[test]
fn another_network_is_refused() {
    let mut other = Stack::<(Elman<5, 8>, Dense<8, 1>)>::ZERO;
    let mut bytes = [0; 4096];
    let update = ClientUpdate { net: &mut other, num_examples: 1 };
    let size = checkpoint::save(&update, 7, &mut bytes).unwrap();
    assert!(is_refused(&bytes[..size]));
}

#[test]
fn a_network_that_is_not_finite_is_not_sent() {
    let mut bad = net(1);
    bad.0.1.bias = [f32::NAN];
    let update = Update { net: &mut bad, num_examples: 1 };
    assert!(checkpoint::save(&update, 7, &mut [0; FRAME]).is_err());
}
