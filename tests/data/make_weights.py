"""Writes the weights that tests/storage/safetensors.rs reads: networks made and saved by the real programs.

    TF_USE_LEGACY_KERAS=1 python make_weights.py tensorflow     # BasicRNNCell needs tf-keras
    python make_weights.py torch keras refusals saved           # Keras 3

With torch 2.15.0, keras 3.15.1, tensorflow 2.21.0, safetensors 0.8.0.

Beside the weights, as the program saved them, each FILE.safetensors has a FILE.expected.safetensors
with `x`, a sequence of inputs, and `y`, the program's outputs. `saved` only reads: what the crate wrote. The lines that users are told to
type stand between two marks and are copied to three_lines.md.
"""

import os
import re
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS = 12
inputs = np.random.default_rng(1).uniform(-1, 1, (STEPS, 2)).astype(np.float32)


def expect(name, y, x=inputs):
    from safetensors.numpy import save_file
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    save_file({"x": x, "y": y}, f"{name}.expected.safetensors")


def torch_():
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self, layers):
            super().__init__()
            self.rnn = nn.RNN(2, 4, num_layers=layers, batch_first=True)
            self.head = nn.Linear(4, 2)

        def forward(self, x):
            return self.head(self.rnn(x)[0])

    def save(model):
        # three lines: PyTorch
        from safetensors.torch import save_file

        save_file(model.state_dict(), "net.safetensors")
        # end

    def finish(name, model, x=inputs):
        os.replace("net.safetensors", f"{name}.safetensors")
        with torch.no_grad():
            y = model(torch.from_numpy(x)[None])[0].numpy()
        expect(name, y, x)

    torch.manual_seed(1)
    model = Model(layers=2)
    save(model)
    finish("torch", model)

    one = Model(layers=1)
    save(one)
    finish("torch_one_layer", one)

    # The other dtypes: what the file holds is what the program computes with, widened.
    double = Model(layers=1).double()
    save(double)
    finish("torch_f64", double, inputs.astype(np.float64))
    for name, dtype in [("f16", torch.float16), ("bf16", torch.bfloat16)]:
        narrow = Model(layers=1).to(dtype)
        save(narrow)
        finish(f"torch_{name}", narrow.float())


def keras_():
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input((STEPS, 2)),
        keras.layers.SimpleRNN(4, return_sequences=True, bias_initializer="uniform"),
        keras.layers.SimpleRNN(3, return_sequences=True, bias_initializer="uniform"),
        keras.layers.Dense(2, bias_initializer="uniform"),
    ])
    # three lines: Keras
    from safetensors.numpy import save_file

    tensors = {f"{i}.{w.name}": w.numpy() for i, layer in enumerate(model.layers) for w in layer.weights}
    save_file(tensors, "net.safetensors")
    # end
    os.replace("net.safetensors", "keras.safetensors")
    expect("keras", model(inputs[None])[0].numpy())


def tensorflow_():
    import tensorflow

    tf = tensorflow.compat.v1
    tf.disable_eager_execution()
    x = tf.placeholder(tf.float32, (1, STEPS, 2))
    cells = [tf.nn.rnn_cell.BasicRNNCell(n) for n in (4, 3)]
    h, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.MultiRNNCell(cells), x, dtype=tf.float32)
    w = tf.get_variable("dense/kernel", (3, 2))
    b = tf.get_variable("dense/bias", (2,))
    y = h @ w + b
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        draw = np.random.default_rng(2)  # the cells' own initialisers are not repeatable
        for v in tf.trainable_variables():
            session.run(v.assign(draw.uniform(-1, 1, v.shape)))
        # three lines: TensorFlow 1
        from safetensors.numpy import save_file

        tensors = {v.op.name: session.run(v) for v in tf.trainable_variables()}
        save_file(tensors, "net.safetensors")
        # end
        os.replace("net.safetensors", "tensorflow.safetensors")
        expect("tensorflow", session.run(y, {x: inputs[None]})[0])


def refusals():
    """A file whose weights are whole numbers."""
    from safetensors.numpy import save_file

    save_file({"kernel": np.ones((1, 1), np.int32), "bias": np.ones(1, np.float32)}, "integers.safetensors")


def saved():
    """What the crate saved, read here: the tensors of keras.safetensors, to the bit."""
    from safetensors.numpy import load_file

    ours, theirs = load_file("saved.safetensors"), load_file("keras.safetensors")
    assert ours.keys() == theirs.keys()
    for name, tensor in theirs.items():
        assert ours[name].dtype == tensor.dtype and ours[name].shape == tensor.shape
        assert ours[name].tobytes() == tensor.tobytes(), name
    print("saved.safetensors: the same", len(theirs), "tensors")


def three_lines():
    """Copies the marked lines of this file to three_lines.md, which is a part of the docs."""
    source = open(__file__).read()
    with open("three_lines.md", "w") as out:
        for title, body in re.findall(r"# three lines: (.*)\n([\s\S]*?)\n *# end\n", source):
            lines = [line.strip() for line in body.splitlines() if line.strip()]
            out.write(f"{title}:\n\n```python\n" + "\n".join(lines) + "\n```\n\n")


if __name__ == "__main__":
    os.chdir(HERE)
    three_lines()
    for program in sys.argv[1:]:
        {"torch": torch_, "keras": keras_, "tensorflow": tensorflow_, "refusals": refusals, "saved": saved}[program]()
