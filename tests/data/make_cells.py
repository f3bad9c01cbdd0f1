"""Writes the goldens of the gated and leaky cells: what PyTorch and Keras compute for them.

    python3 -m venv venv
    venv/bin/pip install numpy torch tensorflow-cpu safetensors
    venv/bin/python make.py

The versions used are written into the files. Everything is seeded.

    cells.json              {"versions", "cases"}: one gradient each, in float64
    cells_trajectories.json {"versions", "cases"}: whole training runs, in float64
    NAME.safetensors        f32 networks as the programs save them; NAME.expected.safetensors: inputs and outputs

nn.GRU and Keras's GRU are the programs' own. The leaky cell and minGRU are not in either: they are a line of PyTorch each
(`leaky`, `min_gru`), and what is tested is the gradient, by autograd.

Weights are one list of numbers in the order of the crate's tensors, each matrix as Keras has it, gates in the order
z, r, n. Of PyTorch's two biases bias_hh is kept at zero for z and r, as their sum is all that counts.

Indices of "inputs", "targets", "outputs" are [sequence][step][unit], of states [sequence][number], one layer after the
other. "mask" says which steps carry an error; the loss is the sum of the squared errors of those steps.
"""

import json
import os
import sys
from pathlib import Path

sys.modules["triton"] = None  # a part of PyTorch for GPUs that brings an LLVM of its own, as TensorFlow does
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import tensorflow as tf
import keras
import torch

HERE = Path(__file__).parent


# Cells in PyTorch: parameters, a step, and the parameters' order in the crate -----------------------------------------


class Gru:
    """torch.nn.GRUCell."""

    def __init__(self, inputs, hidden):
        self.size = hidden
        self.cell = torch.nn.GRUCell(inputs, hidden)
        with torch.no_grad():
            self.cell.bias_hh[: 2 * hidden] = 0
        only_candidate = torch.arange(3 * hidden) >= 2 * hidden
        self.cell.bias_hh.register_hook(lambda gradient: gradient * only_candidate)

    def step(self, x, h):
        return self.cell(x, h)

    def tensors(self, read):
        return gru_tensors(self.cell.weight_ih, self.cell.weight_hh, self.cell.bias_ih, self.cell.bias_hh, read)

    def parameters(self):
        return list(self.cell.parameters())


def gru_tensors(weight_ih, weight_hh, bias_ih, bias_hh, read):
    """PyTorch's r, z, n as the crate's z, r, n."""

    def gates(tensor):
        r, z, n = np.split(read(tensor), 3)
        return [z, r, n]

    transposed = [part.T for tensor in (weight_ih, weight_hh) for part in gates(tensor)]
    return [*transposed, *gates(bias_ih), gates(bias_hh)[2]]


class ByHand:
    """A cell whose parameters have the crate's layout."""

    def __init__(self, step, hidden, *shapes):
        self.size, self.step_ = hidden, step
        self.tensors_ = [(torch.rand(*shape) * 2 - 1).mul(0.7).requires_grad_() for shape in shapes]

    def step(self, x, h):
        return self.step_(x, h, *self.tensors_)

    def tensors(self, read):
        return [read(tensor) for tensor in self.tensors_]

    def parameters(self):
        return self.tensors_


def leaky(inputs, hidden):
    def step(x, h, kernel, recurrent_kernel, bias, decay_logit):
        a = torch.sigmoid(decay_logit)
        return a * h + (1 - a) * torch.tanh(x @ kernel + h @ recurrent_kernel + bias)

    return ByHand(step, hidden, (inputs, hidden), (hidden, hidden), (hidden,), (hidden,))


def min_gru(inputs, hidden):
    def step(x, h, kernel_z, bias_z, kernel_h, bias_h):
        z = torch.sigmoid(x @ kernel_z + bias_z)
        return (1 - z) * h + z * (x @ kernel_h + bias_h)

    return ByHand(step, hidden, (inputs, hidden), (hidden,), (inputs, hidden), (hidden,))


def dense_tensors(dense, read):
    return [read(dense.weight).T, read(dense.bias)]


