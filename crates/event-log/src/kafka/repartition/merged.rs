//! A topic from its beginning, all partitions as one, oldest record first: instances remember commands by the order in
//! which they were applied. Only what counts comes out. It is read in rounds, each to where the partitions ended when
//! it began; the last one to their seals.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer, DefaultConsumerContext};
use rdkafka::message::{Message, OwnedMessage};
use rdkafka::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::append::Appender;
use super::{KafkaConfig, KafkaError, reader_config};
use crate::codec::Codec;
use crate::kafka::gaps::{Behind, LOOK, Stillness};
use crate::kafka::raw;
use crate::position::{Position, Validity};
use crate::record::{Record, TermStarted};

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(50);
/// How long nothing may come of what is there.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to try to seal a partition in which instances begin terms all the time.
const SEALINGS: u32 = 100;

/// What a topic is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// It is copied: what counts is wanted.
    Original,
    /// It is compared: all records count.
    Copy,
}

/// Whom the seals are of.
struct Sealing {
    appender: Appender,
    owner: Uuid,
}

/// All partitions of a topic.
pub(super) struct Merged {
    config: KafkaConfig,
    topic: String,
    context: String,
    codec: Codec,
    consumer: Arc<BaseConsumer>,
    partitions: Vec<Reading>,
    of: Of,
    /// How far this round reads.
    ends: Vec<i64>,
    /// In the last round. What came meanwhile is soon read, and how long no command is taken depends on that.
    sealing: Option<Sealing>,
    /// The time of each partition's next record, and its place in `partitions`.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    /// Partitions whose next record has yet to be read.
    hungry: Vec<usize>,
    stillness: Stillness,
    void: u64,
    sealed_since: Option<Instant>,
}

struct Reading {
    queue: PartitionQueue<DefaultConsumerContext>,
    /// What came before the partition had a queue of its own.
    early: VecDeque<OwnedMessage>,
    position: Position,
    next: Option<OwnedMessage>,
    /// It is read to its seal.
    is_sealed: bool,
    /// The nonce of a seal that was appended and not read back, and how often that was done.
    sealing: Option<Uuid>,
    sealings: u32,
}

impl Merged {
    pub(super) fn open(
        config: &KafkaConfig,
        codec: &Codec,
        context: &str,
        (topic, partitions): (&str, i32),
        of: Of,
    ) -> Result<Self, KafkaError> {
        let consumer: Arc<BaseConsumer> = Arc::new(reader_config(config, "repartition").create()?);
        let mut all = TopicPartitionList::new();
        for partition in 0..partitions {
            all.add_partition_offset(topic, partition, Offset::Offset(0))?;
        }
        consumer.assign(&all)?;
        let reading = |partition| {
            let queue = consumer.split_partition_queue(topic, partition);
            let queue = queue.ok_or_else(|| KafkaError::Unfit(format!("{topic}/{partition} cannot be read")))?;
            let (early, position, next, is_sealed) = (VecDeque::new(), Position::START, None, false);
            Ok(Reading { queue, early, position, next, is_sealed, sealing: None, sealings: 0 })
        };
        let partitions = (0..partitions).map(reading).collect::<Result<Vec<_>, KafkaError>>()?;
        Ok(Self {
            config: config.clone(),
            topic: topic.to_owned(),
            context: context.to_owned(),
            codec: codec.clone(),
            consumer,
            partitions,
            of,
            ends: Vec::new(),
            sealing: None,
            heads: BinaryHeap::new(),
            hungry: Vec::new(),
            stillness: Stillness::default(),
            void: 0,
            sealed_since: None,
        })
    }

    /// Another round, to these ends.
    pub(super) fn go_on_to(&mut self, ends: Vec<i64>) {
        self.ends = ends;
        self.hungry = (0..self.partitions.len()).collect();
    }

    /// The last round: to each partition's seal; where there is none, one is appended.
    pub(super) fn seal(&mut self, appender: Appender) {
        self.sealing = Some(Sealing { appender, owner: Uuid::new_v4() });
        self.hungry = (0..self.partitions.len()).collect();
    }

    /// Records that do not count, so far.
    pub(super) fn void(&self) -> u64 {
        self.void
    }

    /// When the first partition was sealed, or found to be.
    pub(super) fn sealed_since(&self) -> Option<Instant> {
        self.sealed_since
    }

    /// The oldest event that counts and was not had yet; none at the end of the round.
    pub(super) fn next(&mut self) -> Result<Option<OwnedMessage>, KafkaError> {
        while let Some(place) = self.hungry.pop() {
            self.fill(place)?;
            if let Some(next) = &self.partitions[place].next {
                self.heads.push(Reverse((next.timestamp().to_millis().unwrap_or(0), place)));
            }
        }
        let Some(Reverse((_, place))) = self.heads.pop() else { return Ok(None) };
        self.hungry.push(place);
        Ok(self.partitions[place].next.take())
    }

    /// Reads on in a partition until there is an event that counts, or nothing more in this round.
    fn fill(&mut self, place: usize) -> Result<(), KafkaError> {
        let mut until = Instant::now() + PATIENCE;
        while self.partitions[place].next.is_none() && !self.is_read(place)? {
            match self.poll(place) {
                Some(Ok(message)) => {
                    self.take(place, message)?;
                    until = Instant::now() + PATIENCE;
                }
                Some(Err(error)) => tracing::warn!(%error, topic = self.topic, "reading"),
                None => self.look_around(place)?,
            }
            if Instant::now() >= until {
                return Err(KafkaError::Unfit(format!("{}/{place} cannot be read to its end", self.topic)));
            }
        }
        Ok(())
    }

