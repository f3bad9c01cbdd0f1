# Sourced by the scripts that build firmware and run it: `set_up` sees to what is missing, `install` to packages.

# The compiler by rustup, QEMU by apt.
set_up() {
    command -v rustup >/dev/null || die "rustup is missing: see https://rustup.rs"
    rustup --quiet toolchain install # that of rust-toolchain.toml, with the boards' targets
    if ! command -v qemu-system-arm || ! command -v qemu-system-riscv32; then install_qemu >&2; fi >/dev/null
}

install_qemu() {
    local riscv=qemu-system-misc
    update_packages qemu-system-arm $riscv
    # Newer releases have the RISC-V emulator in a package of its own.
    ! apt-cache show qemu-system-riscv >/dev/null 2>&1 || riscv=qemu-system-riscv
    apt_install qemu-system-arm $riscv || install_with_older_utils $riscv
}

# QEMU breaks with tools that are newer than it, as a backport of them alone is.
install_with_older_utils() {
    local version
    version=$(apt-cache policy qemu-system-arm | awk '/Candidate/ { print $2 }')
    apt_install --allow-downgrades qemu-system-arm "$1" "qemu-utils=$version" ||
        die "please install: qemu-system-arm $1"
}

install() {
    update_packages "$@"
    apt_install "$@"
}

# If they can be installed.
update_packages() {
    if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        die "please install, or run this as root: $*"
    fi
    apt-get update -qq
}

apt_install() { apt-get install -y --no-remove --no-install-recommends "$@"; }

die() { echo "run.sh: $*" >&2 && exit 1; }
