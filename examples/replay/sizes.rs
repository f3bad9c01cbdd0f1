//! Sizes: the networks and windows that are compiled, since sizes are parts of types.

use elman::{Dense, Elman, Gru, LeakyElman, MinGru, Stack};

use crate::ahead::Target;
use crate::device::{Device, device};
use crate::settings::{Cell, Numbers, Settings};

/// The compiled sizes, each as a list and as an arm of a `match`.
macro_rules! sizes {
    (
        columns: $($columns:literal + 1 = $inputs:literal),+;
        units: $($units:literal),+;
        windows: $(($k1:literal, $k2:literal)),+;
    ) => {
        /// How many columns a network can read.
        pub const COLUMNS: &[usize] = &[$($columns),+];
        /// How many units a layer can have.
        pub const UNITS: &[usize] = &[$($units),+];
        /// k1 and k2.
        pub const WINDOWS: &[(usize, usize)] = &[$(($k1, $k2)),+];

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
            match (settings.k1, settings.k2) {
                $(($k1, $k2) => Some(with_cell::<S, I, H, $k1, $k2>(settings, target, seed)),)+
                _ => None,
            }
        }
    };
}

sizes! {
    columns: 1 + 1 = 2, 2 + 1 = 3, 3 + 1 = 4;
    units: 8, 16;
    windows: (1, 8), (8, 8), (1, 24), (8, 24);
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
    match (settings.numbers, settings.cell) {
        (Numbers::F32, Cell::Elman) => with!(Elman<I, H>),
        (Numbers::F32, Cell::Leaky) => with!(LeakyElman<I, H>),
        (Numbers::F32, Cell::Gru) => with!(Gru<I, H>),
        (Numbers::F32, Cell::MinGru) => with!(MinGru<I, H>),
    }
}