def value(tensor):
    return tensor.detach().numpy().copy()


def slope(tensor):
    return tensor.grad.numpy().copy()


def flat(tensors):
    return [float(number) for tensor in tensors for number in np.ravel(tensor)]


# One gradient ----------------------------------------------------------------------------------------------------


def torch_nn_gru(name, seed, inputs, hidden, layers, outputs, steps, errors, batch):
    """torch.nn.GRU with several layers, and nn.Linear on top."""
    torch.manual_seed(seed)
    gru = torch.nn.GRU(inputs, hidden, layers, batch_first=True)
    dense = torch.nn.Linear(hidden, outputs)
    for *_, bias_hh in gru.all_weights:
        with torch.no_grad():
            bias_hh[: 2 * hidden] = 0
    x, targets, mask = data(batch, steps, inputs, outputs, errors)
    initial = ((torch.rand(layers, batch, hidden) * 2 - 1) * 0.9).requires_grad_()

    h, last = gru(x, initial)
    y = dense(h)
    loss = ((y - targets)[:, mask] ** 2).sum()
    loss.backward()

    def net(read):
        cells = [tensor for weights in gru.all_weights for tensor in gru_tensors(*weights, read)]
        return flat(cells + dense_tensors(dense, read))

    return case(name, net(value), net(slope), x, mask, targets, y, loss,
                initial.swapaxes(0, 1).reshape(batch, -1), last.swapaxes(0, 1).reshape(batch, -1),
                torch.tensor(slope(initial)).swapaxes(0, 1).reshape(batch, -1))


def torch_cells(name, seed, make, sizes, outputs, steps, errors, batch):
    """Cells on top of each other, one step at a time, and nn.Linear."""
    torch.manual_seed(seed)
    cells = [make(i, h) for i, h in zip(sizes, sizes[1:])]
    dense = torch.nn.Linear(sizes[-1], outputs)
    x, targets, mask = data(batch, steps, sizes[0], outputs, errors)
    initial = [((torch.rand(batch, h) * 2 - 1) * 0.9).requires_grad_() for h in sizes[1:]]
    states, outputs_ = list(initial), []
    for t in range(steps):
        below = x[:, t]
        for layer, cell in enumerate(cells):
            below = states[layer] = cell.step(below, states[layer])
        outputs_.append(dense(below))
    y = torch.stack(outputs_, 1)
    loss = ((y - targets)[:, mask] ** 2).sum()
    loss.backward()

    def net(read):
        return flat([t for cell in cells for t in cell.tensors(read)] + dense_tensors(dense, read))

    of_initial = torch.cat([torch.tensor(slope(h)) for h in initial], 1)
    return case(name, net(value), net(slope), x, mask, targets, y, loss, torch.cat(initial, 1), torch.cat(states, 1),
                of_initial)


def data(batch, steps, inputs, outputs, errors):
    x = torch.randn(batch, steps, inputs, requires_grad=True)
    targets = torch.rand(batch, steps, outputs) * 2 - 1
    mask = torch.zeros(steps, dtype=torch.bool)
    mask[list(errors)] = True
    return x, targets, mask


def case(name, net, gradient, x, mask, targets, y, loss, initial, last, of_initial):
    return {"name": name, "net": net, "inputs": value(x), "mask": value(mask), "targets": value(targets),
            "initial_states": value(initial), "outputs": value(y), "final_states": value(last), "loss": float(loss.detach()),
            "gradient": gradient, "gradient_of_inputs": slope(x), "gradient_of_initial_states": value(of_initial)}


