//! A new board, at each site in turn: alone, or with the network of the boards that were there before.

use super::baselines::{Linear, seasonal};
use super::board::History;
use super::data::{Parking, Reading};
use super::errors::Errors;
use super::fleet::{Client, Fleet};
use super::server::Strategy;

/// The week in which the new board is mounted, from 0.
pub const MOUNTED: usize = 5;
/// The last week.
pub const LAST: usize = 10;

/// The errors of each day and way at one site.
pub struct Ways(pub Vec<(&'static str, Vec<Errors>)>);

/// The ways of a linear model and of none: they have no seed.
pub fn without_a_net(parking: &Parking, site: usize) -> Ways {
    let [alone, pooled] = linear(parking, site);
    Ways(vec![
        ("a week ago, five weeks older", seasonal(&parking.sites[site])),
        ("RLS, alone", alone),
        ("RLS, pooled over all sites", pooled),
    ])
}

/// The ways of a network.
pub fn with_a_net(parking: &Parking, site: usize, seed: u64) -> Ways {
    let readings = &parking.sites[site];
    let mut fleet = Fleet::new(others(parking, site), seed, Strategy::Mean);
    days_before(readings).for_each(|day| drop(fleet.day(&parking.sites, day)));

    let trained = fleet.clients[0].net().clone();
    let mut from_fleet = Client::new(site, seed);
    from_fleet.receive(&trained);
    let mut member = Client::new(site, seed);
    member.receive(&trained);
    fleet.clients.push(member);
    Ways(vec![
        (ALONE, learn(Client::new(site, seed), &readings[first_day(readings)..])),
        ("net, alone, five weeks older", learn(Client::new(site, seed), readings)),
        ("net, from the fleet, then alone", learn(from_fleet, &readings[first_day(readings)..])),
        (IN_FLEET, stay(fleet, parking, site)),
    ])
}

pub const ALONE: &str = "net, alone";
pub const IN_FLEET: &str = "net, in the fleet";

fn others(parking: &Parking, site: usize) -> impl Iterator<Item = usize> {
    (0..parking.sites.len()).filter(move |&other| other != site)
}

/// The first day of the new board.
fn first_day(readings: &[Reading]) -> usize {
    readings.iter().position(|reading| reading.week() == MOUNTED).expect("a week of that number")
}

fn days_before(readings: &[Reading]) -> core::ops::Range<usize> {
    0..first_day(readings)
}

fn learn(mut client: Client, readings: &[Reading]) -> Vec<Errors> {
    readings.iter().filter_map(|reading| client.learn(reading)).collect()
}

/// The errors at `site` while all boards go on in rounds.
fn stay(mut fleet: Fleet, parking: &Parking, site: usize) -> Vec<Errors> {
    let days = first_day(&parking.sites[site])..parking.days();
    let errors = days.flat_map(|day| fleet.day(&parking.sites, day));
    errors.filter(|&(of, _)| of == site).map(|(_, errors)| errors).collect()
}

/// A model of the site alone, and one of all sites, which had the others from the first day on.
fn linear(parking: &Parking, site: usize) -> [Vec<Errors>; 2] {
    let first = first_day(&parking.sites[site]);
    let mut history = History::NONE;
    let mut model = Linear::new(1);
    let own = parking.sites[site][first..].iter();
    let alone = own.filter_map(|reading| model.learn(reading, &mut history)).collect();

    let mut model = Linear::new(parking.sites.len());
    let mut histories: Vec<History> = parking.sites.iter().map(|_| History::NONE).collect();
    let mut pooled = vec![];
    for day in 0..parking.days() {
        for (n, readings) in parking.sites.iter().enumerate() {
            if n != site || day >= first {
                let errors = model.learn(&readings[day], &mut histories[n]);
                pooled.extend(errors.filter(|_| n == site));
            }
        }
    }
    [alone, pooled]
}
