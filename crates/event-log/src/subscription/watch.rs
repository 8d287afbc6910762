//! Looks, for as long as a subscription is read, whether it still is the log that was opened: a topic can be made anew
//! under its reader, at the very offsets that it reads next, and a context can go on in another topic.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rdkafka::consumer::BaseConsumer;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::known_ends::known;
use super::passing::Ends;
use super::{PartitionId, SubscribeError, identity, unusable};
use crate::codec::Codec;
use crate::kafka::KafkaConfig;

/// How often to look.
const LOOK: Duration = Duration::from_secs(10);

/// The log of each partition, as far as it was read.
pub(super) type Names = Arc<Mutex<HashMap<PartitionId, Uuid>>>;

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    /// A partition that is another log by now, and why.
    foreign: Option<(PartitionId, String)>,
    /// Where a context is by now.
    moved: Option<String>,
}

/// A look now and then, until it is dropped.
pub(super) struct Watch {
    seen: watch::Receiver<Seen>,
    task: JoinHandle<()>,
}

/// What it takes to look.
pub(super) struct Looks {
    pub(super) asker: Arc<BaseConsumer>,
    pub(super) kafka: KafkaConfig,
    pub(super) codec: Codec,
    pub(super) contexts: Vec<String>,
    pub(super) names: Names,
    pub(super) partitions: Vec<PartitionId>,
    /// To be told.
    pub(super) ends: Ends,
}

impl Watch {
    pub(super) fn begin(looks: Looks) -> Self {
        let (told, seen) = watch::channel(Seen::default());
        let looks = Arc::new(looks);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                let (looks, handle) = (Arc::clone(&looks), Handle::current());
                let looked = tokio::task::spawn_blocking(move || looks.look(&handle)).await;
                match looked.map_err(unusable).and_then(|seen| seen) {
                    Ok(moved) => drop(told.send_if_modified(|seen| {
                        let is_news = seen.moved != moved;
                        seen.moved = moved;
                        is_news
                    })),
                    Err(SubscribeError::ForeignPosition { partition, reason }) => {
                        told.send_modify(|seen| seen.foreign = Some((partition, reason)));
                    }
                    Err(error @ SubscribeError::Unusable(_)) => tracing::debug!(%error, "looking which log this is"),
                }
            }
        });
        Self { seen, task }
    }

    /// Waits until a partition is another log.
    pub(super) async fn foreign(&mut self) -> SubscribeError {
        loop {
            let found = self.seen.wait_for(|seen| seen.foreign.is_some()).await;
            let found = found.ok().and_then(|seen| seen.foreign.clone());
            match found {
                Some((partition, reason)) => return SubscribeError::ForeignPosition { partition, reason },
                // The task ends only with the runtime.
                None => std::future::pending().await,
            }
        }
    }

    pub(super) fn moved(&self) -> Option<String> {
        self.seen.borrow().moved.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Looks {
    /// Which context is elsewhere by now, if one is. Blocks.
    fn look(&self, handle: &Handle) -> Result<Option<String>, SubscribeError> {
        let Self { asker, kafka, codec, contexts, names, .. } = self;
        // Where the contexts are may be hidden by a broker that leads none of the partitions.
        let now = kafka.clone().layout_by(asker).map_err(unusable);
        if let Some(moved) = now.as_ref().ok().and_then(|now| moved(contexts, kafka, now)) {
            return Ok(Some(moved));
        }
        self.tell_ends();
        let kept = names.lock().clone();
        identity::names(asker, kafka, codec, &kept, handle)?;
        now.map(|_| None)
    }

    /// A handler that asks for no end goes past what is no record, too: another one may be there already.
    fn tell_ends(&self) {
        let asked: Vec<_> = self.partitions.iter().map(|id| id.of(&self.kafka)).collect();
        let known = self.partitions.iter().cloned().zip(known(&self.asker, &asked));
        self.ends.lock().extend(known.filter_map(|(id, end)| Some((id, end?))));
    }
}

/// Which context is elsewhere by now, if one is.
fn moved(contexts: &[String], before: &KafkaConfig, now: &KafkaConfig) -> Option<String> {
    let context = contexts.iter().find(|context| now.topic(context) != before.topic(context))?;
    Some(format!("{context} goes on in {}, and this reads {}", now.topic(context), before.topic(context)))
}
