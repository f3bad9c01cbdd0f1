//! Weights from PyTorch, Keras and TensorFlow, as `const fn`s.
//!
//! They read into `f32`: a `const fn` cannot be generic over its scalar.

use super::{Dense, Elman, Gru};
use crate::matrix::Matrix;
use crate::num::ConstZero;
use crate::safetensors::{Dims, Error, Reason, SafeTensors, TensorName, TensorView, tri};

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
        let prefix = TensorName::new(prefix);
        let kernel = tri!(matrix(file, prefix.then("weight_ih_l").number(layer)));
        let recurrent = tri!(matrix(file, prefix.then("weight_hh_l").number(layer)));
        let b_ih = tri!(vector(file, prefix.then("bias_ih_l").number(layer)));
        let name = prefix.then("bias_hh_l").number(layer);
        let b_hh = tri!(vector(file, name));
        Ok(Self {
            kernel: transposed(&kernel),
            recurrent_kernel: transposed(&recurrent),
            bias: tri!(sum(b_ih, &b_hh, name)),
        })
    }

    /// A `SimpleRNN`, whose tensors are `kernel`, `recurrent_kernel` and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        let prefix = TensorName::new(prefix);
        Ok(Self {
            kernel: tri!(matrix(file, prefix.then("kernel"))),
            recurrent_kernel: tri!(matrix(file, prefix.then("recurrent_kernel"))),
            bias: tri!(vector(file, prefix.then("bias"))),
        })
    }

    /// A `BasicRNNCell`: `kernel`, which is `W_x` on top of `W_h`, and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_tensorflow(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        let prefix = TensorName::new(prefix);
        let name = prefix.then("kernel");
        let mut tensor = tri!(file.weights(name, Dims::matrix(I + H, H)));
        let mut cell = Self { bias: tri!(vector(file, prefix.then("bias"))), ..Self::ZERO };
        tri!(take(&mut tensor, cell.kernel.as_mut_slice(), name));
        tri!(take(&mut tensor, cell.recurrent_kernel.as_mut_slice(), name));
        Ok(cell)
    }
}

impl<const I: usize, const O: usize> Dense<I, O> {
    /// An `nn.Linear`, transposed: `weight` and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_pytorch(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        let prefix = TensorName::new(prefix);
        let weight = tri!(matrix(file, prefix.then("weight")));
        let bias = tri!(vector(file, prefix.then("bias")));
        Ok(Self { kernel: transposed(&weight), bias })
    }

    /// A `Dense` of Keras or TensorFlow: `kernel` and `bias` after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        let prefix = TensorName::new(prefix);
        let kernel = tri!(matrix(file, prefix.then("kernel")));
        let bias = tri!(vector(file, prefix.then("bias")));
        Ok(Self { kernel, bias })
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
        let prefix = TensorName::new(prefix);
        let [w_r, w_z, w_n] = tri!(gates_below(file, prefix.then("weight_ih_l").number(layer)));
        let [u_r, u_z, u_n] = tri!(gates_below(file, prefix.then("weight_hh_l").number(layer)));
        let name = prefix.then("bias_ih_l").number(layer);
        let Matrix([b_r, b_z, b_n]) = tri!(shaped(file, name, Dims::SCALAR.of(3 * H)));
        let name = prefix.then("bias_hh_l").number(layer);
        let Matrix([c_r, c_z, c_n]) = tri!(shaped(file, name, Dims::SCALAR.of(3 * H)));
        Ok(Self {
            kernel: [transposed(&w_z), transposed(&w_r), transposed(&w_n)],
            recurrent_kernel: [transposed(&u_z), transposed(&u_r), transposed(&u_n)],
            bias: [tri!(sum(b_z, &c_z, name)), tri!(sum(b_r, &c_r, name)), b_n],
            recurrent_bias: c_n,
        })
    }

    /// A Keras `GRU` with `reset_after=True`: `kernel`, `recurrent_kernel` and the two rows of `bias`
    /// after `prefix`.
    ///
    /// # Errors
    ///
    /// When a tensor is missing, or of another shape or dtype, or a number is not finite. The `bias`
    /// of a layer with `reset_after=False` has another shape.
    pub const fn from_keras(file: &SafeTensors<'_>, prefix: &str) -> Result<Self, Error> {
        let prefix = TensorName::new(prefix);
        let name = prefix.then("bias");
        let Matrix([b_z, b_r, b_n, c_z, c_r, c_n]) =
            tri!(shaped(file, name, Dims::matrix(2, 3 * H)));
        Ok(Self {
            kernel: tri!(gates_beside(file, prefix.then("kernel"))),
            recurrent_kernel: tri!(gates_beside(file, prefix.then("recurrent_kernel"))),
            bias: [tri!(sum(b_z, &c_z, name)), tri!(sum(b_r, &c_r, name)), b_n],
            recurrent_bias: c_n,
        })
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
        let prefix = TensorName::new(prefix);
        let name = prefix.then("bias");
        let Matrix(bias) = tri!(shaped(file, name, Dims::SCALAR.of(3 * H)));
        Ok(Self {
            kernel: tri!(gates_beside(file, prefix.then("kernel"))),
            recurrent_kernel: tri!(gates_beside(file, prefix.then("recurrent_kernel"))),
            bias,
            recurrent_bias: [0.0; H],
        })
    }
}

