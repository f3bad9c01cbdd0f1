//! The model beside the crate's `Forecaster`, which learns at once: the same bits, however the work is
//! cut, and wherever the power is.

use app::front::Front;
use app::hash::hash;
use app::model::{Model, Net};
use app::sensor::{Row, Sensor, Vibration};
use elman::{Adam, Drift, Forecaster, Initialize, Limit, Pcg32, TrainErrorKind, checkpoint};

const SAMPLES: u32 = 4000;

type Reference = Forecaster<Net, Adam, 5, 20>;

fn reference() -> Box<Reference> {
    let mut forecaster = Box::new(Reference::new(Adam::new(0.003)));
    forecaster.trainer.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    forecaster.anomaly.warm_up = core::num::NonZeroU32::new(500);
    forecaster.anomaly.threshold = Limit::At(3.8906);
    forecaster.drift.threshold = Limit::At(80.0);
    forecaster
}

fn model() -> Box<Model> {
    let mut model = Box::new(Model::ZERO);
    model.start();
    model
}

/// What a sample was: refused, and why; or held, and whether the scores have changed.
type Verdict = Result<(bool, Drift), TrainErrorKind>;

fn step(model: &mut Model, x: &Row, rng: &mut Pcg32) -> Verdict {
    let seen = model.observe(x);
    let mut failed = None;
    while model.is_learning() {
        failed = model.learn(1 << rng.below(13)).err().or(failed);
    }
    let seen = failed.map_or(seen, Err)?;
    Ok((seen.anomaly.is_held, seen.drift))
}

fn reference_step(forecaster: &mut Reference, x: &Row) -> Verdict {
    let report = forecaster.observe(x).map_err(|error| error.kind)?;
    Ok((report.anomaly.is_held, report.drift))
}

#[test]
fn its_bits_are_those_of_the_forecaster() {
    let (mut model, mut reference) = (model(), reference());
    let (mut sensor, mut rng) = (Vibration::START, Pcg32::new(7, 0));
    let (mut held, mut refused) = (0, 0);
    for n in 0..SAMPLES {
        let x = sensor.read();
        let verdict = step(&mut model, &x, &mut rng);
        assert_eq!(verdict, reference_step(&mut reference, &x), "sample {n}");
        assert_eq!(hash(model.net()), hash(&reference.trainer.learner.net), "sample {n}");
        held += u32::from(verdict.is_ok_and(|(is_held, _)| is_held));
        refused += u32::from(verdict.is_err());
    }
    assert!(held > 10 && refused == 1, "the fault and the open wire are there: {held}, {refused}");
}

#[test]
fn a_cut_run_goes_on_with_the_same_bits() {
    let (mut whole, mut rng) = (model(), Pcg32::new(8, 0));
    let mut sensor = Vibration::START;
    let mut slot = vec![0; checkpoint::size::<Model>()];
    let mut cut = model();
    for n in 1..=SAMPLES {
        let x = sensor.read();
        step(&mut whole, &x, &mut rng).ok();
        step(&mut cut, &x, &mut rng).ok();
        if rng.below(40) == 0 {
            checkpoint::save(&*cut, n, &mut slot).unwrap();
            cut = model();
            assert_eq!(checkpoint::load(&mut *cut, &slot), Ok(n));
            assert_eq!(cut.samples(), n);
        }
        assert_eq!(hash(whole.net()), hash(cut.net()), "sample {n}");
    }
    let bytes = |model: &Model| {
        let mut slot = vec![0; checkpoint::size::<Model>()];
        checkpoint::save(model, 0, &mut slot).map(|_| slot)
    };
    assert_eq!(bytes(&whole), bytes(&cut));
}

/// The weights after every 500 samples, learned at once.
fn milestones() -> Vec<String> {
    let (mut reference, mut sensor) = (reference(), Vibration::START);
    let mut lines = Vec::new();
    for n in 1..=SAMPLES {
        reference_step(&mut reference, &sensor.read()).ok();
        if n.is_multiple_of(500) {
            let hash = hash(&reference.trainer.learner.net);
            lines.push(format!("{}: after {n} samples, weights {hash:016x}", n / 500));
        }
    }
    lines
}

/// What the emulated board logged, whole and with its power cut.
#[test]
fn the_board_had_the_same_weights() {
    let milestones = milestones();
    for log in
        [include_str!("../../boards/mps2/whole.out"), include_str!("../../boards/mps2/cut.out")]
    {
        let line = |verb: &str, milestone: &String| format!("INFO  {verb} {milestone}");
        assert!(milestones.iter().all(|it| log.lines().any(|l| l == line("saved", it))), "{log}");
        let known: Vec<_> =
            milestones.iter().flat_map(|it| [line("saved", it), line("resumed", it)]).collect();
        let of_weights = log.lines().filter(|line| line.contains("weights"));
        assert!(of_weights.clone().all(|line| known.iter().any(|it| it == line)), "{log}");
    }
}

/// The interrupt's own stream: it raises the alarm by itself, and a NaN leaves no trace.
#[test]
fn the_front_finds_the_fault() {
    let (mut model, mut front) = (model(), Front::default());
    let (mut sensor, mut rng) = (Vibration::START, Pcg32::new(9, 0));
    let mut alarms = Vec::new();
    for n in 0..SAMPLES {
        let x = sensor.read();
        match front.observe(&model, &x) {
            Ok(score) if score.is_anomaly => alarms.push(n),
            Ok(score) => assert!(score.score.is_finite()),
            Err(kind) => assert_eq!((n, kind), (1699, TrainErrorKind::Input)),
        }
        step(&mut model, &x, &mut rng).ok();
    }
    let (of_fault, false_alarms): (Vec<u32>, Vec<u32>) =
        alarms.iter().partition(|n| (3100..3161).contains(*n));
    assert!(of_fault.len() > 30 && of_fault[0] < 3105, "{alarms:?}");
    assert!(false_alarms.len() < 10, "{alarms:?}");
}

#[test]
fn the_sensor_goes_on_where_it_was() {
    let mut sensor = Vibration::START;
    (0..3120).for_each(|_| _ = sensor.read());
    assert_eq!(Vibration::after(3120).read(), sensor.read());
}
