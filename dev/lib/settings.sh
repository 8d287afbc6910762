# shellcheck shell=bash
# Where things are and on which port. Everything is derived from a few variables, so that two stacks
# can run side by side.
# shellcheck disable=SC2034,SC2154

: "${INKLOG_STACK_DIR:=$repo/.inklog}"
: "${INKLOG_STACK_OFFSET:=0}"
: "${INKLOG_CACHE_DIR:=${XDG_CACHE_HOME:-$HOME/.cache}/inklog}"
: "${INKLOG_BROKERS:=1}"
: "${INKLOG_KAFKA_PROXIES:=0}"
: "${INKLOG_DISK_MB:=0}"
: "${INKLOG_PROFILE:=dev}"
# Cargo calls the folder of the profile dev by another name.
: "${INKLOG_BIN_DIR:=${CARGO_TARGET_DIR:-$repo/target}/${INKLOG_PROFILE/%dev/debug}}"
mkdir -p "$INKLOG_STACK_DIR"
stack_dir=$(cd "$INKLOG_STACK_DIR" && pwd)

BROKERS=(kafka)
[ "$INKLOG_BROKERS" = 1 ] || BROKERS=(kafka kafka-2 kafka-3)
INFRASTRUCTURE=("${BROKERS[@]}" registry postgres redis)
SERVICES=(gateway command-services projection-services query-api)

START_SECONDS=60
STOP_SECONDS=30

# Loopback by number: `localhost` may mean ::1 first, and nothing here listens there.
HOST=127.0.0.1

port_of() {
    local base
    case $1 in
        kafka) base=19092 ;;
        kafka-2) base=19102 ;;
        kafka-3) base=19112 ;;
        registry) base=18081 ;;
        postgres) base=15432 ;;
        redis) base=16379 ;;
        gateway) base=8080 ;;
        command-services) base=8081 ;;
        query-api) base=8082 ;;
        projection-services) base=8083 ;;
        command-services-grpc) base=9081 ;;
        gateway-metrics) base=9180 ;;
        command-services-metrics) base=9181 ;;
        query-api-metrics) base=9182 ;;
        projection-services-metrics) base=9183 ;;
    esac
    echo $((base + INKLOG_STACK_OFFSET))
}

# Where clients find the brokers.
kafka_brokers() {
    local name all=()
    for name in "${BROKERS[@]}"; do all+=("$(kafka_advertised "$name")"); done
    (IFS=,; echo "${all[*]}")
}

# The session timeout is the least that our broker takes (group.min.session.timeout.ms in kafka.sh). Quotas are lifted:
# the sample posts, tests, crash lab and benchmark write faster than people.
stack_env() {
    local name
    while IFS= read -r name; do
        [ -z "$name" ] || printf 'export %q\n' "$name"
    done <<END
INKLOG_KAFKA_BROKERS=$(kafka_brokers)
INKLOG_KAFKA_LINKS=$(kafka_links)
INKLOG_KAFKA_INNER_LINKS=$(kafka_inner_links)
INKLOG_REPLICATION=$INKLOG_BROKERS
INKLOG_REGISTRY_URL=http://$HOST:$(port_of registry)/apis/ccompat/v7
INKLOG_DATABASE_URL=postgres://inklog:inklog@$HOST:$(port_of postgres)/inklog
INKLOG_REDIS_URL=redis://$HOST:$(port_of redis)
INKLOG_TOKEN_PUBLIC_KEY_FILE=$stack_dir/keys/token.pub.pem
INKLOG_TOKEN_PRIVATE_KEY_FILE=$stack_dir/keys/token.pem
INKLOG_TOKEN_KEYS_DIR=$stack_dir/keys/tokens
INKLOG_TOKEN_JWKS=$stack_dir/keys/tokens/jwks.json
INKLOG_EMAIL_KEY_FILE=$stack_dir/keys/email.key
INKLOG_KEY_RING_FILE=$stack_dir/keys/key-ring
INKLOG_MAIL=file:$stack_dir/mail
INKLOG_MEDIA_STORE=file://$stack_dir/media
INKLOG_IMPORT_USER=importer
INKLOG_IMPORT_PASSWORD_FILE=$stack_dir/keys/importer.password
INKLOG_SESSION_TIMEOUT=1s
INKLOG_QUOTA_FACTOR=0
INKLOG_CUSTOM_FIELDS_SCHEMA=$repo/dev/custom-fields.json
INKLOG_GATEWAY_URL=http://$HOST:$(port_of gateway)
INKLOG_COMMANDS_URL=http://$HOST:$(port_of command-services)
INKLOG_QUERIES_URL=http://$HOST:$(port_of query-api)
$([ ! -s "$stack_dir/keys/bus.secret" ] || echo "INKLOG_BUS_SECRET=$(cat "$stack_dir/keys/bus.secret")")
END
}

# Our own programs are found by name.
stack_exec() {
    PATH=$INKLOG_BIN_DIR:$PATH
    eval "$(stack_env)"
    exec "$@"
}
