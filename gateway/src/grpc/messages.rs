//! What the gateway itself says and is told, as code that is generated of `proto`.

/// Why calls fail.
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated")]
pub(super) mod rpc {
    include!(concat!(env!("OUT_DIR"), "/google.rpc.rs"));
}

/// How services are.
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated")]
pub(super) mod health {
    include!(concat!(env!("OUT_DIR"), "/grpc.health.v1.rs"));
}

/// Which services there are.
#[allow(missing_docs, unreachable_pub, dead_code, clippy::all, reason = "generated")]
pub(super) mod reflection {
    include!(concat!(env!("OUT_DIR"), "/grpc.reflection.v1.rs"));
}
