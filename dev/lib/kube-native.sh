# shellcheck shell=bash
# Runs what the chart renders, as processes on a stack of their own: hooks, services, their variables and files.

run_natively() {
    local bin=${INKLOG_BIN_DIR:-} keys=$work/token-keys first
    export INKLOG_STACK_DIR=$PWD/.inklog-helm INKLOG_STACK_OFFSET=${INKLOG_STACK_OFFSET:-7000}
    first=$((8500 + INKLOG_STACK_OFFSET))
    if [ -z "$bin" ]; then
        source dev/lib/cargo.sh
        build_programs command-services projection-services query-api gateway
        bin=${CARGO_TARGET_DIR:-target}/${INKLOG_PROFILE/%dev/debug}
    fi
    trap 'dev/stack down; rm -rf "$work"' EXIT
    dev/stack down
    dev/stack reset
    dev/stack up || return 1
    "$bin/command-services" token rotate --token-keys-dir "$keys" >/dev/null
    (
        eval "$(dev/stack env)"
        native_values "$keys" "$first" "$INKLOG_KAFKA_BROKERS" "$INKLOG_REGISTRY_URL" "$INKLOG_DATABASE_URL" \
            "$INKLOG_REDIS_URL" >"$work/native-values.yaml"
    )
    render -f "$chart/examples/trial.yaml" -f "$work/native-values.yaml" >"$work/native.yaml"
    mkdir "$work/native"
    "$kube_tools/python/bin/python" helm/check/run.py "$work/native.yaml" "$bin" "$first" "$work/native" ${prometheus:+"$prometheus" "$promtool"}
}

# Where things are, over the example.
native_values() {
    local file
    cat <<END
kafka: { brokers: "$3" }
registry: { url: "$4" }
tokens: { jwksUrl: "http://127.0.0.1:$2/.well-known/jwks.json" }
secrets:
  tokenKeys: { existingSecret: "" }
  values:
    databaseUrl: $5
    redisUrl: $6
    tokenKeys:
END
    for file in "$1"/*; do
        printf '      %s: |\n' "$(basename "$file")"
        sed 's/^/        /' "$file"
        # The set of keys ends without a line's end, and what comes after it would be in the same line.
        echo
    done
}
