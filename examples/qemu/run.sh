#!/usr/bin/env bash
# run.sh [--bless] [BOARD [PROGRAM]]
#
# Builds and runs the programs on emulated boards and holds them to their promises. Without
# arguments: all of it on every board. With a PROGRAM: builds and runs that one and shows its output;
# PROFILE=small does it at opt-level "s".
# --bless writes the expected output (src/bin/*.out, costs/) anew from what the boards print.
# --compiler says which rustc is used, and whether `core` is from source: what the costs are known for.
#
# Sets up what is missing: the target by rustup or, where it cannot be had, Debian's compiler and
# `core` from source (CORE=source asks for that); QEMU by apt.
set -euo pipefail
cd "$(dirname "$0")"

BOARDS=(mps2-an385 mps2-an386 mps2-an500 mps2-an505 microbit rv32imc rv32imafc)
# Programs with one output for all boards; `cost` has one per board.
PROGRAMS=(sunspots stream infer resume overflow nopanic)
# Boards, one of each kind of core, that are also held to it at opt-level "s", and on which the
# checks are shown to find what they look for.
SMALL=(mps2-an386 rv32imc)

# Sets machine, target and cpu.
board() {
    case $1 in
    mps2-an385) machine=mps2-an385 target=thumbv7m-none-eabi cpu=cortex-m3 ;;
    mps2-an386) machine=mps2-an386 target=thumbv7em-none-eabihf cpu=cortex-m4 ;;
    mps2-an500) machine=mps2-an500 target=thumbv7em-none-eabihf cpu=cortex-m7 ;;
    mps2-an505) machine=mps2-an505 target=thumbv8m.main-none-eabihf cpu=cortex-m33 ;;
    microbit) machine=microbit target=thumbv6m-none-eabi cpu=cortex-m0 ;;
    rv32imc) machine=virt target=riscv32imc-unknown-none-elf cpu=generic-rv32 ;;
    rv32imafc) machine=virt target=riscv32imafc-unknown-none-elf cpu=generic-rv32 ;;
    *) die "no board $1; there are: ${BOARDS[*]}" ;;
    esac
}

main() {
    bless=
    if [ "${1-}" = --bless ]; then bless=yes && shift; fi
    if [ "${1-}" = --compiler ]; then
        set_up "${BOARDS[0]}"
        echo "$rustc"
    elif [ $# -gt 1 ]; then
        set_up "$1"
        one "$1" "$2" "${PROFILE:-release}"
    else
        if [ $# = 0 ]; then set -- "${BOARDS[@]}"; fi
        set_up "$@"
        all "$@"
    fi
}

# one BOARD PROGRAM PROFILE
one() {
    build "$1" "$3" --bin "$2" --features large
    ./emulate.sh "$machine" "$(program "$1" "$3" "$2")"
}

# Builds board after board; what is built runs meanwhile.
all() {
    local name running=()
    mkdir -p target
    for name; do
        build "$name" release --bins
        if small "$name"; then build "$name" small --bin sunspots --bin resume --bin nopanic --bin cost; fi
        check_board "$name" >"target/$name.log" 2>&1 &
        running+=($!)
        if [ -n "$bless" ]; then wait $! || fail "$name"; bless=costs; fi
    done
    for name; do
        wait "${running[0]}" || fail "$name"
        running=("${running[@]:1}")
        cat "target/$name.log"
    done
    for name; do
        if small "$name"; then check_the_checks "$name"; fi
    done
    [ -z "${failed-}" ] || die "failed:$failed"
    echo "all promises kept"
}

fail() { failed="${failed-} $1"; }

small() { [[ " ${SMALL[*]} " == *" $1 "* ]]; }

#### set-up ####

set_up() {
    local name targets=()
    for name; do board "$name" && targets+=("$target"); done
    command -v rustup >/dev/null || die "rustup is missing: see https://rustup.rs"
    if [ "${CORE-}" != source ] && rustup target add "${targets[@]}" 2>/dev/null; then
        CARGO=(cargo)
    else
        debian_compiler
    fi
    rustc=$("${CARGO[@]/cargo/rustc}" --version | cut -d' ' -f2)
    if [ ${#FROM_SOURCE[@]} != 0 ]; then rustc=$rustc-source; fi
    if ! command -v qemu-system-arm || ! command -v qemu-system-riscv32; then qemu; fi >/dev/null
}

# `core` from source needs a compiler that comes with it, and a linker, which rustup's has.
debian_compiler() {
    if ! [ -d /usr/lib/rustlib/src ]; then
        may_install rustc-web cargo-web rust-web-src
        apt_install rustc-web cargo-web rust-web-src
    fi
    rustup toolchain list | grep -q '^debian' || rustup toolchain link debian /usr
    CARGO=(cargo +debian)
    FROM_SOURCE=(-Z build-std=core)
    export RUSTC_BOOTSTRAP=1
    local linker
    linker=$(find "$(rustc --print sysroot)/lib/rustlib" -name rust-lld | head -1)
    [ -n "$linker" ] || die "no rust-lld in $(rustc --print sysroot): install Rust by rustup"
    LINKER="-Clinker-flavor=ld.lld -Clinker=$linker"
}

qemu() {
    local riscv=qemu-system-misc
    may_install qemu-system-arm $riscv
    # Newer releases have the RISC-V emulator in a package of its own.
    ! apt-cache show qemu-system-riscv >/dev/null 2>&1 || riscv=qemu-system-riscv
    apt_install qemu-system-arm $riscv || install_older_utils $riscv
}

# QEMU breaks with tools that are newer than it, as a backport of them alone is.
install_older_utils() {
    local version
    version=$(apt-cache policy qemu-system-arm | awk '/Candidate/ { print $2 }')
    apt_install --allow-downgrades qemu-system-arm "$1" "qemu-utils=$version" ||
        die "please install: qemu-system-arm $1"
}

may_install() {
    if ! command -v apt-get || [ "$(id -u)" != 0 ]; then
        die "please install, or run this as root: $*"
    fi >/dev/null
    apt-get update -qq
}

apt_install() { apt-get install -y --no-remove --no-install-recommends "$@"; }

die() { echo "run.sh: $*" >&2 && exit 1; }

#### build and run ####

# build BOARD PROFILE CARGO-ARGUMENTS
build() {
    board "$1"
    RUSTC_WRAPPER=$PWD/same_names.sh RUSTFLAGS="-Ctarget-cpu=$cpu ${LINKER-}" \
        "${CARGO[@]}" build --quiet --target "$target" \
        --target-dir "target/$1" --profile "$2" "${FROM_SOURCE[@]}" "${@:3}"
}
FROM_SOURCE=()

# program BOARD PROFILE NAME: its ELF
program() { board "$1" && echo "target/$1/$target/$2/$3"; }

check_board() {
    local name=$1 program bad=0
    board "$name"
    for program in "${PROGRAMS[@]}"; do check_program release "$program" || bad=1; done
    check_costs release "$name" || bad=1
    if small "$name"; then
        for program in sunspots resume nopanic; do check_program small "$program" || bad=1; done
        check_costs small "$name-s" || bad=1
    fi
    return $bad
}

# Its exit code, its output, and what is linked into it.
check_program() {
    local elf output=target/$name-$1-$2.out code=0 expected=0
    elf=$(program "$name" "$1" "$2")
    [ "$2" != overflow ] || expected=3
    timeout 120 ./emulate.sh "$machine" "$elf" >"$output" || code=$?
    if [ $code != $expected ]; then
        cat "$output" && echo "$name $1 $2: exit code $code" && return 1
    fi
    if [ "$bless" = yes ]; then cp "$output" "src/bin/$2.out"; fi
    diff -u "src/bin/$2.out" "$output" || { echo "$name $1 $2: other output" && return 1; }
    check_elf "$elf" || { echo "$name $1 $2: see above" && return 1; }
    echo "$name $1 $2: ok"
}

#### what is linked ####

check_elf() {
    local symbols
    symbols=$(nm "$1")
    absent "a panic" 'panicking|panic_fmt|begin_unwind' &&
        absent "an allocator" '__rust_|__rdl_|__rg_|malloc|_sbrk' &&
        absent "double precision" "$DOUBLE" &&
        statics_above_stack && in_place "${1##*/}"
}

# The run-time library's names, by Arm's convention and by GCC's.
DOUBLE=' (__aeabi_(d(add|sub|rsub|mul|div|neg|cmp|2)|cd|[a-z]+2d)|__[a-z]+df[a-z]*[0-9]?$)'

absent() {
    if grep -E "$2" <<<"$symbols"; then echo "^ $1 is linked" && return 1; fi
}

# No static lies below the top of the stack.
statics_above_stack() {
    awk '$3 == "_stack_start" { top = $1 } $2 ~ /^[bBdD]$/ && $3 !~ /^__/ && (low == "" || $1 < low) { low = $1 }
        END { if (low != "" && low < top) { print "a static lies below the stack"; exit 1 } }' <<<"$symbols"
}

# What learns is zero at start (b), the trained net in flash (r).
in_place() {
    case $1 in
    nopanic) section LEARNER b && section TRAINER b ;;
    sunspots | stream) section LEARNER b ;;
    resume) section TRAINER b ;;
    infer) section NET r ;;
    esac
}

