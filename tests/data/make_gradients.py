"""Writes the goldens: what TensorFlow, Keras and PyTorch compute for small tanh networks, in float64.

    python3 -m venv venv
    venv/bin/pip install numpy==2.4.6 torch==2.15.0 tensorflow==2.21.0 tf-keras==2.21.0
    TF_USE_LEGACY_KERAS=1 venv/bin/python make_gradients.py

(TF_USE_LEGACY_KERAS=1 makes `tf.keras` the Keras 2 of tf-keras, the one that still has `BasicRNNCell`; the script
sets it too.) The files are written beside the script. Everything is seeded: a second run gives the same bytes, and
another processor at most other last digits.

    tensorflow.json, keras.json, pytorch.json    {"versions", "gradients": [case, ..]}: one gradient each
    trajectories.json                            {"versions", "trajectories": [case, ..]}: whole training runs

A network is written in Keras's layout, row vectors times matrices:

    {"layers": [{"kernel": I x H, "recurrent_kernel": H x H, "bias": H}, ..], "dense": {"kernel": H x O, "bias": O}}

without "dense" if the output is the top layer's state. PyTorch's matrices are the transposes. Of PyTorch's two
biases only bias_ih is trained here; bias_hh stays zero, so that there is one bias, as in the other two.

Indices are [sequence][step][unit] for "inputs", "targets" and "outputs", [sequence][layer][unit] for states, and
[step][unit] in the trajectories, which are one sequence each. "mask" says which steps carry an error, and the loss
is the sum of the squared errors of those steps (a trajectory may take their mean instead: see `train`).

No number is written that a plain loop over the equations (`plain_*`, below) does not confirm to 1e-12.
"""

import copy
import json
import os
import sys
from pathlib import Path

# TensorFlow and Triton, a part of PyTorch for GPUs, each bring an LLVM, and one process cannot hold both.
sys.modules["triton"] = None
os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf
import tf_keras
import torch
from torch.nn.functional import linear


# The equations as plain loops ------------------------------------------------------------------------------------


def plain_step(layer, below, before):
    """h_t = tanh(x_t W_x + h_{t-1} W_h + b)."""
    return np.tanh(below @ layer["kernel"] + before @ layer["recurrent_kernel"] + layer["bias"])


def plain_advance(net, x, histories):
    """One step of the whole network: appends to each layer's history of states and returns the output."""
    for layer, history in zip(net["layers"], histories):
        x = plain_step(layer, x, history[-1])
        history.append(x)
    return x @ net["dense"]["kernel"] + net["dense"]["bias"] if "dense" in net else x


def plain_gradient(net, inputs, histories, errors):
    """Backward over recorded steps: the gradients of the network, of the inputs and of the initial states.

    A history is the state before the first step, then the state after each; errors[t] is dL/dy of step t.
    """
    gradient = copy.deepcopy(net)
    for tensor in tensors(gradient):
        tensor[...] = 0

    if "dense" in net:
        for h, error in zip(histories[-1][1:], errors):
            gradient["dense"]["kernel"] += np.outer(h, error)
            gradient["dense"]["bias"] += error
        errors = [net["dense"]["kernel"] @ error for error in errors]

    initial = []
    for index in reversed(range(len(histories))):
        layer, layer_gradient, h = net["layers"][index], gradient["layers"][index], histories[index]
        below = histories[index - 1][1:] if index > 0 else inputs
        errors_below = [None] * len(below)
        carried = np.zeros_like(h[0])
        for t in reversed(range(len(below))):
            delta = (errors[t] + carried) * (1 - h[t + 1] ** 2)
            layer_gradient["kernel"] += np.outer(below[t], delta)
            layer_gradient["recurrent_kernel"] += np.outer(h[t], delta)
            layer_gradient["bias"] += delta
            errors_below[t] = layer["kernel"] @ delta
            carried = layer["recurrent_kernel"] @ delta
        errors = errors_below
        initial.insert(0, carried)
    return gradient, errors, initial


