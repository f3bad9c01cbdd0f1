//! All weights in one number.

use elman::Parameters;
use elman::fixed::Numbers;

/// Over the little-endian bits of every weight, in the order of the tensors.
pub fn hash<P: Parameters<Tensor = [f32]>>(net: &P) -> u64 {
    (0..P::TENSORS).fold(EMPTY, |hash, n| {
        net.tensor(n).iter().fold(hash, |hash, w| with_word(hash, w.to_bits()))
    })
}

/// The same of integers, and of the exponent after those of each tensor.
pub fn hash_of_integers<P: Parameters<Tensor = dyn Numbers>>(net: &P) -> u64 {
    (0..P::TENSORS).fold(EMPTY, |hash, n| {
        let tensor = net.tensor(n);
        let hash = tensor.numbers().iter().fold(hash, |hash, &w| with_word(hash, w as u32));
        with_word(hash, tensor.exponent() as u32)
    })
}

/// FNV-1a of nothing, 64 bits.
const EMPTY: u64 = 0xCBF2_9CE4_8422_2325;

fn with_word(hash: u64, word: u32) -> u64 {
    let with_byte = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    word.to_le_bytes().into_iter().fold(hash, with_byte)
}
