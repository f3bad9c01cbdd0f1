//! The equations once more, in f64, as a textbook writes them: `Vec`s, loops, nothing clever.
//!
//! It shares no code with the crate, and differs from it wherever it can: every activation since
//! the first step is kept, and every error walks back on its own, through all layers at once.

/// A row of numbers.
pub type Row = Vec<f64>;
/// Rows: a matrix, the states of all layers, or a row for each step.
pub type Rows = Vec<Row>;

/// A tanh layer, or a linear one if it has no recurrent kernel; or the gradient of one.
#[derive(Clone, Debug)]
pub struct Layer {
    pub kernel: Rows,
    pub recurrent_kernel: Option<Rows>,
    pub bias: Row,
}

/// Layers, the lowest first; or their gradients.
#[derive(Clone, Debug)]
pub struct Net(pub Vec<Layer>);

/// `h_t = tanh(x_t · W_x + h_{t-1} · W_h + b)` (1.1), or `y_t = x_t · W_x + b`.
fn activation(layer: &Layer, x: &Row, h_before: &Row) -> Row {
    let z = sum(&times(x, &layer.kernel), &layer.bias);
    match &layer.recurrent_kernel {
        None => z,
        Some(w_h) => sum(&z, &times(h_before, w_h)).iter().map(|z| z.tanh()).collect(),
    }
}

/// The states of all layers at rest: zero.
pub fn rest(net: &Net) -> Rows {
    net.0.iter().map(|layer| vec![0.0; layer.bias.len()]).collect()
}

/// The states of all layers, from their numbers one after the other.
pub fn states(net: &Net, numbers: &[f64]) -> Rows {
    let mut numbers = numbers.iter().copied();
    net.0.iter().map(|layer| numbers.by_ref().take(layer.bias.len()).collect()).collect()
}

/// The derivative of a layer's activation, where the activation is `h`.
fn derivative(layer: &Layer, h: f64) -> f64 {
    if layer.recurrent_kernel.is_some() { 1.0 - h * h } else { 1.0 }
}

/// One step of all layers (1.2): the new states; the last of them is the output.
pub fn step(net: &Net, x: &Row, before: &Rows) -> Rows {
    let mut states = Rows::new();
    for (l, layer) in net.0.iter().enumerate() {
        let input = if l == 0 { x } else { &states[l - 1] };
        states.push(activation(layer, input, &before[l]));
    }
    states
}

/// What was recorded: the inputs, and the states before the first step and after every step.
#[derive(Clone)]
pub struct Recorded {
    pub inputs: Rows,
    pub states: Vec<Rows>,
}

impl Recorded {
    /// Nothing yet, from these states on.
    pub fn from(initial: Rows) -> Self {
        Self { inputs: vec![], states: vec![initial] }
    }

    /// Makes a step and keeps it; returns the output.
    pub fn step(&mut self, net: &Net, x: &Row) -> Row {
        let states = step(net, x, self.states.last().unwrap());
        self.inputs.push(x.clone());
        self.states.push(states.clone());
        states.last().unwrap().clone()
    }

    /// The newest `k` steps, or all if there are fewer.
    pub fn newest(&self, k: usize) -> Self {
        let oldest = self.inputs.len().saturating_sub(k);
        Self { inputs: self.inputs[oldest..].to_vec(), states: self.states[oldest..].to_vec() }
    }
}

/// All derivatives of a loss.
pub struct Gradient {
    pub net: Net,
    pub initial_states: Rows,
    pub inputs: Rows,
}

/// (1.3), by the double loop: for every step that carries an error, a walk from there to the first.
///
/// `errors[t]` is ∂L/∂y of step `t`. The activations are the recorded ones, whatever weights made
/// them; the weights are those of `net`.
pub fn backward(net: &Net, recorded: &Recorded, errors: &[Option<Row>]) -> Gradient {
    let mut gradient = Gradient {
        net: zeros_like(net),
        initial_states: rest(net),
        inputs: recorded.inputs.iter().map(|x| vec![0.0; x.len()]).collect(),
    };
    for (t, error) in errors.iter().enumerate() {
        if let Some(error) = error {
            walk_back(net, recorded, t, error, &mut gradient);
        }
    }
    gradient
}