section() {
    if ! grep -qE " $2 .*[0-9]$1(17h|$)" <<<"$symbols"; then
        echo "^ no $1 in section $2" && return 1
    fi
}

# Puts in what must not be linked, and sees it found.
check_the_checks() {
    local profile
    for profile in release small; do
        found "$1" $profile panicking "a panic"
        found "$1" $profile double "double precision"
    done
}

found() {
    build "$1" "$2" --bin nopanic --features "$3"
    if (check_elf "$(program "$1" "$2" nopanic)" || true) | grep -q "^^ $4 is linked"; then
        echo "$1 $2: $4 is found when it is put in: ok"
    else
        echo "$1 $2: $4 was put in and not found" && fail "$1"
    fi
}

#### costs ####

# check_costs PROFILE FILE: within 1 % of what is written down for this compiler
check_costs() {
    local now="target/$2.txt" file="costs/$rustc/$2.txt"
    costs "$1" >"$now" || { echo "$name $1 cost: failed" && return 1; }
    if [ -n "$bless" ]; then mkdir -p "costs/$rustc" && cp "$now" "$file"; fi
    if [ ! -e "$file" ]; then
        echo "$name $1 cost: not compared, nothing is known for rustc $rustc" && return
    fi
    ./within_a_percent.sh "$file" "$now" || { echo "$name $1 cost: not as in $file" && return 1; }
    echo "$name $1 cost: ok"
}

costs() {
    echo "board $name, rustc $rustc, target-cpu $cpu"
    ./emulate.sh "$machine" "$(program "$name" "$1" cost)" || return
    local program elf
    printf '%-8s %6s %7s\n' program flash statics
    for program in sunspots stream infer resume nopanic; do
        elf=$(program "$name" "$1" $program)
        if [ -e "$elf" ]; then
            printf '%-8s ' $program
            size -A "$elf" | awk '
                /^\.(vector_table|text|rodata|data|gnu.sgstubs) / { flash += $2 }
                /^\.(data|bss|uninit) / { statics += $2 }
                END { printf "%6d %7d\n", flash, statics }'
        fi
    done
}

main "$@"
