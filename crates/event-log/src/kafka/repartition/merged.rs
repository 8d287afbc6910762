//! A topic from its beginning, all partitions as one, oldest record first: instances remember commands by the order in
//! which they were applied. Only what counts comes out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
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
use crate::kafka::raw;
use crate::position::{Position, Validity};
use crate::record::{Record, TermStarted};

/// How long one poll waits for a record.
const POLL: Duration = Duration::from_millis(50);
/// How long nothing may come of what is there.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to try to seal a partition in which instances begin terms all the time.
const SEALINGS: u32 = 100;

/// How far to read.
pub(super) enum Until {
    /// To each partition's seal; where there is none, one is appended when everything up to these ends is read.
    Sealed {
        /// The ends as they were at first.
        ends: Vec<i64>,
        /// Appends to the topic.
        appender: Appender,
        /// Whom the seals name as the leader.
        owner: Uuid,
    },
    /// To these ends. All records count.
    Ends(Vec<i64>),
}

/// All partitions of a topic.
pub(super) struct Merged {
    topic: String,
    context: String,
    codec: Codec,
    consumer: Arc<BaseConsumer>,
    partitions: Vec<Reading>,
    until: Until,
    /// The time of each partition's next record, and its place in `partitions`.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    /// Partitions whose next record has yet to be read.
    hungry: Vec<usize>,
    /// Partitions that are read as far as they reached at first, and not sealed yet.
    resting: Vec<usize>,
    /// Whether all are. What came meanwhile is soon read, and how long no command is taken depends on that.
    is_sealing: bool,
    void: u64,
    sealed_since: Option<Instant>,
}

struct Reading {
    queue: PartitionQueue<DefaultConsumerContext>,
    position: Position,
    next: Option<OwnedMessage>,
    is_done: bool,
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
        until: Until,
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
            let (position, next, is_done) = (Position::START, None, false);
            Ok(Reading { queue, position, next, is_done, sealing: None, sealings: 0 })
        };
        let readings = (0..partitions).map(reading).collect::<Result<Vec<_>, KafkaError>>()?;
        Ok(Self {
            topic: topic.to_owned(),
            context: context.to_owned(),
            codec: codec.clone(),
            consumer,
            hungry: (0..readings.len()).collect(),
            partitions: readings,
            until,
            heads: BinaryHeap::new(),
            resting: Vec::new(),
            is_sealing: false,
            void: 0,
            sealed_since: None,
        })
    }

    /// Records that do not count, so far.
    pub(super) fn void(&self) -> u64 {
        self.void
    }

    /// When the first partition was sealed, or found to be.
    pub(super) fn sealed_since(&self) -> Option<Instant> {
        self.sealed_since
    }

    /// The oldest event that counts and was not had yet; none when all partitions are read.
    pub(super) fn next(&mut self) -> Result<Option<OwnedMessage>, KafkaError> {
        loop {
            while let Some(place) = self.hungry.pop() {
                self.fill(place)?;
                match &self.partitions[place] {
                    Reading { next: Some(next), .. } => {
                        self.heads.push(Reverse((next.timestamp().to_millis().unwrap_or(0), place)));
                    }
                    Reading { is_done: true, .. } => {}
                    Reading { .. } => self.resting.push(place),
                }
            }
            if let Some(Reverse((_, place))) = self.heads.pop() {
                self.hungry.push(place);
                return Ok(self.partitions[place].next.take());
            }
            if self.resting.is_empty() {
                return Ok(None);
            }
            self.is_sealing = true;
            self.hungry.append(&mut self.resting);
        }
    }

    /// Reads on in a partition until there is an event that counts, or nothing more for now.
    fn fill(&mut self, place: usize) -> Result<(), KafkaError> {
        let mut until = Instant::now() + PATIENCE;
        self.note_end(place);
        while self.partitions[place].next.is_none() && !self.partitions[place].is_done {
            if self.rests(place)? {
                return Ok(());
            }
            let polled = self.partitions[place].queue.poll(POLL).map(|polled| polled.map(|message| message.detach()));
            match polled {
                Some(Ok(message)) => {
                    self.take(place, message)?;
                    self.note_end(place);
                    until = Instant::now() + PATIENCE;
                }
                Some(Err(error)) => tracing::warn!(%error, topic = self.topic, "reading"),
                None => self.look_around()?,
            }
            if Instant::now() >= until {
                return Err(KafkaError::Unfit(format!("{}/{place} cannot be read to its end", self.topic)));
            }
        }
        Ok(())
    }

    /// What concerns the client as a whole comes by this way, and has to be taken.
    fn look_around(&self) -> Result<(), KafkaError> {
        if let Some(Err(error)) = self.consumer.poll(Duration::ZERO) {
            tracing::warn!(%error, topic = self.topic, "reading");
        }
        match &self.until {
            Until::Sealed { appender, .. } => appender.check(),
            Until::Ends(_) => Ok(()),
        }
    }

    /// Judges a record.
    fn take(&mut self, place: usize, message: OwnedMessage) -> Result<(), KafkaError> {
        let (topic, offset) = (&self.topic, message.offset());
        let at = |why: String| KafkaError::Unfit(format!("{topic}/{place}, offset {offset}: {why}"));
        let decode = || self.codec.decode_any(&self.context, raw(&message));
        let decoded = decode().now_or_never().unwrap_or_else(|| Handle::current().block_on(decode()));
        let record = decoded.map_err(|error| at(error.to_string()))?;
        let reading = &mut self.partitions[place];
        if reading.position.next_offset != offset {
            return Err(at(format!("offset {} was to be read next", reading.position.next_offset)));
        }
        let validity = reading.position.judge(offset, &record);
        if reading.position.term == 0 && record.is_ours() {
            return Err(at("a record of ours and no term: its first records are missing".to_owned()));
        }
        match (validity, record) {
            (Validity::Valid, Record::Event(_) | Record::Unreadable { .. }) => reading.next = Some(message),
            (Validity::Valid, Record::TermStarted(started)) if started.seals() => {
                reading.is_done = true;
                self.sealed_since.get_or_insert_with(Instant::now);
            }
            (Validity::Void, _) if matches!(self.until, Until::Ends(_)) => return Err(at("it does not count".into())),
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

    fn note_end(&mut self, place: usize) {
        if let Until::Ends(ends) = &self.until {
            let reading = &mut self.partitions[place];
            reading.is_done |= ends.get(place).is_none_or(|end| reading.position.next_offset >= *end);
        }
    }

    /// Whether a partition waits for the others to come as far as it. When they have, it is sealed.
    fn rests(&mut self, place: usize) -> Result<bool, KafkaError> {
        let Until::Sealed { ends, appender, owner } = &self.until else { return Ok(false) };
        let reading = &mut self.partitions[place];
        if ends.get(place).is_some_and(|end| reading.position.next_offset < *end) {
            return Ok(false);
        }
        if !self.is_sealing {
            return Ok(true);
        }
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
