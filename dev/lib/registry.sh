# shellcheck shell=bash
# Apicurio as schema registry, used through its Confluent API only. Where that differs from the original: a schema
# whose text differs in white space only is another schema with another id (unless asked with ?normalize=true);
# a subject without a level of its own reports NONE although the global one applies; a refused schema uses up an id.

registry_ports() { port_of registry; }

# It keeps its data in memory unless told where else. WRITE_DELAY=0: H2 otherwise writes to its file half a
# second late, and an id lost to a crash is one that events may already carry.
registry_launch() {
    local database="jdbc:h2:file:$stack_dir/registry/db;WRITE_DELAY=0"
    mkdir -p "$stack_dir/registry"
    spawn registry env \
        REGISTRY_DATASOURCE_URL="$database" QUARKUS_DATASOURCE_JDBC_URL="$database" \
        QUARKUS_HTTP_HOST="$HOST" QUARKUS_HTTP_PORT="$(port_of registry)" \
        java -Xmx192m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -jar "$(artefacts_dir)"/registry/apicurio-registry-app-*-runner.jar
}

registry_ready() {
    curl -sf -m 2 -o /dev/null "http://$HOST:$(port_of registry)/apis/ccompat/v7/subjects"
}

# The log says which id each schema had: `command-services schemas restore`.
registry_lose() {
    component_kill registry
    rm -rf "${stack_dir:?}/registry"
}
