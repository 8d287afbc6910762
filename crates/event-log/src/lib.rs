//! The log: its envelope and codec, the writer (a partition's state machine, its Kafka shell, its in-memory twin)
//! and the one way to read it (the subscription).

pub mod codec;
pub mod partition;
pub mod record;
pub mod registry;
pub mod schemas;
pub mod subscription;
mod terms;

pub use terms::Standing;
