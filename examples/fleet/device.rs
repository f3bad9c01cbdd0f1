//! A board in a fleet: its side of a round.
//!
//! Nothing here knows a host: the firmware runs this file too.

use elman::{ClientUpdate, ConstZero, check_weights, checkpoint};

use super::board::{Board, Day, Net};
use super::slip;

/// Bytes of a frame: the board's network, or that of the fleet.
pub const FRAME: usize = checkpoint::size::<ClientUpdate<'static, Net>>();

/// The largest weight that a board accepts.
const MAX_ABS: f32 = 1000.0;

/// A board, and the buffers of its frames.
pub struct Device {
    /// What must outlast a loss of power, with the number of the round that comes next.
    pub board: Board,
    pub round: u32,
    received: Net,
    frame: [u8; FRAME],
}

impl Device {
    pub const ZERO: Self =
        Self { board: Board::ZERO, round: 0, received: Net::ZERO, frame: [0; FRAME] };

    /// A day and a round: learns, sends its network, and takes over that of the fleet.
    ///
    /// Returns whether it did; a frame that is refused changes nothing, and the board goes on with
    /// its own network. The caller saves the board then.
    pub fn live(&mut self, today: Option<&Day>, weekday: usize, line: &mut impl Line) -> bool {
        if let Some(today) = today {
            let _forecasts = self.board.learn(today, weekday);
        }
        let accepted = self.send(line).is_some() && self.receive(line).is_some();
        self.round = self.round.wrapping_add(1);
        accepted
    }

    /// The network with its count of samples; nothing if it is not finite.
    fn send(&mut self, line: &mut impl Line) -> Option<()> {
        let net = &mut self.board.trainer.learner.net;
        let update = ClientUpdate { net, num_examples: self.board.samples };
        checkpoint::save(&update, self.round, &mut self.frame).ok()?;
        slip::send(&self.frame, |byte| line.send(byte));
        Some(())
    }

    /// Waits for a frame, and takes its network over if it is whole and of this round.
    fn receive(&mut self, line: &mut impl Line) -> Option<()> {
        let mut receiver = slip::Receiver::default();
        let length = loop {
            if let Some(length) = receiver.push(line.receive(), &mut self.frame) {
                break length;
            }
        };
        let frame = (length == FRAME).then_some(&self.frame)?;
        let mut update = ClientUpdate { net: &mut self.received, num_examples: 0 };
        let round = checkpoint::load(&mut update, frame).ok()?;
        check_weights(&self.received, Some(MAX_ABS)).ok()?;
        if round != self.round {
            return None;
        }
        self.board.take_over(&self.received);
        Some(())
    }
}

/// A serial line, byte by byte.
pub trait Line {
    fn send(&mut self, byte: u8);
    /// Waits for a byte.
    fn receive(&mut self) -> u8;
}
