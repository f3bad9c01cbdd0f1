#!/usr/bin/env bash
# run.sh [--bless] [BOARD [PROGRAM]]
#
# Builds and runs the programs on emulated boards and checks them: `cargo xtask boards`, after setting
# up what is missing (setup.sh).
set -euo pipefail
cd "$(dirname "$0")"
source ./setup.sh

set_up
exec cargo run --quiet --manifest-path xtask/Cargo.toml -- boards "$@"
