//! The client that asks for all logs of a process.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use rdkafka::consumer::BaseConsumer;

use super::{KafkaConfig, KafkaError, glance_config};

/// A client that is asked, and reads a record here and there.
pub(super) struct Asking {
    pub(super) client: Arc<BaseConsumer>,
    reads: Mutex<()>,
}

impl Asking {
    /// A client of its own: on a follower's connection a question would wait behind the fetch that waits for records.
    pub(super) fn open(config: &KafkaConfig) -> Result<Self, KafkaError> {
        Ok(Self { client: Arc::new(glance_config(config, "asker").create()?), reads: Mutex::default() })
    }

    /// To be held while it reads, for it is at one place at a time. It can be asked meanwhile.
    pub(super) fn reads(&self) -> MutexGuard<'_, ()> {
        self.reads.lock()
    }

    /// The same, if it does not read just now.
    pub(super) fn reads_now(&self) -> Option<MutexGuard<'_, ()>> {
        self.reads.try_lock()
    }
}
