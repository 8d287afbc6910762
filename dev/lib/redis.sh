# shellcheck shell=bash
# Redis with an append-only file: what it holds can be rebuilt, but a restart should not need that.

redis_ports() { port_of redis; }

redis_launch() {
    mkdir -p "$stack_dir/redis"
    spawn redis redis-server --bind "$HOST" --port "$(port_of redis)" --dir "$stack_dir/redis" \
        --appendonly yes --save ""
}

# While it still loads its file it answers, but not with PONG.
redis_ready() {
    [ "$(timeout 2 redis-cli -h "$HOST" -p "$(port_of redis)" ping 2>/dev/null)" = PONG ]
}
