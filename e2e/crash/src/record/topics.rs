use std::time::{Duration, Instant};

use anyhow::Context;
use checker::history::{Body, Event, Partition, Record};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaResult;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::avro::Decoder;
use super::sealed::Keys;
use super::{Ends, Topic};
use crate::site::Site;

/// How long the broker may take for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// How long a partition may be without a leader.
const LEADERLESS: Duration = Duration::from_secs(30);
/// How long reading a whole topic may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// The fields that every event begins with.
const ENVELOPE: [&str; 5] = ["event_type", "aggregate_id", "aggregate_version", "occurred_at", "actor_id"];

/// A record as it came, before it is decoded.
struct Raw {
    partition: i32,
    offset: i64,
    key: String,
    value: Vec<u8>,
    headers: Vec<(String, String)>,
}

fn consumer(site: &Site) -> anyhow::Result<BaseConsumer> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &site.stack.kafka.kafka_brokers)
        .set("group.id", "crash")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "error");
    Ok(config.create()?)
}

/// Where these topics end.
pub(super) async fn ends(site: &Site, topics: &[Topic]) -> anyhow::Result<Ends> {
    let (consumer, topics) = (consumer(site)?, topics.to_vec());
    let ask = move || {
        let mut ends = Ends::new();
        for Topic { context, name, partitions } in topics {
            for partition in 0..partitions {
                ends.insert((context.clone(), partition), end(&consumer, &name, partition)?);
            }
        }
        anyhow::Ok(ends)
    };
    tokio::task::spawn_blocking(ask).await?.context("asking where the topics end")
}

/// The values of a topic of one partition.
pub(super) async fn values(site: &Site, topic: &str) -> anyhow::Result<Vec<Vec<u8>>> {
    let (context, name) = (topic.to_owned(), topic.to_owned());
    let ends = ends(site, &[Topic { context, name, partitions: 1 }]).await?;
    let (consumer, topic) = (consumer(site)?, topic.to_owned());
    let raws = tokio::task::spawn_blocking(move || fetch(&consumer, &topic, &ends)).await??;
    Ok(raws.into_iter().map(|raw| raw.value).collect())
}

