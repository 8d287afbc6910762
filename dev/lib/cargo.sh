# shellcheck shell=bash
# For scripts that build: finds cargo where rustup puts it, and builds our programs.

PATH=$PATH:$HOME/.cargo/bin
command -v cargo >/dev/null || {
    echo 'cargo is missing: install Rust with rustup; rust-toolchain.toml then picks the version' >&2
    exit 69
}

# Cargo's profile. One for everything that a person waits for, so that each command finds what another has compiled;
# `release` for what is measured or shipped.
export INKLOG_PROFILE=${INKLOG_PROFILE:-dev}

# build_programs NAME… [-- OPTION…]: programs of the workspace, with cargo's options. They are always picked out of the
# whole workspace: cargo switches on the features that the packages it is asked for need together, so `-p` with fewer
# packages would compile much of what they depend on once more.
build_programs() {
    local options=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=(--bin "$1")
        shift
    done
    cargo build --locked --profile "$INKLOG_PROFILE" --workspace "${options[@]}" "${@:2}"
}
