//! Reading single events by their places, far from each other, without what is between them. The caller knows from an
//! index that they count, so no terms are applied; and says with what it compares the log's identity
//! ([`super::Subscription::open`]).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;

use super::background::Background;
use super::reader::{entry, refuse};
use super::{Entry, PartitionId, SubscribeError, SubscriptionConfig, codec, unusable};
use crate::codec::{Codec, DecodeError};
use crate::kafka::{KafkaConfig, raw, reader_config};
use crate::record::Record;

/// Reading through so many records costs about as much as looking for a place anew.
const NEAR: i64 = 256;
/// Bytes of events that are taken at once, and one event more.
const MOST_BYTES: usize = 1 << 20;
/// Of a place that is looked for, so much is fetched at first. What is fetched beyond it is thrown away.
const FETCHED: &str = "65536";
/// What may wait to be taken, in kB.
const QUEUED: &str = "512";
/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(100);
/// How long to wait before the registry is asked again for a schema.
const REGISTRY_RETRY: Duration = Duration::from_millis(500);

/// Reads single events.
pub struct Picker {
    /// Not there while a call is under way, or after one that was dropped.
    hand: Option<Hand>,
}

/// What was picked at once.
#[derive(Debug, Default)]
pub struct Picked {
    /// The events, in order.
    pub entries: Vec<Entry>,
    /// How many records were read for them.
    pub read: u64,
}

/// What reads, on a thread that may wait.
struct Hand {
    consumer: Background,
    kafka: KafkaConfig,
    codec: Codec,
    /// The partition that is read, and the offset that comes next.
    at: Option<(PartitionId, i64)>,
}

impl Picker {
    /// One of the topics of `config`.
    ///
    /// # Errors
    /// The settings are none that the client takes.
    pub async fn new(config: &SubscriptionConfig) -> Result<Self, SubscribeError> {
        let (kafka, codec) = (config.kafka(), codec(config).await?);
        let mut client = reader_config(&kafka, "picker");
        // At the end of a partition a fetch waits for more, and a place that is looked for waits for the fetch.
        client.set("fetch.wait.max.ms", "10").set("fetch.message.max.bytes", FETCHED);
        client.set("queued.max.messages.kbytes", QUEUED);
        let consumer = Background::of(client.create().map_err(unusable)?);
        Ok(Self { hand: Some(Hand { consumer, kafka, codec, at: None }) })
    }

    /// Takes events from the front of `wanted`, the offsets in one partition in ascending order, and gives them: all,
    /// or as many as make a bounded number of bytes, and at least one.
    ///
    /// # Errors
    /// What is wanted is no event of this log, or does not come within `patience`. The picker is of no use then.
    pub async fn pick(
        &mut self,
        partition: &PartitionId,
        wanted: &mut VecDeque<i64>,
        patience: Duration,
    ) -> Result<Picked, SubscribeError> {
        let mut hand = self.hand.take().ok_or_else(|| unusable("an earlier call came to no end"))?;
        let (id, mut left, until) = (partition.clone(), std::mem::take(wanted), Instant::now() + patience);
        let handle = Handle::current();
        let pick = move || {
            let picked = hand.pick(&id, &mut left, until, &handle);
            (hand, left, picked)
        };
        let (hand, left, picked) = tokio::task::spawn_blocking(pick).await.map_err(unusable)?;
        *wanted = left;
        let picked = picked?;
        self.hand = Some(hand);
        Ok(picked)
    }
}

impl Hand {
    fn pick(
        &mut self,
        id: &PartitionId,
        wanted: &mut VecDeque<i64>,
        until: Instant,
        handle: &Handle,
    ) -> Result<Picked, SubscribeError> {
        // The registry's client can only be polled inside a runtime.
        let _inside = handle.enter();
        let (mut picked, mut bytes) = (Picked::default(), 0);
        let consumer = self.consumer.client();
        while let Some(offset) = wanted.front().copied().filter(|_| bytes < MOST_BYTES) {
            self.go_to(id, offset)?;
            let message = self.message(&consumer, id, offset, until, &mut picked.read)?;
            bytes += message.payload_len();
            let found = entry(&message, self.decoded(id, &message, until, handle)?);
            let place = || format!("{}/{}/{offset}", id.context, id.partition);
            picked.entries.push(found.ok_or_else(|| unusable(format!("at {} there is no event", place())))?);
            wanted.pop_front();
        }
        Ok(picked)
    }

    /// The next record is at an offset, or before it and near.
    fn go_to(&mut self, id: &PartitionId, offset: i64) -> Result<(), SubscribeError> {
        let consumer = self.consumer.client();
        let topic = self.kafka.topic(&id.context);
        match &self.at {
            Some((at, next)) if at == id && (0..NEAR).contains(&(offset - next)) => return Ok(()),
            Some((at, _)) if at == id => {
                let seek = consumer.seek(&topic, id.partition, Offset::Offset(offset), super::QUESTION_DEADLINE);
                seek.map_err(unusable)?;
            }
            Some(_) | None => {
                let mut there = TopicPartitionList::new();
                there.add_partition_offset(&topic, id.partition, Offset::Offset(offset)).map_err(unusable)?;
                consumer.assign(&there).map_err(unusable)?;
            }
        }
        self.at = Some((id.clone(), offset));
        Ok(())
    }

    /// The record at an offset.
    fn message<'a>(
        &mut self,
        consumer: &'a BaseConsumer,
        id: &PartitionId,
        offset: i64,
        until: Instant,
        read: &mut u64,
    ) -> Result<BorrowedMessage<'a>, SubscribeError> {
        let topic = self.kafka.topic(&id.context);
        while Instant::now() < until {
            let message = match consumer.poll(POLL) {
                Some(Ok(message)) => message,
                Some(Err(error)) => {
                    refuse(&error)?;
                    continue;
                }
                None => continue,
            };
            *read += 1;
            if (message.topic(), message.partition()) != (topic.as_str(), id.partition) || message.offset() < offset {
                continue;
            }
            self.at = Some((id.clone(), message.offset() + 1));
            if message.offset() == offset {
                return Ok(message);
            }
            break;
        }
        Err(unusable(format!("{}/{}/{offset} is not there, or does not come in time", id.context, id.partition)))
    }

    fn decoded(
        &self,
        id: &PartitionId,
        message: &BorrowedMessage<'_>,
        until: Instant,
        handle: &Handle,
    ) -> Result<Record<domain::AnyEvent>, SubscribeError> {
        loop {
            // Nearly always the schema is known and there is nothing to wait for.
            let decode = || self.codec.decode_any(&id.context, raw(message));
            match decode().now_or_never().unwrap_or_else(|| handle.block_on(decode())) {
                Ok(record) => return Ok(record),
                Err(DecodeError::Registry(_)) if Instant::now() < until => std::thread::sleep(REGISTRY_RETRY),
                Err(error) => return Err(unusable(error)),
            }
        }
    }
}
