"""The recipe of this example in PyTorch: its tasks, learned by nn.RNN and nn.GRU at equal parameters.

    pip install torch && python pytorch.py [SEEDS] > pytorch.csv

The same sizes, batches, optimiser, schedule, clipping, trained parameters and initial weights (Keras's,
and for the GRU time constants from 2 to the span of the task); other random numbers. Writes the share of unseen
sequences that are right, seed by seed; the example prints it beside its own.
"""

import csv
import math
import pathlib
import random
import sys

import torch
from torch import nn

BATCH, RATE, LAST_RATE, TESTS = 8, 0.01, 0.02, 300
NO_TARGET = -100  # what cross_entropy ignores


def last_only(count, steps, target):
    targets = torch.full((count, steps), NO_TARGET)
    targets[:, -1] = target
    return targets


class Recall:
    """One of four symbols, then noise; at the last step, which was it?"""

    inputs, outputs, sequences = 5, 4, 4000

    def __init__(self, steps):
        self.name, self.span = f"recall {steps}", steps

    def draw(self, count, _unseen):
        symbol = torch.randint(4, (count,))
        x = torch.zeros(count, self.span, 5)
        x[:, :, 4] = torch.rand(count, self.span) * 2 - 1
        x[torch.arange(count), 0, symbol] = 1
        return x, last_only(count, self.span, symbol)

    def loss(self, y, targets):
        flat = y.flatten(0, 1), targets.flatten()
        return nn.functional.cross_entropy(*flat, ignore_index=NO_TARGET, reduction="sum") / BATCH

    def right(self, y, targets):
        return y[:, -1].argmax(1) == targets[:, -1]


class Adding:
    """A number and a mark at each step; the sum of the two marked numbers."""

    inputs, outputs, sequences = 2, 1, 16_000

    def __init__(self, steps):
        self.name, self.span = f"adding {steps}", steps

    def draw(self, count, _unseen):
        x = torch.rand(count, self.span, 2)
        x[:, :, 1] = 0
        rows, half = torch.arange(count), self.span // 2
        first, second = torch.randint(half, (count,)), half + torch.randint(half, (count,))
        x[rows, first, 1] = x[rows, second, 1] = 1
        return x, x[rows, first, 0] + x[rows, second, 0]

    def loss(self, y, target):
        return ((y[:, -1, 0] - target) ** 2).mean()

    def right(self, y, target):
        return (y[:, -1, 0] - target).abs() < 0.1


class Reber(Recall):
    """The next symbol of a string of the embedded Reber grammar, at each of at most 64 steps."""

    name, span, inputs, outputs, sequences = "reber", 16, 7, 7, 8000
    B, T, P, S, X, V, E = range(7)
    GRAPH = [
        [(T, 1), (P, 2)],
        [(S, 1), (X, 3)],
        [(T, 2), (V, 4)],
        [(X, 2), (S, 5)],
        [(P, 3), (V, 5)],
    ]

    def __init__(self):
        pass

    def string(self):
        """A random string, and the legal symbols after each of its symbols but the last."""
        outer = random.choice([self.T, self.P])
        symbols, legal, place = [self.B, outer, self.B], [[self.T, self.P], [self.B], [self.T, self.P]], 0
        while place < len(self.GRAPH):
            symbol, place = random.choice(self.GRAPH[place])
            symbols.append(symbol)
            legal.append([s for s, _ in self.GRAPH[place]] if place < len(self.GRAPH) else [self.E])
        return symbols + [self.E, outer, self.E], legal + [[outer], [self.E]]

    def is_unseen(self, symbols):
        code = 0x811C9DC5
        for symbol in symbols:
            code = (code ^ symbol) * 0x01000193 & 0xFFFFFFFF
        return (code >> 16) % 4 == 0

    def draw(self, count, unseen):
        strings = []
        while len(strings) < count:
            symbols, legal = self.string()
            if self.is_unseen(symbols) == unseen:
                strings.append((symbols, legal[:64]))
        steps = max(len(legal) for _, legal in strings)
        x, targets = torch.zeros(count, steps, 7), torch.full((count, steps), NO_TARGET)
        self.legal = torch.ones(count, steps, 7, dtype=torch.bool)
        for n, (symbols, legal) in enumerate(strings):
            for t, following in enumerate(legal):
                x[n, t, symbols[t]] = 1
                targets[n, t] = symbols[t + 1]
                self.legal[n, t] = torch.tensor([s in following for s in range(7)])
        return x, targets

    def right(self, y, targets):
        """At each step every legal symbol has a higher score than every other."""
        lowest_legal = y.masked_fill(~self.legal, math.inf).amin(2)
        highest_other = y.masked_fill(self.legal, -math.inf).amax(2)
        return (lowest_legal > highest_other).logical_or(targets == NO_TARGET).all(1)


