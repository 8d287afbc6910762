use std::sync::Arc;

use async_trait::async_trait;
use domain::posts::{Event, Posts};
use event_log::memory::MemoryBroker;
use event_log::record::Record;

use super::{Directory, Harness, Log};

/// The in-memory twin.
pub(crate) struct Memory {
    broker: Arc<MemoryBroker<Posts>>,
    partitions: i32,
    directory: Arc<Directory>,
}

#[async_trait]
impl Harness for Memory {
    const NAME: &'static str = "in memory";

    async fn create(partitions: i32) -> Self {
        Self { broker: MemoryBroker::new(partitions), partitions, directory: Arc::default() }
    }

    fn partitions(&self) -> i32 {
        self.partitions
    }

    fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    async fn connect(&self, log: &Arc<Log>) {
        let (broker, log) = (Arc::clone(&self.broker), Arc::clone(log));
        // Joining waits until others have let go.
        tokio::task::spawn_blocking(move || broker.join(&log)).await.unwrap();
    }

    async fn records(&self, partition: i32) -> Vec<Record<Event>> {
        self.broker.records(partition)
    }

    async fn append(&self, partition: i32, record: Record<Event>) {
        self.broker.append(partition, record);
    }
}
