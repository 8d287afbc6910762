use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Context;
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;

use super::{KafkaConfig, RELEASE_PATIENCE, follower};
use crate::EventLog;

/// How long one poll waits: it bounds how long a stopping instance takes to notice.
const POLL: Duration = Duration::from_millis(50);

/// Hands what the group says to the log.
struct Hints<C: Context>(Weak<EventLog<C>>);

impl<C: Context> ClientContext for Hints<C> {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(context = C::NAME, %error, reason, "group member");
    }

    /// They are asked for only because they wake the client library up; see [`run`].
    fn stats_raw(&self, _: &[u8]) {}
}

impl<C: Context> ConsumerContext for Hints<C> {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Some(log), Rebalance::Revoke(partitions)) = (self.0.upgrade(), rebalance) else { return };
        let partitions = numbers(partitions);
        tracing::info!(context = C::NAME, ?partitions, "partitions revoked");
        log.revoked(&partitions, RELEASE_PATIENCE);
    }

    fn post_rebalance(&self, member: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Some(log), Rebalance::Assign(partitions)) = (self.0.upgrade(), rebalance) else { return };
        // The group is for liveness and assignment only: the follower reads.
        if let Err(error) = member.pause(partitions) {
            tracing::warn!(context = C::NAME, %error, "pausing the group member");
        }
        let partitions = numbers(partitions);
        tracing::info!(context = C::NAME, ?partitions, "partitions assigned");
        for partition in partitions {
            log.assigned(partition);
        }
    }
}

fn numbers(partitions: &TopicPartitionList) -> Vec<i32> {
    partitions.elements().iter().map(|element| element.partition()).collect()
}

/// Takes part in the group until the log is closed, then leaves it.
pub(super) fn run<C: Context>(
    config: &KafkaConfig,
    topic: &str,
    group: &str,
    log: &Arc<EventLog<C>>,
    open: &Arc<AtomicBool>,
) -> Result<impl FnOnce() + use<C>, KafkaError> {
    let session = config.session_timeout.as_millis();
    let heartbeat = (session / 20).clamp(50, 300).to_string();
    let mut client = follower::reader(config, "member");
    client
        .set("group.id", group)
        .set("session.timeout.ms", session.to_string())
        // A member learns of a rebalance with its next heartbeat: the pace of a planned hand-over.
        .set("heartbeat.interval.ms", &heartbeat)
        // The client library sends heartbeats only when its main thread wakes up, for which it has no better reason
        // than once a second: then a rebalance takes that long, and a session of a second may end by mistake.
        .set("statistics.interval.ms", &heartbeat)
        // Only what moves is taken away from its owner.
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("auto.offset.reset", "latest");
    let member: BaseConsumer<Hints<C>> = client.create_with_context(Hints(Arc::downgrade(log)))?;
    member.subscribe(&[topic])?;
    let open = Arc::clone(open);
    Ok(move || {
        while open.load(Ordering::Acquire) {
            if let Some(Err(error)) = member.poll(POLL) {
                tracing::debug!(context = C::NAME, %error, "group member");
            }
            // The client library sends due heartbeats when something wakes it, or else once a second: too late for a
            // short session, and a member would learn of a rebalance as late. Any question wakes it.
            let _ = member.assignment();
        }
        leave(&member);
    })
}

/// Unsubscribing brings the revocation, in which the log finishes what is pending.
fn leave<C: Context>(member: &BaseConsumer<Hints<C>>) {
    member.unsubscribe();
    let until = std::time::Instant::now() + RELEASE_PATIENCE * 2;
    while std::time::Instant::now() < until {
        let _ = member.poll(Duration::from_millis(10));
        if member.assignment().is_ok_and(|assigned| assigned.count() == 0) {
            return;
        }
    }
}
