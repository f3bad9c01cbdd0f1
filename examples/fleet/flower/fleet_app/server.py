"""The server: a strategy of Flower, whose sums go in the order of the sites, so that bits repeat."""

from pathlib import Path

import numpy as np
from flwr.app import ArrayRecord, Context
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp import strategy as flower

app = ServerApp()


def in_order(base: type) -> type:
    """The strategy, given the replies in the order of the sites."""

    class InOrder(base):
        def aggregate_train(self, server_round, replies):
            replies = list(replies)
            failed = [reply for reply in replies if reply.has_error()]
            if failed:
                raise RuntimeError(f"round {server_round}: {failed[0].error.reason}")
            replies.sort(key=lambda reply: reply.content["metrics"]["site"])
            return super().aggregate_train(server_round, replies)

    InOrder.__name__ = base.__name__
    return InOrder


def make(name: str, boards: int) -> flower.Strategy:
    usual = {
        "fraction_evaluate": 0.0,
        "min_train_nodes": boards,
        "min_available_nodes": boards,
    }
    if name == "private":
        inner = in_order(flower.FedAvg)(**usual)
        return flower.DifferentialPrivacyServerSideFixedClipping(
            inner, noise_multiplier=0.1, clipping_norm=1.0, num_sampled_clients=boards
        )
    more = {"eta": 0.01} if name == "FedAdam" else {}
    return in_order(getattr(flower, name))(**usual, **more)


@app.main()
def main(grid: Grid, context: Context) -> None:
    config = context.run_config
    strategy = make(str(config["strategy"]), int(config["boards"]))
    # The boards have these from their seed; the strategy computes with changes.
    weights = np.frombuffer(Path(str(config["first"])).read_bytes(), "<f4").copy()
    first = ArrayRecord([weights])
    result = strategy.start(grid=grid, initial_arrays=first, num_rounds=int(config["rounds"]))
    weights = result.arrays.to_numpy_ndarrays()[0].astype("<f4")
    Path(str(config["out"])).write_bytes(weights.tobytes())
