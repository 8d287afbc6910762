# shellcheck shell=bash
# What the person at the terminal sees.

say() { printf '%s\n' "$*"; }

# fail STATUS MESSAGE
fail() {
    printf 'dev/stack: %s\n' "$2" >&2
    exit "$1"
}

# One line per component: its name now, the outcome when it is known.
line_begin() { printf '%-20s ' "$1"; }
line_end() { printf '%s\n' "$*"; }

now_ms() { date +%s%3N; }
seconds_since() { awk -v ms="$(($(now_ms) - $1))" 'BEGIN { printf "%.1f s", ms / 1000 }'; }