/// Where a partition ends. A broker that was just mended, on a machine that does much else, may have no leader for a
/// while.
fn end(consumer: &BaseConsumer, topic: &str, partition: i32) -> KafkaResult<i64> {
    let until = Instant::now() + LEADERLESS;
    loop {
        match consumer.fetch_watermarks(topic, partition, ANSWER) {
            Ok((_, end)) => return Ok(end),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}

/// A topic from its beginning to its end.
pub(super) async fn read(site: &Site, topic: &Topic) -> anyhow::Result<Vec<Partition>> {
    let ends = ends(site, std::slice::from_ref(topic)).await?;
    let (consumer, topic) = (consumer(site)?, topic.name.clone());
    let wanted = ends.clone();
    let raws = tokio::task::spawn_blocking(move || fetch(&consumer, &topic, &wanted)).await??;
    let (mut decoder, keys) = (Decoder::new(&site.stack.kafka.registry_url)?, Keys::read(site).await?);
    let partition = |((context, number), _): (&(String, i32), &i64)| {
        (*number, Partition { context: context.clone(), number: *number, records: Vec::new() })
    };
    let mut partitions: std::collections::BTreeMap<i32, Partition> = ends.iter().map(partition).collect();
    for raw in raws {
        let partition = partitions.get_mut(&raw.partition).context("a partition that was not asked for")?;
        let body = body(&mut decoder, &keys, &raw).await;
        partition.records.push(Record { offset: raw.offset, key: raw.key, body });
    }
    Ok(partitions.into_values().collect())
}

fn fetch(consumer: &BaseConsumer, topic: &str, ends: &Ends) -> anyhow::Result<Vec<Raw>> {
    let mut beginnings = TopicPartitionList::new();
    for (_, partition) in ends.keys() {
        beginnings.add_partition_offset(topic, *partition, Offset::Offset(0))?;
    }
    consumer.assign(&beginnings)?;
    let mut left: i64 = ends.values().sum();
    let until = Instant::now() + PATIENCE;
    let mut raws = Vec::new();
    while left > 0 {
        anyhow::ensure!(Instant::now() < until, "{left} records of {topic} are missing");
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        // The client library reports a broker that is away for a moment, and reads on.
        let Ok(message) = message else { continue };
        let context = ends.keys().next().map_or("", |(context, _)| context.as_str()).to_owned();
        if ends.get(&(context, message.partition())).is_some_and(|end| message.offset() < *end) {
            left -= 1;
            raws.push(Raw::of(&message));
        }
    }
    Ok(raws)
}

impl Raw {
    fn of(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = message.headers().into_iter().flat_map(|headers| {
            headers
                .iter()
                .map(|header| (header.key.to_owned(), text(header.value.unwrap_or_default())))
                .collect::<Vec<_>>()
        });
        Self {
            partition: message.partition(),
            offset: message.offset(),
            key: text(message.key().unwrap_or_default()),
            value: message.payload().unwrap_or_default().to_vec(),
            headers: headers.collect(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn stamp(&self) -> Option<(u64, u64)> {
        Some((self.header("inklog-term")?.parse().ok()?, self.header("inklog-seq")?.parse().ok()?))
    }
}

async fn body(decoder: &mut Decoder, keys: &Keys, raw: &Raw) -> Body {
    let fields = decoder.decode(&raw.value).await;
    let is_term = raw.header("ce_type") == Some("inklog.log.TermStarted");
    match (fields, raw.stamp()) {
        (Ok(fields), _) if is_term => term(&fields).unwrap_or(Body::Foreign),
        (Ok(fields), Some(stamp)) => match event(keys, raw, stamp, fields) {
            Ok(event) => Body::Event(Box::new(event)),
            Err(error) => Body::Unreadable { term: stamp.0, seq: stamp.1, reason: format!("{error:#}") },
        },
        (Err(error), Some((term, seq))) => Body::Unreadable { term, seq, reason: format!("{error:#}") },
        (_, None) => Body::Foreign,
    }
}

fn term(fields: &Map<String, Value>) -> Option<Body> {
    Some(Body::TermStarted { term: fields.get("term")?.as_u64()?, nonce: fields.get("nonce")?.as_str()?.parse().ok()? })
}

fn event(keys: &Keys, raw: &Raw, (term, seq): (u64, u64), mut fields: Map<String, Value>) -> anyhow::Result<Event> {
    let id = |name: &str| {
        let header = raw.header(name).with_context(|| format!("the header {name} is missing"))?;
        Uuid::parse_str(header).with_context(|| format!("the header {name}"))
    };
    let envelope: Vec<Value> = ENVELOPE.iter().map(|name| fields.remove(*name).unwrap_or_default()).collect();
    let text = |place: usize| envelope[place].as_str().map(str::to_owned).context(ENVELOPE[place]);
    // What is sealed is so under the key of the account that the event is about, or of the one that wrote it: of a
    // report, who made it, and else in a case, whom it concerns.
    let mut named =
        ["author_id", "reporter_id", "subject_id"].into_iter().filter_map(|name| fields.get(name)?.as_str());
    let whose = named.next().map_or_else(|| text(1), |account| Ok(account.to_owned()))?;
    keys.open(&whose, &mut fields)?;
    Ok(Event {
        event_type: text(0)?,
        aggregate_id: text(1)?,
        version: envelope[2].as_u64().context(ENVELOPE[2])?,
        occurred_at: envelope[3].as_i64().context(ENVELOPE[3])?,
        actor_id: text(4)?,
        term,
        seq,
        command_id: id("ce_commandid")?,
        correlation_id: id("ce_correlationid")?,
        digest: raw.header("inklog-digest").and_then(|digest| u64::from_str_radix(digest, 16).ok()),
        fields,
    })
}
