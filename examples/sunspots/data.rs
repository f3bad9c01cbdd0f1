//! Yearly sunspot numbers: the data, the training and test years of the literature, the z-score.

use core::ops::RangeInclusive;

/// The training years.
pub const TRAIN: RangeInclusive<usize> = 1700..=1920;
/// The test years.
pub const TEST: RangeInclusive<usize> = 1921..=1955;

const FIRST_YEAR: usize = 1700;
const CSV: &str = include_str!("../data/sunspots.csv");

/// One number a year, from 1700 on.
pub struct Sunspots(Vec<f64>);

impl Sunspots {
    pub fn load() -> Result<Self, csv::Error> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(CSV.as_bytes());
        let rows = reader.deserialize::<(usize, f64)>();
        rows.map(|row| row.map(|(_year, number)| number)).collect::<Result<_, _>>().map(Self)
    }

    pub fn years(&self, years: RangeInclusive<usize>) -> &[f64] {
        &self.0[years.start() - FIRST_YEAR..=years.end() - FIRST_YEAR]
    }
}

/// The z-score `(number − mean) / deviation`, the scale of inputs and outputs of the network.
pub struct Scale {
    mean: f64,
    deviation: f64,
}

impl Scale {
    /// The scale on which `numbers` have mean 0 and variance 1.
    pub fn of(numbers: &[f64]) -> Self {
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
        Self { mean, deviation: (squares / count).sqrt() }
    }

    pub fn z(&self, numbers: &[f64]) -> Vec<f32> {
        numbers.iter().map(|number| ((number - self.mean) / self.deviation) as f32).collect()
    }

    pub fn numbers(&self, z: &[f32]) -> Vec<f64> {
        z.iter().map(|&z| self.mean + self.deviation * f64::from(z)).collect()
    }

    /// A squared error on this scale, converted to sunspots².
    pub fn squared_error(&self, error: f32) -> f64 {
        self.deviation.powi(2) * f64::from(error)
    }
}
