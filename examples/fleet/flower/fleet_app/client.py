"""The client of one board: hands the fleet's weights to its gateway, and takes the board's.

The gateway listens on the loopback interface, at the port in the supernode's configuration. A request is the
round and the weights, little-endian; the answer the count of samples and the weights.
"""

import socket
import struct

import numpy as np
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

WEIGHTS = 229
SECONDS = 120

app = ClientApp()


@app.train()
def train(message: Message, context: Context) -> Message:
    day = int(message.content["config"]["server-round"]) - 1
    weights = message.content["arrays"].to_numpy_ndarrays()[0]
    site, port = int(context.node_config["site"]), int(context.node_config["port"])
    samples, learned = ask(port, day, weights)
    metrics = MetricRecord({"num-examples": samples, "site": site})
    content = RecordDict({"arrays": ArrayRecord([learned]), "metrics": metrics})
    return Message(content=content, reply_to=message)


def ask(port: int, day: int, weights: np.ndarray) -> tuple[int, np.ndarray]:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line:
        line.sendall(struct.pack("<I", day) + weights.astype("<f4").tobytes())
        answer = receive(line, 4 + 4 * WEIGHTS)
    return struct.unpack("<I", answer[:4])[0], np.frombuffer(answer[4:], "<f4").copy()


def receive(line: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        part = line.recv(count - len(received))
        if not part:
            raise ConnectionError("the gateway closed the connection")
        received += part
    return received
