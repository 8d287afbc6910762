//! What tests need that run the real programs on real components, seen from the outside: over HTTP, and by reading the
//! topics with a plain Kafka client.
//!
//! Reading order: [`stack`] is where Kafka, the registry, Postgres and Redis are, and how to break them; [`scope`] is
//! one test's own part of them; [`process`] is one of our programs running in a scope; [`api`] talks to it, with a
//! token of [`token`] (and holds what is answered against the documents: `contract`), and [`http`] does where many
//! requests must cost little; [`letter`] reads the mail it sent, and [`authenticator`] makes codes; [`disk`] can be
//! full; [`log`] reads what it wrote and applies the rule of `docs/topics.md`, written anew. [`command`], [`database`]
//! and [`topics`] serve programs that run the real thing without being a test, too: the benchmarks and the crash lab.

pub mod api;
pub mod authenticator;
pub mod command;
mod contract;
pub mod database;
pub mod disk;
pub mod http;
pub mod letter;
pub mod log;
pub mod process;
pub mod scope;
pub mod stack;
pub mod token;
pub mod topics;

pub use api::{Answer, Api};
pub use authenticator::Authenticator;
pub use disk::Disk;
pub use letter::Letter;
pub use log::Log;
pub use process::Process;
pub use scope::Scope;
pub use stack::{Component, Outage, Stack};
pub use token::Keys;

use std::time::{Duration, Instant};

/// Waits until something holds, looking again every 20 ms; panics when it does not within `patience`.
pub async fn eventually<T>(what: &str, patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(began.elapsed() < patience, "not within {patience:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
