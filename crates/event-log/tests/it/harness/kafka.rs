use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Decider;
use domain::posts::{Event, Posts};
use event_log::codec::{Codec, Raw};
use event_log::kafka::{Clients, KafkaConfig, connect, topics};
use event_log::known_logs::{Known, KnownLogs, Named, Topics};
use event_log::record::Record;
use event_log::registry::{Registry, subject};
use event_log::schemas;
use event_log::subscription::SubscriptionConfig;
use parking_lot::Mutex;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, NewPartitions, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::runtime::{Handle, Runtime};
use uuid::Uuid;

use super::{Directory, Harness, Log, PATIENCE, until};

/// What another program appends: no event; and of a context that is none of ours.
const ANOTHERS: &str = r#"{"context": "none", "from": "none", "to": "none", "partitions": 1}"#;

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

pub(crate) fn brokers() -> String {
    setting("INKLOG_KAFKA_BROKERS", "127.0.0.1:19092")
}

pub(crate) fn registry_url() -> String {
    setting("INKLOG_REGISTRY_URL", "http://127.0.0.1:18081/apis/ccompat/v7")
}

/// Kafka, with topics under a prefix of its own; they are deleted when it is dropped.
pub(crate) struct Kafka {
    pub(crate) config: KafkaConfig,
    codec: Codec,
    directory: Arc<Directory>,
    /// What this installation knows of its logs.
    pub(crate) known: Arc<Notebook>,
}

/// Remembers logs as a database does.
#[derive(Default)]
pub(crate) struct Notebook {
    known: Mutex<BTreeMap<(String, i32), Uuid>>,
    /// What it does not do any more, if so.
    pub(crate) fails: Mutex<Option<Fails>>,
}

/// What a memory may fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fails {
    Noting,
    Forgetting,
}

impl Notebook {
    /// What an operator does who begins anew on purpose.
    pub(crate) fn forget(&self) {
        self.known.lock().clear();
    }

    /// Each topic of which something is known, with how many partitions.
    pub(crate) fn topics(&self) -> BTreeMap<String, usize> {
        let mut topics = BTreeMap::new();
        self.known.lock().keys().for_each(|(topic, _)| *topics.entry(topic.clone()).or_default() += 1);
        topics
    }

    fn does(&self, what: Fails) -> Result<(), String> {
        if *self.fails.lock() == Some(what) { Err("it is away".to_owned()) } else { Ok(()) }
    }
}

#[async_trait]
impl KnownLogs for Notebook {
    async fn known(
        &self,
        context: &Topics,
        topic: &str,
        partition: i32,
        log_id: Option<Uuid>,
    ) -> Result<Known, String> {
        let mut known = self.known.lock();
        let of_context: Vec<String> =
            known.keys().map(|(topic, _)| topic.clone()).filter(|it| it.starts_with(&context.begin_with)).collect();
        if let Some(elsewhere) = of_context.first().filter(|_| !of_context.iter().any(|it| it == topic)) {
            return Ok(Known::Elsewhere(elsewhere.clone()));
        }
        let place = (topic.to_owned(), partition);
        if let Some(log_id) = log_id {
            known.entry(place.clone()).or_insert(log_id);
        }
        Ok(known.get(&place).copied().map_or(Known::Nothing, Known::Log))
    }

    async fn all(&self, context: &Topics) -> Result<Vec<Named>, String> {
        let known = self.known.lock();
        let of_context = known.iter().filter(|((topic, _), _)| topic.starts_with(&context.begin_with));
        let named = |((topic, partition), log_id): (&(String, i32), &Uuid)| Named {
            topic: topic.clone(),
            partition: *partition,
            log_id: Some(*log_id),
        };
        Ok(of_context.map(named).collect())
    }

    async fn note(&self, found: &[Named]) -> Result<(), String> {
        self.does(Fails::Noting)?;
        let mut known = self.known.lock();
        known.retain(|(topic, _), _| found.iter().all(|named| named.topic != *topic));
        for Named { topic, partition, log_id } in found {
            if let Some(log_id) = *log_id {
                known.insert((topic.clone(), *partition), log_id);
            }
        }
        Ok(())
    }

    async fn keep_only(&self, context: &Topics, found: &[Named]) -> Result<(), String> {
        self.does(Fails::Forgetting)?;
        self.known.lock().retain(|(topic, _), _| !topic.starts_with(&context.begin_with));
        self.note(found).await
    }
}

