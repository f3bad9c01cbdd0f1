//! What was learned is kept when the program changes: parts by prefix, and whatever fits.

use elman::checkpoint::{self, open, save};
use elman::safetensors::{Error, Reason, StateDict, TensorName, load_matching, load_prefix};
use elman::{
    Adam, AdamW, ConstZero, Dense, Elman, Initialize, Optimizer, Pcg32, RmsProp, Stack, Trainer,
};

type Net = Stack<(Elman<1, 3>, Dense<3, 1>)>;
type Old = Trainer<Net, Adam, 2, 4>;

fn slot() -> (Old, Vec<u8>) {
    let mut old = Old::new(Adam::new(0.01));
    old.learner.net.init_pytorch(&mut Pcg32::new(1, 0));
    for _ in 0..9 {
        old.observe(&[0.5], &[0.7]).unwrap();
    }
    let mut slot = vec![0xff; checkpoint::size::<Old>() + 100];
    save(&old, 7, &mut slot).unwrap();
    (old, slot)
}

/// Loads what fits; the names and reasons of what does not.
fn matching<S: StateDict>(value: &mut S, prefix: &str) -> (usize, Vec<String>) {
    let slot = slot().1;
    let mut left_out = Vec::new();
    let file = open(&slot).unwrap().0;
    let loaded = load_matching(value, file, prefix, |error| left_out.push(error.to_string()));
    (loaded.unwrap(), left_out)
}

#[test]
fn another_window() {
    let mut new = Trainer::<Net, Adam, 3, 9>::new(Adam::new(0.01));
    let (loaded, left_out) = matching(&mut new, "");
    let old = slot().0;
    assert_eq!(new.learner.net, old.learner.net);
    assert_eq!(new.learner.optimizer_state(), old.learner.optimizer_state());
    assert_eq!(new.learner.updates(), old.learner.updates());
    assert_eq!(loaded, 5 + 11 + 1);
    let [tape] = left_out.as_slice() else { panic!("{left_out:?}") };
    assert!(tape.starts_with("tensor `stream.packed`: its shape is ["), "{tape}");
    new.observe(&[0.5], &[0.7]).unwrap();
}

#[test]
fn another_optimizer() {
    let mut new = Trainer::<Net, RmsProp, 2, 4>::new(RmsProp::new(0.01));
    let (loaded, left_out) = matching(&mut new, "");
    let old = slot().0;
    assert_eq!(new.learner.net, old.learner.net);
    assert_eq!(new.stream.state(), old.stream.state());
    let state = &new.learner.optimizer_state().mean_square;
    assert_eq!(*state, old.learner.optimizer_state().mean_square);
    assert_eq!(loaded, 5 + 5 + 1 + 1);
    let unexpected = |name| format!("tensor `learner.optimizer_state.{name}`: unexpected");
    assert_eq!(left_out.len(), 6);
    assert!(left_out.contains(&unexpected("mean.0.kernel")));
    assert!(left_out.contains(&unexpected("corrections")));

    let mut adam_w = Trainer::<Net, AdamW, 2, 4>::new(AdamW::new(0.01));
    let (loaded, left_out) = matching(&mut adam_w, "");
    assert_eq!((loaded, left_out.len()), (5 + 11 + 2, 0));
}

#[test]
fn a_layer_of_another_size() {
    type Wider = Stack<(Elman<1, 3>, Dense<3, 2>)>;
    let mut new = Wider::ZERO;
    new.0.1.bias = [7.0; 2];
    let (loaded, left_out) = matching(&mut new, "learner.net.");
    assert_eq!(loaded, 3);
    assert_eq!(
        left_out,
        [
            "tensor `learner.net.1.kernel`: its shape is [3, 1], not [3, 2]",
            "tensor `learner.net.1.bias`: its shape is [1], not [2]"
        ]
    );
    assert_eq!(new.0.0, slot().0.learner.net.0.0);
    assert_eq!(new.0.1.bias, [7.0; 2]);
}

#[test]
fn a_layer_more() {
    type Deeper = Stack<(Elman<1, 3>, Dense<3, 1>, Dense<1, 1>)>;
    let (loaded, left_out) = matching(&mut { Deeper::ZERO }, "learner.net.");
    assert_eq!(loaded, 5);
    let missing = ["kernel", "bias"].map(|name| format!("tensor `learner.net.2.{name}`: missing"));
    assert_eq!(left_out, missing);
}

