#!/usr/bin/env python3
"""PyTorch's nn.RNN in the units of `benches/peers.rs`, batch 1, one thread, on this machine.

    pip install torch && python3 benches/pytorch.py

Prints PyTorch's version, and times as medians in nanoseconds. To set beside them what
`cargo bench --bench peers` prints for this crate on the same machine in the same hour.
"""

import statistics
import time

import torch

SIZES = [(3, 16), (8, 32), (16, 64), (32, 128)]
STEPS = 20
TIMES = 51


def median(run, n):
    """Nanoseconds of one of `n` runs."""
    times = []
    for _ in range(TIMES):
        start = time.perf_counter_ns()
        for _ in range(n):
            run()
        times.append((time.perf_counter_ns() - start) / n)
    return statistics.median(times)


def step(cell, inputs):
    """One step at a time, as samples arrive."""
    x, h = torch.rand(1, inputs) * 2 - 1, torch.zeros(1, cell.hidden_size)

    def run():
        nonlocal h
        h = cell(x, h)

    with torch.no_grad():
        return median(run, 100)


def training(rnn, inputs):
    """A sequence of 20 steps in one call, and back, with an error at every step."""
    x = torch.rand(STEPS, 1, inputs) * 2 - 1
    d_h = torch.rand(STEPS, 1, rnn.hidden_size) * 2 - 1

    def run():
        rnn.zero_grad()
        rnn(x)[0].backward(d_h)

    return median(run, 5)


def main():
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}")
    for inputs, hidden in SIZES:
        cell, rnn = torch.nn.RNNCell(inputs, hidden), torch.nn.RNN(inputs, hidden)
        print(f"step     {inputs}-{hidden}: {step(cell, inputs):.0f} ns")
        print(f"training {inputs}-{hidden}: {training(rnn, inputs):.0f} ns")


if __name__ == "__main__":
    main()
