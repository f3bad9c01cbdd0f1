#!/usr/bin/env bash
# run.sh STRATEGY ROUNDS FIRST OUT PORT...: one run of Flower, a supernode for each gateway at a PORT.
#
# FIRST and OUT are files of weights, little-endian f32: those before the first round, and after the last.
# `cargo xtask flower` calls it: it starts the boards and their gateways, and compares what is in OUT.
# Everything listens on the loopback interface and nothing is sent elsewhere: telemetry, the check
# for updates and the installation of packages at run time are off. Without the virtual environment, which
# is set up once from requirements.txt (FLOWER_VENV, else target/flower), it needs no network.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
strategy=$1 rounds=$2 first=$3 out=$4
ports=("${@:5}")
venv=${FLOWER_VENV:-$here/../../../target/flower}

[ -x "$venv/bin/flwr" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install -q -r "$here/requirements.txt"; }

export PATH="$venv/bin:$PATH"
export FLWR_TELEMETRY_ENABLED=0 FLWR_DISABLE_UPDATE_CHECK=1 FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION=1
work=$(mktemp -d)
export FLWR_HOME=$work/home
processes=()
trap stop EXIT

# What Flower starts has children of its own, and is slow to end.
stop() {
    exec 2> /dev/null
    for process in "${processes[@]}"; do kill_tree "$process"; done
    wait
    rm -rf "$work"
}

kill_tree() {
    local child
    for child in $(pgrep -P "$1"); do kill_tree "$child"; done
    kill -KILL "$1" || true
}

# Ports that nobody uses now: one for the superlink, one for each supernode.
mapfile -t free < <(python3 - "${#ports[@]}" <<'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]) + 1)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
for one in sockets:
    print(one.getsockname()[1])
PYTHON
)

mkdir -p "$FLWR_HOME"
cat > "$FLWR_HOME/config.toml" <<TOML
[superlink]
default = "fleet"

[superlink.fleet]
address = "127.0.0.1:${free[0]}"
insecure = true
TOML
cp -r "$here/pyproject.toml" "$here/fleet_app" "$work"

flower-superlink --insecure --disable-runtime-dependency-installation \
    --host 127.0.0.1 --port "${free[0]}" > "$work/superlink.log" 2>&1 &
processes+=($!)
for _ in $(seq 600); do # until it listens
    ! (exec 3<> "/dev/tcp/127.0.0.1/${free[0]}") 2>/dev/null || break
    sleep 0.2
done
for site in "${!ports[@]}"; do
    flower-supernode --insecure --superlink "127.0.0.1:${free[0]}" \
        --host 127.0.0.1 --port "${free[site + 1]}" \
        --node-config "site=$site port=${ports[site]}" > "$work/supernode-$site.log" 2>&1 &
    processes+=($!)
done

cd "$work"
config="strategy='$strategy' rounds=$rounds boards=${#ports[@]} first='$first' out='$out'"
timeout "${FLOWER_SECONDS:-600}" flwr run . fleet --stream --run-config "$config" > run.log 2>&1 || true
[ -s "$out" ] || { tail -n 40 ./*.log >&2; exit 1; }
