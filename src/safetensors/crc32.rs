//! CRC-32 of IEEE 802.3, reflected, four bits at a time.

/// The checksum of bytes that come in pieces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crc32(u32);

impl Crc32 {
    pub(crate) const fn new() -> Self {
        Self(!0)
    }

    /// Continues the checksum over `bytes`.
    #[inline(never)]
    pub(crate) const fn update(&mut self, mut bytes: &[u8]) {
        let mut crc = self.0;
        while let [byte, rest @ ..] = bytes {
            crc ^= *byte as u32;
            crc = crc >> 4 ^ nibble(crc);
            crc = crc >> 4 ^ nibble(crc);
            bytes = rest;
        }
        self.0 = crc;
    }

    pub(crate) const fn finish(self) -> u32 {
        !self.0
    }
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
