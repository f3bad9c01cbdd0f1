#!/usr/bin/env bash
# run.sh [--bless]
#
# Runs the firmware on the emulated board, whole and with its power cut, and checks it; then builds and
# lints it for the chips. `--bless` writes the expected logs, `boards/mps2/*.out`, from what the board printed.
set -euo pipefail
cd "$(dirname "$0")"
source ../qemu/setup.sh

readonly DEFMT_PRINT=1.2.0
# From boot to power cut, in milliseconds: between two saves, in a write, in an erase.
readonly CUTS=(12300 10075 5300)
readonly EMULATED=mps2:thumbv7em-none-eabihf
readonly CHIPS=(
    stm32f405:thumbv7em-none-eabihf
    nrf52840:thumbv7em-none-eabihf
    rp2040:thumbv6m-none-eabi
    esp32-c3:riscv32imc-unknown-none-elf
)

main() {
    set_up
    install_defmt_print
    build "$EMULATED"
    whole && cut
    if [ "${1:-}" = --bless ]; then bless; fi
    check whole && check cut
    measured | while read -r line; do grep -qxF "$line" README.md || die "README.md lacks: $line"; done
    the_same_weights
    for chip in "${CHIPS[@]}"; do build "$chip"; done
    for chip in "$EMULATED" "${CHIPS[@]}"; do lint "$chip"; done
    late_on_purpose
    echo "every check passed"
}

install_defmt_print() {
    target/tools/bin/defmt-print --version 2>/dev/null | grep -q " $DEFMT_PRINT\$" ||
        cargo install --quiet --locked --debug --root target/tools --force defmt-print --version "=$DEFMT_PRINT"
}

# build CHIP:TARGET [OPTION...]
build() {
    cargo build --quiet --release --package "${1%:*}" --target "${1#*:}" "${@:2}"
}

lint() {
    cargo clippy --quiet --release --package "${1%:*}" --target "${1#*:}" -- -D warnings
}

whole() {
    start whole
    boot whole || die "a bound does not hold: see target/board/whole.out"
}

cut() {
    start cut
    for milliseconds in "${CUTS[@]}"; do
        echo "$milliseconds" >target/board/cut/power
        boot cut || die "boot failed"
    done
    rm target/board/cut/power
    boot cut || die "a bound does not hold: see target/board/cut.out"
}

# A new flash, an empty log.
start() {
    rm -rf "target/board/$1"
    mkdir -p "target/board/$1"
    : >"target/board/$1.out"
}

# Returns the exit code of the firmware. The clock counts instructions, 32 ns each.
boot() (
    cd "target/board/$1"
    code=0
    timeout 120 qemu-system-arm -machine mps2-an386 -icount shift=5,sleep=off -display none -serial null \
        -monitor none -semihosting-config enable=on,target=native \
        -kernel ../../thumbv7em-none-eabihf/release/mps2 </dev/null >log.bin || code=$?
    ../../tools/bin/defmt-print -e ../../thumbv7em-none-eabihf/release/mps2 \
        --log-format '{L:5} {s}' <log.bin >>"../$1.out"
    exit "$code"
)

# The expected logs, and the figures of README.md.
bless() {
    cp target/board/{whole,cut}.out boards/mps2/
    {
        sed '/^<!-- measured -->/q' README.md
        printf '\n```text\n%s\n```\n\n' "$(measured)"
        sed -n '/^<!-- .measured -->/,$p' README.md
    } >target/README.md
    mv target/README.md README.md
}

measured() { grep -e bytes -e Timing -e cycles boards/mps2/whole.out | sed 's/^INFO *//'; }

# The log is the expected one; times may differ by 15 %: a change of the crate moves code about, and
# another emulator may count otherwise. What must hold is the bound.
check() {
    diff <(without_times "boards/mps2/$1.out") <(without_times "target/board/$1.out") ||
        die "not the expected log: boards/mps2/$1.out"
    paste -d ' ' <(times "boards/mps2/$1.out") <(times "target/board/$1.out") |
        awk '{ if (($1 - $2) ^ 2 > (0.15 * $1 + 2) ^ 2) { print $1, "is now", $2; bad = 1 } } END { exit bad }' ||
        die "not the expected times: boards/mps2/$1.out"
}

without_times() { grep -v -e Timing -e cycles "$1"; }

times() { grep -e Timing -e cycles "$1" | grep -o '[0-9]*'; }

# With the power cut three times the board ends with the weights of a run without.
the_same_weights() {
    [ "$(weights whole)" = "$(weights cut)" ] || die "other weights after power cuts"
}

weights() { grep saved "target/board/$1.out" | tail -n 1; }

# A whole update in one slice: the bound on the lateness must fail.
late_on_purpose() {
    build "$EMULATED" --features at-once
    start late
    if boot late; then die "a sampler that is late is not noticed"; fi
    grep -q Timing target/board/late.out || die "the late run did not end"
}

main "$@"
