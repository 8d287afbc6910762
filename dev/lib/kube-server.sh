# shellcheck shell=bash
# A real API server and its etcd, built from modules that helm/check/server/go.mod pins, for as long as one check takes.

kube_server=$INKLOG_CACHE_DIR/kube-server-$(cat helm/check/server/go.mod helm/check/server/go.sum | sha256sum | cut -c1-12)

install_kube_server() {
    (
        flock 9
        [ ! -d "$kube_server" ] || exit 0
        local fresh version
        fresh=$(mktemp -d "$INKLOG_CACHE_DIR/kube-fetching.XXXXXX")
        (
            set -e
            cd helm/check/server
            find_go "$kube_tools"
            export GOFLAGS=-mod=readonly GOWORK=off
            # Which version it is, it is told by what builds it.
            version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
            go build -ldflags "-X k8s.io/component-base/version.gitVersion=$version" -o "$fresh/" \
                k8s.io/kubernetes/cmd/kube-apiserver
            go build -o "$fresh/etcd" go.etcd.io/etcd/server/v3
        ) >"$fresh/install.log" 2>&1 &
        say_while "$!" "building the API server (once)" || {
            tail -n 20 "$fresh/install.log" >&2
            fail 69 "the API server could not be built"
        }
        mv -T "$fresh" "$kube_server"
    ) 9>"$INKLOG_CACHE_DIR/kube.lock"
}

# ask_server RENDERED…: on ports of its own, INKLOG_STACK_OFFSET further; it and its data go when the check is over.
ask_server() {
    local offset=${INKLOG_STACK_OFFSET:-0} store server status=0
    local store_url=http://127.0.0.1:$((12379 + offset)) port=$((16443 + offset))
    install_kube_server
    openssl genrsa -out "$work/accounts.key" 2048 2>/dev/null
    printf '%s,admin,admin,system:masters\n' check-only >"$work/tokens.csv"
    "$kube_server/etcd" --data-dir "$work/etcd" --listen-client-urls "$store_url" --advertise-client-urls "$store_url" \
        --listen-peer-urls "http://127.0.0.1:$((12380 + offset))" >"$work/etcd.log" 2>&1 &
    store=$!
    "$kube_server/kube-apiserver" --etcd-servers "$store_url" --bind-address 127.0.0.1 --secure-port "$port" \
        --cert-dir "$work/certificates" --token-auth-file "$work/tokens.csv" --authorization-mode RBAC \
        --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$work/accounts.key" \
        --service-account-signing-key-file "$work/accounts.key" --service-cluster-ip-range 10.96.0.0/16 \
        >"$work/apiserver.log" 2>&1 &
    server=$!
    "$kube_tools/python/bin/python" helm/check/server.py "https://127.0.0.1:$port" check-only --crds "$kube_tools/crds" \
        "$@" || status=$?
    [ "$status" != 0 ] || live_through "https://127.0.0.1:$port" || status=$?
    [ "$status" = 0 ] || tail -n 5 "$work/apiserver.log" >&2
    kill "$server"
    wait "$server" || true
    kill "$store"
    wait "$store" || true
    return "$status"
}

# live_through URL: each example is installed there, upgraded and removed again. Nothing runs, for there is no node;
# what cannot be changed in an object, such as a selector, would be noticed.
live_through() {
    local example name to=(--kube-apiserver "$1" --kube-token check-only --kube-insecure-skip-tls-verify)
    to+=(--no-hooks --namespace live)
    export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
    for example in "$chart"/examples/*.yaml; do
        name=$(basename "$example" .yaml)
        "$kube_tools/helm" install inklog "$chart" "${to[@]}" --create-namespace -f "$example" >"$work/lived" 2>&1 &&
            "$kube_tools/helm" upgrade inklog "$chart" "${to[@]}" -f "$example" --set images.tag=next \
                --set defaults.podLabels.more=yes --set settings.INKLOG_LOG=debug >"$work/lived" 2>&1 &&
            "$kube_tools/helm" uninstall inklog "${to[@]}" >"$work/lived" 2>&1 || {
            say "$name: $(cat "$work/lived")"
            return 1
        }
        say "$name: installed, upgraded and removed"
    done
}
