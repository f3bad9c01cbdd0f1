//! Numbers and what is made of them, as saved values.

use heapless::Vec;

use super::Tensor;
use super::dtype::Dtype;
use super::saved::{Numbers, Saved};
use super::text::Out;
use super::tree::Tree;
use crate::stack::for_tuples;
use crate::{Dense, Elman, Layer, Matrix, Scalar, Stack, Zeros};

//////////// numbers ////////////

impl Saved for f32 {
    const TREE: Tree = Tree::Number(Dtype::F32);

    fn write(&self, out: &mut Out<'_>) {
        out.bytes(&self.to_le_bytes());
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        *self = numbers.tensor().map_or(0.0, Tensor::next_f32);
    }
}

impl Saved for f64 {
    const TREE: Tree = Tree::Number(Dtype::F64);

    fn write(&self, out: &mut Out<'_>) {
        out.bytes(&self.to_le_bytes());
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        *self = numbers.tensor().map_or(0.0, Tensor::next_f64);
    }
}

impl Saved for u32 {
    const TREE: Tree = Tree::Number(Dtype::U32);

    fn write(&self, out: &mut Out<'_>) {
        out.bytes(&self.to_le_bytes());
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        *self = Self::from_le_bytes(numbers.bytes());
    }
}

impl Saved for u64 {
    const TREE: Tree = Tree::Number(Dtype::U64);

    fn write(&self, out: &mut Out<'_>) {
        out.bytes(&self.to_le_bytes());
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        *self = Self::from_le_bytes(numbers.bytes());
    }
}

/// A count, below 2³¹ on every platform.
impl Saved for usize {
    const TREE: Tree = Tree::Count(i32::MAX as u32);

    fn write(&self, out: &mut Out<'_>) {
        (*self as u32).write(out);
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        let mut count = 0_u32;
        count.read(numbers);
        *self = count as Self;
    }
}

//////////// what is made of numbers ////////////

/// Implements [`Saved`](crate::safetensors::Saved) for a `struct`, by its fields and their types.
///
/// Fields that are left out keep their values.
///
/// ```
/// use elman::{Dense, Elman, Pcg32, Stack, Tape, Zeros, saved};
///
/// type Net = Stack<(Elman<1, 4>, Dense<4, 1>)>;
///
/// struct Run {
///     net: Net,
///     tape: Tape<Net, 20>,
///     rng: Pcg32,
/// }
/// saved!(Run { net: Net, tape: Tape<Net, 20>, rng: Pcg32 });
/// ```
///
/// Parameters of the type go before it: `saved!([T: Scalar] Momentum<T> { velocity: T });`
#[macro_export]
macro_rules! saved {
    ([$($parameters:tt)*] $Type:ty { $($field:ident: $Field:ty),* $(,)? } $($bounds:tt)*) => {
        impl<$($parameters)*> $crate::safetensors::Saved for $Type $($bounds)* {
            const TREE: $crate::safetensors::Tree = $crate::safetensors::Tree::Parts(&[
                $((stringify!($field), <$Field as $crate::safetensors::Saved>::TREE)),*
            ]);

            fn write(&self, _out: &mut $crate::safetensors::Out<'_>) {
                $($crate::safetensors::Saved::write(&self.$field, _out);)*
            }

            fn read(&mut self, _numbers: &mut $crate::safetensors::Numbers<'_>) {
                $($crate::safetensors::Saved::read(&mut self.$field, _numbers);)*
            }
        }
    };
    ($Type:ty { $($fields:tt)+ }) => { $crate::saved!([] $Type { $($fields)+ }); };
}

saved!([const I: usize, const H: usize, T: Scalar] Elman<I, H, T> {
    kernel: Matrix<I, H, T>,
    recurrent_kernel: Matrix<H, H, T>,
    bias: [T; H],
});

saved!([const I: usize, const O: usize, T: Scalar] Dense<I, O, T> {
    kernel: Matrix<I, O, T>,
    bias: [T; O],
});

impl<S: Saved, const N: usize> Saved for [S; N] {
    const TREE: Tree = Tree::Array(N, &S::TREE);

    fn write(&self, out: &mut Out<'_>) {
        for part in self {
            part.write(out);
        }
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        for part in self {
            part.read(numbers);
        }
    }
}

/// Its length, and as many rows as it has room for: those beyond the length are zero.
impl<A: Saved + Zeros, const K: usize> Saved for Vec<A, K> {
    const TREE: Tree =
        Tree::Parts(&[("len", Tree::Count(K as u32)), ("rows", Tree::Array(K, &A::TREE))]);

    fn write(&self, out: &mut Out<'_>) {
        self.len().write(out);
        for row in 0..K {
            self.get(row).unwrap_or(&A::ZEROS).write(out);
        }
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        let mut len = 0_usize;
        len.read(numbers);
        self.clear();
        for _ in 0..K {
            let mut row = A::ZEROS;
            row.read(numbers);
            drop(self.push(row));
        }
        self.truncate(len);
    }
}

/// Whether there is one, and then it, else zero.
impl<S: Saved + Zeros> Saved for Option<S> {
    const TREE: Tree = Tree::Parts(&[("some", Tree::Count(1)), ("value", S::TREE)]);

    fn write(&self, out: &mut Out<'_>) {
        usize::from(self.is_some()).write(out);
        self.as_ref().unwrap_or(&S::ZEROS).write(out);
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        let (mut some, mut value) = (0_usize, S::ZEROS);
        some.read(numbers);
        value.read(numbers);
        *self = (some == 1).then_some(value);
    }
}

/// What remembers nothing.
impl Saved for () {
    const TREE: Tree = Tree::Parts(&[]);

    fn write(&self, _out: &mut Out<'_>) {}

    fn read(&mut self, _numbers: &mut Numbers<'_>) {}
}

/// `(&mut net, &mut moments)`: what lies in different places, saved as one.
impl<S: Saved> Saved for &mut S {
    const TREE: Tree = S::TREE;

    fn write(&self, out: &mut Out<'_>) {
        (**self).write(out);
    }

    fn read(&mut self, numbers: &mut Numbers<'_>) {
        (**self).read(numbers);
    }
}

/// A wrapper of one value is saved as that value.
macro_rules! wrapper {
    ([$($parameters:tt)*] $Type:ty: $Inner:ty) => {
        impl<$($parameters)*> Saved for $Type {
            const TREE: Tree = <$Inner>::TREE;

            fn write(&self, out: &mut Out<'_>) {
                self.0.write(out);
            }

            fn read(&mut self, numbers: &mut Numbers<'_>) {
                self.0.read(numbers);
            }
        }
    };
}

wrapper!([const R: usize, const C: usize, T: Saved] Matrix<R, C, T>: [[T; C]; R]);
wrapper!([L: Layer + Saved] Stack<L>: L);

macro_rules! tuple {
    ($($A:ident $a:tt $(reads $B:ident)?),+; $($rest:tt)+) => {
        impl<$($A: Saved),+> Saved for ($($A,)+) {
            const TREE: Tree = Tree::Parts(&[$((stringify!($a), $A::TREE)),+]);

            fn write(&self, out: &mut Out<'_>) {
                $(self.$a.write(out);)+
            }

            fn read(&mut self, numbers: &mut Numbers<'_>) {
                $(self.$a.read(numbers);)+
            }
        }
    };
}

for_tuples!(tuple);
