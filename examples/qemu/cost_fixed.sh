#!/bin/sh
# temp
for p in "$@"; do
  set -- $p
  target=$1 cpu=$2 machine=$3 profile=${4:-release}
  RUSTC_WRAPPER=$PWD/same_names.sh RUSTFLAGS="-Ctarget-cpu=$cpu" cargo build --quiet --target $target --target-dir target/fx-$target --profile $profile --bin fixed $F  || exit 1
  echo "== $target $profile"; ./emulate.sh $machine target/fx-$target/$target/$profile/fixed
  llvm-size -A target/fx-$target/$target/$profile/fixed 2>/dev/null || size -A target/fx-$target/$target/$profile/fixed | grep -E "text|rodata|bss"
done
