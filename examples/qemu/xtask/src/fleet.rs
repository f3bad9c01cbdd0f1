//! `fleet`: emulated boards of mixed cores learn together; the result is that of one process.
//!
//! Each board is a QEMU process whose serial port is a TCP socket on the loopback interface. The rounds
//! are those of the crate's example `fleet`, by its own files. On the way frames are torn, broken and
//! exchanged for foreign ones, and the power of a board is cut while it receives.

pub mod flower;
mod link;
mod one_process;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use elman::checkpoint;
use elman::{ClientUpdate, ConstZero, Dense};

use self::example::board::{Board, Net};
use self::example::device::FRAME;
use self::example::server::{Strategy, Update};
use self::link::Link;
use self::one_process::OneProcess;
use crate::board::named;
use crate::elf::Elf;
use crate::firmware::{Firmware, Profile};

/// The files of the crate's example that boards and host share.
#[allow(dead_code, reason = "the example has more uses for them")]
#[path = "../../../fleet"]
mod example {
    pub mod board;
    pub mod data;
    pub mod device;
    pub mod errors;
    pub mod fleet;
    pub mod server;
    pub mod slip;
}

/// The boards, each at the site of its place in this list.
const BOARDS: [&str; 6] =
    ["microbit", "mps2-an386", "rv32imc", "microbit", "mps2-an386", "rv32imc"];

/// Runs the fleet on emulated boards, and compares every frame with the run in one process
#[derive(clap::Args)]
pub struct Arguments {
    /// Rounds, one a day
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(8..=73))]
    rounds: u32,
}

/// What befalls the answer to a board.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Accident {
    /// Only the front arrives.
    Torn,
    /// A bit is flipped.
    Broken,
    /// It is a frame of another network.
    Foreign,
    /// It is the frame of the round before.
    Late,
    /// The power is cut when half of it has arrived; then the board starts anew.
    PowerCut,
}

/// Which board has what accident, in which round.
const ACCIDENTS: [(u32, usize, Accident); 6] = [
    (1, 0, Accident::Torn),
    (2, 1, Accident::Broken),
    (3, 2, Accident::Foreign),
    (4, 3, Accident::Late),
    (5, 1, Accident::PowerCut),
    (6, 0, Accident::PowerCut),
];

fn accident(round: u32, board: usize) -> Option<Accident> {
    let here = |&(of_round, of_board, _): &_| (of_round, of_board) == (round, board);
    ACCIDENTS.into_iter().find(here).map(|(_, _, accident)| accident)
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let start = Instant::now();
    let folder = tempfile::tempdir()?;
    let mut links = open(BOARDS.len(), folder.path())?;
    let mut one_process = OneProcess::new(BOARDS.len())?;
    let mut before = vec![];
    for round in 0..arguments.rounds {
        before = self::round(round, &mut links, &mut one_process, &before)?;
        println!("round {round}: {} frames are those of one process", links.len());
    }
    drop(links);
    for site in 0..BOARDS.len() {
        check_slots(&folder.path().join(site.to_string()), arguments.rounds)?;
    }
    println!(
        "{} boards, {} rounds, {:.1} s: the same bits",
        BOARDS.len(),
        arguments.rounds,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Builds the firmware, and starts boards at the first `count` sites; the files of each are in `folder`.
fn open(count: usize, folder: &Path) -> Result<Vec<Link>> {
    let mut links = vec![];
    for (site, name) in BOARDS[..count].iter().enumerate() {
        let board = named(name).map_err(anyhow::Error::msg)?;
        let firmware = Firmware { board, profile: Profile::Release };
        if !BOARDS[..site].contains(name) {
            firmware.build(&["--bin", "fleet"])?;
            // The debugger's files, which stand for flash, can panic.
            Elf::read(&firmware.elf("fleet"))?.check_statics("fleet")?;
        }
        links.push(Link::open(firmware, &folder.join(site.to_string()), site as u8)?);
    }
    Ok(links)
}

/// One round; returns the fleet's frame. `before` is that of the round before.
fn round(
    round: u32,
    links: &mut [Link],
    one_process: &mut OneProcess,
    before: &[u8],
) -> Result<Vec<u8>> {
    let expected = one_process.learn(round);
    let mut updates = vec![];
    for (site, (link, expected)) in links.iter_mut().zip(&expected).enumerate() {
        let frame = link.receive().with_context(|| format!("round {round}, board {site}"))?;
        ensure!(frame == *expected, "round {round}: the frame of board {site} is another");
        updates.push(decode(&frame)?);
    }
    let net = Strategy::Mean.aggregate(&updates).context("no update")?;
    let samples = updates.iter().map(|(_, samples)| samples).sum();
    let answer = encode(&net, samples, round)?;
    for (site, link) in links.iter_mut().enumerate() {
        let accident = accident(round, site);
        answer_to(link, &answer, before, accident, &expected[site])?;
        if let Some(accident) = accident {
            println!("round {round}, board {site}: {accident:?}");
        }
    }
    // By one process alone, not by what the boards sent.
    let net = Strategy::Mean.aggregate(one_process.updates());
    one_process.answer(net.as_ref(), |site| {
        matches!(accident(round, site), None | Some(Accident::PowerCut))
    });
    Ok(answer)
}

fn answer_to(
    link: &mut Link,
    answer: &[u8],
    before: &[u8],
    accident: Option<Accident>,
    update: &[u8],
) -> Result<()> {
    match accident {
        None => link.send(answer),
        Some(Accident::Torn) => link.send(&answer[..FRAME / 2]),
        Some(Accident::Broken) => {
            let mut broken = answer.to_vec();
            broken[FRAME - 100] ^= 0x10;
            link.send(&broken)
        }
        Some(Accident::Foreign) => link.send(&foreign()?),
        Some(Accident::Late) => link.send(before),
        Some(Accident::PowerCut) => {
            link.send_half(answer)?;
            link.cut_power()?;
            ensure!(link.receive()? == update, "after the power cut the update is another");
            link.send(answer)
        }
    }
}

/// A whole checkpoint, of another network.
fn foreign() -> Result<Vec<u8>> {
    let mut net = Dense::<5, 1>::ZERO;
    let mut frame = vec![0; checkpoint::size::<ClientUpdate<'_, Dense<5, 1>>>()];
    checkpoint::save(&ClientUpdate { net: &mut net, num_examples: 17 }, 3, &mut frame)?;
    Ok(frame)
}

fn decode(frame: &[u8]) -> Result<Update> {
    let mut net = Net::ZERO;
    let mut update = ClientUpdate { net: &mut net, num_examples: 0 };
    checkpoint::load(&mut update, frame)?;
    let samples = update.num_examples;
    Ok((net, samples))
}

fn encode(net: &Net, num_examples: u32, round: u32) -> Result<Vec<u8>> {
    let mut frame = vec![0; FRAME];
    let mut net = net.clone();
    checkpoint::save(&ClientUpdate { net: &mut net, num_examples }, round, &mut frame)?;
    Ok(frame)
}

/// The slots hold the last two rounds, or one of them is being written: a board whose last answer has
/// arrived may still be at its save.
fn check_slots(folder: &Path, rounds: u32) -> Result<()> {
    let of_slot = |slot: &str| {
        let bytes = std::fs::read(folder.join(slot)).unwrap_or_default();
        checkpoint::verify::<Board>(&bytes).ok()
    };
    let slots = [of_slot("slot0"), of_slot("slot1")];
    let newest = slots.into_iter().flatten().max();
    ensure!(newest >= Some(rounds - 1), "{}: the slots hold {slots:?}", folder.display());
    Ok(())
}
