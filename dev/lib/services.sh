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
    case $name in
        # These two are several services in one program; `all` runs every one of them.
        command-services | projection-services) arguments=(all) ;;
    esac
    case $name in
        # What the gateway says of who asks is believed; it has nobody before it whom it could believe.
        command-services)
            environment+=("INKLOG_GRPC_LISTEN=$HOST:$(port_of command-services-grpc)" "INKLOG_TRUSTED_PROXIES=$HOST"
                "INKLOG_PUBLIC_URL=http://localhost:$(port_of gateway)"
                # Who tries it out, and test suites of RealWorld, register often and with any password.
                "INKLOG_ATTEMPTS_PER_NETWORK=10000" "INKLOG_PASSWORD_POLICY=any")
            ;;
        query-api) environment+=("INKLOG_TRUSTED_PROXIES=$HOST") ;;
        gateway)
            environment+=("INKLOG_UPSTREAM_COMMANDS=http://$HOST:$(port_of command-services)"
                "INKLOG_UPSTREAM_QUERIES=http://$HOST:$(port_of query-api)"
                # Front ends that are tried out are served at other ports.
                "INKLOG_CORS_ORIGINS=*")
            ;;
    esac
    spawn "$name" "$repo/dev/stack" exec env "${environment[@]}" "$name" "${arguments[@]}"
}

service_ready() {
    curl -sf -m 2 -o /dev/null "http://$HOST:$(port_of "$1")/readyz"
}
