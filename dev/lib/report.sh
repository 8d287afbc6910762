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

# say_while PID WHAT: a line every few seconds for as long as a child of ours takes; its exit status.
say_while() {
    local began=$SECONDS
    while kill -0 "$1" 2>/dev/null; do
        sleep 1
        (((SECONDS - began) % 10)) || ! kill -0 "$1" 2>/dev/null || say "… $2, for $((SECONDS - began)) s"
    done
    wait "$1"
}
