//! What a learner does with samples and sequences.

use super::Learner;
use crate::nn::{Backward, LayerTypes, Parameters};
use crate::num::{ConstZero, Scalar};
use crate::train::guard::{blame, try_loss, try_step};
use crate::train::{
    Loss, Optimizer, OutputRow, Report, StreamState, TrainError, TrainErrorKind, Update,
};

impl<N, O, L> Learner<N, O, L>
where
    N: Backward<Out: OutputRow<N::Scalar>> + Parameters,
    O: Optimizer<N>,
    L: Loss<N::Out, Scalar = N::Scalar>,
{
    /// Predicts the target of a sample, then learns from it.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 1, 1>::new();
    /// let report = learner.observe(&mut stream, &[0.0], &[0.5])?;
    /// assert_eq!((report.prediction, report.loss), ([0.0], 0.25));
    /// assert!(report.update.is_done());
    /// assert_eq!(learner.net.bias, [0.1]); // 0 - 0.1 · ∂L/∂y
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The sample was rejected: a number is not finite, or too large to compute with, or the network
    /// has diverged. Everything but [`StreamState::steps`] is unchanged. If only the update was
    /// skipped, the sample is recorded, and [`Report::update`] says why.
    pub fn observe<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        let result = self.try_observe(stream, x, target);
        stream.count(result)
    }

    /// A step without a target: the stream's state and window advance, and there is no loss.
    ///
    /// If the window ends here, the network learns from the earlier targets in it; whether it did is
    /// [`last_update`](Self::last_update). To predict without learning, use a
    /// [`Predictor`](crate::Predictor).
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Dense<1, 1>, 2, 2>::new();
    /// learner.observe(&mut stream, &[0.0], &[0.5])?;
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.0]); // the second step: the window ends
    /// assert!(learner.last_update().is_done());
    /// assert_eq!(learner.predict(&mut stream, &[0.0])?, [0.1]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe).
    pub fn predict<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, TrainError> {
        let result = self.try_predict(stream, x);
        stream.count(result)
    }

    /// Ends a sequence with one target: its loss at the newest step, an update, and a reset.
    ///
    /// The steps are calls of [`predict`](Self::predict), and may be of [`observe`](Self::observe);
    /// at a step that has a target, this one replaces it. The sequence may have any length; the
    /// gradient travels back through its newest `K2` steps.
    ///
    /// ```
    /// use elman::{Dense, Learner, Sgd, SoftmaxCrossEntropy, StreamState, argmax};
    ///
    /// type Net = Dense<1, 2>;
    /// let mut learner = Learner::<Net, Sgd, SoftmaxCrossEntropy>::new(Sgd::new(0.1));
    /// let mut stream = StreamState::<Net, 8, 8>::new();
    /// for x in [0.5, 0.25, 0.75] {
    ///     learner.predict(&mut stream, &[x])?;
    /// }
    /// let report = learner.finish(&mut stream, &1)?; // it was of class 1
    /// assert!(report.update.is_done());
    /// assert_eq!(argmax(&learner.predict(&mut stream, &[0.5])?), 1);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`observe`](Self::observe), and without a step. The stream is reset in any case.
    pub fn finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError> {
        let result = self.try_finish(stream, target);
        stream.reset();
        stream.count(result)
    }

    /// Ends a sequence with one target for the mean of its outputs: Keras's `GlobalAveragePooling1D`.
    ///
    /// As [`finish`](Self::finish), which reads the newest output only. The mean is over the recorded
    /// steps, the newest `K2`; the gradient of each is ∂L/∂mean / steps. It replaces the targets that
    /// wait in them. Above a linear readout it is the mean of the states as well.
    ///
    /// ```
    /// use elman::{Dense, Learner, Matrix, Sgd, StreamState};
    ///
    /// let mut learner = Learner::<Dense<1, 1>, Sgd>::new(Sgd::new(0.1));
    /// learner.net.kernel = Matrix([[1.0]]);
    /// let mut stream = StreamState::<Dense<1, 1>, 8, 8>::new();
    /// for x in [0.25, 0.5, 0.75] {
    ///     learner.predict(&mut stream, &[x])?;
    /// }
    /// assert_eq!(learner.finish_with_mean(&mut stream, &[0.5])?.prediction, [0.5]);
    /// # Ok::<(), elman::TrainError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_with_mean<const K1: usize, const K2: usize, const C: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainError>
    where
        N: LayerTypes<Out = [<N as Parameters>::Scalar; C]>,
    {
        let result = self.try_finish_with_mean(stream, target);
        stream.reset();
        stream.count(result)
    }

    fn try_observe<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind> {
        self.begin(stream);
        let Sample { state, report, d_y } = self.try_sample(stream.state(), x, target)?;
        stream.record_step(x, &state);
        stream.set_output_gradient(&d_y);
        self.end_window_if_due(stream);
        Ok(Report { update: self.last_update, ..report })
    }

    /// A step with its loss, not recorded yet.
    pub(in crate::train) fn try_sample(
        &self,
        state: &N::State,
        x: &N::In,
        target: &L::Target,
    ) -> Result<Sample<N>, TrainErrorKind> {
        let next = try_step(&self.net, state, x)?;
        let prediction = *N::output(&next);
        let (loss, d_y) = self.try_loss(state, &prediction, target)?;
        Ok(Sample { state: next, report: Report { prediction, loss, update: Update::NotDue }, d_y })
    }

    fn try_predict<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        x: &N::In,
    ) -> Result<N::Out, TrainErrorKind> {
        self.begin(stream);
        let state = try_step(&self.net, stream.state(), x)?;
        let prediction = *stream.record_step(x, &state);
        self.end_window_if_due(stream);
        Ok(prediction)
    }

    fn try_finish<const K1: usize, const K2: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind> {
        self.begin(stream);
        let prediction = stream.output(0).ok_or(TrainErrorKind::NoStep)?;
        let (loss, d_y) = self.try_loss(stream.state(), &prediction, target)?;

        stream.set_output_gradient(&d_y);
        self.end_window(stream);
        Ok(Report { prediction, loss, update: self.last_update })
    }

    fn try_finish_with_mean<const K1: usize, const K2: usize, const C: usize>(
        &mut self,
        stream: &mut StreamState<N, K1, K2>,
        target: &L::Target,
    ) -> Result<Report<N::Out, N::Scalar>, TrainErrorKind>
    where
        N: LayerTypes<Out = [<N as Parameters>::Scalar; C]>,
    {
        self.begin(stream);
        let outputs = (0..stream.len()).rev().filter_map(|ago| stream.output(ago));
        let steps = outputs.clone().fold(N::Scalar::ZERO, |steps, _| steps + N::Scalar::ONE);
        let mut mean = outputs.reduce(add).ok_or(TrainErrorKind::NoStep)?;
        mean.iter_mut().for_each(|y| *y = *y / steps);
        let (loss, d_y) = self.try_loss(stream.state(), &mean, target)?;

        stream.set_output_gradients(&d_y.map(|d_y| d_y / steps));
        self.end_window(stream);
        Ok(Report { prediction: mean, loss, update: self.last_update })
    }

    /// The loss of `prediction`, which is or follows the output in `state`.
    fn try_loss(
        &self,
        state: &N::State,
        prediction: &N::Out,
        target: &L::Target,
    ) -> Result<(N::Scalar, N::Out), TrainErrorKind> {
        let limit = self.max_output_gradient.or(N::Scalar::from_u32(MAX_OUTPUT_GRADIENT));
        try_loss::<N, L>(prediction, target, limit)
            .map_err(|kind| blame::<N, L>(kind, &self.net, state, target, limit))
    }
}

/// A sample that may be recorded.
pub(in crate::train) struct Sample<N: LayerTypes + Parameters> {
    /// The state after it.
    pub state: N::State,
    /// What is reported of it.
    pub report: Report<N::Out, N::Scalar>,
    /// ∂L/∂y.
    pub d_y: N::Out,
}

/// The default of [`Learner::max_output_gradient`].
const MAX_OUTPUT_GRADIENT: u32 = 10;

/// `y + z`
fn add<T: Scalar, const C: usize>(mut y: [T; C], z: [T; C]) -> [T; C] {
    y.iter_mut().zip(z).for_each(|(y, z)| *y += z);
    y
}
