//! The command line.

use core::error::Error;

use clap::Parser;

use crate::chips::Chip;
use crate::cores::{CORES, Core};
use crate::network::{Cell, Network};
use crate::optimizer::Optimizer;
use crate::ram::Training;

/// Plans training on microcontrollers: memory, instructions, cycles, the highest rate of samples
#[derive(Parser)]
#[command(name = "plan")]
pub struct Arguments {
    /// inputs-units-…-outputs, as 5-12-1, or with a cell named as 3-gru12-8-2
    network: String,
    /// The cell of layers without a name: elman, leaky, gru, mingru
    #[arg(long, default_value = "elman")]
    cell: String,
    /// Samples between updates
    #[arg(long, default_value_t = 5)]
    k1: usize,
    /// Samples that an update goes back through
    #[arg(long, default_value_t = 20)]
    k2: usize,
    #[arg(long, value_enum, default_value_t = Optimizer::Adam)]
    optimizer: Optimizer,
    /// The clock; of a board its own if not given
    #[arg(long)]
    mhz: Option<f64>,
    /// This kind of core only, as m4f
    #[arg(long)]
    core: Option<String>,
    /// A board or chip, as nrf52840: its core, clock, RAM and flash
    #[arg(long, conflicts_with = "core")]
    board: Option<String>,
    /// Samples a second that must be possible
    #[arg(long)]
    rate: Option<f64>,
    /// Bytes of RAM that there are for trainer and stack, as 16384 or 16K
    #[arg(long)]
    ram: Option<String>,
    /// Bytes of flash that there are for the program
    #[arg(long)]
    flash: Option<String>,
    /// Multiply-accumulates in a slice of a `SlicedTrainer`; a tenth of a window if not given
    #[arg(long)]
    macs: Option<usize>,
    /// JSON instead of tables
    #[arg(long)]
    pub json: bool,
}

/// What is asked: the arguments, checked.
pub struct Question {
    pub training: Training,
    pub cores: Vec<Core>,
    pub mhz: f64,
    pub rate: Option<f64>,
    pub ram: Option<usize>,
    pub flash: Option<usize>,
    pub macs: Option<usize>,
}

const MHZ: f64 = 64.0;
const LONGEST_WINDOW: usize = 65_536;

impl Question {
    pub fn new(arguments: &Arguments) -> Result<Self, Box<dyn Error>> {
        let network = Network::parse(&arguments.network, arguments.cell.parse::<Cell>()?)?;
        let (k1, k2) = (arguments.k1, arguments.k2);
        if !(1..=k2).contains(&k1) || k2 > LONGEST_WINDOW {
            return Err(format!(
                "k1 is {k1} and k2 is {k2}: it must be 1 <= k1 <= k2 <= {LONGEST_WINDOW}"
            )
            .into());
        }
        let chip = arguments.board.as_deref().map(Chip::named).transpose()?;
        let mhz = arguments.mhz.or(chip.as_ref().map(|chip| chip.mhz)).unwrap_or(MHZ);
        Ok(Self {
            training: Training { network, optimizer: arguments.optimizer, k1, k2 },
            cores: cores(arguments.core.as_deref(), chip.as_ref())?,
            mhz: positive("--mhz", mhz)?,
            rate: arguments.rate.map(|rate| positive("--rate", rate)).transpose()?,
            ram: bytes("--ram", arguments.ram.as_deref())?.or(chip.as_ref().map(Chip::ram)),
            flash: bytes("--flash", arguments.flash.as_deref())?.or(chip.as_ref().map(Chip::flash)),
            macs: arguments.macs,
        })
    }
}

/// The kinds of core that are asked for; a chip's, without the assembly and with it.
fn cores(name: Option<&str>, chip: Option<&Chip>) -> Result<Vec<Core>, String> {
    let is_asked = |core: &Core| {
        name.is_none_or(|name| core.name == name) && chip.is_none_or(|chip| core.chips == chip.core)
    };
    let cores: Vec<_> = CORES.into_iter().filter(is_asked).collect();
    if cores.is_empty() {
        let names = CORES.map(|core| core.name).join(", ");
        return Err(format!("no core `{}`; those counted: {names}", name.unwrap_or_default()));
    }
    Ok(cores)
}

fn positive(option: &str, number: f64) -> Result<f64, String> {
    let is_positive = number.is_finite() && number > 0.0;
    is_positive
        .then_some(number)
        .ok_or_else(|| format!("{option} {number}: it must be more than 0"))
}

/// `16384`, `16K` or `1M`.
fn bytes(option: &str, text: Option<&str>) -> Result<Option<usize>, String> {
    let Some(text) = text else { return Ok(None) };
    let (digits, unit) = match text.to_ascii_uppercase().strip_suffix(['K', 'M']) {
        Some(digits) if text.ends_with(['k', 'K']) => (digits.to_string(), 1 << 10),
        Some(digits) => (digits.to_string(), 1 << 20),
        None => (text.to_string(), 1),
    };
    let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes
        .map(Some)
        .ok_or_else(|| format!("{option} {text}: a number of bytes, as 16384, 16K or 1M"))
}
