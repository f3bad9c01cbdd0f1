#!/usr/bin/env bash
# Counts the instructions of a cell on this machine: those of 110 runs less those of 10. Needs Valgrind.
#
#     RUSTFLAGS=-Ctarget-cpu=x86-64-v3 benches/count.sh
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(cargo bench --quiet --bench steps --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*steps-[^"]*\)".*/\1/p')

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$@" 2>&1 |
        awk '/Collected/ { print $4 }'
}

for unit in step training; do
    for size in 3-16 8-32 16-64 32-128; do
        echo "$unit $size: $((($(count $unit $size 110) - $(count $unit $size 10)) / 100))"
    done
done
