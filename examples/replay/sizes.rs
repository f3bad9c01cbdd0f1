//! Sizes: the networks and windows that are compiled, since sizes are parts of types.

use elman::{Dense, Elman, Gru, LeakyElman, MinGru, Stack, fixed};

use crate::ahead::Target;
use crate::device::{Device, ahead, device};
use crate::rule::FixedRule;
use crate::settings::{Cell, Numbers, Settings};

/// The compiled sizes, each as a list and as an arm of a `match`.
macro_rules! sizes {
    (
        columns: $($columns:literal + 1 = $inputs:literal),+;
        units: $($units:literal),+;
        windows: $(($k1:literal, $k2:literal)),+;
        windows of integers: $(($n1:literal, $n2:literal)),+;
    ) => {
        /// How many columns a network can read.
        pub const COLUMNS: &[usize] = &[$($columns),+];
        /// How many units a layer can have.
        pub const UNITS: &[usize] = &[$($units),+];
        /// k1 and k2.
        pub const WINDOWS: &[(usize, usize)] = &[$(($k1, $k2)),+];
        /// Those of integers, which are among them.
        pub const INTEGER_WINDOWS: &[(usize, usize)] = &[$(($n1, $n2)),+];

        /// A device that reads `columns` columns; `None` if that size is not compiled.
        pub fn build(settings: &Settings, columns: usize, target: Target, seed: u64) -> Option<Box<dyn Device>> {
            match columns {
                $($columns => with_units::<$columns, $inputs>(settings, target, seed),)+
                _ => None,
            }
        }

        fn with_units<const S: usize, const I: usize>(
            settings: &Settings, target: Target, seed: u64,
        ) -> Option<Box<dyn Device>> {
            match settings.units {
                $($units => with_window::<S, I, $units>(settings, target, seed),)+
                _ => None,
            }
        }

        fn with_window<const S: usize, const I: usize, const H: usize>(
            settings: &Settings, target: Target, seed: u64,
        ) -> Option<Box<dyn Device>> {
            match (settings.numbers, settings.k1, settings.k2) {
                $((Numbers::F32, $k1, $k2) => {
                    Some(with_cell::<S, I, H, $k1, $k2>(settings, target, seed))
                })+
                $((Numbers::Integers, $n1, $n2) => of_integers::<S, I, H, $n1, $n2>(settings, target, seed),)+
                _ => None,
            }
        }
    };
}

sizes! {
    columns: 1 + 1 = 2, 2 + 1 = 3, 3 + 1 = 4;
    units: 8, 16;
    windows: (1, 8), (8, 8), (1, 24), (8, 24);
    windows of integers: (8, 24);
}

fn with_cell<const S: usize, const I: usize, const H: usize, const K1: usize, const K2: usize>(
    settings: &Settings,
    target: Target,
    seed: u64,
) -> Box<dyn Device> {
    let rule = settings.rule.rule(settings.lr);
    macro_rules! with {
        ($Cell:ty) => {
            device::<Stack<($Cell, Dense<H, 1>)>, S, I, K1, K2>(rule, target, seed)
        };
    }
    match settings.cell {
        Cell::Elman => with!(Elman<I, H>),
        Cell::Leaky => with!(LeakyElman<I, H>),
        Cell::Gru => with!(Gru<I, H>),
        Cell::MinGru => with!(MinGru<I, H>),
    }
}

type Integers<const I: usize, const H: usize> = Stack<(fixed::Elman<I, H>, fixed::Dense<H, 1>)>;

fn of_integers<const S: usize, const I: usize, const H: usize, const K1: usize, const K2: usize>(
    settings: &Settings,
    target: Target,
    seed: u64,
) -> Option<Box<dyn Device>> {
    let rule = settings.rule.fixed_rule(settings.lr);
    let is_compiled = settings.cell == Cell::Elman;
    is_compiled.then(|| ahead::<Integers<I, H>, FixedRule, S, I, K1, K2>(rule, target, seed))
}