def keras_gru(name, seed, reset_after, inputs, hidden, outputs, steps, errors, batch):
    """Two layers of Keras's GRU and a Dense; the bias rows of z and r for h are zero."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    layers = [keras.layers.GRU(h, return_sequences=True, return_state=True, reset_after=reset_after) for h in hidden]
    dense = keras.layers.Dense(outputs)
    x = tf.constant(rng.normal(size=(batch, steps, inputs)))
    targets = rng.uniform(-1, 1, (batch, steps, outputs))
    initial = [tf.constant(rng.uniform(-0.9, 0.9, (batch, h))) for h in hidden]
    mask = np.isin(np.arange(steps), list(errors))

    def forward():
        below, states = x, []
        for layer, state in zip(layers, initial):
            below, last = layer(below, initial_state=state)
            states.append(last)
        return dense(below), states

    forward()  # builds
    for layer in layers:
        layer.cell.bias.assign(keras_bias(rng, reset_after, layer.units))
    dense.bias.assign(rng.uniform(-0.5, 0.5, outputs))
    weights = [w for layer in layers for w in layer.weights] + dense.weights
    variables = [w.value for w in weights]
    with tf.GradientTape() as tape:
        tape.watch([x, *initial])
        y, states = forward()
        loss = tf.reduce_sum((tf.boolean_mask(y - targets, mask, axis=1)) ** 2)
    of_weights, of_x, of_initial = tape.gradient(loss, [variables, x, initial])

    def net(tensors):
        parts = [tensor.numpy() for tensor in tensors]
        cells = [t for layer in range(len(hidden)) for t in keras_tensors(reset_after, *parts[3 * layer : 3 * layer + 3])]
        return flat(cells + parts[-2:])

    return {"name": name, "net": net(variables), "inputs": x.numpy(), "mask": mask, "targets": targets,
            "initial_states": np.concatenate(initial, 1), "outputs": y.numpy(),
            "final_states": np.concatenate(states, 1), "loss": float(loss), "gradient": net(of_weights),
            "gradient_of_inputs": of_x.numpy(), "gradient_of_initial_states": np.concatenate(of_initial, 1)}


def keras_bias(rng, reset_after, hidden):
    if not reset_after:
        return rng.uniform(-0.5, 0.5, 3 * hidden)
    bias = rng.uniform(-0.5, 0.5, (2, 3 * hidden))
    bias[1, : 2 * hidden] = 0
    return bias


def keras_tensors(reset_after, kernel, recurrent_kernel, bias):
    """Keras's z, r, h side by side as the crate's parts; without a second bias there are seven tensors."""
    first = bias[0] if reset_after else bias
    parts = [*np.split(kernel, 3, 1), *np.split(recurrent_kernel, 3, 1), first]
    return parts + [np.split(bias[1], 3)[2]] if reset_after else parts


# Truncated BPTT(k1, k2) ------------------------------------------------------------------------------------------


def train(name, seed, make, sizes, outputs, steps, k1, k2, learning_rate, every=1, clip=None):
    """One run on one endless stream, from zero states, by plain gradient descent; see make_gradients.py.

    With k1 < k2 the recorded states are what the steps of the window are computed from, and the weights are those in
    force now: h_t = recorded h_t + (f(x_t, h_{t-1}) - constant f(x_t, h_{t-1})).
    """
    torch.manual_seed(seed)
    cells = [make(i, h) for i, h in zip(sizes, sizes[1:])]
    dense = torch.nn.Linear(sizes[-1], outputs)
    trained = [p for cell in cells for p in cell.parameters()] + list(dense.parameters())
    optimizer = torch.optim.SGD(trained, lr=learning_rate)
    x, targets = next_step_prediction(seed, steps, sizes[0], outputs)
    mask = np.arange(steps) % every == 0

    def net():
        return flat([t for cell in cells for t in cell.tensors(value)] + dense_tensors(dense, value))

    run = {"name": name, "k1": k1, "k2": k2, "learning_rate": learning_rate, "clip": clip, "net": net(),
           "inputs": value(x), "targets": value(targets), "mask": mask, "window_ends": [], "losses": [], "norms": [],
           "predictions": []}
    histories = [[torch.zeros(h)] for h in sizes[1:]]
    for start in range(0, steps, k1):
        end = min(start + k1, steps)
        for t in range(start, end):
            below = x[t]
            for cell, history in zip(cells, histories):
                below = cell.step(below[None], history[-1][None])[0].detach()
                history.append(below)
            run["predictions"].append(value(dense(below)))
        oldest = max(0, end - k2)
        states, loss = [history[oldest] for history in histories], 0
        for t in range(oldest, end):
            below = x[t]
            for layer, cell in enumerate(cells):
                again = cell.step(below[None], states[layer][None])[0]
                below = states[layer] = histories[layer][t + 1] + (again - again.detach())
            if t >= start and mask[t]:
                loss = loss + ((dense(below) - targets[t]) ** 2).sum()
        optimizer.zero_grad()
        if torch.is_tensor(loss):
            loss.backward()
        norm = torch.sqrt(sum((p.grad**2).sum() for p in trained if p.grad is not None))
        if clip is not None and norm > clip:
            for p in trained:
                p.grad *= clip / norm
        optimizer.step()
        run["window_ends"].append(end)
        run["losses"].append(float(loss))
        run["norms"].append(float(norm))
    return run | {"final_net": net()}


def train_keras(name, seed, reset_after, inputs, hidden, outputs, steps, k1, k2, learning_rate):
    """The same with Keras's GRUCell and TensorFlow's gradients."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    cell, dense = keras.layers.GRUCell(hidden, reset_after=reset_after), keras.layers.Dense(outputs)
    step = lambda x, h: cell(x[None], [h[None]])[0][0]
    dense(step(tf.zeros(inputs, "float64"), tf.zeros(hidden, "float64"))[None])
    cell.bias.assign(keras_bias(rng, reset_after, hidden))
    variables = [w.value for w in [*cell.weights, *dense.weights]]
    x, targets = (tf.constant(value(t)) for t in next_step_prediction(seed, steps, inputs, outputs))

    def net():
        parts = [v.numpy() for v in variables]
        return flat(keras_tensors(reset_after, *parts[:3]) + parts[3:])

    run = {"name": name, "k1": k1, "k2": k2, "learning_rate": learning_rate, "clip": None, "net": net(),
           "inputs": x.numpy(), "targets": targets.numpy(), "mask": np.ones(steps, bool), "window_ends": [],
           "losses": [], "norms": [], "predictions": []}
    history = [tf.zeros(hidden, "float64")]
    for start in range(0, steps, k1):
        end = min(start + k1, steps)
        for t in range(start, end):
            history.append(step(x[t], history[-1]))
            run["predictions"].append(dense(history[-1][None])[0].numpy())
        oldest = max(0, end - k2)
        with tf.GradientTape() as tape:
            h, loss = history[oldest], 0.0
            for t in range(oldest, end):
                again = step(x[t], h)
                h = history[t + 1] + (again - tf.stop_gradient(again))
                if t >= start:
                    loss += tf.reduce_sum((dense(h[None])[0] - targets[t]) ** 2)
        gradient = tape.gradient(loss, variables)
        if reset_after:  # the second biases of z and r stay zero
            only_candidate = np.zeros((2, 3 * hidden))
            only_candidate[0], only_candidate[1, 2 * hidden :] = 1, 1
            gradient[2] *= only_candidate
        for v, g in zip(variables, gradient):
            v.assign_sub(learning_rate * g)
        run["window_ends"].append(end)
        run["losses"].append(float(loss))
        run["norms"].append(float(tf.sqrt(sum(tf.reduce_sum(g**2) for g in gradient))))
    return run | {"final_net": net()}


