//! Car parks: half-hourly occupancy of 20 sites.

use core::error::Error;

use super::board::{Day, HALF_HOURS};

const CSV: &str = include_str!("parking.csv");

/// One day at a site.
pub struct Reading {
    /// Days since the first of all.
    pub date: u32,
    /// `None` where the site had none on that day.
    pub day: Option<Day>,
}

impl Reading {
    pub const fn weekday(&self) -> usize {
        (self.date % 7) as usize
    }

    pub const fn week(&self) -> usize {
        (self.date / 7) as usize
    }
}

/// The days of each site; all sites have the same dates.
pub struct Parking {
    pub sites: Vec<Vec<Reading>>,
}

impl Parking {
    pub fn load() -> Result<Self, Box<dyn Error>> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(CSV.as_bytes());
        let capacities = capacities(reader.headers()?)?;
        let rows = reader.records().collect::<Result<Vec<_>, _>>()?;
        let columns = (2..).zip(capacities);
        let sites = columns.map(|(column, capacity)| readings(&rows, column, capacity));
        Ok(Self { sites: sites.collect::<Result<_, _>>()? })
    }

    pub fn days(&self) -> usize {
        self.sites[0].len()
    }
}

/// From `name:capacity` of each site.
fn capacities(header: &csv::StringRecord) -> Result<Vec<f32>, Box<dyn Error>> {
    let capacity = |site: &str| {
        let (_name, capacity) = site.split_once(':').ok_or("a site without capacity")?;
        Ok(capacity.parse()?)
    };
    header.iter().skip(2).map(capacity).collect()
}

fn readings(
    rows: &[csv::StringRecord],
    column: usize,
    capacity: f32,
) -> Result<Vec<Reading>, Box<dyn Error>> {
    let share = |row: &csv::StringRecord| Some(row[column].parse::<f32>().ok()? / capacity);
    let day = |rows: &[csv::StringRecord]| {
        let shares: Vec<f32> = rows.iter().map_while(share).collect();
        Ok(Reading { date: rows[0][0].parse()?, day: shares.try_into().ok() })
    };
    rows.chunks(HALF_HOURS).map(day).collect()
}