impl Kafka {
    /// Another installation that uses the same topics.
    pub(crate) fn anothers(&self) -> Self {
        let (config, codec) = (self.config.clone(), self.codec.clone());
        Self { config, codec, directory: Arc::default(), known: Arc::default() }
    }

    pub(crate) fn topic(&self) -> String {
        self.config.topic(Posts::NAME)
    }

    /// How a reader subscribes.
    pub(crate) fn subscription(&self) -> SubscriptionConfig {
        SubscriptionConfig {
            brokers: self.config.brokers.clone(),
            registry_url: registry_url(),
            topic_prefix: self.config.topic_prefix.clone(),
            contexts: vec![Posts::NAME.to_owned()],
            partitions: self.config.partitions,
            layout: self.config.layout.clone(),
            max_batch: 5,
        }
    }

    /// The topics that there are under the prefix.
    pub(crate) async fn topics(&self) -> Vec<String> {
        let (client, prefix) = (self.client().create::<BaseConsumer>().unwrap(), self.config.topic_prefix.clone());
        let read = move || {
            let metadata = client.fetch_metadata(None, PATIENCE).unwrap();
            let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
            let mut names: Vec<String> = names.filter(|name| name.starts_with(&prefix)).collect();
            names.sort();
            names
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }

    /// The same with the topic that the context is in now.
    pub(crate) async fn current(&self) -> Self {
        let config = self.config.clone().current(PATIENCE).await.unwrap();
        Self { config, codec: self.codec.clone(), directory: Arc::default(), known: Arc::clone(&self.known) }
    }

    fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &self.config.brokers).set("broker.address.family", "v4");
        client
    }

    /// Appends any bytes with any headers.
    pub(crate) async fn append_raw(&self, partition: i32, key: &str, value: &[u8], headers: &[(&str, String)]) {
        let producer: FutureProducer = self.client().create().unwrap();
        let empty = OwnedHeaders::new_with_capacity(headers.len());
        let headers = headers
            .iter()
            .fold(empty, |headers, (name, value)| headers.insert(Header { key: name, value: Some(value) }));
        let topic = self.topic();
        let record = FutureRecord::to(&topic).partition(partition).key(key).payload(value).headers(headers);
        producer.send(record, PATIENCE).await.unwrap();
    }

    /// Appends in a transaction, as some other program may, and commits or aborts it: it ends with a marker that has an
    /// offset and is no record.
    #[allow(clippy::disallowed_methods, reason = "it is another program's transaction")]
    pub(crate) async fn append_in_transaction(&self, topic: &str, partition: i32, commits: bool) {
        let producer: FutureProducer = self.client().set("transactional.id", topic).create().unwrap();
        let begin = producer.clone();
        let begun = move || begin.init_transactions(PATIENCE).and_then(|()| begin.begin_transaction());
        tokio::task::spawn_blocking(begun).await.unwrap().unwrap();
        let record = FutureRecord::to(topic).partition(partition).key("a").payload(ANOTHERS);
        producer.send(record, PATIENCE).await.unwrap();
        let end = move || {
            if commits { producer.commit_transaction(PATIENCE) } else { producer.abort_transaction(PATIENCE) }
        };
        tokio::task::spawn_blocking(end).await.unwrap().unwrap();
    }

    /// Changes settings of the topic.
    pub(crate) async fn set(&self, settings: &[(&str, &str)]) {
        let (admin, topic) = (self.client().create::<AdminClient<DefaultClientContext>>().unwrap(), self.topic());
        let change = AlterConfig::new(ResourceSpecifier::Topic(&topic));
        let change = settings.iter().fold(change, |change, (name, value)| change.set(name, value));
        admin.alter_configs(&[change], &AdminOptions::new()).await.unwrap().remove(0).unwrap();
    }

    /// Adds partitions to the topic, as `kafka-topics --alter` does, until there are so many.
    pub(crate) async fn add_partitions(&self, count: usize) {
        let (admin, topic) = (self.client().create::<AdminClient<DefaultClientContext>>().unwrap(), self.topic());
        let more = NewPartitions::new(&topic, count);
        admin.create_partitions(&[more], &AdminOptions::new()).await.unwrap().remove(0).unwrap();
    }

    /// Wipes the topic and begins it anew, as if the broker's disk was lost.
    pub(crate) async fn begin_anew(&self) {
        delete_topic(&self.config, &self.topic()).await;
        let (client, topic) = (self.client().create::<BaseConsumer>().unwrap(), self.topic());
        let gone = move || {
            let metadata = client.fetch_metadata(Some(&topic), PATIENCE).unwrap();
            metadata.topics().iter().all(|topic| topic.partitions().is_empty())
        };
        until("the topic is gone", gone).await;
        topics::create(&self.config, &[Posts::NAME]).await.unwrap();
    }
}

