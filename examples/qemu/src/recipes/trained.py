"""Trains the net that `infer` carries on the sunspot numbers of 1700-1920, and saves it beside this.

    python trained.py        # torch 2.15.0, safetensors 0.8.0

One machine writes the same bytes each time.
trained.safetensors has the net, trained.expected.safetensors PyTorch's forecasts for 1921-1955.
"""

import csv
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

HERE = Path(__file__).parent
TABLE = HERE / "../../../data/sunspots.csv"
TRAINING, TEST = 1920 - 1700 + 1, 1955 - 1921 + 1
HIDDEN, K, EPOCHS = 12, 20, 200


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, HIDDEN)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, x, h=None):
        out, h = self.rnn(x, h)
        return self.head(out), h


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    series = scores()
    model = Model()
    train(model, series[:TRAINING])
    save_file(model.state_dict(), HERE / "trained.safetensors")
    save_file({"y": forecasts(model, series)}, HERE / "trained.expected.safetensors")


def scores():
    """Every year as a z-score, in the mean and deviation of the training years."""
    with open(TABLE) as table:
        rows = csv.DictReader(line for line in table if not line.startswith("#"))
        years = torch.tensor([float(row["sunspots"]) for row in rows])
    training = years[:TRAINING]
    return ((years - training.mean()) / training.std(correction=0)).reshape(-1, 1)


def train(model, series):
    """BPTT(20, 20): the state goes on from window to window, the gradient does not."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for epoch in range(1, EPOCHS + 1):
        h, sum_of_losses = None, 0.0
        for now, after in zip(series[:-1].split(K), series[1:].split(K)):
            y, h = model(now, h)
            loss = nn.functional.mse_loss(y, after)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            h = h.detach()
            sum_of_losses += loss.item() * len(now)
        if epoch % 50 == 0:
            print(f"epoch {epoch:3}  loss {sum_of_losses / len(series[1:]):.6f}")


def forecasts(model, series):
    """Each from the true years before it, from rest in 1700 on; as z-scores."""
    with torch.no_grad():
        y, _ = model(series[: TRAINING + TEST - 1])
    y, true = y[-TEST:], series[TRAINING : TRAINING + TEST]
    print(f"forecast 1921-1955  MSE {(y - true).square().mean():.6f} of z-scores")
    return y.flatten().clone()


if __name__ == "__main__":
    main()
