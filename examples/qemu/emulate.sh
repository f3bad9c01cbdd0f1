#!/bin/sh
# emulate.sh MACHINE PROGRAM: runs a program on a QEMU machine; its exit code is the program's.
#
# The clock counts instructions, so every run is the same: 128 ns each on Arm, where a timer is read,
# 1 ns on RISC-V, which has a counter.
machine=$1 program=$2
set -- -nographic -semihosting-config enable=on,target=native
case $machine in
virt)
    # From flash, as a microcontroller starts, not from the RAM at 0x80000000.
    exec qemu-system-riscv32 -machine virt -bios none "$@" -icount shift=0 \
        -device loader,cpu-num=0,file="$program" </dev/null ;;
*)
    exec qemu-system-arm -machine "$machine" "$@" -icount shift=7 -kernel "$program" </dev/null ;;
esac