/// Adds the gradient of the one error that enters at step `last`.
fn walk_back(net: &Net, recorded: &Recorded, last: usize, error: &Row, gradient: &mut Gradient) {
    let top = net.0.len() - 1;
    let mut from_later = rest(net);
    for t in (0..=last).rev() {
        let (before, after) = (&recorded.states[t], &recorded.states[t + 1]);
        let mut from_above = vec![0.0; error.len()];
        if t == last {
            from_above.clone_from(error);
        }
        for l in (0..=top).rev() {
            let layer = &net.0[l];
            let input = if l == 0 { &recorded.inputs[t] } else { &after[l - 1] };
            let mut delta = sum(&from_above, &from_later[l]); // (1.3a)
            for (delta, &h) in delta.iter_mut().zip(&after[l]) {
                *delta *= derivative(layer, h);
            }
            let sums = &mut gradient.net.0[l];
            add_outer(&mut sums.kernel, input, &delta); // (1.3b)
            if let (Some(w_h), Some(sum)) = (&layer.recurrent_kernel, &mut sums.recurrent_kernel) {
                add_outer(sum, &before[l], &delta); // (1.3c)
                from_later[l] = times_transposed(&delta, w_h);
            }
            sums.bias = sum(&sums.bias, &delta);
            from_above = times_transposed(&delta, &layer.kernel); // (1.3d)
        }
        gradient.inputs[t] = sum(&gradient.inputs[t], &from_above);
    }
    for (sum_of, carried) in gradient.initial_states.iter_mut().zip(&from_later) {
        *sum_of = sum(sum_of, carried);
    }
}

/// How a run is trained: truncated BPTT(k1, k2), squared error, SGD, the gradient's norm limited.
#[derive(Clone, Copy)]
pub struct Training {
    pub k1: usize,
    pub k2: usize,
    pub learning_rate: f64,
    pub limit: Option<f64>,
}

/// One pass over a stream of inputs and, where there is an error, targets. Returns the loss of
/// every step that has one.
pub fn train(net: &mut Net, stream: &[(Row, Option<Row>)], training: Training) -> Row {
    let mut recorded = Recorded::from(rest(net));
    let mut losses = vec![];
    for new in stream.chunks(training.k1) {
        let mut errors = vec![None; recorded.inputs.len()];
        for (x, target) in new {
            let y = recorded.step(net, x);
            losses.extend(target.as_ref().map(|target| squared_error(&y, target)));
            errors.push(target.as_ref().map(|target| slope_of_squared_error(&y, target)));
        }
        let window = recorded.newest(training.k2);
        let errors = &errors[errors.len() - window.inputs.len()..];
        let gradient = backward(net, &window, errors).net;
        descend(net, &gradient, training);
    }
    losses
}

/// `Σ (y − target)²`
pub fn squared_error(y: &Row, target: &Row) -> f64 {
    y.iter().zip(target).map(|(y, target)| (y - target).powi(2)).sum()
}

/// `2 (y − target)`
pub fn slope_of_squared_error(y: &Row, target: &Row) -> Row {
    y.iter().zip(target).map(|(y, target)| 2.0 * (y - target)).collect()
}

/// `w -= learning_rate · g`, with `g` scaled by limit/norm if its norm is above the limit.
fn descend(net: &mut Net, gradient: &Net, training: Training) {
    let gradient = numbers(gradient);
    let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    let scale = match training.limit {
        Some(limit) if norm > limit => limit / norm,
        _ => 1.0,
    };
    let mut weights = numbers(net);
    for (w, g) in weights.iter_mut().zip(&gradient) {
        *w -= training.learning_rate * scale * g;
    }
    *net = with_numbers(net, &weights);
}

/// All numbers of a net: layer by layer kernel, recurrent kernel, bias, each row by row.
pub fn numbers(net: &Net) -> Row {
    let mut numbers = vec![];
    for layer in &net.0 {
        numbers.extend(layer.kernel.concat());
        numbers.extend(layer.recurrent_kernel.iter().flat_map(|w_h| w_h.concat()));
        numbers.extend(&layer.bias);
    }
    numbers
}

/// A net of the same sizes made of these numbers, in the order of [`numbers`].
pub fn with_numbers(like: &Net, numbers: &[f64]) -> Net {
    let mut net = like.clone();
    let mut numbers = numbers.iter();
    for layer in &mut net.0 {
        let w_h = layer.recurrent_kernel.iter_mut().flatten();
        for row in layer.kernel.iter_mut().chain(w_h).chain([&mut layer.bias]) {
            row.fill_with(|| *numbers.next().expect("enough numbers"));
        }
    }
    assert!(numbers.next().is_none(), "too many numbers");
    net
}

fn zeros_like(net: &Net) -> Net {
    with_numbers(net, &vec![0.0; numbers(net).len()])
}

/// `x · W`
fn times(x: &Row, w: &Rows) -> Row {
    let columns = w.first().map_or(0, Vec::len);
    (0..columns).map(|c| (0..x.len()).map(|r| x[r] * w[r][c]).sum()).collect()
}

/// `y · Wᵀ`
fn times_transposed(y: &Row, w: &Rows) -> Row {
    w.iter().map(|row| row.iter().zip(y).map(|(w, y)| w * y).sum()).collect()
}

/// `W += xᵀ · y`
fn add_outer(w: &mut Rows, x: &Row, y: &Row) {
    for r in 0..x.len() {
        for c in 0..y.len() {
            w[r][c] += x[r] * y[c];
        }
    }
}

fn sum(a: &Row, b: &Row) -> Row {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}
