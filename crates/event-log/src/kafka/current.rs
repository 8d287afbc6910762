//! Where the contexts are now. The topic `<prefix>.versions` says so, a record for each time that one was
//! repartitioned; where there is no such topic, nothing ever was. That there is none all brokers must say: one of them
//! may not have heard of it yet.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::Message;

use super::layout::{Layout, Place, Switched};
use super::scan::Scan;
use super::threads::drop_aside;
use super::{KafkaConfig, KafkaError, ask_ends, reader_config};
use crate::patience::patiently;

/// How long the broker may take for one of these questions.
const DEADLINE: Duration = Duration::from_secs(10);

impl KafkaConfig {
    /// The same, with the layout as the broker has it now. It is waited for up to `patience`.
    ///
    /// # Errors
    /// The broker does not say, or a record of the layout cannot be read.
    pub async fn current(self, patience: Duration) -> Result<Self, KafkaError> {
        let until = Instant::now() + patience;
        patiently("where the contexts are", until, KafkaError::is_for_good, || {
            let config = self.clone();
            async move {
                let read = tokio::task::spawn_blocking(move || config.read_layout());
                read.await.map_err(|error| KafkaError::Unfit(error.to_string()))?
            }
        })
        .await
    }

    pub(super) fn versions_topic(&self) -> String {
        format!("{}.versions", self.topic_prefix)
    }

    /// Blocks.
    pub(super) fn read_layout(mut self) -> Result<Self, KafkaError> {
        let reader: BaseConsumer = reader_config(&self, "layout").create()?;
        let topic = self.versions_topic();
        let records = match read_all(&self, &reader, &topic) {
            Ok(None) => all_say_there_is_none(&self, &reader, &topic).map(|()| Vec::new()),
            Ok(Some(records)) => Ok(records),
            Err(error) => Err(error),
        };
        drop_aside(reader);
        self.layout = Layout::default();
        self.switch_all(records?)
    }

    /// The same by a reader that is there, for a caller that knows where the contexts were a while ago. What the reader
    /// reads otherwise is over. Blocks.
    pub(crate) fn layout_by(mut self, reader: &BaseConsumer) -> Result<Self, KafkaError> {
        let records = match read_all(&self, reader, &self.versions_topic())? {
            Some(records) => records,
            None if self.layout == Layout::default() => Vec::new(),
            None => return Err(KafkaError::NoTopic(self.versions_topic())),
        };
        self.layout = Layout::default();
        self.switch_all(records)
    }

    fn switch_all(self, records: Vec<Vec<u8>>) -> Result<Self, KafkaError> {
        records.iter().try_fold(self, |config, record| config.switch(record))
    }

    fn switch(mut self, record: &[u8]) -> Result<Self, KafkaError> {
        let unread = |error| KafkaError::Unfit(format!("{}: a record cannot be read: {error}", self.versions_topic()));
        let Switched { context, from, to, partitions } = serde_json::from_slice(record).map_err(unread)?;
        if from == self.topic(&context) {
            self.layout = self.layout.with(context, Place { topic: to, partitions });
        }
        Ok(self)
    }
}

/// Whether the broker that `asked` is connected to knows a topic.
fn knows(asked: &BaseConsumer, topic: &str) -> Result<bool, KafkaError> {
    let metadata = asked.fetch_metadata(Some(topic), DEADLINE)?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    match found.and_then(|found| found.error()).map(RDKafkaErrorCode::from) {
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Ok(false),
        Some(code) => Err(rdkafka::error::KafkaError::MetadataFetch(code).into()),
        None => Ok(true),
    }
}

/// Of several brokers one may lag behind what the others know of topics: each is asked.
///
/// # Errors
/// One of them knows it, or does not say: it is asked again.
fn all_say_there_is_none(config: &KafkaConfig, asked: &BaseConsumer, topic: &str) -> Result<(), KafkaError> {
    let metadata = asked.fetch_metadata(Some(topic), DEADLINE)?;
    let brokers = metadata.brokers().iter().map(|broker| format!("{}:{}", broker.host(), broker.port())).collect();
    none_knows(brokers, |broker| {
        let one = KafkaConfig { brokers: broker, ..config.clone() };
        let asked: BaseConsumer = reader_config(&one, "layout").create()?;
        let knows = knows(&asked, topic);
        drop_aside(asked);
        knows
    })
}

fn none_knows(brokers: Vec<String>, knows: impl Fn(String) -> Result<bool, KafkaError>) -> Result<(), KafkaError> {
    // The only one has said so.
    if brokers.len() < 2 {
        return Ok(());
    }
    for broker in brokers {
        if knows(broker)? {
            let code = RDKafkaErrorCode::UnknownTopicOrPartition;
            return Err(rdkafka::error::KafkaError::MetadataFetch(code).into());
        }
    }
    Ok(())
}

/// The values of a topic of one partition; none if there is no such topic, as far as the broker knows that is asked.
fn read_all(config: &KafkaConfig, reader: &BaseConsumer, topic: &str) -> Result<Option<Vec<Vec<u8>>>, KafkaError> {
    if !knows(reader, topic)? {
        return Ok(None);
    }
    let place = (topic.to_owned(), 0);
    let end = ask_ends(reader, std::slice::from_ref(&place), DEADLINE)?.into_iter().next().unwrap_or(0);
    let (mut records, until) = (Vec::new(), Instant::now() + DEADLINE);
    let mut scan = Scan::begin(config, reader, [(place, end)], &|| true)?;
    while let Some(message) = scan.next(until)? {
        records.push(message.payload().unwrap_or_default().to_vec());
    }
    Ok(Some(records))
}

#[cfg(test)]
mod tests;