def plain_case(case):
    """What a case of one gradient should hold, sequence by sequence."""
    net, mask = case["net"], case["mask"]
    results = []
    for inputs, targets, states in zip(case["inputs"], case["targets"], case["initial_states"]):
        histories = [[state] for state in states]
        outputs = np.array([plain_advance(net, x, histories) for x in inputs])
        misses = (outputs - targets) * mask[:, None]
        results.append((outputs, [h[-1] for h in histories], *plain_gradient(net, inputs, histories, 2 * misses)))

    outputs, final_states, gradients, of_inputs, of_initial_states = zip(*results)
    return {
        "outputs": outputs,
        "final_states": final_states,
        "loss": ((outputs - case["targets"])[:, mask] ** 2).sum(),
        "gradient": add_nets(gradients),
        "gradient_of_inputs": of_inputs,
        "gradient_of_initial_states": of_initial_states,
    }


def plain_training(case):
    """What a trajectory should hold: truncated BPTT(k1, k2) on everything recorded since the first step."""
    net, inputs, targets, mask = copy.deepcopy(case["net"]), case["inputs"], case["targets"], case["mask"]
    histories = [[np.zeros_like(layer["bias"])] for layer in net["layers"]]
    predictions, losses, norms = [], [], []
    for start, end in windows(len(inputs), case["k1"]):
        predictions += [plain_advance(net, x, histories) for x in inputs[start:end]]

        errors = np.zeros_like(targets[:end])
        squares = np.zeros_like(targets[:end])
        for t in range(start, end):
            if mask[t]:
                errors[t] = 2 * (predictions[t] - targets[t])
                squares[t] = (predictions[t] - targets[t]) ** 2
        count = mask[start:end].sum() * targets.shape[1] if case["loss"] == "mean" else 1
        losses.append(squares.sum() / count)

        oldest = max(0, end - case["k2"])
        recorded = [history[oldest:] for history in histories]
        gradient, _, _ = plain_gradient(net, inputs[oldest:end], recorded, errors[oldest:] / count)
        norms.append(np.sqrt(sum((g**2).sum() for g in tensors(gradient))))
        for w, g in zip(tensors(net), tensors(gradient)):
            w -= case["learning_rate"] * clip_scale(norms[-1], case["clip"]) * g

    return {"predictions": predictions, "window_losses": losses, "gradient_norms": norms, "final_net": net}


def windows(steps, k1):
    """The new steps of each update, as (start, end); the last one, flushed at the end, may be shorter."""
    return [(start, min(start + k1, steps)) for start in range(0, steps, k1)]


def clip_scale(norm, limit):
    """The factor that brings a gradient of this norm down to the limit, exactly: no epsilon in the divisor."""
    return limit / norm if limit is not None and norm > limit else 1.0


def tensors(net):
    """All tensors of a network, or of a gradient."""
    parts = net["layers"] + ([net["dense"]] if "dense" in net else [])
    return [tensor for part in parts for tensor in part.values()]


def add_nets(nets):
    """The sum of several gradients."""
    total = copy.deepcopy(nets[0])
    for net in nets[1:]:
        for into, tensor in zip(tensors(total), tensors(net)):
            into += tensor
    return total


def confirm(actual, expected):
    """Asserts that nested dictionaries and lists agree to 1e-12; `actual` may hold more keys than `expected`."""
    if isinstance(expected, dict):
        for key in expected:
            confirm(actual[key], expected[key])
    elif isinstance(expected, (list, tuple)):
        assert len(actual) == len(expected)
        for pair in zip(actual, expected):
            confirm(*pair)
    else:
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)
        assert np.shape(actual) == np.shape(expected)


# TensorFlow: BasicRNNCell ----------------------------------------------------------------------------------------


