//! Weights from PyTorch, Keras and TensorFlow, as `const fn`s.
//!
//! They read into `f32`: a `const fn` cannot be generic over its scalar. `from_*` returns a layer, `load_*`
//! reads into one where it is.

use super::{Dense, Elman, Gru};
use crate::matrix::Matrix;
use crate::num::ConstZero;
use crate::safetensors::{Dims, Error, Reason, SafeTensors, TensorName, TensorView, tri};

/// `from_*`: a layer of zeros, into which is loaded.
macro_rules! from {
    ($load:ident($($argument:expr),*)) => {{
        let mut layer = Self::ZERO;
        tri!(layer.$load($($argument),*));
        Ok(layer)
    }};
}

impl<const I: usize, const H: usize> Elman<I, H> {
    /// Layer `layer` of an `nn.RNN`: the matrices transposed, the two biases summed.
    ///
    /// `prefix` is what comes before `weight_ih_l`: `"rnn."` for a module with
    /// `self.rnn = nn.RNN(…)`, `""` for the `nn.RNN` by itself.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_pytorch(
        file: &SafeTensors<'_>,
        prefix: &str,
        layer: usize,
    ) -> Result<Self, Error> {
        from!(load_pytorch(file, prefix, layer))
    }

    /// [`from_pytorch`](Self::from_pytorch), in place: for a layer too large for the stack, in a `static` or
    /// a part of a network.
    ///
    /// ```
    /// use elman::safetensors::SafeTensors;
    /// use elman::{ConstZero, Dense, Elman, Stack};
    ///
    /// let mut net = Stack::<(Elman<2, 4>, Elman<4, 4>, Dense<4, 2>)>::ZERO;
    /// let file = SafeTensors::parse(include_bytes!("../../tests/data/torch.safetensors"))?;
    /// net.0.0.load_pytorch(&file, "rnn.", 0)?;
    /// net.0.1.load_pytorch(&file, "rnn.", 1)?;
    /// net.0.2.load_pytorch(&file, "head.")?;
    /// # assert_eq!(net.0.0, Elman::from_pytorch(&file, "rnn.", 0)?);
    /// # Ok::<(), elman::safetensors::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`from_pytorch`](Self::from_pytorch). Then the layer is as it was.
    pub const fn load_pytorch(
        &mut self,
        file: &SafeTensors<'_>,
        prefix: &str,
        layer: usize,
    ) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let name = prefix.then("weight_ih_l").number(layer);
        let mut kernel = tri!(finite(file, name, Dims::matrix(H, I)));
        let name = prefix.then("weight_hh_l").number(layer);
        let mut recurrent = tri!(finite(file, name, Dims::matrix(H, H)));
        let b_ih = tri!(vector(file, prefix.then("bias_ih_l").number(layer)));
        let name = prefix.then("bias_hh_l").number(layer);
        let b_hh = tri!(vector(file, name));
        self.bias = tri!(sum(b_ih, &b_hh, name));
        take_transposed(&mut kernel, &mut self.kernel);
        take_transposed(&mut recurrent, &mut self.recurrent_kernel);
        Ok(())
    }

    /// A `SimpleRNN`, whose tensors are `kernel`, `recurrent_kernel` and `bias` after `prefix`.
    ///
    /// In place it is [`load_prefix`](crate::safetensors::load_prefix).
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        from!(load_keras(file, prefix))
    }

    /// [`from_keras`](Self::from_keras), in place.
    ///
    /// # Errors
    ///
    /// As [`from_keras`](Self::from_keras). Then the layer is as it was.
    pub const fn load_keras(&mut self, file: &SafeTensors<'_>, prefix: &str) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let mut kernel = tri!(finite(file, prefix.then("kernel"), Dims::matrix(I, H)));
        let name = prefix.then("recurrent_kernel");
        let mut recurrent = tri!(finite(file, name, Dims::matrix(H, H)));
        self.bias = tri!(vector(file, prefix.then("bias")));
        take(&mut kernel, self.kernel.as_mut_slice());
        take(&mut recurrent, self.recurrent_kernel.as_mut_slice());
        Ok(())
    }

    /// A `BasicRNNCell`: `kernel`, which is `W_x` on top of `W_h`, and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_tensorflow(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        from!(load_tensorflow(file, prefix))
    }

    /// [`from_tensorflow`](Self::from_tensorflow), in place.
    ///
    /// # Errors
    ///
    /// As [`from_tensorflow`](Self::from_tensorflow). Then the layer is as it was.
    pub const fn load_tensorflow(
        &mut self,
        file: &SafeTensors<'_>,
        prefix: &str,
    ) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let mut kernels = tri!(finite(file, prefix.then("kernel"), Dims::matrix(I + H, H)));
        self.bias = tri!(vector(file, prefix.then("bias")));
        take(&mut kernels, self.kernel.as_mut_slice());
        take(&mut kernels, self.recurrent_kernel.as_mut_slice());
        Ok(())
    }
}

