# shellcheck shell=bash
# One Kafka broker that is its own controller, or three (INKLOG_BROKERS=3): `kafka`, `kafka-2`, `kafka-3`.

# Measured on two cores with the writer's benchmark. The serial collector has no threads beside the load; a collection
# of the young generation stops the broker for 5 to 12 ms however small it is, most of it to look through the old one.
# With 32 MB there are six a second at 20,000 records/s, and one call in twenty waits for one: p99 at 64 callers was
# 11.7 ms (a plain producer's 11.0). With 256 MB there is less than one a second: 7.3 ms (8.1), for 190 MB more. The
# parallel collector was no better (8.4), G1 told to aim at 5 ms paused as long, Shenandoah's tail grew by its
# concurrent work.
KAFKA_JVM=(-Xms768m -Xmx768m -XX:+UseSerialGC -Xmn256m)

broker_number() {
    case $1 in
        kafka) echo 1 ;;
        *) echo "${1#kafka-}" ;;
    esac
}

controller_port() { echo $(($(port_of "$1") + 1)); }
internal_port() { echo $(($(port_of "$1") + 2)); }

# link_port BROKER LINK, proxy_port BROKER LINK: a listener, and where the proxy before it listens.
link_port() { echo $((19180 + 20 * $(broker_number "$1") + $2 + INKLOG_STACK_OFFSET)); }
proxy_port() { echo $(($(link_port "$1" "$2") + 100)); }

# Where there are several brokers and proxies, each broker reaches the others by listeners that are its own: so there is
# a proxy on each way from one broker to another, and one can be cut off from the others.
has_inner_links() { [ "$INKLOG_KAFKA_PROXIES" != 0 ] && [ "${#BROKERS[@]}" -gt 1 ]; }

# inner_port TO FROM: the listener of a broker for another one; control_port: for the other one's controller. The proxies
# are a hundred further, as those of links are.
inner_port() { link_port "$1" $((8 + $(broker_number "$2"))); }
control_port() { link_port "$1" $((11 + $(broker_number "$2"))); }

# by_way_of PORT TO FROM: the port of the proxy, but for a broker that reaches itself.
by_way_of() { if [ "$2" = "$3" ]; then echo "$1"; else echo $(($1 + 100)); fi; }

# For the crash lab: `from>to:proxy=listener,proxy=listener`, with brokers as numbers, separated by semicolons.
kafka_inner_links() {
    local from to port ways links=()
    has_inner_links || return 0
    for from in "${BROKERS[@]}"; do
        for to in "${BROKERS[@]}"; do
            [ "$from" != "$to" ] || continue
            ways=()
            for port in $(inner_port "$to" "$from") $(control_port "$to" "$from"); do
                ways+=("$HOST:$((port + 100))=$HOST:$port")
            done
            links+=("$(broker_number "$from")>$(broker_number "$to"):$(IFS=,; echo "${ways[*]}")")
        done
    done
    (IFS=';'; echo "${links[*]}")
}

kafka_advertised() {
    local address=$HOST:$(port_of "$1")
    [ "$1" != kafka ] || address=${INKLOG_KAFKA_ADVERTISED:-$address}
    echo "$address"
}

# For the crash lab, which puts proxies there: `proxy=listener` of each broker, separated by commas; links by
# semicolons.
kafka_links() {
    local name link pairs links=()
    for ((link = 1; link <= INKLOG_KAFKA_PROXIES; link++)); do
        pairs=()
        for name in "${BROKERS[@]}"; do
            pairs+=("$HOST:$(proxy_port "$name" "$link")=$HOST:$(link_port "$name" "$link")")
        done
        links+=("$(IFS=,; echo "${pairs[*]}")")
    done
    (IFS=';'; echo "${links[*]}")
}

kafka_ports() {
    local link from
    port_of "$1" && controller_port "$1" && internal_port "$1"
    ! has_inner_links || for from in "${BROKERS[@]}"; do inner_port "$1" "$from" && control_port "$1" "$from"; done
    for ((link = 1; link <= INKLOG_KAFKA_PROXIES; link++)); do link_port "$1" "$link"; done
}

kafka_launch() {
    local home=$stack_dir/$1
    limited_disk "$home"
    kafka_properties "$1" >"$home/server.properties"
    [ -e "$home/data/meta.properties" ] || kafka_format "$1"
    spawn "$1" java "${KAFKA_JVM[@]}" -Xlog:gc:file="$log_dir/$1-gc.log":uptime:filecount=2,filesize=5m \
        -XX:ErrorFile="$log_dir/$1-crash.log" \
        -Dlog4j2.configurationFile="$repo/dev/kafka-log4j2.properties" -Dinklog.log="$(log_file "$1")" \
        -cp "$(artefacts_dir)/kafka/*" kafka.Kafka "$home/server.properties"
}