def tensorflow_case():
    """Two layers of 3 units, ten steps of ones, targets of ones, an error on the last two steps only.

    Each layer, and its gradient, also has a "concatenated_kernel": `kernel` on top of `recurrent_kernel`.
    """
    size, steps = 3, 10
    rnn = tf.compat.v1.nn.rnn_cell
    layers = [rnn.BasicRNNCell(size, dtype=tf.float64) for _ in range(2)]
    for layer in layers:
        layer.build((1, size))
    cell = rnn.MultiRNNCell(layers)
    fill_with_random_numbers(cell.trainable_variables, seed=1)

    inputs = [tf.ones((1, size), tf.float64) for _ in range(steps)]
    targets = tf.ones((1, steps, size), tf.float64)
    mask = np.arange(steps) >= steps - 2
    initial = cell.zero_state(1, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch([inputs, initial])
        states, outputs = initial, []
        for x in inputs:
            y, states = cell(x, states)
            outputs.append(y)
        outputs = tf.stack(outputs, axis=1)
        loss = squared_error(outputs, targets, mask)
    gradient, of_inputs, of_initial = tape.gradient(loss, (cell.trainable_variables, inputs, initial))

    case = {
        "name": "BasicRNNCell, two layers, ten steps of ones",
        "sizes": sizes(inputs=size, hidden=[size, size], outputs=size, steps=steps, batch=1),
        "net": split_kernels(cell.trainable_variables, size),
        "inputs": tf.stack(inputs, axis=1).numpy(),
        "mask": mask,
        "targets": targets.numpy(),
        "initial_states": by_sequence(initial),
        "outputs": outputs.numpy(),
        "final_states": by_sequence(states),
        "loss": loss.numpy(),
        "gradient": split_kernels(gradient, size),
        "gradient_of_inputs": tf.stack(of_inputs, axis=1).numpy(),
        "gradient_of_initial_states": by_sequence(of_initial),
    }
    confirm(case, plain_case(case))
    add_concatenated_kernels(case["net"], cell.trainable_variables)
    add_concatenated_kernels(case["gradient"], gradient)
    return case


def split_kernels(variables, inputs):
    """The network (or gradient) of a list kernel, bias, kernel, bias, .. where each kernel is two in one."""
    layers = []
    for kernel, bias in zip(variables[::2], variables[1::2]):
        kernel, bias = kernel.numpy(), bias.numpy()
        layers.append({"kernel": kernel[:inputs], "recurrent_kernel": kernel[inputs:], "bias": bias})
        inputs = len(bias)
    return {"layers": layers}


def add_concatenated_kernels(net, variables):
    """Adds to each layer the kernel as TensorFlow stores it."""
    for layer, kernel in zip(net["layers"], variables[::2]):
        layer["concatenated_kernel"] = kernel.numpy()


def fill_with_random_numbers(variables, seed):
    """Replaces the initial weights by random ones, since initial biases are zero."""
    rng = np.random.default_rng(seed)
    for variable in variables:
        variable.assign(rng.uniform(-0.7, 0.7, variable.shape))


def squared_error(outputs, targets, mask):
    """The sum of the squared errors of the steps in the mask; `outputs` is [sequence][step][unit]."""
    return tf.reduce_sum(tf.boolean_mask(outputs - targets, mask, axis=1) ** 2)


def by_sequence(states):
    """From one tensor [sequence][unit] per layer to [sequence][layer][unit]; layers may differ in size."""
    return [[state.numpy() for state in sequence] for sequence in zip(*states)]


def sizes(inputs, hidden, outputs, steps, batch):
    """The sizes of a case, under the names they have in the files."""
    return {"inputs": inputs, "hidden": hidden, "outputs": outputs, "steps": steps, "batch": batch}


# Keras: SimpleRNN ------------------------------------------------------------------------------------------------


def keras_case():
    """SimpleRNN(5), SimpleRNN(4), Dense(2) over seven steps, an error at each, from states that are not zero."""
    layers = [
        tf.keras.layers.SimpleRNN(units, return_sequences=True, return_state=True, dtype="float64") for units in (5, 4)
    ]
    dense = tf.keras.layers.Dense(2, dtype="float64")
    layers[0].build((1, 7, 3))
    layers[1].build((1, 7, 5))
    dense.build((1, 7, 4))
    variables = [part.trainable_variables for part in (*layers, dense)]
    fill_with_random_numbers(sum(variables, []), seed=2)

    rng = np.random.default_rng(3)
    inputs, targets = tf.constant(rng.normal(size=(1, 7, 3))), tf.constant(rng.normal(size=(1, 7, 2)))
    initial = [tf.constant(rng.uniform(-0.9, 0.9, (1, units))) for units in (5, 4)]
    mask = np.full(7, True)
    with tf.GradientTape() as tape:
        tape.watch([inputs, initial])
        sequence, states = inputs, []
        for layer, state in zip(layers, initial):
            sequence, state = layer(sequence, initial_state=state)
            states.append(state)
        outputs = dense(sequence)
        loss = squared_error(outputs, targets, mask)
    gradient, of_inputs, of_initial = tape.gradient(loss, (variables, inputs, initial))

    case = {
        "name": "SimpleRNN, SimpleRNN, Dense",
        "sizes": sizes(inputs=3, hidden=[5, 4], outputs=2, steps=7, batch=1),
        "net": keras_net(variables),
        "inputs": inputs.numpy(),
        "mask": mask,
        "targets": targets.numpy(),
        "initial_states": by_sequence(initial),
        "outputs": outputs.numpy(),
        "final_states": by_sequence(states),
        "loss": loss.numpy(),
        "gradient": keras_net(gradient),
        "gradient_of_inputs": of_inputs.numpy(),
        "gradient_of_initial_states": by_sequence(of_initial),
    }
    confirm(case, plain_case(case))
    return case


def keras_net(parts):
    """The network (or gradient) of Keras's variables: three for each recurrent layer, then two for the readout."""
    *layers, dense = [[variable.numpy() for variable in part] for part in parts]
    return {
        "layers": [dict(zip(("kernel", "recurrent_kernel", "bias"), layer)) for layer in layers],
        "dense": dict(zip(("kernel", "bias"), dense)),
    }


# PyTorch: nn.RNN -------------------------------------------------------------------------------------------------


def pytorch_cases():
    """Every way an error can enter: at each step, at some, at the last, at one in the middle."""
    return [
        pytorch_case("every step, no readout", seed=10, inputs=2, hidden=[5], steps=7, errors=range(7)),
        pytorch_case(
            "every third step", seed=11, inputs=3, hidden=[8, 8], outputs=2, steps=12, errors=range(2, 12, 3)
        ),
        pytorch_case(
            "last step, three sequences", seed=12, inputs=4, hidden=[6, 6, 6], steps=9, errors=[8], batch=3, state=0.9
        ),
        pytorch_case("thirty steps", seed=13, inputs=1, hidden=[12], outputs=1, steps=30, errors=range(30)),
        pytorch_case("one step in the middle", seed=14, inputs=2, hidden=[4, 4], outputs=3, steps=10, errors=[4]),
    ]


def pytorch_case(name, seed, inputs, hidden, steps, errors, outputs=None, batch=1, state=0.0):
    """One gradient of nn.RNN, summed over the batch, with nn.Linear on top if `outputs` is given.

    `hidden` lists the layers, all of one size; `errors` the steps that carry one; initial states are within +-`state`.
    """
    torch.manual_seed(seed)
    rnn = torch.nn.RNN(inputs, hidden[0], len(hidden), batch_first=True)
    dense = torch.nn.Linear(hidden[0], outputs) if outputs else None
    outputs = outputs or hidden[0]
    keep_one_bias(rnn.all_weights)

    x = torch.randn(batch, steps, inputs, requires_grad=True)
    targets = torch.rand(batch, steps, outputs) * 2 - 1
    initial = ((torch.rand(len(hidden), batch, hidden[0]) * 2 - 1) * state).requires_grad_()
    mask = torch.zeros(steps, dtype=torch.bool)
    mask[list(errors)] = True

    y, states = rnn(x, initial)
    y = dense(y) if dense else y
    loss = ((y - targets)[:, mask] ** 2).sum()
    loss.backward()

    case = {
        "name": name,
        "sizes": sizes(inputs, hidden, outputs, steps, batch),
        "net": pytorch_net(rnn.all_weights, dense, value),
        "inputs": value(x),
        "mask": value(mask),
        "targets": value(targets),
        "initial_states": value(initial).swapaxes(0, 1),
        "outputs": value(y),
        "final_states": value(states).swapaxes(0, 1),
        "loss": value(loss),
        "gradient": pytorch_net(rnn.all_weights, dense, slope),
        "gradient_of_inputs": slope(x),
        "gradient_of_initial_states": slope(initial).swapaxes(0, 1),
    }
    confirm(case, plain_case(case))
    return case


def keep_one_bias(all_weights):
    """Fixes bias_hh at zero, so that bias_ih is the one bias of a layer."""
    for _, _, _, bias_hh in all_weights:
        bias_hh.requires_grad_(False).zero_()


def pytorch_net(all_weights, dense, read):
    """The network, or its gradient, in Keras's layout: `read` is `value` or `slope`."""
    net = {
        "layers": [
            {"kernel": read(weight_ih).T, "recurrent_kernel": read(weight_hh).T, "bias": read(bias_ih)}
            for weight_ih, weight_hh, bias_ih, _ in all_weights
        ]
    }
    if dense:
        net["dense"] = {"kernel": read(dense.weight).T, "bias": read(dense.bias)}
    return net


def value(tensor):
    """A copy of a tensor's value, as an array."""
    return tensor.detach().numpy().copy()


def slope(tensor):
    """A copy of a tensor's gradient, as an array."""
    return tensor.grad.numpy().copy()


# Truncated BPTT(k1, k2) ------------------------------------------------------------------------------------------


def trajectories():
    """k1 = k2 and k1 < k2, windows that fit the stream and windows that do not, with and without clipping."""
    return [
        train("chunks, mean, clipped", seed=48, inputs=1, hidden=[12], outputs=1,
              steps=220, k1=20, k2=20, learning_rate=0.02, loss="mean", clip=1.0),
        train("overlapping windows, layers of two sizes", seed=21, inputs=2, hidden=[6, 5], outputs=2,
              steps=203, k1=5, k2=20, learning_rate=0.01),
        train("an error every fourth step, no readout, clipped", seed=22, inputs=3, hidden=[4, 4],
              steps=50, k1=3, k2=7, learning_rate=0.05, every=4, clip=0.1),
        train("chunks that do not divide the stream", seed=23, inputs=2, hidden=[7], outputs=1,
              steps=60, k1=8, k2=8, learning_rate=0.05),
        train("an update every step", seed=24, inputs=1, hidden=[5], outputs=1,
              steps=80, k1=1, k2=10, learning_rate=0.05),
    ]


def train(name, seed, inputs, hidden, steps, k1, k2, learning_rate, outputs=None, loss="sum", every=1, clip=None):
    """One training run on one endless stream, from zero states, by plain gradient descent.

    The state runs forward and is never recomputed. After every k1 new steps, and once more at the end of the stream
    if some are left, the errors of the new steps travel back through the newest min(k2, steps so far) steps, the
    state before the oldest being a constant; then the weights change. The loss of a window is the "sum" of the squared
    errors of its new steps, or their "mean" over steps in the mask and units. `clip` limits the gradient's norm.
    """
    torch.manual_seed(seed)
    cells = [torch.nn.RNNCell(i, h) for i, h in zip([inputs, *hidden], hidden)]
    dense = torch.nn.Linear(hidden[-1], outputs) if outputs else None
    outputs = outputs or hidden[-1]
    all_weights = [list(cell.parameters()) for cell in cells]
    keep_one_bias(all_weights)
    trained = [p for part in (*cells, dense) if part for p in part.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=learning_rate)

    x, targets = next_step_prediction(seed, steps, inputs, outputs)
    mask = torch.arange(steps) % every == 0
    case = {
        "name": name,
        "sizes": sizes(inputs, hidden, outputs, steps, batch=1),
        "k1": k1,
        "k2": k2,
        "learning_rate": learning_rate,
        "clip": clip,
        "loss": loss,
        "net": pytorch_net(all_weights, dense, value),
        "inputs": value(x),
        "targets": value(targets),
        "mask": value(mask),
        "window_ends": [end for _, end in windows(steps, k1)],
        "window_losses": [],
        "gradient_norms": [],
        "predictions": [],
    }

    histories = [[torch.zeros(h)] for h in hidden]
    for start, end in windows(steps, k1):
        oldest = max(0, end - k2)
        y = forward(cells, dense, x[start:end], histories)
        case["predictions"] += [value(y_t) for y_t in y]
        if oldest < start:
            y = replay(cells, dense, x[oldest:end], [history[oldest:] for history in histories])[start - oldest :]
        squares = (y - targets[start:end])[mask[start:end]] ** 2
        window_loss = squares.mean() if loss == "mean" else squares.sum()

        optimizer.zero_grad()
        window_loss.backward()
        norm = torch.sqrt(sum((p.grad**2).sum() for p in trained))
        for p in trained:
            p.grad *= clip_scale(norm, clip)
        optimizer.step()
        case["window_losses"].append(value(window_loss))
        case["gradient_norms"].append(value(norm))

    case["final_net"] = pytorch_net(all_weights, dense, value)
    confirm(case, plain_training(case))
    return case


def forward(cells, dense, x, histories):
    """PyTorch as everyone uses it: the new steps, with autograd, from states that are constants.

    The new states are appended to the histories, as constants for what follows.
    """
    states = [history[-1] for history in histories]
    outputs = []
    for below in x:
        for index, cell in enumerate(cells):
            below = states[index] = cell(below, states[index])
            histories[index].append(below.detach())
        outputs.append(dense(below) if dense else below)
    return torch.stack(outputs)


def replay(cells, dense, x, histories):
    """The outputs of recorded steps, such that autograd travels back through the records.

    Some of these steps were computed by weights that have changed since, so running the cells again would give other
    activations than those recorded. Instead each state is written as

        h_t = recorded h_t + (z_t - constant z_t) (1 - recorded h_t^2),    z_t = x_t W_x + h_{t-1} W_h + b.

    The difference is zero, so the value of h_t is the recorded one, and it is what z_{t+1} and the layer above see:
    recorded activations enter the gradient of the weights. But the slope of h_t is the recorded tanh' times that of
    z_t, which has the weights in force now: with them the errors travel back, through time and through the layers.
    """
    states = [history[0] for history in histories]
    outputs = []
    for t, below in enumerate(x):
        for index, cell in enumerate(cells):
            recorded = histories[index][t + 1]
            z = linear(below, cell.weight_ih, cell.bias_ih) + linear(states[index], cell.weight_hh)
            below = states[index] = recorded + (z - z.detach()) * (1 - recorded**2)
        outputs.append(dense(below) if dense else below)
    return torch.stack(outputs)


def next_step_prediction(seed, steps, inputs, outputs):
    """Two sines and a little noise per channel: the first `inputs` channels now, the first `outputs` a step later."""
    t = np.arange(steps + 1)[:, None]
    channel = np.arange(max(inputs, outputs))
    sines = 0.5 * np.sin(2 * np.pi * t / (9 + 4 * channel) + channel) + 0.3 * np.sin(2 * np.pi * t / (23 + 5 * channel))
    noise = 0.05 * np.random.default_rng(seed).normal(size=sines.shape)
    signal = torch.tensor(sines + noise)
    return signal[:-1, :inputs], signal[1:, :outputs]


# The files -------------------------------------------------------------------------------------------------------


def text(data, indent=""):
    """Compact JSON with a line for each tensor; every float64 is written so that it reads back exactly."""
    deeper = indent + " "
    if isinstance(data, dict):
        items = [f"{deeper}{json.dumps(key)}: {text(item, deeper)}" for key, item in data.items()]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(data, list) and isinstance(data[0], dict):
        items = [deeper + text(item, deeper) for item in data]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    return json.dumps(data, default=lambda array: array.tolist(), separators=(",", ":"), allow_nan=False)


def write(name, libraries, **content):
    """Writes one file beside the script, beginning with the versions of the libraries it comes from."""
    versions = {library.__name__: str(library.__version__) for library in libraries}
    Path(__file__).with_name(name).write_text(text({"versions": versions} | content) + "\n")


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    write("tensorflow.json", [tf, tf_keras, np], gradients=[tensorflow_case()])
    write("keras.json", [tf_keras, tf, np], gradients=[keras_case()])
    write("pytorch.json", [torch, np], gradients=pytorch_cases())
    write("trajectories.json", [torch, np], trajectories=trajectories())


if __name__ == "__main__":
    main()
