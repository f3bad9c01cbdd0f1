//! All experiments, on all cores.

use super::attacks::{self, Attack};
use super::common::for_seeds;
use super::data::Parking;
use super::dropouts::{self, RATES};
use super::errors::Errors;
use super::new_board::{self, Ways};
use super::server::Strategy;

/// The errors of each site, of each seed.
type Seeds = Vec<Vec<Vec<Errors>>>;

pub struct Results {
    /// Of each site.
    pub without_a_net: Vec<Ways>,
    /// Of each seed and site.
    pub with_a_net: Vec<Vec<Ways>>,
    /// Of each attack and strategy.
    pub attacks: Vec<[Seeds; Strategy::ALL.len()]>,
    /// Of each rate.
    pub dropouts: Vec<Seeds>,
}

/// The calls of `tick` that [`run`] makes.
pub fn ticks(parking: &Parking, seeds: u64) -> u64 {
    let fleets = Attack::ALL.len() * Strategy::ALL.len() + RATES.len();
    let sites = parking.sites.len() as u64;
    sites + seeds * (sites + fleets as u64)
}

/// Everything; calls `tick` after each part.
pub fn run(parking: &Parking, seeds: u64, tick: impl Fn() + Sync) -> Results {
    let sites = parking.sites.len() as u64;
    let ticked = |ways: Ways| {
        tick();
        ways
    };
    let net =
        |job: u64| ticked(new_board::with_a_net(parking, (job % sites) as usize, job / sites));
    let mut nets = for_seeds(seeds * sites, net).into_iter();
    Results {
        without_a_net: for_seeds(sites, |site| {
            ticked(new_board::without_a_net(parking, site as usize))
        }),
        with_a_net: (0..seeds).map(|_| nets.by_ref().take(sites as usize).collect()).collect(),
        attacks: Attack::ALL
            .map(|attack| {
                Strategy::ALL.map(|strategy| {
                    for_seeds(seeds, |seed| {
                        tick();
                        attacks::run(parking, attack, strategy, seed)
                    })
                })
            })
            .into(),
        dropouts: RATES
            .map(|rate| {
                for_seeds(seeds, |seed| {
                    tick();
                    dropouts::run(parking, rate, seed)
                })
            })
            .into(),
    }
}
