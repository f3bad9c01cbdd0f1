//! One poisoned site: what it sends is not what it learned.

use elman::{Initialize, Parameters, Pcg32, uniform};

use super::data::Parking;
use super::errors::Errors;
use super::fleet::Fleet;
use super::new_board::MOUNTED;
use super::server::{Strategy, Update};

/// What the poisoned site sends, from the sixth week on.
#[derive(Clone, Copy)]
pub enum Attack {
    None,
    TimesMinusTen,
    NotANumber,
    Noise,
    ManySamples,
}

impl Attack {
    pub const ALL: [Self; 5] =
        [Self::None, Self::TimesMinusTen, Self::NotANumber, Self::Noise, Self::ManySamples];

    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "nothing wrong",
            Self::TimesMinusTen => "weights × −10",
            Self::NotANumber => "NaN",
            Self::Noise => "noise within ±2",
            Self::ManySamples => "first weights, of a million samples",
        }
    }

    fn poison(self, (mut net, samples): Update, rng: &mut Pcg32) -> Update {
        match self {
            Self::None => {}
            Self::TimesMinusTen => net.scale(-10.0),
            Self::NotANumber => net.scale(f32::NAN),
            Self::Noise => uniform(&mut net, 2.0, rng),
            Self::ManySamples => {
                net.init_pytorch(rng);
                return (net, 1_000_000);
            }
        }
        (net, samples)
    }
}

/// The errors of the honest sites, each from the first day to the last.
pub fn run(parking: &Parking, attack: Attack, strategy: Strategy, seed: u64) -> Vec<Vec<Errors>> {
    let sites = parking.sites.len();
    let poisoned = seed as usize % sites;
    let mut rng = Pcg32::new(seed, 2);
    let mut fleet = Fleet::new(0..sites, seed, strategy);
    let mut errors = vec![vec![]; sites];
    for day in 0..parking.days() {
        for (site, of_day) in fleet.learn(&parking.sites, day) {
            errors[site].push(of_day);
        }
        let bad = parking.sites[poisoned][day].week() >= MOUNTED;
        fleet.round(
            |_| true,
            |site, update| {
                if bad && site == poisoned { attack.poison(update, &mut rng) } else { update }
            },
        );
    }
    errors.remove(poisoned);
    errors
}
