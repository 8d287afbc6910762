//! The copy: what counts of the original, under stamps of new partitions; and whether it is the same.

use std::time::{Duration, Instant};

use rdkafka::message::Message as _;
use uuid::Uuid;

use super::append::{Appender, restamped};
use super::digest::Digest;
use super::merged::{Merged, Of};
use super::{Job, KafkaError};
use crate::known_logs::Named;
use crate::murmur2::partition_of;
use crate::record::TermStarted;

/// What was copied so far.
pub(super) struct Copy {
    appender: Appender,
    /// The last event's of each partition.
    seqs: Vec<u64>,
    logs: Vec<Named>,
    original: Digest,
    /// The copy as it is read back.
    reader: Merged,
    read: Digest,
    took: Duration,
}

impl Copy {
    /// Begins the first term of each partition: its nonce names the log, so positions in the old one are recognised.
    pub(super) fn begin(job: &Job) -> Result<Self, KafkaError> {
        let (appender, owner) = (job.appender(&job.to)?, Uuid::new_v4());
        let mut logs = Vec::new();
        for partition in 0..job.partitions {
            let nonce = Uuid::new_v4();
            let started = TermStarted { term: 1, owner, address: TermStarted::COPIED.to_owned(), nonce };
            appender.start_term(partition, &job.codec, &started)?;
            logs.push(Named { topic: job.to.clone(), partition, log_id: Some(nonce) });
        }
        appender.flush()?;
        let place = (&*job.to, job.partitions);
        let reader = Merged::open(&job.config, &job.codec, &job.context, place, Of::Copy)?;
        let (original, read) = (Digest::default(), Digest::default());
        Ok(Self { appender, seqs: vec![0; logs.len()], logs, original, reader, read, took: Duration::ZERO })
    }

    /// Copies a round of the original, each record with its key, its bytes and its time; reads what it has copied, as
    /// every reader does, and compares.
    pub(super) fn go_on(&mut self, job: &Job, old: &mut Merged) -> Result<(), KafkaError> {
        let began = Instant::now();
        while let Some(message) = old.next()? {
            let partition = partition_of(message.key().unwrap_or_default(), job.partitions);
            let Some(seq) = usize::try_from(partition).ok().and_then(|place| self.seqs.get_mut(place)) else {
                continue;
            };
            *seq += 1;
            self.original.add(&message);
            self.appender.send(partition, &message, restamped(&message, 1, *seq))?;
        }
        self.appender.flush()?;
        self.took += began.elapsed();
        self.reader.go_on_to(job.ends(&job.to, job.partitions)?);
        while let Some(message) = self.reader.next()? {
            self.read.add(&message);
        }
        let (Job { from, to, .. }, Self { original, read, .. }) = (job, self);
        if original == read {
            return Ok(());
        }
        Err(KafkaError::Unfit(format!(
            "{to} is not the same as {from}: {read} instead of {original}; nothing was switched"
        )))
    }

    /// How its partitions' logs are named.
    pub(super) fn logs(&self) -> &[Named] {
        &self.logs
    }

    pub(super) fn digest(&self) -> &Digest {
        &self.original
    }

    /// How long it took to copy, without comparing.
    pub(super) fn took(&self) -> Duration {
        self.took
    }
}
