# shellcheck shell=bash
# Background processes by pid file. A pid alone may have passed to a stranger since, so the file also
# holds when the process started, and no signal is sent unless both still agree.

run_dir=$stack_dir/run
log_dir=$stack_dir/logs
mkdir -p "$run_dir" "$log_dir"

pid_file() { echo "$run_dir/$1.pid"; }
log_file() { echo "$log_dir/$1.log"; }

# The /proc stat fields from the third (the state) on; the second, the name, may contain anything.
stat_of() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) && echo "${stat##*) }"
}

# Start time in ticks since boot, and which boot.
birth_of() {
    local fields
    read -ra fields < <(stat_of "$1") && echo "${fields[19]}@$(cat /proc/sys/kernel/random/boot_id)"
}

# spawn NAME COMMAND…: in a session of its own, so that a Ctrl-C here does not reach it, and without our
# lock, which it would hold for as long as it lives.
spawn() {
    local name=$1 log pid
    log=$(log_file "$name")
    # The last log is kept and no more: a stack may live for months.
    [ "$(stat -c %s "$log" 2>/dev/null || echo 0)" -lt 20000000 ] || mv "$log" "$log.1"
    setsid "${@:2}" </dev/null >>"$log" 2>&1 9>&- &
    pid=$!
    disown
    echo "$pid $(birth_of "$pid")" >"$(pid_file "$name")"
}

# Gone, or a zombie that only waits for its parent. A zombie with further threads is a process that is still
# ending, and still holds its ports and files.
has_ended() {
    local state threads
    read -r state _ < <(stat_of "$1") || return 0
    threads=("/proc/$1/task"/*)
    [ "$state" = Z ] && [ "${#threads[@]}" = 1 ]
}

# The pid of a component that is alive, else nothing and 1.
pid_of() {
    local pid birth
    read -r pid birth 2>/dev/null <"$(pid_file "$1")" || return 1
    [ "$(birth_of "$pid")" = "$birth" ] && ! has_ended "$pid" && echo "$pid"
}

is_alive() { pid_of "$1" >/dev/null; }

is_paused() {
    local state
    read -r state _ < <(stat_of "$(pid_of "$1")") && [ "$state" = T ]
}

# Parent first. Only Postgres has children; each is a session of its own, so a process group won't do.
family_of() {
    echo "$1"
    pgrep -P "$1" || true
}

# signal_family NAME SIGNAL…
signal_family() {
    local pid family signal
    pid=$(pid_of "$1") || return 0
    mapfile -t family < <(family_of "$pid")
    for signal in "${@:2}"; do
        kill -s "$signal" "${family[@]}" 2>/dev/null || true
    done
}

# within SECONDS COMMAND…: try until it succeeds.
within() {
    local deadline=$(($(now_ms) + $1 * 1000))
    until "${@:2}"; do
        [ "$(now_ms)" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

port_answers() { (exec 3<>"/dev/tcp/$HOST/$1") 2>/dev/null; }
