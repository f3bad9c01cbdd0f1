#!/bin/sh
# same_names.sh RUSTC ARGUMENT...: rustc, with symbols whose names do not tell where the checkout is.
#
# Cargo hashes the path of a crate into the names of its functions, and LLVM goes through functions
# in the order of their names: on RISC-V another directory alone changed a step's count by 8 %.
for argument; do
    case $argument in
    metadata=*) argument=metadata=$CARGO_PKG_NAME-$CARGO_PKG_VERSION ;;
    esac
    shift
    set -- "$@" "$argument"
done
exec "$@"
