//! Saved forms of numbers, arrays, lists, options and references.

use heapless::Vec;

use super::dtype::Element;
use super::reader::Reader;
use super::schema::Schema;
use super::state_dict::StateDict;
use super::writer::Writer;
use crate::num::ConstZero;

//////////// numbers ////////////

impl StateDict for f32 {
    const SCHEMA: Schema = Schema::number(Element::F32);

    #[inline(always)]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.f32s(core::slice::from_ref(self));
    }

    #[inline(always)]
    fn read(&mut self, reader: &mut Reader<'_>) {
        reader.f32s(core::slice::from_mut(self));
    }

    #[inline(always)]
    fn write_all(values: &[Self], writer: &mut Writer<'_>) {
        writer.f32s(values);
    }

    #[inline(always)]
    fn read_all(values: &mut [Self], reader: &mut Reader<'_>) {
        reader.f32s(values);
    }
}

impl StateDict for f64 {
    const SCHEMA: Schema = Schema::number(Element::F64);

    fn write(&self, writer: &mut Writer<'_>) {
        writer.f64(*self);
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        if let Some(number) = reader.f64() {
            *self = number;
        }
    }
}

macro_rules! integer {
    ($integer:ident, $element:ident, |$writer:ident, $number:ident| $write:expr) => {
        impl StateDict for $integer {
            const SCHEMA: Schema = Schema::number(Element::$element);

            fn write(&self, $writer: &mut Writer<'_>) {
                let $number = *self;
                $write;
            }

            #[inline(never)]
            fn read(&mut self, reader: &mut Reader<'_>) {
                if let Some(number) = reader.unsigned(size_of::<Self>()) {
                    *self = number as Self;
                }
            }
        }
    };
}

integer!(u32, U32, |writer, number| writer.u32(number));
integer!(u64, U64, |writer, number| writer.bytes(&number.to_le_bytes()));
integer!(i8, I8, |writer, number| writer.bytes(&number.to_le_bytes()));
integer!(i16, I16, |writer, number| writer.bytes(&number.to_le_bytes()));
integer!(i32, I32, |writer, number| writer.u32(number as u32));

/// The largest `usize` that can be saved: it can be read on every platform.
const LARGEST: u32 = i32::MAX as u32;

/// A count, below 2³¹ on every platform.
impl StateDict for usize {
    const SCHEMA: Schema = Schema::count(LARGEST);

    fn write(&self, writer: &mut Writer<'_>) {
        writer.count(u32::try_from(*self).ok().filter(|&count| count <= LARGEST));
    }

    #[inline(never)]
    fn read(&mut self, reader: &mut Reader<'_>) {
        if let Some(number) = reader.unsigned(size_of::<u32>()) {
            *self = number as Self;
        }
    }
}

/// A count that is 0 or 1.
impl StateDict for bool {
    const SCHEMA: Schema = Schema::count(1);

