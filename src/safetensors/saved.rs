//! What can be saved: numbers, and what is made of them.

use heapless::Vec;

use super::dtype::Dtype;
use super::error::{Error, Reason, Sizes};
use super::text::{Name, Out};
use super::{SafeTensors, Tensor};
use crate::{Dense, Elman, Layer, Matrix, Scalar, Stack, Zeros};

/// What a value is made of: its type, as data, known at compile time.
#[derive(Debug)]
pub enum Tree {
    /// A number.
    Number(Dtype),
    /// A whole number, at most this.
    Count(u32),
    /// Equal parts: one dimension of a tensor, or, if a part is not a tensor, parts `0`, `1`, ….
    Array(usize, &'static Self),
    /// Parts with names.
    Parts(&'static [(&'static str, Self)]),
}

/// A value that can be written to a file and read back: a network, an optimiser's moments, a
/// tape, a generator.
///
/// [`saved!`](crate::saved) implements it for a `struct` of such values.
pub trait Saved {
    /// What it is made of.
    const TREE: Tree;

    /// The size of its file in bytes, exactly.
    ///
    /// ```
    /// use elman::{Dense, safetensors::Saved};
    ///
    /// // length 8, header 120, 6 numbers of 4 bytes
    /// assert_eq!(Dense::<2, 2>::SIZE, 8 + 120 + 6 * 4);
    /// ```
    const SIZE: usize = file_size(&Self::TREE, "");

