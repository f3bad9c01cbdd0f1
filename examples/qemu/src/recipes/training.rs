//! Training of a net that forecasts, whatever its kind of number.

/// A network with all that training it needs.
pub trait Training {
    /// Draws the first weights, uniform in ±`limit`.
    fn initialize(&mut self, limit: f32);

    /// Resets the state and the tape; the weights stay.
    fn reset(&mut self);

    /// Forecasts `next` from `now` and trains on it; returns the squared error.
    ///
    /// Every `K1` steps there is an update; its loss is the mean over these steps.
    fn observe<const K1: usize>(&mut self, now: f32, next: f32, rate: f32) -> f32;

    /// A function from each number to the forecast of the next one, from the initial state on.
    fn forecaster(&self) -> impl FnMut(f32) -> f32;

    /// All weights in one number.
    fn weights_hash(&self) -> u64;
}
