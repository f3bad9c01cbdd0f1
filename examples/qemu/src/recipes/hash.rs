//! All weights in one number.

use elman::Parameters;
use elman::fixed::Numbers;

/// FNV-1a, 64 bits, over the little-endian bits of every weight, in the order of the tensors.
pub fn hash<P: Parameters<Tensor = [f32]>>(net: &P) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325;
    for n in 0..P::TENSORS {
        for byte in net.tensor(n).iter().flat_map(|w| w.to_bits().to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}

/// The same of integers, and of the exponent after those of each tensor.
pub fn hash_of_integers<P: Parameters<Tensor = dyn Numbers>>(net: &P) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325;
    for n in 0..P::TENSORS {
        let tensor = net.tensor(n);
        let words = tensor.numbers().iter().copied().chain([tensor.exponent()]);
        for byte in words.flat_map(i32::to_le_bytes) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
    hash
}
