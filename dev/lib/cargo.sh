# shellcheck shell=bash
# For scripts that build: finds cargo where rustup puts it.

PATH=$PATH:$HOME/.cargo/bin
command -v cargo >/dev/null || {
    echo 'cargo is missing: install Rust with rustup; rust-toolchain.toml then picks the version' >&2
    exit 69
}
