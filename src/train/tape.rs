//! The last K steps of a stream, and the way back through them: truncated BPTT.

use heapless::Vec;

use crate::record::put;
use crate::safetensors::Saved;
use crate::{Layer, Record, Shape, Zeros, saved};

/// The newest `K` steps of a stream, recorded so that errors can travel back through them.
///
/// The state runs forward through an endless stream; the tape keeps the newest `K` inputs, the
/// outputs of every layer at those steps, and the state before them. [`backward`](Self::backward)
/// sends the errors given since the last time back through all of them. That is truncated
/// backpropagation through time with k2 = `K`, BPTT(h; h') of Williams & Peng 1990:
///
/// - `K` at least as long as the sequence is full BPTT.
/// - An update after every step, every k1 steps ([`due`](Self::due)) or at the end of a sequence is
///   the caller's choice. Every error enters exactly one gradient, at its own step.
/// - The outputs are those that were recorded, the weights are those in force now. With k1 < k2 the
///   older outputs were computed with older weights; the gradient is then that of the textbook's
///   algorithm, not the derivative of a function.
/// - An error still waiting when its step leaves the window is lost, so call
///   [`backward`](Self::backward) at least every `K` steps.
///
/// ```
/// use elman::{Dense, Elman, Parameters, Pcg32, Sgd, Stack, Tape, Zeros, squared_error, uniform};
///
/// type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
/// let mut net = Net::ZEROS;
/// uniform(&mut net, 0.5, &mut Pcg32::new(1, 0));
/// let mut gradient = Net::ZEROS;
/// let mut tape = Tape::<Net, 20>::new(); // k2 = 20
///
/// for t in 0..100 {
///     let y = tape.step(&net, &[t as f32 * 0.01]);
///     let (_loss, d_y) = squared_error(y, &[0.5]);
///     tape.error(&d_y);
///     if tape.due::<5>() { // k1 = 5
///         tape.backward(&net, &mut gradient);
///         Sgd::new(0.01).update(&mut net, &gradient);
///         gradient.fill(0.0);
///     }
/// }
/// assert!((net.0.1.bias[0] - 0.5).abs() < 0.1);
/// ```
///
/// Memory, in numbers: `K` inputs, `2 · K` rows of every layer (outputs and their errors), two
/// states. Nothing of size `K` is ever on the stack.
pub struct Tape<L: Shape, const K: usize> {
    /// The state that entered the oldest step.
    before: L::State,
    /// The state now.
    state: L::State,
    /// The inputs; a ring once it is full, as the record is.
    inputs: Vec<L::In, K>,
    record: L::Record<K>,
    /// The row the next step is written to: the oldest one, or one after the last.
    next: usize,
    /// Steps since the last time back.
    fresh: usize,
}

impl<L: Shape, const K: usize> Tape<L, K> {
    /// An empty tape, at rest.
    #[must_use]
    pub const fn new() -> Self
    where
        L: Layer,
    {
        const { assert!(K > 0, "a tape holds at least one step") };
        Self {
            before: L::REST,
            state: L::REST,
            inputs: Vec::new(),
            record: Zeros::ZEROS,
            next: 0,
            fresh: 0,
        }
    }

    /// One step forward, (1.1), recorded. Returns the output.
    ///
    /// When the tape is full, the oldest step makes room.
    pub fn step(&mut self, net: &L, x: &L::In) -> &L::Out
    where
        L: Layer,
    {
        net.step(x, &mut self.state);
        self.record(x)
    }

    /// Records a step made elsewhere: one that read `x` in the present state and led to `state`.
    ///
    /// For a caller who must see the outcome of a step before it counts. Returns the output.
    ///
    /// ```
    /// use elman::{Bounded, Elman, Layer, Tape, Zeros};
    ///
    /// let cell = Elman::<1, 2>::ZEROS;
    /// let mut tape = Tape::<Elman<1, 2>, 5>::new();
    /// for x in [0.5, f32::NAN, 0.25] {
    ///     let mut state = *tape.state();
    ///     cell.step(&[x], &mut state);
    ///     if state.is_bounded() {
    ///         tape.advance(&[x], &state);
    ///     }
    /// }
    /// assert_eq!(tape.len(), 2); // one step was refused
    /// ```
    pub fn advance(&mut self, x: &L::In, state: &L::State) -> &L::Out
    where
        L: Layer,
    {
        self.state = *state;
        self.record(x)
    }

    /// Writes the step that led to the state now.
    fn record(&mut self, x: &L::In) -> &L::Out
    where
        L: Layer,
    {
        if self.inputs.is_full() {
            self.record.read(self.next, &mut self.before);
        }
        put(&mut self.inputs, self.next, x);
        self.record.write(self.next, &self.state);
        self.next = if self.next + 1 < K { self.next + 1 } else { 0 };
        self.fresh = (self.fresh + 1).min(K);
        L::output(&self.state)
    }

    /// Gives the newest step its error, ∂L/∂y. A step that is given none has none.
    ///
    /// Replaces the error given before at this step; does nothing before the first step.
    pub fn error(&mut self, d_y: &L::Out) {
        let newest = self.next.checked_sub(1).unwrap_or(K - 1);
        if let (_, [error]) = self.record.rows(newest..newest + 1) {
            *error = *d_y;
        }
    }

    /// Whether `K1` steps have been made since the last [`backward`](Self::backward).
    ///
    /// `K1` is from 1 to `K`; anything else does not compile.
    #[must_use]
    pub const fn due<const K1: usize>(&self) -> bool {
        const { assert!(0 < K1 && K1 <= K, "truncated BPTT(k1, k2) needs 1 <= k1 <= k2") };
        self.fresh >= K1
    }

