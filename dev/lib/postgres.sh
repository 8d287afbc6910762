# shellcheck shell=bash
# A Postgres cluster of our own, from the operating system's programs but not its service.

# Postgres refuses to run as root: then it is the user `postgres`. setpriv becomes the command rather than
# its parent, so the pid we record is Postgres's own.
as_postgres=()
[ "$(id -u)" != 0 ] || as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)

postgres_ports() { port_of postgres; }

# The folder of the newest server programs; Debian keeps them out of PATH.
postgres_bin() {
    local newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)
    [ -x "$newest" ] || newest=$(command -v postgres) || return 1
    dirname "$newest"
}

postgres_launch() {
    local home=$stack_dir/postgres
    [ -e "$home" ] || postgres_home
    home=$(readlink -f "$home")
    [ -e "$home/data" ] || postgres_create "$home"
    within 5 postgres_unlocked "$home/data/postmaster.pid" || true
    spawn postgres "${as_postgres[@]}" "$(postgres_bin)/postgres" -D "$home/data" -k "$home" \
        -p "$(port_of postgres)" -c listen_addresses="$HOST" -c shared_buffers=128MB -c max_connections=200
}

# After a crash Postgres takes its former self for alive until the zombie is gone too, and an init may take
# seconds to see to that.
postgres_unlocked() {
    local pid
    read -r pid 2>/dev/null <"$1" || return 0
    [ ! -e "/proc/$pid" ] || ! has_ended "$pid"
}

# $stack_dir/postgres: a folder, or a link to one elsewhere if Postgres's user cannot reach this one (a
# clone under /root) or the name is too long for a Unix socket (107 bytes).
postgres_home() {
    local home=$stack_dir/postgres
    if ! "${as_postgres[@]}" test -x "$stack_dir" || [ "${#home}" -gt 80 ]; then
        home=/var/tmp/inklog-$(printf %s "$stack_dir" | sha256sum | cut -c1-12)
        ln -sn "$home" "$stack_dir/postgres"
    fi
    limited_disk "$home"
    chmod 700 "$home"
    [ "${#as_postgres[@]}" = 0 ] || chown postgres: "$home"
}

# Role and database are made while the cluster is offline, and the folder gets its name when all is done:
# an interrupted creation is simply done again.
postgres_create() {
    local home=$1 log
    log=$(log_file postgres)
    (
        cd "$home"
        rm -rf new
        "${as_postgres[@]}" "$(postgres_bin)/initdb" -D "$home/new" -U postgres -E UTF8 --locale=C.UTF-8 \
            --auth-local=peer --auth-host=scram-sha-256
        "${as_postgres[@]}" "$(postgres_bin)/postgres" --single -D "$home/new" postgres <<END
CREATE ROLE inklog LOGIN CREATEDB PASSWORD 'inklog'
CREATE DATABASE inklog OWNER inklog
END
        mv new data
    ) >>"$log" 2>&1 || fail 70 "the Postgres cluster could not be created; see $log"
}

postgres_ready() {
    "$(postgres_bin)/pg_isready" -q -h "$HOST" -p "$(port_of postgres)" -t 2
}
