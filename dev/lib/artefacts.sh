# shellcheck shell=bash
# Broker and registry, out of Maven's repository into a cache that all stacks of this user share.

# Named by what pins the versions, so another version is another folder and nothing goes stale.
artefacts_dir() {
    echo "$INKLOG_CACHE_DIR/$(sha256sum "$repo/dev/pom.xml" | cut -c1-12)"
}

install_artefacts() {
    local target fresh
    target=$(artefacts_dir)
    [ ! -d "$target" ] || return 0
    say "fetching Kafka and the schema registry (200 MB, once)"
    fresh=$(mktemp -d "$INKLOG_CACHE_DIR/fetching.XXXXXX")
    mvn -q -B -ntp -f "$repo/dev/pom.xml" -Dartefacts="$fresh" -DincludeScope=runtime \
        dependency:copy-dependencies@kafka dependency:unpack@registry ||
        { rm -rf "$fresh"; fail 69 "Maven could not fetch what dev/pom.xml names"; }
    chmod 755 "$fresh"
    # Only a complete folder gets the name that others look for.
    mv -T "$fresh" "$target"
}

# Installs may race: of two stacks on one machine, or of two clones.
install_all() {
    mkdir -p "$INKLOG_CACHE_DIR"
    (
        flock 9
        rm -rf "$INKLOG_CACHE_DIR"/fetching.*
        install_packages
        install_artefacts
    ) 9>"$INKLOG_CACHE_DIR/lock"
    install_keys
}

# The key pair that signs and checks access tokens in development.
install_keys() {
    local keys=$stack_dir/keys
    [ ! -s "$keys/token.pem" ] || [ ! -s "$keys/token.pub.pem" ] || return 0
    (
        umask 077
        mkdir -p "$keys"
        openssl genpkey -algorithm ed25519 -out "$keys/new.pem"
        openssl pkey -in "$keys/new.pem" -pubout -out "$keys/token.pub.pem"
        mv "$keys/new.pem" "$keys/token.pem"
    )
}
