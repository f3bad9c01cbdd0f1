//! Readings as they lie in flash: the text of `parking.csv`, read without a heap.
//!
//! On a board of your own this is the sensor.

use super::board::Day;

/// Readings a day.
const ROWS: usize = super::board::HALF_HOURS;

/// The weekday and the readings of day `n` of the file at a site; `None` after the last day.
pub fn day(csv: &str, site: usize, n: usize) -> Option<(usize, Option<Day>)> {
    let mut lines = csv.lines().filter(|line| !line.starts_with('#'));
    let capacity = number(lines.next()?.split(',').nth(2 + site)?.rsplit(':').next()?)?;
    let mut rows = lines.skip(n.checked_mul(ROWS)?).peekable();
    let date = number(rows.peek()?.split(',').next()?)?;
    let mut day = Day::default();
    let shares = rows.map_while(|row| share(row, site, capacity));
    let count = day.iter_mut().zip(shares).map(|(place, share)| *place = share).count();
    Some(((date % 7) as usize, (count == ROWS).then_some(day)))
}

fn share(row: &str, site: usize, capacity: u32) -> Option<f32> {
    Some(number(row.split(',').nth(2 + site)?)? as f32 / capacity as f32)
}

/// `None` for a field without a digit.
fn number(digits: &str) -> Option<u32> {
    digits.bytes().try_fold(None, |number: Option<u32>, byte| {
        let digit = u32::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        Some(Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?))
    })?
}