# Random, so that no client takes one stack's log for another's, and the same for all brokers of a stack: sixteen
# hexadecimal digits are the sixteen bytes that Kafka wants in base64.
cluster_id() {
    local file=$stack_dir/run/cluster-id
    (
        flock 7
        [ -s "$file" ] || openssl rand -hex 8 | tr -d '\n' | base64 | tr -d = >"$file"
    ) 7>"$file.lock"
    cat "$file"
}

# Once.
kafka_format() {
    java -Xmx128m -XX:TieredStopAtLevel=1 -cp "$(artefacts_dir)/kafka/*" kafka.tools.StorageTool \
        format --ignore-formatted -t "$(cluster_id)" -c "$stack_dir/$1/server.properties" >>"$(log_file "$1")" 2>&1 ||
        fail 70 "Kafka's storage could not be formatted; see $(log_file "$1")"
}

# The further listeners: one for each link that a proxy stands before, so that links are broken one by one.
kafka_properties() {
    local name number voters=() controllers inner listeners advertised protocols link port
    # The broker talks to itself on INTERNAL, so that a proxy before CLIENTS disturbs clients only.
    listeners=CLIENTS://$HOST:$(port_of "$1"),INTERNAL://$HOST:$(internal_port "$1")
    advertised=CLIENTS://$(kafka_advertised "$1"),INTERNAL://$HOST:$(internal_port "$1")
    protocols=CLIENTS:PLAINTEXT,INTERNAL:PLAINTEXT
    if has_inner_links; then
        # Its own is the first: by that one it reaches the others.
        inner=INNER$(broker_number "$1") controllers=CONTROL$(broker_number "$1")
        for name in "${BROKERS[@]}"; do
            number=$(broker_number "$name")
            port=$(inner_port "$1" "$name")
            listeners+=,INNER$number://$HOST:$port
            advertised+=,INNER$number://$HOST:$(by_way_of "$port" "$1" "$name")
            port=$(control_port "$1" "$name")
            listeners+=,CONTROL$number://$HOST:$port
            advertised+=,CONTROL$number://$HOST:$(by_way_of "$port" "$1" "$name")
            protocols+=,INNER$number:PLAINTEXT,CONTROL$number:PLAINTEXT
            [ "$name" = "$1" ] || controllers+=,CONTROL$number
            port=$(control_port "$name" "$1")
            voters+=("$number@$HOST:$(by_way_of "$port" "$name" "$1")")
        done
    else
        inner=INTERNAL controllers=CONTROLLER
        listeners+=,CONTROLLER://$HOST:$(controller_port "$1")
        protocols+=,CONTROLLER:PLAINTEXT
        for name in "${BROKERS[@]}"; do voters+=("$(broker_number "$name")@$HOST:$(controller_port "$name")"); done
    fi
    for ((link = 1; link <= INKLOG_KAFKA_PROXIES; link++)); do
        listeners+=,LINK$link://$HOST:$(link_port "$1" "$link")
        advertised+=,LINK$link://$HOST:$(proxy_port "$1" "$link")
        protocols+=,LINK$link:PLAINTEXT
    done
    cat <<END
process.roles=broker,controller
node.id=$(broker_number "$1")
controller.quorum.voters=$(IFS=,; echo "${voters[*]}")
controller.listener.names=$controllers
listeners=$listeners
advertised.listeners=$advertised
inter.broker.listener.name=$inner
listener.security.protocol.map=$protocols
log.dirs=$stack_dir/$1/data

# The log is the only memory there is: nothing is created by accident, nothing is thrown away.
auto.create.topics.enable=false
num.partitions=4
default.replication.factor=$INKLOG_BROKERS
log.retention.ms=-1

# Kafka's own topics, for few brokers and a quick start.
offsets.topic.replication.factor=$INKLOG_BROKERS
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=$INKLOG_BROKERS
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4

# Tests join and leave groups all the time, and crash on purpose.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000

# After a crash the controller refuses the broker until its former session has ended: 9 s by default.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
END
}

# Asks which API versions it speaks (request 18, version 0) and waits for the answer's first bytes: an
# open port alone is not enough, it is open before requests are served and while the process is paused.
kafka_ready() {
    # shellcheck disable=SC2016 # the inner shell expands these
    timeout 2 bash -c '
        exec 3<>"/dev/tcp/$0/$1" &&
        printf "\0\0\0\x0a\0\x12\0\0\0\0\0\x01\xff\xff" >&3 &&
        [ "$(head -c 8 <&3 | wc -c)" = 8 ]
    ' "$HOST" "$(internal_port "$1")" 2>/dev/null
}
