//! What was learned is kept when the program changes: parts by prefix, and whatever fits.

use elman::checkpoint::{self, open, save};
use elman::safetensors::{
    Error, Reason, SafeTensors, StateDict, TensorName, load_matching, load_prefix,
};
use elman::{
    Adam, AdamW, ConstZero, Dense, Elman, Initialize, Optimizer, Pcg32, RmsProp, Stack, Trainer,
    state_dict,
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
    let gone = [0, 31, 32, 33, 63, 64, 1022, 1023, 1024, 1025, 1056, 1199]
        .map(|n| (n, format!("{}.{}.{}", n / 80, n / 2 % 40, ["kernel", "bias"][n % 2])));
    let fewer = gone.iter().fold(header.clone(), |header, (n, name)| {
        header.replace(&format!("\"{name}\""), &format!("\"gone.{n}\""))
    });
    let mut left_out = Vec::new();
    let loaded = load_matching(&mut again, &with(fewer), "", |error| left_out.push(error));
    assert_eq!(loaded, Ok(2 * 600 - gone.len())); // each counts once, in whichever pass
    let of = |wanted| left_out.iter().filter(move |error| error.reason == wanted);
    let names: Vec<_> = of(Reason::Missing).map(|error| error.tensor.as_str()).collect();
    assert_eq!(names, gone.each_ref().map(|(_, name)| name.as_str()));
    assert_eq!(of(Reason::Unexpected).count(), gone.len());

    let twice = with(header.replace("\"14.39.bias\"", "\"14.38.bias\""));
    let error = elman::safetensors::load(&mut again, &twice).unwrap_err();
    assert_eq!(error.to_string(), "tensor `14.38.bias`: there are two of this name");
}

//////////// names and shapes ////////////