impl<const I: usize, const O: usize> Dense<I, O> {
    /// An `nn.Linear`, transposed: `weight` and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_pytorch(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        from!(load_pytorch(file, prefix))
    }

    /// [`from_pytorch`](Self::from_pytorch), in place.
    ///
    /// # Errors
    ///
    /// As [`from_pytorch`](Self::from_pytorch). Then the layer is as it was.
    pub const fn load_pytorch(
        &mut self,
        file: &SafeTensors<'_>,
        prefix: &str,
    ) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let mut weight = tri!(finite(file, prefix.then("weight"), Dims::matrix(O, I)));
        self.bias = tri!(vector(file, prefix.then("bias")));
        take_transposed(&mut weight, &mut self.kernel);
        Ok(())
    }

    /// A `Dense` of Keras or TensorFlow: `kernel` and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        from!(load_keras(file, prefix))
    }

    /// [`from_keras`](Self::from_keras), in place.
    ///
    /// # Errors
    ///
    /// As [`from_keras`](Self::from_keras). Then the layer is as it was.
    pub const fn load_keras(&mut self, file: &SafeTensors<'_>, prefix: &str) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let mut kernel = tri!(finite(file, prefix.then("kernel"), Dims::matrix(I, O)));
        self.bias = tri!(vector(file, prefix.then("bias")));
        take(&mut kernel, self.kernel.as_mut_slice());
        Ok(())
    }
}

impl<const I: usize, const H: usize> Gru<I, H> {
    /// Layer `layer` of an `nn.GRU`: the matrices transposed, the two biases of z and r summed.
    ///
    /// `prefix` is what comes before `weight_ih_l`, as with [`Elman::from_pytorch`].
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_pytorch(
        file: &SafeTensors<'_>,
        prefix: &str,
        layer: usize,
    ) -> Result<Self, Error> {
        from!(load_pytorch(file, prefix, layer))
    }

    /// [`from_pytorch`](Self::from_pytorch), in place.
    ///
    /// # Errors
    ///
    /// As [`from_pytorch`](Self::from_pytorch). Then the layer is as it was.
    pub const fn load_pytorch(
        &mut self,
        file: &SafeTensors<'_>,
        prefix: &str,
        layer: usize,
    ) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let name = prefix.then("weight_ih_l").number(layer);
        let mut kernel = tri!(finite(file, name, Dims::matrix(3 * H, I)));
        let name = prefix.then("weight_hh_l").number(layer);
        let mut recurrent = tri!(finite(file, name, Dims::matrix(3 * H, H)));
        let name = prefix.then("bias_ih_l").number(layer);
        let Matrix([b_r, b_z, b_n]) = tri!(rows(file, name, Dims::SCALAR.of(3 * H)));
        let name = prefix.then("bias_hh_l").number(layer);
        let Matrix([c_r, c_z, c_n]) = tri!(rows(file, name, Dims::SCALAR.of(3 * H)));
        self.bias = [tri!(sum(b_z, &c_z, name)), tri!(sum(b_r, &c_r, name)), b_n];
        self.recurrent_bias = c_n;
        take_gates_below(&mut kernel, &mut self.kernel);
        take_gates_below(&mut recurrent, &mut self.recurrent_kernel);
        Ok(())
    }

    /// A Keras `GRU` with `reset_after=True`: `kernel`, `recurrent_kernel` and the two rows of `bias`
    /// after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite. The `bias`
    /// of a layer with `reset_after=False` has another shape.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        from!(load_keras(file, prefix))
    }

    /// [`from_keras`](Self::from_keras), in place.
    ///
    /// # Errors
    ///
    /// As [`from_keras`](Self::from_keras). Then the layer is as it was.
    pub const fn load_keras(&mut self, file: &SafeTensors<'_>, prefix: &str) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let name = prefix.then("bias");
        let Matrix([b_z, b_r, b_n, c_z, c_r, c_n]) = tri!(rows(file, name, Dims::matrix(2, 3 * H)));
        let bias = [tri!(sum(b_z, &c_z, name)), tri!(sum(b_r, &c_r, name)), b_n];
        tri!(self.load_kernels(file, prefix));
        self.bias = bias;
        self.recurrent_bias = c_n;
        Ok(())
    }
}

