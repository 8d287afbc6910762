//! The way to more partitions: a context is copied into another topic, with as many as are wanted, and goes on there.
//! See `docs/adr/0011-more-partitions.md` for what each step leaves behind if it is the last.
//!
//! ```text
//! 1  the log is compared with what is known of this installation's: nothing is written to another one
//! 2  a topic that no attempt before has written to is made, and its schemas are registered
//! 3  what counts is copied, oldest first, and the copy is read and compared with what was read of the original; what
//!    came meanwhile is in the next round. Instances take commands all the while: what fails, fails here
//! 4  the copy's logs are noted beside those that are known
//! 5  each partition is sealed by a term that no instance succeeds, and what came meanwhile is copied and compared.
//!    From here on commands get 503
//! 6  one record in `<prefix>.versions` says where the context is now
//! 7  of the context no other logs are known any more. An attempt that dies before that leaves it to the next
//! ```

mod append;
mod copy;
mod digest;
mod merged;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::{OwnedHeaders, OwnedMessage};
use tokio::runtime::Handle;

use super::first_terms::named;
use super::layout::Switched;
use super::topics::{Wanted, check_until, make, settled};
use super::{KafkaConfig, KafkaError, ask_ends, reader_config};
use crate::codec::Codec;
use crate::known_logs::{KnownLogs, is_ours};
use crate::registry::Registry;
use append::Appender;
use copy::Copy;
use merged::{Merged, Of};

/// How long the broker may take for one of these questions.
const DEADLINE: Duration = Duration::from_secs(20);
/// A round that took no longer is the last before the partitions are sealed: no command is taken for as long again.
const SHORT: Duration = Duration::from_secs(1);
/// However much comes meanwhile, so many rounds are enough.
const ROUNDS: u32 = 8;

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

/// Copies a context into a topic with so many partitions, where it goes on; nothing if it has as many already. What is
/// `known` of its logs is so afterwards, too.
///
/// # Errors
/// It is not the log that is known, and nothing was written. It has more partitions, the broker, the registry or the
/// memory does not answer, the copy is not the same as the original, or another attempt was first. The context goes on
/// where it was; it may be sealed, and then takes no command until an attempt comes to its end.
pub async fn repartition(
    config: &KafkaConfig,
    registry: &Registry,
    known: &Arc<dyn KnownLogs>,
    context: &str,
    partitions: i32,
) -> Result<Option<Report>, KafkaError> {
    let config = config.clone().current(DEADLINE).await?;
    is_ours_by(&**known, &config, registry, context).await?;
    let before = config.partitions_of(context);
    if before == partitions {
        // An attempt may have died when it had come to its end.
        know_no_other(&**known, &config, registry, context).await?;
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
    let (config_too, known_too) = (config.clone(), Arc::clone(known));
    let job = Job {
        config,
        codec,
        known: known_too,
        context: context.to_owned(),
        from,
        to: to.name,
        partitions,
        largest_bytes,
    };
    let handle = Handle::current();
    let mut report = blocking(move || job.run(&handle)).await?;
    report.left_over = to.left_over;
    let now = config_too.current(DEADLINE).await?;
    know_no_other(&**known, &now, registry, context).await?;
    Ok(Some(report))
}

fn unknown(reason: String) -> KafkaError {
    KafkaError::Unfit(format!("which logs are this installation's: {reason}"))
}

/// Whether a context's topic is the log that is known of it.
async fn is_ours_by(
    known: &dyn KnownLogs,
    config: &KafkaConfig,
    registry: &Registry,
    context: &str,
) -> Result<(), KafkaError> {
    let all = known.all(&config.topics_of(context)).await.map_err(unknown)?;
    let found = named(config, registry, &[context]).await?;
    is_ours(context, &found, &all).map_err(KafkaError::Unfit)
}

/// The logs of the topic that the context is in now are known, and no others of it.
async fn know_no_other(
    known: &dyn KnownLogs,
    config: &KafkaConfig,
    registry: &Registry,
    context: &str,
) -> Result<(), KafkaError> {
    let found = named(config, registry, &[context]).await?;
    known.keep_only(&config.topics_of(context), &found).await.map_err(|reason| {
        let topic = config.topic(context);
        KafkaError::Unfit(format!(
            "{context} goes on in {topic}, but it could not be noted that it is nowhere else: {reason}; run this again"
        ))
    })
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
    known: Arc<dyn KnownLogs>,
    context: String,
    from: String,
    to: String,
    partitions: i32,
    largest_bytes: usize,
}

impl Job {
    fn run(&self, handle: &Handle) -> Result<Report, KafkaError> {
        let _inside = handle.enter();
        let before = self.config.partitions_of(&self.context);
        let mut old = Merged::open(&self.config, &self.codec, &self.context, (&self.from, before), Of::Original)?;
        let mut copy = Copy::begin(self)?;
        for _ in 0..ROUNDS {
            let began = Instant::now();
            old.go_on_to(self.ends(&self.from, before)?);
            copy.go_on(self, &mut old)?;
            if began.elapsed() <= SHORT {
                break;
            }
        }
        // Before the seals, for a context that is sealed must not wait for a memory that is away.
        handle.block_on(self.known.note(copy.logs())).map_err(unknown)?;
        old.seal(self.appender(&self.from)?);
        copy.go_on(self, &mut old)?;
        self.switch()?;
        Ok(Report {
            from: self.from.clone(),
            to: self.to.clone(),
            partitions: self.partitions,
            events: copy.digest().events(),
            aggregates: copy.digest().aggregates(),
            void: old.void(),
            copied_in: copy.took(),
            sealed_for: old.sealed_since().map_or(Duration::ZERO, |since| since.elapsed()),
            left_over: Vec::new(),
        })
    }

    fn appender(&self, topic: &str) -> Result<Appender, KafkaError> {
        Appender::new(&self.config, topic, self.largest_bytes)
    }

    fn ends(&self, topic: &str, partitions: i32) -> Result<Vec<i64>, KafkaError> {
        let asker: BaseConsumer = reader_config(&self.config, "ends").create()?;
        let all: Vec<_> = (0..partitions).map(|partition| (topic.to_owned(), partition)).collect();
        Ok(ask_ends(&asker, &all, DEADLINE)?)
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
