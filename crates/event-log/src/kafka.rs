//! The log on Kafka: a thin shell around the partitions' state machines.
//!
//! Per context and instance there are: one producer per broker that leads partitions; one *follower*, a consumer of all
//! partitions that is the read-back, the warm standby and the routing table in one; one member of the service's
//! consumer group, which is used for liveness and assignment only, unless the instance only follows; threads that
//! ask for partition ends (read barriers); and one that looks after which log it is.

mod barriers;
mod beginnings;
pub mod census;
mod config;
mod current;
mod ends;
pub mod first_terms;
mod follower;
pub(crate) mod gaps;
mod group;
mod identity;
mod layout;
mod leaders;
mod producers;
pub mod repartition;
mod scan;
mod stuck;
mod threads;
pub mod topics;
mod watchdog;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::Decider;
use parking_lot::Mutex;
use rdkafka::consumer::BaseConsumer;

use crate::EventLog;
use crate::codec::{Codec, Wire};
use crate::event_log::{END, HAND_OVER};
use crate::known_logs::KnownLogs;
use crate::partition::{Encoder, Unappendable};
use crate::patience::patiently;
use crate::record::Record;
use crate::transport::{Barriers, Transport, Unsure};
use barriers::{Asker, Questions};
use identity::Watch;
use leaders::Leaders;
use producers::Producers;
use threads::{Pulse, join_all, spawn};
use topics::Fit;

pub use config::{KafkaConfig, KafkaError};
pub(crate) use ends::{ask_beginnings, ask_ends};
pub(crate) use follower::{glance as glance_config, raw, reader as reader_config};
pub use layout::Layout;
pub(crate) use watchdog::BrokerWatchdog;

/// How long the broker may take to tell a partition's end when an instance connects, and no caller waits yet.
const END_DEADLINE: Duration = Duration::from_secs(10);
/// How often producers are looked after and idle partitions contended for.
const TICK: Duration = Duration::from_millis(50);
/// How long a look for the brokers' leaders may hold up a new term.
const LEADERS: Duration = Duration::from_millis(200);
/// How often an instance asks for the ends of partitions within the time for which it may answer from what it has read:
/// one answer in time is enough.
const ASKED_PER_LEASE: u32 = 5;
/// How long the threads may take to end when the log is closed; the group's member has [`HAND_OVER`] on top, of which
/// this is for giving back what is assigned (at most 1 s), one more question (0.5 s) and finishing what is pending (0.5
/// s). The client library was seen to go on for ever with leaving a group that was just being joined when the broker
/// froze (crash lab, seed 7002).
const CLOSING: Duration = Duration::from_secs(3);

struct KafkaTransport<C: Decider> {
    topic: String,
    codec: Codec,
    producers: Producers,
    questions: Arc<Questions>,
    barriers: Barriers,
    /// Whether to be a member of the group.
    member: Arc<AtomicBool>,
    /// Whether to read.
    open: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    context: std::marker::PhantomData<fn() -> C>,
}

