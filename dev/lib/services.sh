# shellcheck shell=bash
# Our own programs, run as they are built, in the environment that `dev/stack env` prints.

service_ports() {
    port_of "$1"
    port_of "$1-metrics"
    [ "$1" != command-services ] || port_of command-services-grpc
}

service_launch() {
    local name=$1 arguments=() environment=()
    environment+=("INKLOG_LISTEN=$HOST:$(port_of "$1")" "INKLOG_METRICS_LISTEN=$HOST:$(port_of "$1-metrics")")
    [ -x "$INKLOG_BIN_DIR/$name" ] || fail 69 "$INKLOG_BIN_DIR/$name is not there; build it with make up"
    # These two are several services in one program; `all` runs every one of them.
    [ "$name" = query-api ] || arguments=(all)
    [ "$name" != command-services ] || environment+=("INKLOG_GRPC_LISTEN=$HOST:$(port_of command-services-grpc)")
    spawn "$name" "$repo/dev/stack" exec env "${environment[@]}" "$name" "${arguments[@]}"
}

service_ready() {
    curl -sf -m 2 -o /dev/null "http://$HOST:$(port_of "$1")/readyz"
}
