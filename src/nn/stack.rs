//! Stacking, (1.2): tuples of layers, arrays of equal layers, nested freely.

use core::ops::Range;

use crate::{Bounded, Layer, Parameters, Reads, Record, Shape, Zeros};

/// A network: layers on top of each other, each reading the output of the one before it.
///
/// ```text
/// h^l_t = f(h^{l-1}_t, h^l_{t-1}),   h^0_t = x_t        (1.2)
/// ```
///
/// `L` is a tuple of two to six layers, or an array of equal ones; both nest. The type is the whole
/// architecture:
///
/// ```
/// use elman::{Dense, Elman, Layer, Stack, Zeros};
///
/// type Net = Stack<(Elman<3, 16>, [Elman<16, 16>; 2], Dense<16, 2>)>;
///
/// let net = Net::ZEROS;
/// let mut state = Net::REST;
/// let y: &[f32; 2] = net.step(&[0.1, 0.2, 0.3], &mut state);
/// # assert_eq!(y, &[0.0, 0.0]);
/// ```
///
/// Layers that do not fit do not compile, and the message names the layer that is wrong. The layers
/// are reached by pattern, `let Stack((elman, _, dense)) = &net`, or by number, `net.0.0.kernel`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack<L>(pub L);

impl<L: Shape> Stack<L> {
    /// The state before the first step: zero.
    pub const REST: L::State = Zeros::ZEROS;

    /// Stacks layers.
    ///
    /// ```
    /// use elman::{Dense, Elman, Stack, Zeros};
    ///
    /// let net = Stack::new((Elman::<1, 12>::ZEROS, Dense::<12, 1>::ZEROS));
    /// # let _ = net;
    /// ```
    #[must_use]
    pub const fn new(layers: L) -> Self
    where
        L: Layer,
    {
        Self(layers)
    }

    /// One step forward, [`Layer::step`].
    // The trait's own would do, but layers that do not fit would have no `step`, and no word of why.
    pub fn step<'s>(&self, x: &L::In, state: &'s mut L::State) -> &'s L::Out
    where
        L: Layer,
    {
        self.0.step(x, state)
    }
}

impl<L: Shape> Shape for Stack<L> {
    type In = L::In;
    type Out = L::Out;
    type State = L::State;
    type Record<const K: usize> = L::Record<K>;
}

impl<L: Layer> Layer for Stack<L> {
    fn step<'s>(&self, x: &L::In, state: &'s mut L::State) -> &'s L::Out {
        self.0.step(x, state)
    }

    fn output(state: &L::State) -> &L::Out {
        L::output(state)
    }

    fn backward<const K: usize>(
        &self,
        x: &[L::In],
        before: &L::State,
        record: &mut L::Record<K>,
        steps: Range<usize>,
        carry: &mut L::State,
        gradient: Option<&mut Self>,
        d_x: Option<&mut [L::In]>,
    ) {
        let gradient = gradient.map(|gradient| &mut gradient.0);
        self.0.backward::<K>(x, before, record, steps, carry, gradient, d_x);
    }
}

impl<L: Parameters> Parameters for Stack<L> {
    type Scalar = L::Scalar;

    fn walk<const M: usize, const N: usize>(
        read: [&Self; M],
        write: [&mut Self; N],
        f: &mut impl FnMut([&[L::Scalar]; M], [&mut [L::Scalar]; N]),
    ) {
        L::walk(read.map(|stack| &stack.0), write.map(|stack| &mut stack.0), f);
    }
}

impl<L: Zeros> Zeros for Stack<L> {
    const ZEROS: Self = Self(L::ZEROS);
}

impl<L: Reads<X>, X> Reads<X> for Stack<L> {}

//////////// arrays of equal layers ////////////

impl<L: Shape, const N: usize> Shape for [L; N] {
    type In = L::In;
    type Out = L::Out;
    type State = [L::State; N];
    type Record<const K: usize> = [L::Record<K>; N];
}

