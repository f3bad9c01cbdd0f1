"""The recipe of this example in PyTorch: delayed recall and the adding problem, by nn.RNN and nn.GRU.

    pip install torch && python pytorch.py [SEEDS]

The same sizes, batches, optimiser, schedule, clipping and initial weights (Keras's, and for the GRU time constants from 2
to the length of the task); other random numbers. Prints the share of unseen sequences that are right, as the
example does.
"""

import math
import sys
import time

import torch
from torch import nn

BATCH, RATE, LAST_RATE, TESTS = 8, 0.01, 0.02, 300


def recall(steps, count):
    """One of four symbols, then noise; at the last step, which was it?"""
    symbol = torch.randint(4, (count,))
    x = torch.zeros(count, steps, 5)
    x[:, :, 4] = torch.rand(count, steps) * 2 - 1
    x[torch.arange(count), 0, symbol] = 1
    return x, symbol


def adding(steps, count):
    """A number and a mark at each step; the sum of the two marked numbers."""
    x = torch.rand(count, steps, 2)
    x[:, :, 1] = 0
    rows, half = torch.arange(count), steps // 2
    first, second = torch.randint(half, (count,)), half + torch.randint(half, (count,))
    x[rows, first, 1] = x[rows, second, 1] = 1
    return x, x[rows, first, 0] + x[rows, second, 0]


class Net(nn.Module):
    def __init__(self, cell, inputs, hidden, outputs, span):
        super().__init__()
        self.cell = cell(inputs, hidden, batch_first=True)
        self.head = nn.Linear(hidden, outputs)
        nn.init.xavier_uniform_(self.cell.weight_ih_l0)
        nn.init.orthogonal_(self.cell.weight_hh_l0)
        nn.init.xavier_uniform_(self.head.weight)
        for bias in (self.cell.bias_ih_l0, self.cell.bias_hh_l0, self.head.bias):
            nn.init.zeros_(bias)
        if cell is nn.GRU:  # the second third is z
            constants = 2 * (span / 2) ** (torch.arange(hidden) / (hidden - 1))
            self.cell.bias_ih_l0.data[hidden : 2 * hidden] = torch.log(constants - 1)

    def forward(self, x):
        return self.head(self.cell(x)[0][:, -1])


def learn(task, steps, cell, hidden, sequences, seed):
    torch.manual_seed(seed)
    classes = task is recall
    net = Net(cell, 5 if classes else 2, hidden, 4 if classes else 1, steps)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    updates = sequences // BATCH
    for update in range(updates):
        x, target = task(steps, BATCH)
        y = net(x)
        loss = nn.functional.cross_entropy(y, target) if classes else ((y[:, 0] - target) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        factor = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * update / updates)) / 2
        optimizer.param_groups[0]["lr"] = RATE * factor
        optimizer.step()
    torch.manual_seed(1_000_000)
    x, target = task(steps, TESTS)
    with torch.no_grad():
        y = net(x)
    right = y.argmax(1) == target if classes else (y[:, 0] - target).abs() < 0.1
    return right.float().mean().item()


def main():
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"PyTorch {torch.__version__}, share of unseen sequences that are right, {seeds} seeds\n")
    print("| task | cell | median | worst |\n|---|---|---:|---:|")
    runs = [(recall, steps, 4000, cell, hidden) for steps in (50, 100, 200) for cell, hidden in ((nn.RNN, 19), (nn.GRU, 10))]
    runs += [(adding, steps, 16_000, cell, hidden) for steps in (50, 100) for cell, hidden in ((nn.RNN, 22), (nn.GRU, 12))]
    for task, steps, sequences, cell, hidden in runs:
        right = sorted(learn(task, steps, cell, hidden, sequences, seed) for seed in range(seeds))
        median = (right[(seeds - 1) // 2] + right[seeds // 2]) / 2
        print(f"| {task.__name__} {steps} | nn.{cell.__name__} | {median:.1%} | {right[0]:.1%} |", flush=True)


if __name__ == "__main__":
    main()
