//! The topics as anyone can read them: a plain Kafka client with default settings, and the rule of `docs/topics.md`
//! (*keep (term, seq) per partition; skip a record that is not the successor*) written anew, so that no code of ours
//! judges itself.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

const PATIENCE: Duration = Duration::from_secs(20);
const TERM_STARTED: &str = "inklog.log.TermStarted";

/// A record as it was read.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Its headers.
    pub headers: HashMap<String, String>,
    /// Whether it counts.
    pub valid: bool,
}

/// The place in a partition's history that the next record is judged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The current term.
    pub term: u64,
    /// The number of its last event that counted.
    pub seq: u64,
}

/// A topic, read to its end.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its records, by partition, in order.
    pub records: Vec<Seen>,
    places: BTreeMap<i32, Place>,
}

impl Seen {
    /// The type of event.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.header("ce_type")
    }

    /// A header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.header(name).parse().ok()
    }

    fn of(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let pair = |header: Header<'_, &[u8]>| (header.key.to_owned(), text(header.value.unwrap_or_default()));
        Self {
            partition: message.partition(),
            offset: message.offset(),
            key: text(message.key().unwrap_or_default()),
            value: message.payload().unwrap_or_default().to_vec(),
            headers: message.headers().map(|headers| headers.iter().map(pair).collect()).unwrap_or_default(),
            valid: false,
        }
    }

    /// The rule.
    fn judge(&mut self, place: &mut Place) {
        self.valid = if self.kind() == TERM_STARTED {
            let successor = term_of(&self.value) == place.term + 1;
            if successor {
                *place = Place { term: place.term + 1, seq: 0 };
            }
            successor
        } else {
            let stamp = (self.number("inklog-term"), self.number("inklog-seq"));
            let successor = place.term > 0 && stamp == (Some(place.term), Some(place.seq + 1));
            place.seq += u64::from(successor);
            successor
        };
    }
}

/// The second field of a `TermStarted`, in Avro: after the wire format's five bytes comes the type's name (its length,
/// then its letters), then the term. Numbers are zigzag, seven bits a byte.
fn term_of(value: &[u8]) -> u64 {
    let mut rest = value.get(5..).unwrap_or_default();
    let length = usize::try_from(number(&mut rest)).unwrap_or_default();
    rest = rest.get(length..).unwrap_or_default();
    number(&mut rest)
}

fn number(rest: &mut &[u8]) -> u64 {
    let (mut zigzag, mut shift) = (0, 0);
    while let Some((byte, after)) = rest.split_first() {
        *rest = after;
        zigzag |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            break;
        }
    }
    // Nothing we look at is negative.
    zigzag >> 1
}

impl Log {
    /// Reads a topic from its beginning to its end.
    ///
    /// # Panics
    /// The broker does not answer.
    pub async fn read(brokers: &str, topic: &str) -> Self {
        let (brokers, topic) = (brokers.to_owned(), topic.to_owned());
        tokio::task::spawn_blocking(move || read(&brokers, &topic)).await.expect("the topic can be read")
    }

    /// The place at the end of a partition.
    #[must_use]
    pub fn place(&self, partition: i32) -> Place {
        self.places.get(&partition).copied().unwrap_or_default()
    }

    /// The events that count.
    pub fn events(&self) -> impl Iterator<Item = &Seen> {
        self.records.iter().filter(|seen| seen.valid && seen.kind() != TERM_STARTED)
    }

    /// The events that do not.
    pub fn void_events(&self) -> impl Iterator<Item = &Seen> {
        self.records.iter().filter(|seen| !seen.valid && seen.kind() != TERM_STARTED)
    }

    /// The terms that took effect.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.records.iter().filter(|seen| seen.valid && seen.kind() == TERM_STARTED).count()
    }

    /// The types of an aggregate's events, in order.
    #[must_use]
    pub fn story(&self, aggregate_id: &str) -> Vec<&str> {
        let short = |seen: &'_ Seen| -> usize { seen.kind().rfind('.').map_or(0, |dot| dot + 1) };
        self.events().filter(|seen| seen.key == aggregate_id).map(|seen| &seen.kind()[short(seen)..]).collect()
    }

    /// The number of an aggregate's events.
    #[must_use]
    pub fn version(&self, aggregate_id: &str) -> u64 {
        self.events().filter(|seen| seen.key == aggregate_id).count() as u64
    }

    /// Checks that no event is missing or double: versions run from 1 without gap or repeat, and no command was
    /// applied twice.
    ///
    /// # Panics
    /// They do not, or one was.
    #[track_caller]
    pub fn assert_whole(&self) {
        let mut versions: HashMap<&str, u64> = HashMap::new();
        let mut commands = HashSet::new();
        for seen in self.events().filter(|seen| seen.number("ce_sequence").is_some()) {
            let version = versions.entry(&seen.key).or_default();
            *version += 1;
            assert_eq!(seen.number("ce_sequence"), Some(*version), "{seen:?}");
            assert!(commands.insert(seen.header("ce_commandid")), "a command was applied twice: {seen:?}");
        }
    }
}

fn read(brokers: &str, topic: &str) -> Log {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("group.id", "testkit")
        .set("enable.auto.commit", "false")
        .create()
        .expect("the settings are right");
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("the broker answers");
    let partitions: Vec<i32> = metadata.topics()[0].partitions().iter().map(|partition| partition.id()).collect();
    let mut ends = HashMap::new();
    let mut beginnings = TopicPartitionList::new();
    for partition in partitions {
        let (_, end) = consumer.fetch_watermarks(topic, partition, PATIENCE).expect("the broker answers");
        ends.insert(partition, end);
        beginnings.add_partition_offset(topic, partition, Offset::Offset(0)).expect("zero is an offset");
    }
    consumer.assign(&beginnings).expect("the partitions are there");
    let mut log = Log { records: Vec::new(), places: BTreeMap::new() };
    let began = Instant::now();
    let mut left: i64 = ends.values().sum();
    while left > 0 {
        assert!(began.elapsed() < PATIENCE, "{topic} was not read in time: {left} records are missing");
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        if ends.get(&message.partition()).is_some_and(|end| message.offset() < *end) {
            left -= 1;
            let mut seen = Seen::of(&message);
            seen.judge(log.places.entry(seen.partition).or_default());
            log.records.push(seen);
        }
    }
    log.records.sort_by_key(|seen| (seen.partition, seen.offset));
    log
}

/// Appends a record to a topic as some other program would.
///
/// # Panics
/// The broker does not take it.
pub async fn append(brokers: &str, topic: &str, partition: i32, key: &str, value: &[u8], headers: &[(&str, &str)]) {
    let producer: ThreadedProducer<DefaultProducerContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create().expect("the settings are right");
    let headers = headers
        .iter()
        .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(*value) }));
    let record = BaseRecord::to(topic).partition(partition).key(key).payload(value).headers(headers);
    producer.send(record).map_err(|(error, _)| error).expect("the queue is empty");
    tokio::task::spawn_blocking(move || producer.flush(PATIENCE)).await.expect("no panic").expect("the broker answers");
}

#[cfg(test)]
mod tests;
