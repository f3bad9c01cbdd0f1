//! Tape of the last K steps: truncated BPTT.

use heapless::Vec;

use crate::nn::{Activations, Backward, BackwardTypes, Steps, put};
use crate::num::ConstZero;
use crate::safetensors::{Reader, Schema, StateDict, Writer};

/// The newest `K` steps of a stream, recorded for truncated backpropagation through time.
///
/// The state runs forward through an endless stream. The tape keeps the newest `K` inputs, the
/// outputs of every layer at those steps, and the state before them. [`backward`](Self::backward)
/// propagates the output gradients set since the last call through all of them: k2 = `K`,
/// BPTT(h; h') of Williams & Peng 1990.
///
/// - With `K` at least the length of the sequence it is full BPTT.
/// - An update after every step, every k1 steps ([`due`](Self::due)) or at the end of a sequence is
///   the caller's choice. Every output gradient enters exactly one weight gradient, at its own step.
/// - The outputs are the recorded ones, the weights those in force now. With k1 < k2 the older
///   outputs were computed with older weights; the gradient is that of the algorithm, not the
///   derivative of a function.
/// - An output gradient is lost when its step leaves the window, so call
///   [`backward`](Self::backward) at least every `K` steps.
///
/// ```
/// use elman::{
///     ConstZero, Dense, Elman, Optimizer, Parameters, Pcg32, Sgd, Stack, Tape, squared_error, uniform,
/// };
///
/// type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
/// let mut net = Net::ZERO;
/// uniform(&mut net, 0.5, &mut Pcg32::new(1, 0));
/// let mut gradient = Net::ZERO;
/// let mut tape = Tape::<Net, 20>::new(); // k2 = 20
///
/// for t in 0..100 {
///     let y = tape.step(&net, &[t as f32 * 0.01]);
///     let (_loss, d_y) = squared_error(y, &[0.5]);
///     tape.set_output_gradient(&d_y);
///     if tape.due::<5>() { // k1 = 5
///         tape.backward(&net, &mut gradient);
///         Sgd::new(0.01).update(&mut net, &gradient, &mut ());
///         gradient.set_zero();
///     }
/// }
/// assert!((net.0.1.bias[0] - 0.5).abs() < 0.1);
/// ```
///
/// Memory, in numbers: `K` inputs, `2 · K` rows of every layer (outputs and their gradients), two
/// states. Nothing of size `K` is ever on the stack.
#[derive(Clone, Debug)]
pub struct Tape<L: BackwardTypes, const K: usize> {
    /// The state before the oldest step.
    before: L::State,
    /// The state now.
    state: L::State,
    /// A ring once it is full, as the activations are.
    inputs: Vec<L::In, K>,
    activations: L::Activations<K>,
    /// The row of the next step: the oldest one, or one after the last.
    next: usize,
    steps_since_backward: usize,
}

impl<L: BackwardTypes, const K: usize> Tape<L, K> {
    /// An empty tape in the initial state.
    #[must_use]
    pub const fn new() -> Self
    where
        L: Backward,
    {
        const { assert!(K > 0, "a tape holds at least one step") };
        Self {
            before: L::INITIAL_STATE,
            state: L::INITIAL_STATE,
            inputs: Vec::new(),
            activations: ConstZero::ZERO,
            next: 0,
            steps_since_backward: 0,
        }
    }

    /// One recorded step forward, (1.1). Returns the output.
    ///
    /// On a full tape it replaces the oldest step.
    pub fn step(&mut self, net: &L, x: &L::In) -> &L::Out
    where
        L: Backward,
    {
        net.step(x, &mut self.state);
        self.write(x)
    }

    /// Records a step computed by the caller: input `x` in the present state gave `state`.
    ///
    /// For a caller who validates the result of a step first. Returns the output.
    ///
    /// ```
    /// use elman::{ConstZero, Elman, InRange, Layer, Tape};
    ///
    /// let cell = Elman::<1, 2>::ZERO;
    /// let mut tape = Tape::<Elman<1, 2>, 5>::new();
    /// for x in [0.5, f32::NAN, 0.25] {
    ///     let mut state = *tape.state();
    ///     cell.step(&[x], &mut state);
    ///     if state.is_in_range() {
    ///         tape.record_step(&[x], &state);
    ///     }
    /// }
    /// assert_eq!(tape.len(), 2); // one step was rejected
    /// ```
    pub fn record_step(&mut self, x: &L::In, state: &L::State) -> &L::Out
    where
        L: Backward,
    {
        self.state = *state;
        self.write(x)
    }