/// Connects a context's log to Kafka: reads from the beginning, joins the group of `service`. Without one this instance
/// follows and forwards only, and never leads a partition. Reading goes on in threads until [`EventLog::close`]. Broker
/// and registry are waited for up to `patience`. `known` remembers which logs are ours: see
/// `docs/adr/0012-which-log-is-ours.md`.
///
/// # Errors
/// They do not answer in time, or the topic or the registered schemas are not as they must be.
pub async fn connect<C: Decider>(
    log: &Arc<EventLog<C>>,
    config: &KafkaConfig,
    codec: &Codec,
    known: Arc<dyn KnownLogs>,
    service: Option<&str>,
    patience: Duration,
) -> Result<(), KafkaError> {
    let topic = config.topic(C::NAME);
    let until = Instant::now() + patience;
    let fit = wait_until_fit(config, &topic, codec, C::NAME, until).await?;
    let follower = follower::consumer(config, &topic)?;
    // A client of its own: on the follower's connection a question would wait behind the fetch that waits for records.
    let asker: Arc<BaseConsumer> = Arc::new(glance_config(config, "barrier").create()?);
    let ends = note_what_is_there(log, &asker, &topic, config.read_lease, until).await?;
    let leaders = Leaders::of(fit.broker_leaders.clone());
    let questions = Questions::open(leaders.clone());
    let (askers, is_replicated) = (fit.askers(), fit.replicas > 1);
    let (producers, ()) = tokio::try_join!(
        open_producers(config, &topic, leaders.clone(), fit),
        beginnings::check(config, &asker, &topic, &ends, codec, until)
    )?;
    let transport = Arc::new(KafkaTransport::<C> {
        topic: topic.clone(),
        codec: codec.clone(),
        producers,
        questions: Arc::clone(&questions),
        // The only replica has all that counts. Of several its leader may have been succeeded without having heard of
        // it.
        barriers: if is_replicated { Barriers::Appended } else { Barriers::Asked },
        member: Arc::new(AtomicBool::new(true)),
        open: Arc::new(AtomicBool::new(true)),
        threads: Mutex::default(),
        context: std::marker::PhantomData,
    });
    log.connect(Arc::clone(&transport) as Arc<dyn Transport<C>>);
    let handle = tokio::runtime::Handle::current();
    let open = &transport.open;
    let watchdog = || BrokerWatchdog::new(&config.brokers, &topic);
    let (client, codec) = (Arc::clone(&asker), codec.clone());
    let watch = Watch {
        client,
        config: config.clone(),
        context: C::NAME,
        topic: topic.clone(),
        codec: codec.clone(),
        known,
        limit: Arc::clone(transport.producers.limit()),
        handle: handle.clone(),
    };
    let mut threads = vec![
        spawn("follow", C::NAME, follower::run(follower, watchdog(), log, codec, open, handle)),
        spawn("identity", C::NAME, watch.run(Arc::downgrade(log), Arc::clone(open))),
        spawn("tick", C::NAME, {
            let looks = (Arc::clone(&asker), leaders.clone());
            tick(&transport, Arc::downgrade(log), config.read_lease / ASKED_PER_LEASE, looks)
        }),
    ];
    let asker = Arc::new(Asker { client: asker, topic: topic.clone(), leaders, lease: config.read_lease });
    let answer = |_| Arc::clone(&asker).answer(watchdog(), Arc::downgrade(log), Arc::clone(&questions));
    threads.extend((0..askers).map(answer).map(|answer| spawn("barrier", C::NAME, answer)));
    if let Some(service) = service {
        let group = config.group(service, C::NAME);
        threads.push(spawn("group", C::NAME, group::run(config, &topic, &group, log, &transport.member)?));
    }
    transport.threads.lock().extend(threads);
    Ok(())
}

/// Tells the log where its partitions end now, and says so.
async fn note_what_is_there<C: Decider>(
    log: &Arc<EventLog<C>>,
    asker: &Arc<BaseConsumer>,
    topic: &str,
    lease: Duration,
    until: Instant,
) -> Result<Vec<i64>, KafkaError> {
    let ends = patiently(
        "the ends of the partitions",
        until,
        |_| false,
        || async {
            let partitions: Vec<_> = (0..log.partitions()).map(|partition| (topic.to_owned(), partition)).collect();
            let (asker, fresh_until) = (Arc::clone(asker), Instant::now() + lease);
            let ask = tokio::task::spawn_blocking(move || ask_ends(&asker, &partitions, END_DEADLINE));
            ask.await.expect("asking for ends does not panic").map(|ends| (ends, fresh_until))
        },
    );
    let (ends, fresh_until) = ends.await?;
    log.catch_up_to(&ends, fresh_until);
    Ok(ends)
}

async fn open_producers(
    config: &KafkaConfig,
    topic: &str,
    leaders: Leaders,
    fit: Fit,
) -> Result<Producers, KafkaError> {
    let (config, topic) = (config.clone(), topic.to_owned());
    let open = move || Producers::new(&config, &topic, leaders, &fit);
    Ok(tokio::task::spawn_blocking(open).await.expect("opening producers does not panic")?)
}

