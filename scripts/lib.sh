# shellcheck shell=bash
# What the scripts share. Sourced, never run.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

# Says what is missing and what to do about it, and ends the script.
stop() {
    printf '\nstopped: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '   help: %s\n' "$2" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Installs a Debian package where that needs nobody's password. Quietly does nothing elsewhere.
install_package() {
    if have apt-get && [ "$(id -u)" -eq 0 ]; then
        { apt-get install --yes "$1" || { apt-get update && apt-get install --yes "$1"; }; } >/dev/null 2>&1 || true
    fi
}

# need COMMAND PACKAGE: the command, or its package, or an end with a clear word.
need() {
    have "$1" || install_package "$2"
    have "$1" || stop "$1 is missing" "install your system's package for it (Debian: apt-get install $2)"
}

need_rust() {
    have cargo || stop "cargo is missing" "install Rust with rustup: https://rustup.rs"
}

# Whether Rust's wasm32 target is there, or can be had from rustup.
have_wasm_target() {
    local libraries
    libraries=$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib
    if [ ! -d "$libraries" ] && have rustup; then
        rustup target add wasm32-unknown-unknown || true
    fi
    [ -d "$libraries" ]
}

need_wasm_target() {
    have_wasm_target || stop "Rust's wasm32-unknown-unknown target is missing and could not be installed" \
        "rustup target add wasm32-unknown-unknown"
}

need_node() {
    need node nodejs
    need npm npm
    local major
    major=$(node --print 'process.versions.node.split(".")[0]')
    [ "$major" -ge 20 ] || stop "Node $major is too old" "install Node 20 or newer"
}

host_target() {
    rustc -vV | sed -n 's/^host: //p'
}

# remapped_paths TARGET: the compiler's flags that keep paths of this machine out of what is built, as strings of TOML. The
# standard library's sources are named by this machine's path where the component rust-src is installed, and by the
# compiler's commit where it is not: the latter is what everybody gets. The folder of crates.io has a name that depends on
# the address that it was fetched from; it must be there before it can be left out.
remapped_paths() {
    local home=${CARGO_HOME:-$HOME/.cargo} sources commit registry
    cargo fetch --quiet --locked --target "$1"
    sources=$(rustc --print sysroot)/lib/rustlib/src/rust
    commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
    printf "'--remap-path-prefix=%s', " "$home=cargo" "$PWD=." "$sources=/rustc/$commit"
    for registry in "$home"/registry/src/*; do
        printf "'--remap-path-prefix=%s', " "$registry=crates"
    done
}