    /// The next record of a partition. The client fetches from when it is told what to read, and a partition has a
    /// queue of its own a moment later: what came meanwhile comes by way of the client, before what is in the queue.
    fn poll(&mut self, place: usize) -> Option<Result<OwnedMessage, rdkafka::error::KafkaError>> {
        if let Some(message) = self.partitions[place].early.pop_front() {
            return Some(Ok(message));
        }
        let message = match self.partitions[place].queue.poll(POLL)? {
            Ok(message) => message.detach(),
            Err(error) => return Some(Err(error)),
        };
        if message.offset() > self.partitions[place].position.next_offset {
            self.take_early();
        }
        let early = &mut self.partitions[place].early;
        early.push_back(message);
        early.pop_front().map(Ok)
    }

    /// Takes what comes by way of the client: early records, and what concerns it as a whole.
    fn take_early(&mut self) {
        let consumer = Arc::clone(&self.consumer);
        while let Some(polled) = consumer.poll(Duration::ZERO) {
            match polled.map(|message| message.detach()) {
                Ok(message) => {
                    let place = usize::try_from(message.partition()).ok();
                    if let Some(reading) = place.and_then(|place| self.partitions.get_mut(place)) {
                        reading.early.push_back(message);
                    }
                }
                Err(error) => tracing::warn!(%error, topic = self.topic, "reading"),
            }
        }
    }

    /// What comes by way of the client has to be taken. And there may be no record before an end.
    fn look_around(&mut self, place: usize) -> Result<(), KafkaError> {
        self.take_early();
        if let Some(Sealing { appender, .. }) = &self.sealing {
            appender.check()?;
        }
        let (next, end) = (self.partitions[place].position.next_offset, self.ends.get(place).copied().unwrap_or(0));
        let partition = i32::try_from(place).unwrap_or(i32::MAX);
        let behind = (next < end).then(|| Behind { topic: self.topic.clone(), partition, next, end });
        let behind = behind.into_iter().collect();
        for (_, end) in self.stillness.passed(&self.config, behind, Instant::now() + LOOK)? {
            self.partitions[place].position.next_offset = end;
        }
        Ok(())
    }

    /// Judges a record.
    fn take(&mut self, place: usize, message: OwnedMessage) -> Result<(), KafkaError> {
        let (topic, offset) = (&self.topic, message.offset());
        let at = |why: String| KafkaError::Unfit(format!("{topic}/{place}, offset {offset}: {why}"));
        let decode = || self.codec.decode_any(&self.context, raw(&message));
        let decoded = decode().now_or_never().unwrap_or_else(|| Handle::current().block_on(decode()));
        let record = decoded.map_err(|error| at(error.to_string()))?;
        let reading = &mut self.partitions[place];
        // A gap is what no reader is given: the end of another program's transaction.
        if offset < reading.position.next_offset {
            return Err(at(format!("offset {} was to be read next", reading.position.next_offset)));
        }
        let validity = reading.position.judge(offset, &record);
        if reading.position.term == 0 && record.is_ours() {
            return Err(at("a record of ours and no term: its first records are missing".to_owned()));
        }
        match (validity, record) {
            (Validity::Valid, Record::Event(_) | Record::Unreadable { .. }) => reading.next = Some(message),
            (Validity::Valid, Record::TermStarted(started)) if started.seals() => {
                reading.is_sealed = true;
                self.sealed_since.get_or_insert_with(Instant::now);
            }
            (Validity::Void, _) if self.of == Of::Copy => return Err(at("it does not count".into())),
            (Validity::Void, record) => {
                self.void += 1;
                // Another term was before it: the seal is tried again.
                let is_mine = |started: &TermStarted| reading.sealing == Some(started.nonce);
                if matches!(&record, Record::TermStarted(started) if is_mine(started)) {
                    reading.sealing = None;
                }
            }
            (Validity::Valid, Record::TermStarted(_) | Record::Foreign) => {}
        }
        Ok(())
    }

    /// Whether a partition is read as far as this round goes. In the last one it is sealed when all that was there is
    /// read.
    fn is_read(&mut self, place: usize) -> Result<bool, KafkaError> {
        let reading = &mut self.partitions[place];
        if reading.is_sealed {
            return Ok(true);
        }
        if self.ends.get(place).is_some_and(|end| reading.position.next_offset < *end) {
            return Ok(false);
        }
        let Some(Sealing { appender, owner }) = &self.sealing else { return Ok(true) };
        if reading.sealing.is_none() {
            if reading.sealings == SEALINGS {
                return Err(KafkaError::Unfit(format!("{}/{place}: instances begin terms all the time", self.topic)));
            }
            let (term, nonce) = (reading.position.term + 1, Uuid::new_v4());
            let seal = TermStarted { term, owner: *owner, address: TermStarted::SEALED.to_owned(), nonce };
            appender.start_term(i32::try_from(place).unwrap_or(i32::MAX), &self.codec, &seal)?;
            self.sealed_since.get_or_insert_with(Instant::now);
            (reading.sealing, reading.sealings) = (Some(nonce), reading.sealings + 1);
        }
        Ok(false)
    }
}
