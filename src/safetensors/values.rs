//! Saved forms of numbers, arrays, lists, options and references.

use heapless::Vec;

use super::TensorView;
use super::dtype::Dtype;
use super::schema::Schema;
use super::state_dict::{Reader, StateDict};
use super::text::Writer;
use crate::num::ConstZero;

//////////// numbers ////////////

macro_rules! float {
    ($float:ident, $dtype:ident, $next:ident) => {
        impl StateDict for $float {
            const SCHEMA: Schema = Schema::Number(Dtype::$dtype);

            fn write(&self, writer: &mut Writer<'_>) {
                writer.bytes(&self.to_le_bytes());
            }

            fn read(&mut self, reader: &mut Reader<'_>) {
                *self = reader.tensor().map_or(0.0, TensorView::$next);
            }
        }
    };
}

float!(f32, F32, next_f32);
float!(f64, F64, next_f64);

macro_rules! integer {
    ($integer:ident, $dtype:ident) => {
        impl StateDict for $integer {
            const SCHEMA: Schema = Schema::Number(Dtype::$dtype);

            fn write(&self, writer: &mut Writer<'_>) {
                writer.bytes(&self.to_le_bytes());
            }

            fn read(&mut self, reader: &mut Reader<'_>) {
                *self = Self::from_le_bytes(reader.bytes());
            }
        }
    };
}

integer!(u32, U32);
integer!(u64, U64);
integer!(i8, I8);
integer!(i16, I16);
integer!(i32, I32);

/// A count, below 2³¹ on every platform.
impl StateDict for usize {
    const SCHEMA: Schema = Schema::Count(i32::MAX as u32);

    fn write(&self, writer: &mut Writer<'_>) {
        (*self as u32).write(writer);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        let mut count = 0_u32;
        count.read(reader);
        *self = count as Self;
    }
}

//////////// composites ////////////

/// Implements [`StateDict`](crate::safetensors::StateDict) for a `struct`, by its fields and their types.
///
/// Fields that are left out keep their values.
///
/// ```
/// use elman::{ConstZero, Dense, Elman, Pcg32, Stack, Tape, state_dict};
///
/// type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
///
/// struct Run {
///     net: Net,
///     tape: Tape<Net, 20>,
///     rng: Pcg32,
/// }
/// state_dict!(Run { net: Net, tape: Tape<Net, 20>, rng: Pcg32 });
/// ```
///
/// Parameters of the type go before it: `state_dict!([T: Scalar] Momentum<T> { velocity: T });`
#[macro_export]
macro_rules! state_dict {
    ([$($parameters:tt)*] $Type:ty { $($field:ident: $Field:ty),* $(,)? } $($bounds:tt)*) => {
        impl<$($parameters)*> $crate::safetensors::StateDict for $Type $($bounds)* {
            const SCHEMA: $crate::safetensors::Schema = $crate::safetensors::Schema::Struct(&[
                $((stringify!($field), <$Field as $crate::safetensors::StateDict>::SCHEMA)),*
            ]);

            fn write(&self, _writer: &mut $crate::safetensors::Writer<'_>) {
                $($crate::safetensors::StateDict::write(&self.$field, _writer);)*
            }

            fn read(&mut self, _reader: &mut $crate::safetensors::Reader<'_>) {
                $($crate::safetensors::StateDict::read(&mut self.$field, _reader);)*
            }
        }
    };
    ($Type:ty { $($fields:tt)+ }) => { $crate::state_dict!([] $Type { $($fields)+ }); };
}

impl<S: StateDict, const N: usize> StateDict for [S; N] {
    const SCHEMA: Schema = Schema::Array(N, &S::SCHEMA);

    fn write(&self, writer: &mut Writer<'_>) {
        for part in self {
            part.write(writer);
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        for part in self {
            part.read(reader);
        }
    }
}

/// The length, and rows up to the capacity: those beyond the length are zero.
impl<A: StateDict + ConstZero, const K: usize> StateDict for Vec<A, K> {
    const SCHEMA: Schema =
        Schema::Struct(&[("len", Schema::Count(K as u32)), ("rows", Schema::Array(K, &A::SCHEMA))]);

    fn write(&self, writer: &mut Writer<'_>) {
        self.len().write(writer);
        for row in 0..K {
            self.get(row).unwrap_or(&A::ZERO).write(writer);
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        let mut len = 0_usize;
        len.read(reader);
        self.clear();
        for _ in 0..K {
            let mut row = A::ZERO;
            row.read(reader);
            drop(self.push(row));
        }
        self.truncate(len);
    }
}

/// Whether there is a value, and the value or zero.
impl<S: StateDict + ConstZero> StateDict for Option<S> {
    const SCHEMA: Schema = Schema::Struct(&[("some", Schema::Count(1)), ("value", S::SCHEMA)]);

    fn write(&self, writer: &mut Writer<'_>) {
        usize::from(self.is_some()).write(writer);
        self.as_ref().unwrap_or(&S::ZERO).write(writer);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        let (mut some, mut value) = (0_usize, S::ZERO);
        some.read(reader);
        value.read(reader);
        *self = (some == 1).then_some(value);
    }
}

/// Nothing is saved.
impl StateDict for () {
    const SCHEMA: Schema = Schema::Struct(&[]);

    fn write(&self, _writer: &mut Writer<'_>) {}

    fn read(&mut self, _reader: &mut Reader<'_>) {}
}

/// `(&mut net, &mut state)`: values in different places, saved as one file.
impl<S: StateDict> StateDict for &mut S {
    const SCHEMA: Schema = S::SCHEMA;

    fn write(&self, writer: &mut Writer<'_>) {
        (**self).write(writer);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        (**self).read(reader);
    }
}

/// Implements [`StateDict`] for a newtype: it is saved as the value in it.
macro_rules! state_dict_of_newtype {
    ([$($parameters:tt)*] $Type:ty: $Inner:ty) => {
        impl<$($parameters)*> $crate::safetensors::StateDict for $Type {
            const SCHEMA: $crate::safetensors::Schema =
                <$Inner as $crate::safetensors::StateDict>::SCHEMA;

            fn write(&self, writer: &mut $crate::safetensors::Writer<'_>) {
                self.0.write(writer);
            }

            fn read(&mut self, reader: &mut $crate::safetensors::Reader<'_>) {
                self.0.read(reader);
            }
        }
    };
}
pub(crate) use state_dict_of_newtype;