impl<L: Reads<<L as Shape>::Out>, const N: usize> Layer for [L; N] {
    fn step<'s>(&self, x: &L::In, state: &'s mut Self::State) -> &'s L::Out {
        let mut x = *x;
        for (layer, state) in self.iter().zip(state.iter_mut()) {
            x = *layer.step(&x, state);
        }
        Self::output(state)
    }

    fn output(state: &Self::State) -> &L::Out {
        const { assert!(N > 0, "an array of layers has at least one") };
        L::output(&state[N - 1])
    }

    fn backward<const K: usize>(
        &self,
        x: &[L::In],
        before: &Self::State,
        record: &mut [L::Record<K>; N],
        steps: Range<usize>,
        carry: &mut Self::State,
        gradient: Option<&mut Self>,
        mut d_x: Option<&mut [L::In]>,
    ) {
        let layers = self.iter().zip(before).zip(carry);
        let mut records = record.as_mut_slice();
        let mut gradients = gradient.map(|gradient| gradient.iter_mut().rev());
        for ((layer, before), carry) in layers.rev() {
            let gradient = gradients.as_mut().and_then(Iterator::next);
            let Some((record, below)) = records.split_last_mut() else { return };
            let (x, d_x) = match below.last_mut().map(|below| below.rows(steps.clone())) {
                Some((x, d_x)) => (x, Some(d_x)),
                None => (x, d_x.take()),
            };
            layer.backward::<K>(x, before, record, steps.clone(), carry, gradient, d_x);
            records = below;
        }
    }
}

impl<P: Parameters, const L: usize> Parameters for [P; L] {
    type Scalar = P::Scalar;

    fn walk<const M: usize, const N: usize>(
        read: [&Self; M],
        mut write: [&mut Self; N],
        f: &mut impl FnMut([&[P::Scalar]; M], [&mut [P::Scalar]; N]),
    ) {
        for l in 0..L {
            P::walk(read.map(|array| &array[l]), write.each_mut().map(|array| &mut array[l]), f);
        }
    }
}

impl<L: Reads<<L as Shape>::Out>, const N: usize> Reads<L::In> for [L; N] {}

//////////// tuples ////////////

/// Calls `$tuple!` once for each length of tuple that is a network: its layers from the bottom, then
/// which one is the top, then the way down.
macro_rules! for_tuples {
    ($tuple:ident) => {
        $tuple!(A 0, B 1 reads A; top B 1; down 1 from 0);
        $tuple!(A 0, B 1 reads A, C 2 reads B; top C 2; down 2 from 1, 1 from 0);
        $tuple!(A 0, B 1 reads A, C 2 reads B, D 3 reads C;
            top D 3; down 3 from 2, 2 from 1, 1 from 0);
        $tuple!(A 0, B 1 reads A, C 2 reads B, D 3 reads C, E 4 reads D;
            top E 4; down 4 from 3, 3 from 2, 2 from 1, 1 from 0);
        $tuple!(A 0, B 1 reads A, C 2 reads B, D 3 reads C, E 4 reads D, F 5 reads E;
            top F 5; down 5 from 4, 4 from 3, 3 from 2, 2 from 1, 1 from 0);
    };
}
pub(crate) use for_tuples;