    /// Writes its numbers, in the order of [`TREE`](Self::TREE).
    fn write(&self, out: &mut Out<'_>);

    /// Reads its numbers, in the order of [`TREE`](Self::TREE).
    fn read(&mut self, numbers: &mut Numbers<'_>);
}

/// Writes `value` as a file to the front of `buffer`; returns its size, which is [`Saved::SIZE`].
///
/// # Errors
///
/// When the buffer is too small, or a number is infinite or NaN: such a network is not worth a
/// write to flash.
pub fn save<S: Saved>(value: &S, buffer: &mut [u8]) -> Result<usize, Error> {
    let size = write(value, "", buffer)?;
    check_written(&S::TREE, buffer.get(..size).unwrap_or_default())?;
    Ok(size)
}

/// [`save`], whatever the numbers are.
///
/// # Errors
///
/// When the buffer is too small.
pub fn save_any<S: Saved>(value: &S, buffer: &mut [u8]) -> Result<usize, Error> {
    write(value, "", buffer)
}

/// Reads a file into `value`, in place. The file may hold other tensors besides.
///
/// # Errors
///
/// When the file is not valid, a tensor is missing or of another shape or dtype, or a number is
/// infinite or NaN as one of `value`'s. Then `value` is as it was.
pub fn load<S: Saved>(value: &mut S, file: &[u8]) -> Result<(), Error> {
    read(value, file, Values::Finite)
}

/// [`load`], whatever the numbers are.
///
/// # Errors
///
/// As [`load`], but for infinite numbers and NaN.
pub fn load_any<S: Saved>(value: &mut S, file: &[u8]) -> Result<(), Error> {
    read(value, file, Values::Any)
}

/// All is checked before anything is changed.
fn read<S: Saved>(value: &mut S, file: &[u8], values: Values) -> Result<(), Error> {
    let file = SafeTensors::parse(file)?;
    check(&S::TREE, &file, values)?;
    value.read(&mut Numbers::new(file, const { &S::TREE }));
    Ok(())
}

//////////// writing ////////////

/// Writes the file: `metadata` is JSON that goes before the tensors.
pub(crate) fn write<S: Saved>(
    value: &S,
    metadata: &str,
    buffer: &mut [u8],
) -> Result<usize, Error> {
    let needed = file_size(&S::TREE, metadata);
    if buffer.len() < needed {
        return Err(Reason::BufferTooSmall { needed }.whole());
    }
    let mut out = Out::new(buffer);
    write_header(&S::TREE, metadata, &mut out);
    value.write(&mut out);
    Ok(needed)
}

pub(crate) const fn file_size(tree: &Tree, metadata: &str) -> usize {
    let mut out = Out::new(&mut []);
    let data = write_header(tree, metadata, &mut out);
    out.len() + data
}

/// The length and the header, padded with spaces to a multiple of 8. Returns the size of the data.
const fn write_header(tree: &Tree, metadata: &str, out: &mut Out<'_>) -> usize {
    let mut measure = Out::new(&mut []);
    write_json(tree, metadata, &mut measure);
    let length = measure.len().next_multiple_of(8);
    out.bytes(&(length as u64).to_le_bytes());
    let data = write_json(tree, metadata, out);
    let mut padding = length - measure.len();
    while padding > 0 {
        out.text(" ");
        padding -= 1;
    }
    data
}

const fn write_json(tree: &Tree, metadata: &str, out: &mut Out<'_>) -> usize {
    let mut start = 0;
    let mut n = 0;
    out.text("{");
    out.text(metadata);
    while let Some(leaf) = tree.tensor(n) {
        if n > 0 || !metadata.is_empty() {
            out.text(",");
        }
        let end = start + leaf.bytes();
        leaf.write_entry(start, end, out);
        start = end;
        n += 1;
    }
    out.text("}");
    start
}

/// A tensor as a value has it.
#[derive(Clone, Copy)]
pub(crate) struct Leaf {
    name: Name,
    dtype: Dtype,
    /// The largest number, of counts.
    limit: Option<u32>,
    shape: Sizes,
    elements: usize,
}

impl Leaf {
    const fn bytes(&self) -> usize {
        self.elements * self.dtype.bits() / 8
    }

    const fn write_entry(&self, start: usize, end: usize, out: &mut Out<'_>) {
        out.text("\"");
        out.text(self.name.as_str());
        out.text("\":{\"dtype\":\"");
        out.text(self.dtype.name());
        out.text("\",\"shape\":");
        out.list(self.shape.sizes(), ",");
        out.text(",\"data_offsets\":");
        out.list(&[start, end], ",");
        out.text("}");
    }
}

impl Tree {
    /// The `n`th tensor.
    pub(crate) const fn tensor(&self, n: usize) -> Option<Leaf> {
        if n < self.tensors() { Some(self.find(Name::ROOT, n)) } else { None }
    }

    /// How many tensors there are.
    const fn tensors(&self) -> usize {
        match self {
            Self::Array(len, part) if !part.is_tensor() => *len * part.tensors(),
            Self::Parts(parts) => {
                let (mut parts, mut sum) = (*parts, 0);
                while let [(_, part), rest @ ..] = parts {
                    sum += part.tensors();
                    parts = rest;
                }
                sum
            }
            _ => 1,
        }
    }

    /// The `n`th tensor of those there are.
    const fn find(&self, name: Name, mut n: usize) -> Leaf {
        match self {
            Self::Array(_, part) if !part.is_tensor() => {
                let tensors = part.tensors();
                let element = match n.checked_div(tensors) {
                    Some(element) => element,
                    None => 0,
                };
                part.find(name.within().number(element), n - element * tensors)
            }
            Self::Parts(parts) => {
                let mut parts = *parts;
                while let [(label, part), rest @ ..] = parts {
                    let tensors = part.tensors();
                    if n < tensors {
                        return part.find(name.within().then(label), n);
                    }
                    n -= tensors;
                    parts = rest;
                }
                self.leaf(name)
            }
            _ => self.leaf(name),
        }
    }

    const fn is_tensor(&self) -> bool {
        match self {
            Self::Number(_) | Self::Count(_) => true,
            Self::Array(_, part) => part.is_tensor(),
            Self::Parts(_) => false,
        }
    }

    const fn leaf(&self, name: Name) -> Leaf {
        let (mut tree, mut shape, mut elements) = (self, Sizes::SCALAR, 1);
        while let Self::Array(len, part) = tree {
            (tree, shape, elements) = (part, shape.of(*len), elements * *len);
        }
        let (dtype, limit) = match tree {
            Self::Number(dtype) => (*dtype, None),
            Self::Count(limit) => (Dtype::U32, Some(*limit)),
            Self::Array(..) | Self::Parts(_) => (Dtype::U32, None), // not in a tensor
        };
        Leaf { name, dtype, limit, shape, elements }
    }
}

//////////// reading ////////////

/// What numbers a file may hold.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Values {
    Any,
    Finite,
}

/// Every tensor of `tree` is there, and can be read as it.
pub(crate) fn check(tree: &Tree, file: &SafeTensors<'_>, values: Values) -> Result<(), Error> {
    let mut n = 0;
    while let Some(leaf) = tree.tensor(n) {
        let tensor = file.tensor(leaf.name)?;
        leaf.check(tensor, values).map_err(|reason| reason.of(leaf.name))?;
        n += 1;
    }
    Ok(())
}

/// The same of a file just written, whose data is its last part, in the order of `tree`.
pub(crate) fn check_written(tree: &Tree, file: &[u8]) -> Result<(), Error> {
    let (mut n, mut end) = (0, file_data(tree));
    while let Some(leaf) = tree.tensor(n) {
        let data = file.get(file.len().saturating_sub(end)..).unwrap_or_default();
        let tensor = Tensor { dtype: leaf.dtype, shape: leaf.shape, data };
        leaf.check(tensor, Values::Finite).map_err(|reason| reason.of(leaf.name))?;
        end -= leaf.bytes();
        n += 1;
    }
    Ok(())
}

const fn file_data(tree: &Tree) -> usize {
    write_json(tree, "", &mut Out::new(&mut []))
}

impl Leaf {
    fn check(&self, tensor: Tensor<'_>, values: Values) -> Result<(), Reason> {
        let (found, wanted) = (tensor.shape, self.shape);
        if !found.is(&wanted) {
            return Err(Reason::WrongShape { found, wanted });
        }
        let both_weights = self.dtype.is_float() && tensor.dtype.is_float();
        if !both_weights && self.dtype != tensor.dtype {
            return Err(Reason::WrongDtype { found: tensor.dtype });
        }
        if values == Values::Finite && !self.is_finite(tensor) {
            return Err(Reason::NonFinite);
        }
        if self.is_within_limit(tensor) { Ok(()) } else { Err(Reason::Count) }
    }

