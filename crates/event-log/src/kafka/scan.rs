//! Reading partitions once, from their beginnings to ends that the broker has told.

use std::collections::BTreeMap;
use std::time::Instant;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError as RdKafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::{Offset, TopicPartitionList};

use super::gaps::{Behind, LOOK, Stillness, pause};
use super::{KafkaConfig, KafkaError};

/// How long one poll waits for a record.
const POLL: std::time::Duration = std::time::Duration::from_millis(100);

/// Partitions that are being read.
pub(super) struct Scan<'a> {
    config: &'a KafkaConfig,
    reader: &'a BaseConsumer,
    /// Those that are not read to their ends: what is read next, and the end.
    unread: BTreeMap<(String, i32), (i64, i64)>,
    stillness: Stillness,
    goes_on: &'a dyn Fn() -> bool,
    failed: Option<RdKafkaError>,
}

impl<'a> Scan<'a> {
    /// Begins to read partitions that end there, for as long as it `goes_on`. What `reader` reads otherwise is over.
    pub(super) fn begin(
        config: &'a KafkaConfig,
        reader: &'a BaseConsumer,
        ends: impl IntoIterator<Item = ((String, i32), i64)>,
        goes_on: &'a dyn Fn() -> bool,
    ) -> Result<Self, KafkaError> {
        let ends = ends.into_iter().filter(|(_, end)| *end > 0);
        let unread: BTreeMap<_, _> = ends.map(|(place, end)| (place, (0, end))).collect();
        let mut beginnings = TopicPartitionList::with_capacity(unread.len());
        for (topic, partition) in unread.keys() {
            beginnings.add_partition_offset(topic, *partition, Offset::Offset(0))?;
        }
        reader.assign(&beginnings)?;
        Ok(Self { config, reader, unread, stillness: Stillness::default(), goes_on, failed: None })
    }

    /// The next record; none once all partitions are read, each to its end. Blocks.
    ///
    /// # Errors
    /// They are not by `until`, or the log has lost its beginning.
    pub(super) fn next(&mut self, until: Instant) -> Result<Option<BorrowedMessage<'a>>, KafkaError> {
        while !self.unread.is_empty() {
            if Instant::now() >= until || !(self.goes_on)() {
                return Err(self.too_late());
            }
            match self.reader.poll(POLL) {
                Some(Ok(message)) if self.took(&message) => return Ok(Some(message)),
                Some(Ok(_)) => {}
                Some(Err(error)) => self.note(error)?,
                None => self.pass_gaps(until)?,
            }
        }
        Ok(None)
    }

    /// No more is wanted of a partition.
    pub(super) fn leave(&mut self, message: &impl Message) {
        self.is_read(&place(message));
    }

    fn is_read(&mut self, at: &(String, i32)) {
        if self.unread.remove(at).is_some()
            && let Err(error) = pause(self.reader, &at.0, at.1)
        {
            tracing::debug!(%error, "a partition that is read cannot be paused");
        }
    }

    /// Whether a partition is neither read to its end nor left.
    pub(super) fn has_yet_to_read(&self, place: &(String, i32)) -> bool {
        self.unread.contains_key(place)
    }

    /// Whether it is a record that is asked for.
    fn took(&mut self, message: &impl Message) -> bool {
        let at = place(message);
        let Some((next, end)) = self.unread.get_mut(&at) else { return false };
        *next = message.offset() + 1;
        if *next >= *end {
            self.is_read(&at);
        }
        true
    }

    fn pass_gaps(&mut self, until: Instant) -> Result<(), KafkaError> {
        let behind = |((topic, partition), (next, end)): (&(String, i32), &(i64, i64))| Behind {
            topic: topic.clone(),
            partition: *partition,
            next: *next,
            end: *end,
        };
        let behind = self.unread.iter().map(behind).collect();
        let until = until.min(Instant::now() + LOOK);
        for (Behind { topic, partition, .. }, _) in self.stillness.passed(self.config, behind, until)? {
            self.unread.remove(&(topic, partition));
        }
        Ok(())
    }

    /// Errors that pass are waited out.
    fn note(&mut self, error: RdKafkaError) -> Result<(), KafkaError> {
        match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => Err(error.into()),
            _ => {
                self.failed = Some(error);
                Ok(())
            }
        }
    }

    fn too_late(&mut self) -> KafkaError {
        let all: Vec<String> = self.unread.keys().map(|(topic, partition)| format!("{topic}/{partition}")).collect();
        let why = self.failed.take().map_or_else(String::new, |error| format!(": {error}"));
        KafkaError::Unfit(format!("{} cannot be read to the end in time{why}", all.join(", ")))
    }
}

impl Drop for Scan<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.reader.unassign() {
            tracing::debug!(%error, "a reader is at its end");
        }
    }
}

fn place(message: &impl Message) -> (String, i32) {
    (message.topic().to_owned(), message.partition())
}
