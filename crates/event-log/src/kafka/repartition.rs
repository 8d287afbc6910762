//! The way to more partitions: a context is copied into another topic, with as many as are wanted, and goes on there.
//! See `docs/adr/0011-more-partitions.md` for what each step leaves behind if it is the last.
//!
//! ```text
//! 1  a topic that no attempt before has written to is made, and its schemas are registered
//! 2  what counts is copied, oldest first, while instances still take commands
//! 3  when all is copied that was there at first, each partition is sealed by a term that no instance succeeds, and
//!    what came meanwhile is copied. From here on commands get 503
//! 4  when all are sealed and copied, the copy is read, and compared with what was read of the original
//! 5  one record in `<prefix>.versions` says where the context is now
//! ```

mod append;
mod digest;
mod merged;

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{Message, OwnedHeaders, OwnedMessage};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::layout::Switched;
use super::topics::{Wanted, check_until, make, settled};
use super::{KafkaConfig, KafkaError, ask_ends, reader_config};
use crate::codec::Codec;
use crate::murmur2::partition_of;
use crate::record::TermStarted;
use crate::registry::Registry;
use append::{Appender, restamped};
use digest::Digest;
use merged::{Merged, Until};

/// How long the broker may take for one of these questions.
const DEADLINE: Duration = Duration::from_secs(20);

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The topic that the context was in.
    pub from: String,
    /// The topic that it is in now.
    pub to: String,
    /// Its partitions.
    pub partitions: i32,
    /// Events that were copied.
    pub events: u64,
    /// Aggregates that they are of.
    pub aggregates: usize,
    /// Records that count for no reader and were left out.
    pub void: u64,
    /// How long it took to copy.
    pub copied_in: Duration,
    /// How long no command was taken.
    pub sealed_for: Duration,
    /// Topics of attempts that did not come to an end. They count for no reader and can be deleted.
    pub left_over: Vec<String>,
}

/// Copies a context into a topic with so many partitions, where it goes on; nothing if it has as many already.
///
/// # Errors
/// It has more, the broker or the registry does not answer, the copy is not the same as the original, or another
/// attempt was first. The context goes on where it was; it may be sealed, and then takes no command until an attempt
/// comes to its end.
pub async fn repartition(
    config: &KafkaConfig,
    registry: &Registry,
    context: &str,
    partitions: i32,
) -> Result<Option<Report>, KafkaError> {
    let config = config.clone().current(DEADLINE).await?;
    let before = config.partitions_of(context);
    if before == partitions {
        return Ok(None);
    }
    if before > partitions {
        return Err(KafkaError::Unfit(format!("{context} has {before} partitions, and there is a way to more only")));
    }
    let until = Instant::now() + DEADLINE;
    let from = config.topic(context);
    let fit = check_until(&config, std::slice::from_ref(&from), until).await?.pop();
    let largest_bytes = fit.map_or(0, |fit| fit.largest_bytes);
    let (asked, named) = (config.clone(), context.to_owned());
    let to = blocking(move || unused_topic(&asked, &named)).await?;
    make_topics(&config, &to, partitions, largest_bytes).await?;
    registry.register_context(&to.name, context).await?;
    let codec = Codec::new(registry.clone());
    codec.prepare(&from, context).await?;
    codec.prepare(&to.name, context).await?;
    let job = Job { config, codec, context: context.to_owned(), from, to: to.name, partitions, largest_bytes };
    let handle = Handle::current();
    let mut report = blocking(move || job.run(&handle)).await?;
    report.left_over = to.left_over;
    Ok(Some(report))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KafkaError> + Send + 'static,
) -> Result<T, KafkaError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| KafkaError::Unfit(error.to_string()))?
}

/// The topic that an attempt copies to, and those of attempts before it.
struct Unused {
    name: String,
    left_over: Vec<String>,
}

/// The first of the context's topics that is not there. What another attempt has written is never gone on with: it may
/// still be writing.
fn unused_topic(config: &KafkaConfig, context: &str) -> Result<Unused, KafkaError> {
    let asker: BaseConsumer = reader_config(config, "topics").create()?;
    let metadata = asker.fetch_metadata(None, DEADLINE)?;
    let names: Vec<&str> = metadata.topics().iter().map(|topic| topic.name()).collect();
    let present = config.topic(context);
    let numbers = (1..).map(|number| config.version(context, number));
    let mut later = numbers.skip_while(|name| *name != present).skip(1);
    let left_over: Vec<String> = later.by_ref().take_while(|name| names.contains(&name.as_str())).collect();
    // `take_while` has taken the first that is not there.
    let number = 1 + left_over.len();
    let name = (1..).map(|number| config.version(context, number)).skip_while(|name| *name != present).nth(number);
    let name = name.ok_or_else(|| KafkaError::NoTopic(present))?;
    Ok(Unused { name, left_over })
}

