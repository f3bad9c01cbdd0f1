#!/usr/bin/env python3
"""What a bare cell costs on the Cortex-M4F, and how the cost grows with the size of a net.

counts.py          prints it
counts.py --bless  writes it to costs/, for this compiler
counts.py --check  fails where it is not within 1 % of what stands there

The programs `cell` and `scaling` count their instructions. To those of `cell` come cycles, which
`cycles/plugin.c` estimates and says how, and bytes of code: those of forward, backward and update
for one size in the ELF, the tanh included.
"""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BOARD, TARGET = "mps2-an386", "thumbv7em-none-eabihf"
PLUGIN = HERE / "target/cycles.so"
UNITS = ["tanh", "step", "training", "sgd"]  # in the order in which the program measures them
PROFILES = {"release": "3", "small": "s"}


def main():
    costs = HERE / "costs" / run(["./run.sh", "--compiler"]).strip()
    PLUGIN.parent.mkdir(exist_ok=True)
    run(["cc", "-O2", "-shared", "-fPIC", "-o", PLUGIN, "cycles/plugin.c"])
    tables = {
        "cell.csv": [row for profile in PROFILES for row in cells(profile)],
        "scaling.csv": rows(run(["./run.sh", BOARD, "scaling"])),
    }
    for name, table in tables.items():
        match sys.argv[1:]:
            case ["--bless"]:
                with (costs / name).open("w") as file:
                    write(table, file)
            case ["--check"]:
                check(table, costs / name)
            case _:
                write(table, sys.stdout)


def cells(profile):
    """A row for each size, as strings."""
    counted = run(["./run.sh", BOARD, "cell"], PROFILE=profile)
    elf = HERE / "target" / BOARD / TARGET / profile / "cell"
    cycles, code = iter(estimate(elf)), bytes_of_code(elf)
    for counts in rows(counted):
        units = [unit for unit in UNITS if counts[unit]]
        row = {"opt-level": PROFILES[profile], "size": counts["size"], "parameters": counts["parameters"]}
        row |= {unit: counts[unit] for unit in units}
        row |= {f"{unit} cycles": str(next(cycles)) for unit in units}
        yield row | {"code": code.get(counts["size"].split("-")[-1], "")}


def estimate(elf):
    """The cycles of each stretch that was measured, less those of the empty one behind it."""
    out = PLUGIN.with_suffix(".csv")
    run(["./emulate.sh", BOARD, elf, "-plugin", f"{PLUGIN},out={out}"])
    cycles = [int(line.split(",")[1]) for line in out.read_text().splitlines()]
    return [work - empty for work, empty in zip(cycles[::2], cycles[1::2])]


def bytes_of_code(elf):
    """By units: what is made for a size, and what all sizes share."""
    shared, own = 0, {}
    for line in run(["nm", "-SC", elf]).splitlines():
        match line.split(maxsplit=3):
            case [_, size, _, name] if "elman::" in name and "Scalar>::sqrt" not in name:  # the program's own
                generics = re.findall(r"\b\d+\b", name.replace("backward::<20>", ""))
                if generics:  # rows, then columns: the last is the units
                    own[generics[-1]] = own.get(generics[-1], 0) + int(size, 16)
                else:
                    shared += int(size, 16)
    return {units: str(bytes + shared) for units, bytes in own.items()}


def run(command, **environment):
    done = subprocess.run(command, cwd=HERE, env=os.environ | environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"counts.py: {command}:\n{done.stdout}{done.stderr}")
    return done.stdout


def rows(text):
    return list(csv.DictReader(text.splitlines()))


def write(table, file):
    writer = csv.DictWriter(file, table[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)


def check(table, file):
    if not file.exists():
        print(f"not compared, nothing is known for rustc {file.parent.name}")
        return
    now = HERE / "target" / file.name
    with now.open("w") as written:
        write(table, written)
    run(["./within_a_percent.sh", file, now])
    print(f"as in {file.relative_to(HERE)}, to a percent")


if __name__ == "__main__":
    main()
