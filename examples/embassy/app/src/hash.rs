//! All weights in one number.

use elman::Parameters;

/// FNV-1a, 64 bits, over the little-endian bits of every weight, in the order of the tensors.
pub fn hash<P: Parameters<Tensor = [f32]>>(net: &P) -> u64 {
    (0..P::TENSORS)
        .flat_map(|n| net.tensor(n))
        .flat_map(|weight| weight.to_bits().to_le_bytes())
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
}