    /// As numbers of its own dtype: narrowing can overflow. Without `f64` arithmetic, for who has none.
    fn is_finite(&self, mut tensor: Tensor<'_>) -> bool {
        const INFINITE: u64 = 0x7ff;
        let mut numbers = 0..self.elements;
        match (self.dtype, tensor.dtype) {
            (Dtype::F64, Dtype::F64) => {
                numbers.all(|_| u64::from_le_bytes(tensor.take()) >> 52 & INFINITE != INFINITE)
            }
            (Dtype::F32 | Dtype::F64, _) => numbers.all(|_| tensor.next_f32().is_finite()),
            _ => true,
        }
    }

    fn is_within_limit(&self, mut tensor: Tensor<'_>) -> bool {
        let within = |limit| (0..self.elements).all(|_| u32::from_le_bytes(tensor.take()) <= limit);
        self.limit.is_none_or(within)
    }
}

/// The numbers of a checked file, in the order of a tree.
#[derive(Debug)]
pub struct Numbers<'a> {
    file: SafeTensors<'a>,
    tree: &'static Tree,
    tensor: Option<Tensor<'a>>,
    /// The number of the tensor after it.
    next: usize,
}

impl<'a> Numbers<'a> {
    pub(crate) const fn new(file: SafeTensors<'a>, tree: &'static Tree) -> Self {
        Self { file, tree, tensor: None, next: 0 }
    }

    /// The tensor that the next number is in.
    fn tensor(&mut self) -> Option<&mut Tensor<'a>> {
        while self.tensor.is_none_or(|tensor| tensor.data.is_empty()) {
            let leaf = self.tree.tensor(self.next)?;
            self.tensor = self.file.tensor(leaf.name).ok();
            self.next += 1;
        }
        self.tensor.as_mut()
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        self.tensor().map_or([0; N], Tensor::take)
    }
}

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
    ($($A:ident $a:tt),+) => {
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

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
