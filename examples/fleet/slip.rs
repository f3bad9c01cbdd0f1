//! Frames on a line of bytes: SLIP (RFC 1055), with an end before each frame too.
//!
//! The rest of a torn frame so ends where the next frame begins: only the torn one is lost.

const END: u8 = 0xC0;
const ESC: u8 = 0xDB;
const ESC_END: u8 = 0xDC;
const ESC_ESC: u8 = 0xDD;

/// Sends a frame byte by byte.
pub fn send(frame: &[u8], mut byte: impl FnMut(u8)) {
    byte(END);
    for &b in frame {
        match b {
            END => [ESC, ESC_END].map(&mut byte),
            ESC => [ESC, ESC_ESC].map(&mut byte),
            _ => {
                byte(b);
                continue;
            }
        };
    }
    byte(END);
}

/// What has been received of a frame.
#[derive(Default)]
pub struct Receiver {
    length: usize,
    escaped: bool,
}

impl Receiver {
    /// Takes the next byte. At the end of a frame returns its length, which may be more than `buffer` holds.
    pub fn push(&mut self, byte: u8, buffer: &mut [u8]) -> Option<usize> {
        if byte == END {
            let length = core::mem::take(self).length;
            return (length > 0).then_some(length);
        }
        let escaped = core::mem::replace(&mut self.escaped, byte == ESC);
        if byte == ESC {
            return None;
        }
        let byte = match byte {
            ESC_END if escaped => END,
            ESC_ESC if escaped => ESC,
            _ => byte,
        };
        if let Some(place) = buffer.get_mut(self.length) {
            *place = byte;
        }
        self.length = self.length.saturating_add(1);
        None
    }
}
