//! The shipped log: a year of traffic, hour by hour; its licence is stated in the file.

use crate::log::{Format, Log, LogError};

const TRAFFIC: &[u8] = include_bytes!("../data/traffic.csv");

/// Hours of a week.
pub const PERIOD: usize = 168;

pub fn read(format: &Format) -> Result<Log, LogError> {
    let mut log = Log::read(TRAFFIC, format)?;
    log.names = vec!["vehicles".into()];
    Ok(log)
}
