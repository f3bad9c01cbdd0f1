//! Boards that are out of reach: they learn on, and miss rounds.

use elman::Pcg32;

use super::data::Parking;
use super::errors::Errors;
use super::fleet::Fleet;
use super::server::Strategy;

/// Of 100 rounds, how many a board misses.
pub const RATES: [u32; 5] = [0, 20, 40, 60, 80];

/// The errors of each site from the first day to the last; each misses `rate` % of the rounds, drawn
/// anew every time.
pub fn run(parking: &Parking, rate: u32, seed: u64) -> Vec<Vec<Errors>> {
    let sites = parking.sites.len();
    let mut rng = Pcg32::new(seed, 3);
    let mut fleet = Fleet::new(0..sites, seed, Strategy::Mean);
    let mut errors = vec![vec![]; sites];
    for day in 0..parking.days() {
        for (site, of_day) in fleet.learn(&parking.sites, day) {
            errors[site].push(of_day);
        }
        fleet.round(|_| rng.next_u32() % 100 >= rate, |_, update| update);
    }
    errors
}
