//! The formulae against the crate's types, on this host.

use elman::{
    Adam, AdamW, Backward, Dense, Elman, Gru, LeakyElman, MinGru, Momentum, Parameters, RmsProp,
    Sgd, SlicedTrainer, Stack, Trainer,
};

use crate::model::Model;
use crate::network::{Cell, Network};
use crate::optimizer::Optimizer;
use crate::ram::Training;
use crate::slices;

const WORD: usize = size_of::<usize>();

macro_rules! each_rule {
    ($name:literal $Net:ty, $k1:literal $k2:literal: $($Rule:ident)+) => {
        $({
            let network = Network::parse($name, Cell::Elman).unwrap();
            let training = Training { network, optimizer: Optimizer::$Rule, k1: $k1, k2: $k2 };
            let bytes = [training.trainer(WORD), training.sliced(WORD)];
            type Whole = Trainer<$Net, $Rule, $k1, $k2>;
            type Sliced = SlicedTrainer<$Net, $Rule, $k1, $k2>;
            assert_eq!(bytes, [size_of::<Whole>(), size_of::<Sliced>()], "{training:?}");
            assert_eq!(training.network.weights() * size_of::<f32>(), size_of::<$Net>(), "{training:?}");
            assert_eq!(training.network.tensors(), <$Net as Parameters>::TENSORS, "{training:?}");
            assert_eq!(training.network.parts(), <$Net as Backward>::PARTS, "{training:?}");
            assert_eq!(macs(&training), Sliced::MACS, "{training:?}");
        })+
    };
}

macro_rules! networks {
    ($($name:literal: $($Layer:ty),+; $k1:literal $k2:literal)+) => {
        $(each_rule!($name Stack<($($Layer),+)>, $k1 $k2: Sgd Momentum RmsProp Adam AdamW);)+
    };
}

fn macs(training: &Training) -> usize {
    slices::macs(&Model::default().phases(training))
}

#[test]
fn bytes_weights_parts_and_macs() {
    networks! {
        "1-1-1": Elman<1, 1>, Dense<1, 1>; 1 1
        "5-12-1": Elman<5, 12>, Dense<12, 1>; 2 18
        "3-16-1": Elman<3, 16>, Dense<16, 1>; 20 20
        "1-2-1": Elman<1, 2>, Dense<2, 1>; 1 3
        "2-3-2": Elman<2, 3>, Dense<3, 2>; 3 7
        "9-31-7": Elman<9, 31>, Dense<31, 7>; 5 13
        "16-64-4": Elman<16, 64>, Dense<64, 4>; 10 50
        "3-leaky10-2": LeakyElman<3, 10>, Dense<10, 2>; 4 8
        "5-gru12-1": Gru<5, 12>, Dense<12, 1>; 5 20
        "1-gru1-1": Gru<1, 1>, Dense<1, 1>; 1 1
        "7-mingru9-3": MinGru<7, 9>, Dense<9, 3>; 5 20
        "3-16-8-2": Elman<3, 16>, Elman<16, 8>, Dense<8, 2>; 5 20
        "2-gru6-leaky5-mingru4-3-1": Gru<2, 6>, LeakyElman<6, 5>, MinGru<5, 4>, Elman<4, 3>, Dense<3, 1>; 3 9
        "1-2-3-4-5-6-7": Elman<1, 2>, Elman<2, 3>, Elman<3, 4>, Elman<4, 5>, Elman<5, 6>, Dense<6, 7>; 2 5
    }
}
