//! The log on Kafka: a thin shell around the partitions' state machines.
//!
//! Per context and instance there are: one producer per broker that leads partitions; one *follower*, a consumer of all
//! partitions that is the read-back, the warm standby and the routing table in one; one member of the service's
//! consumer group, which is used for liveness and assignment only, unless the instance only follows; and threads that
//! have partition ends asked for (read barriers). What all contexts of a process share is in `clients.rs`: the client
//! that asks, a thread that looks after which logs they are, and one that looks after producers and idle partitions.

mod asking;
mod barriers;
mod beginnings;
pub mod census;
mod clients;
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
mod watched;
pub mod writers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::Decider;
use parking_lot::Mutex;
use rdkafka::consumer::BaseConsumer;

use crate::EventLog;
use crate::codec::{Codec, Wire};
use crate::event_log::HAND_OVER;
use crate::known_logs::KnownLogs;
use crate::pace::Pace;
use crate::partition::{Encoder, Unappendable};
use crate::patience::patiently;
use crate::record::Record;
use crate::transport::{Barriers, Transport, Unsure};
use barriers::{Asker, Questions};
use leaders::Leaders;
use producers::Producers;
use threads::{drop_aside, join_all, spawn};
use topics::Fit;
use watched::{Joined, Watched};

pub use clients::Clients;
pub use config::{KafkaConfig, KafkaError};
pub(crate) use ends::{ask_beginnings, ask_each_end, ask_ends};
pub(crate) use follower::{glance as glance_config, raw, reader as reader_config};
pub use layout::Layout;
pub(crate) use leaders::look_for_leaders;
pub(crate) use watchdog::BrokerWatchdog;

/// How long the broker may take to tell a partition's end when an instance connects, and no caller waits yet.
const END_DEADLINE: Duration = Duration::from_secs(10);
/// How often producers are looked after and idle partitions contended for.
const TICK: Duration = Duration::from_millis(50);
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
    clients: Arc<Clients>,
    producers: Arc<Producers>,
    questions: Arc<Questions>,
    barriers: Barriers,
    /// Whether to be a member of the group.
    member: Arc<AtomicBool>,
    /// Whether to read.
    open: Arc<AtomicBool>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    context: std::marker::PhantomData<fn() -> C>,
}

/// Connects a context's log to Kafka, with what the logs of this process share: reads from the beginning, joins the
/// group of `service`. Without one this instance follows and forwards only, and never leads a partition. Reading goes
/// on in threads until [`EventLog::close`]. Broker and registry are waited for up to `patience`. `known` remembers
/// which logs are ours: see `docs/adr/0012-which-log-is-ours.md`.
///
/// # Errors
/// They do not answer in time, or the topic or the registered schemas are not as they must be.
pub async fn connect<C: Decider>(
    log: &Arc<EventLog<C>>,
    clients: &Arc<Clients>,
    codec: &Codec,
    known: Arc<dyn KnownLogs>,
    service: Option<&str>,
    patience: Duration,
) -> Result<(), KafkaError> {
    let (config, until) = (clients.config(), Instant::now() + patience);
    let topic = config.topic(C::NAME);
    let fit = wait_until_fit(clients, &topic, codec, C::NAME, until).await?;
    let follower = follower::consumer(config, &topic)?;
    let ends = note_what_is_there(log, &clients.asker().client, &topic, config.read_lease, until).await?;
    let (askers, is_replicated) = (fit.askers(), fit.replicas > 1);
    let leaders = Arc::new(Leaders::of(fit.broker_leaders));
    let (producers, ()) = tokio::try_join!(
        open_producers(config, &topic, &leaders, fit.largest_bytes),
        beginnings::check(config, clients.asker(), &topic, &ends, codec, until)
    )?;
    let transport = Arc::new(KafkaTransport::<C> {
        topic: topic.clone(),
        codec: codec.clone(),
        clients: Arc::clone(clients),
        producers: Arc::new(producers),
        questions: Questions::open(&leaders),
        // The only replica has all that counts. Of several its leader may have been succeeded without having heard of
        // it.
        barriers: if is_replicated { Barriers::Appended } else { Barriers::Asked },
        member: Arc::new(AtomicBool::new(true)),
        open: Arc::new(AtomicBool::new(true)),
        threads: Mutex::default(),
        context: std::marker::PhantomData,
    });
    log.connect(Arc::clone(&transport) as Arc<dyn Transport<C>>);
    transport.start(log, follower, askers, service)?;
    let watched: Arc<dyn Watched> = Arc::clone(log) as Arc<dyn Watched>;
    clients.join(Joined {
        log: Arc::downgrade(&watched),
        context: C::NAME,
        topic,
        leaders,
        producers: Arc::clone(&transport.producers),
        questions: Arc::clone(&transport.questions),
        codec: codec.clone(),
        known,
        asked_every: config.read_lease / ASKED_PER_LEASE,
        asked: Mutex::new(Pace::default()),
    });
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
    leaders: &Arc<Leaders>,
    largest_bytes: usize,
) -> Result<Producers, KafkaError> {
    let (config, topic, leaders) = (config.clone(), topic.to_owned(), Arc::clone(leaders));
    let open = move || Producers::new(&config, &topic, &leaders, largest_bytes);
    Ok(tokio::task::spawn_blocking(open).await.expect("opening producers does not panic")?)
}

impl<C: Decider> KafkaTransport<C> {
    /// Starts the threads of this log alone.
    fn start(
        &self,
        log: &Arc<EventLog<C>>,
        follower: BaseConsumer,
        askers: usize,
        service: Option<&str>,
    ) -> Result<(), KafkaError> {
        let (config, topic) = (self.clients.config(), &self.topic);
        let watchdog = || BrokerWatchdog::new(&config.brokers, topic);
        let handle = tokio::runtime::Handle::current();
        let follow = follower::run(follower, watchdog(), log, self.codec.clone(), &self.open, handle);
        let mut threads = vec![spawn("follow", C::NAME, follow)];
        let client = Arc::clone(&self.clients.asker().client);
        let asker = Arc::new(Asker { client, topic: topic.clone(), lease: config.read_lease });
        let answer = |_| Arc::clone(&asker).answer(watchdog(), Arc::downgrade(log), Arc::clone(&self.questions));
        threads.extend((0..askers).map(answer).map(|answer| spawn("barrier", C::NAME, answer)));
        if let Some(service) = service {
            let group = config.group(service, C::NAME);
            threads.push(spawn("group", C::NAME, group::run(config, topic, &group, log, &self.member)?));
        }
        self.threads.lock().extend(threads);
        Ok(())
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
            if bytes > most {
                limit.doubt();
                return Err(Unappendable::TooLarge { bytes, most });
            }
            Ok(Some(wire))
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
        self.clients.leave(&self.topic);
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
    clients: &Clients,
    topic: &str,
    codec: &Codec,
    context: &str,
    until: Instant,
) -> Result<Fit, KafkaError> {
    patiently(topic, until, KafkaError::is_for_good, || async {
        let admin = clients.admin()?;
        let fits = topics::check_with(&admin, clients.config(), &[topic.to_owned()], until).await;
        drop_aside(admin);
        let mut fits = fits?;
        let fit = fits.pop().ok_or_else(|| KafkaError::NoTopic(topic.to_owned()))?;
        fit.takes_every_event(topic)?;
        codec.prepare(topic, context).await?;
        Ok(fit)
    })
    .await
}