/// Makes the topic to copy to, and the one that says where contexts are.
async fn make_topics(
    config: &KafkaConfig,
    to: &Unused,
    partitions: i32,
    largest_bytes: usize,
) -> Result<(), KafkaError> {
    let versions = config.versions_topic();
    let wanted = [
        Wanted { name: &to.name, partitions, largest_bytes: Some(largest_bytes) },
        Wanted { name: &versions, partitions: 1, largest_bytes: None },
    ];
    for (name, outcome) in make(config, &wanted).await? {
        match outcome {
            Ok(()) => {}
            Err(RDKafkaErrorCode::TopicAlreadyExists) if name == versions => {}
            // Another attempt may have made it just now.
            Err(code) => return Err(KafkaError::Unfit(format!("topic {name} cannot be made: {code}"))),
        }
    }
    let counted = KafkaConfig { partitions, layout: super::Layout::default(), ..config.clone() };
    settled(&counted, std::slice::from_ref(&to.name)).await?;
    settled(&KafkaConfig { partitions: 1, ..counted }, &[versions]).await
}

/// One attempt.
struct Job {
    config: KafkaConfig,
    codec: Codec,
    context: String,
    from: String,
    to: String,
    partitions: i32,
    largest_bytes: usize,
}

impl Job {
    fn run(&self, handle: &Handle) -> Result<Report, KafkaError> {
        let _inside = handle.enter();
        let began = Instant::now();
        let mut old = self.original()?;
        let original = self.copy(&mut old)?;
        let copied_in = began.elapsed();
        let copy = self.read_copy()?;
        if original != copy {
            return Err(KafkaError::Unfit(format!(
                "{} is not the same as {}: {copy} instead of {original}; nothing was switched",
                self.to, self.from
            )));
        }
        self.switch()?;
        Ok(Report {
            from: self.from.clone(),
            to: self.to.clone(),
            partitions: self.partitions,
            events: original.events(),
            aggregates: original.aggregates(),
            void: old.void(),
            copied_in,
            sealed_for: old.sealed_since().map_or(Duration::ZERO, |since| since.elapsed()),
            left_over: Vec::new(),
        })
    }

    fn appender(&self, topic: &str) -> Result<Appender, KafkaError> {
        Appender::new(&self.config, topic, self.largest_bytes)
    }

    fn original(&self) -> Result<Merged, KafkaError> {
        let partitions = self.config.partitions_of(&self.context);
        let ends = self.ends(&self.from, partitions)?;
        let until = Until::Sealed { ends, appender: self.appender(&self.from)?, owner: Uuid::new_v4() };
        Merged::open(&self.config, &self.codec, &self.context, (&self.from, partitions), until)
    }

    /// Copies what counts, each record with its key, its bytes and its time, under a stamp of the new partition.
    fn copy(&self, old: &mut Merged) -> Result<Digest, KafkaError> {
        let copy = self.appender(&self.to)?;
        self.begin_terms(&copy)?;
        let mut seqs = vec![0; usize::try_from(self.partitions).unwrap_or(0)];
        let mut digest = Digest::default();
        while let Some(message) = old.next()? {
            let partition = partition_of(message.key().unwrap_or_default(), self.partitions);
            let Some(seq) = usize::try_from(partition).ok().and_then(|place| seqs.get_mut(place)) else { continue };
            *seq += 1;
            digest.add(&message);
            copy.send(partition, &message, restamped(&message, 1, *seq))?;
        }
        copy.flush()?;
        Ok(digest)
    }

    /// Begins the first term of each partition: its nonce names the log, so positions in the old one are recognised.
    fn begin_terms(&self, copy: &Appender) -> Result<(), KafkaError> {
        let owner = Uuid::new_v4();
        for partition in 0..self.partitions {
            let nonce = Uuid::new_v4();
            let started = TermStarted { term: 1, owner, address: TermStarted::COPIED.to_owned(), nonce };
            copy.start_term(partition, &self.codec, &started)?;
        }
        Ok(())
    }

    fn ends(&self, topic: &str, partitions: i32) -> Result<Vec<i64>, KafkaError> {
        let asker: BaseConsumer = reader_config(&self.config, "ends").create()?;
        let all: Vec<_> = (0..partitions).map(|partition| (topic.to_owned(), partition)).collect();
        Ok(ask_ends(&asker, &all, DEADLINE)?)
    }

    /// Reads the copy as every reader does.
    fn read_copy(&self) -> Result<Digest, KafkaError> {
        let ends = self.ends(&self.to, self.partitions)?;
        let place = (self.to.as_str(), self.partitions);
        let mut copy = Merged::open(&self.config, &self.codec, &self.context, place, Until::Ends(ends))?;
        let mut digest = Digest::default();
        while let Some(message) = copy.next()? {
            digest.add(&message);
        }
        Ok(digest)
    }

    /// The one step after which the context is elsewhere.
    fn switch(&self) -> Result<(), KafkaError> {
        let (context, from, to) = (self.context.clone(), self.from.clone(), self.to.clone());
        let switched = Switched { context, from, to, partitions: self.partitions };
        let value = serde_json::to_vec(&switched).map_err(|error| KafkaError::Unfit(error.to_string()))?;
        let versions = self.appender(&self.config.versions_topic())?;
        let key = Some(self.context.clone().into_bytes());
        let time = rdkafka::Timestamp::now();
        let record = OwnedMessage::new(Some(value), key, self.config.versions_topic(), time, 0, 0, None);
        versions.send(0, &record, OwnedHeaders::new())?;
        versions.flush()?;
        let now = self.config.clone().read_layout()?.topic(&self.context);
        if now == self.to {
            return Ok(());
        }
        Err(KafkaError::Unfit(format!("another attempt was first: {} is in {now} now", self.context)))
    }
}