    /// Writes the step from input `x` to the present state.
    fn write(&mut self, x: &L::In) -> &L::Out
    where
        L: Backward,
    {
        if self.inputs.is_full() {
            self.activations.read(self.next, &mut self.before);
        }
        put(&mut self.inputs, self.next, x);
        self.activations.write(self.next, &self.state);
        self.next = if self.next + 1 < K { self.next + 1 } else { 0 };
        self.steps_since_backward = (self.steps_since_backward + 1).min(K);
        L::output(&self.state)
    }

    /// Sets ∂L/∂y of the newest step: PyTorch's `grad_output`. It is 0 at a step where it is not set.
    ///
    /// A second call at the same step replaces the first; before the first step it does nothing.
    pub fn set_output_gradient(&mut self, d_y: &L::Out) {
        self.set_output_gradient_at(0, d_y);
    }

    /// Sets ∂L/∂y of an earlier recorded step, `ago` steps before the newest.
    ///
    /// For a loss of several outputs, as of their mean. Returns `false`, and sets nothing, if that
    /// step is not recorded.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Tape};
    ///
    /// let (net, mut gradient) = (Dense::<1, 1>::ZERO, Dense::ZERO);
    /// let mut tape = Tape::<Dense<1, 1>, 4>::new();
    /// tape.step(&net, &[1.0]);
    /// tape.step(&net, &[5.0]);
    /// assert!(tape.set_output_gradient_at(1, &[1.0]));
    /// assert!(!tape.set_output_gradient_at(2, &[1.0]));
    /// tape.backward(&net, &mut gradient);
    /// assert_eq!(gradient.kernel.0, [[1.0]]); // x of the first step
    /// ```
    pub fn set_output_gradient_at(&mut self, ago: usize, d_y: &L::Out) -> bool {
        let Some(row) = self.row(ago) else { return false };
        if let (_, Some([gradient])) = self.activations.rows(row..row + 1) {
            *gradient = *d_y;
        }
        true
    }

    /// The recorded output of an earlier step, `ago` steps before the newest.
    ///
    /// ```
    /// use elman::{Dense, Tape};
    ///
    /// let net = Dense { bias: [1.0], kernel: elman::Matrix([[2.0]]) };
    /// let mut tape = Tape::<Dense<1, 1>, 2>::new();
    /// for x in [1.0, 2.0, 3.0] {
    ///     tape.step(&net, &[x]);
    /// }
    /// assert_eq!([tape.output(0), tape.output(1), tape.output(2)], [Some([7.0]), Some([5.0]), None]);
    /// ```
    #[must_use]
    pub fn output(&self, ago: usize) -> Option<L::Out>
    where
        L: Backward,
    {
        let mut state = self.state;
        self.activations.read(self.row(ago)?, &mut state);
        Some(*L::output(&state))
    }

    /// The row of the step `ago` steps before the newest.
    fn row(&self, ago: usize) -> Option<usize> {
        if ago >= self.len() {
            return None;
        }
        self.next.checked_sub(ago + 1).or(Some((self.next + K) - (ago + 1)))
    }

    /// Whether `K1` steps have been made since the last [`backward`](Self::backward).
    ///
    /// `K1` is from 1 to `K`; anything else does not compile.
    #[must_use]
    pub const fn due<const K1: usize>(&self) -> bool {
        const { assert!(0 < K1 && K1 <= K, "truncated BPTT(k1, k2) needs 1 <= k1 <= k2") };
        self.steps_since_backward >= K1
    }