def next_step_prediction(seed, steps, inputs, outputs):
    """Two sines and a little noise per channel: the first `inputs` channels now, the first `outputs` a step later."""
    t = np.arange(steps + 1)[:, None]
    channel = np.arange(max(inputs, outputs))
    sines = 0.5 * np.sin(2 * np.pi * t / (9 + 4 * channel) + channel) + 0.3 * np.sin(2 * np.pi * t / (23 + 5 * channel))
    signal = torch.tensor(sines + 0.05 * np.random.default_rng(seed).normal(size=sines.shape))
    return signal[:-1, :inputs], signal[1:, :outputs]


# Networks in f32, as the programs save them ------------------------------------------------------------------------


def save_torch():
    from safetensors.torch import save_file

    torch.manual_seed(1)
    model = torch.nn.ModuleDict({"gru": torch.nn.GRU(2, 4, 2, batch_first=True), "head": torch.nn.Linear(4, 2)}).float()
    save_file(model.state_dict(), HERE / "torch_gru.safetensors")
    x = np.random.default_rng(1).uniform(-1, 1, (12, 2)).astype(np.float32)
    with torch.no_grad():
        y = model["head"](model["gru"](torch.from_numpy(x)[None])[0])[0].numpy()
    expect("torch_gru", x, y)