/// Looks after producers and idle partitions, and has the partitions' ends asked for, time and again.
fn tick<C: Decider>(
    transport: &Arc<KafkaTransport<C>>,
    log: Weak<EventLog<C>>,
    asked_every: Duration,
    (client, leaders): (Arc<BaseConsumer>, Leaders),
) -> impl FnOnce(Pulse) + use<C> {
    let (transport, open) = (Arc::downgrade(transport), Arc::clone(&transport.open));
    move |pulse| {
        let mut ask_at = Instant::now();
        while open.load(Ordering::Acquire) {
            pulse.beat();
            let (Some(transport), Some(log)) = (transport.upgrade(), log.upgrade()) else { return };
            if Instant::now() >= ask_at {
                ask_at = Instant::now() + asked_every;
                transport.questions.ask_all(END);
            }
            let failed = transport.producers.failed();
            if !failed.is_empty() {
                // What it waited for may be a broker that leads no more.
                leaders.look(&client, &transport.topic, LEADERS);
            }
            for partition in failed {
                pulse.beat();
                tracing::warn!(context = C::NAME, partition, "the producer failed; beginning a new term");
                log.producer_failed(partition);
            }
            log.tick();
            drop((transport, log));
            std::thread::sleep(TICK);
        }
    }
}

impl<C: Decider> Transport<C> for KafkaTransport<C> {
    fn append(&self, partition: i32, record: Record<C::Event>, wire: Option<Wire>) -> Result<(), Unsure> {
        let wire = match wire {
            Some(wire) => wire,
            None => self.codec.encode::<C>(&self.topic, &record).map_err(Unsure)?,
        };
        self.producers.send(partition, wire)
    }

    fn encoder(&self) -> Encoder<C> {
        let (codec, topic, limit) = (self.codec.clone(), self.topic.clone(), Arc::clone(self.producers.limit()));
        Encoder::new(move |record| {
            let wire = codec.encode::<C>(&topic, record).map_err(Unappendable::Unencodable)?;
            let (bytes, most) = (wire.bytes(), limit.most());
            if bytes <= most {
                return Ok(Some(wire));
            }
            limit.doubt();
            Err(Unappendable::TooLarge { bytes, most })
        })
    }

    fn knows_logs(&self) -> bool {
        true
    }

    fn renew(&self, partition: i32) {
        self.producers.renew(partition);
    }

    fn barriers(&self) -> Barriers {
        self.barriers
    }

    fn ask_barrier(&self, partition: i32, number: u64) {
        self.questions.ask(partition, number);
    }

    fn close(&self) {
        let threads = std::mem::take(&mut *self.threads.lock());
        // The group's member leaves first, and hands over while the follower still reads and the producers still
        // append.
        self.member.store(false, Ordering::Release);
        let (group, others): (Vec<_>, Vec<_>) = threads
            .into_iter()
            .partition(|thread| thread.thread().name().is_some_and(|name| name.starts_with("group")));
        join_all(group, HAND_OVER + CLOSING);
        self.open.store(false, Ordering::Release);
        self.questions.close();
        self.producers.close();
        join_all(others, CLOSING);
    }
}

/// Waits for a broker and a registry that do not answer yet, until the topic and its schemas are as they must be. Says
/// which broker leads each partition.
///
/// # Errors
/// They answer and are not as they must be, or they do not answer by `until`.
async fn wait_until_fit(
    config: &KafkaConfig,
    topic: &str,
    codec: &Codec,
    context: &str,
    until: Instant,
) -> Result<Fit, KafkaError> {
    patiently(topic, until, KafkaError::is_for_good, || async {
        let mut fits = topics::check_until(config, &[topic.to_owned()], until).await?;
        let fit = fits.pop().ok_or_else(|| KafkaError::NoTopic(topic.to_owned()))?;
        fit.takes_every_event(topic)?;
        codec.prepare(topic, context).await?;
        Ok(fit)
    })
    .await
}
