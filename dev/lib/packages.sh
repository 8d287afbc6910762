# shellcheck shell=bash
# What the operating system must bring: to run the stack, and to build the Rust workspace.

# The packages of which something is missing. A program is looked for by name, since it may well have
# come from elsewhere (Java especially); a library only by its package.
missing_packages() {
    local package
    missing_programs <<END
java default-jre-headless
mvn maven
redis-server redis-server
openssl openssl
curl curl
pgrep procps
cc build-essential
make build-essential
pkg-config pkg-config
shellcheck shellcheck
END
    postgres_bin >/dev/null || echo postgresql
    # For tests that read the topics with clients that are not ours.
    python3 -c 'import ensurepip' 2>/dev/null || printf '%s\n' python3 python3-venv
    # What these need in other languages, and what other tests do, is more than a person should have to install:
    # elsewhere than in CI they say that they skip.
    [ -z "${CI:-}" ] || missing_programs <<END
javac default-jdk-headless
node nodejs
npm npm
pgbouncer pgbouncer
END
    for package in libssl-dev zlib1g-dev; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || echo "$package"
    done
}

# Reads programs with the package of each; prints the packages of those that are not there.
missing_programs() {
    local program package
    while read -r program package; do
        command -v "$program" >/dev/null || echo "$package"
    done
}

install_packages() {
    local missing as_root=()
    command -v apt-get >/dev/null || {
        require_programs
        return
    }
    mapfile -t missing < <(missing_packages | sort -u)
    [ "${#missing[@]}" -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    say "installing ${missing[*]}"
    without_starting_services "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c '
        apt-get -q -o DPkg::Lock::Timeout=300 update &&
        apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
    ' sh "${missing[@]}" >"$stack_dir/install.log" 2>&1 &
    say_while "$!" "apt-get is at work" || {
        tail -n 20 "$stack_dir/install.log" >&2
        fail 69 "apt-get could not install ${missing[*]}"
    }
}

# Debian starts a Postgres and a Redis of its own on installation; we want neither. A policy file is
# Debian's way of saying so; one that is there already is the machine's owner's word, and stays.
without_starting_services() {
    local policy=/usr/sbin/policy-rc.d as_root=() status=0
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
    "$@" || status=$?
    "${as_root[@]}" rm -f "$policy"
    return "$status"
}

# Elsewhere than on Debian we only say what to install.
require_programs() {
    local program missing=()
    for program in java mvn redis-server openssl curl pgrep setsid flock cc make pkg-config; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    postgres_bin >/dev/null || missing+=(postgres)
    [ "${#missing[@]}" -eq 0 ] || fail 69 "no apt-get here; please install: ${missing[*]} (Java 17 or newer)"
}
