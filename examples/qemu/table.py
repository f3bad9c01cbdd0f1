#!/usr/bin/env python3
"""Writes the tables of README.md and PERFORMANCE.md from what the boards printed (costs/).

table.py          writes each between `<!-- name -->` and `<!-- /name -->`
table.py --check  fails if one is not what stands there

The counts are those of the newest compiler; the figures of others are in peers.csv.
"""

import csv
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE / "../.."

BOARDS = {
    "microbit": "Cortex-M0",
    "mps2-an386": "Cortex-M4F",
    "mps2-an505": "Cortex-M33",
    "mps2-an500": "Cortex-M7",
    "rv32imc": "RV32IMC",
    "rv32imafc": "RV32IMAFC",
}
MICROBIT_RAM = 16 * 1024
STEPS = 20  # of the unit `training`


def main():
    folder = max((HERE / "costs").iterdir(), key=lambda path: [int(n) for n in re.findall(r"\d+", path.name)])
    compiler = folder.name.replace("-source", " with core from source")
    boards = {path.stem: read(path) for path in folder.glob("*.txt")}
    cells = {level: [row for row in csv_rows(folder / "cell.csv") if row["opt-level"] == level] for level in "3s"}
    write("README.md", {"cost": cost(compiler, boards), "peers": peers(cells["3"])})
    write("PERFORMANCE.md", {"cell": cell(compiler, cells["3"]), "small": cell(compiler, cells["s"]),
                             "soft": [soft(boards)]})


def write(name, sections):
    text = written = (ROOT / name).read_text()
    for section, lines in sections.items():
        begin, end = f"<!-- {section} -->\n", f"<!-- /{section} -->"
        before, rest = written.split(begin)
        _, after = rest.split(end)
        written = before + begin + "\n" + "\n".join(lines) + "\n\n" + end + after
    if "--check" not in sys.argv[1:]:
        (ROOT / name).write_text(written)
    elif written != text:
        sys.exit(f"the tables in {name} are stale: run examples/qemu/table.py")


# ---- what the program `cost` printed ----


def read(path):
    """The rows of one board's file: nets and programs, each a list of its numbers (None for `-`)."""
    rows = [line.replace("|", " ").split() for line in path.read_text().splitlines()]
    return {row[0]: [None if n == "-" else int(n) for n in row[1:]] for row in rows if numbers(row[1:])}


def numbers(words):
    return len(words) > 1 and all(word == "-" or word.isdigit() for word in words)


def cost(compiler, boards):
    return [
        f"Counted on emulated boards (QEMU), rustc {compiler}, opt-level 3, nets I-H-1, window K = 20.",
        "These are instructions, not cycles. `update` is SGD and clearing the gradient.\n",
        *table(["core", "net", "step", "recorded step", "backward", "update",
                "RAM to train", "RAM per stream", "stack to train"], instructions(boards)),
        "\nRAM to train is net, gradient, tape and optimiser; a stream that only runs needs its state.\n",
        *table(["flash", *BOARDS.values(), "Cortex-M4F, \"s\"", "RV32IMC, \"s\""], flash(boards)),
        "",
        room(boards["microbit"]),
    ]


def instructions(boards):
    """Cores with the same counts share their rows."""
    cores = {}
    for board, core in BOARDS.items():
        cores.setdefault(tuple(nets(boards[board])), []).append(core)
    for rows, names in cores.items():
        yield from ([", ".join(names), *row] for row in rows)


def nets(board):
    for name, row in board.items():
        if name[0].isdigit():
            _cell, step, tape_step, backward, update, net, tape, sgd, state, _stack, stack = row
            yield name, step, tape_step, backward, update, 2 * net + tape + sgd, state, stack


def flash(boards):
    for program in ("sunspots", "stream", "infer", "resume", "nopanic"):
        columns = (boards[board].get(program) for board in (*BOARDS, "mps2-an386-s", "rv32imc-s"))
        yield [f"`{program}`", *(column and column[0] for column in columns)]


