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

/// How long the copy may seem to have less than what landed.
const PATIENCE: Duration = Duration::from_secs(20);
/// When to look again.
const AGAIN: Duration = Duration::from_millis(100);

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
        self.read_back(|| job.ends(&job.to, job.partitions))?;
        let (Job { from, to, .. }, Self { original, read, .. }) = (job, self);
        if original == read {
            return Ok(());
        }
        Err(KafkaError::Unfit(format!(
            "{to} is not the same as {from}: {read} instead of {original}; nothing was switched"
        )))
    }

    /// Reads what landed.
    fn read_back(&mut self, ends: impl Fn() -> Result<Vec<i64>, KafkaError>) -> Result<(), KafkaError> {
        until_there_are(self.original.events(), || {
            self.reader.go_on_to(ends()?);
            while let Some(message) = self.reader.next()? {
                self.read.add(&message);
            }
            Ok(self.read.events())
        })
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

/// Reads on until there are so many events, or [`PATIENCE`] is over. The end that a broker tells may be one from before
/// what landed, if it has just been elected; and when the original is sealed, an attempt that believed it would leave
/// the context without either log.
fn until_there_are(events: u64, mut read_on: impl FnMut() -> Result<u64, KafkaError>) -> Result<(), KafkaError> {
    let until = Instant::now() + PATIENCE;
    while read_on()? < events && Instant::now() < until {
        std::thread::sleep(AGAIN);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_from_before_what_landed_is_asked_for_again() {
        let mut told = [3, 3, 5].into_iter();
        let mut read = 0;
        until_there_are(5, || {
            read = told.next().unwrap();
            Ok(read)
        })
        .unwrap();
        assert_eq!(read, 5);
        assert!(until_there_are(5, || Err(KafkaError::Unfit("away".to_owned()))).is_err());
    }
}