/// A file of `F32` tensors of these names and shapes; their numbers are 1, 2, 3, ….
fn file_of(tensors: &[(&str, &[usize])]) -> Vec<u8> {
    let (mut entries, mut end) = (Vec::new(), 0);
    for (name, shape) in tensors {
        let start = end;
        end += 4 * shape.iter().product::<usize>();
        let form = format!(r#"{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#);
        entries.push(format!(r#""{name}":{form}"#));
    }
    let header = format!("{{{}}}", entries.join(","));
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.extend((1..=end / 4).flat_map(|n| (n as f32).to_le_bytes()));
    file
}

/// How many tensors of a file are read into `value`, and the names of those that are not.
fn read<S: StateDict>(value: &mut S, file: &[u8], prefix: &str) -> (usize, Vec<String>) {
    let mut left_out = Vec::new();
    let loaded = load_matching(value, file, prefix, |error| {
        left_out.push(error.tensor.as_str().to_string());
    });
    (loaded.unwrap(), left_out)
}

/// What is a part of a tensor, has parts, or lies beyond the last is no tensor of the value.
#[test]
fn names_that_are_almost_those_of_tensors() {
    let scalar: &[usize] = &[];
    let file = file_of(&[
        ("kernel", &[1, 2]),
        ("bias", &[2]),
        ("", scalar),
        ("bias.0", scalar),
        ("kernel.0", &[2]),
        ("kernel.bias", &[2]),
    ]);
    let (loaded, left_out) = read(&mut { Dense::<1, 2>::ZERO }, &file, "");
    assert_eq!(
        (loaded, left_out),
        (2, ["", "bias.0", "kernel.0", "kernel.bias"].map(String::from).into())
    );

    let bias = ["0.bias", "1.bias", "2.bias", "00.bias"].map(|name| (name, &[1_usize][..]));
    let layers = file_of(&[&bias[..], &[("1", &[2]), ("0.kernel", &[1, 1])]].concat());
    let (loaded, left_out) = read(&mut { <[Dense<1, 1>; 2]>::ZERO }, &layers, "");
    assert_eq!(
        (loaded, left_out),
        (3, ["2.bias", "00.bias", "1", "1.kernel"].map(String::from).into())
    );
}

/// A value that is one tensor has no name of its own: the prefix is all of it.
#[test]
fn one_tensor_by_its_whole_name() {
    let file = file_of(&[("readout.bias", &[2]), ("readout.bias.more", &[2])]);
    let mut bias = [0.0_f32; 2];
    assert_eq!(read(&mut bias, &file, "readout.bias"), (1, vec!["readout.bias.more".into()]));
    assert_eq!(bias, [1.0, 2.0]);
    load_prefix(&mut bias, &file, "readout.bias.more").unwrap();
    assert_eq!(bias, [3.0, 4.0]);
    let other = load_prefix(&mut bias, &file, "readout.").unwrap_err();
    assert_eq!((other.tensor.as_str(), other.reason), ("readout.", Reason::Missing));
}

/// Of a name 64 bytes are kept: one that is longer is nobody's.
#[test]
fn names_of_64_bytes() {
    const NAME: &str = stringify!(a_name_that_has_sixty_four_bytes_is_kept_to_its_very_last_letter);
    const { assert!(NAME.len() == 64) };
    #[derive(Default)]
    struct Long {
        a_name_that_has_sixty_four_bytes_is_kept_to_its_very_last_letter: [f32; 1],
    }
    state_dict!(Long {
        a_name_that_has_sixty_four_bytes_is_kept_to_its_very_last_letter: [f32; 1]
    });
    let mut value = Long::default();
    let file = file_of(&[(NAME, &[1])]);
    assert_eq!(read(&mut value, &file, ""), (1, vec![]));
    assert_eq!(value.a_name_that_has_sixty_four_bytes_is_kept_to_its_very_last_letter, [1.0]);

    let longer = format!("{NAME}s");
    assert_eq!(read(&mut value, &file_of(&[(&longer, &[1])]), "").0, 0);
    let file = SafeTensors::parse(&file).unwrap();
    assert!(file.tensor(TensorName::new(NAME)).is_ok());
    let error = file.tensor(TensorName::new(&longer)).unwrap_err();
    assert_eq!(error.reason, Reason::Missing);
}

#[test]
fn an_escaped_name_is_that_name() {
    let mut layer = Dense::<1, 1>::ZERO;
    let file = file_of(&[(r"k\u0065rn\u0065l", &[1, 1]), (r"\u0062ias", &[1])]);
    assert_eq!(read(&mut layer, &file, ""), (2, vec![]));
    assert_eq!((layer.kernel.0, layer.bias), ([[1.0]], [2.0]));
}

/// As many numbers, in as many sizes or in others.
#[test]
fn shapes_that_begin_alike() {
    let mut row = [0.0_f32; 2];
    assert_eq!(read(&mut row, &file_of(&[("a", &[2, 1])]), "a").0, 0);
    assert_eq!(read(&mut row, &file_of(&[("a", &[2])]), "a").0, 1);
    let mut four = [[[[0.0_f32; 1]; 2]; 1]; 2];
    assert_eq!(read(&mut four, &file_of(&[("a", &[2, 1, 2, 1])]), "a").0, 1);
    assert_eq!(four.as_flattened().as_flattened().as_flattened(), [1.0, 2.0, 3.0, 4.0]);
    // Only four sizes are kept, so the others cannot be compared.
    let mut six = [[[[[[0.0_f32; 3]; 2]; 1]; 1]; 1]; 1];
    assert_eq!(read(&mut six, &file_of(&[("a", &[1, 1, 1, 1, 3, 2])]), "a").0, 0);
}

/// The value of an `Option` may stand in front of the word that there is one.
#[test]
fn a_count_after_what_it_counts() {
    let header = concat!(
        r#"{"value":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#,
        r#""some":{"dtype":"U32","shape":[],"data_offsets":[4,8]}}"#
    );
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.bytes());
    file.extend(7.0_f32.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    let mut value = None::<[f32; 1]>;
    load_prefix(&mut value, &file, "").unwrap();
    assert_eq!(value, Some([7.0]));
}

/// A part of a packed tensor is named after it, by a point; a list that is the whole file has no name.
#[test]
fn the_name_of_a_packed_part() {
    type List = heapless::Vec<f32, 3>;
    #[derive(Default)]
    struct Short {
        v: List,
    }
    state_dict!(Short { v: List });
    /// The error of a list that is too long, in a file with another header than its own.
    fn error<S: StateDict>(value: &mut S) -> String {
        let mut file = vec![0; S::SIZE];
        elman::safetensors::save(value, &mut file).unwrap();
        let data = file.len() - S::SCHEMA.bytes();
        file[data + 4..data + 8].copy_from_slice(&4_u32.to_le_bytes());
        file[..8].copy_from_slice(&(data as u64 - 7).to_le_bytes());
        file.insert(8, b' ');
        let error = elman::safetensors::load(value, &file).unwrap_err();
        assert_eq!(error.reason, Reason::Count);
        error.tensor.as_str().to_string()
    }
    assert_eq!(error(&mut List::new()), "len");
    assert_eq!(error(&mut Short::default()), "v.len");
}

/// Numbers of another kind are not read, and those of the same kind keep every digit.
#[test]
fn kinds_of_numbers() {
    let bias = |dtype: &str, bytes: &[u8]| {
        let size = bytes.len();
        let header =
            format!(r#"{{"a":{{"dtype":"{dtype}","shape":[1],"data_offsets":[0,{size}]}}}}"#);
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), bytes].concat()
    };
    let (mut single, mut double, mut word) = ([0.0_f32], [0.0_f64], [0_u32]);
    assert_eq!(read(&mut single, &bias("I32", &[1; 4]), "a").0, 0);
    assert_eq!(read(&mut word, &bias("F32", &[1; 4]), "a").0, 0);
    assert_eq!(read(&mut word, &bias("I32", &[1; 4]), "a").0, 0);
    assert_eq!(read(&mut word, &bias("U32", &7_u32.to_le_bytes()), "a").0, 1);
    assert_eq!(read(&mut double, &bias("F64", &0.1_f64.to_le_bytes()), "a").0, 1);
    assert_eq!((single, double, word), ([0.0], [0.1], [7]));
}

/// A network of `f64` from a file of `F32`.
#[test]
fn wider_than_the_file() {
    let mut net = Dense::<2, 1, f64>::ZERO;
    assert_eq!(read(&mut net, &file_of(&[("kernel", &[2, 1]), ("bias", &[1])]), ""), (2, vec![]));
    assert_eq!((net.kernel.0, net.bias), ([[1.0], [2.0]], [3.0]));
}
