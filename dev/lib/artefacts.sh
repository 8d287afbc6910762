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
        dependency:copy-dependencies@kafka dependency:unpack@registry &
    say_while "$!" "Maven is at work" ||
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

# The key pair that signs and checks minted access tokens in development, and the key of what stands for e-mail
# addresses in the log; the key ring wraps people's data keys. The keys that identity signs with are made by
# `command-services token rotate`.
install_keys() {
    local keys=$stack_dir/keys
    [ -s "$keys/email.key" ] || (
        umask 077
        mkdir -p "$keys"
        openssl rand -hex -out "$keys/email.key.new" 32
        mv "$keys/email.key.new" "$keys/email.key"
    )
    [ -s "$keys/key-ring" ] || (
        umask 077
        mkdir -p "$keys"
        echo "first $(openssl rand -hex 32)" >"$keys/key-ring.new"
        mv "$keys/key-ring.new" "$keys/key-ring"
    )
    # What instances of command-services prove to each other that they belong together with.
    [ -s "$keys/bus.secret" ] || (
        umask 077
        mkdir -p "$keys"
        openssl rand -hex -out "$keys/bus.secret.new" 32
        mv "$keys/bus.secret.new" "$keys/bus.secret"
    )
    # None yet, so that services that verify tokens can start before the first is made.
    [ -s "$keys/tokens/jwks.json" ] || (
        umask 077
        mkdir -p "$keys/tokens"
        echo '{"keys": []}' >"$keys/tokens/jwks.json"
    )
    [ ! -s "$keys/token.pem" ] || [ ! -s "$keys/token.pub.pem" ] || return 0
    (
        umask 077
        mkdir -p "$keys"
        openssl genpkey -algorithm ed25519 -out "$keys/new.pem"
        openssl pkey -in "$keys/new.pem" -pubout -out "$keys/token.pub.pem"
        mv "$keys/new.pem" "$keys/token.pem"
    )
}