def save_keras(name, reset_after):
    from safetensors.numpy import save_file

    keras.utils.set_random_seed(1)
    gru = lambda units: keras.layers.GRU(units, return_sequences=True, bias_initializer="uniform", reset_after=reset_after)
    model = keras.Sequential([keras.Input((12, 2)), gru(4), gru(3), keras.layers.Dense(2, bias_initializer="uniform")])
    tensors = {f"{i}.{w.name}": w.numpy() for i, layer in enumerate(model.layers) for w in layer.weights}
    save_file(tensors, HERE / f"{name}.safetensors")
    x = np.random.default_rng(1).uniform(-1, 1, (12, 2)).astype(np.float32)
    expect(name, x, model(x[None])[0].numpy())


def expect(name, x, y):
    from safetensors.numpy import save_file

    save_file({"x": x, "y": np.ascontiguousarray(y)}, HERE / f"{name}.expected.safetensors")


# The files -------------------------------------------------------------------------------------------------------


def write(name, cases):
    versions = {m.__name__: str(m.__version__) for m in (torch, keras, tf, np)}
    lines = ",\n".join(
        "{\n" + ",\n".join(f" {json.dumps(key)}: {dump(item)}" for key, item in case.items()) + "\n}" for case in cases
    )
    (HERE / name).write_text(f'{{"versions": {json.dumps(versions)}, "cases": [\n{lines}\n]}}\n')


def dump(item):
    return json.dumps(item, default=lambda array: array.tolist(), separators=(",", ":"), allow_nan=False)


def main():
    torch.set_num_threads(1)
    keras.config.set_dtype_policy("float32")
    save_torch()
    save_keras("keras_gru", True)
    save_keras("keras_gru_reset_before", False)

    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    few, all_ = range(2, 9, 3), range(9)
    write("cells.json", [
        torch_nn_gru("nn.GRU", 1, 3, 5, 1, 2, 9, all_, 1),
        torch_nn_gru("nn.GRU, two layers, batch of three", 2, 2, 4, 2, 2, 9, few, 3),
        keras_gru("Keras GRU", 3, True, 3, [5, 4], 2, 9, few, 3),
        keras_gru("Keras GRU, reset before", 4, False, 3, [5, 4], 2, 9, few, 3),
        torch_cells("leaky", 5, leaky, [3, 5, 4], 2, 9, few, 3),
        torch_cells("minGRU", 6, min_gru, [3, 5, 4], 2, 9, few, 3),
    ])
    write("cells_trajectories.json", [
        train("GRU, chunks", 10, Gru, [1, 6], 1, 150, 10, 10, 0.02),
        train("GRU, overlapping windows, two layers, clipped", 11, Gru, [2, 5, 4], 2, 103, 5, 20, 0.02, every=2, clip=0.5),
        train("leaky, chunks", 12, leaky, [1, 6], 1, 150, 10, 10, 0.02),
        train("leaky, overlapping windows, two layers, clipped", 13, leaky, [2, 5, 4], 2, 103, 5, 20, 0.02, every=2, clip=0.5),
        train("minGRU, chunks", 14, min_gru, [1, 6], 1, 150, 10, 10, 0.02),
        train("minGRU, overlapping windows, two layers, clipped", 15, min_gru, [2, 5, 4], 2, 103, 5, 20, 0.02, every=2, clip=0.5),
        train_keras("Keras GRUCell, overlapping windows", 16, True, 2, 5, 1, 61, 3, 8, 0.05),
        train_keras("Keras GRUCell, reset before, chunks", 17, False, 2, 5, 1, 64, 8, 8, 0.05),
        train_keras("Keras GRUCell, reset before, overlapping windows", 18, False, 2, 5, 1, 61, 3, 8, 0.05),
    ])


if __name__ == "__main__":
    main()
