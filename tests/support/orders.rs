//! Series of four events whose class is their order.

use elman::Pcg32;

pub type Series = Vec<[f32; CHANNELS]>;

pub const CHANNELS: usize = 12;
pub const CLASSES: usize = 9;
pub const LONGEST: usize = 30;

/// The orders; no event is first, last or before another one in too few of them to be a clue.
const ORDERS: [[usize; 4]; CLASSES] = [
    [0, 1, 2, 3],
    [0, 2, 3, 1],
    [0, 3, 1, 2],
    [1, 0, 3, 2],
    [1, 3, 2, 0],
    [2, 0, 1, 3],
    [2, 3, 0, 1],
    [3, 1, 0, 2],
    [3, 2, 1, 0],
];

/// A random series and its class.
pub fn series(rng: &mut Pcg32) -> (Series, usize) {
    let class = below(rng, CLASSES);
    let length = 7 + below(rng, LONGEST - 7 + 1);
    let mut series: Series = (0..length)
        .map(|_| core::array::from_fn(|_| 0.1 * rng.uniform_symmetric::<f32>()))
        .collect();

    let mut moments: Vec<usize> = Vec::new();
    while moments.len() < 4 {
        let moment = below(rng, length);
        if !moments.contains(&moment) {
            moments.push(moment);
        }
    }
    moments.sort_unstable();
    for (moment, event) in moments.into_iter().zip(ORDERS[class]) {
        for channel in 0..3 {
            series[moment][3 * event + channel] += 0.8 + 0.2 * rng.uniform_symmetric::<f32>();
        }
    }
    (series, class)
}

fn below(rng: &mut Pcg32, limit: usize) -> usize {
    rng.next_u32() as usize % limit
}
