# shellcheck shell=bash
# For scripts that run a program in another language than ours.

# environment KIND PINS: prints the folder of what the program needs. The caller's `make_environment FOLDER` makes it, in
# a folder that is not there yet, when it is first needed. PINS is the file that pins the versions.
environment() {
    local environments folder
    environments=${CARGO_TARGET_DIR:-$(dirname "${BASH_SOURCE[0]}")/../target}/$1
    # Named by what pins the versions, so another version is another folder and nothing goes stale.
    folder=$environments/$(sha256sum "$2" | cut -c1-12)
    mkdir -p "$environments"
    (
        # A command substitution ends for no error otherwise.
        set -e
        # Two may want it at once; the second finds it made.
        flock 9
        [ ! -e "$folder/ready" ] || exit 0
        rm -rf "$folder"
        make_environment "$folder"
        touch "$folder/ready"
    ) 9>"$environments/lock" >&2
    # Of what could not be made nothing is said.
    [ -e "$folder/ready" ] && echo "$folder"
}
