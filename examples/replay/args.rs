//! Arguments of the command line.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum, value_parser};

use crate::ahead::{MAX_HORIZON, Target};
use crate::baselines::BaselineOptions;
use crate::experiment::Plan;
use crate::log::Format;
use crate::settings::{Grid, Settings, not_compiled};
use crate::sizes::COLUMNS;

/// A log goes through the trainer of a device, at a desk
///
/// Lines that begin with # are comments. Columns are given by name, or by number from 1 on. Of lists
/// (1,2,3) each is tried with each other.
#[derive(Clone, Debug, Parser)]
#[command(name = "replay")]
pub struct Args {
    /// The log, a CSV file [default: a year of traffic, hour by hour]
    pub log: Option<PathBuf>,
    #[command(flatten, next_help_heading = "The log")]
    pub format: Format,
    #[command(flatten, next_help_heading = "The networks")]
    pub grid: Grid,
    /// How many rows ahead the forecast is
    #[arg(long, default_value_t = 1, value_parser = horizon)]
    pub horizon: usize,
    /// What the network forecasts: x_{t+h} − x_t, or x_{t+h}
    #[arg(long, value_enum, default_value = "change")]
    pub forecast: Forecast,
    /// How many networks for each setting, from different first weights
    #[arg(long, default_value_t = 3, value_parser = value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Passes through the log; those before the last one end where the last third begins
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u32).range(1..))]
    pub passes: u32,
    #[command(flatten, next_help_heading = "The baselines")]
    pub baselines: BaselineOptions,
    /// File of the picture
    #[arg(long, help_heading = "Files", default_value = "target/replay.svg")]
    pub out: PathBuf,
    /// File of the best network
    #[arg(long, help_heading = "Files", default_value = "target/replay.safetensors")]
    pub net: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Forecast {
    Change,
    Level,
}

impl Args {
    pub const fn plan(&self) -> Plan {
        let is_level = matches!(self.forecast, Forecast::Level);
        let target = Target { horizon: self.horizon, is_level };
        Plan { target, passes: self.passes, seeds: self.seeds }
    }

    /// The settings to try, or which sizes there are.
    pub fn settings(&self) -> Result<Vec<Settings>, clap::Error> {
        let columns = 1 + self.format.inputs.len();
        let settings = if COLUMNS.contains(&columns) {
            self.grid.settings()
        } else {
            Err(not_compiled(&format!("a network that reads {columns} columns"), COLUMNS))
        };
        settings.map_err(|message| Self::command().error(ErrorKind::ValueValidation, message))
    }
}

fn horizon(text: &str) -> Result<usize, String> {
    let number = text.parse().map_err(|_| "a whole number")?;
    if (1..=MAX_HORIZON).contains(&number) {
        Ok(number)
    } else {
        Err(format!("from 1 to {MAX_HORIZON}"))
    }
}
