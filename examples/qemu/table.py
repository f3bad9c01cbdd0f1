#!/usr/bin/env python3
"""Writes the README's tables of costs from what the boards printed (costs/, newest compiler).

table.py          writes them between `<!-- cost -->` and `<!-- /cost -->`
table.py --check  fails if they are not what stands there
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "../../README.md"
BEGIN, END = "<!-- cost -->\n", "<!-- /cost -->"

BOARDS = {
    "microbit": "Cortex-M0",
    "mps2-an386": "Cortex-M4F",
    "mps2-an505": "Cortex-M33",
    "mps2-an500": "Cortex-M7",
    "rv32imc": "RV32IMC",
    "rv32imafc": "RV32IMAFC",
}
MICROBIT_RAM = 16 * 1024


def main():
    text = README.read_text()
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    written = before + BEGIN + "\n" + tables() + "\n" + END + after
    if "--check" not in sys.argv[1:]:
        README.write_text(written)
    elif written != text:
        sys.exit("the tables in README.md are stale: run examples/qemu/table.py")


def tables():
    versions = sorted((HERE / "costs").iterdir(), key=lambda path: [int(n) for n in path.name.split(".")])
    costs = {path.stem: read(path) for path in versions[-1].glob("*.txt")}
    return "\n".join([
        f"Counted on emulated boards (QEMU), rustc {versions[-1].name}, opt-level 3, nets I-H-1, window K = 20.",
        "These are instructions, not cycles. `update` is SGD and clearing the gradient.\n",
        *table(["core", "net", "step", "recorded step", "backward", "update",
                "RAM to train", "RAM a stream", "stack to train"], instructions(costs)),
        "\nRAM to train is net, gradient, tape and optimiser; a stream that only runs needs its state.\n",
        *table(["flash", *BOARDS.values(), "Cortex-M4F, \"s\"", "RV32IMC, \"s\""], flash(costs)),
        "",
        room(costs["microbit"]),
        "",
    ])


def read(path):
    """The rows of one board's file: nets and programs, each a list of its numbers (None for `-`)."""
    rows = [line.replace("|", " ").split() for line in path.read_text().splitlines()]
    return {row[0]: [None if n == "-" else int(n) for n in row[1:]] for row in rows if numbers(row[1:])}


def numbers(words):
    return len(words) > 1 and all(word == "-" or word.isdigit() for word in words)


def instructions(costs):
    for board, core in BOARDS.items():
        for name, row in costs[board].items():
            if name[0].isdigit():
                _cell, step, tape_step, backward, update, net, tape, sgd, state, _stack, stack = row
                yield [core, name, step, tape_step, backward, update, 2 * net + tape + sgd, state, stack]


def flash(costs):
    for program in ("sunspots", "stream", "infer", "resume", "nopanic"):
        columns = (costs[board].get(program) for board in (*BOARDS, "mps2-an386-s", "rv32imc-s"))
        yield [f"`{program}`", *(column and column[0] for column in columns)]


def room(microbit):
    statics, stack = microbit["sunspots"][1], microbit["1-12-1"][-1]
    free = MICROBIT_RAM - statics - stack
    return (f"Training 1-12-1 on the micro:bit takes {statics} bytes of statics and {stack} of stack; "
            f"{free} of its {MICROBIT_RAM} bytes of RAM stay free.")


def table(head, rows):
    yield line(head)
    yield "|---|" + "---:|" * (len(head) - 1)
    yield from map(line, rows)


def line(cells):
    return "| " + " | ".join(map(text, cells)) + " |"


def text(cell):
    return "–" if cell is None else f"{cell:,}".replace(",", " ") if isinstance(cell, int) else cell


if __name__ == "__main__":
    main()