impl<const I: usize, const H: usize> Gru<I, H, f32, false> {
    /// A Keras `GRU` with `reset_after=False`: `kernel`, `recurrent_kernel` and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite. The `bias`
    /// of a layer with `reset_after=True` has another shape.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        from!(load_keras(file, prefix))
    }

    /// [`from_keras`](Self::from_keras), in place.
    ///
    /// # Errors
    ///
    /// As [`from_keras`](Self::from_keras). Then the layer is as it was.
    pub const fn load_keras(&mut self, file: &SafeTensors<'_>, prefix: &str) -> Result<(), Error> {
        let prefix = TensorName::new(prefix);
        let Matrix(bias) = tri!(rows(file, prefix.then("bias"), Dims::SCALAR.of(3 * H)));
        tri!(self.load_kernels(file, prefix));
        self.bias = bias;
        self.recurrent_bias = [0.0; H];
        Ok(())
    }
}

impl<const I: usize, const H: usize, const RESET_AFTER: bool> Gru<I, H, f32, RESET_AFTER> {
    /// Keras's `kernel` and `recurrent_kernel`, the last that can fail.
    const fn load_kernels(
        &mut self,
        file: &SafeTensors<'_>,
        prefix: TensorName,
    ) -> Result<(), Error> {
        let mut kernel = tri!(finite(file, prefix.then("kernel"), Dims::matrix(I, 3 * H)));
        let name = prefix.then("recurrent_kernel");
        let mut recurrent = tri!(finite(file, name, Dims::matrix(H, 3 * H)));
        take_gates_beside(&mut kernel, &mut self.kernel);
        take_gates_beside(&mut recurrent, &mut self.recurrent_kernel);
        Ok(())
    }
}

//////////// checks ////////////

/// A tensor of shape `dims` whose numbers are finite.
const fn finite<'f>(
    file: &SafeTensors<'f>,
    name: TensorName,
    dims: Dims,
) -> Result<TensorView<'f>, Error> {
    let tensor = tri!(file.weights(name, dims));
    let mut numbers = tensor;
    let mut left = dims.elements();
    while left > 0 {
        if !numbers.next_f32().is_finite() {
            return Err(Reason::NonFinite.of(name));
        }
        left -= 1;
    }
    Ok(tensor)
}

/// The numbers of a small tensor, in rows.
const fn rows<const R: usize, const C: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
    dims: Dims,
) -> Result<Matrix<R, C>, Error> {
    let mut tensor = tri!(finite(file, name, dims));
    let mut matrix = Matrix::ZERO;
    take(&mut tensor, matrix.as_mut_slice());
    Ok(matrix)
}

const fn vector<const N: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
) -> Result<[f32; N], Error> {
    let Matrix([vector]) = tri!(rows(file, name, Dims::SCALAR.of(N)));
    Ok(vector)
}

/// `a + b`, which can be infinite for finite numbers.
const fn sum<const N: usize>(
    mut a: [f32; N],
    b: &[f32; N],
    name: TensorName,
) -> Result<[f32; N], Error> {
    let mut n = 0;
    while n < N {
        a[n] += b[n];
        if !a[n].is_finite() {
            return Err(Reason::NonFinite.of(name));
        }
        n += 1;
    }
    Ok(a)
}

//////////// numbers in place ////////////

/// Fills `numbers` with the next ones of `tensor`.
const fn take(tensor: &mut TensorView<'_>, mut numbers: &mut [f32]) {
    while let [first, rest @ ..] = numbers {
        *first = tensor.next_f32();
        numbers = rest;
    }
}

/// The next numbers are those of the transposed matrix.
const fn take_transposed<const R: usize, const C: usize>(
    tensor: &mut TensorView<'_>,
    matrix: &mut Matrix<R, C>,
) {
    let mut c = 0;
    while c < C {
        let mut r = 0;
        while r < R {
            matrix.0[r][c] = tensor.next_f32();
            r += 1;
        }
        c += 1;
    }
}

/// Three matrices on top of each other, transposed: r, z, n.
const fn take_gates_below<const R: usize, const C: usize>(
    tensor: &mut TensorView<'_>,
    [z, r, n]: &mut [Matrix<R, C>; 3],
) {
    take_transposed(tensor, r);
    take_transposed(tensor, z);
    take_transposed(tensor, n);
}

/// Three matrices side by side: `R × 3·C`.
const fn take_gates_beside<const R: usize, const C: usize>(
    tensor: &mut TensorView<'_>,
    gates: &mut [Matrix<R, C>; 3],
) {
    let mut r = 0;
    while r < R {
        let mut gate = 0;
        while gate < 3 {
            take(tensor, &mut gates[gate].0[r]);
            gate += 1;
        }
        r += 1;
    }
}