    /// The steps made since the last [`backward`](Self::backward), at most `K`.
    ///
    /// At the end of a sequence they are a partial window, for a last `backward`.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Tape};
    ///
    /// let (net, mut gradient) = (Dense::<1, 1>::ZERO, Dense::ZERO);
    /// let mut tape = Tape::<Dense<1, 1>, 4>::new();
    /// for t in 0..7 {
    ///     tape.step(&net, &[t as f32]);
    ///     tape.set_output_gradient(&[1.0]);
    ///     if tape.due::<4>() {
    ///         tape.backward(&net, &mut gradient);
    ///     }
    /// }
    /// assert_eq!((tape.steps_since_backward(), tape.len()), (3, 4));
    /// if tape.steps_since_backward() > 0 {
    ///     tape.backward(&net, &mut gradient);
    /// }
    /// assert_eq!(gradient.bias, [7.0]); // every output gradient entered once
    /// ```
    #[must_use]
    pub const fn steps_since_backward(&self) -> usize {
        self.steps_since_backward
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

    /// Clears the recorded steps and their gradients, and sets the state.
    ///
    /// With [`Layer::INITIAL_STATE`](crate::Layer::INITIAL_STATE) this is the reset between sequences.
    ///
    /// ```
    /// use elman::{ConstZero, Elman, Layer, Tape};
    ///
    /// let cell = Elman::<1, 1> { bias: [0.5], ..ConstZero::ZERO };
    /// let mut tape = Tape::<Elman<1, 1>, 5>::new();
    /// tape.step(&cell, &[0.0]);
    /// assert_ne!(tape.state(), &[0.0]);
    ///
    /// tape.reset(Elman::<1, 1>::INITIAL_STATE);
    /// assert!(tape.is_empty());
    /// assert_eq!(tape.state(), &[0.0]);
    /// ```
    pub fn reset(&mut self, state: L::State) {
        self.before = state;
        self.state = state;
        self.inputs.clear();
        self.activations.clear();
        self.next = 0;
        self.steps_since_backward = 0;
    }

    /// Clears the recorded steps and their gradients; the state stays.
    ///
    /// PyTorch's `detach` of a hidden state: no gradient goes back beyond here.
    ///
    /// ```
    /// use elman::{Elman, Tape, ConstZero};
    ///
    /// let cell = Elman::<1, 1> { bias: [0.5], ..ConstZero::ZERO };
    /// let mut tape = Tape::<Elman<1, 1>, 5>::new();
    /// let state = *tape.step(&cell, &[0.0]);
    /// tape.detach();
    /// assert!(tape.is_empty());
    /// assert_eq!(tape.state(), &state);
    /// ```
    pub fn detach(&mut self) {
        self.reset(self.state);
    }

    /// Sets every gradient that waits, and what a backward pass left behind, to 0.
    pub(super) fn clear_gradients(&mut self) {
        self.activations.clear_gradients();
    }

    /// Backpropagation through the recorded steps, (1.3). Adds ∂L/∂weights to `gradient`.
    ///
    /// The output gradients become 0, the steps stay recorded. Returns ∂L/∂state of the state before
    /// the oldest recorded step: the initial state, if the tape still holds the whole sequence.
    pub fn backward(&mut self, net: &L, gradient: &mut L) -> L::State
    where
        L: Backward,
    {
        self.travel_back(net, gradient, None)
    }

    /// [`backward`](Self::backward), and ∂L/∂x of the recorded steps, oldest first, into `d_x`.
    ///
    /// Rows of `d_x` beyond [`len`](Self::len) are left alone.
    ///
    /// ```
    /// use elman::{ConstZero, Dense, Matrix, Tape};
    ///
    /// let readout = Dense { kernel: Matrix([[3.0], [-1.0]]), bias: [0.0] };
    /// let mut tape = Tape::<Dense<2, 1>, 4>::new();
    /// tape.step(&readout, &[0.5, 0.5]);
    /// tape.set_output_gradient(&[2.0]);
    ///
    /// let mut d_x = [[0.0; 2]; 4];
    /// tape.backward_to_inputs(&readout, &mut Dense::ZERO, &mut d_x);
    /// assert_eq!(d_x[0], [6.0, -2.0]); // ∂L/∂y · Wᵀ
    /// ```
    pub fn backward_to_inputs(
        &mut self,
        net: &L,
        gradient: &mut L,
        d_x: &mut [L::In; K],
    ) -> L::State
    where
        L: Backward,
    {
        self.travel_back(net, gradient, Some(d_x))
    }

    /// The ring is two ranges of consecutive steps: rows `next..len` are older, `0..next` newer.
    fn travel_back(&mut self, net: &L, gradient: &mut L, d_x: Option<&mut [L::In]>) -> L::State
    where
        L: Backward,
    {
        let (newer, older) = self.inputs.split_at_checked(self.next).unwrap_or_default();
        let (older_d_x, newer_d_x) = halves(d_x, older.len());
        let (next, len) = (self.next, self.inputs.len());

        let mut d_state = ConstZero::ZERO;
        let mut before = self.before;
        if !older.is_empty() {
            self.activations.read(len - 1, &mut before);
        }
        let steps = Steps {
            inputs: newer,
            before: &before,
            activations: &mut self.activations,
            range: 0..next,
            d_state: &mut d_state,
            d_inputs: newer_d_x,
        };
        net.backward::<K>(steps, Some(gradient));
        let steps = Steps {
            inputs: older,
            before: &self.before,
            activations: &mut self.activations,
            range: next..len,
            d_state: &mut d_state,
            d_inputs: older_d_x,
        };
        net.backward::<K>(steps, Some(gradient));

        if let (_, Some(gradients)) = self.activations.rows(0..len) {
            gradients.fill(ConstZero::ZERO);
        }
        self.steps_since_backward = 0;
        d_state
    }
}

impl<L: Backward, const K: usize> Default for Tape<L, K> {
    fn default() -> Self {
        Self::new()
    }
}

/// One tensor: the states, the recorded steps, and the output gradients set since the last backward
/// pass. Gradients of lower layers are scratch and not saved.
impl<L: BackwardTypes, const K: usize> StateDict for Tape<L, K>
where
    L::In: StateDict,
    L::Out: StateDict,
    L::State: StateDict,
    L::Activations<K>: StateDict,
{
    const SCHEMA: Schema =
        Schema::fields(const { &[("packed", const { &Schema::packed(&Self::PARTS) })] });

    fn write(&self, writer: &mut Writer<'_>) {
        writer.checksum(const { Self::SCHEMA.packed_checksum() });
        writer.part(&self.before);
        writer.part(&self.state);
        writer.part(&self.inputs);
        writer.part(&self.activations);
        let gradients = self.activations.d_outputs();
        L::Out::write_all(gradients, writer);
        writer.zeros((K - gradients.len()) * L::Out::SCHEMA.bytes());
        writer.part(&self.next);
        writer.part(&self.steps_since_backward);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        reader.checksum();
        reader.part(&mut self.before);
        reader.part(&mut self.state);
        reader.part(&mut self.inputs);
        reader.part(&mut self.activations);
        let (_, gradients) = self.activations.rows(0..self.inputs.len());
        let gradients = gradients.unwrap_or_default();
        L::Out::read_all(gradients, reader);
        reader.discard((K - gradients.len()) * L::Out::SCHEMA.bytes());
        reader.part(&mut self.next);
        reader.part(&mut self.steps_since_backward);
    }
}

impl<L: BackwardTypes, const K: usize> Tape<L, K>
where
    L::In: StateDict,
    L::Out: StateDict,
    L::State: StateDict,
    L::Activations<K>: StateDict,
{
    const PARTS: Schema = Schema::fields(
        const {
            &[
                ("before", const { &L::State::SCHEMA }),
                ("state", const { &L::State::SCHEMA }),
                ("inputs", const { &<Vec<L::In, K>>::SCHEMA }),
                ("activations", const { &<L::Activations<K>>::SCHEMA }),
                ("output_gradients", const { &Schema::array(K, const { &L::Out::SCHEMA }) }),
                ("next", &usize::SCHEMA),
                ("steps_since_backward", &usize::SCHEMA),
            ]
        },
    );
}

/// The first `n` rows and the rest, if there are any rows.
fn halves<A>(rows: Option<&mut [A]>, n: usize) -> (Option<&mut [A]>, Option<&mut [A]>) {
    rows.and_then(|rows| rows.split_at_mut_checked(n)).unzip()
}
