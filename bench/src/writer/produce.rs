use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use domain::{Context, posts::Posts};
use event_log::codec::Wire;
use rdkafka::ClientContext;
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};

use crate::callers::{Measured, Window, micros};
use crate::site::Site;

/// Counts what is under way, and notes how long each took.
#[derive(Default)]
struct Outstanding {
    state: Mutex<State>,
    landed: Condvar,
}

#[derive(Default)]
struct State {
    under_way: usize,
    failed: Option<String>,
    samples: Vec<(Instant, u32)>,
}

#[derive(Clone, Default)]
struct Shared(Arc<Outstanding>);

impl ClientContext for Shared {}

impl ProducerContext for Shared {
    type DeliveryOpaque = Box<Instant>;

    fn delivery(&self, result: &DeliveryResult<'_>, sent: Box<Instant>) {
        let landed = Instant::now();
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.under_way -= 1;
        state.samples.push((landed, micros(landed - *sent)));
        if let Err((error, _)) = result {
            state.failed = Some(error.to_string());
        }
        self.0.landed.notify_one();
    }
}

/// Appends the same record again and again, with so many under way at any time: what Kafka itself takes, with the
/// guarantees that the log has (idempotent, all replicas), and with nobody who decides, reads back or replies.
pub(super) async fn run(site: &Site, wire: Wire, outstanding: usize, window: Window) -> anyhow::Result<Measured> {
    let (brokers, topic) = (site.kafka().brokers, site.topic(Posts::NAME));
    let partitions = site.kafka().partitions;
    tokio::task::spawn_blocking(move || append(&brokers, &topic, partitions, &wire, outstanding, window)).await?
}

fn append(
    brokers: &str,
    topic: &str,
    partitions: i32,
    wire: &Wire,
    outstanding: usize,
    window: Window,
) -> anyhow::Result<Measured> {
    let shared = Shared::default();
    let producer: ThreadedProducer<Shared> = rdkafka::ClientConfig::new()
        .set("bootstrap.servers", brokers)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "0")
        .set("socket.nagle.disable", "true")
        .create_with_context(shared.clone())?;
    let headers =
        wire.headers.iter().fold(OwnedHeaders::new_with_capacity(wire.headers.len()), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value) })
        });
    let record = |partition| {
        BaseRecord::with_opaque_to(topic, Box::new(Instant::now()))
            .partition(partition)
            .key(&wire.key)
            .payload(&wire.value)
            .headers(headers.clone())
    };
    let send = |partition, most| {
        shared.wait_for_room(most)?;
        producer.send(record(partition)).map_err(|(error, _)| anyhow::Error::from(error))
    };
    // A new producer takes half a second to its first record, which is not what is measured.
    (0..partitions).try_for_each(|partition| send(partition, 1))?;
    let from = Instant::now() + window.warm_up;
    let until = from + window.measured;
    for partition in (0..partitions).cycle() {
        if Instant::now() >= until {
            break;
        }
        send(partition, outstanding)?;
    }
    shared.wait_for_room(1)?;
    let samples = std::mem::take(&mut shared.0.state.lock().unwrap_or_else(PoisonError::into_inner).samples);
    let within = |(landed, micros): (Instant, u32)| (landed >= from && landed < until).then_some(micros);
    Ok(window.of(samples.into_iter().filter_map(within)))
}

impl Shared {
    /// Waits until fewer than `most` are under way, and counts one more.
    fn wait_for_room(&self, most: usize) -> anyhow::Result<()> {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |state: &mut State| state.under_way >= most && state.failed.is_none();
        let mut state = self.0.landed.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = &state.failed {
            anyhow::bail!("a plain append failed: {failed}");
        }
        state.under_way += 1;
        Ok(())
    }
}
