//! One board: a network that forecasts the occupancy of its car park half an hour ahead.
//!
//! Nothing here knows a host or a fleet: a device runs this file as it is.

use elman::{
    Adam, ConstZero, Dense, Elman, Initialize, LayerTypes, Parameters, Pcg32, Stack, TrainError,
    Trainer, state_dict,
};

/// Readings a day, from 8:00 to 16:30.
pub const HALF_HOURS: usize = 18;
/// Forecasts a day: the change to each reading but the first.
pub const FORECASTS: usize = HALF_HOURS - 1;
/// Readings of one day, as shares of the capacity.
pub type Day = [f32; HALF_HOURS];

pub type Net = Stack<(Elman<5, 12>, Dense<12, 1>)>;
pub type Inputs = <Net as LayerTypes>::In;
/// An update every 6 half hours and at the end of the day, each through all of the day so far.
pub type DayTrainer = Trainer<Net, Adam, 6, HALF_HOURS>;

const LEARNING_RATE: f32 = 0.01;
/// Changes are about a tenth of the capacity; the network computes with numbers of about 1.
const SCALE: f32 = 10.0;

/// What a board holds.
pub struct Board {
    pub trainer: DayTrainer,
    pub history: History,
    /// Samples since the network was last taken over from a fleet.
    pub samples: u32,
}

state_dict!(Board { trainer: DayTrainer, history: History } packed { samples: u32 });

impl Board {
    pub const ZERO: Self = Self { trainer: DayTrainer::ZERO, history: History::NONE, samples: 0 };

    /// First weights: a seed gives every board the same.
    pub fn start(&mut self, seed: u64) {
        self.trainer.learner.optimizer = Adam::new(LEARNING_RATE);
        self.trainer.learner.net.init_pytorch(&mut Pcg32::new(seed, 0));
    }

    /// Takes over the network of a fleet.
    pub fn take_over(&mut self, net: &Net) {
        self.trainer.learner.net.copy_from(net);
        self.samples = 0;
    }

    /// Forecasts each change of a day before it happens, then learns from it.
    pub fn learn(&mut self, today: &Day, weekday: usize) -> Result<[f32; FORECASTS], TrainError> {
        self.samples = self.samples.saturating_add(FORECASTS as u32);
        let past = self.history.past(weekday);
        let mut forecasts = [0.0; FORECASTS];
        for (t, forecast) in forecasts.iter_mut().enumerate() {
            let x = inputs(today, &past, t);
            let target = SCALE * change(today, t);
            *forecast = self.trainer.observe(&x, &[target])?.prediction[0] / SCALE;
        }
        self.trainer.end_sequence()?;
        self.history.push(today, weekday);
        Ok(forecasts)
    }
}

/// The newest reading of each weekday, and which of them is the newest of all.
pub struct History {
    pub weekdays: [Option<Day>; 7],
    pub newest: u32,
}

state_dict!(History {} packed { weekdays: [Option<Day>; 7], newest: u32 });

impl History {
    pub const NONE: Self = Self { weekdays: [None; 7], newest: 0 };

    /// The day before, and the same weekday a week ago; unknown days are without a change.
    pub fn past(&self, weekday: usize) -> [Day; 2] {
        let of = |weekday: usize| self.weekdays.get(weekday).copied().flatten();
        let before = of(self.newest as usize).unwrap_or_default();
        [before, of(weekday).unwrap_or_default()]
    }

    pub fn push(&mut self, today: &Day, weekday: usize) {
        if let Some(place) = self.weekdays.get_mut(weekday) {
            *place = Some(*today);
            self.newest = weekday as u32;
        }
    }
}

/// What is known at half hour `t`: level, latest change, time, and the coming change as it was on the
/// day before and a week ago.
pub fn inputs(today: &Day, [before, week_ago]: &[Day; 2], t: usize) -> Inputs {
    let level = 2.0 * at(today, t) - 1.0;
    let latest = if t > 0 { change(today, t - 1) } else { 0.0 };
    let time = t as f32 / 8.0 - 1.0;
    [level, SCALE * latest, time, SCALE * change(before, t), SCALE * change(week_ago, t)]
}

/// The change from half hour `t` to the next.
pub fn change(day: &Day, t: usize) -> f32 {
    at(day, t + 1) - at(day, t)
}

fn at(day: &Day, t: usize) -> f32 {
    day.get(t).copied().unwrap_or_default()
}
