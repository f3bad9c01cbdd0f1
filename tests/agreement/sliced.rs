//! The sliced trainer against the equations written once more, with updates that come late.

use elman::{Dense, Elman, Limit, Pcg32, Reduction, Sgd, SlicedTrainer, Stack};

use crate::support::convert::{
    Kind, Kind::Dense as D, Kind::Elman as E, numbers, random_net, random_stream,
    stream_to_reference, to_reference,
};
use crate::support::reference::{self, Recorded, Row, Training};
use crate::support::tolerance::{Bound, Worst};

const BOUND: Bound = Bound { f64: 1e-12, f32: 1e-5 };
const LEARNING_RATE: f64 = 1.0 / 64.0;

type Net = Stack<(Elman<2, 5, f64>, Elman<5, 4, f64>, Dense<4, 2, f64>)>;
const LAYERS: [Kind; 3] = [E(2, 5), E(5, 4), D(4, 2)];

/// Truncated BPTT(k1, k2) where the update of window `n` is made `delays[n]` samples late: until then
/// the old weights predict, and make the states that the next window goes back through.
fn train(
    net: &mut reference::Net,
    stream: &[(Row, Option<Row>)],
    Training { k1, k2, learning_rate, .. }: Training,
    delays: &[usize],
) -> Row {
    let mut recorded = Recorded::from(reference::rest(net));
    let (mut losses, mut errors) = (vec![], vec![]);
    let mut late: Option<(usize, reference::Net)> = None; // the sample before which it is made
    for (t, (x, target)) in stream.iter().enumerate() {
        if let Some((_, new)) = late.take_if(|(due, _)| *due == t) {
            *net = new;
        }
        let y = recorded.step(net, x);
        losses.extend(target.as_ref().map(|target| reference::squared_error(&y, target)));
        errors.push(target.as_ref().map(|target| reference::slope_of_squared_error(&y, target)));
        if (t + 1) % k1 == 0 {
            if let Some((_, new)) = late.take() {
                *net = new; // it is k1 samples late: the next window cannot wait
            }
            let window = recorded.newest(k2);
            let from = t + 1 - window.inputs.len();
            let mut in_window = errors[from..].to_vec();
            let earlier = in_window.len().saturating_sub(k1);
            in_window[..earlier].fill(None);
            let gradient = reference::backward(net, &window, &in_window).net;
            let new: Row = reference::numbers(net)
                .iter()
                .zip(reference::numbers(&gradient))
                .map(|(w, g)| w - learning_rate * g)
                .collect();
            late = Some((t + 1 + delays[t / k1], reference::with_numbers(net, &new)));
        }
    }
    if let Some((_, new)) = late {
        *net = new;
    }
    losses
}

fn agrees<const K1: usize, const K2: usize>(delay: impl Fn(usize) -> usize, worst: &mut Worst) {
    const WINDOWS: usize = 12;
    let mut rng = Pcg32::new(K1 as u64, K2 as u64);
    let net: Net = random_net(&mut rng);
    let stream = random_stream::<Net>(WINDOWS * K1, |t| !t.is_multiple_of(4), &mut rng);
    let delays: Vec<usize> = (0..WINDOWS).map(delay).collect();

    let training = Training { k1: K1, k2: K2, learning_rate: LEARNING_RATE, limit: None };
    let mut expected = to_reference(&net, &LAYERS);
    let losses = train(&mut expected, &stream_to_reference::<Net>(&stream), training, &delays);

    let mut trainer = SlicedTrainer::<Net, Sgd<f64>, K1, K2>::new(Sgd::new(LEARNING_RATE));
    let learner = &mut trainer.complete().learner;
    learner.net = net;
    (learner.max_norm, learner.max_output_gradient) = (Limit::Off, Limit::Off);
    learner.reduction = Reduction::Sum;

    let mut found = vec![];
    for (t, (x, target)) in stream.iter().enumerate() {
        let (window, since) = (t / K1, t % K1);
        if window > 0 && since == delays[window - 1] {
            trainer.complete();
        } else if trainer.is_pending() {
            trainer.learn(1); // the backward pass at most: the update is not to be seen yet
        }
        match target {
            Some(target) => found.push(trainer.observe(x, target).unwrap().loss),
            None => drop(trainer.predict(x).unwrap()),
        }
    }
    worst.compare::<Net>("losses", &found, &losses);
    let net = &trainer.complete().learner.net;
    worst.compare::<Net>("weights", &numbers(net), &reference::numbers(&expected));
}

/// No delay is [`elman::Trainer`]; a delay of K1 is that of a caller who never calls `learn`.
#[test]
fn samples_that_come_meanwhile_see_the_old_weights() {
    let mut worst = Worst::new("late updates", BOUND);
    agrees::<5, 5>(|_| 0, &mut worst);
    agrees::<5, 5>(|_| 1, &mut worst);
    agrees::<5, 5>(|_| 4, &mut worst);
    agrees::<5, 5>(|_| 5, &mut worst);
    agrees::<5, 12>(|window| window % 6, &mut worst);
    agrees::<3, 7>(|window| window % 4, &mut worst);
    agrees::<1, 6>(|window| window % 2, &mut worst);
    agrees::<1, 1>(|_| 1, &mut worst);
}
