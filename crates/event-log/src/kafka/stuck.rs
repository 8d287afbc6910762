//! Partitions that cannot be read on for now: nothing is known of their next record. The others are read on meanwhile.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Message, OwnedMessage};

/// How long to wait before a message that cannot be read is tried again; twice as long each time.
const RETRY: Duration = Duration::from_millis(500);
/// A question to a registry that is away holds up the other partitions, too.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// The messages that wait for the first of their partition to be read. A partition is paused while it is stuck.
#[derive(Default)]
pub(super) struct Stuck(HashMap<i32, Held>);

struct Held {
    /// The one that cannot be read, and what was polled after it before the pause took effect.
    messages: VecDeque<OwnedMessage>,
    pause: Duration,
    again_at: Instant,
}

impl Stuck {
    /// Whether the partition is stuck: a further message of it is to be held.
    pub(super) fn has(&self, partition: i32) -> bool {
        self.0.contains_key(&partition)
    }

    /// Keeps a message that cannot be read, or one after it.
    pub(super) fn hold(&mut self, message: OwnedMessage) {
        let held = self.0.entry(message.partition()).or_insert_with(|| Held {
            messages: VecDeque::new(),
            pause: RETRY,
            again_at: Instant::now() + RETRY,
        });
        held.messages.push_back(message);
    }

    /// The messages of each partition that is to be tried again now. They are held no longer.
    pub(super) fn due(&mut self, now: Instant) -> Vec<(i32, Retry)> {
        let due: Vec<i32> =
            self.0.iter().filter(|(_, held)| held.again_at <= now).map(|(partition, _)| *partition).collect();
        let take = |partition| {
            let Held { messages, pause, .. } = self.0.remove(&partition)?;
            Some((partition, Retry { messages, pause: (2 * pause).min(LONGEST_RETRY) }))
        };
        due.into_iter().filter_map(take).collect()
    }

    /// Keeps what is left of a retry that failed.
    pub(super) fn put_back(&mut self, partition: i32, Retry { messages, pause }: Retry) {
        self.0.insert(partition, Held { messages, pause, again_at: Instant::now() + pause });
    }
}

/// The messages of a partition that is tried again, in order.
pub(super) struct Retry {
    pub(super) messages: VecDeque<OwnedMessage>,
    /// How long to wait if it fails.
    pause: Duration,
}

/// Fetches nothing more of the partition.
pub(super) fn pause(consumer: &BaseConsumer, topic: &str, partition: i32) {
    told(consumer.pause(&one(topic, partition)), partition);
}

/// Goes on after the last message that was polled.
pub(super) fn resume(consumer: &BaseConsumer, topic: &str, partition: i32) {
    told(consumer.resume(&one(topic, partition)), partition);
}

fn one(topic: &str, partition: i32) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(1);
    list.add_partition(topic, partition);
    list
}

/// Only a partition that is not assigned cannot be paused or resumed, and all of them are.
fn told(outcome: Result<(), KafkaError>, partition: i32) {
    if let Err(error) = outcome {
        tracing::error!(partition, %error, "pausing or resuming a partition");
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::Timestamp;

    use super::*;

    fn message(partition: i32, offset: i64) -> OwnedMessage {
        OwnedMessage::new(None, None, "topic".into(), Timestamp::NotAvailable, partition, offset, None)
    }

    #[test]
    fn what_is_held_comes_back_in_order_and_later_each_time() {
        let mut stuck = Stuck::default();
        (5..8).for_each(|offset| stuck.hold(message(1, offset)));
        assert!(stuck.has(1) && !stuck.has(0));
        assert!(stuck.due(Instant::now()).is_empty(), "not at once");

        let mut due = stuck.due(Instant::now() + RETRY);
        let (partition, retry) = due.remove(0);
        let offsets: Vec<i64> = retry.messages.iter().map(Message::offset).collect();
        assert_eq!((partition, &offsets[..]), (1, &[5, 6, 7][..]));
        assert!(due.is_empty() && !stuck.has(1));

        stuck.put_back(partition, retry);
        assert!(stuck.due(Instant::now() + RETRY).is_empty());
        assert_eq!(stuck.due(Instant::now() + 2 * RETRY).len(), 1);
    }
}