    /// The steps made since the last [`backward`](Self::backward), at most `K`.
    ///
    /// Not zero at the end of a sequence: a partial window, flushed by `backward`.
    ///
    /// ```
    /// use elman::{Dense, Tape, Zeros};
    ///
    /// let (net, mut gradient) = (Dense::<1, 1>::ZEROS, Dense::ZEROS);
    /// let mut tape = Tape::<Dense<1, 1>, 4>::new();
    /// for t in 0..7 {
    ///     tape.step(&net, &[t as f32]);
    ///     tape.error(&[1.0]);
    ///     if tape.due::<4>() {
    ///         tape.backward(&net, &mut gradient);
    ///     }
    /// }
    /// assert_eq!((tape.fresh(), tape.len()), (3, 4));
    /// if tape.fresh() > 0 {
    ///     tape.backward(&net, &mut gradient);
    /// }
    /// assert_eq!(gradient.bias, [7.0]); // every error entered once
    /// ```
    #[must_use]
    pub const fn fresh(&self) -> usize {
        self.fresh
    }

    /// The steps recorded: as many as there were, at most `K`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Whether no step is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// The state now.
    #[must_use]
    pub const fn state(&self) -> &L::State {
        &self.state
    }

    /// Forgets the recorded steps and their errors, and starts anew from `state`.
    ///
    /// With [`Layer::REST`] this is the reset between sequences.
    ///
    /// ```
    /// use elman::{Elman, Layer, Tape, Zeros};
    ///
    /// let cell = Elman::<1, 1> { bias: [0.5], ..Zeros::ZEROS };
    /// let mut tape = Tape::<Elman<1, 1>, 5>::new();
    /// tape.step(&cell, &[0.0]);
    /// assert_ne!(tape.state(), &[0.0]);
    ///
    /// tape.reset(Elman::<1, 1>::REST);
    /// assert!(tape.is_empty());
    /// assert_eq!(tape.state(), &[0.0]);
    /// ```
    pub fn reset(&mut self, state: L::State) {
        self.before = state;
        self.state = state;
        self.inputs.clear();
        self.record.clear();
        self.next = 0;
        self.fresh = 0;
    }

    /// Sends the errors back through the recorded steps, (1.3), and adds ∂L/∂weights to `gradient`.
    ///
    /// The errors are spent by it, the steps stay recorded. Returns ∂L/∂state of the state that
    /// entered the oldest recorded step: of the initial state, if the tape still holds the whole
    /// sequence.
    pub fn backward(&mut self, net: &L, gradient: &mut L) -> L::State
    where
        L: Layer,
    {
        self.travel_back(net, gradient, None)
    }

    /// [`backward`](Self::backward), and ∂L/∂x of the recorded steps, oldest first, into `d_x`.
    ///
    /// Rows of `d_x` beyond [`len`](Self::len) are left alone.
    ///
    /// ```
    /// use elman::{Dense, Matrix, Tape, Zeros};
    ///
    /// let readout = Dense { kernel: Matrix([[3.0], [-1.0]]), bias: [0.0] };
    /// let mut tape = Tape::<Dense<2, 1>, 4>::new();
    /// tape.step(&readout, &[0.5, 0.5]);
    /// tape.error(&[2.0]);
    ///
    /// let mut d_x = [[0.0; 2]; 4];
    /// tape.backward_to_inputs(&readout, &mut Dense::ZEROS, &mut d_x);
    /// assert_eq!(d_x[0], [6.0, -2.0]); // ∂L/∂y · Wᵀ
    /// ```
    pub fn backward_to_inputs(
        &mut self,
        net: &L,
        gradient: &mut L,
        d_x: &mut [L::In; K],
    ) -> L::State
    where
        L: Layer,
    {
        self.travel_back(net, gradient, Some(d_x))
    }

    /// The ring is two stretches of consecutive steps: `next..len` is the older, `0..next` the newer.
    fn travel_back(&mut self, net: &L, gradient: &mut L, d_x: Option<&mut [L::In]>) -> L::State
    where
        L: Layer,
    {
        let (newer, older) = self.inputs.split_at_checked(self.next).unwrap_or_default();
        let (older_d_x, newer_d_x) = halves(d_x, older.len());
        let (next, len) = (self.next, self.inputs.len());

        let mut carry = L::REST;
        let mut before = self.before;
        if !older.is_empty() {
            self.record.read(len - 1, &mut before);
        }
        net.backward::<K>(
            newer,
            &before,
            &mut self.record,
            0..next,
            &mut carry,
            Some(gradient),
            newer_d_x,
        );
        net.backward::<K>(
            older,
            &self.before,
            &mut self.record,
            next..len,
            &mut carry,
            Some(gradient),
            older_d_x,
        );

        let (_, errors) = self.record.rows(0..len);
        errors.fill(Zeros::ZEROS);
        self.fresh = 0;
        carry
    }
}

impl<L: Layer, const K: usize> Default for Tape<L, K> {
    fn default() -> Self {
        Self::new()
    }
}

saved!([L: Layer, const K: usize] Tape<L, K> {
    before: L::State,
    state: L::State,
    inputs: Vec<L::In, K>,
    record: L::Record<K>,
    next: usize,
    fresh: usize,
} where L::In: Saved, L::State: Saved, L::Record<K>: Saved);

/// The first `n` rows and the rest, if there are any rows.
fn halves<A>(rows: Option<&mut [A]>, n: usize) -> (Option<&mut [A]>, Option<&mut [A]>) {
    rows.and_then(|rows| rows.split_at_mut_checked(n)).unzip()
}
