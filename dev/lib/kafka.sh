# shellcheck shell=bash
# One Kafka broker that is its own controller.

kafka_home=$stack_dir/kafka

# Measured (short runs) on two cores at 10,000 and 40,000 records/s: a small young generation under the
# serial collector pauses 5 ms on average and 9 ms at most, like G1 told to aim at 5 ms (untold, 40 ms), but in
# 340 MB rather than 440 to 530, and with no collector threads beside the load. Shenandoah pauses below 1 ms, but
# in 600 MB, and a busy machine's tail grew by what its concurrent work takes; ZGC needs 1 GB.
KAFKA_JVM=(-Xms512m -Xmx512m -XX:+UseSerialGC -Xmn32m)

kafka_ports() { port_of kafka && port_of kafka-controller && port_of kafka-internal; }

kafka_launch() {
    mkdir -p "$kafka_home"
    kafka_properties >"$kafka_home/server.properties"
    [ -e "$kafka_home/data/meta.properties" ] || kafka_format
    spawn kafka java "${KAFKA_JVM[@]}" -Xlog:gc:file="$log_dir/kafka-gc.log":uptime:filecount=2,filesize=5m \
        -Dlog4j2.configurationFile="$repo/dev/kafka-log4j2.properties" -Dinklog.log="$(log_file kafka)" \
        -cp "$(artefacts_dir)/kafka/*" kafka.Kafka "$kafka_home/server.properties"
}

# Once. The id is random so that no client takes one stack's log for another's; sixteen hexadecimal
# digits are the sixteen bytes that Kafka wants in base64.
kafka_format() {
    local id
    id=$(openssl rand -hex 8 | tr -d '\n' | base64 | tr -d =)
    java -Xmx128m -XX:TieredStopAtLevel=1 -cp "$(artefacts_dir)/kafka/*" kafka.tools.StorageTool \
        format --ignore-formatted -t "$id" -c "$kafka_home/server.properties" >>"$(log_file kafka)" 2>&1 ||
        fail 70 "Kafka's storage could not be formatted; see $(log_file kafka)"
}

kafka_properties() {
    cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$HOST:$(port_of kafka-controller)
controller.listener.names=CONTROLLER
# The broker talks to itself on INTERNAL, so that a proxy before CLIENTS disturbs clients only.
listeners=CLIENTS://$HOST:$(port_of kafka),INTERNAL://$HOST:$(port_of kafka-internal),CONTROLLER://$HOST:$(port_of kafka-controller)
advertised.listeners=CLIENTS://$(kafka_advertised),INTERNAL://$HOST:$(port_of kafka-internal)
inter.broker.listener.name=INTERNAL
listener.security.protocol.map=CLIENTS:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$kafka_home/data

# The log is the only memory there is: nothing is created by accident, nothing is thrown away.
auto.create.topics.enable=false
num.partitions=4
default.replication.factor=1
log.retention.ms=-1

# Kafka's own topics, for one broker and a quick start.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
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
    ' "$HOST" "$(port_of kafka-internal)" 2>/dev/null
}
