//! Sensor: the acceleration of a pump's housing, simulated.

use elman::Pcg32;

/// The axes of the accelerometer.
pub const AXES: usize = 3;
/// An acceleration in each axis, in mg.
pub type Row = [f32; AXES];

/// What is sampled. A driver of yours, in place of [`Vibration`].
pub trait Sensor {
    fn read(&mut self) -> Row;
}

/// Three harmonics and noise, the same at every start; a bearing that fails, a wire that breaks.
pub struct Vibration {
    /// Each harmonic as a point on a circle.
    phases: [[f32; 2]; 3],
    noise: Pcg32,
    n: u32,
}

/// The cosine and sine of what each harmonic turns in a sample.
const TURNS: [[f32; 2]; 3] =
    [[0.968_583, 0.248_690], [0.637_424, 0.770_513], [-0.187_381, 0.982_287]];
/// The samples at which the bearing knocks.
const FAULT: core::ops::Range<u32> = 3100..3160;
/// The sample at which the wire is open.
const OPEN: u32 = 1700;

impl Vibration {
    pub const START: Self = Self { phases: [[1.0, 0.0]; 3], noise: Pcg32::new(2, 0), n: 0 };

    /// As it goes on after `n` samples.
    pub fn after(n: u32) -> Self {
        let mut sensor = Self::START;
        (0..n).for_each(|_| _ = sensor.read());
        sensor
    }

    fn turn(&mut self) {
        for ([x, y], [cos, sin]) in self.phases.iter_mut().zip(TURNS) {
            (*x, *y) = (cos * *x - sin * *y, sin * *x + cos * *y);
            let to_circle = 1.5 - 0.5 * (*x * *x + *y * *y);
            (*x, *y) = (*x * to_circle, *y * to_circle);
        }
    }

    fn noise(&mut self) -> f32 {
        4.0 * self.noise.approx_normal::<f32>()
    }
}

impl Sensor for Vibration {
    fn read(&mut self) -> Row {
        self.turn();
        let [[a, b], [c, d], [e, _]] = self.phases;
        let knock = if FAULT.contains(&self.n) { 90.0 * e } else { 0.0 };
        let row = [
            1000.0 + 180.0 * a + 60.0 * c + knock + self.noise(),
            -20.0 + 150.0 * b + 40.0 * d + knock + self.noise(),
            15.0 + 80.0 * a * c + self.noise(),
        ];
        self.n += 1;
        if self.n == OPEN { [f32::NAN; AXES] } else { row }
    }
}
