"""Writes training.json: what PyTorch's optimisers, learning-rate schedules and losses compute, in float64.

    python3 -m venv venv
    venv/bin/pip install numpy==2.4.6 torch==2.15.0
    venv/bin/python make_training.py

The file is written beside the script. Everything is seeded: a second run gives the same bytes, and another processor
at most other last digits.

    {"versions", "k", "inputs", "targets", "runs": [..], "schedules": [..], "losses": [..]}

A run is one training run of a network on the stream `inputs`, `targets` by truncated BPTT(k, k): an update after every k
steps, the loss of a window is the sum of its squared errors. It has the arguments of its optimiser, the loss of every
window and the weights after the last one. The gradient is clipped by PyTorch's own
`clip_grad_norm_`, which scales by limit / (norm + 1e-6).

A network is in Keras's layout, as in make_gradients.py. Of PyTorch's two biases only bias_ih is trained; bias_hh stays zero.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from torch.optim import lr_scheduler

INPUTS, HIDDEN, OUTPUTS = 2, [5, 4], 2
K, WINDOWS = 5, 16


# Training runs ---------------------------------------------------------------------------------------------------


def runs():
    """Every optimiser plain, decayed, clipped, and under a schedule."""
    rules = [
        ("sgd", torch.optim.SGD, {"lr": 0.05}, 0.02),
        ("momentum", torch.optim.SGD, {"lr": 0.01, "momentum": 0.9}, 0.02),
        ("nesterov", torch.optim.SGD, {"lr": 0.01, "momentum": 0.8, "nesterov": True}, 0.02),
        ("rms_prop", torch.optim.RMSprop, {"lr": 0.003}, 0.02),
        ("adam", torch.optim.Adam, {"lr": 0.01}, 0.02),
        ("adam_w", torch.optim.AdamW, {"lr": 0.01, "weight_decay": 0.0}, 0.1),
    ]
    cases = []
    for rule, optimizer, arguments, decay in rules:
        decayed = arguments | {"weight_decay": decay}
        cases.append(run(rule, optimizer, arguments))
        cases.append(run(rule, optimizer, decayed))
        cases.append(run(rule, optimizer, decayed, max_norm=4.0))
        cases.append(run(rule, optimizer, arguments, max_value=0.5))
        cases.append(run(rule, optimizer, decayed, max_norm=4.0, schedule=warm_up_and_cosine))
    return cases


def run(rule, optimizer, arguments, max_norm=None, max_value=None, schedule=None):
    cells, dense, trained = network()
    net = layout(cells, dense)
    optimizer = optimizer(trained, **arguments)
    scheduler = schedule(optimizer) if schedule else None
    inputs, targets = stream()

    losses, norms = [], []
    states = [torch.zeros(h) for h in HIDDEN]
    for start in range(0, K * WINDOWS, K):
        states = [state.detach() for state in states]
        loss = 0
        for x, target in zip(inputs[start : start + K], targets[start : start + K]):
            for layer, cell in enumerate(cells):
                x = states[layer] = cell(x, states[layer])
            loss = loss + ((dense(x) - target) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.sqrt(sum((p.grad**2).sum() for p in trained)).item())
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(trained, max_norm)
        if max_value is not None:
            torch.nn.utils.clip_grad_value_(trained, max_value)
        optimizer.step()
        if scheduler:
            scheduler.step()
        losses.append(loss.item())

    assert losses[-1] < losses[0], rule
    if max_norm is not None:
        assert min(norms) < max_norm < max(norms), (rule, norms)  # some windows are clipped, some are not
    return {
        "rule": rule,
        "learning_rate": arguments["lr"],
        "momentum": arguments.get("momentum", 0.0),
        "weight_decay": arguments.get("weight_decay", 0.0),
        "max_norm": max_norm,
        "max_value": max_value,
        "scheduled": scheduler is not None,
        "losses": losses,
        "gradient_norms": norms,
        "initial_net": net,
        "final_net": layout(cells, dense),
    }


def network():
    torch.manual_seed(31)
    cells = [torch.nn.RNNCell(i, h) for i, h in zip([INPUTS, *HIDDEN], HIDDEN)]
    dense = torch.nn.Linear(HIDDEN[-1], OUTPUTS)
    for cell in cells:
        cell.bias_hh.requires_grad_(False).zero_()
    parameters = [p for part in (*cells, dense) for p in part.parameters()]
    return cells, dense, [p for p in parameters if p.requires_grad]


def stream():
    """A noisy sine a channel, and what it is a step later."""
    t = np.arange(K * WINDOWS + 1)[:, None]
    noise = 0.05 * np.random.default_rng(32).normal(size=(len(t), INPUTS))
    signal = torch.tensor(0.6 * np.sin(2 * np.pi * t / np.array([7, 11])) + noise)
    return signal[:-1], signal[1:]


def layout(cells, dense):
    layers = [
        {"kernel": array(c.weight_ih).T, "recurrent_kernel": array(c.weight_hh).T, "bias": array(c.bias_ih)}
        for c in cells
    ]
    return {"layers": layers, "dense": {"kernel": array(dense.weight).T, "bias": array(dense.bias)}}


def array(tensor):
    return tensor.detach().numpy().copy()


# Schedules -------------------------------------------------------------------------------------------------------


def warm_up_and_cosine(optimizer):
    """Up in 4 updates, then down to a tenth in 12."""
    end = optimizer.param_groups[0]["lr"] / 10
    up = lr_scheduler.LinearLR(optimizer, start_factor=1 / 4, total_iters=3)
    down = lr_scheduler.CosineAnnealingLR(optimizer, T_max=12, eta_min=end)
    return lr_scheduler.SequentialLR(optimizer, [up, down], milestones=[4])


def schedules():
    """The factors of the learning rate: PyTorch's rates at a learning rate of 1."""
    return [
        factors("step", 40, lambda o: lr_scheduler.StepLR(o, step_size=7, gamma=0.5)),
        factors("exponential", 200, lambda o: lr_scheduler.ExponentialLR(o, gamma=0.97)),
        factors("cosine", 31, lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=30, eta_min=0.1)),
        factors("warm-up and cosine", 16, warm_up_and_cosine),
    ]