/// Implements the traits for one length of tuple. For `(A, B, C)` it writes, in the heart of it,
///
/// ```text
/// step:      let x = self.0.step(x, &mut state.0);
///            let x = self.1.step(x, &mut state.1);
///            let x = self.2.step(x, &mut state.2);
///            x
/// backward:  layer 2, whose input and its error are the rows of record 1;
///            layer 1, whose input and its error are the rows of record 0;
///            layer 0, whose input is x and its error d_x.
/// ```
macro_rules! tuple {
    (
        $A:ident 0, $($L:ident $l:tt reads $B:ident),+;
        top $Z:ident $z:tt;
        down $($n:tt from $m:tt),+
    ) => {
        impl<$A, $($L),+> Shape for ($A, $($L),+)
        where
            $A: Shape,
            $($L: Shape + Parameters<Scalar = $A::Scalar>),+
        {
            type In = $A::In;
            type Out = $Z::Out;
            type State = ($A::State, $($L::State),+);
            type Record<const K: usize> = ($A::Record<K>, $($L::Record<K>),+);
        }

        impl<$A, $($L),+> Layer for ($A, $($L),+)
        where
            $A: Layer,
            $($L: Layer + Reads<$B::Out> + Parameters<Scalar = $A::Scalar>),+
        {
            fn step<'s>(&self, x: &$A::In, state: &'s mut Self::State) -> &'s $Z::Out {
                let x = self.0.step(x, &mut state.0);
                $(let x = self.$l.step(x, &mut state.$l);)+
                x
            }

            fn output(state: &Self::State) -> &$Z::Out {
                $Z::output(&state.$z)
            }

            fn backward<const K: usize>(
                &self,
                x: &[$A::In],
                before: &Self::State,
                record: &mut Self::Record<K>,
                steps: Range<usize>,
                carry: &mut Self::State,
                mut gradient: Option<&mut Self>,
                d_x: Option<&mut [$A::In]>,
            ) {
                $({
                    let gradient = gradient.as_deref_mut().map(|gradient| &mut gradient.$n);
                    let (x, d_x) = record.$m.rows(steps.clone());
                    self.$n.backward::<K>(
                        x, &before.$n, &mut record.$n, steps.clone(),
                        &mut carry.$n, gradient, Some(d_x),
                    );
                })+
                let gradient = gradient.map(|gradient| &mut gradient.0);
                self.0.backward::<K>(
                    x, &before.0, &mut record.0, steps, &mut carry.0, gradient, d_x,
                );
            }
        }

        impl<$A, $($L),+> Record for ($A, $($L),+)
        where
            $A: Record,
            $($L: Record),+
        {
            type State = ($A::State, $($L::State),+);
            type Row = $Z::Row;

            fn write(&mut self, row: usize, state: &Self::State) {
                self.0.write(row, &state.0);
                $(self.$l.write(row, &state.$l);)+
            }

            fn read(&self, row: usize, state: &mut Self::State) {
                self.0.read(row, &mut state.0);
                $(self.$l.read(row, &mut state.$l);)+
            }

            fn rows(&mut self, steps: Range<usize>) -> (&[$Z::Row], &mut [$Z::Row]) {
                self.$z.rows(steps)
            }

            fn clear(&mut self) {
                self.0.clear();
                $(self.$l.clear();)+
            }
        }

        impl<$A, $($L),+> Parameters for ($A, $($L),+)
        where
            $A: Parameters,
            $($L: Parameters<Scalar = $A::Scalar>),+
        {
            type Scalar = $A::Scalar;

            fn walk<const M: usize, const N: usize>(
                read: [&Self; M],
                mut write: [&mut Self; N],
                f: &mut impl FnMut([&[$A::Scalar]; M], [&mut [$A::Scalar]; N]),
            ) {
                $A::walk(read.map(|t| &t.0), write.each_mut().map(|t| &mut t.0), f);
                $($L::walk(read.map(|t| &t.$l), write.each_mut().map(|t| &mut t.$l), f);)+
            }
        }

        impl<$A: Zeros, $($L: Zeros),+> Zeros for ($A, $($L),+) {
            const ZEROS: Self = ($A::ZEROS, $($L::ZEROS),+);
        }

        impl<$A: Bounded, $($L: Bounded),+> Bounded for ($A, $($L),+) {
            fn is_bounded(&self) -> bool {
                self.0.is_bounded() $(&& self.$l.is_bounded())+
            }
        }

        impl<X, $A, $($L),+> Reads<X> for ($A, $($L),+)
        where
            $A: Reads<X>,
            $($L: Layer + Reads<$B::Out> + Parameters<Scalar = $A::Scalar>),+
        {
        }
    };
}

for_tuples!(tuple);