    fn write(&self, writer: &mut Writer<'_>) {
        writer.part(&usize::from(*self));
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        let mut number = usize::from(*self);
        reader.part(&mut number);
        *self = number != 0;
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
///
/// After the fields can stand `packed { … }`, fields that become one tensor of bytes, named
/// `packed`, and `tags { name: Tag, … }`, what a checkpoint says of the program in its header. Only a
/// program with the same tags loads it.
#[macro_export]
macro_rules! state_dict {
    (
        [$($parameters:tt)*] $Type:ty { $($field:ident: $Field:ty),* $(,)? }
        $(packed { $($packed:ident: $Packed:ty),* $(,)? })?
        $(tags { $($tag:ident: $value:expr),* $(,)? })?
        $(where $($bounds:tt)*)?
    ) => {
        impl<$($parameters)*> $crate::safetensors::StateDict for $Type $(where $($bounds)*)? {
            const SCHEMA: $crate::safetensors::Schema =
                $crate::safetensors::Schema::fields(const { &[
                    $((
                        stringify!($field),
                        const { &<$Field as $crate::safetensors::StateDict>::SCHEMA },
                    ),)*
                    $((
                        "packed",
                        const { &$crate::safetensors::Schema::packed(const {
                            &$crate::safetensors::Schema::fields(const { &[$((
                                stringify!($packed),
                                const { &<$Packed as $crate::safetensors::StateDict>::SCHEMA },
                            )),*] })
                        }) },
                    ),)?
                    $($((
                        stringify!($tag),
                        const { &$crate::safetensors::Schema::tag($value) },
                    ),)*)?
                ] });

            fn write(&self, _writer: &mut $crate::safetensors::Writer<'_>) {
                $(_writer.part(&self.$field);)*
                $(
                    _writer.checksum(const {
                        <Self as $crate::safetensors::StateDict>::SCHEMA.packed_checksum()
                    });
                    $(_writer.part(&self.$packed);)*
                )?
            }

            fn read(&mut self, _reader: &mut $crate::safetensors::Reader<'_>) {
                $(_reader.part(&mut self.$field);)*
                $(
                    _reader.checksum();
                    $(_reader.part(&mut self.$packed);)*
                )?
            }
        }
    };
    ($Type:ty { $($fields:tt)* } $($rest:tt)*) => {
        $crate::state_dict!([] $Type { $($fields)* } $($rest)*);
    };
}

impl<S: StateDict, const N: usize> StateDict for [S; N] {
    const SCHEMA: Schema = Schema::array(N, const { &S::SCHEMA });

    #[inline(always)]
    fn write(&self, writer: &mut Writer<'_>) {
        S::write_all(self, writer);
    }

    #[inline(always)]
    fn read(&mut self, reader: &mut Reader<'_>) {
        S::read_all(self, reader);
    }

    #[inline(always)]
    fn write_all(values: &[Self], writer: &mut Writer<'_>) {
        S::write_all(values.as_flattened(), writer);
    }

    #[inline(always)]
    fn read_all(values: &mut [Self], reader: &mut Reader<'_>) {
        S::read_all(values.as_flattened_mut(), reader);
    }
}

/// One tensor: the length, and rows up to the capacity. Those beyond the length are zero.
impl<A: StateDict + ConstZero, const K: usize> StateDict for Vec<A, K> {
    const SCHEMA: Schema = Schema::packed(
        const {
            &Schema::fields(
                const {
                    &[
                        ("len", const { &Schema::count(K as u32) }),
                        ("rows", const { &Schema::array(K, const { &A::SCHEMA }) }),
                    ]
                },
            )
        },
    );

    fn write(&self, writer: &mut Writer<'_>) {
        writer.checksum(const { Self::SCHEMA.own_checksum() });
        writer.part(&self.len());
        A::write_all(self, writer);
        writer.zeros_of::<A>(K - self.len());
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        reader.checksum();
        let mut len = self.len();
        reader.part(&mut len);
        set_len(self, len);
        A::read_all(self, reader);
        reader.discard((K - self.len()) * A::SCHEMA.bytes());
    }
}

/// Makes a list as long as `len`, by rows of zeros.
#[inline(never)]
pub(crate) fn set_len<A: ConstZero, const K: usize>(rows: &mut Vec<A, K>, len: usize) {
    rows.truncate(len);
    while rows.len() < len && rows.push(A::ZERO).is_ok() {}
}

/// Whether there is a value, and the value or zero. It is read in place.
impl<S: StateDict + ConstZero> StateDict for Option<S> {
    const SCHEMA: Schema =
        Schema::fields(const { &[("some", &Schema::count(1)), ("value", const { &S::SCHEMA })] });

    fn write(&self, writer: &mut Writer<'_>) {
        writer.part(&usize::from(self.is_some()));
        match self {
            Some(value) => writer.part(value),
            None => writer.zeros_of::<S>(1),
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) {
        let mut some = usize::from(self.is_some());
        reader.part(&mut some);
        if some == 0 {
            remove(self);
        } else if self.is_none() {
            insert_zero(self);
        }
        match self {
            Some(value) => reader.part(value),
            None => reader.discard(S::SCHEMA.bytes()),
        }
    }
}

/// Apart, as [`insert_zero`].
#[cold]
#[inline(never)]
fn remove<S>(place: &mut Option<S>) {
    *place = None;
}

/// Apart, so that reading over a value takes no stack for another one.
#[cold]
#[inline(never)]
fn insert_zero<S: ConstZero>(place: &mut Option<S>) {
    *place = const { Some(S::ZERO) };
}

/// Nothing is saved.
impl StateDict for () {
    const SCHEMA: Schema = Schema::fields(&[]);

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
