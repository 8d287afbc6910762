# shellcheck shell=bash
# Prometheus and promtool, out of Debian's package, without installing the service that is in it. Elsewhere those in PATH
# are taken, if any: `prometheus` and `promtool` are their paths, or empty.

: "${INKLOG_CACHE_DIR:=${XDG_CACHE_HOME:-$HOME/.cache}/inklog}"

install_prometheus() {
    local folder=$INKLOG_CACHE_DIR/prometheus
    prometheus=$(command -v prometheus) promtool=$(command -v promtool) || :
    if [ -n "$prometheus" ] && [ -n "$promtool" ] || ! command -v apt-get >/dev/null; then
        return 0
    fi
    mkdir -p "$INKLOG_CACHE_DIR"
    (
        flock 9
        [ ! -d "$folder" ] || exit 0
        fresh=$(mktemp -d "$INKLOG_CACHE_DIR/prometheus-fetching.XXXXXX")
        cd "$fresh"
        { apt-get download prometheus || { apt-get update && apt-get download prometheus; }; } >install.log 2>&1 &&
            dpkg -x prometheus_*.deb . && rm prometheus_*.deb || {
            tail -n 20 install.log >&2
            fail 69 "Debian's package prometheus could not be had"
        }
        chmod 755 "$fresh"
        mv -T "$fresh" "$folder"
    ) 9>"$INKLOG_CACHE_DIR/prometheus.lock"
    prometheus=$folder/usr/bin/prometheus promtool=$folder/usr/bin/promtool
}
