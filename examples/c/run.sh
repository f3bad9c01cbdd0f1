#!/usr/bin/env bash
# Sets up what is missing, builds the C firmware for the host and for an emulated board, runs both, and checks
# that they end with the weights of the Rust run, that nothing that panics is linked, and that the header is current.
set -euo pipefail
cd "$(dirname "$0")"
source ../qemu/setup.sh

# What the Rust run of the same recipe ends with, on every board.
EXPECTED=../qemu/src/bin/sliced.out
QEMU=(qemu-system-arm -machine mps2-an386 -nographic -semihosting-config "enable=on,target=native" -kernel)

main() {
    set_up
    set_up_c >&2
    echo "the header"
    cargo run --quiet --package header -- --check
    echo "a header of another network does not compile"
    cargo test --quiet --package elman-c
    echo "the host"
    build host
    compare "$(build/host/train)"
    echo "the board"
    build board -DCMAKE_TOOLCHAIN_FILE=board/toolchain.cmake
    compare "$(timeout 60 "${QEMU[@]}" build/board/train)"
    echo "other cores"
    for target in thumbv6m-none-eabi thumbv7m-none-eabi thumbv8m.main-none-eabihf riscv32imc-unknown-none-elf; do
        cargo check --quiet --package oscillation --target "$target"
    done
    echo "what is linked"
    check_linked target/thumbv7em-none-eabihf/release/liboscillation.a
    see_a_panic_found
    echo "all is as it should be, in $SECONDS s"
}

build() {
    cmake -S . -B "build/$1" "${@:2}" >/dev/null
    cmake --build "build/$1" >"build/$1/log" 2>&1 || { cat "build/$1/log" && die "the $1 does not build"; }
    ctest --test-dir "build/$1" --quiet --output-on-failure --timeout 60
}

# The newest two lines of weights of the Rust run: of the trainer in time, and of the one behind.
compare() {
    echo "$1"
    diff <(grep '^weights' "$EXPECTED" | tail -n 2) <(grep '^weights' <<<"$1") ||
        die "the weights are not those of $EXPECTED"
}

# Of the object with all the Rust of the network: its own symbols, and those that it needs.
check_linked() {
    local found
    found=$(symbols "$1") || die "no symbols in $1"
    ! grep -E 'panicking|panic_fmt|begin_unwind' <<<"$found" || die "a panic is linked"
    ! grep -E ' U (__rust_|malloc|_sbrk)' <<<"$found" || die "an allocator is linked"
    ! grep -E ' U __aeabi_(d(add|sub|rsub|mul|div|neg|cmp|2)|cd|[a-z]+2d)' <<<"$found" ||
        die "double precision is linked"
}

symbols() {
    arm-none-eabi-nm "$1" 2>/dev/null | awk '/^oscillation-.*:$/ { inside = 1; next } /:$/ { inside = 0 } inside && NF' |
        grep -e oscillation_init -e ''
}

# The check itself is checked: with a panic it fails.
see_a_panic_found() {
    cargo build --quiet --release --package oscillation --features panicking \
        --target thumbv7em-none-eabihf --target-dir target/panicking
    if (check_linked target/panicking/thumbv7em-none-eabihf/release/liboscillation.a) >/dev/null 2>&1; then
        die "a panic was linked and not found"
    fi
}

# The C compilers and CMake.
set_up_c() {
    rustup --quiet target add x86_64-unknown-linux-gnu # whose sizes are in the header
    local missing=()
    command -v cmake >/dev/null || missing+=(cmake)
    command -v gcc >/dev/null || missing+=(gcc libc6-dev)
    command -v make >/dev/null || missing+=(make)
    command -v arm-none-eabi-gcc >/dev/null || missing+=(gcc-arm-none-eabi libnewlib-arm-none-eabi)
    [ ${#missing[@]} = 0 ] || install "${missing[@]}"
}

main
