//! The log: its envelope and codec, the writer (a partition's state machine, its Kafka shell, its in-memory twin)
//! and the one way to read it (the subscription).
//!
//! Reading order: [`record`] says what is in a partition; [`partition`] is the state machine that decides what counts
//! and which instance may write; [`event_log`] is a context's partitions as one instance sees them, and the way of a
//! command to its leader; [`known_logs`] says which logs are ours; [`transport`] is the seam to what carries it, which
//! [`kafka`] and [`memory`] implement; [`codec`] and [`schemas`] are how a record looks as bytes; [`subscription`] is
//! how all others read.

pub mod codec;
pub mod event_log;
mod fatal;
pub mod kafka;
pub mod known_logs;
pub mod memory;
pub mod murmur2;
pub mod pace;
pub mod partition;
mod patience;
pub mod position;
pub mod record;
pub mod registry;
pub mod sabotage;
pub mod schemas;
pub mod subscription;
pub mod transport;

pub use event_log::{
    EventLog, ExecuteError, Forward, ForwardError, NoForward, NotAll, NotKnown, Stale, Stamped, Unready, now,
};
pub use known_logs::{Known, KnownLogs, Unremembered};
pub use partition::{Due, Outcome, Receipt, Refusal, Request};
pub use position::{Position, Validity};
