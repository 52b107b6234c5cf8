# shellcheck shell=bash
# What the scripts of a release share. Sourced after scripts/lib.sh, never run.

# The systems of a release.
# shellcheck disable=SC2034 # the scripts use it
RELEASE_TARGETS=(
    x86_64-unknown-linux-musl
    aarch64-unknown-linux-musl
    x86_64-pc-windows-gnu
    aarch64-apple-darwin
    x86_64-apple-darwin
)

# How hard gzip tries. A rehearsal sets it to 1.
export RELEASE_LEVEL=${RELEASE_LEVEL:-9}

# The version that the manifests have.
workspace_version() {
    sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml
}

# archive_of VERSION TARGET: the name of the archive of the program.
archive_of() {
    case $2 in
        *-windows-*) printf 'zkv-%s-%s.zip\n' "$1" "$2" ;;
        *) printf 'zkv-%s-%s.tar.gz\n' "$1" "$2" ;;
    esac
}

# program_of TARGET: the name of the program's file.
program_of() {
    case $1 in
        *-windows-*) echo zkv.exe ;;
        *) echo zkv ;;
    esac
}

# package_version VERSION: as dpkg and rpm compare them, a version before 1.0.0 is 1.0.0~rc.1.
package_version() {
    printf '%s\n' "${1/-/\~}"
}

# need_download_url URL: ends the script unless files may be fetched from there, and it can be put into Ruby, JSON and YAML.
need_download_url() {
    [[ $1 =~ ^https://[A-Za-z0-9./_%:-]+$ ]] || stop "$1 is not an https URL of plain characters" "downloads of a program must be protected"
}

# lay_out FOLDER ROOT ZSH: puts what an archive holds, unpacked in FOLDER, where a system has it below ROOT. ZSH is the folder
# of completions for zsh, which differs between systems.
lay_out() {
    local folder=$1 root=$2 zsh=$3 documents=$2/usr/share/doc/zkv page document
    install -D -m 755 "$folder/zkv" "$root/usr/bin/zkv"
    install -D -m 644 "$folder/completions/zkv.bash" "$root/usr/share/bash-completion/completions/zkv"
    install -D -m 644 "$folder/completions/zkv.zsh" "$root/$zsh/_zkv"
    install -D -m 644 "$folder/completions/zkv.fish" "$root/usr/share/fish/vendor_completions.d/zkv.fish"
    for page in "$folder"/man/*.1; do
        install -D -m 644 "$page" "$root/usr/share/man/man1/$(basename "$page")"
    done
    gzip --no-name -9 "$root"/usr/share/man/man1/*.1
    for document in README.md SECURITY.md NOTICE zkv.cdx.json LICENSE-APACHE LICENSE-MIT; do
        install -D -m 644 "$folder/$document" "$documents/$document"
    done
    install -D -m 644 "$folder/CHANGELOG.md" "$documents/changelog"
    gzip --no-name -9 "$documents/changelog"
    mkdir -p "$root/usr/lib/systemd/user"
    sed 's|^ExecStart=.*|ExecStart=/usr/bin/zkv agent|' packaging/systemd/zkv-agent.service >"$root/usr/lib/systemd/user/zkv-agent.service"
    chmod 644 "$root/usr/lib/systemd/user/zkv-agent.service"
    find "$root" -type d -exec chmod 755 {} +
}
