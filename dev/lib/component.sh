# shellcheck shell=bash
# What can be done with any component. Each brings NAME_ports, NAME_launch and NAME_ready.

require_component() {
    local name
    for name in "${INFRASTRUCTURE[@]}" "${SERVICES[@]}"; do
        [ "$name" != "$1" ] || return 0
    done
    fail 64 "which component? One of: ${INFRASTRUCTURE[*]} ${SERVICES[*]}"
}

# part NAME VERB: our own services have their verbs in common, and so have kafka and kafka-2.
part() {
    case " ${SERVICES[*]} " in
        *" $1 "*) "service_$2" "$1" ;;
        *) "${1%%-*}_$2" "$1" ;;
    esac
}

component_start() {
    component_launch "$1"
    component_await "$1"
}

declare -A launched_at

component_launch() {
    local name=$1 port
    launched_at[$name]=$(now_ms)
    (
        # Two may start the same component at once; the second finds it running.
        flock 9
        ! is_alive "$name" || exit 0
        for port in $(part "$name" ports); do
            ! port_answers "$port" ||
                fail 69 "$name needs port $port, which another program has; set INKLOG_STACK_OFFSET"
        done
        part "$name" launch
    ) 9>"$run_dir/$name.lock"
}

component_await() {
    local name=$1 begun=${launched_at[$1]}
    line_begin "$name"
    signal_family "$name" CONT
    if within "$START_SECONDS" ready_or_dead "$name" && is_alive "$name"; then
        line_end "ready after $(seconds_since "$begun") (pid $(pid_of "$name"), port $(port_of "$name"))"
    else
        line_end "NOT ready after $(seconds_since "$begun"); the end of $(log_file "$name"):"
        tail -n 20 "$(log_file "$name")" >&2
        exit 69
    fi
}

ready_or_dead() { ! is_alive "$1" || part "$1" ready; }

component_stop() {
    local name=$1 begun pid signal=TERM
    pid=$(pid_of "$name") || return 0
    begun=$(now_ms)
    line_begin "$name"
    # To Postgres SIGTERM means "when the last client has left", SIGINT means now, and properly.
    [ "$name" != postgres ] || signal=INT
    # A paused process would not hear the request.
    signal_family "$name" CONT
    kill -s "$signal" "$pid"
    if within "$STOP_SECONDS" is_gone "$name"; then
        line_end "stopped after $(seconds_since "$begun")"
    else
        component_kill "$name"
        line_end "did not stop within $STOP_SECONDS s and was killed"
    fi
}

is_gone() { ! is_alive "$1"; }

component_kill() {
    local pid family
    pid=$(pid_of "$1") || return 0
    # Stopped first, it has no more children after they were counted.
    kill -s STOP "$pid"
    mapfile -t family < <(family_of "$pid")
    kill -s KILL "${family[@]}" 2>/dev/null || true
    # Not before the last child has gone: a new Postgres refuses to share memory with an old one's.
    within 10 have_ended "${family[@]}" || fail 70 "$1 survives SIGKILL"
}

have_ended() {
    local pid
    for pid in "$@"; do
        has_ended "$pid" || return 1
    done
}

component_restart() {
    component_stop "$1"
    component_start "$1"
}

component_pause() { signal_family "$1" STOP; }
component_resume() { signal_family "$1" CONT; }

stack_up() {
    local name
    install_all
    limited_disk "$stack_dir/media"
    # All at once, then wait for each: two cores start them in the time of the slowest.
    for name in "${INFRASTRUCTURE[@]}"; do component_launch "$name"; done
    for name in "${INFRASTRUCTURE[@]}"; do component_await "$name"; done
}

# What depends on another is stopped before it.
stack_down() {
    local name
    for name in "${SERVICES[@]}" redis postgres registry; do component_stop "$name"; done
    # Their proxies are gone with the crash lab: not even the first one would be given leave.
    if has_inner_links; then component_kill "${BROKERS[0]}"; else component_stop "${BROKERS[0]}"; fi
    # The others would ask a majority that is soon not there any more for leave to go.
    for name in "${BROKERS[@]:1}"; do component_kill "$name"; done
}

stack_status() {
    local name pid state
    say "data in $stack_dir"
    [ ! -L "$stack_dir/postgres" ] || say "Postgres in $(readlink "$stack_dir/postgres")"
    for name in "${INFRASTRUCTURE[@]}" "${SERVICES[@]}"; do
        line_begin "$name"
        if ! pid=$(pid_of "$name"); then
            line_end "-"
            continue
        fi
        if is_paused "$name"; then
            state=paused
        elif part "$name" ready; then
            state=ready
        else
            state="not ready"
        fi
        line_end "$state, pid $pid, port $(port_of "$name"), $(memory_mb "$pid") MB"
    done
}

memory_mb() { awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$1/status"; }

stack_reset() {
    local name
    for name in "${INFRASTRUCTURE[@]}" "${SERVICES[@]}"; do
        ! is_alive "$name" || fail 69 "$name runs; dev/stack down first"
    done
    # By name, never the folder whole: INKLOG_STACK_DIR could be anything.
    [ ! -L "$stack_dir/postgres" ] || rm -rf "$(readlink "$stack_dir/postgres")"
    release_disks
    rm -rf "${stack_dir:?}"/{kafka,kafka-2,kafka-3,registry,postgres,redis,keys,mail,media,run,logs,install.log}
}