#[test]
fn a_part_by_its_prefix() {
    let (old, slot) = slot();
    let file = open(&slot).unwrap().0;
    let mut net = Net::ZERO;
    load_prefix(&mut net, file, "learner.net.").unwrap();
    assert_eq!(net, old.learner.net);
    let mut readout = Dense::<3, 1>::ZERO;
    load_prefix(&mut readout, file, "learner.net.1.").unwrap();
    assert_eq!(readout, old.learner.net.0.1);
    let mut state = <Adam as Optimizer<Net>>::State::ZERO;
    load_prefix(&mut state, file, "learner.optimizer_state.").unwrap();
    assert_eq!(state, *old.learner.optimizer_state());

    let mut other = Dense::<2, 1>::ZERO;
    let refused = load_prefix(&mut other, file, "learner.net.1.").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "tensor `learner.net.1.kernel`: its shape is [3, 1], not [2, 1]"
    );
    let missing = load_prefix(&mut other, file, "learner.net.2.").unwrap_err();
    assert_eq!(
        missing,
        Error { tensor: TensorName::new("learner.net.2.kernel"), reason: Reason::Missing }
    );
}

/// Learned-only: the network and, if asked, the optimiser's state, as a checkpoint of their own.
#[test]
fn learned_only() {
    let mut old = slot().0;
    let mut net = vec![0; checkpoint::size::<Net>()];
    save(&old.learner.net, 1, &mut net).unwrap();
    let mut new = Trainer::<Net, Adam, 5, 20>::new(Adam::new(0.01));
    checkpoint::load(&mut new.learner.net, &net).unwrap();
    assert_eq!(new.learner.net, old.learner.net);

    type Learned<'l> = elman::Learned<'l, Net, Adam>;
    let mut learned = vec![0; checkpoint::size::<Learned<'_>>()];
    save(&old.learner.learned(), 1, &mut learned).unwrap();
    assert!(learned.len() < checkpoint::size::<Old>());
    checkpoint::load(&mut new.learner.learned(), &learned).unwrap();
    assert_eq!(new.learner.optimizer_state(), old.learner.optimizer_state());
}

/// A number that is none among those that fit: nothing is changed.
#[test]
fn not_finite() {
    let mut file = vec![0; Net::SIZE];
    let mut net = Net::ZERO;
    net.0.1.bias = [f32::NAN];
    elman::safetensors::save_any(&net, &mut file).unwrap();
    let mut new = Net::ZERO;
    new.0.0.bias = [1.0; 3];
    let error = load_matching(&mut new, &file, "", |_| {}).unwrap_err();
    assert_eq!((error.tensor.as_str(), error.reason), ("1.bias", Reason::NonFinite));
    assert_eq!(new.0.0.bias, [1.0; 3]);
}

/// Linear: as many tensors as are looked for at once, and more; in another order; one missing, one
/// twice.
#[test]
fn thousands_of_tensors() {
    type Many = [[Dense<1, 1>; 40]; 15]; // 1200
    let mut value = Many::ZERO;
    for (n, layer) in value.iter_mut().flatten().enumerate() {
        layer.bias = [n as f32];
    }
    let mut file = vec![0; Many::SIZE];
    elman::safetensors::save(&value, &mut file).unwrap();
    let data = 8 + u64::from_le_bytes(*file.first_chunk().unwrap()) as usize;
    let header = core::str::from_utf8(&file[8..data]).unwrap().trim_end().to_string();
    let with = |header: String| {
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], header.as_bytes(), &file[data..]].concat()
    };
    let mut again = Many::ZERO;
    elman::safetensors::load(&mut again, &with(format!(" {header}"))).unwrap();
    assert!(again == value);

    let renamed = with(header.replace("\"14.39.bias\"", "\"14.39.gone\""));
    let error = elman::safetensors::load(&mut again, &renamed).unwrap_err();
    assert_eq!(error.to_string(), "tensor `14.39.bias`: missing");
    let twice = with(header.replace("\"14.39.bias\"", "\"14.38.bias\""));
    let error = elman::safetensors::load(&mut again, &twice).unwrap_err();
    assert_eq!(error.to_string(), "tensor `14.38.bias`: there are two of this name");
}