def room(microbit):
    statics, stack = microbit["sunspots"][1], microbit["1-12-1"][-1]
    free = MICROBIT_RAM - statics - stack
    return (f"Training 1-12-1 on the micro:bit takes {text(statics)} bytes of statics (the optimiser is not "
            f"kept) and {text(stack)} of stack below `main`'s; {text(free)} of its {text(MICROBIT_RAM)} bytes of RAM stay free.")


def soft(boards):
    """What a multiplication with its addition takes, and a tanh, from the two largest cells of a board."""
    both = {core: solved(boards[board]) for core, board in
            {"Cortex-M0": "microbit", "RV32IMC": "rv32imc"}.items()}
    return "; ".join(f"on the {core} {round(product)} instructions a product and {round(tanh):,} a tanh".replace(",", " ")
                     for core, (product, tanh) in both.items()) + "."


def solved(board):
    """a · products + b · tanhs = instructions of a cell, for two sizes."""
    (p1, t1, n1), (p2, t2, n2) = [(h * (i + h), h, row[0]) for name, row in board.items() if name[0].isdigit()
                                  for i, h in [map(int, name.split("-")[:2])]][-2:]
    determinant = p1 * t2 - p2 * t1
    return (n1 * t2 - n2 * t1) / determinant, (p1 * n2 - p2 * n1) / determinant


# ---- a bare cell: what counts.py wrote ----


def csv_rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def peers(cells):
    """Thousands of cycles; the smallest f32 figure of each column in bold."""
    units = [f"{unit} {row['size']}" for unit in ("step", "training") for row in sizes(cells)]
    ours = {f"{unit} {row['size']}": int(row[f"{unit} cycles"]) for unit in ("step", "training") for row in sizes(cells)}
    others = csv_rows(HERE / "peers.csv")
    rows = [("`elman`", "Rust", "f32", ours)]
    rows += [(row["implementation"], row["language"], row["numbers"],
              {unit: int(row[unit]) for unit in units if row[unit]}) for row in others]
    best = {unit: min(row[3][unit] for row in rows if unit in row[3] and row[2] == "f32") for unit in units}
    return table(["", "", "", *units], (
        [name, language, kind, *(thousands(cycles.get(unit), cycles.get(unit) == best[unit]) for unit in units)]
        for name, language, kind, cycles in rows))


def thousands(cycles, bold):
    if cycles is None:
        return None
    text = f"{cycles / 1000:.1f}" if cycles < 100_000 else f"{cycles / 1000:,.0f}".replace(",", " ")
    return f"**{text}**" if bold else text


def sizes(cells):
    return [row for row in cells if row["size"] != "tanh"]


def cell(compiler, cells):
    [tanh] = [row for row in cells if row["size"] == "tanh"]
    calls = 256
    return [
        *table(["I-H", "step", "cycles", "of it tanh", "limit", "20 steps and back", "cycles", "limit",
                "SGD per parameter", "code, bytes"], map(against_the_limit, sizes(cells))),
        "",
        f"A tanh takes {int(tanh['tanh']) / calls:.1f} instructions and about "
        f"{int(tanh['tanh cycles']) / calls:.0f} cycles, mean of 256 from −2.5 to 2.5; rustc {compiler}.",
    ]


def against_the_limit(row):
    inputs, units = map(int, row["size"].split("-"))
    step = 3.0625 * units * (inputs + units)
    training = STEPS * (step + 3.0625 * units**2 + 2.875 * units * (inputs + units))
    return [row["size"], int(row["step"]), int(row["step cycles"]), int(row["tanh cycles"]), round(step),
            int(row["training"]), int(row["training cycles"]), round(training),
            f"{int(row['sgd']) / int(row['parameters']):.2f}", int(row["code"])]


# ---- Markdown ----


def table(head, rows):
    return [line(head), "|---|" + "---:|" * (len(head) - 1), *map(line, rows)]


def line(cells):
    return "| " + " | ".join(map(text, cells)) + " |"


def text(cell):
    return "–" if cell is None else f"{cell:,}".replace(",", " ") if isinstance(cell, int) else cell


if __name__ == "__main__":
    main()
