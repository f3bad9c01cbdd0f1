//! Tuples of two to six layers on top of each other.

use core::ops::Range;

use super::fixed::Quantize;
use super::layer::within;
use super::{
    Activations, Backward, BackwardTypes, FeedForward, Initialize, Layer, LayerTypes, Parameters,
    Pcg32, Reads, RecordedSteps, Steps, Tensor,
};
use crate::num::{ConstZero, InRange};
use crate::safetensors::{Reader, Schema, StateDict, Writer};

/// The parts of a layer whose type has no name here.
const fn parts_of<L: Backward>(_: &L) -> usize {
    L::PARTS
}

/// Implements the traits for one length of tuple. For `(A, B, C)` the core of it is
///
/// ```text
/// step:      let x = self.0.step(x, &mut state.0);
///            let x = self.1.step(x, &mut state.1);
///            let x = self.2.step(x, &mut state.2);
///            x
/// backward:  layer 2; its inputs and their gradients are the rows of activations 1;
///            layer 1; its inputs and their gradients are the rows of activations 0;
///            layer 0; its inputs and their gradients are those of the network.
/// ```
macro_rules! tuple {
    (
        $A:ident 0, $($L:ident $l:tt reads $B:ident),+;
        top $Z:ident $z:tt;
        down $($n:tt from $m:tt),+
    ) => {
        impl<$A: LayerTypes, $($L: LayerTypes),+> LayerTypes for ($A, $($L),+) {
            type In = $A::In;
            type Out = $Z::Out;
            type State = ($A::State, $($L::State),+);
        }

        impl<$A: Layer, $($L: Reads<$B::Out>),+> Layer for ($A, $($L),+) {
            fn step<'s>(&self, x: &$A::In, state: &'s mut Self::State) -> &'s $Z::Out {
                let x = self.0.step(x, &mut state.0);
                $(let x = self.$l.step(x, &mut state.$l);)+
                x
            }

            fn output(state: &Self::State) -> &$Z::Out {
                $Z::output(&state.$z)
            }
        }

        impl<X, $A: Reads<X>, $($L: Reads<$B::Out>),+> Reads<X> for ($A, $($L),+) {}

        impl<$A: FeedForward, $($L: FeedForward + Reads<$B::Out>),+> FeedForward for ($A, $($L),+) {}

        impl<$A: BackwardTypes, $($L: BackwardTypes),+> BackwardTypes for ($A, $($L),+) {
            type Activations<const K: usize> = ($A::Activations<K>, $($L::Activations<K>),+);
        }

        impl<$A: Backward, $($L: Backward + Reads<$B::Out>),+> Backward for ($A, $($L),+) {
            #[inline(always)]
            fn backward<const K: usize>(
                &self,
                steps: Steps<'_, Self, K>,
                mut gradient: Option<&mut Self>,
            ) {
                let Steps { inputs, before, activations, range, d_state, d_inputs } = steps;
                $({
                    let (inputs, d_inputs) = activations.$m.rows(range.clone());
                    let steps = Steps {
                        inputs,
                        before: &before.$n,
                        activations: &mut activations.$n,
                        range: range.clone(),
                        d_state: &mut d_state.$n,
                        d_inputs,
                    };
                    let gradient = gradient.as_deref_mut().map(|gradient| &mut gradient.$n);
                    self.$n.backward::<K>(steps, gradient);
                })+
                let steps = Steps {
                    inputs,
                    before: &before.0,
                    activations: &mut activations.0,
                    range,
                    d_state: &mut d_state.0,
                    d_inputs,
                };
                self.0.backward::<K>(steps, gradient.map(|gradient| &mut gradient.0));
            }

            const PARTS: usize = $A::PARTS $(+ $L::PARTS)+;

            #[inline(always)]
            fn accumulate<const K: usize>(
                &self,
                steps: RecordedSteps<'_, Self, K>,
                gradient: &mut Self,
                parts: Range<usize>,
            ) {
                let RecordedSteps { inputs, before, activations, range } = steps;
                let mut above = 0;
                $({
                    let (inputs, _) = activations.$m.rows(range.clone());
                    let (before, activations) = (&before.$n, &mut activations.$n);
                    let steps = RecordedSteps { inputs, before, activations, range: range.clone() };
                    let own = within(&parts, above, parts_of(&self.$n));
                    self.$n.accumulate::<K>(steps, &mut gradient.$n, own);
                    above += parts_of(&self.$n);
                })+
                let (before, activations) = (&before.0, &mut activations.0);
                let steps = RecordedSteps { inputs, before, activations, range };
                let own = within(&parts, above, $A::PARTS);
                self.0.accumulate::<K>(steps, &mut gradient.0, own);
            }
        }

        impl<$A: Activations, $($L: Activations),+> Activations for ($A, $($L),+) {
            type State = ($A::State, $($L::State),+);
            type Out = $Z::Out;

            fn write(&mut self, row: usize, state: &Self::State) {
                self.0.write(row, &state.0);
                $(self.$l.write(row, &state.$l);)+
            }

            fn read(&self, row: usize, state: &mut Self::State) {
                self.0.read(row, &mut state.0);
                $(self.$l.read(row, &mut state.$l);)+
            }

            fn rows(&mut self, steps: Range<usize>) -> (&[$Z::Out], Option<&mut [$Z::Out]>) {
                self.$z.rows(steps)
            }

            fn d_outputs(&self) -> &[$Z::Out] {
                self.$z.d_outputs()
            }

            fn clear(&mut self) {
                self.0.clear();
                $(self.$l.clear();)+
            }

            fn clear_gradients(&mut self) {
                self.0.clear_gradients();
                $(self.$l.clear_gradients();)+
            }
        }

        impl<$A, $($L),+> Parameters for ($A, $($L),+)
        where
            $A: Parameters,
            $($L: Parameters<Scalar = $A::Scalar, Tensor = $A::Tensor>),+
        {
            type Scalar = $A::Scalar;
            type Tensor = $A::Tensor;
            const TENSORS: usize = $A::TENSORS $(+ $L::TENSORS)+;

            fn tensor(&self, n: usize) -> &$A::Tensor {
                if n < $A::TENSORS {
                    return self.0.tensor(n);
                }
                let n = n - $A::TENSORS;
                $(
                    if n < $L::TENSORS {
                        return self.$l.tensor(n);
                    }
                    let n = n - $L::TENSORS;
                )+
                let _ = n;
                Tensor::empty()
            }

            fn tensor_mut(&mut self, n: usize) -> &mut $A::Tensor {
                if n < $A::TENSORS {
                    return self.0.tensor_mut(n);
                }
                let n = n - $A::TENSORS;
                $(
                    if n < $L::TENSORS {
                        return self.$l.tensor_mut(n);
                    }
                    let n = n - $L::TENSORS;
                )+
                let _ = n;
                Tensor::empty()
            }
        }

        impl<$A: ConstZero, $($L: ConstZero),+> ConstZero for ($A, $($L),+) {
            const ZERO: Self = ($A::ZERO, $($L::ZERO),+);
        }

        impl<$A: InRange, $($L: InRange),+> InRange for ($A, $($L),+) {
            fn is_in_range(&self) -> bool {
                self.0.is_in_range() $(&& self.$l.is_in_range())+
            }
        }

        impl<$A: Initialize, $($L: Initialize),+> Initialize for ($A, $($L),+) {
            fn init_pytorch(&mut self, rng: &mut Pcg32) {
                self.0.init_pytorch(rng);
                $(self.$l.init_pytorch(rng);)+
            }

            fn init_keras(&mut self, rng: &mut Pcg32) {
                self.0.init_keras(rng);
                $(self.$l.init_keras(rng);)+
            }
        }

        impl<$A: Quantize, $($L: Quantize),+> Quantize for ($A, $($L),+) {
            type Float = ($A::Float, $($L::Float),+);
        }

        impl<$A: StateDict, $($L: StateDict),+> StateDict for ($A, $($L),+) {
            const SCHEMA: Schema =
                Schema::fields(const { &[("0", const { &$A::SCHEMA }), $((stringify!($l), const { &$L::SCHEMA })),+] });

            fn write(&self, writer: &mut Writer<'_>) {
                writer.part(&self.0);
                $(writer.part(&self.$l);)+
            }

            fn read(&mut self, reader: &mut Reader<'_>) {
                reader.part(&mut self.0);
                $(reader.part(&mut self.$l);)+
            }
        }
    };
}

tuple!(A 0, B 1 reads A; top B 1; down 1 from 0);
tuple!(A 0, B 1 reads A, C 2 reads B; top C 2; down 2 from 1, 1 from 0);
tuple!(A 0, B 1 reads A, C 2 reads B, D 3 reads C; top D 3; down 3 from 2, 2 from 1, 1 from 0);
tuple!(A 0, B 1 reads A, C 2 reads B, D 3 reads C, E 4 reads D;
    top E 4; down 4 from 3, 3 from 2, 2 from 1, 1 from 0);
tuple!(A 0, B 1 reads A, C 2 reads B, D 3 reads C, E 4 reads D, F 5 reads E;
    top F 5; down 5 from 4, 4 from 3, 3 from 2, 2 from 1, 1 from 0);
