# shellcheck shell=bash
# Disks of a limited size, which can be full: a tmpfs each, for brokers, Postgres and pictures (INKLOG_DISK_MB). Mounting needs
# root and a kernel that lets it; where it fails the folder is an ordinary one, and filling it is refused.

# limited_disk FOLDER: makes it, on a disk of its own if that is wanted and possible.
limited_disk() {
    mkdir -p "$1"
    [ "$INKLOG_DISK_MB" != 0 ] && ! mountpoint -q "$1" || return 0
    mount -t tmpfs -o "size=${INKLOG_DISK_MB}m" inklog "$1" 2>/dev/null || say "$1 gets no disk of its own"
}

# The store of pictures is a folder, and no component otherwise.
require_disk() { [ "$1" = media ] || require_component "$1"; }

disk_of() {
    readlink -f "$stack_dir/$1"
}

# What is used is all there is: nothing more can be written, nothing is wasted on filling it.
component_fill() {
    local disk used
    disk=$(disk_of "$1")
    mountpoint -q "$disk" || fail 69 "$1 has no disk of its own"
    for _ in 1 2 3 4 5; do
        used=$(df --output=used -k "$disk" | tail -n 1)
        # Its owner may have written meanwhile, and less than what is used is refused.
        ! mount -o "remount,size=$((used + 16))k" "$disk" 2>/dev/null || return 0
    done
    fail 70 "the disk of $1 cannot be filled"
}

component_free() {
    local disk
    disk=$(disk_of "$1")
    mountpoint -q "$disk" || fail 69 "$1 has no disk of its own"
    mount -o "remount,size=${INKLOG_DISK_MB}m" "$disk"
}

release_disks() {
    local name disk
    for name in kafka kafka-2 kafka-3 postgres media; do
        disk=$(disk_of "$name")
        ! mountpoint -q "$disk" || umount "$disk"
    done
}