const fn matrix<const R: usize, const C: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
) -> Result<Matrix<R, C>, Error> {
    shaped(file, name, Dims::matrix(R, C))
}

/// The numbers of a tensor of shape `dims`, in rows.
const fn shaped<const R: usize, const C: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
    dims: Dims,
) -> Result<Matrix<R, C>, Error> {
    let mut tensor = tri!(file.weights(name, dims));
    let mut matrix = Matrix::ZERO;
    tri!(take(&mut tensor, matrix.as_mut_slice(), name));
    Ok(matrix)
}

/// Three matrices on top of each other: `3·R × C`.
const fn gates_below<const R: usize, const C: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
) -> Result<[Matrix<R, C>; 3], Error> {
    let mut tensor = tri!(file.weights(name, Dims::matrix(3 * R, C)));
    let mut gates = [const { Matrix::ZERO }; 3];
    let mut g = 0;
    while g < 3 {
        tri!(take(&mut tensor, gates[g].as_mut_slice(), name));
        g += 1;
    }
    Ok(gates)
}

/// Three matrices side by side: `R × 3·C`.
const fn gates_beside<const R: usize, const C: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
) -> Result<[Matrix<R, C>; 3], Error> {
    let mut tensor = tri!(file.weights(name, Dims::matrix(R, 3 * C)));
    let mut gates = [const { Matrix::ZERO }; 3];
    let mut n = 0;
    while n < 3 * R {
        tri!(take(&mut tensor, &mut gates[n % 3].0[n / 3], name));
        n += 1;
    }
    Ok(gates)
}

const fn vector<const N: usize>(
    file: &SafeTensors<'_>,
    name: TensorName,
) -> Result<[f32; N], Error> {
    let mut tensor = tri!(file.weights(name, Dims::SCALAR.of(N)));
    let mut vector = [0.0; N];
    tri!(take(&mut tensor, &mut vector, name));
    Ok(vector)
}

/// Fills `numbers` with the next ones of `tensor`.
const fn take(
    tensor: &mut TensorView<'_>,
    mut numbers: &mut [f32],
    name: TensorName,
) -> Result<(), Error> {
    while let [first, rest @ ..] = numbers {
        *first = tensor.next_f32();
        if !first.is_finite() {
            return Err(Reason::NonFinite.of(name));
        }
        numbers = rest;
    }
    Ok(())
}

const fn transposed<const R: usize, const C: usize>(matrix: &Matrix<R, C>) -> Matrix<C, R> {
    let mut transposed = Matrix::<C, R>::ZERO;
    let mut r = 0;
    while r < R {
        let mut c = 0;
        while c < C {
            transposed.0[c][r] = matrix.0[r][c];
            c += 1;
        }
        r += 1;
    }
    transposed
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
