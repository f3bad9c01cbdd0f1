//! Arrays of equal layers on top of each other.

use core::ops::Range;

use super::layer::within;
use super::{
    Activations, Backward, BackwardTypes, FeedForward, Initialize, Layer, LayerTypes, Parameters,
    Pcg32, Reads, RecordedSteps, Steps, Tensor,
};

impl<L: LayerTypes, const N: usize> LayerTypes for [L; N] {
    type In = L::In;
    type Out = L::Out;
    type State = [L::State; N];
}

impl<L: Reads<<L as LayerTypes>::Out>, const N: usize> Layer for [L; N] {
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
}

impl<L: Reads<<L as LayerTypes>::Out>, const N: usize> Reads<L::In> for [L; N] {}

impl<L: FeedForward + Reads<<L as LayerTypes>::Out>, const N: usize> FeedForward for [L; N] {}

impl<L: BackwardTypes, const N: usize> BackwardTypes for [L; N] {
    type Activations<const K: usize> = [L::Activations<K>; N];
}

impl<L: Backward + Reads<<L as LayerTypes>::Out>, const N: usize> Backward for [L; N] {
    #[inline(always)]
    fn backward<const K: usize>(&self, steps: Steps<'_, Self, K>, gradient: Option<&mut Self>) {
        let Steps { inputs, before, activations, range, d_state, mut d_inputs } = steps;
        let layers = self.iter().zip(before).zip(d_state);
        let mut activations = activations.as_mut_slice();
        let mut gradients = gradient.map(|gradient| gradient.iter_mut().rev());
        for ((layer, before), d_state) in layers.rev() {
            let gradient = gradients.as_mut().and_then(Iterator::next);
            let Some((own, below)) = activations.split_last_mut() else { return };
            let (inputs, d_inputs) = match below.last_mut() {
                Some(below) => below.rows(range.clone()),
                None => (inputs, d_inputs.take()),
            };
            let range = range.clone();
            let steps = Steps { inputs, before, activations: own, range, d_state, d_inputs };
            layer.backward::<K>(steps, gradient);
            activations = below;
        }
    }

    const PARTS: usize = N * L::PARTS;

    #[inline(always)]
    fn accumulate<const K: usize>(
        &self,
        steps: RecordedSteps<'_, Self, K>,
        gradient: &mut Self,
        parts: Range<usize>,
    ) {
        let RecordedSteps { inputs, before, activations, range } = steps;
        let mut activations = activations.as_mut_slice();
        let layers = self.iter().zip(before).zip(gradient).enumerate();
        for (n, ((layer, before), gradient)) in layers.rev() {
            let Some((own, below)) = activations.split_last_mut() else { return };
            let inputs = below.last_mut().map_or(inputs, |below| below.rows(range.clone()).0);
            let steps = RecordedSteps { inputs, before, activations: own, range: range.clone() };
            layer.accumulate::<K>(steps, gradient, within(&parts, n * L::PARTS, L::PARTS));
            activations = below;
        }
    }
}

impl<A: Activations, const N: usize> Activations for [A; N] {
    type State = [A::State; N];
    type Out = A::Out;

    fn write(&mut self, row: usize, state: &Self::State) {
        for (layer, state) in self.iter_mut().zip(state) {
            layer.write(row, state);
        }
    }

    fn read(&self, row: usize, state: &mut Self::State) {
        for (layer, state) in self.iter().zip(state) {
            layer.read(row, state);
        }
    }

    fn rows(&mut self, steps: Range<usize>) -> (&[A::Out], Option<&mut [A::Out]>) {
        self.last_mut().map_or((&[], None), |top| top.rows(steps))
    }

    fn d_outputs(&self) -> &[A::Out] {
        self.last().map_or(&[], A::d_outputs)
    }

    fn clear(&mut self) {
        for layer in self {
            layer.clear();
        }
    }

    fn clear_gradients(&mut self) {
        for layer in self {
            layer.clear_gradients();
        }
    }
}

impl<P: Parameters, const L: usize> Parameters for [P; L] {
    type Scalar = P::Scalar;
    type Tensor = P::Tensor;
    const TENSORS: usize = L * P::TENSORS;

    fn tensor(&self, n: usize) -> &P::Tensor {
        let l = n.checked_div(P::TENSORS).unwrap_or(L);
        self.get(l).map_or(Tensor::empty(), |layer| layer.tensor(n - l * P::TENSORS))
    }

    fn tensor_mut(&mut self, n: usize) -> &mut P::Tensor {
        let l = n.checked_div(P::TENSORS).unwrap_or(L);
        self.get_mut(l).map_or(Tensor::empty(), |layer| layer.tensor_mut(n - l * P::TENSORS))
    }
}

impl<L: Initialize, const N: usize> Initialize for [L; N] {
    fn init_pytorch(&mut self, rng: &mut Pcg32) {
        self.iter_mut().for_each(|layer| layer.init_pytorch(rng));
    }

    fn init_keras(&mut self, rng: &mut Pcg32) {
        self.iter_mut().for_each(|layer| layer.init_keras(rng));
    }
}