def factors(name, updates, schedule):
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    scheduler = schedule(optimizer)
    rates = []
    for _ in range(updates):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"name": name, "factors": rates}


# Losses ----------------------------------------------------------------------------------------------------------


def losses():
    rng = np.random.default_rng(33)
    cases = []
    for scale in [0.0, 1e-3, 1.0, 30.0, 1e4]:
        y = (scale * rng.normal(size=4)).tolist()
        real = rng.normal(size=4).tolist()
        share = rng.dirichlet(np.ones(4)).tolist()
        yes = rng.uniform(size=4).tolist()
        sharp = [1.0, 0.0, 1.0, 0.0]
        cases += [
            loss("squared_error", y, real, lambda y, t: functional.mse_loss(y, t, reduction="sum")),
            loss("mean_squared_error", y, real, functional.mse_loss),
            loss("huber", y, real, lambda y, t: functional.huber_loss(y, t, reduction="sum", delta=0.7)),
            loss("soft_target_cross_entropy", y, share, functional.cross_entropy),
            loss("soft_target_cross_entropy", y, [0.9, 0.0, 0.3, 0.5], functional.cross_entropy),
            loss("binary_cross_entropy_with_logits", y, yes, binary_cross_entropy),
            loss("binary_cross_entropy_with_logits", y, sharp, binary_cross_entropy),
        ]
        cases += [
            loss("softmax_cross_entropy", y, one_hot(c), lambda y, t: functional.cross_entropy(y, t.argmax()))
            for c in range(4)
        ]
    return cases


def binary_cross_entropy(y, target):
    return functional.binary_cross_entropy_with_logits(y, target, reduction="sum")


def one_hot(c):
    return np.eye(4)[c].tolist()


def loss(name, y, target, function):
    y = torch.tensor(y, requires_grad=True)
    value = function(y, torch.tensor(target))
    value.backward()
    return {"name": name, "y": array(y), "target": target, "loss": value.item(), "gradient": y.grad.numpy()}


# The file --------------------------------------------------------------------------------------------------------


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    inputs, targets = stream()
    data = {
        "versions": {"torch": str(torch.__version__), "numpy": np.__version__},
        "k": K,
        "inputs": array(inputs),
        "targets": array(targets),
        "runs": runs(),
        "schedules": schedules(),
        "losses": losses(),
    }
    text = json.dumps(data, default=lambda a: a.tolist(), separators=(",", ":"), allow_nan=False)
    text = text.replace(',"', ',\n"').replace('},{', '},\n{')
    Path(__file__).with_name("training.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
