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

# as_root COMMAND…: as the superuser, where that needs no password: as root, or on a machine of a build service with sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        [ -n "${CI:-}" ] && have sudo && sudo --non-interactive "$@"
    fi
}

# Refreshes the package lists, once for a script and everything it starts. Lists that are some months old name versions
# that are outdated or no longer on the servers. Without a network the old ones must do.
refresh_packages() {
    [ -z "${ZKV_PACKAGES_REFRESHED:-}" ] || return 0
    export ZKV_PACKAGES_REFRESHED=yes
    as_root apt-get update -o DPkg::Lock::Timeout=300 >/dev/null 2>&1 ||
        printf 'the package lists could not be refreshed: packages may be old\n' >&2
}

# install_package PACKAGE [OPTION…]: installs or updates a Debian package where that needs no password. Does nothing
# elsewhere.
install_package() {
    if have apt-get && as_root true; then
        refresh_packages
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes -o DPkg::Lock::Timeout=300 "$@" >/dev/null 2>&1 || true
    fi
}

# want COMMAND PACKAGE: installs the package unless the command is there. Tests that use it leave themselves out without it.
want() {
    have "$1" || install_package "$2"
}

# need COMMAND PACKAGE: as want, and ends the script if the command is still missing.
need() {
    want "$1" "$2"
    have "$1" || stop "$1 is missing" "install your system's package for it (Debian: apt-get install $2)"
}

need_rust() {
    have cargo || stop "cargo is missing" "install Rust with rustup: https://rustup.rs"
}

# have_target TARGET: whether Rust's library for a target is installed, or can be installed by rustup.
have_target() {
    local libraries
    libraries=$(rustc --print sysroot)/lib/rustlib/$1/lib
    if [ ! -d "$libraries" ] && have rustup; then
        rustup target add "$1" || true
    fi
    [ -d "$libraries" ]
}

# have_zig: whether zig and the command of Cargo that knows how to use it are in target/zig, or can be installed there from
# PyPI, with the bytes that packaging/zig/requirements.txt names. Puts them on the path.
have_zig() {
    local place=$PWD/target/zig wanted=packaging/zig/requirements.txt
    export PATH="$place/bin:$PATH"
    ! cmp --silent "$wanted" "$place/installed" || return 0
    want python3 python3
    python3 -c 'import ensurepip' 2>/dev/null || install_package python3-venv
    python3 -m venv "$place" &&
        "$place/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement "$wanted" &&
        cp "$wanted" "$place/installed"
}

# give_random_numbers FOLDER: puts beside the programs there what Wine before version 9 lacks to run them.
give_random_numbers() {
    mkdir -p "$1"
    x86_64-w64-mingw32-gcc -shared -O2 -s -o "$1/bcryptprimitives.dll" tests/wine/bcryptprimitives.c -ladvapi32
}

have_wasm_target() {
    have_target wasm32-unknown-unknown
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

# The oldest Chromium that the extension says it runs in.
oldest_chromium() {
    sed -n 's/.*"minimum_chrome_version": "\([0-9.]*\)".*/\1/p' wasm/extension/manifest.json
}

# is_at_least VERSION OTHER: whether VERSION is OTHER or newer.
is_at_least() {
    printf '%s\n' "$2" "$1" | sort -V -C
}

# The version of a Chromium, as a number with dots. Nothing if there is none.
chromium_version() {
    ! have "$1" || "$1" --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9][0-9.]*\).*/\1/p'
}

# The Chromium of the tests: the one that CHROMIUM names, or the system's, which is installed or updated if need be. Prints
# its version.
need_chromium() {
    local program=${CHROMIUM:-/usr/bin/chromium} oldest version
    oldest=$(oldest_chromium)
    version=$(chromium_version "$program")
    if [ -z "${CHROMIUM:-}" ] && ! is_at_least "$version" "$oldest"; then
        install_package chromium
        version=$(chromium_version "$program")
    fi
    [ -n "$version" ] || stop "$program is missing" "install Chromium (Debian: apt-get install chromium), or set CHROMIUM"
    is_at_least "$version" "$oldest" || stop "Chromium $version is too old: the extension needs $oldest" \
        "install a newer one (Debian: apt-get update && apt-get install chromium), or set CHROMIUM"
    printf 'Chromium %s (%s)\n' "$version" "$program"
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

# --- Sources in Rust -----------------------------------------------------------------------------------------

# The names of the module files in a folder that are declared `#[cfg(test)] mod name;`.
test_modules() {
    find "$1" -name '*.rs' -exec awk '
        /^[[:space:]]*#\[cfg\(test\)\]/ { armed = 1; next }
        armed && match($0, /mod [a-z0-9_]+;/) { print substr($0, RSTART + 4, RLENGTH - 5) }
        { armed = 0 }' {} + | sort -u
}

# The source files in a folder, without those of tests.
sources_of() {
    local names
    names=$(test_modules "$1" | paste -sd '|')
    find "$1" -name '*.rs' | grep --extended-regexp --invert-match "/(${names:-tests})(\.rs|/)" | sort
}

# The lines of a file that are neither comments nor its inline test modules, each with its number.
code_of() {
    awk '
        /^[[:space:]]*#\[cfg\(test\)\]/ { armed = 1; next }
        armed && /mod [a-z0-9_]+ \{/ { match($0, /^[[:space:]]*/); indent = RLENGTH; inside = 1; armed = 0; next }
        { armed = 0 }
        inside { match($0, /^[[:space:]]*/); if ($0 ~ /^[[:space:]]*\}[[:space:]]*$/ && RLENGTH == indent) inside = 0; next }
        /^[[:space:]]*\/\// { next }
        { print FNR ": " $0 }' "$1"
}

# need_whole_demo STORY: ends the script unless that is what a demo prints from its first chapter to its last.
need_whole_demo() {
    local part
    for part in "compass-rose-Vector-31" "company	activation	active" "may not be used as it is" "restored backup 1 of" "That was it"; do
        grep -qF -- "$part" <<<"$1" || stop "the demo does not show: $part" "$1"
    done
}

# passed_in FILE: how many tests passed, by what the test programs printed.
passed_in() {
    sed -n 's/^test result: .* \([0-9]*\) passed.*/\1/p' "$1" | awk '{ sum += $1 } END { print sum + 0 }'
}
