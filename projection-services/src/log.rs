//! The log as a projector sees it: something that can be opened at positions and then yields batches. A trait, so
//! that the runner, the rebuild and the replay can be tested without a broker.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use event_log::kafka::Layout;
use event_log::subscription::{Batch, PartitionId, Position, SubscribeError, Subscription, SubscriptionConfig};

/// Where each partition is to be read from.
pub type Positions = HashMap<PartitionId, Position>;

/// The next offset; a partition that is not known is at the start.
pub(crate) fn offset(positions: &Positions, partition: &PartitionId) -> i64 {
    positions.get(partition).map_or(0, |at| at.next_offset)
}

/// Whether one is further than the other in some partition.
pub(crate) fn is_ahead(one: &Positions, other: &Positions) -> bool {
    one.iter().any(|(partition, at)| at.next_offset > offset(other, partition))
}

/// Whether both say the same.
pub(crate) fn same(one: &Positions, other: &Positions) -> bool {
    one.keys().chain(other.keys()).all(|partition| offset(one, partition) == offset(other, partition))
}

/// Whether a store that is at `stored` is still on the log of which a reader is at `ours`: a rebuild may have put it to
/// another, while the reader's source goes on reading the former one.
///
/// # Errors
/// It is not: the reader must start anew.
pub(crate) fn one_log(ours: &Positions, stored: &Positions) -> Result<(), SubscribeError> {
    let differs = |partition: &&PartitionId| {
        let of = |positions: &Positions| positions.get(*partition).and_then(|at| at.log_id);
        of(ours).zip(of(stored)).is_some_and(|(ours, stored)| ours != stored)
    };
    ours.keys().find(differs).map_or(Ok(()), |partition| {
        let reason = "the store is at a position of another log by now: it was rebuilt; start again".to_owned();
        Err(SubscribeError::ForeignPosition { partition: partition.clone(), reason })
    })
}

/// A log that can be opened.
pub trait Log: Clone + Send + Sync + 'static {
    /// What reading it is done with.
    type Source: Source;

    /// All partitions of some contexts.
    fn partitions(&self, contexts: &[&str]) -> Vec<PartitionId>;

    /// Begins reading all partitions of `contexts`; [`Position::START`] for those that are not in the map.
    fn open(
        &self,
        contexts: &[&str],
        positions: Positions,
        max_batch: usize,
    ) -> impl Future<Output = Result<Self::Source, SubscribeError>> + Send;
}

/// An open log. See [`Subscription`], which is the real one, for what each method promises.
pub trait Source: Send + 'static {
    /// The next batch, as soon as there is one. Cancel-safe.
    fn next(&mut self) -> impl Future<Output = Result<Batch, SubscribeError>> + Send;

    /// The end of each partition.
    fn ends(&mut self) -> impl Future<Output = Result<HashMap<PartitionId, i64>, SubscribeError>> + Send;

    /// The same, as far as it is said: of several brokers one may be away.
    fn known_ends(&mut self) -> impl Future<Output = HashMap<PartitionId, i64>> + Send {
        async { self.ends().await.unwrap_or_default() }
    }

    /// Which context goes on in another topic by now, if one does.
    fn moved(&self) -> Option<String>;

    /// Puts the reader to another position in one partition.
    fn seek(
        &mut self,
        partition: &PartitionId,
        position: Position,
    ) -> impl Future<Output = Result<(), SubscribeError>> + Send;
}

/// The log in Kafka.
#[derive(Clone, Debug)]
pub struct KafkaLog {
    /// `host:port,…`.
    pub brokers: String,
    /// Confluent-compatible registry.
    pub registry_url: String,
    /// Before the topics' names.
    pub topic_prefix: String,
    /// The partitions per topic, unless `layout` says otherwise.
    pub partitions: i32,
    /// Where the contexts are that were repartitioned.
    pub layout: Layout,
    /// How long an unreachable broker is waited for when the log is opened.
    pub patience: Duration,
}

impl KafkaLog {
    /// The same, with the topics that the contexts are in now. The broker is waited for.
    ///
    /// # Errors
    /// It does not say.
    pub async fn current(self) -> Result<Self, SubscribeError> {
        let layout = self.subscribed(&[], 1).current(self.patience).await?.layout;
        Ok(Self { layout, ..self })
    }

    fn subscribed(&self, contexts: &[&str], max_batch: usize) -> SubscriptionConfig {
        SubscriptionConfig {
            brokers: self.brokers.clone(),
            registry_url: self.registry_url.clone(),
            topic_prefix: self.topic_prefix.clone(),
            contexts: contexts.iter().map(ToString::to_string).collect(),
            partitions: self.partitions,
            layout: self.layout.clone(),
            max_batch,
        }
    }
}

impl Log for KafkaLog {
    type Source = Subscription;

    fn partitions(&self, contexts: &[&str]) -> Vec<PartitionId> {
        self.subscribed(contexts, 1).partitions()
    }

    async fn open(
        &self,
        contexts: &[&str],
        positions: Positions,
        max_batch: usize,
    ) -> Result<Subscription, SubscribeError> {
        Subscription::open(self.subscribed(contexts, max_batch), positions, self.patience).await
    }
}

impl Source for Subscription {
    async fn next(&mut self) -> Result<Batch, SubscribeError> {
        Subscription::next(self).await
    }

    async fn ends(&mut self) -> Result<HashMap<PartitionId, i64>, SubscribeError> {
        Subscription::ends(self).await
    }

    async fn known_ends(&mut self) -> HashMap<PartitionId, i64> {
        Subscription::known_ends(self).await
    }

    fn moved(&self) -> Option<String> {
        Subscription::moved(self)
    }

    async fn seek(&mut self, partition: &PartitionId, position: Position) -> Result<(), SubscribeError> {
        Subscription::seek(self, partition, position).await
    }
}

#[cfg(test)]
mod tests;