class Digits(Recall):
    """Handwritten digits, one pixel a step; the last quarter is for tests."""

    name, span, inputs, outputs, sequences = "digits", 64, 1, 10, 12_000
    UNSEEN = 450

    def __init__(self):
        path = pathlib.Path(__file__).parent.parent / "data" / "digits.csv"
        rows = [row for row in csv.reader(path.open()) if row[0].isdigit()]
        self.labels = torch.tensor([int(digit) for digit, _ in rows])
        self.pixels = torch.tensor([[int(c, 17) / 16 for c in pixels] for _, pixels in rows])

    def draw(self, count, unseen):
        images = len(self.labels)
        chosen = torch.arange(images - self.UNSEEN, images) if unseen else torch.randint(images - self.UNSEEN, (count,))
        return self.pixels[chosen, :, None], last_only(len(chosen), 64, self.labels[chosen])


class Net(nn.Module):
    def __init__(self, task, cell, hidden):
        super().__init__()
        self.cell = cell(task.inputs, hidden, batch_first=True)
        self.head = nn.Linear(hidden, task.outputs)
        nn.init.xavier_uniform_(self.cell.weight_ih_l0)
        nn.init.orthogonal_(self.cell.weight_hh_l0)
        nn.init.xavier_uniform_(self.head.weight)
        for bias in (self.cell.bias_ih_l0, self.cell.bias_hh_l0, self.head.bias):
            nn.init.zeros_(bias)
        # Of the second biases only that of the GRU's n is a parameter of its own.
        is_own = torch.zeros_like(self.cell.bias_hh_l0)
        is_own[2 * hidden :] = 1
        self.trained = sum(p.numel() for p in self.parameters()) - int((1 - is_own).sum())
        self.cell.bias_hh_l0.register_hook(lambda gradient: gradient * is_own)
        if cell is nn.GRU:  # the second third is z
            constants = 2 * (task.span / 2) ** (torch.arange(hidden) / (hidden - 1))
            self.cell.bias_ih_l0.data[hidden : 2 * hidden] = torch.log(constants - 1)

    def forward(self, x):
        return self.head(self.cell(x)[0])


def learn(task, cell, hidden, seed):
    torch.manual_seed(seed)
    random.seed(seed)
    net = Net(task, cell, hidden)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    updates = task.sequences // BATCH
    for update in range(updates):
        x, target = task.draw(BATCH, False)
        optimizer.zero_grad()
        task.loss(net(x), target).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        factor = LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * update / updates)) / 2
        optimizer.param_groups[0]["lr"] = RATE * factor
        optimizer.step()
    torch.manual_seed(1_000_000)
    random.seed(1_000_000)
    x, target = task.draw(TESTS, True)
    with torch.no_grad():
        return net.trained, task.right(net(x), target).float().mean().item()


def main():
    torch.set_num_threads(1)
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    tasks = [(Recall(steps), 19, 10) for steps in (10, 20, 50, 100, 200)]
    tasks += [(Adding(steps), 22, 12) for steps in (50, 100)]
    tasks += [(Reber(), 22, 12), (Digits(), 27, 16)]
    print(f"# PyTorch {torch.__version__.split('+')[0]}, by pytorch.py\ntask,cell,parameters,seed,right")
    for task, rnn, gru in tasks:
        for cell, units in (nn.RNN, rnn), (nn.GRU, gru):
            for seed in range(seeds):
                parameters, right = learn(task, cell, units, seed)
                print(f"{task.name},nn.{cell.__name__},{parameters},{seed},{right:.6f}", flush=True)


if __name__ == "__main__":
    main()
