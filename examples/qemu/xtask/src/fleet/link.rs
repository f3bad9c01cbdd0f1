//! A board in QEMU, and the TCP socket that is its serial port.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::example::device::FRAME;
use super::example::slip;
use crate::firmware::Firmware;

/// A board that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(300);

pub struct Link {
    firmware: Firmware,
    /// What outlasts a power cut: the working directory of the emulator.
    flash: PathBuf,
    listener: TcpListener,
    stream: TcpStream,
    board: Child,
}

impl Link {
    /// Starts a board with an empty flash at a site.
    pub fn open(firmware: Firmware, flash: &Path, site: u8) -> Result<Self> {
        fs::create_dir(flash)?;
        fs::write(flash.join("site"), [site])?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let (board, stream) = start(firmware, flash, &listener)?;
        Ok(Self { firmware, flash: flash.into(), listener, stream, board })
    }

    /// Cuts the power, and switches it on again.
    pub fn cut_power(&mut self) -> Result<()> {
        self.board.kill()?;
        self.board.wait()?;
        (self.board, self.stream) = start(self.firmware, &self.flash, &self.listener)?;
        Ok(())
    }

    /// Waits for a frame.
    pub fn receive(&mut self) -> Result<Vec<u8>> {
        let (mut frame, mut byte) = (vec![0; FRAME], [0]);
        let mut receiver = slip::Receiver::default();
        loop {
            self.stream.read_exact(&mut byte)?;
            if let Some(length) = receiver.push(byte[0], &mut frame) {
                if length != FRAME {
                    bail!("a frame of {length} bytes");
                }
                return Ok(frame);
            }
        }
    }

    pub fn send(&mut self, frame: &[u8]) -> Result<()> {
        self.stream.write_all(&slipped(frame))?;
        Ok(())
    }

    /// Sends the front of a frame, and no end.
    pub fn send_half(&mut self, frame: &[u8]) -> Result<()> {
        let bytes = slipped(frame);
        self.stream.write_all(&bytes[..bytes.len() / 2])?;
        std::thread::sleep(Duration::from_millis(50)); // the board takes it in
        Ok(())
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        std::thread::sleep(Duration::from_millis(200)); // its last save
        let _gone = self.board.kill();
        let _gone = self.board.wait();
    }
}

fn slipped(frame: &[u8]) -> Vec<u8> {
    let mut bytes = vec![];
    slip::send(frame, |byte| bytes.push(byte));
    bytes
}

fn start(firmware: Firmware, flash: &Path, listener: &TcpListener) -> Result<(Child, TcpStream)> {
    let mut qemu = firmware.on_a_line("fleet", &listener.local_addr()?.to_string());
    let board = qemu.current_dir(flash).stdin(Stdio::null()).spawn()?;
    let stream = accept(listener)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok((board, stream))
}

/// Waits for a connection.
pub fn accept(listener: &TcpListener) -> Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false)?;
            return Ok(stream);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("nobody connected")
}
