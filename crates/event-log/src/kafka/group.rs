use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Decider;
use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionList;

use super::threads::Pulse;
use super::{BrokerWatchdog, KafkaConfig, follower};
use crate::EventLog;
use crate::event_log::HAND_OVER;

/// How long one poll waits: it bounds how long a stopping instance takes to notice.
const POLL: Duration = Duration::from_millis(50);
/// How long the client library may take to give back what is assigned when an instance leaves.
const UNASSIGN: Duration = Duration::from_secs(1);
/// How long the broker may take to say who is in the group.
const WHO: Duration = Duration::from_millis(500);

/// Hands what the group says to the log.
struct GroupEvents<C: Decider>(Weak<EventLog<C>>);

impl<C: Decider> ClientContext for GroupEvents<C> {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(context = C::NAME, %error, reason, "group member");
    }
}

impl<C: Decider> ConsumerContext for GroupEvents<C> {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Some(log), Rebalance::Revoke(partitions)) = (self.0.upgrade(), rebalance) else { return };
        let partitions = numbers(&log, partitions);
        tracing::info!(context = C::NAME, ?partitions, "partitions revoked");
        log.revoked(&partitions);
    }

    fn post_rebalance(&self, member: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let (Some(log), Rebalance::Assign(partitions)) = (self.0.upgrade(), rebalance) else { return };
        // The group is for liveness and assignment only: the follower reads.
        if let Err(error) = member.pause(partitions) {
            tracing::warn!(context = C::NAME, %error, "pausing the group member");
        }
        let partitions = numbers(&log, partitions);
        tracing::info!(context = C::NAME, ?partitions, "partitions assigned");
        for partition in partitions {
            log.assigned(partition);
        }
    }
}

/// Those that are ours: a topic to which partitions were added has more, and none of our keys is in them.
fn numbers<C: Decider>(log: &EventLog<C>, partitions: &TopicPartitionList) -> Vec<i32> {
    let all = partitions.elements();
    all.iter().map(|element| element.partition()).filter(|number| *number < log.partitions()).collect()
}

/// Takes part in the group until the log is closed, then leaves it and hands over to those who are still in it.
pub(super) fn run<C: Decider>(
    config: &KafkaConfig,
    topic: &str,
    group: &str,
    log: &Arc<EventLog<C>>,
    open: &Arc<AtomicBool>,
) -> Result<impl FnOnce(Pulse) + use<C>, KafkaError> {
    let session = config.session_timeout.as_millis();
    let heartbeat = (session / 20).clamp(50, 300).to_string();
    let mut client = follower::reader(config, "member");
    client
        .set("group.id", group)
        .set("session.timeout.ms", session.to_string())
        // A member learns of a rebalance with its next heartbeat: the pace of a planned hand-over.
        .set("heartbeat.interval.ms", &heartbeat)
        // Only what moves is taken away from its member.
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("auto.offset.reset", "latest");
    let member: BaseConsumer<GroupEvents<C>> = client.create_with_context(GroupEvents(Arc::downgrade(log)))?;
    member.subscribe(&[topic])?;
    let (open, group, log) = (Arc::clone(open), group.to_owned(), Arc::downgrade(log));
    let mut watchdog = BrokerWatchdog::new(&config.brokers, topic);
    Ok(move |pulse: Pulse| {
        while open.load(Ordering::Acquire) {
            pulse.beat();
            if let Some(Err(error)) = member.poll(POLL) {
                tracing::debug!(context = C::NAME, %error, "group member");
            }
            // The client library sends due heartbeats when something wakes it, or else once a second: too late for a
            // short session, and a member would learn of a rebalance as late. Any question wakes it.
            let _ = member.assignment();
            watchdog.silent(&member);
        }
        leave(&member);
        if let Some(log) = log.upgrade() {
            log.hand_over(|| has_members(&member, &group), HAND_OVER);
        }
    })
}

/// Unsubscribing brings the revocation, and when nothing is assigned any more the client library leaves the group.
fn leave<C: Decider>(member: &BaseConsumer<GroupEvents<C>>) {
    member.unsubscribe();
    let until = std::time::Instant::now() + UNASSIGN;
    while std::time::Instant::now() < until {
        let _ = member.poll(Duration::from_millis(10));
        if member.assignment().is_ok_and(|assigned| assigned.count() == 0) {
            return;
        }
    }
}

/// Whether the group has members: others, once we have left it. A broker that does not say in time may just be busy, or
/// one of several is away: another member may be there. Without any broker, or the right to ask, there is none to wait
/// for.
fn has_members<C: Decider>(member: &BaseConsumer<GroupEvents<C>>, group: &str) -> bool {
    match member.fetch_group_list(Some(group), WHO) {
        Ok(groups) => groups.groups().iter().any(|group| !group.members().is_empty()),
        Err(error) => {
            tracing::debug!(context = C::NAME, %error, "the broker does not say who is in the group");
            let code = error.rdkafka_error_code();
            matches!(code, Some(RDKafkaErrorCode::OperationTimedOut | RDKafkaErrorCode::Partial))
        }
    }
}
