"""The recipe once more, in PyTorch, from the first weights that `elman::Pcg32` and `uniform` give.

    python examples/sunspots/pytorch.py 0 1       # the mean squared error of each seed

`tests/sunspots.rs` compares with what this prints. It needs numpy and torch, nothing else.
"""

import sys
from pathlib import Path

import numpy as np
import torch

HIDDEN, K, EPOCHS, LEARNING_RATE, CLIP = 12, 20, 600, 0.02, 1.0
TRAIN, TEST = 221, 256  # the years before 1921, the years before 1956

numbers = np.loadtxt(Path(__file__).parent / "../data/sunspots.csv", delimiter=",", skiprows=5)[:TEST, 1]
mean, deviation = numbers[:TRAIN].mean(), numbers[:TRAIN].std()
z = torch.tensor((numbers - mean) / deviation, dtype=torch.float32)


def pcg32(seed, stream=0):
    """The 32-bit numbers of PCG32 (XSH-RR 64/32)."""
    increment, mask = stream << 1 | 1, 2**64 - 1
    advance = lambda state: (state * 6364136223846793005 + increment) & mask
    state = advance((increment + seed) & mask)
    while True:
        xor_shifted, turn = ((state >> 18 ^ state) >> 27) & 0xFFFFFFFF, state >> 59
        yield (xor_shifted >> turn | xor_shifted << (-turn & 31)) & 0xFFFFFFFF
        state = advance(state)


def first_weights(seed):
    random = pcg32(seed)
    for rows, columns in [(1, HIDDEN), (HIDDEN, HIDDEN), (1, HIDDEN), (HIDDEN, 1), (1, 1)]:
        uniform = [((next(random) >> 8) / 2**23 - 1) / HIDDEN**0.5 for _ in range(rows * columns)]
        yield torch.tensor(uniform).reshape(rows, columns).requires_grad_()


def steps(weights, years, h):
    """The answers to some years, and the state after them."""
    w_x, w_h, b, kernel, bias = weights
    answers = []
    for x in years:
        h = torch.tanh(x * w_x + h @ w_h + b)
        answers.append(h @ kernel + bias)
    return torch.cat(answers).flatten(), h


def train(weights):
    sgd = torch.optim.SGD(weights, lr=LEARNING_RATE)
    for _ in range(EPOCHS):
        h = torch.zeros(1, HIDDEN)
        for start in range(0, TRAIN - 1, K):
            end = min(start + K, TRAIN - 1)
            answers, h = steps(weights, z[start:end], h.detach())
            sgd.zero_grad()
            ((answers - z[start + 1 : end + 1]) ** 2).mean().backward()
            torch.nn.utils.clip_grad_norm_(weights, CLIP)
            sgd.step()


for seed in map(int, sys.argv[1:]):
    weights = list(first_weights(seed))
    train(weights)
    with torch.no_grad():
        answers, _ = steps(weights, z[:-1], torch.zeros(1, HIDDEN))
    forecast = answers[TRAIN - 1 :].double().numpy() * deviation + mean
    print(f"torch {torch.__version__}, seed {seed}: {((forecast - numbers[TRAIN:]) ** 2).mean():.6f}")
