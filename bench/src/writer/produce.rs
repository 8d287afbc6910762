use std::sync::Arc;
use std::time::Duration;

use domain::{Decider, posts::Posts};
use event_log::codec::Wire;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;

use crate::callers::{Measured, Window, drive};
use crate::site::Site;

/// How long an append may take, its place in the queue included.
const DEADLINE: Duration = Duration::from_secs(10);

/// What is appended, and where.
struct Append {
    producer: FutureProducer,
    topic: String,
    partitions: i32,
    wire: Wire,
    headers: OwnedHeaders,
}

/// Every caller appends the same record again and again and waits for the broker's word on each: what Kafka itself
/// takes of so many callers, with the guarantees that the log has (idempotent, all replicas), but without deciding,
/// reading back or replying.
pub(super) async fn run(site: &Site, wire: Wire, callers: usize, window: Window) -> anyhow::Result<Measured> {
    let producer = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", site.kafka().brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "0")
        .set("socket.nagle.disable", "true")
        .create()?;
    let headers = wire
        .headers
        .iter()
        .fold(OwnedHeaders::new_with_capacity(wire.headers.iter().len()), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value) })
        });
    let (topic, partitions) = (site.topic(Posts::NAME), site.kafka().partitions);
    let append = Arc::new(Append { producer, topic, partitions, wire, headers });
    // A new producer takes half a second to its first record, which is not what is measured.
    for partition in 0..partitions {
        append.once(partition).await?;
    }
    drive(callers, window, move |caller, _| {
        let append = Arc::clone(&append);
        let partition = i32::try_from(caller).unwrap_or(0) % append.partitions;
        async move { append.once(partition).await }
    })
    .await
}

impl Append {
    async fn once(&self, partition: i32) -> anyhow::Result<()> {
        let record = FutureRecord::to(&self.topic)
            .partition(partition)
            .key(&self.wire.key)
            .payload(&self.wire.value)
            .headers(self.headers.clone());
        let sent = self.producer.send(record, Timeout::After(DEADLINE)).await;
        sent.map(|_| ()).map_err(|(error, _)| error.into())
    }
}
