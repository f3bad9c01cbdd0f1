//! CRC-32 of IEEE 802.3, reflected, four bits at a time.

/// The checksum `crc` continued over `bytes`. Start from `!0`, and invert the result.
pub(super) fn crc32(crc: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(crc, |crc, &byte| {
        let crc = crc ^ u32::from(byte);
        let crc = crc >> 4 ^ nibble(crc);
        crc >> 4 ^ nibble(crc)
    })
}

/// The remainder of the lowest four bits of `crc`.
const fn nibble(crc: u32) -> u32 {
    TABLE[(crc & 0xf) as usize]
}

const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut n = 0;
    while n < 16 {
        let mut crc = n as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
};