#[async_trait]
impl Harness for Kafka {
    const NAME: &'static str = "Kafka";

    async fn create(partitions: i32) -> Self {
        // INKLOG_LOG=debug and --nocapture tell what went on.
        let filter = tracing_subscriber::EnvFilter::from_env("INKLOG_LOG");
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
        let config = KafkaConfig {
            session_timeout: Duration::from_secs(2),
            ..KafkaConfig::of(brokers(), format!("t{}", Uuid::new_v4().simple()), partitions)
        };
        topics::create(&config, &[Posts::NAME]).await.unwrap();
        let registry = Registry::new(&registry_url()).unwrap();
        registry.register_context(&config.topic(Posts::NAME), Posts::NAME).await.unwrap();
        Self { config, codec: Codec::new(registry), directory: Arc::default(), known: Arc::default() }
    }

    fn partitions(&self) -> i32 {
        self.config.partitions_of(Posts::NAME)
    }

    fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    async fn connect(&self, log: &Arc<Log>) {
        let known = Arc::clone(&self.known) as Arc<dyn KnownLogs>;
        let clients = Clients::open(&self.config).unwrap();
        connect(log, &clients, &self.codec, known, Some("service"), PATIENCE).await.unwrap();
    }

    async fn records(&self, partition: i32) -> Vec<Record<Event>> {
        let consumer: BaseConsumer = self.client().set("group.id", "unused").create().unwrap();
        let (topic, codec, handle) = (self.topic(), self.codec.clone(), Handle::current());
        let read = move || {
            let (_, end) = consumer.fetch_watermarks(&topic, partition, PATIENCE).unwrap();
            let mut from = TopicPartitionList::new();
            from.add_partition_offset(&topic, partition, Offset::Beginning).unwrap();
            consumer.assign(&from).unwrap();
            let mut records = Vec::new();
            while i64::try_from(records.len()).unwrap() < end {
                let message = consumer.poll(PATIENCE).expect("there is more").unwrap();
                let header = |name: &str| {
                    let mut headers = message.headers()?.iter();
                    headers.find(|header| header.key == name).and_then(|header| std::str::from_utf8(header.value?).ok())
                };
                let raw = Raw { key: message.key().unwrap(), value: message.payload().unwrap(), header };
                records.push(handle.block_on(codec.decode::<Posts, _>(raw)).unwrap());
            }
            records
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }

    async fn append(&self, partition: i32, record: Record<Event>) {
        let wire = self.codec.encode::<Posts>(&self.topic(), &record).unwrap();
        let headers: Vec<_> = wire.headers.iter().map(|(name, value)| (name, value.to_owned())).collect();
        self.append_raw(partition, &wire.key, &wire.value, &headers).await;
    }
}

async fn delete_topic(config: &KafkaConfig, topic: &str) {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &config.brokers).set("broker.address.family", "v4");
    let admin: AdminClient<DefaultClientContext> = client.create().unwrap();
    // One that is not there is not deleted.
    admin.delete_topics(&[topic], &AdminOptions::new()).await.unwrap();
}

/// Removes what a test registered, as far as the registry lets it.
pub(crate) async fn forget_schemas(topic: &str, context: &str) {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    for name in schemas::of_context(context) {
        let url = format!("{}/subjects/{}", registry_url(), subject(topic, name));
        let _ = http.delete(url).send().await;
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        let (config, topic) = (self.config.clone(), self.topic());
        // Not on this thread: it belongs to a runtime.
        let clean = std::thread::spawn(move || {
            Runtime::new().unwrap().block_on(async {
                delete_topic(&config, &topic).await;
                for more in ["versions", "posts.v2", "posts.v3"] {
                    delete_topic(&config, &format!("{}.{more}", config.topic_prefix)).await;
                }
                forget_schemas(&topic, Posts::NAME).await;
            });
        });
        let _ = clean.join();
    }
}
